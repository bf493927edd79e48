// What callers give and get, whichever estimator: arrays for named features, tables, options, labels of other integer dtypes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import {
  columnTransformer,
  KMeans,
  LinearRegression,
  LogisticRegression,
  loadModel,
  MinMaxScaler,
  Pca,
  pipeline,
  Ridge,
  SimpleImputer,
  StandardScaler,
  type TransformerModel,
  XgbRegressor,
} from '../../ts/ml/index.ts';
import { Float64, Int64 } from '../../ts/schema/dtypes.ts';

const n = 40;
const a = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
const b = Float64Array.from({ length: n }, (_, i) => i % 5);
const y = a.map((v, i) => 2 * v - b[i]!);
const k = Int32Array.from(a, (v) => (v > 0 ? 1 : 0));
// The features' names are those of no array, and of other arrays' columns.
const df = fromColumns({ x1: a, x0: b, y, k });
const rows = Array.from(a, (v, i) => [v, b[i]!]);
const features = ['x1', 'x0'] as const;

describe('arrays are the features in the order of the fit', () => {
  test.each([
    ['a regressor', () => new LinearRegression().fit(df, 'y', { features })],
    ['boosting', () => new XgbRegressor({ nEstimators: 3, engine: 'wasm' }).fit(df, 'y', { features })],
    ['a clustering', () => new KMeans({ nClusters: 2, randomState: 1 }).fit(df, { features })],
    [
      'a pipeline',
      () =>
        pipeline([
          ['scale', new StandardScaler()],
          ['fit', new Ridge()],
        ]).fit(df, 'y', { features }),
    ],
  ])('of %s', async (_, fit) => {
    using model = (await fit()) as any;
    const expected = [...(await model.predict(df))];
    expect([...(await model.predict(rows))]).toEqual(expected);
    const data = Float64Array.from(rows.flat());
    expect([...(await model.predict({ data, nFeatures: 2 }))]).toEqual(expected);
    expect(await model.predict([])).toHaveLength(0);
    for (const wide of [[[1, 2, 3]], { data: new Float64Array(6), nFeatures: 3 }])
      await expect(model.predict(wide)).rejects.toMatchObject({
        code: 'ERR_SHAPE',
        message: expect.stringContaining('one a feature (x1, x0), but received 3'),
      });
  });

  test.each([
    ['a scaler', () => new StandardScaler().fit(df, { features })],
    ['an imputer', () => new SimpleImputer().fit(df, { features })],
    ['Pca', () => new Pca().fit(df, { features })],
    [
      'a column transformer',
      () => columnTransformer([['a', new MinMaxScaler(), ['x1', 'x0']]]).fit(df, null, { features }),
    ],
    [
      'a pipeline',
      () =>
        pipeline([
          ['scale', new StandardScaler()],
          ['pca', new Pca()],
        ]).fit(df, null, { features }),
    ],
  ])('in transform of %s', async (_, fit) => {
    using model = (await fit()) as TransformerModel;
    const names = model.featureNamesOut as never[];
    const expected = (
      await model
        .transform(df)
        .select(...names)
        .collect()
    ).toRecords();
    expect(
      (
        await model
          .transform(rows)
          .select(...names)
          .collect()
      ).toRecords(),
    ).toEqual(expected);
    expect(() => model.transform([[1, 2, 3]])).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }));
    expect(() => model.transform(3 as never)).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER' }));
  });

  test('in evaluate', async () => {
    using model = await new LinearRegression().fit(df, 'y', { features });
    expect((await model.evaluate(rows, y))['r2']).toBeCloseTo(1, 12);
  });
});

test('withPrediction takes a table, and never makes two columns of one name', async () => {
  using model = await new LogisticRegression().fit(df, 'k', { features });
  using table = await df.head(3).collect();
  using out = await model.withPrediction(table, { probabilities: 'p_' }).collect();
  expect(out.columns).toEqual(['x1', 'x0', 'y', 'k', 'prediction', 'p_0', 'p_1']);
  expect(() => model.withPrediction(df, { as: 'p_1', probabilities: 'p_' })).toThrow(
    expect.objectContaining({ code: 'ERR_PARAMETER', message: expect.stringContaining('two columns "p_1"') }),
  );
});

test('a frame with predictions keeps its model, and nothing else does', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
    }
  };
  const use = async (): Promise<{ model: WeakRef<object>; frame: ReturnType<typeof df.head> }> => {
    const model = await new KMeans({ nClusters: 2, randomState: 1 }).fit(df, { features });
    const frame = model.withPrediction(df.head(5));
    expect(await frame.count()).toBe(5);
    return { model: new WeakRef(model), frame };
  };
  let used: Awaited<ReturnType<typeof use>> | null = await use();
  const { model } = used;
  await settled();
  expect(model.deref()).toBeDefined();
  using table = await used.frame.collect();
  expect(table.height).toBe(5);
  used = null;
  await settled();
  expect(model.deref()).toBeUndefined();
});

test('labels are the same in every integer dtype', async () => {
  const wide = df.withColumns({ k: (c) => c.k.cast(Int64) });
  const float = df.withColumns({ k: (c) => c.k.cast(Float64) });
  using narrow = await new LogisticRegression().fit(df, 'k', { features });
  using big = await new LogisticRegression().fit(wide, 'k', { features });
  const { accuracy } = await narrow.evaluate(df);
  for (const model of [narrow, big])
    for (const frame of [df, wide, float]) expect((await model.evaluate(frame as never))['accuracy']).toBe(accuracy);
});

test('options that fit does not know are refused', async () => {
  const fit = (options: unknown): Promise<unknown> => new LinearRegression().fit(df, 'y', options as never);
  await expect(fit({ sampleWeights: 'x0' })).rejects.toMatchObject({
    code: 'ERR_PARAMETER',
    message: expect.stringContaining('Did you mean "sampleWeight"?'),
  });
  await expect(fit({ features, sampleWeight: null })).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
  await expect(new KMeans({ nClusters: 2 }).fit(df, 'k' as never)).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
});

test('evaluation refuses what is no number, unknown options and no rows', async () => {
  using model = await new LinearRegression().fit(df, 'y', { features });
  for (const wrong of [null, undefined, 'x', Number.NaN, Number.POSITIVE_INFINITY])
    await expect(model.evaluate(df, Array.from(y, (v, i) => (i === 3 ? wrong : v)) as never)).rejects.toMatchObject({
      code: 'ERR_TARGET',
      message: expect.stringContaining('in row 3'),
    });
  const sampleWeight = Array.from(y, (_, i) => (i === 3 ? null : 1));
  await expect(model.evaluate(df, 'y', { sampleWeight: sampleWeight as never })).rejects.toMatchObject({
    code: 'ERR_TARGET',
  });
  await expect(model.evaluate(df, 'y', { sampleWeights: 'x1' } as never)).rejects.toMatchObject({
    code: 'ERR_PARAMETER',
  });
  await expect(model.evaluate(df.head(0))).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  using classifier = await new LogisticRegression().fit(df, 'k', { features });
  await expect(classifier.evaluate(df.head(0))).rejects.toMatchObject({ code: 'ERR_SHAPE' });
});

test('rows that are missing from an array, or hold no numbers, are errors', async () => {
  const holed: number[][] = [[1]];
  holed[2] = [3];
  await expect(new LinearRegression().fit(holed, [1, 2, 3])).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  await expect(new LinearRegression().fit([[1n as never], [2]], [1, 2])).rejects.toMatchObject({
    code: 'ERR_PARAMETER',
  });
});

test('what mends missing values mends them', async () => {
  const holed = fromColumns({ x: [1, Number.NaN, 3], y: [1, 2, 3], w: [1, Number.NaN, 1] });
  await expect(new LinearRegression().fit(holed, 'y', { features: ['x'] })).rejects.toThrow(
    /SimpleImputer.*frame\.filter\(\(c\) => c\["x"\]\.isFinite\(\)\)/,
  );
  await expect(new LinearRegression().fit(holed, 'x', { features: ['y'], sampleWeight: 'w' })).rejects.toMatchObject({
    code: 'ERR_TARGET',
  });
  await expect(
    new LinearRegression().fit(
      holed.filter((c) => c.x.isFinite()),
      'x',
      { features: ['y'], sampleWeight: [1, Number.NaN] },
    ),
  ).rejects.toThrow(/weight of 0/);
});

test('a model may be saved to one file twice at once', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'save-'));
  try {
    using model = await new LinearRegression().fit(df, 'y', { features });
    const file = path.join(folder, 'm.model');
    await Promise.all([model.save(file), model.save(file), model.save(file)]);
    expect(fs.readdirSync(folder)).toEqual(['m.model']);
    using loaded = await loadModel(file);
    expect(loaded.estimator).toBe('LinearRegression');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
