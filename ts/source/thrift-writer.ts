// A writer of Thrift's compact protocol, as Parquet uses it.
import { T_BINARY, T_FALSE, T_I8, T_I32, T_I64, T_LIST, T_STRUCT, T_TRUE } from './thrift.ts';

const encoder = new TextEncoder();

/** Fields are written in the order of their numbers, within `struct`. */
export class ThriftWriter {
  #bytes = new Uint8Array(256);
  #at = 0;
  #lastId = 0;

  /** What has been written; right until more is. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const more = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes));
    more.set(this.#bytes);
    this.#bytes = more;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** An unsigned number below 2^53. */
  #varint(value: number): void {
    let v = value;
    while (v > 127) {
      this.#byte((v % 128) + 128);
      v = Math.floor(v / 128);
    }
    this.#byte(v);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #raw(value: Uint8Array): void {
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #field(id: number, type: number): void {
    const step = id - this.#lastId;
    if (step > 0 && step < 16) this.#byte((step << 4) | type);
    else {
      this.#byte(type);
      this.#zigzag(id);
    }
    this.#lastId = id;
  }

  /** The fields of a struct that stands alone or in a list. */
  fields(write: () => void): void {
    const before = this.#lastId;
    this.#lastId = 0;
    write();
    this.#byte(0);
    this.#lastId = before;
  }

  bool(id: number, value: boolean): void {
    this.#field(id, value ? T_TRUE : T_FALSE);
  }
  i8(id: number, value: number): void {
    this.#field(id, T_I8);
    this.#byte(value);
  }
  i32(id: number, value: number): void {
    this.#field(id, T_I32);
    this.#zigzag(value);
  }
  /** An integer of at most 2^52. */
  i64(id: number, value: number): void {
    this.#field(id, T_I64);
    this.#zigzag(value);
  }
  binary(id: number, value: Uint8Array): void {
    this.#field(id, T_BINARY);
    this.#raw(value);
  }
  text(id: number, value: string): void {
    this.binary(id, encoder.encode(value));
  }
  struct(id: number, write: () => void = () => {}): void {
    this.#field(id, T_STRUCT);
    this.fields(write);
  }

  #list<T>(id: number, type: number, items: readonly T[], write: (item: T) => void): void {
    this.#field(id, T_LIST);
    if (items.length < 15) this.#byte((items.length << 4) | type);
    else {
      this.#byte(0xf0 | type);
      this.#varint(items.length);
    }
    for (const item of items) write(item);
  }
  structs<T>(id: number, items: readonly T[], write: (item: T) => void): void {
    this.#list(id, T_STRUCT, items, (item) => this.fields(() => write(item)));
  }
  i32s(id: number, items: readonly number[]): void {
    this.#list(id, T_I32, items, (v) => this.#zigzag(v));
  }
  i64s(id: number, items: readonly number[]): void {
    this.#list(id, T_I64, items, (v) => this.#zigzag(v));
  }
  bools(id: number, items: readonly boolean[]): void {
    this.#list(id, T_TRUE, items, (v) => this.#byte(v ? T_TRUE : T_FALSE));
  }
  binaries(id: number, items: readonly Uint8Array[]): void {
    this.#list(id, T_BINARY, items, (v) => this.#raw(v));
  }
  texts(id: number, items: readonly string[]): void {
    this.binaries(
      id,
      items.map((t) => encoder.encode(t)),
    );
  }
}
