// Growing one tree of a random forest on binned features: sample of rows, nodes depth first, splits among features drawn
// per node. A call grows a whole tree; trees are the unit of work of the threads. Source: Breiman, Random forests (2001).
//
// Bins are column-major, one byte a value. A job (what all trees share) and a slot (what one call works with) are blocks of
// words; see JOB_ and SLOT_. Nodes are those of forest.ts, with the number of a leaf's values in place of its value.

import { below, philox } from './_philox';

const JOB_ROWS: usize = 0;
const JOB_FEATURES: usize = 4;
const JOB_BINS: usize = 8;
/** Class of each row (u32), or its centred target (f64). */
const JOB_TARGET: usize = 12;
/** f64 per row, or 0. */
const JOB_WEIGHTS: usize = 16;
/** 0: a regression. */
const JOB_CLASSES: usize = 20;
const JOB_MAX_FEATURES: usize = 24;
const JOB_MAX_DEPTH: usize = 28;
const JOB_MIN_SPLIT: usize = 32;
const JOB_MIN_LEAF: usize = 36;
/** 0: every row once. */
const JOB_DRAWS: usize = 40;
const JOB_SEED: usize = 44;
const JOB_ENTROPY: usize = 48;
const JOB_CUTS: usize = 52;
const JOB_OFFSETS: usize = 56;
const JOB_MIN_DECREASE: usize = 64;

const SLOT_ROWS: usize = 0;
const SLOT_SPILL: usize = 4;
/** What each row counts in this tree (f64). */
const SLOT_WEIGHTS: usize = 8;
/** 256 bins × max(classes, 2) f64, all zero between uses. */
const SLOT_HIST: usize = 12;
/** 256 u32, all zero between uses. */
const SLOT_COUNTS: usize = 16;
const SLOT_ORDER: usize = 20;
/** Open nodes, 16 bytes each. */
const SLOT_STACK: usize = 24;
const SLOT_NODES: usize = 28;
/** Bin of each split (u8). */
const SLOT_SPLIT_BINS: usize = 32;
const SLOT_VALUES: usize = 36;
const SLOT_IMPORTANCES: usize = 40;
/** Totals of a node: max(classes, 2) f64; then those left of a split. */
const SLOT_TOTALS: usize = 44;
const SLOT_BEST: usize = 48;
/** Written: number of nodes, of leaves. */
const SLOT_NODE_COUNT: usize = 52;
const SLOT_LEAF_COUNT: usize = 56;

const MISSING_LEFT: u32 = 0x80000000;
/** Nodes of up to this many rows sort them by bin rather than fill a histogram. */
const FEW: u32 = 24;

function word(base: usize, at: usize): usize {
  return <usize>load<u32>(base + at);
}
function f64At(base: usize, i: u32): f64 {
  return load<f64>(base + ((<usize>i) << 3));
}
function u32At(base: usize, i: u32): u32 {
  return load<u32>(base + ((<usize>i) << 2));
}
function addF64(base: usize, i: u32, x: f64): void {
  const o = base + ((<usize>i) << 3);
  store<f64>(o, load<f64>(o) + x);
}

/** Draws the rows of a tree, counts them into the weights, and lists those that count. Returns how many. */
function drawRows(job: usize, slot: usize, tree: u32): u32 {
  const n = <u32>word(job, JOB_ROWS);
  const draws = <u32>word(job, JOB_DRAWS);
  const own = word(job, JOB_WEIGHTS);
  const w = word(slot, SLOT_WEIGHTS);
  const rows = word(slot, SLOT_ROWS);
  const seed = <u32>word(job, JOB_SEED);
  const best = word(slot, SLOT_BEST);
  if (draws === 0) {
    for (let i: u32 = 0; i < n; i++) store<f64>(w + ((<usize>i) << 3), own === 0 ? 1 : f64At(own, i));
  } else {
    memory.fill(w, 0, (<usize>n) << 3);
    for (let i: u32 = 0; i < draws; i += 4) {
      philox(i >> 2, tree, 0, 0, seed, best);
      for (let k: u32 = 0; k < 4 && i + k < draws; k++) {
        const row = below(u32At(best, k), n);
        addF64(w, row, own === 0 ? 1 : f64At(own, row));
      }
    }
  }
  let m: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    store<u32>(rows + ((<usize>m) << 2), i);
    if (f64At(w, i) > 0) m++;
  }
  return m;
}

/** x log2 x. */
function xlog(x: f64): f64 {
  return x > 0 ? x * NativeMath.log2(x) : 0;
}

/** How pure a side is, times its weight; what a split gains is the sum of its sides less that of the node. */
function purity(totals: usize, classes: u32, weight: f64, entropy: bool): f64 {
  if (classes === 0) return weight > 0 ? (f64At(totals, 1) * f64At(totals, 1)) / weight : 0;
  let sum: f64 = 0;
  if (entropy) {
    for (let c: u32 = 0; c < classes; c++) sum += xlog(f64At(totals, c));
    return sum - xlog(weight);
  }
  for (let c: u32 = 0; c < classes; c++) sum += f64At(totals, c) * f64At(totals, c);
  return weight > 0 ? sum / weight : 0;
}

/** The purity of what is not left. */
function restPurity(totals: usize, left: usize, classes: u32, weight: f64, entropy: bool): f64 {
  if (classes === 0) {
    const s = f64At(totals, 1) - f64At(left, 1);
    return weight > 0 ? (s * s) / weight : 0;
  }
  let sum: f64 = 0;
  if (entropy) {
    for (let c: u32 = 0; c < classes; c++) sum += xlog(f64At(totals, c) - f64At(left, c));
    return sum - xlog(weight);
  }
  for (let c: u32 = 0; c < classes; c++) {
    const r = f64At(totals, c) - f64At(left, c);
    sum += r * r;
  }
  return weight > 0 ? sum / weight : 0;
}

/** Sums of a node's rows to `totals`; returns 1 when all targets are the same. */
function sumRows(job: usize, slot: usize, from: u32, to: u32): i32 {
  const classes = <u32>word(job, JOB_CLASSES);
  const target = word(job, JOB_TARGET);
  const rows = word(slot, SLOT_ROWS);
  const w = word(slot, SLOT_WEIGHTS);
  const totals = word(slot, SLOT_TOTALS);
  memory.fill(totals, 0, (<usize>max<u32>(classes, 2)) << 3);
  if (classes === 0) {
    const first = f64At(target, u32At(rows, from));
    let same = 1;
    for (let i = from; i < to; i++) {
      const row = u32At(rows, i);
      const y = f64At(target, row);
      const weight = f64At(w, row);
      if (y !== first) same = 0;
      addF64(totals, 0, weight);
      addF64(totals, 1, weight * y);
    }
    return same;
  }
  for (let i = from; i < to; i++) {
    const row = u32At(rows, i);
    addF64(totals, u32At(target, row), f64At(w, row));
  }
  let present = 0;
  for (let c: u32 = 0; c < classes; c++) if (f64At(totals, c) > 0) present++;
  return present === 1 ? 1 : 0;
}

/** The best split so far: {f64 score, f64 weight left, u32 feature, u32 bin, u32 rows left}. */
function offer(best: usize, score: f64, weightLeft: f64, feature: u32, bin: u32, rowsLeft: u32): void {
  if (score <= load<f64>(best)) return;
  store<f64>(best, score);
  store<f64>(best, weightLeft, 8);
  store<u32>(best, feature, 16);
  store<u32>(best, bin, 20);
  store<u32>(best, rowsLeft, 24);
}

/** Offers every split of a feature; returns 1 when all rows have one bin. */
function splitByHistogram(job: usize, slot: usize, feature: u32, from: u32, to: u32, weight: f64): i32 {
  const classes = <u32>word(job, JOB_CLASSES);
  const width = max<u32>(classes, 2);
  const target = word(job, JOB_TARGET);
  const entropy = word(job, JOB_ENTROPY) !== 0;
  const least = <u32>word(job, JOB_MIN_LEAF);
  const bins = word(job, JOB_BINS) + <usize>feature * word(job, JOB_ROWS);
  const rows = word(slot, SLOT_ROWS);
  const w = word(slot, SLOT_WEIGHTS);
  const hist = word(slot, SLOT_HIST);
  const counts = word(slot, SLOT_COUNTS);
  const totals = word(slot, SLOT_TOTALS);
  const best = word(slot, SLOT_BEST);
  let low: u32 = 255;
  let high: u32 = 0;
  for (let i = from; i < to; i++) {
    const row = u32At(rows, i);
    const bin = <u32>load<u8>(bins + row);
    low = min<u32>(low, bin);
    high = max<u32>(high, bin);
    store<u32>(counts + ((<usize>bin) << 2), u32At(counts, bin) + 1);
    const weightOf = f64At(w, row);
    if (classes === 0) {
      addF64(hist, bin << 1, weightOf);
      addF64(hist, (bin << 1) + 1, weightOf * f64At(target, row));
    } else addF64(hist, bin * width + u32At(target, row), weightOf);
  }
  const left = totals + ((<usize>width) << 3);
  memory.fill(left, 0, (<usize>width) << 3);
  let rowsLeft: u32 = 0;
  let weightLeft: f64 = 0;
  for (let bin = low; bin < high; bin++) {
    const here = u32At(counts, bin);
    if (here === 0) continue;
    rowsLeft += here;
    for (let c: u32 = 0; c < width; c++) {
      const x = f64At(hist, bin * width + c);
      addF64(left, c, x);
      if (classes !== 0 || c === 0) weightLeft += x;
    }
    if (rowsLeft < least || to - from - rowsLeft < least) continue;
    const score =
      purity(left, classes, weightLeft, entropy) + restPurity(totals, left, classes, weight - weightLeft, entropy);
    offer(best, score, weightLeft, feature, bin, rowsLeft);
  }
  memory.fill(hist + ((<usize>(low * width)) << 3), 0, (<usize>((high - low + 1) * width)) << 3);
  memory.fill(counts + ((<usize>low) << 2), 0, (<usize>(high - low + 1)) << 2);
  return low === high ? 1 : 0;
}

/** The same for few rows: sorted by bin. */
function splitFew(job: usize, slot: usize, feature: u32, from: u32, to: u32, weight: f64): i32 {
  const classes = <u32>word(job, JOB_CLASSES);
  const width = max<u32>(classes, 2);
  const target = word(job, JOB_TARGET);
  const entropy = word(job, JOB_ENTROPY) !== 0;
  const least = <u32>word(job, JOB_MIN_LEAF);
  const bins = word(job, JOB_BINS) + <usize>feature * word(job, JOB_ROWS);
  const rows = word(slot, SLOT_ROWS);
  const w = word(slot, SLOT_WEIGHTS);
  const totals = word(slot, SLOT_TOTALS);
  const best = word(slot, SLOT_BEST);
  // Bin and place in one word, inserted in order, behind what `best` holds.
  const keys = best + 64;
  const n = to - from;
  for (let i: u32 = 0; i < n; i++) {
    const key = ((<u32>load<u8>(bins + u32At(rows, from + i))) << 8) | i;
    let at = i;
    while (at > 0 && u32At(keys, at - 1) > key) {
      store<u32>(keys + ((<usize>at) << 2), u32At(keys, at - 1));
      at--;
    }
    store<u32>(keys + ((<usize>at) << 2), key);
  }
  if (u32At(keys, 0) >> 8 === u32At(keys, n - 1) >> 8) return 1;
  const left = totals + ((<usize>width) << 3);
  memory.fill(left, 0, (<usize>width) << 3);
  let weightLeft: f64 = 0;
  for (let i: u32 = 0; i + 1 < n; i++) {
    const key = u32At(keys, i);
    const row = u32At(rows, from + (key & 255));
    const weightOf = f64At(w, row);
    weightLeft += weightOf;
    if (classes === 0) {
      addF64(left, 0, weightOf);
      addF64(left, 1, weightOf * f64At(target, row));
    } else addF64(left, u32At(target, row), weightOf);
    if (u32At(keys, i + 1) >> 8 === key >> 8 || i + 1 < least || n - i - 1 < least) continue;
    const score =
      purity(left, classes, weightLeft, entropy) + restPurity(totals, left, classes, weight - weightLeft, entropy);
    offer(best, score, weightLeft, feature, key >> 8, i + 1);
  }
  return 0;
}

/**
 * Looks for the best split of a node among features drawn without replacement: `maxFeatures` of them, more while all of
 * those drawn are constant. Returns 1 when there is one.
 */
function findSplit(job: usize, slot: usize, tree: u32, node: u32, from: u32, to: u32, weight: f64): i32 {
  const p = <u32>word(job, JOB_FEATURES);
  const wanted = <u32>word(job, JOB_MAX_FEATURES);
  const order = word(slot, SLOT_ORDER);
  const best = word(slot, SLOT_BEST);
  store<f64>(best, -Infinity);
  for (let f: u32 = 0; f < p; f++) store<u32>(order + ((<usize>f) << 2), f);
  let constant: u32 = 0;
  for (let drawn: u32 = 0; drawn < p && (drawn < wanted || drawn === constant); drawn++) {
    if ((drawn & 3) === 0) philox(node, tree, 1, drawn >> 2, <u32>word(job, JOB_SEED), best + 32);
    const at = drawn + below(u32At(best + 32, drawn & 3), p - drawn);
    const feature = u32At(order, at);
    store<u32>(order + ((<usize>at) << 2), u32At(order, drawn));
    store<u32>(order + ((<usize>drawn) << 2), feature);
    constant += <u32>(
      (to - from <= FEW
        ? splitFew(job, slot, feature, from, to, weight)
        : splitByHistogram(job, slot, feature, from, to, weight))
    );
  }
  return load<f64>(best) > -Infinity ? 1 : 0;
}

/** Parts rows [from, to): those of bins up to `bin` first, both in their order. */
function part(bins: usize, bin: u32, rows: usize, spill: usize, from: u32, to: u32): void {
  let l = rows + ((<usize>from) << 2);
  let r = spill;
  for (let i = from; i < to; i++) {
    const row = u32At(rows, i);
    store<u32>(l, row);
    store<u32>(r, row);
    if (<u32>load<u8>(bins + row) <= bin) l += 4;
    else r += 4;
  }
  memory.copy(l, spill, r - spill);
}

function writeLeaf(job: usize, slot: usize, node: u32, weight: f64): void {
  const classes = <u32>word(job, JOB_CLASSES);
  const totals = word(slot, SLOT_TOTALS);
  const at = word(slot, SLOT_NODES) + ((<usize>node) << 4);
  const leaf = load<u32>(slot + SLOT_LEAF_COUNT);
  store<f32>(at, NaN);
  store<u32>(at, MISSING_LEFT, 4);
  store<u32>(at, node, 8);
  store<u32>(at, leaf, 12);
  const values = word(slot, SLOT_VALUES);
  if (classes === 0) store<f64>(values + ((<usize>leaf) << 3), f64At(totals, 1) / weight);
  else
    for (let c: u32 = 0; c < classes; c++)
      store<f64>(values + ((<usize>(leaf * classes + c)) << 3), f64At(totals, c) / weight);
  store<u32>(slot + SLOT_LEAF_COUNT, leaf + 1);
}

function push(stack: usize, depthOfStack: u32, from: u32, to: u32, depth: u32, node: u32): void {
  const at = stack + ((<usize>depthOfStack) << 4);
  store<u32>(at, from);
  store<u32>(at, to, 4);
  store<u32>(at, depth, 8);
  store<u32>(at, node, 12);
}

/** Grows tree number `tree`. Returns its number of nodes, or 0 when no row counts. */
export function growTree(job: usize, slot: usize, tree: u32): u32 {
  const m = drawRows(job, slot, tree);
  store<u32>(slot + SLOT_LEAF_COUNT, 0);
  store<u32>(slot + SLOT_NODE_COUNT, 0);
  if (m === 0) return 0;
  const stack = word(slot, SLOT_STACK);
  push(stack, 0, 0, m, 0, 0);
  let open: u32 = 1;
  let nodes: u32 = 1;
  let all: f64 = 0;
  while (open > 0) {
    open--;
    const at = stack + ((<usize>open) << 4);
    const from = load<u32>(at);
    const to = load<u32>(at, 4);
    const depth = load<u32>(at, 8);
    const node = load<u32>(at, 12);
    if (node === 0) all = rootWeight(slot, m);
    if (growNode(job, slot, tree, from, to, depth, node, nodes, all) === 0) continue;
    const middle = from + load<u32>(word(slot, SLOT_BEST), 24);
    push(stack, open, middle, to, depth + 1, nodes + 1);
    push(stack, open + 1, from, middle, depth + 1, nodes);
    open += 2;
    nodes += 2;
  }
  store<u32>(slot + SLOT_NODE_COUNT, nodes);
  return nodes;
}

function rootWeight(slot: usize, m: u32): f64 {
  const rows = word(slot, SLOT_ROWS);
  const w = word(slot, SLOT_WEIGHTS);
  let sum: f64 = 0;
  for (let i: u32 = 0; i < m; i++) sum += f64At(w, u32At(rows, i));
  return sum;
}

/** Makes a leaf (0), or a split whose children are nodes `next` and `next` + 1. */
function growNode(
  job: usize,
  slot: usize,
  tree: u32,
  from: u32,
  to: u32,
  depth: u32,
  node: u32,
  next: u32,
  all: f64,
): i32 {
  const classes = <u32>word(job, JOB_CLASSES);
  const totals = word(slot, SLOT_TOTALS);
  const best = word(slot, SLOT_BEST);
  const same = sumRows(job, slot, from, to);
  let weight: f64 = f64At(totals, 0);
  for (let c: u32 = 1; c < classes; c++) weight += f64At(totals, c);
  const n = to - from;
  if (
    same !== 0 ||
    depth >= <u32>word(job, JOB_MAX_DEPTH) ||
    n < <u32>word(job, JOB_MIN_SPLIT) ||
    n < 2 * <u32>word(job, JOB_MIN_LEAF) ||
    findSplit(job, slot, tree, node, from, to, weight) === 0
  ) {
    writeLeaf(job, slot, node, weight);
    return 0;
  }
  const gain = load<f64>(best) - purity(totals, classes, weight, word(job, JOB_ENTROPY) !== 0);
  if (gain / all + 2.220446049250313e-16 < load<f64>(job + JOB_MIN_DECREASE)) {
    writeLeaf(job, slot, node, weight);
    return 0;
  }
  const feature = load<u32>(best, 16);
  const bin = load<u32>(best, 20);
  addF64(word(slot, SLOT_IMPORTANCES), feature, max<f64>(0, gain));
  const bins = word(job, JOB_BINS) + <usize>feature * word(job, JOB_ROWS);
  part(bins, bin, word(slot, SLOT_ROWS), word(slot, SLOT_SPILL), from, to);
  const at = word(slot, SLOT_NODES) + ((<usize>node) << 4);
  const cut = u32At(word(job, JOB_OFFSETS), feature) + bin;
  store<f32>(at, load<f32>(word(job, JOB_CUTS) + ((<usize>cut) << 2)));
  store<u32>(at, feature, 4);
  store<u32>(at, next, 8);
  store<u32>(at, 0, 12);
  store<u8>(word(slot, SLOT_SPLIT_BINS) + node, bin);
  return 1;
}

/** Adds the tree's values to `votes` (f64, `width` a row) of the rows [from, to) that it was not grown on. */
export function voteOutOfBag(job: usize, slot: usize, from: u32, to: u32, votes: usize, seen: usize): void {
  const classes = <u32>word(job, JOB_CLASSES);
  const width = max<u32>(classes, 1);
  const w = word(slot, SLOT_WEIGHTS);
  const nodes = word(slot, SLOT_NODES);
  const splitBins = word(slot, SLOT_SPLIT_BINS);
  const values = word(slot, SLOT_VALUES);
  const bins = word(job, JOB_BINS);
  const n = word(job, JOB_ROWS);
  for (let i = from; i < to; i++) {
    if (f64At(w, i) !== 0) continue;
    let node: u32 = 0;
    for (;;) {
      const at = nodes + ((<usize>node) << 4);
      const left = load<u32>(at, 8);
      if (left === node) break;
      const bin = load<u8>(bins + <usize>load<u32>(at, 4) * n + i);
      node = left + (bin > load<u8>(splitBins + node) ? 1 : 0);
    }
    const leaf = load<u32>(nodes + ((<usize>node) << 4), 12);
    for (let c: u32 = 0; c < width; c++) addF64(votes, i * width + c, f64At(values, leaf * width + c));
    store<u32>(seen + ((<usize>i) << 2), u32At(seen, i) + 1);
  }
}
