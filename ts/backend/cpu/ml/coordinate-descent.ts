// Coordinate descent for ½ uᵀ G u − xyᵀ u + Σ l1 |u| + ½ l2 |u|², where G holds products of columns: lasso and elastic net.
// Source: Friedman, Hastie, Tibshirani, Regularization paths for generalized linear models via coordinate descent (2010);
// the duality gap that ends it: Kim and others, An interior-point method for large-scale l1-regularized least squares (2007).
import { uniform } from '../../../util/philox.ts';
import { readF64, zeros } from './columns.ts';
import type { KernelContext, KernelHandler } from './kernel.ts';

/** Multiplications of one step: about a twentieth of a second. */
const WORK_PER_STEP = 1e8;

interface DescentState {
  readonly n: number;
  readonly gram: number;
  readonly xy: number;
  readonly u: number;
  readonly gu: number;
  readonly l1s: number;
  readonly l2s: number;
  readonly order: number;
  readonly out: number;
  readonly l1: number;
  readonly l2: number;
  readonly yNorm: number;
  readonly tol: number;
  readonly maxIter: number;
  readonly positive: boolean;
  /** Null: coordinates in turn. */
  readonly seed: number | null;
  nIter: number;
  gap: number;
  done: boolean;
}

/** How far the objective is from its minimum, at most. Brings G u up to date first: sweeps leave rounding in it. */
function dualityGap(ctx: KernelContext, s: DescentState): number {
  const { n, l1, l2 } = s;
  const dense = ctx.kernels.get('dense');
  dense.multiplyRows(s.gram, n, s.u, 0, n, s.gu);
  const { f64 } = ctx.heap.refresh();
  const fit = dense.dot(s.u, s.xy, n);
  const residual = Math.max(0, s.yNorm + dense.dot(s.u, s.gu, n) - 2 * fit);
  const along = s.yNorm - fit;
  let size = 0;
  let square = 0;
  let steepest = 0;
  let slopes = 0;
  for (let j = 0; j < n; j++) {
    const u = f64[(s.u >>> 3) + j]!;
    const slope = f64[(s.xy >>> 3) + j]! - f64[(s.gu >>> 3) + j]!;
    const left = slope - l2 * u;
    size += Math.abs(u);
    square += u * u;
    // Without l1: what is left to gain. A coefficient at its bound has nothing to gain below it.
    slopes += s.positive && u === 0 ? Math.max(slope, 0) ** 2 : (s.positive ? left : slope) ** 2;
    steepest = Math.max(steepest, s.positive ? left : Math.abs(left));
  }
  // Without l1 the dual has no constraint; without both the gradient itself is the measure.
  if (l1 === 0) return l2 === 0 || s.positive ? slopes : residual + 0.5 * l2 * square - along + slopes / (2 * l2);
  const shrink = steepest > l1 ? l1 / steepest : 1;
  return (
    0.5 * residual * (1 + shrink * shrink) + l1 * size - shrink * along + 0.5 * l2 * (1 + shrink * shrink) * square
  );
}

function sweep(ctx: KernelContext, s: DescentState): { change: number; largest: number } {
  const { n, seed } = s;
  if (seed !== null) {
    const { i32 } = ctx.heap.refresh();
    for (let k = 0; k < n; k++) i32[(s.order >>> 2) + k] = Math.floor(uniform(seed, s.nIter * n + k) * n);
  }
  const dense = ctx.kernels.get('dense');
  dense.descentSweep(s.gram, n, s.u, s.gu, s.xy, s.l1s, s.l2s, seed === null ? 0 : s.order, s.positive ? 1 : 0, s.out);
  const { f64 } = ctx.heap.refresh();
  return { change: f64[s.out >>> 3]!, largest: f64[(s.out >>> 3) + 1]! };
}

export const coordinateDescentKernels: Readonly<Record<string, KernelHandler>> = {
  'descent.create': {
    run(ctx, { params, arrays }) {
      const given = params as Pick<DescentState, 'n' | 'l1' | 'l2' | 'yNorm' | 'tol' | 'maxIter' | 'positive' | 'seed'>;
      const { n } = given;
      const { keep } = ctx;
      const copy = (name: string, length: number): number => {
        const block = keep.alloc(8 * length);
        const from = arrays[name]!.address >>> 3;
        ctx.heap.refresh().f64.copyWithin(block >>> 3, from, from + length);
        return block;
      };
      const filled = (value: number): number => {
        const block = keep.alloc(8 * n);
        ctx.heap.refresh().f64.fill(value, block >>> 3, (block >>> 3) + n);
        return block;
      };
      const state: DescentState = {
        ...given,
        gram: copy('gram', n * n),
        xy: copy('xy', n),
        u: zeros(ctx, n, keep),
        gu: zeros(ctx, n, keep),
        l1s: filled(given.l1),
        l2s: filled(given.l2),
        order: keep.alloc(4 * n),
        out: keep.alloc(16),
        nIter: 0,
        gap: 0,
        done: false,
      };
      state.gap = dualityGap(ctx, state);
      state.done = state.gap <= state.tol * state.yNorm;
      return { state: { ...state } };
    },
  },
  'descent.step': {
    run(ctx, { states }) {
      const s: DescentState = { ...(states[0] as DescentState) };
      const dense = ctx.kernels.get('dense');
      for (let work = 0; !s.done && work < WORK_PER_STEP; work += s.n * s.n) {
        if (s.nIter >= s.maxIter) break;
        const { change, largest } = sweep(ctx, s);
        s.nIter++;
        const still = largest === 0 || change <= s.tol * largest;
        if (still || s.nIter === s.maxIter) {
          s.gap = dualityGap(ctx, s);
          // Where rounding is all that changes, no sweep brings the gap lower.
          s.done = s.gap <= s.tol * s.yNorm || (s.seed === null && change <= Number.EPSILON * largest);
        } else if (s.nIter % 64 === 0) dense.multiplyRows(s.gram, s.n, s.u, 0, s.n, s.gu);
        ctx.control.checkAbort();
      }
      return {
        json: { nIter: s.nIter, gap: Math.max(0, s.gap), done: s.done },
        arrays: { coef: readF64(ctx, s.u, s.n) },
        state: { ...s },
      };
    },
  },
};
