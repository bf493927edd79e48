// Nearest neighbours against scikit-learn's goldens, and the tree against the whole search.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import {
  KNeighborsClassifier,
  type KNeighborsClassifierModel,
  KNeighborsRegressor,
  type KNeighborsRegressorModel,
  loadModel,
} from '../../ts/ml/index.ts';
import { uniform } from '../../ts/util/philox.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, goldenSplit } from '../support/ml.ts';

const cases = golden('neighbors').cases as any[];

describe.each([...new Set(cases.map((c) => c.data as string))])('%s', (data) => {
  test.each(cases.filter((c) => c.data === data))('$estimator $params', async (c) => {
    const { train } = await goldenSplit(data);
    const frame = (await goldenFrame(data)).withRowIndex('row');
    const features = goldenFeatures(data);
    const { n_neighbors: nNeighbors, weights, metric, p = 2 } = c.params;
    for (const algorithm of metric === 'cosine' ? (['brute'] as const) : (['brute', 'kdTree'] as const)) {
      const params = { nNeighbors, weights, metric, p, algorithm };
      const isClassifier = c.estimator === 'KNeighborsClassifier';
      using model = isClassifier
        ? await new KNeighborsClassifier(params).fit(train, 'target', { features })
        : await new KNeighborsRegressor(params).fit(train, 'target', { features });
      const predicted = (await model.predict(frame)).toArray() as ArrayLike<number>;
      assertClose(
        c.rows.map((row: number) => predicted[row]),
        c.predict,
        { rtol: 1e-10 },
      );
      if (c.proba) {
        const proba = await (model as KNeighborsClassifierModel).predictProba(frame);
        c.proba_rows.forEach((row: number, i: number) => {
          assertClose(
            proba.columns.map((name) => proba.column(name).at(row) as number),
            c.proba[i],
            { rtol: 1e-9, atol: 1e-12 },
          );
        });
      }
      if (c.kneighbors) {
        const found = await model.kneighbors(frame);
        c.kneighbors.rows.forEach((row: number, i: number) => {
          const at = row * found.nNeighbors;
          assertClose(found.distances.slice(at, at + found.nNeighbors), c.kneighbors.distances[i], {
            rtol: 1e-9,
            atol: 1e-12,
          });
        });
      }
    }
  });
});

test('the tree finds what the whole search finds, ties included', async () => {
  for (const [seed, features, levels] of [
    [1, 2, 5],
    [2, 3, 1000],
    [3, 8, 20],
  ] as const) {
    const n = 3000;
    const columns = Object.fromEntries(
      Array.from({ length: features }, (_, j) => [
        `f${j}`,
        Float64Array.from({ length: n }, (_, i) => Math.floor(uniform(seed, i * features + j) * levels)),
      ]),
    );
    const frame = fromColumns({ ...columns, y: Float64Array.from({ length: n }, (_, i) => i % 7) });
    for (const metric of ['euclidean', 'manhattan', 'chebyshev', 'minkowski'] as const) {
      const fit = (algorithm: 'brute' | 'kdTree') =>
        new KNeighborsRegressor({ nNeighbors: 9, metric, p: 1.5, algorithm }).fit(frame, 'y');
      using tree = await fit('kdTree');
      using whole = await fit('brute');
      const [a, b] = [await tree.kneighbors(frame), await whole.kneighbors(frame)];
      expect(a.indices).toEqual(b.indices);
      expect(a.distances).toEqual(b.distances);
    }
  }
}, 300_000);

test('threads, files, labels and what is refused', async () => {
  const n = 5000;
  const frame = fromColumns({
    a: Float64Array.from({ length: n }, (_, i) => Math.sin(i)),
    b: Float64Array.from({ length: n }, (_, i) => Math.cos(i * 1.7)),
    kind: Array.from({ length: n }, (_, i) => (Math.sin(i) > 0 ? 'up' : 'down')),
  });
  using model = await new KNeighborsClassifier().fit(frame, 'kind');
  expect(model.classes).toEqual(['down', 'up']);
  const one = await model.predictProba(frame, { threads: 1 });
  const two = await model.predictProba(frame, { threads: 2 });
  expect(two.toColumns()).toEqual(one.toColumns());
  const loaded = (await loadModel(model.toBytes())) as KNeighborsClassifierModel;
  expect((await loaded.predictProba(frame)).toColumns()).toEqual(one.toColumns());
  expect((await model.evaluate(frame))['accuracy']).toBeGreaterThan(0.99);
  const few = fromColumns({ x: [1, 2], y: [1, 2] });
  await expect(new KNeighborsRegressor().fit(few, 'y')).rejects.toThrow(
    /'nNeighbors' parameter of KNeighborsRegressor/,
  );
  await expect(
    new KNeighborsRegressor({ nNeighbors: 1, metric: 'cosine', algorithm: 'kdTree' }).fit(few, 'y'),
  ).rejects.toThrow(/'algorithm' parameter/);
  using small: KNeighborsRegressorModel = await new KNeighborsRegressor({ nNeighbors: 2 }).fit(few, 'y');
  expect([...(await small.predict(few.head(0)))]).toEqual([]);
});
