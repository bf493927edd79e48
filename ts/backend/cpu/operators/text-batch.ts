// Pieces of a file that other threads have made, as rows: a text, and a number that says what ends with it.
import type { ExecContext } from '../context.ts';
import { type Batch, VIEW_INLINE_BYTES } from '../vector.ts';

/** One text as a batch of one row, in scratch memory; long ones stay where they lie. */
export function textBatch(ctx: ExecContext, address: number, length: number, rows: number): Batch {
  const views = ctx.scratch.alloc(16);
  const counts = ctx.scratch.alloc(16);
  const { u8, u32, i32 } = ctx.heap.refresh();
  u8.fill(0, views, views + 16);
  u32[views >>> 2] = length;
  u8.copyWithin(views + 4, address, address + Math.min(length, VIEW_INLINE_BYTES));
  if (length > VIEW_INLINE_BYTES) u32[(views + 12) >>> 2] = address;
  i32[counts >>> 2] = rows;
  return {
    length: 1,
    ordinal: 0,
    columns: [
      { type: { dtype: 'Binary' }, length: 1, data: views, validity: 0 },
      { type: { dtype: 'Int32' }, length: 1, data: counts, validity: 0 },
    ],
  };
}

/** The texts of a batch: address, bytes, and rows. */
export function textsOf(ctx: ExecContext, batch: Batch): { address: number; length: number; rows: number }[] {
  const { u32, i32 } = ctx.heap.refresh();
  const [texts, counts] = batch.columns;
  return Array.from({ length: batch.length }, (_, i) => {
    const view = texts!.data + i * 16;
    const length = u32[view >>> 2]!;
    const address = length > VIEW_INLINE_BYTES ? u32[(view + 12) >>> 2]! : view + 4;
    return { address, length, rows: i32[(counts!.data >>> 2) + i]! };
  });
}
