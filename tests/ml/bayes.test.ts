// GaussianNb against scikit-learn.
import { describe, expect, test } from 'vitest';
import { fromColumns, Int32 } from '../../ts/index.ts';
import { GaussianNb, type GaussianNbModel } from '../../ts/ml/index.ts';
import { assertClose, golden, goldenFeatures, goldenFrame, weightedFrame } from '../support/ml.ts';

const cases: any[] = golden('bayes').cases;

/** Data sets without classes ask whether the target is above its median. */
async function frameOf(c: any): Promise<any> {
  const frame = c.weighted ? await weightedFrame(c.data) : await goldenFrame(c.data);
  if (!c.target) return frame;
  using table = await frame.select('target').collect();
  const values = Float64Array.from(table.column('target').toArray() as ArrayLike<number>).sort();
  const middle = values.length / 2;
  const median = (values[Math.ceil(middle) - 1]! + values[Math.floor(middle)]!) / 2;
  return frame.withColumns({ target: (f: any) => f.target.gt(median).cast(Int32) } as never);
}

async function fitted(c: any, options: object = {}): Promise<GaussianNbModel> {
  const { priors = null, var_smoothing: varSmoothing = 1e-9 } = c.params;
  return new GaussianNb({ priors, varSmoothing }).fitAny(await frameOf(c), 'target', {
    features: goldenFeatures(c.data),
    ...(c.weighted ? { sampleWeight: 'sample_weight' } : {}),
    ...options,
  });
}

describe.each(cases)('$data $params weighted=$weighted', (c: any) => {
  test('moments, probabilities and classes are scikit-learn’s', async () => {
    using model = await fitted(c);
    const p = goldenFeatures(c.data).length;
    const k = model.classes.length;
    const columns = Array.from({ length: p }, (_, j) => j).filter((j) => j % (c.feature_step ?? 1) === 0);
    const pick = (all: Float64Array) => Array.from({ length: k }, (_, i) => columns.map((j) => all[i * p + j]!));
    assertClose(model.classCount, c.class_count, { rtol: 1e-12 }, 'classCount');
    assertClose(model.classPrior, c.class_prior, { rtol: 1e-12 }, 'classPrior');
    assertClose(model.epsilon, c.epsilon, { rtol: 1e-10 }, 'epsilon');
    assertClose(pick(model.theta), c.theta, { rtol: 1e-10, atol: 1e-12 }, 'theta');
    assertClose(pick(model.var), c.var, { rtol: 1e-8 }, 'var');

    const frame = (await goldenFrame(c.data)).select(...(goldenFeatures(c.data) as never[]));
    const rowsOf = (table: any): number[][] => {
      const all = model.classes.map((label) => table.column(String(label)).toArray() as Float64Array);
      return c.rows.map((r: number) => all.map((v) => v[r]!));
    };
    using joint = await model.predictJointLogProba(frame);
    assertClose(rowsOf(joint), c.joint_log_proba, { rtol: 1e-8 }, 'joint log probabilities');
    using proba = await model.predictProba(frame);
    // Two likelihoods of 1e6 leave ten digits of their difference.
    assertClose(rowsOf(proba), c.proba, { rtol: 1e-5, atol: 1e-12 }, 'probabilities');
    const labels = (await model.predict(frame)).toArray() as ArrayLike<number>;
    expect(c.rows.map((r: number) => Number(labels[r]))).toEqual(c.predict);
    const { accuracy } = await model.evaluate(await frameOf(c));
    expect(accuracy).toBeCloseTo(c.accuracy, 12);
  });

  test('one and two threads give the same bits', async () => {
    using one = await fitted(c, { threads: 1 });
    using two = await fitted(c, { threads: 2 });
    expect(two.theta).toEqual(one.theta);
    expect(two.var).toEqual(one.var);
  });
});

test('a large offset costs no digits of the variance', async () => {
  const x = Float64Array.from({ length: 40_000 }, (_, i) => 1e8 + (i % 2) * 50 + Math.sin(i));
  const y = Int32Array.from(x, (_, i) => i % 2);
  using model = await new GaussianNb({ varSmoothing: 0 }).fit(fromColumns({ x, y }), 'y');
  for (const k of [0, 1]) {
    const own = Array.from(x, (v) => v - 1e8).filter((_, i) => i % 2 === k);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const variance = own.reduce((a, b) => a + (b - mean) ** 2, 0) / own.length;
    expect(Math.abs(model.var[k]! / variance - 1)).toBeLessThan(1e-9);
  }
});

test('priors must be probabilities, one a class', async () => {
  expect(() => new GaussianNb({ priors: [0.5, 0.6] })).toThrow(
    "The 'priors' parameter of GaussianNb must be null or a list of numbers of at least 0 whose sum is 1. Got [0.5,0.6].",
  );
  const df = fromColumns({ x: [1, 2, 3, 4], y: ['a', 'a', 'b', 'b'] });
  await expect(new GaussianNb({ priors: [0.2, 0.3, 0.5] }).fit(df, 'y')).rejects.toThrow('has 3 numbers');
});

test('weights below zero and classes without weight are refused', async () => {
  const df = fromColumns({ x: [1, 2, 3, 4], y: ['a', 'a', 'b', 'b'] });
  await expect(new GaussianNb().fit(df, 'y', { sampleWeight: [1, -2, 1, 1] })).rejects.toThrow('Got -2.');
  await expect(new GaussianNb().fit(df, 'y', { sampleWeight: [1, 1, 0, 0] })).rejects.toThrow('class b');
});

test('nulls in features are refused, naming the column', async () => {
  const df = fromColumns({ x: [1, null, 3, 4], y: ['a', 'a', 'b', 'b'] });
  await expect(new GaussianNb().fit(df, 'y')).rejects.toThrow(/"x"/);
});
