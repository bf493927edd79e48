// Least squares and ridge for fewer rows than features: through the products of rows, (n, n), instead of those of columns.
// Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd edition, section 18.3.5.
import { float64Data, readF64, writeF64, zeros } from './columns.ts';
import { eigenOf } from './dense.ts';
import type { KernelContext, KernelHandler, KernelInput, KernelOutput } from './kernel.ts';
import { Moments } from './moments.ts';

/** Shares of the largest eigenvalue: what is below the first is rounding, what is above the second is sure. */
const NOISE = 1e-13;
const SURE = 1e-8;
const ROUNDS = 2;

function solveDual(ctx: KernelContext, { params, tables, arrays }: KernelInput): KernelOutput {
  const { alpha, weighted } = params as { alpha: number; weighted: boolean };
  const table = tables[0]!;
  const n = table.rows;
  const means = readF64(ctx, arrays['means']!.address, arrays['means']!.length);
  const p = means.length - 1;
  const dense = ctx.kernels.get('dense');
  const rows = ctx.arena.alloc(8 * n * p + 64);
  const y = ctx.arena.alloc(8 * n);
  const list = ctx.arena.alloc(4 * n);
  const { f64, u32 } = ctx.heap.refresh();
  const weights = weighted ? float64Data(table.columns[p + 1]!) >>> 3 : -1;
  const root = (i: number): number => (weights < 0 ? 1 : Math.sqrt(f64[weights + i]!));
  for (let j = 0; j <= p; j++) {
    const x = float64Data(table.columns[j]!) >>> 3;
    const to = (j < p ? rows + 8 * j : y) >>> 3;
    const stride = j < p ? p : 1;
    for (let i = 0; i < n; i++) f64[to + i * stride] = (f64[x + i]! - means[j]!) * root(i);
  }
  for (let i = 0; i < n; i++) u32[(list >>> 2) + i] = rows + 8 * i * p;
  const products = new Moments(ctx, n, zeros(ctx, n), null);
  products.add(list, 0, p);
  const { d, qt } = eigenOf(ctx, writeF64(ctx, products.result(new Float64Array(n), false).cross), n);
  const values = readF64(ctx, d, n);
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const kept = Array.from(values, (_, k) => k).filter((k) => values[k]! > NOISE * n * largest);
  if (alpha < SURE * largest && kept.some((k) => values[k]! < SURE * largest))
    return { json: { sure: false, rank: 0 }, arrays: { coef: new Float64Array(p) } };
  // (K + alpha) c = y, then b = Xᵀ c; the second round solves for what rounding left.
  const c = zeros(ctx, n);
  const coef = zeros(ctx, p);
  const left = ctx.arena.alloc(8 * n);
  for (let round = 0; round < ROUNDS; round++) {
    const view = ctx.heap.refresh().f64;
    for (let i = 0; i < n; i++)
      view[(left >>> 3) + i] =
        view[(y >>> 3) + i]! - dense.dot(rows + 8 * i * p, coef, p) - alpha * view[(c >>> 3) + i]!;
    for (const k of kept) {
      const vector = qt + 8 * n * k;
      dense.addScaled(vector, dense.dot(vector, left, n) / (values[k]! + alpha), c, n);
    }
    view.fill(0, coef >>> 3, (coef >>> 3) + p);
    for (let i = 0; i < n; i++) dense.addScaled(rows + 8 * i * p, view[(c >>> 3) + i]!, coef, p);
    ctx.control.checkAbort();
  }
  return { json: { sure: true, rank: kept.length }, arrays: { coef: readF64(ctx, coef, p) } };
}

export const dualLeastSquaresKernels: Readonly<Record<string, KernelHandler>> = {
  'linear.dual': { run: solveDual },
};
