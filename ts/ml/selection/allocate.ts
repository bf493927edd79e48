// Who gets how many: the arithmetic of splits, on counts alone. The rules are scikit-learn's, so that the folds are.
import { uniform } from '../../util/philox.ts';

/** Positions of random numbers beyond those that rows draw, which are numbered with 32 bits. */
const BEYOND_ROWS = 2 ** 33;

/** The numbers 0 to n − 1 in a random order. */
export function shuffled(n: number, seed: number): number[] {
  const draws = Float64Array.from({ length: n }, (_, i) => uniform(seed, BEYOND_ROWS + i));
  return Array.from(draws, (_, i) => i).sort((a, b) => draws[a]! - draws[b]! || a - b);
}

/** The sizes of k parts of n things: as equal as can be, the larger ones first. */
export function evenSizes(n: number, k: number): number[] {
  return Array.from({ length: k }, (_, i) => Math.floor(n / k) + (i < n % k ? 1 : 0));
}

/**
 * Takes `total` from classes in proportion to their counts: each gets its share rounded down, and the largest remainders
 * one more; among equal remainders the seed decides.
 */
export function proportional(counts: readonly number[], total: number, seed: number): number[] {
  const all = counts.reduce((sum, n) => sum + n, 0);
  const shares = counts.map((n) => (n / all) * total);
  const taken = shares.map(Math.floor);
  const missing = total - taken.reduce((sum, n) => sum + n, 0);
  const lot = new Float64Array(counts.length);
  shuffled(counts.length, seed).forEach((k, i) => {
    lot[k] = i;
  });
  const remainder = (k: number): number => shares[k]! - taken[k]!;
  const order = counts.map((_, k) => k).sort((a, b) => remainder(b) - remainder(a) || lot[a]! - lot[b]!);
  for (const k of order.slice(0, missing)) taken[k]!++;
  return taken;
}

/**
 * How many rows of each class go to each fold, `[class][fold]`: the rows, ordered by class, are dealt out to the folds in
 * turn, so that folds differ by one row at most in size and in every class.
 */
export function dealt(counts: readonly number[], nFolds: number): number[][] {
  let first = 0;
  return counts.map((count) => {
    const offset = first % nFolds;
    first += count;
    return Array.from({ length: nFolds }, (_, fold) => {
      const lead = (fold - offset + nFolds) % nFolds;
      return count > lead ? Math.ceil((count - lead) / nFolds) : 0;
    });
  });
}

/** The fold of each group: the largest group first, always to the fold with the fewest rows. */
export function lightestFold(sizes: readonly number[], nFolds: number): number[] {
  const order = sizes.map((_, g) => g).sort((a, b) => sizes[b]! - sizes[a]! || b - a);
  const loads = new Array<number>(nFolds).fill(0);
  const folds = new Array<number>(sizes.length);
  for (const g of order) {
    let lightest = 0;
    for (let f = 1; f < nFolds; f++) if (loads[f]! < loads[lightest]!) lightest = f;
    loads[lightest]! += sizes[g]!;
    folds[g] = lightest;
  }
  return folds;
}

/** Sums so far, without the last: where the parts but the first begin. */
export function cutsOf(sizes: readonly number[]): number[] {
  let sum = 0;
  return sizes.slice(0, -1).map((n) => {
    sum += n;
    return sum;
  });
}
