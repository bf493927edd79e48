// Joins, sorts and windows through the public API, against DuckDB on the same Parquet file.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type DataFrame, Float64, Int64, len, readParquet } from '../../ts/index.ts';
import { onBackends } from '../support/backends.ts';
import { duck, duckRows } from '../support/duck.ts';

type AnyFrame = DataFrame<any>;
const ROWS = { l: 70_000, r: 9_000 } as const;
let folder: string;
const frames = {} as { l: AnyFrame; r: AnyFrame };

/** Keys of every sort with nulls, NaN, both zeros, long strings with common beginnings, duplicates. */
const tableSql = (rows: number, salt: number): string => `
  SELECT i AS id,
    CASE WHEN hash(i + ${salt}) % 11 = 0 THEN NULL ELSE (hash(i * 3 + ${salt}) % 4000)::INTEGER - 100 END AS k,
    CASE WHEN hash(i + ${salt}) % 13 = 0 THEN NULL ELSE (hash(i * 5 + ${salt}) % 3000)::BIGINT * 10000000000 END AS big,
    CASE WHEN hash(i + ${salt}) % 17 = 0 THEN NULL
      ELSE 'key with a long beginning '[1 : (hash(i) % 27)::INTEGER] || (hash(i * 7 + ${salt}) % 900)::VARCHAR END AS s,
    CASE (hash(i + ${salt}) % 115)::INTEGER WHEN 0 THEN NULL WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN '-0.0'::DOUBLE
      WHEN 3 THEN 0.0 WHEN 4 THEN 'Infinity'::DOUBLE ELSE ((hash(i * 9 + ${salt}) % 2000)::DOUBLE - 1000) / 8 END AS f,
    CASE WHEN hash(i + ${salt}) % 19 = 0 THEN NULL ELSE DATE '2020-01-01' + (hash(i * 2 + ${salt}) % 4000)::INTEGER END AS d,
    CASE WHEN hash(i + ${salt}) % 29 = 0 THEN NULL ELSE ((hash(i * 4 + ${salt}) % 5000)::DECIMAL(12, 0) / 100)::DECIMAL(24, 2) END AS dec,
    CASE WHEN hash(i + ${salt}) % 31 = 0 THEN NULL ELSE hash(i * 6 + ${salt}) % 3 = 0 END AS b
  FROM range(${rows}) t(i)`;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-relational-'));
  for (const [name, salt] of [
    ['l', 1],
    ['r', 1000003],
  ] as const) {
    const file = path.join(folder, `${name}.parquet`);
    await (await duck()).run(
      `COPY (${tableSql(ROWS[name], salt)}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 20000)`,
    );
    await (await duck()).run(`CREATE VIEW ${name} AS FROM '${file}'`);
    frames[name] = (await readParquet(file)) as unknown as AnyFrame;
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Rows of a frame as arrays in the order of `columns`. */
async function rowsOf(frame: AnyFrame, columns: readonly string[]): Promise<unknown[][]> {
  const table = await frame.select(...(columns as never[])).collect();
  const rows = (table.toRecords() as Record<string, unknown>[]).map((r) => columns.map((c) => r[c]));
  table.dispose();
  return rows;
}
const text = (rows: readonly (readonly unknown[])[]): string[] =>
  rows.map((r) =>
    r.map((v) => (typeof v === 'number' && !Number.isNaN(v) ? Number(v.toPrecision(12)) : String(v))).join(' '),
  );
const near = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number'
    ? Object.is(a, b) || Math.abs(a - b) <= 1e-11 * Math.max(Math.abs(a), Math.abs(b))
    : String(a) === String(b);
/** Equal rows in the same order; floats but for the order in which they were added up. */
function expectNear(got: readonly unknown[][], wanted: readonly (readonly unknown[])[]): void {
  const at = got.findIndex((row, i) => !row.every((v, k) => near(v, wanted[i]?.[k])));
  expect(at < 0 ? [] : got[at], `row ${at}`).toEqual(at < 0 ? [] : wanted[at]);
  expect(got.length).toBe(wanted.length);
}

onBackends((_, test) => {
  describe('joins', () => {
    const keys = [['k'], ['big'], ['s'], ['f'], ['d'], ['dec'], ['k', 's'], ['s', 'd', 'b'], ['f', 'dec'], ['k', 'b']];
    test.each(keys.map((on) => ({ on })))('on $on', async ({ on }) => {
      const right = frames.r.rename({ id: 'rid' });
      const condition = on.map((k: any) => `l.${k} = r.${k}`).join(' AND ');
      for (const how of ['inner', 'left', 'right', 'full'] as const) {
        const joined = frames.l.join(right, { on, how } as never) as AnyFrame;
        // Sums that a wrong pair would change; the pairs themselves would be millions.
        const [wanted] = await duckRows(
          `SELECT count(*), count(l.id), count(r.id), sum(l.id)::BIGINT, sum(r.id)::BIGINT, sum(l.id * r.id)::BIGINT
         FROM l ${how} JOIN r ON ${condition}`,
        );
        const sums = joined.select({
          rows: len(),
          left: (c: any) => c.id.count(),
          right: (c: any) => c.rid.count(),
          ids: (c: any) => c.id.sum(),
          rids: (c: any) => c.rid.sum(),
          products: (c: any) => c.id.mul(c.rid).sum(),
        } as never) as AnyFrame;
        const [got] = await rowsOf(sums, ['rows', 'left', 'right', 'ids', 'rids', 'products']);
        expect(text([got!]), how).toEqual(text([wanted!]));
      }
      for (const how of ['semi', 'anti'] as const) {
        const wanted = await duckRows(
          `SELECT id FROM l WHERE ${how === 'anti' ? 'NOT' : ''} EXISTS (FROM r WHERE ${condition}) ORDER BY id`,
        );
        expect(text(await rowsOf(frames.l.join(right, { on, how } as never) as AnyFrame, ['id']))).toEqual(
          text(wanted),
        );
      }
    });

    test('every pair of a selective join, and coalesced keys', async () => {
      const right = frames.r.rename({ id: 'rid' });
      for (const how of ['inner', 'full'] as const) {
        const rows = await rowsOf(frames.l.join(right, { on: ['s', 'k'], how } as never) as AnyFrame, [
          'id',
          'rid',
          's',
          'k',
        ]);
        const wanted = await duckRows(
          `SELECT l.id, r.id, coalesce(l.s, r.s), coalesce(l.k, r.k) FROM l ${how} JOIN r ON l.s = r.s AND l.k = r.k`,
        );
        expect(text(rows).sort()).toEqual(text(wanted).sort());
      }
    });

    test('nulls equal when asked', async () => {
      const right = frames.r.rename({ id: 'rid' });
      const rows = await rowsOf(
        frames.l.join(right, { on: ['k', 's'], how: 'inner', nullsEqual: true } as never) as AnyFrame,
        ['id', 'rid'],
      );
      const wanted = await duckRows(
        'SELECT l.id, r.id FROM l JOIN r ON l.k IS NOT DISTINCT FROM r.k AND l.s IS NOT DISTINCT FROM r.s',
      );
      expect(text(rows).sort()).toEqual(text(wanted).sort());
    });

    test('the left order when asked', async () => {
      const right = frames.r.rename({ id: 'rid' });
      for (const [a, b] of [
        [frames.l, right],
        [right.rename({ rid: 'id' }), frames.l.rename({ id: 'rid' })],
      ] as const) {
        const rows = await rowsOf(a.join(b, { on: ['k'], how: 'left', maintainOrder: true } as never) as AnyFrame, [
          'id',
        ]);
        expect(rows.every((r, i) => i === 0 || (r[0] as bigint) >= (rows[i - 1]![0] as bigint))).toBe(true);
      }
    });

    test('cross', async () => {
      const rows = await rowsOf(
        frames.r.head(70).join(frames.r.head(50).select({ other: (c: any) => c.id }), { how: 'cross' }) as AnyFrame,
        ['id', 'other'],
      );
      expect(text(rows).sort()).toEqual(
        text(await duckRows('SELECT a.id, b.id FROM (FROM r LIMIT 70) a, (FROM r LIMIT 50) b')).sort(),
      );
    });
  });

  describe('sorts', () => {
    const cases: { by: string; descending?: boolean; nullsFirst?: boolean }[][] = [
      [{ by: 'k' }],
      [{ by: 'f', descending: true }],
      [{ by: 's', nullsFirst: true }],
      [{ by: 'dec', descending: true, nullsFirst: true }],
      [{ by: 'b' }, { by: 'd', descending: true }, { by: 's' }],
      [{ by: 's', descending: true }, { by: 'big' }],
      [{ by: 'd' }, { by: 'f', descending: true, nullsFirst: true }, { by: 'k' }, { by: 'dec' }],
    ];
    test.each(cases.map((keys) => ({ keys, name: JSON.stringify(keys) })))('$name', async ({ keys }) => {
      // DuckDB's sort is not stable: the row number decides, as in ours.
      const order = keys
        .map((k: any) => `${k.by} ${k.descending ? 'DESC' : 'ASC'} NULLS ${k.nullsFirst ? 'FIRST' : 'LAST'}`)
        .join(', ');
      const wanted = await duckRows(`SELECT id FROM l ORDER BY ${order}, id`);
      const sorted = frames.l.sort(...(keys as never[]));
      expect(text(await rowsOf(sorted, ['id']))).toEqual(text(wanted));
      expect(text(await rowsOf(sorted.head(100), ['id']))).toEqual(text(wanted.slice(0, 100)));
    });

    test('by an expression', async () => {
      const wanted = await duckRows('SELECT id FROM l ORDER BY k * 7 % 1000 NULLS LAST, id');
      const sorted = frames.l.sort({ by: (c: any) => c.k.mul(7).mod(1000), descending: false } as never);
      // Our mod is floored, DuckDB's is not: rows with a negative key are left out.
      const keep = new Set((await duckRows('SELECT id FROM l WHERE k >= 0 OR k IS NULL')).map((r) => r[0]));
      const only = (rows: unknown[][]) => rows.filter((r) => keep.has(r[0]));
      expect(text(only(await rowsOf(sorted, ['id'])))).toEqual(text(only(wanted)));
    });
  });

  describe('windows', () => {
    const over = (c: any, e: any) => e.over(c.b, { orderBy: [c.d, c.id] });
    test('running, ranking and shifted values', async () => {
      const frame = frames.l.select({
        id: (c: any) => c.id,
        sum: (c: any) => over(c, c.k.cast(Int64).cumSum()),
        count: (c: any) => over(c, c.s.cumCount()),
        most: (c: any) => over(c, c.big.cumMax()),
        before: (c: any) => over(c, c.s.shift(1)),
        rank: (c: any) => c.k.rank({ method: 'min' }).over(c.b),
        dense: (c: any) => c.k.rank({ method: 'dense', descending: true }).over(c.b),
        mean: (c: any) => c.k.mean().over(c.s),
        n: (c: any) => c.id.count().over([c.b, c.d]),
        first: (c: any) => c.big.first().over(c.b, { orderBy: [c.d, c.id] }),
      } as never) as AnyFrame;
      const w = 'OVER (PARTITION BY b ORDER BY d NULLS LAST, id ROWS UNBOUNDED PRECEDING)';
      const wanted = await duckRows(`
      SELECT id, CASE WHEN k IS NULL THEN NULL ELSE (sum(k) ${w})::BIGINT END, count(s) ${w},
        CASE WHEN big IS NULL THEN NULL ELSE max(big) ${w} END,
        lag(s) OVER (PARTITION BY b ORDER BY d NULLS LAST, id),
        CASE WHEN k IS NULL THEN NULL ELSE rank() OVER (PARTITION BY b ORDER BY k NULLS LAST) END,
        CASE WHEN k IS NULL THEN NULL ELSE dense_rank() OVER (PARTITION BY b ORDER BY k DESC NULLS LAST) END,
        avg(k) OVER (PARTITION BY s), count(id) OVER (PARTITION BY b, d), first_value(big) ${w}
      FROM l ORDER BY id`);
      const rows = await rowsOf(frame, ['id', 'sum', 'count', 'most', 'before', 'rank', 'dense', 'mean', 'n', 'first']);
      expectNear(rows, wanted);
    });

    test('rolling windows', async () => {
      const order = (c: any, e: any) => e.over(c.b, { orderBy: c.id });
      const frame = frames.l.select({
        id: (c: any) => c.id,
        sum: (c: any) => order(c, c.k.rollingSum({ windowRows: 5, minPeriods: 1 })),
        mean: (c: any) => order(c, c.k.rollingMean({ windowRows: 100, minPeriods: 3 })),
        least: (c: any) => order(c, c.dec.rollingMin({ windowRows: 7, minPeriods: 1 }).cast(Float64)),
        spread: (c: any) => order(c, c.k.rollingStd({ windowRows: 20, minPeriods: 2 })),
        middle: (c: any) => order(c, c.k.rollingMedian({ windowRows: 9, minPeriods: 1, center: true })),
      } as never) as AnyFrame;
      const w = (from: number, to = 0) =>
        `OVER (PARTITION BY b ORDER BY id ROWS BETWEEN ${from} PRECEDING AND ${to} FOLLOWING)`;
      const wanted = await duckRows(`
      SELECT id, (sum(k) ${w(4)})::BIGINT, CASE WHEN count(k) ${w(99)} < 3 THEN NULL ELSE avg(k) ${w(99)} END,
        (min(dec) ${w(6)})::DOUBLE, stddev_samp(k) ${w(19)}, median(k) ${w(4, 4)}
      FROM l ORDER BY id`);
      expectNear(await rowsOf(frame, ['id', 'sum', 'mean', 'least', 'spread', 'middle']), wanted);
    });
  });
});
