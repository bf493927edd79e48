// Metrics of predicted numbers.
import { meanErrorOf, pinballOf, r2Of, regressionSums } from './core/regression.ts';
import { runSliced } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkNumber,
  type Framed,
  type MetricCall,
  metricCall,
  type NumberName,
  type Numbers,
} from './metric-call.ts';
import { checkWeights, type NumberInput, weightInput, withNumbers } from './read-numbers.ts';

type Pair = (yTrue: Float64Array, yPred: Float64Array, weight: Float64Array | null) => Promise<number>;

/** Reads both columns and the weights, and lends them. */
function withPair(call: MetricCall<object>, use: Pair): Promise<number> {
  const inputs: NumberInput[] = [
    { role: 'yTrue', value: call.yTrue },
    { role: 'yPred', value: call.yPred },
    ...weightInput(call),
  ];
  return withNumbers(call, inputs, async ([yTrue, yPred, weight]) => {
    if (weight !== undefined) await runSliced(checkWeights(call.call, weight), call.run.signal);
    return use(yTrue as Float64Array, yPred as Float64Array, weight ?? null);
  });
}

/** The mean of one kind of error. */
function meanError(name: string, args: readonly unknown[], kind: 'squared' | 'absolute' | 'relative'): Promise<number> {
  const call = metricCall(name, args, ['sampleWeight']);
  return withPair(call, (yTrue, yPred, weight) => runSliced(meanErrorOf(yTrue, yPred, weight, kind), call.run.signal));
}

/**
 * Computes the mean of the squared errors, weighted.
 *
 * @param yTrue - true values: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted values, likewise
 * @returns a number of at least 0, in the squared unit of the target
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} weights below 0
 * @example
 * ```ts
 * const df = fromColumns({ y: [3, -0.5, 2, 7], prediction: [2.5, 0, 2, 8] });
 * console.log(await meanSquaredError(df, 'y', 'prediction'));
 * // 0.375
 * ```
 */
export function meanSquaredError<S>(
  frame: Framed<S>,
  yTrue: NumberName<S>,
  yPred: NumberName<S>,
  options?: ColumnOptions<S>,
): Promise<number>;
export function meanSquaredError(yTrue: Numbers, yPred: Numbers, options?: ArrayOptions): Promise<number>;
export async function meanSquaredError(...args: unknown[]): Promise<number> {
  return meanError('meanSquaredError', args, 'squared');
}

/**
 * Computes the square root of the mean of the squared errors, weighted.
 *
 * @param yTrue - true values: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted values, likewise
 * @returns a number of at least 0, in the unit of the target
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} weights below 0
 * @example
 * ```ts
 * const df = fromColumns({ y: [3, -0.5, 2, 7], prediction: [2.5, 0, 2, 8] });
 * console.log(await rootMeanSquaredError(df, 'y', 'prediction'));
 * // 0.6123724356957945
 * ```
 */
export function rootMeanSquaredError<S>(
  frame: Framed<S>,
  yTrue: NumberName<S>,
  yPred: NumberName<S>,
  options?: ColumnOptions<S>,
): Promise<number>;
export function rootMeanSquaredError(yTrue: Numbers, yPred: Numbers, options?: ArrayOptions): Promise<number>;
export async function rootMeanSquaredError(...args: unknown[]): Promise<number> {
  return Math.sqrt(await meanError('rootMeanSquaredError', args, 'squared'));
}

/**
 * Computes the mean of the absolute errors, weighted.
 *
 * @param yTrue - true values: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted values, likewise
 * @returns a number of at least 0, in the unit of the target
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} weights below 0
 * @example
 * ```ts
 * const df = fromColumns({ y: [3, -0.5, 2, 7], prediction: [2.5, 0, 2, 8] });
 * console.log(await meanAbsoluteError(df, 'y', 'prediction'));
 * // 0.5
 * ```
 */
export function meanAbsoluteError<S>(
  frame: Framed<S>,
  yTrue: NumberName<S>,
  yPred: NumberName<S>,
  options?: ColumnOptions<S>,
): Promise<number>;
export function meanAbsoluteError(yTrue: Numbers, yPred: Numbers, options?: ArrayOptions): Promise<number>;
export async function meanAbsoluteError(...args: unknown[]): Promise<number> {
  return meanError('meanAbsoluteError', args, 'absolute');
}

/**
 * Computes the mean of |error| / |true value|, weighted: 0.1 is ten per cent. True values of 0 count as 2.2e-16, which makes
 * the result very large.
 *
 * @param yTrue - true values: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted values, likewise
 * @returns a number of at least 0
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} weights below 0
 * @example
 * ```ts
 * const df = fromColumns({ y: [3, -0.5, 2, 7], prediction: [2.5, 0, 2, 8] });
 * console.log(await meanAbsolutePercentageError(df, 'y', 'prediction'));
 * // 0.3273809523809524
 * ```
 */
export function meanAbsolutePercentageError<S>(
  frame: Framed<S>,
  yTrue: NumberName<S>,
  yPred: NumberName<S>,
  options?: ColumnOptions<S>,
): Promise<number>;
export function meanAbsolutePercentageError(yTrue: Numbers, yPred: Numbers, options?: ArrayOptions): Promise<number>;
export async function meanAbsolutePercentageError(...args: unknown[]): Promise<number> {
  return meanError('meanAbsolutePercentageError', args, 'relative');
}

/** What `r2Score` takes beside weights. */
export interface R2Options {
  /** Whether a constant target gives 1 (predicted exactly) or 0 instead of NaN or −Infinity (default true). */
  readonly forceFinite?: boolean;
}

/**
 * Computes R², the share of the spread of the target that the predictions explain, weighted. NaN for fewer than two rows.
 *
 * @param yTrue - true values: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted values, likewise
 * @returns a number of at most 1; 0 for always predicting the mean, negative for worse
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} weights below 0
 * @example
 * ```ts
 * const df = fromColumns({ y: [3, -0.5, 2, 7], prediction: [2.5, 0, 2, 8] });
 * console.log(await r2Score(df, 'y', 'prediction'));
 * // 0.9486081370449679
 * ```
 */
export function r2Score<S>(
  frame: Framed<S>,
  yTrue: NumberName<S>,
  yPred: NumberName<S>,
  options?: R2Options & ColumnOptions<S>,
): Promise<number>;
export function r2Score(yTrue: Numbers, yPred: Numbers, options?: R2Options & ArrayOptions): Promise<number>;
export async function r2Score(...args: unknown[]): Promise<number> {
  const call = metricCall<R2Options>('r2Score', args, ['sampleWeight', 'forceFinite']);
  return withPair(call, async (yTrue, yPred, weight) =>
    r2Of(await runSliced(regressionSums(yTrue, yPred, weight), call.run.signal), call.options.forceFinite ?? true),
  );
}

/** What `meanPinballLoss` takes beside weights. */
export interface PinballOptions {
  /** The quantile that was predicted, from 0 to 1 (default 0.5: half the mean absolute error). */
  readonly alpha?: number;
}

/**
 * Computes the mean pinball loss of predicted quantiles: an error counts `alpha` where the true value is above the
 * prediction and `1 − alpha` where it is below, weighted.
 *
 * @param yTrue - true values: a column name, or an array or column of shape (nSamples)
 * @param yPred - predicted values, likewise
 * @returns a number of at least 0, in the unit of the target
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @throws {ERR_PARAMETER} weights below 0, an `alpha` outside [0, 1]
 * @example
 * ```ts
 * const df = fromColumns({ y: [3, -0.5, 2, 7], prediction: [2.5, 0, 2, 8] });
 * console.log(await meanPinballLoss(df, 'y', 'prediction', { alpha: 0.9 }));
 * // 0.15
 * ```
 */
export function meanPinballLoss<S>(
  frame: Framed<S>,
  yTrue: NumberName<S>,
  yPred: NumberName<S>,
  options?: PinballOptions & ColumnOptions<S>,
): Promise<number>;
export function meanPinballLoss(
  yTrue: Numbers,
  yPred: Numbers,
  options?: PinballOptions & ArrayOptions,
): Promise<number>;
export async function meanPinballLoss(...args: unknown[]): Promise<number> {
  const call = metricCall<PinballOptions>('meanPinballLoss', args, ['sampleWeight', 'alpha']);
  const { alpha = 0.5 } = call.options;
  checkNumber(call.call, 'alpha', alpha, 'a number in [0, 1]', (x) => x >= 0 && x <= 1);
  return withPair(call, (yTrue, yPred, weight) => runSliced(pinballOf(yTrue, yPred, alpha, weight), call.run.signal));
}
