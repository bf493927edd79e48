// Free builders: expressions that do not start from a column of a callback.
import { ParameterError } from '../errors.ts';
import type { DecimalValue } from '../schema/decimal.ts';
import type { Bool, Float64, UInt32 } from '../schema/dtypes.ts';
import { type DType, type Plain, toLogical } from '../schema/dtypes.ts';
import type { AnyExpr, DdofOptions, Expr, ExprLike } from './expr.ts';
import { Expression, operand, WhenBranch } from './expression.ts';
import { naturalType, valueText } from './literals.ts';
import type { NumberExpr } from './number.ts';
import type { DTypeOfValue, KindOf, Literal, NonNull, NullIn, Numeric, TypeOf } from './result-types.ts';
import { callOf, freeLit, typedLit, type Unbound } from './unbound.ts';
import type { When } from './when.ts';

// The one place where the run-time class gets its typed face.
const face = (node: Unbound): any => new Expression(node);

/**
 * Names a column without its dtype: the escape hatch for names that are not known to the type checker.
 *
 * @throws {ERR_COLUMN_NOT_FOUND} from the verb that uses it, if the frame has no such column.
 * @example
 * ```ts
 * const df = fromColumns({ a: [1, 2] });
 * await df.select({ b: col('a').mul(2) }).show();
 * // ┌─────────┐
 * // │       b │
 * // │ Float64 │
 * // ├─────────┤
 * // │       2 │
 * // │       4 │
 * // └─────────┘
 * // 2 rows × 1 column
 * ```
 */
export function col(name: string): AnyExpr {
  if (typeof name !== 'string') {
    throw new ParameterError(`Expected a column name for col() but received ${valueText(name)}.`);
  }
  return face(Object.freeze({ node: 'col', name }));
}

/**
 * Makes a literal of its own dtype.
 *
 * A number is Float64, a bigint Int64, a string Utf8, a boolean Bool, a Date Datetime('ms'), a Uint8Array Binary; or
 * name the dtype. A bare value beside a column takes the column's dtype instead.
 *
 * @throws {ERR_DTYPE} if the value is not one of the dtype.
 * @example
 * ```ts
 * const df = fromColumns({ n: Int32Array.of(1, 2) });
 * await df.select({ x: (c) => c.n.mul(lit(1.5)), y: lit(7, Int8) }).show();
 * // ┌─────────┬──────┐
 * // │       x │    y │
 * // │ Float64 │ Int8 │
 * // ├─────────┼──────┤
 * // │     1.5 │    7 │
 * // │     3.0 │    7 │
 * // └─────────┴──────┘
 * // 2 rows × 2 columns
 * ```
 */
export function lit<const V extends number | bigint | string | boolean | Date | Uint8Array | DecimalValue>(
  value: V,
): Expr<DTypeOfValue<V>, never>;
export function lit<D extends DType>(value: Literal<Plain<D>>, dtype: D): Expr<Plain<D>, never>;
export function lit<D extends DType>(value: null, dtype: D): Expr<Plain<D> | null, never>;
export function lit(value: unknown, dtype?: DType): any {
  return face(typedLit(value, dtype === undefined ? naturalType(value) : toLogical(dtype)));
}

/**
 * Counts the rows of the group, nulls included.
 *
 * @example
 * ```ts
 * const df = fromColumns({ k: ['a', 'b', 'a'] });
 * await df.groupBy('k').agg({ n: len() }).sort('k').show();
 * // ┌──────┬────────┐
 * // │ k    │      n │
 * // │ Utf8 │ UInt32 │
 * // ├──────┼────────┤
 * // │ a    │      2 │
 * // │ b    │      1 │
 * // └──────┴────────┘
 * // 2 rows × 2 columns
 * ```
 */
export function len(): NumberExpr<UInt32, 'agg'> {
  return face(callOf('len', []));
}

/**
 * Starts a choice: the first branch whose condition is true gives the value.
 *
 * A null condition counts as false. Without `otherwise` the remaining rows are null. Every branch is computed for every
 * row, so a strict cast or a decimal overflow in a branch not taken throws all the same: use `{ strict: false }` there.
 *
 * @throws {ERR_DTYPE} from the verb that uses it, if a condition is no Bool or the branches differ in dtype.
 * @example
 * ```ts
 * const df = fromColumns({ a: [1, 5, null] });
 * await df.select({ size: (c) => when(c.a.gt(3)).then('big').otherwise('small') }).show();
 * // ┌───────┐
 * // │ size  │
 * // │ Utf8  │
 * // ├───────┤
 * // │ small │
 * // │ big   │
 * // │ small │
 * // └───────┘
 * // 3 rows × 1 column
 * ```
 */
export function when<C extends ExprLike<Bool | null>>(condition: C): When<KindOf<C>> {
  return new WhenBranch([], operand(condition)) as unknown as When<KindOf<C>>;
}

/**
 * Takes the first value that is not null.
 *
 * NaN is a value. The result may be null only if the last argument may.
 *
 * @throws {ERR_DTYPE} from the verb that uses it, if the arguments differ in dtype.
 * @example
 * ```ts
 * const df = fromColumns({ a: [1, null, null], b: [9, 2, null] });
 * await df.select({ x: (c) => coalesce(c.a, c.b, 0) }).show();
 * // ┌─────────┐
 * // │       x │
 * // │ Float64 │
 * // ├─────────┤
 * // │       1 │
 * // │       2 │
 * // │       0 │
 * // └─────────┘
 * // 3 rows × 1 column
 * ```
 */
export function coalesce<
  const A extends ExprLike,
  const R extends readonly (ExprLike<TypeOf<A> | null> | Literal<TypeOf<A>>)[],
>(first: A, ...rest: R): Expr<NonNull<TypeOf<A>> | LastNull<R, TypeOf<A>>, KindOf<A> | KindOf<R[number]>> {
  return face(rest.length === 0 ? operand(first) : callOf('coalesce', [first, ...rest].map(operand)));
}
type LastNull<R, T> = R extends readonly [...any, infer L] ? NullIn<L extends ExprLike ? TypeOf<L> : never> : NullIn<T>;

/**
 * Computes Pearson's correlation of two expressions.
 *
 * Rows where either is null are skipped; NaN counts. Null for nothing, NaN where one side does not vary.
 *
 * @example
 * ```ts
 * const df = fromColumns({ a: [1, 2, 3], b: [2, 4, 7] });
 * await df.select({ r: (c) => corr(c.a, c.b).round(4) }).show();
 * // ┌─────────┐
 * // │       r │
 * // │ Float64 │
 * // ├─────────┤
 * // │  0.9934 │
 * // └─────────┘
 * // 1 row × 1 column
 * ```
 */
export function corr<A extends ExprLike<Numeric | null>, B extends ExprLike<Numeric | null>>(
  a: A,
  b: B,
): NumberExpr<Float64 | null, 'agg'> {
  return face(callOf('corr', [operand(a), operand(b)]));
}

/**
 * Computes the covariance of two expressions.
 *
 * Rows where either is null are skipped; NaN counts. Null for fewer than ddof + 1 rows.
 *
 * @param options - `ddof`: the divisor is n − ddof; default 1.
 * @example
 * ```ts
 * const df = fromColumns({ a: [1, 2, 3], b: [2, 4, 7] });
 * await df.select({ x: (c) => cov(c.a, c.b) }).show();
 * // ┌─────────┐
 * // │       x │
 * // │ Float64 │
 * // ├─────────┤
 * // │     2.5 │
 * // └─────────┘
 * // 1 row × 1 column
 * ```
 */
export function cov<A extends ExprLike<Numeric | null>, B extends ExprLike<Numeric | null>>(
  a: A,
  b: B,
  { ddof = 1 }: DdofOptions = {},
): NumberExpr<Float64 | null, 'agg'> {
  return face(callOf('cov', [operand(a), operand(b)], { ddof }));
}

/** @internal The number of the row, from `offset`, within the frame or the partition of `over`. */
export function rowIndex(offset = 0): NumberExpr<UInt32, 'window'> {
  return face(callOf('rowIndex', [], { offset }));
}

/**
 * @internal The number beside a value's place in a list; null stays null. A value that the list lacks is null, or with
 * `column` an error that names it, and the value as `shown` or as it is.
 */
export function lookup(
  value: ExprLike,
  keys: readonly unknown[],
  numbers: readonly number[],
  column: string | null,
  shown: string | null = null,
): NumberExpr<Float64 | null, 'row'> {
  return face(callOf('lookup', [operand(value), freeLit(keys), freeLit(numbers)], { column, shown }));
}

/** Sums of features times numbers: `coef` is `(nSums, nFeatures)`, row-major, `intercept` and `names` `(nSums)`. */
export interface AffineMaps {
  readonly names: readonly string[];
  readonly coef: ArrayLike<number>;
  readonly intercept: ArrayLike<number>;
}

/**
 * @internal A struct of sums of the values, all made in one pass. With `refusing` nulls, NaN and infinities are an error of
 * that model, which names the columns; else a null gives null.
 */
export function affine(
  values: readonly ExprLike[],
  maps: AffineMaps,
  refusing: { readonly model: string; readonly columns: readonly string[] } | null,
): AnyExpr {
  const { names } = maps;
  const [coef, intercept] = [Array.from(maps.coef), Array.from(maps.intercept)];
  const { model = null, columns = [] } = refusing ?? {};
  return face(callOf('affine', values.map(operand), { names, coef, intercept, model, columns }));
}

/** @internal A number from [0, 1) per row, the same for the same seed on every backend. */
export function random(seed: number): NumberExpr<Float64, 'window'> {
  return face(callOf('random', [], { seed }));
}
