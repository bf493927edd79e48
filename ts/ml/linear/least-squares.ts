// Least squares with an optional ridge out of the moments of the data, with further passes over the data where the
// moments alone lose too many digits.
import type { TrainingData } from '../core/training-data.ts';
import { solveDefinite, symmetricEigen } from '../numeric/symmetric-eigen.ts';
import { type DataMoments, interceptOf, isConstant, productsAbout } from './data-moments.ts';
import { withoutNullSpace } from './null-space.ts';

export interface Solution {
  readonly coef: Float64Array;
  readonly intercept: number;
  readonly rank: number;
}

/** Condition number of the products up to which one pass gives about ten digits. */
const GOOD_CONDITION = 1e6;
/** Least share of the largest eigenvalue that a turned direction may have before it is turned again. */
const EVEN = 1e-6;
const MOST_PASSES = 3;
/** With more features than this and fewer rows, the products of rows are solved with instead. */
const MOST_DIRECT = 100;
/** Singular values below this share of the largest, columns on one scale, count as zero. */
const RANK_TOLERANCE = 1e-13;

/**
 * Solves `min Σ w (y − X b − b0)² + alpha |b|²`. Directions that the data does not span get no weight: the solution of
 * least norm.
 *
 * The products of columns of one scale are factored. If they are ill-conditioned, the features are turned into their
 * eigenvectors and the products are made again from the data in that basis, where they are near the identity: as good as
 * an orthogonal decomposition of the rows (Yamamoto and others, Roundoff error analysis of the CholeskyQR2 algorithm, 2015).
 */
export async function solveLeastSquares(
  data: TrainingData,
  moments: DataMoments,
  fitIntercept: boolean,
  alpha: number,
): Promise<Solution> {
  const p = moments.means.length - 1;
  if (p > MOST_DIRECT && moments.rows < p) {
    const means = fitIntercept ? moments.means : new Float64Array(p + 1);
    const more = { inputs: [await data.checkedTable()], arrays: { means } };
    const { json, arrays } = await data.invoke('linear.dual', { alpha, weighted: data.weight !== null }, more);
    const { coef } = arrays;
    if (json.sure) return { coef, intercept: interceptOf(moments, coef, fitIntercept), rank: json.rank };
  }
  const about = productsAbout(moments, fitIntercept);
  const columns = Array.from({ length: p }, (_, j) => j).filter(
    (j) => about(j, j) > 0 && !(fitIntercept && isConstant(moments, j)),
  );
  const q = columns.length;
  const scale = Float64Array.from(columns, (j) => Math.sqrt(about(j, j) + alpha));
  const gram = new Float64Array(q * q);
  for (let a = 0; a < q; a++)
    for (let b = 0; b < q; b++)
      gram[a * q + b] = (about(columns[a]!, columns[b]!) + (a === b ? alpha : 0)) / (scale[a]! * scale[b]!);
  const rhs = Float64Array.from(columns, (j, a) => about(j, p) / scale[a]!);
  const coef = new Float64Array(p);
  const first = await solveDefinite(gram, q, rhs, data.run);
  if (first.solution && first.condition < GOOD_CONDITION) {
    columns.forEach((j, a) => {
      coef[j] = first.solution![a]! / scale[a]!;
    });
    return { coef, intercept: interceptOf(moments, coef, fitIntercept), rank: q };
  }
  const turned = await solveTurned(data, moments, fitIntercept, alpha, columns, scale, gram);
  return { ...turned, intercept: interceptOf(moments, turned.coef, fitIntercept) };
}

/** The same in a basis of eigenvectors, with the data read again. `basis` is row by row in coefficients `(q, p)`. */
async function solveTurned(
  data: TrainingData,
  moments: DataMoments,
  fitIntercept: boolean,
  alpha: number,
  columns: readonly number[],
  scale: Float64Array,
  gram: Float64Array,
): Promise<{ coef: Float64Array; rank: number }> {
  const p = moments.means.length - 1;
  const q = columns.length;
  const first = await symmetricEigen(gram, q, data.run);
  const largest = Math.sqrt(Math.max(first.values[0] ?? 0, Number.MIN_VALUE));
  let basis = new Float64Array(q * p);
  for (let k = 0; k < q; k++) {
    const length = lengthOf(first.values, k, q);
    for (let a = 0; a < q; a++) basis[k * p + columns[a]!] = first.vectors[k * q + a]! / (scale[a]! * length);
  }
  const limit = RANK_TOLERANCE * largest * Math.max(1, offset(moments, columns)) * Math.sqrt(q);
  const shifts = fitIntercept ? moments.means : new Float64Array(p + 1);
  for (let pass = 1; ; pass++) {
    data.progress(`pass ${pass + 1}`, pass / (MOST_PASSES + 1));
    const { arrays } = await data.invoke(
      'linear.turnedMoments',
      { weighted: data.weight !== null, outputs: q, centred: fitIntercept },
      { plan: moments.plan, arrays: { shifts, transform: basis } },
    );
    const products = new Float64Array(q * q);
    for (let k = 0; k < q; k++)
      for (let l = 0; l < q; l++)
        products[k * q + l] =
          arrays.cross[k * (q + 1) + l]! +
          (alpha === 0 ? 0 : alpha * dot(basis.subarray(k * p, k * p + p), basis.subarray(l * p, l * p + p)));
    const { values, vectors } = await symmetricEigen(products, q, data.run);
    const rows = turn(vectors, basis, q, p);
    // What a direction does to the data, against what the strongest does, columns on one scale.
    const strength = (k: number): number => {
      let norm = 0;
      columns.forEach((j, a) => {
        norm += (rows[k * p + j]! * scale[a]!) ** 2;
      });
      return Math.sqrt(Math.max(values[k]!, 0) / norm);
    };
    const kept = Array.from({ length: q }, (_, k) => k).filter((k) => strength(k) > limit);
    const least = Math.min(...kept.map((k) => values[k]!));
    if (kept.length > 0 && least < EVEN * values[0]! && pass < MOST_PASSES) {
      basis = rows.map((x, i) => x / lengthOf(values, Math.floor(i / p), q));
      continue;
    }
    const coef = new Float64Array(p);
    for (const k of kept) {
      let g = 0;
      for (let l = 0; l < q; l++) g += vectors[k * q + l]! * arrays.cross[l * (q + 1) + q]!;
      for (let j = 0; j < p; j++) coef[j]! += (g / values[k]!) * rows[k * p + j]!;
    }
    const lost = Array.from({ length: q }, (_, k) => k).filter((k) => !kept.includes(k));
    withoutNullSpace(
      coef,
      lost.map((k) => rows.subarray(k * p, k * p + p)),
    );
    return { coef, rank: kept.length };
  }
}

/** √λ, at least what rounding against the largest leaves of it. */
const lengthOf = (values: Float64Array, k: number, n: number): number =>
  Math.sqrt(Math.max(values[k]!, values[0]! * Number.EPSILON * n, Number.MIN_VALUE));

/** How far means are from zero in deviations, at most: rounding of x counts so much more in x − mean. */
function offset({ means, cross, weightSum }: DataMoments, columns: readonly number[]): number {
  let most = 0;
  for (const j of columns)
    most = Math.max(most, Math.abs(means[j]!) / Math.sqrt(cross[j * means.length + j]! / weightSum || 1));
  return most / 100;
}

/** vectors × basis. */
function turn(vectors: Float64Array, basis: Float64Array, q: number, p: number): Float64Array<ArrayBuffer> {
  const rows = new Float64Array(q * p);
  for (let k = 0; k < q; k++)
    for (let l = 0; l < q; l++) {
      const v = vectors[k * q + l]!;
      if (v !== 0) for (let j = 0; j < p; j++) rows[k * p + j]! += v * basis[l * p + j]!;
    }
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
