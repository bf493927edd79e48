// The order of values, as u64 codes that compare like them.

export const SIGN: u64 = 0x8000000000000000;
export const ALL: u64 = 0xffffffffffffffff;

/** Bytes [at, at + 7) of a string, most significant first, then how many are left from `at` on (8 = more follow). */
export function chunkOf(views: usize, row: usize, at: u32): u64 {
  const v = views + (row << 4);
  const length = load<u32>(v);
  if (at >= length) return 0;
  const left = length - at;
  // The first eight bytes lie in the view of a long string as well.
  const p = length <= 12 || at === 0 ? v + 4 + <usize>at : <usize>load<u32>(v, 12) + <usize>at;
  const kept = ~(ALL >> <u64>(min<u32>(left, 7) << 3));
  return (bswap<u64>(load<u64>(p)) & kept) | <u64>min<u32>(left, 8);
}

/** The code of a value; bool stands for bitmaps. NaN is above all, both zeros are alike. `step`: bytes from value to value. */
export function numberCode<T>(data: usize, row: usize, step: u32): u64 {
  if (isBoolean<T>()) return <u64>((<u32>load<u8>(data + (row >> 3)) >> <u32>(row & 7)) & 1);
  if (isFloat<T>()) {
    if (sizeof<T>() === 4) {
      const b = load<u32>(data + (row << 2));
      if (b << 1 > 0xff000000) return 0xffffffff;
      return b << 1 === 0 ? 0x80000000 : <u64>(b ^ (<u32>(<i32>b >> 31) | 0x80000000));
    }
    const b = load<u64>(data + (row << 3));
    if (b << 1 > 0xffe0000000000000) return ALL;
    return b << 1 === 0 ? SIGN : b ^ (<u64>(<i64>b >> 63) | SIGN);
  }
  if (isSigned<T>()) return <u64>(<i64>load<T>(data + row * <usize>step)) ^ SIGN;
  return <u64>load<T>(data + row * <usize>step);
}
