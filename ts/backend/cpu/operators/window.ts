// Windows: `over` columns beside the input's. The input is kept, or read where it is; its rows are arranged by partition
// and order once per distinct pair of them, every call is computed over arranged rows, and reading brings results back
// to the input's order.
import { UnsupportedError } from '../../../errors.ts';
import type { CallNode, ExprNode, OverNode } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import { slice } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import { aggregatorOf } from '../functions/agg/index.ts';
import { windowOf } from '../functions/window/index.ts';
import { GroupTable } from '../groups/group-table.ts';
import type { Shared, Sink, Source } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { ComputedColumns } from './computed-columns.ts';
import { orderedSource } from './ordered-source.ts';
import type { SortKey } from './sort-parts.ts';
import { type Arrangement, arrange, arranged, freeVector } from './window-arrange.ts';

/** An `over` and the column it makes. */
export interface WindowColumn {
  readonly name: string;
  readonly over: OverNode;
}

/** Computes the `over` columns and appends them to the input's columns; rows stay in order. */
export function createWindowSink(overs: readonly WindowColumn[], input: Schema): Sink {
  return new WindowSink(overs, input);
}

/** Rows grouped by one list of keys. */
interface Grouping {
  readonly keys: readonly number[];
  readonly table: GroupTable;
  /** The column of the store that holds group numbers. */
  readonly gids: number;
}

/** One `over`, resolved to columns of the store. */
interface Plan {
  readonly call: CallNode;
  readonly args: readonly number[];
  readonly grouping: Grouping | null;
  readonly order: readonly { column: number; descending: boolean; nullsFirst: boolean }[];
  /** Overs with one arrangement share it. */
  readonly arrangement: string;
}

/** A computed column: row i of the input is `vector[index[i]]`; index 0 = the same rows, −1 = always the first. */
interface Computed {
  readonly vector: Vector;
  readonly index: number;
}
const ONE_VALUE = -1;
const NOT_GIVEN: Vector = Object.freeze({ type: Object.freeze({ dtype: 'Null' }), length: 0, data: 0, validity: 0 });

class WindowSink implements Sink {
  readonly #width: number;
  readonly #columns: ComputedColumns;
  readonly #groupings: Grouping[] = [];
  readonly #plans: readonly Plan[];
  readonly #schema: Schema;
  #store: RowStore;
  /** Columns that are read where they are; null: the store has a copy. */
  #borrowed: readonly (Vector | null)[] = [];

  constructor(overs: readonly WindowColumn[], input: Schema) {
    this.#width = input.length;
    const exprs: ExprNode[] = [];
    const add = (e: ExprNode): number => exprs.push(e) - 1;
    // Numbers of expressions first; their columns are known when all of them are.
    const wanted = overs.map(({ over }) => {
      const call = callOf(over);
      return {
        call,
        args: call.args.map((a, i) => (i > 0 && a.node === 'lit' ? -1 : add(a))),
        keys: over.partitionBy.map(add),
        order: over.orderBy.map((k) => ({ ...k, expr: add(k.expr) })),
      };
    });
    this.#columns = new ComputedColumns(exprs, input);
    const { positions, schema } = this.#columns;
    this.#plans = wanted.map((w) => {
      const keys = w.keys.map((k) => positions[k]!);
      const grouping = keys.length === 0 ? null : this.#groupingOf(keys, schema);
      const order = w.order.map((k) => ({
        column: positions[k.expr]!,
        descending: k.descending,
        nullsFirst: k.nullsFirst,
      }));
      return {
        call: w.call,
        args: w.args.map((a) => (a < 0 ? -1 : positions[a]!)),
        grouping,
        order,
        arrangement: JSON.stringify([grouping?.gids ?? -1, order]),
      };
    });
    const gids = this.#groupings.map((g) => ({
      name: `\u0000gids${g.gids}`,
      type: { dtype: 'UInt32' } as const,
      nullable: false,
    }));
    this.#schema = [...schema, ...gids];
    this.#store = new RowStore(this.#schema);
  }

  #groupingOf(keys: readonly number[], schema: Schema): Grouping {
    const known = this.#groupings.find((g) => g.keys.join() === keys.join());
    if (known) return known;
    const table = new GroupTable(keys.map((k) => schema[k]!.type));
    const grouping = { keys, table, gids: schema.length + this.#groupings.length };
    this.#groupings.push(grouping);
    return grouping;
  }

  /** Kernels read values, not codes: what has a dictionary is copied. */
  borrow(ctx: ExecContext, columns: readonly Vector[], length: number): void {
    const borrowed = columns.map((v) => (v.dict ? null : v));
    this.#borrowed = borrowed;
    this.#store = new RowStore(this.#schema.filter((_, i) => !borrowed[i]));
    const mark = ctx.scratch.mark();
    for (let at = 0, ordinal = 0; at < length; at += MORSEL_ROWS, ordinal++) {
      ctx.control.checkAbort();
      const n = Math.min(MORSEL_ROWS, length - at);
      this.push(ctx, { length: n, columns: columns.map((v) => slice(v, at, n)), ordinal });
      ctx.scratch.rewind(mark);
    }
  }

  push(ctx: ExecContext, batch: Batch): void {
    const extended = this.#columns.extend(ctx, batch);
    const gids = this.#groupings.map((g): Vector => {
      const keys = g.keys.map((k) => extended.columns[k]!);
      return {
        type: { dtype: 'UInt32' },
        length: batch.length,
        data: g.table.assign(ctx, keys, batch.length),
        validity: 0,
      };
    });
    const kept = [...extended.columns, ...gids].filter((_, i) => !this.#borrowed[i]);
    this.#store.append(ctx, { ...extended, columns: kept });
  }

  finish(ctx: ExecContext): Source {
    const length = this.#store.length;
    const copies = this.#store.finish(ctx);
    let next = 0;
    const columns = this.#schema.map((_, i) => this.#borrowed[i] ?? copies[next++]!);
    const arrangements = new Map<string, Arrangement>();
    const results = this.#plans.map((plan) => {
      const window = windowOf(plan.call.fn);
      if (!window && plan.order.length === 0) return this.#wholeGroups(ctx, plan, columns, length);
      let arrangement = arrangements.get(plan.arrangement);
      if (!arrangement) {
        arrangement = this.#arrange(ctx, plan, columns, length);
        arrangements.set(plan.arrangement, arrangement);
      }
      const args = argsOf(plan, columns);
      ctx.control.checkAbort();
      if (window) return computeWindow(ctx, plan.call, args, arrangement);
      return computeAggregate(ctx, plan.call, args, arrangement);
    });
    for (const g of this.#groupings) g.table.free(ctx);
    const rows: WindowRows = { columns: columns.slice(0, this.#width), results, length };
    return windowSource(rows, (c, taken) => {
      this.#store.free(c);
      for (const r of results) if (!taken.has(r)) freeVector(c, r.vector);
      for (const a of arrangements.values())
        for (const address of [a.rows, a.positions, a.partitions.starts]) if (address !== 0) c.arena.free(address);
    });
  }

  source(_: ExecContext, shared: Shared): Source {
    return windowSource(shared as WindowRows, () => {});
  }

  /** An aggregate that does not look at the order: rows need no arranging, only their groups. */
  #wholeGroups(ctx: ExecContext, plan: Plan, columns: readonly Vector[], length: number): Computed {
    const g = plan.grouping;
    const count = length === 0 ? 0 : (g?.table.count ?? 1);
    const gids = g && length > 0 ? columns[g.gids]!.data : 0;
    const partitions = { count, starts: 0, length, rows: 0 };
    return computeAggregate(ctx, plan.call, argsOf(plan, columns), { partitions, gids, rows: 0, positions: 0 });
  }

  #arrange(ctx: ExecContext, plan: Plan, columns: readonly Vector[], length: number): Arrangement {
    const order: SortKey[] = plan.order.map((k) => ({
      vector: columns[k.column]!,
      descending: k.descending,
      nullsFirst: k.nullsFirst,
    }));
    const g = plan.grouping;
    // Without rows the store has no column of groups yet.
    return arrange(ctx, length, g && length > 0 ? columns[g.gids]!.data : 0, g?.table.count ?? 0, order);
  }
}

/** Binding puts nothing but a call of a window function or an aggregate inside an `over`. */
function callOf(over: OverNode): CallNode {
  const call = over.expr;
  if (call.node !== 'call' || !(windowOf(call.fn) || aggregatorOf(call.fn))) {
    const what = call.node === 'call' ? `${call.fn}()` : `an expression of kind '${call.node}'`;
    throw new UnsupportedError(`The CPU engine cannot compute ${what} inside over().`, { backend: 'cpu' });
  }
  return call;
}

const argsOf = (plan: Plan, columns: readonly Vector[]): Vector[] =>
  plan.args.map((a) => (a < 0 ? NOT_GIVEN : columns[a]!));

function computeWindow(ctx: ExecContext, call: CallNode, args: readonly Vector[], a: Arrangement): Computed {
  const inOrder = args.map((v) => (v === NOT_GIVEN ? v : arranged(ctx, a, v)));
  const vector = windowOf(call.fn)!(ctx, call, inOrder, a.partitions);
  inOrder.forEach((v, i) => {
    if (v !== args[i]) freeVector(ctx, v);
  });
  return { vector, index: a.positions };
}

/** One value per partition, fed in window order where rows are arranged. */
function computeAggregate(ctx: ExecContext, call: CallNode, args: readonly Vector[], a: Arrangement): Computed {
  const { count, length } = a.partitions;
  const aggregator = aggregatorOf(call.fn)!(ctx, call);
  aggregator.ensure(ctx, count);
  const mark = ctx.scratch.mark();
  for (let at = 0; at < length; at += MORSEL_ROWS) {
    const n = Math.min(MORSEL_ROWS, length - at);
    if (a.rows !== 0) {
      const sel = a.rows + at * 4;
      const some = args.map((v) => gather(ctx, v, sel, n, ctx.scratch));
      aggregator.update(ctx, some, a.gids === 0 ? 0 : gatherIds(ctx, a.gids, sel, n), n);
    } else {
      const some = args.map((v) => slice(v, at, n));
      aggregator.update(ctx, some, a.gids === 0 ? 0 : a.gids + at * 4, n);
    }
    ctx.scratch.rewind(mark);
    ctx.control.checkAbort();
  }
  return { vector: aggregator.finish(ctx, count), index: a.gids === 0 ? ONE_VALUE : a.gids };
}

function gatherIds(ctx: ExecContext, gids: number, sel: number, n: number): number {
  const out = ctx.scratch.alloc(n * 4);
  ctx.kernels.get('core').gather4(gids, sel, n, out);
  return out;
}

/** The input's columns and the computed ones. */
interface WindowRows {
  readonly columns: readonly Vector[];
  readonly results: readonly Computed[];
  readonly length: number;
}

/** Rows of both, fetched in the input's order. Computed columns that are in this order can be had as they are. */
function windowSource(rows: WindowRows, onClose: (ctx: ExecContext, taken: ReadonlySet<Computed>) => void): Source {
  const { columns, results, length } = rows;
  const fetch = (ctx: ExecContext, at: number, n: number): Vector[] => {
    const read = ({ vector, index }: Computed): Vector => {
      if (index === 0) return slice(vector, at, n);
      const sel = index === ONE_VALUE ? allocZeroed(ctx, n * 4, ctx.scratch) : index + at * 4;
      return gather(ctx, vector, sel, n, ctx.scratch);
    };
    return [...columns.map((v) => slice(v, at, n)), ...results.map(read)];
  };
  const taken = new Set<Computed>();
  const source = orderedSource(
    length,
    fetch,
    (ctx) => onClose(ctx, taken),
    () => rows,
  );
  if (results.some((r) => r.index !== 0)) return source;
  return {
    ...source,
    whole: () => ({ columns: [...columns, ...results.map((r) => r.vector)], length }),
    take(_, picks) {
      const wanted = picks.map((i) => results[i - columns.length]);
      if (new Set(wanted).size < wanted.length || wanted.includes(undefined)) return null;
      for (const r of wanted) taken.add(r!);
      return { columns: wanted.map((r) => r!.vector), length };
    },
  };
}
