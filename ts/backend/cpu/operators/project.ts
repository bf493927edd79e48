import type { NamedExpr } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { columnsOf, createEvaluator } from '../evaluate.ts';
import type { Operator } from '../pipeline.ts';

/** Computes the output columns of every batch; plain columns pass through without a copy. */
export function createProject(exprs: readonly NamedExpr[], input: Schema): Operator {
  const nodes = exprs.map((e) => e.expr);
  const evaluator = createEvaluator(nodes, input);
  return {
    picks: columnsOf(nodes, input) ?? undefined,
    threads: {},
    mostRows: (rows) => rows,
    push(ctx, batch, emit) {
      emit({ length: batch.length, columns: evaluator.evaluate(ctx, batch), ordinal: batch.ordinal });
    },
  };
}
