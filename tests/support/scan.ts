// A file opened by one format's reader, without a plan: every unit, every batch, as values.
import type { ExecContext, SyncBytes } from '../../ts/backend/cpu/context.ts';
import type { OpenFile } from '../../ts/backend/cpu/scan/scanner.ts';
import type { Schema } from '../../ts/schema/types.ts';
import type { ByteSource } from '../../ts/source/byte-source.ts';
import { valuesOf } from './engine.ts';

/** Values of the columns, all units together. Vectors are read only after the next batch has been asked for. */
export function scanAll(
  ctx: ExecContext,
  open: OpenFile,
  bytes: SyncBytes,
  fileSchema: Schema,
  columns: Schema = fileSchema,
  options: { readonly [name: string]: unknown } = {},
): { columns: unknown[][]; rows: number; batches: number } {
  const request = { bytes, columns, fileSchema, options, predicate: null, limit: null };
  const file = open(ctx, request);
  const values: unknown[][] = columns.map(() => []);
  let rows = 0;
  let batches = 0;
  try {
    for (let unit = 0; unit < file.unitCount; unit++) {
      const reader = file.openUnit(ctx, unit);
      for (let batch = reader.next(ctx); batch; ) {
        const held = batch;
        rows += held.length;
        batches++;
        const take = () =>
          held.columns.forEach((v, i) => {
            for (const value of valuesOf(ctx, v)) values[i]!.push(value);
          });
        take();
        ctx.scratch.reset();
        batch = reader.next(ctx);
      }
      reader.close(ctx);
    }
  } finally {
    file.close(ctx);
    bytes.close();
  }
  return { columns: values, rows, batches };
}

/** Bytes as an asynchronous source. */
export function byteSource(bytes: Uint8Array, name = '<bytes>'): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    read: async (start, end) => bytes.slice(start, end),
    close: async () => {},
  };
}
