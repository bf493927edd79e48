import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Classifier, type ModelBase, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { ClassifierModel } from '../core/model.ts';
import type { TrainingData } from '../core/training-data.ts';
import {
  checkPoints,
  indexName,
  keepRows,
  loadIndex,
  NEIGHBOR_PARAMS,
  type NeighborParams,
  type Neighbors,
  searchWork,
} from './neighbors.ts';

/** Parameters of KNeighborsClassifier. */
export type KNeighborsClassifierParams = SomeParams<typeof NEIGHBOR_PARAMS>;

/**
 * Predicts the class that most of the nearest training rows have. All training rows are kept; features are Float64, nulls
 * and NaN are refused. Of classes with equal votes the smallest wins.
 *
 * Source: Cover and Hart, Nearest neighbor pattern classification (1967).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 8, 9], kind: ['low', 'low', 'high', 'high'] });
 * using model = await new KNeighborsClassifier({ nNeighbors: 1 }).fit(df, 'kind');
 * console.log([...(await model.predict(fromColumns({ x: [3, 7] })))]);
 * // [ 'low', 'high' ]
 * ```
 */
export class KNeighborsClassifier extends Classifier<typeof NEIGHBOR_PARAMS, KNeighborsClassifierModel> {
  constructor(params: KNeighborsClassifierParams = {}) {
    super('KNeighborsClassifier', NEIGHBOR_PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<KNeighborsClassifierModel> {
    return new KNeighborsClassifierModel(await keepRows(data, base, this.getParams()));
  }
}

/** The fitted model of KNeighborsClassifier. */
export class KNeighborsClassifierModel extends ClassifierModel {
  readonly #fitted: Fitted;
  readonly #params: NeighborParams;

  constructor(fitted: Fitted) {
    super(fitted);
    checkPoints(fitted, this.classes.length);
    this.#fitted = fitted;
    this.#params = fitted.params as unknown as NeighborParams;
  }

  /** Number of training rows. */
  get nSamplesFit(): number {
    return this.#fitted.arrays['target']!.length;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  /** Finds the nearest training rows of each row, `nNeighbors` of them unless the parameter of the fit is overridden. */
  async kneighbors(rows: Rows, options: RunOptions & { readonly nNeighbors?: number } = {}): Promise<Neighbors> {
    this.checkOptions('kneighbors', options, ['nNeighbors']);
    const { nNeighbors = this.#params.nNeighbors, ...run } = options;
    const k = Math.min(nNeighbors, this.nSamplesFit);
    return this.withFeatures(rows, run, async (x) => {
      const work = { inputs: [x, await this.#index(run)], workNanoseconds: searchWork(x, this.#fitted) };
      const { arrays } = await this.invoke('neighbors.search', { k }, work, run);
      return { ...arrays, nNeighbors: k };
    });
  }

  protected async probabilities(x: TableHandle, options: RunOptions): Promise<Float64Array> {
    const { nNeighbors: k, weights } = this.#params;
    const work = { inputs: [x, await this.#index(options)], workNanoseconds: searchWork(x, this.#fitted) };
    const params = { k, weights, nClasses: this.classes.length };
    return (await this.invoke('neighbors.vote', params, work, options)).arrays.values;
  }

  #index(options: RunOptions) {
    return this.state(indexName(options), () => loadIndex(this.#fitted, this.#params, options));
  }
}
