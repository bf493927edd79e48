import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { drawer } from '../support/drawer.ts';
import { testContext } from '../support/engine.ts';
import { call, col, evaluate, T } from '../support/nodes.ts';
import { caseName, type OpCase, runCase } from '../support/op-cases.ts';

const FLOATS = [T.Float32, T.Float64] as LogicalType[];
const cases: OpCase[] = [];
for (const t of FLOATS) {
  // Float32 results are rounded doubles, which may differ by the last bit of a float.
  const tolerance = { relative: t.dtype === 'Float32' ? 1.2e-7 : 1e-14 };
  for (const fn of ['sqrt', 'floor', 'ceil']) cases.push({ fn, args: [t], returns: t, large: true });
  for (const fn of ['exp', 'log1p', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan']) {
    cases.push({ fn, args: [t], returns: t, tolerance });
  }
  for (const base of [null, 2, 10, 3, 0.5])
    cases.push({ fn: 'log', args: [t], returns: t, options: { base }, tolerance });
  for (const decimals of [0, 1, 2, 10, -1, -3, 308, -308]) {
    cases.push({ fn: 'round', args: [t], returns: t, options: { decimals } });
  }
  for (const fn of ['isNan', 'isFinite']) cases.push({ fn, args: [t], returns: T.Bool, large: true });
}
for (const t of [T.Int8, T.Int16, T.Int32, T.Int64, T.UInt8, T.UInt16, T.UInt32, T.UInt64] as LogicalType[]) {
  for (const decimals of [0, 2, -1, -2, -5, -18, -19, -30]) {
    cases.push({ fn: 'round', args: [t], returns: t, options: { decimals } });
  }
}

describe('maths', () => {
  const ctx = testContext();
  test.each(cases.map((c) => [`${caseName(c)} ${JSON.stringify(c.options ?? {})}`, c] as const))('%s', (_, c) => {
    runCase(ctx, c);
  });
});

describe('rules', () => {
  const ctx = testContext();
  const one = (fn: string, x: number, options = {}): unknown =>
    evaluate(ctx, call(fn, [col('a', T.Float64)], T.Float64, options), { a: { type: T.Float64, values: [x] } })[0];

  test('round goes half away from zero', () => {
    expect([0.5, -0.5, 1.5, 2.5, -2.5].map((x) => one('round', x, { decimals: 0 }))).toEqual([1, -1, 2, 3, -3]);
    expect(one('round', 0.49999999999999994, { decimals: 0 })).toBe(0);
    expect(one('round', 1234.5678, { decimals: 2 })).toBe(1234.57);
    expect(one('round', 1250, { decimals: -2 })).toBe(1300);
    expect(one('round', 1e300, { decimals: 20 })).toBe(1e300);
  });
  test('logarithms of powers of 2 and 10 are exact', () => {
    expect(one('log', 1000, { base: 10 })).toBe(3);
    expect(one('log', 2 ** 40, { base: 2 })).toBe(40);
    expect(one('log', 0, { base: null })).toBe(Number.NEGATIVE_INFINITY);
    expect(one('log', -1, { base: null })).toBeNaN();
  });
});

testOnDevice();

/** The argument is reduced in different ways by size: draws at all sizes, and doubles next to multiples of a quarter. */
test('sines, cosines and tangents of large numbers', async () => {
  const draw = drawer(3);
  const near = Array.from({ length: 20_000 }, () => (Math.floor(draw() * 2 ** 23) * Math.PI) / 2);
  const drawn = Array.from({ length: 100_000 }, () => (draw() - 0.5) * 10 ** (draw() * 18));
  const between = Array.from({ length: 100_000 }, () => (draw() < 0.5 ? -1 : 1) * (1_600_000 + draw() * 2_700_000));
  const x = Float64Array.from([near, drawn, between, [1919475.4357]].flat());
  const table = await fromColumns({ x })
    .select({ sin: (c) => c.x.sin(), cos: (c) => c.x.cos(), tan: (c) => c.x.tan() })
    .collect();
  for (const [name, got] of Object.entries(
    table.toColumns() as unknown as Record<'sin' | 'cos' | 'tan', Float64Array>,
  )) {
    const f = Math[name as 'sin'];
    // Near its poles a tangent has the error of a cosine near zero.
    const relative = name === 'tan' ? 1e-11 : 1e-13;
    const bad = x.findIndex((v, i) => !(Math.abs(got[i]! - f(v)) <= relative * Math.abs(f(v)) + 1e-24));
    expect(bad < 0 ? '' : `${name}(${x[bad]}) is ${f(x[bad]!)}, got ${got[bad]}`).toBe('');
  }
  table.dispose();
});
