// JSON as text: the tokens of one line, checked. The line ends with a control character, so no token passes it.

// The state of a call.
/** Out: why it stopped, and where. */
export const S_STOP: usize = 0;
export const S_AT: usize = 4;
/** Out: the node concerned; the value as text, without quotes; the reader's code. */
export const S_NODE: usize = 8;
export const S_FROM: usize = 12;
export const S_TO: usize = 16;
export const S_CODE: usize = 20;
/** Out: the start of the next row. */
export const S_NEXT: usize = 24;
/** The table of powers; room for unescaped text, and how much of it is used. */
export const S_POWERS: usize = 28;
export const S_SIDE: usize = 32;
export const S_SIDE_USED: usize = 36;
/** Values TypeScript has read: a count, then 32 bytes each: where the text is (u32), 16 bytes of value at 16. */
export const S_ANSWERS: usize = 40;
/** 1 = stop at keys that no node is named after, and at quoted values that are no strings. */
export const S_STRICT: usize = 44;
export const S_VALUE: usize = 64;

export const STOP_END: u32 = 0;
/** The node's buffers are full. */
export const STOP_GROW: u32 = 1;
/** There is an escape and no room for unescaped text. */
export const STOP_SIDE: u32 = 2;
/** The text is not JSON: the code says what was expected. */
export const STOP_MALFORMED: u32 = 3;
/** A value that the node does not take. */
export const STOP_MISMATCH: u32 = 4;
/** A number that TypeScript must read. */
export const STOP_HARD: u32 = 5;
/** A key that no node is named after, where that matters. */
export const STOP_UNKNOWN: u32 = 6;

// What was expected where the text is malformed.
export const WANT_VALUE: u32 = 0;
export const WANT_OBJECT: u32 = 1;
export const WANT_KEY: u32 = 2;
export const WANT_COLON: u32 = 3;
export const WANT_OBJECT_END: u32 = 4;
export const WANT_LIST_END: u32 = 5;
export const WANT_STRING_END: u32 = 6;
export const WANT_ESCAPE: u32 = 7;
export const WANT_LINE_END: u32 = 8;
export const WANT_NUMBER: u32 = 9;

export const QUOTE: u32 = 34;
export const BACKSLASH: u32 = 92;
export const OPEN_BRACE: u32 = 123;
export const CLOSE_BRACE: u32 = 125;
export const OPEN_BRACKET: u32 = 91;
export const CLOSE_BRACKET: u32 = 93;

/** Stops the call: 0 stands for "no position". */
export function stop(state: usize, why: u32, at: usize, code: u32): usize {
  store<u32>(state, why, S_STOP);
  store<u32>(state, <u32>at, S_AT);
  store<u32>(state, code, S_CODE);
  return 0;
}

/** Past blanks within a line. */
export function skipBlanks(p: usize): usize {
  while (true) {
    const c = <u32>load<u8>(p);
    if (c !== 32 && c !== 9 && c !== CR) return p;
    p++;
  }
}
export const CR: u32 = 13;

/** Constants in every byte. They come from memory, as in _plain.ts. */
const QUOTES = memory.data<u64>([0x2222222222222222, 0x2222222222222222], 16);
const BACKSLASHES = memory.data<u64>([0x5c5c5c5c5c5c5c5c, 0x5c5c5c5c5c5c5c5c], 16);
const CONTROLS = memory.data<u64>([0x1f1f1f1f1f1f1f1f, 0x1f1f1f1f1f1f1f1f], 16);
/**
 * Bytes of words by their lower and upper four bits, which have a bit in common: signs and points (1), digits (2), letters
 * of two ranges (4, 8).
 */
const LOWER_KINDS = memory.data<u8>([10, 14, 14, 14, 14, 14, 14, 14, 14, 14, 12, 5, 4, 5, 5, 4], 16);
const UPPER_KINDS = memory.data<u8>([0, 0, 1, 2, 4, 8, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const LOWER = memory.data<u64>([0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f], 16);

/** From behind an opening quote: the closing quote, the first backslash or a control character. */
export function stringMark(p: usize): usize {
  while (true) {
    const v = v128.load(p);
    // A control character is one that 31 does not make smaller.
    const marks = v128.or(
      v128.or(i8x16.eq(v, v128.load(QUOTES)), i8x16.eq(v, v128.load(BACKSLASHES))),
      i8x16.eq(i8x16.min_u(v, v128.load(CONTROLS)), v),
    );
    const m = i8x16.bitmask(marks);
    if (m !== 0) return p + <usize>ctz(m);
    p += 16;
  }
}

export function hex(p: usize): u32 {
  let v: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const c = <u32>load<u8>(p + i);
    const d = c - 48;
    const letter = (c | 32) - 97;
    if (d > 9 && letter > 5) return 0xffffffff;
    v = (v << 4) | (d <= 9 ? d : letter + 10);
  }
  return v;
}

/** What an escape of one letter stands for; 0 = it is none. */
function escaped(e: u32): u32 {
  if (e === QUOTE || e === BACKSLASH || e === 47) return e;
  if (e === 110) return 10;
  if (e === 116) return 9;
  if (e === 114) return 13;
  if (e === 98) return 8;
  return e === 102 ? 12 : 0;
}

/** The end of a string, just behind its closing quote; `p` is behind the opening one. 0 when there is none. */
export function skipString(state: usize, p: usize): usize {
  while (true) {
    p = stringMark(p);
    const c = <u32>load<u8>(p);
    if (c === QUOTE) return p + 1;
    if (c !== BACKSLASH) return stop(state, STOP_MALFORMED, p, WANT_STRING_END);
    const e = <u32>load<u8>(p + 1);
    if (e === 117) {
      if (hex(p + 2) === 0xffffffff) return stop(state, STOP_MALFORMED, p, WANT_ESCAPE);
      p += 6;
    } else {
      if (escaped(e) === 0) return stop(state, STOP_MALFORMED, p, WANT_ESCAPE);
      p += 2;
    }
  }
}

/** Unescapes a string from behind its opening quote to the side buffer. Returns its end; the text is at S_FROM, S_TO. */
export function unescapeText(state: usize, p: usize): usize {
  if (load<u32>(state, S_SIDE) === 0) return stop(state, STOP_SIDE, p, 0);
  const from = <usize>load<u32>(state, S_SIDE) + <usize>load<u32>(state, S_SIDE_USED);
  let out = from;
  while (true) {
    const mark = stringMark(p);
    memory.copy(out, p, mark - p);
    out += mark - p;
    p = mark;
    const c = <u32>load<u8>(p);
    if (c === QUOTE) break;
    if (c !== BACKSLASH) return stop(state, STOP_MALFORMED, p, WANT_STRING_END);
    let e = <u32>load<u8>(p + 1);
    if (e === 117) {
      let point = hex(p + 2);
      if (point === 0xffffffff) return stop(state, STOP_MALFORMED, p, WANT_ESCAPE);
      p += 6;
      if (point >= 0xd800 && point < 0xe000) {
        // A pair of surrogates; half of one has no UTF-8 form.
        const low = load<u16>(p) === 0x755c ? hex(p + 2) : 0;
        if (point >= 0xdc00 || low < 0xdc00 || low >= 0xe000) point = 0xfffd;
        else {
          point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
          p += 6;
        }
      }
      if (point < 0x80) store<u8>(out++, point);
      else if (point < 0x800) {
        store<u16>(out, 0x80c0 | (point >> 6) | ((point & 63) << 8));
        out += 2;
      } else if (point < 0x10000) {
        store<u32>(out, 0x8080e0 | (point >> 12) | (((point >> 6) & 63) << 8) | ((point & 63) << 16));
        out += 3;
      } else {
        store<u32>(
          out,
          0x808080f0 | (point >> 18) | (((point >> 12) & 63) << 8) | (((point >> 6) & 63) << 16) | ((point & 63) << 24),
        );
        out += 4;
      }
      continue;
    }
    e = escaped(e);
    if (e === 0) return stop(state, STOP_MALFORMED, p, WANT_ESCAPE);
    store<u8>(out++, e);
    p += 2;
  }
  store<u32>(state, <u32>from, S_FROM);
  store<u32>(state, <u32>out, S_TO);
  store<u32>(state, <u32>(out - <usize>load<u32>(state, S_SIDE)), S_SIDE_USED);
  return p + 1;
}

/** Reads a string from behind its opening quote: its text, unescaped, at S_FROM and S_TO. Returns its end or 0. */
export function readText(state: usize, p: usize): usize {
  const mark = stringMark(p);
  if (<u32>load<u8>(mark) === QUOTE) {
    store<u32>(state, <u32>p, S_FROM);
    store<u32>(state, <u32>mark, S_TO);
    return mark + 1;
  }
  return unescapeText(state, p);
}

/** The end of a bare word: number, true, false, null. */
export function wordEnd(p: usize): usize {
  while (true) {
    const v = v128.load(p);
    const lower = v128.load(LOWER);
    const kinds = v128.and(
      i8x16.swizzle(v128.load(LOWER_KINDS), v128.and(v, lower)),
      i8x16.swizzle(v128.load(UPPER_KINDS), v128.and(i16x8.shr_u(v, 4), lower)),
    );
    const m = <u32>i8x16.bitmask(i8x16.eq(kinds, i8x16.splat(0)));
    if (m !== 0) return p + <usize>ctz(m);
    p += 16;
  }
}

export function isWord(p: usize, end: usize, word: u32): bool {
  return end - p === 4 && load<u32>(p) === word;
}
export const NULL_WORD: u32 = 0x6c6c756e;
export const TRUE_WORD: u32 = 0x65757274;
export function isFalse(p: usize, end: usize): bool {
  return end - p === 5 && load<u32>(p) === 0x736c6166 && load<u8>(p + 4) === 101;
}

/** Whether a word begins as numbers in JSON do: with a digit, and no zero before another one. */
export function hasPlainHead(p: usize, end: usize): bool {
  const first = load<u8>(p) === 45 ? p + 1 : p;
  const d = <u32>load<u8>(first) - 48;
  return d <= 9 && (d !== 0 || first + 1 >= end || <u32>load<u8>(first + 1) - 48 > 9);
}

/** Whether a word may be a number in JSON, `NaN` and `Infinity` included: what it says is read by others. */
export function isNumberWord(p: usize, end: usize): bool {
  if (p < end && load<u8>(p) === 45) p++;
  if (p >= end) return false;
  const d = <u32>load<u8>(p) - 48;
  if (d > 9)
    return (
      (end - p === 3 && (load<u32>(p) & 0xffffff) === 0x4e614e) ||
      (end - p === 8 && load<u64>(p) === 0x7974696e69666e49)
    );
  if (d === 0 && end - p > 1 && <u32>load<u8>(p + 1) - 48 <= 9) return false;
  if (<u32>load<u8>(end - 1) - 48 > 9) return false;
  let dot = false;
  let exponent = false;
  for (p++; p < end; p++) {
    const c = <u32>load<u8>(p);
    if (c - 48 <= 9) continue;
    if (c === 46) {
      if (dot || exponent || <u32>load<u8>(p + 1) - 48 > 9) return false;
      dot = true;
    } else if ((c | 32) === 101) {
      if (exponent) return false;
      exponent = true;
      const sign = <u32>load<u8>(p + 1);
      if (sign === 43 || sign === 45) p++;
    } else return false;
  }
  return true;
}

/** Past one value of any kind, checked as JSON. Returns its end or 0. */
export function skipValue(state: usize, p: usize): usize {
  let depth = 0;
  // The open brackets, one bit each: 1 = object. Deeper ones than 63 are only counted.
  let kinds: u64 = 0;
  while (true) {
    p = skipBlanks(p);
    let c = <u32>load<u8>(p);
    if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      const isObject = c === OPEN_BRACE;
      const next = skipBlanks(p + 1);
      const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
      if (<u32>load<u8>(next) === close) p = next + 1;
      else {
        if (depth >= 63) return stop(state, STOP_MALFORMED, p, WANT_VALUE);
        depth++;
        kinds = (kinds << 1) | (isObject ? 1 : 0);
        p = next;
        if (isObject) {
          p = skipKey(state, p);
          if (p === 0) return 0;
        }
        continue;
      }
    } else if (c === QUOTE) {
      p = skipString(state, p + 1);
      if (p === 0) return 0;
    } else {
      const end = wordEnd(p);
      if (!isWord(p, end, NULL_WORD) && !isWord(p, end, TRUE_WORD) && !isFalse(p, end) && !isNumberWord(p, end))
        return stop(state, STOP_MALFORMED, p, WANT_VALUE);
      p = end;
    }
    // Behind a value: close what closes, then a comma goes on.
    while (true) {
      if (depth === 0) return p;
      p = skipBlanks(p);
      c = <u32>load<u8>(p);
      const inObject = (kinds & 1) !== 0;
      if (c === (inObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        depth--;
        kinds >>= 1;
        p++;
        continue;
      }
      if (c !== 44) return stop(state, STOP_MALFORMED, p, inObject ? WANT_OBJECT_END : WANT_LIST_END);
      p++;
      if (inObject) {
        p = skipKey(state, p);
        if (p === 0) return 0;
      }
      break;
    }
  }
}

/** Past a key and its colon. */
export function skipKey(state: usize, p: usize): usize {
  p = skipBlanks(p);
  if (<u32>load<u8>(p) !== QUOTE) return stop(state, STOP_MALFORMED, p, WANT_KEY);
  p = skipString(state, p + 1);
  if (p === 0) return 0;
  p = skipBlanks(p);
  if (load<u8>(p) !== 58) return stop(state, STOP_MALFORMED, p, WANT_COLON);
  return p + 1;
}
