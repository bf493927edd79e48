// Running and rolling sums, moments and medians over arranged rows (see window.ts). Outputs that may have nulls come with
// a bitmap `valid` that starts as a copy of all ones; the value under a null is zero.

import { isValid } from './_keys';
import { numberCode } from './_order';
import { fillTails, lostBy, rollBlock, total } from './_rolling-blocks';
import { accumulate, fitsDecimal, storeSum } from './_wide-sum';

function at32(base: usize, i: u32): usize {
  return base + ((<usize>i) << 2);
}
function at64(base: usize, i: u32): usize {
  return base + ((<usize>i) << 3);
}
function has(validity: usize, i: u32): bool {
  return validity === 0 || isValid(validity, <i32>i);
}
function clearBit(bits: usize, i: u32): void {
  const p = bits + (i >> 3);
  store<u8>(p, <u32>load<u8>(p) & ~(1 << (i & 7)));
}

// Running sums and products. Null rows give 0 and change nothing. Integer ones return the row that overflows, or −1.

export function sumFloats(data: usize, validity: usize, starts: usize, count: i32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let sum: f64 = 0;
    let lost: f64 = 0;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      if (!has(validity, i)) {
        store<f64>(at64(out, i), 0);
        continue;
      }
      const x = load<f64>(at64(data, i));
      const next = sum + x;
      lost += lostBy(sum, x, next);
      sum = next;
      store<f64>(at64(out, i), total(sum, lost));
    }
  }
}
export function multiplyFloats(data: usize, validity: usize, starts: usize, count: i32, out: usize): void {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let product: f64 = 1;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      const there = has(validity, i);
      if (there) product *= load<f64>(at64(data, i));
      store<f64>(at64(out, i), there ? product : 0);
    }
  }
}
function fitsSum<T extends number>(sum: T, x: T, next: T): bool {
  if (isSigned<T>()) return ((<i64>sum ^ <i64>next) & (<i64>x ^ <i64>next)) >= 0;
  return <u64>next >= <u64>sum;
}
function sumIntegers<T extends number>(data: usize, validity: usize, starts: usize, count: i32, out: usize): i32 {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let sum = <T>0;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      if (!has(validity, i)) {
        store<u64>(at64(out, i), 0);
        continue;
      }
      const x = load<T>(at64(data, i));
      const next = add<T>(sum, x);
      if (!fitsSum<T>(sum, x, next)) return <i32>i;
      sum = next;
      store<T>(at64(out, i), sum);
    }
  }
  return -1;
}
export function sumSigned(data: usize, validity: usize, starts: usize, count: i32, out: usize): i32 {
  return sumIntegers<i64>(data, validity, starts, count, out);
}
export function sumUnsigned(data: usize, validity: usize, starts: usize, count: i32, out: usize): i32 {
  return sumIntegers<u64>(data, validity, starts, count, out);
}
function highProduct(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const mid = a1 * b0 + ((a0 * b0) >> 32);
  const mid2 = a0 * b1 + (mid & 0xffffffff);
  return a1 * b1 + (mid >> 32) + (mid2 >> 32);
}
export function multiplySigned(data: usize, validity: usize, starts: usize, count: i32, out: usize): i32 {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let product: i64 = 1;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      if (!has(validity, i)) {
        store<i64>(at64(out, i), 0);
        continue;
      }
      const x = load<i64>(at64(data, i));
      const next = product * x;
      const a = <u64>(product < 0 ? -product : product);
      const b = <u64>(x < 0 ? -x : x);
      const limit: u64 = 0x7fffffffffffffff + (product < 0 !== x < 0 ? 1 : 0);
      if (highProduct(a, b) !== 0 || a * b > limit) return <i32>i;
      product = next;
      store<i64>(at64(out, i), product);
    }
  }
  return -1;
}
export function multiplyUnsigned(data: usize, validity: usize, starts: usize, count: i32, out: usize): i32 {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let product: u64 = 1;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      const there = has(validity, i);
      const x = load<u64>(at64(data, i));
      if (there && highProduct(product, x) !== 0) return <i32>i;
      if (there) product *= x;
      store<u64>(at64(out, i), there ? product : 0);
    }
  }
  return -1;
}

// Sums of integers and decimals, exact (_wide-sum.ts).

/** `acc`: 24 bytes of scratch. */
export function sumDecimals(data: usize, validity: usize, starts: usize, count: i32, acc: usize, out: usize): i32 {
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    memory.fill(acc, 0, 24);
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      const o = out + ((<usize>i) << 4);
      if (!has(validity, i)) {
        v128.store(o, i64x2.splat(0));
        continue;
      }
      const q = data + ((<usize>i) << 4);
      accumulate(acc, load<u64>(q), load<i64>(q, 8), false);
      if (!fitsDecimal(acc)) return <i32>i;
      storeSum(acc, o);
    }
  }
  return -1;
}
/**
 * Rolling sums of 64-bit integers (`width` 8) or decimals (16), exact. `valid` loses the bits of rows with fewer than
 * `least` values. Returns the row that overflows, or −1.
 */
export function rollIntegers(
  width: i32,
  signed: i32,
  data: usize,
  validity: usize,
  starts: usize,
  count: i32,
  back: i32,
  ahead: i32,
  least: i32,
  acc: usize,
  valid: usize,
  out: usize,
): i32 {
  for (let p = 0; p < count; p++) {
    const from = <i64>load<u32>(at32(starts, p));
    const end = <i64>load<u32>(at32(starts, p + 1));
    let next = from;
    let seen: i64 = 0;
    memory.fill(acc, 0, 24);
    for (let i = from; i < end; i++) {
      const last = min<i64>(i + <i64>ahead, end - 1);
      for (; next <= last; next++) {
        if (!has(validity, <u32>next)) continue;
        seen++;
        addTo(acc, data, next, width, signed, false);
      }
      const gone = i - <i64>back - 1;
      if (gone >= from && has(validity, <u32>gone)) {
        seen--;
        addTo(acc, data, gone, width, signed, true);
      }
      const there = seen >= <i64>least;
      if (!there) clearBit(valid, <u32>i);
      if (width === 16) {
        const o = out + ((<usize>i) << 4);
        if (there) {
          if (!fitsDecimal(acc)) return <i32>i;
          storeSum(acc, o);
        } else v128.store(o, i64x2.splat(0));
        continue;
      }
      const low = load<u64>(acc);
      const high = load<i64>(acc, 8);
      if (there && high !== (signed !== 0 ? <i64>low >> 63 : 0)) return <i32>i;
      store<u64>(at64(out, <u32>i), there ? low : 0);
    }
  }
  return -1;
}
function addTo(acc: usize, data: usize, row: i64, width: i32, signed: i32, negative: bool): void {
  if (width === 16) {
    const q = data + ((<usize>row) << 4);
    accumulate(acc, load<u64>(q), load<i64>(q, 8), negative);
    return;
  }
  const x = load<i64>(data + ((<usize>row) << 3));
  accumulate(acc, <u64>x, signed !== 0 ? x >> 63 : 0, negative);
}

// Rolling sums and moments of floats. The rows are cut into blocks as long as the window: a window is then the end of
// one block and the beginning of the next, so nothing is ever subtracted, and NaN and Infinity leave with their row.

/** Longer windows add with compensation. */
const PLAIN_ROWS: i64 = 1024;

/**
 * Sums, or means with `mean`. `tails`: one f64 for each row of the longest window. Of the only partition, the rows of
 * `others` blocks behind the first are left to `rollBlocks`.
 */
export function rollFloats(
  data: usize,
  validity: usize,
  starts: usize,
  count: i32,
  back: i32,
  ahead: i32,
  least: i32,
  mean: i32,
  tails: usize,
  others: i32,
  valid: usize,
  out: usize,
): void {
  const minimum = max<i64>(<i64>least, mean !== 0 ? 1 : 0);
  for (let p = 0; p < count; p++) {
    const from = load<u32>(at32(starts, p));
    const length = <i64>(load<u32>(at32(starts, p + 1)) - from);
    if (length === 0) continue;
    const base = at64(data, from);
    const behind = min<i64>(<i64>back, length - 1);
    const before = min<i64>(<i64>ahead, length - 1);
    const window = behind + before + 1;
    const exact = window > PLAIN_ROWS;
    let sum: f64 = 0;
    let lost: f64 = 0;
    let seen: i64 = 0;
    let place: i64 = 0; // of the last row within its block
    let block: i64 = 0;
    const stop = length + before;
    const plain = validity === 0 && !exact && minimum <= window;
    for (let last: i64 = 0; last < stop; last++, place++) {
      if (place === window) {
        if (block === 0 && others > 0) {
          block = window * <i64>others;
          last += block;
          if (last >= stop) break;
        }
        fillTails(base, block, window, length, exact, tails);
        block += window;
        place = 0;
        sum = 0;
        lost = 0;
        if (plain && block + window <= length) {
          rollBlock(base, block, window, mean !== 0 ? <f64>window : 1, tails, at64(out, from + <u32>(block - before)));
          last += window - 1;
          place = window - 1;
          continue;
        }
      }
      if (last < length) {
        const x = load<f64>(base + ((<usize>last) << 3));
        const next = sum + x;
        if (exact) lost += lostBy(sum, x, next);
        sum = next;
        if (validity === 0 || isValid(validity, <i32>(from + <u32>last))) seen++;
      }
      const gone = last - window;
      if (gone >= 0 && gone < length && (validity === 0 || isValid(validity, <i32>(from + <u32>gone)))) seen--;
      const i = last - before;
      if (i < 0) continue;
      const row = from + <u32>i;
      if (seen < minimum) {
        clearBit(valid, row);
        store<f64>(at64(out, row), 0);
        continue;
      }
      let s = exact ? total(sum, lost) : sum;
      if (block > 0 && place !== window - 1) s += load<f64>(tails + ((<usize>(place + 1)) << 3));
      store<f64>(at64(out, row), mean !== 0 ? s / <f64>seen : s);
    }
  }
}
/** The windows that end in blocks [first, end) of rows without nulls, all of them whole; `window` is at most PLAIN_ROWS. */
export function rollBlocks(
  data: usize,
  window: i32,
  before: i32,
  first: i32,
  end: i32,
  mean: i32,
  tails: usize,
  out: usize,
): void {
  const rows = <i64>window;
  const divisor: f64 = mean !== 0 ? <f64>window : 1;
  for (let b = first; b < end; b++) {
    const block = <i64>b * rows;
    fillTails(data, block - rows, rows, block, false, tails);
    rollBlock(data, block, rows, divisor, tails, at64(out, <u32>(block - <i64>before)));
  }
}
/** Variances. `tails`: three f64 { values, mean, squares } for each row of the longest window. */
export function rollVariance(
  data: usize,
  validity: usize,
  starts: usize,
  count: i32,
  back: i32,
  ahead: i32,
  least: i32,
  ddof: i32,
  tails: usize,
  valid: usize,
  out: usize,
): void {
  const minimum = <f64>max<i64>(<i64>least, <i64>ddof + 1);
  for (let p = 0; p < count; p++) {
    const from = load<u32>(at32(starts, p));
    const length = <i64>(load<u32>(at32(starts, p + 1)) - from);
    if (length === 0) continue;
    const behind = min<i64>(<i64>back, length - 1);
    const before = min<i64>(<i64>ahead, length - 1);
    const window = behind + before + 1;
    let values: f64 = 0;
    let mean: f64 = 0;
    let squares: f64 = 0;
    let place: i64 = 0;
    let block: i64 = 0;
    const stop = length + before;
    for (let last: i64 = 0; last < stop; last++, place++) {
      if (place === window) {
        fillMoments(data, validity, from, block, window, length, tails);
        block += window;
        place = 0;
        values = 0;
        mean = 0;
        squares = 0;
      }
      const lastRow = from + <u32>last;
      if (last < length && has(validity, lastRow)) {
        const x = load<f64>(at64(data, lastRow));
        values += 1;
        const d = x - mean;
        mean += d / values;
        squares += d * (x - mean);
      }
      const i = last - before;
      if (i < 0) continue;
      let n = values;
      let s = squares;
      if (block > 0 && place !== window - 1) {
        const t = tails + <usize>(place + 1) * 24;
        const m = load<f64>(t);
        if (n === 0) s = load<f64>(t, 16);
        else if (m !== 0) {
          const d = load<f64>(t, 8) - mean;
          s += load<f64>(t, 16) + (d * d * n * m) / (n + m);
        }
        n += m;
      }
      const row = from + <u32>i;
      if (n < minimum) {
        clearBit(valid, row);
        store<f64>(at64(out, row), 0);
      } else store<f64>(at64(out, row), s / (n - <f64>ddof));
    }
  }
}
function fillMoments(
  data: usize,
  validity: usize,
  from: u32,
  block: i64,
  window: i64,
  length: i64,
  tails: usize,
): void {
  let values: f64 = 0;
  let mean: f64 = 0;
  let squares: f64 = 0;
  for (let k = window - 1; k >= 0; k--) {
    const i = block + k;
    const row = from + <u32>i;
    if (i < length && has(validity, row)) {
      const x = load<f64>(at64(data, row));
      values += 1;
      const d = x - mean;
      mean += d / values;
      squares += d * (x - mean);
    }
    const t = tails + <usize>k * 24;
    store<f64>(t, values);
    store<f64>(t, mean, 8);
    store<f64>(t, squares, 16);
  }
}

export function ewmMean(data: usize, validity: usize, starts: usize, count: i32, alpha: f64, out: usize): void {
  const keep = 1 - alpha;
  for (let p = 0; p < count; p++) {
    const end = load<u32>(at32(starts, p + 1));
    let sum: f64 = 0;
    let weight: f64 = 0;
    for (let i = load<u32>(at32(starts, p)); i < end; i++) {
      sum *= keep;
      weight *= keep;
      const there = has(validity, i);
      if (there) {
        sum += load<f64>(at64(data, i));
        weight += 1;
      }
      store<f64>(at64(out, i), there ? sum / weight : 0);
    }
  }
}

// Medians.

function valueOfCode(c: u64): f64 {
  if (c === 0xffffffffffffffff) return NaN;
  const negative = c >> 63 === 0;
  return reinterpret<f64>(negative ? ~c : c ^ 0x8000000000000000);
}
function middle(a: f64, b: f64): f64 {
  return a === b ? a : a + (b - a) * 0.5;
}
/** First position of a code that is not below `c` in a sorted list. */
function lowerBound(list: usize, n: i32, c: u64): i32 {
  let lo = 0;
  let hi = n;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (load<u64>(at64(list, mid)) < c) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
/** Keeps the window sorted in `list`, which has room for its values: for short windows. */
export function rollMedian(
  data: usize,
  validity: usize,
  starts: usize,
  count: i32,
  back: i32,
  ahead: i32,
  least: i32,
  list: usize,
  valid: usize,
  out: usize,
): void {
  const minimum = max<i32>(least, 1);
  for (let p = 0; p < count; p++) {
    const from = <i64>load<u32>(at32(starts, p));
    const end = <i64>load<u32>(at32(starts, p + 1));
    let next = from;
    let n = 0;
    for (let i = from; i < end; i++) {
      const gone = i - <i64>back - 1;
      if (gone >= from && has(validity, <u32>gone)) {
        const k = at64(list, lowerBound(list, n, numberCode<f64>(data, <usize>gone, 8)));
        n--;
        memory.copy(k, k + 8, at64(list, n) - k);
      }
      const last = min<i64>(i + <i64>ahead, end - 1);
      for (; next <= last; next++) {
        if (!has(validity, <u32>next)) continue;
        const c = numberCode<f64>(data, <usize>next, 8);
        const k = at64(list, lowerBound(list, n, c));
        memory.copy(k + 8, k, at64(list, n) - k);
        store<u64>(k, c);
        n++;
      }
      if (n < minimum) {
        clearBit(valid, <u32>i);
        store<f64>(at64(out, <u32>i), 0);
        continue;
      }
      const high = valueOfCode(load<u64>(at64(list, n >> 1)));
      const low = (n & 1) !== 0 ? high : valueOfCode(load<u64>(at64(list, (n >> 1) - 1)));
      store<f64>(at64(out, <u32>i), middle(low, high));
    }
  }
}

/** values[codes[i]] = data[i] where there is a value. */
export function valuesByCode(data: usize, validity: usize, codes: usize, n: i32, values: usize): void {
  for (let i = 0; i < n; i++)
    if (has(validity, i)) store<f64>(at64(values, load<u32>(at32(codes, i))), load<f64>(at64(data, i)));
}
function countCode(tree: usize, size: u32, code: u32, by: i32): void {
  for (let k = code + 1; k <= size; k += k & -k) store<i32>(at32(tree, k), load<i32>(at32(tree, k)) + by);
}
/** The code of the k-th value, from 0. */
function codeAt(tree: usize, size: u32, k: i32): u32 {
  let at: u32 = 0;
  let left = k;
  for (let step = (<u32>1) << (31 - clz<u32>(size)); step !== 0; step >>= 1) {
    const next = at + step;
    if (next > size) continue;
    const c = load<i32>(at32(tree, next));
    if (c <= left) {
      left -= c;
      at = next;
    }
  }
  return at;
}
/** The same for long windows: a tree of counts over the codes of the values. `tree`: size + 1 u32 zeroes. */
export function rollMedianTree(
  codes: usize,
  values: usize,
  size: u32,
  validity: usize,
  starts: usize,
  count: i32,
  back: i32,
  ahead: i32,
  least: i32,
  tree: usize,
  valid: usize,
  out: usize,
): void {
  const minimum = max<i32>(least, 1);
  for (let p = 0; p < count; p++) {
    const from = <i64>load<u32>(at32(starts, p));
    const end = <i64>load<u32>(at32(starts, p + 1));
    let next = from;
    let oldest = from;
    let n = 0;
    for (let i = from; i < end; i++) {
      const last = min<i64>(i + <i64>ahead, end - 1);
      for (; next <= last; next++) {
        if (!has(validity, <u32>next)) continue;
        countCode(tree, size, load<u32>(at32(codes, <u32>next)), 1);
        n++;
      }
      for (; oldest < i - <i64>back; oldest++) {
        if (!has(validity, <u32>oldest)) continue;
        countCode(tree, size, load<u32>(at32(codes, <u32>oldest)), -1);
        n--;
      }
      if (n < minimum) {
        clearBit(valid, <u32>i);
        store<f64>(at64(out, <u32>i), 0);
        continue;
      }
      const high = load<f64>(at64(values, codeAt(tree, size, n >> 1)));
      const low = (n & 1) !== 0 ? high : load<f64>(at64(values, codeAt(tree, size, (n >> 1) - 1)));
      store<f64>(at64(out, <u32>i), middle(low, high));
    }
    // The next partition starts with an empty tree.
    for (; oldest < next; oldest++)
      if (has(validity, <u32>oldest)) countCode(tree, size, load<u32>(at32(codes, <u32>oldest)), -1);
  }
}
