// Rows as text on any thread: what is left for the one that writes the file is to put the pieces of text in order.
import type { WriteNode } from '../../../plan/nodes.ts';
import { compressionFor, type TextCompression } from '../../../source/text-options.ts';
import type { ExecContext } from '../context.ts';
import type { Emit, Operator } from '../pipeline.ts';
import { writerOf } from '../write/formats.ts';
import type { FileWriter } from '../write/writer.ts';
import { textBatch } from './text-batch.ts';

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
          send(textBatch(ctx, address, length, rows));
          rows = 0;
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
