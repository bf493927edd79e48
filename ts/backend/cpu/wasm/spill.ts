// Which of some files a row is spilled to: hashes of its keys, and rows arranged by bits of them.

import { hashView, isValid } from './_keys';

/** Stands for null. */
const NULL_WORD: u64 = 0x6e756c6c6e756c6c;

/** MurmurHash3's 64-bit finaliser: every bit of the result depends on every bit of the input. */
function mix(h: u64): u64 {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}
/** The word of row i where it is null; `spread` is 0 where nulls are one key, else a number of the batch. */
function nullWord(i: i32, spread: i32): u64 {
  return spread === 0 ? NULL_WORD : NULL_WORD ^ (((<u64>spread) << 32) | <u64>i);
}

/** Adds a column of words to the hashes of n rows. */
export function mixWords(words: usize, validity: usize, n: i32, spread: i32, hashes: usize): void {
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3;
    const word = validity !== 0 && !isValid(validity, i) ? nullWord(i, spread) : load<u64>(words + at);
    store<u64>(hashes + at, mix(load<u64>(hashes + at) ^ word) + 0x9e3779b97f4a7c15);
  }
}
/** Adds a column of 16-byte values. */
export function mixPairs(pairs: usize, validity: usize, n: i32, spread: i32, hashes: usize): void {
  for (let i = 0; i < n; i++) {
    const at = hashes + ((<usize>i) << 3);
    const p = pairs + ((<usize>i) << 4);
    const isNull = validity !== 0 && !isValid(validity, i);
    const low = isNull ? nullWord(i, spread) : load<u64>(p);
    const high = isNull ? 0 : load<u64>(p, 8);
    store<u64>(at, mix(mix(load<u64>(at) ^ low) ^ high) + 0x9e3779b97f4a7c15);
  }
}
/** Adds a column of strings. */
export function mixViews(views: usize, validity: usize, n: i32, spread: i32, hashes: usize): void {
  for (let i = 0; i < n; i++) {
    const at = hashes + ((<usize>i) << 3);
    const word = validity !== 0 && !isValid(validity, i) ? nullWord(i, spread) : hashView(views + ((<usize>i) << 4));
    store<u64>(at, mix(load<u64>(at) ^ word) + 0x9e3779b97f4a7c15);
  }
}

/**
 * Arranges rows 0 … n − 1 by `bits` bits of their hashes from `shift` on, in order within a part: row numbers to `rows`,
 * the end of each part to `ends`.
 */
export function arrange(hashes: usize, n: i32, shift: i32, bits: i32, rows: usize, ends: usize): void {
  const parts = 1 << bits;
  const mask = <u64>(parts - 1);
  memory.fill(ends, 0, (<usize>parts) << 2);
  for (let i = 0; i < n; i++) {
    const p = ends + ((<usize>((load<u64>(hashes + ((<usize>i) << 3)) >> <u64>shift) & mask)) << 2);
    store<u32>(p, load<u32>(p) + 1);
  }
  // Starts first; filling moves each to its end.
  let sum: u32 = 0;
  for (let k = 0; k < parts; k++) {
    const p = ends + ((<usize>k) << 2);
    const count = load<u32>(p);
    store<u32>(p, sum);
    sum += count;
  }
  for (let i = 0; i < n; i++) {
    const p = ends + ((<usize>((load<u64>(hashes + ((<usize>i) << 3)) >> <u64>shift) & mask)) << 2);
    const place = load<u32>(p);
    store<u32>(rows + ((<usize>place) << 2), <u32>i);
    store<u32>(p, place + 1);
  }
}

/** Rows whose id is NO_ROW to `unknown`, the others to `known` and their ids to `ids`. Returns how many are known. */
export function splitKnown(gids: usize, n: i32, known: usize, ids: usize, unknown: usize): i32 {
  let k: usize = 0;
  let u: usize = 0;
  for (let i = 0; i < n; i++) {
    const id = load<u32>(gids + ((<usize>i) << 2));
    if (id === 0xffffffff) {
      store<u32>(unknown + (u << 2), i);
      u++;
    } else {
      store<u32>(known + (k << 2), i);
      store<u32>(ids + (k << 2), id);
      k++;
    }
  }
  return <i32>k;
}
