// Rows as a text table: what `show` prints.
import type { RecordBatch } from '../backend/arrow.ts';
import { DecimalValue } from '../schema/decimal.ts';
import { isFloat, isInteger, type LogicalType, type Schema, typeText } from '../schema/types.ts';
import { valuesOf } from './values.ts';

export interface PrintOptions {
  /** Most rows to print. */
  readonly rows: number;
  /** Rows there are in all; null: at least one more than printed, or just the printed ones. */
  readonly total: number | null;
  /** Most characters of a line. */
  readonly width?: number;
}

/** Longest cell; longer ones end in an ellipsis. */
const CELL = 40;
/** Decimals a float is printed with, at most. */
const DECIMALS = 6;

interface PrintedColumn {
  readonly cells: readonly string[];
  readonly right: boolean;
  readonly width: number;
}

/** A boxed table: names, dtypes, rows, and a line with the size. */
export function tableText(batch: RecordBatch, schema: Schema, options: PrintOptions): string {
  const { rows, total, width = 120 } = options;
  const shown = Math.min(rows, batch.length);
  const columns = batch.columns.map((c, i): PrintedColumn => {
    const f = schema[i] as Schema[number];
    const values = Array.prototype.slice.call(valuesOf(c), 0, shown) as unknown[];
    const numeric = isInteger(f.type) || isFloat(f.type) || f.type.dtype === 'Decimal';
    const cells = [cut(f.name), cut(typeText(f.type)), ...texts(values, f.type).map(cut)];
    return { cells, right: numeric, width: Math.max(...cells.map(widthOf)) };
  });
  const size = sizeLine(shown, total, batch.length, schema.length);
  if (columns.length === 0) return size;
  const visible = fitting(columns, width);
  const rule = (left: string, mid: string, end: string): string =>
    left + visible.map((c) => '─'.repeat(c.width + 2)).join(mid) + end;
  const line = (i: number): string => `│${visible.map((c) => ` ${padded(c, i)} `).join('│')}│`;
  const body = Array.from({ length: shown }, (_, i) => line(i + 2));
  return [rule('┌', '┬', '┐'), line(0), line(1), rule('├', '┼', '┤'), ...body, rule('└', '┴', '┘'), size].join('\n');
}

function sizeLine(shown: number, total: number | null, got: number, columns: number): string {
  const columnText = `${columns} column${columns === 1 ? '' : 's'}`;
  const count = (n: number): string => `${n.toLocaleString('en-US')} row${n === 1 ? '' : 's'}`;
  if (total === null) return got > shown ? `first ${count(shown)} × ${columnText}` : `${count(shown)} × ${columnText}`;
  return `${count(total)} × ${columnText}${total > shown ? `, first ${shown} shown` : ''}`;
}

/** Leading and trailing columns while they fit, and an ellipsis for the others. */
function fitting(columns: readonly PrintedColumn[], width: number): readonly PrintedColumn[] {
  const total = (list: readonly PrintedColumn[]): number => list.reduce((sum, c) => sum + c.width + 3, 1);
  if (total(columns) <= width) return columns;
  const cells = (columns[0] as PrintedColumn).cells.map((_, i) => (i === 1 ? '' : '…'));
  const gap: PrintedColumn = { cells, right: false, width: 1 };
  const first: PrintedColumn[] = [];
  const last: PrintedColumn[] = [];
  let left = 0;
  let right = columns.length - 1;
  while (left <= right) {
    const fromEnd = first.length > last.length * 2;
    const next = columns[fromEnd ? right : left] as PrintedColumn;
    if (total([...first, gap, ...last, next]) > width && first.length > 0) break;
    if (fromEnd) {
      last.unshift(next);
      right--;
    } else {
      first.push(next);
      left++;
    }
  }
  return [...first, gap, ...last];
}

function padded(c: PrintedColumn, i: number): string {
  const text = c.cells[i] as string;
  const space = ' '.repeat(c.width - widthOf(text));
  return c.right ? space + text : text + space;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function cut(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would break the table.
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, (c) => ESCAPES[c] ?? '�');
  const letters = [...clean];
  return letters.length <= CELL ? clean : `${letters.slice(0, CELL - 1).join('')}…`;
}

/** Terminal cells of a text: East Asian wide characters and emoji take two, combining marks none. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) as number;
    if (code < 0x300) width++;
    else if (/\p{Mark}/u.test(letter) || code === 0x200d || code === 0xfe0f) continue;
    else width += isWide(code) ? 2 : 1;
  }
  return width;
}

const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0x1f300 && code <= 0x1faff);

function texts(values: readonly unknown[], type: LogicalType): string[] {
  if (isFloat(type)) return floatTexts(values as readonly (number | null)[], type.dtype === 'Float32');
  return values.map((v) => valueText(v, type));
}

/** One value as `show` prints it. */
export function valueText(v: unknown, type: LogicalType): string {
  if (v === null || v === undefined) return 'null';
  switch (type.dtype) {
    case 'Date32':
      return dateText(v as Date).slice(0, -9);
    case 'Datetime':
      return zonedText(v as Date, type.zone);
    case 'Duration':
      return durationText(v as number);
    case 'Time':
      return (v as string).replace(/\.(\d*?)0+$/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
    case 'Binary':
      return `0x${Buffer.from((v as Uint8Array).subarray(0, CELL)).toString('hex')}`;
    case 'Float32':
    case 'Float64':
      return floatText(v as number, type.dtype === 'Float32');
    case 'List':
    case 'FixedSizeList':
      return `[${(v as unknown[])
        .slice(0, CELL)
        .map((item) => quoted(item, type.inner.type))
        .join(', ')}]`;
    case 'Struct':
      return `{ ${type.fields.map((f) => `${f.name}: ${quoted((v as Record<string, unknown>)[f.name], f.type)}`).join(', ')} }`;
    default:
      return v instanceof DecimalValue ? v.toString() : String(v);
  }
}

const quoted = (v: unknown, type: LogicalType): string =>
  typeof v === 'string' && type.dtype !== 'Time' ? `'${v}'` : valueText(v, type);

function floatText(x: number, single: boolean): string {
  const shortest = single ? Number(x.toPrecision(7)) : x;
  if (!Number.isFinite(shortest) || Number.isInteger(shortest)) return String(shortest);
  const size = Math.abs(shortest);
  return size < 1e-4 || size >= 1e15
    ? String(Number(shortest.toPrecision(7)))
    : String(Number(shortest.toFixed(DECIMALS)));
}

/** As many decimals for all as the longest needs, so that points stand below each other. */
function floatTexts(values: readonly (number | null)[], single: boolean): string[] {
  const plain = values.map((v) => (v === null ? 'null' : floatText(v, single)));
  const decimalsOf = (text: string): number => (/^-?\d+\.\d+$/.test(text) ? text.length - text.indexOf('.') - 1 : 0);
  const decimals = Math.max(0, ...plain.map(decimalsOf));
  // Padding 3000000 to 3000000.000000 helps nobody.
  if (decimals === 0 || decimals + Math.max(...plain.map((t) => t.split('.')[0]?.length ?? 0)) > 11) return plain;
  return plain.map((text) => {
    if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
    const missing = decimals - decimalsOf(text);
    return missing === 0 ? text : `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(missing)}`;
  });
}

/** `2024-01-31 12:30:00`, with milliseconds when there are any. */
function dateText(d: Date): string {
  const year = d.getUTCFullYear();
  const two = (n: number): string => String(n).padStart(2, '0');
  const yearText = year >= 0 && year <= 9999 ? String(year).padStart(4, '0') : String(year);
  const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  const ms = d.getUTCMilliseconds();
  return `${yearText}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())} ${clock}${ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`}`;
}

function zonedText(d: Date, zone: string | null): string {
  if (zone === null) return dateText(d);
  if (zone === 'UTC') return `${dateText(d)}Z`;
  const local = new Date(d.getTime() + offsetMs(d, zone));
  return `${dateText(local)} ${zone}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's wall clock is ahead of UTC at an instant. */
function offsetMs(d: Date, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(d).map((p) => [p.type, p.value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const wall = new Date(0);
  wall.setUTCFullYear(year, part('month') - 1, part('day'));
  wall.setUTCHours(part('hour'), part('minute'), part('second'));
  return wall.getTime() - Math.floor(d.getTime() / 1000) * 1000;
}

/** `1d 2h`, `3m 0.5s`, `-5ms`. */
function durationText(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  let rest = Math.abs(ms);
  if (rest < 1000) return `${sign}${Number(rest.toFixed(6))}ms`;
  const parts: string[] = [];
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    const whole = Math.floor(rest / size);
    if (whole > 0) parts.push(`${whole}${unit}`);
    rest -= whole * size;
  }
  if (rest > 0) parts.push(`${Number((rest / 1000).toFixed(6))}s`);
  return sign + parts.join(' ');
}
