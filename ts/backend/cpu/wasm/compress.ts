// Snappy and LZ4 blocks made from bytes. Both look for four bytes seen before through one table of positions; what
// they write never passes what the callers reserve: the input and a sixth (Snappy) or a 255th (LZ4), plus 32.

const TABLE_BITS: u32 = 13;
const TABLE_BYTES: u32 = 4 << TABLE_BITS;

/** Bytes of the table that an encoder needs. */
export function tableBytes(): u32 {
  return TABLE_BYTES;
}

function slotOf(word: u32): usize {
  return (<usize>((word * 0x9e3779b1) >> (32 - TABLE_BITS))) << 2;
}

/** How many bytes from p and q (before it) are the same, up to `end`. */
function matchLength(q: usize, p: usize, end: usize): usize {
  let a = q;
  let b = p;
  while (b + 8 <= end) {
    const x = load<u64>(a) ^ load<u64>(b);
    if (x !== 0) return b + <usize>(ctz(x) >> 3) - p;
    a += 8;
    b += 8;
  }
  while (b < end && load<u8>(a) === load<u8>(b)) {
    a++;
    b++;
  }
  return b - p;
}

function snappyLiteral(from: usize, n: usize, out: usize): usize {
  if (n === 0) return out;
  let d = out;
  const k = <u32>(n - 1);
  if (k < 60) store<u8>(d++, k << 2);
  else if (k < 256) {
    store<u8>(d, 60 << 2);
    store<u8>(d, k, 1);
    d += 2;
  } else if (k < 65536) {
    store<u8>(d, 61 << 2);
    store<u16>(d, <u16>k, 1);
    d += 3;
  } else {
    store<u8>(d, 63 << 2);
    store<u32>(d, k, 1);
    d += 5;
  }
  memory.copy(d, from, n);
  return d + n;
}

function snappyCopy(offset: usize, length: usize, out: usize): usize {
  let d = out;
  let n = length;
  // a copy holds at most 64 bytes; the last one must not be shorter than 4
  while (n >= 68) {
    store<u8>(d, (63 << 2) | 2);
    store<u16>(d, <u16>offset, 1);
    d += 3;
    n -= 64;
  }
  if (n > 64) {
    store<u8>(d, (59 << 2) | 2);
    store<u16>(d, <u16>offset, 1);
    d += 3;
    n -= 60;
  }
  if (n < 12 && offset < 2048) {
    store<u8>(d, <u32>((offset >> 8) << 5) | ((<u32>(n - 4)) << 2) | 1);
    store<u8>(d, <u32>offset, 1);
    return d + 2;
  }
  store<u8>(d, ((<u32>(n - 1)) << 2) | 2);
  store<u16>(d, <u16>offset, 1);
  return d + 3;
}

/** Packs n bytes; returns the end. */
export function snappyEncode(src: usize, n: u32, dst: usize, table: usize): usize {
  let d = dst;
  let left = n;
  while (left > 127) {
    store<u8>(d++, (left & 127) | 128);
    left >>= 7;
  }
  store<u8>(d++, left);
  memory.fill(table, 0, TABLE_BYTES);
  const end = src + <usize>n;
  const last = n > 15 ? end - 15 : src;
  let literals = src;
  let p = src + 1;
  let misses: u32 = 32;
  while (p < last) {
    const word = load<u32>(p);
    const slot = table + slotOf(word);
    const q = src + <usize>load<u32>(slot);
    store<u32>(slot, <u32>(p - src));
    if (p - q > 65535 || load<u32>(q) !== word) {
      // longer steps through what does not repeat
      p += <usize>(misses++ >> 5);
      continue;
    }
    misses = 32;
    d = snappyLiteral(literals, p - literals, d);
    const length = 4 + matchLength(q + 4, p + 4, end);
    d = snappyCopy(p - q, length, d);
    p += length;
    literals = p;
    if (p < last) store<u32>(table + slotOf(load<u32>(p - 1)), <u32>(p - 1 - src));
  }
  return snappyLiteral(literals, end - literals, d);
}

function lz4Length(n: usize, out: usize): usize {
  let d = out;
  let left = n;
  while (left >= 255) {
    store<u8>(d++, 255);
    left -= 255;
  }
  store<u8>(d, <u32>left);
  return d + 1;
}

/** Packs n bytes into one block; returns the end. */
export function lz4Encode(src: usize, n: u32, dst: usize, table: usize): usize {
  let d = dst;
  memory.fill(table, 0, TABLE_BYTES);
  const end = src + <usize>n;
  // the format wants the last match to begin 12 bytes before the end, and the last 5 bytes to be literals
  const last = n > 12 ? end - 12 : src;
  let literals = src;
  let p = src + 1;
  let misses: u32 = 32;
  while (p < last) {
    const word = load<u32>(p);
    const slot = table + slotOf(word);
    const q = src + <usize>load<u32>(slot);
    store<u32>(slot, <u32>(p - src));
    if (p - q > 65535 || load<u32>(q) !== word) {
      p += <usize>(misses++ >> 5);
      continue;
    }
    misses = 32;
    const length = matchLength(q + 4, p + 4, end - 5);
    const plain = p - literals;
    const token = d++;
    store<u8>(token, ((<u32>min<usize>(plain, 15)) << 4) | <u32>min<usize>(length, 15));
    if (plain >= 15) d = lz4Length(plain - 15, d);
    memory.copy(d, literals, plain);
    d += plain;
    store<u16>(d, <u16>(p - q));
    d += 2;
    if (length >= 15) d = lz4Length(length - 15, d);
    p += length + 4;
    literals = p;
    if (p < last) store<u32>(table + slotOf(load<u32>(p - 1)), <u32>(p - 1 - src));
  }
  const plain = end - literals;
  store<u8>(d++, (<u32>min<usize>(plain, 15)) << 4);
  if (plain >= 15) d = lz4Length(plain - 15, d);
  memory.copy(d, literals, plain);
  return d + plain;
}
