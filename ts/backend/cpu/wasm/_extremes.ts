// Least, greatest, first and last values per group. `gids` 0: every row belongs to group 0.
import { isValid } from './_keys';
import { F32, I8, I16, I32, I64, U8, U16, U32, U64 } from './_sums';

export function groupOf(gids: usize, i: i32): usize {
  return gids === 0 ? 0 : <usize>load<u32>(gids + ((<usize>i) << 2));
}

/** Whether x comes before y; NaN is greatest. */
export function before<T extends number>(x: T, y: T): bool {
  if (isFloat<T>()) {
    if (sizeof<T>() === 8) return x < y || (ne<f64>(<f64>y, <f64>y) !== 0 && ne<f64>(<f64>x, <f64>x) === 0);
    return x < y || (ne<f32>(<f32>y, <f32>y) !== 0 && ne<f32>(<f32>x, <f32>x) === 0);
  }
  return x < y;
}

/**
 * Least (`sign` 1) or greatest (−1) value of each group in `acc`; `seen` one byte a group. Empty groups hold what no
 * value loses against, so that the loop need not ask.
 */
export function least<T extends number>(src: usize, valid: usize, gids: usize, n: i32, acc: usize, seen: usize): void {
  if (valid === 0) {
    for (let i: usize = 0; i < <usize>n; i++) {
      const g = <usize>load<u32>(gids + (i << 2));
      const p = acc + g * sizeof<T>();
      const x = load<T>(src + i * sizeof<T>());
      const y = load<T>(p);
      store<T>(p, before<T>(x, y) ? x : y);
      store<u8>(seen + g, 1);
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const g = <usize>load<u32>(gids + ((<usize>i) << 2));
    const p = acc + g * sizeof<T>();
    const x = load<T>(src + <usize>i * sizeof<T>());
    const y = load<T>(p);
    store<T>(p, before<T>(x, y) ? x : y);
    store<u8>(seen + g, 1);
  }
}
export function greatest<T extends number>(
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  seen: usize,
): void {
  if (valid === 0) {
    for (let i: usize = 0; i < <usize>n; i++) {
      const g = <usize>load<u32>(gids + (i << 2));
      const p = acc + g * sizeof<T>();
      const x = load<T>(src + i * sizeof<T>());
      const y = load<T>(p);
      store<T>(p, before<T>(y, x) ? x : y);
      store<u8>(seen + g, 1);
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const g = <usize>load<u32>(gids + ((<usize>i) << 2));
    const p = acc + g * sizeof<T>();
    const x = load<T>(src + <usize>i * sizeof<T>());
    const y = load<T>(p);
    store<T>(p, before<T>(y, x) ? x : y);
    store<u8>(seen + g, 1);
  }
}

/**
 * The least of all rows: vectors where there are no nulls and the lanes have the instruction. `spare` is 16 bytes of
 * the caller's.
 */
export function leastOfAll<T extends number>(
  src: usize,
  valid: usize,
  n: i32,
  acc: usize,
  seen: usize,
  spare: usize,
): void {
  let best = load<T>(acc);
  let i = 0;
  if (sizeof<T>() < 8 && isInteger<T>()) {
    const lanes = 16 / <i32>sizeof<T>();
    if (valid === 0 && n >= lanes) {
      let b = v128.load(src);
      for (; i + lanes <= n; i += lanes) b = v128.min<T>(b, v128.load(src + <usize>i * sizeof<T>()));
      v128.store(spare, b);
      for (let k = 0; k < lanes; k++) {
        const x = load<T>(spare + <usize>k * sizeof<T>());
        best = before<T>(x, best) ? x : best;
      }
      store<u8>(seen, 1);
    }
  }
  if (isFloat<T>()) {
    const lanes = 16 / <i32>sizeof<T>();
    if (valid === 0 && n >= lanes) {
      // pmin keeps the old lane against NaN.
      let b = v128.splat<T>(<T>Infinity);
      for (; i + lanes <= n; i += lanes) b = v128.pmin<T>(b, v128.load(src + <usize>i * sizeof<T>()));
      v128.store(spare, b);
      let some = false;
      for (let k = 0; k < lanes; k++) {
        const x = load<T>(spare + <usize>k * sizeof<T>());
        // Infinity may stand for nothing but NaN.
        if (x < <T>Infinity) {
          best = before<T>(x, best) ? x : best;
          some = true;
        }
      }
      if (some) store<u8>(seen, 1);
      else i = 0;
    }
  }
  for (; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const x = load<T>(src + <usize>i * sizeof<T>());
    best = before<T>(x, best) ? x : best;
    store<u8>(seen, 1);
  }
  store<T>(acc, best);
}
export function greatestOfAll<T extends number>(
  src: usize,
  valid: usize,
  n: i32,
  acc: usize,
  seen: usize,
  spare: usize,
): void {
  let best = load<T>(acc);
  let i = 0;
  if (sizeof<T>() < 8 || isFloat<T>()) {
    const lanes = 16 / <i32>sizeof<T>();
    if (valid === 0 && n >= lanes) {
      // max of floats gives NaN when either is: just what is wanted.
      let b = v128.load(src);
      for (; i + lanes <= n; i += lanes) b = v128.max<T>(b, v128.load(src + <usize>i * sizeof<T>()));
      v128.store(spare, b);
      for (let k = 0; k < lanes; k++) {
        const x = load<T>(spare + <usize>k * sizeof<T>());
        best = before<T>(best, x) ? x : best;
      }
      store<u8>(seen, 1);
    }
  }
  for (; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    const x = load<T>(src + <usize>i * sizeof<T>());
    best = before<T>(best, x) ? x : best;
    store<u8>(seen, 1);
  }
  store<T>(acc, best);
}

export const NO_ROW: u32 = 0xffffffff;

/**
 * The row number, within its group, of row i. Rows of a morsel are counted in `next`; rows of another aggregate have
 * their numbers in `rows`, and come after ours.
 */
export function numberOf(rows: usize, next: usize, g: usize, i: i32): u32 {
  const p = next + (g << 2);
  const at = load<u32>(p);
  if (rows !== 0) return at + load<u32>(rows + ((<usize>i) << 2));
  store<u32>(p, at + 1);
  return at;
}

/** Row number of the least or greatest value: `row` per group, NO_ROW when there is none. */
export function argBest<T extends number>(
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  row: usize,
  next: usize,
  rows: usize,
  greatestWanted: i32,
): void {
  for (let i = 0; i < n; i++) {
    const g = groupOf(gids, i);
    const at = numberOf(rows, next, g, i);
    if (valid !== 0 && !isValid(valid, i)) continue;
    const x = load<T>(src + <usize>i * sizeof<T>());
    const p = acc + g * sizeof<T>();
    const y = load<T>(p);
    if (load<u32>(row + (g << 2)) === NO_ROW || (greatestWanted ? before<T>(y, x) : before<T>(x, y))) {
      store<T>(p, x);
      store<u32>(row + (g << 2), at);
    }
  }
}
/** Whether the 128-bit integer at p is below the one at q. */
export function below128(p: usize, q: usize): bool {
  const a = load<i64>(p, 8);
  const b = load<i64>(q, 8);
  return a < b || (a === b && load<u64>(p) < load<u64>(q));
}

/** Orders the strings behind two views by their bytes: below 0, 0, above 0. */
export function compareViews(p: usize, q: usize): i32 {
  const x = bswap<u32>(load<u32>(p, 4));
  const y = bswap<u32>(load<u32>(q, 4));
  if (x !== y) return x < y ? -1 : 1;
  const m = load<u32>(p);
  const n = load<u32>(q);
  const a = m <= 12 ? p + 4 : <usize>load<u32>(p, 12);
  const b = n <= 12 ? q + 4 : <usize>load<u32>(q, 12);
  const common = <usize>min(m, n);
  let i: usize = 4;
  for (; i + 8 <= common; i += 8) {
    const u = load<u64>(a + i);
    const v = load<u64>(b + i);
    if (u !== v) return bswap<u64>(u) < bswap<u64>(v) ? -1 : 1;
  }
  for (; i < common; i++) {
    const u = load<u8>(a + i);
    const v = load<u8>(b + i);
    if (u !== v) return u < v ? -1 : 1;
  }
  return m === n ? 0 : m < n ? -1 : 1;
}

/** State of a picked value: nothing yet, a value, a null; the last two may be marked as not yet kept. */
export const EMPTY: u8 = 0;
export const VALUE: u8 = 1;
export const NULL: u8 = 2;
export const FRESH: u8 = 4;

/** First (or last) row of each group, null or not; `state` one byte a group. */
export function firstOf<T extends number>(
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  state: usize,
): void {
  for (let i = 0; i < n; i++) {
    const g = groupOf(gids, i);
    if (load<u8>(state + g) !== EMPTY) {
      if (gids === 0) return;
      continue;
    }
    const isValue = valid === 0 || isValid(valid, i);
    store<T>(acc + g * sizeof<T>(), isValue ? load<T>(src + <usize>i * sizeof<T>()) : <T>0);
    store<u8>(state + g, isValue ? VALUE : NULL);
  }
}
export function lastOf<T extends number>(
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  state: usize,
): void {
  for (let i = gids === 0 ? n - 1 : 0; i < n; i++) {
    const g = groupOf(gids, i);
    const isValue = valid === 0 || isValid(valid, i);
    store<T>(acc + g * sizeof<T>(), isValue ? load<T>(src + <usize>i * sizeof<T>()) : <T>0);
    store<u8>(state + g, isValue ? VALUE : NULL);
  }
}

/** The same by the layout's number; 128-bit integers and strings have kernels of their own. */
export function leastBy(kind: i32, src: usize, valid: usize, gids: usize, n: i32, acc: usize, seen: usize): void {
  if (kind === I8) least<i8>(src, valid, gids, n, acc, seen);
  else if (kind === U8) least<u8>(src, valid, gids, n, acc, seen);
  else if (kind === I16) least<i16>(src, valid, gids, n, acc, seen);
  else if (kind === U16) least<u16>(src, valid, gids, n, acc, seen);
  else if (kind === I32) least<i32>(src, valid, gids, n, acc, seen);
  else if (kind === U32) least<u32>(src, valid, gids, n, acc, seen);
  else if (kind === I64) least<i64>(src, valid, gids, n, acc, seen);
  else if (kind === U64) least<u64>(src, valid, gids, n, acc, seen);
  else if (kind === F32) least<f32>(src, valid, gids, n, acc, seen);
  else least<f64>(src, valid, gids, n, acc, seen);
}
export function greatestBy(kind: i32, src: usize, valid: usize, gids: usize, n: i32, acc: usize, seen: usize): void {
  if (kind === I8) greatest<i8>(src, valid, gids, n, acc, seen);
  else if (kind === U8) greatest<u8>(src, valid, gids, n, acc, seen);
  else if (kind === I16) greatest<i16>(src, valid, gids, n, acc, seen);
  else if (kind === U16) greatest<u16>(src, valid, gids, n, acc, seen);
  else if (kind === I32) greatest<i32>(src, valid, gids, n, acc, seen);
  else if (kind === U32) greatest<u32>(src, valid, gids, n, acc, seen);
  else if (kind === I64) greatest<i64>(src, valid, gids, n, acc, seen);
  else if (kind === U64) greatest<u64>(src, valid, gids, n, acc, seen);
  else if (kind === F32) greatest<f32>(src, valid, gids, n, acc, seen);
  else greatest<f64>(src, valid, gids, n, acc, seen);
}
export function leastOfAllBy(kind: i32, src: usize, valid: usize, n: i32, acc: usize, seen: usize, spare: usize): void {
  if (kind === I8) leastOfAll<i8>(src, valid, n, acc, seen, spare);
  else if (kind === U8) leastOfAll<u8>(src, valid, n, acc, seen, spare);
  else if (kind === I16) leastOfAll<i16>(src, valid, n, acc, seen, spare);
  else if (kind === U16) leastOfAll<u16>(src, valid, n, acc, seen, spare);
  else if (kind === I32) leastOfAll<i32>(src, valid, n, acc, seen, spare);
  else if (kind === U32) leastOfAll<u32>(src, valid, n, acc, seen, spare);
  else if (kind === I64) leastOfAll<i64>(src, valid, n, acc, seen, spare);
  else if (kind === U64) leastOfAll<u64>(src, valid, n, acc, seen, spare);
  else if (kind === F32) leastOfAll<f32>(src, valid, n, acc, seen, spare);
  else leastOfAll<f64>(src, valid, n, acc, seen, spare);
}
export function greatestOfAllBy(
  kind: i32,
  src: usize,
  valid: usize,
  n: i32,
  acc: usize,
  seen: usize,
  spare: usize,
): void {
  if (kind === I8) greatestOfAll<i8>(src, valid, n, acc, seen, spare);
  else if (kind === U8) greatestOfAll<u8>(src, valid, n, acc, seen, spare);
  else if (kind === I16) greatestOfAll<i16>(src, valid, n, acc, seen, spare);
  else if (kind === U16) greatestOfAll<u16>(src, valid, n, acc, seen, spare);
  else if (kind === I32) greatestOfAll<i32>(src, valid, n, acc, seen, spare);
  else if (kind === U32) greatestOfAll<u32>(src, valid, n, acc, seen, spare);
  else if (kind === I64) greatestOfAll<i64>(src, valid, n, acc, seen, spare);
  else if (kind === U64) greatestOfAll<u64>(src, valid, n, acc, seen, spare);
  else if (kind === F32) greatestOfAll<f32>(src, valid, n, acc, seen, spare);
  else greatestOfAll<f64>(src, valid, n, acc, seen, spare);
}
export function argBestBy(
  kind: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  row: usize,
  next: usize,
  rows: usize,
  greatestWanted: i32,
): void {
  if (kind === I8) argBest<i8>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === U8) argBest<u8>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === I16) argBest<i16>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === U16) argBest<u16>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === I32) argBest<i32>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === U32) argBest<u32>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === I64) argBest<i64>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === U64) argBest<u64>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else if (kind === F32) argBest<f32>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
  else argBest<f64>(src, valid, gids, n, acc, row, next, rows, greatestWanted);
}
