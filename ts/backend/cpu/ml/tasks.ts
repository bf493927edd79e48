// Kernel calls of one step, on the crew where they are worth waking it.
import { soloCrew, type Task } from '../worker/crew.ts';
import type { KernelContext } from './kernel.ts';

/** Waking the crew costs about this. */
const WAKE_NANOSECONDS = 60_000;

/** Runs calls that each write memory of their own. `nanoseconds` is a guess of all of them together. */
export function runTasks(ctx: KernelContext, tasks: readonly Task[], nanoseconds: number): void {
  if (ctx.crew.size > 1 && tasks.length > 1 && nanoseconds > WAKE_NANOSECONDS) {
    ctx.crew.run(tasks);
    return;
  }
  soloCrew(ctx.kernels).run(tasks);
}

/** Rows of a task in kernels that take a batch, and tasks at once: each has scratch of its own. */
export const PART_ROWS = 8192;
export const TASKS = 8;

/** The rows of a batch in groups of tasks that may run together, each in a slot of its own. */
export function parted(rows: number): { readonly from: number; readonly to: number; readonly slot: number }[][] {
  const groups: { from: number; to: number; slot: number }[][] = [];
  for (let from = 0, i = 0; from < rows; from += PART_ROWS, i++) {
    if (i % TASKS === 0) groups.push([]);
    groups.at(-1)!.push({ from, to: Math.min(rows, from + PART_ROWS), slot: i % TASKS });
  }
  return groups;
}
