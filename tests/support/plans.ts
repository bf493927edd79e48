// Plans for tests that run nothing: scans of files that do not exist.
import { expect } from 'vitest';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import { applyRule, type Rule } from '../../ts/optimize/optimizer.ts';
import { checkPlan } from '../../ts/plan/check.ts';
import { explainPlan } from '../../ts/plan/explain.ts';
import type { PlanNode, ScanNode } from '../../ts/plan/nodes.ts';
import { type SchemaOf, type SchemaSpec, schemaFromSpec } from '../../ts/schema/dtypes.ts';

/** A frame over a Parquet file of that many rows. */
export function scanOf<const S extends SchemaSpec>(name: string, spec: S, rows = 1000): DataFrame<SchemaOf<S>> {
  const schema = schemaFromSpec(spec);
  const scan: ScanNode = Object.freeze({
    node: 'scan',
    format: 'parquet',
    files: Object.freeze([
      { source: { kind: 'file', path: `/data/${name}.parquet`, sizeBytes: rows * 20, modifiedMs: 0 }, rows } as const,
    ]),
    fileSchema: schema,
    schema,
    options: Object.freeze({}),
    predicate: null,
    limit: null,
  });
  return new DataFrame(scan);
}

export const planOf = (frame: DataFrame<any>): PlanNode => DataFrame.planOf(frame);

/** The plan's text after one rule; the plan must be valid before and after, and twice must be as good as once. */
export function ruleText(rule: Rule, frame: DataFrame<any>): string {
  const before = planOf(frame);
  checkPlan(before);
  const after = applyRule(rule, before);
  checkPlan(after);
  const text = explainPlan(after);
  const again = applyRule(rule, after);
  checkPlan(again);
  expect(explainPlan(again)).toBe(text);
  return text;
}

/** Lines of a template without their common indent. */
export function text(strings: TemplateStringsArray, ...values: unknown[]): string {
  const raw = strings.reduce((all, part, i) => all + String(values[i - 1]) + part);
  const lines = raw
    .replace(/^\n/, '')
    .replace(/\n\s*$/, '')
    .split('\n');
  const indent = Math.min(...lines.filter((l) => l.trim() !== '').map((l) => /^ */.exec(l)?.[0].length ?? 0));
  return lines.map((l) => l.slice(indent)).join('\n');
}
