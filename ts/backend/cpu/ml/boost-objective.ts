// What boosting minimises: gradients, the constant it starts from, the link between margins and predictions, and the
// leaves of objectives whose hessian says nothing. Names and definitions are XGBoost's.
import { TargetError, UnsupportedError } from '../../../errors.ts';
import type { GrownTree } from './boost-grow.ts';
import { rankGradients } from './boost-rank.ts';
import { chunks } from './columns.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';
import type { TreeRows } from './tree-rows.ts';

/** The objective and its numbers. Plain JSON. */
export interface ObjectiveParams {
  readonly name: string;
  /** Margins per row. */
  readonly outputs: number;
  readonly scalePosWeight: number;
  /** Of count:poisson. */
  readonly maxDeltaStep: number;
  readonly huberSlope: number;
  readonly quantileAlpha: readonly number[];
  readonly tweediePower: number;
  /** Pairs are made with the first so many of each query. */
  readonly rankPairs: number;
}

/** Rows that are learned from, or evaluated on: addresses in the heap. Plain JSON. */
export interface BoostRows {
  readonly rows: number;
  /** f32 per row. */
  readonly labels: number;
  /** f32 per row, or 0. */
  readonly weights: number;
  /** f32 per row and output. */
  readonly margins: number;
  /** First row of each query (u32), and the number of rows; `queries` of them. */
  readonly queryStarts: number;
  readonly queries: number;
}

/** Links: how `boost.transform` numbers them. */
export type Link = 'identity' | 'sigmoid' | 'exp' | 'softmax' | 'step';
export const LINK_CODES: Readonly<Record<Link, number>> = { identity: 0, sigmoid: 1, exp: 2, softmax: 3, step: 4 };

/** Of a class without rows. */
const LEAST_SHARE = 1e-16;

interface ObjectiveEntry {
  /** Number of the elementwise gradient in the kernel. */
  readonly code?: number;
  readonly link: Link;
  /** Smallest and largest label, and whether the ends are allowed. */
  readonly labels?: { readonly min?: number; readonly max?: number; readonly open?: boolean };
  /** The kernel's number. */
  readonly argument?: (p: ObjectiveParams, output: number) => number;
  /** What base_score is estimated as, where it is not one Newton step from 0. */
  readonly start?: 'mean' | 'zero' | 'quantile' | 'shares';
  /** Rank of the leaf values among the residuals. */
  readonly leafRank?: (p: ObjectiveParams, output: number) => number;
}

export const OBJECTIVES: Readonly<Record<string, ObjectiveEntry>> = {
  'reg:squarederror': { code: 0, link: 'identity', start: 'mean' },
  'reg:logistic': {
    code: 1,
    link: 'sigmoid',
    labels: { min: 0, max: 1 },
    argument: (p) => p.scalePosWeight,
    start: 'mean',
  },
  'binary:logistic': {
    code: 1,
    link: 'sigmoid',
    labels: { min: 0, max: 1 },
    argument: (p) => p.scalePosWeight,
    start: 'mean',
  },
  'binary:logitraw': {
    code: 1,
    link: 'sigmoid',
    labels: { min: 0, max: 1 },
    argument: (p) => p.scalePosWeight,
    start: 'mean',
  },
  'count:poisson': { code: 2, link: 'exp', labels: { min: 0 }, argument: (p) => p.maxDeltaStep, start: 'mean' },
  'reg:pseudohubererror': { code: 3, link: 'identity', argument: (p) => p.huberSlope },
  'reg:absoluteerror': { code: 4, link: 'identity', start: 'quantile', leafRank: () => 0.5 },
  'reg:quantileerror': {
    code: 5,
    link: 'identity',
    argument: (p, k) => p.quantileAlpha[k]!,
    start: 'quantile',
    leafRank: (p, k) => p.quantileAlpha[k]!,
  },
  'reg:squaredlogerror': { code: 6, link: 'identity', labels: { min: -1, open: true } },
  'reg:gamma': { code: 7, link: 'exp', labels: { min: 0, open: true }, start: 'mean' },
  'reg:tweedie': { code: 8, link: 'exp', labels: { min: 0 }, argument: (p) => p.tweediePower, start: 'mean' },
  'binary:hinge': { code: 9, link: 'step', labels: { min: 0, max: 1 } },
  'multi:softprob': { link: 'softmax', start: 'shares' },
  'multi:softmax': { link: 'softmax', start: 'shares' },
  'rank:ndcg': { link: 'identity', labels: { min: 0, max: 31 }, start: 'zero' },
  'rank:pairwise': { link: 'identity', labels: { min: 0 }, start: 'zero' },
};

export function objectiveEntry(name: string): ObjectiveEntry {
  const entry = OBJECTIVES[name];
  if (!entry)
    throw new UnsupportedError(
      `The CPU engine does not train ${name}. Objectives: ${Object.keys(OBJECTIVES).join(', ')}.`,
      { objective: name },
    );
  return entry;
}

/** Checks the labels. */
export function checkLabels(ctx: KernelContext, p: ObjectiveParams, r: BoostRows): void {
  const { labels: allowed } = objectiveEntry(p.name);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, open = false } = allowed ?? {};
  const labels = ctx.heap.refresh().f32.subarray(r.labels >>> 2, (r.labels >>> 2) + r.rows);
  for (let i = 0; i < labels.length; i++) {
    const y = labels[i]!;
    if (!(open ? y > min && y < max : y >= min && y <= max) || Number.isNaN(y))
      throw new TargetError(
        `The target of ${p.name} must lie in ${open ? '(' : '['}${min}, ${max}${open ? ')' : ']'}. Got ${y} in row ${i}.`,
        { row: i },
      );
  }
}

/** Gradient pairs of all rows: those of output k at `pairs + k × 8 × rows`. */
export function objectiveGradients(ctx: KernelContext, p: ObjectiveParams, r: BoostRows, pairs: number): void {
  const entry = objectiveEntry(p.name);
  if (p.name.startsWith('rank:')) {
    rankGradients(ctx, p, r, pairs);
    return;
  }
  if (entry.code === undefined) {
    runTasks(
      ctx,
      chunks(r.rows).map(({ from, to }) => [
        'boost',
        'softmaxGradients',
        r.margins + 4 * p.outputs * from,
        p.outputs,
        r.labels + 4 * from,
        r.weights === 0 ? 0 : r.weights + 4 * from,
        to - from,
        pairs + 8 * from,
        8 * r.rows,
      ]),
      r.rows * p.outputs * 20,
    );
    return;
  }
  for (let k = 0; k < p.outputs; k++)
    runTasks(
      ctx,
      chunks(r.rows).map(({ from, to }) => [
        'boost',
        'gradients',
        entry.code!,
        r.margins + 4 * (p.outputs * from + k),
        4 * p.outputs,
        r.labels + 4 * from,
        r.weights === 0 ? 0 : r.weights + 4 * from,
        to - from,
        entry.argument?.(p, k) ?? 1,
        pairs + 8 * (k * r.rows + from),
      ]),
      r.rows * 8,
    );
}

/** The margin of a base score, rounded to Float32 where XGBoost rounds. */
export function marginOf(link: Link, score: number): number {
  if (link === 'sigmoid') return -Math.log(Math.fround(Math.fround(1 / score) - 1));
  return link === 'exp' ? Math.log(score) : score;
}

/** The base score that XGBoost estimates when none is given, per output. `pairs` is scratch memory of the gradients. */
export function estimateBaseScore(ctx: KernelContext, p: ObjectiveParams, r: BoostRows, pairs: number): number[] {
  const entry = objectiveEntry(p.name);
  const zero = new Array<number>(p.outputs).fill(0);
  if (entry.start === 'zero') return zero;
  if (entry.start === 'shares') return logShares(ctx, p, r);
  if (entry.start === 'quantile') return zero.map((_, k) => quantileOf(ctx, r, null, 0, entry.leafRank!(p, k)));
  if (entry.start === 'mean') {
    const { f32 } = ctx.heap.refresh();
    let sum = 0;
    let weight = 0;
    for (let i = 0; i < r.rows; i++) {
      const w = r.weights === 0 ? 1 : f32[(r.weights >>> 2) + i]!;
      sum += w * f32[(r.labels >>> 2) + i]!;
      weight += w;
    }
    return zero.map(() => Math.fround(sum / weight));
  }
  // One Newton step from margins of 0.
  const f32 = ctx.heap.refresh().f32;
  f32.fill(0, r.margins >>> 2, (r.margins >>> 2) + r.rows * p.outputs);
  objectiveGradients(ctx, p, r, pairs);
  return zero.map((_, k) => {
    const view = ctx.heap.refresh().f32;
    let g = 0;
    let h = 0;
    for (let i = 0; i < r.rows; i++) {
      const at = (pairs >>> 2) + 2 * (k * r.rows + i);
      g += view[at]!;
      h += view[at + 1]!;
    }
    const w = Math.fround(h <= 0 ? 0 : -g / h);
    return entry.link === 'step' ? (w > 0 ? 1 : 0) : w;
  });
}

/** The logarithm of each class's share, about their mean. */
function logShares(ctx: KernelContext, p: ObjectiveParams, r: BoostRows): number[] {
  const { f32 } = ctx.heap.refresh();
  const shares = new Array<number>(p.outputs).fill(0);
  for (let i = 0; i < r.rows; i++)
    shares[f32[(r.labels >>> 2) + i]!]! += r.weights === 0 ? 1 : f32[(r.weights >>> 2) + i]!;
  const total = shares.reduce((a, b) => a + b, 0);
  const logs = shares.map((s) => Math.log(Math.max(s / total, LEAST_SHARE)));
  const mean = logs.reduce((a, b) => a + b, 0) / p.outputs;
  return logs.map((l) => Math.fround(l - mean));
}

/**
 * A quantile of label − margin over rows that are in the tree, as XGBoost interpolates it (its weighted form does not).
 * `rows` null: of the labels alone.
 */
function quantileOf(
  ctx: KernelContext,
  r: BoostRows,
  rows: { readonly address: number; readonly count: number; readonly pairs: number; readonly outputs: number } | null,
  output: number,
  alpha: number,
): number {
  const count = rows ? rows.count : r.rows;
  const block = ctx.arena.alloc(4 * count + 16);
  const { f32, u32 } = ctx.heap.refresh();
  const labels = r.labels >>> 2;
  const values = f32.subarray(block >>> 2, (block >>> 2) + count);
  let n = 0;
  const weights: { readonly v: number; readonly w: number }[] = [];
  for (let i = 0; i < count; i++) {
    const row = rows ? u32[(rows.address >>> 2) + i]! : i;
    // Rows that subsampling took out have no hessian.
    if (rows && f32[(rows.pairs >>> 2) + 2 * row + 1] === 0) continue;
    const margin = rows ? f32[(r.margins >>> 2) + row * rows.outputs + output]! : 0;
    const v = Math.fround(f32[labels + row]! - margin);
    values[n++] = v;
    if (r.weights !== 0) weights.push({ v, w: f32[(r.weights >>> 2) + row]! });
  }
  let result = 0;
  if (n > 0 && r.weights !== 0) {
    weights.sort((a, b) => a.v - b.v);
    const goal = weights.reduce((sum, x) => sum + x.w, 0) * alpha;
    let sum = 0;
    result = weights.find((x) => (sum += x.w) >= goal)?.v ?? weights.at(-1)!.v;
  } else if (n > 0) {
    const spare = ctx.arena.alloc(4 * n + 16);
    const counts = ctx.arena.alloc(3 * 8192);
    ctx.kernels.get('trees').sortFloats(block, spare, counts, n);
    const sorted = ctx.heap.refresh().f32.subarray(block >>> 2, (block >>> 2) + n);
    if (alpha <= 1 / (n + 1)) result = sorted[0]!;
    else if (alpha >= n / (n + 1)) result = sorted[n - 1]!;
    else {
      const x = alpha * (n + 1);
      const k = Math.floor(x) - 1;
      result = sorted[k]! + (x - 1 - k) * (sorted[k + 1]! - sorted[k]!);
    }
    ctx.arena.free(spare);
    ctx.arena.free(counts);
  }
  ctx.arena.free(block);
  return Math.fround(result);
}

/** Gives leaves the quantile of their residuals, for objectives that need it. */
export function adaptLeaves(
  ctx: KernelContext,
  p: ObjectiveParams,
  r: BoostRows,
  rows: TreeRows,
  tree: GrownTree,
  output: number,
  pairs: number,
  learningRate: number,
): void {
  const rank = objectiveEntry(p.name).leafRank;
  if (!rank) return;
  for (const leaf of tree.leaves) {
    const count = leaf.rows.to - leaf.rows.from;
    if (count === 0) continue;
    const source = { address: rows.address(leaf.rows), count, pairs, outputs: p.outputs };
    const value = Math.fround(quantileOf(ctx, r, source, output, rank(p, output)) * learningRate);
    tree.threshold[leaf.node] = value;
    tree.weight[leaf.node] = value;
  }
}
