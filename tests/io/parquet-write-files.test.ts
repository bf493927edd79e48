// writeParquet on a file system: the file appears whole or not at all, whatever goes wrong.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Categorical, Datetime, Duration, fromColumns, Int32, readParquet } from '../../ts/index.ts';
import { duckRows } from '../support/duck.ts';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parquet-files-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const some = fromColumns({
  id: Int32Array.from({ length: 100_000 }, (_, i) => i),
  word: Array.from({ length: 100_000 }, (_, i) => (i % 10 === 0 ? null : `word ${i % 77}`)),
});

describe('a written file', () => {
  test('is read by us and by DuckDB', async () => {
    const file = path.join(folder, 'some.parquet');
    expect(await some.writeParquet(file, { rowGroupRows: 30_000 })).toBe(100_000);
    expect(fs.readdirSync(folder)).toEqual(['some.parquet']);
    expect(await duckRows(`SELECT count(*), sum(id), count(word) FROM '${file}'`)).toEqual([
      [100_000n, 4_999_950_000n, 90_000n],
    ]);
    const back = await readParquet(file);
    using table = await back.filter((c) => c.id.lt(5)).collect();
    expect(table.toRecords()).toEqual([
      { id: 0, word: null },
      { id: 1, word: 'word 1' },
      { id: 2, word: 'word 2' },
      { id: 3, word: 'word 3' },
      { id: 4, word: 'word 4' },
    ]);
  });
  test('keeps dtypes that Parquet has no type for', async () => {
    const file = path.join(folder, 'types.parquet');
    const df = fromColumns(
      { at: [new Date(0)], took: [5], kind: ['a'] },
      { schema: { at: Datetime('ms', 'Europe/Vienna'), took: Duration('ms'), kind: Categorical } },
    );
    await df.writeParquet(file);
    expect((await readParquet(file)).schema).toEqual(df.schema);
  });
  test('replaces one that is there, also the one that is read', async () => {
    const file = path.join(folder, 'some.parquet');
    await some.writeParquet(file);
    const half = (await readParquet(file)).filter((c) => c.id.lt(50_000));
    expect(await half.writeParquet(file)).toBe(50_000);
    expect(await (await readParquet(file)).count()).toBe(50_000);
  });
  test('of no rows has the schema', async () => {
    const file = path.join(folder, 'none.parquet');
    expect(await some.filter((c) => c.id.lt(0)).writeParquet(file)).toBe(0);
    const back = await readParquet(file);
    expect(back.schema).toEqual(some.schema);
    expect(await back.count()).toBe(0);
  });
});

test('three million real rows written again are the same rows', async () => {
  const flights = 'node_modules/vega-datasets/data/flights-3m.parquet';
  const file = path.join(folder, 'flights.parquet');
  const df = await readParquet(flights);
  expect(await df.writeParquet(file)).toBe(3_000_000);
  expect(fs.statSync(file).size).toBeLessThan(fs.statSync(flights).size * 1.1);
  const lost = `(SELECT * FROM '${flights}' EXCEPT ALL SELECT * FROM '${file}')`;
  expect(await duckRows(`SELECT count(*) FROM ${lost}`)).toEqual([[0n]]);
  expect(await duckRows(`SELECT count(*) FROM '${file}'`)).toEqual([[3_000_000n]]);
});

describe('nothing is left', () => {
  test('when the folder does not exist', async () => {
    const file = path.join(folder, 'no', 'such', 'folder.parquet');
    await expect(some.writeParquet(file)).rejects.toMatchObject({
      code: 'ERR_FILE_NOT_FOUND',
      message: expect.stringContaining('no such file'),
    });
    expect(fs.readdirSync(folder)).toEqual([]);
  });
  test('when the path is a folder', async () => {
    const target = path.join(folder, 'taken');
    fs.mkdirSync(target);
    await expect(some.writeParquet(target)).rejects.toMatchObject({ code: 'ERR_IO' });
    expect(fs.readdirSync(folder)).toEqual(['taken']);
    expect(fs.readdirSync(target)).toEqual([]);
  });
  test.skipIf(process.getuid?.() === 0)('when the folder may not be written (root may)', async () => {
    fs.chmodSync(folder, 0o500);
    await expect(some.writeParquet(path.join(folder, 'a.parquet'))).rejects.toMatchObject({
      code: 'ERR_IO',
      message: expect.stringContaining('permission denied'),
    });
    fs.chmodSync(folder, 0o700);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
  test('when the query fails, and what was there stays', async () => {
    const file = path.join(folder, 'some.parquet');
    fs.writeFileSync(file, 'before');
    // the last rows are no numbers: pages have been written when it fails
    const rows = 300_000;
    const text = Array.from({ length: rows }, (_, i) => (i < rows - 10 ? `${i}` : 'none'));
    const failing = fromColumns({ text }).withColumns({ n: (c) => c.text.cast(Int32) });
    await expect(failing.writeParquet(file)).rejects.toMatchObject({ code: 'ERR_CAST' });
    expect(fs.readdirSync(folder)).toEqual(['some.parquet']);
    expect(fs.readFileSync(file, 'utf8')).toBe('before');
  });
  test('when the query is aborted', async () => {
    const file = path.join(folder, 'some.parquet');
    const controller = new AbortController();
    const run = some.writeParquet(file, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(fs.readdirSync(folder)).toEqual([]);
  });
  test('when the query is aborted on the way', async () => {
    const controller = new AbortController();
    const random = Float64Array.from({ length: 3_000_000 }, (_, i) => Math.sin(i));
    const run = fromColumns({ random }).writeParquet(path.join(folder, 'some.parquet'), {
      compression: 'brotli',
      signal: controller.signal,
    });
    while (fs.readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(fs.readdirSync(folder)[0]).toMatch(/^some\.parquet\.\w+\.tmp$/);
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    expect(fs.readdirSync(folder)).toEqual([]);
  });
  // A limit on the size of files stands for a full disk: writing fails in the same place.
  test.skipIf(process.platform === 'win32')('when the disk is full', () => {
    const script = path.join(folder, 'fill.mts');
    const index = pathToFileURL(path.resolve('ts/index.ts')).href;
    fs.writeFileSync(
      script,
      `import { fromColumns } from '${index}';
      const random = Float64Array.from({ length: 400_000 }, () => Math.random());
      try {
        await fromColumns({ random }).writeParquet('full.parquet', { rowGroupRows: 100_000 });
        console.log('written');
      } catch (e) {
        console.log(JSON.stringify({ name: e.name, code: e.code, message: e.message, detail: e.detail }));
      }
      process.exit(0);`,
    );
    const tsx = pathToFileURL(path.resolve('node_modules/tsx/dist/esm/index.mjs')).href;
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `trap '' XFSZ; ulimit -f 1000; exec '${process.execPath}' --import '${tsx}' fill.mts`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(stdout, stderr).toContain('"code":"ERR_IO"');
    const error = JSON.parse(stdout) as Record<string, unknown>;
    expect(error).toMatchObject({ name: 'IoError', detail: { errno: 'EFBIG' } });
    expect(error.message).toMatch(/^Cannot write full\.parquet/);
    expect(fs.readdirSync(folder)).toEqual(['fill.mts']);
  });
});
