// Compiled, never run: what splits and searches take of a typed frame, and what they give.
import { type DataFrame, type Float64, fromColumns, type Utf8 } from '../../ts/index.ts';
import {
  crossValidate,
  GridSearch,
  GroupKFold,
  KFold,
  LinearRegression,
  type LinearRegressionModel,
  RandomSearch,
  StratifiedKFold,
  trainTestSplit,
  uniform,
} from '../../ts/ml/index.ts';
import type { Equal } from './expressions.ts';

function expect<T extends true>(..._: T[]): void {}

const df = fromColumns({ x: [1, 2], y: [1, 2], label: ['a', 'b'] });
type S = { x: Float64; y: Float64; label: Utf8 };
const untyped: DataFrame<any> = df;

// Parts have the frame's type
const split = await trainTestSplit(df, { stratify: 'label' });
expect<Equal<typeof split.train, DataFrame<S>>>();
expect<Equal<typeof split.test, DataFrame<S>>>();
await trainTestSplit(untyped, { groups: 'anything', cache: false });
// @ts-expect-error not a column
await trainTestSplit(df, { stratify: 'labels' });
// @ts-expect-error not an option
await trainTestSplit(df, { testFraction: 0.2 });

for await (const { train, test } of new KFold({ nSplits: 3 }).split(df)) {
  expect<Equal<typeof train, DataFrame<S>>>();
  expect<Equal<typeof test, DataFrame<S>>>();
}
new StratifiedKFold().split(df, { y: 'label' });
new GroupKFold().split(untyped, { groups: 'anything' });
// @ts-expect-error not a column
new StratifiedKFold().split(df, { y: 'labels' });
// @ts-expect-error not a parameter
new KFold({ folds: 3 });

// Models and parameters are the estimator's
const validated = await crossValidate(new LinearRegression(), df, 'y', { scoring: 'r2', returnModels: true });
expect<Equal<typeof validated.models, readonly (LinearRegressionModel | null)[] | null>>();
await crossValidate(new LinearRegression(), df, Float64Array.of(1, 2), { scoring: ['r2', 'negMeanAbsoluteError'] });
await crossValidate(new LinearRegression(), [[1], [2]], [1, 2], { scoring: { own: () => 1 } });
// @ts-expect-error not a column
await crossValidate(new LinearRegression(), df, 'z');
// @ts-expect-error not a score
await crossValidate(new LinearRegression(), df, 'y', { scoring: 'rsquared' });
// @ts-expect-error not a column
await crossValidate(new LinearRegression(), df, 'y', { groups: 'shop' });

const found = await new GridSearch(new LinearRegression(), { fitIntercept: [true, false] }).fit(df, 'y');
expect<Equal<typeof found.bestModel, LinearRegressionModel>>();
expect<Equal<typeof found.bestParams.fitIntercept, boolean | undefined>>();
new GridSearch(new LinearRegression(), [{ fitIntercept: [true] }, { fitIntercept: [false] }]);
// @ts-expect-error not a parameter
new GridSearch(new LinearRegression(), { alpha: [1] });
// @ts-expect-error not a value of the parameter
new GridSearch(new LinearRegression(), { fitIntercept: [1] });
new RandomSearch(new LinearRegression(), { fitIntercept: [true, false] }, { nIter: 2 });
// @ts-expect-error a number is no flag
new RandomSearch(new LinearRegression(), { fitIntercept: uniform(0, 1) });
