// FlatBuffers, as much as Arrow's metadata needs: tables, strings, vectors of tables, of structs and of integers. Every
// read is checked against the buffer: what comes from a file is not trusted.
import { CorruptFileError } from '../errors.ts';

const decoder = new TextDecoder('utf-8');
const encoder = new TextEncoder();

/** A buffer being read; `base` is its place in the file, for messages. */
export class FlatBuffer {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #path: string;
  readonly #base: number;
  /** Tables and text may be shared, so reading them all could take far longer than the buffer is long. */
  #budget: number;

  constructor(bytes: Uint8Array, path: string, base: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
    this.#base = base;
    this.#budget = bytes.length * 8 + 4096;
  }

  fail(at: number, what: string): never {
    const offset = this.#base + at;
    throw new CorruptFileError(
      `${this.#path} is corrupt: ${what} in the Arrow metadata at byte ${offset}. Write the file again.`,
      { path: this.#path, offset },
    );
  }

  /** Counts work that shared parts could multiply. */
  spend(at: number, units: number): void {
    this.#budget -= units;
    if (this.#budget < 0) this.fail(at, 'parts that contain each other many times over');
  }

  need(at: number, bytes: number): number {
    if (at < 0 || at + bytes > this.#bytes.length) this.fail(at, 'an offset outside its message');
    return at;
  }
  u8(at: number): number {
    return this.#view.getUint8(this.need(at, 1));
  }
  i16(at: number): number {
    return this.#view.getInt16(this.need(at, 2), true);
  }
  u16(at: number): number {
    return this.#view.getUint16(this.need(at, 2), true);
  }
  i32(at: number): number {
    return this.#view.getInt32(this.need(at, 4), true);
  }
  u32(at: number): number {
    return this.#view.getUint32(this.need(at, 4), true);
  }
  /** A 64-bit integer that must be exact as a number. */
  i64(at: number): number {
    const value = Number(this.#view.getBigInt64(this.need(at, 8), true));
    if (!Number.isSafeInteger(value)) this.fail(at, `the number ${value}`);
    return value;
  }
  text(at: number, length: number): string {
    this.need(at, length);
    this.spend(at, length);
    return decoder.decode(this.#bytes.subarray(at, at + length));
  }
  /** Where the 32-bit offset at `at` points. */
  follow(at: number): number {
    const offset = this.u32(at);
    if (offset === 0) this.fail(at, 'an empty offset');
    return this.need(at + offset, 4);
  }
  root(): FlatTable {
    return new FlatTable(this, this.follow(0));
  }
}

/** A vector's elements: their place and number. */
export interface FlatVector {
  readonly at: number;
  readonly length: number;
}

/** A table of a buffer. Fields are numbered as in the schema language; absent ones have their default. */
export class FlatTable {
  readonly buffer: FlatBuffer;
  readonly at: number;
  readonly #vtable: number;
  readonly #fields: number;

  constructor(buffer: FlatBuffer, at: number) {
    buffer.spend(at, 1);
    this.buffer = buffer;
    this.at = at;
    this.#vtable = at - buffer.i32(at);
    const bytes = buffer.u16(this.#vtable);
    buffer.need(this.#vtable, Math.max(4, bytes));
    this.#fields = (bytes - 4) >> 1;
  }

  /** Where a field lies, or 0. */
  #place(field: number): number {
    if (field >= this.#fields) return 0;
    const offset = this.buffer.u16(this.#vtable + 4 + field * 2);
    return offset === 0 ? 0 : this.at + offset;
  }
  u8(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === 0 ? otherwise : this.buffer.u8(at);
  }
  i16(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === 0 ? otherwise : this.buffer.i16(at);
  }
  i32(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === 0 ? otherwise : this.buffer.i32(at);
  }
  i64(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === 0 ? otherwise : this.buffer.i64(at);
  }
  table(field: number): FlatTable | null {
    const at = this.#place(field);
    return at === 0 ? null : new FlatTable(this.buffer, this.buffer.follow(at));
  }
  string(field: number): string | null {
    const at = this.#place(field);
    if (at === 0) return null;
    const to = this.buffer.follow(at);
    return this.buffer.text(to + 4, this.buffer.u32(to));
  }
  /** A vector of elements of `width` bytes. */
  vector(field: number, width: number): FlatVector | null {
    const at = this.#place(field);
    if (at === 0) return null;
    const to = this.buffer.follow(at);
    const length = this.buffer.u32(to);
    this.buffer.need(to + 4, length * width);
    return { at: to + 4, length };
  }
  tables(field: number): FlatTable[] {
    const v = this.vector(field, 4);
    if (v === null) return [];
    this.buffer.spend(v.at, v.length);
    return Array.from({ length: v.length }, (_, i) => new FlatTable(this.buffer, this.buffer.follow(v.at + i * 4)));
  }
}

/** What a field of a written table holds; `undefined` leaves it out. */
export type FlatValue =
  | { readonly u8: number }
  | { readonly i16: number }
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly table: FlatFields }
  | { readonly text: string }
  | { readonly tables: readonly FlatFields[] }
  /** Structs of 64-bit words (two 32-bit parts each where a struct has them), flattened. */
  | { readonly words: BigInt64Array; readonly count: number }
  | undefined;

/** A table to write: its fields by number. */
export type FlatFields = readonly FlatValue[];

/** Bytes of a buffer whose root is `root`, padded to 8. Parents lie before their parts, so offsets point forwards. */
export function writeFlatBuffer(root: FlatFields): Uint8Array {
  const writer = new FlatWriter();
  return writer.finish(root);
}

class FlatWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #top = 0;

  finish(root: FlatFields): Uint8Array {
    this.#take(4, 4);
    this.#point(0, this.#table(root));
    this.#take(0, 8);
    return this.#bytes.slice(0, this.#top);
  }

  /** The place of `bytes` zeroed bytes. */
  #take(bytes: number, align: number): number {
    const at = Math.ceil(this.#top / align) * align;
    const end = at + bytes;
    if (end > this.#bytes.length) {
      const more = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      more.set(this.#bytes);
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    this.#top = end;
    return at;
  }

  #point(from: number, to: number): void {
    this.#view.setUint32(from, to - from, true);
  }

  #table(fields: FlatFields): number {
    const places = fields.map(() => 0);
    // Widest first: then nothing needs padding but the table itself, which starts on 8.
    let size = 4;
    for (const width of [8, 4, 2, 1])
      fields.forEach((f, i) => {
        if (f === undefined || widthOf(f) !== width) return;
        size = Math.ceil(size / width) * width;
        places[i] = size;
        size += width;
      });
    const vtableBytes = 4 + fields.length * 2;
    const vtable = this.#take(vtableBytes, 2);
    const at = this.#take(size, 8);
    this.#view.setUint16(vtable, vtableBytes, true);
    this.#view.setUint16(vtable + 2, size, true);
    places.forEach((p, i) => {
      this.#view.setUint16(vtable + 4 + i * 2, p, true);
    });
    this.#view.setInt32(at, at - vtable, true);
    fields.forEach((f, i) => {
      if (f !== undefined) this.#value(at + places[i]!, f);
    });
    return at;
  }

  #value(at: number, value: NonNullable<FlatValue>): void {
    if ('u8' in value) this.#view.setUint8(at, value.u8);
    else if ('i16' in value) this.#view.setInt16(at, value.i16, true);
    else if ('i32' in value) this.#view.setInt32(at, value.i32, true);
    else if ('i64' in value) this.#view.setBigInt64(at, BigInt(value.i64), true);
    else if ('table' in value) this.#point(at, this.#table(value.table));
    else if ('text' in value) {
      const bytes = encoder.encode(value.text);
      const to = this.#take(4 + bytes.length + 1, 4);
      this.#view.setUint32(to, bytes.length, true);
      this.#bytes.set(bytes, to + 4);
      this.#point(at, to);
    } else if ('tables' in value) {
      const to = this.#take(4 + value.tables.length * 4, 4);
      this.#view.setUint32(to, value.tables.length, true);
      this.#point(at, to);
      value.tables.forEach((t, i) => {
        this.#point(to + 4 + i * 4, this.#table(t));
      });
    } else {
      // The elements start on 8, so the length before them does not.
      const to = this.#take(8 + value.words.length * 8, 8) + 4;
      this.#view.setUint32(to, value.count, true);
      value.words.forEach((w, i) => {
        this.#view.setBigInt64(to + 4 + i * 8, w, true);
      });
      this.#point(at, to);
    }
  }
}

function widthOf(value: NonNullable<FlatValue>): number {
  if ('u8' in value) return 1;
  if ('i16' in value) return 2;
  if ('i64' in value) return 8;
  return 4;
}
