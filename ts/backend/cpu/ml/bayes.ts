// Kernels of Gaussian naive Bayes: moments by class in one pass over the rows of a plan, and probabilities.
import type { Batch } from '../vector.ts';
import type { Task } from '../worker/crew.ts';
import { float64Data, pointers, readF64, UnusualCounts, writeF64, zeros } from './columns.ts';
import type { KernelContext, KernelHandler, KernelInput, RowsKernel } from './kernel.ts';
import { type ScoreKind, type Scorer, scoreRows, scoreTable } from './score-rows.ts';
import { runTasks, TASKS } from './tasks.ts';

/** Rows of a task: fixed, so that sums do not depend on the number of threads. */
const PART_ROWS = 8192;
const NONE = new Float64Array(0);

/** Sums by class about a shift of each class and feature; see `classMoments` for the order. */
class ClassMoments {
  readonly #ctx: KernelContext;
  readonly #p: number;
  readonly #k: number;
  readonly #weighted: boolean;
  readonly #shifts: number;
  readonly #length: number;
  readonly #sums: number;
  readonly #parts: number;
  readonly #scratch: number;
  readonly #scratchBytes: number;
  #least = 1;

  constructor(ctx: KernelContext, p: number, k: number, weighted: boolean, shifts: Float64Array) {
    this.#ctx = ctx;
    this.#p = p;
    this.#k = k;
    this.#weighted = weighted;
    this.#shifts = writeF64(ctx, shifts);
    this.#length = 2 * k + (weighted ? 4 : 2) * k * p + 1;
    this.#sums = zeros(ctx, this.#length);
    this.#parts = ctx.arena.alloc(8 * this.#length * TASKS);
    this.#scratchBytes = (ctx.kernels.get('bayes').classMomentsScratch(PART_ROWS, k) + 63) & ~63;
    this.#scratch = ctx.arena.alloc(this.#scratchBytes * TASKS);
  }

  add(list: number, codes: number, weights: number, rows: number): void {
    const matrix = this.#ctx.kernels.get('matrix');
    for (let start = 0; start < rows; start += PART_ROWS * TASKS) {
      const tasks: Task[] = [];
      for (let from = start; from < rows && tasks.length < TASKS; from += PART_ROWS)
        tasks.push([
          'bayes',
          'classMoments',
          list,
          this.#p,
          this.#k,
          codes,
          weights,
          from,
          Math.min(rows, from + PART_ROWS),
          this.#shifts,
          this.#parts + 8 * this.#length * tasks.length,
          this.#scratch + this.#scratchBytes * tasks.length,
        ]);
      runTasks(this.#ctx, tasks, tasks.length * PART_ROWS * this.#p);
      const { f64 } = this.#ctx.heap.refresh();
      for (let t = 0; t < tasks.length; t++) {
        const part = this.#parts + 8 * this.#length * t;
        this.#least = Math.min(this.#least, f64[(part >>> 3) + this.#length - 1]!);
        matrix.addInto(part, this.#sums, this.#length - 1);
      }
    }
  }

  get finite(): boolean {
    return readF64(this.#ctx, this.#sums, this.#length - 1).every((s) => s - s === 0);
  }

  result(): {
    leastWeight: number;
    rows: Float64Array;
    weights: Float64Array;
    first: Float64Array;
    second: Float64Array;
    plainFirst: Float64Array;
    plainSecond: Float64Array;
    shifts: Float64Array;
  } {
    const k = this.#k;
    const kp = k * this.#p;
    const all = readF64(this.#ctx, this.#sums, this.#length);
    const block = (i: number): Float64Array => all.slice(2 * k + i * kp, 2 * k + (i + 1) * kp);
    return {
      leastWeight: Number.isFinite(this.#least) ? this.#least : 0,
      rows: all.slice(0, k),
      weights: all.slice(k, 2 * k),
      first: block(0),
      second: block(1),
      plainFirst: block(this.#weighted ? 2 : 0),
      plainSecond: block(this.#weighted ? 3 : 1),
      shifts: readF64(this.#ctx, this.#shifts, kp),
    };
  }
}

/** Means by class of a batch, and of all its rows for classes it lacks: near enough for differences to be small. */
function nearMeans(ctx: KernelContext, batch: Batch, p: number, k: number): Float64Array {
  const { f64 } = ctx.heap.refresh();
  const codes = float64Data(batch.columns[p]!) >>> 3;
  const counts = new Float64Array(k + 1);
  const sums = new Float64Array((k + 1) * p);
  for (let i = 0; i < batch.length; i++) {
    const c = f64[codes + i]!;
    counts[k]!++;
    if (c >= 0 && c < k) counts[c]!++;
  }
  for (let j = 0; j < p; j++) {
    const x = float64Data(batch.columns[j]!) >>> 3;
    for (let i = 0; i < batch.length; i++) {
      const v = f64[x + i]!;
      if (v - v !== 0) continue;
      const c = f64[codes + i]!;
      sums[k * p + j]! += v;
      if (c >= 0 && c < k) sums[c * p + j]! += v;
    }
  }
  return Float64Array.from({ length: k * p }, (_, i) => {
    const c = Math.floor(i / p);
    const from = counts[c]! > 0 ? c : k;
    return sums[from * p + (i % p)]! / counts[from]!;
  });
}

function openMoments(ctx: KernelContext, params: { classes: number; weighted: boolean }): RowsKernel {
  const { classes: k, weighted } = params;
  let moments: ClassMoments | null = null;
  let counts: UnusualCounts;
  let rows = 0;
  return {
    push(batch) {
      if (batch.length === 0) return;
      const p = batch.columns.length - (weighted ? 2 : 1);
      if (!moments) {
        counts = new UnusualCounts(ctx, batch.columns.length);
        moments = new ClassMoments(ctx, p, k, weighted, nearMeans(ctx, batch, p, k));
      }
      const list = pointers(ctx, batch.columns.slice(0, p), ctx.scratch);
      const weights = weighted ? float64Data(batch.columns[p + 1]!) : 0;
      rows += batch.length;
      moments.add(list, float64Data(batch.columns[p]!), weights, batch.length);
      if (!moments.finite || batch.columns.some((v) => v.validity !== 0)) counts.add(batch.columns, 0, batch.length);
    },
    finish() {
      if (!moments) {
        const none = {
          nulls: NONE,
          nans: NONE,
          infinities: NONE,
          counts: NONE,
          means: NONE,
          variances: NONE,
          spread: NONE,
        };
        return { json: { rows: 0, leastWeight: 1 }, arrays: none };
      }
      const r = moments.result();
      const p = r.first.length / k;
      const means = r.first.map((s, i) => r.shifts[i]! + s / r.weights[Math.floor(i / p)]!);
      const variances = r.second.map((s, i) => {
        const w = r.weights[Math.floor(i / p)]!;
        return Math.max(0, s / w - (r.first[i]! / w) ** 2);
      });
      return {
        json: { rows, leastWeight: r.leastWeight },
        arrays: { counts: r.weights, means, variances, spread: spreads(r, p, k), ...counts.result() },
      };
    },
  };
}

/** Variances of features over all rows, weights aside: sums within classes, and of the classes' means. */
function spreads(r: ReturnType<ClassMoments['result']>, p: number, k: number): Float64Array {
  const total = r.rows.reduce((a, b) => a + b, 0);
  return Float64Array.from({ length: p }, (_, j) => {
    let within = 0;
    let mean = 0;
    const centers = Array.from({ length: k }, (_, c) => {
      const n = r.rows[c]!;
      if (n === 0) return 0;
      const i = c * p + j;
      within += r.plainSecond[i]! - r.plainFirst[i]! ** 2 / n;
      const center = r.shifts[i]! + r.plainFirst[i]! / n;
      mean += (n / total) * center;
      return center;
    });
    const between = centers.reduce((sum, center, c) => sum + r.rows[c]! * (center - mean) ** 2, 0);
    return Math.max(0, (within + between) / total);
  });
}

function scorerOf(ctx: KernelContext, { params, arrays }: KernelInput): Scorer {
  const { classes, kind } = params as { classes: number; kind: ScoreKind };
  const means = arrays['means']!;
  const p = means.length / classes;
  const scratchBytes = 2048 * classes;
  const scratch = ctx.arena.alloc(scratchBytes * TASKS);
  return {
    kind,
    outputs: classes,
    cost: means.length,
    tasks: (list, from, to, out, rows, slot) => [
      [
        'bayes',
        'classScores',
        list,
        p,
        classes,
        means.address,
        arrays['variances']!.address,
        arrays['constants']!.address,
        from,
        to,
        out,
        rows,
        scratch + scratchBytes * slot,
      ],
    ],
  };
}

export const bayesKernels: Readonly<Record<string, KernelHandler>> = {
  'bayes.moments': {
    open: (ctx, { params }) => openMoments(ctx, params as { classes: number; weighted: boolean }),
  },
  'bayes.score': { run: (ctx, input) => scoreTable(ctx, input.tables[0]!, scorerOf(ctx, input)) },
  'bayes.scoreRows': { open: (ctx, input) => scoreRows(ctx, scorerOf(ctx, input)) },
};
