// Models behind encoders, imputer and scaler: what they learn, from which rows, and what comes back from their files.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromColumns, readParquet, runJob } from '../../ts/index.ts';
import { PreparedEstimator } from '../../ts/ml/compose/prepared.ts';
import { PreparedClassifierModel, partsOf, preparedModel } from '../../ts/ml/compose/prepared-models.ts';
import { neededSteps } from '../../ts/ml/compose/source-columns.ts';
import type { Fitted } from '../../ts/ml/core/fitted.ts';
import { loadModel } from '../../ts/ml/core/load-model.ts';
import type { ClassifierModel } from '../../ts/ml/core/model.ts';
import { readModel, writeModel } from '../../ts/ml/core/model-file.ts';
import { LogisticRegression } from '../../ts/ml/linear/logistic-regression.ts';
import { StandardScaler } from '../../ts/ml/preprocessing/standard-scaler.ts';

let folder = '';
const at = (name: string): string => path.join(folder, name);
const N = 1200;
const rows = () =>
  fromColumns({
    age: Array.from({ length: N }, (_, i) => (i % 17 === 0 ? null : (i * 31) % 60)),
    town: Array.from({ length: N }, (_, i) => ['Oslo', 'Rome', 'Lima', 'Bonn'][(i * 7) % 4] as string),
    size: Array.from({ length: N }, (_, i) => ['s', 'm', 'l'][(i * 5) % 3] as string),
    label: Array.from({ length: N }, (_, i) => ((i * 31) % 60 > 30 === (i * 7) % 4 < 2 ? 'yes' : 'no')),
  });
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-prepared-'));
  await rows().writeParquet(at('rows.parquet'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const preparation = {
  impute: 'median',
  encode: { town: 'oneHot', size: 'ordinal' },
  scale: 'standard',
  randomState: 1,
} as const;
const features = ['age', 'town', 'size'];

describe('a prepared model', () => {
  const fitted = async () => {
    const estimator = new PreparedEstimator(new LogisticRegression(), preparation);
    return (await estimator.fitAny(rows(), 'label', { features })) as ClassifierModel;
  };
  test('reads the columns as they are, and comes back from its file', async () => {
    using model = await fitted();
    expect(model).toBeInstanceOf(PreparedClassifierModel);
    expect(model.featureNamesIn).toEqual(features);
    expect(model.classes).toEqual(['no', 'yes']);
    await model.save(at('m.wfm'));
    using back = (await loadModel(at('m.wfm'))) as ClassifierModel;
    expect(back).toBeInstanceOf(PreparedClassifierModel);
    using a = await model.predictProba(rows());
    using b = await back.predictProba(rows());
    expect(b.toColumns()).toEqual(a.toColumns());
    expect([...(await back.predict(rows()))]).toEqual([...(await model.predict(rows()))]);
    expect(await back.evaluate(rows())).toEqual(await model.evaluate(rows()));
  });
  test('learns as the steps do one by one', async () => {
    const scaled = new PreparedEstimator(new LogisticRegression(), { ...preparation, impute: null, encode: {} });
    const data = rows().dropNulls('age');
    using model = (await scaled.fitAny(data, 'label', { features: ['age'] })) as ClassifierModel;
    using scaler = await new StandardScaler().fit(data, { features: ['age'] as never[] });
    using alone = await new LogisticRegression().fit(scaler.transform(data), 'label' as never, {
      features: ['age'] as never[],
    });
    using a = await model.predictProba(data);
    using b = await alone.predictProba(scaler.transform(data));
    expect(a.toColumns()).toEqual(b.toColumns());
  });
  test('takes categories and nulls that training has not seen', async () => {
    using model = await fitted();
    const odd = fromColumns({ age: [null, 20], town: ['Paris', 'Rome'], size: ['xxl', 's'] });
    expect((await model.predict(odd)).length).toBe(2);
    await expect(model.predict(odd.drop('size'))).rejects.toMatchObject({ code: 'ERR_COLUMN_NOT_FOUND' });
  });
  test('is the estimator itself where nothing is to be prepared', async () => {
    const bare = new PreparedEstimator(new LogisticRegression(), {
      impute: null,
      encode: {},
      scale: null,
      randomState: 0,
    });
    using model = (await bare.fitAny(rows().dropNulls('age'), 'label', { features: ['age'] })) as ClassifierModel;
    expect(model).not.toBeInstanceOf(PreparedClassifierModel);
    expect(partsOf(model).steps).toEqual([]);
  });
  test('a file with parts missing or of the wrong kind is broken', async () => {
    using model = await fitted();
    const good = model.toFitted();
    const broken = async (change: Partial<Fitted>): Promise<void> => {
      const bytes = writeModel({ ...good, ...change });
      expect(readModel(bytes, 'x').estimator).toBe('PreparedModel');
      await expect(loadModel(bytes)).rejects.toMatchObject({ code: 'ERR_CORRUPT_FILE' });
    };
    const { step0, final, ...others } = good.models as Record<string, Fitted>;
    await broken({ models: { ...others, final: final as Fitted } });
    await broken({ models: { ...others, step0: step0 as Fitted } });
    await broken({ models: { ...others, step0: final as Fitted, final: final as Fitted } });
    await broken({ models: { ...others, step0: step0 as Fitted, final: step0 as Fitted } });
    await broken({ json: { ...good.json, steps: 1e9 } });
    await broken({ json: { ...good.json, steps: -1 } });
    await broken({ json: { ...good.json, source: { rename: 3, cast: {}, fillNull: {}, derive: [] } } });
    await broken({ json: { ...good.json, source: { rename: {}, cast: {}, fillNull: {}, derive: [['a']] } } });
  });
  test('expressions of a file run no code', async () => {
    using model = await fitted();
    const source = { rename: {}, cast: {}, fillNull: {}, derive: [['age', 'process.exit(1)']] as const };
    const evil = preparedModel({ ...partsOf(model as never), source: source as never });
    using back = (await loadModel(evil.toBytes())) as ClassifierModel;
    await expect(back.predict(rows())).rejects.toMatchObject({ code: 'ERR_PARSE' });
  });
});

test('only the steps that the features need are kept', () => {
  const steps = {
    rename: { OLD: 'a', Other: 'z' },
    cast: { a: 'Int64', z: 'Int64' },
    fillNull: { b: 0, y: 1 },
    derive: [
      ['c', 'a + b'],
      ['d', 'c * 2'],
      ['e', 'z + 1'],
    ] as const,
  };
  const { steps: kept, reads } = neededSteps(steps, ['d', 'f']);
  expect(kept).toEqual({
    rename: { OLD: 'a' },
    cast: { a: 'Int64' },
    fillNull: { b: 0 },
    derive: [
      ['c', 'a + b'],
      ['d', 'c * 2'],
    ],
  });
  expect([...reads].sort()).toEqual(['a', 'b', 'f']);
});

describe('jobs with preparation', () => {
  const job = (model: object, more: object = {}) =>
    runJob({
      data: { trainingPath: at('rows.parquet'), target: 'label', ...more },
      model: model as never,
      output: { folder: at('run'), report: false },
    });
  test.each(['target', 'oneHot', 'ordinal'] as const)('%s encoding', async (way) => {
    const result = await job(
      { type: 'XgbClassifier', params: { nEstimators: 20, engine: 'wasm' } },
      { encode: { town: way, size: way } },
    );
    expect(result.models[0]?.metrics['rocAuc']).toBeGreaterThan(0.9);
    expect(result.columns.find((c) => c.name === 'town')).toMatchObject({ role: 'feature', note: `${way} encoded` });
    using model = (await loadModel(at('run/model.wfm'))) as ClassifierModel;
    expect((await model.evaluate(await readParquet(at('rows.parquet'))))['rocAuc']).toBeGreaterThan(0.9);
  });
  test('impute and scale, and a search within', async () => {
    const result = await job(
      {
        type: 'LogisticRegression',
        scale: 'minMax',
        search: { method: 'random', nIter: 2, params: { c: [0.01, 1, 100] }, folds: 2 },
      },
      { impute: 'mean', encode: { town: 'oneHot', size: 'oneHot' } },
    );
    expect([0.01, 1, 100]).toContain(result.models[0]?.params['c']);
  });
  test('a model without its encodings says so', async () => {
    await expect(
      runJob({
        data: { trainingPath: at('rows.parquet'), target: 'label', impute: 'mean' },
        models: [
          { type: 'LogisticRegression', encode: { town: 'oneHot' } },
          { type: 'XgbClassifier', name: 'other', params: { engine: 'wasm' } },
        ],
        output: { folder: at('run'), report: false },
      }),
    ).rejects.toThrow(/models\[1\].encode does not say how "town" becomes numbers for other/);
  });
  test('clusters', async () => {
    const result = await runJob({
      data: {
        trainingPath: at('rows.parquet'),
        features: ['age', 'size'],
        encode: { size: 'ordinal' },
        impute: 'mean',
      },
      model: { type: 'KMeans', params: { nClusters: 3 }, scale: 'standard' },
      output: { folder: at('run'), path: at('clusters.csv'), report: false },
    });
    expect(result).toMatchObject({ useCase: 'clustering', primaryMetric: 'silhouette', rows: { train: N, test: 0 } });
    expect(result.models[0]?.metrics).toMatchObject({
      nClusters: 3,
      silhouette: expect.any(Number),
      inertia: expect.any(Number),
    });
    expect(fs.readFileSync(at('clusters.csv'), 'utf8').split('\n')).toHaveLength(N + 2);
  });
});
