// Units of a stage handed over in order: a thread runs one and keeps its rows in an arena of their own; the engine thread
// reads them when their turn has come and gives the memory back.
import { PieceStore } from './columns/piece-store.ts';
import type { ExecContext } from './context.ts';
import { Arena, type HandedRegion } from './memory/arena.ts';
import type { Region, RegionSource } from './memory/regions.ts';
import type { Emit } from './pipeline.ts';
import type { Batch, Vector } from './vector.ts';
import { CREW } from './worker/crew-words.ts';

/** The rows of one unit, as JSON. */
export interface UnitRows {
  readonly types: readonly Vector['type'][];
  readonly chunks: readonly (readonly [rows: number, columns: readonly (Vector | readonly [number, number])[]])[];
  readonly regions: readonly HandedRegion[];
}

const NO_ROWS: UnitRows = { types: [], chunks: [], regions: [] };

/** Keeps the rows of one unit after another. */
export class UnitOutput {
  readonly #ctx: ExecContext;
  readonly #memory: RegionSource & { release(region: Region): void };
  #unit: { arena: Arena; ctx: ExecContext; store: PieceStore; types: readonly Vector['type'][] } | null = null;

  constructor(ctx: ExecContext, memory: RegionSource & { release(region: Region): void }) {
    this.#ctx = ctx;
    this.#memory = memory;
  }

  start(): void {
    this.#unit = null;
  }

  /** The target of a stage. */
  readonly push: Emit = (batch: Batch) => {
    if (!this.#unit) {
      const arena = new Arena(this.#memory);
      arena.onFreeRegion = (region) => this.#memory.release(region);
      const types = batch.columns.map((v) => v.type);
      const store = new PieceStore(types.map((type) => ({ name: '', type, nullable: true })));
      this.#unit = { arena, ctx: { ...this.#ctx, arena }, store, types };
    }
    this.#unit.store.append(this.#unit.ctx, batch);
  };

  end(): UnitRows {
    if (!this.#unit) return NO_ROWS;
    const { arena, ctx, store, types } = this.#unit;
    const chunks = store
      .chunks(ctx)
      .map(({ rows, columns }): UnitRows['chunks'][number] => [
        rows,
        columns.map((v) => (v.children ? v : [v.data, v.validity])),
      ]);
    this.#unit = null;
    return { types, chunks, regions: arena.handOver() };
  }
}

/** Passes the rows of a unit on, morsel by morsel. */
export function feedUnit(ctx: ExecContext, { types, chunks }: UnitRows, emit: Emit): void {
  chunks.forEach(([rows, columns], ordinal) => {
    ctx.control.checkAbort();
    const vectors = columns.map(
      (c, i): Vector => ('type' in c ? c : { type: types[i]!, length: rows, data: c[0], validity: c[1] }),
    );
    emit({ length: rows, columns: vectors, ordinal });
    ctx.scratch.reset();
  });
}

/** The next unit, unless all are taken or too many are ahead of the one that is waited for. */
export function takeUnit(words: Int32Array, units: number, ahead: number): number | null {
  for (;;) {
    const next = Atomics.load(words, CREW.next);
    if (next >= units || next >= Atomics.load(words, CREW.consumed) + ahead) return null;
    if (Atomics.compareExchange(words, CREW.next, next, next + 1) === next) return next;
  }
}
