// Registry rows: strings, dates and times, parts of nested values.

import type { OptionRule, RegistryRow, ReturnRule } from './row-rules.ts';
import * as rule from './row-rules.ts';

const ROWS = 2 ** 31 - 1;
const step = { months: rule.internal, days: rule.internal, nanoseconds: rule.internal };
const regex = { pattern: rule.string, flags: rule.string };
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
const i8 = rule.always(rule.INT8);
const i32 = rule.always(rule.INT32);

export const TEXT_TIME_ROWS = {
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
} satisfies { readonly [name: string]: RegistryRow };
