// Encoding Parquet: levels and dictionary codes as runs, values compacted to the present ones and made what the file
// stores, bounds. Bitmaps start on bytes; bits past their end are unspecified. Writers may pass the end of what they
// fill by 16 bytes, which buffers have to spare; a function that fills returns the end.

import { encode, rehash } from './_parquet-dictionary';
import { putRun, putRuns, putVarint } from './_parquet-runs';

// ---- runs ----

/** Runs of n bytes of at most `width` bits. */
export function runsOfBytes(src: usize, n: u32, width: u32, out: usize): usize {
  return putRuns<u8>(src, n, width, out);
}

/** Runs of n u32 of at most `width` bits, 1 to 32. */
export function runsOfWords(src: usize, n: u32, width: u32, out: usize): usize {
  return putRuns<u32>(src, n, width, out);
}

const RUN_BYTES: usize = 6;

/** Runs of n bits. */
export function runsOfBits(bits: usize, n: u32, out: usize): usize {
  const whole = <usize>(n >> 3);
  const rest = n & 7;
  const last = rest === 0 ? 0 : <u32>load<u8>(bits + whole) & ((1 << rest) - 1);
  let p = out;
  let literals: usize = 0;
  let i: usize = 0;
  while (i < whole) {
    const b = <u32>load<u8>(bits + i);
    if (b !== 0 && b !== 255) {
      i++;
      continue;
    }
    let end = i + 1;
    const eight: u64 = b === 0 ? 0 : 0xffffffffffffffff;
    while (end + 8 <= whole && load<u64>(bits + end) === eight) end += 8;
    while (end < whole && <u32>load<u8>(bits + end) === b) end++;
    if (end - i < RUN_BYTES) {
      i = end;
      continue;
    }
    if (i > literals) {
      p = putVarint(p, ((<u32>(i - literals)) << 1) | 1);
      memory.copy(p, bits + literals, i - literals);
      p += i - literals;
    }
    let run = (<u32>(end - i)) << 3;
    const ends = end === whole && rest !== 0 && last === (b & ((1 << rest) - 1));
    if (ends) run += rest;
    p = putRun(b & 1, run, 1, p);
    if (ends) return p;
    i = end;
    literals = end;
  }
  const bytes = whole - literals + (rest === 0 ? 0 : 1);
  if (bytes === 0) return p;
  p = putVarint(p, ((<u32>bytes) << 1) | 1);
  memory.copy(p, bits + literals, whole - literals);
  if (rest !== 0) store<u8>(p + (whole - literals), last);
  return p + bytes;
}

// ---- present values ----

/** The values of the rows whose bit is set. */
function compact<T>(src: usize, bits: usize, n: i32, out: usize): usize {
  const width = (<usize>1) << alignof<T>();
  const bytes = (n + 7) >> 3;
  let d = out;
  let s = src;
  for (let i = 0; i < bytes; i++) {
    let b = <u32>load<u8>(bits + <usize>i);
    if (i === bytes - 1 && n & 7) b &= (1 << (n & 7)) - 1;
    if (b === 255) {
      memory.copy(d, s, width << 3);
      d += width << 3;
    } else
      while (b !== 0) {
        store<T>(d, load<T>(s + <usize>ctz(b) * width));
        d += width;
        b &= b - 1;
      }
    s += width << 3;
  }
  return d;
}

export function compact1(src: usize, bits: usize, n: i32, out: usize): usize {
  return compact<u8>(src, bits, n, out);
}
export function compact2(src: usize, bits: usize, n: i32, out: usize): usize {
  return compact<u16>(src, bits, n, out);
}
export function compact4(src: usize, bits: usize, n: i32, out: usize): usize {
  return compact<u32>(src, bits, n, out);
}
export function compact8(src: usize, bits: usize, n: i32, out: usize): usize {
  return compact<u64>(src, bits, n, out);
}
export function compact16(src: usize, bits: usize, n: i32, out: usize): usize {
  const bytes = (n + 7) >> 3;
  let d = out;
  let s = src;
  for (let i = 0; i < bytes; i++) {
    let b = <u32>load<u8>(bits + <usize>i);
    if (i === bytes - 1 && n & 7) b &= (1 << (n & 7)) - 1;
    while (b !== 0) {
      v128.store(d, v128.load(s + ((<usize>ctz(b)) << 4)));
      d += 16;
      b &= b - 1;
    }
    s += 128;
  }
  return d;
}

/** Bits of `src` where `bits` is set (0: everywhere), appended at bit `at` of `out`. Returns the bit behind them. */
export function compactBits(src: usize, bits: usize, n: i32, out: usize, at: i32): i32 {
  let to = at;
  let p = out + <usize>(at >> 3);
  let acc = <u32>load<u8>(p) & ((1 << (at & 7)) - 1);
  const bytes = (n + 7) >> 3;
  for (let i = 0; i < bytes; i++) {
    let mask: u32 = bits === 0 ? 255 : <u32>load<u8>(bits + <usize>i);
    if (i === bytes - 1 && n & 7) mask &= (1 << (n & 7)) - 1;
    const b = <u32>load<u8>(src + <usize>i);
    let kept = b;
    let count = 8;
    if (mask !== 255) {
      kept = 0;
      count = 0;
      while (mask !== 0) {
        kept |= ((b >> ctz(mask)) & 1) << count++;
        mask &= mask - 1;
      }
    }
    acc |= kept << (to & 7);
    const before = to & 7;
    to += count;
    if (before + count >= 8) {
      store<u8>(p++, acc);
      acc >>= 8;
    }
  }
  store<u8>(p, acc);
  return to;
}

/** n integers of a narrow kind (0 i8, 1 u8, 2 i16, 3 u16) as i32. */
export function widenIntegers(src: usize, kind: i32, n: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const v =
      kind === 0
        ? <i32>load<i8>(src + i)
        : kind === 1
          ? <i32>load<u8>(src + i)
          : kind === 2
            ? <i32>load<i16>(src + (i << 1))
            : <i32>load<u16>(src + (i << 1));
    store<i32>(out + (i << 2), v);
  }
}

/** The low halves of n i64. */
export function narrowLongs(src: usize, n: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) store<i32>(out + (i << 2), <i32>load<i64>(src + (i << 3)));
}

/** n 128-bit integers as the low `width` bytes, most significant first. */
export function bigEndian(src: usize, n: i32, width: i32, out: usize): usize {
  let d = out;
  for (let i: usize = 0; i < <usize>n; i++) {
    const s = src + (i << 4);
    for (let k = width - 1; k >= 0; k--) store<u8>(d++, load<u8>(s + <usize>k));
  }
  return d;
}

/** Copies in steps of 16, which for short strings is faster than an instruction of its own. */
function copyString(from: usize, length: usize, to: usize): void {
  if (length > 256) {
    memory.copy(to, from, length);
    return;
  }
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Strings behind their lengths. */
export function plainStrings(views: usize, n: i32, out: usize): usize {
  let d = out;
  const end = views + ((<usize>n) << 4);
  for (let p = views; p < end; p += 16) {
    const length = load<u32>(p);
    if (length <= 12) v128.store(d, v128.load(p));
    else {
      store<u32>(d, length);
      copyString(<usize>load<u32>(p, 12), length, d + 4);
    }
    d += <usize>length + 4;
  }
  return d;
}

/** How many of n strings, at least `least`, hold no more than `budget` bytes with their lengths. */
export function stringsWithin(views: usize, n: i32, budget: u32, least: i32): i32 {
  let bytes: u64 = 0;
  for (let i = 0; i < n; i++) {
    bytes += <u64>load<u32>(views + ((<usize>i) << 4)) + 4;
    if (bytes > <u64>budget && i >= least) return i;
  }
  return n;
}

// ---- dictionaries ----

export function encode4(
  src: usize,
  n: i32,
  table: usize,
  bits: i32,
  values: usize,
  count: u32,
  room: u32,
  codes: usize,
  countAt: usize,
): i32 {
  return encode<u32>(src, n, table, bits, values, count, room, codes, countAt);
}
export function encode8(
  src: usize,
  n: i32,
  table: usize,
  bits: i32,
  values: usize,
  count: u32,
  room: u32,
  codes: usize,
  countAt: usize,
): i32 {
  return encode<u64>(src, n, table, bits, values, count, room, codes, countAt);
}
export function encode16(
  src: usize,
  n: i32,
  table: usize,
  bits: i32,
  values: usize,
  count: u32,
  room: u32,
  codes: usize,
  countAt: usize,
): i32 {
  return encode<v128>(src, n, table, bits, values, count, room, codes, countAt);
}

/** Enters `count` values into an empty (zeroed) table of 2^bits slots. */
export function rehash4(values: usize, count: u32, table: usize, bits: i32): void {
  rehash<u32>(values, count, table, bits);
}
export function rehash8(values: usize, count: u32, table: usize, bits: i32): void {
  rehash<u64>(values, count, table, bits);
}
export function rehash16(values: usize, count: u32, table: usize, bits: i32): void {
  rehash<v128>(values, count, table, bits);
}

/** Bytes of n strings and their lengths. */
export function plainBytes(views: usize, n: i32): f64 {
  let bytes: u64 = 0;
  for (let i: usize = 0; i < <usize>n; i++) bytes += <u64>load<u32>(views + (i << 4)) + 4;
  return <f64>bytes;
}

/**
 * Distinct codes of n rows: `map` (0xFFFFFFFF everywhere) gets their numbers in order of first use, `list` the codes in
 * that order, `out` the number of each row. Returns how many there are.
 */
export function distinctCodes(codes: usize, n: i32, map: usize, list: usize, out: usize): i32 {
  let count: u32 = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const code = load<u32>(codes + (i << 2));
    const at = map + ((<usize>code) << 2);
    let number = load<u32>(at);
    if (number === 0xffffffff) {
      number = count++;
      store<u32>(at, number);
      store<u32>(list + ((<usize>number) << 2), code);
    }
    store<u32>(out + (i << 2), number);
  }
  return <i32>count;
}

// ---- bounds ----

/** Least and greatest of n > 0 integers: least at `out`, greatest 8 bytes on, both as 64 bits. */
export function boundsI32(src: usize, n: i32, out: usize): void {
  let low = load<i32>(src);
  let high = low;
  const end = src + ((<usize>n) << 2);
  let p = src;
  let lows = i32x4.splat(low);
  let highs = lows;
  for (; p + 16 <= end; p += 16) {
    const v = v128.load(p);
    lows = i32x4.min_s(lows, v);
    highs = i32x4.max_s(highs, v);
  }
  v128.store(out, lows);
  v128.store(out, highs, 16);
  for (let k: usize = 0; k < 16; k += 4) {
    low = min(low, load<i32>(out + k));
    high = max(high, load<i32>(out + k, 16));
  }
  for (; p < end; p += 4) {
    low = min(low, load<i32>(p));
    high = max(high, load<i32>(p));
  }
  store<i64>(out, <i64>low);
  store<i64>(out, <i64>high, 8);
}

export function boundsU32(src: usize, n: i32, out: usize): void {
  let low = load<u32>(src);
  let high = low;
  for (let i: usize = 1; i < <usize>n; i++) {
    const v = load<u32>(src + (i << 2));
    low = min(low, v);
    high = max(high, v);
  }
  store<u64>(out, <u64>low);
  store<u64>(out, <u64>high, 8);
}

export function boundsI64(src: usize, n: i32, out: usize): void {
  let low = load<i64>(src);
  let high = low;
  for (let i: usize = 1; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    low = min(low, v);
    high = max(high, v);
  }
  store<i64>(out, low);
  store<i64>(out, high, 8);
}

export function boundsU64(src: usize, n: i32, out: usize): void {
  let low = load<u64>(src);
  let high = low;
  for (let i: usize = 1; i < <usize>n; i++) {
    const v = load<u64>(src + (i << 3));
    low = min(low, v);
    high = max(high, v);
  }
  store<u64>(out, low);
  store<u64>(out, high, 8);
}

/** Rows of the least and the greatest of n > 0 signed 128-bit integers, as two u32. */
export function boundsI128(src: usize, n: i32, out: usize): void {
  let low = src;
  let high = src;
  for (let i: usize = 1; i < <usize>n; i++) {
    const p = src + (i << 4);
    const top = load<i64>(p, 8);
    if (top < load<i64>(low, 8) || (top === load<i64>(low, 8) && load<u64>(p) < load<u64>(low))) low = p;
    if (top > load<i64>(high, 8) || (top === load<i64>(high, 8) && load<u64>(p) > load<u64>(high))) high = p;
  }
  store<u32>(out, <u32>((low - src) >> 4));
  store<u32>(out, <u32>((high - src) >> 4), 4);
}

/** Least and greatest of the n floats that are numbers, as f64; returns how many are not. */
export function boundsF32(src: usize, n: i32, out: usize): i32 {
  let low: f32 = Infinity;
  let high: f32 = -Infinity;
  let nan = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<f32>(src + (i << 2));
    nan += ne(v, v) ? 1 : 0;
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  store<f64>(out, <f64>low);
  store<f64>(out, <f64>high, 8);
  return nan;
}

export function boundsF64(src: usize, n: i32, out: usize): i32 {
  let low: f64 = Infinity;
  let high: f64 = -Infinity;
  let nan = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<f64>(src + (i << 3));
    nan += ne(v, v) ? 1 : 0;
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  store<f64>(out, low);
  store<f64>(out, high, 8);
  return nan;
}

/** Less than 0, 0 or more by the bytes of two strings whose first eight are equal. */
function compareRest(a: usize, b: usize): i32 {
  const la = load<u32>(a);
  const lb = load<u32>(b);
  const n = <usize>min(la, lb);
  if (n > 8) {
    const p = la <= 12 ? a + 4 : <usize>load<u32>(a, 12);
    const q = lb <= 12 ? b + 4 : <usize>load<u32>(b, 12);
    if (p !== q) {
      const c = memory.compare(p, q, n);
      if (c !== 0) return c;
    }
  }
  return la < lb ? -1 : la > lb ? 1 : 0;
}

/** Rows of the least and the greatest of n > 0 strings by their bytes, as two u32. */
export function boundsStrings(views: usize, n: i32, out: usize): void {
  let low = views;
  let high = views;
  let lowHead = bswap(load<u64>(views, 4));
  let highHead = lowHead;
  for (let i: usize = 1; i < <usize>n; i++) {
    const p = views + (i << 4);
    const head = bswap(load<u64>(p, 4));
    if (head < lowHead || (head === lowHead && compareRest(p, low) < 0)) {
      low = p;
      lowHead = head;
    }
    if (head > highHead || (head === highHead && compareRest(p, high) > 0)) {
      high = p;
      highHead = head;
    }
  }
  store<u32>(out, <u32>((low - views) >> 4));
  store<u32>(out, <u32>((high - views) >> 4), 4);
}

// ---- levels of nested columns ----

// An entry is a repetition level, a definition level and the row it stands for in the vector at hand, NO_SLOT when it
// ended above: at a null or an empty list.
const NO_SLOT: u32 = 0xffffffff;

/** Ends the entries whose row is null; the others' definition level rises by `plus`. Returns how many ended. */
export function endNulls(
  def: usize,
  slots: usize,
  n: i32,
  validity: usize,
  plus: u32,
  outDef: usize,
  outSlots: usize,
): i32 {
  let ended = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const level = <u32>load<u8>(def + i);
    const slot = load<u32>(slots + (i << 2));
    if (slot === NO_SLOT) {
      store<u8>(outDef + i, level);
      store<u32>(outSlots + (i << 2), NO_SLOT);
      continue;
    }
    const valid = validity === 0 || ((<u32>load<u8>(validity + <usize>(slot >> 3)) >> (slot & 7)) & 1) !== 0;
    store<u8>(outDef + i, valid ? level + plus : level);
    store<u32>(outSlots + (i << 2), valid ? slot : NO_SLOT);
    if (!valid) ended++;
  }
  return ended;
}

/**
 * One entry per item of the lists, of `size` items each where there are no offsets; an empty list's entry ends. `level`
 * is the repetition level of items that are not the first. Returns how many entries there are; writes none at 0.
 */
export function openLists(
  rep: usize,
  def: usize,
  slots: usize,
  n: i32,
  offsets: usize,
  size: u32,
  level: u32,
  outRep: usize,
  outDef: usize,
  outSlots: usize,
): i32 {
  let count: usize = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const slot = load<u32>(slots + (i << 2));
    let from: u32 = 0;
    let to: u32 = 0;
    if (slot !== NO_SLOT) {
      const at = offsets + ((<usize>slot) << 2);
      from = offsets === 0 ? slot * size : load<u32>(at);
      to = offsets === 0 ? from + size : load<u32>(at, 4);
    }
    if (outRep === 0) {
      count += <usize>max(to - from, 1);
      continue;
    }
    const above = <u32>load<u8>(def + i);
    store<u8>(outRep + count, load<u8>(rep + i));
    if (to === from) {
      store<u8>(outDef + count, above);
      store<u32>(outSlots + (count << 2), NO_SLOT);
      count++;
      continue;
    }
    for (let k = from; k < to; k++) {
      if (k > from) store<u8>(outRep + count, level);
      store<u8>(outDef + count, above + 1);
      store<u32>(outSlots + (count << 2), k);
      count++;
    }
  }
  return <i32>count;
}

/** The rows of the entries that did not end. Returns how many. */
export function liveSlots(slots: usize, n: i32, out: usize): i32 {
  let count: usize = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const slot = load<u32>(slots + (i << 2));
    store<u32>(out + (count << 2), slot);
    count += slot === NO_SLOT ? 0 : 1;
  }
  return <i32>count;
}
