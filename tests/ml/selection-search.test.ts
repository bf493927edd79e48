// Cross-validation and searches: scikit-learn's scores on its own folds, and what holds of every run.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { backendInfos, type DataFrame, fromColumns, readParquet } from '../../ts/index.ts';
import { LinearRegression, type LinearRegressionModel } from '../../ts/ml/linear/linear-regression.ts';
import { crossValidate } from '../../ts/ml/selection/cross-validate.ts';
import { choice, integers, logUniform, uniform } from '../../ts/ml/selection/distributions.ts';
import { GridSearch } from '../../ts/ml/selection/grid-search.ts';
import { GroupKFold } from '../../ts/ml/selection/group-k-fold.ts';
import { KFold } from '../../ts/ml/selection/k-fold.ts';
import { RandomSearch } from '../../ts/ml/selection/random-search.ts';
import { ranked, resultsFrame } from '../../ts/ml/selection/search-result.ts';
import { TimeSeriesSplit } from '../../ts/ml/selection/time-series-split.ts';

const fixtures = path.join(import.meta.dirname, '../fixtures/ml');
const golden = JSON.parse(fs.readFileSync(path.join(fixtures, 'splits.json'), 'utf8')).crossValidation;
const diabetes = (): Promise<DataFrame<any>> => readParquet(path.join(fixtures, 'diabetes.parquet'));

const close = (actual: ArrayLike<number>, expected: readonly number[], relative = 1e-6): void => {
  expect(actual.length).toBe(expected.length);
  for (const [i, e] of expected.entries()) expect(Math.abs(actual[i]! - e)).toBeLessThanOrEqual(relative * Math.abs(e));
};
/** Wraps the estimator so that fits are seen. */
class Watched extends LinearRegression {
  static fits: { rows: number; options: any }[] = [];
  override async fitAny(rows: any, target: any, options: any = {}): Promise<LinearRegressionModel> {
    Watched.fits.push({ rows: await rows.count(), options });
    return super.fitAny(rows, target, options);
  }
}

describe('crossValidate', () => {
  test('gives the scores of scikit-learn', async () => {
    const scoring = ['r2', 'negMeanSquaredError', 'negRootMeanSquaredError', 'negMeanAbsoluteError'] as const;
    const found = await crossValidate(new LinearRegression(), await diabetes(), 'target', {
      scoring,
      returnTrainScores: true,
    });
    for (const name of scoring) {
      close(found.scores[name]!, golden.linear.scores[name]);
      close(found.trainScores![name]!, golden.linear.trainScores[name]);
      const mean = [...found.scores[name]!].reduce((sum, v) => sum + v, 0) / 5;
      expect(found.means[name]).toBeCloseTo(mean, 12);
    }
    expect(found.stds['r2']).toBeCloseTo(
      Math.sqrt([...found.scores['r2']!].reduce((s, v) => s + (v - found.means['r2']!) ** 2, 0) / 5),
      12,
    );
    expect([found.fitMs.length, found.scoreMs.length, found.models, found.errors]).toEqual([
      5,
      5,
      null,
      [null, null, null, null, null],
    ]);
  });

  test('weights, from a column or an array, go to the fits and not to the scores', async () => {
    const frame = await diabetes();
    const weights = Float64Array.from({ length: 442 }, (_, i) => (((7 * i) % 10) + 1) / 4);
    const byArray = await crossValidate(new LinearRegression(), frame, 'target', { cv: 4, sampleWeight: weights });
    close(byArray.scores['r2']!, golden.weighted);
    using table = await frame.collect();
    const weighted = fromColumns({ ...table.toColumns(), w: weights } as never) as DataFrame<any>;
    const byColumn = await crossValidate(new LinearRegression(), weighted, 'target', { cv: 4, sampleWeight: 'w' });
    expect(byColumn.scores).toEqual(byArray.scores);
  });

  test('an array as target is split with the rows', async () => {
    const frame = await diabetes();
    using table = await frame.collect();
    const target = table.column('target').toArray();
    const found = await crossValidate(new LinearRegression(), frame.drop('target'), target);
    close(found.scores['r2']!, golden.linear.scores.r2);
    expect((await crossValidate(new LinearRegression(), frame.drop('target'), [...target])).scores).toEqual(
      found.scores,
    );
  });

  test('models on request, scores of one’s own, several by name', async () => {
    const frame = await diabetes();
    const seen: string[] = [];
    const found = await crossValidate(new LinearRegression(), frame, 'target', {
      cv: 3,
      returnModels: true,
      scoring: {
        fit: 'r2',
        worst: async (model, rows, target, run) => {
          seen.push(target!);
          const { mae } = await model.evaluate(rows, target, run);
          return -mae;
        },
      },
    });
    expect(found.models!.map((m) => (m as LinearRegressionModel).coef.length)).toEqual([10, 10, 10]);
    expect(await found.models![0]!.featureNamesIn.length).toBe(10);
    expect(Object.keys(found.scores)).toEqual(['fit', 'worst']);
    expect([...found.scores['worst']!].every((v) => v < 0)).toBe(true);
    expect(seen).toEqual(['target', 'target', 'target']);
    for (const model of found.models!) model!.dispose();
  });

  test('groups are kept together and are no feature', async () => {
    const n = 200;
    const store = Int32Array.from({ length: n }, (_, i) => (i * 7) % 13);
    const x = Float64Array.from({ length: n }, (_, i) => i);
    const frame = fromColumns({ x, store, y: x.map((v, i) => v * 2 + (i % 3)) });
    const found = await crossValidate(new LinearRegression(), frame, 'y', {
      cv: 3,
      groups: 'store',
      returnModels: true,
    });
    expect(found.models![0]!.featureNamesIn).toEqual(['x']);
    for (const model of found.models!) model!.dispose();
    const named = await crossValidate(new LinearRegression(), frame, 'y', {
      cv: new GroupKFold({ nSplits: 3 }),
      groups: 'store',
      features: ['x', 'store'],
    });
    expect(named.scores['r2']!.length).toBe(3);
  });

  test('any splitter: in time, shuffled, one’s own', async () => {
    const frame = await diabetes();
    const rowsOf = async (cv: any): Promise<number[]> => {
      Watched.fits = [];
      await crossValidate(new Watched(), frame, 'target', { cv });
      return Watched.fits.map((f) => f.rows);
    };
    expect(await rowsOf(new TimeSeriesSplit({ nSplits: 2, testSize: 50 }))).toEqual([342, 392]);
    expect(await rowsOf(new KFold({ nSplits: 2, shuffle: true, randomState: 1 }))).toEqual([221, 221]);
    const own = {
      nSplits: 1,
      async *split(rows: DataFrame<any>) {
        yield { train: rows.head(100), test: rows.tail(50) };
      },
    };
    expect(await rowsOf(own)).toEqual([100]);
  });

  test('progress, abort, and scores for fits that fail', async () => {
    const frame = await diabetes();
    const told: (number | undefined)[] = [];
    await crossValidate(new LinearRegression(), frame, 'target', { onProgress: (p) => told.push(p.fraction) });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual(told.toSorted((a, b) => a! - b!));
    const stop = new AbortController();
    const scoring = () => {
      stop.abort(new Error('enough'));
      return 1;
    };
    const run = crossValidate(new LinearRegression(), frame, 'target', { scoring, signal: stop.signal });
    await expect(run).rejects.toThrow('enough');
    const gaps = fromColumns({ x: [1, 2, 3, null, 5, 6], y: [1, 2, 3, 4, 5, 6] });
    await expect(crossValidate(new LinearRegression(), gaps, 'y', { cv: 3 })).rejects.toMatchObject({
      code: 'ERR_MISSING_VALUES',
      message: expect.stringContaining('fold 0'),
    });
    const { scores, errors } = await crossValidate(new LinearRegression(), gaps, 'y', {
      cv: 3,
      errorScore: Number.NaN,
    });
    expect([...scores['r2']!].map(Number.isNaN)).toEqual([true, true, true]);
    expect(errors[0]).toMatch(/Column "x" has 1 null/);
  });

  test('an abort, whenever it comes, leaves no memory behind', async () => {
    const used = async (): Promise<number> => {
      await new Promise((done) => setTimeout(done, 50));
      const cpu = (await backendInfos()).find((b) => b.name === 'cpu');
      return Number(cpu!.detail['usedBytes']);
    };
    const x = Float64Array.from({ length: 300_000 }, (_, i) => i % 1009);
    const frame = fromColumns({ x, y: x.map((v, i) => v + (i % 3)) });
    await frame.select({ n: (c) => c.x.sum() }).collect();
    const before = await used();
    for (const ms of [1, 5, 10, 20, 40]) {
      const signal = AbortSignal.timeout(ms);
      const costly = frame.withColumns({ z: (c) => c.x.mul(2) });
      await crossValidate(new LinearRegression(), costly, 'y', { signal, cv: 10 }).catch((error) => {
        expect(error).toBe(signal.reason);
      });
    }
    expect((await used()) - before).toBeLessThan(1 << 20);
  });

  test.each([
    ['an unknown score', { scoring: 'accuracy' }, /for a regressor, one of r2, .*Got "accuracy"/],
    ['a score misspelt', { scoring: 'negRootMeanSquareError' }, /Did you mean 'negRootMeanSquaredError'/],
    ['no score', { scoring: [] }, /names no score/],
    ['one fold', { cv: 1 }, /whole number from 2/],
    ['more folds than rows', { cv: 1000 }, /442 rows only/],
    ['an option misspelt', { scorings: 'r2' }, /Did you mean "scoring"/],
    ['an error score', { errorScore: 'nan' }, /'throw' or a number/],
    ['a column that is not there', { groups: 'shop' }, /"shop"/],
  ])('refuses %s', async (_, options, message) => {
    await expect(crossValidate(new LinearRegression(), await diabetes(), 'target', options as never)).rejects.toThrow(
      message,
    );
  });
});

describe('GridSearch', () => {
  test('tries every combination, ranks them, and fits the best on all rows', async () => {
    const frame = await diabetes();
    const search = new GridSearch(
      new LinearRegression(),
      { fitIntercept: [false, true] },
      { scoring: ['r2', 'negMeanAbsoluteError'], returnTrainScores: true },
    );
    expect(search.size).toBe(2);
    using found = await search.fit(frame, 'target');
    expect(found.bestParams).toEqual({ fitIntercept: true });
    expect(found.scoring).toBe('r2');
    const expected = golden.linear.scores.r2.reduce((a: number, b: number) => a + b) / 5;
    close([found.bestScore], [expected]);
    expect(found.results.columns).toEqual([
      'rank',
      'fitIntercept',
      ...['r2', 'negMeanAbsoluteError'].flatMap((s) => [
        s,
        `${s}Std`,
        ...[0, 1, 2, 3, 4].map((i) => `${s}Fold${i}`),
        `${s}Train`,
        `${s}TrainStd`,
      ]),
      'fitMs',
      'scoreMs',
    ]);
    using table = await found.results.collect();
    const rows = table.toRecords() as any[];
    expect(rows.map((r) => [r.rank, r.fitIntercept])).toEqual([
      [1, true],
      [2, false],
    ]);
    close([rows[0].r2, rows[0].r2Fold3], [expected, golden.linear.scores.r2[3]]);
    using all = await new LinearRegression().fit(frame, 'target');
    expect((found.bestModel as LinearRegressionModel).coef).toEqual(all.coef);
  });

  test('equal scores share a rank, in the order tried; several grids; refit', async () => {
    const frame = await diabetes();
    const grid = [{ fitIntercept: [true, true] }, { fitIntercept: [false] }];
    using found = await new GridSearch(new LinearRegression(), grid, { cv: 2, refit: false }).fit(frame, 'target');
    using table = await found.results.collect();
    expect(table.column('rank').toArray()).toEqual(Uint32Array.of(1, 1, 3));
    expect(() => found.bestModel).toThrow(/refit: false/);
    const refit = { cv: 2, scoring: ['r2', 'negMeanAbsoluteError'], refit: 'negMeanAbsoluteError' } as const;
    const other = await new GridSearch(new LinearRegression(), { fitIntercept: [true] }, refit).fit(frame, 'target');
    expect(other.scoring).toBe('negMeanAbsoluteError');
    expect(other.bestScore).toBeLessThan(0);
    other.dispose();
    expect(() => other.bestModel).toThrow(/disposed/);
  });

  test('a search can be cross-validated', async () => {
    const search = new GridSearch(new LinearRegression(), { fitIntercept: [false, true] }, { cv: 3 });
    const { scores } = await crossValidate(search, await diabetes(), 'target');
    close(scores['r2']!, golden.linear.scores.r2);
  });

  test('and keeps the groups of the outer splits whole in its own', async () => {
    const n = 120;
    const store = Int32Array.from({ length: n }, (_, i) => i % 12);
    const x = Float64Array.from({ length: n }, (_, i) => (i * 31) % 53);
    const frame = fromColumns({ x, store, y: x.map((v) => 2 * v) });
    const seen: number[][] = [];
    const spy = {
      nSplits: 2,
      split: (rows: DataFrame<any>, options: object) => {
        const { groups } = options as { groups?: string };
        seen.push([groups === 'store' ? 1 : 0]);
        return new GroupKFold({ nSplits: 2 }).split(rows, options);
      },
    };
    const search = new GridSearch(new LinearRegression(), { fitIntercept: [true] }, { cv: spy });
    const { models } = await crossValidate(search, frame, 'y', { cv: 3, groups: 'store', returnModels: true });
    expect(seen).toEqual([[1], [1], [1]]);
    expect(models![0]!.featureNamesIn).toEqual(['x']);
    for (const model of models!) model!.dispose();
  });

  test('what is wrong is said at once', () => {
    const grid = (g: unknown, o = {}) => new GridSearch(new LinearRegression(), g as never, o as never);
    expect(() => grid({ alpha: [1] })).toThrow(/LinearRegression has no parameter 'alpha'/);
    expect(() => grid({ fitIntercept: [true, 3] })).toThrow(
      /'fitIntercept' parameter of LinearRegression must be true or false/,
    );
    expect(() => grid({ fitIntercept: [] })).toThrow(/list of at least one/);
    expect(() => grid({})).toThrow(/at least one parameter/);
    expect(() => grid({ fitIntercept: [true] }, { refit: 'rocAuc' })).toThrow(/'refit' option/);
    expect(() => grid({ fitIntercept: [true] }, { folds: 3 })).toThrow(/Unknown option "folds" of GridSearch/);
    expect(() => new GridSearch(5 as never, {} as never)).toThrow(/Expected an estimator/);
  });

  test('parameters of any type become columns', () => {
    const candidate = (params: object) => ({ params, folds: [{ test: { r2: 1 }, fitMs: 1, scoreMs: 1 }] });
    const list = [
      { a: null, b: [1, 2], c: 'x', r2: 1, n: null },
      { a: 4, b: 'all', r2: 2, n: null, e: new LinearRegression() },
    ];
    const order = ranked(list.map(candidate) as never, ['r2'], 'r2');
    const frame = resultsFrame(order, ['r2'], { trainScores: false, errors: true });
    expect(Object.entries(frame.schema).map(([name, { dtype }]) => `${name} ${dtype}`)).toEqual(
      'rank UInt32,a Float64,b Utf8,c Utf8,r2 Float64,n Null,e Utf8,r2_ Float64,r2Std Float64,r2Fold0 Float64,fitMs Float64,scoreMs Float64,error Utf8'.split(
        ',',
      ),
    );
  });

  test('a score that is NaN ranks last', () => {
    const candidate = (r2: number) => ({ params: {}, folds: [{ test: { r2 } }] });
    const order = ranked([Number.NaN, 0.5, Number.NaN, 0.7, 0.5].map(candidate) as never, ['r2'], 'r2');
    expect(order.map((c) => c.rank)).toEqual([1, 2, 2, 4, 4]);
    expect(order.map((c) => c.means['r2'])).toEqual([0.7, 0.5, 0.5, Number.NaN, Number.NaN]);
  });

  test('all candidates failing is an error that says why', async () => {
    const gaps = fromColumns({ x: [1, 2, 3, null, 5, 6], y: [1, 2, 3, 4, 5, 6] });
    const search = new GridSearch(new LinearRegression(), { fitIntercept: [true] }, { cv: 2, errorScore: Number.NaN });
    await expect(search.fit(gaps, 'y')).rejects.toThrow(
      /No candidate of GridSearch has a score: Column "x" has 1 null/,
    );
  });
});

describe('RandomSearch', () => {
  test('draws the same candidates again, none twice from lists, all of a small grid', async () => {
    const frame = await diabetes();
    const run = async (options: object) => {
      const space = { fitIntercept: [true, false] };
      using found = await new RandomSearch(new LinearRegression(), space, { cv: 2, refit: false, ...options }).fit(
        frame,
        'target',
      );
      using table = await found.results.collect();
      return { seed: found.randomState, tried: table.column('fitIntercept').toArray() };
    };
    expect((await run({ nIter: 10, randomState: 3 })).tried.toSorted()).toEqual([false, true]);
    expect((await run({ nIter: 1, randomState: 3 })).tried).toEqual((await run({ nIter: 1, randomState: 3 })).tried);
    const drawn = await run({ nIter: 1 });
    expect(await run({ nIter: 1, randomState: drawn.seed })).toEqual(drawn);
  });

  test('refuses what its estimator refuses', () => {
    const random = (s: unknown, o = {}) => new RandomSearch(new LinearRegression(), s as never, o as never);
    expect(() => random({ alpha: uniform(0, 1) })).toThrow(/no parameter 'alpha'/);
    expect(() => random({ fitIntercept: uniform(0, 1) })).toThrow(/must be true or false/);
    expect(() => random({ fitIntercept: [] })).toThrow(/distribution or a list/);
    expect(() => random({})).toThrow(/at least one parameter/);
    expect(() => random({ fitIntercept: [true] }, { nIter: 0 })).toThrow(
      "The 'nIter' parameter of RandomSearch must be a whole number in [1, inf). Got 0.",
    );
    expect(() => random({ fitIntercept: [true] }, { randomState: 1.5 })).toThrow(/'randomState' parameter/);
  });
});

describe('distributions', () => {
  const ends = [0, 0.25, 0.5, 0.999_999_999_999_999_9];
  test('stay in their ranges and reach their ends', () => {
    expect(ends.map((u) => uniform(-2, 2).at(u))).toEqual([-2, -1, 0, expect.closeTo(2, 9)]);
    expect(ends.map((u) => integers(3, 5).at(u))).toEqual([3, 3, 4, 5]);
    expect(integers(7, 7).at(0.5)).toBe(7);
    expect(ends.map((u) => choice(['a', 'b']).at(u))).toEqual(['a', 'a', 'b', 'b']);
    const decades = Array.from({ length: 4000 }, (_, i) => Math.floor(Math.log10(logUniform(1e-3, 10).at(i / 4000))));
    for (const d of [-3, -2, -1, 0]) expect(decades.filter((x) => x === d).length).toBeGreaterThan(990);
    for (const u of ends) expect(Math.abs(logUniform(0.1, 0.3).at(u) - 0.2)).toBeLessThanOrEqual(0.1);
  });
  test('refuse ranges that are none', () => {
    for (const make of [
      () => uniform(1, 1),
      () => uniform(0, Number.POSITIVE_INFINITY),
      () => logUniform(0, 1),
      () => integers(1.5, 3),
      () => integers(3, 1),
      () => choice([]),
    ])
      expect(make).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER' }));
  });
});
