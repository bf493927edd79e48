// Universal Binary JSON (https://ubjson.org, draft 12), as XGBoost writes it: numbers big-endian, lengths `L` (int64),
// arrays of one type as typed arrays. Reading allocates nothing that the bytes do not hold.
import { CorruptFileError } from '../../../errors.ts';

/** What UBJSON holds. Arrays of one number type are typed arrays. */
export type UbjValue =
  | string
  | number
  | boolean
  | null
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | readonly UbjValue[]
  | { readonly [key: string]: UbjValue };

/** Deeper documents are refused; a model needs nine levels. */
const MAX_DEPTH = 64;

const WIDTHS: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 };

/**
 * Reads one UBJSON value that fills `bytes`. `path` is for messages.
 *
 * @throws {ERR_CORRUPT_FILE} Truncated, malformed or too deep.
 */
export function decodeUbjson(bytes: Uint8Array, path: string): UbjValue {
  const reader = new Reader(bytes, path);
  const value = reader.value(reader.marker(), 0);
  if (reader.at !== bytes.length) reader.fail(`${bytes.length - reader.at} bytes follow the end of the document`);
  return value;
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #text = new TextDecoder('utf-8', { fatal: true });

  constructor(bytes: Uint8Array, path: string) {
    // A Buffer's slice would be a view.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
  }

  fail(what: string): never {
    throw new CorruptFileError(`${this.#path} is not a UBJSON model: ${what}, at byte ${this.at}.`, {
      path: this.#path,
      offset: this.at,
    });
  }

  /** Moves over `n` bytes and returns where they start. */
  #take(n: number): number {
    const from = this.at;
    if (n > this.#bytes.length - from) this.fail(`${n} bytes are needed but ${this.#bytes.length - from} are left`);
    this.at += n;
    return from;
  }

  /** The next marker; `N` is padding. */
  marker(): string {
    for (;;) {
      const m = String.fromCharCode(this.#bytes[this.#take(1)]!);
      if (m !== 'N') return m;
    }
  }

  #number(type: string): number {
    const width = WIDTHS[type];
    if (width === undefined) this.fail(`a number was expected but its type is ${JSON.stringify(type)}`);
    const p = this.#take(width!);
    const v = this.#view;
    switch (type) {
      case 'i':
        return v.getInt8(p);
      case 'U':
        return v.getUint8(p);
      case 'I':
        return v.getInt16(p);
      case 'l':
        return v.getInt32(p);
      case 'd':
        return v.getFloat32(p);
      case 'D':
        return v.getFloat64(p);
      default: {
        const big = v.getBigInt64(p);
        const n = Number(big);
        if (!Number.isSafeInteger(n)) this.fail(`the integer ${big} is too large`);
        return n;
      }
    }
  }

  #length(): number {
    const type = this.marker();
    if (type === 'd' || type === 'D') this.fail('a length is not a whole number');
    const n = this.#number(type);
    if (n < 0) this.fail(`a length is ${n}`);
    return n;
  }

  #string(): string {
    const n = this.#length();
    const from = this.#take(n);
    try {
      return this.#text.decode(this.#bytes.subarray(from, from + n));
    } catch {
      return this.fail('a text is not UTF-8');
    }
  }

  value(type: string, depth: number): UbjValue {
    if (depth > MAX_DEPTH) this.fail(`the document is deeper than ${MAX_DEPTH} levels`);
    switch (type) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case 'S':
        return this.#string();
      case 'Z':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      case 'C':
        return String.fromCharCode(this.#bytes[this.#take(1)]!);
      default:
        return this.#number(type);
    }
  }

  #peek(): string {
    if (this.at >= this.#bytes.length) this.fail('the document ends too early');
    return String.fromCharCode(this.#bytes[this.at]!);
  }

  /** The `$type` and `#count` that may follow an opening bracket. */
  #header(): { type: string | null; count: number | null } {
    let type: string | null = null;
    if (this.#peek() === '$') {
      this.at++;
      type = String.fromCharCode(this.#bytes[this.#take(1)]!);
      if (this.#peek() !== '#') this.fail('a type without a count');
    }
    if (this.#peek() !== '#') return { type, count: null };
    this.at++;
    return { type, count: this.#length() };
  }

  #object(depth: number): UbjValue {
    const { type, count } = this.#header();
    const object: Record<string, UbjValue> = Object.create(null);
    // Every entry is at least two bytes, so a wrong count ends at the end of the bytes.
    for (let k = 0; count === null || k < count; k++) {
      if (count === null && this.#peek() === '}') {
        this.at++;
        break;
      }
      const key = this.#string();
      if (key in object) this.fail(`the key ${JSON.stringify(key)} appears twice`);
      object[key] = this.value(type ?? this.marker(), depth + 1);
    }
    return object;
  }

  #array(depth: number): UbjValue {
    const { type, count } = this.#header();
    if (type !== null) return this.#typed(type, count!);
    const items: UbjValue[] = [];
    for (let k = 0; count === null || k < count; k++) {
      if (count === null && this.#peek() === ']') {
        this.at++;
        break;
      }
      items.push(this.value(this.marker(), depth + 1));
    }
    return items;
  }

  #typed(type: string, n: number): UbjValue {
    const width = WIDTHS[type];
    if (width === undefined) this.fail(`an array of type ${JSON.stringify(type)}`);
    const p = this.#take(n * width!);
    const v = this.#view;
    switch (type) {
      case 'i':
        return new Int8Array(this.#bytes.slice(p, p + n).buffer);
      case 'U':
        return this.#bytes.slice(p, p + n);
      case 'I': {
        const out = new Int16Array(n);
        for (let i = 0; i < n; i++) out[i] = v.getInt16(p + 2 * i);
        return out;
      }
      case 'l': {
        const out = new Int32Array(n);
        for (let i = 0; i < n; i++) out[i] = v.getInt32(p + 4 * i);
        return out;
      }
      case 'd': {
        const out = new Float32Array(n);
        for (let i = 0; i < n; i++) out[i] = v.getFloat32(p + 4 * i);
        return out;
      }
      case 'D': {
        const out = new Float64Array(n);
        for (let i = 0; i < n; i++) out[i] = v.getFloat64(p + 8 * i);
        return out;
      }
      default: {
        const out = new BigInt64Array(n);
        for (let i = 0; i < n; i++) out[i] = v.getBigInt64(p + 8 * i);
        return out;
      }
    }
  }
}

/** Writes a value the way XGBoost does, byte by byte. Keys keep their order. */
export function encodeUbjson(value: UbjValue): Uint8Array {
  const writer = new Writer();
  writer.value(value);
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #n = 0;
  readonly #text = new TextEncoder();

  #room(n: number): number {
    const at = this.#n;
    this.#n += n;
    if (this.#n > this.#bytes.length) {
      const next = new Uint8Array(Math.max(this.#n, 2 * this.#bytes.length));
      next.set(this.#bytes);
      this.#bytes = next;
      this.#view = new DataView(next.buffer);
    }
    return at;
  }

  #mark(text: string): void {
    const at = this.#room(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[at + i] = text.charCodeAt(i);
  }

  #length(n: number): void {
    this.#mark('L');
    const at = this.#room(8);
    this.#view.setBigInt64(at, BigInt(n));
  }

  #string(text: string): void {
    const bytes = this.#text.encode(text);
    this.#length(bytes.length);
    // Making room may replace the buffer.
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #typed(type: string, n: number, put: (at: number, i: number) => void): void {
    this.#mark(`[$${type}#`);
    this.#length(n);
    const width = WIDTHS[type]!;
    const at = this.#room(n * width);
    for (let i = 0; i < n; i++) put(at + i * width, i);
  }

  value(v: UbjValue): void {
    if (v === null) this.#mark('Z');
    else if (typeof v === 'boolean') this.#mark(v ? 'T' : 'F');
    else if (typeof v === 'string') {
      this.#mark('S');
      this.#string(v);
    } else if (typeof v === 'number') this.#number(v);
    else if (v instanceof Float32Array) this.#typed('d', v.length, (at, i) => this.#view.setFloat32(at, v[i]!));
    else if (v instanceof Float64Array) this.#typed('D', v.length, (at, i) => this.#view.setFloat64(at, v[i]!));
    else if (v instanceof Int8Array) this.#typed('i', v.length, (at, i) => this.#view.setInt8(at, v[i]!));
    else if (v instanceof Uint8Array) this.#typed('U', v.length, (at, i) => this.#view.setUint8(at, v[i]!));
    else if (v instanceof Int16Array) this.#typed('I', v.length, (at, i) => this.#view.setInt16(at, v[i]!));
    else if (v instanceof Int32Array) this.#typed('l', v.length, (at, i) => this.#view.setInt32(at, v[i]!));
    else if (v instanceof BigInt64Array) this.#typed('L', v.length, (at, i) => this.#view.setBigInt64(at, v[i]!));
    else if (Array.isArray(v)) {
      this.#mark('[#');
      this.#length(v.length);
      for (const item of v) this.value(item);
    } else {
      this.#mark('{');
      for (const [key, item] of Object.entries(v)) {
        this.#string(key);
        this.value(item);
      }
      this.#mark('}');
    }
  }

  /** The smallest type that holds it, as XGBoost chooses. */
  #number(v: number): void {
    if (!Number.isInteger(v) || Object.is(v, -0)) {
      this.#mark('d');
      const at = this.#room(4);
      this.#view.setFloat32(at, v);
    } else if (v >= -128 && v < 128) {
      this.#mark('i');
      const at = this.#room(1);
      this.#view.setInt8(at, v);
    } else if (v >= -32768 && v < 32768) {
      this.#mark('I');
      const at = this.#room(2);
      this.#view.setInt16(at, v);
    } else if (v >= -2147483648 && v < 2147483648) {
      this.#mark('l');
      const at = this.#room(4);
      this.#view.setInt32(at, v);
    } else this.#length(v);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#n);
  }
}
