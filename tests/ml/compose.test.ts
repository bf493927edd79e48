// Pipelines and column transformers: the same numbers as the steps by hand, and nothing of the target in the features.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import {
  ColumnTransformer,
  columnTransformer,
  crossValidate,
  GridSearch,
  KMeans,
  LinearRegression,
  loadModel,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  Pca,
  PipelineClustererModel,
  PipelineRegressorModel,
  PipelineTransformerModel,
  pipeline,
  Ridge,
  SimpleImputer,
  StandardScaler,
  TargetEncoder,
} from '../../ts/ml/index.ts';
import { walkPlan } from '../../ts/plan/walk.ts';
import { assertClose, goldenFeatures, goldenFrame } from '../support/ml.ts';

const N = 120;
const numbers = (f: (i: number) => number): Float64Array => Float64Array.from({ length: N }, (_, i) => f(i));
/** Numbers with gaps, words, an id, weights, and a target that they explain. */
const frame = (): DataFrame<any> => {
  const city = Array.from({ length: N }, (_, i) => ['Oslo', 'Rome', 'Lima'][(i * 7) % 3]!);
  const x = Array.from({ length: N }, (_, i) => (i % 11 === 0 ? null : Math.sin(i) * 5));
  return fromColumns({
    id: Array.from({ length: N }, (_, i) => `row ${i}`),
    x,
    z: numbers((i) => (i * 37) % 17),
    city,
    w: numbers((i) => 1 + (i % 3)),
    y: numbers((i) => (x[i] ?? 0) * 2 + ((i * 37) % 17) + { Oslo: 0, Rome: 10, Lima: -5 }[city[i]!]! + Math.cos(i * 3)),
  });
};
const FEATURES = ['x', 'z', 'city'];
const steps = () =>
  pipeline([
    ['fill', new SimpleImputer()],
    ['code', new OneHotEncoder({ drop: 'first' })],
    ['scale', new StandardScaler()],
    ['model', new LinearRegression()],
  ]);

describe('pipeline', () => {
  test('gives what its steps give by hand', async () => {
    const df = frame();
    using model = await steps().fit(df, 'y', { features: FEATURES });
    expect(model).toBeInstanceOf(PipelineRegressorModel);
    expectTypeOf(model).toEqualTypeOf<PipelineRegressorModel>();
    expect(model.kind).toBe('regressor');
    expect(model.featureNamesIn).toEqual(FEATURES);
    expect(model.step('model').featureNamesIn).toEqual(['x', 'z', 'city_Oslo', 'city_Rome']);
    using fill = await new SimpleImputer().fit(df, { features: ['x', 'z'] });
    const filled = fill.transform(df);
    using code = await new OneHotEncoder({ drop: 'first' }).fit(filled, { features: ['city'] });
    const coded = code.transform(filled);
    using scale = await new StandardScaler().fit(coded, { features: ['x', 'z', ...code.featureNamesOut] });
    const scaled = scale.transform(coded);
    using last = await new LinearRegression().fit(scaled, 'y', { features: scale.featureNamesOut as never[] });
    const expected = (await last.predict(scaled)).toArray();
    expect((await model.predict(df)).toArray()).toEqual(expected);
    const bytes = model.toBytes();
    const loaded = (await loadModel(bytes)) as PipelineRegressorModel;
    expect((await loaded.predict(df)).toArray()).toEqual(expected);
    expect(loaded.featureNamesIn).toEqual(FEATURES);
    expect((await model.evaluate(df))['r2']).toBeGreaterThan(0.9);
    using shown = await model.withPrediction(df).collect();
    expect(shown.columns).toEqual([...df.columns, 'prediction']);
    expect(shown.column('prediction' as never).toArray()).toEqual(expected);
  });

  test('keeps target, weights and excluded columns out of the features', async () => {
    const df = frame();
    using model = await steps().fit(df, 'y', { sampleWeight: 'w', exclude: ['id'] });
    expect(model.featureNamesIn).toEqual(['x', 'z', 'city']);
    for (const [, step] of model.steps) {
      expect(step.featureNamesIn).not.toContain('y');
      expect(step.featureNamesIn).not.toContain('w');
    }
    // Weights reach the steps that take them.
    using unweighted = await steps().fit(df, 'y', { features: FEATURES });
    const mean = (m: PipelineRegressorModel): Float64Array => (m.step('scale') as any).mean;
    expect(mean(model)).not.toEqual(mean(unweighted));
    const w = numbers((i) => 1 + (i % 3));
    const y = (await df.select('y').collect()).column('y' as never).toArray() as Float64Array;
    using arrays = await steps().fit(df.select('x', 'z', 'city'), y, { sampleWeight: w });
    expect((await arrays.predict(df.select('x', 'z', 'city'))).toArray()).toEqual((await model.predict(df)).toArray());
    expect(arrays.targetName).toBe(null);
    await expect(steps().fit(df, 'y', { features: ['x', 'y'] })).rejects.toThrow(/"y" is the target/);
    await expect(steps().fit(df.head(4), Float64Array.of(1, 2))).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  });

  test('a target encoder inside does not show a row its own target', async () => {
    const n = 300;
    // Every row a word of its own, and a target of noise: encoding rows by themselves would predict it.
    const noise = fromColumns({
      id: Array.from({ length: n }, (_, i) => `id ${i}`),
      y: Float64Array.from({ length: n }, (_, i) => Math.sin(i * i)),
    });
    const noisy = pipeline([
      ['code', new TargetEncoder({ randomState: 1 })],
      ['model', new LinearRegression()],
    ]);
    using model = await noisy.fit(noise, 'y');
    // A row that saw itself would give a coefficient of 1; the others' mean falls where its own target is high.
    expect((model.step('model') as any).coef[0]).toBeLessThan(0);
    const fresh = noise.withColumns({ id: (c) => c.id.str.concat('?') });
    expect((await model.evaluate(fresh))['r2']).toBeLessThan(0.1);
  });

  test('addresses parameters by path', async () => {
    const p = pipeline([
      ['scale', new StandardScaler()],
      ['model', new Ridge({ alpha: 3 })],
    ]);
    expect(p.getParams()).toMatchObject({ 'scale.withMean': true, 'scale.withStd': true, 'model.alpha': 3 });
    const q = p.withParams({ 'model.alpha': 10, 'scale.withMean': false });
    expect(q.getParams()).toMatchObject({ 'scale.withMean': false, 'model.alpha': 10 });
    expect(p.getParams()['model.alpha']).toBe(3);
    expect(q).toBeInstanceOf(p.constructor);
    expect(() => p.withParams({ 'model.alpa': 1 })).toThrow(
      /Pipeline has no parameter 'model.alpa'. Did you mean 'model.alpha'\?/,
    );
    expect(() => p.withParams({ 'model.alpha': -1 })).toThrow(
      /The 'model.alpha' parameter of Pipeline must be a number/,
    );
    expect(p.withParams({ model: new LinearRegression(), 'model.fitIntercept': false }).getParams()).toMatchObject({
      'model.fitIntercept': false,
    });
    expect(() => p.withParams({ model: 3 })).toThrow(/'model' parameter of Pipeline must be an estimator/);
    const nested = pipeline([
      ['inner', p.withParams({ model: new MinMaxScaler() })],
      ['last', new LinearRegression()],
    ]);
    expect(nested.withParams({ 'inner.scale.withStd': false }).getParams()['inner.scale.withStd']).toBe(false);
    const df = await goldenFrame('diabetes');
    const search = new GridSearch(p, { 'model.alpha': [0.1, 1000] }, { cv: 3 });
    const found = await search.fit(df, 'target');
    expect(found.bestParams).toEqual({ 'model.alpha': 0.1 });
    const scores = await crossValidate(p, df, 'target', { cv: 3 });
    expect(scores).toBeDefined();
    using model = await nested.fit(df, 'target');
    using plain = await new LinearRegression().fit(df, 'target');
    assertClose(
      (await model.predict(df)).toArray() as Float64Array,
      (await plain.predict(df)).toArray() as Float64Array,
    );
  });

  test('refuses steps that make no pipeline', () => {
    expect(() => pipeline([])).toThrow(/Expected a list of \[name, estimator\]/);
    expect(() =>
      pipeline([
        ['a', new LinearRegression()],
        ['b', new Ridge()],
      ]),
    ).toThrow(/Step 'a' is a regressor/);
    expect(() => pipeline([['a.b', new Ridge()]])).toThrow(/hold a dot/);
    expect(() =>
      pipeline([
        ['a', new StandardScaler()],
        ['a', new Ridge()],
      ]),
    ).toThrow(/two steps named 'a'/);
    expect(() => pipeline([['a', 3 as never]])).toThrow(/Expected \[name, estimator\] for step 0/);
  });

  test('says which step has no columns, and which feature nobody encodes', async () => {
    const df = frame();
    await expect(steps().fit(df, 'y', { features: ['x', 'z'] })).rejects.toThrow(
      /Step 'code' of Pipeline.fit, OneHotEncoder/,
    );
    const p = pipeline([
      ['scale', new StandardScaler()],
      ['model', new LinearRegression()],
    ]);
    await expect(p.fit(df.drop('x'), 'y', { features: ['z', 'city'] })).rejects.toMatchObject({ code: 'ERR_DTYPE' });
    // Without names, text that no step takes is left alone.
    using model = await p.fit(df.drop('x'), 'y');
    expect(model.featureNamesIn).toEqual(['z', 'w']);
    await expect(p.fit(df, 'y')).rejects.toMatchObject({ code: 'ERR_MISSING_VALUES' });
    await expect(model.predict(df.drop('z'))).rejects.toMatchObject({ code: 'ERR_COLUMN_NOT_FOUND' });
    expect(() => model.step('nope')).toThrow(/Steps: scale, model/);
  });

  test('transforms lazily, and turns back', async () => {
    const df = frame();
    const p = pipeline([
      ['fill', new SimpleImputer()],
      ['scale', new MinMaxScaler({ featureRange: [-1, 1] })],
    ]);
    using model = await p.fit(df, null, { features: ['x', 'z'] });
    expect(model).toBeInstanceOf(PipelineTransformerModel);
    const out = model.transform(df);
    const kinds = new Set<string>();
    walkPlan(DataFrame.planOf(out), (n) => void kinds.add(n.node));
    expect([...kinds].sort()).toEqual(['project', 'table']);
    const whole = pipeline([
      ['scale', new StandardScaler()],
      ['range', new MinMaxScaler()],
    ]);
    const golden = await goldenFrame('diabetes');
    using scaled = await whole.fit(golden, null, { features: goldenFeatures('diabetes') });
    using back = await scaled.inverseTransform(scaled.transform(golden)).collect();
    using there = await golden.collect();
    for (const name of goldenFeatures('diabetes'))
      assertClose(back.column(name as never).toArray() as any, there.column(name as never).toArray() as any, {
        rtol: 1e-9,
        atol: 1e-9,
      });
    expect(() => model.inverseTransform(out)).toThrow(/addIndicator/);
  });

  test('ends in a clusterer, and passes through steps that are not expressions', async () => {
    const iris = await goldenFrame('iris');
    const p = pipeline([
      ['scale', new StandardScaler()],
      ['pca', new Pca({ nComponents: 2 })],
      ['again', new StandardScaler()],
      ['groups', new KMeans({ nClusters: 3, randomState: 1 })],
    ]);
    using model = await p.fit(iris, null, { features: goldenFeatures('iris') });
    expect(model).toBeInstanceOf(PipelineClustererModel);
    expect([...(await model.predict(iris)).toArray()]).toEqual([...model.labels]);
    const loaded = await loadModel(model.toBytes());
    expect([...(await (loaded as PipelineClustererModel).predict(iris)).toArray()]).toEqual([...model.labels]);
  });

  test('stops between and within steps, and frees what it fitted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(steps().fit(frame(), 'y', { features: FEATURES, signal })).rejects.toThrow('enough');
    const model = await steps().fit(frame(), 'y', { features: FEATURES });
    model.dispose();
    model.dispose();
    await expect(model.predict(frame())).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    await expect((model.step('model') as any).predict(frame())).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });

  test('a file whose steps are others is a typed error', async () => {
    using model = await steps().fit(frame(), 'y', { features: FEATURES });
    const { writeModel } = await import('../../ts/ml/core/model-file.ts');
    const fitted = model.toFitted();
    const { model: last, ...others } = fitted.models!;
    for (const wrong of [
      { ...fitted, models: others },
      { ...fitted, json: { steps: ['model', 'fill'] } },
      { ...fitted, json: {} },
      { ...fitted, models: { ...others, model: { ...last!, estimator: 'Nothing' } } },
    ])
      await expect(loadModel(writeModel(wrong as never))).rejects.toMatchObject({
        code: expect.stringMatching(/ERR_CORRUPT_FILE|ERR_UNSUPPORTED/),
      });
  });
});

describe('columnTransformer', () => {
  const columns = (remainder: 'drop' | 'passthrough' = 'drop') =>
    columnTransformer(
      [
        [
          'num',
          pipeline([
            ['fill', new SimpleImputer()],
            ['scale', new StandardScaler()],
          ]),
          ['x'],
        ],
        ['cat', new OneHotEncoder(), 'text'],
      ],
      { remainder },
    );

  test('gives each part its columns, and leaves the rest out or alone', async () => {
    const df = frame().drop('id');
    using dropped = await columns().fit(df, 'y', { exclude: ['w'] });
    expect(dropped.featureNamesOut).toEqual(['x', 'city_Lima', 'city_Oslo', 'city_Rome']);
    expect(dropped.transform(df).columns).toEqual(['x', 'city_Lima', 'city_Oslo', 'city_Rome', 'w', 'y']);
    using kept = await columns('passthrough').fit(df, 'y', { exclude: ['w'] });
    expect(kept.featureNamesOut).toEqual(['x', 'city_Lima', 'city_Oslo', 'city_Rome', 'z']);
    using fill = await new SimpleImputer().fit(df, { features: ['x'] });
    using scale = await new StandardScaler().fit(fill.transform(df), { features: ['x'] });
    using one = await scale.transform(fill.transform(df)).select('x').collect();
    using other = await kept.transform(df).select('x').collect();
    expect(other.toRecords()).toEqual(one.toRecords());
    const loaded = (await loadModel(kept.toBytes())) as typeof kept;
    using third = await loaded.transform(df).collect();
    using fourth = await kept.transform(df).collect();
    expect(third.toRecords()).toEqual(fourth.toRecords());
    expect(loaded.part('cat').featureNamesIn).toEqual(['city']);
  });

  test('sits in a pipeline, with paths through both', async () => {
    const df = frame();
    const p = pipeline([
      ['columns', columns('passthrough')],
      ['model', new LinearRegression()],
    ]);
    using model = await p.withParams({ 'columns.num.scale.withMean': false }).fit(df, 'y', { features: FEATURES });
    expect(model.step('model').featureNamesIn).toEqual(['x', 'city_Lima', 'city_Oslo', 'city_Rome', 'z']);
    using direct = await steps().fit(df, 'y', { features: FEATURES });
    // The same space of features: the same predictions.
    assertClose((await model.predict(df)).toArray() as any, (await direct.predict(df)).toArray() as any, {
      rtol: 1e-8,
    });
    expect(p.withParams({ 'columns.remainder': 'drop' }).getParams()['columns.remainder']).toBe('drop');
    const targeted = pipeline([
      [
        'columns',
        columnTransformer([['t', new TargetEncoder({ randomState: 2 }), ['city']]], { remainder: 'passthrough' }),
      ],
      ['model', new LinearRegression()],
    ]);
    using scored = await targeted.fit(df.drop('x'), 'y', { features: ['z', 'city'] });
    expect((await scored.evaluate(df))['r2']).toBeGreaterThan(0.5);
  });

  test('refuses columns that overlap or are not there', async () => {
    expect(() =>
      columnTransformer([
        ['a', new StandardScaler(), ['x']],
        ['b', new MinMaxScaler(), ['x']],
      ]),
    ).toThrow(/Column "x" is in the parts 'a' and 'b'/);
    expect(() => columnTransformer([['a', new StandardScaler(), 'all' as never]])).toThrow(
      /a list of names, 'numeric' or 'text'/,
    );
    expect(() => columnTransformer([['a', new LinearRegression(), ['x']]])).toThrow(/must be a transformer/);
    expect(() => columnTransformer([['remainder', new StandardScaler(), ['x']]])).toThrow(/one of its own parameters/);
    expect(() => columnTransformer([['a', new StandardScaler(), ['x']]], { remainder: 'keep' as never })).toThrow(
      /'remainder' parameter of ColumnTransformer must be one of/,
    );
    const df = frame();
    await expect(columnTransformer([['a', new StandardScaler(), ['q']]]).fit(df)).rejects.toThrow(/"q" of part 'a'/);
    await expect(columnTransformer([['a', new OrdinalEncoder(), 'text']]).fit(df.select('x', 'z'))).rejects.toThrow(
      /is for text columns/,
    );
    expect(
      new ColumnTransformer([['a', new StandardScaler(), ['x']]]).withParams({ remainder: 'passthrough' }).getParams(),
    ).toMatchObject({ remainder: 'passthrough', 'a.withMean': true });
  });
});
