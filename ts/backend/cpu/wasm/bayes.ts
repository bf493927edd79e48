// Gaussian naive Bayes: moments of columns by class, and class scores. `columns` points at u32 addresses of Float64
// columns; every function takes rows [from, to) of them, at most a morsel a call.

import { column, TILE, TILE_BYTES } from './_tiles';

/** Bytes of scratch that `classMoments` needs for `rows` rows and k classes. */
export function classMomentsScratch(rows: i32, k: i32): i32 {
  return 4 * rows + 8 * (k + 2);
}

/**
 * Sums by class of rows [from, to), written to `out`: rows (k), Σ w (k), Σ w d (k, p), Σ w d² (k, p), and with weights
 * also Σ d and Σ d² (k, p each), where d is x − shift of its class. The smallest weight goes last.
 */
export function classMoments(
  columns: usize,
  p: i32,
  k: i32,
  codes: usize,
  weights: usize,
  from: i32,
  to: i32,
  shifts: usize,
  out: usize,
  scratch: usize,
): void {
  const starts = scratch;
  const next = scratch + ((<usize>(k + 1)) << 2);
  const order = next + ((<usize>(k + 1)) << 2);
  memory.fill(starts, 0, (<usize>(2 * k + 2)) << 2);
  const blocks = weights === 0 ? 2 : 4;
  memory.fill(out, 0, (<usize>(2 * k + blocks * k * p + 1)) << 3);
  // Row numbers by class: the sums of a class are then made in registers.
  for (let i = from; i < to; i++) {
    const c = <i32>load<f64>(codes + ((<usize>i) << 3));
    if (c >= 0 && c < k) store<i32>(starts + ((<usize>c) << 2), load<i32>(starts + ((<usize>c) << 2), 4) + 1, 4);
  }
  for (let c = 0; c < k; c++) {
    const o = (<usize>c) << 2;
    store<f64>(out + ((<usize>c) << 3), <f64>load<i32>(starts + o, 4));
    store<i32>(next + o, load<i32>(starts + o));
    store<i32>(starts + o, load<i32>(starts + o) + load<i32>(starts + o, 4), 4);
  }
  for (let i = from; i < to; i++) {
    const c = <i32>load<f64>(codes + ((<usize>i) << 3));
    if (c < 0 || c >= k) continue;
    const o = next + ((<usize>c) << 2);
    const place = load<i32>(o);
    store<i32>(o, place + 1);
    store<i32>(order + ((<usize>place) << 2), i);
  }
  let least = f64.MAX_VALUE;
  for (let c = 0; c < k; c++) {
    const a = order + ((<usize>load<i32>(starts + ((<usize>c) << 2))) << 2);
    const b = order + ((<usize>load<i32>(starts + ((<usize>c) << 2), 4)) << 2);
    let total: f64 = <f64>((b - a) >> 2);
    if (weights !== 0) {
      total = 0;
      for (let o = a; o < b; o += 4) {
        const w = load<f64>(weights + ((<usize>load<i32>(o)) << 3));
        total += w;
        least = min<f64>(least, w);
      }
    }
    store<f64>(out + ((<usize>(k + c)) << 3), total);
    for (let j = 0; j < p; j++) {
      const x = column(columns, j);
      const place = (<usize>(c * p + j)) << 3;
      const shift = load<f64>(shifts + place);
      const sums = out + ((<usize>(2 * k)) << 3) + place;
      const block = (<usize>(k * p)) << 3;
      if (weights === 0) sumPlain(x, shift, a, b, sums, sums + block);
      else {
        sumPlain(x, shift, a, b, sums + 2 * block, sums + 3 * block);
        sumWeighted(x, weights, shift, a, b, sums, sums + block);
      }
    }
  }
  store<f64>(out + ((<usize>(2 * k + blocks * k * p)) << 3), weights === 0 ? 1 : least);
}

function sumPlain(x: usize, shift: f64, from: usize, to: usize, first: usize, second: usize): void {
  let s0: f64 = 0;
  let s1: f64 = 0;
  let q0: f64 = 0;
  let q1: f64 = 0;
  let o = from;
  for (; o + 8 <= to; o += 8) {
    const d = load<f64>(x + ((<usize>load<i32>(o)) << 3)) - shift;
    const e = load<f64>(x + ((<usize>load<i32>(o, 4)) << 3)) - shift;
    s0 += d;
    s1 += e;
    q0 += d * d;
    q1 += e * e;
  }
  if (o < to) {
    const d = load<f64>(x + ((<usize>load<i32>(o)) << 3)) - shift;
    s0 += d;
    q0 += d * d;
  }
  store<f64>(first, s0 + s1);
  store<f64>(second, q0 + q1);
}

function sumWeighted(x: usize, weights: usize, shift: f64, from: usize, to: usize, first: usize, second: usize): void {
  let s: f64 = 0;
  let q: f64 = 0;
  for (let o = from; o < to; o += 4) {
    const at = (<usize>load<i32>(o)) << 3;
    const d = load<f64>(x + at) - shift;
    const w = load<f64>(weights + at);
    s += w * d;
    q += w * d * d;
  }
  store<f64>(first, s);
  store<f64>(second, q);
}

/**
 * Joint log likelihoods of k classes for rows [from, to): constant_c − ½ Σ (x_j − mean_cj)² / variance_cj, class by class,
 * `rows` apart. `scratch` holds k tiles.
 */
export function classScores(
  columns: usize,
  p: i32,
  k: i32,
  means: usize,
  variances: usize,
  constants: usize,
  from: i32,
  to: i32,
  out: usize,
  rows: i32,
  scratch: usize,
): void {
  const stride = (<usize>rows) << 3;
  for (let row = from; row < to; row += TILE) {
    const n = min(TILE, to - row);
    for (let c = 0; c < k; c++) {
      const score = scratch + <usize>c * TILE_BYTES;
      const start = f64x2.splat(load<f64>(constants + ((<usize>c) << 3)));
      for (let i = 0; i < n; i += 2) v128.store(score + ((<usize>i) << 3), start);
      for (let j = 0; j < p; j++) {
        const place = (<usize>(c * p + j)) << 3;
        const mean = f64x2.splat(load<f64>(means + place));
        const factor = f64x2.splat(0.5 / load<f64>(variances + place));
        const x = column(columns, j) + ((<usize>row) << 3);
        for (let i = 0; i < n; i += 2) {
          const a = (<usize>i) << 3;
          const d = f64x2.sub(v128.load(x + a), mean);
          v128.store(score + a, f64x2.sub(v128.load(score + a), f64x2.mul(f64x2.mul(d, d), factor)));
        }
      }
    }
    for (let c = 0; c < k; c++)
      memory.copy(out + ((<usize>row) << 3) + <usize>c * stride, scratch + <usize>c * TILE_BYTES, (<usize>n) << 3);
  }
}
