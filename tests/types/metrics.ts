// Compiled, never run: what metrics take of a typed frame, and what they give.
import { type DataFrame, type Float64, fromColumns } from '../../ts/index.ts';
import {
  accuracyScore,
  f1Score,
  meanSquaredError,
  precisionRecallFscoreSupport,
  rocAucScore,
  rocCurve,
  silhouetteScore,
} from '../../ts/ml/index.ts';
import type { Equal } from './expressions.ts';

function expect<T extends true>(..._: T[]): void {}

const df = fromColumns({
  label: ['a', 'b'],
  prediction: ['a', 'a'],
  y: [1, 2],
  p: [1, 2],
  at: [new Date(), new Date()],
});
const untyped: DataFrame<any> = df;

// Names of columns of the right dtypes
const accuracy = await accuracyScore(df, 'label', 'prediction', { sampleWeight: 'y' });
expect<Equal<typeof accuracy, number>>();
await accuracyScore(untyped, 'anything', 'else');
await meanSquaredError(df, 'y', 'p');
await rocAucScore(df, 'label', ['y', 'p'], { average: 'weighted' });
await silhouetteScore(df, 'label', { features: ['y'] });
// @ts-expect-error not a column
await accuracyScore(df, 'label', 'predictions');
// @ts-expect-error a moment is no class
await accuracyScore(df, 'label', 'at');
// @ts-expect-error text is no number
await meanSquaredError(df, 'y', 'label');
// @ts-expect-error text is no weight
await accuracyScore(df, 'label', 'prediction', { sampleWeight: 'label' });
// @ts-expect-error an unknown option
await accuracyScore(df, 'label', 'prediction', { weights: 'y' });

// Arrays
await accuracyScore(['a'], ['a']);
await accuracyScore([1n], BigInt64Array.of(1n), { sampleWeight: [1] });
await accuracyScore([true], [false]);
// @ts-expect-error objects are no labels
await accuracyScore([{}], [{}]);

// One number, or one of each class
const macro = await f1Score([1], [1], { average: 'macro' });
expect<Equal<typeof macro, number>>();
const binary = await f1Score([1], [1]);
expect<Equal<typeof binary, number>>();
const each = await f1Score(df, 'label', 'prediction', { average: 'none' });
expect<Equal<typeof each, Float64Array>>();
const all = await precisionRecallFscoreSupport([1], [1]);
expect<Equal<typeof all.support, Float64Array>>();
const areas = await rocAucScore([1], [[1], [0]], { average: 'none' });
expect<Equal<typeof areas, Float64Array>>();

const curve = await rocCurve(df, 'label', 'p');
expect<Equal<typeof curve, DataFrame<{ falsePositiveRate: Float64; truePositiveRate: Float64; threshold: Float64 }>>>();
