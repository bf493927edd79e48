// Each family's graph, made of the values that scikit-learn fitted, gives what scikit-learn predicts.
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { affineGraph, lookupGraph, standardGraph } from '../../../ts/ml/onnx/columnwise.ts';
import { OnnxGraph, type OnnxValue } from '../../../ts/ml/onnx/graph.ts';
import { nearestGraph, neighborMeans, type OnnxMetric } from '../../../ts/ml/onnx/neighbors.ts';
import {
  centersGraph,
  gaussianGraph,
  linearGraph,
  logisticGraph,
  projectionGraph,
} from '../../../ts/ml/onnx/predictors.ts';
import { type OnnxTrees, treesGraph, treesMean } from '../../../ts/ml/onnx/trees.ts';
import { assertClose, golden, goldenFeatures, goldenFrame } from '../../support/ml.ts';

/** The features and the target of a data set's rows. */
async function matrixOf(name: string): Promise<{ rows: number[][]; target: any[] }> {
  using table = await (await goldenFrame(name)).collect();
  const columns = goldenFeatures(name).map((f) => table.column(f as never).toArray() as ArrayLike<number>);
  const target = Array.from(table.column('target').toArray() as ArrayLike<unknown>);
  return { rows: target.map((_, i) => columns.map((c) => c[i]!)), target };
}

/** Runs a graph over rows. */
async function run(
  rows: readonly (readonly (number | string)[])[],
  build: (graph: OnnxGraph, x: OnnxValue) => Record<string, OnnxValue>,
): Promise<Record<string, any[]>> {
  const graph = new OnnxGraph();
  const width = rows[0]!.length;
  const text = typeof rows[0]![0] === 'string';
  const x = graph.input('x', text ? 'string' : 'double', ['n', width]);
  for (const [name, value] of Object.entries(build(graph, x))) graph.output(name, value, null);
  const session = await ort.InferenceSession.create(graph.toBytes('test', {}), { logSeverityLevel: 4 });
  const flat = rows.flat();
  const tensor = text
    ? new ort.Tensor('string', flat as string[], [rows.length, width])
    : new ort.Tensor('float64', Float64Array.from(flat as number[]), [rows.length, width]);
  try {
    const outputs = await session.run({ x: tensor });
    return Object.fromEntries(
      Object.entries(outputs).map(([k, v]) => [k, Array.from(v.data as ArrayLike<any>, Number)]),
    );
  } finally {
    await session.release();
  }
}

describe('of the values that scikit-learn fitted', () => {
  test('linear models', async () => {
    for (const c of golden('linear').cases.filter((x: any) => x.coef && x.data !== 'badly_scaled')) {
      const { rows } = await matrixOf(c.data);
      const { y } = await run(
        c.rows.map((i: number) => rows[i]!),
        (g, x) => ({
          y: linearGraph(g, x, { coef: c.coef, intercept: [c.intercept] }),
        }),
      );
      assertClose(y!, c.predict, { rtol: 1e-10, atol: 1e-9 }, `${c.estimator} ${c.data}`);
    }
  });

  test('logistic regression', async () => {
    for (const c of golden('logistic').cases.filter((x: any) => !x.coef_step)) {
      const { rows } = await matrixOf(c.data);
      const { p } = await run(
        c.rows.map((i: number) => rows[i]!),
        (g, x) => ({
          p: logisticGraph(g, x, { coef: c.coef.flat(), intercept: c.intercept }).probabilities,
        }),
      );
      assertClose(p!, c.proba, { rtol: 1e-10, atol: 1e-14 }, c.data);
    }
  });

  test('naive Bayes', async () => {
    for (const c of golden('bayes').cases.filter((x: any) => !x.feature_step)) {
      const { rows } = await matrixOf(c.data);
      const { p, w } = await run(
        c.rows.map((i: number) => rows[i]!),
        (g, x) => {
          const s = gaussianGraph(g, x, { mean: c.theta.flat(), variance: c.var.flat(), prior: c.class_prior });
          return { p: s.probabilities, w: s.winner };
        },
      );
      assertClose(p!, c.proba, { rtol: 1e-9, atol: 1e-14 }, c.data);
      expect(w).toEqual(c.predict);
    }
  });

  test('PCA', async () => {
    for (const c of golden('pca').cases.filter((x: any) => x.components && x.transform && x.data !== 'badly_scaled')) {
      const { rows } = await matrixOf(c.data);
      const { y } = await run(
        c.rows.map((i: number) => rows[i]!),
        (g, x) => ({
          y: projectionGraph(g, x, {
            mean: c.mean,
            components: c.components.flat(),
            ...(c.params.whiten ? { scale: c.explained_variance.map(Math.sqrt) } : {}),
          }),
        }),
      );
      assertClose(y!, c.transform, { rtol: 1e-8, atol: 1e-9 }, c.data);
    }
  });

  test('k-means', async () => {
    for (const c of golden('kmeans').steps) {
      const { rows } = await matrixOf(c.data);
      const centers = c.run.at(-1).centers;
      const { d, w } = await run(rows, (g, x) => {
        const s = centersGraph(g, x, centers.flat(), centers[0].length);
        return { d: s.distances, w: s.nearest };
      });
      assertClose(d!.slice(0, 5 * centers.length), c.transform_head, { rtol: 1e-9 }, c.data);
      expect(w!.join('')).toBe(c.labels);
    }
  });

  test('nearest neighbours', async () => {
    for (const c of golden('neighbors').cases) {
      const { rows, target } = await matrixOf(c.data);
      const train = rows.filter((_, i) => i % 4 !== 3);
      const y = target.filter((_, i) => i % 4 !== 3);
      const { n_neighbors: k, weights, metric, p = 2 } = c.params;
      const classes = [...new Set(y)].sort((a, b) => a - b);
      const values =
        c.estimator === 'KNeighborsRegressor' ? y : y.flatMap((v) => classes.map((l) => (l === v ? 1 : 0)));
      const out = await run(
        c.rows.map((i: number) => rows[i]!),
        (g, x) => {
          const near = nearestGraph(
            g,
            x,
            { rows: train.flat(), features: train[0]!.length, metric: metric as OnnxMetric, p },
            k,
          );
          const mean = neighborMeans(
            g,
            near,
            g.doubles([train.length, values.length / train.length], values),
            k,
            weights,
          );
          return { mean, winner: g.argMax(mean, 1), distances: near.distances };
        },
      );
      const what = `${c.data} ${JSON.stringify(c.params)}`;
      if (c.estimator === 'KNeighborsRegressor') assertClose(out['mean']!, c.predict, { rtol: 1e-9 }, what);
      else
        expect(
          out['winner']!.map((i) => classes[i]),
          what,
        ).toEqual(c.predict);
      if (c.proba)
        assertClose(out['mean']!.slice(0, c.proba.flat().length), c.proba, { rtol: 1e-7, atol: 1e-12 }, what);
      if (c.kneighbors)
        assertClose(out['distances']!.slice(0, 4 * k), c.kneighbors.distances, { rtol: 1e-9, atol: 1e-9 }, what);
    }
  });

  test('scalers', async () => {
    for (const c of golden('scalers').cases.filter((x: any) => x.data !== 'categories')) {
      const { rows } = await matrixOf(c.data);
      const { with_mean = true, with_std = true } = c.params;
      const { y } = await run(
        c.rows.map((i: number) => rows[i]!),
        (g, x) => ({
          y:
            c.estimator === 'StandardScaler'
              ? standardGraph(g, x, { shift: with_mean ? c.mean : null, scale: with_std ? c.scale : null })
              : affineGraph(g, x, { scale: c.scale, offset: c.min, ...(c.params.clip ? { range: [0, 1] } : {}) }),
        }),
      );
      assertClose(y!, c.transform, { rtol: 1e-9, atol: 1e-9 }, c.data);
    }
  });

  test('target encoding of text, unknown words included', async () => {
    const c = golden('encoders').target.find((x: any) => x.features.join() === 'city' && x.target === 'target');
    const [words] = c.categories;
    const { y } = await run([...words.map((w: string) => [w]), ['Paris']], (g, x) => ({
      y: lookupGraph(g, x, words, [...c.encodings[0], c.target_mean], 1, words.length),
    }));
    assertClose(y!, [...c.encodings[0], c.target_mean], { rtol: 1e-14 });
  });
});

test('a category that is not in the table stops the run where it should', async () => {
  const build = (g: OnnxGraph, x: OnnxValue) => ({ y: lookupGraph(g, x, ['a', 'b'], [1, 2], 1, 2) });
  expect((await run([['b'], ['a']], build))['y']).toEqual([2, 1]);
  await expect(run([['b'], ['c']], build)).rejects.toThrow('out of data bounds');
});

describe('trees', () => {
  // Two trees: x0 ≤ 0 ? 1 : (x1 ≤ 1e-17 ? 3 : 4), and a leaf.
  const trees: OnnxTrees = {
    roots: [0, 5],
    feature: [0, -1, 1, -1, -1, -1],
    threshold: [0, 0, 1e-17, 0, 0, 0],
    left: [1, 0, 3, 0, 0, 0],
    right: [2, 0, 4, 0, 0, 0],
    test: 'le',
  };
  const rows = [
    [-1, 0],
    [0, 5],
    [1, 1e-17],
    [1, 1.0000000000000002e-17],
    [Number.NaN, 0],
  ];
  const sum = async (more: Partial<OnnxTrees>) =>
    (
      await run(rows, (g, x) => ({
        y: treesGraph(
          g,
          x,
          { ...trees, ...more },
          1,
          () => 0,
          (node) => node / 10,
        ),
      }))
    )['y'];

  test('thresholds are compared in double', async () => {
    expect(await sum({})).toEqual([0.1 + 0.5, 0.1 + 0.5, 0.3 + 0.5, 0.4 + 0.5, 0.3 + 0.5]);
  });
  test('less than, and a side for missing values', async () => {
    expect(await sum({ test: 'lt', missingLeft: [1, 0, 0, 0, 0, 0] })).toEqual([0.6, 0.9, 0.9, 0.9, 0.6]);
  });
  test('sets of categories go right, and here what is missing', async () => {
    expect(await sum({ categories: [[-1, 1], null, null, null, null, null] })).toEqual([0.8, 0.6, 0.8, 0.9, 0.8]);
  });
  test('a table of leaves with several values', async () => {
    const table = [0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 7, 8];
    const { y } = await run(rows.slice(0, 4), (g, x) => ({ y: treesMean(g, x, trees, table, 2, (node) => node) }));
    expect(y).toEqual([4, 5, 4, 5, 5, 6, 6, 7]);
  });
});
