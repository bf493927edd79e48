import type { ExprNode } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { createSelector } from '../evaluate.ts';
import type { Operator } from '../pipeline.ts';

/** Keeps the rows for which the predicate is true, in order. */
export function createFilter(predicate: ExprNode, input: Schema): Operator {
  const selector = createSelector(predicate, input);
  return {
    threads: {},
    selector,
    mostRows: (rows) => rows,
    push(ctx, batch, emit) {
      const { sel, count } = selector.select(ctx, batch);
      if (count === 0) return;
      if (count === batch.length) {
        emit(batch);
        return;
      }
      const columns = batch.columns.map((v) => gather(ctx, v, sel, count, ctx.scratch));
      emit({ length: count, columns, ordinal: batch.ordinal });
    },
  };
}
