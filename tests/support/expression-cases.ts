// Expressions with what the CPU engine makes of them: lines of JSON for the native program that runs them over the host
// libcudf (native/tests/expressions).
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import type { ExprNode, LiteralValue, Options } from '../../ts/expr/nodes.ts';
import { exprToJson } from '../../ts/plan/serialize.ts';
import { isFloat, isInteger, isNumeric, isTemporal, type LogicalType, typeText } from '../../ts/schema/types.ts';
import { zoneTable } from '../../ts/util/zone-table.ts';
import { testContext } from './engine.ts';
import {
  type Columns,
  call,
  cast,
  col,
  datetimeType,
  decimalType,
  durationType,
  evaluate,
  lit,
  T,
  when,
} from './nodes.ts';
import { COLUMN_TYPES, RandomExpr } from './random-expr.ts';
import { edgePairs, edges, random, sample, samples } from './samples.ts';

export interface ExpressionCase {
  readonly name: string;
  readonly columns: Columns;
  readonly expr: ExprNode;
  /** Relative difference of floats that is still equal. */
  readonly relative?: number;
  /** libcudf cannot run it, and says so. */
  readonly refused?: true;
}

/** Maths of another library than ours: a few units in the last place. */
const MATHS = 1e-13;
const INTEGERS = [T.Int8, T.Int16, T.Int32, T.Int64, T.UInt8, T.UInt16, T.UInt32, T.UInt64];
const FLOATS = [T.Float32, T.Float64];
const DECIMALS = [decimalType(9, 2), decimalType(18, 4), decimalType(38, 6), decimalType(30, 0)];
const TICKS = [
  datetimeType('ms'),
  datetimeType('us'),
  datetimeType('ns'),
  durationType('ms'),
  durationType('us'),
  durationType('ns'),
];
const FLAT: readonly LogicalType[] = [
  T.Bool,
  ...INTEGERS,
  ...FLOATS,
  ...DECIMALS,
  T.Utf8,
  T.Binary,
  T.Date32,
  T.Time,
  ...TICKS,
];

const next = random(20_261_122);
const a = (t: LogicalType): ExprNode => col('a', t);
const b = (t: LogicalType): ExprNode => col('b', t);
const one = (t: LogicalType, count = 80): Columns => ({ a: { type: t, values: samples(t, count, next) } });
function two(t: LogicalType, u = t): Columns {
  const [x, y] = edgePairs(t, u);
  const more = [samples(t, 60, next), samples(u, 60, next)] as const;
  return { a: { type: t, values: [...x, ...more[0]] }, b: { type: u, values: [...y, ...more[1]] } };
}
const of = (type: LogicalType, values: readonly unknown[]): Columns => ({ a: { type, values } });
/** Small values, so that decimals do not overflow. */
const small = (t: LogicalType): Columns => ({
  a: { type: t, values: samples(t, 60, next).map((v) => (typeof v === 'bigint' ? v % 100_000n : v)) },
  b: { type: t, values: samples(t, 60, next).map((v) => (typeof v === 'bigint' ? v % 1000n : v)) },
});

const named = (name: string, expr: ExprNode, columns: Columns, more: Partial<ExpressionCase> = {}): ExpressionCase => ({
  name,
  expr,
  columns,
  ...more,
});

function* arithmetic(): Generator<ExpressionCase> {
  for (const t of [...INTEGERS, ...FLOATS]) {
    for (const fn of ['add', 'sub', 'mul', 'floorDiv', 'mod', 'clipMin', 'clipMax']) {
      yield named(`${fn} ${typeText(t)}`, call(fn, [a(t), b(t)], t), two(t));
      for (const value of [sample(t, next), edges(t)[2], edges(t)[3], null]) {
        yield named(`${fn} ${typeText(t)} ${value}`, call(fn, [a(t), lit(value as LiteralValue, t)], t), one(t));
        yield named(`${fn} ${value} ${typeText(t)}`, call(fn, [lit(value as LiteralValue, t), a(t)], t), one(t));
      }
    }
    for (const fn of ['neg', 'abs', 'sign']) yield named(`${fn} ${typeText(t)}`, call(fn, [a(t)], t), one(t));
    for (const decimals of [0, 1, 2, -1, -2, -18, -19, 5, 300, -310]) {
      if (decimals >= 0 && !isFloat(t)) continue;
      yield named(`round ${decimals} ${typeText(t)}`, call('round', [a(t)], t, { decimals }), one(t));
    }
    yield named(
      `add of literals ${typeText(t)}`,
      call('add', [lit(edges(t)[1] as LiteralValue, t), lit(edges(t)[2] as LiteralValue, t)], t),
      one(t, 5),
    );
  }
  for (const t of FLOATS) {
    for (const fn of ['floor', 'ceil']) yield named(`${fn} ${typeText(t)}`, call(fn, [a(t)], t), one(t));
    for (const fn of ['sqrt', 'exp', 'log1p', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan'])
      yield named(`${fn} ${typeText(t)}`, call(fn, [a(t)], t), limitedFloats(t, fn), {
        relative: t.dtype === 'Float32' ? 1e-6 : MATHS,
      });
    for (const base of [null, 2, 10, 3])
      yield named(
        `log ${base} ${typeText(t)}`,
        call('log', [a(t)], t, { base }),
        {
          a: {
            type: t,
            values: [...samples(t, 60, next), 1, 2, 4, 8, 10, 100, 1000, 1e10, 1e22, 2 ** 40, 0.001].map((v) =>
              t.dtype === 'Float32' && typeof v === 'number' ? Math.fround(v) : v,
            ),
          },
        },
        { relative: t.dtype === 'Float32' ? 1e-6 : MATHS },
      );
    for (const fn of ['isNan', 'isFinite']) yield named(`${fn} ${typeText(t)}`, call(fn, [a(t)], T.Bool), one(t));
  }
  for (const fn of ['div', 'pow'])
    yield named(fn, call(fn, [a(T.Float64), b(T.Float64)], T.Float64), two(T.Float64), {
      relative: fn === 'pow' ? 1e-12 : 0,
    });
  for (const t of DECIMALS) {
    const d = t as Extract<LogicalType, { dtype: 'Decimal' }>;
    for (const columns of [two(t), small(t)]) {
      for (const fn of ['add', 'sub', 'mod', 'clipMin', 'clipMax'])
        yield named(`${fn} ${typeText(t)}`, call(fn, [a(t), b(t)], t), columns);
      yield named(`floorDiv ${typeText(t)}`, call('floorDiv', [a(t), b(t)], decimalType(d.precision, 0)), columns);
      yield named(
        `mul ${typeText(t)}`,
        call('mul', [a(t), b(t)], decimalType(d.precision, Math.min(d.scale * 2, d.precision))),
        columns,
      );
    }
    for (const fn of ['neg', 'abs', 'sign', 'floor', 'ceil'])
      yield named(`${fn} ${typeText(t)}`, call(fn, [a(t)], t), small(t));
    for (const decimals of [0, 1, 3, -1, -3, -40])
      yield named(`round ${decimals} ${typeText(t)}`, call('round', [a(t)], t, { decimals }), small(t));
    yield named(`round of edges ${typeText(t)}`, call('round', [a(t)], t, { decimals: 0 }), one(t));
  }
  for (const unit of ['ms', 'us', 'ns'] as const) {
    const [at, d] = [datetimeType(unit), durationType(unit)];
    yield named(`Datetime + Duration ${unit}`, call('add', [a(at), b(d)], at), two(at, d));
    yield named(`Datetime - Datetime ${unit}`, call('sub', [a(at), b(at)], d), two(at));
    yield named(`neg Duration ${unit}`, call('neg', [a(d)], d), one(d));
    yield named(`abs Duration ${unit}`, call('abs', [a(d)], d), one(d));
  }
}

/** Sines of huge numbers differ between libraries. */
function limitedFloats(t: LogicalType, fn: string): Columns {
  const values = samples(t, 80, next);
  const wave = ['sin', 'cos', 'tan'].includes(fn);
  return of(
    t,
    values.map((v) => (wave && typeof v === 'number' && Math.abs(v) > 1e6 && Number.isFinite(v) ? 0.25 : v)),
  );
}

function* comparisons(): Generator<ExpressionCase> {
  for (const t of FLAT) {
    for (const fn of ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqMissing']) {
      yield named(`${fn} ${typeText(t)}`, call(fn, [a(t), b(t)], T.Bool), two(t));
      for (const value of [edges(t)[1], sample(t, next), null, ...(isFloat(t) ? [Number.NaN] : [])]) {
        yield named(`${fn} ${typeText(t)} ${value}`, call(fn, [a(t), lit(value as LiteralValue, t)], T.Bool), one(t));
        yield named(`${fn} ${value} ${typeText(t)}`, call(fn, [lit(value as LiteralValue, t), a(t)], T.Bool), one(t));
      }
    }
    for (const count of [0, 1, 5, 12]) {
      const items = [...edges(t).slice(0, count)];
      yield named(
        `isIn ${count} ${typeText(t)}`,
        call('isIn', [a(t), lit(items as LiteralValue[], t)], T.Bool),
        one(t),
      );
      const numbers = items.map((_, i) => i + 0.5);
      const distinct = items.filter((v, i) => items.findIndex((o) => (v as number) === o || Object.is(v, o)) === i);
      for (const column of [null, 'a'])
        yield named(
          `lookup ${count} ${column} ${typeText(t)}`,
          call(
            'lookup',
            [a(t), lit(distinct as LiteralValue[], t), lit(numbers.slice(0, distinct.length), T.Float64)],
            T.Float64,
            { column, shown: null },
          ),
          column === null ? one(t) : of(t, [...distinct, null]),
        );
    }
    yield named(`isNull ${typeText(t)}`, call('isNull', [a(t)], T.Bool), one(t));
    yield named(`isNotNull ${typeText(t)}`, call('isNotNull', [a(t)], T.Bool), one(t));
    yield named(
      `coalesce ${typeText(t)}`,
      call('coalesce', [a(t), b(t), lit(edges(t)[0] as LiteralValue, t)], t),
      two(t),
    );
    yield named(`coalesce null ${typeText(t)}`, call('coalesce', [lit(null, t), a(t)], t), one(t));
    const condition = call('isNull', [b(t)], T.Bool);
    yield named(`when ${typeText(t)}`, when([{ when: condition, then: a(t) }], b(t), t), two(t));
    yield named(
      `when literal ${typeText(t)}`,
      when([{ when: condition, then: lit(edges(t)[1] as LiteralValue, t) }], lit(null, t), t),
      two(t),
    );
    const text = t.dtype === 'Utf8' || t.dtype === 'Binary';
    yield named(
      `hash ${typeText(t)}`,
      call('hash', [a(t)], T.UInt64, { seed: '7' }),
      one(t),
      text ? { refused: true } : {},
    );
  }
  for (const fn of ['and', 'or', 'xor']) {
    yield named(fn, call(fn, [a(T.Bool), b(T.Bool)], T.Bool), two(T.Bool));
    for (const value of [true, false, null])
      yield named(`${fn} ${value}`, call(fn, [a(T.Bool), lit(value, T.Bool)], T.Bool), one(T.Bool));
  }
  yield named('not', call('not', [a(T.Bool)], T.Bool), one(T.Bool));
}

const NUMBER_TEXTS = [
  '',
  '0',
  '-0',
  '+0',
  '1',
  '-1',
  '+5',
  ' 1',
  '1 ',
  '007',
  '-007',
  '1.5',
  '-1.5',
  '.5',
  '5.',
  '.',
  '-',
  '+',
  '1e3',
  '1E-2',
  '1e',
  'e1',
  '127',
  '128',
  '-128',
  '-129',
  '255',
  '256',
  '65535',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999999999999999999999',
  '100000000000000000000000000000000000000',
  '0.1',
  '0.30000000000000004',
  '123456789.123456789',
  '2.675',
  '1.005',
  '-0.005',
  '0.005',
  '12.345',
  '12.3450000',
  'nan',
  'NaN',
  '-nan',
  'inf',
  '-Infinity',
  'infinit',
  '1.7976931348623157e308',
  '1e400',
  '-1e400',
  '5e-324',
  '1e-400',
  '16777217',
  '0x10',
  '1_000',
  'true',
  'TRUE',
  'False',
  'tru',
  'yes',
  '000000000000000000000000000000000000000000000000000000000001',
  '1.5e2',
  '3.14159265358979323846',
  'é1',
  '1\n',
];
const TIME_TEXTS = [
  '2024-01-31',
  '2024-02-30',
  '2024-02-29',
  '2023-02-29',
  '1970-01-01',
  '0001-01-01',
  '9999-12-31',
  '+12345-01-02',
  '-0044-03-15',
  '24-1-1',
  '2024-01-31T10:20:30',
  '2024-01-31 10:20',
  '2024-01-31t23:59:59.123',
  '2024-01-31T10:20:30.123456',
  '2024-01-31T10:20:30.1234567',
  '2024-01-31T10:20:30.123456789',
  '2024-01-31T10:20:30,5',
  '2024-01-31T24:00:00',
  '2024-01-31T10:60',
  '2024-01-31T10:20:30Z',
  '2024-01-31T10:20:30+02:00',
  '2024-01-31T10:20:30-0530',
  '2024-01-31T10:20:30+14',
  '2024-01-31T10:20:30+05:',
  '2024-01-31T10:20:30.500Z',
  '2024-13-01',
  '2024-00-10',
  '2024-01-00',
  '10:20',
  '10:20:30',
  '10:20:30.5',
  '23:59:59.999999999',
  '24:00',
  '10:2',
  'P1D',
  'PT1.5S',
  '-P1DT2H3M4.25S',
  'P2W',
  'PT0S',
  'P',
  'PT',
  'P1Y',
  'PT0.0000000001S',
  'P99999999999D',
  '',
  'x',
  '2024-01-31T',
  '1677-09-22T00:12:44',
  '2262-04-10T23:47:16.854775807',
  '1900-02-29',
  '2000-02-29',
  '2024-01-31T10:20:30 Z',
  '2024-01-31T10:20:30.1234567891',
];

function* casts(): Generator<ExpressionCase> {
  const plain = FLAT.filter((t) => t.dtype !== 'Binary' && t.dtype !== 'Utf8');
  for (const from of plain) {
    for (const to of plain) {
      const numbers = (t: LogicalType): boolean => isNumeric(t) || t.dtype === 'Bool';
      const times = isTemporal(from) && isTemporal(to);
      const ok =
        (numbers(from) && numbers(to)) ||
        (isInteger(from) && isTemporal(to)) ||
        (isTemporal(from) && isInteger(to)) ||
        (times &&
          (from.dtype === to.dtype ||
            (from.dtype === 'Date32' && to.dtype === 'Datetime') ||
            (from.dtype === 'Datetime' && (to.dtype === 'Date32' || to.dtype === 'Time')) ||
            (from.dtype === 'Time' && to.dtype === 'Duration') ||
            (from.dtype === 'Duration' && to.dtype === 'Time')));
      if (!ok) continue;
      yield named(`${typeText(from)} → ${typeText(to)}`, cast(a(from), to, false), one(from));
      yield named(`strict ${typeText(from)} → ${typeText(to)}`, cast(a(from), to, true), one(from, 30));
    }
    const far = from.dtype === 'Date32' || isTemporal(from);
    yield named(`${typeText(from)} → Utf8`, cast(a(from), T.Utf8), far ? one(from) : one(from));
    yield named(`Null → ${typeText(from)}`, cast(col('a', T.Null), from), of(T.Null, [null, null, null]));
  }
  const zoned = [datetimeType('us', 'UTC'), datetimeType('ms', 'Europe/Berlin')];
  for (const to of [...plain, ...zoned]) {
    const texts = isTemporal(to) ? [...TIME_TEXTS, null] : [...NUMBER_TEXTS, null];
    yield named(`Utf8 → ${typeText(to)}`, cast(a(T.Utf8), to, false), of(T.Utf8, texts));
    yield named(`strict Utf8 → ${typeText(to)}`, cast(a(T.Utf8), to, true), of(T.Utf8, [null, ...texts.slice(0, 4)]));
  }
  yield named('zoned → Utf8', cast(a(zoned[0]!), T.Utf8), one(zoned[0]!));
  yield named('Utf8 → Binary', cast(a(T.Utf8), T.Binary), one(T.Utf8));
  yield named('Binary → Utf8', cast(a(T.Binary), T.Utf8), one(T.Binary), { refused: true });
}

const TEXTS = [
  '',
  'a',
  'abc',
  'hello world',
  '  spaces\t',
  '\u00a0nbsp\u3000',
  'äöü ß ẞ',
  'ÄÖÜ',
  'ﬁ ŉ ǰ',
  'İıiI',
  'ᾳ ᾼ ᾀ',
  '𝄞 clef 𐐀𐐨',
  'ǅ ǆ Ǆ',
  'a,b,,c',
  ',',
  'aXbXc',
  'foo.bar',
  '-42',
  '+7',
  '42',
  'ΣΑΣ',
  'line\nbreak',
  'tab\tseparated',
  '日本語',
  'κόσμε',
  'xxabcxx',
  'aaa',
  'k K K',
  's ſ S',
  'the quick brown fox 123',
  '2024-05-06 and 2023-01-02',
  'key=value; other=thing',
  null,
];

function* strings(): Generator<ExpressionCase> {
  const texts = of(T.Utf8, TEXTS);
  const s = a(T.Utf8);
  const pairs: Columns = {
    a: { type: T.Utf8, values: TEXTS },
    b: { type: T.Utf8, values: [...TEXTS.slice(3), null, '', 'a'] },
  };
  const text = (value: string | null): ExprNode => lit(value, T.Utf8);
  for (const fn of ['contains', 'startsWith', 'endsWith']) {
    for (const target of ['', 'a', 'b', 'ü', 'abc', ' ', null])
      yield named(`${fn} ${target}`, call(fn, [s, text(target)], T.Bool), texts);
    yield named(`${fn} column`, call(fn, [s, b(T.Utf8)], T.Bool), pairs);
    yield named(`${fn} in literal`, call(fn, [text('xxabcxx'), s], T.Bool), texts);
  }
  for (const fn of ['toUpperCase', 'toLowerCase']) {
    yield named(fn, call(fn, [s], T.Utf8), texts);
    yield named(`${fn} ASCII`, call(fn, [s], T.Utf8), of(T.Utf8, ['Hello', 'WORLD', null, 'x1-']));
  }
  for (const fn of ['lenChars', 'lenBytes']) yield named(fn, call(fn, [s], T.UInt32), texts);
  for (const fn of ['trim', 'trimStart', 'trimEnd'])
    for (const chars of [null, '', 'a', ' \t', 'äx', '-+'])
      yield named(`${fn} ${chars}`, call(fn, [s], T.Utf8, { chars }), texts);
  for (const offset of [0, 1, 3, 100, -1, -2, -5, -100])
    for (const length of [null, 0, 1, 3, 50])
      yield named(`slice ${offset} ${length}`, call('slice', [s], T.Utf8, { offset, length }), texts);
  for (const length of [0, 3, 8]) {
    for (const fn of ['padStart', 'padEnd'])
      for (const fill of [' ', '€']) yield named(`${fn} ${length}`, call(fn, [s], T.Utf8, { length, fill }), texts);
    yield named(`zfill ${length}`, call('zfill', [s], T.Utf8, { length }), texts);
  }
  yield named('concat', call('concat', [s, b(T.Utf8), text('!'), s], T.Utf8), pairs);
  yield named('concat null', call('concat', [s, text(null)], T.Utf8), texts);
  yield named('concat literals', call('concat', [text('a'), text('b')], T.Utf8), texts);
  for (const separator of [',', 'X', '', ' ', 'abc'])
    yield named(
      `split ${separator}`,
      call('split', [s], { dtype: 'List', inner: { type: T.Utf8, nullable: true } }, { separator }),
      texts,
    );
  const parts = call('split', [s], { dtype: 'List', inner: { type: T.Utf8, nullable: true } }, { separator: ',' });
  yield named('listLen', call('listLen', [parts], T.UInt32), texts);
  for (const index of [0, 1, -1, -2, 9])
    yield named(`listGet ${index}`, call('listGet', [parts], T.Utf8, { index }), texts);
  for (const [from, to] of [
    ['a', 'A'],
    ['ab', ''],
    ['ü', 'ue'],
    ['', '_'],
    ['', '$'],
  ] as const)
    for (const all of [true, false])
      yield named(
        `replaceText ${from} ${to} ${all}`,
        call('replaceText', [s], T.Utf8, { text: from, replacement: to, all }),
        texts,
        from === '' && to === '$' && all ? { refused: true } : {},
      );
}

function* regexes(): Generator<ExpressionCase> {
  const texts = of(T.Utf8, TEXTS);
  const s = a(T.Utf8);
  const patterns: [string, string][] = [
    ['a', ''],
    ['^a', ''],
    ['c$', ''],
    ['[a-c]+', ''],
    ['[^a-z]', ''],
    ['a|b', ''],
    ['(a|b)c', ''],
    ['\\d{2,4}', ''],
    ['\\w+@', ''],
    ['\\s', ''],
    ['A', 'i'],
    ['K', 'i'],
    ['S', 'i'],
    ['[ä-ü]', 'i'],
    ['ß', 'i'],
    ['a.c', ''],
    ['a.*c', 's'],
    ['e.b', ''],
    ['e.b', 's'],
    ['^b', 'm'],
    ['e$', 'm'],
    ['x*', ''],
    ['(?:ab)?c', ''],
    ['a{0}b', ''],
    ['日.語', ''],
    ['𝄞', ''],
    ['\\.', ''],
    ['[\\]\\-\\^]', ''],
    ['a+?b', ''],
    ['\\x{e4}', ''],
    ['(?i:A)B', ''],
  ];
  for (const [pattern, flags] of patterns)
    yield named(`matches /${pattern}/${flags}`, call('matches', [s], T.Bool, { pattern, flags }), texts);
  for (const pattern of ['\\bfoo', '\\p{L}', 'a||b', '(a*)*', '(?P<x>a)', 'a{1000}'])
    yield named(`matches /${pattern}/`, call('matches', [s], T.Bool, { pattern, flags: '' }), texts, { refused: true });
  const extracts: [string, number][] = [
    ['(\\d+)-(\\d+)', 1],
    ['(\\d+)-(\\d+)', 2],
    ['(\\d+)-(\\d+)', 0],
    ['([a-z]+)=([a-z]+)', 2],
    ['a(b)?', 1],
    ['(a)(b)?(c)', 2],
    ['[A-Z]', 0],
    ['x', 3],
    ['(k|v)', 1],
    ['^(.*)$', 1],
    ['(.*?),', 1],
  ];
  for (const [pattern, group] of extracts)
    yield named(`extract /${pattern}/ ${group}`, call('extract', [s], T.Utf8, { pattern, flags: '', group }), texts);
  const replaces: [string, unknown[]][] = [
    ['a', ['b']],
    ['[aeiou]', ['<', 0, '>']],
    ['(\\d+)-(\\d+)', [2, '/', 1]],
    ['\\s+', []],
    ['ü', ['$1\\']],
  ];
  for (const [pattern, template] of replaces)
    for (const all of [true, false])
      yield named(
        `replaceRegex /${pattern}/ ${all}`,
        call('replaceRegex', [s], T.Utf8, { pattern, flags: '', template, all } as unknown as Options),
        texts,
      );
  yield named(
    'replaceRegex empty',
    call('replaceRegex', [s], T.Utf8, { pattern: 'x*', flags: '', template: ['-'], all: true }),
    texts,
    { refused: true },
  );
}

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
/** The tables that a plan brings for the zones it names. */
const zoneTables = (...zones: string[]): Options => ({
  zoneTables: Object.fromEntries(
    zones.map((zone) => {
      const { fromSeconds, offsetSeconds, minSeconds, maxSeconds } = zoneTable(zone);
      return [
        zone,
        { fromSeconds: fromSeconds.map((n) => (n === -Infinity ? null : n)), offsetSeconds, minSeconds, maxSeconds },
      ];
    }),
  ),
});

/** UTC seconds around the changes of a zone in 2019 and 2020, and some between them. */
function aroundChanges(zone: string): number[] {
  const begin = Date.UTC(2019, 0, 1) / 1000;
  const end = Date.UTC(2021, 0, 1) / 1000;
  const changes = zoneTable(zone).fromSeconds.filter((from) => from > begin && from < end);
  const near = changes.flatMap((from) => Array.from({ length: 33 }, (_, i) => from + (i - 16) * 900));
  return [...near, ...Array.from({ length: 150 }, (_, i) => begin + i * 421_000)];
}

const FORMATS = [
  '%Y-%m-%d',
  '%F %T',
  '%d.%m.%y',
  '%e %b %Y',
  '%A, %B %d',
  '%j %Y',
  '%I:%M %p',
  '%H%M%S',
  '%-d/%-m/%Y',
  '%T%.f',
  '%T%.3f',
  '%3f %6f %9f %f',
  '%G-W%V-%u %w',
  '%s',
  '%z %:z %Z',
  '%q %%',
  'plain',
  '%a',
];
const READS: [string, string[]][] = [
  ['%Y-%m-%d', ['2024-01-31', '2024-1-3', '2024-02-30', '12345-01-01', '-0044-03-15', '+5-01-01', '2024-01-31 ', 'x']],
  ['%d.%m.%y', ['31.12.68', '1.1.69', '31.12.1999', '1.1.5']],
  ['%Y%m%d', ['20240131', '2024131', '202411', '2024011', '20241301']],
  ['%d %b %Y', ['3 Jan 2024', '03 january 2024', '3 SEP 2024', '3 Foo 2024']],
  ['%A %e %B %Y', ['Monday  3 May 2024', 'Tue 13 December 1999']],
  ['%Y-%m-%d %H:%M:%S%.f', ['2024-01-31 10:20:30.5', '2024-01-31 10:20:30', '2024-01-31 24:00:00']],
  ['%F %I:%M %p', ['2024-01-31 12:05 AM', '2024-01-31 12:05 pm', '2024-01-31 13:05 PM', '2024-01-31 0:05 AM']],
  ['%Y %j', ['2024 366', '2023 366', '2023 001', '2023 000']],
  ['%FT%T%z', ['2024-01-31T10:20:30+0200', '2024-01-31T10:20:30Z', '2024-01-31T10:20:30-05:30', '2024-01-31T10:20:30']],
];

function* times(): Generator<ExpressionCase> {
  const days = Array.from({ length: 120 }, (_, i) => (i % 13 === 5 ? null : Math.floor((next() - 0.5) * 2_000_000)));
  const columns: [LogicalType, Columns][] = [[T.Date32, of(T.Date32, [...days, ...edges(T.Date32)])]];
  for (const unit of ['ms', 'us', 'ns'] as const) {
    const per = { ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n }[unit];
    const instants = Array.from({ length: 150 }, (_, i) =>
      i % 11 === 5 ? null : BigInt(Math.floor((next() - 0.4) * 8e9)) * per + BigInt(Math.floor(next() * Number(per))),
    );
    columns.push(
      [datetimeType(unit), of(datetimeType(unit), instants)],
      [datetimeType(unit, 'UTC'), of(datetimeType(unit, 'UTC'), instants)],
    );
    for (const zone of ZONES) {
      const t = datetimeType(unit, zone);
      columns.push([t, of(t, aroundChanges(zone).map((seconds) => BigInt(seconds) * per))]);
    }
  }
  const parts: [string, LogicalType][] = [
    ['year', T.Int32],
    ['quarter', T.Int8],
    ['month', T.Int8],
    ['week', T.Int8],
    ['day', T.Int8],
    ['weekday', T.Int8],
    ['ordinalDay', T.Int16],
  ];
  const clocks: [string, LogicalType][] = [
    ['hour', T.Int8],
    ['minute', T.Int8],
    ['second', T.Int8],
    ['millisecond', T.Int32],
    ['microsecond', T.Int32],
    ['nanosecond', T.Int32],
  ];
  const step = (months: number, days_: number, nanoseconds: string, weeks = false) => ({
    months,
    days: days_,
    nanoseconds,
    weeks,
  });
  for (const [t, data] of columns) {
    const zone = 'zone' in t ? t.zone : null;
    const tables = zone !== null && zone !== 'UTC' ? zoneTables(zone) : {};
    // JavaScript's dates, by which the CPU engine formats, end within what 32 bits of days hold, as does its calendar of months.
    const near = t.dtype === 'Date32' ? of(t, days) : data;
    const run = (fn: string, result: LogicalType, options: Options = {}): ExpressionCase =>
      named(
        `${fn} ${typeText(t)} ${JSON.stringify(options)}`,
        call(fn, [a(t)], result, { ...options, ...tables }),
        data,
      );
    for (const [fn, result] of parts) yield fn === 'week' ? { ...run(fn, result), columns: near } : run(fn, result);
    if (t.dtype !== 'Date32') for (const [fn, result] of clocks) yield run(fn, result);
    for (const unit of ['s', 'ms', 'us', 'ns']) yield run('epoch', T.Int64, { unit });
    for (const s of [
      step(1, 0, '0'),
      step(3, 0, '0'),
      step(12, 0, '0'),
      step(0, 1, '0'),
      step(0, 5, '0'),
      step(0, 7, '0', true),
      step(0, 14, '0', true),
      ...(t.dtype === 'Date32' ? [] : [step(0, 0, '3600000000000'), step(0, 0, '900000000000')]),
    ])
      for (const fn of ['truncate', 'dtRound']) yield { ...run(fn, t, s), columns: near };
    for (const [months, d, ns] of [
      [1, 0, '0'],
      [-13, 2, '0'],
      [0, 40, '0'],
      [zone === null || zone === 'UTC' ? 4800 * 2 + 1 : 25, 0, '0'],
      [0, 0, t.dtype === 'Date32' ? '0' : '-90000000000'],
    ] as const)
      yield run('offsetBy', t, { months, days: d, nanoseconds: ns });
    if (t.dtype === 'Datetime') {
      yield run('date', T.Date32);
      yield run('time', T.Time);
    }
    for (const format of FORMATS) yield { ...run('format', T.Utf8, { format }), columns: near };
  }
  const clock = of(T.Time, samples(T.Time, 60, next));
  for (const [fn, result] of clocks) yield named(`${fn} Time`, call(fn, [a(T.Time)], result), clock);
  for (const format of ['%H:%M', '%T%.f', '%I %p'])
    yield named(`format Time ${format}`, call('format', [a(T.Time)], T.Utf8, { format }), clock);
  for (const unit of ['d', 'h', 'm', 's', 'ms', 'us', 'ns'])
    for (const t of [durationType('ms'), durationType('us'), durationType('ns')])
      yield named(
        `total ${unit} ${typeText(t)}`,
        call('total', [a(t)], T.Int64, { unit }),
        of(
          t,
          samples(t, 60, next).map((v) => (typeof v === 'bigint' ? v % 10n ** 12n : v)),
        ),
      );
  // Wall clocks around changes.
  const wall = Array.from({ length: 3000 }, (_, i) => BigInt(Date.UTC(2020, 0, 1) + i * 10_800_000 + 1_800_000));
  for (const zone of ZONES)
    for (const ambiguous of ['earliest', 'latest', 'null', 'raise'])
      for (const nonExistent of ['null', 'raise'])
        yield named(
          `replaceTimeZone ${zone} ${ambiguous} ${nonExistent}`,
          call('replaceTimeZone', [a(datetimeType('ms'))], datetimeType('ms', zone), {
            zone,
            ambiguous,
            nonExistent,
            ...zoneTables(zone),
          }),
          of(datetimeType('ms'), wall),
        );
  for (const t of [datetimeType('us'), datetimeType('ms', 'UTC'), datetimeType('ns', 'Europe/Berlin')]) {
    const zone = (t as { zone: string | null }).zone;
    const tables = zone !== null && zone !== 'UTC' ? zoneTables(zone) : {};
    const base = { unit: (t as { unit: string }).unit, zone, ...tables };
    // The table of a zone ends where the plan's does.
    const near = (text: string | null): boolean => !('zoneTables' in tables) || !/^(?:[+-]|0|1677|22|99|12345)/.test(text ?? '');
    yield named(
      `toDatetime ${typeText(t)}`,
      call('toDatetime', [a(T.Utf8)], t, { format: null, strict: false, ...base }),
      of(T.Utf8, [...TIME_TEXTS, '2024-03-31T02:30:00', '2024-10-27T02:30:00', null].filter(near)),
    );
    for (const [format, texts] of READS)
      yield named(
        `toDatetime ${format} ${typeText(t)}`,
        call('toDatetime', [a(T.Utf8)], t, { format, strict: false, ...base }),
        of(T.Utf8, [...texts, null].filter(near)),
      );
    yield named(
      `strict toDatetime ${typeText(t)}`,
      call('toDatetime', [a(T.Utf8)], t, { format: null, strict: true, ...base }),
      of(T.Utf8, [null, '2024-01-31T10:20:30Z', 'bad']),
    );
  }
  for (const [format, texts] of READS)
    yield named(
      `toDate ${format}`,
      call('toDate', [a(T.Utf8)], T.Date32, { format, strict: false }),
      of(T.Utf8, [...texts, null]),
    );
  yield named(
    'toDate',
    call('toDate', [a(T.Utf8)], T.Date32, { format: null, strict: false }),
    of(T.Utf8, [...TIME_TEXTS, null]),
  );
  yield named(
    'toTime',
    call('toTime', [a(T.Utf8)], T.Time, { format: null, strict: false }),
    of(T.Utf8, [...TIME_TEXTS, null]),
  );
  yield named(
    'toTime %H:%M',
    call('toTime', [a(T.Utf8)], T.Time, { format: '%H:%M', strict: false }),
    of(T.Utf8, ['1:2', '23:59', '24:00', null]),
  );
}

function* randomTrees(count: number): Generator<ExpressionCase> {
  const trees = random(77);
  for (let i = 0; i < count; i++) {
    const columns: Columns = Object.fromEntries(
      Object.entries(COLUMN_TYPES).map(([name, type]) => [name, { type, values: samples(type, 50, trees) }]),
    );
    const expr = new RandomExpr(trees, i % 5 === 0).any(4);
    const hashesText = /"fn":"hash","args":\[\{[^[]*?"type":"Utf8"/.test(JSON.stringify(exprToJson(expr)));
    if (!hashesText) yield named(`random tree ${i}`, expr, columns);
  }
}

/** Every case of the functions over rows. */
export function* expressionCases(trees = 300): Generator<ExpressionCase> {
  yield* arithmetic();
  yield* comparisons();
  yield* casts();
  yield* strings();
  yield* regexes();
  yield* times();
  yield* randomTrees(trees);
}

/** A case as one line: with what the CPU engine gives, or its error. */
export function caseLine(ctx: ExecContext, test: ExpressionCase): string {
  const columns = Object.entries(test.columns).map(([name, c]) => ({
    name,
    values: exprToJson(lit(c.values as LiteralValue[], c.type)),
  }));
  const base = { name: test.name, columns, expr: exprToJson(test.expr), relative: test.relative ?? 0 };
  if (test.refused) return JSON.stringify({ ...base, refused: true });
  try {
    const values = evaluate(ctx, test.expr, test.columns);
    const type = test.expr.type.dtype === 'List' ? test.expr.type.inner.type : test.expr.type;
    const expected = exprToJson(lit(values as LiteralValue[], type));
    return JSON.stringify({ ...base, expected });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw new Error(`case ${test.name}`, { cause: error });
    return JSON.stringify({ ...base, error: { code } });
  } finally {
    ctx.scratch.reset();
  }
}

export function* caseLines(trees?: number): Generator<string> {
  const ctx = testContext();
  for (const test of expressionCases(trees)) yield caseLine(ctx, test);
}
