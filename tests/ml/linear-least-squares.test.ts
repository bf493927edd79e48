// LinearRegression and Ridge against scikit-learn, and on matrices that are hard in exact arithmetic.
import { describe, expect, test } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import { LinearRegression, type LinearRegressionModel, Ridge, type RidgeModel } from '../../ts/ml/index.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, weightedFrame } from '../support/ml.ts';

const cases: any[] = golden('linear').cases.filter((c: any) => ['LinearRegression', 'Ridge'].includes(c.estimator));

const ESTIMATORS: Record<string, (params: any) => { fitAny(...args: any[]): Promise<any> }> = {
  LinearRegression: (p) => new LinearRegression(p),
  Ridge: (p) => new Ridge(p),
};

async function fitted(c: any, options: object = {}): Promise<LinearRegressionModel & RidgeModel> {
  const frame = c.weighted ? await weightedFrame(c.data) : await goldenFrame(c.data);
  const { fit_intercept: fitIntercept, ...params } = c.params;
  const estimator = ESTIMATORS[c.estimator]!({ ...params, ...(fitIntercept === undefined ? {} : { fitIntercept }) });
  return estimator.fitAny(frame, 'target', {
    features: goldenFeatures(c.data),
    ...(c.weighted ? { sampleWeight: 'sample_weight' } : {}),
    ...options,
  });
}

describe.each(cases)('$estimator on $data $params weighted=$weighted', (c: any) => {
  test('coefficients and predictions are scikit-learn’s', async () => {
    using model = await fitted(c);
    // Coefficients that are zero but for rounding are compared against the others.
    const scale = Math.max(...c.coef.map(Math.abs));
    assertClose(model.coef, c.coef, { rtol: 1e-6, atol: 1e-12 * scale }, 'coef');
    assertClose(model.intercept, c.intercept, { rtol: 1e-6, atol: 1e-9 }, 'intercept');
    const frame = (await goldenFrame(c.data)).select(...(goldenFeatures(c.data) as never[]));
    const all = (await model.predict(frame)).toArray() as Float64Array;
    assertClose(
      c.rows.map((r: number) => all[r]),
      c.predict,
      { rtol: 1e-6, atol: 1e-9 },
      'predict',
    );
  });

  test('one and two threads give the same bits', async () => {
    using one = await fitted(c, { threads: 1 });
    using two = await fitted(c, { threads: 2 });
    expect(two.coef).toEqual(one.coef);
    expect(two.intercept).toBe(one.intercept);
  });
});

/** Powers 1 … degree of points in [lo, hi]: columns nearly alike. */
function powers(n: number, degree: number, lo: number, hi: number): Float64Array[] {
  const x = Float64Array.from({ length: n }, (_, i) => lo + ((hi - lo) * i) / (n - 1));
  return Array.from({ length: degree }, (_, k) => x.map((v) => v ** (k + 1)));
}

const frameOf = (columns: Float64Array[], y: Float64Array): any =>
  fromColumns({ ...Object.fromEntries(columns.map((c, j) => [`x${j}`, c])), y });

describe('ill-conditioned features', () => {
  test('a polynomial of degree 8 on [0, 1] is found to seven digits', async () => {
    // Condition number of the centred columns: about 1e8 as they are, so their products have 1e16.
    const x = powers(200, 8, 0, 1);
    const truth = [1, -2, 3, -4, 5, -6, 7, -8];
    const y = Float64Array.from({ length: 200 }, (_, i) => 2 + truth.reduce((s, t, j) => s + t * x[j]![i]!, 0));
    using model = await new LinearRegression().fit(frameOf(x, y), 'y');
    expect(model.rank).toBe(8);
    assertClose(model.coef, truth, { rtol: 1e-7 }, 'coef');
    assertClose(model.intercept, 2, { rtol: 1e-7 });
  });

  test('columns that differ by 1e-9 of their size keep their own coefficients', async () => {
    const n = 5000;
    const a = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
    const noise = Float64Array.from({ length: n }, (_, i) => Math.sin(1.7 * i * i));
    const b = a.map((v, i) => v + 1e-9 * noise[i]!);
    const y = a.map((v, i) => 3 * v + 2e9 * (b[i]! - v));
    using model = await new LinearRegression().fit(frameOf([a, b], y), 'y');
    expect(model.rank).toBe(2);
    assertClose(model.coef, [3 - 2e9, 2e9], { rtol: 1e-6 });
    const predicted = (await model.predict(fromColumns({ x0: a, x1: b }))).toArray() as Float64Array;
    assertClose(predicted, y, { rtol: 1e-6, atol: 1e-6 });
  });

  test('a constant column that is no exact binary fraction gets no weight', async () => {
    const n = 1000;
    const x = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    const y = x.map((v) => 4 * v + 1);
    using model = await new LinearRegression().fit(frameOf([x, x.map(() => 0.1)], y), 'y');
    assertClose(model.coef, [4, 0], { rtol: 1e-12, atol: 1e-12 });
    expect(model.rank).toBe(1);
  });

  test('ridge without a penalty is least squares', async () => {
    const c = cases.find((k: any) => k.estimator === 'LinearRegression' && k.data === 'rank_deficient');
    const frame = await goldenFrame('rank_deficient');
    using model = await new Ridge({ alpha: 0 }).fit(frame, 'target', { features: goldenFeatures('rank_deficient') });
    assertClose(model.coef, c.coef, { rtol: 1e-6, atol: 1e-12 });
  });
});

describe('far more features than rows', () => {
  const n = 70;
  const p = 600;
  const x = Array.from({ length: p }, (_, j) =>
    Float64Array.from({ length: n }, (_, i) => Math.sin((i + 1) * (j + 2) * 1.1 + j * j) * (1 + (j % 5)) + (j % 3)),
  );
  const y = Float64Array.from({ length: n }, (_, i) => 3 * x[0]![i]! - x[7]![i]! + Math.cos(i * i));
  const w = Float64Array.from({ length: n }, (_, i) => 1 + (i % 4));

  /** Gradient of the objective at a model, relative to the size of what cancels. */
  function slope(
    model: { coef: Float64Array; intercept: number },
    alpha: number,
    weights: Float64Array | null,
  ): number {
    const r = y.map(
      (v, i) => (weights?.[i] ?? 1) * (v - model.intercept - x.reduce((s, c, j) => s + c[i]! * model.coef[j]!, 0)),
    );
    const size = Math.max(...x.map((c) => c.reduce((s, v, i) => s + Math.abs(v * y[i]!), 0)));
    return (
      Math.max(...x.map((c, j) => Math.abs(c.reduce((s, v, i) => s + v * r[i]!, 0) - alpha * model.coef[j]!))) / size
    );
  }

  test('least squares goes through every row, with the least norm', async () => {
    using model = await new LinearRegression().fit(frameOf(x, y), 'y');
    expect(model.rank).toBe(n - 1);
    expect(slope(model, 0, null)).toBeLessThan(1e-11);
    // The least norm is the limit of ridge.
    using ridge = await new Ridge({ alpha: 1e-7 }).fit(frameOf(x, y), 'y');
    assertClose(model.coef, ridge.coef, { rtol: 1e-6, atol: 1e-9 });
  });

  test('ridge, with weights and without an intercept', async () => {
    using plain = await new Ridge({ alpha: 2, fitIntercept: false }).fit(frameOf(x, y), 'y');
    expect(slope(plain, 2, null)).toBeLessThan(1e-12);
    const weighted = fromColumns({ ...Object.fromEntries(x.map((c, j) => [`x${j}`, c])), y, w });
    using model = await new Ridge({ alpha: 2 }).fit(weighted as never, 'y' as never, { sampleWeight: 'w' as never });
    expect(slope(model, 2, w)).toBeLessThan(1e-12);
  });
});

test('weights that are negative or all zero are refused', async () => {
  const df = fromColumns({ x: [1, 2, 3], y: [1, 2, 4] });
  await expect(new LinearRegression().fit(df, 'y', { sampleWeight: [1, -1, 1] })).rejects.toThrow(
    'at least 0. Got -1.',
  );
  await expect(new LinearRegression().fit(df, 'y', { sampleWeight: [0, 0, 0] })).rejects.toThrow('are all 0');
});

test('a row with weight two is the row twice', async () => {
  const twice = fromColumns({ x: [1, 2, 2, 5], y: [3, 1, 1, 4] });
  const once = fromColumns({ x: [1, 2, 5], y: [3, 1, 4], w: [1, 2, 1] });
  using a = await new Ridge().fit(twice, 'y');
  using b = await new Ridge().fit(once, 'y', { sampleWeight: 'w' });
  assertClose(b.coef, a.coef, { rtol: 1e-12 });
});
