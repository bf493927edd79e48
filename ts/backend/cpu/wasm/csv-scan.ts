// Comma-separated text: finding rows and fields.
//
// A scan (scanRows) writes where fields end: `ends[row * columns + column]`, and where rows start: `starts[row]`, all
// absolute addresses. A field starts one past the end of the field before it. A missing field of a short row ends where
// the last present one does, so its start is past its end: empty, like a null.
import { invalidUtf8 } from './_text';

// The scan's settings and results, at `scan`. u32 each.
const ENDS: usize = 0;
const STARTS: usize = 4;
const COLUMNS: usize = 8;
const MAX_ROWS: usize = 12;
const DELIMITER: usize = 16;
/** 0 = none; likewise escape and comment. */
const QUOTE: usize = 20;
const ESCAPE: usize = 24;
const COMMENT: usize = 28;
const NEWLINE: usize = 32;
/** 0 = every row must have COLUMNS fields, 1 = short rows are padded, 2 = and long ones cut. */
const RAGGED: usize = 36;
/** Out: where the next scan starts. */
const CONSUMED: usize = 40;
/** Out: whether a byte above 127 was seen. */
const NON_ASCII: usize = 44;
/** Out: 0, or the number of fields of the row that was refused; it starts at CONSUMED. */
const BAD_FIELDS: usize = 48;
/** Out: state of the byte machine, and whether the last row is inside quotes. */
const STATE: usize = 52;
const SCALAR_NEWLINES: usize = 56; // u64
/** Scans for which plain rows are not even tried. */
const NOT_PLAIN: usize = 64;
/** After one that had other rows. */
const NOT_PLAIN_SCANS: u32 = 16;

// States of the byte-by-byte machine.
const ROW_START: u32 = 0;
const FIELD_START: u32 = 1;
const PLAIN: u32 = 2;
const QUOTED: u32 = 3;
/** After a quote within quotes: the end, or half of a doubled one. */
const CLOSED: u32 = 4;
/** After the escape character within quotes. */
const ESCAPED: u32 = 5;
const IN_COMMENT: u32 = 6;

const CR: u32 = 13;

function mask64(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    ((<u64>(<u32>i8x16.bitmask(b))) << 16) |
    ((<u64>(<u32>i8x16.bitmask(c))) << 32) |
    ((<u64>(<u32>i8x16.bitmask(d))) << 48)
  );
}

/** Bit i = parity of bits 0 to i. */
function parity(m: u64): u64 {
  m ^= m << 1;
  m ^= m << 2;
  m ^= m << 4;
  m ^= m << 8;
  m ^= m << 16;
  return m ^ (m << 32);
}

/**
 * Up to 64 bytes through the state machine: exact for quotes in the middle of plain text, escapes and comments. Returns
 * the bits of delimiters and newlines that count; newlines alone at SCALAR_NEWLINES; the state is kept at STATE.
 */
function classifyBytes(scan: usize, p: usize, n: u32): u64 {
  const delimiter = load<u32>(scan, DELIMITER);
  const quote = load<u32>(scan, QUOTE);
  const escapeMark = load<u32>(scan, ESCAPE);
  const comment = load<u32>(scan, COMMENT);
  const newline = load<u32>(scan, NEWLINE);
  let state = load<u32>(scan, STATE);
  let found: u64 = 0;
  let newlines: u64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const c = <u32>load<u8>(p + i);
    if (state === QUOTED) {
      if (escapeMark !== 0 && c === escapeMark) state = ESCAPED;
      else if (c === quote) state = CLOSED;
      continue;
    }
    if (state === ESCAPED) {
      state = QUOTED;
      continue;
    }
    if (c === newline) {
      newlines |= (<u64>1) << i;
      found |= (<u64>1) << i;
      state = ROW_START;
      continue;
    }
    if (state === IN_COMMENT) continue;
    if (c === delimiter) {
      found |= (<u64>1) << i;
      state = FIELD_START;
    } else if (state === CLOSED && c === quote) state = QUOTED;
    else if (state === ROW_START && comment !== 0 && c === comment) state = IN_COMMENT;
    else if (state <= FIELD_START && quote !== 0 && c === quote) state = QUOTED;
    else state = PLAIN;
  }
  store<u32>(scan, state, STATE);
  store<u64>(scan, newlines, SCALAR_NEWLINES);
  return found;
}

/** Bytes of `[p, p + 4 n)`, addresses, that are `c`. */
function countBytes(p: usize, n: usize, c: u32): u32 {
  let count: u32 = 0;
  for (let i: usize = 0; i < n; i++) count += <u32>load<u8>(<usize>load<u32>(p + (i << 2))) === c ? 1 : 0;
  return count;
}

/**
 * The same as scanRows where all rows have their fields, no line is blank, and quotes are around whole fields: all ends of
 * fields are written one after the other, and then it is looked at every row's last one. -1: there are other rows.
 */
function scanPlainRows(scan: usize, p: usize, end: usize): i32 {
  const ends = <usize>load<u32>(scan, ENDS);
  const columns = <usize>load<u32>(scan, COLUMNS);
  const maxRows = <usize>load<u32>(scan, MAX_ROWS);
  const quote = load<u32>(scan, QUOTE);
  const newlineByte = load<u32>(scan, NEWLINE);
  const vDelimiter = i8x16.splat(<i8>load<u32>(scan, DELIMITER));
  const vNewline = i8x16.splat(<i8>newlineByte);
  // Without quotes none is looked at.
  const vQuote = i8x16.splat(<i8>quote);
  const hasQuote: u64 = quote === 0 ? 0 : ~0;
  const begin = p;
  const full = ends + ((maxRows * columns) << 2);
  let out = ends;
  let lines: u32 = 0;
  let high = i8x16.splat(0);
  /** All bits set: within quotes. */
  let within: u64 = 0;
  /** Bit 0: a quote may come first. */
  let mayQuote: u64 = 1;
  while (p < end && out < full) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    high = v128.or(high, v128.or(v128.or(a, b), v128.or(c, d)));
    const na = i8x16.eq(a, vNewline);
    const nb = i8x16.eq(b, vNewline);
    const nc = i8x16.eq(c, vNewline);
    const nd = i8x16.eq(d, vNewline);
    let newlines = mask64(na, nb, nc, nd);
    let found = mask64(
      v128.or(na, i8x16.eq(a, vDelimiter)),
      v128.or(nb, i8x16.eq(b, vDelimiter)),
      v128.or(nc, i8x16.eq(c, vDelimiter)),
      v128.or(nd, i8x16.eq(d, vDelimiter)),
    );
    let quotes = mask64(i8x16.eq(a, vQuote), i8x16.eq(b, vQuote), i8x16.eq(c, vQuote), i8x16.eq(d, vQuote)) & hasQuote;
    const left = <u64>(end - p);
    if (left < 64) {
      const valid = ((<u64>1) << left) - 1;
      newlines &= valid;
      found &= valid;
      quotes &= valid;
    }
    if ((quotes | within) !== 0) {
      const inside = parity(quotes) ^ within;
      const closing = quotes & ~inside;
      found &= ~inside;
      newlines &= ~inside;
      // As in scanRows.
      if ((quotes & inside & ~(((found | closing) << 1) | mayQuote)) !== 0) return -1;
      within = <u64>(<i64>inside >> 63);
      mayQuote = (found | closing) >>> 63;
    } else mayQuote = found >>> 63;
    lines += <u32>popcnt(newlines);
    const next = out + ((<usize>popcnt(found)) << 2);
    // Four at a time: what is written too much is written over.
    while (out < next) {
      store<u32>(out, <u32>p + <u32>ctz(found));
      found &= found - 1;
      store<u32>(out, <u32>p + <u32>ctz(found), 4);
      found &= found - 1;
      store<u32>(out, <u32>p + <u32>ctz(found), 8);
      found &= found - 1;
      store<u32>(out, <u32>p + <u32>ctz(found), 12);
      found &= found - 1;
      out += 16;
    }
    out = next;
    p += 64;
  }
  const fields = (out - ends) >> 2;
  const rows = min(fields / columns, maxRows);
  const kept = rows * columns;
  if (<usize>lines !== rows + <usize>countBytes(ends + (kept << 2), fields - kept, newlineByte)) return -1;
  const starts = <usize>load<u32>(scan, STARTS);
  const step = columns << 2;
  let start = begin;
  let last = ends + step - 4;
  for (let row: usize = 0; row < rows; row++, last += step) {
    const at = <usize>load<u32>(last);
    if (<u32>load<u8>(at) !== newlineByte) return -1;
    store<u32>(starts + (row << 2), <u32>start);
    if (newlineByte !== CR && at > start && <u32>load<u8>(at - 1) === CR) store<u32>(last, <u32>at - 1);
    start = at + 1;
  }
  store<u32>(scan, 0, BAD_FIELDS);
  store<u32>(scan, <u32>start, CONSUMED);
  store<u32>(scan, i8x16.bitmask(high) !== 0 ? 1 : 0, NON_ASCII);
  return <i32>rows;
}

/**
 * Finds the complete rows of `[p, end)`, at most MAX_ROWS; `p` is the start of a row. Reads up to 64 bytes past `end`.
 * Returns the number of rows. Blank lines are skipped unless there is one column only.
 */
export function scanRows(scan: usize, p: usize, end: usize): i32 {
  const notPlain = load<u32>(scan, NOT_PLAIN);
  if (notPlain !== 0) store<u32>(scan, notPlain - 1, NOT_PLAIN);
  else if ((load<u32>(scan, ESCAPE) | load<u32>(scan, COMMENT)) === 0) {
    const rows = scanPlainRows(scan, p, end);
    if (rows >= 0) return rows;
    store<u32>(scan, NOT_PLAIN_SCANS, NOT_PLAIN);
  }
  return scanAllRows(scan, p, end);
}

/** For any text. */
function scanAllRows(scan: usize, p: usize, end: usize): i32 {
  const ends = <usize>load<u32>(scan, ENDS);
  const starts = <usize>load<u32>(scan, STARTS);
  const columns = load<u32>(scan, COLUMNS);
  const rowBytes = (<usize>columns) << 2;
  const maxRows = load<u32>(scan, MAX_ROWS);
  const quote = load<u32>(scan, QUOTE);
  const comment = load<u32>(scan, COMMENT);
  const ragged = load<u32>(scan, RAGGED);
  const newlineByte = load<u32>(scan, NEWLINE);
  const vDelimiter = i8x16.splat(<i8>load<u32>(scan, DELIMITER));
  const vNewline = i8x16.splat(<i8>newlineByte);
  // An absent character matches the newline, which the comparisons below take away again.
  const vQuote = i8x16.splat(<i8>(quote === 0 ? newlineByte : quote));
  const escapeMark = load<u32>(scan, ESCAPE);
  const vEscape = i8x16.splat(<i8>(escapeMark === 0 ? newlineByte : escapeMark));
  const vComment = i8x16.splat(<i8>(comment === 0 ? newlineByte : comment));
  const hasQuote: u64 = quote === 0 ? 0 : ~0;
  const hasEscape: u64 = escapeMark === 0 ? 0 : ~0;
  const hasComment: u64 = comment === 0 ? 0 : ~0;

  let rows: u32 = 0;
  let rowStart = p;
  let rowBase = ends;
  let out = ends;
  // Fields of the current row beyond the wanted columns: counted, their ends not kept.
  let extra: u32 = 0;
  let state = ROW_START;
  let high = i8x16.splat(0);
  store<u32>(scan, 0, BAD_FIELDS);

  while (p < end) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    high = v128.or(high, v128.or(v128.or(a, b), v128.or(c, d)));
    const left = <u64>(end - p);
    const valid: u64 = left >= 64 ? ~0 : ((<u64>1) << left) - 1;
    let newlines =
      mask64(i8x16.eq(a, vNewline), i8x16.eq(b, vNewline), i8x16.eq(c, vNewline), i8x16.eq(d, vNewline)) & valid;
    let found =
      (mask64(i8x16.eq(a, vDelimiter), i8x16.eq(b, vDelimiter), i8x16.eq(c, vDelimiter), i8x16.eq(d, vDelimiter)) &
        valid) |
      newlines;
    const quotes =
      mask64(i8x16.eq(a, vQuote), i8x16.eq(b, vQuote), i8x16.eq(c, vQuote), i8x16.eq(d, vQuote)) & valid & hasQuote;
    let special: u64 = 0;
    if ((hasEscape | hasComment) !== 0) {
      const escapes =
        mask64(i8x16.eq(a, vEscape), i8x16.eq(b, vEscape), i8x16.eq(c, vEscape), i8x16.eq(d, vEscape)) & hasEscape;
      const comments =
        mask64(i8x16.eq(a, vComment), i8x16.eq(b, vComment), i8x16.eq(c, vComment), i8x16.eq(d, vComment)) &
        hasComment &
        ((newlines << 1) | (state === ROW_START ? 1 : 0));
      special = (escapes | comments) & valid;
    }
    if ((quotes | special) !== 0 || state >= QUOTED) {
      let simple = special === 0 && state <= CLOSED;
      if (simple) {
        const inside = parity(quotes) ^ (state === QUOTED ? ~0 : 0);
        const opening = quotes & inside;
        const closing = quotes & ~inside;
        const outside = found & ~inside;
        // A quote opens at the start of a field, or is the second of a pair within quotes.
        const legal = (outside << 1) | (closing << 1) | (state === PLAIN || state === QUOTED ? 0 : 1);
        if ((opening & ~legal) !== 0) simple = false;
        else {
          found = outside;
          newlines &= outside;
          if (left >= 64) {
            if (inside >>> 63 !== 0) state = QUOTED;
            else if (closing >>> 63 !== 0) state = CLOSED;
            else if (newlines >>> 63 !== 0) state = ROW_START;
            else state = found >>> 63 !== 0 ? FIELD_START : PLAIN;
          } else state = (inside >>> (left - 1)) & 1 ? QUOTED : PLAIN;
        }
      }
      if (!simple) {
        store<u32>(scan, state, STATE);
        found = classifyBytes(scan, p, <u32>min<u64>(left, 64));
        newlines = load<u64>(scan, SCALAR_NEWLINES);
        state = load<u32>(scan, STATE);
      }
    } else state = newlines >>> 63 !== 0 ? ROW_START : found >>> 63 !== 0 ? FIELD_START : PLAIN;

    while (newlines !== 0) {
      const bit = newlines & (0 - newlines);
      newlines ^= bit;
      let row = found & (bit | (bit - 1));
      found ^= row;
      while (row !== 0) {
        store<u32>(out, <u32>p + <u32>ctz(row));
        out += 4;
        row &= row - 1;
      }
      const at = p + <usize>ctz(bit);
      let last = at;
      if (newlineByte !== CR && at > rowStart && <u32>load<u8>(at - 1) === CR) last--;
      store<u32>(out - 4, <u32>last);
      const fields = (<u32>(out - rowBase) >> 2) + extra;
      if (fields !== columns) {
        if (fields === 1 && last === rowStart) {
          // A blank line.
          out = rowBase;
          rowStart = at + 1;
          continue;
        }
        if (comment !== 0 && <u32>load<u8>(rowStart) === comment) {
          out = rowBase;
          extra = 0;
          rowStart = at + 1;
          continue;
        }
        if (ragged === 0 || (ragged === 1 && fields > columns)) {
          store<u32>(scan, fields, BAD_FIELDS);
          store<u32>(scan, <u32>rowStart, CONSUMED);
          store<u32>(scan, i8x16.bitmask(high) !== 0 ? 1 : 0, NON_ASCII);
          return rows;
        }
        while (<usize>(out - rowBase) < rowBytes) {
          store<u32>(out, <u32>last);
          out += 4;
        }
        out = rowBase + rowBytes;
        extra = 0;
      } else if (comment !== 0 && <u32>load<u8>(rowStart) === comment) {
        out = rowBase;
        rowStart = at + 1;
        continue;
      }
      store<u32>(starts + ((<usize>rows) << 2), <u32>rowStart);
      rows++;
      rowBase = out;
      rowStart = at + 1;
      if (rows === maxRows) {
        store<u32>(scan, <u32>rowStart, CONSUMED);
        store<u32>(scan, i8x16.bitmask(high) !== 0 ? 1 : 0, NON_ASCII);
        return rows;
      }
    }
    while (found !== 0) {
      store<u32>(out, <u32>p + <u32>ctz(found));
      out += 4;
      found &= found - 1;
    }
    if (<usize>(out - rowBase) > rowBytes) {
      extra += <u32>((out - rowBase - rowBytes) >> 2);
      out = rowBase + rowBytes;
    }
    p += 64;
  }
  store<u32>(scan, <u32>rowStart, CONSUMED);
  store<u32>(scan, i8x16.bitmask(high) !== 0 ? 1 : 0, NON_ASCII);
  store<u32>(scan, state, STATE);
  return rows;
}

/** How many bytes of `[p, end)` are `c`. */
export function countByte(p: usize, end: usize, c: i32): i32 {
  const wanted = i8x16.splat(<i8>c);
  let count: u32 = 0;
  while (p + 64 <= end) {
    const m = mask64(
      i8x16.eq(v128.load(p), wanted),
      i8x16.eq(v128.load(p, 16), wanted),
      i8x16.eq(v128.load(p, 32), wanted),
      i8x16.eq(v128.load(p, 48), wanted),
    );
    count += <u32>popcnt(m);
    p += 64;
  }
  for (; p < end; p++) if (<i32>load<u8>(p) === c) count++;
  return count;
}

/** The address of the first byte of `[p, end)` that is not well-formed UTF-8, or `end`. */
export function findInvalidUtf8(p: usize, end: usize): usize {
  return invalidUtf8(p, end);
}
