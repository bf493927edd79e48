// The schema of a CSV file: what all the fields of a column fit, over the first rows or all of them.
import { SchemaMismatchError } from '../../../../errors.ts';
import type { Field, LogicalType, Schema } from '../../../../schema/types.ts';
import { type CsvSettings, csvSettings } from '../../../../source/csv-options.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { lineAt } from '../text/line-at.ts';
import { openText } from '../text/text-stream.ts';
import { TextWindow } from '../text/text-window.ts';
import { C, columnBlock, nullTexts } from './csv-column.ts';
import { badFields } from './csv-errors.ts';
import { readHead } from './csv-head.ts';
import { RowScan } from './csv-rows.ts';

// Bits as in wasm/csv.ts, in the order of preference.
const FITS: readonly [number, LogicalType][] = [
  [1, { dtype: 'Bool' }],
  [2, { dtype: 'Int64' }],
  [4, { dtype: 'UInt64' }],
  [8, { dtype: 'Float64' }],
  [16, { dtype: 'Date32' }],
  [32, { dtype: 'Datetime', unit: 'us', zone: null }],
  [64, { dtype: 'Datetime', unit: 'ns', zone: null }],
  [128, { dtype: 'Datetime', unit: 'us', zone: 'UTC' }],
  [256, { dtype: 'Datetime', unit: 'ns', zone: 'UTC' }],
];
const FITS_ALL = 511;

/** A column without any value is Utf8: every text that comes later fits. */
function typeOf(fits: number): LogicalType {
  if (fits === FITS_ALL) return { dtype: 'Utf8' };
  return FITS.find(([bit]) => (fits & bit) !== 0)?.[1] ?? { dtype: 'Utf8' };
}

/**
 * The columns of a CSV file: the declared schema where there is one, checked against the names; else dtypes that fit
 * the first `inferRows` rows, or every row when mismatches shall widen. Inferred columns may all hold nulls.
 */
export function inferCsv(ctx: ExecContext, bytes: SyncBytes, options: { readonly [name: string]: unknown }): Schema {
  const settings = csvSettings(options);
  const window = new TextWindow(bytes.name, openText(ctx, bytes, settings), settings.blockBytes, settings.inferRows);
  try {
    const names = readHead(ctx, window, settings, bytes.name);
    if (settings.schema !== null) return declared(settings.schema, names, bytes.name);
    const fits = inferFits(ctx, window, names.length, settings, bytes);
    return names.map((name, i): Field => ({ name, type: typeOf(fits[i] as number), nullable: true }));
  } finally {
    window.close(ctx);
  }
}

function declared(schema: Schema, names: readonly string[], path: string): Schema {
  const missing = schema.filter((f) => !names.includes(f.name)).map((f) => f.name);
  if (missing.length > 0) {
    throw new SchemaMismatchError(
      `${path} has no column ${missing.map((n) => `"${n}"`).join(', ')}, which the schema declares. Columns: ${names.slice(0, 20).join(', ')}.`,
      { path, missing, columns: names },
    );
  }
  return schema;
}

function inferFits(
  ctx: ExecContext,
  window: TextWindow,
  columns: number,
  settings: CsvSettings,
  bytes: SyncBytes,
): number[] {
  const scan = new RowScan(ctx, columns, settings, window.newline);
  const nulls = nullTexts(ctx, settings.nullValues);
  const blocks = Array.from({ length: columns }, (_, i) => columnBlock(ctx, scan.index, i, settings, nulls));
  const csv = ctx.kernels.get('csv');
  const { u32 } = ctx.heap.refresh();
  for (const block of blocks) u32[(block + C.a) >>> 2] = FITS_ALL;
  let rows = 0;
  while (rows < settings.inferRows) {
    const from = window.at;
    const most = Math.min(scan.tileRows, settings.inferRows - rows);
    const n = from < window.end ? scan.scan(ctx, from, window.end, most) : 0;
    if (from < window.end) {
      window.at = scan.consumed(ctx);
      const got = scan.badFields(ctx);
      if (got !== 0) {
        const line = lineAt(ctx, bytes, settings, window.offsetOf(window.at), window.newline);
        const text = ctx.heap.refresh().buffer.toString('utf8', window.at, Math.min(window.end, window.at + 80));
        throw badFields({ path: bytes.name, row: rows + n + 1, line }, got, columns, text.split(/[\r\n]/)[0] ?? '');
      }
    }
    for (const block of blocks) csv.inferFields(block, 0, n);
    window.taken(n, window.at - from);
    rows += n;
    if (n < most && !window.more(ctx, 0)) break;
  }
  const heap = ctx.heap.refresh();
  const fits = blocks.map((block) => heap.u32[(block + C.a) >>> 2] as number);
  scan.close(ctx);
  for (const address of [nulls, ...blocks]) ctx.arena.free(address);
  return fits;
}
