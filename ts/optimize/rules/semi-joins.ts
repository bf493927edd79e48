// Semi and anti joins are filters: they move towards the sources, past projections, sorts and groups by their keys and
// into the sides of other joins; and among joins on columns of one frame what drops most rows comes first.

import { hasOver } from '../../expr/inspect.ts';
import { joinNode } from '../../plan/build.ts';
import type { JoinNode, PlanNode } from '../../plan/nodes.ts';
import { transformPlan, walkPlan } from '../../plan/walk.ts';
import { type Estimate, estimator } from '../estimate.ts';
import { rightColumns } from '../join-columns.ts';
import type { Rule } from '../optimizer.ts';
import { dependsOnRowOrder } from '../row-order.ts';
import { sharedWork } from '../shared-work.ts';

export const semiJoins: Rule = {
  name: 'semi-joins',
  needs: ['join'],
  apply(plan) {
    const shared = sharedWork(plan);
    const estimate = estimator();
    const moved = transformPlan(plan, (node) => (isFiltering(node) ? pushed(node, shared) : node));
    return inOrder(moved, sharedWork(moved), estimate);
  },
};

const isFiltering = (node: PlanNode): node is JoinNode =>
  node.node === 'join' && (node.how === 'semi' || node.how === 'anti');

/** The join one step or more further down, by other names where a projection renames. */
function pushed(join: JoinNode, shared: ReadonlySet<PlanNode>): PlanNode {
  const { left } = join;
  // Another reader wants the rows that this join drops.
  if (shared.has(left)) return join;
  switch (left.node) {
    case 'project': {
      if (left.exprs.some((e) => hasOver(e.expr))) return join;
      return below(join, left, new Map(left.exprs.map((e) => [e.name, e.expr.node === 'col' ? e.expr.name : null])));
    }
    case 'aggregate':
      return below(join, left, new Map(left.keys.map((k) => [k.name, k.expr.node === 'col' ? k.expr.name : null])));
    case 'sort': {
      if (left.limit !== null || left.keys.some((k) => hasOver(k.expr))) return join;
      return below(join, left, new Map(left.schema.map((f) => [f.name, f.name])));
    }
    case 'join': {
      if (left.how !== 'inner') return join;
      const right = new Map([...rightColumns(left)].map(([name, e]) => [name, e.node === 'col' ? e.name : null]));
      const on = namesBelow(join, right);
      return on === null ? join : Object.freeze({ ...left, right: pushed(over(join, left.right, on), shared) });
    }
    default:
      return join;
  }

  function below(
    of: JoinNode,
    node: Extract<PlanNode, { input: PlanNode }>,
    names: ReadonlyMap<string, string | null>,
  ): PlanNode {
    const on = namesBelow(of, names);
    if (on === null) return of;
    const moved = over(of, node.input, on);
    // The groups are of rows in an order that the join need not keep by itself.
    const ordered = node.node === 'aggregate' && dependsOnRowOrder(node);
    const join = ordered ? Object.freeze({ ...moved, maintainOrder: true }) : moved;
    return Object.freeze({ ...node, input: pushed(join, shared) });
  }
}

/** What the left keys are called below, or null where one is not a plain column there. */
function namesBelow(join: JoinNode, names: ReadonlyMap<string, string | null>): readonly string[] | null {
  const on = join.leftOn.map((name) => names.get(name) ?? null);
  return on.every((name) => name !== null) && new Set(on).size === on.length ? on : null;
}

/** The same join of another left side. */
const over = (join: JoinNode, left: PlanNode, leftOn: readonly string[] = join.leftOn): JoinNode =>
  left === join.left && leftOn === join.leftOn
    ? join
    : joinNode(left, join.right, { ...join, leftOn, rightOn: join.rightOn });

/** Puts the joins of every chain over one frame in the order of what they drop. */
function inOrder(plan: PlanNode, shared: ReadonlySet<PlanNode>, estimate: (node: PlanNode) => Estimate): PlanNode {
  const inChain = new Set<PlanNode>();
  walkPlan(plan, (node) => {
    if (node.node === 'join' && isLink(node.left, shared)) inChain.add(node.left);
  });
  return transformPlan(plan, (node) => {
    // A chain is put in order from its top.
    if (node.node !== 'join' || inChain.has(node)) return node;
    const links: JoinNode[] = [];
    let base: PlanNode = node;
    while (isLink(base, base === node ? NONE : shared)) {
      links.unshift(base);
      base = base.left;
    }
    return links.length < 2 ? node : rebuilt(base, links, estimate);
  });
}

const NONE: ReadonlySet<PlanNode> = new Set();

/** Joins that keep, or only drop, rows of the left side and may change places. */
const isLink = (node: PlanNode, shared: ReadonlySet<PlanNode>): node is JoinNode =>
  node.node === 'join' && (node.how === 'inner' || isFiltering(node)) && !shared.has(node);

function rebuilt(base: PlanNode, links: readonly JoinNode[], estimate: (node: PlanNode) => Estimate): PlanNode {
  const costs = new Map(links.map((link) => [link, rank(link, estimate)]));
  const left = [...links];
  let current = base;
  while (left.length > 0) {
    const names = new Set(current.schema.map((f) => f.name));
    // Inner joins stay in their order: it is that of the columns.
    const inner = left.find((link) => link.how === 'inner');
    const ready = left.filter(
      (link) => (link === inner || link.how !== 'inner') && link.leftOn.every((name) => names.has(name)),
    );
    const next = ready.reduce((best, link) =>
      (costs.get(link) as number) < (costs.get(best) as number) ? link : best,
    );
    left.splice(left.indexOf(next), 1);
    current = over(next, current);
  }
  return current;
}

/** The share of rows that stay, and after all of those what needs groups first: fewer rows may make fewer groups. */
function rank(link: JoinNode, estimate: (node: PlanNode) => Estimate): number {
  const { rows, base } = estimate(link.right);
  let grouped = 0;
  walkPlan(link.right, (node) => {
    if (node.node === 'aggregate' && node.keys.length > 0) grouped = 2;
  });
  const share = link.how === 'anti' ? 0.5 : base === 0 ? 1 : Math.min(1, rows / base);
  return grouped + share;
}
