// Groups that are made to be joined with few rows: only rows whose key is among those are grouped.
// Source: Mumick, Finkelstein, Pirahesh, Ramakrishnan, Magic is relevant, SIGMOD 1990.

import { hasOver } from '../../expr/inspect.ts';
import { colNode, joinNode, projectNode } from '../../plan/build.ts';
import type { AggregateNode, JoinNode, PlanNode } from '../../plan/nodes.ts';
import { expressionsOf, transformPlan } from '../../plan/walk.ts';
import { type Estimate, estimator } from '../estimate.ts';
import type { Rule } from '../optimizer.ts';
import { dependsOnRowOrder } from '../row-order.ts';
import { sharedWork } from '../shared-work.ts';

/** The rows that are joined with must be fewer than this share of the rows that are grouped. */
const MOST_SHARE = 0.5;
/** Fewer rows are grouped soon enough. */
const LEAST_ROWS = 100_000;

export const groupReduction: Rule = {
  name: 'group-reduction',
  needs: ['aggregate'],
  apply(plan) {
    const shared = sharedWork(plan);
    const estimate = estimator();
    return transformPlan(plan, (node) => {
      if (node.node !== 'join' || (node.how !== 'inner' && node.how !== 'semi' && node.how !== 'anti')) return node;
      const right = reduced(node, node.right, new Map(node.rightOn.map((name) => [name, name])), shared, estimate);
      return right === null ? node : Object.freeze({ ...node, right });
    });
  },
};

/** The right side with its groups made of fewer rows; `names` says what the join's right keys are called here. */
function reduced(
  join: JoinNode,
  node: PlanNode,
  names: ReadonlyMap<string, string>,
  shared: ReadonlySet<PlanNode>,
  estimate: (node: PlanNode) => Estimate,
): PlanNode | null {
  // Another reader wants all groups.
  if (shared.has(node)) return null;
  if (node.node === 'filter' || node.node === 'project') {
    // A window sees all groups.
    if (expressionsOf(node).some(hasOver)) return null;
    const below = node.node === 'filter' ? names : renamed(names, node.exprs);
    const input = reduced(join, node.input, below, shared, estimate);
    return input === null ? null : Object.freeze({ ...node, input });
  }
  if (node.node !== 'aggregate') return null;
  const found = [...renamed(names, node.keys)];
  // Two keys of the join may stand for one of the groups.
  const on = found.filter(([, name], i) => found.findIndex(([, other]) => other === name) === i);
  const rows = estimate(node.input).rows;
  if (on.length === 0 || rows < LEAST_ROWS || estimate(join.left).rows > rows * MOST_SHARE) return null;
  if (isReduced(node, join.left)) return null;
  const leftOn = on.map(([right]) => join.leftOn[join.rightOn.indexOf(right)] as string);
  const keys = projectNode(
    join.left,
    leftOn.map((name) => ({ name, expr: colNode(join.left.schema.find((f) => f.name === name) as never) })),
  );
  const input = joinNode(node.input, keys, {
    how: 'semi',
    leftOn: on.map(([, name]) => name),
    rightOn: leftOn,
    nullsEqual: join.nullsEqual,
    maintainOrder: dependsOnRowOrder(node),
  });
  return Object.freeze({ ...node, input });
}

/** Names one projection, or the keys of groups, further down; those that are computed are left out. */
function renamed(
  names: ReadonlyMap<string, string>,
  exprs: readonly { readonly name: string; readonly expr: { readonly node: string; readonly name?: string } }[],
): ReadonlyMap<string, string> {
  const plain = new Map(exprs.flatMap((e) => (e.expr.node === 'col' ? [[e.name, e.expr.name as string]] : [])));
  return new Map([...names].flatMap(([key, name]) => (plain.has(name) ? [[key, plain.get(name) as string]] : [])));
}

/** Whether the rows of the groups have been matched with that side before. */
function isReduced(groups: AggregateNode, side: PlanNode): boolean {
  let node: PlanNode = groups.input;
  for (;;) {
    if (node.node === 'join' && node.how === 'semi') {
      if (node.right.node === 'project' && node.right.input === side) return true;
      node = node.left;
    } else if (node.node === 'filter' || node.node === 'project') node = node.input;
    else return false;
  }
}
