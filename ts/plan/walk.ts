// Walking plans: inputs first, then the node. Shared parts of a plan are met once.
import type { ExprNode } from '../expr/nodes.ts';
import { inputsOf, type PlanNode, withInputs } from './nodes.ts';

/** The nodes from the root down to the first that has no input, or several: none of them can be met twice. */
function chainOf(plan: PlanNode): PlanNode[] {
  const chain = [plan];
  for (let inputs = inputsOf(plan); inputs.length === 1; inputs = inputsOf(inputs[0]!)) chain.push(inputs[0]!);
  return chain;
}

/** Calls `visit` on every distinct node, inputs before the nodes that read them. */
export function walkPlan(plan: PlanNode, visit: (node: PlanNode) => void): void {
  const chain = chainOf(plan);
  const below = inputsOf(chain.at(-1)!);
  if (below.length > 0) {
    const seen = new Set<PlanNode>();
    const go = (node: PlanNode): void => {
      if (seen.has(node)) return;
      seen.add(node);
      for (const input of inputsOf(node)) go(input);
      visit(node);
    };
    for (const input of below) go(input);
  }
  for (let i = chain.length - 1; i >= 0; i--) visit(chain[i]!);
}

/** Rewrites bottom-up; a node reached twice is rewritten once, so sharing survives. */
export function transformPlan(plan: PlanNode, rewrite: (node: PlanNode) => PlanNode): PlanNode {
  const chain = chainOf(plan);
  let below: readonly PlanNode[] = inputsOf(chain.at(-1)!);
  if (below.length > 0) {
    const done = new Map<PlanNode, PlanNode>();
    const go = (node: PlanNode): PlanNode => {
      const known = done.get(node);
      if (known !== undefined) return known;
      const result = rewrite(withInputs(node, inputsOf(node).map(go)));
      done.set(node, result);
      return result;
    };
    below = below.map(go);
  }
  for (let i = chain.length - 1; i >= 0; i--) below = [rewrite(withInputs(chain[i]!, below))];
  return below[0]!;
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
  const seen = new Set<PlanNode>();
  const shared = new Set<PlanNode>();
  const go = (node: PlanNode): void => {
    for (const input of inputsOf(node)) {
      if (seen.has(input)) shared.add(input);
      else {
        seen.add(input);
        go(input);
      }
    }
  };
  const last = chainOf(plan).at(-1)!;
  if (inputsOf(last).length > 0) go(last);
  return shared;
}
