// What happens as the threshold of a score falls: areas under curves, and the curves. Tied scores are one threshold.
import { STEP_ROWS, type Steps } from './steps.ts';
import { addTo, totalOf, zeroSum } from './sums.ts';

/** Scored rows of two classes. */
export interface ScoredRows {
  /** Class codes, shape (nSamples). */
  readonly yTrue: Int32Array;
  /** The code that counts as positive; all others are negative. */
  readonly positive: number;
  /** Shape (nSamples), finite. */
  readonly scores: Float64Array;
  /** Shape (nSamples), or null for ones. */
  readonly weight: Float64Array | null;
  /** Row numbers by descending score, or null when the rows lie in that order. */
  readonly order: Uint32Array | null;
}

/** Area under the ROC curve, exact for unweighted rows, and the weight of both classes. NaN when a class is missing. */
export function* rocAreaOf(rows: ScoredRows): Steps<number> {
  const { yTrue, positive, scores, weight, order } = rows;
  const n = scores.length;
  let hits = 0;
  let alarms = 0;
  let lastHits = 0;
  let lastAlarms = 0;
  let last = Number.NaN;
  const area = zeroSum();
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const row = order === null ? i : (order[i] as number);
      const score = scores[row] as number;
      if (score !== last) {
        addTo(area, (alarms - lastAlarms) * (hits + lastHits));
        lastHits = hits;
        lastAlarms = alarms;
        last = score;
      }
      const w = weight === null ? 1 : (weight[row] as number);
      if (yTrue[row] === positive) hits += w;
      else alarms += w;
    }
    yield;
  }
  addTo(area, (alarms - lastAlarms) * (hits + lastHits));
  return hits === 0 || alarms === 0 ? Number.NaN : totalOf(area) / 2 / (hits * alarms);
}

/**
 * Average precision: the sum of precision × gain in recall over the thresholds (no interpolation between them). 0 without
 * positive rows.
 */
export function* averagePrecisionOf(rows: ScoredRows): Steps<number> {
  const { yTrue, positive, scores, weight, order } = rows;
  const n = scores.length;
  let hits = 0;
  let alarms = 0;
  let lastHits = 0;
  let last = Number.NaN;
  const sum = zeroSum();
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const row = order === null ? i : (order[i] as number);
      const score = scores[row] as number;
      if (score !== last) {
        if (hits !== lastHits) addTo(sum, (hits - lastHits) * (hits / (hits + alarms)));
        lastHits = hits;
        last = score;
      }
      const w = weight === null ? 1 : (weight[row] as number);
      if (yTrue[row] === positive) hits += w;
      else alarms += w;
    }
    yield;
  }
  if (hits !== lastHits) addTo(sum, (hits - lastHits) * (hits / (hits + alarms)));
  return hits === 0 ? 0 : totalOf(sum) / hits;
}

/** Counts at each distinct score, from the highest: rows with at least that score. */
export interface ThresholdCounts {
  readonly thresholds: Float64Array;
  /** Weight of positive rows at or above the threshold. */
  readonly hits: Float64Array;
  /** Weight of negative rows at or above the threshold. */
  readonly alarms: Float64Array;
}

/** Counts at every distinct score. Rows of weight 0 are left out. */
export function* thresholdCounts(rows: ScoredRows): Steps<ThresholdCounts> {
  const { yTrue, positive, scores, weight, order } = rows;
  const n = scores.length;
  const thresholds = new Float64Array(n);
  const hits = new Float64Array(n);
  const alarms = new Float64Array(n);
  let hit = 0;
  let alarm = 0;
  let at = -1;
  let last = Number.NaN;
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const row = order === null ? i : (order[i] as number);
      const w = weight === null ? 1 : (weight[row] as number);
      if (w === 0) continue;
      const score = scores[row] as number;
      if (score !== last) {
        thresholds[++at] = score;
        last = score;
      }
      if (yTrue[row] === positive) hit += w;
      else alarm += w;
      hits[at] = hit;
      alarms[at] = alarm;
    }
    yield;
  }
  const length = at + 1;
  return {
    thresholds: thresholds.slice(0, length),
    hits: hits.slice(0, length),
    alarms: alarms.slice(0, length),
  };
}

/** The points of a curve to keep: the ends, and those between that `kept` names. */
function* keep(counts: ThresholdCounts, kept: (i: number) => boolean): Steps<ThresholdCounts> {
  const n = counts.thresholds.length;
  if (n <= 2) return counts;
  const at = new Uint32Array(n);
  let found = 0;
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) if (i === 0 || i === n - 1 || kept(i)) at[found++] = i;
    yield;
  }
  return {
    thresholds: yield* picked(counts.thresholds, at, found),
    hits: yield* picked(counts.hits, at, found),
    alarms: yield* picked(counts.alarms, at, found),
  };
}

function* picked(values: Float64Array, at: Uint32Array, n: number): Steps<Float64Array> {
  const out = new Float64Array(n);
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) out[i] = values[at[i] as number] as number;
    yield;
  }
  return out;
}

/** Leaves out points of a ROC curve that lie evenly on a straight line of their neighbours. */
export function withoutRocCollinear(counts: ThresholdCounts): Steps<ThresholdCounts> {
  const { hits, alarms } = counts;
  const bends = (v: Float64Array, i: number): boolean =>
    (v[i + 1] as number) - (v[i] as number) - ((v[i] as number) - (v[i - 1] as number)) !== 0;
  return keep(counts, (i) => bends(hits, i) || bends(alarms, i));
}

/** Leaves out points of a precision-recall curve whose recall neither neighbour differs from. */
export function withoutEqualRecall(counts: ThresholdCounts): Steps<ThresholdCounts> {
  const { hits } = counts;
  return keep(counts, (i) => hits[i] !== hits[i - 1] || hits[i] !== hits[i + 1]);
}

/** Points of a curve. */
export interface CurvePoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly thresholds: Float64Array;
}

/** False (x) and true (y) positive rates, from the point (0, 0) at the threshold Infinity. */
export function* rocPoints(counts: ThresholdCounts, negatives: number, positives: number): Steps<CurvePoints> {
  const n = counts.thresholds.length;
  const x = new Float64Array(n + 1);
  const y = new Float64Array(n + 1);
  const thresholds = new Float64Array(n + 1);
  thresholds[0] = Number.POSITIVE_INFINITY;
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      x[i + 1] = (counts.alarms[i] as number) / negatives;
      y[i + 1] = (counts.hits[i] as number) / positives;
      thresholds[i + 1] = counts.thresholds[i] as number;
    }
    yield;
  }
  return { x, y, thresholds };
}

/** Precision (x) and recall (y) as the threshold rises, and the point (1, 0), whose threshold is NaN. */
export function* precisionRecallPoints(counts: ThresholdCounts, positives: number): Steps<CurvePoints> {
  const n = counts.thresholds.length;
  const x = new Float64Array(n + 1);
  const y = new Float64Array(n + 1);
  const thresholds = new Float64Array(n + 1);
  x[n] = 1;
  thresholds[n] = Number.NaN;
  for (let start = 0; start < n; start += STEP_ROWS) {
    const end = Math.min(n, start + STEP_ROWS);
    for (let i = start; i < end; i++) {
      const hit = counts.hits[n - 1 - i] as number;
      x[i] = hit / (hit + (counts.alarms[n - 1 - i] as number));
      y[i] = positives === 0 ? 1 : hit / positives;
      thresholds[i] = counts.thresholds[n - 1 - i] as number;
    }
    yield;
  }
  return { x, y, thresholds };
}
