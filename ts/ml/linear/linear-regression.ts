import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { arrayOf, RegressorModel } from '../core/model.ts';
import { flag } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { solveLeastSquares } from './least-squares.ts';

const PARAMS = {
  /** Whether to learn an intercept. */
  fitIntercept: flag(true),
};

/** Parameters of LinearRegression. */
export type LinearRegressionParams = SomeParams<typeof PARAMS>;

/**
 * Fits ordinary least squares: the coefficients that minimise the weighted sum of squared errors, those of least norm
 * where several do. The rows are streamed once; features and target are Float64, nulls and NaN are refused.
 *
 * Source: normal equations about the means, solved through a symmetric eigendecomposition (Golub and Van Loan, Matrix
 * Computations, 4th edition, sections 5.3 and 8.3).
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
    const { fitIntercept } = this.getParams();
    const weighted = data.weight !== null;
    const { json, arrays } = await data.invoke('linear.moments', { weighted }, { plan: await data.plan() });
    data.checkRows(json.rows);
    data.checkCounts(arrays);
    const solution = solveLeastSquares(arrays.means, arrays.cross, json.weightSum, fitIntercept, 0);
    return new LinearRegressionModel({
      ...base,
      json: { intercept: solution.intercept, rank: solution.rank },
      arrays: { coef: solution.coef },
    });
  }
}

/** The fitted model of LinearRegression. */
export class LinearRegressionModel extends RegressorModel {
  /** Coefficients, `(nFeatures)`. */
  readonly coef: Float64Array;
  readonly intercept: number;
  /** Rank of the centred feature matrix. */
  readonly rank: number;

  constructor(fitted: Fitted) {
    super(fitted);
    this.coef = arrayOf(fitted, 'coef');
    this.intercept = Number(fitted.json['intercept']);
    this.rank = Number(fitted.json['rank']);
    this.#fitted = fitted;
  }
  readonly #fitted: Fitted;

  toFitted(): Fitted {
    return this.#fitted;
  }

  protected async predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    const { arrays } = await this.invoke(
      'linear.predict',
      { outputs: 1 },
      {
        inputs: [features],
        arrays: { coef: this.coef, intercept: Float64Array.of(this.intercept) },
        workNanoseconds: features.rows * this.coef.length,
      },
      options,
    );
    return arrays.values;
  }
}
