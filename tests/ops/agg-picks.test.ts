// first, last, mode, nUnique, implode: aggregates that hand values on, of any dtype.
import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { aggregate, aggregateMerged, groupsOf } from '../support/aggregates.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { duckRows } from '../support/duck.ts';
import { randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

const GROUPS = 13;
const utf8: LogicalType = { dtype: 'Utf8' };
const NESTED: LogicalType[] = [
  { dtype: 'List', inner: { type: utf8, nullable: true } },
  { dtype: 'FixedSizeList', inner: { type: { dtype: 'Int32' }, nullable: true }, length: 2 },
  {
    dtype: 'Struct',
    fields: [
      { name: 'a', type: { dtype: 'Int64' }, nullable: true },
      { name: 'b', type: utf8, nullable: true },
    ],
  },
];

function nestedColumn(type: LogicalType, n: number, random: () => number): unknown[] {
  const text = () => (random() < 0.2 ? null : 'a text that may be longer than a view'.slice(Math.floor(random() * 36)));
  const number = () => (random() < 0.2 ? null : Math.floor(random() * 100));
  return Array.from({ length: n }, () => {
    if (random() < 0.1) return null;
    switch (type.dtype) {
      case 'List':
        return Array.from({ length: Math.floor(random() * 4) }, text);
      case 'FixedSizeList':
        return [number(), number()];
      default:
        return [random() < 0.2 ? null : BigInt(Math.floor(random() * 100)), text()];
    }
  });
}

const columnOf = (
  type: LogicalType,
  n: number,
  seed: number,
  distinct: number,
): { column: unknown[]; gids: number[] } => {
  const random = randomSource(seed);
  const column = NESTED.includes(type)
    ? nestedColumn(type, n, random)
    : type.dtype === 'Null'
      ? Array.from({ length: n }, () => null)
      : randomColumn(type, n, random, { distinct, nulls: 0.2 });
  return { column, gids: column.map(() => Math.floor(random() * GROUPS)) };
};

/** Comparable forms: zeros alike, NaN as one, bytes as arrays. */
const key = (v: unknown): string =>
  JSON.stringify(v, (_, x) =>
    typeof x === 'bigint'
      ? `${x}n`
      : typeof x === 'number'
        ? x === 0
          ? '0'
          : String(x)
        : x?.type === 'Buffer'
          ? x.data
          : x instanceof Uint8Array
            ? [...x]
            : x,
  ) ?? 'null';

const PICKS: { fn: string; expected: (rows: unknown[][]) => unknown }[] = [
  { fn: 'first', expected: (rows) => rows[0]?.[0] ?? null },
  { fn: 'last', expected: (rows) => rows.at(-1)?.[0] ?? null },
  { fn: 'implode', expected: (rows) => rows.map((r) => r[0]) },
];
const COUNTS: { fn: string; expected: (rows: unknown[][]) => unknown }[] = [
  { fn: 'nUnique', expected: (rows) => new Set(rows.map((r) => key(r[0]))).size },
  {
    fn: 'mode',
    expected: (rows) => {
      const counts = new Map<string, { n: number; value: unknown }>();
      for (const [v] of rows) {
        if (v === null) continue;
        const entry = counts.get(key(v)) ?? { n: 0, value: v };
        entry.n++;
        counts.set(key(v), entry);
      }
      let best = { n: 0, value: null as unknown };
      for (const c of counts.values()) if (c.n > best.n) best = c;
      return best.value;
    },
  },
];

function check(
  fn: string,
  expected: (rows: unknown[][]) => unknown,
  type: LogicalType,
  n: number,
  distinct: number,
): void {
  const { column, gids } = columnOf(type, n, n + distinct, distinct);
  const call = { fn, args: [type] };
  const sizes = n > 10000 ? [65536] : [100, 7, 0, 1000];
  const grouped = groupsOf([column], gids, GROUPS).map((rows) => key(expected(rows)));
  expect(aggregate(call, [column], gids, GROUPS, { sizes }).map(key)).toEqual(grouped);
  const one = groupsOf([column], null, 1).map((rows) => key(expected(rows)));
  expect(aggregate(call, [column], null, 1, { sizes }).map(key)).toEqual(one);
  if (n > 10000) return;
  expect(aggregateMerged(call, [column], gids, GROUPS).map(key)).toEqual(grouped);
  expect(aggregateMerged(call, [column], null, 1).map(key)).toEqual(one);
}

describe.each(PICKS)('$fn', ({ fn, expected }) => {
  test.each([...SORTABLE, ...NESTED, { dtype: 'Null' } as LogicalType])('$dtype $precision', (type) => {
    for (const n of [0, 1, 8, 1000]) check(fn, expected, type, n, 300);
  });
  test.each([{ dtype: 'Int16' }, utf8] as LogicalType[])('65,537 rows of $dtype', (type) => {
    check(fn, expected, type, 65537, 300);
  });
});

describe.each(COUNTS)('$fn', ({ fn, expected }) => {
  test.each([...SORTABLE, { dtype: 'Null' } as LogicalType])('$dtype $precision', (type) => {
    for (const n of [0, 1, 1000]) {
      check(fn, expected, type, n, 5);
      check(fn, expected, type, n, 300);
    }
  });
  test.each([{ dtype: 'Int16' }, utf8] as LogicalType[])('65,537 rows of $dtype', (type) => {
    check(fn, expected, type, 65537, 300);
  });
});

test('agree with DuckDB', async () => {
  const source = `select (i * 7919) % 31 as g, case when i % 7 = 0 then null else (i * i) % 1009 end as a, i
    from range(20000) t(i)`;
  const rows = await duckRows(`select * from (${source}) order by i`);
  const expected = await duckRows(
    `select count(distinct a), first(a order by i), last(a order by i), list(a order by i)[1:5] from (${source}) group by g order by g`,
  );
  const gids = rows.map((r) => Number(r[0]));
  const int64: LogicalType = { dtype: 'Int64' };
  const of = (fn: string) => aggregate({ fn, args: [int64] }, [rows.map((r) => r[1])], gids, 31);
  // Null counts as one value here, not in SQL.
  expect(of('nUnique')).toEqual(expected.map((r) => Number(r[0]) + 1));
  expect(of('first')).toEqual(expected.map((r) => r[1]));
  expect(of('last')).toEqual(expected.map((r) => r[2]));
  expect(of('implode').map((l) => (l as unknown[]).slice(0, 5))).toEqual(
    expected.map((r) => (r[3] as { items: unknown[] }).items),
  );
});

testOnDevice();
