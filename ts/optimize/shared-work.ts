// Parts of a plan that several readers share and that are worth computing once. Rules do not push anything into them;
// what merely streams (scans, filters, projections) each reader may have its own copy of, unless few rows of a file are
// left: keeping those costs less than reading the file again.

import { hasOver } from '../expr/inspect.ts';
import { inputsOf, type PlanNode, withInputs } from '../plan/nodes.ts';
import { expressionsOf, sharedNodes } from '../plan/walk.ts';
import { estimatePlan } from './estimate.ts';

const BLOCKING: ReadonlySet<PlanNode['node']> = new Set(['aggregate', 'join', 'sort', 'distinct', 'host']);
const NOTHING: ReadonlySet<PlanNode> = new Set();

/** Nodes with several readers that stand on something expensive. */
export function sharedWork(plan: PlanNode): ReadonlySet<PlanNode> {
  const shared = sharedNodes(plan);
  return shared.size === 0 ? NOTHING : new Set([...shared].filter(isExpensive));
}

function isExpensive(node: PlanNode): boolean {
  return (
    BLOCKING.has(node.node) || expressionsOf(node).some(hasOver) || leavesFew(node) || inputsOf(node).some(isExpensive)
  );
}

/** Of what a filter seems to leave at most, for its rows to be kept: a share of the file's, and bytes. */
const MOST_KEPT = 0.3;
const MOST_KEPT_BYTES = 32 << 20;

/** Whether a node is a filter that leaves few rows of a file. */
function leavesFew(node: PlanNode): boolean {
  if (node.node !== 'filter') return false;
  let input = node.input;
  while (input.node === 'filter' || input.node === 'project') input = input.input;
  if (input.node !== 'scan') return false;
  const { rows, base, bytes } = estimatePlan(node);
  return rows <= base * MOST_KEPT && bytes <= MOST_KEPT_BYTES;
}

/** The plan with a copy of its streaming parts for every reader; the plan itself when none is shared. */
export function unshared(plan: PlanNode): PlanNode {
  const shared = sharedNodes(plan);
  if (shared.size === 0) return plan;
  const streaming = new Set([...shared].filter((node) => !isExpensive(node)));
  if (streaming.size === 0) return plan;
  const done = new Map<PlanNode, PlanNode>();
  const copy = (node: PlanNode): PlanNode => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const next = withInputs(node, inputsOf(node).map(copy));
    if (!isStreaming(node, streaming)) {
      done.set(node, next);
      return next;
    }
    return next === node ? Object.freeze({ ...node }) : next;
  };
  return copy(plan);
}

/** Whether the node, or something it streams from, is to be copied. */
const isStreaming = (node: PlanNode, streaming: ReadonlySet<PlanNode>): boolean =>
  streaming.has(node) || (!isExpensive(node) && inputsOf(node).some((i) => isStreaming(i, streaming)));
