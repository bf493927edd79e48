// Dates, times and durations: arithmetic, and what `.dt` offers. Everything works in the zone of the column.
import type { Date32, Duration, Int8, Int16, Int32, Int64, Time, Utf8 } from '../schema/dtypes.ts';
import type { DurationExpr, DurationFunctions } from './duration.ts';
import type { Expr, ExprLike, OrderedExpr } from './expr.ts';
import type { NumberExpr } from './number.ts';
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
import type { StringExpr } from './string.ts';

export interface ReplaceTimeZoneOptions {
  /** A wall clock that comes twice. Default: `'raise'`. */
  ambiguous?: 'raise' | 'earliest' | 'latest' | 'null';
  /** A wall clock that the zone skips. Default: `'raise'`. */
  nonExistent?: 'raise' | 'null';
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

/**
 * Calendar functions.
 * @ts-ignore TS2636 */
export interface CalendarFunctions<out T, out K> {
  /**
   * Takes the year.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.year() }).show();
   * ```
   */
  year(): NumberExpr<Propagate<Int32, T>, K>;
  /**
   * Takes the quarter, 1 to 4.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.quarter() }).show();
   * ```
   */
  quarter(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the month, 1 to 12.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.month() }).show();
   * ```
   */
  month(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the ISO week, 1 to 53; weeks start on Monday.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.week() }).show();
   * ```
   */
  week(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the day of the month, 1 to 31.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.day() }).show();
   * ```
   */
  day(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the day of the year, 1 to 366.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.ordinalDay() }).show();
   * ```
   */
  ordinalDay(): NumberExpr<Propagate<Int16, T>, K>;
  /**
   * Takes the day of the week: 1 is Monday, 7 is Sunday.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.weekday() }).show();
   * ```
   */
  weekday(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Counts units since 1970-01-01T00:00:00 UTC, exactly.
   *
   * Null stays null. Rounds down to coarser units.
   *
   * @throws {ERR_PARAMETER} for an unknown unit.
   * @throws {ERR_OVERFLOW} while the query runs, if the count passes 64 bits.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.epoch('us') }).show();
   * ```
   */
  epoch(unit: 's' | 'ms' | 'us' | 'ns'): NumberExpr<Propagate<Int64, T>, K>;
  /**
   * Rounds down to a multiple of a calendar step.
   *
   * Null stays null. In the zone of the column. Weeks start on Monday; several days, weeks or months are counted from
   * 1970.
   *
   * @param every - a count and a unit: `ns us ms s m h d w mo q y`.
   * @throws {ERR_PARAMETER} if the step is not one positive count of one unit, or finer than a day on Date32.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.truncate('1h'), y: (c) => c.t.dt.truncate('1mo') }).show();
   * ```
   */
  truncate(every: string): TemporalExpr<T, K>;
  /**
   * Rounds to the nearest multiple of a calendar step, up from the middle.
   *
   * Null stays null. In the zone of the column, as `truncate`.
   *
   * @param every - a count and a unit: `ns us ms s m h d w mo q y`.
   * @throws {ERR_PARAMETER} if the step is not one positive count of one unit, or finer than a day on Date32.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.round('15m') }).show();
   * ```
   */
  round(every: string): TemporalExpr<T, K>;
  /**
   * Moves by a calendar duration.
   *
   * Null stays null. Months and years keep the day, or take the last one of a shorter month: 31 January + 1mo is the
   * end of February. Days, weeks and months are calendar steps in the zone of the column; hours and shorter units are
   * exact.
   *
   * @param by - counts and units, `1y2mo3d`, with an optional sign before all.
   * @throws {ERR_PARAMETER} if the text is no duration, or has parts finer than a day on Date32.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-01-31')] });
   * await df.select({ x: (c) => c.t.dt.offsetBy('1mo'), y: (c) => c.t.dt.offsetBy('-1d12h') }).show();
   * ```
   */
  offsetBy(by: string): TemporalExpr<T, K>;
}

/**
 * Clock functions.
 * @ts-ignore TS2636 */
export interface TimeFunctions<out T, out K> {
  /**
   * Takes the hour, 0 to 23.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.hour() }).show();
   * ```
   */
  hour(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the minute, 0 to 59.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.minute() }).show();
   * ```
   */
  minute(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the second, 0 to 59.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.second() }).show();
   * ```
   */
  second(): NumberExpr<Propagate<Int8, T>, K>;
  /**
   * Takes the fraction of the second in whole milliseconds.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.millisecond() }).show();
   * ```
   */
  millisecond(): NumberExpr<Propagate<Int32, T>, K>;
  /**
   * Takes the fraction of the second in whole microseconds.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.microsecond() }).show();
   * ```
   */
  microsecond(): NumberExpr<Propagate<Int32, T>, K>;
  /**
   * Takes the fraction of the second in nanoseconds.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.nanosecond() }).show();
   * ```
   */
  nanosecond(): NumberExpr<Propagate<Int32, T>, K>;
  /**
   * Writes as text.
   *
   * Null stays null. In the zone of the column. Month and day names are English.
   *
   * @param format - strftime directives: `%Y %m %d %H %M %S %f %j %a %A %b %B %p %I %z %Z %s %%` and others.
   * @throws {ERR_PARAMETER} for an unknown directive.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.format('%Y-%m-%d %H:%M') }).show();
   * ```
   */
  format(format: string): StringExpr<Propagate<Utf8, T>, K>;
}

/**
 * Functions of days.
 * @ts-ignore TS2636 */
export interface DateFunctions<out T, out K> extends CalendarFunctions<T, K> {
  /**
   * Writes as text.
   *
   * Null stays null. In the zone of the column. Month and day names are English.
   *
   * @param format - strftime directives: `%Y %m %d %H %M %S %f %j %a %A %b %B %p %I %z %Z %s %%` and others.
   * @throws {ERR_PARAMETER} for an unknown directive.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.format('%d.%m.%Y') }).show();
   * ```
   */
  format(format: string): StringExpr<Propagate<Utf8, T>, K>;
}

/**
 * Functions of dates with a time.
 * @ts-ignore TS2636 */
export interface DatetimeFunctions<out T, out K> extends CalendarFunctions<T, K>, TimeFunctions<T, K> {
  /**
   * Takes the calendar day.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.date() }).show();
   * ```
   */
  date(): TemporalExpr<Propagate<Date32, T>, K>;
  /**
   * Takes the time of day.
   *
   * Null stays null. In the zone of the column.
   *
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.time() }).show();
   * ```
   */
  time(): TemporalExpr<Propagate<Time, T>, K>;
  /**
   * Keeps the wall clock and changes the zone it is read in.
   *
   * Null stays null. null makes it a wall clock without a zone. A wall clock that comes twice or never in the zone
   * throws while the query runs, unless the options say what to take; with `'null'` it becomes null.
   *
   * @param zone - IANA name or null.
   * @param options - `ambiguous`: `'raise'` (default), `'earliest'`, `'latest'` or `'null'`; `nonExistent`:
   *   `'raise'` (default) or `'null'`.
   * @throws {ERR_PARAMETER} for an unknown zone.
   * @throws {ERR_EVALUATION} while the query runs, for a wall clock that comes twice or never.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.replaceTimeZone('Europe/Rome').dt.epoch('s') }).show();
   * ```
   */
  replaceTimeZone(zone: string | null, options?: ReplaceTimeZoneOptions): TemporalExpr<T, K>;
  /**
   * Keeps the instant and shows it in another zone.
   *
   * Null stays null. A wall clock without a zone is taken as UTC.
   *
   * @param zone - IANA name.
   * @throws {ERR_PARAMETER} for an unknown zone.
   * @example
   * ```ts
   * const df = fromColumns({ t: [new Date('2024-02-29T23:45:12.345Z')] });
   * await df.select({ x: (c) => c.t.dt.convertTimeZone('Asia/Tokyo').dt.hour() }).show();
   * ```
   */
  convertTimeZone(zone: string): TemporalExpr<T, K>;
}
