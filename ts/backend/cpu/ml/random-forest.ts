// Kernels of random forests: bins once, then trees, each grown by one call of the crew.
import type { Task } from '../worker/crew.ts';
import { EdgeFinder, searchBlock } from './bins.ts';
import { chunks, float64Data, readF64, zeros } from './columns.ts';
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
  /** Trees to grow; those that are there lie one behind the other. */
  readonly trees: number;
  /** First node of each tree (u32). */
  readonly roots: number;
  /** Four words each. */
  readonly nodes: Room;
  /** A leaf's class shares or mean (f64). */
  readonly leaves: Room;
  /** Sum over the trees of the share of each feature in a tree's gains (f64). */
  readonly importances: number;
}

/** A block that is filled from its start; `used` and `capacity` are items. */
interface Room {
  readonly address: number;
  readonly used: number;
  readonly capacity: number;
}
const NO_ROOM: Room = { address: 0, used: 0, capacity: 0 };

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
    trees: params.trees,
    roots: keep.alloc(4 * params.trees),
    nodes: NO_ROOM,
    leaves: NO_ROOM,
    importances: zeros(ctx, features, keep),
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

/** Trees at work at a time. More than threads, for they differ in size, where that is little beside the features. */
function slotCount(ctx: KernelContext, s: ForestState, trees: number): number {
  const { size } = ctx.crew;
  const bytes = 16 * s.rows + nodeCapacity(s) * (17 + 4 * Math.max(s.classes, 1));
  const fit = Math.floor((8 * s.rows * s.features) / bytes);
  return Math.min(trees, size === 1 ? 1 : Math.max(size, Math.min(2 * size, fit)));
}

/** Makes room for `need` items and, should it move, for as many as all trees will have if the rest are like these. */
function withRoom(ctx: KernelContext, room: Room, need: number, bytes: number, share: number): Room {
  if (need <= room.capacity) return room;
  const capacity = Math.ceil(Math.max(need, (need / share) * 1.05));
  const address = ctx.keep.alloc(capacity * bytes + 16);
  ctx.heap.refresh();
  if (room.used > 0) ctx.kernels.get('core').copyBytes(address, room.address, room.used * bytes);
  return { address, used: room.used, capacity };
}

/** Puts a slot's tree behind the others: nodes and leaves are numbered through. */
function append(ctx: KernelContext, s: ForestState, slot: ReturnType<typeof makeSlot>, tree: number): ForestState {
  const { u32, f64 } = ctx.heap.refresh();
  const nodeCount = u32[(slot.slot >>> 2) + 13]!;
  const leafCount = u32[(slot.slot >>> 2) + 14]!;
  const width = Math.max(s.classes, 1);
  const from = slot.nodes >>> 2;
  const to = (s.nodes.address >>> 2) + 4 * s.nodes.used;
  for (let i = 0; i < nodeCount; i++) {
    const left = u32[from + 4 * i + 2]!;
    u32[to + 4 * i] = u32[from + 4 * i]!;
    u32[to + 4 * i + 1] = u32[from + 4 * i + 1]!;
    u32[to + 4 * i + 2] = left + s.nodes.used;
    u32[to + 4 * i + 3] = left === i ? u32[from + 4 * i + 3]! + s.leaves.used : 0;
  }
  const values = (s.leaves.address >>> 3) + s.leaves.used * width;
  for (let i = 0; i < leafCount * width; i++) f64[values + i] = f64[(slot.values >>> 3) + i]! + s.center;
  u32[(s.roots >>> 2) + tree] = s.nodes.used;
  let sum = 0;
  for (let f = 0; f < s.features; f++) sum += f64[(slot.importances >>> 3) + f]!;
  if (sum > 0)
    for (let f = 0; f < s.features; f++) f64[(s.importances >>> 3) + f]! += f64[(slot.importances >>> 3) + f]! / sum;
  return {
    ...s,
    nodes: { ...s.nodes, used: s.nodes.used + nodeCount },
    leaves: { ...s.leaves, used: s.leaves.used + leafCount },
  };
}

function grow(ctx: KernelContext, { params, states }: KernelInput): KernelOutput {
  let s = states[0] as ForestState;
  const { from, to } = params as { from: number; to: number };
  const slots = Array.from({ length: slotCount(ctx, s, to - from) }, () => makeSlot(ctx, s));
  for (let tree = from; tree < to; tree += slots.length) {
    ctx.control.checkAbort();
    const used = slots.slice(0, to - tree);
    const { f64 } = ctx.heap.refresh();
    for (const { importances: at } of used) f64.fill(0, at >>> 3, (at >>> 3) + s.features);
    ctx.crew.run(used.map(({ slot }, k): Task => ['grow', 'growTree', s.job, slot, tree + k]));
    const { u32 } = ctx.heap.refresh();
    const sum = (word: number): number => used.reduce((n, { slot }) => n + u32[(slot >>> 2) + word]!, 0);
    const share = (tree + used.length) / s.trees;
    const [nodes, leaves] = [s.nodes.used + sum(13), s.leaves.used + sum(14)];
    s = {
      ...s,
      nodes: withRoom(ctx, s.nodes, nodes, 16, share),
      leaves: withRoom(ctx, s.leaves, leaves, 8 * Math.max(s.classes, 1), share),
    };
    used.forEach((slot, k) => {
      s = append(ctx, s, slot, tree + k);
      if (s.votes !== 0)
        ctx.crew.run(
          chunks(s.rows).map((c): Task => ['grow', 'voteOutOfBag', s.job, slot.slot, c.from, c.to, s.votes, s.seen]),
        );
    });
  }
  return { state: s as never };
}

/** The trees where they lie: they are copied once, to the caller. */
function trees(ctx: KernelContext, { states }: KernelInput): KernelOutput {
  const s = states[0] as ForestState;
  const importances = readF64(ctx, s.importances, s.features);
  const all = importances.reduce((a, b) => a + b, 0);
  return {
    arrays: {
      nodes: { dtype: 'Uint32Array', length: 4 * s.nodes.used, address: s.nodes.address },
      roots: { dtype: 'Uint32Array', length: s.trees, address: s.roots },
      values: {
        dtype: 'Float64Array',
        length: s.leaves.used * Math.max(s.classes, 1),
        address: s.leaves.address,
      },
      featureImportances: importances.map((v) => (all === 0 ? 0 : v / all)),
    },
  };
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
  'randomForest.trees': { run: trees },
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
