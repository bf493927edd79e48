// Joins whose tables are large enough for a bitmap in front of them, over every kind of integer keys, beside DuckDB.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DataFrame, len, readParquet } from '../../ts/index.ts';
import { duck, duckRows } from '../support/duck.ts';

type AnyFrame = DataFrame<any>;
let folder: string;
const frames = {} as { kept: AnyFrame; probed: AnyFrame };

/** `dense` fills its range, `sparse` a thousandth of it, `wide` all 64 bits; `small` and `short` are for keys of several. */
const tableSql = (rows: number, salt: number): string => `
  SELECT i AS id,
    CASE WHEN hash(i + ${salt}) % 40 = 0 THEN NULL ELSE (hash(i * 3 + ${salt}) % 300000)::BIGINT - 70000 END AS dense,
    CASE WHEN hash(i + ${salt}) % 41 = 0 THEN NULL ELSE (hash(i * 5 + ${salt}) % 200000)::BIGINT * 15013 END AS sparse,
    CASE WHEN i % 150000 = 7 THEN -9223372036854775808 WHEN i % 150000 = 8 THEN 9223372036854775807
      ELSE ((hash(i * 7 + ${salt}) % 200000)::HUGEINT * 91234567890123 - 9123456789012345678)::BIGINT END AS wide,
    CASE WHEN hash(i + ${salt}) % 43 = 0 THEN NULL ELSE (hash(i * 11 + ${salt}) % 600)::INTEGER - 300 END AS small,
    (hash(i * 13 + ${salt}) % 500)::USMALLINT + ${salt % 2 === 0 ? 0 : 100} AS short
  FROM range(${rows}) t(i)`;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-join-tables-'));
  for (const [name, rows, salt] of [
    ['kept', 90_000, 4],
    ['probed', 160_000, 1000003],
  ] as const) {
    const file = path.join(folder, `${name}.parquet`);
    await (await duck()).run(`COPY (${tableSql(rows, salt)}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 30000)`);
    await (await duck()).run(`CREATE OR REPLACE VIEW ${name} AS FROM '${file}'`);
    frames[name] = (await readParquet(file)) as unknown as AnyFrame;
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const KEYS = [
  ['dense'],
  ['sparse'],
  ['wide'],
  ['small', 'short'],
  ['dense', 'short'],
  ['wide', 'small'],
  ['dense', 'sparse'],
];

/** The only row of a frame. */
async function sumsOf(frame: AnyFrame): Promise<number[]> {
  const table = await frame.collect();
  const [row] = table.toRecords() as Record<string, bigint>[];
  table.dispose();
  return Object.values(row!).map(Number);
}

describe.each(KEYS.map((keys) => [keys.join(', '), keys] as const))('on %s', (_, keys) => {
  const using = `USING (${keys.join(', ')})`;

  test.each(['inner', 'left', 'right', 'full'] as const)('%s', async (how) => {
    const joined = frames.probed.join(frames.kept, { on: keys, how } as never) as AnyFrame;
    const ours = await sumsOf(
      joined.select({ rows: len(), left: (c: any) => c.id.sum(), right: (c: any) => c.id_right.sum() }),
    );
    const sql = `SELECT count(*), sum(probed.id), sum(kept.id) FROM probed ${how} JOIN kept ${using}`;
    expect(ours).toEqual((await duckRows(sql))[0]!.map(Number));
  });

  test.each(['semi', 'anti'] as const)('%s', async (how) => {
    for (const [a, b] of [
      ['probed', 'kept'],
      ['kept', 'probed'],
    ] as const) {
      const joined = frames[a].join(frames[b], { on: keys, how } as never) as AnyFrame;
      const ours = await sumsOf(joined.select({ rows: len(), sum: (c: any) => c.id.sum() }));
      const sql = `SELECT count(*), sum(id) FROM ${a} ${how} JOIN ${b} ${using}`;
      expect(ours).toEqual((await duckRows(sql))[0]!.map(Number));
    }
  });
});

/** Without a copy of it; the projection picks columns, so it too stays where it is. */
describe('a side that lies in memory is joined where it lies', () => {
  const HOWS = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
  test.each(
    HOWS.flatMap((how) => [true, false].map((maintainOrder) => [how, maintainOrder] as const)),
  )('%s, maintainOrder %s', async (how, maintainOrder) => {
    const small = frames.kept.filter((c: any) => c.id.lt(20_000)) as AnyFrame;
    const columns = ['short', 'dense', 'id', 'small'];
    const standing = (await small.cache()) as unknown as AnyFrame;
    const rowsOf = async (kept: AnyFrame): Promise<unknown> => {
      const on = ['dense', 'short'];
      const joined = frames.probed.join(kept.select(...columns), { on, how, maintainOrder } as never) as AnyFrame;
      const table = await (maintainOrder ? joined : (joined.sort(...joined.columns) as AnyFrame)).collect();
      const rows = table.toColumns();
      table.dispose();
      return rows;
    };
    expect(await rowsOf(standing)).toEqual(await rowsOf(small));
  });
});
