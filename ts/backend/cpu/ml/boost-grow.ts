// Growing one boosted tree on binned rows: XGBoost's hist method, level by level or best node first.
import type { BinPlan } from './bins.ts';
import { sampleFeatures } from './boost-sample.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';
import type { RowRange, TreeRows } from './tree-rows.ts';

/** What is smaller than this gains nothing. */
const LEAST_LOSS = 1e-6;
/** Memory of the histograms that are kept at a time. */
const HISTOGRAM_BYTES = 256 << 20;
const OUT_BYTES = 64;
const PARAM_BYTES = 40;

/** How trees are grown. Plain JSON. */
export interface GrowParams {
  readonly learningRate: number;
  readonly lambda: number;
  readonly alpha: number;
  readonly gamma: number;
  readonly minChildWeight: number;
  readonly maxDeltaStep: number;
  /** 0: no limit. */
  readonly maxDepth: number;
  readonly maxLeaves: number;
  readonly lossGuide: boolean;
  readonly maxCatToOnehot: number;
  readonly maxCatThreshold: number;
  readonly colsampleByTree: number;
  readonly colsampleByLevel: number;
  readonly colsampleByNode: number;
  /** −1, 0 or 1 per feature; empty for none. */
  readonly monotone: readonly number[];
  /** Groups of features that may follow each other on a path; empty for no limit. */
  readonly interactions: readonly (readonly number[])[];
  readonly seed: number;
}

/** A tree with what its leaves hold. Arrays have one entry a node. */
export interface GrownTree {
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly defaultLeft: number[];
  readonly gain: number[];
  readonly cover: number[];
  readonly weight: number[];
  readonly setStart: number[];
  readonly setSize: number[];
  readonly categories: number[];
  readonly leaves: { readonly node: number; readonly rows: RowRange }[];
}

interface Candidate {
  readonly node: number;
  readonly depth: number;
  readonly rows: RowRange;
  readonly g: number;
  readonly h: number;
  readonly low: number;
  readonly high: number;
  readonly path: readonly number[];
  hist: number;
  loss: number;
  feature: number;
  bin: number;
  missingLeft: boolean;
  left: readonly [number, number];
  right: readonly [number, number];
  /** Bits of the bins that go right; null for a numeric feature. */
  set: Uint32Array | null;
}

/** What stays the same for all trees of a call. */
export interface GrowContext {
  readonly ctx: KernelContext;
  readonly plan: BinPlan;
  readonly rows: TreeRows;
  readonly params: GrowParams;
  /** Edges of all features and the first of each. */
  readonly cuts: Float32Array;
  readonly offsets: Int32Array;
  readonly paramBlock: number;
  readonly featureBlock: number;
  readonly setBytes: number;
  readonly spareBytes: number;
}

/** Lays out the parameters of the split search in the heap. */
export function growContext(
  ctx: KernelContext,
  plan: BinPlan,
  rows: TreeRows,
  params: GrowParams,
  edges: { readonly cuts: Float32Array; readonly offsets: Int32Array },
): GrowContext {
  const paramBlock = ctx.arena.alloc(PARAM_BYTES);
  const featureBlock = ctx.arena.alloc(16 * plan.features);
  const { view } = ctx.heap.refresh();
  view.setFloat64(paramBlock, params.lambda, true);
  view.setFloat64(paramBlock + 8, params.alpha, true);
  view.setFloat64(paramBlock + 16, params.minChildWeight, true);
  view.setFloat64(paramBlock + 24, params.maxDeltaStep, true);
  view.setInt32(paramBlock + 32, params.maxCatThreshold, true);
  view.setInt32(paramBlock + 36, params.monotone.some((m) => m !== 0) ? 1 : 0, true);
  let catBins = 0;
  for (let f = 0; f < plan.features; f++) {
    const at = featureBlock + 16 * f;
    const kind = !plan.categorical[f] ? 0 : plan.bins[f]! < params.maxCatToOnehot ? 1 : 2;
    if (kind !== 0) catBins = Math.max(catBins, plan.bins[f]!);
    view.setInt32(at, plan.bins[f]!, true);
    view.setInt32(at + 4, kind, true);
    view.setInt32(at + 8, plan.missing[f] ? 1 : 0, true);
    view.setInt32(at + 12, params.monotone[f] ?? 0, true);
  }
  const setBytes = catBins === 0 ? 0 : 4 * Math.ceil((catBins + 1) / 32);
  return { ctx, plan, rows, params, ...edges, paramBlock, featureBlock, setBytes, spareBytes: 12 * catBins };
}

/** Grows a tree on pairs (f32 gradient and hessian per row). `tree` numbers it, for what is random in it. */
export function growTree(c: GrowContext, pairs: number, tree: number): GrownTree {
  const { ctx, rows, params } = c;
  const out: GrownTree = {
    feature: [],
    threshold: [],
    left: [],
    right: [],
    defaultLeft: [],
    gain: [],
    cover: [],
    weight: [],
    setStart: [],
    setSize: [],
    categories: [],
    leaves: [],
  };
  const all = Array.from({ length: c.plan.features }, (_, f) => f);
  const ofTree = sampleFeatures(all, params.colsampleByTree, params.seed, tree, 0, 0);
  const levels = new Map<number, readonly number[]>();
  const ofNode = (n: Candidate): readonly number[] => {
    let level = levels.get(n.depth);
    if (!level) {
      level = sampleFeatures(ofTree, params.colsampleByLevel, params.seed, tree, 1, n.depth);
      levels.set(n.depth, level);
    }
    return allowedAfter(sampleFeatures(level, params.colsampleByNode, params.seed, tree, 2, n.node), n.path, params);
  };

  const range = rows.reset();
  const hist = rows.histogram();
  rows.build([{ range, into: hist }], pairs);
  const [g, h] = rootSums(c, pairs, range);
  const root = candidate(0, 0, range, g, h, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, []);
  root.hist = hist;
  addNode(c, out, root);
  search(c, [root], ofNode);

  const queue: Candidate[] = [root];
  let leaves = 1;
  const valid = (n: Candidate): boolean =>
    n.loss > LEAST_LOSS &&
    n.loss >= params.gamma &&
    n.left[1] > 0 &&
    n.right[1] > 0 &&
    !(params.maxDepth > 0 && n.depth >= params.maxDepth);
  while (queue.length > 0) {
    ctx.control.checkAbort();
    const popped = params.lossGuide ? [takeBest(queue)] : queue.splice(0);
    const chosen: Candidate[] = [];
    for (const n of popped) {
      if (valid(n) && !(params.maxLeaves > 0 && leaves >= params.maxLeaves)) {
        chosen.push(n);
        leaves++;
      } else {
        out.leaves.push({ node: n.node, rows: n.rows });
        release(c, n);
      }
    }
    // So many nodes at a time that their histograms fit.
    const most = Math.max(1, Math.floor(spare(rows) / 4));
    for (let k = 0; k < chosen.length; k += most) {
      const parents = chosen.slice(k, k + most);
      const children = splitNodes(c, out, parents);
      const open = new Set(children.filter((pair) => pair.some((n) => mayOpen(n, params))));
      histograms(c, pairs, parents, children, open);
      search(c, [...open].flat(), ofNode);
      for (const pair of children)
        for (const n of pair) {
          if (open.has(pair)) queue.push(n);
          else out.leaves.push({ node: n.node, rows: n.rows });
          // A node that waits without its histogram has those of its children built in full.
          if (!valid(n) || rows.histograms > spare(rows)) release(c, n);
        }
    }
  }
  for (const { node } of out.leaves) {
    const value = Math.fround(out.weight[node]! * params.learningRate);
    out.threshold[node] = value;
    out.weight[node] = value;
  }
  return out;
}

/** Histograms that may wait for their nodes' turn. */
const spare = (rows: TreeRows): number => Math.max(8, Math.floor(HISTOGRAM_BYTES / rows.histogramBytes));

/** Whether a node can have children at all, and so needs a histogram. */
const mayOpen = (n: Candidate, p: GrowParams): boolean =>
  !(p.maxDepth > 0 && n.depth >= p.maxDepth) && n.h >= 2 * p.minChildWeight;

const candidate = (
  node: number,
  depth: number,
  rows: RowRange,
  g: number,
  h: number,
  low: number,
  high: number,
  path: readonly number[],
): Candidate => ({
  node,
  depth,
  rows,
  g,
  h,
  low,
  high,
  path,
  hist: 0,
  loss: 0,
  feature: -1,
  bin: -1,
  missingLeft: false,
  left: [0, 0],
  right: [0, 0],
  set: null,
});

/** The first of the best. */
function takeBest(queue: Candidate[]): Candidate {
  let best = 0;
  for (let i = 1; i < queue.length; i++) if (queue[i]!.loss > queue[best]!.loss) best = i;
  return queue.splice(best, 1)[0]!;
}

function release(c: GrowContext, n: Candidate): void {
  if (n.hist !== 0) c.rows.drop(n.hist);
  n.hist = 0;
}

/** Sums of all rows, from the histogram's chunks of gradients. */
function rootSums(c: GrowContext, pairs: number, range: RowRange): [number, number] {
  const { ctx } = c;
  const chunkRows = 65536;
  const count = Math.ceil((range.to - range.from) / chunkRows);
  const sums = ctx.arena.alloc(16 * count);
  runTasks(
    ctx,
    Array.from({ length: count }, (_, k) => [
      'trees',
      'sumPairs',
      pairs,
      0,
      k * chunkRows,
      Math.min(chunkRows, range.to - k * chunkRows),
      sums + 16 * k,
    ]),
    range.to,
  );
  const { f64 } = ctx.heap.refresh();
  let g = 0;
  let h = 0;
  for (let k = 0; k < count; k++) {
    g += f64[(sums >>> 3) + 2 * k]!;
    h += f64[(sums >>> 3) + 2 * k + 1]!;
  }
  ctx.arena.free(sums);
  return [g, h];
}

/** Appends a node as a leaf of its own weight. */
function addNode(c: GrowContext, out: GrownTree, n: Candidate): void {
  const { ctx } = c;
  const block = ctx.arena.alloc(8);
  ctx.kernels.get('boost').nodeWeight(n.g, n.h, c.paramBlock, n.low, n.high, block);
  out.weight[n.node] = ctx.heap.refresh().f32[block >>> 2]!;
  ctx.arena.free(block);
  out.feature[n.node] = 0;
  out.threshold[n.node] = 0;
  out.left[n.node] = -1;
  out.right[n.node] = -1;
  out.defaultLeft[n.node] = 0;
  out.gain[n.node] = 0;
  out.cover[n.node] = Math.fround(n.h);
  out.setStart[n.node] = -1;
  out.setSize[n.node] = 0;
}

/** Finds the best split of each node. */
function search(c: GrowContext, nodes: readonly Candidate[], features: (n: Candidate) => readonly number[]): void {
  if (nodes.length === 0) return;
  const { ctx, plan } = c;
  const { arena, heap } = ctx;
  const each = OUT_BYTES + ((c.setBytes + c.spareBytes + plan.features + 15) & ~15);
  const block = arena.alloc(each * nodes.length);
  const u8 = heap.refresh().u8;
  nodes.forEach((n, i) => {
    const allowed = block + each * i + OUT_BYTES + c.setBytes + c.spareBytes;
    u8.fill(0, allowed, allowed + plan.features);
    for (const f of features(n)) u8[allowed + f] = 1;
  });
  runTasks(
    ctx,
    nodes.map((n, i) => {
      const at = block + each * i;
      const spare = at + OUT_BYTES;
      const set = spare + c.spareBytes;
      return [
        'boost',
        'findSplit',
        n.hist,
        plan.binStride,
        c.featureBlock,
        plan.features,
        set + c.setBytes,
        c.paramBlock,
        n.g,
        n.h,
        n.low,
        n.high,
        set,
        c.setBytes,
        spare,
        at,
      ];
    }),
    nodes.length * plan.features * plan.binStride * 4,
  );
  const { view, u32 } = heap.refresh();
  nodes.forEach((n, i) => {
    const at = block + each * i;
    n.loss = view.getFloat32(at, true);
    n.feature = view.getInt32(at + 4, true);
    n.bin = view.getInt32(at + 8, true);
    n.missingLeft = view.getInt32(at + 12, true) === 1;
    n.left = [view.getFloat64(at + 16, true), view.getFloat64(at + 24, true)];
    n.right = [view.getFloat64(at + 32, true), view.getFloat64(at + 40, true)];
    const set = (at + OUT_BYTES + c.spareBytes) >>> 2;
    n.set = n.feature >= 0 && plan.categorical[n.feature] ? u32.slice(set, set + (c.setBytes >>> 2)) : null;
    if (n.feature < 0) n.loss = 0;
  });
  arena.free(block);
}

/** Gives nodes their children and parts their rows. */
function splitNodes(c: GrowContext, out: GrownTree, nodes: readonly Candidate[]): [Candidate, Candidate][] {
  const { ctx, plan, params } = c;
  const sets = nodes.map((n) => {
    if (!n.set) return 0;
    // The bin of missing values is none of the set's: the partition looks at it first.
    const block = ctx.arena.alloc(Math.max(c.setBytes, 4 * Math.ceil((plan.binStride + 1) / 32)));
    const u32 = ctx.heap.refresh().u32;
    u32.fill(0, block >>> 2, (block >>> 2) + Math.ceil((plan.binStride + 1) / 32));
    u32.set(n.set, block >>> 2);
    return block;
  });
  const lefts = c.rows.split(
    nodes.map((n, i) => ({
      rows: n.rows,
      feature: n.feature,
      lastLeft: n.bin,
      missingLeft: n.missingLeft,
      rightSet: sets[i]!,
    })),
  );
  for (const block of sets) if (block !== 0) ctx.arena.free(block);
  return nodes.map((n, i): [Candidate, Candidate] => {
    const { node, rows } = n;
    const next = out.feature.length;
    const middle = rows.from + lefts[i]!;
    const path = params.interactions.length > 0 && !n.path.includes(n.feature) ? [...n.path, n.feature] : n.path;
    const child = (id: number, range: RowRange, sums: readonly [number, number]): Candidate =>
      candidate(id, n.depth + 1, range, sums[0], sums[1], n.low, n.high, path);
    let left = child(next, { from: rows.from, to: middle }, n.left);
    let right = child(next + 1, { from: middle, to: rows.to }, n.right);
    addNode(c, out, left);
    addNode(c, out, right);
    const monotone = params.monotone[n.feature] ?? 0;
    if (monotone !== 0) {
      const mid = Math.fround((out.weight[next]! + out.weight[next + 1]!) / 2);
      left = monotone > 0 ? { ...left, high: mid } : { ...left, low: mid };
      right = monotone > 0 ? { ...right, low: mid } : { ...right, high: mid };
    }
    out.feature[node] = n.feature;
    out.left[node] = next;
    out.right[node] = next + 1;
    out.defaultLeft[node] = n.missingLeft ? 1 : 0;
    out.gain[node] = n.loss;
    if (n.set) {
      out.setStart[node] = out.categories.length;
      for (let b = 0; b < plan.bins[n.feature]!; b++) if ((n.set[b >> 5]! >>> (b & 31)) & 1) out.categories.push(b);
      out.setSize[node] = out.categories.length - out.setStart[node]!;
      // What XGBoost writes for a set.
      out.threshold[node] = 1.401298464324817e-45;
    } else out.threshold[node] = c.cuts[c.offsets[n.feature]! + n.bin]!;
    return [left, right];
  });
}

/**
 * Histograms of children: the lighter child's is built, the other's is what is left of the parent's. Where the parent's is
 * gone, both are built.
 */
function histograms(
  c: GrowContext,
  pairs: number,
  parents: readonly Candidate[],
  children: readonly [Candidate, Candidate][],
  open: ReadonlySet<[Candidate, Candidate]>,
): void {
  const builds: { range: RowRange; into: number }[] = [];
  const rest: { whole: number; part: number }[] = [];
  children.forEach((pair, i) => {
    const parent = parents[i]!;
    if (!open.has(pair)) {
      release(c, parent);
      return;
    }
    const [left, right] = pair;
    const [light, heavy] = right.h < left.h ? [right, left] : [left, right];
    light.hist = c.rows.histogram();
    builds.push({ range: light.rows, into: light.hist });
    if (parent.hist === 0) {
      heavy.hist = c.rows.histogram();
      builds.push({ range: heavy.rows, into: heavy.hist });
      return;
    }
    heavy.hist = parent.hist;
    parent.hist = 0;
    rest.push({ whole: heavy.hist, part: light.hist });
  });
  c.rows.build(builds, pairs);
  c.rows.subtract(rest);
}

/** The features that may follow a path: those of every group that holds all of it. */
function allowedAfter(features: readonly number[], path: readonly number[], params: GrowParams): readonly number[] {
  if (params.interactions.length === 0 || path.length === 0) return features;
  const allowed = new Set(path);
  for (const group of params.interactions)
    if (path.every((f) => group.includes(f))) for (const f of group) allowed.add(f);
  return features.filter((f) => allowed.has(f));
}
