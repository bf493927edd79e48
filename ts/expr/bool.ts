// Bool: three-valued logic.
import type { Bool, Float64, UInt32 } from '../schema/dtypes.ts';
import type { ExprLike, OrderedExpr } from './expr.ts';
import type { NumberExpr } from './number.ts';
import type { AggKind, KindOf, OperandType, Propagate } from './result-types.ts';

/**
 * Operations of Bool.
 * @ts-ignore TS2636 */
export interface BoolExpr<out T, out K> extends OrderedExpr<T, K, boolean, Bool> {
  /**
   * Tests whether both are true.
   *
   * Three-valued: false if either is false, else null if either is null.
   *
   * @throws {ERR_DTYPE} if the other is not a Bool.
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, null], b: [null, null, true] });
   * await df.select({ x: (c) => c.a.and(c.b) }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ null  │
   * // │ false │
   * // │ null  │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  and<const O extends boolean | ExprLike<Bool | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether at least one is true.
   *
   * Three-valued: true if either is true, else null if either is null.
   *
   * @throws {ERR_DTYPE} if the other is not a Bool.
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, null], b: [null, null, true] });
   * await df.select({ x: (c) => c.a.or(c.b) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Bool │
   * // ├──────┤
   * // │ true │
   * // │ null │
   * // │ true │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  or<const O extends boolean | ExprLike<Bool | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether exactly one is true.
   *
   * Null if either is null.
   *
   * @throws {ERR_DTYPE} if the other is not a Bool.
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, null], b: [null, null, true] });
   * await df.select({ x: (c) => c.a.xor(c.b) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Bool │
   * // ├──────┤
   * // │ null │
   * // │ null │
   * // │ null │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  xor<const O extends boolean | ExprLike<Bool | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Turns true into false and false into true.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, null], b: [null, null, true] });
   * await df.select({ x: (c) => c.a.not() }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ false │
   * // │ true  │
   * // │ null  │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  not(): BoolExpr<T, K>;
  /**
   * Counts the true values.
   *
   * Nulls are skipped; 0 for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, true] });
   * await df.select({ x: (c) => c.a.sum() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      2 │
   * // └────────┘
   * // 1 row × 1 column
   * ```
   */
  sum(): NumberExpr<UInt32, AggKind<K>>;
  /**
   * Computes the share of true values.
   *
   * Nulls are skipped; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, true, true] });
   * await df.select({ x: (c) => c.a.mean() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    0.75 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  mean(): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Tests whether any value is true.
   *
   * Nulls are skipped; false for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, null] });
   * await df.select({ x: (c) => c.a.any() }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Bool │
   * // ├──────┤
   * // │ true │
   * // └──────┘
   * // 1 row × 1 column
   * ```
   */
  any(): BoolExpr<Bool, AggKind<K>>;
  /**
   * Tests whether all values are true.
   *
   * Nulls are skipped; true for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [true, false, null] });
   * await df.select({ x: (c) => c.a.all() }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ false │
   * // └───────┘
   * // 1 row × 1 column
   * ```
   */
  all(): BoolExpr<Bool, AggKind<K>>;
}
