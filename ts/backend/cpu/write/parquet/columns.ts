// A frame's columns as Parquet's: the flat list of schema elements, and for each leaf how its values are stored.
import { SchemaMismatchError, UnsupportedError } from '../../../../errors.ts';
import type { Field, LogicalType, Schema, TimeUnit } from '../../../../schema/types.ts';
import { PARQUET_TYPES, type ParquetType } from '../../../../source/parquet-footer.ts';
import type { ThriftWriter } from '../../../../source/thrift-writer.ts';

/** How values become stored ones. `be`: big-endian bytes of a decimal. */
export type Store = 'bits' | 'copy4' | 'copy8' | 'widen' | 'narrow' | 'be' | 'strings' | 'nothing';

/** How values are compared for bounds; `none`: they are not. */
export type BoundsKind = 'bits' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64' | 'i128' | 'text' | 'bytes' | 'none';

interface LeafStorage {
  readonly physical: ParquetType;
  readonly store: Store;
  /** Bytes of a stored value; 0 for bits, and for strings, which differ. */
  readonly width: number;
  readonly bounds: BoundsKind;
  readonly converted?: number;
  readonly decimal?: { readonly precision: number; readonly scale: number };
  readonly logical?: (w: ThriftWriter) => void;
}

export interface WriteLeaf extends LeafStorage {
  readonly kind: 'leaf';
  readonly type: LogicalType;
  readonly nullable: boolean;
  /** Names from the root, those within lists included. */
  readonly path: readonly string[];
  readonly index: number;
  readonly maxDef: number;
  readonly maxRep: number;
}
export interface WriteList {
  readonly kind: 'list' | 'fixedList';
  readonly nullable: boolean;
  readonly path: readonly string[];
  /** Items of a fixed-size list. */
  readonly size: number;
  /** Repetition level of an item that is not its list's first. */
  readonly rep: number;
  readonly item: WriteNode;
}
export interface WriteStruct {
  readonly kind: 'struct';
  readonly nullable: boolean;
  readonly path: readonly string[];
  readonly fields: readonly WriteNode[];
}
export type WriteNode = WriteLeaf | WriteList | WriteStruct;

/** One element of the schema, as the footer lists them. */
interface Element {
  readonly name: string;
  readonly repetition: 'required' | 'optional' | 'repeated' | null;
  readonly children: number;
  readonly converted?: number;
  readonly logical?: (w: ThriftWriter) => void;
  readonly leaf?: LeafStorage;
}

export interface WriteColumns {
  /** One per column of the frame. */
  readonly nodes: readonly WriteNode[];
  readonly leaves: readonly WriteLeaf[];
  /** Writes the footer's list of schema elements as field `id`. */
  writeElements(w: ThriftWriter, id: number): void;
}

const CONVERTED = { utf8: 0, list: 3, decimal: 5, date: 6, timeMicros: 8, timestampMillis: 9, uint8: 11, int8: 15 };
/** Members of the union of logical types, by their number. */
const LOGICAL = { string: 1, list: 3, decimal: 5, date: 6, time: 7, timestamp: 8, integer: 10, unknown: 11 };
const UNIT_NUMBER: Record<TimeUnit, number> = { ms: 1, us: 2, ns: 3 };

const empty =
  (kind: number) =>
  (w: ThriftWriter): void =>
    w.struct(kind);

const timeOf =
  (kind: number, unit: TimeUnit, utc: boolean) =>
  (w: ThriftWriter): void =>
    w.struct(kind, () => {
      w.bool(1, utc);
      w.struct(2, () => w.struct(UNIT_NUMBER[unit]));
    });

/** Plans the columns of a file. */
export function writeColumns(schema: Schema): WriteColumns {
  const elements: Element[] = [{ name: 'schema', repetition: null, children: schema.length }];
  const leaves: WriteLeaf[] = [];

  const add = (field: Field, path: readonly string[], parentDef: number, rep: number): WriteNode => {
    const { name, type } = field;
    const nullable = field.nullable || type.dtype === 'Null';
    const here = [...path, name];
    const def = parentDef + (nullable ? 1 : 0);
    const repetition = nullable ? 'optional' : 'required';
    switch (type.dtype) {
      case 'List':
      case 'FixedSizeList': {
        elements.push({ name, repetition, children: 1, converted: CONVERTED.list, logical: empty(LOGICAL.list) });
        elements.push({ name: 'list', repetition: 'repeated', children: 1 });
        const item = add({ ...type.inner, name: 'element' }, [...here, 'list'], def + 1, rep + 1);
        const size = type.dtype === 'FixedSizeList' ? type.length : 0;
        return { kind: type.dtype === 'List' ? 'list' : 'fixedList', nullable, path: here, size, rep: rep + 1, item };
      }
      case 'Struct': {
        if (type.fields.length === 0)
          throw new UnsupportedError(
            `Column "${here.join('.')}" is a Struct without fields, which Parquet cannot hold. Drop it before writing.`,
            { column: here.join('.') },
          );
        elements.push({ name, repetition, children: type.fields.length });
        return { kind: 'struct', nullable, path: here, fields: type.fields.map((f) => add(f, here, def, rep)) };
      }
      default: {
        const storage = storageOf(type);
        const leaf: WriteLeaf = {
          ...storage,
          kind: 'leaf',
          type,
          nullable,
          path: here,
          index: leaves.length,
          maxDef: def,
          maxRep: rep,
        };
        elements.push({ name, repetition, children: 0, leaf: storage });
        leaves.push(leaf);
        return leaf;
      }
    }
  };
  const nodes = schema.map((f) => add(f, [], 0, 0));
  return { nodes, leaves, writeElements: (w, id) => w.structs(id, elements, (e) => writeElement(w, e)) };
}

const REPETITION = { required: 0, optional: 1, repeated: 2 } as const;

function writeElement(w: ThriftWriter, e: Element): void {
  const { leaf } = e;
  if (leaf) {
    w.i32(1, PARQUET_TYPES.indexOf(leaf.physical));
    if (leaf.physical === 'FIXED_LEN_BYTE_ARRAY') w.i32(2, leaf.width);
  }
  if (e.repetition !== null) w.i32(3, REPETITION[e.repetition]);
  w.text(4, e.name);
  if (!leaf) w.i32(5, e.children);
  const converted = leaf ? leaf.converted : e.converted;
  if (converted !== undefined) w.i32(6, converted);
  if (leaf?.decimal) {
    w.i32(7, leaf.decimal.scale);
    w.i32(8, leaf.decimal.precision);
  }
  const logical = leaf ? leaf.logical : e.logical;
  if (logical) w.struct(10, () => logical(w));
}

/**
 * How a flat dtype is stored. Converted types stand beside the logical ones where they mean the same: not for times
 * without a zone and not for nanoseconds. A duration is an integer; only the Arrow schema says that it is one.
 */
function storageOf(type: LogicalType): LeafStorage {
  switch (type.dtype) {
    case 'Bool':
      return { physical: 'BOOLEAN', store: 'bits', width: 0, bounds: 'bits' };
    case 'Int8':
    case 'Int16':
      return integer(Number(type.dtype.slice(3)), true, 'widen');
    case 'UInt8':
    case 'UInt16':
      return integer(Number(type.dtype.slice(4)), false, 'widen');
    case 'UInt32':
      return { ...integer(32, false, 'copy4'), bounds: 'u32' };
    case 'UInt64':
      return { ...integer(64, false, 'copy8'), physical: 'INT64', width: 8, bounds: 'u64' };
    case 'Int32':
      return { physical: 'INT32', store: 'copy4', width: 4, bounds: 'i32' };
    case 'Int64':
    case 'Duration':
      return { physical: 'INT64', store: 'copy8', width: 8, bounds: 'i64' };
    case 'Float32':
      return { physical: 'FLOAT', store: 'copy4', width: 4, bounds: 'f32' };
    case 'Float64':
      return { physical: 'DOUBLE', store: 'copy8', width: 8, bounds: 'f64' };
    case 'Utf8':
    case 'Categorical':
      return {
        physical: 'BYTE_ARRAY',
        store: 'strings',
        width: 0,
        bounds: 'text',
        converted: CONVERTED.utf8,
        logical: empty(LOGICAL.string),
      };
    case 'Binary':
      return { physical: 'BYTE_ARRAY', store: 'strings', width: 0, bounds: 'bytes' };
    case 'Date32':
      return {
        physical: 'INT32',
        store: 'copy4',
        width: 4,
        bounds: 'i32',
        converted: CONVERTED.date,
        logical: empty(LOGICAL.date),
      };
    case 'Time':
      return {
        physical: 'INT64',
        store: 'copy8',
        width: 8,
        bounds: 'i64',
        logical: timeOf(LOGICAL.time, 'ns', false),
      };
    case 'Datetime': {
      const utc = type.zone !== null;
      return {
        physical: 'INT64',
        store: 'copy8',
        width: 8,
        bounds: 'i64',
        ...(utc && type.unit !== 'ns' ? { converted: CONVERTED.timestampMillis + (type.unit === 'us' ? 1 : 0) } : {}),
        logical: timeOf(LOGICAL.timestamp, type.unit, utc),
      };
    }
    case 'Decimal':
      return decimal(type.precision, type.scale);
    case 'Null':
      return { physical: 'INT32', store: 'nothing', width: 4, bounds: 'none', logical: empty(LOGICAL.unknown) };
    default:
      throw new Error(`${type.dtype} is not a flat dtype`);
  }
}

function integer(bits: number, signed: boolean, store: Store): LeafStorage {
  return {
    physical: 'INT32',
    store,
    width: 4,
    bounds: 'i32',
    converted: (signed ? CONVERTED.int8 : CONVERTED.uint8) + Math.log2(bits / 8),
    logical: (w) =>
      w.struct(LOGICAL.integer, () => {
        w.i8(1, bits);
        w.bool(2, signed);
      }),
  };
}

function decimal(precision: number, scale: number): LeafStorage {
  const common = {
    converted: CONVERTED.decimal,
    decimal: { precision, scale },
    logical: (w: ThriftWriter) =>
      w.struct(LOGICAL.decimal, () => {
        w.i32(1, scale);
        w.i32(2, precision);
      }),
  };
  if (precision <= 9) return { ...common, physical: 'INT32', store: 'narrow', width: 4, bounds: 'i32' };
  if (precision <= 18) return { ...common, physical: 'INT64', store: 'copy8', width: 8, bounds: 'i64' };
  const width = Math.ceil((precision * Math.log2(10) + 1) / 8);
  return { ...common, physical: 'FIXED_LEN_BYTE_ARRAY', store: 'be', width, bounds: 'i128' };
}

/** What is wrong with a null in a column that has none by its schema. */
export function unexpectedNull(path: readonly string[]): SchemaMismatchError {
  const column = path.join('.');
  return new SchemaMismatchError(
    `Column "${column}" is declared without nulls, but has one. Declare it nullable, or fill the nulls before writing.`,
    { column },
  );
}
