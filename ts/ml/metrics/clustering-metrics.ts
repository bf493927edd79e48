// Metrics of two groupings of the same rows: clusters against classes, or against other clusters.

import type { RunOptions } from '../../runner/runner.ts';
import {
  adjustedMutualInformation,
  adjustedRand,
  type EntropyAverage,
  type Groupings,
  groupingsOf,
  mutualInformation,
  normalizedMutualInformation,
} from './core/groupings.ts';
import { pairCounts } from './core/pair-counts.ts';
import { runSliced } from './core/steps.ts';
import { checkWord, type Framed, type LabelName, type Labels, type MetricCall, metricCall } from './metric-call.ts';
import { codedPair } from './read-labels.ts';

async function groupings(call: MetricCall<object>): Promise<Groupings> {
  const { classes, yTrue, yPred, weight } = await codedPair(call);
  const n = classes.length;
  return groupingsOf(await runSliced(pairCounts(yTrue, yPred, n, n, weight), call.run.signal), n, n);
}

/**
 * Computes the adjusted Rand index: agreement of two groupings on which pairs of rows belong together, 0 for chance. Source:
 * Hubert and Arabie (1985).
 *
 * @param labelsTrue - one grouping: a column name, or an array or column of shape (nSamples)
 * @param labelsPred - the other, likewise; the labels themselves do not matter, only which rows share one
 * @returns a number from −0.5 to 1
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ species: ['a', 'a', 'b', 'b'], cluster: ['x', 'x', 'y', 'z'] });
 * console.log(await adjustedRandScore(df, 'species', 'cluster'));
 * // 0.5714285714285714
 * ```
 */
export function adjustedRandScore<S>(
  frame: Framed<S>,
  labelsTrue: LabelName<S>,
  labelsPred: LabelName<S>,
  options?: RunOptions,
): Promise<number>;
export function adjustedRandScore(labelsTrue: Labels, labelsPred: Labels, options?: RunOptions): Promise<number>;
export async function adjustedRandScore(...args: unknown[]): Promise<number> {
  return adjustedRand(await groupings(metricCall('adjustedRandScore', args, [])));
}

/**
 * Computes the mutual information of two groupings in nats: how much knowing one tells of the other.
 *
 * @param labelsTrue - one grouping: a column name, or an array or column of shape (nSamples)
 * @param labelsPred - the other, likewise; the labels themselves do not matter, only which rows share one
 * @returns a number of at least 0
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ species: ['a', 'a', 'b', 'b'], cluster: ['x', 'x', 'y', 'z'] });
 * console.log(await mutualInfoScore(df, 'species', 'cluster'));
 * // 0.6931471805599453
 * ```
 */
export function mutualInfoScore<S>(
  frame: Framed<S>,
  labelsTrue: LabelName<S>,
  labelsPred: LabelName<S>,
  options?: RunOptions,
): Promise<number>;
export function mutualInfoScore(labelsTrue: Labels, labelsPred: Labels, options?: RunOptions): Promise<number>;
export async function mutualInfoScore(...args: unknown[]): Promise<number> {
  return mutualInformation(await groupings(metricCall('mutualInfoScore', args, [])));
}

/** What normalised and adjusted mutual information take. */
export interface MutualInfoOptions extends RunOptions {
  /** How the entropies of both groupings become the one to divide by (default `arithmetic`). */
  readonly averageMethod?: EntropyAverage;
}

function methodOf(call: MetricCall<MutualInfoOptions>): EntropyAverage {
  const { averageMethod = 'arithmetic' } = call.options;
  checkWord(call.call, 'averageMethod', averageMethod, ['arithmetic', 'geometric', 'min', 'max']);
  return averageMethod;
}

/**
 * Computes mutual information over the mean entropy of both groupings. It is not adjusted for chance: many small groups
 * score high.
 *
 * @param labelsTrue - one grouping: a column name, or an array or column of shape (nSamples)
 * @param labelsPred - the other, likewise; the labels themselves do not matter, only which rows share one
 * @returns a number from 0 to 1
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ species: ['a', 'a', 'b', 'b'], cluster: ['x', 'x', 'y', 'z'] });
 * console.log(await normalizedMutualInfoScore(df, 'species', 'cluster'));
 * // 0.8
 * ```
 */
export function normalizedMutualInfoScore<S>(
  frame: Framed<S>,
  labelsTrue: LabelName<S>,
  labelsPred: LabelName<S>,
  options?: MutualInfoOptions,
): Promise<number>;
export function normalizedMutualInfoScore(
  labelsTrue: Labels,
  labelsPred: Labels,
  options?: MutualInfoOptions,
): Promise<number>;
export async function normalizedMutualInfoScore(...args: unknown[]): Promise<number> {
  const call = metricCall<MutualInfoOptions>('normalizedMutualInfoScore', args, ['averageMethod']);
  const method = methodOf(call);
  return normalizedMutualInformation(await groupings(call), method);
}

/**
 * Computes mutual information beyond what random groupings of the same sizes share, over the most that is possible. Source:
 * Vinh, Epps and Bailey (2010).
 *
 * @param labelsTrue - one grouping: a column name, or an array or column of shape (nSamples)
 * @param labelsPred - the other, likewise; the labels themselves do not matter, only which rows share one
 * @returns a number of at most 1, about 0 for chance
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ species: ['a', 'a', 'b', 'b'], cluster: ['x', 'x', 'y', 'z'] });
 * console.log(await adjustedMutualInfoScore(df, 'species', 'cluster'));
 * // 0.5714285714285716
 * ```
 */
export function adjustedMutualInfoScore<S>(
  frame: Framed<S>,
  labelsTrue: LabelName<S>,
  labelsPred: LabelName<S>,
  options?: MutualInfoOptions,
): Promise<number>;
export function adjustedMutualInfoScore(
  labelsTrue: Labels,
  labelsPred: Labels,
  options?: MutualInfoOptions,
): Promise<number>;
export async function adjustedMutualInfoScore(...args: unknown[]): Promise<number> {
  const call = metricCall<MutualInfoOptions>('adjustedMutualInfoScore', args, ['averageMethod']);
  const method = methodOf(call);
  return runSliced(adjustedMutualInformation(await groupings(call), method), call.run.signal);
}
