// Our side of the ML suite: each task has the steps and the score of its namesake in reference.py.
import * as wf from '../../ts/index.ts';
import * as ml from '../../ts/ml/index.ts';

/** Bytes of what a model has learned. */
const bytesOf = (model: any): number =>
  Object.values<{ byteLength: number }>(model.toFitted().arrays).reduce((sum, a) => sum + a.byteLength, 0);

/** What a task works on: frames in the engine's memory. */
export interface Data {
  readonly train: wf.DataFrame<any>;
  /** The rows that predictions are of: a test set, or the training rows again. */
  readonly test: wf.DataFrame<any>;
}
/**
 * The steps of a task, in order; each consumes its result and may resolve to the bytes of what it made. `score` is of the
 * last run.
 */
export interface MlTask {
  readonly name: string;
  readonly data: string;
  readonly steps: Readonly<Record<string, (d: Data) => Promise<unknown>>>;
  readonly score: (d: Data) => Promise<number>;
  /** How far the two scores may be apart, relatively; default 0.01. */
  readonly tolerance?: number;
  /** What is not everywhere: without it the task is left out. */
  readonly needs?: 'libxgboost';
}

/** What all estimators have. */
interface Fits {
  fitAny(rows: any, target: any, options: any): Promise<any>;
}

const FEATURES = (d: Data): string[] => d.train.columns.filter((c: string) => /^[xw]\d+$/.test(c));

/** The values of a column of a frame as numbers. */
async function values(frame: wf.DataFrame<any>, column: string): Promise<Float64Array> {
  using table = await frame.select({ v: (c: any) => c[column].cast(wf.Float64) } as never).collect();
  return Float64Array.from(table.column('v' as never).toArray() as ArrayLike<number>);
}
const numbers = (column: { toArray(): unknown }): Float64Array =>
  Float64Array.from(column.toArray() as ArrayLike<number>, Number);

const mean = (v: ArrayLike<number>): number => {
  let s = 0;
  for (let i = 0; i < v.length; i++) s += v[i]!;
  return s / v.length;
};
/** R² by its definition: this file measures our estimators and uses none of our metrics. */
function r2(y: Float64Array, p: Float64Array): number {
  const m = mean(y);
  let error = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    error += (y[i]! - p[i]!) ** 2;
    total += (y[i]! - m) ** 2;
  }
  return 1 - error / total;
}
function accuracy(y: Float64Array, p: Float64Array): number {
  let right = 0;
  for (let i = 0; i < y.length; i++) if (y[i] === p[i]) right++;
  return right / y.length;
}
/** Area under the ROC curve, by ranks. */
function auc(y: Float64Array, p: Float64Array): number {
  const order = Uint32Array.from(p, (_, i) => i).sort((a, b) => p[a]! - p[b]!);
  let ranks = 0;
  let positives = 0;
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && p[order[j]!] === p[order[i]!]) j++;
    for (let k = i; k < j; k++)
      if (y[order[k]!] === 1) {
        ranks += (i + j + 1) / 2;
        positives++;
      }
    i = j;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (y.length - positives));
}

/** An estimator with a target: fit and predict. */
function supervised(
  name: string,
  data: string,
  make: () => Fits,
  score: (y: Float64Array, p: Float64Array, model: any) => number,
  more: Partial<MlTask> & { readonly target?: string } = {},
): MlTask {
  let model: any = null;
  let out: { toArray(): unknown };
  const target = more.target ?? 'y';
  return {
    name,
    data,
    steps: {
      fit: async (d) => {
        model?.dispose();
        model = await make().fitAny(d.train, target, { features: FEATURES(d) });
        return bytesOf(model);
      },
      predict: async (d) => {
        out = await model.predict(d.test);
        out.toArray();
      },
    },
    score: async (d) => score(await values(d.test, target), numbers(out), model),
    ...more,
  };
}

/** An estimator without a target: fit, then predict or transform. */
function unsupervised(
  name: string,
  data: string,
  make: (d: Data) => Fits | Promise<Fits>,
  step: 'predict' | 'transform',
  score: (model: any) => number,
): MlTask {
  let model: any = null;
  return {
    name,
    data,
    steps: {
      fit: async (d) => {
        model?.dispose();
        model = await (await make(d)).fitAny(d.train, null, { features: FEATURES(d) });
        return bytesOf(model);
      },
      [step]: async (d) => {
        if (step === 'predict') (await model.predict(d.train)).toArray();
        else (await model.transform(d.train.select(...(FEATURES(d) as never[]))).collect()).dispose();
      },
    },
    score: async () => score(model),
  };
}

/** A transformer; the score is the mean of the absolute values of what comes out. */
function transformer(name: string, data: string, make: () => Fits, target: string | null = null): MlTask {
  let model: any = null;
  let out: wf.Table<any> | null = null;
  return {
    name,
    data,
    steps: {
      fit: async (d) => {
        model?.dispose();
        model = await make().fitAny(d.train, target, { features: FEATURES(d) });
        return bytesOf(model);
      },
      transform: async (d) => {
        out?.dispose();
        out = await model.transform(d.train.select(...(FEATURES(d) as never[]))).collect();
        return 8 * out!.height * out!.width;
      },
    },
    score: async () => {
      const frame = out!.lazy();
      const sums = frame.columns.map((c: string) => [c, (e: any) => e[c].cast(wf.Float64).abs().mean()]);
      using table = await frame.select(Object.fromEntries(sums)).collect();
      out!.dispose();
      out = null;
      return mean(Object.values(table.toRecords()[0]!) as number[]);
    },
  };
}

/** One call; what it resolves to gives the score, and says how large the columns are that it made. */
function call(
  name: string,
  data: string,
  step: string,
  run: (d: Data) => Promise<(() => number) & { readonly madeBytes?: number }>,
): MlTask {
  let out: (() => number) & { readonly madeBytes?: number } = () => Number.NaN;
  return {
    name,
    data,
    steps: {
      [step]: async (d) => {
        out = await run(d);
        return out.madeBytes;
      },
    },
    score: async () => out(),
  };
}

/** The features of the first rows: centres that both sides start from. */
async function firstRows(d: Data, rows: number): Promise<number[][]> {
  const names = FEATURES(d);
  using table = await d.train.head(rows).collect();
  return (table.toRecords() as Record<string, number>[]).map((r) => names.map((n) => r[n]!));
}

export const TASKS: readonly MlTask[] = [
  supervised('LinearRegression', 'regression', () => new ml.LinearRegression(), r2),
  supervised('Ridge', 'regression', () => new ml.Ridge({ alpha: 1 }), r2),
  supervised('Lasso', 'columns', () => new ml.Lasso({ alpha: 0.1 }), r2),
  supervised('ElasticNet', 'columns', () => new ml.ElasticNet({ alpha: 0.1, l1Ratio: 0.5 }), r2),
  supervised('LogisticRegression binary', 'binary', () => new ml.LogisticRegression(), accuracy),
  supervised('LogisticRegression multinomial', 'classes', () => new ml.LogisticRegression(), accuracy),
  supervised('LogisticRegression L1', 'binary', () => new ml.LogisticRegression({ l1Ratio: 1, c: 0.01 }), accuracy),
  unsupervised(
    'KMeans',
    'blobs',
    async (d) =>
      new ml.KMeans({ nClusters: 8, init: await firstRows(d, 8), nInit: 1, maxIter: 50, tol: 0, randomState: 1 }),
    'predict',
    (model) => model.inertia,
  ),
  unsupervised(
    'KMeans k-means++',
    'blobs',
    () => new ml.KMeans({ nClusters: 8, nInit: 3, randomState: 1 }),
    'predict',
    (model) => model.inertia,
  ),
  unsupervised(
    'Pca',
    'columns',
    () => new ml.Pca({ nComponents: 10 }),
    'transform',
    (model) => mean(model.explainedVariance) * model.explainedVariance.length,
  ),
  supervised('GaussianNb', 'binary', () => new ml.GaussianNb(), accuracy),
  supervised('KNeighborsClassifier', 'neighbors', () => new ml.KNeighborsClassifier({ nNeighbors: 5 }), accuracy),
  supervised(
    'KNeighborsRegressor',
    'neighbors',
    () => new ml.KNeighborsRegressor({ nNeighbors: 5, weights: 'distance' }),
    r2,
    { target: 'value' },
  ),
  supervised(
    'RandomForestClassifier',
    'trees',
    () => new ml.RandomForestClassifier({ nEstimators: 50, randomState: 1 }),
    accuracy,
  ),
  supervised(
    'RandomForestRegressor',
    'trees',
    () => new ml.RandomForestRegressor({ nEstimators: 20, maxFeatures: 0.3, randomState: 1 }),
    r2,
    { target: 'value' },
  ),
  boosting('wasm'),
  boosting('libxgboost'),
  transformer('StandardScaler', 'regression', () => new ml.StandardScaler()),
  transformer('MinMaxScaler', 'regression', () => new ml.MinMaxScaler()),
  transformer('SimpleImputer mean', 'gaps', () => new ml.SimpleImputer()),
  transformer('SimpleImputer median', 'gaps', () => new ml.SimpleImputer({ strategy: 'median' })),
  transformer('OneHotEncoder', 'codes', () => new ml.OneHotEncoder()),
  transformer('OrdinalEncoder', 'words', () => new ml.OrdinalEncoder()),
  transformer('TargetEncoder', 'words', () => new ml.TargetEncoder(), 'y'),
  call('TargetEncoder cross-fitted', 'words', 'fitTransform', async (d) => {
    const encoded = await new ml.TargetEncoder({ randomState: 1 }).fitTransform(d.train, 'y', {
      features: FEATURES(d),
    });
    const table = await encoded.select(...(FEATURES(d) as never[])).collect();
    return Object.assign(
      () => mean(FEATURES(d).map((name) => mean(numbers(table.column(name as never)).map(Math.abs)))),
      { madeBytes: 8 * table.height * table.width },
    );
  }),
  call('trainTestSplit', 'regression', 'split', async (d) => {
    const { train, test } = await ml.trainTestSplit(d.train, { testSize: 0.25, randomState: 1 });
    const a = await train.collect();
    (await test.collect()).dispose();
    return () => a.height;
  }),
  call('trainTestSplit stratified', 'binary', 'split', async (d) => {
    const { train, test } = await ml.trainTestSplit(d.train, { testSize: 0.25, randomState: 1, stratify: 'y' });
    const a = await train.collect();
    (await test.collect()).dispose();
    return () => mean(numbers(a.column('y')));
  }),
  call('rocAucScore', 'scores', 'score', async (d) => {
    const value = await ml.rocAucScore(d.train, 'y', 'p');
    return () => value;
  }),
  call('logLoss', 'scores', 'score', async (d) => {
    const value = await ml.logLoss(d.train, 'y', 'p');
    return () => value;
  }),
  call('f1Score', 'scores', 'score', async (d) => {
    const value = await ml.f1Score(d.train, 'y', 'label');
    return () => value;
  }),
  call('r2Score', 'regression', 'score', async (d) => {
    const value = await ml.r2Score(d.train, 'y', 'x0');
    return () => value;
  }),
];

/** XGBoost's parameters of the reference, by one of the engines. */
function boosting(engine: 'wasm' | 'libxgboost'): MlTask {
  let model: any = null;
  let out: wf.Table<any> | null = null;
  const params = { nEstimators: 50, maxDepth: 6, learningRate: 0.3, randomState: 1, engine };
  return {
    name: `XgbClassifier ${engine}`,
    data: 'boosting',
    ...(engine === 'wasm' ? {} : { needs: 'libxgboost' }),
    steps: {
      fit: async (d) => {
        model?.dispose();
        model = await new ml.XgbClassifier(params).fit(d.train, 'y', { features: FEATURES(d) });
        return bytesOf(model);
      },
      predict: async (d) => {
        out?.dispose();
        out = await model.predictProba(d.test);
        out!.column('1' as never).toArray();
      },
    },
    score: async (d) => auc(await values(d.test, 'y'), numbers(out!.column('1' as never))),
    tolerance: 0.005,
  };
}
