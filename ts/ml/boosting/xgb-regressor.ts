import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { type ModelBase, Regressor, type SchemaIn, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { RegressorModel } from '../core/model.ts';
import type { FitOptions } from '../core/options.ts';
import type { DataNeeds, TrainingData } from '../core/training-data.ts';
import { BOOST_PREDICT_OPTIONS, Booster, type BoostPredictOptions, fittedOf, oneOutput } from './booster.ts';
import { isBoostFeature } from './features.ts';
import type { ImportanceType } from './importances.ts';
import { saveBooster } from './save.ts';
import { type BoostFitOptions, type EvalsResult, trainBoosted } from './train.ts';
import { REGRESSOR_PARAMS } from './xgb-params.ts';

/** Parameters of XgbRegressor: XGBoost's, in camelCase. */
export type XgbRegressorParams = SomeParams<typeof REGRESSOR_PARAMS>;

/**
 * Fits gradient boosted trees to numbers, with XGBoost's parameters, defaults and model files. Trees are grown on
 * histograms of Float32 features; NaN and null are missing values, which each split sends where it gains more. Text columns
 * are categories with `enableCategorical`.
 *
 * Two engines: libxgboost through the native addon where it is there, else our own kernels (`engine` chooses,
 * `model.engine` says). Ours streams the rows twice and keeps two bytes a value.
 *
 * Source: Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System" (KDD 2016); XGBoost 3.4's hist tree method.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4, 5, 6, 7, 8], y: [1, 1, 1, 1, 5, 5, 5, 5] });
 * using model = await new XgbRegressor({ nEstimators: 50, engine: 'wasm', randomState: 1 }).fit(df, 'y');
 * const y = await model.predict(fromColumns({ x: [2, 7] }));
 * console.log([...y].map((v) => v.toFixed(2)).join(' '));
 * // 1.00 5.00
 * ```
 */
export class XgbRegressor extends Regressor<typeof REGRESSOR_PARAMS, XgbRegressorModel> {
  constructor(params: XgbRegressorParams = {}) {
    super('XgbRegressor', REGRESSOR_PARAMS, params);
  }

  override readonly needs: Omit<DataNeeds, 'estimator'> = boostNeeds('numeric', this.getParams().enableCategorical);

  /**
   * Learns from rows and their target.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, or an array of nSamples
   * @param options - evaluation sets (`evalSet`), sample weights, features, …
   * @throws {ERR_COLUMN_NOT_FOUND} a column that is not there
   * @throws {ERR_TARGET} a target that the objective does not take
   * @throws {ERR_MISSING_VALUES} infinities in features; nulls or NaN in the target
   * @throws {ERR_UNSUPPORTED} an objective or metric that the engine does not have
   */
  override fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object),
    options: BoostFitOptions<SchemaIn<R>> = {},
  ): Promise<XgbRegressorModel> {
    return super.fit(rows, target, options);
  }

  protected async train(data: TrainingData, base: ModelBase, options: FitOptions): Promise<XgbRegressorModel> {
    const params = this.getParams();
    const result = await trainBoosted(data, params, params.objective, this.seed(), options as BoostFitOptions);
    return new XgbRegressorModel(fittedOf(base, result));
  }
}

/** What boosting needs of its rows. */
export const boostNeeds = (
  target: 'numeric' | 'classes',
  enableCategorical: boolean,
): Omit<DataNeeds, 'estimator'> => ({
  target,
  missing: 'nan',
  ...(enableCategorical ? { takes: isBoostFeature, takesText: 'numeric, Bool or text' } : {}),
});

/** The fitted model of XgbRegressor, or a regression model that XGBoost saved. */
export class XgbRegressorModel extends RegressorModel {
  readonly #fitted: Fitted;
  /** @internal */
  readonly booster: Booster;

  constructor(fitted: Fitted) {
    super(fitted);
    this.#fitted = fitted;
    this.booster = Booster.fromFitted(fitted);
  }

  /** What trained it: `wasm`, `libxgboost`, or `file` for a model that XGBoost saved. */
  get engine(): string {
    return this.booster.engine;
  }
  /** Metrics by evaluation set and metric, a value a round. */
  get evalsResult(): EvalsResult {
    return this.booster.evalsResult;
  }
  /** The best round of an early stop, from 0; null without one. Predictions stop after it. */
  get bestIteration(): number | null {
    return this.booster.bestIteration;
  }
  /** The last evaluation metric at that round; null without an early stop. */
  get bestScore(): number | null {
    return this.booster.bestScore;
  }
  /** Rounds of boosting in the model. */
  get nIterations(): number {
    return this.booster.rounds;
  }
  /** Prediction before any tree, per output. */
  get baseScore(): Float32Array {
    return this.booster.model.baseScore;
  }

  /** Gives the importance of each feature, `(nFeatures)`, adding up to 1. */
  featureImportances(type: ImportanceType = importanceTypeOf(this.params)): Float64Array {
    return this.booster.importances(type);
  }
  /** Gives the importance of each feature that is used, not scaled, by name. */
  score(type: ImportanceType = 'weight'): { readonly [feature: string]: number } {
    return this.booster.score(type);
  }

  protected override get predictOptions(): readonly string[] {
    return BOOST_PREDICT_OPTIONS;
  }

  /** Predicts the sums of leaves, before the link, `(nSamples, nOutputs)` row-major. */
  async predictMargin(rows: Rows, options: BoostPredictOptions = {}): Promise<Float32Array> {
    this.checkOptions('predictMargin', options);
    return this.withFeatures(rows, options, (x) => this.booster.values(x, 'identity', options));
  }
  /** Gives the number of the leaf in each tree, `(nSamples, nTrees)` row-major. */
  async predictLeaf(rows: Rows, options: BoostPredictOptions = {}): Promise<Uint32Array> {
    this.checkOptions('predictLeaf', options);
    return this.withFeatures(rows, options, (x) => this.booster.leaves(x, options));
  }

  protected async predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    oneOutput(this.booster, 'predict');
    return Float64Array.from(await this.booster.values(features, this.booster.link, options));
  }

  protected override withFeatures<T>(
    rows: Rows,
    options: RunOptions,
    use: (features: TableHandle) => Promise<T>,
  ): Promise<T> {
    this.checkLive();
    return this.booster.withFeatures(rows, options, use);
  }

  /**
   * Writes the model to a file: XGBoost's own JSON for a path that ends in `.json`, its UBJSON for `.ubj`, else our model
   * file. `loadModel` reads all three.
   *
   * @throws {ERR_IO} a file that cannot be written
   */
  override save(path: string): Promise<void> {
    this.checkLive();
    return saveBooster(this.booster, path, this.#fitted, () => super.save(path));
  }

  toFitted(): Fitted {
    return this.#fitted;
  }
}

/** The importance that a model means without a type. */
export const importanceTypeOf = (params: { readonly [name: string]: unknown }): ImportanceType =>
  (params['importanceType'] as ImportanceType | undefined) ?? 'gain';
