// The optimizer: a list of rules in a fixed order, run over the plan until nothing changes, three times at most. After
// every rule the output columns must be what they were.
import { WarpError } from '../errors.ts';
import type { PlanNode } from '../plan/nodes.ts';
import { walkPlan } from '../plan/walk.ts';
import { sameSchema, schemaText } from '../schema/schema.ts';
import { commonSubexpressions } from './rules/common-subexpressions.ts';
import { constantFolding } from './rules/constant-folding.ts';
import { filterPushdown } from './rules/filter-pushdown.ts';
import { groupReduction } from './rules/group-reduction.ts';
import { impliedFilters } from './rules/implied-filters.ts';
import { joinAssociation } from './rules/join-association.ts';
import { joinSide } from './rules/join-side.ts';
import { limitPushdown } from './rules/limit-pushdown.ts';
import { projectionMerging } from './rules/projection-merging.ts';
import { projectionPushdown } from './rules/projection-pushdown.ts';
import { semiJoins } from './rules/semi-joins.ts';

/** One rewrite of whole plans. It returns the plan itself when it changes nothing. */
export interface Rule {
  readonly name: string;
  /** Kinds of nodes of which one must be there for the rule to do anything. */
  readonly needs: readonly PlanNode['node'][];
  /** Run in the first pass only: a second run would do the same again. */
  readonly once?: boolean;
  apply(plan: PlanNode): PlanNode;
}

/** In this order. */
export const RULES: readonly Rule[] = Object.freeze([
  constantFolding,
  impliedFilters,
  filterPushdown,
  joinAssociation,
  semiJoins,
  groupReduction,
  limitPushdown,
  projectionMerging,
  projectionPushdown,
  commonSubexpressions,
  joinSide,
]);

const PASSES = 3;

/** The plan that gives the same rows, sooner. */
export function optimize(plan: PlanNode, rules: readonly Rule[] = RULES): PlanNode {
  let current = plan;
  for (let pass = 0; pass < PASSES; pass++) {
    const before = current;
    const kinds = kindsOf(current);
    for (const rule of rules) {
      if ((pass === 0 || !rule.once) && rule.needs.some((kind) => kinds.has(kind))) current = applyRule(rule, current);
    }
    if (current === before) break;
  }
  return current;
}

function kindsOf(plan: PlanNode): ReadonlySet<PlanNode['node']> {
  const kinds = new Set<PlanNode['node']>();
  walkPlan(plan, (node) => kinds.add(node.node));
  return kinds;
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
