// Bytes of a text file in order, as plain UTF-8: decompressed and converted piece by piece, in bounded memory.
import zlib from 'node:zlib';
import { CorruptFileError, ParseError, UnsupportedError } from '../../../../errors.ts';
import type { TextSettings } from '../../../../source/text-options.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';

/** Text from front to back. */
export interface TextStream {
  /** Copies at most `capacity` bytes to heap address `to`; returns how many, 0 only at the end. */
  read(ctx: ExecContext, to: number, capacity: number): number;
  close(): void;
}

/** Pieces of bytes, or null at the end; a piece is never empty. */
type Pieces = () => Uint8Array | null;

/** Compressed bytes taken at a time: deflate expands them a thousandfold at most, zstd is fed less at a time. */
const PACKED_BYTES = { gzip: 64 * 1024, zstd: 64 * 1024 };
const PLAIN_BYTES = 1 << 20;

/** Opens a source as text, unpacked and converted as the settings say. */
export function openText(bytes: SyncBytes, settings: TextSettings): TextStream {
  const packing = settings.compression === 'auto' ? detectPacking(bytes) : settings.compression;
  if (packing === 'none' && settings.encoding === 'utf8') return plainStream(bytes);
  let pieces = packing === 'none' ? rawPieces(bytes, PLAIN_BYTES) : unpack(bytes, packing);
  if (settings.encoding !== 'utf8') pieces = convert(bytes.name, pieces, settings.encoding);
  return pieceStream(pieces);
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

/** A decompressor that keeps its state between synchronous calls. */
interface Unpacker {
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array;
  close(): void;
  on(event: 'error', listener: () => void): void;
}

/** node:zlib as far as older types do not know it. */
const lateZlib = zlib as unknown as { createZstdDecompress?: () => Unpacker };

/**
 * The streams of node:zlib work synchronously through `_processChunk`, which npm's own archive reader relies on too.
 * The public synchronous functions would need the whole file in memory.
 */
function unpack(bytes: SyncBytes, packing: 'gzip' | 'zstd'): Pieces {
  let unpacker: Unpacker;
  if (packing === 'gzip') unpacker = zlib.createGunzip() as unknown as Unpacker;
  else {
    if (lateZlib.createZstdDecompress === undefined) return unpackZstd(bytes);
    unpacker = lateZlib.createZstdDecompress();
  }
  // Errors are thrown by the call; the event would come later and end the process.
  unpacker.on('error', () => {});
  const packed = rawPieces(bytes, PACKED_BYTES[packing]);
  let position = 0;
  let done = false;
  const step = (chunk: Uint8Array, flush: number): Uint8Array => {
    try {
      return unpacker._processChunk(chunk, flush);
    } catch (cause) {
      throw new CorruptFileError(
        `${bytes.name}: the ${packing} data is damaged near byte ${position}: ${cause instanceof Error ? cause.message : String(cause)}. Fetch the file again.`,
        { path: bytes.name, offset: position },
        { cause },
      );
    }
  };
  return () => {
    while (!done) {
      const chunk = packed();
      const out =
        chunk === null
          ? step(new Uint8Array(0), zlib.constants.Z_FINISH)
          : step(chunk, packing === 'gzip' ? zlib.constants.Z_SYNC_FLUSH : 0);
      position += chunk?.length ?? 0;
      if (chunk === null) {
        done = true;
        unpacker.close();
      }
      if (out.length > 0) return out;
    }
    return null;
  };
}

function unpackZstd(bytes: SyncBytes): Pieces {
  throw new UnsupportedError(
    `${bytes.name} is packed with zstd, which this Node cannot unpack. Use Node 22.15 or newer, or unpack it first.`,
    { path: bytes.name },
  );
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
