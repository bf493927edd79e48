// Into how many runs of pieces the rows of an aggregation are divided. Each has groups of its own, which are merged one
// run after another: more runs occupy more threads and merge more groups.

const CHOICES = [1, 2, 4, 8, 16, 32] as const;
/** What merging a group costs, in rows that are grouped. */
const MERGE_ROWS = 1.5;
/** The number must not depend on how many threads there are, since sums of floats depend on it: it suits both of these. */
const THREADS = [2, 32] as const;

/** Distinct values of which `rows` drawn ones show `seen`. */
function distinctOf(rows: number, seen: number): number {
  if (seen >= rows) return Number.POSITIVE_INFINITY;
  let [low, high] = [seen, seen];
  const shown = (distinct: number): number => shownOf(distinct, rows);
  while (shown(high) < seen && high < 2 ** 40) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shown(middle) < seen) low = middle;
    else high = middle;
  }
  return high;
}

/** How many of `distinct` values `rows` drawn ones show. */
const shownOf = (distinct: number, rows: number): number =>
  distinct === Number.POSITIVE_INFINITY ? rows : -distinct * Math.expm1(-rows / distinct);

/** How many groups `rows` rows have when a sample of `sampled` shows `seen`. */
export const groupsOf = (seen: number, sampled: number, rows: number): number =>
  Math.round(shownOf(distinctOf(sampled, seen), rows));

/**
 * The number of lanes.
 *
 * @param seen - groups in the sample
 * @param sampled - rows of the sample
 * @param rows - rows of the input
 */
export function lanesFor(seen: number, sampled: number, rows: number): number {
  const distinct = distinctOf(sampled, seen);
  const cost = (lanes: number): number => {
    const merging = (lanes - 1) * shownOf(distinct, rows / lanes) * MERGE_ROWS;
    return THREADS.reduce((sum, threads) => sum + rows / Math.min(lanes, threads) + merging, 0);
  };
  return CHOICES.reduce((best, lanes) => (cost(lanes) <= cost(best) ? lanes : best));
}
