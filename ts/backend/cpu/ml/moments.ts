// Means and cross products of the rows of a plan: what least squares, ridge, lasso and principal components need.
import type { Batch } from '../vector.ts';
import type { Task } from '../worker/crew.ts';
import { float64Data, pointers, readF64, UnusualCounts, writeF64, zeros } from './columns.ts';
import type { KernelContext, KernelHandler, RowsKernel } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Rows of a task. Small, so that a batch of a plan is work for several threads and stays in the second-level cache. */
const PART_ROWS = 8192;
/** Up to this many columns each part of the rows has sums of its own; above, tasks are blocks of columns of one matrix. */
const MOST_APART = 192;
/** Columns of a block: even, so that pairs of columns are not torn. */
const BLOCK = 128;
/** Tasks at once: each has scratch of its own. */
const TASKS = 8;

/** Sums of one pass over `p` columns about shifts. `turn` makes r new columns of the features, p − 1 of them. */
export class Moments {
  readonly #ctx: KernelContext;
  readonly #p: number;
  readonly #m: number;
  readonly #shifts: number;
  readonly #turn: { readonly address: number; readonly outputs: number } | null;
  /** Σ w, least weight, m sums, (m, m) products: see `momentsRows`. */
  readonly #sums: number;
  readonly #parts: number;
  readonly #scratch: number;
  readonly #scratchBytes: number;
  readonly #length: number;

  constructor(ctx: KernelContext, p: number, shifts: number, turn: { address: number; outputs: number } | null) {
    this.#ctx = ctx;
    this.#p = p;
    this.#m = turn ? turn.outputs + 1 : p;
    this.#shifts = shifts;
    this.#turn = turn;
    this.#length = 2 + this.#m + this.#m * this.#m;
    this.#sums = zeros(ctx, this.#length);
    this.#parts = this.#apart ? ctx.arena.alloc(8 * this.#length * TASKS) : 0;
    this.#scratchBytes = ctx.kernels.get('matrix').momentsScratchBytes(p, turn?.outputs ?? 0);
    this.#scratch = ctx.arena.alloc(this.#scratchBytes * TASKS);
    this.#least(this.#sums);
  }

  get #apart(): boolean {
    return this.#m <= MOST_APART;
  }

  #least(block: number): void {
    this.#ctx.heap.refresh().f64[(block >>> 3) + 1] = Number.POSITIVE_INFINITY;
  }

  add(list: number, weights: number, rows: number): void {
    const nanoseconds = (rows * this.#m * (this.#m + 8)) / 4;
    if (this.#apart) this.#addRows(list, weights, rows, nanoseconds);
    else this.#addColumns(list, weights, rows, nanoseconds);
  }

  #task(
    list: number,
    weights: number,
    from: number,
    to: number,
    first: number,
    last: number,
    out: number,
    slot: number,
  ) {
    return [
      'matrix',
      'momentsRows',
      list,
      this.#p,
      this.#shifts,
      weights,
      from,
      to,
      first,
      last,
      this.#turn?.address ?? 0,
      this.#turn?.outputs ?? 0,
      out,
      this.#scratch + slot * this.#scratchBytes,
    ] as const;
  }

  /** Parts of the rows, each into sums of its own, which are added in order. */
  #addRows(list: number, weights: number, rows: number, nanoseconds: number): void {
    const { f64 } = this.#ctx.heap.refresh();
    const matrix = this.#ctx.kernels.get('matrix');
    for (let start = 0; start < rows; start += PART_ROWS * TASKS) {
      const tasks: Task[] = [];
      for (let from = start; from < rows && tasks.length < TASKS; from += PART_ROWS) {
        const out: number = this.#parts + 8 * this.#length * tasks.length;
        f64.fill(0, out >>> 3, (out >>> 3) + this.#length);
        this.#least(out);
        tasks.push(this.#task(list, weights, from, Math.min(rows, from + PART_ROWS), 0, this.#m, out, tasks.length));
      }
      runTasks(this.#ctx, tasks, nanoseconds);
      for (let k = 0; k < tasks.length; k++) {
        const part = this.#parts + 8 * this.#length * k;
        const least = (this.#sums >>> 3) + 1;
        const smallest = Math.min(f64[least]!, f64[(part >>> 3) + 1]!);
        matrix.addInto(part, this.#sums, this.#length);
        f64[least] = smallest;
      }
    }
  }

  /** Blocks of columns of one matrix. */
  #addColumns(list: number, weights: number, rows: number, nanoseconds: number): void {
    for (let from = 0; from < rows; from += PART_ROWS) {
      const to = Math.min(rows, from + PART_ROWS);
      for (let first = 0; first < this.#m; first += BLOCK * TASKS) {
        const tasks: Task[] = [];
        for (let at = first; at < this.#m && tasks.length < TASKS; at += BLOCK)
          tasks.push(this.#task(list, weights, from, to, at, Math.min(this.#m, at + BLOCK), this.#sums, tasks.length));
        runTasks(this.#ctx, tasks, nanoseconds);
      }
      this.#ctx.control.checkAbort();
    }
  }

  /** Whether no NaN or infinity was summed so far. */
  get finite(): boolean {
    const at = this.#sums >>> 3;
    return this.#ctx.heap
      .refresh()
      .f64.subarray(at + 2, at + 2 + this.#m)
      .every((s) => s - s === 0);
  }

  /** Means and products about them, or with `centred` false about the shifts; both are of what was summed. */
  result(
    shift: Float64Array,
    centred: boolean,
  ): {
    weightSum: number;
    leastWeight: number;
    means: Float64Array;
    cross: Float64Array;
  } {
    const m = this.#m;
    const all = readF64(this.#ctx, this.#sums, 2 + m);
    const cross = readF64(this.#ctx, this.#sums + 8 * (2 + m), m * m);
    const weightSum = all[0]!;
    const away = Float64Array.from({ length: m }, (_, j) => all[2 + j]! / weightSum);
    for (let i = 0; i < m; i++)
      for (let j = i; j < m; j++) {
        const value = cross[i * m + j]! - (centred ? weightSum * away[i]! * away[j]! : 0);
        cross[i * m + j] = value;
        cross[j * m + i] = value;
      }
    const means = away.map((a, j) => a + shift[j]!);
    return { weightSum, leastWeight: Math.min(1, all[1]!), means, cross };
  }
}

const NONE = new Float64Array(0);

/** The weight's address, or 0; and the columns without it. */
function parted(batch: Batch, weighted: boolean): { columns: Batch['columns']; weights: number } {
  if (!weighted) return { columns: batch.columns, weights: 0 };
  return { columns: batch.columns.slice(0, -1), weights: float64Data(batch.columns.at(-1)!) };
}

function openMoments(ctx: KernelContext, weighted: boolean): RowsKernel {
  let moments: Moments | null = null;
  let counts: UnusualCounts;
  let shifts = 0;
  let p = 0;
  let rows = 0;
  return {
    push(batch) {
      if (batch.length === 0) return;
      const { columns, weights } = parted(batch, weighted);
      const list = pointers(ctx, columns, ctx.scratch);
      if (!moments) {
        p = columns.length;
        counts = new UnusualCounts(ctx, batch.columns.length);
        // Any value near the means will do: it is taken out of the sums again.
        const first = zeros(ctx, p);
        ctx.kernels.get('matrix').weightedSums(list, p, 0, 0, batch.length, first);
        const near = readF64(ctx, first, p).map((s) => (Number.isFinite(s) ? s / batch.length : 0));
        shifts = writeF64(ctx, near);
        moments = new Moments(ctx, p, shifts, null);
      }
      rows += batch.length;
      moments.add(list, weights, batch.length);
      // Ordinary rows are not looked at a second time: what is unusual shows in the sums.
      if (!moments.finite || batch.columns.some((v) => v.validity !== 0)) counts.add(batch.columns, 0, batch.length);
    },
    finish() {
      if (!moments)
        return {
          json: { rows: 0, weightSum: 0, leastWeight: 1 },
          arrays: { means: NONE, cross: NONE, nulls: NONE, nans: NONE, infinities: NONE },
        };
      const { weightSum, leastWeight, means, cross } = moments.result(readF64(ctx, shifts, p), true);
      // NaN and infinities are counted; as sums they would not pass as JSON.
      const finite = (x: number): number => (Number.isFinite(x) ? x : 0);
      return {
        json: { rows, weightSum: finite(weightSum), leastWeight: finite(leastWeight) },
        arrays: { means, cross, ...counts.result() },
      };
    },
  };
}

function openTurned(
  ctx: KernelContext,
  params: { weighted: boolean; outputs: number; centred: boolean },
  given: { shifts: number; transform: number },
): RowsKernel {
  const { weighted, outputs, centred } = params;
  let moments: Moments | null = null;
  let rows = 0;
  return {
    push(batch) {
      if (batch.length === 0) return;
      const { columns, weights } = parted(batch, weighted);
      moments ??= new Moments(ctx, columns.length, given.shifts, { address: given.transform, outputs });
      rows += batch.length;
      moments.add(pointers(ctx, columns, ctx.scratch), weights, batch.length);
    },
    finish() {
      if (!moments) return { json: { rows: 0, weightSum: 0 }, arrays: { means: NONE, cross: NONE } };
      const { weightSum, means, cross } = moments.result(new Float64Array(outputs + 1), centred);
      return { json: { rows, weightSum }, arrays: { means, cross } };
    },
  };
}

export const momentsKernels: Readonly<Record<string, KernelHandler>> = {
  'linear.moments': {
    open: (ctx, { params }) => openMoments(ctx, (params as { weighted: boolean }).weighted),
  },
  'linear.turnedMoments': {
    open: (ctx, { params, arrays }) =>
      openTurned(ctx, params as { weighted: boolean; outputs: number; centred: boolean }, {
        shifts: arrays['shifts']!.address,
        transform: arrays['transform']!.address,
      }),
  },
};
