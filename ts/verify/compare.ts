// Whether two engines gave the same rows. Values are those of hostValues: exact ticks, unscaled decimals.
import type { RecordBatch } from '../backend/arrow.ts';
import { isFloat, type LogicalType, type Schema, typeText } from '../schema/types.ts';
import { hostValues } from './host-values.ts';

/** Rows as values: they outlive the memory they were read from. */
export interface Values {
  readonly schema: Schema;
  readonly length: number;
  readonly columns: readonly (readonly unknown[])[];
}
export const valuesOfBatch = ({ schema, length, columns }: RecordBatch): Values => ({
  schema,
  length,
  columns: columns.map(hostValues),
});

/** How far floats may be apart: sums are added in another order on a device, and its mathematics is another library. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

const EXACT: Tolerance = { relative: 0, absolute: 0 };
const toleranceOf = (type: LogicalType, of: Tolerance): Tolerance => {
  if (!isFloat(type)) return of;
  return type.dtype === 'Float32' && of.relative > 0 ? { ...of, relative: Math.max(of.relative, 1e-6) } : of;
};

/** Both zeros are one value: engines may give either. */
export function sameValue(a: unknown, b: unknown, tolerance: Tolerance = EXACT): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    if (a === b || Object.is(a, b)) return true;
    const { relative, absolute } = tolerance;
    if (!Number.isFinite(a) || !Number.isFinite(b) || (relative === 0 && absolute === 0)) return false;
    return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b)) + absolute;
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((x, i) => sameValue(x, b[i], tolerance));
  return Object.is(a, b);
}

/** A value for people. */
export function shown(v: unknown): string {
  if (typeof v === 'bigint') return `${v}n`;
  if (typeof v === 'number') return Object.is(v, -0) ? '-0' : String(v);
  if (v instanceof Uint8Array) return `0x${Buffer.from(v).toString('hex')}`;
  if (Array.isArray(v)) return `[${v.map(shown).join(', ')}]`;
  return JSON.stringify(v) ?? String(v);
}

/** A text by which rows sort; floats coarsely, so that what is equal within the tolerance is near. */
function rough(v: unknown): string {
  if (typeof v === 'number') return v === 0 ? '0' : v.toPrecision(5);
  return Array.isArray(v) ? `[${v.map(rough).join()}]` : shown(v);
}

type Rows = readonly (readonly unknown[])[];
const rowsOf = (columns: Rows, length: number): unknown[][] =>
  Array.from({ length }, (_, i) => columns.map((c) => c[i]));

/** Exact columns decide the order, then floats. */
function sorted(rows: unknown[][], types: readonly LogicalType[]): unknown[][] {
  const order = types.map((_, i) => i).sort((a, b) => Number(isFloat(types[a]!)) - Number(isFloat(types[b]!)));
  const keyed = rows.map((row) => [order.map((i) => rough(row[i])).join('\u0001'), row] as const);
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return keyed.map(([, row]) => row);
}

/** Rows up to which rows that differ in order by rounding alone are looked for one by one. */
const MOST_MATCHED = 3000;

/** What differs between two results, or null. Without an order rows are matched whatever their places. */
export function differenceOf(
  got: Values,
  expected: Values,
  { ordered = true, tolerance = EXACT }: { readonly ordered?: boolean; readonly tolerance?: Tolerance } = {},
): string | null {
  const schemas = schemaDifference(got.schema, expected.schema);
  if (schemas !== null) return schemas;
  if (got.length !== expected.length) return `${got.length} rows, expected ${expected.length}`;
  const types = expected.schema.map((f) => f.type);
  const tolerances = types.map((t) => toleranceOf(t, tolerance));
  const sameRow = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    types.every((_, k) => sameValue(a[k], b[k], tolerances[k]));
  let ours = rowsOf(got.columns, got.length);
  let theirs = rowsOf(expected.columns, expected.length);
  if (!ordered) [ours, theirs] = [sorted(ours, types), sorted(theirs, types)];
  const at = ours.findIndex((row, i) => !sameRow(row, theirs[i]!));
  if (at < 0) return null;
  if (!ordered && ours.length <= MOST_MATCHED && allMatched(ours, theirs, sameRow)) return null;
  const k = types.findIndex((_, i) => !sameValue(ours[at]![i], theirs[at]![i], tolerances[i]));
  const place = `row ${at}${ordered ? '' : ' when sorted'}, column ${expected.schema[k]!.name} (${typeText(types[k]!)})`;
  return `${place}: got ${shown(ours[at]![k])}, expected ${shown(theirs[at]![k])}`;
}

function allMatched(
  ours: Rows,
  theirs: Rows,
  same: (a: readonly unknown[], b: readonly unknown[]) => boolean,
): boolean {
  const left = new Set(theirs);
  return ours.every((row) => {
    for (const other of left) if (same(row, other)) return left.delete(other);
    return false;
  });
}

function schemaDifference(got: Schema, expected: Schema): string | null {
  const text = (s: Schema): string => s.map((f) => `${f.name}: ${typeText(f.type)}`).join(', ');
  return text(got) === text(expected) ? null : `the columns are ${text(got)}; expected ${text(expected)}`;
}
