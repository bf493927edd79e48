// Sums over windows of floats, made of the end of one block and the beginning of the next (see rolling.ts).

/** The sum with what rounding has lost so far added back. */
export function total(sum: f64, lost: f64): f64 {
  const t = sum + lost;
  return t - t === 0 ? t : sum;
}
/** What the addition of `x` to `sum`, giving `next`, has lost. */
export function lostBy(sum: f64, x: f64, next: f64): f64 {
  return abs<f64>(sum) >= abs<f64>(x) ? sum - next + x : x - next + sum;
}

/** The windows that end in one block, none of them cut: the sum of the block's beginning and the tail before it. */
export function rollBlock(base: usize, block: i64, window: i64, divisor: f64, tails: usize, out: usize): void {
  const end = base + ((<usize>(block + window)) << 3);
  let sum: f64 = 0;
  let tail = tails + 8;
  let o = out;
  for (let p = base + ((<usize>block) << 3); p < end - 8; p += 8, tail += 8, o += 8) {
    sum += load<f64>(p);
    store<f64>(o, (sum + load<f64>(tail)) / divisor);
  }
  store<f64>(o, (sum + load<f64>(end - 8)) / divisor);
}
/** tails[k] = the sum of rows k to the end of a block. */
export function fillTails(base: usize, block: i64, window: i64, length: i64, exact: bool, tails: usize): void {
  let sum: f64 = 0;
  let lost: f64 = 0;
  if (!exact && block + window <= length) {
    const first = base + ((<usize>block) << 3);
    for (let k = <usize>(window << 3); k !== 0; k -= 8) {
      sum += load<f64>(first + k - 8);
      store<f64>(tails + k - 8, sum);
    }
    return;
  }
  for (let k = window - 1; k >= 0; k--) {
    const row = block + k;
    if (row < length) {
      const x = load<f64>(base + ((<usize>row) << 3));
      const next = sum + x;
      if (exact) lost += lostBy(sum, x, next);
      sum = next;
    }
    store<f64>(tails + ((<usize>k) << 3), exact ? total(sum, lost) : sum);
  }
}
