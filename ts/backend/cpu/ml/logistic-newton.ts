// Newton's method for logistic regression, proximal where there is an l1 penalty. The first iterations look at a sample of
// the rows; its Hessian then serves for all rows as long as steps shrink fast.
// Sources: Lee, Sun, Saunders, Proximal Newton-type methods for minimizing composite functions (2014); Erdogdu and
// Montanari, Convergence rates of sub-sampled Newton methods (2015).
import { DeviceError } from '../../../errors.ts';
import { cholesky } from './dense.ts';
import type { KernelContext } from './kernel.ts';
import type { LogisticPass } from './logistic-pass.ts';
import { type LogisticState, lengthLimit, lineSearch, objective, stalled } from './logistic-state.ts';

export interface NewtonState extends LogisticState {
  /** (d, d), both triangles, penalty included. */
  readonly hessian: number;
  readonly factor: number;
  /** Of coordinate descent: d doubles each. */
  readonly point: number;
  readonly product: number;
  readonly target: number;
  readonly l1s: number;
  readonly zeros: number;
  readonly out: number;
  /** The Hessian is to be made again. */
  stale: boolean;
  /** It is of the current place and of all rows. */
  exact: boolean;
}

/** Steps shrink at least by this, or the Hessian is made again. */
const FAST = 0.2;
const MOST_SWEEPS = 1000;

/** One iteration. */
export function newtonStep(ctx: KernelContext, pass: LogisticPass, s: NewtonState): void {
  if (s.stale || s.step > 1 || !s.known) {
    if (s.stale || s.step > 1) {
      s.value = objective(ctx, pass, s, s.coef, s.gradient, s.hessian);
      finishHessian(ctx, s);
      s.exact = s.step === 1;
      s.stale = false;
    } else s.value = objective(ctx, pass, s, s.coef, s.gradient);
    s.known = true;
  }
  const before = s.length;
  s.length = s.l1 === 0 ? solve(ctx, s) : descend(ctx, s);
  s.nIter++;
  const gone = lineSearch(ctx, pass, s);
  if (s.step > 1) {
    // The sample's own optimum is off by about this much: nothing is won by coming closer to it.
    if (gone === 0 || s.length ** 2 <= 0.1 * s.d * s.step) {
      s.step = 1;
      s.known = false;
      s.length = Number.MAX_VALUE;
    }
    return;
  }
  if (gone === 0) {
    if (s.exact) stalled(s);
    else s.stale = true;
    return;
  }
  if (gone === 1 && s.length <= lengthLimit(s)) {
    s.done = true;
    s.converged = true;
  } else if (s.length > FAST * before || gone < 1) s.stale = true;
  s.exact = false;
}

/** The penalty, and what fixes the one direction that changes nothing: the same added to every class's intercept. */
function finishHessian(ctx: KernelContext, s: NewtonState): void {
  const { f64 } = ctx.heap.refresh();
  const at = s.hessian >>> 3;
  for (let c = 0; c < s.k; c++) for (let j = 0; j < s.p; j++) f64[at + (c * s.q + j) * (s.d + 1)]! += s.l2;
  if (s.k === 1 || s.q === s.p) return;
  let mean = 0;
  for (let c = 0; c < s.k; c++) mean += f64[at + (c * s.q + s.p) * (s.d + 1)]! / s.k;
  for (let a = 0; a < s.k; a++) for (let b = 0; b < s.k; b++) f64[at + (a * s.q + s.p) * s.d + b * s.q + s.p]! += mean;
}

/** direction = −H⁻¹ gradient; gives its length in the norm of H. */
function solve(ctx: KernelContext, s: NewtonState): number {
  const dense = ctx.kernels.get('dense');
  const { f64 } = ctx.heap.refresh();
  const { d } = s;
  let largest = 0;
  for (let i = 0; i < d; i++) largest = Math.max(largest, f64[(s.hessian >>> 3) + i * (d + 1)]!);
  for (let jitter = 0; ; jitter = jitter === 0 ? 1e-14 * largest : 100 * jitter) {
    f64.copyWithin(s.factor >>> 3, s.hessian >>> 3, (s.hessian >>> 3) + d * d);
    if (jitter > 0) for (let i = 0; i < d; i++) f64[(s.factor >>> 3) + i * (d + 1)]! += jitter;
    if (cholesky(ctx, s.factor, d, 0)) break;
    if (!(jitter <= largest)) throw new DeviceError('ERR_DEVICE', 'The second derivatives are not finite.');
  }
  for (let i = 0; i < d; i++) f64[(s.direction >>> 3) + i] = -f64[(s.gradient >>> 3) + i]!;
  dense.choleskySolve(s.factor, d, s.direction);
  return Math.sqrt(Math.max(0, -dense.dot(s.gradient, s.direction, d)));
}

/** direction to the minimum of the quadratic model with the l1 penalty, by coordinate descent; gives its length. */
function descend(ctx: KernelContext, s: NewtonState): number {
  const dense = ctx.kernels.get('dense');
  const { f64 } = ctx.heap.refresh();
  const { d } = s;
  f64.copyWithin(s.point >>> 3, s.coef >>> 3, (s.coef >>> 3) + d);
  dense.multiplyRows(s.hessian, d, s.point, 0, d, s.product);
  for (let i = 0; i < d; i++) f64[(s.target >>> 3) + i] = f64[(s.product >>> 3) + i]! - f64[(s.gradient >>> 3) + i]!;
  for (let n = 0; n < MOST_SWEEPS; n++) {
    dense.descentSweep(s.hessian, d, s.point, s.product, s.target, s.l1s, s.zeros, 0, 0, s.out);
    if (f64[s.out >>> 3]! <= 1e-12 * f64[(s.out >>> 3) + 1]!) break;
    if (n % 16 === 15) ctx.control.checkAbort();
  }
  for (let i = 0; i < d; i++) f64[(s.direction >>> 3) + i] = f64[(s.point >>> 3) + i]! - f64[(s.coef >>> 3) + i]!;
  dense.multiplyRows(s.hessian, d, s.direction, 0, d, s.product);
  return Math.sqrt(Math.max(0, dense.dot(s.direction, s.product, d)));
}
