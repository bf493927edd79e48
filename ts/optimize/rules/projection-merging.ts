// A projection of a projection becomes one, where nothing is computed twice by it; one that changes nothing goes.
import { childrenOf, type ExprNode } from '../../expr/nodes.ts';
import { named, projectNode } from '../../plan/build.ts';
import type { ProjectNode } from '../../plan/nodes.ts';
import { transformPlan } from '../../plan/walk.ts';
import { isKept, isTrivial, substitute } from '../expressions.ts';
import type { Rule } from '../optimizer.ts';
import { sharedWork } from '../shared-work.ts';

export const projectionMerging: Rule = {
  name: 'projection-merging',
  needs: ['project'],
  apply(plan) {
    const shared = sharedWork(plan);
    return transformPlan(plan, (node) => {
      if (node.node !== 'project') return node;
      const { input } = node;
      const next = input.node === 'project' && !shared.has(input) ? (merged(node, input) ?? node) : node;
      return isIdentity(next) ? next.input : next;
    });
  },
};

function isIdentity(node: ProjectNode): boolean {
  const { schema } = node.input;
  return node.exprs.length === schema.length && node.exprs.every((e, i) => isKept(e) && e.name === schema[i]?.name);
}

function merged(outer: ProjectNode, inner: ProjectNode): ProjectNode | null {
  const uses = new Map<string, number>();
  const count = (e: ExprNode): void => {
    if (e.node === 'col') uses.set(e.name, (uses.get(e.name) ?? 0) + 1);
    else childrenOf(e).forEach(count);
  };
  for (const e of outer.exprs) count(e.expr);
  if (inner.exprs.some((e) => !isTrivial(e.expr) && (uses.get(e.name) ?? 0) > 1)) return null;
  const by = new Map(inner.exprs.map((e) => [e.name, e.expr]));
  return projectNode(
    inner.input,
    outer.exprs.map((e) => named(e.name, substitute(e.expr, by))),
  );
}
