import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { aggregate, aggregateMerged, groupsOf } from '../support/aggregates.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duckRows } from '../support/duck.ts';
import { compareValues, randomSource } from '../support/random-columns.ts';

const f64: LogicalType = { dtype: 'Float64' };

function quantile(rows: unknown[][], q: number, how: string): number | null {
  const xs = rows.map(([v]) => v as number).filter((v) => v !== null);
  if (xs.length === 0) return null;
  xs.sort(compareValues);
  const at = q * (xs.length - 1);
  const lower = xs[Math.floor(at)]!;
  const higher = xs[Math.ceil(at)]!;
  switch (how) {
    case 'lower':
      return lower;
    case 'higher':
      return higher;
    case 'nearest':
      return xs[Math.round(at)]!;
    case 'midpoint':
      return lower === higher ? lower : (lower + higher) / 2;
    default:
      return lower === higher ? lower : lower + (higher - lower) * (at - Math.floor(at));
  }
}

describe.each(['linear', 'lower', 'higher', 'nearest', 'midpoint'])('%s', (interpolation) => {
  test.each([0, 0.1, 0.25, 0.5, 0.75, 0.999, 1])('q = %d', (q) => {
    const call = { fn: 'quantile', args: [f64], options: { q, interpolation } };
    for (const [n, groups, distinct] of [
      [0, 2, 1],
      [1, 1, 1],
      [50, 20, 1000],
      [3000, 7, 10],
      [3000, 7, 1e6],
    ] as const) {
      const random = randomSource(n + distinct);
      const column = Array.from({ length: n }, () =>
        random() < 0.1 ? null : Math.floor(random() * distinct) - distinct / 3,
      );
      const gids = column.map(() => Math.floor(random() * groups));
      const expected = groupsOf([column], gids, groups).map((rows) => quantile(rows, q, interpolation));
      expect(aggregate(call, [column], gids, groups)).toEqual(expected);
      expect(aggregateMerged(call, [column], gids, groups)).toEqual(expected);
      const one = groupsOf([column], null, 1).map((rows) => quantile(rows, q, interpolation));
      expect(aggregate(call, [column], null, 1)).toEqual(one);
      expect(aggregateMerged(call, [column], null, 1)).toEqual(one);
    }
  });
});

describe('orders that quickselect dislikes', () => {
  const n = 200_001;
  test.each<[string, (i: number) => number]>([
    ['ascending', (i) => i],
    ['descending', (i) => -i],
    ['equal', () => 7],
    ['organ pipe', (i) => Math.min(i, n - i)],
    ['two values', (i) => i % 2],
  ])('%s', (_name, f) => {
    const column = Array.from({ length: n }, (_, i) => f(i));
    const sorted = Float64Array.from(column).sort();
    const call = { fn: 'quantile', args: [f64], options: { q: 0.5, interpolation: 'linear' } };
    expect(aggregate(call, [column], null, 1, { sizes: [65536] })).toEqual([sorted[(n - 1) / 2]]);
  });
});

test('NaN is greatest, infinite neighbours are themselves', () => {
  const median = { fn: 'quantile', args: [f64], options: { q: 0.5, interpolation: 'linear' } };
  const inf = Number.POSITIVE_INFINITY;
  expect(aggregate(median, [[Number.NaN, 1, 2]], null, 1)).toEqual([2]);
  expect(aggregate(median, [[Number.NaN, Number.NaN, 2]], null, 1)).toEqual([Number.NaN]);
  expect(aggregate(median, [[inf, inf, inf, inf]], null, 1)).toEqual([inf]);
  expect(aggregate(median, [[-inf, -inf]], null, 1)).toEqual([-inf]);
  expect(aggregate(median, [[-inf, inf]], null, 1)).toEqual([Number.NaN]);
  expect(aggregate(median, [[-0, 0]], null, 1)[0]).toBeCloseTo(0);
});

test('agrees with DuckDB', async () => {
  const source = `select (i * 7919) % 31 as g, case when i % 7 = 0 then null else ((i * 104729) % 100003) / 7.0 end::double as x
    from range(20000) t(i)`;
  const rows = await duckRows(source);
  const expected = await duckRows(
    `select median(x), quantile_cont(x, 0.3), quantile_cont(x, 0.99) from (${source}) group by g order by g`,
  );
  const gids = rows.map((r) => Number(r[0]));
  for (const [k, q] of [0.5, 0.3, 0.99].entries()) {
    const result = aggregate(
      { fn: 'quantile', args: [f64], options: { q, interpolation: 'linear' } },
      [rows.map((r) => r[1])],
      gids,
      31,
    );
    result.forEach((x, i) => {
      expect(Math.abs((x as number) - (expected[i]![k] as number))).toBeLessThan(1e-9);
    });
  }
});

testOnDevice();
