// first, last: the value of the group's first or last row, null included.
import { type LogicalType, physicalOf, widthOf } from '../../../../schema/types.ts';
import { flatten } from '../../columns/flatten.ts';
import { gather, gatherOrNull } from '../../columns/gather.ts';
import { RowStore } from '../../columns/row-store.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import { fillNoRow, GroupArray, plain, resultOf, seenValidity } from './state.ts';
import { ViewState } from './view-state.ts';

/** The bit of a group's state that says it holds a value (wasm/_extremes.ts). */
const VALUE = 1;

/** Flat dtypes: the value lies in the group's entry. */
class FlatPick implements Aggregator {
  readonly #type: LogicalType;
  readonly #wantsLast: 0 | 1;
  readonly #width: number;
  readonly #values: GroupArray;
  readonly #state: GroupArray;
  readonly #views: ViewState | undefined;

  constructor(type: LogicalType, wantsLast: boolean) {
    const physical = physicalOf(type);
    this.#type = type;
    this.#wantsLast = wantsLast ? 1 : 0;
    this.#width = widthOf(physical) || 1;
    this.#values = new GroupArray(this.#width);
    this.#views = physical === 'view' ? new ViewState() : undefined;
    this.#state = this.#views?.state ?? new GroupArray(1);
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#values.ensure(ctx, groups);
    this.#state.ensure(ctx, groups);
    this.#views?.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const v = this.#views ? flatten(ctx, args[0]!, ctx.scratch) : plain(ctx, args[0]!);
    if (length > 0) this.#take(ctx, v.data, v.validity, gids, length);
  }

  #take(ctx: ExecContext, data: number, validity: number, gids: number, length: number): void {
    const agg = ctx.kernels.get('agg');
    const list = this.#views ? ctx.scratch.alloc(length * 4) : 0;
    const values = this.#values.address;
    const state = this.#state.address;
    if (this.#width === 16) {
      const n = agg.pickRow16(this.#wantsLast, data, validity, gids, length, values, state, list);
      this.#views?.keep(ctx, values, list, n);
    } else agg.pickRow(this.#width, this.#wantsLast, data, validity, gids, length, values, state);
  }

  share(): unknown {
    return [this.#values.address, this.#state.address];
  }
  restore(shared: unknown): void {
    const [values, state] = shared as [number, number];
    this.#values.lookAt(values);
    this.#state.lookAt(state);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    // Groups have rows, but for the one group of a frame without any.
    if (groups === 0 || ctx.heap.refresh().u8[other.#state.address] === 0) return;
    const validity = seenValidity(ctx, other.#state.address, groups, VALUE);
    this.#take(ctx, other.#values.address, validity, map, groups);
    if (validity !== 0) ctx.arena.free(validity);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const validity = seenValidity(ctx, this.#state.address, groups, VALUE);
    this.#state.free(ctx);
    return resultOf(ctx, this.#type, groups, this.#values.give(), validity);
  }
}

/** Nested dtypes: picked rows are copied to a store. */
class NestedPick implements Aggregator {
  readonly #wantsLast: 0 | 1;
  readonly #store: RowStore;
  readonly #row = new GroupArray(4, fillNoRow);

  constructor(type: LogicalType, wantsLast: boolean) {
    this.#wantsLast = wantsLast ? 1 : 0;
    this.#store = new RowStore([{ name: '', type, nullable: true }]);
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#row.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const list = ctx.scratch.alloc(length * 4);
    const { address } = this.#row;
    const n = ctx.kernels.get('agg').pickRows(this.#wantsLast, gids, length, address, this.#store.length, list);
    if (n === 0) return;
    this.#store.append(ctx, { length: n, columns: [gather(ctx, args[0]!, list, n, ctx.scratch)], ordinal: 0 });
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    if (other.#store.length > 0) this.update(ctx, [other.#picked(ctx, groups)], map, groups);
  }

  #picked(ctx: ExecContext, groups: number): Vector {
    return gatherOrNull(ctx, this.#store.finish(ctx)[0]!, this.#row.address, groups, ctx.arena);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const result = this.#picked(ctx, groups);
    this.#row.free(ctx);
    return result;
  }
}

/** A column of nulls has null everywhere. */
class NullPick implements Aggregator {
  ensure(): void {}
  update(): void {}
  merge(): void {}
  finish(_ctx: ExecContext, groups: number): Vector {
    return { type: { dtype: 'Null' }, length: groups, data: 0, validity: 0 };
  }
}

const pick =
  (wantsLast: boolean): AggregatorFactory =>
  (_ctx, call) => {
    const { type } = call.args[0]!;
    switch (physicalOf(type)) {
      case 'null':
        return new NullPick();
      case 'list':
      case 'fixedList':
      case 'struct':
        return new NestedPick(type, wantsLast);
      default:
        return new FlatPick(type, wantsLast);
    }
  };

export const first = pick(false);
export const last = pick(true);
