// node --expose-gc bench/ml/memory.ts <task> <folder>: how far the resident set rises in each step of a task, in a process
// that has only read the frame and run the steps on a few of its rows, so that code and threads do not count. Prints JSON.
import fs from 'node:fs';
import * as wf from '../../ts/index.ts';
import { TASKS } from './tasks.ts';

export interface MemoryReport {
  /** Bytes by step. */
  readonly peakBytes: Readonly<Record<string, number>>;
  /** Bytes of what a step makes, where the task says so: the arrays of a model, or the columns of a transform. */
  readonly madeBytes: Readonly<Record<string, number>>;
}

/** A line of /proc/self/status in bytes. */
const status = (key: string): number =>
  Number(new RegExp(`${key}:\\s+(\\d+)`).exec(fs.readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;

const [name, folder] = process.argv.slice(2);
const task = TASKS.find((t) => t.name === name);
if (!task) throw new Error(`no task ${name}`);
const read = async (file: string) => (await wf.readParquet(file)).cache();
const train = await read(`${folder}/${task.data}.parquet`);
const testFile = `${folder}/${task.data}_test.parquet`;
const test = fs.existsSync(testFile) ? await read(testFile) : train;
/** Rows of the first, small run. */
const FEW = 300;
const few = { train: await train.head(FEW).cache(), test: await test.head(FEW).cache() };
for (const run of Object.values(task.steps)) await run(few);
const peakBytes: Record<string, number> = {};
const madeBytes: Record<string, number> = {};
for (const [step, run] of Object.entries(task.steps)) {
  (globalThis as { gc?: () => void }).gc?.();
  // 5 sets the high-water mark back to what is resident now.
  fs.writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  const made = await run({ train, test });
  peakBytes[step] = Math.max(0, status('VmHWM') - before);
  if (typeof made === 'number') madeBytes[step] = made;
}
console.log(JSON.stringify({ peakBytes, madeBytes } satisfies MemoryReport));
process.exit(0);
