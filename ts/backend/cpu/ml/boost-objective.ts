// What boosting minimises: gradients, the constant it starts from, and the link between margins and
// predictions. Names and definitions are XGBoost's.
import { ParameterError, TargetError, UnsupportedError } from '../../../errors.ts';
import { rankGradients } from './boost-rank.ts';
import { chunks } from './columns.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';

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
  readonly start?: 'mean' | 'zero' | 'quantile' | 'shares' | 'step';
  /** Whether the gradient depends on the scale of the residuals. */
  readonly scaled?: boolean;
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
  'reg:absoluteerror': { code: 4, link: 'identity', start: 'step', scaled: true },
  'reg:quantileerror': {
    code: 5,
    link: 'identity',
    argument: (p, k) => p.quantileAlpha[k]!,
    start: 'quantile',
    scaled: true,
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

/** Checks labels and weights. */
export function checkLabels(ctx: KernelContext, p: ObjectiveParams, r: BoostRows): void {
  if (r.weights !== 0) {
    const weights = ctx.heap.refresh().f32.subarray(r.weights >>> 2, (r.weights >>> 2) + r.rows);
    const row = weights.findIndex((w) => !(w >= 0));
    if (row >= 0)
      throw new ParameterError(`Sample weights must be at least 0. Got ${weights[row]} in row ${row}.`, { row });
    if (r.rows > 0 && !weights.some((w) => w > 0)) throw new ParameterError('All sample weights are 0.', {});
  }
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
  const scales = Array.from({ length: p.outputs }, (_, k) => (entry.scaled ? residualScale(ctx, p, r, k) : 0));
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
        entry.scaled ? scales[k]! : 0,
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
  if (entry.start === 'quantile') return zero.map((_, k) => labelQuantile(ctx, r, p.quantileAlpha[k]!));
  let mean = 0;
  if (entry.start === 'mean' || entry.start === 'step') {
    const { f32 } = ctx.heap.refresh();
    let sum = 0;
    let weight = 0;
    for (let i = 0; i < r.rows; i++) {
      const w = r.weights === 0 ? 1 : f32[(r.weights >>> 2) + i]!;
      sum += w * f32[(r.labels >>> 2) + i]!;
      weight += w;
    }
    mean = Math.fround(sum / weight);
    if (entry.start === 'mean') return zero.map(() => mean);
  }
  // One Newton step, from margins of 0 or from the mean.
  const f32 = ctx.heap.refresh().f32;
  f32.fill(mean, r.margins >>> 2, (r.margins >>> 2) + r.rows * p.outputs);
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
    const w = Math.fround(mean + (h <= 0 ? 0 : -g / h));
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

/** A quantile of the labels, as XGBoost interpolates it; its weighted form does not. */
function labelQuantile(ctx: KernelContext, r: BoostRows, alpha: number): number {
  const { f32 } = ctx.heap.refresh();
  const n = r.rows;
  const labels = f32.slice(r.labels >>> 2, (r.labels >>> 2) + n);
  if (r.weights !== 0) {
    const weights = f32.subarray(r.weights >>> 2, (r.weights >>> 2) + n);
    const order = Array.from(labels, (_, i) => i).sort((i, j) => labels[i]! - labels[j]!);
    const goal = weights.reduce((sum, w) => sum + w, 0) * alpha;
    let sum = 0;
    const found = order.find((i) => {
      sum += weights[i]!;
      return sum >= goal;
    });
    return labels[found ?? order.at(-1)!]!;
  }
  labels.sort();
  if (alpha <= 1 / (n + 1)) return labels[0]!;
  if (alpha >= n / (n + 1)) return labels[n - 1]!;
  const x = alpha * (n + 1);
  const k = Math.floor(x) - 1;
  return Math.fround(labels[k]! + (x - 1 - k) * (labels[k + 1]! - labels[k]!));
}

/** The scale of residuals: the square of the mean of their roots. */
function residualScale(ctx: KernelContext, p: ObjectiveParams, r: BoostRows, output: number): number {
  const pieces = chunks(r.rows);
  const sums = ctx.arena.alloc(16 * pieces.length);
  runTasks(
    ctx,
    pieces.map(({ from, to, index }) => [
      'boost',
      'rootResiduals',
      r.margins + 4 * (p.outputs * from + output),
      4 * p.outputs,
      r.labels + 4 * from,
      r.weights === 0 ? 0 : r.weights + 4 * from,
      to - from,
      sums + 16 * index,
    ]),
    r.rows * 2,
  );
  const { f64 } = ctx.heap.refresh();
  let sum = 0;
  let total = 0;
  for (const { index } of pieces) {
    sum += f64[(sums >>> 3) + 2 * index]!;
    total += f64[(sums >>> 3) + 2 * index + 1]!;
  }
  ctx.arena.free(sums);
  return total === 0 ? 0 : (sum / total) ** 2;
}
