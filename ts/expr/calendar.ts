// What `.dt` offers on dates, times and timestamps, in the zone of the column.
import type { Date32, Int8, Int16, Int32, Int64, Time, Utf8 } from '../schema/dtypes.ts';
import type { TemporalExpr } from './datetime.ts';
import type { NumberExpr } from './number.ts';
import type { Propagate } from './result-types.ts';
import type { StringExpr } from './string.ts';

export interface ReplaceTimeZoneOptions {
  /** A wall clock that comes twice. Default: `'raise'`. */
  ambiguous?: 'raise' | 'earliest' | 'latest' | 'null';
  /** A wall clock that the zone skips. Default: `'raise'`. */
  nonExistent?: 'raise' | 'null';
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
   * // ┌───────┐
   * // │     x │
   * // │ Int32 │
   * // ├───────┤
   * // │  2024 │
   * // └───────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │    1 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │    2 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │    9 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │   29 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌───────┐
   * // │     x │
   * // │ Int16 │
   * // ├───────┤
   * // │    60 │
   * // └───────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │    4 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌──────────────────┐
   * // │                x │
   * // │            Int64 │
   * // ├──────────────────┤
   * // │ 1709250312345000 │
   * // └──────────────────┘
   * // 1 row × 1 column
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
   * // ┌─────────────────────┬─────────────────────┐
   * // │ x                   │ y                   │
   * // │ Datetime('ms')      │ Datetime('ms')      │
   * // ├─────────────────────┼─────────────────────┤
   * // │ 2024-02-29 23:00:00 │ 2024-02-01 00:00:00 │
   * // └─────────────────────┴─────────────────────┘
   * // 1 row × 2 columns
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
   * // ┌─────────────────────┐
   * // │ x                   │
   * // │ Datetime('ms')      │
   * // ├─────────────────────┤
   * // │ 2024-02-29 23:45:00 │
   * // └─────────────────────┘
   * // 1 row × 1 column
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
   * // ┌─────────────────────┬─────────────────────┐
   * // │ x                   │ y                   │
   * // │ Datetime('ms')      │ Datetime('ms')      │
   * // ├─────────────────────┼─────────────────────┤
   * // │ 2024-02-29 00:00:00 │ 2024-01-29 12:00:00 │
   * // └─────────────────────┴─────────────────────┘
   * // 1 row × 2 columns
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │   23 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │   45 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │   12 │
   * // └──────┘
   * // 1 row × 1 column
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
   * // ┌───────┐
   * // │     x │
   * // │ Int32 │
   * // ├───────┤
   * // │   345 │
   * // └───────┘
   * // 1 row × 1 column
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
   * // ┌────────┐
   * // │      x │
   * // │  Int32 │
   * // ├────────┤
   * // │ 345000 │
   * // └────────┘
   * // 1 row × 1 column
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
   * // ┌───────────┐
   * // │         x │
   * // │     Int32 │
   * // ├───────────┤
   * // │ 345000000 │
   * // └───────────┘
   * // 1 row × 1 column
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
   * // ┌──────────────────┐
   * // │ x                │
   * // │ Utf8             │
   * // ├──────────────────┤
   * // │ 2024-02-29 23:45 │
   * // └──────────────────┘
   * // 1 row × 1 column
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
   * // ┌────────────┐
   * // │ x          │
   * // │ Utf8       │
   * // ├────────────┤
   * // │ 29.02.2024 │
   * // └────────────┘
   * // 1 row × 1 column
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
   * // ┌────────────┐
   * // │ x          │
   * // │ Date32     │
   * // ├────────────┤
   * // │ 2024-02-29 │
   * // └────────────┘
   * // 1 row × 1 column
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
   * // ┌──────────────┐
   * // │ x            │
   * // │ Time         │
   * // ├──────────────┤
   * // │ 23:45:12.345 │
   * // └──────────────┘
   * // 1 row × 1 column
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
   * // ┌────────────┐
   * // │          x │
   * // │      Int64 │
   * // ├────────────┤
   * // │ 1709246712 │
   * // └────────────┘
   * // 1 row × 1 column
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
   * // ┌──────┐
   * // │    x │
   * // │ Int8 │
   * // ├──────┤
   * // │    8 │
   * // └──────┘
   * // 1 row × 1 column
   * ```
   */
  convertTimeZone(zone: string): TemporalExpr<T, K>;
}
