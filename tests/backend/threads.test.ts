// Queries on several threads: the same bits as on one, whatever the number of threads; errors, aborts, limits and deaths.
import { createHash } from 'node:crypto';
import v8 from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CpuBackend } from '../../ts/backend/cpu/cpu-backend.ts';
import { DEFAULT_TUNING, type Tuning } from '../../ts/backend/cpu/tuning.ts';
import { loadBackend } from '../../ts/backend/registry.ts';
import { type DataFrame, fromColumns, len } from '../../ts/index.ts';

type Frame = DataFrame<any>;
type Cols = any;

async function backend(): Promise<CpuBackend> {
  const loaded = await loadBackend('cpu', { bytesOf: () => new Uint8Array(), fetchRange: async () => {} });
  if (!('backend' in loaded)) throw new Error('the CPU backend is always there');
  return loaded.backend as CpuBackend;
}
async function tune(tuning: Tuning): Promise<void> {
  (await backend()).engine.tuning = tuning;
}
const SMALL: Tuning = { minRows: 1, pieceRows: 640, pieceBytes: 4096 };

/** Draws that are the same in every run. */
function drawer(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
}

function frameOf(rows: number, seed: number): Frame {
  const r = drawer(seed);
  const nullable = <T>(value: () => T): (T | null)[] =>
    Array.from({ length: rows }, () => (r() < 0.05 ? null : value()));
  return fromColumns({
    row: Int32Array.from({ length: rows }, (_, i) => i),
    k: Int32Array.from({ length: rows }, () => Math.floor(r() * 50)),
    big: Int32Array.from({ length: rows }, () => Math.floor(r() * rows * 2)),
    x: Float64Array.from({ length: rows }, () => (r() - 0.5) * 10 ** Math.floor(r() * 12)),
    n: nullable(() => r() * 100),
    i: BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(r() * 1e12))),
    s: nullable(() => (r() < 0.5 ? `w${Math.floor(r() * 40)}` : `a longer text with number ${Math.floor(r() * 40)}`)),
    b: Array.from({ length: rows }, () => r() < 0.3),
  }) as unknown as Frame;
}

/** Every bit of a result, as a digest by column: comparing half a million values one by one takes longer than the query. */
async function bitsOf(df: Frame, threads: number): Promise<Record<string, string>> {
  const table = await df.collect({ threads });
  const columns = Object.entries(table.toColumns() as Record<string, ArrayLike<unknown>>);
  table.dispose();
  return Object.fromEntries(
    columns.map(([name, values]) => [
      name,
      `${values.length} ${createHash('sha1').update(v8.serialize(values)).digest('hex')}`,
    ]),
  );
}

const QUERIES: Record<string, (df: Frame, other: Frame) => Frame> = {
  'filter, some columns': (df) => df.filter((c: Cols) => c.x.gt(0).and(c.k.lt(30))),
  'filter that keeps all': (df) => df.filter((c: Cols) => c.k.ge(0)),
  'filter that keeps nothing': (df) => df.filter((c: Cols) => c.k.lt(0)),
  'few rows in few pieces': (df) => df.filter((c: Cols) => c.row.mod(997).eq(0)),
  project: (df) =>
    df.select({
      a: (c: Cols) => c.x.mul(2).add(c.n),
      u: (c: Cols) => c.s.str.toUpperCase(),
      b: (c: Cols) => c.b.not(),
    }),
  'limit behind a filter': (df) => df.filter((c: Cols) => c.k.eq(7)).head(11),
  tail: (df) => df.filter((c: Cols) => c.k.lt(7)).tail(13),
  'sum and mean of all': (df) =>
    df.select({ a: (c: Cols) => c.x.sum(), b: (c: Cols) => c.n.mean(), c: len(), d: (c: Cols) => c.s.max() }),
  'group by few keys': (df) =>
    df.groupBy('k').agg({
      sum: (c: Cols) => c.x.sum(),
      mean: (c: Cols) => c.n.mean(),
      std: (c: Cols) => c.x.std(),
      min: (c: Cols) => c.s.min(),
      max: (c: Cols) => c.i.max(),
      first: (c: Cols) => c.s.first(),
      last: (c: Cols) => c.n.last(),
      n: len(),
      some: (c: Cols) => c.n.count(),
      median: (c: Cols) => c.x.median(),
      at: (c: Cols) => c.x.argMax(),
    }),
  'group by many keys': (df) =>
    df.groupBy('big').agg({ sum: (c: Cols) => c.x.sum(), n: len(), first: (c: Cols) => c.row.first() }),
  'group by a text': (df) => df.groupBy('s').agg({ sum: (c: Cols) => c.x.sum() }),
  'group by two keys': (df) => df.groupBy('s', 'k').agg({ v: (c: Cols) => c.x.var(), n: len() }),
  'groups in order': (df) => df.groupBy('big').agg({ n: len(), x: (c: Cols) => c.x.sum() }, { maintainOrder: true }),
  'lists and modes of groups': (df) =>
    df.groupBy('k').agg({ l: (c: Cols) => c.row.implode(), m: (c: Cols) => c.s.mode(), u: (c: Cols) => c.s.nUnique() }),
  'lists of all': (df) => df.select({ l: (c: Cols) => c.row.implode(), u: (c: Cols) => c.big.nUnique() }),
  'inner join': (df, other) =>
    df.join(
      other.filter((c: Cols) => c.row.lt(60)),
      { on: 'k' },
    ),
  'join on a unique key': (df, other) => df.join(other.select('row', 'x'), { on: { big: 'row' } }),
  'left join': (df, other) => df.join(other.select('row', 's'), { on: { big: 'row' }, how: 'left' }),
  'full join': (df, other) => df.join(other.select('big', 's'), { on: 'big', how: 'full' }),
  'right join': (df, other) => df.select('big', 'b').join(other, { on: 'big', how: 'right' }),
  'semi join': (df, other) => df.join(other, { on: 'big', how: 'semi' }),
  'anti join': (df, other) => other.join(df, { on: 'big', how: 'anti' }),
  'join in order': (df, other) => other.join(df, { on: 'big', maintainOrder: true }),
  'sort by a float': (df) => df.sort('x'),
  'sort by a text and down by a number': (df) => df.sort('s', { by: 'n', descending: true }),
  'sort by few values': (df) => df.sort('b').select('b', 'row'),
  'sort by nulls first': (df) => df.sort({ by: 'n', nullsFirst: true }, 'k'),
  'top of a sort': (df) => df.sort({ by: 'x', descending: true }).head(17),
  'unique rows': (df) => df.select('k', 's').unique(),
  'first of each': (df) => df.unique({ subset: ['k', 's'], keep: 'first' }),
  'last of each': (df) => df.unique({ subset: ['s'], keep: 'last' }),
  'rows whose key is alone': (df) => df.unique({ subset: ['big'], keep: 'none' }),
  'row numbers': (df) => df.filter((c: Cols) => c.b).withRowIndex('at'),
  'mean of a group on every row': (df) => df.select({ d: (c: Cols) => c.x.sub(c.x.mean().over(c.k)) }),
  'sort below a group by': (df) =>
    df
      .sort('x')
      .groupBy('k')
      .agg({ first: (c: Cols) => c.row.first(), sum: (c: Cols) => c.x.sum() }),
  'several stages': (df, other) =>
    df
      .filter((c: Cols) => c.n.gt(20))
      .join(other.groupBy('k').agg({ total: (c: Cols) => c.x.sum() }), { on: 'k' })
      .groupBy('s')
      .agg({ t: (c: Cols) => c.total.sum(), n: len() })
      .sort('s'),
};

describe.each([
  ['small pieces', SMALL, 5000],
  ['real pieces', DEFAULT_TUNING, 420_000],
] as const)('%s', (_, tuning, rows) => {
  let df: Frame;
  let other: Frame;
  beforeAll(async () => {
    await tune(tuning);
    df = (await frameOf(rows, 5).cache()) as Frame;
    other = (await frameOf(Math.ceil(rows / 3), 6).cache()) as Frame;
  });
  afterAll(() => tune(DEFAULT_TUNING));
  test.each(Object.keys(QUERIES))('%s', async (name) => {
    const query = QUERIES[name]!(df, other);
    const one = await bitsOf(query, 1);
    for (const threads of [2, 3]) expect(await bitsOf(query, threads)).toEqual(one);
  });
});
