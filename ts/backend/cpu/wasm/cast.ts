// Casts between strings and other values. Reading writes a status byte a row (the codes of _number.ts and _temporal.ts);
// writing makes views, with the bytes of long ones in a buffer of the caller.
import {
  formatClock,
  formatDate,
  formatDatetime,
  formatDecimal,
  formatDouble,
  formatFloat,
  formatSigned,
  formatUnsigned,
} from './_format';
import { BAD, HARD, isBetweenFloats, OK, readDecimal, readDouble, readInteger } from './_number';
import { readDate, readDatetime, readTime } from './_temporal';
import { storeView } from './_text';

// What is read or written; a Time otherwise.
const INTEGER: i32 = 0;
const FLOAT: i32 = 1;
const BOOL: i32 = 2;
const DECIMAL: i32 = 3;
const DATE: i32 = 4;
const DATETIME: i32 = 5;

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

function loadNumber(src: usize, width: i32, signed: i32): u64 {
  if (width === 8) return load<u64>(src);
  if (width === 4) return signed ? <u64>(<i64>load<i32>(src)) : <u64>load<u32>(src);
  if (width === 2) return signed ? <u64>(<i64>load<i16>(src)) : <u64>load<u16>(src);
  return signed ? <u64>(<i64>load<i8>(src)) : <u64>load<u8>(src);
}

/**
 * Texts of values of `width` bytes (0: bits) as views; null rows get empty ones. `a` is the scale, or the digits of the
 * unit; `b`: integers are signed, or a Datetime has a zone. `bytes` has room for 48 a row, 16 before the first and 192
 * behind the last; `table` holds the powers of ten for floats.
 */
export function writeViews(
  src: usize,
  validity: usize,
  n: i32,
  what: i32,
  width: i32,
  a: i32,
  b: i32,
  table: usize,
  views: usize,
  bytes: usize,
): void {
  let p = bytes;
  for (let i = 0; i < n; i++) {
    const row = <usize>i;
    const at = src + row * <usize>width;
    let end = p;
    if (isPresent(validity, i)) {
      if (what === INTEGER) {
        const value = loadNumber(at, width, b);
        end = b ? formatSigned(<i64>value, p) : formatUnsigned(value, p);
      } else if (what === FLOAT) {
        end = width === 8 ? formatDouble(load<u64>(at), 46, table, p) : formatFloat(load<u32>(at), 46, table, p);
      } else if (what === BOOL) {
        const yes = (<u32>load<u8>(src + (row >> 3)) >> (i & 7)) & 1;
        store<u64>(p, yes ? 0x65757274 : 0x65736c6166);
        end = p + (yes ? 4 : 5);
      } else if (what === DECIMAL) {
        const low = load<u64>(at);
        end = formatDecimal(low, width === 16 ? load<u64>(at, 8) : <u64>(<i64>low >> 63), a, 46, p);
      } else if (what === DATE) end = formatDate(load<i32>(at), p);
      else if (what === DATETIME) end = formatDatetime(load<i64>(at), a, b !== 0, p);
      else end = formatClock(load<u64>(at), a, p);
    }
    const length = <u32>(end - p);
    storeView(views + (row << 4), p, length);
    if (length > 12) p = end;
  }
}
