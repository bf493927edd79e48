// One question, one engine, one process: prints the peak resident memory. Started by memory.bench.ts.
// node child.mjs <engine> <suite> <question> <folder> <rows> <threads>
import path from 'node:path';
import { readParquet } from '../../ts/index.ts';
import { groupName, JOIN_TABLES, joinName } from '../h2o/data.ts';
import { G_SCHEMA, GROUP_QUESTIONS, type Grouped, JOIN_QUESTIONS } from '../h2o/questions.ts';
import { loadPolars, openDuckdb } from '../incumbents.ts';
import { peakBytes } from '../resident.ts';
import { QUERIES } from '../tpch/queries.ts';
import { openTables, TABLE_NAMES } from '../tpch/tables.ts';

const [engine, suite, question, folder, rowsText, threadsText] = process.argv.slice(2) as string[];
const rows = Number(rowsText);
const threads = Number(threadsText);
const run = { threads };

async function tpch(): Promise<void> {
  const query = QUERIES.find((q) => q.name === question)!;
  if (engine === 'ours') {
    await query.run(await openTables(folder!)).collect(run);
    return;
  }
  const duckdb = await openDuckdb();
  await duckdb.run(`SET threads = ${threads}`);
  for (const name of TABLE_NAMES)
    await duckdb.run(`CREATE VIEW ${name} AS FROM '${path.join(folder!, `${name}.parquet`)}'`);
  await duckdb.runAndReadAll(query.sql);
}

/** Group-by and join questions straight from their files. */
async function h2o(): Promise<void> {
  const group = GROUP_QUESTIONS.find((q) => q.name === question);
  const join = JOIN_QUESTIONS.find((q) => q.name === question);
  const at = (name: string): string => path.join(folder!, name);
  const files: Record<string, string> = group
    ? { x: at(groupName({ rows, k: 100, nulls: 0, sorted: false })) }
    : Object.fromEntries(JOIN_TABLES.map((table) => [table, at(joinName(rows, table))]));
  if (engine === 'ours') {
    if (group) await group.ours((await readParquet(files['x']!, { schema: G_SCHEMA })) as Grouped).collect(run);
    else {
      const right = await readParquet(files[join!.right]!);
      await (await readParquet(files['x']!)).join(right, { on: join!.on, how: join!.how }).collect(run);
    }
  } else if (engine === 'polars') {
    const pl = loadPolars();
    const x = pl.scanParquet(files['x']);
    if (group) await group.polars(x, pl).collect();
    else {
      const right = pl.scanParquet(files[join!.right]);
      await x.join(right, { on: join!.on, how: join!.how }).collect();
    }
  } else {
    const sql = await openDuckdb();
    await sql.run(`SET threads = ${threads}`);
    for (const [name, file] of Object.entries(files)) await sql.run(`CREATE VIEW ${name} AS FROM '${file}'`);
    await sql.run(`CREATE TEMP TABLE answer AS ${(group ?? join)!.sql}`);
  }
}

await (suite === 'tpch' ? tpch() : h2o());
console.log(JSON.stringify({ peakBytes: peakBytes() }));
process.exit(0);
