// What a device's engine hands back: one buffer and the places of the columns' parts in it.
import type { LogicalType, Schema } from '../../schema/types.ts';
import { physicalOf } from '../../schema/types.ts';
import type { ArrowColumn, NumberArray, RecordBatch } from '../arrow.ts';

/** Rows in one block of host memory: native/engine/engine.h has the layout. */
export interface Slab {
  readonly buffer: ArrayBuffer;
  readonly layout: string;
  readonly rows: number;
}

type Place = readonly [offset: number, bytes: number];
interface Layout {
  readonly length: number;
  readonly validity: Place | null;
  readonly values?: Place;
  readonly offsets?: Place;
  readonly children?: readonly Layout[];
  readonly dictionary?: Layout;
}

/** The columns of a slab, without a copy. */
export function slabBatch(slab: Slab, schema: Schema): RecordBatch {
  const layouts = JSON.parse(slab.layout) as readonly Layout[];
  return { schema, length: slab.rows, columns: schema.map((f, i) => columnAt(slab.buffer, f.type, layouts[i]!)) };
}

const bytesAt = (buffer: ArrayBuffer, [offset, bytes]: Place): Uint8Array => new Uint8Array(buffer, offset, bytes);
const codesAt = (buffer: ArrayBuffer, [offset, bytes]: Place): Int32Array => new Int32Array(buffer, offset, bytes / 4);

function columnAt(buffer: ArrayBuffer, type: LogicalType, layout: Layout): ArrowColumn {
  const { length, validity, values, offsets, children, dictionary } = layout;
  return {
    type,
    length,
    validity: validity === null ? null : bytesAt(buffer, validity),
    ...(values ? { values: dictionary ? codesAt(buffer, values) : valuesAt(buffer, type, values) } : {}),
    ...(offsets ? { offsets: codesAt(buffer, offsets) } : {}),
    ...(children ? { children: children.map((c, i) => columnAt(buffer, childType(type, i), c)) } : {}),
    ...(dictionary ? { dictionary: columnAt(buffer, { dtype: 'Utf8' }, dictionary) } : {}),
  };
}

function childType(type: LogicalType, i: number): LogicalType {
  return type.dtype === 'Struct' ? type.fields[i]!.type : (type as Extract<LogicalType, { inner: unknown }>).inner.type;
}

type ArrayClass = new (buffer: ArrayBuffer, offset: number, length: number) => NumberArray;
const ARRAYS: Partial<Record<ReturnType<typeof physicalOf>, ArrayClass & { readonly BYTES_PER_ELEMENT: number }>> = {
  bit: Uint8Array,
  view: Uint8Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  i128: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

function valuesAt(buffer: ArrayBuffer, type: LogicalType, [offset, bytes]: Place): NumberArray {
  // Decimals are two words each, whatever their precision.
  const array = ARRAYS[physicalOf(type)]!;
  return new array(buffer, offset, bytes / array.BYTES_PER_ELEMENT);
}
