// Scores of the rows of a plan, batch by batch: predictions that make no copy of the features.
import type { ResidentTable } from '../planner.ts';
import type { Batch } from '../vector.ts';
import type { Task } from '../worker/crew.ts';
import { chunks, pointers, UnusualCounts, zeros } from './columns.ts';
import { HeapRows } from './heap-rows.ts';
import type { KernelContext, KernelOutput, RowsKernel } from './kernel.ts';
import { PART_ROWS, parted, runTasks, TASKS } from './tasks.ts';

/** What comes out: the scores themselves, probabilities of classes, or the position of the winning class. */
export type ScoreKind = 'scores' | 'chances' | 'codes';

export interface Scorer {
  readonly kind: ScoreKind;
  /** Scores a row: one for two classes, or one a class. */
  readonly outputs: number;
  /** Nanoseconds a row, about. */
  readonly cost: number;
  /**
   * Tasks that write the scores of rows [from, to) of a batch: `outputs` columns, `rows` apart, at `out`. Those of one slot
   * are not at work at the same time as others of it.
   */
  readonly tasks: (list: number, from: number, to: number, out: number, rows: number, slot: number) => readonly Task[];
}

/** Appends what each batch gives; columns are put together at the end. */
export function scoreRows(ctx: KernelContext, scorer: Scorer): RowsKernel {
  const { kind, outputs, cost } = scorer;
  const columns = kind === 'codes' ? 1 : kind === 'chances' && outputs === 1 ? 2 : outputs;
  const results = new HeapRows(ctx, kind === 'codes' ? 4 : 8 * columns);
  const unusual = zeros(ctx, 3);
  const tiles = ctx.arena.alloc(2048 * outputs * TASKS);
  let counts: UnusualCounts | null = null;

  const push = (batch: Batch): void => {
    const rows = batch.length;
    if (rows === 0) return;
    counts ??= new UnusualCounts(ctx, batch.columns.length);
    const list = pointers(ctx, batch.columns, ctx.scratch);
    const out = results.add(rows);
    const scores = kind === 'scores' ? out : ctx.scratch.alloc(8 * rows * outputs + 16);
    for (const group of parted(rows)) {
      const tasks = group.flatMap(({ from, to, slot }) => scorer.tasks(list, from, to, scores, rows, slot));
      runTasks(ctx, tasks, Math.min(rows, PART_ROWS * TASKS) * cost);
    }
    // What is unusual in features shows in the scores: ordinary rows are not looked at a second time.
    const { f64 } = ctx.heap.refresh();
    f64.fill(0, unusual >>> 3, (unusual >>> 3) + 3);
    ctx.kernels.get('matrix').countUnusual(scores, 0, 0, rows * outputs, unusual);
    const odd = f64[(unusual >>> 3) + 1]! + f64[(unusual >>> 3) + 2]! > 0;
    if (odd || batch.columns.some((v) => v.validity !== 0)) counts.add(batch.columns, 0, rows);
    if (kind === 'scores') return;
    for (const group of parted(rows)) {
      const tasks = group.map(
        ({ from, to, slot }): Task =>
          kind === 'chances'
            ? ['linear', 'chances', scores, outputs, rows, from, to, out, tiles + 2048 * outputs * slot]
            : ['linear', 'winners', scores, outputs, rows, from, to, out],
      );
      runTasks(ctx, tasks, Math.min(rows, PART_ROWS * TASKS) * outputs * 8);
    }
  };

  return {
    push,
    finish() {
      const { rows } = results;
      const none = new Float64Array(0);
      const found = counts?.result() ?? { nulls: none, nans: none, infinities: none };
      const scores = kind === 'codes' ? none : results.finish('Float64Array', columns);
      const codes = kind === 'codes' ? results.finish('Int32Array', 1) : new Int32Array(0);
      return { json: { rows }, arrays: { scores, codes, ...found } };
    },
  };
}

/** The same for a resident table whose values were checked. */
export function scoreTable(ctx: KernelContext, table: ResidentTable, scorer: Scorer): KernelOutput {
  const rows = scoreRows(ctx, scorer);
  for (const { from, to } of chunks(table.rows)) {
    const columns = table.columns.map((v) => ({ ...v, data: v.data + 8 * from, validity: 0 }));
    rows.push({ length: to - from, columns, ordinal: from });
    ctx.control.checkAbort();
  }
  return rows.finish();
}
