// Rows that are decoded where the result has them, and text that several threads make, against one thread and DuckDB.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { type DataFrame, fromColumns, readArrow, readParquet } from '../../ts/index.ts';
import { ipcOf } from '../support/ipc-of.ts';
import { tuneEngine } from '../support/tuning.ts';

const ROWS = 150_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-placed-'));
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  await tuneEngine({ ...DEFAULT_TUNING, minRows: 1 });
  const db = await (await DuckDBInstance.create(':memory:')).connect();
  await db.run(`CREATE TABLE t AS SELECT i::INT AS i, i * 0.25::DOUBLE AS x,
    CASE WHEN hash(i) % 3 = 0 THEN NULL ELSE (hash(i + 1) % 50)::INT END AS k, hash(i + 2) % 2 = 0 AS b,
    CASE WHEN hash(i + 3) % 4 = 0 THEN NULL ELSE hash(i + 4) % 2 = 0 END AS c,
    'a word of some length ' || (hash(i + 5) % 40) AS word, 'unlike all the others ' || i AS own,
    CASE WHEN i % 7 = 0 THEN NULL WHEN i % 5 = 0 THEN 'short' ELSE 'not so short, ' || (i % 1000) END AS some,
    CASE WHEN i < 70000 THEN NULL ELSE i::BIGINT END AS late, NULL::DOUBLE AS never,
    DATE '2020-01-01' + (i % 900)::INT AS day, (i % 200)::UTINYINT AS tiny, (i / 100.0)::DECIMAL(12, 2) AS price
    FROM range(${ROWS}) r(i)`);
  for (const codec of ['snappy', 'zstd', 'uncompressed'])
    await db.run(`COPY t TO '${file(`${codec}.parquet`)}' (FORMAT parquet, ROW_GROUP_SIZE 20480, CODEC '${codec}')`);
  const all = await readParquet(file('snappy.parquet'));
  // no height is a multiple of 8, and the last group is short
  await all.writeParquet(file('odd.parquet'), { rowGroupRows: 70_001 });
  await all.writeParquet(file('plain.parquet'), { rowGroupRows: 33_333, dictionary: false });
  // pages of some hundred rows: few of them begin at a multiple of 8
  await all.writeParquet(file('pages.parquet'), { rowGroupRows: 50_000, dataPageBytes: 900 });
  await all.writeArrow(file('file.arrow'));
  await all.writeArrow(file('lz4.arrow'), { compression: 'lz4' });
});

afterAll(async () => {
  await tuneEngine(DEFAULT_TUNING);
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('rows decoded in place', () => {
  const files = ['snappy', 'zstd', 'uncompressed', 'odd', 'plain', 'pages'].map((n) => `${n}.parquet`);
  test.each([...files, 'file.arrow', 'lz4.arrow'])('%s', async (name) => {
    const open = name.endsWith('arrow') ? readArrow : readParquet;
    const df = (await open(file(name))) as DataFrame<any>;
    // a filter that keeps all rows takes them batch by batch
    const want = await ipcOf(
      df.filter((c) => c.i.ge(0)),
      1,
    );
    for (const threads of [1, 2, 3]) expect((await ipcOf(df, threads)).equals(want)).toBe(true);
    const some = df.select('own', 'never', 'c', 'k');
    const wanted = await ipcOf(df.filter((c) => c.i.ge(0)).select('own', 'never', 'c', 'k'), 1);
    expect((await ipcOf(some, 2)).equals(wanted)).toBe(true);
  });

  const fixtures = ['parquet', 'arrow'].flatMap((kind) =>
    fs.readdirSync(`tests/fixtures/${kind}`).map((f) => `tests/fixtures/${kind}/${f}`),
  );
  test.each(fixtures.filter((f) => /\.(parquet|arrows?)$/.test(f)))('%s', async (name) => {
    const df = (await (name.endsWith('parquet') ? readParquet : readArrow)(name)) as DataFrame<any>;
    const nested = new Set(['List', 'Struct', 'Map', 'FixedSizeList', 'Null']);
    const flat = df.columns.filter((c) => !nested.has(df.schema[c]!.dtype));
    if (flat.length === 0) return;
    const some = df.select(...flat);
    // of a scan with a limit, rows come batch by batch
    const want = await ipcOf(some.head(1_000_000), 1);
    for (const threads of [1, 2]) expect((await ipcOf(some, threads)).equals(want)).toBe(true);
  });

  test('strings outlive the query that read them', async () => {
    const table = await (await readParquet(file('odd.parquet'))).collect({ threads: 2 });
    for (let n = 0; n < 3; n++) await ipcOf((await readParquet(file('snappy.parquet'))) as DataFrame<any>, 2);
    const own = table.column('own').toArray() as string[];
    for (const i of [0, 69_999, 70_001, ROWS - 1]) expect(own[i]).toBe(`unlike all the others ${i}`);
    table.dispose();
  });
});

describe('text made by several threads', () => {
  test.each(['writeCsv', 'writeJsonl'] as const)('%s: the same bytes', async (write) => {
    const df = await (await readParquet(file('odd.parquet'))).cache();
    const texts: Buffer[] = [];
    for (const threads of [1, 2, 3]) {
      expect(await df[write](file('text'), { threads })).toBe(ROWS);
      texts.push(fs.readFileSync(file('text')));
    }
    expect(texts[0]!.length).toBeGreaterThan(ROWS * 50);
    expect(texts[1]!.equals(texts[0]!)).toBe(true);
    expect(texts[2]!.equals(texts[0]!)).toBe(true);
    const lines = texts[0]!.toString().trimEnd().split('\n');
    expect(lines.length).toBe(ROWS + (write === 'writeCsv' ? 1 : 0));
    expect(lines.at(-1)).toContain(`unlike all the others ${ROWS - 1}`);
  });

  test('a value that JSON cannot hold is named by its row, whoever met it', async () => {
    const x = Float64Array.from({ length: ROWS }, (_, i) => i);
    x[140_001] = Number.NaN;
    const df = await fromColumns({ x }).cache();
    const write = df.writeJsonl(file('bad.jsonl'), { nonFinite: 'error', threads: 2 });
    await expect(write).rejects.toThrow('Row 140001 holds a NaN');
    expect(fs.existsSync(file('bad.jsonl'))).toBe(false);
  });
});
