// Text out of columns: comma-separated rows and lines of JSON.
import {
  bytesOf,
  F_A,
  F_BINARY,
  F_BYTES,
  F_CHILD_COUNT,
  F_CHILDREN,
  F_DATA,
  F_DATE,
  F_DATETIME,
  F_DOUBLE,
  F_FIXED_LIST,
  F_FLOAT,
  F_KEY,
  F_KEY_BYTES,
  F_LIST,
  F_NULL,
  F_STRING,
  F_STRUCT,
  F_TIME,
  formatBase64,
  formatScalar,
  isNull,
  slotOf,
} from './_format';

// The writer's settings, at `settings`; u32 each.
const W_DELIMITER: usize = 0;
const W_QUOTE: usize = 4;
/** 0 = where needed, 1 = all strings, 2 = everything but nulls. */
const W_QUOTING: usize = 8;
const W_NULL: usize = 12;
const W_NULL_BYTES: usize = 16;
const W_POINT: usize = 20;
const W_POWERS: usize = 24;
/** The line end in the lower bytes, and its length. */
const W_LINE_END: usize = 28;
const W_LINE_END_BYTES: usize = 32;
/** 1 = the delimiter can be part of a number or date, which are then quoted. */
const W_QUOTE_SCALARS: usize = 36;
/** Out: end of the text written. */
const W_WRITTEN: usize = 40;

/** Room that a value other than a string or binary needs. */
const SCALAR_ROOM: usize = 256;

/** Copies in steps of 16; may write 15 bytes too many. */
function copyText(from: usize, length: usize, to: usize): usize {
  const end = to + length;
  while (to < end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  return end;
}

function needsQuotes(p: usize, length: usize, delimiter: v128, quote: v128): bool {
  const end = p + length;
  while (p < end) {
    const v = v128.load(p);
    const marks = v128.or(
      v128.or(i8x16.eq(v, delimiter), i8x16.eq(v, quote)),
      v128.or(i8x16.eq(v, i8x16.splat(10)), i8x16.eq(v, i8x16.splat(13))),
    );
    const m = <u32>i8x16.bitmask(marks);
    if (m !== 0) return p + <usize>ctz(m) < end;
    p += 16;
  }
  return false;
}

function writeQuoted(p: usize, length: usize, quote: u32, out: usize): usize {
  const end = p + length;
  store<u8>(out++, quote);
  for (; p < end; p++) {
    const c = <u32>load<u8>(p);
    store<u8>(out++, c);
    if (c === quote) store<u8>(out++, c);
  }
  store<u8>(out++, quote);
  return out;
}

/**
 * Writes rows [from, n) of `count` columns as text at `out`, whole rows until the room ends. Returns the next row; the
 * end of the text is at W_WRITTEN.
 */
export function writeCsvRows(
  settings: usize,
  columns: usize,
  count: i32,
  from: i32,
  n: i32,
  out: usize,
  outEnd: usize,
): i32 {
  const delimiter = load<u32>(settings, W_DELIMITER);
  const quote = load<u32>(settings, W_QUOTE);
  const quoting = load<u32>(settings, W_QUOTING);
  const nullText = <usize>load<u32>(settings, W_NULL);
  const nullBytes = <usize>load<u32>(settings, W_NULL_BYTES);
  const point = load<u32>(settings, W_POINT);
  const powers = <usize>load<u32>(settings, W_POWERS);
  const lineEnd = load<u32>(settings, W_LINE_END);
  const lineEndBytes = <usize>load<u32>(settings, W_LINE_END_BYTES);
  const quoteScalars = quoting === 2 || load<u32>(settings, W_QUOTE_SCALARS) !== 0;
  const vDelimiter = i8x16.splat(<i8>delimiter);
  const vQuote = i8x16.splat(<i8>quote);
  for (let r = from; r < n; r++) {
    const rowStart = out;
    let column = columns;
    for (let c = 0; c < count; c++, column += F_BYTES) {
      const kind = load<u32>(column);
      if (out + SCALAR_ROOM + nullBytes > outEnd) {
        store<u32>(settings, <u32>rowStart, W_WRITTEN);
        return r;
      }
      if (kind === F_NULL || isNull(column, <usize>r)) out = copyText(nullText, nullBytes, out);
      else {
        const slot = slotOf(column, <usize>r);
        if (kind === F_STRING || kind === F_BINARY) {
          const view = <usize>load<u32>(column, F_DATA) + (slot << 4);
          const length = <usize>load<u32>(view);
          const p = bytesOf(view);
          if (out + 2 * length + SCALAR_ROOM > outEnd) {
            store<u32>(settings, <u32>rowStart, W_WRITTEN);
            return r;
          }
          if (kind === F_BINARY) {
            if (quoteScalars || quoting !== 0 || length === 0) store<u8>(out++, quote);
            out = formatBase64(p, length, out);
            if (quoteScalars || quoting !== 0 || length === 0) store<u8>(out++, quote);
          } else if (
            quoting !== 0 ||
            length === 0 ||
            needsQuotes(p, length, vDelimiter, vQuote) ||
            (length === nullBytes && memory.compare(p, nullText, length) === 0)
          )
            out = writeQuoted(p, length, quote, out);
          else out = copyText(p, length, out);
        } else if (quoteScalars) {
          store<u8>(out, quote);
          out = formatScalar(column, slot, point, powers, out + 1);
          store<u8>(out++, quote);
        } else out = formatScalar(column, slot, point, powers, out);
      }
      store<u8>(out++, delimiter);
    }
    if (count > 0) out--;
    store<u32>(out, lineEnd);
    out += lineEndBytes;
  }
  store<u32>(settings, <u32>out, W_WRITTEN);
  return n;
}

// Lines of JSON. The settings, at `settings`; u32 each.
const J_POWERS: usize = 0;
/** NaN and Infinity: 0 = null, 1 = a string, 2 = an error. */
const J_NON_FINITE: usize = 4;
/** 1 = keys of nulls are left out. */
const J_OMIT_NULLS: usize = 8;
/** Out: end of the text written; whether a NaN or Infinity stopped the call. */
const J_WRITTEN: usize = 12;
const J_REFUSED: usize = 16;

const NULL_WORD: u32 = 0x6c6c756e;

/** A string in quotes, escaped. 0 when there is no room. */
function writeJsonString(p: usize, length: usize, out: usize, outEnd: usize): usize {
  const end = p + length;
  store<u8>(out++, 34);
  while (p < end) {
    // The next character that needs an escape.
    let mark = p;
    while (mark < end) {
      const v = v128.load(mark);
      const marks = v128.or(
        v128.or(i8x16.eq(v, i8x16.splat(34)), i8x16.eq(v, i8x16.splat(92))),
        i8x16.lt_u(v, i8x16.splat(32)),
      );
      const m = <u32>i8x16.bitmask(marks);
      if (m !== 0) {
        mark += <usize>ctz(m);
        break;
      }
      mark += 16;
    }
    if (mark > end) mark = end;
    if (out + (mark - p) + SCALAR_ROOM > outEnd) return 0;
    out = copyText(p, mark - p, out);
    p = mark;
    if (p < end) {
      const c = <u32>load<u8>(p++);
      const short: u32 =
        c === 34 || c === 92 ? c : c === 10 ? 110 : c === 13 ? 114 : c === 9 ? 116 : c === 8 ? 98 : c === 12 ? 102 : 0;
      if (short !== 0) {
        store<u16>(out, 92 | (short << 8));
        out += 2;
      } else {
        // \u00XX
        const low = c & 15;
        store<u32>(out, 0x3030755c);
        store<u8>(out + 4, 48 + (c >> 4));
        store<u8>(out + 5, low < 10 ? 48 + low : 87 + low);
        out += 6;
      }
    }
  }
  store<u8>(out, 34);
  return out + 1;
}

function isFiniteValue(kind: u32, data: usize, slot: usize): bool {
  if (kind === F_DOUBLE) return ((load<u64>(data + (slot << 3)) >> 52) & 0x7ff) !== 0x7ff;
  return ((load<u32>(data + (slot << 2)) >> 23) & 0xff) !== 0xff;
}

/** One value. 0 when there is no room, or J_REFUSED is set. */
function writeJsonValue(settings: usize, column: usize, row: usize, out: usize, outEnd: usize): usize {
  if (out + SCALAR_ROOM > outEnd) return 0;
  const kind = load<u32>(column);
  if (kind === F_NULL || isNull(column, row)) {
    store<u32>(out, NULL_WORD);
    return out + 4;
  }
  const slot = slotOf(column, row);
  const data = <usize>load<u32>(column, F_DATA);
  switch (kind) {
    case F_STRING: {
      const view = data + (slot << 4);
      return writeJsonString(bytesOf(view), <usize>load<u32>(view), out, outEnd);
    }
    case F_BINARY: {
      const view = data + (slot << 4);
      const length = <usize>load<u32>(view);
      if (out + 2 * length + SCALAR_ROOM > outEnd) return 0;
      store<u8>(out, 34);
      out = formatBase64(bytesOf(view), length, out + 1);
      store<u8>(out, 34);
      return out + 1;
    }
    case F_LIST:
      return writeJsonItems(
        settings,
        <usize>load<u32>(column, F_CHILDREN),
        <usize>load<u32>(data + (slot << 2)),
        <usize>load<u32>(data + (slot << 2), 4),
        out,
        outEnd,
      );
    case F_FIXED_LIST: {
      const length = <usize>load<u32>(column, F_A);
      const child = <usize>load<u32>(column, F_CHILDREN);
      return writeJsonItems(settings, child, slot * length, slot * length + length, out, outEnd);
    }
    case F_STRUCT:
      return writeJsonObject(
        settings,
        <usize>load<u32>(column, F_CHILDREN),
        load<i32>(column, F_CHILD_COUNT),
        slot,
        out,
        outEnd,
      );
    case F_FLOAT:
    case F_DOUBLE: {
      if (!isFiniteValue(kind, data, slot)) {
        const how = load<u32>(settings, J_NON_FINITE);
        if (how === 0) {
          store<u32>(out, NULL_WORD);
          return out + 4;
        }
        if (how === 2) {
          store<u32>(settings, 1, J_REFUSED);
          return 0;
        }
        store<u8>(out, 34);
        out = formatScalar(column, slot, 46, <usize>load<u32>(settings, J_POWERS), out + 1);
        store<u8>(out, 34);
        return out + 1;
      }
      return formatScalar(column, slot, 46, <usize>load<u32>(settings, J_POWERS), out);
    }
    case F_DATE:
    case F_DATETIME:
    case F_TIME: {
      store<u8>(out, 34);
      out = formatScalar(column, slot, 46, 0, out + 1);
      store<u8>(out, 34);
      return out + 1;
    }
    default:
      return formatScalar(column, slot, 46, 0, out);
  }
}

function writeJsonItems(settings: usize, child: usize, from: usize, to: usize, out: usize, outEnd: usize): usize {
  store<u8>(out++, 91);
  for (let i = from; i < to; i++) {
    if (i > from) store<u8>(out++, 44);
    out = writeJsonValue(settings, child, i, out, outEnd);
    if (out === 0) return 0;
  }
  store<u8>(out, 93);
  return out + 1;
}

function writeJsonObject(settings: usize, fields: usize, count: i32, row: usize, out: usize, outEnd: usize): usize {
  const omitNulls = load<u32>(settings, J_OMIT_NULLS) !== 0;
  const begin = out;
  store<u8>(out++, 123);
  for (let i = 0; i < count; i++) {
    const field = fields + <usize>i * F_BYTES;
    if (omitNulls && (load<u32>(field) === F_NULL || isNull(field, row))) continue;
    const keyBytes = <usize>load<u32>(field, F_KEY_BYTES);
    if (out + keyBytes + SCALAR_ROOM > outEnd) return 0;
    if (out > begin + 1) store<u8>(out++, 44);
    out = copyText(<usize>load<u32>(field, F_KEY), keyBytes, out);
    out = writeJsonValue(settings, field, row, out, outEnd);
    if (out === 0) return 0;
  }
  store<u8>(out, 125);
  return out + 1;
}

/** As writeCsvRows, an object a line. */
export function writeJsonRows(
  settings: usize,
  columns: usize,
  count: i32,
  from: i32,
  n: i32,
  out: usize,
  outEnd: usize,
): i32 {
  store<u32>(settings, 0, J_REFUSED);
  for (let r = from; r < n; r++) {
    const end = out + SCALAR_ROOM > outEnd ? 0 : writeJsonObject(settings, columns, count, <usize>r, out, outEnd);
    if (end === 0) {
      store<u32>(settings, <u32>out, J_WRITTEN);
      return r;
    }
    store<u8>(end, 10);
    out = end + 1;
  }
  store<u32>(settings, <u32>out, J_WRITTEN);
  return n;
}
