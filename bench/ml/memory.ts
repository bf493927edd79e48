// node --expose-gc bench/ml/memory.ts <task> <folder>: how far the resident set rises in each step of a task, in a process
// that has done nothing but read the frame. Prints JSON.
import fs from 'node:fs';
import * as wf from '../../ts/index.ts';
import { TASKS } from './tasks.ts';

export interface MemoryReport {
  /** Bytes by step. */
  readonly peakBytes: Readonly<Record<string, number>>;
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
const peakBytes: Record<string, number> = {};
for (const [step, run] of Object.entries(task.steps)) {
  (globalThis as { gc?: () => void }).gc?.();
  // 5 sets the high-water mark back to what is resident now.
  fs.writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  await run({ train, test });
  peakBytes[step] = Math.max(0, status('VmHWM') - before);
}
console.log(JSON.stringify({ peakBytes } satisfies MemoryReport));
process.exit(0);
