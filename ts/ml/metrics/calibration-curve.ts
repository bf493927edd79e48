import { ParameterError } from '../../errors.ts';
import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { Float64, UInt32 } from '../../schema/dtypes.ts';
import type { Label } from '../core/target.ts';
import { descendingOrder } from './core/sort-order.ts';
import { runSliced, STEP_ROWS, type Steps } from './core/steps.ts';
import {
  checkNumber,
  checkWord,
  type Framed,
  type LabelName,
  type Labels,
  metricCall,
  type NumberName,
  type Numbers,
} from './metric-call.ts';
import { checkTwoClasses, positiveCode } from './positive-class.ts';
import { withScores } from './read-labels.ts';

/** What `calibrationCurve` takes. */
export interface CalibrationOptions extends RunOptions {
  /** The positive class (default 1 or true). */
  readonly posLabel?: Label;
  /** Number of bins (default 5). */
  readonly nBins?: number;
  /** Bins of equal width (default) or of equally many rows. */
  readonly strategy?: 'uniform' | 'quantile';
}

/** How often predictions come true, a row per bin that has rows. */
export type CalibrationCurve = DataFrame<{ meanPredicted: Float64; fractionPositive: Float64; count: UInt32 }>;

/**
 * Computes how often predictions of each probability come true: a calibrated model has both columns equal.
 *
 * @param yTrue - true labels: a column name, or an array or column of shape (nSamples)
 * @param yProba - probabilities of the positive class, likewise, from 0 to 1
 * @returns a frame of `meanPredicted`, `fractionPositive` and `count` per bin; empty bins are left out
 * @throws {ERR_PARAMETER} probabilities outside [0, 1], or classes of which none is 1 or true and no `posLabel`
 * @throws {ERR_TARGET} more than two classes
 * @throws {ERR_MISSING_VALUES} null or NaN
 * @example
 * ```ts
 * const df = fromColumns({ label: [0, 0, 1, 1, 1], p: [0.1, 0.3, 0.2, 0.8, 0.9] });
 * await (await calibrationCurve(df, 'label', 'p', { nBins: 2 })).show();
 * // ┌───────────────┬──────────────────┬────────┐
 * // │ meanPredicted │ fractionPositive │  count │
 * // │       Float64 │          Float64 │ UInt32 │
 * // ├───────────────┼──────────────────┼────────┤
 * // │          0.20 │         0.333333 │      3 │
 * // │          0.85 │         1.000000 │      2 │
 * // └───────────────┴──────────────────┴────────┘
 * // 2 rows × 3 columns
 * ```
 */
export function calibrationCurve<S>(
  frame: Framed<S>,
  yTrue: LabelName<S>,
  yProba: NumberName<S>,
  options?: CalibrationOptions,
): Promise<CalibrationCurve>;
export function calibrationCurve(
  yTrue: Labels,
  yProba: Numbers,
  options?: CalibrationOptions,
): Promise<CalibrationCurve>;
export async function calibrationCurve(...args: unknown[]): Promise<CalibrationCurve> {
  const call = metricCall<CalibrationOptions>('calibrationCurve', args, ['posLabel', 'nBins', 'strategy']);
  const { posLabel, nBins = 5, strategy = 'uniform' } = call.options;
  const { signal } = call.run;
  checkNumber(call.call, 'nBins', nBins, 'a whole number of at least 1', (x) => Number.isInteger(x) && x >= 1);
  checkWord(call.call, 'strategy', strategy, ['uniform', 'quantile']);
  return withScores(call, async (rows) => {
    checkTwoClasses(call.call, rows.classes, 'Compare one class with the rest.');
    const positive = positiveCode(call.call, rows.classes, posLabel);
    const proba = rows.scores[0] as Float64Array;
    const edges = strategy === 'uniform' ? evenEdges(nBins) : await runSliced(quantileEdges(proba, nBins), signal);
    const bins = await runSliced(binsOf(call.call, rows.yTrue, positive, proba, edges, nBins), signal);
    const used = [...bins.count.keys()].filter((b) => (bins.count[b] as number) > 0);
    const mean = (sums: Float64Array): Float64Array =>
      Float64Array.from(used, (b) => (sums[b] as number) / (bins.count[b] as number));
    return fromColumns({
      meanPredicted: mean(bins.sum),
      fractionPositive: mean(bins.positive),
      count: Uint32Array.from(used, (b) => bins.count[b] as number),
    });
  });
}

/** Inner edges of bins of equal width. */
const evenEdges = (nBins: number): Float64Array =>
  Float64Array.from({ length: nBins - 1 }, (_, i) => (i + 1) * (1 / nBins));

/** Inner edges of bins of equally many rows: quantiles with linear interpolation. */
function* quantileEdges(values: Float64Array, nBins: number): Steps<Float64Array> {
  const order = yield* descendingOrder(values);
  const n = values.length;
  const at = (i: number): number => values[order[n - 1 - i] as number] as number;
  return Float64Array.from({ length: nBins - 1 }, (_, i) => {
    const place = (n - 1) * ((i + 1) * (1 / nBins));
    const below = Math.floor(place);
    const share = place - below;
    const low = at(below);
    const high = at(Math.min(n - 1, below + 1));
    return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
  });
}

interface Bins {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly positive: Float64Array;
}

function* binsOf(
  call: string,
  yTrue: Int32Array,
  positive: number,
  proba: Float64Array,
  edges: Float64Array,
  nBins: number,
): Steps<Bins> {
  const bins = { count: new Float64Array(nBins), sum: new Float64Array(nBins), positive: new Float64Array(nBins) };
  for (let start = 0; start < proba.length; start += STEP_ROWS) {
    const end = Math.min(proba.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const p = proba[i] as number;
      if (!(p >= 0 && p <= 1))
        throw new ParameterError(`Expected probabilities from 0 to 1 for ${call} but row ${i} has ${p}.`, { row: i });
      const bin = binOf(edges, p);
      bins.count[bin]! += 1;
      bins.sum[bin]! += p;
      if (yTrue[i] === positive) bins.positive[bin]! += 1;
    }
    yield;
  }
  return bins;
}

/** How many edges lie below a value: a value on an edge belongs to the lower bin. */
function binOf(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
