// Silhouettes of rows that are sorted by cluster. `columns` points at u32 addresses of Float64 columns, `starts` at the
// first row of each cluster and the number of rows (u32, nClusters + 1).

import { column } from './_tiles';

function startOf(starts: usize, c: i32): i32 {
  return load<u32>(starts + ((<usize>c) << 2));
}

/** Adds the distances of four rows (`rows`, p doubles each) to rows [from, to) into four doubles `stride` bytes apart. */
function addDistances(columns: usize, p: i32, rows: usize, from: i32, to: i32, sums: usize, stride: usize): void {
  const width = (<usize>p) << 3;
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  for (let j = from; j < to; j += 2) {
    const at = (<usize>j) << 3;
    const single = j + 1 === to;
    let a0 = f64x2.splat(0);
    let a1 = f64x2.splat(0);
    let a2 = f64x2.splat(0);
    let a3 = f64x2.splat(0);
    for (let f = 0; f < p; f++) {
      const address = column(columns, f) + at;
      const x = single ? v128.load64_zero(address) : v128.load(address);
      const row = rows + ((<usize>f) << 3);
      const d0 = f64x2.sub(x, v128.load_splat<f64>(row));
      a0 = f64x2.add(a0, f64x2.mul(d0, d0));
      const d1 = f64x2.sub(x, v128.load_splat<f64>(row + width));
      a1 = f64x2.add(a1, f64x2.mul(d1, d1));
      const d2 = f64x2.sub(x, v128.load_splat<f64>(row + 2 * width));
      a2 = f64x2.add(a2, f64x2.mul(d2, d2));
      const d3 = f64x2.sub(x, v128.load_splat<f64>(row + 3 * width));
      a3 = f64x2.add(a3, f64x2.mul(d3, d3));
    }
    if (single) {
      // The second lane measured the distance to nothing.
      a0 = f64x2.replace_lane(a0, 1, 0);
      a1 = f64x2.replace_lane(a1, 1, 0);
      a2 = f64x2.replace_lane(a2, 1, 0);
      a3 = f64x2.replace_lane(a3, 1, 0);
    }
    s0 = f64x2.add(s0, f64x2.sqrt(a0));
    s1 = f64x2.add(s1, f64x2.sqrt(a1));
    s2 = f64x2.add(s2, f64x2.sqrt(a2));
    s3 = f64x2.add(s3, f64x2.sqrt(a3));
  }
  store<f64>(sums, f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1));
  store<f64>(sums + stride, f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1));
  store<f64>(sums + 2 * stride, f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1));
  store<f64>(sums + 3 * stride, f64x2.extract_lane(s3, 0) + f64x2.extract_lane(s3, 1));
}

/** The silhouette of a row of cluster `own`, from its sums of distances to each cluster. */
function fromSums(sums: usize, starts: usize, k: i32, own: i32): f64 {
  const others = startOf(starts, own + 1) - startOf(starts, own) - 1;
  if (others === 0) return 0;
  const within = load<f64>(sums + ((<usize>own) << 3)) / <f64>others;
  let nearest: f64 = Infinity;
  for (let c = 0; c < k; c++) {
    if (c === own) continue;
    const size = startOf(starts, c + 1) - startOf(starts, c);
    nearest = min<f64>(nearest, load<f64>(sums + ((<usize>c) << 3)) / <f64>size);
  }
  const larger = max<f64>(within, nearest);
  return larger === 0 ? 0 : (nearest - within) / larger;
}

/** Writes the silhouettes of rows [from, to) to `out`. `scratch` has room for 4 (p + k) doubles. */
export function silhouettes(
  columns: usize,
  p: i32,
  starts: usize,
  k: i32,
  from: i32,
  to: i32,
  scratch: usize,
  out: usize,
): void {
  const sums = scratch + 4 * ((<usize>p) << 3);
  const stride = (<usize>k) << 3;
  let own = 0;
  for (let i = from; i < to; i += 4) {
    for (let r = 0; r < 4; r++) {
      const row = min(i + r, to - 1);
      for (let f = 0; f < p; f++)
        store<f64>(scratch + ((<usize>(r * p + f)) << 3), load<f64>(column(columns, f) + ((<usize>row) << 3)));
    }
    for (let c = 0; c < k; c++)
      addDistances(columns, p, scratch, startOf(starts, c), startOf(starts, c + 1), sums + ((<usize>c) << 3), stride);
    for (let r = 0; r < 4 && i + r < to; r++) {
      while (startOf(starts, own + 1) <= i + r) own++;
      store<f64>(out + ((<usize>(i + r)) << 3), fromSums(sums + <usize>r * stride, starts, k, own));
    }
  }
}
