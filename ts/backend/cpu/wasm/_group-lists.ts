// Values of each group side by side: what quantile and implode need.

/** A float as an integer that orders as the float does, NaN greatest. */
export function sortable(x: f64): i64 {
  if (ne<f64>(x, x)) return i64.MAX_VALUE;
  const b = reinterpret<i64>(x);
  return b ^ ((b >> 63) & i64.MAX_VALUE);
}
export function unsortable(b: i64): f64 {
  if (b === i64.MAX_VALUE) return NaN;
  return reinterpret<f64>(b ^ ((b >> 63) & i64.MAX_VALUE));
}

function at(p: usize, i: i32): i64 {
  return load<i64>(p + ((<usize>i) << 3));
}
function swap(p: usize, i: i32, j: i32): void {
  const a = p + ((<usize>i) << 3);
  const b = p + ((<usize>j) << 3);
  const x = load<i64>(a);
  store<i64>(a, load<i64>(b));
  store<i64>(b, x);
}
/** Insertion sort of rows [lo, hi]. */
function sortFew(p: usize, lo: i32, hi: i32): void {
  for (let i = lo + 1; i <= hi; i++) {
    const x = at(p, i);
    let j = i;
    for (; j > lo && at(p, j - 1) > x; j--) store<i64>(p + ((<usize>j) << 3), at(p, j - 1));
    store<i64>(p + ((<usize>j) << 3), x);
  }
}
/** Moves row `down` of a heap over [lo, lo + n) to its place. */
function siftDown(p: usize, lo: i32, n: i32, down: i32): void {
  for (;;) {
    let child = 2 * down + 1;
    if (child >= n) return;
    if (child + 1 < n && at(p, lo + child + 1) > at(p, lo + child)) child++;
    if (at(p, lo + down) >= at(p, lo + child)) return;
    swap(p, lo + down, lo + child);
    down = child;
  }
}
function sortByHeap(p: usize, lo: i32, hi: i32): void {
  const n = hi - lo + 1;
  for (let i = n / 2 - 1; i >= 0; i--) siftDown(p, lo, n, i);
  for (let end = n - 1; end > 0; end--) {
    swap(p, lo, lo + end);
    siftDown(p, lo, end, 0);
  }
}

/** Arranges n values so that the k-th is in its place, smaller ones before it. Quickselect, heap sort when it goes badly. */
export function select(p: usize, n: i32, k: i32): i64 {
  let lo = 0;
  let hi = n - 1;
  let budget = 2 * (32 - clz(n));
  while (hi - lo > 16) {
    if (budget-- === 0) {
      sortByHeap(p, lo, hi);
      return at(p, k);
    }
    // The median of three as pivot, kept at both ends as sentinels.
    const mid = lo + ((hi - lo) >> 1);
    if (at(p, mid) < at(p, lo)) swap(p, mid, lo);
    if (at(p, hi) < at(p, lo)) swap(p, hi, lo);
    if (at(p, hi) < at(p, mid)) swap(p, hi, mid);
    const pivot = at(p, mid);
    let i = lo;
    let j = hi;
    while (i <= j) {
      while (at(p, i) < pivot) i++;
      while (at(p, j) > pivot) j--;
      if (i <= j) {
        swap(p, i, j);
        i++;
        j--;
      }
    }
    if (k <= j) hi = j;
    else if (k >= i) lo = i;
    else return pivot;
  }
  sortFew(p, lo, hi);
  return at(p, k);
}
/** The least of rows [from, n): the next order statistic after a selection. */
export function leastFrom(p: usize, from: i32, n: i32): i64 {
  let best = i64.MAX_VALUE;
  for (let i = from; i < n; i++) best = min<i64>(best, at(p, i));
  return best;
}
