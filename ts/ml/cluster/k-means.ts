import type { TableHandle } from '../../backend/backend.ts';
import { ParameterError } from '../../errors.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { uniform } from '../../util/philox.ts';
import { Clusterer, type ModelBase, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { arrayOf, ClustererModel } from '../core/model.ts';
import { custom, either, exactly, integer, number, oneOf, randomState } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';

/** Starting centres: a method, or `nClusters` rows of nFeatures. */
type Init = 'kMeans++' | 'random' | readonly (readonly number[])[];
const isCenters = (v: unknown): boolean =>
  Array.isArray(v) && v.length > 0 && v.every((row) => Array.isArray(row) && row.every((x) => Number.isFinite(x)));

const PARAMS = {
  /** Number of clusters. */
  nClusters: integer(8, { min: 1 }),
  /** Starting centres: rows far from each other ('kMeans++'), any rows ('random'), or given ones. */
  init: either<readonly ['kMeans++' | 'random', readonly (readonly number[])[]]>(
    'kMeans++' as Init as 'kMeans++',
    oneOf(['kMeans++', 'random']),
    custom<readonly (readonly number[])[]>([], 'an array of nClusters centres', isCenters),
  ),
  /** Runs with different starts, the best of which stays; 'auto' is 1, for 'random' 10. */
  nInit: either<readonly ['auto', number]>('auto', exactly('auto'), integer(1, { min: 1 })),
  maxIter: integer(300, { min: 1 }),
  /** Stops when the centres' squared shift is at most this share of the mean variance of the features. */
  tol: number(1e-4, { min: 0 }),
  randomState: randomState(),
};

/** Parameters of KMeans. */
export type KMeansParams = SomeParams<typeof PARAMS>;

/**
 * Groups rows around `nClusters` centres so that the weighted sum of squared distances to them is small. Features are
 * Float64; nulls and NaN are refused. A centre that loses all its rows moves to the row farthest from its own.
 *
 * Source: Lloyd, Least squares quantization in PCM (1982); starts by Arthur and Vassilvitskii, k-means++ (2007), with
 * 2 + ⌊log nClusters⌋ trials a centre.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 1.2, 0.8, 9, 9.1, 8.9] });
 * using model = await new KMeans({ nClusters: 2, randomState: 1 }).fit(df);
 * console.log([...model.clusterCenters].sort(), model.inertia.toFixed(3));
 * // [ 1, 9 ] 0.100
 * ```
 */
export class KMeans extends Clusterer<typeof PARAMS, KMeansModel> {
  constructor(params: KMeansParams = {}) {
    super('KMeans', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<KMeansModel> {
    const { nClusters, init, nInit, maxIter, tol } = this.getParams();
    const table = await data.checkedTable();
    if (table.rows < nClusters)
      throw new ParameterError(
        `The 'nClusters' parameter of KMeans must be at most the number of rows, ${table.rows}. Got ${nClusters}.`,
        { estimator: 'KMeans', parameter: 'nClusters' },
      );
    const given = typeof init === 'string' ? null : this.#centersOf(init, data.nFeatures);
    const weighted = data.weight !== null;
    const seed = this.seed();
    const runs = given ? 1 : nInit === 'auto' ? (init === 'random' ? 10 : 1) : nInit;
    const limit = tol * (await meanVariance(data));
    let best: { centers: Float64Array; labels: Int32Array; inertia: number; nIter: number } | null = null;
    for (let run = 0; run < runs; run++) {
      let centers =
        given ??
        (
          await data.invoke(
            'kMeans.init',
            { nClusters, method: init === 'random' ? 'random' : 'kMeans++', seed: seedOf(seed, run), weighted },
            { inputs: [table] },
          )
        ).arrays.centers;
      let nIter = 0;
      let converged = false;
      while (nIter < maxIter && !converged) {
        const step = await data.invoke(
          'kMeans.lloyd',
          { iterations: maxIter - nIter, tol: limit, weighted },
          { inputs: [table], arrays: { centers } },
        );
        centers = step.arrays.centers;
        nIter += step.json.iterations;
        converged = step.json.converged;
        data.progress('fit', Math.min(1, (run + nIter / maxIter) / runs), table.rows);
      }
      const { json, arrays } = await data.invoke(
        'kMeans.assign',
        { weighted },
        { inputs: [table], arrays: { centers } },
      );
      if (!best || json.inertia < best.inertia) best = { centers, labels: arrays.labels, inertia: json.inertia, nIter };
    }
    const { centers, labels, inertia, nIter } = best!;
    return new KMeansModel({
      ...base,
      json: { inertia, nIter, nClusters, randomState: seed },
      arrays: { clusterCenters: centers, labels },
    });
  }

  #centersOf(init: readonly (readonly number[])[], nFeatures: number): Float64Array {
    const { nClusters } = this.getParams();
    if (init.length !== nClusters || init.some((c) => c.length !== nFeatures))
      throw new ParameterError(
        `The 'init' parameter of KMeans must be ${nClusters} centres of ${nFeatures} numbers. Got ${init.length} of ${init[0]?.length}.`,
        { estimator: 'KMeans', parameter: 'init' },
      );
    return Float64Array.from(init.flat());
  }
}

/** A seed for each run of one seed. */
const seedOf = (seed: number, run: number): number => Math.floor(uniform(seed, run) * 4294967296);

/** The mean over features of their variance, unweighted as the tolerance is. */
async function meanVariance(data: TrainingData): Promise<number> {
  const { json, arrays } = await data.invoke(
    'linear.moments',
    { weighted: data.weight !== null },
    { plan: await data.plan() },
  );
  const p = data.nFeatures;
  let sum = 0;
  for (let j = 0; j < p; j++) sum += arrays.cross[j * p + j]! / json.weightSum;
  return sum / p;
}

/** The fitted model of KMeans. */
export class KMeansModel extends ClustererModel {
  /** Centres, `(nClusters, nFeatures)`, row-major. */
  readonly clusterCenters: Float64Array;
  readonly labels: Int32Array;
  /** Weighted sum of squared distances of the training rows to their centres. */
  readonly inertia: number;
  /** Iterations of the run that was kept. */
  readonly nIter: number;
  /** Number of clusters. */
  readonly nClusters: number;
  /** The seed of the fit. */
  readonly randomState: number;
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.#fitted = fitted;
    this.clusterCenters = arrayOf(fitted, 'clusterCenters');
    this.labels = arrayOf(fitted, 'labels');
    this.inertia = Number(fitted.json['inertia']);
    this.nIter = Number(fitted.json['nIter']);
    this.nClusters = Number(fitted.json['nClusters']);
    this.randomState = Number(fitted.json['randomState']);
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  protected override async streamLabels(rows: Rows, options: RunOptions): Promise<Int32Array> {
    const centers = { centers: this.clusterCenters };
    return (await this.streamFeatures('kMeans.assignRows', {}, centers, rows, options)).arrays.labels;
  }

  protected async predictLabels(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    if (features.rows === 0) return new Int32Array(0);
    const { arrays } = await this.invoke(
      'kMeans.assign',
      { weighted: false },
      {
        inputs: [features],
        arrays: { centers: this.clusterCenters },
        workNanoseconds: features.rows * this.clusterCenters.length,
      },
      options,
    );
    return arrays.labels;
  }
}
