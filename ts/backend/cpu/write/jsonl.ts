// Writes JSON Lines files: whole batches are formatted by one kernel.
import { EvaluationError } from '../../../errors.ts';
import { jsonlWriteSettings } from '../../../source/jsonl-options.ts';
import { compressionFor } from '../../../source/text-options.ts';
import { powersInHeap } from '../scan/text/powers.ts';
import { TextColumns } from './text-columns.ts';
import { TextOutput } from './text-output.ts';
import type { OpenWriter } from './writer.ts';

// As in wasm/text-write.ts.
const SETTINGS_BYTES = 64;
const WRITTEN = 12;
const REFUSED = 16;
const NON_FINITE = { null: 0, string: 1, error: 2 } as const;

/** Opens a JSON Lines file for writing. */
export const openJsonlWriter: OpenWriter = (ctx, sink, schema, options) => {
  const settings = jsonlWriteSettings(options);
  const columns = new TextColumns(ctx, schema, (name) => Buffer.from(`${JSON.stringify(name)}:`));
  const output = new TextOutput(ctx, sink, compressionFor(sink.target ?? '', settings.compression));
  const powers = powersInHeap(ctx);
  const block = ctx.arena.alloc(SETTINGS_BYTES);
  ctx.heap.refresh().u32.set([powers, NON_FINITE[settings.nonFinite], settings.omitNulls ? 1 : 0, 0, 0], block >>> 2);
  let rows = 0;
  return {
    write(ctx, batch) {
      columns.set(ctx, batch.columns);
      const kernels = ctx.kernels.get('text-write');
      let row = 0;
      while (row < batch.length) {
        row = kernels.writeJsonRows(block, columns.address, columns.count, row, batch.length, output.at, output.end);
        const { u32 } = ctx.heap.refresh();
        output.at = u32[(block + WRITTEN) >>> 2] as number;
        if (u32[(block + REFUSED) >>> 2] !== 0) {
          throw new EvaluationError(
            'ERR_EVALUATION',
            `Row ${rows + row} holds a NaN or Infinity, which JSON has no text for. Replace it, or write with { nonFinite: 'null' } or 'string'.`,
            { row: rows + row },
          );
        }
        if (row < batch.length) output.makeRoom(ctx);
      }
      rows += batch.length;
    },
    flush: (ctx) => output.flush(ctx),
    finish(ctx) {
      output.finish(ctx);
    },
  };
};
