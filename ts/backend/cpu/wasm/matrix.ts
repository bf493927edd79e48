// Dense work on feature matrices that are lists of Float64 columns: `columns` points at u32 addresses, one a column, and
// every function takes rows [from, to) of them, at most a morsel a call.

import { isValid } from './_keys';

function column(columns: usize, j: i32): usize {
  return <usize>load<u32>(columns + ((<usize>j) << 2));
}

/** Adds the nulls, NaN and infinities of rows [from, to) to three doubles at `out`. */
export function countUnusual(data: usize, validity: usize, from: i32, to: i32, out: usize): void {
  let nulls: f64 = 0;
  let nans: f64 = 0;
  let infinities: f64 = 0;
  // x − x is NaN for both: one vector test passes over ordinary rows.
  let i = from;
  for (; i + 2 <= to; i += 2) {
    const v = v128.load(data + ((<usize>i) << 3));
    const d = f64x2.sub(v, v);
    if (v128.any_true(f64x2.ne(d, f64x2.splat(0)))) {
      for (let k = i; k < i + 2; k++) {
        const x = load<f64>(data + ((<usize>k) << 3));
        if (isNaN(x)) nans += 1;
        else if (x - x !== 0) infinities += 1;
      }
    }
  }
  for (; i < to; i++) {
    const x = load<f64>(data + ((<usize>i) << 3));
    if (isNaN(x)) nans += 1;
    else if (x - x !== 0) infinities += 1;
  }
  if (validity !== 0) for (let k = from; k < to; k++) if (!isValid(validity, k)) nulls += 1;
  store<f64>(out, load<f64>(out) + nulls);
  store<f64>(out + 8, load<f64>(out + 8) + nans);
  store<f64>(out + 16, load<f64>(out + 16) + infinities);
}

/** out[j] += Σ w x_j over rows [from, to) for `count` columns, and returns Σ w; `weights` 0: all one. */
export function weightedSums(columns: usize, count: i32, weights: usize, from: i32, to: i32, out: usize): f64 {
  for (let j = 0; j < count; j++) {
    const x = column(columns, j);
    let sum: f64 = 0;
    if (weights === 0) {
      let acc = f64x2.splat(0);
      let i = from;
      for (; i + 2 <= to; i += 2) acc = f64x2.add(acc, v128.load(x + ((<usize>i) << 3)));
      sum = f64x2.extract_lane(acc, 0) + f64x2.extract_lane(acc, 1);
      for (; i < to; i++) sum += load<f64>(x + ((<usize>i) << 3));
    } else {
      for (let i = from; i < to; i++) sum += load<f64>(x + ((<usize>i) << 3)) * load<f64>(weights + ((<usize>i) << 3));
    }
    const o = out + ((<usize>j) << 3);
    store<f64>(o, load<f64>(o) + sum);
  }
  if (weights === 0) return <f64>(to - from);
  let total: f64 = 0;
  for (let i = from; i < to; i++) total += load<f64>(weights + ((<usize>i) << 3));
  return total;
}

/** Rows of a column less its shift, times √w, into a tile. */
function shifted(x: usize, shift: f64, roots: usize, from: i32, n: i32, tile: usize): void {
  const s = f64x2.splat(shift);
  let i = 0;
  if (roots === 0) {
    for (; i + 2 <= n; i += 2)
      v128.store(tile + ((<usize>i) << 3), f64x2.sub(v128.load(x + ((<usize>(from + i)) << 3)), s));
    for (; i < n; i++) store<f64>(tile + ((<usize>i) << 3), load<f64>(x + ((<usize>(from + i)) << 3)) - shift);
  } else {
    for (; i < n; i++)
      store<f64>(
        tile + ((<usize>i) << 3),
        (load<f64>(x + ((<usize>(from + i)) << 3)) - shift) * load<f64>(roots + ((<usize>i) << 3)),
      );
  }
  if (n & 1) store<f64>(tile + ((<usize>n) << 3), 0);
}

/** Rows a tile has: p tiles of them stay in the second-level cache. */
const TILE: i32 = 256;
const TILE_BYTES: usize = 2048;

/** Products of tiles i, i + 1 with tiles j … j + 3, added to the matrix. */
function addBlock(tiles: usize, i: i32, j: i32, p: i32, bytes: usize, cross: usize): void {
  const a0 = tiles + <usize>i * TILE_BYTES;
  const a1 = a0 + TILE_BYTES;
  const b = tiles + <usize>j * TILE_BYTES;
  let s00 = f64x2.splat(0);
  let s01 = f64x2.splat(0);
  let s02 = f64x2.splat(0);
  let s03 = f64x2.splat(0);
  let s10 = f64x2.splat(0);
  let s11 = f64x2.splat(0);
  let s12 = f64x2.splat(0);
  let s13 = f64x2.splat(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const x = v128.load(a0 + k);
    const y = v128.load(a1 + k);
    const u = v128.load(b + k);
    const v = v128.load(b + k, 2048);
    const w = v128.load(b + k, 4096);
    const z = v128.load(b + k, 6144);
    s00 = f64x2.add(s00, f64x2.mul(x, u));
    s01 = f64x2.add(s01, f64x2.mul(x, v));
    s02 = f64x2.add(s02, f64x2.mul(x, w));
    s03 = f64x2.add(s03, f64x2.mul(x, z));
    s10 = f64x2.add(s10, f64x2.mul(y, u));
    s11 = f64x2.add(s11, f64x2.mul(y, v));
    s12 = f64x2.add(s12, f64x2.mul(y, w));
    s13 = f64x2.add(s13, f64x2.mul(y, z));
  }
  addAt(cross, i, j, p, s00);
  addAt(cross, i, j + 1, p, s01);
  addAt(cross, i, j + 2, p, s02);
  addAt(cross, i, j + 3, p, s03);
  addAt(cross, i + 1, j, p, s10);
  addAt(cross, i + 1, j + 1, p, s11);
  addAt(cross, i + 1, j + 2, p, s12);
  addAt(cross, i + 1, j + 3, p, s13);
}

function addAt(cross: usize, i: i32, j: i32, p: i32, sum: v128): void {
  if (j < i || i >= p || j >= p) return;
  const o = cross + ((<usize>(i * p + j)) << 3);
  store<f64>(o, load<f64>(o) + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** Bytes of scratch that `momentsRows` needs for p columns and r transformed ones. */
export function momentsScratchBytes(p: i32, r: i32): f64 {
  return <f64>(((p + 3) & ~3) + 5 + (r === 0 ? 0 : r + 5)) * 2048 + 64;
}

/**
 * Rows [from, to) of p columns (the last is a target), less their shifts, times √w: sums and cross products, added to
 * `out`: Σ w, the least weight, Σ w (x − s) of m columns, and the upper triangle of an (m, m) matrix of which rows [first,
 * last) are made (sums and weights come with first = 0). m is p, or r + 1 with `transform`, (r, p − 1): then the columns
 * are transform × (x − s), and the target behind them.
 */
export function momentsRows(
  columns: usize,
  p: i32,
  shifts: usize,
  weights: usize,
  from: i32,
  to: i32,
  first: i32,
  last: i32,
  transform: usize,
  r: i32,
  out: usize,
  scratch: usize,
): void {
  const m = transform === 0 ? p : r + 1;
  const padded = (m + 3) & ~3;
  const roots = scratch;
  const raw = scratch + TILE_BYTES;
  const tiles = transform === 0 ? raw : raw + <usize>(((p + 3) & ~3) + 4) * TILE_BYTES;
  const cross = out + ((<usize>(2 + m)) << 3);
  // Columns before the block are not needed, but those it shares a group of four with are.
  const low = transform === 0 ? first & ~3 : 0;
  for (let row = from; row < to; row += TILE) {
    const n = min(TILE, to - row);
    if (weights === 0) {
      if (first === 0) store<f64>(out, load<f64>(out) + <f64>n);
    } else {
      let sum: f64 = 0;
      let least = load<f64>(out, 8);
      for (let i = 0; i < n; i++) {
        const w = load<f64>(weights + ((<usize>(row + i)) << 3));
        sum += w;
        least = min<f64>(least, w);
        store<f64>(roots + ((<usize>i) << 3), sqrt<f64>(w));
      }
      if (first === 0) {
        store<f64>(out, load<f64>(out) + sum);
        store<f64>(out, least, 8);
      }
    }
    const scale: usize = weights === 0 ? 0 : roots;
    for (let j = low; j < p; j++)
      shifted(column(columns, j), load<f64>(shifts + ((<usize>j) << 3)), scale, row, n, raw + <usize>j * TILE_BYTES);
    const bytes = (<usize>((n + 1) & ~1)) << 3;
    if (transform !== 0) {
      for (let k = 0; k < r; k++)
        combine(raw, p - 1, transform + ((<usize>(k * (p - 1))) << 3), bytes, tiles + <usize>k * TILE_BYTES);
      memory.copy(tiles + <usize>r * TILE_BYTES, raw + <usize>(p - 1) * TILE_BYTES, bytes);
    }
    for (let j = m; j < padded; j++) memory.fill(tiles + <usize>j * TILE_BYTES, 0, TILE_BYTES);
    if (first === 0)
      for (let j = 0; j < m; j++) {
        const o = out + ((<usize>(2 + j)) << 3);
        store<f64>(o, load<f64>(o) + tileSum(tiles + <usize>j * TILE_BYTES, scale, bytes, n));
      }
    for (let i = first; i < last; i += 2) for (let j = i & ~3; j < m; j += 4) addBlock(tiles, i, j, m, bytes, cross);
  }
}

/** Σ of a tile, times its roots if there are any. The pad of an odd tile is zero. */
function tileSum(tile: usize, roots: usize, bytes: usize, n: i32): f64 {
  if (roots === 0) {
    let acc = f64x2.splat(0);
    for (let o: usize = 0; o < bytes; o += 16) acc = f64x2.add(acc, v128.load(tile + o));
    return f64x2.extract_lane(acc, 0) + f64x2.extract_lane(acc, 1);
  }
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += load<f64>(tile + ((<usize>i) << 3)) * load<f64>(roots + ((<usize>i) << 3));
  return sum;
}

/** to = Σ factor_j tile_j. */
function combine(tiles: usize, p: i32, factors: usize, bytes: usize, to: usize): void {
  memory.fill(to, 0, bytes);
  for (let j = 0; j < p; j++) {
    const c = f64x2.splat(load<f64>(factors + ((<usize>j) << 3)));
    const x = tiles + <usize>j * TILE_BYTES;
    for (let o: usize = 0; o < bytes; o += 16)
      v128.store(to + o, f64x2.add(v128.load(to + o), f64x2.mul(c, v128.load(x + o))));
  }
}

/** to += from, n doubles. */
export function addInto(from: usize, to: usize, n: i32): void {
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const o = (<usize>i) << 3;
    v128.store(to + o, f64x2.add(v128.load(to + o), v128.load(from + o)));
  }
  for (; i < n; i++) {
    const o = (<usize>i) << 3;
    store<f64>(to + o, load<f64>(to + o) + load<f64>(from + o));
  }
}

/** Rows of which the sums stay in the first cache. */
const SUM_ROWS: i32 = 1024;

/** out[i − from] = intercept + Σ coef_j x_j[i] over rows [from, to); `coef` holds `count` doubles. Writes no more. */
export function linearValues(
  columns: usize,
  count: i32,
  coef: usize,
  intercept: f64,
  from: i32,
  to: i32,
  out: usize,
): void {
  const start = f64x2.splat(intercept);
  for (let row = from; row < to; row += SUM_ROWS) {
    const rows = min(SUM_ROWS, to - row);
    // Pairs; a row without a partner is done alone, for what stands behind the last sum may be another task's.
    const n = rows & ~1;
    const sums = out + ((<usize>(row - from)) << 3);
    const skip = (<usize>row) << 3;
    for (let i = 0; i < n; i += 2) v128.store(sums + ((<usize>i) << 3), start);
    let j = 0;
    for (; j + 4 <= count; j += 4) {
      const o = coef + ((<usize>j) << 3);
      const c0 = f64x2.splat(load<f64>(o));
      const c1 = f64x2.splat(load<f64>(o, 8));
      const c2 = f64x2.splat(load<f64>(o, 16));
      const c3 = f64x2.splat(load<f64>(o, 24));
      const x0 = column(columns, j) + skip;
      const x1 = column(columns, j + 1) + skip;
      const x2 = column(columns, j + 2) + skip;
      const x3 = column(columns, j + 3) + skip;
      for (let i = 0; i < n; i += 2) {
        const a = (<usize>i) << 3;
        let v = f64x2.add(v128.load(sums + a), f64x2.mul(c0, v128.load(x0 + a)));
        v = f64x2.add(v, f64x2.mul(c1, v128.load(x1 + a)));
        v = f64x2.add(v, f64x2.mul(c2, v128.load(x2 + a)));
        v128.store(sums + a, f64x2.add(v, f64x2.mul(c3, v128.load(x3 + a))));
      }
    }
    for (; j < count; j++) {
      const x = column(columns, j) + skip;
      const c = f64x2.splat(load<f64>(coef + ((<usize>j) << 3)));
      for (let i = 0; i < n; i += 2) {
        const a = (<usize>i) << 3;
        v128.store(sums + a, f64x2.add(v128.load(sums + a), f64x2.mul(c, v128.load(x + a))));
      }
    }
    if (n === rows) continue;
    const at = skip + ((<usize>n) << 3);
    let sum = intercept;
    for (let k = 0; k < count; k++) sum += load<f64>(coef + ((<usize>k) << 3)) * load<f64>(column(columns, k) + at);
    store<f64>(sums + ((<usize>n) << 3), sum);
  }
}

/** Rows of a tile of `affine`, and of its stride: tiles of many columns stay in the second-level cache. */
const MAP_ROWS: i32 = 64;
const MAP_BYTES: usize = 512;

/** Bytes of scratch that `affine` needs. */
export function affineScratchBytes(count: i32): i32 {
  return count * <i32>MAP_BYTES + 256;
}

/** Four rows of a tile (from byte `at`) times four rows of `coef`, `size` bytes apart, in the order of the columns. */
function fourSums(
  tiles: usize,
  count: i32,
  at: usize,
  w0: usize,
  w1: usize,
  w2: usize,
  w3: usize,
  i0: f64,
  i1: f64,
  i2: f64,
  i3: f64,
  out: usize,
): void {
  let a0 = f64x2.splat(i0);
  let a1 = f64x2.splat(i1);
  let a2 = f64x2.splat(i2);
  let a3 = f64x2.splat(i3);
  let b0 = a0;
  let b1 = a1;
  let b2 = a2;
  let b3 = a3;
  let x = tiles + at;
  const end = (<usize>count) << 3;
  for (let o: usize = 0; o < end; o += 8) {
    const u = v128.load(x);
    const v = v128.load(x, 16);
    x += MAP_BYTES;
    const c0 = v128.load_splat<f64>(w0 + o);
    a0 = f64x2.add(a0, f64x2.mul(c0, u));
    b0 = f64x2.add(b0, f64x2.mul(c0, v));
    const c1 = v128.load_splat<f64>(w1 + o);
    a1 = f64x2.add(a1, f64x2.mul(c1, u));
    b1 = f64x2.add(b1, f64x2.mul(c1, v));
    const c2 = v128.load_splat<f64>(w2 + o);
    a2 = f64x2.add(a2, f64x2.mul(c2, u));
    b2 = f64x2.add(b2, f64x2.mul(c2, v));
    const c3 = v128.load_splat<f64>(w3 + o);
    a3 = f64x2.add(a3, f64x2.mul(c3, u));
    b3 = f64x2.add(b3, f64x2.mul(c3, v));
  }
  v128.store(out, a0);
  v128.store(out, b0, 16);
  v128.store(out, a1, 32);
  v128.store(out, b1, 48);
  v128.store(out, a2, 64);
  v128.store(out, b2, 80);
  v128.store(out, a3, 96);
  v128.store(out, b3, 112);
}

/**
 * Writes `outputs` columns, `stride` bytes apart from `out`: intercept_k + Σ coef_kj x_j of rows [from, to), added in the
 * order of j. `coef` is (outputs, count) row-major; columns may be read, and outputs written, three rows further.
 */
export function affine(
  columns: usize,
  count: i32,
  coef: usize,
  intercepts: usize,
  outputs: i32,
  from: i32,
  to: i32,
  out: usize,
  stride: usize,
  scratch: usize,
): void {
  const block = scratch;
  const tiles = scratch + 128;
  const size = (<usize>count) << 3;
  for (let row = from; row < to; row += MAP_ROWS) {
    const n = min(MAP_ROWS, to - row);
    const bytes = (<usize>n) << 3;
    for (let j = 0; j < count; j++)
      memory.copy(tiles + <usize>j * MAP_BYTES, column(columns, j) + ((<usize>row) << 3), bytes);
    for (let k = 0; k < outputs; k += 4) {
      const some = min(4, outputs - k);
      const w0 = coef + <usize>k * size;
      const w1 = some > 1 ? w0 + size : w0;
      const w2 = some > 2 ? w1 + size : w0;
      const w3 = some > 3 ? w2 + size : w0;
      const o = intercepts + ((<usize>k) << 3);
      const i0 = load<f64>(o);
      const i1 = some > 1 ? load<f64>(o, 8) : 0;
      const i2 = some > 2 ? load<f64>(o, 16) : 0;
      const i3 = some > 3 ? load<f64>(o, 24) : 0;
      for (let i = 0; i < n; i += 4) {
        const at = (<usize>i) << 3;
        fourSums(tiles, count, at, w0, w1, w2, w3, i0, i1, i2, i3, block);
        const target = out + <usize>k * stride + ((<usize>(row - from)) << 3) + at;
        for (let c = 0; c < some; c++) {
          const to = target + <usize>c * stride;
          v128.store(to, v128.load(block + ((<usize>c) << 5)));
          v128.store(to, v128.load(block + ((<usize>c) << 5), 16), 16);
        }
      }
    }
  }
}
