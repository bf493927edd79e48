// Snappy and LZ4 blocks. Decoders never read outside [src, src + srcLen) by more than 16 bytes and return -1 for anything
// that is not a valid block. Of Snappy nothing is written past dst + dstLen, where others may be writing; of LZ4 no more
// than 48 bytes. Buffers have that much to spare.

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

/** Where the first tag of a block is. */
function firstTag(src: usize, end: usize): usize {
  let p = src;
  while (p < end && load<u8>(p) & 128) p++;
  return p + 1;
}

// A block's first bytes may be known and go nowhere: those before `dst` are its `head`, `h` bytes somewhere else, which
// copies may reach back to. `dst` is then where the byte behind them goes.

/** Expands a Snappy block into exactly dstLen bytes. Returns dstLen, or -1. */
export function snappyDecode(src: usize, srcLen: usize, dst: usize, dstLen: usize): i32 {
  return snappyDecodeBehind(src, srcLen, dst, dstLen, 0, 0);
}

/** Expands all but the first `h` bytes of a block, which are at `head`, into exactly dstLen bytes. Returns dstLen, or -1. */
export function snappyDecodeBehind(src: usize, srcLen: usize, dst: usize, dstLen: usize, head: usize, h: usize): i32 {
  const end = src + srcLen;
  const p = firstTag(src, end);
  return p <= end && expand(p, end, dst, dst - h, dst + dstLen, head, h) ? <i32>dstLen : -1;
}

/** Expands the first n bytes of a block. Returns how many there are, or -1 when it is not valid up to there. */
export function snappyHead(src: usize, srcLen: usize, dst: usize, n: usize): i32 {
  const end = src + srcLen;
  let p = firstTag(src, end);
  if (p > end) return -1;
  let done: usize = 0;
  while (done < n && p < end) {
    const tag = load<u8>(p);
    // Of a tag only what is wanted is taken: the rest may be long.
    if ((tag & 3) === 0) {
      const head = literalHead(p, end);
      if (head === 0) return -1;
      const length = literalLength(p, head);
      p += head;
      if (length === 0 || length > end - p) return -1;
      memory.copy(dst + done, p, min(length, n - done));
      p += length;
      done += length;
    } else {
      const next = oneTag(p, end, dst, dst + done, dst + done + 64, 0, 0);
      if (next === 0) return -1;
      p = <usize>(next & 0xffffffff);
      done = <usize>(next >> 32) - dst;
    }
  }
  return <i32>min(done, n);
}

/** Copies n bytes of the output to d, one by one, from the head where they are there. */
function copySlowly(dst: usize, d: usize, offset: usize, n: usize, head: usize, h: usize): void {
  const at = d + h - dst;
  for (let i: usize = 0; i < n; i++) {
    const from = at + i - offset;
    if (at + i >= h) store<u8>(d + i, from < h ? load<u8>(head + from) : load<u8>(dst + from - h));
  }
}

/** One tag with everything checked. Returns where the next one is, and in the upper half where to write next; 0: not valid. */
function oneTag(from: usize, end: usize, dst: usize, at: usize, dEnd: usize, head: usize, h: usize): u64 {
  let p = from;
  const d = at;
  const tag = <u32>load<u8>(p++);
  let n: usize;
  if ((tag & 3) === 0) {
    n = <usize>(tag >> 2);
    if (n >= 60) {
      const extra = n - 59;
      if (extra > end - p) return 0;
      const word = load<u32>(p);
      const unused = 32 - <u32>extra * 8;
      n = <usize>((word << unused) >> unused);
      p += extra;
      if (n === 0xffffffff) return 0;
    }
    n++;
    if (n > end - p || n > dEnd - d) return 0;
    if (d < dst) {
      const known = min(n, dst - d);
      memory.copy(dst, p + known, n - known);
    } else if (n + 16 > dEnd - d) memory.copy(d, p, n);
    else copyWide(p, d, n);
    p += n;
  } else {
    let offset: usize;
    const kind = tag & 3;
    const more: usize = kind === 3 ? 4 : <usize>kind;
    if (more > end - p) return 0;
    if (kind === 1) {
      n = <usize>(((tag >> 2) & 7) + 4);
      offset = ((<usize>(tag >> 5)) << 8) | <usize>load<u8>(p);
    } else {
      n = <usize>((tag >> 2) + 1);
      offset = kind === 2 ? <usize>load<u16>(p) : <usize>load<u32>(p);
    }
    p += more;
    const back = d + h - dst;
    if (offset === 0 || offset > back || n > dEnd - d) return 0;
    if (back - offset < h || n + 16 > dEnd - d) copySlowly(dst, d, offset, n, head, h);
    else copyBack(d, offset, n);
  }
  return <u64>p | ((<u64>(d + n)) << 32);
}

/** Expands tags from `from` to `end`, whose output starts at `at`, up to dEnd; copies reach back to dst. */
function expand(from: usize, end: usize, dst: usize, at: usize, dEnd: usize, head: usize, h: usize): bool {
  let p = from;
  let d = at;
  const pFar = end - FAR;
  const dFar = dEnd - FAR;
  while (d < dst && p < end) {
    const next = oneTag(p, end, dst, d, dEnd, head, h);
    if (next === 0) return false;
    p = <usize>(next & 0xffffffff);
    d = <usize>(next >> 32);
  }
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
      if (offset - 1 >= d - dst) {
        p -= <usize>kind + 1;
        break;
      }
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
    const next = oneTag(p, end, dst, d, dEnd, head, h);
    if (next === 0) return false;
    p = <usize>(next & 0xffffffff);
    d = <usize>(next >> 32);
  }
  return d === dEnd;
}

// Two blocks at once. From one tag to the next is a chain of loads that nothing can shorten; two chains that do not touch
// each other take hardly longer than one.

/**
 * By tag of a copy: its length, from bit 16 on the upper bits of its offset, from bit 32 on the mask of the two bytes
 * behind the tag that are the lower ones. Zero for other tags.
 */
const COPIES = memory.data<u64>([
  0, 1095216660484, 281470681743361, 0, 0, 1095216660485, 281470681743362, 0, 0, 1095216660486, 281470681743363, 0, 0,
  1095216660487, 281470681743364, 0, 0, 1095216660488, 281470681743365, 0, 0, 1095216660489, 281470681743366, 0, 0,
  1095216660490, 281470681743367, 0, 0, 1095216660491, 281470681743368, 0, 0, 1095233437700, 281470681743369, 0, 0,
  1095233437701, 281470681743370, 0, 0, 1095233437702, 281470681743371, 0, 0, 1095233437703, 281470681743372, 0, 0,
  1095233437704, 281470681743373, 0, 0, 1095233437705, 281470681743374, 0, 0, 1095233437706, 281470681743375, 0, 0,
  1095233437707, 281470681743376, 0, 0, 1095250214916, 281470681743377, 0, 0, 1095250214917, 281470681743378, 0, 0,
  1095250214918, 281470681743379, 0, 0, 1095250214919, 281470681743380, 0, 0, 1095250214920, 281470681743381, 0, 0,
  1095250214921, 281470681743382, 0, 0, 1095250214922, 281470681743383, 0, 0, 1095250214923, 281470681743384, 0, 0,
  1095266992132, 281470681743385, 0, 0, 1095266992133, 281470681743386, 0, 0, 1095266992134, 281470681743387, 0, 0,
  1095266992135, 281470681743388, 0, 0, 1095266992136, 281470681743389, 0, 0, 1095266992137, 281470681743390, 0, 0,
  1095266992138, 281470681743391, 0, 0, 1095266992139, 281470681743392, 0, 0, 1095283769348, 281470681743393, 0, 0,
  1095283769349, 281470681743394, 0, 0, 1095283769350, 281470681743395, 0, 0, 1095283769351, 281470681743396, 0, 0,
  1095283769352, 281470681743397, 0, 0, 1095283769353, 281470681743398, 0, 0, 1095283769354, 281470681743399, 0, 0,
  1095283769355, 281470681743400, 0, 0, 1095300546564, 281470681743401, 0, 0, 1095300546565, 281470681743402, 0, 0,
  1095300546566, 281470681743403, 0, 0, 1095300546567, 281470681743404, 0, 0, 1095300546568, 281470681743405, 0, 0,
  1095300546569, 281470681743406, 0, 0, 1095300546570, 281470681743407, 0, 0, 1095300546571, 281470681743408, 0, 0,
  1095317323780, 281470681743409, 0, 0, 1095317323781, 281470681743410, 0, 0, 1095317323782, 281470681743411, 0, 0,
  1095317323783, 281470681743412, 0, 0, 1095317323784, 281470681743413, 0, 0, 1095317323785, 281470681743414, 0, 0,
  1095317323786, 281470681743415, 0, 0, 1095317323787, 281470681743416, 0, 0, 1095334100996, 281470681743417, 0, 0,
  1095334100997, 281470681743418, 0, 0, 1095334100998, 281470681743419, 0, 0, 1095334100999, 281470681743420, 0, 0,
  1095334101000, 281470681743421, 0, 0, 1095334101001, 281470681743422, 0, 0, 1095334101002, 281470681743423, 0, 0,
  1095334101003, 281470681743424, 0,
]);

/** Expands two Snappy blocks, each as `snappyDecodeBehind` does. Returns 0, or -1 when one is not valid. */
export function snappyDecode2(
  srcA: usize,
  lenA: usize,
  dstA: usize,
  nA: usize,
  headA: usize,
  hA: usize,
  srcB: usize,
  lenB: usize,
  dstB: usize,
  nB: usize,
  headB: usize,
  hB: usize,
): i32 {
  const endA = srcA + lenA;
  const endB = srcB + lenB;
  let a = firstTag(srcA, endA);
  let b = firstTag(srcB, endB);
  if (a > endA || b > endB) return -1;
  let x = dstA - hA;
  let y = dstB - hB;
  const xEnd = dstA + nA;
  const yEnd = dstB + nB;
  const xNear = dstA + 16;
  const yNear = dstB + 16;
  while (x < xNear && a < endA) {
    const next = oneTag(a, endA, dstA, x, xEnd, headA, hA);
    if (next === 0) return -1;
    a = <usize>(next & 0xffffffff);
    x = <usize>(next >> 32);
  }
  while (y < yNear && b < endB) {
    const next = oneTag(b, endB, dstB, y, yEnd, headB, hB);
    if (next === 0) return -1;
    b = <usize>(next & 0xffffffff);
    y = <usize>(next >> 32);
  }
  for (;;) {
    // as many rounds as both have room for: a round takes no more than 64 bytes and writes no more than 128
    let rounds =
      min(min(<i32>(endA - a) >> 6, <i32>(endB - b) >> 6), min(<i32>(xEnd - x) >> 7, <i32>(yEnd - y) >> 7)) - 1;
    if (rounds <= 0) break;
    let stuck = 0;
    for (; rounds > 0; rounds--) {
      let tag = <u32>load<u8>(a);
      let tog = <u32>load<u8>(b);
      if ((tag & 3) === 0) {
        const n = <usize>(tag >> 2) + 1;
        v128.store(x, v128.load(a, 1));
        if (n > 16) {
          if (n > 48) {
            stuck = 1;
            break;
          }
          v128.store(x, v128.load(a, 17), 16);
          v128.store(x, v128.load(a, 33), 32);
        }
        a += n + 1;
        x += n;
        tag = <u32>load<u8>(a);
      }
      if ((tog & 3) === 0) {
        const n = <usize>(tog >> 2) + 1;
        v128.store(y, v128.load(b, 1));
        if (n > 16) {
          if (n > 48) {
            stuck = 2;
            break;
          }
          v128.store(y, v128.load(b, 17), 16);
          v128.store(y, v128.load(b, 33), 32);
        }
        b += n + 1;
        y += n;
        tog = <u32>load<u8>(b);
      }
      if ((tag & 3) !== 0) {
        const entry = load<u64>(COPIES + ((<usize>tag) << 3));
        const n = <usize>(<u32>entry & 0xffff);
        const offset = <usize>((<u32>load<u16>(a, 1) & <u32>(entry >> 32)) | (<u32>entry >> 16));
        if (offset - 16 > x - xNear) {
          if (offset - 1 > 14) {
            stuck = 1;
            break;
          }
          copyBack(x, offset, n);
        } else {
          const from = x - offset;
          v128.store(x, v128.load(from));
          if (n > 16) {
            v128.store(x, v128.load(from, 16), 16);
            v128.store(x, v128.load(from, 32), 32);
            v128.store(x, v128.load(from, 48), 48);
          }
        }
        a += <usize>(tag & 3) + 1;
        x += n;
      }
      if ((tog & 3) !== 0) {
        const entry = load<u64>(COPIES + ((<usize>tog) << 3));
        const n = <usize>(<u32>entry & 0xffff);
        const offset = <usize>((<u32>load<u16>(b, 1) & <u32>(entry >> 32)) | (<u32>entry >> 16));
        if (offset - 16 > y - yNear) {
          if (offset - 1 > 14) {
            stuck = 2;
            break;
          }
          copyBack(y, offset, n);
        } else {
          const from = y - offset;
          v128.store(y, v128.load(from));
          if (n > 16) {
            v128.store(y, v128.load(from, 16), 16);
            v128.store(y, v128.load(from, 32), 32);
            v128.store(y, v128.load(from, 48), 48);
          }
        }
        b += <usize>(tog & 3) + 1;
        y += n;
      }
    }
    if (stuck === 1) {
      const next = oneTag(a, endA, dstA, x, xEnd, headA, hA);
      if (next === 0) return -1;
      a = <usize>(next & 0xffffffff);
      x = <usize>(next >> 32);
    } else if (stuck === 2) {
      const next = oneTag(b, endB, dstB, y, yEnd, headB, hB);
      if (next === 0) return -1;
      b = <usize>(next & 0xffffffff);
      y = <usize>(next >> 32);
    }
  }
  return expand(a, endA, dstA, x, xEnd, headA, hA) && expand(b, endB, dstB, y, yEnd, headB, hB) ? 0 : -1;
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
