// A record batch's buffers → host columns. Buffers that lie as ours do are taken as they are; others are converted into
// memory that the caller gives, so the same code fills the engine's heap and the host's own memory.
import { CorruptFileError, EvaluationError, UnsupportedError } from '../../errors.ts';
import { type LogicalType, typeText } from '../../schema/types.ts';
import type { ArrowBatchHeader, ArrowNode } from '../../source/arrow-flatbuffer.ts';
import { type ArrowField, typeOf } from '../../source/arrow-schema.ts';
import type { ArrowColumn, NumberArray } from '../arrow.ts';
import { bitAt, plainColumn, sliceColumn, type ViewColumn } from '../arrow-columns.ts';
import { halfToFloat, narrowOffsets, scaleTicks, widenCodes, widenDecimals, widenTimes } from './convert.ts';

/** Where the bytes of a batch come from and where converted ones go. */
export interface BatchBody {
  /** File or `<bytes>`, and the message's place, for errors. */
  readonly path: string;
  readonly offset: number;
  /** The error for buffers that do not fit; by default that the file is corrupt. */
  error?(what: string): Error;
  /** Buffer i of the message, expanded if it was compressed. */
  buffer(index: number): Uint8Array;
  /** Zeroed memory on an 8-byte boundary that lives as long as the buffers. Throws OutOfMemoryError. */
  room(bytes: number): Uint8Array;
}

/** Gives the dictionary of a field as it stands at this batch. */
export type DictionaryOf = (field: ArrowField) => ArrowColumn;

/**
 * Decodes the wanted fields of a batch, null for the others. Strings may come as a `ViewColumn`. That buffers are long
 * enough is checked here; that what they hold fits together (offsets, codes, views, UTF-8) where it is used.
 */
export function decodeBatch(
  header: ArrowBatchHeader,
  fields: readonly ArrowField[],
  wanted: (index: number) => boolean,
  body: BatchBody,
  dictionaryOf: DictionaryOf,
): (ArrowColumn | null)[] {
  const decoder = new BatchDecoder(header, body, dictionaryOf);
  return fields.map((field, i) => {
    if (!wanted(i)) {
      decoder.skip(field);
      return null;
    }
    const column = decoder.column(field);
    if (column.length !== header.length)
      throw corrupt(body, `column "${field.name}" has ${column.length} of ${header.length} rows`);
    return column;
  });
}

/** The values of a dictionary batch. */
export function decodeDictionary(
  header: ArrowBatchHeader,
  field: ArrowField,
  body: BatchBody,
  dictionaryOf: DictionaryOf,
): ArrowColumn {
  const values = new BatchDecoder(header, body, dictionaryOf).column({ ...field, dictionary: null });
  return values.dictionary ? plainColumn(values) : values;
}

/** The first array and the first buffer of each field, and the ends. */
export interface FieldPlaces {
  readonly nodes: readonly number[];
  readonly buffers: readonly number[];
}

/** Finds out where the fields of a batch lie; null when it has fewer arrays than they need. */
export function placesOf(header: ArrowBatchHeader, fields: readonly ArrowField[]): FieldPlaces | null {
  const nodes = [0];
  const buffers = [0];
  let node = 0;
  let buffer = 0;
  let views = 0;
  const skip = (field: ArrowField): void => {
    node++;
    const { kind } = field.storage;
    buffer += field.dictionary ? 2 : BUFFERS[kind];
    if (field.dictionary) return;
    if (kind === 'utf8View' || kind === 'binaryView') buffer += header.viewBuffers[views++] ?? 0;
    for (const child of field.children) skip(child);
  };
  for (const field of fields) {
    skip(field);
    nodes.push(node);
    buffers.push(buffer);
  }
  return node <= header.nodes.length && buffer <= header.buffers.length ? { nodes, buffers } : null;
}

const corrupt = (body: BatchBody, what: string): Error =>
  body.error?.(what) ??
  new CorruptFileError(
    `${body.path} is corrupt: ${what} in the Arrow batch at byte ${body.offset}. Write the file again.`,
    { path: body.path, offset: body.offset },
  );

type ArrayMaker<T> = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
};

const INTEGERS: Record<string, ArrayMaker<NumberArray>> = {
  Int8: Int8Array,
  Int16: Int16Array,
  Int32: Int32Array,
  Int64: BigInt64Array,
  UInt8: Uint8Array,
  UInt16: Uint16Array,
  UInt32: Uint32Array,
  UInt64: BigUint64Array,
};

/** Walks a batch's arrays and buffers in the order of the fields. */
class BatchDecoder {
  readonly #header: ArrowBatchHeader;
  readonly #body: BatchBody;
  readonly #dictionaryOf: DictionaryOf;
  #node = 0;
  #buffer = 0;
  #views = 0;
  /** The field at hand, for messages. */
  #name = '';

  constructor(header: ArrowBatchHeader, body: BatchBody, dictionaryOf: DictionaryOf) {
    this.#header = header;
    this.#body = body;
    this.#dictionaryOf = dictionaryOf;
  }

  skip(field: ArrowField): void {
    this.#nextNode();
    const { kind } = field.storage;
    if (field.dictionary) this.#buffer += 2;
    else if (kind === 'utf8View' || kind === 'binaryView') this.#buffer += 2 + this.#nextViews();
    else this.#buffer += BUFFERS[kind];
    if (!field.dictionary) for (const child of field.children) this.skip(child);
  }

  column(field: ArrowField): ArrowColumn {
    this.#name = field.name;
    const node = this.#nextNode();
    const { length } = node;
    const { storage } = field;
    if (field.dictionary) return this.#codes(field, node);
    const type = typeOf(field);
    switch (storage.kind) {
      case 'null':
        return { type, length, validity: null };
      case 'runEnds':
        return this.#runs(field, type, length);
      case 'utf8View':
      case 'binaryView':
        return this.#stringViews(type, node);
      case 'listView':
        return this.#listViews(field, type, node, storage.large);
    }
    const validity = this.#validity(node);
    const base = { type, length, validity };
    switch (storage.kind) {
      case 'bool':
        return { ...base, values: this.#values(Uint8Array, (length + 7) >> 3) };
      case 'int':
        return { ...base, values: this.#values(INTEGERS[type.dtype]!, length) };
      case 'float': {
        if (storage.bits === 64) return { ...base, values: this.#values(Float64Array, length) };
        if (storage.bits === 32) return { ...base, values: this.#values(Float32Array, length) };
        const values = this.#room(Float32Array, length);
        halfToFloat(this.#values(Uint16Array, length), values);
        return { ...base, values };
      }
      case 'decimal':
        return { ...base, values: this.#decimals(storage.bits, length) };
      case 'utf8':
      case 'binary':
        return { ...base, offsets: this.#offsets(length, storage.large), values: this.#bytes(this.#buffer++) };
      case 'fixedBinary':
        return { ...base, ...this.#fixedBinary(length, storage.width) };
      case 'date':
        return {
          ...base,
          values: storage.unit === 'day' ? this.#values(Int32Array, length) : this.#values(BigInt64Array, length),
        };
      case 'time':
        return { ...base, values: this.#times(storage.bits, storage.unit, type, base) };
      case 'timestamp':
      case 'duration':
        return { ...base, values: this.#ticks(storage.unit === 's' ? 1000 : 1, type, base) };
      case 'list': {
        const offsets = this.#offsets(length, storage.large);
        return { ...base, offsets, children: [this.column(field.children[0]!)] };
      }
      case 'map': {
        const offsets = this.#offsets(length, false);
        const entries = this.column(field.children[0]!);
        const inner = type.dtype === 'List' ? type.inner.type : type;
        return { ...base, offsets, children: [{ ...entries, type: inner }] };
      }
      case 'fixedList':
        return { ...base, children: [this.#child(field.children[0]!, length * storage.size)] };
      case 'struct':
        return { ...base, children: field.children.map((child) => this.#child(child, length)) };
    }
  }

  #nextNode(): ArrowNode {
    return this.#header.nodes[this.#node++] ?? this.#fail('fewer arrays than columns');
  }
  #nextViews(): number {
    return this.#header.viewBuffers[this.#views++] ?? this.#fail('no count of data buffers for a view column');
  }
  #fail(what: string): never {
    throw corrupt(this.#body, what);
  }

  #bytes(index: number): Uint8Array {
    if (index >= this.#header.buffers.length) this.#fail('fewer buffers than its columns need');
    return this.#body.buffer(index);
  }

  /** The next buffer as `count` values; copied when it is not aligned. */
  #values<T>(make: ArrayMaker<T>, count: number): T {
    const bytes = this.#bytes(this.#buffer++);
    const needed = count * make.BYTES_PER_ELEMENT;
    if (bytes.length < needed)
      this.#fail(`column "${this.#name}" has a buffer of ${bytes.length} bytes where ${needed} are needed`);
    if (bytes.byteOffset % make.BYTES_PER_ELEMENT === 0) return new make(bytes.buffer, bytes.byteOffset, count);
    const copy = this.#body.room(needed);
    copy.set(bytes.subarray(0, needed));
    return new make(copy.buffer, copy.byteOffset, count);
  }

  #room<T>(make: ArrayMaker<T>, count: number): T {
    const bytes = this.#body.room(count * make.BYTES_PER_ELEMENT);
    return new make(bytes.buffer, bytes.byteOffset, count);
  }

  #validity(node: ArrowNode): Uint8Array | null {
    if (node.nullCount !== 0) return this.#values(Uint8Array, (node.length + 7) >> 3);
    this.#buffer++;
    return null;
  }

  #offsets(length: number, large: boolean): Int32Array {
    // A column of no rows may leave its only offset out.
    if (length === 0) {
      this.#buffer++;
      return new Int32Array(1);
    }
    if (!large) return this.#values(Int32Array, length + 1);
    const words = this.#values(Int32Array, (length + 1) * 2);
    const offsets = this.#room(Int32Array, length + 1);
    if (!narrowOffsets(words, offsets)) this.#tooLong();
    return offsets;
  }

  #tooLong(): never {
    throw new UnsupportedError(
      `Column "${this.#name}" of ${this.#body.path} has offsets past 2^31 in one Arrow batch, which is not supported. Write smaller batches.`,
      { path: this.#body.path, column: this.#name },
    );
  }

  #child(field: ArrowField, length: number): ArrowColumn {
    const child = this.column(field);
    if (child.length < length) this.#fail(`column "${field.name}" has ${child.length} of ${length} values`);
    return sliceColumn(child, 0, length);
  }

  #decimals(bits: 32 | 64 | 128, length: number): BigInt64Array {
    if (bits === 128) return this.#values(BigInt64Array, length * 2);
    const words = this.#room(Int32Array, length * 4);
    widenDecimals(this.#values(Int32Array, (length * bits) / 32), bits / 32, words);
    return new BigInt64Array(words.buffer, words.byteOffset, length * 2);
  }

  #fixedBinary(length: number, width: number): { offsets: Int32Array; values: Uint8Array } {
    if (length * width > 0x7fffffff) this.#tooLong();
    const values = this.#values(Uint8Array, length * width);
    const offsets = this.#room(Int32Array, length + 1);
    for (let i = 1; i <= length; i++) offsets[i] = i * width;
    return { offsets, values };
  }

  #times(
    bits: 32 | 64,
    unit: string,
    type: LogicalType,
    base: { length: number; validity: Uint8Array | null },
  ): BigInt64Array {
    if (bits === 64) return this.#ticks(unit === 'us' ? 1000 : 1, type, base);
    const { length } = base;
    const words = this.#room(Int32Array, length * 2);
    widenTimes(this.#values(Int32Array, length), unit === 's' ? 1e9 : 1e6, words);
    return new BigInt64Array(words.buffer, words.byteOffset, length);
  }

  /** Ticks in a finer unit. What does not fit is an error; what lies under a null is not looked at. */
  #ticks(
    factor: number,
    type: LogicalType,
    { length, validity }: { length: number; validity: Uint8Array | null },
  ): BigInt64Array {
    const given = this.#values(BigInt64Array, length);
    if (factor === 1) return given;
    const ticks = this.#room(BigInt64Array, length);
    const row = scaleTicks(given, validity, factor, ticks);
    if (row >= 0)
      throw new EvaluationError(
        'ERR_OVERFLOW',
        `Expected values of ${typeText(type)} for column "${this.#name}" of ${this.#body.path} but received ${given[row]} coarser ticks in row ${row}, which is out of range.`,
        { column: this.#name, row },
      );
    return ticks;
  }

  #codes(field: ArrowField, node: ArrowNode): ArrowColumn {
    const { bits, signed } = field.dictionary!;
    const { length } = node;
    const validity = this.#validity(node);
    const given = this.#values(INTEGERS[`${signed ? 'Int' : 'UInt'}${bits}`]!, length);
    const dictionary = this.#dictionaryOf(field);
    let codes: Int32Array;
    if (bits === 32) codes = new Int32Array(given.buffer, given.byteOffset, length);
    else {
      codes = this.#room(Int32Array, length);
      widenCodes(given, codes);
    }
    // Whether every code has a word is checked where codes are used.
    return { type: typeOf(field), length, validity, values: codes, dictionary };
  }

  /** Run-end encoding: the run of each row is a code, the values of the runs are a dictionary. */
  #runs(field: ArrowField, type: LogicalType, length: number): ArrowColumn {
    const ends = this.column(field.children[0]!);
    const values = this.column(field.children[1]!);
    const codes = this.#room(Int32Array, length);
    let row = 0;
    for (let run = 0; run < ends.length && row < length; run++) {
      const end = Number(ends.values![run]);
      if (end <= row || run >= values.length) this.#fail(`column "${field.name}" has run ends out of order`);
      codes.fill(run, row, Math.min(end, length));
      row = Math.min(end, length);
    }
    if (row < length) this.#fail(`column "${field.name}" has runs for ${row} of ${length} rows`);
    const dictionary = values.dictionary ? plainColumn(values) : values;
    return { type, length, validity: null, values: codes, dictionary };
  }

  #stringViews(type: LogicalType, node: ArrowNode): ViewColumn {
    const count = this.#nextViews();
    const validity = this.#validity(node);
    const views = this.#values(Uint8Array, node.length * 16);
    const buffers = Array.from({ length: count }, () => this.#bytes(this.#buffer++));
    return { type, length: node.length, validity, views, buffers };
  }

  /** Lists that lie anywhere: their items are taken, by codes, into the usual order. */
  #listViews(field: ArrowField, type: LogicalType, node: ArrowNode, large: boolean): ArrowColumn {
    const { length } = node;
    const validity = this.#validity(node);
    const starts = large ? this.#values(BigInt64Array, length) : this.#values(Int32Array, length);
    const sizes = large ? this.#values(BigInt64Array, length) : this.#values(Int32Array, length);
    const items = this.column(field.children[0]!);
    const offsets = this.#room(Int32Array, length + 1);
    let total = 0;
    let inOrder = true;
    for (let i = 0; i < length; i++) {
      if (validity === null || bitAt(validity, i)) {
        const start = Number(starts[i]);
        const size = Number(sizes[i]);
        if (start < 0 || size < 0 || start + size > items.length)
          this.#fail(`column "${field.name}" points outside its items in row ${i}`);
        if (size > 0 && start !== total) inOrder = false;
        total += size;
        if (total > 0x7fffffff) this.#tooLong();
      }
      offsets[i + 1] = total;
    }
    const base = { type, length, validity, offsets };
    if (inOrder) return { ...base, children: [items] };
    const rows = this.#room(Int32Array, total);
    for (let i = 0; i < length; i++) {
      const start = offsets[i]!;
      const size = offsets[i + 1]! - start;
      const from = size === 0 ? 0 : Number(starts[i]);
      for (let k = 0; k < size; k++) rows[start + k] = from + k;
    }
    const dictionary = items.dictionary ? plainColumn(items) : items;
    return { ...base, children: [{ type: items.type, length: total, validity: null, values: rows, dictionary }] };
  }
}

/** Buffers of an array, its children's aside. */
const BUFFERS: Record<ArrowField['storage']['kind'], number> = {
  null: 0,
  bool: 2,
  int: 2,
  float: 2,
  decimal: 2,
  utf8: 3,
  binary: 3,
  utf8View: 2,
  binaryView: 2,
  fixedBinary: 2,
  date: 2,
  time: 2,
  timestamp: 2,
  duration: 2,
  list: 2,
  listView: 3,
  map: 2,
  fixedList: 1,
  struct: 1,
  runEnds: 0,
};
