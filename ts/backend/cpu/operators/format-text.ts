// Rows as text on any thread: what is left for the one that writes the file is to put the pieces of text in order.
import type { WriteNode } from '../../../plan/nodes.ts';
import { compressionFor, type TextCompression } from '../../../source/text-options.ts';
import type { ExecContext } from '../context.ts';
import type { Emit, Operator } from '../pipeline.ts';
import { type Batch, VIEW_INLINE_BYTES } from '../vector.ts';
import { writerOf } from '../write/formats.ts';
import type { FileWriter } from '../write/writer.ts';

/** Whether rows of a file can be made text by a step of their own: compressors want all of the text in order. */
export function formatsApart(node: WriteNode): boolean {
  if (node.format !== 'csv' && node.format !== 'jsonl') return false;
  const asked = (node.options['compression'] ?? 'auto') as TextCompression;
  return compressionFor(node.path, asked) === 'none';
}

/** Rows become batches of one row each: a text, and how many rows end in it. `textsOf` reads them. */
export function createFormatText(node: WriteNode): Operator {
  const only = node.format === 'csv' ? { header: false, bom: false } : {};
  let writer: FileWriter | null = null;
  let rows = 0;
  let send: Emit = () => {};
  const open = (ctx: ExecContext): FileWriter =>
    writerOf(node.format)(
      ctx,
      {
        position: 0,
        write(): never {
          throw new Error('text comes from the heap');
        },
        writeHeap(address, length) {
          const views = ctx.scratch.alloc(16);
          const counts = ctx.scratch.alloc(16);
          const { u8, u32, i32 } = ctx.heap.refresh();
          u8.fill(0, views, views + 16);
          u32[views >>> 2] = length;
          u8.copyWithin(views + 4, address, address + Math.min(length, VIEW_INLINE_BYTES));
          if (length > VIEW_INLINE_BYTES) u32[(views + 12) >>> 2] = address;
          i32[counts >>> 2] = rows;
          rows = 0;
          send({
            length: 1,
            ordinal: 0,
            columns: [
              { type: { dtype: 'Binary' }, length: 1, data: views, validity: 0 },
              { type: { dtype: 'Int32' }, length: 1, data: counts, validity: 0 },
            ],
          });
        },
      },
      node.input.schema,
      { ...node.options, ...only, compression: 'none' },
    );
  return {
    threads: {},
    push(ctx, batch, emit) {
      writer ??= open(ctx);
      send = emit;
      rows += batch.length;
      writer.write(ctx, batch);
      writer.flush!(ctx);
    },
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
