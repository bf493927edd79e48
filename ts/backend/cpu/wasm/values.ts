// Whole columns by value: choosing between two, comparing strings, membership, hashing.
import { compareViews as orderOfViews } from './_extremes';
import { equalViews, isValid } from './_keys';

/** Whether the first n bits are all ones. */
export function allOnes(bits: usize, n: i32): i32 {
  let i = 0;
  for (; i + 64 <= n; i += 64) if (load<u64>(bits + (i >> 3)) !== 0xffffffffffffffff) return 0;
  for (; i < n; i += 8) {
    const wanted: u32 = n - i < 8 ? (1 << (n - i)) - 1 : 255;
    if ((<u32>load<u8>(bits + (i >> 3)) & wanted) !== wanted) return 0;
  }
  return 1;
}

/** dst[i] = mask bit i ? a[i] : b[i], for 16-byte values. */
export function select16(mask: usize, a: usize, b: usize, n: i32, dst: usize): void {
  for (let i = 0; i < n; i++) {
    const from = (<u32>load<u8>(mask + (i >> 3)) >> (i & 7)) & 1 ? a : b;
    v128.store(dst + ((<usize>i) << 4), v128.load(from + ((<usize>i) << 4)));
  }
}
/** dst[i] = mask bit i ? a[i] + plusA : b[i] + plusB, for u32 codes; an address of 0 stands for zeroes. */
export function selectCodes(mask: usize, a: usize, plusA: i32, b: usize, plusB: i32, n: i32, dst: usize): void {
  for (let i = 0; i < n; i++) {
    const bit = (<u32>load<u8>(mask + (i >> 3)) >> (i & 7)) & 1;
    const from = bit ? a : b;
    const code = from === 0 ? 0 : load<u32>(from + ((<usize>i) << 2));
    store<u32>(dst + ((<usize>i) << 2), code + (bit ? plusA : plusB));
  }
}
/** Bits of a where the mask is set, of b elsewhere; an address of 0 stands for ones. */
export function selectBitmaps(mask: usize, a: usize, b: usize, n: i32, dst: usize): void {
  const bytes = <usize>((n + 7) >> 3);
  const ones = i64x2.splat(-1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = a === 0 ? ones : v128.load(a + i);
    const y = b === 0 ? ones : v128.load(b + i);
    v128.store(dst + i, v128.bitselect(x, y, v128.load(mask + i)));
  }
}
/** Row numbers i + (k of the first mask that is set, or `masks`) * n; masks is an array of bitmap addresses. */
export function firstMask(masks: usize, count: i32, n: i32, dst: usize): void {
  for (let i = 0; i < n; i++) {
    let k = 0;
    for (; k < count; k++) {
      if ((<u32>load<u8>(<usize>load<u32>(masks + ((<usize>k) << 2)) + (i >> 3)) >> (i & 7)) & 1) break;
    }
    store<u32>(dst + ((<usize>i) << 2), k * n + i);
  }
}

/** Whether the strings behind two views are the same bytes. */
function same(p: usize, q: usize): bool {
  return load<u64>(p) === load<u64>(q) && equalViews(p, q);
}

/** Bits of views that are the view of a short string, or of those that are not. */
function equalsShort(a: usize, text: v128, n: i32, flip: u32, out: usize): void {
  for (let i = 0; i < n; i += 8) {
    let bits: u32 = 0;
    const p = a + ((<usize>i) << 4);
    const rows = min(8, n - i);
    for (let k = 0; k < rows; k++) {
      bits |= u32(i8x16.all_true(i8x16.eq(v128.load(p + ((<usize>k) << 4)), text))) << k;
    }
    store<u8>(out + (i >> 3), flip ? bits ^ 255 : bits);
  }
}

/**
 * Bits where the order of the strings of a and b is in `wanted`: 1 = less, 2 = equal, 4 = greater. Strides are 16, or 0
 * for one string for all rows.
 */
export function compareViews(a: usize, sa: usize, b: usize, sb: usize, n: i32, wanted: i32, out: usize): void {
  let bits: u32 = 0;
  const equality = wanted === 2 || wanted === 5;
  const flip: u32 = wanted === 5 ? 1 : 0;
  if (equality && sb === 0 && sa !== 0 && load<u32>(b) <= 12) {
    equalsShort(a, v128.load(b), n, flip, out);
    return;
  }
  for (let i = 0; i < n; i++) {
    const p = a + <usize>i * sa;
    const q = b + <usize>i * sb;
    const bit: u32 = equality ? u32(same(p, q)) ^ flip : (wanted >> (sign(orderOfViews(p, q)) + 1)) & 1;
    bits |= bit << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(out + (i >> 3), bits);
      bits = 0;
    }
  }
  if (n & 7) store<u8>(out + (n >> 3), bits);
}
function sign(x: i32): i32 {
  return x < 0 ? -1 : x > 0 ? 1 : 0;
}

// hash: every value is one or more 64-bit words, mixed in turn into a state that starts from the seed.

/** The finaliser of MurmurHash3 (64 bits). */
function mix(h: u64): u64 {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}
const NULL_WORD: u64 = 0x6e756c6c6e756c6c;

function isPresent(validity: usize, i: i32): bool {
  return validity === 0 || ((<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1) !== 0;
}
/** 64-bit words; `start` holds the seed's state. */
export function hashWords(src: usize, validity: usize, n: i32, start: usize, dst: usize): void {
  const s = load<u64>(start);
  for (let i = 0; i < n; i++) {
    const w = isPresent(validity, i) ? load<u64>(src + ((<usize>i) << 3)) : NULL_WORD;
    store<u64>(dst + ((<usize>i) << 3), mix(s ^ w));
  }
}
/** Pairs of words: 128-bit decimals. */
export function hashPairs(src: usize, validity: usize, n: i32, start: usize, dst: usize): void {
  const s = load<u64>(start);
  for (let i = 0; i < n; i++) {
    const p = src + ((<usize>i) << 4);
    const h = isPresent(validity, i) ? mix(mix(s ^ load<u64>(p)) ^ load<u64>(p, 8)) : mix(s ^ NULL_WORD);
    store<u64>(dst + ((<usize>i) << 3), h);
  }
}
/** Strings: the length, then the bytes in words of eight, the last one filled with zeroes. */
export function hashViews(src: usize, validity: usize, n: i32, start: usize, dst: usize): void {
  const s = load<u64>(start);
  for (let i = 0; i < n; i++) {
    const p = src + ((<usize>i) << 4);
    let h = mix(s ^ NULL_WORD);
    if (isPresent(validity, i)) {
      const length = load<u32>(p);
      let at = length <= 12 ? p + 4 : <usize>load<u32>(p, 12);
      h = mix(s ^ <u64>length);
      let left = length;
      for (; left >= 8; left -= 8, at += 8) h = mix(h ^ load<u64>(at));
      if (left > 0) {
        let w: u64 = 0;
        for (let k: u32 = 0; k < left; k++) w |= (<u64>load<u8>(at + <usize>k)) << ((<u64>k) << 3);
        h = mix(h ^ w);
      }
    }
    store<u64>(dst + ((<usize>i) << 3), h);
  }
}
/** The state that a seed starts from, in place. */
export function hashStart(seed: usize): void {
  store<u64>(seed, mix(load<u64>(seed) + 0x9e3779b97f4a7c15));
}

// isIn: a table of u32 item numbers + 1, by the low bits of a hash; 0 ends a chain.

/** Fills a table of 2^bits slots for `count` items of 8 (words) or 16 bytes (views or long decimals). */
export function buildSet(items: usize, count: i32, kind: i32, table: usize, bits: i32): void {
  const mask: u32 = (1 << bits) - 1;
  memory.fill(table, 0, ((<usize>1) << bits) << 2);
  for (let i = 0; i < count; i++) {
    let slot = <u32>hashOf(items, i, kind) & mask;
    while (load<u32>(table + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(table + ((<usize>slot) << 2), i + 1);
  }
}
const WORDS: i32 = 0;
const VIEWS: i32 = 2;
function hashOf(src: usize, i: i32, kind: i32): u64 {
  if (kind === WORDS) return mix(load<u64>(src + ((<usize>i) << 3)));
  const p = src + ((<usize>i) << 4);
  if (kind === VIEWS && load<u32>(p) > 12) {
    const length = load<u32>(p);
    const bytes = <usize>load<u32>(p, 12);
    let h: u64 = length;
    for (let k: usize = 0; k + 8 <= <usize>length; k += 8) h = mix(h ^ load<u64>(bytes + k));
    return mix(h ^ load<u64>(bytes + <usize>length - 8));
  }
  return mix(mix(load<u64>(p)) ^ load<u64>(p, 8));
}
function equalItems(a: usize, i: i32, b: usize, j: i32, kind: i32): bool {
  if (kind === WORDS) return load<u64>(a + ((<usize>i) << 3)) === load<u64>(b + ((<usize>j) << 3));
  const p = a + ((<usize>i) << 4);
  const q = b + ((<usize>j) << 4);
  if (kind === VIEWS) return same(p, q);
  return load<u64>(p) === load<u64>(q) && load<u64>(p, 8) === load<u64>(q, 8);
}
/** Bits of rows that are in the set. */
export function inSet(src: usize, n: i32, items: usize, kind: i32, table: usize, bits: i32, out: usize): void {
  const mask: u32 = (1 << bits) - 1;
  let byte: u32 = 0;
  for (let i = 0; i < n; i++) {
    let slot = <u32>hashOf(src, i, kind) & mask;
    let found: u32 = 0;
    for (;;) {
      const item = load<u32>(table + ((<usize>slot) << 2));
      if (item === 0) break;
      if (equalItems(src, i, items, <i32>item - 1, kind)) {
        found = 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
    byte |= found << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(out + (i >> 3), byte);
      byte = 0;
    }
  }
  if (n & 7) store<u8>(out + (n >> 3), byte);
}
/** The same for a few items of 16 bytes, of which equal ones have equal bytes: compared one by one, without a branch. */
export function inFew(src: usize, n: i32, items: usize, count: i32, out: usize): void {
  const end = items + ((<usize>count) << 4);
  for (let i = 0; i < n; i += 8) {
    const rows = min(8, n - i);
    let byte: u32 = 0;
    for (let r = 0; r < rows; r++) {
      const p = src + ((<usize>(i + r)) << 4);
      const low = load<u64>(p);
      const high = load<u64>(p, 8);
      let found: u32 = 0;
      for (let q = items; q < end; q += 16) {
        found |= ((low ^ load<u64>(q)) | (high ^ load<u64>(q, 8))) === 0 ? 1 : 0;
      }
      byte |= found << r;
    }
    store<u8>(out + (i >> 3), byte);
  }
}
/**
 * The value beside each row's item in the set: `values` holds a double per item. Rows that are null, or not in the set,
 * are 0 and have no bit in `present`. Gives the first row that is not null and not in the set, or −1.
 */
export function lookUp(
  src: usize,
  validity: usize,
  n: i32,
  items: usize,
  kind: i32,
  table: usize,
  bits: i32,
  values: usize,
  out: usize,
  present: usize,
): i32 {
  const mask: u32 = (1 << bits) - 1;
  let byte: u32 = 0;
  let unknown = -1;
  for (let i = 0; i < n; i++) {
    let value: f64 = 0;
    let found: u32 = 0;
    if (validity === 0 || ((<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1) !== 0) {
      let slot = <u32>hashOf(src, i, kind) & mask;
      for (;;) {
        const item = load<u32>(table + ((<usize>slot) << 2));
        if (item === 0) break;
        if (equalItems(src, i, items, <i32>item - 1, kind)) {
          found = 1;
          value = load<f64>(values + ((<usize>item - 1) << 3));
          break;
        }
        slot = (slot + 1) & mask;
      }
      if (found === 0 && unknown < 0) unknown = i;
    }
    store<f64>(out + ((<usize>i) << 3), value);
    byte |= found << (i & 7);
    if ((i & 7) === 7) {
      store<u8>(present + (i >> 3), byte);
      byte = 0;
    }
  }
  if (n & 7) store<u8>(present + (n >> 3), byte);
  return unknown;
}

/**
 * Fixed-width values as 64-bit words: sign- or zero-extended, floats as doubles with one zero and one NaN. `kind`: 0 bits,
 * 1 to 4 signed of 1, 2, 4, 8 bytes, 5 to 8 unsigned, 9 f32, 10 f64.
 */
export function toWords(src: usize, kind: i32, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    let w: u64 = 0;
    if (kind === 0) w = <u64>((<u32>load<u8>(src + (i >> 3)) >> (<u32>i & 7)) & 1);
    else if (kind === 1) w = <u64>(<i64>load<i8>(src + i));
    else if (kind === 2) w = <u64>(<i64>load<i16>(src + (i << 1)));
    else if (kind === 3) w = <u64>(<i64>load<i32>(src + (i << 2)));
    else if (kind === 5) w = <u64>load<u8>(src + i);
    else if (kind === 6) w = <u64>load<u16>(src + (i << 1));
    else if (kind === 7) w = <u64>load<u32>(src + (i << 2));
    else if (kind === 9) w = floatWord(<f64>load<f32>(src + (i << 2)));
    else if (kind === 10) w = floatWord(load<f64>(src + (i << 3)));
    else w = load<u64>(src + (i << 3));
    store<u64>(dst + (i << 3), w);
  }
}
function floatWord(x: f64): u64 {
  if (ne<f64>(x, x)) return 0x7ff8000000000000;
  return x === 0 ? 0 : reinterpret<u64>(x);
}

const NO_ROW: u32 = 0xffffffff;

/** Lengths of lists. */
export function listLengths(offsets: usize, n: i32, dst: usize): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = offsets + (i << 2);
    store<u32>(dst + (i << 2), load<u32>(p, 4) - load<u32>(p));
  }
}
/** Item row `index` of each list (from the end when negative), or no row. Lists of `size` lie one behind the other when offsets is 0. */
export function listItems(offsets: usize, validity: usize, n: i32, size: i32, index: i32, dst: usize): void {
  for (let i = 0; i < n; i++) {
    const p = offsets + ((<usize>i) << 2);
    const start = offsets === 0 ? i * size : load<i32>(p);
    const length = offsets === 0 ? size : load<i32>(p, 4) - start;
    const at = index < 0 ? length + index : index;
    const found = at >= 0 && at < length && isPresent(validity, i);
    store<u32>(dst + ((<usize>i) << 2), found ? <u32>(start + at) : NO_ROW);
  }
}
/** Row numbers of present rows; no row for the others. */
export function presentRows(validity: usize, n: i32, dst: usize): void {
  for (let i = 0; i < n; i++) store<u32>(dst + ((<usize>i) << 2), isPresent(validity, i) ? <u32>i : NO_ROW);
}

/** How many rows from the first on have the string, or null, of their group's first row. */
export function sameViews(views: usize, valid: usize, first: usize, firstValid: usize, ids: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    const a = views + ((<usize>i) << 4);
    const b = first + ((<usize>id) << 4);
    if (i64x2.all_true(i64x2.eq(v128.load(a), v128.load(b)))) {
      // A null is an empty string by its view.
      if (load<u32>(a) !== 0 || (valid === 0 && firstValid === 0)) continue;
    } else if (load<u64>(a) !== load<u64>(b) || !equalViews(a, b)) return i;
    if ((valid === 0 || isValid(valid, i)) !== (firstValid === 0 || isValid(firstValid, id))) return i;
  }
  return n;
}
