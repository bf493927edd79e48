import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { arrayOf, RegressorModel } from '../core/model.ts';

import type { TrainingData } from '../core/training-data.ts';
import { FOREST_PARAMS, maxFeatures, VALUE_CRITERION } from './forest-params.ts';
import { checkForest, forestValues, growForest, loadForest, warnUnseen } from './forest-training.ts';

const PARAMS = {
  ...FOREST_PARAMS,
  /** What a split is to lessen. */
  criterion: VALUE_CRITERION,
  /** Features looked at in each node: null (all), 'sqrt', 'log2', a number, or a share below 1. */
  maxFeatures: maxFeatures(null),
};

/** Parameters of RandomForestRegressor. */
export type RandomForestRegressorParams = SomeParams<typeof PARAMS>;

/**
 * Averages trees, each grown on rows drawn with replacement to split off least squared error. Values are binned first
 * (`nBins`); features are compared as Float32. Nulls and NaN are refused.
 *
 * Source: Breiman, Random forests (2001); splits as in Breiman et al., Classification and regression trees (1984).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 7, 8, 9], y: [1, 1, 1, 5, 5, 5] });
 * using model = await new RandomForestRegressor({ nEstimators: 20, bootstrap: false }).fit(df, 'y');
 * console.log([...(await model.predict(fromColumns({ x: [0, 10] })))]);
 * // [ 1, 5 ]
 * ```
 */
export class RandomForestRegressor extends Regressor<typeof PARAMS, RandomForestRegressorModel> {
  constructor(params: RandomForestRegressorParams = {}) {
    super('RandomForestRegressor', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<RandomForestRegressorModel> {
    const { fitted, outOfBag, table } = await growForest(data, base, this.getParams(), 0, this.seed());
    if (!outOfBag) return new RandomForestRegressorModel(fitted);
    const { votes, seen } = outOfBag;
    warnUnseen(seen, this.name);
    const truth = table.borrow(undefined, (b) => (b.columns[data.nFeatures]!.values as Float64Array).slice());
    const predicted = votes.map((v, i) => v / seen[i]!);
    const rows = [...seen.keys()].filter((i) => seen[i]! > 0);
    const mean = rows.reduce((sum, i) => sum + truth[i]!, 0) / rows.length;
    let error = 0;
    let spread = 0;
    for (const i of rows) {
      error += (truth[i]! - predicted[i]!) ** 2;
      spread += (truth[i]! - mean) ** 2;
    }
    return new RandomForestRegressorModel({
      ...fitted,
      json: { ...fitted.json, oobScore: spread === 0 ? null : 1 - error / spread },
      arrays: { ...fitted.arrays, oobDecision: predicted },
    });
  }
}

/** The fitted model of RandomForestRegressor. */
export class RandomForestRegressorModel extends RegressorModel {
  /** What each feature's splits gained, as a share, `(nFeatures)`. */
  readonly featureImportances: Float64Array;
  /** R² of the rows by the trees that did not see them; null unless asked for. */
  readonly oobScore: number | null;
  /** The seed of the fit. */
  readonly randomState: number;
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    checkForest(fitted, 1);
    this.#fitted = fitted;
    this.featureImportances = arrayOf(fitted, 'featureImportances');
    this.oobScore = (fitted.json['oobScore'] as number | undefined) ?? null;
    this.randomState = Number(fitted.json['randomState']);
  }

  /** Number of trees. */
  get nEstimators(): number {
    return this.#fitted.arrays['roots']!.length;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  protected async predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    const forest = await this.state(`forest on ${features.backend}`, () => loadForest(this.#fitted, features, options));
    return forestValues(forest, this.nEstimators, features, 1, options);
  }
}
