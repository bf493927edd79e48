// What rules and planners ask about expressions, and predicates put together.
import { bitsOf, isFloat, isInteger, isSigned, type LogicalType } from '../schema/types.ts';
import { type CallNode, childrenOf, type ExprNode } from './nodes.ts';
import { BOOL } from './row-rules.ts';

/** Whether any node of the expression passes the test. */
export function some(e: ExprNode, test: (node: ExprNode) => boolean): boolean {
  return test(e) || childrenOf(e).some((c) => some(c, test));
}

/** Whether the expression needs whole partitions: it may not move past anything that changes the rows. */
export const hasOver = (e: ExprNode): boolean => some(e, (n) => n.node === 'over');

/** The predicate that is true where all parts are; null for none. */
export const allOf = (parts: readonly ExprNode[]): ExprNode | null => joined('and', parts);
/** The predicate that is true where any part is; null for none. */
export const anyOf = (parts: readonly ExprNode[]): ExprNode | null => joined('or', parts);

function joined(fn: 'and' | 'or', parts: readonly ExprNode[]): ExprNode | null {
  let all: ExprNode | null = null;
  for (const part of parts) all = all === null ? part : logic(fn, all, part);
  return all;
}

function logic(fn: 'and' | 'or', a: ExprNode, b: ExprNode): CallNode {
  return Object.freeze({
    node: 'call',
    fn,
    args: Object.freeze([a, b]),
    options: NO_OPTIONS,
    type: BOOL,
    nullable: a.nullable || b.nullable,
  });
}
const NO_OPTIONS = Object.freeze({});

/**
 * Whether computing the expression may throw while a query runs. Such a predicate is not computed for rows that the plan
 * as written would not have shown it.
 */
export function mayFail(e: ExprNode): boolean {
  return some(e, (n) => {
    if (n.node === 'cast') return n.strict && !isWidening(n.expr.type, n.type);
    if (n.node !== 'call') return false;
    if (n.type.dtype === 'Decimal' && n.args.length > 1) return true;
    return Object.values(n.options).some((o) => o === 'raise' || o === true) || 'unit' in n.options;
  });
}

/** Whether every value of one dtype is a value of the other. */
function isWidening(from: LogicalType, to: LogicalType): boolean {
  if (from.dtype === to.dtype || from.dtype === 'Null') return true;
  if (to.dtype === 'Float64')
    return isFloat(from) || isInteger(from) || from.dtype === 'Bool' || from.dtype === 'Decimal';
  if (to.dtype === 'Utf8') return from.dtype === 'Categorical' || isInteger(from) || from.dtype === 'Bool';
  if (isInteger(from) && isInteger(to)) {
    if (isSigned(from) === isSigned(to)) return bitsOf(to) >= bitsOf(from);
    return isSigned(to) && bitsOf(to) > bitsOf(from);
  }
  return from.dtype === 'Bool' && isInteger(to);
}
