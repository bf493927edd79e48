import { ParameterError, TargetError } from '../../errors.ts';
import type { Label } from '../core/target.ts';
import { labelText } from './core/encode-labels.ts';
import { runSliced, STEP_ROWS, type Steps } from './core/steps.ts';
import { averagePrecisionOf, rocAreaOf, type ScoredRows } from './core/threshold-counts.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkWord,
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
import { withRanked } from './ranked-rows.ts';
import { type CodedScores, withScores } from './read-labels.ts';

/** What `rocAucScore` takes beside weights. */
export interface RocAucOptions {
  /** Of several classes: the plain mean (default), the mean by weight of the class, or an array of each. */
  readonly average?: 'macro' | 'weighted' | 'none';
  /** The positive class of two (default 1 or true, else the later one). */
  readonly posLabel?: Label;
  /** The class of each score, when there are several (default the classes of the rows, sorted). */
  readonly classes?: readonly Label[];
}

/** A score, or one of each class with `average: 'none'`. */
export type AreaOf<O> = O extends { readonly average: infer A } ? ('none' extends A ? Float64Array : number) : number;

/**
 * Computes the area under the ROC curve: the chance that a row of the positive class is scored above one that is not,
 * ties counting half. With a score per class it is that of each class against the rest, averaged.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yScore - scores or probabilities of the positive class; for several classes a list with one per class, or a
 *   table such as `predictProba` gives
 * @returns a number from 0 to 1; with `average: 'none'` an array of shape (nClasses)
 * @throws {ERR_TARGET} one class only, or a class against the rest without rows: the area is not defined
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite scores, null labels
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} scores of several classes that do not sum to 1, or of other classes than the rows have
 * @example
 * ```ts
 * const df = fromColumns({ label: [0, 0, 1, 1], score: [0.1, 0.4, 0.35, 0.8] });
 * console.log(await rocAucScore(df, 'label', 'score'));
 * // 0.75
 * ```
 */
export function rocAucScore<S, const O extends RocAucOptions & ColumnOptions<S>>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yScore: NumberName<S> | readonly NumberName<S>[],
  options?: O & RocAucOptions & ColumnOptions<S>,
): Promise<AreaOf<O>>;
export function rocAucScore<const O extends RocAucOptions & ArrayOptions>(
  yTrue: Labels,
  yScore: Numbers | Scores,
  options?: O,
): Promise<AreaOf<O>>;
export async function rocAucScore(...args: unknown[]): Promise<any> {
  const call = metricCall<RocAucOptions>('rocAucScore', args, ['sampleWeight', 'average', 'posLabel', 'classes']);
  return areas(call, rocAreaOf, (label) => {
    throw new TargetError(
      `The ROC AUC is not defined: the rows of ${call.call} ${label === null ? 'have one class only' : `are all of the class ${labelText(label)}, or none is`}. Score rows of both classes.`,
    );
  });
}

/** What `averagePrecisionScore` takes beside weights. */
export interface AveragePrecisionOptions extends RocAucOptions {}

/**
 * Computes average precision, the area under the precision-recall curve as the sum of precision × gain in recall, without
 * interpolation. 0 when no row is positive. With a score per class it is that of each class against the rest, averaged.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yScore - scores or probabilities of the positive class; for several classes a list with one per class, or a
 *   table such as `predictProba` gives
 * @returns a number from 0 to 1; with `average: 'none'` an array of shape (nClasses)
 * @throws {ERR_PARAMETER} two classes of which none is 1 or true, and no `posLabel`
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite scores, null labels
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({ label: [0, 0, 1, 1], score: [0.1, 0.4, 0.35, 0.8] });
 * console.log(await averagePrecisionScore(df, 'label', 'score'));
 * // 0.8333333333333333
 * ```
 */
export function averagePrecisionScore<S, const O extends AveragePrecisionOptions & ColumnOptions<S>>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yScore: NumberName<S> | readonly NumberName<S>[],
  options?: O & AveragePrecisionOptions & ColumnOptions<S>,
): Promise<AreaOf<O>>;
export function averagePrecisionScore<const O extends AveragePrecisionOptions & ArrayOptions>(
  yTrue: Labels,
  yScore: Numbers | Scores,
  options?: O,
): Promise<AreaOf<O>>;
export async function averagePrecisionScore(...args: unknown[]): Promise<any> {
  const known = ['sampleWeight', 'average', 'posLabel', 'classes'];
  const call = metricCall<AveragePrecisionOptions>('averagePrecisionScore', args, known);
  return areas(call, averagePrecisionOf, null);
}

type Area = (rows: ScoredRows) => Steps<number>;

/** An area of two classes, or of each of several against the rest. `undefinedFor` is called for an area that is none. */
function areas(
  call: MetricCall<RocAucOptions>,
  area: Area,
  undefinedFor: ((label: Label | null) => never) | null,
): Promise<number | Float64Array> {
  const { average = 'macro', posLabel, classes: option } = call.options;
  checkWord(call.call, 'average', average, ['macro', 'weighted', 'none']);
  return withScores(call, async (rows) => {
    if (rows.scores.length > 2 || (rows.scores.length === 2 && option !== undefined && option.length > 2))
      return oneVersusRest(call, rows, area, undefinedFor);
    if (rows.scores.length === 1)
      checkTwoClasses(call.call, rows.classes, 'Give a score for each class: a list of columns or arrays.');
    // Probabilities of both classes: those of the second are the positive one's.
    const classes = rows.scores.length === 2 ? classesOfScores(call.call, rows.classes, rows.yTrue, 2, option) : rows;
    if (undefinedFor !== null && rows.classes.length < 2) undefinedFor(null);
    const positive =
      rows.scores.length === 2 && posLabel === undefined
        ? 1
        : positiveCode(call.call, classes.classes, posLabel, undefinedFor !== null);
    const scores = rows.scores[rows.scores.length === 2 ? positive : 0] as Float64Array;
    const value = await withRanked(
      { yTrue: classes.yTrue, positive, scores, weight: rows.weight },
      call.run,
      (ranked) => runSliced(area(ranked), call.run.signal),
    );
    if (Number.isNaN(value) && undefinedFor !== null) undefinedFor(null);
    return value;
  });
}

async function oneVersusRest(
  call: MetricCall<RocAucOptions>,
  rows: CodedScores,
  area: Area,
  undefinedFor: ((label: Label) => never) | null,
): Promise<number | Float64Array> {
  const { average = 'macro', posLabel, classes: option } = call.options;
  if (posLabel !== undefined)
    throw new ParameterError(
      `The 'posLabel' option of ${call.call} is for two classes; the scores are of ${rows.scores.length}.`,
      {
        option: 'posLabel',
      },
    );
  const { classes, yTrue } = classesOfScores(call.call, rows.classes, rows.yTrue, rows.scores.length, option);
  if (undefinedFor !== null) await runSliced(checkSums(call.call, rows.scores), call.run.signal);
  const values = new Float64Array(classes.length);
  for (const [c, label] of classes.entries()) {
    const scores = rows.scores[c] as Float64Array;
    values[c] = await withRanked({ yTrue, positive: c, scores, weight: rows.weight }, call.run, (ranked) =>
      runSliced(area(ranked), call.run.signal),
    );
    if (Number.isNaN(values[c]) && undefinedFor !== null) undefinedFor(label);
  }
  if (average === 'none') return values;
  if (average === 'macro') return values.reduce((sum, x) => sum + x, 0) / values.length;
  const masses = await runSliced(massByClass(yTrue, rows.weight, classes.length), call.run.signal);
  const mass = masses.reduce((sum, x) => sum + x, 0);
  return mass === 0 ? 0 : values.reduce((sum, x, c) => sum + x * (masses[c] as number), 0) / mass;
}

function* massByClass(yTrue: Int32Array, weight: Float64Array | null, nClasses: number): Steps<Float64Array> {
  const out = new Float64Array(nClasses);
  for (let start = 0; start < yTrue.length; start += STEP_ROWS) {
    const end = Math.min(yTrue.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) out[yTrue[i] as number]! += weight === null ? 1 : (weight[i] as number);
    yield;
  }
  return out;
}

/** Throws unless the scores of every row sum to 1. */
export function* checkSums(call: string, scores: readonly Float64Array[], tolerance = 1e-5): Steps<void> {
  const n = scores[0]?.length ?? 0;
  for (let start = 0; start < n; start += STEP_ROWS >> 2) {
    const end = Math.min(n, start + (STEP_ROWS >> 2));
    for (let i = start; i < end; i++) {
      let sum = 0;
      for (let c = 0; c < scores.length; c++) sum += (scores[c] as Float64Array)[i] as number;
      if (Math.abs(sum - 1) > tolerance)
        throw new ParameterError(
          `Expected the probabilities of each row of ${call} to sum to 1 but those of row ${i} sum to ${sum}.`,
          { row: i },
        );
    }
    yield;
  }
}
