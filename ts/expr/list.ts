// Lists and structs: what `.list` and `.struct` offer.
import type { UInt32 } from '../schema/dtypes.ts';
import type { Expr, ValueExpr } from './expr.ts';
import type { NumberExpr } from './number.ts';
import type { FieldsOf, InnerOf, Propagate } from './result-types.ts';

/**
 * Operations of lists.
 * @ts-ignore TS2636 */
export interface ListExpr<out T, out K> extends ValueExpr<T, K> {
  /** List functions. */
  readonly list: ListFunctions<T, K>;
}

/**
 * List functions.
 * @ts-ignore TS2636 */
export interface ListFunctions<out T, out K> {
  /**
   * Counts the elements, nulls included.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['x,y', 'z', null] });
   * await df.select({ x: (c) => c.a.str.split(',').list.len() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      2 │
   * // │      1 │
   * // │   null │
   * // └────────┘
   * // 3 rows × 1 column
   * ```
   */
  len(): NumberExpr<Propagate<UInt32, T>, K>;
  /**
   * Takes one element.
   *
   * Null where the list is null or has no such element.
   *
   * @param index - from 0; negative: from the end.
   * @throws {ERR_PARAMETER} if `index` is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['x,y', 'z', null] });
   * await df.select({ x: (c) => c.a.str.split(',').list.get(-1) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ y    │
   * // │ z    │
   * // │ null │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  get(index: number): Expr<InnerOf<T> | null, K>;
}

/**
 * Operations of structs.
 * @ts-ignore TS2636 */
export interface StructExpr<out T, out K> extends ValueExpr<T, K> {
  /** Struct functions. */
  readonly struct: StructFunctions<T, K>;
}

/**
 * Struct functions.
 * @ts-ignore TS2636 */
export interface StructFunctions<out T, out K> {
  /**
   * Takes one field.
   *
   * Null where the struct is null.
   *
   * @throws {ERR_COLUMN_NOT_FOUND} if there is no such field.
   * @example
   * ```ts
   * const df = fromColumns({ lat: [41.9], lon: [12.5] });
   * const geo = fromRecords([{ at: { lat: 41.9, lon: 12.5 } }], { schema: { at: Struct({ lat: Float64, lon: Float64 }) } });
   * await geo.select({ lat: (c) => c.at.struct.field('lat') }).show();
   * // ┌─────────┐
   * // │     lat │
   * // │ Float64 │
   * // ├─────────┤
   * // │    41.9 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  field<const N extends keyof FieldsOf<T> & string>(name: N): Expr<Propagate<FieldsOf<T>[N], T>, K>;
}
