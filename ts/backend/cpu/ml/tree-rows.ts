// The rows of tree nodes over a binned matrix: which rows a node has, its histogram of pairs, and the split of its rows.
// Work goes to the crew in fixed chunks and is put together in their order, so any number of threads gives the same bits.

import type { Task } from '../worker/crew.ts';
import type { BinPlan } from './bins.ts';
import { CHUNK_ROWS, chunks } from './columns.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** The number of left rows, and scratch memory of its call. */
const COUNT_BYTES = 192;

/** A range of the row numbers. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** How a node's rows part. */
export interface RowSplit {
  readonly rows: RowRange;
  readonly feature: number;
  /** The last bin that goes left, for a numeric feature. */
  readonly lastLeft: number;
  readonly missingLeft: boolean;
  /** Address of a bit per bin that goes right; 0 for a numeric feature. */
  readonly rightSet: number;
}

/** Rows by node, at work on one tree. */
export class TreeRows {
  readonly #ctx: KernelContext;
  readonly #plan: BinPlan;
  readonly #matrix: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #spill: number;
  /** Whether `#rows` still is 0, 1, 2, …, as at the root. */
  #inOrder = true;
  readonly #free: number[] = [];
  /** Histograms in use. */
  histograms = 0;

  /** `bins` is what a Binner made; `rows` and `spill` are blocks of u32 per row. */
  constructor(
    ctx: KernelContext,
    plan: BinPlan,
    bins: { readonly address: number; readonly columns: number },
    rows: number,
    spill: number,
  ) {
    this.#ctx = ctx;
    this.#plan = plan;
    this.#matrix = bins.address;
    this.#columns = bins.columns;
    this.#rows = rows;
    this.#spill = spill;
  }

  /** Starts a tree: one node with all rows. */
  reset(): RowRange {
    const { rows } = this.#plan;
    runTasks(
      this.#ctx,
      chunks(rows).map(({ from, to }) => ['trees', 'countUp', this.#rows + 4 * from, from, to - from]),
      rows / 4,
    );
    this.#inOrder = true;
    return { from: 0, to: rows };
  }

  /** Address of a range's row numbers (u32). */
  address(range: RowRange): number {
    return this.#rows + 4 * range.from;
  }

  /** Bytes of a histogram of pairs. */
  get histogramBytes(): number {
    return this.#plan.features * this.#plan.binStride * 16;
  }

  /** A block for a histogram; `drop` gives it back. */
  histogram(): number {
    this.histograms++;
    return this.#free.pop() ?? this.#ctx.arena.alloc(this.histogramBytes);
  }
  drop(block: number): void {
    this.histograms--;
    this.#free.push(block);
  }

  /** Sums f32 pairs of each range's rows into its histogram. */
  build(jobs: readonly { readonly range: RowRange; readonly into: number }[], pairs: number): void {
    const p = this.#plan;
    const name = p.wide ? 'pairHistogram16' : 'pairHistogram8';
    const tasks: Task[] = [];
    const merges: Task[] = [];
    const borrowed: number[] = [];
    for (const { range, into } of jobs) {
      const pieces = chunks(range.to - range.from);
      let first = into;
      let apart = 0;
      if (pieces.length > 1) {
        // One block, so that the pieces can be added in order by address.
        apart = (this.histogramBytes + 63) & ~63;
        first = this.#ctx.arena.alloc(apart * pieces.length);
        borrowed.push(first);
        // A feature at a time, for every thread to have some.
        const entries = p.binStride * 2;
        for (let f = 0; f < p.features; f++)
          merges.push([
            'trees',
            'sumBlocks',
            first + f * entries * 8,
            apart,
            pieces.length,
            into + f * entries * 8,
            entries,
          ]);
      }
      for (const { from, to, index } of pieces)
        tasks.push([
          'trees',
          name,
          this.#matrix,
          p.stride,
          p.features,
          this.#inOrder ? 0 : this.#rows + 4 * (range.from + from),
          range.from + from,
          to - from,
          pairs,
          first + apart * index,
          p.binStride,
        ]);
    }
    const rows = jobs.reduce((sum, j) => sum + j.range.to - j.range.from, 0);
    runTasks(this.#ctx, tasks, (rows + jobs.length * p.binStride) * p.features);
    runTasks(this.#ctx, merges, merges.length * p.binStride * 16);
    for (const block of borrowed) this.#ctx.arena.free(block);
  }

  /** What is left of `whole` when `part` is taken out, in place of `whole`. */
  subtract(jobs: readonly { readonly whole: number; readonly part: number }[]): void {
    const entries = this.#plan.features * this.#plan.binStride * 2;
    runTasks(
      this.#ctx,
      jobs.map(({ whole, part }) => ['trees', 'subtractBlock', whole, part, whole, entries]),
      jobs.length * entries,
    );
  }

  /** Parts the rows of nodes; gives the number of rows that went left of each. They keep their order. */
  split(splits: readonly RowSplit[]): number[] {
    const { arena, heap } = this.#ctx;
    const p = this.#plan;
    const name = p.wide ? 'partitionRows16' : 'partitionRows8';
    const total = splits.reduce((sum, s) => sum + Math.ceil((s.rows.to - s.rows.from) / CHUNK_ROWS), 0);
    const counts = arena.alloc(COUNT_BYTES * total);
    const tasks: Task[] = [];
    for (const s of splits)
      for (const { from, to } of chunks(s.rows.to - s.rows.from)) {
        const at = 4 * (s.rows.from + from);
        tasks.push([
          'trees',
          name,
          this.#columns + s.feature * p.rows * (p.wide ? 2 : 1),
          p.wide ? 2 : 1,
          s.lastLeft,
          p.missing[s.feature] ? p.bins[s.feature]! : -1,
          s.missingLeft ? 1 : 0,
          s.rightSet,
          this.#rows + at,
          to - from,
          this.#spill + at,
          counts + COUNT_BYTES * tasks.length,
        ]);
      }
    const rows = splits.reduce((sum, s) => sum + s.rows.to - s.rows.from, 0);
    runTasks(this.#ctx, tasks, 3 * rows);
    const { u8, u32 } = heap.refresh();
    let k = 0;
    const lefts = splits.map((s) => {
      const pieces = chunks(s.rows.to - s.rows.from).map((c) => ({
        ...c,
        left: u32[(counts + COUNT_BYTES * k++) >>> 2]!,
      }));
      let at = this.#rows + 4 * s.rows.from;
      for (const { from, left } of pieces) {
        const start = this.#rows + 4 * (s.rows.from + from);
        if (at !== start) u8.copyWithin(at, start, start + 4 * left);
        at += 4 * left;
      }
      for (const { from, to, left } of pieces) {
        const start = this.#spill + 4 * (s.rows.from + from);
        const bytes = 4 * (to - from - left);
        u8.copyWithin(at, start, start + bytes);
        at += bytes;
      }
      return pieces.reduce((sum, c) => sum + c.left, 0);
    });
    arena.free(counts);
    this.#inOrder = false;
    return lefts;
  }
}
