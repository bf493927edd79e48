// One wanted column of a CSV file: its settings for the kernels, its vector, and the values that kernels leave to us.
import { UnsupportedError } from '../../../../errors.ts';
import { bytesFor, type Field, type LogicalType, physicalOf, typeText } from '../../../../schema/types.ts';
import type { CsvSettings } from '../../../../source/csv-options.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';

/** Which kernel reads a dtype. `other` has the kernel's kind beside it. */
type Reader = 'integers' | 'floats' | 'others' | 'strings' | 'none';

// Offsets of the column block, as in wasm/csv.ts.
export const COLUMN_BYTES = 192;
export const C = {
  start: 0,
  startStep: 4,
  startAdd: 8,
  end: 12,
  endStep: 16,
  out: 20,
  validity: 24,
  nulls: 28,
  nullsFirst: 32,
  quote: 36,
  escape: 40,
  a: 44,
  b: 48,
  point: 52,
  table: 56,
  nullCount: 60,
  negative: 64,
  positive: 72,
  field: 80,
  stop: 84,
  code: 88,
  text: 92,
  value: 96,
} as const;

/** Codes the kernels leave at `C.code`. */
export const CODE = { bad: 1, range: 2, hard: 3, hasOffset: 4, noOffset: 5, tooFine: 6 } as const;

const KIND = { bool: 0, date: 1, datetime: 2, time: 3, decimal: 4 } as const;

interface Plan {
  readonly reader: Reader;
  readonly kind?: number;
  readonly a?: number;
  readonly b?: number;
  readonly negative?: bigint;
  readonly positive?: bigint;
}

const integers = (bits: number, signed: boolean): Plan => ({
  reader: 'integers',
  a: bits / 8,
  negative: signed ? 1n << BigInt(bits - 1) : 0n,
  positive: (1n << BigInt(signed ? bits - 1 : bits)) - 1n,
});

const UNIT_DIGITS = { ms: 3, us: 6, ns: 9 } as const;

function planOf(field: Field, path: string): Plan {
  const t: LogicalType = field.type;
  switch (t.dtype) {
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'Int64':
      return integers(Number(t.dtype.slice(3)), true);
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
    case 'UInt64':
      return integers(Number(t.dtype.slice(4)), false);
    case 'Duration':
      return integers(64, true);
    case 'Float32':
      return { reader: 'floats', a: 4 };
    case 'Float64':
      return { reader: 'floats', a: 8 };
    case 'Bool':
      return { reader: 'others', kind: KIND.bool };
    case 'Date32':
      return { reader: 'others', kind: KIND.date };
    case 'Time':
      return { reader: 'others', kind: KIND.time };
    case 'Datetime':
      return {
        reader: 'others',
        kind: KIND.datetime,
        a: UNIT_DIGITS[t.unit],
        b: t.zone === null ? 0 : t.zone === 'UTC' ? 1 : 2,
      };
    case 'Decimal':
      return { reader: 'others', kind: KIND.decimal, a: t.precision, b: t.scale };
    case 'Utf8':
    case 'Categorical':
    case 'Binary':
      return { reader: 'strings' };
    case 'Null':
      return { reader: 'none' };
    case 'List':
    case 'FixedSizeList':
    case 'Struct':
      throw new UnsupportedError(
        `${path}: column "${field.name}" is declared ${typeText(t)}, and CSV has no nested values. Declare it Utf8.`,
        { path, column: field.name },
      );
  }
}

/** Where fields lie: the scan's buffers, which never move. */
export interface FieldIndex {
  readonly ends: number;
  readonly starts: number;
  readonly columns: number;
}

/** Null texts in the heap: a count, then length and address of each. */
export function nullTexts(ctx: ExecContext, texts: readonly string[]): number {
  const encoded = texts.filter((t) => t !== '').map((t) => Buffer.from(t));
  const table = ctx.arena.alloc(4 + 8 * encoded.length);
  let bytes = ctx.arena.alloc(encoded.reduce((sum, t) => sum + t.length, 1));
  const { u8, u32 } = ctx.heap.refresh();
  u32[table >>> 2] = encoded.length;
  encoded.forEach((text, i) => {
    u32[(table >>> 2) + 1 + 2 * i] = text.length;
    u32[(table >>> 2) + 2 + 2 * i] = bytes;
    u8.set(text, bytes);
    bytes += text.length;
  });
  return table;
}

/** A column block at a new address: everything but `out` and `validity`. */
export function columnBlock(
  ctx: ExecContext,
  index: FieldIndex,
  position: number,
  settings: CsvSettings,
  nulls: number,
): number {
  const address = ctx.arena.alloc(COLUMN_BYTES);
  const { u8, u32 } = ctx.heap.refresh();
  u8.fill(0, address, address + COLUMN_BYTES);
  const set = (offset: number, value: number): void => {
    u32[(address + offset) >>> 2] = value;
  };
  // A field starts one past the end of the one before it, the first of a row where the row does.
  const first = position === 0;
  set(C.start, first ? index.starts : index.ends + 4 * (position - 1));
  set(C.startStep, first ? 4 : 4 * index.columns);
  set(C.startAdd, first ? 0 : 1);
  set(C.end, index.ends + 4 * position);
  set(C.endStep, 4 * index.columns);
  set(C.nulls, nulls);
  // A null text that would also read as a value must be looked for before reading.
  set(C.nullsFirst, settings.nullValues.some((t) => /\d|nan|inf|true|false/i.test(t)) ? 1 : 0);
  set(C.quote, settings.quote?.charCodeAt(0) ?? 0);
  set(C.escape, settings.escape?.charCodeAt(0) ?? 0);
  set(C.point, settings.decimalComma ? 44 : 46);
  return address;
}

export class CsvColumn {
  readonly field: Field;
  /** Its place among the columns of the file. */
  readonly position: number;
  /** Its block in the heap. */
  readonly address: number;
  readonly reader: Reader;
  readonly kind: number;

  constructor(
    ctx: ExecContext,
    field: Field,
    position: number,
    index: FieldIndex,
    settings: CsvSettings,
    nulls: number,
    path: string,
  ) {
    const plan = planOf(field, path);
    this.field = field;
    this.position = position;
    this.reader = plan.reader;
    this.kind = plan.kind ?? 0;
    this.address = columnBlock(ctx, index, position, settings, nulls);
    const { u32, u64 } = ctx.heap;
    u32[(this.address + C.a) >>> 2] = plan.a ?? 0;
    u32[(this.address + C.b) >>> 2] = plan.b ?? 0;
    u64[(this.address + C.negative) >>> 3] = plan.negative ?? 0n;
    u64[(this.address + C.positive) >>> 3] = plan.positive ?? 0n;
  }

  /** Makes room for a batch of at most `rows`. */
  begin(ctx: ExecContext, rows: number): void {
    if (this.reader === 'none') return;
    const physical = physicalOf(this.field.type);
    const out = ctx.scratch.alloc(bytesFor(physical, rows));
    const bits = (rows + 7) >>> 3;
    const validity = ctx.scratch.alloc(bits);
    const core = ctx.kernels.get('core');
    if (physical === 'bit') core.fillBytes(out, 0, bits);
    core.fillBytes(validity, 255, bits);
    const { u32 } = ctx.heap.refresh();
    u32[(this.address + C.out) >>> 2] = out;
    u32[(this.address + C.validity) >>> 2] = validity;
    u32[(this.address + C.nullCount) >>> 2] = 0;
  }

  /** Takes the places of a piece's rows, of which there are at most `rows`. */
  place(ctx: ExecContext, into: PlacedColumns, column: number, rows: number): void {
    const isBits = physicalOf(this.field.type) === 'bit';
    const out = isBits ? into.dataBits(column) : into.data(column, 0);
    const validity = into.bits(column, 0);
    const core = ctx.kernels.get('core');
    if (isBits) core.fillBytes(out, 0, (rows + 7) >>> 3);
    core.appendOnes(rows, validity, 0);
    const { u32 } = ctx.heap.refresh();
    u32[(this.address + C.out) >>> 2] = out;
    u32[(this.address + C.validity) >>> 2] = validity;
    u32[(this.address + C.nullCount) >>> 2] = 0;
  }

  /** Where long strings go; returns where the last ones ended. */
  textAt(ctx: ExecContext): number {
    return ctx.heap.u32[(this.address + C.text) >>> 2] as number;
  }
  setText(ctx: ExecContext, address: number): void {
    ctx.heap.refresh().u32[(this.address + C.text) >>> 2] = address;
  }

  nullCount(ctx: ExecContext): number {
    return ctx.heap.refresh().u32[(this.address + C.nullCount) >>> 2] as number;
  }

  /** Reads rows [from, n) of the scan into rows `outRow + …`; returns n, or the row that it left. */
  read(ctx: ExecContext, from: number, n: number, outRow: number): number {
    const csv = ctx.kernels.get('csv');
    switch (this.reader) {
      case 'integers':
        return csv.readIntegers(this.address, from, n, outRow);
      case 'floats':
        return csv.readFloats(this.address, from, n, outRow);
      case 'others':
        return csv.readOthers(this.address, this.kind, from, n, outRow);
      case 'strings':
        return csv.readStrings(this.address, from, n, outRow);
      case 'none':
        return n;
    }
  }

  /** The batch's vector. */
  vector(ctx: ExecContext, length: number): Vector {
    if (this.reader === 'none') return { type: this.field.type, length, data: 0, validity: 0 };
    const nulls = this.nullCount(ctx);
    const { u32 } = ctx.heap;
    const at = this.address >>> 2;
    return {
      type: this.field.type,
      length,
      data: u32[at + (C.out >>> 2)] as number,
      validity: nulls === 0 ? 0 : (u32[at + (C.validity >>> 2)] as number),
    };
  }
}
