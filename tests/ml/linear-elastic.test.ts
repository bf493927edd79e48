// Lasso and ElasticNet against scikit-learn.
import { describe, expect, test, vi } from 'vitest';
import { fromColumns } from '../../ts/index.ts';
import { ElasticNet, type ElasticNetModel, Lasso, type LassoModel } from '../../ts/ml/index.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, weightedFrame } from '../support/ml.ts';

const cases: any[] = golden('linear').cases.filter((c: any) => ['Lasso', 'ElasticNet'].includes(c.estimator));

const ESTIMATORS: Record<string, (params: any) => { fitAny(...args: any[]): Promise<any> }> = {
  Lasso: (p) => new Lasso(p),
  ElasticNet: (p) => new ElasticNet(p),
};

async function fitted(c: any, more: object = {}, options: object = {}): Promise<LassoModel & ElasticNetModel> {
  const frame = c.weighted ? await weightedFrame(c.data) : await goldenFrame(c.data);
  const { alpha, l1_ratio: l1Ratio, fit_intercept: fitIntercept = true } = c.params;
  const params = { alpha, fitIntercept, ...(l1Ratio === undefined ? {} : { l1Ratio }), ...more };
  return ESTIMATORS[c.estimator]!(params).fitAny(frame, 'target', {
    features: goldenFeatures(c.data),
    ...(c.weighted ? { sampleWeight: 'sample_weight' } : {}),
    ...options,
  });
}

const TIGHT = { tol: 1e-13, maxIter: 1_000_000 };

describe.each(cases)('$estimator on $data $params weighted=$weighted', (c: any) => {
  test.each(['cyclic', 'random'])('the optimum, coordinates %s', async (selection) => {
    // Random coordinates take longer to tell that they are done.
    const tight = selection === 'random' ? { tol: 1e-10, maxIter: 100_000 } : TIGHT;
    using model = await fitted(c, { ...tight, selection, randomState: 3 });
    if (c.coef && selection === 'cyclic') {
      const scale = Math.max(...c.coef.map(Math.abs));
      assertClose(model.coef, c.coef, { rtol: 1e-4, atol: 1e-6 * scale }, 'coef');
    }
    const frame = (await goldenFrame(c.data)).select(...(goldenFeatures(c.data) as never[]));
    const all = (await model.predict(frame)).toArray() as Float64Array;
    assertClose(
      c.rows.map((r: number) => all[r]),
      c.predict,
      { rtol: 1e-4, atol: 1e-4 },
      'predict',
    );
  });

  test('the default tolerance stops near it', async () => {
    using model = await fitted(c, { maxIter: 10_000 });
    expect(model.nIter).toBeGreaterThanOrEqual(0);
    using exact = await fitted(c, TIGHT);
    const error = Math.hypot(...model.coef.map((v, j) => v - exact.coef[j]!));
    expect(error).toBeLessThan(0.1 * Math.hypot(...exact.coef) + 1e-3);
  });
});

test('bits do not depend on threads', async () => {
  using one = await fitted(cases[0], {}, { threads: 1 });
  using two = await fitted(cases[0], {}, { threads: 2 });
  expect(two.coef).toEqual(one.coef);
  expect(two.nIter).toBe(one.nIter);
});

test('too few sweeps warn and give what there is', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  try {
    const c = cases.find((k) => k.data === 'diabetes' && k.params.alpha === 0.1);
    using model = await fitted(c, { maxIter: 2, tol: 1e-12 });
    expect(model.nIter).toBe(2);
    expect(model.dualGap).toBeGreaterThan(0);
    expect(warned.mock.calls[0]![0]).toMatch(/did not converge in 2 sweeps/);
    expect(warned.mock.calls[0]![1]).toEqual({ code: 'WARPFRAME_NOT_CONVERGED' });
  } finally {
    warned.mockRestore();
  }
});

test('no coefficient is negative where none may be', async () => {
  const frame = await goldenFrame('diabetes');
  const options = { features: goldenFeatures('diabetes') };
  using free = await new Lasso({ alpha: 0.1, ...TIGHT }).fit(frame, 'target', options);
  using bound = await new Lasso({ alpha: 0.1, positive: true, ...TIGHT }).fit(frame, 'target', options);
  expect(Math.min(...free.coef)).toBeLessThan(0);
  expect(Math.min(...bound.coef)).toBe(0);
  expect(bound.coef.some((v) => v > 0)).toBe(true);
});

test('an elastic net without absolute values is ridge', async () => {
  const frame = fromColumns({ a: [1, 2, 3, 4, 5], b: [2, 1, 0, 1, 5], y: [1, 3, 2, 5, 8] });
  using model = await new ElasticNet({ alpha: 0.2, l1Ratio: 0 }).fit(frame, 'y');
  // The optimum of Σ r² / 10 + 0.1 |b|²: ridge with alpha 1.
  const { Ridge } = await import('../../ts/ml/index.ts');
  using ridge = await new Ridge({ alpha: 1 }).fit(frame, 'y');
  assertClose(model.coef, ridge.coef, { rtol: 1e-12 });
});
