import { col } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { type ModelBase, type SomeParams, Transformer } from '../core/estimator.ts';
import { asFloat64 } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { TransformerModel } from '../core/model.ts';
import { flag } from '../core/params.ts';
import { checkWeights, type TrainingData } from '../core/training-data.ts';
import { aggregated, checkRows, eachReplaced, presentNumber, unusable, vectorOf } from './columns.ts';

const PARAMS = {
  /** Whether to subtract the mean. */
  withMean: flag(true),
  /** Whether to divide by the standard deviation. */
  withStd: flag(true),
};

/** Parameters of StandardScaler. */
export type StandardScalerParams = SomeParams<typeof PARAMS>;

/**
 * Scales features to mean 0 and standard deviation 1: `(x − mean) / scale`, in Float64. The deviation is the population's
 * (divided by n); of a constant feature the scale is 1. Fit is one pass of aggregates, two with sample weights; transform
 * is lazy expressions. Nulls and NaN are left out in fit and stay what they are in transform; infinities are refused.
 *
 * Source: scikit-learn 1.9, StandardScaler; weighted moments in two passes with correction (Chan, Golub and LeVeque,
 * Algorithms for computing the sample variance, 1983).
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, null], y: ['a', 'b', 'c', 'd'] });
 * using model = await new StandardScaler().fit(df);
 * await model.transform(df).show();
 * // ┌───────────┬──────┐
 * // │         x │ y    │
 * // │   Float64 │ Utf8 │
 * // ├───────────┼──────┤
 * // │ -1.224745 │ a    │
 * // │  0.000000 │ b    │
 * // │  1.224745 │ c    │
 * // │      null │ d    │
 * // └───────────┴──────┘
 * // 4 rows × 2 columns
 * ```
 */
export class StandardScaler extends Transformer<typeof PARAMS, StandardScalerModel> {
  constructor(params: StandardScalerParams = {}) {
    super('StandardScaler', PARAMS, params);
  }

  override get takesSampleWeight(): boolean {
    return true;
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<StandardScalerModel> {
    const { features, frame, run, estimator } = data;
    const moments = data.weight === null ? await plainMoments(data) : await weightedMoments(data, data.weight);
    for (const [j, f] of features.entries())
      if (!Number.isFinite(moments.mean[j]) || !Number.isFinite(moments.var[j]))
        throw await unusable(estimator, frame, f, run);
    const scale = moments.mean.map((mean, j) => scaleOf(mean, moments.var[j]!, moments.nSamplesSeen[j]!));
    return new StandardScalerModel({
      ...base,
      json: {},
      arrays: { ...moments, scale },
    });
  }
}

interface Moments {
  readonly mean: Float64Array;
  readonly var: Float64Array;
  readonly nSamplesSeen: Float64Array;
}

async function plainMoments({ features, frame, run, estimator }: TrainingData): Promise<Moments> {
  const found = await aggregated(
    frame,
    Object.fromEntries(
      features.flatMap((f, j) => {
        const x = presentNumber(f);
        return [
          [`n${j}`, x.count()],
          [`mean${j}`, x.mean()],
          [`var${j}`, x.var({ ddof: 0 })],
        ];
      }),
    ),
    run,
  );
  checkRows(estimator, found['rows']!);
  const all = (stem: string): Float64Array => Float64Array.from(features, (_, j) => found[`${stem}${j}`] ?? Number.NaN);
  return { mean: all('mean'), var: all('var'), nSamplesSeen: all('n') };
}

async function weightedMoments({ features, frame, run, estimator }: TrainingData, weight: string): Promise<Moments> {
  const w = (col(weight) as any).cast(Float64);
  const all = (found: Record<string, number | null>, stem: string): Float64Array =>
    Float64Array.from(features, (_, j) => found[`${stem}${j}`] ?? Number.NaN);
  const first = await aggregated(
    frame,
    {
      least: w.min(),
      missing: w.isNull().sum(),
      total: w.sum(),
      ...Object.fromEntries(
        features.flatMap((f, j) => {
          const x = presentNumber(f);
          return [
            // Null where the value is: such rows have no weight.
            [`w${j}`, x.mul(0).add(w).sum()],
            [`s${j}`, x.mul(w).sum()],
          ];
        }),
      ),
    },
    run,
  );
  checkRows(estimator, first['rows']!);
  // A null, a NaN (which sorts above all) or a negative weight is told as for every other estimator.
  checkWeights(estimator, [first['missing']! > 0 ? Number.NaN : first['least']!, first['total']!]);
  const sums = all(first, 'w');
  const mean = all(first, 's').map((s, j) => s / sums[j]!);
  const second = await aggregated(
    frame,
    Object.fromEntries(
      features.flatMap((f, j) => {
        const away = presentNumber(f).sub(Number.isFinite(mean[j]) ? mean[j] : 0);
        return [
          [`c${j}`, away.mul(w).sum()],
          [`q${j}`, away.mul(away).mul(w).sum()],
        ];
      }),
    ),
    run,
  );
  const corrections = all(second, 'c');
  const squares = all(second, 'q');
  return {
    mean,
    var: squares.map((q, j) => (q - (corrections[j]! * corrections[j]!) / sums[j]!) / sums[j]!),
    nSamplesSeen: sums,
  };
}

/** 1 for a feature that is constant but for rounding. */
function scaleOf(mean: number, variance: number, n: number): number {
  const bound = n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2;
  return variance <= bound ? 1 : Math.sqrt(variance);
}

/** The fitted model of StandardScaler. */
export class StandardScalerModel extends TransformerModel {
  /** Means, `(nFeatures)`. */
  readonly mean: Float64Array;
  /** Population variances, `(nFeatures)`. */
  readonly var: Float64Array;
  /** What is divided by, `(nFeatures)`: the standard deviation, 1 where it is zero. */
  readonly scale: Float64Array;
  /** Values, or their weights, that were there, `(nFeatures)`. */
  readonly nSamplesSeen: Float64Array;
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.mean = vectorOf(fitted, 'mean');
    this.var = vectorOf(fitted, 'var');
    this.scale = vectorOf(fitted, 'scale');
    this.nSamplesSeen = vectorOf(fitted, 'nSamplesSeen');
    this.featureNamesOut = this.featureNamesIn;
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  transform(frame: Rows): DataFrame<any> {
    this.checkLive();
    const { withMean, withStd } = this.params;
    return eachReplaced(this.estimator, frame, this.memory, (f, j) => {
      let x = asFloat64(f, 'refuse') as any;
      if (withMean) x = x.sub(this.mean[j]);
      return withStd ? x.div(this.scale[j]) : x;
    });
  }

  /** Turns scaled features back into their own units. Lazy. Throws as `transform` does. */
  inverseTransform(frame: DataFrame<any> | Table<any>): DataFrame<any> {
    this.checkLive();
    const { withMean, withStd } = this.params;
    return eachReplaced(this.estimator, frame, this.memory, (f, j) => {
      let x = asFloat64(f, 'refuse') as any;
      if (withStd) x = x.mul(this.scale[j]);
      return withMean ? x.add(this.mean[j]) : x;
    });
  }
}
