// var, skew, kurtosis, cov, corr: moments about running means, so that a large mean costs no digits.
import type { CallNode } from '../../../../expr/nodes.ts';
import type { ExecContext } from '../../context.ts';
import type { AggKernels } from '../../kernels.gen.ts';
import type { Vector } from '../../vector.ts';
import type { Aggregator, AggregatorFactory } from '../contracts.ts';
import { floatResult, GroupArray, plain } from './state.ts';

/** The kernels of one family of moments. */
interface Moments {
  /** Bytes of an entry. */
  readonly width: number;
  update(agg: AggKernels, args: readonly Vector[], gids: number, length: number, state: number): void;
  merge(agg: AggKernels, to: number, from: number, map: number, groups: number): void;
}

const SECOND: Moments = {
  width: 32,
  update: (agg, [x], gids, n, state) => agg.moments2(x!.data, x!.validity, gids, n, state),
  merge: (agg, to, from, map, groups) => agg.mergeAllMoments2(to, from, map, groups),
};
const FOURTH: Moments = {
  width: 40,
  update: (agg, [x], gids, n, state) => agg.moments4(x!.data, x!.validity, gids, n, state),
  merge: (agg, to, from, map, groups) => agg.mergeAllMoments4(to, from, map, groups),
};
const PRODUCTS: Moments = {
  width: 48,
  update: (agg, [x, y], gids, n, state) => agg.products(x!.data, x!.validity, y!.data, y!.validity, gids, n, state),
  merge: (agg, to, from, map, groups) => agg.mergeAllProducts(to, from, map, groups),
};

type Finish = (agg: AggKernels, state: number, groups: number, data: number, seen: number) => void;

class MomentAggregator implements Aggregator {
  readonly #moments: Moments;
  readonly #finish: Finish;
  readonly #state: GroupArray;

  constructor(moments: Moments, finish: Finish) {
    this.#moments = moments;
    this.#finish = finish;
    this.#state = new GroupArray(moments.width);
  }

  ensure(ctx: ExecContext, groups: number): void {
    this.#state.ensure(ctx, groups);
  }

  update(ctx: ExecContext, args: readonly Vector[], gids: number, length: number): void {
    const flat = args.map((v) => plain(ctx, v));
    this.#moments.update(ctx.kernels.get('agg'), flat, gids, length, this.#state.address);
  }

  share(): unknown {
    return this.#state.address;
  }
  restore(shared: unknown): void {
    this.#state.lookAt(shared as number);
  }

  merge(ctx: ExecContext, other: this, map: number, groups: number): void {
    this.#moments.merge(ctx.kernels.get('agg'), this.#state.address, other.#state.address, map, groups);
  }

  finish(ctx: ExecContext, groups: number): Vector {
    const result = floatResult(ctx, groups, (data, seen) =>
      this.#finish(ctx.kernels.get('agg'), this.#state.address, groups, data, seen),
    );
    this.#state.free(ctx);
    return result;
  }
}

const ddofOf = (call: CallNode): number => (call.options['ddof'] as number | undefined) ?? 1;

/** Welford's method; null below ddof + 1 values. */
export const variance: AggregatorFactory = (_ctx, call) =>
  new MomentAggregator(SECOND, (agg, state, n, data, seen) => agg.finishVariance(state, n, ddofOf(call), data, seen));
/** Population skewness, m3 / m2^1.5; NaN where all values are equal. */
export const skew: AggregatorFactory = () =>
  new MomentAggregator(FOURTH, (agg, state, n, data, seen) => agg.finishShape(state, n, 0, data, seen));
/** Population excess kurtosis, m4 / m2² − 3; NaN where all values are equal. */
export const kurtosis: AggregatorFactory = () =>
  new MomentAggregator(FOURTH, (agg, state, n, data, seen) => agg.finishShape(state, n, 1, data, seen));
/** Rows with both values count. */
export const cov: AggregatorFactory = (_ctx, call) =>
  new MomentAggregator(PRODUCTS, (agg, state, n, data, seen) =>
    agg.finishCovariance(state, n, ddofOf(call), data, seen),
  );
/** Pearson's correlation; NaN where a column has no spread. */
export const corr: AggregatorFactory = () =>
  new MomentAggregator(PRODUCTS, (agg, state, n, data, seen) => agg.finishCorrelation(state, n, data, seen));
