// Curves as frames: a row per threshold.
import { TargetError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { hostTable } from '../../frame/host-tables.ts';
import type { Float64 } from '../../schema/dtypes.ts';
import type { Label } from '../core/target.ts';
import { runSliced } from './core/steps.ts';
import {
  precisionRecallPoints,
  rocPoints,
  type ThresholdCounts,
  thresholdCounts,
  withoutEqualRecall,
  withoutRocCollinear,
} from './core/threshold-counts.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  type Framed,
  type LabelName,
  type Labels,
  type MetricCall,
  metricCall,
  type NumberName,
  type Numbers,
} from './metric-call.ts';
import { checkTwoClasses, positiveCode } from './positive-class.ts';
import { withRanked } from './ranked-rows.ts';
import { withScores } from './read-labels.ts';

/** What curves take beside weights. */
export interface CurveOptions {
  /** The positive class (default 1 or true). */
  readonly posLabel?: Label;
  /** Whether to leave out points that do not change the drawn curve (default true for ROC, false for precision-recall). */
  readonly dropIntermediate?: boolean;
}

const OPTIONS = ['sampleWeight', 'posLabel', 'dropIntermediate'];

function countsOf(call: MetricCall<CurveOptions>): Promise<ThresholdCounts> {
  return withScores(call, async (rows) => {
    if (call.options.posLabel === undefined)
      checkTwoClasses(call.call, rows.classes, `Give the positive one with the 'posLabel' option.`);
    const positive = positiveCode(call.call, rows.classes, call.options.posLabel);
    const scores = rows.scores[0] as Float64Array;
    return withRanked({ yTrue: rows.yTrue, positive, scores, weight: rows.weight }, call.run, (ranked) =>
      runSliced(thresholdCounts(ranked), call.run.signal),
    );
  });
}

/**
 * Computes the ROC curve: false and true positive rates as the threshold falls from Infinity.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yScore - scores of the positive class, likewise
 * @returns a frame of `falsePositiveRate`, `truePositiveRate` and `threshold`, from (0, 0) to (1, 1)
 * @throws {ERR_TARGET} one class only: a rate is not defined
 * @throws {ERR_PARAMETER} classes of which none is 1 or true, and no `posLabel`
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite scores, null labels
 * @example
 * ```ts
 * const df = fromColumns({ label: [0, 0, 1, 1], score: [0.1, 0.4, 0.35, 0.8] });
 * await (await rocCurve(df, 'label', 'score')).show();
 * // ┌───────────────────┬──────────────────┬───────────┐
 * // │ falsePositiveRate │ truePositiveRate │ threshold │
 * // │           Float64 │          Float64 │   Float64 │
 * // ├───────────────────┼──────────────────┼───────────┤
 * // │               0.0 │              0.0 │  Infinity │
 * // │               0.0 │              0.5 │      0.80 │
 * // │               0.5 │              0.5 │      0.40 │
 * // │               0.5 │              1.0 │      0.35 │
 * // │               1.0 │              1.0 │      0.10 │
 * // └───────────────────┴──────────────────┴───────────┘
 * // 5 rows × 3 columns
 * ```
 */
export function rocCurve<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yScore: NumberName<S>,
  options?: CurveOptions & ColumnOptions<S>,
): Promise<RocCurve>;
export function rocCurve(yTrue: Labels, yScore: Numbers, options?: CurveOptions & ArrayOptions): Promise<RocCurve>;
export async function rocCurve(...args: unknown[]): Promise<RocCurve> {
  const call = metricCall<CurveOptions>('rocCurve', args, OPTIONS);
  const { signal } = call.run;
  const all = await countsOf(call);
  const positives = all.hits.at(-1) ?? 0;
  const negatives = all.alarms.at(-1) ?? 0;
  if (positives === 0 || negatives === 0)
    throw new TargetError(
      `The ROC curve is not defined: the rows of ${call.call} have no ${positives === 0 ? 'positive' : 'negative'} one. Score rows of both classes.`,
    );
  const drop = call.options.dropIntermediate ?? true;
  const counts = drop ? await runSliced(withoutRocCollinear(all), signal) : all;
  const { x, y, thresholds } = await runSliced(rocPoints(counts, negatives, positives), signal);
  return curveFrame({ falsePositiveRate: x, truePositiveRate: y, threshold: thresholds }, false);
}

/** A ROC curve, a row per threshold. */
export type RocCurve = DataFrame<{ falsePositiveRate: Float64; truePositiveRate: Float64; threshold: Float64 }>;

/**
 * Computes the precision-recall curve: both as the threshold rises. The last point, precision 1 and recall 0, has no
 * threshold (null).
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yScore - scores of the positive class, likewise
 * @returns a frame of `precision`, `recall` and `threshold`; recall is 1 throughout when no row is positive
 * @throws {ERR_PARAMETER} classes of which none is 1 or true, and no `posLabel`
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite scores, null labels
 * @example
 * ```ts
 * const df = fromColumns({ label: [0, 0, 1, 1], score: [0.1, 0.4, 0.35, 0.8] });
 * await (await precisionRecallCurve(df, 'label', 'score')).show();
 * // ┌───────────┬─────────┬───────────┐
 * // │ precision │  recall │ threshold │
 * // │   Float64 │ Float64 │   Float64 │
 * // ├───────────┼─────────┼───────────┤
 * // │  0.500000 │     1.0 │      0.10 │
 * // │  0.666667 │     1.0 │      0.35 │
 * // │  0.500000 │     0.5 │      0.40 │
 * // │  1.000000 │     0.5 │      0.80 │
 * // │  1.000000 │     0.0 │      null │
 * // └───────────┴─────────┴───────────┘
 * // 5 rows × 3 columns
 * ```
 */
export function precisionRecallCurve<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yScore: NumberName<S>,
  options?: CurveOptions & ColumnOptions<S>,
): Promise<PrecisionRecallCurve>;
export function precisionRecallCurve(
  yTrue: Labels,
  yScore: Numbers,
  options?: CurveOptions & ArrayOptions,
): Promise<PrecisionRecallCurve>;
export async function precisionRecallCurve(...args: unknown[]): Promise<PrecisionRecallCurve> {
  const call = metricCall<CurveOptions>('precisionRecallCurve', args, OPTIONS);
  const { signal } = call.run;
  const all = await countsOf(call);
  const counts = call.options.dropIntermediate ? await runSliced(withoutEqualRecall(all), signal) : all;
  const { x, y, thresholds } = await runSliced(precisionRecallPoints(counts, all.hits.at(-1) ?? 0), signal);
  return curveFrame({ precision: x, recall: y, threshold: thresholds }, true);
}

/** A frame over columns that nobody else holds: a long curve is not copied. */
function curveFrame(columns: { readonly [name: string]: Float64Array }, lastThresholdIsNull: boolean): DataFrame<any> {
  const type = { dtype: 'Float64' } as const;
  const length = columns['threshold']?.length ?? 0;
  const schema = Object.keys(columns).map((name) => ({
    name,
    type,
    nullable: lastThresholdIsNull && name === 'threshold',
  }));
  const validity = new Uint8Array((length + 7) >> 3).fill(0xff);
  const last = (length - 1) >> 3;
  validity[last] = (1 << ((length - 1) & 7)) - 1;
  const arrow = schema.map((f) => ({
    type,
    length,
    validity: f.nullable ? validity : null,
    values: columns[f.name] as Float64Array,
  }));
  return new DataFrame(hostTable([{ schema, length, columns: arrow }], schema));
}

/** A precision-recall curve, a row per threshold and one more. */
export type PrecisionRecallCurve = DataFrame<{ precision: Float64; recall: Float64; threshold: Float64 | null }>;
