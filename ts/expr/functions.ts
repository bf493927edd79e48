// The function registry: the only list of functions. A row says what a function takes and gives; a backend has one row
// per name here that says how to compute it.
//
// WHAT A BACKEND SEES. `expr.ts` offers more methods than there are rows: binding rewrites sugar into the rows below
// (`fillNull` → `coalesce`, `isBetween` → `and(ge, le)`, `std` → `sqrt(var)`, `median` → `quantile`, `diff` →
// `sub(x, shift(x))`, `any` → `coalesce(max(x), false)`, `convertTimeZone` → a cast …), inserts casts, and types every
// literal. After binding:
//
// - ARGUMENTS ARE COERCED. `(T, T)` means both arguments have one and the same dtype. `(Float64)` means the argument
//   was cast to Float64. `Categorical` arguments of string functions were cast to `Utf8`, which costs nothing.
// - ANY ARGUMENT MAY BE A LITERAL NODE (`lit`), of the dtype stated, possibly null. Only `isIn` and `lookup` hold list literals.
//   What cannot vary by row is in `options`, plain JSON, always complete (defaults filled in).
// - NULL: 'propagate' = null if any argument is null (three-valued for `and`, `or`). 'skip' = an aggregate leaves null
//   rows out. 'never' = never gives null, whatever the arguments. 'custom' = said below.
// - AN AGGREGATE'S ARGUMENT is a row expression. A window call always stands directly inside an `over` node; so does an
//   aggregate that is used as a row value. `over` never wraps anything else.
// - NaN is equal to itself and greater than every number; −0 equals 0 (comparisons, min, max, rank, isIn, mode,
//   nUnique, argMin, argMax). Integers wrap in the result dtype in `add sub mul neg abs`.
// - DECIMAL arguments of one call share their precision (hence their layout). `add sub floorDiv mod` and comparisons
//   share the scale too; `mul` does not: its scale is the sum. A Decimal result past its precision is ERR_OVERFLOW.
// - CASTS: which there are and what they mean is at `canCast` in promote.ts. FORMATS: the directives are in
//   time-format.ts. PATTERNS: RE2 syntax, translated from JavaScript by regex.ts (`\s` as a set of its own).
// - DURATION OPTIONS: `{ months, days, nanoseconds }`: integers, `nanoseconds` a decimal string; parts of '1mo2d3h'.
//
// ELEMENTWISE
//   add sub mul      (T, T) → T      numbers. Also add/sub on ticks: (Datetime, Duration) → Datetime,
//                                    sub (Datetime, Datetime) → Duration, (Duration, Duration) → Duration; equal units,
//                                    equal zones: an Int64 add or sub. Date32 and Time arithmetic is rewritten with casts.
//   div pow          (Float64, Float64) → Float64    IEEE; x / 0 is ±Infinity or NaN
//   floorDiv mod     (T, T) → T      floored, sign of the divisor; integer or Decimal by zero → null. Decimal floorDiv
//                                    gives scale 0: Decimal(p, s), Decimal(p, s) → Decimal(p, 0)
//   neg abs          (T) → T         numbers, Duration
//   sign             (T) → T         −1, 0, 1 in T (Decimal: at its scale), NaN stays NaN, −0 → 0
//   round            (T) → T { decimals }            half away from zero; integers only with decimals < 0
//   floor ceil       (T) → T         Float32, Float64, Decimal only (integers are dropped by binding)
//   clipMin clipMax  (T, T) → T      at least / at most the second argument; NaN in the first stays NaN
//   sqrt exp log log1p sin cos tan asin acos atan    (F) → F, F = Float32 | Float64; log { base: number | null (e) }
//   isNan isFinite   (F) → Bool
//   eq ne lt le gt ge   (T, T) → Bool    Bool, numbers, strings (by bytes), Binary, temporal; false < true
//   eqMissing        (T, T) → Bool   null equals null; never null
//   isIn             (T, lit list of T) → Bool       no nulls in the list
//   lookup           (T, lit list of T, lit list of Float64) → Float64 { column, shown: string | null }   the number
//                                    beside the value's place in the list; null stays null. A value that is not there is
//                                    null, or with `column` (its name, for the message) ERR_EVALUATION; `shown` stands
//                                    for the value there
//   affine           (Float64, …) → Struct of Float64 { names, coef, intercept, model: string | null, columns }   field k is
//                                    intercept[k] + Σ coef[k × nArgs + j] × argument j, added in that order; null where
//                                    an argument is. With `model` (its name, for the message; `columns` are those of the
//                                    arguments) nulls, NaN and infinities are ERR_MISSING_VALUES
//   and or xor not   (Bool, Bool) → Bool; not (Bool) three-valued
//   isNull isNotNull (any) → Bool
//   coalesce         (T, T, …) → T   two or more; first that is not null
//   hash             (any but nested) → UInt64 { seed: decimal string }    null hashes to a value; −0 as 0
//   contains startsWith endsWith     (Utf8, Utf8) → Bool     plain text
//   matches          (Utf8) → Bool { pattern, flags }        RE2; flags: a subset of 'ims', in that order
//   extract          (Utf8) → Utf8 { pattern, flags, group } null when nothing matched or the group took no part
//   replaceText      (Utf8) → Utf8 { text, replacement, all }        plain text; empty text matches at every position
//   replaceRegex     (Utf8) → Utf8 { pattern, flags, template, all } template: strings and group numbers, to be joined
//   toUpperCase toLowerCase          (Utf8) → Utf8           Unicode, locale-free
//   lenChars lenBytes                (Utf8) → UInt32
//   trim trimStart trimEnd           (Utf8) → Utf8 { chars: string | null (white space) }
//   slice            (Utf8) → Utf8 { offset, length: n | null }      code points; negative offset from the end
//   padStart padEnd  (Utf8) → Utf8 { length, fill: one code point }  to `length` code points
//   zfill            (Utf8) → Utf8 { length }                '0' after a leading + or −
//   concat           (Utf8, Utf8, …) → Utf8
//   split            (Utf8) → List(Utf8) { separator }       empty separator: code points
//   toDatetime       (Utf8) → Datetime { format: string | null (ISO 8601), unit, zone, strict }  text without an offset
//                                    is local time of `zone` (UTC when null); with one it is converted to UTC
//   toDate toTime    (Utf8) → Date32 / Time { format: string | null (ISO 8601), strict }
//   year quarter month week day weekday ordinalDay   (Date32 | Datetime) → Int32 (year), Int16 (ordinalDay), Int8
//   hour minute second               (Datetime | Time) → Int8        in the zone of the argument's dtype, as all of dt
//   millisecond microsecond nanosecond   (Datetime | Time) → Int32   fraction of the second in that unit
//   epoch            (Date32 | Datetime) → Int64 { unit: 's' | 'ms' | 'us' | 'ns' }  floored; overflow is ERR_OVERFLOW
//   date time        (Datetime) → Date32 / Time              local
//   truncate dtRound (Date32 | Datetime) → T { months, days, nanoseconds, weeks: boolean }  exactly one part is not 0;
//                                    buckets in local time counted from 1970-01-01T00:00 (months from 1970-01, weeks
//                                    from Monday 1970-01-05; then `days` is a multiple of 7); dtRound: half up
//   offsetBy         (Date32 | Datetime) → T { months, days, nanoseconds }  calendar months (day clipped) and days in
//                                    local time, then the rest in ticks
//   replaceTimeZone  (Datetime) → Datetime { zone, ambiguous: 'raise' | 'earliest' | 'latest' | 'null',
//                                    nonExistent: 'raise' | 'null' }        keeps the wall clock
//   format           (Date32 | Datetime | Time) → Utf8 { format }           strftime
//   total            (Duration) → Int64 { unit: 'd' | 'h' | 'm' | 's' | 'ms' | 'us' | 'ns' }  towards zero
//   field            (Struct) → T { name }     listLen (list) → UInt32     listGet (list) → T { index }, null outside
//
// AGGREGATES (one value per group; nulls skipped unless said)
//   sum              (T) → Int64 | UInt64 | Float64 | Decimal(38, s) | Duration; Bool → UInt32. 0 for nothing, never null;
//                                    integer or Decimal overflow is ERR_OVERFLOW
//   mean             (Float64) → Float64            var (Float64) → Float64 { ddof }; null below ddof + 1 values
//   min max          (T) → T         NaN above all numbers; strings by bytes; Bool too
//   quantile         (Float64) → Float64 { q, interpolation: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint' }
//   skew kurtosis    (Float64) → Float64            population moments (biased); kurtosis is excess
//   corr cov         (Float64, Float64) → Float64   rows with both; cov { ddof }
//   count            (any) → UInt32   len () → UInt32 (no arguments)   nUnique (any but nested) → UInt32, null counts once
//   first last       (T) → T         the row's value, null included
//   mode             (T) → T         most frequent value that is not null; first in row order on ties
//   argMin argMax    (T) → UInt32    row number within the group, first on ties
//   implode          (T) → List(T)   row order, nulls kept; empty list for nothing
//
// WINDOWS (one value per row of the partition)
//   cumSum           (W) → W         W = Int64 | UInt64 | Float64 | Decimal(38, s) | Duration; null rows give null and are
//   cumProd          (W) → W         skipped; integer overflow is ERR_OVERFLOW. cumProd: no Decimal, no Duration
//   cumMin cumMax    (T) → T         as cumSum      cumCount (any) → UInt32: values seen so far, never null
//   shift            (T) or (T, T) → T { rows }     rows may be negative; the second argument fills the edge
//   rank             (T) → UInt32 (Float64 for 'average') { method: 'min' | 'max' | 'dense' | 'ordinal' | 'average',
//                                    descending }   null rows give null
//   rollingSum       (W) → W         rollingMean rollingMedian (Float64) → Float64   rollingMin rollingMax (T) → T
//   rollingVar       (Float64) → Float64, { ddof }, never below 0.  All { windowRows, minPeriods, center }: null with
//                                    fewer than minPeriods values; centred windows reach floor(windowRows / 2) back
//   ewmMean          (Float64) → Float64 { alpha }  weights (1 − alpha)^age, by row distance, normalised; null rows give
//                                    null and have no weight
//   forwardFill backwardFill  (T) → T { limit: n | null }
//   rowIndex         () → UInt32 { offset }         random () → Float64 { seed }: Philox 4×32-10 by row number, [0, 1)
import { ParameterError } from '../errors.ts';
import type { Options } from './nodes.ts';
import type { RegistryRow } from './row-rules.ts';
import { GROUP_ROWS } from './rows-groups.ts';
import { TEXT_TIME_ROWS } from './rows-text-time.ts';
import { VALUE_ROWS } from './rows-values.ts';

export type { FunctionKind, RegistryRow, Unify } from './row-rules.ts';

const rows = { ...VALUE_ROWS, ...TEXT_TIME_ROWS, ...GROUP_ROWS };

export type FunctionName = keyof typeof rows;

/** Every function, by its canonical name. */
export const FUNCTIONS: { readonly [name in FunctionName]: RegistryRow } = rows;

/** The row of a function, or undefined. */
export const findFunction = (name: string): RegistryRow | undefined =>
  Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name as FunctionName] : undefined;

/** The row of a function that is known to exist. */
export function functionRow(name: string): RegistryRow {
  const row = findFunction(name);
  if (row === undefined) throw new ParameterError(`Unknown function "${name}".`, { name });
  return row;
}

/** The options with defaults filled in, or as they are if one is wrong or the function is unknown: for printing. */
export function checkedOr(name: string, options: Options): Options {
  const filled: { [name: string]: Options[string] } = { ...options };
  for (const [key, check] of Object.entries(findFunction(name)?.options ?? {})) {
    const result = check(options[key]);
    if ('value' in result) filled[key] = result.value;
  }
  return filled;
}

/** The checked options of a call, defaults filled in. */
export function checkOptions(name: string, options: Options): Options {
  const rules = functionRow(name).options ?? {};
  for (const key of Object.keys(options)) {
    if (rules[key] === undefined) {
      const known = Object.keys(rules).join(', ');
      throw new ParameterError(`Unknown option "${key}" of ${name}(). Options: ${known === '' ? 'none' : known}.`, {
        name,
        option: key,
      });
    }
  }
  const checked: { [name: string]: Options[string] } = {};
  for (const [key, check] of Object.entries(rules)) {
    const result = check(options[key]);
    if ('expected' in result) {
      throw new ParameterError(
        `Expected ${result.expected} for ${key} of ${name}() but received ${JSON.stringify(options[key])}.`,
        { name, option: key },
      );
    }
    checked[key] = result.value;
  }
  return Object.freeze(checked);
}
