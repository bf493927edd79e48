// Principal components against scikit-learn's goldens.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
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
