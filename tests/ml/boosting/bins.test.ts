import { expect, test } from 'vitest';
import { chooseCuts } from '../../../ts/backend/cpu/ml/bins.ts';
import { fromColumns } from '../../../ts/frame/create.ts';
import { XgbRegressor } from '../../../ts/ml/index.ts';

const sorted = (values: number[]): Float32Array => Float32Array.from(values).sort();
/** Bins of the values under edges: how many edges are at most the value. */
const counts = (values: Float32Array, cuts: Float32Array): number[] => {
  const bins = new Array<number>(cuts.length).fill(0);
  for (const v of values) bins[Math.min(cuts.length - 1, cuts.filter((c) => c <= v).length)]!++;
  return bins;
};

test('few distinct values get a bin each', () => {
  const values = sorted([3, 1, 2, 2, 2, 5]);
  const cuts = chooseCuts(values, 5, 256);
  expect([...cuts.slice(0, -1)]).toEqual([2, 3, 5]);
  expect(cuts.at(-1)).toBeGreaterThan(5);
  expect(counts(values, cuts)).toEqual([1, 3, 1, 1]);
});

test.each([
  ['even', (i: number) => i],
  ['skewed', (i: number) => Math.exp(i / 400)],
  ['half zeros', (i: number) => Math.max(0, i - 2500)],
  ['rounded', (i: number) => Math.round(i / 7)],
  ['negative', (i: number) => -i / 3],
])('many values (%s): rising edges, no more than asked, no large bin but a frequent value', (_, of) => {
  const values = sorted(Array.from({ length: 5000 }, (_, i) => of(i)));
  for (const most of [2, 16, 255, 256, 1000]) {
    const cuts = chooseCuts(values, values.at(-1)!, most);
    expect(cuts.length).toBeLessThanOrEqual(most);
    for (let i = 1; i < cuts.length; i++) expect(cuts[i]!).toBeGreaterThan(cuts[i - 1]!);
    const frequent = values.filter((v) => v === 0).length;
    const sizes = counts(values, cuts).sort((a, b) => b - a);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(5000);
    expect(sizes[frequent > 5000 / most ? 1 : 0]!).toBeLessThanOrEqual(2.2 * (5000 / Math.min(most, cuts.length)) + 8);
  }
});

test('one value, and none at all', () => {
  expect(chooseCuts(sorted([4, 4, 4]), 4, 256).length).toBe(1);
  expect(chooseCuts(new Float32Array(0), Number.NEGATIVE_INFINITY, 256).length).toBe(1);
});

/** A third as many values as rows, from a fixed recipe. */
const noise = (n: number, k: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => ((Math.imul(i + 1, 2654435761 + 97 * k) >>> 0) % 9973) / 9973);

test('two bytes a bin, hundreds of features and deep trees', async () => {
  const n = 6000;
  const columns: Record<string, Float64Array> = {};
  for (let k = 0; k < 200; k++) columns[`x${k}`] = noise(n, k);
  const y = columns['x3']!.map((v, i) => Math.sin(9 * v) + columns['x17']![i]!);
  const frame = fromColumns({ ...columns, y });
  for (const more of [{ maxBin: 256 }, { maxBin: 600 }]) {
    const params = {
      engine: 'wasm',
      randomState: 1,
      nEstimators: 6,
      maxDepth: 11,
      minChildWeight: 0,
      ...more,
    } as const;
    using model = await new XgbRegressor(params).fit(frame as any, 'y');
    expect((await model.evaluate(frame))['r2']).toBeGreaterThan(0.97);
    const importance = model.featureImportances('total_gain');
    expect(importance[3]! + importance[17]!).toBeGreaterThan(0.95);
  }
}, 300_000);

test('a sample of the rows finds the edges of many', async () => {
  const n = 700_000;
  const x = Float64Array.from({ length: n }, (_, i) => ((i * 48271) % 2147483647) / 2147483647);
  const frame = fromColumns({ x, y: x.map((v) => (v > 0.5 ? 1 : 0)) });
  using model = await new XgbRegressor({ engine: 'wasm', nEstimators: 1, maxDepth: 1 }).fit(frame as any, 'y');
  // The first split lies within a bin of the step.
  expect(Math.abs(model.booster.model.ensemble.threshold[0]! - 0.5)).toBeLessThan(1 / 200);
});
