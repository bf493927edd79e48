// Aggregates of numbers: sums, moments, quantiles.
import type { Float64 } from '../schema/dtypes.ts';
import type { DdofOptions, QuantileOptions } from './expr.ts';
import type { NumberExpr } from './number.ts';
import type { AggKind, SumOf } from './result-types.ts';

/**
 * Aggregates of numbers.
 * @ts-ignore TS2636 */
export interface NumberAggregates<out T, out K> {
  /**
   * Adds up; integers in 64 bits, floats in Float64.
   *
   * Nulls are skipped; 0 for nothing. NaN counts. Floats are added with error compensation, in the same order
   * whatever the number of threads.
   *
   * @throws {ERR_OVERFLOW} while the query runs, if an integer sum passes 64 bits or a Decimal sum 38 digits.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.sum() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       4 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  sum(): NumberExpr<SumOf<T>, AggKind<K>>;
  /**
   * Averages, in Float64.
   *
   * Nulls are skipped; NaN counts; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.mean() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       2 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  mean(): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Takes the middle value, or the mean of the middle two.
   *
   * Nulls are skipped; NaN sorts last; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 5, null, 3] });
   * await df.select({ x: (c) => c.a.median() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       3 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  median(): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Computes the standard deviation.
   *
   * Nulls are skipped; NaN counts; null for fewer than ddof + 1 values.
   *
   * @param options - `ddof`: the divisor is n − ddof; default 1.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * await df.select({ x: (c) => c.a.std() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  std(options?: DdofOptions): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Computes the variance.
   *
   * Nulls are skipped; NaN counts; null for fewer than ddof + 1 values.
   *
   * @param options - `ddof`: the divisor is n − ddof; default 1.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * await df.select({ x: (c) => c.a.var({ ddof: 0 }) }).show();
   * // ┌──────────┐
   * // │        x │
   * // │  Float64 │
   * // ├──────────┤
   * // │ 0.666667 │
   * // └──────────┘
   * // 1 row × 1 column
   * ```
   */
  var(options?: DdofOptions): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Computes the skewness, by population moments.
   *
   * Nulls are skipped; NaN for equal values; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 9] });
   * await df.select({ x: (c) => c.a.skew().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  0.6655 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  skew(): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Computes the excess kurtosis, by population moments.
   *
   * Nulls are skipped; NaN for equal values; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 9, 3] });
   * await df.select({ x: (c) => c.a.kurtosis().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │ -0.7981 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  kurtosis(): NumberExpr<Float64 | null, AggKind<K>>;
  /**
   * Takes the value below which a fraction `q` of the values lies.
   *
   * Nulls are skipped; NaN sorts last; null for nothing.
   *
   * @param options - `interpolation` between two values: `'linear'` (default), `'lower'`, `'higher'`, `'nearest'`,
   *   `'midpoint'`.
   * @throws {ERR_PARAMETER} if `q` is not from 0 to 1.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3, 4] });
   * await df.select({ x: (c) => c.a.quantile(0.9) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │     3.7 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  quantile(q: number, options?: QuantileOptions): NumberExpr<Float64 | null, AggKind<K>>;
}
