// The columns and rows of a Parquet file, from its footer alone.
import type { Schema } from '../schema/types.ts';
import type { ByteSource } from './byte-source.ts';
import { footerOf, type KnownFooter } from './footer-cache.ts';
import { footerRange, TAIL_BYTES } from './parquet-footer.ts';

/** Most footers fit, so that one read is enough. */
const FIRST_READ_BYTES = 64 * 1024;

/**
 * Reads a file's footer.
 * @throws {ERR_CORRUPT_FILE} when it is not a Parquet file, {ERR_UNSUPPORTED} when it is encrypted.
 */
export async function readParquetFooter(source: ByteSource): Promise<KnownFooter> {
  const size = source.sizeBytes;
  const start = Math.max(0, size - FIRST_READ_BYTES);
  const end = await source.read(start, size);
  const range = footerRange(end.subarray(Math.max(0, end.length - TAIL_BYTES)), size, source.name);
  const bytes =
    range.offset >= start
      ? end.subarray(range.offset - start, range.offset - start + range.length)
      : await source.read(range.offset, range.offset + range.length);
  return footerOf(bytes, source.name, range.offset);
}

/** Finds the schema and the number of rows of a Parquet file. */
export async function probeParquet(source: ByteSource): Promise<{ schema: Schema; rows: number }> {
  const { footer, schema } = await readParquetFooter(source);
  return { schema: schema.schema, rows: footer.rows };
}
