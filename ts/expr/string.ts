// Strings: what `.str` offers. Text is UTF-8; lengths and positions are code points unless named bytes.
import type { Bool, Categorical, Date32, Datetime, List, Time, UInt32, Utf8 } from '../schema/dtypes.ts';
import type { TimeUnit } from '../schema/types.ts';
import type { BoolExpr } from './bool.ts';
import type { TemporalExpr } from './datetime.ts';
import type { ExprLike, OrderedExpr } from './expr.ts';
import type { ListExpr } from './list.ts';
import type { NumberExpr } from './number.ts';
import type { KindOf, OperandType, Propagate } from './result-types.ts';

export interface ToDatetimeOptions {
  /** Ticks of the result. Default: `'us'`. */
  unit?: TimeUnit;
  /** IANA name: text without an offset is local time there. Default: none. */
  timeZone?: string | null;
}

/**
 * Operations of strings.
 * @ts-ignore TS2636 */
export interface StringExpr<out T, out K> extends OrderedExpr<T, K, string, Utf8 | Categorical> {
  /** String functions. */
  readonly str: StringFunctions<T, K>;
}

/**
 * String functions.
 * @ts-ignore TS2636 */
export interface StringFunctions<out T, out K> {
  /**
   * Tests whether the text holds a piece of text, or matches a regular expression anywhere.
   *
   * Null if either is null. A string is plain text. Regular expressions have RE2 syntax, with the flags i, m and s; a
   * line ends at `\n` only.
   *
   * @throws {ERR_PARAMETER} for look-around, back-references and other syntax that RE2 lacks.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'oslo', null] });
   * await df.select({ x: (c) => c.a.str.contains('o'), y: (c) => c.a.str.contains(/^[a-z]/) }).show();
   * // ┌──────┬───────┐
   * // │ x    │ y     │
   * // │ Bool │ Bool  │
   * // ├──────┼───────┤
   * // │ true │ false │
   * // │ true │ true  │
   * // │ null │ null  │
   * // └──────┴───────┘
   * // 3 rows × 2 columns
   * ```
   */
  contains<const O extends string | RegExp | ExprLike<Utf8 | Categorical | null>>(
    pattern: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests how the text starts.
   *
   * Null if either is null. Plain text, by bytes.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'oslo', null] });
   * await df.select({ x: (c) => c.a.str.startsWith('R') }).show();
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
  startsWith<const O extends string | ExprLike<Utf8 | Categorical | null>>(
    prefix: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Tests how the text ends.
   *
   * Null if either is null. Plain text, by bytes.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'oslo', null] });
   * await df.select({ x: (c) => c.a.str.endsWith('o') }).show();
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
  endsWith<const O extends string | ExprLike<Utf8 | Categorical | null>>(
    suffix: O,
  ): BoolExpr<Propagate<Bool, T | OperandType<T, O>>, K | KindOf<O>>;
  /**
   * Converts to upper case, by Unicode and whatever the locale.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'oslo', null] });
   * await df.select({ x: (c) => c.a.str.toUpperCase() }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ ROME │
   * // │ OSLO │
   * // │ null │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  toUpperCase(): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Converts to lower case, by Unicode and whatever the locale.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'oslo', null] });
   * await df.select({ x: (c) => c.a.str.toLowerCase() }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ rome │
   * // │ oslo │
   * // │ null │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  toLowerCase(): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Counts the characters (code points).
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'naïve', null] });
   * await df.select({ x: (c) => c.a.str.lenChars() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      4 │
   * // │      5 │
   * // │   null │
   * // └────────┘
   * // 3 rows × 1 column
   * ```
   */
  lenChars(): NumberExpr<Propagate<UInt32, T>, K>;
  /**
   * Counts the bytes of the UTF-8 text.
   *
   * Null stays null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Rome', 'naïve', null] });
   * await df.select({ x: (c) => c.a.str.lenBytes() }).show();
   * // ┌────────┐
   * // │      x │
   * // │ UInt32 │
   * // ├────────┤
   * // │      4 │
   * // │      6 │
   * // │   null │
   * // └────────┘
   * // 3 rows × 1 column
   * ```
   */
  lenBytes(): NumberExpr<Propagate<UInt32, T>, K>;
  /**
   * Removes white space, or the given characters, at both ends.
   *
   * Null stays null.
   *
   * @param chars - the set of characters to remove; default white space.
   * @example
   * ```ts
   * const df = fromColumns({ a: [' Rome ', '--x-'] });
   * await df.select({ x: (c) => c.a.str.trim(), y: (c) => c.a.str.trim('-') }).show();
   * // ┌──────┬────────┐
   * // │ x    │ y      │
   * // │ Utf8 │ Utf8   │
   * // ├──────┼────────┤
   * // │ Rome │  Rome  │
   * // │ --x- │ x      │
   * // └──────┴────────┘
   * // 2 rows × 2 columns
   * ```
   */
  trim(chars?: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Removes white space, or the given characters, at the start.
   *
   * Null stays null.
   *
   * @param chars - the set of characters to remove; default white space.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['007', '42'] });
   * await df.select({ x: (c) => c.a.str.trimStart('0') }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ 7    │
   * // │ 42   │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  trimStart(chars?: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Removes white space, or the given characters, at the end.
   *
   * Null stays null.
   *
   * @param chars - the set of characters to remove; default white space.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['1.500', '2.0'] });
   * await df.select({ x: (c) => c.a.str.trimEnd('0') }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ 1.5  │
   * // │ 2.   │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  trimEnd(chars?: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Replaces the first occurrence.
   *
   * Null stays null. Beside a regular expression the replacement may hold `$1`, `$<name>`, `$&` and `$$`, as in
   * JavaScript, and the flag g replaces all; beside a string it is plain text.
   *
   * @throws {ERR_PARAMETER} for look-around, back-references and other syntax that RE2 lacks.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['a-b-c', 'x'] });
   * await df.select({ x: (c) => c.a.str.replace('-', '+'), y: (c) => c.a.str.replace(/(\w)-(\w)/, '$2-$1') }).show();
   * // ┌───────┬───────┐
   * // │ x     │ y     │
   * // │ Utf8  │ Utf8  │
   * // ├───────┼───────┤
   * // │ a+b-c │ b-a-c │
   * // │ x     │ x     │
   * // └───────┴───────┘
   * // 2 rows × 2 columns
   * ```
   */
  replace(pattern: string | RegExp, replacement: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Replaces every occurrence.
   *
   * Null stays null. Beside a regular expression the replacement may hold `$1`, `$<name>`, `$&` and `$$`, as in
   * JavaScript; beside a string it is plain text.
   *
   * @throws {ERR_PARAMETER} for look-around, back-references and other syntax that RE2 lacks.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['a-b-c', 'x'] });
   * await df.select({ x: (c) => c.a.str.replaceAll('-', '') }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ abc  │
   * // │ x    │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  replaceAll(pattern: string | RegExp, replacement: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Cuts at every separator into a list.
   *
   * Null stays null. An empty separator cuts between characters. Empty text gives a list of one empty text.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['a,b', 'c', null] });
   * await df.select({ x: (c) => c.a.str.split(',') }).show();
   * // ┌──────────────────────┐
   * // │ x                    │
   * // │ List(nullable(Utf8)) │
   * // ├──────────────────────┤
   * // │ ['a', 'b']           │
   * // │ ['c']                │
   * // │ null                 │
   * // └──────────────────────┘
   * // 3 rows × 1 column
   * ```
   */
  split(separator: string): ListExpr<Propagate<List<Utf8>, T>, K>;
  /**
   * Takes a part, counted in characters (code points).
   *
   * Null stays null. A part that lies outside is empty text.
   *
   * @param offset - where to start, from 0; negative: from the end.
   * @param length - how many characters; default to the end.
   * @throws {ERR_PARAMETER} if an argument is not an integer, or `length` is negative.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['Helsinki', 'Rome'] });
   * await df.select({ x: (c) => c.a.str.slice(0, 3), y: (c) => c.a.str.slice(-3) }).show();
   * // ┌──────┬──────┐
   * // │ x    │ y    │
   * // │ Utf8 │ Utf8 │
   * // ├──────┼──────┤
   * // │ Hel  │ nki  │
   * // │ Rom  │ ome  │
   * // └──────┴──────┘
   * // 2 rows × 2 columns
   * ```
   */
  slice(offset: number, length?: number): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Fills up at the start to a number of characters.
   *
   * Null stays null. Longer text stays.
   *
   * @param fill - one character; default a space.
   * @throws {ERR_PARAMETER} if `fill` is not one character.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['7', '42'] });
   * await df.select({ x: (c) => c.a.str.padStart(4) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │    7 │
   * // │   42 │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  padStart(length: number, fill?: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Fills up at the end to a number of characters.
   *
   * Null stays null. Longer text stays.
   *
   * @param fill - one character; default a space.
   * @throws {ERR_PARAMETER} if `fill` is not one character.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['7', '42'] });
   * await df.select({ x: (c) => c.a.str.padEnd(4, '.') }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ 7... │
   * // │ 42.. │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  padEnd(length: number, fill?: string): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Fills up with zeros after the sign, to a number of characters.
   *
   * Null stays null. Longer text stays.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['7', '-42'] });
   * await df.select({ x: (c) => c.a.str.zfill(4) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ 0007 │
   * // │ -042 │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  zfill(length: number): StringExpr<Propagate<Utf8, T>, K>;
  /**
   * Takes what a group of a regular expression matched first.
   *
   * Null where nothing matched or the group took no part.
   *
   * @param group - number of the group; 0 for the whole match; default 1.
   * @throws {ERR_PARAMETER} for look-around, back-references and other syntax that RE2 lacks.
   * @throws {ERR_PARAMETER} if the pattern has no such group.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['id=7', 'none', null] });
   * await df.select({ x: (c) => c.a.str.extract(/id=(\d+)/) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ 7    │
   * // │ null │
   * // │ null │
   * // └──────┘
   * // 3 rows × 1 column
   * ```
   */
  extract(pattern: RegExp, group?: number): StringExpr<Utf8 | null, K>;
  /**
   * Appends texts.
   *
   * Null if any is null.
   *
   * @example
   * ```ts
   * const df = fromColumns({ a: ['x', null], b: ['1', '2'] });
   * await df.select({ x: (c) => c.a.str.concat('-', c.b) }).show();
   * // ┌──────┐
   * // │ x    │
   * // │ Utf8 │
   * // ├──────┤
   * // │ x-1  │
   * // │ null │
   * // └──────┘
   * // 2 rows × 1 column
   * ```
   */
  concat<const O extends readonly (string | ExprLike<Utf8 | Categorical | null>)[]>(
    ...others: O
  ): StringExpr<Propagate<Utf8, T | OperandType<T, O[number]>>, K | KindOf<O[number]>>;
  /**
   * Reads text as dates with a time.
   *
   * Null stays null. Text that does not parse throws while the query runs, or becomes null with `strict: false`. Text
   * without an offset is a wall clock, or local time of `timeZone`; text with one (`Z`, `+02:00`) is converted to
   * UTC.
   *
   * @param format - strftime directives; default ISO 8601.
   * @param options - `unit` of the ticks, default `'us'`; `timeZone`: IANA name, default none; `strict`, default
   *   true.
   * @throws {ERR_PARAMETER} for an unknown directive, unit or zone.
   * @throws {ERR_CAST} while the query runs, for text that does not parse.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['2024-02-29 12:30', '2024-03-01'] });
   * await df.select({ x: (c) => c.a.str.toDatetime() }).show();
   * // ┌─────────────────────┐
   * // │ x                   │
   * // │ Datetime('us')      │
   * // ├─────────────────────┤
   * // │ 2024-02-29 12:30:00 │
   * // │ 2024-03-01 00:00:00 │
   * // └─────────────────────┘
   * // 2 rows × 1 column
   * ```
   */
  toDatetime(
    format?: string | null,
    options?: ToDatetimeOptions & { strict?: true },
  ): TemporalExpr<Propagate<Datetime, T>, K>;
  toDatetime(
    format: string | null | undefined,
    options: ToDatetimeOptions & { strict: false },
  ): TemporalExpr<Datetime | null, K>;
  /**
   * Reads text as calendar days.
   *
   * Null stays null. Text that does not parse throws while the query runs, or becomes null with `strict: false`.
   *
   * @param format - strftime directives; default `%Y-%m-%d`.
   * @throws {ERR_PARAMETER} for an unknown directive.
   * @throws {ERR_CAST} while the query runs, for text that does not parse.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['29.02.2024', null] });
   * await df.select({ x: (c) => c.a.str.toDate('%d.%m.%Y') }).show();
   * // ┌────────────┐
   * // │ x          │
   * // │ Date32     │
   * // ├────────────┤
   * // │ 2024-02-29 │
   * // │ null       │
   * // └────────────┘
   * // 2 rows × 1 column
   * ```
   */
  toDate(format?: string | null, options?: { strict?: true }): TemporalExpr<Propagate<Date32, T>, K>;
  toDate(format: string | null | undefined, options: { strict: false }): TemporalExpr<Date32 | null, K>;
  /**
   * Reads text as times of day.
   *
   * Null stays null. Text that does not parse throws while the query runs, or becomes null with `strict: false`.
   *
   * @param format - strftime directives; default ISO 8601: `HH:MM`, with seconds and a fraction if there are any.
   * @throws {ERR_PARAMETER} for an unknown directive.
   * @throws {ERR_CAST} while the query runs, for text that does not parse.
   * @example
   * ```ts
   * const df = fromColumns({ a: ['12:30', '23:59:59.5'] });
   * await df.select({ x: (c) => c.a.str.toTime() }).show();
   * // ┌────────────┐
   * // │ x          │
   * // │ Time       │
   * // ├────────────┤
   * // │ 12:30:00   │
   * // │ 23:59:59.5 │
   * // └────────────┘
   * // 2 rows × 1 column
   * ```
   */
  toTime(format?: string | null, options?: { strict?: true }): TemporalExpr<Propagate<Time, T>, K>;
  toTime(format: string | null | undefined, options: { strict: false }): TemporalExpr<Time | null, K>;
}
