// Kernels every operator needs: selection vectors, gathers, bitmaps, views. Pointers are byte addresses; `sel` is an
// array of u32 row numbers, in which 0xFFFFFFFF means "no row" where a function's name ends in OrNull.

import { copyText } from './_text';

/** 4-bit mask → the set lane numbers packed to the front. Read-only data: replaying it is harmless. */
const LUT = memory.data<u32>(
  [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0, 3, 0, 0, 0, 0, 3, 0,
    0, 1, 3, 0, 0, 0, 1, 3, 0, 2, 3, 0, 0, 0, 2, 3, 0, 1, 2, 3, 0, 0, 1, 2, 3,
  ],
  16,
);
const NO_ROW: u32 = 0xffffffff;

/** Copies bytes; the ranges may overlap. `copyWithin` over shared memory is slow where they are not aligned alike. */
export function copyBytes(dst: usize, src: usize, bytes: usize): void {
  memory.copy(dst, src, bytes);
}

export function fillBytes(dst: usize, value: i32, bytes: usize): void {
  memory.fill(dst, <u8>value, bytes);
}

/** Copies one range after another: triples of target, source and bytes. */
export function moveRuns(runs: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    memory.copy(load<u32>(runs), load<u32>(runs, 4), load<u32>(runs, 8));
    runs += 12;
  }
}

/** Bitmap → row numbers of its set bits, plus `base`. Writes up to 16 bytes past the end. Returns how many. */
export function selectBits(bits: usize, n: i32, base: i32, sel: usize): i32 {
  let out: usize = sel;
  let idx = i32x4.splat(base);
  const four = i32x4.splat(4);
  const bytes = (n + 7) >> 3;
  for (let i = 0; i < bytes; i++) {
    let b = <u32>load<u8>(bits + i);
    if (i === bytes - 1 && n & 7) b &= (1 << (n & 7)) - 1;
    const lo = b & 15;
    const hi = b >> 4;
    v128.store(out, i32x4.add(v128.load(LUT + ((<usize>lo) << 4)), idx));
    out += (<usize>popcnt(lo)) << 2;
    idx = i32x4.add(idx, four);
    v128.store(out, i32x4.add(v128.load(LUT + ((<usize>hi) << 4)), idx));
    out += (<usize>popcnt(hi)) << 2;
    idx = i32x4.add(idx, four);
  }
  return <i32>((out - sel) >> 2);
}

/** sel[i] = start + i. */
export function iota(sel: usize, n: i32, start: i32): void {
  let v = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3));
  const four = i32x4.splat(4);
  const end = sel + ((<usize>n) << 2);
  for (let p = sel; p < end; p += 16) {
    v128.store(p, v);
    v = i32x4.add(v, four);
  }
}

export function gather1(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) store<u8>(dst + i, load<u8>(src + <usize>load<u32>(sel + (i << 2))));
}
export function gather2(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++)
    store<u16>(dst + (i << 1), load<u16>(src + ((<usize>load<u32>(sel + (i << 2))) << 1)));
}
export function gather4(src: usize, sel: usize, n: i32, dst: usize): void {
  let i: usize = 0;
  const whole = <usize>(n & ~3);
  for (; i < whole; i += 4) {
    const s = sel + (i << 2);
    const d = dst + (i << 2);
    store<u32>(d, load<u32>(src + ((<usize>load<u32>(s)) << 2)));
    store<u32>(d, load<u32>(src + ((<usize>load<u32>(s, 4)) << 2)), 4);
    store<u32>(d, load<u32>(src + ((<usize>load<u32>(s, 8)) << 2)), 8);
    store<u32>(d, load<u32>(src + ((<usize>load<u32>(s, 12)) << 2)), 12);
  }
  for (; i < <usize>n; i++) store<u32>(dst + (i << 2), load<u32>(src + ((<usize>load<u32>(sel + (i << 2))) << 2)));
}
export function gather8(src: usize, sel: usize, n: i32, dst: usize): void {
  let i: usize = 0;
  const whole = <usize>(n & ~3);
  for (; i < whole; i += 4) {
    const s = sel + (i << 2);
    const d = dst + (i << 3);
    store<u64>(d, load<u64>(src + ((<usize>load<u32>(s)) << 3)));
    store<u64>(d, load<u64>(src + ((<usize>load<u32>(s, 4)) << 3)), 8);
    store<u64>(d, load<u64>(src + ((<usize>load<u32>(s, 8)) << 3)), 16);
    store<u64>(d, load<u64>(src + ((<usize>load<u32>(s, 12)) << 3)), 24);
  }
  for (; i < <usize>n; i++) store<u64>(dst + (i << 3), load<u64>(src + ((<usize>load<u32>(sel + (i << 2))) << 3)));
}
export function gather16(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++)
    v128.store(dst + (i << 4), v128.load(src + ((<usize>load<u32>(sel + (i << 2))) << 4)));
}
/** Bits of a bitmap in the order of `sel`, from bit 0 of `dst`. */
export function gatherBits(src: usize, sel: usize, n: i32, dst: usize): void {
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    const r = load<u32>(sel + ((<usize>i) << 2));
    acc |= ((<u32>load<u8>(src + (r >> 3)) >> (r & 7)) & 1) << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(dst + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(dst + (n >> 3), acc);
}

export function gather1OrNull(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    store<u8>(dst + i, r === NO_ROW ? 0 : load<u8>(src + <usize>r));
  }
}
export function gather2OrNull(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    store<u16>(dst + (i << 1), r === NO_ROW ? 0 : load<u16>(src + ((<usize>r) << 1)));
  }
}
export function gather4OrNull(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    store<u32>(dst + (i << 2), r === NO_ROW ? 0 : load<u32>(src + ((<usize>r) << 2)));
  }
}
export function gather8OrNull(src: usize, sel: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    store<u64>(dst + (i << 3), r === NO_ROW ? 0 : load<u64>(src + ((<usize>r) << 3)));
  }
}
export function gather16OrNull(src: usize, sel: usize, n: i32, dst: usize): void {
  const zero = i64x2.splat(0);
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    v128.store(dst + (i << 4), r === NO_ROW ? zero : v128.load(src + ((<usize>r) << 4)));
  }
}
/** Validity (0 = all valid) in the order of `sel`; no row is null. Returns the number of nulls. */
export function gatherValidityOrNull(src: usize, sel: usize, n: i32, dst: usize): i32 {
  let acc: u32 = 0;
  let nulls = 0;
  for (let i = 0; i < n; i++) {
    const r = load<u32>(sel + ((<usize>i) << 2));
    let bit: u32 = 0;
    if (r !== NO_ROW) bit = src === 0 ? 1 : (<u32>load<u8>(src + (r >> 3)) >> (r & 7)) & 1;
    nulls += <i32>(1 - bit);
    acc |= bit << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(dst + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(dst + (n >> 3), acc);
  return nulls;
}
/** Bits in the order of `sel`; no row is 0. */
export function gatherBitsOrNull(src: usize, sel: usize, n: i32, dst: usize): void {
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    const r = load<u32>(sel + ((<usize>i) << 2));
    if (r !== NO_ROW) acc |= ((<u32>load<u8>(src + (r >> 3)) >> (r & 7)) & 1) << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(dst + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(dst + (n >> 3), acc);
}

/** Set bits among the first n. */
export function popcountBits(bits: usize, n: i32): i32 {
  let total = 0;
  let i = 0;
  for (; i + 64 <= n; i += 64) total += <i32>popcnt(load<u64>(bits + (i >> 3)));
  for (; i < n; i += 8) {
    let b = <u32>load<u8>(bits + (i >> 3));
    if (n - i < 8) b &= (1 << (n - i)) - 1;
    total += <i32>popcnt(b);
  }
  return total;
}
/** dst = a & b over whole bytes. */
export function andBits(a: usize, b: usize, n: i32, dst: usize): void {
  const bytes = <usize>((n + 7) >> 3);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(dst + i, v128.and(v128.load(a + i), v128.load(b + i)));
}
/** dst = a | b over whole bytes. */
export function orBits(a: usize, b: usize, n: i32, dst: usize): void {
  const bytes = <usize>((n + 7) >> 3);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(dst + i, v128.or(v128.load(a + i), v128.load(b + i)));
}
/** dst = ~a over whole bytes. */
export function notBits(a: usize, n: i32, dst: usize): void {
  const bytes = <usize>((n + 7) >> 3);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(dst + i, v128.not(v128.load(a + i)));
}
/** Copies n bits from bit 0 of `src` to bit `at` of `dst`; bits of dst below `at` stay, those after the last are 0. */
export function appendBits(src: usize, n: i32, dst: usize, at: i32): void {
  const shift = at & 7;
  let d = dst + (at >> 3);
  const bytes = (n + 7) >> 3;
  if (shift === 0) {
    memory.copy(d, src, bytes);
    if (n & 7) store<u8>(d + bytes - 1, <u32>load<u8>(d + bytes - 1) & ((1 << (n & 7)) - 1));
    return;
  }
  let acc = <u32>load<u8>(d) & ((1 << shift) - 1);
  for (let i = 0; i < bytes; i++) {
    let b = <u32>load<u8>(src + i);
    if (i === bytes - 1 && n & 7) b &= (1 << (n & 7)) - 1;
    acc |= b << shift;
    store<u8>(d, acc);
    acc >>= 8;
    d++;
  }
  store<u8>(d, acc);
}
/** Sets n bits from bit `at`; bits below stay, those after the last are 0. */
export function appendOnes(n: i32, dst: usize, at: i32): void {
  let i = at;
  const end = at + n;
  while (i < end && i & 7) {
    const keep = i & 7;
    const p = dst + (i >> 3);
    store<u8>(p, (<u32>load<u8>(p) & ((1 << keep) - 1)) | (1 << keep));
    i++;
  }
  const whole = (end - i) >> 3;
  memory.fill(dst + (i >> 3), 255, whole);
  i += whole << 3;
  if (i < end) store<u8>(dst + (i >> 3), ((<u32>1) << (end - i)) - 1);
}
/** Bytes of the strings that do not fit into their views. */
export function longViewBytes(views: usize, n: i32): f64 {
  let total: u64 = 0;
  const end = views + ((<usize>n) << 4);
  for (let p = views; p < end; p += 16) {
    const len = load<u32>(p);
    if (len > 12) total += len;
  }
  return <f64>total;
}
/** Copies every long string to `dst` and points its view there. Returns the end of what was written. */
export function relocateViews(views: usize, n: i32, dst: usize): usize {
  const end = views + ((<usize>n) << 4);
  for (let p = views; p < end; p += 16) {
    const len = load<u32>(p);
    if (len > 12) {
      copyText(dst, <usize>load<u32>(p, 12), len);
      store<u32>(p, <u32>dst, 12);
      dst += len;
    }
  }
  return dst;
}
/** List offsets in the order of `sel`, from 0; fills `items` with the item rows unless it is 0. Returns the item count. */
export function gatherLists(offsets: usize, sel: usize, n: i32, dst: usize, items: usize): i32 {
  let total: u32 = 0;
  store<u32>(dst, 0);
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    if (r !== NO_ROW) {
      const a = load<u32>(offsets + ((<usize>r) << 2));
      const b = load<u32>(offsets + ((<usize>r) << 2), 4);
      if (items !== 0) for (let k = a; k < b; k++, total++) store<u32>(items + ((<usize>total) << 2), k);
      else total += b - a;
    }
    store<u32>(dst + ((i + 1) << 2), total);
  }
  return <i32>total;
}
/** Item rows of fixed-size lists. */
export function gatherFixedLists(sel: usize, n: i32, size: i32, items: usize): void {
  let out = items;
  for (let i: usize = 0; i < <usize>n; i++) {
    const r = load<u32>(sel + (i << 2));
    for (let k = 0; k < size; k++, out += 4) store<u32>(out, r === NO_ROW ? NO_ROW : r * size + k);
  }
}
/** dst[i] = src[i] - src[0] + add, for n + 1 list offsets. */
export function rebaseOffsets(src: usize, n: i32, dst: usize, plus: i32): void {
  const first = load<i32>(src);
  for (let i: usize = 0; i <= <usize>n; i++) store<i32>(dst + (i << 2), load<i32>(src + (i << 2)) - first + plus);
}
/** Zeroes fixed-width values under nulls, so that sums and hashes need no bitmap. Width in bytes. */
export function zeroNulls(values: usize, validity: usize, n: i32, width: i32): void {
  if (width === 16) zeroWhere<v128>(values, validity, n);
  else if (width === 8) zeroWhere<u64>(values, validity, n);
  else if (width === 4) zeroWhere<u32>(values, validity, n);
  else if (width === 2) zeroWhere<u16>(values, validity, n);
  else zeroWhere<u8>(values, validity, n);
}
function zeroWhere<T>(values: usize, validity: usize, n: i32): void {
  for (let i = 0; i < n; i += 8) {
    let nulls = ~(<u32>load<u8>(validity + (i >> 3))) & 255;
    if (n - i < 8) nulls &= (1 << (n - i)) - 1;
    while (nulls !== 0) {
      const at = values + <usize>(i + ctz(nulls)) * sizeof<T>();
      if (sizeof<T>() === 16) v128.store(at, i64x2.splat(0));
      else store<T>(at, <T>0);
      nulls &= nulls - 1;
    }
  }
}

/** Codes → what `map` has for them, in place; 0 under nulls. */
export function mapCodes(codes: usize, n: i32, map: usize, validity: usize): void {
  gather4(map, codes, n, codes);
  if (validity !== 0) zeroWhere<u32>(codes, validity, n);
}
/** Codes → views; empty under nulls. */
export function spreadWords(codes: usize, n: i32, words: usize, validity: usize, views: usize): void {
  gather16(words, codes, n, views);
  if (validity !== 0) zeroWhere<v128>(views, validity, n);
}
