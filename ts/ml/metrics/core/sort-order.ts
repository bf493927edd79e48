// The order of numbers, largest first: a least-significant-digit radix sort of their bits (D. E. Knuth, The Art of Computer
// Programming 3, 5.2.5). Unlike `Array.sort` it can be cut into steps, and its time does not depend on the data.
import { STEP_ROWS, type Steps } from './steps.ts';

/** Bits of a digit: three digits cover 32 bits, and 2,048 counters stay in the first cache. */
const BITS = 11;
const BUCKETS = 1 << BITS;
const DIGITS = 3;

/**
 * Sorts row numbers by descending value; equal values keep their order, and −0 equals 0.
 *
 * @param values - shape (nSamples), without NaN
 * @returns row numbers, shape (nSamples)
 */
export function* descendingOrder(values: Float64Array): Steps<Uint32Array> {
  const n = values.length;
  const low = new Uint32Array(n);
  const high = new Uint32Array(n);
  const counts = new Uint32Array(2 * DIGITS * BUCKETS);
  for (let start = 0; start < n; start += STEP_ROWS) {
    sortableBits(values, start, Math.min(n, start + STEP_ROWS), low, high, counts);
    yield;
  }
  let order: Uint32Array = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let sorted = false;
  let keys: Uint32Array = low;
  let nextKeys: Uint32Array = new Uint32Array(n);
  let nextOrder: Uint32Array = new Uint32Array(n);
  for (let digit = 0; digit < 2 * DIGITS; digit++) {
    if (digit === DIGITS) {
      keys = sorted ? yield* gathered(high, order) : high;
    }
    const offsets = counts.subarray(digit * BUCKETS, (digit + 1) * BUCKETS);
    if (!toOffsets(offsets, n)) continue;
    const shift = (digit % DIGITS) * BITS;
    for (let start = 0; start < n; start += STEP_ROWS) {
      const end = Math.min(n, start + STEP_ROWS);
      scatter(keys, order, start, end, shift, offsets, nextKeys, nextOrder);
      yield;
    }
    [order, nextOrder] = [nextOrder, order];
    // The unsorted keys are read again only before the first pass of a word.
    const spare = keys;
    keys = nextKeys;
    nextKeys = spare;
    sorted = true;
  }
  return order;
}

/** Bits whose unsigned order is the descending order of the values, and how often each digit occurs. */
function sortableBits(
  values: Float64Array,
  start: number,
  end: number,
  low: Uint32Array,
  high: Uint32Array,
  counts: Uint32Array,
): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const mask = BUCKETS - 1;
  for (let i = start; i < end; i++) {
    let l = words[2 * i] as number;
    let h = words[2 * i + 1] as number;
    if (h === 0x80000000 && l === 0) h = 0;
    // A negative number's bits already grow as it falls; a positive one's are inverted below its sign.
    if (h < 0x80000000) {
      l = ~l >>> 0;
      h = (h ^ 0x7fffffff) >>> 0;
    }
    low[i] = l;
    high[i] = h;
    counts[l & mask]! += 1;
    counts[BUCKETS + ((l >>> 11) & mask)]! += 1;
    counts[2 * BUCKETS + (l >>> 22)]! += 1;
    counts[3 * BUCKETS + (h & mask)]! += 1;
    counts[4 * BUCKETS + ((h >>> 11) & mask)]! += 1;
    counts[5 * BUCKETS + (h >>> 22)]! += 1;
  }
}

/** Turns counts into first positions; false when one bucket has all rows and the pass would change nothing. */
function toOffsets(counts: Uint32Array, rows: number): boolean {
  let sum = 0;
  for (let b = 0; b < counts.length; b++) {
    const count = counts[b] as number;
    if (count === rows) return false;
    counts[b] = sum;
    sum += count;
  }
  return true;
}

function scatter(
  keys: Uint32Array,
  order: Uint32Array,
  start: number,
  end: number,
  shift: number,
  offsets: Uint32Array,
  nextKeys: Uint32Array,
  nextOrder: Uint32Array,
): void {
  const mask = BUCKETS - 1;
  for (let i = start; i < end; i++) {
    const key = keys[i] as number;
    const bucket = (key >>> shift) & mask;
    const at = offsets[bucket] as number;
    offsets[bucket] = at + 1;
    nextKeys[at] = key;
    nextOrder[at] = order[i] as number;
  }
}

function* gathered(values: Uint32Array, order: Uint32Array): Steps<Uint32Array> {
  const out = new Uint32Array(values.length);
  for (let start = 0; start < order.length; start += STEP_ROWS) {
    const end = Math.min(order.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) out[i] = values[order[i] as number] as number;
    yield;
  }
  return out;
}

/**
 * Sorts ordered rows by group, keeping the order within a group.
 *
 * @param order - row numbers, shape (nSamples)
 * @param groups - group codes by row, shape (nSamples)
 * @returns the row numbers group by group, and where each group starts, shape (nGroups + 1)
 */
export function* orderByGroup(
  order: Uint32Array,
  groups: Int32Array,
  nGroups: number,
): Steps<{ order: Uint32Array; starts: Uint32Array }> {
  const starts = new Uint32Array(nGroups + 1);
  for (let start = 0; start < groups.length; start += STEP_ROWS) {
    const end = Math.min(groups.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) starts[(groups[i] as number) + 1]! += 1;
    yield;
  }
  for (let g = 0; g < nGroups; g++) starts[g + 1]! += starts[g] as number;
  const next = starts.slice();
  const out = new Uint32Array(order.length);
  for (let start = 0; start < order.length; start += STEP_ROWS) {
    const end = Math.min(order.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const row = order[i] as number;
      const group = groups[row] as number;
      const at = next[group] as number;
      next[group] = at + 1;
      out[at] = row;
    }
    yield;
  }
  return { order: out, starts };
}
