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
