// Which part every row belongs to, as a column of small numbers beside the rows. Computed by plans over the engine's own
// random numbers, ranks and joins, so that every backend gives the same rows.
import { MissingValuesError, ParameterError } from '../../errors.ts';
import { col, len, lit, random, rowIndex } from '../../expr/builders.ts';
import { fromColumns } from '../../frame/create.ts';
import { concat, DataFrame } from '../../frame/dataframe.ts';
import { Float64, UInt8, UInt16, UInt32 } from '../../schema/dtypes.ts';
import { fieldOf } from '../../schema/schema.ts';
import { isFloat } from '../../schema/types.ts';
import type { SharedRows } from '../core/shared-rows.ts';
import { type DrawLimits, findLimits } from './draw-limits.ts';

type AnyFrame = DataFrame<any>;

/** Throws for a name that is not a column. */
export function checkColumn(frame: AnyFrame, name: unknown, where: string): void {
  fieldOf(DataFrame.planOf(frame).schema, name as string, where);
}

/** The smallest dtype that numbers `parts` parts. */
const dtypeOf = (parts: number) => (parts <= 256 ? UInt8 : parts <= 65_536 ? UInt16 : UInt32);

/** The part of a place, or of a number: how many cuts lie below it, or limits not above it. */
function partOf(place: any, over: 'gt' | 'ge', cuts: readonly any[], parts: number): any {
  let terms = cuts.map((cut) => place[over](cut).cast(dtypeOf(parts)));
  if (terms.length === 0) return place.mul(0).cast(dtypeOf(parts));
  // A balanced tree: hundreds of folds must not nest hundreds deep.
  while (terms.length > 1) {
    terms = Array.from({ length: Math.ceil(terms.length / 2) }, (_, i) => {
      const [a, b] = [terms[2 * i], terms[2 * i + 1]];
      return b === undefined ? a : a.add(b);
    });
  }
  return terms[0];
}

/** Parts of all rows drawn at random: the cuts are the places where parts end, and what is behind the last is one more. */
export async function drawnParts(shared: SharedRows, rows: AnyFrame, n: number, cuts: readonly number[], seed: number) {
  const fast = await findLimits(shared, rows, null, [n], [cuts], seed);
  if (fast) {
    const limits = fast.limits[0]!.map((limit) => lit(limit, Float64));
    return kept(shared, fast, fast.drawn.select({ part: partOf(col('draw'), 'ge', limits, cuts.length + 1) } as never));
  }
  const placed = rows.select({ place: random(seed).rank({ method: 'ordinal' }) } as never);
  const limits = cuts.map((cut) => lit(cut, UInt32));
  return shared.keep(placed.select({ part: partOf(col('place'), 'gt', limits, cuts.length + 1) } as never));
}

/** Runs the last step of a fast draw and frees the rows' numbers. */
async function kept(shared: SharedRows, { drawn }: DrawLimits, parts: AnyFrame): Promise<AnyFrame> {
  const result = await shared.keep(parts);
  shared.drop(drawn);
  return result;
}

/** Parts by a column's order: its smallest values, ties by row number, up to the first cut, and so on. */
export function orderedParts(shared: SharedRows, rows: AnyFrame, column: string, cuts: readonly number[]) {
  const placed = rows.select({ place: (col(column) as any).rank({ method: 'ordinal' }) } as never);
  const limits = cuts.map((cut) => lit(cut, UInt32));
  return shared.keep(placed.select({ part: partOf(col('place'), 'gt', limits, cuts.length + 1) } as never));
}

/** The classes of a column, in the order they appear, and their rows; null and NaN are classes. */
export interface Strata {
  readonly column: string;
  readonly keys: AnyFrame;
  readonly counts: readonly number[];
}

export async function strataOf(shared: SharedRows, rows: AnyFrame, column: string): Promise<Strata> {
  const keyed = rows.select({ key: col(column) } as never).withRowIndex('at' as never) as AnyFrame;
  const found = await shared.keep(
    keyed
      .groupBy('key')
      .agg({ rows: len(), first: col('at').min() } as never)
      .sort('first' as never),
  );
  return { column, keys: found.select('key'), counts: await numbers(shared, found.select('rows')) };
}

/** Parts within each class, drawn at random, or without a seed in row order; `cuts[class]` are the places where parts end. */
export async function stratifiedParts(
  shared: SharedRows,
  rows: AnyFrame,
  strata: Strata,
  cuts: readonly (readonly number[])[],
  parts: number,
  seed: number | null,
) {
  const fast = seed === null ? null : await findLimits(shared, rows, strata, strata.counts, cuts, seed);
  if (fast) {
    const byClass = { class: Uint32Array.from(fast.limits, (_, k) => k), ...columnsOf(fast.limits, Float64Array) };
    const limited = fast.drawn.join(fromColumns(byClass), { on: 'class', maintainOrder: true } as never) as AnyFrame;
    const names = cutNames(parts).map((name) => col(name));
    return kept(shared, fast, limited.select({ part: partOf(col('draw'), 'ge', names, parts) } as never));
  }
  const limits = columnsOf(cuts, Uint32Array);
  const table = concat([strata.keys, fromColumns(limits)] as never, { how: 'horizontal' }) as AnyFrame;
  const drawn = rows.select({ key: col(strata.column), draw: seed === null ? rowIndex() : random(seed) } as never);
  const within = (seed === null ? (col('draw').cumCount() as any) : col('draw').rank({ method: 'ordinal' })) as any;
  const placed = drawn.select({ key: col('key'), place: within.over(col('key')) } as never) as AnyFrame;
  // An inner join: a row without a class would make the parts too short, which the frame beside them reports.
  const joined = placed.join(table, { on: 'key', nullsEqual: true, maintainOrder: true } as never) as AnyFrame;
  const columns = cutNames(parts).map((name) => col(name));
  return shared.keep(joined.select({ part: partOf(col('place'), 'gt', columns, parts) } as never));
}

const cutNames = (parts: number): string[] => Array.from({ length: parts - 1 }, (_, j) => `cut${j}`);

/** `[class][cut]` as a column per cut. */
function columnsOf<A>(cuts: readonly (readonly number[])[], to: { from(list: number[]): A }): Record<string, A> {
  const names = cutNames((cuts[0]?.length ?? 0) + 1);
  return Object.fromEntries(names.map((name, j) => [name, to.from(cuts.map((of) => of[j]!))]));
}

/** The groups of a column, sorted, and their rows. Throws for rows without a group. */
export interface Groups {
  readonly column: string;
  readonly keys: AnyFrame;
  readonly sizes: readonly number[];
}

export async function groupsOf(shared: SharedRows, rows: AnyFrame, column: string, where: string): Promise<Groups> {
  await checkPresent(
    shared,
    rows,
    column,
    `the 'groups' column of ${where}`,
    'a row without a group could be anywhere',
  );
  const counted = (rows.select({ key: col(column) } as never) as AnyFrame).groupBy('key').agg({ rows: len() } as never);
  const found = await shared.keep(counted.sort('key' as never));
  return { column, keys: found.select('key'), sizes: await numbers(shared, found.select('rows')) };
}

/** Parts that whole groups go to. */
export function groupedParts(
  shared: SharedRows,
  rows: AnyFrame,
  groups: Groups,
  partOfGroup: readonly number[],
  parts: number,
) {
  const part = fromColumns({ part: partOfGroup }, { schema: { part: dtypeOf(parts) } } as never);
  const table = concat([groups.keys, part] as never, { how: 'horizontal' }) as AnyFrame;
  const keyed = rows.select({ key: col(groups.column) } as never) as AnyFrame;
  const joined = keyed.join(table, { on: 'key', maintainOrder: true } as never) as AnyFrame;
  return shared.keep(joined.select('part'));
}

/** Throws when a column that decides where rows go has rows that it does not place. */
export async function checkPresent(
  shared: SharedRows,
  rows: AnyFrame,
  column: string,
  what: string,
  why: string,
): Promise<void> {
  const field = fieldOf(DataFrame.planOf(rows).schema, column);
  const float = isFloat(field.type);
  if (!(field.nullable || float)) return;
  const value = col(column) as any;
  const counted = rows.select({
    nulls: value.isNull().sum(),
    nans: float ? value.isNan().fillNull(false).sum() : lit(0, UInt32),
  } as never) as AnyFrame;
  using table = await counted.head(1).collect(shared.run);
  const { nulls, nans } = (table.toRecords()[0] ?? { nulls: 0, nans: 0 }) as { nulls: number; nans: number };
  if (nulls + nans === 0) return;
  const parts = [
    ...(nulls > 0 ? [`${nulls} null${nulls === 1 ? '' : 's'}`] : []),
    ...(nans > 0 ? [`${nans} NaN`] : []),
  ];
  throw new MissingValuesError(
    `Column "${column}", ${what}, has ${parts.join(' and ')}: ${why}. Drop or fill them first: frame.dropNulls("${column}").`,
    { column, nulls, nans, infinities: 0 },
  );
}

/** Throws for classes that are no classes: a float column with fractions. */
export async function checkClasses(shared: SharedRows, strata: Strata, where: string): Promise<void> {
  const field = fieldOf(DataFrame.planOf(strata.keys).schema, 'key');
  if (!isFloat(field.type)) return;
  const key = col('key') as any;
  const odd = strata.keys.filter(key.floor().ne(key).and(key.isNan().not()));
  using table = await odd.head(1).collect(shared.run);
  const value = (table.toRecords()[0] as { key: number } | undefined)?.key;
  if (value === undefined) return;
  throw new ParameterError(
    `${where} needs classes, but column "${strata.column}" holds ${value}. Use KFold for numbers, or bin them first.`,
    { column: strata.column },
  );
}

/** The only column of a frame, small unsigned integers. */
async function numbers(shared: SharedRows, frame: AnyFrame): Promise<number[]> {
  using table = await frame.collect(shared.run);
  return Array.from(table.column(frame.columns[0]!) as Iterable<number>);
}

/** The rows whose part a predicate takes, in order, with their own columns. */
export function rowsOfPart(rows: AnyFrame, parts: AnyFrame, takes: (part: any) => any): AnyFrame {
  let name = 'part';
  while (rows.columns.includes(name)) name += '_';
  const beside = concat([rows, parts.rename({ part: name } as never)] as never, { how: 'horizontal' }) as AnyFrame;
  return beside.filter(takes(col(name))).drop(name as never);
}
