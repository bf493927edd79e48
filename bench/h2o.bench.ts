// db-benchmark's fifteen questions over tables in memory: ours, polars and DuckDB with the same number of threads. The
// group-by and the join questions are two suites, so that one's tables are gone when the other runs.
import { type DataFrame, Float64, len, readParquet, when } from '../ts/index.ts';
import { groupFile, JOIN_TABLES, type JoinTable, joinFiles } from './h2o/data.ts';
import { G_SCHEMA, GROUP_QUESTIONS, type Grouped, JOIN_QUESTIONS, type Question } from './h2o/questions.ts';
import { type Options, runSuite, type Task } from './harness.ts';
import { loadPolars, openDuckdb, versions } from './incumbents.ts';

export interface H2oOptions {
  readonly rows: number;
  /** Values of the small keys; the large ones have rows / k. */
  readonly k: number;
  /** Share of nulls, in percent. */
  readonly nulls: number;
  readonly sorted: boolean;
  readonly threads: number;
  /** Where the data sets are kept. */
  readonly folder: string;
  /** Only questions whose name starts so. */
  readonly only: string;
}

type Sql = Awaited<ReturnType<typeof openDuckdb>>;

async function openSql(h2o: H2oOptions): Promise<Sql> {
  const duckdb = await openDuckdb();
  await duckdb.run(`SET threads = ${h2o.threads}`);
  await duckdb.run('SET preserve_insertion_order = false');
  return duckdb;
}

function taskOf(q: Question, h2o: H2oOptions, sql: Sql, ours: DataFrame<any>, polars: (() => any) | null): Task {
  const run = { threads: h2o.threads };
  // Sums of what is a number, and how many are none: a NaN would swallow the others.
  const number = (value: any) => when(value.isNan()).then(null).otherwise(value).sum();
  const totals = ours.select(
    Object.fromEntries([
      ['rows', len()],
      ...q.sums.flatMap((s) => [
        [s, (c: any) => number(c[s].cast(Float64))],
        [`${s} NaN`, (c: any) => c[s].cast(Float64).isNan().sum()],
      ]),
    ]) as never,
  ) as DataFrame<any>;
  const sums = q.sums
    .map((s) => `${s}::DOUBLE`)
    .map((s) => `sum(CASE WHEN NOT isnan(${s}) THEN ${s} END), count_if(isnan(${s}))::DOUBLE`)
    .join(', ');
  return {
    name: q.name,
    contenders: {
      ours: async () => (await ours.collect(run)).dispose(),
      ...(polars ? { polars: async () => polars().collect() } : {}),
      duckdb: () => sql.run(`CREATE OR REPLACE TEMP TABLE answer AS ${q.sql}`),
    },
    answers: {
      ours: async () => Object.values((await totals.collect(run)).toRecords()[0] as Record<string, number | bigint>),
      duckdb: async () =>
        Object.values(
          (await sql.runAndReadAll(`SELECT count(*)::DOUBLE, ${sums} FROM (${q.sql})`)).getRowsJson()[0] as number[],
        ),
    },
  };
}

const wanted = (h2o: H2oOptions, q: Question): boolean => h2o.only.split(',').some((o) => q.name.startsWith(o));
const named = (h2o: H2oOptions): Record<string, string> => ({
  ...versions(),
  data: `${h2o.rows.toExponential(0)} rows, k ${h2o.k}, ${h2o.nulls} % nulls${h2o.sorted ? ', sorted' : ''}`,
  threads: `${h2o.threads} each; polars its own`,
});

/** The ten group-by questions. */
export async function h2oGroupSuite(h2o: H2oOptions, options: Options): Promise<void> {
  const sql = await openSql(h2o);
  const file = await groupFile(sql, h2o.folder, h2o);
  await sql.run(`CREATE TABLE x AS FROM '${file}'`);
  const pl = options.versus.includes('polars') ? loadPolars() : null;
  const x: Grouped = await (await readParquet(file, { schema: G_SCHEMA })).cache({ threads: h2o.threads });
  const theirs = pl?.readParquet(file);
  const tasks = GROUP_QUESTIONS.filter((q) => wanted(h2o, q)).map((q) =>
    taskOf(q, h2o, sql, q.ours(x), pl ? () => q.polars(theirs.lazy(), pl) : null),
  );
  await runSuite('h2o', tasks, named(h2o), options);
}

/** The five join questions. */
export async function h2oJoinSuite(h2o: H2oOptions, options: Options): Promise<void> {
  const sql = await openSql(h2o);
  const files = await joinFiles(sql, h2o.folder, h2o.rows);
  const pl = options.versus.includes('polars') ? loadPolars() : null;
  const ours = {} as Record<JoinTable, DataFrame<any>>;
  const theirs = {} as Record<JoinTable, any>;
  for (const name of JOIN_TABLES) {
    await sql.run(`CREATE TABLE ${name} AS FROM '${files[name]}'`);
    ours[name] = await (await readParquet(files[name])).cache({ threads: h2o.threads });
    if (pl) theirs[name] = pl.readParquet(files[name]);
  }
  const tasks = JOIN_QUESTIONS.filter((q) => wanted(h2o, q)).map((q) =>
    taskOf(
      q,
      h2o,
      sql,
      ours.x.join(ours[q.right], { on: q.on, how: q.how }),
      pl ? () => theirs.x.lazy().join(theirs[q.right].lazy(), { on: q.on, how: q.how }) : null,
    ),
  );
  await runSuite('h2o-join', tasks, named(h2o), options);
}
