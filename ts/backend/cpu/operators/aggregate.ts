// Group by: rows → groups → one aggregate per column.
import { UnsupportedError } from '../../../errors.ts';
import type { CallNode, ExprNode } from '../../../expr/nodes.ts';
import type { AggregateNode } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import { createEvaluator, type Evaluator } from '../evaluate.ts';
import { aggregatorOf } from '../functions/agg/index.ts';
import type { Aggregator } from '../functions/contracts.ts';
import { GroupTable } from '../groups/group-table.ts';
import type { Sink, Source } from '../pipeline.ts';
import type { Batch, Vector } from '../vector.ts';

/** One aggregate and which of the evaluated expressions it takes. */
interface Column {
  readonly call: CallNode;
  readonly args: readonly number[];
}

/**
 * The sink of an aggregation. Groups come out in order of first appearance, which `maintainOrder` asks for. Without
 * keys there is one group, also when there are no rows.
 */
export function createAggregateSink(node: AggregateNode, input: Schema): AggregateSink {
  const exprs: ExprNode[] = node.keys.map((k) => k.expr);
  const keyCount = exprs.length;
  const places = new Map<string | ExprNode, number>();
  const columns = node.aggs.map(({ name, expr }): Column => {
    if (expr.node !== 'call' || !aggregatorOf(expr.fn))
      throw new UnsupportedError(
        `The CPU engine cannot compute the aggregate of column "${name}": expected a call of an aggregate function but got ${expr.node === 'call' ? expr.fn : expr.node}.`,
        { column: name },
      );
    return { call: expr, args: expr.args.map((arg) => placeOf(arg, exprs, places)) };
  });
  return new AggregateSink(columns, keyCount, exprs, createEvaluator(exprs, input));
}

/** Where an argument is among the evaluated expressions; columns that several aggregates take are there once. */
function placeOf(arg: ExprNode, exprs: ExprNode[], places: Map<string | ExprNode, number>): number {
  const key = arg.node === 'col' ? arg.name : arg;
  let at = places.get(key);
  if (at === undefined) {
    at = exprs.length;
    exprs.push(arg);
    places.set(key, at);
  }
  return at;
}

/** Groups and their aggregates so far. Sinks of several threads over parts of the rows are merged in row order. */
export class AggregateSink implements Sink {
  readonly #columns: readonly Column[];
  readonly #keyCount: number;
  readonly #evaluator: Evaluator;
  readonly #table: GroupTable | undefined;
  #aggregators: Aggregator[] | undefined;
  #ensured = 0;

  constructor(columns: readonly Column[], keyCount: number, exprs: readonly ExprNode[], evaluator: Evaluator) {
    this.#columns = columns;
    this.#keyCount = keyCount;
    this.#evaluator = evaluator;
    if (keyCount > 0) this.#table = new GroupTable(exprs.slice(0, keyCount).map((e) => e.type));
  }

  #start(ctx: ExecContext): Aggregator[] {
    this.#aggregators ??= this.#columns.map(({ call }) => aggregatorOf(call.fn)!(ctx, call));
    return this.#aggregators;
  }

  #ensure(ctx: ExecContext, groups: number): void {
    if (groups <= this.#ensured) return;
    for (const a of this.#start(ctx)) a.ensure(ctx, groups);
    this.#ensured = groups;
  }

  push(ctx: ExecContext, batch: Batch): void {
    const { length } = batch;
    if (length === 0) return;
    const vectors = this.#evaluator.evaluate(ctx, batch);
    let gids = 0;
    if (this.#table) {
      gids = this.#table.assign(ctx, vectors.slice(0, this.#keyCount), length);
      this.#ensure(ctx, this.#table.count);
    } else this.#ensure(ctx, 1);
    this.#start(ctx).forEach((a, i) => {
      a.update(
        ctx,
        this.#columns[i]!.args.map((at) => vectors[at]!),
        gids,
        length,
      );
    });
  }

  /** Adds what another sink of the same node has seen, of rows that come after ours. */
  mergeFrom(ctx: ExecContext, other: AggregateSink): void {
    const groups = other.#table ? other.#table.count : other.#ensured;
    if (groups === 0) return;
    // Without keys group 0 goes to group 0.
    const map = this.#table ? this.#table.mergeFrom(ctx, other.#table!) : allocZeroed(ctx, 4, ctx.arena);
    this.#ensure(ctx, this.#table ? this.#table.count : 1);
    const theirs = other.#start(ctx);
    this.#start(ctx).forEach((a, i) => {
      a.merge(ctx, theirs[i]!, map, groups);
    });
    ctx.arena.free(map);
  }

  finish(ctx: ExecContext): Source {
    const groups = this.#table ? this.#table.count : 1;
    this.#ensure(ctx, groups);
    const keys: Vector[] = this.#table ? this.#table.keys(ctx) : [];
    this.#table?.free(ctx);
    const results = this.#start(ctx).map((a) => a.finish(ctx, groups));
    return vectorsSource([...keys, ...results], groups);
  }
}
