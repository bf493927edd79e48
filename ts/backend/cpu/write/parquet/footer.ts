// What stands behind the row groups: the indexes of their pages, and the footer.
import type { Schema } from '../../../../schema/types.ts';
import { writeSchemaMessage } from '../../../../source/arrow-flatbuffer.ts';
import { fieldsOf } from '../../../../source/arrow-schema.ts';
import { PARQUET_TYPES } from '../../../../source/parquet-footer.ts';
import type { ParquetWriteSettings } from '../../../../source/parquet-options.ts';
import { ThriftWriter } from '../../../../source/thrift-writer.ts';
import type { ByteSink } from '../writer.ts';
import { type Bounds, compareBounds, type EncodedBound, encodeMax, encodeMin } from './bounds.ts';
import type { ChunkInfo, PageInfo } from './chunk-info.ts';
import type { WriteColumns, WriteLeaf } from './columns.ts';
import { CODEC_NUMBER } from './compress.ts';
import { ENCODING, PAGE_KIND } from './headers.ts';

/** A row group in the file, its indexes not yet. */
export interface GroupInfo {
  readonly rows: number;
  readonly chunks: readonly ChunkEntry[];
}

/** A chunk as the footer says it; made when its row group is written, so that its pages can be forgotten. */
interface ChunkEntry {
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
  readonly start: number;
  writeMeta(w: ThriftWriter): void;
  readonly columnIndex: Uint8Array | null;
  readonly offsetIndex: Uint8Array;
}

const MAGIC = new TextEncoder().encode('PAR1');
const CREATED_BY = 'warpframe version 0.1.0';

export function groupInfo(rows: number, chunks: readonly ChunkInfo[], settings: ParquetWriteSettings): GroupInfo {
  return { rows, chunks: chunks.map((c) => chunkEntry(c, settings)) };
}

function chunkEntry(chunk: ChunkInfo, settings: ParquetWriteSettings): ChunkEntry {
  const { leaf, dictionaryOffset, dataOffset, codedPages, pages, entries, compressedBytes, uncompressedBytes } = chunk;
  const plainPages = pages.length - codedPages;
  const hasLevels = leaf.maxDef > 0 || leaf.maxRep > 0;
  const encodings = [
    ...(plainPages > 0 || codedPages > 0 ? [ENCODING.plain] : []),
    ...(hasLevels || codedPages > 0 ? [ENCODING.rle] : []),
    ...(codedPages > 0 ? [ENCODING.rleDictionary] : []),
  ];
  const pageCounts = [
    { kind: PAGE_KIND.dictionary, encoding: ENCODING.plain, count: codedPages > 0 ? 1 : 0 },
    { kind: PAGE_KIND.data, encoding: ENCODING.rleDictionary, count: codedPages },
    { kind: PAGE_KIND.data, encoding: ENCODING.plain, count: plainPages },
  ].filter((p) => p.count > 0);
  const statistics = settings.statistics ? statisticsOf(chunk) : null;
  return {
    uncompressedBytes,
    compressedBytes,
    start: dictionaryOffset >= 0 ? dictionaryOffset : dataOffset,
    writeMeta(w) {
      w.i32(1, PARQUET_TYPES.indexOf(leaf.physical));
      w.i32s(2, encodings);
      w.texts(3, leaf.path);
      w.i32(4, CODEC_NUMBER[settings.compression]);
      w.i64(5, entries);
      w.i64(6, uncompressedBytes);
      w.i64(7, compressedBytes);
      w.i64(9, dataOffset);
      if (dictionaryOffset >= 0) w.i64(11, dictionaryOffset);
      if (statistics) w.struct(12, () => statistics(w));
      w.structs(13, pageCounts, (p) => {
        w.i32(1, p.kind);
        w.i32(2, p.encoding);
        w.i32(3, p.count);
      });
    },
    columnIndex: settings.statistics ? columnIndexOf(leaf, pages) : null,
    offsetIndex: offsetIndexOf(pages, dataOffset),
  };
}

function encodedBounds(leaf: WriteLeaf, b: Bounds): { min: EncodedBound; max: EncodedBound | null } | null {
  if (b.min === null || b.max === null) return null;
  return { min: encodeMin(leaf.bounds, leaf.width, b.min), max: encodeMax(leaf.bounds, leaf.width, b.max) };
}

const isFloat = (leaf: WriteLeaf): boolean => leaf.bounds === 'f32' || leaf.bounds === 'f64';

function statisticsOf(chunk: ChunkInfo): (w: ThriftWriter) => void {
  const { leaf, bounds, pages } = chunk;
  const nulls = pages.reduce((sum, p) => sum + p.nulls, 0);
  const encoded = encodedBounds(leaf, bounds);
  // NaN is in no bound, but above all numbers to many readers: with a greatest value they would skip it
  const max = bounds.nan > 0 ? null : encoded?.max;
  return (w) => {
    w.i64(3, nulls);
    if (max) w.binary(5, max.bytes);
    if (encoded) w.binary(6, encoded.min.bytes);
    if (max) w.bool(7, max.exact);
    if (encoded) w.bool(8, encoded.min.exact);
    if (isFloat(leaf)) w.i64(9, bounds.nan);
  };
}

const NO_BYTES = new Uint8Array(0);
const ORDER = { none: 0, ascending: 1, descending: 2 } as const;

/**
 * Bounds of every page; null when a page with values has none, as a page of NaN: the index has no place for that. The
 * greatest value of a page with some NaN is infinity, lest a reader to which NaN is above all numbers skips it.
 */
function columnIndexOf(leaf: WriteLeaf, pages: readonly PageInfo[]): Uint8Array | null {
  const ofPages = pages.map(({ bounds: b }) =>
    b.nan > 0 && b.max !== null ? { ...b, max: Number.POSITIVE_INFINITY } : b,
  );
  const bounds = ofPages.map((b) => encodedBounds(leaf, b));
  const isNull = pages.map((p) => p.nulls === p.entries);
  if (bounds.some((b, i) => !isNull[i] && !b?.max)) return null;
  const w = new ThriftWriter();
  w.fields(() => {
    w.bools(1, isNull);
    w.binaries(
      2,
      bounds.map((b) => b?.min.bytes ?? NO_BYTES),
    );
    w.binaries(
      3,
      bounds.map((b) => b?.max?.bytes ?? NO_BYTES),
    );
    w.i32(4, boundaryOrder(ofPages.filter((_, i) => !isNull[i])));
    w.i64s(
      5,
      pages.map((p) => p.nulls),
    );
    if (isFloat(leaf))
      w.i64s(
        8,
        pages.map((p) => p.bounds.nan),
      );
  });
  return w.bytes;
}

function boundaryOrder(bounds: readonly Bounds[]): number {
  const ordered = (sign: 1 | -1): boolean =>
    bounds.every((b, i) => {
      const a = bounds[i - 1];
      if (!a) return true;
      return sign * compareBounds(a.min!, b.min!) <= 0 && sign * compareBounds(a.max!, b.max!) <= 0;
    });
  return ordered(1) ? ORDER.ascending : ordered(-1) ? ORDER.descending : ORDER.none;
}

function offsetIndexOf(pages: readonly PageInfo[], dataOffset: number): Uint8Array {
  const w = new ThriftWriter();
  w.fields(() =>
    w.structs(1, pages, (p) => {
      w.i64(1, dataOffset + p.offset);
      w.i32(2, p.bytes);
      w.i64(3, p.firstRow);
    }),
  );
  return w.bytes;
}

export function writeMagic(sink: ByteSink): void {
  sink.write(MAGIC);
}

/** Writes the indexes and the footer. */
export function writeFooter(sink: ByteSink, schema: Schema, columns: WriteColumns, groups: readonly GroupInfo[]): void {
  const put = (bytes: Uint8Array | null): { offset: number; length: number } | null => {
    if (bytes === null) return null;
    const offset = sink.position;
    sink.write(bytes);
    return { offset, length: bytes.length };
  };
  const columnIndexes = groups.map((g) => g.chunks.map((c) => put(c.columnIndex)));
  const offsetIndexes = groups.map((g) => g.chunks.map((c) => put(c.offsetIndex)));
  const w = new ThriftWriter();
  const writeGroup = (group: GroupInfo, g: number): void => {
    const all = group.chunks.map((chunk, c) => ({
      chunk,
      columnIndex: columnIndexes[g]![c]!,
      offsetIndex: offsetIndexes[g]![c]!,
    }));
    const sum = (of: (c: ChunkEntry) => number): number => group.chunks.reduce((total, c) => total + of(c), 0);
    w.structs(1, all, ({ chunk, columnIndex, offsetIndex }) => {
      w.i64(2, 0);
      w.struct(3, () => chunk.writeMeta(w));
      w.i64(4, offsetIndex.offset);
      w.i32(5, offsetIndex.length);
      if (columnIndex) {
        w.i64(6, columnIndex.offset);
        w.i32(7, columnIndex.length);
      }
    });
    w.i64(
      2,
      sum((c) => c.uncompressedBytes),
    );
    w.i64(3, group.rows);
    if (group.chunks[0]) w.i64(5, group.chunks[0].start);
    w.i64(
      6,
      sum((c) => c.compressedBytes),
    );
  };
  w.fields(() => {
    w.i32(1, 2);
    columns.writeElements(w, 2);
    w.i64(
      3,
      groups.reduce((sum, g) => sum + g.rows, 0),
    );
    w.structs(
      4,
      groups.map((group, g) => ({ group, g })),
      ({ group, g }) => writeGroup(group, g),
    );
    w.structs(5, [arrowSchema(schema)], (value) => {
      w.text(1, 'ARROW:schema');
      w.text(2, value);
    });
    w.text(6, CREATED_BY);
    // the order that the type defines, for every leaf
    w.structs(7, columns.leaves, () => w.struct(1));
  });
  const footer = w.bytes;
  sink.write(footer);
  const tail = new Uint8Array(8);
  new DataView(tail.buffer).setUint32(0, footer.length, true);
  tail.set(MAGIC, 4);
  sink.write(tail);
}

/** An Arrow schema message as readers look for it: framed as in a stream, in base64. */
function arrowSchema(schema: Schema): string {
  const message = writeSchemaMessage(fieldsOf(schema));
  const framed = Buffer.alloc(8 + Math.ceil(message.length / 8) * 8);
  framed.writeUInt32LE(0xffffffff, 0);
  framed.writeInt32LE(framed.length - 8, 4);
  framed.set(message, 8);
  return framed.toString('base64');
}
