// Filters that keep the first rows of each group by rank drop the others early: the same rows must be left as by ranking
// all of them, which is done here in plain JavaScript.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { type DataFrame, Float64, fromColumns, Int8, Int64, nullable, Utf8 } from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { tuneEngine } from '../support/tuning.ts';

type Value = number | bigint | boolean | null;
type Method = 'min' | 'max' | 'average' | 'ordinal' | 'dense';

/** Numbers in order, NaN above all of them. */
function compare(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The rank of each row in its group; null for null. */
function ranks(keys: readonly unknown[], values: readonly Value[], method: Method, descending: boolean) {
  const groups = new Map<unknown, number[]>();
  keys.forEach((key, row) => {
    groups.set(key, [...(groups.get(key) ?? []), row]);
  });
  const out: (number | null)[] = values.map(() => null);
  for (const rows of groups.values()) {
    const sign = descending ? -1 : 1;
    const there = rows.filter((row) => values[row] !== null);
    there.sort((a, b) => sign * compare(values[a]!, values[b]!) || a - b);
    let dense = 0;
    for (let from = 0; from < there.length; ) {
      let end = from;
      while (end < there.length && compare(values[there[from]!]!, values[there[end]!]!) === 0) end++;
      dense++;
      for (let i = from; i < end; i++)
        out[there[i]!] = { min: from + 1, max: end, average: (from + 1 + end) / 2, ordinal: i + 1, dense }[method];
      from = end;
    }
  }
  return out;
}

const VALUES = {
  f64: (r) => (r() < 0.05 ? Number.NaN : r() < 0.1 ? -0 : Math.floor(r() * 40) / 4 - 3),
  i64: (r) => BigInt(Math.floor(r() * 60)) - 9223372036854775808n,
  bool: (r) => r() < 0.5,
} satisfies Record<string, (r: () => number) => NonNullable<Value>>;

const ROWS = 6000;
const orNull = <T>(r: () => number, value: () => T): T | null => (r() < 0.05 ? null : value());

const SMALL = { minRows: 1, pieceRows: 640, pieceBytes: 4096 };

describe.each([
  ['in memory', SMALL, [1, 2, 7, 40], ['le', 'lt', 'eq'], [1, 2, 3]],
  ['spilling', { ...SMALL, spillBytes: 1 << 17 }, [2], ['le'], [2]],
] as const)('random frames, %s', (_, tuning, limits, ops, numbersOfThreads) => {
  beforeAll(() => tuneEngine(tuning));
  afterAll(() => tuneEngine(DEFAULT_TUNING));
  const cases = (['min', 'max', 'average', 'ordinal', 'dense'] as const).flatMap((method) =>
    [false, true].flatMap((descending) =>
      (Object.keys(VALUES) as (keyof typeof VALUES)[]).map((kind) => ({ method, descending, kind })),
    ),
  );
  test.each(cases)('$method, descending $descending, $kind', async ({ method, descending, kind }) => {
    const r = drawer(cases.findIndex((c) => c.method === method && c.descending === descending && c.kind === kind));
    const keys = Array.from({ length: ROWS }, () => orNull(r, () => `a key ${Math.floor(r() ** 3 * 200)}`));
    const values = Array.from({ length: ROWS }, () => orNull<Value>(r, () => VALUES[kind](r)));
    const row = Int32Array.from(keys, (_, i) => i);
    const df = (await (fromColumns({ row, k: keys, v: values as never }) as DataFrame<any>).cache()) as DataFrame<any>;
    const rank = (c: any) => c.v.rank({ method, descending }).over(c.k);
    const expected = ranks(keys, values, method, descending);
    for (const limit of limits)
      for (const op of ops)
        for (const threads of numbersOfThreads) {
          const table = await df.filter((c: any) => rank(c)[op](limit)).collect({ threads });
          const got = [...(table.toColumns()['row'] as Iterable<number>)];
          table.dispose();
          const passes = (n: number | null): boolean =>
            n !== null && (op === 'le' ? n <= limit : op === 'lt' ? n < limit : n === limit);
          const wanted = [...row].filter((i) => passes(expected[i]!));
          expect(got, `${op} ${limit}, ${threads} threads`).toEqual(wanted);
        }
  });
});

test('what stands beside the rank is computed of all rows', async () => {
  const df = fromColumns(
    { k: ['a', 'a', 'a', 'b'], v: [1, 2, 3, 4], t: ['1', 'x', '3', '4'] },
    { schema: { k: Utf8, v: Float64, t: Utf8 } },
  );
  const strict = df.filter((c) => c.v.rank({ method: 'ordinal' }).over(c.k).le(1).and(c.t.cast(Int64).gt(0)));
  await expect(strict.collect()).rejects.toThrow(/'x'|"x"/);
  const mean = df.filter((c) => c.v.rank({ method: 'ordinal' }).over(c.k).le(1).and(c.v.mean().over(c.k).gt(1.5)));
  expect((await mean.collect()).toRecords().map((x) => x.v)).toEqual([1, 4]);
});

test('a rank that is compared as a text, or may not fit its cast, is not cut short', async () => {
  const rows = 300;
  const df = fromColumns({ k: new Int32Array(rows), v: Float64Array.from({ length: rows }, (_, i) => i) });
  const rank = (c: any) => c.v.rank({ method: 'ordinal' }).over(c.k);
  const asText = (await df.filter((c) => rank(c).cast(Utf8).le('2')).collect()).toRecords();
  expect(asText).toHaveLength(Array.from({ length: rows }, (_, i) => String(i + 1)).filter((t) => t <= '2').length);
  await expect(df.filter((c) => rank(c).cast(Int8).le(2)).collect()).rejects.toThrow(/Int8/);
});

/** Too many rows to look at each, and then groups too many to keep. */
test('groups of one row, more than a million', async () => {
  const rows = 1_300_000;
  const df = fromColumns(
    { k: Int32Array.from({ length: rows }, (_, i) => i >> 1), v: Float64Array.from({ length: rows }, (_, i) => i % 2) },
    { schema: { k: nullable(Int64), v: Float64 } } as never,
  ) as DataFrame<any>;
  const first = df.filter((c: any) => c.v.rank({ method: 'ordinal', descending: true }).over(c.k).le(1));
  const table = await first.select({ n: (c: any) => c.k.count(), v: (c: any) => c.v.sum() }).collect({ threads: 2 });
  expect(table.toRecords()).toEqual([{ n: rows / 2, v: rows / 2 }]);
});
