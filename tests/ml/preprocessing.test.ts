// Scalers, encoders and the imputer against scikit-learn's results.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import {
  loadModel,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  SimpleImputer,
  StandardScaler,
  TargetEncoder,
  type TransformerModel,
} from '../../ts/ml/index.ts';
import { Categorical, Float64, Int32, nullable, Utf8 } from '../../ts/schema/dtypes.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, weightedFrame } from '../support/ml.ts';

const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase());
const VALUES: Record<string, string> = {
  if_binary: 'ifBinary',
  use_encoded_value: 'useEncodedValue',
  most_frequent: 'mostFrequent',
};
/** scikit-learn's parameters in our spelling. */
const ours = (params: Record<string, any>): Record<string, any> =>
  Object.fromEntries(Object.entries(params).map(([k, v]) => [camel(k), typeof v === 'string' ? (VALUES[v] ?? v) : v]));

/** Columns of a frame at some rows, row by row. */
async function rowsOf(frame: DataFrame<any>, names: readonly string[], rows: readonly number[]): Promise<any[][]> {
  using table = await frame.select(...(names as never[])).collect();
  const all = table.toRecords() as Record<string, any>[];
  return rows.map((r) => names.map((n) => all[r]![n]));
}

/** The model again, from its bytes. */
async function again<M extends TransformerModel>(model: M): Promise<M> {
  return (await loadModel(model.toBytes())) as M;
}

describe('scalers', () => {
  const cases = golden('scalers').cases as any[];
  const classes = { StandardScaler, MinMaxScaler } as Record<string, any>;
  test.each(
    cases.map((c) => [`${c.estimator} ${c.data} ${JSON.stringify(c.params)} ${c.weighted}`, c]),
  )('%s', async (_, c: any) => {
    const frame = c.weighted ? await weightedFrame(c.data) : await goldenFrame(c.data);
    const features: string[] = c.features ?? goldenFeatures(c.data);
    using fitted = await new classes[c.estimator](ours(c.params)).fit(frame, {
      features,
      ...(c.weighted ? { sampleWeight: 'sample_weight' } : {}),
    });
    using model = await again(fitted as any);
    const m = model as any;
    for (const name of ['mean', 'var', 'scale', 'min', 'data_min', 'data_max'])
      if (c[name] !== undefined) assertClose(m[camel(name)], c[name], { rtol: 1e-10, atol: 1e-12 }, name);
    if (c.data !== 'categories')
      expect(Array.from(m.nSamplesSeen[0] ? m.nSamplesSeen : [m.nSamplesSeen])[0]).toBe(c.n_samples_seen);
    const out = m.transform(frame);
    expect(out.columns).toEqual(frame.columns);
    assertClose(await rowsOf(out, features, c.rows), c.transform, { rtol: 1e-9, atol: 1e-11 }, 'transform');
    const shifted = frame.withColumns(
      Object.fromEntries(features.map((f) => [f, (x: any) => x[f].cast(Float64).mul(1.5).sub(1)])) as never,
    );
    if (c.transform_shifted)
      assertClose(await rowsOf(m.transform(shifted), features, c.rows), c.transform_shifted, {
        rtol: 1e-9,
        atol: 1e-10,
      });
    if (!c.params.clip)
      assertClose(
        await rowsOf(m.inverseTransform(out), features, c.rows),
        await rowsOf(frame, features, c.rows),
        { rtol: 1e-9, atol: 1e-9 },
        'inverse',
      );
  });

  test('count only what is there, keep nulls and NaN, refuse infinities and empty columns', async () => {
    const frame = fromColumns({ x: [1, null, Number.NaN, 3], y: [5, 5, 5, 5], id: ['a', 'b', 'c', 'd'] });
    using model = await new StandardScaler().fit(frame);
    expect([...model.mean, ...model.scale, ...model.nSamplesSeen]).toEqual([2, 5, 1, 1, 2, 4]);
    using table = await model.transform(frame).collect();
    expect(table.toRecords()).toEqual([
      { x: -1, y: 0, id: 'a' },
      { x: null, y: 0, id: 'b' },
      { x: Number.NaN, y: 0, id: 'c' },
      { x: 1, y: 0, id: 'd' },
    ]);
    const none = fromColumns({ x: [null, Number.NaN] }, { schema: { x: nullable(Float64) } });
    const infinite = fromColumns({ x: [1, Number.POSITIVE_INFINITY] });
    for (const scaler of [new StandardScaler(), new MinMaxScaler()]) {
      await expect(scaler.fit(infinite)).rejects.toThrow(/"x" has 1 infinite value, which \w+ does not take/);
      await expect(scaler.fit(none)).rejects.toThrow(/"x" has nulls and NaN only/);
      await expect(scaler.fit(frame.filter((c) => c.y.gt(9)))).rejects.toThrow(/needs rows/);
    }
    await expect(new MinMaxScaler().fit(frame, { sampleWeight: 'y' })).rejects.toThrow(/does not take sample weights/);
    const weighted = frame.withColumns({ w: (c) => c.y.mul(-1) });
    await expect(new StandardScaler().fit(weighted, { sampleWeight: 'w' })).rejects.toThrow(/must be at least 0/);
  });

  test('a mean far from zero does not spoil the deviation', async () => {
    const x = Float64Array.from({ length: 100_000 }, (_, i) => 1e9 + (i % 2));
    using plain = await new StandardScaler().fit(fromColumns({ x }));
    using weighted = await new StandardScaler().fit(fromColumns({ x }), {
      sampleWeight: new Float64Array(x.length).fill(3),
    });
    assertClose([plain.scale[0]!, weighted.scale[0]!], [0.5, 0.5], { rtol: 1e-9 });
  });
});

describe('OneHotEncoder', () => {
  const cases = (golden('encoders').one_hot as any[]).filter(
    // Rare categories are not put together here.
    (c) => c.params.min_frequency === undefined && c.params.max_categories === undefined,
  );
  test.each(cases.map((c) => [`${c.features} ${JSON.stringify(c.params)}`, c]))('%s', async (_, c: any) => {
    const frame = await goldenFrame('categories');
    using fitted = await new OneHotEncoder(ours(c.params)).fit(frame, { features: c.features });
    using model = await again(fitted);
    expect(model.categories.map((l) => l.map((v) => (typeof v === 'bigint' ? Number(v) : v)))).toEqual(c.categories);
    expect(model.featureNamesOut).toEqual(c.names.map((n: string) => n.replace(/_None$/, '_null')));
    const out = model.transform(frame);
    const rows = await rowsOf(out, model.featureNamesOut, c.rows);
    expect(rows.map((r) => r.join(''))).toEqual(c.transform);
    expect(out.columns.length).toBe(frame.columns.length - c.features.length + c.names.length);
    const back = model.inverseTransform(out);
    expect(back.columns).toEqual(frame.columns);
    expect(await rowsOf(back, c.features, c.rows)).toEqual(await rowsOf(frame, c.features, c.rows));
    if (c.unknown) {
      const unknown = fromColumns(
        { city: c.unknown.input.map((r: any) => r[0]), grade: c.unknown.input.map((r: any) => r[1]) },
        { schema: { city: Utf8, grade: Int32 } },
      );
      expect(await rowsOf(model.transform(unknown), model.featureNamesOut, [0, 1])).toEqual(c.unknown.transform);
    }
  });

  test('refuses unknown categories while the query runs, naming column and value', async () => {
    const train = fromColumns({ city: ['Oslo', 'Rome', 'Oslo'], grade: Int32Array.of(1, 2, 3) });
    const later = fromColumns({ city: ['Oslo', 'Paris'], grade: Int32Array.of(1, 7) });
    using hot = await new OneHotEncoder().fit(train);
    expect(hot.featureNamesIn).toEqual(['city']);
    const error = await hot
      .transform(later)
      .collect()
      .then(
        () => null,
        (e) => e,
      );
    expect(error).toMatchObject({ code: 'ERR_EVALUATION', detail: { column: 'city', value: 'Paris', row: 1 } });
    expect(error.message).toMatch(/^Column "city" holds "Paris", which was not there in fit/);
    using ordinal = await new OrdinalEncoder().fit(train, { features: ['grade'] });
    await expect(ordinal.transform(later).collect()).rejects.toThrow(/Column "grade" holds 7, which was not there/);
    // A null that fit has not seen is unknown too.
    const gap = fromColumns({ city: ['Oslo', null], grade: Int32Array.of(1, 2) });
    await expect(hot.transform(gap).collect()).rejects.toMatchObject({ detail: { column: 'city', value: 'null' } });
    using lenient = await new OneHotEncoder({ handleUnknown: 'ignore' }).fit(train);
    expect(await rowsOf(lenient.transform(gap), ['city_Oslo', 'city_Rome'], [0, 1])).toEqual([
      [1, 0],
      [0, 0],
    ]);
    // Listed categories are held against the rows of fit.
    await expect(new OneHotEncoder({ categories: [['Oslo']] }).fit(train)).rejects.toThrow(/"city" holds "Rome"/);
    await expect(new OneHotEncoder({ categories: [[1]] }).fit(train)).rejects.toThrow(/has 1 for feature "city"/);
  });

  test('takes Categorical, Bool, integers, floats, and rows that filters have thinned', async () => {
    const frame = fromColumns({
      word: ['b', 'a', 'b', 'c'],
      flag: [true, false, true, true],
      whole: BigInt64Array.of(3n, 2n ** 60n, 3n, 3n),
      half: [0.5, Number.NaN, 0.5, 1.5],
    }).withColumns({ word: (c) => c.word.cast(Categorical) });
    using model = await new OneHotEncoder().fit(frame, { features: ['word', 'flag', 'whole', 'half'] });
    expect(model.featureNamesOut).toEqual([
      'word_a',
      'word_b',
      'word_c',
      'flag_false',
      'flag_true',
      'whole_3',
      `whole_${2n ** 60n}`,
      'half_0.5',
      'half_1.5',
      'half_null',
    ]);
    expect(await rowsOf(model.transform(frame), model.featureNamesOut, [0, 1])).toEqual([
      [0, 1, 0, 0, 1, 1, 0, 1, 0, 0],
      [1, 0, 0, 1, 0, 0, 1, 0, 0, 1],
    ]);
    // A dictionary may hold a word that no row has.
    using without = await new OneHotEncoder().fit(
      frame.filter((c) => c.word.ne('c')),
      { features: ['word'] },
    );
    expect(without.featureNamesOut).toEqual(['word_a', 'word_b']);
    using table = await without.transform(frame.filter((c) => c.word.ne('c'))).collect();
    expect(table.height).toBe(3);
    // An integer feature may come as another numeric dtype.
    using whole = await new OneHotEncoder().fit(frame, { features: ['whole'] });
    const asFloat = frame.select({ whole: (c) => c.whole.cast(Float64) });
    expect(await rowsOf(whole.transform(asFloat), ['whole_3'], [0, 1])).toEqual([[1], [0]]);
  });

  test('orders text by code points and takes names that look like numbers', async () => {
    const frame = fromColumns({ x: ['\u{1F600}', '\uFFFD', 'z', '10', '9'] });
    using model = await new OneHotEncoder().fit(frame);
    expect(model.categories[0]).toEqual(['10', '9', 'z', '\uFFFD', '\u{1F600}']);
    const numbered = fromColumns({ 2: ['a', 'b'], 1: ['c', 'd'] });
    using other = await new OneHotEncoder().fit(numbered);
    expect(other.transform(numbered).columns).toEqual(other.featureNamesOut);
  });

  test('refuses a name that is there already', async () => {
    const frame = fromColumns({ city: ['Oslo'], city_Oslo: [1] });
    using model = await new OneHotEncoder().fit(frame, { features: ['city'] });
    expect(() => model.transform(frame)).toThrow(/a second column "city_Oslo"/);
  });
});

describe('OrdinalEncoder', () => {
  const cases = golden('encoders').ordinal as any[];
  test.each(cases.map((c) => [`${c.features} ${JSON.stringify(c.params)}`, c]))('%s', async (_, c: any) => {
    const frame = await goldenFrame('categories');
    using fitted = await new OrdinalEncoder(ours(c.params)).fit(frame, { features: c.features });
    using model = await again(fitted);
    const out = model.transform(frame);
    assertClose(await rowsOf(out, c.features, c.rows), c.transform, { rtol: 0 });
    expect(await rowsOf(model.inverseTransform(out), c.features, c.rows)).toEqual(
      await rowsOf(frame, c.features, c.rows),
    );
    if (c.unknown) {
      const unknown = fromColumns({ city: c.unknown.input.map((r: any) => r[0]) });
      expect(await rowsOf(model.transform(unknown), ['city'], [0, 1])).toEqual(c.unknown.transform);
    }
  });

  test('refuses numbers that a category has', async () => {
    const frame = fromColumns({ city: ['Oslo', 'Rome'] });
    const encoder = new OrdinalEncoder({ handleUnknown: 'useEncodedValue', unknownValue: 1 });
    await expect(encoder.fit(frame)).rejects.toThrow(
      /'unknownValue' parameter of OrdinalEncoder is 1, which is the place/,
    );
    expect(() => new OrdinalEncoder({ unknownValue: 5 })).toThrow(/no effect with handleUnknown 'error'/);
  });
});

describe('TargetEncoder', () => {
  const cases = golden('encoders').target as any[];
  test.each(
    cases.map((c) => [`${c.features} → ${c.target} ${JSON.stringify(c.params)}`, c]),
  )('%s', async (_, c: any) => {
    const frame = await goldenFrame('categories');
    const encoder = new TargetEncoder(ours(c.params));
    using fitted = await encoder.fit(frame, c.target, { features: c.features });
    using model = await again(fitted);
    const k = c.classes?.length > 2 ? c.classes.length : 1;
    if (c.classes) expect(model.classes!.map((l) => (typeof l === 'bigint' ? Number(l) : l))).toEqual(c.classes);
    const flat = model.encodings.flatMap((e, j) => {
      const n = model.categories[j]!.length;
      return Array.from({ length: k }, (__, o) => e.subarray(o * n, (o + 1) * n));
    });
    assertClose(flat, c.encodings, { rtol: 1e-10, atol: 1e-12 }, 'encodings');
    assertClose(model.targetMean, [c.target_mean].flat(), { rtol: 1e-12 }, 'target mean');
    const names = model.featureNamesOut;
    assertClose(await rowsOf(model.transform(frame), names, c.rows), c.transform, { rtol: 1e-10, atol: 1e-12 });
    const crossed = await encoder.fitTransform(frame, c.target, { features: c.features, folds: 'fold' });
    assertClose(await rowsOf(crossed, names, c.rows), c.cross_fitted, { rtol: 1e-10, atol: 1e-12 }, 'cross fitted');
    const unknown = fromColumns(
      Object.fromEntries(c.features.map((f: string, j: number) => [f, [c.unknown.input[0][j] ?? null]])) as any,
      { schema: Object.fromEntries(c.features.map((f: string) => [f, nullable(f === 'grade' ? Int32 : Utf8)])) as any },
    );
    assertClose(await rowsOf(model.transform(unknown), names, [0]), c.unknown.transform, { rtol: 1e-12 }, 'unknown');
  });

  test('draws folds that a seed repeats, and no row sees its own target', async () => {
    // One category a row: what a row says of itself would be its target.
    const n = 200;
    const frame = fromColumns({
      id: Array.from({ length: n }, (_, i) => `row ${i}`),
      y: Float64Array.from({ length: n }, (_, i) => (i * 7919) % 101),
    });
    const encoder = new TargetEncoder({ smooth: 0, randomState: 3 });
    const values = async (): Promise<any[]> =>
      (await rowsOf(await encoder.fitTransform(frame, 'y'), ['id'], [...Array(n).keys()])).flat();
    const first = await values();
    expect(await values()).toEqual(first);
    const y = (await rowsOf(frame, ['y'], [...Array(n).keys()])).flat();
    const mean = y.reduce((a: number, b: number) => a + b, 0) / n;
    // Every row gets the mean of the other folds.
    expect(new Set(first.map((v: number) => v.toFixed(9))).size).toBe(5);
    for (const v of first) expect(Math.abs(v - mean)).toBeLessThan(15);
    const classes = frame.withColumns({ y: (c) => c.y.mod(2).cast(Int32) });
    expect((await encoder.fitTransform(classes, 'y')).columns).toEqual(['id', 'y']);
    await expect(encoder.fitTransform(frame.head(3), 'y')).rejects.toThrow(
      /'cv' parameter of TargetEncoder is 5, but there are 3 rows/,
    );
    await expect(
      encoder.fitTransform(frame.withColumns({ f: (c) => c.y.cast(Int32) }), 'y', { folds: 'f' }),
    ).rejects.toThrow(/folds of TargetEncoder/);
  });

  test('refuses targets that are missing', async () => {
    const frame = fromColumns({ c: ['a', 'b'], y: [1, null] });
    await expect(new TargetEncoder().fit(frame, 'y')).rejects.toMatchObject({ code: 'ERR_TARGET' });
    await expect(new TargetEncoder().fit(frame, 'z' as never)).rejects.toMatchObject({ code: 'ERR_COLUMN_NOT_FOUND' });
  });
});

describe('SimpleImputer', () => {
  const cases = golden('imputer').cases as any[];
  test.each(cases.map((c) => [`${c.features} ${JSON.stringify(c.params)}`, c]))('%s', async (_, c: any) => {
    let frame = await goldenFrame('categories');
    if (c.features.includes('empty')) frame = frame.withColumns({ empty: (x: any) => x.empty.cast(Float64) } as never);
    using fitted = await new SimpleImputer(ours(c.params)).fit(frame, { features: c.features });
    using model = await again(fitted);
    const out = model.transform(frame);
    const rows = await rowsOf(out, model.featureNamesOut, c.rows);
    if (typeof c.transform[0].at(-1) === 'string') expect(rows).toEqual(c.transform);
    else assertClose(rows as any, c.transform, { rtol: 1e-12 });
    if (c.params.add_indicator) {
      expect(model.featureNamesOut).toEqual([
        ...c.features,
        'missingindicator_amount_gaps',
        'missingindicator_grade_gaps',
      ]);
      const back = model.inverseTransform(out);
      assertClose(await rowsOf(back, c.features, c.rows), (await rowsOf(frame, c.features, c.rows)) as any, {
        rtol: 0,
      });
    }
  });

  test('counts NaN as missing, and takes text where the strategy does', async () => {
    const frame = fromColumns({ x: [1, Number.NaN, null, 4], w: ['a', null, 'b', 'b'], n: [3, 2, 3, 2] });
    using mean = await new SimpleImputer({ addIndicator: true }).fit(frame);
    expect([mean.featureNamesIn, mean.statistics]).toEqual([
      ['x', 'n'],
      [2.5, 2.5],
    ]);
    using table = await mean.transform(frame).collect();
    expect(table.toRecords()).toEqual([
      { x: 1, w: 'a', n: 3, missingindicator_x: 0 },
      { x: 2.5, w: null, n: 2, missingindicator_x: 1 },
      { x: 2.5, w: 'b', n: 3, missingindicator_x: 1 },
      { x: 4, w: 'b', n: 2, missingindicator_x: 0 },
    ]);
    using most = await new SimpleImputer({ strategy: 'mostFrequent' }).fit(frame);
    // The smallest of equals.
    expect([most.featureNamesIn, most.statistics]).toEqual([
      ['x', 'w', 'n'],
      [1, 'b', 2],
    ]);
    using text = await new SimpleImputer({ strategy: 'constant', fillValue: '?' }).fit(frame);
    expect(text.featureNamesIn).toEqual(['w']);
    await expect(new SimpleImputer().fit(frame, { features: ['w'] })).rejects.toMatchObject({ code: 'ERR_DTYPE' });
    expect(() => new SimpleImputer({ fillValue: 3 })).toThrow(/no effect with strategy 'mean'/);
    expect(() => most.inverseTransform(frame)).toThrow(/addIndicator/);
  });
});
