// Queries on several threads: the same bits as on one, whatever the number of threads; errors, aborts, limits and deaths.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import v8 from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TUNING, type Tuning } from '../../ts/backend/cpu/tuning.ts';
import { DeviceError, OutOfMemoryError } from '../../ts/errors.ts';
import {
  type DataFrame,
  fromColumns,
  Int8,
  Int64,
  len,
  nullable,
  readArrow,
  readCsv,
  readJsonl,
  readParquet,
  Utf8,
} from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { cpuBackend, tuneEngine } from '../support/tuning.ts';

type Frame = DataFrame<any>;
type Cols = any;

const SMALL: Tuning = { minRows: 1, pieceRows: 640, pieceBytes: 4096 };

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
    await tuneEngine(tuning);
    df = (await frameOf(rows, 5).cache()) as Frame;
    other = (await frameOf(Math.ceil(rows / 3), 6).cache()) as Frame;
  });
  afterAll(() => tuneEngine(DEFAULT_TUNING));
  test.each(Object.keys(QUERIES))('%s', async (name) => {
    const query = QUERIES[name]!(df, other);
    const one = await bitsOf(query, 1);
    for (const threads of [2, 3]) expect(await bitsOf(query, threads)).toEqual(one);
  });
});

describe('files', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-threads-'));
  const at = (name: string): string => path.join(folder, name);
  let df: Frame;
  beforeAll(async () => {
    await tuneEngine(SMALL);
    df = (await frameOf(5000, 9).cache()) as Frame;
  });
  afterAll(async () => {
    await tuneEngine(DEFAULT_TUNING);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    'parquet',
    'csv',
    'jsonl',
    'arrow',
  ] as const)('%s files give the same rows in the same order', async (format) => {
    const file = at(`t.${format}`);
    if (format === 'parquet') await df.writeParquet(file, { rowGroupRows: 500 });
    else if (format === 'csv') await df.writeCsv(file);
    else if (format === 'jsonl') await df.writeJsonl(file);
    else await df.writeArrow(file);
    const read = { parquet: readParquet, csv: readCsv, jsonl: readJsonl, arrow: readArrow }[format];
    const scan = (await read(file)) as unknown as Frame;
    for (const query of [
      scan,
      scan.filter((c: Cols) => c.k.lt(20)),
      scan.groupBy('k').agg({ s: (c: Cols) => c.x.sum() }),
    ]) {
      const one = await bitsOf(query, 1);
      for (const threads of [2, 3]) expect(await bitsOf(query, threads)).toEqual(one);
    }
    const table = await scan.collect({ threads: 2 });
    expect(Array.from((table.toColumns() as Cols).row, Number)).toEqual(Array.from({ length: 5000 }, (_, k) => k));
    table.dispose();
  });

  test('line ends within quotes are no rows, wherever a file is cut', async () => {
    const r = drawer(3);
    const texts = Array.from({ length: 3000 }, () =>
      Array.from({ length: Math.floor(r() * 12) }, () => 'line, of "words"').join('\n'),
    );
    const quoted = (t: string): string => `"${t.replaceAll('"', '""')}"`;
    fs.writeFileSync(at('quotes.csv'), `n,t\n${texts.map((t, i) => `${i},${quoted(t)}`).join('\n')}\n`);
    fs.writeFileSync(at('one.csv'), `t\n${texts.map(quoted).join('\n')}\n`);
    for (const name of ['quotes.csv', 'one.csv']) {
      const scan = await readCsv(at(name), {
        schema: name === 'one.csv' ? { t: Utf8 } : { n: Int64, t: nullable(Utf8) },
      } as never);
      for (const threads of [1, 2]) {
        const table = await (scan as unknown as Frame).collect({ threads });
        expect((table.toColumns() as Cols).t.map((t: string | null) => t ?? '')).toEqual(texts);
        table.dispose();
      }
    }
  });

  test('an error names the row of the file, on any number of threads', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `${i},${i === 3500 || i === 3900 ? 'x' : i}`);
    fs.writeFileSync(at('bad.csv'), `a,b\n${lines.join('\n')}\n`);
    const scan = await readCsv(at('bad.csv'), { schema: { a: Int64, b: Int64 } });
    const messages = await Promise.all(
      [1, 2].map((threads) => scan.collect({ threads }).then(String, (e: Error) => e.message)),
    );
    expect(messages[0]).toMatch(/row 3501.*line 3502/);
    expect(messages[1]).toBe(messages[0]);
  });

  test('what is written is what one thread writes', async () => {
    for (const threads of [1, 2])
      await df.filter((c: Cols) => c.k.lt(40)).writeCsv(at(`out${threads}.csv`), { threads } as never);
    expect(fs.readFileSync(at('out2.csv'), 'utf8')).toBe(fs.readFileSync(at('out1.csv'), 'utf8'));
  });

  test('batches come in order', async () => {
    let next = 0;
    for await (const batch of df
      .filter((c: Cols) => c.row.ge(0))
      .sort('row')
      .batches({ threads: 2 }))
      for (const row of (batch as Cols).column('row').toArray()) expect(row).toBe(next++);
    expect(next).toBe(5000);
  });

  test('a reader of batches may run queries on several threads meanwhile', async () => {
    const sums = df.groupBy('k').agg({ s: (c: Cols) => c.x.sum() });
    const want = await bitsOf(sums, 1);
    let rows = 0;
    for await (const batch of df.filter((c: Cols) => c.row.ge(0)).batches({ threads: 2 })) {
      rows += (batch as Cols).height;
      expect(await bitsOf(sums, 2)).toEqual(want);
    }
    expect(rows).toBe(5000);
  });
});

describe('what goes wrong', () => {
  const ROWS = 1_500_000;
  /** What `df` is a copy of: if it were collected meanwhile, its memory would go. */
  let given: Frame;
  let df: Frame;
  let slow: Frame;
  let want: Record<string, string>;
  beforeAll(async () => {
    given = fromColumns({
      k: Int32Array.from({ length: ROWS }, (_, i) => (i * 7919) % 1000),
      x: Float64Array.from({ length: ROWS }, (_, i) => i / 8),
      y: Int32Array.from({ length: ROWS }, (_, i) => (i === 1_400_003 || i === 1_450_000 ? 300 : i % 100)),
    }) as unknown as Frame;
    df = await given.cache();
    slow = df.groupBy('k').agg({ s: (c: Cols) => c.x.sin().add(c.x.cos()).sum(), d: (c: Cols) => c.x.std() });
    want = await bitsOf(slow, 1);
  });

  test('an error of evaluation is that of the first row', async () => {
    const cast = df.select({ a: (c: Cols) => c.y.cast(Int8) });
    const messages = await Promise.all(
      [1, 2].map((threads) => cast.collect({ threads }).then(String, (e: Error) => e.message)),
    );
    expect(messages[0]).toMatch(/row 1400003/);
    expect(messages[1]).toBe(messages[0]);
  });

  test('an abort stops all threads', async () => {
    for (const delayMs of [0, 2, 5, 10]) {
      const controller = new AbortController();
      void setTimeout(delayMs).then(() => controller.abort(new Error('enough')));
      const outcome = await slow.collect({ threads: 2, signal: controller.signal }).then(
        (t) => t.dispose(),
        (e: Error) => e.message,
      );
      expect(['enough', undefined]).toContain(outcome);
    }
    expect(await bitsOf(slow, 2)).toEqual(want);
  });

  test('a memory limit holds for all threads together', async () => {
    const { engine } = await cpuBackend();
    const limit = engine.pool.usedBytes + (6 << 20);
    await expect(df.sort('x').collect({ threads: 2, memoryLimitBytes: limit })).rejects.toThrow(OutOfMemoryError);
    expect(await bitsOf(slow, 2)).toEqual(want);
  });

  test('repeating a query does not grow the memory', async () => {
    const { engine } = await cpuBackend();
    for (let i = 0; i < 5; i++) await bitsOf(slow, 2);
    const { sizeBytes } = engine.heap;
    const { usedBytes } = engine.pool;
    for (let i = 0; i < 20; i++) await bitsOf(slow, 2);
    expect(engine.heap.sizeBytes).toBe(sizeBytes);
    expect(engine.pool.usedBytes).toBe(usedBytes);
  });

  test.each([2, 3])('a killed helper fails its query by name and is replaced, with %i threads', async (threads) => {
    const { engine } = await cpuBackend();
    await bitsOf(slow, threads);
    const { usedBytes } = engine.pool;
    let deaths = 0;
    // Some blows come before or after the helper's work: as many as it takes to hit it.
    for (let i = 0; i < 4 || (deaths === 0 && i < 40); i++) {
      const running = bitsOf(slow, threads).catch((e: unknown) => e);
      const helper = await engine.helpers.workers[0]!;
      const killed = setTimeout((4 * i) % 20).then(() => helper.terminate());
      const outcome = await running;
      await killed; // a query that ended first must not leave the blow to the next one
      if (outcome instanceof DeviceError) {
        deaths++;
        expect(outcome.code).toBe('ERR_ENGINE_DIED');
      } else expect(outcome).toEqual(want);
      expect(await bitsOf(slow, threads)).toEqual(want);
    }
    expect(deaths).toBeGreaterThan(0);
    expect(engine.pool.usedBytes).toBe(usedBytes);
  });

  test('a killed engine thread takes its helpers along', async () => {
    const { engine } = await cpuBackend();
    const { usedBytes } = engine.pool;
    for (const delayMs of [2, 8]) {
      const running = bitsOf(slow, 2).catch((e: unknown) => e);
      const killed = setTimeout(delayMs).then(() => engine.worker?.terminate());
      const outcome = await running;
      await killed;
      if (outcome instanceof DeviceError) expect(outcome.code).toBe('ERR_ENGINE_DIED');
      else expect(outcome).toEqual(want);
      expect(await bitsOf(slow, 2)).toEqual(want);
    }
    expect(engine.pool.usedBytes).toBe(usedBytes);
  });

  test('a trace counts the rows of all threads', async () => {
    const query = df
      .filter((c: Cols) => c.k.lt(500))
      .groupBy('k')
      .agg({ n: len() });
    (await query.collect({ threads: 2 })).dispose();
    expect(query.explain()).toMatch(/1,500,000 rows[\s\S]*\[1,500,000 rows/);
  });
});
