// Numbers of a call as Float64 arrays, checked: columns of a frame without a copy, or arrays.
import type { ArrowColumn, RecordBatch } from '../../backend/arrow.ts';
import { missingError } from '../../backend/missing-values.ts';
import { DTypeError, MissingValuesError, ParameterError, ShapeError } from '../../errors.ts';
import { Column } from '../../frame/column.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { valuesOf } from '../../frame/values.ts';
import type { Field } from '../../schema/types.ts';
import { typeText } from '../../schema/types.ts';
import { asFloat64, columnField, isNumericFeature } from '../core/features.ts';
import { runSliced, STEP_ROWS, type Steps } from './core/steps.ts';
import type { MetricCall } from './metric-call.ts';

/** One array that a metric reads: its role in messages, and a column name or an array. */
export interface NumberInput {
  readonly role: string;
  readonly value: unknown;
}

/** The weights of a call as one more input, when it has them. */
export const weightInput = (call: MetricCall<object>): NumberInput[] =>
  call.sampleWeight === null ? [] : [{ role: 'sampleWeight', value: call.sampleWeight }];

/**
 * Reads numbers and lends them to `use`: finite, of one length, at least one row.
 *
 * @throws {ERR_MISSING_VALUES} nulls, NaN or infinities
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_DTYPE} columns or arrays of something else
 */
export async function withNumbers<T>(
  call: MetricCall<object>,
  inputs: readonly NumberInput[],
  use: (arrays: readonly Float64Array[]) => Promise<T>,
): Promise<T> {
  if (call.frame !== null) return framedNumbers(call, call.frame, inputs, use);
  const lengths = inputs.map((input) => lengthOf(call.call, input));
  checkLengths(call.call, inputs, lengths);
  const arrays: Float64Array[] = [];
  for (const input of inputs) arrays.push(await runSliced(float64Of(call.call, input), call.run.signal));
  return use(arrays);
}

/** A numeric column that a call names. */
export function numberField(call: MetricCall<object>, frame: DataFrame<any>, input: NumberInput): Field {
  const where = `'${input.role}' of ${call.call}`;
  if (typeof input.value !== 'string')
    throw new ParameterError(`Expected the name of a column for ${where} but received ${shown(input.value)}.`, {
      role: input.role,
    });
  const field = columnField(frame, input.value, where);
  if (!isNumericFeature(field.type))
    throw new DTypeError(`Column "${field.name}", ${where}, is ${typeText(field.type)}, but numbers are needed.`, {
      column: field.name,
    });
  return field;
}

async function framedNumbers<T>(
  call: MetricCall<object>,
  frame: DataFrame<any>,
  inputs: readonly NumberInput[],
  use: (arrays: readonly Float64Array[]) => Promise<T>,
): Promise<T> {
  const fields = inputs.map((input) => numberField(call, frame, input));
  // Numbered names: one column may play two roles.
  const columns = Object.fromEntries(fields.map((f, i) => [`c${i}`, asFloat64(f, 'refuse')]));
  using table = await frame.select(columns as never).collect(call.run);
  return await table.borrowArrow(async (batch: RecordBatch) => {
    if (batch.length === 0) throw noRows(call.call);
    const names = fields.map((f) => f.name);
    const arrays = batch.columns.map((c) => (c.values as Float64Array).subarray(0, batch.length));
    await checkValues(call, names, arrays, batch.columns);
    return use(arrays);
  });
}

/** Throws for values that are not finite; nulls are counted from the columns. */
export async function checkValues(
  call: MetricCall<object>,
  names: readonly string[],
  arrays: readonly Float64Array[],
  columns: readonly ArrowColumn[] = [],
): Promise<void> {
  const nulls = columns.map(nullsOf);
  const nans: number[] = [];
  const infinities: number[] = [];
  for (const [i, values] of arrays.entries()) {
    if ((nulls[i] ?? 0) > 0) continue;
    const odd = await runSliced(oddValues(values), call.run.signal);
    nans[i] = odd.nans;
    infinities[i] = odd.infinities;
  }
  const error = missingError(call.call, names, { nulls, nans, infinities });
  if (error) throw error;
}

/** How many rows of a column are null. */
function nullsOf(column: ArrowColumn): number {
  if (column.validity === null) return 0;
  let nulls = 0;
  for (let i = 0; i < column.length; i++) if (((column.validity[i >> 3] as number) & (1 << (i & 7))) === 0) nulls++;
  return nulls;
}

function* oddValues(values: Float64Array): Steps<{ nans: number; infinities: number }> {
  let nans = 0;
  let infinities = 0;
  for (let start = 0; start < values.length; start += STEP_ROWS) {
    const end = Math.min(values.length, start + STEP_ROWS);
    let sum = 0;
    // x · 0 is 0 for every finite number and NaN for all others.
    for (let i = start; i < end; i++) sum += (values[i] as number) * 0;
    if (sum !== 0) {
      for (let i = start; i < end; i++) {
        const x = values[i] as number;
        if (Number.isNaN(x)) nans++;
        else if (!Number.isFinite(x)) infinities++;
      }
    }
    yield;
  }
  return { nans, infinities };
}

/** The length of an array or column that a call was given. */
export function lengthOf(call: string, input: NumberInput): number {
  const { value, role } = input;
  if (value instanceof Column) return value.length;
  const length = (value as ArrayLike<unknown> | null | undefined)?.length;
  if (typeof value === 'object' && value !== null && typeof length === 'number') return length;
  throw new ParameterError(
    `Expected an array or a column for '${role}' of ${call} but received ${shown(value)}. To name columns, give the frame first: ${call}(frame, 'yTrue', 'yPred').`,
    { role },
  );
}

/** Throws unless all lengths are the first one, and that is not 0. */
export function checkLengths(call: string, inputs: readonly NumberInput[], lengths: readonly number[]): void {
  const odd = lengths.findIndex((n) => n !== lengths[0]);
  if (odd >= 0)
    throw new ShapeError(
      `Expected arrays of one length for ${call} but '${inputs[0]?.role}' has ${lengths[0]} and '${inputs[odd]?.role}' has ${lengths[odd]}.`,
      { lengths: [...lengths] },
    );
  if (lengths[0] === 0) throw noRows(call);
}

export const noRows = (call: string): ShapeError =>
  new ShapeError(`${call} needs at least one row; there are none.`, { rows: 0 });

/** An array or column as finite Float64 values; a Float64Array is not copied. */
function* float64Of(call: string, input: NumberInput): Steps<Float64Array> {
  const { value, role } = input;
  const source = value instanceof Column ? yield* columnValues(value, call, role) : (value as ArrayLike<unknown>);
  const out = source instanceof Float64Array ? source : new Float64Array(source.length);
  for (let start = 0; start < source.length; start += STEP_ROWS >> 1) {
    const end = Math.min(source.length, start + (STEP_ROWS >> 1));
    if (out === source) {
      let sum = 0;
      for (let i = start; i < end; i++) sum += (out[i] as number) * 0;
      if (sum !== 0) for (let i = start; i < end; i++) checkFinite(out[i] as number, i, call, role);
    } else for (let i = start; i < end; i++) out[i] = numberOf(source[i], i, call, role);
    yield;
  }
  return out;
}

function numberOf(value: unknown, row: number, call: string, role: string): number {
  if (typeof value === 'number') return checkFinite(value, row, call, role);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || value === undefined)
    throw missing(`null`, row, call, role, { nulls: 1, nans: 0, infinities: 0 });
  throw new DTypeError(`Expected numbers in '${role}' of ${call} but row ${row} is ${shown(value)}.`, { role, row });
}

function checkFinite(x: number, row: number, call: string, role: string): number {
  if (Number.isFinite(x)) return x;
  const counts = Number.isNaN(x) ? { nulls: 0, nans: 1, infinities: 0 } : { nulls: 0, nans: 0, infinities: 1 };
  throw missing(String(x), row, call, role, counts);
}

const missing = (
  what: string,
  row: number,
  call: string,
  role: string,
  counts: { nulls: number; nans: number; infinities: number },
): MissingValuesError =>
  new MissingValuesError(
    `Expected finite numbers in '${role}' of ${call} but row ${row} is ${what}. Filter those rows first.`,
    {
      column: role,
      ...counts,
    },
  );

/** The values of a column, copied piece by piece: its table may be disposed while a metric is at work. */
function* columnValues(column: Column<any>, call: string, role: string): Steps<ArrayLike<unknown>> {
  if (!isNumericFeature(column.dtype))
    throw new DTypeError(
      `The column "${column.name}", '${role}' of ${call}, is ${typeText(column.dtype)}, but numbers are needed.`,
      { role },
    );
  if (column.dtype.dtype !== 'Float64') return column.toArray() as ArrayLike<unknown>;
  const out = new Float64Array(column.length);
  for (let start = 0; start < out.length; start += 1 << 20) {
    const end = Math.min(out.length, start + (1 << 20));
    const plain = column.borrow((c) => {
      if (c.validity !== null) return false;
      out.set((c.values as Float64Array).subarray(start, end), start);
      return true;
    });
    if (!plain) return column.borrow((c) => valuesOf(c));
    yield;
  }
  return out;
}

/** A value as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `the text '${value}'`;
  if (value === null) return 'null';
  return typeof value === 'object'
    ? `an object of ${value.constructor?.name ?? 'no class'}`
    : `${String(value)} of type ${typeof value}`;
}

/** Throws for weights that are negative, or all 0. */
export function* checkWeights(call: string, weight: Float64Array): Steps<void> {
  let sum = 0;
  for (let start = 0; start < weight.length; start += STEP_ROWS) {
    const end = Math.min(weight.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const w = weight[i] as number;
      if (w < 0)
        throw new ParameterError(`The 'sampleWeight' of ${call} must be at least 0. Got ${w} in row ${i}.`, { row: i });
      sum += w;
    }
    yield;
  }
  if (sum === 0) throw new ParameterError(`The 'sampleWeight' of ${call} is 0 in every row.`, {});
}
