// K-means over lists of Float64 columns (see matrix.ts): rows [from, to), at most a morsel a call. `shift` holds p doubles
// that are taken from every value first, near the means, so that what is squared stays small; centres are shifted already.

function column(columns: usize, j: i32): usize {
  return <usize>load<u32>(columns + ((<usize>j) << 2));
}
function f64At(base: usize, i: i32): f64 {
  return load<f64>(base + ((<usize>i) << 3));
}
function addAt(base: usize, i: i32, x: f64): void {
  const o = base + ((<usize>i) << 3);
  store<f64>(o, load<f64>(o) + x);
}

/** Rows of a tile: values less the shift, column after column. */
const TILE: i32 = 64;
const TILE_BYTES: usize = 512;

/** Bytes of scratch that functions which assign rows need. */
export function assignScratchBytes(p: i32): i32 {
  return p * <i32>TILE_BYTES + 128;
}

/** Copies rows [row, row + n) less their shift; rows behind them up to a multiple of four are what stands there. */
function tileRows(columns: usize, p: i32, shift: usize, row: i32, n: i32, tiles: usize): void {
  for (let j = 0; j < p; j++) {
    const x = column(columns, j) + ((<usize>row) << 3);
    const s = v128.load_splat<f64>(shift + ((<usize>j) << 3));
    const t = tiles + <usize>j * TILE_BYTES;
    const bytes = (<usize>((n + 3) & ~3)) << 3;
    for (let o: usize = 0; o < bytes; o += 16) v128.store(t + o, f64x2.sub(v128.load(x + o), s));
  }
}

/**
 * The least |c|² − 2 c·x over centres of four rows (two vectors, from byte `at` of the tiles): four scores, then four
 * numbers of centres as doubles. Ties go to the first.
 */
function nearestOfFour(tiles: usize, p: i32, at: usize, centers: usize, norms: usize, k: i32, out: usize): void {
  const size = (<usize>p) << 3;
  const two = f64x2.splat(2);
  let best0 = f64x2.splat(Infinity);
  let best1 = best0;
  let number0 = f64x2.splat(0);
  let number1 = number0;
  for (let c = 0; c < k; c += 4) {
    const c0 = centers + <usize>c * size;
    const c1 = c + 1 < k ? c0 + size : c0;
    const c2 = c + 2 < k ? c1 + size : c0;
    const c3 = c + 3 < k ? c2 + size : c0;
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let x = tiles + at;
    for (let o: usize = 0; o < size; o += 8) {
      const u = v128.load(x);
      const v = v128.load(x, 16);
      x += TILE_BYTES;
      const w0 = v128.load_splat<f64>(c0 + o);
      a0 = f64x2.add(a0, f64x2.mul(u, w0));
      b0 = f64x2.add(b0, f64x2.mul(v, w0));
      const w1 = v128.load_splat<f64>(c1 + o);
      a1 = f64x2.add(a1, f64x2.mul(u, w1));
      b1 = f64x2.add(b1, f64x2.mul(v, w1));
      const w2 = v128.load_splat<f64>(c2 + o);
      a2 = f64x2.add(a2, f64x2.mul(u, w2));
      b2 = f64x2.add(b2, f64x2.mul(v, w2));
      const w3 = v128.load_splat<f64>(c3 + o);
      a3 = f64x2.add(a3, f64x2.mul(u, w3));
      b3 = f64x2.add(b3, f64x2.mul(v, w3));
    }
    for (let r = 0; r < 4; r++) {
      if (c + r >= k) break;
      const norm = v128.load_splat<f64>(norms + ((<usize>(c + r)) << 3));
      const number = f64x2.splat(<f64>(c + r));
      const a = r === 0 ? a0 : r === 1 ? a1 : r === 2 ? a2 : a3;
      const b = r === 0 ? b0 : r === 1 ? b1 : r === 2 ? b2 : b3;
      const s0 = f64x2.sub(norm, f64x2.mul(two, a));
      const s1 = f64x2.sub(norm, f64x2.mul(two, b));
      const m0 = f64x2.lt(s0, best0);
      const m1 = f64x2.lt(s1, best1);
      best0 = v128.bitselect(s0, best0, m0);
      best1 = v128.bitselect(s1, best1, m1);
      number0 = v128.bitselect(number, number0, m0);
      number1 = v128.bitselect(number, number1, m1);
    }
  }
  v128.store(out, best0);
  v128.store(out, best1, 16);
  v128.store(out, number0, 32);
  v128.store(out, number1, 48);
}

/** Writes the nearest centre of four rows, or of the first `n` of them. */
function storeLabels(from: usize, n: i32, labels: usize): void {
  const low = i32x4.trunc_sat_f64x2_s_zero(v128.load(from, 32));
  const high = i32x4.trunc_sat_f64x2_s_zero(v128.load(from, 48));
  if (n === 4) {
    v128.store(labels, v128.shuffle<i32>(low, high, 0, 1, 4, 5));
    return;
  }
  for (let r = 0; r < n; r++) store<i32>(labels + ((<usize>r) << 2), <i32>f64At(from, 4 + r));
}

/**
 * Writes the nearest centre of each row to `labels` (i32) and |x − c|² to `distances` unless 0. `norms` holds |c|² of each
 * centre; `scratch` is as `assignScratchBytes` says. Ties go to the first centre. Gives the number of rows that are not
 * nearest to any: NaN and infinities.
 */
export function assign(
  columns: usize,
  p: i32,
  shift: usize,
  centers: usize,
  norms: usize,
  k: i32,
  from: i32,
  to: i32,
  labels: usize,
  distances: usize,
  scratch: usize,
): i32 {
  const tiles = scratch + 64;
  let odd = 0;
  for (let row = from; row < to; row += TILE) {
    const rows = min(TILE, to - row);
    tileRows(columns, p, shift, row, rows, tiles);
    for (let i = 0; i < rows; i += 4) {
      const at = (<usize>i) << 3;
      nearestOfFour(tiles, p, at, centers, norms, k, scratch);
      const n = min(4, rows - i);
      storeLabels(scratch, n, labels + ((<usize>(row + i)) << 2));
      // x − x is not 0 for NaN and infinities.
      for (let r = 0; r < n; r++) odd += f64At(scratch, r) - f64At(scratch, r) !== 0 ? 1 : 0;
      if (distances === 0) continue;
      let own0 = f64x2.splat(0);
      let own1 = own0;
      for (let j = 0; j < p; j++) {
        const t = tiles + <usize>j * TILE_BYTES + at;
        const u = v128.load(t);
        const v = v128.load(t, 16);
        own0 = f64x2.add(own0, f64x2.mul(u, u));
        own1 = f64x2.add(own1, f64x2.mul(v, v));
      }
      v128.store(scratch, f64x2.add(v128.load(scratch), own0));
      v128.store(scratch, f64x2.add(v128.load(scratch, 16), own1), 16);
      for (let r = 0; r < n; r++) store<f64>(distances + ((<usize>(row + i + r)) << 3), max<f64>(0, f64At(scratch, r)));
    }
  }
  return odd;
}

/** The same without distances; the number of rows that are not nearest to any is added to the double at `odd`. */
export function nearest(
  columns: usize,
  p: i32,
  shift: usize,
  centers: usize,
  norms: usize,
  k: i32,
  from: i32,
  to: i32,
  labels: usize,
  odd: usize,
  scratch: usize,
): void {
  const found = assign(columns, p, shift, centers, norms, k, from, to, labels, 0, scratch);
  store<f64>(odd, load<f64>(odd) + <f64>found);
}

/** Adds rows [from, to) to the sums of their centres: k × p doubles, then k weights. `weights` 0: all one. */
export function addToCenters(
  columns: usize,
  p: i32,
  shift: usize,
  labels: usize,
  weights: usize,
  k: i32,
  from: i32,
  to: i32,
  sums: usize,
): void {
  for (let j = 0; j < p; j++) {
    const x = column(columns, j);
    const s = f64At(shift, j);
    for (let i = from; i < to; i++) {
      const value = f64At(x, i) - s;
      addAt(sums, load<i32>(labels + ((<usize>i) << 2)) * p + j, weights === 0 ? value : value * f64At(weights, i));
    }
  }
  const counts = sums + ((<usize>(k * p)) << 3);
  for (let i = from; i < to; i++)
    addAt(counts, load<i32>(labels + ((<usize>i) << 2)), weights === 0 ? 1 : f64At(weights, i));
}

/** Assigns rows and adds them to the sums, in one call. */
export function lloyd(
  columns: usize,
  p: i32,
  shift: usize,
  centers: usize,
  norms: usize,
  k: i32,
  weights: usize,
  from: i32,
  to: i32,
  labels: usize,
  sums: usize,
  scratch: usize,
): void {
  assign(columns, p, shift, centers, norms, k, from, to, labels, 0, scratch);
  addToCenters(columns, p, shift, labels, weights, k, from, to, sums);
}

/** Assigns rows again, and moves those that changed from the sums of their old centre to those of the new: mostly few. */
export function lloydAgain(
  columns: usize,
  p: i32,
  shift: usize,
  centers: usize,
  norms: usize,
  k: i32,
  weights: usize,
  from: i32,
  to: i32,
  labels: usize,
  sums: usize,
  scratch: usize,
  fresh: usize,
): void {
  assign(columns, p, shift, centers, norms, k, from, to, fresh, 0, scratch);
  const counts = sums + ((<usize>(k * p)) << 3);
  for (let i = from; i < to; i++) {
    const at = (<usize>i) << 2;
    const old = load<i32>(labels + at);
    const next = load<i32>(fresh + at);
    if (old === next) continue;
    store<i32>(labels + at, next);
    const w = weights === 0 ? 1 : f64At(weights, i);
    for (let j = 0; j < p; j++) {
      const x = (f64At(column(columns, j), i) - f64At(shift, j)) * w;
      addAt(sums, old * p + j, -x);
      addAt(sums, next * p + j, x);
    }
    addAt(counts, old, -w);
    addAt(counts, next, w);
  }
}

/** Squared distances of four rows (from byte `at` of each column) to four spots: four doubles a spot. */
function fourToFour(columns: usize, p: i32, s0: usize, s1: usize, s2: usize, s3: usize, at: usize, out: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let a2 = f64x2.splat(0);
  let a3 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let b2 = f64x2.splat(0);
  let b3 = f64x2.splat(0);
  for (let j = 0; j < p; j++) {
    const x = column(columns, j) + at;
    const u = v128.load(x);
    const v = v128.load(x, 16);
    const o = (<usize>j) << 3;
    const w0 = v128.load_splat<f64>(s0 + o);
    let d = f64x2.sub(u, w0);
    a0 = f64x2.add(a0, f64x2.mul(d, d));
    d = f64x2.sub(v, w0);
    b0 = f64x2.add(b0, f64x2.mul(d, d));
    const w1 = v128.load_splat<f64>(s1 + o);
    d = f64x2.sub(u, w1);
    a1 = f64x2.add(a1, f64x2.mul(d, d));
    d = f64x2.sub(v, w1);
    b1 = f64x2.add(b1, f64x2.mul(d, d));
    const w2 = v128.load_splat<f64>(s2 + o);
    d = f64x2.sub(u, w2);
    a2 = f64x2.add(a2, f64x2.mul(d, d));
    d = f64x2.sub(v, w2);
    b2 = f64x2.add(b2, f64x2.mul(d, d));
    const w3 = v128.load_splat<f64>(s3 + o);
    d = f64x2.sub(u, w3);
    a3 = f64x2.add(a3, f64x2.mul(d, d));
    d = f64x2.sub(v, w3);
    b3 = f64x2.add(b3, f64x2.mul(d, d));
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
 * What choosing each of `count` spots (p doubles each) as the next centre would leave: for spot t writes
 * min(closest, |x − spot|²) of rows [from, to) to `out` + t × stride, and their weighted sum to `totals`[t]. `closest` holds
 * n doubles, `scratch` 128 bytes.
 */
export function distancesToSpots(
  columns: usize,
  p: i32,
  spots: usize,
  count: i32,
  closest: usize,
  weights: usize,
  from: i32,
  to: i32,
  out: usize,
  stride: usize,
  totals: usize,
  scratch: usize,
): void {
  const size = (<usize>p) << 3;
  for (let t = 0; t < count; t++) store<f64>(totals + ((<usize>t) << 3), 0);
  for (let i = from; i < to; i += 4) {
    const at = (<usize>i) << 3;
    const n = min(4, to - i);
    for (let t = 0; t < count; t += 4) {
      const s0 = spots + <usize>t * size;
      const k = min(4, count - t);
      fourToFour(
        columns,
        p,
        s0,
        k > 1 ? s0 + size : s0,
        k > 2 ? s0 + 2 * size : s0,
        k > 3 ? s0 + 3 * size : s0,
        at,
        scratch,
      );
      for (let c = 0; c < k; c++) {
        const target = out + <usize>(t + c) * stride + at;
        let sum: f64 = 0;
        for (let r = 0; r < n; r++) {
          const o = (<usize>r) << 3;
          const d = min<f64>(f64At(scratch, 4 * c + r), load<f64>(closest + at + o));
          store<f64>(target + o, d);
          sum += weights === 0 ? d : d * load<f64>(weights + at + o);
        }
        addAt(totals, t + c, sum);
      }
    }
  }
}

/** The first row from `from` at which the running Σ w d passes `goal`, or −1; the sum so far goes to `out`. */
export function findPassing(distances: usize, weights: usize, from: i32, to: i32, goal: f64, out: usize): i32 {
  let sum: f64 = 0;
  for (let i = from; i < to; i++) {
    sum += weights === 0 ? f64At(distances, i) : f64At(distances, i) * f64At(weights, i);
    if (sum > goal) {
      store<f64>(out, sum);
      return i;
    }
  }
  store<f64>(out, sum);
  return -1;
}
