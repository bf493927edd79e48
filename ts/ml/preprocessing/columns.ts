// What the transformers share: features as expressions, outputs in the features' places, aggregates of a frame as one
// record.
import { MissingValuesError, ParameterError, ShapeError, UnsupportedError } from '../../errors.ts';
import { col, len, when } from '../../expr/builders.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { type Field, isFloat } from '../../schema/types.ts';
import { asFloat64, checkFeatures, columnField, type FeatureMemory } from '../core/features.ts';
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { arrayOf } from '../core/model.ts';

/** Columns to come, by name, in order. */
export type Outputs = readonly (readonly [name: string, expr: unknown])[];

/** The rows of a transform; `names` are those of the features, for arrays. */
export const frameOfRows = (rows: Rows, names?: readonly string[]): DataFrame<any> =>
  frameOf(rows, 'a transform', names);

/** A numeric feature as Float64, with null for NaN. */
export function presentNumber(f: Field): any {
  const x = asFloat64(f, 'refuse') as any;
  return isFloat(f.type) ? when(x.isNan()).then(null).otherwise(x) : x;
}

/** A feature as it is, with null for NaN. */
export function present(f: Field): any {
  const x = col(f.name) as any;
  return isFloat(f.type) ? when(x.isNan()).then(null).otherwise(x) : x;
}

/** Aggregates of a frame, in one pass; `rows` is the number of its rows. */
export async function aggregated(
  frame: DataFrame<any>,
  aggregates: { readonly [name: string]: unknown },
  run: RunOptions,
): Promise<Record<string, number | null>> {
  using table = await frame.select({ ...aggregates, rows: len() } as never).collect(run);
  const [record] = table.toRecords() as Record<string, number | bigint | null>[];
  return Object.fromEntries(Object.entries(record!).map(([k, v]) => [k, v === null ? null : Number(v)]));
}

/** Refuses a frame without rows. */
export function checkRows(estimator: string, rows: number): void {
  if (rows === 0) throw new ShapeError(`${estimator}.fit needs rows to learn from; the frame has none.`, { rows: 0 });
}

/** What is wrong with a column whose statistics are not finite numbers. */
export async function unusable(
  estimator: string,
  frame: DataFrame<any>,
  f: Field,
  run: RunOptions,
): Promise<MissingValuesError> {
  const x = presentNumber(f);
  const { rows, count, finite } = await aggregated(frame, { count: x.count(), finite: x.isFinite().sum() }, run);
  const nulls = rows! - count!;
  const infinities = count! - finite!;
  const detail = { column: f.name, nulls, nans: 0, infinities };
  if (infinities > 0)
    return new MissingValuesError(
      `Column "${f.name}" has ${infinities} infinite value${infinities === 1 ? '' : 's'}, which ${estimator} does not take. Clip or filter it first: frame.filter((c) => c[${JSON.stringify(f.name)}].isFinite()).`,
      detail,
    );
  return new MissingValuesError(
    `Column "${f.name}" has nulls and NaN only, so ${estimator} has nothing to learn from. Drop it: frame.drop(${JSON.stringify(f.name)}).`,
    detail,
  );
}

/** The frame with each named column replaced by its outputs, and all other columns as they are. */
export function replaced(
  where: string,
  frame: DataFrame<any>,
  outputs: ReadonlyMap<string, Outputs>,
  appended: Outputs = [],
): DataFrame<any> {
  const names: string[] = [];
  const columns: Record<string, unknown> = {};
  const put = (name: string, expr: unknown): void => {
    if (Object.hasOwn(columns, name))
      throw new ParameterError(
        `${where} would make a second column "${name}". Rename the one that is there: frame.rename({ ${JSON.stringify(name)}: … }).`,
        { column: name },
      );
    names.push(name);
    columns[name] = expr;
  };
  for (const name of frame.columns) {
    const own = outputs.get(name);
    if (own) for (const [to, expr] of own) put(to, expr);
    else put(name, col(name));
  }
  for (const [name, expr] of appended) put(name, expr);
  // Names that look like numbers would come first in an object: each column is an object of its own.
  return frame.select(...(names.map((name) => ({ [name]: columns[name] })) as never[]));
}

/** The frame with each feature replaced by one column of its name. */
export function eachReplaced(
  estimator: string,
  rows: Rows,
  memory: FeatureMemory,
  make: (now: Field, index: number) => unknown,
): DataFrame<any> {
  const frame = frameOfRows(rows, featureNamesOf(memory));
  const fields = checkFeatures(`${estimator} model`, frame, memory);
  return replaced(
    `${estimator} transform`,
    frame,
    new Map(fields.map((f, j) => [f.name, [[f.name, make(f, j)]] as const])),
  );
}

/** The columns that a model made, in a frame to be turned back. */
export function madeFields(estimator: string, frame: DataFrame<any>, names: readonly string[]): Field[] {
  return names.map((name) => columnField(frame, name, `inverseTransform of this ${estimator} model`));
}

/** A fitted array of a known length. */
export function vectorOf(fitted: Fitted, name: string, length = fitted.memory.features.length): Float64Array {
  const found = arrayOf<Float64Array>(fitted, name);
  if (!(found instanceof Float64Array) || found.length !== length)
    throw new UnsupportedError(
      `The array "${name}" of a ${fitted.estimator} model has ${found.length} values instead of ${length}.`,
      { array: name },
    );
  return found;
}

/** A schema-only look at a frame's columns. */
export const fieldsOf = (frame: DataFrame<any>): readonly Field[] => DataFrame.planOf(frame).schema;

/** A name that no column of the frame has. */
export function freeName(frame: DataFrame<any>, stem: string): string {
  let name = stem;
  while (frame.columns.includes(name)) name += '_';
  return name;
}
