// Scores of predicted classes, from counts by class. Sources of the definitions: the scikit-learn user guide, "Classification
// metrics"; for Matthews' coefficient of several classes J. Gorodkin, "Comparing two K-category assignments by a K-category
// correlation coefficient" (2004).
import type { ClassCounts } from './class-counts.ts';

/** The weight of right predictions over all weight. */
export function accuracy(counts: ClassCounts): number {
  return counts.hit.reduce((sum, x) => sum + x, 0) / counts.total;
}

/** The mean recall of the classes that occur. `adjusted`: 0 for chance, 1 for perfect. */
export function balancedAccuracy(counts: ClassCounts, adjusted = false): number {
  let sum = 0;
  let classes = 0;
  for (let c = 0; c < counts.nClasses; c++) {
    const actual = counts.actual[c] as number;
    if (actual === 0) continue;
    sum += (counts.hit[c] as number) / actual;
    classes++;
  }
  const score = sum / classes;
  return adjusted ? (score - 1 / classes) / (1 - 1 / classes) : score;
}

/** The correlation of true and predicted classes; 0 where one side has a single class. */
export function matthews(counts: ClassCounts): number {
  const { hit, predicted, actual } = counts;
  const total = predicted.reduce((sum, x) => sum + x, 0);
  let both = 0;
  let hits = 0;
  for (let c = 0; c < counts.nClasses; c++) {
    both += (predicted[c] as number) * (actual[c] as number);
    hits += hit[c] as number;
  }
  const spread = spreadOf(predicted) * spreadOf(actual);
  return spread === 0 ? 0 : (hits * total - both) / Math.sqrt(spread);
}

/** Σ x (total − x): the square of the total less the squares, without their cancellation, so never below 0. */
function spreadOf(values: Float64Array): number {
  const total = values.reduce((sum, x) => sum + x, 0);
  return values.reduce((sum, x) => sum + x * Math.max(0, total - x), 0);
}

/** How the scores of several classes become one. */
export type Average = 'binary' | 'micro' | 'macro' | 'weighted' | 'none';

/** Precision, recall and F of one class or of an average. */
export interface Prf {
  readonly precision: number;
  readonly recall: number;
  readonly f: number;
}

const ratio = (part: number, whole: number, zeroDivision: number): number =>
  whole === 0 ? zeroDivision : part / whole;

/** Precision, recall and F-beta from a class's three counts. */
function prfOf(hit: number, predicted: number, actual: number, beta: number, zeroDivision: number): Prf {
  const precision = ratio(hit, predicted, zeroDivision);
  const recall = ratio(hit, actual, zeroDivision);
  const square = beta * beta;
  const f =
    beta === Number.POSITIVE_INFINITY
      ? recall
      : beta === 0
        ? precision
        : ratio((1 + square) * hit, square * actual + predicted, zeroDivision);
  return { precision, recall, f };
}

/** Precision, recall, F and support per class. A class of −1 does not occur: its counts are 0. */
export interface PrfByClass {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f: Float64Array;
  readonly support: Float64Array;
}

/** The scores of each of the chosen classes. */
export function prfByClass(counts: ClassCounts, classes: readonly number[], beta = 1, zeroDivision = 0): PrfByClass {
  const n = classes.length;
  const out = {
    precision: new Float64Array(n),
    recall: new Float64Array(n),
    f: new Float64Array(n),
    support: new Float64Array(n),
  };
  classes.forEach((c, i) => {
    const actual = counts.actual[c] ?? 0;
    const one = prfOf(counts.hit[c] ?? 0, counts.predicted[c] ?? 0, actual, beta, zeroDivision);
    out.precision[i] = one.precision;
    out.recall[i] = one.recall;
    out.f[i] = one.f;
    out.support[i] = actual;
  });
  return out;
}

/** The scores of the chosen classes as one: summed counts (micro), plain mean (macro) or mean by support (weighted). */
export function prfAverage(
  counts: ClassCounts,
  classes: readonly number[],
  average: 'micro' | 'macro' | 'weighted',
  beta = 1,
  zeroDivision = 0,
): Prf {
  if (average === 'micro') {
    const of = (values: Float64Array): number => classes.reduce((sum, c) => sum + (values[c] ?? 0), 0);
    return prfOf(of(counts.hit), of(counts.predicted), of(counts.actual), beta, zeroDivision);
  }
  const each = prfByClass(counts, classes, beta, zeroDivision);
  const weights = average === 'weighted' ? each.support : null;
  return {
    precision: meanWithoutNaN(each.precision, weights),
    recall: meanWithoutNaN(each.recall, weights),
    f: meanWithoutNaN(each.f, weights),
  };
}

/** The mean of the values that are numbers: NaN stands for a class that is left out. Weights of 0 throughout do not count. */
function meanWithoutNaN(values: Float64Array, weights: Float64Array | null): number {
  let sum = 0;
  let weight = 0;
  let plain = 0;
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    if (Number.isNaN(x)) continue;
    const w = weights === null ? 1 : (weights[i] as number);
    sum += x * w;
    weight += w;
    plain += x;
    n++;
  }
  if (n === 0) return Number.NaN;
  return weight === 0 ? plain / n : sum / weight;
}
