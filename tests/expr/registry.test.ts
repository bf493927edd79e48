import { describe, expect, it } from 'vitest';
import { affine, coalesce, corr, cov, len, lookup, random, rowIndex } from '../../ts/expr/builders.ts';
import { FUNCTIONS } from '../../ts/expr/functions.ts';
import { DT_METHODS, LIST_METHODS, METHODS, STR_METHODS, STRUCT_METHODS } from '../../ts/expr/methods.ts';
import { childrenOf, type ExprNode } from '../../ts/expr/nodes.ts';
import { rewriteNames } from '../../ts/expr/rewrites.ts';
import { FAMILIES } from '../../ts/expr/row-rules.ts';
import { Int64 } from '../../ts/schema/dtypes.ts';
import { type LogicalType, typeText } from '../../ts/schema/types.ts';
import { type AnyCallback, bind, schema } from './support.ts';

/** One use of every method; the key says which. */
const USES: Record<string, AnyCallback> = {
  isNull: (c) => c.some.isNull(),
  isNotNull: (c) => c.some.isNotNull(),
  count: (c) => c.some.count(),
  nUnique: (c) => c.some.nUnique(),
  first: (c) => c.some.first(),
  last: (c) => c.some.last(),
  mode: (c) => c.some.mode(),
  implode: (c) => c.some.implode(),
  cumCount: (c) => c.some.cumCount(),
  min: (c) => c.text.min(),
  max: (c) => c.text.max(),
  argMin: (c) => c.text.argMin(),
  argMax: (c) => c.text.argMax(),
  cumMin: (c) => c.text.cumMin(),
  cumMax: (c) => c.text.cumMax(),
  neg: (c) => c.dur.neg(),
  abs: (c) => c.i8.abs(),
  sign: (c) => c.i8.sign(),
  floor: (c) => c.f64.floor(),
  ceil: (c) => c.f64.ceil(),
  sqrt: (c) => c.f64.sqrt(),
  exp: (c) => c.f64.exp(),
  log1p: (c) => c.f64.log1p(),
  sin: (c) => c.f64.sin(),
  cos: (c) => c.f64.cos(),
  tan: (c) => c.f64.tan(),
  asin: (c) => c.f64.asin(),
  acos: (c) => c.f64.acos(),
  atan: (c) => c.f64.atan(),
  isNan: (c) => c.f64.isNan(),
  isFinite: (c) => c.f64.isFinite(),
  sum: (c) => c.f64.sum(),
  mean: (c) => c.f64.mean(),
  median: (c) => c.f64.median(),
  skew: (c) => c.f64.skew(),
  kurtosis: (c) => c.f64.kurtosis(),
  cumSum: (c) => c.f64.cumSum(),
  cumProd: (c) => c.f64.cumProd(),
  not: (c) => c.ok.not(),
  any: (c) => c.ok.any(),
  all: (c) => c.ok.all(),
  eq: (c) => c.i8.eq(1),
  ne: (c) => c.i8.ne(1),
  lt: (c) => c.i8.lt(1),
  le: (c) => c.i8.le(1),
  gt: (c) => c.i8.gt(1),
  ge: (c) => c.i8.ge(1),
  eqMissing: (c) => c.i8.eqMissing(1),
  add: (c) => c.i8.add(1),
  sub: (c) => c.i8.sub(1),
  mul: (c) => c.i8.mul(1),
  div: (c) => c.i8.div(1),
  floorDiv: (c) => c.i8.floorDiv(1),
  mod: (c) => c.i8.mod(1),
  pow: (c) => c.i8.pow(1),
  and: (c) => c.ok.and(true),
  or: (c) => c.ok.or(true),
  xor: (c) => c.ok.xor(true),
  fillNan: (c) => c.f64.fillNan(0),
  fillNull: (c) => c.some.fillNull(0),
  cast: (c) => c.i8.cast(Int64),
  over: (c) => c.i8.sum().over(c.ok),
  hash: (c) => c.text.hash({ seed: 3 }),
  shift: (c) => c.i8.shift(1, { fill: 0 }),
  isIn: (c) => c.i8.isIn([1]),
  isBetween: (c) => c.i8.isBetween(1, 2),
  clip: (c) => c.i8.clip(1, 2),
  round: (c) => c.f64.round(2),
  log: (c) => c.f64.log(2),
  forwardFill: (c) => c.some.forwardFill({ limit: 2 }),
  backwardFill: (c) => c.some.backwardFill(),
  rank: (c) => c.i8.rank({ method: 'average' }),
  var: (c) => c.f64.var({ ddof: 0 }),
  std: (c) => c.f64.std(),
  quantile: (c) => c.f64.quantile(0.5, { interpolation: 'lower' }),
  diff: (c) => c.u8.diff(),
  pctChange: (c) => c.f64.pctChange(),
  rollingSum: (c) => c.f64.rollingSum({ windowRows: 2 }),
  rollingMean: (c) => c.f64.rollingMean({ windowRows: 2, minPeriods: 1, center: true }),
  rollingMin: (c) => c.f64.rollingMin({ windowRows: 2 }),
  rollingMax: (c) => c.f64.rollingMax({ windowRows: 2 }),
  rollingVar: (c) => c.f64.rollingVar({ windowRows: 2, ddof: 0 }),
  rollingStd: (c) => c.f64.rollingStd({ windowRows: 2 }),
  rollingMedian: (c) => c.f64.rollingMedian({ windowRows: 2 }),
  ewmMean: (c) => c.f64.ewmMean({ halfLife: 2 }),
  alias: (c) => c.f64.alias('z'),
  'str.contains': (c) => c.text.str.contains('x').or(c.text.str.contains(/x/)),
  'str.startsWith': (c) => c.text.str.startsWith('x'),
  'str.endsWith': (c) => c.text.str.endsWith(c.note),
  'str.toUpperCase': (c) => c.text.str.toUpperCase(),
  'str.toLowerCase': (c) => c.text.str.toLowerCase(),
  'str.lenChars': (c) => c.text.str.lenChars(),
  'str.lenBytes': (c) => c.text.str.lenBytes(),
  'str.trim': (c) => c.text.str.trim(),
  'str.trimStart': (c) => c.text.str.trimStart('0'),
  'str.trimEnd': (c) => c.text.str.trimEnd(),
  'str.replace': (c) => c.text.str.replace(/a/, 'b'),
  'str.replaceAll': (c) => c.text.str.replaceAll('a', 'b'),
  'str.split': (c) => c.text.str.split(','),
  'str.slice': (c) => c.text.str.slice(1),
  'str.padStart': (c) => c.text.str.padStart(3),
  'str.padEnd': (c) => c.text.str.padEnd(3, '.'),
  'str.zfill': (c) => c.text.str.zfill(3),
  'str.extract': (c) => c.text.str.extract(/(a)/),
  'str.concat': (c) => c.text.str.concat('-', c.note),
  'str.toDatetime': (c) => c.text.str.toDatetime(),
  'str.toDate': (c) => c.text.str.toDate('%d.%m.%Y', { strict: false }),
  'str.toTime': (c) => c.text.str.toTime(),
  'dt.year': (c) => c.ts.dt.year(),
  'dt.quarter': (c) => c.day.dt.quarter(),
  'dt.month': (c) => c.ts.dt.month(),
  'dt.week': (c) => c.ts.dt.week(),
  'dt.day': (c) => c.ts.dt.day(),
  'dt.ordinalDay': (c) => c.ts.dt.ordinalDay(),
  'dt.weekday': (c) => c.ts.dt.weekday(),
  'dt.hour': (c) => c.time.dt.hour(),
  'dt.minute': (c) => c.ts.dt.minute(),
  'dt.second': (c) => c.ts.dt.second(),
  'dt.millisecond': (c) => c.ts.dt.millisecond(),
  'dt.microsecond': (c) => c.ts.dt.microsecond(),
  'dt.nanosecond': (c) => c.ts.dt.nanosecond(),
  'dt.date': (c) => c.ts.dt.date(),
  'dt.time': (c) => c.ts.dt.time(),
  'dt.epoch': (c) => c.ts.dt.epoch('s'),
  'dt.truncate': (c) => c.ts.dt.truncate('2w'),
  'dt.round': (c) => c.ts.dt.round('15m'),
  'dt.offsetBy': (c) => c.day.dt.offsetBy('1mo'),
  'dt.replaceTimeZone': (c) => c.ts.dt.replaceTimeZone('UTC', { ambiguous: 'latest' }),
  'dt.convertTimeZone': (c) => c.ts.dt.convertTimeZone('UTC'),
  'dt.format': (c) => c.ts.dt.format('%F'),
  'dt.totalDays': (c) => c.dur.dt.totalDays(),
  'dt.totalHours': (c) => c.dur.dt.totalHours(),
  'dt.totalMinutes': (c) => c.dur.dt.totalMinutes(),
  'dt.totalSeconds': (c) => c.dur.dt.totalSeconds(),
  'dt.totalMilliseconds': (c) => c.dur.dt.totalMilliseconds(),
  'dt.totalMicroseconds': (c) => c.dur.dt.totalMicroseconds(),
  'dt.totalNanoseconds': (c) => c.dur.dt.totalNanoseconds(),
  'list.len': (c) => c.tags.list.len(),
  'list.get': (c) => c.tags.list.get(-1),
  'struct.field': (c) => c.geo.struct.field('lon'),
};
const FREE: AnyCallback[] = [
  () => len(),
  (c) => corr(c.f64, c.f64),
  (c) => cov(c.f64, c.f64),
  (c) => coalesce(c.some, c.some, 1),
  () => rowIndex(1),
  () => random(7),
  (c) => lookup(c.some, [1, 2], [10, 20], null),
  (c) => affine([c.some, c.f64], { names: ['y'], coef: [1, 2], intercept: [3] }, null),
];

function callsOf(e: ExprNode, into: Set<string>): Set<string> {
  if (e.node === 'call') into.add(e.fn);
  for (const child of childrenOf(e)) callsOf(child, into);
  return into;
}

const methodNames = [
  ...Object.keys(METHODS),
  ...Object.keys(STR_METHODS).map((n) => `str.${n}`),
  ...Object.keys(DT_METHODS).map((n) => `dt.${n}`),
  ...Object.keys(LIST_METHODS).map((n) => `list.${n}`),
  ...Object.keys(STRUCT_METHODS).map((n) => `struct.${n}`),
];

describe('the registry', () => {
  it('is reached by every method, and every row is reached', () => {
    expect(Object.keys(USES).sort()).toEqual(methodNames.sort());
    const reached = new Set<string>();
    for (const item of [...Object.values(USES), ...FREE]) callsOf(bind(item), reached);
    expect(Object.keys(FUNCTIONS).filter((name) => !reached.has(name))).toEqual([]);
  });

  it('gives bound calls the options of their row, all of them', () => {
    const check = (e: ExprNode): void => {
      if (e.node === 'call') {
        const row = FUNCTIONS[e.fn as keyof typeof FUNCTIONS];
        expect(Object.keys(e.options).sort()).toEqual(Object.keys(row.options ?? {}).sort());
        for (const value of Object.values(e.options)) expect(value).not.toBe(undefined);
      }
      childrenOf(e).forEach(check);
    };
    for (const item of [...Object.values(USES), ...FREE]) check(bind(item));
  });

  it('names families that exist', () => {
    for (const row of Object.values(FUNCTIONS)) for (const family of row.args) expect(FAMILIES).toHaveProperty(family);
  });

  it('says which rewrites have no row', () => {
    expect(
      rewriteNames()
        .filter((name) => !Object.hasOwn(FUNCTIONS, name))
        .sort(),
    ).toEqual(['all', 'any', 'convertTimeZone', 'diff', 'fillNan', 'median']);
  });
});

describe('dtypes and nullability of results', () => {
  const result = (item: AnyCallback): string => {
    const e = bind(item);
    return `${typeText(e.type)}${e.nullable ? '?' : ''}`;
  };
  // Columns without nulls unless named some, maybe or note.
  it.each<[string, string]>([
    ['isNull', 'Bool'],
    ['count', 'UInt32'],
    ['nUnique', 'UInt32'],
    ['first', 'Int32?'],
    ['mode', 'Int32?'],
    ['implode', 'List(nullable(Int32))'],
    ['cumCount', 'UInt32'],
    ['min', 'Utf8?'],
    ['argMax', 'UInt32?'],
    ['cumMax', 'Utf8'],
    ['neg', "Duration('ms')"],
    ['abs', 'Int8'],
    ['sum', 'Float64'],
    ['mean', 'Float64?'],
    ['any', 'Bool'],
    ['floorDiv', 'Int8?'],
    ['mod', 'Int8?'],
    ['div', 'Float64'],
    ['fillNan', 'Float64'],
    ['fillNull', 'Int32'],
    ['hash', 'UInt64'],
    ['shift', 'Int8'],
    ['forwardFill', 'Int32?'],
    ['rank', 'Float64'],
    ['std', 'Float64?'],
    ['quantile', 'Float64?'],
    ['diff', 'Int16?'],
    ['pctChange', 'Float64?'],
    ['rollingSum', 'Float64?'],
    ['ewmMean', 'Float64'],
    ['str.endsWith', 'Bool?'],
    ['str.extract', 'Utf8?'],
    ['str.split', 'List(nullable(Utf8))'],
    ['str.toDatetime', "Datetime('us')"],
    ['str.toDate', 'Date32?'],
    ['dt.year', 'Int32'],
    ['dt.ordinalDay', 'Int16'],
    ['dt.hour', 'Int8'],
    ['dt.microsecond', 'Int32'],
    ['dt.epoch', 'Int64'],
    ['dt.replaceTimeZone', "Datetime('us', 'UTC')"],
    ['dt.convertTimeZone', "Datetime('us', 'UTC')"],
    ['list.len', 'UInt32'],
    ['list.get', 'Utf8?'],
    ['struct.field', 'Float64?'],
  ])('%s → %s', (name, expected) => {
    expect(result(USES[name] as AnyCallback)).toBe(expected);
  });

  it('sums in 64 bits', () => {
    const sums = ['i8', 'i64', 'u8', 'u64', 'f32', 'dec', 'dur', 'ok'].map((name) => result((c) => c[name].sum()));
    expect(sums).toEqual([
      'Int64',
      'Int64',
      'UInt64',
      'UInt64',
      'Float64',
      'Decimal(38, 2)',
      "Duration('ms')",
      'UInt32',
    ]);
  });
});

describe('operands of the wrong family', () => {
  it.each<[string, AnyCallback, RegExp]>([
    [
      'add on text',
      (c) => c.text.add('x'),
      /Expected a number, a date, a time or a duration for the first operand of add\(\) but c\.text is Utf8/,
    ],
    ['add of text', (c) => c.i8.add(c.text), /add\(\) cannot take c\.i8 \(Int8\) with c\.text \(Utf8\). Cast one side/],
    ['sqrt of Bool', (c) => c.ok.sqrt(), /Expected a number for the first operand of sqrt\(\) but c\.ok is Bool/],
    ['str on numbers', (c) => c.i8.str.trim(), /Expected a string for the first operand of trim\(\)/],
    ['dt on text', (c) => c.text.dt.year(), /Expected a Date32 or a Datetime/],
    ['hour of Date32', (c) => c.day.dt.hour(), /Expected a Datetime or a Time/],
    ['total of Datetime', (c) => c.ts.dt.totalDays(), /Expected a Duration/],
    ['and of numbers', (c) => c.i8.and(c.ok), /Expected a Bool for the first operand of and\(\)/],
    ['min of lists', (c) => c.tags.min(), /Expected a value that orders/],
    ['cumProd of Decimal', (c) => c.dec.cumProd(), /Expected an integer or a float/],
    ['any of numbers', (c) => c.i8.any(), /Expected a Bool for any\(\) but c\.i8 is Int8/],
    ['fillNan of integers', (c) => c.i8.fillNan(0), /Expected Float32 or Float64 for fillNan\(\)/],
    [
      'convertTimeZone of Date32',
      (c) => c.day.dt.convertTimeZone('UTC'),
      /Expected a Datetime for convertTimeZone\(\)/,
    ],
    [
      'a field that is not there',
      (c) => c.geo.struct.field('lom'),
      /Column "lom" not found .*Did you mean "lon"\? Columns: lat, lon/,
    ],
    [
      'a cast that is not there',
      (c) => c.tags.cast(Int64),
      /There is no cast from List\(nullable\(Utf8\)\) to Int64 \(c\.tags\)/,
    ],
    ['no dtype', (c) => c.i8.cast('Int64'), /Expected a dtype such as Int64 or Utf8 for cast\(\) but received "Int64"/],
  ])('%s', (_name, item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
});

describe('options', () => {
  it.each<[string, AnyCallback, RegExp]>([
    [
      'out of range',
      (c) => c.f64.quantile(1.5),
      /Expected a number from 0 to 1 for q of quantile\(\) but received 1\.5/,
    ],
    ['missing', (c) => c.f64.rollingMean({}), /windowRows of rollingMean\(\) but received undefined/],
    ['unknown', (c) => c.f64.rank({ methd: 'min' }), /Unknown option "methd" of rank\(\). Options: method, descending/],
    ['no member', (c) => c.f64.rank({ method: 'best' }), /Expected one of 'min', 'max', .* for method/],
    ['a fraction', (c) => c.f64.shift(1.5), /Expected an integer .* for rows of shift\(\)/],
    ['no object', (c) => c.f64.var(1), /Expected an object of options but received 1/],
    ['the base of log', (c) => c.f64.log(-2), /a positive number other than 1 for base/],
    ['ewmMean without one', (c) => c.f64.ewmMean({}), /one of \{ alpha \}, \{ span \} or \{ halfLife \}/],
    ['ewmMean out of range', (c) => c.f64.ewmMean({ alpha: 2 }), /a number in \(0, 1\] for alpha/],
    ['clip the wrong way round', (c) => c.f64.clip(2, 1), /minimum 2 of clip\(\) is greater than its maximum 1/],
    [
      'isBetween',
      (c) => c.f64.isBetween(1, 2, { closed: 'half' }),
      /Expected 'both', 'left', 'right' or 'none' for closed/,
    ],
    ['fill of several characters', (c) => c.text.str.padStart(3, 'ab'), /Expected one character for fill/],
    ['an unknown zone', (c) => c.ts.dt.replaceTimeZone('Mars/Olympus'), /Unknown time zone "Mars\/Olympus"/],
    ['an unknown directive', (c) => c.ts.dt.format('%Q'), /The directive "%Q" of the format "%Q" cannot be written/],
    ['a directive that cannot be read', (c) => c.text.str.toDate('%V'), /cannot be read/],
    ['an epoch without a unit', (c) => c.ts.dt.epoch(), /one of 's', 'ms', 'us', 'ns' for unit of epoch\(\)/],
    ['a seed', (c) => c.text.hash({ seed: 1.5 }), /Expected an integer for seed/],
  ])('%s', (_name, item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
});

it('has a column of every dtype to test with', () => {
  const names = new Set(schema.map((f): LogicalType['dtype'] => f.type.dtype));
  expect(names.size).toBe(22);
});
