// What rules do to expressions.
import { type ExprNode, type NamedExpr, transform } from '../expr/nodes.ts';

/** A column or a literal: costs nothing to compute twice. */
export const isTrivial = (e: ExprNode): boolean => e.node === 'col' || e.node === 'lit';

/** A column kept under its name. */
export const isKept = (e: NamedExpr): boolean => e.expr.node === 'col' && e.expr.name === e.name;

/** The expression with every column replaced by what the map says; columns it lacks stay. */
export function substitute(e: ExprNode, by: ReadonlyMap<string, ExprNode>): ExprNode {
  return transform(e, (n) => (n.node === 'col' ? (by.get(n.name) ?? n) : n));
}
