// How cost grows: the same five questions over 1e5 to 1e8 rows, from a Parquet file to a Parquet file under one memory
// limit, each point in a process of its own. What does not fit is streamed or spilled.
import fs from 'node:fs';
import path from 'node:path';
import { bundleChild, runChild } from './children.ts';
import { machine, median, type Name, type Options } from './harness.ts';
import { openDuckdb, versions } from './incumbents.ts';
import type { ScalingPoint } from './scaling/child.ts';
import { type ScalingFiles, scalingFiles } from './scaling/data.ts';
import { SCALING_QUESTIONS, type ScalingQuestion } from './scaling/questions.ts';

export interface ScalingOptions {
  /** Where the data is kept. */
  readonly folder: string;
  readonly sizes: readonly number[];
  readonly threads: number;
  readonly limitBytes: number;
  /** Only questions whose name has it. */
  readonly only: string;
}

/** What an engine took for one size. */
interface Cost {
  readonly ms: number;
  readonly peakMb: number;
  /** The engine loaded, nothing asked yet. */
  readonly emptyMb: number;
}
interface ScalingRow {
  readonly name: string;
  readonly rows: number;
  readonly ours: Cost | null;
  readonly polars: Cost | null;
  readonly duckdb: Cost | null;
  /** The faster of theirs over ours; above 1 we are faster. */
  readonly ratio: number | null;
}

/** Rows from which on a process answers once; below it answers several times, and the median counts. */
const ONCE_FROM = 1e7;
const SMALL_TIMES = 5;

type Sql = Awaited<ReturnType<typeof openDuckdb>>;

/** How many rows an answer has and the sum of a column, and for a sort that its row groups follow each other. */
async function digest(sql: Sql, question: ScalingQuestion, file: string): Promise<readonly number[]> {
  const text = `SELECT count(*)::DOUBLE, sum(${question.sum})::DOUBLE FROM '${file}'`;
  const numbers = (await sql.runAndReadAll(text)).getRows()[0] as number[];
  if (question.ordered === undefined) return numbers;
  const falls = `SELECT count(*)::DOUBLE FROM (SELECT stats_min_value::DOUBLE AS low, row_group_id,
      lag(stats_max_value::DOUBLE) OVER (ORDER BY row_group_id) AS before
    FROM parquet_metadata('${file}') WHERE path_in_schema = '${question.ordered}') WHERE low < before`;
  return [...numbers, ...((await sql.runAndReadAll(falls)).getRows()[0] as number[])];
}

const agree = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((v, i) => Math.abs(v - b[i]!) <= 1e-9 * Math.max(1, Math.abs(v)));

export async function scalingSuite(scaling: ScalingOptions, options: Options): Promise<void> {
  const sql = await openDuckdb();
  const program = await bundleChild('bench/scaling/child.ts');
  fs.mkdirSync(scaling.folder, { recursive: true });
  const out = fs.mkdtempSync(path.join(scaling.folder, 'out-'));
  const engines: readonly Name[] = ['ours', ...options.versus];
  const results: ScalingRow[] = [];
  const questions = SCALING_QUESTIONS.filter((q) => q.name.includes(scaling.only));
  const cell = (cost: Cost | null): string =>
    (cost === null ? '–' : `${cost.ms.toFixed(0)} ms ${cost.peakMb.toFixed(0)} MB`).padStart(20);

  async function measure(question: ScalingQuestion, rows: number, files: ScalingFiles, warmUp: string) {
    const points: Partial<Record<Name, ScalingPoint[]>> = {};
    let right: readonly number[] | null = null;
    const rounds = rows >= ONCE_FROM * 10 ? 1 : options.rounds;
    for (let round = 0; round < rounds; round++)
      for (let e = 0; e < engines.length; e++) {
        const engine = engines[(e + round) % engines.length]!;
        const times = rows < ONCE_FROM ? SMALL_TIMES : 1;
        const args = [engine, question.name, files.x, files.right, warmUp, out, times, scaling.threads];
        const point = runChild<ScalingPoint>(program, [...args, scaling.limitBytes].map(String), scaling.threads);
        const answer = path.join(out, `${engine}.parquet`);
        if (typeof point === 'string') console.log(`${engine} failed at ${question.name}, ${rows} rows: ${point}`);
        else {
          const found = await digest(sql, question, answer);
          right ??= found;
          if (!agree(found, right))
            throw new Error(`${question.name}, ${rows} rows: ${engine} says ${found}, another ${right}`);
          (points[engine] ??= []).push(point);
        }
        fs.rmSync(answer, { force: true });
      }
    return points;
  }

  const cost = (points: readonly ScalingPoint[] | undefined): Cost | null =>
    points === undefined
      ? null
      : {
          ms: median(points.flatMap((p) => p.ms)),
          peakMb: median(points.map((p) => p.peakBytes)) / 1e6,
          emptyMb: median(points.map((p) => p.beforeBytes)) / 1e6,
        };
  const where = machine();
  try {
    const warmUp = (await scalingFiles(sql, scaling.folder, Math.min(...scaling.sizes))).x;
    console.log(`${''.padEnd(36)} ${['ours', 'polars', 'duckdb'].map((n) => n.padStart(20)).join('')}   ratio`);
    for (const rows of scaling.sizes) {
      const files = await scalingFiles(sql, scaling.folder, rows);
      // Whoever is asked first would otherwise read from the disk, the others from memory.
      for await (const _ of fs.createReadStream(files.x, { highWaterMark: 1 << 22 }));
      for (const question of questions) {
        const points = await measure(question, rows, files, warmUp);
        const [ours, polars, duckdb] = [cost(points.ours), cost(points.polars), cost(points.duckdb)];
        const theirs = [polars, duckdb].flatMap((c) => (c === null ? [] : [c.ms]));
        const ratio = ours === null || theirs.length === 0 ? null : Math.min(...theirs) / ours.ms;
        results.push({ name: question.name, rows, ours, polars, duckdb, ratio });
        console.log(
          `${`${question.name}, ${rows.toExponential(0)}`.padEnd(36)} ${[ours, polars, duckdb].map(cell).join('')}   ${ratio === null ? '' : `${ratio.toFixed(2)}×`}`,
        );
      }
    }
  } finally {
    fs.rmSync(out, { recursive: true, force: true });
  }
  const report = {
    suite: 'scaling',
    date: new Date().toISOString().slice(0, 10),
    machine: where,
    versions: { node: process.version, ...versions(), threads: `${scaling.threads} each` },
    limitBytes: scaling.limitBytes,
    rows: results,
  };
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}
