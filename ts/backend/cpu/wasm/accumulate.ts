// States of several aggregates that lie together, one entry of `stride` bytes per group (functions/agg/fused-groups.ts),
// and means of decimals. Entries hold sums as the module of emit/accumulate.ts adds them up, rows, and rows without a value.
import { add128, entryOf, F32, F64, I64, I128, sumOf, U64 } from './_sums';

/** Adds one to the u32 at `field` of the group of each row without a value. */
export function countNulls(valid: usize, gids: usize, n: i32, field: usize, stride: usize): void {
  for (let i = 0; i < n; i += 64) {
    // Bitmaps may be read past their end.
    let nulls = ~load<u64>(valid + (i >> 3));
    if (n - i < 64) nulls &= ((<u64>1) << (n - i)) - 1;
    for (; nulls !== 0; nulls &= nulls - 1) {
      const p = entryOf(field, gids, <usize>(i + <i32>ctz<u64>(nulls)), stride);
      store<u32>(p, load<u32>(p) + 1);
    }
  }
}

/** The 128-bit sum of 64-bit values from those of their halves; signed ones were moved up by 2^63 each. */
function sumOfHalves(p: usize, rows: u64, isSigned: bool, dst: usize): void {
  const high = load<u64>(p, 8);
  store<u64>(dst, load<u64>(p));
  store<u64>(dst, 0, 8);
  add128(dst, high << 32, <i64>(high >> 32));
  // − rows · 2^63
  if (isSigned && rows !== 0) add128(dst, 0 - (rows << 63), -(<i64>(rows >> 1)) - <i64>(rows & 1));
}

/** The sums at `src`, by layout, as the aggregates keep them. `rows`: where rows are counted, of layouts that need them. */
export function takeSums(
  kind: i32,
  src: usize,
  rows: usize,
  stride: usize,
  groups: i32,
  dst: usize,
  dstStride: usize,
): void {
  for (let i = 0; i < groups; i++) {
    if (kind === I64) sumOfHalves(src, <u64>load<u32>(rows), true, dst);
    else if (kind === U64) sumOfHalves(src, 0, false, dst);
    else if (kind === F32 || kind === F64 || kind === I128) v128.store(dst, v128.load(src));
    else store<i64>(dst, load<i64>(src));
    src += stride;
    rows += stride;
    dst += dstStride;
  }
}

/** Rows with a value, as u32, i64 or f64 (`how` 0, 1, 2): rows less those without, if `nulls` is not 0. */
export function takeCounts(
  how: i32,
  rows: usize,
  nulls: usize,
  stride: usize,
  groups: i32,
  dst: usize,
  dstStride: usize,
): void {
  for (let i = 0; i < groups; i++) {
    let count = load<u32>(rows);
    if (nulls !== 0) {
      count -= load<u32>(nulls);
      nulls += stride;
    }
    if (how === 0) store<u32>(dst, count);
    else if (how === 1) store<u64>(dst, <u64>count);
    else store<f64>(dst, <f64>count);
    rows += stride;
    dst += dstStride;
  }
}

/** {128-bit sum, values} per group, 32 bytes, of decimals. `values` counts those of a morsel of one group. */
export function decimalMean(kind: i32, src: usize, valid: usize, gids: usize, values: i32, n: i32, acc: usize): void {
  if (gids === 0) {
    sumOf(kind, src, 0, n, acc);
    store<i64>(acc, load<i64>(acc, 16) + <i64>values, 16);
    return;
  }
  for (let i = 0; i < n; i++) {
    if (valid !== 0 && ((<u32>load<u8>(valid + (i >> 3)) >> (<u32>i & 7)) & 1) === 0) continue;
    const p = entryOf(acc, gids, <usize>i, 32);
    if (kind === I128) {
      const q = src + ((<usize>i) << 4);
      add128(p, load<u64>(q), load<i64>(q, 8));
    } else {
      const x = load<i64>(src + ((<usize>i) << 3));
      add128(p, <u64>x, x >> 63);
    }
    store<i64>(p, load<i64>(p, 16) + 1, 16);
  }
}
export function mergeDecimalMeans(dst: usize, src: usize, map: usize, groups: i32): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = entryOf(dst, map, i, 32);
    const q = src + (i << 5);
    add128(p, load<u64>(q), load<i64>(q, 8));
    store<i64>(p, load<i64>(p, 16) + load<i64>(q, 16), 16);
  }
}
/** Means; `unit` is 10^scale, `seen` one byte a group. */
export function finishDecimalMeans(acc: usize, groups: i32, unit: f64, dst: usize, seen: usize): void {
  for (let i: usize = 0; i < <usize>groups; i++) {
    const p = acc + (i << 5);
    const n = load<i64>(p, 16);
    let low = load<u64>(p);
    let high = load<u64>(p, 8);
    const isNegative = <i64>high < 0;
    if (isNegative) {
      low = 0 - low;
      high = ~high + (low === 0 ? 1 : 0);
    }
    const x = (<f64>high * 18446744073709551616.0 + <f64>low) / (<f64>n * unit);
    store<f64>(dst + (i << 3), n === 0 ? 0 : isNegative ? -x : x);
    store<u8>(seen + i, n === 0 ? 0 : 1);
  }
}
