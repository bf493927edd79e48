// Categories of features: found in a frame or given, sorted, in model files, and looked up by expressions.
import type { JsonObject } from '../../backend/backend.ts';
import { EvaluationError, MissingValuesError, ParameterError, UnsupportedError } from '../../errors.ts';
import { col, lookup } from '../../expr/builders.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { walkPlan } from '../../plan/walk.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Float64, UInt8, Utf8 } from '../../schema/dtypes.ts';
import { type Field, isFloat, isInteger, isString, type LogicalType, sameType } from '../../schema/types.ts';
import { isNumericFeature } from '../core/features.ts';
import { custom, either, exactly } from '../core/params.ts';
import { isCostly } from '../core/training-data.ts';
import { present } from './columns.ts';

/** One value of a feature; null stands for nulls and NaN. */
export type Category = string | number | bigint | boolean | null;

/** The parameter that gives categories, or has them found. */
export const categoriesParam = () =>
  either(
    'auto' as 'auto' | readonly (readonly Category[])[],
    exactly('auto'),
    custom(
      [] as readonly (readonly Category[])[],
      'a list of lists of categories without duplicates, one per feature',
      (v) =>
        Array.isArray(v) &&
        v.every(
          (list) =>
            Array.isArray(list) &&
            list.length > 0 &&
            new Set(list).size === list.length &&
            list.every(
              (c) =>
                c === null ||
                typeof c === 'string' ||
                typeof c === 'bigint' ||
                typeof c === 'boolean' ||
                (typeof c === 'number' && Number.isFinite(c)),
            ),
        ),
    ),
  );

/** What encoders encode without being told: text and Bool. */
export const isCategory = (type: LogicalType): boolean => isString(type) || type.dtype === 'Bool';
/** What they encode when it is named. */
export const mayBeCategory = (type: LogicalType): boolean => isCategory(type) || isInteger(type) || isFloat(type);
export const CATEGORY_TEXT = 'text, Bool, an integer or a float';

/** Text by its bytes in UTF-8 (that is, by code points), numbers by size, false before true, null last. */
export function compareCategories(a: Category, b: Category): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a !== 'string' || typeof b !== 'string') return a < b ? -1 : a > b ? 1 : 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all others of 16 bits.
    const high = (c: number): number => (c >= 0xd800 && c <= 0xdfff ? c + 0x10000 : c);
    return high(x) - high(y);
  }
  return a.length - b.length;
}

/** A given category as rows of the feature hold it. */
function asRowValue(estimator: string, f: Field, value: Category): Category {
  if (value === null) return null;
  const { dtype } = f.type;
  const fits =
    isString(f.type) === (typeof value === 'string') &&
    (dtype === 'Bool') === (typeof value === 'boolean') &&
    (typeof value !== 'number' || isFloat(f.type) || Number.isSafeInteger(value));
  if (!fits)
    throw new ParameterError(
      `The 'categories' parameter of ${estimator} has ${typeof value === 'string' ? `'${value}'` : String(value)} for feature "${f.name}", which is ${dtype}.`,
      { estimator, parameter: 'categories', column: f.name },
    );
  if (dtype === 'Int64' || dtype === 'UInt64') return BigInt(value);
  return typeof value === 'bigint' ? Number(value) : value;
}

/** A frame that may be read once per feature: kept in memory where reading it again would cost more than a scan. */
export async function readOften(
  frame: DataFrame<any>,
  names: readonly string[],
  times: number,
  run: RunOptions,
): Promise<DataFrame<any>> {
  if (times < 2) return frame;
  let costly = isCostly(DataFrame.planOf(frame));
  // A Parquet or Arrow file gives one column by itself; text must be read whole each time.
  walkPlan(DataFrame.planOf(frame), (node: PlanNode) => {
    if (node.node === 'scan' && (node.format === 'csv' || node.format === 'jsonl')) costly = true;
  });
  return costly ? frame.select(...(names as never[])).cache(run) : frame;
}

/** The distinct values of each feature, sorted, null last. */
export async function findCategories(
  frame: DataFrame<any>,
  features: readonly Field[],
  run: RunOptions,
): Promise<Category[][]> {
  const source = await readOften(
    frame,
    features.map((f) => f.name),
    features.length,
    run,
  );
  const all: Category[][] = [];
  for (const f of features) {
    using table = await source
      .select({ value: present(f) } as never)
      .unique()
      .collect(run);
    const values = [...table.column('value' as never)] as Category[];
    const infinite = values.find((v) => typeof v === 'number' && !Number.isFinite(v));
    if (infinite !== undefined)
      throw new MissingValuesError(
        `Column "${f.name}" holds ${String(infinite)}, which is no category. Clip or filter it first.`,
        { column: f.name, nulls: 0, nans: 0, infinities: 1 },
      );
    all.push(values.sort(compareCategories));
  }
  return all;
}

/** The categories of a fit: those found, or those given, against which `checked` found ones are held. */
export async function categoriesOf(
  estimator: string,
  given: 'auto' | readonly (readonly Category[])[],
  checked: boolean,
  frame: DataFrame<any>,
  features: readonly Field[],
  run: RunOptions,
): Promise<Category[][]> {
  if (given !== 'auto' && given.length !== features.length)
    throw new ParameterError(
      `The 'categories' parameter of ${estimator} has ${given.length} lists for ${features.length} features: ${features.map((f) => f.name).join(', ')}.`,
      { estimator, parameter: 'categories' },
    );
  const lists = given === 'auto' ? null : features.map((f, j) => given[j]!.map((c) => asRowValue(estimator, f, c)));
  if (lists && !checked) return lists;
  const found = await findCategories(frame, features, run);
  if (!lists) return found;
  for (const [j, f] of features.entries()) {
    const own = new Set<Category>(lists[j]);
    const unknown = found[j]!.find((c) => !own.has(c));
    if (unknown !== undefined)
      throw new EvaluationError(
        'ERR_EVALUATION',
        `Column "${f.name}" holds ${typeof unknown === 'string' ? JSON.stringify(unknown) : String(unknown)}, which the 'categories' parameter of ${estimator} lacks. Add it, or let the encoder pass unknown values with its handleUnknown parameter.`,
        { column: f.name, value: String(unknown) },
      );
  }
  return lists;
}

/** Categories as JSON of a model file: bigints as tagged text. */
export const categoriesToJson = (all: readonly (readonly Category[])[]): JsonObject[] =>
  all.map((list) => ({
    bigint: list.some((c) => typeof c === 'bigint'),
    values: list.map((c) => (typeof c === 'bigint' ? String(c) : c)),
  }));

export function categoriesFromJson(json: unknown, estimator: string, features: number): Category[][] {
  const lists = json as readonly { readonly bigint: boolean; readonly values: readonly unknown[] }[];
  if (!Array.isArray(lists) || lists.length !== features)
    throw new UnsupportedError(`The categories of a ${estimator} model are not one list per feature.`);
  return lists.map((list) =>
    list.values.map((v: unknown) => (list.bigint && v !== null ? BigInt(v as string) : (v as Category))),
  );
}

/** A feature as a value to be looked up: categories of fit, as keys of the dtype the column has now. */
export interface Looked {
  /** The value; null for nulls and NaN. */
  readonly value: any;
  /** Whether it may be null. */
  readonly nullable: boolean;
  readonly keys: readonly Category[];
  readonly column: string;
}

export function looked(now: Field, fitted: Field, categories: readonly Category[]): Looked {
  const keys = categories.filter((c) => c !== null);
  const nullable = now.nullable || isFloat(now.type);
  const plain = { value: present(now), nullable, keys, column: now.name };
  if (sameType(now.type, fitted.type)) return plain;
  if (!isNumericFeature(fitted.type)) return { ...plain, value: (col(now.name) as any).cast(Utf8) };
  // Another numeric dtype than in fit: both as Float64.
  let value = present(now);
  if (now.type.dtype === 'Bool') value = value.cast(UInt8);
  return { ...plain, value: value.cast(Float64), keys: keys.map(Number) };
}

/** The number beside a category: null for nulls, and for unknown values unless they are refused. */
export const numberOf = (x: Looked, numbers: readonly number[], refuse: boolean): any =>
  lookup(x.value, x.keys, numbers, refuse ? x.column : null);

/** 0, or an error where the value is null: for features whose fit saw no null. */
export const refuseNull = (x: Looked): any => lookup(x.value.isNull(), [false], [0], x.column, 'null');
