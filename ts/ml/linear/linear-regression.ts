import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { flag } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { dataMoments } from './data-moments.ts';
import { solveLeastSquares } from './least-squares.ts';
import { LinearModel } from './linear-model.ts';

const PARAMS = {
  /** Whether to learn an intercept. */
  fitIntercept: flag(true),
};

/** Parameters of LinearRegression. */
export type LinearRegressionParams = SomeParams<typeof PARAMS>;

/**
 * Fits ordinary least squares: the coefficients that minimise the weighted sum of squared errors, those of least norm
 * where several do. The rows are streamed once, and again where columns are so alike that one pass loses digits; features
 * and target are Float64, nulls and NaN are refused. Needs memory for nFeatures² numbers, whatever the number of rows.
 *
 * A direction of the features counts as absent when its singular value, columns on one scale, is below 1e-13 of the
 * largest. scikit-learn cuts at 1e-6 without scaling, which loses columns of small units.
 *
 * Source: normal equations about the means by Cholesky's method (Golub and Van Loan, Matrix Computations, 4th edition,
 * section 5.3); where they are ill-conditioned, repeated in the basis of their eigenvectors (Yamamoto and others, Roundoff
 * error analysis of the CholeskyQR2 algorithm, 2015).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], y: [3, 5, 7, 9] });
 * using model = await new LinearRegression().fit(df, 'y');
 * console.log(model.coef[0]?.toFixed(6), model.intercept.toFixed(6));
 * // 2.000000 1.000000
 * ```
 */
export class LinearRegression extends Regressor<typeof PARAMS, LinearRegressionModel> {
  constructor(params: LinearRegressionParams = {}) {
    super('LinearRegression', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<LinearRegressionModel> {
    const moments = await dataMoments(data);
    const { coef, intercept, rank } = await solveLeastSquares(data, moments, this.getParams().fitIntercept, 0);
    return new LinearRegressionModel({ ...base, json: { intercept, rank }, arrays: { coef } });
  }
}

/** The fitted model of LinearRegression. */
export class LinearRegressionModel extends LinearModel {
  /** Rank of the feature matrix, centred if there is an intercept. */
  readonly rank: number;

  constructor(fitted: Fitted) {
    super(fitted);
    this.rank = Number(fitted.json['rank']);
  }
}
