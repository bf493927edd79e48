// Scores of the rows of a plan, batch by batch: predictions that make no copy of the features.
import type { ResidentTable } from '../planner.ts';
import type { Batch } from '../vector.ts';
import type { Task } from '../worker/crew.ts';
import { chunks, pointers, UnusualCounts, zeros } from './columns.ts';
import type { KernelContext, KernelOutput, RowsKernel } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** What comes out: the scores themselves, probabilities of classes, or the position of the winning class. */
export type ScoreKind = 'scores' | 'chances' | 'codes';

/** Rows of a task, and tasks at once: each has scratch of its own. */
const PART_ROWS = 8192;
export const TASKS = 8;

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
  const parts: (Float64Array | Int32Array)[] = [];
  const unusual = zeros(ctx, 3);
  const tiles = ctx.arena.alloc(2048 * outputs * TASKS);
  let counts: UnusualCounts | null = null;
  let total = 0;

  const push = (batch: Batch): void => {
    const rows = batch.length;
    if (rows === 0) return;
    counts ??= new UnusualCounts(ctx, batch.columns.length);
    const list = pointers(ctx, batch.columns, ctx.scratch);
    const scores = ctx.scratch.alloc(8 * rows * outputs + 16);
    const out = kind === 'chances' ? ctx.scratch.alloc(8 * rows * columns + 16) : scores;
    const codes = kind === 'codes' ? ctx.scratch.alloc(4 * rows) : 0;
    for (let start = 0; start < rows; start += PART_ROWS * TASKS) {
      const tasks: Task[] = [];
      for (let from = start, slot = 0; from < rows && slot < TASKS; from += PART_ROWS, slot++)
        tasks.push(...scorer.tasks(list, from, Math.min(rows, from + PART_ROWS), scores, rows, slot));
      runTasks(ctx, tasks, Math.min(rows, PART_ROWS * TASKS) * cost);
    }
    // What is unusual in features shows in the scores: ordinary rows are not looked at a second time.
    const { f64 } = ctx.heap.refresh();
    f64.fill(0, unusual >>> 3, (unusual >>> 3) + 3);
    ctx.kernels.get('matrix').countUnusual(scores, 0, 0, rows * outputs, unusual);
    const odd = f64[(unusual >>> 3) + 1]! + f64[(unusual >>> 3) + 2]! > 0;
    if (odd || batch.columns.some((v) => v.validity !== 0)) counts.add(batch.columns, 0, rows);
    for (let start = 0; kind !== 'scores' && start < rows; start += PART_ROWS * TASKS) {
      const tasks: Task[] = [];
      for (let from = start, slot = 0; from < rows && slot < TASKS; from += PART_ROWS, slot++) {
        const to = Math.min(rows, from + PART_ROWS);
        tasks.push(
          kind === 'chances'
            ? ['linear', 'chances', scores, outputs, rows, from, to, out, tiles + 2048 * outputs * slot]
            : ['linear', 'winners', scores, outputs, rows, from, to, codes],
        );
      }
      runTasks(ctx, tasks, Math.min(rows, PART_ROWS * TASKS) * outputs * 8);
    }
    const { i32, f64: view } = ctx.heap.refresh();
    parts.push(
      kind === 'codes'
        ? new Int32Array(i32.subarray(codes >>> 2, (codes >>> 2) + rows))
        : new Float64Array(view.subarray(out >>> 3, (out >>> 3) + rows * columns)),
    );
    total += rows;
  };

  return {
    push,
    finish() {
      const scores = new Float64Array(kind === 'codes' ? 0 : total * columns);
      const codes = new Int32Array(kind === 'codes' ? total : 0);
      let done = 0;
      for (const part of parts) {
        const rows = part.length / columns;
        if (kind === 'codes') codes.set(part, done);
        else for (let c = 0; c < columns; c++) scores.set(part.subarray(c * rows, (c + 1) * rows), c * total + done);
        done += rows;
      }
      const none = new Float64Array(0);
      const found = counts?.result() ?? { nulls: none, nans: none, infinities: none };
      return { json: { rows: total }, arrays: { scores, codes, ...found } };
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
