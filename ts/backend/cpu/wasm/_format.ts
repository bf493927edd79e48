// Values as text. Every function writes at `out`, which has room for 128 bytes more than the text, and returns its end.
import { mulHigh } from './_number';

const MIN_POWER: i32 = -342;

/** Eight digits of a number below 10^8, the first in the lowest byte, without '0' added. */
function eightOf(v: u32): u64 {
  const pair: u64 = <u64>(v / 10000) | ((<u64>(v % 10000)) << 32);
  const top = ((pair * 10486) >> 20) & 0x0000007f0000007f;
  const hundreds = ((pair - 100 * top) << 16) + top;
  const tens = ((hundreds * 103) >> 10) & 0x000f000f000f000f;
  return tens + ((hundreds - 10 * tens) << 8);
}

const ZEROS: u64 = 0x3030303030303030;

/** A number below 10^8 without leading zeros. */
function smallUnsigned(v: u32, out: usize): usize {
  if (v < 10) {
    store<u8>(out, v + 48);
    return out + 1;
  }
  const digits = eightOf(v);
  const zeros = ctz(digits) >> 3;
  store<u64>(out, (digits | ZEROS) >> (zeros << 3));
  return out + 8 - <usize>zeros;
}

/** An unsigned number. */
export function formatUnsigned(v: u64, out: usize): usize {
  if (v < 100000000) return smallUnsigned(<u32>v, out);
  const upper = v / 100000000;
  const low = <u32>(v - upper * 100000000);
  let end: usize;
  if (upper < 100000000) end = smallUnsigned(<u32>upper, out);
  else {
    const top = upper / 100000000;
    end = smallUnsigned(<u32>top, out);
    store<u64>(end, eightOf(<u32>(upper - top * 100000000)) | ZEROS);
    end += 8;
  }
  store<u64>(end, eightOf(low) | ZEROS);
  return end + 8;
}

export function formatSigned(v: i64, out: usize): usize {
  if (v >= 0) return formatUnsigned(<u64>v, out);
  store<u8>(out, 45);
  return formatUnsigned(0 - <u64>v, out + 1);
}

/** floor(log10(2^e)), and of 3/4 of it. */
function log10OfPow2(e: i32): i32 {
  return <i32>((<i64>e * 661971961083) >> 41);
}
function log10OfThreeQuarters(e: i32): i32 {
  return <i32>((<i64>e * 661971961083 - 274743187321) >> 41);
}
function log2OfPow10(e: i32): i32 {
  return <i32>((<i64>e * 913124641741) >> 38);
}

/** cp × g / 2^127, rounded to odd, with g in two words of 63 bits. */
function roundToOdd(g1: u64, g0: u64, cp: u64): u64 {
  const y0 = g1 * cp;
  const z = (y0 >> 1) + mulHigh(g0, cp);
  const w = mulHigh(g1, cp) + (z >> 63);
  return w | (((z & 0x7fffffffffffffff) + 0x7fffffffffffffff) >> 63);
}

/**
 * The shortest decimal s × 10^k that rounds to c × 2^q (Schubfach): s is returned, k stored as i32 at `exponent`.
 * `irregular`: the float below is half as far as the one above. `powers` is the table of scan/text/powers.ts.
 */
function shortest(c: u64, q: i32, irregular: bool, powers: usize, exponent: usize): u64 {
  const odd = c & 1;
  const cb = c << 2;
  const k = irregular ? log10OfThreeQuarters(q) : log10OfPow2(q);
  const h = <u64>(q + log2OfPow10(-k) + 2);
  // The table has 128 bits, rounded up from 10^-27 to 10^-1 and cut elsewhere; wanted are 126, cut, plus one.
  const entry = powers + ((<usize>(-k - MIN_POWER)) << 4);
  let high = load<u64>(entry);
  let low = load<u64>(entry, 8);
  if (k > 0 && k <= 27) {
    if (low === 0) high--;
    low--;
  }
  low = (low >> 2) | (high << 62);
  high >>= 2;
  low++;
  if (low === 0) high++;
  const g1 = (high << 1) | (low >> 63);
  const g0 = low & 0x7fffffffffffffff;
  const vb = roundToOdd(g1, g0, cb << h);
  const vbl = roundToOdd(g1, g0, (irregular ? cb - 1 : cb - 2) << h);
  const vbr = roundToOdd(g1, g0, (cb + 2) << h);
  store<i32>(exponent, k);
  const s = vb >> 2;
  if (s >= 100) {
    const s10 = (s / 10) * 10;
    const t10 = s10 + 10;
    const lower = vbl + odd <= s10 << 2;
    const upper = (t10 << 2) + odd <= vbr;
    if (lower !== upper) return lower ? s10 : t10;
  }
  const t = s + 1;
  const lower = vbl + odd <= s << 2;
  const upper = (t << 2) + odd <= vbr;
  if (lower !== upper) return lower ? s : t;
  const twice = (s + t) << 1;
  return vb < twice || (vb === twice && (s & 1) === 0) ? s : t;
}

/** A finite float as JavaScript writes it, except that whole numbers end in `.0` and -0 keeps its sign. */
function formatFinite(c: u64, q: i32, irregular: bool, negative: bool, point: u32, powers: usize, out: usize): usize {
  if (negative) store<u8>(out++, 45);
  if (c === 0) {
    store<u32>(out, 0x300030 | (point << 8));
    return out + 3;
  }
  // Whole numbers that all digits of the mantissa can write.
  if (q <= 0 && q > -53) {
    const shift = <u64>-q;
    const whole = c >> shift;
    if (whole << shift === c) {
      out = formatUnsigned(whole, out);
      store<u16>(out, point | (48 << 8));
      return out + 2;
    }
  }
  // The digits go behind where the text will be.
  let s = shortest(c, q, irregular, powers, out + 32);
  let k = load<i32>(out, 32);
  let next = s / 10;
  while (next * 10 === s) {
    s = next;
    next = s / 10;
    k++;
  }
  const digits = out + 32;
  const n = <i32>(formatUnsigned(s, digits) - digits);
  const e = n + k;
  if (e > 0 && e <= 21) {
    if (n <= e) {
      memory.copy(out, digits, n);
      memory.fill(out + n, 48, e - n);
      store<u16>(out + e, point | (48 << 8));
      return out + e + 2;
    }
    memory.copy(out, digits, e);
    store<u8>(out + e, point);
    memory.copy(out + e + 1, digits + e, n - e);
    return out + n + 1;
  }
  if (e <= 0 && e > -6) {
    store<u16>(out, 48 | (point << 8));
    memory.fill(out + 2, 48, -e);
    memory.copy(out + 2 - e, digits, n);
    return out + 2 - e + n;
  }
  store<u8>(out++, load<u8>(digits));
  if (n > 1) {
    store<u8>(out++, point);
    memory.copy(out, digits + 1, n - 1);
    out += n - 1;
  }
  store<u16>(out, 101 | ((e > 0 ? 43 : 45) << 8));
  return smallUnsigned(<u32>(e > 0 ? e - 1 : 1 - e), out + 2);
}

/** `NaN`, `Infinity`, `-Infinity`. */
function formatSpecial(nan: bool, negative: bool, out: usize): usize {
  if (nan) {
    store<u32>(out, 0x004e614e);
    return out + 3;
  }
  if (negative) store<u8>(out++, 45);
  store<u64>(out, 0x7974696e69666e49);
  return out + 8;
}

export function formatDouble(bits: u64, point: u32, powers: usize, out: usize): usize {
  const negative = bits >> 63 !== 0;
  const exponent = <i32>(bits >> 52) & 0x7ff;
  const fraction = bits & 0xfffffffffffff;
  if (exponent === 0x7ff) return formatSpecial(fraction !== 0, negative, out);
  if (exponent === 0) return formatFinite(fraction, -1074, false, negative, point, powers, out);
  const irregular = fraction === 0 && exponent > 1;
  return formatFinite(fraction | 0x10000000000000, exponent - 1075, irregular, negative, point, powers, out);
}

export function formatFloat(bits: u32, point: u32, powers: usize, out: usize): usize {
  const negative = bits >> 31 !== 0;
  const exponent = <i32>(bits >> 23) & 0xff;
  const fraction = <u64>(bits & 0x7fffff);
  if (exponent === 0xff) return formatSpecial(fraction !== 0, negative, out);
  if (exponent === 0) return formatFinite(fraction, -149, false, negative, point, powers, out);
  const irregular = fraction === 0 && exponent > 1;
  return formatFinite(fraction | 0x800000, exponent - 150, irregular, negative, point, powers, out);
}

function two(v: u32, out: usize): void {
  store<u16>(out, (v / 10) | ((v % 10) << 8) | 0x3030);
}

/** `YYYY-MM-DD` of days since 1970-01-01; years outside 0 to 9999 with a sign and six digits. */
export function formatDate(days: i64, out: usize): usize {
  // The calendar that begins in March, in eras of 400 years.
  const z = days + 719468;
  const era = (z >= 0 ? z : z - 146096) / 146097;
  const dayOfEra = <u32>(z - era * 146097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const m = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * m + 2) / 5 + 1;
  const month = m < 10 ? m + 3 : m - 9;
  let year = <i32>(<i64>yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
  if (year < 0 || year > 9999) {
    store<u8>(out++, year < 0 ? 45 : 43);
    if (year < 0) year = -year;
    if (year > 999999) out = smallUnsigned(<u32>year / 1000000, out);
    two((<u32>year / 10000) % 100, out);
    out += 2;
  }
  two((<u32>year / 100) % 100, out);
  two(<u32>year % 100, out + 2);
  store<u8>(out + 4, 45);
  two(month, out + 5);
  store<u8>(out + 7, 45);
  two(day, out + 8);
  return out + 10;
}

/** `HH:MM:SS`, and a fraction of `digits` digits where it is not zero. */
export function formatClock(ticks: u64, digits: i32, out: usize): usize {
  const perSecond: u64 = digits === 3 ? 1000 : digits === 6 ? 1000000 : 1000000000;
  const seconds = <u32>(ticks / perSecond);
  let fraction = <u32>(ticks - <u64>seconds * perSecond);
  two(seconds / 3600, out);
  store<u8>(out + 2, 58);
  two((seconds / 60) % 60, out + 3);
  store<u8>(out + 5, 58);
  two(seconds % 60, out + 6);
  if (fraction === 0) return out + 8;
  store<u8>(out + 8, 46);
  for (let i = digits; i > 0; i--) {
    store<u8>(out + 8 + i, (fraction % 10) + 48);
    fraction /= 10;
  }
  return out + 9 + digits;
}

/** `YYYY-MM-DDTHH:MM:SS[.fraction]`, and `Z` for an instant. */
export function formatDatetime(ticks: i64, digits: i32, utc: bool, out: usize): usize {
  const perDay: i64 = digits === 3 ? 86400000 : digits === 6 ? 86400000000 : 86400000000000;
  let days = ticks / perDay;
  let rest = ticks - days * perDay;
  if (rest < 0) {
    days--;
    rest += perDay;
  }
  out = formatDate(days, out);
  store<u8>(out, 84);
  out = formatClock(<u64>rest, digits, out + 1);
  if (utc) store<u8>(out++, 90);
  return out;
}

/** A 128-bit integer with `scale` digits behind the point. */
export function formatDecimal(low: u64, high: u64, scale: i32, point: u32, out: usize): usize {
  if (high >> 63 !== 0) {
    store<u8>(out++, 45);
    low = ~low + 1;
    high = ~high + (low === 0 ? 1 : 0);
  }
  // Digits from the last, nine at a time: 128 bits over 10^9 in steps of 32.
  const digits = out + 64;
  let n: usize = 0;
  while (high !== 0 || low !== 0) {
    let rest: u64 = 0;
    const a = high >> 32;
    const q3 = a / 1000000000;
    rest = ((a - q3 * 1000000000) << 32) | (high & 0xffffffff);
    const q2 = rest / 1000000000;
    rest = ((rest - q2 * 1000000000) << 32) | (low >> 32);
    const q1 = rest / 1000000000;
    rest = ((rest - q1 * 1000000000) << 32) | (low & 0xffffffff);
    const q0 = rest / 1000000000;
    let group = <u32>(rest - q0 * 1000000000);
    high = (q3 << 32) | q2;
    low = (q1 << 32) | q0;
    const more = high !== 0 || low !== 0;
    for (let i = 0; i < 9 && (more || group !== 0); i++) {
      store<u8>(digits + n++, (group % 10) + 48);
      group /= 10;
    }
  }
  while (n <= <usize>scale) store<u8>(digits + n++, 48);
  while (n > 0) {
    n--;
    store<u8>(out++, load<u8>(digits + n));
    if (n === <usize>scale && scale > 0) store<u8>(out++, point);
  }
  return out;
}

/** Bytes as base64, with padding. */
export function formatBase64(p: usize, length: usize, out: usize): usize {
  const end = p + length;
  for (; p < end; p += 3) {
    const left = end - p;
    const a = <u32>load<u8>(p);
    const b = left > 1 ? <u32>load<u8>(p + 1) : 0;
    const c = left > 2 ? <u32>load<u8>(p + 2) : 0;
    store<u8>(out, base64Digit(a >> 2));
    store<u8>(out + 1, base64Digit(((a & 3) << 4) | (b >> 4)));
    store<u8>(out + 2, left > 1 ? base64Digit(((b & 15) << 2) | (c >> 6)) : 61);
    store<u8>(out + 3, left > 2 ? base64Digit(c & 63) : 61);
    out += 4;
  }
  return out;
}

function base64Digit(v: u32): u32 {
  if (v < 26) return v + 65;
  if (v < 52) return v + 71;
  if (v < 62) return v - 4;
  return v === 62 ? 43 : 47;
}

// A column as the writers see it: this block, u32 each.
export const F_KIND: usize = 0;
export const F_DATA: usize = 4;
/** 0 = no nulls. */
export const F_VALIDITY: usize = 8;
/** Address of u32 codes when dictionary-encoded; then data is the dictionary's. */
export const F_CODES: usize = 12;
/** Integers: bytes a value. Datetimes and times: fraction digits. Decimals: scale. Fixed lists: length. */
export const F_A: usize = 16;
/** Datetimes: 1 = an instant. Decimals: 1 = 128 bits. */
export const F_B: usize = 20;
/** Nested: address of the child blocks, and how many. */
export const F_CHILDREN: usize = 24;
export const F_CHILD_COUNT: usize = 28;
/** The key as JSON text with its colon. */
export const F_KEY: usize = 32;
export const F_KEY_BYTES: usize = 36;
export const F_BYTES: usize = 48;

export const F_BOOL: u32 = 0;
export const F_SIGNED: u32 = 1;
export const F_UNSIGNED: u32 = 2;
export const F_FLOAT: u32 = 3;
export const F_DOUBLE: u32 = 4;
export const F_DATE: u32 = 5;
export const F_DATETIME: u32 = 6;
export const F_TIME: u32 = 7;
export const F_DECIMAL: u32 = 8;
export const F_STRING: u32 = 9;
export const F_BINARY: u32 = 10;
export const F_NULL: u32 = 11;
export const F_LIST: u32 = 12;
export const F_FIXED_LIST: u32 = 13;
export const F_STRUCT: u32 = 14;

export function isNull(column: usize, row: usize): bool {
  const validity = <usize>load<u32>(column, F_VALIDITY);
  return validity !== 0 && ((<u32>load<u8>(validity + (row >> 3)) >> (<u32>row & 7)) & 1) === 0;
}

/** Where the value of a row is: the row itself, or its code. */
export function slotOf(column: usize, row: usize): usize {
  const codes = <usize>load<u32>(column, F_CODES);
  return codes === 0 ? row : <usize>load<u32>(codes + (row << 2));
}

/** A value that is no string and not nested, at most 100 bytes. */
export function formatScalar(column: usize, slot: usize, point: u32, powers: usize, out: usize): usize {
  const data = <usize>load<u32>(column, F_DATA);
  const a = load<i32>(column, F_A);
  switch (load<u32>(column)) {
    case F_BOOL: {
      if ((<u32>load<u8>(data + (slot >> 3)) >> (<u32>slot & 7)) & 1) {
        store<u32>(out, 0x65757274);
        return out + 4;
      }
      store<u64>(out, 0x65736c6166);
      return out + 5;
    }
    case F_SIGNED: {
      if (a === 4) return formatSigned(<i64>load<i32>(data + (slot << 2)), out);
      if (a === 8) return formatSigned(load<i64>(data + (slot << 3)), out);
      if (a === 2) return formatSigned(<i64>load<i16>(data + (slot << 1)), out);
      return formatSigned(<i64>load<i8>(data + slot), out);
    }
    case F_UNSIGNED: {
      if (a === 4) return formatUnsigned(<u64>load<u32>(data + (slot << 2)), out);
      if (a === 8) return formatUnsigned(load<u64>(data + (slot << 3)), out);
      if (a === 2) return formatUnsigned(<u64>load<u16>(data + (slot << 1)), out);
      return formatUnsigned(<u64>load<u8>(data + slot), out);
    }
    case F_FLOAT:
      return formatFloat(load<u32>(data + (slot << 2)), point, powers, out);
    case F_DOUBLE:
      return formatDouble(load<u64>(data + (slot << 3)), point, powers, out);
    case F_DATE:
      return formatDate(load<i32>(data + (slot << 2)), out);
    case F_DATETIME:
      return formatDatetime(load<i64>(data + (slot << 3)), a, load<u32>(column, F_B) !== 0, out);
    case F_TIME:
      return formatClock(load<u64>(data + (slot << 3)), 9, out);
    default: {
      if (load<u32>(column, F_B) !== 0) {
        const at = data + (slot << 4);
        return formatDecimal(load<u64>(at), load<u64>(at, 8), a, point, out);
      }
      const v = load<i64>(data + (slot << 3));
      return formatDecimal(<u64>v, <u64>(v >> 63), a, point, out);
    }
  }
}

/** Address and length of a string: the bytes in the view itself, or behind it. */
export function bytesOf(view: usize): usize {
  return load<u32>(view) <= 12 ? view + 4 : <usize>load<u32>(view, 12);
}
