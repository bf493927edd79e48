// nUnique, mode: both look at the distinct values within each group, found by a table over (group, value).
import { bytesFor, type LogicalType } from '../../../../schema/types.ts';
import { allocZeroed } from '../../columns/alloc.ts';
import { gatherOrNull } from '../../columns/gather.ts';
import { slice } from '../../columns/slice.ts';
import type { ExecContext } from '../../context.ts';
import { GroupTable } from '../../groups/group-table.ts';
import { MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import { fillNoRow, GroupArray } from './state.ts';

const UINT32: LogicalType = { dtype: 'UInt32' };

/** Distinct values: of one group without `owners`, else of each. */
interface Pairs {
  readonly length: number;
  /** The group of each, or 0. */
  readonly owners: number;
  readonly values: Vector;
}

/** Numbers the distinct (group, value) pairs; `counted` keeps how often each comes. */
class PairTable {
  readonly #type: LogicalType;
  #table: GroupTable | undefined;
  #isGrouped = false;
  readonly #counts: GroupArray | undefined;

  constructor(type: LogicalType, counted: boolean) {
    this.#type = type;
    this.#counts = counted ? new GroupArray(4) : undefined;
  }

  update(ctx: ExecContext, values: Vector, gids: number, length: number, times = 0): void {
    if (!this.#table) {
      this.#isGrouped = gids !== 0;
      this.#table = new GroupTable(this.#isGrouped ? [UINT32, this.#type] : [this.#type]);
    }
    const owners: Vector = { type: UINT32, length, data: gids, validity: 0 };
    const ids = this.#table.assign(ctx, this.#isGrouped ? [owners, values] : [values], length);
    if (!this.#counts) return;
    this.#counts.ensure(ctx, this.#table.count);
    const agg = ctx.kernels.get('agg');
    if (times === 0) agg.countRows(ids, length, this.#counts.address);
    else agg.mergeCounts(this.#counts.address, times, ids, length);
  }

  get counts(): number {
    return this.#counts?.address ?? 0;
  }

  pairs(ctx: ExecContext): Pairs {
    if (!this.#table) return { length: 0, owners: 0, values: { type: this.#type, length: 0, data: 0, validity: 0 } };
    const keys = this.#table.keys(ctx);
    const { count: length } = this.#table;
    return this.#isGrouped
      ? { length, owners: keys[0]!.data, values: keys[1]! }
      : { length, owners: 0, values: keys[0]! };
  }

  merge(ctx: ExecContext, other: PairTable, map: number): void {
    const { length, owners, values } = other.pairs(ctx);
    for (let from = 0; from < length; from += MORSEL_ROWS) {
      const mark = ctx.scratch.mark();
      const n = Math.min(MORSEL_ROWS, length - from);
      let mapped = 0;
      // One group merged into one group stays without owners.
      if (owners !== 0 || this.#isGrouped) {
        mapped = ctx.scratch.alloc(n * 4);
        if (owners === 0) {
          const { u32 } = ctx.heap.refresh();
          u32.fill(u32[map >>> 2]!, mapped >>> 2, (mapped >>> 2) + n);
        } else ctx.kernels.get('core').gather4(map, owners + from * 4, n, mapped);
      }
      this.update(ctx, slice(values, from, n), mapped, n, other.#counts ? other.counts + from * 4 : 0);
      ctx.scratch.rewind(mark);
    }
  }

  free(ctx: ExecContext): void {
    this.#table?.free(ctx);
    this.#counts?.free(ctx);
  }
}

/** Distinct values, null counting as one. */
class NUnique implements Aggregator {
  readonly #pairs: PairTable;

  constructor(type: LogicalType) {
    this.#pairs = new PairTable(type, false);
  }

  ensure(): void {}

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    this.#pairs.update(ctx, args[0]!, gids, length);
  }

  merge(ctx: ExecContext, other: this, map: number): void {
    this.#pairs.merge(ctx, other.#pairs, map);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const data = allocZeroed(ctx, groups * 4, ctx.arena);
    const { owners, length } = this.#pairs.pairs(ctx);
    if (owners !== 0) ctx.kernels.get('agg').countRows(owners, length, data);
    else if (groups > 0) ctx.heap.refresh().u32[data >>> 2] = length;
    this.#pairs.free(ctx);
    return { type: UINT32, length: groups, data, validity: 0 };
  }
}

/** The value that comes most often, null left out; the first in row order on ties. */
class Mode implements Aggregator {
  readonly #type: LogicalType;
  readonly #pairs: PairTable;

  constructor(type: LogicalType) {
    this.#type = type;
    this.#pairs = new PairTable(type, true);
  }

  ensure(): void {}

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    this.#pairs.update(ctx, args[0]!, gids, length);
  }

  merge(ctx: ExecContext, other: this, map: number): void {
    this.#pairs.merge(ctx, other.#pairs, map);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const { owners, length, values } = this.#pairs.pairs(ctx);
    if (length === 0 || this.#type.dtype === 'Null') {
      const validity = this.#type.dtype === 'Null' ? 0 : allocZeroed(ctx, bytesFor('bit', groups), ctx.arena);
      return { type: this.#type, length: groups, data: allocZeroed(ctx, groups * 16, ctx.arena), validity };
    }
    const best = new GroupArray(4, fillNoRow);
    best.ensure(ctx, groups);
    const most = allocZeroed(ctx, groups * 4, ctx.arena);
    ctx.kernels.get('agg').mostFrequent(owners, values.validity, this.#pairs.counts, length, best.address, most);
    const result = gatherOrNull(ctx, values, best.address, groups, ctx.arena);
    ctx.arena.free(most);
    best.free(ctx);
    this.#pairs.free(ctx);
    return result;
  }
}

export const nUnique: AggregatorFactory = (_ctx, call) => new NUnique(call.args[0]!.type);
export const mode: AggregatorFactory = (_ctx, call) => new Mode(call.args[0]!.type);
