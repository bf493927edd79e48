// Parquet's metadata as plain objects: the footer, and the page index that some writers put before it.
import { CorruptFileError, UnsupportedError } from '../errors.ts';
import { T_STRUCT, ThriftReader } from './thrift.ts';

/** Physical types by their number. */
export const PARQUET_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;
export type ParquetType = (typeof PARQUET_TYPES)[number];

/** Compression codecs by their number. */
export const PARQUET_CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;
export type ParquetCodec = (typeof PARQUET_CODECS)[number];

/** A logical type as the file has it. `UNDEFINED` is one this reader does not know. */
export type ParquetLogical =
  | { readonly kind: 'STRING' | 'MAP' | 'LIST' | 'ENUM' | 'DATE' | 'UNKNOWN' | 'JSON' | 'BSON' | 'UUID' | 'FLOAT16' }
  | { readonly kind: 'DECIMAL'; readonly scale: number; readonly precision: number }
  | { readonly kind: 'TIME' | 'TIMESTAMP'; readonly utc: boolean; readonly unit: 'ms' | 'us' | 'ns' }
  | { readonly kind: 'INTEGER'; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'UNDEFINED' };

export interface SchemaElement {
  readonly type: ParquetType | null;
  readonly typeLength: number;
  readonly repetition: 'required' | 'optional' | 'repeated';
  readonly name: string;
  readonly childCount: number;
  readonly converted: number | null;
  readonly scale: number;
  readonly precision: number;
  readonly logical: ParquetLogical | null;
}

/** Bounds as the file has them: encoded as PLAIN values. */
export interface RawStatistics {
  /** Bounds of writers before column orders; only for types that compare as signed numbers. */
  readonly oldMin: Uint8Array | null;
  readonly oldMax: Uint8Array | null;
  readonly min: Uint8Array | null;
  readonly max: Uint8Array | null;
  readonly nullCount: number | null;
  readonly nanCount: number | null;
}

export interface ColumnChunkMeta {
  readonly type: ParquetType;
  readonly codec: number;
  readonly valueCount: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  readonly dataPageOffset: number;
  readonly dictionaryPageOffset: number | null;
  readonly statistics: RawStatistics | null;
  readonly filePath: string | null;
  readonly offsetIndex: FileRange | null;
  readonly columnIndex: FileRange | null;
  readonly encrypted: boolean;
  /** Strings that are all stored as codes of a dictionary, as far as the file says. */
  readonly isCoded: boolean;
}

/** A part of the file. */
export interface FileRange {
  readonly offset: number;
  readonly length: number;
}

export interface RowGroupMeta {
  readonly rows: number;
  /** By leaf of the schema, in order. */
  readonly columns: readonly ColumnChunkMeta[];
}

export interface ParquetFooter {
  readonly version: number;
  readonly rows: number;
  readonly elements: readonly SchemaElement[];
  readonly rowGroups: readonly RowGroupMeta[];
  readonly createdBy: string;
  readonly keyValues: ReadonlyMap<string, string>;
  /** By leaf: whether `min`/`max` follow the order of the type (1) or the IEEE total order (2); 0 = unknown. */
  readonly columnOrders: readonly number[];
}

/** Bytes at the end of the file that hold the footer's length and the magic. */
export const TAIL_BYTES = 8;
export const SMALLEST_FILE_BYTES = 12;

const magicAt = (b: Uint8Array, at: number): string => String.fromCharCode(...b.subarray(at, at + 4));

/** Finds the footer from the last 8 bytes of a file. */
export function footerRange(tail: Uint8Array, sizeBytes: number, path: string): FileRange {
  const corrupt = (what: string, offset: number): never => {
    throw new CorruptFileError(`${path} is not a Parquet file: ${what}.`, { path, offset });
  };
  if (sizeBytes < SMALLEST_FILE_BYTES || tail.length < TAIL_BYTES)
    return corrupt(`it has only ${sizeBytes} bytes`, Math.max(0, sizeBytes));
  const at = tail.length - TAIL_BYTES;
  const magic = magicAt(tail, at + 4);
  if (magic === 'PARE')
    throw new UnsupportedError(
      `${path} is an encrypted Parquet file (its footer is encrypted); decrypt it with another tool first.`,
      { path, feature: 'parquet encryption' },
    );
  if (magic !== 'PAR1') return corrupt('it does not end with the bytes PAR1', sizeBytes - 4);
  const length = new DataView(tail.buffer, tail.byteOffset, tail.length).getUint32(at, true);
  if (length === 0 || length > sizeBytes - SMALLEST_FILE_BYTES)
    return corrupt(`its footer is said to have ${length} bytes`, sizeBytes - TAIL_BYTES);
  return { offset: sizeBytes - TAIL_BYTES - length, length };
}

/** Parses the footer's bytes, which start at file position `offset`. */
export function parseFooter(bytes: Uint8Array, path: string, offset: number): ParquetFooter {
  const r = new ThriftReader(bytes, path, offset);
  let version = 0;
  const elements: SchemaElement[] = [];
  const rowGroups: RowGroupMeta[] = [];
  let createdBy = '';
  const keyValues = new Map<string, string>();
  const columnOrders: number[] = [];
  let encrypted = false;
  r.struct(T_STRUCT, (id, type) => {
    switch (id) {
      case 1:
        version = r.int(type);
        return;
      case 2:
        r.list(type, (t) => elements.push(schemaElement(r, t)));
        return;
      case 4:
        r.list(type, (t) => rowGroups.push(rowGroup(r, t)));
        return;
      case 5:
        r.list(type, (t) => {
          const [key, value] = keyValue(r, t);
          keyValues.set(key, value);
        });
        return;
      case 6:
        createdBy = r.text(type);
        return;
      case 7:
        r.list(type, (t) => columnOrders.push(unionTag(r, t)));
        return;
      case 8:
        encrypted = true;
        return false;
      default:
        return false;
    }
  });
  if (encrypted)
    throw new UnsupportedError(`${path} holds encrypted Parquet columns; decrypt it with another tool first.`, {
      path,
      feature: 'parquet encryption',
    });
  if (elements.length === 0) r.fail('it has no schema');
  // The footer's own row count is wrong in files of some writers; the row groups' counts are what is read.
  const rows = rowGroups.reduce((sum, g) => sum + g.rows, 0);
  return { version, rows, elements, rowGroups, createdBy, keyValues, columnOrders };
}

/** The number of the one set field of a union. */
function unionTag(r: ThriftReader, type: number): number {
  let tag = 0;
  r.struct(type, (id) => {
    tag = id;
    return false;
  });
  return tag;
}

function keyValue(r: ThriftReader, type: number): [string, string] {
  let key = '';
  let value = '';
  r.struct(type, (id, t) => {
    if (id === 1) key = r.text(t);
    else if (id === 2) value = r.text(t);
    else return false;
    return;
  });
  return [key, value];
}

const REPETITIONS = ['required', 'optional', 'repeated'] as const;

function schemaElement(r: ThriftReader, structType: number): SchemaElement {
  let type: ParquetType | null = null;
  let typeLength = 0;
  let repetition: SchemaElement['repetition'] = 'required';
  let name = '';
  let childCount = 0;
  let converted: number | null = null;
  let scale = 0;
  let precision = 0;
  let logical: ParquetLogical | null = null;
  r.struct(structType, (id, t) => {
    switch (id) {
      case 1:
        type = physicalType(r, r.int(t));
        return;
      case 2:
        typeLength = r.int(t);
        return;
      case 3: {
        const v = REPETITIONS[r.int(t)];
        if (v === undefined) return r.fail('a column has an unknown repetition');
        repetition = v;
        return;
      }
      case 4:
        name = r.text(t);
        return;
      case 5:
        childCount = r.int(t);
        if (childCount < 0) r.fail(`a column group is said to have ${childCount} columns`);
        return;
      case 6:
        converted = r.int(t);
        return;
      case 7:
        scale = r.int(t);
        return;
      case 8:
        precision = r.int(t);
        return;
      case 10:
        logical = logicalType(r, t);
        return;
      default:
        return false;
    }
  });
  return { type, typeLength, repetition, name, childCount, converted, scale, precision, logical };
}

function physicalType(r: ThriftReader, code: number): ParquetType {
  return PARQUET_TYPES[code] ?? r.fail(`unknown physical type ${code}`);
}

const SIMPLE_LOGICAL = {
  1: 'STRING',
  2: 'MAP',
  3: 'LIST',
  4: 'ENUM',
  6: 'DATE',
  11: 'UNKNOWN',
  12: 'JSON',
  13: 'BSON',
  14: 'UUID',
  15: 'FLOAT16',
} as const;

function logicalType(r: ThriftReader, unionType: number): ParquetLogical {
  let result: ParquetLogical = { kind: 'UNDEFINED' };
  r.struct(unionType, (id, type) => {
    const simple = SIMPLE_LOGICAL[id as keyof typeof SIMPLE_LOGICAL];
    if (simple !== undefined) {
      result = { kind: simple };
      return false;
    }
    if (id === 5) {
      let scale = 0;
      let precision = 0;
      r.struct(type, (f, t) => {
        if (f === 1) scale = r.int(t);
        else if (f === 2) precision = r.int(t);
        else return false;
        return;
      });
      result = { kind: 'DECIMAL', scale, precision };
      return;
    }
    if (id === 7 || id === 8) {
      let utc = false;
      let unit: 'ms' | 'us' | 'ns' = 'ms';
      r.struct(type, (f, t) => {
        if (f === 1) utc = r.bool(t);
        else if (f === 2) unit = (['ms', 'us', 'ns'] as const)[unionTag(r, t) - 1] ?? r.fail('unknown time unit');
        else return false;
        return;
      });
      result = { kind: id === 7 ? 'TIME' : 'TIMESTAMP', utc, unit };
      return;
    }
    if (id === 10) {
      let bits = 0;
      let signed = true;
      r.struct(type, (f, t) => {
        if (f === 1) bits = r.int(t);
        else if (f === 2) signed = r.bool(t);
        else return false;
        return;
      });
      result = { kind: 'INTEGER', bits, signed };
      return;
    }
    return false;
  });
  return result;
}

function rowGroup(r: ThriftReader, structType: number): RowGroupMeta {
  const columns: ColumnChunkMeta[] = [];
  let rows = -1;
  r.struct(structType, (id, type) => {
    if (id === 1) r.list(type, (t) => columns.push(columnChunk(r, t)));
    else if (id === 3) rows = r.long(type);
    else return false;
    return;
  });
  if (rows < 0) r.fail(`a row group is said to hold ${rows} rows`);
  return { rows, columns };
}

/** The members of a chunk that its inner metadata sets. */
type ChunkData = { -readonly [K in keyof ColumnChunkMeta]: ColumnChunkMeta[K] };

function columnChunk(r: ThriftReader, structType: number): ColumnChunkMeta {
  const chunk: ChunkData = {
    type: 'BOOLEAN',
    codec: 0,
    valueCount: 0,
    compressedBytes: 0,
    uncompressedBytes: 0,
    dataPageOffset: 0,
    dictionaryPageOffset: null,
    statistics: null,
    filePath: null,
    offsetIndex: null,
    columnIndex: null,
    encrypted: false,
    isCoded: false,
  };
  const offsetIndex = { offset: -1, length: 0 };
  const columnIndex = { offset: -1, length: 0 };
  let hasMeta = false;
  r.struct(structType, (id, type) => {
    switch (id) {
      case 1:
        chunk.filePath = r.text(type);
        return;
      case 3:
        hasMeta = true;
        columnMeta(r, type, chunk);
        return;
      case 4:
        offsetIndex.offset = r.long(type);
        return;
      case 5:
        offsetIndex.length = r.int(type);
        return;
      case 6:
        columnIndex.offset = r.long(type);
        return;
      case 7:
        columnIndex.length = r.int(type);
        return;
      case 8:
      case 9:
        chunk.encrypted = true;
        return false;
      default:
        return false;
    }
  });
  if (!hasMeta && !chunk.encrypted) r.fail('a column chunk has no metadata');
  if (offsetIndex.offset > 0 && offsetIndex.length > 0) chunk.offsetIndex = offsetIndex;
  if (columnIndex.offset > 0 && columnIndex.length > 0) chunk.columnIndex = columnIndex;
  return chunk;
}

/** Encodings of pages. */
const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE_DICTIONARY = 8;
/** A kind of page that holds no data. */
const DICTIONARY_PAGE = 2;

const isDictionary = (encoding: number): boolean => encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY;

/** Whether a chunk with such pages is coded: older encodings tell its dictionary from plain values, later ones do not. */
function areCodes(encodings: readonly number[]): boolean {
  return encodings.includes(RLE_DICTIONARY) || (encodings.includes(PLAIN_DICTIONARY) && !encodings.includes(PLAIN));
}

/** Whether pages of data are there, and all of them are codes. */
function areCodePages(r: ThriftReader, listType: number): boolean {
  let coded = 0;
  let others = 0;
  r.list(listType, (t) => {
    let kind = 0;
    let encoding = 0;
    let count = 0;
    r.struct(t, (id, type) => {
      if (id === 1) kind = r.int(type);
      else if (id === 2) encoding = r.int(type);
      else if (id === 3) count = r.int(type);
      else return false;
      return;
    });
    if (kind === DICTIONARY_PAGE) return;
    if (isDictionary(encoding)) coded += count;
    else others += count;
  });
  return coded > 0 && others === 0;
}

function columnMeta(r: ThriftReader, structType: number, chunk: ChunkData): void {
  r.struct(structType, (id, type) => {
    switch (id) {
      case 1:
        chunk.type = physicalType(r, r.int(type));
        return;
      case 2: {
        if (chunk.type !== 'BYTE_ARRAY') return false;
        const encodings: number[] = [];
        r.list(type, (t) => encodings.push(r.int(t)));
        chunk.isCoded = areCodes(encodings);
        return;
      }
      case 4:
        chunk.codec = r.int(type);
        return;
      case 5:
        chunk.valueCount = r.long(type);
        return;
      case 6:
        chunk.uncompressedBytes = r.long(type);
        return;
      case 7:
        chunk.compressedBytes = r.long(type);
        return;
      case 9:
        chunk.dataPageOffset = r.long(type);
        return;
      case 11:
        chunk.dictionaryPageOffset = r.long(type);
        return;
      case 12:
        chunk.statistics = parseStatistics(r, type);
        return;
      case 13:
        if (!chunk.isCoded) return false;
        chunk.isCoded = areCodePages(r, type);
        return;
      default:
        return false;
    }
  });
  if (chunk.valueCount < 0) r.fail(`a column chunk is said to hold ${chunk.valueCount} values`);
}

export function parseStatistics(r: ThriftReader, structType: number): RawStatistics {
  const s: { -readonly [K in keyof RawStatistics]: RawStatistics[K] } = {
    oldMin: null,
    oldMax: null,
    min: null,
    max: null,
    nullCount: null,
    nanCount: null,
  };
  r.struct(structType, (id, type) => {
    switch (id) {
      case 1:
        s.oldMax = r.binary(type);
        return;
      case 2:
        s.oldMin = r.binary(type);
        return;
      case 3:
        s.nullCount = r.long(type);
        return;
      case 5:
        s.max = r.binary(type);
        return;
      case 6:
        s.min = r.binary(type);
        return;
      case 9:
        s.nanCount = r.long(type);
        return;
      default:
        return false;
    }
  });
  return s;
}

/** Bounds of every page of a column chunk. */
export interface ColumnIndex {
  readonly nullPages: readonly boolean[];
  readonly mins: readonly Uint8Array[];
  readonly maxes: readonly Uint8Array[];
  readonly nullCounts: readonly number[] | null;
  readonly nanCounts: readonly number[] | null;
}

/** Where every data page of a column chunk lies. */
export interface PageLocation {
  readonly offset: number;
  /** Header included. */
  readonly bytes: number;
  readonly firstRow: number;
}

export function parseColumnIndex(bytes: Uint8Array, path: string, offset: number): ColumnIndex {
  const r = new ThriftReader(bytes, path, offset);
  const nullPages: boolean[] = [];
  const mins: Uint8Array[] = [];
  const maxes: Uint8Array[] = [];
  let nullCounts: number[] | null = null;
  let nanCounts: number[] | null = null;
  const longs = (type: number): number[] => {
    const values: number[] = [];
    r.list(type, (t) => values.push(r.long(t)));
    return values;
  };
  r.struct(T_STRUCT, (id, type) => {
    switch (id) {
      case 1:
        r.list(type, (t) => nullPages.push(r.boolItem(t)));
        return;
      case 2:
        r.list(type, (t) => mins.push(r.binary(t)));
        return;
      case 3:
        r.list(type, (t) => maxes.push(r.binary(t)));
        return;
      case 5:
        nullCounts = longs(type);
        return;
      case 8:
        nanCounts = longs(type);
        return;
      default:
        return false;
    }
  });
  return { nullPages, mins, maxes, nullCounts, nanCounts };
}

export function parseOffsetIndex(bytes: Uint8Array, path: string, offset: number): PageLocation[] {
  const r = new ThriftReader(bytes, path, offset);
  const pages: PageLocation[] = [];
  r.struct(T_STRUCT, (id, type) => {
    if (id !== 1) return false;
    r.list(type, (t) => {
      const page = { offset: -1, bytes: -1, firstRow: -1 };
      r.struct(t, (f, ft) => {
        if (f === 1) page.offset = r.long(ft);
        else if (f === 2) page.bytes = r.int(ft);
        else if (f === 3) page.firstRow = r.long(ft);
        else return false;
        return;
      });
      pages.push(page);
    });
    return;
  });
  return pages;
}
