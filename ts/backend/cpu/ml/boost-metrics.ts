// Metrics of boosting rounds, as XGBoost defines them. They read predictions after the link where XGBoost does.
import { UnsupportedError } from '../../../errors.ts';
import { type BoostRows, LINK_CODES, type ObjectiveParams, objectiveEntry } from './boost-objective.ts';
import { rankedRows } from './boost-rank.ts';
import { chunks } from './columns.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Probabilities are kept this far from 0. */
const LEAST = 1e-16;

interface Scored {
  /** After the link, or margins; `outputs` a row. */
  readonly values: Float32Array;
  readonly outputs: number;
  readonly labels: Float32Array;
  readonly weights: Float32Array | null;
  readonly rows: number;
  readonly starts: Uint32Array;
  readonly objective: ObjectiveParams;
}

interface Metric {
  readonly raw?: boolean;
  /** The error of one row; the metric is their weighted mean, through `last`. */
  readonly row?: (s: Scored, i: number, argument: number) => number;
  readonly last?: (mean: number) => number;
  readonly all?: (s: Scored, argument: number, minus: boolean) => number;
  /** The number behind `@` where none is given; absent: none may be. */
  readonly argument?: number;
}

const logOf = (p: number): number => Math.log(Math.max(p, LEAST));

const METRICS: Readonly<Record<string, Metric>> = {
  rmse: { row: (s, i) => (s.labels[i]! - s.values[i]!) ** 2, last: Math.sqrt },
  rmsle: { row: (s, i) => (Math.log1p(s.labels[i]!) - Math.log1p(s.values[i]!)) ** 2, last: Math.sqrt },
  mae: { row: (s, i) => Math.abs(s.labels[i]! - s.values[i]!) },
  mape: { row: (s, i) => Math.abs((s.labels[i]! - s.values[i]!) / s.labels[i]!) },
  mphe: {
    row: (s, i) => {
      const d = s.objective.huberSlope;
      return d * d * (Math.sqrt(1 + ((s.labels[i]! - s.values[i]!) / d) ** 2) - 1);
    },
  },
  logloss: { row: (s, i) => -s.labels[i]! * logOf(s.values[i]!) - (1 - s.labels[i]!) * logOf(1 - s.values[i]!) },
  error: { argument: 0.5, row: (s, i, t) => (s.values[i]! > t ? 1 - s.labels[i]! : s.labels[i]!) },
  merror: { row: (s, i) => (topOf(s, i) === s.labels[i]! ? 0 : 1) },
  mlogloss: { row: (s, i) => -logOf(s.values[i * s.outputs + s.labels[i]!]!) },
  'poisson-nloglik': {
    row: (s, i) => {
      const p = Math.max(s.values[i]!, LEAST);
      return logGamma(s.labels[i]! + 1) + p - Math.log(p) * s.labels[i]!;
    },
  },
  'gamma-nloglik': {
    row: (s, i) => {
      const p = Math.max(s.values[i]!, 1e-6);
      const y = Math.max(s.labels[i]!, 1e-6);
      return y / p + Math.log(p);
    },
  },
  'gamma-deviance': {
    row: (s, i) => {
      const p = s.values[i]! + 1e-6;
      const y = s.labels[i]! + 1e-6;
      return Math.log(p / y) + y / p - 1;
    },
    last: (mean) => 2 * mean,
  },
  'tweedie-nloglik': {
    argument: 1.5,
    row: (s, i, rho) => {
      const p = s.values[i]!;
      const a = (s.labels[i]! * Math.exp((1 - rho) * Math.log(p))) / (1 - rho);
      return -a + Math.exp((2 - rho) * Math.log(p)) / (2 - rho);
    },
  },
  quantile: {
    row: (s, i) => {
      const alphas = s.objective.quantileAlpha;
      let loss = 0;
      for (let k = 0; k < s.outputs; k++) {
        const d = s.labels[i]! - s.values[i * s.outputs + k]!;
        loss += d >= 0 ? alphas[k]! * d : (alphas[k]! - 1) * d;
      }
      return loss / s.outputs;
    },
  },
  auc: { all: (s) => (s.outputs > 1 ? multiArea(s) : areaOf(s, 0, null)) },
  aucpr: { all: (s) => precisionArea(s) },
  ndcg: { argument: Number.POSITIVE_INFINITY, all: (s, k, minus) => overQueries(s, (q) => ndcgOf(s, q, k, minus)) },
  map: {
    argument: Number.POSITIVE_INFINITY,
    all: (s, k, minus) => overQueries(s, (q) => averagePrecision(s, q, k, minus)),
  },
};

/** Metrics where more is better. */
export const isMaximised = (metric: string): boolean => /^(auc|aucpr|ndcg|map)(@|-|$)/.test(metric);

/** Splits `ndcg@5-` into its parts. */
function parse(name: string): { metric: Metric; argument: number; minus: boolean } {
  const m = /^([a-z-]+?)(?:@([0-9.]+))?(-)?$/.exec(name);
  const metric = m ? METRICS[m[1]!] : undefined;
  const ranking = m?.[1] === 'ndcg' || m?.[1] === 'map';
  if (!metric || (m![2] !== undefined && metric.argument === undefined) || (m![3] === '-' && !ranking))
    throw new UnsupportedError(
      `The evaluation metric '${name}' is not there. Metrics: ${Object.keys(METRICS).join(', ')}; error, ndcg, map and tweedie-nloglik take @number.`,
      { metric: name },
    );
  return { metric, argument: m![2] === undefined ? (metric.argument ?? 0) : Number(m![2]), minus: m![3] === '-' };
}

/** Throws for a metric that is not there. */
export const checkMetric = (name: string): void => void parse(name);

/** Computes metrics of rows whose margins are in the heap. */
export function boostMetrics(ctx: KernelContext, p: ObjectiveParams, r: BoostRows, names: readonly string[]): number[] {
  if (names.length === 0) return [];
  const size = r.rows * p.outputs;
  const block = ctx.arena.alloc(4 * size + 16);
  ctx.heap.refresh().u8.copyWithin(block, r.margins, r.margins + 4 * size);
  const link = p.name === 'binary:logitraw' ? 'identity' : objectiveEntry(p.name).link;
  if (link !== 'identity')
    runTasks(
      ctx,
      chunks(r.rows).map(({ from, to }) => [
        'boost',
        'transform',
        LINK_CODES[link],
        block + 4 * p.outputs * from,
        to - from,
        p.outputs,
      ]),
      size * 10,
    );
  const { f32, u32 } = ctx.heap.refresh();
  const at = (address: number, length: number): Float32Array => f32.subarray(address >>> 2, (address >>> 2) + length);
  const scored: Scored = {
    values: at(block, size),
    outputs: p.outputs,
    labels: at(r.labels, r.rows),
    weights: r.weights === 0 ? null : at(r.weights, r.rows),
    rows: r.rows,
    starts:
      r.queries === 0
        ? Uint32Array.of(0, r.rows)
        : u32.subarray(r.queryStarts >>> 2, (r.queryStarts >>> 2) + r.queries + 1),
    objective: p,
  };
  const result = names.map((name) => {
    const { metric, argument, minus } = parse(name);
    if (metric.all) return metric.all(scored, argument, minus);
    let sum = 0;
    let weight = 0;
    for (let i = 0; i < r.rows; i++) {
      const w = scored.weights ? scored.weights[i]! : 1;
      sum += w * metric.row!(scored, i, argument);
      weight += w;
    }
    const mean = weight === 0 ? sum : sum / weight;
    return metric.last ? metric.last(mean) : mean;
  });
  ctx.arena.free(block);
  return result;
}

function topOf(s: Scored, i: number): number {
  let best = 0;
  for (let k = 1; k < s.outputs; k++) if (s.values[i * s.outputs + k]! > s.values[i * s.outputs + best]!) best = k;
  return best;
}

/** Area under the ROC curve of one output: ties count half. `positive` null: the labels are the share of positives. */
function areaOf(s: Scored, output: number, positive: number | null): number {
  const order = byScore(s, output);
  let area = 0;
  let hits = 0;
  let misses = 0;
  for (let i = 0; i < order.length; ) {
    const v = s.values[order[i]! * s.outputs + output]!;
    let hit = 0;
    let miss = 0;
    for (; i < order.length && s.values[order[i]! * s.outputs + output] === v; i++) {
      const row = order[i]!;
      const w = s.weights ? s.weights[row]! : 1;
      const y = positive === null ? s.labels[row]! : s.labels[row] === positive ? 1 : 0;
      hit += w * y;
      miss += w * (1 - y);
    }
    area += miss * (hits + hit / 2);
    hits += hit;
    misses += miss;
  }
  return hits === 0 || misses === 0 ? Number.NaN : area / (hits * misses);
}

/** One class against the others, weighted by the class's share. */
function multiArea(s: Scored): number {
  let sum = 0;
  let weight = 0;
  for (let k = 0; k < s.outputs; k++) {
    let share = 0;
    for (let i = 0; i < s.rows; i++) if (s.labels[i] === k) share += s.weights ? s.weights[i]! : 1;
    sum += share * areaOf(s, k, k);
    weight += share;
  }
  return sum / weight;
}

/** Area under the precision-recall curve, interpolated as Davis and Goadrich (2006). */
function precisionArea(s: Scored): number {
  const order = byScore(s, 0);
  let total = 0;
  for (let i = 0; i < s.rows; i++) total += (s.weights ? s.weights[i]! : 1) * s.labels[i]!;
  if (total === 0) return Number.NaN;
  let area = 0;
  let hits = 0;
  let misses = 0;
  for (let i = 0; i < order.length; ) {
    const v = s.values[order[i]!]!;
    let hit = 0;
    let miss = 0;
    for (; i < order.length && s.values[order[i]!] === v; i++) {
      const w = s.weights ? s.weights[order[i]!]! : 1;
      hit += w * s.labels[order[i]!]!;
      miss += w * (1 - s.labels[order[i]!]!);
    }
    if (hit === 0 && miss === 0) continue;
    const before = hits;
    const missedBefore = misses;
    hits += hit;
    misses += miss;
    if (hits === before) continue;
    // Along the step, misses rise linearly with hits: misses = a × hits + b.
    const slope = miss / hit;
    const base = missedBefore - slope * before;
    const a = 1 + slope;
    area +=
      base === 0
        ? (hits / total - before / total) / a
        : (hits / total -
            before / total -
            (base / (total * a)) * (Math.log(a * hits + base) - Math.log(a * before + base))) /
          a;
  }
  return area;
}

function byScore(s: Scored, output: number): Uint32Array {
  const keys = new Float32Array(s.rows);
  for (let i = 0; i < s.rows; i++) keys[i] = s.values[i * s.outputs + output]!;
  return rankedRows(keys, 0, s.rows);
}

function overQueries(s: Scored, of: (query: number) => number): number {
  let sum = 0;
  const queries = s.starts.length - 1;
  for (let q = 0; q < queries; q++) sum += of(q);
  return sum / queries;
}

/** A query without relevant rows counts 1, or 0 with `-`. */
function ndcgOf(s: Scored, q: number, k: number, minus: boolean): number {
  const from = s.starts[q]!;
  const to = s.starts[q + 1]!;
  const gain = (y: number, rank: number): number => (2 ** y - 1) / Math.log2(rank + 2);
  const n = Math.min(k, to - from);
  const best = s.labels.slice(from, to).sort().reverse();
  let ideal = 0;
  for (let i = 0; i < n; i++) ideal += gain(best[i]!, i);
  if (ideal === 0) return minus ? 0 : 1;
  const order = rankedRows(s.values, from, to);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += gain(s.labels[order[i]!]!, i);
  return sum / ideal;
}

function averagePrecision(s: Scored, q: number, k: number, minus: boolean): number {
  const from = s.starts[q]!;
  const order = rankedRows(s.values, from, s.starts[q + 1]!);
  let hits = 0;
  let sum = 0;
  for (let i = 0; i < order.length; i++) {
    const y = s.labels[order[i]!]!;
    hits += y;
    if (i < k) sum += (y * hits) / (i + 1);
  }
  if (hits <= 0) return minus ? 0 : 1;
  return sum / Math.min(hits, k);
}

/** log Γ(x) by Lanczos' approximation (g = 7, 9 terms). */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  let sum = c[0]!;
  for (let i = 1; i < 9; i++) sum += c[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
