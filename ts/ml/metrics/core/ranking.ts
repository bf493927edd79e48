// Normalised discounted cumulative gain (K. Järvelin and J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques",
// 2002), with the gains of tied scores averaged (F. McSherry and M. Najork, "Computing information retrieval performance
// measures efficiently in the presence of tied scores", 2008).
import { descendingOrder, orderByGroup } from './sort-order.ts';
import type { Steps } from './steps.ts';

/** Scored documents, by query. */
export interface RankedRows {
  /** Relevance, shape (nSamples), at least 0; it is the gain itself. */
  readonly relevance: Float64Array;
  /** Shape (nSamples), finite. */
  readonly scores: Float64Array;
  /** Query codes, shape (nSamples), 0 to nGroups − 1. */
  readonly groups: Int32Array;
  readonly nGroups: number;
}

/** Rows of queries done between two yields. */
const ROWS = 16_384;

/**
 * NDCG of each query; 0 for a query without a relevant document.
 *
 * @param k - how many of the best scored documents count; Infinity for all
 * @param ignoreTies - whether tied scores keep the rows' order instead of sharing their gains
 * @returns shape (nGroups)
 */
export function* ndcgByGroup(rows: RankedRows, k = Number.POSITIVE_INFINITY, ignoreTies = false): Steps<Float64Array> {
  const { relevance, scores, groups, nGroups } = rows;
  const byScore = yield* orderByGroup(yield* descendingOrder(scores), groups, nGroups);
  const best = yield* orderByGroup(yield* descendingOrder(relevance), groups, nGroups);
  const { starts } = byScore;
  let longest = 0;
  for (let g = 0; g < nGroups; g++) longest = Math.max(longest, (starts[g + 1] as number) - (starts[g] as number));
  const discounts = new Float64Array(longest);
  for (let i = 0; i < longest && i < k; i++) discounts[i] = 1 / Math.log2(i + 2);
  const out = new Float64Array(nGroups);
  let done = 0;
  for (let g = 0; g < nGroups; g++) {
    const start = starts[g] as number;
    const end = starts[g + 1] as number;
    let ideal = 0;
    for (let i = start; i < end; i++) {
      ideal += (relevance[best.order[i] as number] as number) * (discounts[i - start] as number);
    }
    out[g] = ideal === 0 ? 0 : gainOf(relevance, scores, byScore.order, start, end, discounts, ignoreTies) / ideal;
    done += end - start;
    if (done < ROWS) continue;
    done = 0;
    yield;
  }
  return out;
}

function gainOf(
  relevance: Float64Array,
  scores: Float64Array,
  order: Uint32Array,
  start: number,
  end: number,
  discounts: Float64Array,
  ignoreTies: boolean,
): number {
  let gain = 0;
  for (let from = start; from < end; ) {
    const score = scores[order[from] as number] as number;
    let sum = 0;
    let share = 0;
    let to = from;
    do {
      sum += relevance[order[to] as number] as number;
      share += discounts[to - start] as number;
      to++;
    } while (!ignoreTies && to < end && scores[order[to] as number] === score);
    gain += (sum / (to - from)) * share;
    from = to;
  }
  return gain;
}
