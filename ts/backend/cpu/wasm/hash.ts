// Kernels of the group table. How a table lies in memory: _group-table.ts.
import { assign32, assign64, dense, NONE, rangeOf, refillDense } from './_group-table';
import { equalViews, hash32, hash64, hash128, hashView, isValid, key32, key64 } from './_keys';

/** Marks of a code map: looked up and not in the table; waiting to be looked up. Real group numbers are below. */
const ABSENT: u32 = 0xfffffffe;
const PENDING: u32 = 0xfffffffd;

export function assign_u32(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return assign32<u32>(st, src, valid, from, n, out, insert);
}
export function assign_f32(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return assign32<f32>(st, src, valid, from, n, out, insert);
}

export function assign_u64(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return assign64<u64>(st, src, valid, from, n, out, insert);
}
export function assign_f64(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return assign64<f64>(st, src, valid, from, n, out, insert);
}

export function assign_i128(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const limit = load<u32>(st, 20);
  let count = load<u32>(st, 16);
  let i = from;
  while (i < n) {
    if (valid === 0) {
      for (; i < n; i++) {
        const p = src + ((<usize>i) << 4);
        const a = load<u64>(p);
        const b = load<u64>(p, 8);
        const h = hash128(a, b);
        const e = load<u64>(slots + ((<usize>(h >> shift)) << 3));
        const at = <u32>(e >> 32);
        if (<u32>e !== <u32>h || at === 0) break;
        const q = keys + ((<usize>(at - 1)) << 4);
        if (load<u64>(q) !== a || load<u64>(q, 8) !== b) break;
        store<u32>(out + ((<usize>i) << 2), at - 1);
      }
      if (i === n) break;
    }
    let g: u32 = NONE;
    if (valid !== 0 && !isValid(valid, i)) {
      g = load<u32>(st, 24);
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        v128.store(keys + ((<usize>g) << 4), i64x2.splat(0));
        store<u32>(st, g, 24);
      }
    } else {
      const p = src + ((<usize>i) << 4);
      const a = load<u64>(p);
      const b = load<u64>(p, 8);
      const h = hash128(a, b);
      let s = <u32>(h >> shift);
      for (;;) {
        const e = load<u64>(slots + ((<usize>s) << 3));
        const at = <u32>(e >> 32);
        if (at === 0) break;
        const q = keys + ((<usize>(at - 1)) << 4);
        if (<u32>e === <u32>h && load<u64>(q) === a && load<u64>(q, 8) === b) {
          g = at - 1;
          break;
        }
        s = (s + 1) & mask;
      }
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        v128.store(keys + ((<usize>g) << 4), v128.load(p));
        store<u64>(slots + ((<usize>s) << 3), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
      }
    }
    store<u32>(out + ((<usize>i) << 2), g);
    i++;
  }
  store<u32>(st, count, 16);
  return i;
}

function hashRow(p: usize, words: i32): u64 {
  let h: u64 = 0;
  for (let w = 0; w < words; w++) h = hash64(h ^ load<u64>(p + ((<usize>w) << 3)));
  return h;
}
/** Keys of several 64-bit words; they hold their nulls themselves. */
export function assignRows(st: usize, src: usize, words: i32, from: i32, n: i32, out: usize, insert: i32): i32 {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const limit = load<u32>(st, 20);
  const width = (<usize>words) << 3;
  let count = load<u32>(st, 16);
  let i = from;
  for (; i < n; i++) {
    let g: u32 = NONE;
    const p = src + <usize>i * width;
    const h = hashRow(p, words);
    let s = <u32>(h >> shift);
    for (;;) {
      const e = load<u64>(slots + ((<usize>s) << 3));
      const at = <u32>(e >> 32);
      if (at === 0) break;
      if (<u32>e === <u32>h) {
        const q = keys + <usize>(at - 1) * width;
        let w: usize = 0;
        while (w < width && load<u64>(p + w) === load<u64>(q + w)) w += 8;
        if (w === width) {
          g = at - 1;
          break;
        }
      }
      s = (s + 1) & mask;
    }
    if (g === NONE && insert) {
      if (count >= limit) break;
      g = count++;
      memory.copy(keys + <usize>g * width, p, width);
      store<u64>(slots + ((<usize>s) << 3), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
    }
    store<u32>(out + ((<usize>i) << 2), g);
  }
  store<u32>(st, count, 16);
  return i;
}

/** Strings. The bytes of a new long one are copied; without space for them it stops as well. */
export function assign_view(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const limit = load<u32>(st, 20);
  const end = load<u32>(st, 32);
  let top = load<u32>(st, 28);
  let count = load<u32>(st, 16);
  let i = from;
  while (i < n) {
    // The common case: no nulls, a known short string in its first slot.
    if (valid === 0) {
      for (; i < n; i++) {
        const p = src + ((<usize>i) << 4);
        const a = load<u64>(p);
        const b = load<u64>(p, 8);
        if (<u32>a > 12) break;
        const h = hash128(a, b);
        const e = load<u64>(slots + ((<usize>(h >> shift)) << 3));
        const at = <u32>(e >> 32);
        if (<u32>e !== <u32>h || at === 0) break;
        const q = keys + ((<usize>(at - 1)) << 4);
        if (load<u64>(q) !== a || load<u64>(q, 8) !== b) break;
        store<u32>(out + ((<usize>i) << 2), at - 1);
      }
      if (i === n) break;
    }
    let g: u32 = NONE;
    if (valid !== 0 && !isValid(valid, i)) {
      g = load<u32>(st, 24);
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        v128.store(keys + ((<usize>g) << 4), i64x2.splat(0));
        store<u32>(st, g, 24);
      }
    } else {
      const p = src + ((<usize>i) << 4);
      const h = hashView(p);
      const head = load<u64>(p);
      let s = <u32>(h >> shift);
      for (;;) {
        const e = load<u64>(slots + ((<usize>s) << 3));
        const at = <u32>(e >> 32);
        if (at === 0) break;
        const q = keys + ((<usize>(at - 1)) << 4);
        if (<u32>e === <u32>h && load<u64>(q) === head && equalViews(p, q)) {
          g = at - 1;
          break;
        }
        s = (s + 1) & mask;
      }
      if (g === NONE && insert) {
        const len = <u32>head;
        if (count >= limit || (len > 12 && end - top < len)) break;
        g = count++;
        const q = keys + ((<usize>g) << 4);
        v128.store(q, v128.load(p));
        if (len > 12) {
          memory.copy(<usize>top, <usize>load<u32>(p, 12), <usize>len);
          store<u32>(q, top, 12);
          top += len;
        }
        store<u64>(slots + ((<usize>s) << 3), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
      }
    }
    store<u32>(out + ((<usize>i) << 2), g);
    i++;
  }
  store<u32>(st, count, 16);
  store<u32>(st, top, 28);
  return i;
}

function place(slots: usize, mask: u32, s: u32, entry: u64): void {
  while (load<u64>(slots + ((<usize>s) << 3)) !== 0) s = (s + 1) & mask;
  store<u64>(slots + ((<usize>s) << 3), entry);
}
/** Fills empty slots from the keys: after they have been made larger. */
export function rehash4(st: usize): void {
  const slots = <usize>load<u32>(st);
  const shift = load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const count = load<u32>(st, 16);
  const nullId = load<u32>(st, 24);
  for (let g: u32 = 0; g < count; g++) {
    const k = load<u32>(keys + ((<usize>g) << 2));
    if (g !== nullId) place(slots, mask, hash32(k) >> shift, ((<u64>(g + 1)) << 32) | <u64>k);
  }
}
export function rehash8(st: usize): void {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const count = load<u32>(st, 16);
  const nullId = load<u32>(st, 24);
  for (let g: u32 = 0; g < count; g++) {
    const h = hash64(load<u64>(keys + ((<usize>g) << 3)));
    if (g !== nullId) place(slots, mask, <u32>(h >> shift), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
  }
}
export function rehash16(st: usize): void {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const count = load<u32>(st, 16);
  const nullId = load<u32>(st, 24);
  for (let g: u32 = 0; g < count; g++) {
    const p = keys + ((<usize>g) << 4);
    const h = hash128(load<u64>(p), load<u64>(p, 8));
    if (g !== nullId) place(slots, mask, <u32>(h >> shift), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
  }
}
export function rehashViews(st: usize): void {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const count = load<u32>(st, 16);
  const nullId = load<u32>(st, 24);
  for (let g: u32 = 0; g < count; g++) {
    const h = hashView(keys + ((<usize>g) << 4));
    if (g !== nullId) place(slots, mask, <u32>(h >> shift), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
  }
}
export function rehashRows(st: usize, words: i32): void {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const count = load<u32>(st, 16);
  const width = (<usize>words) << 3;
  for (let g: u32 = 0; g < count; g++) {
    const h = hashRow(keys + <usize>g * width, words);
    place(slots, mask, <u32>(h >> shift), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
  }
}

export function dense_i8(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<i8>(st, src, valid, from, n, out, insert);
}
export function dense_u8(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<u8>(st, src, valid, from, n, out, insert);
}
export function dense_i16(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<i16>(st, src, valid, from, n, out, insert);
}
export function dense_u16(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<u16>(st, src, valid, from, n, out, insert);
}
export function dense_i32(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<i32>(st, src, valid, from, n, out, insert);
}
export function dense_u32(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<u32>(st, src, valid, from, n, out, insert);
}
export function dense_i64(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<i64>(st, src, valid, from, n, out, insert);
}
export function dense_u64(st: usize, src: usize, valid: usize, from: i32, n: i32, out: usize, insert: i32): i32 {
  return dense<u64>(st, src, valid, from, n, out, insert);
}

export function refill_i8(st: usize): void {
  refillDense<i8>(st);
}
export function refill_u8(st: usize): void {
  refillDense<u8>(st);
}
export function refill_i16(st: usize): void {
  refillDense<i16>(st);
}
export function refill_u16(st: usize): void {
  refillDense<u16>(st);
}
export function refill_i32(st: usize): void {
  refillDense<i32>(st);
}
export function refill_u32(st: usize): void {
  refillDense<u32>(st);
}
export function refill_i64(st: usize): void {
  refillDense<i64>(st);
}
export function refill_u64(st: usize): void {
  refillDense<u64>(st);
}

export function range_i8(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<i8>(src, valid, from, n, out);
}
export function range_u8(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<u8>(src, valid, from, n, out);
}
export function range_i16(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<i16>(src, valid, from, n, out);
}
export function range_u16(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<u16>(src, valid, from, n, out);
}
export function range_i32(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<i32>(src, valid, from, n, out);
}
export function range_u32(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<u32>(src, valid, from, n, out);
}
export function range_i64(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<i64>(src, valid, from, n, out);
}
export function range_u64(src: usize, valid: usize, from: i32, n: i32, out: usize): i32 {
  return rangeOf<u64>(src, valid, from, n, out);
}

/**
 * Group numbers of dictionary codes through `map` (one entry per code, then one for null). Returns 1 when an entry
 * from `unknown` up was met: the morsel is done again after those have been found.
 */
export function mapCodes(codes: usize, valid: usize, n: i32, map: usize, nullCode: u32, unknown: u32, out: usize): i32 {
  let met: u32 = 0;
  if (valid === 0) {
    for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
      const g = load<u32>(map + ((<usize>load<u32>(codes + i)) << 2));
      met |= g >= unknown ? 1 : 0;
      store<u32>(out + i, g === ABSENT ? NONE : g);
    }
    return <i32>met;
  }
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 2;
    const code = isValid(valid, i) ? load<u32>(codes + at) : nullCode;
    const g = load<u32>(map + ((<usize>code) << 2));
    met |= g >= unknown ? 1 : 0;
    store<u32>(out + at, g === ABSENT ? NONE : g);
  }
  return <i32>met;
}
/** The codes whose entries are unknown, each once, in row order; null as NONE. */
export function unknownCodes(
  codes: usize,
  valid: usize,
  n: i32,
  map: usize,
  nullCode: u32,
  unknown: u32,
  list: usize,
): i32 {
  let found: usize = 0;
  for (let i = 0; i < n; i++) {
    const code = valid === 0 || isValid(valid, i) ? load<u32>(codes + ((<usize>i) << 2)) : nullCode;
    const p = map + ((<usize>code) << 2);
    if (load<u32>(p) < unknown) continue;
    store<u32>(p, PENDING);
    store<u32>(list + (found << 2), code === nullCode ? NONE : code);
    found++;
  }
  return <i32>found;
}
/** Writes what was found for `unknownCodes` into the map. */
export function learnCodes(list: usize, ids: usize, n: i32, map: usize, nullCode: u32): void {
  for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
    const listed = load<u32>(list + i);
    const g = load<u32>(ids + i);
    store<u32>(map + ((<usize>(listed === NONE ? nullCode : listed)) << 2), g === NONE ? ABSENT : g);
  }
}
/** Makes entries that were not in the table unknown again: it has grown since. */
export function forgetAbsent(map: usize, n: i32): void {
  for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
    if (load<u32>(map + i) === ABSENT) store<u32>(map + i, NONE);
  }
}

/** Rows at which groups from `next` up appear first. */
export function firstRows(ids: usize, n: i32, next: u32, out: usize): i32 {
  let found: usize = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const isNew: u32 = load<u32>(ids + (i << 2)) === next ? 1 : 0;
    store<u32>(out + (found << 2), <u32>i);
    found += <usize>isNew;
    next += isNew;
  }
  return <i32>found;
}

/**
 * Writes one column into packed keys: `dst` is the column's place in the first key, `stride` the bytes of a key. A null
 * sets the bits `nullMask` of byte `nullAt` (relative to `dst`) and leaves the value zero.
 */
function pack<T extends number>(
  src: usize,
  valid: usize,
  n: i32,
  dst: usize,
  stride: usize,
  nullAt: i32,
  nullMask: i32,
): void {
  for (let i = 0; i < n; i++) {
    if (valid === 0 || isValid(valid, i)) {
      if (isFloat<T>()) {
        if (sizeof<T>() === 4) store<u32>(dst, key32<f32>(src, i));
        else store<u64>(dst, key64<f64>(src, i));
      } else store<T>(dst, load<T>(src + <usize>i * sizeof<T>()));
    } else {
      const p = dst + nullAt;
      store<u8>(p, load<u8>(p) | <u8>nullMask);
    }
    dst += stride;
  }
}
export function pack1(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  pack<u8>(src, valid, n, dst, stride, nullAt, mask);
}
export function pack2(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  pack<u16>(src, valid, n, dst, stride, nullAt, mask);
}
export function pack4(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  pack<u32>(src, valid, n, dst, stride, nullAt, mask);
}
export function pack8(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  pack<u64>(src, valid, n, dst, stride, nullAt, mask);
}
export function packF4(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  pack<f32>(src, valid, n, dst, stride, nullAt, mask);
}
export function packF8(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  pack<f64>(src, valid, n, dst, stride, nullAt, mask);
}
export function pack16(src: usize, valid: usize, n: i32, dst: usize, stride: usize, nullAt: i32, mask: i32): void {
  for (let i = 0; i < n; i++) {
    if (valid === 0 || isValid(valid, i)) v128.store(dst, v128.load(src + ((<usize>i) << 4)));
    else store<u8>(dst + nullAt, load<u8>(dst + nullAt) | <u8>mask);
    dst += stride;
  }
}

/** One column of packed keys as values. */
function unpack<T extends number>(src: usize, stride: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    store<T>(dst + i * sizeof<T>(), load<T>(src));
    src += stride;
  }
}
export function unpack1(src: usize, stride: usize, n: i32, dst: usize): void {
  unpack<u8>(src, stride, n, dst);
}
export function unpack2(src: usize, stride: usize, n: i32, dst: usize): void {
  unpack<u16>(src, stride, n, dst);
}
export function unpack4(src: usize, stride: usize, n: i32, dst: usize): void {
  unpack<u32>(src, stride, n, dst);
}
export function unpack8(src: usize, stride: usize, n: i32, dst: usize): void {
  unpack<u64>(src, stride, n, dst);
}
export function unpack16(src: usize, stride: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    v128.store(dst + (i << 4), v128.load(src));
    src += stride;
  }
}
/** The validity bitmap of a column of packed keys from its null bits; returns the nulls. */
export function unpackNulls(src: usize, stride: usize, mask: i32, n: i32, dst: usize): i32 {
  let nulls = 0;
  for (let i = 0; i < n; i += 8) {
    let byte: u32 = 0;
    for (let b = 0; b < 8 && i + b < n; b++) {
      const isNull: u32 = (<i32>load<u8>(src) & mask) !== 0 ? 1 : 0;
      nulls += <i32>isNull;
      byte |= (1 - isNull) << b;
      src += stride;
    }
    store<u8>(dst + (i >> 3), byte);
  }
  return nulls;
}

/** codes |= ids << shift; the first column (`or` 0) overwrites. */
export function combineIds(ids: usize, n: i32, shift: i32, or: i32, codes: usize): void {
  const end = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const x = i32x4.shl(v128.load(ids + i), shift);
    v128.store(codes + i, or ? v128.or(v128.load(codes + i), x) : x);
  }
}
/** The same with codes of 64 bits. */
export function combineWide(ids: usize, n: i32, shift: i32, or: i32, codes: usize): void {
  const end = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const x = v128.load(ids + i);
    const low = i64x2.shl(i64x2.extend_low_i32x4_u(x), shift);
    const high = i64x2.shl(i64x2.extend_high_i32x4_u(x), shift);
    const to = codes + (i << 1);
    v128.store(to, or ? v128.or(v128.load(to), low) : low);
    v128.store(to, or ? v128.or(v128.load(to, 16), high) : high, 16);
  }
}
/** Makes groups NONE where a part of the key is NONE: after a look-up by codes made of such parts. */
export function spreadNone(ids: usize, n: i32, out: usize): void {
  const none = i32x4.splat(-1);
  const end = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16)
    v128.store(out + i, v128.or(v128.load(out + i), i32x4.eq(v128.load(ids + i), none)));
}
/** One part of codes: (code >> shift) & mask. */
export function splitCodes(codes: usize, n: i32, shift: i32, mask: i32, ids: usize): void {
  const m = i32x4.splat(mask);
  const end = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) v128.store(ids + i, v128.and(i32x4.shr_u(v128.load(codes + i), shift), m));
}

/** The same of codes of 64 bits. */
export function splitWide(codes: usize, n: i32, shift: i32, mask: i32, ids: usize): void {
  const m = i32x4.splat(mask);
  const end = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const at = codes + (i << 1);
    const low = i64x2.shr_u(v128.load(at), shift);
    const high = i64x2.shr_u(v128.load(at, 16), shift);
    v128.store(ids + i, v128.and(v128.shuffle<i32>(low, high, 0, 2, 4, 6), m));
  }
}

/** Bits as bytes 0 and 1, and back. */
export function bitsToBytes(bits: usize, n: i32, dst: usize): void {
  const spread = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const one = i8x16.splat(1);
  const pick = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  for (let i: usize = 0; i < <usize>n; i += 16) {
    const two = i8x16.swizzle(i16x8.splat(load<i16>(bits + (i >> 3))), pick);
    v128.store(dst + i, v128.and(i8x16.ne(v128.and(two, spread), i8x16.splat(0)), one));
  }
}
export function bytesToBits(bytes: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i += 16)
    store<u16>(dst + (i >> 3), <u16>i8x16.bitmask(i8x16.ne(v128.load(bytes + i), i8x16.splat(0))));
}

export function fillZero(p: usize, bytes: usize): void {
  memory.fill(p, 0, bytes);
}
/** All bytes 0xFF: maps of unknown codes. */
export function fillOnes(p: usize, bytes: usize): void {
  memory.fill(p, 255, bytes);
}
