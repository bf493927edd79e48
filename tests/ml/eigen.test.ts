// Eigendecompositions and definite systems of the engine against LAPACK and mpmath.
import { describe, expect, test } from 'vitest';
import { solveDefinite, symmetricEigen } from '../../ts/ml/numeric/symmetric-eigen.ts';
import { assertClose, golden, goldenFeatures, goldenFrame } from '../support/ml.ts';

const expected: Record<string, number[]> = golden('eigen');

async function digits(): Promise<Float64Array> {
  using table = await (await goldenFrame('digits')).collect();
  const columns = goldenFeatures('digits').map((name) => {
    const x = Float64Array.from(table.column(name).toArray() as ArrayLike<number>);
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    return x.map((v) => v - mean);
  });
  const n = columns.length;
  return Float64Array.from({ length: n * n }, (_, i) => {
    const [a, b] = [columns[Math.floor(i / n)]!, columns[i % n]!];
    return a.reduce((sum, v, k) => sum + v * b[k]!, 0);
  });
}

const made = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return Math.sin((i + 1) * (j + 1)) + (i === j ? 4 : 0);
  });

const graded = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return Number(`1e${-(i + j)}`) * (i === j ? 1 : 0.3);
  });

/** The largest entries of A V − V Λ and of Vᵀ V − 1, for large matrices of some vectors. */
function defects(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): [number, number] {
  let residual = 0;
  let skew = 0;
  for (let k = 0; k < n; k += n > 200 ? 9 : 1) {
    const v = vectors.subarray(k * n, k * n + n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += a[i * n + j]! * v[j]!;
      residual = Math.max(residual, Math.abs(sum - values[k]! * v[i]!));
    }
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += v[j]! * vectors[l * n + j]!;
      skew = Math.max(skew, Math.abs(sum - (k === l ? 1 : 0)));
    }
  }
  return [residual, skew];
}

describe('symmetricEigen', () => {
  test.each([
    ['digits', 64, digits],
    ['made_500', 500, async () => made(500)],
  ] as const)('%s', async (name, n, make) => {
    const a = await make();
    const { values, vectors } = await symmetricEigen(a, n, {});
    assertClose(values, expected[name]!, { rtol: 1e-12, atol: 1e-13 * Math.abs(expected[name]![0]!) * Math.sqrt(n) });
    const [residual, skew] = defects(a, n, values, vectors);
    expect(residual).toBeLessThan(1e-13 * values[0]! * Math.sqrt(n));
    expect(skew).toBeLessThan(1e-13 * Math.sqrt(n));
    const two = await symmetricEigen(a, n, { threads: 2 });
    expect(two.vectors).toEqual((await symmetricEigen(a, n, { threads: 1 })).vectors);
  });

  test('eigenvalues over twenty-two powers of ten are each found to twelve digits', async () => {
    const { values } = await symmetricEigen(graded(12), 12, {});
    assertClose(values, expected['graded_12']!, { rtol: 1e-12 });
  });

  test.each([1, 2, 3, 65, 66, 127])('%i rows, with equal eigenvalues', async (n) => {
    // A reflection: −1 once, 1 otherwise.
    const v = Float64Array.from({ length: n }, (_, i) => 1 + (i % 3));
    const square = v.reduce((s, x) => s + x * x, 0);
    const a = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return (i === j ? 1 : 0) - (2 * v[i]! * v[j]!) / square;
    });
    const { values, vectors } = await symmetricEigen(a, n, {});
    assertClose(
      values,
      Array.from({ length: n }, (_, k) => (k < n - 1 ? 1 : -1)),
      { rtol: 1e-13 },
    );
    const [residual, skew] = defects(a, n, values, vectors);
    expect(Math.max(residual, skew)).toBeLessThan(1e-13);
  });

  test('zeros stay zeros', async () => {
    const n = 70;
    const a = new Float64Array(n * n);
    a[3 * n + 3] = 5;
    const { values } = await symmetricEigen(a, n, {});
    expect(values[0]).toBe(5);
    expect(values.slice(1).every((x) => x === 0)).toBe(true);
  });
});

describe('solveDefinite', () => {
  test('a system of 150 rows and its condition', async () => {
    const n = 150;
    const a = made(n);
    const square = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k]! * a[j * n + k]!;
        square[i * n + j] = sum + (i === j ? 1 : 0);
      }
    const x = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    const rhs = Float64Array.from({ length: n }, (_, i) => x.reduce((sum, v, j) => sum + square[i * n + j]! * v, 0));
    const { solution, condition } = await solveDefinite(square, n, rhs, {});
    assertClose(solution!, x, { rtol: 1e-9, atol: 1e-10 });
    const { values } = await symmetricEigen(square, n, {});
    const exact = values[0]! / values.at(-1)!;
    expect(condition).toBeLessThan(1.001 * exact);
    expect(condition).toBeGreaterThan(0.3 * exact);
  });

  test('a matrix that is not definite has no solution', async () => {
    const { solution } = await solveDefinite(Float64Array.of(1, 2, 2, 1), 2, Float64Array.of(1, 1), {});
    expect(solution).toBeNull();
  });
});
