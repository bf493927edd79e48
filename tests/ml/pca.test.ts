// Principal components against scikit-learn's goldens.
import { describe, expect, test } from 'vitest';
import { type DataFrame, fromColumns } from '../../ts/index.ts';
import { loadModel, Pca, type PcaModel } from '../../ts/ml/index.ts';
import { assertClose, golden, goldenFeatures, goldenFrame } from '../support/ml.ts';

const rowsOf = (values: Float64Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, k) => [...values.slice(k * width, (k + 1) * width)]);

describe('goldens', () => {
  test.each(golden('pca').cases as any[])('$data $params', async (c) => {
    const frame = await goldenFrame(c.data);
    const features = goldenFeatures(c.data);
    const { n_components: nComponents = null, whiten = false } = c.params;
    using model = await new Pca({ nComponents, whiten }).fit(frame, { features });
    expect(model.nComponents).toBe(c.n_components);
    const largest = c.explained_variance[0];
    if (c.mean) assertClose(model.mean, c.mean, { rtol: 1e-12, atol: 1e-15 });
    assertClose(model.explainedVariance, c.explained_variance, { rtol: 1e-8, atol: largest * 1e-14 });
    assertClose(model.explainedVarianceRatio, c.explained_variance_ratio, { rtol: 1e-8, atol: 1e-14 });
    if (c.singular_values)
      assertClose(model.singularValues, c.singular_values, { rtol: 1e-8, atol: c.singular_values[0] * 1e-7 });
    assertClose(model.noiseVariance, c.noise_variance, { rtol: 1e-7, atol: largest * 1e-13 });
    // Directions of equal or no variance are anybody's.
    if (c.components) {
      const found = rowsOf(model.components, features.length);
      c.components.forEach((row: number[], k: number) => {
        if (c.explained_variance[k] > largest * 1e-9) assertClose(found[k]!, row, { rtol: 1e-6, atol: 1e-7 });
      });
    }
    if (c.transform) {
      const table = await model.transform(frame.drop('target' as never)).collect();
      const columns = model.featureNamesOut.map((n) => table.column(n).toArray() as Float64Array);
      c.rows.forEach((row: number, r: number) => {
        c.transform[r].forEach((value: number, k: number) => {
          if (c.explained_variance[k] > largest * 1e-9)
            assertClose(columns[k]![row], value, { rtol: 1e-6, atol: 1e-6 });
        });
      });
      table.dispose();
    }
  });
});

test('transform keeps the other columns; a file gives the same', async () => {
  const frame = (await goldenFrame('wine')).select('target', 'alcohol', 'ash', 'hue');
  using model = await new Pca({ nComponents: 2 }).fit(frame, { features: ['alcohol', 'ash', 'hue'] });
  const out = model.transform(frame);
  expect(out.columns).toEqual(['target', 'pca0', 'pca1']);
  const loaded = (await loadModel(model.toBytes())) as PcaModel;
  const [a, b] = await Promise.all([out.collect(), loaded.transform(frame).collect()]);
  expect(b.toColumns()).toEqual(a.toColumns());
});

test('a share of the variance, a constant feature, and what is refused', async () => {
  const frame = fromColumns({ a: [1, 2, 3, 4], b: [2, 1, 4, 3], c: [5, 5, 5, 5] });
  using model = await new Pca({ nComponents: 0.7 }).fit(frame);
  expect(model.nComponents).toBe(1);
  using all = await new Pca({ whiten: true }).fit(frame);
  expect(all.explainedVariance[2]).toBe(0);
  const table = await all.transform(frame).collect();
  expect([...table.column('pca2')].every(Number.isFinite)).toBe(true);
  await expect(new Pca({ nComponents: 4 }).fit(frame)).rejects.toThrow(/at most min\(nSamples, nFeatures\), 3/);
  await expect(new Pca().fit(frame.head(1))).rejects.toThrow(/at least two rows/);
  expect(() => new Pca({ nComponents: 1.5 })).toThrow(/'nComponents' parameter of Pca must be/);
});

test('transform streams, is sums to the last bit of any number of components, and refuses what fit refuses', async () => {
  const rows = 70_000;
  const columns = Object.fromEntries(
    Array.from({ length: 7 }, (_, j) => [
      `x${j}`,
      Float64Array.from({ length: rows }, (_, i) => Math.sin(i * (j + 1))),
    ]),
  );
  const frame: DataFrame<any> = fromColumns({
    ...columns,
    id: Int32Array.from({ length: rows }, (_, i) => i),
  });
  const features = Object.keys(columns);
  for (const nComponents of [1, 4, 7]) {
    using model = await new Pca({ nComponents, whiten: true }).fit(frame, { features });
    let seen = 0;
    for await (const batch of model.transform(frame).batches()) {
      const ids = batch.column('id' as never).toArray() as Int32Array;
      model.featureNamesOut.forEach((name, k) => {
        const out = batch.column(name as never).toArray() as Float64Array;
        const scale = 1 / Math.sqrt(model.explainedVariance[k]!);
        const coef = model.components.slice(k * 7, k * 7 + 7).map((c) => c * scale);
        const start = coef.reduce((sum, c, j) => sum - c * model.mean[j]!, 0);
        for (let i = 0; i < out.length; i += 997)
          expect(out[i]).toBe(features.reduce((sum, f, j) => sum + coef[j]! * columns[f]![ids[i]!]!, start));
      });
      seen += ids.length;
    }
    expect(seen).toBe(rows);
  }
  using model = await new Pca({ nComponents: 2 }).fit(frame, { features: ['x0', 'x1'] });
  const withNulls = fromColumns({ x0: [1, null, 3], x1: [1, 2, 3] });
  await expect(model.transform(withNulls).collect()).rejects.toMatchObject({
    code: 'ERR_MISSING_VALUES',
    detail: { column: 'x0', nulls: 1, nans: 0, infinities: 0 },
  });
  const withNan = fromColumns({ x0: [1, 2, 3], x1: [1, Number.NaN, Number.POSITIVE_INFINITY] });
  await expect(model.transform(withNan).collect()).rejects.toMatchObject({
    code: 'ERR_MISSING_VALUES',
    detail: { column: 'x1', nulls: 0, nans: 1, infinities: 1 },
  });
  const clash = fromColumns({ x0: [1], x1: [2], pca0: ['a'] });
  expect(() => model.transform(clash)).toThrow(/already has a column "pca0"/);
});
