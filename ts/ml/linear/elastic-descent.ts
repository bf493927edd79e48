// Lasso and elastic net out of the moments of the data.
import { releaseHandle } from '../../runner/runner.ts';
import type { TrainingData } from '../core/training-data.ts';
import { dataMoments, interceptOf, isConstant, productsAbout } from './data-moments.ts';
import { solveLeastSquares } from './least-squares.ts';

export interface ElasticParams {
  readonly alpha: number;
  readonly l1Ratio: number;
  readonly fitIntercept: boolean;
  readonly maxIter: number;
  readonly tol: number;
  readonly positive: boolean;
  /** Null: coordinates in turn. */
  readonly seed: number | null;
}

export interface ElasticSolution {
  readonly coef: Float64Array;
  readonly intercept: number;
  readonly nIter: number;
  readonly dualGap: number;
}

/** Minimises `Σ w (y − X b − b0)² / (2 Σ w) + alpha (l1Ratio |b|₁ + ½ (1 − l1Ratio) |b|²)`. */
export async function elasticDescent(data: TrainingData, params: ElasticParams): Promise<ElasticSolution> {
  const { alpha, l1Ratio, fitIntercept, maxIter, tol, positive, seed } = params;
  const moments = await dataMoments(data);
  const { weightSum, means, cross } = moments;
  const p = means.length - 1;
  const l1 = alpha * l1Ratio * weightSum;
  const l2 = alpha * (1 - l1Ratio) * weightSum;
  if (l1 === 0 && !positive) {
    // A smooth problem has an exact solution.
    const { coef, intercept } = await solveLeastSquares(data, moments, fitIntercept, l2);
    return { coef, intercept, nIter: 0, dualGap: 0 };
  }
  const about = productsAbout(moments, fitIntercept);
  const gram = new Float64Array(p * p);
  const fixed = Array.from({ length: p }, (_, j) => fitIntercept && isConstant(moments, j));
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) gram[i * p + j] = fixed[i] || fixed[j] ? 0 : about(i, j);
  const xy = Float64Array.from({ length: p }, (_, j) => (fixed[j] ? 0 : about(j, p)));
  const yNorm = fitIntercept ? cross[p * (p + 1) + p]! : about(p, p);
  const created = await data.invoke(
    'descent.create',
    { n: p, l1, l2, yNorm, tol, maxIter, positive, seed },
    { arrays: { gram, xy } },
  );
  const state = created.outputs[0]!;
  try {
    for (;;) {
      const { json, arrays } = await data.invoke('descent.step', {}, { inputs: [state] });
      data.progress('sweeps', json.done ? 1 : json.nIter / maxIter);
      if (!json.done && json.nIter < maxIter) continue;
      const dualGap = json.gap / weightSum;
      if (!json.done)
        process.emitWarning(
          `${data.estimator} did not converge in ${json.nIter} sweeps: the duality gap is ${dualGap}, the tolerance ${(tol * yNorm) / weightSum}. Raise maxIter, scale the features, or raise alpha.`,
          { code: 'WARPFRAME_NOT_CONVERGED' },
        );
      return {
        coef: arrays.coef,
        intercept: interceptOf(moments, arrays.coef, fitIntercept),
        nIter: json.nIter,
        dualGap,
      };
    }
  } finally {
    await releaseHandle(state);
  }
}
