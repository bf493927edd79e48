// Columns on the host in Arrow's layout: what goes into and comes out of every backend.
import type { LogicalType, Schema } from '../schema/types.ts';

export type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/**
 * One column, Arrow-like. `validity`: bit set = value, null = no nulls. By dtype:
 *
 * - Bool: `values` is the bitmap (Uint8Array).
 * - integers, floats: `values` of their width. Date32: Int32Array days. Time, Datetime, Duration: BigInt64Array ticks.
 * - Decimal: `values` is a BigInt64Array, two words a value, low first (128-bit two's complement), whatever the precision.
 * - Utf8, Binary: `offsets` (length + 1) and `values` (bytes).
 * - Categorical, or dictionary-encoded Utf8: `values` is an Int32Array of codes and `dictionary` a Utf8 column.
 * - List: `offsets` and `children[0]`; FixedSizeList: `children[0]`; Struct: `children`, one per field. Null: nothing.
 */
export interface ArrowColumn {
  readonly type: LogicalType;
  readonly length: number;
  readonly validity: Uint8Array | null;
  readonly values?: NumberArray;
  readonly offsets?: Int32Array;
  readonly dictionary?: ArrowColumn;
  readonly children?: readonly ArrowColumn[];
}

/** Equal-length columns. */
export interface RecordBatch {
  readonly schema: Schema;
  readonly length: number;
  readonly columns: readonly ArrowColumn[];
}
