// Layouts at the Arrow boundary that are not the heap's: 128-bit decimals, codes, bitmaps of parents.

/**
 * 128-bit words → i64. Returns the first present row with more than `precision` digits (18 at most; 0: as many as 64 bits
 * hold), or -1; nulls become 0.
 */
export function narrowDecimals(src: usize, n: i32, validity: usize, precision: i32, dst: usize): i32 {
  let limit: i64 = 1;
  for (let i = 0; i < precision; i++) limit *= 10;
  for (let i: usize = 0; i < <usize>n; i++) {
    const low = load<i64>(src + (i << 4));
    if (validity !== 0 && ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) === 0) {
      store<i64>(dst + (i << 3), 0);
      continue;
    }
    if (load<i64>(src + (i << 4), 8) !== low >> 63) return <i32>i;
    if (precision > 0 && (low >= limit || low <= -limit)) return <i32>i;
    store<i64>(dst + (i << 3), low);
  }
  return -1;
}

/** The first present row of 128-bit words with more than `precision` digits, or -1. */
export function checkDecimals(src: usize, n: i32, validity: usize, precision: i32): i32 {
  let limitLow: u64 = 1;
  let limitHigh: u64 = 0;
  for (let i = 0; i < precision; i++) {
    const carry = ((limitLow >> 32) * 10 + (((limitLow & 0xffffffff) * 10) >> 32)) >> 32;
    limitLow *= 10;
    limitHigh = limitHigh * 10 + carry;
  }
  for (let i: usize = 0; i < <usize>n; i++) {
    let low = load<u64>(src + (i << 4));
    let high = load<u64>(src + (i << 4), 8);
    if (<i64>high < 0) {
      low = 0 - low;
      high = ~high + (low === 0 ? 1 : 0);
    }
    if (high < limitHigh || (high === limitHigh && low < limitLow)) continue;
    if (validity === 0 || ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) !== 0) return <i32>i;
  }
  return -1;
}

/** i64 → 128-bit words, low first. */
export function widenDecimals(src: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const v = load<i64>(src + (i << 3));
    store<i64>(dst + (i << 4), v);
    store<i64>(dst + (i << 4), v >> 63, 8);
  }
}

/** First present row whose code is not below `limit`, or -1; codes under nulls become 0. */
export function checkCodes(codes: usize, n: i32, validity: usize, limit: u32): i32 {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (validity !== 0 && ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) === 0)
      store<u32>(codes + (i << 2), 0);
    else if (load<u32>(codes + (i << 2)) >= limit) return <i32>i;
  }
  return -1;
}

/** Every bit `times` times over: the validity of fixed-size lists spread over their items. */
export function repeatBits(src: usize, n: i32, times: i32, dst: usize): void {
  let at = 0;
  let acc: u32 = 0;
  for (let i = 0; i < n; i++) {
    const bit = (<u32>load<u8>(src + (i >> 3)) >> (i & 7)) & 1;
    for (let k = 0; k < times; k++) {
      acc |= bit << (at & 7);
      at++;
      if ((at & 7) === 0) {
        store<u8>(dst + (at >> 3) - 1, acc);
        acc = 0;
      }
    }
  }
  if (at & 7) store<u8>(dst + (at >> 3), acc);
}

/** Row numbers 0 … n - 1 with 0xFFFFFFFF under nulls. Returns how many list items nulls hide. */
export function presentRows(validity: usize, n: i32, offsets: usize, sel: usize): i32 {
  let hidden: u32 = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const here = ((<u32>load<u8>(validity + (i >> 3)) >> <u32>(i & 7)) & 1) !== 0;
    if (!here) hidden += load<u32>(offsets + (i << 2), 4) - load<u32>(offsets + (i << 2));
    store<u32>(sel + (i << 2), here ? <u32>i : 0xffffffff);
  }
  return <i32>hidden;
}

/** Four bytes → a slot of the 2^13 that a block's table has. */
function lz4Slot(word: u32): usize {
  return (<usize>((word * 0x9e3779b1) >> 19)) << 2;
}

/** What is left of a length over 15: bytes of 255, then the rest. Returns the end. */
function lz4Length(dst: usize, rest: usize): usize {
  let left = rest;
  for (; left >= 255; left -= 255) store<u8>(dst++, 255);
  store<u8>(dst++, <u32>left);
  return dst;
}

/**
 * Compresses n bytes to an LZ4 block at `dst`, which has room for the worst case (n + n / 255 + 16). `table` is 32 KiB of
 * work memory. Returns the bytes written.
 */
export function lz4Encode(src: usize, n: i32, dst: usize, table: usize): i32 {
  memory.fill(table, 0, 32768);
  const end = src + <usize>n;
  // The last match starts 12 bytes before the end at least, and the last 5 bytes are literals.
  const lastMatch = n < 13 ? src : end - 12;
  const matchEnd = end - 5;
  let d = dst;
  let anchor = src;
  let p = src + 1;
  let misses: u32 = 0;
  if (n >= 13) store<u32>(table + lz4Slot(load<u32>(src)), 0);
  while (p < lastMatch) {
    const word = load<u32>(p);
    const slot = table + lz4Slot(word);
    const ref = src + <usize>load<u32>(slot);
    store<u32>(slot, <u32>(p - src));
    if (ref >= p || p - ref > 65535 || load<u32>(ref) !== word) {
      // Data that does not compress is stepped through faster and faster.
      p += 1 + <usize>(misses >> 6);
      misses++;
      continue;
    }
    misses = 0;
    let length: usize = 4;
    while (p + length + 8 <= matchEnd) {
      const difference = load<u64>(ref + length) ^ load<u64>(p + length);
      if (difference !== 0) {
        length += <usize>(ctz(difference) >> 3);
        break;
      }
      length += 8;
    }
    while (p + length < matchEnd && load<u8>(ref + length) === load<u8>(p + length)) length++;
    const literals = p - anchor;
    const extra = length - 4;
    store<u8>(d++, ((literals < 15 ? <u32>literals : 15) << 4) | (extra < 15 ? <u32>extra : 15));
    if (literals >= 15) d = lz4Length(d, literals - 15);
    memory.copy(d, anchor, literals);
    d += literals;
    store<u16>(d, <u32>(p - ref));
    d += 2;
    if (extra >= 15) d = lz4Length(d, extra - 15);
    p += length;
    anchor = p;
  }
  const literals = end - anchor;
  store<u8>(d++, (literals < 15 ? <u32>literals : 15) << 4);
  if (literals >= 15) d = lz4Length(d, literals - 15);
  memory.copy(d, anchor, literals);
  return <i32>(d + literals - dst);
}
