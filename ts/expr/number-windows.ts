// Windows over numbers: cumulative, differences, rolling, exponentially weighted.
import type { Float64 } from '../schema/dtypes.ts';
import type { DdofOptions, EwmOptions, RollingOptions } from './expr.ts';
import type { NumberExpr } from './number.ts';
import type { DiffOf, Propagate, SumOf } from './result-types.ts';

/**
 * Windows over numbers.
 * @ts-ignore TS2636 */
export interface NumberWindows<out T, out K> {
  /**
   * Adds up so far; integers in 64 bits.
   *
   * Null rows give null and are skipped.
   *
   * @throws {ERR_OVERFLOW} while the query runs, past 64 bits or 38 digits.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.cumSum() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │    null │
   * // │       4 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  cumSum(): NumberExpr<Propagate<SumOf<T>, T>, K | 'window'>;
  /**
   * Multiplies so far; integers in 64 bits.
   *
   * Null rows give null and are skipped.
   *
   * @throws {ERR_DTYPE} for Decimal: cast to Float64.
   * @throws {ERR_OVERFLOW} while the query runs, past 64 bits.
   * @example
   * ```ts
   * const df = fromColumns({ a: [2, null, 3] });
   * await df.select({ x: (c) => c.a.cumProd() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       2 │
   * // │    null │
   * // │       6 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  cumProd(): NumberExpr<Propagate<SumOf<T>, T>, K | 'window'>;
  /**
   * Subtracts an earlier row.
   *
   * Null at the edge and where either value is null. Unsigned integers become signed, so that a fall is negative.
   *
   * @param rows - how many rows back; default 1.
   * @throws {ERR_PARAMETER} if `rows` is not an integer.
   * @throws {ERR_CAST} while the query runs, for UInt64 values past 2^63 − 1.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 4, 9] });
   * await df.select({ x: (c) => c.a.diff() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       3 │
   * // │       5 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  diff(rows?: number): NumberExpr<DiffOf<T>, K | 'window'>;
  /**
   * Computes the change against an earlier row, as a fraction of it.
   *
   * Null at the edge and where either value is null; a division by zero gives ±Infinity or NaN.
   *
   * @param rows - how many rows back; default 1.
   * @throws {ERR_PARAMETER} if `rows` is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [2, 3, 3] });
   * await df.select({ x: (c) => c.a.pctChange() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │     0.5 │
   * // │     0.0 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  pctChange(rows?: number): NumberExpr<Float64 | null, K | 'window'>;
  /**
   * Adds up the last rows.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingSum({ windowRows: 2 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       4 │
   * // │    null │
   * // │    null │
   * // │      12 │
   * // └─────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingSum(options: RollingOptions): NumberExpr<SumOf<T> | null, K | 'window'>;
  /**
   * Averages the last rows.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingMean({ windowRows: 2 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       2 │
   * // │    null │
   * // │    null │
   * // │       6 │
   * // └─────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingMean(options: RollingOptions): NumberExpr<Float64 | null, K | 'window'>;
  /**
   * Takes the least of the last rows.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingMin({ windowRows: 2 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       1 │
   * // │    null │
   * // │    null │
   * // │       4 │
   * // └─────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingMin(options: RollingOptions): NumberExpr<T | null, K | 'window'>;
  /**
   * Takes the greatest of the last rows; NaN is greater than every number.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingMax({ windowRows: 2 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       3 │
   * // │    null │
   * // │    null │
   * // │       8 │
   * // └─────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingMax(options: RollingOptions): NumberExpr<T | null, K | 'window'>;
  /**
   * Computes the standard deviation of the last rows.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward. `ddof` as in `var`.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingStd({ windowRows: 2 }) }).show();
   * // ┌──────────┐
   * // │        x │
   * // │  Float64 │
   * // ├──────────┤
   * // │     null │
   * // │ 1.414214 │
   * // │     null │
   * // │     null │
   * // │ 2.828427 │
   * // └──────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingStd(options: RollingOptions & DdofOptions): NumberExpr<Float64 | null, K | 'window'>;
  /**
   * Computes the variance of the last rows.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward. `ddof` as in `var`.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingVar({ windowRows: 2 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       2 │
   * // │    null │
   * // │    null │
   * // │       8 │
   * // └─────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingVar(options: RollingOptions & DdofOptions): NumberExpr<Float64 | null, K | 'window'>;
  /**
   * Takes the median of the last rows.
   *
   * Null with fewer than `minPeriods` values in the window; nulls are skipped.
   *
   * @param options - `windowRows`: rows in the window, this one included; `minPeriods`: values needed for a result,
   *   default all of them; `center`: the window reaches half back, half forward.
   * @throws {ERR_PARAMETER} if `windowRows` is not a positive integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 3, null, 4, 8] });
   * await df.select({ x: (c) => c.a.rollingMedian({ windowRows: 2 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       2 │
   * // │    null │
   * // │    null │
   * // │       6 │
   * // └─────────┘
   * // 5 rows × 1 column
   * ```
   */
  rollingMedian(options: RollingOptions): NumberExpr<Float64 | null, K | 'window'>;
  /**
   * Averages all rows so far with weights that fall exponentially.
   *
   * The weight of a row n rows back is (1 − alpha)^n; weights are normalised. Null rows give null and have no weight.
   *
   * @param options - one of `alpha`; `span`: alpha = 2 / (span + 1); `halfLife`: rows after which a weight has
   *   halved.
   * @throws {ERR_PARAMETER} if alpha is not in (0, 1], span is below 1 or halfLife not positive.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * await df.select({ x: (c) => c.a.ewmMean({ alpha: 0.5 }) }).show();
   * // ┌──────────┐
   * // │        x │
   * // │  Float64 │
   * // ├──────────┤
   * // │ 1.000000 │
   * // │ 1.666667 │
   * // │ 2.428571 │
   * // └──────────┘
   * // 3 rows × 1 column
   * ```
   */
  ewmMean(options: EwmOptions): NumberExpr<Propagate<Float64, T>, K | 'window'>;
}
