// Growing trees on binned features: the sample that bin edges are chosen from, binning, histograms and the partition of
// rows. Nothing here knows what is summed or how a split is scored, so boosted trees and forests share it.
//
// Bins: row-major, `stride` bytes a row, u8 or u16 each; the bin of a value is the number of cuts that are ≤ it.
// Histogram: entry (feature, bin) at (feature × binStride + bin); f64 pairs for gradients, f64 × classes for counts.

const SPREAD_1: u32 = 0x85ebca6b;
const SPREAD_2: u32 = 0xc2b2ae35;

/** A fixed scramble of a row number: which rows are in the sample depends on nothing else. */
function spread(row: u32): u32 {
  let h = row;
  h ^= h >> 16;
  h *= SPREAD_1;
  h ^= h >> 13;
  h *= SPREAD_2;
  return h ^ (h >> 16);
}

/** NaN: the one value that differs from itself. */
function isMissing(v: f32): bool {
  const same = v;
  return same !== v;
}

function isValue(validity: usize, i: usize): bool {
  return validity === 0 || ((<u32>load<u8>(validity + (i >> 3)) >> (<u32>i & 7)) & 1) !== 0;
}

/**
 * Which of rows firstRow … firstRow + n − 1 are in the sample, those whose scramble has none of `mask`'s bits: their places
 * in the batch to `places`, their numbers to `numbers` (u32). Returns how many.
 */
export function sampledRows(n: i32, firstRow: u32, mask: u32, places: usize, numbers: usize): i32 {
  let p: usize = 0;
  for (let i: u32 = 0; i < <u32>n; i++) {
    store<u32>(places + p, i);
    store<u32>(numbers + p, firstRow + i);
    if ((spread(firstRow + i) & mask) === 0) p += 4;
  }
  return <i32>(p >> 2);
}

/** The places in `numbers` (u32) of rows that stay in the sample under a stricter mask. Returns how many. */
export function keptRows(numbers: usize, n: i32, mask: u32, places: usize): i32 {
  let p = places;
  for (let i: u32 = 0; i < <u32>n; i++) {
    store<u32>(p, i);
    if ((spread(load<u32>(numbers + ((<usize>i) << 2))) & mask) === 0) p += 4;
  }
  return <i32>((p - places) >> 2);
}

/** Moves the 32-bit values at ascending `places` to the front. */
export function keepPlaces(data: usize, places: usize, n: i32): void {
  for (let i: usize = 0; i < (<usize>n) << 2; i += 4)
    store<u32>(data + i, load<u32>(data + ((<usize>load<u32>(places + i)) << 2)));
}

/**
 * Copies the values at `places` to `out` (f32; NaN where missing), and adds all `n` rows to `stats`, four f64: missing
 * values, infinite values, minimum, maximum.
 */
export function sampleColumn(
  data: usize,
  validity: usize,
  n: i32,
  places: usize,
  count: i32,
  out: usize,
  stats: usize,
): void {
  let missing: f64 = 0;
  let infinite: f64 = 0;
  let low = load<f64>(stats, 16);
  let high = load<f64>(stats, 24);
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = <f32>load<f64>(data + (i << 3));
    if (isMissing(v) || !isValue(validity, i)) {
      missing += 1;
      continue;
    }
    if (abs<f32>(v) === <f32>Infinity) infinite += 1;
    low = min<f64>(low, v);
    high = max<f64>(high, v);
  }
  store<f64>(stats, load<f64>(stats) + missing);
  store<f64>(stats, load<f64>(stats, 8) + infinite, 8);
  store<f64>(stats, low, 16);
  store<f64>(stats, high, 24);
  for (let k: usize = 0; k < <usize>count; k++) {
    const i = <usize>load<u32>(places + (k << 2));
    const v = <f32>load<f64>(data + (i << 3));
    // −0 and 0 are one value.
    store<f32>(out + (k << 2), isMissing(v) || !isValue(validity, i) ? NaN : v + 0);
  }
}

/** A float's bits as an unsigned number of the same order. */
function orderOf(bits: u32): u32 {
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/** Sorts floats in place, NaN last: three passes of 11 bits. `spare` is as large as the data, `counts` 24 KiB. */
export function sortFloats(data: usize, spare: usize, counts: usize, n: i32): void {
  memory.fill(counts, 0, 3 * 8192);
  const end = data + ((<usize>n) << 2);
  for (let p = data; p < end; p += 4) {
    const k = orderOf(load<u32>(p));
    store<u32>(p, k);
    const a = counts + ((k & 2047) << 2);
    const b = counts + 8192 + (((k >> 11) & 2047) << 2);
    const c = counts + 16384 + ((k >> 22) << 2);
    store<u32>(a, load<u32>(a) + 1);
    store<u32>(b, load<u32>(b) + 1);
    store<u32>(c, load<u32>(c) + 1);
  }
  let from = data;
  let to = spare;
  for (let pass: u32 = 0; pass < 3; pass++) {
    const table = counts + pass * 8192;
    let sum: u32 = 0;
    for (let p = table; p < table + 8192; p += 4) {
      const c = load<u32>(p);
      store<u32>(p, sum);
      sum += c;
    }
    const shift = pass * 11;
    const stop = from + ((<usize>n) << 2);
    for (let p = from; p < stop; p += 4) {
      const k = load<u32>(p);
      const slot = table + (((k >> shift) & 2047) << 2);
      const at = load<u32>(slot);
      store<u32>(slot, at + 1);
      store<u32>(to + ((<usize>at) << 2), k);
    }
    const t = from;
    from = to;
    to = t;
  }
  // Three passes end in `spare`.
  for (let p: usize = 0; p < (<usize>n) << 2; p += 4) {
    const k = load<u32>(spare + p);
    store<u32>(data + p, k ^ (<u32>((<i32>k >> 31) ^ -1) | 0x80000000));
  }
}

function binColumn<T extends number>(
  data: usize,
  validity: usize,
  n: i32,
  cuts: usize,
  half: i32,
  bins: i32,
  missing: i32,
  out: usize,
  stride: usize,
): void {
  let p = out;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = <f32>load<f64>(data + (i << 3));
    // Branchless search: the number of cuts ≤ v. The cuts are padded with infinity to twice `half`.
    let at: usize = 0;
    for (let step = <usize>half; step > 0; step >>= 1)
      at = select<usize>(at + step, at, load<f32>(cuts + ((at + step - 1) << 2)) <= v);
    let bin = min<i32>(<i32>at, bins - 1);
    if (isMissing(v) || !isValue(validity, i)) bin = missing;
    store<T>(p, <T>bin);
    p += stride;
  }
}

/** Bins of a Float64 column into one column of a row-major matrix. `missing` is the bin of null and NaN. */
export function binColumn8(
  data: usize,
  validity: usize,
  n: i32,
  cuts: usize,
  half: i32,
  bins: i32,
  missing: i32,
  out: usize,
  stride: usize,
): void {
  binColumn<u8>(data, validity, n, cuts, half, bins, missing, out, stride);
}
/** The same with two bytes a bin. */
export function binColumn16(
  data: usize,
  validity: usize,
  n: i32,
  cuts: usize,
  half: i32,
  bins: i32,
  missing: i32,
  out: usize,
  stride: usize,
): void {
  binColumn<u16>(data, validity, n, cuts, half, bins, missing, out, stride);
}

function binCodes<T extends number>(
  data: usize,
  validity: usize,
  n: i32,
  bins: i32,
  missing: i32,
  out: usize,
  stride: usize,
  wrong: usize,
): void {
  let p = out;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<f64>(data + (i << 3));
    let bin = missing;
    if (!isMissing(<f32>v) && isValue(validity, i)) {
      bin = <i32>v;
      if (<f64>bin !== v || <u32>bin >= <u32>bins) {
        store<u32>(wrong, load<u32>(wrong) + 1);
        bin = 0;
      }
    }
    store<T>(p, <T>bin);
    p += stride;
  }
}
/** Bins of a column of category codes: the codes. Adds the values that are none of 0 … bins − 1 to `wrong` (u32). */
export function binCodes8(
  data: usize,
  validity: usize,
  n: i32,
  bins: i32,
  missing: i32,
  out: usize,
  stride: usize,
  wrong: usize,
): void {
  binCodes<u8>(data, validity, n, bins, missing, out, stride, wrong);
}
/** The same with two bytes a bin. */
export function binCodes16(
  data: usize,
  validity: usize,
  n: i32,
  bins: i32,
  missing: i32,
  out: usize,
  stride: usize,
  wrong: usize,
): void {
  binCodes<u16>(data, validity, n, bins, missing, out, stride, wrong);
}

/** Rows that are interleaved at a time: their bytes stay in the first cache. */
const TILE_ROWS = 128;

function interleave<T extends number>(
  columns: usize,
  columnBytes: usize,
  features: i32,
  n: i32,
  out: usize,
  stride: usize,
): void {
  for (let first = 0; first < n; first += TILE_ROWS) {
    const rows = min<i32>(TILE_ROWS, n - first);
    for (let f = 0; f < features; f++) {
      let p = columns + <usize>f * columnBytes + <usize>first * sizeof<T>();
      let q = out + <usize>first * stride + <usize>f * sizeof<T>();
      for (let i = 0; i < rows; i++) {
        store<T>(q, load<T>(p));
        p += sizeof<T>();
        q += stride;
      }
    }
  }
}
/** Copies columns of bins, `columnBytes` apart, to a row-major matrix. */
export function interleave8(
  columns: usize,
  columnBytes: usize,
  features: i32,
  n: i32,
  out: usize,
  stride: usize,
): void {
  interleave<u8>(columns, columnBytes, features, n, out, stride);
}
/** The same with two bytes a bin. */
export function interleave16(
  columns: usize,
  columnBytes: usize,
  features: i32,
  n: i32,
  out: usize,
  stride: usize,
): void {
  interleave<u16>(columns, columnBytes, features, n, out, stride);
}

/** 0, 1, 2, … as u32: the rows of the root. */
export function countUp(out: usize, first: u32, n: i32): void {
  for (let i: u32 = 0; i < <u32>n; i++) store<u32>(out + ((<usize>i) << 2), first + i);
}

function addPair(at: usize, pair: v128): void {
  v128.store(at, f64x2.add(v128.load(at), pair));
}

/** Rows asked for at a time. */
const BLOCK: u32 = 64;

/** Returns a number of no meaning, so that asking for memory early is not optimised away. */
function pairHistogram<T extends number>(
  bins: usize,
  stride: usize,
  features: i32,
  rows: usize,
  firstRow: u32,
  n: i32,
  pairs: usize,
  hist: usize,
  binStride: i32,
): u32 {
  const step = (<usize>binStride) << 4;
  memory.fill(hist, 0, step * <usize>features);
  const whole = (<usize>features & ~3) * sizeof<T>();
  const all = <usize>features * sizeof<T>();
  let touched: u32 = 0;
  // Rows of deep nodes lie apart: asking for a block of them first lets their cache misses overlap.
  const apart = rows !== 0 && load<u32>(rows + ((<usize>(n - 1)) << 2)) - load<u32>(rows) > (<u32>n) << 2;
  for (let i: u32 = 0; i < <u32>n; i++) {
    if (apart && (i & (BLOCK - 1)) === 0) {
      const last = min<u32>(i + BLOCK, <u32>n);
      for (let k = i; k < last; k++) {
        const row = <usize>load<u32>(rows + ((<usize>k) << 2));
        const p = bins + row * stride;
        touched += load<u8>(p) + load<u8>(p + all - 1) + load<u8>(pairs + (row << 3));
      }
    }
    const row: usize = rows === 0 ? <usize>(firstRow + i) : <usize>load<u32>(rows + ((<usize>i) << 2));
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(pairs + (row << 3)));
    let p = bins + row * stride;
    const stop = p + whole;
    const end = p + all;
    let h = hist;
    for (; p < stop; p += 4 * sizeof<T>()) {
      if (sizeof<T>() === 1) {
        const four = load<u32>(p);
        addPair(h + ((<usize>(four & 255)) << 4), pair);
        h += step;
        addPair(h + ((<usize>((four >> 8) & 255)) << 4), pair);
        h += step;
        addPair(h + ((<usize>((four >> 16) & 255)) << 4), pair);
        h += step;
        addPair(h + ((<usize>(four >> 24)) << 4), pair);
        h += step;
      } else {
        const four = load<u64>(p);
        addPair(h + ((<usize>(four & 65535)) << 4), pair);
        h += step;
        addPair(h + ((<usize>((four >> 16) & 65535)) << 4), pair);
        h += step;
        addPair(h + ((<usize>((four >> 32) & 65535)) << 4), pair);
        h += step;
        addPair(h + ((<usize>(four >> 48)) << 4), pair);
        h += step;
      }
    }
    for (; p < end; p += sizeof<T>()) {
      addPair(h + ((<usize>load<T>(p)) << 4), pair);
      h += step;
    }
  }
  return touched;
}

/**
 * Sums of the rows' f32 pairs per feature and bin, as f64 pairs; `hist` is cleared first. `rows` holds u32 row numbers,
 * or is 0 for firstRow, firstRow + 1, …
 */
export function pairHistogram8(
  bins: usize,
  stride: usize,
  features: i32,
  rows: usize,
  firstRow: u32,
  n: i32,
  pairs: usize,
  hist: usize,
  binStride: i32,
): u32 {
  return pairHistogram<u8>(bins, stride, features, rows, firstRow, n, pairs, hist, binStride);
}
/** The same with two bytes a bin. */
export function pairHistogram16(
  bins: usize,
  stride: usize,
  features: i32,
  rows: usize,
  firstRow: u32,
  n: i32,
  pairs: usize,
  hist: usize,
  binStride: i32,
): u32 {
  return pairHistogram<u16>(bins, stride, features, rows, firstRow, n, pairs, hist, binStride);
}

function classHistogram<T extends number>(
  bins: usize,
  stride: usize,
  features: i32,
  rows: usize,
  n: i32,
  classes: usize,
  classCount: i32,
  weights: usize,
  hist: usize,
  binStride: i32,
): void {
  const width = (<usize>classCount) << 3;
  const step = <usize>binStride * width;
  memory.fill(hist, 0, step * <usize>features);
  for (let i: u32 = 0; i < <u32>n; i++) {
    const row: usize = <usize>load<u32>(rows + ((<usize>i) << 2));
    const w: f64 = weights === 0 ? 1 : <f64>load<f32>(weights + (row << 2));
    let h = hist + ((<usize>load<u16>(classes + (row << 1))) << 3);
    let p = bins + row * stride;
    for (let f = 0; f < features; f++) {
      const at = h + <usize>load<T>(p) * width;
      store<f64>(at, load<f64>(at) + w);
      p += sizeof<T>();
      h += step;
    }
  }
}
/** Weights (f32, or 0 for ones) of the rows per feature, bin and class (u16); `hist` (f64) is cleared first. */
export function classHistogram8(
  bins: usize,
  stride: usize,
  features: i32,
  rows: usize,
  n: i32,
  classes: usize,
  classCount: i32,
  weights: usize,
  hist: usize,
  binStride: i32,
): void {
  classHistogram<u8>(bins, stride, features, rows, n, classes, classCount, weights, hist, binStride);
}
/** The same with two bytes a bin. */
export function classHistogram16(
  bins: usize,
  stride: usize,
  features: i32,
  rows: usize,
  n: i32,
  classes: usize,
  classCount: i32,
  weights: usize,
  hist: usize,
  binStride: i32,
): void {
  classHistogram<u16>(bins, stride, features, rows, n, classes, classCount, weights, hist, binStride);
}

/** Adds `count` blocks of `entries` f64 (even), `apart` bytes from one to the next, in order, into `out`. */
export function sumBlocks(blocks: usize, apart: usize, count: i32, out: usize, entries: i32): void {
  const end = (<usize>entries) << 3;
  for (let p: usize = 0; p < end; p += 16) {
    let sum = v128.load(blocks + p);
    let from = blocks + p;
    for (let k = 1; k < count; k++) {
      from += apart;
      sum = f64x2.add(sum, v128.load(from));
    }
    v128.store(out + p, sum);
  }
}

/** out = whole − part over `entries` f64 (even): the histogram of the other child. */
export function subtractBlock(whole: usize, part: usize, out: usize, entries: i32): void {
  const end = (<usize>entries) << 3;
  for (let p: usize = 0; p < end; p += 16) v128.store(out + p, f64x2.sub(v128.load(whole + p), v128.load(part + p)));
}

function partitionRows<T extends number>(
  column: usize,
  stride: usize,
  lastLeft: i32,
  missing: i32,
  missingLeft: i32,
  rightSet: usize,
  rows: usize,
  n: i32,
  spill: usize,
  count: usize,
): void {
  let left = rows;
  let right = spill;
  const end = rows + ((<usize>n) << 2);
  const bins = count + 64;
  for (let p = rows; p < end; ) {
    // Bins of a block first, so that their cache misses overlap.
    const stop = min<usize>(p + (BLOCK << 2), end);
    let to = bins;
    for (let q = p; q < stop; q += 4) {
      store<u16>(to, <u16>load<T>(column + <usize>load<u32>(q) * stride));
      to += 2;
    }
    let from = bins;
    for (; p < stop; p += 4) {
      const row = load<u32>(p);
      const bin = <i32>load<u16>(from);
      from += 2;
      let goes: i32;
      if (rightSet === 0) goes = bin <= lastLeft ? 1 : 0;
      else goes = 1 - <i32>((load<u32>(rightSet + ((<usize>(bin >> 5)) << 2)) >> (bin & 31)) & 1);
      goes = select<i32>(missingLeft, goes, bin === missing);
      store<u32>(left, row);
      store<u32>(right, row);
      left += (<usize>goes) << 2;
      right += (<usize>(1 - goes)) << 2;
    }
  }
  store<u32>(count, <u32>((left - rows) >> 2));
}
/**
 * Splits a node's rows (u32), keeping their order: those that go left stay at the front of `rows`, the others go to
 * `spill`; the number of left ones goes to `count` (u32, and 192 bytes of it are scratch memory). Left goes a bin ≤ lastLeft, or (rightSet not 0) a bin whose bit
 * in rightSet is clear; `missing` goes where missingLeft says. `column` points at the feature's bin of row 0.
 */
export function partitionRows8(
  column: usize,
  stride: usize,
  lastLeft: i32,
  missing: i32,
  missingLeft: i32,
  rightSet: usize,
  rows: usize,
  n: i32,
  spill: usize,
  count: usize,
): void {
  partitionRows<u8>(column, stride, lastLeft, missing, missingLeft, rightSet, rows, n, spill, count);
}
/** The same with two bytes a bin. */
export function partitionRows16(
  column: usize,
  stride: usize,
  lastLeft: i32,
  missing: i32,
  missingLeft: i32,
  rightSet: usize,
  rows: usize,
  n: i32,
  spill: usize,
  count: usize,
): void {
  partitionRows<u16>(column, stride, lastLeft, missing, missingLeft, rightSet, rows, n, spill, count);
}

/** Sums of the rows' f32 pairs, as an f64 pair. `rows` is 0 for firstRow, firstRow + 1, … */
export function sumPairs(pairs: usize, rows: usize, firstRow: u32, n: i32, out: usize): void {
  let sum = f64x2.splat(0);
  for (let i: u32 = 0; i < <u32>n; i++) {
    const row: usize = rows === 0 ? <usize>(firstRow + i) : <usize>load<u32>(rows + ((<usize>i) << 2));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(pairs + (row << 3))));
  }
  v128.store(out, sum);
}

/** Copies a Float64 column to f32 values `stride` bytes apart. */
export function toFloats(data: usize, n: i32, out: usize, stride: usize): void {
  let p = out;
  for (let i: usize = 0; i < <usize>n; i++) {
    store<f32>(p, <f32>load<f64>(data + (i << 3)));
    p += stride;
  }
}
