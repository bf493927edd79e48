// What one projection computes several times is computed once, in a projection below it.

import { some } from '../../expr/inspect.ts';
import { childrenOf, columnsOf, type ExprNode, type NamedExpr, withChildren } from '../../expr/nodes.ts';
import { exprKey } from '../../plan/aggregates.ts';
import { colNode, keep, named } from '../../plan/build.ts';
import type { ProjectNode } from '../../plan/nodes.ts';
import { transformPlan } from '../../plan/walk.ts';
import { isTrivial } from '../expressions.ts';
import type { Rule } from '../optimizer.ts';

/** Nodes of an expression that are worth a column of their own. A lone addition is cheaper than writing it to memory. */
const LEAST_SIZE = 4;

export const commonSubexpressions: Rule = {
  name: 'common-subexpressions',
  needs: ['project'],
  apply: (plan) => transformPlan(plan, (node) => (node.node === 'project' ? shared(node) : node)),
};

function shared(node: ProjectNode): ProjectNode {
  if (!mayRepeat(node.exprs)) return node;
  const keys = new Map<ExprNode, string>();
  const counts = new Map<string, number>();
  const visit = (e: ExprNode): void => {
    if (isTrivial(e)) return;
    const key = exprKey(e);
    keys.set(e, key);
    const seen = (counts.get(key) ?? 0) + 1;
    counts.set(key, seen);
    // Inside something that repeats only what repeats elsewhere too is of interest.
    if (seen === 1) childrenOf(e).forEach(visit);
  };
  for (const e of node.exprs) visit(e.expr);
  const made = new Map<string, NamedExpr>();
  const taken = new Set([...node.input.schema, ...node.schema].map((f) => f.name));
  const newName = (): string => {
    let i = made.size;
    while (taken.has(`#c${i}`)) i++;
    taken.add(`#c${i}`);
    return `#c${i}`;
  };
  const replace = (e: ExprNode): ExprNode => {
    if (isTrivial(e)) return e;
    const key = keys.get(e) ?? exprKey(e);
    if ((counts.get(key) ?? 0) > 1 && worthIt(e)) {
      let column = made.get(key);
      if (column === undefined) {
        column = named(newName(), e);
        made.set(key, column);
      }
      return colNode({ name: column.name, type: e.type, nullable: e.nullable });
    }
    return withChildren(e, childrenOf(e).map(replace));
  };
  const exprs = node.exprs.map((e) => {
    const expr = replace(e.expr);
    return expr === e.expr ? e : named(e.name, expr);
  });
  if (made.size === 0) return node;
  const read = new Set<string>();
  for (const e of exprs) columnsOf(e.expr, read);
  const below = [...node.input.schema.filter((f) => read.has(f.name)).map(keep), ...made.values()];
  const input: ProjectNode = Object.freeze({
    node: 'project',
    input: node.input,
    exprs: Object.freeze(below),
    schema: Object.freeze(
      below.map((e) => Object.freeze({ name: e.name, type: e.expr.type, nullable: e.expr.nullable })),
    ),
  });
  return Object.freeze({ ...node, input, exprs: Object.freeze(exprs) });
}

/** A quick look: some function that is not a lone column operation must stand there twice. */
function mayRepeat(exprs: readonly NamedExpr[]): boolean {
  const seen = new Set<string>();
  const visit = (e: ExprNode): boolean => {
    if (isTrivial(e)) return false;
    const name = e.node === 'call' ? e.fn : e.node;
    if (seen.has(name)) return true;
    seen.add(name);
    return childrenOf(e).some(visit);
  };
  return exprs.some((e) => visit(e.expr));
}

/** Windows are shared by the engine itself. */
function worthIt(e: ExprNode): boolean {
  return !some(e, (n) => n.node === 'over') && sizeOf(e) >= LEAST_SIZE;
}

const sizeOf = (e: ExprNode): number => childrenOf(e).reduce((sum, c) => sum + sizeOf(c), 1);
