// Precision, recall and F scores of predicted classes.
import { ParameterError, TargetError } from '../../errors.ts';
import type { Label } from '../core/target.ts';
import { type ClassCounts, classCounts } from './core/class-counts.ts';
import { type Average, prfAverage, prfByClass } from './core/classification.ts';
import { codeOfLabel, labelText } from './core/encode-labels.ts';
import { runSliced } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkNumber,
  checkWord,
  type Framed,
  type LabelName,
  type Labels,
  type MetricCall,
  metricCall,
} from './metric-call.ts';
import { positiveCode } from './positive-class.ts';
import { type CodedPair, codedPair } from './read-labels.ts';

/** How precision, recall and F scores are made of those of the classes. */
export interface PrecisionRecallOptions {
  /**
   * `binary` (default): of the positive class of two. `macro`: the mean over classes; `weighted`: the mean by the weight
   * of each class; `micro`: of all rows together. `none`: of each class, as an array.
   */
  readonly average?: Average;
  /** The positive class (default 1 or true). Only for `binary`. */
  readonly posLabel?: Label;
  /** Classes to score, in this order (default all that occur on either side, sorted). Not for `binary`. */
  readonly labels?: readonly Label[];
  /** The value where nothing was predicted or nothing is true: 0 (default), 1, or NaN, which averages leave out. */
  readonly zeroDivision?: number;
}

/** What `f1Score` takes beside weights. */
export interface FScoreOptions extends PrecisionRecallOptions {
  /** Weight of recall against precision (default 1). */
  readonly beta?: number;
}

/** A score, or one of each class with `average: 'none'`. */
export type ScoreOf<O> =
  'none' extends AverageOf<O> ? (Average extends AverageOf<O> ? number | Float64Array : Float64Array) : number;
type AverageOf<O> = O extends { readonly average: infer A } ? A : 'binary';

/** Precision, recall and F of rows; arrays with `average: 'none'`. */
export interface PrecisionRecallFscore<N = number | Float64Array> {
  readonly precision: N;
  readonly recall: N;
  readonly fScore: N;
  /** Weight of the rows of each class with `average: 'none'`, else null. */
  readonly support: N extends number ? null : Float64Array;
  /** The classes scored: of the arrays' elements, or of the average. */
  readonly classes: readonly Label[];
}

const OPTIONS = ['sampleWeight', 'average', 'posLabel', 'labels', 'zeroDivision'];
const AVERAGES: readonly Average[] = ['binary', 'micro', 'macro', 'weighted', 'none'];

/** The classes that a call scores: codes, −1 for one that does not occur. */
export function scoredClasses(
  call: string,
  found: readonly Label[],
  labels: readonly Label[] | undefined,
): { classes: readonly Label[]; codes: number[] } {
  if (labels === undefined) return { classes: found, codes: found.map((_, i) => i) };
  if (!Array.isArray(labels) || labels.length === 0)
    throw new ParameterError(`The 'labels' option of ${call} must be a list of classes. Got ${String(labels)}.`, {
      option: 'labels',
    });
  const codes = labels.map((label) => codeOfLabel(found, label));
  if (codes.every((c) => c < 0))
    throw new ParameterError(
      `None of the 'labels' of ${call} (${labels.map(labelText).join(', ')}) is a class of the rows: ${found.map(labelText).join(', ')}.`,
      { option: 'labels' },
    );
  return { classes: labels, codes };
}

/** The value of `zeroDivision`, checked. */
export function zeroDivisionOf(call: string, value: unknown): number {
  const zero = value ?? 0;
  checkNumber(call, 'zeroDivision', zero, '0, 1 or NaN', (x) => x === 0 || x === 1 || Number.isNaN(x));
  return zero as number;
}

interface Scored {
  readonly rows: CodedPair;
  readonly counts: ClassCounts;
}

async function scoresOf(call: MetricCall<FScoreOptions>): Promise<PrecisionRecallFscore> {
  const { average = 'binary', posLabel, labels, beta = 1, zeroDivision } = call.options;
  checkWord(call.call, 'average', average, AVERAGES);
  checkNumber(call.call, 'beta', beta, 'a number of at least 0', (x) => x >= 0);
  const zero = zeroDivisionOf(call.call, zeroDivision);
  const rows = await codedPair(call);
  const counts = await runSliced(
    classCounts(rows.yTrue, rows.yPred, rows.classes.length, rows.weight),
    call.run.signal,
  );
  if (average === 'binary') return binaryScores(call.call, { rows, counts }, posLabel, beta, zero);
  const { classes, codes } = scoredClasses(call.call, rows.classes, labels);
  if (average === 'none') {
    const { precision, recall, f, support } = prfByClass(counts, codes, beta, zero);
    return { precision, recall, fScore: f, support, classes } as PrecisionRecallFscore;
  }
  const { precision, recall, f } = prfAverage(counts, codes, average, beta, zero);
  return { precision, recall, fScore: f, support: null, classes } as PrecisionRecallFscore;
}

function binaryScores(
  call: string,
  { rows, counts }: Scored,
  posLabel: Label | undefined,
  beta: number,
  zero: number,
): PrecisionRecallFscore {
  const { classes } = rows;
  if (classes.length > 2)
    throw new TargetError(
      `${call} with average 'binary' needs two classes but the rows have ${classes.length}. Use average 'macro', 'weighted', 'micro' or 'none'.`,
      { classes: classes.length },
    );
  const code = positiveCode(call, classes, posLabel);
  const { precision, recall, f } = prfByClass(counts, [code], beta, zero);
  return {
    precision: precision[0] as number,
    recall: recall[0] as number,
    fScore: f[0] as number,
    support: null,
    classes: code < 0 ? [] : [classes[code] as Label],
  } as PrecisionRecallFscore;
}

/**
 * Computes precision, the share of the rows predicted as a class that are of it.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns a number from 0 to 1; with `average: 'none'` an array of shape (nClasses)
 * @throws {ERR_TARGET} more than two classes with the default average
 * @throws {ERR_PARAMETER} two classes of which none is 1 or true, and no `posLabel`
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ label: ['a', 'b', 'b', 'c'], prediction: ['a', 'b', 'c', 'c'] });
 * console.log(await precisionScore(df, 'label', 'prediction', { average: 'macro' }));
 * console.log(await precisionScore(df, 'label', 'prediction', { average: 'none' }));
 * // 0.8333333333333334
 * // Float64Array(3) [ 1, 1, 0.5 ]
 * ```
 */
export function precisionScore<S, const O extends PrecisionRecallOptions & ColumnOptions<S>>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: O & PrecisionRecallOptions & ColumnOptions<S>,
): Promise<ScoreOf<O>>;
export function precisionScore<const O extends PrecisionRecallOptions & ArrayOptions>(
  yTrue: Labels,
  yPred: Labels,
  options?: O,
): Promise<ScoreOf<O>>;
export async function precisionScore(...args: unknown[]): Promise<unknown> {
  return (await scoresOf(metricCall('precisionScore', args, OPTIONS))).precision;
}

/**
 * Computes recall, the share of the rows of a class that were predicted as it.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns a number from 0 to 1; with `average: 'none'` an array of shape (nClasses)
 * @throws {ERR_TARGET} more than two classes with the default average
 * @throws {ERR_PARAMETER} two classes of which none is 1 or true, and no `posLabel`
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await recallScore(['yes', 'no', 'yes'], ['yes', 'no', 'no'], { posLabel: 'yes' }));
 * // 0.5
 * ```
 */
export function recallScore<S, const O extends PrecisionRecallOptions & ColumnOptions<S>>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: O & PrecisionRecallOptions & ColumnOptions<S>,
): Promise<ScoreOf<O>>;
export function recallScore<const O extends PrecisionRecallOptions & ArrayOptions>(
  yTrue: Labels,
  yPred: Labels,
  options?: O,
): Promise<ScoreOf<O>>;
export async function recallScore(...args: unknown[]): Promise<unknown> {
  return (await scoresOf(metricCall('recallScore', args, OPTIONS))).recall;
}

/**
 * Computes the F1 score, the harmonic mean of precision and recall; with `beta` the F-beta score, in which recall counts
 * `beta` times as much as precision.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns a number from 0 to 1; with `average: 'none'` an array of shape (nClasses)
 * @throws {ERR_TARGET} more than two classes with the default average
 * @throws {ERR_PARAMETER} two classes of which none is 1 or true, and no `posLabel`
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await f1Score([1, 1, 0, 1], [1, 0, 0, 1]));
 * // 0.8
 * ```
 */
export function f1Score<S, const O extends FScoreOptions & ColumnOptions<S>>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: O & FScoreOptions & ColumnOptions<S>,
): Promise<ScoreOf<O>>;
export function f1Score<const O extends FScoreOptions & ArrayOptions>(
  yTrue: Labels,
  yPred: Labels,
  options?: O,
): Promise<ScoreOf<O>>;
export async function f1Score(...args: unknown[]): Promise<unknown> {
  return (await scoresOf(metricCall('f1Score', args, [...OPTIONS, 'beta']))).fScore;
}

/**
 * Computes precision, recall, F score and support in one pass over the rows. Here the default average is `none`.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @returns arrays of shape (nClasses); numbers with another average
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * console.log(await precisionRecallFscoreSupport(['a', 'b', 'b'], ['a', 'b', 'a']));
 * // {
 * //   precision: Float64Array(2) [ 0.5, 1 ],
 * //   recall: Float64Array(2) [ 1, 0.5 ],
 * //   fScore: Float64Array(2) [ 0.6666666666666666, 0.6666666666666666 ],
 * //   support: Float64Array(2) [ 1, 2 ],
 * //   classes: [ 'a', 'b' ]
 * // }
 * ```
 */
export function precisionRecallFscoreSupport<S, const O extends FScoreOptions & ColumnOptions<S>>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: O & FScoreOptions & ColumnOptions<S>,
): Promise<PrecisionRecallFscore<ScoreOf<{ readonly average: 'none' } & O>>>;
export function precisionRecallFscoreSupport<const O extends FScoreOptions & ArrayOptions>(
  yTrue: Labels,
  yPred: Labels,
  options?: O,
): Promise<PrecisionRecallFscore<ScoreOf<{ readonly average: 'none' } & O>>>;
export async function precisionRecallFscoreSupport(...args: unknown[]): Promise<any> {
  const call = metricCall<FScoreOptions>('precisionRecallFscoreSupport', args, [...OPTIONS, 'beta']);
  return scoresOf({ ...call, options: { average: 'none', ...call.options } });
}
