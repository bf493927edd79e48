// Casts between strings and other values. Reading writes a status byte a row (the codes of _number.ts and _temporal.ts);
// writing makes views, with the bytes of long ones in a buffer of the caller.
import { BAD, HARD, isBetweenFloats, OK, readDecimal, readDouble, readInteger } from './_number';
import { readDate, readDatetime, readTime } from './_temporal';
import { storeView } from './_text';

// What is read or written.
const INTEGER: i32 = 0;
const FLOAT: i32 = 1;
const BOOL: i32 = 2;
const DECIMAL: i32 = 3;
const DATE: i32 = 4;
const DATETIME: i32 = 5;
const TIME: i32 = 6;

/** Longest text that is read here; TypeScript reads longer ones. */
const MOST_BYTES: u32 = 88;
const SPARE_BYTES: usize = 96;

function isPresent(validity: usize, i: i32): bool {
  return validity === 0 || ((<u32>load<u8>(validity + (i >> 3)) >> (i & 7)) & 1) !== 0;
}
function storeNumber(out: usize, width: i32, value: u64): void {
  if (width === 8) store<u64>(out, value);
  else if (width === 4) store<u32>(out, <u32>value);
  else if (width === 2) store<u16>(out, <u16>value);
  else store<u8>(out, <u8>value);
}

/** Four bytes as lower-case letters. */
function word(p: usize): u32 {
  return load<u32>(p) | 0x20202020;
}

/**
 * Reads the strings of `views` as values of `width` bytes (0: bits) at `out`, zero where null or not read, and a status
 * byte each at `status`. `lo`, `hi` are the addresses of an integer's least magnitude below zero and greatest value;
 * `a`, `b` are precision and scale, or unit digits and zone. Returns the rows that were not read. `spare`: 192 bytes.
 */
export function readViews(
  views: usize,
  validity: usize,
  n: i32,
  what: i32,
  width: i32,
  limits: usize,
  a: i32,
  b: i32,
  table: usize,
  out: usize,
  status: usize,
  spare: usize,
): i32 {
  let failed = 0;
  const value = spare + SPARE_BYTES;
  const negative = limits === 0 ? 0 : load<u64>(limits);
  const positive = limits === 0 ? 0 : load<u64>(limits, 8);
  for (let i = 0; i < n; i++) {
    const row = <usize>i;
    let code: i32 = OK;
    store<u64>(value, 0);
    store<u64>(value, 0, 8);
    if (isPresent(validity, i)) {
      const view = views + (row << 4);
      const length = load<u32>(view);
      if (length > MOST_BYTES) code = HARD;
      else {
        // A copy with a zero behind it: the readers look at the byte that ends the text.
        memory.copy(spare, length <= 12 ? view + 4 : <usize>load<u32>(view, 12), length);
        store<u8>(spare + <usize>length, 0);
        const stop = spare + <usize>length;
        if (what === INTEGER) code = readInteger(spare, stop, value, negative, positive);
        else if (what === FLOAT) {
          code = readDouble(spare, stop, value, 46, table);
          if (code === OK && width === 4) {
            if (isBetweenFloats(load<u64>(value))) code = HARD;
            else store<u32>(value, reinterpret<u32>(<f32>load<f64>(value)));
          }
        } else if (what === BOOL) {
          if (length === 4 && word(spare) === 0x65757274) store<u8>(value, 1);
          else if (!(length === 5 && word(spare) === 0x736c6166 && (load<u8>(spare, 4) | 32) === 101)) code = BAD;
        } else if (what === DECIMAL) code = readDecimal(spare, stop, value, 46, a, b);
        else if (what === DATE) code = readDate(spare, stop, value);
        else if (what === DATETIME) code = readDatetime(spare, stop, value, a, b);
        else code = readTime(spare, stop, value);
      }
    }
    store<u8>(status + row, code);
    if (code !== OK) {
      failed++;
      store<u64>(value, 0);
      store<u64>(value, 0, 8);
    }
    if (width === 16) {
      store<u64>(out + (row << 4), load<u64>(value));
      store<u64>(out + (row << 4), load<u64>(value, 8), 8);
    } else if (width === 0) {
      const at = out + (row >> 3);
      if ((i & 7) === 0) store<u8>(at, 0);
      store<u8>(at, <u32>load<u8>(at) | ((<u32>load<u8>(value)) << (i & 7)));
    } else storeNumber(out + row * <usize>width, width, load<u64>(value));
  }
  return failed;
}

/** Writes the digits of a number at p, at least `digits` of them. Returns the end. */
function writeDigits(p: usize, value: u64, digits: i32): usize {
  let count = 1;
  let rest = value;
  while (rest >= 10) {
    rest /= 10;
    count++;
  }
  count = max(count, digits);
  for (let i = count - 1; i >= 0; i--) {
    store<u8>(p + <usize>i, 48 + <u32>(value % 10));
    value /= 10;
  }
  return p + <usize>count;
}
function writeSigned(p: usize, value: i64): usize {
  if (value >= 0) return writeDigits(p, <u64>value, 1);
  store<u8>(p, 45);
  return writeDigits(p + 1, <u64>(0 - value), 1);
}
/** YYYY-MM-DD; years before 0 or past 9999 get a sign and six digits. */
function writeDate(p: usize, days: i64): usize {
  // Counted from 0000-03-01, so that the leap day is the last of its year.
  const z = days + 719468;
  const era = (z >= 0 ? z : z - 146096) / 146097;
  const dayOfEra = z - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const m = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * m + 2) / 5 + 1;
  const month = m < 10 ? m + 3 : m - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) p = writeDigits(p, <u64>year, 4);
  else {
    store<u8>(p, year < 0 ? 45 : 43);
    p = writeDigits(p + 1, <u64>(year < 0 ? -year : year), 6);
  }
  store<u8>(p, 45);
  p = writeDigits(p + 1, <u64>month, 2);
  store<u8>(p, 45);
  return writeDigits(p + 1, <u64>day, 2);
}
/** HH:MM:SS and, unless it is zero, the fraction of a unit of `digits` digits. */
function writeClock(p: usize, ticks: i64, perSecond: i64, digits: i32): usize {
  const second = ticks / perSecond;
  const fraction = ticks % perSecond;
  p = writeDigits(p, <u64>(second / 3600), 2);
  store<u8>(p, 58);
  p = writeDigits(p + 1, <u64>((second / 60) % 60), 2);
  store<u8>(p, 58);
  p = writeDigits(p + 1, <u64>(second % 60), 2);
  if (fraction === 0) return p;
  store<u8>(p, 46);
  return writeDigits(p + 1, <u64>fraction, digits);
}
function powerOf(digits: i32): i64 {
  let p: i64 = 1;
  for (let i = 0; i < digits; i++) p *= 10;
  return p;
}

function loadNumber(src: usize, width: i32, signed: i32): u64 {
  if (width === 8) return load<u64>(src);
  if (width === 4) return signed ? <u64>(<i64>load<i32>(src)) : <u64>load<u32>(src);
  if (width === 2) return signed ? <u64>(<i64>load<i16>(src)) : <u64>load<u16>(src);
  return signed ? <u64>(<i64>load<i8>(src)) : <u64>load<u8>(src);
}

/** Digits of a decimal's magnitude, which is taken apart at `spare`. */
function writeDecimal(p: usize, lo: u64, hi: u64, scale: i32, spare: usize): usize {
  if (<i64>hi < 0) {
    store<u8>(p++, 45);
    lo = 0 - lo;
    hi = ~hi + (lo === 0 ? 1 : 0);
  }
  let count = 0;
  // The last digit first; at least one before the point.
  while ((lo | hi) !== 0 || count <= scale) {
    let q = hi / 10;
    let part = ((hi % 10) << 32) | (lo >> 32);
    hi = q;
    q = part / 10;
    part = ((part % 10) << 32) | (lo & 0xffffffff);
    lo = (q << 32) | (part / 10);
    store<u8>(spare + <usize>count, 48 + <u32>(part % 10));
    count++;
  }
  for (let i = count - 1; i >= 0; i--) {
    store<u8>(p++, load<u8>(spare + <usize>i));
    if (i === scale && scale > 0) store<u8>(p++, 46);
  }
  return p;
}

/** Most bytes that one value takes in the buffer, beyond what fits a view. */
export function textBytes(): i32 {
  return 48;
}

/**
 * Texts of values of `width` bytes (0: bits) as views; null rows get empty ones. `a` is the scale, or the digits of the
 * unit; `b`: integers are signed, or a Datetime has a zone. `bytes` has room for `textBytes()` a row, and 16 before it.
 */
export function writeViews(
  src: usize,
  validity: usize,
  n: i32,
  what: i32,
  width: i32,
  a: i32,
  b: i32,
  views: usize,
  bytes: usize,
  spare: usize,
): void {
  let p = bytes;
  const perSecond = powerOf(what === DATETIME || what === TIME ? a : 0);
  const day = perSecond * 86400;
  for (let i = 0; i < n; i++) {
    const row = <usize>i;
    const view = views + (row << 4);
    let end = p;
    if (isPresent(validity, i)) {
      if (what === INTEGER) {
        const value = loadNumber(src + row * <usize>width, width, b);
        end = b ? writeSigned(p, <i64>value) : writeDigits(p, value, 1);
      } else if (what === BOOL) {
        if ((<u32>load<u8>(src + (row >> 3)) >> (i & 7)) & 1) store<u32>(p, 0x65757274);
        else {
          store<u32>(p, 0x736c6166);
          store<u8>(p, 101, 4);
        }
        end = p + 4 + (load<u8>(p) === 102 ? 1 : 0);
      } else if (what === DECIMAL) {
        const at = src + row * <usize>width;
        const lo = load<u64>(at);
        end = writeDecimal(p, lo, width === 16 ? load<u64>(at, 8) : <u64>(<i64>lo >> 63), a, spare);
      } else if (what === DATE) end = writeDate(p, <i64>load<i32>(src + (row << 2)));
      else if (what === DATETIME) {
        const ticks = load<i64>(src + (row << 3));
        let days = ticks / day;
        let rest = ticks % day;
        if (rest < 0) {
          rest += day;
          days--;
        }
        end = writeDate(p, days);
        store<u8>(end, 84);
        end = writeClock(end + 1, rest, perSecond, a);
        if (b) store<u8>(end++, 90);
      } else end = writeClock(p, load<i64>(src + (row << 3)), perSecond, a);
    }
    const length = <u32>(end - p);
    storeView(view, p, length);
    if (length > 12) p = end;
  }
}
