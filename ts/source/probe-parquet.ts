// The columns and rows of a Parquet file, from its footer alone.
import type { Schema } from '../schema/types.ts';
import type { ByteSource } from './byte-source.ts';
import { footerRange, type ParquetFooter, parseFooter, TAIL_BYTES } from './parquet-footer.ts';
import { parquetSchema } from './parquet-schema.ts';

/** Most footers fit, so that one read is enough. */
const FIRST_READ_BYTES = 64 * 1024;

/**
 * Reads a file's footer.
 * @throws {ERR_CORRUPT_FILE} when it is not a Parquet file, {ERR_UNSUPPORTED} when it is encrypted.
 */
export async function readParquetFooter(source: ByteSource): Promise<{ footer: ParquetFooter; offset: number }> {
  const size = source.sizeBytes;
  const start = Math.max(0, size - FIRST_READ_BYTES);
  const end = await source.read(start, size);
  const range = footerRange(end.subarray(Math.max(0, end.length - TAIL_BYTES)), size, source.name);
  const bytes =
    range.offset >= start
      ? end.subarray(range.offset - start, range.offset - start + range.length)
      : await source.read(range.offset, range.offset + range.length);
  return { footer: parseFooter(bytes, source.name, range.offset), offset: range.offset };
}

/** Finds the schema and the number of rows of a Parquet file. */
export async function probeParquet(source: ByteSource): Promise<{ schema: Schema; rows: number }> {
  const { footer, offset } = await readParquetFooter(source);
  return { schema: parquetSchema(footer, source.name, offset).schema, rows: footer.rows };
}
