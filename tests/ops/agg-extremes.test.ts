import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { aggregate, aggregateMerged, groupsOf } from '../support/aggregates.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duckRows } from '../support/duck.ts';
import { compareValues, randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

/** Zeros alike, NaN as one. */
const plain = (v: unknown): unknown => (v === 0 ? 0 : v instanceof Uint8Array ? [...v] : v);

function best(rows: unknown[][], sign: number): { value: unknown; row: number | null } {
  let value: unknown = null;
  let row: number | null = null;
  rows.forEach(([v], i) => {
    if (v === null) return;
    if (row === null || compareValues(v, value) * sign < 0) {
      value = v;
      row = i;
    }
  });
  return { value, row };
}

const CASES = [
  { fn: 'min', sign: 1, wanted: 'value' },
  { fn: 'max', sign: -1, wanted: 'value' },
  { fn: 'argMin', sign: 1, wanted: 'row' },
  { fn: 'argMax', sign: -1, wanted: 'row' },
] as const;

function check(fn: string, type: LogicalType, n: number, nulls: number, distinct: number): void {
  const { sign, wanted } = CASES.find((c) => c.fn === fn)!;
  const call = { fn, args: [type] };
  const random = randomSource(n + distinct);
  const groups = n > 100 ? 50 : 5;
  const column = randomColumn(type, n, random, { distinct, nulls });
  const gids = column.map(() => Math.floor(random() * groups));
  const sizes = n > 10000 ? [65536] : [100, 7, 0, 1000];
  const expected = groupsOf([column], gids, groups).map((rows) => plain(best(rows, sign)[wanted]));
  expect(aggregate(call, [column], gids, groups, { sizes }).map(plain)).toEqual(expected);
  const one = groupsOf([column], null, 1).map((rows) => plain(best(rows, sign)[wanted]));
  expect(aggregate(call, [column], null, 1, { sizes }).map(plain)).toEqual(one);
  if (n > 10000) return;
  expect(aggregateMerged(call, [column], gids, groups).map(plain)).toEqual(expected);
  expect(aggregateMerged(call, [column], null, 1).map(plain)).toEqual(one);
}

describe.each(SORTABLE)('$dtype $precision', (type) => {
  test.each(CASES)('$fn', ({ fn }) => {
    check(fn, type, 0, 0, 10);
    check(fn, type, 1, 0, 10);
    check(fn, type, 40, 0.9, 10);
    check(fn, type, 1500, 0, 3);
    check(fn, type, 1500, 0.2, 1000);
  });
});

describe.each(CASES)('$fn of 65,537 rows', ({ fn }) => {
  test.each([{ dtype: 'Int32' }, { dtype: 'Float64' }, { dtype: 'Utf8' }] as LogicalType[])('%j', (type) => {
    check(fn, type, 65537, 0.1, 5000);
  });
});

describe('NaN is greatest', () => {
  test.each([{ dtype: 'Float32' }, { dtype: 'Float64' }] as LogicalType[])('%j', (type) => {
    const nan = Number.NaN;
    for (const values of [
      [nan, 1, 2],
      [1, nan, 2],
      [nan, nan],
      [nan, Number.POSITIVE_INFINITY],
      Array.from({ length: 100 }, (_, i) => (i === 50 ? nan : i)),
      Array.from({ length: 100 }, () => nan),
      Array.from({ length: 100 }, (_, i) => (i % 2 ? nan : Number.POSITIVE_INFINITY)),
    ]) {
      for (const gids of [null, values.map(() => 0)]) {
        const numbers = values.filter((v) => !Number.isNaN(v));
        const least = numbers.length > 0 ? Math.min(...numbers) : nan;
        expect(aggregate({ fn: 'min', args: [type] }, [values], gids, 1)).toEqual([least]);
        expect(aggregate({ fn: 'max', args: [type] }, [values], gids, 1)).toEqual([nan]);
        expect(aggregate({ fn: 'argMax', args: [type] }, [values], gids, 1)).toEqual([values.findIndex(Number.isNaN)]);
      }
    }
  });
});

test('strings that grow every batch are kept without keeping every version', () => {
  const values = Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(20 + i / 10)}${String(i).padStart(5, '0')}`);
  const sizes = [50];
  const type: LogicalType = { dtype: 'Utf8' };
  const gids = values.map((_, i) => i % 3);
  for (const fn of ['max', 'min', 'last', 'first']) {
    const expected = groupsOf([values], gids, 3).map((rows) => {
      const strings = rows.map(([v]) => v as string);
      const sorted = [...strings].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return fn === 'min' ? sorted[0] : fn === 'max' ? sorted.at(-1) : fn === 'first' ? strings[0] : strings.at(-1);
    });
    expect(aggregate({ fn, args: [type] }, [values], gids, 3, { sizes })).toEqual(expected);
  }
});

test('agree with DuckDB', async () => {
  const source = `select (i * 7919) % 31 as g, case when i % 7 = 0 then null else (i * 104729) % 100003 end as a,
    case when i % 11 = 0 then null else 'word ' || ((i * 31) % 5003) || repeat('-', (i % 20)::int) end as s from range(20000) t(i)`;
  const rows = await duckRows(source);
  const expected = await duckRows(`select min(a), max(a), min(s), max(s) from (${source}) group by g order by g`);
  const gids = rows.map((r) => Number(r[0]));
  const int64: LogicalType = { dtype: 'Int64' };
  const utf8: LogicalType = { dtype: 'Utf8' };
  const of = (fn: string, type: LogicalType, k: number) =>
    aggregate({ fn, args: [type] }, [rows.map((r) => r[k])], gids, 31);
  expect(of('min', int64, 1)).toEqual(expected.map((r) => r[0]));
  expect(of('max', int64, 1)).toEqual(expected.map((r) => r[1]));
  expect(of('min', utf8, 2)).toEqual(expected.map((r) => r[2]));
  expect(of('max', utf8, 2)).toEqual(expected.map((r) => r[3]));
});

testOnDevice();
