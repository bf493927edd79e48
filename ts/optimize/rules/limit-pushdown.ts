// Slices move towards the sources: past projections, into a sort as its limit, into the inputs of a union; a scan is told
// to stop early.

import { hasOver } from '../../expr/inspect.ts';
import { sliceNode } from '../../plan/build.ts';
import type { PlanNode, SliceNode } from '../../plan/nodes.ts';
import { transformPlan } from '../../plan/walk.ts';
import type { Rule } from '../optimizer.ts';
import { sharedWork } from '../shared-work.ts';

export const limitPushdown: Rule = {
  name: 'limit-pushdown',
  needs: ['slice'],
  apply(plan) {
    const shared = sharedWork(plan);
    return transformPlan(plan, (node) => (node.node === 'slice' ? pushed(node, shared) : node));
  },
};

function pushed(slice: SliceNode, shared: ReadonlySet<PlanNode>): PlanNode {
  const { input, offset, length } = slice;
  if (offset === 0 && length === null) return input;
  if (shared.has(input)) return slice;
  if (input.node === 'project' && !input.exprs.some((e) => hasOver(e.expr))) {
    return Object.freeze({ ...input, input: pushed(sliceNode(input.input, offset, length), shared) });
  }
  // Further only from the start: what is counted from the end needs all rows.
  if (offset < 0 || length === null) return slice;
  const wanted = offset + length;
  switch (input.node) {
    case 'slice': {
      const one = merged(slice, input);
      return one === null ? slice : pushed(one, shared);
    }
    case 'sort': {
      const limit = input.limit === null ? wanted : Math.min(wanted, input.limit);
      const sort = limit === input.limit ? input : Object.freeze({ ...input, limit });
      return offset === 0 ? sort : withInput(slice, sort);
    }
    case 'scan': {
      if (input.predicate !== null || (input.limit !== null && input.limit <= wanted)) return slice;
      return withInput(slice, Object.freeze({ ...input, limit: wanted }));
    }
    case 'union': {
      if (input.how === 'horizontal' || input.inputs.every((i) => alreadyShort(i, wanted))) return slice;
      const inputs = input.inputs.map((i) => (alreadyShort(i, wanted) ? i : pushed(sliceNode(i, 0, wanted), shared)));
      return withInput(slice, Object.freeze({ ...input, inputs: Object.freeze(inputs) }));
    }
    default:
      return slice;
  }
}

const withInput = (slice: SliceNode, input: PlanNode): PlanNode =>
  slice.input === input ? slice : Object.freeze({ ...slice, input });

/** A slice of a slice that counts from the start. */
function merged(outer: SliceNode, inner: SliceNode): SliceNode | null {
  if (inner.offset < 0 || outer.length === null) return null;
  const left = inner.length === null ? outer.length : Math.max(0, Math.min(outer.length, inner.length - outer.offset));
  return sliceNode(inner.input, inner.offset + outer.offset, left);
}

/** Whether an input ends by then anyway, looking past what keeps the number of rows. */
function alreadyShort(node: PlanNode, rows: number): boolean {
  if (node.node === 'slice') return node.offset >= 0 && node.length !== null && node.length <= rows;
  if (node.node === 'sort') return (node.limit !== null && node.limit <= rows) || alreadyShort(node.input, rows);
  if (node.node === 'table') return node.rows <= rows;
  return node.node === 'project' ? alreadyShort(node.input, rows) : false;
}
