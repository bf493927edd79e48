import type { ArrowColumn } from '../backend/arrow.ts';
import type { Value } from '../schema/dtypes.ts';
import { type Field, isFloat, isInteger, type LogicalType } from '../schema/types.ts';
import type { ArrayOf, HasSchema, schema } from './frame-types.ts';
import { onlyColumn, type TableSource } from './table-source.ts';
import { arrayOf, valuesOf } from './values.ts';

/**
 * One read-only column of a table.
 * @ts-ignore TS2636 */
export class Column<out T = any> implements Iterable<Value<T>> {
  /** For the type checker only: compared here, in one covariant place. */
  declare readonly [schema]: HasSchema<T>[typeof schema];
  readonly #source: TableSource;
  readonly #field: Field;
  #values: ArrayLike<unknown> | null = null;

  /** @internal Made by `table.column`. */
  constructor(source: TableSource, field: Field) {
    this.#source = source;
    this.#field = field;
  }

  get name(): string {
    return this.#field.name;
  }

  get dtype(): LogicalType {
    return this.#field.type;
  }

  get nullable(): boolean {
    return this.#field.nullable;
  }

  get length(): number {
    return this.#source.rows;
  }

  /**
   * Gives the value of a row, counted from the end when negative; undefined outside. All values are decoded at the first
   * call and kept.
   *
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log(table.column('price').at(-1));
   * // 20
   * ```
   */
  at(index: number): Value<T> | undefined {
    const row = index < 0 ? this.length + index : index;
    return row < this.length ? (this.#decoded()[row] as Value<T>) : undefined;
  }

  /**
   * Copies the values out: a typed array for numbers that cannot be null, else a plain array with null for nulls. The
   * array is yours; it is copied once.
   *
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log(table.column('price').toArray());
   * // Float64Array(2) [ 10, 20 ]
   * ```
   */
  toArray(): ArrayOf<T> {
    const column = onlyColumn(this.#source.host([this.name]));
    const typed = !this.nullable && (isInteger(this.dtype) || isFloat(this.dtype));
    return (typed ? ownNumbers(column) : arrayOf(column)) as ArrayOf<T>;
  }

  /**
   * Lends the column's buffers in Arrow's layout, without a copy where the engine keeps them so. They are valid until
   * `use` returns.
   *
   * @example
   * ```ts
   * using table = await fromColumns({ price: [10, 20] }).collect();
   * console.log(table.column('price').borrow((column) => column.values?.[1]));
   * // 20
   * ```
   */
  borrow<R>(use: (column: ArrowColumn) => R): R {
    return this.#source.borrow([this.name], (batch) => use(onlyColumn(batch)));
  }

  *[Symbol.iterator](): Iterator<Value<T>> {
    const values = this.#decoded();
    for (let i = 0; i < values.length; i++) yield values[i] as Value<T>;
  }

  #decoded(): ArrayLike<unknown> {
    this.#values ??= valuesOf(onlyColumn(this.#source.host([this.name])));
    return this.#values;
  }
}

/** Numbers in a buffer that is the caller's. A batch of mapBatches lends its own: copy that. */
function ownNumbers(column: ArrowColumn): ArrayLike<unknown> {
  const values = valuesOf(column) as Float64Array;
  return values.slice();
}
