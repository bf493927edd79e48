// Metrics of random rows against their definitions written out, and what must not change them.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import { silhouettesOf } from '../../ts/ml/metrics/core/silhouette.ts';
import { descendingOrder } from '../../ts/ml/metrics/core/sort-order.ts';
import { runSteps } from '../../ts/ml/metrics/core/steps.ts';
import { averagePrecisionOf, rocAreaOf } from '../../ts/ml/metrics/core/threshold-counts.ts';
import { evaluateClassification, evaluateRegression } from '../../ts/ml/metrics/evaluate.ts';
import { uniform } from '../../ts/util/philox.ts';
import { metrics } from '../support/metrics.ts';

const {
  accuracyScore,
  adjustedMutualInfoScore,
  adjustedRandScore,
  averagePrecisionScore,
  balancedAccuracyScore,
  brierScoreLoss,
  calibrationCurve,
  confusionMatrix,
  f1Score,
  logLoss,
  matthewsCorrcoef,
  meanAbsoluteError,
  meanPinballLoss,
  meanSquaredError,
  mutualInfoScore,
  ndcgScore,
  precisionScore,
  r2Score,
  recallScore,
  rocAucScore,
  rocCurve,
  silhouetteScore,
  topKAccuracyScore,
} = metrics;

/** Numbers of one seed, one after the other. */
function draws(seed: number) {
  let at = 0;
  const real = (): number => uniform(seed, at++);
  const whole = (below: number): number => Math.floor(real() * below);
  return {
    real,
    whole,
    many: <T>(n: number, one: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i)),
  };
}
const seeds = Array.from({ length: 25 }, (_, i) => i + 1);
const near = (got: number, want: number): void => {
  if (!(Math.abs(got - want) <= 1e-11 * Math.max(1, Math.abs(want)))) expect(got).toBe(want);
};
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

/** Rows of two classes with scores on a coarse grid (many ties), some weights 0. */
function binaryRows(seed: number) {
  const d = draws(seed);
  const n = 2 + d.whole(60);
  const yTrue = d.many(n, () => d.whole(2));
  yTrue[0] = 0;
  yTrue[1] = 1;
  const steps = 1 + d.whole(12);
  const scores = d.many(n, () => (d.real() < 0.05 ? -0 : d.whole(steps + 1) / steps));
  const weight = d.many(n, (i) => (i > 1 && d.real() < 0.1 ? 0 : d.real() + 0.01));
  return { n, yTrue, scores, weight, yPred: scores.map((s) => (s > 0.5 ? 1 : 0)) };
}

describe.each(seeds)('seed %i', (seed) => {
  test('areas and curves of two classes', async () => {
    const { n, yTrue, scores, weight } = binaryRows(seed);
    let above = 0;
    let pairs = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        if (yTrue[i] === 1 && yTrue[j] === 0) {
          const w = weight[i]! * weight[j]!;
          pairs += w;
          above += w * (scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0);
        }
    near(await rocAucScore(yTrue, scores, { sampleWeight: weight }), above / pairs);
    near(
      1 -
        (await rocAucScore(
          yTrue,
          scores.map((s) => -s),
          { sampleWeight: weight },
        )),
      above / pairs,
    );
    // Average precision: each threshold's precision, weighted by the recall it adds.
    const positives = sum(weight.filter((_, i) => yTrue[i] === 1));
    let average = 0;
    let before = 0;
    for (const s of [...new Set(scores.map((x) => x + 0))].sort((a, b) => b - a)) {
      const at = weight.map((w, i) => (scores[i]! >= s ? w : 0));
      const hit = sum(at.filter((_, i) => yTrue[i] === 1));
      if (sum(at) > 0) average += ((hit - before) / positives) * (hit / sum(at));
      before = hit;
    }
    near(await averagePrecisionScore(yTrue, scores, { sampleWeight: weight }), average);
    // The curve's area is the score.
    const curve = (await (await rocCurve(yTrue, scores, { sampleWeight: weight })).collect()).toColumns();
    let area = 0;
    for (let i = 1; i < curve.threshold.length; i++)
      area +=
        ((curve.falsePositiveRate[i]! - curve.falsePositiveRate[i - 1]!) *
          (curve.truePositiveRate[i]! + curve.truePositiveRate[i - 1]!)) /
        2;
    near(area, above / pairs);
  });

  test('probabilities', async () => {
    const { n, yTrue, scores, weight } = binaryRows(seed);
    const p = scores.map((s) => s + 0);
    const total = sum(weight);
    const clip = (x: number): number => Math.min(1 - 2 ** -52, Math.max(2 ** -52, x));
    const mean = (xs: number[]): number => sum(xs.map((x, i) => x * weight[i]!)) / total;
    near(
      await logLoss(yTrue, p, { sampleWeight: weight }),
      mean(p.map((x, i) => -Math.log(clip(yTrue[i] === 1 ? x : 1 - x)))),
    );
    near(await brierScoreLoss(yTrue, p, { sampleWeight: weight }), mean(p.map((x, i) => (x - yTrue[i]!) ** 2)));
    const both = [p.map((x) => 1 - x), p];
    near(await logLoss(yTrue, both), await logLoss(yTrue, p));
    near(await brierScoreLoss(yTrue, both), await brierScoreLoss(yTrue, p));
    const curve = (await (await calibrationCurve(yTrue, p, { nBins: 4 })).collect()).toColumns();
    expect(sum([...curve.count])).toBe(n);
    near(sum([...curve.meanPredicted].map((x, i) => x * curve.count[i]!)), sum(p));
    near(sum([...curve.fractionPositive].map((x, i) => x * curve.count[i]!)), sum(yTrue));
  });

  test('classes, in any order and under any names', async () => {
    const d = draws(seed);
    const n = 1 + d.whole(80);
    const k = 1 + d.whole(5);
    const yTrue = d.many(n, () => d.whole(k));
    const yPred = d.many(n, (i) => (d.real() < 0.5 ? yTrue[i]! : d.whole(k + 1)));
    const weight = d.many(n, () => d.real() + 0.01);
    const options = { sampleWeight: weight };
    const total = sum(weight);
    const where = (test: (i: number) => boolean): number => sum(weight.filter((_, i) => test(i)));
    const seen = [...new Set([...yTrue, ...yPred])].sort((a, b) => a - b);
    const hit = seen.map((c) => where((i) => yTrue[i] === c && yPred[i] === c));
    const truth = seen.map((c) => where((i) => yTrue[i] === c));
    const said = seen.map((c) => where((i) => yPred[i] === c));
    near(await accuracyScore(yTrue, yPred, options), sum(hit) / total);
    const recalls = hit.map((h, c) => (truth[c] === 0 ? 0 : h / truth[c]!));
    const precisions = hit.map((h, c) => (said[c] === 0 ? 0 : h / said[c]!));
    near(await balancedAccuracyScore(yTrue, yPred, options), sum(recalls) / truth.filter((w) => w > 0).length);
    near(await precisionScore(yTrue, yPred, { ...options, average: 'macro' }), sum(precisions) / seen.length);
    near(
      await recallScore(yTrue, yPred, { ...options, average: 'weighted' }),
      sum(recalls.map((r, c) => r * truth[c]!)) / total,
    );
    const f1 = await f1Score(yTrue, yPred, { ...options, average: 'none' });
    for (const [c, f] of f1.entries()) {
      const [p, r] = [precisions[c]!, recalls[c]!];
      near(f, p + r === 0 ? 0 : (2 * p * r) / (p + r));
    }
    // Matthews: the correlation of the indicators of all classes.
    const mean = (v: number[]): number => v.reduce((s, x, i) => s + x * weight[i]!, 0) / total;
    const covariance = (a: number[], b: number[]): number =>
      sum(
        seen.map((c) => {
          const x: number[] = a.map((l) => Number(l === c));
          const y: number[] = b.map((l) => Number(l === c));
          return mean(x.map((v, i) => v * y[i]!)) - mean(x) * mean(y);
        }),
      );
    const spread = Math.sqrt(covariance(yTrue, yTrue) * covariance(yPred, yPred));
    const single = new Set(yTrue).size === 1 || new Set(yPred).size === 1;
    near(await matthewsCorrcoef(yTrue, yPred, options), single ? 0 : covariance(yTrue, yPred) / spread);
    const { matrix, classes } = await confusionMatrix(yTrue, yPred, options);
    expect(classes).toEqual(seen);
    for (const [a, row] of matrix.entries())
      for (const [b, x] of row.entries())
        near(
          x,
          where((i) => yTrue[i] === seen[a] && yPred[i] === seen[b]),
        );

    const order = d.many(n, (i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = d.whole(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const names = ['ü', 'a', 'Z', '', '\u{10000}', '\uffee', 'b'];
    const renamed = { t: order.map((i) => names[yTrue[i]!]!), p: order.map((i) => names[yPred[i]!]!) };
    const weights = { sampleWeight: order.map((i) => weight[i]!) };
    const frame = fromColumns({ ...renamed, w: weights.sampleWeight });
    for (const metric of [accuracyScore, balancedAccuracyScore, matthewsCorrcoef]) {
      const want = await metric(yTrue, yPred, options);
      near(await metric(renamed.t, renamed.p, weights), want);
      near(await metric(frame, 't', 'p', { sampleWeight: 'w' }), want);
    }
    near(
      await f1Score(renamed.t, renamed.p, { ...weights, average: 'macro' }),
      await f1Score(yTrue, yPred, { ...options, average: 'macro' }),
    );
    // Text is sorted as its UTF-8 bytes are.
    const sorted = (await confusionMatrix(frame, 't', 'p')).classes as string[];
    expect(sorted).toEqual(
      [...new Set([...renamed.t, ...renamed.p])].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    expect((await confusionMatrix(renamed.t, renamed.p)).classes).toEqual(sorted);
  });

  test('groupings', async () => {
    const d = draws(seed);
    const n = 2 + d.whole(40);
    const a = d.many(n, () => d.whole(1 + d.whole(5)));
    const b = d.many(n, (i) => (d.real() < 0.5 ? a[i]! : d.whole(5)));
    // Adjusted Rand over all pairs of rows.
    let [both, onlyA, onlyB, neither] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) {
        const [x, y] = [a[i] === a[j], b[i] === b[j]];
        if (x && y) both++;
        else if (x) onlyA++;
        else if (y) onlyB++;
        else neither++;
      }
    const rand =
      onlyA === 0 && onlyB === 0
        ? 1
        : (2 * (both * neither - onlyA * onlyB)) /
          ((both + onlyA) * (onlyA + neither) + (both + onlyB) * (onlyB + neither));
    near(await adjustedRandScore(a, b), rand);
    const size = (v: number[], x: number): number => v.filter((y) => y === x).length;
    const groups = (v: number[]): number[] => [...new Set(v)];
    let information = 0;
    let expected = 0;
    for (const x of groups(a))
      for (const y of groups(b)) {
        const [p, q] = [size(a, x), size(b, y)];
        const together = a.filter((v, i) => v === x && b[i] === y).length;
        const share = (m: number): number => (m === 0 ? 0 : (m / n) * Math.log((n * m) / (p * q)));
        information += share(together);
        for (let m = Math.max(0, p + q - n); m <= Math.min(p, q); m++)
          expected += share(m) * ((choose(p, m) * choose(n - p, q - m)) / choose(n, q));
      }
    const trivial = groups(a).length === 1 || groups(b).length === 1;
    near(await mutualInfoScore(a, b), trivial ? 0 : Math.max(0, information));
    const entropy = (v: number[]): number => -sum(groups(v).map((x) => (size(v, x) / n) * Math.log(size(v, x) / n)));
    const most = (entropy(a) + entropy(b)) / 2;
    if (!trivial && most - expected > 1e-6)
      expect(await adjustedMutualInfoScore(a, b)).toBeCloseTo((information - expected) / (most - expected), 8);
  });

  test('silhouette, top-k and NDCG', async () => {
    const d = draws(seed);
    const n = 4 + d.whole(300);
    const rows = d.many(n, () => d.many(3, () => d.real() * 4));
    const cluster = d.many(n, (i) => (i < 3 ? i : d.whole(3)));
    const distance = (i: number, j: number): number => Math.hypot(...rows[i]!.map((x, f) => x - rows[j]![f]!));
    const silhouettes = rows.map((_, i) => {
      const mean = (c: number): number => {
        const others = rows.map((_, j) => j).filter((j) => j !== i && cluster[j] === c);
        return others.length === 0 ? Number.NaN : sum(others.map((j) => distance(i, j))) / others.length;
      };
      const within = mean(cluster[i]!);
      if (Number.isNaN(within)) return 0;
      const nearest = Math.min(...[0, 1, 2].filter((c) => c !== cluster[i]).map(mean));
      return (nearest - within) / Math.max(nearest, within);
    });
    near(await silhouetteScore(rows, cluster), sum(silhouettes) / n);

    const k = 1 + d.whole(3);
    const scores = d.many(4, () => d.many(n, () => d.whole(4)));
    const yTrue = d.many(n, () => d.whole(4));
    const hits = yTrue.map((t, i) => {
      const ranked = [0, 1, 2, 3].sort((x, y) => scores[y]![i]! - scores[x]![i]! || y - x);
      return Number(ranked.slice(0, k).includes(t));
    });
    near(await topKAccuracyScore(yTrue, scores, { k, classes: [0, 1, 2, 3] }), sum(hits) / n);

    // NDCG without ties: gains in the order of the scores over gains in the best order.
    const relevance = d.many(n, () => d.whole(4));
    const score = d.many(n, () => d.real());
    const group = d.many(n, () => d.whole(5));
    const gain = (order: number[]): number =>
      sum(order.slice(0, k * 3).map((i, rank) => relevance[i]! / Math.log2(rank + 2)));
    const each = [...new Set(group)].map((g) => {
      const own = relevance.map((_, i) => i).filter((i) => group[i] === g);
      const best = gain([...own].sort((i, j) => relevance[j]! - relevance[i]!));
      return best === 0 ? 0 : gain([...own].sort((i, j) => score[j]! - score[i]!)) / best;
    });
    near(await ndcgScore(relevance, score, { group, k: k * 3 }), sum(each) / each.length);
  });

  test('numbers', async () => {
    const d = draws(seed);
    const n = 2 + d.whole(2000);
    const yTrue = d.many(n, () => d.real() * 100 - 50);
    const yPred = yTrue.map((t) => t + d.real() - 0.4);
    const weight = d.many(n, () => d.real());
    const options = { sampleWeight: weight };
    const total = sum(weight);
    const mean = (xs: number[]): number => sum(xs.map((x, i) => x * weight[i]!)) / total;
    const errors = yTrue.map((t, i) => t - yPred[i]!);
    const mse = mean(errors.map((e) => e * e));
    near(await meanSquaredError(yTrue, yPred, options), mse);
    near(await meanAbsoluteError(yTrue, yPred, options), mean(errors.map(Math.abs)));
    near(
      await meanPinballLoss(yTrue, yPred, { ...options, alpha: 0.3 }),
      mean(errors.map((e) => (e >= 0 ? 0.3 * e : -0.7 * e))),
    );
    const centre = mean(yTrue);
    near(await r2Score(yTrue, yPred, options), 1 - mse / mean(yTrue.map((t) => (t - centre) ** 2)));
    const record = await evaluateRegression({
      yTrue: Float64Array.from(yTrue),
      yPred: Float64Array.from(yPred),
      sampleWeight: Float64Array.from(weight),
    });
    near(record['rmse']!, Math.sqrt(mse));
  });
});

const choose = (n: number, k: number): number => {
  if (k < 0 || k > n) return 0;
  let c = 1;
  for (let i = 1; i <= k; i++) c = (c * (n - k + i)) / i;
  return c;
};

test('many rows are sorted in the engine, few here: both give one number', async () => {
  const n = 300_000;
  const d = draws(5);
  const scores = Float64Array.from({ length: n }, () => Math.round(d.real() * 5000) / 5000 - 0.3);
  const yTrue = Int32Array.from({ length: n }, (_, i) => (d.real() < scores[i]! + 0.3 ? 1 : 0));
  const weight = Float64Array.from({ length: n }, () => d.whole(5));
  for (const w of [null, weight]) {
    const order = runSteps(descendingOrder(scores));
    for (let i = 1; i < n; i++) if (!(scores[order[i - 1]!]! >= scores[order[i]!]!)) throw new Error(`row ${i}`);
    const here = { yTrue, positive: 1, scores, weight: w, order };
    const options = w === null ? {} : { sampleWeight: w };
    near(await rocAucScore(yTrue, scores, options), runSteps(rocAreaOf(here)));
    near(await averagePrecisionScore(yTrue, scores, options), runSteps(averagePrecisionOf(here)));
    const record = await evaluateClassification({
      yTrue,
      yPred: yTrue,
      nClasses: 2,
      decision: scores,
      sampleWeight: w ?? undefined,
    });
    near(record['rocAuc']!, runSteps(rocAreaOf(here)));
    expect(record['accuracy']).toBe(1);
  }
});

test('sorts every kind of number, largest first and stably', () => {
  const d = draws(9);
  const odd = [0, -0, 1, -1, 1e308, -1e308, 5e-324, -5e-324, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const values = Float64Array.from({ length: 3000 }, () =>
    d.real() < 0.3 ? odd[d.whole(odd.length)]! : (d.real() - 0.5) * 10 ** (d.whole(40) - 20),
  );
  const want = Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
  // Infinity − Infinity is NaN, which sort takes for equal: ties keep their order there too.
  expect([...runSteps(descendingOrder(values))]).toEqual(want);
});

test('the event loop turns while metrics work', async () => {
  const n = 1_000_000;
  const yTrue = Int32Array.from({ length: n }, (_, i) => i % 7);
  const yPred = Int32Array.from({ length: n }, (_, i) => (i * i) % 7);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await f1Score(yTrue, yPred, { average: 'macro' });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test('a metric stops when its signal says so', async () => {
  const n = 20_000;
  const rows = { data: Float64Array.from({ length: n * 2 }, (_, i) => Math.sin(i)), nFeatures: 2 };
  const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
  const controller = new AbortController();
  const reason = new Error('enough');
  const work = silhouetteScore(rows, labels, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  await expect(work).rejects.toBe(reason);
  await expect(accuracyScore([1], [1], { signal: controller.signal })).rejects.toBe(reason);
});

test.each([1, 2])('silhouettes in the engine with %i threads are those made here', async (threads) => {
  const d = draws(21);
  for (const [n, p, k] of [
    [2000, 3, 7],
    [701, 1, 2],
    [1025, 10, 40],
  ] as const) {
    const features = d.many(p, () => Float64Array.from({ length: n }, () => d.real() * 10 - 3));
    const clusters = Int32Array.from({ length: n }, (_, i) => (i < k ? i : d.whole(Math.max(1, k - 1))));
    const here = runSteps(silhouettesOf(features, clusters, k));
    const frame = fromColumns({ ...Object.fromEntries(features.map((f, j) => [`f${j}`, f])), clusters });
    near(await silhouetteScore(frame, 'clusters', { threads }), sum([...here]) / n);
    expect(await silhouetteScore(frame, 'clusters', { threads })).toBe(await silhouetteScore(frame, 'clusters'));
  }
});

test('a sample of the silhouette is the same again', async () => {
  const d = draws(3);
  const frame = fromColumns({
    x: d.many(500, (i) => (i % 3) * 4 + d.real()),
    y: d.many(500, () => d.real()),
    c: d.many(500, (i) => i % 3),
  });
  const score = (randomState: number) => silhouetteScore(frame, 'c', { sampleSize: 100, randomState });
  expect(await score(4)).toBe(await score(4));
  expect(await score(4)).not.toBe(await score(5));
  expect(Math.abs((await score(4)) - (await silhouetteScore(frame, 'c')))).toBeLessThan(0.05);
});
