// Bytes of a text file in order, as plain UTF-8: decompressed and converted piece by piece, in bounded memory.
import { CorruptFileError, ParseError } from '../../../../errors.ts';
import type { TextSettings } from '../../../../source/text-options.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { zstdOf } from '../zstd.ts';
import { hasZlib, SyncZlib } from './zlib-sync.ts';

/** Text from front to back. */
export interface TextStream {
  /** Copies at most `capacity` bytes to heap address `to`; returns how many, 0 only at the end. */
  read(ctx: ExecContext, to: number, capacity: number): number;
  close(): void;
}

/** Pieces of bytes, or null at the end; a piece is never empty. */
type Pieces = () => Uint8Array | null;

/** Compressed bytes taken at a time. */
const PACKED_BYTES = 256 * 1024;
const PLAIN_BYTES = 1 << 20;

/** Opens a source as text, unpacked and converted as the settings say. */
export function openText(ctx: ExecContext, bytes: SyncBytes, settings: TextSettings): TextStream {
  const packing = settings.compression === 'auto' ? detectPacking(bytes) : settings.compression;
  if (packing === 'none' && settings.encoding === 'utf8') return plainStream(bytes);
  let pieces = packing === 'none' ? rawPieces(bytes, PLAIN_BYTES) : unpack(ctx, bytes, packing);
  if (settings.encoding !== 'utf8') pieces = convert(bytes.name, pieces, settings.encoding);
  return pieceStream(pieces);
}

/** Whether the bytes of a file are its text: neither packed nor in need of conversion. */
export function isPlainText(bytes: SyncBytes, settings: TextSettings): boolean {
  const packing = settings.compression === 'auto' ? detectPacking(bytes) : settings.compression;
  return packing === 'none' && settings.encoding === 'utf8';
}

function plainStream(bytes: SyncBytes): TextStream {
  let position = 0;
  return {
    read(_ctx, to, capacity) {
      const length = Math.min(capacity, bytes.sizeBytes - position);
      if (length > 0) bytes.readInto(to, position, length);
      position += length;
      return length;
    },
    close() {},
  };
}

function pieceStream(pieces: Pieces): TextStream {
  let piece: Uint8Array | null = null;
  let at = 0;
  return {
    read(ctx, to, capacity) {
      let done = 0;
      while (done < capacity) {
        if (piece === null || at === piece.length) {
          piece = pieces();
          at = 0;
          if (piece === null) break;
        }
        const part = piece.subarray(at, at + capacity - done);
        ctx.heap.refresh().u8.set(part, to + done);
        at += part.length;
        done += part.length;
      }
      return done;
    },
    close() {
      piece = null;
    },
  };
}

function rawPieces(bytes: SyncBytes, pieceBytes: number): Pieces {
  let position = 0;
  return () => {
    const length = Math.min(pieceBytes, bytes.sizeBytes - position);
    if (length <= 0) return null;
    position += length;
    return bytes.read(position - length, length);
  };
}

/** What the first bytes say: gzip and zstd files begin with magic numbers that no UTF-8 text begins with. */
function detectPacking(bytes: SyncBytes): 'none' | 'gzip' | 'zstd' {
  const head = bytes.read(0, Math.min(4, bytes.sizeBytes));
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : 'none';
}

/** Unpacks gzip, or zstd where node:zlib has it, in pieces. */
function unpack(ctx: ExecContext, bytes: SyncBytes, packing: 'gzip' | 'zstd'): Pieces {
  const kind = packing === 'gzip' ? 'gunzip' : 'unzstd';
  if (!hasZlib(kind)) return unpackFrames(ctx, bytes);
  const unpacker = new SyncZlib(kind);
  const packed = rawPieces(bytes, PACKED_BYTES);
  let position = 0;
  let last = false;
  let done = false;
  return () => {
    while (!done) {
      let out: Uint8Array | null;
      try {
        out = unpacker.next(last);
      } catch (cause) {
        throw damaged(bytes.name, packing, position, cause);
      }
      if (out !== null) return out;
      if (last) {
        done = true;
        unpacker.close();
        break;
      }
      const chunk = packed();
      if (chunk === null) last = true;
      else {
        unpacker.push(chunk);
        position += chunk.length;
      }
    }
    return null;
  };
}

function damaged(path: string, packing: string, offset: number, cause: unknown): CorruptFileError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CorruptFileError(
    `${path}: the ${packing} data is damaged or cut off before byte ${offset}: ${why}. Fetch the file again.`,
    { path, offset },
    { cause },
  );
}

/** Most that one zstd frame may hold where frames can only be unpacked whole. */
const MAX_FRAME_BYTES = 1 << 30;

/** Unpacks zstd a frame at a time, on Node before 22.15. */
function unpackFrames(ctx: ExecContext, bytes: SyncBytes): Pieces {
  let position = 0;
  return () => {
    while (position < bytes.sizeBytes) {
      const start = position;
      const frame = zstdFrame(bytes, start);
      if (frame === null) throw damaged(bytes.name, 'zstd', start, 'the frame has no end');
      position = frame.end;
      if (frame.skip) continue;
      const out = zstdOf(ctx.kernels).decompressBytes(bytes.read(start, frame.end - start), MAX_FRAME_BYTES);
      if (out === null) throw damaged(bytes.name, 'zstd', frame.end, 'the frame is not valid, or larger than 1 GB');
      if (out.length > 0) return out;
    }
    return null;
  };
}

/** Where a zstd frame ends: its blocks say how long they are. Null when the file ends before. */
function zstdFrame(bytes: SyncBytes, start: number): { end: number; skip: boolean } | null {
  const head = bytes.read(start, Math.min(18, bytes.sizeBytes - start));
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (head.length < 8) return null;
  const magic = view.getUint32(0, true);
  if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
    const end = start + 8 + view.getUint32(4, true);
    return end <= bytes.sizeBytes ? { end, skip: true } : null;
  }
  if (magic !== 0xfd2fb528) return null;
  const flags = view.getUint8(4);
  const single = (flags >> 5) & 1;
  const sizeBytes = [single, 2, 4, 8][flags >> 6] as number;
  const dictBytes = [0, 1, 2, 4][flags & 3] as number;
  let at = start + 5 + (1 - single) + dictBytes + sizeBytes;
  for (;;) {
    if (at + 3 > bytes.sizeBytes) return null;
    const [a = 0, b = 0, c = 0] = bytes.read(at, 3);
    const block = a | (b << 8) | (c << 16);
    // A block of one repeated byte holds that byte only.
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3);
    if (block & 1) break;
  }
  if (flags & 4) at += 4;
  return at <= bytes.sizeBytes ? { end: at, skip: false } : null;
}

/** Text in another encoding, or UTF-8 with faults, as UTF-8. */
function convert(path: string, pieces: Pieces, encoding: string): Pieces {
  const lossy = encoding === 'utf8-lossy';
  // A byte order mark is left to the reader, which drops it.
  const decoder = new TextDecoder(lossy ? 'utf-8' : encoding, { fatal: !lossy, ignoreBOM: true });
  const encoder = new TextEncoder();
  let done = false;
  const decode = (piece: Uint8Array | null): string => {
    try {
      return piece === null ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw new ParseError(
        `${path} holds bytes that are not ${encoding}. Name its encoding in the 'encoding' option.`,
        {
          path,
        },
      );
    }
  };
  return () => {
    while (!done) {
      const piece = pieces();
      done = piece === null;
      const text = decode(piece);
      if (text.length > 0) return encoder.encode(text);
    }
    return null;
  };
}
