// Decoding Parquet's values: strings, deltas, split bytes, and stored values made ours. Rules as in parquet.ts: every
// position is checked against the end, loads may pass it by 16 bytes, and what cannot be right is -1 (or address 0).

// ---- strings

/** Views of n strings of four length bytes and text each. Returns where the next one starts, or 0. */
export function plainViews(ptr: usize, end: usize, n: i32, out: usize): usize {
  let p = ptr;
  const o = out + ((<usize>n) << 4);
  for (let d = out; d < o; d += 16) {
    if (end - p < 4) return 0;
    const len = load<u32>(p);
    p += 4;
    if (<usize>len > end - p) return 0;
    putView(d, p, len);
    p += <usize>len;
  }
  return p;
}

/** Writes one view. Loads up to 15 bytes past a short string. */
function putView(d: usize, p: usize, len: u32): void {
  if (len <= 12) {
    store<u32>(d, len);
    const n = <u64>len;
    const lo = load<u64>(p);
    if (len <= 8) {
      // a shift by 64 would be a shift by 0
      const mask: u64 = len === 0 ? 0 : 0xffffffffffffffff >> (64 - n * 8);
      store<u64>(d, lo & mask, 4);
      store<u32>(d, 0, 12);
    } else {
      store<u64>(d, lo, 4);
      store<u32>(d, load<u32>(p, 8) & <u32>(((<u64>1) << ((n - 8) * 8)) - 1), 12);
    }
  } else {
    store<u32>(d, len);
    store<u64>(d, load<u64>(p), 4);
    store<u32>(d, <u32>p, 12);
  }
}

/** Of the next n strings the views of those at u32[sel …] − base, ascending, `wanted` of them. Returns as above. */
export function pickViews(ptr: usize, end: usize, n: i32, sel: usize, wanted: i32, base: i32, out: usize): usize {
  let p = ptr;
  let s = sel;
  const last = sel + ((<usize>wanted) << 2);
  let next = wanted > 0 ? <i32>load<u32>(s) - base : n;
  let d = out;
  for (let i = 0; i < n; i++) {
    if (end - p < 4) return 0;
    const len = load<u32>(p);
    p += 4;
    if (<usize>len > end - p) return 0;
    if (i === next) {
      putView(d, p, len);
      d += 16;
      s += 4;
      next = s < last ? <i32>load<u32>(s) - base : n;
    }
    p += <usize>len;
  }
  return p;
}

/** Passes over n strings. Returns where the next one starts, or 0. */
export function skipPlain(ptr: usize, end: usize, n: i32): usize {
  let p = ptr;
  for (let i = 0; i < n; i++) {
    if (end - p < 4) return 0;
    const len = load<u32>(p);
    p += 4;
    if (<usize>len > end - p) return 0;
    p += <usize>len;
  }
  return p;
}

/** Views of n values of `width` bytes each. */
export function fixedViews(ptr: usize, width: i32, n: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) putView(out + (i << 4), ptr + i * <usize>width, <u32>width);
}

/** Views of n strings with their lengths in an i32 array. Returns where the next one starts, or 0. */
export function lengthViews(lengths: usize, n: i32, ptr: usize, end: usize, out: usize): usize {
  let p = ptr;
  for (let i: usize = 0; i < <usize>n; i++) {
    const len = load<i32>(lengths + (i << 2));
    if (len < 0 || <usize>len > end - p) return 0;
    putView(out + (i << 4), p, <u32>len);
    p += <usize>len;
  }
  return p;
}

/** Total bytes of n strings given as shared prefix and rest; -1 when a length is negative. */
export function prefixedBytes(prefixes: usize, suffixes: usize, n: i32): f64 {
  let total: f64 = 0;
  for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
    const a = load<i32>(prefixes + i);
    const b = load<i32>(suffixes + i);
    if (a < 0 || b < 0) return -1;
    total += <f64>a + <f64>b;
  }
  return total;
}

/**
 * Strings that share a prefix with the one before: writes them one after another at `bytes` and their views at `out`.
 * `previous` is the last string of the values before. Returns where the next rest starts, or 0.
 */
export function prefixedViews(
  prefixes: usize,
  suffixes: usize,
  n: i32,
  ptr: usize,
  end: usize,
  previous: usize,
  previousLength: i32,
  bytes: usize,
  out: usize,
): usize {
  let p = ptr;
  let d = bytes;
  let prev = previous;
  let prevLen = previousLength;
  for (let i: usize = 0; i < <usize>n; i++) {
    const prefix = load<i32>(prefixes + (i << 2));
    const suffix = load<i32>(suffixes + (i << 2));
    if (prefix > prevLen || <usize>suffix > end - p) return 0;
    memory.copy(d, prev, prefix);
    memory.copy(d + <usize>prefix, p, suffix);
    prev = d;
    prevLen = prefix + suffix;
    putView(out + (i << 4), d, <u32>prevLen);
    p += <usize>suffix;
    d += <usize>prevLen;
  }
  return p;
}

/** True when none of n bytes is above 127. */
export function isAscii(p: usize, n: i32): i32 {
  let acc = i32x4.splat(0);
  let i = 0;
  for (; i + 16 <= n; i += 16) acc = v128.or(acc, v128.load(p + i));
  let rest: u32 = 0;
  for (; i < n; i++) rest |= <u32>load<u8>(p + i);
  return i8x16.bitmask(acc) === 0 && rest < 128 ? 1 : 0;
}

/** Whether bytes are well-formed UTF-8. */
function isUtf8(ptr: usize, len: usize): bool {
  let p = ptr;
  const end = ptr + len;
  while (p < end) {
    if (end - p >= 8 && (load<u64>(p) & 0x8080808080808080) === 0) {
      p += 8;
      continue;
    }
    const b = <u32>load<u8>(p);
    if (b < 128) {
      p++;
      continue;
    }
    let more: usize;
    let least: u32;
    let code: u32;
    if (b >= 0xc2 && b < 0xe0) {
      more = 1;
      least = 0x80;
      code = b & 31;
    } else if (b >= 0xe0 && b < 0xf0) {
      more = 2;
      least = 0x800;
      code = b & 15;
    } else if (b >= 0xf0 && b < 0xf5) {
      more = 3;
      least = 0x10000;
      code = b & 7;
    } else return false;
    if (end - p <= more) return false;
    for (let i: usize = 1; i <= more; i++) {
      const c = <u32>load<u8>(p + i);
      if ((c & 0xc0) !== 0x80) return false;
      code = (code << 6) | (c & 63);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    p += more + 1;
  }
  return true;
}
/** Number of the first of n strings that is not UTF-8, or -1. */
export function badUtf8(views: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) {
    const v = views + ((<usize>i) << 4);
    const len = load<u32>(v);
    if (!isUtf8(len <= 12 ? v + 4 : <usize>load<u32>(v, 12), <usize>len)) return i;
  }
  return -1;
}

// ---- DELTA_BINARY_PACKED. State: ptr u32, end u32, values per miniblock i32, miniblocks per block i32, values left
// i32, miniblock number i32, values left in the miniblock i32, bits taken of it u32, its width i32, address of the
// widths u32, started i32, total i32, last value i64, smallest delta i64.
const D_PTR: usize = 0;
const D_END: usize = 4;
const D_PER_MINI: usize = 8;
const D_MINIS: usize = 12;
const D_LEFT: usize = 16;
const D_MINI: usize = 20;
const D_MINI_LEFT: usize = 24;
const D_BIT: usize = 28;
const D_WIDTH: usize = 32;
const D_WIDTHS: usize = 36;
const D_STARTED: usize = 40;
const D_TOTAL: usize = 44;
const D_LAST: usize = 48;
const D_MIN: usize = 56;

/** A varint of up to 64 bits at the state's pointer; the pointer becomes 0xFFFFFFFF when it does not fit. */
function deltaVarint(s: usize): u64 {
  let p = <usize>load<u32>(s, D_PTR);
  const end = <usize>load<u32>(s, D_END);
  let value: u64 = 0;
  let shift: u64 = 0;
  for (;;) {
    if (p >= end || shift > 63) {
      store<u32>(s, 0xffffffff, D_PTR);
      return 0;
    }
    const b = <u64>load<u8>(p++);
    value |= (b & 127) << shift;
    if (b < 128) break;
    shift += 7;
  }
  store<u32>(s, <u32>p, D_PTR);
  return value;
}
function failed(s: usize): bool {
  return load<u32>(s, D_PTR) === 0xffffffff;
}

/** Reads the header. Returns the number of values, or -1. */
export function deltaInit(s: usize, ptr: usize, end: usize): i32 {
  store<u32>(s, <u32>ptr, D_PTR);
  store<u32>(s, <u32>end, D_END);
  const block = deltaVarint(s);
  if (failed(s)) return -1;
  const minis = deltaVarint(s);
  if (failed(s)) return -1;
  const total = deltaVarint(s);
  if (failed(s)) return -1;
  const first = deltaVarint(s);
  if (failed(s)) return -1;
  if (block === 0 || minis === 0 || block > 0x40000000 || minis > block || block % minis !== 0) return -1;
  const perMini = block / minis;
  if ((perMini & 31) !== 0 || total > 0x7fffffff) return -1;
  store<i32>(s, <i32>perMini, D_PER_MINI);
  store<i32>(s, <i32>minis, D_MINIS);
  store<i32>(s, <i32>total, D_LEFT);
  store<i32>(s, <i32>total, D_TOTAL);
  store<i32>(s, <i32>minis, D_MINI);
  store<i32>(s, 0, D_MINI_LEFT);
  store<u32>(s, 0, D_BIT);
  store<i32>(s, 0, D_WIDTH);
  store<i32>(s, 0, D_STARTED);
  store<i64>(s, <i64>(first >> 1) ^ -(<i64>(first & 1)), D_LAST);
  return <i32>total;
}

/** Moves to the next miniblock. */
function deltaMini(s: usize): bool {
  const minis = load<i32>(s, D_MINIS);
  let mini = load<i32>(s, D_MINI);
  const end = <usize>load<u32>(s, D_END);
  if (mini === minis) {
    const z = deltaVarint(s);
    if (failed(s)) return false;
    store<i64>(s, <i64>(z >> 1) ^ -(<i64>(z & 1)), D_MIN);
    const p = <usize>load<u32>(s, D_PTR);
    if (<usize>minis > end - p) return false;
    store<u32>(s, <u32>p, D_WIDTHS);
    store<u32>(s, <u32>p + <u32>minis, D_PTR);
    mini = 0;
  }
  const width = <i32>load<u8>(<usize>load<u32>(s, D_WIDTHS) + mini);
  if (width > 64) return false;
  const perMini = load<i32>(s, D_PER_MINI);
  const p = <usize>load<u32>(s, D_PTR);
  // the last miniblock need not be padded
  const needed = min(perMini, load<i32>(s, D_LEFT));
  if ((<u64>needed * <u64>width + 7) >> 3 > <u64>(end - p)) return false;
  store<i32>(s, width, D_WIDTH);
  store<u32>(s, 0, D_BIT);
  store<i32>(s, perMini, D_MINI_LEFT);
  store<i32>(s, mini + 1, D_MINI);
  return true;
}

/** Ends the current miniblock when it has no value left. */
function deltaMiniDone(s: usize): void {
  const bytes = (<u64>load<i32>(s, D_PER_MINI) * <u64>load<i32>(s, D_WIDTH)) >> 3;
  const p = <u64>load<u32>(s, D_PTR) + bytes;
  store<u32>(s, <u32>min<u64>(p, <u64>load<u32>(s, D_END)), D_PTR);
}

/** Decodes n values of 4 or 8 bytes. Returns n, or -1. */
export function deltaNext(s: usize, n: i32, bytes: i32, out: usize): i32 {
  if (n > load<i32>(s, D_LEFT)) return -1;
  let d = out;
  let todo = n;
  let last = load<i64>(s, D_LAST);
  if (todo > 0 && load<i32>(s, D_STARTED) === 0) {
    store<i32>(s, 1, D_STARTED);
    store<i32>(s, load<i32>(s, D_LEFT) - 1, D_LEFT);
    if (bytes === 8) store<i64>(d, last);
    else store<i32>(d, <i32>last);
    d += <usize>bytes;
    todo--;
  }
  while (todo > 0) {
    let left = load<i32>(s, D_MINI_LEFT);
    if (left === 0) {
      if (!deltaMini(s)) return -1;
      left = load<i32>(s, D_MINI_LEFT);
    }
    const k = min(left, todo);
    const width = <u64>load<i32>(s, D_WIDTH);
    const p = <usize>load<u32>(s, D_PTR);
    const least = load<i64>(s, D_MIN);
    let at = <u64>load<u32>(s, D_BIT);
    if (width <= 56) {
      const mask: u64 = ((<u64>1) << width) - 1;
      for (let i = 0; i < k; i++) {
        last += least + <i64>((load<u64>(p + <usize>(at >> 3)) >> (at & 7)) & mask);
        at += width;
        if (bytes === 8) store<i64>(d, last);
        else store<i32>(d, <i32>last);
        d += <usize>bytes;
      }
    } else {
      const mask: u64 = 0xffffffffffffffff >> (64 - width);
      for (let i = 0; i < k; i++) {
        const q = p + <usize>(at >> 3);
        const shift = at & 7;
        let v = load<u64>(q) >> shift;
        if (shift > 0) v |= (<u64>load<u8>(q, 8)) << (64 - shift);
        last += least + <i64>(v & mask);
        at += width;
        if (bytes === 8) store<i64>(d, last);
        else store<i32>(d, <i32>last);
        d += <usize>bytes;
      }
    }
    store<u32>(s, <u32>at, D_BIT);
    store<i32>(s, left - k, D_MINI_LEFT);
    store<i32>(s, load<i32>(s, D_LEFT) - k, D_LEFT);
    todo -= k;
    if (left === k) deltaMiniDone(s);
  }
  store<i64>(s, last, D_LAST);
  return n;
}

/** Address behind all values of a state just initialised, without decoding them; 0 when it does not fit. */
export function deltaEnd(s: usize): usize {
  let left = load<i32>(s, D_TOTAL) - 1;
  store<i32>(s, left, D_LEFT);
  while (left > 0) {
    if (!deltaMini(s)) return 0;
    left -= load<i32>(s, D_PER_MINI);
    store<i32>(s, max(left, 0), D_LEFT);
    deltaMiniDone(s);
  }
  return <usize>load<u32>(s, D_PTR);
}

// ---- BYTE_STREAM_SPLIT: byte b of value i lies at src + b * total + i

export function splitNext(src: usize, total: i32, at: i32, n: i32, width: i32, out: usize): void {
  const from = src + <usize>at;
  let done = 0;
  if (width === 8) done = split8(from, <usize>total, n, out);
  else if (width === 4) done = split4(from, <usize>total, n, out);
  for (let b = 0; b < width; b++) {
    const p = from + <usize>b * <usize>total;
    const o = out + <usize>b;
    for (let i = <usize>done; i < <usize>n; i++) store<u8>(o + i * <usize>width, load<u8>(p + i));
  }
}

/** Sixteen values of four bytes at a time. Returns how many values were put together. */
function split4(p: usize, step: usize, n: i32, out: usize): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const a = v128.load(p + i);
    const b = v128.load(p + step + i);
    const c = v128.load(p + 2 * step + i);
    const d = v128.load(p + 3 * step + i);
    const abLow = lowBytes(a, b);
    const abHigh = highBytes(a, b);
    const cdLow = lowBytes(c, d);
    const cdHigh = highBytes(c, d);
    const o = out + ((<usize>i) << 2);
    v128.store(o, lowPairs(abLow, cdLow));
    v128.store(o, highPairs(abLow, cdLow), 16);
    v128.store(o, lowPairs(abHigh, cdHigh), 32);
    v128.store(o, highPairs(abHigh, cdHigh), 48);
  }
  return i;
}

/** Sixteen values of eight bytes at a time. */
function split8(p: usize, step: usize, n: i32, out: usize): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    let q = p + <usize>i;
    const a = v128.load(q);
    const b = v128.load((q += step));
    const c = v128.load((q += step));
    const d = v128.load((q += step));
    const e = v128.load((q += step));
    const f = v128.load((q += step));
    const g = v128.load((q += step));
    const h = v128.load((q += step));
    const o = out + ((<usize>i) << 3);
    weave(lowBytes(a, b), lowBytes(c, d), lowBytes(e, f), lowBytes(g, h), o);
    weave(highBytes(a, b), highBytes(c, d), highBytes(e, f), highBytes(g, h), o + 64);
  }
  return i;
}
function weave(ab: v128, cd: v128, ef: v128, gh: v128, o: usize): void {
  const low = lowPairs(ab, cd);
  const high = highPairs(ab, cd);
  const low2 = lowPairs(ef, gh);
  const high2 = highPairs(ef, gh);
  v128.store(o, v128.shuffle<i32>(low, low2, 0, 4, 1, 5));
  v128.store(o, v128.shuffle<i32>(low, low2, 2, 6, 3, 7), 16);
  v128.store(o, v128.shuffle<i32>(high, high2, 0, 4, 1, 5), 32);
  v128.store(o, v128.shuffle<i32>(high, high2, 2, 6, 3, 7), 48);
}
function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// ---- stored values to ours

/** i32 → 1 or 2 bytes. */
export function narrow(src: usize, n: i32, bytes: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<u32>(src + (i << 2));
    if (bytes === 1) store<u8>(out + i, v);
    else store<u16>(out + (i << 1), v);
  }
}
/** i32 or i64 → i64 or i128, sign kept. Not in place. */
export function widen(src: usize, n: i32, from: i32, to: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = from === 4 ? <i64>load<i32>(src + (i << 2)) : load<i64>(src + (i << 3));
    if (to === 8) store<i64>(out + (i << 3), v);
    else {
      store<i64>(out + (i << 4), v);
      store<i64>(out + (i << 4), v >> 63, 8);
    }
  }
}
/** i32 or i64 times a factor, as i64. Not in place when widening. */
export function multiply(src: usize, n: i32, from: i32, factor: f64, out: usize): void {
  const by = <i64>factor;
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = from === 4 ? <i64>load<i32>(src + (i << 2)) : load<i64>(src + (i << 3));
    store<i64>(out + (i << 3), v * by);
  }
}
/**
 * INT96 (nanoseconds of the day, Julian day) → ticks of `nanos` since 1970. Returns the number of the first value that
 * does not fit into 64 bits of nanoseconds, or -1. Microseconds wrap: only Spark writes years that far away, and its
 * own arithmetic has then wrapped once already, so that wrapping again gives the time that was written.
 */
export function int96(src: usize, n: i32, nanos: i32, out: usize): i32 {
  const perDay: i64 = 86400000000000 / <i64>nanos;
  // the range of days whose ticks surely fit
  const most: i64 = 9223372036854775807 / perDay - 2;
  for (let i = 0; i < n; i++) {
    const p = src + <usize>i * 12;
    let ns = load<i64>(p);
    let day = <i64>load<i32>(p, 8) - 2440588;
    // times of day outside 0–24 h move the day
    let carry = ns / 86400000000000;
    ns -= carry * 86400000000000;
    if (ns < 0) {
      ns += 86400000000000;
      carry--;
    }
    day += carry;
    if (nanos === 1 && (day > most || day < -most)) return i;
    store<i64>(out + ((<usize>i) << 3), day * perDay + ns / <i64>nanos);
  }
  return -1;
}
/** IEEE half → single. */
export function halves(src: usize, n: i32, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const h = <u32>load<u16>(src + (i << 1));
    const sign = (h & 0x8000) << 16;
    const exponent = (h >> 10) & 31;
    const fraction = h & 0x3ff;
    let bits: u32;
    if (exponent === 31) bits = sign | 0x7f800000 | (fraction << 13);
    else if (exponent !== 0) bits = sign | ((exponent + 112) << 23) | (fraction << 13);
    else if (fraction === 0) bits = sign;
    else {
      const zeros = clz(fraction) - 21;
      bits = sign | ((113 - zeros) << 23) | (((fraction << zeros) & 0x3ff) << 13);
    }
    store<u32>(out + (i << 2), bits);
  }
}

/** One big-endian two's complement number of `len` bytes → i128 at out; false when it needs more. */
function bigEndian(p: usize, len: i32, out: usize): bool {
  let hi: i64 = 0;
  let lo: u64 = 0;
  if (len > 0 && load<i8>(p) < 0) {
    hi = -1;
    lo = 0xffffffffffffffff;
  }
  const fill = <u8>(hi & 255);
  for (let i = 0; i < len - 16; i++) if (load<u8>(p + i) !== fill) return false;
  if (len > 16 && load<i8>(p + len - 16) >> 7 !== <i8>fill) return false;
  for (let i = max(0, len - 16); i < len; i++) {
    hi = (hi << 8) | <i64>(lo >> 56);
    lo = (lo << 8) | <u64>load<u8>(p + i);
  }
  store<u64>(out, lo);
  store<i64>(out, hi, 8);
  return true;
}
/** Decimals of `width` bytes each → i64 or i128. Returns the number of the first that does not fit, or -1. */
export function fixedDecimals(src: usize, width: i32, n: i32, to: i32, out: usize, tmp: usize): i32 {
  for (let i = 0; i < n; i++) {
    const p = src + <usize>i * <usize>width;
    if (to === 16) {
      if (!bigEndian(p, width, out + ((<usize>i) << 4))) return i;
      continue;
    }
    if (!bigEndian(p, width, tmp)) return i;
    const lo = load<i64>(tmp);
    if (load<i64>(tmp, 8) !== lo >> 63) return i;
    store<i64>(out + ((<usize>i) << 3), lo);
  }
  return -1;
}
/** The same from views. Not in place. */
export function viewDecimals(views: usize, n: i32, to: i32, out: usize, tmp: usize): i32 {
  for (let i = 0; i < n; i++) {
    const v = views + ((<usize>i) << 4);
    const len = load<i32>(v);
    const p = <u32>len <= 12 ? v + 4 : <usize>load<u32>(v, 12);
    if (to === 16) {
      if (!bigEndian(p, len, out + ((<usize>i) << 4))) return i;
      continue;
    }
    if (!bigEndian(p, len, tmp)) return i;
    const lo = load<i64>(tmp);
    if (load<i64>(tmp, 8) !== lo >> 63) return i;
    store<i64>(out + ((<usize>i) << 3), lo);
  }
  return -1;
}
/** Whether n views all have `width` bytes; packs them one after another. */
export function packViews(views: usize, n: i32, width: i32, out: usize): i32 {
  for (let i = 0; i < n; i++) {
    const v = views + ((<usize>i) << 4);
    const len = load<i32>(v);
    if (len !== width) return -1;
    memory.copy(out + <usize>i * <usize>width, width <= 12 ? v + 4 : <usize>load<u32>(v, 12), width);
  }
  return n;
}
