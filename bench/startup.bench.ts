// Whole processes: what importing costs, and the first answer from a Parquet file, from start to exit.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, type Options, runSuite, type Task } from './harness.ts';
import { openDuckdb, versions } from './incumbents.ts';

const ROWS = 1_000_000;

/** Runs a program in a process of its own and gives what it printed. */
function run(file: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} failed: ${stderr}`);
  return stdout.trim();
}

export async function startupSuite(options: Options): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-startup-'));
  try {
    const url = (file: string): string => pathToFileURL(path.resolve(file)).href;
    if (!fs.existsSync('dist/index.js')) throw new Error('dist/ is not there: run `npm run build` first');
    const parquet = path.join(folder, 't.parquet');
    const duckdb = await openDuckdb();
    await duckdb.run(
      `COPY (SELECT (hash(i) % 100)::INT AS id, (hash(i, 1) % 1000)::DOUBLE / 8 AS v FROM range(${ROWS}) r(i)) TO '${parquet}'`,
    );
    const write = (name: string, text: string): string => {
      const file = path.join(folder, name);
      fs.writeFileSync(file, text);
      return file;
    };
    const polars = `import { createRequire } from 'node:module';
const pl = createRequire(${JSON.stringify(path.resolve('bench/run.ts'))})('./versus/node_modules/nodejs-polars').default;`;
    const duck = `import { DuckDBInstance } from ${JSON.stringify(url('node_modules/@duckdb/node-api/lib/index.js'))};`;
    const ours = `import { readParquet } from ${JSON.stringify(url('dist/index.js'))};`;
    const empty = write('empty.mjs', '');
    const programs = {
      importing: {
        ours: write('import-ours.mjs', ours),
        polars: write('import-polars.mjs', polars),
        duckdb: write('import-duckdb.mjs', duck),
      },
      answering: {
        ours: write(
          'ours.mjs',
          `${ours}
const table = await (await readParquet('${parquet}')).groupBy('id').agg({ s: (c) => c.v.sum() }).sort('id').collect();
console.log(table.toRecords().map((r) => r.s).join(' '));`,
        ),
        polars: write(
          'polars.mjs',
          `${polars}
const table = await pl.scanParquet('${parquet}').groupBy('id').agg(pl.col('v').sum().alias('s')).sort('id').collect();
console.log(table.toRecords().map((r) => r.s).join(' '));`,
        ),
        duckdb: write(
          'duckdb.mjs',
          `${duck}
const c = await (await DuckDBInstance.create(':memory:')).connect();
const rows = (await c.runAndReadAll("SELECT id, sum(v) AS s FROM '${parquet}' GROUP BY id ORDER BY id")).getRowObjects();
console.log(rows.map((r) => r.s).join(' '));`,
        ),
      },
    };
    const contenders = (files: Record<string, string>): Task['contenders'] =>
      Object.fromEntries(Object.entries(files).map(([name, file]) => [name, async () => run(file)]));
    const answers = (files: Record<string, string>): NonNullable<Task['answers']> =>
      Object.fromEntries(Object.entries(files).map(([name, file]) => [name, async () => run(file).split(' ')]));
    const rounds = Math.max(11, options.rounds);
    const tasks: Task[] = [
      { name: 'an empty process', contenders: { ours: async () => run(empty) }, rounds },
      { name: 'process that imports', contenders: contenders(programs.importing), rounds },
      {
        name: `process that answers from ${ROWS.toExponential(0)} rows of Parquet`,
        contenders: contenders(programs.answering),
        answers: answers(programs.answering),
        rounds,
      },
    ];
    const report = await runSuite('startup', tasks, versions(), options);
    // The difference of neighbours in time: the machine's mood is in both.
    const timed = (file: string): number => {
      const started = performance.now();
      run(file);
      return performance.now() - started;
    };
    const differences = Array.from({ length: 2 * rounds }, (_, i) => {
      if (i % 2 === 0) return -timed(empty) + timed(programs.importing.ours);
      return timed(programs.importing.ours) - timed(empty);
    });
    const importMs = median(differences);
    console.log(`importing takes ${importMs.toFixed(1)} ms above an empty process`);
    if (options.json) fs.writeFileSync(options.json, `${JSON.stringify({ ...report, importMs }, null, 2)}\n`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
