// Gradient boosting on histograms: gradients of the objectives, the search for the best split of a node, and adding a
// leaf to the margins. The search follows XGBoost's paper (Chen and Guestrin, 2016) and, in what it rounds to f32 and how
// it breaks ties, its hist tree method, so that equal histograms give equal trees.

// Offsets of the parameters of the search, in bytes. boost-layout.ts has them for the callers.
const LAMBDA = 0; // f64
const ALPHA = 8; // f64
const MIN_CHILD_WEIGHT = 16; // f64
const MAX_DELTA_STEP = 24; // f64
const MAX_CAT_THRESHOLD = 32; // i32
const MONOTONE = 36; // i32: whether any feature is constrained

// A feature: 16 bytes.
const F_BINS = 0; // i32, without the bin of missing values
const F_KIND = 4; // i32: 0 numeric, 1 one category against the others, 2 sets of categories
const F_MISSING = 8; // i32: whether values are missing
const F_MONOTONE = 12; // i32: −1, 0, 1

// What is found: 64 bytes.
const O_LOSS = 0; // f32
const O_FEATURE = 4; // i32
const O_BIN = 8; // i32: the last bin that goes left; −1 for categories
const O_MISSING_LEFT = 12; // i32
const O_LEFT = 16; // f64 pair
const O_RIGHT = 32; // f64 pair
const O_SET_SIZE = 48; // i32: categories in the set that goes right

const EPSILON: f32 = 1e-16;

function thresholdL1(w: f64, alpha: f64): f64 {
  if (w > alpha) return w - alpha;
  if (w < -alpha) return w + alpha;
  return 0;
}

/** The best weight of a leaf with these sums, within its bounds. */
function weightOf(g: f64, h: f64, params: usize, low: f32, high: f32): f32 {
  if (h < load<f64>(params, MIN_CHILD_WEIGHT) || h <= 0) return 0;
  let w: f64 = -thresholdL1(g, load<f64>(params, ALPHA)) / (h + load<f64>(params, LAMBDA));
  const most = load<f64>(params, MAX_DELTA_STEP);
  if (most !== 0 && abs<f64>(w) > most) w = copysign<f64>(most, w);
  const f = <f32>w;
  if (load<i32>(params, MONOTONE) === 0) return f;
  return f < low ? low : f > high ? high : f;
}

/** What a leaf of that weight gains. */
function gainOf(g: f64, h: f64, w: f32, params: usize): f32 {
  if (h <= 0) return 0;
  const lambda = load<f64>(params, LAMBDA);
  if (load<f64>(params, MAX_DELTA_STEP) === 0 && load<i32>(params, MONOTONE) === 0) {
    const t = thresholdL1(g, load<f64>(params, ALPHA));
    return <f32>((t * t) / (h + lambda));
  }
  const weight = <f64>w;
  return <f32>-(2 * g * weight + (h + lambda) * weight * weight);
}

/** The weight of a node, and its gain as the second f32 of `out`. */
export function nodeWeight(g: f64, h: f64, params: usize, low: f32, high: f32, out: usize): void {
  const w = weightOf(g, h, params, low, high);
  store<f32>(out, w);
  store<f32>(out, gainOf(g, h, w, params), 4);
}

/** Keeps the split if it is better than what is in `out`. Returns whether it was. */
function consider(
  left: v128,
  right: v128,
  rootGain: f32,
  params: usize,
  monotone: i32,
  low: f32,
  high: f32,
  feature: i32,
  bin: i32,
  missingLeft: i32,
  out: usize,
): bool {
  const hl = f64x2.extract_lane(left, 1);
  const hr = f64x2.extract_lane(right, 1);
  const least = load<f64>(params, MIN_CHILD_WEIGHT);
  if (hl < least || hr < least || hl <= 0 || hr <= 0) return false;
  const gl = f64x2.extract_lane(left, 0);
  const gr = f64x2.extract_lane(right, 0);
  let wl: f32 = 0;
  let wr: f32 = 0;
  // Without limits on weights their gain is known without them.
  if (load<i32>(params, MONOTONE) !== 0 || load<f64>(params, MAX_DELTA_STEP) !== 0) {
    wl = weightOf(gl, hl, params, low, high);
    wr = weightOf(gr, hr, params, low, high);
    if ((monotone > 0 && wl > wr) || (monotone < 0 && wl < wr)) return false;
  }
  const loss = gainOf(gl, hl, wl, params) + gainOf(gr, hr, wr, params) - rootGain;
  if (!(loss > load<f32>(out, O_LOSS)) || loss === <f32>Infinity) return false;
  store<f32>(out, loss, O_LOSS);
  store<i32>(out, feature, O_FEATURE);
  store<i32>(out, bin, O_BIN);
  store<i32>(out, missingLeft, O_MISSING_LEFT);
  v128.store(out, left, O_LEFT);
  v128.store(out, right, O_RIGHT);
  return true;
}

/** Sorts the `n` bins (u32 at `order`) by weight (f64 per bin at `weights`), stably: shell sort with bin as the tie. */
function sortByWeight(order: usize, weights: usize, n: i32): void {
  for (let gap = n >> 1; gap > 0; gap >>= 1) {
    for (let i = gap; i < n; i++) {
      const bin = load<u32>(order + ((<usize>i) << 2));
      const w = load<f64>(weights + ((<usize>bin) << 3));
      let k = i;
      while (k >= gap) {
        const other = load<u32>(order + ((<usize>(k - gap)) << 2));
        const x = load<f64>(weights + ((<usize>other) << 3));
        if (x < w || (x === w && other < bin)) break;
        store<u32>(order + ((<usize>k) << 2), other);
        k -= gap;
      }
      store<u32>(order + ((<usize>k) << 2), bin);
    }
  }
}

function setBit(bits: usize, bin: u32): void {
  const p = bits + ((<usize>(bin >> 5)) << 2);
  store<u32>(p, load<u32>(p) | (1 << (bin & 31)));
}

/**
 * Finds the best split of a node and writes it to `out` (64 bytes; O_LOSS 0 and feature −1 where there is none), the
 * categories that go right as bits to `set`. `hist` is a histogram of gradient pairs; `allowed` a byte per feature;
 * `spare` has 12 bytes for each bin of a feature.
 */
export function findSplit(
  hist: usize,
  binStride: i32,
  features: usize,
  featureCount: i32,
  allowed: usize,
  params: usize,
  g: f64,
  h: f64,
  low: f32,
  high: f32,
  set: usize,
  setBytes: usize,
  spare: usize,
  out: usize,
): void {
  const whole = f64x2.replace_lane(f64x2.splat(g), 1, h);
  const rootGain = gainOf(g, h, weightOf(g, h, params, low, high), params);
  memory.fill(out, 0, 64);
  store<i32>(out, -1, O_FEATURE);
  memory.fill(set, 0, setBytes);
  const step = (<usize>binStride) << 4;
  for (let f = 0; f < featureCount; f++) {
    if (load<u8>(allowed + <usize>f) === 0) continue;
    const meta = features + ((<usize>f) << 4);
    const bins = load<i32>(meta, F_BINS);
    const missing = load<i32>(meta, F_MISSING);
    const monotone = load<i32>(meta, F_MONOTONE);
    const sums = hist + <usize>f * step;
    const kind = load<i32>(meta, F_KIND);
    if (kind === 0) {
      let left = f64x2.splat(0);
      // Missing values go right.
      for (let b = 0; b < bins; b++) {
        const bin = v128.load(sums + ((<usize>b) << 4));
        // An empty bin splits as the one before it.
        if (!v128.any_true(bin)) continue;
        left = f64x2.add(left, bin);
        consider(left, f64x2.sub(whole, left), rootGain, params, monotone, low, high, f, b, 0, out);
      }
      if (missing !== 0) {
        let right = f64x2.splat(0);
        for (let b = bins - 1; b > 0; b--) {
          const bin = v128.load(sums + ((<usize>b) << 4));
          if (!v128.any_true(bin)) continue;
          right = f64x2.add(right, bin);
          consider(f64x2.sub(whole, right), right, rootGain, params, monotone, low, high, f, b - 1, 1, out);
        }
      }
      continue;
    }
    const away = missing !== 0 ? v128.load(sums + ((<usize>bins) << 4)) : f64x2.splat(0);
    if (kind === 1) {
      for (let b = 0; b < bins; b++) {
        const one = v128.load(sums + ((<usize>b) << 4));
        if (f64x2.extract_lane(one, 1) <= 0) continue;
        let better = consider(f64x2.sub(whole, one), one, rootGain, params, 0, low, high, f, -1, 1, out);
        if (missing !== 0) {
          const right = f64x2.add(one, away);
          if (consider(f64x2.sub(whole, right), right, rootGain, params, 0, low, high, f, -1, 0, out)) better = true;
        }
        if (better) {
          memory.fill(set, 0, setBytes);
          setBit(set, <u32>b);
          store<i32>(out, 1, O_SET_SIZE);
        }
      }
      continue;
    }
    // Sets: in the order of the weight each category would have alone, the best set is a run from one end.
    const order = spare + ((<usize>bins) << 3);
    let n = 0;
    for (let b = 0; b < bins; b++) {
      const p = sums + ((<usize>b) << 4);
      if (load<f64>(p, 8) <= 0) continue;
      const w = -thresholdL1(load<f64>(p), load<f64>(params, ALPHA)) / (load<f64>(p, 8) + load<f64>(params, LAMBDA));
      store<f64>(spare + ((<usize>b) << 3), <f64>(<f32>w));
      store<u32>(order + ((<usize>n) << 2), b);
      n++;
    }
    sortByWeight(order, spare, n);
    const most = min<i32>(n - 1, load<i32>(params, MAX_CAT_THRESHOLD));
    for (let end = 0; end < 2; end++) {
      let right = f64x2.splat(0);
      let best = 0;
      for (let k = 0; k < most; k++) {
        const b = load<u32>(order + ((<usize>(end === 0 ? k : n - 1 - k)) << 2));
        right = f64x2.add(right, v128.load(sums + ((<usize>b) << 4)));
        if (consider(f64x2.sub(whole, right), right, rootGain, params, 0, low, high, f, -1, 1, out)) best = k + 1;
        if (missing !== 0) {
          const more = f64x2.add(right, away);
          if (consider(f64x2.sub(whole, more), more, rootGain, params, 0, low, high, f, -1, 0, out)) best = k + 1;
        }
      }
      if (best === 0) continue;
      memory.fill(set, 0, setBytes);
      for (let k = 0; k < best; k++) setBit(set, load<u32>(order + ((<usize>(end === 0 ? k : n - 1 - k)) << 2)));
      store<i32>(out, best, O_SET_SIZE);
    }
  }
  if (load<i32>(out, O_BIN) >= 0) store<i32>(out, 0, O_SET_SIZE);
}

/** Adds a leaf's value to the margins (f32, `stride` bytes apart) of its rows. */
export function addLeaf(rows: usize, n: i32, value: f32, margins: usize, stride: usize): void {
  const end = rows + ((<usize>n) << 2);
  for (let p = rows; p < end; p += 4) {
    const at = margins + <usize>load<u32>(p) * stride;
    store<f32>(at, load<f32>(at) + value);
  }
}

function sigmoid(x: f32): f32 {
  return 1 / (1 + NativeMathf.exp(-x) + EPSILON);
}

/** Numbers of the objectives: boost-layout.ts has them for the callers. */
const SQUARED = 0;
const LOGISTIC = 1;
const POISSON = 2;
const PSEUDO_HUBER = 3;
const ABSOLUTE = 4;
const QUANTILE = 5;
const SQUARED_LOG = 6;
const GAMMA = 7;
const TWEEDIE = 8;
const HINGE = 9;

/** How sharply the quantile error bends at 0. */
const SHARPNESS: f32 = 25;

/** Weighted sum of the roots of absolute residuals, and the sum of weights: an f64 pair. */
export function rootResiduals(margins: usize, stride: usize, labels: usize, weights: usize, n: i32, out: usize): void {
  let sum: f64 = 0;
  let total: f64 = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const z = load<f32>(labels + (i << 2)) - load<f32>(margins + i * stride);
    const w: f64 = weights === 0 ? 1 : <f64>load<f32>(weights + (i << 2));
    sum += w * <f64>sqrt<f32>(abs<f32>(z));
    total += w;
  }
  store<f64>(out, sum);
  store<f64>(out, total, 8);
}

/**
 * Gradient and hessian (f32 pair) of each of `n` rows. Margins are `stride` bytes apart; weights may be 0. `a` is the
 * objective's number: scale_pos_weight, max_delta_step, slope, alpha, variance power. `b` is the scale of the residuals,
 * for the absolute and the quantile error: both are smooth about 0, as XGBoost 3.4 has them.
 */
export function gradients(
  objective: i32,
  margins: usize,
  stride: usize,
  labels: usize,
  weights: usize,
  n: i32,
  a: f32,
  b: f32,
  out: usize,
): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = load<f32>(margins + i * stride);
    const y = load<f32>(labels + (i << 2));
    let w: f32 = weights === 0 ? 1 : load<f32>(weights + (i << 2));
    let g: f32 = 0;
    let h: f32 = 1;
    if (objective === SQUARED) g = x - y;
    else if (objective === LOGISTIC) {
      const p = sigmoid(x);
      if (y === 1) w *= a;
      g = p - y;
      h = max<f32>(p * (1 - p), EPSILON);
    } else if (objective === POISSON) {
      g = NativeMathf.exp(x) - y;
      h = NativeMathf.exp(x + a);
    } else if (objective === PSEUDO_HUBER) {
      const z = x - y;
      const root = sqrt<f32>(1 + (z * z) / (a * a));
      g = z / root;
      h = (a * a) / ((a * a + z * z) * root);
    } else if (objective === ABSOLUTE) {
      const z = x - y;
      h = b > 0 ? 1 / sqrt<f32>(1 + (z / b) * (z / b)) : 1;
      g = z * h;
    } else if (objective === QUANTILE) {
      const z = y - x;
      const t = b > 0 ? NativeMathf.tanh((SHARPNESS * z) / b) : 0;
      g = -b * (a - <f32>0.5 + <f32>0.5 * t);
      h = abs<f32>(z) > 0 && b > 0 ? (b * t) / (2 * z) : SHARPNESS / 2;
    } else if (objective === SQUARED_LOG) {
      const p = max<f32>(x, <f32>-1 + <f32>1e-6);
      const l = NativeMathf.log1p(p) - NativeMathf.log1p(y);
      g = l / (p + 1);
      h = max<f32>((1 - l) / ((p + 1) * (p + 1)), <f32>1e-6);
    } else if (objective === GAMMA) {
      const e = y / NativeMathf.exp(x);
      g = 1 - e;
      h = e;
    } else if (objective === TWEEDIE) {
      const lower = NativeMathf.exp((1 - a) * x);
      const upper = NativeMathf.exp((2 - a) * x);
      g = upper - y * lower;
      h = (2 - a) * upper - y * (1 - a) * lower;
    } else if (objective === HINGE) {
      const s: f32 = y * 2 - 1;
      if (x * s < 1) g = -s;
      else h = f32.MIN_NORMAL_VALUE;
    }
    store<f32>(out + (i << 3), g * w);
    store<f32>(out + (i << 3), h * w, 4);
  }
}

/**
 * Gradient pairs of the softmax objective for rows of `classes` margins; those of class k go to out + k × classBytes.
 */
export function softmaxGradients(
  margins: usize,
  classes: i32,
  labels: usize,
  weights: usize,
  n: i32,
  out: usize,
  classBytes: usize,
): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const row = margins + ((i * <usize>classes) << 2);
    const label = <i32>load<f32>(labels + (i << 2));
    const w: f32 = weights === 0 ? 1 : load<f32>(weights + (i << 2));
    let most = load<f32>(row);
    for (let k = 1; k < classes; k++) most = max<f32>(most, load<f32>(row + ((<usize>k) << 2)));
    let sum: f64 = 0;
    for (let k = 0; k < classes; k++) {
      const e = NativeMathf.exp(load<f32>(row + ((<usize>k) << 2)) - most);
      // Kept in the gradient's place until the sum is known.
      store<f32>(out + <usize>k * classBytes + (i << 3), e);
      sum += e;
    }
    const total = <f32>sum;
    for (let k = 0; k < classes; k++) {
      const at = out + <usize>k * classBytes + (i << 3);
      const p = load<f32>(at) / total;
      store<f32>(at, (k === label ? p - 1 : p) * w);
      store<f32>(at, max<f32>(2 * p * (1 - p) * w, EPSILON), 4);
    }
  }
}

/** What margins mean: 1 sigmoid, 2 exp, 3 softmax over `width`, 4 step at 0, in place. */
export function transform(kind: i32, margins: usize, n: i32, width: i32): void {
  const count = n * width;
  if (kind === 3) {
    for (let i = 0; i < n; i++) {
      const row = margins + ((<usize>i * <usize>width) << 2);
      let most = load<f32>(row);
      for (let k = 1; k < width; k++) most = max<f32>(most, load<f32>(row + ((<usize>k) << 2)));
      let sum: f64 = 0;
      for (let k = 0; k < width; k++) {
        const e = NativeMathf.exp(load<f32>(row + ((<usize>k) << 2)) - most);
        store<f32>(row + ((<usize>k) << 2), e);
        sum += e;
      }
      for (let k = 0; k < width; k++) {
        const p = row + ((<usize>k) << 2);
        store<f32>(p, load<f32>(p) / <f32>sum);
      }
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    const p = margins + ((<usize>i) << 2);
    const x = load<f32>(p);
    store<f32>(p, kind === 1 ? sigmoid(x) : kind === 2 ? NativeMathf.exp(x) : x > 0 ? 1 : 0);
  }
}

/** Fills `n` rows of `width` margins with the `width` values at `base` (f32). */
export function fillMargins(margins: usize, n: i32, width: i32, base: usize): void {
  let p = margins;
  for (let i = 0; i < n; i++)
    for (let k: usize = 0; k < (<usize>width) << 2; k += 4) {
      store<f32>(p, load<f32>(base + k));
      p += 4;
    }
}

/**
 * Takes rows out of a tree: their pair becomes 0 where a uniform number is not below `fraction`. The numbers are Philox
 * 4×32-10 (Salmon et al., 2011) at counter (row, tree), so they depend on nothing but the seed.
 */
export function subsample(pairs: usize, firstRow: u32, n: i32, seed: u32, tree: u32, fraction: f64): void {
  for (let i: u32 = 0; i < <u32>n; i++) {
    let c0: u32 = firstRow + i;
    let c1: u32 = tree;
    let c2: u32 = 0;
    let c3: u32 = 0x626f6f73;
    let k0 = seed;
    let k1: u32 = 0;
    for (let round = 0; round < 10; round++) {
      const a = <u64>c0 * 0xd2511f53;
      const b = <u64>c2 * 0xcd9e8d57;
      c0 = <u32>(b >> 32) ^ c1 ^ k0;
      c1 = <u32>b;
      c2 = <u32>(a >> 32) ^ c3 ^ k1;
      c3 = <u32>a;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    if (<f64>c0 / 4294967296.0 >= fraction) store<u64>(pairs + ((<usize>i) << 3), 0);
  }
}
