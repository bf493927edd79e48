import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import { flag, number, oneOf } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { dataMoments } from './data-moments.ts';
import { solveLeastSquares } from './least-squares.ts';
import { LinearModel } from './linear-model.ts';

const PARAMS = {
  /** Weight of the squared norm of the coefficients, against the sum of squared errors. */
  alpha: number(1, { min: 0 }),
  /** Whether to learn an intercept, which is not penalised. */
  fitIntercept: flag(true),
  /** How the system is solved: both are exact; there is one method so far. */
  solver: oneOf(['auto', 'cholesky']),
};

/** Parameters of Ridge. */
export type RidgeParams = SomeParams<typeof PARAMS>;

/**
 * Fits linear regression with a penalty on the size of the coefficients: minimises `Σ w (y − X b − b0)² + alpha |b|²`.
 * With `alpha` 0 it is LinearRegression. The rows are streamed once; features and target are Float64, nulls and NaN are
 * refused. The solution is exact: there are no iterations. Needs memory for nFeatures² numbers.
 *
 * Source: Hoerl and Kennard, Ridge regression, Technometrics 12 (1970), by Cholesky's method on the products about the
 * means.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], y: [3, 5, 7, 9] });
 * using model = await new Ridge({ alpha: 5 }).fit(df, 'y');
 * console.log(model.coef[0]?.toFixed(6), model.intercept.toFixed(6));
 * // 1.000000 3.500000
 * ```
 */
export class Ridge extends Regressor<typeof PARAMS, RidgeModel> {
  constructor(params: RidgeParams = {}) {
    super('Ridge', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<RidgeModel> {
    const { alpha, fitIntercept } = this.getParams();
    const moments = await dataMoments(data);
    const { coef, intercept } = await solveLeastSquares(data, moments, fitIntercept, alpha);
    return new RidgeModel({ ...base, json: { intercept }, arrays: { coef } });
  }
}

/** The fitted model of Ridge. */
export class RidgeModel extends LinearModel {}
