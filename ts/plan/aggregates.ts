// Expressions over aggregates as plan nodes: the aggregate calls go into an aggregate node, what is computed from them
// into a projection above, and windows under an aggregate into a projection below.
import { ParameterError } from '../errors.ts';
import { bindExpr, bindSelect, nameOfItem, PER_GROUP, PLAIN_ROW } from '../expr/bind.ts';
import { col } from '../expr/builders.ts';
import { findFunction } from '../expr/functions.ts';
import { childrenOf, type ExprNode, type NamedExpr, withChildren } from '../expr/nodes.ts';
import { checkUnique, fieldOf } from '../schema/schema.ts';
import type { Schema } from '../schema/types.ts';
import { aggregateNode, colNode, keep, named, projectNode } from './build.ts';
import type { PlanNode } from './nodes.ts';
import { exprToJson } from './serialize.ts';

/** A key that two equal expressions share. */
export const exprKey = (e: ExprNode): string => JSON.stringify(exprToJson(e));

const isAggregate = (e: ExprNode): boolean => e.node === 'call' && findFunction(e.fn)?.kind === 'agg';

function contains(e: ExprNode, test: (node: ExprNode) => boolean): boolean {
  return test(e) || childrenOf(e).some((c) => contains(c, test));
}
const hasOver = (e: ExprNode): boolean => contains(e, (n) => n.node === 'over');

/** Names made here, none of which a column has. */
function namesBeside(taken: ReadonlySet<string>): () => string {
  let next = 0;
  return () => {
    let name = `#${next++}`;
    while (taken.has(name)) name = `#${next++}`;
    return name;
  };
}

/** `[name, item]` pairs from names, objects of items and self-named expressions; `item` null keeps the column. */
function entriesOf(columns: readonly unknown[], verb: string): [string, unknown][] {
  return columns.flatMap((column): [string, unknown][] => {
    if (typeof column === 'string') return [[column, null]];
    const own = nameOfItem(column);
    if (own !== null) return [[own, column]];
    if (typeof column === 'object' && column !== null && Object.getPrototypeOf(column) === Object.prototype) {
      return Object.entries(column);
    }
    throw new ParameterError(
      `Expected column names and objects such as { total: (c) => … } in ${verb}() but received ${String(column)}.`,
    );
  });
}

/** One row per group: `keys` are names and objects of row expressions, `items` any expressions over aggregates. */
export function aggregateOver(
  plan: PlanNode,
  keys: readonly unknown[],
  items: readonly (readonly [string, unknown])[],
  maintainOrder: boolean,
  verb = 'agg',
): PlanNode {
  const boundKeys = entriesOf(keys, 'groupBy').map(([name, item]) =>
    item === null
      ? keep(fieldOf(plan.schema, name, 'groupBy()'))
      : named(name, bindExpr(item, plan.schema, { verb: 'groupBy', name, allow: PLAIN_ROW })),
  );
  const bound = items.map(([name, item]) => named(name, bindExpr(item, plan.schema, { verb, name, allow: PER_GROUP })));
  checkUnique(
    [...boundKeys, ...bound].map((e) => e.name),
    `${verb}()`,
  );
  return splitAggregates(plan, boundKeys, bound, maintainOrder);
}

/** Rows of an aggregate node over bound keys and bound expressions over aggregates. */
export function splitAggregates(
  plan: PlanNode,
  keys: readonly NamedExpr[],
  items: readonly NamedExpr[],
  maintainOrder: boolean,
): PlanNode {
  const below = new Below(plan.schema);
  const newName = namesBeside(new Set([...keys, ...items].map((e) => e.name)));
  const aggs: NamedExpr[] = [];
  const known = new Map<string, NamedExpr>();
  const lift = (call: ExprNode, wanted: string | null): ExprNode => {
    const key = exprKey(call);
    let agg = known.get(key);
    if (agg === undefined) {
      const args = childrenOf(call).map((arg) => below.without(arg));
      agg = named(wanted ?? newName(), withChildren(call, args));
      known.set(key, agg);
      aggs.push(agg);
    }
    return colNode({ name: agg.name, type: call.type, nullable: call.nullable });
  };
  const rewrite = (e: ExprNode): ExprNode =>
    isAggregate(e) ? lift(e, null) : withChildren(e, childrenOf(e).map(rewrite));
  // Whole items first, so that they keep their names in the aggregate node.
  const whole = items.map((item) => (isAggregate(item.expr) ? lift(item.expr, item.name) : null));
  const above = items.map((item, i) => named(item.name, whole[i] ?? rewrite(item.expr)));
  const boundKeys = keys.map((k) => named(k.name, below.without(k.expr)));
  const node = aggregateNode(below.plan(plan), boundKeys, aggs, maintainOrder);
  const plain =
    above.length === aggs.length &&
    above.every((e, i) => e.expr.node === 'col' && e.name === aggs[i]?.name && e.expr.name === e.name);
  if (plain) return node;
  const keptKeys = node.schema.slice(0, keys.length).map(keep);
  return projectNode(node, [...keptKeys, ...above], 'agg()');
}

/** Collects the windows that stand under aggregates and keys: they become columns of a projection below. */
class Below {
  readonly #schema: Schema;
  readonly #windows: NamedExpr[] = [];
  readonly #newName: () => string;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#newName = namesBeside(new Set(schema.map((f) => f.name)));
  }

  /** The expression with every `over` replaced by a column of the projection below. */
  without(e: ExprNode): ExprNode {
    if (!hasOver(e)) return e;
    if (e.node !== 'over')
      return withChildren(
        e,
        childrenOf(e).map((c) => this.without(c)),
      );
    const window = named(this.#newName(), e);
    this.#windows.push(window);
    return colNode({ name: window.name, type: e.type, nullable: e.nullable });
  }

  plan(input: PlanNode): PlanNode {
    return this.#windows.length === 0 ? input : projectNode(input, [...this.#schema.map(keep), ...this.#windows]);
  }
}

/**
 * select: names and objects of expressions. When every expression is one over aggregates alone the result is one row;
 * beside row values an aggregate is repeated on every row.
 */
export function selected(plan: PlanNode, columns: readonly unknown[]): PlanNode {
  const items = entriesOf(columns, 'select').map(([name, item]) => ({ name, item: item ?? col(name) }));
  const { exprs, aggregates } = bindSelect(items, plan.schema, 'select');
  checkUnique(
    exprs.map((e) => e.name),
    'select()',
  );
  return aggregates ? splitAggregates(plan, [], exprs, false) : projectNode(plan, exprs, 'select()');
}
