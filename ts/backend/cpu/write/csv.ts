// Writes CSV files: whole batches are formatted by one kernel.
import { type CsvWriteSettings, csvWriteSettings } from '../../../source/csv-options.ts';
import { compressionFor } from '../../../source/text-options.ts';
import type { ExecContext } from '../context.ts';
import { powersInHeap } from '../scan/text/powers.ts';
import { refuseNested, TextColumns } from './text-columns.ts';
import { TextOutput } from './text-output.ts';
import type { OpenWriter } from './writer.ts';

// As in wasm/text-write.ts.
const SETTINGS_BYTES = 64;
const WRITTEN = 40;
const QUOTING = { needed: 0, strings: 1, always: 2 } as const;

/** Opens a CSV file for writing. */
export const openCsvWriter: OpenWriter = (ctx, sink, schema, options) => {
  const settings = csvWriteSettings(options);
  refuseNested(schema, 'CSV', 'Select its parts, or write JSON Lines or Parquet.');
  const columns = new TextColumns(ctx, schema, null);
  const output = new TextOutput(ctx, sink, compressionFor(sink.target ?? '', settings.compression));
  const block = settingsBlock(ctx, settings);
  if (settings.bom) output.write(ctx, '\ufeff');
  if (settings.header) {
    const names = schema.map((f) => headerText(f.name, settings)).join(settings.delimiter);
    output.write(ctx, names + settings.lineTerminator);
  }
  return {
    write(ctx, batch) {
      columns.set(ctx, batch.columns);
      const kernels = ctx.kernels.get('text-write');
      let row = 0;
      while (row < batch.length) {
        const next = kernels.writeCsvRows(
          block,
          columns.address,
          columns.count,
          row,
          batch.length,
          output.at,
          output.end,
        );
        output.at = ctx.heap.refresh().u32[(block + WRITTEN) >>> 2] as number;
        if (next < batch.length) output.makeRoom(ctx);
        row = next;
      }
    },
    flush: (ctx) => output.flush(ctx),
    finish(ctx) {
      output.finish(ctx);
    },
  };
};

function settingsBlock(ctx: ExecContext, s: CsvWriteSettings): number {
  const nullText = Buffer.from(s.nullValue);
  const nullAt = ctx.arena.alloc(nullText.length);
  const powers = powersInHeap(ctx);
  const block = ctx.arena.alloc(SETTINGS_BYTES);
  const { u8, u32 } = ctx.heap.refresh();
  u8.set(nullText, nullAt);
  u32.set(
    [
      s.delimiter.charCodeAt(0),
      s.quote.charCodeAt(0),
      QUOTING[s.quoting],
      nullAt,
      nullText.length,
      s.decimalComma ? 44 : 46,
      powers,
      s.lineTerminator === '\n' ? 10 : 0x0a0d,
      s.lineTerminator.length,
      // Characters of numbers, dates and base64.
      /[-+.:/=]/.test(s.delimiter) ? 1 : 0,
      0,
    ],
    block >>> 2,
  );
  return block;
}

function headerText(name: string, s: CsvWriteSettings): string {
  const plain =
    s.quoting === 'needed' && name !== '' && ![s.delimiter, s.quote, '\n', '\r'].some((mark) => name.includes(mark));
  return plain ? name : s.quote + name.replaceAll(s.quote, s.quote + s.quote) + s.quote;
}
