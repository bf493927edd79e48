// Columns in the shared heap, described by plain JSON so that they cross threads as text. Addresses are byte offsets
// into the one WebAssembly.Memory; nobody keeps a typed-array view of them across a call that may grow the heap.
import type { LogicalType } from '../../schema/types.ts';

/** Rows per morsel: the unit of work of every pipeline. A multiple of 64, so bitmaps of morsels start on bytes. */
export const MORSEL_ROWS = 65536;

/**
 * A column (or a morsel of one), Arrow-like:
 *
 * - `data`: the values, laid out by `physicalOf(type)`: bitmap, fixed width, 16-byte views, or list offsets (i32,
 *   length + 1 of them, not starting at zero in a slice). With `dict`, u32 codes into it whatever the dtype.
 * - `validity`: bitmap, bit set = value present; 0 = no nulls. Least-significant bit first; starts on a byte.
 * - The value under a null is zero (an empty view, code 0, an empty list).
 * - Bits past `length` are unspecified; every buffer may be read up to the next multiple of 64 bytes plus 16.
 *
 * A view is `{ u32 lengthBytes, 12 bytes }`: up to 12 bytes the string itself, zero-padded; longer ones
 * `{ 8-byte prefix, u32 address of all bytes }`. Equal short strings are equal 16 bytes.
 */
export interface Vector {
  readonly type: LogicalType;
  readonly length: number;
  readonly data: number;
  readonly validity: number;
  /** Dictionary-encoded: `data` holds codes into this flat vector, which has no nulls and at least one slot. */
  readonly dict?: Vector;
  /** List: [items]; FixedSizeList: [items, starting at this slice]; Struct: one per field, same length. */
  readonly children?: readonly Vector[];
  /** Views of a finished result: blocks of the arena that hold their long strings, and that the result takes over. */
  readonly strings?: readonly number[];
}

/** Equal-length columns that flow through a pipeline. They live until the morsel's scratch is reset. */
export interface Batch {
  readonly length: number;
  readonly columns: readonly Vector[];
  /** Position of the morsel in its source, for sinks that must keep order. */
  readonly ordinal: number;
}

/** Longest string that lies in the view itself. */
export const VIEW_INLINE_BYTES = 12;
