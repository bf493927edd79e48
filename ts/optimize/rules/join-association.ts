// a ⋈ b ⋈ c, where c is joined by columns of b and drops most of its rows, is a ⋈ (b ⋈ c): few rows of b are left for
// the rows of a to meet, and a scan of a may know their keys.
import { joinNode } from '../../plan/build.ts';
import type { JoinNode, PlanNode } from '../../plan/nodes.ts';
import { transformPlan } from '../../plan/walk.ts';
import { sameSchema } from '../../schema/schema.ts';
import { type Estimate, estimator } from '../estimate.ts';
import { rightColumns } from '../join-columns.ts';
import type { Rule } from '../optimizer.ts';
import { sharedWork } from '../shared-work.ts';

/** The share of rows that the last join must seem to keep at most: estimates are rough, and the order given may be meant. */
const MOST_KEPT = 0.5;

export const joinAssociation: Rule = {
  name: 'join-association',
  needs: ['join'],
  apply(plan) {
    const shared = sharedWork(plan);
    const estimate = estimator();
    return transformPlan(plan, (node) => (isInner(node) ? associated(node, shared, estimate) : node));
  },
};

/** Inner joins whose rows may come in any order. */
const isInner = (node: PlanNode): node is JoinNode =>
  node.node === 'join' && node.how === 'inner' && !node.maintainOrder;

function associated(join: JoinNode, shared: ReadonlySet<PlanNode>, estimate: (node: PlanNode) => Estimate): PlanNode {
  const { left, right } = join;
  if (!isInner(left) || shared.has(left)) return join;
  const columns = rightColumns(left);
  const on = join.leftOn.map((name) => columns.get(name));
  if (on.some((e) => e === undefined)) return join;
  const kept = estimate(right);
  if (kept.rows > kept.base * MOST_KEPT || estimate(left.right).rows >= estimate(left.left).rows) return join;
  const leftOn = on.map((e) => (e?.node === 'col' ? e.name : ''));
  const inner = joinNode(left.right, right, { ...join, leftOn, rightOn: join.rightOn });
  const outer = joinNode(left.left, inner, { ...left, leftOn: left.leftOn, rightOn: left.rightOn });
  // Columns that share a name are told apart by suffixes, which depend on the order.
  return sameSchema(outer.schema, join.schema) ? outer : join;
}
