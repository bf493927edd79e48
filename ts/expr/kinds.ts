// Where expressions may stand: which kinds of value one gives, and how `over` reaches the calls inside it.
import { ParameterError } from '../errors.ts';
import type { Kind } from './expr.ts';
import { functionRow } from './functions.ts';
import { type CallNode, childrenOf, type ExprNode, type OrderKey, withChildren } from './nodes.ts';
import { exprText } from './text.ts';

/** What an expression gives: bits of ROW, AGG and WINDOW; 0 for a literal. */
export const ROW = 1;
export const AGG = 2;
export const WINDOW = 4;

const KIND_BITS: Record<Kind, number> = { row: ROW, agg: AGG, window: WINDOW };

/** The bits of some kinds. */
export const bitsOfKinds = (kinds: readonly Kind[]): number => kinds.reduce((bits, k) => bits | KIND_BITS[k], 0);

const cache = new WeakMap<ExprNode, number>();

/** The kinds of an expression, `over` counted as a window. */
export function kindsOf(e: ExprNode): number {
  if (e.node === 'col') return ROW;
  if (e.node === 'lit') return 0;
  if (e.node === 'over') return WINDOW;
  const known = cache.get(e);
  if (known !== undefined) return known;
  let bits = 0;
  for (const child of childrenOf(e)) bits |= kindsOf(child);
  if (e.node === 'call') {
    const { kind } = functionRow(e.fn);
    if (kind === 'agg') bits = AGG | (bits & WINDOW);
    if (kind === 'window') bits |= WINDOW;
  }
  cache.set(e, bits);
  return bits;
}

/** Whether an aggregate or a window call stands in it outside any `over`. */
export const hasBareCall = (e: ExprNode): boolean =>
  e.node !== 'over' && (needsGroup(e) || childrenOf(e).some(hasBareCall));

/** Whether a call stands for a group or a partition, not for a row. */
const needsGroup = (e: ExprNode): e is CallNode => e.node === 'call' && functionRow(e.fn).kind !== 'elementwise';

/** Throws if an aggregate holds another one that no `over` evaluates first. */
export function checkNesting(call: CallNode): void {
  if (functionRow(call.fn).kind !== 'agg') return;
  for (const arg of call.args) {
    const inner = findCall(arg, 'agg');
    if (inner !== null) {
      throw new ParameterError(
        `${exprText(call)} nests the aggregate ${exprText(inner)}. Evaluate the inner one with .over(keys), or aggregate in two steps.`,
      );
    }
  }
}

/** The first call of that kind outside any `over`; for 'row' the first column outside any aggregate. */
export function findCall(e: ExprNode, kind: Kind): ExprNode | null {
  if (kind === 'row' && e.node === 'col') return e;
  if (e.node === 'over') return kind === 'window' ? e : null;
  if (e.node === 'call') {
    const row = functionRow(e.fn);
    if (row.kind === kind) return e;
    if (kind === 'row' && row.kind === 'agg') return null;
  }
  for (const child of childrenOf(e)) {
    const found = findCall(child, kind);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Puts `over` around every aggregate and window call that has none, innermost first, each evaluated in the same
 * partitions: what stands between them stays a row expression.
 */
export function wrapCalls(e: ExprNode, partitionBy: readonly ExprNode[], orderBy: readonly OrderKey[]): ExprNode {
  if ((kindsOf(e) & (AGG | WINDOW)) === 0) return e;
  const done = new Map<ExprNode, ExprNode>();
  const wrap = (node: ExprNode): ExprNode => {
    if (node.node === 'over') return node;
    let next = done.get(node);
    if (next === undefined) {
      const inner = withChildren(node, childrenOf(node).map(wrap));
      next = needsGroup(inner)
        ? Object.freeze({ node: 'over', type: inner.type, nullable: inner.nullable, expr: inner, partitionBy, orderBy })
        : inner;
      done.set(node, next);
    }
    return next;
  };
  return wrap(e);
}
