// LogisticRegression against scikit-learn at the exact optimum.
import { describe, expect, test, vi } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import { LogisticRegression, type LogisticRegressionModel } from '../../ts/ml/index.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, weightedFrame } from '../support/ml.ts';

const cases: any[] = golden('logistic').cases;

async function fitted(c: any, more: object = {}, options: object = {}): Promise<LogisticRegressionModel> {
  const frame = c.weighted ? await weightedFrame(c.data) : await goldenFrame(c.data);
  const { C, l1_ratio: l1Ratio = 0, fit_intercept: fitIntercept = true } = c.params;
  return new LogisticRegression({ c: C, l1Ratio, fitIntercept, classWeight: c.class_weight, ...more }).fitAny(
    frame,
    'target',
    {
      features: goldenFeatures(c.data),
      ...(c.weighted ? { sampleWeight: 'sample_weight' } : {}),
      ...options,
    },
  );
}

describe.each(cases)('$data $params weighted=$weighted classes=$class_weight', (c: any) => {
  test('coefficients and probabilities are scikit-learn’s', async () => {
    using model = await fitted(c);
    const p = goldenFeatures(c.data).length;
    const columns = c.coef_step ? Array.from({ length: p }, (_, j) => j).filter((j) => j % c.coef_step === 0) : null;
    const outputs = c.intercept.length;
    const coef = Array.from({ length: outputs }, (_, k) => {
      const row = model.coef.subarray(k * p, k * p + p);
      return columns ? columns.map((j) => row[j]!) : row;
    });
    const scale = Math.max(...c.coef.flat().map(Math.abs));
    assertClose(coef, c.coef, { rtol: 1e-4, atol: 1e-5 * scale }, 'coef');
    assertClose(model.intercept, c.intercept, { rtol: 1e-4, atol: 1e-5 * scale }, 'intercept');

    const frame = (await goldenFrame(c.data)).select(...(goldenFeatures(c.data) as never[]));
    using proba = await model.predictProba(frame);
    const all = model.classes.map((k) => proba.column(String(k)).toArray() as Float64Array);
    assertClose(
      c.rows.map((r: number) => all.map((v) => v[r])),
      c.proba,
      { rtol: 1e-4, atol: 1e-5 },
      'probabilities',
    );
    const { accuracy } = await model.evaluate((await goldenFrame(c.data)) as never);
    expect(accuracy).toBeCloseTo(c.accuracy, 12);

    using scores = await model.decisionFunction(frame);
    expect(scores.columns).toEqual(outputs === 1 ? [String(model.classes[1])] : model.classes.map(String));
    const first = scores.column(scores.columns[0] as never).toArray() as Float64Array;
    if (outputs === 1)
      assertClose(
        all[1]!.slice(0, 20),
        Array.from(first.slice(0, 20), (v) => 1 / (1 + Math.exp(-v))),
      );
  });

  test('one and two threads give the same bits', async () => {
    using one = await fitted(c, {}, { threads: 1 });
    using two = await fitted(c, {}, { threads: 2 });
    expect(two.coef).toEqual(one.coef);
    expect(two.nIter).toBe(one.nIter);
    const frame = (await goldenFrame(c.data)).select(...(goldenFeatures(c.data) as never[]));
    const scores = async (threads: number) => {
      using table = await one.decisionFunction(frame, { threads });
      return table.columns.map((name) => table.column(name as never).toArray());
    };
    const alone = await scores(1);
    // Which thread writes last is chance: an odd number of rows once let a class write into the next one.
    for (let i = 0; i < 20; i++) expect(await scores(2)).toEqual(alone);
  });
});

/** Rows sorted by class, features of very different scales, enough for the first iterations to look at a sample. */
function manyRows(n: number, classes: number, p: number): any {
  let seed = 1;
  const next = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 4294967296;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
  const y = Int32Array.from({ length: n }, (_, i) => Math.floor((i * classes) / n));
  const columns = Array.from({ length: p }, (_, j) =>
    Float64Array.from({ length: n }, (_, i) => 10 ** (j - 1) * (normal() + (y[i]! === j % classes ? 0.7 : 0))),
  );
  return fromColumns({ ...Object.fromEntries(columns.map((c, j) => [`x${j}`, c])), y });
}

/** The largest violation of the optimum's conditions, relative to the size of what cancels. */
async function violation(frame: any, model: LogisticRegressionModel, c: number, l1Ratio: number): Promise<number> {
  using table = await frame.collect();
  using proba = await model.predictProba(frame.drop('y'));
  const y = table.column('y').toArray() as Int32Array;
  const outputs = model.intercept.length;
  const p = model.nFeaturesIn;
  let worst = 0;
  for (let k = 0; k < outputs; k++) {
    const own = outputs === 1 ? 1 : k;
    const chance = proba.column(String(model.classes[own])).toArray() as Float64Array;
    for (let j = 0; j < p; j++) {
      const x = table.column(model.featureNamesIn[j]!).toArray() as Float64Array;
      let g = 0;
      let size = 0;
      for (let i = 0; i < y.length; i++) {
        const term = x[i]! * (chance[i]! - (y[i] === own ? 1 : 0));
        g += term;
        size += Math.abs(term);
      }
      const w = model.coef[k * p + j]!;
      g = c * g + (1 - l1Ratio) * w;
      const wrong = w === 0 ? Math.max(0, Math.abs(g) - l1Ratio) : Math.abs(g + l1Ratio * Math.sign(w));
      worst = Math.max(worst, wrong / (c * size));
    }
  }
  return worst;
}

describe('many rows', () => {
  test.each([
    [2, 0],
    [2, 1],
    [4, 0],
    [4, 0.5],
  ])('%i classes, l1Ratio %d: the gradient vanishes over all rows', async (classes, l1Ratio) => {
    const frame = manyRows(200_000, classes, 5);
    using model = await new LogisticRegression({ l1Ratio, c: 0.01 }).fit(frame, 'y');
    expect(await violation(frame, model, 0.01, l1Ratio)).toBeLessThan(1e-6);
    expect(model.nIter).toBeLessThan(30);
    using two = await new LogisticRegression({ l1Ratio, c: 0.01 }).fit(frame, 'y', { threads: 2 });
    expect(two.coef).toEqual(model.coef);
  });

  test('many coefficients: L-BFGS reaches the same optimum', async () => {
    // 12 classes × 120 features are more than Newton's method is for.
    const n = 3000;
    const p = 120;
    const y = Int32Array.from({ length: n }, (_, i) => (i * 7) % 12);
    const columns = Array.from({ length: p }, (_, j) =>
      Float64Array.from({ length: n }, (_, i) => Math.sin(i * (j + 1.3) + j * j) + (y[i] === j % 12 ? 0.5 : 0)),
    );
    const frame = fromColumns({ ...Object.fromEntries(columns.map((v, j) => [`x${j}`, v])), y });
    using model = await new LogisticRegression({ c: 0.05, tol: 1e-5 }).fit(frame as never, 'y' as never);
    expect(await violation(frame, model, 0.05, 0)).toBeLessThan(1e-5);
    // Between iterations it can be stopped.
    const stop = new AbortController();
    const stopped = new LogisticRegression({ c: 0.05, tol: 1e-9 }).fit(frame as never, 'y' as never, {
      signal: stop.signal,
      onProgress: ({ phase }) => phase === 'iterations' && stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });
});

test('too few iterations warn and give what there is', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  try {
    using model = await fitted(cases[0], { maxIter: 1 });
    expect(model.nIter).toBe(1);
    expect(warned.mock.calls[0]![0]).toMatch(/LogisticRegression did not converge in 1 iterations/);
  } finally {
    warned.mockRestore();
  }
});

test('labels of any dtype come back', async () => {
  const frame = fromColumns({ x: [1, 2, 3, 10, 11, 12], y: ['low', 'low', 'low', 'top', 'top', 'top'] });
  using model = await new LogisticRegression().fit(frame, 'y');
  expect((await model.predict(fromColumns({ x: [0, 20] }))).toArray()).toEqual(['low', 'top']);
});
