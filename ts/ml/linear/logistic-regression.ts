import type { TableHandle } from '../../backend/backend.ts';
import { type RunOptions, releaseHandle } from '../../runner/runner.ts';
import { Classifier, type ModelBase, type SomeParams } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { arrayOf, ClassifierModel } from '../core/model.ts';
import { classWeight, flag, integer, number } from '../core/params.ts';
import type { DataNeeds, TrainingData } from '../core/training-data.ts';

const PARAMS = {
  /** Weight of the loss against the penalty: smaller means more penalty. */
  c: number(1, { above: 0 }),
  /** Share of the absolute values in the penalty; the rest are squares: 0 is L2, 1 is L1. */
  l1Ratio: number(0, { min: 0, max: 1 }),
  /** Whether to learn intercepts, which are not penalised. */
  fitIntercept: flag(true),
  /** Weights per class; 'balanced' makes the sums of the sample weights of the classes equal. */
  classWeight: classWeight(),
  /** Most iterations. */
  maxIter: integer(1000, { min: 1 }),
  /** How near to the optimum the coefficients must be, roughly: the error relative to their size. */
  tol: number(1e-4, { above: 0 }),
};

/** Parameters of LogisticRegression. */
export type LogisticRegressionParams = SomeParams<typeof PARAMS>;

/**
 * Fits a linear classifier of probabilities: the logistic model for two classes, the softmax model for more. Minimises
 * `c · Σ w loss + l1Ratio |b|₁ + ½ (1 − l1Ratio) |b|²`, which has one optimum; the intercepts are not penalised. Features are
 * Float64 and held in memory; nulls and NaN are refused.
 *
 * Not converged within `maxIter`: a warning with the code WARPFRAME_NOT_CONVERGED, and the model as far as it came. With an
 * L1 share the number of coefficients is limited to 4096.
 *
 * Source: Newton's method, proximal where there is an L1 share (Lee, Sun, Saunders, 2014), begun on a sample of the rows
 * (Erdogdu and Montanari, 2015); L-BFGS for many coefficients (Nocedal and Wright, Numerical Optimization, section 7.2).
 *
 * @example
 * ```ts
 * const df = fromColumns({ hours: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4], passed: [0, 0, 0, 1, 0, 1, 1, 1] });
 * using model = await new LogisticRegression().fit(df, 'passed');
 * console.log(model.coef[0]?.toFixed(3), model.intercept[0]?.toFixed(3));
 * console.log((await model.predict(fromColumns({ hours: [1, 3] }))).toArray());
 * // 1.109 -2.496
 * // Float64Array(2) [ 0, 1 ]
 * ```
 */
export class LogisticRegression extends Classifier<typeof PARAMS, LogisticRegressionModel> {
  constructor(params: LogisticRegressionParams = {}) {
    super('LogisticRegression', PARAMS, params);
  }

  override get needs(): Omit<DataNeeds, 'estimator'> {
    return { ...super.needs, balancedBy: 'weights' };
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<LogisticRegressionModel> {
    const { c, l1Ratio, fitIntercept, maxIter, tol } = this.getParams();
    const table = await data.checkedTable();
    const classes = base.classes!.labels.length;
    const created = await data.invoke(
      'logistic.create',
      {
        classes,
        fitIntercept,
        weighted: data.weight !== null,
        l1: l1Ratio / c,
        l2: (1 - l1Ratio) / c,
        tol,
        maxIter,
      },
      { inputs: [table] },
    );
    const state = created.outputs[0]!;
    try {
      for (;;) {
        const { json, arrays } = await data.invoke('logistic.step', {}, { inputs: [table, state] });
        data.progress('iterations', json.done ? 1 : json.nIter / maxIter);
        if (!json.done && json.nIter < maxIter) continue;
        if (!json.converged)
          process.emitWarning(
            `LogisticRegression did not converge in ${json.nIter} iterations. Raise maxIter, scale the features, or lower c.`,
            { code: 'WARPFRAME_NOT_CONVERGED' },
          );
        const { coef, intercept } = parted(arrays.coef, classes === 2 ? 1 : classes, data.nFeatures, fitIntercept);
        return new LogisticRegressionModel({ ...base, json: { nIter: json.nIter }, arrays: { coef, intercept } });
      }
    } finally {
      await releaseHandle(state);
    }
  }
}

/** Coefficients and intercepts apart; intercepts of several classes sum to zero, which the loss leaves open. */
function parted(
  all: Float64Array,
  outputs: number,
  p: number,
  fitIntercept: boolean,
): { coef: Float64Array; intercept: Float64Array } {
  const q = p + (fitIntercept ? 1 : 0);
  const coef = new Float64Array(outputs * p);
  const intercept = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    coef.set(all.subarray(k * q, k * q + p), k * p);
    if (fitIntercept) intercept[k] = all[k * q + p]!;
  }
  if (outputs === 1) return { coef, intercept };
  const mean = intercept.reduce((a, b) => a + b, 0) / outputs;
  return { coef, intercept: intercept.map((b) => b - mean) };
}

/** The fitted model of LogisticRegression. */
export class LogisticRegressionModel extends ClassifierModel {
  /** Coefficients, `(nOutputs, nFeatures)` row-major: one output for two classes (of the second), else one per class. */
  readonly coef: Float64Array;
  /** `(nOutputs)`. */
  readonly intercept: Float64Array;
  /** Iterations made. */
  readonly nIter: number;
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.coef = arrayOf(fitted, 'coef');
    this.intercept = arrayOf(fitted, 'intercept');
    this.nIter = Number(fitted.json['nIter']);
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  protected override async streamScores(rows: Rows, options: RunOptions, kind: 'scores' | 'chances' | 'codes') {
    const arrays = { coef: this.coef, intercept: this.intercept };
    const params = { outputs: this.intercept.length, kind };
    const result = await this.streamFeatures('linear.scoreRows', params, arrays, rows, options);
    return { ...result.arrays, rows: result.json.rows };
  }

  async #score(features: TableHandle, options: RunOptions, kind: 'scores' | 'chances' | 'codes') {
    const params = { outputs: this.intercept.length, kind };
    const more = {
      inputs: [features],
      arrays: { coef: this.coef, intercept: this.intercept },
      workNanoseconds: features.rows * (this.coef.length + 10 * this.intercept.length),
    };
    return (await this.invoke('linear.score', params, more, options)).arrays;
  }

  protected override async decisionValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return (await this.#score(features, options, 'scores')).scores;
  }

  protected override async predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return (await this.#score(features, options, 'codes')).codes;
  }

  protected async probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return (await this.#score(features, options, 'chances')).scores;
  }
}
