// Sums and moments per group. `gids` holds the group of each row; the values under nulls are zero.

/** The accumulator of a row: entries of `width` bytes. */
export function entryOf(acc: usize, gids: usize, i: usize, width: usize): usize {
  return acc + <usize>load<u32>(gids + (i << 2)) * width;
}

/** Adds x to {sum, error}: the error is what the sum lost to rounding (Knuth's two-sum). */
export function addExactly(p: usize, x: f64): void {
  const s = load<f64>(p);
  const t = s + x;
  const b = t - s;
  store<f64>(p, t);
  store<f64>(p, load<f64>(p, 8) + (s - (t - b) + (x - b)), 8);
}
/** Adds the sum {sum, error} at `q` to the one at `p`. */
export function addSum(p: usize, q: usize): void {
  addExactly(p, load<f64>(q));
  store<f64>(p, load<f64>(p, 8) + load<f64>(q, 8), 8);
}
/** The value of {sum, error}. A sum that is not finite has a meaningless error. */
export function valueOfSum(p: usize): f64 {
  const s = load<f64>(p);
  return s - s === 0 ? s + load<f64>(p, 8) : s;
}

/** {sum, error} per group. */
export function sumFloats<T extends number>(src: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) addExactly(entryOf(acc, gids, i, 16), <f64>load<T>(src + i * sizeof<T>()));
}
/** Four lanes of {sum, error} over the whole morsel, added to the one entry at the end. */
export function sumAllFloats<T extends number>(src: usize, n: i32, acc: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let e0 = s0;
  let e1 = s0;
  let i: usize = 0;
  const whole = <usize>(n & ~3);
  for (; i < whole; i += 4) {
    let x0: v128;
    let x1: v128;
    if (sizeof<T>() === 4) {
      const x = v128.load(src + (i << 2));
      x0 = f64x2.promote_low_f32x4(x);
      x1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
    } else {
      x0 = v128.load(src + (i << 3));
      x1 = v128.load(src + (i << 3), 16);
    }
    const t0 = f64x2.add(s0, x0);
    const t1 = f64x2.add(s1, x1);
    const b0 = f64x2.sub(t0, s0);
    const b1 = f64x2.sub(t1, s1);
    e0 = f64x2.add(e0, f64x2.add(f64x2.sub(s0, f64x2.sub(t0, b0)), f64x2.sub(x0, b0)));
    e1 = f64x2.add(e1, f64x2.add(f64x2.sub(s1, f64x2.sub(t1, b1)), f64x2.sub(x1, b1)));
    s0 = t0;
    s1 = t1;
  }
  addExactly(acc, f64x2.extract_lane(s0, 0));
  addExactly(acc, f64x2.extract_lane(s0, 1));
  addExactly(acc, f64x2.extract_lane(s1, 0));
  addExactly(acc, f64x2.extract_lane(s1, 1));
  const e = f64x2.add(e0, e1);
  store<f64>(acc, load<f64>(acc, 8) + (f64x2.extract_lane(e, 0) + f64x2.extract_lane(e, 1)), 8);
  for (; i < <usize>n; i++) addExactly(acc, <f64>load<T>(src + i * sizeof<T>()));
}

/** 64-bit sums of integers of up to 32 bits: they cannot overflow before 2^31 rows. */
export function sumInts<T extends number>(src: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = entryOf(acc, gids, i, 8);
    store<i64>(p, load<i64>(p) + <i64>load<T>(src + i * sizeof<T>()));
  }
}
export function sumAllInts<T extends number>(src: usize, n: i32, acc: usize): void {
  let a: i64 = 0;
  let b: i64 = 0;
  let i: usize = 0;
  for (; i < <usize>(n & ~1); i += 2) {
    a += <i64>load<T>(src + i * sizeof<T>());
    b += <i64>load<T>(src + (i + 1) * sizeof<T>());
  }
  if (n & 1) a += <i64>load<T>(src + i * sizeof<T>());
  store<i64>(acc, load<i64>(acc) + a + b);
}

/** Adds a 128-bit number to the one at `p`. */
export function add128(p: usize, lo: u64, hi: i64): void {
  const t = load<u64>(p) + lo;
  store<u64>(p, t);
  store<i64>(p, load<i64>(p, 8) + hi + (t < lo ? 1 : 0), 8);
}
/** 128-bit sums of 64-bit integers: whether one fits 64 bits is seen at the end, whatever the order. */
export function sumLongs<T extends number>(src: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = load<i64>(src + (i << 3));
    add128(entryOf(acc, gids, i, 16), <u64>x, isSigned<T>() ? x >> 63 : 0);
  }
}
export function sumAllLongs<T extends number>(src: usize, n: i32, acc: usize): void {
  let lo: u64 = 0;
  let hi: i64 = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = load<u64>(src + (i << 3));
    lo += x;
    hi += lo < x ? 1 : 0;
    if (isSigned<T>()) hi += <i64>x >> 63;
  }
  add128(acc, lo, hi);
}

/** Numbers of the layouts, the same for every kernel that takes a `kind`: kinds.ts has them for the callers. */
export const I8 = 0;
export const U8 = 1;
export const I16 = 2;
export const U16 = 3;
export const I32 = 4;
export const U32 = 5;
export const I64 = 6;
export const U64 = 7;
export const F32 = 8;
export const F64 = 9;
export const I128 = 10;

/** Entries: 8 bytes for integers of up to 32 bits, 16 for the rest. `gids` 0 means one group. */
export function sumOf(kind: i32, src: usize, gids: usize, n: i32, acc: usize): void {
  if (kind === I8) {
    if (gids === 0) sumAllInts<i8>(src, n, acc);
    else sumInts<i8>(src, gids, n, acc);
  } else if (kind === U8) {
    if (gids === 0) sumAllInts<u8>(src, n, acc);
    else sumInts<u8>(src, gids, n, acc);
  } else if (kind === I16) {
    if (gids === 0) sumAllInts<i16>(src, n, acc);
    else sumInts<i16>(src, gids, n, acc);
  } else if (kind === U16) {
    if (gids === 0) sumAllInts<u16>(src, n, acc);
    else sumInts<u16>(src, gids, n, acc);
  } else if (kind === I32) {
    if (gids === 0) sumAllInts<i32>(src, n, acc);
    else sumInts<i32>(src, gids, n, acc);
  } else if (kind === U32) {
    if (gids === 0) sumAllInts<u32>(src, n, acc);
    else sumInts<u32>(src, gids, n, acc);
  } else if (kind === I64) {
    if (gids === 0) sumAllLongs<i64>(src, n, acc);
    else sumLongs<i64>(src, gids, n, acc);
  } else if (kind === U64) {
    if (gids === 0) sumAllLongs<u64>(src, n, acc);
    else sumLongs<u64>(src, gids, n, acc);
  } else if (kind === F32) {
    if (gids === 0) sumAllFloats<f32>(src, n, acc);
    else sumFloats<f32>(src, gids, n, acc);
  } else if (kind === F64) {
    if (gids === 0) sumAllFloats<f64>(src, n, acc);
    else sumFloats<f64>(src, gids, n, acc);
  } else sumWide(src, gids, n, acc);
}
/** 128-bit sums of 128-bit numbers. */
function sumWide(src: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = src + (i << 4);
    add128(gids === 0 ? acc : entryOf(acc, gids, i, 16), load<u64>(p), load<i64>(p, 8));
  }
}

function countedSumsOf<T>(src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (valid !== 0 && ((<u32>load<u8>(valid + (i >> 3)) >> (<u32>i & 7)) & 1) === 0) continue;
    const p = entryOf(acc, gids, i, 16);
    store<i64>(p, load<i64>(p) + <i64>load<T>(src + i * sizeof<T>()));
    store<i64>(p, load<i64>(p, 8) + 1, 8);
  }
}
/** {sum, values} of 64 bits each, of integers of up to 32 bits. */
export function countedSums(kind: i32, src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  if (kind === I8) countedSumsOf<i8>(src, valid, gids, n, acc);
  else if (kind === U8) countedSumsOf<u8>(src, valid, gids, n, acc);
  else if (kind === I16) countedSumsOf<i16>(src, valid, gids, n, acc);
  else if (kind === U16) countedSumsOf<u16>(src, valid, gids, n, acc);
  else if (kind === I32) countedSumsOf<i32>(src, valid, gids, n, acc);
  else countedSumsOf<u32>(src, valid, gids, n, acc);
}
