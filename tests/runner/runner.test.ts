// What every run promises: engine choice with reasons, limits, progress, abort, traces, errors with the caller's stack.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromColumns, len, readCsv, readParquet } from '../../ts/index.ts';
import { backendInfos } from '../../ts/runner/runner.ts';
import { duck } from '../support/duck.ts';

let folder = '';
const ROWS = 6_000_000;
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-runner-'));
  const c = await duck();
  await c.run(`COPY (SELECT (hash(i) % 1000)::INT AS k, (hash(i + 1) % 100000) / 8.0::DOUBLE AS x, 'row number ' || i AS text
    FROM range(${ROWS}) t(i)) TO '${folder}/large.parquet' (FORMAT parquet, ROW_GROUP_SIZE 100000)`);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('engine', () => {
  test('auto runs on the CPU and says why; cuda is refused by name', async () => {
    const df = fromColumns({ a: [1, 2] }).filter((c) => c.a.gt(1));
    await df.collect();
    expect(df.explain()).toMatch(/ran on cpu .*below gpuMinimumBytes/);
    await expect(df.collect({ engine: 'cuda' })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/cuda/),
    });
    await expect(df.collect({ engine: 'gpu' as never })).rejects.toThrow(
      /'engine' option must be 'auto', 'cpu' or 'cuda'/,
    );
    const infos = await backendInfos();
    expect(infos.map((i) => [i.name, i.available])).toEqual([
      ['cuda', false],
      ['cpu', true],
    ]);
  });
  test('the environment is checked', async () => {
    const df = fromColumns({ a: [1] });
    process.env['WARPFRAME_ENGINE'] = 'gpu';
    try {
      await expect(df.collect()).rejects.toThrow(/WARPFRAME_ENGINE must be auto, cpu or cuda\. Got "gpu"/);
    } finally {
      delete process.env['WARPFRAME_ENGINE'];
    }
  });
});

describe('limits', () => {
  test('an aggregate over a file larger than the limit works', async () => {
    const size = fs.statSync(`${folder}/large.parquet`).size;
    const memoryLimitBytes = 48 << 20;
    expect(size).toBeGreaterThan(memoryLimitBytes);
    const df = await readParquet(`${folder}/large.parquet`);
    const rows = (
      await df
        .groupBy('k')
        .agg({ n: len(), m: (c: any) => c.x.max(), t: (c: any) => c.text.max() })
        .sort('k')
        .collect({ memoryLimitBytes })
    ).toRecords();
    const oracle = (
      await (
        await duck()
      ).runAndReadAll(`SELECT k, count(*), max(x), max(text) FROM '${folder}/large.parquet' GROUP BY k ORDER BY k`)
    ).getRows();
    expect(rows.map((r: any) => [r.k, BigInt(r.n), r.m, r.t])).toEqual(oracle);
  });
  test('what does not fit is a typed error and the process lives', async () => {
    const df = await readParquet(`${folder}/large.parquet`);
    const error = await df
      .sort('x')
      .collect({ memoryLimitBytes: 64 << 20 })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ERR_OUT_OF_MEMORY', name: 'OutOfMemoryError' });
    expect((error as { detail: { limitBytes: number } }).detail.limitBytes).toBe(64 << 20);
    expect(await df.count()).toBe(ROWS);
    // Resident tables count: a limit below them leaves nothing, and the message says the limit that was given.
    const resident = await fromColumns({ x: new Float64Array(200_000).fill(1) }).cache();
    await expect(resident.sort('x').collect({ memoryLimitBytes: 500_000 })).rejects.toMatchObject({
      detail: { limitBytes: 500_000 },
    });
    await expect(df.collect({ memoryLimitBytes: -1 })).rejects.toThrow(/memoryLimitBytes/);
  });
});

describe('while it runs', () => {
  test('progress is reported and the event loop turns', async () => {
    const df = await readParquet(`${folder}/large.parquet`);
    const seen: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await df
      .groupBy('text')
      .agg({ n: len() })
      .count({ onProgress: (p) => seen.push(p.doneRows) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
  test('abort stops at the next morsel', async () => {
    const df = await readParquet(`${folder}/large.parquet`);
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = df.sort('text').collect({ signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    await expect(running).rejects.toBe(reason);
    await expect(df.collect({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await df.count()).toBe(ROWS);
  });
});

test('a run-time error names expression, row and the line that ran the query', async () => {
  const df = await readCsv(new TextEncoder().encode('a\n1\nx\n3\n'));
  const strict = df.select({ n: (c: any) => c.a.cast((globalThis as any).Int64 ?? { dtype: 'Int64' }) });
  const error = (await strict.collect().catch((e: unknown) => e)) as Error & {
    code: string;
    detail: { row: number; expression: string; node: string };
  };
  expect(error.code).toBe('ERR_CAST');
  expect(error.message).toMatch(/"x"/);
  expect(error.detail.row).toBe(1);
  expect(error.detail.node).toMatch(/^PROJECT n = c\.a\.cast\(Int64\)/);
  expect(error.message).toMatch(/In: PROJECT n = /);
  expect(error.detail.expression).toMatch(/c\.a\.cast\(Int64\)/);
  expect(error.stack).toMatch(/runner\.test\.ts/);
});

test('threads is an option of every run, checked by name', async () => {
  const df = fromColumns({ a: [1, 2] });
  expect(await df.writeParquet(path.join(folder, 'threads.parquet'), { threads: 2 })).toBe(2);
  await expect(df.collect({ threads: 0 })).rejects.toThrow(
    /'threads' option must be a whole number from 1 to 64. Got 0/,
  );
});
