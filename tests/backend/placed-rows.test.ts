// Results that are written where they belong, beside the same rows as a stream hands them out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { concat, type DataFrame, Decimal, fromColumns, Int8, Int16 } from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { tuneEngine } from '../support/tuning.ts';

type Frame = DataFrame<any>;
type Cols = any;

/** Neither pieces nor groups of eight rows divide it. */
const ROWS = 7003;
/** The key of every row; `most` makes them rarer. */
function frameOf(rows: number, seed: number, most: number): Frame {
  const r = drawer(seed);
  const some = <T>(value: () => T): (T | null)[] => Array.from({ length: rows }, () => (r() < 0.1 ? null : value()));
  return fromColumns({
    row: Int32Array.from({ length: rows }, (_, i) => i),
    key: Int32Array.from({ length: rows }, () => Math.floor(r() * most)),
    x: some(() => r() * 100),
    b: some(() => r() < 0.5),
    s: some(() =>
      r() < 0.5 ? `w${Math.floor(r() * 40)}` : `a text of more than twelve bytes, ${Math.floor(r() * 1e6)}`,
    ),
  }) as unknown as Frame;
}

const QUERIES: Record<string, (df: Frame, unique: Frame) => Frame> = {
  'every row': (df) => df.filter((c: Cols) => c.row.ge(0)),
  'no row': (df) => df.filter((c: Cols) => c.row.lt(0)),
  'nine rows of ten': (df) => df.filter((c: Cols) => c.key.mod(10).ne(3)),
  'a few rows of each piece': (df) => df.filter((c: Cols) => c.row.mod(101).eq(0)),
  'whole pieces and empty ones': (df) => df.filter((c: Cols) => c.row.floorDiv(1000).mod(2).eq(0)),
  'one bit of rows that are no multiple of eight': (df) =>
    df.filter((c: Cols) => c.row.mod(7).ne(0)).select({ b: (c: Cols) => c.b, n: (c: Cols) => c.x.isNull() }),
  'other columns than the filter reads': (df) =>
    df.filter((c: Cols) => c.x.gt(30).and(c.key.mod(4).ne(1))).select('s', 'row', 'b'),
  'columns of a filter in another order': (df) =>
    df.filter((c: Cols) => c.b).select({ z: (c: Cols) => c.s, a: (c: Cols) => c.row }),
  'values that are computed where they belong': (df) =>
    df.select({
      a: (c: Cols) => c.row.mul(3).sub(1),
      s: (c: Cols) => c.s,
      b: (c: Cols) => c.x.mul(2).add(c.row),
      same: (c: Cols) => c.row.mul(3).sub(1),
      n: (c: Cols) => c.x.isNull(),
      d: (c: Cols) => c.key.cast(Decimal(12, 2)).add(c.row.cast(Decimal(12, 2))),
      i: (c: Cols) => c.row.mod(100).cast(Int8),
      f: (c: Cols) => c.x.fillNull(0).sqrt(),
    }),
  'values of rows that a filter keeps': (df) =>
    df.filter((c: Cols) => c.row.mod(11).ne(0)).select({ a: (c: Cols) => c.x.add(1), k: (c: Cols) => c.key.mul(2) }),
  'columns that a step makes': (df) => df.select({ u: (c: Cols) => c.s.str.toUpperCase(), y: (c: Cols) => c.x.add(1) }),
  'a join of rows that nearly all match': (df, unique) => df.join(unique.select('row', 's'), { on: { key: 'row' } }),
  'a join of few rows': (df, unique) =>
    df.join(
      unique.filter((c: Cols) => c.row.lt(9)),
      { on: { key: 'row' } },
    ),
  'a left join': (df, unique) => df.join(unique.select('row', 's', 'b'), { on: { key: 'row' }, how: 'left' }),
  'a full join': (df, unique) => df.join(unique.select('row', 's'), { on: { key: 'row' }, how: 'full' }),
  'keys that repeat': (df, unique) => df.join(unique.select('key', 's'), { on: 'key' }),
  'one below the other': (df) =>
    concat([df.filter((c: Cols) => c.x.gt(20)), df.filter((c: Cols) => c.b)] as any) as any,
  'a build side that is filtered': (df, unique) =>
    df.join(
      unique.filter((c: Cols) => c.key.mod(3).ne(0)),
      { on: { key: 'row' }, how: 'semi' },
    ),
  'an order': (df) => df.sort('key', 'row').filter((c: Cols) => c.key.mod(5).ne(0)),
};

const textOf = (row: object): string =>
  JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? String(v) : v instanceof Float64Array ? [...v] : v));

describe.each([
  ['small pieces', { minRows: 1, pieceRows: 640, pieceBytes: 4096 }, ROWS],
  ['real pieces', DEFAULT_TUNING, 31 * ROWS],
] as const)('%s', (_, tuning, rows) => {
  let df: Frame;
  let unique: Frame;
  beforeAll(async () => {
    await tuneEngine(tuning);
    df = (await frameOf(rows, 3, rows / 3).cache()) as Frame;
    unique = (await frameOf(Math.ceil(rows / 3.3), 4, 100).cache()) as Frame;
  });
  afterAll(() => tuneEngine(DEFAULT_TUNING));
  test.each(Object.keys(QUERIES))('%s', async (name) => {
    const query = QUERIES[name]!(df, unique);
    const expected: string[] = [];
    for await (const batch of query.batches()) expected.push(...batch.toRecords().map(textOf));
    for (const threads of [1, 2, 3]) {
      using table = await query.collect({ threads });
      const got = table.toRecords().map(textOf);
      expect(got.length).toBe(expected.length);
      const at = got.findIndex((text, i) => text !== expected[i]);
      expect(at < 0 ? null : [at, got[at]]).toEqual(at < 0 ? null : [at, expected[at]]);
    }
  });

  test('a predicate that fails says where', async () => {
    const query = df.filter((c: Cols) => c.row.mul(40).cast(Int16).ge(0));
    for (const threads of [1, 2])
      await expect(query.collect({ threads })).rejects.toThrow(/in row 820\b.*In: filter/is);
  });
  test('a value that fails says where', async () => {
    const query = df.select({ i: (c: Cols) => c.row.mul(40).cast(Int16) });
    for (const threads of [1, 2]) await expect(query.collect({ threads })).rejects.toThrow(/in row 820\b/);
  });
});
