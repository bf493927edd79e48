import type { Schema } from '../../../schema/types.ts';
import { nullVector } from '../columns/alloc.ts';
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

/** Frames side by side; shorter ones end in nulls. */
export function zipStores(ctx: ExecContext, stores: readonly RowStore[], schemas: readonly Schema[]): Source {
  const rows = Math.max(0, ...stores.map((s) => s.length));
  const columns: Vector[] = stores.flatMap((s, i) => {
    if (s.length === rows) return s.finish(ctx);
    const missing = rows - s.length;
    const schema = schemas[i]!;
    const empty = schema.map((f) => nullVector(ctx, f.type, missing, ctx.arena));
    s.append(ctx, { length: missing, columns: empty, ordinal: 0 });
    ctx.scratch.reset();
    return s.finish(ctx);
  });
  return vectorsSource(columns, rows, (c) => {
    for (const s of stores) s.free(c);
  });
}
