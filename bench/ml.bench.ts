// Training and prediction against scikit-learn and XGBoost: the same data and threads, rounds that take turns, and the
// score of each side's predictions beside its time.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import * as wf from '../ts/index.ts';
import { hasLibxgboost } from '../ts/ml/boosting/libxgboost-engine.ts';
import { checkLoad, machine, median } from './harness.ts';
import type { MemoryReport } from './ml/memory.ts';
import { findPython, Reference } from './ml/reference.ts';
import { type StreamReport, streamTasks } from './ml/stream.ts';
import { type Data, type MlTask, TASKS } from './ml/tasks.ts';

export interface MlOptions {
  readonly rounds: number;
  readonly threads: number;
  /** Rows as a share of the recorded size. */
  readonly scale: number;
  /** Part of a task's name. */
  readonly only: string;
  readonly python: string | undefined;
  readonly json: string | null;
  readonly force: boolean;
  readonly memory: boolean;
  readonly stream: boolean;
}

/** One step of a task. */
export interface MlRow {
  readonly name: string;
  readonly rows: number;
  readonly features: number;
  readonly oursMs: number;
  /** scikit-learn's time, or XGBoost's for boosting. */
  readonly theirsMs: number;
  /** Theirs over ours; above 1 we are faster. */
  readonly ratio: number;
  /** Largest over smallest of our rounds. */
  readonly spread: number;
  readonly oursScore: number | null;
  readonly theirsScore: number | null;
  /**
   * Memory that the step needs beyond the frame, over the bytes of its feature matrix. Of a fit the matrix and the model
   * together count, for trees may be larger than the rows they are of; of a transform the larger of matrix and output.
   */
  readonly oursPeak: number | null;
  readonly theirsPeak: number | null;
}

const time = async (run: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await run();
  return performance.now() - started;
};

async function measure(task: MlTask, data: Data, reference: Reference, rounds: number): Promise<Record<string, Times>> {
  const steps = Object.keys(task.steps);
  const times: Record<string, Times> = Object.fromEntries(steps.map((s) => [s, { ours: [], theirs: [], peak: 0 }]));
  // One round to warm up, then rounds in which who is first alternates.
  for (let round = -1; round < rounds; round++)
    for (const side of round % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const))
      for (const step of steps) {
        const t = times[step]!;
        if (side === 'ours') {
          const ms = await time(() => task.steps[step]!(data));
          if (round >= 0) t.ours.push(ms);
        } else {
          const { ms, peakBytes } = await reference.run(task.data, task.name, step);
          if (round >= 0) t.theirs.push(ms);
          t.peak = Math.max(t.peak, peakBytes);
        }
      }
  return times;
}
interface Times {
  readonly ours: number[];
  readonly theirs: number[];
  peak: number;
}

/** What a fresh process needs for a step beyond the frame. */
function memoryOf(task: MlTask, folder: string, threads: number): MemoryReport | null {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--expose-gc', 'bench/ml/memory.ts', task.name, folder],
    { encoding: 'utf8', env: { ...process.env, WARPFRAME_THREADS: `${threads}` } },
  );
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1)!);
  console.error(`memory of ${task.name}: ${stderr.trim().split('\n').at(-1)}`);
  return null;
}

const agree = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
const cell = (v: number | null, digits: number, width = 9): string =>
  (v === null ? '–' : v.toFixed(digits)).padStart(width);

function print(row: MlRow): void {
  console.log(
    `${row.name.padEnd(40)} ${cell(row.oursMs, 1)} ${cell(row.theirsMs, 1)} ${cell(row.ratio, 2, 7)}× ${cell(row.oursScore, 5, 12)} ${cell(row.theirsScore, 5, 12)} ${cell(row.oursPeak, 2, 6)} ${cell(row.theirsPeak, 2, 6)}`,
  );
}

const geometric = (v: readonly number[]): number => Math.exp(v.reduce((s, x) => s + Math.log(x), 0) / v.length);

export async function mlSuite(options: MlOptions): Promise<void> {
  checkLoad(options.force);
  const folder = `.cache/bench-ml${options.scale === 1 ? '' : `-${options.scale}`}`;
  process.env['WARPFRAME_THREADS'] = `${options.threads}`;
  using reference = new Reference(findPython(options.python), folder, options.threads, options.scale);
  const info = await reference.info();
  console.log(`reference: ${JSON.stringify(info)}`);
  const rows: MlRow[] = [];
  const wrong: string[] = [];
  const failed: string[] = [];
  const xgboost = await hasLibxgboost();
  const tasks = TASKS.filter(
    (t) => t.name.toLowerCase().includes(options.only.toLowerCase()) && (t.needs !== 'libxgboost' || xgboost),
  );
  console.log(
    `${'ms'.padEnd(40)} ${'ours'.padStart(9)} ${'theirs'.padStart(9)} ${'ratio'.padStart(8)} ${'our score'.padStart(12)} ${'theirs'.padStart(12)} ${'memory'.padStart(6)} ${'theirs'.padStart(6)}`,
  );
  for (const name of new Set(tasks.map((t) => t.data))) {
    const files = await reference.data(name);
    await reference.load(name);
    const train = await (await wf.readParquet(files.train)).cache();
    const test = files.test ? await (await wf.readParquet(files.test)).cache() : train;
    const matrix = files.rows * Math.max(1, files.features) * 8;
    for (const task of tasks.filter((t) => t.data === name)) {
      try {
        const times = await measure(task, { train, test }, reference, options.rounds);
        const memory = options.memory ? memoryOf(task, folder, options.threads) : null;
        const oursScore = await task.score({ train, test });
        const theirsScore = await reference.score(name, task.name);
        if (!agree(oursScore, theirsScore, task.tolerance ?? 0.01)) wrong.push(task.name);
        const steps = Object.entries(times);
        for (const [i, [step, t]] of steps.entries()) {
          const last = i === steps.length - 1;
          const made = memory?.madeBytes[step] ?? 0;
          // A fit reads its matrix and makes something; a transform may make its result batch by batch.
          const within = step.startsWith('fit') ? matrix + made : Math.max(matrix, made);
          const [ours, theirs] = [median(t.ours), median(t.theirs)];
          const row: MlRow = {
            name: `${task.name} ${step}`,
            rows: step === 'predict' && files.test ? files.testRows : files.rows,
            features: files.features,
            oursMs: ours,
            theirsMs: theirs,
            ratio: theirs / ours,
            spread: Math.max(...t.ours) / Math.min(...t.ours),
            oursScore: last ? oursScore : null,
            theirsScore: last ? theirsScore : null,
            oursPeak: memory?.peakBytes[step] === undefined ? null : memory.peakBytes[step] / within,
            theirsPeak: t.peak / within,
          };
          rows.push(row);
          print(row);
        }
      } catch (error) {
        failed.push(`${task.name}: ${(error as Error).message}`);
        console.error(`${task.name}: ${(error as Error).message}`);
      }
    }
    await reference.drop();
    for (const frame of new Set([train, test])) (frame as { dispose?(): void }).dispose?.();
  }
  const fits = rows.filter((r) => !/(predict|transform)$/.test(r.name)).map((r) => r.ratio);
  if (rows.length > 1)
    console.log(
      `geometric mean ${geometric(rows.map((r) => r.ratio)).toFixed(2)}×, of fits ${fits.length ? geometric(fits).toFixed(2) : '–'}×; ahead in ${rows.filter((r) => r.ratio > 1).length} of ${rows.length}`,
    );
  const streams: StreamReport[] = options.stream ? await streamTasks(folder, options.scale, options.threads) : [];
  const report = {
    suite: 'ml',
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: {
      node: process.version,
      warpframe: JSON.parse(fs.readFileSync('package.json', 'utf8')).version,
      'scikit-learn': info['scikit-learn'],
      xgboost: info['xgboost'],
      numpy: info['numpy'],
      OpenBLAS: Object.entries(info['pools']).find(([name]) => name.includes('openblas'))?.[1] ?? 'none',
      threads: `${options.threads} each`,
    },
    rounds: options.rounds,
    rows,
    streams,
  };
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (wrong.length > 0) console.error(`scores apart: ${wrong.join(', ')}`);
  if (wrong.length + failed.length > 0) process.exitCode = 1;
}
