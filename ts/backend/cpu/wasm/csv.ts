// Comma-separated text: the fields of one column turned into values, and the types that they fit. csv-scan.ts finds the
// fields.
import {
  areDigits,
  BAD,
  fromDigits,
  HARD,
  isBetweenFloats,
  lastDigits,
  OK,
  plainDouble,
  ROUNDED,
  readDecimal,
  readDouble,
  readInteger,
  roundDoubles,
} from './_number';
import { MOST_SHORT, NOT_SHORT, shortDouble, shortPair } from './_plain';
import { NO_DAY, plainDay, readDate, readDatetime, readTime } from './_temporal';
import { clearBit, copyText, setBit, storeView } from './_text';

// One column's settings, at `column`. u32 each unless said otherwise.
/** Address of the first row's field start minus its addend; bytes to the next row's; what to add to the loaded value. */
const C_START: usize = 0;
const C_START_STEP: usize = 4;
const C_START_ADD: usize = 8;
const C_END: usize = 12;
const C_END_STEP: usize = 16;
const C_OUT: usize = 20;
const C_VALIDITY: usize = 24;
const C_NULLS: usize = 28;
const C_NULLS_FIRST: usize = 32;
const C_QUOTE: usize = 36;
const C_ESCAPE: usize = 40;
/** Integers: bytes a value. Datetimes: fraction digits of the unit. Decimals: precision. */
const C_A: usize = 44;
/** Datetimes: 0 no zone, 1 UTC, 2 other. Decimals: scale. */
const C_B: usize = 48;
const C_POINT: usize = 52;
const C_TABLE: usize = 56;
/** Out: nulls written so far. */
const C_NULL_COUNT: usize = 60;
/** u64: magnitudes of the smallest and largest integer. */
const C_NEGATIVE: usize = 64;
const C_POSITIVE: usize = 72;
/** Out: the field as trimmed, and the reader's code, after a failure. */
const C_FIELD: usize = 80;
const C_STOP: usize = 84;
const C_CODE: usize = 88;
/** Where the next long string goes; 0: they stay where they are. */
const C_TEXT: usize = 92;
/** 32 bytes for readers. */
const C_VALUE: usize = 96;
/** A byte for each double that waits to be rounded. */
const C_REST: usize = 128;
const WAITING_ROWS: usize = 64;

/** Whether the text is one of the null texts: a count, then length and address of each. */
function isNullText(nulls: usize, p: usize, length: u32): bool {
  const count = load<u32>(nulls);
  for (let i: u32 = 0; i < count; i++) {
    nulls += 8;
    if (load<u32>(nulls - 4) !== length) continue;
    const text = <usize>load<u32>(nulls);
    let k: u32 = 0;
    while (k < length && load<u8>(text + k) === load<u8>(p + k)) k++;
    if (k === length) return true;
  }
  return false;
}

function isBlank(p: usize): bool {
  const c = load<u8>(p);
  return c === 32 || c === 9;
}

/**
 * A second look at a field that did not read as a number, date or boolean: quotes and blanks around it are taken off.
 * Returns whether it is null; the bare text is at C_FIELD and C_STOP.
 */
function bareField(column: usize, p: usize, stop: usize): bool {
  if (p >= stop) return true;
  const quote = load<u32>(column, C_QUOTE);
  const nulls = <usize>load<u32>(column, C_NULLS);
  if (isNullText(nulls, p, <u32>(stop - p))) return true;
  while (p < stop && isBlank(p)) p++;
  while (p < stop && isBlank(stop - 1)) stop--;
  if (quote !== 0 && stop - p >= 2 && <u32>load<u8>(p) === quote && <u32>load<u8>(stop - 1) === quote) {
    p++;
    stop--;
    if (isNullText(nulls, p, <u32>(stop - p))) return true;
    while (p < stop && isBlank(p)) p++;
    while (p < stop && isBlank(stop - 1)) stop--;
  }
  store<u32>(column, <u32>p, C_FIELD);
  store<u32>(column, <u32>stop, C_STOP);
  return p >= stop;
}

function markNull(column: usize, row: usize): void {
  clearBit(<usize>load<u32>(column, C_VALIDITY), row);
  store<u32>(column, load<u32>(column, C_NULL_COUNT) + 1, C_NULL_COUNT);
}

// The column kernels: rows [from, n) of the scan, written to rows outRow + … of the column. They return n, or the row
// whose field could not be read; TypeScript reads it or refuses it and calls again with the next row.

/** Integers of 1, 2, 4 or 8 bytes. */
export function readIntegers(column: usize, from: i32, n: i32, outRow: i32): i32 {
  const startStep = <usize>load<u32>(column, C_START_STEP);
  const endStep = <usize>load<u32>(column, C_END_STEP);
  const add = <usize>load<u32>(column, C_START_ADD);
  let startAt = <usize>load<u32>(column, C_START) + <usize>from * startStep;
  let endAt = <usize>load<u32>(column, C_END) + <usize>from * endStep;
  const width = <usize>load<u32>(column, C_A);
  let out = <usize>load<u32>(column, C_OUT) + <usize>(outRow + from) * width;
  const negative = load<u64>(column, C_NEGATIVE);
  const positive = load<u64>(column, C_POSITIVE);
  const nulls = load<u32>(column, C_NULLS_FIRST) !== 0 ? <usize>load<u32>(column, C_NULLS) : 0;
  const value = column + C_VALUE;
  const inPairs = width === 8 && nulls === 0 && min(negative, positive) >= MOST_SHORT;
  for (let r = from; r < n; r++) {
    const p = <usize>load<u32>(startAt) + add;
    const stop = <usize>load<u32>(endAt);
    startAt += startStep;
    endAt += endStep;
    if (inPairs && r + 1 < n) {
      const next = <usize>load<u32>(endAt);
      if (shortPair(stop, stop - p, next, next - <usize>load<u32>(startAt) - add, out)) {
        startAt += startStep;
        endAt += endStep;
        out += 16;
        r++;
        continue;
      }
    }
    if (nulls === 0) {
      // The common case without calls: one to eight digits and a sign.
      const minus: usize = load<u8>(p) === 45 ? 1 : 0;
      const length = stop - p - minus;
      if (length - 1 < 8) {
        const v = lastDigits(stop, length);
        if (areDigits(v)) {
          const magnitude = fromDigits(v);
          if (magnitude <= (minus !== 0 ? negative : positive)) {
            const signed = (magnitude ^ (0 - <u64>minus)) + <u64>minus;
            if (width === 4) store<u32>(out, <u32>signed);
            else if (width === 8) store<u64>(out, signed);
            else if (width === 2) store<u16>(out, <u16>signed);
            else store<u8>(out, <u8>signed);
            out += width;
            continue;
          }
        }
      }
    }
    let code = p >= stop || (nulls !== 0 && isNullText(nulls, p, <u32>(stop - p))) ? -1 : OK;
    if (code === OK) {
      code = readInteger(p, stop, value, negative, positive);
      if (code !== OK) {
        if (bareField(column, p, stop)) code = -1;
        else {
          code = readInteger(
            <usize>load<u32>(column, C_FIELD),
            <usize>load<u32>(column, C_STOP),
            value,
            negative,
            positive,
          );
          if (code !== OK) {
            store<u32>(column, code, C_CODE);
            return r;
          }
        }
      }
    }
    let v: u64 = 0;
    if (code === OK) v = load<u64>(value);
    else markNull(column, <usize>(outRow + r));
    if (width === 8) store<u64>(out, v);
    else if (width === 4) store<u32>(out, <u32>v);
    else if (width === 2) store<u16>(out, <u16>v);
    else store<u8>(out, <u8>v);
    out += width;
  }
  return n;
}

/** Reads `[p, stop)` as a float of `width` bytes: the bits at `value`. */
function readFloat(p: usize, stop: usize, value: usize, point: u32, table: usize, width: usize): i32 {
  const code = readDouble(p, stop, value, point, table);
  if (code !== OK || width === 8) return code;
  if (isBetweenFloats(load<u64>(value))) return HARD;
  store<u64>(value, <u64>reinterpret<u32>(<f32>load<f64>(value)));
  return OK;
}

/** Floats of 4 or 8 bytes. */
export function readFloats(column: usize, from: i32, n: i32, outRow: i32): i32 {
  const startStep = <usize>load<u32>(column, C_START_STEP);
  const endStep = <usize>load<u32>(column, C_END_STEP);
  const add = <usize>load<u32>(column, C_START_ADD);
  let startAt = <usize>load<u32>(column, C_START) + <usize>from * startStep;
  let endAt = <usize>load<u32>(column, C_END) + <usize>from * endStep;
  const width = <usize>load<u32>(column, C_A);
  let out = <usize>load<u32>(column, C_OUT) + <usize>(outRow + from) * width;
  const nulls = load<u32>(column, C_NULLS_FIRST) !== 0 ? <usize>load<u32>(column, C_NULLS) : 0;
  const point = load<u32>(column, C_POINT);
  const table = <usize>load<u32>(column, C_TABLE);
  const value = column + C_VALUE;
  // Doubles wait to be rounded in groups.
  const fast = width === 8 && nulls === 0;
  const vPoint = i8x16.splat(<i8>point);
  const rest = column + C_REST;
  let waiting: usize = 0;
  for (let r = from; r < n; r++) {
    const p = <usize>load<u32>(startAt) + add;
    const stop = <usize>load<u32>(endAt);
    startAt += startStep;
    endAt += endStep;
    if (fast) {
      const bits = shortDouble(p, stop, vPoint);
      if (bits !== NOT_SHORT) {
        store<u64>(out, bits);
        out += 8;
        if (waiting === 0) continue;
        store<u8>(rest + waiting, ROUNDED);
        waiting++;
        if (waiting === WAITING_ROWS) {
          roundDoubles(out - (WAITING_ROWS << 3), rest, WAITING_ROWS, table);
          waiting = 0;
        }
        continue;
      }
      let done: bool = p >= stop;
      if (done) {
        markNull(column, <usize>(outRow + r));
        store<u64>(out, 0);
        store<u8>(rest + waiting, ROUNDED);
      } else done = plainDouble(p, stop, out, rest + waiting, vPoint);
      if (done) {
        out += 8;
        waiting++;
        if (waiting === WAITING_ROWS) {
          roundDoubles(out - (WAITING_ROWS << 3), rest, WAITING_ROWS, table);
          waiting = 0;
        }
        continue;
      }
    }
    roundDoubles(out - (waiting << 3), rest, waiting, table);
    waiting = 0;
    let code = p >= stop || (nulls !== 0 && isNullText(nulls, p, <u32>(stop - p))) ? -1 : OK;
    if (code === OK) {
      code = readFloat(p, stop, value, point, table, width);
      if (code !== OK) {
        if (bareField(column, p, stop)) code = -1;
        else {
          code = readFloat(
            <usize>load<u32>(column, C_FIELD),
            <usize>load<u32>(column, C_STOP),
            value,
            point,
            table,
            width,
          );
          if (code !== OK) {
            store<u32>(column, code, C_CODE);
            return r;
          }
        }
      }
    }
    let v: u64 = 0;
    if (code === OK) v = load<u64>(value);
    else markNull(column, <usize>(outRow + r));
    if (width === 8) store<u64>(out, v);
    else store<u32>(out, <u32>v);
    out += width;
  }
  roundDoubles(out - (waiting << 3), rest, waiting, table);
  return n;
}

// What readOther reads.
const KIND_BOOL: u32 = 0;
const KIND_DATE: u32 = 1;
const KIND_DATETIME: u32 = 2;
const KIND_TIME: u32 = 3;
const KIND_DECIMAL: u32 = 4;

/** `true`, `false` in any case, and `1`, `0`: the value in the u32 at `value`. */
function readBool(p: usize, stop: usize, value: usize): i32 {
  const length = stop - p;
  const word = load<u32>(p) | 0x20202020;
  if (length === 4 && word === 0x65757274) store<u32>(value, 1);
  else if (length === 5 && word === 0x736c6166 && (<u32>load<u8>(p + 4) | 32) === 101) store<u32>(value, 0);
  else if (length === 1 && (<u32>load<u8>(p) | 1) === 49) store<u32>(value, <u32>load<u8>(p) & 1);
  else return BAD;
  return OK;
}

function readOne(column: usize, kind: u32, p: usize, stop: usize): i32 {
  const value = column + C_VALUE;
  switch (kind) {
    case KIND_BOOL:
      return readBool(p, stop, value);
    case KIND_DATE:
      return readDate(p, stop, value);
    case KIND_DATETIME:
      return readDatetime(p, stop, value, load<i32>(column, C_A), load<i32>(column, C_B));
    case KIND_TIME:
      return readTime(p, stop, value);
    default:
      return readDecimal(p, stop, value, load<u32>(column, C_POINT), load<i32>(column, C_A), load<i32>(column, C_B));
  }
}

/** Dates as most are, from row `r` on: up to `n`, or the first that is another text. */
function readPlainDates(column: usize, r: i32, n: i32, outRow: i32): i32 {
  const startStep = <usize>load<u32>(column, C_START_STEP);
  const endStep = <usize>load<u32>(column, C_END_STEP);
  const add = <usize>load<u32>(column, C_START_ADD);
  let startAt = <usize>load<u32>(column, C_START) + <usize>r * startStep;
  let endAt = <usize>load<u32>(column, C_END) + <usize>r * endStep;
  let out = <usize>load<u32>(column, C_OUT) + ((<usize>(outRow + r)) << 2);
  for (; r < n; r++) {
    const p = <usize>load<u32>(startAt) + add;
    if (<usize>load<u32>(endAt) - p !== 10) break;
    const day = plainDay(p);
    if (day === NO_DAY) break;
    store<i32>(out, day);
    out += 4;
    startAt += startStep;
    endAt += endStep;
  }
  return r;
}

/** Booleans (into a zeroed bitmap), dates, datetimes, times and decimals. */
export function readOthers(column: usize, kind: u32, from: i32, n: i32, outRow: i32): i32 {
  const startStep = <usize>load<u32>(column, C_START_STEP);
  const endStep = <usize>load<u32>(column, C_END_STEP);
  const add = <usize>load<u32>(column, C_START_ADD);
  const start = <usize>load<u32>(column, C_START);
  const end = <usize>load<u32>(column, C_END);
  const out = <usize>load<u32>(column, C_OUT);
  const nulls = load<u32>(column, C_NULLS_FIRST) !== 0 ? <usize>load<u32>(column, C_NULLS) : 0;
  const wide = kind === KIND_DECIMAL && load<u32>(column, C_A) > 18;
  const value = column + C_VALUE;
  for (let r = from; r < n; r++) {
    if (kind === KIND_DATE && nulls === 0) {
      r = readPlainDates(column, r, n, outRow);
      if (r === n) break;
    }
    const p = <usize>load<u32>(start + <usize>r * startStep) + add;
    const stop = <usize>load<u32>(end + <usize>r * endStep);
    const row = <usize>(outRow + r);
    let code = p >= stop || (nulls !== 0 && isNullText(nulls, p, <u32>(stop - p))) ? -1 : OK;
    if (code === OK) {
      code = readOne(column, kind, p, stop);
      if (code !== OK) {
        if (bareField(column, p, stop)) code = -1;
        else {
          code = readOne(column, kind, <usize>load<u32>(column, C_FIELD), <usize>load<u32>(column, C_STOP));
          if (code !== OK) {
            store<u32>(column, code, C_CODE);
            return r;
          }
        }
      }
    }
    if (code !== OK) {
      markNull(column, row);
      store<u64>(value, 0);
      store<u64>(value, 0, 8);
    }
    if (kind === KIND_BOOL) {
      if (load<u32>(value) !== 0) setBit(out, row);
    } else if (kind === KIND_DATE) store<i32>(out + (row << 2), load<i32>(value));
    else if (wide) v128.store(out + (row << 4), v128.load(value));
    else store<i64>(out + (row << 3), load<i64>(value));
  }
  return n;
}

/** The first quote or escape character of `[p, stop)`, or `stop`. */
function findMark(p: usize, stop: usize, quote: v128, escapeMark: v128): usize {
  while (p < stop) {
    const v = v128.load(p);
    const m = i8x16.bitmask(v128.or(i8x16.eq(v, quote), i8x16.eq(v, escapeMark)));
    if (m !== 0) return min(p + <usize>ctz(m), stop);
    p += 16;
  }
  return stop;
}

/** Strings as views into the text, or into a copy of long ones. Doubled quotes and escapes are taken out in place. */
export function readStrings(column: usize, from: i32, n: i32, outRow: i32): i32 {
  const startStep = <usize>load<u32>(column, C_START_STEP);
  const endStep = <usize>load<u32>(column, C_END_STEP);
  const add = <usize>load<u32>(column, C_START_ADD);
  let startAt = <usize>load<u32>(column, C_START) + <usize>from * startStep;
  let endAt = <usize>load<u32>(column, C_END) + <usize>from * endStep;
  let out = <usize>load<u32>(column, C_OUT) + ((<usize>(outRow + from)) << 4);
  let text = <usize>load<u32>(column, C_TEXT);
  const nulls = <usize>load<u32>(column, C_NULLS);
  const anyNullText = load<u32>(nulls) !== 0;
  const quote = load<u32>(column, C_QUOTE);
  const escapeMark = load<u32>(column, C_ESCAPE);
  const vQuote = i8x16.splat(<i8>quote);
  const vEscape = i8x16.splat(<i8>(escapeMark === 0 ? quote : escapeMark));
  for (let r = from; r < n; r++, out += 16) {
    let p = <usize>load<u32>(startAt) + add;
    let stop = <usize>load<u32>(endAt);
    startAt += startStep;
    endAt += endStep;
    if (p >= stop || (anyNullText && isNullText(nulls, p, <u32>(stop - p)))) {
      v128.store(out, i64x2.splat(0));
      markNull(column, <usize>(outRow + r));
      continue;
    }
    if (quote !== 0 && <u32>load<u8>(p) === quote) {
      p++;
      stop--;
      if (stop < p || <u32>load<u8>(stop) !== quote) return r;
      const mark = findMark(p, stop, vQuote, vEscape);
      if (mark < stop) {
        let to = mark;
        let at = mark;
        while (at < stop) {
          let c = <u32>load<u8>(at++);
          if (c === quote || (escapeMark !== 0 && c === escapeMark)) {
            // The second of a pair stays; a lone quote means text after the closing one.
            if (at >= stop || (c === quote && c !== escapeMark && <u32>load<u8>(at) !== quote)) return r;
            c = <u32>load<u8>(at++);
          }
          store<u8>(to++, c);
        }
        stop = to;
      }
    }
    const length = stop - p;
    if (text !== 0 && length > 12) {
      copyText(text, p, length);
      storeView(out, text, <u32>length);
      text += length;
    } else storeView(out, p, <u32>length);
  }
  store<u32>(column, <u32>text, C_TEXT);
  return n;
}

// Types that a field's text fits; a column fits what all its fields fit.
const FITS_BOOL: u32 = 1;
const FITS_INT64: u32 = 2;
const FITS_UINT64: u32 = 4;
const FITS_FLOAT: u32 = 8;
const FITS_DATE: u32 = 16;
const FITS_MICROS: u32 = 32;
const FITS_NANOS: u32 = 64;
const FITS_UTC_MICROS: u32 = 128;
const FITS_UTC_NANOS: u32 = 256;
const FITS_ALL: u32 = 511;

function fitsOf(column: usize, p: usize, stop: usize): u32 {
  const value = column + C_VALUE;
  const first = <u32>load<u8>(p);
  if (first - 48 <= 9 || first === 45 || first === 43 || first === load<u32>(column, C_POINT)) {
    let code = readInteger(p, stop, value, (<u64>1) << 63, ~((<u64>1) << 63));
    if (code === OK) return first === 45 ? FITS_INT64 | FITS_FLOAT : FITS_INT64 | FITS_UINT64 | FITS_FLOAT;
    // A longer integer as a double would lose digits.
    if (code !== BAD) return readInteger(p, stop, value, 0, ~0) === OK ? FITS_UINT64 : 0;
    code = readDouble(p, stop, value, load<u32>(column, C_POINT), 0);
    if (code !== BAD) return FITS_FLOAT;
    if (readDate(p, stop, value) === OK) return FITS_DATE | FITS_MICROS | FITS_NANOS;
    if (readDatetime(p, stop, value, 9, 1) === OK) {
      const fine = load<i32>(value, 24);
      if (fine >= 16) return fine - 16 > 6 ? FITS_UTC_NANOS : FITS_UTC_MICROS | FITS_UTC_NANOS;
      return fine > 6 ? FITS_NANOS : FITS_MICROS | FITS_NANOS;
    }
    // Too far off for nanoseconds.
    if (readDatetime(p, stop, value, 6, 1) === OK) return load<i32>(value, 24) >= 16 ? FITS_UTC_MICROS : FITS_MICROS;
    return 0;
  }
  if (stop - p >= 4 && readBool(p, stop, value) === OK) return FITS_BOOL;
  return readDouble(p, stop, value, load<u32>(column, C_POINT), 0) === OK ? FITS_FLOAT : 0;
}

/** The same for most numbers and dates; 0: it has to be looked at again. */
function fitsOfPlain(p: usize, stop: usize, point: v128): u32 {
  if (stop - p === 10 && load<u8>(p, 4) === 45)
    return plainDay(p) === NO_DAY ? 0 : FITS_DATE | FITS_MICROS | FITS_NANOS;
  if (shortDouble(p, stop, point) === NOT_SHORT) return 0;
  if (<u32>i8x16.bitmask(i8x16.eq(v128.load(stop - 16), point)) >>> (16 - <u32>(stop - p)) !== 0) return FITS_FLOAT;
  return load<u8>(p) === 45 ? FITS_INT64 | FITS_FLOAT : FITS_INT64 | FITS_UINT64 | FITS_FLOAT;
}

/** Narrows the types in C_A that the column's fields fit; `from` and `n` are rows of the scan. */
export function inferFields(column: usize, from: i32, n: i32): void {
  const startStep = <usize>load<u32>(column, C_START_STEP);
  const endStep = <usize>load<u32>(column, C_END_STEP);
  const add = <usize>load<u32>(column, C_START_ADD);
  let startAt = <usize>load<u32>(column, C_START) + <usize>from * startStep;
  let endAt = <usize>load<u32>(column, C_END) + <usize>from * endStep;
  const isPlain = load<u32>(column, C_NULLS_FIRST) === 0;
  const vPoint = i8x16.splat(<i8>load<u32>(column, C_POINT));
  let fits = load<u32>(column, C_A);
  for (let r = from; r < n && fits !== 0; r++) {
    const p = <usize>load<u32>(startAt) + add;
    const stop = <usize>load<u32>(endAt);
    startAt += startStep;
    endAt += endStep;
    const plain = isPlain ? fitsOfPlain(p, stop, vPoint) : 0;
    if (plain !== 0) {
      fits &= plain;
      continue;
    }
    if (bareField(column, p, stop)) continue;
    fits &= fitsOf(column, <usize>load<u32>(column, C_FIELD), <usize>load<u32>(column, C_STOP));
  }
  store<u32>(column, fits & FITS_ALL, C_A);
}
