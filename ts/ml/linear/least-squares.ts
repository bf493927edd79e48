// Least squares out of the moments of the data.
import { symmetricEigen } from './symmetric-eigen.ts';

export interface Solution {
  readonly coef: Float64Array;
  readonly intercept: number;
  readonly rank: number;
}

/**
 * Solves `min Σ w (y − X b − b0)² + alpha |b|²` from means `(p + 1)` and centred cross products `(p + 1, p + 1)` whose
 * last column is the target. Directions that the data does not span get no weight: the solution of least norm.
 */
export function solveLeastSquares(
  means: Float64Array,
  cross: Float64Array,
  weightSum: number,
  fitIntercept: boolean,
  alpha: number,
): Solution {
  const width = means.length;
  const p = width - 1;
  // Without an intercept the moments are about zero.
  const about = (i: number, j: number): number =>
    cross[i * width + j]! + (fitIntercept ? 0 : weightSum * means[i]! * means[j]!);
  // Columns on one scale: a badly scaled matrix then loses no more than it must.
  const scale = Float64Array.from({ length: p }, (_, j) => Math.sqrt(about(j, j)) || 1);
  const unscaled = alpha > 0;
  const s = (j: number): number => (unscaled ? 1 : scale[j]!);
  const gram = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++) gram[i * p + j] = about(i, j) / (s(i) * s(j)) + (i === j ? alpha : 0);
  const { values, vectors } = symmetricEigen(gram, p);
  const largest = Math.max(0, ...values);
  const limit = largest * Number.EPSILON * Math.max(p, 1) * 8;
  const coef = new Float64Array(p);
  let rank = 0;
  for (let k = 0; k < p; k++) {
    if (values[k]! <= limit) continue;
    rank++;
    let dot = 0;
    for (let j = 0; j < p; j++) dot += vectors[k * p + j]! * (about(j, p) / s(j));
    const step = dot / values[k]!;
    for (let j = 0; j < p; j++) coef[j]! += step * vectors[k * p + j]!;
  }
  for (let j = 0; j < p; j++) coef[j]! /= s(j);
  let intercept = 0;
  if (fitIntercept) {
    intercept = means[p]!;
    for (let j = 0; j < p; j++) intercept -= coef[j]! * means[j]!;
  }
  return { coef, intercept, rank };
}
