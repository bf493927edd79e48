// How alike two groupings of the same rows are. Adjusted Rand: L. Hubert and P. Arabie, "Comparing partitions" (1985);
// mutual information and its adjustment for chance: N. X. Vinh, J. Epps and J. Bailey, "Information theoretic measures for
// clusterings comparison" (2010).
import { marginOf, type PairCounts } from './pair-counts.ts';
import type { Steps } from './steps.ts';
import { addTo, totalOf, zeroSum } from './sums.ts';

/** Two groupings: how often each pair occurs, and each group of both sides. */
export interface Groupings {
  readonly pairs: PairCounts;
  /** Rows of each group that occurs. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly rows: number;
}

/** The groupings of counted pairs. */
export function groupingsOf(pairs: PairCounts, nLeft: number, nRight: number): Groupings {
  return {
    pairs,
    left: marginOf(pairs.left, pairs.count, nLeft),
    right: marginOf(pairs.right, pairs.count, nRight),
    rows: pairs.count.reduce((sum, n) => sum + n, 0),
  };
}

const squares = (values: Float64Array): bigint => values.reduce((sum, n) => sum + BigInt(n) * BigInt(n), 0n);

/** Agreement on pairs of rows, 0 for chance and 1 for the same grouping. The counts are exact at any size. */
export function adjustedRand(groupings: Groupings): number {
  const n = BigInt(groupings.rows);
  const together = squares(groupings.pairs.count);
  const inLeft = squares(groupings.left);
  const inRight = squares(groupings.right);
  const both = together - n;
  const onlyRight = inRight - together;
  const onlyLeft = inLeft - together;
  const neither = n * n - onlyRight - onlyLeft - together;
  if (onlyRight === 0n && onlyLeft === 0n) return 1;
  const above = 2n * (both * neither - onlyLeft * onlyRight);
  const below = (both + onlyLeft) * (onlyLeft + neither) + (both + onlyRight) * (onlyRight + neither);
  return Number(above) / Number(below);
}

/** Mutual information in nats, at least 0. */
export function mutualInformation(groupings: Groupings): number {
  const { pairs, left, right, rows } = groupings;
  if (left.length === 1 || right.length === 1) return 0;
  // The margins by code again: `left` and `right` hold only the groups that occur.
  const byLeft = sums(pairs.left, pairs.count);
  const byRight = sums(pairs.right, pairs.count);
  const total = zeroSum();
  for (let i = 0; i < pairs.count.length; i++) {
    const n = pairs.count[i] as number;
    const a = byLeft.get(pairs.left[i] as number) as number;
    const b = byRight.get(pairs.right[i] as number) as number;
    addTo(total, (n / rows) * (Math.log(n / a) + Math.log(rows / b)));
  }
  const value = totalOf(total);
  return value < Number.EPSILON ? 0 : value;
}

function sums(codes: Int32Array, count: Float64Array): Map<number, number> {
  const out = new Map<number, number>();
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    out.set(code, (out.get(code) ?? 0) + (count[i] as number));
  }
  return out;
}

/** Entropy of a grouping in nats. */
export function entropyOf(sizes: Float64Array, rows: number): number {
  if (sizes.length <= 1) return 0;
  const total = zeroSum();
  for (const n of sizes) addTo(total, -(n / rows) * Math.log(n / rows));
  return totalOf(total);
}

/** How the entropies of two groupings become one. */
export type EntropyAverage = 'arithmetic' | 'geometric' | 'min' | 'max';

function averageOf(a: number, b: number, method: EntropyAverage): number {
  switch (method) {
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case 'geometric':
      return Math.sqrt(a * b);
    default:
      return (a + b) / 2;
  }
}

/** Mutual information over the mean entropy: 0 to 1. */
export function normalizedMutualInformation(groupings: Groupings, method: EntropyAverage): number {
  const { left, right, rows } = groupings;
  if (left.length === right.length && left.length <= 1) return 1;
  const information = mutualInformation(groupings);
  return information === 0 ? 0 : information / averageOf(entropyOf(left, rows), entropyOf(right, rows), method);
}

/** Mutual information beyond what random groupings of these sizes share: 0 for chance, 1 for the same grouping. */
export function* adjustedMutualInformation(groupings: Groupings, method: EntropyAverage): Steps<number> {
  const { left, right, rows } = groupings;
  if (left.length === right.length && left.length <= 1) return 1;
  if (left.length === 1 || right.length === 1) return 0;
  const expected = yield* expectedInformation(left, right, rows);
  const information = mutualInformation(groupings);
  const awayFromZero = (x: number): number => (x < 0 ? Math.min(x, -Number.EPSILON) : Math.max(x, Number.EPSILON));
  const normalizer = averageOf(entropyOf(left, rows), entropyOf(right, rows), method);
  return awayFromZero(information - expected) / awayFromZero(normalizer - expected);
}

/** Terms of the expectation between two yields. */
const TERMS = 50_000;

/** The mean mutual information of random groupings with these group sizes. */
function* expectedInformation(left: Float64Array, right: Float64Array, rows: number): Steps<number> {
  const total = zeroSum();
  let terms = 0;
  for (const a of left) {
    for (const b of right) {
      const of = expectedPair(a, b, rows);
      addTo(total, of.value);
      terms += of.terms;
      if (terms < TERMS) continue;
      terms = 0;
      yield;
    }
  }
  return totalOf(total);
}

/**
 * The share of one pair of groups. The number of common rows is hypergeometric: its probabilities follow from each other
 * by a ratio, so they are taken from the most probable one outward until they vanish, and divided by their sum. No
 * factorial is needed, and nothing overflows.
 */
function expectedPair(a: number, b: number, rows: number): { value: number; terms: number } {
  const low = Math.max(0, a + b - rows);
  const high = Math.min(a, b);
  const mode = Math.min(high, Math.max(low, Math.floor(((a + 1) * (b + 1)) / (rows + 2))));
  const information = (n: number): number => (n === 0 ? 0 : (n / rows) * (Math.log(n / a) + Math.log(rows / b)));
  const mass = zeroSum();
  const sum = zeroSum();
  let terms = 0;
  const take = (n: number, p: number): void => {
    addTo(mass, p);
    addTo(sum, p * information(n));
    terms++;
  };
  take(mode, 1);
  let p = 1;
  for (let n = mode; n < high; n++) {
    p *= ((a - n) * (b - n)) / ((n + 1) * (rows - a - b + n + 1));
    if (p < 1e-25) break;
    take(n + 1, p);
  }
  p = 1;
  for (let n = mode; n > low; n--) {
    p *= (n * (rows - a - b + n)) / ((a - n + 1) * (b - n + 1));
    if (p < 1e-25) break;
    take(n - 1, p);
  }
  return { value: totalOf(sum) / totalOf(mass), terms };
}
