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
test('GridSearch over LogisticRegression by ROC AUC, on stratified folds', async () => {
  const { c, means, best } = expected.logistic;
  const search = new ml.GridSearch(
    new ml.LogisticRegression({ maxIter: 10_000, tol: 1e-10 }),
    { c },
    { scoring: 'rocAuc' },
  );
  using found = await search.fit(await goldenFrame('breast_cancer_std'), 'target', {
    features: goldenFeatures('breast_cancer_std'),
  });
  expect(found.bestParams).toEqual({ c: best });
  using table = await found.results.sort('c').collect();
  for (const [i, mean] of means.entries())
    expect(Math.abs((table.column('rocAuc').at(i) as number) - mean)).toBeLessThan(1e-6);
});

test('pipelines: parameters by path, whole steps, and no fold learns from its test', async () => {
  const frame = await goldenFrame('breast_cancer');
  const features = goldenFeatures('breast_cancer');
  const steps = ml.pipeline([
    ['scale', new ml.StandardScaler()],
    ['model', new ml.LogisticRegression()],
  ]);
  const grid = { 'model.c': [0.01, 1], scale: [new ml.StandardScaler(), new ml.MinMaxScaler()] };
  const search = new ml.GridSearch(steps, grid, { scoring: ['rocAuc', 'accuracy'], cv: 3 });
  using found = await search.fit(frame, 'target', { features });
  expect(Object.keys(found.bestParams)).toEqual(['model.c', 'scale']);
  expect(found.bestScore).toBeGreaterThan(0.99);
  using table = await found.results.collect();
  expect([...table.column('scale')].sort()).toEqual([
    'MinMaxScaler',
    'MinMaxScaler',
    'StandardScaler',
    'StandardScaler',
  ]);
  const { accuracy } = await found.bestModel.evaluate(frame);
  expect(accuracy).toBeGreaterThan(0.97);
  // By hand: the scaler of a fold is fitted on the fold's training rows.
  const { scores, models } = await ml.crossValidate(steps, frame, 'target', { features, cv: 3, returnModels: true });
  let fold = 0;
  for await (const { train, test } of new ml.StratifiedKFold({ nSplits: 3 }).split(frame, { y: 'target' })) {
    using model = await steps.fit(train, 'target', { features });
    expect((await model.evaluate(test)).accuracy).toBe(scores['accuracy']![fold]);
    models![fold++]!.dispose();
  }
  expect(() => new ml.GridSearch(steps, { 'model.alpha': [1] })).toThrow(/no parameter 'model.alpha'/);
  const boosted = ml.pipeline([['model', new ml.XgbClassifier({ nEstimators: 3, subsample: 0.5, engine: 'wasm' })]]);
  const twice = { cv: 2, scoring: 'negLogLoss', features, randomState: 4 } as const;
  const again = await ml.crossValidate(boosted, frame, 'target', twice);
  expect((await ml.crossValidate(boosted, frame, 'target', twice)).scores).toEqual(again.scores);
});
