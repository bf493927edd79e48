// Predictions reduced to what a page can draw: curves of a few hundred points, counts, samples.
import { descendingOrder } from '../ml/metrics/core/sort-order.ts';
import { runSliced } from '../ml/metrics/core/steps.ts';
import { thresholdCounts } from '../ml/metrics/core/threshold-counts.ts';
import type {
  CalibrationBin,
  ClassifierReport,
  ClusteringReport,
  Point,
  RegressorReport,
} from '../report/report-data.ts';

/** Points of a drawn curve: more than the pixels of a phone. */
const CURVE_POINTS = 240;
/** Classes whose curves are drawn. */
const CURVE_CLASSES = 6;
const SAMPLE_ROWS = 800;
const BINS = 30;

/** Confusion matrix, curves and calibration of a classifier. */
export async function classifierPictures(
  classes: readonly string[],
  yTrue: Int32Array,
  yPred: Int32Array,
  proba: readonly Float64Array[] | null,
  signal: AbortSignal | undefined,
): Promise<ClassifierReport> {
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  for (let i = 0; i < yTrue.length; i++) {
    const row = confusion[yTrue[i] as number] as number[];
    row[yPred[i] as number] = (row[yPred[i] as number] as number) + 1;
  }
  const roc: { label: string; points: Point[] }[] = [];
  const precisionRecall: { label: string; points: Point[] }[] = [];
  const binary = classes.length === 2;
  for (const c of proba === null ? [] : binary ? [1] : classes.keys()) {
    if (roc.length === CURVE_CLASSES) break;
    const scores = (proba as readonly Float64Array[])[c] as Float64Array;
    const order = await runSliced(descendingOrder(scores), signal);
    const { hits, alarms } = await runSliced(
      thresholdCounts({ yTrue, positive: c, scores, weight: null, order }),
      signal,
    );
    const positives = hits.at(-1) ?? 0;
    const negatives = alarms.at(-1) ?? 0;
    // A class that does not occur, or nothing else: no rate is defined.
    if (positives === 0 || negatives === 0) continue;
    const label = binary ? '' : (classes[c] as string);
    const n = hits.length;
    roc.push({
      label,
      points: thinned(n + 1, (i) =>
        i === 0 ? [0, 0] : [(alarms[i - 1] as number) / negatives, (hits[i - 1] as number) / positives],
      ),
    });
    precisionRecall.push({
      label,
      points: thinned(n, (i) => [
        (hits[i] as number) / positives,
        (hits[i] as number) / ((hits[i] as number) + (alarms[i] as number)),
      ]),
    });
  }
  const calibration = binary && proba !== null ? calibrationOf(yTrue, proba[1] as Float64Array) : [];
  return { classes, confusion, roc, precisionRecall, calibration };
}

/** The first, the last, and those between that lie a step apart along the curve. */
function thinned(n: number, at: (i: number) => Point): Point[] {
  const points: Point[] = [];
  let last: Point | null = null;
  for (let i = 0; i < n; i++) {
    const point = at(i);
    const step = last === null ? 1 : Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]);
    if (step < 2 / CURVE_POINTS && i < n - 1) continue;
    last = [round(point[0]), round(point[1])];
    points.push(last);
  }
  return points;
}

const round = (x: number): number => Math.round(x * 1e5) / 1e5;

/** Mean predicted probability and observed share in ten bins of equal width. */
function calibrationOf(yTrue: Int32Array, p: Float64Array): CalibrationBin[] {
  const bins = Array.from({ length: 10 }, () => ({ sum: 0, hits: 0, rows: 0 }));
  for (let i = 0; i < p.length; i++) {
    const bin = bins[Math.min(9, Math.floor((p[i] as number) * 10))] as (typeof bins)[number];
    bin.sum += p[i] as number;
    bin.hits += yTrue[i] === 1 ? 1 : 0;
    bin.rows++;
  }
  return bins
    .filter((b) => b.rows > 0)
    .map((b) => ({ predicted: b.sum / b.rows, observed: b.hits / b.rows, rows: b.rows }));
}

/** Row numbers spread evenly over the rows. */
const sampleOf = (n: number): number[] =>
  Array.from({ length: Math.min(n, SAMPLE_ROWS) }, (_, i) => Math.floor((i * n) / Math.min(n, SAMPLE_ROWS)));

/** A sample of predictions, and how residuals are distributed. */
export function regressorPictures(yTrue: Float64Array, yPred: Float64Array): RegressorReport {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < yTrue.length; i++) {
    const residual = (yTrue[i] as number) - (yPred[i] as number);
    low = Math.min(low, residual);
    high = Math.max(high, residual);
  }
  const width = high > low ? (high - low) / BINS : 1;
  const residuals = Array.from({ length: BINS }, (_, b) => ({
    from: low + b * width,
    to: low + (b + 1) * width,
    rows: 0,
  }));
  for (let i = 0; i < yTrue.length; i++) {
    const residual = (yTrue[i] as number) - (yPred[i] as number);
    const bin = residuals[Math.min(BINS - 1, Math.floor((residual - low) / width))];
    if (bin) bin.rows++;
  }
  return {
    pairs: sampleOf(yTrue.length).map((i) => ({ predicted: yPred[i] as number, actual: yTrue[i] as number })),
    residuals,
  };
}

/** Sizes of clusters, and a sample of the rows by the two features in which the clusters differ most. */
export function clusterPictures(
  names: readonly string[],
  features: readonly Float64Array[],
  clusters: Int32Array,
): ClusteringReport {
  const counts = new Map<number, number>();
  for (const c of clusters) counts.set(c, (counts.get(c) ?? 0) + 1);
  const label = (c: number): string => (c < 0 ? 'noise' : String(c));
  const sizes = [...counts].sort(([a], [b]) => a - b).map(([c, rows]) => ({ cluster: label(c), rows }));
  const ranked = features
    .map((values, i) => ({ i, apart: varianceBetween(values, clusters) }))
    .sort((a, b) => b.apart - a.apart);
  const x = ranked[0]?.i ?? 0;
  const y = ranked[1]?.i ?? x;
  const at = (i: number, row: number): number => (features[i] as Float64Array)[row] as number;
  return {
    sizes,
    map:
      features.length === 0
        ? []
        : sampleOf(clusters.length).map((r) => ({ x: at(x, r), y: at(y, r), cluster: label(clusters[r] as number) })),
    axes: [names[x] ?? '', names[y] ?? ''],
  };
}

/** The share of a feature's variance that lies between the clusters. */
function varianceBetween(values: Float64Array, clusters: Int32Array): number {
  const sums = new Map<number, { sum: number; rows: number }>();
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const entry = sums.get(clusters[i] as number) ?? { sum: 0, rows: 0 };
    entry.sum += values[i] as number;
    entry.rows++;
    sums.set(clusters[i] as number, entry);
    total += values[i] as number;
  }
  const mean = total / values.length;
  let all = 0;
  for (const v of values) all += (v - mean) ** 2;
  let between = 0;
  for (const { sum, rows } of sums.values()) between += rows * (sum / rows - mean) ** 2;
  return all === 0 ? 0 : between / all;
}
