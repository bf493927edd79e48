// Compiled, never run: what estimators take of a typed frame, and what their models give.
import { type Column, type DataFrame, type Float64, fromColumns, type Table } from '../../ts/index.ts';
import {
  KMeans,
  KNeighborsRegressor,
  LinearRegression,
  type LinearRegressionModel,
  LogisticRegression,
  OneHotEncoder,
  Pca,
  pipeline,
  RandomForestClassifier,
  StandardScaler,
  TargetEncoder,
  XgbClassifier,
  XgbRanker,
  XgbRegressor,
} from '../../ts/ml/index.ts';
import type { Equal } from './expressions.ts';

function expect<T extends true>(..._: T[]): void {}

const df = fromColumns({ x: [1, 2], y: [1, 2], label: ['a', 'b'] });
const table = await df.collect();
const untyped: DataFrame<any> = df;

// The target and the options are columns of the frame
const model = await new LinearRegression().fit(df, 'y', { features: ['x'], sampleWeight: 'x' });
expect<Equal<typeof model, LinearRegressionModel>>();
const predicted = await model.predict(df);
expect<Equal<typeof predicted, Column<Float64>>>();
await new LinearRegression().fit(table, 'y', { exclude: ['x'] });
await new LinearRegression().fit(untyped, 'anything', { features: ['anything'] });
// @ts-expect-error not a column
await new LinearRegression().fit(df, 'z');
// @ts-expect-error not a column
await new LinearRegression().fit(table, 'z');
// @ts-expect-error not a column
await new LinearRegression().fit(df, 'y', { features: ['z'] });
// @ts-expect-error not a column
await new LinearRegression().fit(df, 'y', { exclude: ['z'] });
// @ts-expect-error not a column
await new LinearRegression().fit(df, 'y', { sampleWeight: 'z' });
// @ts-expect-error not an option
await new LinearRegression().fit(df, 'y', { sampleWeights: 'x' });
// @ts-expect-error a target is needed
await new LinearRegression().fit(df);
// @ts-expect-error not a column
await new LogisticRegression().fit(df, 'z');
// @ts-expect-error not a column
await new RandomForestClassifier().fit(df, 'z');
// @ts-expect-error not a column
await new KNeighborsRegressor().fit(df, 'z');
// @ts-expect-error not a column
await new TargetEncoder().fit(df, 'z');
// @ts-expect-error not a column
await new XgbClassifier().fit(df, 'z');
// @ts-expect-error not a column
await new XgbRegressor().fit(df, 'z');
// @ts-expect-error not a column
await new XgbRegressor().fit(df, 'y', { features: ['z'] });
// @ts-expect-error not a column
await new XgbRanker().fit(df, 'z', { qid: 'x' });
// @ts-expect-error not a column
await new XgbRanker().fit(df, 'y', { qid: 'z' });
const chain = pipeline([
  ['scale', new StandardScaler()],
  ['fit', new LinearRegression()],
]);
await chain.fit(df, 'y');
// @ts-expect-error not a column
await chain.fit(df, 'z');

// Arrays
await new LinearRegression().fit([[1], [2]], [1, 2]);
await new LinearRegression().fit({ data: new Float64Array(4), nFeatures: 2 }, Float64Array.of(1, 2));
await new LogisticRegression().fit(df, ['a', 'b']);
// @ts-expect-error rows are numbers
await new LinearRegression().fit([['a']], [1]);

// Without a target
await new KMeans().fit(df, { features: ['x'] });
// @ts-expect-error not a column
await new KMeans().fit(df, { features: ['z'] });
// @ts-expect-error no target
await new KMeans().fit(df, 'x');
// @ts-expect-error not a column
await new Pca().fit(df, { exclude: ['z'] });
// @ts-expect-error not a column
await new OneHotEncoder().fit(df, { features: ['z'] });

// Parameters
new KMeans({ nClusters: 3, randomState: null });
new LogisticRegression({ classWeight: { a: 1 } });
// @ts-expect-error not a parameter
new KMeans({ clusters: 3 });
// @ts-expect-error a number
new KMeans({ nClusters: '3' });
// @ts-expect-error XGBoost's names in camel case
new XgbClassifier({ max_depth: 3 });
// @ts-expect-error read only
new KMeans().getParams().nClusters = 3;

// Predictions
const classifier = await new LogisticRegression().fit(df, 'label');
const proba: Table<any> = await classifier.predictProba(df);
proba.height;
classifier.withPrediction(table, { as: 'guess', probabilities: 'p_' });
// @ts-expect-error a regressor has no probabilities
await model.predictProba(df);
// @ts-expect-error not an option
model.withPrediction(df, { name: 'guess' });
