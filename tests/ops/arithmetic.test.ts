import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { testContext } from '../support/engine.ts';
import { call, col, datetimeType, durationType, evaluate, lit, T } from '../support/nodes.ts';
import { caseName, type OpCase, runCase } from '../support/op-cases.ts';

const INTEGERS = [T.Int8, T.Int16, T.Int32, T.Int64, T.UInt8, T.UInt16, T.UInt32, T.UInt64];
const FLOATS = [T.Float32, T.Float64];

const cases: OpCase[] = [];
for (const t of [...INTEGERS, ...FLOATS] as LogicalType[]) {
  for (const fn of ['add', 'sub', 'mul', 'floorDiv', 'mod', 'clipMin', 'clipMax']) {
    cases.push({ fn, args: [t, t], returns: t, large: fn === 'mod' && (t.dtype === 'Int64' || t.dtype === 'Float64') });
  }
  for (const fn of ['neg', 'abs', 'sign']) cases.push({ fn, args: [t], returns: t });
}
for (const unit of ['ms', 'us', 'ns'] as const) {
  const at = datetimeType(unit);
  const span = durationType(unit);
  cases.push({ fn: 'add', args: [at, span], returns: at }, { fn: 'sub', args: [at, span], returns: at });
  cases.push({ fn: 'sub', args: [at, at], returns: span }, { fn: 'add', args: [span, span], returns: span });
}
for (const fn of ['div', 'pow']) {
  cases.push({
    fn,
    args: [T.Float64, T.Float64],
    returns: T.Float64,
    tolerance: { relative: fn === 'pow' ? 4e-15 : 0 },
  });
}

describe('arithmetic', () => {
  const ctx = testContext();
  test.each(cases.map((c) => [caseName(c), c] as const))('%s', (_, c) => {
    runCase(ctx, c);
  });
});

describe('rules', () => {
  const ctx = testContext();
  const one = (fn: string, type: LogicalType, a: unknown, b: unknown): unknown =>
    evaluate(ctx, call(fn, [col('a', type), col('b', type)], type), {
      a: { type, values: [a] },
      b: { type, values: [b] },
    })[0];

  test('integers wrap in the result dtype', () => {
    expect(one('add', T.Int8, 127, 1)).toBe(-128);
    expect(one('mul', T.UInt16, 65535, 65535)).toBe(1);
    expect(one('sub', T.UInt64, 0n, 1n)).toBe(2n ** 64n - 1n);
    expect(one('add', T.Int64, 2n ** 63n - 1n, 1n)).toBe(-(2n ** 63n));
  });
  test('floorDiv and mod are floored and take the sign of the divisor', () => {
    expect([one('floorDiv', T.Int32, -7, 2), one('mod', T.Int32, -7, 2)]).toEqual([-4, 1]);
    expect([one('floorDiv', T.Int32, 7, -2), one('mod', T.Int32, 7, -2)]).toEqual([-4, -1]);
    expect([one('floorDiv', T.Float64, -7.5, 2), one('mod', T.Float64, -7.5, 2)]).toEqual([-4, 0.5]);
    expect(one('mod', T.Float64, 1e20, 7)).toBe(2);
  });
  test('integer division by zero is null, of floats it is IEEE', () => {
    expect([one('floorDiv', T.Int64, 5n, 0n), one('mod', T.UInt8, 5, 0)]).toEqual([null, null]);
    expect([one('floorDiv', T.Float64, 5, 0), one('mod', T.Float64, 5, 0)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });
  test('the smallest integer divided by −1 wraps', () => {
    expect(one('floorDiv', T.Int32, -(2 ** 31), -1)).toBe(-(2 ** 31));
    expect(one('floorDiv', T.Int64, -(2n ** 63n), -1n)).toBe(-(2n ** 63n));
    expect(one('floorDiv', T.Int8, -128, -1)).toBe(-128);
    expect(one('mod', T.Int64, -(2n ** 63n), -1n)).toBe(0n);
  });
  test('a value under a null is zero', () => {
    const columns = { a: { type: T.Int32, values: [1, null, 3] } };
    const e = call('add', [col('a', T.Int32), lit(5, T.Int32)], T.Int32);
    expect(evaluate(ctx, e, columns)).toEqual([6, null, 8]);
  });
});

testOnDevice();
