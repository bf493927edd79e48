// Durations: arithmetic, and what `.dt` offers on them.
import type { Duration, Int64 } from '../schema/dtypes.ts';
import type { TemporalExpr } from './datetime.ts';
import type { ExprLike } from './expr.ts';
import type { NumberExpr } from './number.ts';
import type { AggKind, Integer, KindOf, OperandType, Propagate } from './result-types.ts';

/**
 * Operations of durations.
 * @ts-ignore TS2636 */
export interface DurationExpr<out T, out K> extends TemporalExpr<T, K> {
  /**
   * Multiplies by an integer.
   *
   * Null if either side is null. Wraps past 64 bits of ticks.
   *
   * @throws {ERR_DTYPE} if the factor is not an integer.
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).mul(2) }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 2d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  mul<const O extends number | bigint | ExprLike<Integer | null>>(
    factor: O,
  ): DurationExpr<Propagate<Duration, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Changes the sign.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.b.sub(c.a).neg() }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 1d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  neg(): DurationExpr<T, K>;
  /**
   * Drops the sign.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.b.sub(c.a).abs() }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 1d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  abs(): DurationExpr<T, K>;
  /**
   * Adds up.
   *
   * Nulls are skipped; 0 for nothing.
   *
   * @throws {ERR_OVERFLOW} while the query runs, past 64 bits of ticks.
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).sum() }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 1d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  sum(): DurationExpr<Duration, AggKind<K>>;
  /**
   * Adds up so far.
   *
   * Null rows give null and are skipped.
   *
   * @throws {ERR_OVERFLOW} while the query runs, past 64 bits of ticks.
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).cumSum() }).show();
   * // ┌────────────────┐
   * // │ x              │
   * // │ Duration('ms') │
   * // ├────────────────┤
   * // │ 1d             │
   * // └────────────────┘
   * // 1 row × 1 column
   * ```
   */
  cumSum(): DurationExpr<Propagate<Duration, T>, K | 'window'>;
}

/**
 * Functions of durations.
 * @ts-ignore TS2636 */
export interface DurationFunctions<out T, out K> {
  /**
   * Counts whole days of 24 hours, towards zero.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalDays() }).show();
   * // ┌───────┐
   * // │     x │
   * // │ Int64 │
   * // ├───────┤
   * // │     1 │
   * // └───────┘
   * // 1 row × 1 column
   * ```
   */
  totalDays(): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Counts whole hours, towards zero.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalHours() }).show();
   * // ┌───────┐
   * // │     x │
   * // │ Int64 │
   * // ├───────┤
   * // │    30 │
   * // └───────┘
   * // 1 row × 1 column
   * ```
   */
  totalHours(): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Counts whole minutes, towards zero.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalMinutes() }).show();
   * // ┌───────┐
   * // │     x │
   * // │ Int64 │
   * // ├───────┤
   * // │  1800 │
   * // └───────┘
   * // 1 row × 1 column
   * ```
   */
  totalMinutes(): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Counts whole seconds, towards zero.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalSeconds() }).show();
   * // ┌────────┐
   * // │      x │
   * // │  Int64 │
   * // ├────────┤
   * // │ 108000 │
   * // └────────┘
   * // 1 row × 1 column
   * ```
   */
  totalSeconds(): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Counts whole milliseconds, towards zero.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalMilliseconds() }).show();
   * // ┌───────────┐
   * // │         x │
   * // │     Int64 │
   * // ├───────────┤
   * // │ 108000000 │
   * // └───────────┘
   * // 1 row × 1 column
   * ```
   */
  totalMilliseconds(): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Counts whole microseconds, towards zero.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalMicroseconds() }).show();
   * // ┌──────────────┐
   * // │            x │
   * // │        Int64 │
   * // ├──────────────┤
   * // │ 108000000000 │
   * // └──────────────┘
   * // 1 row × 1 column
   * ```
   */
  totalMicroseconds(): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Counts nanoseconds.
   *
   * Null stays null.
   *
   * @throws {ERR_OVERFLOW} while the query runs, past 64 bits.
   * @example
   * ```ts
   * const df = fromColumns({ a: [new Date('2024-03-02T06:00Z')], b: [new Date('2024-03-01')] });
   * await df.select({ x: (c) => c.a.sub(c.b).dt.totalNanoseconds() }).show();
   * // ┌─────────────────┐
   * // │               x │
   * // │           Int64 │
   * // ├─────────────────┤
   * // │ 108000000000000 │
   * // └─────────────────┘
   * // 1 row × 1 column
   * ```
   */
  totalNanoseconds(): NumberExpr<Propagate<Int64, T>, K>;
}
