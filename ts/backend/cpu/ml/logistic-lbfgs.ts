// L-BFGS for logistic regression with many coefficients. Directions start from the second derivatives at zero, which are
// the same for every class: a factored (q, q) matrix.
// Sources: Nocedal and Wright, Numerical Optimization, 2nd edition, section 7.2; Böhning, Multinomial logistic regression
// algorithm (1992), for the matrix.

import type { ResidentTable } from '../planner.ts';
import { readF64 } from './columns.ts';
import { cholesky } from './dense.ts';
import type { KernelContext } from './kernel.ts';
import { LogisticPass } from './logistic-pass.ts';
import { type LogisticState, lengthLimit, lineSearch, objective, stalled } from './logistic-state.ts';

export interface LbfgsState extends LogisticState {
  /** Factor of the first matrix, (q, q); 0 where q is too large for one. */
  readonly factor: number;
  /** Steps and changes of the gradient, MEMORY of d doubles each; the newest is `newest`. */
  readonly steps: number;
  readonly changes: number;
  stored: number;
  newest: number;
}

export const MEMORY = 12;
/** Multiplications that the first matrix may cost, and its most rows. */
const FACTOR_WORK = 2e9;
export const MOST_FACTORED = 2048;

/** Second derivatives at zero, with the penalty, factored at `factor`. */
export function firstMatrix(ctx: KernelContext, table: ResidentTable, s: LogisticState, factor: number): void {
  const { q, p, k } = s;
  const pass = new LogisticPass(ctx, table, { p, q, k: 1, d: q, weighted: s.weighted });
  const nothing = ctx.arena.alloc(8 * q);
  ctx.heap.refresh().f64.fill(0, nothing >>> 3, (nothing >>> 3) + q);
  const step = Math.max(1, Math.floor(Math.min((table.rows * q * q) / FACTOR_WORK, table.rows / (4 * q + 1024))));
  pass.run(nothing, step, ctx.arena.alloc(8 * q), factor);
  const { f64 } = ctx.heap.refresh();
  // p (1 − p) is ¼ for two classes, and 1/k at most where the sum over classes of a change is zero.
  const share = k === 1 ? 1 : 4 / k;
  let largest = 0;
  for (let i = 0; i < q * q; i++) f64[(factor >>> 3) + i]! *= share;
  for (let i = 0; i < q; i++) {
    if (i < p) f64[(factor >>> 3) + i * (q + 1)]! += s.l2;
    largest = Math.max(largest, f64[(factor >>> 3) + i * (q + 1)]!);
  }
  const matrix = readF64(ctx, factor, q * q);
  for (let jitter = 1e-14 * largest; !cholesky(ctx, factor, q, 0); jitter *= 100) {
    const view = ctx.heap.refresh().f64;
    view.set(matrix, factor >>> 3);
    for (let i = 0; i < q; i++) view[(factor >>> 3) + i * (q + 1)]! += jitter;
  }
}

/** One iteration. */
export function lbfgsStep(ctx: KernelContext, pass: LogisticPass, s: LbfgsState): void {
  const dense = ctx.kernels.get('dense');
  const { d } = s;
  if (!s.known) {
    s.value = objective(ctx, pass, s, s.coef, s.gradient);
    s.known = true;
  }
  direction(ctx, s);
  s.length = Math.sqrt(Math.max(0, -dense.dot(s.gradient, s.direction, d)));
  s.nIter++;
  const gone = lineSearch(ctx, pass, s);
  if (gone === 0) {
    if (s.stored === 0) stalled(s);
    else s.stored = 0;
    return;
  }
  if (gone === 1 && s.length <= lengthLimit(s)) {
    s.done = true;
    s.converged = true;
    return;
  }
  // The previous gradient is where the trial's was: the two changed places.
  const slot = (s.newest + 1) % MEMORY;
  const step = s.steps + 8 * d * slot;
  const change = s.changes + 8 * d * slot;
  const { f64 } = ctx.heap.refresh();
  for (let i = 0; i < d; i++) {
    f64[(step >>> 3) + i] = f64[(s.coef >>> 3) + i]! - f64[(s.trial >>> 3) + i]!;
    f64[(change >>> 3) + i] = f64[(s.gradient >>> 3) + i]! - f64[(s.trialGradient >>> 3) + i]!;
  }
  const curvature = dense.dot(step, change, d);
  if (!(curvature > 1e-14 * Math.sqrt(dense.dot(step, step, d) * dense.dot(change, change, d)))) return;
  s.newest = slot;
  s.stored = Math.min(MEMORY, s.stored + 1);
}

/** direction = −(inverse of what L-BFGS knows of the Hessian) × gradient, by the two loops. */
function direction(ctx: KernelContext, s: LbfgsState): void {
  const dense = ctx.kernels.get('dense');
  const { d } = s;
  const { f64 } = ctx.heap.refresh();
  const at = s.direction;
  for (let i = 0; i < d; i++) f64[(at >>> 3) + i] = -f64[(s.gradient >>> 3) + i]!;
  const slots = Array.from({ length: s.stored }, (_, i) => (s.newest - i + MEMORY) % MEMORY);
  const pairs = slots.map((slot) => {
    const step = s.steps + 8 * d * slot;
    const change = s.changes + 8 * d * slot;
    return { step, change, rho: 1 / dense.dot(step, change, d) };
  });
  const alphas = pairs.map(({ step, change, rho }) => {
    const alpha = rho * dense.dot(step, at, d);
    dense.addScaled(change, -alpha, at, d);
    return alpha;
  });
  if (s.factor !== 0) for (let c = 0; c < s.k; c++) dense.choleskySolve(s.factor, s.q, at + 8 * s.q * c);
  else {
    const newest = pairs[0];
    const scale = newest
      ? 1 / (newest.rho * dense.dot(newest.change, newest.change, d))
      : 1 / Math.max(1, Math.sqrt(dense.dot(at, at, d)));
    for (let i = 0; i < d; i++) f64[(at >>> 3) + i]! *= scale;
  }
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, rho } = pairs[i]!;
    dense.addScaled(step, alphas[i]! - rho * dense.dot(change, at, d), at, d);
  }
}
