// The metadata of Arrow IPC: schemas, record batches, dictionary batches and file footers, read from and written to
// FlatBuffers. Field numbers are those of the format's Schema.fbs, Message.fbs and File.fbs.
import { UnsupportedError } from '../errors.ts';
import type { ArrowDictionary, ArrowField, ArrowStorage, ArrowTimeUnit } from './arrow-schema.ts';
import { integerBits, type RawType, storageOf, TIME_UNITS } from './arrow-types.ts';
import { FlatBuffer, type FlatFields, type FlatTable, type FlatValue, writeFlatBuffer } from './flatbuffer.ts';

/** Rows and nulls of one array of a batch, and the place of one buffer in the body. */
export interface ArrowNode {
  readonly length: number;
  readonly nullCount: number;
}
export interface ArrowBuffer {
  readonly offset: number;
  readonly length: number;
}
export type IpcCompression = 'lz4' | 'zstd';

/** A record batch's description: its arrays and buffers in the order of the fields, depth first. */
export interface ArrowBatchHeader {
  readonly length: number;
  readonly nodes: readonly ArrowNode[];
  readonly buffers: readonly ArrowBuffer[];
  readonly compression: IpcCompression | null;
  /** Data buffers of each string-view or binary-view array. */
  readonly viewBuffers: readonly number[];
}

export type ArrowMessage =
  | { readonly kind: 'schema'; readonly fields: readonly ArrowField[]; readonly bodyBytes: number }
  | { readonly kind: 'batch'; readonly batch: ArrowBatchHeader; readonly bodyBytes: number }
  | {
      readonly kind: 'dictionary';
      readonly id: number;
      readonly isDelta: boolean;
      readonly batch: ArrowBatchHeader;
      readonly bodyBytes: number;
    };

/** Where a message lies in a file: metadata with its prefix, then the body. */
export interface ArrowBlock {
  readonly offset: number;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}
export interface ArrowFooter {
  readonly fields: readonly ArrowField[];
  readonly dictionaries: readonly ArrowBlock[];
  readonly batches: readonly ArrowBlock[];
}

const V4 = 3;
const V5 = 4;
const MOST_ROWS = 2 ** 31 - 1;
/** Nesting beyond this is a hostile file. */
const MOST_LEVELS = 64;

/**
 * Reads the metadata of a message, which starts at byte `offset` of the file.
 *
 * @throws {CorruptFileError} what is not Arrow metadata
 * @throws {UnsupportedError} types, byte orders, versions and messages that are not read
 */
export function readMessage(bytes: Uint8Array, path: string, offset: number): ArrowMessage {
  const root = new FlatBuffer(bytes, path, offset).root();
  checkVersion(root, path);
  const header = root.table(2) ?? root.buffer.fail(root.at, 'a message without a header');
  const bodyBytes = root.i64(3);
  if (bodyBytes < 0) root.buffer.fail(root.at, `a body of ${bodyBytes} bytes`);
  switch (root.u8(1)) {
    case 1:
      return { kind: 'schema', fields: readSchema(header, path), bodyBytes };
    case 2: {
      const batch = header.table(1) ?? header.buffer.fail(header.at, 'a dictionary without values');
      return {
        kind: 'dictionary',
        id: header.i64(0),
        isDelta: header.u8(2) !== 0,
        batch: readBatch(batch, path),
        bodyBytes,
      };
    }
    case 3:
      return { kind: 'batch', batch: readBatch(header, path), bodyBytes };
    case 4:
    case 5:
      throw new UnsupportedError(`${path} holds an Arrow tensor, which is not supported: it is not a table.`, { path });
    default:
      return root.buffer.fail(root.at, `the message kind ${root.u8(1)}`);
  }
}

/** Reads the footer of a file. */
export function readFooter(bytes: Uint8Array, path: string, offset: number): ArrowFooter {
  const root = new FlatBuffer(bytes, path, offset).root();
  checkVersion(root, path);
  const schema = root.table(1) ?? root.buffer.fail(root.at, 'a footer without a schema');
  return { fields: readSchema(schema, path), dictionaries: readBlocks(root, 2), batches: readBlocks(root, 3) };
}

function checkVersion(root: FlatTable, path: string): void {
  const version = root.i16(0);
  if (version === V4 || version === V5) return;
  if (version < 0 || version > V5) root.buffer.fail(root.at, `the metadata version ${version}`);
  throw new UnsupportedError(
    `${path} has Arrow metadata version ${version + 1}, from before 2017, which is not supported. Rewrite it with a current version of Arrow.`,
    { path },
  );
}

function readBlocks(root: FlatTable, field: number): ArrowBlock[] {
  const v = root.vector(field, 24);
  if (v === null) return [];
  return Array.from({ length: v.length }, (_, i) => {
    const at = v.at + i * 24;
    const block = {
      offset: root.buffer.i64(at),
      metadataBytes: root.buffer.i32(at + 8),
      bodyBytes: root.buffer.i64(at + 16),
    };
    if (block.offset < 0 || block.metadataBytes < 0 || block.bodyBytes < 0) root.buffer.fail(at, 'a negative size');
    return block;
  });
}

function readSchema(schema: FlatTable, path: string): ArrowField[] {
  if (schema.i16(0) !== 0)
    throw new UnsupportedError(
      `${path} holds big-endian Arrow data, which is not supported. Write it on a little-endian machine, or let pyarrow convert it.`,
      { path },
    );
  return schema.tables(1).map((f) => readField(f, path, 0));
}

function readField(field: FlatTable, path: string, level: number): ArrowField {
  if (level > MOST_LEVELS) field.buffer.fail(field.at, `fields nested ${level} deep`);
  const name = field.string(0) ?? '';
  const children = field.tables(5).map((f) => readField(f, path, level + 1));
  const storage = readType(field, name, children, path);
  const encoding = field.table(4);
  return {
    name,
    nullable: field.u8(1) !== 0,
    storage,
    children,
    dictionary: encoding && readDictionary(encoding),
  };
}

function readDictionary(encoding: FlatTable): ArrowDictionary {
  const index = encoding.table(1);
  const given = index === null ? 32 : index.i32(0);
  const bits = integerBits(given) ?? encoding.buffer.fail(encoding.at, `a dictionary index of ${given} bits`);
  return { id: encoding.i64(0), bits, signed: index === null || index.u8(1) !== 0 };
}

function readType(field: FlatTable, name: string, children: readonly ArrowField[], path: string): ArrowStorage {
  const { buffer, at } = field;
  const id = field.u8(2);
  const type = field.table(3) ?? buffer.fail(at, `a field without a type, "${name}",`);
  return storageOf(id, rawType(id, type), children, name, path, (what) => buffer.fail(at, what));
}

/** The parameters of a type: which fields there are depends on its number. */
function rawType(id: number, type: FlatTable): RawType {
  switch (id) {
    case 2:
      return { bits: type.i32(0), signed: type.u8(1) !== 0 };
    case 3:
      return { precision: type.i16(0) };
    case 7:
      return { precision: type.i32(0), scale: type.i32(1), bits: type.i32(2, 128) };
    case 9:
      return { unit: type.i16(0, 1), bits: type.i32(1, 32) };
    case 10:
      return { unit: type.i16(0), zone: type.string(1) };
    case 11:
    case 14:
      return { unit: type.i16(0) };
    case 8:
    case 18:
      return { unit: type.i16(0, 1) };
    case 15:
      return { width: type.i32(0) };
    case 16:
      return { size: type.i32(0) };
    default:
      return {};
  }
}

function readBatch(batch: FlatTable, path: string): ArrowBatchHeader {
  const { buffer, at } = batch;
  const rows = (length: number): number => {
    if (length < 0) buffer.fail(at, `a length of ${length}`);
    if (length > MOST_ROWS)
      throw new UnsupportedError(
        `${path} holds ${length} rows in one Arrow batch; at most ${MOST_ROWS} are supported. Write smaller batches.`,
        { path },
      );
    return length;
  };
  const nodes = batch.vector(1, 16);
  const buffers = batch.vector(2, 16);
  const counts = batch.vector(4, 8);
  const compression = batch.table(3);
  const codec = compression === null ? null : (['lz4', 'zstd'] as const)[compression.u8(0)];
  if (codec === undefined || (compression?.u8(1) ?? 0) !== 0) return buffer.fail(at, 'an unknown compression');
  return {
    length: rows(batch.i64(0)),
    nodes: elements(nodes, (i) => {
      const length = rows(buffer.i64(nodes!.at + i * 16));
      const nullCount = buffer.i64(nodes!.at + i * 16 + 8);
      return { length, nullCount };
    }),
    buffers: elements(buffers, (i) => {
      const part = { offset: buffer.i64(buffers!.at + i * 16), length: buffer.i64(buffers!.at + i * 16 + 8) };
      if (part.offset < 0 || part.length < 0) buffer.fail(buffers!.at + i * 16, 'a negative buffer size');
      return part;
    }),
    compression: codec,
    viewBuffers: elements(counts, (i) => {
      const count = buffer.i64(counts!.at + i * 8);
      if (count < 0 || count > (buffers?.length ?? 0)) buffer.fail(at, `${count} data buffers of a view array`);
      return count;
    }),
  };
}

const elements = <T>(v: { length: number } | null, make: (i: number) => T): T[] =>
  Array.from({ length: v?.length ?? 0 }, (_, i) => make(i));

// ---- writing ----

const table = (...fields: FlatValue[]): FlatFields => fields;
const flag = (value: boolean): FlatValue => (value ? { u8: 1 } : undefined);

function message(kind: number, header: FlatFields, bodyBytes: number): Uint8Array {
  return writeFlatBuffer(table({ i16: V5 }, { u8: kind }, { table: header }, { i64: bodyBytes }));
}

export const writeSchemaMessage = (fields: readonly ArrowField[]): Uint8Array => message(1, schemaTable(fields), 0);

export const writeBatchMessage = (batch: ArrowBatchHeader, bodyBytes: number): Uint8Array =>
  message(3, batchTable(batch), bodyBytes);

export function writeDictionaryMessage(
  id: number,
  isDelta: boolean,
  batch: ArrowBatchHeader,
  bodyBytes: number,
): Uint8Array {
  return message(2, table({ i64: id }, { table: batchTable(batch) }, flag(isDelta)), bodyBytes);
}

export function writeFooter(footer: ArrowFooter): Uint8Array {
  return writeFlatBuffer(
    table({ i16: V5 }, { table: schemaTable(footer.fields) }, blocks(footer.dictionaries), blocks(footer.batches)),
  );
}

function blocks(list: readonly ArrowBlock[]): FlatValue {
  const words = new BigInt64Array(list.length * 3);
  list.forEach((b, i) => {
    words.set([BigInt(b.offset), BigInt(b.metadataBytes), BigInt(b.bodyBytes)], i * 3);
  });
  return { words, count: list.length };
}

const schemaTable = (fields: readonly ArrowField[]): FlatFields => table(undefined, { tables: fields.map(fieldTable) });

function batchTable(batch: ArrowBatchHeader): FlatFields {
  const pairs = (list: readonly (readonly [number, number])[]): FlatValue => ({
    words: BigInt64Array.from(list.flat(), BigInt),
    count: list.length,
  });
  return table(
    { i64: batch.length },
    pairs(batch.nodes.map((n) => [n.length, n.nullCount])),
    pairs(batch.buffers.map((b) => [b.offset, b.length])),
    batch.compression === null ? undefined : { table: table({ u8: batch.compression === 'lz4' ? 0 : 1 }) },
  );
}

function fieldTable(field: ArrowField): FlatFields {
  const [kind, type] = typeTable(field.storage);
  return table(
    { text: field.name },
    flag(field.nullable),
    { u8: kind },
    { table: type },
    field.dictionary === null
      ? undefined
      : {
          table: table(
            { i64: field.dictionary.id },
            { table: intTable(field.dictionary.bits, field.dictionary.signed) },
          ),
        },
    { tables: field.children.map(fieldTable) },
  );
}

const intTable = (bits: number, signed: boolean): FlatFields => table({ i32: bits }, flag(signed));
const unitValue = (unit: ArrowTimeUnit): FlatValue => ({ i16: TIME_UNITS.indexOf(unit) });

/** The number of a type in the union, and its table. */
function typeTable(s: ArrowStorage): [number, FlatFields] {
  switch (s.kind) {
    case 'null':
      return [1, table()];
    case 'int':
      return [2, intTable(s.bits, s.signed)];
    case 'float':
      return [3, table({ i16: [16, 32, 64].indexOf(s.bits) })];
    case 'binary':
      return [s.large ? 19 : 4, table()];
    case 'utf8':
      return [s.large ? 20 : 5, table()];
    case 'bool':
      return [6, table()];
    case 'decimal':
      return [7, table({ i32: s.precision }, { i32: s.scale }, { i32: s.bits })];
    case 'date':
      return [8, table({ i16: s.unit === 'day' ? 0 : 1 })];
    case 'time':
      return [9, table(unitValue(s.unit), { i32: s.bits })];
    case 'timestamp':
      return [10, table(unitValue(s.unit), s.zone === null ? undefined : { text: s.zone })];
    case 'list':
      return [s.large ? 21 : 12, table()];
    case 'struct':
      return [13, table()];
    case 'fixedBinary':
      return [15, table({ i32: s.width })];
    case 'fixedList':
      return [16, table({ i32: s.size })];
    case 'map':
      return [17, table()];
    case 'duration':
      return [18, table(unitValue(s.unit))];
    case 'runEnds':
      return [22, table()];
    case 'binaryView':
      return [23, table()];
    case 'utf8View':
      return [24, table()];
    case 'listView':
      return [s.large ? 26 : 25, table()];
  }
}
