// Partial dependence and permutation importance against scikit-learn's (scripts/fixtures/inspection.py).
import { beforeAll, describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import { GaussianNb } from '../../ts/ml/bayes/gaussian-nb.ts';
import { partialDependence } from '../../ts/ml/inspection/partial-dependence.ts';
import { permutationImportance } from '../../ts/ml/inspection/permutation-importance.ts';
import { LinearRegression, type LinearRegressionModel } from '../../ts/ml/linear/linear-regression.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, weightedFrame } from '../support/ml.ts';

const goldens = golden('inspection');
const features = goldenFeatures('diabetes');
let frame: DataFrame<any>;
let model: LinearRegressionModel;

beforeAll(async () => {
  frame = await (await weightedFrame('diabetes')).cache();
  model = await new LinearRegression().fit(frame, 'target', { features });
});

describe('partialDependence', () => {
  test.each(goldens.dependence as any[])('$features, $gridResolution points', async (want) => {
    const got = await partialDependence(model, frame, want.features, {
      gridResolution: want.gridResolution,
      percentiles: want.percentiles,
      ...(want.weighted ? { sampleWeight: 'sample_weight' } : {}),
    });
    expect(got.outputs).toEqual(['prediction']);
    expect(got.grid.length).toBe(want.grid.length);
    got.grid.forEach((values, f) => {
      assertClose(values as number[], want.grid[f], { rtol: 1e-14 }, 'grid');
    });
    assertClose(got.averages[0]!, want.average, { rtol: 1e-9 }, 'average');
    // The frame holds the same, a row per point.
    const table = (await got.frame.collect()).toRecords();
    expect(table.length).toBe(want.average.length);
    assertClose(
      table.map((row) => row['average'] as number),
      want.average,
      { rtol: 1e-9 },
    );
    expect(table.at(-1)![want.features[0]]).toBe(got.grid[0]!.at(-1));
  });

  test('weights as an array, and grids of one’s own', async () => {
    const want = goldens.dependence.find((d: any) => d.weighted);
    const weights = Float64Array.from({ length: 442 }, (_, i) => (((7 * i) % 10) + 1) / 4);
    const gridValues = { age: want.grid[0], bp: want.grid[1] };
    const got = await partialDependence(model, frame, want.features, { gridValues, sampleWeight: weights });
    assertClose(got.averages[0]!, want.average, { rtol: 1e-9 });
  });

  test.each(goldens.classes as any[])('probabilities of $data by $feature', async (want) => {
    const data = await goldenFrame(want.data);
    using bayes = await new GaussianNb().fit(data, 'target', { features: goldenFeatures(want.data) });
    const got = await partialDependence(bayes, data, want.feature, { gridResolution: 8 });
    assertClose(got.grid[0] as number[], want.grid, { rtol: 1e-14 }, 'grid');
    expect(got.outputs).toEqual(want.averages.length === 1 ? [bayes.classes[1]] : bayes.classes);
    got.averages.forEach((average, k) => {
      assertClose(average, want.averages[k], { rtol: 1e-8, atol: 1e-12 }, `average ${k}`);
    });
    const names = want.averages.length === 1 ? ['average'] : bayes.classes.map((c) => `average_${c}`);
    expect(got.frame.columns).toEqual([want.feature, ...names]);
  });

  test('a linear model rises by its coefficient', async () => {
    const { grid, averages } = await partialDependence(model, frame, 's5', { gridResolution: 20 });
    const coef = model.coef[features.indexOf('s5')]!;
    for (let i = 1; i < 20; i++) {
      const rise = averages[0]![i]! - averages[0]![i - 1]!;
      assertClose(rise / ((grid[0]![i] as number) - (grid[0]![i - 1] as number)), coef, { rtol: 1e-8 });
    }
  });

  test('progress, abort, and what it refuses', async () => {
    const seen: number[] = [];
    await partialDependence(model, frame, 'sex', { onProgress: (p) => seen.push(p.fraction!) });
    expect(seen.at(-1)).toBe(1);
    const controller = new AbortController();
    const stop = partialDependence(model, frame, 'bmi', {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(stop).rejects.toThrow('enough');
    await expect(partialDependence(model, frame, 'bmj')).rejects.toThrow(/"bmj" is no feature of the model/);
    await expect(partialDependence(model, frame, ['bmi', 'bmi'])).rejects.toThrow(/given twice/);
    await expect(partialDependence(model, frame, 'bmi', { percentiles: [0.9, 0.1] })).rejects.toThrow(/rising/);
    await expect(partialDependence(model, frame, 'bmi', { gridResolution: 1 })).rejects.toThrow(/at least 2/);
    await expect(partialDependence(model, frame, ['bmi', 's5', 'bp', 's6'], { gridResolution: 50 })).rejects.toThrow(
      /100000 at most/,
    );
    await expect(partialDependence(model, frame.drop('bmi'), 'bmi')).rejects.toThrow(/"bmi"/);
  });
});

describe('permutationImportance', () => {
  test.each(goldens.importance as any[])('$scoring, weighted: $weighted', async (want) => {
    const nRepeats = 40;
    const got = await permutationImportance(model, frame, 'target', {
      scoring: want.scoring,
      nRepeats,
      randomState: 11,
      ...(want.weighted ? { sampleWeight: 'sample_weight' } : {}),
    });
    expect(got.featureNames).toEqual(features);
    want.means.forEach((mean: number, f: number) => {
      // Within four standard errors of so many repeats and of the golden's 500.
      const error = want.stds[f] * Math.sqrt(1 / nRepeats + 1 / 500);
      expect(Math.abs(got.means[f]! - mean), features[f]).toBeLessThan(4 * error + 1e-12);
      expect(got.stds[f]! / want.stds[f]).toBeGreaterThan(0.5);
      expect(got.stds[f]! / want.stds[f]).toBeLessThan(2);
    });
  });

  test('the same shuffles for the same seed, in part as in full', async () => {
    const run = (randomState: number) => permutationImportance(model, frame, 'target', { nRepeats: 2, randomState });
    const [one, again, other] = [await run(3), await run(3), await run(4)];
    expect(again.importances).toEqual(one.importances);
    expect(other.importances).not.toEqual(one.importances);
    const table = (await one.frame.collect()).toColumns();
    expect([...table.mean]).toEqual([...one.means].sort((a, b) => b - a));
  });

  test('a feature the model does not use is worth nothing, whatever its dtype', async () => {
    const df = fromColumns({
      x: [1, 2, 3, 4, 5, 6, 7, 8],
      k: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1),
      ok: [true, false, false, true, true, false, false, true],
      y: [2, 4, 6, 8, 10, 12, 14, 16],
    });
    using own = await new LinearRegression().fit(df, 'y');
    const { means, baseline } = await permutationImportance(own, df, 'y', { randomState: 2 });
    assertClose(baseline, 1, { rtol: 1e-12 });
    expect(means[0]).toBeGreaterThan(0.5);
    assertClose([means[1]!, means[2]!], [0, 0], { atol: 1e-9 });
  });

  test('a target in an array, a score of one’s own, progress and abort', async () => {
    const target = (await frame.select('target').collect()).column('target').toArray() as Float64Array;
    const named = await permutationImportance(model, frame, 'target', { nRepeats: 1, randomState: 5 });
    const array = await permutationImportance(model, frame, target, { nRepeats: 1, randomState: 5 });
    expect(array.importances).toEqual(named.importances);
    const seen: number[] = [];
    const own = await permutationImportance(model, frame, 'target', {
      nRepeats: 1,
      randomState: 5,
      features: ['bmi'],
      scoring: async (m, test, y) => (await m.evaluate(test, y))['r2'],
      onProgress: (p) => seen.push(p.fraction!),
    });
    expect(seen).toEqual([1]);
    assertClose(own.baseline, named.baseline, { rtol: 1e-14 });
    expect(own.means[0]).toBeGreaterThan(0);
    const controller = new AbortController();
    const stop = permutationImportance(model, frame, 'target', {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(stop).rejects.toThrow('enough');
  });

  test('what it refuses', async () => {
    const call = (options: any) => permutationImportance(model, frame, 'target', options);
    await expect(call({ nRepeats: 0 })).rejects.toThrow(/'nRepeats'.*at least 1.*Got 0/);
    await expect(call({ features: ['bmj'] })).rejects.toThrow(/"bmj".*no feature/);
    await expect(call({ scoring: 'accuracy' })).rejects.toThrow(/regressor/);
    await expect(call({ scoring: ['r2', 'negMeanSquaredError'] })).rejects.toThrow(/one score/);
    await expect(call({ repeats: 3 })).rejects.toThrow(/"repeats"/);
    await expect(permutationImportance(model, frame, 'targe')).rejects.toThrow(/Did you mean "target"/);
  });
});
