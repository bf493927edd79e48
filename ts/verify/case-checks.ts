// Functions over rows: each case as a plan of one projection, on both engines over the same rows.
import type { RecordBatch } from '../backend/arrow.ts';
import type { Backend } from '../backend/backend.ts';
import { exprText } from '../expr/text.ts';
import { named, tableNode } from '../plan/build.ts';
import type { PlanNode } from '../plan/nodes.ts';
import { isFloat, type LogicalType } from '../schema/types.ts';
import { expressionCases } from './cases/expression-cases.ts';
import type { ExpressionCase } from './cases/expression-columns.ts';
import { type Check, failed, notRun, type Outcome, PASSED, type VerifySettings } from './check.ts';
import { batchOf } from './column-of.ts';
import { differenceOf, type Tolerance, type Values, valuesOfBatch } from './compare.ts';
import { openedCpu, openedCuda, RUN } from './opened.ts';

/** A case's own tolerance, and where it has none what random trees of mathematics need. */
function toleranceOf({ relative }: ExpressionCase, type: LogicalType): Tolerance {
  if (!isFloat(type)) return { relative: 0, absolute: 0 };
  const least = type.dtype === 'Float32' ? 1e-6 : 1e-12;
  return { relative: Math.max(relative ?? 0, least), absolute: Number.MIN_VALUE };
}

function planOf(tableId: number, { expr }: ExpressionCase, batch: RecordBatch): PlanNode {
  return Object.freeze({
    node: 'project',
    input: tableNode(tableId, batch.length, batch.schema),
    exprs: [named('r', expr)],
    schema: [{ name: 'r', type: expr.type, nullable: true }],
  }) as PlanNode;
}

type Ran =
  | { readonly kind: 'rows'; readonly rows: Values }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: string };

async function runOn(backend: Backend, test: ExpressionCase, batch: RecordBatch): Promise<Ran> {
  const table = await backend.upload([batch], batch.schema, RUN);
  try {
    const plan = planOf(table.id, test, batch);
    const reason = backend.whyNot(plan);
    if (reason !== null) return { kind: 'refused', reason };
    const result = await backend.execute(plan, RUN);
    try {
      await result.prefetch(undefined, RUN);
      return { kind: 'rows', rows: valuesOfBatch(result.toHost()) };
    } finally {
      backend.release(result);
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    return { kind: 'error', code, message };
  } finally {
    backend.release(table);
  }
}

async function runCase(test: ExpressionCase, cpu: Backend, cuda: Backend): Promise<Outcome> {
  const batch = batchOf(test.columns);
  const got = await runOn(cuda, test, batch);
  if (got.kind === 'refused') return notRun(got.reason);
  const wanted = await runOn(cpu, test, batch);
  if (wanted.kind === 'refused') return failed(`the CPU engine refused: ${wanted.reason}`);
  if (wanted.kind === 'error')
    return got.kind === 'error' && got.code === wanted.code
      ? PASSED
      : failed(`expected ${wanted.code}, got ${got.kind === 'error' ? `${got.code}: ${got.message}` : 'rows'}`);
  if (got.kind === 'error') return failed(`${got.code}: ${got.message}`);
  const different = differenceOf(got.rows, wanted.rows, { tolerance: toleranceOf(test, test.expr.type) });
  if (different === null) return PASSED;
  const row = Number(/^row (\d+)/.exec(different)?.[1] ?? -1);
  const inputs = Object.entries(test.columns).map(([name, c]) => `${name} = ${String(c.values[row])}`);
  return failed(`${exprText(test.expr).slice(0, 200)}: ${different}${row < 0 ? '' : ` (${inputs.join(', ')})`}`);
}

/** The area of a function, for the report. */
function groupOf({ name, expr }: ExpressionCase): string {
  if (name.startsWith('random tree')) return 'random expressions';
  if (expr.node === 'cast') return 'casts';
  if (expr.node !== 'call') return 'conditions';
  const first = expr.args[0]?.type.dtype;
  if (first === 'Utf8' || first === 'List') return 'texts';
  if (first === 'Date32' || first === 'Datetime' || first === 'Time' || first === 'Duration') return 'dates and times';
  return expr.type.dtype === 'Bool' ? 'comparisons and logic' : 'numbers';
}

export async function* caseChecks({ every, trees }: VerifySettings): AsyncGenerator<Check> {
  const opened = await openedCuda();
  if (!('cuda' in opened)) {
    yield { group: 'functions over rows', name: 'all', run: () => notRun(opened.reason) };
    return;
  }
  const cpu = await openedCpu();
  let i = 0;
  for (const test of expressionCases(trees)) {
    if (i++ % every !== 0) continue;
    yield { group: groupOf(test), name: test.name, run: () => runCase(test, cpu, opened.cuda) };
  }
}
