// A reader of Thrift's compact protocol, as Parquet uses it. Everything read is checked against the bytes that are
// there: a length, a list size or a nesting that cannot be true is a CorruptFileError before anything is allocated.
import { CorruptFileError } from '../errors.ts';

/** Type nibbles of the compact protocol. */
export const T_TRUE = 1;
export const T_FALSE = 2;
export const T_I8 = 3;
export const T_I16 = 4;
export const T_I32 = 5;
export const T_I64 = 6;
export const T_DOUBLE = 7;
export const T_BINARY = 8;
export const T_LIST = 9;
export const T_SET = 10;
export const T_MAP = 11;
export const T_STRUCT = 12;

const MAX_DEPTH = 64;

export class ThriftReader {
  readonly bytes: Uint8Array;
  /** Index of the next byte in `bytes`. */
  at: number;
  readonly #path: string;
  /** File position of `bytes[0]`, for messages. */
  readonly #base: number;
  #depth = 0;

  constructor(bytes: Uint8Array, path: string, base: number, at = 0) {
    this.bytes = bytes;
    this.at = at;
    this.#path = path;
    this.#base = base;
  }

  /** Throws a CorruptFileError at the current position. */
  fail(what: string): never {
    const offset = this.#base + this.at;
    throw new CorruptFileError(`Corrupt Parquet metadata in ${this.#path} at byte ${offset}: ${what}.`, {
      path: this.#path,
      offset,
    });
  }

  #byte(): number {
    const b = this.bytes[this.at];
    if (b === undefined) this.fail('it ends too early');
    this.at++;
    return b;
  }

  /** An unsigned varint of at most 32 bits. */
  #varint(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const b = this.#byte();
      result |= (b & 127) << shift;
      if (b < 128) return result >>> 0;
    }
    return this.fail('a number has too many bytes');
  }

  #zigzag(): number {
    const v = this.#varint();
    return (v >>> 1) ^ -(v & 1);
  }

  /** An integer of at most 32 bits. */
  int(type: number): number {
    if (type === T_I8) return (this.#byte() << 24) >> 24;
    if (type !== T_I32 && type !== T_I16) this.fail(`an integer was expected, not type ${type}`);
    return this.#zigzag();
  }

  /** A 64-bit integer that must be exact as a number; larger ones are not plausible in Parquet's metadata. */
  long(type: number): number {
    if (type !== T_I64) return this.int(type);
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const b = this.#byte();
      value += (b & 127) * factor;
      if (b < 128) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail('a size or position is implausibly large');
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
      factor *= 128;
    }
    return this.fail('a number has too many bytes');
  }

  /** The value of a boolean field, which is its type. */
  bool(type: number): boolean {
    if (type !== T_TRUE && type !== T_FALSE) this.fail(`a boolean was expected, not type ${type}`);
    return type === T_TRUE;
  }
  /** A boolean as a list element. */
  boolItem(type: number): boolean {
    this.bool(type);
    return this.#byte() === T_TRUE;
  }

  /** A view of the bytes, not a copy. */
  binary(type: number): Uint8Array {
    if (type !== T_BINARY) this.fail(`a text was expected, not type ${type}`);
    const length = this.#varint();
    if (length > this.bytes.length - this.at) this.fail(`a text of ${length} bytes does not fit`);
    const from = this.at;
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }
  text(type: number): string {
    const b = this.binary(type);
    return Buffer.from(b.buffer, b.byteOffset, b.length).toString('utf8');
  }

  /**
   * Reads a struct: `field` is called for each field with its number and type and reads the value, or returns false
   * to have it skipped.
   */
  struct(type: number, field: (id: number, type: number) => unknown): void {
    if (type !== T_STRUCT) this.fail(`a structure was expected, not type ${type}`);
    if (++this.#depth > MAX_DEPTH) this.fail('structures are nested too deeply');
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) break;
      const fieldType = head & 15;
      const step = head >> 4;
      id = step === 0 ? this.#zigzag() : id + step;
      if (field(id, fieldType) === false) this.skip(fieldType);
    }
    this.#depth--;
  }

  /** Reads a list whose elements `element` reads. Every element takes at least one byte. */
  list(type: number, element: (type: number, index: number) => void): void {
    if (type !== T_LIST && type !== T_SET) this.fail(`a list was expected, not type ${type}`);
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (size > this.bytes.length - this.at) this.fail(`a list of ${size} elements does not fit`);
    for (let i = 0; i < size; i++) element(head & 15, i);
  }

  skip(type: number, inList = false): void {
    switch (type) {
      case T_TRUE:
      case T_FALSE:
        if (inList) this.#byte();
        return;
      case T_I8:
        this.#byte();
        return;
      case T_I16:
      case T_I32:
      case T_I64: {
        for (let i = 0; this.#byte() >= 128; i++) if (i === 10) this.fail('a number has too many bytes');
        return;
      }
      case T_DOUBLE:
        if (this.bytes.length - this.at < 8) this.fail('it ends too early');
        this.at += 8;
        return;
      case T_BINARY:
        this.binary(type);
        return;
      case T_LIST:
      case T_SET:
        if (++this.#depth > MAX_DEPTH) this.fail('structures are nested too deeply');
        this.list(type, (t) => this.skip(t, true));
        this.#depth--;
        return;
      case T_MAP: {
        if (++this.#depth > MAX_DEPTH) this.fail('structures are nested too deeply');
        const size = this.#varint();
        if (size > this.bytes.length - this.at) this.fail(`a map of ${size} entries does not fit`);
        const types = size === 0 ? 0 : this.#byte();
        for (let i = 0; i < size; i++) {
          this.skip(types >> 4, true);
          this.skip(types & 15, true);
        }
        this.#depth--;
        return;
      }
      case T_STRUCT:
        this.struct(type, () => false);
        return;
      default:
        this.fail(`unknown field type ${type}`);
    }
  }
}
