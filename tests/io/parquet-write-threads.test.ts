// Parquet files written by several threads: the same bytes as by one, row groups as they are asked for, and what the
// footer says of them is true.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { concat, type DataFrame, fromColumns, Int32, readCsv, readParquet } from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { duck } from '../support/duck.ts';

type Frame = DataFrame<any>;

const ROWS = 600_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-groups-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

/** Columns that keep their dictionary, lose it at once, lose it later, and have none; bounds that JSON could not say. */
function frameOf(rows: number): Frame {
  const r = drawer(7);
  return fromColumns({
    row: Int32Array.from({ length: rows }, (_, i) => i),
    few: Int32Array.from({ length: rows }, () => Math.floor(r() * 100)),
    many: Float64Array.from({ length: rows }, (_, i) => (i % 70_000 === 5 ? Number.NaN : i % 90_000 === 7 ? -0 : r())),
    later: BigInt64Array.from({ length: rows }, (_, i) => (i % 100_000 < 20_000 ? 5n : BigInt(i) << 30n)),
    flag: Array.from({ length: rows }, () => r() < 0.5),
    text: Array.from({ length: rows }, (_, i) =>
      r() < 0.1 ? null : i % 4 === 0 ? `${'long '.repeat(20)}${Math.floor(r() * 1e6)}` : `w${Math.floor(r() * 50)}`,
    ),
  }) as unknown as Frame;
}
const frame = frameOf(ROWS);

const duckRows = async (sql: string) => (await (await duck()).runAndReadAll(sql)).getRowObjectsJS();

/** Rows of each row group, by DuckDB. */
const groupRows = async (file: string): Promise<number[]> => {
  const sql = `SELECT DISTINCT row_group_id, row_group_num_rows AS n FROM parquet_metadata('${file}') ORDER BY 1`;
  return (await duckRows(sql)).map((row) => Number(row['n']));
};

/** Writes with one, two and three threads: all files are the same; returns the first. */
async function written(df: Frame, name: string, options: object = {}): Promise<string> {
  const files = [];
  for (const threads of [1, 2, 3]) {
    const file = at(`${name}-${threads}.parquet`);
    await df.writeParquet(file, { threads, ...options });
    files.push(file);
  }
  const [one, ...others] = files.map((f) => fs.readFileSync(f));
  for (const other of others) expect(other.equals(one!)).toBe(true);
  return files[0]!;
}

describe('row groups encoded by threads', () => {
  test('have the same bytes for any number of threads, and the rows in order', async () => {
    const file = await written(frame, 'plain');
    expect(await groupRows(file)).toEqual([262_144, 262_144, 75_712]);
    const [sums] = await duckRows(
      `SELECT count(*)::INT n, sum(few)::INT few, count(text)::INT texts, sum(length(text))::INT chars,
        sum(CASE WHEN row = file_row_number THEN 1 ELSE 0 END)::INT ordered, sum(later)::VARCHAR later,
        sum(CASE WHEN isnan(many) THEN 1 ELSE 0 END)::INT nans, sum(flag::INT)::INT flags
       FROM read_parquet('${file}', file_row_number = true)`,
    );
    const c = (await frame.collect()).toColumns() as Record<string, any>;
    const texts = (c['text'] as (string | null)[]).filter((t) => t !== null);
    expect(sums).toEqual({
      n: ROWS,
      few: c['few'].reduce((s: number, v: number) => s + v, 0),
      texts: texts.length,
      chars: texts.reduce((s, t) => s + t.length, 0),
      ordered: ROWS,
      later: String((c['later'] as BigInt64Array).reduce((s, v) => s + v, 0n)),
      nans: c['many'].reduce((s: number, v: number) => s + (Number.isNaN(v) ? 1 : 0), 0),
      flags: c['flag'].filter(Boolean).length,
    });
  });

  test('their bounds let readers skip the right ones', async () => {
    const file = await written(frame, 'bounds');
    const [row] = await duckRows(`SELECT count(*)::INT n, min(many) low FROM '${file}' WHERE row >= 300000`);
    const late = (await (await readParquet(file)).filter((c: any) => c.row.ge(300_000)).collect()).toColumns() as any;
    expect(late.row.length).toBe(300_000);
    expect(row).toEqual({ n: 300_000, low: leastOf(late.many) });
    const [texts] = await duckRows(`SELECT count(*)::INT n FROM '${file}' WHERE text > 'w'`);
    const all = (await frame.collect()).toColumns() as any;
    expect(texts).toEqual({ n: all.text.filter((t: string | null) => t !== null && t > 'w').length });
  });

  test('of other plans too: parts of a file, filters, files of text, several tables, few rows and none', async () => {
    const file = await written(frame, 'source');
    const again = await readParquet(file);
    expect(fs.readFileSync(await written(again as Frame, 'again')).equals(fs.readFileSync(file))).toBe(true);
    const few = await written(
      (again as Frame).filter((c) => c.few.lt(10)),
      'filtered',
    );
    expect((await groupRows(few)).length).toBe(1);
    const sorted = await written(frame.sort('few'), 'sorted');
    expect((await groupRows(sorted)).length).toBe(3);
    await written(concat([frame, frame.filter((c) => c.row.lt(1000)), frame] as never) as unknown as Frame, 'union');
    await frame.select('row', 'few', 'text').writeCsv(at('text.csv'));
    const text = await written((await readCsv(at('text.csv'))) as unknown as Frame, 'csv');
    expect((await groupRows(text)).reduce((s, n) => s + n, 0)).toBe(ROWS);
    expect(await groupRows(await written(frame.head(1000), 'head'))).toEqual([1000]);
    expect(await groupRows(await written(frameOf(3), 'three'))).toEqual([3]);
    const none = await written(frameOf(0), 'none');
    expect(await duckRows(`SELECT count(*)::INT n FROM '${none}'`)).toEqual([{ n: 0 }]);
  });

  test('of filters and joins: row groups of their own, and few rows put together', async () => {
    const sums = async (file: string) => {
      const [row] = await duckRows(
        `SELECT count(*)::INT n, sum(few)::INT few, count(text)::INT texts, sum(length(text))::INT chars,
          sum(row * (file_row_number % 1000))::VARCHAR places FROM read_parquet('${file}', file_row_number = true)`,
      );
      return row;
    };
    const expected = async (df: Frame) => {
      const c = (await df.collect({ threads: 1 })).toColumns() as Record<string, any>;
      const texts = (c['text'] as (string | null)[]).filter((t) => t !== null);
      const places = (c['row'] as (number | null)[]).reduce((s: number, v, i) => s + (v ?? 0) * (i % 1000), 0);
      const few = (c['few'] as (number | null)[]).reduce((s: number, v) => s + (v ?? 0), 0);
      return {
        n: c['row'].length,
        few,
        texts: texts.length,
        chars: texts.reduce((s, t) => s + t.length, 0),
        places: String(places),
      };
    };
    const words = fromColumns({
      few: Int32Array.from({ length: 80 }, (_, i) => i * 2),
      word: Array.from({ length: 80 }, (_, i) => `word ${i}`),
    }) as unknown as Frame;
    const plans: Record<string, [Frame, groups: (rows: number[]) => void]> = {
      half: [frame.filter((c) => c.few.lt(50)), (rows) => expect(rows.length).toBe(5)],
      hundredth: [frame.filter((c) => c.few.eq(7)), (rows) => expect(rows.length).toBe(1)],
      // Only some pieces have many rows: those between go together with neighbours.
      clustered: [
        frame.filter((c) => c.row.lt(100_000).or(c.row.ge(500_000)).or(c.row.mod(1000).eq(0))),
        (rows) => expect(rows.length).toBe(3),
      ],
      none: [frame.filter((c) => c.few.gt(1000)), (rows) => expect(rows.length).toBe(0)],
      inner: [frame.join(words, { on: 'few' }) as Frame, (rows) => expect(rows.length).toBe(5)],
      left: [frame.join(words, { on: 'few', how: 'left' }) as Frame, (rows) => expect(rows.length).toBe(5)],
      full: [frame.join(words, { on: 'few', how: 'full' }) as Frame, (rows) => expect(rows.length).toBe(6)],
      semi: [frame.join(words, { on: 'few', how: 'semi' }) as Frame, (rows) => expect(rows.length).toBe(5)],
    };
    for (const [name, [df, groups]] of Object.entries(plans)) {
      const file = await written(df, name);
      groups(await groupRows(file));
      if (name !== 'none') expect({ name, ...(await sums(file)) }).toEqual({ name, ...(await expected(df)) });
    }
    // The same from a file, whose scan drops rows itself.
    const again = (await readParquet(await written(frame, 'again-source'))) as unknown as Frame;
    const scanned = again.filter((c) => c.row.ge(200_000).and(c.few.lt(60)));
    expect(await sums(await written(scanned, 'scanned'))).toEqual(await expected(scanned));
  });

  test('have the rows that were asked for', async () => {
    const file = await written(frame, 'asked', { rowGroupRows: 250_000 });
    expect(await groupRows(file)).toEqual([250_000, 250_000, 100_000]);
  });

  test('of many columns and of nested ones', async () => {
    const wide = frame.withColumns(
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`c${i}`, (c: any) => c.few.add(i)])) as never,
    ) as Frame;
    const file = await written(wide, 'wide');
    const [row] = await duckRows(`SELECT sum(c39 - few)::INT d FROM '${file}'`);
    expect(row).toEqual({ d: 39 * ROWS });
    const lists = frame.select('row', 'few', 'text').withColumns({ pair: (c: any) => c.text.str.split('w') } as never);
    const nested = await written(lists as Frame, 'nested');
    const [n] = await duckRows(`SELECT sum(len(pair))::INT n FROM '${nested}'`);
    const expected = ((await lists.collect()).toColumns() as any).text.reduce(
      (s: number, t: string | null) => s + (t === null ? 0 : t.split('w').length),
      0,
    );
    expect(n).toEqual({ n: expected });
  });

  test('a failure leaves no file', async () => {
    const failing = frame.withColumns({ bad: (c: any) => c.text.cast(Int32) } as never) as Frame;
    await expect(failing.writeParquet(at('failed.parquet'), { threads: 2 })).rejects.toThrow(/Int32/);
    expect(fs.readdirSync(folder).filter((f) => f.startsWith('failed'))).toEqual([]);
  });
});

/** NaN is not among them. */
const leastOf = (values: Float64Array): number =>
  values.reduce((low, v) => (v < low ? v : low), Number.POSITIVE_INFINITY);
