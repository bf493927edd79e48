// Splits against scikit-learn's (tests/fixtures/ml/splits.json), and what must hold of every split.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  Bool,
  Categorical,
  type DataFrame,
  Date32,
  Datetime,
  Decimal,
  Float32,
  Float64,
  fromColumns,
  fromRecords,
  Int8,
  Int32,
  Int64,
  len,
  readParquet,
  UInt64,
  Utf8,
} from '../../ts/index.ts';
import type { Fold, Splitter } from '../../ts/ml/selection/folds.ts';
import { GroupKFold } from '../../ts/ml/selection/group-k-fold.ts';
import { KFold } from '../../ts/ml/selection/k-fold.ts';
import { StratifiedKFold } from '../../ts/ml/selection/stratified-k-fold.ts';
import { TimeSeriesSplit } from '../../ts/ml/selection/time-series-split.ts';
import { trainTestSplit } from '../../ts/ml/selection/train-test-split.ts';
import { uniform } from '../../ts/util/philox.ts';

const golden = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../fixtures/ml/splits.json'), 'utf8'),
) as Record<string, any[]>;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-splits-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const idsOf = async (frame: DataFrame<any>): Promise<number[]> => {
  using table = await frame.select('id').collect();
  return [...table.column('id')] as number[];
};
const numbered = (n: number, columns: Record<string, ArrayLike<unknown>> = {}): DataFrame<any> =>
  fromColumns({ id: Int32Array.from({ length: n }, (_, i) => i), ...columns } as never);
const camel = (params: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(params).map(([k, v]) => [k.replace(/_(.)/g, (_, c) => c.toUpperCase()), v]));

/** The fold that tests each row; checks that train and test part the rows and keep their order. */
async function foldOf(splitter: Splitter, frame: DataFrame<any>, n: number, options = {}): Promise<number[]> {
  const folds = new Array<number>(n).fill(-1);
  let i = 0;
  for await (const { train, test } of splitter.split(frame, options)) {
    const tested = await idsOf(test);
    const trained = await idsOf(train);
    const seen = new Uint8Array(n);
    for (const ids of [tested, trained]) {
      for (const [k, id] of ids.entries()) {
        seen[id]!++;
        if (k > 0 && id <= ids[k - 1]!) throw new Error(`row ${id} out of order`);
      }
    }
    expect(tested.length + trained.length).toBe(n);
    expect(seen.indexOf(0)).toBe(-1);
    for (const id of tested) folds[id] = i;
    i++;
  }
  expect(i).toBe(splitter.nSplits);
  return folds;
}

describe('folds are those of scikit-learn', () => {
  test.each(golden['kFold']!)('KFold: $n rows, $nSplits folds', async ({ n, nSplits, folds }) => {
    expect(await foldOf(new KFold({ nSplits }), numbered(n), n)).toEqual(folds);
  });

  test.each(golden['stratifiedKFold']!)('StratifiedKFold: $nSplits folds', async ({ y, nSplits, folds }) => {
    const frame = numbered(y.length, { y: Int32Array.from(y) });
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    expect(await foldOf(new StratifiedKFold({ nSplits }), frame, y.length, { y: 'y' })).toEqual(folds);
    const counts = [...new Set(y)].map((c) => y.filter((v: number) => v === c).length);
    const rare = Math.min(...counts) < nSplits;
    expect(warned.mock.calls.length).toBe(rare ? 1 : 0);
    if (rare) expect(warned.mock.calls[0]![1]).toEqual({ code: 'WARPFRAME_RARE_CLASS' });
    warned.mockRestore();
  });

  test.each(golden['groupKFold']!)('GroupKFold: $nSplits folds', async ({ groups, nSplits, folds }) => {
    const n = groups.length;
    const frame = numbered(n, { g: Int32Array.from(groups) });
    expect(await foldOf(new GroupKFold({ nSplits }), frame, n, { groups: 'g' })).toEqual(folds);
    // Text that sorts as the numbers do.
    const named = numbered(n, { g: groups.map((g: number) => `group ${String(g).padStart(3, '0')}`) });
    expect(await foldOf(new GroupKFold({ nSplits }), named, n, { groups: 'g' })).toEqual(folds);
  });

  test.each(golden['timeSeriesSplit']!)('TimeSeriesSplit: $n rows, $params', async ({ n, params, folds }) => {
    const found: number[][] = [];
    for await (const { train, test } of new TimeSeriesSplit(camel(params)).split(numbered(n))) {
      const [a, b] = [await idsOf(train), await idsOf(test)];
      found.push([a[0]!, a.at(-1)! + 1, b[0]!, b.at(-1)! + 1]);
      expect(a.length + b.length).toBe(a.at(-1)! + 1 - a[0]! + b.at(-1)! + 1 - b[0]!);
    }
    expect(found).toEqual(folds);
  });
});

describe('trainTestSplit has the sizes of scikit-learn', () => {
  test('fractions, counts, and what is refused', async () => {
    for (const { n, params, shuffle, sizes } of golden['sizes']!) {
      const what = JSON.stringify({ n, params, shuffle });
      const split = trainTestSplit(numbered(n), { ...camel(params), shuffle, randomState: 0 });
      if (typeof sizes === 'string') {
        await expect(split, what).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
        continue;
      }
      using parts = await split;
      const [train, test] = [await idsOf(parts.train), await idsOf(parts.test)];
      expect([train.length, test.length], what).toEqual(sizes);
      expect(new Set([...train, ...test]).size, what).toBe(train.length + test.length);
      if (!shuffle)
        expect([...train, ...test]).toEqual(Array.from({ length: train.length + test.length }, (_, i) => i));
    }
  });

  test('and its shares of every class', async () => {
    for (const { y, params, outcomes } of golden['proportions']!) {
      const classes = Math.max(...[...y].map(Number)) + 1;
      const frame = numbered(y.length, { y: [...y] });
      const split = trainTestSplit(frame, { ...camel(params), stratify: 'y', randomState: 3 });
      if (outcomes.every((o: unknown) => typeof o === 'string')) {
        await expect(split).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
        continue;
      }
      using parts = await split;
      const counted = [];
      for (const part of [parts.train, parts.test]) {
        const counts = new Array<number>(classes).fill(0);
        for (const id of await idsOf(part)) counts[Number(y[id])]!++;
        counted.push(counts);
      }
      expect(outcomes).toContainEqual(counted);
    }
  });

  test('and of groups', async () => {
    for (const { groups, params, nGroups } of golden['groupsDrawn']!) {
      using parts = await trainTestSplit(numbered(groups.length, { g: groups }), { ...camel(params), groups: 'g' });
      const [train, test] = await Promise.all(
        [parts.train, parts.test].map(async (p) => new Set((await idsOf(p)).map((i) => groups[i]))),
      );
      expect([train!.size, test!.size]).toEqual(nGroups);
      expect([...train!].filter((g) => test!.has(g))).toEqual([]);
    }
  });
});

describe('what must hold of every split', () => {
  const n = 150_001;
  const y = Array.from(
    { length: n },
    (_, i) => ['a', 'b', null, 'a long name, not inline'][Math.floor(uniform(1, i) ** 2 * 4)]!,
  );
  const group = Array.from({ length: n }, (_, i) => Math.floor(uniform(2, i) ** 3 * 900));
  const at = Array.from({ length: n }, (_, i) => new Date(1.7e12 + Math.floor(uniform(3, i) * 5000) * 1000));
  const big = numbered(n, { y, group: Int32Array.from(group), at });

  test.each([
    {},
    { stratify: 'y' },
    { groups: 'group' },
    { timeColumn: 'at' },
    { shuffle: false },
  ])('of %o: two parts without a common row, in order, the same again', async (options) => {
    using first = await trainTestSplit(big, { testSize: 0.3, randomState: 7, ...options });
    using again = await trainTestSplit(big.withColumns({ id: (c: any) => c.id.mul(1) }), {
      testSize: 0.3,
      randomState: 7,
      ...options,
    });
    const train = await idsOf(first.train);
    const test = await idsOf(first.test);
    expect(train.length + test.length).toBe(n);
    expect(new Set([...train, ...test]).size).toBe(n);
    expect(train.every((id, i) => i === 0 || id > train[i - 1]!)).toBe(true);
    expect(await idsOf(again.train)).toEqual(train);
    expect(await idsOf(again.test)).toEqual(test);
    expect(first.train.columns).toEqual(big.columns);
    if (first.randomState !== null) {
      using other = await trainTestSplit(big, { testSize: 0.3, ...options, randomState: 8 });
      expect(await idsOf(other.test)).not.toEqual(test);
    }
  });

  test('the drawn rows are those with the smallest random numbers, whatever else is in the frame', async () => {
    const nTest = Math.ceil(n * 0.25);
    const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => uniform(11, a) - uniform(11, b));
    using split = await trainTestSplit(big.select('id'), { randomState: 11 });
    expect(await idsOf(split.test)).toEqual(order.slice(0, nTest).toSorted((a, b) => a - b));
  });

  test('within each class too, with shares that differ by less than a row', async () => {
    using split = await trainTestSplit(big, { testSize: 0.1, stratify: 'y', randomState: 11 });
    const tested = new Set(await idsOf(split.test));
    for (const label of new Set(y)) {
      const rows = Array.from({ length: n }, (_, i) => i).filter((i) => y[i] === label);
      const share = rows.filter((i) => tested.has(i)).length;
      expect(Math.abs(share - rows.length * 0.1)).toBeLessThan(1.1);
      const order = rows.toSorted((a, b) => uniform(11, a) - uniform(11, b));
      expect(order.slice(0, share).every((i) => tested.has(i))).toBe(true);
    }
  });

  test('names and order of the classes do not matter', async () => {
    const renamed = { a: 'z', b: 'null', 'a long name, not inline': 'b' } as Record<string, string>;
    const other = numbered(n, { y: y.map((v) => (v === null ? 'missing' : renamed[v]!)) });
    for (const make of [
      async (f: DataFrame<any>) => (await trainTestSplit(f, { stratify: 'y', randomState: 5 })).test,
      async (f: DataFrame<any>) => {
        for await (const { test } of new StratifiedKFold({ shuffle: true, randomState: 5 }).split(f, { y: 'y' }))
          return test;
        throw new Error('no fold');
      },
    ])
      expect(await idsOf(await make(big))).toEqual(await idsOf(await make(other)));
  });

  test.each([
    Bool,
    Int8,
    Int64,
    UInt64,
    Float32,
    Utf8,
    Categorical,
    Date32,
    Decimal(10, 2),
    Datetime('us'),
  ])('classes, groups and times of any dtype: %o', async (dtype) => {
    const from = dtype === Categorical ? Utf8 : dtype.dtype === 'Datetime' ? Int64 : Int32;
    const k = fromColumns({ id: Int32Array.from({ length: 1200 }, (_, i) => i) }).withColumns({
      v: (c) => (c.id.mod(4).cast(from) as any).cast(dtype),
    }) as DataFrame<any>;
    using fair = await trainTestSplit(k, { stratify: 'v', testSize: 0.1, randomState: 1 });
    using counts = await fair.test.groupBy('v').agg({ n: len() }).collect();
    const each = dtype === Bool ? [30, 90] : [30, 30, 30, 30];
    expect([...counts.column('n')].sort()).toEqual(each);
    using apart = await trainTestSplit(k, { groups: 'v', testSize: 1, randomState: 1 });
    expect(await apart.test.unique({ subset: ['v'] }).count()).toBe(1);
    expect(await apart.test.join(apart.train, { on: 'v', how: 'semi' }).count()).toBe(0);
    using later = await trainTestSplit(k, { timeColumn: 'v', testSize: 300 });
    expect(await later.test.unique({ subset: ['v'] }).count()).toBe(1);
  });

  test('time: every row of the test is later, and training comes right before', async () => {
    using split = await trainTestSplit(big, { timeColumn: 'at', testSize: 20_000, trainSize: 50_000 });
    const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => Number(at[a]) - Number(at[b]) || a - b);
    expect(await idsOf(split.test)).toEqual(order.slice(-20_000).toSorted((a, b) => a - b));
    expect(await idsOf(split.train)).toEqual(order.slice(-70_000, -20_000).toSorted((a, b) => a - b));
    expect(split.randomState).toBeNull();
  });

  test('shuffled folds: a partition, balanced, repeatable, and other folds for another seed', async () => {
    for (const [make, options] of [
      [(p: object) => new KFold(p), {}],
      [(p: object) => new StratifiedKFold(p), { y: 'y' }],
      [(p: object) => new GroupKFold(p), { groups: 'group' }],
    ] as const) {
      const folds = await foldOf(make({ nSplits: 4, shuffle: true, randomState: 2 }), big, n, options);
      expect(await foldOf(make({ nSplits: 4, shuffle: true, randomState: 2 }), big, n, options)).toEqual(folds);
      expect(await foldOf(make({ nSplits: 4, shuffle: true, randomState: 3 }), big, n, options)).not.toEqual(folds);
      const sizes = [0, 1, 2, 3].map((f) => folds.filter((g) => g === f).length);
      if (!('groups' in options)) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      if ('y' in options) {
        for (const label of new Set(y)) {
          const counts = [0, 1, 2, 3].map((f) => folds.filter((g, i) => g === f && y[i] === label).length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }
      if ('groups' in options) {
        const foldsOfGroup = new Map<number, number>();
        for (let i = 0; i < n; i++) {
          expect(foldsOfGroup.get(group[i]!) ?? folds[i]).toBe(folds[i]);
          foldsOfGroup.set(group[i]!, folds[i]!);
        }
      }
    }
  });

  test('as many folds as rows, and hundreds of stratified ones', async () => {
    expect(await foldOf(new KFold({ nSplits: 40 }), numbered(40), 40)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    const classes = numbered(900, { y: Array.from({ length: 900 }, (_, i) => i % 3 === 0) });
    const splits = new StratifiedKFold({ nSplits: 300, shuffle: true, randomState: 1 }).split(classes, { y: 'y' });
    const seen = new Set<number>();
    for await (const { test } of splits) for (const id of await idsOf(test)) seen.add(id);
    expect(seen.size).toBe(900);
  });
});

describe('where the rows come from', () => {
  const n = 70_000;
  const file = path.join(folder, 'rows.parquet');
  const made = numbered(n, { y: Array.from({ length: n }, (_, i) => i % 3) });

  test('a plan runs once, or with cache: false for each use; the rows are the same', async () => {
    await made.writeParquet(file);
    const scan = await readParquet(file);
    let runs = 0;
    const counted = scan.mapBatches(
      (batch) => {
        runs++;
        return batch.toColumns() as never;
      },
      { schema: { id: Int32, y: Float64 } },
    );
    using cached = await trainTestSplit(counted as DataFrame<any>, { stratify: 'y', randomState: 4 });
    const once = runs;
    const expected = [await idsOf(cached.train), await idsOf(cached.test)];
    expect(runs).toBe(once);
    using streamed = await trainTestSplit(
      scan.filter((c) => c.id.ge(0)),
      { stratify: 'y', randomState: 4, cache: false },
    );
    expect([await idsOf(streamed.train), await idsOf(streamed.test)]).toEqual(expected);
    expect(streamed.train.explain()).toContain('SCAN');
    expect(cached.train.explain()).not.toContain('SCAN');
  });

  test('cache: false refuses rows in no certain order', async () => {
    const loose = made.groupBy('y').agg({ n: len() });
    await expect(trainTestSplit(loose, { cache: false })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('maintainOrder'),
    });
    using split = await trainTestSplit(loose, { testSize: 1 });
    expect(await split.train.count()).toBe(2);
  });

  test('a file that changes under cache: false is an error, not other rows', async () => {
    const changing = path.join(folder, 'changing.parquet');
    await made.writeParquet(changing);
    using split = await trainTestSplit(await readParquet(changing), { cache: false, randomState: 1 });
    await made.head(n - 1).writeParquet(changing);
    await expect(split.train.count()).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_/) });
  });

  test('dispose frees the shared rows; rows that were in memory before stay', async () => {
    const split = await trainTestSplit(made.withColumns({ z: (c: any) => c.id.add(1) }), { randomState: 1 });
    expect(await split.train.count()).toBe(52_500);
    split[Symbol.dispose]();
    await expect(split.train.count()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    expect(await made.count()).toBe(n);
    const folds = new KFold({ nSplits: 2 }).split(made.filter((c: any) => c.id.ge(0)));
    const all: Fold[] = [];
    for await (const fold of folds) all.push(fold);
    const again: Fold[] = [];
    for await (const fold of folds) again.push(fold);
    expect(again).toEqual(all);
    folds.dispose();
    await expect(all[0]!.test.count()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

describe('what is refused', () => {
  const frame = fromRecords(
    Array.from({ length: 12 }, (_, i) => ({ id: i, y: i === 0 ? 'rare' : i % 2 ? 'a' : 'b', x: i / 8 })),
  );
  const gaps = fromColumns({ id: [1, 2, 3], g: ['a', null, 'b'], t: [1, Number.NaN, 2] });
  const cases: [string, () => Promise<unknown>, object][] = [
    [
      'a class of one row',
      () => trainTestSplit(frame, { stratify: 'y' }),
      { code: 'ERR_PARAMETER', message: expect.stringMatching(/one row only/) },
    ],
    [
      'a test smaller than the classes',
      () =>
        trainTestSplit(
          frame.filter((c) => c.id.gt(0)),
          { stratify: 'y', testSize: 1 },
        ),
      { code: 'ERR_PARAMETER', message: expect.stringMatching(/fewer than the 2 classes/) },
    ],
    ['an unknown column', () => trainTestSplit(frame, { stratify: 'z' as never }), { code: 'ERR_COLUMN_NOT_FOUND' }],
    [
      'two ways to split',
      () => trainTestSplit(frame, { stratify: 'y', groups: 'id' }),
      { code: 'ERR_PARAMETER', message: expect.stringMatching(/exclude each other/) },
    ],
    [
      'stratify without shuffle',
      () => trainTestSplit(frame, { stratify: 'y', shuffle: false }),
      { code: 'ERR_PARAMETER' },
    ],
    ['time with shuffle', () => trainTestSplit(frame, { timeColumn: 'x', shuffle: true }), { code: 'ERR_PARAMETER' }],
    [
      'a misspelt option',
      () => trainTestSplit(frame, { tesSize: 0.2 } as never),
      { code: 'ERR_PARAMETER', message: expect.stringMatching(/Did you mean 'testSize'/) },
    ],
    [
      'a negative size',
      () => trainTestSplit(frame, { testSize: -0.1 }),
      {
        code: 'ERR_PARAMETER',
        message:
          "The 'testSize' parameter of trainTestSplit must be a fraction in (0, 1) or a whole number from 1. Got -0.1.",
      },
    ],
    ['a size of 1.5', () => trainTestSplit(frame, { testSize: 1.5 }), { code: 'ERR_PARAMETER' }],
    ['a seed that is none', () => trainTestSplit(frame, { randomState: -1 }), { code: 'ERR_PARAMETER' }],
    [
      'no rows',
      () => trainTestSplit(frame.head(0)),
      { code: 'ERR_PARAMETER', message: expect.stringMatching(/nothing to train on/) },
    ],
    ['one row', () => trainTestSplit(frame.head(1)), { code: 'ERR_PARAMETER' }],
    [
      'null groups',
      () => trainTestSplit(gaps, { groups: 'g' }),
      { code: 'ERR_MISSING_VALUES', message: expect.stringMatching(/Column "g".* has 1 null/) },
    ],
    [
      'NaN times',
      () => trainTestSplit(gaps, { timeColumn: 't' }),
      { code: 'ERR_MISSING_VALUES', message: expect.stringMatching(/1 NaN/) },
    ],
    ['more folds than rows', () => first(new KFold({ nSplits: 13 }).split(frame)), { code: 'ERR_PARAMETER' }],
    [
      'more folds than groups',
      () => first(new GroupKFold({ nSplits: 4 }).split(frame, { groups: 'y' })),
      { code: 'ERR_PARAMETER' },
    ],
    [
      'more folds than rows of any class',
      () => first(new StratifiedKFold({ nSplits: 7 }).split(frame, { y: 'y' })),
      { code: 'ERR_PARAMETER' },
    ],
    [
      'classes that are fractions',
      () => first(new StratifiedKFold({ nSplits: 2 }).split(frame, { y: 'x' })),
      { code: 'ERR_PARAMETER', message: expect.stringMatching(/needs classes/) },
    ],
    [
      'series too short',
      () => first(new TimeSeriesSplit({ nSplits: 3, testSize: 4 }).split(frame)),
      { code: 'ERR_PARAMETER' },
    ],
    ['folds of no rows', () => first(new KFold().split(frame.head(0))), { code: 'ERR_PARAMETER' }],
  ];
  test.each(cases)('%s', async (_, run, shape) => {
    await expect(run()).rejects.toMatchObject(shape);
  });

  test('at once: parameters of the splitters', () => {
    expect(() => new KFold({ nSplits: 1 })).toThrow(
      "The 'nSplits' parameter of KFold must be a whole number in [2, inf). Got 1.",
    );
    expect(() => new KFold({ randomState: 1 })).toThrow(/no effect without shuffle/);
    expect(() => new StratifiedKFold({ folds: 3 } as never)).toThrow(/StratifiedKFold has no parameter 'folds'/);
    expect(() => new StratifiedKFold().split(frame)).toThrow(/needs the column of classes/);
    expect(() => new GroupKFold().split(frame)).toThrow(/needs the column of groups/);
    expect(() => new KFold().split(frame, { y: 'nope' as never })).toThrow(/nope/);
    expect(() => new TimeSeriesSplit({ gap: -1 })).toThrow(/'gap' parameter of TimeSeriesSplit/);
  });

  test('an aborted split leaves nothing', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(
      trainTestSplit(
        frame.filter((c) => c.id.ge(0)),
        { signal: stop },
      ),
    ).rejects.toThrow('enough');
  });
});

async function first(folds: AsyncIterable<unknown>): Promise<unknown> {
  for await (const fold of folds) return fold;
  return undefined;
}
