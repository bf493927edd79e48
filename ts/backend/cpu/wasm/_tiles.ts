// Tiles of rows: what is made of 256 rows stays in the first cache. A tile of k values a row is k × TILE doubles.

import { exp2x } from './_exp';

export const TILE: i32 = 256;
export const TILE_BYTES: usize = 2048;

/** The address of column j in a list of u32 addresses. */
export function column(columns: usize, j: i32): usize {
  return <usize>load<u32>(columns + ((<usize>j) << 2));
}

export function log64(x: f64): f64 {
  return NativeMath.log(x);
}

/** Margins of k classes become probabilities; residuals w (p − y) go to `r`, if there. Gives Σ w loss. */
export function softmaxes(m: usize, k: i32, n: i32, codes: usize, weights: usize, r: usize): f64 {
  let loss: f64 = 0;
  for (let i = 0; i < n; i += 2) {
    const a = (<usize>i) << 3;
    const y = codes === 0 ? f64x2.splat(-1) : v128.load(codes + a);
    let top = v128.load(m + a);
    for (let c = 1; c < k; c++) top = f64x2.max(top, v128.load(m + <usize>c * TILE_BYTES + a));
    let sum = f64x2.splat(0);
    let own = f64x2.splat(0);
    for (let c = 0; c < k; c++) {
      const to = m + <usize>c * TILE_BYTES + a;
      const x = f64x2.sub(v128.load(to), top);
      own = v128.bitselect(x, own, f64x2.eq(y, f64x2.splat(<f64>c)));
      const e = exp2x(x);
      sum = f64x2.add(sum, e);
      v128.store(to, e);
    }
    const inverse = f64x2.div(f64x2.splat(1), sum);
    if (codes === 0) {
      for (let c = 0; c < k; c++) {
        const to = m + <usize>c * TILE_BYTES + a;
        v128.store(to, f64x2.mul(v128.load(to), inverse));
      }
      continue;
    }
    const w = weights === 0 ? f64x2.splat(1) : v128.load(weights + a);
    const last = i + 1 === n;
    for (let c = 0; c < k; c++) {
      const o = <usize>c * TILE_BYTES + a;
      const chance = f64x2.mul(v128.load(m + o), inverse);
      v128.store(m + o, chance);
      const hit = v128.and(f64x2.splat(1), f64x2.eq(y, f64x2.splat(<f64>c)));
      v128.store(r + o, f64x2.mul(w, f64x2.sub(chance, hit)));
      if (last) store<f64>(r + o, 0, 8);
    }
    loss += f64x2.extract_lane(w, 0) * (log64(f64x2.extract_lane(sum, 0)) - f64x2.extract_lane(own, 0));
    if (!last) loss += f64x2.extract_lane(w, 1) * (log64(f64x2.extract_lane(sum, 1)) - f64x2.extract_lane(own, 1));
  }
  return loss;
}
