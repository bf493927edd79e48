// Kernels of random forests: bins once, then trees, each grown by one call of the crew.
import type { Task } from '../worker/crew.ts';
import { EdgeFinder, searchBlock } from './bins.ts';
import { chunks, float64Data, readF64 } from './columns.ts';
import { fillTile } from './forest.ts';
import type { KernelContext, KernelHandler, KernelInput, KernelOutput } from './kernel.ts';

const JOB_BYTES = 72;
const SLOT_BYTES = 64;
/** Totals, best split, and the few rows that are sorted. */
const BEST_BYTES = 192;
const NO_LIMIT = 0xffffffff;

interface ForestState {
  readonly job: number;
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  /** Taken from every target of a regression, and given back in the leaves. */
  readonly center: number;
  readonly minSamplesLeaf: number;
  readonly maxDepth: number;
  /** Sums of out-of-bag predictions and how many there are; 0 when nobody asked. */
  readonly votes: number;
  readonly seen: number;
}

function create(ctx: KernelContext, { params, tables }: KernelInput): KernelOutput {
  const { nClasses, weighted, nBins, maxFeatures, maxDepth, minSamplesSplit, minSamplesLeaf, draws, seed } = params;
  const table = tables[0]!;
  const n = table.rows;
  const features = table.columns.length - 1 - (weighted ? 1 : 0);
  const finder = new EdgeFinder(ctx, features, nBins, []);
  finder.push({ length: n, columns: table.columns, ordinal: 0 });
  const edges = finder.finish();
  const { keep, heap } = ctx;
  const bins = keep.alloc(n * features + 16);
  const tasks: Task[] = [];
  for (let f = 0; f < features; f++) {
    const { block, half } = searchBlock(ctx, edges, f);
    const count = edges.offsets[f + 1]! - edges.offsets[f]!;
    const data = float64Data(table.columns[f]!);
    for (const { from, to } of chunks(n))
      tasks.push(['trees', 'binColumn8', data + 8 * from, 0, to - from, block, half, count, 0, bins + f * n + from, 1]);
  }
  ctx.crew.run(tasks);
  const cuts = keep.alloc(edges.cuts.byteLength);
  const offsets = keep.alloc(edges.offsets.byteLength);
  const target = keep.alloc(8 * n);
  const weights = weighted ? keep.alloc(8 * n) : 0;
  const job = keep.alloc(JOB_BYTES);
  const votes = params.oobScore ? keep.alloc(8 * n * Math.max(nClasses, 1)) : 0;
  const seen = params.oobScore ? keep.alloc(4 * n) : 0;
  const { f64, f32, u32, view } = heap.refresh();
  f32.set(edges.cuts, cuts >>> 2);
  heap.i32.set(edges.offsets, offsets >>> 2);
  const y = float64Data(table.columns[features]!) >>> 3;
  let center = 0;
  if (nClasses > 0) for (let i = 0; i < n; i++) u32[(target >>> 2) + i] = f64[y + i]!;
  else {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += f64[y + i]!;
    center = sum / n;
    for (let i = 0; i < n; i++) f64[(target >>> 3) + i] = f64[y + i]! - center;
  }
  if (weighted) ctx.kernels.get('core').copyBytes(weights, float64Data(table.columns[features + 1]!), 8 * n);
  if (votes !== 0) {
    f64.fill(0, votes >>> 3, (votes >>> 3) + n * Math.max(nClasses, 1));
    u32.fill(0, seen >>> 2, (seen >>> 2) + n);
  }
  const words = [
    n,
    features,
    bins,
    target,
    weights,
    nClasses,
    maxFeatures,
    maxDepth ?? NO_LIMIT,
    minSamplesSplit,
    minSamplesLeaf,
    draws,
    seed,
    params.criterion === 'entropy' ? 1 : 0,
    cuts,
    offsets,
  ];
  u32.set(words, job >>> 2);
  view.setFloat64(job + 64, params.minImpurityDecrease, true);
  const state: ForestState = {
    job,
    rows: n,
    features,
    classes: nClasses,
    center,
    minSamplesLeaf,
    maxDepth: maxDepth ?? NO_LIMIT,
    votes,
    seen,
  };
  return { state: state as never };
}

/** Most nodes that a tree can have. */
function nodeCapacity({ rows, minSamplesLeaf, maxDepth }: ForestState): number {
  const leaves = Math.max(1, Math.floor(rows / minSamplesLeaf));
  return Math.min(2 * leaves, maxDepth < 30 ? 2 ** (maxDepth + 1) : Number.POSITIVE_INFINITY) + 1;
}

/** What one tree works with. Gives the slot's address and where its results are. */
function makeSlot(ctx: KernelContext, s: ForestState) {
  const { arena, heap } = ctx;
  const width = Math.max(s.classes, 2);
  const capacity = nodeCapacity(s);
  const rows = arena.alloc(4 * s.rows + 16);
  const spill = arena.alloc(4 * s.rows + 16);
  const weights = arena.alloc(8 * s.rows);
  const hist = arena.alloc(256 * 8 * width);
  const counts = arena.alloc(4 * 256);
  const order = arena.alloc(4 * s.features);
  const stack = arena.alloc(16 * (Math.min(s.maxDepth, s.rows) + 4));
  const nodes = arena.alloc(16 * capacity);
  const splitBins = arena.alloc(capacity);
  const values = arena.alloc(8 * Math.max(s.classes, 1) * (Math.ceil(capacity / 2) + 1));
  const importances = arena.alloc(8 * s.features);
  const totals = arena.alloc(2 * 8 * width);
  const best = arena.alloc(BEST_BYTES);
  const slot = arena.alloc(SLOT_BYTES);
  const { u32, f64 } = heap.refresh();
  f64.fill(0, hist >>> 3, (hist >>> 3) + 256 * width);
  u32.fill(0, counts >>> 2, (counts >>> 2) + 256);
  u32.set(
    [rows, spill, weights, hist, counts, order, stack, nodes, splitBins, values, importances, totals, best],
    slot >>> 2,
  );
  return { slot, nodes, values, importances };
}

function grow(ctx: KernelContext, { params, states }: KernelInput): KernelOutput {
  const s = states[0] as ForestState;
  const { from, to } = params as { from: number; to: number };
  const width = Math.max(s.classes, 1);
  // More slots than threads: trees differ in size.
  const slots = Array.from({ length: Math.min(to - from, ctx.crew.size === 1 ? 1 : 2 * ctx.crew.size) }, () =>
    makeSlot(ctx, s),
  );
  const nodes: Uint32Array[] = [];
  const values: Float64Array[] = [];
  const importances = new Float64Array(s.features * (to - from));
  for (let tree = from; tree < to; tree += slots.length) {
    ctx.control.checkAbort();
    const used = slots.slice(0, to - tree);
    const { f64 } = ctx.heap.refresh();
    for (const { importances: at } of used) f64.fill(0, at >>> 3, (at >>> 3) + s.features);
    ctx.crew.run(used.map(({ slot }, k): Task => ['grow', 'growTree', s.job, slot, tree + k]));
    used.forEach(({ slot, nodes: nodesAt, values: valuesAt, importances: importancesAt }, k) => {
      const { u32 } = ctx.heap.refresh();
      const nodeCount = u32[(slot >>> 2) + 13]!;
      const leafCount = u32[(slot >>> 2) + 14]!;
      nodes.push(u32.slice(nodesAt >>> 2, (nodesAt >>> 2) + 4 * nodeCount));
      values.push(readF64(ctx, valuesAt, leafCount * width).map((v) => v + s.center));
      importances.set(readF64(ctx, importancesAt, s.features), s.features * (tree + k - from));
      if (s.votes !== 0)
        ctx.crew.run(
          chunks(s.rows).map((c): Task => ['grow', 'voteOutOfBag', s.job, slot, c.from, c.to, s.votes, s.seen]),
        );
    });
  }
  const offsets = new Int32Array(nodes.length + 1);
  const leaves = new Int32Array(nodes.length + 1);
  nodes.forEach((tree, k) => {
    offsets[k + 1] = offsets[k]! + tree.length / 4;
    leaves[k + 1] = leaves[k]! + values[k]!.length / width;
  });
  return {
    arrays: {
      nodes: concatenated(Uint32Array, nodes),
      offsets,
      leaves,
      values: concatenated(Float64Array, values),
      importances,
    },
  };
}

function concatenated<A extends Uint32Array | Float64Array>(Type: new (n: number) => A, parts: readonly A[]): A {
  const all = new Type(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part as never, at);
    at += part.length;
  }
  return all;
}

/** Rows that go through at a time. */
const PASS_VALUES = 1 << 22;
const TASK_ROWS = 4096;

interface LoadedForest {
  readonly nodes: number;
  readonly roots: number;
  readonly trees: number;
  readonly values: number;
}

function load(ctx: KernelContext, { arrays }: KernelInput): KernelOutput {
  const own = (name: string): number => {
    const { address, length } = arrays[name]!;
    const bytes = length * (name === 'values' ? 8 : 4);
    const block = ctx.keep.alloc(bytes);
    ctx.kernels.get('core').copyBytes(block, address, bytes);
    return block;
  };
  const state: LoadedForest = {
    nodes: own('nodes'),
    roots: own('roots'),
    trees: arrays['roots']!.length,
    values: own('values'),
  };
  return { state: state as never };
}

function predict(ctx: KernelContext, { params, tables, states }: KernelInput): KernelOutput {
  const { outputs } = params as { outputs: number };
  const forest = states[0] as LoadedForest;
  const table = tables[0]!;
  const n = table.rows;
  const features = table.columns.length;
  const perPass = Math.max(65536, Math.floor(PASS_VALUES / features) & ~65535);
  const stride = 4 * features;
  const tile = ctx.arena.alloc(stride * Math.min(n, perPass) + 16);
  const sums = ctx.arena.alloc(8 * n * outputs + 16);
  ctx.heap.refresh().f64.fill(0, sums >>> 3, (sums >>> 3) + n * outputs);
  for (let at = 0; at < n; at += perPass) {
    ctx.control.checkAbort();
    const end = Math.min(n, at + perPass);
    fillTile(ctx, table, at, end, tile);
    const tasks: Task[] = [];
    for (let from = at; from < end; from += TASK_ROWS)
      tasks.push([
        'forest',
        'addLeafVectors',
        tile + stride * (from - at),
        stride,
        Math.min(end, from + TASK_ROWS) - from,
        forest.nodes,
        forest.roots,
        0,
        forest.trees,
        forest.values,
        outputs,
        sums + 8 * outputs * from,
      ]);
    ctx.crew.run(tasks);
  }
  const { f64 } = ctx.heap.refresh();
  const values = new Float64Array(n * outputs);
  for (let k = 0; k < outputs; k++)
    for (let i = 0; i < n; i++) values[k * n + i] = f64[(sums >>> 3) + i * outputs + k]! / forest.trees;
  return { arrays: { values } };
}

export const randomForestKernels: Readonly<Record<string, KernelHandler>> = {
  'randomForest.create': { run: create },
  'randomForest.step': { run: grow },
  'randomForest.outOfBag': {
    run(ctx, { states }) {
      const s = states[0] as ForestState;
      const width = Math.max(s.classes, 1);
      const votes = readF64(ctx, s.votes, s.rows * width);
      const start = s.seen >>> 2;
      const seen = ctx.heap.refresh().u32.slice(start, start + s.rows);
      return {
        arrays: {
          votes: s.classes === 0 ? votes.map((v, i) => v + s.center * seen[i]!) : votes,
          seen: new Uint32Array(seen),
        },
      };
    },
  },
  'randomForest.load': { run: load },
  'randomForest.predict': { run: predict },
};
