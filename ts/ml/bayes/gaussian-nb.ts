import type { TableHandle } from '../../backend/backend.ts';
import { ParameterError } from '../../errors.ts';
import type { Table } from '../../frame/table.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Classifier, type ModelBase, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { arrayOf, ClassifierModel, hostTable, type PredictOptions } from '../core/model.ts';
import { custom, number } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';

const isPriors = (v: unknown): boolean =>
  v === null ||
  (Array.isArray(v) &&
    v.every((x) => typeof x === 'number' && x >= 0) &&
    Math.abs(v.reduce((a: number, b: number) => a + b, 0) - 1) <= 1e-8);

const PARAMS = {
  /** Probabilities of the classes, in their order; null: their shares of the weighted rows. */
  priors: custom(null as readonly number[] | null, 'null or a list of numbers of at least 0 whose sum is 1', isPriors),
  /** Share of the largest feature's variance that is added to all variances. */
  varSmoothing: number(1e-9, { min: 0 }),
};

/** Parameters of GaussianNb. */
export type GaussianNbParams = SomeParams<typeof PARAMS>;

/**
 * Fits naive Bayes with a normal distribution for each class and feature, features being independent within a class. The
 * rows are streamed once; features are Float64, nulls and NaN are refused.
 *
 * Source: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm for computing sample variances (1979), for the
 * moments; Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd edition, section 6.6.3.
 *
 * @example
 * ```ts
 * const df = fromColumns({ size: [1, 2, 3, 7, 8, 9], kind: ['a', 'a', 'a', 'b', 'b', 'b'] });
 * using model = await new GaussianNb().fit(df, 'kind');
 * console.log(Array.from(model.theta), (await model.predict(fromColumns({ size: [2.5, 6] }))).toArray());
 * // [ 2, 8 ] [ 'a', 'b' ]
 * ```
 */
export class GaussianNb extends Classifier<typeof PARAMS, GaussianNbModel> {
  constructor(params: GaussianNbParams = {}) {
    super('GaussianNb', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<GaussianNbModel> {
    const { priors, varSmoothing } = this.getParams();
    const labels = base.classes!.labels;
    const k = labels.length;
    if (priors && priors.length !== k)
      throw new ParameterError(
        `The 'priors' parameter of GaussianNb has ${priors.length} numbers, but the target has ${k} classes: ${labels.join(', ')}.`,
        { estimator: 'GaussianNb', parameter: 'priors' },
      );
    const { json, arrays } = await data.invoke(
      'bayes.moments',
      { classes: k, weighted: data.weight !== null },
      { plan: await data.plan() },
    );
    data.checkRows(json.rows);
    data.checkCounts(arrays);
    if (json.leastWeight < 0)
      throw new ParameterError(`The sample weights of GaussianNb.fit must be at least 0. Got ${json.leastWeight}.`, {
        estimator: 'GaussianNb',
      });
    const empty = arrays.counts.findIndex((w) => !(w > 0));
    if (empty >= 0)
      throw new ParameterError(`The sample weights of class ${labels[empty]} in GaussianNb.fit are all 0.`, {
        estimator: 'GaussianNb',
      });
    const epsilon = varSmoothing * arrays.spread.reduce((a, b) => Math.max(a, b), 0);
    const total = arrays.counts.reduce((a, b) => a + b, 0);
    return new GaussianNbModel({
      ...base,
      json: { epsilon },
      arrays: {
        theta: arrays.means,
        var: arrays.variances.map((v) => v + epsilon),
        classCount: arrays.counts,
        classPrior: priors ? Float64Array.from(priors) : arrays.counts.map((w) => w / total),
      },
    });
  }
}

/** The fitted model of GaussianNb. */
export class GaussianNbModel extends ClassifierModel {
  /** Means by class, `(nClasses, nFeatures)` row-major. */
  readonly theta: Float64Array;
  /** Variances by class with `epsilon` added, `(nClasses, nFeatures)` row-major. */
  readonly var: Float64Array;
  /** Sum of the weights of each class, `(nClasses)`. */
  readonly classCount: Float64Array;
  /** Probability of each class, `(nClasses)`. */
  readonly classPrior: Float64Array;
  /** What was added to all variances. */
  readonly epsilon: number;
  readonly #fitted: Fitted;
  readonly #constants: Float64Array;

  constructor(fitted: Fitted) {
    super(fitted);
    this.theta = arrayOf(fitted, 'theta');
    this.var = arrayOf(fitted, 'var');
    this.classCount = arrayOf(fitted, 'classCount');
    this.classPrior = arrayOf(fitted, 'classPrior');
    this.epsilon = Number(fitted.json['epsilon']);
    this.#fitted = fitted;
    const p = this.theta.length / this.classPrior.length;
    this.#constants = this.classPrior.map((prior, k) =>
      this.var.subarray(k * p, (k + 1) * p).reduce((sum, v) => sum - 0.5 * Math.log(2 * Math.PI * v), Math.log(prior)),
    );
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  /**
   * Computes the logarithm of `P(class) · p(row | class)` for each row and class: probabilities before they are made to sum
   * to one.
   *
   * @returns a table `(nSamples, nClasses)` of Float64 columns named by the classes
   */
  async predictJointLogProba(rows: Rows, options: PredictOptions = {}): Promise<Table<any>> {
    const { scores, rows: n } = await this.streamScores(rows, options, 'scores');
    return hostTable(
      this.classes.map((c) => ({ name: String(c), type: { dtype: 'Float64' }, nullable: false })),
      this.classes.map((_, k) => scores.slice(k * n, (k + 1) * n)),
    );
  }

  #arrays() {
    return { means: this.theta, variances: this.var, constants: this.#constants };
  }

  protected override async streamScores(rows: Rows, options: RunOptions, kind: 'scores' | 'chances' | 'codes') {
    const params = { classes: this.classes.length, kind };
    const result = await this.streamFeatures('bayes.scoreRows', params, this.#arrays(), rows, options);
    return { ...result.arrays, rows: result.json.rows };
  }

  async #score(features: TableHandle, options: RunOptions, kind: 'chances' | 'codes') {
    const params = { classes: this.classes.length, kind };
    const workNanoseconds = features.rows * (this.theta.length + 10 * this.classes.length);
    const more = { inputs: [features], arrays: this.#arrays(), workNanoseconds };
    return (await this.invoke('bayes.score', params, more, options)).arrays;
  }

  protected async probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return (await this.#score(features, options, 'chances')).scores;
  }

  // The likeliest class is clear even where two probabilities are both 1 to the last bit.
  protected override async predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return (await this.#score(features, options, 'codes')).codes;
  }
}
