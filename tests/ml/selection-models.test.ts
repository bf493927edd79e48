// Searches over estimators with parameters worth searching, against scikit-learn's.
import { expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import * as ml from '../../ts/ml/index.ts';
import { golden, goldenFeatures, goldenFrame } from '../support/ml.ts';

const expected = golden('splits').crossValidation;

test('GridSearch over Ridge: scikit-learn’s means, deviations, ranks and best', async () => {
  const { params, means, stds, ranks } = expected.ridge;
  const alphas = [...new Set(params.map((p: { alpha: number }) => p.alpha))] as number[];
  const search = new ml.GridSearch(new ml.Ridge(), { alpha: alphas, fitIntercept: [true, false] });
  using found = await search.fit(await goldenFrame('diabetes'), 'target', { features: goldenFeatures('diabetes') });
  expect(found.bestParams).toEqual({ alpha: 0.01, fitIntercept: true });
  using table = await found.results.collect();
  const rows = table.toRecords() as any[];
  expect(rows.map((r) => r.rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const [i, p] of params.entries()) {
    const row = rows.find((r) => r.alpha === p.alpha && r.fitIntercept === p.fit_intercept);
    expect(row.rank).toBe(ranks[i]);
    expect(row.r2).toBeCloseTo(means[i], 8);
    expect(row.r2Std).toBeCloseTo(stds[i], 8);
  }
});

test('RandomSearch draws from distributions: in range, the same again, a longer search begins alike', async () => {
  const frame = await goldenFrame('diabetes');
  const run = async (nIter: number, randomState: number): Promise<number[]> => {
    const search = new ml.RandomSearch(
      new ml.Ridge(),
      { alpha: ml.logUniform(1e-3, 1e3) },
      { cv: 2, nIter, randomState, refit: false },
    );
    const found = await search.fit(frame, 'target');
    expect(found.randomState).toBe(randomState);
    using table = await found.results.collect();
    const alphas = [...table.column('alpha')] as number[];
    expect(alphas.every((a) => a >= 1e-3 && a < 1e3)).toBe(true);
    expect(found.bestParams.alpha).toBe(alphas[0]);
    return alphas;
  };
  const short = await run(5, 1);
  expect(await run(5, 1)).toEqual(short);
  const long = await run(9, 1);
  expect(long.length).toBe(9);
  expect(short.every((a) => long.includes(a))).toBe(true);
  expect(await run(5, 2)).not.toEqual(short);
  expect(() => new ml.RandomSearch(new ml.Ridge(), { alpha: ml.uniform(-1, 1) })).toThrow(/'alpha' parameter of Ridge/);
});

test('randomState reaches estimators that have none', async () => {
  const n = 400;
  const x = Float64Array.from(
    { length: n },
    (_, i) => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453),
  );
  const frame = fromColumns({ x, z: x.map((v) => (v * 37) % 1) });
  const run = (randomState?: number) =>
    ml.crossValidate(new ml.KMeans({ nClusters: 3, nInit: 1, maxIter: 2 }), frame, null, {
      cv: 2,
      scoring: (m) => -m.inertia,
      ...(randomState === undefined ? {} : { randomState }),
    });
  const [a, b] = [await run(5), await run(5)];
  expect(a.scores).toEqual(b.scores);
  const clusters = await ml.crossValidate(new ml.KMeans({ nClusters: 3 }), frame, null, { cv: 2, randomState: 1 });
  expect(clusters.scores['silhouette']!.every((s) => s > 0 && s < 1)).toBe(true);
});

test('rankers learn and are scored by query, and folds keep queries whole', async () => {
  const n = 600;
  const query = Int32Array.from({ length: n }, (_, i) => Math.floor(i / 10));
  const x = Float64Array.from({ length: n }, (_, i) => (i * 7919) % 101);
  const frame = fromColumns({
    query,
    x,
    noise: x.map((v) => (v * 31) % 17),
    y: Int32Array.from(x, (v) => Math.floor(v / 26)),
  });
  const ranker = new ml.XgbRanker({ nEstimators: 5, engine: 'wasm', randomState: 1 });
  const found = await ml.crossValidate(ranker, frame, 'y', { cv: 3, groups: 'query', returnModels: true });
  expect([...found.scores['ndcg']!].every((s) => s > 0.9 && s <= 1)).toBe(true);
  expect(found.models![0]!.featureNamesIn).toEqual(['x', 'noise']);
  for (const model of found.models!) model!.dispose();
  await expect(ml.crossValidate(ranker, frame, 'y', { cv: 3, features: ['x'] })).rejects.toMatchObject({
    code: 'ERR_PARAMETER',
  });
});
