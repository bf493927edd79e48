import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { type ModelBase, type SomeParams, Transformer } from '../core/estimator.ts';
import { asFloat64 } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { TransformerModel } from '../core/model.ts';
import { custom, flag } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';
import { aggregated, checkRows, eachReplaced, presentNumber, unusable, vectorOf } from './columns.ts';
import { refuseWeights } from './refuse-weights.ts';

const PARAMS = {
  /** Where the smallest and the largest value of fit go. */
  featureRange: custom(
    [0, 1] as readonly [number, number],
    'two finite numbers, the smaller one first',
    (v) => Array.isArray(v) && v.length === 2 && v.every((n) => Number.isFinite(n)) && v[0] < v[1],
  ),
  /** Whether values beyond those of fit are kept in the range. */
  clip: flag(false),
};

/** Parameters of MinMaxScaler. */
export type MinMaxScalerParams = SomeParams<typeof PARAMS>;

/**
 * Scales features into a range by their smallest and largest value: `x · scale + min`, in Float64. A constant feature goes
 * to the lower end. Fit is one pass of aggregates; transform is lazy expressions. Nulls and NaN are left out in fit and stay
 * what they are in transform; infinities are refused.
 *
 * Source: scikit-learn 1.9, MinMaxScaler.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [10, 20, 40] });
 * using model = await new MinMaxScaler().fit(df);
 * await model.transform(df).show();
 * // ┌──────────┐
 * // │        x │
 * // │  Float64 │
 * // ├──────────┤
 * // │ 0.000000 │
 * // │ 0.333333 │
 * // │ 1.000000 │
 * // └──────────┘
 * // 3 rows × 1 column
 * ```
 */
export class MinMaxScaler extends Transformer<typeof PARAMS, MinMaxScalerModel> {
  constructor(params: MinMaxScalerParams = {}) {
    super('MinMaxScaler', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<MinMaxScalerModel> {
    refuseWeights(data);
    const { features, frame, run, estimator } = data;
    const [low, high] = this.getParams().featureRange;
    const found = await aggregated(
      frame,
      Object.fromEntries(
        features.flatMap((f, j) => {
          const x = presentNumber(f);
          return [
            [`min${j}`, x.min()],
            [`max${j}`, x.max()],
          ];
        }),
      ),
      run,
    );
    checkRows(estimator, found['rows']!);
    const dataMin = Float64Array.from(features, (_, j) => found[`min${j}`] ?? Number.NaN);
    const dataMax = Float64Array.from(features, (_, j) => found[`max${j}`] ?? Number.NaN);
    for (const [j, f] of features.entries())
      if (!Number.isFinite(dataMin[j]) || !Number.isFinite(dataMax[j])) throw await unusable(estimator, frame, f, run);
    // A range below ten roundings of 1 is no range.
    const range = dataMax.map((max, j) => max - dataMin[j]!);
    const scale = range.map((r) => (high - low) / (r < 10 * Number.EPSILON ? 1 : r));
    return new MinMaxScalerModel({
      ...base,
      json: { nSamplesSeen: found['rows']! },
      arrays: { dataMin, dataMax, scale, min: scale.map((s, j) => low - dataMin[j]! * s) },
    });
  }
}

/** The fitted model of MinMaxScaler. */
export class MinMaxScalerModel extends TransformerModel {
  /** Smallest values of fit, `(nFeatures)`. */
  readonly dataMin: Float64Array;
  /** Largest values of fit, `(nFeatures)`. */
  readonly dataMax: Float64Array;
  /** Factors, `(nFeatures)`. */
  readonly scale: Float64Array;
  /** What is added afterwards, `(nFeatures)`. */
  readonly min: Float64Array;
  /** Rows of fit. */
  readonly nSamplesSeen: number;
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.dataMin = vectorOf(fitted, 'dataMin');
    this.dataMax = vectorOf(fitted, 'dataMax');
    this.scale = vectorOf(fitted, 'scale');
    this.min = vectorOf(fitted, 'min');
    this.nSamplesSeen = Number(fitted.json['nSamplesSeen']);
    this.featureNamesOut = this.featureNamesIn;
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  transform(frame: Rows): DataFrame<any> {
    this.checkLive();
    const [low, high] = this.params['featureRange'] as unknown as [number, number];
    return eachReplaced(this.estimator, frame, this.memory, (f, j) => {
      const x = (asFloat64(f, 'refuse') as any).mul(this.scale[j]).add(this.min[j]);
      return this.params['clip'] === true ? x.clip(low, high) : x;
    });
  }

  /** Turns scaled features back into their own units. Lazy. Throws as `transform` does. */
  inverseTransform(frame: DataFrame<any> | Table<any>): DataFrame<any> {
    this.checkLive();
    return eachReplaced(this.estimator, frame, this.memory, (f, j) =>
      (asFloat64(f, 'refuse') as any).sub(this.min[j]).div(this.scale[j]),
    );
  }
}
