// Reading and writing text formats through the engine context, for tests.
import type { ExecContext, SyncBytes } from '../../ts/backend/cpu/context.ts';
import type { OpenFile } from '../../ts/backend/cpu/scan/scanner.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { memoryBytes, valuesOf } from './engine.ts';

export interface ReadResult {
  /** Values by column, as `valuesOf` gives them. */
  readonly columns: { readonly [name: string]: unknown[] };
  readonly batches: number[];
}

/** Reads all rows of a source; batches are read out one call late, when their memory must still be good. */
export function readAll(
  ctx: ExecContext,
  open: OpenFile,
  bytes: SyncBytes,
  fileSchema: Schema,
  options: Record<string, unknown> = {},
  { columns = fileSchema, limit = null }: { columns?: Schema; limit?: number | null } = {},
): ReadResult {
  const file = open(ctx, { bytes, columns, fileSchema, options, predicate: null, limit });
  const values: Record<string, unknown[]> = Object.fromEntries(columns.map((c) => [c.name, []]));
  const batches: number[] = [];
  for (let unit = 0; unit < file.unitCount; unit++) {
    const reader = file.openUnit(ctx, unit);
    for (let batch = reader.next(ctx); batch !== null; batch = reader.next(ctx)) {
      batches.push(batch.length);
      columns.forEach((c, k) => {
        const v = batch!.columns[k]!;
        if (v.length !== batch!.length) throw new Error(`column ${c.name}: ${v.length} of ${batch!.length} rows`);
        const into = values[c.name]!;
        for (const value of valuesOf(ctx, v)) into.push(value);
      });
      ctx.scratch.reset();
    }
    reader.close(ctx);
  }
  file.close(ctx);
  return { columns: values, batches };
}

/** A text as a source. */
export const textBytes = (ctx: ExecContext, text: string): SyncBytes =>
  memoryBytes(ctx.heap, new TextEncoder().encode(text), 'test.csv');

/** Rows as arrays. */
export function rowsOf(result: ReadResult): unknown[][] {
  const columns = Object.values(result.columns);
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, i) => columns.map((c) => c[i]));
}
