// The streaming pass that linear models start with.
import { ParameterError } from '../../errors.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import type { TrainingData } from '../core/training-data.ts';

/** Weighted means `(p + 1)` and products about them `(p + 1, p + 1)`: p features, then the target. */
export interface DataMoments {
  readonly rows: number;
  readonly weightSum: number;
  readonly means: Float64Array;
  readonly cross: Float64Array;
  /** The plan they are of, for a second pass. */
  readonly plan: PlanNode;
}

/** Streams the rows of a fit once, and checks their values. */
export async function dataMoments(data: TrainingData): Promise<DataMoments> {
  const weighted = data.weight !== null;
  const plan = await data.plan();
  const { json, arrays } = await data.invoke('linear.moments', { weighted }, { plan });
  data.checkRows(json.rows);
  data.checkCounts(arrays);
  if (json.leastWeight < 0)
    throw new ParameterError(
      `The sample weights of ${data.estimator}.fit must be at least 0. Got ${json.leastWeight}.`,
      { estimator: data.estimator },
    );
  if (json.weightSum === 0)
    throw new ParameterError(`The sample weights of ${data.estimator}.fit are all 0.`, { estimator: data.estimator });
  return { rows: json.rows, weightSum: json.weightSum, means: arrays.means, cross: arrays.cross, plan };
}

/** A sum of products of two columns: about their means, or about zero without an intercept. */
export const productsAbout =
  ({ means, cross, weightSum }: DataMoments, fitIntercept: boolean) =>
  (i: number, j: number): number =>
    cross[i * means.length + j]! + (fitIntercept ? 0 : weightSum * means[i]! * means[j]!);

/** A column that is one value as far as doubles can tell: rounding alone makes its deviations. */
export function isConstant({ means, cross, weightSum }: DataMoments, j: number): boolean {
  const deviation = Math.sqrt(cross[j * means.length + j]! / weightSum);
  return !(deviation > 16 * Number.EPSILON * Math.abs(means[j]!));
}

/** The intercept that goes with coefficients. */
export function interceptOf({ means }: DataMoments, coef: Float64Array, fitIntercept: boolean): number {
  if (!fitIntercept) return 0;
  return coef.reduce((sum, c, j) => sum - c * means[j]!, means[coef.length]!);
}
