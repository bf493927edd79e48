import { ParameterError } from '../../errors.ts';
import type { Label } from '../core/target.ts';
import { classCounts } from './core/class-counts.ts';
import { type Prf, prfAverage, prfByClass } from './core/classification.ts';
import { runSliced } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkNumber,
  type Framed,
  type LabelName,
  type Labels,
  metricCall,
} from './metric-call.ts';
import { scoredClasses, zeroDivisionOf } from './precision-recall.ts';
import { codedPair } from './read-labels.ts';

/** What `classificationReport` takes beside weights. */
export interface ClassificationReportOptions {
  /** Classes to report, in this order (default all that occur on either side, sorted). */
  readonly labels?: readonly Label[];
  /** Names of those classes in the text (default the labels). */
  readonly targetNames?: readonly string[];
  /** Digits after the point in the text (default 2). */
  readonly digits?: number;
  /** The value where nothing was predicted or nothing is true: 0 (default), 1, or NaN, which averages leave out. */
  readonly zeroDivision?: number;
}

/** Scores of one class, or of an average. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Weight of the rows that are truly of the class; of all scored rows for an average. */
  readonly support: number;
}

/** Scores of each class and their averages. */
export interface ClassificationReport {
  readonly classes: readonly (ClassScores & { readonly label: Label; readonly name: string })[];
  /** Share of right predictions; null when `labels` leaves classes out. */
  readonly accuracy: number | null;
  /** Scores of all reported classes together; equal to the accuracy when no class is left out. */
  readonly microAverage: ClassScores;
  readonly macroAverage: ClassScores;
  readonly weightedAverage: ClassScores;
  /** All of it as a table to print. */
  readonly text: string;
}

/**
 * Reports precision, recall, F1 and support of each class and their averages, as an object with a printed table.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, no rows, or as many names as there are not classes
 * @example
 * ```ts
 * const df = fromColumns({ label: ['cat', 'dog', 'dog'], prediction: ['cat', 'dog', 'cat'] });
 * console.log((await classificationReport(df, 'label', 'prediction')).text);
 * //               precision    recall  f1-score   support
 * //
 * //          cat       0.50      1.00      0.67         1
 * //          dog       1.00      0.50      0.67         2
 * //
 * //     accuracy                           0.67         3
 * //    macro avg       0.75      0.75      0.67         3
 * // weighted avg       0.83      0.67      0.67         3
 * //
 * ```
 */
export function classificationReport<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: ClassificationReportOptions & ColumnOptions<S>,
): Promise<ClassificationReport>;
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options?: ClassificationReportOptions & ArrayOptions,
): Promise<ClassificationReport>;
export async function classificationReport(...args: unknown[]): Promise<ClassificationReport> {
  const known = ['sampleWeight', 'labels', 'targetNames', 'digits', 'zeroDivision'];
  const call = metricCall<ClassificationReportOptions>('classificationReport', args, known);
  const { labels, targetNames, digits = 2, zeroDivision } = call.options;
  checkNumber(
    call.call,
    'digits',
    digits,
    'a whole number from 0 to 100',
    (x) => Number.isInteger(x) && x >= 0 && x <= 100,
  );
  const zero = zeroDivisionOf(call.call, zeroDivision);
  const rows = await codedPair(call);
  const n = rows.classes.length;
  const counts = await runSliced(classCounts(rows.yTrue, rows.yPred, n, rows.weight), call.run.signal);
  const { classes, codes } = scoredClasses(call.call, rows.classes, labels);
  if (targetNames !== undefined && targetNames.length !== classes.length)
    throw new ParameterError(
      `The 'targetNames' option of ${call.call} must have a name for each of the ${classes.length} classes. Got ${targetNames.length}.`,
      { option: 'targetNames' },
    );
  const each = prfByClass(counts, codes, 1, zero);
  const support = each.support.reduce((a, b) => a + b, 0);
  const averageOf = (average: 'micro' | 'macro' | 'weighted'): ClassScores =>
    scoresOf(prfAverage(counts, codes, average, 1, zero), support);
  const microAverage = averageOf('micro');
  const report = {
    classes: classes.map((label, i) => ({
      label,
      name: targetNames?.[i] ?? String(label),
      precision: each.precision[i] as number,
      recall: each.recall[i] as number,
      f1: each.f[i] as number,
      support: each.support[i] as number,
    })),
    accuracy: rows.classes.every((_, i) => codes.includes(i)) ? microAverage.precision : null,
    microAverage,
    macroAverage: averageOf('macro'),
    weightedAverage: averageOf('weighted'),
  };
  return { ...report, text: textOf(report, digits, rows.weighted) };
}

const scoresOf = ({ precision, recall, f }: Prf, support: number): ClassScores => ({
  precision,
  recall,
  f1: f,
  support,
});

function textOf(report: Omit<ClassificationReport, 'text'>, digits: number, weighted: boolean): string {
  const width = Math.max(...report.classes.map((c) => c.name.length), 'weighted avg'.length, digits);
  const number = (x: number): string => (Number.isNaN(x) ? 'nan' : fixed(x, digits));
  const mass = (x: number): string => (weighted ? fixed(x, digits) : String(x));
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padStart(width)} ${cells.map((c) => ` ${c.padStart(9)}`).join('')}`;
  const scores = (name: string, s: ClassScores): string =>
    line(name, [number(s.precision), number(s.recall), number(s.f1), mass(s.support)]);
  const first =
    report.accuracy === null
      ? scores('micro avg', report.microAverage)
      : line('accuracy', ['', '', number(report.accuracy), mass(report.microAverage.support)]);
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '',
    ...report.classes.map((c) => scores(c.name, c)),
    '',
    first,
    scores('macro avg', report.macroAverage),
    scores('weighted avg', report.weightedAverage),
    '',
  ].join('\n');
}

/** A number with so many digits; exact ties go to the even digit, as in C and Python. */
function fixed(x: number, digits: number): string {
  const scaled = x * 10 ** digits;
  // Only a multiple of 2^−(digits + 1) can lie exactly between two decimals.
  const tie = Number.isInteger(x * 2 ** (digits + 1)) && scaled % 1 === 0.5;
  return (tie && Math.floor(scaled) % 2 === 0 ? Math.floor(scaled) / 10 ** digits : x).toFixed(digits);
}
