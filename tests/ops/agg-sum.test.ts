import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { aggregate, aggregateMerged, groupsOf } from '../support/aggregates.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duckRows } from '../support/duck.ts';
import { randomColumn, randomSource } from '../support/random-columns.ts';

const GROUPS = 17;
const gidsFor = (n: number, random: () => number): number[] =>
  Array.from({ length: n }, () => Math.floor(random() * GROUPS));

/** Whole numbers that may be summed exactly, whatever their dtype. */
const whole = (v: unknown): bigint => (v === null ? 0n : typeof v === 'boolean' ? BigInt(v) : BigInt(v as number));

const EXACT: LogicalType[] = [
  { dtype: 'Bool' },
  { dtype: 'Int8' },
  { dtype: 'UInt8' },
  { dtype: 'Int16' },
  { dtype: 'UInt16' },
  { dtype: 'Int32' },
  { dtype: 'UInt32' },
  { dtype: 'Decimal', precision: 12, scale: 2 },
  { dtype: 'Decimal', precision: 38, scale: 4 },
];

describe.each(EXACT)('sum of $dtype $precision', (type) => {
  test.each([0, 1, 5000])('%d rows', (n) => {
    const random = randomSource(n + 1);
    // Two thirds of the digits: thousands of rows must not overflow.
    const column =
      type.dtype === 'Decimal' && type.precision === 38
        ? Array.from({ length: n }, (_, i) => (i % 9 === 0 ? null : BigInt(i - 2000) * 10n ** 28n + BigInt(i)))
        : randomColumn(type, n, random);
    const gids = gidsFor(n, random);
    const isWide = type.dtype !== 'Bool';
    const total = (rows: unknown[][]): unknown => {
      const sum = rows.reduce((s, [v]) => s + whole(v), 0n);
      return isWide ? sum : Number(sum);
    };
    const call = { fn: 'sum', args: [type] };
    const grouped = groupsOf([column], gids, GROUPS).map(total);
    expect(aggregate(call, [column], gids, GROUPS)).toEqual(grouped);
    expect(aggregateMerged(call, [column], gids, GROUPS)).toEqual(grouped);
    const one = groupsOf([column], null, 1).map(total);
    expect(aggregate(call, [column], null, 1)).toEqual(one);
    expect(aggregateMerged(call, [column], null, 1)).toEqual(one);
  });
});

describe('64-bit sums', () => {
  const int64: LogicalType = { dtype: 'Int64' };
  const uint64: LogicalType = { dtype: 'UInt64' };
  const max = 2n ** 63n - 1n;
  test.each([null, [0, 0, 0, 0]])('fit although they overflow on the way, gids %j', (gids) => {
    expect(aggregate({ fn: 'sum', args: [int64] }, [[max, max, -max, -5n]], gids, 1)).toEqual([max - 5n]);
    expect(aggregate({ fn: 'sum', args: [int64] }, [[-max, -1n, null, 0n]], gids, 1)).toEqual([-(2n ** 63n)]);
    expect(aggregate({ fn: 'sum', args: [uint64] }, [[2n ** 64n - 2n, 1n, 0n, null]], gids, 1)).toEqual([
      2n ** 64n - 1n,
    ]);
  });
  test.each([
    [int64, [max, 1n]],
    [int64, [-max, -2n]],
    [uint64, [2n ** 64n - 1n, 1n]],
    [{ dtype: 'Duration', unit: 'ms' } as LogicalType, [max, 1n]],
    [{ dtype: 'Decimal', precision: 38, scale: 0 } as LogicalType, [10n ** 38n - 1n, 1n]],
    [{ dtype: 'Decimal', precision: 38, scale: 0 } as LogicalType, [-(10n ** 38n) + 1n, -1n]],
  ])('overflow of %j is an error that names the column', (type, values) => {
    for (const gids of [null, [0, 0]]) {
      expect(() => aggregate({ fn: 'sum', args: [type] }, [values], gids, 1)).toThrow(
        expect.objectContaining({
          code: 'ERR_OVERFLOW',
          message: expect.stringMatching(/sum of column "a" does not fit/),
        }),
      );
    }
  });
  test('Duration stays a Duration', () => {
    const duration: LogicalType = { dtype: 'Duration', unit: 'us' };
    expect(aggregate({ fn: 'sum', args: [duration] }, [[5n, null, -7n]], [0, 0, 1], 3)).toEqual([5n, -7n, 0n]);
  });
});

describe('float sums', () => {
  const f64: LogicalType = { dtype: 'Float64' };
  test.each([null, 'grouped'])('lose nothing where a plain sum does, %s', (how) => {
    // 1e16 and −1e16 swallow the ones between them in a plain sum.
    const values = [1, 1e16, 1, 1, 1, 1, 1, 1, 1, -1e16, 1, 1];
    const gids = how ? values.map(() => 0) : null;
    // libcudf adds floats plainly and in any order: backends agree on sums of like sign.
    expect(aggregate({ fn: 'sum', args: [f64] }, [values], gids, 1, { onDevice: false })).toEqual([10]);
    expect(aggregateMerged({ fn: 'sum', args: [f64] }, [values], gids, 1)).toEqual([10]);
  });
  test.each([
    [[1, Number.NaN], Number.NaN],
    [[Number.POSITIVE_INFINITY, 1, 2, 3, 4], Number.POSITIVE_INFINITY],
    [[Number.NEGATIVE_INFINITY, 1], Number.NEGATIVE_INFINITY],
    [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], Number.NaN],
    [[null, null], 0],
    [[], 0],
    [[-0], 0],
    [[1.7e308, 1.7e308], Number.POSITIVE_INFINITY],
  ])('sum of %j is %d', (values, expected) => {
    for (const gids of [null, values.map(() => 0)]) {
      const [sum] = aggregate({ fn: 'sum', args: [f64] }, [values], gids, 1);
      expect(Object.is(sum, expected) || sum === expected).toBe(true);
    }
  });
  test.each([{ dtype: 'Float32' } as LogicalType, f64])('random %j agree with exact sums', (type) => {
    const random = randomSource(9);
    const n = 30000;
    const column = Array.from({ length: n }, () => {
      const x = (random() - 0.5) * 2 ** Math.floor(random() * 40);
      return random() < 0.1 ? null : type.dtype === 'Float32' ? Math.fround(x) : x;
    });
    const gids = gidsFor(n, random);
    // Scaled by 2^80 every value here is a whole number.
    const exact = (rows: unknown[][]): number => {
      let sum = 0n;
      for (const [v] of rows) if (v !== null) sum += scaled(v as number);
      return Number(sum) / 2 ** 80;
    };
    const close = (a: unknown[], b: number[]) =>
      a.forEach((x, i) => {
        expect(Math.abs((x as number) - b[i]!)).toBeLessThanOrEqual(Math.abs(b[i]!) * 2 ** -52);
      });
    close(aggregate({ fn: 'sum', args: [type] }, [column], gids, GROUPS), groupsOf([column], gids, GROUPS).map(exact));
    close(aggregate({ fn: 'sum', args: [type] }, [column], null, 1), groupsOf([column], null, 1).map(exact));
    close(aggregateMerged({ fn: 'sum', args: [type] }, [column], null, 1), groupsOf([column], null, 1).map(exact));
  });
});

/** x · 2^80 as a whole number. */
function scaled(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  if (exponent === 0) return 0n;
  const mantissa = (bits & 0xfffffffffffffn) | (1n << 52n);
  const shift = BigInt(exponent - 1075 + 80);
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -magnitude : magnitude;
}

describe('count and len', () => {
  test.each([0, 1, 8, 65537])('%d rows', (n) => {
    const random = randomSource(n + 3);
    const type: LogicalType = { dtype: 'Int32' };
    const column = randomColumn(type, n, random, { nulls: 0.3 });
    const gids = gidsFor(n, random);
    const values = (rows: unknown[][]) => rows.filter(([v]) => v !== null).length;
    const sizes = [65536];
    for (const [ids, groups] of [
      [gids, GROUPS],
      [null, 1],
    ] as const) {
      const rows = groupsOf([column], ids, groups);
      expect(aggregate({ fn: 'count', args: [type] }, [column], ids, groups, { sizes })).toEqual(rows.map(values));
      expect(aggregate({ fn: 'len', args: [] }, [], ids, groups, { sizes, length: n })).toEqual(
        rows.map((r) => r.length),
      );
      expect(aggregateMerged({ fn: 'count', args: [type] }, [column], ids, groups)).toEqual(rows.map(values));
    }
  });
  test('a column of nulls counts nothing', () => {
    expect(aggregate({ fn: 'count', args: [{ dtype: 'Null' }] }, [[null, null]], [0, 1], 2)).toEqual([0, 0]);
  });
});

test('sums agree with DuckDB', async () => {
  const n = 20000;
  const rows = await duckRows(
    `select (i * 7919) % 13 as g, case when i % 7 = 0 then null else (i * 104729) % 100003 - 50000 end as a,
       case when i % 5 = 0 then null else (i % 1000) / 8.0 - 60 end::double as f from range(${n}) t(i)`,
  );
  const gids = rows.map((r) => Number(r[0]));
  const ints = rows.map((r) => r[1]);
  const floats = rows.map((r) => r[2]);
  const expected = await duckRows(
    `select sum(a)::bigint, sum(f), count(a), count(*) from (
       select (i * 7919) % 13 as g, case when i % 7 = 0 then null else (i * 104729) % 100003 - 50000 end as a,
       case when i % 5 = 0 then null else (i % 1000) / 8.0 - 60 end::double as f from range(${n}) t(i)) group by g order by g`,
  );
  const int64: LogicalType = { dtype: 'Int64' };
  expect(aggregate({ fn: 'sum', args: [int64] }, [ints], gids, 13)).toEqual(expected.map((r) => r[0]));
  expect(aggregate({ fn: 'sum', args: [{ dtype: 'Float64' }] }, [floats], gids, 13)).toEqual(expected.map((r) => r[1]));
  expect(aggregate({ fn: 'count', args: [int64] }, [ints], gids, 13)).toEqual(expected.map((r) => Number(r[2])));
});

testOnDevice();
