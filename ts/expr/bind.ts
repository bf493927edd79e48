// Binds what users build to a schema: resolves names, types literals, promotes operands, inserts casts, rewrites sugar,
// and raises every error that the schema shows, on the line that wrote it.
import { DTypeError, ParameterError, type WarpError } from '../errors.ts';
import { fieldOf } from '../schema/schema.ts';
import { type Schema, typeText } from '../schema/types.ts';
import { columnsFor } from './columns.ts';
import type { Kind } from './expr.ts';
import { Expression, operand } from './expression.ts';
import { findFunction } from './functions.ts';
import { AGG, bitsOfKinds, checkNesting, findCall, hasBareCall, kindsOf, ROW, WINDOW, wrapCalls } from './kinds.ts';
import { typedLiteral, valueText } from './literals.ts';
import { callNode, castNode } from './make.ts';
import type { ColNode, ExprNode, NamedExpr, OrderKey } from './nodes.ts';
import { type Operand, rewrite, settled, unify } from './rewrites.ts';
import { BOOL } from './row-rules.ts';
import { exprText, unboundText } from './text.ts';
import type { Unbound, UnboundCall, UnboundOver, UnboundWhen } from './unbound.ts';

/** Where an expression stands. */
export interface BindWhere {
  /** The verb, for messages: 'filter'. */
  readonly verb: string;
  /** The column it makes, for messages. */
  readonly name?: string;
  /** What it may give. See the constants below. */
  readonly allow: readonly Kind[];
}

/** One value per row, aggregates spread over all rows: withColumns, and a select that has row values. */
export const BROADCAST: readonly Kind[] = ['row', 'agg', 'window'];
/** One value per row, windows allowed: filter, sort. */
export const PER_ROW: readonly Kind[] = ['row', 'window'];
/** One value per row, from that row alone: keys of groupBy and join. */
export const PLAIN_ROW: readonly Kind[] = ['row'];
/** One value per group: agg. */
export const PER_GROUP: readonly Kind[] = ['agg'];

/**
 * Binds an expression, or a function of the columns that gives one. Nodes are frozen.
 *
 * With 'row' in `allow` the result is one value per row: every window call, and every aggregate if 'agg' is allowed,
 * stands in an `over`. Without it the result is an expression over bare aggregate calls.
 */
export function bindExpr(item: unknown, schema: Schema, where: BindWhere): ExprNode {
  const place = `${where.verb}(${where.name ?? ''})`;
  return inPlace(place, () => {
    const bound = bindUnplaced(unboundOf(item, schema, place), schema, place);
    checkKinds(bound, where);
    return where.allow.includes('row') ? wrapCalls(bound, [], []) : bound;
  });
}

/**
 * Binds the expressions of a select. If each is an aggregate the result has one row: `aggregates` is true and the
 * expressions are over bare aggregate calls, as those of agg. Otherwise aggregates are spread over all rows.
 */
export function bindSelect(
  items: readonly { readonly name: string; readonly item: unknown }[],
  schema: Schema,
  verb: string,
): { readonly exprs: readonly NamedExpr[]; readonly aggregates: boolean } {
  const bound = items.map(({ name, item }) => {
    const place = `${verb}(${name})`;
    return inPlace(place, () => ({ name, expr: bindUnplaced(unboundOf(item, schema, place), schema, place) }));
  });
  const kinds = bound.map((b) => kindsOf(b.expr));
  const aggregates = kinds.some((k) => k === AGG) && kinds.every((k) => k === AGG || k === 0);
  const exprs = bound.map(({ name, expr }) =>
    Object.freeze({ name, expr: aggregates ? expr : wrapCalls(expr, [], []) }),
  );
  return { exprs: Object.freeze(exprs), aggregates };
}

/** The name an untyped expression gives itself: its alias, or its column; null if it has none. */
export function nameOfItem(item: unknown): string | null {
  const node = Expression.nodeOf(item);
  return node?.node === 'alias' || node?.node === 'col' ? node.name : null;
}

/** A bound column. */
export function colNode(schema: Schema, name: string, where?: string): ColNode {
  const field = fieldOf(schema, name, where);
  return Object.freeze({ node: 'col', name, type: field.type, nullable: field.nullable });
}

function unboundOf(item: unknown, schema: Schema, place: string): Unbound {
  const made = typeof item === 'function' ? item(columnsFor(schema, place)) : item;
  const node = Expression.nodeOf(made);
  if (node !== null) return node;
  if (typeof item === 'function') operand(made);
  throw new ParameterError(
    `Expected an expression${typeof item === 'function' ? ' from the function' : ', or a function of the columns,'} but received ${valueText(made)}. Write lit(…) for a constant column.`,
  );
}

function bindUnplaced(node: Unbound, schema: Schema, place: string): ExprNode {
  return new Binder(schema, place).bind(node.node === 'alias' ? node.expr : node);
}

class Binder {
  readonly #schema: Schema;
  readonly #place: string;
  // Shared parts of an expression stay shared.
  readonly #done = new Map<Unbound, ExprNode>();
  constructor(schema: Schema, place: string) {
    this.#schema = schema;
    this.#place = place;
  }

  bind(node: Unbound): ExprNode {
    let bound = this.#done.get(node);
    if (bound === undefined) {
      bound = this.#bindNew(node);
      this.#done.set(node, bound);
    }
    return bound;
  }

  #bindNew(node: Unbound): ExprNode {
    switch (node.node) {
      case 'col':
        return colNode(this.#schema, node.name, this.#place);
      case 'lit':
        return node.type === null ? settled({ free: node.value }) : typedLiteral(node.value, node.type, 'lit()');
      case 'cast':
        return castNode(this.bind(node.expr), node.type, node.strict);
      case 'when':
        return inExpression(node, () => this.#when(node));
      case 'over':
        return inExpression(node, () => this.#over(node));
      case 'call':
        return inExpression(node, () => this.#call(node));
      case 'alias':
        throw new ParameterError(`alias('${node.name}') names a whole expression and must come last.`);
    }
  }

  /** A bare value waits for the dtype of its neighbour. */
  #operand(node: Unbound): Operand {
    return node.node === 'lit' && node.type === null ? { free: node.value } : this.bind(node);
  }

  #call(node: UnboundCall): ExprNode {
    const operands = node.args.map((a) => this.#operand(a));
    const other = rewrite(node.fn, operands, node.options);
    if (other !== null) {
      if (other.node === 'call') checkNesting(other);
      return other;
    }
    const row = findFunction(node.fn);
    if (row === undefined) throw new ParameterError(`There is no function "${node.fn}".`);
    const args = row.unify === 'common' ? unify(node.fn, operands, row.nulls !== 'propagate') : operands.map(settled);
    const call = callNode(node.fn, args, node.options);
    checkNesting(call);
    return call;
  }

  #when(node: UnboundWhen): ExprNode {
    const conditions = node.branches.map(({ when }) => {
      const condition = this.bind(when);
      if (condition.type.dtype !== 'Bool') {
        throw new DTypeError(`Expected a Bool for when() but ${exprText(condition)} is ${typeText(condition.type)}.`);
      }
      return castNode(condition, BOOL);
    });
    const values = node.branches.map(({ then }) => this.#operand(then));
    const rest: Operand = node.otherwise === null ? { free: null } : this.#operand(node.otherwise);
    const unified = unify('when', [...values, rest], true);
    const otherwise = unified.at(-1) as ExprNode;
    return Object.freeze({
      node: 'when',
      type: otherwise.type,
      nullable: unified.some((v) => v.nullable),
      branches: Object.freeze(conditions.map((when, i) => Object.freeze({ when, then: unified[i] as ExprNode }))),
      otherwise,
    });
  }

  #over(node: UnboundOver): ExprNode {
    const expr = this.bind(node.expr);
    if (!hasBareCall(expr)) {
      throw new ParameterError(`over() needs an aggregate or a window before it, but ${exprText(expr)} has neither.`);
    }
    const row = (key: Unbound): ExprNode => {
      const bound = this.bind(key);
      if ((kindsOf(bound) & AGG) !== 0) {
        throw new ParameterError(`A key of over() must be a value of the row, but ${exprText(bound)} is an aggregate.`);
      }
      return wrapCalls(bound, [], []);
    };
    const partitionBy = Object.freeze(node.partitionBy.map(row));
    const orderBy = Object.freeze(
      node.orderBy.map(
        ({ expr: key, descending, nullsFirst }): OrderKey => Object.freeze({ expr: row(key), descending, nullsFirst }),
      ),
    );
    return wrapCalls(expr, partitionBy, orderBy);
  }
}

function checkKinds(e: ExprNode, where: BindWhere): void {
  const refused = kindsOf(e) & ~bitsOfKinds(where.allow);
  if (refused === 0) return;
  const verb = `${where.verb}()`;
  const wants = where.allow.includes('row') ? 'one value per row' : 'one value per group';
  if ((refused & AGG) !== 0) {
    const found = exprText(findCall(e, 'agg') ?? e);
    throw new ParameterError(
      `${verb} takes ${wants}, but ${found} is an aggregate. Add .over(keys), or aggregate first.`,
    );
  }
  if ((refused & WINDOW) !== 0) {
    const found = exprText(findCall(e, 'window') ?? e);
    throw new ParameterError(
      `${verb} takes ${wants}, but ${found} is a window over many rows. Make it a column with withColumns() first.`,
    );
  }
  if ((refused & ROW) !== 0) {
    const found = exprText(findCall(e, 'row') ?? e);
    throw new ParameterError(
      `${verb} takes ${wants}, but ${found} is a value of the row. Use an aggregate such as ${found}.first(), or group by it.`,
    );
  }
}

/** Adds the text of the innermost expression to an error. */
function inExpression<T>(node: Unbound, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isPlain(error) && error.detail['expression'] === undefined) {
      throw again(error, error.message, { expression: unboundText(node) });
    }
    throw error;
  }
}

/** Adds the verb, and the expression found so far, to the message of an error. */
function inPlace<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message))
      throw new ParameterError(
        `The expression in ${place} is nested too deeply for JavaScript's stack. Compute it in several columns.`,
        { where: place },
      );
    if (isPlain(error) && error.detail['where'] === undefined) {
      const expression = error.detail['expression'];
      const context = expression === undefined ? place : `${place}: ${String(expression)}`;
      throw again(error, `${error.message} (In ${context}.)`, { where: place });
    }
    throw error;
  }
}

const isPlain = (error: unknown): error is DTypeError | ParameterError =>
  error instanceof DTypeError || error instanceof ParameterError;

// A new error, so that its stack shows the new message and ends at the user's line.
function again(error: DTypeError | ParameterError, message: string, more: Record<string, unknown>): WarpError {
  const detail = { ...error.detail, ...more };
  return error instanceof DTypeError ? new DTypeError(message, detail) : new ParameterError(message, detail);
}
