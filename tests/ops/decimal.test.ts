import { describe, expect, test } from 'vitest';
import { EvaluationError } from '../../ts/errors.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { testContext } from '../support/engine.ts';
import { call, cast, col, decimalType, evaluate, lit, T } from '../support/nodes.ts';
import { caseName, expectInterpreted, type OpCase, runCase } from '../support/op-cases.ts';
import { random, samples } from '../support/samples.ts';

type DecimalType = Extract<LogicalType, { dtype: 'Decimal' }>;
const d = (precision: number, scale: number): DecimalType => decimalType(precision, scale) as DecimalType;

const cases: OpCase[] = [];
/** Results must fit: operands of half the digits, or of one digit less. */
const small =
  (digits: number) =>
  (v: unknown): unknown =>
    (v as bigint) % 10n ** BigInt(digits);
for (const t of [d(4, 2), d(9, 0), d(18, 4), d(19, 2), d(38, 10), d(38, 38)]) {
  for (const fn of ['add', 'sub']) cases.push({ fn, args: [t, t], returns: t, limit: small(t.precision - 1) });
  cases.push({ fn: 'floorDiv', args: [t, t], returns: d(t.precision, 0) }, { fn: 'mod', args: [t, t], returns: t });
  for (const fn of ['neg', 'abs']) cases.push({ fn, args: [t], returns: t });
  if (t.precision > t.scale) cases.push({ fn: 'sign', args: [t], returns: t });
  for (const fn of ['clipMin', 'clipMax']) cases.push({ fn, args: [t, t], returns: t });
  if (t.precision > t.scale)
    for (const fn of ['floor', 'ceil']) cases.push({ fn, args: [t], returns: t, limit: small(t.precision - 1) });
  for (const decimals of [0, 1, 3, -2, -30]) {
    cases.push({ fn: 'round', args: [t], returns: t, options: { decimals }, limit: small(t.precision - 1) });
  }
}
for (const [a, b, r] of [
  [d(4, 2), d(4, 1), d(8, 3)],
  [d(9, 2), d(9, 2), d(18, 4)],
  [d(15, 2), d(15, 2), d(30, 4)],
  [d(18, 6), d(18, 6), d(36, 12)],
  [d(19, 2), d(19, 2), d(38, 4)],
  [d(38, 2), d(38, 2), d(38, 4)],
] as const) {
  cases.push({
    fn: 'mul',
    args: [a, b],
    returns: r,
    limit: small(Math.min(a.precision, Math.floor(r.precision / 2))),
    large: a.precision === 15,
  });
}

describe('decimals', () => {
  const ctx = testContext();
  test.each(cases.map((c) => [`${caseName(c)} ${JSON.stringify(c.options ?? {})}`, c] as const))('%s', (_, c) => {
    runCase(ctx, c);
  });

  test('products of one long and one short factor', () => {
    const [a, b, r] = [d(30, 2), d(30, 2), d(38, 4)];
    const next = random(5);
    const columns = {
      a: { type: a, values: samples(a, 500, next).map((v) => v && (v as bigint) % 10n ** 29n) },
      b: { type: b, values: samples(b, 500, next).map((v) => v && (v as bigint) % 10n ** 9n) },
    };
    expectInterpreted(ctx, call('mul', [col('a', a), col('b', b)], r), columns);
    expectInterpreted(ctx, call('mul', [col('b', b), col('a', a)], r), columns);
  });

  test('products of stretches of short factors with long ones between, negative ones and nulls', () => {
    const [a, b, r] = [d(30, 2), d(15, 2), d(38, 4)];
    const next = random(6);
    const at = (long: readonly number[]) => (_: unknown, i: number) => {
      if (i % 97 === 5) return null;
      const value = BigInt(Math.floor(next() * 2 ** 30)) - 2n ** 29n;
      return long.includes(i) ? value * 10n ** 12n + 1n : value;
    };
    for (const long of [[], [0], [255], [256], [700, 701], [1799]]) {
      const columns = {
        a: { type: a, values: Array.from({ length: 1800 }, at(long)) },
        b: { type: b, values: Array.from({ length: 1800 }, at([])) },
      };
      expectInterpreted(ctx, call('mul', [col('a', a), col('b', b)], r), columns);
      expectInterpreted(ctx, call('mul', [col('b', b), col('b', b)], d(30, 4)), columns);
    }
  });
});

describe('overflow', () => {
  const ctx = testContext();
  const failure = (fn: string, t: LogicalType, a: unknown[], b: unknown[], returns = t): EvaluationError => {
    try {
      evaluate(ctx, call(fn, [col('a', t), col('b', t)], returns), {
        a: { type: t, values: a },
        b: { type: t, values: b },
      });
    } catch (e) {
      return e as EvaluationError;
    }
    throw new Error('no error');
  };
  test('names the expression and the row', () => {
    for (const t of [d(4, 2), d(18, 2), d(38, 2)]) {
      const most = 10n ** BigInt(t.precision) - 1n;
      const e = failure('add', t, [1n, null, most, most], [1n, most, null, 1n]);
      expect(e).toBeInstanceOf(EvaluationError);
      expect(e.code).toBe('ERR_OVERFLOW');
      expect(e.detail).toEqual({ expression: 'c.a.add(c.b)', row: 3 });
      expect(e.message).toMatch(
        /^The result of c\.a\.add\(c\.b\) in row 3 does not fit Decimal\(\d+, 2\)\. Cast an operand/,
      );
    }
  });
  test('products', () => {
    expect(failure('mul', d(38, 2), [10n ** 30n], [10n ** 20n], d(38, 4)).code).toBe('ERR_OVERFLOW');
    expect(failure('mul', d(38, 2), [10n ** 19n], [10n ** 19n], d(38, 4)).code).toBe('ERR_OVERFLOW');
    expect(failure('mul', d(38, 0), [2n ** 64n], [2n ** 64n], d(38, 0)).code).toBe('ERR_OVERFLOW');
    expect(failure('mul', d(10, 2), [-99999n], [99999n], d(9, 4)).code).toBe('ERR_OVERFLOW');
  });
  test('what lies under a null does not count', () => {
    const t = d(4, 2);
    const columns = { a: { type: t, values: [9999n, null, 5n] }, b: { type: t, values: [null, 9999n, 5n] } };
    expect(evaluate(ctx, call('add', [col('a', t), col('b', t)], t), columns)).toEqual([null, null, 10n]);
  });
  test('arguments whose digits cannot reach past the precision are not checked, and are right', () => {
    const [narrow, wide] = [d(15, 2), d(16, 2)];
    const e = call('sub', [lit(100n, wide), cast(col('a', narrow), wide)], wide);
    const most = 10n ** 15n - 1n;
    expect(evaluate(ctx, e, { a: { type: narrow, values: [5n, -most, null] } })).toEqual([95n, most + 100n, null]);
  });
});

describe('rules', () => {
  const ctx = testContext();
  test('round half away from zero at the same scale', () => {
    const t = d(10, 3);
    const e = call('round', [col('a', t)], t, { decimals: 2 });
    expect(evaluate(ctx, e, { a: { type: t, values: [1005n, -1005n, 1004n, 1015n] } })).toEqual([
      1010n,
      -1010n,
      1000n,
      1020n,
    ]);
  });
  test('floorDiv by zero is null', () => {
    for (const t of [d(10, 2), d(30, 2)]) {
      const e = call('floorDiv', [col('a', t), lit(0n, t)], d(t.precision, 0));
      expect(evaluate(ctx, e, { a: { type: t, values: [100n, null] } })).toEqual([null, null]);
    }
  });
  test('long decimals stay exact', () => {
    const t = d(38, 0);
    const a = 12345678901234567890123456789012345678n;
    const b = 98765432109876543n;
    const columns = { a: { type: t, values: [a, -a] }, b: { type: t, values: [b, b] } };
    const on = (fn: string): unknown[] => evaluate(ctx, call(fn, [col('a', t), col('b', t)], t), columns);
    expect(on('floorDiv')).toEqual([a / b, -a / b - 1n]);
    expect(on('mod')).toEqual([a % b, b - (a % b)]);
    expect(evaluate(ctx, call('eq', [col('a', t), lit(a, t)], T.Bool), columns)).toEqual([true, false]);
  });
});

testOnDevice();
