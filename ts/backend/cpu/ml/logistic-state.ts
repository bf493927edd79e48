// What logistic regression keeps between steps, and what its two solvers share.
import type { KernelContext } from './kernel.ts';
import type { LogisticPass, LogisticShape } from './logistic-pass.ts';

export interface LogisticState extends LogisticShape {
  /** Penalties of coefficients, against Σ w loss. The intercept has none. */
  readonly l1: number;
  readonly l2: number;
  readonly tol: number;
  readonly maxIter: number;
  readonly newton: boolean;
  /** Every how many tiles of rows the first iterations look at; 1 once all rows are looked at. */
  step: number;
  /** Blocks of d doubles; the first two pairs change places. */
  coef: number;
  gradient: number;
  trial: number;
  trialGradient: number;
  readonly direction: number;
  /** Objective and gradient at `coef` are known. */
  known: boolean;
  value: number;
  nIter: number;
  /** How far the last step was in the norm of the Hessian: about the error before it. */
  length: number;
  done: boolean;
  converged: boolean;
}

/** Objective at `at`; the gradient of its smooth part goes to `gradient`, the second derivatives of the loss to `hessian`. */
export function objective(
  ctx: KernelContext,
  pass: LogisticPass,
  s: LogisticState,
  at: number,
  gradient: number,
  hessian = 0,
): number {
  let value = pass.run(at, s.step, gradient, hessian);
  const { f64 } = ctx.heap.refresh();
  for (let c = 0; c < s.k; c++)
    for (let j = 0; j < s.p; j++) {
      const w = f64[(at >>> 3) + c * s.q + j]!;
      f64[(gradient >>> 3) + c * s.q + j]! += s.l2 * w;
      value += 0.5 * s.l2 * w * w + s.l1 * Math.abs(w);
    }
  return value;
}

/** Σ l1 |w + direction| − Σ l1 |w|. */
function penaltyChange(ctx: KernelContext, s: LogisticState): number {
  if (s.l1 === 0) return 0;
  const { f64 } = ctx.heap.refresh();
  let change = 0;
  for (let c = 0; c < s.k; c++)
    for (let j = 0; j < s.p; j++) {
      const i = c * s.q + j;
      const w = f64[(s.coef >>> 3) + i]!;
      change += Math.abs(w + f64[(s.direction >>> 3) + i]!) - Math.abs(w);
    }
  return s.l1 * change;
}

/**
 * Goes along the direction by 1, ½, ¼ … until the objective falls by enough; the place and its gradient become the current
 * ones. Gives the share gone, 0 where nothing helps.
 */
export function lineSearch(ctx: KernelContext, pass: LogisticPass, s: LogisticState): number {
  const dense = ctx.kernels.get('dense');
  const slope = dense.dot(s.gradient, s.direction, s.d) + penaltyChange(ctx, s);
  // Where rounding of the sum is larger than what a step can gain, the direction is trusted.
  const noise = 1e-12 * (1 + Math.abs(s.value));
  for (let t = 1; t > 1e-9; t /= 2) {
    const { f64 } = ctx.heap.refresh();
    f64.copyWithin(s.trial >>> 3, s.coef >>> 3, (s.coef >>> 3) + s.d);
    dense.addScaled(s.direction, t, s.trial, s.d);
    const value = objective(ctx, pass, s, s.trial, s.trialGradient);
    if (!(value <= s.value + 1e-4 * t * Math.min(slope, 0) + noise)) continue;
    [s.coef, s.trial] = [s.trial, s.coef];
    [s.gradient, s.trialGradient] = [s.trialGradient, s.gradient];
    s.value = value;
    return t;
  }
  return 0;
}

/** Below this length of a step, in the norm of the Hessian, coefficients are as good as `tol` asks. */
export const lengthLimit = (s: LogisticState): number => 0.01 * s.tol * Math.sqrt(1 + s.value);

/** Ends a fit that rounding keeps from going on. */
export function stalled(s: LogisticState): void {
  s.done = true;
  s.converged = s.length ** 2 <= 1e-9 * (1 + s.value);
}
