// Plans over a Parquet file of many row groups on backend cuda, read row group by row group (HOSTCUDF_PART_ROWS), and the
// same on the CPU engine: prints which have the same rows, by name.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Trace } from '../../ts/backend/backend.ts';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import {
  Categorical,
  col,
  Decimal,
  Duration,
  fromColumns,
  Int8,
  Int32,
  Int64,
  len,
  lit,
  readParquet,
  UInt64,
  when,
} from '../../ts/index.ts';
import { walkPlan } from '../../ts/plan/walk.ts';
import { optimizedPlan } from '../../ts/runner/runner.ts';
import { duckRows } from '../support/duck.ts';
import { cudaBackend, RUN } from '../support/gpu-tables.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parts-'));
const ROWS = 3000;
const numbers = Array.from({ length: ROWS }, (_, i) => i);
// One in seven rows, and every row of the sixth row group, is null; floats have NaN, infinite values and both zeros.
const isNull = (i: number): boolean => i % 7 === 3 || Math.trunc(i / 100) === 5;
const FLOATS = [1.5, -2.25, Number.NaN, -0, 0, 1e18, -1e18, Number.POSITIVE_INFINITY];
const some = <T,>(of: (i: number) => T): (T | null)[] => numbers.map((i) => (isNull(i) ? null : of(i)));
const source: DataFrame<any> = fromColumns({
  i: numbers,
  k: numbers.map((i) => (i % 11 === 0 ? null : (i * 7919) % 13)),
  t: numbers.map((i) => (i % 17 === 0 ? null : `key ${(i * 31) % 23}`)),
  f: numbers.map((i) => FLOATS[(i * 5) % 8]!),
  x: some((i) => ((i * 2654435761) % 1000) / 7 - 40),
  n: some((i) => BigInt((i * 40503) % 5000) - 2500n),
  b: some((i) => (i * 3) % 5 < 2),
  s: some((i) => `text ${(i * 13) % 101}`),
} as never).withColumns({
  i: (c: any) => c.i.cast(Int64),
  small: (c: any) => c.x.cast(Int8, { strict: false }),
  u: (c: any) => c.n.add(2500n).cast(UInt64),
  d: (c: any) => c.n.cast(Decimal(12, 2)),
  day: (c: any) => c.n.cast(Int64).cast(Duration('us')),
  cat: (c: any) => c.s.cast(Categorical),
} as never) as never;
const file = path.join(folder, 'rows.parquet');
await source.writeParquet(file, { engine: 'cpu', rowGroupRows: 100 } as never);
const rows = (await readParquet(file)) as unknown as DataFrame<any>;

const MANY: Record<string, (c: any) => unknown> = {};
for (const name of ['x', 'n', 'small', 'u', 'd', 'day']) MANY[`sum_${name}`] = (c) => c[name].sum();
for (const name of ['x', 'n', 'small', 'u', 'd']) MANY[`mean_${name}`] = (c) => c[name].mean();
for (const name of ['x', 'f', 'n', 'b', 's', 'small', 'u', 'd', 'day'])
  for (const fn of ['min', 'max']) MANY[`${fn}_${name}`] = (c) => c[name][fn]();
for (const name of ['x', 'f', 'n', 'b', 's', 'small', 'u', 'd', 'day', 'cat'])
  for (const fn of ['first', 'last', 'count']) MANY[`${fn}_${name}`] = (c) => c[name][fn]();
MANY['rows'] = () => len();
const ordered = { maintainOrder: true };
const groups = (df: DataFrame<any>, ...by: unknown[]): DataFrame<any> =>
  (df as any).groupBy(...by).agg(MANY, ordered) as DataFrame<any>;
const odd = rows.filter((c: any) => c.i.mod(3n).eq(1n).and(c.i.ge(150n)).and(c.i.lt(2420n)));
const none = rows.filter((c: any) => c.i.lt(0n));

// What rows are joined with: keys that come twice, a null, one that is nowhere; in the host's memory and in a file.
const others: DataFrame<any> = fromColumns({
  k: [3, 5, 5, 12, null, 40, 0],
  name: ['three', 'five', 'five again', null, 'none', 'nowhere', 'zero'],
} as never) as never;
const otherFile = path.join(folder, 'others.parquet');
await others.writeParquet(otherFile, { engine: 'cpu', rowGroupRows: 2 } as never);
const otherRows = ((await readParquet(otherFile)) as unknown as DataFrame<any>).filter((c: any) => c.k.ne(12));
const joined = (how: string, more: object = {}): DataFrame<any> =>
  odd.join(others as never, { on: 'k', how, maintainOrder: true, ...more } as never) as never;
const inAnyOrder = (df: DataFrame<any>): DataFrame<any> => df.sort('i', 'name') as never;

const plans: Record<string, DataFrame<any>> = {
  'an inner join': joined('inner'),
  'a left join': joined('left'),
  'a semi-join': joined('semi'),
  'an anti-join': joined('anti'),
  'an inner join where nulls are equal': joined('inner', { nullsEqual: true }),
  'a join in any order': inAnyOrder(odd.join(others as never, { on: 'k' } as never) as never),
  'a join with many rows on the right': inAnyOrder(others.join(odd as never, { on: 'k' } as never) as never),
  'a right join': inAnyOrder(odd.join(others as never, { on: 'k', how: 'right' } as never) as never),
  'a full join': inAnyOrder(odd.join(others as never, { on: 'k', how: 'full' } as never) as never),
  'a join with nothing': odd.join(
    others.filter((c: any) => c.k.gt(100)) as never,
    { on: 'k', how: 'left' } as never,
  ) as never,
  'a join with rows of a file': odd.join(otherRows as never, { on: 'k', maintainOrder: true } as never) as never,
  'a join with groups of the same file': odd
    .join(groups(rows, 'k').select('k', 'sum_n', 'first_s') as never, { on: 'k', maintainOrder: true } as never)
    .filter((c: any) => c.sum_n.gt(0n)) as never,
  'two joins': (joined('left') as any)
    .join(otherRows.rename({ name: 'second' } as never), { on: 'k', how: 'left', maintainOrder: true })
    .select('i', 'name', 'second', 's'),
  'first rows of a join': joined('inner').slice(20, 55),
  'a join of first rows': odd
    .slice(20, 155)
    .join(others as never, { on: 'k', how: 'left', maintainOrder: true } as never) as never,
  'groups of a join': (joined('left') as any)
    .filter((c: any) => c.n.lt(2000n))
    .groupBy('name')
    .agg({ n: len(), a: (c: any) => c.n.sum(), f: (c: any) => c.s.first() }, ordered),
  'a join of all rows': rows.join(others as never, { on: 'k', maintainOrder: true } as never) as never,
  'no keys': rows.select(MANY as never) as never,
  'no keys, some rows': odd.select(MANY as never) as never,
  'no keys, no rows': none.select(MANY as never) as never,
  'one key': groups(rows, 'k'),
  'a key that is a text, some rows': groups(odd, 't'),
  'keys with NaN and zeros': groups(rows, 'f', 'b'),
  'a computed key': groups(rows, { g: (c: any) => c.i.floorDiv(250n).mod(3n) }),
  'keys, no rows': groups(none, 'k', 't'),
  'a group a row': groups(rows, 'i'),
  'a group a row, of some': groups(odd, 'i'),
  'aggregates of which one looks at all rows': rows
    .groupBy('k')
    .agg({ m: (c: any) => c.n.median(), s: (c: any) => c.n.sum() } as never, ordered) as never,
  'only keys': rows.groupBy('k', 'b').agg({} as never, ordered) as never,
  'how many rows': rows.select({ n: len() } as never) as never,
  'first rows': odd.head(77),
  'first rows after some': odd.slice(333, 120),
  'all rows after some': odd.slice(650),
  'more first rows than there are': odd.slice(700, 1_000_000),
  'no first rows': odd.head(0),
  'after the last row': odd.slice(5_000_000, 10),
  'first rows of first rows, filtered between': odd
    .slice(10, 600)
    .filter((c: any) => c.n.gt(0n))
    .slice(5, 50),
  'groups of first rows': groups(odd.slice(100, 333), 'k'),
  'groups of all rows after some': groups(odd.slice(600), 'k'),
  'last rows': odd.tail(50),
  'sorted groups beside a join': groups(odd, 'k')
    .join(rows.groupBy('k').agg({ other: (c: any) => c.i.max() } as never) as never, { on: 'k' } as never)
    .sort('k') as never,
};

const outcomes: Record<string, unknown> = {};
type Rows = readonly unknown[][] | { readonly code: string; readonly message: string };
async function rowsOf(df: DataFrame<any>, engine: 'cpu' | 'cuda', streamed = false): Promise<Rows> {
  try {
    if (streamed) {
      const all: unknown[][] = [];
      for await (const batch of df.batches({ engine } as never))
        for (const r of batch.toRecords()) all.push(Object.values(r));
      return all;
    }
    using table = await df.collect({ engine } as never);
    return table.toRecords().map((r) => Object.values(r));
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}
/** Floats are added in any order. */
const near = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(a, b) ||
  (typeof a === 'number' &&
    typeof b === 'number' &&
    Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b)) * 1e3) ||
  (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, i) => near(each, b[i])));
for (const [name, df] of Object.entries(plans)) {
  const wanted = await rowsOf(df, 'cpu');
  for (const streamed of [false, true]) {
    const got = await rowsOf(df, 'cuda', streamed);
    const bad = Array.isArray(got) && Array.isArray(wanted) ? got.findIndex((r, i) => !near(r, wanted[i])) : -1;
    const same = near(got, wanted) && Array.isArray(wanted);
    const text = (v: unknown): string =>
      JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? `${x}n` : x))?.slice(0, 1500);
    outcomes[streamed ? `${name}, streamed` : name] = same
      ? 'equal'
      : `${text(bad < 0 ? got : (got as unknown[])[bad])} not ${text(bad < 0 ? wanted : (wanted as unknown[])[bad])}`;
  }
}

// Sums past their dtype: where the sum of all rows fits, and where it does not.
const MOST = 2n ** 63n - 1n;
const sums = (values: readonly bigint[], dtype: unknown): Promise<DataFrame<any>> =>
  (async () => {
    const name = path.join(folder, `sums-${Object.keys(outcomes).length}.parquet`);
    const frame = fromColumns({ v: values } as never).select({ v: (c: any) => c.v.cast(dtype) } as never);
    await frame.writeParquet(name, { engine: 'cpu', rowGroupRows: 2 } as never);
    return (await readParquet(name)) as never;
  })();
for (const [name, values, dtype, wanted] of [
  ['a sum that comes back', [MOST, 5n, -7n, -8n, 3n], Int64, [[MOST - 7n]]],
  ['a sum that does not', [MOST, 0n, 1n, 0n, -0n], Int64, 'ERR_OVERFLOW'],
  ['a sum of a part that does not', [0n, 0n, MOST, MOST, 1n], Int64, 'ERR_OVERFLOW'],
  ['an unsigned sum', [MOST, 0n, MOST, 0n, 1n], UInt64, [[2n ** 64n - 1n]]],
  ['an unsigned sum past 64 bits', [MOST, 0n, MOST, 0n, 2n], UInt64, 'ERR_OVERFLOW'],
] as const) {
  const df = await sums(values as readonly bigint[], dtype);
  const got = await rowsOf(df.select({ s: (c: any) => c.v.sum() } as never), 'cuda');
  const what = 'code' in got ? got.code : got;
  outcomes[name] = isDeepStrictEqual(what, wanted) ? 'equal' : String(what);
}

// Rows that nobody asks for are not looked at; the row of an error is one of the whole file.
const failing = rows.select({
  i: (c: any) => c.i,
  v: (c: any) => when(c.i.eq(2345n)).then(lit('bad')).otherwise(lit('1')).cast(Int32),
} as never) as DataFrame<any>;
for (const [name, df, wanted] of [
  ['an error behind the first rows', failing.filter((c: any) => c.v.eq(1)).head(300), 300],
  ['the row of an error in first rows', failing.filter((c: any) => c.v.eq(1)).head(2600), 'row 2345 of'],
  ['the row of an error in groups', failing.groupBy('v').agg({ n: len() } as never), 'row 2345 of'],
  [
    'the row of an error in what is added up',
    rows
      .filter((c: any) => c.i.ge(5n))
      .select({ s: (c: any) => when(c.i.eq(2345n)).then(lit('bad')).otherwise(lit('1')).cast(Int32).sum() } as never),
    'row 2340 of',
  ],
] as const) {
  const got = await rowsOf(df as DataFrame<any>, 'cuda');
  const fits = 'code' in got ? typeof wanted === 'string' && got.message.includes(wanted) : got.length === wanted;
  outcomes[name] = fits ? 'equal' : 'code' in got ? got.message : got.length;
}

// DuckDB's answer to the same questions.
const sql = `SELECT k, t IS NULL, sum(n), avg(x), min(s), max(n), count(b), count(*), min(u), sum(d)::VARCHAR FROM '${file}' WHERE i % 3 = 1 GROUP BY ALL ORDER BY ALL`;
const theirs = (await duckRows(sql)).map((r) => r.map((v) => (typeof v === 'bigint' ? Number(v) : v)));
const ours = await rowsOf(
  rows
    .filter((c: any) => c.i.mod(3n).eq(1n))
    .groupBy('k', { z: col('t').isNull() } as never)
    .agg({
      a: (c: any) => c.n.sum(),
      b: (c: any) => c.x.mean(),
      c: (c: any) => c.s.min(),
      d: (c: any) => c.n.max(),
      e: (c: any) => c.b.count(),
      f: len(),
      g: (c: any) => c.u.min(),
      h: (c: any) => c.d.sum(),
    } as never)
    .sort('k', 'z') as never,
  'cuda',
);
const plain = Array.isArray(ours)
  ? ours.map((r) =>
      r.map((v: unknown) => (typeof v === 'bigint' ? Number(v) : typeof v === 'object' && v !== null ? String(v) : v)),
    )
  : ours;
outcomes["DuckDB's groups"] = near(plain, theirs)
  ? 'equal'
  : JSON.stringify([Array.isArray(plain) ? plain.slice(0, 3) : plain, theirs.slice(0, 3)]);

// In how many parts: the trace says so.
const backend = await cudaBackend();
const notes: Record<string, string[]> = {};
for (const [name, df] of Object.entries(plans)) {
  const trace: Trace = { backend: 'cuda', where: 'thread', why: '', nodes: [], totalMs: 0, peakBytes: 0 };
  const plan = optimizedPlan(DataFrame.planOf(df));
  let hasTables = false;
  walkPlan(plan, (node) => {
    if (node.node === 'table') hasTables = true;
  });
  if (hasTables) continue;
  const table = await backend.execute(plan, { ...RUN, trace });
  notes[name] = trace.nodes.map(
    (n) => `${n.label.split(' ')[0]} ${n.rows}${n.note === undefined ? '' : `: ${n.note}`}`,
  );
  backend.release(table);
}

fs.rmSync(folder, { recursive: true });
console.log(JSON.stringify({ outcomes, notes }));
