// Tables of apache-arrow and flechette, taken by buffer: their arrays are laid out as a record batch is and go through
// the same decoder as files do, so every type means the same. Neither library is loaded for it.
import type { ArrowColumn, RecordBatch } from '../backend/arrow.ts';
import { concatColumns, emptyColumn, hostColumn, sliceBits, sliceColumn } from '../backend/arrow-columns.ts';
import { type BatchBody, decodeBatch, decodeDictionary } from '../backend/ipc/decode-batch.ts';
import { ParameterError, ShapeError } from '../errors.ts';
import type { Schema } from '../schema/types.ts';
import type { ArrowBatchHeader, ArrowBuffer, ArrowNode } from '../source/arrow-flatbuffer.ts';
import { type ArrowDictionary, type ArrowField, schemaOf } from '../source/arrow-schema.ts';
import { integerBits, storageOf } from '../source/arrow-types.ts';

export { toArrowTable } from './apache-table.ts';

const NAME = '<arrow table>';
const DICTIONARY = -1;
const [NULL, BINARY, UTF8, BOOL, LIST, STRUCT, FIXED_LIST, MAP] = [1, 4, 5, 6, 12, 13, 16, 17];
const [LARGE_BINARY, LARGE_UTF8, LARGE_LIST, RUN_ENDS, BINARY_VIEW, UTF8_VIEW, LIST_VIEW, LARGE_LIST_VIEW] = [
  19, 20, 21, 22, 23, 24, 25, 26,
];

/** A type of either library. The type numbers are Arrow's own in both. */
interface LibraryType {
  readonly typeId: number;
  readonly bitWidth?: number;
  readonly isSigned?: boolean;
  readonly signed?: boolean;
  readonly precision?: number;
  readonly scale?: number;
  readonly unit?: number;
  readonly mode?: number;
  readonly timezone?: string | null;
  readonly byteWidth?: number;
  readonly listSize?: number;
  readonly stride?: number;
  readonly children?: readonly LibraryField[];
  readonly dictionary?: LibraryType;
  readonly indices?: LibraryType;
}
interface LibraryField {
  readonly name: string;
  readonly type: LibraryType;
  readonly nullable: boolean;
}
/** One array: apache-arrow's Data or flechette's Batch. */
interface LibraryArray {
  readonly type: LibraryType;
  readonly length: number;
  readonly nullCount: number;
  readonly values?: ArrayBufferView;
  readonly children?: readonly LibraryArray[];
  readonly dictionary?: { readonly data: readonly LibraryArray[] };
  // apache-arrow
  readonly offset?: number;
  readonly nullBitmap?: Uint8Array;
  readonly valueOffsets?: ArrayBufferView;
  readonly variadicBuffers?: readonly Uint8Array[];
  // flechette
  readonly validity?: Uint8Array;
  readonly offsets?: ArrayBufferView;
  readonly sizes?: ArrayBufferView;
  readonly data?: readonly Uint8Array[];
}
interface LibraryTable {
  readonly schema: { readonly fields: readonly LibraryField[] };
  /** apache-arrow: one struct array a batch. */
  readonly batches?: readonly { readonly numRows: number; readonly data: LibraryArray }[];
  /** flechette: columns of arrays. */
  readonly children?: readonly { readonly length: number; readonly data: readonly LibraryArray[] }[];
}

/**
 * Takes a table of apache-arrow or flechette. Columns are views of its buffers where the layout is ours, so it must not
 * be changed afterwards. At least one batch, which may be empty.
 *
 * @throws {ParameterError} anything else
 * @throws {UnsupportedError} unions, intervals, 256-bit decimals
 */
export function fromArrowTable(table: unknown): RecordBatch[] {
  const given = table as Partial<LibraryTable> | null;
  const fields = given?.schema?.fields;
  if (!Array.isArray(fields) || !(given?.batches || given?.children))
    throw new ParameterError(
      `Expected a table of apache-arrow or @uwdata/flechette for fromArrow but received ${describe(table)}. For Arrow bytes use fromIpc.`,
      { parameter: 'table' },
    );
  const reader = new TableReader(fields);
  const batches = given.batches
    ? given.batches.map((b) => reader.batch(b.numRows, b.data.children ?? []))
    : flechetteBatches(reader, given.children ?? []);
  return batches.length > 0 ? batches : [reader.empty()];
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return `${String(value)} of type ${typeof value}`;
  return `a value of type ${value.constructor?.name ?? 'object'}`;
}

/** Columns that are cut alike are batches; others are joined first. */
function flechetteBatches(reader: TableReader, columns: NonNullable<LibraryTable['children']>): RecordBatch[] {
  const first = columns[0]?.data ?? [];
  if (columns.every((c) => c.data.length === first.length && c.data.every((a, i) => a.length === first[i]!.length)))
    return first.map((a, i) =>
      reader.batch(
        a.length,
        columns.map((c) => c.data[i]!),
      ),
    );
  return [reader.joined(columns.map((c) => c.data))];
}

class TableReader {
  readonly #fields: readonly ArrowField[];
  readonly #schema: Schema;
  /** The dictionary of each field in the batch at hand. */
  readonly #current = new Map<ArrowField, LibraryArray['dictionary']>();
  /** Decoded ones: batches share them. */
  readonly #decoded = new Map<object, ArrowColumn>();
  #dictionaries = 0;

  constructor(fields: readonly LibraryField[]) {
    this.#fields = fields.map((f) => this.#field(f));
    this.#schema = schemaOf(this.#fields);
  }

  batch(length: number, arrays: readonly LibraryArray[]): RecordBatch {
    const columns = this.#fields.map((field, i) => hostColumn(sliceColumn(this.#column(field, arrays[i]!), 0, length)));
    return { schema: this.#schema, length, columns };
  }

  joined(columns: readonly (readonly LibraryArray[])[]): RecordBatch {
    const whole = this.#fields.map((field, i) =>
      columns[i]!.length === 0
        ? emptyColumn(this.#schema[i]!.type)
        : concatColumns(columns[i]!.map((a) => hostColumn(this.#column(field, a)))),
    );
    return { schema: this.#schema, length: whole[0]?.length ?? 0, columns: whole };
  }

  empty(): RecordBatch {
    return { schema: this.#schema, length: 0, columns: this.#schema.map((f) => emptyColumn(f.type)) };
  }

  #field({ name, type, nullable }: LibraryField): ArrowField {
    let dictionary: ArrowDictionary | null = null;
    let values = type;
    if (type.typeId === DICTIONARY) {
      const index = type.indices!;
      const bits = integerBits(index.bitWidth) ?? 32;
      dictionary = { id: this.#dictionaries++, bits, signed: isSigned(index) };
      values = type.dictionary!;
    }
    const children = (values.children ?? []).map((c) => this.#field(c));
    const raw = {
      ...optional('bits', values.bitWidth),
      signed: isSigned(values),
      ...optional('precision', values.precision),
      ...optional('scale', values.scale),
      ...optional('unit', values.unit ?? values.mode),
      zone: values.timezone ?? null,
      ...optional('width', values.byteWidth ?? values.stride),
      ...optional('size', values.listSize ?? values.stride),
    };
    const storage = storageOf(values.typeId, raw, children, name, NAME, (what) => {
      throw new ParameterError(`Expected an Arrow table for fromArrow but received one with ${what} in "${name}".`, {
        parameter: 'table',
      });
    });
    return { name, nullable, storage, children, dictionary };
  }

  #column(field: ArrowField, array: LibraryArray): ArrowColumn {
    const { header, body } = this.#message(field, array);
    const decoded = decodeBatch(
      header,
      [field],
      () => true,
      body,
      (f) => this.#dictionary(f),
    );
    return decoded[0]!;
  }

  #dictionary(field: ArrowField): ArrowColumn {
    const given = this.#current.get(field);
    if (!given || given.data.length === 0) return emptyColumn(schemaOf([{ ...field, dictionary: null }])[0]!.type);
    let column = this.#decoded.get(given);
    if (!column) {
      const parts = given.data.map((array) => {
        const { header, body } = this.#message({ ...field, dictionary: null }, array);
        return decodeDictionary(header, field, body, (f) => this.#dictionary(f));
      });
      column = concatColumns(parts);
      this.#decoded.set(given, column);
    }
    return column;
  }

  /** An array and its children as the header and the buffers of a batch of one column. */
  #message(field: ArrowField, array: LibraryArray): { header: ArrowBatchHeader; body: BatchBody } {
    const nodes: ArrowNode[] = [];
    const buffers: Uint8Array[] = [];
    const viewBuffers: number[] = [];
    this.#flatten(field, array, { nodes, buffers, viewBuffers });
    const places: ArrowBuffer[] = buffers.map((b) => ({ offset: 0, length: b.length }));
    return {
      header: { length: array.length, nodes, buffers: places, compression: null, viewBuffers },
      body: {
        path: NAME,
        offset: 0,
        error: (what) => new ShapeError(`Expected a whole Arrow table for fromArrow but in the received one ${what}.`),
        buffer: (i) => buffers[i]!,
        room: (bytes) => new Uint8Array(bytes),
      },
    };
  }

  #flatten(
    field: ArrowField,
    array: LibraryArray,
    out: { nodes: ArrowNode[]; buffers: Uint8Array[]; viewBuffers: number[] },
  ): void {
    const { length, nullCount, type } = array;
    const id = type.typeId;
    out.nodes.push({ length, nullCount });
    if (id === NULL) return;
    const from = array.offset ?? 0;
    if (id !== RUN_ENDS) {
      const bits = nullCount === 0 ? undefined : (array.nullBitmap ?? array.validity);
      out.buffers.push(bits ? sliceBits(bits, from, length) : EMPTY);
    }
    const offsets = array.valueOffsets ?? array.offsets;
    switch (id) {
      case DICTIONARY:
        this.#current.set(field, array.dictionary);
        out.buffers.push(bytesOf(array.values));
        return;
      case BOOL:
        out.buffers.push(sliceBits(bytesOf(array.values), from, length));
        return;
      case BINARY:
      case UTF8:
      case LARGE_BINARY:
      case LARGE_UTF8:
        out.buffers.push(bytesOf(offsets), bytesOf(array.values));
        return;
      case BINARY_VIEW:
      case UTF8_VIEW: {
        const data = array.variadicBuffers ?? array.data ?? [];
        out.viewBuffers.push(data.length);
        out.buffers.push(bytesOf(array.values), ...data);
        return;
      }
      case LIST:
      case LARGE_LIST:
      case MAP:
        out.buffers.push(bytesOf(offsets));
        break;
      case LIST_VIEW:
      case LARGE_LIST_VIEW:
        out.buffers.push(bytesOf(offsets), bytesOf(array.sizes));
        break;
      case STRUCT:
      case FIXED_LIST:
      case RUN_ENDS:
        break;
      default:
        out.buffers.push(bytesOf(array.values));
        return;
    }
    field.children.forEach((child, i) => {
      this.#flatten(child, array.children![i]!, out);
    });
  }
}

const EMPTY = new Uint8Array(0);
const isSigned = (type: LibraryType): boolean => type.isSigned ?? type.signed ?? false;
const bytesOf = (a: ArrayBufferView | undefined): Uint8Array =>
  a === undefined ? EMPTY : new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
const optional = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: T };
