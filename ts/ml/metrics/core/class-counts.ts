import { STEP_ROWS, type Steps } from './steps.ts';

/** What precision, recall and their relatives are made of; each array has one number per class. */
export interface ClassCounts {
  readonly nClasses: number;
  /** Weight of the rows of a class that were predicted as it. */
  readonly hit: Float64Array;
  /** Weight of the rows predicted as a class. */
  readonly predicted: Float64Array;
  /** Weight of the rows of a class. */
  readonly actual: Float64Array;
  /** Weight of all rows. */
  readonly total: number;
}

/**
 * Counts rows by class, weighted.
 *
 * @param yTrue - class codes, shape (nSamples), 0 to nClasses − 1
 * @param yPred - class codes, shape (nSamples)
 * @param weight - shape (nSamples), or null for ones
 */
export function* classCounts(
  yTrue: Int32Array,
  yPred: Int32Array,
  nClasses: number,
  weight: Float64Array | null = null,
): Steps<ClassCounts> {
  const hit = new Float64Array(nClasses);
  const predicted = new Float64Array(nClasses);
  const actual = new Float64Array(nClasses);
  for (let start = 0; start < yTrue.length; start += STEP_ROWS) {
    const end = Math.min(yTrue.length, start + STEP_ROWS);
    if (weight === null) addOnes(yTrue, yPred, start, end, hit, predicted, actual);
    else addWeights(yTrue, yPred, weight, start, end, hit, predicted, actual);
    yield;
  }
  return { nClasses, hit, predicted, actual, total: actual.reduce((sum, x) => sum + x, 0) };
}

function addOnes(
  yTrue: Int32Array,
  yPred: Int32Array,
  start: number,
  end: number,
  hit: Float64Array,
  predicted: Float64Array,
  actual: Float64Array,
): void {
  for (let i = start; i < end; i++) {
    const t = yTrue[i] as number;
    const p = yPred[i] as number;
    actual[t]! += 1;
    predicted[p]! += 1;
    if (t === p) hit[t]! += 1;
  }
}

function addWeights(
  yTrue: Int32Array,
  yPred: Int32Array,
  weight: Float64Array,
  start: number,
  end: number,
  hit: Float64Array,
  predicted: Float64Array,
  actual: Float64Array,
): void {
  for (let i = start; i < end; i++) {
    const t = yTrue[i] as number;
    const p = yPred[i] as number;
    const w = weight[i] as number;
    actual[t]! += w;
    predicted[p]! += w;
    if (t === p) hit[t]! += w;
  }
}

/**
 * Counts rows by true and predicted class: a row-major matrix, a row per true class.
 *
 * @param yTrue - class codes, shape (nSamples)
 * @param yPred - class codes, shape (nSamples)
 * @returns shape (nClasses, nClasses), row-major
 */
export function* confusionCounts(
  yTrue: Int32Array,
  yPred: Int32Array,
  nClasses: number,
  weight: Float64Array | null = null,
): Steps<Float64Array> {
  const matrix = new Float64Array(nClasses * nClasses);
  for (let start = 0; start < yTrue.length; start += STEP_ROWS) {
    const end = Math.min(yTrue.length, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const cell = (yTrue[i] as number) * nClasses + (yPred[i] as number);
      matrix[cell]! += weight === null ? 1 : (weight[i] as number);
    }
    yield;
  }
  return matrix;
}
