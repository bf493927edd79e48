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

/** The points of a curve to keep. */
function keep(counts: ThresholdCounts, kept: (i: number) => boolean): ThresholdCounts {
  const n = counts.thresholds.length;
  if (n <= 2) return counts;
  const at: number[] = [];
  for (let i = 0; i < n; i++) if (i === 0 || i === n - 1 || kept(i)) at.push(i);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(at, (i) => values[i] as number);
  return { thresholds: pick(counts.thresholds), hits: pick(counts.hits), alarms: pick(counts.alarms) };
}

/** Leaves out points of a ROC curve that lie evenly on a straight line of their neighbours. */
export function withoutRocCollinear(counts: ThresholdCounts): ThresholdCounts {
  const bends = (v: Float64Array, i: number): boolean =>
    (v[i + 1] as number) - (v[i] as number) - ((v[i] as number) - (v[i - 1] as number)) !== 0;
  return keep(counts, (i) => bends(counts.hits, i) || bends(counts.alarms, i));
}

/** Leaves out points of a precision-recall curve whose recall neither neighbour differs from. */
export function withoutEqualRecall(counts: ThresholdCounts): ThresholdCounts {
  const { hits } = counts;
  return keep(counts, (i) => hits[i] !== hits[i - 1] || hits[i] !== hits[i + 1]);
}
