// Class labels of a call as codes: of arrays row by row, of a frame's columns by a query.
import type { ArrowColumn, RecordBatch } from '../../backend/arrow.ts';
import { DTypeError, MissingValuesError, ParameterError } from '../../errors.ts';
import { col, len } from '../../expr/builders.ts';
import { Column } from '../../frame/column.ts';
import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { Table } from '../../frame/table.ts';
import { valuesOf } from '../../frame/values.ts';
import { fromLogical, Int32 } from '../../schema/dtypes.ts';
import { type Field, isFloat, isInteger, isString, typeText } from '../../schema/types.ts';
import { asFloat64, columnField } from '../core/features.ts';
import type { Label } from '../core/target.ts';
import { encodeLabels, type LabelSource } from './core/encode-labels.ts';
import { runSliced } from './core/steps.ts';
import type { MetricCall } from './metric-call.ts';
import {
  checkLengths,
  checkValues,
  checkWeights,
  lengthOf,
  type NumberInput,
  noRows,
  numberField,
  shown,
  weightInput,
  withNumbers,
} from './read-numbers.ts';

/**
 * Labels of both sides under one numbering. Of arrays there is an entry per row; of a frame one per distinct pair, with
 * the rows' number or weight.
 */
export interface CodedPair {
  readonly classes: readonly Label[];
  readonly yTrue: Int32Array;
  readonly yPred: Int32Array;
  readonly weight: Float64Array | null;
  /** Whether the weights are the caller's and not row counts. */
  readonly weighted: boolean;
}

/** Reads true and predicted labels. */
export async function codedPair(call: MetricCall<object>): Promise<CodedPair> {
  return call.frame === null ? arrayPair(call) : framePair(call, call.frame);
}

async function arrayPair(call: MetricCall<object>): Promise<CodedPair> {
  const inputs: NumberInput[] = [
    { role: 'yTrue', value: call.yTrue },
    { role: 'yPred', value: call.yPred },
  ];
  const weights = weightInput(call);
  checkLengths(
    call.call,
    [...inputs, ...weights],
    [...inputs, ...weights].map((input) => lengthOf(call.call, input)),
  );
  const sources = inputs.map((input) => labelSource(call.call, input));
  const { classes, codes } = await runSliced(encodeLabels(sources), call.run.signal);
  const [yTrue, yPred] = codes as [Int32Array, Int32Array];
  if (weights.length === 0) return { classes, yTrue, yPred, weight: null, weighted: false };
  return withNumbers(call, weights, async ([weight]) => {
    await runSliced(checkWeights(call.call, weight as Float64Array), call.run.signal);
    return { classes, yTrue, yPred, weight: weight as Float64Array, weighted: true };
  });
}

/** Rows of a frame by true and predicted label, counted in the engine: labels of any dtype, and no row leaves it. */
async function framePair(call: MetricCall<object>, frame: DataFrame<any>): Promise<CodedPair> {
  const fields = [labelField(call, frame, 'yTrue', call.yTrue), labelField(call, frame, 'yPred', call.yPred)];
  const [weight] = weightInput(call).map((input) => numberField(call, frame, input));
  const columns = {
    t: col(fields[0]!.name),
    p: col(fields[1]!.name),
    ...(weight ? { w: asFloat64(weight, 'refuse') } : {}),
  };
  const aggregates = weight
    ? { n: len(), sum: (c: any) => c.w.sum(), known: (c: any) => c.w.count(), low: (c: any) => c.w.min() }
    : { n: len() };
  using table = await frame
    .select(columns as never)
    .groupBy(...(['t', 'p'] as never[]))
    .agg(aggregates as never)
    .collect(call.run);
  if (table.height === 0) throw noRows(call.call);
  const at = (name: string): unknown[] => [...table.column(name as never)];
  const counts = Float64Array.from(at('n') as number[]);
  const sides = [at('t'), at('p')];
  sides.forEach((values, k) => {
    const field = fields[k] as Field;
    let nulls = 0;
    values.forEach((v, i) => {
      if (v === null) nulls += counts[i] as number;
    });
    if (nulls === 0) return;
    throw new MissingValuesError(
      `Column "${field.name}" has ${nulls} null${nulls === 1 ? '' : 's'}, which ${call.call} does not take. Drop those rows first: frame.dropNulls("${field.name}").`,
      { column: field.name, nulls, nans: 0, infinities: 0 },
    );
  });
  const sources = sides.map((values, k) => distinctSource(`column "${(fields[k] as Field).name}"`, values));
  const { classes, codes } = await runSliced(encodeLabels(sources), call.run.signal);
  const sums = weight ? weightSums(call.call, weight.name, counts, at('sum'), at('known'), at('low')) : counts;
  return { classes, yTrue: codes[0] as Int32Array, yPred: codes[1] as Int32Array, weight: sums, weighted: !!weight };
}

/** Summed weights, or the error for those that are none. */
function weightSums(
  call: string,
  column: string,
  counts: Float64Array,
  sums: readonly unknown[],
  known: readonly unknown[],
  lows: readonly unknown[],
): Float64Array {
  const nulls = counts.reduce((sum, n, i) => sum + n - Number(known[i]), 0);
  const odd = sums.filter((s) => !Number.isFinite(s)).length;
  if (nulls > 0 || odd > 0)
    throw new MissingValuesError(
      `Column "${column}", the 'sampleWeight' of ${call}, has ${nulls > 0 ? `${nulls} nulls` : 'NaN or infinite values'}. Filter those rows first.`,
      { column, nulls, nans: odd, infinities: 0 },
    );
  const low = Math.min(...(lows as number[]));
  if (low < 0) throw new ParameterError(`The 'sampleWeight' of ${call} must be at least 0. Got ${low}.`, { column });
  if (sums.every((s) => s === 0))
    throw new ParameterError(`The 'sampleWeight' of ${call} is 0 in every row.`, { column });
  return Float64Array.from(sums as number[]);
}

/** A column of labels that a call names. */
function labelField(call: MetricCall<object>, frame: DataFrame<any>, role: string, name: unknown): Field {
  const where = `'${role}' of ${call.call}`;
  if (typeof name !== 'string')
    throw new ParameterError(`Expected the name of a column for ${where} but received ${shown(name)}.`, { role });
  const field = columnField(frame, name, where);
  const { type } = field;
  if (isString(type) || isInteger(type) || isFloat(type) || type.dtype === 'Bool') return field;
  throw new DTypeError(
    `Column "${name}", ${where}, is ${typeText(type)}, but classes are text, whole numbers or Bool. Cast it first.`,
    { column: name },
  );
}

const plainSource = (name: string, values: ArrayLike<unknown>): LabelSource => ({
  name,
  length: values.length,
  read: (start, end) => (start === 0 && end === values.length ? values : sliceOf(values, start, end)),
});

/** Labels of which each stands for any number of rows. */
const distinctSource = (name: string, values: ArrayLike<unknown>): LabelSource => ({
  ...plainSource(name, values),
  distinct: true,
});

function sliceOf(values: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  if (Array.isArray(values)) return values.slice(start, end);
  if (ArrayBuffer.isView(values)) return (values as unknown as Float64Array).subarray(start, end);
  return Array.from({ length: end - start }, (_, i) => values[start + i]);
}

/** An array or column of labels, to be read in pieces. */
export function labelSource(call: string, input: NumberInput): LabelSource {
  const { value, role } = input;
  const name = `'${role}' of ${call}`;
  if (!(value instanceof Column)) return plainSource(name, value as ArrayLike<unknown>);
  return columnSource(name, value);
}

/** A column's labels, decoded piece by piece. */
function columnSource(name: string, column: Column<any>): LabelSource {
  const { dtype } = column.dtype;
  if (dtype !== 'Utf8' && dtype !== 'Categorical') return plainSource(name, column.toArray() as ArrayLike<unknown>);
  // Bytes and offsets of its own: text is cut out of them later, while the table may be gone.
  const own = column.borrow((c) => ownText(c));
  return {
    name,
    length: own.length,
    read: (start, end) =>
      valuesOf({
        ...own,
        length: end - start,
        ...(own.dictionary
          ? { values: (own.values as Int32Array).subarray(start, end) }
          : { offsets: (own.offsets as Int32Array).subarray(start, end + 1) }),
        validity: own.validity === null ? null : own.validity.subarray(start >> 3),
      }),
  };
}

function ownText(c: ArrowColumn): ArrowColumn {
  return {
    ...c,
    validity: c.validity === null ? null : c.validity.slice(),
    ...(c.values ? { values: c.values.slice() as Int32Array } : {}),
    ...(c.offsets ? { offsets: c.offsets.slice() } : {}),
    ...(c.dictionary ? { dictionary: ownText(c.dictionary) } : {}),
  };
}

/** Labels with one number, or one per class, for each row. */
export interface CodedScores {
  /** The distinct labels of yTrue, sorted. */
  readonly classes: readonly Label[];
  readonly yTrue: Int32Array;
  /** One array, or one per class. */
  readonly scores: readonly Float64Array[];
  readonly weight: Float64Array | null;
}

/** Reads true labels and their scores, and lends them to `use`. */
export async function withScores<T>(call: MetricCall<object>, use: (rows: CodedScores) => Promise<T>): Promise<T> {
  const weights = weightInput(call);
  const lend = async (classes: readonly Label[], yTrue: Int32Array, arrays: readonly Float64Array[]): Promise<T> => {
    const weight = weights.length === 0 ? null : (arrays.at(-1) as Float64Array);
    if (weight !== null) await runSliced(checkWeights(call.call, weight), call.run.signal);
    return use({ classes, yTrue, scores: weight === null ? arrays : arrays.slice(0, -1), weight });
  };
  const inputs = [...scoreInputs(call), ...weights];
  const labels: NumberInput = { role: 'yTrue', value: call.yTrue };
  if (call.frame !== null) return frameRows(call, call.frame, labels, inputs, lend);
  checkLengths(
    call.call,
    [labels, ...inputs],
    [labels, ...inputs].map((input) => lengthOf(call.call, input)),
  );
  const { classes, codes } = await runSliced(encodeLabels([labelSource(call.call, labels)]), call.run.signal);
  return withNumbers(call, inputs, (arrays) => lend(classes, codes[0] as Int32Array, arrays));
}

/** The scores of a call: one column or array, or one per class. */
function scoreInputs(call: MetricCall<object>): NumberInput[] {
  const { yPred } = call;
  if (yPred instanceof Table) {
    return (yPred as Table<any>).columns.map((name) => ({
      role: `yScore["${name}"]`,
      value: yPred.column(name as never),
    }));
  }
  const several =
    Array.isArray(yPred) && yPred.length > 0 && typeof yPred[0] !== 'number' && typeof yPred[0] !== 'bigint';
  if (!several || (call.frame === null && (typeof yPred[0] !== 'object' || yPred[0] === null)))
    return [{ role: 'yScore', value: yPred }];
  return (yPred as unknown[]).map((value, i) => ({ role: `yScore[${i}]`, value }));
}

/**
 * Reads a column of labels and columns of numbers of a frame. Labels become codes by a join with the table of classes:
 * text stays in the engine.
 */
export async function frameRows<T>(
  call: MetricCall<object>,
  frame: DataFrame<any>,
  labels: NumberInput,
  inputs: readonly NumberInput[],
  use: (classes: readonly Label[], codes: Int32Array, arrays: readonly Float64Array[]) => Promise<T>,
): Promise<T> {
  const label = labelField(call, frame, labels.role, labels.value);
  const fields = inputs.map((input) => numberField(call, frame, input));
  const columns = Object.fromEntries(fields.map((f, i) => [`c${i}`, asFloat64(f, 'refuse')]));
  using rows = await frame.select({ t: col(label.name), ...columns } as never).collect(call.run);
  if (rows.height === 0) throw noRows(call.call);
  const classes = await distinctLabels(call, rows.lazy(), label, labels.role);
  const codes = fromColumns(
    { t: classes as never, code: Int32Array.from(classes, (_, i) => i) },
    { schema: { t: fromLogical(label.type), code: Int32 } },
  );
  using coded = await rows
    .lazy()
    .join(codes as never, { on: 't', how: 'left', maintainOrder: true } as never)
    .select(...(['code', ...Object.keys(columns)] as never[]))
    .collect(call.run);
  rows.dispose();
  return await (coded as Table<any>).borrowArrow(async (batch: RecordBatch) => {
    const yTrue = (batch.columns[0]?.values as Int32Array).subarray(0, batch.length);
    const own = batch.columns.slice(1);
    const arrays = own.map((c) => (c.values as Float64Array).subarray(0, batch.length));
    const names = fields.map((f) => f.name);
    await checkValues(call, names, arrays, own);
    return use(classes, yTrue, arrays);
  });
}

async function distinctLabels(
  call: MetricCall<object>,
  rows: DataFrame<any>,
  label: Field,
  role: string,
): Promise<readonly Label[]> {
  using table = await rows.select('t').unique().collect(call.run);
  const values = [...table.column('t')] as unknown[];
  const name = `column "${label.name}", '${role}' of ${call.call}`;
  const { classes } = await runSliced(encodeLabels([distinctSource(name, values)]), call.run.signal);
  return classes;
}
