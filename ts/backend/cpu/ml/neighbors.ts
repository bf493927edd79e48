// Kernels of nearest neighbours.
import { neighborVotes } from '../../neighbor-votes.ts';
import type { Task } from '../worker/crew.ts';
import { chunks, pointers } from './columns.ts';
import type { KernelContext, KernelHandler, KernelInput } from './kernel.ts';

const METRICS = ['euclidean', 'manhattan', 'minkowski', 'chebyshev', 'cosine'];
/** Leaves hold up to this many points. */
const LEAF_POINTS = 24;
/** Queries per task. */
const TASK_QUERIES = 64;

/** What is laid out for searching. */
interface Index {
  readonly n: number;
  readonly p: number;
  readonly points: number;
  /** Numbers of the points in the tree's order; 0 without a tree. */
  readonly order: number;
  readonly dims: number;
  readonly splits: number;
  readonly levels: number;
  /** Bounds of each leaf. */
  readonly boxes: number;
  readonly metric: number;
  readonly power: number;
  /** Classes or values of the points. */
  readonly target: number;
}

function buildIndex(ctx: KernelContext, { params, arrays }: KernelInput): Index {
  const { nFeatures: p, metric: metricName, power, tree } = params;
  const kernel = ctx.kernels.get('neighbors');
  const data = arrays['points']!;
  const n = data.length / p;
  const metric = METRICS.indexOf(metricName);
  const own = ctx.keep.alloc(8 * data.length + 16);
  const target = ctx.keep.alloc(8 * n);
  ctx.kernels.get('core').copyBytes(target, arrays['target']!.address, 8 * n);
  const base = { n, p, points: own, metric, power, target };
  if (!tree) {
    ctx.kernels.get('core').copyBytes(own, data.address, 8 * data.length);
    if (metric === 4) for (const { from, to } of chunks(n)) kernel.normalizeRows(own, p, from, to);
    return { ...base, order: 0, dims: 0, splits: 0, levels: 0, boxes: 0 };
  }
  const levels = Math.max(0, Math.ceil(Math.log2(n / LEAF_POINTS)));
  const nodes = 2 ** levels;
  const order = ctx.keep.alloc(4 * n);
  const dims = ctx.keep.alloc(4 * nodes);
  const splits = ctx.keep.alloc(8 * nodes);
  ctx.kernels.get('core').iota(order, n, 0);
  for (let level = 0; level < levels; level++) {
    ctx.control.checkAbort();
    kernel.buildLevel(data.address, p, n, order, dims, splits, level);
  }
  for (const { from, to } of chunks(n)) kernel.permuteRows(data.address, p, order, from, to, own);
  const boxes = keepBoxes(ctx, own, n, p, levels);
  return { ...base, order, dims, splits, levels, boxes };
}

/** The bounds of all leaves: 2p doubles each, in the order of the points. */
function keepBoxes(ctx: KernelContext, points: number, n: number, p: number, levels: number): number {
  const boxes = ctx.keep.alloc(16 * p * 2 ** levels);
  const tasks: Task[] = [];
  const visit = (lo: number, hi: number, depth: number): void => {
    if (depth === levels) {
      tasks.push(['neighbors', 'boxOf', points, p, lo, hi, boxes + 16 * p * tasks.length]);
      return;
    }
    const mid = (lo + hi) >> 1;
    visit(lo, mid, depth + 1);
    visit(mid, hi, depth + 1);
  };
  visit(0, n, 0);
  ctx.crew.run(tasks);
  return boxes;
}

/** Distances and numbers of the k nearest points of each row of the table. */
function search(
  ctx: KernelContext,
  input: KernelInput,
): { distances: number; indices: number; k: number; rows: number } {
  const index = input.states[0] as Index;
  const table = input.tables[0]!;
  const k = input.params.k as number;
  const kernel = ctx.kernels.get('neighbors');
  const queries = ctx.arena.alloc(8 * table.rows * index.p + 16);
  const list = pointers(ctx, table.columns);
  for (const { from, to } of chunks(table.rows)) {
    kernel.toRows(list, index.p, from, to, queries);
    if (index.metric === 4) kernel.normalizeRows(queries, index.p, from, to);
  }
  const distances = ctx.arena.alloc(8 * table.rows * k);
  const indices = ctx.arena.alloc(4 * table.rows * k);
  const shape = ctx.arena.alloc(64);
  const parts = Math.ceil(table.rows / TASK_QUERIES);
  const stride = 64 + 8 * index.p + 64;
  const rooms = ctx.arena.alloc(stride * parts);
  const heap = ctx.heap.refresh();
  heap.u32.set(
    [
      index.points,
      index.p,
      index.order,
      index.dims,
      index.splits,
      index.levels,
      index.boxes,
      0,
      0,
      index.metric,
      k,
      0,
      0,
    ],
    shape >>> 2,
  );
  heap.f64[(shape >>> 3) + 7] = index.power;
  const tasks = Array.from(
    { length: parts },
    (_, t): Task => [
      'neighbors',
      'nearest',
      shape,
      index.n,
      queries,
      t * TASK_QUERIES,
      Math.min(table.rows, (t + 1) * TASK_QUERIES),
      distances,
      indices,
      rooms + t * stride,
    ],
  );
  // In groups, so that an abort is heard.
  const group = 256;
  for (let t = 0; t < tasks.length; t += group) {
    ctx.control.checkAbort();
    ctx.crew.run(tasks.slice(t, t + group));
  }
  for (const { from, to } of chunks(table.rows * k))
    kernel.finishDistances(distances + 8 * from, to - from, index.metric, index.power);
  return { distances, indices, k, rows: table.rows };
}

export const neighborsKernels: Readonly<Record<string, KernelHandler>> = {
  'neighbors.load': {
    run: (ctx, input) => ({ state: buildIndex(ctx, input) as never }),
  },
  'neighbors.search': {
    run(ctx, input) {
      const { distances, indices, k, rows } = search(ctx, input);
      return {
        arrays: {
          distances: { dtype: 'Float64Array', length: rows * k, address: distances },
          indices: { dtype: 'Int32Array', length: rows * k, address: indices },
        },
      };
    },
  },
  'neighbors.vote': {
    run(ctx, input) {
      const { nClasses, weights } = input.params as { nClasses: number; weights: 'uniform' | 'distance' };
      const { distances, indices, k, rows } = search(ctx, input);
      const { i32, f64 } = ctx.heap.refresh();
      const { target, n } = input.states[0] as Index;
      const found = {
        distances: f64.subarray(distances >>> 3, (distances >>> 3) + rows * k),
        indices: i32.subarray(indices >>> 2, (indices >>> 2) + rows * k),
        target: f64.subarray(target >>> 3, (target >>> 3) + n),
        rows,
        k,
      };
      return { arrays: { values: neighborVotes(found, nClasses, weights) } };
    },
  },
};
