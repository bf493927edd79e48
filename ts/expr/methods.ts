// What each method of an expression builds. Most are one call; sugar that needs no dtype is spelled out here, sugar that
// does is in rewrites.ts. The documentation is on the typed faces.
import { DTypeError, ParameterError } from '../errors.ts';
import { checkZone, type DType, isDType, toLogical } from '../schema/dtypes.ts';
import { everyOptions, parseDuration, stepOptions } from './durations.ts';
import { valueText } from './literals.ts';
import type { Options, OptionValue } from './nodes.ts';
import { groupsOf, patternOf, templateOf } from './regex.ts';
import { checkTimeFormat } from './time-format.ts';
import { callOf, castOf, freeLit, type Unbound, type UnboundOver } from './unbound.ts';

/** Builds a node from an expression and the arguments of the method; `operand` reads an argument that may be either. */
export type Method = (self: Unbound, args: readonly unknown[], operand: (value: unknown) => Unbound) => Unbound;

const unary =
  (fn: string): Method =>
  (self) =>
    callOf(fn, [self]);
const binary =
  (fn: string): Method =>
  (self, [other], operand) =>
    callOf(fn, [self, operand(other)]);
/** A call whose only argument is an object of options. */
const withOptions =
  (fn: string): Method =>
  (self, [options]) =>
    callOf(fn, [self], optionsOf(options));
/** A call with one positional option, left out when it is undefined. */
const withOption =
  (fn: string, name: string): Method =>
  (self, [value]) =>
    callOf(fn, [self], given({ [name]: value }));

/** Options without the absent ones. What is no JSON value is refused by the row's check. */
function given(options: Record<string, unknown>): Options {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as Options;
}

function optionsOf(value: unknown): Options {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ParameterError(`Expected an object of options but received ${valueText(value)}.`);
  }
  return given({ ...value });
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') {
    throw new ParameterError(`Expected a string for ${name} but received ${valueText(value)}.`, { name });
  }
  return value;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

const over: Method = (self, [keys, options], operand): UnboundOver => {
  const { orderBy, descending = false, nullsFirst = false } = (options ?? {}) as Record<string, unknown>;
  const expression = (value: unknown): Unbound => {
    if (typeof value === 'string') {
      throw new ParameterError(`over() takes expressions but received ${valueText(value)}. Write c.${value}.`);
    }
    return operand(value);
  };
  return Object.freeze({
    node: 'over',
    expr: self,
    partitionBy: Object.freeze(keys === undefined ? [] : listOf(keys).map(expression)),
    orderBy: Object.freeze(
      (orderBy === undefined ? [] : listOf(orderBy)).map((key) =>
        Object.freeze({ expr: expression(key), descending: descending === true, nullsFirst: nullsFirst === true }),
      ),
    ),
  });
};

const cast: Method = (self, [dtype, options]) => {
  if (!isDType(dtype)) {
    throw new DTypeError(`Expected a dtype such as Int64 or Utf8 for cast() but received ${valueText(dtype)}.`);
  }
  return castOf(self, toLogical(dtype as DType), (options as { strict?: boolean } | undefined)?.strict !== false);
};

const BETWEEN: Record<string, readonly [string, string]> = {
  both: ['ge', 'le'],
  left: ['ge', 'lt'],
  right: ['gt', 'le'],
  none: ['gt', 'lt'],
};

const isBetween: Method = (self, [low, high, options], operand) => {
  const closed = (options as { closed?: string } | undefined)?.closed ?? 'both';
  const pair = Object.hasOwn(BETWEEN, closed) ? BETWEEN[closed] : undefined;
  if (pair === undefined) {
    throw new ParameterError(
      `Expected 'both', 'left', 'right' or 'none' for closed but received ${valueText(closed)}.`,
    );
  }
  return callOf('and', [callOf(pair[0], [self, operand(low)]), callOf(pair[1], [self, operand(high)])]);
};

const isIn: Method = (self, [values]) => {
  const list = values instanceof Set || ArrayBuffer.isView(values) ? [...(values as Iterable<unknown>)] : values;
  if (!Array.isArray(list)) {
    throw new ParameterError(`Expected an array for isIn() but received ${valueText(values)}.`);
  }
  return callOf('isIn', [self, freeLit(Object.freeze([...list]))]);
};

const clip: Method = (self, [min = null, max = null]) => {
  if ((typeof min === 'number' || typeof min === 'bigint') && (typeof max === 'number' || typeof max === 'bigint')) {
    if (min > max) throw new ParameterError(`The minimum ${min} of clip() is greater than its maximum ${max}.`);
  }
  const low = min === null ? self : callOf('clipMin', [self, freeLit(min)]);
  return max === null ? low : callOf('clipMax', [low, freeLit(max)]);
};

const shift: Method = (self, [rows = 1, options], operand) => {
  const fill = (options as { fill?: unknown } | undefined)?.fill;
  return callOf('shift', fill === undefined ? [self] : [self, operand(fill)], given({ rows }));
};

const pctChange: Method = (self, [rows = 1]) =>
  callOf('sub', [callOf('div', [self, callOf('shift', [self], given({ rows }))]), freeLit(1)]);

const rolling =
  (fn: string): Method =>
  (self, [options]) => {
    const all = optionsOf(options);
    return callOf(fn, [self], { minPeriods: all['windowRows'] ?? null, ...all });
  };

const ewmMean: Method = (self, [options]) => {
  const given = optionsOf(options) as Record<string, unknown>;
  const names = Object.keys(given);
  const value = given[names[0] ?? ''];
  if (names.length !== 1 || typeof value !== 'number' || Number.isNaN(value)) {
    throw new ParameterError('Expected one of { alpha }, { span } or { halfLife }, a number, for ewmMean().');
  }
  if (names[0] === 'alpha') return callOf('ewmMean', [self], { alpha: value });
  if (names[0] === 'span' && value >= 1) return callOf('ewmMean', [self], { alpha: 2 / (value + 1) });
  if (names[0] === 'halfLife' && value > 0) return callOf('ewmMean', [self], { alpha: 1 - 0.5 ** (1 / value) });
  throw new ParameterError(`The '${names[0]}' parameter of ewmMean is out of range or unknown. Got ${value}.`);
};

const hash: Method = (self, [options]) => {
  const seed = (options as { seed?: unknown } | undefined)?.seed ?? 0;
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
    throw new ParameterError(`Expected an integer for seed but received ${valueText(seed)}.`);
  }
  return callOf('hash', [self], { seed: String(BigInt.asUintN(64, BigInt(seed as number | bigint))) });
};

const unaries = (...names: string[]): Record<string, Method> => Object.fromEntries(names.map((n) => [n, unary(n)]));
const binaries = (...names: string[]): Record<string, Method> => Object.fromEntries(names.map((n) => [n, binary(n)]));

/** Methods of every expression. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...unaries('isNull', 'isNotNull', 'count', 'nUnique', 'first', 'last', 'mode', 'implode', 'cumCount'),
  ...unaries('min', 'max', 'argMin', 'argMax', 'cumMin', 'cumMax'),
  ...unaries(
    'neg',
    'abs',
    'sign',
    'floor',
    'ceil',
    'sqrt',
    'exp',
    'log1p',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
  ),
  ...unaries('isNan', 'isFinite', 'sum', 'mean', 'median', 'skew', 'kurtosis', 'cumSum', 'cumProd'),
  ...unaries('not', 'any', 'all'),
  ...binaries('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqMissing'),
  ...binaries('add', 'sub', 'mul', 'div', 'floorDiv', 'mod', 'pow', 'and', 'or', 'xor', 'fillNan'),
  fillNull: binary('coalesce'),
  cast,
  over,
  hash,
  shift,
  isIn,
  isBetween,
  clip,
  round: withOption('round', 'decimals'),
  log: withOption('log', 'base'),
  forwardFill: withOptions('forwardFill'),
  backwardFill: withOptions('backwardFill'),
  rank: withOptions('rank'),
  var: withOptions('var'),
  std: (self, [options]) => callOf('sqrt', [callOf('var', [self], optionsOf(options))]),
  quantile: (self, [q, options]) => callOf('quantile', [self], { ...optionsOf(options), ...given({ q }) }),
  diff: withOption('diff', 'rows'),
  pctChange,
  rollingSum: rolling('rollingSum'),
  rollingMean: rolling('rollingMean'),
  rollingMin: rolling('rollingMin'),
  rollingMax: rolling('rollingMax'),
  rollingVar: rolling('rollingVar'),
  rollingStd: (self, args, operand) => callOf('sqrt', [rolling('rollingVar')(self, args, operand)]),
  rollingMedian: rolling('rollingMedian'),
  ewmMean,
  alias: (self, [name]) => Object.freeze({ node: 'alias', expr: self, name: textOf(name, 'alias()') }),
};

const contains: Method = (self, [pattern], operand) =>
  pattern instanceof RegExp
    ? callOf('matches', [self], { ...patternOf(pattern) })
    : callOf('contains', [self, operand(pattern)]);

const replace =
  (every: boolean): Method =>
  (self, [pattern, replacement]) => {
    const text = textOf(replacement, 'the replacement');
    if (!(pattern instanceof RegExp)) {
      return callOf('replaceText', [self], { text: textOf(pattern, 'the pattern'), replacement: text, all: every });
    }
    const all = every || pattern.global;
    return callOf('replaceRegex', [self], { ...patternOf(pattern), template: templateOf(text, pattern), all });
  };

const extract: Method = (self, [pattern, group = 1]) => {
  if (!(pattern instanceof RegExp)) {
    throw new ParameterError(`Expected a regular expression for extract() but received ${valueText(pattern)}.`);
  }
  const { count } = groupsOf(pattern);
  if (typeof group !== 'number' || !Number.isInteger(group) || group < 0 || group > count) {
    throw new ParameterError(`The pattern ${pattern} has ${count} groups, but extract() asks for ${valueText(group)}.`);
  }
  return callOf('extract', [self], { ...patternOf(pattern), group });
};

const pad =
  (fn: string): Method =>
  (self, [length, fill = ' ']) => {
    if ([...textOf(fill, 'fill')].length !== 1) {
      throw new ParameterError(`Expected one character for fill but received ${valueText(fill)}.`);
    }
    return callOf(fn, [self], given({ length, fill }));
  };

/** Reads `format` and checks it; null stands for ISO 8601. */
function formatOf(value: unknown, parsing: boolean): string | null {
  if (value === undefined || value === null) return null;
  return checkTimeFormat(textOf(value, 'format'), parsing);
}

const toDatetime: Method = (self, [format, options]) => {
  const { unit, timeZone, strict, ...unknown } = optionsOf(options);
  const text = formatOf(format, true);
  // Text with offsets names instants; without a zone to show them in, that is UTC.
  const zone = timeZone ?? (text !== null && /%z/.test(text.replaceAll('%%', '')) ? 'UTC' : null);
  if (zone !== null) checkZone(textOf(zone, 'timeZone'));
  return callOf('toDatetime', [self], { ...unknown, format: text, zone, ...given({ unit, strict }) });
};

const parseTo =
  (fn: string): Method =>
  (self, [format, options]) =>
    callOf(fn, [self], { ...optionsOf(options), format: formatOf(format, true) });

/** `.str` */
export const STR_METHODS: Readonly<Record<string, Method>> = {
  ...unaries('toUpperCase', 'toLowerCase', 'lenChars', 'lenBytes'),
  ...binaries('startsWith', 'endsWith'),
  contains,
  trim: withOption('trim', 'chars'),
  trimStart: withOption('trimStart', 'chars'),
  trimEnd: withOption('trimEnd', 'chars'),
  replace: replace(false),
  replaceAll: replace(true),
  split: withOption('split', 'separator'),
  slice: (self, [offset, length]) => callOf('slice', [self], given({ offset, length })),
  padStart: pad('padStart'),
  padEnd: pad('padEnd'),
  zfill: withOption('zfill', 'length'),
  extract,
  concat: (self, others, operand) => (others.length === 0 ? self : callOf('concat', [self, ...others.map(operand)])),
  toDatetime,
  toDate: parseTo('toDate'),
  toTime: parseTo('toTime'),
};

const total = (unit: OptionValue): Method => {
  return (self) => callOf('total', [self], { unit });
};

const replaceTimeZone: Method = (self, [zone, options]) => {
  const name = zone === null ? null : checkZone(textOf(zone, 'the time zone'));
  return callOf('replaceTimeZone', [self], { ...optionsOf(options), zone: name });
};

/** `.dt` */
export const DT_METHODS: Readonly<Record<string, Method>> = {
  ...unaries('year', 'quarter', 'month', 'week', 'day', 'ordinalDay', 'weekday'),
  ...unaries('hour', 'minute', 'second', 'millisecond', 'microsecond', 'nanosecond', 'date', 'time'),
  epoch: withOption('epoch', 'unit'),
  truncate: (self, [every]) => callOf('truncate', [self], everyOptions(textOf(every, 'the step of truncate()'))),
  round: (self, [every]) => callOf('dtRound', [self], everyOptions(textOf(every, 'the step of round()'))),
  offsetBy: (self, [by]) => callOf('offsetBy', [self], stepOptions(parseDuration(textOf(by, 'the duration')))),
  replaceTimeZone,
  convertTimeZone: (self, [zone]) =>
    callOf('convertTimeZone', [self], { zone: checkZone(textOf(zone, 'the time zone')) }),
  format: (self, [format]) => callOf('format', [self], { format: checkTimeFormat(textOf(format, 'format'), false) }),
  totalDays: total('d'),
  totalHours: total('h'),
  totalMinutes: total('m'),
  totalSeconds: total('s'),
  totalMilliseconds: total('ms'),
  totalMicroseconds: total('us'),
  totalNanoseconds: total('ns'),
};

/** `.list` */
export const LIST_METHODS: Readonly<Record<string, Method>> = {
  len: unary('listLen'),
  get: withOption('listGet', 'index'),
};

/** `.struct` */
export const STRUCT_METHODS: Readonly<Record<string, Method>> = {
  field: withOption('field', 'name'),
};
