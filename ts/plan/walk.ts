// Walking plans: inputs first, then the node. Shared parts of a plan are met once.
import type { ExprNode } from '../expr/nodes.ts';
import { inputsOf, type PlanNode, withInputs } from './nodes.ts';

/** Calls `visit` on every distinct node, inputs before the nodes that read them. */
export function walkPlan(plan: PlanNode, visit: (node: PlanNode) => void): void {
  const seen = new Set<PlanNode>();
  const go = (node: PlanNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const input of inputsOf(node)) go(input);
    visit(node);
  };
  go(plan);
}

/** Rewrites bottom-up; a node reached twice is rewritten once, so sharing survives. */
export function transformPlan(plan: PlanNode, rewrite: (node: PlanNode) => PlanNode): PlanNode {
  const done = new Map<PlanNode, PlanNode>();
  const go = (node: PlanNode): PlanNode => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const result = rewrite(withInputs(node, inputsOf(node).map(go)));
    done.set(node, result);
    return result;
  };
  return go(plan);
}

/** The expressions that stand in a node. */
export function expressionsOf(node: PlanNode): readonly ExprNode[] {
  switch (node.node) {
    case 'project':
      return node.exprs.map((e) => e.expr);
    case 'filter':
      return [node.predicate];
    case 'aggregate':
      return [...node.keys, ...node.aggs].map((e) => e.expr);
    case 'sort':
      return node.keys.map((k) => k.expr);
    case 'scan':
      return node.predicate === null ? [] : [node.predicate];
    default:
      return [];
  }
}

/** The same node with every expression rewritten; the node itself when none changed. */
export function mapExpressions(node: PlanNode, rewrite: (expr: ExprNode) => ExprNode): PlanNode {
  switch (node.node) {
    case 'project':
      return mapNamed(node, 'exprs', rewrite);
    case 'aggregate':
      return mapNamed(mapNamed(node, 'keys', rewrite), 'aggs', rewrite);
    case 'filter': {
      const predicate = rewrite(node.predicate);
      return predicate === node.predicate ? node : Object.freeze({ ...node, predicate });
    }
    case 'sort': {
      const keys = node.keys.map((k) => {
        const expr = rewrite(k.expr);
        return expr === k.expr ? k : Object.freeze({ ...k, expr });
      });
      return keys.every((k, i) => k === node.keys[i]) ? node : Object.freeze({ ...node, keys: Object.freeze(keys) });
    }
    default:
      return node;
  }
}

function mapNamed<N extends PlanNode, K extends 'exprs' | 'keys' | 'aggs'>(
  node: N & { readonly [P in K]: readonly { readonly name: string; readonly expr: ExprNode }[] },
  part: K,
  rewrite: (expr: ExprNode) => ExprNode,
): N {
  const old = node[part];
  const next = old.map((e) => {
    const expr = rewrite(e.expr);
    return expr === e.expr ? e : Object.freeze({ name: e.name, expr });
  });
  return next.every((e, i) => e === old[i]) ? node : Object.freeze({ ...node, [part]: Object.freeze(next) });
}

/** Nodes that more than one node reads. */
export function sharedNodes(plan: PlanNode): ReadonlySet<PlanNode> {
  const readers = new Map<PlanNode, number>();
  walkPlan(plan, (node) => {
    for (const input of inputsOf(node)) readers.set(input, (readers.get(input) ?? 0) + 1);
  });
  return new Set([...readers].filter(([, count]) => count > 1).map(([node]) => node));
}
