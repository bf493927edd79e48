// What text formats share: the 16-byte view of a string, validity bits, UTF-8 checking.

/** Masks for a view of 0 to 12 bytes: the length word and the bytes it counts. */
const KEEP = memory.data<u32>(
  [
    0xffffffff, 0, 0, 0, 0xffffffff, 0xff, 0, 0, 0xffffffff, 0xffff, 0, 0, 0xffffffff, 0xffffff, 0, 0, 0xffffffff,
    0xffffffff, 0, 0, 0xffffffff, 0xffffffff, 0xff, 0, 0xffffffff, 0xffffffff, 0xffff, 0, 0xffffffff, 0xffffffff,
    0xffffff, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0xff, 0xffffffff,
    0xffffffff, 0xffffffff, 0xffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffff, 0xffffffff, 0xffffffff, 0xffffffff,
    0xffffffff,
  ],
  16,
);

/** Stores the view of the bytes at `p`, which stay where they are when longer than 12. */
export function storeView(at: usize, p: usize, length: u32): void {
  if (length <= 12) {
    // Loading from four bytes earlier puts the text where it belongs.
    const v = i32x4.replace_lane(v128.load(p - 4), 0, <i32>length);
    v128.store(at, v128.and(v, v128.load(KEEP + ((<usize>length) << 4))));
  } else {
    store<u32>(at, length);
    store<u64>(at, load<u64>(p), 4);
    store<u32>(at, <u32>p, 12);
  }
}

export function clearBit(bits: usize, row: usize): void {
  const at = bits + (row >> 3);
  store<u8>(at, <u32>load<u8>(at) & ~(1 << (<u32>row & 7)));
}

export function setBit(bits: usize, row: usize): void {
  const at = bits + (row >> 3);
  store<u8>(at, <u32>load<u8>(at) | (1 << (<u32>row & 7)));
}

function isTail(p: usize, end: usize): bool {
  return p < end && (<u32>load<u8>(p) & 0xc0) === 0x80;
}

/** The address of the first byte that is not well-formed UTF-8, or `end`. */
export function invalidUtf8(p: usize, end: usize): usize {
  while (p < end) {
    while (p + 16 <= end && i8x16.bitmask(v128.load(p)) === 0) p += 16;
    if (p >= end) break;
    const c = <u32>load<u8>(p);
    if (c < 0x80) p++;
    else if (c < 0xc2) return p;
    else if (c < 0xe0) {
      if (!isTail(p + 1, end)) return p;
      p += 2;
    } else if (c < 0xf0) {
      if (!isTail(p + 1, end) || !isTail(p + 2, end)) return p;
      const d = <u32>load<u8>(p + 1);
      // Overlong forms and surrogates.
      if ((c === 0xe0 && d < 0xa0) || (c === 0xed && d > 0x9f)) return p;
      p += 3;
    } else if (c < 0xf5) {
      if (!isTail(p + 1, end) || !isTail(p + 2, end) || !isTail(p + 3, end)) return p;
      const d = <u32>load<u8>(p + 1);
      if ((c === 0xf0 && d < 0x90) || (c === 0xf4 && d > 0x8f)) return p;
      p += 4;
    } else return p;
  }
  return end;
}

/** Copies a string; may write up to 15 bytes too many. A call of memory.copy costs more than most strings. */
export function copyText(dst: usize, src: usize, n: usize): void {
  if (n > 128) {
    memory.copy(dst, src, n);
    return;
  }
  for (let i: usize = 0; i < n; i += 16) v128.store(dst + i, v128.load(src + i));
}
