// Numbers as most of them are written, in text that columns of fields point to: read from their last byte on, without a
// loop over digits and with hardly a branch. What is written in another way is left to _number.ts.
//
// Constants of vectors come from memory: V8 puts literal ones together from four instructions each time they are used.

import { LAST, TOP } from './_number';

/**
 * For each n, where the bytes of a number with n digits behind its point come from, so that its digits stand side by side
 * at the end: 128 = from nowhere. With n = 0 none is a digit; with n = 16 there is no point.
 */
const TOGETHER = memory.data<u8>(
  [
    128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    10, 11, 12, 13, 15, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    11, 13, 14, 15, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12,
    13, 14, 15, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 128, 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13,
    14, 15, 128, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 128, 0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 128, 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128, 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    128, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128, 0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128,
    0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2,
    3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  ],
  16,
);

/** 10^n for n digits behind the point, and 1 for none. */
const SCALE = memory.data<f64>([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1]);

/** Constants, each in all bytes, shorts or pairs of shorts of a vector. */
const ZERO_TEXT = memory.data<u64>([0x3030303030303030, 0x3030303030303030], 16);
const NINE = memory.data<u64>([0x0909090909090909, 0x0909090909090909], 16);
const TENS_TO_ONES = memory.data<u64>([0x0a010a010a010a01, 0x0a010a010a010a01], 16);
const HUNDREDS = memory.data<u64>([0x0001006400010064, 0x0001006400010064], 16);
const MYRIADS = memory.data<u64>([0x0001271000012710, 0x0001271000012710], 16);

/** The one of the top n bytes of a word that may be a sign: none of one byte. */
const FIRST = memory.data<u64>([
  0, 0, 0xff000000000000, 0xff0000000000, 0xff00000000, 0xff000000, 0xff0000, 0xff00, 0xff,
]);
const MINUS = memory.data<u64>([0x2d2d2d2d2d2d2d2d, 0x2d2d2d2d2d2d2d2d], 16);

/** The magnitudes of integers that `shortPair` reads. */
export const MOST_SHORT: u64 = 99999999;

/**
 * Two texts `[-]digits` of one to eight bytes, which end before `stopA` and `stopB`, as 64-bit integers at `out`; false:
 * one of them is something else.
 */
export function shortPair(stopA: usize, lengthA: usize, stopB: usize, lengthB: usize, out: usize): bool {
  if (((lengthA - 1) | (lengthB - 1)) >= 8) return false;
  const text = v128.load64_lane(stopB - 8, v128.load64_zero(stopA - 8), 1);
  const keep = v128.load64_lane(TOP + (lengthB << 3), v128.load64_zero(TOP + (lengthA << 3)), 1);
  const first = v128.load64_lane(FIRST + (lengthB << 3), v128.load64_zero(FIRST + (lengthA << 3)), 1);
  const minus = v128.and(i8x16.eq(text, v128.load(MINUS)), first);
  const v = v128.andnot(v128.and(i8x16.sub(text, v128.load(ZERO_TEXT)), keep), minus);
  if (v128.any_true(i8x16.sub_sat_u(v, v128.load(NINE)))) return false;
  const pairs = i16x8.shr_u(i16x8.mul(v, v128.load(TENS_TO_ONES)), 8);
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(HUNDREDS));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), v128.load(MYRIADS));
  const negative = i64x2.ne(minus, i64x2.splat(0));
  v128.store(out, i64x2.sub(v128.xor(i64x2.extend_low_i32x4_u(eights), negative), negative));
  return true;
}

/** Not a double that a short text spells. */
export const NOT_SHORT: u64 = ~0;

/**
 * The bits of the double that `[-]digits[.digits]` spells, of one to 16 bytes and up to 15 digits; NOT_SHORT: it is
 * something else. `point` is the decimal separator in every byte.
 */
export function shortDouble(p: usize, stop: usize, point: v128): u64 {
  const length = stop - p;
  if (length - 1 > 15) return NOT_SHORT;
  const sign = load<u8>(p) === 45 ? 1 : 0;
  const text = v128.load(stop - 16);
  const points = <u32>i8x16.bitmask(i8x16.eq(text, point)) & (0xffff << (16 - <u32>length));
  // 16 when there is no point
  const n = <usize>clz(points) - 16;
  const fraction = n & 15;
  const digits = length - <usize>sign - (points !== 0 ? 1 : 0);
  const v = v128.and(
    i8x16.sub(i8x16.swizzle(text, v128.load(TOGETHER + (n << 4))), v128.load(ZERO_TEXT)),
    v128.load(LAST + digits),
  );
  if (v128.any_true(i8x16.sub_sat_u(v, v128.load(NINE))) || digits - fraction - 1 >= 15 - fraction) return NOT_SHORT;
  // Each short is tens + 256 ones; what passes its end is lost.
  const pairs = i16x8.shr_u(i16x8.mul(v, v128.load(TENS_TO_ONES)), 8);
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(HUNDREDS));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), v128.load(MYRIADS));
  const both = i64x2.extract_lane(eights, 0);
  const w = <i64>((both & 0xffffffff) * 100000000 + (both >> 32));
  return reinterpret<u64>(<f64>w / load<f64>(SCALE + (n << 3))) | ((<u64>sign) << 63);
}
