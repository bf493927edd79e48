// Columns packed to rows and back, for operations that bring rows into another order: one cache miss a row instead of
// one a value. Rows are `width` bytes, a multiple of 8, in blocks of 65,536; their last bytes hold bits.

/** Values `step` bytes apart. */
export function pack1(src: usize, n: i32, to: usize, width: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, to += width) store<u8>(to, load<u8>(src + i));
}
export function pack2(src: usize, n: i32, to: usize, width: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, to += width) store<u16>(to, load<u16>(src + (i << 1)));
}
export function pack4(src: usize, n: i32, to: usize, width: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, to += width) store<u32>(to, load<u32>(src + (i << 2)));
}
export function pack8(src: usize, n: i32, to: usize, width: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, to += width) store<u64>(to, load<u64>(src + (i << 3)));
}
export function pack16(src: usize, n: i32, to: usize, width: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, to += width) v128.store(to, v128.load(src + (i << 4)));
}
/** Views; the bytes of long strings go to `top`. Returns the end of what was written. */
export function packViews(src: usize, n: i32, to: usize, width: usize, top: usize): usize {
  for (let i: usize = 0; i < <usize>n; i++, to += width) {
    const v = src + (i << 4);
    const length = load<u32>(v);
    v128.store(to, v128.load(v));
    if (length > 12) {
      memory.copy(top, <usize>load<u32>(v, 12), length);
      store<u32>(to, <u32>top, 12);
      top += length;
    }
  }
  return top;
}
/** Zeroes `bytes` bytes of each row. */
export function clearBytes(n: i32, to: usize, width: usize, bytes: i32): void {
  for (let i = 0; i < n; i++, to += width) for (let k = 0; k < bytes; k++) store<u8>(to + <usize>k, 0);
}
/** Ors bits [from, from + n) of a bitmap into bytes at `to` as `mask`; bitmap 0 is all ones. */
export function packBits(bits: usize, from: i32, n: i32, to: usize, width: usize, mask: u32): void {
  for (let i = from; i < from + n; i++, to += width) {
    if (bits === 0 || (<u32>load<u8>(bits + (i >> 3)) >> (i & 7)) & 1) store<u8>(to, <u32>load<u8>(to) | mask);
  }
}

export function unpack1(from: usize, n: i32, width: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, from += width) store<u8>(out + i, load<u8>(from));
}
export function unpack2(from: usize, n: i32, width: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, from += width) store<u16>(out + (i << 1), load<u16>(from));
}
export function unpack4(from: usize, n: i32, width: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, from += width) store<u32>(out + (i << 2), load<u32>(from));
}
export function unpack8(from: usize, n: i32, width: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, from += width) store<u64>(out + (i << 3), load<u64>(from));
}
export function unpack16(from: usize, n: i32, width: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>n; i++, from += width) v128.store(out + (i << 4), v128.load(from));
}
/** Bits from bit 0 of `out`. */
export function unpackBits(from: usize, n: i32, width: usize, mask: u32, out: usize): void {
  let acc: u32 = 0;
  for (let i = 0; i < n; i++, from += width) {
    if (<u32>load<u8>(from) & mask) acc |= 1 << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(out + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(out + (n >> 3), acc);
}

/** Rows `u32[sel …]` one after another to `to`. `blocks`: u32 addresses. */
export function copyRows(blocks: usize, sel: usize, n: i32, width: usize, to: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const row = load<u32>(sel + (i << 2));
    const from = <usize>load<u32>(blocks + ((<usize>(row >> 16)) << 2)) + <usize>(row & 0xffff) * width;
    let k: usize = 0;
    for (; k + 16 <= width; k += 16) v128.store(to + k, v128.load(from + k));
    if (k < width) store<u64>(to + k, load<u64>(from + k));
    to += width;
  }
}
