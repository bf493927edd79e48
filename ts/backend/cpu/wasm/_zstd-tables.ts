// The tables of Zstandard: finite-state entropy (FSE) distributions and Huffman trees, built in the caller's memory, and
// the Huffman streams of literals.

// Sequence tables: entries of base value u32, next state u16, state bits u8, extra bits u8.
export const LL_TABLE: usize = 0; // 512 entries
export const ML_TABLE: usize = 4096; // 512
export const OF_TABLE: usize = 8192; // 256
export const HUF_TABLE: usize = 10240; // 2,048 entries of symbol u8, bits u8
export const WEIGHTS: usize = 14336; // 256 bytes
export const NORM: usize = 14592; // 256 × i16
export const NEXT: usize = 15104; // 256 × u16
export const SYMBOLS: usize = 15616; // 512 bytes: symbol of each state while a table is built
export const WEIGHT_TABLE: usize = 16128; // 64 entries of next u16, symbol u8, bits u8
export const STATE: usize = 16384;
export const LITERALS: usize = 16512; // 128 KiB and spare
export const WORK_BYTES: usize = 16512 + 131072 + 64;
// In STATE: the table logs (0 = no table yet), the repeat offsets, and where a parser has come to.
export const S_LL_LOG: usize = STATE;
export const S_ML_LOG: usize = STATE + 4;
export const S_OF_LOG: usize = STATE + 8;
export const S_HUF_LOG: usize = STATE + 12;
export const S_REP1: usize = STATE + 16;
export const S_REP2: usize = STATE + 20;
export const S_REP3: usize = STATE + 24;
export const S_AT: usize = STATE + 28;
export const S_LITERALS: usize = STATE + 32; // address
export const S_LITERAL_COUNT: usize = STATE + 36;

/** Base values and extra bits of literal lengths and match lengths. */
const LL_BASE = memory.data<u32>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024,
  2048, 4096, 8192, 16384, 32768, 65536,
]);
const LL_BITS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
const ML_BASE = memory.data<u32>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
  34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
]);
const ML_BITS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3,
  3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]);
/** The distributions of blocks that bring none. */
const LL_NORM = memory.data<i16>([
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
]);
const ML_NORM = memory.data<i16>([
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
]);
const OF_NORM = memory.data<i16>([
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
]);

export function highBit(v: u32): i32 {
  return 31 - <i32>clz(v);
}

export function copyWide(src: usize, dst: usize, n: usize): void {
  const end = dst + n;
  while (dst < end) {
    v128.store(dst, v128.load(src));
    src += 16;
    dst += 16;
  }
}

/**
 * Reads a distribution at [p, end) into NORM. Returns its log, or -1; S_AT is where it ends, and the number of symbols
 * goes to S_LITERAL_COUNT.
 */
function readNorm(work: usize, p: usize, end: usize, maxLog: i32, maxSymbol: i32): i32 {
  if (p >= end) return -1;
  let bit: u64 = 4;
  const log = <i32>(load<u8>(p) & 15) + 5;
  if (log > maxLog) return -1;
  let remaining: i32 = (1 << log) + 1;
  let threshold: i32 = 1 << log;
  let bits = log + 1;
  let symbol = 0;
  const limit = <u64>(end - p) * 8;
  while (remaining > 1) {
    if (symbol > maxSymbol || bit > limit) return -1;
    const word = <i32>(load<u64>(p + <usize>(bit >> 3)) >> (bit & 7));
    const spare = 2 * threshold - 1 - remaining;
    let count = word & (threshold - 1);
    if (count < spare) bit += <u64>(bits - 1);
    else {
      count = word & (2 * threshold - 1);
      if (count >= threshold) count -= spare;
      bit += <u64>bits;
    }
    count--;
    remaining -= count < 0 ? 1 : count;
    store<i16>(work + NORM + ((<usize>symbol) << 1), <i16>count);
    symbol++;
    if (count === 0) {
      for (;;) {
        if (bit > limit) return -1;
        const zeros = <i32>(load<u64>(p + <usize>(bit >> 3)) >> (bit & 7)) & 3;
        bit += 2;
        for (let i = 0; i < zeros; i++) {
          if (symbol > maxSymbol) return -1;
          store<i16>(work + NORM + ((<usize>symbol) << 1), 0);
          symbol++;
        }
        if (zeros < 3) break;
      }
    }
    while (remaining < threshold && threshold > 1) {
      bits--;
      threshold >>= 1;
    }
  }
  if (remaining !== 1 || bit > limit) return -1;
  store<u32>(work + S_AT, <u32>(p + <usize>((bit + 7) >> 3)));
  store<i32>(work + S_LITERAL_COUNT, symbol);
  return log;
}

/** Spreads the symbols of a distribution over the states: SYMBOLS and NEXT. */
function spread(work: usize, norm: usize, symbols: i32, log: i32): bool {
  const size = 1 << log;
  let high = size - 1;
  for (let s = 0; s < symbols; s++) {
    const count = <i32>load<i16>(norm + ((<usize>s) << 1));
    if (count === -1) {
      store<u8>(work + SYMBOLS + <usize>high, s);
      high--;
      store<u16>(work + NEXT + ((<usize>s) << 1), 1);
    } else store<u16>(work + NEXT + ((<usize>s) << 1), count);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let s = 0; s < symbols; s++) {
    const count = <i32>load<i16>(norm + ((<usize>s) << 1));
    for (let i = 0; i < count; i++) {
      store<u8>(work + SYMBOLS + <usize>at, s);
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  }
  return at === 0;
}

/** Builds a sequence table. `kind`: 0 literal lengths, 1 match lengths, 2 offsets. */
function buildTable(work: usize, table: usize, norm: usize, symbols: i32, log: i32, kind: i32): bool {
  if (!spread(work, norm, symbols, log)) return false;
  const size = 1 << log;
  for (let i = 0; i < size; i++) {
    const s = <usize>load<u8>(work + SYMBOLS + <usize>i);
    const next = <u32>load<u16>(work + NEXT + (s << 1));
    store<u16>(work + NEXT + (s << 1), next + 1);
    const bits = log - highBit(next);
    const e = work + table + ((<usize>i) << 3);
    putEntry(e, s, kind);
    store<u16>(e, (next << bits) - size, 4);
    store<u8>(e, bits, 6);
  }
  return true;
}
function putEntry(e: usize, symbol: usize, kind: i32): void {
  if (kind === 0) {
    store<u32>(e, load<u32>(LL_BASE + (symbol << 2)));
    store<u8>(e, load<u8>(LL_BITS + symbol), 7);
  } else if (kind === 1) {
    store<u32>(e, load<u32>(ML_BASE + (symbol << 2)));
    store<u8>(e, load<u8>(ML_BITS + symbol), 7);
  } else {
    store<u32>(e, (<u32>1) << (<u32>symbol));
    store<u8>(e, <u8>symbol, 7);
  }
}

/** Prepares one of the three tables by its mode. Returns where the next one is described, or 0. */
export function sequenceTable(work: usize, p: usize, end: usize, mode: u32, kind: i32): usize {
  const table = kind === 0 ? LL_TABLE : kind === 1 ? ML_TABLE : OF_TABLE;
  const logAt = work + (kind === 0 ? S_LL_LOG : kind === 1 ? S_ML_LOG : S_OF_LOG);
  const most = kind === 0 ? 35 : kind === 1 ? 52 : 31;
  if (mode === 0) {
    const norm = kind === 0 ? LL_NORM : kind === 1 ? ML_NORM : OF_NORM;
    const log = kind === 2 ? 5 : 6;
    buildTable(work, table, norm, kind === 2 ? 29 : most + 1, log, kind);
    store<i32>(logAt, log + 1);
    return p;
  }
  if (mode === 1) {
    if (p >= end || <i32>load<u8>(p) > most) return 0;
    const e = work + table;
    putEntry(e, <usize>load<u8>(p), kind);
    store<u16>(e, 0, 4);
    store<u8>(e, 0, 6);
    store<i32>(logAt, 1);
    return p + 1;
  }
  if (mode === 2) {
    const log = readNorm(work, p, end, kind === 2 ? 8 : 9, most);
    if (log < 0) return 0;
    const symbols = load<i32>(work + S_LITERAL_COUNT);
    if (!buildTable(work, table, work + NORM, symbols, log, kind)) return 0;
    store<i32>(logAt, log + 1);
    return <usize>load<u32>(work + S_AT);
  }
  return load<i32>(logAt) === 0 ? 0 : p;
}

/** Bits left of a stream read from its end: negative when more were taken than there are. */
export function bitsLeft(ptr: usize, taken: u32, start: usize): i64 {
  return (<i64>ptr - <i64>start) * 8 + 64 - <i64>taken;
}

/** Reads the Huffman weights at [p, end) and builds HUF_TABLE. Returns where the streams start, or 0. */
export function huffmanTable(work: usize, p: usize, end: usize): usize {
  if (p >= end) return 0;
  const head = <usize>load<u8>(p++);
  const weights = work + WEIGHTS;
  let count: usize = 0;
  if (head >= 128) {
    count = head - 127;
    const bytes = (count + 1) >> 1;
    if (bytes > end - p) return 0;
    for (let i: usize = 0; i < count; i++) {
      const b = <u32>load<u8>(p + (i >> 1));
      store<u8>(weights + i, i & 1 ? b & 15 : b >> 4);
    }
    p += bytes;
  } else {
    if (head > end - p || head < 2) return 0;
    count = fseWeights(work, p, p + head);
    if (count === 0) return 0;
    p += head;
  }
  // the last weight makes the sum a power of two
  let sum: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const w = <u32>load<u8>(weights + i);
    if (w > 11) return 0;
    if (w > 0) sum += (<u32>1) << (w - 1);
  }
  if (sum === 0) return 0;
  const log = highBit(sum) + 1;
  const left = ((<u32>1) << log) - sum;
  if (log > 11 || (left & (left - 1)) !== 0) return 0;
  store<u8>(weights + count, highBit(left) + 1);
  count++;
  // lower weights first: their codes are longer
  let at: usize = 0;
  for (let w: u32 = 1; w <= <u32>log; w++) {
    const width = (<usize>1) << (w - 1);
    const entry = (<u32>(log + 1) - w) << 8;
    for (let s: usize = 0; s < count; s++) {
      if (<u32>load<u8>(weights + s) !== w) continue;
      for (let i: usize = 0; i < width; i++, at++) store<u16>(work + HUF_TABLE + (at << 1), entry | <u32>s);
    }
  }
  store<i32>(work + S_HUF_LOG, log);
  return p;
}

/** Weights packed with two interleaved states. Returns how many there are, or 0. */
function fseWeights(work: usize, p: usize, end: usize): usize {
  const log = readNorm(work, p, end, 6, 255);
  if (log < 0) return 0;
  const start = <usize>load<u32>(work + S_AT);
  if (start >= end || !spread(work, work + NORM, load<i32>(work + S_LITERAL_COUNT), log)) return 0;
  const size = 1 << log;
  const table = work + WEIGHT_TABLE;
  for (let i = 0; i < size; i++) {
    const s = <usize>load<u8>(work + SYMBOLS + <usize>i);
    const next = <u32>load<u16>(work + NEXT + (s << 1));
    store<u16>(work + NEXT + (s << 1), next + 1);
    const bits = log - highBit(next);
    store<u16>(table + ((<usize>i) << 2), (next << bits) - size);
    store<u8>(table + ((<usize>i) << 2), <u8>s, 2);
    store<u8>(table + ((<usize>i) << 2), bits, 3);
  }
  const last = <u32>load<u8>(end - 1);
  if (last === 0) return 0;
  // the position is in bits from `start`
  let bit = <i64>(end - start) * 8 - 8 + highBit(last);
  bit -= 2 * log;
  if (bit < 0) return 0;
  let a = bitsAt(start, bit + log, log);
  let b = bitsAt(start, bit, log);
  const weights = work + WEIGHTS;
  let count: usize = 0;
  while (count <= 253) {
    const ea = table + ((<usize>a) << 2);
    store<u8>(weights + count++, load<u8>(ea, 2));
    const na = <i32>load<u8>(ea, 3);
    bit -= na;
    if (bit < 0) {
      store<u8>(weights + count++, load<u8>(table + ((<usize>b) << 2), 2));
      return count;
    }
    a = <u32>load<u16>(ea) + bitsAt(start, bit, na);
    const eb = table + ((<usize>b) << 2);
    store<u8>(weights + count++, load<u8>(eb, 2));
    const nb = <i32>load<u8>(eb, 3);
    bit -= nb;
    if (bit < 0) {
      store<u8>(weights + count++, load<u8>(table + ((<usize>a) << 2), 2));
      return count;
    }
    b = <u32>load<u16>(eb) + bitsAt(start, bit, nb);
  }
  return 0;
}
function bitsAt(start: usize, bit: i64, n: i32): u32 {
  return <u32>(load<u64>(start + <usize>(bit >> 3)) >> <u64>(bit & 7)) & (((<u32>1) << n) - 1);
}

/** One Huffman stream of n symbols. */
export function huffmanStream(work: usize, start: usize, end: usize, out: usize, n: usize): bool {
  if (end <= start) return false;
  const last = <u32>load<u8>(end - 1);
  if (last === 0) return false;
  const table = work + HUF_TABLE;
  const down = <u64>(64 - load<i32>(work + S_HUF_LOG));
  let p = end - 8;
  let taken = 8 - <u32>highBit(last);
  let c = load<u64>(p) << (<u64>taken);
  const stop = out + n;
  while (out < stop) {
    const k = min<usize>(5, stop - out);
    for (let i: usize = 0; i < k; i++) {
      const e = <u32>load<u16>(table + ((<usize>(c >> down)) << 1));
      store<u8>(out++, e);
      c <<= <u64>(e >> 8);
      taken += e >> 8;
    }
    p -= <usize>(taken >> 3);
    taken &= 7;
    c = load<u64>(p) << (<u64>taken);
  }
  return bitsLeft(p, taken, start) === 0;
}

/** Four streams side by side: five symbols of each between two loads, as 11 bits each fit into 57. */
export function huffmanFour(work: usize, start: usize, end: usize, out: usize, n: usize): bool {
  if (end - start < 10) return false;
  const n1 = <usize>load<u16>(start);
  const n2 = <usize>load<u16>(start, 2);
  const n3 = <usize>load<u16>(start, 4);
  const s1 = start + 6;
  if (n1 + n2 + n3 >= end - s1 || n1 === 0 || n2 === 0 || n3 === 0) return false;
  const s2 = s1 + n1;
  const s3 = s2 + n2;
  const s4 = s3 + n3;
  const part = (n + 3) >> 2;
  if (part * 3 > n) return false;
  const l1 = <u32>load<u8>(s2 - 1);
  const l2 = <u32>load<u8>(s3 - 1);
  const l3 = <u32>load<u8>(s4 - 1);
  const l4 = <u32>load<u8>(end - 1);
  if (l1 === 0 || l2 === 0 || l3 === 0 || l4 === 0) return false;
  const table = work + HUF_TABLE;
  const down = <u64>(64 - load<i32>(work + S_HUF_LOG));
  let p1 = s2 - 8;
  let p2 = s3 - 8;
  let p3 = s4 - 8;
  let p4 = end - 8;
  let t1 = 8 - <u32>highBit(l1);
  let t2 = 8 - <u32>highBit(l2);
  let t3 = 8 - <u32>highBit(l3);
  let t4 = 8 - <u32>highBit(l4);
  let c1 = load<u64>(p1) << (<u64>t1);
  let c2 = load<u64>(p2) << (<u64>t2);
  let c3 = load<u64>(p3) << (<u64>t3);
  let c4 = load<u64>(p4) << (<u64>t4);
  let o = out;
  const lastPart = n - part * 3;
  const whole = out + (min(part, lastPart) / 5) * 5;
  while (o < whole) {
    for (let i = 0; i < 5; i++) {
      const e1 = <u32>load<u16>(table + ((<usize>(c1 >> down)) << 1));
      const e2 = <u32>load<u16>(table + ((<usize>(c2 >> down)) << 1));
      const e3 = <u32>load<u16>(table + ((<usize>(c3 >> down)) << 1));
      const e4 = <u32>load<u16>(table + ((<usize>(c4 >> down)) << 1));
      store<u8>(o, e1);
      store<u8>(o + part, e2);
      store<u8>(o + part * 2, e3);
      store<u8>(o + part * 3, e4);
      c1 <<= <u64>(e1 >> 8);
      c2 <<= <u64>(e2 >> 8);
      c3 <<= <u64>(e3 >> 8);
      c4 <<= <u64>(e4 >> 8);
      t1 += e1 >> 8;
      t2 += e2 >> 8;
      t3 += e3 >> 8;
      t4 += e4 >> 8;
      o++;
    }
    p1 -= <usize>(t1 >> 3);
    p2 -= <usize>(t2 >> 3);
    p3 -= <usize>(t3 >> 3);
    p4 -= <usize>(t4 >> 3);
    t1 &= 7;
    t2 &= 7;
    t3 &= 7;
    t4 &= 7;
    c1 = load<u64>(p1) << (<u64>t1);
    c2 = load<u64>(p2) << (<u64>t2);
    c3 = load<u64>(p3) << (<u64>t3);
    c4 = load<u64>(p4) << (<u64>t4);
  }
  const done = o - out;
  return (
    huffmanRest(table, down, p1, t1, s1, o, part - done) &&
    huffmanRest(table, down, p2, t2, s2, o + part, part - done) &&
    huffmanRest(table, down, p3, t3, s3, o + part * 2, part - done) &&
    huffmanRest(table, down, p4, t4, s4, o + part * 3, lastPart - done)
  );
}
function huffmanRest(table: usize, down: u64, p: usize, t: u32, start: usize, out: usize, n: usize): bool {
  let taken = t;
  const stop = out + n;
  while (out < stop) {
    const e = <u32>load<u16>(table + ((<usize>((load<u64>(p) << (<u64>taken)) >> down)) << 1));
    store<u8>(out++, e);
    taken += e >> 8;
    p -= <usize>(taken >> 3);
    taken &= 7;
  }
  return bitsLeft(p, taken, start) === 0;
}
