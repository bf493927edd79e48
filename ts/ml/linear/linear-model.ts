import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { Fitted } from '../core/fitted.ts';
import { arrayOf, RegressorModel } from '../core/model.ts';

/** A fitted model that predicts `intercept + Σ coef × feature`. */
export abstract class LinearModel extends RegressorModel {
  /** Coefficients, `(nFeatures)`. */
  readonly coef: Float64Array;
  readonly intercept: number;
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.coef = arrayOf(fitted, 'coef');
    this.intercept = Number(fitted.json['intercept']);
    this.#fitted = fitted;
  }

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
