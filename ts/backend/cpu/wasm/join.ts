// Joins: a table from keys to the first build row of each key, and the pairs that follow from it. Rows are stored as
// row + 1, so that 0 means none; `next[row]` leads to the next build row of the same key, in rising order.
//
// A key is one u64 word, or some 16-byte cells: plain bytes, or views of strings (bits of `views`). Keys of rows whose
// `valid` bit is 0 match nothing.

import { equalViews, hash64, hash128, hashView, isValid, key32, key64 } from './_keys';

const NO_ROW: u32 = 0xffffffff;
/** 2^64 over the golden ratio. */
const MIX: u64 = 0x9e3779b97f4a7c15;

function wordOf<T>(src: usize, i: i32): u64 {
  if (isBoolean<T>()) return isValid(src, i) ? 1 : 0;
  if (isFloat<T>()) {
    if (sizeof<T>() === 4) return <u64>key32<f32>(src, i);
    return key64<f64>(src, i);
  }
  if (isSigned<T>()) return <u64>(<i64>load<T>(src + <usize>i * sizeof<T>()));
  return <u64>load<T>(src + <usize>i * sizeof<T>());
}
function pack<T>(src: usize, n: i32, out: usize, step: i32, bits: i32, shift: i32): void {
  const mask: u64 = bits === 64 ? 0xffffffffffffffff : ((<u64>1) << (<u64>bits)) - 1;
  let p = out;
  if (shift < 0) {
    for (let i = 0; i < n; i++, p += <usize>step) store<u64>(p, wordOf<T>(src, i) & mask);
    return;
  }
  for (let i = 0; i < n; i++, p += <usize>step)
    store<u64>(p, load<u64>(p) | ((wordOf<T>(src, i) & mask) << (<u64>shift)));
}
/** Ors the low `bits` of each value, shifted, into words `step` bytes apart; shift −1 writes them. Kinds as in sort.ts. */
export function packWords(kind: i32, src: usize, n: i32, out: usize, step: i32, bits: i32, shift: i32): void {
  switch (kind) {
    case 0:
      pack<bool>(src, n, out, step, bits, shift);
      break;
    case 1:
      pack<i8>(src, n, out, step, bits, shift);
      break;
    case 2:
      pack<u8>(src, n, out, step, bits, shift);
      break;
    case 3:
      pack<i16>(src, n, out, step, bits, shift);
      break;
    case 4:
      pack<u16>(src, n, out, step, bits, shift);
      break;
    case 5:
      pack<i32>(src, n, out, step, bits, shift);
      break;
    case 6:
      pack<u32>(src, n, out, step, bits, shift);
      break;
    case 9:
      pack<f32>(src, n, out, step, bits, shift);
      break;
    case 10:
      pack<f64>(src, n, out, step, bits, shift);
      break;
    default:
      pack<u64>(src, n, out, step, bits, shift);
  }
}
/** Copies 16-byte values to cells `step` bytes apart. */
export function packCells(src: usize, n: i32, out: usize, step: i32): void {
  for (let i = 0; i < n; i++) v128.store(out + <usize>i * <usize>step, v128.load(src + ((<usize>i) << 4)));
}
function packBetween<T>(src: usize, n: i32, out: usize, range: usize, shift: u64, valid: usize): void {
  const lo = load<u64>(range);
  const span = load<u64>(range, 8) - lo;
  for (let i = 0; i < n; i++) {
    const at = wordOf<T>(src, i) - lo;
    const p = out + ((<usize>i) << 3);
    if (at > span) {
      const bits = valid + (<usize>i >> 3);
      store<u8>(bits, load<u8>(bits) & ~(<u8>((<u32>1) << (<u32>i & 7))));
    } else store<u64>(p, load<u64>(p) | (at << shift));
  }
}
/** Ors integers less the least, shifted, into words; what leaves the range {least, greatest} is made invalid. */
export function packRanged(kind: i32, src: usize, n: i32, out: usize, range: usize, shift: i32, valid: usize): void {
  const by = <u64>shift;
  switch (kind) {
    case 0:
      packBetween<bool>(src, n, out, range, by, valid);
      break;
    case 1:
      packBetween<i8>(src, n, out, range, by, valid);
      break;
    case 2:
      packBetween<u8>(src, n, out, range, by, valid);
      break;
    case 3:
      packBetween<i16>(src, n, out, range, by, valid);
      break;
    case 4:
      packBetween<u16>(src, n, out, range, by, valid);
      break;
    case 5:
      packBetween<i32>(src, n, out, range, by, valid);
      break;
    case 6:
      packBetween<u32>(src, n, out, range, by, valid);
      break;
    default:
      packBetween<u64>(src, n, out, range, by, valid);
  }
}

/** Least and greatest of the valid words, as signed numbers, to `out`. Returns how many there are. */
export function wordRange(words: usize, valid: usize, n: i32, out: usize): i32 {
  let lo: i64 = i64.MAX_VALUE;
  let hi: i64 = i64.MIN_VALUE;
  let some = 0;
  for (let i = 0; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const k = load<i64>(words + ((<usize>i) << 3));
    lo = min<i64>(lo, k);
    hi = max<i64>(hi, k);
    some++;
  }
  store<i64>(out, lo);
  store<i64>(out, hi, 8);
  return some;
}

// Each build runs from the last row to the first, so that chains rise. It returns the number of keys met before.

export function buildDense(words: usize, valid: usize, n: i32, least: usize, slots: usize, next: usize): i32 {
  const lo = load<u64>(least);
  let repeats = 0;
  for (let i = n - 1; i >= 0; i--) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const p = slots + ((<usize>(load<u64>(words + ((<usize>i) << 3)) - lo)) << 2);
    const head = load<u32>(p);
    if (head !== 0) repeats++;
    store<u32>(next + ((<usize>i) << 2), head);
    store<u32>(p, <u32>i + 1);
  }
  return repeats;
}
export function lookupDense(
  words: usize,
  valid: usize,
  n: i32,
  least: usize,
  range: f64,
  slots: usize,
  heads: usize,
): void {
  const lo = load<u64>(least);
  const size = <u64>range;
  for (let i = 0; i < n; i++) {
    const at = load<u64>(words + ((<usize>i) << 3)) - lo;
    let head: u32 = 0;
    if (at < size && (valid === 0 || isValid(valid, i))) head = load<u32>(slots + ((<usize>at) << 2));
    store<u32>(heads + ((<usize>i) << 2), head);
  }
}

/** Slots of 16 bytes: { u64 word, u32 head, u32 unused }; a power of two of them, `bits`. */
export function buildWords(words: usize, valid: usize, n: i32, slots: usize, bits: i32, next: usize): i32 {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  let repeats = 0;
  for (let i = n - 1; i >= 0; i--) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const k = load<u64>(words + ((<usize>i) << 3));
    let s = <usize>(hash64(k) >> shift);
    for (;;) {
      const p = slots + (s << 4);
      const head = load<u32>(p, 8);
      if (head === 0 || load<u64>(p) === k) {
        if (head === 0) store<u64>(p, k);
        else repeats++;
        store<u32>(next + ((<usize>i) << 2), head);
        store<u32>(p, <u32>i + 1, 8);
        break;
      }
      s = (s + 1) & mask;
    }
  }
  return repeats;
}
export function lookupWords(words: usize, valid: usize, n: i32, slots: usize, bits: i32, heads: usize): void {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  for (let i = 0; i < n; i++) {
    let head: u32 = 0;
    if (valid === 0 || isValid(valid, i)) {
      const k = load<u64>(words + ((<usize>i) << 3));
      let s = <usize>(hash64(k) >> shift);
      for (;;) {
        const p = slots + (s << 4);
        head = load<u32>(p, 8);
        if (head === 0 || load<u64>(p) === k) break;
        s = (s + 1) & mask;
      }
    }
    store<u32>(heads + ((<usize>i) << 2), head);
  }
}

/** Sets the bit of every key: bit `key − least`, or with a `shift` that many low bits of its hash cut off. */
export function fillFilter(words: usize, valid: usize, n: i32, least: usize, shift: i32, bits: usize): void {
  const lo = load<u64>(least);
  for (let i = 0; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const k = load<u64>(words + ((<usize>i) << 3)) - lo;
    const at = shift === 0 ? k : (k * MIX) >> <u64>shift;
    const p = bits + <usize>(at >> 3);
    store<u8>(p, load<u8>(p) | <u8>((<u32>1) << (<u32>at & 7)));
  }
}
/** The rows whose key may be in the table: with `shift` 0, where bits [0, range) are, it is. */
export function passFilter(
  words: usize,
  valid: usize,
  n: i32,
  least: usize,
  range: f64,
  shift: i32,
  bits: usize,
  rows: usize,
): i32 {
  const lo = load<u64>(least);
  const size = <u64>range;
  let out = rows;
  for (let i = 0; i < n; i++) {
    const k = load<u64>(words + ((<usize>i) << 3)) - lo;
    let at = shift === 0 ? k : (k * MIX) >> <u64>shift;
    const inside: u32 = at < size ? 1 : 0;
    at = inside ? at : 0;
    let passes = inside & ((<u32>load<u8>(bits + <usize>(at >> 3)) >> (<u32>at & 7)) & 1);
    if (valid !== 0) passes &= isValid(valid, i) ? 1 : 0;
    store<u32>(out, <u32>i);
    out += (<usize>passes) << 2;
  }
  return <i32>((out - rows) >> 2);
}
/** Head 1 for the given rows, 0 for the others. */
export function markRows(rows: usize, count: i32, n: i32, heads: usize): void {
  memory.fill(heads, 0, (<usize>n) << 2);
  for (let i = 0; i < count; i++) store<u32>(heads + ((<usize>load<u32>(rows + ((<usize>i) << 2))) << 2), 1);
}
/** Words of the given rows, one behind the other. */
export function pickWords(words: usize, rows: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u64>(out + ((<usize>i) << 3), load<u64>(words + ((<usize>load<u32>(rows + ((<usize>i) << 2))) << 3)));
}
/** Heads of picked rows at their places among all rows, 0 elsewhere. */
export function spreadHeads(picked: usize, rows: usize, count: i32, n: i32, heads: usize): void {
  memory.fill(heads, 0, (<usize>n) << 2);
  for (let i = 0; i < count; i++)
    store<u32>(heads + ((<usize>load<u32>(rows + ((<usize>i) << 2))) << 2), load<u32>(picked + ((<usize>i) << 2)));
}
/** Slots of 8 bytes for words less than 2^32 above the least: { u32 word − least, u32 head }. */
export function buildShort(
  words: usize,
  valid: usize,
  n: i32,
  least: usize,
  slots: usize,
  bits: i32,
  next: usize,
): i32 {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  const lo = load<u64>(least);
  let repeats = 0;
  for (let i = n - 1; i >= 0; i--) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const k = load<u64>(words + ((<usize>i) << 3)) - lo;
    let s = <usize>((k * MIX) >> shift);
    for (;;) {
      const p = slots + (s << 3);
      const e = load<u64>(p);
      const head = <u32>(e >> 32);
      if (head === 0 || <u32>e === <u32>k) {
        if (head !== 0) repeats++;
        store<u32>(next + ((<usize>i) << 2), head);
        store<u64>(p, k | ((<u64>(i + 1)) << 32));
        break;
      }
      s = (s + 1) & mask;
    }
  }
  return repeats;
}
export function lookupShort(
  words: usize,
  valid: usize,
  n: i32,
  least: usize,
  slots: usize,
  bits: i32,
  heads: usize,
): void {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  const lo = load<u64>(least);
  for (let i = 0; i < n; i++) {
    let head: u32 = 0;
    const k = load<u64>(words + ((<usize>i) << 3)) - lo;
    if (k >> 32 === 0 && (valid === 0 || isValid(valid, i))) {
      let s = <usize>((k * MIX) >> shift);
      for (;;) {
        const e = load<u64>(slots + (s << 3));
        head = <u32>(e >> 32);
        if (head === 0 || <u32>e === <u32>k) break;
        s = (s + 1) & mask;
      }
    }
    store<u32>(heads + ((<usize>i) << 2), head);
  }
}

function hashCells(p: usize, cells: i32, views: i32): u64 {
  let h: u64 = 0;
  for (let c = 0; c < cells; c++, p += 16) {
    const one = (views >> c) & 1 ? hashView(p) : hash128(load<u64>(p), load<u64>(p, 8));
    h = c === 0 ? one : hash64(h ^ one);
  }
  return h;
}
function equalCells(p: usize, q: usize, cells: i32, views: i32): bool {
  for (let c = 0; c < cells; c++, p += 16, q += 16) {
    if (load<u64>(p) !== load<u64>(q)) return false;
    if ((views >> c) & 1 ? !equalViews(p, q) : load<u64>(p, 8) !== load<u64>(q, 8)) return false;
  }
  return true;
}
/** Slots of 8 bytes: { u32 of the hash, u32 head }; the keys themselves stay in `keys`. */
export function buildCells(
  keys: usize,
  cells: i32,
  views: i32,
  valid: usize,
  n: i32,
  slots: usize,
  bits: i32,
  next: usize,
): i32 {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  const width = (<usize>cells) << 4;
  let repeats = 0;
  for (let i = n - 1; i >= 0; i--) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const key = keys + <usize>i * width;
    const h = hashCells(key, cells, views);
    let s = <usize>(h >> shift);
    for (;;) {
      const p = slots + (s << 3);
      const e = load<u64>(p);
      const head = <u32>(e >> 32);
      if (head === 0 || (<u32>e === <u32>h && equalCells(key, keys + <usize>(head - 1) * width, cells, views))) {
        if (head !== 0) repeats++;
        store<u32>(next + ((<usize>i) << 2), head);
        store<u64>(p, (h & 0xffffffff) | ((<u64>(i + 1)) << 32));
        break;
      }
      s = (s + 1) & mask;
    }
  }
  return repeats;
}
export function lookupCells(
  probe: usize,
  keys: usize,
  cells: i32,
  views: i32,
  valid: usize,
  n: i32,
  slots: usize,
  bits: i32,
  heads: usize,
): void {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  const width = (<usize>cells) << 4;
  for (let i = 0; i < n; i++) {
    let head: u32 = 0;
    if (valid === 0 || isValid(valid, i)) {
      const key = probe + <usize>i * width;
      const h = hashCells(key, cells, views);
      let s = <usize>(h >> shift);
      for (;;) {
        const e = load<u64>(slots + (s << 3));
        head = <u32>(e >> 32);
        if (head === 0) break;
        if (<u32>e === <u32>h && equalCells(key, keys + <usize>(head - 1) * width, cells, views)) break;
        s = (s + 1) & mask;
      }
    }
    store<u32>(heads + ((<usize>i) << 2), head);
  }
}

/** The same for keys that are one view each. */
export function lookupViews(
  probe: usize,
  keys: usize,
  valid: usize,
  n: i32,
  slots: usize,
  bits: i32,
  heads: usize,
): void {
  const shift = <u64>(64 - bits);
  const mask: usize = ((<usize>1) << bits) - 1;
  for (let i = 0; i < n; i++) {
    let head: u32 = 0;
    if (valid === 0 || isValid(valid, i)) {
      const p = probe + ((<usize>i) << 4);
      const a = load<u64>(p);
      const b = load<u64>(p, 8);
      const long = <u32>a > 12;
      const h = long ? hashView(p) : hash128(a, b);
      let s = <usize>(h >> shift);
      for (;;) {
        const e = load<u64>(slots + (s << 3));
        head = <u32>(e >> 32);
        if (head === 0) break;
        if (<u32>e === <u32>h) {
          const q = keys + ((<usize>(head - 1)) << 4);
          // Long strings may differ in where their bytes lie.
          if (load<u64>(q) === a && (load<u64>(q, 8) === b || (long && equalViews(p, q)))) break;
        }
        s = (s + 1) & mask;
      }
    }
    store<u32>(heads + ((<usize>i) << 2), head);
  }
}

/** No match where the bit is 0. */
export function maskHeads(heads: usize, valid: usize, n: i32): void {
  for (let i = 0; i < n; i++) if (!isValid(valid, i)) store<u32>(heads + ((<usize>i) << 2), 0);
}
/** Pairs when no key repeats. Both outputs take one more row than there are. Returns how many. */
export function uniquePairs(heads: usize, n: i32, rows: usize, builds: usize): i32 {
  let out: usize = 0;
  for (let i = 0; i < n; i++) {
    const head = load<u32>(heads + ((<usize>i) << 2));
    store<u32>(rows + out, <u32>i);
    store<u32>(builds + out, head - 1);
    out += head !== 0 ? 4 : 0;
  }
  return <i32>(out >> 2);
}
/** heads → build rows in place, NO_ROW where there is none. Returns how many there are. */
export function uniqueRows(heads: usize, n: i32): i32 {
  let found = 0;
  for (let i = 0; i < n; i++) {
    const p = heads + ((<usize>i) << 2);
    const head = load<u32>(p);
    store<u32>(p, head - 1);
    found += head !== 0 ? 1 : 0;
  }
  return found;
}
/** Rows with a match (or without). Takes one more row than there are. Returns how many. */
export function rowsMatching(heads: usize, n: i32, matching: i32, rows: usize): i32 {
  const want = matching !== 0;
  let out = rows;
  for (let i = 0; i < n; i++) {
    store<u32>(out, <u32>i);
    out += (load<u32>(heads + ((<usize>i) << 2)) !== 0) === want ? 4 : 0;
  }
  return <i32>((out - rows) >> 2);
}
/**
 * Up to `room` pairs from where `state` { u32 row, u32 build row + 1 within its chain or 0 } stands. With `outer`, rows
 * without a match pair with NO_ROW. Returns how many; fewer than `room` at the end.
 */
export function chainPairs(
  heads: usize,
  next: usize,
  n: i32,
  outer: i32,
  state: usize,
  room: i32,
  rows: usize,
  builds: usize,
): i32 {
  let i = load<u32>(state);
  let at = load<u32>(state, 4);
  let out = 0;
  const end = <u32>n;
  while (i < end && out < room) {
    if (at === 0) at = load<u32>(heads + ((<usize>i) << 2));
    if (at === 0) {
      if (outer !== 0) {
        store<u32>(rows + ((<usize>out) << 2), i);
        store<u32>(builds + ((<usize>out) << 2), NO_ROW);
        out++;
      }
      i++;
      continue;
    }
    while (at !== 0 && out < room) {
      store<u32>(rows + ((<usize>out) << 2), i);
      store<u32>(builds + ((<usize>out) << 2), at - 1);
      out++;
      at = load<u32>(next + ((<usize>(at - 1)) << 2));
    }
    if (at === 0) i++;
  }
  store<u32>(state, i);
  store<u32>(state, at, 4);
  return out;
}
/** Sets the bits of the first build row of each key met. */
export function markHeads(heads: usize, n: i32, bits: usize): void {
  for (let i = 0; i < n; i++) {
    const head = load<u32>(heads + ((<usize>i) << 2));
    if (head === 0) continue;
    const p = bits + ((head - 1) >> 3);
    store<u8>(p, <u32>load<u8>(p) | (1 << ((head - 1) & 7)));
  }
}
/** Hands the bits on along the chains, which rise. */
export function spreadMarks(bits: usize, next: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    if (!isValid(bits, i)) continue;
    const at = load<u32>(next + ((<usize>i) << 2));
    if (at === 0) continue;
    const p = bits + ((at - 1) >> 3);
    store<u8>(p, <u32>load<u8>(p) | (1 << ((at - 1) & 7)));
  }
}
/** Pairs of rows [from, to) with build rows [low, high). */
export function crossPairs(from: i32, to: i32, low: i32, high: i32, rows: usize, builds: usize): void {
  let out: usize = 0;
  for (let i = from; i < to; i++)
    for (let k = low; k < high; k++, out += 4) {
      store<u32>(rows + out, <u32>i);
      store<u32>(builds + out, <u32>k);
    }
}
