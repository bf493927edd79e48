// Row expressions over batches. Plain columns need no computing; the rest is in expressions.ts, which a first answer from
// columns alone does without.
import type { ExprNode } from '../../expr/nodes.ts';
import type { Schema } from '../../schema/types.ts';
import type { ExecContext } from './context.ts';
import { Program } from './expressions.ts';
import type { Batch, Vector } from './vector.ts';

/** Computes a list of expressions for one batch after another. */
export interface Evaluator {
  /**
   * One vector per expression, in `ctx.scratch` or sharing the batch's buffers; values may also lie at the address of
   * their expression in `places`, of batches of a multiple of eight rows.
   */
  evaluate(ctx: ExecContext, batch: Batch, places?: readonly number[] | null): Vector[];
}

/** Finds the rows for which a predicate is true. */
export interface Selector {
  /**
   * `count` row numbers (u32, ascending) at `sel` in scratch, with room for one 16-byte store behind them. When every
   * row is selected `count` is the batch's length and `sel` is not specified.
   */
  select(ctx: ExecContext, batch: Batch): { sel: number; count: number };
}

/**
 * Compiles expressions over the columns of `input`. `over` nodes and aggregates are planned away before. Every part is
 * computed for every row: a strict cast in a branch of `when` fails also for rows that take another branch.
 */
export function createEvaluator(exprs: readonly ExprNode[], input: Schema): Evaluator {
  const at = columnsOf(exprs, input);
  return at ? { evaluate: (_, { columns }) => at.map((i) => columns[i]!) } : new Program(exprs, input, true);
}

/** The columns that the expressions are; null when one of them has to be computed. */
export function columnsOf(exprs: readonly ExprNode[], input: Schema): readonly number[] | null {
  const at = exprs.map((e) => (e.node === 'col' ? input.findIndex((f) => f.name === e.name) : -1));
  return at.includes(-1) ? null : at;
}

/** Compiles a predicate. Rows where it is null are not selected. */
export function createSelector(predicate: ExprNode, input: Schema): Selector {
  const program = new Program([predicate], input, false);
  return {
    select(ctx, batch) {
      const n = batch.length;
      if (n === 0) return { sel: 0, count: 0 };
      const bits = program.evaluate(ctx, batch)[0]!;
      const sel = ctx.scratch.alloc(n * 4 + 16);
      // A bitmap is zero under null, so it says by itself which rows are true.
      const count = ctx.kernels.get('core').selectBits(bits.data, n, 0, sel);
      ctx.heap.refresh();
      return { sel, count };
    },
  };
}
