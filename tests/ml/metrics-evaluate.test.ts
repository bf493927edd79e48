// The record of metrics that models and reports give: each value is that of the metric of its name.
import { expect, test } from 'vitest';
import {
  evaluateClassification,
  evaluateClustering,
  evaluateRanking,
  evaluateRegression,
} from '../../ts/ml/metrics/evaluate.ts';
import { uniform } from '../../ts/util/philox.ts';
import { metrics as m } from '../support/metrics.ts';

function draws(seed: number) {
  let at = 0;
  return {
    real: () => uniform(seed, at++),
    codes: (n: number, k: number) => Int32Array.from({ length: n }, () => Math.floor(uniform(seed, at++) * k)),
    reals: (n: number) => Float64Array.from({ length: n }, () => uniform(seed, at++)),
  };
}
function same(got: Record<string, number>, want: Record<string, number>): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(want).sort());
  for (const [name, value] of Object.entries(want)) {
    if (!(Math.abs(got[name]! - value) <= 1e-12 * Math.max(1, Math.abs(value)))) expect(got[name], name).toBe(value);
  }
}
const probabilities = (seed: number, n: number, k: number): Float64Array[] => {
  const raw = Array.from({ length: k }, (_, c) =>
    draws(seed + c)
      .reals(n)
      .map((u) => u + 0.01),
  );
  return raw.map((v) => v.map((x, i) => x / raw.reduce((s, r) => s + r[i]!, 0)));
};

test.each([false, true])('two classes, weighted: %s', async (weighted) => {
  const d = draws(1);
  const n = 500;
  const [yTrue, yPred, proba] = [d.codes(n, 2), d.codes(n, 2), probabilities(10, n, 2)];
  const sampleWeight = weighted ? d.reals(n) : undefined;
  const options = sampleWeight ? { sampleWeight } : {};
  const record = await evaluateClassification({ yTrue, yPred, nClasses: 2, proba, sampleWeight });
  same(record, {
    accuracy: await m.accuracyScore(yTrue, yPred, options),
    balancedAccuracy: await m.balancedAccuracyScore(yTrue, yPred, options),
    precision: await m.precisionScore(yTrue, yPred, options),
    recall: await m.recallScore(yTrue, yPred, options),
    f1: await m.f1Score(yTrue, yPred, options),
    matthews: await m.matthewsCorrcoef(yTrue, yPred, options),
    logLoss: await m.logLoss(yTrue, proba, options),
    brier: await m.brierScoreLoss(yTrue, proba[1]!, options),
    rocAuc: await m.rocAucScore(yTrue, proba[1]!, options),
    prAuc: await m.averagePrecisionScore(yTrue, proba[1]!, options),
  });
  // Without probabilities the decision values give the areas; without either there are none.
  const decision = proba[1]!.map((p) => Math.log(p / (1 - p)));
  const decided = await evaluateClassification({ yTrue, yPred, nClasses: 2, decision, sampleWeight });
  const { logLoss, brier, ...rest } = record;
  expect(logLoss).toBeGreaterThan(0);
  expect(brier).toBeGreaterThan(0);
  same(decided, rest);
  const { rocAuc, prAuc, ...plain } = rest;
  expect(rocAuc).toBeGreaterThan(0);
  expect(prAuc).toBeGreaterThan(0);
  same(await evaluateClassification({ yTrue, yPred, nClasses: 2, sampleWeight }), plain);
});

test.each([false, true])('four classes, weighted: %s', async (weighted) => {
  const d = draws(2);
  const n = 400;
  const [yTrue, yPred, proba] = [d.codes(n, 4), d.codes(n, 4), probabilities(30, n, 4)];
  const sampleWeight = weighted ? d.reals(n) : undefined;
  const options = sampleWeight ? { sampleWeight } : {};
  const macro = { ...options, average: 'macro' } as const;
  same(await evaluateClassification({ yTrue, yPred, nClasses: 4, proba, sampleWeight }), {
    accuracy: await m.accuracyScore(yTrue, yPred, options),
    balancedAccuracy: await m.balancedAccuracyScore(yTrue, yPred, options),
    precision: await m.precisionScore(yTrue, yPred, macro),
    recall: await m.recallScore(yTrue, yPred, macro),
    f1: await m.f1Score(yTrue, yPred, macro),
    matthews: await m.matthewsCorrcoef(yTrue, yPred, options),
    logLoss: await m.logLoss(yTrue, proba, options),
    brier: await m.brierScoreLoss(yTrue, proba, options),
    rocAuc: await m.rocAucScore(yTrue, proba, options),
    prAuc: await m.averagePrecisionScore(yTrue, proba, options),
  });
});

test('what the rows do not define is absent', async () => {
  const proba = [Float64Array.of(0.2, 0.9), Float64Array.of(0.8, 0.1)];
  const ones = Int32Array.of(1, 1);
  const record = await evaluateClassification({ yTrue: ones, yPred: Int32Array.of(1, 0), nClasses: 2, proba });
  expect(record).not.toHaveProperty('rocAuc');
  expect(record).toMatchObject({ accuracy: 0.5, recall: 0.5, precision: 1 });
  expect(record['logLoss']).toBeCloseTo(-(Math.log(0.8) + Math.log(0.1)) / 2, 14);
  // A class of three without rows has no area.
  const three = await evaluateClassification({
    yTrue: Int32Array.of(0, 1),
    yPred: Int32Array.of(0, 1),
    nClasses: 3,
    proba: [Float64Array.of(0.6, 0.2), Float64Array.of(0.3, 0.7), Float64Array.of(0.1, 0.1)],
  });
  expect(three).not.toHaveProperty('prAuc');
  expect(three).toMatchObject({ accuracy: 1, f1: 1, matthews: 1 });
  expect(await evaluateRegression({ yTrue: Float64Array.of(1), yPred: Float64Array.of(3) })).toEqual({
    mse: 4,
    rmse: 2,
    mae: 2,
    mape: 2,
  });
});

test('numbers', async () => {
  const d = draws(3);
  const [yTrue, error, sampleWeight] = [d.reals(700), d.reals(700), d.reals(700)];
  const yPred = yTrue.map((y, i) => y + error[i]! - 0.5);
  for (const options of [{}, { sampleWeight }]) {
    same(await evaluateRegression({ yTrue, yPred, ...options }), {
      mse: await m.meanSquaredError(yTrue, yPred, options),
      rmse: await m.rootMeanSquaredError(yTrue, yPred, options),
      mae: await m.meanAbsoluteError(yTrue, yPred, options),
      mape: await m.meanAbsolutePercentageError(yTrue, yPred, options),
      r2: await m.r2Score(yTrue, yPred, options),
    });
  }
});

test('clusters: noise is left out, and a sample says so', async () => {
  const d = draws(4);
  const n = 900;
  const clusters = d.codes(n, 3);
  const features = [d.reals(n).map((x, i) => x + clusters[i]!), d.reals(n)];
  const rows = Array.from({ length: n }, (_, i) => features.map((f) => f[i]!));
  const silhouette = await m.silhouetteScore(rows, clusters);
  same(await evaluateClustering({ features, clusters, inertia: 12 }), { silhouette, nClusters: 3, inertia: 12 });
  const noisy = clusters.map((c, i) => (i % 10 === 0 ? -1 : c));
  const kept = rows.filter((_, i) => i % 10 !== 0);
  same(await evaluateClustering({ features, clusters: noisy }), {
    silhouette: await m.silhouetteScore(
      kept,
      clusters.filter((_, i) => i % 10 !== 0),
    ),
    nClusters: 3,
  });
  const sampled = await evaluateClustering({ features, clusters, silhouetteRows: 100 });
  expect(sampled['silhouetteRows']).toBe(100);
  expect(Math.abs(sampled['silhouette']! - silhouette)).toBeLessThan(0.1);
  // One cluster has no silhouette.
  same(await evaluateClustering({ features, clusters: new Int32Array(n) }), { nClusters: 1 });
});

test('rankings', async () => {
  const d = draws(5);
  const [groups, scores] = [d.codes(300, 12), d.reals(300)];
  const relevance = Float64Array.from(d.codes(300, 4));
  same(await evaluateRanking({ relevance, scores, groups, nGroups: 12 }), {
    ndcg: await m.ndcgScore(relevance, scores, { group: groups }),
    ndcgAt10: await m.ndcgScore(relevance, scores, { group: groups, k: 10 }),
  });
});
