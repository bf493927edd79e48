// min, max, argMin, argMax: NaN is greatest, strings go by bytes, false is below true.
import { type LogicalType, physicalOf, widthOf } from '../../../../schema/types.ts';
import { flatten } from '../../columns/flatten.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import {
  type FillEntries,
  fillNoRow,
  GroupArray,
  kindOf,
  plain,
  resultOf,
  rowValidity,
  seenValidity,
} from './state.ts';
import { ViewState } from './view-state.ts';

/** Fills with the value that any other replaces: the greatest of the layout for min, the least for max. */
function neutral(type: LogicalType, wantsGreatest: boolean): FillEntries {
  const physical = physicalOf(type);
  const fill = (name: 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'f32' | 'f64', least: number, greatest: number) =>
    ((ctx, address, from, to) => {
      const array = ctx.heap.refresh()[name];
      const at = address / array.BYTES_PER_ELEMENT;
      array.fill(wantsGreatest ? least : greatest, at + from, at + to);
    }) satisfies FillEntries;
  switch (physical) {
    case 'bit':
    case 'u8':
      return fill('u8', 0, 255);
    case 'i8':
      return fill('i8', -128, 127);
    case 'i16':
      return fill('i16', -32768, 32767);
    case 'u16':
      return fill('u16', 0, 65535);
    case 'i32':
      return fill('i32', -(2 ** 31), 2 ** 31 - 1);
    case 'u32':
      return fill('u32', 0, 2 ** 32 - 1);
    case 'f32':
      return fill('f32', Number.NEGATIVE_INFINITY, Number.NaN);
    case 'f64':
      return fill('f64', Number.NEGATIVE_INFINITY, Number.NaN);
    default: {
      const signed = physical === 'i64';
      const value = wantsGreatest ? (signed ? 1n << 63n : 0n) : signed ? (1n << 63n) - 1n : (1n << 64n) - 1n;
      return (ctx, address, from, to) => {
        ctx.heap.refresh().u64.fill(value, address / 8 + from, address / 8 + to);
      };
    }
  }
}

/** min and max of values of up to 8 bytes. */
class FixedExtreme implements Aggregator {
  readonly #type: LogicalType;
  readonly #kind: number;
  readonly #wantsGreatest: 0 | 1;
  readonly #values: GroupArray;
  readonly #seen = new GroupArray(1);

  constructor(type: LogicalType, wantsGreatest: boolean) {
    const physical = physicalOf(type);
    this.#type = type;
    this.#kind = kindOf(physical);
    this.#wantsGreatest = wantsGreatest ? 1 : 0;
    this.#values = new GroupArray(widthOf(physical) || 1, neutral(type, wantsGreatest));
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#values.ensure(ctx, groups);
    this.#seen.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const v = plain(ctx, args[0]!);
    this.#take(ctx, v.data, v.validity, gids, length);
  }

  #take(ctx: ExecContext, data: number, validity: number, gids: number, length: number): void {
    const spare = ctx.scratch.alloc(16);
    const { address } = this.#values;
    ctx.kernels
      .get('agg')
      .extreme(this.#kind, this.#wantsGreatest, data, validity, gids, length, address, this.#seen.address, spare);
  }

  share(): unknown {
    return [this.#values.address, this.#seen.address];
  }
  restore(shared: unknown): void {
    const [values, seen] = shared as [number, number];
    this.#values.lookAt(values);
    this.#seen.lookAt(seen);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    const validity = seenValidity(ctx, other.#seen.address, groups);
    this.#take(ctx, other.#values.address, validity, map, groups);
    if (validity !== 0) ctx.arena.free(validity);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const validity = seenValidity(ctx, this.#seen.address, groups);
    const data = this.#values.give();
    if (validity !== 0) ctx.kernels.get('core').zeroNulls(data, validity, groups, widthOf(physicalOf(this.#type)) || 1);
    this.#seen.free(ctx);
    return resultOf(ctx, this.#type, groups, data, validity);
  }
}

/** The values of a layout, with row numbers: argMin and argMax of any dtype, min and max of wide ones. */
class RowExtreme implements Aggregator {
  readonly #type: LogicalType;
  readonly #wantsGreatest: 0 | 1;
  readonly #wantsRow: boolean;
  readonly #values: GroupArray;
  /** Row number of the best value. */
  readonly #row = new GroupArray(4, fillNoRow);
  /** Rows seen. */
  readonly #next = new GroupArray(4);
  readonly #views: ViewState | undefined;

  constructor(type: LogicalType, wantsGreatest: boolean, wantsRow: boolean) {
    const physical = physicalOf(type);
    this.#type = type;
    this.#wantsGreatest = wantsGreatest ? 1 : 0;
    this.#wantsRow = wantsRow;
    this.#values = new GroupArray(widthOf(physical) || 1);
    if (physical === 'view') this.#views = new ViewState();
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#values.ensure(ctx, groups);
    this.#row.ensure(ctx, groups);
    this.#next.ensure(ctx, groups);
    this.#views?.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const v = this.#views ? flatten(ctx, args[0]!, ctx.scratch) : plain(ctx, args[0]!);
    this.#take(ctx, v.data, v.validity, gids, length, 0);
  }

  /** `rows`: the row numbers of another aggregate's values, or 0. */
  #take(ctx: ExecContext, data: number, validity: number, gids: number, length: number, rows: number): void {
    const agg = ctx.kernels.get('agg');
    const greatest = this.#wantsGreatest;
    const views = this.#views;
    const list = views ? ctx.scratch.alloc(length * 4) : 0;
    const values = this.#values.address;
    const row = this.#row.address;
    const next = this.#next.address;
    if (views) {
      const state = views.state.address;
      const n = agg.extremeViews(greatest, data, validity, gids, length, values, row, next, rows, state, list);
      views.keep(ctx, values, list, n);
      return;
    }
    const physical = physicalOf(this.#type);
    if (physical === 'i128') agg.extreme128(greatest, data, validity, gids, length, values, row, next, rows);
    else agg.argExtreme(kindOf(physical), greatest, data, validity, gids, length, values, row, next, rows);
  }

  share(): unknown {
    return [this.#values.address, this.#row.address, this.#next.address];
  }
  restore(shared: unknown): void {
    const [values, row, next] = shared as [number, number, number];
    this.#values.lookAt(values);
    this.#row.lookAt(row);
    this.#next.lookAt(next);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    const validity = rowValidity(ctx, other.#row.address, groups);
    this.#take(ctx, other.#values.address, validity, map, groups, other.#row.address);
    ctx.kernels.get('agg').mergeCounts(this.#next.address, other.#next.address, map, groups);
    if (validity !== 0) ctx.arena.free(validity);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const validity = rowValidity(ctx, this.#row.address, groups);
    this.#next.free(ctx);
    if (this.#wantsRow) {
      const data = this.#row.give();
      if (validity !== 0) ctx.kernels.get('core').zeroNulls(data, validity, groups, 4);
      this.#values.free(ctx);
      return { type: { dtype: 'UInt32' }, length: groups, data, validity };
    }
    this.#row.free(ctx);
    return { type: this.#type, length: groups, data: this.#values.give(), validity };
  }
}

const extreme =
  (wantsGreatest: boolean): AggregatorFactory =>
  (_ctx, call) => {
    const { type } = call.args[0]!;
    return (widthOf(physicalOf(type)) || 1) === 16
      ? new RowExtreme(type, wantsGreatest, false)
      : new FixedExtreme(type, wantsGreatest);
  };
const argExtreme =
  (wantsGreatest: boolean): AggregatorFactory =>
  (_ctx, call) =>
    new RowExtreme(call.args[0]!.type, wantsGreatest, true);

export const min = extreme(false);
export const max = extreme(true);
/** The row number within the group, first on ties. */
export const argMin = argExtreme(false);
export const argMax = argExtreme(true);
