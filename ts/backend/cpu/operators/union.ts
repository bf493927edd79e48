import { ShapeError } from '../../../errors.ts';
import type { Schema } from '../../../schema/types.ts';
import { RowStore } from '../columns/row-store.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Sink, Source } from '../pipeline.ts';
import type { Vector } from '../vector.ts';

/** Keeps everything: for results, and for inputs that must stand side by side. */
export interface CollectSink extends Sink {
  readonly store: RowStore;
}
export function createCollect(schema: Schema): CollectSink {
  const store = new RowStore(schema);
  return {
    store,
    push(ctx, batch) {
      store.append(ctx, batch);
    },
    finish: (ctx) => vectorsSource(store.finish(ctx), store.length, (c) => store.free(c)),
  };
}

/** Frames side by side. Their columns may not be null where the types say so: heights must agree. */
export function zipStores(ctx: ExecContext, stores: readonly RowStore[]): Source {
  const rows = stores[0]?.length ?? 0;
  const other = stores.findIndex((s) => s.length !== rows);
  if (other >= 0) {
    throw new ShapeError(
      `Expected frames of equal height in a horizontal concat, but frame 0 has ${rows} rows and frame ${other} has ${stores[other]!.length}.`,
      { frame: other },
    );
  }
  const columns: Vector[] = stores.flatMap((s) => s.finish(ctx));
  return vectorsSource(columns, rows, (c) => {
    for (const s of stores) s.free(c);
  });
}
