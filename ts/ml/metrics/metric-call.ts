// The two forms of a metric's call: a frame with column names, or arrays.
import { ParameterError } from '../../errors.ts';
import type { Numeric } from '../../expr/result-types.ts';
import type { Column } from '../../frame/column.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import type { NumericNames } from '../../frame/frame-types.ts';
import { Table } from '../../frame/table.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { Bool, Categorical, Utf8 } from '../../schema/dtypes.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import { runOptionsOf } from '../core/options.ts';
import { RUN_OPTIONS } from '../core/run-options.ts';

/** Rows with named columns. */
export type Framed<S> = DataFrame<S> | Table<S>;
/** Names of columns that can hold class labels: text, whole numbers, Bool. */
export type LabelName<S> = 0 extends 1 & S
  ? string
  : { [K in keyof S]: NonNullable<S[K]> extends Numeric | Bool | Utf8 | Categorical ? K : never }[keyof S] & string;
/** Names of columns of numbers. */
export type NumberName<S> = NumericNames<S>;

/** Class labels, shape (nSamples): an array of text, whole numbers, bigints or booleans, or a column of a table. */
export type Labels = readonly string[] | readonly bigint[] | readonly boolean[] | Numbers;
/** Numbers, shape (nSamples): an array, or a column of a table. Copied unless it is a Float64Array. */
export type Numbers = ArrayLike<number> | ArrayLike<bigint> | Column<any>;
/** A number per row and class: an array per class in the order of the classes, or a table such as `predictProba` gives. */
export type Scores = readonly Numbers[] | Table<any>;

/** Options of a metric over columns of a frame. */
export interface ColumnOptions<S = any> extends RunOptions {
  /** A column of weights, at least 0 (default: every row counts 1). */
  readonly sampleWeight?: NumberName<S>;
}
/** Options of a metric over arrays. */
export interface ArrayOptions extends RunOptions {
  /** Weights, shape (nSamples), at least 0 (default: every row counts 1). */
  readonly sampleWeight?: Numbers;
}

/** A call of a metric, taken apart. `yTrue` and `yPred` are column names where there is a frame. */
export interface MetricCall<O> {
  readonly call: string;
  readonly frame: DataFrame<any> | null;
  readonly yTrue: unknown;
  readonly yPred: unknown;
  readonly sampleWeight: unknown;
  readonly options: O;
  readonly run: RunOptions;
}

/** Tells the two forms apart and refuses options that the metric does not know. */
export function metricCall<O extends object>(
  call: string,
  args: readonly unknown[],
  known: readonly string[],
): MetricCall<O> {
  const first = args[0];
  const frame = first instanceof DataFrame ? first : first instanceof Table ? (first as Table<any>).lazy() : null;
  const [yTrue, yPred, given] = frame === null ? args : args.slice(1);
  const options = (given ?? {}) as O & { readonly sampleWeight?: unknown } & RunOptions;
  refuseUnknown(`${call}()`, options, [...known, ...RUN_OPTIONS]);
  return {
    call,
    frame,
    yTrue,
    yPred,
    sampleWeight: options.sampleWeight ?? null,
    options,
    run: runOptionsOf(options),
  };
}

/** Throws unless an option is one of some words. */
export function checkWord(call: string, option: string, value: unknown, words: readonly string[]): void {
  if (words.includes(value as string)) return;
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  throw new ParameterError(
    `The '${option}' option of ${call} must be one of ${words.map((w) => `'${w}'`).join(', ')}. Got ${shown}.`,
    { option },
  );
}

/** Throws unless an option is a number that a test allows. */
export function checkNumber(
  call: string,
  option: string,
  value: unknown,
  expected: string,
  allows: (x: number) => boolean,
): void {
  if (typeof value === 'number' && allows(value)) return;
  throw new ParameterError(`The '${option}' option of ${call} must be ${expected}. Got ${String(value)}.`, { option });
}
