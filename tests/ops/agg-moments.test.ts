import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { aggregate, aggregateMerged, groupsOf } from '../support/aggregates.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duckRows } from '../support/duck.ts';
import { randomSource } from '../support/random-columns.ts';

const f64: LogicalType = { dtype: 'Float64' };
const GROUPS = 9;

const valuesOf = (rows: unknown[][]): number[] => rows.map(([v]) => v as number).filter((v) => v !== null);
const mean = (xs: number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;
/** The k-th moment about the mean, divided by n, in two passes. */
const moment = (xs: number[], k: number): number => {
  const m = mean(xs);
  return xs.reduce((s, x) => s + (x - m) ** k, 0) / xs.length;
};
const variance = (xs: number[], ddof: number): number | null =>
  xs.length > ddof ? (moment(xs, 2) * xs.length) / (xs.length - ddof) : null;
const pairs = (rows: unknown[][]): [number, number][] =>
  rows.filter(([a, b]) => a !== null && b !== null) as [number, number][];
const product = (ps: [number, number][]): number => {
  const mx = mean(ps.map((p) => p[0]));
  const my = mean(ps.map((p) => p[1]));
  return ps.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0);
};

interface Case {
  name: string;
  fn: string;
  options?: { ddof: number };
  args?: number;
  expected: (rows: unknown[][]) => number | null;
}
const one = (f: (xs: number[]) => number) => (rows: unknown[][]) => {
  const xs = valuesOf(rows);
  return xs.length === 0 ? null : f(xs);
};
const CASES: Case[] = [
  { name: 'mean', fn: 'mean', expected: one(mean) },
  { name: 'var, ddof 1', fn: 'var', options: { ddof: 1 }, expected: (r) => variance(valuesOf(r), 1) },
  { name: 'var, ddof 0', fn: 'var', options: { ddof: 0 }, expected: (r) => variance(valuesOf(r), 0) },
  { name: 'var, ddof 3', fn: 'var', options: { ddof: 3 }, expected: (r) => variance(valuesOf(r), 3) },
  { name: 'skew', fn: 'skew', expected: one((xs) => moment(xs, 3) / moment(xs, 2) ** 1.5) },
  { name: 'kurtosis', fn: 'kurtosis', expected: one((xs) => moment(xs, 4) / moment(xs, 2) ** 2 - 3) },
  {
    name: 'cov',
    fn: 'cov',
    args: 2,
    options: { ddof: 1 },
    expected: (r) => (pairs(r).length > 1 ? product(pairs(r)) / (pairs(r).length - 1) : null),
  },
  {
    name: 'corr',
    fn: 'corr',
    args: 2,
    expected: (r) => {
      const ps = pairs(r);
      if (ps.length === 0) return null;
      const xs = ps.map((p) => p[0]);
      const ys = ps.map((p) => p[1]);
      return product(ps) / ps.length / Math.sqrt(moment(xs, 2) * moment(ys, 2));
    },
  },
];

function expectClose(actual: unknown[], expected: (number | null)[], tolerance = 1e-9): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    const e = expected[i]!;
    if (e === null || Number.isNaN(e)) expect(x).toEqual(e);
    else expect(Math.abs((x as number) - e)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(e)));
  });
}

describe.each(CASES)('$name', ({ fn, options = {}, args = 1, expected }) => {
  const call = { fn, args: Array.from({ length: args }, () => f64), options };
  const columns = (n: number, nulls: number, offset: number) => {
    const random = randomSource(n + offset);
    const gids = Array.from({ length: n }, () => Math.floor(random() * GROUPS));
    const x = Array.from({ length: n }, () => (random() < nulls ? null : offset + random() ** 3 * 10));
    const y = x.map((v) => (random() < nulls ? null : (v ?? 0) * 0.5 + random()));
    return { gids, columns: [x, y].slice(0, args) };
  };
  test.each([
    [0, 0, 0],
    [1, 0, 0],
    [30, 0.8, 0],
    [5000, 0, 0],
    [5000, 0.2, 1000],
    [65537, 0.1, -5],
  ])('%d rows, nulls %d, offset %d', (n, nulls, offset) => {
    const { gids, columns: cols } = columns(n, nulls, offset);
    const tolerance = offset === 1000 ? 1e-7 : 1e-9;
    const groups = groupsOf(cols, gids, GROUPS).map(expected);
    const sizes = n > 10000 ? [65536] : [100, 7, 0, 1000];
    expectClose(aggregate(call, cols, gids, GROUPS, { sizes }), groups, tolerance);
    expectClose(aggregateMerged(call, cols, gids, GROUPS), groups, tolerance);
    const all = groupsOf(cols, null, 1).map(expected);
    expectClose(aggregate(call, cols, null, 1, { sizes }), all, tolerance);
    expectClose(aggregateMerged(call, cols, null, 1), all, tolerance);
  });
});

describe('a large mean costs no digits', () => {
  // Values 1e9 + {4, 7, 13, 16}: variance 30, whatever the offset (a sum of squares would give 0 or worse).
  const values = Array.from({ length: 4000 }, (_, i) => 1e9 + [4, 7, 13, 16][i % 4]!);
  const expected = (22.5 * 4000) / 3999;
  test.each([null, values.map(() => 0)])('var', (gids) => {
    for (const run of [aggregate, aggregateMerged]) {
      const [x] = run({ fn: 'var', args: [f64], options: { ddof: 1 } }, [values], gids, 1);
      expect(Math.abs((x as number) - expected)).toBeLessThan(1e-7);
      const [r] = run({ fn: 'corr', args: [f64, f64] }, [values, values.map((v) => -v)], gids, 1);
      expect(Math.abs((r as number) + 1)).toBeLessThan(1e-12);
    }
  });
});

test('no spread', () => {
  const same = [3, 3, 3];
  for (const gids of [null, [0, 0, 0]]) {
    expect(aggregate({ fn: 'var', args: [f64], options: { ddof: 1 } }, [same], gids, 1)).toEqual([0]);
    expect(aggregate({ fn: 'skew', args: [f64] }, [same], gids, 1)).toEqual([Number.NaN]);
    expect(aggregate({ fn: 'kurtosis', args: [f64] }, [same], gids, 1)).toEqual([Number.NaN]);
    expect(aggregate({ fn: 'corr', args: [f64, f64] }, [same, [1, 2, 3]], gids, 1)).toEqual([Number.NaN]);
  }
});

test('NaN and infinity go through', () => {
  for (const gids of [null, [0, 0, 0]]) {
    const nan = [1, Number.NaN, 3];
    expect(aggregate({ fn: 'mean', args: [f64] }, [nan], gids, 1)).toEqual([Number.NaN]);
    expect(aggregate({ fn: 'var', args: [f64], options: { ddof: 1 } }, [nan], gids, 1)).toEqual([Number.NaN]);
    expect(aggregate({ fn: 'corr', args: [f64, f64] }, [nan, [1, 2, 3]], gids, 1)).toEqual([Number.NaN]);
    const infinite = [1, Number.POSITIVE_INFINITY, 3];
    expect(aggregate({ fn: 'mean', args: [f64] }, [infinite], gids, 1)).toEqual([Number.POSITIVE_INFINITY]);
  }
});

test('agree with DuckDB', async () => {
  const source = `select (i * 7919) % 31 as g, case when i % 7 = 0 then null else ((i * 104729) % 100003) / 7.0 end::double as x,
    case when i % 11 = 0 then null else ((i * 31) % 5003) / 3.0 end::double as y from range(20000) t(i)`;
  const rows = await duckRows(source);
  const expected = await duckRows(
    `select avg(x), var_samp(x), var_pop(x), covar_samp(x, y), corr(x, y), kurtosis_pop(x) from (${source}) group by g order by g`,
  );
  const gids = rows.map((r) => Number(r[0]));
  const x = rows.map((r) => r[1]);
  const y = rows.map((r) => r[2]);
  const column = (k: number) => expected.map((r) => r[k] as number);
  const of = (fn: string, cols: unknown[][], options = {}) =>
    aggregate({ fn, args: cols.map(() => f64), options }, cols, gids, 31);
  expectClose(of('mean', [x]), column(0), 1e-12);
  expectClose(of('var', [x], { ddof: 1 }), column(1), 1e-12);
  expectClose(of('var', [x], { ddof: 0 }), column(2), 1e-12);
  expectClose(of('cov', [x, y], { ddof: 1 }), column(3), 1e-11);
  expectClose(of('corr', [x, y]), column(4), 1e-11);
  expectClose(of('kurtosis', [x]), column(5), 1e-9);
});

testOnDevice();
