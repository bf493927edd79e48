// Rows that several nodes of a plan read: in memory as long as there is room, else in a file that each reads anew.
import type { Schema } from '../../../schema/types.ts';
import { PieceStore } from '../columns/piece-store.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Sink, Source } from '../pipeline.ts';
import type { Batch } from '../vector.ts';
import { ownMemory } from './spill.ts';
import { SpillFile } from './spill-file.ts';

/** Chunks are put side by side a column at a time. */
const COPY_SHARE = 0.5;

export class SpillingCollect implements Sink {
  readonly #schema: Schema;
  readonly #store: PieceStore;
  #memory: ExecContext | null = null;
  #file: SpillFile | null = null;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#store = new PieceStore(schema);
  }

  push(ctx: ExecContext, batch: Batch): void {
    if (this.#file) {
      this.#file.write(ctx, batch);
      return;
    }
    this.#memory ??= ownMemory(ctx);
    const memory = this.#memory;
    this.#store.append(memory, batch);
    const held = memory.arena.usedBytes;
    if (!ctx.spill!.mustSpill(held, held * COPY_SHARE)) return;
    this.#file = new SpillFile(this.#schema);
    for (const { rows, columns } of this.#store.chunks(memory))
      this.#file.write(ctx, { length: rows, columns, ordinal: 0 });
    memory.arena.release();
    this.#memory = null;
  }

  finish(): Source {
    this.#file?.end();
    return { next: () => null, close() {} };
  }

  /** All rows, as often as they are wanted. */
  open(ctx: ExecContext): Source {
    if (this.#file) {
      const memory = ownMemory(ctx);
      const source = this.#file.open(memory);
      return {
        next: () => source.next(memory),
        close() {
          source.close(memory);
          memory.arena.release();
        },
      };
    }
    return vectorsSource(this.#store.finish(this.#memory ?? ctx), this.#store.length);
  }
}
