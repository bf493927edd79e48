// Kernels of k-means. Sums are made per chunk of rows and added in the order of the chunks: the same at any number of
// threads.
import { uniform } from '../../../util/philox.ts';
import type { ResidentTable } from '../planner.ts';
import type { Task } from '../worker/crew.ts';
import { float64Data, pointers, readF64, tableOf, UnusualCounts, writeF64, zeros } from './columns.ts';
import { HeapRows } from './heap-rows.ts';
import type { KernelContext, KernelHandler, KernelInput, RowsKernel } from './kernel.ts';
import { PART_ROWS, parted, runTasks, TASKS } from './tasks.ts';

/** Rows per task: several tasks a thread also at a hundred thousand rows. */
const TASK_ROWS = 16384;
/** A call of many iterations comes up for air this often. */
const CALL_MS = 100;

interface Rows {
  readonly n: number;
  readonly p: number;
  readonly list: number;
  readonly weights: number;
  /** Where the centres are, roughly. */
  readonly means: Float64Array;
  readonly shift: number;
}

const ranges = (n: number): { from: number; to: number; index: number }[] =>
  Array.from({ length: Math.ceil(n / TASK_ROWS) }, (_, index) => ({
    from: index * TASK_ROWS,
    to: Math.min(n, (index + 1) * TASK_ROWS),
    index,
  }));

/** The table's rows; what is squared is taken about the mean of `centers`, so that it stays small. */
function rowsOf(ctx: KernelContext, table: ResidentTable, weighted: boolean, centers: Float64Array): Rows {
  const columns = weighted ? table.columns.slice(0, -1) : table.columns;
  const weights = weighted ? float64Data(table.columns.at(-1)!) : 0;
  const p = columns.length;
  const k = Math.max(1, centers.length / p);
  const means = new Float64Array(p);
  centers.forEach((c, i) => {
    means[i % p]! += c / k;
  });
  return { n: table.rows, p, list: pointers(ctx, columns), weights, means, shift: writeF64(ctx, means) };
}

/** Centres in a block, less the shift, and their squared norms. */
function placeCenters(ctx: KernelContext, rows: Rows, centers: Float64Array): { at: number; norms: number } {
  const shifted = centers.map((c, i) => c - rows.means[i % rows.p]!);
  const norms = Float64Array.from({ length: centers.length / rows.p }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < rows.p; j++) sum += shifted[k * rows.p + j]! ** 2;
    return sum;
  });
  return { at: writeF64(ctx, shifted), norms: writeF64(ctx, norms) };
}

function assignTasks(
  rows: Rows,
  at: number,
  norms: number,
  k: number,
  labels: number,
  distances: number,
  scratch: number,
  scratchBytes: number,
): Task[] {
  return ranges(rows.n).map(
    ({ from, to, index }): Task => [
      'kmeans',
      'assign',
      rows.list,
      rows.p,
      rows.shift,
      at,
      norms,
      k,
      from,
      to,
      labels,
      distances,
      scratch + scratchBytes * index,
    ],
  );
}

const centersIn = (ctx: KernelContext, { arrays }: KernelInput): Float64Array =>
  readF64(ctx, arrays['centers']!.address, arrays['centers']!.length);

/** Rows of the table as centres. */
function rowsAsCenters(ctx: KernelContext, table: ResidentTable, p: number, picked: readonly number[]): Float64Array {
  const f64 = ctx.heap.refresh().f64;
  return Float64Array.from({ length: picked.length * p }, (_, i) => {
    const data = float64Data(table.columns[i % p]!);
    return f64[(data >>> 3) + picked[Math.floor(i / p)]!]!;
  });
}

/** k rows, each drawn with a chance that grows with its squared distance to those before; the best of a few draws stays. */
function plusPlus(ctx: KernelContext, table: ResidentTable, rows: Rows, k: number, seed: number): number[] {
  const kernel = ctx.kernels.get('kmeans');
  const { n } = rows;
  const trials = 2 + Math.floor(Math.log(k));
  const stride = 8 * n + 64;
  const closest = ctx.arena.alloc(stride);
  ctx.heap.refresh().f64.fill(Number.POSITIVE_INFINITY, closest >>> 3, (closest >>> 3) + n);
  const scratch = ctx.arena.alloc(stride * trials);
  const spots = ctx.arena.alloc(8 * trials * rows.p);
  const parts = ranges(n);
  const rooms = ctx.arena.alloc(128 * parts.length);
  const totals = zeros(ctx, parts.length * trials);
  const passed = zeros(ctx, 1);
  let drawn = 0;
  const draw = (): number => uniform(seed, drawn++);
  const potentials = (rowNumbers: readonly number[]): Float64Array => {
    ctx.heap.refresh().f64.set(rowsAsCenters(ctx, table, rows.p, rowNumbers), spots >>> 3);
    ctx.crew.run(
      parts.map(
        ({ from, to, index }): Task => [
          'kmeans',
          'distancesToSpots',
          rows.list,
          rows.p,
          spots,
          rowNumbers.length,
          closest,
          rows.weights,
          from,
          to,
          scratch,
          stride,
          totals + 8 * index * trials,
          rooms + 128 * index,
        ],
      ),
    );
    const all = readF64(ctx, totals, parts.length * trials);
    return Float64Array.from(rowNumbers, (_, t) => parts.reduce((sum, { index }) => sum + all[index * trials + t]!, 0));
  };
  const adopt = (t: number): void => {
    ctx.kernels.get('core').copyBytes(closest, scratch + t * stride, 8 * n);
  };
  /** The row at which the running weight passes `goal`; of equal weights without distances. */
  const pick = (goal: number, distances: number): number => {
    let left = goal;
    for (const { from, to } of parts) {
      const found = kernel.findPassing(distances, rows.weights, from, to, left, passed);
      if (found >= 0) return found;
      left -= readF64(ctx, passed, 1)[0]!;
    }
    return n - 1;
  };
  const ones = ctx.arena.alloc(8 * n);
  ctx.heap.refresh().f64.fill(1, ones >>> 3, (ones >>> 3) + n);
  let weightSum = 0;
  for (const { from, to } of parts) {
    kernel.findPassing(ones, rows.weights, from, to, Number.POSITIVE_INFINITY, passed);
    weightSum += readF64(ctx, passed, 1)[0]!;
  }
  const picked = [pick(draw() * weightSum, ones)];
  ctx.arena.free(ones);
  let potential = potentials(picked)[0]!;
  adopt(0);
  while (picked.length < k) {
    ctx.control.checkAbort();
    const tried = Array.from({ length: trials }, () => pick(draw() * potential, closest));
    const left = potentials(tried);
    let best = 0;
    for (let t = 1; t < trials; t++) if (left[t]! < left[best]!) best = t;
    picked.push(tried[best]!);
    potential = left[best]!;
    adopt(best);
  }
  for (const block of [closest, scratch, spots, rooms, totals]) ctx.arena.free(block);
  return picked;
}

/** k different rows. */
function randomRows(n: number, k: number, seed: number): number[] {
  const picked = new Set<number>();
  for (let i = 0; picked.size < k; i++) picked.add(Math.floor(uniform(seed, i) * n));
  return [...picked];
}

/** Centres without rows move to the rows farthest from theirs, which leave their old centres. */
function relocate(
  ctx: KernelContext,
  table: ResidentTable,
  rows: Rows,
  sums: Float64Array,
  counts: Float64Array,
  labels: number,
  distances: () => Float64Array,
): void {
  const empty = [...counts.keys()].filter((c) => counts[c] === 0);
  if (empty.length === 0) return;
  const far = distances();
  const order = Array.from(far.keys()).sort((a, b) => far[b]! - far[a]!);
  const { f64, i32 } = ctx.heap.refresh();
  empty.forEach((center, e) => {
    const row = order[e]!;
    const old = i32[(labels >>> 2) + row]!;
    const weight = rows.weights === 0 ? 1 : f64[(rows.weights >>> 3) + row]!;
    for (let j = 0; j < rows.p; j++) {
      const x = (f64[(float64Data(table.columns[j]!) >>> 3) + row]! - rows.means[j]!) * weight;
      sums[center * rows.p + j] = x;
      sums[old * rows.p + j]! -= x;
    }
    counts[center] = weight;
    counts[old]! -= weight;
  });
}

/** Labels of the rows of a plan, batch by batch, and what of their values is unusual. */
function openAssign(ctx: KernelContext, input: KernelInput): RowsKernel {
  const centers = centersIn(ctx, input);
  const kernel = ctx.kernels.get('kmeans');
  const labels = new HeapRows(ctx, 4);
  const odd = zeros(ctx, TASKS);
  let rows: Rows | null = null;
  let placed = { at: 0, norms: 0 };
  let scratch = 0;
  let counts: UnusualCounts | null = null;
  return {
    push(batch) {
      if (batch.length === 0) return;
      if (!rows) {
        rows = rowsOf(ctx, tableOf(batch), false, centers);
        placed = placeCenters(ctx, rows, centers);
        scratch = ctx.arena.alloc(kernel.assignScratchBytes(rows.p) * TASKS);
        counts = new UnusualCounts(ctx, rows.p);
      }
      const { p, shift } = rows;
      const k = centers.length / p;
      const list = pointers(ctx, batch.columns, ctx.scratch);
      const out = labels.add(batch.length);
      ctx.heap.refresh().f64.fill(0, odd >>> 3, (odd >>> 3) + TASKS);
      for (const group of parted(batch.length)) {
        const tasks = group.map(
          ({ from, to, slot }): Task => [
            'kmeans',
            'nearest',
            list,
            p,
            shift,
            placed.at,
            placed.norms,
            k,
            from,
            to,
            out,
            odd + 8 * slot,
            scratch + slot * kernel.assignScratchBytes(p),
          ],
        );
        runTasks(ctx, tasks, Math.min(batch.length, PART_ROWS * TASKS) * centers.length);
      }
      const unusual = readF64(ctx, odd, TASKS).some((n) => n > 0);
      if (unusual || batch.columns.some((v) => v.validity !== 0)) counts!.add(batch.columns, 0, batch.length);
    },
    finish() {
      const none = new Float64Array(0);
      const found = counts?.result() ?? { nulls: none, nans: none, infinities: none };
      return { arrays: { labels: labels.finish('Int32Array', 1), ...found } };
    },
  };
}

export const kMeansKernels: Readonly<Record<string, KernelHandler>> = {
  'kMeans.init': {
    run(ctx, { params, tables }) {
      const { nClusters, method, seed, weighted } = params;
      const table = tables[0]!;
      const rows = rowsOf(ctx, table, weighted, new Float64Array(0));
      const picked =
        method === 'random' ? randomRows(rows.n, nClusters, seed) : plusPlus(ctx, table, rows, nClusters, seed);
      return { arrays: { centers: rowsAsCenters(ctx, table, rows.p, picked) } };
    },
  },
  'kMeans.lloyd': {
    run(ctx, input) {
      const { iterations, tol, weighted } = input.params as { iterations: number; tol: number; weighted: boolean };
      const table = input.tables[0]!;
      let centers = centersIn(ctx, input);
      const rows = rowsOf(ctx, table, weighted, centers);
      const { n, p } = rows;
      const k = centers.length / p;
      const parts = ranges(n);
      const labels = ctx.arena.alloc(4 * n + 16);
      const fresh = ctx.arena.alloc(4 * n + 16);
      const width = k * p + k;
      const sums = ctx.arena.alloc(8 * width * parts.length);
      const scratchBytes = ctx.kernels.get('kmeans').assignScratchBytes(p);
      const scratch = ctx.arena.alloc(scratchBytes * parts.length);
      const started = performance.now();
      let done = 0;
      let shift = Number.POSITIVE_INFINITY;
      while (done < iterations && shift > tol && (done === 0 || performance.now() - started < CALL_MS)) {
        ctx.control.checkAbort();
        const { at, norms } = placeCenters(ctx, rows, centers);
        // Sums start afresh with every call, so rounding of what moves cannot pile up; sums of weights must come out at 0.
        const first = done === 0 || rows.weights !== 0;
        if (first) ctx.heap.refresh().f64.fill(0, sums >>> 3, (sums >>> 3) + width * parts.length);
        ctx.crew.run(
          parts.map(
            ({ from, to, index }): Task => [
              'kmeans',
              first ? 'lloyd' : 'lloydAgain',
              rows.list,
              p,
              rows.shift,
              at,
              norms,
              k,
              rows.weights,
              from,
              to,
              labels,
              sums + 8 * width * index,
              scratch + scratchBytes * index,
              ...(first ? [] : [fresh]),
            ],
          ),
        );
        const all = readF64(ctx, sums, width * parts.length);
        const total = new Float64Array(width);
        for (let c = 0; c < parts.length; c++) for (let i = 0; i < width; i++) total[i]! += all[c * width + i]!;
        const counts = total.subarray(k * p);
        relocate(ctx, table, rows, total, counts, labels, () => {
          const distances = ctx.arena.alloc(8 * n + 16);
          ctx.crew.run(assignTasks(rows, at, norms, k, labels, distances, scratch, scratchBytes));
          const values = readF64(ctx, distances, n);
          ctx.arena.free(distances);
          return values;
        });
        shift = 0;
        centers = centers.map((old, i) => {
          const count = counts[Math.floor(i / p)]!;
          const next = count === 0 ? old : total[i]! / count + rows.means[i % p]!;
          shift += (next - old) ** 2;
          return next;
        });
        ctx.arena.free(at);
        ctx.arena.free(norms);
        done++;
      }
      return { json: { iterations: done, converged: shift <= tol }, arrays: { centers } };
    },
  },
  'kMeans.assignRows': { open: openAssign },
  'kMeans.assign': {
    run(ctx, input) {
      const { weighted } = input.params as { weighted: boolean };
      const centers = centersIn(ctx, input);
      const rows = rowsOf(ctx, input.tables[0]!, weighted, centers);
      const { at, norms } = placeCenters(ctx, rows, centers);
      const labels = ctx.arena.alloc(4 * rows.n + 16);
      const distances = ctx.arena.alloc(8 * rows.n + 16);
      const scratchBytes = ctx.kernels.get('kmeans').assignScratchBytes(rows.p);
      const scratch = ctx.arena.alloc(scratchBytes * Math.ceil(rows.n / TASK_ROWS));
      ctx.crew.run(assignTasks(rows, at, norms, centers.length / rows.p, labels, distances, scratch, scratchBytes));
      ctx.control.checkAbort();
      const { f64 } = ctx.heap.refresh();
      let inertia = 0;
      for (let i = 0; i < rows.n; i++)
        inertia += f64[(distances >>> 3) + i]! * (rows.weights === 0 ? 1 : f64[(rows.weights >>> 3) + i]!);
      return {
        json: { inertia },
        arrays: { labels: { dtype: 'Int32Array', length: rows.n, address: labels } },
      };
    },
  },
};
