// Host columns → the arrays and buffers of a record batch.
import type { ArrowBatchHeader, ArrowBuffer, ArrowNode, IpcCompression } from '../../source/arrow-flatbuffer.ts';
import type { ArrowField } from '../../source/arrow-schema.ts';
import type { ArrowColumn } from '../arrow.ts';
import { plainColumn, sliceColumn } from '../arrow-columns.ts';

/** Buffers begin on a multiple of this in the body. */
export const BUFFER_ALIGNMENT = 64;

export const padded = (bytes: number): number => Math.ceil(bytes / BUFFER_ALIGNMENT) * BUFFER_ALIGNMENT;

/** Compresses one buffer. */
export type Compress = (codec: IpcCompression, bytes: Uint8Array) => Uint8Array;

export interface EncodedBatch {
  readonly header: ArrowBatchHeader;
  /** The buffers as they follow each other in the body, before padding; views of the columns' memory. */
  readonly buffers: readonly Uint8Array[];
  readonly bodyBytes: number;
}

/** Lays columns out as a record batch. Categorical columns hold codes of their field's dictionary. */
export function encodeBatch(
  length: number,
  columns: readonly ArrowColumn[],
  fields: readonly ArrowField[],
  compression: IpcCompression | null,
  compress: Compress,
): EncodedBatch {
  const nodes: ArrowNode[] = [];
  const plain: Uint8Array[] = [];
  fields.forEach((field, i) => {
    encodeColumn(field, columns[i]!, nodes, plain);
  });
  const buffers = compression === null ? plain : plain.map((b) => compressed(b, compression, compress));
  const places: ArrowBuffer[] = [];
  let at = 0;
  for (const b of buffers) {
    places.push({ offset: at, length: b.length });
    at += padded(b.length);
  }
  return { header: { length, nodes, buffers: places, compression, viewBuffers: [] }, buffers, bodyBytes: at };
}

/** The expanded length and the data; -1 and the bytes as they are when that is shorter. */
function compressed(bytes: Uint8Array, codec: IpcCompression, compress: Compress): Uint8Array {
  if (bytes.length === 0) return bytes;
  const small = compress(codec, bytes);
  const smaller = small.length < bytes.length;
  const data = smaller ? small : bytes;
  const out = new Uint8Array(8 + data.length);
  new DataView(out.buffer).setBigInt64(0, smaller ? BigInt(bytes.length) : -1n, true);
  out.set(data, 8);
  return out;
}

const NONE = new Uint8Array(0);

function encodeColumn(field: ArrowField, column: ArrowColumn, nodes: ArrowNode[], buffers: Uint8Array[]): void {
  const { length } = column;
  const { kind } = field.storage;
  if (kind === 'null') {
    nodes.push({ length, nullCount: length });
    return;
  }
  if (column.dictionary && !field.dictionary) {
    encodeColumn(field, plainColumn(column), nodes, buffers);
    return;
  }
  const nullCount = column.validity === null ? 0 : length - countBits(column.validity, length);
  nodes.push({ length, nullCount });
  buffers.push(nullCount === 0 ? NONE : column.validity!.subarray(0, (length + 7) >> 3));
  if (field.dictionary) {
    buffers.push(bytesOf(column, length * 4));
    return;
  }
  const children = column.children ?? [];
  switch (kind) {
    case 'bool':
      buffers.push(bytesOf(column, (length + 7) >> 3));
      return;
    case 'utf8':
    case 'binary': {
      const { offsets, first, last } = rebased(column);
      const values = column.values as Uint8Array | undefined;
      buffers.push(offsets, values?.subarray(first, last) ?? NONE);
      return;
    }
    case 'list': {
      const { offsets, first, last } = rebased(column);
      buffers.push(offsets);
      encodeColumn(field.children[0]!, sliceColumn(children[0]!, first, last - first), nodes, buffers);
      return;
    }
    case 'fixedList': {
      const size = field.storage.size;
      encodeColumn(field.children[0]!, sliceColumn(children[0]!, 0, length * size), nodes, buffers);
      return;
    }
    case 'struct':
      field.children.forEach((child, i) => {
        encodeColumn(child, sliceColumn(children[i]!, 0, length), nodes, buffers);
      });
      return;
    default: {
      const elements = column.type.dtype === 'Decimal' ? length * 2 : length;
      buffers.push(bytesOf(column, elements * (column.values?.BYTES_PER_ELEMENT ?? 0)));
    }
  }
}

function bytesOf(column: ArrowColumn, bytes: number): Uint8Array {
  const v = column.values;
  return v === undefined ? NONE : new Uint8Array(v.buffer, v.byteOffset, bytes);
}

/** Offsets from 0, and the range of what they point to. */
function rebased(column: ArrowColumn): { offsets: Uint8Array; first: number; last: number } {
  const { length } = column;
  const given = column.offsets;
  if (length === 0 || given === undefined) return { offsets: new Uint8Array(4), first: 0, last: 0 };
  const first = given[0]!;
  const last = given[length]!;
  const part = given.subarray(0, length + 1);
  const offsets = first === 0 ? part : part.map((o) => o - first);
  return { offsets: new Uint8Array(offsets.buffer, offsets.byteOffset, (length + 1) * 4), first, last };
}

/** Set bits among the first n. */
function countBits(bits: Uint8Array, n: number): number {
  let count = 0;
  const whole = n >> 3;
  for (let i = 0; i < whole; i++) count += ONES[bits[i]!]!;
  if (n & 7) count += ONES[bits[whole]! & ((1 << (n & 7)) - 1)]!;
  return count;
}
const ONES = Uint8Array.from({ length: 256 }, (_, i) => i.toString(2).replaceAll('0', '').length);
