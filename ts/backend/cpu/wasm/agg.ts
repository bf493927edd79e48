// Kernels of the aggregates. Row i of a morsel belongs to group `u32[gids + 4 i]`, or all rows to group 0 where `gids`
// may be 0. Values under nulls are zero. `kind` is a layout's number (_sums.ts).
import {
  argBestBy,
  below128,
  compareViews,
  EMPTY,
  FRESH,
  firstOf,
  greatestBy,
  greatestOfAllBy,
  groupOf,
  lastOf,
  leastBy,
  leastOfAllBy,
  NO_ROW,
  NULL,
  numberOf,
  VALUE,
} from './_extremes';
import { leastFrom, select, sortable, unsortable } from './_group-lists';
import { isValid } from './_keys';
import {
  mergeMoments2,
  mergeMoments4,
  mergeProducts,
  moments2Blocks,
  moments2Rows,
  moments4Blocks,
  moments4Rows,
  productsBlocks,
  productsRows,
} from './_moments';
import { addExactly, addSum, countedSums, entryOf, sumAllFloats, sumOf, valueOfSum } from './_sums';

/** Sums in entries of 8 bytes (integers of up to 32 bits) or 16 ({sum, error}, 128-bit integers). */
export function sum(kind: i32, src: usize, gids: usize, n: i32, acc: usize): void {
  sumOf(kind, src, gids, n, acc);
}
/** Adds {sum, error} of other groups. */
export function mergeSums(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) addSum(entryOf(dst, map, i, 16), src + (i << 4));
}
/** Adds 64-bit sums of other groups. */
export function mergeLongs(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = entryOf(dst, map, i, 8);
    store<i64>(p, load<i64>(p) + load<i64>(src + (i << 3)));
  }
}
export function finishSums(acc: usize, groups: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) store<f64>(dst + (i << 3), valueOfSum(acc + (i << 4)));
}
/** 128-bit sums as 64-bit ones; the first that does not fit, or −1. */
export function narrowSums(acc: usize, groups: i32, isUnsigned: i32, dst: usize): i32 {
  for (let i = 0; i < groups; i++) {
    const lo = load<i64>(acc + ((<usize>i) << 4));
    const hi = load<i64>(acc + ((<usize>i) << 4), 8);
    if (hi !== (isUnsigned ? 0 : lo >> 63)) return i;
    store<i64>(dst + ((<usize>i) << 3), lo);
  }
  return -1;
}
/** The first 128-bit sum of more than 38 digits, or −1. */
export function findWide(acc: usize, groups: i32): i32 {
  for (let i = 0; i < groups; i++) {
    let lo = load<u64>(acc + ((<usize>i) << 4));
    let hi = load<u64>(acc + ((<usize>i) << 4), 8);
    if (<i64>hi < 0) {
      lo = 0 - lo;
      hi = ~hi + (lo === 0 ? 1 : 0);
    }
    // 10^38
    if (hi > 0x4b3b4ca85a86c47a || (hi === 0x4b3b4ca85a86c47a && lo >= 0x098a224000000000)) return i;
  }
  return -1;
}

/** Rows per group. */
export function countRows(gids: usize, n: i32, counts: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = entryOf(counts, gids, i, 4);
    store<u32>(p, load<u32>(p) + 1);
  }
}
/** Rows with a value per group. */
export function countValid(valid: usize, gids: usize, n: i32, counts: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = entryOf(counts, gids, i, 4);
    store<u32>(p, load<u32>(p) + ((<u32>load<u8>(valid + (i >> 3)) >> (<u32>i & 7)) & 1));
  }
}
/** Adds u32 counts of other groups. */
export function mergeCounts(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = entryOf(dst, map, i, 4);
    store<u32>(p, load<u32>(p) + load<u32>(src + (i << 2)));
  }
}

/** {sum, error, values as f64, spare} per group, 32 bytes: one cache line for both parts of a mean. */
export function mean(src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  if (valid === 0) {
    for (let i: usize = 0; i < <usize>n; i++) {
      const p = entryOf(acc, gids, i, 32);
      addExactly(p, load<f64>(src + (i << 3)));
      store<f64>(p, load<f64>(p, 16) + 1, 16);
    }
    return;
  }
  for (let i: usize = 0; i < <usize>n; i++) {
    if (!isValid(valid, <i32>i)) continue;
    const p = entryOf(acc, gids, i, 32);
    addExactly(p, load<f64>(src + (i << 3)));
    store<f64>(p, load<f64>(p, 16) + 1, 16);
  }
}
export function meanAll(src: usize, values: i32, n: i32, acc: usize): void {
  sumAllFloats<f64>(src, n, acc);
  store<f64>(acc, load<f64>(acc, 16) + <f64>values, 16);
}
export function mergeMeans(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = entryOf(dst, map, i, 32);
    const q = src + (i << 5);
    addSum(p, q);
    store<f64>(p, load<f64>(p, 16) + load<f64>(q, 16), 16);
  }
}
/** Means; `seen` one byte a group. */
export function finishMeans(acc: usize, groups: i32, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = acc + (i << 5);
    const n = load<f64>(p, 16);
    store<f64>(dst + (i << 3), n === 0 ? 0 : valueOfSum(p) / n);
    store<u8>(seen + i, n === 0 ? 0 : 1);
  }
}

/** {sum, values} per group, of integers of up to 32 bits: exact. `values` counts those of a morsel of one group. */
export function meanInts(kind: i32, src: usize, valid: usize, gids: usize, values: i32, n: i32, acc: usize): void {
  if (gids !== 0) countedSums(kind, src, valid, gids, n, acc);
  else {
    sumOf(kind, src, 0, n, acc);
    store<i64>(acc, load<i64>(acc, 8) + <i64>values, 8);
  }
}
export function mergeIntMeans(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = entryOf(dst, map, i, 16);
    v128.store(p, i64x2.add(v128.load(p), v128.load(src + (i << 4))));
  }
}
export function finishIntMeans(acc: usize, groups: i32, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const n = load<i64>(acc + (i << 4), 8);
    store<f64>(dst + (i << 3), n === 0 ? 0 : <f64>load<i64>(acc + (i << 4)) / <f64>n);
    store<u8>(seen + i, n === 0 ? 0 : 1);
  }
}

/** {rows, mean, squares about the mean} per group. */
export function moments2(src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  if (gids === 0) moments2Blocks(src, valid, n, acc);
  else moments2Rows(src, valid, gids, n, acc);
}
export function mergeAllMoments2(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const q = src + (i << 5);
    mergeMoments2(entryOf(dst, map, i, 32), load<f64>(q), load<f64>(q, 8), load<f64>(q, 16));
  }
}
/** Squares / (rows − ddof); none with fewer than ddof + 1 rows. */
export function finishVariance(acc: usize, groups: i32, ddof: f64, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = acc + (i << 5);
    const n = load<f64>(p);
    store<f64>(dst + (i << 3), n > ddof ? max<f64>(load<f64>(p, 16), 0) / (n - ddof) : 0);
    store<u8>(seen + i, n > ddof ? 1 : 0);
  }
}

/** {rows, mean, M2, M3, M4} per group. */
export function moments4(src: usize, valid: usize, gids: usize, n: i32, acc: usize): void {
  if (gids === 0) moments4Blocks(src, valid, n, acc);
  else moments4Rows(src, valid, gids, n, acc);
}
export function mergeAllMoments4(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const q = src + i * 40;
    mergeMoments4(
      entryOf(dst, map, i, 40),
      load<f64>(q),
      load<f64>(q, 8),
      load<f64>(q, 16),
      load<f64>(q, 24),
      load<f64>(q, 32),
    );
  }
}
/** Population skewness, or excess kurtosis; NaN where there is no spread. */
export function finishShape(acc: usize, groups: i32, kurtosis: i32, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = acc + i * 40;
    const n = load<f64>(p);
    const m2 = load<f64>(p, 16) / n;
    const x = kurtosis ? load<f64>(p, 32) / n / (m2 * m2) - 3 : load<f64>(p, 24) / n / (m2 * sqrt<f64>(m2));
    store<f64>(dst + (i << 3), n === 0 ? 0 : x);
    store<u8>(seen + i, n === 0 ? 0 : 1);
  }
}

/** {rows, mean x, mean y, xy, xx, yy} per group. */
export function products(x: usize, validX: usize, y: usize, validY: usize, gids: usize, n: i32, acc: usize): void {
  if (gids === 0) productsBlocks(x, validX, y, validY, n, acc);
  else productsRows(x, validX, y, validY, gids, n, acc);
}
export function mergeAllProducts(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const q = src + i * 48;
    mergeProducts(
      entryOf(dst, map, i, 48),
      load<f64>(q),
      load<f64>(q, 8),
      load<f64>(q, 16),
      load<f64>(q, 24),
      load<f64>(q, 32),
      load<f64>(q, 40),
    );
  }
}
export function finishCovariance(acc: usize, groups: i32, ddof: f64, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = acc + i * 48;
    const n = load<f64>(p);
    store<f64>(dst + (i << 3), n > ddof ? load<f64>(p, 24) / (n - ddof) : 0);
    store<u8>(seen + i, n > ddof ? 1 : 0);
  }
}
/** Pearson's r; NaN where a column has no spread. */
export function finishCorrelation(acc: usize, groups: i32, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = acc + i * 48;
    const n = load<f64>(p);
    const r = load<f64>(p, 24) / (sqrt<f64>(load<f64>(p, 32)) * sqrt<f64>(load<f64>(p, 40)));
    store<f64>(dst + (i << 3), n === 0 ? 0 : max<f64>(-1, min<f64>(1, r)));
    store<u8>(seen + i, n === 0 ? 0 : 1);
  }
}

/** Least or greatest value per group; `seen` one byte a group, `spare` 16 bytes of scratch. */
export function extreme(
  kind: i32,
  wantsGreatest: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  seen: usize,
  spare: usize,
): void {
  if (gids === 0) {
    if (wantsGreatest) greatestOfAllBy(kind, src, valid, n, acc, seen, spare);
    else leastOfAllBy(kind, src, valid, n, acc, seen, spare);
  } else if (wantsGreatest) greatestBy(kind, src, valid, gids, n, acc, seen);
  else leastBy(kind, src, valid, gids, n, acc, seen);
}
/** Row number, within its group, of the least or greatest value. */
export function argExtreme(
  kind: i32,
  wantsGreatest: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  row: usize,
  next: usize,
  rows: usize,
): void {
  argBestBy(kind, src, valid, gids, n, acc, row, next, rows, wantsGreatest);
}
/**
 * Both for 128-bit integers: `row` is NO_ROW where there is no value yet.
 */
export function extreme128(
  wantsGreatest: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  row: usize,
  next: usize,
  rows: usize,
): void {
  for (let i = 0; i < n; i++) {
    const g = groupOf(gids, i);
    const at = numberOf(rows, next, g, i);
    if (valid !== 0 && !isValid(valid, i)) continue;
    const p = src + ((<usize>i) << 4);
    const q = acc + (g << 4);
    const best = row + (g << 2);
    if (load<u32>(best) === NO_ROW || (wantsGreatest ? below128(q, p) : below128(p, q))) {
      v128.store(q, v128.load(p));
      store<u32>(best, at);
    }
  }
}
/**
 * The same for strings. Views still point into the morsel: each group that changed is in `list` once, and `keepViews`
 * copies their bytes. Returns the length of the list.
 */
export function extremeViews(
  wantsGreatest: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  row: usize,
  next: usize,
  rows: usize,
  state: usize,
  list: usize,
): i32 {
  let listed: usize = 0;
  for (let i = 0; i < n; i++) {
    const g = groupOf(gids, i);
    const at = numberOf(rows, next, g, i);
    if (valid !== 0 && !isValid(valid, i)) continue;
    const p = src + ((<usize>i) << 4);
    const q = acc + (g << 4);
    const best = row + (g << 2);
    if (load<u32>(best) !== NO_ROW) {
      const order = compareViews(p, q);
      if (wantsGreatest ? order <= 0 : order >= 0) continue;
    }
    v128.store(q, v128.load(p));
    store<u32>(best, at);
    if (load<u8>(state + g) & FRESH) continue;
    store<u8>(state + g, VALUE | FRESH);
    store<u32>(list + (listed << 2), <u32>g);
    listed++;
  }
  return <i32>listed;
}

/** First or last row of each group, null or not, of values of 1, 2, 4, 8 or 16 bytes; `state` one byte a group. */
export function pickRow(
  width: i32,
  wantsLast: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  state: usize,
): void {
  if (width === 1) {
    if (wantsLast) lastOf<u8>(src, valid, gids, n, acc, state);
    else firstOf<u8>(src, valid, gids, n, acc, state);
  } else if (width === 2) {
    if (wantsLast) lastOf<u16>(src, valid, gids, n, acc, state);
    else firstOf<u16>(src, valid, gids, n, acc, state);
  } else if (width === 4) {
    if (wantsLast) lastOf<u32>(src, valid, gids, n, acc, state);
    else firstOf<u32>(src, valid, gids, n, acc, state);
  } else if (wantsLast) lastOf<u64>(src, valid, gids, n, acc, state);
  else firstOf<u64>(src, valid, gids, n, acc, state);
}
/** The same for 16 bytes; with `list`, strings: groups that changed, each once, as in `extremeViews`. */
export function pickRow16(
  wantsLast: i32,
  src: usize,
  valid: usize,
  gids: usize,
  n: i32,
  acc: usize,
  state: usize,
  list: usize,
): i32 {
  let listed: usize = 0;
  for (let i = gids === 0 && wantsLast ? n - 1 : 0; i < n; i++) {
    const g = groupOf(gids, i);
    const old = load<u8>(state + g);
    if (!wantsLast && old !== EMPTY) {
      if (gids === 0) break;
      continue;
    }
    const isValue = valid === 0 || isValid(valid, i);
    v128.store(acc + (g << 4), isValue ? v128.load(src + ((<usize>i) << 4)) : i64x2.splat(0));
    store<u8>(state + g, (isValue ? VALUE : NULL) | (list === 0 ? 0 : FRESH));
    if (list === 0 || old & FRESH) continue;
    store<u32>(list + (listed << 2), <u32>g);
    listed++;
  }
  return <i32>listed;
}
/**
 * Copies the bytes of long strings that groups of `list` hold from row `from` on: over the group's own block (`own`:
 * {address, capacity}) where they fit, else to free space at u32[space] up to u32[space + 4]. Returns where it stopped
 * for want of space.
 */
export function keepViews(acc: usize, own: usize, state: usize, list: usize, from: i32, n: i32, space: usize): i32 {
  let top = load<u32>(space);
  const end = load<u32>(space, 4);
  let k = from;
  for (; k < n; k++) {
    const g = <usize>load<u32>(list + ((<usize>k) << 2));
    const p = acc + (g << 4);
    const len = load<u32>(p);
    if (len > 12) {
      const o = own + (g << 3);
      let block = load<u32>(o);
      if (load<u32>(o, 4) < len) {
        // Twice as large as the last one, so that growing strings leave little behind.
        const room = max<u32>(len, min<u32>(load<u32>(o, 4) * 2, 1 << 20));
        if (end - top < room) break;
        block = top;
        top += room;
        store<u32>(o, block);
        store<u32>(o, room, 4);
      }
      memory.copy(<usize>block, <usize>load<u32>(p, 12), len);
      store<u32>(p, block, 12);
    }
    store<u8>(state + g, load<u8>(state + g) & ~FRESH);
  }
  store<u32>(space, top);
  return k;
}

/**
 * Rows to keep beyond the morsel, for values of any layout: the first (or last) row of each group is to be copied
 * behind the `kept` rows of a store, and its row number there goes to `row`. Returns how many are in `list`, in order.
 */
export function pickRows(wantsLast: i32, gids: usize, n: i32, row: usize, kept: u32, list: usize): i32 {
  let listed: usize = 0;
  for (let k = 0; k < n; k++) {
    const i = wantsLast ? n - 1 - k : k;
    const p = row + (groupOf(gids, i) << 2);
    const at = load<u32>(p);
    if (at !== NO_ROW && (!wantsLast || at >= kept)) continue;
    store<u32>(p, kept + <u32>listed);
    store<u32>(list + (listed << 2), i);
    listed++;
  }
  if (wantsLast) {
    // Back into row order.
    for (let k: usize = 0; k < listed; k++)
      store<u32>(row + (groupOf(gids, load<i32>(list + (k << 2))) << 2), kept + <u32>(listed - 1 - k));
    for (let lo: usize = 0, hi = listed; lo + 1 < hi; lo++) {
      hi--;
      const x = load<u32>(list + (lo << 2));
      store<u32>(list + (lo << 2), load<u32>(list + (hi << 2)));
      store<u32>(list + (hi << 2), x);
    }
  }
  return <i32>listed;
}
/** Sets the bits of the rows in `row`; with `counts`, of groups of one row only. */
export function markRows(row: usize, counts: usize, groups: i32, bits: usize): void {
  for (let g: usize = 0; g < <usize>groups; g++) {
    if (counts !== 0 && load<u32>(counts + (g << 2)) !== 1) continue;
    const at = load<u32>(row + (g << 2));
    const p = bits + (at >> 3);
    store<u8>(p, <u32>load<u8>(p) | (1 << (at & 7)));
  }
}
/** Which row numbers are there, as a bitmap. */
export function rowBits(row: usize, n: i32, dst: usize): i32 {
  let nulls = 0;
  for (let i = 0; i < n; i += 8) {
    let byte: u32 = 0;
    for (let b = 0; b < 8 && i + b < n; b++) {
      const some: u32 = load<u32>(row + ((<usize>(i + b)) << 2)) === NO_ROW ? 0 : 1;
      byte |= some << b;
      nulls += some ? 0 : 1;
    }
    store<u8>(dst + (i >> 3), byte);
  }
  return nulls;
}

/** Bytes 0 or not, `seen` of a group, as a bitmap; returns the zeroes. */
export function seenBits(seen: usize, mask: i32, n: i32, dst: usize): i32 {
  let nulls = 0;
  for (let i = 0; i < n; i += 8) {
    let byte: u32 = 0;
    for (let b = 0; b < 8 && i + b < n; b++) {
      const some: u32 = <i32>load<u8>(seen + i + b) & mask ? 1 : 0;
      byte |= some << b;
      nulls += some ? 0 : 1;
    }
    store<u8>(dst + (i >> 3), byte);
  }
  return nulls;
}

/** Appends the rows with a value: f64 values, and their groups unless `gids` is 0. Returns how many. */
export function appendValues(src: usize, valid: usize, gids: usize, n: i32, values: usize, groups: usize): i32 {
  let k: usize = 0;
  for (let i = 0; i < n; i++) {
    if (valid !== 0 && !isValid(valid, i)) continue;
    store<f64>(values + (k << 3), load<f64>(src + ((<usize>i) << 3)));
    if (gids !== 0) store<u32>(groups + (k << 2), load<u32>(gids + ((<usize>i) << 2)));
    k++;
  }
  return <i32>k;
}
/** Where each group starts, from counts: groups + 1 numbers. */
export function startsOf(counts: usize, groups: i32, starts: usize): void {
  let at: u32 = 0;
  for (let g: usize = 0; g < <usize>groups; g++) {
    store<u32>(starts + (g << 2), at);
    at += load<u32>(counts + (g << 2));
  }
  store<u32>(starts + ((<usize>groups) << 2), at);
}
/** Puts values, as sortable integers, at their group's next place. `gids` 0: one after another from the first. */
export function scatterValues(values: usize, gids: usize, n: i32, next: usize, dst: usize): void {
  for (let i = 0; i < n; i++) {
    const p = next + (groupOf(gids, i) << 2);
    const at = load<u32>(p);
    store<u32>(p, at + 1);
    store<i64>(dst + ((<usize>at) << 3), sortable(load<f64>(values + ((<usize>i) << 3))));
  }
}
/** Row numbers from `first` up, each at its group's next place. */
export function scatterRows(gids: usize, n: i32, first: u32, next: usize, dst: usize): void {
  for (let i = 0; i < n; i++) {
    const p = next + (groupOf(gids, i) << 2);
    const at = load<u32>(p);
    store<u32>(p, at + 1);
    store<u32>(dst + ((<usize>at) << 2), first + i);
  }
}
/** The quantile q of each group's values. `how`: 0 linear, 1 lower, 2 higher, 3 nearest, 4 midpoint. */
export function quantiles(values: usize, starts: usize, groups: i32, q: f64, how: i32, dst: usize, seen: usize): void {
  for (let g: usize = 0; g < <usize>groups; g++) {
    const from = load<u32>(starts + (g << 2));
    const n = <i32>(load<u32>(starts + (g << 2), 4) - from);
    store<u8>(seen + g, n > 0 ? 1 : 0);
    store<f64>(dst + (g << 3), 0);
    if (n === 0) continue;
    const p = values + ((<usize>from) << 3);
    const exact = q * <f64>(n - 1);
    let k = <i32>floor<f64>(exact);
    let rest = exact - <f64>k;
    if (how === 2 && rest > 0) k++;
    if (how === 3 && rest >= 0.5) k++;
    if (how === 4 && rest > 0) rest = 0.5;
    if (how !== 0 && how !== 4) rest = 0;
    const lower = unsortable(select(p, n, k));
    let x = lower;
    if (rest > 0) {
      const higher = unsortable(leastFrom(p, k + 1, n));
      // Equal neighbours, infinite ones included, are themselves.
      if (higher !== lower) x = how === 4 ? (lower + higher) / 2 : lower + (higher - lower) * rest;
    }
    store<f64>(dst + (g << 3), x);
  }
}
/**
 * The pair with the greatest count of each owner, the first on ties: `best` per owner. `mark` holds the owners' greatest
 * counts. `owners` 0: all belong to owner 0.
 */
export function mostFrequent(owners: usize, valid: usize, counts: usize, pairs: i32, best: usize, mark: usize): void {
  for (let i: usize = 0; i < <usize>pairs; i++) {
    if (valid !== 0 && !isValid(valid, <i32>i)) continue;
    const g = groupOf(owners, <i32>i);
    const most = mark + (g << 2);
    if (load<u32>(counts + (i << 2)) > load<u32>(most)) {
      store<u32>(most, load<u32>(counts + (i << 2)));
      store<u32>(best + (g << 2), <u32>i);
    }
  }
}
