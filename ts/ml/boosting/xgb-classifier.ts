import type { TableHandle } from '../../backend/backend.ts';
import { UnsupportedError } from '../../errors.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Classifier, type ModelBase, type SchemaIn, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { ClassifierModel } from '../core/model.ts';
import type { FitOptions } from '../core/options.ts';
import type { DataNeeds, TrainingData } from '../core/training-data.ts';
import { BOOST_PREDICT_OPTIONS, Booster, type BoostPredictOptions, fittedOf } from './booster.ts';
import type { ImportanceType } from './importances.ts';
import { saveBooster } from './save.ts';
import { type BoostFitOptions, type EvalsResult, trainBoosted } from './train.ts';
import { CLASSIFIER_PARAMS } from './xgb-params.ts';
import { boostNeeds, importanceTypeOf } from './xgb-regressor.ts';

/** Parameters of XgbClassifier: XGBoost's, in camelCase. */
export type XgbClassifierParams = SomeParams<typeof CLASSIFIER_PARAMS>;

/**
 * Fits gradient boosted trees to classes, with XGBoost's parameters, defaults and model files. Labels may be text, numbers
 * or Bool. Trees are grown on histograms of Float32 features; NaN and null are missing values, which each split sends where
 * it gains more. Text columns are categories with `enableCategorical`.
 *
 * Two engines: libxgboost through the native addon where it is there, else our own kernels (`engine` chooses,
 * `model.engine` says). Ours streams the rows twice and keeps two bytes a value.
 *
 * Source: Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System" (KDD 2016); XGBoost 3.4's hist tree method.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4, 5, 6, 7, 8], y: ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'] });
 * using model = await new XgbClassifier({ nEstimators: 20, engine: 'wasm', randomState: 1 }).fit(df, 'y');
 * console.log([...(await model.predict(fromColumns({ x: [2, 7] })))].join(' '));
 * // a b
 * ```
 */
export class XgbClassifier extends Classifier<typeof CLASSIFIER_PARAMS, XgbClassifierModel> {
  constructor(params: XgbClassifierParams = {}) {
    super('XgbClassifier', CLASSIFIER_PARAMS, params);
  }

  override get needs(): Omit<DataNeeds, 'estimator'> {
    return boostNeeds('classes', this.getParams().enableCategorical);
  }

  /**
   * Learns from rows and their target.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, or an array of nSamples
   * @param options - evaluation sets (`evalSet`), sample weights, features, …
   * @throws {ERR_COLUMN_NOT_FOUND} a column that is not there
   * @throws {ERR_TARGET} a target of one class, or with nulls
   * @throws {ERR_MISSING_VALUES} infinities in features; nulls or NaN in the target
   * @throws {ERR_UNSUPPORTED} an objective or metric that the engine does not have
   */
  override fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object),
    options: BoostFitOptions<SchemaIn<R>> = {},
  ): Promise<XgbClassifierModel> {
    return super.fit(rows, target, options);
  }

  protected async train(data: TrainingData, base: ModelBase, options: FitOptions): Promise<XgbClassifierModel> {
    const params = this.getParams();
    const count = data.classes!.labels.length;
    const objective = params.objective ?? (count > 2 ? 'multi:softprob' : 'binary:logistic');
    if (count > 2 && objective.startsWith('binary:'))
      throw new UnsupportedError(
        `The objective ${objective} of XgbClassifier takes two classes; the target has ${count}. Use multi:softprob.`,
        { objective },
      );
    const result = await trainBoosted(data, params, objective, this.seed(), options as BoostFitOptions);
    return new XgbClassifierModel(fittedOf(base, result));
  }
}

/** The fitted model of XgbClassifier, or a classification model that XGBoost saved. */
export class XgbClassifierModel extends ClassifierModel {
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

  protected async probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    const { rows } = features;
    const values = await this.booster.values(features, this.booster.link, options);
    const k = this.classes.length;
    const out = new Float64Array(rows * k);
    if (this.booster.nOutputs === 1)
      for (let i = 0; i < rows; i++) {
        out[rows + i] = values[i]!;
        out[i] = Math.fround(1 - values[i]!);
      }
    else for (let i = 0; i < rows; i++) for (let c = 0; c < k; c++) out[c * rows + i] = values[i * k + c]!;
    return out;
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
