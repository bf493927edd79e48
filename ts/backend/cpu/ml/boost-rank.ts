// LambdaMART gradients: pairs of documents of one query, made with its best ranked ones. Sources: Burges, "From RankNet
// to LambdaRank to LambdaMART" (2010), and XGBoost's rank:ndcg and rank:pairwise with lambdarank_pair_method=topk.
import type { BoostRows, ObjectiveParams } from './boost-objective.ts';
import type { KernelContext } from './kernel.ts';

const LEAST = 1e-16;

/** Writes the pairs (f32 gradient, hessian) of all rows. */
export function rankGradients(ctx: KernelContext, p: ObjectiveParams, r: BoostRows, pairs: number): void {
  const { f32, u32 } = ctx.heap.refresh();
  const margins = f32.subarray(r.margins >>> 2, (r.margins >>> 2) + r.rows);
  const labels = f32.subarray(r.labels >>> 2, (r.labels >>> 2) + r.rows);
  const out = f32.subarray(pairs >>> 2, (pairs >>> 2) + 2 * r.rows);
  out.fill(0);
  const starts = r.queryStarts >>> 2;
  for (let q = 0; q < r.queries; q++) {
    if (q % 1024 === 0) ctx.control.checkAbort();
    queryGradients(p, u32[starts + q]!, u32[starts + q + 1]!, margins, labels, out);
  }
}

const gainOf = (label: number): number => 2 ** label - 1;
const discountOf = (rank: number): number => 1 / Math.log2(rank + 2);

/** Rows up to here fit a double together with a score. */
const PACKED_ROWS = 1 << 21;

/** The rows of a query by falling score, equal ones in their order. */
export function rankedRows(scores: Float32Array, from: number, to: number): Uint32Array {
  const n = to - from;
  const order = new Uint32Array(n);
  if (n < 32 || n > PACKED_ROWS) {
    for (let i = 0; i < n; i++) order[i] = from + i;
    return order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  }
  // A sort without a comparator is ten times as fast: the score's order and the row in one double.
  const bits = new Uint32Array(scores.slice(from, to).buffer);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    // −0 is 0.
    const b = bits[i] === 0x80000000 ? 0 : bits[i]!;
    const rising = b >>> 31 === 1 ? ~b >>> 0 : (b | 0x80000000) >>> 0;
    keys[i] = (0xffffffff - rising) * PACKED_ROWS + i;
  }
  keys.sort();
  for (let i = 0; i < n; i++) order[i] = from + (keys[i]! % PACKED_ROWS);
  return order;
}

function queryGradients(
  p: ObjectiveParams,
  from: number,
  to: number,
  margins: Float32Array,
  labels: Float32Array,
  out: Float32Array,
): void {
  const n = to - from;
  if (n < 2) return;
  const order = rankedRows(margins, from, to);
  const ndcg = p.name === 'rank:ndcg';
  const top = Math.min(p.rankPairs, n);
  let ideal = 0;
  if (ndcg) {
    const best = labels.slice(from, to).sort().reverse();
    for (let i = 0; i < top; i++) ideal += gainOf(best[i]!) * discountOf(i);
  }
  const inverse = ideal > 0 ? 1 / ideal : 0;
  const spread = margins[order[0]!]! !== margins[order[n - 1]!]!;
  let sum = 0;
  for (let i = 0; i < top; i++) {
    for (let j = i + 1; j < n; j++) {
      const a = order[i]!;
      const b = order[j]!;
      if (labels[a] === labels[b]) continue;
      const upper = labels[a]! > labels[b]!;
      const high = upper ? a : b;
      const low = upper ? b : a;
      const difference = Math.fround(margins[high]! - margins[low]!);
      const sigmoid = 1 / (1 + Math.exp(-difference));
      let delta = 1;
      if (ndcg) {
        const highDiscount = discountOf(upper ? i : j);
        const lowDiscount = discountOf(upper ? j : i);
        delta = Math.abs((gainOf(labels[high]!) - gainOf(labels[low]!)) * (highDiscount - lowDiscount)) * inverse;
        if (spread) delta /= Math.abs(difference) + 0.01;
      }
      const lambda = (sigmoid - 1) * delta;
      const hessian = Math.max(sigmoid * (1 - sigmoid), LEAST) * delta * 2;
      out[2 * high]! += lambda;
      out[2 * high + 1]! += hessian;
      out[2 * low]! -= lambda;
      out[2 * low + 1]! += hessian;
      sum += -2 * lambda;
    }
  }
  if (sum <= 0) return;
  const norm = Math.log2(1 + sum) / sum;
  for (let i = 2 * from; i < 2 * to; i++) out[i]! *= norm;
}
