// Random forests against scikit-learn's scores over five seeds.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import {
  loadModel,
  RandomForestClassifier,
  type RandomForestClassifierModel,
  RandomForestRegressor,
} from '../../ts/ml/index.ts';
import { uniform } from '../../ts/util/philox.ts';
import { golden, goldenFeatures, goldenSplit } from '../support/ml.ts';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase());
const cases = (golden('forest').cases as any[]).filter((c) => !('max_leaf_nodes' in c.params));

describe('scores are those of scikit-learn within a point', () => {
  test.each(cases)('$estimator $data $params', async ({
    estimator,
    data,
    params,
    scores,
    oob_scores,
    aucs,
    importances,
  }) => {
    const { train, test: held } = await goldenSplit(data);
    const features = goldenFeatures(data);
    const own = Object.fromEntries(Object.entries(params).map(([k, v]) => [camel(k), v]));
    const oobScore = oob_scores.length > 0;
    const found: number[] = [];
    const foundAucs: number[] = [];
    const oob: number[] = [];
    const shares: Float64Array[] = [];
    for (let randomState = 0; randomState < 5; randomState++) {
      if (estimator === 'RandomForestClassifier') {
        const forest = new RandomForestClassifier({ ...own, randomState, oobScore });
        using model = await forest.fit(train, 'target', { features });
        const metrics = await model.evaluate(held);
        found.push(metrics['accuracy']!);
        if (aucs) foundAucs.push(metrics['rocAuc']!);
        if (oobScore) oob.push(model.oobScore!);
        shares.push(model.featureImportances);
      } else {
        const forest = new RandomForestRegressor({ ...own, randomState, oobScore });
        using model = await forest.fit(train, 'target', { features });
        found.push((await model.evaluate(held))['r2']!);
        if (oobScore) oob.push(model.oobScore!);
        shares.push(model.featureImportances);
      }
    }
    // The goldens' own spread over seeds is part of what a point means for a regression of 110 rows.
    const slack =
      estimator === 'RandomForestClassifier' ? 0.01 : 0.01 + (Math.max(...scores) - Math.min(...scores)) / 2;
    expect(mean(found)).toBeGreaterThan(mean(scores) - slack);
    if (aucs) expect(mean(foundAucs)).toBeGreaterThan(mean(aucs) - 0.01);
    if (oobScore) expect(Math.abs(mean(oob) - mean(oob_scores))).toBeLessThan(0.015);
    if (importances)
      importances.forEach((value: number, f: number) => {
        expect(Math.abs(mean(shares.map((s) => s[f]!)) - value)).toBeLessThan(0.03);
      });
  });
});

const N = 4000;
const noise = (k: number) => Float64Array.from({ length: N }, (_, i) => uniform(k, i));
const frame = () => {
  const a = noise(1);
  const b = noise(2);
  const c = noise(3);
  return fromColumns({
    a,
    b,
    c,
    y: Float64Array.from(a, (v, i) => 10 * v + (b[i]! > 0.5 ? 3 : 0)),
    kind: Array.from(a, (v, i) => (v > 0.6 ? 'high' : b[i]! > 0.5 ? 'mid' : 'low')),
    w: Float64Array.from(c, (v) => 1 + Math.floor(3 * v)),
  });
};
const features = ['a', 'b', 'c'] as const;

test('the same bits at any number of threads, and from a file', async () => {
  const df = frame();
  const forest = new RandomForestClassifier({ nEstimators: 12, randomState: 5, oobScore: true });
  using one = await forest.fit(df, 'kind', { features, threads: 1 });
  using two = await forest.fit(df, 'kind', { features, threads: 2 });
  expect(two.toBytes()).toEqual(one.toBytes());
  const loaded = (await loadModel(one.toBytes())) as RandomForestClassifierModel;
  const [p, q] = await Promise.all([one.predictProba(df, { threads: 2 }), loaded.predictProba(df, { threads: 1 })]);
  expect(q.toColumns()).toEqual(p.toColumns());
  const sums = Array.from({ length: N }, (_, i) =>
    p.columns.reduce((sum, name) => sum + (p.column(name).at(i) as number), 0),
  );
  expect(Math.max(...sums.map((s) => Math.abs(s - 1)))).toBeLessThan(1e-12);
  expect((await one.evaluate(df))['accuracy']).toBeGreaterThan(0.99);
});

test('one tree on all rows fits what can be told apart; its limits hold', async () => {
  const df = frame();
  const tree = new RandomForestRegressor({ nEstimators: 1, bootstrap: false, nBins: 256, randomState: 0 });
  using deep = await tree.fit(df, 'y', { features });
  expect((await deep.evaluate(df))['r2']).toBeGreaterThan(0.999);
  using stump = await tree.withParams({ maxDepth: 1 }).fit(df, 'y', { features });
  expect(new Set(await stump.predict(df)).size).toBe(2);
  using large = await tree.withParams({ minSamplesLeaf: 500 }).fit(df, 'y', { features });
  const sizes = new Map<number, number>();
  for (const v of await large.predict(df)) sizes.set(v as number, (sizes.get(v as number) ?? 0) + 1);
  expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(500);
  using none = await tree.withParams({ minImpurityDecrease: 1e6 }).fit(df, 'y', { features });
  expect(new Set(await none.predict(df)).size).toBe(1);
});

test('a weight counts as copies of a row do', async () => {
  const df = frame();
  const tree = new RandomForestClassifier({
    nEstimators: 1,
    bootstrap: false,
    maxFeatures: null,
    maxDepth: 4,
    randomState: 3,
  });
  using weighted = await tree.fit(df, 'kind', { features, sampleWeight: 'w' });
  const { w, ...columns } = (await df.collect()).toColumns() as Record<string, any>;
  const copies = (values: ArrayLike<unknown>): unknown[] =>
    Array.from(values).flatMap((v, i) => new Array(w[i] as number).fill(v));
  const repeated = fromColumns(Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, copies(v)])));
  using plain = await tree.fit(repeated, 'kind', { features: [...features] });
  const [p, q] = await Promise.all([weighted.predict(df), plain.predict(df)]);
  // Bins come from ranks, which copies move a little.
  const differ = [...p].filter((v, i) => v !== q.at(i)).length;
  expect(differ).toBeLessThan(N / 50);
});

test('what is refused', async () => {
  const df = frame();
  const fit = (params: object) => new RandomForestRegressor({ nEstimators: 2, ...params }).fit(df, 'y', { features });
  await expect(fit({ oobScore: true, bootstrap: false })).rejects.toThrow(
    /'oobScore' parameter of RandomForestRegressor/,
  );
  await expect(fit({ maxFeatures: 7 })).rejects.toThrow(/'maxFeatures' parameter/);
  await expect(fit({ maxSamples: 5000 })).rejects.toThrow(/'maxSamples' parameter/);
  expect(() => new RandomForestRegressor({ nBins: 1000 })).toThrow(/'nBins' parameter/);
  using model = await fit({ randomState: 1 });
  const fitted = model.toFitted();
  const nodes = (fitted.arrays['nodes'] as Uint32Array).slice();
  nodes[2] = 0;
  const { RandomForestRegressorModel } = await import('../../ts/ml/index.ts');
  expect(() => new RandomForestRegressorModel({ ...fitted, arrays: { ...fitted.arrays, nodes } })).toThrow();
});
