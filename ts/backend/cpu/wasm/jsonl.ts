// Lines of JSON into columns: one pass over the text, directed by the wanted dtypes. A wanted column, list element or
// struct field is a node, a block of numbers; what no node wants is skipped.
//
// A row that needs something from TypeScript (a longer buffer, a hard number) is taken back and read again.
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CR,
  hasPlainHead,
  isFalse,
  isNumberWord,
  isWord,
  NULL_WORD,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  readText,
  S_ANSWERS,
  S_AT,
  S_FROM,
  S_NEXT,
  S_NODE,
  S_POWERS,
  S_SIDE_USED,
  S_STOP,
  S_STRICT,
  S_TO,
  S_VALUE,
  STOP_END,
  STOP_GROW,
  STOP_HARD,
  STOP_MALFORMED,
  STOP_MISMATCH,
  STOP_UNKNOWN,
  skipBlanks,
  skipValue,
  stop,
  TRUE_WORD,
  WANT_COLON,
  WANT_KEY,
  WANT_LINE_END,
  WANT_LIST_END,
  WANT_NUMBER,
  WANT_OBJECT,
  WANT_OBJECT_END,
  WANT_VALUE,
  wordEnd,
} from './_json';
import {
  HARD,
  isBetweenFloats,
  OK,
  plainDouble,
  RANGE,
  readDecimal,
  readDouble,
  readInteger,
  roundDoubles,
} from './_number';
import { NOT_SHORT, shortDouble } from './_plain';
import { readDate, readDatetime, readTime } from './_temporal';
import { clearBit, invalidUtf8, setBit, storeView } from './_text';

// A node: its kind at 0, then, u32 each unless said otherwise:
const N_OUT: usize = 4;
const N_VALIDITY: usize = 8;
/** Values there is room for, and values written. */
const N_CAPACITY: usize = 12;
const N_COUNT: usize = 16;
/** Numbers: bytes a value. Datetimes: fraction digits. Decimals: precision. Fixed lists: length. */
const N_A: usize = 20;
/** Datetimes: 0 no zone, 1 UTC, 2 other. Decimals: scale. */
const N_B: usize = 24;
const N_CHILDREN: usize = 28;
const N_CHILD_COUNT: usize = 32;
/** The field's name in UTF-8. */
const N_KEY: usize = 36;
const N_KEY_BYTES: usize = 40;
/** 1 = the name is written in JSON as it is. */
const N_PLAIN: usize = 44;
/** u64: magnitudes of the smallest and largest integer. */
const N_NEGATIVE: usize = 48;
const N_POSITIVE: usize = 56;
const N_BYTES: usize = 64;

const KIND_BOOL: u32 = 0;
const KIND_INTEGER: u32 = 1;
const KIND_FLOAT: u32 = 2;
const KIND_DATE: u32 = 3;
const KIND_DATETIME: u32 = 4;
const KIND_TIME: u32 = 5;
const KIND_DECIMAL: u32 = 6;
const KIND_STRING: u32 = 7;
// 8 is a column of nothing but nulls.
const KIND_LIST: u32 = 9;
const KIND_FIXED_LIST: u32 = 10;
const KIND_STRUCT: u32 = 11;

function mismatch(state: usize, node: usize, from: usize, to: usize, code: u32): usize {
  store<u32>(state, <u32>node, S_NODE);
  store<u32>(state, <u32>from, S_FROM);
  store<u32>(state, <u32>to, S_TO);
  return stop(state, code === <u32>HARD ? STOP_HARD : STOP_MISMATCH, from, code);
}

/** Room for one more value; false stops the call. */
function hasRoom(state: usize, node: usize): bool {
  if (load<u32>(node, N_COUNT) < load<u32>(node, N_CAPACITY)) return true;
  store<u32>(state, <u32>node, S_NODE);
  stop(state, STOP_GROW, 0, 0);
  return false;
}

function childOf(node: usize, i: u32): usize {
  return <usize>load<u32>(node, N_CHILDREN) + <usize>i * N_BYTES;
}

/** Writes a null and, below it, zeros. False when a buffer is full. */
function writeNull(state: usize, node: usize): bool {
  if (!hasRoom(state, node)) return false;
  const row = <usize>load<u32>(node, N_COUNT);
  const out = <usize>load<u32>(node, N_OUT);
  clearBit(<usize>load<u32>(node, N_VALIDITY), row);
  store<u32>(node, <u32>row + 1, N_COUNT);
  switch (load<u32>(node)) {
    case KIND_BOOL:
      clearBit(out, row);
      break;
    case KIND_INTEGER:
    case KIND_FLOAT: {
      const width = <usize>load<u32>(node, N_A);
      if (width === 8) store<u64>(out + (row << 3), 0);
      else if (width === 4) store<u32>(out + (row << 2), 0);
      else if (width === 2) store<u16>(out + (row << 1), 0);
      else store<u8>(out + row, 0);
      break;
    }
    case KIND_DATE:
      store<u32>(out + (row << 2), 0);
      break;
    case KIND_DATETIME:
    case KIND_TIME:
      store<u64>(out + (row << 3), 0);
      break;
    case KIND_DECIMAL:
      if (load<u32>(node, N_A) > 18) v128.store(out + (row << 4), i64x2.splat(0));
      else store<u64>(out + (row << 3), 0);
      break;
    case KIND_STRING:
      v128.store(out + (row << 4), i64x2.splat(0));
      break;
    case KIND_LIST:
      store<u32>(out + ((row + 1) << 2), load<u32>(childOf(node, 0), N_COUNT));
      break;
    case KIND_FIXED_LIST: {
      const length = load<u32>(node, N_A);
      for (let i: u32 = 0; i < length; i++) if (!writeNull(state, childOf(node, 0))) return false;
      break;
    }
    case KIND_STRUCT: {
      const count = load<u32>(node, N_CHILD_COUNT);
      for (let i: u32 = 0; i < count; i++) if (!writeNull(state, childOf(node, i))) return false;
      break;
    }
    default:
      break;
  }
  return true;
}

/** Takes a node back to its first `count` values. */
function takeBack(node: usize, count: u32): void {
  store<u32>(node, count, N_COUNT);
  switch (load<u32>(node)) {
    case KIND_LIST:
      takeBack(childOf(node, 0), load<u32>(<usize>load<u32>(node, N_OUT) + ((<usize>count) << 2)));
      break;
    case KIND_FIXED_LIST:
      takeBack(childOf(node, 0), count * load<u32>(node, N_A));
      break;
    case KIND_STRUCT: {
      const children = load<u32>(node, N_CHILD_COUNT);
      for (let i: u32 = 0; i < children; i++) takeBack(childOf(node, i), count);
      break;
    }
    default:
      break;
  }
}

/** A value TypeScript has read before, or 0. */
function answerTo(state: usize, at: usize): usize {
  let answer = <usize>load<u32>(state, S_ANSWERS);
  if (answer === 0) return 0;
  const count = load<u32>(answer);
  answer += 16;
  for (let i: u32 = 0; i < count; i++) {
    if (<usize>load<u32>(answer) === at) return answer + 16;
    answer += 32;
  }
  return 0;
}

/** Reads the text `[from, to)` of a number, date or boolean into `value`. `quoted`: it was a string. */
function readScalar(state: usize, node: usize, from: usize, to: usize, quoted: bool): i32 {
  const value = state + S_VALUE;
  switch (load<u32>(node)) {
    case KIND_BOOL: {
      if (quoted) return 1;
      const yes = isWord(from, to, TRUE_WORD);
      store<u32>(value, yes ? 1 : 0);
      return yes || isFalse(from, to) ? OK : 1;
    }
    case KIND_INTEGER:
      return readInteger(from, to, value, load<u64>(node, N_NEGATIVE), load<u64>(node, N_POSITIVE));
    case KIND_FLOAT: {
      const code = readDouble(from, to, value, 46, <usize>load<u32>(state, S_POWERS));
      if (code !== OK || load<u32>(node, N_A) === 8) return code;
      if (isBetweenFloats(load<u64>(value))) return HARD;
      store<u64>(value, <u64>reinterpret<u32>(<f32>load<f64>(value)));
      return OK;
    }
    case KIND_DATE:
      return quoted ? readDate(from, to, value) : 1;
    case KIND_DATETIME:
      return quoted ? readDatetime(from, to, value, load<i32>(node, N_A), load<i32>(node, N_B)) : 1;
    case KIND_TIME:
      return quoted ? readTime(from, to, value) : 1;
    case KIND_DECIMAL:
      return readDecimal(from, to, value, 46, load<i32>(node, N_A), load<i32>(node, N_B));
    default:
      return 1;
  }
}

function storeScalar(node: usize, row: usize, value: usize): void {
  const out = <usize>load<u32>(node, N_OUT);
  const a = load<u32>(node, N_A);
  switch (load<u32>(node)) {
    case KIND_BOOL:
      if (load<u32>(value) !== 0) setBit(out, row);
      else clearBit(out, row);
      break;
    case KIND_INTEGER:
    case KIND_FLOAT:
      if (a === 8) store<u64>(out + (row << 3), load<u64>(value));
      else if (a === 4) store<u32>(out + (row << 2), load<u32>(value));
      else if (a === 2) store<u16>(out + (row << 1), load<u16>(value));
      else store<u8>(out + row, load<u8>(value));
      break;
    case KIND_DATE:
      store<u32>(out + (row << 2), load<u32>(value));
      break;
    case KIND_DECIMAL:
      if (a > 18) v128.store(out + (row << 4), v128.load(value));
      else store<u64>(out + (row << 3), load<u64>(value));
      break;
    default:
      store<u64>(out + (row << 3), load<u64>(value));
      break;
  }
}

/** The point of numbers, in every byte. */
const POINTS = memory.data<u64>([0x2e2e2e2e2e2e2e2e, 0x2e2e2e2e2e2e2e2e], 16);

/** Reads a number as most are: no exponent, nothing special. False when it must be looked at again. */
function readPlainNumber(state: usize, node: usize, kind: u32, p: usize, row: usize): bool {
  const end = wordEnd(p);
  if (end === p || !hasPlainHead(p, end)) return false;
  store<u32>(state, <u32>end, S_TO);
  if (kind === KIND_FLOAT) {
    if (load<u32>(node, N_A) !== 8) return false;
    const out = <usize>load<u32>(node, N_OUT) + (row << 3);
    const bits = shortDouble(p, end, v128.load(POINTS));
    if (bits !== NOT_SHORT) {
      store<u64>(out, bits);
      return true;
    }
    if (!plainDouble(p, end, out, state + S_VALUE, i8x16.splat(46))) return false;
    roundDoubles(out, state + S_VALUE, 1, <usize>load<u32>(state, S_POWERS));
    return true;
  }
  const value = state + S_VALUE;
  if (readInteger(p, end, value, load<u64>(node, N_NEGATIVE), load<u64>(node, N_POSITIVE)) !== OK) return false;
  storeScalar(node, row, value);
  return true;
}

/** Reads the value at p into a node. Returns the value's end, or 0 when the call must stop. */
function readValue(state: usize, node: usize, p: usize): usize {
  p = skipBlanks(p);
  const c = <u32>load<u8>(p);
  const kind = load<u32>(node);
  if (c === 110) {
    const end = wordEnd(p);
    if (!isWord(p, end, NULL_WORD)) return stop(state, STOP_MALFORMED, p, WANT_VALUE);
    return writeNull(state, node) ? end : 0;
  }
  if (kind === KIND_STRUCT) return readStruct(state, node, p);
  if (kind === KIND_LIST || kind === KIND_FIXED_LIST) return readList(state, node, p);
  if (!hasRoom(state, node)) return 0;
  const row = <usize>load<u32>(node, N_COUNT);
  let end: usize;
  if (kind === KIND_STRING) {
    let from = p;
    let to: usize;
    if (c === QUOTE) {
      end = readText(state, p + 1);
      if (end === 0) return 0;
      from = <usize>load<u32>(state, S_FROM);
      to = <usize>load<u32>(state, S_TO);
    } else {
      // Anything else is kept as its text.
      end = skipValue(state, p);
      if (end === 0) return 0;
      to = end;
    }
    storeView(<usize>load<u32>(node, N_OUT) + (row << 4), from, <u32>(to - from));
  } else if (
    (kind === KIND_FLOAT || kind === KIND_INTEGER) &&
    c !== QUOTE &&
    readPlainNumber(state, node, kind, p, row)
  ) {
    end = <usize>load<u32>(state, S_TO);
  } else {
    let from = p;
    let to: usize;
    const quoted = c === QUOTE;
    if (quoted) {
      end = readText(state, p + 1);
      if (end === 0) return 0;
      from = <usize>load<u32>(state, S_FROM);
      to = <usize>load<u32>(state, S_TO);
      // A number in quotes fits a declared column of numbers; where dtypes are found it is text.
      if (load<u32>(state, S_STRICT) !== 0) return mismatch(state, node, from, to, 1);
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      end = skipValue(state, p);
      return end === 0 ? 0 : mismatch(state, node, p, end, 1);
    } else {
      end = wordEnd(p);
      to = end;
      if (c === 116 || c === 102) {
        if (!isWord(p, end, TRUE_WORD) && !isFalse(p, end)) return stop(state, STOP_MALFORMED, p, WANT_VALUE);
      } else if (!isNumberWord(p, end)) return stop(state, STOP_MALFORMED, p, end === p ? WANT_VALUE : WANT_NUMBER);
    }
    const code = readScalar(state, node, from, to, quoted);
    let value = state + S_VALUE;
    if (code !== OK) {
      value = code === HARD ? answerTo(state, p) : 0;
      if (value === 0) {
        mismatch(state, node, from, to, code);
        store<u32>(state, <u32>p, S_AT);
        return 0;
      }
    }
    storeScalar(node, row, value);
  }
  setBit(<usize>load<u32>(node, N_VALIDITY), row);
  store<u32>(node, <u32>row + 1, N_COUNT);
  return end;
}

function readList(state: usize, node: usize, p: usize): usize {
  if (<u32>load<u8>(p) !== OPEN_BRACKET) {
    const end = skipValue(state, p);
    return end === 0 ? 0 : mismatch(state, node, p, end, 1);
  }
  if (!hasRoom(state, node)) return 0;
  const row = <usize>load<u32>(node, N_COUNT);
  const child = childOf(node, 0);
  const before = load<u32>(child, N_COUNT);
  const open = p;
  p = skipBlanks(p + 1);
  if (<u32>load<u8>(p) === CLOSE_BRACKET) p++;
  else {
    while (true) {
      p = readValue(state, child, p);
      if (p === 0) return 0;
      p = skipBlanks(p);
      const c = <u32>load<u8>(p++);
      if (c === CLOSE_BRACKET) break;
      if (c !== 44) return stop(state, STOP_MALFORMED, p - 1, WANT_LIST_END);
    }
  }
  if (load<u32>(node) === KIND_LIST)
    store<u32>(<usize>load<u32>(node, N_OUT) + ((row + 1) << 2), load<u32>(child, N_COUNT));
  else if (load<u32>(child, N_COUNT) - before !== load<u32>(node, N_A))
    return mismatch(state, node, open, p, <u32>RANGE);
  setBit(<usize>load<u32>(node, N_VALIDITY), row);
  store<u32>(node, <u32>row + 1, N_COUNT);
  return p;
}

/** Whether `length` bytes are equal; both may be read to the next eight. */
function sameBytes(a: usize, b: usize, length: usize): bool {
  let at: usize = 0;
  for (; at + 8 <= length; at += 8) if (load<u64>(a + at) !== load<u64>(b + at)) return false;
  const rest = (<u64>length & 7) << 3;
  return rest === 0 || (load<u64>(a + at) ^ load<u64>(b + at)) << (64 - rest) === 0;
}

/** The end of the key at p, behind its closing quote, if it is that of the guessed field; else 0. */
function guessedName(node: usize, guess: u32, p: usize): usize {
  if (guess >= load<u32>(node, N_CHILD_COUNT)) return 0;
  const child = childOf(node, guess);
  const length = <usize>load<u32>(child, N_KEY_BYTES);
  if (load<u32>(child, N_PLAIN) === 0) return 0;
  // The name first: the closing quote may lie beyond the line.
  if (!sameBytes(<usize>load<u32>(child, N_KEY), p, length)) return 0;
  return <u32>load<u8>(p + length) === QUOTE ? p + length + 1 : 0;
}

/** The number of the field with that name, looked for from `guess` on and around; the count when there is none. */
function findField(node: usize, guess: u32, from: usize, length: u32): u32 {
  const count = load<u32>(node, N_CHILD_COUNT);
  for (let k: u32 = 0; k < count; k++) {
    let i = guess + k;
    if (i >= count) i -= count;
    const child = childOf(node, i);
    if (load<u32>(child, N_KEY_BYTES) === length && sameBytes(<usize>load<u32>(child, N_KEY), from, <usize>length))
      return i;
  }
  return count;
}

function readStruct(state: usize, node: usize, p: usize): usize {
  if (<u32>load<u8>(p) !== OPEN_BRACE) {
    const end = skipValue(state, p);
    return end === 0 ? 0 : mismatch(state, node, p, end, 1);
  }
  if (!hasRoom(state, node)) return 0;
  const row = load<u32>(node, N_COUNT);
  const count = load<u32>(node, N_CHILD_COUNT);
  let guess: u32 = 0;
  p = skipBlanks(p + 1);
  if (<u32>load<u8>(p) === CLOSE_BRACE) p++;
  else {
    while (true) {
      if (<u32>load<u8>(p) !== QUOTE) return stop(state, STOP_MALFORMED, p, WANT_KEY);
      let i = guess;
      const name = guessedName(node, guess, p + 1);
      if (name !== 0) p = name;
      else {
        p = readText(state, p + 1);
        if (p === 0) return 0;
        const from = <usize>load<u32>(state, S_FROM);
        i = findField(node, guess, from, load<u32>(state, S_TO) - <u32>from);
      }
      p = skipBlanks(p);
      if (load<u8>(p) !== 58) return stop(state, STOP_MALFORMED, p, WANT_COLON);
      if (i === count) {
        if (load<u32>(state, S_STRICT) !== 0) return stop(state, STOP_UNKNOWN, p, 0);
        p = skipValue(state, p + 1);
      } else {
        const child = childOf(node, i);
        // The last of repeated keys counts.
        if (load<u32>(child, N_COUNT) !== row) takeBack(child, row);
        p = readValue(state, child, p + 1);
        guess = i + 1 === count ? 0 : i + 1;
      }
      if (p === 0) return 0;
      p = skipBlanks(p);
      const c = <u32>load<u8>(p);
      if (c === 44) p = skipBlanks(p + 1);
      else if (c === CLOSE_BRACE) break;
      else return stop(state, STOP_MALFORMED, p, WANT_OBJECT_END);
    }
    p++;
  }
  for (let i: u32 = 0; i < count; i++) {
    const child = childOf(node, i);
    if (load<u32>(child, N_COUNT) === row && !writeNull(state, child)) return 0;
  }
  setBit(<usize>load<u32>(node, N_VALIDITY), row);
  store<u32>(node, row + 1, N_COUNT);
  return p;
}

/**
 * Reads lines of `[p, end)`, which ends with a line end, into the root node until it holds `rows` rows. S_NEXT is the
 * start of the line that comes next, or of the one that stopped the call, of which nothing is kept. Returns the rows held.
 */
export function readLines(state: usize, root: usize, p: usize, end: usize, rows: u32): u32 {
  store<u32>(state, STOP_END, S_STOP);
  while (load<u32>(root, N_COUNT) < rows) {
    // Blank lines hold no row.
    while (p < end && (load<u8>(p) === 10 || load<u8>(p) === 32 || load<u8>(p) === 9 || load<u8>(p) === CR)) p++;
    if (p >= end) break;
    const count = load<u32>(root, N_COUNT);
    const side = load<u32>(state, S_SIDE_USED);
    let at: usize;
    if (<u32>load<u8>(p) !== OPEN_BRACE) at = stop(state, STOP_MALFORMED, p, WANT_OBJECT);
    else {
      at = readStruct(state, root, p);
      if (at !== 0) {
        at = skipBlanks(at);
        if (load<u8>(at) !== 10) at = stop(state, STOP_MALFORMED, at, WANT_LINE_END);
      }
    }
    if (at === 0) {
      takeBack(root, count);
      store<u32>(state, side, S_SIDE_USED);
      break;
    }
    p = at + 1;
  }
  store<u32>(state, <u32>min(p, end), S_NEXT);
  return load<u32>(root, N_COUNT);
}

/** Writes a row of nulls, for a line that is not JSON. False when a buffer is full. */
export function writeNullRow(state: usize, root: usize): i32 {
  const count = load<u32>(root, N_COUNT);
  const fields = load<u32>(root, N_CHILD_COUNT);
  for (let i: u32 = 0; i < fields; i++) {
    if (!writeNull(state, childOf(root, i))) {
      takeBack(root, count);
      return 0;
    }
  }
  setBit(<usize>load<u32>(root, N_VALIDITY), <usize>count);
  store<u32>(root, count + 1, N_COUNT);
  return 1;
}

/** Line ends in `[p, end)`. */
export function countLines(p: usize, end: usize): u32 {
  let n: u32 = 0;
  for (; p + 16 <= end; p += 16) n += popcnt<u32>(i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(10))));
  for (; p < end; p++) if (load<u8>(p) === 10) n++;
  return n;
}

/** The address of the first byte of `[p, end)` that is not well-formed UTF-8, or `end`. */
export function findInvalid(p: usize, end: usize): usize {
  return invalidUtf8(p, end);
}
