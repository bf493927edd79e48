// Parts of a plan that several readers share and that are worth computing once. Rules do not push anything into them;
// what merely streams (scans, filters, projections) each reader may have its own copy of.
import { inputsOf, type PlanNode } from '../plan/nodes.ts';
import { expressionsOf, sharedNodes } from '../plan/walk.ts';
import { hasOver } from './expressions.ts';

const BLOCKING: ReadonlySet<PlanNode['node']> = new Set(['aggregate', 'join', 'sort', 'distinct', 'host']);
const NOTHING: ReadonlySet<PlanNode> = new Set();

/** Nodes with several readers that stand on something expensive. */
export function sharedWork(plan: PlanNode): ReadonlySet<PlanNode> {
  const shared = sharedNodes(plan);
  return shared.size === 0 ? NOTHING : new Set([...shared].filter(isExpensive));
}

function isExpensive(node: PlanNode): boolean {
  return BLOCKING.has(node.node) || expressionsOf(node).some(hasOver) || inputsOf(node).some(isExpensive);
}
