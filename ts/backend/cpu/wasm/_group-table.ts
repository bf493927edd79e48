// The loops of the group table: keys of a morsel → group numbers in order of first appearance.
//
// A table's state block `st` (64 bytes, 32-bit words unless said otherwise):
//   0 slots    address: hash tables 8 bytes a slot {tag, group + 1}, dense tables 4 bytes {group + 1}; 0 = empty
//   4 shift    64 (32 for 4-byte keys) minus the bits of a slot number
//   8 mask     slots − 1
//  12 keys     address of one key per group, in the key's own layout
//  16 count    groups so far
//  20 limit    groups there is room for
//  24 nullId   the group of null, or NONE
//  28 top, 32 end: free space for the bytes of long strings
//  40 min (64 bits), 48 range (64 bits): the keys that a dense table covers
//
// Every `assign…` goes from row `from` to `n` and returns the row it stopped at: less than `n` when there is no room,
// so that the caller makes some and goes on. Without `insert`, keys that are not there get NONE and nothing stops.

import { hash32, hash64, isValid, key32, key64 } from './_keys';

export const NONE: u32 = 0xffffffff;

export function assign32<T extends number>(
  st: usize,
  src: usize,
  validity: usize,
  from: i32,
  n: i32,
  out: usize,
  insert: i32,
): i32 {
  const slots = <usize>load<u32>(st);
  const shift = load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const limit = load<u32>(st, 20);
  let count = load<u32>(st, 16);
  let i = from;
  while (i < n) {
    // The common case: no nulls, a known key in its first slot.
    if (validity === 0) {
      for (; i < n; i++) {
        const k = key32<T>(src, i);
        const e = load<u64>(slots + ((<usize>(hash32(k) >> shift)) << 3));
        if (<u32>e !== k || e >> 32 === 0) break;
        store<u32>(out + ((<usize>i) << 2), <u32>(e >> 32) - 1);
      }
      if (i === n) break;
    }
    let g: u32 = NONE;
    if (validity !== 0 && !isValid(validity, i)) {
      g = load<u32>(st, 24);
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        store<u32>(keys + ((<usize>g) << 2), 0);
        store<u32>(st, g, 24);
      }
    } else {
      // The tag is the key itself: no second look.
      const k = key32<T>(src, i);
      let s = hash32(k) >> shift;
      let e: u64 = 0;
      for (;;) {
        e = load<u64>(slots + ((<usize>s) << 3));
        if (<u32>e === k || e >> 32 === 0) {
          if (e >> 32 === 0) break;
          g = <u32>(e >> 32) - 1;
          break;
        }
        s = (s + 1) & mask;
      }
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        store<u32>(keys + ((<usize>g) << 2), k);
        store<u64>(slots + ((<usize>s) << 3), ((<u64>(g + 1)) << 32) | <u64>k);
      }
    }
    store<u32>(out + ((<usize>i) << 2), g);
    i++;
  }
  store<u32>(st, count, 16);
  return i;
}
export function assign64<T extends number>(
  st: usize,
  src: usize,
  validity: usize,
  from: i32,
  n: i32,
  out: usize,
  insert: i32,
): i32 {
  const slots = <usize>load<u32>(st);
  const shift = <u64>load<u32>(st, 4);
  const mask = load<u32>(st, 8);
  const keys = <usize>load<u32>(st, 12);
  const limit = load<u32>(st, 20);
  let count = load<u32>(st, 16);
  let i = from;
  while (i < n) {
    if (validity === 0) {
      for (; i < n; i++) {
        const k = key64<T>(src, i);
        const h = hash64(k);
        const e = load<u64>(slots + ((<usize>(h >> shift)) << 3));
        const at = <u32>(e >> 32);
        if (<u32>e !== <u32>h || at === 0 || load<u64>(keys + ((<usize>(at - 1)) << 3)) !== k) break;
        store<u32>(out + ((<usize>i) << 2), at - 1);
      }
      if (i === n) break;
    }
    let g: u32 = NONE;
    if (validity !== 0 && !isValid(validity, i)) {
      g = load<u32>(st, 24);
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        store<u64>(keys + ((<usize>g) << 3), 0);
        store<u32>(st, g, 24);
      }
    } else {
      const k = key64<T>(src, i);
      const h = hash64(k);
      let s = <u32>(h >> shift);
      for (;;) {
        const e = load<u64>(slots + ((<usize>s) << 3));
        const at = <u32>(e >> 32);
        if (at === 0) break;
        if (<u32>e === <u32>h && load<u64>(keys + ((<usize>(at - 1)) << 3)) === k) {
          g = at - 1;
          break;
        }
        s = (s + 1) & mask;
      }
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        store<u64>(keys + ((<usize>g) << 3), k);
        store<u64>(slots + ((<usize>s) << 3), ((<u64>(g + 1)) << 32) | (h & 0xffffffff));
      }
    }
    store<u32>(out + ((<usize>i) << 2), g);
    i++;
  }
  store<u32>(st, count, 16);
  return i;
}
/** The slot of a key: its distance from the least, unsigned. Beyond the range for keys that the table does not cover. */
function distance<T extends number>(k: T, least: i64): u64 {
  return sizeof<T>() === 8 ? <u64>(<i64>k - least) : <u64>(<u32>(<i32>k - <i32>least));
}
/** A table indexed by key − min. It stops at a key outside its range as well. */
export function dense<T extends number>(
  st: usize,
  src: usize,
  validity: usize,
  from: i32,
  n: i32,
  out: usize,
  insert: i32,
): i32 {
  const slots = <usize>load<u32>(st);
  const keys = <usize>load<u32>(st, 12);
  const limit = load<u32>(st, 20);
  const least = load<i64>(st, 40);
  const range = load<u64>(st, 48);
  let count = load<u32>(st, 16);
  let i = from;
  while (i < n) {
    // The common case: no nulls, known keys.
    if (validity === 0) {
      for (; i < n; i++) {
        const at = distance<T>(load<T>(src + <usize>i * sizeof<T>()), least);
        if (at >= range) break;
        const known = load<u32>(slots + ((<usize>at) << 2));
        if (known === 0) break;
        store<u32>(out + ((<usize>i) << 2), known - 1);
      }
      if (i === n) break;
    }
    let g: u32 = NONE;
    if (validity !== 0 && !isValid(validity, i)) {
      g = load<u32>(st, 24);
      if (g === NONE && insert) {
        if (count >= limit) break;
        g = count++;
        store<T>(keys + <usize>g * sizeof<T>(), <T>0);
        store<u32>(st, g, 24);
      }
    } else {
      const k = load<T>(src + <usize>i * sizeof<T>());
      const at = distance<T>(k, least);
      if (at < range) {
        const p = slots + ((<usize>at) << 2);
        g = load<u32>(p) - 1;
        if (g === NONE && insert) {
          if (count >= limit) break;
          g = count++;
          store<T>(keys + <usize>g * sizeof<T>(), k);
          store<u32>(p, g + 1);
        }
      } else if (insert) break;
    }
    store<u32>(out + ((<usize>i) << 2), g);
    i++;
  }
  store<u32>(st, count, 16);
  return i;
}

/** Fills a cleared dense table from the keys: after its range has changed. */
export function refillDense<T extends number>(st: usize): void {
  const slots = <usize>load<u32>(st);
  const keys = <usize>load<u32>(st, 12);
  const count = load<u32>(st, 16);
  const nullId = load<u32>(st, 24);
  const least = load<i64>(st, 40);
  for (let g: u32 = 0; g < count; g++) {
    if (g === nullId) continue;
    const at = <u64>(<i64>load<T>(keys + <usize>g * sizeof<T>()) - least);
    store<u32>(slots + ((<usize>at) << 2), g + 1);
  }
}
/** Least and greatest of rows [from, n) that have a value, as 64 bits each; 0 when none has. */
export function rangeOf<T extends number>(src: usize, validity: usize, from: i32, n: i32, out: usize): i32 {
  let some = 0;
  let lo = <T>0;
  let hi = <T>0;
  for (let i = from; i < n; i++) {
    if (validity !== 0 && !isValid(validity, i)) continue;
    const x = load<T>(src + <usize>i * sizeof<T>());
    if (some === 0) {
      lo = x;
      hi = x;
      some = 1;
    }
    lo = min<T>(lo, x);
    hi = max<T>(hi, x);
  }
  store<i64>(out, <i64>lo);
  store<i64>(out, <i64>hi, 8);
  return some;
}
