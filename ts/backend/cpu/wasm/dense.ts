// Small dense symmetric matrices, row-major doubles: Cholesky factors, their solves, and the parts of an
// eigendecomposition. Long loops are cut so that a call stays short.

function at(a: usize, n: i32, i: i32, j: i32): usize {
  return a + ((<usize>i * <usize>n + <usize>j) << 3);
}

/** Σ a_k b_k of n doubles. */
export function dot(a: usize, b: usize, n: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const o = (<usize>k) << 3;
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a + o), v128.load(b + o)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a + o, 16), v128.load(b + o, 16)));
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (; k < n; k++) sum += load<f64>(a + ((<usize>k) << 3)) * load<f64>(b + ((<usize>k) << 3));
  return sum;
}

/** b += factor · a, n doubles. */
export function addScaled(a: usize, factor: f64, b: usize, n: i32): void {
  const c = f64x2.splat(factor);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    const o = (<usize>k) << 3;
    v128.store(b + o, f64x2.add(v128.load(b + o), f64x2.mul(c, v128.load(a + o))));
  }
  for (; k < n; k++) {
    const o = (<usize>k) << 3;
    store<f64>(b + o, load<f64>(b + o) + factor * load<f64>(a + o));
  }
}

/**
 * Rows [from, to) of the Cholesky factor L in place of the lower triangle; earlier rows are done. Gives the first row
 * whose pivot is not above `least`, or −1.
 */
export function choleskyRows(a: usize, n: i32, from: i32, to: i32, least: f64): i32 {
  for (let i = from; i < to; i++) {
    const row = at(a, n, i, 0);
    for (let j = 0; j < i; j++) {
      const other = at(a, n, j, 0);
      const o = (<usize>j) << 3;
      store<f64>(row + o, (load<f64>(row + o) - dot(row, other, j)) / load<f64>(other + o));
    }
    const o = (<usize>i) << 3;
    const pivot = load<f64>(row + o) - dot(row, row, i);
    if (!(pivot > least)) return i;
    store<f64>(row + o, sqrt<f64>(pivot));
  }
  return -1;
}

/** Solves L Lᵀ x = b in place of b. */
export function choleskySolve(a: usize, n: i32, b: usize): void {
  for (let i = 0; i < n; i++) {
    const row = at(a, n, i, 0);
    const o = (<usize>i) << 3;
    store<f64>(b + o, (load<f64>(b + o) - dot(row, b, i)) / load<f64>(row + o));
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = at(a, n, i, 0);
    const o = (<usize>i) << 3;
    const x = load<f64>(b + o) / load<f64>(row + o);
    store<f64>(b + o, x);
    addScaled(row, -x, b, i);
  }
}

/** out = A x for rows [from, to) of an (n, n) matrix. */
export function multiplyRows(a: usize, n: i32, x: usize, from: i32, to: i32, out: usize): void {
  for (let i = from; i < to; i++) store<f64>(out + ((<usize>i) << 3), dot(at(a, n, i, 0), x, n));
}

/**
 * One sweep of Jacobi rotations over the symmetric matrix `a` (both triangles); `v` (the identity at first) receives unit
 * vectors as rows. Gives the number of rotations. Accurate for tiny eigenvalues of matrices whose scales differ.
 */
export function jacobiSweep(a: usize, v: usize, n: i32): i32 {
  let turned = 0;
  const stride = (<usize>n) << 3;
  for (let p = 0; p < n - 1; p++) {
    for (let q = p + 1; q < n; q++) {
      const apq = load<f64>(at(a, n, p, q));
      const app = load<f64>(at(a, n, p, p));
      const aqq = load<f64>(at(a, n, q, q));
      if (apq === 0 || abs<f64>(apq) <= 1.1102230246251565e-16 * sqrt<f64>(abs<f64>(app * aqq))) continue;
      turned++;
      const theta = (aqq - app) / (2 * apq);
      const t = copysign<f64>(1, theta) / (abs<f64>(theta) + hypotenuse(theta, 1));
      const c = 1 / hypotenuse(t, 1);
      const s = t * c;
      turnRows(at(a, n, p, 0), at(a, n, q, 0), n, c, s);
      let x = a + ((<usize>p) << 3);
      let y = a + ((<usize>q) << 3);
      for (let k = 0; k < n; k++) {
        const kp = load<f64>(x);
        const kq = load<f64>(y);
        store<f64>(x, c * kp - s * kq);
        store<f64>(y, s * kp + c * kq);
        x += stride;
        y += stride;
      }
      store<f64>(at(a, n, p, q), 0);
      store<f64>(at(a, n, q, p), 0);
      turnRows(at(v, n, p, 0), at(v, n, q, 0), n, c, s);
    }
  }
  return turned;
}

function turnRows(x: usize, y: usize, n: i32, c: f64, s: f64): void {
  const cc = f64x2.splat(c);
  const ss = f64x2.splat(s);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    const o = (<usize>k) << 3;
    const a = v128.load(x + o);
    const b = v128.load(y + o);
    v128.store(x + o, f64x2.sub(f64x2.mul(cc, a), f64x2.mul(ss, b)));
    v128.store(y + o, f64x2.add(f64x2.mul(ss, a), f64x2.mul(cc, b)));
  }
  for (; k < n; k++) {
    const o = (<usize>k) << 3;
    const a = load<f64>(x + o);
    const b = load<f64>(y + o);
    store<f64>(x + o, c * a - s * b);
    store<f64>(y + o, s * a + c * b);
  }
}

/**
 * One Householder step of the reduction to tridiagonal form: column k of the symmetric matrix `a` (both triangles) below
 * the diagonal becomes (e_k, 0, …). The reflector 1 − tau v vᵀ goes to row k of `reflectors`, columns k + 1 and on, and
 * tau to `taus`; `w` is scratch of n + 2 doubles.
 */
export function reduceColumn(
  a: usize,
  n: i32,
  k: i32,
  d: usize,
  e: usize,
  reflectors: usize,
  taus: usize,
  w: usize,
): void {
  const ok = (<usize>k) << 3;
  store<f64>(d + ok, load<f64>(at(a, n, k, k)));
  const m = n - k - 1;
  const row = at(a, n, k, k + 1);
  const v = at(reflectors, n, k, k + 1);
  if (m <= 0) {
    store<f64>(e + ok, 0);
    store<f64>(taus + ok, 0);
    return;
  }
  let largest: f64 = 0;
  for (let i = 1; i < m; i++) largest = max<f64>(largest, abs<f64>(load<f64>(row + ((<usize>i) << 3))));
  const alpha = load<f64>(row);
  memory.copy(v, row, (<usize>m) << 3);
  if (largest === 0) {
    store<f64>(e + ok, alpha);
    store<f64>(taus + ok, 0);
    return;
  }
  largest = max<f64>(largest, abs<f64>(alpha));
  let square: f64 = 0;
  for (let i = 0; i < m; i++) {
    const x = load<f64>(v + ((<usize>i) << 3)) / largest;
    square += x * x;
  }
  const length = largest * sqrt<f64>(square);
  const beta = alpha > 0 ? -length : length;
  const tau = (beta - alpha) / beta;
  const scale = 1 / (alpha - beta);
  for (let i = 1; i < m; i++) {
    const o = (<usize>i) << 3;
    store<f64>(v + o, load<f64>(v + o) * scale);
  }
  store<f64>(v, 1);
  store<f64>(e + ok, beta);
  store<f64>(taus + ok, tau);
  // w = tau A v − ½ tau (w·v) v; then A −= v wᵀ + w vᵀ.
  for (let i = 0; i < m; i++) store<f64>(w + ((<usize>i) << 3), tau * dot(at(a, n, k + 1 + i, k + 1), v, m));
  addScaled(v, -0.5 * tau * dot(w, v, m), w, m);
  for (let i = 0; i < m; i++) {
    const to = at(a, n, k + 1 + i, k + 1);
    const o = (<usize>i) << 3;
    const x = f64x2.splat(load<f64>(v + o));
    const y = f64x2.splat(load<f64>(w + o));
    let j = 0;
    for (; j + 2 <= m; j += 2) {
      const q = (<usize>j) << 3;
      const less = f64x2.add(f64x2.mul(x, v128.load(w + q)), f64x2.mul(y, v128.load(v + q)));
      v128.store(to + q, f64x2.sub(v128.load(to + q), less));
    }
    for (; j < m; j++) {
      const q = (<usize>j) << 3;
      const less = load<f64>(v + o) * load<f64>(w + q) + load<f64>(w + o) * load<f64>(v + q);
      store<f64>(to + q, load<f64>(to + q) - less);
    }
  }
}

/** Rows [from, to) of Qᵀ (the identity at first) times reflector k; only rows and columns past k are touched. */
export function applyReflector(qt: usize, n: i32, k: i32, reflectors: usize, taus: usize, from: i32, to: i32): void {
  const tau = load<f64>(taus + ((<usize>k) << 3));
  if (tau === 0) return;
  const m = n - k - 1;
  const v = at(reflectors, n, k, k + 1);
  for (let r = max(from, k + 1); r < to; r++) {
    const row = at(qt, n, r, k + 1);
    addScaled(v, -tau * dot(row, v, m), row, m);
  }
}

/** Doubles per rotation: row, cosine, sine. */
const ROTATION: usize = 24;

/**
 * Implicit QL with Wilkinson's shift on a tridiagonal matrix (diagonal d, below it e with e[n − 1] = 0). Goes on from
 * eigenvalue `progress[0]` until all are found or fewer than n rotations fit, and writes the rotations of rows (i, i + 1)
 * to be done to Qᵀ. Gives their number; `progress[0]` is n when all are found, and −1 when one takes too many sweeps.
 */
export function qlRotations(d: usize, e: usize, n: i32, progress: usize, rotations: usize, capacity: i32): i32 {
  let count = 0;
  let l = load<i32>(progress);
  let sweeps = load<i32>(progress + 4);
  while (l < n) {
    let m = l;
    for (; m < n - 1; m++) {
      const om = (<usize>m) << 3;
      const near = abs<f64>(load<f64>(d + om)) + abs<f64>(load<f64>(d + om + 8));
      if (abs<f64>(load<f64>(e + om)) <= 1.1102230246251565e-16 * near) break;
    }
    if (m === l) {
      l++;
      sweeps = 0;
      continue;
    }
    if (count + (m - l) > capacity) break;
    if (++sweeps > 60) {
      l = -1;
      break;
    }
    const ol = (<usize>l) << 3;
    let g = (load<f64>(d + ol + 8) - load<f64>(d + ol)) / (2 * load<f64>(e + ol));
    let r = hypotenuse(g, 1);
    g = load<f64>(d + ((<usize>m) << 3)) - load<f64>(d + ol) + load<f64>(e + ol) / (g + copysign<f64>(r, g));
    let s: f64 = 1;
    let c: f64 = 1;
    let p: f64 = 0;
    let i = m - 1;
    for (; i >= l; i--) {
      const oi = (<usize>i) << 3;
      const f = s * load<f64>(e + oi);
      const b = c * load<f64>(e + oi);
      r = hypotenuse(f, g);
      store<f64>(e + oi + 8, r);
      if (r === 0) {
        store<f64>(d + oi + 8, load<f64>(d + oi + 8) - p);
        store<f64>(e + ((<usize>m) << 3), 0);
        break;
      }
      s = f / r;
      c = g / r;
      g = load<f64>(d + oi + 8) - p;
      r = (load<f64>(d + oi) - g) * s + 2 * c * b;
      p = s * r;
      store<f64>(d + oi + 8, g + p);
      g = c * r - b;
      const to = rotations + <usize>count * ROTATION;
      store<f64>(to, <f64>i);
      store<f64>(to + 8, c);
      store<f64>(to + 16, s);
      count++;
    }
    if (r === 0 && i >= l) continue;
    store<f64>(d + ol, load<f64>(d + ol) - p);
    store<f64>(e + ol, g);
    store<f64>(e + ((<usize>m) << 3), 0);
  }
  store<i32>(progress, l);
  store<i32>(progress + 4, sweeps);
  return count;
}

function hypotenuse(a: f64, b: f64): f64 {
  const x = abs<f64>(a);
  const y = abs<f64>(b);
  if (x > y) {
    const q = y / x;
    return x * sqrt<f64>(1 + q * q);
  }
  if (y === 0) return 0;
  const q = x / y;
  return y * sqrt<f64>(1 + q * q);
}

/** Does rotations to columns [from, to) of Qᵀ. */
export function rotateRows(qt: usize, n: i32, rotations: usize, count: i32, from: i32, to: i32): void {
  const stride = (<usize>n) << 3;
  const end = rotations + <usize>count * ROTATION;
  let j = from;
  for (; j + 8 <= to; j += 8) {
    const column = qt + ((<usize>j) << 3);
    for (let o = rotations; o < end; o += ROTATION) {
      const a = column + <usize>load<f64>(o) * stride;
      const b = a + stride;
      const c = v128.load64_splat(o + 8);
      const s = v128.load64_splat(o + 16);
      for (let q: usize = 0; q < 64; q += 16) {
        const x = v128.load(a + q);
        const y = v128.load(b + q);
        v128.store(b + q, f64x2.add(f64x2.mul(s, x), f64x2.mul(c, y)));
        v128.store(a + q, f64x2.sub(f64x2.mul(c, x), f64x2.mul(s, y)));
      }
    }
  }
  for (; j < to; j++) {
    const column = qt + ((<usize>j) << 3);
    for (let o = rotations; o < end; o += ROTATION) {
      const a = column + <usize>load<f64>(o) * stride;
      const b = a + stride;
      const c = load<f64>(o + 8);
      const s = load<f64>(o + 16);
      const x = load<f64>(a);
      const y = load<f64>(b);
      store<f64>(b, s * x + c * y);
      store<f64>(a, c * x - s * y);
    }
  }
}

/**
 * One sweep of coordinate descent over ½ uᵀ G u − xyᵀ u + Σ l1 |u| + ½ l2 u²: `gu` is G u and is kept so. `order` holds n
 * positions (i32), 0: in turn. `out` receives the largest change and the largest |u|.
 */
export function descentSweep(
  g: usize,
  n: i32,
  u: usize,
  gu: usize,
  xy: usize,
  l1: usize,
  l2: usize,
  order: usize,
  positive: i32,
  out: usize,
): void {
  let change: f64 = 0;
  let largest: f64 = 0;
  for (let k = 0; k < n; k++) {
    const i = order === 0 ? k : load<i32>(order + ((<usize>k) << 2));
    const o = (<usize>i) << 3;
    const diagonal = load<f64>(at(g, n, i, i));
    if (!(diagonal > 0)) continue;
    const old = load<f64>(u + o);
    const t = load<f64>(xy + o) - load<f64>(gu + o) + old * diagonal;
    const limit = load<f64>(l1 + o);
    let next: f64 = 0;
    if (t > limit) next = (t - limit) / (diagonal + load<f64>(l2 + o));
    else if (t < -limit && positive === 0) next = (t + limit) / (diagonal + load<f64>(l2 + o));
    if (next !== old) {
      store<f64>(u + o, next);
      addScaled(at(g, n, i, 0), next - old, gu, n);
    }
    change = max<f64>(change, abs<f64>(next - old));
    largest = max<f64>(largest, abs<f64>(next));
  }
  store<f64>(out, change);
  store<f64>(out + 8, largest);
}
