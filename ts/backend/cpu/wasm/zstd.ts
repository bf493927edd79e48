// Zstandard frames (RFC 8878) expanded inside the heap. Nothing is read before src − 8 or behind src + srcLen + 16,
// nothing is written outside dst + dstLen + 32; a frame that is not valid gives −1. `work` is WORK_BYTES of memory of
// the caller's (zstdWorkBytes), where tables and literals lie.

import {
  bitsLeft,
  copyWide,
  highBit,
  huffmanFour,
  huffmanStream,
  huffmanTable,
  LITERALS,
  LL_TABLE,
  ML_TABLE,
  OF_TABLE,
  S_HUF_LOG,
  S_LITERAL_COUNT,
  S_LITERALS,
  S_LL_LOG,
  S_ML_LOG,
  S_OF_LOG,
  S_REP1,
  S_REP2,
  S_REP3,
  sequenceTable,
  WORK_BYTES,
} from './_zstd-tables';

const MAX_BLOCK: u32 = 131072;

export function zstdWorkBytes(): i32 {
  return <i32>WORK_BYTES;
}

/** The n highest bits of c. A shift by 64 would be a shift by 0: hence two. */
function top(c: u64, n: u32): u32 {
  return <u32>((c >> 1) >> (63 - <u64>n));
}

/** The literals of a block: where they lie and how many go to the state. Returns where the sequences start, or 0. */
function literals(work: usize, p: usize, end: usize): usize {
  if (p >= end) return 0;
  const b0 = <u32>load<u8>(p);
  const kind = b0 & 3;
  const format = (b0 >> 2) & 3;
  const word = load<u64>(p);
  if (kind < 2) {
    const head: usize = format === 1 ? 2 : format === 3 ? 3 : 1;
    if (head > end - p) return 0;
    const n = <u32>(format === 1 ? (word >> 4) & 0xfff : format === 3 ? (word >> 4) & 0xfffff : (word >> 3) & 31);
    if (n > MAX_BLOCK) return 0;
    p += head;
    store<u32>(work + S_LITERAL_COUNT, n);
    if (kind === 0) {
      if (<usize>n > end - p) return 0;
      store<u32>(work + S_LITERALS, <u32>p);
      return p + <usize>n;
    }
    if (p >= end) return 0;
    memory.fill(work + LITERALS, load<u8>(p), <usize>n);
    store<u32>(work + S_LITERALS, <u32>(work + LITERALS));
    return p + 1;
  }
  const head: usize = format < 2 ? 3 : format + 2;
  if (head > end - p) return 0;
  const width: u64 = format < 2 ? 10 : format === 2 ? 14 : 18;
  const mask = ((<u64>1) << width) - 1;
  const n = <usize>((word >> 4) & mask);
  const stored = <usize>((word >> (4 + width)) & mask);
  p += head;
  if (<u32>n > MAX_BLOCK || stored > end - p || n === 0) return 0;
  const next = p + stored;
  if (kind === 2) {
    p = huffmanTable(work, p, next);
    if (p === 0) return 0;
  } else if (load<i32>(work + S_HUF_LOG) === 0) return 0;
  const out = work + LITERALS;
  const ok = format === 0 ? huffmanStream(work, p, next, out, n) : huffmanFour(work, p, next, out, n);
  if (!ok) return 0;
  store<u32>(work + S_LITERALS, <u32>out);
  store<u32>(work + S_LITERAL_COUNT, <u32>n);
  return next;
}

/** Expands one compressed block. Returns where the output ends, or 0. */
function block(work: usize, p: usize, end: usize, frame: usize, dst: usize, dEnd: usize): usize {
  p = literals(work, p, end);
  if (p === 0 || p >= end) return 0;
  let lit = <usize>load<u32>(work + S_LITERALS);
  const litEnd = lit + <usize>load<u32>(work + S_LITERAL_COUNT);
  let count = <u32>load<u8>(p++);
  if (count >= 128) {
    if (end - p < 2) return 0;
    if (count === 255) {
      count = <u32>load<u16>(p) + 0x7f00;
      p += 2;
    } else count = ((count - 128) << 8) + <u32>load<u8>(p++);
  }
  let d = dst;
  if (count > 0) {
    if (p >= end) return 0;
    const modes = <u32>load<u8>(p++);
    if (modes & 3) return 0;
    p = sequenceTable(work, p, end, modes >> 6, 0);
    if (p !== 0) p = sequenceTable(work, p, end, (modes >> 4) & 3, 2);
    if (p !== 0) p = sequenceTable(work, p, end, (modes >> 2) & 3, 1);
    if (p === 0 || p >= end) return 0;
    const last = <u32>load<u8>(end - 1);
    if (last === 0) return 0;
    const start = p;
    let q = end - 8;
    let taken = 8 - <u32>highBit(last);
    let c = load<u64>(q) << (<u64>taken);
    const llLog = <u32>(load<i32>(work + S_LL_LOG) - 1);
    const ofLog = <u32>(load<i32>(work + S_OF_LOG) - 1);
    const mlLog = <u32>(load<i32>(work + S_ML_LOG) - 1);
    let ll = <usize>top(c, llLog);
    c <<= <u64>llLog;
    let off = <usize>top(c, ofLog);
    c <<= <u64>ofLog;
    let ml = <usize>top(c, mlLog);
    taken += llLog + ofLog + mlLog;
    let rep1 = load<u32>(work + S_REP1);
    let rep2 = load<u32>(work + S_REP2);
    let rep3 = load<u32>(work + S_REP3);
    while (count > 0) {
      // base value, next state, state bits and extra bits in one load each
      const el = load<u64>(work + LL_TABLE + (ll << 3));
      const eo = load<u64>(work + OF_TABLE + (off << 3));
      const em = load<u64>(work + ML_TABLE + (ml << 3));
      q -= <usize>(taken >> 3);
      taken &= 7;
      c = load<u64>(q) << (<u64>taken);
      const oBits = <u32>(eo >> 56);
      const value = <u32>eo + top(c, oBits);
      taken += oBits;
      if (oBits > 16) {
        q -= <usize>(taken >> 3);
        taken &= 7;
        c = load<u64>(q) << (<u64>taken);
      } else c <<= <u64>oBits;
      const mBits = <u32>(em >> 56);
      const match = <usize>(<u32>em + top(c, mBits));
      c <<= <u64>mBits;
      const lBits = <u32>(el >> 56);
      const length = <usize>(<u32>el + top(c, lBits));
      taken += mBits + lBits;
      let offset: u32;
      if (value > 3) {
        offset = value - 3;
        rep3 = rep2;
        rep2 = rep1;
        rep1 = offset;
      } else {
        const which = value + (length === 0 ? 1 : 0);
        if (which === 1) offset = rep1;
        else {
          offset = which === 2 ? rep2 : which === 3 ? rep3 : rep1 - 1;
          if (which !== 2) rep3 = rep2;
          rep2 = rep1;
          rep1 = offset;
        }
      }
      count--;
      if (count > 0) {
        q -= <usize>(taken >> 3);
        taken &= 7;
        c = load<u64>(q) << (<u64>taken);
        const nl = <u32>(el >> 48) & 255;
        ll = <usize>((<u32>(el >> 32) & 0xffff) + top(c, nl));
        c <<= <u64>nl;
        const nm = <u32>(em >> 48) & 255;
        ml = <usize>((<u32>(em >> 32) & 0xffff) + top(c, nm));
        c <<= <u64>nm;
        const no = <u32>(eo >> 48) & 255;
        off = <usize>((<u32>(eo >> 32) & 0xffff) + top(c, no));
        taken += nl + nm + no;
      }
      if (length > litEnd - lit || length + match > dEnd - d) return 0;
      copyWide(lit, d, length);
      lit += length;
      d += length;
      if (offset === 0 || <usize>offset > d - frame) return 0;
      const from = d - <usize>offset;
      if (offset >= 16) copyWide(from, d, match);
      else if (offset >= 8) for (let i: usize = 0; i < match; i += 8) store<u64>(d + i, load<u64>(from + i));
      else if (offset === 1) memory.fill(d, load<u8>(from), match);
      else for (let i: usize = 0; i < match; i++) store<u8>(d + i, load<u8>(from + i));
      d += match;
    }
    if (bitsLeft(q, taken, start) !== 0) return 0;
    store<u32>(work + S_REP1, rep1);
    store<u32>(work + S_REP2, rep2);
    store<u32>(work + S_REP3, rep3);
  }
  const rest = litEnd - lit;
  if (rest > dEnd - d) return 0;
  copyWide(lit, d, rest);
  return d + rest;
}

/**
 * Expands all frames at [src, src + srcLen) to at most dstLen bytes; skippable frames are passed over. Returns the
 * bytes written, or −1. Checksums of the content are not looked at: the page's own are.
 */
export function zstdDecode(src: usize, srcLen: usize, dst: usize, dstLen: usize, work: usize): f64 {
  let p = src;
  const end = src + srcLen;
  let d = dst;
  const dEnd = dst + dstLen;
  while (p < end) {
    if (end - p < 5) return -1;
    const magic = load<u32>(p);
    if ((magic & 0xfffffff0) === 0x184d2a50) {
      if (end - p < 8 || <usize>load<u32>(p, 4) > end - p - 8) return -1;
      p += 8 + <usize>load<u32>(p, 4);
      continue;
    }
    if (magic !== 0xfd2fb528) return -1;
    const flags = <u32>load<u8>(p, 4);
    if (flags & 8) return -1;
    const single = (flags >> 5) & 1;
    const sizeFlag = flags >> 6;
    const dictFlag = flags & 3;
    const dictBytes: usize = dictFlag === 3 ? 4 : <usize>dictFlag;
    const sizeBytes: usize = sizeFlag === 0 ? <usize>single : (<usize>1) << (<usize>sizeFlag);
    p += 5 + (1 - <usize>single);
    if (dictBytes + sizeBytes > end - p && p <= end) return -1;
    if (p > end) return -1;
    for (let i: usize = 0; i < dictBytes; i++) if (load<u8>(p + i) !== 0) return -1;
    p += dictBytes;
    let said: u64 = 0;
    if (sizeBytes > 0) {
      const unused = 64 - <u64>sizeBytes * 8;
      said = (load<u64>(p) << unused) >> unused;
      if (sizeFlag === 1) said += 256;
    }
    p += sizeBytes;
    store<i32>(work + S_LL_LOG, 0);
    store<i32>(work + S_ML_LOG, 0);
    store<i32>(work + S_OF_LOG, 0);
    store<i32>(work + S_HUF_LOG, 0);
    store<u32>(work + S_REP1, 1);
    store<u32>(work + S_REP2, 4);
    store<u32>(work + S_REP3, 8);
    const frame = d;
    for (;;) {
      if (end - p < 3 || p > end) return -1;
      const head = <u32>load<u16>(p) | ((<u32>load<u8>(p, 2)) << 16);
      p += 3;
      const size = <usize>(head >> 3);
      const kind = (head >> 1) & 3;
      if (kind === 1) {
        if (p >= end || size > dEnd - d) return -1;
        memory.fill(d, load<u8>(p), size);
        p++;
        d += size;
      } else {
        if (size > end - p || <u32>size > MAX_BLOCK) return -1;
        if (kind === 0) {
          if (size > dEnd - d) return -1;
          memory.copy(d, p, size);
          d += size;
        } else if (kind === 2) {
          d = block(work, p, p + size, frame, d, dEnd);
          if (d === 0) return -1;
        } else return -1;
        p += size;
      }
      if (head & 1) break;
    }
    if (sizeBytes > 0 && <u64>(d - frame) !== said) return -1;
    if (flags & 4) {
      if (end - p < 4) return -1;
      p += 4;
    }
  }
  return <f64>(d - dst);
}
