import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { flag, integer, number, oneOf, randomState } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { elasticDescent } from './elastic-descent.ts';
import { LinearModel } from './linear-model.ts';

const PARAMS = {
  /** Weight of the penalty, against half the mean squared error. */
  alpha: number(1, { min: 0 }),
  /** Share of the absolute values in the penalty; the rest are squares. 1 is Lasso, 0 ridge. */
  l1Ratio: number(0.5, { min: 0, max: 1 }),
  /** Whether to learn an intercept, which is not penalised. */
  fitIntercept: flag(true),
  /** Most sweeps over the coefficients. */
  maxIter: integer(1000, { min: 1 }),
  /** Ends when the duality gap is below this share of the target's sum of squares. */
  tol: number(1e-4, { min: 0 }),
  /** Whether coefficients must not be negative. */
  positive: flag(false),
  /** Coefficients in turn, or any at random. */
  selection: oneOf(['cyclic', 'random']),
  /** Seed of a random selection. */
  randomState: randomState(),
};

/** Parameters of ElasticNet. */
export type ElasticNetParams = SomeParams<typeof PARAMS>;

/**
 * Fits linear regression with penalties on the absolute values and on the squares of the coefficients: minimises
 * `Σ w (y − X b − b0)² / (2 Σ w) + alpha (l1Ratio |b|₁ + ½ (1 − l1Ratio) |b|²)`. The rows are streamed once; features and
 * target are Float64, nulls and NaN are refused. Needs memory for nFeatures² numbers.
 *
 * Not converged within `maxIter`: a warning with the code WARPFRAME_NOT_CONVERGED, and the model as far as it came. With
 * `l1Ratio` 0 the solution is exact, without sweeps.
 *
 * Source: Zou and Hastie, Regularization and variable selection via the elastic net (2005); coordinate descent on the
 * products about the means: Friedman, Hastie, Tibshirani, Regularization paths for generalized linear models via coordinate
 * descent (2010).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], noise: [1, -1, -1, 1], y: [3, 5, 7, 9] });
 * using model = await new ElasticNet({ alpha: 0.5, l1Ratio: 0.2 }).fit(df, 'y');
 * console.log(model.coef[0]?.toFixed(3), model.coef[1], model.nIter);
 * // 1.455 0 2
 * ```
 */
export class ElasticNet extends Regressor<typeof PARAMS, ElasticNetModel> {
  constructor(params: ElasticNetParams = {}) {
    super('ElasticNet', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<ElasticNetModel> {
    const { selection, ...params } = this.getParams();
    const seed = selection === 'random' ? this.seed() : null;
    const { coef, intercept, nIter, dualGap } = await elasticDescent(data, { ...params, seed });
    return new ElasticNetModel({ ...base, json: { intercept, nIter, dualGap, randomState: seed }, arrays: { coef } });
  }
}

/** The fitted model of ElasticNet. */
export class ElasticNetModel extends LinearModel {
  /** Sweeps made. */
  readonly nIter: number;
  /** How far the objective is from its minimum, at most. */
  readonly dualGap: number;
  /** The seed that was used; null where nothing was random. */
  readonly randomState: number | null;

  constructor(fitted: Fitted) {
    super(fitted);
    this.nIter = Number(fitted.json['nIter']);
    this.dualGap = Number(fitted.json['dualGap']);
    this.randomState = fitted.json['randomState'] as number | null;
  }
}
