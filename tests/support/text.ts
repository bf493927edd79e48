// Reading and writing text formats through the engine context, for tests.
import type { ExecContext, SyncBytes } from '../../ts/backend/cpu/context.ts';
import type { OpenFile } from '../../ts/backend/cpu/scan/scanner.ts';
import type { ByteSink, OpenWriter } from '../../ts/backend/cpu/write/writer.ts';
import type { Field, LogicalType, Schema } from '../../ts/schema/types.ts';
import { batchOf, memoryBytes, valuesOf, vectorOf } from './engine.ts';

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

/** A sink that keeps what is written. */
export function memorySink(ctx: ExecContext): ByteSink & { bytes(): Buffer; text(): string } {
  const parts: Buffer[] = [];
  let position = 0;
  const add = (bytes: Uint8Array): void => {
    parts.push(Buffer.from(bytes));
    position += bytes.length;
  };
  return {
    write: add,
    writeHeap: (address, length) => add(ctx.heap.refresh().u8.slice(address, address + length)),
    get position() {
      return position;
    },
    bytes: () => Buffer.concat(parts),
    text: () => Buffer.concat(parts).toString('utf8'),
  };
}

/** Writes columns of values as one batch. */
export function writeAll(
  ctx: ExecContext,
  open: OpenWriter,
  schema: Schema,
  columns: readonly (readonly unknown[])[],
  options: Record<string, unknown> = {},
): ReturnType<typeof memorySink> {
  const sink = memorySink(ctx);
  const writer = open(ctx, sink, schema, options);
  if ((columns[0]?.length ?? 0) > 0) {
    writer.write(ctx, batchOf(schema.map((f, i) => vectorOf(ctx, f.type, columns[i] ?? []))));
  }
  writer.finish(ctx);
  return sink;
}

/** A nullable column. */
export const field = (name: string, type: LogicalType): Field => ({ name, type, nullable: true });
