// Eigenvalues and vectors of a symmetric matrix, and solutions of positive definite systems, by the engine.
import type { RunOptions } from '../../runner/runner.ts';
import { invoke } from '../core/options.ts';

export interface Eigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** `vectors[k × n … k × n + n)` is the unit vector of `values[k]`. */
  readonly vectors: Float64Array;
}

/**
 * Decomposes a symmetric `(n, n)` matrix. Above 64 rows errors are of the size of rounding against the largest eigenvalue:
 * what is smaller than that is noise of either sign. Up to 64 rows tiny eigenvalues are as good as the matrix's own entries.
 */
export async function symmetricEigen(matrix: Float64Array, n: number, run: RunOptions): Promise<Eigen> {
  if (n === 0) return { values: new Float64Array(0), vectors: new Float64Array(0) };
  const work = { arrays: { matrix }, workNanoseconds: 20_000 + 25 * n ** 3 };
  return (await invoke('dense.eigen', { n }, work, run)).arrays;
}

/**
 * Solves a symmetric positive definite `(n, n)` system, and estimates the matrix's condition number. `solution` is null
 * where the matrix is not numerically definite.
 */
export async function solveDefinite(
  matrix: Float64Array,
  n: number,
  rhs: Float64Array,
  run: RunOptions,
): Promise<{ readonly solution: Float64Array | null; readonly condition: number }> {
  if (n === 0) return { solution: new Float64Array(0), condition: 1 };
  const work = { arrays: { matrix, rhs }, workNanoseconds: 20_000 + n ** 3 + 100 * n * n };
  const { json, arrays } = await invoke('dense.solve', { n }, work, run);
  return { solution: json.definite ? arrays.solution : null, condition: json.condition };
}
