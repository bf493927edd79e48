// ISO 8601 dates and times from text. Codes as in _number.ts, and two more.
import { BAD, OK, RANGE } from './_number';

/** A time zone offset where the column has no zone. */
export const HAS_OFFSET: i32 = 4;
/** No offset where the column's zone is not UTC. */
export const NO_OFFSET: i32 = 5;
/** More fraction digits than the unit holds. */
export const TOO_FINE: i32 = 6;

/** Two digits, or a number above 99. */
function two(p: usize): u32 {
  const a = <u32>load<u8>(p) - 48;
  const b = <u32>load<u8>(p + 1) - 48;
  return a > 9 || b > 9 ? 1000 : a * 10 + b;
}

/** Days since 1970-01-01 of a proleptic Gregorian date. */
export function daysFromCivil(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = (y >= 0 ? y : y - 399) / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month === 2) return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/**
 * Reads `YYYY-MM-DD` from p as i32 days at `out`; a sign goes before years of four to seven digits. The u32 at `out + 4`
 * gets where it ended.
 */
function readDay(p: usize, stop: usize, out: usize): i32 {
  if (stop - p < 10) return BAD;
  const first = <u32>load<u8>(p);
  let year: i32 = 0;
  if (first === 43 || first === 45) {
    const begin = ++p;
    while (p < stop && <u32>load<u8>(p) - 48 <= 9) year = year * 10 + (<i32>load<u8>(p++) - 48);
    if (p - begin < 4 || p - begin > 7 || stop - p < 6) return BAD;
    if (first === 45) year = -year;
    // Beyond what days can count.
    if (year > 5881579 || year < -5877640) return RANGE;
  } else {
    const century = two(p);
    const rest = two(p + 2);
    if (century > 99 || rest > 99) return BAD;
    year = <i32>(century * 100 + rest);
    p += 4;
  }
  const month = two(p + 1);
  const day = two(p + 4);
  if (load<u8>(p) !== 45 || load<u8>(p + 3) !== 45 || month - 1 > 11) return BAD;
  if (<i32>day < 1 || <i32>day > daysInMonth(year, <i32>month)) return BAD;
  store<i32>(out, daysFromCivil(year, <i32>month, <i32>day));
  store<u32>(out, <u32>p + 6, 4);
  return OK;
}

/** Not among the days of the years 0 to 9999. */
export const NO_DAY: i32 = i32.MIN_VALUE;

/** `0000-00-00`; how far each byte may be above it; the places of its digits. */
const DATE_TEXT = memory.data<u8>([48, 48, 48, 48, 45, 48, 48, 45, 48, 48, 0, 0, 0, 0, 0, 0], 16);
const DATE_MOST = memory.data<u8>([9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 255, 255, 255, 255, 255, 255], 16);
const DATE_DIGITS = memory.data<u8>([0, 1, 2, 3, 5, 6, 8, 9, 128, 128, 128, 128, 128, 128, 128, 128], 16);
/** Pairs of digits in shorts, times this: their number is in the upper byte. */
const DATE_TENS = memory.data<u64>([0x0a010a010a010a01, 0], 16);

/** Of each month by its number: how many days it has outside of leap years, and how many are before it, times 256. */
const MONTHS = memory.data<u32>([0, 31, 7964, 15135, 23070, 30751, 38686, 46367, 54303, 62238, 69919, 77854, 85535]);

/** The days since 1970-01-01 of the ten bytes `YYYY-MM-DD` at p, nearly without branches; NO_DAY: readDate decides. */
export function plainDay(p: usize): i32 {
  const text = i8x16.sub(v128.load(p), v128.load(DATE_TEXT));
  if (v128.any_true(i8x16.sub_sat_u(text, v128.load(DATE_MOST)))) return NO_DAY;
  const digits = i8x16.swizzle(text, v128.load(DATE_DIGITS));
  const pairs = i64x2.extract_lane(i16x8.shr_u(i16x8.mul(digits, v128.load(DATE_TENS)), 8), 0);
  const century = <u32>pairs & 0xff;
  const rest = <u32>pairs >> 16;
  const month = <u32>(pairs >> 32) & 0xff;
  const day = <u32>(pairs >> 48);
  if (month > 12) return NO_DAY;
  const known = load<u32>(MONTHS + ((<usize>month) << 2));
  const leap: u32 = ((rest === 0 ? century : rest) & 3) === 0 ? 1 : 0;
  if (day - 1 >= (known & 0xff) + (month === 2 ? leap : 0)) return NO_DAY;
  const year = century * 100 + rest;
  // Leap days before the year, 400 years later.
  const before = year + 399;
  const hundreds = before / 100;
  const leaps = before / 4 - hundreds + hundreds / 4 + (month > 2 ? leap : 0);
  return <i32>(year * 365 + leaps + (known >> 8) + day) - 719625;
}

/** Reads a date as i32 days since 1970-01-01; uses 8 bytes at `out`. */
export function readDate(p: usize, stop: usize, out: usize): i32 {
  const code = readDay(p, stop, out);
  if (code !== OK) return code;
  return <usize>load<u32>(out, 4) === stop ? OK : BAD;
}

/** Reads `HH:MM[:SS[.fraction]]` from p as nanoseconds at `out`; the u32 at `out + 8` gets where it ended, the one at
 * `out + 12` the digits of the fraction without trailing zeros. */
function readClock(p: usize, stop: usize, out: usize): i32 {
  if (stop - p < 5) return BAD;
  const hour = two(p);
  const minute = two(p + 3);
  if (hour > 23 || minute > 59 || load<u8>(p + 2) !== 58) return BAD;
  p += 5;
  let seconds: u64 = <u64>(hour * 3600 + minute * 60);
  let nanos: u64 = 0;
  let fine = 0;
  if (p < stop && load<u8>(p) === 58) {
    if (stop - p < 3) return BAD;
    const second = two(p + 1);
    if (second > 59) return BAD;
    seconds += <u64>second;
    p += 3;
    if (p < stop && (load<u8>(p) === 46 || load<u8>(p) === 44)) {
      p++;
      let digits = 0;
      for (; p < stop; p++) {
        const d = <u32>load<u8>(p) - 48;
        if (d > 9) break;
        digits++;
        if (d !== 0) fine = digits;
        if (digits <= 9) nanos = nanos * 10 + <u64>d;
      }
      if (digits === 0) return BAD;
      for (let i = digits; i < 9; i++) nanos *= 10;
    }
  }
  store<u64>(out, seconds * 1000000000 + nanos);
  store<u32>(out, <u32>p, 8);
  store<u32>(out, <u32>fine, 12);
  return OK;
}

/** Reads a time of day as i64 nanoseconds; uses 16 bytes at `out`. */
export function readTime(p: usize, stop: usize, out: usize): i32 {
  const code = readClock(p, stop, out);
  if (code !== OK) return code;
  if (<usize>load<u32>(out, 8) !== stop) return BAD;
  return load<u32>(out, 12) > 9 ? TOO_FINE : OK;
}

/**
 * Reads a date, or a date and a time with or without an offset, as i64 ticks; uses 32 bytes at `out`. `digits` is the
 * unit: 3, 6 or 9. `zone`: 0 = the column has none, 1 = it is UTC, 2 = another one. The i32 at `out + 24` gets the
 * fraction digits used, plus 16 when there was an offset.
 */
export function readDatetime(p: usize, stop: usize, out: usize, digits: i32, zone: i32): i32 {
  let code = readDay(p, stop, out + 16);
  if (code !== OK) return code;
  const days = <i64>load<i32>(out, 16);
  let nanos: i64 = 0;
  let fine = 0;
  let offset: i64 = 0;
  let hasOffset = false;
  p = <usize>load<u32>(out, 20);
  if (p < stop) {
    const separator = load<u8>(p);
    if (separator !== 84 && separator !== 32 && separator !== 116) return BAD;
    code = readClock(p + 1, stop, out);
    if (code !== OK) return code;
    nanos = load<i64>(out);
    fine = load<i32>(out, 12);
    p = <usize>load<u32>(out, 8);
    if (p < stop) {
      const c = load<u8>(p);
      hasOffset = true;
      p++;
      if (c === 43 || c === 45) {
        if (stop - p < 2) return BAD;
        const hours = two(p);
        if (hours > 23) return BAD;
        offset = <i64>hours * 60;
        p += 2;
        if (p < stop && load<u8>(p) === 58) p++;
        if (p < stop) {
          if (stop - p < 2) return BAD;
          const minutes = two(p);
          if (minutes > 59) return BAD;
          offset += <i64>minutes;
          p += 2;
        }
        if (c === 45) offset = -offset;
      } else if (c !== 90 && c !== 122) return BAD;
      if (p !== stop) return BAD;
    }
  }
  if (hasOffset && zone === 0) return HAS_OFFSET;
  if (!hasOffset && zone === 2) return NO_OFFSET;
  if (fine > digits) return TOO_FINE;
  store<i32>(out, fine + (hasOffset ? 16 : 0), 24);
  const seconds = days * 86400 - offset * 60;
  if (digits === 3) store<i64>(out, seconds * 1000 + nanos / 1000000);
  else if (digits === 6) {
    if (seconds < -9223372036854 || seconds > 9223372036853) return RANGE;
    store<i64>(out, seconds * 1000000 + nanos / 1000);
  } else {
    // 2^63 ns are 9223372036.854775807 seconds.
    if (seconds < -9223372036 || seconds > 9223372035) return RANGE;
    store<i64>(out, seconds * 1000000000 + nanos);
  }
  return OK;
}
