// What values of JSON have in common, and the dtype that holds them all.
import type { Field, LogicalType } from '../../../../schema/types.ts';

/** What has been seen in one place. */
export interface Shape {
  bool: boolean;
  /** Integers by size: within Int64, negative ones among them, within UInt64 only. */
  int: boolean;
  negative: boolean;
  unsigned: boolean;
  float: boolean;
  text: boolean;
  list: Shape | null;
  fields: Map<string, Shape> | null;
}

export const newShape = (): Shape => ({
  bool: false,
  int: false,
  negative: false,
  unsigned: false,
  float: false,
  text: false,
  list: null,
  fields: null,
});

/** Nesting below which values are kept as text. */
const MAX_DEPTH = 32;

const UTF8: LogicalType = { dtype: 'Utf8' };

/**
 * The dtype of a place. `none` is that of one with nothing but nulls: Utf8, which takes every later value, as its text if
 * need be.
 */
export function typeOfShape(s: Shape, depth = 0, none: LogicalType = UTF8): LogicalType {
  const number = s.int || s.unsigned || s.float;
  const kinds = [s.bool, number, s.text, s.list !== null, s.fields !== null].filter(Boolean).length;
  if (kinds === 0) return none;
  if (kinds !== 1 || depth >= MAX_DEPTH) return UTF8;
  if (s.text) return UTF8;
  if (s.bool) return { dtype: 'Bool' };
  if (number) {
    // An integer column with fractions, or with both negative and huge values, widens to doubles.
    if (s.float || (s.unsigned && s.negative)) return { dtype: 'Float64' };
    return { dtype: s.unsigned ? 'UInt64' : 'Int64' };
  }
  if (s.list) return { dtype: 'List', inner: { type: typeOfShape(s.list, depth + 1, none), nullable: true } };
  if (s.fields && s.fields.size > 0) return { dtype: 'Struct', fields: fieldsOfShape(s, depth + 1, none) };
  return none;
}

/** The fields of objects, in the order they were first seen. */
export function fieldsOfShape(s: Shape, depth = 0, none: LogicalType = UTF8): Field[] {
  return [...(s.fields ?? [])].map(([name, shape]) => ({
    name,
    type: typeOfShape(shape, depth, none),
    nullable: true,
  }));
}

/** A place in a line that is not JSON: `wanted` as in jsonl-errors.ts. */
export class NotJson extends Error {
  readonly at: number;
  readonly wanted: number;
  constructor(at: number, wanted: number) {
    super('not JSON');
    this.at = at;
    this.wanted = wanted;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[-+.\w]*/y;
const BLANKS = /[ \t\r]*/y;

/** Adds what a line of JSON holds to a shape. Throws NotJson. */
export class ShapeReader {
  #text = '';
  #at = 0;

  /** A whole line: one object. */
  line(text: string, into: Shape): void {
    this.#text = text;
    this.#at = 0;
    this.#blanks();
    if (text[this.#at] !== '{') throw new NotJson(this.#at, 1);
    this.#value(into, 0);
    this.#blanks();
    if (this.#at < text.length) throw new NotJson(this.#at, 8);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #blanks(): string {
    this.#match(BLANKS);
    return this.#text[this.#at] ?? '';
  }

  #value(into: Shape, depth: number): void {
    const c = this.#blanks();
    if (depth > 200) throw new NotJson(this.#at, 10);
    if (c === '{') this.#object(into, depth);
    else if (c === '[') this.#array(into, depth);
    else if (c === '"') {
      this.#string();
      into.text = true;
    } else this.#word(into);
  }

  #word(into: Shape): void {
    const start = this.#at;
    const number = this.#match(NUMBER);
    if (number) {
      this.#match(WORD);
      if (this.#at !== start + number[0].length) throw new NotJson(start, 9);
      if (number[1] !== undefined || number[2] !== undefined) into.float = true;
      else addInteger(number[0], into);
      return;
    }
    const word = this.#match(WORD)?.[0] ?? '';
    if (word === 'true' || word === 'false') into.bool = true;
    else if (word === 'NaN' || word === 'Infinity' || word === '-Infinity') into.float = true;
    else if (word !== 'null') throw new NotJson(start, word === '' ? 0 : /^[-\d]/.test(word) ? 9 : 0);
  }

  /** The text of the string at the opening quote. */
  #string(): string {
    const start = this.#at;
    let escaped = false;
    for (let p = start + 1; ; p++) {
      const c = this.#text.charCodeAt(p);
      if (c === 34) {
        this.#at = p + 1;
        break;
      }
      // Control characters, and the end of the line.
      if (!(c >= 32)) throw new NotJson(p, 6);
      if (c === 92) {
        escaped = true;
        p++;
      }
    }
    const raw = this.#text.slice(start, this.#at);
    if (!escaped) return raw.slice(1, -1);
    try {
      return JSON.parse(raw) as string;
    } catch {
      throw new NotJson(start + raw.indexOf('\\'), 7);
    }
  }

  #array(into: Shape, depth: number): void {
    into.list ??= newShape();
    this.#at++;
    if (this.#blanks() === ']') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#value(into.list, depth + 1);
      const c = this.#blanks();
      if (c !== ',' && c !== ']') throw new NotJson(this.#at, 5);
      this.#at++;
      if (c === ']') return;
    }
  }

  #object(into: Shape, depth: number): void {
    into.fields ??= new Map();
    this.#at++;
    if (this.#blanks() === '}') {
      this.#at++;
      return;
    }
    for (;;) {
      if (this.#blanks() !== '"') throw new NotJson(this.#at, 2);
      const key = this.#string();
      if (this.#blanks() !== ':') throw new NotJson(this.#at, 3);
      this.#at++;
      let shape = into.fields.get(key);
      if (!shape) into.fields.set(key, (shape = newShape()));
      this.#value(shape, depth + 1);
      const c = this.#blanks();
      if (c !== ',' && c !== '}') throw new NotJson(this.#at, 4);
      this.#at++;
      if (c === '}') return;
    }
  }
}

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '9223372036854775808';
const UINT64_MAX = '18446744073709551615';

function addInteger(text: string, into: Shape): void {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const within = (max: string): boolean =>
    digits.length < max.length || (digits.length === max.length && digits <= max);
  if (negative) into.negative = true;
  if (within(negative ? INT64_MIN : INT64_MAX)) into.int = true;
  else if (!negative && within(UINT64_MAX)) into.unsigned = true;
  else into.float = true;
}
