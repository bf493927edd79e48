// Decoding Parquet's encodings. A decoder's state lies in the heap (see the offsets below), so that a page is decoded
// morsel by morsel and never as a whole. Readers check every position against the end of the page; loads may pass it
// by 16 bytes, which buffers have to spare. What cannot be right is answered with -1 (or address 0).
import { expand, gather, gatherNulls, onesOf } from './_parquet-gather';

// RLE / bit-packed hybrid: ptr u32, end u32, bitWidth i32, repeats left i32, repeated value u32, literals left i32,
// bits of the literal run already taken u32, end of the literal run u32, largest value of the last call u32.
const R_PTR: usize = 0;
const R_END: usize = 4;
const R_WIDTH: usize = 8;
const R_RUN: usize = 12;
const R_VALUE: usize = 16;
const R_LIT: usize = 20;
const R_BIT: usize = 24;
const R_LIT_END: usize = 28;
const R_MOST: usize = 32;

export function rleInit(s: usize, ptr: usize, end: usize, width: i32): void {
  store<u32>(s, <u32>ptr, R_PTR);
  store<u32>(s, <u32>end, R_END);
  store<i32>(s, width, R_WIDTH);
  store<i32>(s, 0, R_RUN);
  store<u32>(s, 0, R_VALUE);
  store<i32>(s, 0, R_LIT);
  store<u32>(s, 0, R_BIT);
  store<u32>(s, <u32>ptr, R_LIT_END);
}

/** Makes the state one literal run of n values: for levels in the old bit-packed encoding after `flipBits`. */
export function rleLiteral(s: usize, ptr: usize, end: usize, width: i32, n: i32): void {
  rleInit(s, ptr, end, width);
  store<i32>(s, n, R_LIT);
  store<u32>(s, <u32>end, R_LIT_END);
}

/** Reads the header of the next run. False when there is none or it does not fit. */
function nextRun(s: usize): bool {
  // a literal run may end before its padding
  if (load<u32>(s, R_BIT) !== 0) {
    store<u32>(s, load<u32>(s, R_LIT_END), R_PTR);
    store<u32>(s, 0, R_BIT);
  }
  let p = <usize>load<u32>(s, R_PTR);
  const end = <usize>load<u32>(s, R_END);
  const width = load<i32>(s, R_WIDTH);
  let header: u32 = 0;
  let shift: u32 = 0;
  for (;;) {
    if (p >= end || shift > 28) return false;
    const b = <u32>load<u8>(p++);
    header |= (b & 127) << shift;
    if (b < 128) break;
    shift += 7;
  }
  const count = header >> 1;
  if (count === 0) {
    // an empty run: allowed nowhere, but harmless; go on behind it
    if (!(header & 1)) p += <usize>((width + 7) >> 3);
    store<u32>(s, <u32>p, R_PTR);
    return p <= end;
  }
  if (header & 1) {
    const bytes = <u64>count * <u64>width;
    // the last group may be cut short by writers that do not pad
    const room = <u64>(end - p);
    let values = <u64>count * 8;
    if (bytes > room) {
      if (width === 0) return false;
      values = (room * 8) / <u64>width;
      if (values === 0) return false;
    }
    if (values > 0x7fffffff) values = 0x7fffffff;
    store<i32>(s, <i32>values, R_LIT);
    store<u32>(s, 0, R_BIT);
    store<u32>(s, <u32>p, R_PTR);
    store<u32>(s, <u32>(bytes > room ? end : p + <usize>bytes), R_LIT_END);
    if (width === 0) {
      // no bits at all: the same as a run of zeroes
      store<i32>(s, <i32>values, R_RUN);
      store<u32>(s, 0, R_VALUE);
      store<i32>(s, 0, R_LIT);
    }
    return true;
  }
  const bytes = <usize>((width + 7) >> 3);
  if (bytes > end - p) return false;
  let value: u32 = 0;
  if (bytes > 0) {
    const unused = 32 - <u32>bytes * 8;
    value = (load<u32>(p) << unused) >> unused;
  }
  store<i32>(s, <i32>min<u32>(count, 0x7fffffff), R_RUN);
  store<u32>(s, value, R_VALUE);
  store<u32>(s, <u32>(p + bytes), R_PTR);
  return true;
}

/** Unpacks n values of `width` bits that start `bit` bits behind p. Returns the largest. */
function unpack32(p: usize, bit: u32, width: i32, n: i32, out: usize): u32 {
  let most: u32 = 0;
  let done = 0;
  if (width <= 25 && n >= 24) {
    most = unpackWide(p, bit, width, n >> 3, out);
    done = n & ~7;
  }
  const mask: u64 = ((<u64>1) << (<u64>width)) - 1;
  let at = <u64>bit + <u64>done * <u64>width;
  const end = out + ((<usize>n) << 2);
  for (let d = out + ((<usize>done) << 2); d < end; d += 4) {
    const v = <u32>((load<u64>(p + <usize>(at >> 3)) >> (at & 7)) & mask);
    most = max(most, v);
    store<u32>(d, v);
    at += <u64>width;
  }
  return most;
}

/**
 * Groups of eight values, at most 25 bits each: every lane gets the four bytes that hold its value, a multiplication
 * moves the value to bit 7 (there is no shift by lane), and one shift moves it down. Eight values fill whole bytes, so
 * the lanes' bytes and factors are the same for each group; they are laid out in `out` first.
 */
function unpackWide(p: usize, bit: u32, width: i32, groups: i32, out: usize): u32 {
  const second = <usize>((bit + 4 * <u32>width) >> 3);
  for (let k: u32 = 0; k < 8; k++) {
    const at = bit + k * <u32>width;
    const base = k < 4 ? 0 : <u32>second;
    const from = (at >> 3) - base;
    const lane = out + ((<usize>k) << 2);
    // index bytes first, factors 32 bytes on
    store<u32>(lane, from * 0x01010101 + 0x03020100);
    store<u32>(lane, (<u32>1) << (7 - (at & 7)), 32);
  }
  const indexA = v128.load(out);
  const indexB = v128.load(out, 16);
  const factorA = v128.load(out, 32);
  const factorB = v128.load(out, 48);
  const mask = i32x4.splat(<i32>(((<u32>1) << width) - 1));
  let most = i32x4.splat(0);
  let q = p;
  let d = out;
  for (let g = 0; g < groups; g++) {
    const a = i32x4.mul(i8x16.swizzle(v128.load(q), indexA), factorA);
    const b = i32x4.mul(i8x16.swizzle(v128.load(q + second), indexB), factorB);
    const x = v128.and(i32x4.shr_u(a, 7), mask);
    const y = v128.and(i32x4.shr_u(b, 7), mask);
    most = i32x4.max_u(most, i32x4.max_u(x, y));
    v128.store(d, x);
    v128.store(d, y, 16);
    q += <usize>width;
    d += 32;
  }
  return max(
    max(<u32>i32x4.extract_lane(most, 0), <u32>i32x4.extract_lane(most, 1)),
    max(<u32>i32x4.extract_lane(most, 2), <u32>i32x4.extract_lane(most, 3)),
  );
}

/** Decodes n values as u32, with the largest in the state. Returns how many there were. */
export function rleU32(s: usize, n: i32, out: usize): i32 {
  let done = 0;
  let most: u32 = 0;
  while (done < n) {
    const run = load<i32>(s, R_RUN);
    if (run > 0) {
      const k = min(run, n - done);
      most = max(most, load<u32>(s, R_VALUE));
      const v = i32x4.splat(load<i32>(s, R_VALUE));
      const o = out + ((<usize>done) << 2);
      for (let i: usize = 0; i < (<usize>k) << 2; i += 16) v128.store(o + i, v);
      store<i32>(s, run - k, R_RUN);
      done += k;
      continue;
    }
    const lit = load<i32>(s, R_LIT);
    if (lit > 0) {
      const k = min(lit, n - done);
      const width = load<i32>(s, R_WIDTH);
      const bit = load<u32>(s, R_BIT);
      const p = <usize>load<u32>(s, R_PTR);
      most = max(most, unpack32(p, bit, width, k, out + ((<usize>done) << 2)));
      advance(s, p, bit, width, k, lit);
      done += k;
      continue;
    }
    if (!nextRun(s)) break;
  }
  store<u32>(s, most, R_MOST);
  return done;
}

/** Takes k literals; keeps the bit position small by moving the pointer. */
function advance(s: usize, p: usize, bit: u32, width: i32, k: i32, lit: i32): void {
  const bits = <u64>bit + <u64>k * <u64>width;
  store<u32>(s, <u32>(p + <usize>(bits >> 3)), R_PTR);
  store<u32>(s, <u32>(bits & 7), R_BIT);
  store<i32>(s, lit - k, R_LIT);
  if (lit === k) {
    store<u32>(s, load<u32>(s, R_LIT_END), R_PTR);
    store<u32>(s, 0, R_BIT);
  }
}

/** Sets bits [at, at + n) to `one`; bits below stay, those after the last are 0. */
function fillBits(dst: usize, at: i32, n: i32, one: bool): void {
  let i = at;
  const end = at + n;
  while (i < end && i & 7) {
    const p = dst + (i >> 3);
    const keep = <u32>load<u8>(p) & ((1 << (i & 7)) - 1);
    store<u8>(p, one ? keep | (1 << (i & 7)) : keep);
    i++;
  }
  const whole = (end - i) >> 3;
  memory.fill(dst + (i >> 3), one ? 255 : 0, whole);
  i += whole << 3;
  if (i < end) store<u8>(dst + (i >> 3), one ? ((<u32>1) << (end - i)) - 1 : 0);
}

/** Copies n bits from `from` bits behind p to bit `at` of dst; returns how many are set. */
function copyBits(p: usize, from: u32, n: i32, dst: usize, at: i32): i32 {
  let ones = 0;
  let i = 0;
  while (i < n) {
    const k = min(56, n - i);
    const src = from + <u32>i;
    const word = (load<u64>(p + (src >> 3)) >> <u64>(src & 7)) & (((<u64>1) << (<u64>k)) - 1);
    ones += <i32>popcnt(word);
    const to = at + i;
    const d = dst + (to >> 3);
    const shift = <u64>(to & 7);
    const low = <u64>load<u8>(d) & (((<u64>1) << shift) - 1);
    store<u64>(d, low | (word << shift));
    i += k;
  }
  return ones;
}

/** n bits from bit `from` of src to bit `at` of dst; bits of dst below stay. Returns how many are set. */
export function moveBits(src: usize, from: i32, n: i32, dst: usize, at: i32): i32 {
  return copyBits(src, <u32>from, n, dst, at);
}

/** Decodes n one-bit values to bits [at, at + n) of dst. Returns how many are set, or -1. */
export function rleBits(s: usize, n: i32, dst: usize, at: i32): i32 {
  let done = 0;
  let ones = 0;
  while (done < n) {
    const run = load<i32>(s, R_RUN);
    if (run > 0) {
      const k = min(run, n - done);
      const value = load<u32>(s, R_VALUE);
      if (value > 1) return -1;
      fillBits(dst, at + done, k, value === 1);
      if (value === 1) ones += k;
      store<i32>(s, run - k, R_RUN);
      done += k;
      continue;
    }
    const lit = load<i32>(s, R_LIT);
    if (lit > 0) {
      const k = min(lit, n - done);
      const bit = load<u32>(s, R_BIT);
      const p = <usize>load<u32>(s, R_PTR);
      ones += copyBits(p, bit, k, dst, at + done);
      advance(s, p, bit, 1, k, lit);
      done += k;
      continue;
    }
    if (!nextRun(s)) return -1;
  }
  return ones;
}

/** Decodes n levels as bytes. Returns n, or -1 when there are fewer or one is above `most`. */
export function rleLevels(s: usize, n: i32, most: i32, out: usize): i32 {
  let done = 0;
  while (done < n) {
    const run = load<i32>(s, R_RUN);
    if (run > 0) {
      const k = min(run, n - done);
      const value = load<u32>(s, R_VALUE);
      if (value > <u32>most) return -1;
      memory.fill(out + done, <u8>value, k);
      store<i32>(s, run - k, R_RUN);
      done += k;
      continue;
    }
    const lit = load<i32>(s, R_LIT);
    if (lit > 0) {
      const k = min(lit, n - done);
      const width = load<i32>(s, R_WIDTH);
      const bit = load<u32>(s, R_BIT);
      const p = <usize>load<u32>(s, R_PTR);
      const mask: u32 = ((<u32>1) << width) - 1;
      let at = <u64>bit;
      let worst: u32 = 0;
      for (let i = 0; i < k; i++) {
        const v = (<u32>load<u16>(p + <usize>(at >> 3)) >> <u32>(at & 7)) & mask;
        worst = max(worst, v);
        store<u8>(out + done + i, v);
        at += <u64>width;
      }
      if (worst > <u32>most) return -1;
      advance(s, p, bit, width, k, lit);
      done += k;
      continue;
    }
    if (!nextRun(s)) return -1;
  }
  return n;
}

/** Turns levels packed from the highest bit down into the order everything else uses, for n values. */
export function flipLevels(src: usize, n: i32, width: i32, dst: usize): void {
  const bytes = <usize>((<i64>n * <i64>width + 7) >> 3);
  memory.fill(dst, 0, bytes);
  for (let i = 0; i < n; i++) {
    let v: u32 = 0;
    for (let b = 0; b < width; b++) {
      const at = <u64>i * <u64>width + <u64>b;
      v = (v << 1) | ((<u32>load<u8>(src + <usize>(at >> 3)) >> (7 - <u32>(at & 7))) & 1);
    }
    for (let b = 0; b < width; b++) {
      const at = <u64>i * <u64>width + <u64>b;
      const d = dst + <usize>(at >> 3);
      const to = <u32>(at & 7);
      store<u8>(d, <u32>load<u8>(d) | (((v >> b) & 1) << to));
    }
  }
}

// ---- dictionary pages: indices mapped through the decoded dictionary. `tmp` holds 1,024 u32.

const BLOCK = 1024;

function rleGather<T>(s: usize, n: i32, dict: usize, count: u32, out: usize, tmp: usize): i32 {
  let done = 0;
  while (done < n) {
    const run = load<i32>(s, R_RUN);
    const o = out + <usize>done * sizeof<T>();
    if (run >= 16) {
      const k = min(run, n - done);
      const code = load<u32>(s, R_VALUE);
      if (code >= count) return -1;
      const v = load<T>(dict + <usize>code * sizeof<T>());
      for (let i: usize = 0; i < <usize>k; i++) store<T>(o + i * sizeof<T>(), v);
      store<i32>(s, run - k, R_RUN);
      done += k;
      continue;
    }
    const k = min(BLOCK, n - done);
    // long runs inside a block are expanded to codes: correct, and rare enough
    if (rleU32(s, k, tmp) !== k) return -1;
    if (load<u32>(s, R_MOST) >= count) return -1;
    gather<T>(dict, tmp, k, o);
    done += k;
  }
  return n;
}
export function rleGather1(s: usize, n: i32, dict: usize, count: i32, out: usize, tmp: usize): i32 {
  return rleGather<u8>(s, n, dict, <u32>count, out, tmp);
}
export function rleGather2(s: usize, n: i32, dict: usize, count: i32, out: usize, tmp: usize): i32 {
  return rleGather<u16>(s, n, dict, <u32>count, out, tmp);
}
export function rleGather4(s: usize, n: i32, dict: usize, count: i32, out: usize, tmp: usize): i32 {
  return rleGather<u32>(s, n, dict, <u32>count, out, tmp);
}
export function rleGather8(s: usize, n: i32, dict: usize, count: i32, out: usize, tmp: usize): i32 {
  return rleGather<u64>(s, n, dict, <u32>count, out, tmp);
}
export function rleGather16(s: usize, n: i32, dict: usize, count: i32, out: usize, tmp: usize): i32 {
  return rleGather<v128>(s, n, dict, <u32>count, out, tmp);
}

/** Rows [at, at + n) of a validity bitmap: values for those whose bit is set, zero for the others. */
function rleGatherNulls<T>(
  s: usize,
  n: i32,
  bits: usize,
  at: i32,
  dict: usize,
  count: u32,
  out: usize,
  tmp: usize,
): i32 {
  for (let done = 0; done < n; done += BLOCK) {
    const rows = min(BLOCK, n - done);
    const k = onesOf(bits, at + done, rows);
    if (rleU32(s, k, tmp) !== k || (k > 0 && load<u32>(s, R_MOST) >= count)) return -1;
    // looked at, and not used, for nulls behind the last value
    if (k < BLOCK) store<u32>(tmp + ((<usize>k) << 2), 0);
    gatherNulls<T>(dict, tmp, bits, at + done, rows, out + <usize>done * sizeof<T>());
  }
  return n;
}
/** For values of `width` bytes: 4, 8 or 16. */
export function rleGatherRows(
  s: usize,
  n: i32,
  width: i32,
  bits: usize,
  at: i32,
  dict: usize,
  count: i32,
  out: usize,
  tmp: usize,
): i32 {
  if (width === 8) return rleGatherNulls<u64>(s, n, bits, at, dict, <u32>count, out, tmp);
  if (width === 4) return rleGatherNulls<u32>(s, n, bits, at, dict, <u32>count, out, tmp);
  return rleGatherNulls<v128>(s, n, bits, at, dict, <u32>count, out, tmp);
}
/** Indices kept as codes, checked. Returns n, or -1. */
export function rleCodes(s: usize, n: i32, count: i32, out: usize): i32 {
  if (rleU32(s, n, out) !== n) return -1;
  return load<u32>(s, R_MOST) >= <u32>count ? -1 : n;
}
/** Passes over n values. Returns n, or -1. */
export function rleSkip(s: usize, n: i32): i32 {
  let done = 0;
  while (done < n) {
    const run = load<i32>(s, R_RUN);
    if (run > 0) {
      const k = min(run, n - done);
      store<i32>(s, run - k, R_RUN);
      done += k;
      continue;
    }
    const lit = load<i32>(s, R_LIT);
    if (lit > 0) {
      const k = min(lit, n - done);
      advance(s, <usize>load<u32>(s, R_PTR), load<u32>(s, R_BIT), load<i32>(s, R_WIDTH), k, lit);
      done += k;
      continue;
    }
    if (!nextRun(s)) return -1;
  }
  return n;
}

// ---- only some rows: of the next n values those at u32[sel …] − base, ascending, `wanted` of them. Returns n, or -1.

function pick<T>(
  s: usize,
  n: i32,
  dict: usize,
  count: u32,
  sel: usize,
  wanted: i32,
  base: i32,
  out: usize,
  tmp: usize,
): i32 {
  const end = sel + ((<usize>wanted) << 2);
  let p = sel;
  let o = out;
  let done = 0;
  while (done < n) {
    if (p === end) return rleSkip(s, n - done) === n - done ? n : -1;
    const k = min(BLOCK, n - done);
    const from = base + done;
    const stop = <u32>(from + k);
    if (load<u32>(p) >= stop) {
      if (rleSkip(s, k) !== k) return -1;
    } else {
      if (rleU32(s, k, tmp) !== k || load<u32>(s, R_MOST) >= count) return -1;
      while (p < end) {
        const row = load<u32>(p);
        if (row >= stop) break;
        const code = load<u32>(tmp + ((<usize>(row - <u32>from)) << 2));
        if (sizeof<T>() === 16) v128.store(o, v128.load(dict + ((<usize>code) << 4)));
        else if (dict === 0) store<u32>(o, code);
        else store<T>(o, load<T>(dict + <usize>code * sizeof<T>()));
        o += sizeof<T>();
        p += 4;
      }
    }
    done += k;
  }
  return n;
}
/** For values of `width` bytes; with no dictionary the codes, of 4. */
export function rlePick(
  s: usize,
  n: i32,
  width: i32,
  dict: usize,
  count: i32,
  sel: usize,
  wanted: i32,
  base: i32,
  out: usize,
  tmp: usize,
): i32 {
  if (width === 8) return pick<u64>(s, n, dict, <u32>count, sel, wanted, base, out, tmp);
  if (width === 4) return pick<u32>(s, n, dict, <u32>count, sel, wanted, base, out, tmp);
  if (width === 16) return pick<v128>(s, n, dict, <u32>count, sel, wanted, base, out, tmp);
  if (width === 2) return pick<u16>(s, n, dict, <u32>count, sel, wanted, base, out, tmp);
  return pick<u8>(s, n, dict, <u32>count, sel, wanted, base, out, tmp);
}

/** Copies bytes. `copyWithin` over shared memory goes byte by byte when the two are not aligned alike. */
export function copyBytes(dst: usize, src: usize, n: i32): void {
  memory.copy(dst, src, n);
}

// ---- null expansion: k packed values become n, zero under nulls, in place from the end

export function expand1(values: usize, validity: usize, n: i32, k: i32): void {
  expand<u8>(values, validity, n, k);
}
export function expand2(values: usize, validity: usize, n: i32, k: i32): void {
  expand<u16>(values, validity, n, k);
}
export function expand4(values: usize, validity: usize, n: i32, k: i32): void {
  expand<u32>(values, validity, n, k);
}
export function expand8(values: usize, validity: usize, n: i32, k: i32): void {
  expand<u64>(values, validity, n, k);
}
export function expand16(values: usize, validity: usize, n: i32, k: i32): void {
  expand<v128>(values, validity, n, k);
}
/** The same for bits, into another buffer. */
export function expandBits(src: usize, validity: usize, n: i32, dst: usize): void {
  let at: u32 = 0;
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    if ((<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1) {
      acc |= ((<u32>load<u8>(src + (at >> 3)) >> (at & 7)) & 1) << (i & 7);
      at++;
    }
    if ((i & 7) === 7) {
      store<u8>(dst + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(dst + (n >> 3), acc);
}
