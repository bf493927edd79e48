import { ShapeError } from '../../../errors.ts';
import type { Schema } from '../../../schema/types.ts';
import { PieceStore } from '../columns/piece-store.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Operator, Sink, Source } from '../pipeline.ts';
import type { ResidentTable } from '../planner.ts';
import type { Batch, Vector } from '../vector.ts';
import { rowsOf } from './slice.ts';

/** Keeps everything: for results, and for inputs that must stand side by side. */
export interface CollectSink extends Sink {
  readonly store: PieceStore;
}
/** `keepsCodes`: strings that come as codes may come out as codes, where that is worth it. */
export function createCollect(schema: Schema, keepsCodes = false): CollectSink {
  const store = new PieceStore(schema);
  return {
    store,
    begin: (ctx, piece) => store.begin(ctx, piece),
    place: (ctx, rows, isExact, coded) => store.place(ctx, rows, isExact, keepsCodes ? coded?.() : []),
    placeClaimed: (ctx, pieces, mostRows) => store.placeClaimed(ctx, pieces, mostRows),
    get into() {
      return store.into;
    },
    placesFor: (rows) => store.placesFor(rows),
    adopt: (ctx, columns, length) => store.adopt(ctx, columns, length),
    push: (ctx, batch) => store.append(ctx, batch),
    finish: (ctx) => vectorsSource(store.finish(ctx), store.length, (c) => store.free(c)),
    threads: {
      unit: () => 1,
      share: () => store.sharePlaces(),
      restore: (_, shared) => store.restorePlaces(shared),
      part: (ctx) => store.part(ctx),
      merge: (_, part) => store.merge(part),
    },
  };
}

/** The height that all frames side by side have. */
export function checkHeights(heights: readonly number[]): number {
  const rows = heights[0] ?? 0;
  const other = heights.findIndex((height) => height !== rows);
  if (other >= 0) {
    throw new ShapeError(
      `Expected frames of equal height in a horizontal concat, but frame 0 has ${rows} rows and frame ${other} has ${heights[other]}.`,
      { frame: other },
    );
  }
  return rows;
}

/** Puts resident tables beside the rows that flow by; `tables` holds null where the flowing columns belong. */
export function createZip(tables: readonly (ResidentTable | null)[]): Operator {
  let at = 0;
  const rowsOfTables = Math.min(...tables.map((t) => t?.rows ?? Number.POSITIVE_INFINITY));
  const check = (flowed: number): number => checkHeights(tables.map((t) => t?.rows ?? flowed));
  return {
    push(ctx, batch, emit) {
      const end = at + batch.length;
      if (end > rowsOfTables) check(end);
      const columns = tables.flatMap((table) => {
        if (table === null) return batch.columns;
        const whole: Batch = { length: table.rows, columns: table.columns, ordinal: 0 };
        return rowsOf(ctx, whole, at, batch.length).columns;
      });
      at = end;
      emit({ length: batch.length, columns, ordinal: batch.ordinal });
    },
    ended: () => check(at),
  };
}

/** Frames side by side. Their columns may not be null where the types say so: heights must agree. */
export function zipStores(ctx: ExecContext, stores: readonly PieceStore[]): Source {
  const rows = checkHeights(stores.map((s) => s.length));
  const columns: Vector[] = stores.flatMap((s) => s.finish(ctx));
  return vectorsSource(columns, rows, (c) => {
    for (const s of stores) s.free(c);
  });
}
