// Text files beyond 4 GB: made up as they are read, in bounded memory.
import { describe, expect, it } from 'vitest';
import type { ExecContext, SyncBytes } from '../../ts/backend/cpu/context.ts';
import { openCsv } from '../../ts/backend/cpu/scan/csv/open-csv.ts';
import { openJsonl } from '../../ts/backend/cpu/scan/jsonl/open-jsonl.ts';
import type { OpenFile } from '../../ts/backend/cpu/scan/scanner.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { testContext, valuesOf } from '../support/engine.ts';
import { field } from '../support/text.ts';

const ROW_BYTES = 1 << 20;
const ROWS = 4200;
const MEMORY_BYTES = 64 << 20;

/** `ROWS` rows of 1 MB: `before`, the row's number in ten digits, `between`, a long text, `after`. */
function hugeFile(ctx: ExecContext, before: string, between: string, after: string): SyncBytes {
  const fill = 'x'.charCodeAt(0);
  const put = (to: number, start: number, length: number): void => {
    const { u8 } = ctx.heap.refresh();
    u8.fill(fill, to, to + length);
    for (let row = Math.floor(start / ROW_BYTES); row * ROW_BYTES < start + length; row++) {
      const head =
        before +
        String(row)
          .padStart(10, '0')
          .replace(/^0+(?=\d)/, (z) => ' '.repeat(z.length)) +
        between;
      const at = row * ROW_BYTES;
      for (let i = 0; i < head.length; i++) set(at + i, head.charAt(i));
      for (let i = 0; i < after.length; i++) set(at + ROW_BYTES - after.length + i, after.charAt(i));
    }
    function set(position: number, c: string): void {
      if (position >= start && position < start + length) u8[to + position - start] = c.charCodeAt(0);
    }
  };
  return {
    name: 'huge',
    sizeBytes: ROWS * ROW_BYTES,
    readInto: (to, start, length) => put(to, start, length),
    read(start, length) {
      const block = ctx.arena.alloc(length);
      put(block, start, length);
      const bytes = ctx.heap.refresh().u8.slice(block, block + length);
      ctx.arena.free(block);
      return bytes;
    },
    close() {},
  };
}

function readIds(ctx: ExecContext, open: OpenFile, bytes: SyncBytes, options: Record<string, unknown>): number[] {
  const columns: Schema = [field('id', { dtype: 'Int32' })];
  const fileSchema = [...columns, field('t', { dtype: 'Utf8' })];
  const file = open(ctx, { bytes, columns, fileSchema, options, predicate: null, limit: null });
  const reader = file.openUnit(ctx, 0);
  const ids: number[] = [];
  for (let batch = reader.next(ctx); batch !== null; batch = reader.next(ctx)) {
    ids.push(...(valuesOf(ctx, batch.columns[0]!) as number[]));
    ctx.scratch.reset();
  }
  reader.close(ctx);
  return ids;
}

const EXPECTED = Array.from({ length: ROWS }, (_, i) => i);

describe('a file of 4.1 GB', () => {
  it('is read as CSV', () => {
    const ctx = testContext(MEMORY_BYTES);
    const bytes = hugeFile(ctx, '', ',', '\n');
    expect(bytes.sizeBytes).toBeGreaterThan(2 ** 32);
    expect(readIds(ctx, openCsv, bytes, { header: ['id', 't'] })).toEqual(EXPECTED);
  });
  it('is read as JSON Lines', () => {
    const ctx = testContext(MEMORY_BYTES);
    const bytes = hugeFile(ctx, '{"id":', ',"t":"', '"}\n');
    expect(readIds(ctx, openJsonl, bytes, {})).toEqual(EXPECTED);
  });
});
