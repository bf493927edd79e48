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

/** |c|² − 2 c·x of four rows (two vectors) and four centres, kept where it is less than the best so far. */
function bestOfFour(
  columns: usize,
  p: i32,
  shift: usize,
  centers: usize,
  norms: usize,
  first: i32,
  k: i32,
  at: usize,
  best: usize,
): void {
  const c0 = centers + ((<usize>(first * p)) << 3);
  const c1 = first + 1 < k ? c0 + ((<usize>p) << 3) : c0;
  const c2 = first + 2 < k ? c1 + ((<usize>p) << 3) : c0;
  const c3 = first + 3 < k ? c2 + ((<usize>p) << 3) : c0;
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
    const o = (<usize>j) << 3;
    const s = v128.load_splat<f64>(shift + o);
    const u = f64x2.sub(v128.load(x), s);
    const v = f64x2.sub(v128.load(x, 16), s);
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
  keepBetter(a0, b0, norms, first, best);
  if (first + 1 < k) keepBetter(a1, b1, norms, first + 1, best);
  if (first + 2 < k) keepBetter(a2, b2, norms, first + 2, best);
  if (first + 3 < k) keepBetter(a3, b3, norms, first + 3, best);
}

/** `best`: four scores, then four centre numbers as doubles. */
function keepBetter(a: v128, b: v128, norms: usize, center: i32, best: usize): void {
  const norm = v128.load_splat<f64>(norms + ((<usize>center) << 3));
  const number = f64x2.splat(<f64>center);
  const two = f64x2.splat(2);
  const s0 = f64x2.sub(norm, f64x2.mul(two, a));
  const s1 = f64x2.sub(norm, f64x2.mul(two, b));
  const t0 = v128.load(best);
  const t1 = v128.load(best, 16);
  const m0 = f64x2.lt(s0, t0);
  const m1 = f64x2.lt(s1, t1);
  v128.store(best, v128.bitselect(s0, t0, m0));
  v128.store(best, v128.bitselect(s1, t1, m1), 16);
  v128.store(best, v128.bitselect(number, v128.load(best, 32), m0), 32);
  v128.store(best, v128.bitselect(number, v128.load(best, 48), m1), 48);
}

/**
 * Writes the nearest centre of each row to `labels` (i32) and |x − c|² to `distances` unless 0. `norms` holds |c|² of each
 * centre; `scratch` 64 bytes. Ties go to the first centre.
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
): void {
  for (let i = from; i < to; i += 4) {
    v128.store(scratch, f64x2.splat(Infinity));
    v128.store(scratch, f64x2.splat(Infinity), 16);
    const at = (<usize>i) << 3;
    for (let c = 0; c < k; c += 4) bestOfFour(columns, p, shift, centers, norms, c, k, at, scratch);
    const n = min(4, to - i);
    for (let r = 0; r < n; r++) {
      store<i32>(labels + ((<usize>(i + r)) << 2), <i32>f64At(scratch, 4 + r));
      if (distances !== 0) {
        let own: f64 = 0;
        for (let j = 0; j < p; j++) {
          const x = f64At(column(columns, j), i + r) - f64At(shift, j);
          own += x * x;
        }
        store<f64>(distances + ((<usize>(i + r)) << 3), max<f64>(0, f64At(scratch, r) + own));
      }
    }
  }
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
