// Writes columns of values as Parquet, through the engine's writer.
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import type { Batch } from '../../ts/backend/cpu/vector.ts';
import { openParquetWriter } from '../../ts/backend/cpu/write/parquet/open-writer.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { batchOf, testContext, vectorOf } from './engine.ts';
import { memorySink } from './text.ts';

export type WriteOptions = { readonly [name: string]: unknown };

/** The bytes of a file of batches, which `make` gives one by one. */
export function writeBatches(
  ctx: ExecContext,
  schema: Schema,
  batches: Iterable<Batch>,
  options: WriteOptions = {},
): Uint8Array {
  const sink = memorySink(ctx);
  const writer = openParquetWriter(ctx, sink, schema, options);
  for (const batch of batches) {
    writer.write(ctx, batch);
    ctx.scratch.reset();
  }
  writer.finish(ctx);
  return sink.bytes();
}

/** The bytes of a file of columns, `sizes` rows in a batch after the other (default: all in one). */
export function writeColumns(
  schema: Schema,
  columns: readonly (readonly unknown[])[],
  options: WriteOptions = {},
  sizes: readonly number[] = [columns[0]?.length ?? 0],
): Uint8Array {
  const ctx = testContext();
  function* batches(): Iterable<Batch> {
    let from = 0;
    for (const n of sizes) {
      const to = from + n;
      const vectors = schema.map((f, i) => vectorOf(ctx, f.type, columns[i]!.slice(from, to)));
      yield { ...batchOf(vectors), length: n };
      from = to;
    }
  }
  return writeBatches(ctx, schema, batches(), options);
}
