// Group by: rows → groups → one aggregate per column.
import { UnsupportedError } from '../../../errors.ts';
import type { CallNode, ExprNode } from '../../../expr/nodes.ts';
import type { AggregateNode } from '../../../plan/nodes.ts';
import type { LogicalType, Schema } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import { ownedSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import { createEvaluator, type Evaluator } from '../evaluate.ts';
import { FusedGroups, type FusedShape, fusedShape } from '../functions/agg/fused-groups.ts';
import { aggregatorOf, canShareState } from '../functions/agg/index.ts';
import { meanOfExact } from '../functions/agg/mean.ts';
import type { Aggregator } from '../functions/contracts.ts';
import { GroupTable } from '../groups/group-table.ts';
import type { Sink, Source, ThreadedSink } from '../pipeline.ts';
import type { Batch, Vector } from '../vector.ts';
import { groupsOf, lanesFor } from './lanes.ts';

/** One aggregate and which of the evaluated expressions it takes. */
export interface AggregateColumn {
  readonly call: CallNode;
  readonly args: readonly number[];
}

/**
 * The sink of an aggregation. Groups come out in order of first appearance, which `maintainOrder` asks for. Without
 * keys there is one group, also when there are no rows.
 */
export function createAggregateSink(node: AggregateNode, input: Schema): AggregateSink {
  const { columns, exprs } = aggregateExprs(node);
  return new AggregateSink(columns, node.keys.length, exprs, createEvaluator(exprs, input));
}

/** What an aggregation evaluates of each batch: its keys, then what the aggregates take. */
export function aggregateExprs(node: AggregateNode): { columns: AggregateColumn[]; exprs: ExprNode[] } {
  const exprs: ExprNode[] = node.keys.map((k) => k.expr);
  const places = new Map<string | ExprNode, number>();
  const columns = node.aggs.map(({ name, expr }): AggregateColumn => {
    if (expr.node !== 'call' || !aggregatorOf(expr.fn))
      throw new UnsupportedError(
        `The CPU engine cannot compute the aggregate of column "${name}": expected a call of an aggregate function but got ${expr.node === 'call' ? expr.fn : expr.node}.`,
        { column: name },
      );
    const call = meanOfExact(expr);
    return { call, args: call.args.map((arg) => placeOf(arg, exprs, places)) };
  });
  return { columns, exprs };
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

/** Groups and their aggregates over some of the rows. */
interface Partial {
  readonly table: GroupTable | undefined;
  readonly aggregators: readonly Aggregator[];
  /** States of some aggregates until they take them over. */
  fused: FusedGroups | null;
  /** Groups that the aggregators have room for. */
  ensured: number;
}

/** A partial of another thread: enough to be merged. */
interface PartialJson {
  readonly lane: number;
  readonly groups: number;
  readonly keys: readonly Vector[];
  readonly aggregators: readonly unknown[];
}

/**
 * Groups and their aggregates so far. Sums of floats depend on how rows are divided, so the rows of the input are divided
 * into lanes, runs of pieces, by what the first piece holds and never by threads; lanes are merged in order.
 */
export class AggregateSink implements Sink {
  readonly threads?: ThreadedSink;
  readonly #columns: readonly AggregateColumn[];
  readonly #types: readonly LogicalType[];
  readonly #evaluator: Evaluator;
  readonly #fused: FusedShape | null;
  readonly #isFused: ReadonlySet<number>;
  /** Partials by lane; those before the last one that this thread alone has filled are merged already. */
  readonly #lanes = new Map<number, Partial>();
  #current: Partial | null = null;
  #lane = -1;
  #pieces = 1;
  /** Pieces of a lane; 0 until the first piece has been seen. */
  #unit = 0;
  #sampleRows = 0;
  /** Lanes are filled one after another, all of them here. */
  #isAlone = true;
  readonly #others: PartialJson[] = [];

  constructor(columns: readonly AggregateColumn[], keyCount: number, exprs: readonly ExprNode[], evaluator: Evaluator) {
    this.#columns = columns;
    this.#evaluator = evaluator;
    this.#types = exprs.slice(0, keyCount).map((e) => e.type);
    this.#fused = keyCount > 0 ? fusedShape(columns) : null;
    this.#isFused = new Set(this.#fused?.parts.map((p) => p.aggregate));
    if (columns.every(({ call }) => canShareState(call)))
      this.threads = {
        wantsSample: true,
        unit: () => {
          this.#isAlone = false;
          return this.#laneUnit();
        },
        share: () => [this.#unit, this.#pieces],
        restore: (_, shared) => {
          this.#isAlone = false;
          [this.#unit, this.#pieces] = shared as [number, number];
        },
        part: (ctx) => [...this.#lanes].map(([lane, partial]) => this.#takeJson(ctx, lane, partial)),
        merge: (_, part) => {
          this.#others.push(...(part as PartialJson[]));
        },
      };
  }

  expect(pieces: number): void {
    this.#pieces = pieces;
  }

  /** Pieces of a lane, from what the first piece held. */
  #laneUnit(): number {
    if (this.#unit > 0) return this.#unit;
    const groups = this.#current?.table?.count ?? 0;
    const lanes = lanesFor(groups, this.#sampleRows, this.#sampleRows * this.#pieces);
    this.#unit = this.threads ? Math.ceil(this.#pieces / lanes) : this.#pieces;
    const rows = this.#sampleRows * this.#unit;
    if (rows > 0) this.#current?.table?.expect(groupsOf(groups, this.#sampleRows, rows));
    return this.#unit;
  }

  begin(ctx: ExecContext, piece: number): void {
    // The first piece tells how many lanes there are.
    const lane = piece === 0 ? 0 : Math.floor(piece / this.#laneUnit());
    if (lane === this.#lane || piece >= this.#pieces) return;
    if (this.#isAlone && this.#lane > 0) this.#mergeLane(ctx);
    this.#lane = lane;
    this.#current = null;
  }

  /** Merges the lane that has ended into the first. */
  #mergeLane(ctx: ExecContext): void {
    const [first, ...rest] = [...this.#lanes.values()];
    for (const partial of rest) {
      this.#mergeLast(ctx, first!, this.#takeJson(ctx, 0, partial), partial.aggregators);
    }
    for (const lane of [...this.#lanes.keys()].slice(1)) this.#lanes.delete(lane);
  }

  #partial(ctx: ExecContext): Partial {
    if (this.#current) return this.#current;
    const known = this.#lanes.get(this.#lane);
    this.#current = known ?? this.#newPartial(ctx);
    this.#lanes.set(this.#lane, this.#current);
    return this.#current;
  }

  #newPartial(ctx: ExecContext): Partial {
    return {
      table: this.#types.length > 0 ? new GroupTable(this.#types) : undefined,
      aggregators: this.#columns.map(({ call }) => aggregatorOf(call.fn)!(ctx, call)),
      fused: this.#fused && new FusedGroups(this.#fused),
      ensured: 0,
    };
  }

  /** Every aggregate has its own state from here on. */
  #settle(ctx: ExecContext, partial: Partial): void {
    const { fused, aggregators, ensured } = partial;
    partial.fused = null;
    fused?.settle(ctx, aggregators, ensured);
  }

  #ensure(ctx: ExecContext, partial: Partial, groups: number): void {
    if (groups <= partial.ensured) return;
    partial.fused?.ensure(ctx, groups);
    partial.aggregators.forEach((a, i) => {
      if (!partial.fused || !this.#isFused.has(i)) a.ensure(ctx, groups);
    });
    partial.ensured = groups;
  }

  push(ctx: ExecContext, batch: Batch): void {
    const { length } = batch;
    if (length === 0) return;
    const partial = this.#partial(ctx);
    const { table } = partial;
    if (this.#unit === 0) this.#sampleRows += length;
    const vectors = this.#evaluator.evaluate(ctx, batch);
    let gids = 0;
    if (table) {
      gids = table.assign(ctx, vectors.slice(0, this.#types.length), length);
      this.#ensure(ctx, partial, table.count);
    } else this.#ensure(ctx, partial, 1);
    const { fused } = partial;
    fused?.update(ctx, vectors, gids, length);
    partial.aggregators.forEach((a, i) => {
      if (fused && this.#isFused.has(i)) return;
      a.update(
        ctx,
        this.#columns[i]!.args.map((at) => vectors[at]!),
        gids,
        length,
      );
    });
  }

  #toJson(ctx: ExecContext, lane: number, partial: Partial): PartialJson {
    this.#settle(ctx, partial);
    const { table, aggregators, ensured } = partial;
    return {
      lane,
      groups: table ? table.count : ensured,
      keys: table?.keys(ctx) ?? [],
      aggregators: aggregators.map((a) => a.share?.() ?? null),
    };
  }

  /** The same of a partial that takes no more rows. */
  #takeJson(ctx: ExecContext, lane: number, partial: Partial): PartialJson {
    this.#settle(ctx, partial);
    const groups = partial.table ? partial.table.count : partial.ensured;
    const keys = partial.table?.takeKeys(ctx) ?? [];
    return { lane, groups, keys, aggregators: partial.aggregators.map((a) => a.share?.() ?? null) };
  }

  /** As `merge`, of keys that nothing else needs. */
  #mergeLast(ctx: ExecContext, into: Partial, from: PartialJson, aggregators: readonly Aggregator[]): void {
    this.#merge(ctx, into, from, aggregators);
    for (const { data, validity, children } of from.keys) {
      if (children) continue;
      ctx.arena.free(data);
      ctx.arena.free(validity);
    }
  }

  /** Adds the groups of a partial over rows that come after ours. */
  #merge(ctx: ExecContext, into: Partial, from: PartialJson, aggregators: readonly Aggregator[]): void {
    const { groups, keys } = from;
    if (groups === 0) return;
    this.#settle(ctx, into);
    // Without keys group 0 goes to group 0.
    const map = into.table ? into.table.mergeKeys(ctx, keys, groups) : allocZeroed(ctx, 4, ctx.arena);
    this.#ensure(ctx, into, into.table ? into.table.count : 1);
    into.aggregators.forEach((a, i) => {
      a.merge(ctx, aggregators[i]!, map, groups);
    });
    ctx.arena.free(map);
  }

  /** Adds what another sink of the same node has seen, of rows that come after ours. */
  mergeFrom(ctx: ExecContext, other: AggregateSink): void {
    const into = this.#whole(ctx);
    const from = other.#whole(ctx);
    this.#merge(ctx, into, other.#toJson(ctx, 0, from), from.aggregators);
  }

  /** All lanes in one partial, merged in order. */
  #whole(ctx: ExecContext): Partial {
    const own = [...this.#lanes].map(([lane, partial]) => ({ lane, partial, json: null as PartialJson | null }));
    const theirs = this.#others.splice(0).map((json) => ({ lane: json.lane, partial: null, json }));
    const all = [...own, ...theirs].sort((a, b) => a.lane - b.lane);
    const whole = all[0]?.partial ?? this.#newPartial(ctx);
    for (const { partial, json } of all) {
      if (partial === whole) continue;
      if (partial) this.#mergeLast(ctx, whole, this.#takeJson(ctx, 0, partial), partial.aggregators);
      else this.#mergeLast(ctx, whole, json!, this.#standIns(ctx, json!));
    }
    this.#lanes.clear();
    this.#lanes.set(0, whole);
    this.#current = whole;
    this.#lane = 0;
    return whole;
  }

  #standIns(ctx: ExecContext, json: PartialJson): Aggregator[] {
    return this.#columns.map(({ call }, i) => {
      const aggregator = aggregatorOf(call.fn)!(ctx, call);
      aggregator.restore?.(json.aggregators[i]);
      return aggregator;
    });
  }

  finish(ctx: ExecContext): Source {
    const whole = this.#whole(ctx);
    const { table, aggregators } = whole;
    const groups = table ? table.count : 1;
    this.#settle(ctx, whole);
    this.#ensure(ctx, whole, groups);
    const keys: Vector[] = table ? table.takeKeys(ctx) : [];
    const results = aggregators.map((a) => a.finish(ctx, groups));
    return ownedSource([...keys, ...results], groups);
  }
}
