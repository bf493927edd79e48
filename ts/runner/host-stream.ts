// Host functions whose results flow on: where only projections, filters and a head stand above one, its batches pass
// through them as they come, and neither its input nor its output is ever held whole.
import type { RecordBatch } from '../backend/arrow.ts';
import { childrenOf, type ExprNode } from '../expr/nodes.ts';
import { sliceNode } from '../plan/build.ts';
import { type HostNode, type PlanNode, withInputs } from '../plan/nodes.ts';

/** A host node and what stands above it, from the node up to the root. */
export interface HostChain {
  readonly host: HostNode;
  readonly above: readonly PlanNode[];
  /** Rows that a head lets through; null without one. */
  readonly limit: number | null;
}

const hasWindow = (e: ExprNode): boolean => e.node === 'over' || childrenOf(e).some(hasWindow);

/** The chain of a plan that flows; null of any other. */
export function hostChain(plan: PlanNode): HostChain | null {
  const above: PlanNode[] = [];
  let limit: number | null = null;
  let filtered = false;
  for (let node = plan; ; node = node.input) {
    if (node.node === 'host') return { host: node, above: above.reverse(), limit };
    if (node.node === 'project') {
      if (node.exprs.some((e) => hasWindow(e.expr))) return null;
    } else if (node.node === 'filter') {
      if (hasWindow(node.predicate)) return null;
      filtered = true;
    } else if (node.node === 'slice') {
      // Rows that come out must say how many were let through.
      if (node.offset !== 0 || node.length === null || filtered || limit !== null) return null;
      limit = node.length;
    } else return null;
    above.push(node);
  }
}

/** The plan of the chain over one batch, of which at most `left` rows are wanted. */
export function planOverBatch(chain: HostChain, table: PlanNode, left: number | null): PlanNode {
  return chain.above.reduce(
    (input, node) => (node.node === 'slice' ? sliceNode(input, 0, left) : withInputs(node, [input])),
    table,
  );
}

/**
 * Passes batches through the chain. `over` runs a plan over one batch; it is asked only where something stands above the
 * host node.
 */
export async function* flow(
  chain: HostChain,
  batches: AsyncIterable<RecordBatch>,
  fn: (batch: RecordBatch) => RecordBatch | Promise<RecordBatch>,
  over: (batch: RecordBatch, plan: (table: PlanNode) => PlanNode) => Promise<RecordBatch>,
): AsyncIterable<RecordBatch> {
  let left = chain.limit;
  if (left === 0) return;
  for await (const batch of batches) {
    const made = await fn(batch);
    const limit = left;
    const out = chain.above.length === 0 ? made : await over(made, (table) => planOverBatch(chain, table, limit));
    if (left !== null) left -= out.length;
    if (out.length > 0) yield out;
    if (left === 0) return;
  }
}
