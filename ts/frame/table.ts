import type { RecordBatch } from '../backend/arrow.ts';
import { encodeIpc } from '../backend/ipc.ts';
import { EvaluationError } from '../errors.ts';
import type { PlanNode } from '../plan/nodes.ts';
import type { Row } from '../schema/dtypes.ts';
import { fieldOf, schemaText } from '../schema/schema.ts';
import type { Field, LogicalType } from '../schema/types.ts';
import { type ArrowWriteOptions, arrowWriteSettings } from '../source/arrow-options.ts';
import { toArrowTable } from './arrow-interop.ts';
import { Column } from './column.ts';
import type { DataFrame } from './dataframe.ts';
import type { ColumnArrays, HasSchema, RowNumbers, schema } from './frame-types.ts';
import { tableText } from './print.ts';
import { rowObjects } from './row-objects.ts';
import type { TableSource } from './table-source.ts';
import { valuesOf } from './values.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Options of `toIpc`; the format is a stream unless said. */
export type ToIpcOptions = ArrowWriteOptions;

/**
 * Materialised rows. A table owns memory: `dispose()` it, or declare it with `using`; the garbage collector does it
 * otherwise, later.
 * @ts-ignore TS2636 */
export class Table<out S = any> implements Disposable {
  /** For the type checker only: compared here, in one covariant place. */
  declare readonly [schema]: HasSchema<S>[typeof schema];
  readonly #source: TableSource;
  readonly #frame: (plan: PlanNode) => DataFrame<any>;
  readonly #columns = new Map<string, Column<any>>();

  /** @internal Tables come from `collect` and `batches`. */
  constructor(source: TableSource, frame: (plan: PlanNode) => DataFrame<any>) {
    this.#source = source;
    this.#frame = frame;
  }

  /** @internal Where a table's rows are. */
  static sourceOf(table: Table<any>): TableSource {
    return table.#source;
  }

  /** Number of rows. */
  get height(): number {
    return this.#source.rows;
  }

  /** Number of columns. */
  get width(): number {
    return this.#source.schema.length;
  }

  /** Bytes that the rows take. */
  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  /** Column names, in order. */
  get columns(): string[] {
    return this.#source.schema.map((f) => f.name);
  }

  /** Each column's dtype and whether it may hold null. */
  get schema(): { readonly [column: string]: LogicalType & { readonly nullable: boolean } } {
    return Object.fromEntries(this.#source.schema.map((f) => [f.name, { ...f.type, nullable: f.nullable }]));
  }

  /**
   * Gives one column.
   *
   * @throws {ERR_COLUMN_NOT_FOUND} a name that is not a column
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log([...table.column('price')]);
   * // [ 10, 20 ]
   * ```
   */
  column<N extends keyof S & string>(name: N): Column<S[N]> {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = new Column(this.#source, fieldOf(this.#source.schema, name, 'column()'));
      this.#columns.set(name, column);
    }
    return column;
  }

  /**
   * Gives the rows as objects. 64-bit integers are `bigint`, or numbers on request; Decimal is `DecimalValue`, Datetime
   * and Date32 are `Date`, Time is text, Duration is milliseconds.
   *
   * @throws {ERR_INTEGER_RANGE} `int64: 'number'` and a value past 2^53 − 1
   * @throws {ERR_DISPOSED} after `dispose()`
   * @example
   * ```ts
   * using table = await fromColumns({ id: [1n, 2n] }).collect();
   * console.log(table.toRecords(), table.toRecords({ int64: 'number' }));
   * // [ { id: 1n }, { id: 2n } ] [ { id: 1 }, { id: 2 } ]
   * ```
   */
  toRecords(): Row<S>[];
  toRecords(options: { readonly int64: 'number' }): RowNumbers<S>[];
  toRecords(options?: { readonly int64: 'number' | 'bigint' }): unknown {
    const { schema, rows } = this.#source;
    return this.#source.borrow(undefined, (batch) =>
      rowObjects(
        schema.map((f) => f.name),
        rowValues(batch, schema, options?.int64 === 'number'),
        rows,
      ),
    );
  }

  /**
   * Gives the columns as arrays: typed ones for numbers that cannot be null, else plain ones. One copy.
   *
   * @throws {ERR_DISPOSED} after `dispose()`
   * @example
   * ```ts
   * using table = await fromColumns({ city: ['Oslo', 'Rome'], price: [10, 20] }).collect();
   * console.log(table.toColumns());
   * // { city: [ 'Oslo', 'Rome' ], price: Float64Array(2) [ 10, 20 ] }
   * ```
   */
  toColumns(): ColumnArrays<S> {
    return Object.fromEntries(
      this.#source.schema.map((f) => [f.name, new Column(this.#source, f).toArray()]),
    ) as ColumnArrays<S>;
  }

  /**
   * Gives an apache-arrow Table in memory of its own: one copy. `apache-arrow` must be installed beside this package.
   *
   * @throws {ERR_MISSING_DEPENDENCY} without apache-arrow
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log(table.toArrow().numRows);
   * // 2
   * ```
   * @ts-ignore apache-arrow is an optional peer */
  toArrow(): import('apache-arrow').Table {
    return toArrowTable(this.#source.host());
  }

  /**
   * Gives the rows as the bytes of an Arrow IPC stream (or file), in memory of its own.
   *
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log((await fromIpc(table.toIpc()).collect()).toRecords());
   * // [ { price: 10 }, { price: 20 } ]
   * ```
   */
  toIpc(options: ToIpcOptions = {}): Uint8Array {
    const { kind, compression } = arrowWriteSettings({ format: 'stream', ...options }, 'toIpc');
    return encodeIpc([this.#source.host()], this.#source.schema, { kind, compression });
  }

  /**
   * Lends all columns in Arrow's layout for the length of `use` (awaited when it is async): no copy where the engine keeps
   * them so. The buffers are invalid afterwards.
   *
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log(table.borrowArrow((batch) => batch.columns[0]?.values?.[1]));
   * // 20
   * ```
   */
  borrowArrow<R>(use: (batch: RecordBatch) => R): R {
    return this.#source.borrow(undefined, use);
  }

  /**
   * Gives a frame over these rows, without a copy. It fails once the table is disposed.
   *
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log(await table.lazy().filter((c) => c.price.gt(15)).count());
   * // 1
   * ```
   */
  lazy(): DataFrame<S> {
    return this.#frame(this.#source.plan());
  }

  /** Frees the rows. A second call does nothing; any other use afterwards throws ERR_DISPOSED. */
  dispose(): void {
    this.#source.dispose();
    this.#columns.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Prints the schema and the size. */
  [INSPECT](): string {
    return `Table ${this.height} × ${this.width} { ${schemaText(this.#source.schema)} }`;
  }

  /** The first rows as printed text. */
  toString(): string {
    const { schema, rows } = this.#source;
    return this.#source.borrow(undefined, (batch) => tableText(batch, schema, { rows: 10, total: rows }));
  }
}

function rowValues(batch: RecordBatch, schema: readonly Field[], asNumbers: boolean): ArrayLike<unknown>[] {
  return batch.columns.map((c, i) => {
    const f = schema[i] as Field;
    const values = valuesOf(c);
    return asNumbers && (f.type.dtype === 'Int64' || f.type.dtype === 'UInt64') ? numbersOf(values, f.name) : values;
  });
}

/** 64-bit integers as numbers, or the error that names the first that does not fit. */
function numbersOf(values: ArrayLike<unknown>, column: string): (number | null)[] {
  const out = new Array<number | null>(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as bigint | null;
    const n = v === null ? null : Number(v);
    if (n !== null && !Number.isSafeInteger(n)) {
      throw new EvaluationError(
        'ERR_INTEGER_RANGE',
        `The value ${v} in row ${i} of column "${column}" is past 2^53 − 1. Take bigint, or cast to Float64 first.`,
        { column, row: i },
      );
    }
    out[i] = n;
  }
  return out;
}
