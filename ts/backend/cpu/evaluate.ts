// Row expressions over batches: a list of bound expressions is compiled once to steps, each step is one fused wasm
// module or one kernel of a function, and a batch runs through them.
import { UnsupportedError } from '../../errors.ts';
import type { ExprNode } from '../../expr/nodes.ts';
import type { Schema } from '../../schema/types.ts';
import type { ExecContext } from './context.ts';
import type { Batch, Vector } from './vector.ts';

/** Computes a list of expressions for one batch after another. */
export interface Evaluator {
  /** One vector per expression, in `ctx.scratch` or sharing the batch's buffers. */
  evaluate(ctx: ExecContext, batch: Batch): Vector[];
}

/** Finds the rows for which a predicate is true. */
export interface Selector {
  /**
   * `count` row numbers (u32, ascending) at `sel` in scratch, with room for one 16-byte store behind them. When every
   * row is selected `count` is the batch's length and `sel` is not specified.
   */
  select(ctx: ExecContext, batch: Batch): { sel: number; count: number };
}

/** Compiles expressions over the columns of `input`. `over` nodes and aggregates are planned away before. */
export function createEvaluator(exprs: readonly ExprNode[], input: Schema): Evaluator {
  throw new UnsupportedError(`The CPU engine does not evaluate ${exprs.length} expressions of ${input.length} columns`);
}

/** Compiles a predicate. Rows where it is null are not selected. */
export function createSelector(predicate: ExprNode, input: Schema): Selector {
  throw new UnsupportedError(`The CPU engine does not evaluate ${predicate.node} over ${input.length} columns`);
}
