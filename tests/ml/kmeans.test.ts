// K-means against scikit-learn's goldens.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import { KMeans, type KMeansModel, loadModel } from '../../ts/ml/index.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, goldenRows, weightedFrame } from '../support/ml.ts';

const goldens = golden('kmeans');
const frameOf = (name: string, weighted: boolean) => (weighted ? weightedFrame(name) : goldenFrame(name));
const weightOf = (weighted: boolean) => (weighted ? { sampleWeight: 'sample_weight' } : {});

describe('the best of ten runs is as good as the best of ten of scikit-learn', () => {
  test.each(goldens.best as any[])('$data, $n_clusters clusters', async ({ data, n_clusters, weighted, best }) => {
    const frame = await frameOf(data, weighted);
    using model = await new KMeans({ nClusters: n_clusters, nInit: 10, randomState: 1 }).fit(frame, {
      features: goldenFeatures(data),
      ...weightOf(weighted),
    });
    expect(model.inertia).toBeLessThan(best * 1.01);
    expect(new Set(model.labels).size).toBe(n_clusters);
  });
});

describe('iterations from given centres', () => {
  test.each(goldens.steps as any[])('$data, $n_clusters clusters', async (step) => {
    const { data, n_clusters, weighted, init_rows } = step;
    const frame = await frameOf(data, weighted ?? false);
    const features = goldenFeatures(data);
    const init = (await goldenRows(data, init_rows)).map((row) => features.map((f) => row[f]));
    const fit = async (maxIter: number): Promise<KMeansModel> =>
      new KMeans({ nClusters: n_clusters, init, maxIter, tol: 0 }).fit(frame, {
        features,
        ...weightOf(weighted ?? false),
      });
    for (const { max_iter, inertia, centers } of step.run) {
      using model = await fit(max_iter);
      assertClose(model.inertia, inertia, { rtol: 1e-9 });
      assertClose(
        Array.from({ length: n_clusters }, (_, k) =>
          model.clusterCenters.slice(k * features.length, (k + 1) * features.length),
        ),
        centers,
        { rtol: 1e-9, atol: 1e-9 },
      );
    }
    using whole = await fit(300);
    expect([...whole.labels].join('')).toBe(step.labels);
  });
});

test('a centre without rows moves to the row farthest from its own', async () => {
  const { x, init, centers, labels, inertia } = goldens.empty_cluster;
  using model = await new KMeans({ nClusters: init.length, init: init.map((c: number) => [c]), tol: 0 }).fit(
    fromColumns({ x }),
  );
  assertClose(model.clusterCenters, centers, { rtol: 1e-12 });
  expect([...model.labels]).toEqual(labels);
  assertClose(model.inertia, inertia, { rtol: 1e-12 });
});

test('random starts, one cluster, and as many clusters as rows', async () => {
  const frame = await goldenFrame('iris');
  const features = goldenFeatures('iris');
  using random = await new KMeans({ nClusters: 3, init: 'random', randomState: 3 }).fit(frame, { features });
  expect(random.inertia).toBeLessThan(golden('kmeans').best[0].best * 1.01);
  using one = await new KMeans({ nClusters: 1 }).fit(frame, { features });
  expect(new Set(one.labels)).toEqual(new Set([0]));
  const few = fromColumns({ x: [1, 2, 4, 8], y: [0, 1, 0, 1] });
  using all = await new KMeans({ nClusters: 4, randomState: 0 }).fit(few);
  expect(all.inertia).toBeCloseTo(0, 12);
  await expect(new KMeans({ nClusters: 5 }).fit(few)).rejects.toThrow(
    /'nClusters' parameter of KMeans must be at most/,
  );
  await expect(new KMeans({ nClusters: 2, init: [[1, 2, 3]] }).fit(few)).rejects.toThrow(/2 centres of 2 numbers/);
});

test('the same bits at any number of threads, from a file, and for rows in batches', async () => {
  const n = 60_000;
  const frame = await fromColumns(
    Object.fromEntries(
      Array.from({ length: 6 }, (_, j) => [
        `f${j}`,
        Float64Array.from({ length: n }, (_, i) => Math.sin(i * (j + 1.7)) + (i % 5) * 3 + 1e6),
      ]),
    ),
  ).cache();
  const fit = (threads: number) => new KMeans({ nClusters: 5, randomState: 11 }).fit(frame, { threads });
  using one = await fit(1);
  using two = await fit(2);
  expect(two.clusterCenters).toEqual(one.clusterCenters);
  expect(two.labels).toEqual(one.labels);
  // Far from zero nothing is lost.
  using near = await new KMeans({ nClusters: 5, randomState: 11 }).fit(
    frame.select({ ...Object.fromEntries(one.featureNamesIn.map((f) => [f, (c: any) => c[f].sub(1e6)])) }),
  );
  assertClose(one.inertia, near.inertia, { rtol: 1e-6 });
  const loaded = (await loadModel(one.toBytes())) as KMeansModel;
  expect((await loaded.predict(frame)).toArray()).toEqual(one.labels);
  const added = await one.withPrediction(frame, { as: 'cluster' }).tail(3).collect();
  expect([...added.column('cluster')]).toEqual([...one.labels.slice(-3)]);
});

test('predictions of streamed rows are those of the fit, and refuse nulls, NaN and infinities', async () => {
  const rows = 150_003;
  const values = (j: number) => Float64Array.from({ length: rows }, (_, i) => Math.sin(i * (j + 1)) * 3 + (i % 5) * j);
  const frame = fromColumns({ a: values(0), b: values(1), c: values(2), d: values(3), e: values(4) });
  for (const nClusters of [1, 3, 9]) {
    using model = await new KMeans({ nClusters, randomState: 1, maxIter: 300, tol: 0 }).fit(frame);
    const found = (await model.predict(frame)).toArray() as Int32Array;
    expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(model.labels.buffer))).toBe(0);
    using table = await frame.collect();
    const named = model.withPrediction(table, { as: 'k' });
    using out = await named.collect();
    expect(out.column('k').toArray()).toEqual(model.labels);
  }
  using model = await new KMeans({ nClusters: 2, randomState: 1 }).fit(frame, { features: ['a', 'b'] });
  for (const [bad, counts] of [
    [Number.NaN, { nulls: 0, nans: 1, infinities: 0 }],
    [Number.NEGATIVE_INFINITY, { nulls: 0, nans: 0, infinities: 1 }],
    [null, { nulls: 1, nans: 0, infinities: 0 }],
  ] as const)
    await expect(model.predict(fromColumns({ a: [1, 2, 3], b: [1, bad, 2] }))).rejects.toMatchObject({
      code: 'ERR_MISSING_VALUES',
      detail: { column: 'b', ...counts },
    });
});
