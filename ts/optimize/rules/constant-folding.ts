// What does not depend on a row is computed now: logic over constants, tests for null of what cannot be null, branches
// that are always or never taken, arithmetic and comparisons of numbers. A filter that is always true goes.
import { type CallNode, type ExprNode, type LiteralValue, type LitNode, transform } from '../../expr/nodes.ts';
import { BOOL } from '../../expr/row-rules.ts';
import { sliceNode } from '../../plan/build.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { mapExpressions, transformPlan } from '../../plan/walk.ts';
import { isFloat, type LogicalType, sameType } from '../../schema/types.ts';
import type { Rule } from '../optimizer.ts';

export const constantFolding: Rule = {
  name: 'constant-folding',
  needs: ['project', 'filter', 'aggregate', 'sort'],
  apply: (plan) =>
    transformPlan(plan, (node) => {
      const folded = foldedNode(node);
      if (folded.node !== 'filter') return folded;
      const { predicate } = folded;
      if (predicate.node !== 'lit') return folded;
      return predicate.value === true ? folded.input : sliceNode(folded.input, 0, 0);
    }),
};

/** Aggregates must stay calls, so only what is under them is folded. */
function foldedNode(node: PlanNode): PlanNode {
  if (node.node === 'aggregate') {
    return mapExpressions(node, (e) => transform(e, (n) => (n === e ? n : foldOne(n))));
  }
  const folded = mapExpressions(node, (e) => transform(e, foldOne));
  if (folded === node || folded.node !== 'project') return folded;
  // Folding may prove that a column cannot be null.
  return Object.freeze({
    ...folded,
    schema: Object.freeze(
      folded.exprs.map((e) => Object.freeze({ name: e.name, type: e.expr.type, nullable: e.expr.nullable })),
    ),
  });
}

const lit = (value: LiteralValue, type: LogicalType): LitNode =>
  Object.freeze({ node: 'lit', value, type, nullable: value === null });
const bool = (value: boolean | null): LitNode => lit(value, BOOL);

/** One node whose inputs are folded; the node itself when there is nothing to do. */
export function foldOne(e: ExprNode): ExprNode {
  switch (e.node) {
    case 'call':
      return foldCall(e);
    case 'cast':
      if (sameType(e.expr.type, e.type)) return e.expr;
      return e.expr.node === 'lit' && e.expr.value === null ? lit(null, e.type) : e;
    case 'when': {
      const branches = [];
      for (const branch of e.branches) {
        const { when } = branch;
        if (when.node === 'lit' && when.value !== true) continue;
        if (when.node === 'lit' && branches.length === 0) return branch.then;
        branches.push(branch);
      }
      if (branches.length === 0) return e.otherwise;
      return branches.length === e.branches.length ? e : Object.freeze({ ...e, branches: Object.freeze(branches) });
    }
    default:
      return e;
  }
}

function foldCall(e: CallNode): ExprNode {
  const [a, b] = e.args;
  switch (e.fn) {
    case 'and':
    case 'or':
      return a !== undefined && b !== undefined ? foldLogic(e, a, b) : e;
    case 'not':
      return a?.node === 'lit' ? bool(a.value === null ? null : !a.value) : e;
    case 'isNull':
    case 'isNotNull':
      if (a === undefined || (a.nullable && a.node !== 'lit')) return e;
      return bool((a.node === 'lit' && a.value === null) === (e.fn === 'isNull'));
    case 'coalesce':
      return a !== undefined && !a.nullable ? a : e;
    default:
      return a?.node === 'lit' && b?.node === 'lit' ? foldNumbers(e, a, b) : e;
  }
}

/** `true and x` is x; `false and x` is false, whatever x is, null included. */
function foldLogic(e: CallNode, a: ExprNode, b: ExprNode): ExprNode {
  const neutral = e.fn === 'and';
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (one.node !== 'lit') continue;
    if (one.value === neutral) return other;
    if (one.value === !neutral) return bool(!neutral);
    if (other.node === 'lit' && other.value === null) return bool(null);
  }
  return e;
}

const ARITHMETIC: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
};
/** Of an order in which NaN equals itself and stands above all numbers. */
const COMPARISONS: Record<string, (order: number) => boolean> = {
  eq: (o) => o === 0,
  ne: (o) => o !== 0,
  lt: (o) => o < 0,
  le: (o) => o <= 0,
  gt: (o) => o > 0,
  ge: (o) => o >= 0,
};

function foldNumbers(e: CallNode, a: LitNode, b: LitNode): ExprNode {
  const compare = COMPARISONS[e.fn];
  if (compare !== undefined) {
    if (a.value === null || b.value === null) return bool(null);
    const order = orderOf(a.value, b.value);
    return order === null ? e : bool(compare(order));
  }
  const compute = ARITHMETIC[e.fn];
  if (compute === undefined || e.type.dtype !== 'Float64') return e;
  if (!isFloat(a.type) || !isFloat(b.type)) return e;
  if (typeof a.value !== 'number' || typeof b.value !== 'number') return e;
  return lit(compute(a.value, b.value), e.type);
}

function orderOf(x: LiteralValue, y: LiteralValue): number | null {
  if (typeof x === 'number' && typeof y === 'number') {
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x < y ? -1 : Number(x > y);
  }
  if (typeof x === 'bigint' && typeof y === 'bigint') return x < y ? -1 : Number(x > y);
  if (typeof x === 'boolean' && typeof y === 'boolean') return Number(x) - Number(y);
  return null;
}
