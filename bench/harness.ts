// Interleaved timing: every round runs each contender once, in an order that turns; medians are compared. Correctness
// is checked first, and a busy machine is refused unless forced.
import fs from 'node:fs';
import os from 'node:os';
import v8 from 'node:v8';
import vm from 'node:vm';

export type Name = 'ours' | 'polars' | 'duckdb';

/** One question asked of several engines. `run` consumes its result; `answer` gives something to compare. */
export interface Task {
  readonly name: string;
  readonly contenders: Partial<Record<Name, () => Promise<unknown>>>;
  /** Small digests that must agree (numbers within 1e-9); null where an engine has none to give. */
  readonly answers?: Partial<Record<Name, () => Promise<readonly (number | string | bigint | null)[]>>>;
  readonly rounds?: number;
  /** Runs before the first that counts (default 1): short ones are compiled only after thousands of calls. */
  readonly warmUps?: number;
  /** A run is many short ones. */
  readonly isManyRuns?: true;
}

export interface Row {
  readonly name: string;
  readonly oursMs: number;
  readonly polarsMs: number | null;
  readonly duckdbMs: number | null;
  /** The better of theirs over ours; above 1 we are faster. */
  readonly ratio: number | null;
  /** Largest over smallest of our rounds. */
  readonly spread: number;
}
export interface Report {
  readonly suite: string;
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly load: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export interface Options {
  readonly versus: readonly Name[];
  readonly json: string | null;
  readonly force: boolean;
  readonly rounds: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Where a run was. */
export const machine = (): Report['machine'] => ({
  cpu: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryGb: Math.round(os.totalmem() / 2 ** 30),
  load: Number(os.loadavg()[0]!.toFixed(2)),
});

/** Refuses to measure on a machine that is doing something else. */
export function checkLoad(force: boolean): void {
  const load = os.loadavg()[0]!;
  if (load > 1.5 && !force) {
    console.error(`The load average is ${load.toFixed(2)}: timings would be of the neighbours. Wait, or use --force.`);
    process.exit(2);
  }
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  const number = (v: unknown): number => Number(v);
  return (
    a.length === b.length &&
    a.every((v, i) => {
      const w = b[i];
      if (v === w) return true;
      const x = number(v);
      const y = number(w);
      return Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x));
    })
  );
}

async function checkAnswers(task: Task): Promise<void> {
  const entries = Object.entries(task.answers ?? {});
  const answers = await Promise.all(entries.map(async ([name, f]) => [name, await f()] as const));
  for (const [name, answer] of answers.slice(1))
    if (!same(answers[0]![1], answer))
      throw new Error(
        `${task.name}: ${answers[0]![0]} says ${answers[0]![1].join(', ')}, ${name} says ${answer.join(', ')}`,
      );
}

/** Milliseconds of a run, as the mean of so many. */
async function time(run: () => Promise<unknown>, runs = 1): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < runs; i++) await run();
  return (performance.now() - started) / runs;
}

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

/**
 * Frees what runs so far have left: otherwise the frames of one engine are collected while the next one is timed. Not
 * before short runs: a collection also throws away what the compiler has learnt of a program, and takes it away from all.
 */
async function settle(): Promise<void> {
  collectGarbage();
  // Native memory goes with finalizers, which run in a turn of their own.
  await new Promise((resolve) => setImmediate(resolve));
}

/** A timing takes at least so many milliseconds: shorter runs are timed several at a time, whoever's they are. */
const LEAST_MS = 20;
/** And are run so often before: what the compiler has not seen often enough costs more than the work. */
const SHORT_WARM_UPS = 100;

async function measure(task: Task, options: Options): Promise<Row> {
  await checkAnswers(task);
  const names = (Object.keys(task.contenders) as Name[]).filter((n) => n === 'ours' || options.versus.includes(n));
  const times: Record<string, number[]> = Object.fromEntries(names.map((n) => [n, []]));
  const runs: Record<string, number> = {};
  for (let w = 0; w < (task.warmUps ?? 1); w++)
    for (const n of names) {
      const cold = await time(task.contenders[n]!);
      const ms = cold < 10 * LEAST_MS ? await time(task.contenders[n]!) : cold;
      runs[n] = Math.max(1, Math.ceil(LEAST_MS / ms));
    }
  for (const n of names) if (runs[n]! > 1) await time(task.contenders[n]!, SHORT_WARM_UPS);
  const rounds = task.rounds ?? options.rounds;
  for (let r = 0; r < rounds; r++)
    for (let k = 0; k < names.length; k++) {
      const n = names[(k + r) % names.length]!;
      if (runs[n] === 1 && !task.isManyRuns) await settle();
      times[n]!.push(await time(task.contenders[n]!, runs[n]));
    }
  const of = (n: Name): number | null => (times[n]?.length ? median(times[n]) : null);
  const theirs = [of('polars'), of('duckdb')].filter((t) => t !== null);
  const ours = of('ours')!;
  const all = times['ours']!;
  return {
    name: task.name,
    oursMs: ours,
    polarsMs: of('polars'),
    duckdbMs: of('duckdb'),
    ratio: theirs.length > 0 ? Math.min(...theirs) / ours : null,
    spread: Math.max(...all) / Math.min(...all),
  };
}

/** Measures all tasks, prints a table and writes the JSON report. A task that needs much may be made when its turn comes. */
export async function runSuite(
  suite: string,
  tasks: readonly (Task | (() => Promise<Task>))[],
  versions: Record<string, string>,
  options: Options,
): Promise<Report> {
  checkLoad(options.force);
  const where = machine();
  const rows: Row[] = [];
  const ms = (v: number | null): string => (v === null ? '–' : v < 10 ? v.toFixed(2) : v.toFixed(1)).padStart(9);
  console.log(
    `${'ms'.padEnd(44)} ${'ours'.padStart(9)} ${'polars'.padStart(9)} ${'duckdb'.padStart(9)} ${'ratio'.padStart(7)}`,
  );
  for (const task of tasks) {
    const row = await measure(typeof task === 'function' ? await task() : task, options);
    rows.push(row);
    console.log(
      `${row.name.padEnd(44)} ${ms(row.oursMs)} ${ms(row.polarsMs)} ${ms(row.duckdbMs)} ${(row.ratio === null ? '–' : `${row.ratio.toFixed(2)}×`).padStart(7)}`,
    );
  }
  const ratios = rows.flatMap((r) => (r.ratio === null ? [] : [r.ratio]));
  if (ratios.length > 1)
    console.log(
      `geometric mean ${Math.exp(ratios.reduce((s, r) => s + Math.log(r), 0) / ratios.length).toFixed(2)}×, ahead in ${ratios.filter((r) => r > 1).length} of ${ratios.length}`,
    );
  const report: Report = {
    suite,
    date: new Date().toISOString().slice(0, 10),
    machine: where,
    versions: { node: process.version, ...versions },
    rows,
  };
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}
