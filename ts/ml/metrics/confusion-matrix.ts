import { ParameterError } from '../../errors.ts';
import type { Label } from '../core/target.ts';
import { confusionCounts } from './core/class-counts.ts';
import { runSliced } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkWord,
  type Framed,
  type LabelName,
  type Labels,
  metricCall,
} from './metric-call.ts';
import { scoredClasses } from './precision-recall.ts';
import { codedPair } from './read-labels.ts';

/** What `confusionMatrix` takes beside weights. */
export interface ConfusionMatrixOptions {
  /** Classes of the rows and columns, in this order (default all that occur on either side, sorted). */
  readonly labels?: readonly Label[];
  /** Divides by the sums of the true classes, of the predicted ones or of all rows (default `none`). */
  readonly normalize?: 'none' | 'true' | 'pred' | 'all';
}

/** Counts by true and predicted class. */
export interface ConfusionMatrix {
  /** Classes of the rows and columns of the matrix. */
  readonly classes: readonly Label[];
  /** Shape (nClasses, nClasses): a row per true class, a column per predicted class. */
  readonly matrix: readonly (readonly number[])[];
}

/** Most cells of a matrix: more would be a table of ids, not of classes. */
const MOST_CELLS = 16_777_216;

/**
 * Counts rows by true and predicted class, weighted.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted labels, likewise
 * @throws {ERR_MISSING_VALUES} null or NaN among the labels or weights
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} more than 4,096 classes, or `labels` of which none occurs
 * @example
 * ```ts
 * const df = fromColumns({ label: ['cat', 'dog', 'dog'], prediction: ['cat', 'dog', 'cat'] });
 * console.log(await confusionMatrix(df, 'label', 'prediction'));
 * // { classes: [ 'cat', 'dog' ], matrix: [ [ 1, 0 ], [ 1, 1 ] ] }
 * ```
 */
export function confusionMatrix<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yPred: LabelName<S>,
  options?: ConfusionMatrixOptions & ColumnOptions<S>,
): Promise<ConfusionMatrix>;
export function confusionMatrix(
  yTrue: Labels,
  yPred: Labels,
  options?: ConfusionMatrixOptions & ArrayOptions,
): Promise<ConfusionMatrix>;
export async function confusionMatrix(...args: unknown[]): Promise<ConfusionMatrix> {
  const call = metricCall<ConfusionMatrixOptions>('confusionMatrix', args, ['sampleWeight', 'labels', 'normalize']);
  const { labels, normalize = 'none' } = call.options;
  checkWord(call.call, 'normalize', normalize, ['none', 'true', 'pred', 'all']);
  const rows = await codedPair(call);
  const n = rows.classes.length;
  if (n * n > MOST_CELLS)
    throw new ParameterError(`${call.call} has ${n} classes, 4,096 at most. Are these labels or row numbers?`, {
      classes: n,
    });
  const counts = await runSliced(confusionCounts(rows.yTrue, rows.yPred, n, rows.weight), call.run.signal);
  const { classes, codes } = scoredClasses(call.call, rows.classes, labels);
  const matrix = codes.map((t) => codes.map((p) => (t < 0 || p < 0 ? 0 : (counts[t * n + p] as number))));
  return { classes, matrix: normalized(matrix, normalize) };
}

function normalized(matrix: number[][], by: 'none' | 'true' | 'pred' | 'all'): number[][] {
  if (by === 'none') return matrix;
  const rows = matrix.map((row) => row.reduce((a, b) => a + b, 0));
  const columns = matrix.map((_, j) => matrix.reduce((sum, row) => sum + (row[j] as number), 0));
  const all = rows.reduce((a, b) => a + b, 0);
  return matrix.map((row, i) =>
    row.map((x, j) => {
      const sum = by === 'all' ? all : ((by === 'true' ? rows[i] : columns[j]) as number);
      return sum === 0 ? 0 : x / sum;
    }),
  );
}
