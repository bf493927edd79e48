// The buffers of a message that lies in the host's memory.
import { CorruptFileError, OutOfMemoryError, UnsupportedError } from '../../errors.ts';
import type { ArrowBatchHeader, IpcCompression } from '../../source/arrow-flatbuffer.ts';
import type { BatchBody } from './decode-batch.ts';
import { compressLz4Frame, expandLz4Frame } from './lz4.ts';

/** Most memory that one batch may expand to: a small one can declare a great deal. The engine reads larger ones. */
const mostBytes = (bodyBytes: number): number => 2 ** 28 + bodyBytes * 64;

interface HostBodyOptions {
  readonly name: string;
  readonly header: ArrowBatchHeader;
  readonly offset: number;
  readonly body: Uint8Array;
}

export function hostBody({ name, header, offset, body }: HostBodyOptions): BatchBody {
  let used = 0;
  function fail(what: string): never {
    throw new CorruptFileError(`${name} is corrupt: ${what} in the Arrow batch at byte ${offset}. Write it again.`, {
      path: name,
      offset,
    });
  }
  function room(bytes: number): Uint8Array {
    const limitBytes = mostBytes(body.length);
    if (used + bytes > limitBytes)
      throw new OutOfMemoryError({ requestedBytes: bytes, usedBytes: used, limitBytes, device: 'host' });
    used += bytes;
    return new Uint8Array(bytes);
  }
  const expanded = new Map<number, Uint8Array>();

  function expand(codec: IpcCompression, bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes;
    if (bytes.length < 8) fail(`a compressed buffer of ${bytes.length} bytes`);
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
    const data = bytes.subarray(8);
    if (length === -1) return data;
    // What the formats can do at best: 255 for one byte, and 128 KiB for a block of four.
    const most = codec === 'lz4' ? data.length * 255 + 64 : Math.ceil(data.length / 4) * 131072;
    if (length < 0 || length > most) fail(`a buffer said to expand from ${data.length} to ${length} bytes`);
    const out = room(length);
    const good = codec === 'lz4' ? expandLz4Frame(data, out) : expandZstd(name, data, out);
    if (!good) fail(`a buffer that is not ${codec} data`);
    return out;
  }

  return {
    path: name,
    offset,
    room,
    buffer(index) {
      let bytes = expanded.get(index);
      if (bytes) return bytes;
      const { offset: start, length } = header.buffers[index]!;
      if (start + length > body.length) fail(`a buffer up to byte ${start + length} of a body of ${body.length}`);
      bytes = body.subarray(start, start + length);
      if (header.compression !== null) bytes = expand(header.compression, bytes);
      expanded.set(index, bytes);
      return bytes;
    },
  };
}

/** What Node 22.15 and later have. */
interface NativeZstd {
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
  zstdCompressSync?(bytes: Uint8Array): Uint8Array;
}

function expandZstd(name: string, from: Uint8Array, to: Uint8Array): boolean {
  if (to.length === 0) return true;
  const { zstdDecompressSync: expand } = process.getBuiltinModule('node:zlib') as NativeZstd;
  if (!expand)
    throw new UnsupportedError(
      `${name} is compressed with zstd, which this version of Node does not have (22.15 and later do). Read it with readArrow(bytes).`,
      { codec: 'zstd' },
    );
  try {
    const out = expand(from, { maxOutputLength: to.length });
    if (out.length !== to.length) return false;
    to.set(out);
    return true;
  } catch {
    return false;
  }
}

/** Compresses a buffer without an engine. */
export function hostCompress(codec: IpcCompression, bytes: Uint8Array): Uint8Array {
  if (codec === 'lz4') return compressLz4Frame(bytes);
  const { zstdCompressSync: compress } = process.getBuiltinModule('node:zlib') as NativeZstd;
  if (!compress)
    throw new UnsupportedError(
      'Compressing with zstd needs Node 22.15 or later here. Use lz4, or writeArrow, which brings its own.',
      { codec },
    );
  return compress(bytes);
}
