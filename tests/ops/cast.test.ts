import { describe, expect, test } from 'vitest';
import { castStep } from '../../ts/backend/cpu/functions/cast.ts';
import type { EvaluationError } from '../../ts/errors.ts';
import { canCast } from '../../ts/expr/promote.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { typeText } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { dictVectorOf, testContext, valuesOf } from '../support/engine.ts';
import { InterpreterError, interpret } from '../support/interpreter.ts';
import {
  call,
  cast,
  col,
  datetimeType,
  decimalType,
  durationType,
  evaluate,
  evaluateVectors,
  lit,
  T,
} from '../support/nodes.ts';
import { expectInterpreted, LENGTHS } from '../support/op-cases.ts';
import { edges, random, samples } from '../support/samples.ts';

const NUMBERS = [
  T.Bool,
  T.Int8,
  T.Int16,
  T.Int32,
  T.Int64,
  T.UInt8,
  T.UInt16,
  T.UInt32,
  T.UInt64,
  T.Float32,
  T.Float64,
  decimalType(4, 2),
  decimalType(18, 6),
  decimalType(18, 0),
  decimalType(19, 0),
  decimalType(38, 10),
  decimalType(38, 38),
] as LogicalType[];
const TIMES = [
  T.Date32,
  T.Time,
  datetimeType('ms'),
  datetimeType('us'),
  datetimeType('ns'),
  datetimeType('us', 'Europe/Rome'),
  durationType('ms'),
  durationType('us'),
  durationType('ns'),
] as LogicalType[];
const ALL = [...NUMBERS, ...TIMES];

/** Between long decimals and doubles the last bit may differ from one division. */
const toleranceOf = (from: LogicalType, to: LogicalType): { relative: number } => ({
  relative:
    from.dtype === 'Decimal' && (to.dtype === 'Float64' || to.dtype === 'Float32')
      ? to.dtype === 'Float64'
        ? 4e-16
        : 1.2e-7
      : 0,
});

describe('between numbers, and between dates and times', () => {
  const ctx = testContext();
  for (const from of ALL) {
    for (const to of ALL) {
      if (!canCast(from, to)) continue;
      test(`${typeText(from)} → ${typeText(to)}`, () => {
        const next = random(21);
        const a = col('a', from);
        for (const length of [...LENGTHS, 1000]) {
          const values = [...edges(from), ...samples(from, length, next)];
          const columns = { a: { type: from, values } };
          expectInterpreted(ctx, cast(a, to, false), columns, toleranceOf(from, to));
          // Strict: the values that fit, and then each that does not on its own.
          const strict = cast(a, to, true);
          const fits = (v: unknown): boolean => {
            try {
              interpret(strict, { a: v });
              return true;
            } catch (e) {
              if (e instanceof InterpreterError) return false;
              throw e;
            }
          };
          const good = values.filter(fits);
          expectInterpreted(ctx, strict, { a: { type: from, values: good } }, toleranceOf(from, to));
          if (length > 1) continue;
          for (const v of values.filter((v) => !fits(v))) {
            const row = good.length;
            try {
              evaluate(ctx, strict, { a: { type: from, values: [...good, v, null] } });
            } catch (e) {
              const error = e as EvaluationError;
              expect(error.code).toBe('ERR_CAST');
              expect(error.detail['row']).toBe(row);
              continue;
            }
            expect.fail(`cast of ${String(v)} did not fail`);
          }
        }
      });
    }
  }
  test('the engine has every cast that binding allows', () => {
    const types = [...ALL, T.Utf8, T.Binary, T.Categorical, T.Null] as LogicalType[];
    for (const from of types) {
      for (const to of types) {
        if (canCast(from, to))
          expect([typeText(from), typeText(to), castStep(from, to) !== null]).toEqual([
            typeText(from),
            typeText(to),
            true,
          ]);
      }
    }
  });
});

describe('strings', () => {
  const ctx = testContext();
  const toText = (type: LogicalType, values: unknown[]): unknown[] =>
    evaluate(ctx, cast(col('a', type), T.Utf8), { a: { type, values } });
  const fromText = (type: LogicalType, values: unknown[], strict = false): unknown[] =>
    evaluate(ctx, cast(col('a', T.Utf8), type, strict), { a: { type: T.Utf8, values } });

  for (const type of [...ALL, T.Categorical] as LogicalType[]) {
    test(`${typeText(type)} reads back from its text`, () => {
      const next = random(31);
      // Years that need more than four digits are written with a sign, which is not read.
      const inRange = (v: unknown): boolean => {
        if (type.dtype === 'Date32') return (v as number) > -700000 && (v as number) < 2932000;
        if (type.dtype !== 'Datetime') return true;
        const second = { ms: 10n ** 3n, us: 10n ** 6n, ns: 10n ** 9n }[type.unit];
        return (
          (v as bigint) / second > (type.unit === 'ns' ? -9_223_372_036n : -62_000_000_000n) &&
          (v as bigint) / second < 253_000_000_000n
        );
      };
      const values = [...edges(type), ...samples(type, 500, next)].filter((v) => v === null || inRange(v));
      const back = cast(cast(col('a', type), T.Utf8), type);
      expect(evaluate(ctx, back, { a: { type, values } })).toEqual(values);
    });
  }

  test('numbers', () => {
    expect(toText(T.Int64, [-(2n ** 63n), 0n, null, 12n])).toEqual(['-9223372036854775808', '0', null, '12']);
    expect(toText(T.UInt64, [2n ** 64n - 1n])).toEqual(['18446744073709551615']);
    expect(toText(T.Int8, [-128, 127])).toEqual(['-128', '127']);
    expect(toText(T.Float64, [1, -0, 0.1, 1e21, 1e-7, Number.NaN, Number.NEGATIVE_INFINITY])).toEqual([
      '1.0',
      '-0.0',
      '0.1',
      '1e+21',
      '1e-7',
      'NaN',
      '-Infinity',
    ]);
    expect(toText(T.Float32, [Math.fround(0.1), 16777216, Math.fround(3.4028235e38)])).toEqual([
      '0.1',
      '16777216.0',
      '3.4028235e+38',
    ]);
    expect(toText(T.Bool, [true, false, null])).toEqual(['true', 'false', null]);
    expect(toText(decimalType(10, 2), [5n, -5n, 12345n, 0n])).toEqual(['0.05', '-0.05', '123.45', '0.00']);
    expect(toText(decimalType(38, 0), [-(10n ** 37n)])).toEqual([`-${10n ** 37n}`]);
  });
  test('dates and times', () => {
    expect(toText(T.Date32, [0, -1, 11016, 2932897, -719529])).toEqual([
      '1970-01-01',
      '1969-12-31',
      '2000-02-29',
      '+010000-01-01',
      '-000001-12-31',
    ]);
    expect(toText(datetimeType('us'), [0n, 1n, -1n, 1_500_000n])).toEqual([
      '1970-01-01T00:00:00',
      '1970-01-01T00:00:00.000001',
      '1969-12-31T23:59:59.999999',
      '1970-01-01T00:00:01.500000',
    ]);
    expect(toText(datetimeType('ms', 'Asia/Tokyo'), [1_000n])).toEqual(['1970-01-01T00:00:01Z']);
    expect(toText(T.Time, [3_723_000_000_000n, 1n])).toEqual(['01:02:03', '00:00:00.000000001']);
    expect(toText(durationType('ms'), [0n, 1500n, -90_061_000n, 86_400_000n])).toEqual([
      'PT0S',
      'PT1.5S',
      '-P1DT1H1M1S',
      'P1D',
    ]);
  });
  test('integers', () => {
    expect(fromText(T.Int8, ['127', '-128', '128', ' 1', '1.0', '+5', '', 'x', null, '007'])).toEqual([
      127,
      -128,
      null,
      null,
      null,
      5,
      null,
      null,
      null,
      7,
    ]);
    expect(fromText(T.UInt64, ['18446744073709551615', '18446744073709551616', '-1', '-0'])).toEqual([
      2n ** 64n - 1n,
      null,
      null,
      0n,
    ]);
    expect(fromText(T.Int64, ['-9223372036854775808', '9223372036854775808'])).toEqual([-(2n ** 63n), null]);
  });
  test('floats', () => {
    const texts = [
      '1',
      '1.5e3',
      '-0',
      'NaN',
      'inf',
      '-Infinity',
      '1e400',
      '.5',
      '5.',
      '1e',
      'abc',
      '1.7976931348623157e308',
      '0.1234567890123456789012345678901234567890',
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890',
    ];
    const expected = texts.map((t) => (t === 'inf' ? Infinity : t === '1e' || t === 'abc' ? null : Number(t)));
    expect(fromText(T.Float64, texts)).toEqual(expected);
    // Exactly between two floats, and just above: rounding through a double would lose the difference.
    expect(
      fromText(T.Float32, [
        '1.00000005960464477539062',
        '1.00000005960464477539063',
        '1.0000000596046447753906250000000000000000000001',
      ]),
    ).toEqual([1, Math.fround(1.0000001), Math.fround(1.0000001)]);
  });
  test('Bool, Decimal, dates', () => {
    expect(fromText(T.Bool, ['true', 'FALSE', 'True', '1', 'yes', null])).toEqual([
      true,
      false,
      true,
      null,
      null,
      null,
    ]);
    expect(fromText(decimalType(5, 2), ['1.5', '-0.005', '1e2', '999.99', '999.995', '1.005', 'x', '.5'])).toEqual([
      150n,
      -1n,
      10000n,
      99999n,
      null,
      101n,
      null,
      50n,
    ]);
    expect(fromText(decimalType(38, 10), ['1234567890123456789012345678.0123456789', '1e27', '1e28'])).toEqual([
      12345678901234567890123456780123456789n,
      10n ** 37n,
      null,
    ]);
    expect(fromText(T.Date32, ['1970-01-02', '2000-02-29', '1900-02-29', '2000-2-1'])).toEqual([1, 11016, null, null]);
    expect(fromText(datetimeType('us'), ['1970-01-01', '1970-01-01T00:00:01.5', '1970-01-01 00:00:00Z'])).toEqual([
      0n,
      1_500_000n,
      null,
    ]);
    expect(fromText(datetimeType('us', 'UTC'), ['1970-01-01T01:00:00+01:00'])).toEqual([0n]);
    expect(fromText(durationType('ms'), ['PT1.5S', '-P1DT1H', 'P1W', 'P1M', 'P', '1s', 'PT0.0001S'])).toEqual([
      1500n,
      -90_000_000n,
      604_800_000n,
      null,
      null,
      null,
      null,
    ]);
  });
  test('bytes and categories share strings', () => {
    const bytes = (s: string): Uint8Array => new Uint8Array(Buffer.from(s));
    expect(evaluate(ctx, cast(col('a', T.Utf8), T.Binary), { a: { type: T.Utf8, values: ['é', null] } })).toEqual([
      bytes('é'),
      null,
    ]);
    const binary = {
      a: {
        type: T.Binary,
        values: [bytes('ok'), Uint8Array.of(0xff), null, bytes('a string that is longer'), Uint8Array.of(0xc3)],
      },
    };
    expect(evaluate(ctx, cast(col('a', T.Binary), T.Utf8, false), binary)).toEqual([
      'ok',
      null,
      null,
      'a string that is longer',
      null,
    ]);
    expect(() => evaluate(ctx, cast(col('a', T.Binary), T.Utf8), binary)).toThrow(/to Utf8 in row 1 of/);
    expect(evaluate(ctx, cast(col('a', T.Null), T.Int32), { a: { type: T.Null, values: [null, null] } })).toEqual([
      null,
      null,
    ]);
  });
});

describe('dictionaries', () => {
  const ctx = testContext();
  const schema = [{ name: 'a', type: T.Utf8, nullable: true }];
  test('are read entry by entry', () => {
    const v = dictVectorOf(ctx, ['1', '20', 'x'], [0, 1, null, 1]);
    expect(valuesOf(ctx, evaluateVectors(ctx, [cast(col('a', T.Utf8), T.Int32)], schema, [v])[0]!)).toEqual([
      1,
      20,
      null,
      20,
    ]);
    const bad = dictVectorOf(ctx, ['1', '20', 'x'], [0, 2, null, 2]);
    expect(valuesOf(ctx, evaluateVectors(ctx, [cast(col('a', T.Utf8), T.Int32, false)], schema, [bad])[0]!)).toEqual([
      1,
      null,
      null,
      null,
    ]);
  });
  test('an entry that no row has does not fail, one that a row has does', () => {
    const bad = dictVectorOf(ctx, ['1', '20', 'x'], [0, 1, null, 2]);
    expect(() => evaluateVectors(ctx, [cast(col('a', T.Utf8), T.Int32)], schema, [bad])).toThrow(
      /Cannot cast "x" to Int32 in row 3 of c\.a\.cast\(Int32\)/,
    );
  });
});

describe('errors', () => {
  const ctx = testContext();
  const failure = (e: Parameters<typeof evaluate>[1], type: LogicalType, values: unknown[]): EvaluationError => {
    try {
      evaluate(ctx, e, { a: { type, values } });
    } catch (error) {
      return error as EvaluationError;
    }
    throw new Error('no error');
  };
  test('name the value, the dtype, the row, the expression and the way out', () => {
    const e = failure(cast(col('a', T.Float64), T.Int32), T.Float64, [1, null, 2, 3e9]);
    expect(e.message).toBe(
      'Cannot cast 3000000000.0 to Int32 in row 3 of c.a.cast(Int32). Use cast(Int32, { strict: false }) to make such values null.',
    );
    expect(e.detail).toEqual({ expression: 'c.a.cast(Int32)', row: 3, column: 'a' });
  });
  test('of a computed operand, deep in a module', () => {
    const doubled = call('mul', [col('a', T.Int32), lit(2, T.Int32)], T.Int32);
    const e = failure(call('add', [cast(doubled, T.Int8), lit(1, T.Int8)], T.Int8), T.Int32, [
      ...new Array<number>(20).fill(1),
      100,
    ]);
    expect(e.message).toMatch(/^Cannot cast 200 to Int8 in row 20 of c\.a\.mul\(2\)\.cast\(Int8\)\./);
  });
  test('of a cast in two steps name the one that was written', () => {
    const t = decimalType(30, 2);
    const e = failure(cast(col('a', t), T.Int8), t, [100n, 1_000_000n]);
    expect(e.message).toMatch(/to Int8 in row 1 of c\.a\.cast\(Int8\)/);
  });
  test('of temporal values', () => {
    const t = datetimeType('ms');
    const e = failure(cast(col('a', t), datetimeType('ns')), t, [0n, 10n ** 17n]);
    expect(e.message).toMatch(/^Cannot cast \+3170843-11-07T09:46:40 to Datetime\('ns'\) in row 1/);
  });
});

test('what can be in one cast and what not', () => {
  expect(castStep(T.Int32, T.Int64)).toBe('fused');
  expect(castStep(T.Utf8, T.Int64)).toBe('kernel');
  expect(castStep(decimalType(30, 2), T.Int8)).toEqual({ via: T.Int64 });
  expect(castStep({ dtype: 'List', inner: { type: T.Int8, nullable: true } }, T.Int8)).toBe(null);
});

testOnDevice();
