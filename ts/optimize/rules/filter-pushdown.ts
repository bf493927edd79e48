// Filters move towards the sources: past projections, sorts and unions, into the sides of joins and below the keys of
// groups; a scan is told the predicate so that it may skip data, and the filter stays above it.

import { allOf, hasOver, mayFail } from '../../expr/inspect.ts';
import { columnsOf, conjuncts, type ExprNode } from '../../expr/nodes.ts';
import { colNode, filterNode } from '../../plan/build.ts';
import { type FilterNode, type JoinNode, type PlanNode, withInputs } from '../../plan/nodes.ts';
import { transformPlan } from '../../plan/walk.ts';
import { isFloat } from '../../schema/types.ts';
import { substitute } from '../expressions.ts';
import { joinThrough, rightColumns } from '../join-columns.ts';
import type { Rule } from '../optimizer.ts';
import { sharedWork } from '../shared-work.ts';

export const filterPushdown: Rule = {
  name: 'filter-pushdown',
  needs: ['filter'],
  apply(plan) {
    const shared = sharedWork(plan);
    return transformPlan(plan, (node) => (node.node === 'filter' ? pushed(node, shared) : node));
  },
};

/** Where the parts of a predicate may go: into inputs of the node below, or nowhere. */
interface Split {
  /** For each input of the node below, what it is filtered by. */
  readonly below: readonly (readonly ExprNode[])[];
  readonly stay: readonly ExprNode[];
}

function pushed(filter: FilterNode, shared: ReadonlySet<PlanNode>): PlanNode {
  const { input, predicate } = filter;
  // Windows see all rows of their input: neither they nor what stands beside them may move.
  if (hasOver(predicate)) return filter;
  if (input.node === 'scan') return toldScan(filter, input);
  // Another reader wants the rows that this filter drops.
  if (shared.has(input)) return filter;
  if (input.node === 'filter') {
    const one = merged(filter, input);
    return one === null ? filter : pushed(one, shared);
  }
  const split = splitFor(input, conjuncts(predicate));
  if (split === null || split.below.every((parts) => parts.length === 0)) return filter;
  const inputs = inputsOfNode(input).map((below, i) => {
    const moved = allOf(split.below[i] ?? []);
    return moved === null ? below : pushed(filterNode(below, moved), shared);
  });
  const next = withInputs(input, inputs);
  const rest = allOf(split.stay);
  if (rest !== null) return Object.freeze({ ...filter, input: next, predicate: rest });
  return next;
}

const inputsOfNode = (node: PlanNode): readonly PlanNode[] =>
  node.node === 'join'
    ? [node.left, node.right]
    : node.node === 'union'
      ? node.inputs
      : 'input' in node
        ? [node.input]
        : [];

/** Two filters as one, unless the outer one may fail on rows that the inner one drops. */
function merged(outer: FilterNode, inner: FilterNode): FilterNode | null {
  if (mayFail(outer.predicate) || hasOver(inner.predicate)) return null;
  const predicate = allOf([...conjuncts(inner.predicate), ...conjuncts(outer.predicate)]) as ExprNode;
  return Object.freeze({ ...outer, input: inner.input, predicate });
}

function toldScan(filter: FilterNode, scan: Extract<PlanNode, { node: 'scan' }>): PlanNode {
  if (scan.predicate === filter.predicate || scan.limit !== null) return filter;
  return Object.freeze({ ...filter, input: Object.freeze({ ...scan, predicate: filter.predicate }) });
}

function splitFor(node: PlanNode, parts: readonly ExprNode[]): Split | null {
  switch (node.node) {
    case 'project': {
      if (node.exprs.some((e) => hasOver(e.expr))) return null;
      // Only what is a plain column below: a computed value would be computed twice.
      const plain = new Map(node.exprs.filter((e) => e.expr.node === 'col').map((e) => [e.name, e.expr]));
      return divided(parts, (part) => (readsOnly(part, plain) ? [substitute(part, plain)] : null), 1);
    }
    case 'sort':
      return node.limit === null && !node.keys.some((k) => hasOver(k.expr)) ? divided(parts, (p) => [p], 1) : null;
    case 'distinct': {
      const subset = new Map(node.subset.map((name) => [name, null]));
      return divided(parts, (p) => (readsOnly(p, subset) ? [p] : null), 1);
    }
    case 'aggregate': {
      const keys = new Map(node.keys.map((k) => [k.name, k.expr]));
      return divided(parts, (p) => (readsOnly(p, keys) ? [substitute(p, keys)] : null), 1);
    }
    case 'union':
      if (node.how === 'horizontal') return null;
      return divided(parts, (p) => node.inputs.map(() => p), node.inputs.length);
    case 'join':
      return divided(parts, (p) => joinSides(node, p), 2);
    default:
      return null;
  }
}

/** A literal predicate reads nothing and moves nowhere. */
function readsOnly(part: ExprNode, names: ReadonlyMap<string, unknown>): boolean {
  const columns = columnsOf(part);
  return columns.size > 0 && [...columns].every((name) => names.has(name));
}

/** `place` says what each input is filtered by for a part (null entries: nothing), or null when the part stays. */
function divided(
  parts: readonly ExprNode[],
  place: (part: ExprNode) => readonly (ExprNode | null)[] | null,
  inputs: number,
): Split {
  const below = Array.from({ length: inputs }, (): ExprNode[] => []);
  const stay: ExprNode[] = [];
  for (const part of parts) {
    const placed = place(part);
    if (placed === null) stay.push(part);
    else {
      placed.forEach((p, i) => {
        if (p !== null) (below[i] as ExprNode[]).push(p);
      });
    }
  }
  return { below, stay };
}

function joinSides(join: JoinNode, part: ExprNode): readonly (ExprNode | null)[] | null {
  if (mayFail(part)) return null;
  const through = joinThrough(join.how);
  // Of a right join the key columns hold the right side's keys, whatever their names.
  const leftNames = new Map(join.left.schema.map((f) => [f.name, colNode(f) as ExprNode]));
  const rightNames = rightColumns(join);
  const keys = new Map(join.leftOn.map((name, i) => [name, join.rightOn[i] as string]));
  const onKeys = readsOnly(part, keys);
  const asRight = (): ExprNode =>
    substitute(
      part,
      new Map(
        [...keys].map(([l, r]) => [l, colNode(join.right.schema.find((f) => f.name === r) as never) as ExprNode]),
      ),
    );
  if (onKeys && (through.left || through.right)) {
    // Equal keys pass or fail together: both sides may be filtered. Not floats, where −0 equals 0 and differs in 1 / x.
    const exact = join.leftOn.every((name) => !isFloat((leftNames.get(name) as ExprNode).type));
    if (exact) return [part, asRight()];
    return through.left ? [part, null] : [null, asRight()];
  }
  if (through.left && readsOnly(part, leftNames)) return [part, null];
  if (through.right && readsOnly(part, rightNames)) return [null, substitute(part, rightNames)];
  return null;
}
