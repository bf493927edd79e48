// mean: a compensated sum beside the number of values.
import { nullCount } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import { floatResult, GroupArray, plain } from './state.ts';

class Mean implements Aggregator {
  readonly #state = new GroupArray(32);

  ensure(ctx: ExecContext, groups: number): void {
    this.#state.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const agg = ctx.kernels.get('agg');
    const v = plain(ctx, args[0]!);
    if (gids === 0) agg.meanAll(v.data, length - nullCount(ctx, v), length, this.#state.address);
    else agg.mean(v.data, v.validity, gids, length, this.#state.address);
  }

  share(): unknown {
    return this.#state.address;
  }
  restore(shared: unknown): void {
    this.#state.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    ctx.kernels.get('agg').mergeMeans(this.#state.address, other.#state.address, map, groups);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const result = floatResult(ctx, groups, (data, seen) =>
      ctx.kernels.get('agg').finishMeans(this.#state.address, groups, data, seen),
    );
    this.#state.free(ctx);
    return result;
  }
}

export const mean: AggregatorFactory = () => new Mean();
