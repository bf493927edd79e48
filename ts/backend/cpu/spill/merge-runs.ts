// Sorted runs merged block by block. Of each run one batch is in memory. The run whose batch ends first in the order says
// how far all rows are known; up to there the rows of all batches are sorted together, which the argsort of any keys does.
import type { Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import { rowsOf } from '../operators/slice.ts';
import { argsort } from '../operators/sort-keys.ts';
import type { SortKey } from '../operators/sort-parts.ts';
import type { Source } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { inScratch, ownMemory } from './spill.ts';
import type { SpillFile } from './spill-file.ts';

/** Rows of a batch that are compared with the last known one at a time. */
const FENCES = 32;

interface Run {
  readonly source: Source;
  batch: Batch;
  /** Rows before this one are done. */
  at: number;
}

/** Rows that are sorted already and wait to be handed out. */
interface Ready {
  readonly memory: ExecContext;
  readonly columns: readonly Vector[];
  readonly rows: number;
  readonly length: number;
  at: number;
}

/** The rows of all runs in order; those that tie in the order of the runs. `keysOf` finds the keys among the columns. */
export function mergeRuns(
  ctx: ExecContext,
  files: readonly SpillFile[],
  keysOf: (columns: readonly Vector[]) => SortKey[],
): Source {
  const merge = new Merge(ctx, files, keysOf);
  return { next: (c) => merge.next(c), close: () => merge.close() };
}

class Merge {
  readonly #keysOf: (columns: readonly Vector[]) => SortKey[];
  /** Of the batches of all runs: an arena of each would hold much that it does not use. */
  readonly #memory: ExecContext;
  #runs: Run[] = [];
  #ready: Ready | null = null;
  #ordinal = 0;

  constructor(ctx: ExecContext, files: readonly SpillFile[], keysOf: (columns: readonly Vector[]) => SortKey[]) {
    this.#keysOf = keysOf;
    this.#memory = ownMemory(ctx);
    for (const file of files) {
      const source = file.open(this.#memory);
      const batch = source.next(this.#memory);
      if (batch) this.#runs.push({ source, batch, at: 0 });
      else source.close(this.#memory);
    }
  }

  next(ctx: ExecContext): Batch | null {
    for (;;) {
      const ready = this.#ready;
      if (ready && ready.at < ready.length) {
        const n = Math.min(MORSEL_ROWS, ready.length - ready.at);
        const columns = ready.columns.map((v) => gather(ctx, v, ready.rows + ready.at * 4, n, ctx.scratch));
        ready.at += n;
        return { length: n, columns, ordinal: this.#ordinal++ };
      }
      ready?.memory.arena.release();
      this.#ready = null;
      ctx.control.checkAbort();
      this.#refill();
      if (this.#runs.length === 0) return null;
      const from = this.#runs.map((r) => r.at);
      const known = inScratch(ctx, () => this.#known(ctx));
      const parts = this.#runs.filter((_, i) => known[i]! > from[i]!);
      this.#runs.forEach((r, i) => {
        r.at = known[i]!;
      });
      if (parts.length === 1) {
        // All in one run: they are in order.
        const run = parts[0]!;
        const start = from[this.#runs.indexOf(run)]!;
        return { ...rowsOf(ctx, run.batch, start, run.at - start), ordinal: this.#ordinal++ };
      }
      this.#ready = inScratch(ctx, () => this.#sort(ctx, from, known));
    }
  }

  /** Every run has rows left in its batch; those that have ended are gone. */
  #refill(): void {
    this.#runs = this.#runs.filter((run) => {
      if (run.at < run.batch.length) return true;
      const batch = run.source.next(this.#memory);
      if (batch) {
        run.batch = batch;
        run.at = 0;
        return true;
      }
      run.source.close(this.#memory);
      return false;
    });
  }

  /** For each run where its rows end that come, in the order of all, no later than the earliest last row of a batch. */
  #known(ctx: ExecContext): number[] {
    const runs = this.#runs;
    if (runs.length === 1) return [runs[0]!.batch.length];
    const lasts = runs.map((r) => [r.batch.length - 1]);
    const first = this.#order(ctx, lasts)[0]!;
    const low = runs.map((r, i) => (i === first ? r.batch.length : r.at));
    const high = runs.map((r) => r.batch.length);
    while (low.some((l, i) => l < high[i]!)) {
      const fences = runs.map((_, i) => (i === first ? [] : spread(low[i]!, high[i]!)));
      // The known last row stands behind the rows of the runs before it that tie with it, and before those behind.
      fences[first] = [runs[first]!.batch.length - 1];
      const order = inScratch(ctx, () => this.#order(ctx, fences));
      const limit = fences.slice(0, first).reduce((sum, f) => sum + f.length, 0);
      const before = new Set(order.slice(0, order.indexOf(limit)));
      let number = 0;
      fences.forEach((rows, i) => {
        if (i === first) {
          number++;
          return;
        }
        let count = 0;
        for (const _ of rows) if (before.has(number++)) count++;
        if (count > 0) low[i] = rows[count - 1]! + 1;
        if (count < rows.length) high[i] = rows[count]!;
      });
    }
    return low;
  }

  /** Numbers of some rows of every run's batch, counted through all runs, in order. */
  #order(ctx: ExecContext, rows: readonly (readonly number[])[]): number[] {
    const keys = this.#runs.map((r) => this.#keysOf(r.batch.columns));
    const memory = ownMemory(ctx);
    const schema: Schema = keys[0]!.map((k) => ({ name: '', type: k.vector.type, nullable: true }));
    const store = new RowStore(schema);
    rows.forEach((wanted, i) => {
      if (wanted.length === 0) return;
      const sel = ctx.scratch.alloc(wanted.length * 4);
      ctx.heap.refresh().u32.set(wanted, sel >>> 2);
      const columns = keys[i]!.map((k) => gather(ctx, k.vector, sel, wanted.length, ctx.scratch));
      store.append(memory, { length: wanted.length, columns, ordinal: 0 });
    });
    const columns = store.finish(memory);
    const n = store.length;
    const order = argsort(
      memory,
      keys[0]!.map((k, c) => ({ ...k, vector: columns[c]! })),
      n,
    );
    const numbers = [...ctx.heap.refresh().u32.subarray(order >>> 2, (order >>> 2) + n)];
    memory.arena.release();
    return numbers;
  }

  /** Rows [from, to) of every run, sorted together. */
  #sort(ctx: ExecContext, from: readonly number[], to: readonly number[]): Ready {
    const memory = ownMemory(ctx);
    const schema: Schema = this.#runs[0]!.batch.columns.map((v) => ({ name: '', type: v.type, nullable: true }));
    const store = new RowStore(schema);
    this.#runs.forEach((run, i) => {
      const n = to[i]! - from[i]!;
      if (n > 0) inScratch(ctx, () => store.append(memory, rowsOf(ctx, run.batch, from[i]!, n)));
    });
    const columns = store.finish(memory);
    const rows = argsort(memory, this.#keysOf(columns), store.length);
    return { memory, columns, rows, length: store.length, at: 0 };
  }

  close(): void {
    for (const { source } of this.#runs) source.close(this.#memory);
    this.#runs = [];
    this.#memory.arena.release();
    this.#ready?.memory.arena.release();
    this.#ready = null;
  }
}

/** Up to FENCES rows of [low, high), evenly. */
function spread(low: number, high: number): number[] {
  const n = Math.min(FENCES, high - low);
  return Array.from({ length: n }, (_, i) => low + Math.floor(((i + 1) * (high - low)) / (n + 1)));
}
