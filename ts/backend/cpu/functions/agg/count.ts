// count: rows with a value. len: rows.
import { nullCount } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import type { FusedPart } from './fused-groups.ts';
import { GroupArray } from './state.ts';

class Count implements Aggregator {
  readonly #counts = new GroupArray(4);

  ensure(ctx: ExecContext, groups: number): void {
    this.#counts.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const v = args[0];
    if (v?.type.dtype === 'Null') return;
    const counts = this.#counts.address;
    if (gids === 0) ctx.heap.refresh().u32[counts >>> 2]! += length - (v ? nullCount(ctx, v) : 0);
    else if (v && v.validity !== 0) ctx.kernels.get('agg').countValid(v.validity, gids, length, counts);
    else ctx.kernels.get('agg').countRows(gids, length, counts);
  }

  take(ctx: ExecContext, { rows, nulls, stride, groups }: FusedPart): void {
    ctx.kernels.get('accumulate').takeCounts(0, rows, nulls, stride, groups, this.#counts.address, 4);
  }

  share(): unknown {
    return this.#counts.address;
  }
  restore(shared: unknown): void {
    this.#counts.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    ctx.kernels.get('agg').mergeCounts(this.#counts.address, other.#counts.address, map, groups);
  }

  finish(_ctx: ExecContext, groups: number): Vector {
    return { type: { dtype: 'UInt32' }, length: groups, data: this.#counts.give(), validity: 0 };
  }
}

export const count: AggregatorFactory = () => new Count();
export const len: AggregatorFactory = () => new Count();
