import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Classifier, type ModelBase, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { arrayOf, ClassifierModel } from '../core/model.ts';
import { classWeight } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { CLASS_CRITERION, FOREST_PARAMS, maxFeatures } from './forest-params.ts';
import { checkForest, forestValues, growForest, loadForest, warnUnseen } from './forest-training.ts';

const PARAMS = {
  ...FOREST_PARAMS,
  /** What a split is to lessen. */
  criterion: CLASS_CRITERION,
  /** Features looked at in each node: 'sqrt', 'log2', null (all), a number, or a share below 1. */
  maxFeatures: maxFeatures('sqrt'),
  /** Weights by class: multiplied into the sample weights. */
  classWeight: classWeight(),
};

/** Parameters of RandomForestClassifier. */
export type RandomForestClassifierParams = SomeParams<typeof PARAMS>;

/**
 * Averages the class shares of trees, each grown on rows drawn with replacement and, in every node, some of the features.
 * Values are binned first (`nBins`); features are compared as Float32. Nulls and NaN are refused.
 *
 * Source: Breiman, Random forests (2001); splits as in Breiman et al., Classification and regression trees (1984).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 7, 8, 9], kind: ['low', 'low', 'low', 'high', 'high', 'high'] });
 * using model = await new RandomForestClassifier({ nEstimators: 20, randomState: 1 }).fit(df, 'kind');
 * console.log([...(await model.predict(fromColumns({ x: [0, 10] })))]);
 * // [ 'low', 'high' ]
 * ```
 */
export class RandomForestClassifier extends Classifier<typeof PARAMS, RandomForestClassifierModel> {
  constructor(params: RandomForestClassifierParams = {}) {
    super('RandomForestClassifier', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<RandomForestClassifierModel> {
    const p = this.getParams();
    const nClasses = data.classes!.labels.length;
    const { fitted, outOfBag, table } = await growForest(data, base, p, nClasses, this.seed());
    if (!outOfBag) return new RandomForestClassifierModel(fitted);
    const { votes, seen } = outOfBag;
    warnUnseen(seen, this.name);
    const truth = table.borrow(undefined, (b) => (b.columns[data.nFeatures]!.values as Float64Array).slice());
    let right = 0;
    let counted = 0;
    const shares = votes.map((v, i) => v / seen[Math.floor(i / nClasses)]!);
    for (let i = 0; i < seen.length; i++) {
      if (seen[i] === 0) continue;
      let best = 0;
      for (let c = 1; c < nClasses; c++) if (votes[i * nClasses + c]! > votes[i * nClasses + best]!) best = c;
      counted++;
      if (best === truth[i]) right++;
    }
    return new RandomForestClassifierModel({
      ...fitted,
      json: { ...fitted.json, oobScore: counted === 0 ? null : right / counted },
      arrays: { ...fitted.arrays, oobDecision: shares },
    });
  }
}

/** The fitted model of RandomForestClassifier. */
export class RandomForestClassifierModel extends ClassifierModel {
  /** What each feature's splits gained, as a share, `(nFeatures)`. */
  readonly featureImportances: Float64Array;
  /** Accuracy of the rows by the trees that did not see them; null unless asked for. */
  readonly oobScore: number | null;
  /** The seed of the fit. */
  readonly randomState: number;
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    checkForest(fitted, this.classes.length);
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

  protected async probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    const forest = await this.state(`forest on ${features.backend}`, () => loadForest(this.#fitted, features, options));
    return forestValues(forest, this.nEstimators, features, this.classes.length, options);
  }
}
