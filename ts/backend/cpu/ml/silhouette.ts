// The silhouettes of clustered rows: every pair of rows is measured, row by row, so that threads share nothing.
import type { Task } from '../worker/crew.ts';
import { readF64 } from './columns.ts';
import type { KernelHandler } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Rows per task. */
const TASK_ROWS = 32;
/** Tasks between two looks at the signal. */
const ROUND = 16;
/** What one difference of two values takes, about. */
const NANOSECONDS = 0.4;

export const silhouetteKernels: Readonly<Record<string, KernelHandler>> = {
  'clusters.silhouettes': {
    run(ctx, { params, arrays }) {
      const { nFeatures: p, nClusters: k } = params as { nFeatures: number; nClusters: number };
      const features = arrays['features']!;
      const starts = arrays['starts']!.address;
      const n = features.length / p;
      const columns = ctx.arena.alloc(4 * p);
      const out = ctx.arena.alloc(8 * n);
      const room = 8 * 4 * (p + k);
      const scratch = ctx.arena.alloc(room * ROUND);
      ctx.heap.refresh().u32.set(
        Array.from({ length: p }, (_, j) => features.address + 8 * n * j),
        columns >>> 2,
      );
      for (let start = 0; start < n; start += TASK_ROWS * ROUND) {
        ctx.control.checkAbort();
        const tasks: Task[] = [];
        for (let t = 0; t < ROUND; t++) {
          const from = start + t * TASK_ROWS;
          if (from >= n) break;
          const to = Math.min(n, from + TASK_ROWS);
          tasks.push(['silhouette', 'silhouettes', columns, p, starts, k, from, to, scratch + room * t, out]);
        }
        runTasks(ctx, tasks, TASK_ROWS * ROUND * n * (p + 4) * NANOSECONDS);
      }
      return { arrays: { silhouettes: readF64(ctx, out, n) } };
    },
  },
};
