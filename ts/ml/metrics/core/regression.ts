// Errors of predicted numbers, all in one pass.
import { STEP_ROWS, type Steps } from './steps.ts';
import { addTo, totalOf, zeroSum } from './sums.ts';

/** Sums over all rows, weighted. */
export interface RegressionSums {
  readonly rows: number;
  readonly weight: number;
  /** Σ w (t − p)² */
  readonly squared: number;
  /** Σ w |t − p| */
  readonly absolute: number;
  /** Σ w |t − p| / max(|t|, ε) */
  readonly relative: number;
  /** Σ w (t − mean of t)² */
  readonly spread: number;
}

/** Rows whose sums are plain; longer sums are compensated. */
const BLOCK = 256;

/**
 * Adds up the errors of predictions.
 *
 * @param yTrue - shape (nSamples), finite
 * @param yPred - shape (nSamples), finite
 * @param weight - shape (nSamples), or null for ones
 */
export function* regressionSums(
  yTrue: Float64Array,
  yPred: Float64Array,
  weight: Float64Array | null = null,
): Steps<RegressionSums> {
  const rows = yTrue.length;
  const squared = zeroSum();
  const absolute = zeroSum();
  const relative = zeroSum();
  const spread = zeroSum();
  let mass = 0;
  let mean = 0;
  // [squared, absolute, relative, weight, mean, spread] of one block
  const part = new Float64Array(6);
  for (let start = 0; start < rows; start += STEP_ROWS) {
    const stop = Math.min(rows, start + STEP_ROWS);
    for (let from = start; from < stop; from += BLOCK) {
      blockSums(yTrue, yPred, weight, from, Math.min(stop, from + BLOCK), part);
      addTo(squared, part[0] as number);
      addTo(absolute, part[1] as number);
      addTo(relative, part[2] as number);
      const w = part[3] as number;
      if (w === 0) continue;
      // Joins the block's mean and spread with those before (T. F. Chan et al., "Updating formulae and a pairwise
      // algorithm for computing sample variances", 1979).
      const distance = (part[4] as number) - mean;
      const both = mass + w;
      addTo(spread, part[5] as number);
      addTo(spread, distance * distance * mass * (w / both));
      mean += (distance * w) / both;
      mass = both;
    }
    yield;
  }
  return {
    rows,
    weight: mass,
    squared: totalOf(squared),
    absolute: totalOf(absolute),
    relative: totalOf(relative),
    spread: totalOf(spread),
  };
}

function blockSums(
  yTrue: Float64Array,
  yPred: Float64Array,
  weight: Float64Array | null,
  from: number,
  to: number,
  out: Float64Array,
): void {
  let squared = 0;
  let absolute = 0;
  let relative = 0;
  let mass = 0;
  let total = 0;
  for (let i = from; i < to; i++) {
    const t = yTrue[i] as number;
    const w = weight === null ? 1 : (weight[i] as number);
    const d = Math.abs(t - (yPred[i] as number));
    squared += w * d * d;
    absolute += w * d;
    relative += (w * d) / Math.max(Math.abs(t), Number.EPSILON);
    mass += w;
    total += w * t;
  }
  const mean = mass === 0 ? 0 : total / mass;
  let spread = 0;
  for (let i = from; i < to; i++) {
    const d = (yTrue[i] as number) - mean;
    spread += weight === null ? d * d : (weight[i] as number) * d * d;
  }
  out[0] = squared;
  out[1] = absolute;
  out[2] = relative;
  out[3] = mass;
  out[4] = mean;
  out[5] = spread;
}

/** Sums of one kind of error over rows [from, to): the loops that a single metric runs. */
const ERRORS = {
  squared(t: Float64Array, p: Float64Array, w: Float64Array | null, from: number, to: number): number {
    let sum = 0;
    if (w === null) {
      for (let i = from; i < to; i++) {
        const d = (t[i] as number) - (p[i] as number);
        sum += d * d;
      }
      return sum;
    }
    for (let i = from; i < to; i++) {
      const d = (t[i] as number) - (p[i] as number);
      sum += (w[i] as number) * d * d;
    }
    return sum;
  },
  absolute(t: Float64Array, p: Float64Array, w: Float64Array | null, from: number, to: number): number {
    let sum = 0;
    if (w === null) {
      for (let i = from; i < to; i++) sum += Math.abs((t[i] as number) - (p[i] as number));
      return sum;
    }
    for (let i = from; i < to; i++) sum += (w[i] as number) * Math.abs((t[i] as number) - (p[i] as number));
    return sum;
  },
  relative(t: Float64Array, p: Float64Array, w: Float64Array | null, from: number, to: number): number {
    let sum = 0;
    for (let i = from; i < to; i++) {
      const value = t[i] as number;
      const d = Math.abs(value - (p[i] as number)) / Math.max(Math.abs(value), Number.EPSILON);
      sum += w === null ? d : (w[i] as number) * d;
    }
    return sum;
  },
} as const;

/** The weighted mean of the squared, absolute or relative errors. */
export function* meanErrorOf(
  yTrue: Float64Array,
  yPred: Float64Array,
  weight: Float64Array | null,
  kind: keyof typeof ERRORS,
): Steps<number> {
  const rows = yTrue.length;
  const sum = zeroSum();
  const mass = zeroSum();
  const block = ERRORS[kind];
  for (let start = 0; start < rows; start += STEP_ROWS) {
    const stop = Math.min(rows, start + STEP_ROWS);
    for (let from = start; from < stop; from += BLOCK) {
      const to = Math.min(stop, from + BLOCK);
      addTo(sum, block(yTrue, yPred, weight, from, to));
      if (weight === null) continue;
      let part = 0;
      for (let i = from; i < to; i++) part += weight[i] as number;
      addTo(mass, part);
    }
    yield;
  }
  return totalOf(sum) / (weight === null ? rows : totalOf(mass));
}

/**
 * The share of the spread of the target that the predictions explain. NaN for fewer than two rows. A constant target has
 * no spread: 1 when it is predicted exactly, else 0; without `forceFinite` NaN and −Infinity.
 */
export function r2Of(sums: RegressionSums, forceFinite = true): number {
  if (sums.rows < 2) return Number.NaN;
  if (sums.spread !== 0) return 1 - sums.squared / sums.spread;
  if (sums.squared === 0) return forceFinite ? 1 : Number.NaN;
  return forceFinite ? 0 : Number.NEGATIVE_INFINITY;
}

/**
 * Mean loss of predicted quantiles: `alpha` of an error where the target is above, `1 − alpha` where it is below.
 *
 * @param alpha - the quantile that was predicted, in [0, 1]
 */
export function* pinballOf(
  yTrue: Float64Array,
  yPred: Float64Array,
  alpha: number,
  weight: Float64Array | null = null,
): Steps<number> {
  const sum = zeroSum();
  const mass = zeroSum();
  for (let start = 0; start < yTrue.length; start += STEP_ROWS) {
    const stop = Math.min(yTrue.length, start + STEP_ROWS);
    for (let i = start; i < stop; i++) {
      const d = (yTrue[i] as number) - (yPred[i] as number);
      const loss = d >= 0 ? alpha * d : (alpha - 1) * d;
      const w = weight === null ? 1 : (weight[i] as number);
      addTo(sum, loss * w);
      if (weight !== null) addTo(mass, w);
    }
    yield;
  }
  return totalOf(sum) / (weight === null ? yTrue.length : totalOf(mass));
}
