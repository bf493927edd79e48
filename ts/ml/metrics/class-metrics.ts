// Metrics of predicted classes that are one number: accuracy, balanced accuracy, Matthews' coefficient.

import { type ClassCounts, classCounts } from './core/class-counts.ts';
import { accuracy, balancedAccuracy, matthews } from './core/classification.ts';
import { runSliced } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  type Framed,
  type LabelName,
  type Labels,
  type MetricCall,
  metricCall,
} from './metric-call.ts';
import { codedPair } from './read-labels.ts';

async function countsOf(call: MetricCall<object>): Promise<ClassCounts> {
  const rows = await codedPair(call);
  return runSliced(classCounts(rows.yTrue, rows.yPred, rows.classes.length, rows.weight), call.run.signal);
}

/**
 * Computes the share of rows whose predicted class is the true one, by weight.
 *
 * @param frame - rows with both columns; the counts are made in the engine
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns a number from 0 to 1
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_DTYPE} labels of different kinds, such as text and numbers
 * @throws {ERR_PARAMETER} numbers with a fraction, weights below 0, an unknown option
 * @example
 * ```ts
 * const df = fromColumns({ label: ['cat', 'dog', 'dog'], prediction: ['cat', 'dog', 'cat'] });
 * console.log(await accuracyScore(df, 'label', 'prediction'));
 * console.log(await accuracyScore([1, 0, 1, 1], [1, 0, 0, 1], { sampleWeight: [1, 1, 2, 1] }));
 * // 0.6666666666666666
 * // 0.6
 * ```
 */
export function accuracyScore<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: ColumnOptions<S>,
): Promise<number>;
export function accuracyScore(yTrue: Labels, yPred: Labels, options?: ArrayOptions): Promise<number>;
export async function accuracyScore(...args: unknown[]): Promise<number> {
  return accuracy(await countsOf(metricCall('accuracyScore', args, ['sampleWeight'])));
}

/** What `balancedAccuracyScore` takes beside weights. */
export interface BalancedAccuracyOptions {
  /** Whether to rescale so that chance is 0 and perfect is 1 (default false). */
  readonly adjusted?: boolean;
}

/**
 * Computes the mean of the recalls of the classes that occur: accuracy in which every class counts the same.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns a number from 0 to 1
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await balancedAccuracyScore([0, 0, 0, 1], [0, 0, 0, 0]));
 * // 0.5
 * ```
 */
export function balancedAccuracyScore<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: BalancedAccuracyOptions & ColumnOptions<S>,
): Promise<number>;
export function balancedAccuracyScore(
  yTrue: Labels,
  yPred: Labels,
  options?: BalancedAccuracyOptions & ArrayOptions,
): Promise<number>;
export async function balancedAccuracyScore(...args: unknown[]): Promise<number> {
  const call = metricCall<BalancedAccuracyOptions>('balancedAccuracyScore', args, ['sampleWeight', 'adjusted']);
  return balancedAccuracy(await countsOf(call), call.options.adjusted ?? false);
}

/**
 * Computes Matthews' correlation coefficient of true and predicted classes: 1 for perfect, 0 for chance, negative for
 * worse. 0 when either side has one class only. Source: Gorodkin (2004).
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns a number from −1 to 1
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await matthewsCorrcoef([1, 1, 0, 0], [1, 0, 0, 0]));
 * // 0.5773502691896258
 * ```
 */
export function matthewsCorrcoef<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: ColumnOptions<S>,
): Promise<number>;
export function matthewsCorrcoef(yTrue: Labels, yPred: Labels, options?: ArrayOptions): Promise<number>;
export async function matthewsCorrcoef(...args: unknown[]): Promise<number> {
  return matthews(await countsOf(metricCall('matthewsCorrcoef', args, ['sampleWeight'])));
}
