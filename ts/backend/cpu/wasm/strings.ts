// Strings: 16-byte views from and to Arrow's offsets, UTF-8 checks, dictionaries. A view is { u32 length, 12 bytes }: up
// to 12 bytes the string itself, zero-padded, longer ones { 8-byte prefix, u32 address }.
import { copyText, invalidUtf8, storeView } from './_text';

/** Whether row i is present; a bitmap at 0 means all are. */
function present(validity: usize, i: usize): bool {
  return validity === 0 || ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) !== 0;
}

/** First row whose i32 offsets run backwards or leave [0, limit), or -1 when all n rows are right. */
export function checkOffsets(offsets: usize, n: i32, limit: u32): i32 {
  if (load<u32>(offsets) > limit) return 0;
  let i = 0;
  // where they ascend up to the limit, none needs to be looked at by itself
  const most = i32x4.splat(<i32>limit);
  for (let p = offsets; i + 4 <= n; i += 4, p += 16) {
    const next = v128.load(p, 4);
    const fits = v128.and(i32x4.ge_u(next, v128.load(p)), i32x4.le_u(next, most));
    if (!i32x4.all_true(fits)) break;
  }
  for (; i < n; i++) {
    const p = offsets + ((<usize>i) << 2);
    const next = load<u32>(p, 4);
    if (next < load<u32>(p) || next > limit) return i;
  }
  return -1;
}

/** Views of n strings whose bytes start at `bytes`; strings under nulls become empty. */
export function viewsFromOffsets(offsets: usize, n: i32, bytes: usize, validity: usize, dst: usize): void {
  let from = load<u32>(offsets);
  for (let i: usize = 0; i < <usize>n; i++) {
    const to = load<u32>(offsets + (i << 2), 4);
    storeView(dst + (i << 4), bytes + <usize>from, present(validity, i) ? to - from : 0);
    from = to;
  }
}

/** The same for views that outlive `bytes`: what does not fit into them goes to `text`. Returns where it ends. */
export function placeStrings(offsets: usize, n: i32, bytes: usize, validity: usize, dst: usize, text: usize): usize {
  let from = load<u32>(offsets);
  for (let i: usize = 0; i < <usize>n; i++) {
    const to = load<u32>(offsets + (i << 2), 4);
    const length = present(validity, i) ? to - from : 0;
    let p = bytes + <usize>from;
    if (length > 12) {
      copyText(text, p, length);
      p = text;
      text += length;
    }
    storeView(dst + (i << 4), p, length);
    from = to;
  }
  return text;
}

/** Views of n strings of `width` bytes each; those under nulls become empty. */
export function viewsFromFixed(bytes: usize, n: i32, width: u32, validity: usize, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++)
    storeView(dst + (i << 4), bytes + i * <usize>width, present(validity, i) ? width : 0);
}

/** Bytes of n strings. */
export function viewBytes(views: usize, n: i32): f64 {
  let total: u64 = 0;
  const end = views + ((<usize>n) << 4);
  for (let p = views; p < end; p += 16) total += <u64>load<u32>(p);
  return <f64>total;
}

/** n + 1 offsets of n strings, from `start`. Returns the last. */
export function offsetsFromViews(views: usize, n: i32, start: u32, dst: usize): u32 {
  let at = start;
  store<u32>(dst, at);
  for (let i: usize = 0; i < <usize>n; i++) {
    at += load<u32>(views + (i << 4));
    store<u32>(dst + (i << 2), at, 4);
  }
  return at;
}

/** The bytes of n strings one after another; may write 12 bytes past the end, which is returned. */
export function bytesFromViews(views: usize, n: i32, dst: usize): usize {
  const end = views + ((<usize>n) << 4);
  for (let p = views; p < end; p += 16) {
    const length = load<u32>(p);
    if (length <= 12) {
      store<u64>(dst, load<u64>(p, 4));
      store<u32>(dst, load<u32>(p, 12), 8);
    } else memory.copy(dst, <usize>load<u32>(p, 12), length);
    dst += length;
  }
  return dst;
}

/** Whether `length` bytes are ASCII; reads up to 15 bytes past the end. */
function isAscii(p: usize, length: usize): bool {
  let n = length;
  for (; n >= 16; n -= 16, p += 16) if (i8x16.bitmask(v128.load(p)) !== 0) return false;
  return (i8x16.bitmask(v128.load(p)) & ((1 << (<i32>n)) - 1)) === 0;
}

function isUtf8(p: usize, length: u32): bool {
  const end = p + <usize>length;
  return isAscii(p, length) || invalidUtf8(p, end) === end;
}

/** First of n present strings that is not UTF-8, or -1. For views, where the bytes lie apart. */
export function checkViewsUtf8(views: usize, n: i32, validity: usize): i32 {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (!present(validity, i)) continue;
    const p = views + (i << 4);
    const length = load<u32>(p);
    const at = length <= 12 ? p + 4 : <usize>load<u32>(p, 12);
    if (!isUtf8(at, length)) return <i32>i;
  }
  return -1;
}

/**
 * First of n present strings, given by offsets, that is not UTF-8, or -1. The bytes are checked in one run first, and
 * that no string starts inside a character; only when this fails are the strings looked at one by one.
 */
export function checkUtf8(offsets: usize, n: i32, bytes: usize, validity: usize): i32 {
  const first = load<u32>(offsets);
  const last = load<u32>(offsets + ((<usize>n) << 2));
  if (isAscii(bytes + <usize>first, last - first)) return -1;
  let good = isUtf8(bytes + <usize>first, last - first);
  for (let i: usize = 0; good && i < <usize>n; i++) {
    const at = load<u32>(offsets + (i << 2));
    if (at < last && (<u32>load<u8>(bytes + <usize>at) & 0xc0) === 0x80) good = false;
  }
  if (good) return -1;
  for (let i: usize = 0; i < <usize>n; i++) {
    if (!present(validity, i)) continue;
    const from = load<u32>(offsets + (i << 2));
    const length = load<u32>(offsets + (i << 2), 4) - from;
    if (!isUtf8(bytes + <usize>from, length)) return <i32>i;
  }
  return -1;
}

/** A 64-bit hash of a string. */
function hashView(view: usize): u64 {
  const length = load<u32>(view);
  let h: u64 = (<u64>length + 1) * 0x9e3779b97f4a7c15;
  if (length <= 12) {
    h = (h ^ load<u64>(view, 4)) * 0xff51afd7ed558ccd;
    h = (h ^ (h >> 32) ^ <u64>load<u32>(view, 12)) * 0xc4ceb9fe1a85ec53;
    return h ^ (h >> 29);
  }
  let p = <usize>load<u32>(view, 12);
  const end = p + <usize>length;
  for (; p + 8 <= end; p += 8) {
    h = (h ^ load<u64>(p)) * 0xff51afd7ed558ccd;
    h ^= h >> 32;
  }
  for (; p < end; p++) h = (h ^ <u64>load<u8>(p)) * 0x100000001b3;
  h *= 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 29);
}

/** Whether two strings are equal. */
function sameView(a: usize, b: usize): bool {
  const length = load<u32>(a);
  if (load<u64>(a) !== load<u64>(b) || load<u32>(a, 8) !== load<u32>(b, 8)) return false;
  if (length <= 12) return load<u32>(a, 12) === load<u32>(b, 12);
  let p = <usize>load<u32>(a, 12);
  let q = <usize>load<u32>(b, 12);
  if (p === q) return true;
  const end = p + <usize>length;
  for (; p + 8 <= end; p += 8, q += 8) if (load<u64>(p) !== load<u64>(q)) return false;
  for (; p < end; p++, q++) if (load<u8>(p) !== load<u8>(q)) return false;
  return true;
}

/**
 * Codes of n strings in a growing dictionary, for present rows; 0 under nulls. `table` holds 2^bits u32 slots (code + 1,
 * 0 = free) and stays at most half full: `words` has room for `room` views and holds `count`. Returns the new count, or
 * -1 - i when row i found no room: grow, `rehashWords`, and go on from i with the count in the word before `codes`.
 */
export function encodeWords(
  views: usize,
  n: i32,
  validity: usize,
  table: usize,
  bits: i32,
  words: usize,
  count: i32,
  room: i32,
  codes: usize,
  from: i32,
  countAt: usize,
): i32 {
  const mask = ((<u32>1) << bits) - 1;
  let used = count;
  for (let i: usize = <usize>from; i < <usize>n; i++) {
    if (!present(validity, i)) {
      store<u32>(codes + (i << 2), 0);
      continue;
    }
    const view = views + (i << 4);
    let slot = <u32>(hashView(view) >> 32) & mask;
    let code: u32 = 0;
    while (true) {
      code = load<u32>(table + ((<usize>slot) << 2));
      if (code === 0 || sameView(words + ((<usize>(code - 1)) << 4), view)) break;
      slot = (slot + 1) & mask;
    }
    if (code === 0) {
      if (used >= room) {
        store<u32>(countAt, used);
        return -1 - <i32>i;
      }
      v128.store(words + ((<usize>used) << 4), v128.load(view));
      used++;
      code = used;
      store<u32>(table + ((<usize>slot) << 2), code);
    }
    store<u32>(codes + (i << 2), code - 1);
  }
  store<u32>(countAt, used);
  return used;
}

/** Enters `count` words into an empty (zeroed) table of 2^bits slots. */
export function rehashWords(words: usize, count: i32, table: usize, bits: i32): void {
  const mask = ((<u32>1) << bits) - 1;
  for (let i = 0; i < count; i++) {
    let slot = <u32>(hashView(words + ((<usize>i) << 4)) >> 32) & mask;
    while (load<u32>(table + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(table + ((<usize>slot) << 2), i + 1);
  }
}

/**
 * Arrow's views { u32 length, prefix, u32 buffer, u32 start } → ours, which may be the same memory. `table` holds the
 * address and the length of each of `buffers` data buffers. Returns the first present row that points outside, or -1.
 */
export function adoptViews(src: usize, n: i32, validity: usize, table: usize, buffers: u32, dst: usize): i32 {
  for (let i: usize = 0; i < <usize>n; i++) {
    const from = src + (i << 4);
    const to = dst + (i << 4);
    if (!present(validity, i)) {
      v128.store(to, i64x2.splat(0));
      continue;
    }
    const length = load<u32>(from);
    if (length <= 12) {
      storeView(to, from + 4, length);
      continue;
    }
    const buffer = load<u32>(from, 8);
    const start = load<u32>(from, 12);
    if (buffer >= buffers || length > 0x7fffffff) return <i32>i;
    const entry = table + ((<usize>buffer) << 3);
    if (<u64>start + <u64>length > <u64>load<u32>(entry, 4)) return <i32>i;
    storeView(to, <usize>load<u32>(entry) + <usize>start, length);
  }
  return -1;
}
