import type { Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import { slice } from '../columns/slice.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Operator, Sink } from '../pipeline.ts';
import type { Batch, Vector } from '../vector.ts';

/** Rows [offset, offset + length) of the stream; stops its pipeline when it has them. */
export function createSlice(offset: number, length: number | null): Operator {
  let at = 0;
  const end = length === null ? Number.POSITIVE_INFINITY : offset + length;
  return {
    stops: true,
    push(ctx, batch, emit) {
      const from = Math.max(offset - at, 0);
      const to = Math.min(end - at, batch.length);
      at += batch.length;
      if (from < to) emit(rowsOf(ctx, batch, from, to - from));
    },
    done: () => at >= end,
  };
}

/** The same counted from the end: everything is kept until the stream has ended. */
export function createTailSlice(offset: number, length: number | null, schema: Schema): Sink {
  const store = new RowStore(schema);
  return {
    push(ctx, batch) {
      store.append(ctx, batch);
    },
    finish(ctx) {
      const rows = store.length;
      const from = Math.max(rows + offset, 0);
      const to = length === null ? rows : Math.min(Math.max(rows + offset + length, from), rows);
      const columns = store.finish(ctx).map((v) => range(ctx, v, from, to - from));
      return vectorsSource(columns, to - from, (c) => store.free(c));
    },
  };
}

/** Rows [from, from + n) of a batch: shared where they start on a byte of the bitmaps, else copied to scratch. */
export function rowsOf(ctx: ExecContext, batch: Batch, from: number, n: number): Batch {
  if (from === 0 && n === batch.length) return batch;
  const columns =
    (from & 7) === 0
      ? batch.columns.map((v) => slice(v, from, n))
      : batch.columns.map((v) => gather(ctx, v, rowNumbers(ctx, from, n), n, ctx.scratch));
  return { length: n, columns, ordinal: batch.ordinal };
}

function rowNumbers(ctx: ExecContext, from: number, n: number): number {
  const sel = ctx.scratch.alloc(n * 4);
  ctx.kernels.get('core').iota(sel, n, from);
  return sel;
}

function range(ctx: ExecContext, v: Vector, from: number, n: number): Vector {
  if ((from & 7) === 0) return slice(v, from, n);
  const sel = ctx.arena.alloc(n * 4);
  ctx.kernels.get('core').iota(sel, n, from);
  return gather(ctx, v, sel, n, ctx.arena);
}
