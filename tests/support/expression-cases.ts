// Expressions with what the CPU engine makes of them: lines of JSON for the native program that runs them over the host
// libcudf (native/tests/expressions).
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import type { LiteralValue } from '../../ts/expr/nodes.ts';
import { exprToJson } from '../../ts/plan/serialize.ts';
import { expressionCases } from '../../ts/verify/cases/expression-cases.ts';
import type { ExpressionCase } from '../../ts/verify/cases/expression-columns.ts';
import { testContext } from './engine.ts';
import { evaluate, lit } from './nodes.ts';

/** A case as one line: with what the CPU engine gives, or its error. */
export function caseLine(ctx: ExecContext, test: ExpressionCase): string {
  const columns = Object.entries(test.columns).map(([name, c]) => ({
    name,
    values: exprToJson(lit(c.values as LiteralValue[], c.type)),
  }));
  const base = { name: test.name, columns, expr: exprToJson(test.expr), relative: test.relative ?? 0 };
  if (test.refused) return JSON.stringify({ ...base, refused: true });
  try {
    const values = evaluate(ctx, test.expr, test.columns);
    const type = test.expr.type.dtype === 'List' ? test.expr.type.inner.type : test.expr.type;
    const expected = exprToJson(lit(values as LiteralValue[], type));
    return JSON.stringify({ ...base, expected });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw new Error(`case ${test.name}`, { cause: error });
    return JSON.stringify({ ...base, error: { code } });
  } finally {
    ctx.scratch.reset();
  }
}

export function* caseLines(trees?: number): Generator<string> {
  const ctx = testContext();
  for (const test of expressionCases(trees)) yield caseLine(ctx, test);
}
