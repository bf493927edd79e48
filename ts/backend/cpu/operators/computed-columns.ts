// Expressions beside the columns of an input: what sort keys and windows are made of.
import type { ExprNode } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { createEvaluator, type Evaluator } from '../evaluate.ts';
import type { Batch } from '../vector.ts';

/** Columns of the input stand for themselves; other expressions are computed once and follow behind. */
export class ComputedColumns {
  /** Input columns, then computed ones. */
  readonly schema: Schema;
  /** For each expression its column in the extended batch. */
  readonly positions: readonly number[];
  readonly #evaluator: Evaluator | null;

  constructor(exprs: readonly ExprNode[], input: Schema) {
    const computed: ExprNode[] = [];
    this.positions = exprs.map((e) => {
      const at = e.node === 'col' ? input.findIndex((f) => f.name === e.name) : -1;
      if (at >= 0) return at;
      const known = computed.indexOf(e);
      return input.length + (known >= 0 ? known : computed.push(e) - 1);
    });
    this.schema = [
      ...input,
      ...computed.map((e, i) => ({ name: `\u0000computed${i}`, type: e.type, nullable: e.nullable })),
    ];
    this.#evaluator = computed.length === 0 ? null : createEvaluator(computed, input);
  }

  /** The batch with the computed columns behind its own. */
  extend(ctx: ExecContext, batch: Batch): Batch {
    if (!this.#evaluator) return batch;
    return { ...batch, columns: [...batch.columns, ...this.#evaluator.evaluate(ctx, batch)] };
  }
}
