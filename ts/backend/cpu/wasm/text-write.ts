// Text out of columns: comma-separated rows and lines of JSON.
import {
  bytesOf,
  F_BINARY,
  F_BYTES,
  F_DATA,
  F_NULL,
  F_STRING,
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
