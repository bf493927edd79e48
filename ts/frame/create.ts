// Frames from data in memory.
import type { ArrowColumn, RecordBatch } from '../backend/arrow.ts';
import { decodeIpc } from '../backend/ipc.ts';
import { ParameterError, SchemaMismatchError, ShapeError } from '../errors.ts';
import { type RunOptions, uploadBatches } from '../runner/runner.ts';
import { type SchemaOf, type SchemaSpec, schemaFromSpec } from '../schema/dtypes.ts';
import { sameSchema, schemaText } from '../schema/schema.ts';
import type { Field, Schema } from '../schema/types.ts';
import { fromArrowTable } from './arrow-interop.ts';
import { columnOf } from './build-column.ts';
import { DataFrame } from './dataframe.ts';
import type { HasSchema, InferredColumns, InferredRecord } from './frame-types.ts';
import { hostTable, ownedTable, TableOwner } from './host-tables.ts';
import { inferField } from './infer.ts';
import { keysOf, propertyOf } from './read-records.ts';
import { Table } from './table.ts';

/** Options of frames made from JavaScript values. */
export interface FromOptions<Spec> {
  /** Declared columns: their dtypes and order. Without it dtypes follow from the values. */
  readonly schema?: Spec;
}

const frameOf = (batches: readonly RecordBatch[], schema: Schema): DataFrame<any> =>
  new DataFrame(hostTable(batches, schema));

/**
 * Makes a frame of columns: arrays and typed arrays of one length. `number[]` becomes Float64, `bigint[]` Int64, a typed
 * array its own dtype, `Date[]` Datetime('ms'); null and undefined are null. The values are copied.
 *
 * @throws {ERR_SHAPE} columns of different lengths
 * @throws {ERR_SCHEMA_MISMATCH} values of several types in one column, or other columns than declared
 * @throws {ERR_DTYPE} a value that does not fit the declared dtype
 * @example
 * ```ts
 * const df = fromColumns({ city: ['Oslo', null], qty: Int32Array.of(3, 4), price: [10, 20.5] });
 * await df.show();
 * // ┌──────┬───────┬─────────┐
 * // │ city │   qty │   price │
 * // │ Utf8 │ Int32 │ Float64 │
 * // ├──────┼───────┼─────────┤
 * // │ Oslo │     3 │    10.0 │
 * // │ null │     4 │    20.5 │
 * // └──────┴───────┴─────────┘
 * // 2 rows × 3 columns
 * ```
 */
export function fromColumns<const Spec extends SchemaSpec>(
  columns: { readonly [N in keyof Spec]: ArrayLike<unknown> },
  options: { readonly schema: Spec },
): DataFrame<SchemaOf<Spec>>;
export function fromColumns<const C extends { readonly [name: string]: ArrayLike<unknown> }>(
  columns: C,
): DataFrame<InferredColumns<C>>;
export function fromColumns(
  columns: { readonly [name: string]: ArrayLike<unknown> },
  options: FromOptions<SchemaSpec> = {},
): DataFrame<any> {
  const names = Object.keys(columns);
  const schema = options.schema === undefined ? undefined : schemaFromSpec(options.schema);
  const wanted = schema?.map((f) => f.name) ?? names;
  const missing = wanted.find((name) => !Object.hasOwn(columns, name));
  if (missing !== undefined) {
    throw new SchemaMismatchError(`Column "${missing}" is declared but not given. Given: ${names.join(', ')}.`, {
      column: missing,
    });
  }
  const length = columns[wanted[0] ?? '']?.length ?? 0;
  const built = wanted.map((name, i): [Field, ArrowColumn] => {
    const values = columns[name] as ArrayLike<unknown>;
    if (values === null || typeof values !== 'object' || typeof values.length !== 'number') {
      throw new ParameterError(`Expected an array for column "${name}" but received ${typeof values}.`, {
        column: name,
      });
    }
    if (values.length !== length) {
      throw new ShapeError(`Expected ${length} values for every column but column "${name}" has ${values.length}.`, {
        column: name,
      });
    }
    const field = schema?.[i] ?? inferField(name, values);
    return [field, columnOf(values, field)];
  });
  const fields = Object.freeze(built.map(([field]) => field));
  return frameOf([{ schema: fields, length, columns: built.map(([, column]) => column) }], fields);
}

/**
 * Makes a frame of row objects. Dtypes follow from the values, as in `fromColumns`, unless declared; a property that a
 * row lacks is null. The values are copied.
 *
 * @throws {ERR_SCHEMA_MISMATCH} values of several types in one column
 * @throws {ERR_DTYPE} a value that does not fit the declared dtype
 * @example
 * ```ts
 * const df = fromRecords([{ city: 'Oslo', price: 10 }, { city: 'Rome', price: 20 }]);
 * await df.show();
 * // ┌──────┬─────────┐
 * // │ city │   price │
 * // │ Utf8 │ Float64 │
 * // ├──────┼─────────┤
 * // │ Oslo │      10 │
 * // │ Rome │      20 │
 * // └──────┴─────────┘
 * // 2 rows × 2 columns
 * ```
 */
export function fromRecords<const Spec extends SchemaSpec>(
  records: readonly object[],
  options: { readonly schema: Spec },
): DataFrame<SchemaOf<Spec>>;
export function fromRecords<R extends object>(records: readonly R[]): DataFrame<InferredRecord<R>>;
export function fromRecords(records: readonly object[], options: FromOptions<SchemaSpec> = {}): DataFrame<any> {
  const schema = options.schema === undefined ? undefined : schemaFromSpec(options.schema);
  const batch = recordsBatch(records, schema);
  return frameOf([batch], batch.schema);
}

/** Columns of row objects, one pass a column. */
function recordsBatch(records: readonly object[], declared: Schema | undefined): RecordBatch {
  const rows = records;
  const bad = rows.findIndex((r) => typeof r !== 'object' || r === null);
  if (bad >= 0) {
    throw new ParameterError(`Expected row objects but row ${bad} is ${String(rows[bad])}.`, { row: bad });
  }
  const names = declared?.map((f) => f.name) ?? keysOf(rows);
  const fields: Field[] = [];
  const columns = names.map((name, k) => {
    // Numbers unless declared otherwise: integers would be checked one by one either way.
    const dtype = declared?.[k]?.type.dtype;
    const values = propertyOf(rows, name, dtype === undefined || dtype === 'Float64');
    const field = declared?.[k] ?? inferField(name, values);
    fields.push(field);
    return columnOf(values, field);
  });
  return { schema: declared ?? Object.freeze(fields), length: rows.length, columns };
}

/**
 * Makes a frame of an apache-arrow or @uwdata/flechette table, by buffer: the table's memory is copied to the engine when
 * a query first reads it, and must not change before.
 *
 * @throws {ERR_PARAMETER} anything else
 * @throws {ERR_UNSUPPORTED} a column type that has no dtype here, by name
 * @example
 * ```ts
 * using table = await fromColumns({ price: [10, 20] }).collect();
 * console.log(await fromArrow(table.toArrow()).count());
 * // 2
 * ```
 */
export function fromArrow(table: object): DataFrame<any> {
  const batches = fromArrowTable(table);
  return frameOf(batches, (batches[0] as RecordBatch).schema);
}

/**
 * Makes a frame of Arrow IPC bytes, a file or a stream. The bytes must not change afterwards.
 *
 * @throws {ERR_CORRUPT_FILE} bytes that are not Arrow IPC
 * @throws {ERR_UNSUPPORTED} a column type that has no dtype here, by name
 * @example
 * ```ts
 * using table = await fromColumns({ price: [10, 20] }).collect();
 * console.log(fromIpc(table.toIpc()).columns);
 * // [ 'price' ]
 * ```
 */
export function fromIpc(bytes: Uint8Array): DataFrame<any> {
  if (!(bytes instanceof Uint8Array)) {
    throw new ParameterError(`Expected a Uint8Array for fromIpc but received ${typeof bytes}.`, { parameter: 'bytes' });
  }
  const { batches, schema } = decodeIpc(bytes);
  return frameOf(batches, schema);
}

/** Options of `fromAsyncIterable`. */
export interface FromAsyncOptions<Spec> extends RunOptions {
  /** Declared columns. Without it the first rows decide, and later ones must fit. */
  readonly schema?: Spec;
}

/** Rows gathered into one batch. */
const BATCH_ROWS = 65_536;

/**
 * Makes a frame of rows that arrive over time: row objects, arrays of them, or tables of `batches()`. It waits for the
 * end, and slows the producer to the engine's pace.
 *
 * @throws {ERR_DTYPE} a row that does not fit the declared dtypes, or those of the rows before
 * @example
 * ```ts
 * async function* rows() {
 *   yield { city: 'Oslo', price: 10 };
 *   yield [{ city: 'Rome', price: 20 }, { city: 'Lima', price: null }];
 * }
 * const df = await fromAsyncIterable(rows(), { schema: { city: Utf8, price: nullable(Float64) } });
 * console.log(await df.count());
 * // 3
 * ```
 */
export function fromAsyncIterable<const Spec extends SchemaSpec>(
  rows: AsyncIterable<object | readonly object[]>,
  options: FromAsyncOptions<Spec> & { readonly schema: Spec },
): Promise<DataFrame<SchemaOf<Spec>>>;
export function fromAsyncIterable<R extends object>(
  rows: AsyncIterable<R | readonly R[]>,
  options?: RunOptions,
): Promise<DataFrame<R extends HasSchema<infer S> ? S : InferredRecord<R>>>;
export async function fromAsyncIterable(
  rows: AsyncIterable<object | readonly object[]>,
  options: FromAsyncOptions<SchemaSpec> = {},
): Promise<DataFrame<any>> {
  const { schema: spec, ...runOptions } = options;
  const declared = spec === undefined ? undefined : schemaFromSpec(spec);
  const batches = gathered(rows, declared);
  const first = await batches.next();
  if (first.done) return frameOf([], declared ?? Object.freeze([]));
  const schema = declared ?? everNullable(first.value.schema);
  const all = async function* (): AsyncGenerator<RecordBatch> {
    yield { ...first.value, schema };
    for await (const batch of batches) yield { ...batch, schema };
  };
  const handle = await uploadBatches(all(), schema, runOptions);
  return new DataFrame(ownedTable(new TableOwner(handle), schema));
}

/** Later batches may hold nulls where the first has none. */
const everNullable = (schema: Schema): Schema =>
  Object.freeze(schema.map((f) => Object.freeze({ ...f, nullable: true })));

/** Rows and arrays of rows as batches of one schema; batches pass as they are. */
async function* gathered(
  source: AsyncIterable<object | readonly object[]>,
  declared: Schema | undefined,
): AsyncGenerator<RecordBatch> {
  let schema = declared;
  let waiting: object[] = [];
  const flush = (): RecordBatch => {
    const batch = recordsBatch(waiting, schema);
    schema ??= everNullable(batch.schema);
    waiting = [];
    return batch;
  };
  for await (const item of source) {
    if (item instanceof Table) {
      if (waiting.length > 0) yield flush();
      const batch = Table.sourceOf(item).host();
      schema ??= everNullable(batch.schema);
      if (!sameSchema(schema, batch.schema)) {
        throw new SchemaMismatchError(
          `Expected batches of ${schemaText(schema)} but received ${schemaText(batch.schema)}.`,
        );
      }
      yield batch;
      continue;
    }
    if (Array.isArray(item)) for (const row of item) waiting.push(row);
    else waiting.push(item);
    if (waiting.length >= BATCH_ROWS) yield flush();
  }
  if (waiting.length > 0) yield flush();
}
