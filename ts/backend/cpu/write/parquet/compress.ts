// Pages packed by the file's codec.
import zlib from 'node:zlib';
import type { ParquetWriteSettings } from '../../../../source/parquet-options.ts';
import type { ExecContext } from '../../context.ts';
import { zstdOf } from '../../scan/zstd.ts';
import type { PageSizes } from './headers.ts';

/** Numbers of the codecs in the file. */
export const CODEC_NUMBER = { none: 0, snappy: 1, gzip: 2, brotli: 4, zstd: 6, lz4: 7 } as const;

/** Packed bytes: in the heap, in scratch or where they were, or outside of it. */
export type Packed = { readonly address: number; readonly bytes: number } | Uint8Array;

/** The sizes of a page of `expanded` bytes, for its header. */
export function sizesOf(ctx: ExecContext, expanded: number, packed: Packed): PageSizes {
  const bytes =
    packed instanceof Uint8Array
      ? packed
      : ctx.heap.refresh().u8.subarray(packed.address, packed.address + packed.bytes);
  return { expanded, stored: bytes.length, crc: zlib.crc32(bytes) };
}

/** Packs heap bytes `[address, address + bytes)`. */
export function compress(ctx: ExecContext, settings: ParquetWriteSettings, address: number, bytes: number): Packed {
  const { compressionLevel: level } = settings;
  const view = (): Uint8Array => ctx.heap.refresh().u8.subarray(address, address + bytes);
  switch (settings.compression) {
    case 'none':
      return { address, bytes };
    case 'zstd':
      return zstdOf(ctx.kernels).compress(view(), level);
    case 'gzip':
      return zlib.gzipSync(view(), { level });
    case 'brotli':
      return zlib.brotliCompressSync(view(), {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: level, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes },
      });
    case 'snappy': {
      const kernels = ctx.kernels.get('compress');
      const out = ctx.scratch.alloc(32 + bytes + Math.ceil(bytes / 6));
      const table = ctx.scratch.alloc(kernels.tableBytes());
      return { address: out, bytes: kernels.snappyEncode(address, bytes, out, table) - out };
    }
    case 'lz4': {
      const kernels = ctx.kernels.get('compress');
      const out = ctx.scratch.alloc(32 + bytes + Math.ceil(bytes / 255));
      const table = ctx.scratch.alloc(kernels.tableBytes());
      return { address: out, bytes: kernels.lz4Encode(address, bytes, out, table) - out };
    }
  }
}
