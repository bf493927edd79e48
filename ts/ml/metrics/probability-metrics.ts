// Metrics of predicted probabilities: log loss, Brier score, top-k accuracy.
import { ParameterError, TargetError } from '../../errors.ts';
import type { Label } from '../core/target.ts';
import { labelText } from './core/encode-labels.ts';
import { binaryBrierOf, binaryLogLossOf, brierOf, logLossOf, topKOf } from './core/probabilities.ts';
import { runSliced, STEP_ROWS, type Steps } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkNumber,
  type Framed,
  type LabelName,
  type Labels,
  type MetricCall,
  metricCall,
  type NumberName,
  type Numbers,
  type Scores,
} from './metric-call.ts';
import { checkTwoClasses, classesOfScores, positiveCode } from './positive-class.ts';
import { type CodedScores, withScores } from './read-labels.ts';
import { checkSums } from './roc-auc.ts';

/** What metrics of probabilities take beside weights. */
export interface ProbabilityOptions {
  /** The class that a single probability is of (default 1 or true, else the later of two). */
  readonly posLabel?: Label;
  /** The class of each probability, when there is one per class (default the classes of the rows, sorted). */
  readonly classes?: readonly Label[];
}

const OPTIONS = ['sampleWeight', 'posLabel', 'classes'];
/** How far the probabilities of a row may be from a sum of 1: those of Float32 models are off by about 1e-7. */
const SUM_TOLERANCE = 1e-4;

/** The code of the positive class for a single probability. */
function positiveOf(call: MetricCall<ProbabilityOptions>, rows: CodedScores): number {
  checkTwoClasses(call.call, rows.classes, 'Give a probability for each class: a list of columns or arrays.');
  const { posLabel, classes } = call.options;
  if (classes === undefined) return positiveCode(call.call, rows.classes, posLabel, true);
  const known = classesOfScores(call.call, rows.classes, rows.yTrue, 2, classes);
  const positive = known.classes[positiveCode(call.call, known.classes, posLabel, true)];
  return rows.classes.findIndex((c) => String(c) === String(positive));
}

function* checkRange(call: string, scores: readonly Float64Array[]): Steps<void> {
  for (const values of scores) {
    for (let start = 0; start < values.length; start += STEP_ROWS) {
      const end = Math.min(values.length, start + STEP_ROWS);
      for (let i = start; i < end; i++) {
        const p = values[i] as number;
        if (p >= 0 && p <= 1) continue;
        throw new ParameterError(`Expected probabilities from 0 to 1 for ${call} but row ${i} has ${p}.`, { row: i });
      }
      yield;
    }
  }
}

/** Probabilities of the rows: of the positive class, or of each. */
async function probabilityScore(
  call: MetricCall<ProbabilityOptions>,
  one: (rows: CodedScores, positive: number) => Steps<number>,
  each: (rows: CodedScores, yTrue: Int32Array) => Steps<number>,
  needsTwo: boolean,
): Promise<number> {
  return withScores(call, async (rows) => {
    await runSliced(checkRange(call.call, rows.scores), call.run.signal);
    if (rows.scores.length === 1) {
      if (
        needsTwo &&
        rows.classes.length < 2 &&
        call.options.classes === undefined &&
        call.options.posLabel === undefined
      )
        throw new TargetError(
          `The rows of ${call.call} have the class ${labelText(rows.classes[0] as Label)} only. Give both classes with the 'classes' option.`,
        );
      return runSliced(one(rows, positiveOf(call, rows)), call.run.signal);
    }
    await runSliced(checkSums(call.call, rows.scores, SUM_TOLERANCE), call.run.signal);
    const { yTrue } = classesOfScores(call.call, rows.classes, rows.yTrue, rows.scores.length, call.options.classes);
    return runSliced(each(rows, yTrue), call.run.signal);
  });
}

/**
 * Computes log loss: the mean of −log(probability given to the true class), natural logarithm. Probabilities are held
 * 2.2e-16 away from 0 and 1.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yProba - probabilities of the positive class; for several classes a list with one per class, or a table such as
 *   `predictProba` gives
 * @returns a number of at least 0
 * @throws {ERR_TARGET} one class only and no `classes`, or one probability for more than two classes
 * @throws {ERR_PARAMETER} probabilities outside [0, 1] or not summing to 1, or of other classes than the rows have
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await logLoss(['ham', 'spam', 'spam'], [[0.9, 0.2, 0.4], [0.1, 0.8, 0.6]]));
 * // 0.2797765635793423
 * ```
 */
export function logLoss<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yProba: NumberName<S> | readonly NumberName<S>[],
  options?: ProbabilityOptions & ColumnOptions<S>,
): Promise<number>;
export function logLoss(
  yTrue: Labels,
  yProba: Numbers | Scores,
  options?: ProbabilityOptions & ArrayOptions,
): Promise<number>;
export async function logLoss(...args: unknown[]): Promise<number> {
  return probabilityScore(
    metricCall<ProbabilityOptions>('logLoss', args, OPTIONS),
    (rows, positive) => binaryLogLossOf(rows.yTrue, positive, rows.scores[0] as Float64Array, rows.weight),
    (rows, yTrue) => logLossOf(yTrue, rows.scores, rows.weight),
    true,
  );
}

/**
 * Computes the Brier score: the mean squared difference of probability and outcome. For two classes it is that of the
 * positive one, from 0 to 1; for more it is summed over the classes, from 0 to 2. Source: Brier (1950).
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yProba - probabilities of the positive class; for several classes a list with one per class, or a table such as
 *   `predictProba` gives
 * @throws {ERR_TARGET} one probability for more than two classes
 * @throws {ERR_PARAMETER} probabilities outside [0, 1] or not summing to 1, or of other classes than the rows have
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await brierScoreLoss([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]));
 * // 0.03749999999999999
 * ```
 */
export function brierScoreLoss<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yProba: NumberName<S> | readonly NumberName<S>[],
  options?: ProbabilityOptions & ColumnOptions<S>,
): Promise<number>;
export function brierScoreLoss(
  yTrue: Labels,
  yProba: Numbers | Scores,
  options?: ProbabilityOptions & ArrayOptions,
): Promise<number>;
export async function brierScoreLoss(...args: unknown[]): Promise<number> {
  return probabilityScore(
    metricCall<ProbabilityOptions>('brierScoreLoss', args, OPTIONS),
    (rows, positive) => binaryBrierOf(rows.yTrue, positive, rows.scores[0] as Float64Array, rows.weight),
    function* (rows, yTrue) {
      const sum = yield* brierOf(yTrue, rows.scores, rows.weight);
      return rows.scores.length === 2 ? sum / 2 : sum;
    },
    false,
  );
}

/** What `topKAccuracyScore` takes beside weights. */
export interface TopKOptions {
  /** How many of the best scored classes count (default 2). */
  readonly k?: number;
  /** The class of each score (default the classes of the rows, sorted). */
  readonly classes?: readonly Label[];
}

/**
 * Computes the share of rows whose true class is among the `k` best scored ones. Of equal scores the later class counts as
 * the better. With a single score per row and `k: 1`, scores above 0.5 (above 0 when some are outside [0, 1]) predict the
 * later of two classes.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yScore - a list of scores with one per class, or a table such as `predictProba` gives; of two classes also one
 * @returns a number from 0 to 1
 * @throws {ERR_PARAMETER} scores of other classes than the rows have, a `k` below 1
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite scores, null labels
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const scores = [[0.5, 0.3, 0.2], [0.2, 0.4, 0.1], [0.3, 0.3, 0.7]];
 * console.log(await topKAccuracyScore(['a', 'b', 'a'], scores, { k: 2, classes: ['a', 'b', 'c'] }));
 * // 1
 * ```
 */
export function topKAccuracyScore<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yScore: NumberName<S> | readonly NumberName<S>[],
  options?: TopKOptions & ColumnOptions<S>,
): Promise<number>;
export function topKAccuracyScore(
  yTrue: Labels,
  yScore: Numbers | Scores,
  options?: TopKOptions & ArrayOptions,
): Promise<number>;
export async function topKAccuracyScore(...args: unknown[]): Promise<number> {
  const call = metricCall<TopKOptions>('topKAccuracyScore', args, ['sampleWeight', 'k', 'classes']);
  const { k = 2, classes: option } = call.options;
  checkNumber(call.call, 'k', k, 'a whole number of at least 1', (x) => Number.isInteger(x) && x >= 1);
  return withScores(call, async (rows) => {
    if (rows.scores.length > 1) {
      const { yTrue } = classesOfScores(call.call, rows.classes, rows.yTrue, rows.scores.length, option);
      return runSliced(topKOf(yTrue, rows.scores, k, rows.weight), call.run.signal);
    }
    const scores = rows.scores[0] as Float64Array;
    const { yTrue } = classesOfScores(call.call, rows.classes, rows.yTrue, 2, option);
    if (k > 1) return 1;
    const threshold = scores.every((s) => s >= 0 && s <= 1) ? 0.5 : 0;
    const second = scores.map((s) => (s > threshold ? 1 : 0));
    return runSliced(topKOf(yTrue, [second.map((s) => 1 - s), second], 1, rows.weight), call.run.signal);
  });
}
