// Parquet files read and written by libcudf's calls: every fixture gives the rows that the CPU engine gives, and what is
// written reads back the same here and in DuckDB. Runs where TEST_BACKENDS names sim: host-cudf, not a GPU.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect } from 'vitest';
import { col, type DataFrame, readParquet, type Table } from '../../ts/index.ts';
import { ourRows } from '../differential/compare.ts';
import { onBackends, onDevice } from '../support/backends.ts';
import { duckRows } from '../support/duck.ts';

const root = path.resolve(import.meta.dirname, '../fixtures');
const FOLDERS = ['parquet', 'tpch'];
const FILES = FOLDERS.flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(folder, name)),
);

/** A fixture without its column of 16-bit floats, which libcudf does not read. */
async function open(file: string): Promise<DataFrame> {
  const df = await readParquet(path.join(root, file));
  return df.columns.includes('f16') ? df.drop('f16') : df;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-parquet-files-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** What differs first, or null; bit by bit, but for NaN. */
function differing(got: Table, expected: Table): string | null {
  const [a, b] = [ourRows(got), ourRows(expected)];
  if (a.length !== b.length) return `${a.length} rows, not ${b.length}`;
  const row = a.findIndex((cells, i) => !isDeepStrictEqual(cells, b[i]));
  if (row < 0) return null;
  const at = expected.columns.findIndex((_, i) => !isDeepStrictEqual(a[row]?.[i], b[row]?.[i]));
  return `row ${row}, ${expected.columns[at]}: ${inspect(a[row]?.[at])}, not ${inspect(b[row]?.[at])}`;
}

/** The rows of the frame, in their order, on the CPU and on the device. */
async function sameRows(df: DataFrame): Promise<void> {
  const expected = await df.collect({ engine: 'cpu' });
  const got = await df.collect({ engine: 'cuda' });
  expect(got.schema).toEqual(expected.schema);
  expect(differing(got, expected)).toBeNull();
  got.dispose();
  expected.dispose();
}

describe.skipIf(!onDevice)('Parquet files', () =>
  onBackends(({ name }, test) => {
    if (name === 'cpu') return;
    test.each(FILES)('%s is read as the CPU engine reads it', async (file) => {
      await sameRows(await open(file));
    });

    test.each(FILES)('some columns and rows of %s', async (file) => {
      const df = await open(file);
      const names = df.columns.filter((_, i) => i % 2 === 0).toReversed();
      await sameRows(df.select(...names).head(7));
    });

    test('16-bit floats are refused by name', async () => {
      const df = await readParquet(path.join(root, 'parquet/plain-v1.parquet'));
      const failure = await df.collect({ engine: 'cuda' }).catch((error: Error) => error);
      expect(failure).toMatchObject({ code: 'ERR_UNSUPPORTED', message: expect.stringContaining('"f16"') });
    });

    test('comparisons are pushed into the scan, and the filter is still there', async () => {
      const lineitem = await readParquet(path.join(root, 'tpch/lineitem.parquet'));
      await sameRows(lineitem.filter(col('l_orderkey').le(100).and(col('l_shipmode').eq('AIR'))));
      await sameRows(lineitem.filter(col('l_orderkey').lt(0)));
      await sameRows(lineitem.filter(col('l_orderkey').isNull().or(col('l_linenumber').gt(6))));
    });

    test.each(FILES)('%s is written, and reads back', async (file) => {
      const df = await open(file);
      const target = path.join(folder, file.replaceAll(/[/\\]/g, '-'));
      const expected = await df.collect({ engine: 'cpu' });
      expect(await df.writeParquet(target, { engine: 'cuda' })).toBe(expected.height);
      const back = await (await readParquet(target)).collect({ engine: 'cpu' });
      expect(back.schema).toEqual(expected.schema);
      expect(differing(back, expected)).toBeNull();
      expect(Number((await duckRows(`SELECT count(*) FROM '${target}'`))[0]?.[0])).toBe(expected.height);
      expect(fs.readdirSync(folder).filter((entry) => entry.endsWith('.tmp'))).toEqual([]);
      back.dispose();
      expected.dispose();
    });
  }),
);
