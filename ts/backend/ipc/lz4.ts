// LZ4 blocks and frames on byte arrays. A block is a run of sequences { literals, match }: a token of two 4-bit lengths
// (15: more length bytes follow), the literals, a 16-bit distance back into the output.
import { xxhash32 } from '../../util/xxhash32.ts';

const MIN_MATCH = 4;
/** The last match starts this far from the end, and the last bytes are literals: rules of the format. */
const MATCH_LIMIT = 12;
const LAST_LITERALS = 5;
const MOST_DISTANCE = 65535;
const HASH_BITS = 14;

/**
 * Expands a block `from[at, end)` to `to[start, …)`. Matches may reach back to `floor`. Returns the bytes written, or -1
 * when it is not a valid block or does not fit.
 */
export function expandLz4Block(
  from: Uint8Array,
  at: number,
  end: number,
  to: Uint8Array,
  start: number,
  floor: number,
): number {
  let p = at;
  let d = start;
  while (p < end) {
    const token = from[p++]!;
    let literals = token >> 4;
    if (literals === 15)
      for (let more = 255; more === 255; literals += more) {
        if (p >= end) return -1;
        more = from[p++]!;
      }
    if (literals > end - p || literals > to.length - d) return -1;
    if (literals > 32) to.set(from.subarray(p, p + literals), d);
    else for (let i = 0; i < literals; i++) to[d + i] = from[p + i]!;
    p += literals;
    d += literals;
    if (p === end) return d - start;
    if (end - p < 2) return -1;
    const distance = from[p]! | (from[p + 1]! << 8);
    p += 2;
    if (distance === 0 || distance > d - floor) return -1;
    let length = token & 15;
    if (length === 15)
      for (let more = 255; more === 255; length += more) {
        if (p >= end) return -1;
        more = from[p++]!;
      }
    length += MIN_MATCH;
    if (length > to.length - d) return -1;
    if (distance >= length && length > 32) to.copyWithin(d, d - distance, d - distance + length);
    else for (let i = 0; i < length; i++) to[d + i] = to[d + i - distance]!;
    d += length;
  }
  return -1;
}

/** The most bytes a block of `bytes` can take. */
const worstCase = (bytes: number): number => bytes + Math.ceil(bytes / 255) + 16;

/** Compresses `from[at, end)` to the start of `to`, which has room for the worst case. Returns the bytes written. */
function compressBlock(from: Uint8Array, at: number, end: number, to: Uint8Array, table: Int32Array): number {
  table.fill(-1);
  let d = 0;
  let anchor = at;
  let p = at;
  const lastMatch = end - MATCH_LIMIT;
  const matchEnd = end - LAST_LITERALS;
  let misses = 0;
  const putLength = (rest: number): void => {
    let left = rest;
    for (; left >= 255; left -= 255) to[d++] = 255;
    to[d++] = left;
  };
  while (p <= lastMatch) {
    const word = from[p]! | (from[p + 1]! << 8) | (from[p + 2]! << 16) | (from[p + 3]! << 24);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const ref = table[slot]!;
    table[slot] = p;
    if (
      ref < 0 ||
      p - ref > MOST_DISTANCE ||
      (from[ref]! | (from[ref + 1]! << 8) | (from[ref + 2]! << 16) | (from[ref + 3]! << 24)) !== word
    ) {
      // Data that does not compress is stepped through faster and faster.
      p += 1 + (misses++ >> 6);
      continue;
    }
    misses = 0;
    let length = MIN_MATCH;
    while (p + length < matchEnd && from[ref + length] === from[p + length]) length++;
    const literals = p - anchor;
    const extra = length - MIN_MATCH;
    to[d++] = (Math.min(literals, 15) << 4) | Math.min(extra, 15);
    if (literals >= 15) putLength(literals - 15);
    to.set(from.subarray(anchor, p), d);
    d += literals;
    to[d++] = (p - ref) & 255;
    to[d++] = (p - ref) >> 8;
    if (extra >= 15) putLength(extra - 15);
    p += length;
    anchor = p;
  }
  const literals = end - anchor;
  to[d++] = Math.min(literals, 15) << 4;
  if (literals >= 15) putLength(literals - 15);
  to.set(from.subarray(anchor, end), d);
  return d + literals;
}

const FRAME_MAGIC = 0x184d2204;
const STORED = 0x80000000;
const BLOCK_BYTES = 4 << 20;

/** Expands a block of the frame: `[at, end)` of the input to `[start, …)` of the output. */
export type ExpandBlock = (at: number, end: number, start: number, floor: number) => number;

/**
 * Expands one LZ4 frame into exactly `to`; false when it is not valid, fails a checksum or has another length. `expand`
 * does one block; by default in TypeScript.
 */
export function expandLz4Frame(from: Uint8Array, to: Uint8Array, expand?: ExpandBlock): boolean {
  const block = expand ?? ((at, end, start, floor) => expandLz4Block(from, at, end, to, start, floor));
  if (from.length < 11) return false;
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  if (view.getUint32(0, true) !== FRAME_MAGIC) return false;
  const flags = from[4]!;
  if (flags >> 6 !== 1 || (flags & 2) !== 0) return false;
  const [independent, blockSums, sized, summed, dictionary] = [32, 16, 8, 4, 1].map((bit) => (flags & bit) !== 0);
  let p = 6 + (sized ? 8 : 0);
  if (dictionary || from.length < p + 5) return false;
  if (sized && view.getBigUint64(6, true) !== BigInt(to.length)) return false;
  if (((xxhash32(from.subarray(4, p)) >> 8) & 255) !== from[p++]) return false;
  let done = 0;
  while (from.length - p >= 4) {
    const head = view.getUint32(p, true);
    p += 4;
    if (head === 0) {
      if (done !== to.length) return false;
      return !summed || (from.length - p >= 4 && view.getUint32(p, true) === xxhash32(to));
    }
    const n = head & ~STORED;
    if (n > from.length - p - (blockSums ? 4 : 0)) return false;
    if (head >>> 31) {
      if (n > to.length - done) return false;
      to.set(from.subarray(p, p + n), done);
      done += n;
    } else {
      const wrote = block(p, p + n, done, independent ? done : 0);
      if (wrote < 0) return false;
      done += wrote;
    }
    if (blockSums && view.getUint32(p + n, true) !== xxhash32(from.subarray(p, p + n))) return false;
    p += n + (blockSums ? 4 : 0);
  }
  return false;
}

/** Compresses `[at, end)` of the input to the output from `start`; returns the bytes written. */
export type CompressBlock = (at: number, end: number, start: number) => number;

/** The most bytes a frame of `bytes` can take. */
export const lz4FrameRoom = (bytes: number): number =>
  15 + Math.max(1, Math.ceil(bytes / BLOCK_BYTES)) * (4 + worstCase(Math.min(bytes, BLOCK_BYTES)));

/** Writes bytes as one LZ4 frame of independent blocks to `out`, which has `lz4FrameRoom`. Returns its length. */
export function writeLz4Frame(from: Uint8Array, out: Uint8Array, compress: CompressBlock): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  view.setUint32(0, FRAME_MAGIC, true);
  out[4] = 0x60;
  out[5] = 0x70;
  out[6] = (xxhash32(out.subarray(4, 6)) >> 8) & 255;
  let d = 7;
  for (let at = 0; at < from.length; at += BLOCK_BYTES) {
    const end = Math.min(from.length, at + BLOCK_BYTES);
    const n = compress(at, end, d + 4);
    const stored = n >= end - at;
    if (stored) out.set(from.subarray(at, end), d + 4);
    view.setUint32(d, stored ? ((end - at) | STORED) >>> 0 : n, true);
    d += 4 + (stored ? end - at : n);
  }
  view.setUint32(d, 0, true);
  return d + 4;
}

/** Bytes as one LZ4 frame, without an engine. */
export function compressLz4Frame(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(lz4FrameRoom(bytes.length));
  const table = new Int32Array(1 << HASH_BITS);
  const length = writeLz4Frame(bytes, out, (at, end, start) =>
    compressBlock(bytes, at, end, out.subarray(start), table),
  );
  return out.subarray(0, length);
}
