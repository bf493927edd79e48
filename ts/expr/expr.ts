// The typed faces of one run-time class (expression.ts): an interface per dtype family, so that completion shows only
// what a column can do. These interfaces are the only place with the methods' documentation.
import type { Bool, DType, Float64, List, Plain, UInt32, UInt64 } from '../schema/dtypes.ts';
import type { BoolExpr } from './bool.ts';
import type { DatetimeFunctions } from './calendar.ts';
import type { TemporalExpr } from './datetime.ts';
import type { DurationExpr, DurationFunctions } from './duration.ts';
import type { ListExpr, StructExpr } from './list.ts';
import type { NumberExpr } from './number.ts';
import type { AggKind, KindOf, Literal, NameOf, NonNull, NullIn, OperandType, Propagate } from './result-types.ts';
import type { StringExpr } from './string.ts';

declare const type: unique symbol;
declare const kind: unique symbol;
declare const aliased: unique symbol;

/**
 * Where an expression may stand: 'row' gives one value per row, 'agg' one per group, 'window' needs all rows of its
 * partition.
 */
export type Kind = 'row' | 'agg' | 'window';

/** What every expression is to a parameter: two phantom properties, so that comparing two of them is cheap. */
export interface ExprLike<out T = any, out K = any> {
  readonly [type]: T;
  readonly [kind]: K;
}

/** The expression of a column of dtype T. `Expr<any>` is any. */
export type Expr<T, K = 'row'> = Families<T, K>[NameOf<T>];

interface Families<T, K> {
  Bool: BoolExpr<T, K>;
  Int8: NumberExpr<T, K>;
  Int16: NumberExpr<T, K>;
  Int32: NumberExpr<T, K>;
  Int64: NumberExpr<T, K>;
  UInt8: NumberExpr<T, K>;
  UInt16: NumberExpr<T, K>;
  UInt32: NumberExpr<T, K>;
  UInt64: NumberExpr<T, K>;
  Float32: NumberExpr<T, K>;
  Float64: NumberExpr<T, K>;
  Decimal: NumberExpr<T, K>;
  Utf8: StringExpr<T, K>;
  Categorical: StringExpr<T, K>;
  Date32: TemporalExpr<T, K>;
  Datetime: TemporalExpr<T, K>;
  Time: TemporalExpr<T, K>;
  Duration: DurationExpr<T, K>;
  List: ListExpr<T, K>;
  FixedSizeList: ListExpr<T, K>;
  Struct: StructExpr<T, K>;
  Binary: ValueExpr<T, K>;
  Null: ValueExpr<T, K>;
  Error: ExprLike<T, K>;
}

export interface RankOptions {
  method?: 'min' | 'max' | 'dense' | 'ordinal' | 'average';
  descending?: boolean;
}
export interface RollingOptions {
  windowRows: number;
  minPeriods?: number;
  center?: boolean;
}
export interface OverOptions {
  orderBy?: ExprLike | readonly ExprLike[];
  descending?: boolean;
  nullsFirst?: boolean;
}
export interface QuantileOptions {
  interpolation?: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint';
}
export interface DdofOptions {
  ddof?: number;
}
export type EwmOptions = { alpha: number } | { span: number } | { halfLife: number };

/**
 * Operations of every dtype.
 * @ts-ignore TS2636 */
export interface ValueExpr<out T, out K> extends ExprLike<T, K> {
  /**
   * Tests for null.
   *
   * Never null itself. NaN is a value, not a null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.isNull() }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ false │
   * // │ true  │
   * // │ false │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  isNull(): BoolExpr<Bool, K>;
  /**
   * Tests for a value.
   *
   * Never null itself. NaN is a value.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.isNotNull() }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ true  │
   * // │ false │
   * // │ true  │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  isNotNull(): BoolExpr<Bool, K>;
  /**
   * Compares for equality, where null equals null.
   *
   * Never null itself. NaN equals NaN; −0 equals 0.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3], b: [1, null, null] });
   * await df.select({ x: (c) => c.a.eqMissing(c.b) }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ true  │
   * // │ true  │
   * // │ false │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  eqMissing<const O extends Literal<T> | null | ExprLike<T | null>>(other: O): BoolExpr<Bool, K | KindOf<O>>;
  /**
   * Converts to another dtype.
   *
   * Null stays null. Floats are cut towards zero when they become integers. A value that does not fit throws while
   * the query runs, or becomes null with `strict: false`; so do NaN and infinities cast to integers, and text that
   * does not parse.
   *
   * @throws {ERR_DTYPE} if there is no such conversion.
   * @throws {ERR_CAST} while the query runs, if a value does not fit.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['1', 'two', null] });
   * await df.select({ x: (c) => c.a.cast(Int32, { strict: false }) }).show();
   * // ┌───────┐
   * // │     x │
   * // │ Int32 │
   * // ├───────┤
   * // │     1 │
   * // │  null │
   * // │  null │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  cast<D extends DType>(dtype: D): Expr<Propagate<Plain<D>, T>, K>;
  cast<D extends DType>(dtype: D, options: { strict: false }): Expr<Plain<D> | null, K>;
  /**
   * Replaces nulls by a literal of the column's dtype or by another expression.
   *
   * NaN is not replaced: see `fillNan`. The result is null only where the replacement is.
   *
   * @throws {ERR_DTYPE} if the replacement is of another dtype.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.fillNull(0) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │       0 │
   * // │       3 │
   * // └─────────┘
   * // 3 rows × 1 column
   * ```
   */
  fillNull<const O extends Literal<T> | ExprLike<T | null>>(
    value: O,
  ): Expr<NonNull<T> | NullIn<OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Hashes every value to a UInt64.
   *
   * Never null: null has a hash too. Equal values have equal hashes, −0 like 0 and all NaN alike. Not cryptographic.
   *
   * @param options - `seed`: another seed gives other hashes; default 0.
   * @throws {ERR_DTYPE} for lists and structs.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['x', 'y', 'x'] });
   * await df.select({ same: (c) => c.a.hash().eq(c.a.shift(2).hash()) }).show();
   * // ┌───────┐
   * // │ same  │
   * // │ Bool  │
   * // ├───────┤
   * // │ false │
   * // │ false │
   * // │ true  │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  hash(options?: { seed?: number | bigint }): NumberExpr<UInt64, K>;
  /**
   * Counts the rows that hold a value.
   *
   * Nulls are not counted, NaN is. 0 for nothing. `len()` counts all rows.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.count() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      2 │
   * // └────────┘
   * // 1 row × 1 column
   * ```
   */
  count(): NumberExpr<UInt32, AggKind<K>>;
  /**
   * Counts different values.
   *
   * Null counts as one value, NaN as one, −0 as 0.
   *
   * @throws {ERR_DTYPE} for lists and structs.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 1, null, 2] });
   * await df.select({ x: (c) => c.a.nUnique() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      3 │
   * // └────────┘
   * // 1 row × 1 column
   * ```
   */
  nUnique(): NumberExpr<UInt32, AggKind<K>>;
  /**
   * Takes the value of the first row.
   *
   * In row order, null included; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ k: ['a', 'a', 'b'], v: [1, 2, 3] });
   * await df.groupBy('k').agg({ v: (c) => c.v.first() }).sort('k').show();
   * // ┌──────┬─────────┐
   * // │ k    │       v │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ a    │       1 │
   * // │ b    │       3 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  first(): Expr<T | null, AggKind<K>>;
  /**
   * Takes the value of the last row.
   *
   * In row order, null included; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ k: ['a', 'a', 'b'], v: [1, 2, 3] });
   * await df.groupBy('k').agg({ v: (c) => c.v.last() }).sort('k').show();
   * // ┌──────┬─────────┐
   * // │ k    │       v │
   * // │ Utf8 │ Float64 │
   * // ├──────┼─────────┤
   * // │ a    │       2 │
   * // │ b    │       3 │
   * // └──────┴─────────┘
   * // 2 rows × 2 columns
   * ```
   */
  last(): Expr<T | null, AggKind<K>>;
  /**
   * Takes the most frequent value.
   *
   * Nulls are skipped; the first in row order on ties; null for nothing.
   *
   * @throws {ERR_DTYPE} for lists and structs.
   * @example
   * ```ts
   * const df = fromColumns({ a: [2, 1, 1, null] });
   * await df.select({ x: (c) => c.a.mode() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  mode(): Expr<T | null, AggKind<K>>;
  /**
   * Gathers all values into one list.
   *
   * In row order, nulls kept; an empty list for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ k: ['a', 'a', 'b'], v: [1, 2, 3] });
   * await df.groupBy('k').agg({ v: (c) => c.v.implode() }).sort('k').show();
   * // ┌──────┬─────────────────────────┐
   * // │ k    │ v                       │
   * // │ Utf8 │ List(nullable(Float64)) │
   * // ├──────┼─────────────────────────┤
   * // │ a    │ [1, 2]                  │
   * // │ b    │ [3]                     │
   * // └──────┴─────────────────────────┘
   * // 2 rows × 2 columns
   * ```
   */
  implode(): ListExpr<List<T>, AggKind<K>>;
  /**
   * Evaluates aggregates and windows inside per group of `keys`, one value per row.
   *
   * Rows of a group are in input order, or in the order of `orderBy`; the result keeps the rows where they are. Null
   * is a key, NaN is a key. `over([])` takes the whole frame as one group.
   *
   * @param keys - expressions that make the groups.
   * @param options - `orderBy`: expressions to order rows by within a group; `descending` and `nullsFirst` apply to
   *   all of them.
   * @throws {ERR_PARAMETER} if there is neither an aggregate nor a window inside.
   * @example
   * ```ts
   * const df = fromColumns({ k: ['a', 'a', 'b'], v: [1, 2, 3] });
   * await df.withColumns({ share: (c) => c.v.div(c.v.sum().over(c.k)) }).show();
   * // ┌──────┬─────────┬──────────┐
   * // │ k    │       v │    share │
   * // │ Utf8 │ Float64 │  Float64 │
   * // ├──────┼─────────┼──────────┤
   * // │ a    │       1 │ 0.333333 │
   * // │ a    │       2 │ 0.666667 │
   * // │ b    │       3 │ 1.000000 │
   * // └──────┴─────────┴──────────┘
   * // 3 rows × 3 columns
   * ```
   */
  over(keys: ExprLike | readonly ExprLike[], options?: OverOptions): Expr<T, 'window'>;
  /**
   * Takes the value of an earlier row, or of a later one.
   *
   * Null at the edge, or `fill`.
   *
   * @param rows - how many rows back; negative for later rows; default 1.
   * @throws {ERR_PARAMETER} if `rows` is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * await df.select({ before: (c) => c.a.shift(1), after: (c) => c.a.shift(-1, { fill: 0 }) }).show();
   * // ┌─────────┬─────────┐
   * // │  before │   after │
   * // │ Float64 │ Float64 │
   * // ├─────────┼─────────┤
   * // │    null │       2 │
   * // │       1 │       3 │
   * // │       2 │       0 │
   * // └─────────┴─────────┘
   * // 3 rows × 2 columns
   * ```
   */
  shift(rows?: number): Expr<T | null, K | 'window'>;
  shift(rows: number, options: { fill: Literal<T> }): Expr<T, K | 'window'>;
  /**
   * Replaces nulls by the last value before them.
   *
   * Nulls before the first value stay.
   *
   * @param options - `limit`: fill at most so many nulls in a row; default all.
   * @example
   * ```ts
   * const df = fromColumns({ a: [null, 1, null, null] });
   * await df.select({ x: (c) => c.a.forwardFill({ limit: 1 }) }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │    null │
   * // │       1 │
   * // │       1 │
   * // │    null │
   * // └─────────┘
   * // 4 rows × 1 column
   * ```
   */
  forwardFill(options?: { limit?: number }): Expr<T, K | 'window'>;
  /**
   * Replaces nulls by the next value after them.
   *
   * Nulls after the last value stay.
   *
   * @param options - `limit`: fill at most so many nulls in a row; default all.
   * @example
   * ```ts
   * const df = fromColumns({ a: [null, null, 1, null] });
   * await df.select({ x: (c) => c.a.backwardFill() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │       1 │
   * // │       1 │
   * // │    null │
   * // └─────────┘
   * // 4 rows × 1 column
   * ```
   */
  backwardFill(options?: { limit?: number }): Expr<T, K | 'window'>;
  /**
   * Counts the values seen so far, this row included.
   *
   * Nulls are not counted; never null itself.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3] });
   * await df.select({ x: (c) => c.a.cumCount() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      1 │
   * // │      1 │
   * // │      2 │
   * // └────────┘
   * // 3 rows × 1 column
   * ```
   */
  cumCount(): NumberExpr<UInt32, K | 'window'>;
}

/**
 * Dtypes that compare with a literal or with an expression of their own family.
 * @ts-ignore TS2636 */
export interface OrderedExpr<out T, out K, Lit, Peer> extends ValueExpr<T, K> {
  /**
   * Tests whether both sides are equal.
   *
   * Null if either side is null. NaN equals NaN and is greater than every number; −0 equals 0; strings compare by
   * bytes.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, null] });
   * await df.select({ x: (c) => c.a.eq(2) }).show();
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
  eq<const O extends Lit | ExprLike<Peer | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether the sides differ.
   *
   * Null if either side is null. NaN equals NaN and is greater than every number; −0 equals 0; strings compare by
   * bytes.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, null] });
   * await df.select({ x: (c) => c.a.ne(2) }).show();
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
  ne<const O extends Lit | ExprLike<Peer | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether this side is less.
   *
   * Null if either side is null. NaN equals NaN and is greater than every number; −0 equals 0; strings compare by
   * bytes.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, null] });
   * await df.select({ x: (c) => c.a.lt(2) }).show();
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
  lt<const O extends Lit | ExprLike<Peer | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether this side is less or equal.
   *
   * Null if either side is null. NaN equals NaN and is greater than every number; −0 equals 0; strings compare by
   * bytes.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, null] });
   * await df.select({ x: (c) => c.a.le(2) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Bool │
   * // ├──────┤
   * // │ true │
   * // │ true │
   * // │ null │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  le<const O extends Lit | ExprLike<Peer | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether this side is greater.
   *
   * Null if either side is null. NaN equals NaN and is greater than every number; −0 equals 0; strings compare by
   * bytes.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, null] });
   * await df.select({ x: (c) => c.a.gt(2) }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ false │
   * // │ false │
   * // │ null  │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  gt<const O extends Lit | ExprLike<Peer | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether this side is greater or equal.
   *
   * Null if either side is null. NaN equals NaN and is greater than every number; −0 equals 0; strings compare by
   * bytes.
   *
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, null] });
   * await df.select({ x: (c) => c.a.ge(2) }).show();
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
  ge<const O extends Lit | ExprLike<Peer | null>>(
    other: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests whether the value is one of a list.
   *
   * Null stays null; NaN is found in a list that holds NaN. An empty list gives false.
   *
   * @throws {ERR_PARAMETER} if the list holds null: use `isNull()`.
   * @throws {ERR_DTYPE} if a value is not one of the column's dtype.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['x', 'y', null] });
   * await df.select({ x: (c) => c.a.isIn(['x', 'z']) }).show();
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
  isIn(values: readonly Lit[]): BoolExpr<Propagate<Bool, T>, K>;
  /**
   * Tests whether the value lies within two bounds.
   *
   * Both comparisons and `and` between them, so null follows three-valued logic.
   *
   * @param options - `closed`: which bounds belong to the range; default both.
   * @throws {ERR_DTYPE} if the two cannot be compared; cast one side.
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2, 3] });
   * await df.select({ x: (c) => c.a.isBetween(1, 3, { closed: 'left' }) }).show();
   * // ┌───────┐
   * // │ x     │
   * // │ Bool  │
   * // ├───────┤
   * // │ true  │
   * // │ true  │
   * // │ false │
   * // └───────┘
   * // 3 rows × 1 column
   * ```
   */
  isBetween<const A extends Lit | ExprLike<Peer | null>, const B extends Lit | ExprLike<Peer | null>>(
    low: A,
    high: B,
    options?: { closed?: 'both' | 'left' | 'right' | 'none' },
  ): BoolExpr<Propagate<Bool, T | OperandType<T, A> | OperandType<T, B>>, K | KindOf<A> | KindOf<B>>;
  /**
   * Takes the least value.
   *
   * Nulls are skipped; NaN only if there is nothing else; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [3, null, 1] });
   * await df.select({ x: (c) => c.a.min() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  min(): Expr<T | null, AggKind<K>>;
  /**
   * Takes the greatest value.
   *
   * Nulls are skipped; NaN is greater than every number; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [3, null, 1] });
   * await df.select({ x: (c) => c.a.max() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       3 │
   * // └─────────┘
   * // 1 row × 1 column
   * ```
   */
  max(): Expr<T | null, AggKind<K>>;
  /**
   * Finds the row of the least value, counted from 0 within the group.
   *
   * Nulls are skipped; the first row on ties; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [3, null, 1] });
   * await df.select({ x: (c) => c.a.argMin() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      2 │
   * // └────────┘
   * // 1 row × 1 column
   * ```
   */
  argMin(): NumberExpr<UInt32 | null, AggKind<K>>;
  /**
   * Finds the row of the greatest value, counted from 0 within the group.
   *
   * Nulls are skipped; NaN is the greatest; the first row on ties; null for nothing.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [3, null, 1] });
   * await df.select({ x: (c) => c.a.argMax() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      0 │
   * // └────────┘
   * // 1 row × 1 column
   * ```
   */
  argMax(): NumberExpr<UInt32 | null, AggKind<K>>;
  /**
   * Takes the least value so far.
   *
   * Null rows give null and are skipped.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [3, null, 1, 2] });
   * await df.select({ x: (c) => c.a.cumMin() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       3 │
   * // │    null │
   * // │       1 │
   * // │       1 │
   * // └─────────┘
   * // 4 rows × 1 column
   * ```
   */
  cumMin(): Expr<T, K | 'window'>;
  /**
   * Takes the greatest value so far.
   *
   * Null rows give null and are skipped; NaN is greater than every number.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, null, 3, 2] });
   * await df.select({ x: (c) => c.a.cumMax() }).show();
   * // ┌─────────┐
   * // │       x │
   * // │ Float64 │
   * // ├─────────┤
   * // │       1 │
   * // │    null │
   * // │       3 │
   * // │       3 │
   * // └─────────┘
   * // 4 rows × 1 column
   * ```
   */
  cumMax(): Expr<T, K | 'window'>;
  /**
   * Ranks the values from 1.
   *
   * Null rows give null and take no rank; NaN ranks above all numbers.
   *
   * @param options - `method`: what equal values get: `'min'` (default), `'max'`, `'average'` of their places,
   *   `'dense'` without gaps, `'ordinal'` in row order; `descending`: the greatest value first.
   * @example
   * ```ts
   * const df = fromColumns({ a: [10, 30, 10, 20] });
   * await df.select({ x: (c) => c.a.rank({ method: 'dense', descending: true }) }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      3 │
   * // │      1 │
   * // │      3 │
   * // │      2 │
   * // └────────┘
   * // 4 rows × 1 column
   * ```
   */
  rank(options: { method: 'average'; descending?: boolean }): NumberExpr<Propagate<Float64, T>, K | 'window'>;
  rank(options?: RankOptions): NumberExpr<Propagate<UInt32, T>, K | 'window'>;
}

// Derived from the families, so it never lags behind them and keeps their documentation.
type Loose<F> = {
  [M in keyof F]: M extends symbol ? any : F[M] extends (...args: any[]) => any ? (...args: any[]) => AnyExpr : never;
};
/** Every operation, loosely typed: what `col('x')` gives. */
export interface AnyExpr
  extends Loose<Omit<NumberExpr<any, any>, 'add' | 'sub'>>,
    Loose<Pick<TemporalExpr<any, any>, 'add' | 'sub'>>,
    Loose<Pick<BoolExpr<any, any>, 'and' | 'or' | 'xor' | 'not' | 'any' | 'all'>>,
    ExprLike<any, any> {
  /** String functions. */
  readonly str: Loose<StringExpr<any, any>['str']>;
  /** Calendar, clock and duration functions. */
  readonly dt: Loose<DatetimeFunctions<any, any> & DurationFunctions<any, any>>;
  /** List functions. */
  readonly list: Loose<ListExpr<any, any>['list']>;
  /** Struct functions. */
  readonly struct: Loose<StructExpr<any, any>['struct']>;
  /**
   * Names the result; elsewhere the key of the object does.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [1, 2] });
   * await df.select(col('a').add(1).alias('b')).show();
   * // ┌─────────┐
   * // │       b │
   * // │ Float64 │
   * // ├─────────┤
   * // │       2 │
   * // │       3 │
   * // └─────────┘
   * // 2 rows × 1 column
   * ```
   */
  alias(name: string): AliasedExpr;
}

/** An untyped expression that names its own result: `select` and `groupBy` take it beside names and objects. */
export interface AliasedExpr extends ExprLike<any, any> {
  readonly [aliased]: string;
}

/** The `c` of callbacks: one expression per column. */
export type Cols<S> = { readonly [C in keyof S]: Expr<S[C], 'row'> };
