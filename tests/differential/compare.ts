// Our table against DuckDB's rows.
import type { ArrowColumn } from '../../ts/backend/arrow.ts';
import { valuesOf } from '../../ts/frame/values.ts';
import { DecimalValue, type Table } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { id, isFloat, sqlType } from './typed.ts';

export type Cell = null | boolean | number | bigint | string | readonly Cell[];

const bit = (bits: Uint8Array | null, i: number): boolean =>
  bits === null || ((bits[i >> 3] as number) & (1 << (i & 7))) !== 0;
const TICKS = new Set(['Time', 'Datetime', 'Duration']);

const plain = (v: unknown, type: LogicalType): Cell => {
  if (v === null || v === undefined) return null;
  if (type.dtype === 'List') return [...(v as Iterable<unknown>)].map((x) => plain(x, type.inner.type));
  if (v instanceof DecimalValue) return v.unscaled;
  if (v instanceof Date) return v.getTime() / 86_400_000;
  if (v instanceof Uint8Array) return Buffer.from(v).toString('hex').toUpperCase();
  if (type.dtype === 'Float32' && typeof v === 'number') return v;
  return v as Cell;
};
function cells(c: ArrowColumn): Cell[] {
  if (!TICKS.has(c.type.dtype)) {
    const { length } = c;
    const values = valuesOf(c);
    return Array.from({ length }, (_, i) => plain(values[i], c.type));
  }
  const words = c.values as BigInt64Array;
  return Array.from({ length: c.length }, (_, i) => (bit(c.validity, i) ? (words[i] as bigint) : null));
}
/** Rows as arrays, ticks exact. */
export const ourRows = (table: Table): Cell[][] =>
  table.borrowArrow((batch) => {
    const columns = batch.columns.map(cells);
    return Array.from({ length: batch.length }, (_, i) => columns.map((c) => c[i] as Cell));
  });

/** What DuckDB is asked for, by our dtype. */
export function projection(name: string, type: LogicalType): string {
  const x = id(name);
  if (type.dtype === 'Date32') return `(${x} - DATE '1970-01-01')::INTEGER`;
  if (type.dtype === 'Binary') return `hex(${x})`;
  return `(${x})::${sqlType(type)}`;
}
/** A value of the Node client in our forms. */
export function theirCell(v: unknown, type: LogicalType): Cell {
  if (v === null || v === undefined) return null;
  if (type.dtype === 'List') return (v as { items: unknown[] }).items.map((x) => theirCell(x, type.inner.type));
  if (typeof v === 'bigint' && typeof (0 as unknown) === 'number' && SMALL_INTS.has(type.dtype)) return Number(v);
  return v as Cell;
}
const SMALL_INTS = new Set(['Int8', 'Int16', 'Int32', 'UInt8', 'UInt16', 'UInt32']);

const same = (a: Cell, b: Cell, type: LogicalType): boolean => {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      type.dtype === 'List' &&
      a.length === b.length &&
      a.every((x, i) => same(x as Cell, b[i] as Cell, type.inner.type))
    );
  }
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) && Number.isNaN(b)) return true;
    if (!isFloat(type) || !Number.isFinite(a) || !Number.isFinite(b)) return false;
    const tolerance = type.dtype === 'Float32' ? 1e-5 : 1e-9;
    return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b)) + tolerance;
  }
  return (
    (typeof a === 'bigint' || typeof b === 'bigint') && !isFloat(type) && BigInt(a as never) === BigInt(b as never)
  );
};
const sameRow = (a: readonly Cell[], b: readonly Cell[], types: readonly LogicalType[]): boolean =>
  types.every((t, i) => same(a[i] as Cell, b[i] as Cell, t));

const text = (c: Cell, type: LogicalType): string => {
  if (c === null) return '~';
  if (Array.isArray(c))
    return `[${c.map((x) => text(x as Cell, type.dtype === 'List' ? type.inner.type : type)).join()}]`;
  if (typeof c === 'number' && isFloat(type)) return c === 0 ? '0' : c.toPrecision(type.dtype === 'Float32' ? 4 : 7);
  return String(c);
};
/** Exact columns decide the order first, then floats, coarsely. */
function sortRows(rows: Cell[][], types: readonly LogicalType[]): Cell[][] {
  const columns = types
    .map((_, i) => i)
    .sort((a, b) => Number(isFloat(types[a] as LogicalType)) - Number(isFloat(types[b] as LogicalType)));
  const keyed = rows.map(
    (row) => [columns.map((i) => text(row[i] as Cell, types[i] as LogicalType)).join('\u0001'), row] as const,
  );
  // Many rows have floats of one text that are not the same.
  const floats = columns.filter((i) => isFloat(types[i] as LogicalType));
  const byFloats = (a: readonly Cell[], b: readonly Cell[]): number => {
    for (const i of floats) {
      const difference = (a[i] as number) - (b[i] as number);
      if (difference !== 0 && !Number.isNaN(difference)) return difference;
    }
    return 0;
  };
  keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : byFloats(a[1], b[1])));
  return keyed.map(([, row]) => row);
}

/** Pairs of rows that are compared at most; with more, rows are compared in their order only. */
const PAIRS = 5e7;

/** Whether every row has a partner of its own on the other side. Exact columns must be equal: rows are looked for among those. */
function isMatching(a: readonly Cell[][], b: readonly Cell[][], types: readonly LogicalType[]): boolean {
  const exact = types.map((_, i) => i).filter((i) => !isFloat(types[i] as LogicalType));
  const keyOf = (row: Cell[]): string => exact.map((i) => text(row[i] as Cell, types[i] as LogicalType)).join('\u0001');
  const groups = new Map<string, Set<Cell[]>>();
  for (const row of b) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.add(row);
    else groups.set(key, new Set([row]));
  }
  let pairs = 0;
  return a.every((row) => {
    const left = groups.get(keyOf(row));
    for (const other of left ?? []) {
      if (sameRow(row, other, types)) return left?.delete(other);
      if (++pairs > PAIRS) return false;
    }
    return false;
  });
}

/** What differs, or null. */
export function difference(
  ours: Cell[][],
  theirs: Cell[][],
  types: readonly LogicalType[],
  ordered: boolean,
  names: readonly string[],
): string | null {
  if (ours.length !== theirs.length) return `${ours.length} rows, DuckDB has ${theirs.length}`;
  const [a, b] = ordered ? [ours, theirs] : [sortRows(ours, types), sortRows(theirs, types)];
  const at = a.findIndex((row, i) => !sameRow(row, b[i] as Cell[], types));
  if (at < 0) return null;
  // Floats that round to different texts may stand in another order: match row by row.
  if (!ordered && isMatching(a, b, types)) return null;
  const column = types.findIndex((t, i) => !same(a[at]?.[i] as Cell, b[at]?.[i] as Cell, t));
  return `row ${at}, column ${column} (${names[column]}): ${show(a[at]?.[column] as Cell)}, DuckDB has ${show(b[at]?.[column] as Cell)}`;
}
export const show = (c: Cell): string =>
  Array.isArray(c)
    ? `[${c.map((x) => show(x as Cell)).join(', ')}]`
    : typeof c === 'string'
      ? JSON.stringify(c)
      : Object.is(c, -0)
        ? '-0'
        : String(c);
