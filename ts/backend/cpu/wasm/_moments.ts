// Moments per group, stable whatever the mean: single rows by Welford's update, blocks by Chan's merge.
import { isValid } from './_keys';
import { entryOf } from './_sums';

/** Rows of a block that a statistic takes: those valid in both bitmaps (0 = all valid). */
export function takes(a: usize, b: usize, i: i32): bool {
  return (a === 0 || isValid(a, i)) && (b === 0 || isValid(b, i));
}

/** Second moments: {rows as f64, mean, squares about the mean, spare}, 32 bytes. */
export function addMoments2(p: usize, x: f64): void {
  const n = load<f64>(p) + 1;
  const mean = load<f64>(p, 8);
  const d = x - mean;
  const next = mean + d / n;
  store<f64>(p, n);
  store<f64>(p, next, 8);
  store<f64>(p, load<f64>(p, 16) + d * (x - next), 16);
}
/** Chan's merge: adds a block of `m` rows with this mean and these squares. */
export function mergeMoments2(p: usize, m: f64, mean: f64, squares: f64): void {
  if (m === 0) return;
  const n = load<f64>(p);
  const total = n + m;
  const d = mean - load<f64>(p, 8);
  store<f64>(p, total);
  // An empty entry takes the block as it is: the mean must not be rounded by m / m.
  store<f64>(p, n === 0 ? mean : load<f64>(p, 8) + (d * m) / total, 8);
  store<f64>(p, load<f64>(p, 16) + squares + (n === 0 ? 0 : (d * d * n * m) / total), 16);
}

/** Moments up to the fourth: {rows as f64, mean, M2, M3, M4}, 40 bytes (Pébay's formulas). */
export function mergeMoments4(p: usize, m: f64, mean: f64, m2: f64, m3: f64, m4: f64): void {
  if (m === 0) return;
  const n = load<f64>(p);
  if (n === 0) {
    store<f64>(p, m);
    store<f64>(p, mean, 8);
    store<f64>(p, m2, 16);
    store<f64>(p, m3, 24);
    store<f64>(p, m4, 32);
    return;
  }
  const total = n + m;
  const a2 = load<f64>(p, 16);
  const a3 = load<f64>(p, 24);
  const d = mean - load<f64>(p, 8);
  const r = d / total;
  const nm = n * m;
  store<f64>(p, total);
  store<f64>(p, load<f64>(p, 8) + r * m, 8);
  store<f64>(p, a2 + m2 + d * r * nm, 16);
  store<f64>(p, a3 + m3 + d * r * r * nm * (n - m) + 3 * r * (n * m2 - m * a2), 24);
  store<f64>(
    p,
    load<f64>(p, 32) +
      m4 +
      d * r * r * r * nm * (n * n - nm + m * m) +
      6 * r * r * (n * n * m2 + m * m * a2) +
      4 * r * (n * m3 - m * a3),
    32,
  );
}

/** Products of two columns: {rows as f64, mean x, mean y, xy, xx, yy}, 48 bytes, all about the means. */
export function mergeProducts(p: usize, m: f64, x: f64, y: f64, xy: f64, xx: f64, yy: f64): void {
  if (m === 0) return;
  const n = load<f64>(p);
  const total = n + m;
  const dx = n === 0 ? 0 : x - load<f64>(p, 8);
  const dy = n === 0 ? 0 : y - load<f64>(p, 16);
  const w = (n * m) / total;
  store<f64>(p, total);
  store<f64>(p, n === 0 ? x : load<f64>(p, 8) + (dx * m) / total, 8);
  store<f64>(p, n === 0 ? y : load<f64>(p, 16) + (dy * m) / total, 16);
  store<f64>(p, load<f64>(p, 24) + xy + (n === 0 ? 0 : dx * dy * w), 24);
  store<f64>(p, load<f64>(p, 32) + xx + (n === 0 ? 0 : dx * dx * w), 32);
  store<f64>(p, load<f64>(p, 40) + yy + (n === 0 ? 0 : dy * dy * w), 40);
}

/** Welford's update of {rows, mean, squares}. */
export function moments2Rows(src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (valid !== 0 && !isValid(valid, <i32>i)) continue;
    addMoments2(entryOf(acc, gids, i, 32), load<f64>(src + (i << 3)));
  }
}
/** Two passes over a block in cache, then one merge. */
export function moments2Blocks(src: usize, valid: usize, n: i32, acc: usize): void {
  for (let from = 0; from < n; from += 2048) {
    const to = min(n, from + 2048);
    let rows = 0;
    let sum: f64 = 0;
    for (let i = from; i < to; i++) {
      if (!takes(valid, 0, i)) continue;
      sum += load<f64>(src + ((<usize>i) << 3));
      rows++;
    }
    const mean = sum / <f64>rows;
    let squares: f64 = 0;
    let rest: f64 = 0;
    for (let i = from; i < to; i++) {
      if (!takes(valid, 0, i)) continue;
      const d = load<f64>(src + ((<usize>i) << 3)) - mean;
      squares += d * d;
      rest += d;
    }
    // `rest` is what rounding left in the mean.
    mergeMoments2(acc, <f64>rows, mean + rest / <f64>rows, squares - (rest * rest) / <f64>rows);
  }
}
/** {rows, mean, M2, M3, M4}, row by row: Welford's update carried on to the fourth moment. */
export function moments4Rows(src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (valid !== 0 && !isValid(valid, <i32>i)) continue;
    const p = entryOf(acc, gids, i, 40);
    const before = load<f64>(p);
    const rows = before + 1;
    const mean = load<f64>(p, 8);
    const m2 = load<f64>(p, 16);
    const m3 = load<f64>(p, 24);
    const d = load<f64>(src + (i << 3)) - mean;
    const r = d / rows;
    const t = d * r * before;
    store<f64>(p, rows);
    store<f64>(p, mean + r, 8);
    store<f64>(p, m2 + t, 16);
    store<f64>(p, m3 + t * r * (rows - 2) - 3 * r * m2, 24);
    store<f64>(p, load<f64>(p, 32) + t * r * r * (rows * rows - 3 * rows + 3) + 6 * r * r * m2 - 4 * r * m3, 32);
  }
}
export function moments4Blocks(src: usize, valid: usize, n: i32, acc: usize): void {
  for (let from = 0; from < n; from += 2048) {
    const to = min(n, from + 2048);
    let rows = 0;
    let sum: f64 = 0;
    for (let i = from; i < to; i++) {
      if (!takes(valid, 0, i)) continue;
      sum += load<f64>(src + ((<usize>i) << 3));
      rows++;
    }
    const mean = sum / <f64>rows;
    let m2: f64 = 0;
    let m3: f64 = 0;
    let m4: f64 = 0;
    for (let i = from; i < to; i++) {
      if (!takes(valid, 0, i)) continue;
      const d = load<f64>(src + ((<usize>i) << 3)) - mean;
      const q = d * d;
      m2 += q;
      m3 += q * d;
      m4 += q * q;
    }
    mergeMoments4(acc, <f64>rows, mean, m2, m3, m4);
  }
}
/** Co-moments of two columns, over rows with both. */
export function productsRows(x: usize, validX: usize, y: usize, validY: usize, gids: usize, n: i32, acc: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    if (!takes(validX, validY, <i32>i)) continue;
    mergeProducts(entryOf(acc, gids, i, 48), 1, load<f64>(x + (i << 3)), load<f64>(y + (i << 3)), 0, 0, 0);
  }
}
export function productsBlocks(x: usize, validX: usize, y: usize, validY: usize, n: i32, acc: usize): void {
  for (let from = 0; from < n; from += 2048) {
    const to = min(n, from + 2048);
    let rows = 0;
    let sumX: f64 = 0;
    let sumY: f64 = 0;
    for (let i = from; i < to; i++) {
      if (!takes(validX, validY, i)) continue;
      sumX += load<f64>(x + ((<usize>i) << 3));
      sumY += load<f64>(y + ((<usize>i) << 3));
      rows++;
    }
    const meanX = sumX / <f64>rows;
    const meanY = sumY / <f64>rows;
    let xy: f64 = 0;
    let xx: f64 = 0;
    let yy: f64 = 0;
    for (let i = from; i < to; i++) {
      if (!takes(validX, validY, i)) continue;
      const dx = load<f64>(x + ((<usize>i) << 3)) - meanX;
      const dy = load<f64>(y + ((<usize>i) << 3)) - meanY;
      xy += dx * dy;
      xx += dx * dx;
      yy += dy * dy;
    }
    mergeProducts(acc, <f64>rows, meanX, meanY, xy, xx, yy);
  }
}
