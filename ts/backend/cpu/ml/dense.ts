// Kernels on small dense symmetric matrices: eigendecomposition and positive definite systems.
import { DeviceError } from '../../../errors.ts';
import type { Task } from '../worker/crew.ts';
import { readF64, zeros } from './columns.ts';
import type { KernelContext, KernelHandler } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Columns of a task that turns rows of Qᵀ: fixed, though any cut gives the same bits. */
const COLUMN_BLOCK = 64;
const ROWS_PER_CALL = 16;
const POWER_STEPS = 12;

/**
 * Factors the (n, n) matrix at `a` into L Lᵀ, in its lower triangle. Gives false where a pivot is not above `least`: the
 * matrix is not positive definite.
 */
export function cholesky(ctx: KernelContext, a: number, n: number, least: number): boolean {
  const dense = ctx.kernels.get('dense');
  for (let i = 0; i < n; i += ROWS_PER_CALL) {
    if (dense.choleskyRows(a, n, i, Math.min(n, i + ROWS_PER_CALL), least) >= 0) return false;
    if (n > 500) ctx.control.checkAbort();
  }
  return true;
}

/** Up to this many rows rotations are quick enough, and better for eigenvalues that differ by many powers of ten. */
const MOST_JACOBI = 64;
const MOST_SWEEPS = 60;

/**
 * Eigenvalues and unit vectors of a small symmetric matrix at `a`, which is used up, by cyclic Jacobi rotations. Source:
 * Golub and Van Loan, Matrix Computations, 4th edition, section 8.5; Demmel and Veselić, Jacobi's method is more accurate
 * than QR (1992).
 */
function jacobi(ctx: KernelContext, a: number, n: number): { d: number; qt: number } {
  const qt = zeros(ctx, n * n);
  const d = zeros(ctx, n);
  const f64 = ctx.heap.refresh().f64;
  for (let i = 0; i < n; i++) f64[(qt >>> 3) + i * (n + 1)] = 1;
  const dense = ctx.kernels.get('dense');
  for (let sweep = 0; dense.jacobiSweep(a, qt, n) > 0; sweep++) if (sweep >= MOST_SWEEPS) throw notConverging(n);
  for (let i = 0; i < n; i++) f64[(d >>> 3) + i] = f64[(a >>> 3) + i * (n + 1)]!;
  return { d, qt };
}

const notConverging = (n: number): DeviceError =>
  new DeviceError('ERR_DEVICE', `The eigenvalues of a matrix of ${n} rows do not converge. Is a value NaN?`);

/**
 * Eigenvalues and unit vectors of the symmetric matrix at `a`, which is used up: Householder's reduction, then implicit
 * QL whose turns are collected and done to blocks of columns by all threads. Source: Golub and Van Loan, Matrix
 * Computations, 4th edition, section 8.3.
 */
function eigen(ctx: KernelContext, a: number, n: number): { d: number; qt: number } {
  const { arena, heap, control, kernels } = ctx;
  const dense = kernels.get('dense');
  const d = zeros(ctx, n);
  const e = zeros(ctx, n + 1);
  const taus = zeros(ctx, n);
  const work = zeros(ctx, n + 2);
  const reflectors = arena.alloc(8 * n * n);
  for (let k = 0; k < n; k++) {
    dense.reduceColumn(a, n, k, d, e, reflectors, taus, work);
    if (k % 16 === 0) control.checkAbort();
  }
  // The matrix itself is used up: Qᵀ takes its place.
  const qt = a;
  const f64 = heap.refresh().f64;
  f64.fill(0, qt >>> 3, (qt >>> 3) + n * n);
  for (let i = 0; i < n; i++) f64[(qt >>> 3) + i * (n + 1)] = 1;
  for (let k = n - 2; k >= 0; k--) {
    dense.applyReflector(qt, n, k, reflectors, taus, k + 1, n);
    if (k % 16 === 0) control.checkAbort();
  }
  const capacity = Math.max(4096, 4 * n);
  const rotations = arena.alloc(24 * capacity);
  const progress = zeros(ctx, 1);
  for (;;) {
    const count = dense.qlRotations(d, e, n, progress, rotations, capacity);
    const tasks: Task[] = [];
    for (let from = 0; from < n; from += COLUMN_BLOCK)
      tasks.push(['dense', 'rotateRows', qt, n, rotations, count, from, Math.min(n, from + COLUMN_BLOCK)]);
    if (count > 0) runTasks(ctx, tasks, 2 * count * n);
    const found = heap.refresh().i32[progress >>> 2]!;
    if (found < 0) throw notConverging(n);
    if (found >= n) break;
    control.checkAbort();
  }
  return { d, qt };
}

/** The square root of the condition number of a factored matrix, by power iterations both ways: an estimate from below. */
function condition(ctx: KernelContext, matrix: number, factor: number, n: number): number {
  const dense = ctx.kernels.get('dense');
  const x = zeros(ctx, n);
  const y = zeros(ctx, n);
  const { f64 } = ctx.heap.refresh();
  const start = (): void => {
    // Any vector that is not an eigenvector: a fixed irregular one.
    for (let i = 0; i < n; i++) f64[(x >>> 3) + i] = 1 + Math.sin(1 + 7 * i);
  };
  const norm = (at: number): number => Math.sqrt(dense.dot(at, at, n));
  const divide = (at: number, by: number): void => {
    for (let i = 0; i < n; i++) f64[(at >>> 3) + i]! /= by;
  };
  start();
  let largest = 0;
  for (let k = 0; k < POWER_STEPS; k++) {
    divide(x, norm(x) || 1);
    dense.multiplyRows(matrix, n, x, 0, n, y);
    largest = norm(y);
    f64.copyWithin(x >>> 3, y >>> 3, (y >>> 3) + n);
  }
  start();
  let inverse = 0;
  for (let k = 0; k < POWER_STEPS; k++) {
    divide(x, norm(x) || 1);
    dense.choleskySolve(factor, n, x);
    inverse = norm(x);
  }
  return largest * inverse;
}

/** Eigenvalues and unit vectors (rows of Qᵀ) of the symmetric matrix at `a`, in no order; the matrix is used up. */
export const eigenOf = (ctx: KernelContext, a: number, n: number): { d: number; qt: number } =>
  (n <= MOST_JACOBI ? jacobi : eigen)(ctx, a, n);

export const denseKernels: Readonly<Record<string, KernelHandler>> = {
  'dense.eigen': {
    run(ctx, { params, arrays }) {
      const { n } = params as { n: number };
      const { d, qt } = eigenOf(ctx, arrays['matrix']!.address, n);
      const values = readF64(ctx, d, n);
      const order = Array.from(values, (_, i) => i).sort((i, j) => values[j]! - values[i]! || i - j);
      const out = ctx.arena.alloc(8 * n * n);
      const { u8 } = ctx.heap.refresh();
      order.forEach((from, to) => {
        u8.copyWithin(out + 8 * n * to, qt + 8 * n * from, qt + 8 * n * (from + 1));
      });
      return {
        arrays: {
          values: Float64Array.from(order, (i) => values[i]!),
          vectors: { dtype: 'Float64Array', length: n * n, address: out },
        },
      };
    },
  },
  'dense.solve': {
    run(ctx, { params, arrays }) {
      const { n } = params as { n: number };
      const matrix = arrays['matrix']!.address;
      const rhs = arrays['rhs']!.address;
      const factor = ctx.arena.alloc(8 * n * n);
      const { f64 } = ctx.heap.refresh();
      f64.copyWithin(factor >>> 3, matrix >>> 3, (matrix >>> 3) + n * n);
      let largest = 0;
      for (let i = 0; i < n; i++) largest = Math.max(largest, f64[(matrix >>> 3) + i * (n + 1)]!);
      if (!cholesky(ctx, factor, n, largest * n * Number.EPSILON))
        return { json: { definite: false, condition: 0 }, arrays: { solution: new Float64Array(n) } };
      const dense = ctx.kernels.get('dense');
      const x = ctx.arena.alloc(8 * n);
      const r = ctx.arena.alloc(8 * n);
      const heap = ctx.heap.refresh().f64;
      heap.copyWithin(x >>> 3, rhs >>> 3, (rhs >>> 3) + n);
      dense.choleskySolve(factor, n, x);
      // One step of refinement: what rounding left in the residual is solved for again.
      dense.multiplyRows(matrix, n, x, 0, n, r);
      for (let i = 0; i < n; i++) heap[(r >>> 3) + i] = heap[(rhs >>> 3) + i]! - heap[(r >>> 3) + i]!;
      dense.choleskySolve(factor, n, r);
      for (let i = 0; i < n; i++) heap[(x >>> 3) + i]! += heap[(r >>> 3) + i]!;
      return {
        json: { definite: true, condition: condition(ctx, matrix, factor, n) },
        arrays: { solution: { dtype: 'Float64Array', length: n, address: x } },
      };
    },
  },
};
