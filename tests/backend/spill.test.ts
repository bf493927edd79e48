// Queries that spill: the same rows as in memory; folders that go whatever happens; errors that say how to mend them.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { removeLeftovers, spillFolderPath } from '../../ts/backend/cpu/spill/spill-folder.ts';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { DeviceError, IoError, OutOfMemoryError } from '../../ts/errors.ts';
import { Categorical, type DataFrame, Decimal, fromColumns, Int32, len, readParquet } from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { cpuBackend, tuneEngine } from '../support/tuning.ts';

type Frame = DataFrame<any>;
type Cols = any;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-spill-test-'));
const spillFolder = path.join(folder, 'spilled');
fs.mkdirSync(spillFolder);
const left = (): string[] => fs.readdirSync(spillFolder);
afterEach(async () => {
  await tuneEngine(DEFAULT_TUNING);
  expect(left()).toEqual([]);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Few and many keys, nulls, NaN, both zeroes, short and long strings, decimals, categories, lists. */
function frameOf(rows: number, seed: number): Frame {
  const r = drawer(seed);
  const some = <T>(value: () => T): (T | null)[] => Array.from({ length: rows }, () => (r() < 0.1 ? null : value()));
  const odd = [0, -0, Number.NaN, 1.5, -2, Number.POSITIVE_INFINITY];
  const word = (): string => (r() < 0.5 ? `w${Math.floor(r() * 30)}` : `a longer text, number ${Math.floor(r() * 30)}`);
  return (
    fromColumns({
      row: Int32Array.from({ length: rows }, (_, i) => i),
      k: some(() => Math.floor(r() * 20)),
      f: some(() => odd[Math.floor(r() * odd.length)]!),
      big: BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(r() * rows * 2))),
      x: Float64Array.from({ length: rows }, () => Math.floor(r() * 1000) / 8),
      s: some(word),
      b: some(() => r() < 0.4),
      c: some(word),
    }) as unknown as Frame
  ).withColumns({
    c: (e: Cols) => e.c.cast(Categorical),
    d: (e: Cols) => e.x.cast(Decimal(12, 3)),
    wide: (e: Cols) => e.x.cast(Decimal(30, 3)),
    k: (e: Cols) => e.k.cast(Int32),
  });
}

/** Queries whose results have an order of their own, or none. */
const QUERIES: Record<string, { run: (df: Frame, other: Frame) => Frame; isOrdered: boolean }> = {};
const unordered = (name: string, run: (df: Frame, other: Frame) => Frame): void => {
  QUERIES[name] = { run, isOrdered: false };
};
const ordered = (name: string, run: (df: Frame, other: Frame) => Frame): void => {
  QUERIES[name] = { run, isOrdered: true };
};
const SUMS = { n: len(), x: (c: Cols) => c.x.sum(), first: (c: Cols) => c.row.first(), top: (c: Cols) => c.row.max() };
for (const key of ['k', 'f', 'big', 's', 'b', 'c', 'd', 'wide'])
  unordered(`group by ${key}`, (df) => df.groupBy(key).agg(SUMS));
unordered('group by several', (df) => df.groupBy('k', 's', 'f').agg(SUMS));
unordered('group by, values kept', (df) =>
  df.groupBy('k').agg({
    m: (c: Cols) => c.x.median(),
    u: (c: Cols) => c.s.nUnique(),
    mode: (c: Cols) => c.b.mode(),
    last: (c: Cols) => c.s.last(),
    all: (c: Cols) => c.row.implode(),
  }),
);
unordered('group by a list', (df) =>
  df
    .groupBy('big')
    .agg({ l: (c: Cols) => c.k.implode() })
    .groupBy('l')
    .agg({ n: len() }),
);
ordered('group by, in order', (df) => df.groupBy('s', 'big').agg(SUMS, { maintainOrder: true }));
ordered('sort', (df) => df.sort('f', { by: 's', descending: true }, { by: 'd', nullsFirst: true }));
ordered('sort by one with many ties', (df) => df.sort('b'));
ordered('sort by an expression', (df) => df.sort({ by: (c: Cols) => c.x.mod(7), descending: true }));
ordered('sort of sorted rows', (df) => df.sort('row'));
ordered('first of a sort', (df) => df.sort('wide', 'row').head(700));
unordered('unique', (df) => df.unique({ subset: ['k', 'f'] }).select('k', 'f'));
ordered('unique, in order', (df) => df.unique({ subset: ['s', 'k'], keep: 'first', maintainOrder: true }));
ordered('unique, last', (df) => df.unique({ subset: ['c'], keep: 'last', maintainOrder: true }));
unordered('unique, none', (df) => df.unique({ subset: ['big'], keep: 'none' }));
unordered('unique of all columns', (df) => df.select('k', 'f', 'b', 'c').unique());
for (const how of ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const) {
  unordered(`join ${how}`, (df, other) => df.join(other, { on: 'big', how }));
  unordered(`join ${how} on several`, (df, other) => df.join(other, { on: ['s', 'f', 'k'], how }));
  unordered(`join ${how} on categories, nulls equal`, (df, other) =>
    df.head(300).join(other.head(300), { on: ['c', 'k'], how, nullsEqual: true }),
  );
}
ordered('join, in order', (df, other) =>
  df.join(other.unique({ subset: ['big'], keep: 'first', maintainOrder: true }), {
    on: 'big',
    how: 'left',
    maintainOrder: true,
  }),
);
ordered('windows', (df) =>
  df.withColumns({
    sum: (c: Cols) => c.x.sum().over(c.s),
    rank: (c: Cols) => c.x.rank().over(c.s),
    before: (c: Cols) => c.row.shift(1).over(c.k, { orderBy: c.x }),
  }),
);
unordered('a part that is read twice', (df) => {
  const part = df.groupBy('big').agg({ n: len() });
  return part.join(part.select('big'), { on: 'big' });
});
unordered('one step after another', (df, other) =>
  df
    .join(other, { on: 'big' })
    .groupBy('s')
    .agg({ n: len(), x: (c: Cols) => c.x_right.sum() })
    .sort('n', 's'),
);

async function textsOf(df: Frame, isOrdered: boolean, options: object): Promise<string[]> {
  const table = await df.collect({ spillFolder, ...options });
  const rows = (table.toRecords() as object[]).map((record) =>
    JSON.stringify(record, (_, v: unknown) =>
      typeof v === 'bigint'
        ? `${v}n`
        : typeof v === 'number'
          ? Object.is(v, -0)
            ? 0
            : Number.isNaN(v)
              ? 'NaN'
              : v
          : v,
    ),
  );
  table.dispose();
  return isOrdered ? rows : rows.sort();
}

describe('what spilled is what is there without a limit', () => {
  const rows = 3000;
  let df: Frame;
  let other: Frame;
  beforeAll(() => {
    df = frameOf(rows, 1);
    other = frameOf(rows - 500, 2);
  });
  test.each(Object.entries(QUERIES))('%s', async (_, { run, isOrdered }) => {
    const query = run(df, other);
    await tuneEngine(DEFAULT_TUNING);
    const want = await textsOf(query, isOrdered, { threads: 1 });
    for (const [threads, spillBytes, pieceRows] of [
      [1, 1, 512],
      [2, 1, 512],
      [2, 150_000, 640],
    ] as const) {
      await tuneEngine({ minRows: 1, pieceRows, pieceBytes: 4096, spillBytes });
      const got = await textsOf(run(df, other), isOrdered, { threads });
      expect(got.length).toBe(want.length);
      expect(got).toEqual(want);
    }
  });
  test('rows of no rows', async () => {
    await tuneEngine({ ...DEFAULT_TUNING, spillBytes: 1 });
    for (const { run } of Object.values(QUERIES)) await textsOf(run(df.head(0), other.head(0)), false, {});
  });
});

describe('a limit', () => {
  const rows = 1_000_000;
  const file = path.join(folder, 'rows.parquet');
  const SPARE_BYTES = 32 << 20;
  let limit: { memoryLimitBytes: number; spillFolder: string };
  let df: Frame;
  /** Takes a while. */
  const sorts = (): Frame => ['x', 'id', 'k', 'x', 'id', 'x'].reduce((frame, by) => frame.sort(by), df);
  // Tables of other tests count as well, until they are collected.
  beforeEach(async () => {
    const { engine } = await cpuBackend();
    limit = { memoryLimitBytes: engine.pool.usedBytes + SPARE_BYTES, spillFolder };
  });
  beforeAll(async () => {
    await fromColumns({
      id: BigInt64Array.from({ length: rows }, (_, i) => BigInt((i * 7919) % 900_001)),
      k: Int32Array.from({ length: rows }, (_, i) => i % 3),
      x: Float64Array.from({ length: rows }, (_, i) => (i * 31) % 1009),
    }).writeParquet(file, { rowGroupRows: 100_000 });
    df = (await readParquet(file)) as unknown as Frame;
  });

  test.each([1, 2])('is kept, and the trace and progress tell of it, with %i threads', async (threads) => {
    const query = df.groupBy('id').agg({ n: len(), x: (c: Cols) => c.x.sum() });
    const seen: number[] = [];
    const onProgress = (p: { spilledBytes?: number }): void => {
      seen.push(p.spilledBytes ?? 0);
    };
    let groups = 0;
    let sum = 0;
    for await (const batch of query.batches({ ...limit, threads, onProgress })) {
      groups += batch.height;
      sum += batch.toColumns().x.reduce((a: number, b: number) => a + b, 0);
    }
    expect(groups).toBe(900_001);
    expect(sum).toBe((await df.select({ x: (c: Cols) => c.x.sum() }).collect()).toRecords()[0]!.x);
    expect(query.explain()).toMatch(/MB at most, [\d.]+ MB spilled to disk: /);
    expect(Number(/([\d.]+) MB at most/.exec(query.explain())![1])).toBeLessThanOrEqual(SPARE_BYTES / 2 ** 20);
    expect(seen.some((bytes) => bytes > 0)).toBe(true);
  });

  test('without need nothing is written', async () => {
    const query = df.groupBy('k').agg({ n: len() });
    await query.collect(limit);
    expect(query.explain()).not.toContain('spilled');
  });

  test('a result that does not fit is out of memory still', async () => {
    await expect(
      df.sort('x').collect({ ...limit, memoryLimitBytes: limit.memoryLimitBytes - (12 << 20) }),
    ).rejects.toThrow(OutOfMemoryError);
  });

  test('a group that does not fit says so', async () => {
    const run = df
      .withColumns({ one: (c: Cols) => c.k.mul(0) })
      .groupBy('one')
      .agg({ all: (c: Cols) => c.id.implode(), m: (c: Cols) => c.x.median() });
    const error = (await run
      .writeParquet(path.join(folder, 'no.parquet'), {
        ...limit,
        memoryLimitBytes: limit.memoryLimitBytes - (12 << 20),
      })
      .catch((e: unknown) => e)) as OutOfMemoryError;
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(error.message).toMatch(/The rows of one group must fit into memory\./);
  });

  test('an abort in the middle', async () => {
    const controller = new AbortController();
    const onProgress = (p: { spilledBytes?: number }): void => {
      if (p.spilledBytes) controller.abort(new Error('enough'));
    };
    const target = path.join(folder, 'aborted.parquet');
    const { signal } = controller;
    const options = { ...limit, signal, onProgress };
    await expect(sorts().writeParquet(target, options)).rejects.toThrow('enough');
    expect(fs.existsSync(target)).toBe(false);
  });

  test.each(['engine', 'helper'])('a killed %s', async (which) => {
    const { engine } = await cpuBackend();
    await df.count();
    const { usedBytes } = engine.pool;
    let killed: Promise<unknown> | undefined;
    const onProgress = (p: { spilledBytes?: number }): void => {
      if (killed || !p.spilledBytes) return;
      const victim = which === 'engine' ? engine.worker : engine.helpers.workers[0];
      killed = Promise.resolve(victim).then((w) => w?.terminate());
    };
    const target = path.join(folder, 'killed.parquet');
    const error = await sorts()
      .writeParquet(target, { ...limit, threads: 2, onProgress })
      .then(
        () => null,
        (e: unknown) => e,
      );
    expect(killed).toBeDefined();
    await killed;
    // A helper may have had nothing to do.
    if (which === 'engine') expect(error).toBeInstanceOf(DeviceError);
    expect(left()).toEqual([]);
    expect(await df.sort('x').writeParquet(target, limit)).toBe(rows);
    // Less where the collector found tables of earlier tests.
    expect(engine.pool.usedBytes).toBeLessThanOrEqual(usedBytes);
  });

  test('a folder that cannot be made', async () => {
    const error = (await sorts()
      .writeParquet(path.join(folder, 'no.parquet'), { ...limit, spillFolder: file })
      .catch((e) => e)) as IoError;
    expect(error).toBeInstanceOf(IoError);
    expect(error.message).toContain('Cannot spill rows to');
    await expect(df.collect({ spillFolder: '' })).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
  });
});

describe.skipIf(process.platform === 'win32')('other processes', () => {
  const index = pathToFileURL(path.resolve('ts/index.ts')).href;
  const tsx = pathToFileURL(path.resolve('node_modules/tsx/dist/esm/index.mjs')).href;
  const script = path.join(folder, 'script.mts');
  beforeAll(() => {
    fs.writeFileSync(
      script,
      `import { fromColumns, readParquet } from '${index}';
      const n = 600_000;
      const options = { memoryLimitBytes: 48 << 20, spillFolder: process.argv[2] };
      const df = await readParquet(process.argv[3]);
      let told = false;
      const onProgress = (p) => {
        if (!p.spilledBytes || told) return;
        told = true;
        console.log('spilling');
        if (process.argv[4] === 'throw') throw_();
        if (process.argv[4] === 'exit') process.exit(3);
      };
      const throw_ = () => setImmediate(() => { throw new Error('uncaught'); });
      try {
        let query = df;
        for (let i = 0; i < 8; i++) query = query.sort(i % 2 ? 'x' : 'id');
        await query.writeParquet(process.argv[2] + '/../out.parquet', { ...options, onProgress });
        console.log('written');
      } catch (e) {
        console.log(JSON.stringify({ name: e.name, code: e.code, message: e.message, detail: e.detail }));
        process.exit(0);
      }`,
    );
  });
  const args = (...more: string[]): string[] => [
    '--import',
    tsx,
    script,
    spillFolder,
    path.join(folder, 'rows.parquet'),
    ...more,
  ];

  test.each(['throw', 'exit'])('that end with %s', (how) => {
    const { stdout, status } = spawnSync(process.execPath, args(how), { encoding: 'utf8' });
    expect(stdout).toContain('spilling');
    expect(status).not.toBe(0);
    expect(left()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('that get %s', async (signal) => {
    const child = spawn(process.execPath, args(), { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text) => {
        if (String(text).includes('spilling')) resolve();
      });
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.on('exit', (_, by) => resolve(by));
    });
    child.kill(signal);
    expect(await ended).toBe(signal);
    if (signal !== 'SIGKILL') return;
    // Nobody was there to remove it: the next query that spills does.
    expect(left()).toHaveLength(1);
    await tuneEngine({ ...DEFAULT_TUNING, spillBytes: 1 });
    await fromColumns({ x: Float64Array.from({ length: 1000 }, (_, i) => -i) })
      .sort('x')
      .collect({ spillFolder });
    expect(left()).toEqual([]);
  });

  test('a full disk', () => {
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `trap '' XFSZ; ulimit -f 300; exec '${process.execPath}' ${args()
          .map((a) => `'${a}'`)
          .join(' ')}`,
      ],
      { encoding: 'utf8' },
    );
    expect(stdout, stderr).toContain('"code":"ERR_DISK_FULL"');
    const error = JSON.parse(stdout.trim().split('\n').at(-1)!) as { message: string; detail: Record<string, unknown> };
    expect(error).toMatchObject({ name: 'IoError', detail: { errno: 'EFBIG' } });
    expect(error.message).toContain(spillFolder);
    expect(error.message).toMatch(
      /[\d.]+ MB more were to be written after [\d.]+ MB, [\d.]+ MB are free there\. Make room, choose another place with the 'spillFolder' option/,
    );
    expect(error.detail['neededBytes']).toBeGreaterThan(0);
    expect(left()).toEqual([]);
  });

  test("folders of the living and of other machines' processes stay", () => {
    const name = path.basename(spillFolderPath(spillFolder));
    const [, , host, pid, started, random] = name.split('-') as string[];
    const folders = {
      ours: name,
      earlier: `warpframe-spill-${host}-${pid}-${Number(started) - 100}-${random}`,
      dead: `warpframe-spill-${host}-${2 ** 22 + 5}-${started}-${random}`,
      parent: `warpframe-spill-${host}-${process.ppid}-${started}-${random}`,
      elsewhere: `warpframe-spill-${host}x-${2 ** 22 + 5}-${started}-${random}`,
      other: 'warpframe-spill-notes',
    };
    for (const f of Object.values(folders)) fs.mkdirSync(path.join(spillFolder, f));
    removeLeftovers(spillFolder);
    expect(left().sort()).toEqual([folders.ours, folders.parent, folders.elsewhere, folders.other].sort());
    for (const f of left()) fs.rmdirSync(path.join(spillFolder, f));
  });
});

test('runs that are large enough to be put together by several threads, on several threads', async () => {
  const rows = 2_000_000;
  const random = drawer(8);
  const df = fromColumns({
    row: Int32Array.from({ length: rows }, (_, i) => i),
    x: Float64Array.from({ length: rows }, () => random()),
  });
  const file = path.join(folder, 'runs.parquet');
  await df.writeParquet(file, { rowGroupRows: 131_072 });
  // Runs of some 600,000 rows.
  await tuneEngine({ ...DEFAULT_TUNING, spillBytes: 12 << 20 });
  using sorted = await (await readParquet(file)).sort('x').collect({ threads: 2, spillFolder });
  const x = sorted.column('x').toArray() as Float64Array;
  expect(x.length).toBe(rows);
  for (let i = 1; i < rows; i++) if (!(x[i - 1]! <= x[i]!)) expect.fail(`row ${i} is less than the row before`);
});
