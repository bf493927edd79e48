// Numbers: integers, floats and Decimal.
import type { Bool, Float64 } from '../schema/dtypes.ts';
import type { BoolExpr } from './bool.ts';
import type { ExprLike, OrderedExpr } from './expr.ts';
import type { NumberAggregates } from './number-aggregates.ts';
import type { NumberWindows } from './number-windows.ts';
import type { Arith, FloatOf, KindOf, Numeric, OperandType, Propagate } from './result-types.ts';

/**
 * Operations of numbers.
 * @ts-ignore TS2636 */
export interface NumberExpr<out T, out K>
  extends OrderedExpr<T, K, number | bigint, Numeric>,
    NumberAggregates<T, K>,
    NumberWindows<T, K> {
  /**
   * Adds. A literal takes the column's dtype.
   *
   * Null if either side is null. Integers wrap in the result dtype; a Decimal past 38 digits throws.
   *
   * @throws {ERR_DTYPE} if a literal does not fit the column's dtype (write `lit(1.5)`), or for UInt64 with a
   *   signed integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2], b: [10, 20] });
   * await df.select({ x: (c) => c.a.add(c.b), y: (c) => c.a.add(1) }).show();
   * // ┌─────────┬─────────┐
   * // │       x │       y │
   * // │ Float64 │ Float64 │
   * // ├─────────┼─────────┤
   * // │      11 │       2 │
   * // │      22 │       3 │
   * // └─────────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  add<const O extends number | bigint | ExprLike<Numeric | null>>(
    other: O,
  ): NumberExpr<Arith<T, OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Subtracts. A literal takes the column's dtype.
   *
   * Null if either side is null. Integers wrap in the result dtype; a Decimal past 38 digits throws.
   *
   * @throws {ERR_DTYPE} if a literal does not fit the column's dtype (write `lit(1.5)`), or for UInt64 with a
   *   signed integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2], b: [10, 20] });
   * await df.select({ x: (c) => c.b.sub(c.a) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       9 │
   * // │      18 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  sub<const O extends number | bigint | ExprLike<Numeric | null>>(
    other: O,
  ): NumberExpr<Arith<T, OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Multiplies. A literal takes the column's dtype.
   *
   * Null if either side is null. Integers wrap in the result dtype. A Decimal gets the sum of the scales; past 38
   * digits it throws.
   *
   * @throws {ERR_DTYPE} if a literal does not fit the column's dtype (write `lit(1.5)`), or for UInt64 with a
   *   signed integer.
   * @example
   * ```ts
   * const df = fromColumns({ price: [1.5, 2], qty: [2, 3] });
   * await df.select({ total: (c) => c.price.mul(c.qty) }).show();
   * // ┌─────────┐
   * // │   total │
   * // │ Float64 │
   * // ├─────────┤
   * // │       3 │
   * // │       6 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  mul<const O extends number | bigint | ExprLike<Numeric | null>>(
    other: O,
  ): NumberExpr<Arith<T, OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Divides; the result is Float64.
   *
   * Null if either side is null. Dividing by zero gives ±Infinity, or NaN for 0 / 0.
   *
   * @throws {ERR_DTYPE} if an operand is not a number.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 0], b: [2, 0] });
   * await df.select({ x: (c) => c.a.div(c.b) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │     0.5 │
   * // │     NaN │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  div<const O extends number | bigint | ExprLike<Numeric | null>>(
    other: O,
  ): NumberExpr<Propagate<Float64, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Divides and rounds down to a whole number.
   *
   * Null if either side is null, and for integers and Decimals divided by zero; floats follow IEEE. Rounds towards
   * −Infinity.
   *
   * @throws {ERR_DTYPE} if a literal does not fit the column's dtype (write `lit(1.5)`), or for UInt64 with a
   *   signed integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: Int32Array.of(7, -7, 1), b: Int32Array.of(2, 2, 0) });
   * await df.select({ x: (c) => c.a.floorDiv(c.b) }).show();
   * // ┌───────┐
   * // │     x │
   * // │ Int32 │
   * // ├───────┤
   * // │     3 │
   * // │    -4 │
   * // │  null │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  floorDiv<const O extends number | bigint | ExprLike<Numeric | null>>(
    other: O,
  ): NumberExpr<Arith<T, OperandType<T, O>> | null, K | KindOf<O>>;
  /**
   * Takes the remainder of `floorDiv`; it has the sign of the divisor.
   *
   * Null if either side is null, and for integers and Decimals by zero; floats follow IEEE.
   *
   * @throws {ERR_DTYPE} if a literal does not fit the column's dtype (write `lit(1.5)`), or for UInt64 with a
   *   signed integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: Int32Array.of(7, -7), b: Int32Array.of(3, 3) });
   * await df.select({ x: (c) => c.a.mod(c.b) }).show();
   * // ┌───────┐
   * // │     x │
   * // │ Int32 │
   * // ├───────┤
   * // │     1 │
   * // │     2 │
   * // └───────┘
   * // 2 rows × 1 column
   * ```
   */
  mod<const O extends number | bigint | ExprLike<Numeric | null>>(
    other: O,
  ): NumberExpr<Arith<T, OperandType<T, O>> | null, K | KindOf<O>>;
  /**
   * Raises to a power; the result is Float64.
   *
   * Null if either side is null. As `Math.pow`: NaN for a negative base with a fractional exponent.
   *
   * @throws {ERR_DTYPE} if an operand is not a number.
   * @example
   * ```ts
   * const df = fromColumns({ a: [2, 3] });
   * await df.select({ x: (c) => c.a.pow(2) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       4 │
   * // │       9 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  pow<const O extends number | bigint | ExprLike<Numeric | null>>(
    exponent: O,
  ): NumberExpr<Propagate<Float64, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Changes the sign.
   *
   * Null stays null. Integers wrap: the least value stays itself, unsigned ones wrap around.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, -2, null] });
   * await df.select({ x: (c) => c.a.neg() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │      -1 │
   * // │       2 │
   * // │    null │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  neg(): NumberExpr<T, K>;
  /**
   * Drops the sign.
   *
   * Null stays null. The least value of a signed integer dtype wraps to itself.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, -2, null] });
   * await df.select({ x: (c) => c.a.abs() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │       2 │
   * // │    null │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  abs(): NumberExpr<T, K>;
  /**
   * Gives −1, 0 or 1.
   *
   * Null stays null; NaN stays NaN.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [5, 0, -2] });
   * await df.select({ x: (c) => c.a.sign() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │       0 │
   * // │      -1 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  sign(): NumberExpr<T, K>;
  /**
   * Rounds half away from zero.
   *
   * Null, NaN and infinities stay.
   *
   * @param decimals - digits to keep after the point; negative ones round to tens and hundreds; default 0.
   * @throws {ERR_PARAMETER} if `decimals` is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1.25, -2.5, 14] });
   * await df.select({ x: (c) => c.a.round(1), y: (c) => c.a.round(-1) }).show();
   * // ┌─────────┬─────────┐
   * // │       x │       y │
   * // │ Float64 │ Float64 │
   * // ├─────────┼─────────┤
   * // │     1.3 │       0 │
   * // │    -2.5 │       0 │
   * // │    14.0 │      10 │
   * // └─────────┴─────────┘
   * // 3 rows × 2 columns
   * ```
   */
  round(decimals?: number): NumberExpr<T, K>;
  /**
   * Rounds down to a whole number.
   *
   * Null, NaN and infinities stay.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1.5, -1.5] });
   * await df.select({ x: (c) => c.a.floor() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │      -2 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  floor(): NumberExpr<T, K>;
  /**
   * Rounds up to a whole number.
   *
   * Null, NaN and infinities stay.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1.5, -1.5] });
   * await df.select({ x: (c) => c.a.ceil() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       2 │
   * // │      -1 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  ceil(): NumberExpr<T, K>;
  /**
   * Limits to a range; null leaves that side open.
   *
   * Null stays null; NaN stays NaN.
   *
   * @throws {ERR_DTYPE} if a bound does not fit the column's dtype.
   * @throws {ERR_PARAMETER} if `min` is greater than `max`.
   * @example
   * ```ts
   * const df = fromColumns({ a: [-5, 1, 9] });
   * await df.select({ x: (c) => c.a.clip(0, 5) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       0 │
   * // │       1 │
   * // │       5 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  clip(min: number | bigint | null, max: number | bigint | null): NumberExpr<T, K>;
  /**
   * Takes the square root.
   *
   * Null stays null; NaN for negative numbers. Float32 stays Float32, other dtypes give Float64.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 4, null] });
   * await df.select({ x: (c) => c.a.sqrt() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │       2 │
   * // │    null │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  sqrt(): NumberExpr<FloatOf<T>, K>;
  /**
   * Raises e to the power of the value.
   *
   * Null stays null; Infinity past the largest float.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.exp().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  1.0000 │
   * // │  2.7183 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  exp(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the logarithm.
   *
   * Null stays null; −Infinity for 0, NaN for negative numbers.
   *
   * @param base - default e.
   * @throws {ERR_PARAMETER} if `base` is not a positive number other than 1.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 8] });
   * await df.select({ x: (c) => c.a.log(2) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       0 │
   * // │       3 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  log(base?: number): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the natural logarithm of 1 + x, exact near zero.
   *
   * Null stays null; −Infinity for −1, NaN below.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1e-12] });
   * await df.select({ x: (c) => c.a.log1p() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       0 │
   * // │   1e-12 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  log1p(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the sine; angles are in radians.
   *
   * Null stays null; NaN for infinities.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.sin().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  0.0000 │
   * // │  0.8415 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  sin(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the cosine; angles are in radians.
   *
   * Null stays null; NaN for infinities.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.cos().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  1.0000 │
   * // │  0.5403 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  cos(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the tangent; angles are in radians.
   *
   * Null stays null; NaN for infinities.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.tan().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  0.0000 │
   * // │  1.5574 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  tan(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the inverse sine, in radians.
   *
   * Null stays null; NaN outside [−1, 1].
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.asin().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  0.0000 │
   * // │  1.5708 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  asin(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the inverse cosine, in radians.
   *
   * Null stays null; NaN outside [−1, 1].
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.acos().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  1.5708 │
   * // │  0.0000 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  acos(): NumberExpr<FloatOf<T>, K>;
  /**
   * Takes the inverse tangent, in radians.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [0, 1] });
   * await df.select({ x: (c) => c.a.atan().round(4) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │  0.0000 │
   * // │  0.7854 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  atan(): NumberExpr<FloatOf<T>, K>;
  /**
   * Tests for NaN.
   *
   * Null stays null; false for dtypes without NaN.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, NaN, null] });
   * await df.select({ x: (c) => c.a.isNan() }).show();
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
  isNan(): BoolExpr<Propagate<Bool, T>, K>;
  /**
   * Tests for a number that is neither NaN nor infinite.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, Infinity, null] });
   * await df.select({ x: (c) => c.a.isFinite() }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ true  │
   * // │ false │
   * // │ null  │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  isFinite(): BoolExpr<Propagate<Bool, T>, K>;
  /**
   * Replaces NaN by a number.
   *
   * Null stays null: see `fillNull`.
   *
   * @throws {ERR_DTYPE} for dtypes without NaN.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, NaN] });
   * await df.select({ x: (c) => c.a.fillNan(0) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │       0 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  fillNan(value: number): NumberExpr<T, K>;
}
