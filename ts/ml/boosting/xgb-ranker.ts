import type { TableHandle } from '../../backend/backend.ts';
import { columnOf } from '../../frame/build-column.ts';
import type { Column } from '../../frame/column.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { Float64 } from '../../schema/dtypes.ts';
import type { Field } from '../../schema/types.ts';
import { Estimator, type ModelBase, type SchemaIn, type SomeParams } from '../core/estimator.ts';
import { checkFeatures } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { hostColumn, type Metrics, Model } from '../core/model.ts';
import type { FitOptions } from '../core/options.ts';
import type { DataNeeds, TrainingData } from '../core/training-data.ts';
import { BOOST_PREDICT_OPTIONS, Booster, type BoostPredictOptions, fittedOf, oneOutput } from './booster.ts';
import type { ImportanceType } from './importances.ts';
import { saveBooster } from './save.ts';
import { type BoostFitOptions, type EvalsResult, trainBoosted } from './train.ts';
import { RANKER_PARAMS } from './xgb-params.ts';
import { boostNeeds, importanceTypeOf } from './xgb-regressor.ts';

const SCORE: Omit<Field, 'name'> = { type: { dtype: 'Float64' }, nullable: false };

/** Parameters of XgbRanker: XGBoost's, in camelCase. */
export type XgbRankerParams = SomeParams<typeof RANKER_PARAMS>;

/** Options of a ranker's fit. */
export type RankFitOptions<S = any> = BoostFitOptions<S> & { readonly qid: keyof S & string };

/**
 * Fits gradient boosted trees that order the rows of each query by relevance (LambdaMART), with XGBoost's parameters,
 * defaults and model files. The target is a relevance from 0 to 31, the rows are sorted by their query (`qid`), and the
 * query column is no feature.
 *
 * Source: Burges, "From RankNet to LambdaRank to LambdaMART" (2010); XGBoost 3.4's rank:ndcg with topk pairs.
 *
 * @example
 * ```ts
 * const df = fromColumns({ q: [1, 1, 1, 2, 2, 2], x: [3, 2, 1, 6, 5, 4], y: [2, 1, 0, 2, 1, 0] });
 * const ranker = new XgbRanker({ nEstimators: 10, minChildWeight: 0, engine: 'wasm', randomState: 1 });
 * using model = await ranker.fit(df, 'y', { qid: 'q' });
 * const scores = [...(await model.predict(df))];
 * console.log(scores[0]! > scores[2]!);
 * // true
 * ```
 */
export class XgbRanker extends Estimator<typeof RANKER_PARAMS, XgbRankerModel> {
  readonly kind = 'ranker';
  constructor(params: XgbRankerParams = {}) {
    super('XgbRanker', RANKER_PARAMS, params);
  }

  override get needs(): Omit<DataNeeds, 'estimator'> {
    return boostNeeds('numeric', this.getParams().enableCategorical);
  }

  /**
   * Learns from rows and their target.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, or an array of nSamples
   * @param options - the query of each row (`qid`), evaluation sets (`evalSet`), features, …
   * @throws {ERR_COLUMN_NOT_FOUND} a column that is not there
   * @throws {ERR_TARGET} a target that is no relevance
   * @throws {ERR_PARAMETER} no `qid`, or rows that are not sorted by it
   * @throws {ERR_MISSING_VALUES} infinities in features; nulls or NaN in the target
   * @throws {ERR_UNSUPPORTED} an objective or metric that the engine does not have
   */
  fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object),
    options: RankFitOptions<SchemaIn<R>>,
  ): Promise<XgbRankerModel> {
    return this.fitAny(rows, target, options);
  }

  override fitAny(
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions & { readonly qid?: string } = {},
  ): Promise<XgbRankerModel> {
    const { qid, features, exclude = [] } = options;
    // A query's number says nothing about its rows.
    const kept = qid === undefined || features !== undefined ? {} : { exclude: [...exclude, qid] };
    return super.fitAny(rows, target, { ...options, ...kept });
  }

  protected async train(data: TrainingData, base: ModelBase, options: FitOptions): Promise<XgbRankerModel> {
    const params = this.getParams();
    const result = await trainBoosted(data, params, params.objective, this.seed(), options as BoostFitOptions);
    return new XgbRankerModel(fittedOf(base, result));
  }
}

/** The fitted model of XgbRanker, or a ranking model that XGBoost saved. */
export class XgbRankerModel extends Model {
  readonly kind = 'ranker';
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

  /**
   * Scores each row: within a query, the higher the more relevant.
   *
   * @param rows - features by name, or arrays in the order of the fit, `(nSamples, nFeatures)`
   * @returns a Float64 column of nSamples
   * @throws {ERR_COLUMN_NOT_FOUND} a feature that the frame lacks
   */
  async predict(rows: Rows, options: BoostPredictOptions = {}): Promise<Column<Float64>> {
    this.checkOptions('predict', options);
    const values = await this.#scores(rows, options);
    return hostColumn('prediction', values, SCORE);
  }

  /** Gives the frame with the score as one more column (default name `prediction`). Lazy: nothing runs yet. */
  withPrediction(
    rows: DataFrame<any> | Table<any>,
    options: BoostPredictOptions & { readonly as?: string } = {},
  ): DataFrame<any> {
    const { as = 'prediction', ...run } = options;
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    checkFeatures(`${this.estimator} model`, frame, this.memory);
    const field: Field = { name: as, ...SCORE };
    return this.appended(frame, [field], async (batch) => [columnOf(await this.#scores(batch, run), field)]);
  }

  /**
   * Computes the metrics of a ranking: `ndcg`, the mean over queries of how well they are sorted, and `ndcgAt10` of their
   * first ten rows.
   *
   * @param target - the relevance of each row, at least 0: a column (default the target of fit) or an array of nSamples
   * @param options - `qid`, the column that says which query a row is of
   * @throws {ERR_PARAMETER} no `qid`
   * @throws {ERR_TARGET} a relevance that is null, NaN or negative; a null query
   */
  async evaluate(
    rows: Rows,
    target: string | ArrayLike<number> | null = this.targetName,
    options: RunOptions & { readonly qid: string },
  ): Promise<Metrics> {
    const { evaluateRanker } = await import('../core/evaluate.ts');
    return evaluateRanker(this, rows, target, options);
  }

  #scores(rows: Rows, options: BoostPredictOptions): Promise<Float64Array> {
    oneOutput(this.booster, 'predict');
    return this.withFeatures(rows, options, async (x) =>
      Float64Array.from(await this.booster.values(x, this.booster.link, options)),
    );
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
