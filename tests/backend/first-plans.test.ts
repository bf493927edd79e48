// Before the engine thread is up, plans that take less time than its start run on the calling thread: what may be held
// up and for how long is limited, and the answers, errors and memory are those of the thread.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import type { CpuBackend } from '../../ts/backend/cpu/cpu-backend.ts';
import { WASM } from '../../ts/backend/cpu/embedded.gen.ts';
import { fromColumns, type readParquet } from '../../ts/index.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-first-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const ROWS = 100_000;
const frame = (rows = ROWS) =>
  fromColumns({
    k: Int32Array.from({ length: rows }, (_, i) => i % 7),
    v: Float64Array.from({ length: rows }, (_, i) => (i * 7919) % 100_003),
  });
const totals = (rows = ROWS): number[] => {
  const sums = Array.from({ length: 7 }, () => 0);
  for (let i = 0; i < rows; i++) sums[i % 7]! += (i * 7919) % 100_003;
  return sums;
};

/** A process that has not run anything yet, as far as the library knows. */
async function fresh(): Promise<{ api: typeof import('../../ts/index.ts'); backend: CpuBackend }> {
  vi.resetModules();
  const api = await import('../../ts/index.ts');
  (await api.fromColumns({ a: [1] }).collect()).dispose();
  const { loadBackend } = await import('../../ts/backend/registry.ts');
  const loaded = await loadBackend('cpu', {} as never);
  if (!('backend' in loaded)) throw new Error('the CPU backend is always there');
  return { api, backend: loaded.backend as CpuBackend };
}

const file = path.join(folder, 'rows.parquet');
const written = frame().writeParquet(file);

async function answer(read: typeof readParquet, of = file): Promise<number[]> {
  const table = await (await read(of))
    .groupBy('k')
    .agg({ s: (c: any) => c.v.sum() })
    .sort('k')
    .collect();
  const sums = table.toRecords().map((r: any) => r.s);
  table.dispose();
  return sums;
}

test('a first query of a small file starts no thread; soon after there is one', async () => {
  await written;
  const { api, backend } = await fresh();
  const before = backend.engine.pool.usedBytes;
  expect(await answer(api.readParquet)).toEqual(totals());
  expect(backend.engine.isStarted).toBe(false);
  expect(backend.engine.pool.usedBytes).toBe(before);
  for (let i = 0; i < 100 && !backend.engine.isStarted; i++) await setTimeout(20);
  expect(backend.engine.isStarted).toBe(true);
  expect(await answer(api.readParquet)).toEqual(totals());
  await backend.engine.close();
});

test('all first plans together have one allowance, then they wait for the thread', async () => {
  await written;
  const { api, backend } = await fresh();
  const answers = await Promise.all(Array.from({ length: 60 }, () => answer(api.readParquet)));
  for (const got of answers) expect(got).toEqual(totals());
  expect(backend.engine.isStarted).toBe(true);
  await backend.engine.close();
});

test('a large table, texts in every row and a file of bytes go to the thread at once', async () => {
  const large = await fresh();
  const table = await large.api
    .fromColumns({ v: Float64Array.from({ length: 3_000_000 }, (_, i) => i % 10) })
    .sort('v')
    .select({ first: (c) => c.v.first() })
    .collect();
  expect(table.toRecords()).toEqual([{ first: 0 }]);
  expect(large.backend.engine.isStarted).toBe(true);
  await large.backend.engine.close();

  const texts = await fresh();
  const words = Array.from({ length: 500_000 }, (_, i) => `word ${i % 100}`);
  const found = await texts.api
    .fromColumns({ words })
    .filter((c) => c.words.str.contains('7'))
    .collect();
  expect(found.height).toBe(words.filter((w) => w.includes('7')).length);
  expect(texts.backend.engine.isStarted).toBe(true);
  await texts.backend.engine.close();

  await written;
  const bytes = await fresh();
  const read = await (await bytes.api.readParquet(fs.readFileSync(file)))
    .select({ n: (c: any) => c.v.count() })
    .collect();
  expect(Number(read.toRecords()[0]!['n'])).toBe(ROWS);
  expect(bytes.backend.engine.isStarted).toBe(true);
  await bytes.backend.engine.close();
});

test('the kernels that host code calls are those that are there from the start', () => {
  const called = ['host', 'columns', 'memory'].flatMap((name) => {
    const at = path.join('ts/backend/cpu', name);
    return fs.readdirSync(at).flatMap((f) => {
      const text = fs.readFileSync(path.join(at, f), 'utf8');
      return [...text.matchAll(/kernels\.get\('([\w-]+)'\)/g)].map(([, kernel]) => kernel);
    });
  });
  expect(called.length).toBeGreaterThan(10);
  expect(Object.keys(WASM)).toEqual(expect.arrayContaining(called));
});

test('an error of a first plan is the one that the thread gives', async () => {
  await written;
  const damaged = path.join(folder, 'damaged.parquet');
  const bytes = fs.readFileSync(file);
  bytes.fill(0xff, 4, 2000);
  fs.writeFileSync(damaged, bytes);
  const { api, backend } = await fresh();
  const before = backend.engine.pool.usedBytes;
  const first = await answer(api.readParquet, damaged).catch((e: Error) => e);
  expect(backend.engine.isStarted).toBe(true);
  const second = await answer(api.readParquet, damaged).catch((e: Error) => e);
  expect(first).toMatchObject({ code: (second as { code?: string }).code, message: (second as Error).message });
  expect((first as { code?: string }).code).toMatch(/^ERR_/);
  expect(backend.engine.pool.usedBytes).toBe(before);
  await backend.engine.close();
});

test('a first plan keeps to the memory limit', async () => {
  const { api, backend } = await fresh();
  const sorted = api
    .fromColumns({ v: Float64Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200_000) })
    .sort('v');
  await expect(sorted.collect({ memoryLimitBytes: 1_000_000 })).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY' });
  await backend.engine.close();
});
