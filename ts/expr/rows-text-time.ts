// Registry rows: strings, dates and times, parts of nested values.
import type { FamilyName, NullableRule, OptionRule, RegistryRow, ReturnRule } from './row-rules.ts';
import * as rule from './row-rules.ts';

type OptionRules = { readonly [name: string]: OptionRule };
type Printer = NonNullable<RegistryRow['print']>;

const ROWS = 2 ** 31 - 1;
const CHARS = rule.integer(0, 1e6);
const regex = { pattern: rule.string, flags: rule.string };
const step = { months: rule.internal, days: rule.internal, nanoseconds: rule.internal };
const parsing = { format: rule.stringOrNull, strict: rule.flag(true) };
const orLenient: NullableRule = (args, o) => o['strict'] === false || rule.nullableLike(args, o);

const on =
  (face: 'str' | 'dt' | 'list' | 'struct', ...args: readonly FamilyName[]) =>
  (returns: ReturnRule, spark: string | null, options: OptionRules = {}, print?: Printer): RegistryRow => ({
    kind: 'elementwise',
    args,
    returns,
    nulls: 'propagate',
    options,
    spark,
    face,
    print: print ?? rule.positional(...Object.keys(options)),
  });
const string = on('str', 'utf8');
const twoStrings = on('str', 'utf8', 'utf8');
const calendar = on('dt', 'calendar');
const clock = on('dt', 'clock');
const datetime = on('dt', 'datetime');

const i8 = rule.always(rule.INT8);
const i16 = rule.always(rule.INT16);
const i32 = rule.always(rule.INT32);
const i64 = rule.always(rule.INT64);

const byStep: Printer = (o) => ({ args: [rule.stepText(o)] });
const TOTALS: Record<string, string> = {
  d: 'totalDays',
  h: 'totalHours',
  m: 'totalMinutes',
  s: 'totalSeconds',
  ms: 'totalMilliseconds',
  us: 'totalMicroseconds',
  ns: 'totalNanoseconds',
};

export const TEXT_TIME_ROWS = {
  contains: twoStrings(rule.bool, 'contains'),
  startsWith: twoStrings(rule.bool, 'startswith'),
  endsWith: twoStrings(rule.bool, 'endswith'),
  matches: string(rule.bool, 'rlike', regex, (o) => ({ method: 'contains', args: [rule.regexText(o)] })),
  extract: {
    ...string(rule.text, 'regexp_extract', { ...regex, group: rule.integer(0, 1000, 1) }, (o) => ({
      args: o['group'] === 1 ? [rule.regexText(o)] : [rule.regexText(o), String(o['group'])],
    })),
    nulls: 'custom',
    nullable: rule.maybeNull,
  },
  replaceText: string(rule.text, null, { text: rule.string, replacement: rule.string, all: rule.flag(false) }, (o) => ({
    method: o['all'] ? 'replaceAll' : 'replace',
    args: [rule.optionText(o['text'] ?? ''), rule.optionText(o['replacement'] ?? '')],
  })),
  replaceRegex: string(rule.text, null, { ...regex, template: rule.internal, all: rule.flag(false) }, (o) => ({
    method: o['all'] ? 'replaceAll' : 'replace',
    args: [rule.regexText(o), rule.templateText(o['template'] ?? [])],
  })),
  toUpperCase: string(rule.text, 'upper'),
  toLowerCase: string(rule.text, 'lower'),
  lenChars: string(rule.uint32, 'char_length'),
  lenBytes: string(rule.uint32, 'octet_length'),
  trim: string(rule.text, 'trim', { chars: rule.stringOrNull }),
  trimStart: string(rule.text, 'ltrim', { chars: rule.stringOrNull }),
  trimEnd: string(rule.text, 'rtrim', { chars: rule.stringOrNull }),
  slice: string(rule.text, 'substring', { offset: rule.integer(-ROWS, ROWS), length: rule.integerOrNull(0, ROWS) }),
  padStart: string(rule.text, null, { length: CHARS, fill: rule.string }),
  padEnd: string(rule.text, null, { length: CHARS, fill: rule.string }),
  zfill: string(rule.text, null, { length: CHARS }),
  concat: { ...twoStrings(rule.text, 'concat'), variadic: true },
  split: string(rule.listOfUtf8, null, { separator: rule.string }),
  toDatetime: {
    ...string(
      rule.datetimeOf,
      'to_timestamp',
      { ...parsing, unit: rule.oneOf('us', 'ms', 'ns'), zone: rule.stringOrNull },
      (o) => ({
        args: [
          rule.optionText(o['format'] ?? null),
          rule.objectText({ unit: o['unit'] ?? 'us', timeZone: o['zone'] ?? null, strict: o['strict'] ?? true }),
        ],
      }),
    ),
    nulls: 'custom',
    nullable: orLenient,
  },
  toDate: {
    ...string(rule.always(rule.DATE32), 'to_date', parsing, rule.parseArgs),
    nulls: 'custom',
    nullable: orLenient,
  },
  toTime: { ...string(rule.always(rule.TIME), null, parsing, rule.parseArgs), nulls: 'custom', nullable: orLenient },

  year: calendar(i32, 'year'),
  quarter: calendar(i8, 'quarter'),
  month: calendar(i8, 'month'),
  week: calendar(i8, 'weekofyear'),
  day: calendar(i8, 'day'),
  weekday: calendar(i8, null),
  ordinalDay: calendar(i16, 'dayofyear'),
  hour: clock(i8, 'hour'),
  minute: clock(i8, 'minute'),
  second: clock(i8, 'second'),
  millisecond: clock(i32, null),
  microsecond: clock(i32, null),
  nanosecond: clock(i32, null),
  epoch: calendar(i64, null, { unit: rule.required(rule.oneOf('s', 'ms', 'us', 'ns')) }),
  date: datetime(rule.always(rule.DATE32), 'to_date'),
  time: datetime(rule.always(rule.TIME), null),
  truncate: calendar(rule.same(), 'date_trunc', { ...step, weeks: rule.internal }, byStep),
  dtRound: calendar(rule.same(), null, { ...step, weeks: rule.internal }, (o) => ({
    method: 'round',
    ...byStep(o, []),
  })),
  offsetBy: calendar(rule.same(), null, step, byStep),
  replaceTimeZone: {
    ...datetime(
      rule.rezoned,
      null,
      {
        zone: rule.stringOrNull,
        ambiguous: rule.oneOf('raise', 'earliest', 'latest', 'null'),
        nonExistent: rule.oneOf('raise', 'null'),
      },
      ({ zone, ...options }) => ({ args: [rule.optionText(zone ?? null), rule.objectText(options)] }),
    ),
    nulls: 'custom',
    nullable: (args, o) => o['ambiguous'] === 'null' || o['nonExistent'] === 'null' || rule.nullableLike(args, o),
  },
  format: on('dt', 'moment')(rule.text, 'date_format', { format: rule.string }),
  total: on('dt', 'duration')(i64, null, { unit: rule.oneOf(...Object.keys(TOTALS)) }, (o) => ({
    method: TOTALS[String(o['unit'])] ?? 'total',
    args: [],
  })),

  field: {
    ...on('struct', 'struct')(rule.fieldNamed, null, { name: rule.string }),
    nulls: 'custom',
    nullable: rule.fieldNullable,
  },
  listLen: on('list', 'list')(rule.uint32, 'size', {}, () => ({ method: 'len', args: [] })),
  listGet: {
    ...on('list', 'list')(rule.itemOf, 'get', { index: rule.required(rule.integer(-ROWS, ROWS)) }, (o) => ({
      method: 'get',
      args: [String(o['index'])],
    })),
    nulls: 'custom',
    nullable: rule.maybeNull,
  },
} satisfies { readonly [name: string]: RegistryRow };
