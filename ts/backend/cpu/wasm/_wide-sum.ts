// Sums of 128-bit integers in 192 bits, so that a sum may leave their range and come back.

/** 10^38 − 1. */
const MOST_LOW: u64 = 0x098a223fffffffff;
const MOST_HIGH: u64 = 0x4b3b4ca85a86c47a;

/** acc += x (or −= x). acc: three u64. */
export function accumulate(acc: usize, low: u64, high: i64, negative: bool): void {
  const sign: i64 = high >> 63;
  let a = load<u64>(acc);
  let b = load<u64>(acc, 8);
  // Of the third word; it seldom changes.
  let step: i64;
  if (negative) {
    const borrow: u64 = a < low ? 1 : 0;
    a -= low;
    const t = b - <u64>high;
    const borrow2: u64 = b < <u64>high || t < borrow ? 1 : 0;
    b = t - borrow;
    step = -sign - <i64>borrow2;
  } else {
    a += low;
    const carry: u64 = a < low ? 1 : 0;
    const t = b + <u64>high;
    const carry2: u64 = t < b ? 1 : 0;
    b = t + carry;
    step = sign + <i64>carry2 + (b < carry ? 1 : 0);
  }
  store<u64>(acc, a);
  store<u64>(acc, b, 8);
  if (step !== 0) store<i64>(acc, load<i64>(acc, 16) + step, 16);
}
/** Whether the sum is within ±(10^38 − 1). */
export function fitsDecimal(acc: usize): bool {
  let low = load<u64>(acc);
  let high = load<u64>(acc, 8);
  const top = load<i64>(acc, 16);
  if (top === -1) {
    low = ~low + 1;
    high = ~high + (low === 0 ? 1 : 0);
    // −2^128 negates to zero.
    if (low === 0 && high === 0) return false;
  } else if (top !== 0) return false;
  return high < MOST_HIGH || (high === MOST_HIGH && low <= MOST_LOW);
}
export function storeSum(acc: usize, out: usize): void {
  store<u64>(out, load<u64>(acc));
  store<u64>(out, load<u64>(acc, 8), 8);
}
