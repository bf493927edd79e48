// Every estimator's exported model, run by onnxruntime, gives what the model gives.
import { describe, expect, test } from 'vitest';
import type { DataFrame } from '../../../ts/frame/dataframe.ts';
import type { Estimator } from '../../../ts/ml/core/estimator.ts';
import { ClassifierModel, ClustererModel, RegressorModel, TransformerModel } from '../../../ts/ml/core/model.ts';
import { ESTIMATORS } from '../../../ts/ml/core/registry.ts';
import {
  columnTransformer,
  ElasticNet,
  GaussianNb,
  KMeans,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LogisticRegression,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  Pca,
  pipeline,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  SimpleImputer,
  StandardScaler,
  TargetEncoder,
  XgbClassifier,
  XgbRegressor,
} from '../../../ts/ml/index.ts';
import { EXPORTERS } from '../../../ts/ml/onnx/exporters.ts';
import { assertClose, goldenFeatures, goldenFrame } from '../../support/ml.ts';
import { runOnnx } from '../../support/onnx.ts';

interface Case {
  readonly estimator: Estimator<any, any>;
  readonly data: string;
  readonly features?: readonly string[];
  readonly target?: string;
  /** Rows to ask about that fit did not see. */
  readonly ask?: (frame: DataFrame<any>) => DataFrame<any>;
  readonly rtol?: number;
  readonly atol?: number;
}

const numbers = (values: ArrayLike<unknown>): number[] =>
  Array.from(values, (v) => (v === null ? Number.NaN : Number(v)));

/** Fits, exports, and compares everything that the model gives. */
async function check({
  estimator,
  data,
  features,
  target = 'target',
  ask,
  rtol = 1e-12,
  atol = 1e-12,
}: Case): Promise<void> {
  const frame = await goldenFrame(data);
  const names = features ?? goldenFeatures(data);
  using model = await estimator.fitAny(
    frame,
    estimator.kind === 'clusterer' || (estimator.kind === 'transformer' && estimator.name !== 'TargetEncoder')
      ? null
      : target,
    { features: names },
  );
  const asked = ask ? ask(frame) : frame;
  const outputs = await runOnnx(model, asked.select(...(names as never[])));
  if (model instanceof RegressorModel)
    assertClose(outputs['prediction']!.data as number[], numbers((await model.predict(asked)).toArray() as never), {
      rtol,
      atol,
    });
  else if (model instanceof ClassifierModel) {
    const labels = Array.from((await model.predict(asked)).toArray() as ArrayLike<unknown>, (v) =>
      typeof v === 'bigint' ? Number(v) : v,
    );
    expect(outputs['label']!.data).toEqual(labels);
    using proba = await model.predictProba(asked);
    const columns = model.classes.map((c) => proba.column(String(c) as never).toArray() as Float64Array);
    const rows = labels.flatMap((_, i) => columns.map((c) => c[i]!));
    assertClose(outputs['probabilities']!.data as number[], rows, { rtol, atol });
  } else if (model instanceof ClustererModel)
    expect(outputs['cluster']!.data).toEqual(numbers((await model.predict(asked)).toArray() as never));
  else if (model instanceof TransformerModel) {
    using table = await model.transform(asked.select(...(names as never[]))).collect();
    const columns = model.featureNamesOut.map((c) => table.column(c as never).toArray() as ArrayLike<unknown>);
    const text = columns.filter((c) => Array.from(c).some((v) => typeof v === 'string'));
    const values = columns.filter((c) => !text.includes(c)).map(numbers);
    if (values.length > 0) {
      expect(outputs['transformed']!.dims).toEqual([values[0]!.length, values.length]);
      const rows = Array.from({ length: values[0]!.length }, (_, i) => values.map((c) => c[i]!));
      assertClose(outputs['transformed']!.data as number[], rows, { rtol, atol });
    }
    for (const [i, column] of columns.entries())
      if (text.includes(column))
        expect(outputs[`transformed_${model.featureNamesOut[i]}`]!.data).toEqual(Array.from(column, (v) => v ?? ''));
  } else throw new Error('a model of no kind');
}

const ROUNDED = { rtol: 2e-6, atol: 1e-7 };
const CATEGORIES: Omit<Case, 'estimator'> = { data: 'categories', features: ['city', 'size'] };

describe.each<[string, Case[]]>([
  [
    'linear models',
    [
      { estimator: new LinearRegression(), data: 'diabetes' },
      { estimator: new Ridge({ alpha: 10 }), data: 'diabetes' },
      { estimator: new Lasso({ alpha: 0.1 }), data: 'sparse_truth' },
      { estimator: new ElasticNet({ alpha: 0.1 }), data: 'sparse_truth' },
      { estimator: new LinearRegression({ fitIntercept: false }), data: 'wide', rtol: 1e-10 },
    ],
  ],
  [
    'logistic regression',
    [
      { estimator: new LogisticRegression(), data: 'breast_cancer_std' },
      { estimator: new LogisticRegression({ l1Ratio: 0.5, c: 0.1 }), data: 'wine_std', target: 'target_name' },
      { estimator: new LogisticRegression({ fitIntercept: false }), data: 'iris' },
    ],
  ],
  [
    'naive Bayes',
    [
      { estimator: new GaussianNb(), data: 'iris', rtol: 1e-9 },
      { estimator: new GaussianNb(), data: 'breast_cancer', target: 'target_name', rtol: 1e-8 },
    ],
  ],
  [
    'random forests',
    [
      { estimator: new RandomForestClassifier({ nEstimators: 20, randomState: 1 }), data: 'digits' },
      {
        estimator: new RandomForestClassifier({ nEstimators: 20, randomState: 1 }),
        data: 'breast_cancer',
        target: 'target_name',
      },
      { estimator: new RandomForestRegressor({ nEstimators: 20, randomState: 1 }), data: 'diabetes' },
      { estimator: new RandomForestRegressor({ nEstimators: 5, maxDepth: 2, randomState: 1 }), data: 'badly_scaled' },
    ],
  ],
  [
    'pipelines and column transformers',
    [
      {
        estimator: pipeline([
          ['scale', new StandardScaler()],
          ['reduce', new Pca({ nComponents: 5 })],
          ['model', new LogisticRegression()],
        ]),
        data: 'breast_cancer',
        target: 'target_name',
        rtol: 1e-9,
      },
      {
        estimator: pipeline([
          [
            'columns',
            columnTransformer([
              [
                'numbers',
                pipeline([
                  ['fill', new SimpleImputer()],
                  ['scale', new StandardScaler()],
                ]),
                ['amount_gaps', 'grade_gaps'],
              ],
              ['words', new OneHotEncoder(), ['city', 'size']],
              ['gaps', new TargetEncoder({ randomState: 1 }), ['city_gaps']],
            ]),
          ],
          ['model', new Ridge()],
        ]),
        data: 'categories',
        features: ['city', 'amount_gaps', 'size', 'grade_gaps', 'city_gaps'],
      },
      {
        estimator: columnTransformer([['words', new OrdinalEncoder(), ['size']]], { remainder: 'passthrough' }),
        data: 'categories',
        features: ['amount', 'size', 'city', 'grade'],
      },
      {
        estimator: pipeline([
          ['words', new OneHotEncoder()],
          ['scale', new MinMaxScaler()],
        ]),
        data: 'categories',
        features: ['amount', 'size', 'grade'],
      },
    ],
  ],
  ['k-means', [{ estimator: new KMeans({ nClusters: 3, randomState: 1 }), data: 'iris' }]],
  [
    'PCA',
    [
      { estimator: new Pca({ nComponents: 3 }), data: 'wine_std', rtol: 1e-9 },
      { estimator: new Pca({ whiten: true }), data: 'iris', rtol: 1e-9 },
    ],
  ],
  [
    'scalers',
    [
      { estimator: new StandardScaler(), data: 'breast_cancer' },
      { estimator: new StandardScaler({ withMean: false }), data: 'diabetes' },
      { estimator: new StandardScaler(), data: 'categories', features: ['amount_gaps', 'grade_gaps'] },
      { estimator: new MinMaxScaler({ featureRange: [-1, 1] }), data: 'diabetes' },
      { estimator: new MinMaxScaler({ clip: true }), data: 'categories', features: ['amount_gaps'] },
    ],
  ],
  [
    'one-hot encoding',
    [
      { estimator: new OneHotEncoder(), ...CATEGORIES },
      { estimator: new OneHotEncoder({ drop: 'first' }), data: 'categories', features: ['city_gaps', 'grade_gaps'] },
      {
        estimator: new OneHotEncoder({ handleUnknown: 'ignore', categories: [['Oslo', 'Bergen']] }),
        data: 'categories',
        features: ['city'],
      },
    ],
  ],
  [
    'ordinal encoding',
    [
      { estimator: new OrdinalEncoder(), ...CATEGORIES },
      {
        estimator: new OrdinalEncoder({ encodedMissingValue: -2 }),
        data: 'categories',
        features: ['size_gaps', 'grade'],
      },
      { estimator: new OrdinalEncoder(), data: 'categories', features: ['size_gaps'] },
    ],
  ],
  [
    'target encoding',
    [
      { estimator: new TargetEncoder(), ...CATEGORIES },
      { estimator: new TargetEncoder({ smooth: 2 }), data: 'categories', features: ['size_gaps'], target: 'late' },
      { estimator: new TargetEncoder(), ...CATEGORIES, target: 'kind' },
      { estimator: new TargetEncoder({ categories: [['Oslo', 'Bergen']] }), data: 'categories', features: ['city'] },
    ],
  ],
  [
    'imputing',
    [
      {
        estimator: new SimpleImputer({ strategy: 'median' }),
        data: 'categories',
        features: ['amount_gaps', 'grade_gaps'],
      },
      {
        estimator: new SimpleImputer({ addIndicator: true }),
        data: 'categories',
        features: ['empty', 'amount_gaps', 'amount'],
      },
      {
        estimator: new SimpleImputer({ strategy: 'mostFrequent' }),
        data: 'categories',
        features: ['city_gaps', 'amount_gaps', 'size_gaps'],
      },
    ],
  ],
  [
    'nearest neighbours',
    [
      { estimator: new KNeighborsClassifier(), data: 'iris', target: 'target_name' },
      { estimator: new KNeighborsClassifier({ weights: 'distance', nNeighbors: 4 }), data: 'wine_std' },
      { estimator: new KNeighborsClassifier({ metric: 'cosine' }), data: 'breast_cancer', rtol: 1e-9 },
      { estimator: new KNeighborsRegressor({ metric: 'manhattan' }), data: 'diabetes' },
      { estimator: new KNeighborsRegressor({ metric: 'minkowski', p: 3 }), data: 'diabetes', rtol: 1e-9 },
    ],
  ],
  [
    'boosted trees: leaves are added in Float32 by the model, in double by the graph',
    [
      {
        estimator: new XgbClassifier({ nEstimators: 20, engine: 'wasm', randomState: 1 }),
        data: 'breast_cancer',
        ...ROUNDED,
      },
      {
        estimator: new XgbClassifier({ nEstimators: 5, engine: 'wasm', randomState: 1 }),
        data: 'wine',
        target: 'target_name',
        ...ROUNDED,
      },
      {
        estimator: new XgbRegressor({ nEstimators: 20, engine: 'wasm', randomState: 1 }),
        data: 'diabetes',
        ...ROUNDED,
      },
      {
        estimator: new XgbRegressor({ nEstimators: 5, objective: 'count:poisson', engine: 'wasm', randomState: 1 }),
        data: 'categories',
        features: ['amount_gaps', 'grade_gaps', 'grade'],
        target: 'late',
        ...ROUNDED,
      },
      {
        estimator: new XgbClassifier({ nEstimators: 8, enableCategorical: true, engine: 'wasm', randomState: 1 }),
        data: 'categories',
        features: ['city_gaps', 'amount_gaps', 'size'],
        target: 'kind',
        ...ROUNDED,
      },
    ],
  ],
])('%s', (_, cases) => {
  test.each(cases)('$estimator.name of $data', check);
});

test('an unknown category is refused in the graph as in the model', async () => {
  const frame = await goldenFrame('categories');
  using model = await new OneHotEncoder().fit(frame, { features: ['city'] });
  const unknown = frame.select({ city: (c: any) => c.size } as never);
  await expect(runOnnx(model, unknown)).rejects.toThrow('out of data bounds');
});

test('every estimator has an ONNX form', () => {
  expect(Object.keys(ESTIMATORS).filter((name) => !(name in EXPORTERS))).toEqual([]);
});

test('a model without an ONNX form says so', async () => {
  const frame = await goldenFrame('iris');
  using model = await new LinearRegression().fit(frame, 'target', { features: ['petal_width'] });
  class Other extends RegressorModel {
    toFitted() {
      return { ...model.toFitted(), estimator: 'Other' };
    }
    protected predictValues(): Promise<Float64Array> {
      return Promise.reject(new Error('not asked for'));
    }
  }
  using other = new Other({ ...model.toFitted(), estimator: 'Other' });
  await expect(other.toOnnx()).rejects.toThrow('A model of Other has no ONNX form. Models that have: LinearRegression');
});

test('an output whose name a feature has ends in _1', async () => {
  const frame = (await goldenFrame('iris')).rename({ petal_width: 'prediction' } as never);
  using model = await new LinearRegression().fit(frame, 'target', { features: ['prediction' as never] });
  expect(Object.keys(await runOnnx(model, frame.select('prediction' as never)))).toEqual(['prediction_1']);
});
