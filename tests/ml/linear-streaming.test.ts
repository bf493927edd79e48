// Predictions over streamed rows: many batches, unusual values, none at all; and training from a file.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fromColumns, readParquet } from '../../ts/index.ts';
import { GaussianNb, Lasso, LinearRegression, LogisticRegression, Ridge } from '../../ts/ml/index.ts';
import { assertClose } from '../support/ml.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-linear-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const N = 150_001;
const a = Float64Array.from({ length: N }, (_, i) => Math.sin(i));
const b = Float64Array.from({ length: N }, (_, i) => Math.cos(3 * i) + 5);
const y = a.map((v, i) => 2 * v - 3 * b[i]! + 1);
const kind = Int32Array.from(y, (v, i) => (v + 0.3 * Math.sin(i * i) > -14 ? 1 : 0));
const data = fromColumns({ a, b, y, kind });
const features = { features: ['a', 'b'] } as never;

describe('many batches', () => {
  test('a regression predicts each row from its own values', async () => {
    using model = await new LinearRegression().fit(data, 'y', features);
    assertClose((await model.predict(data)).toArray() as Float64Array, y, { rtol: 1e-10 });
  });

  test('labels, probabilities and scores of a classifier agree', async () => {
    using model = await new LogisticRegression().fit(data, 'kind', features);
    const labels = (await model.predict(data)).toArray() as Int32Array;
    using proba = await model.predictProba(data);
    using scores = await model.decisionFunction(data);
    const [no, yes] = ['0', '1'].map((c) => proba.column(c as never).toArray() as unknown as Float64Array);
    const score = scores.column('1' as never).toArray() as unknown as Float64Array;
    let wrong = 0;
    for (let i = 0; i < N; i++) {
      const own = model.intercept[0]! + model.coef[0]! * a[i]! + model.coef[1]! * b[i]!;
      const chance = 1 / (1 + Math.exp(-own));
      if (Math.abs(score[i]! - own) > 1e-12 * (1 + Math.abs(own))) wrong++;
      if (Math.abs(yes![i]! - chance) > 1e-14 || Math.abs(no![i]! + yes![i]! - 1) > 1e-15) wrong++;
      if (labels[i] !== (own > 0 ? 1 : 0)) wrong++;
    }
    expect(wrong).toBe(0);
    const { accuracy } = await model.evaluate(data);
    expect(accuracy).toBeGreaterThan(0.9);
  });

  test('one and two threads predict the same bits', async () => {
    using model = await new GaussianNb().fit(data, 'kind', features);
    using one = await model.predictProba(data, { threads: 1 });
    using two = await model.predictProba(data, { threads: 2 });
    expect(two.column('1' as never).toArray()).toEqual(one.column('1' as never).toArray());
  });
});

describe('unusual rows', () => {
  const models = [
    ['LinearRegression', () => new LinearRegression().fit(data, 'y', features)],
    ['LogisticRegression', () => new LogisticRegression().fit(data, 'kind', features)],
    ['GaussianNb', () => new GaussianNb().fit(data, 'kind', features)],
  ] as const;
  test.each(models)('%s names the column with a NaN, a null or an infinity', async (_, fit) => {
    using model = await fit();
    for (const [value, said] of [
      [Number.NaN, '1 NaN'],
      [null, '1 null'],
      [Number.NEGATIVE_INFINITY, '1 infinite value'],
    ] as const) {
      const rows = Array.from(b.slice(0, 70_000), (v, i) => (i === 69_000 ? value : v));
      const frame = fromColumns({ a: a.slice(0, 70_000), b: rows });
      await expect(model.predict(frame)).rejects.toThrow(`Column "b" has ${said}`);
    }
  });

  test.each(models)('%s predicts none for no rows', async (_, fit) => {
    using model = await fit();
    expect((await model.predict(data.filter((c: any) => c.a.gt(2)))).length).toBe(0);
  });

  test('training rows with a NaN are refused, in any batch', async () => {
    const rows = a.map((v, i) => (i === N - 1 ? Number.NaN : v));
    const frame = fromColumns({ a: rows, b, y });
    await expect(new Ridge().fit(frame, 'y')).rejects.toThrow('Column "a" has 1 NaN');
    const target = fromColumns({ a, b, y: y.map((v, i) => (i === 7 ? Number.NaN : v)) });
    await expect(new Lasso().fit(target, 'y')).rejects.toMatchObject({ code: 'ERR_TARGET' });
  });
});

test('a file gives what memory gives', async () => {
  const file = path.join(folder, 'rows.parquet');
  await data.writeParquet(file);
  using streamed = await new Ridge().fit(await readParquet(file), 'y' as never, features);
  using held = await new Ridge().fit(data, 'y', features);
  assertClose(streamed.coef, held.coef, { rtol: 1e-12 });
});
