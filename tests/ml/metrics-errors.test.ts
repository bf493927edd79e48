// What metrics refuse, and what they say.
import { expect, test } from 'vitest';
import { fromColumns } from '../../ts/frame/create.ts';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import { Float64, Int64, nullable, Utf8 } from '../../ts/schema/dtypes.ts';
import { metrics } from '../support/metrics.ts';

const {
  accuracyScore,
  averagePrecisionScore,
  brierScoreLoss,
  calibrationCurve,
  classificationReport,
  confusionMatrix,
  f1Score,
  logLoss,
  meanPinballLoss,
  meanSquaredError,
  ndcgScore,
  precisionScore,
  r2Score,
  rocAucScore,
  rocCurve,
  silhouetteScore,
  topKAccuracyScore,
} = metrics;

const any = (x: unknown): any => x;
const df: DataFrame<any> = fromColumns({
  y: [0, 1, 1],
  text: ['a', 'b', 'b'],
  day: [new Date(0), new Date(1), new Date(2)],
  half: [0.5, 1, 2],
  p: [0.2, 0.7, 0.9],
  hole: [0.1, null, 0.3],
  nan: [0.1, Number.NaN, 0.3],
  inf: [0.1, Number.POSITIVE_INFINITY, 0.3],
  gap: ['a', null, 'b'],
  low: [1, -1, 1],
  none: [0, 0, 0],
});

const refused: [string, () => Promise<unknown>, string, RegExp][] = [
  ['different lengths', () => accuracyScore([1, 2], [1]), 'ERR_SHAPE', /'yTrue' has 2 and 'yPred' has 1/],
  [
    'weights of another length',
    () => accuracyScore([1, 2], [1, 2], { sampleWeight: [1] }),
    'ERR_SHAPE',
    /sampleWeight/,
  ],
  ['no rows', () => accuracyScore([], []), 'ERR_SHAPE', /at least one row/],
  ['no rows of a frame', () => accuracyScore(df.head(0), 'y', 'y'), 'ERR_SHAPE', /at least one row/],
  ['no numbers of a frame', () => r2Score(df.head(0), 'p', 'p'), 'ERR_SHAPE', /at least one row/],
  ['names without a frame', () => accuracyScore(any('y'), any('p')), 'ERR_PARAMETER', /give the frame first/],
  ['arrays with a frame', () => accuracyScore(df, any([1]), any([1])), 'ERR_PARAMETER', /name of a column for 'yTrue'/],
  ['a missing column', () => accuracyScore(df, 'yy', 'y'), 'ERR_COLUMN_NOT_FOUND', /Did you mean "y"/],
  ['null labels', () => accuracyScore(any(['a', null]), ['a', 'b']), 'ERR_MISSING_VALUES', /row 1 is null/],
  ['null labels of a frame', () => accuracyScore(df, 'text', 'gap'), 'ERR_MISSING_VALUES', /"gap" has 1 null/],
  ['NaN labels', () => accuracyScore([1, Number.NaN], [1, 1]), 'ERR_MISSING_VALUES', /row 1 is NaN/],
  ['labels with fractions', () => accuracyScore([1.5], [1]), 'ERR_PARAMETER', /1\.5, which is no whole number/],
  ['labels with fractions of a frame', () => accuracyScore(df, 'half', 'y'), 'ERR_PARAMETER', /column "half"/],
  ['labels of two kinds', () => accuracyScore(['1'], [1]), 'ERR_DTYPE', /text.*number.*Cast/],
  ['labels of two kinds in a frame', () => accuracyScore(df, 'text', 'y'), 'ERR_DTYPE', /Cast/],
  ['labels of a wrong dtype', () => accuracyScore(df, 'day', 'y'), 'ERR_DTYPE', /Datetime/],
  ['objects as labels', () => accuracyScore(any([{}]), [1]), 'ERR_DTYPE', /object/],
  ['bigints past the numbers', () => accuracyScore([2n ** 60n], [1]), 'ERR_DTYPE', /past 2\^53/],
  [
    'negative weights',
    () => accuracyScore([1, 1], [1, 1], { sampleWeight: [1, -1] }),
    'ERR_PARAMETER',
    /at least 0\. Got -1/,
  ],
  [
    'negative weights of a frame',
    () => accuracyScore(df, 'y', 'y', { sampleWeight: 'low' }),
    'ERR_PARAMETER',
    /Got -1/,
  ],
  ['weights of 0', () => accuracyScore([1], [1], { sampleWeight: [0] }), 'ERR_PARAMETER', /0 in every row/],
  ['weights of 0 of a frame', () => f1Score(df, 'y', 'y', { sampleWeight: 'none' }), 'ERR_PARAMETER', /0 in every row/],
  ['null weights', () => accuracyScore(df, 'y', 'y', { sampleWeight: 'hole' }), 'ERR_MISSING_VALUES', /"hole".*nulls/],
  ['NaN weights', () => accuracyScore(df, 'y', 'y', { sampleWeight: 'nan' }), 'ERR_MISSING_VALUES', /"nan".*NaN/],
  ['text as weights', () => accuracyScore(df, 'y', 'y', { sampleWeight: 'text' }), 'ERR_DTYPE', /Utf8/],
  [
    'an unknown option',
    () => accuracyScore([1], [1], any({ sampleWeights: [1] })),
    'ERR_PARAMETER',
    /Did you mean "sampleWeight"/,
  ],
  [
    'an unknown average',
    () => f1Score([1], [1], any({ average: 'mean' })),
    'ERR_PARAMETER',
    /one of 'binary'.*Got 'mean'/,
  ],
  ['a wrong zeroDivision', () => f1Score([1], [1], { zeroDivision: 2 }), 'ERR_PARAMETER', /0, 1 or NaN/],
  ['binary of three classes', () => f1Score([1, 2, 3], [1, 2, 3]), 'ERR_TARGET', /'macro'/],
  ['no positive class', () => precisionScore(['a', 'b'], ['a', 'b']), 'ERR_PARAMETER', /'posLabel'/],
  [
    'a positive class that is not there',
    () => precisionScore([0, 1], [0, 1], { posLabel: 2 }),
    'ERR_PARAMETER',
    /0, 1/,
  ],
  ['labels that do not occur', () => confusionMatrix(['a'], ['a'], { labels: ['x'] }), 'ERR_PARAMETER', /'x'/],
  [
    'names for other classes',
    () => classificationReport([0, 1], [0, 1], { targetNames: ['a'] }),
    'ERR_PARAMETER',
    /Got 1/,
  ],
  ['AUC of one class', () => rocAucScore([1, 1], [0.1, 0.2]), 'ERR_TARGET', /one class only/],
  ['AUC of one class in a frame', () => rocAucScore(df, 'none', 'p'), 'ERR_TARGET', /one class only/],
  [
    'AUC of weight in one class',
    () => rocAucScore([0, 1], [0.1, 0.2], { sampleWeight: [0, 1] }),
    'ERR_TARGET',
    /not defined/,
  ],
  [
    'AUC of three classes with one score',
    () => rocAucScore([0, 1, 2], [1, 2, 3]),
    'ERR_TARGET',
    /score for each class/,
  ],
  [
    'scores of other classes',
    () =>
      rocAucScore(
        [0, 1, 2],
        [[1], [2]].map((v) => [v[0]!, 0, 1]),
      ),
    'ERR_PARAMETER',
    /'classes'/,
  ],
  [
    'scores that sum to more',
    () =>
      rocAucScore(
        [0, 1, 2],
        [
          [1, 1, 1],
          [1, 1, 1],
          [0, 0, 0],
        ],
      ),
    'ERR_PARAMETER',
    /sum to 2/,
  ],
  [
    'a class against none',
    () =>
      rocAucScore(
        [0, 1, 1],
        [
          [1, 0, 0],
          [0, 1, 1],
          [0, 0, 0],
        ],
        { classes: [0, 1, 2] },
      ),
    'ERR_TARGET',
    /class 2/,
  ],
  ['null scores', () => rocAucScore(df, 'y', 'hole'), 'ERR_MISSING_VALUES', /"hole" has 1 null/],
  ['NaN scores', () => rocAucScore(df, 'y', 'nan'), 'ERR_MISSING_VALUES', /"nan" has 1 NaN/],
  ['infinite scores', () => rocAucScore(df, 'y', 'inf'), 'ERR_MISSING_VALUES', /"inf" has 1 infinite/],
  [
    'NaN scores of an array',
    () => rocAucScore([0, 1], [0, Number.NaN]),
    'ERR_MISSING_VALUES',
    /'yScore'.*row 1 is NaN/,
  ],
  ['text as scores', () => rocAucScore([0, 1], any(['a', 'b'])), 'ERR_DTYPE', /row 0 is the text 'a'/],
  ['text as scores of a frame', () => averagePrecisionScore(df, 'y', 'text'), 'ERR_DTYPE', /"text".*Utf8/],
  ['a ROC curve of one class', () => rocCurve([0, 0], [0.1, 0.2]), 'ERR_TARGET', /no positive/],
  ['a curve of text classes', () => rocCurve(['a', 'b'], [0.1, 0.2]), 'ERR_PARAMETER', /'posLabel'/],
  ['log loss of one class', () => logLoss([1, 1], [0.4, 0.6]), 'ERR_TARGET', /'classes'/],
  ['probabilities past 1', () => logLoss([0, 1], [0.5, 1.5]), 'ERR_PARAMETER', /row 1 has 1\.5/],
  [
    'probabilities that sum to less',
    () =>
      logLoss(
        [0, 1],
        [
          [0.5, 0.5],
          [0.2, 0.5],
        ],
      ),
    'ERR_PARAMETER',
    /row 0 sum to 0\.7/,
  ],
  [
    'classes twice',
    () =>
      logLoss(
        [0, 1],
        [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        { classes: [0, 0] },
      ),
    'ERR_PARAMETER',
    /twice/,
  ],
  [
    'classes without one',
    () =>
      logLoss(
        [0, 2],
        [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        { classes: [0, 1] },
      ),
    'ERR_PARAMETER',
    /class 2/,
  ],
  ['Brier of three classes with one', () => brierScoreLoss([0, 1, 2], [0, 0, 1]), 'ERR_TARGET', /two classes/],
  [
    'k of 0',
    () =>
      topKAccuracyScore(
        [0, 1],
        [
          [1, 0],
          [0, 1],
        ],
        { k: 0 },
      ),
    'ERR_PARAMETER',
    /'k'/,
  ],
  ['a calibration of wild numbers', () => calibrationCurve([0, 1], [2, 3]), 'ERR_PARAMETER', /0 to 1/],
  ['bins of 0', () => calibrationCurve([0, 1], [0.2, 0.3], { nBins: 0 }), 'ERR_PARAMETER', /'nBins'/],
  ['null numbers', () => meanSquaredError(df, 'p', 'hole'), 'ERR_MISSING_VALUES', /"hole" has 1 null/],
  ['null numbers of an array', () => meanSquaredError([1, 2], any([1, null])), 'ERR_MISSING_VALUES', /row 1 is null/],
  ['text for numbers', () => meanSquaredError(df, 'p', 'text'), 'ERR_DTYPE', /Utf8/],
  ['a quantile past 1', () => meanPinballLoss([1], [1], { alpha: 2 }), 'ERR_PARAMETER', /\[0, 1\]/],
  ['one cluster', () => silhouetteScore([[1], [2], [3]], [0, 0, 0]), 'ERR_TARGET', /from 2 to 2 clusters.*there is 1/],
  ['as many clusters as rows', () => silhouetteScore([[1], [2], [3]], [0, 1, 2]), 'ERR_TARGET', /there are 3/],
  ['clusters of another length', () => silhouetteScore([[1], [2], [3]], [0, 1]), 'ERR_SHAPE', /'labels' has 2/],
  ['negative relevance', () => ndcgScore([-1, 1], [1, 2]), 'ERR_PARAMETER', /Got -1/],
  [
    'weights that differ in a query',
    () => ndcgScore([0, 1], [1, 2], { sampleWeight: [1, 2] }),
    'ERR_PARAMETER',
    /weighs queries/,
  ],
];

test.each(refused)('%s', async (_, call, code, message) => {
  const error = await call().then(
    (value) => expect.fail(`gave ${String(value)}`),
    (e: unknown) => e as { code?: string; message: string },
  );
  expect([error.message, error.code]).toEqual([expect.stringMatching(message), code]);
});

test('one class has no area, and what is defined without one is given', async () => {
  expect(await averagePrecisionScore([0, 0], [0.1, 0.2])).toBe(0);
  expect(await brierScoreLoss([0, 0], [0.1, 0.2])).toBeCloseTo(0.025, 15);
  expect(await logLoss([1, 1], [0.4, 0.6], { classes: [0, 1] })).toBeCloseTo(-(Math.log(0.4) + Math.log(0.6)) / 2, 15);
});

test('labels and numbers of every form', async () => {
  const frame = fromColumns(
    { a: [1n, 2n, 2n], b: [1, 2, 1], t: ['x', 'y', 'y'], ok: [true, false, false] },
    {
      schema: {
        a: Int64,
        b: nullable(Float64),
        t: Utf8,
        ok: nullable((await import('../../ts/schema/dtypes.ts')).Bool),
      },
    },
  );
  using table = await frame.collect();
  const third = 2 / 3;
  expect(await accuracyScore(frame, 'a', 'b')).toBe(third);
  expect(await accuracyScore(table, 'a', 'b')).toBe(third);
  expect(await accuracyScore(table.column('a'), table.column('b'))).toBe(third);
  expect(await accuracyScore([1n, 2n, 2n], [1, 2, 1])).toBe(third);
  expect(await accuracyScore(BigInt64Array.of(1n, 2n, 2n), Int8Array.of(1, 2, 1))).toBe(third);
  expect(await accuracyScore(table.column('t'), ['x', 'y', 'x'])).toBe(third);
  expect(await accuracyScore(table.column('ok'), [true, false, true])).toBe(third);
  expect((await confusionMatrix([1n, 2n], [2n, 2n])).classes).toEqual([1n, 2n]);
  expect(await meanSquaredError(table.column('a'), table.column('b'))).toBe(1 / 3);
  expect(await meanSquaredError(frame, 'a', 'b')).toBe(1 / 3);
  expect(await rocAucScore(table.column('ok'), table.column('b'))).toBe(0.25);
});

test('probabilities as predictProba gives them', async () => {
  using proba = await fromColumns({ no: [0.8, 0.4, 0.1], yes: [0.2, 0.6, 0.9] }).collect();
  const labels = ['no', 'yes', 'yes'];
  const want = -(Math.log(0.8) + Math.log(0.6) + Math.log(0.9)) / 3;
  expect(await logLoss(labels, proba)).toBeCloseTo(want, 15);
  expect(await logLoss(labels, proba.column('yes'), { posLabel: 'yes' })).toBeCloseTo(want, 15);
  expect(await rocAucScore(labels, proba)).toBe(1);
  // Classes in another order than the sorted one.
  const swapped = [proba.column('yes'), proba.column('no')];
  expect(await logLoss(labels, swapped, { classes: ['yes', 'no'] })).toBeCloseTo(want, 15);
});

test('long columns of text are read in pieces', async () => {
  const words = ['Oslo', 'Rome', 'Zürich', '東京', ''];
  const t = Array.from({ length: 150_001 }, (_, i) => words[i % 5]!);
  const p = t.map((w, i) => (i % 4 === 0 ? 'Rome' : w));
  using table = await fromColumns({ t, p }).collect();
  const want = t.filter((w, i) => w === p[i]).length / t.length;
  expect(await accuracyScore(table.column('t'), table.column('p'))).toBe(want);
  expect(await accuracyScore(t, p)).toBe(want);
  expect(await accuracyScore(table, 't', 'p')).toBe(want);
});

test('the report prints weights with its digits', async () => {
  const { text } = await classificationReport(['a', 'b'], ['a', 'b'], { sampleWeight: [1.5, 2.25], digits: 1 });
  expect(text.split('\n')[2]).toBe('           a        1.0       1.0       1.0       1.5');
  // 0.125 lies between two decimals: the even one is printed.
  const half = await classificationReport([1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1]);
  expect(half.text).toContain('1       0.12      1.00');
});
