// Functions of strings. Views as in strings.ts; operands have a stride: 16, or 0 for one string for all rows.
import { storeView } from './_text';

function bytesAt(view: usize): usize {
  return load<u32>(view) <= 12 ? view + 4 : <usize>load<u32>(view, 12);
}

function startsWithAt(p: usize, length: u32, q: usize, size: u32): bool {
  if (size > length) return false;
  let i: u32 = 0;
  for (; i + 8 <= size; i += 8) if (load<u64>(p + i) !== load<u64>(q + i)) return false;
  for (; i < size; i++) if (load<u8>(p + i) !== load<u8>(q + i)) return false;
  return true;
}

/** Position of the needle, or -1. Candidates for its first byte are found 16 bytes at a time. */
function find(p: usize, length: u32, q: usize, size: u32): i32 {
  if (size === 0) return 0;
  if (size > length) return -1;
  const first = i8x16.splat(load<i8>(q));
  const last = length - size;
  let i: u32 = 0;
  while (i <= last) {
    // Reads past the string's end stay within spare bytes; matches there are cut off by `last`.
    let mask = i8x16.bitmask(i8x16.eq(v128.load(p + i), first));
    while (mask !== 0) {
      const at = i + <u32>ctz(mask);
      if (at > last) return -1;
      if (startsWithAt(p + at, length - at, q, size)) return <i32>at;
      mask &= mask - 1;
    }
    i += 16;
  }
  return -1;
}

/** Bitmap of rows where b is in a: wanted 0 anywhere, 1 at the start, 2 at the end. */
export function search(a: usize, sa: usize, b: usize, sb: usize, n: i32, wanted: i32, out: usize): void {
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    const x = a + <usize>i * sa;
    const y = b + <usize>i * sb;
    const length = load<u32>(x);
    const size = load<u32>(y);
    const p = bytesAt(x);
    const q = bytesAt(y);
    let hit: bool = false;
    if (wanted === 0) hit = find(p, length, q, size) >= 0;
    else if (wanted === 1) hit = startsWithAt(p, length, q, size);
    else if (size <= length) hit = startsWithAt(p + (length - size), size, q, size);
    acc |= (hit ? <u32>1 : 0) << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(out + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(out + (n >> 3), acc);
}

/** Code points among `length` bytes. */
function countChars(p: usize, length: u32): u32 {
  let total: u32 = 0;
  for (let i: u32 = 0; i < length; i++) if ((<u32>load<u8>(p + i) & 0xc0) !== 0x80) total++;
  return total;
}
/** dst[i] = bytes of string i, or its code points. */
export function lengths(views: usize, n: i32, chars: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const view = views + (i << 4);
    const length = load<u32>(view);
    store<u32>(dst + (i << 2), chars !== 0 ? countChars(bytesAt(view), length) : length);
  }
}

/** Byte position of code point k, at most `length`. */
function charPosition(p: usize, length: u32, k: u32): u32 {
  let i: u32 = 0;
  while (i < length && k > 0) {
    i++;
    while (i < length && (<u32>load<u8>(p + i) & 0xc0) === 0x80) i++;
    k--;
  }
  return i;
}

/** Code points [offset, offset + count) as views of the same bytes; a negative offset counts from the end. */
export function slices(views: usize, n: i32, offset: i32, count: u32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const view = views + (i << 4);
    const length = load<u32>(view);
    const p = bytesAt(view);
    let skip: u32 = 0;
    let take = count;
    if (offset >= 0) skip = <u32>offset;
    else {
      const chars = countChars(p, length);
      const back = <u32>-offset;
      if (back <= chars) skip = chars - back;
      else {
        // Starts before the string: what lies there is cut off.
        const missing = back - chars;
        take = count > missing ? (count === u32.MAX_VALUE ? count : count - missing) : 0;
      }
    }
    const from = charPosition(p, length, skip);
    const size = charPosition(p + from, length - from, take);
    storeView(dst + (i << 4), p + from, size);
  }
}

/** White space at p (before end), its length in bytes, or 0: Unicode's White_Space. */
function spaceAt(p: usize, end: usize): u32 {
  const a = <u32>load<u8>(p);
  if (a === 32 || (a >= 9 && a <= 13)) return 1;
  if (a < 0x80) return 0;
  if (a === 0xc2 && p + 1 < end) {
    const b = <u32>load<u8>(p + 1);
    return b === 0x85 || b === 0xa0 ? 2 : 0;
  }
  if (p + 2 >= end) return 0;
  const b = <u32>load<u8>(p + 1);
  const c = <u32>load<u8>(p + 2);
  if (a === 0xe1) return b === 0x9a && c === 0x80 ? 3 : 0;
  if (a === 0xe2) {
    if (b === 0x80) return (c >= 0x80 && c <= 0x8a) || c === 0xa8 || c === 0xa9 || c === 0xaf ? 3 : 0;
    return b === 0x81 && c === 0x9f ? 3 : 0;
  }
  return a === 0xe3 && b === 0x80 && c === 0x80 ? 3 : 0;
}

/** Strings without white space at their ends (1 start, 2 end, 3 both), as views of the same bytes. */
export function trims(views: usize, n: i32, ends: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const view = views + (i << 4);
    let p = bytesAt(view);
    let end = p + <usize>load<u32>(view);
    if (ends & 1) {
      while (p < end) {
        const size = spaceAt(p, end);
        if (size === 0) break;
        p += size;
      }
    }
    if (ends & 2) {
      while (p < end) {
        let q = end - 1;
        while (q > p && (<u32>load<u8>(q) & 0xc0) === 0x80) q--;
        if (spaceAt(q, end) !== <u32>(end - q)) break;
        end = q;
      }
    }
    storeView(dst + (i << 4), p, <u32>(end - p));
  }
}

/** Whether any of n strings has a byte above 127. */
export function hasNonAscii(views: usize, n: i32): i32 {
  for (let i: usize = 0; i < <usize>n; i++) {
    const view = views + (i << 4);
    const length = load<u32>(view);
    const p = bytesAt(view);
    for (let k: u32 = 0; k < length; k++) if (load<u8>(p + k) > 127) return 1;
  }
  return 0;
}
/** ASCII strings in the other case; bytes of long ones go to `bytes`, which has room for all. */
export function asciiCase(views: usize, n: i32, upper: i32, bytes: usize, dst: usize): void {
  const from: u32 = upper !== 0 ? 97 : 65;
  for (let i: usize = 0; i < <usize>n; i++) {
    const view = views + (i << 4);
    const length = load<u32>(view);
    const p = bytesAt(view);
    const out = dst + (i << 4);
    v128.store(out, v128.load(view));
    const to = length <= 12 ? out + 4 : bytes;
    for (let k: u32 = 0; k < length; k++) {
      const c = <u32>load<u8>(p + k);
      store<u8>(to + k, c - from < 26 ? c ^ 32 : c);
    }
    if (length > 12) {
      storeView(out, bytes, length);
      bytes += length;
    }
  }
}

/** Bytes that `concats` needs. */
export function concatBytes(a: usize, sa: usize, b: usize, sb: usize, n: i32): f64 {
  let total: u64 = 0;
  for (let i: usize = 0; i < <usize>n; i++) total += <u64>load<u32>(a + i * sa) + <u64>load<u32>(b + i * sb);
  return <f64>total;
}
/** a followed by b, row by row, written to `bytes` (16 to spare) with views at dst. */
export function concats(a: usize, sa: usize, b: usize, sb: usize, n: i32, bytes: usize, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = a + i * sa;
    const y = b + i * sb;
    const first = load<u32>(x);
    const second = load<u32>(y);
    memory.copy(bytes, bytesAt(x), first);
    memory.copy(bytes + first, bytesAt(y), second);
    storeView(dst + (i << 4), bytes, first + second);
    if (first + second > 12) bytes += first + second;
  }
}

/** Bitmap of strings that hold all `count` pieces (views) one behind the other. */
export function searchPieces(views: usize, n: i32, pieces: usize, count: i32, out: usize): void {
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    const view = views + ((<usize>i) << 4);
    let p = bytesAt(view);
    let length = load<u32>(view);
    let hit = true;
    for (let k = 0; k < count; k++) {
      const piece = pieces + ((<usize>k) << 4);
      const size = load<u32>(piece);
      const at = find(p, length, bytesAt(piece), size);
      if (at < 0) {
        hit = false;
        break;
      }
      p += <usize>at + <usize>size;
      length -= <u32>at + size;
    }
    acc |= (hit ? <u32>1 : 0) << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(out + (i >> 3), acc);
      acc = 0;
    }
  }
  if (n & 7) store<u8>(out + (n >> 3), acc);
}
