// The metrics of a task as one record: what `model.evaluate` and reports give. Pure functions over typed arrays; they let
// the event loop turn while they work.

import type { RunOptions } from '../../runner/runner.ts';
import { runOptionsOf } from '../core/options.ts';
import { type ClassCounts, classCounts } from './core/class-counts.ts';
import { accuracy, balancedAccuracy, matthews, type Prf, prfAverage, prfByClass } from './core/classification.ts';
import { binaryBrierOf, brierOf, logLossOf } from './core/probabilities.ts';
import { ndcgByGroup, type RankedRows } from './core/ranking.ts';
import { r2Of, regressionSums } from './core/regression.ts';
import { runSliced } from './core/steps.ts';
import { sumOf } from './core/sums.ts';
import { averagePrecisionOf, rocAreaOf } from './core/threshold-counts.ts';
import { meanSilhouette } from './mean-silhouette.ts';
import { withRanked } from './ranked-rows.ts';

/** Metric values by name. A metric that the rows do not define is absent. */
export type Metrics = Record<string, number>;

/** What a classifier said about rows whose class is known. */
export interface ClassificationResult {
  /** Class codes, shape (nSamples), 0 to nClasses − 1. */
  readonly yTrue: Int32Array;
  /** Predicted class codes, shape (nSamples). */
  readonly yPred: Int32Array;
  readonly nClasses: number;
  /** Probabilities, an array of shape (nSamples) per class, when the model gives them. */
  readonly proba?: readonly Float64Array[] | undefined;
  /** Decision values of class 1 of two, shape (nSamples), when the model gives no probabilities. */
  readonly decision?: Float64Array | undefined;
  /** Shape (nSamples). */
  readonly sampleWeight?: Float64Array | undefined;
}

/** Options of the evaluations: many rows are sorted in the engine. */
export interface EvaluateOptions extends RunOptions {
  /** Names of the metrics that are wanted (default all): of the others, those that take time are left out. */
  readonly metrics?: readonly string[] | undefined;
}

/** The metrics of a classifier that are made of probabilities. */
export const PROBABILITY_METRICS = ['logLoss', 'brier', 'rocAuc', 'prAuc'] as const;

/** Metrics of a classifier, in the order they are given. */
export const CLASSIFICATION_METRICS = [
  'accuracy',
  'balancedAccuracy',
  'precision',
  'recall',
  'f1',
  'matthews',
  ...PROBABILITY_METRICS,
] as const;
/** Metrics of a regressor. */
export const REGRESSION_METRICS = ['mse', 'rmse', 'mae', 'mape', 'r2'] as const;

const wants = ({ metrics }: EvaluateOptions, ...names: readonly (typeof PROBABILITY_METRICS)[number][]): boolean =>
  metrics === undefined || names.some((name) => metrics.includes(name));

/**
 * Scores predicted classes: `accuracy`, `balancedAccuracy`, `precision`, `recall`, `f1`, `matthews`; with probabilities
 * `logLoss`, `brier`, `rocAuc` and `prAuc` too. With two classes precision, recall, F1 and PR AUC are those of class 1;
 * with more, plain means over the classes, and ROC AUC is one class against the rest. AUCs are absent when the rows have
 * one class only, or lack one of several.
 */
export async function evaluateClassification(
  rows: ClassificationResult,
  options: EvaluateOptions = {},
): Promise<Metrics> {
  const { yTrue, yPred, nClasses } = rows;
  const { signal } = options;
  const weight = rows.sampleWeight ?? null;
  const counts = await runSliced(classCounts(yTrue, yPred, nClasses, weight), signal);
  const prf = nClasses === 2 ? positiveScores(counts) : prfAverage(counts, occurring(counts), 'macro');
  const metrics: Metrics = {
    accuracy: accuracy(counts),
    balancedAccuracy: balancedAccuracy(counts),
    precision: prf.precision,
    recall: prf.recall,
    f1: prf.f,
    matthews: matthews(counts),
  };
  const proba = rows.proba?.length === nClasses && nClasses >= 2 ? rows.proba : undefined;
  if (proba !== undefined && wants(options, 'logLoss', 'brier')) {
    const positive = proba[1] as Float64Array;
    const binary = nClasses === 2;
    metrics['logLoss'] = await runSliced(logLossOf(yTrue, proba, weight), signal);
    metrics['brier'] = await runSliced(
      binary ? binaryBrierOf(yTrue, 1, positive, weight) : brierOf(yTrue, proba, weight),
      signal,
    );
  }
  if (!wants(options, 'rocAuc', 'prAuc')) return metrics;
  return { ...metrics, ...(await areas(rows, counts, proba, runOptionsOf(options))) };
}

const positiveScores = (counts: ClassCounts): Prf => {
  const { precision, recall, f } = prfByClass(counts, [1]);
  return { precision: precision[0] as number, recall: recall[0] as number, f: f[0] as number };
};

/** Classes that occur on either side. */
const occurring = (counts: ClassCounts): number[] =>
  Array.from({ length: counts.nClasses }, (_, c) => c).filter(
    (c) => counts.actual[c] !== 0 || counts.predicted[c] !== 0,
  );

/** ROC AUC and PR AUC: of class 1 of two, else the means of each class against the rest. */
async function areas(
  rows: ClassificationResult,
  counts: ClassCounts,
  proba: readonly Float64Array[] | undefined,
  run: RunOptions,
): Promise<Metrics> {
  const { yTrue, nClasses } = rows;
  const weight = rows.sampleWeight ?? null;
  const classes = nClasses === 2 ? [1] : Array.from({ length: nClasses }, (_, c) => c);
  const scores = proba ?? (rows.decision === undefined ? [] : [undefined, rows.decision]);
  const roc: number[] = [];
  const pr: number[] = [];
  for (const c of classes) {
    const score = scores[c];
    if (score === undefined || counts.actual[c] === 0 || counts.actual[c] === counts.total) return {};
    await withRanked({ yTrue, positive: c, scores: score, weight }, run, async (ranked) => {
      roc.push(await runSliced(rocAreaOf(ranked), run.signal));
      pr.push(await runSliced(averagePrecisionOf(ranked), run.signal));
    });
  }
  return { rocAuc: meanOf(roc), prAuc: meanOf(pr) };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Numbers that a model predicted for rows whose value is known. */
export interface RegressionResult {
  /** Shape (nSamples), finite. */
  readonly yTrue: Float64Array;
  /** Shape (nSamples), finite. */
  readonly yPred: Float64Array;
  /** Shape (nSamples). */
  readonly sampleWeight?: Float64Array | undefined;
}

/** Scores predicted numbers: `mse`, `rmse`, `mae`, `mape` and, from two rows on, `r2`. */
export async function evaluateRegression(rows: RegressionResult, options: EvaluateOptions = {}): Promise<Metrics> {
  const sums = await runSliced(regressionSums(rows.yTrue, rows.yPred, rows.sampleWeight ?? null), options.signal);
  const mse = sums.squared / sums.weight;
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: sums.absolute / sums.weight,
    mape: sums.relative / sums.weight,
    ...(sums.rows < 2 ? {} : { r2: r2Of(sums) }),
  };
}

/** Rows put into clusters. */
export interface ClusteringResult {
  /** An array of shape (nSamples) per feature. */
  readonly features: readonly Float64Array[];
  /** Cluster codes, shape (nSamples); negative codes are noise and are left out. */
  readonly clusters: Int32Array;
  /** Sum of squared distances to the centres, when the model has it. */
  readonly inertia?: number | undefined;
  /** Most rows the silhouette is computed of, evenly spaced (default 10,000): its time grows with their square. */
  readonly silhouetteRows?: number | undefined;
}

/**
 * Scores clusters: `silhouette` (from 2 to n − 1 clusters), `nClusters`, and `inertia` when it is given. Where the
 * silhouette is of some of the rows only, `silhouetteRows` says of how many.
 */
export async function evaluateClustering(rows: ClusteringResult, options: EvaluateOptions = {}): Promise<Metrics> {
  const sample = sampleOf(rows);
  const metrics: Metrics = { nClusters: new Set(rows.clusters.filter((c) => c >= 0)).size };
  if (sample.nClusters >= 2 && sample.nClusters < sample.clusters.length) {
    const { features, clusters, nClusters } = sample;
    metrics['silhouette'] = await meanSilhouette(features, clusters, nClusters, runOptionsOf(options));
    if (sample.sampled) metrics['silhouetteRows'] = clusters.length;
  }
  if (rows.inertia !== undefined) metrics['inertia'] = rows.inertia;
  return metrics;
}

/** Rows in clusters, at most so many, with their clusters numbered from 0 without gaps. */
function sampleOf(rows: ClusteringResult): {
  features: Float64Array[];
  clusters: Int32Array;
  nClusters: number;
  sampled: boolean;
} {
  const kept: number[] = [];
  for (let i = 0; i < rows.clusters.length; i++) if ((rows.clusters[i] as number) >= 0) kept.push(i);
  const most = Math.min(kept.length, rows.silhouetteRows ?? 10_000);
  const at = Array.from({ length: most }, (_, i) => kept[Math.floor((i * kept.length) / most)] as number);
  const codes = new Map<number, number>();
  const clusters = Int32Array.from(at, (i) => {
    const cluster = rows.clusters[i] as number;
    if (!codes.has(cluster)) codes.set(cluster, codes.size);
    return codes.get(cluster) as number;
  });
  const features = rows.features.map((f) => Float64Array.from(at, (i) => f[i] as number));
  return { features, clusters, nClusters: codes.size, sampled: most < kept.length };
}

/** Scores rankings: `ndcg` over all documents and `ndcgAt10`, the means over the queries. */
export async function evaluateRanking(rows: RankedRows, options: EvaluateOptions = {}): Promise<Metrics> {
  const all = await runSliced(ndcgByGroup(rows), options.signal);
  const top = await runSliced(ndcgByGroup(rows, 10), options.signal);
  return { ndcg: sumOf(all) / rows.nGroups, ndcgAt10: sumOf(top) / rows.nGroups };
}
