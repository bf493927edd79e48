// Sorting more rows than memory holds: sorted runs in files, merged as they are read.
import type { SortNode } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { PieceStore } from '../columns/piece-store.ts';
import type { ExecContext } from '../context.ts';
import { rowsOf } from '../operators/slice.ts';
import { createSortSink, gatheringSource, KeyColumns } from '../operators/sort.ts';
import { argsort } from '../operators/sort-keys.ts';
import { checkSortable } from '../operators/sort-parts.ts';
import type { Sink, Source } from '../pipeline.ts';
import type { Batch, Vector } from '../vector.ts';
import { MORSEL_ROWS } from '../vector.ts';
import { mergeRuns } from './merge-runs.ts';
import { inScratch, ownMemory } from './spill.ts';
import { SpillFile } from './spill-file.ts';

/** Runs that are merged at a time; more are merged in rounds. */
const MOST_RUNS = 32;
/** The order of a row while it is being found: two entries, its number, its place among ties. */
const ORDER_BYTES = 28;
const LEAST_BATCH_ROWS = 64;
/** A run of fewer rows costs more than it saves. */
const LEAST_RUN_ROWS = 256;
/** A limit of more than this share of the budget is sorted as a whole. */
const TOP_SHARE = 0.2;
const TOP_ROW_BYTES = 64;

/** The sink of a sort in a plan that may spill. Stable. */
export function createSpillingSort(node: Pick<SortNode, 'keys' | 'limit'>, input: Schema): Sink {
  for (const k of node.keys) checkSortable(k.expr.type);
  const whole = new SpillingSort(new KeyColumns(node.keys, input), input, node.limit);
  if (node.limit === null) return whole;
  const { limit } = node;
  const top = createSortSink(node, input);
  let sink: Sink | null = null;
  const chosen = (ctx: ExecContext): Sink => {
    const fits = limit * TOP_ROW_BYTES * input.length <= ctx.spill!.budgetBytes * TOP_SHARE;
    sink ??= fits ? top : whole;
    return sink;
  };
  return {
    push: (ctx, batch) => chosen(ctx).push(ctx, batch),
    finish: (ctx) => chosen(ctx).finish(ctx),
    done: () => limit === 0,
  };
}

class SpillingSort implements Sink {
  readonly #keys: KeyColumns;
  readonly #width: number;
  readonly #limit: number | null;
  #store: PieceStore;
  #memory: ExecContext | null = null;
  #runs: SpillFile[] = [];
  #batchRows = 0;

  constructor(keys: KeyColumns, input: Schema, limit: number | null) {
    this.#keys = keys;
    this.#width = input.length;
    this.#limit = limit;
    this.#store = new PieceStore(keys.schema);
  }

  push(ctx: ExecContext, batch: Batch): void {
    this.#memory ??= ownMemory(ctx);
    this.#store.append(this.#memory, this.#keys.extend(ctx, batch));
    if (this.#store.length < LEAST_RUN_ROWS) return;
    const held = this.#memory.arena.usedBytes;
    // Chunks are put side by side a column at a time.
    if (ctx.spill!.mustSpill(held, held / Math.max(2, this.#width) + this.#store.length * ORDER_BYTES))
      this.#spill(ctx);
  }

  /** The rows so far, in order: columns, and their numbers. */
  #sorted(memory: ExecContext): { columns: readonly Vector[]; rows: number } {
    const columns = this.#store.finish(memory);
    return { columns, rows: argsort(memory, this.#keys.of(columns), this.#store.length) };
  }

  #spill(ctx: ExecContext): void {
    const memory = this.#memory!;
    const { length } = this.#store;
    const rowBytes = memory.arena.usedBytes / length;
    // A batch of each run is there at a time, with a copy of it and its order.
    if (this.#batchRows === 0) {
      const rows = Math.floor(ctx.spill!.budgetBytes / (MOST_RUNS * (2 * rowBytes + ORDER_BYTES)));
      this.#batchRows = Math.min(MORSEL_ROWS, Math.max(LEAST_BATCH_ROWS, rows & ~63));
    }
    const { columns, rows } = inScratch(ctx, () => this.#sorted(memory));
    const run = new SpillFile(this.#keys.schema);
    const wanted = Math.min(length, this.#limit ?? length);
    for (let at = 0; at < wanted; at += this.#batchRows)
      inScratch(ctx, () => {
        ctx.control.checkAbort();
        const n = Math.min(this.#batchRows, wanted - at);
        const some = columns.map((v) => gather(ctx, v, rows + at * 4, n, ctx.scratch));
        run.write(memory, { length: n, columns: some, ordinal: 0 });
      });
    run.end();
    this.#runs.push(run);
    this.#store = new PieceStore(this.#keys.schema);
    memory.arena.release();
    this.#memory = null;
  }

  finish(ctx: ExecContext): Source {
    const limit = this.#limit ?? Number.POSITIVE_INFINITY;
    if (this.#runs.length === 0) {
      const memory = this.#memory ?? ownMemory(ctx);
      const { columns, rows } = this.#sorted(memory);
      const length = Math.min(this.#store.length, limit);
      const { next } = gatheringSource(columns.slice(0, this.#width), rows, length, () => {});
      return { next, close: () => memory.arena.release() };
    }
    if (this.#store.length > 0) this.#spill(ctx);
    let runs: readonly SpillFile[] = this.#runs;
    while (runs.length > MOST_RUNS) {
      const longer: SpillFile[] = [];
      for (let i = 0; i < runs.length; i += MOST_RUNS) longer.push(this.#mergeSome(ctx, runs.slice(i, i + MOST_RUNS)));
      runs = longer;
    }
    const merged = mergeRuns(ctx, runs, (columns) => this.#keys.of(columns));
    let left = limit;
    return {
      next: (c) => {
        const batch = left > 0 ? merged.next(c) : null;
        if (!batch) return null;
        const length = Math.min(left, batch.length);
        left -= length;
        return { ...batch, length, columns: batch.columns.slice(0, this.#width).map((v) => ({ ...v, length })) };
      },
      close: (c) => {
        merged.close(c);
        for (const run of runs) run.remove();
      },
    };
  }

  /** Merges neighbouring runs to one: rows that tie keep their order. */
  #mergeSome(ctx: ExecContext, some: readonly SpillFile[]): SpillFile {
    if (some.length === 1) return some[0]!;
    const whole = new SpillFile(this.#keys.schema);
    const merged = mergeRuns(ctx, some, (columns) => this.#keys.of(columns));
    const memory = ownMemory(ctx);
    for (let more = true; more; )
      inScratch(ctx, () => {
        ctx.control.checkAbort();
        const batch = merged.next(ctx);
        if (batch) writeInBatches(memory, whole, batch, this.#batchRows);
        else more = false;
      });
    merged.close(ctx);
    memory.arena.release();
    for (const run of some) run.remove();
    whole.end();
    return whole;
  }
}

function writeInBatches(ctx: ExecContext, file: SpillFile, batch: Batch, rows: number): void {
  for (let at = 0; at < batch.length; at += rows) {
    const n = Math.min(rows, batch.length - at);
    file.write(ctx, rowsOf(ctx, batch, at, n));
  }
}
