// Bound expressions: the six node kinds every backend sees. Each node knows its dtype and whether it may be null.
// What users build is untyped until a verb binds it to a schema (bind.ts); binding inserts the casts, types the
// literals, and raises every error that the schema shows.
import type { LogicalType } from '../schema/types.ts';

/** JSON-able options of a call. */
export type Options = { readonly [name: string]: OptionValue };
export type OptionValue =
  | string
  | number
  | boolean
  | null
  | readonly OptionValue[]
  | { readonly [k: string]: OptionValue };

/**
 * A literal's value by dtype: number (≤ 32-bit integers, floats), bigint (64-bit integers; ticks of Datetime, Duration
 * and Time; unscaled Decimal), number of days (Date32), string, boolean, Uint8Array, null; arrays for lists of `isIn` and `lookup`.
 */
export type LiteralValue = number | bigint | string | boolean | Uint8Array | null | readonly LiteralValue[];

interface Typed {
  readonly type: LogicalType;
  readonly nullable: boolean;
}

export interface ColNode extends Typed {
  readonly node: 'col';
  readonly name: string;
}
/** For a list of `isIn` or `lookup` `value` is an array and `type` the dtype of its elements. */
export interface LitNode extends Typed {
  readonly node: 'lit';
  readonly value: LiteralValue;
}
/** A function of the registry (functions.ts). */
export interface CallNode extends Typed {
  readonly node: 'call';
  readonly fn: string;
  readonly args: readonly ExprNode[];
  readonly options: Options;
}
/** Strict: a value that does not fit throws; otherwise it becomes null. */
export interface CastNode extends Typed {
  readonly node: 'cast';
  readonly expr: ExprNode;
  readonly strict: boolean;
}
/** First branch whose condition is true; null conditions count as false. */
export interface WhenNode extends Typed {
  readonly node: 'when';
  readonly branches: readonly { readonly when: ExprNode; readonly then: ExprNode }[];
  readonly otherwise: ExprNode;
}
/**
 * `expr` is an aggregate (one value per partition, repeated on its rows) or a window call, evaluated within each
 * partition in `orderBy` order (input order without). No keys: the whole frame is one partition.
 */
export interface OverNode extends Typed {
  readonly node: 'over';
  readonly expr: ExprNode;
  readonly partitionBy: readonly ExprNode[];
  readonly orderBy: readonly OrderKey[];
}

export type ExprNode = ColNode | LitNode | CallNode | CastNode | WhenNode | OverNode;

/** One key of a sort. Nulls last in both directions unless `nullsFirst`; NaN above all numbers. */
export interface OrderKey {
  readonly expr: ExprNode;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** An expression with the name of the column it makes. */
export interface NamedExpr {
  readonly name: string;
  readonly expr: ExprNode;
}

const NONE: readonly ExprNode[] = Object.freeze([]);

/** The direct inputs of a node. */
export function childrenOf(e: ExprNode): readonly ExprNode[] {
  switch (e.node) {
    case 'col':
    case 'lit':
      return NONE;
    case 'call':
      return e.args;
    case 'cast':
      return [e.expr];
    case 'when':
      return [...e.branches.flatMap((b) => [b.when, b.then]), e.otherwise];
    case 'over':
      return [e.expr, ...e.partitionBy, ...e.orderBy.map((k) => k.expr)];
  }
}

/** The same node over other inputs (in the order of `childrenOf`); the node itself when none changed. */
export function withChildren(e: ExprNode, next: readonly ExprNode[]): ExprNode {
  const old = childrenOf(e);
  if (old.every((c, i) => c === next[i])) return e;
  const at = (i: number): ExprNode => next[i] as ExprNode;
  switch (e.node) {
    case 'col':
    case 'lit':
      return e;
    case 'call':
      return Object.freeze({ ...e, args: Object.freeze([...next]) });
    case 'cast':
      return Object.freeze({ ...e, expr: at(0) });
    case 'when':
      return Object.freeze({
        ...e,
        branches: Object.freeze(e.branches.map((_, i) => Object.freeze({ when: at(2 * i), then: at(2 * i + 1) }))),
        otherwise: at(old.length - 1),
      });
    case 'over': {
      const p = e.partitionBy.length;
      return Object.freeze({
        ...e,
        expr: at(0),
        partitionBy: Object.freeze(next.slice(1, 1 + p)),
        orderBy: Object.freeze(e.orderBy.map((k, i) => Object.freeze({ ...k, expr: at(1 + p + i) }))),
      });
    }
  }
}

/** Rewrites bottom-up. */
export function transform(e: ExprNode, f: (node: ExprNode) => ExprNode): ExprNode {
  return f(
    withChildren(
      e,
      childrenOf(e).map((c) => transform(c, f)),
    ),
  );
}

/** Adds the names of the columns an expression reads. */
export function columnsOf(e: ExprNode, into: Set<string> = new Set()): Set<string> {
  if (e.node === 'col') into.add(e.name);
  else for (const c of childrenOf(e)) columnsOf(c, into);
  return into;
}

/** The parts of a predicate that must all be true. */
export const conjuncts = (e: ExprNode): ExprNode[] => partsOf('and', e, []);

/** The parts of a predicate of which one must be true. */
export const branches = (e: ExprNode): ExprNode[] => partsOf('or', e, []);

// One list for all levels: chains are as deep as the verbs that made them.
function partsOf(fn: 'and' | 'or', e: ExprNode, into: ExprNode[]): ExprNode[] {
  if (e.node === 'call' && e.fn === fn) for (const arg of e.args) partsOf(fn, arg, into);
  else into.push(e);
  return into;
}
