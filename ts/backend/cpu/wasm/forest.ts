// Walking trees: predictions and leaf numbers of boosted trees and random forests.
//
// A node is 16 bytes: { f32 threshold, u32 feature and flags, u32 left child, f32 value }, siblings adjacent, the children
// of a leaf are itself. Left goes x < threshold; a leaf's threshold is NaN, and so every value stays on it. Values are
// compared as f32, as XGBoost and scikit-learn do.

/** Flags in the feature word. */
const MISSING_LEFT: u32 = 0x80000000;
const CATEGORICAL: u32 = 0x40000000;
const FEATURE: u32 = 0x3fffffff;
/** Past this, floats no longer count categories one by one: such a value belongs to none. */
const CATEGORY_END: f32 = 16777216;

/** Copies a Float64 column into one column of a row-major f32 tile; null becomes NaN. */
export function fillTile(data: usize, validity: usize, n: i32, out: usize, stride: usize): void {
  let p = out;
  for (let i: usize = 0; i < <usize>n; i++) {
    let v = <f32>load<f64>(data + (i << 3));
    if (validity !== 0 && ((<u32>load<u8>(validity + (i >> 3)) >> (<u32>i & 7)) & 1) === 0) v = NaN;
    store<f32>(p, v);
    p += stride;
  }
}

/** NaN: the one value that differs from itself. */
function isMissing(v: f32): bool {
  const same = v;
  return same !== v;
}

function step(nodes: usize, at: usize, row: usize): usize {
  const node = nodes + (at << 4);
  const word = load<u32>(node, 4);
  const v = load<f32>(row + ((<usize>(word & FEATURE)) << 2));
  const t = load<f32>(node);
  const left = <usize>load<u32>(node, 8);
  const right: i32 = (isMissing(v) ? (word & MISSING_LEFT) === 0 : v >= t) ? 1 : 0;
  return left + <usize>right;
}

/** A step where a node may be a set of categories: its threshold word is the u32 index of {size in words, words…}. */
function stepSets(nodes: usize, sets: usize, at: usize, row: usize): usize {
  const node = nodes + (at << 4);
  const word = load<u32>(node, 4);
  const v = load<f32>(row + ((<usize>(word & FEATURE)) << 2));
  const left = <usize>load<u32>(node, 8);
  if (isMissing(v)) return left + ((word & MISSING_LEFT) === 0 ? 1 : 0);
  if ((word & CATEGORICAL) === 0) return left + (v >= load<f32>(node) ? 1 : 0);
  if (v < 0 || v >= CATEGORY_END) return left;
  const set = sets + ((<usize>load<u32>(node)) << 2);
  const category = <u32>v;
  if (category >> 5 >= load<u32>(set)) return left;
  return left + <usize>((load<u32>(set + 4 + ((<usize>(category >> 5)) << 2)) >> (category & 31)) & 1);
}

/** The leaf that a row ends in. */
function leafOf(nodes: usize, sets: usize, root: usize, row: usize): usize {
  let at = root;
  let next = root;
  do {
    at = next;
    next = sets === 0 ? step(nodes, at, row) : stepSets(nodes, sets, at, row);
  } while (next !== at);
  return at;
}

/**
 * Adds the leaves of trees [from, to) to `out` (f32, one row `outStride` bytes). `roots` holds the first node of each tree
 * (u32), `groups` the output each tree adds to (u32). `sets` is 0 where no node is categorical. Trees are added in their
 * order, so a sum does not depend on how rows are cut.
 */
export function addTrees(
  tile: usize,
  stride: usize,
  n: i32,
  nodes: usize,
  sets: usize,
  roots: usize,
  groups: usize,
  from: i32,
  to: i32,
  out: usize,
  outStride: usize,
): void {
  const whole = n & ~3;
  for (let t = from; t < to; t++) {
    const root = <usize>load<u32>(roots + ((<usize>t) << 2));
    let o = out + ((<usize>load<u32>(groups + ((<usize>t) << 2))) << 2);
    let row = tile;
    let i = 0;
    if (sets === 0) {
      // Four rows at a time hide the latency of the walk.
      for (; i < whole; i += 4) {
        const row1 = row + stride;
        const row2 = row1 + stride;
        const row3 = row2 + stride;
        let a = root;
        let b = root;
        let c = root;
        let d = root;
        for (;;) {
          const a1 = step(nodes, a, row);
          const b1 = step(nodes, b, row1);
          const c1 = step(nodes, c, row2);
          const d1 = step(nodes, d, row3);
          if (((a1 ^ a) | (b1 ^ b) | (c1 ^ c) | (d1 ^ d)) === 0) break;
          a = a1;
          b = b1;
          c = c1;
          d = d1;
        }
        store<f32>(o, load<f32>(o) + load<f32>(nodes + (a << 4), 12));
        o += outStride;
        store<f32>(o, load<f32>(o) + load<f32>(nodes + (b << 4), 12));
        o += outStride;
        store<f32>(o, load<f32>(o) + load<f32>(nodes + (c << 4), 12));
        o += outStride;
        store<f32>(o, load<f32>(o) + load<f32>(nodes + (d << 4), 12));
        o += outStride;
        row = row3 + stride;
      }
    }
    for (; i < n; i++) {
      store<f32>(o, load<f32>(o) + load<f32>(nodes + (leafOf(nodes, sets, root, row) << 4), 12));
      o += outStride;
      row += stride;
    }
  }
}

/**
 * Adds what leaves hold, `width` f64 at values + number × width × 8 where a leaf's last word is its number, to `out` (f64,
 * `width` a row). For forests, whose leaves hold class shares or means.
 */
export function addLeafVectors(
  tile: usize,
  stride: usize,
  n: i32,
  nodes: usize,
  roots: usize,
  from: i32,
  to: i32,
  values: usize,
  width: i32,
  out: usize,
): void {
  const bytes = (<usize>width) << 3;
  const whole = n & ~3;
  for (let t = from; t < to; t++) {
    const root = <usize>load<u32>(roots + ((<usize>t) << 2));
    let row = tile;
    let o = out;
    let i = 0;
    // Four rows at a time hide the latency of the walk.
    for (; i < whole; i += 4) {
      const row1 = row + stride;
      const row2 = row1 + stride;
      const row3 = row2 + stride;
      let a = root;
      let b = root;
      let c = root;
      let d = root;
      for (;;) {
        const a1 = step(nodes, a, row);
        const b1 = step(nodes, b, row1);
        const c1 = step(nodes, c, row2);
        const d1 = step(nodes, d, row3);
        if (((a1 ^ a) | (b1 ^ b) | (c1 ^ c) | (d1 ^ d)) === 0) break;
        a = a1;
        b = b1;
        c = c1;
        d = d1;
      }
      addVector(nodes, a, values, bytes, o);
      addVector(nodes, b, values, bytes, o + bytes);
      addVector(nodes, c, values, bytes, o + 2 * bytes);
      addVector(nodes, d, values, bytes, o + 3 * bytes);
      o += bytes << 2;
      row = row3 + stride;
    }
    for (; i < n; i++) {
      addVector(nodes, leafOf(nodes, 0, root, row), values, bytes, o);
      o += bytes;
      row += stride;
    }
  }
}

function addVector(nodes: usize, leaf: usize, values: usize, bytes: usize, out: usize): void {
  const v = values + <usize>load<u32>(nodes + (leaf << 4), 12) * bytes;
  for (let k: usize = 0; k < bytes; k += 8) store<f64>(out + k, load<f64>(out + k) + load<f64>(v + k));
}

/** The node (its number in `numbers`, u32) where each row ends in each of trees [from, to): u32, to − from a row. */
export function leafNumbers(
  tile: usize,
  stride: usize,
  n: i32,
  nodes: usize,
  sets: usize,
  roots: usize,
  from: i32,
  to: i32,
  numbers: usize,
  out: usize,
): void {
  const trees = <usize>(to - from);
  for (let t = from; t < to; t++) {
    const root = <usize>load<u32>(roots + ((<usize>t) << 2));
    let row = tile;
    let o = out + ((<usize>(t - from)) << 2);
    for (let i = 0; i < n; i++) {
      store<u32>(o, load<u32>(numbers + (leafOf(nodes, sets, root, row) << 2)));
      o += trees << 2;
      row += stride;
    }
  }
}
