import type { TableHandle } from '../../backend/backend.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { type ModelBase, Regressor, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { RegressorModel } from '../core/model.ts';
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

/** Parameters of KNeighborsRegressor. */
export type KNeighborsRegressorParams = SomeParams<typeof NEIGHBOR_PARAMS>;

/**
 * Predicts the mean target of the nearest training rows. All training rows are kept; features are Float64, nulls and NaN
 * are refused.
 *
 * Source: Altman, An introduction to kernel and nearest-neighbor nonparametric regression (1992).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 8, 9], y: [10, 20, 80, 90] });
 * using model = await new KNeighborsRegressor({ nNeighbors: 2 }).fit(df, 'y');
 * console.log([...(await model.predict(fromColumns({ x: [3, 7] })))]);
 * // [ 15, 85 ]
 * ```
 */
export class KNeighborsRegressor extends Regressor<typeof NEIGHBOR_PARAMS, KNeighborsRegressorModel> {
  constructor(params: KNeighborsRegressorParams = {}) {
    super('KNeighborsRegressor', NEIGHBOR_PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<KNeighborsRegressorModel> {
    return new KNeighborsRegressorModel(await keepRows(data, base, this.getParams()));
  }
}

/** The fitted model of KNeighborsRegressor. */
export class KNeighborsRegressorModel extends RegressorModel {
  readonly #fitted: Fitted;
  readonly #params: NeighborParams;

  constructor(fitted: Fitted) {
    super(fitted);
    checkPoints(fitted, 0);
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

  protected async predictValues(x: TableHandle, options: RunOptions): Promise<Float64Array> {
    const { nNeighbors: k, weights } = this.#params;
    const work = { inputs: [x, await this.#index(options)], workNanoseconds: searchWork(x, this.#fitted) };
    const params = { k, weights, nClasses: 0 };
    return (await this.invoke('neighbors.vote', params, work, options)).arrays.values;
  }

  #index(options: RunOptions) {
    return this.state(indexName(options), () => loadIndex(this.#fitted, this.#params, options));
  }
}
