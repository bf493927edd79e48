// Features in bins, for trees: edges from a sample of the rows (all of them while they are few), then one or two bytes
// a value, row by row. Both are fed batch by batch, so the features themselves are never in memory at once.
import { ShapeError } from '../../../errors.ts';
import type { Batch } from '../vector.ts';
import type { Task } from '../worker/crew.ts';
import { CHUNK_ROWS, chunks, float64Data } from './columns.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Most rows of the sample, and most values of it over all features: past that every second row is left out, then … */
const SAMPLE_ROWS = 1 << 18;
const SAMPLE_VALUES = 1 << 24;
const LEAST_SAMPLE_ROWS = 1 << 14;
/** Columns sorted at a time: each needs a spare copy. */
const SORT_AT_ONCE = 8;
/** f64 per feature: missing values, infinite values, minimum, maximum. */
export const STATS = 4;

/** What the first pass finds. */
export interface Edges {
  readonly rows: number;
  /** Ascending edges of all features: a value's bin is the number of its feature's edges that are ≤ it. */
  readonly cuts: Float32Array;
  /** First edge of each feature, and their number. Categorical features have none. */
  readonly offsets: Int32Array;
  /** `STATS` numbers a feature. */
  readonly stats: Float64Array;
}

/** Finds bin edges: push every batch, then finish. */
export class EdgeFinder {
  readonly #ctx: KernelContext;
  readonly #features: number;
  readonly #maxBin: number;
  readonly #categorical: ReadonlySet<number>;
  readonly #target: number;
  readonly #stats: number;
  readonly #places: number;
  readonly #columns: number[];
  #numbers: number;
  #capacity = 0;
  #count = 0;
  #mask = 0;
  #rows = 0;

  constructor(ctx: KernelContext, features: number, maxBin: number, categorical: readonly number[]) {
    this.#ctx = ctx;
    this.#features = features;
    this.#maxBin = maxBin;
    this.#categorical = new Set(categorical);
    this.#target = Math.max(LEAST_SAMPLE_ROWS, Math.min(SAMPLE_ROWS, Math.floor(SAMPLE_VALUES / features)));
    this.#stats = ctx.arena.alloc(8 * STATS * features);
    this.#places = ctx.arena.alloc(4 * (this.#target + CHUNK_ROWS + 1));
    this.#numbers = ctx.arena.alloc(4);
    this.#columns = Array.from({ length: features }, () => ctx.arena.alloc(4));
    const f64 = ctx.heap.refresh().f64;
    for (let f = 0; f < features; f++)
      f64.set([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], (this.#stats >>> 3) + STATS * f);
  }

  push(batch: Batch): void {
    const { crew, kernels } = this.#ctx;
    const trees = kernels.get('trees');
    for (const { from, to } of chunks(batch.length)) {
      this.#reserve(this.#count + (to - from));
      const at = 4 * this.#count;
      const n = trees.sampledRows(to - from, this.#rows, this.#mask, this.#places, this.#numbers + at);
      const tasks: Task[] = [];
      for (let f = 0; f < this.#features; f++) {
        const v = batch.columns[f]!;
        tasks.push([
          'trees',
          'sampleColumn',
          float64Data(v) + 8 * from,
          v.validity === 0 ? 0 : v.validity + (from >> 3),
          to - from,
          this.#places,
          n,
          this.#columns[f]! + at,
          this.#stats + 8 * STATS * f,
        ]);
      }
      crew.run(tasks);
      this.#rows += to - from;
      this.#count += n;
      while (this.#count > this.#target) this.#thin();
    }
  }

  /** Leaves out about half of the sampled rows. */
  #thin(): void {
    const trees = this.#ctx.kernels.get('trees');
    this.#mask = this.#mask * 2 + 1;
    const kept = trees.keptRows(this.#numbers, this.#count, this.#mask, this.#places);
    for (const block of [this.#numbers, ...this.#columns]) trees.keepPlaces(block, this.#places, kept);
    this.#count = kept;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    const { arena, heap } = this.#ctx;
    const next = Math.min(this.#target + CHUNK_ROWS, Math.max(rows, 2 * this.#capacity, 1024));
    const grow = (block: number): number => arena.grow(heap, block, 4 * this.#count, 4 * next + 16);
    this.#numbers = grow(this.#numbers);
    for (let f = 0; f < this.#features; f++) this.#columns[f] = grow(this.#columns[f]!);
    this.#capacity = next;
  }

  finish(): Edges {
    const { arena, heap, crew } = this.#ctx;
    const features = Array.from({ length: this.#features }, (_, f) => f).filter((f) => !this.#categorical.has(f));
    const spares = Array.from({ length: Math.min(SORT_AT_ONCE, features.length) }, () => ({
      spare: arena.alloc(4 * this.#count + 16),
      counts: arena.alloc(3 * 8192),
    }));
    for (let k = 0; k < features.length; k += SORT_AT_ONCE)
      crew.run(
        features
          .slice(k, k + SORT_AT_ONCE)
          .map((f, i) => ['trees', 'sortFloats', this.#columns[f]!, spares[i]!.spare, spares[i]!.counts, this.#count]),
      );
    const { f32, f64 } = heap.refresh();
    const stats = f64.slice(this.#stats >>> 3, (this.#stats >>> 3) + STATS * this.#features);
    const parts: Float32Array[] = [];
    const offsets = new Int32Array(this.#features + 1);
    for (let f = 0; f < this.#features; f++) {
      let cuts = new Float32Array(0);
      if (!this.#categorical.has(f)) {
        const start = this.#columns[f]! >>> 2;
        let n = this.#count;
        while (n > 0 && Number.isNaN(f32[start + n - 1]!)) n--;
        // With missing values one bin is theirs.
        const most = stats[STATS * f]! > 0 ? this.#maxBin - 1 : this.#maxBin;
        cuts = chooseCuts(f32.subarray(start, start + n), stats[STATS * f + 3]!, Math.max(2, most));
      }
      parts.push(cuts);
      offsets[f + 1] = offsets[f]! + cuts.length;
    }
    const cuts = new Float32Array(offsets.at(-1)!);
    for (const [f, part] of parts.entries()) cuts.set(part, offsets[f]!);
    return { rows: this.#rows, cuts, offsets, stats };
  }
}

/**
 * Edges of at most `maxBin` bins from sorted values: one for each distinct value if they fit, else at equal ranks. The
 * last edge lies above `high`, the largest value of all rows, so that a split can part missing values from all others.
 */
export function chooseCuts(sorted: Float32Array, high: number, maxBin: number): Float32Array<ArrayBuffer> {
  const n = sorted.length;
  if (n === 0) return Float32Array.of(1e-5);
  // Where each distinct value begins among the sorted ones.
  const firsts: number[] = [];
  for (let i = 0; i < n; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) firsts.push(i);
  const begins =
    firsts.length <= maxBin ? firsts.slice(1) : (beginsAtRanks(firsts, n, maxBin) ?? fillBins(firsts, n, maxBin));
  const cuts = begins.map((i) => sorted[i]!);
  const top = Math.fround(Math.max(high, sorted[n - 1]!));
  cuts.push(top + (Math.abs(top) + 1e-5));
  return Float32Array.from(cuts);
}

/**
 * Where bins begin, the first aside: at equal ranks, a rank within a value that has its bin moving on to the next value, as
 * XGBoost has it. Null where values are so frequent that the ranks say little.
 */
function beginsAtRanks(firsts: readonly number[], n: number, maxBin: number): number[] | null {
  const begins: number[] = [];
  let j = 0;
  let moved = 0;
  for (let i = 1; i < maxBin; i++) {
    const rank = Math.floor((i * n) / maxBin);
    const last = j;
    while (j + 1 < firsts.length && firsts[j + 1]! <= rank) j++;
    if (j === last) {
      if (++j >= firsts.length) break;
      moved++;
    }
    begins.push(firsts[j]!);
  }
  return moved > maxBin / 4 ? null : begins;
}

/** Where bins begin, the first aside: each is closed when it has its share of the rows that are left. */
function fillBins(firsts: readonly number[], n: number, maxBin: number): number[] {
  const begins: number[] = [];
  let start = 0;
  for (let j = 1; j < firsts.length && begins.length < maxBin - 1; j++) {
    const bins = maxBin - begins.length;
    // As many values as bins: one each.
    const full = firsts[j]! - start >= (n - start) / bins || firsts.length - j < bins;
    if (!full) continue;
    begins.push(firsts[j]!);
    start = firsts[j]!;
  }
  return begins;
}

/** How features are binned. Plain JSON, so that it can be part of a state. */
export interface BinPlan {
  readonly features: number;
  /** Bins of each feature, without the one of missing values. */
  readonly bins: readonly number[];
  readonly categorical: readonly boolean[];
  readonly missing: readonly boolean[];
  readonly rows: number;
  /** Two bytes a bin. */
  readonly wide: boolean;
  /** Bytes of a row. */
  readonly stride: number;
  /** Histogram entries of a feature. */
  readonly binStride: number;
}

/** Plans the bins of features. A categorical feature has a bin for each code up to its largest. */
export function planBins(edges: Edges, categorical: readonly number[]): BinPlan {
  const features = edges.offsets.length - 1;
  const isCategorical = Array.from({ length: features }, (_, f) => categorical.includes(f));
  const bins = isCategorical.map((c, f) =>
    c ? Math.max(1, edges.stats[STATS * f + 3]! + 1) : edges.offsets[f + 1]! - edges.offsets[f]!,
  );
  const missing = isCategorical.map((_, f) => edges.stats[STATS * f]! > 0);
  const binStride = bins.reduce((most, b, f) => Math.max(most, missing[f] ? b + 1 : b), 1);
  const wide = binStride > 256;
  return {
    features,
    bins,
    categorical: isCategorical,
    missing,
    rows: edges.rows,
    wide,
    stride: wide ? 2 * features : features,
    binStride,
  };
}

/** Rows of a task that interleaves columns. */
const INTERLEAVE_ROWS = 8192;

/** Most categories of a feature: two bytes a bin, one of them for missing values. */
export const MAX_CATEGORIES = 65535;

/** A feature's edges laid out for the search of `binColumn`: padded with infinity to twice `half`, a power of two. */
export function searchBlock(
  ctx: KernelContext,
  edges: Pick<Edges, 'cuts' | 'offsets'>,
  feature: number,
): { readonly block: number; readonly half: number } {
  const from = edges.offsets[feature]!;
  const count = edges.offsets[feature + 1]! - from;
  let half = 1;
  while (2 * half <= count - 1) half *= 2;
  const block = ctx.arena.alloc(8 * half);
  const f32 = ctx.heap.refresh().f32;
  f32.fill(Number.POSITIVE_INFINITY, block >>> 2, (block >>> 2) + 2 * half);
  // The last edge is above every value: no search for it.
  f32.set(edges.cuts.subarray(from, from + Math.max(0, count - 1)), block >>> 2);
  return { block, half };
}

/** Fills a binned matrix: push every batch, then finish. */
export class Binner {
  readonly #ctx: KernelContext;
  readonly #plan: BinPlan;
  readonly #cuts: number[] = [];
  readonly #halves: number[] = [];
  readonly #wrong: number;
  /** Address of the row-major matrix, for histograms. */
  readonly address: number;
  /** Address of the same bins column by column, for parting rows: a column fits the cache where the matrix does not. */
  readonly columns: number;
  #rows = 0;

  /** `arena` is where the matrix lies. */
  constructor(
    ctx: KernelContext,
    plan: BinPlan,
    edges: Pick<Edges, 'cuts' | 'offsets'>,
    arena: { alloc(bytes: number): number },
  ) {
    this.#ctx = ctx;
    this.#plan = plan;
    this.address = arena.alloc(plan.rows * plan.stride);
    this.columns = arena.alloc(plan.rows * plan.stride);
    this.#wrong = ctx.arena.alloc(4 * plan.features);
    ctx.heap.refresh().u32.fill(0, this.#wrong >>> 2, (this.#wrong >>> 2) + plan.features);
    for (let f = 0; f < plan.features; f++) {
      const { block, half } = searchBlock(ctx, edges, f);
      this.#cuts.push(block);
      this.#halves.push(half);
    }
  }

  push(batch: Batch): void {
    const p = this.#plan;
    if (this.#rows + batch.length > p.rows) this.#changed();
    const wide = p.wide ? '16' : '8';
    const bytes = p.wide ? 2 : 1;
    for (const { from, to } of chunks(batch.length)) {
      const tasks: Task[] = [];
      for (let f = 0; f < p.features; f++) {
        const v = batch.columns[f]!;
        const data = float64Data(v) + 8 * from;
        const validity = v.validity === 0 ? 0 : v.validity + (from >> 3);
        const out = this.columns + (f * p.rows + this.#rows) * bytes;
        const bins = p.bins[f]!;
        // Without missing values in the first pass there is no bin for one.
        const missing = p.missing[f] ? bins : 0;
        if (p.categorical[f]) {
          const wrong = this.#wrong + 4 * f;
          tasks.push(['trees', `binCodes${wide}`, data, validity, to - from, bins, missing, out, bytes, wrong]);
        } else {
          const cuts = this.#cuts[f]!;
          const half = this.#halves[f]!;
          tasks.push(['trees', `binColumn${wide}`, data, validity, to - from, cuts, half, bins, missing, out, bytes]);
        }
      }
      runTasks(this.#ctx, tasks, (to - from) * p.features * 3);
      const pieces: Task[] = [];
      for (let k = 0; k < to - from; k += INTERLEAVE_ROWS) {
        const row = this.#rows + k;
        const n = Math.min(INTERLEAVE_ROWS, to - from - k);
        const columns = this.columns + row * bytes;
        const out = this.address + row * p.stride;
        pieces.push(['trees', `interleave${wide}`, columns, p.rows * bytes, p.features, n, out, p.stride]);
      }
      runTasks(this.#ctx, pieces, (to - from) * p.features);
      this.#rows += to - from;
    }
  }

  /** Checks that everything came. Returns the first feature with values that are no category code, or −1. */
  finish(): number {
    if (this.#rows !== this.#plan.rows) this.#changed();
    const wrong = this.#wrong >>> 2;
    return this.#ctx.heap
      .refresh()
      .u32.subarray(wrong, wrong + this.#plan.features)
      .findIndex((n) => n > 0);
  }

  #changed(): never {
    throw new ShapeError(
      `The training rows changed between two passes over them: ${this.#plan.rows} at first, ${this.#rows} or more then. Collect the frame before fit.`,
      { rows: this.#plan.rows },
    );
  }
}
