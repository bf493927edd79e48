// One operation at a time over tables in memory, and over files.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Float64, fromColumns, Int32, len, nullable, readCsv, readParquet, Utf8 } from '../ts/index.ts';
import { type Options, runSuite, type Task } from './harness.ts';
import { loadPolars, openDuckdb, versions } from './incumbents.ts';

const WORDS = 100;
const SMALL_ROWS = 100_000;

export async function opsSuite(sizes: readonly number[], threads: number, options: Options): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-bench-'));
  try {
    const tasks: Task[] = [];
    for (const rows of sizes) tasks.push(...(await tasksFor(rows, folder, threads, options)));
    await runSuite('ops', tasks, { ...versions(), threads: `${threads} each; polars its own` }, options);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function tasksFor(rows: number, folder: string, threads: number, options: Options): Promise<Task[]> {
  const duckdb = await openDuckdb();
  await duckdb.run(`SET threads = ${threads}`);
  const file = path.join(folder, `t${rows}.parquet`);
  const csv = path.join(folder, `t${rows}.csv`);
  await duckdb.run(`CREATE TABLE t AS SELECT (hash(i) % 100)::INT AS id1, (hash(i + 7) % 100000)::INT AS id2,
      (hash(i + 3) % 5)::INT AS v1, (hash(i + 1) % 1000000) / 1000000.0::DOUBLE AS v2,
      CASE WHEN hash(i + 2) % 20 = 0 THEN NULL ELSE (hash(i + 5) % 1000)::DOUBLE / 8 END AS v3,
      'word ' || (hash(i + 4) % ${WORDS}) AS sc FROM range(${rows}) r(i)`);
  await duckdb.run(`CREATE TABLE s AS SELECT i::INT AS id2, i * 0.5::DOUBLE AS w FROM range(${SMALL_ROWS}) r(i)`);
  await duckdb.run(`COPY t TO '${file}' (FORMAT parquet)`);
  const csvRows = Math.min(rows, 1_000_000);
  await duckdb.run(`COPY (FROM t LIMIT ${csvRows}) TO '${csv}' (FORMAT csv, HEADER)`);
  const polars = options.versus.includes('polars') ? loadPolars() : null;
  const schema = { id1: Int32, id2: Int32, v1: Int32, v2: Float64, v3: nullable(Float64), sc: Utf8 };
  const df = await (await readParquet(file, { schema })).cache();
  const small = await fromColumns({
    id2: Int32Array.from({ length: SMALL_ROWS }, (_, i) => i),
    w: Float64Array.from({ length: SMALL_ROWS }, (_, i) => i * 0.5),
  }).cache();
  const pl = polars?.readParquet(file);
  const plSmall = polars?.DataFrame({
    id2: polars.Series(
      'id2',
      Int32Array.from({ length: SMALL_ROWS }, (_, i) => i),
      polars.Int32,
    ),
    w: Float64Array.from({ length: SMALL_ROWS }, (_, i) => i * 0.5),
  });
  const collect = async (frame: { collect(run: { threads: number }): Promise<{ dispose(): void }> }) =>
    (await frame.collect({ threads })).dispose();
  const into = (sql: string) => duckdb.run(`CREATE OR REPLACE TEMP TABLE r AS ${sql}`);
  const one = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowsJson()[0] as (number | string)[];
  const first = async (frame: { collect(): Promise<{ toRecords(): Record<string, any>[] }> }) =>
    Object.values((await frame.collect()).toRecords()[0]!) as (number | bigint | string)[];
  const pc = polars?.col;
  const task = (
    name: string,
    ours: () => Promise<unknown>,
    polarsRun: (() => Promise<unknown>) | null,
    sql: string,
    answers?: Task['answers'],
  ): Task => ({
    name: `${name}, ${rows.toExponential(0)} rows`,
    contenders: { ours, ...(polars && polarsRun ? { polars: polarsRun } : {}), duckdb: () => into(sql) },
    ...(answers ? { answers } : {}),
  });

  return [
    task(
      'filter v2 > 0.5 and v1 < 3, all columns',
      () => collect(df.filter((c) => c.v2.gt(0.5).and(c.v1.lt(3)))),
      () =>
        pl
          .lazy()
          .filter(pc('v2').gt(0.5).and(pc('v1').lt(3)))
          .collect(),
      'SELECT * FROM t WHERE v2 > 0.5 AND v1 < 3',
      {
        ours: () => first(df.filter((c) => c.v2.gt(0.5).and(c.v1.lt(3))).select({ n: len(), s: (c) => c.v2.sum() })),
        duckdb: () => one('SELECT count(*), sum(v2) FROM t WHERE v2 > 0.5 AND v1 < 3'),
      },
    ),
    task(
      'group by 100 keys, sum and mean',
      () => collect(df.groupBy('id1').agg({ s: (c) => c.v1.sum(), m: (c) => c.v3.mean() })),
      () => pl.lazy().groupBy('id1').agg(pc('v1').sum().alias('s'), pc('v3').mean().alias('m')).collect(),
      'SELECT id1, sum(v1), avg(v3) FROM t GROUP BY id1',
      {
        ours: () =>
          first(
            df
              .groupBy('id1')
              .agg({ s: (c) => c.v1.sum(), m: (c) => c.v3.mean() })
              .select({ a: (c) => c.s.sum(), b: (c) => c.m.sum() }),
          ),
        duckdb: () => one('SELECT sum(s)::BIGINT, sum(m) FROM (SELECT sum(v1) s, avg(v3) m FROM t GROUP BY id1)'),
      },
    ),
    task(
      'group by 1e5 keys, sum and mean',
      () => collect(df.groupBy('id2').agg({ s: (c) => c.v1.sum(), m: (c) => c.v3.mean() })),
      () => pl.lazy().groupBy('id2').agg(pc('v1').sum().alias('s'), pc('v3').mean().alias('m')).collect(),
      'SELECT id2, sum(v1), avg(v3) FROM t GROUP BY id2',
    ),
    task(
      'group by a string of 100 values',
      () => collect(df.groupBy('sc').agg({ s: (c) => c.v1.sum() })),
      () => pl.lazy().groupBy('sc').agg(pc('v1').sum().alias('s')).collect(),
      'SELECT sc, sum(v1) FROM t GROUP BY sc',
    ),
    task(
      'inner join with 1e5 rows, all columns',
      () => collect(df.join(small, { on: 'id2' })),
      () => pl.lazy().join(plSmall.lazy(), { on: 'id2' }).collect(),
      'SELECT * FROM t JOIN s USING (id2)',
      {
        ours: () => first(df.join(small, { on: 'id2' }).select({ n: len(), s: (c) => c.w.sum() })),
        duckdb: () => one('SELECT count(*), sum(w) FROM t JOIN s USING (id2)'),
      },
    ),
    task(
      'sort all columns by a float',
      () => collect(df.sort('v2')),
      () => pl.lazy().sort('v2').collect(),
      'SELECT * FROM t ORDER BY v2',
    ),
    task(
      'mean of a group on every row',
      () => collect(df.select({ d: (c) => c.v2.sub(c.v2.mean().over(c.id1)) })),
      () =>
        pl
          .lazy()
          .select(pc('v2').minus(pc('v2').mean().over('id1')))
          .collect(),
      'SELECT v2 - avg(v2) OVER (PARTITION BY id1) FROM t',
    ),
    task(
      'rolling mean of 32',
      () => collect(df.select({ m: (c) => c.v2.rollingMean({ windowRows: 32 }) })),
      () => pl.lazy().select(pc('v2').rollingMean(32)).collect(),
      'SELECT avg(v2) OVER (ROWS BETWEEN 31 PRECEDING AND CURRENT ROW) FROM t',
    ),
    task(
      'three projected features',
      () =>
        collect(
          df.select({ a: (c) => c.v2.sub(0.5).mul(3.46), b: (c) => c.v2.mul(c.v2).add(c.v1), c: (c) => c.v3.mul(2) }),
        ),
      () =>
        pl
          .lazy()
          .select(
            pc('v2').minus(0.5).mul(3.46).alias('a'),
            pc('v2').mul(pc('v2')).plus(pc('v1')).alias('b'),
            pc('v3').mul(2).alias('c'),
          )
          .collect(),
      'SELECT (v2 - 0.5) * 3.46::DOUBLE, v2 * v2 + v1, v3 * 2 FROM t',
    ),
    task(
      'read Parquet',
      async () => collect(await readParquet(file)),
      async () => polars.scanParquet(file).collect(),
      `SELECT * FROM '${file}'`,
    ),
    task(
      `read CSV (${csvRows.toExponential(0)} rows), types inferred`,
      async () => collect(await readCsv(csv)),
      async () => polars.scanCSV(csv).collect(),
      `SELECT * FROM read_csv('${csv}')`,
    ),
  ];
}
