// Argsort. An entry is one u64: the key's leading bits above, the row number in the low `rowBits`, so entries compare
// as numbers and rows of equal keys stay in order. A sort key is one or more "parts": a part's values become
// order-preserving codes, compressed to the range that occurs; parts fill words of 64 - rowBits bits, and the rows that
// tie in one word are sorted by the next. Segments are u32 pairs [start, end) of entries that tie so far; `segments`
// 0 stands for all entries before there are any: entry i is row i.

import { ALL, chunkOf, numberCode } from './_order';
import { sortRange, sortRuns } from './_radix';

// A part, 64 bytes, as sort-keys.ts lays it out.
const KIND: usize = 0;
const DATA: usize = 4;
const VALIDITY: usize = 8;
const DESCENDING: usize = 12;
const NULLS_FIRST: usize = 16;
const STEP: usize = 20; // bytes from value to value; for strings the offset of the chunk
const MIN: usize = 24; // u64, least code
const BASE: usize = 32; // u64, added to the codes of values
const NULL_CODE: usize = 40; // u64
const LONGEST: usize = 48; // u32, longest string
const NULLS: usize = 52; // u32
const SHIFT: usize = 56; // u32, low bits that all codes share
const PART_BYTES: usize = 64;

/** The order-preserving code of a value; bool stands for bitmaps, v128 for strings. */
function codeOf<T>(data: usize, row: usize, step: u32): u64 {
  if (isVector<T>()) return chunkOf(data, row, step);
  return numberCode<T>(data, row, step);
}

function rangeOf<T>(part: usize, entries: usize, n: i32, rowBits: i32, segments: usize, count: i32): void {
  const data = <usize>load<u32>(part, DATA);
  const validity = <usize>load<u32>(part, VALIDITY);
  const flip: u64 = load<u32>(part, DESCENDING) !== 0 ? ALL : 0;
  const step = load<u32>(part, STEP);
  const mask: u64 = ((<u64>1) << (<u64>rowBits)) - 1;
  let lo: u64 = ALL;
  let hi: u64 = 0;
  let differ: u64 = 0;
  let first: u64 = 0;
  let nulls: u32 = 0;
  let longest: u32 = 0;
  const whole = segments === 0;
  for (let s = 0; s < count; s++) {
    const from: u32 = whole ? 0 : load<u32>(segments + ((<usize>s) << 3));
    const to = whole ? <u32>n : load<u32>(segments + ((<usize>s) << 3), 4);
    for (let i = from; i < to; i++) {
      const row = whole ? i : <u32>(load<u64>(entries + ((<usize>i) << 3)) & mask);
      if (validity !== 0 && (<u32>load<u8>(validity + (row >> 3)) & (1 << (row & 7))) === 0) {
        nulls++;
        continue;
      }
      const c = codeOf<T>(data, <usize>row, step) ^ flip;
      if (lo > hi) first = c;
      lo = min<u64>(lo, c);
      hi = max<u64>(hi, c);
      differ |= c ^ first;
      if (isVector<T>()) longest = max<u32>(longest, load<u32>(data + ((<usize>row) << 4)));
    }
  }
  store<u64>(part, lo, MIN);
  store<u64>(part, hi, BASE);
  store<u64>(part, differ, NULL_CODE);
  store<u32>(part, longest, LONGEST);
  store<u32>(part, nulls, NULLS);
}

/** Finds the range of a part's codes among the rows of the segments: what `settlePart` then makes of it. */
export function partRange(part: usize, entries: usize, n: i32, rowBits: i32, segments: usize, count: i32): void {
  switch (load<u32>(part, KIND)) {
    case 0:
      rangeOf<bool>(part, entries, n, rowBits, segments, count);
      break;
    case 1:
      rangeOf<i8>(part, entries, n, rowBits, segments, count);
      break;
    case 2:
      rangeOf<u8>(part, entries, n, rowBits, segments, count);
      break;
    case 3:
      rangeOf<i16>(part, entries, n, rowBits, segments, count);
      break;
    case 4:
      rangeOf<u16>(part, entries, n, rowBits, segments, count);
      break;
    case 5:
      rangeOf<i32>(part, entries, n, rowBits, segments, count);
      break;
    case 6:
      rangeOf<u32>(part, entries, n, rowBits, segments, count);
      break;
    case 7:
      rangeOf<i64>(part, entries, n, rowBits, segments, count);
      break;
    case 8:
      rangeOf<u64>(part, entries, n, rowBits, segments, count);
      break;
    case 9:
      rangeOf<f32>(part, entries, n, rowBits, segments, count);
      break;
    case 10:
      rangeOf<f64>(part, entries, n, rowBits, segments, count);
      break;
    default:
      rangeOf<v128>(part, entries, n, rowBits, segments, count);
  }
}

/**
 * Stores how values and nulls are coded, by the ranges of the `count` parts at `parts`, each of some of the rows.
 * Returns the bits of a code, 0 when all are equal, or 65 when nulls need a bit of their own.
 */
export function settlePart(part: usize, parts: usize, count: i32): i32 {
  let lo: u64 = ALL;
  let hi: u64 = 0;
  let differ: u64 = 0;
  let nulls: u32 = 0;
  let longest: u32 = 0;
  const end = parts + <usize>count * PART_BYTES;
  for (let p = parts; p < end; p += PART_BYTES) {
    nulls += load<u32>(p, NULLS);
    longest = max<u32>(longest, load<u32>(p, LONGEST));
    const least = load<u64>(p, MIN);
    if (least > load<u64>(p, BASE)) continue;
    // Its codes have the bits of its least one, but for those in which they differ.
    differ |= load<u64>(p, NULL_CODE) | (lo <= hi ? least ^ lo : 0);
    lo = min<u64>(lo, least);
    hi = max<u64>(hi, load<u64>(p, BASE));
  }
  if (lo > hi) lo = hi = 0;
  const shift: u64 = differ === 0 ? 0 : ctz<u64>(differ);
  const range = (hi - lo) >> shift;
  store<u64>(part, lo, MIN);
  store<u64>(part, 0, BASE);
  store<u64>(part, 0, NULL_CODE);
  store<u32>(part, longest, LONGEST);
  store<u32>(part, nulls, NULLS);
  store<u32>(part, <u32>shift, SHIFT);
  if (nulls === 0) return <i32>(64 - clz<u64>(range));
  if (range === ALL) return 65;
  if (load<u32>(part, NULLS_FIRST) !== 0) store<u64>(part, 1, BASE);
  else store<u64>(part, range + 1, NULL_CODE);
  return <i32>(64 - clz<u64>(range + 1));
}

function packOf<T>(
  part: usize,
  entries: usize,
  n: i32,
  rowBits: i32,
  segments: usize,
  count: i32,
  low: i32,
  width: i32,
): void {
  const data = <usize>load<u32>(part, DATA);
  const validity = load<u32>(part, NULLS) === 0 ? 0 : <usize>load<u32>(part, VALIDITY);
  const flip: u64 = load<u32>(part, DESCENDING) !== 0 ? ALL : 0;
  const step = load<u32>(part, STEP);
  const least = load<u64>(part, MIN);
  const base = load<u64>(part, BASE);
  const shift = <u64>load<u32>(part, SHIFT);
  const nullCode = load<u64>(part, NULL_CODE);
  const mask: u64 = ((<u64>1) << (<u64>rowBits)) - 1;
  const bits: u64 = ((<u64>1) << (<u64>width)) - 1;
  const whole = segments === 0;
  for (let s = 0; s < count; s++) {
    const from: u32 = whole ? 0 : load<u32>(segments + ((<usize>s) << 3));
    const to = whole ? <u32>n : load<u32>(segments + ((<usize>s) << 3), 4);
    for (let i = from; i < to; i++) {
      const e = entries + ((<usize>i) << 3);
      const entry = load<u64>(e);
      const row = <u32>(entry & mask);
      const valid = validity === 0 || (<u32>load<u8>(validity + (row >> 3)) & (1 << (row & 7))) !== 0;
      const c = valid ? (((codeOf<T>(data, <usize>row, step) ^ flip) - least) >> shift) + base : nullCode;
      const key = ((entry >> <u64>rowBits) << (<u64>width)) | ((c >> <u64>low) & bits);
      store<u64>(e, (key << (<u64>rowBits)) | <u64>row);
    }
  }
}

/** Appends bits [low, low + width) of a part's codes to the keys of the entries in the segments. */
export function partPack(
  part: usize,
  entries: usize,
  n: i32,
  rowBits: i32,
  segments: usize,
  count: i32,
  low: i32,
  width: i32,
): void {
  switch (load<u32>(part, KIND)) {
    case 0:
      packOf<bool>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 1:
      packOf<i8>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 2:
      packOf<u8>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 3:
      packOf<i16>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 4:
      packOf<u16>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 5:
      packOf<i32>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 6:
      packOf<u32>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 7:
      packOf<i64>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 8:
      packOf<u64>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 9:
      packOf<f32>(part, entries, n, rowBits, segments, count, low, width);
      break;
    case 10:
      packOf<f64>(part, entries, n, rowBits, segments, count, low, width);
      break;
    default:
      packOf<v128>(part, entries, n, rowBits, segments, count, low, width);
      break;
  }
}

/** Makes entries of rows from, from + 1, … without keys; an odd `n` makes one more. */
export function startEntries(entries: usize, n: i32, from: i32): void {
  let v = i64x2.add(i64x2(0, 1), i64x2.splat(<i64>from));
  const two = i64x2.splat(2);
  const end = entries + ((<usize>n) << 3);
  for (let p = entries; p < end; p += 16) {
    v128.store(p, v);
    v = i64x2.add(v, two);
  }
}

/** Takes the keys off the entries of the segments. */
export function clearKeys(entries: usize, rowBits: i32, segments: usize, count: i32): void {
  const mask: u64 = ((<u64>1) << (<u64>rowBits)) - 1;
  for (let s = 0; s < count; s++) {
    const to = entries + ((<usize>load<u32>(segments + ((<usize>s) << 3), 4)) << 3);
    for (let e = entries + ((<usize>load<u32>(segments + ((<usize>s) << 3))) << 3); e < to; e += 8)
      store<u64>(e, load<u64>(e) & mask);
  }
}

/** Sorts the entries of each segment. `other` has room for all entries, of which it uses those places; `counts` takes 256 KiB. */
export function sortSegments(
  entries: usize,
  other: usize,
  n: i32,
  rowBits: i32,
  segments: usize,
  count: i32,
  counts: usize,
): void {
  if (segments === 0) {
    if (!sortRuns(entries, other, n)) sortRange(entries, other, n, rowBits, counts, false);
    return;
  }
  // All of them use the same few places, which stay in cache, and none of those of other calls' segments.
  const room = other + ((<usize>load<u32>(segments)) << 3);
  for (let s = 0; s < count; s++) {
    const from = load<u32>(segments + ((<usize>s) << 3));
    const to = load<u32>(segments + ((<usize>s) << 3), 4);
    sortRange(entries + ((<usize>from) << 3), room, <i32>(to - from), rowBits, counts, false);
  }
}

/** Whether entries rise throughout. */
export function isRising(entries: usize, n: i32): i32 {
  const end = entries + ((<usize>n) << 3);
  let p = entries + 8;
  while (p < end && load<u64>(p) > load<u64>(p - 8)) p += 8;
  return p >= end ? 1 : 0;
}

/** The first entry from `at` on, `n` at most, whose key is not that of the one before. */
export function nextKey(entries: usize, at: i32, n: i32, rowBits: i32): i32 {
  const shift = <u64>rowBits;
  const key = load<u64>(entries + ((<usize>at - 1) << 3)) >> shift;
  let i = at;
  while (i < n && load<u64>(entries + ((<usize>i) << 3)) >> shift === key) i++;
  return i;
}

/** How many of n entries have each digit: `counts` u32 for each value of the `digit` bits from `low` up. */
export function countDigits(entries: usize, n: i32, low: i32, digit: i32, counts: usize): void {
  const shift = <u64>low;
  const mask = ((<u64>1) << (<u64>digit)) - 1;
  memory.fill(counts, 0, (<usize>4) << digit);
  const end = entries + ((<usize>n) << 3);
  for (let p = entries; p < end; p += 8) {
    const c = counts + ((<usize>((load<u64>(p) >> shift) & mask)) << 2);
    store<u32>(c, load<u32>(c) + 1);
  }
}

/** Counts of `runs` runs of entries, one after another, become places: by digit, and by run within a digit. */
export function digitPlaces(counts: usize, runs: i32, digit: i32): void {
  const width = (<usize>4) << digit;
  const end = counts + width * <usize>runs;
  let sum: u32 = 0;
  for (let d: usize = 0; d < width; d += 4)
    for (let c = counts + d; c < end; c += width) {
      const t = load<u32>(c);
      store<u32>(c, sum);
      sum += t;
    }
}

/** Moves n entries to their places in `to`, which thereby become the places behind them. */
export function moveDigits(entries: usize, n: i32, low: i32, digit: i32, places: usize, to: usize): void {
  const shift = <u64>low;
  const mask = ((<u64>1) << (<u64>digit)) - 1;
  const end = entries + ((<usize>n) << 3);
  for (let p = entries; p < end; p += 8) {
    const x = load<u64>(p);
    const c = places + ((<usize>((x >> shift) & mask)) << 2);
    const at = load<u32>(c);
    store<u32>(c, at + 1);
    store<u64>(to + ((<usize>at) << 3), x);
  }
}

/**
 * Sorts the entries of buckets [first, last) on their way from `from` to `to`: `ends` has the place behind each bucket.
 * `counts` as for `sortSegments`.
 */
export function sortBuckets(
  from: usize,
  to: usize,
  ends: usize,
  first: i32,
  last: i32,
  rowBits: i32,
  counts: usize,
): void {
  let start: u32 = first === 0 ? 0 : load<u32>(ends + ((<usize>first - 1) << 2));
  for (let b = first; b < last; b++) {
    const end = load<u32>(ends + ((<usize>b) << 2));
    const at = (<usize>start) << 3;
    if (end > start) sortRange(from + at, to + at, <i32>(end - start), rowBits, counts, true);
    start = end;
  }
}

/** As `findTies`, of entries [from, to), or of the segments if there are any; stores how many at `found`. */
export function tiesWithin(
  entries: usize,
  from: i32,
  to: i32,
  rowBits: i32,
  segments: usize,
  count: i32,
  out: usize,
  found: usize,
): void {
  if (segments !== 0) {
    store<i32>(found, findTies(entries, to, rowBits, segments, count, out));
    return;
  }
  // As a segment, which lies where the count will.
  store<u32>(found, <u32>from);
  store<u32>(found, <u32>to, 4);
  store<i32>(found, findTies(entries, to, rowBits, found, 1, out));
}

/** Finds runs of equal keys within the segments. Returns how many. */
export function findTies(entries: usize, n: i32, rowBits: i32, segments: usize, count: i32, out: usize): i32 {
  const shift = <u64>rowBits;
  let found = 0;
  const whole = segments === 0;
  for (let s = 0; s < count; s++) {
    let i: u32 = whole ? 0 : load<u32>(segments + ((<usize>s) << 3));
    const to = whole ? <u32>n : load<u32>(segments + ((<usize>s) << 3), 4);
    while (i + 1 < to) {
      const key = load<u64>(entries + ((<usize>i) << 3)) >> shift;
      let j = i + 1;
      while (j < to && load<u64>(entries + ((<usize>j) << 3)) >> shift === key) j++;
      if (j - i > 1) {
        store<u32>(out + ((<usize>found) << 3), i);
        store<u32>(out + ((<usize>found) << 3), j, 4);
        found++;
      }
      i = j;
    }
  }
  return found;
}

/** The row numbers of the entries. */
export function entryRows(entries: usize, n: i32, rowBits: i32, out: usize): void {
  const mask: u64 = ((<u64>1) << (<u64>rowBits)) - 1;
  for (let i: usize = 0; i < <usize>n; i++) store<u32>(out + (i << 2), <u32>(load<u64>(entries + (i << 3)) & mask));
}

function withinOf<T>(part: usize, n: i32, threshold: usize, strict: bool, sel: usize): i32 {
  const data = <usize>load<u32>(part, DATA);
  const validity = <usize>load<u32>(part, VALIDITY);
  const flip: u64 = load<u32>(part, DESCENDING) !== 0 ? ALL : 0;
  const step = load<u32>(part, STEP);
  const nullCode: u64 = load<u32>(part, NULLS_FIRST) !== 0 ? 0 : ALL;
  const limit = load<u64>(threshold);
  let out: usize = sel;
  for (let row: u32 = 0; row < <u32>n; row++) {
    const valid = validity === 0 || (<u32>load<u8>(validity + (row >> 3)) & (1 << (row & 7))) !== 0;
    const c = valid ? codeOf<T>(data, <usize>row, step) ^ flip : nullCode;
    store<u32>(out, row);
    out += (strict ? c < limit : c <= limit) ? 4 : 0;
  }
  return <i32>((out - sel) >> 2);
}

/**
 * Rows whose code is not above the u64 at `threshold` (below it if `strict`), for top k. A null's code is the least or
 * the greatest, which a value may share. Writes one row past the end. Returns how many.
 */
export function rowsWithin(part: usize, n: i32, threshold: usize, strict: i32, sel: usize): i32 {
  const s = strict !== 0;
  switch (load<u32>(part, KIND)) {
    case 0:
      return withinOf<bool>(part, n, threshold, s, sel);
    case 1:
      return withinOf<i8>(part, n, threshold, s, sel);
    case 2:
      return withinOf<u8>(part, n, threshold, s, sel);
    case 3:
      return withinOf<i16>(part, n, threshold, s, sel);
    case 4:
      return withinOf<u16>(part, n, threshold, s, sel);
    case 5:
      return withinOf<i32>(part, n, threshold, s, sel);
    case 6:
      return withinOf<u32>(part, n, threshold, s, sel);
    case 7:
      return withinOf<i64>(part, n, threshold, s, sel);
    case 8:
      return withinOf<u64>(part, n, threshold, s, sel);
    case 9:
      return withinOf<f32>(part, n, threshold, s, sel);
    case 10:
      return withinOf<f64>(part, n, threshold, s, sel);
    default:
      return withinOf<v128>(part, n, threshold, s, sel);
  }
}

function bestOf<T>(part: usize, n: i32, groups: usize, k: i32, dropsTies: bool, best: usize, sel: usize): i32 {
  const data = <usize>load<u32>(part, DATA);
  const validity = <usize>load<u32>(part, VALIDITY);
  const flip: u64 = load<u32>(part, DESCENDING) !== 0 ? ALL : 0;
  const step = load<u32>(part, STEP);
  const width: usize = (<usize>k + 1) << 3;
  let out: usize = sel;
  for (let row: u32 = 0; row < <u32>n; row++) {
    if (validity !== 0 && (<u32>load<u8>(validity + (row >> 3)) & (1 << (row & 7))) === 0) continue;
    const c = codeOf<T>(data, <usize>row, step) ^ flip;
    const at = best + <usize>load<u32>(groups + ((<usize>row) << 2)) * width;
    const count = load<u32>(at);
    // `place` ends where the code belongs: codes below it stand before it, and ties behind it.
    let place: usize = at + 8;
    if (count === <u32>k) {
      const least = load<u64>(place);
      if (dropsTies ? c <= least : c < least) continue;
      store<u32>(out, row);
      out += 4;
      // The least gives way; what is below the code moves one place down.
      const last = at + ((<usize>k) << 3);
      while (place < last && load<u64>(place, 8) < c) {
        store<u64>(place, load<u64>(place, 8));
        place += 8;
      }
      store<u64>(place, c);
      continue;
    }
    store<u32>(out, row);
    out += 4;
    let i: usize = at + 8 + ((<usize>count) << 3);
    while (i > place && load<u64>(i - 8) > c) {
      store<u64>(i, load<u64>(i - 8));
      i -= 8;
    }
    store<u64>(i, c);
    store<u32>(at, count + 1);
  }
  return <i32>((out - sel) >> 2);
}

/**
 * Rows that may be among the `k` of the greatest codes in their group, by the rows of the group so far: `best` holds for
 * each group how many codes follow (u64), and k codes, the least first. `dropsTies`: a row like the least of k is not one
 * of them. Nulls are none. Writes one row past the end. Returns how many.
 */
export function bestRows(part: usize, n: i32, groups: usize, k: i32, dropsTies: i32, best: usize, sel: usize): i32 {
  const d = dropsTies !== 0;
  switch (load<u32>(part, KIND)) {
    case 0:
      return bestOf<bool>(part, n, groups, k, d, best, sel);
    case 1:
      return bestOf<i8>(part, n, groups, k, d, best, sel);
    case 2:
      return bestOf<u8>(part, n, groups, k, d, best, sel);
    case 3:
      return bestOf<i16>(part, n, groups, k, d, best, sel);
    case 4:
      return bestOf<u16>(part, n, groups, k, d, best, sel);
    case 5:
      return bestOf<i32>(part, n, groups, k, d, best, sel);
    case 6:
      return bestOf<u32>(part, n, groups, k, d, best, sel);
    case 7:
      return bestOf<i64>(part, n, groups, k, d, best, sel);
    case 8:
      return bestOf<u64>(part, n, groups, k, d, best, sel);
    case 9:
      return bestOf<f32>(part, n, groups, k, d, best, sel);
    default:
      return bestOf<f64>(part, n, groups, k, d, best, sel);
  }
}

/** Stores at `threshold` the code of one row, in the coding of `rowsWithin`. */
export function thresholdOf(part: usize, row: i32, threshold: usize): void {
  const validity = <usize>load<u32>(part, VALIDITY);
  if (validity !== 0 && (<u32>load<u8>(validity + (<u32>row >> 3)) & (1 << (row & 7))) === 0) {
    store<u64>(threshold, load<u32>(part, NULLS_FIRST) !== 0 ? 0 : ALL);
    return;
  }
  const data = <usize>load<u32>(part, DATA);
  const step = load<u32>(part, STEP);
  const r = <usize>row;
  let c: u64 = 0;
  switch (load<u32>(part, KIND)) {
    case 0:
      c = codeOf<bool>(data, r, step);
      break;
    case 1:
      c = codeOf<i8>(data, r, step);
      break;
    case 2:
      c = codeOf<u8>(data, r, step);
      break;
    case 3:
      c = codeOf<i16>(data, r, step);
      break;
    case 4:
      c = codeOf<u16>(data, r, step);
      break;
    case 5:
      c = codeOf<i32>(data, r, step);
      break;
    case 6:
      c = codeOf<u32>(data, r, step);
      break;
    case 7:
      c = codeOf<i64>(data, r, step);
      break;
    case 8:
      c = codeOf<u64>(data, r, step);
      break;
    case 9:
      c = codeOf<f32>(data, r, step);
      break;
    case 10:
      c = codeOf<f64>(data, r, step);
      break;
    default:
      c = codeOf<v128>(data, r, step);
  }
  store<u64>(threshold, load<u32>(part, DESCENDING) !== 0 ? ~c : c);
}
