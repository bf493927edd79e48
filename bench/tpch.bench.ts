// The 22 TPC-H questions from Parquet files, scan included, beside DuckDB and polars on the same files.
import path from 'node:path';
import { type Options, runSuite, type Task } from './harness.ts';
import { loadPolars, openDuckdb, versions } from './incumbents.ts';
import { type Cell, cellOf, firstDifference } from './tpch/compare.ts';
import { POLARS_SQL, polarsRows } from './tpch/polars.ts';
import { QUERIES } from './tpch/queries.ts';
import { openTables, TABLE_NAMES } from './tpch/tables.ts';

export async function tpchSuite(
  folder: string,
  threads: number,
  only: readonly string[],
  options: Options,
): Promise<void> {
  const tables = await openTables(folder);
  const duckdb = await openDuckdb();
  await duckdb.run(`SET threads = ${threads}`);
  for (const name of TABLE_NAMES)
    await duckdb.run(`CREATE VIEW ${name} AS FROM '${path.join(folder, `${name}.parquet`)}'`);
  const pl = options.versus.includes('polars') ? loadPolars() : null;
  const file = (name: string): string => path.join(folder, `${name}.parquet`);
  const polars = pl && new pl.SQLContext(Object.fromEntries(TABLE_NAMES.map((n) => [n, pl.scanParquet(file(n))])));
  const tasks: Task[] = [];
  for (const { name, run, sql } of QUERIES.filter((q) => only.length === 0 || only.includes(q.name))) {
    const table = await run(tables).collect({ threads });
    const ours = table.toRecords().map((r: Record<string, unknown>) => Object.values(r).map(cellOf));
    table.dispose();
    const theirs = (await duckdb.runAndReadAll(sql)).getRowsJson() as Cell[][];
    const difference = firstDifference(ours, theirs);
    // Other scales may cut a top list within ties; that is said, not hidden.
    if (difference) console.log(`${name}: ${difference}`);
    const inPolars = (): Promise<unknown> => polars.execute(POLARS_SQL[name]).collect();
    const other = polars && firstDifference(polarsRows(pl, await inPolars()), theirs);
    if (other) console.log(`${name}, polars: ${other}`);
    tasks.push({
      name,
      contenders: {
        ours: async () => (await run(tables).collect({ threads })).dispose(),
        duckdb: () => duckdb.runAndReadAll(sql),
        ...(polars ? { polars: inPolars } : {}),
      },
    });
  }
  await runSuite(
    'tpch',
    tasks,
    { ...versions(), data: path.basename(folder), threads: `${threads} each; polars its own` },
    options,
  );
}
