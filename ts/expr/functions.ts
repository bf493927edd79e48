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
// - ANY ARGUMENT MAY BE A LITERAL NODE (`lit`), of the dtype stated, possibly null. Only `isIn` holds a list literal.
//   What cannot vary by row is in `options`, plain JSON, always complete (defaults filled in).
// - NULL: 'propagate' = null if any argument is null (three-valued for `and`, `or`). 'skip' = an aggregate leaves null
//   rows out. 'never' = never gives null, whatever the arguments. 'custom' = said below.
// - AN AGGREGATE'S ARGUMENT is a row expression. A window call always stands directly inside an `over` node; so does an
//   aggregate that is used as a row value. `over` never wraps anything else.
// - NaN is equal to itself and greater than every number; −0 equals 0 (comparisons, min, max, rank, isIn, mode,
//   nUnique, argMin, argMax). Integers wrap in the result dtype in `add sub mul neg abs`.
// - DECIMAL arguments of one call share their precision (hence their layout). `add sub floorDiv mod` and comparisons
//   share the scale too; `mul` does not: its scale is the sum. A Decimal result past its precision is ERR_OVERFLOW.
// - DURATION OPTIONS: `{ months, days, nanoseconds }`: integers, `nanoseconds` a decimal string; parts of '1mo2d3h'.
//
// ELEMENTWISE
//   add sub mul      (T, T) → T      numbers. Also add/sub on ticks: (Datetime, Duration) → Datetime,
//                                    sub (Datetime, Datetime) → Duration, (Duration, Duration) → Duration; equal units,
//                                    equal zones: an Int64 add or sub. Date32 and Time arithmetic is rewritten with casts.
//   div pow          (Float64, Float64) → Float64    IEEE; x / 0 is ±Infinity or NaN
//   floorDiv mod     (T, T) → T      floored, sign of the divisor; integer or Decimal by zero → null. Decimal floorDiv
//                                    gives scale 0: Decimal(p, s), Decimal(p, s) → Decimal(p, 0)
//   neg abs sign     (T) → T         sign: −1, 0, 1 in T (Decimal: at its scale), NaN stays NaN, −0 → 0
//   round            (T) → T { decimals }            half away from zero; integers only with decimals < 0
//   floor ceil       (T) → T         Float32, Float64, Decimal only (integers are dropped by binding)
//   clipMin clipMax  (T, T) → T      at least / at most the second argument; NaN in the first stays NaN
//   sqrt exp log log1p sin cos tan asin acos atan    (F) → F, F = Float32 | Float64; log { base: number | null (e) }
//   isNan isFinite   (F) → Bool
//   eq ne lt le gt ge   (T, T) → Bool    Bool, numbers, strings (by bytes), Binary, temporal; false < true
//   eqMissing        (T, T) → Bool   null equals null; never null
//   isIn             (T, lit list of T) → Bool       no nulls in the list
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
import type { FamilyName, NullableRule, OptionRule, ReturnRule } from './row-rules.ts';
import * as rule from './row-rules.ts';

export type FunctionKind = 'elementwise' | 'agg' | 'window';

/** How the arguments of a call are brought together before each meets its family. */
export type Unify =
  /** Each on its own. */
  | 'none'
  /** One dtype that holds all: comparisons, coalesce, clip. */
  | 'common'
  /** + and −: promotion, decimal scales, ticks. */
  | 'additive'
  /** ×: promotion; decimals keep their scales. */
  | 'product'
  /** floorDiv and mod: promotion, numbers only. */
  | 'division';

/** One function. Shared code asks the row and never tests a function's name. */
export interface RegistryRow {
  readonly kind: FunctionKind;
  /** The family of each argument; with `variadic` the last one repeats, with `optional` that many may be absent. */
  readonly args: readonly FamilyName[];
  readonly variadic?: boolean;
  readonly optional?: number;
  readonly unify?: Unify;
  readonly returns: ReturnRule;
  readonly nulls: 'propagate' | 'skip' | 'never' | 'custom';
  /** Whether the result may be null, where `nulls` does not say it: 'skip' means yes, 'never' no. */
  readonly nullable?: NullableRule;
  readonly options?: { readonly [name: string]: OptionRule };
  /** The Spark function of the same meaning, or null. */
  readonly spark: string | null;
}

const ROWS = 2 ** 31 - 1;
const rolling = {
  windowRows: rule.integer(1, ROWS),
  minPeriods: rule.integer(0, ROWS),
  center: rule.flag(false),
};
const step = { months: rule.internal, days: rule.internal, nanoseconds: rule.internal };
const regex = { pattern: rule.string, flags: rule.string };
const ddof = rule.integer(0, ROWS, 1);
const maths = (spark: string): RegistryRow => ({
  kind: 'elementwise',
  args: ['float'],
  returns: rule.same(),
  nulls: 'propagate',
  spark,
});
const compare = (spark: string | null): RegistryRow => ({
  kind: 'elementwise',
  args: ['ordered', 'ordered'],
  unify: 'common',
  returns: rule.bool,
  nulls: 'propagate',
  spark,
});
const logic = (spark: string | null): RegistryRow => ({
  kind: 'elementwise',
  args: ['bool', 'bool'],
  returns: rule.bool,
  nulls: 'propagate',
  spark,
});
const string = (
  returns: ReturnRule,
  spark: string | null,
  options: { readonly [name: string]: OptionRule } = {},
): RegistryRow => ({ kind: 'elementwise', args: ['utf8'], returns, nulls: 'propagate', spark, options });
const part = (args: 'calendar' | 'clock', returns: ReturnRule, spark: string | null): RegistryRow => ({
  kind: 'elementwise',
  args: [args],
  returns,
  nulls: 'propagate',
  spark,
});
const statistic = (
  args: readonly FamilyName[],
  spark: string | null,
  options: { readonly [name: string]: OptionRule } = {},
): RegistryRow => ({ kind: 'agg', args, returns: rule.float64, nulls: 'skip', spark, options });
const pick = (family: FamilyName, spark: string | null): RegistryRow => ({
  kind: 'agg',
  args: [family],
  returns: rule.same(),
  nulls: 'skip',
  spark,
});
const window = (
  family: FamilyName,
  nulls: 'propagate' | 'custom',
  options: { readonly [name: string]: OptionRule } = {},
): RegistryRow => ({
  kind: 'window',
  args: [family],
  returns: rule.same(),
  nulls,
  ...(nulls === 'custom' ? { nullable: rule.maybeNull } : {}),
  spark: null,
  options,
});
const i8 = rule.always(rule.INT8);
const i32 = rule.always(rule.INT32);

const rows = {
  // Arithmetic
  add: {
    kind: 'elementwise',
    args: ['any', 'any'],
    unify: 'additive',
    returns: rule.same(),
    nulls: 'propagate',
    spark: 'add',
  },
  sub: {
    kind: 'elementwise',
    args: ['any', 'any'],
    unify: 'additive',
    returns: rule.same(),
    nulls: 'propagate',
    spark: 'subtract',
  },
  mul: {
    kind: 'elementwise',
    args: ['any', 'any'],
    unify: 'product',
    returns: rule.same(),
    nulls: 'propagate',
    spark: 'multiply',
  },
  div: { kind: 'elementwise', args: ['float64', 'float64'], returns: rule.float64, nulls: 'propagate', spark: null },
  floorDiv: {
    kind: 'elementwise',
    args: ['number', 'number'],
    unify: 'division',
    returns: rule.same(),
    nulls: 'custom',
    nullable: rule.maybeNull,
    spark: null,
  },
  mod: {
    kind: 'elementwise',
    args: ['number', 'number'],
    unify: 'division',
    returns: rule.same(),
    nulls: 'custom',
    nullable: rule.maybeNull,
    spark: null,
  },
  pow: { kind: 'elementwise', args: ['float64', 'float64'], returns: rule.float64, nulls: 'propagate', spark: 'pow' },
  neg: { kind: 'elementwise', args: ['number'], returns: rule.same(), nulls: 'propagate', spark: 'negative' },
  abs: { kind: 'elementwise', args: ['number'], returns: rule.same(), nulls: 'propagate', spark: 'abs' },
  sign: { kind: 'elementwise', args: ['signed'], returns: rule.same(), nulls: 'propagate', spark: 'signum' },
  round: {
    kind: 'elementwise',
    args: ['roundable'],
    returns: rule.same(),
    nulls: 'propagate',
    options: { decimals: rule.integer(-400, 400, 0) },
    spark: 'round',
  },
  floor: { kind: 'elementwise', args: ['roundable'], returns: rule.same(), nulls: 'propagate', spark: 'floor' },
  ceil: { kind: 'elementwise', args: ['roundable'], returns: rule.same(), nulls: 'propagate', spark: 'ceil' },
  clipMin: {
    kind: 'elementwise',
    args: ['number', 'number'],
    unify: 'common',
    returns: rule.same(),
    nulls: 'propagate',
    spark: null,
  },
  clipMax: {
    kind: 'elementwise',
    args: ['number', 'number'],
    unify: 'common',
    returns: rule.same(),
    nulls: 'propagate',
    spark: null,
  },
  sqrt: maths('sqrt'),
  exp: maths('exp'),
  log: {
    ...maths('log'),
    options: {
      base: (v) =>
        v === null || v === undefined
          ? { value: null }
          : rule.number('a positive number other than 1', (n) => n > 0 && n !== 1 && n < Infinity)(v),
    },
  },
  log1p: maths('log1p'),
  sin: maths('sin'),
  cos: maths('cos'),
  tan: maths('tan'),
  asin: maths('asin'),
  acos: maths('acos'),
  atan: maths('atan'),
  isNan: { kind: 'elementwise', args: ['float'], returns: rule.bool, nulls: 'propagate', spark: 'isnan' },
  isFinite: { kind: 'elementwise', args: ['float'], returns: rule.bool, nulls: 'propagate', spark: null },

  // Comparison, logic, null
  eq: compare('='),
  ne: compare('!='),
  lt: compare('<'),
  le: compare('<='),
  gt: compare('>'),
  ge: compare('>='),
  eqMissing: { ...compare('<=>'), nulls: 'never' },
  isIn: {
    kind: 'elementwise',
    args: ['ordered', 'ordered'],
    returns: rule.bool,
    nulls: 'custom',
    nullable: (args) => args[0]?.nullable ?? false,
    spark: 'in',
  },
  and: logic('and'),
  or: logic('or'),
  xor: logic(null),
  not: { kind: 'elementwise', args: ['bool'], returns: rule.bool, nulls: 'propagate', spark: 'not' },
  isNull: { kind: 'elementwise', args: ['any'], returns: rule.bool, nulls: 'never', spark: 'isnull' },
  isNotNull: { kind: 'elementwise', args: ['any'], returns: rule.bool, nulls: 'never', spark: 'isnotnull' },
  coalesce: {
    kind: 'elementwise',
    args: ['any', 'any'],
    variadic: true,
    unify: 'common',
    returns: rule.same(),
    nulls: 'custom',
    nullable: (args) => args.every((a) => a.nullable),
    spark: 'coalesce',
  },
  hash: {
    kind: 'elementwise',
    args: ['hashable'],
    returns: rule.always(rule.UINT64),
    nulls: 'never',
    options: { seed: rule.internal },
    spark: null,
  },

  // Strings
  contains: { kind: 'elementwise', args: ['utf8', 'utf8'], returns: rule.bool, nulls: 'propagate', spark: 'contains' },
  startsWith: {
    kind: 'elementwise',
    args: ['utf8', 'utf8'],
    returns: rule.bool,
    nulls: 'propagate',
    spark: 'startswith',
  },
  endsWith: { kind: 'elementwise', args: ['utf8', 'utf8'], returns: rule.bool, nulls: 'propagate', spark: 'endswith' },
  matches: string(rule.bool, 'rlike', regex),
  extract: {
    ...string(rule.text, 'regexp_extract', { ...regex, group: rule.integer(0, 1000, 1) }),
    nulls: 'custom',
    nullable: rule.maybeNull,
  },
  replaceText: string(rule.text, null, { text: rule.string, replacement: rule.string, all: rule.flag(false) }),
  replaceRegex: string(rule.text, null, { ...regex, template: rule.internal, all: rule.flag(false) }),
  toUpperCase: string(rule.text, 'upper'),
  toLowerCase: string(rule.text, 'lower'),
  lenChars: string(rule.uint32, 'char_length'),
  lenBytes: string(rule.uint32, 'octet_length'),
  trim: string(rule.text, 'trim', { chars: rule.stringOrNull }),
  trimStart: string(rule.text, 'ltrim', { chars: rule.stringOrNull }),
  trimEnd: string(rule.text, 'rtrim', { chars: rule.stringOrNull }),
  slice: string(rule.text, 'substring', { offset: rule.integer(-ROWS, ROWS), length: rule.integerOrNull(0, ROWS) }),
  padStart: string(rule.text, null, { length: rule.integer(0, 1e6), fill: rule.string }),
  padEnd: string(rule.text, null, { length: rule.integer(0, 1e6), fill: rule.string }),
  zfill: string(rule.text, null, { length: rule.integer(0, 1e6) }),
  concat: {
    kind: 'elementwise',
    args: ['utf8', 'utf8'],
    variadic: true,
    returns: rule.text,
    nulls: 'propagate',
    spark: 'concat',
  },
  split: string((args) => rule.listOf(args, {}), null, { separator: rule.string }),
  toDatetime: {
    ...string(rule.datetimeOf, 'to_timestamp', {
      format: rule.stringOrNull,
      unit: rule.oneOf('us', 'ms', 'ns'),
      zone: rule.stringOrNull,
      strict: rule.flag(true),
    }),
    nulls: 'custom',
    nullable: (args, o) => o['strict'] === false || rule.nullableLike(args, o),
  },
  toDate: {
    ...string(rule.always(rule.DATE32), 'to_date', { format: rule.stringOrNull, strict: rule.flag(true) }),
    nulls: 'custom',
    nullable: (args, o) => o['strict'] === false || rule.nullableLike(args, o),
  },
  toTime: {
    ...string(rule.always(rule.TIME), null, { format: rule.stringOrNull, strict: rule.flag(true) }),
    nulls: 'custom',
    nullable: (args, o) => o['strict'] === false || rule.nullableLike(args, o),
  },

  // Dates and times
  year: part('calendar', i32, 'year'),
  quarter: part('calendar', i8, 'quarter'),
  month: part('calendar', i8, 'month'),
  week: part('calendar', i8, 'weekofyear'),
  day: part('calendar', i8, 'day'),
  weekday: part('calendar', i8, null),
  ordinalDay: part('calendar', rule.always(rule.INT16), 'dayofyear'),
  hour: part('clock', i8, 'hour'),
  minute: part('clock', i8, 'minute'),
  second: part('clock', i8, 'second'),
  millisecond: part('clock', i32, null),
  microsecond: part('clock', i32, null),
  nanosecond: part('clock', i32, null),
  epoch: {
    kind: 'elementwise',
    args: ['calendar'],
    returns: rule.always(rule.INT64),
    nulls: 'propagate',
    options: { unit: rule.oneOf('us', 's', 'ms', 'ns') },
    spark: null,
  },
  date: {
    kind: 'elementwise',
    args: ['datetime'],
    returns: rule.always(rule.DATE32),
    nulls: 'propagate',
    spark: 'to_date',
  },
  time: { kind: 'elementwise', args: ['datetime'], returns: rule.always(rule.TIME), nulls: 'propagate', spark: null },
  truncate: {
    kind: 'elementwise',
    args: ['calendar'],
    returns: rule.same(),
    nulls: 'propagate',
    options: { ...step, weeks: rule.internal },
    spark: 'date_trunc',
  },
  dtRound: {
    kind: 'elementwise',
    args: ['calendar'],
    returns: rule.same(),
    nulls: 'propagate',
    options: { ...step, weeks: rule.internal },
    spark: null,
  },
  offsetBy: {
    kind: 'elementwise',
    args: ['calendar'],
    returns: rule.same(),
    nulls: 'propagate',
    options: step,
    spark: null,
  },
  replaceTimeZone: {
    kind: 'elementwise',
    args: ['datetime'],
    returns: rule.rezoned,
    nulls: 'custom',
    nullable: (args, o) => o['ambiguous'] === 'null' || o['nonExistent'] === 'null' || rule.nullableLike(args, o),
    options: {
      zone: rule.stringOrNull,
      ambiguous: rule.oneOf('raise', 'earliest', 'latest', 'null'),
      nonExistent: rule.oneOf('raise', 'null'),
    },
    spark: null,
  },
  format: {
    kind: 'elementwise',
    args: ['moment'],
    returns: rule.text,
    nulls: 'propagate',
    options: { format: rule.string },
    spark: 'date_format',
  },
  total: {
    kind: 'elementwise',
    args: ['duration'],
    returns: rule.always(rule.INT64),
    nulls: 'propagate',
    options: { unit: rule.oneOf('s', 'd', 'h', 'm', 'ms', 'us', 'ns') },
    spark: null,
  },

  // Nested
  field: {
    kind: 'elementwise',
    args: ['struct'],
    returns: rule.fieldNamed,
    nulls: 'custom',
    nullable: rule.fieldNullable,
    options: { name: rule.string },
    spark: null,
  },
  listLen: { kind: 'elementwise', args: ['list'], returns: rule.uint32, nulls: 'propagate', spark: 'size' },
  listGet: {
    kind: 'elementwise',
    args: ['list'],
    returns: rule.itemOf,
    nulls: 'custom',
    nullable: rule.maybeNull,
    options: { index: rule.integer(-ROWS, ROWS) },
    spark: 'get',
  },

  // Aggregates
  sum: {
    kind: 'agg',
    args: ['summable'],
    returns: rule.widenedSum,
    nulls: 'skip',
    nullable: rule.neverNull,
    spark: 'sum',
  },
  mean: statistic(['meanable'], 'avg'),
  var: statistic(['float64'], 'var_samp', { ddof }),
  min: pick('ordered', 'min'),
  max: pick('ordered', 'max'),
  quantile: statistic(['float64'], 'percentile', {
    q: rule.number('a number from 0 to 1', (q) => q >= 0 && q <= 1),
    interpolation: rule.oneOf('linear', 'lower', 'higher', 'nearest', 'midpoint'),
  }),
  skew: statistic(['float64'], 'skewness'),
  kurtosis: statistic(['float64'], 'kurtosis'),
  corr: statistic(['float64', 'float64'], 'corr'),
  cov: statistic(['float64', 'float64'], 'covar_samp', { ddof }),
  count: { kind: 'agg', args: ['any'], returns: rule.uint32, nulls: 'skip', nullable: rule.neverNull, spark: 'count' },
  len: { kind: 'agg', args: [], returns: rule.uint32, nulls: 'never', spark: 'count' },
  nUnique: { kind: 'agg', args: ['hashable'], returns: rule.uint32, nulls: 'never', spark: null },
  first: {
    kind: 'agg',
    args: ['any'],
    returns: rule.same(),
    nulls: 'custom',
    nullable: rule.maybeNull,
    spark: 'first',
  },
  last: { kind: 'agg', args: ['any'], returns: rule.same(), nulls: 'custom', nullable: rule.maybeNull, spark: 'last' },
  mode: pick('hashable', 'mode'),
  argMin: { ...pick('ordered', null), returns: rule.uint32 },
  argMax: { ...pick('ordered', null), returns: rule.uint32 },
  implode: { kind: 'agg', args: ['any'], returns: rule.listOf, nulls: 'never', spark: 'collect_list' },

  // Windows
  cumSum: window('running', 'propagate'),
  cumProd: window('multipliable', 'propagate'),
  cumMin: window('ordered', 'propagate'),
  cumMax: window('ordered', 'propagate'),
  cumCount: { kind: 'window', args: ['any'], returns: rule.uint32, nulls: 'never', spark: null },
  shift: {
    kind: 'window',
    args: ['any', 'any'],
    optional: 1,
    unify: 'common',
    returns: rule.same(),
    nulls: 'custom',
    nullable: (args) => args.length < 2 || args.some((a) => a.nullable),
    options: { rows: rule.integer(-ROWS, ROWS, 1) },
    spark: 'lag',
  },
  rank: {
    ...window('ordered', 'propagate', {
      method: rule.oneOf('min', 'max', 'dense', 'ordinal', 'average'),
      descending: rule.flag(false),
    }),
    returns: (_args, o) => (o['method'] === 'average' ? rule.FLOAT64 : rule.UINT32),
  },
  rollingSum: window('running', 'custom', rolling),
  rollingMean: window('float64', 'custom', rolling),
  rollingMin: window('number', 'custom', rolling),
  rollingMax: window('number', 'custom', rolling),
  rollingVar: window('float64', 'custom', { ...rolling, ddof }),
  rollingMedian: window('float64', 'custom', rolling),
  ewmMean: window('float64', 'propagate', { alpha: rule.number('a number in (0, 1]', (a) => a > 0 && a <= 1) }),
  forwardFill: {
    ...window('any', 'propagate', { limit: rule.integerOrNull(1, ROWS) }),
    nulls: 'custom',
    nullable: rule.nullableLike,
  },
  backwardFill: {
    ...window('any', 'propagate', { limit: rule.integerOrNull(1, ROWS) }),
    nulls: 'custom',
    nullable: rule.nullableLike,
  },
  rowIndex: {
    kind: 'window',
    args: [],
    returns: rule.uint32,
    nulls: 'never',
    options: { offset: rule.integer(0, ROWS, 0) },
    spark: null,
  },
  random: {
    kind: 'window',
    args: [],
    returns: rule.float64,
    nulls: 'never',
    options: { seed: rule.integer(0, 2 ** 32 - 1) },
    spark: 'rand',
  },
} satisfies { readonly [name: string]: RegistryRow };

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

/** The checked options of a call, defaults filled in. */
export function checkOptions(name: string, options: Options): Options {
  const rules = functionRow(name).options ?? {};
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
