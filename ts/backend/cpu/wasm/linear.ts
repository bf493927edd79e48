// Training of logistic regression: passes over tiles of rows. `columns` points at u32 addresses of Float64
// columns; every function takes rows [from, to) of them, at most a morsel a call.

import { exp2x } from './_exp';
import { column, log64, softmaxes, TILE, TILE_BYTES } from './_tiles';

/** out[k][i] = intercept_k + Σ coef_kj x_j[from + i]; coef is (k, q), with q > p the intercept behind the coefficients. */
function marginsOf(columns: usize, p: i32, q: i32, k: i32, coef: usize, from: i32, n: i32, out: usize): void {
  for (let c = 0; c < k; c++) {
    const w = coef + ((<usize>(c * q)) << 3);
    const m = out + <usize>c * TILE_BYTES;
    const start = f64x2.splat(q > p ? load<f64>(w + ((<usize>p) << 3)) : 0);
    for (let i = 0; i < n; i += 2) v128.store(m + ((<usize>i) << 3), start);
    let j = 0;
    for (; j + 4 <= p; j += 4) {
      const o = (<usize>j) << 3;
      const c0 = f64x2.splat(load<f64>(w + o));
      const c1 = f64x2.splat(load<f64>(w + o, 8));
      const c2 = f64x2.splat(load<f64>(w + o, 16));
      const c3 = f64x2.splat(load<f64>(w + o, 24));
      const skip = (<usize>from) << 3;
      const x0 = column(columns, j) + skip;
      const x1 = column(columns, j + 1) + skip;
      const x2 = column(columns, j + 2) + skip;
      const x3 = column(columns, j + 3) + skip;
      for (let i = 0; i < n; i += 2) {
        const a = (<usize>i) << 3;
        let v = f64x2.add(v128.load(m + a), f64x2.mul(c0, v128.load(x0 + a)));
        v = f64x2.add(v, f64x2.mul(c1, v128.load(x1 + a)));
        v = f64x2.add(v, f64x2.mul(c2, v128.load(x2 + a)));
        v128.store(m + a, f64x2.add(v, f64x2.mul(c3, v128.load(x3 + a))));
      }
    }
    for (; j < p; j++) {
      const c0 = f64x2.splat(load<f64>(w + ((<usize>j) << 3)));
      const x0 = column(columns, j) + ((<usize>from) << 3);
      for (let i = 0; i < n; i += 2) {
        const a = (<usize>i) << 3;
        v128.store(m + a, f64x2.add(v128.load(m + a), f64x2.mul(c0, v128.load(x0 + a))));
      }
    }
  }
}

/** Margins become probabilities of the second class; residuals w (p − y) go behind them. Gives Σ w loss. */
function sigmoids(m: usize, n: i32, codes: usize, weights: usize, r: usize): f64 {
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  let loss: f64 = 0;
  // Σ log(1 + e) as the logarithm of a product, which stays below 2^256.
  let product = one;
  let linear = zero;
  for (let i = 0; i < n; i += 2) {
    const a = (<usize>i) << 3;
    const x = v128.load(m + a);
    const y = v128.load(codes + a);
    const e = exp2x(f64x2.neg(f64x2.abs(x)));
    const whole = f64x2.add(one, e);
    const positive = f64x2.ge(x, zero);
    const chance = f64x2.div(v128.bitselect(one, e, positive), whole);
    v128.store(m + a, chance);
    const cost = f64x2.sub(f64x2.max(x, zero), f64x2.mul(x, y));
    let residual = f64x2.sub(chance, y);
    const last = i + 1 === n;
    if (weights === 0) {
      v128.store(r + a, residual);
      if (last) {
        store<f64>(r + a, 0, 8);
        loss += log64(f64x2.extract_lane(whole, 0)) + f64x2.extract_lane(cost, 0);
      } else {
        product = f64x2.mul(product, whole);
        linear = f64x2.add(linear, cost);
      }
    } else {
      const w = v128.load(weights + a);
      residual = f64x2.mul(residual, w);
      v128.store(r + a, residual);
      loss += f64x2.extract_lane(w, 0) * (log64(f64x2.extract_lane(whole, 0)) + f64x2.extract_lane(cost, 0));
      if (last) store<f64>(r + a, 0, 8);
      else loss += f64x2.extract_lane(w, 1) * (log64(f64x2.extract_lane(whole, 1)) + f64x2.extract_lane(cost, 1));
    }
  }
  loss += f64x2.extract_lane(linear, 0) + f64x2.extract_lane(linear, 1);
  return loss + log64(f64x2.extract_lane(product, 0)) + log64(f64x2.extract_lane(product, 1));
}

/** gradient[c][j] += Σ r_c x_j over a tile. */
function addGradient(columns: usize, p: i32, q: i32, k: i32, from: i32, n: i32, r: usize, gradient: usize): void {
  const even = n & ~1;
  for (let c = 0; c < k; c++) {
    const residuals = r + <usize>c * TILE_BYTES;
    const to = gradient + ((<usize>(c * q)) << 3);
    const skip = (<usize>from) << 3;
    let j = 0;
    for (; j + 4 <= p; j += 4) {
      const x0 = column(columns, j) + skip;
      const x1 = column(columns, j + 1) + skip;
      const x2 = column(columns, j + 2) + skip;
      const x3 = column(columns, j + 3) + skip;
      let s0 = f64x2.splat(0);
      let s1 = f64x2.splat(0);
      let s2 = f64x2.splat(0);
      let s3 = f64x2.splat(0);
      for (let i = 0; i < even; i += 2) {
        const a = (<usize>i) << 3;
        const v = v128.load(residuals + a);
        s0 = f64x2.add(s0, f64x2.mul(v, v128.load(x0 + a)));
        s1 = f64x2.add(s1, f64x2.mul(v, v128.load(x1 + a)));
        s2 = f64x2.add(s2, f64x2.mul(v, v128.load(x2 + a)));
        s3 = f64x2.add(s3, f64x2.mul(v, v128.load(x3 + a)));
      }
      const o = to + ((<usize>j) << 3);
      addLanes(o, s0, residuals, x0, even, n);
      addLanes(o + 8, s1, residuals, x1, even, n);
      addLanes(o + 16, s2, residuals, x2, even, n);
      addLanes(o + 24, s3, residuals, x3, even, n);
    }
    for (; j < p; j++) {
      const x0 = column(columns, j) + skip;
      let s0 = f64x2.splat(0);
      for (let i = 0; i < even; i += 2) {
        const a = (<usize>i) << 3;
        s0 = f64x2.add(s0, f64x2.mul(v128.load(residuals + a), v128.load(x0 + a)));
      }
      addLanes(to + ((<usize>j) << 3), s0, residuals, x0, even, n);
    }
    if (q > p) {
      let sum: f64 = 0;
      for (let i = 0; i < n; i++) sum += load<f64>(residuals + ((<usize>i) << 3));
      const o = to + ((<usize>p) << 3);
      store<f64>(o, load<f64>(o) + sum);
    }
  }
}

function addLanes(to: usize, sum: v128, r: usize, x: usize, even: i32, n: i32): void {
  let s = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  if (even < n) s += load<f64>(r + ((<usize>even) << 3)) * load<f64>(x + ((<usize>even) << 3));
  store<f64>(to, load<f64>(to) + s);
}

/** Bytes of scratch that `logisticRows` needs for k margins and q coefficients each. */
export function logisticScratchBytes(k: i32, q: i32): f64 {
  return <f64>(2 * k + 2 * (q + 4) + 1) * 2048 + 64;
}

/**
 * Loss and its gradient over rows [from, to), every `step`-th tile of them, written to `out`: Σ w loss, Σ w, then (k, q)
 * derivatives. k = 1: two classes by the sigmoid; else softmax. With `hessian`, also Σ w (p_a [a = b] − p_a p_b) x xᵀ for
 * each pair a ≤ b of classes: (q, q) matrices of which the upper triangle is filled.
 */
export function logisticRows(
  columns: usize,
  p: i32,
  q: i32,
  k: i32,
  codes: usize,
  weights: usize,
  coef: usize,
  from: i32,
  to: i32,
  step: i32,
  out: usize,
  hessian: usize,
  scratch: usize,
): void {
  const pairs = (k * (k + 1)) / 2;
  memory.fill(out, 0, (<usize>(2 + k * q)) << 3);
  if (hessian !== 0) memory.fill(hessian, 0, (<usize>(pairs * q * q)) << 3);
  const residuals = scratch + <usize>k * TILE_BYTES;
  const plain = residuals + <usize>k * TILE_BYTES;
  let loss: f64 = 0;
  let total: f64 = 0;
  for (let row = from; row < to; row += TILE * step) {
    const n = min(TILE, to - row);
    const skip = (<usize>row) << 3;
    const w: usize = weights === 0 ? 0 : weights + skip;
    marginsOf(columns, p, q, k, coef, row, n, scratch);
    loss +=
      k === 1 ? sigmoids(scratch, n, codes + skip, w, residuals) : softmaxes(scratch, k, n, codes + skip, w, residuals);
    addGradient(columns, p, q, k, row, n, residuals, out + 16);
    if (w === 0) total += <f64>n;
    else for (let i = 0; i < n; i++) total += load<f64>(w + ((<usize>i) << 3));
    if (hessian !== 0) addHessian(columns, p, q, k, row, n, w, scratch, plain, hessian);
  }
  store<f64>(out, loss);
  store<f64>(out, total, 8);
}

function addHessian(
  columns: usize,
  p: i32,
  q: i32,
  k: i32,
  from: i32,
  n: i32,
  weights: usize,
  chances: usize,
  plain: usize,
  hessian: usize,
): void {
  const padded = (q + 3) & ~3;
  const scaled = plain + <usize>(q + 4) * TILE_BYTES;
  const factors = scaled + <usize>(q + 4) * TILE_BYTES;
  const even = (n + 1) & ~1;
  const bytes = (<usize>even) << 3;
  for (let j = 0; j < padded; j++) {
    const to = plain + <usize>j * TILE_BYTES;
    if (j < p) memory.copy(to, column(columns, j) + ((<usize>from) << 3), (<usize>n) << 3);
    else for (let i = 0; i < even; i++) store<f64>(to + ((<usize>i) << 3), j < q ? 1 : 0);
    if (n < even) store<f64>(to + ((<usize>n) << 3), 0);
  }
  let pair: usize = 0;
  for (let a = 0; a < k; a++)
    for (let b = a; b < k; b++) {
      for (let i = 0; i < n; i++) {
        const o = (<usize>i) << 3;
        const x = load<f64>(chances + <usize>a * TILE_BYTES + o);
        const y = load<f64>(chances + <usize>b * TILE_BYTES + o);
        const w = weights === 0 ? 1 : load<f64>(weights + o);
        store<f64>(factors + o, a === b ? w * x * (1 - x) : -w * x * y);
      }
      if (n < even) store<f64>(factors + ((<usize>n) << 3), 0);
      for (let j = 0; j < padded; j++) {
        const source = plain + <usize>j * TILE_BYTES;
        const to = scaled + <usize>j * TILE_BYTES;
        for (let o: usize = 0; o < bytes; o += 16)
          v128.store(to + o, f64x2.mul(v128.load(source + o), v128.load(factors + o)));
      }
      const block = hessian + ((pair * <usize>q * <usize>q) << 3);
      for (let i = 0; i < q; i += 2)
        for (let j = i & ~3; j < q; j += 4) addProducts(scaled, plain, i, j, q, bytes, block);
      pair++;
    }
}

/** Products of tiles i, i + 1 of `a` with tiles j … j + 3 of `b`, added to the upper triangle. */
function addProducts(a: usize, b: usize, i: i32, j: i32, q: i32, bytes: usize, to: usize): void {
  const a0 = a + <usize>i * TILE_BYTES;
  const b0 = b + <usize>j * TILE_BYTES;
  let s00 = f64x2.splat(0);
  let s01 = f64x2.splat(0);
  let s02 = f64x2.splat(0);
  let s03 = f64x2.splat(0);
  let s10 = f64x2.splat(0);
  let s11 = f64x2.splat(0);
  let s12 = f64x2.splat(0);
  let s13 = f64x2.splat(0);
  for (let o: usize = 0; o < bytes; o += 16) {
    const x = v128.load(a0 + o);
    const y = v128.load(a0 + o, 2048);
    const u = v128.load(b0 + o);
    const v = v128.load(b0 + o, 2048);
    const w = v128.load(b0 + o, 4096);
    const z = v128.load(b0 + o, 6144);
    s00 = f64x2.add(s00, f64x2.mul(x, u));
    s01 = f64x2.add(s01, f64x2.mul(x, v));
    s02 = f64x2.add(s02, f64x2.mul(x, w));
    s03 = f64x2.add(s03, f64x2.mul(x, z));
    s10 = f64x2.add(s10, f64x2.mul(y, u));
    s11 = f64x2.add(s11, f64x2.mul(y, v));
    s12 = f64x2.add(s12, f64x2.mul(y, w));
    s13 = f64x2.add(s13, f64x2.mul(y, z));
  }
  addPair(to, i, j, q, s00);
  addPair(to, i, j + 1, q, s01);
  addPair(to, i, j + 2, q, s02);
  addPair(to, i, j + 3, q, s03);
  addPair(to, i + 1, j, q, s10);
  addPair(to, i + 1, j + 1, q, s11);
  addPair(to, i + 1, j + 2, q, s12);
  addPair(to, i + 1, j + 3, q, s13);
}

function addPair(to: usize, i: i32, j: i32, q: i32, sum: v128): void {
  if (j < i || i >= q || j >= q) return;
  const o = to + ((<usize>(i * q + j)) << 3);
  store<f64>(o, load<f64>(o) + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/**
 * Makes probabilities of the scores of rows [from, to): `scores` holds k columns `rows` apart, `out` receives k, or for
 * k = 1 two: the rest, and the sigmoid. Both may be the same memory for k > 1. `scratch`: k tiles.
 */
export function chances(scores: usize, k: i32, rows: i32, from: i32, to: i32, out: usize, scratch: usize): void {
  const stride = (<usize>rows) << 3;
  for (let row = from; row < to; row += TILE) {
    const n = min(TILE, to - row);
    const base = (<usize>row) << 3;
    if (k === 1) {
      for (let i = 0; i < n; i++) {
        const a = base + ((<usize>i) << 3);
        const x = v128.load64_splat(scores + a);
        const e = exp2x(f64x2.neg(f64x2.abs(x)));
        const whole = f64x2.add(f64x2.splat(1), e);
        const small = f64x2.extract_lane(f64x2.div(e, whole), 0);
        const large = f64x2.extract_lane(f64x2.div(f64x2.splat(1), whole), 0);
        const positive = f64x2.extract_lane(x, 0) >= 0;
        store<f64>(out + a, positive ? small : large);
        store<f64>(out + stride + a, positive ? large : small);
      }
      continue;
    }
    const bytes = (<usize>n) << 3;
    for (let c = 0; c < k; c++) memory.copy(scratch + <usize>c * TILE_BYTES, scores + <usize>c * stride + base, bytes);
    softmaxes(scratch, k, n, 0, 0, 0);
    for (let c = 0; c < k; c++) memory.copy(out + <usize>c * stride + base, scratch + <usize>c * TILE_BYTES, bytes);
  }
}

/** out[i] = the column of the largest of k scores of row i, the first of equals; for k = 1 whether it is above 0. */
export function winners(scores: usize, k: i32, rows: i32, from: i32, to: i32, out: usize): void {
  const stride = (<usize>rows) << 3;
  for (let i = from; i < to; i++) {
    const a = scores + ((<usize>i) << 3);
    let best = 0;
    let top = load<f64>(a);
    if (k === 1) best = top > 0 ? 1 : 0;
    for (let c = 1; c < k; c++) {
      const v = load<f64>(a + <usize>c * stride);
      if (v > top) {
        top = v;
        best = c;
      }
    }
    store<i32>(out + ((<usize>i) << 2), best);
  }
}
