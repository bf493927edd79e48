// Nearest neighbours: points row by row, `(n, p)` doubles, searched whole or through a k-d tree. The tree is balanced: node
// i has the children 2i + 1 and 2i + 2, a node of [lo, hi) splits at (lo + hi) / 2, and all leaves are at `levels`; with no
// levels the one leaf is everything. Source: Bentley, Multidimensional binary search trees (1975); distances to a node by
// coordinate as in Arya and Mount, Algorithms for fast vector quantization (1993).
//
// Metrics: 0 squared Euclidean, 1 Manhattan, 2 Minkowski to the power, 3 Chebyshev, 4 one less the scalar product (of
// unit vectors: cosine). Neighbours are ordered by distance, then by number.

function f64At(base: usize, i: i32): f64 {
  return load<f64>(base + ((<usize>i) << 3));
}
function u32At(base: usize, i: i32): i32 {
  return load<i32>(base + ((<usize>i) << 2));
}

/** Columns → rows [from, to) of `rows`. */
export function toRows(columns: usize, p: i32, from: i32, to: i32, rows: usize): void {
  for (let j = 0; j < p; j++) {
    const x = <usize>load<u32>(columns + ((<usize>j) << 2));
    let out = rows + ((<usize>(from * p + j)) << 3);
    for (let i = from; i < to; i++) {
      store<f64>(out, f64At(x, i));
      out += (<usize>p) << 3;
    }
  }
}

/** Makes rows unit vectors; a row of zeros stays. */
export function normalizeRows(rows: usize, p: i32, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const row = rows + ((<usize>(i * p)) << 3);
    let sum: f64 = 0;
    for (let j = 0; j < p; j++) sum += f64At(row, j) * f64At(row, j);
    if (sum === 0) continue;
    const scale = 1 / sqrt<f64>(sum);
    for (let j = 0; j < p; j++) store<f64>(row + ((<usize>j) << 3), f64At(row, j) * scale);
  }
}

/** The coordinate of [lo, hi) that spreads most. */
function widest(rows: usize, p: i32, order: usize, lo: i32, hi: i32): i32 {
  let best = 0;
  let most: f64 = -1;
  for (let j = 0; j < p; j++) {
    let least = Infinity;
    let greatest = -Infinity;
    for (let i = lo; i < hi; i++) {
      const x = f64At(rows, u32At(order, i) * p + j);
      least = min<f64>(least, x);
      greatest = max<f64>(greatest, x);
    }
    if (greatest - least > most) {
      most = greatest - least;
      best = j;
    }
  }
  return best;
}

function less(rows: usize, p: i32, d: i32, a: i32, b: i32): bool {
  const x = f64At(rows, a * p + d);
  const y = f64At(rows, b * p + d);
  return x < y || (x === y && a < b);
}

function swap(order: usize, a: i32, b: i32): void {
  const x = u32At(order, a);
  store<i32>(order + ((<usize>a) << 2), u32At(order, b));
  store<i32>(order + ((<usize>b) << 2), x);
}

/** Moves one pivot of [lo, hi] to its place and returns it. */
function partition(rows: usize, p: i32, order: usize, d: i32, lo: i32, hi: i32): i32 {
  // The middle of three: sorted input is the usual case.
  const mid = (lo + hi) >> 1;
  if (less(rows, p, d, u32At(order, mid), u32At(order, lo))) swap(order, mid, lo);
  if (less(rows, p, d, u32At(order, hi), u32At(order, lo))) swap(order, hi, lo);
  if (less(rows, p, d, u32At(order, hi), u32At(order, mid))) swap(order, hi, mid);
  const pivot = u32At(order, mid);
  swap(order, mid, hi);
  let at = lo;
  for (let i = lo; i < hi; i++) {
    if (less(rows, p, d, u32At(order, i), pivot)) {
      swap(order, i, at);
      at++;
    }
  }
  swap(order, at, hi);
  return at;
}

/**
 * Builds the nodes of one level: `order` is permuted, `dims` (i32) and `splits` (f64) are filled. Levels go from the root
 * down, one call each.
 */
export function buildLevel(rows: usize, p: i32, n: i32, order: usize, dims: usize, splits: usize, level: i32): void {
  buildNodes(rows, p, order, dims, splits, level, 0, 0, n, 0);
}

function buildNodes(
  rows: usize,
  p: i32,
  order: usize,
  dims: usize,
  splits: usize,
  level: i32,
  depth: i32,
  lo: i32,
  hi: i32,
  node: i32,
): void {
  const mid = (lo + hi) >> 1;
  if (depth < level) {
    buildNodes(rows, p, order, dims, splits, level, depth + 1, lo, mid, 2 * node + 1);
    buildNodes(rows, p, order, dims, splits, level, depth + 1, mid, hi, 2 * node + 2);
    return;
  }
  const d = widest(rows, p, order, lo, hi);
  let a = lo;
  let b = hi - 1;
  while (a < b) {
    const at = partition(rows, p, order, d, a, b);
    if (at === mid) break;
    if (at < mid) a = at + 1;
    else b = at - 1;
  }
  store<i32>(dims + ((<usize>node) << 2), d);
  store<f64>(splits + ((<usize>node) << 3), f64At(rows, u32At(order, mid) * p + d));
}

/** Rows in the tree's order. */
export function permuteRows(rows: usize, p: i32, order: usize, from: i32, to: i32, out: usize): void {
  for (let i = from; i < to; i++)
    memory.copy(out + ((<usize>(i * p)) << 3), rows + ((<usize>(u32At(order, i) * p)) << 3), (<usize>p) << 3);
}

function distance(a: usize, b: usize, p: i32, metric: i32, power: f64): f64 {
  let sum: f64 = 0;
  if (metric === 0 || metric === 4) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let j = 0;
    for (; j + 4 <= p; j += 4) {
      const o = (<usize>j) << 3;
      if (metric === 0) {
        const d0 = f64x2.sub(v128.load(a + o), v128.load(b + o));
        const d1 = f64x2.sub(v128.load(a + o, 16), v128.load(b + o, 16));
        s0 = f64x2.add(s0, f64x2.mul(d0, d0));
        s1 = f64x2.add(s1, f64x2.mul(d1, d1));
      } else {
        s0 = f64x2.add(s0, f64x2.mul(v128.load(a + o), v128.load(b + o)));
        s1 = f64x2.add(s1, f64x2.mul(v128.load(a + o, 16), v128.load(b + o, 16)));
      }
    }
    const s = f64x2.add(s0, s1);
    sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
    for (; j < p; j++) {
      if (metric === 0) {
        const d = f64At(a, j) - f64At(b, j);
        sum += d * d;
      } else sum += f64At(a, j) * f64At(b, j);
    }
    return metric === 0 ? sum : max<f64>(0, 1 - sum);
  }
  for (let j = 0; j < p; j++) {
    const d = abs<f64>(f64At(a, j) - f64At(b, j));
    if (metric === 1) sum += d;
    else if (metric === 2) sum += NativeMath.pow(d, power);
    else sum = max<f64>(sum, d);
  }
  return sum;
}

/** Puts a point among the k best, which are sorted, if it belongs there. */
function offer(d: f64, index: i32, k: i32, distances: usize, indices: usize): void {
  const last = k - 1;
  const worst = f64At(distances, last);
  if (d > worst || (d === worst && index > u32At(indices, last))) return;
  let at = last;
  while (at > 0) {
    const before = f64At(distances, at - 1);
    if (before < d || (before === d && u32At(indices, at - 1) < index)) break;
    store<f64>(distances + ((<usize>at) << 3), before);
    store<i32>(indices + ((<usize>at) << 2), u32At(indices, at - 1));
    at--;
  }
  store<f64>(distances + ((<usize>at) << 3), d);
  store<i32>(indices + ((<usize>at) << 2), index);
}

/** Offers points [lo, hi). `order` 0: a point's number is its place. */
function scan(
  points: usize,
  p: i32,
  order: usize,
  lo: i32,
  hi: i32,
  query: usize,
  metric: i32,
  power: f64,
  k: i32,
  distances: usize,
  indices: usize,
): void {
  let worst = f64At(distances, k - 1);
  for (let i = lo; i < hi; i++) {
    const d = distance(query, points + ((<usize>(i * p)) << 3), p, metric, power);
    if (d > worst) continue;
    offer(d, order === 0 ? i : u32At(order, i), k, distances, indices);
    worst = f64At(distances, k - 1);
  }
}

function cost(d: f64, metric: i32, power: f64): f64 {
  if (metric === 0) return d * d;
  return metric === 2 ? NativeMath.pow(d, power) : d;
}

/** Writes the least and the greatest of each coordinate of points [lo, hi): 2p doubles. */
export function boxOf(points: usize, p: i32, lo: i32, hi: i32, out: usize): void {
  for (let j = 0; j < p; j++) {
    let least = Infinity;
    let greatest = -Infinity;
    for (let i = lo; i < hi; i++) {
      const x = f64At(points, i * p + j);
      least = min<f64>(least, x);
      greatest = max<f64>(greatest, x);
    }
    store<f64>(out + ((<usize>j) << 4), least);
    store<f64>(out + ((<usize>j) << 4), greatest, 8);
  }
}

/** How far a query is from a box, at least. */
function boxDistance(box: usize, p: i32, query: usize, metric: i32, power: f64): f64 {
  let sum: f64 = 0;
  for (let j = 0; j < p; j++) {
    const x = f64At(query, j);
    const b = box + ((<usize>j) << 4);
    const d = max<f64>(0, max<f64>(load<f64>(b) - x, x - load<f64>(b, 8)));
    if (metric === 0) sum += d * d;
    else if (metric === 3) sum = max<f64>(sum, d);
    else sum += cost(d, metric, power);
  }
  return sum;
}

/** What a search of one query looks at: an index and the query's own places. See the handler for the order. */
const AT_POINTS: usize = 0;
const AT_P: usize = 4;
const AT_ORDER: usize = 8;
const AT_DIMS: usize = 12;
const AT_SPLITS: usize = 16;
const AT_LEVELS: usize = 20;
const AT_BOXES: usize = 24;
const AT_OFFSETS: usize = 28;
const AT_QUERY: usize = 32;
const AT_METRIC: usize = 36;
const AT_K: usize = 40;
const AT_DISTANCES: usize = 44;
const AT_INDICES: usize = 48;
const AT_POWER: usize = 56;

function word(at: usize): usize {
  return <usize>load<u32>(at);
}

/** Searches node [lo, hi), which is at least `bound` away; `offsets` holds how far by coordinate. */
function search(at: usize, lo: i32, hi: i32, node: i32, depth: i32, bound: f64): void {
  const metric = load<i32>(at + AT_METRIC);
  const distances = word(at + AT_DISTANCES);
  const k = load<i32>(at + AT_K);
  const query = word(at + AT_QUERY);
  const levels = load<i32>(at + AT_LEVELS);
  const power = load<f64>(at + AT_POWER);
  if (depth === levels) {
    const p = load<i32>(at + AT_P);
    const leaf = node - ((1 << levels) - 1);
    const box = word(at + AT_BOXES) + ((<usize>(leaf * p)) << 4);
    if (boxDistance(box, p, query, metric, power) * (1 - 1e-12) > f64At(distances, k - 1)) return;
    scan(
      word(at + AT_POINTS),
      p,
      word(at + AT_ORDER),
      lo,
      hi,
      query,
      metric,
      power,
      k,
      distances,
      word(at + AT_INDICES),
    );
    return;
  }
  const mid = (lo + hi) >> 1;
  const d = u32At(word(at + AT_DIMS), node);
  const away = f64At(query, d) - f64At(word(at + AT_SPLITS), node);
  const slot = word(at + AT_OFFSETS) + ((<usize>d) << 3);
  const left = 2 * node + 1;
  if (away < 0) search(at, lo, mid, left, depth + 1, bound);
  else search(at, mid, hi, left + 1, depth + 1, bound);
  const old = load<f64>(slot);
  const far = abs<f64>(away);
  const next = metric === 3 ? max<f64>(bound, far) : bound - cost(old, metric, power) + cost(far, metric, power);
  // Rounding of the running bound must not cut a tie off.
  if (next * (1 - 1e-12) > f64At(distances, k - 1)) return;
  store<f64>(slot, far);
  if (away < 0) search(at, mid, hi, left + 1, depth + 1, next);
  else search(at, lo, mid, left, depth + 1, next);
  store<f64>(slot, old);
}

/** Points per tile of a whole search: they stay in the first-level cache for all queries of a call. */
const TILE: i32 = 64;

/**
 * Finds the k nearest points of queries [from, to), rows of `queries`: `distances` and `indices` hold k a query, as the
 * metric has them before its root. `shape` is the block that AT_… describes; with levels 0 everything is searched. `room`
 * holds a block of that size and p doubles.
 */
export function nearest(
  shape: usize,
  n: i32,
  queries: usize,
  from: i32,
  to: i32,
  distances: usize,
  indices: usize,
  room: usize,
): void {
  const p = load<i32>(shape + AT_P);
  const k = load<i32>(shape + AT_K);
  const metric = load<i32>(shape + AT_METRIC);
  const power = load<f64>(shape + AT_POWER);
  for (let i = from * k; i < to * k; i++) {
    store<f64>(distances + ((<usize>i) << 3), Infinity);
    store<i32>(indices + ((<usize>i) << 2), i32.MAX_VALUE);
  }
  if (load<i32>(shape + AT_LEVELS) === 0) {
    for (let lo = 0; lo < n; lo += TILE) {
      const hi = min(n, lo + TILE);
      for (let q = from; q < to; q++)
        scan(
          word(shape + AT_POINTS),
          p,
          word(shape + AT_ORDER),
          lo,
          hi,
          queries + ((<usize>(q * p)) << 3),
          metric,
          power,
          k,
          distances + ((<usize>(q * k)) << 3),
          indices + ((<usize>(q * k)) << 2),
        );
    }
    return;
  }
  memory.copy(room, shape, 64);
  const offsets = room + 64;
  store<u32>(room + AT_OFFSETS, <u32>offsets);
  for (let q = from; q < to; q++) {
    memory.fill(offsets, 0, (<usize>p) << 3);
    store<u32>(room + AT_QUERY, <u32>(queries + ((<usize>(q * p)) << 3)));
    store<u32>(room + AT_DISTANCES, <u32>(distances + ((<usize>(q * k)) << 3)));
    store<u32>(room + AT_INDICES, <u32>(indices + ((<usize>(q * k)) << 2)));
    search(room, 0, n, 0, 0, 0);
  }
}

/** Distances as users know them. */
export function finishDistances(distances: usize, count: i32, metric: i32, power: f64): void {
  for (let i = 0; i < count; i++) {
    const at = distances + ((<usize>i) << 3);
    const d = load<f64>(at);
    if (metric === 0) store<f64>(at, sqrt<f64>(d));
    else if (metric === 2) store<f64>(at, NativeMath.pow(d, 1 / power));
  }
}
