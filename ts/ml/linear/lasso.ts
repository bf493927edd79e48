import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { flag, integer, number, oneOf, randomState } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { elasticDescent } from './elastic-descent.ts';
import { LinearModel } from './linear-model.ts';

const PARAMS = {
  /** Weight of the sum of absolute coefficients, against half the mean squared error. */
  alpha: number(1, { min: 0 }),
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

/** Parameters of Lasso. */
export type LassoParams = SomeParams<typeof PARAMS>;

/**
 * Fits linear regression with few coefficients that are not zero: minimises `Σ w (y − X b − b0)² / (2 Σ w) + alpha |b|₁`.
 * The rows are streamed once; features and target are Float64, nulls and NaN are refused. Needs memory for nFeatures²
 * numbers.
 *
 * Not converged within `maxIter`: a warning with the code WARPFRAME_NOT_CONVERGED, and the model as far as it came.
 *
 * Source: Tibshirani, Regression shrinkage and selection via the lasso (1996); coordinate descent on the products about the
 * means: Friedman, Hastie, Tibshirani, Regularization paths for generalized linear models via coordinate descent (2010).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], noise: [1, -1, -1, 1], y: [3, 5, 7, 9] });
 * using model = await new Lasso({ alpha: 0.5 }).fit(df, 'y');
 * console.log(model.coef[0]?.toFixed(3), model.coef[1], model.nIter);
 * // 1.600 0 2
 * ```
 */
export class Lasso extends Regressor<typeof PARAMS, LassoModel> {
  constructor(params: LassoParams = {}) {
    super('Lasso', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<LassoModel> {
    const { selection, ...params } = this.getParams();
    const seed = selection === 'random' ? this.seed() : null;
    const { coef, intercept, nIter, dualGap } = await elasticDescent(data, { ...params, l1Ratio: 1, seed });
    return new LassoModel({ ...base, json: { intercept, nIter, dualGap, randomState: seed }, arrays: { coef } });
  }
}

/** The fitted model of Lasso. */
export class LassoModel extends LinearModel {
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
