// Parquet's and Arrow's compression codecs between places of the heap.
import zlib from 'node:zlib';
import type { ExecContext } from '../context.ts';
import { zstdExpand } from './zstd.ts';

export type CodecName = 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP' | 'BROTLI' | 'LZ4' | 'ZSTD' | 'LZ4_RAW';

/** A block of compressed bytes and the room for what it expands to. */
export interface Block {
  readonly src: number;
  readonly srcBytes: number;
  readonly dst: number;
  readonly dstBytes: number;
}

/**
 * Whether `srcBytes` can expand to `dstBytes` at all: asked before the room is allocated, so that a file cannot claim
 * gigabytes for a few bytes. The factors are what each format can do at best.
 */
export function plausibleSize(codec: CodecName, srcBytes: number, dstBytes: number): boolean {
  switch (codec) {
    case 'UNCOMPRESSED':
      return srcBytes === dstBytes;
    case 'SNAPPY':
      return dstBytes <= srcBytes * 32 + 64;
    case 'LZ4':
    case 'LZ4_RAW':
      return dstBytes <= srcBytes * 255 + 64;
    case 'GZIP':
      return dstBytes <= srcBytes * 1040 + 64;
    case 'ZSTD':
      // a block of at least four bytes holds at most 128 KiB
      return dstBytes <= Math.ceil(srcBytes / 4) * 131072;
    case 'BROTLI':
      // a block of at least three bytes holds at most 16 MiB
      return dstBytes <= Math.ceil(srcBytes / 3) * 16777216;
  }
}

/** Expands a block into exactly `dstBytes`; false when it is not valid or not that long. */
export function decompress(ctx: ExecContext, codec: CodecName, b: Block): boolean {
  switch (codec) {
    case 'UNCOMPRESSED':
      if (b.srcBytes !== b.dstBytes) return false;
      ctx.heap.refresh().u8.copyWithin(b.dst, b.src, b.src + b.srcBytes);
      return true;
    case 'SNAPPY': {
      const kernels = ctx.kernels.get('codecs');
      return (
        kernels.snappyLength(b.src, b.srcBytes) === b.dstBytes &&
        kernels.snappyDecode(b.src, b.srcBytes, b.dst, b.dstBytes) === b.dstBytes
      );
    }
    case 'LZ4_RAW':
      return ctx.kernels.get('codecs').lz4Decode(b.src, b.srcBytes, b.dst, b.dstBytes, b.dst) === b.dstBytes;
    case 'LZ4':
      return lz4Hadoop(ctx, b) || lz4Frame(ctx, b) || decompress(ctx, 'LZ4_RAW', b);
    case 'ZSTD':
      return zstdExpand(ctx, b.src, b.srcBytes, b.dst, b.dstBytes);
    case 'GZIP':
      return inflate(ctx, b, zlib.unzipSync);
    case 'BROTLI':
      return inflate(ctx, b, zlib.brotliDecompressSync);
  }
}

function inflate(
  ctx: ExecContext,
  b: Block,
  expand: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array,
): boolean {
  let out: Uint8Array;
  try {
    out = expand(ctx.heap.refresh().u8.subarray(b.src, b.src + b.srcBytes), {
      maxOutputLength: Math.max(1, b.dstBytes),
    });
  } catch {
    return false;
  }
  if (out.length !== b.dstBytes) return false;
  ctx.heap.refresh().u8.set(out, b.dst);
  return true;
}

/** Hadoop's framing: blocks of expanded size, compressed size (both big-endian) and an LZ4 block. */
function lz4Hadoop(ctx: ExecContext, b: Block): boolean {
  const { view } = ctx.heap.refresh();
  const kernels = ctx.kernels.get('codecs');
  let at = 0;
  let done = 0;
  while (b.srcBytes - at >= 8) {
    const expanded = view.getUint32(b.src + at, false);
    let left = expanded;
    at += 4;
    if (expanded > b.dstBytes - done) return false;
    // one outer block may hold several compressed ones
    while (left > 0) {
      if (b.srcBytes - at < 4) return false;
      const compressed = view.getUint32(b.src + at, false);
      at += 4;
      if (compressed > b.srcBytes - at) return false;
      const n = kernels.lz4Decode(b.src + at, compressed, b.dst + done, left, b.dst + done);
      if (n <= 0) return false;
      at += compressed;
      done += n;
      left -= n;
    }
  }
  return at === b.srcBytes && done === b.dstBytes;
}

const LZ4_MAGIC = 0x184d2204;

/** LZ4's own frame format. */
function lz4Frame(ctx: ExecContext, b: Block): boolean {
  const { view } = ctx.heap.refresh();
  const end = b.src + b.srcBytes;
  let p = b.src;
  if (b.srcBytes < 7 || view.getUint32(p, true) !== LZ4_MAGIC) return false;
  const flags = view.getUint8(p + 4);
  const blockSum = (flags & 16) !== 0;
  const linked = (flags & 32) === 0;
  p += 6 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0) + 1;
  const kernels = ctx.kernels.get('codecs');
  let done = 0;
  while (end - p >= 4) {
    const head = view.getUint32(p, true);
    p += 4;
    if (head === 0) return done === b.dstBytes;
    const n = head & 0x7fffffff;
    if (n > end - p) return false;
    if (head >>> 31) {
      if (n > b.dstBytes - done) return false;
      ctx.heap.u8.copyWithin(b.dst + done, p, p + n);
      done += n;
    } else {
      const floor = linked ? b.dst : b.dst + done;
      const wrote = kernels.lz4Decode(p, n, b.dst + done, b.dstBytes - done, floor);
      if (wrote < 0) return false;
      done += wrote;
    }
    p += n + (blockSum ? 4 : 0);
  }
  return false;
}
