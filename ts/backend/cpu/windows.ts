// `over` expressions taken out of a projection or predicate: they need whole partitions, so a sink computes them as
// extra columns first and the rest of the expression reads those.
import type { ExprNode, OverNode } from '../../expr/nodes.ts';
import { transform } from '../../expr/nodes.ts';
import type { Field, Schema } from '../../schema/types.ts';

export interface NamedOver {
  readonly name: string;
  readonly over: OverNode;
}
/** Expressions without `over`, and the columns that stand for them, in rounds: a later round reads an earlier one. */
export interface Extracted {
  readonly exprs: readonly ExprNode[];
  readonly rounds: readonly (readonly NamedOver[])[];
}

const hasOver = (e: ExprNode): boolean => {
  let found = false;
  transform(e, (n) => {
    if (n.node === 'over') found = true;
    return n;
  });
  return found;
};

/** Replaces every `over`, innermost first, by a column of its own. */
export function extractWindows(exprs: readonly ExprNode[]): Extracted {
  const rounds: NamedOver[][] = [];
  const names = new Map<string, string>();
  let current = exprs;
  while (current.some(hasOver)) {
    const round: NamedOver[] = [];
    current = current.map((e) =>
      replaceInnermost(e, (over) => {
        const key = JSON.stringify(over, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));
        let name = names.get(key);
        if (name === undefined) {
          name = `\u0000over${names.size}`;
          names.set(key, name);
          round.push({ name, over });
        }
        return Object.freeze({ node: 'col', name, type: over.type, nullable: over.nullable } as const);
      }),
    );
    rounds.push(round);
  }
  return { exprs: current, rounds };
}

/** One round: only overs whose own inputs hold no other over are replaced. */
function replaceInnermost(e: ExprNode, replace: (over: OverNode) => ExprNode): ExprNode {
  const ready = new Set<OverNode>();
  transform(e, (n) => {
    if (n.node === 'over' && ![n.expr, ...n.partitionBy, ...n.orderBy.map((k) => k.expr)].some(hasOver)) ready.add(n);
    return n;
  });
  return transform(e, (n) => (n.node === 'over' && ready.has(n) ? replace(n) : n));
}

/** The columns after a round. */
export function schemaAfter(schema: Schema, round: readonly NamedOver[]): Schema {
  return [...schema, ...round.map((o): Field => ({ name: o.name, type: o.over.type, nullable: o.over.nullable }))];
}

/** The columns that every window of a round is partitioned by, when they are the same plain ones; null otherwise. */
export function partitionColumns(round: readonly NamedOver[], schema: Schema): readonly number[] | null {
  const lists = round.map(({ over }) =>
    over.partitionBy.map((e) => (e.node === 'col' ? schema.findIndex((f) => f.name === e.name) : -1)),
  );
  const first = lists[0] ?? [];
  if (first.length === 0 || first.includes(-1)) return null;
  return lists.every((l) => l.join() === first.join()) ? first : null;
}
