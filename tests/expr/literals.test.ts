import { describe, expect, it } from 'vitest';
import { lit, when } from '../../ts/expr/builders.ts';
import type { ExprNode, LitNode } from '../../ts/expr/nodes.ts';
import { DecimalValue } from '../../ts/schema/decimal.ts';
import { Categorical, Datetime, Decimal, Duration, Int8, Int32, Time, UInt64, Utf8 } from '../../ts/schema/dtypes.ts';
import { typeText } from '../../ts/schema/types.ts';
import { type AnyCallback, bind } from './support.ts';

const second = (item: AnyCallback): LitNode => {
  const e = bind(item) as ExprNode & { args: ExprNode[] };
  return e.args[1] as LitNode;
};
const literalOf = (item: AnyCallback): [unknown, string] => {
  const node = second(item);
  expect(node.node).toBe('lit');
  return [node.value, typeText(node.type)];
};

describe('a literal takes the dtype of the column it meets', () => {
  it.each<[string, AnyCallback, unknown, string]>([
    ['number on Int8', (c) => c.i8.eq(-128), -128, 'Int8'],
    ['bigint on Int32', (c) => c.i32.eq(7n), 7, 'Int32'],
    ['number on Int64', (c) => c.i64.eq(7), 7n, 'Int64'],
    ['bigint on UInt64', (c) => c.u64.eq(18446744073709551615n), 18446744073709551615n, 'UInt64'],
    ['number on Float32', (c) => c.f32.eq(0.1), Math.fround(0.1), 'Float32'],
    ['NaN on Float64', (c) => c.f64.eq(Number.NaN), Number.NaN, 'Float64'],
    ['−0 on Float64', (c) => c.f64.eq(-0), -0, 'Float64'],
    ['bigint on Float64', (c) => c.f64.eq(3n), 3, 'Float64'],
    ['number on Decimal', (c) => c.dec.eq(0.1), 10n, 'Decimal(10, 2)'],
    ['exponent on Decimal', (c) => c.dec.eq(1e3), 100000n, 'Decimal(10, 2)'],
    ['DecimalValue on Decimal', (c) => c.dec4.eq(DecimalValue.from('1.5')), 15000n, 'Decimal(18, 4)'],
    ['string on Utf8', (c) => c.text.eq('x'), 'x', 'Utf8'],
    ['string on Categorical', (c) => c.cat.eq('x'), 'x', 'Categorical'],
    ['boolean on Bool', (c) => c.ok.eq(true), true, 'Bool'],
    ['Date on Date32', (c) => c.day.eq(new Date('1970-01-11')), 10, 'Date32'],
    ['Date before 1970 on Date32', (c) => c.day.eq(new Date('1969-12-31')), -1, 'Date32'],
    ['Date on Datetime(us)', (c) => c.ts.eq(new Date(1)), 1000n, "Datetime('us')"],
    ['Date on a zoned Datetime', (c) => c.rome.eq(new Date(1)), 1n, "Datetime('ms', 'Europe/Rome')"],
    ['text on Time', (c) => c.time.eq('12:30:00.5'), 45000500000000n, 'Time'],
    ['milliseconds on Duration', (c) => c.dur.eq(1500), 1500n, "Duration('ms')"],
    ['fractions of milliseconds', (c) => c.durNs.eq(0.000001), 1n, "Duration('ns')"],
    ['text on Duration', (c) => c.dur.eq('1d2h'), 93600000n, "Duration('ms')"],
  ])('%s', (_name, item, value, type) => {
    expect(literalOf(item)).toEqual([value, type]);
  });

  it('copies bytes', () => {
    const bytes = Uint8Array.of(1, 2);
    const [value] = literalOf((c) => c.bytes.eq(bytes));
    bytes[0] = 9;
    expect(value).toEqual(Uint8Array.of(1, 2));
  });

  it('takes null where null has a meaning', () => {
    expect(literalOf((c) => c.some.eqMissing(null))).toEqual([null, 'Int32']);
    expect(literalOf((c) => c.some.fillNull(null))).toEqual([null, 'Int32']);
  });
});

describe('a literal that is no value of the dtype', () => {
  it.each<[string, AnyCallback, RegExp]>([
    [
      'a fraction on an integer',
      (c) => c.i32.mul(1.5),
      /Expected an integer .* for c\.i32 \(Int32\) but received 1\.5 .*lit\(1\.5\)/,
    ],
    ['out of range', (c) => c.i8.add(1000), /integer from -128 to 127 for c\.i8 .* received 1000.*lit\(1000\)/],
    ['negative on unsigned', (c) => c.u8.gt(-1), /integer from 0 to 255/],
    ['unsafe number on Int64', (c) => c.i64.eq(2 ** 60), /a bigint or a safe integer/],
    ['NaN on an integer', (c) => c.i32.eq(Number.NaN), /Expected an integer/],
    ['string on a number', (c) => c.i32.eq('x'), /received "x" of type string/],
    ['number on a string', (c) => c.text.eq(1), /Expected a string for c\.text \(Utf8\) but received 1 of type number/],
    ['too many digits', (c) => c.dec.add(1.234), /at most 2 digits after the point and 8 before it/],
    ['too long for the precision', (c) => c.dec.eq(1e9), /at most 2 digits after the point and 8 before it/],
    ['NaN on Decimal', (c) => c.dec.eq(Number.NaN), /Expected a decimal number/],
    ['a time of day on Date32', (c) => c.day.eq(new Date(1)), /a Date at midnight UTC/],
    ['an invalid Date', (c) => c.ts.eq(new Date(Number.NaN)), /a valid Date .*received Invalid Date/],
    ['no time', (c) => c.time.eq('25:00'), /Expected a time such as/],
    ['a fraction of a tick', (c) => c.dur.eq(0.5), /whole ticks of 'ms'/],
    ['months as a fixed duration', (c) => c.dur.eq('1mo'), /has no fixed length. Use dt\.offsetBy/],
    ['no duration', (c) => c.dur.eq('soon'), /Expected a duration such as/],
    ['null in a comparison', (c) => c.some.eq(null), /isNull\(\)/],
    ['null in arithmetic', (c) => c.some.add(null), /isNull\(\)/],
    ['undefined', (c) => c.some.add(undefined), /Expected an expression or a value but received undefined/],
    ['a list on a number', (c) => c.some.add([1]), /Expected an integer/],
    ['a bigint that a float lacks', (c) => c.f64.eq(2n ** 53n + 1n), /Expected a number/],
  ])('%s', (_name, item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
});

describe('isIn', () => {
  it('types every value by the column', () => {
    expect(literalOf((c) => c.i64.isIn([1, 2n]))).toEqual([[1n, 2n], 'Int64']);
    expect(literalOf((c) => c.text.isIn(new Set(['a'])))).toEqual([['a'], 'Utf8']);
    expect(literalOf((c) => c.f64.isIn(Float64Array.of(1, Number.NaN)))).toEqual([[1, Number.NaN], 'Float64']);
    expect(literalOf((c) => c.dec.isIn([]))).toEqual([[], 'Decimal(10, 2)']);
  });
  it('refuses null, other dtypes and what is no list', () => {
    expect(() => bind((c: any) => c.i64.isIn([1, null]))).toThrow(/holds null.*isNull\(\)/);
    expect(() => bind((c: any) => c.i32.isIn([1.5]))).toThrow(/Expected an integer/);
    expect(() => bind((c: any) => c.i32.isIn(5))).toThrow(/Expected an array for isIn\(\)/);
  });
});

describe('lit', () => {
  it.each<[string, unknown, string, unknown]>([
    ['number', lit(1), 'Float64', 1],
    ['bigint', lit(1n), 'Int64', 1n],
    ['string', lit('x'), 'Utf8', 'x'],
    ['boolean', lit(true), 'Bool', true],
    ['Date', lit(new Date(5)), "Datetime('ms')", 5n],
    ['DecimalValue', lit(DecimalValue.from('0.050')), 'Decimal(3, 3)', 50n],
    ['a named dtype', lit(5, Int8), 'Int8', 5],
    ['UInt64', lit(5, UInt64), 'UInt64', 5n],
    ['Decimal', lit(1.5, Decimal(6, 3)), 'Decimal(6, 3)', 1500n],
    ['a zone', lit(new Date(5), Datetime('ns', 'UTC')), "Datetime('ns', 'UTC')", 5000000n],
    ['Time', lit('00:00:01', Time), 'Time', 1000000000n],
    ['Duration', lit('1s', Duration('us')), "Duration('us')", 1000000n],
    ['Categorical', lit('x', Categorical), 'Categorical', 'x'],
  ])('%s', (_name, item, type, value) => {
    const node = bind(item) as LitNode;
    expect([typeText(node.type), node.value, node.nullable]).toEqual([type, value, false]);
  });
  it('makes typed nulls', () => {
    expect(bind(lit(null, Utf8))).toMatchObject({ node: 'lit', value: null, nullable: true, type: { dtype: 'Utf8' } });
  });
  it('keeps its dtype beside a column', () => {
    expect(typeText(bind((c: any) => c.i32.mul(lit(1.5))).type)).toBe('Float64');
    expect(typeText(bind((c: any) => c.i8.add(lit(1, Int32))).type)).toBe('Int32');
  });
  it('refuses other values', () => {
    expect(() => lit({} as unknown as number)).toThrow(/as a literal but received an object/);
    expect(() => bind(lit(1.5, Int8))).toThrow(/Expected an integer/);
    expect(() => lit(1 as never, 'Int8' as never)).toThrow(/Expected a dtype such as/);
  });
});

describe('branches of when', () => {
  const typeOfWhen = (item: AnyCallback) => {
    const e = bind(item);
    return `${typeText(e.type)}${e.nullable ? '?' : ''}`;
  };
  it.each<[string, AnyCallback, string]>([
    ['two literals', (c) => when(c.ok).then(1).otherwise(0), 'Float64'],
    ['a column and a literal', (c) => when(c.ok).then(c.i32).otherwise(0), 'Int32'],
    ['a literal and a column', (c) => when(c.ok).then(0).otherwise(c.i64), 'Int64'],
    ['no otherwise', (c) => when(c.ok).then(c.text), 'Utf8?'],
    ['null', (c) => when(c.ok).then(null).otherwise('x'), 'Utf8?'],
    ['promotion', (c) => when(c.ok).then(c.i8).when(c.maybe).then(c.u8).otherwise(c.f32), 'Float32'],
    ['a nullable condition', (c) => when(c.maybe).then(c.i8).otherwise(1), 'Int8'],
    ['nothing but null', (c) => when(c.ok).then(null).otherwise(null), 'Null?'],
  ])('%s', (_name, item, type) => {
    expect(typeOfWhen(item)).toBe(type);
  });
  it.each<[string, AnyCallback, RegExp]>([
    ['branches differ', (c) => when(c.ok).then(c.text).otherwise(1), /Expected a string for c\.text/],
    ['literals differ', (c) => when(c.ok).then('x').otherwise(1), /when\(\) cannot take/],
    ['no Bool', (c) => when(c.i32).then(1).otherwise(0), /Expected a Bool for when\(\) but c\.i32 is Int32/],
    ['no then', (c) => when(c.ok), /needs its then\(\)/],
  ])('%s', (_name, item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
});
