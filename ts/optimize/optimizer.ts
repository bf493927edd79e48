// The optimizer: a list of rules in a fixed order, run over the plan until nothing changes, three times at most. After
// every rule the output columns must be what they were.
import { WarpError } from '../errors.ts';
import type { PlanNode } from '../plan/nodes.ts';
import { sameSchema, schemaText } from '../schema/schema.ts';

/** One rewrite of whole plans. It returns the plan itself when it changes nothing. */
export interface Rule {
  readonly name: string;
  /** Kinds of nodes without which the rule has nothing to do. */
  readonly needs: readonly PlanNode['node'][];
  apply(plan: PlanNode): PlanNode;
}

/** In this order. */
export const RULES: readonly Rule[] = Object.freeze([]);

const PASSES = 3;

/** The plan that gives the same rows, sooner. */
export function optimize(plan: PlanNode, rules: readonly Rule[] = RULES): PlanNode {
  let current = plan;
  for (let pass = 0; pass < PASSES; pass++) {
    const before = current;
    for (const rule of rules) current = applyRule(rule, current);
    if (current === before) break;
  }
  return current;
}

/** Applies one rule and checks that the columns stay. */
export function applyRule(rule: Rule, plan: PlanNode): PlanNode {
  const next = rule.apply(plan);
  if (next !== plan && !sameSchema(next.schema, plan.schema)) {
    throw new WarpError(
      'ERR_INTERNAL',
      `The optimizer rule ${rule.name} changed the columns from ${schemaText(plan.schema)} to ${schemaText(next.schema)}.`,
      { rule: rule.name },
    );
  }
  return next;
}
