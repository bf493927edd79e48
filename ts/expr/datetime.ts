// Dates and times: arithmetic, differences, means. What `.dt` offers is in calendar.ts.
import type { Duration } from '../schema/dtypes.ts';
import type { DateFunctions, DatetimeFunctions, TimeFunctions } from './calendar.ts';
import type { DurationExpr, DurationFunctions } from './duration.ts';
import type { Expr, ExprLike, OrderedExpr } from './expr.ts';
import type {
  AggKind,
  DiffOf,
  KindOf,
  Literal,
  NameOf,
  NonNull,
  OperandType,
  Propagate,
  Temporal,
  TemporalOperand,
  TemporalSub,
} from './result-types.ts';

/**
 * Operations of dates and times.
 * @ts-ignore TS2636 */
export interface TemporalExpr<out T, out K> extends OrderedExpr<T, K, Literal<T>, NonNull<T>> {
  /** Calendar and clock functions. */
  readonly dt: TemporalFaces<T, K>[NameOf<T> & keyof TemporalFaces<T, K>];
  /**
   * Adds a duration.
   *
   * Null if either side is null. Text is a duration of fixed length, `'1d2h'`, where a day has 24 hours; for months
   * and calendar days see `dt.offsetBy`. Date32 moves by whole days, rounded down; Time wraps at midnight.
   *
   * @throws {ERR_DTYPE} if the other is no duration.
   * @throws {ERR_PARAMETER} if text is no duration of fixed length.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.add('1d2h') }).show();
   * // ┌─────────────────────────┐
   * // │ x                       │
   * // │ Datetime('ms')          │
   * // ├─────────────────────────┤
   * // │ 2024-03-02 01:45:12.345 │
   * // └─────────────────────────┘
   * // 1 row × 1 column
   * ```
   */
  add<const O extends string | ExprLike<Duration | null>>(
    duration: O,
  ): TemporalExpr<Propagate<NonNull<T>, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Subtracts a duration, or another date or time, which gives a Duration.
   *
   * Null if either side is null. Text is a duration of fixed length, `'1d2h'`. The difference has the finer unit of
   * the two.
   *
   * @throws {ERR_DTYPE} if the two do not go together; a wall clock with an instant of a zone for example.
   * @throws {ERR_PARAMETER} if text is no duration of fixed length.
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b) }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 1d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  sub<const O extends string | Date | ExprLike<Temporal | null>>(
    other: O,
  ): Expr<TemporalSub<T, TemporalOperand<T, O>>, K | KindOf<O>>;
  /**
   * Subtracts an earlier row, which gives a Duration.
   *
   * Null at the edge and where either value is null.
   *
   * @param rows - how many rows back; default 1.
   * @throws {ERR_PARAMETER} if `rows` is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-03-01'), new Date('2024-03-03')] });
   * await df.select({ x: (c) => c.t.diff() }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ null           │
   * // │ 2d             │
   * // └────────────────┘
   * // 2 rows × 1 column
   * ```
   */
  diff(rows?: number): DurationExpr<DiffOf<T>, K | 'window'>;
  /**
   * Averages.
   *
   * Nulls are skipped; null for nothing. Computed in Float64: exact to about a microsecond for dates of our time.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-03-01'), new Date('2024-03-03')] });
   * await df.select({ x: (c) => c.t.mean() }).show();
   * // ┌─────────────────────┐
   * // │ x                   │
   * // │ Datetime('ms')      │
   * // ├─────────────────────┤
   * // │ 2024-03-02 00:00:00 │
   * // └─────────────────────┘
   * // 1 row × 1 column
   * ```
   */
  mean(): Expr<T | null, AggKind<K>>;
  /**
   * Takes the middle value, or the mean of the middle two.
   *
   * Nulls are skipped; null for nothing. Computed in Float64, as `mean`.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-03-01'), new Date('2024-03-03'), new Date('2024-03-04')] });
   * await df.select({ x: (c) => c.t.median() }).show();
   * // ┌─────────────────────┐
   * // │ x                   │
   * // │ Datetime('ms')      │
   * // ├─────────────────────┤
   * // │ 2024-03-03 00:00:00 │
   * // └─────────────────────┘
   * // 1 row × 1 column
   * ```
   */
  median(): Expr<T | null, AggKind<K>>;
}

/**
 * Operations of dates and times.
 * @ts-ignore TS2636 */
export interface TemporalExpr<out T, out K> extends OrderedExpr<T, K, Literal<T>, NonNull<T>> {
  /** Calendar and clock functions. */
  readonly dt: TemporalFaces<T, K>[NameOf<T> & keyof TemporalFaces<T, K>];
  /**
   * Adds a duration.
   *
   * Null if either side is null. Text is a duration of fixed length, `'1d2h'`, where a day has 24 hours; for months
   * and calendar days see `dt.offsetBy`. Date32 moves by whole days, rounded down; Time wraps at midnight.
   *
   * @throws {ERR_DTYPE} if the other is no duration.
   * @throws {ERR_PARAMETER} if text is no duration of fixed length.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.add('1d2h') }).show();
   * // ┌─────────────────────────┐
   * // │ x                       │
   * // │ Datetime('ms')          │
   * // ├─────────────────────────┤
   * // │ 2024-03-02 01:45:12.345 │
   * // └─────────────────────────┘
   * // 1 row × 1 column
   * ```
   */
  add<const O extends string | ExprLike<Duration | null>>(
    duration: O,
  ): TemporalExpr<Propagate<NonNull<T>, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Subtracts a duration, or another date or time, which gives a Duration.
   *
   * Null if either side is null. Text is a duration of fixed length, `'1d2h'`. The difference has the finer unit of
   * the two.
   *
   * @throws {ERR_DTYPE} if the two do not go together; a wall clock with an instant of a zone for example.
   * @throws {ERR_PARAMETER} if text is no duration of fixed length.
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b) }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 1d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  sub<const O extends string | Date | ExprLike<Temporal | null>>(
    other: O,
  ): Expr<TemporalSub<T, TemporalOperand<T, O>>, K | KindOf<O>>;
  /**
   * Subtracts an earlier row, which gives a Duration.
   *
   * Null at the edge and where either value is null.
   *
   * @param rows - how many rows back; default 1.
   * @throws {ERR_PARAMETER} if `rows` is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-03-01'), new Date('2024-03-03')] });
   * await df.select({ x: (c) => c.t.diff() }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ null           │
   * // │ 2d             │
   * // └────────────────┘
   * // 2 rows × 1 column
   * ```
   */
  diff(rows?: number): DurationExpr<DiffOf<T>, K | 'window'>;
  /**
   * Averages.
   *
   * Nulls are skipped; null for nothing. Computed in Float64: exact to about a microsecond for dates of our time.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-03-01'), new Date('2024-03-03')] });
   * await df.select({ x: (c) => c.t.mean() }).show();
   * // ┌─────────────────────┐
   * // │ x                   │
   * // │ Datetime('ms')      │
   * // ├─────────────────────┤
   * // │ 2024-03-02 00:00:00 │
   * // └─────────────────────┘
   * // 1 row × 1 column
   * ```
   */
  mean(): Expr<T | null, AggKind<K>>;
  /**
   * Takes the middle value, or the mean of the middle two.
   *
   * Nulls are skipped; null for nothing. Computed in Float64, as `mean`.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-03-01'), new Date('2024-03-03'), new Date('2024-03-04')] });
   * await df.select({ x: (c) => c.t.median() }).show();
   * // ┌─────────────────────┐
   * // │ x                   │
   * // │ Datetime('ms')      │
   * // ├─────────────────────┤
   * // │ 2024-03-03 00:00:00 │
   * // └─────────────────────┘
   * // 1 row × 1 column
   * ```
   */
  median(): Expr<T | null, AggKind<K>>;
}

/** What `.dt` offers, by dtype. */
export interface TemporalFaces<T, K> {
  Date32: DateFunctions<T, K>;
  Datetime: DatetimeFunctions<T, K>;
  Time: TimeFunctions<T, K>;
  Duration: DurationFunctions<T, K>;
}
