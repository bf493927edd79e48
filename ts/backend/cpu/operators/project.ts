import type { NamedExpr } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { columnsOf, createEvaluator } from '../evaluate.ts';
import type { Operator, PlacesFor } from '../pipeline.ts';

/** Computes the output columns of every batch; plain columns pass through without a copy. */
export function createProject(exprs: readonly NamedExpr[], input: Schema): Operator {
  const nodes = exprs.map((e) => e.expr);
  const evaluator = createEvaluator(nodes, input);
  let places: PlacesFor = () => null;
  return {
    picks: columnsOf(nodes, input) ?? undefined,
    threads: {},
    aim: (to) => {
      places = to;
    },
    mostRows: (rows) => rows,
    push(ctx, batch, emit) {
      // Modules write eight rows at a time: behind other numbers of rows lies what another thread has written.
      const at = batch.length % 8 === 0 ? places(batch.length) : null;
      emit({ length: batch.length, columns: evaluator.evaluate(ctx, batch, at), ordinal: batch.ordinal });
    },
  };
}
