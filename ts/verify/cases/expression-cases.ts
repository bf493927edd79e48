// Cases of every function over rows, with columns whose values are edges first: for `warpframe verify-gpu`, which runs them on
// both engines, and for native/tests/expressions.
import type { ExprNode, LiteralValue } from '../../expr/nodes.ts';
import { exprToJson } from '../../plan/serialize.ts';
import { isFloat, isInteger, isNumeric, isTemporal, type LogicalType, typeText } from '../../schema/types.ts';
import { a, b, type ExpressionCase, named, next, of, one, small, TIME_TEXTS, two } from './expression-columns.ts';
import { type Columns, call, cast, col, datetimeType, decimalType, durationType, lit, T, when } from './nodes.ts';
import { COLUMN_TYPES, RandomExpr } from './random-expr.ts';
import { edges, random, sample, samples } from './samples.ts';
import { regexes, strings, times } from './text-time-cases.ts';

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
  const maps = { names: ['s', 't'], coef: [2, -0.5, 1e3, 0.25], intercept: [1, 0] };
  const sums: LogicalType = {
    dtype: 'Struct',
    fields: maps.names.map((name) => ({ name, type: T.Float64, nullable: true })),
  };
  const model = (name: string | null): ExprNode =>
    call('affine', [a(T.Float64), b(T.Float64)], sums, { ...maps, model: name, columns: ['a', 'b'] });
  const sumOf = (record: ExprNode, name: string): ExprNode => call('field', [record], T.Float64, { name });
  for (const name of ['s', 't'])
    yield named(`affine ${name}`, sumOf(model(null), name), two(T.Float64), { relative: 1e-12 });
  yield named('affine refuses', sumOf(model('Model'), 's'), two(T.Float64));
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
