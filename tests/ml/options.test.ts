// What callers may get wrong in options, and what options mean together.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DataFrame, fromColumns } from '../../ts/index.ts';
import {
  GaussianNb,
  KMeans,
  KNeighborsClassifier,
  LinearRegression,
  LogisticRegression,
  pipeline,
  StandardScaler,
  XgbClassifier,
  XgbRegressor,
} from '../../ts/ml/index.ts';
import { assertClose } from '../support/ml.ts';

const hours = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4];
const passed = [0, 0, 0, 1, 0, 1, 1, 1];
const df: DataFrame<any> = fromColumns({ hours, twice: hours.map((h) => h * 2 + Math.sin(h * 9)), passed });
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_PARAMETER', message: expect.stringMatching(message) });

describe('evaluate refuses metrics that it does not know', () => {
  test('of a regressor', async () => {
    using model = await new LinearRegression().fit(df, 'passed');
    await expect(model.evaluate(df, 'passed', { metrics: ['rsme'] })).rejects.toThrow(
      refused(/Unknown metric "rsme" of LinearRegression model evaluate\. Did you mean "rmse"\? Metrics: mse, rmse/),
    );
    await expect(model.evaluate(df, 'passed', { metrics: 'mse' as never })).rejects.toThrow(refused(/must be a list/));
    expect(Object.keys(await model.evaluate(df, 'passed', { metrics: ['r2'] }))).toContain('r2');
  });
  test('of a classifier', async () => {
    using model = await new GaussianNb().fit(df, 'passed');
    await expect(model.evaluate(df, 'passed', { metrics: ['rocAUC'] })).rejects.toThrow(
      refused(/Did you mean "rocAuc"\?/),
    );
    expect((await model.evaluate(df, 'passed', { metrics: ['rocAuc'] }))['rocAuc']).toBeGreaterThan(0.5);
  });
});

describe('predictions refuse options that they do not know', () => {
  const wrong = { thread: 1 } as never;
  const message = /Unknown option "thread" of .* model \w+\. Did you mean "threads"\?/;
  test('linear, classes, clusters, neighbours', async () => {
    using linear = await new LinearRegression().fit(df, 'passed');
    using logistic = await new LogisticRegression().fit(df, 'passed');
    using clusters = await new KMeans({ nClusters: 2 }).fit(df);
    using near = await new KNeighborsClassifier({ nNeighbors: 2 }).fit(df, 'passed');
    await expect(linear.predict(df, wrong)).rejects.toThrow(refused(message));
    await expect(logistic.predict(df, wrong)).rejects.toThrow(refused(message));
    await expect(logistic.predictProba(df, wrong)).rejects.toThrow(refused(message));
    await expect(logistic.decisionFunction(df, wrong)).rejects.toThrow(refused(message));
    await expect(clusters.predict(df, wrong)).rejects.toThrow(refused(message));
    await expect(near.kneighbors(df, wrong)).rejects.toThrow(refused(message));
    for (const model of [linear, logistic, clusters])
      expect(() => model.withPrediction(df, wrong)).toThrow(refused(message));
    expect(() => linear.withPrediction(df, { probabilities: 'p' } as never)).toThrow(refused(/Unknown option "prob/));
  });
  test('boosting knows one more, a pipeline what its last step knows', async () => {
    const params = { nEstimators: 3, maxDepth: 2, engine: 'wasm' as const };
    using boosted = await new XgbClassifier(params).fit(df, 'passed');
    await expect(boosted.predict(df, wrong)).rejects.toThrow(refused(message));
    await expect(boosted.predictLeaf(df, wrong)).rejects.toThrow(refused(message));
    const first = { iterationRange: [0, 1] } as never;
    expect((await boosted.predict(df, first)).length).toBe(8);
    const whole = await pipeline([
      ['scale', new StandardScaler()],
      ['model', new XgbRegressor(params)],
    ]).fit(df, 'passed');
    expect((await whole.predict(df, first)).length).toBe(8);
    await expect(whole.predict(df, wrong)).rejects.toThrow(refused(message));
    whole.dispose();
  });
});

test('features and exclude count together', async () => {
  using model = await new LinearRegression().fit(df, 'passed', { features: ['hours', 'twice'], exclude: ['twice'] });
  expect(model.featureNamesIn).toEqual(['hours']);
  await expect(new LinearRegression().fit(df, 'passed', { features: ['hours'], exclude: ['hours'] })).rejects.toThrow(
    refused(/'exclude' option of LinearRegression\.fit leaves none of the 'features': hours/),
  );
});

test('a pipeline takes rows of numbers as one evaluation set', async () => {
  const rows = hours.map((h, i) => [h, i % 3]);
  const make = () =>
    pipeline([
      ['scale', new StandardScaler()],
      ['model', new XgbRegressor({ nEstimators: 3, maxDepth: 2, engine: 'wasm', randomState: 1 })],
    ]);
  const frame = fromColumns({ a: rows.map((r) => r[0]!), b: rows.map((r) => r[1]!), y: passed });
  const [one, other] = await Promise.all([
    make().fit(frame, 'y', { evalSet: { frame: rows, target: passed } } as never),
    make().fit(frame, 'y', { evalSet: frame } as never),
  ]);
  const curves = (m: unknown): unknown =>
    (m as { step(name: string): { evalsResult: unknown } }).step('model').evalsResult;
  expect(curves(one)).toEqual(curves(other));
  // Without a target beside them they are refused for that, not for being many sets.
  await expect(make().fit(frame, 'y', { evalSet: rows } as never)).rejects.toThrow(/"y".*not found|target/);
  one.dispose();
  other.dispose();
});

test('a small fit tells its progress', async () => {
  const told: number[] = [];
  using model = await new LinearRegression().fit(df, 'passed', {
    onProgress: ({ fraction, doneRows }) => told.push(fraction ?? -1, doneRows),
  });
  expect(told.slice(-2)).toEqual([1, 8]);
  expect(model.nFeaturesIn).toBe(2);
});

test('a model that cannot be saved names the folder that is not there', async () => {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'wf-save-')), 'models');
  using linear = await new LinearRegression().fit(df, 'passed');
  using boosted = await new XgbRegressor({ nEstimators: 1, engine: 'wasm' }).fit(df, 'passed');
  for (const [model, name] of [
    [linear, 'm.wf'],
    [boosted, 'm.wf'],
    [boosted, 'm.json'],
  ] as const) {
    const file = path.join(folder, name);
    await expect(model.save(file)).rejects.toMatchObject({
      code: 'ERR_IO',
      message: `Cannot write ${file}: the folder ${folder} does not exist. Make it first.`,
      detail: { path: file },
    });
  }
});

describe('balanced classes and sample weights', () => {
  const weights = [1, 2, 1, 4, 1, 3, 2, 5];
  test('of a logistic regression make sums of weights equal, as scikit-learn 1.9', async () => {
    using model = await new LogisticRegression({ classWeight: 'balanced', tol: 1e-12 }).fit(df, 'passed', {
      features: ['hours'],
      sampleWeight: weights,
    });
    assertClose(model.coef, [1.5157254071570967], { rtol: 1e-6 });
    assertClose(model.intercept, [-3.3032360496072837], { rtol: 1e-6 });
  });
  test('a class whose weights are all 0 cannot be balanced', async () => {
    await expect(
      new LogisticRegression({ classWeight: 'balanced' }).fit(df, 'passed', {
        sampleWeight: passed.map((p) => (p === 1 ? 1 : 0)),
      }),
    ).rejects.toThrow(refused(/class 0 are all 0, so it cannot be balanced/));
  });
});
