// Snappy and LZ4 blocks. Decoders never read outside [src, src + srcLen) by more than 16 bytes, never write past
// dst + dstLen by more than 48, and return -1 for anything that is not a valid block. Buffers have that much to spare.

/** A tag with its literal or copy, and what is written too much, is shorter. */
const FAR: usize = 128;

/** Copies in steps of 16; may write up to 15 bytes too many. */
function copyWide(src: usize, dst: usize, n: usize): void {
  const end = dst + n;
  while (dst < end) {
    v128.store(dst, v128.load(src));
    src += 16;
    dst += 16;
  }
}

/** For offsets below 16: which of the offset's bytes stands at each of 16 places. */
const REPEATED = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0,
  1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1,
  2, 3, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 0, 1, 2, 3, 4,
  5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2,
  3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4, 0, 1, 2,
  3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8,
  9, 10, 11, 12, 13, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
]);
/** The largest multiple of each offset that 16 bytes hold. */
const WHOLE = memory.data<u8>([0, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15]);

/** Copies n bytes from `offset` bytes back in the output, repeating them when they overlap. */
function copyBack(dst: usize, offset: usize, n: usize): void {
  const src = dst - offset;
  if (offset >= 16) {
    copyWide(src, dst, n);
    return;
  }
  const bytes = i8x16.swizzle(v128.load(src), v128.load(REPEATED + (offset << 4)));
  const step = <usize>load<u8>(WHOLE + offset);
  const end = dst + n;
  do {
    v128.store(dst, bytes);
    dst += step;
  } while (dst < end);
}

/** The length that a Snappy block says it expands to, or -1. */
export function snappyLength(src: usize, srcLen: usize): f64 {
  let length: u64 = 0;
  for (let i: usize = 0; i < 5 && i < srcLen; i++) {
    const b = <u64>load<u8>(src + i);
    length |= (b & 127) << (<u64>i * 7);
    if (b < 128) return length > 0xffffffff ? -1 : <f64>length;
  }
  return -1;
}

/** Expands a Snappy block into exactly dstLen bytes. Returns dstLen, or -1. */
export function snappyDecode(src: usize, srcLen: usize, dst: usize, dstLen: usize): i32 {
  const end = src + srcLen;
  let p = src;
  while (p < end && load<u8>(p) & 128) p++;
  p++;
  if (p > end) return -1;
  let d = dst;
  const dEnd = dst + dstLen;
  const pFar = end - FAR;
  const dFar = dEnd - FAR;
  while (p < end) {
    // Far from both ends nothing is looked at but the tag: a short literal is one store, a copy at most four.
    while (p < pFar && d < dFar) {
      let tag = <u32>load<u8>(p);
      if ((tag & 3) === 0) {
        const n = <usize>(tag >> 2) + 1;
        if (n > 48) break;
        v128.store(d, v128.load(p, 1));
        if (n > 16) {
          v128.store(d, v128.load(p, 17), 16);
          v128.store(d, v128.load(p, 33), 32);
        }
        p += n + 1;
        d += n;
        // most often a copy follows
        tag = <u32>load<u8>(p);
        if ((tag & 3) === 0) continue;
      }
      const kind = tag & 3;
      if (kind === 3) break;
      // the next tag is as far as the kind says: what leads from one to the other must be short
      p += <usize>kind + 1;
      const word = <u32>load<u16>(p - <usize>kind);
      const isNear = kind === 1;
      const n = <usize>select<u32>(((tag >> 2) & 7) + 4, (tag >> 2) + 1, isNear);
      const offset = <usize>select<u32>(((tag & 0xe0) << 3) | (word & 255), word, isNear);
      if (offset - 1 >= d - dst) return -1;
      if (offset >= 16) {
        const from = d - offset;
        v128.store(d, v128.load(from));
        if (n > 16) {
          v128.store(d, v128.load(from, 16), 16);
          v128.store(d, v128.load(from, 32), 32);
          v128.store(d, v128.load(from, 48), 48);
        }
      } else copyBack(d, offset, n);
      d += n;
    }
    if (p >= end) break;
    const tag = <u32>load<u8>(p++);
    if ((tag & 3) === 0) {
      let n = <usize>(tag >> 2);
      if (n >= 60) {
        const extra = n - 59;
        if (extra > end - p) return -1;
        const word = load<u32>(p);
        const unused = 32 - <u32>extra * 8;
        n = <usize>((word << unused) >> unused);
        p += extra;
        if (n === 0xffffffff) return -1;
      }
      n++;
      if (n > end - p || n > dEnd - d) return -1;
      copyWide(p, d, n);
      p += n;
      d += n;
      continue;
    }
    let n: usize;
    let offset: usize;
    const kind = tag & 3;
    if (kind === 1) {
      if (end - p < 1) return -1;
      n = <usize>(((tag >> 2) & 7) + 4);
      offset = ((<usize>(tag >> 5)) << 8) | <usize>load<u8>(p);
      p += 1;
    } else if (kind === 2) {
      if (end - p < 2) return -1;
      n = <usize>((tag >> 2) + 1);
      offset = <usize>load<u16>(p);
      p += 2;
    } else {
      if (end - p < 4) return -1;
      n = <usize>((tag >> 2) + 1);
      offset = <usize>load<u32>(p);
      p += 4;
    }
    if (offset === 0 || offset > d - dst || n > dEnd - d) return -1;
    copyBack(d, offset, n);
    d += n;
  }
  return d === dEnd ? <i32>dstLen : -1;
}

// What does not compress is stored as literals of 64 KiB. Such a block need not be expanded to be read from.

/** Only blocks of few literals: they are counted from the first on every time. */
const LONG_LITERAL: usize = 32768;

/** Bytes of the literal's tag at p, or 0 where there is no literal. */
function literalHead(p: usize, end: usize): usize {
  const tag = <u32>load<u8>(p);
  if (tag & 3) return 0;
  const head = <usize>max<i32>(1, <i32>(tag >> 2) - 58);
  return head > end - p ? 0 : head;
}

function literalLength(p: usize, head: usize): usize {
  if (head === 1) return <usize>(load<u8>(p) >> 2) + 1;
  const unused = 40 - <u32>head * 8;
  return <usize>((load<u32>(p, 1) << unused) >> unused) + 1;
}

function firstLiteral(src: usize): usize {
  let p = src;
  while (load<u8>(p) & 128) p++;
  return p + 1;
}

/**
 * Bytes of the first literal of a Snappy block that is nothing but literals, all but the last of them long, which are
 * dstLen bytes together; 0 for any other block. Its length has been read.
 */
export function snappyLiterals(src: usize, srcLen: usize, dstLen: usize): usize {
  const end = src + srcLen;
  let p = firstLiteral(src);
  let first: usize = 0;
  let total: usize = 0;
  while (p < end) {
    const head = literalHead(p, end);
    if (head === 0) return 0;
    const n = literalLength(p, head);
    p += head;
    if (n === 0 || n > end - p) return 0;
    p += n;
    total += n;
    if (n < LONG_LITERAL && p !== end) return 0;
    if (first === 0) first = n;
  }
  return total === dstLen ? first : 0;
}

/** Where the bytes of the first literal are. */
export function snappyFirst(src: usize): usize {
  const p = firstLiteral(src);
  return p + literalHead(p, p + 8);
}

/** Copies the expanded bytes [from, from + n) of such a block. */
export function snappyCopy(src: usize, from: usize, n: usize, dst: usize): void {
  let p = firstLiteral(src);
  let skip = from;
  let left = n;
  let d = dst;
  while (left > 0) {
    const head = literalHead(p, p + 8);
    const length = literalLength(p, head);
    p += head;
    if (skip < length) {
      const k = min(left, length - skip);
      memory.copy(d, p + skip, k);
      d += k;
      left -= k;
      skip = 0;
    } else skip -= length;
    p += length;
  }
}

/**
 * Expands an LZ4 block to at most dst + dstLen; matches may reach back to `floor` (blocks of a frame may be linked).
 * Returns the bytes written, or -1.
 */
export function lz4Decode(src: usize, srcLen: usize, dst: usize, dstLen: usize, floor: usize): i32 {
  const end = src + srcLen;
  let p = src;
  let d = dst;
  const dEnd = dst + dstLen;
  while (p < end) {
    const token = <usize>load<u8>(p++);
    let n = token >> 4;
    if (n === 15) {
      let b: usize = 255;
      while (b === 255) {
        if (p >= end) return -1;
        b = <usize>load<u8>(p++);
        n += b;
      }
    }
    if (n > end - p || n > dEnd - d) return -1;
    copyWide(p, d, n);
    p += n;
    d += n;
    if (p === end) return <i32>(d - dst);
    if (end - p < 2) return -1;
    const offset = <usize>load<u16>(p);
    p += 2;
    n = token & 15;
    if (n === 15) {
      let b: usize = 255;
      while (b === 255) {
        if (p >= end) return -1;
        b = <usize>load<u8>(p++);
        n += b;
      }
    }
    n += 4;
    if (offset === 0 || offset > d - floor || n > dEnd - d) return -1;
    copyBack(d, offset, n);
    d += n;
  }
  return srcLen === 0 ? 0 : -1;
}
