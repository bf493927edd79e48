// A filter above a join whose branches (`or`) each say something about one side lets that side be thinned out first:
// `(l.a and r.b) or (l.c and r.d)` implies `l.a or l.c`. The filter itself stays. Done once: a second time would add
// the same filters again.

import { allOf, anyOf, hasOver, mayFail } from '../../expr/inspect.ts';
import { branches, columnsOf, conjuncts, type ExprNode } from '../../expr/nodes.ts';
import { colNode, filterNode } from '../../plan/build.ts';
import type { FilterNode, JoinNode, PlanNode } from '../../plan/nodes.ts';
import { transformPlan } from '../../plan/walk.ts';
import { substitute } from '../expressions.ts';
import { joinThrough, rightColumns } from '../join-columns.ts';
import type { Rule } from '../optimizer.ts';
import { sharedWork } from '../shared-work.ts';

export const impliedFilters: Rule = {
  name: 'implied-filters',
  needs: ['join'],
  once: true,
  apply(plan) {
    const shared = sharedWork(plan);
    return transformPlan(plan, (node) => {
      if (node.node !== 'filter' || node.input.node !== 'join' || shared.has(node.input)) return node;
      return thinned(node, node.input);
    });
  },
};

function thinned(filter: FilterNode, join: JoinNode): PlanNode {
  if (hasOver(filter.predicate)) return filter;
  const through = joinThrough(join.how);
  // A key column of a right join holds the other side's key: leave those alone.
  const left = new Map(join.left.schema.map((f) => [f.name, colNode(f) as ExprNode]));
  const right = rightColumns(join);
  const ors = conjuncts(filter.predicate).filter((part) => branches(part).length > 1);
  const onLeft = through.left ? ors.flatMap((part) => impliedOn(part, left)) : [];
  const onRight = through.right ? ors.flatMap((part) => impliedOn(part, right)) : [];
  const [l, r] = [allOf(onLeft), allOf(onRight)];
  if (l === null && r === null) return filter;
  const input = Object.freeze({
    ...join,
    left: l === null ? join.left : filterNode(join.left, l),
    right: r === null ? join.right : filterNode(join.right, r),
  });
  return Object.freeze({ ...filter, input });
}

/** What a disjunction says about one side alone: nothing unless it spans both and each branch says something. */
function impliedOn(part: ExprNode, side: ReadonlyMap<string, ExprNode>): ExprNode[] {
  const reads = (e: ExprNode): boolean => {
    const columns = [...columnsOf(e)];
    return columns.length > 0 && columns.every((name) => side.has(name));
  };
  if (reads(part)) return [];
  const said = branches(part).map((branch) => allOf(conjuncts(branch).filter((c) => reads(c) && !mayFail(c))));
  const all = said.filter((s) => s !== null);
  return all.length === said.length ? [substitute(anyOf(all) as ExprNode, side)] : [];
}
