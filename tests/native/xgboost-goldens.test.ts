// The same libxgboost as Python's must give the same model and predictions to the last bit.
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openXgboost, type XgboostEngine } from '../../ts/native/xgboost.ts';
import type { XgboostBooster, XgboostPredictionKind } from '../../ts/native/xgboost-booster.ts';
import type { XgboostData } from '../../ts/native/xgboost-data.ts';
import { cases, type GoldenCase, goldenCase, goldenData } from './goldens.ts';
import { bytesOf, fixture, libraryFile, sha256, skipReason } from './support.ts';

describe.skipIf(skipReason)('libxgboost against Python', () => {
  const open = (): Promise<XgboostEngine> => openXgboost({ library: libraryFile });

  async function trained(c: GoldenCase, data: XgboostData, threads: number) {
    const rows = data.label!.length;
    const half = c.evals ? await goldenData(c, { rows: [Math.floor(rows / 2), rows] }) : data;
    using training = await (await open()).train({
      params: c.params,
      train: data,
      evals: c.evals ? [data, half] : [],
      threads,
    });
    const history = new Map<string, number[]>();
    for (let i = 0; i < c.rounds; i++)
      for (const { data: of, metric, value } of await training.step()) {
        const key = `${of} ${metric}`;
        history.set(key, [...(history.get(key) ?? []), value]);
      }
    // The model outlives the training here; finish() hands over what dispose() would free.
    return { history, model: await training.save() };
  }

  async function expectPredictions(c: GoldenCase, booster: XgboostBooster, data: XgboostData): Promise<void> {
    for (const [kind, expected] of Object.entries(c.predictions)) {
      const { shape, values } = await booster.predict(data, { kind: kind as XgboostPredictionKind });
      expect(
        shape.reduce((a, b) => a * b),
        kind,
      ).toBe(expected.shape.reduce((a, b) => a * b));
      expect([...values.subarray(0, 4)], kind).toEqual(expected.head);
      expect(sha256(bytesOf(values)), kind).toBe(expected.sha256);
    }
  }

  describe.each(cases)('$name', (c) => {
    test.each([1, 2])('trained with %i threads', async (threads) => {
      const data = await goldenData(c);
      const { history, model } = await trained(c, data, threads);
      expect([...history]).toEqual(c.history.map(([of, metric, values]) => [`${of} ${metric}`, values]));
      expect(model.length).toBe(c.ubj.length);
      expect(sha256(model)).toBe(c.ubj.sha256);
      using booster = await (await open()).load(model);
      await expectPredictions(c, booster, data);
      expect(sha256(await booster.save('json'))).toBe(c.json);
      const json = await booster.save('json');
      using again = await (await open()).load(json);
      await expectPredictions(c, again, data);
      if (c.gain) {
        const { features, scores } = await booster.importances('gain');
        expect(Object.fromEntries(features.map((f, i) => [f, scores.values[i]]))).toEqual(c.gain);
      }
    });
  });

  test.each(['breast_cancer_missing', 'wine_approx'])('%s: nulls in a validity bitmap are NaN', async (name) => {
    const c = goldenCase(name);
    const data = await goldenData(c, { nulls: true });
    const { model } = await trained(c, data, 2);
    expect(sha256(model)).toBe(c.ubj.sha256);
    using booster = await (await open()).load(model);
    await expectPredictions(c, booster, data);
  });

  test.each(['breast_cancer', 'diabetes_categories'])('%s: a model that Python saved', async (name) => {
    const c = goldenCase(name);
    using booster = await (await open()).load(fs.readFileSync(fixture(`xgboost-${name}.ubj`)));
    await expectPredictions(c, booster, await goldenData(c));
    expect(sha256(await booster.save())).toBe(c.ubj.sha256);
  });

  test('the finished training is the model', async () => {
    const c = goldenCase('digits');
    const data = await goldenData(c);
    const training = await (await open()).train({ params: c.params, train: data });
    for (let i = 0; i < c.rounds; i++) await training.step();
    using booster = await training.finish();
    await expect(training.step()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    await expectPredictions(c, booster, data);
    expect(sha256(await booster.save())).toBe(c.ubj.sha256);
  });

  test('batches are one matrix', async () => {
    const c = goldenCase('diabetes');
    const parts = await Promise.all(
      [
        [0, 100],
        [100, 101],
        [101, 442],
      ].map((rows) => goldenData(c, { rows: rows as [number, number] })),
    );
    using training = await (await open()).train({ params: c.params, train: parts });
    for (let i = 0; i < c.rounds; i++) await training.step();
    expect(sha256(await training.save())).toBe(c.ubj.sha256);
  });

  test('a training goes on from a model', async () => {
    const c = goldenCase('diabetes');
    const data = await goldenData(c);
    const engine = await open();
    using first = await engine.train({ params: c.params, train: data });
    for (let i = 0; i < 12; i++) await first.step();
    using second = await engine.train({ params: c.params, train: data, model: await first.save() });
    expect(second.rounds).toBe(12);
    for (let i = 12; i < c.rounds; i++) await second.step();
    expect(sha256(await second.save())).toBe(c.ubj.sha256);
  });

  test('rounds of a model: slice and range predict the same', async () => {
    const c = goldenCase('breast_cancer');
    const data = await goldenData(c);
    using booster = await (await open()).load(fs.readFileSync(fixture('xgboost-breast_cancer.ubj')));
    const all = await booster.predict(data);
    const some = await booster.predict(data, { rounds: [0, 4] });
    expect(some.values).not.toEqual(all.values);
    using slice = await booster.slice(0, 4);
    expect((await slice.describe()).rounds).toBe(4);
    expect((await slice.predict(data)).values).toEqual(some.values);
  });

  test('a model describes itself and keeps attributes', async () => {
    using booster = await (await open()).load(fs.readFileSync(fixture('xgboost-breast_cancer.ubj')));
    await booster.setAttributes({ best_iteration: '7', note: 'é "quoted"' });
    using again = await (await open()).load(await booster.save('json'));
    const { rounds, features, featureNames, attributes, config } = await again.describe();
    expect({ rounds, features, attributes }).toEqual({
      rounds: 10,
      features: 30,
      attributes: { best_iteration: '7', note: 'é "quoted"' },
    });
    expect(featureNames[0]).toBe('mean_radius');
    expect(JSON.parse(config).learner.objective.name).toBe('binary:logistic');
  });
});
