import type { TableHandle } from '../../backend/backend.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { Fitted } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { arrayOf, type PredictOptions, RegressorModel } from '../core/model.ts';

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

  #arrays() {
    return { coef: this.coef, intercept: Float64Array.of(this.intercept) };
  }

  override withPrediction(
    rows: DataFrame<any> | Table<any>,
    options: PredictOptions & { readonly as?: string } = {},
  ): DataFrame<any> {
    this.checkOptions('withPrediction', options, ['as']);
    const { as = 'prediction' } = options;
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    return this.withSums(frame, { names: [as], ...this.#arrays() });
  }

  protected override async streamValues(rows: Rows, options: RunOptions): Promise<Float64Array> {
    const params = { outputs: 1, kind: 'scores' } as const;
    return (await this.streamFeatures('linear.scoreRows', params, this.#arrays(), rows, options)).arrays.scores;
  }

  protected async predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    const workNanoseconds = features.rows * this.coef.length;
    const more = { inputs: [features], arrays: this.#arrays(), workNanoseconds };
    return (await this.invoke('linear.score', { outputs: 1, kind: 'scores' }, more, options)).arrays.scores;
  }
}
