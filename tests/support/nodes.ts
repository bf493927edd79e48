// Expressions over columns of JavaScript values, evaluated by the CPU engine's parts.
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { createEvaluator, createSelector } from '../../ts/backend/cpu/evaluate.ts';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { type Columns, schemaOf } from '../../ts/verify/cases/nodes.ts';
import { queueForDevice } from './device-cases.ts';
import { valuesOf, vectorOf } from './engine.ts';

export {
  type Columns,
  call,
  cast,
  col,
  datetimeType,
  decimalType,
  durationType,
  lit,
  schemaOf,
  T,
  when,
} from '../../ts/verify/cases/nodes.ts';

/** The values of expressions over columns, one list per expression. */
export function evaluateAll(ctx: ExecContext, exprs: readonly ExprNode[], columns: Columns): unknown[][] {
  const vectors = Object.values(columns).map((c) => vectorOf(ctx, c.type, c.values));
  const values = evaluateVectors(ctx, exprs, schemaOf(columns), vectors).map((v) => valuesOf(ctx, v));
  queueForDevice(ctx, exprs, schemaOf(columns), vectors, values);
  return values;
}

export function evaluateVectors(
  ctx: ExecContext,
  exprs: readonly ExprNode[],
  schema: Schema,
  vectors: readonly Vector[],
): Vector[] {
  const length = vectors[0]?.length ?? 0;
  return createEvaluator(exprs, schema).evaluate(ctx, { length, columns: vectors, ordinal: 0 });
}

export const evaluate = (ctx: ExecContext, expr: ExprNode, columns: Columns): unknown[] =>
  evaluateAll(ctx, [expr], columns)[0]!;

/** Row numbers for which a predicate is true. */
export function select(ctx: ExecContext, predicate: ExprNode, columns: Columns): number[] {
  const vectors = Object.values(columns).map((c) => vectorOf(ctx, c.type, c.values));
  const length = vectors[0]?.length ?? 0;
  const { sel, count } = createSelector(predicate, schemaOf(columns)).select(ctx, {
    length,
    columns: vectors,
    ordinal: 0,
  });
  if (count === length) return Array.from({ length }, (_, i) => i);
  return Array.from(ctx.heap.refresh().u32.subarray(sel >>> 2, (sel >>> 2) + count));
}
