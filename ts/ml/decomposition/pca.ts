import { ParameterError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { type ModelBase, type SomeParams, Transformer } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { arrayOf, TransformerModel } from '../core/model.ts';
import { either, exactly, flag, integer, number, oneOf } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';

const PARAMS = {
  /** Components to keep: a number, a share of the variance in (0, 1), or null for min(nSamples, nFeatures). */
  nComponents: either<readonly [null, number, number]>(
    null,
    exactly(null),
    integer(1, { min: 1 }),
    number(0.9, { above: 0, below: 1 }),
  ),
  /** Whether to divide components by their standard deviation. */
  whiten: flag(false),
  /** How: the eigenvectors of the covariance, in one pass over the rows. */
  svdSolver: oneOf(['auto', 'covarianceEigh']),
};

/** Parameters of Pca. */
export type PcaParams = SomeParams<typeof PARAMS>;

/**
 * Finds the directions of most variance and projects rows on them. The rows are streamed once; features are Float64, and
 * nulls and NaN are refused. `transform` replaces the features by columns `pca0`, `pca1`, ….
 *
 * Source: Jolliffe, Principal Component Analysis, 2nd edition (2002), chapter 3; signs as scikit-learn's `svd_flip`: in
 * each component the entry of largest magnitude is positive.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3], y: [2, 4, 6] });
 * using model = await new Pca({ nComponents: 1 }).fit(df);
 * console.log([...model.explainedVarianceRatio].map((r) => r.toFixed(6)), model.transform(df).columns);
 * // [ '1.000000' ] [ 'pca0' ]
 * ```
 */
export class Pca extends Transformer<typeof PARAMS, PcaModel> {
  constructor(params: PcaParams = {}) {
    super('Pca', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<PcaModel> {
    const { nComponents, whiten } = this.getParams();
    if (data.weight !== null)
      throw new ParameterError('Pca takes no sample weights. Leave out the sampleWeight option.', { estimator: 'Pca' });
    const { json, arrays } = await data.invoke('linear.moments', { weighted: false }, { plan: await data.plan() });
    data.checkRows(json.rows);
    data.checkCounts(arrays);
    const p = data.nFeatures;
    const n = json.rows;
    if (n < 2) throw new ParameterError(`Pca.fit needs at least two rows. Got ${n}.`, { estimator: 'Pca' });
    const most = Math.min(n, p);
    if (nComponents !== null && nComponents >= 1 && nComponents > most)
      throw new ParameterError(
        `The 'nComponents' parameter of Pca must be at most min(nSamples, nFeatures), ${most}. Got ${nComponents}.`,
        { estimator: 'Pca', parameter: 'nComponents' },
      );
    const covariance = arrays.cross.map((v) => v / (n - 1));
    const { values, vectors } = await symmetricEigen(covariance, p, data.run);
    const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!);
    const variances = Float64Array.from(order, (k) => Math.max(0, values[k]!));
    const total = variances.reduce((a, b) => a + b, 0);
    const kept = keptComponents(nComponents, variances, total, most);
    const components = new Float64Array(kept * p);
    for (let k = 0; k < kept; k++) {
      const row = vectors.subarray(order[k]! * p, (order[k]! + 1) * p);
      let top = 0;
      for (let j = 1; j < p; j++) if (Math.abs(row[j]!) > Math.abs(row[top]!)) top = j;
      const sign = row[top]! < 0 ? -1 : 1;
      for (let j = 0; j < p; j++) components[k * p + j] = sign * row[j]!;
    }
    const explained = variances.slice(0, kept);
    const rest = variances.slice(kept, most);
    return new PcaModel({
      ...base,
      json: {
        nSamples: n,
        whiten,
        noiseVariance: rest.length === 0 ? 0 : rest.reduce((a, b) => a + b, 0) / rest.length,
      },
      arrays: {
        components,
        mean: arrays.means,
        explainedVariance: explained,
        explainedVarianceRatio: explained.map((v) => (total === 0 ? 0 : v / total)),
        singularValues: explained.map((v) => Math.sqrt(v * (n - 1))),
      },
    });
  }
}

function keptComponents(wanted: number | null, variances: Float64Array, total: number, most: number): number {
  if (wanted === null) return most;
  if (wanted >= 1) return wanted;
  let sum = 0;
  for (let k = 0; k < most; k++) {
    sum += variances[k]! / total;
    if (sum > wanted) return k + 1;
  }
  return most;
}

/** The fitted model of Pca. */
export class PcaModel extends TransformerModel {
  /** Directions, unit vectors by falling variance, `(nComponents, nFeatures)`, row-major. */
  readonly components: Float64Array;
  /** Means of the features, `(nFeatures)`. */
  readonly mean: Float64Array;
  /** Variance along each component, with n − 1, `(nComponents)`. */
  readonly explainedVariance: Float64Array;
  /** The same as a share of the whole variance. */
  readonly explainedVarianceRatio: Float64Array;
  /** Singular values of the centred rows, `(nComponents)`. */
  readonly singularValues: Float64Array;
  /** Mean variance of the components left out. */
  readonly noiseVariance: number;
  /** Number of components that were kept. */
  readonly nComponents: number;
  /** Whether `transform` scales each component to variance 1. */
  readonly whiten: boolean;
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.#fitted = fitted;
    this.components = arrayOf(fitted, 'components');
    this.mean = arrayOf(fitted, 'mean');
    this.explainedVariance = arrayOf(fitted, 'explainedVariance');
    this.explainedVarianceRatio = arrayOf(fitted, 'explainedVarianceRatio');
    this.singularValues = arrayOf(fitted, 'singularValues');
    this.noiseVariance = Number(fitted.json['noiseVariance']);
    this.whiten = fitted.json['whiten'] === true;
    this.nComponents = this.explainedVariance.length;
    this.featureNamesOut = Object.freeze(Array.from({ length: this.nComponents }, (_, k) => `pca${k}`));
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  /** The coefficients and intercepts of each output column. */
  get #projection(): { coef: Float64Array; intercept: Float64Array } {
    const p = this.mean.length;
    const coef = this.components.slice();
    const intercept = new Float64Array(this.nComponents);
    for (let k = 0; k < this.nComponents; k++) {
      const variance = this.explainedVariance[k]!;
      // A direction without variance has nothing to divide by.
      const scale = this.whiten && variance > 0 ? 1 / Math.sqrt(variance) : 1;
      for (let j = 0; j < p; j++) {
        coef[k * p + j]! *= scale;
        intercept[k]! -= coef[k * p + j]! * this.mean[j]!;
      }
    }
    return { coef, intercept };
  }

  /** Gives the frame with the features replaced by `pca0`, `pca1`, …: Float64. Nothing runs before a terminal. */
  transform(rows: Rows): DataFrame<any> {
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    const { coef, intercept } = this.#projection;
    return this.withSums(frame, { names: this.featureNamesOut, coef, intercept }, { drop: this.featureNamesIn });
  }
}
