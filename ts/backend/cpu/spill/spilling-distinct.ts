// Distinct rows of more keys than memory holds.
import { OutOfMemoryError } from '../../../errors.ts';
import type { DistinctNode } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import { GroupTable } from '../groups/group-table.ts';
import { createDistinctSink, distinctKeys } from '../operators/distinct.ts';
import type { Emit, Operator, Sink, Source } from '../pipeline.ts';
import type { Batch } from '../vector.ts';
import {
  divideFile,
  isLast,
  isTriedWhole,
  KeptRows,
  MOST_LEVELS,
  PartitionFiles,
  type PartKeys,
  readFile,
} from './partition-files.ts';
import { partsSource } from './parts-source.ts';
import { inScratch, ownMemory } from './spill.ts';
import type { SpillFile } from './spill-file.ts';
import { tooLarge } from './spilling-groups.ts';

/** A table grows by doubling: the old and the new one are there at once. */
const GROWTH = 2;

/**
 * `keep` any or first as a streaming step. Keys are remembered until the budget is used up; from then on rows with new
 * ones go to files, which are looked through in the same way after the last input. Where nothing may spill, all are.
 */
export class SpillingFirstRows implements Operator {
  readonly #input: Schema;
  readonly #keys: readonly number[];
  readonly #level: number;
  readonly #table: GroupTable;
  #memory: ExecContext | null = null;
  #files: PartitionFiles | null = null;

  constructor(input: Schema, keys: readonly number[], level = 0) {
    this.#input = input;
    this.#keys = keys;
    this.#level = level;
    this.#table = new GroupTable(keys.map((i) => input[i]!.type));
  }

  push(ctx: ExecContext, batch: Batch, emit: Emit): void {
    this.#memory ??= ownMemory(ctx);
    const memory = this.#memory;
    const keys = this.#keys.map((i) => batch.columns[i]!);
    if (this.#files) {
      const ids = this.#table.lookup(memory, keys, batch.length);
      const [known, gids, rows] = [0, 1, 2].map(() => ctx.scratch.alloc(batch.length * 4)) as [number, number, number];
      const count = ctx.kernels.get('spill').splitKnown(ids, batch.length, known, gids, rows);
      this.#files.push(ctx, someRows(ctx, batch, rows, batch.length - count));
      return;
    }
    const before = this.#table.count;
    const ids = this.#table.assign(memory, keys, batch.length);
    const added = this.#table.count - before;
    const held = memory.arena.usedBytes;
    if (this.#level < MOST_LEVELS && ctx.spill?.mustSpill(held, held * (GROWTH - 1)))
      this.#files = new PartitionFiles(this.#input, { columns: this.#keys }, this.#level);
    if (added === 0) return;
    const list = ctx.scratch.alloc((batch.length + 1) * 4);
    ctx.kernels.get('hash').firstRows(ids, batch.length, before, list);
    emit(someRows(ctx, batch, list, added));
  }

  finish(ctx: ExecContext, emit: Emit): void {
    const files = this.#files?.end() ?? [];
    this.#table.free(this.#memory ?? ctx);
    this.#memory?.arena.release();
    for (const file of files) {
      if (file.rows === 0) continue;
      const deeper = new SpillingFirstRows(this.#input, this.#keys, this.#level + 1);
      const pass: Emit = (batch) => inScratch(ctx, () => emit(batch));
      readFile(ctx, file, (batch) => deeper.push(ctx, batch, pass));
      file.remove();
      deeper.finish(ctx, pass);
    }
  }
}

/** Rows `u32[list …]`, in scratch; a batch of which all are wanted as it is. */
function someRows(ctx: ExecContext, batch: Batch, list: number, n: number): Batch {
  if (n === batch.length) return batch;
  return { length: n, columns: batch.columns.map((v) => gather(ctx, v, list, n, ctx.scratch)), ordinal: batch.ordinal };
}

/** The sink of a distinct that keeps the last rows or none of those that repeat, in a plan that may spill. */
export function createSpillingChosen(node: DistinctNode, input: Schema): Sink {
  const keys: PartKeys = { columns: distinctKeys(node, input) };
  // Chosen rows are copied beside the rows that came.
  return partitioned(input, keys, () => createDistinctSink(node, input), 'The rows of one key of a distinct');
}

/**
 * A sink that can be run over the rows of some keys at a time: over all of them when they fit, else over files of them.
 */
export function partitioned(input: Schema, keys: PartKeys, create: () => Sink, what: string): Sink {
  const rows = new KeptRows(input, keys, (held) => held * GROWTH);
  const over = (memory: ExecContext, feed: (sink: Sink) => void): Source => {
    const sink = create();
    feed(sink);
    const source = sink.finish(memory);
    return {
      next: (c) => source.next({ ...c, arena: memory.arena }),
      close(c) {
        source.close({ ...c, arena: memory.arena });
        memory.arena.release();
      },
    };
  };
  const part = (ctx: ExecContext, file: SpillFile, level: number): Source => {
    if (file.rows === 0) return { next: () => null, close() {} };
    if (isTriedWhole(ctx, file, level, file.heapBytes * (GROWTH + 1))) {
      const memory = ownMemory(ctx);
      try {
        return inScratch(ctx, () =>
          over(memory, (sink) => {
            readFile(ctx, file, (batch) => sink.push(memory, batch));
            file.remove();
          }),
        );
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
        memory.arena.release();
        if (isLast(file, level)) throw tooLarge(error, what);
      }
    }
    const files = divideFile(ctx, file, input, keys, level);
    return partsSource(files.map((f) => (c) => part(c, f, level + 1)));
  };
  return {
    push: (ctx, batch) => rows.push(ctx, batch),
    finish(ctx) {
      const all = rows.end();
      if ('files' in all) return partsSource(all.files.map((f) => (c) => part(c, f, 1)));
      const memory = all.memory ?? ownMemory(ctx);
      return over(memory, (sink) => {
        for (const chunk of all.chunks)
          inScratch(ctx, () => sink.push(memory, { length: chunk.rows, columns: chunk.columns, ordinal: 0 }));
      });
    },
  };
}
