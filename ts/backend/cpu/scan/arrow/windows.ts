// A large record batch read a part at a time, so that a file of one batch needs no more memory than one of many. Works
// where rows lie apart in the buffers: not compressed, and no nested or view columns among the wanted.
import type { ArrowBatchHeader, ArrowBuffer } from '../../../../source/arrow-flatbuffer.ts';
import type { ArrowField } from '../../../../source/arrow-schema.ts';
import { type FieldPlaces, placesOf } from '../../../ipc/decode-batch.ts';
import { MORSEL_ROWS } from '../../vector.ts';

/** Rows of a part: bitmaps of parts start on whole words. */
export const WINDOW_ROWS = MORSEL_ROWS;
/** Batches of up to this many rows are one read for each run of columns. */
const WHOLE_ROWS = 2 * MORSEL_ROWS;

/** Rows of a batch, described as a batch of their own. */
export interface BatchWindow {
  readonly header: ArrowBatchHeader;
  /** What to take from the offsets of strings, by field: their bytes are read from the first string on. */
  readonly firstByte: ReadonlyMap<number, number>;
}

/** Reads the numbers at some places of the body: offsets of strings. */
export type ReadOffset = (place: number, width: 4 | 8) => number;

/** Bits of one row in the values buffer, `strings` for offsets; null where rows cannot be taken apart. */
function rowBits(field: ArrowField): number | 'strings' | null {
  const s = field.storage;
  if (field.dictionary) return field.dictionary.bits;
  switch (s.kind) {
    case 'null':
      return 0;
    case 'bool':
      return 1;
    case 'int':
    case 'float':
    case 'decimal':
    case 'time':
      return s.bits;
    case 'date':
      return s.unit === 'day' ? 32 : 64;
    case 'timestamp':
    case 'duration':
      return 64;
    case 'fixedBinary':
      return s.width * 8;
    case 'utf8':
    case 'binary':
      return 'strings';
    default:
      return null;
  }
}

/**
 * The parts of a batch, or null to read it whole. A buffer that is too short for its rows is left to the decoder, which
 * says so.
 */
export function windowsOf(
  header: ArrowBatchHeader,
  fields: readonly ArrowField[],
  wanted: readonly number[],
  readOffset: ReadOffset,
): (() => BatchWindow | null) | null {
  if (header.length <= WHOLE_ROWS || header.compression !== null) return null;
  if (wanted.some((i) => rowBits(fields[i]!) === null)) return null;
  const places = placesOf(header, fields);
  if (places === null || wanted.some((i) => header.nodes[places.nodes[i]!]!.length !== header.length)) return null;
  let from = 0;
  return () => {
    if (from >= header.length) return null;
    const length = Math.min(WINDOW_ROWS, header.length - from);
    const window = windowAt(header, fields, wanted, places, readOffset, from, length);
    from += length;
    return window;
  };
}

function windowAt(
  header: ArrowBatchHeader,
  fields: readonly ArrowField[],
  wanted: readonly number[],
  places: FieldPlaces,
  readOffset: ReadOffset,
  from: number,
  length: number,
): BatchWindow {
  const nodes = [...header.nodes];
  const buffers = [...header.buffers];
  const firstByte = new Map<number, number>();
  for (const i of wanted) {
    const field = fields[i]!;
    const node = places.nodes[i]!;
    nodes[node] = { length, nullCount: header.nodes[node]!.nullCount };
    const bits = rowBits(field);
    if (bits === 0 || bits === null) continue;
    const at = places.buffers[i]!;
    buffers[at] = part(header.buffers[at]!, from / 8, Math.ceil(length / 8));
    const values = header.buffers[at + 1]!;
    if (bits !== 'strings') {
      buffers[at + 1] = part(values, (from * bits) / 8, Math.ceil((length * bits) / 8));
      continue;
    }
    const width = 'large' in field.storage && field.storage.large ? 8 : 4;
    buffers[at + 1] = part(values, from * width, (length + 1) * width);
    if (buffers[at + 1]!.length < (length + 1) * width) continue;
    const first = readOffset(values.offset + from * width, width);
    const last = readOffset(values.offset + (from + length) * width, width);
    const data = header.buffers[at + 2]!;
    if (first < 0 || last < first || last > data.length) continue;
    buffers[at + 2] = part(data, first, last - first);
    firstByte.set(i, first);
  }
  return { header: { ...header, length, nodes, buffers }, firstByte };
}

/** Bytes [from, from + length) of a buffer, as far as it has them. */
function part(buffer: ArrowBuffer, from: number, length: number): ArrowBuffer {
  const start = Math.min(from, buffer.length);
  return { offset: buffer.offset + start, length: Math.min(length, buffer.length - start) };
}
