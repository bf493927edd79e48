// Scores of probabilities: log loss, Brier score, top-k accuracy.
import { STEP_ROWS, type Steps } from './steps.ts';
import { addTo, type RunningSum, totalOf, zeroSum } from './sums.ts';

/** Probabilities are held this far from 0 and 1: the difference of 1 and the next Float64. */
const EPSILON = Number.EPSILON;
/** Rows whose sum is plain; longer sums are compensated block by block. */
const BLOCK = 256;

/** Adds up `term(i) · weight` and the weights over all rows, in blocks. */
function* weightedMean(
  rows: number,
  weight: Float64Array | null,
  block: (start: number, end: number) => number,
): Steps<number> {
  const sum = zeroSum();
  const weights = zeroSum();
  for (let start = 0; start < rows; start += STEP_ROWS) {
    const stop = Math.min(rows, start + STEP_ROWS);
    for (let from = start; from < stop; from += BLOCK) addTo(sum, block(from, Math.min(stop, from + BLOCK)));
    if (weight !== null) addRange(weights, weight, start, stop);
    yield;
  }
  return totalOf(sum) / (weight === null ? rows : totalOf(weights));
}

function addRange(total: RunningSum, values: Float64Array, start: number, end: number): void {
  for (let i = start; i < end; i++) addTo(total, values[i] as number);
}

const clip = (p: number): number => (p < EPSILON ? EPSILON : p > 1 - EPSILON ? 1 - EPSILON : p);

/**
 * Mean negative log of the probability that was given to the true class (natural logarithm).
 *
 * @param yTrue - class codes, shape (nSamples)
 * @param proba - an array of shape (nSamples) per class
 * @param weight - shape (nSamples), or null for ones
 */
export function logLossOf(
  yTrue: Int32Array,
  proba: readonly Float64Array[],
  weight: Float64Array | null = null,
): Steps<number> {
  return weightedMean(yTrue.length, weight, (start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) {
      const p = clip((proba[yTrue[i] as number] as Float64Array)[i] as number);
      sum -= weight === null ? Math.log(p) : Math.log(p) * (weight[i] as number);
    }
    return sum;
  });
}

/**
 * Log loss of two classes from the probability of one.
 *
 * @param yTrue - class codes, shape (nSamples)
 * @param positive - code of the class that `proba` is of
 * @param proba - shape (nSamples)
 */
export function binaryLogLossOf(
  yTrue: Int32Array,
  positive: number,
  proba: Float64Array,
  weight: Float64Array | null = null,
): Steps<number> {
  return weightedMean(yTrue.length, weight, (start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) {
      const p = proba[i] as number;
      const loss = Math.log(clip(yTrue[i] === positive ? p : 1 - p));
      sum -= weight === null ? loss : loss * (weight[i] as number);
    }
    return sum;
  });
}

/**
 * Mean squared difference of probability and outcome, summed over classes (G. W. Brier, "Verification of forecasts
 * expressed in terms of probability", 1950). It goes from 0 to 2.
 *
 * @param yTrue - class codes, shape (nSamples)
 * @param proba - an array of shape (nSamples) per class
 */
export function brierOf(
  yTrue: Int32Array,
  proba: readonly Float64Array[],
  weight: Float64Array | null = null,
): Steps<number> {
  return weightedMean(yTrue.length, weight, (start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) {
      let row = 0;
      for (let c = 0; c < proba.length; c++) {
        const d = ((proba[c] as Float64Array)[i] as number) - (yTrue[i] === c ? 1 : 0);
        row += d * d;
      }
      sum += weight === null ? row : row * (weight[i] as number);
    }
    return sum;
  });
}

/** Brier score of two classes from the probability of one, from 0 to 1. */
export function binaryBrierOf(
  yTrue: Int32Array,
  positive: number,
  proba: Float64Array,
  weight: Float64Array | null = null,
): Steps<number> {
  return weightedMean(yTrue.length, weight, (start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) {
      const d = (proba[i] as number) - (yTrue[i] === positive ? 1 : 0);
      sum += weight === null ? d * d : d * d * (weight[i] as number);
    }
    return sum;
  });
}

/**
 * Share of the rows whose true class is among the `k` with the highest scores; of equal scores the later class counts as
 * the higher.
 *
 * @param scores - an array of shape (nSamples) per class
 */
export function topKOf(
  yTrue: Int32Array,
  scores: readonly Float64Array[],
  k: number,
  weight: Float64Array | null = null,
): Steps<number> {
  return weightedMean(yTrue.length, weight, (start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) {
      const own = yTrue[i] as number;
      const score = (scores[own] as Float64Array)[i] as number;
      let above = 0;
      for (let c = 0; c < scores.length; c++) {
        const other = (scores[c] as Float64Array)[i] as number;
        if (other > score || (other === score && c > own)) above++;
      }
      if (above < k) sum += weight === null ? 1 : (weight[i] as number);
    }
    return sum;
  });
}
