// Vectors in the heap → host columns in Arrow's layout: copies of their own, or views of the heap where it has that
// layout already.
import { UnsupportedError } from '../../../errors.ts';
import { bytesFor, type LogicalType, type Physical, physicalOf, widthOf } from '../../../schema/types.ts';
import type { ArrowColumn, NumberArray } from '../../arrow.ts';
import type { Alloc } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import { slice } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import { encodeDictionary } from './dictionary.ts';

/** Arrow's offsets are 32-bit. */
const MOST_BYTES = 2 ** 31 - 1;

const FEW_WORDS = 64;

/** Where one column comes from and what becomes of it. */
interface Download {
  readonly ctx: ExecContext;
  readonly name: string;
  readonly copy: boolean;
  /** For what must be converted in the heap: a temporary when the result is copied out, the loan's own otherwise. */
  readonly alloc: Alloc;
}

/**
 * One vector as a host column. With `copy` the buffers are memory of their own. Without it they are views of the heap,
 * right until the vector is freed; what has another layout there (strings, narrow decimals) is written to `alloc`,
 * which the caller gives back after the loan.
 *
 * Offsets of lists may start above zero. `Categorical` always comes as codes and a dictionary.
 *
 * @throws {UnsupportedError} more than 2 GB of text in one column
 */
export function downloadVector(
  ctx: ExecContext,
  v: Vector,
  name: string,
  copy: boolean,
  alloc: Alloc = ctx.arena,
): ArrowColumn {
  if (!copy) return take({ ctx, name, copy, alloc }, v);
  const temporary: number[] = [];
  const own: Alloc = {
    alloc(bytes) {
      const address = ctx.arena.alloc(bytes);
      temporary.push(address);
      return address;
    },
  };
  try {
    return take({ ctx, name, copy, alloc: own }, v);
  } finally {
    for (const address of temporary) ctx.arena.free(address);
  }
}

function take(d: Download, v: Vector): ArrowColumn {
  const { type, length } = v;
  if (type.dtype === 'Null') return { type, length, validity: null };
  if (v.dict) {
    const text = type.dtype === 'Utf8' || type.dtype === 'Categorical';
    // A few rows do not bring all words of a large dictionary along.
    if (!text || v.dict.length > Math.max(length, FEW_WORDS)) return take(d, flatten(d.ctx, v, d.alloc));
    return {
      type,
      length,
      validity: bitmap(d, v.validity, length),
      values: array(d, Int32Array, v.data, length),
      dictionary: take(d, { ...v.dict, type: { dtype: 'Utf8' } }),
    };
  }
  if (type.dtype === 'Categorical') return take(d, encodeDictionary(d.ctx, v, d.alloc));
  const validity = bitmap(d, v.validity, length);
  const physical = physicalOf(type);
  switch (physical) {
    case 'bit':
      return { type, length, validity, values: array(d, Uint8Array, v.data, bytesFor('bit', length)) };
    case 'view':
      return { type, length, validity, ...strings(d, v) };
    case 'list':
      return { type, length, validity, ...list(d, v) };
    case 'fixedList':
    case 'struct':
      return { type, length, validity, children: (v.children ?? []).map((c) => take(d, c)) };
    default:
      return { type, length, validity, values: values(d, v, type, physical) };
  }
}

type ArrayMaker<T> = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  BYTES_PER_ELEMENT: number;
};

/** A typed array of `count` elements at `address`: a view, or a copy. */
function array<T>(d: Download, make: ArrayMaker<T>, address: number, count: number): T {
  const { u8 } = d.ctx.heap.refresh();
  if (!d.copy) return new make(u8.buffer, address, count);
  return new make(u8.slice(address, address + count * make.BYTES_PER_ELEMENT).buffer, 0, count);
}

const bitmap = (d: Download, address: number, length: number): Uint8Array | null =>
  address === 0 ? null : array(d, Uint8Array, address, bytesFor('bit', length));

const ARRAYS: Partial<Record<Physical, ArrayMaker<NumberArray>>> = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

function values(d: Download, v: Vector, type: LogicalType, physical: Physical): NumberArray {
  if (type.dtype !== 'Decimal') return array(d, ARRAYS[physical]!, v.data, v.length);
  const wide = physical === 'i128' ? v.data : d.alloc.alloc(v.length * widthOf('i128'));
  if (physical !== 'i128') d.ctx.kernels.get('arrow').widenDecimals(v.data, v.length, wide);
  return array(d, BigInt64Array, wide, v.length * 2);
}

/** Offsets and bytes. Copies go through the heap a morsel at a time, so a long column needs no second one there. */
function strings(d: Download, v: Vector): { offsets: Int32Array; values: Uint8Array } {
  const kernels = d.ctx.kernels.get('strings');
  const total = kernels.viewBytes(v.data, v.length);
  if (total > MOST_BYTES)
    throw new UnsupportedError(
      `Column "${d.name}" holds ${total} bytes of text, more than the ${MOST_BYTES} of one Arrow column. Take it in parts with batches().`,
      { column: d.name },
    );
  if (!d.copy) {
    const offsets = d.alloc.alloc((v.length + 1) * 4);
    const bytes = d.alloc.alloc(total);
    kernels.offsetsFromViews(v.data, v.length, 0, offsets);
    kernels.bytesFromViews(v.data, v.length, bytes);
    return { offsets: array(d, Int32Array, offsets, v.length + 1), values: array(d, Uint8Array, bytes, total) };
  }
  const result = { offsets: new Int32Array(v.length + 1), values: new Uint8Array(total) };
  const offsets = d.alloc.alloc((Math.min(v.length, MORSEL_ROWS) + 1) * 4);
  let room = 0;
  let bytes = 0;
  let at = 0;
  for (let row = 0; row < v.length; row += MORSEL_ROWS) {
    const n = Math.min(MORSEL_ROWS, v.length - row);
    const views = v.data + row * 16;
    const end = kernels.offsetsFromViews(views, n, at, offsets);
    if (end - at > room) {
      room = (end - at) * 2;
      bytes = d.alloc.alloc(room);
    }
    kernels.bytesFromViews(views, n, bytes);
    const { u8, i32 } = d.ctx.heap.refresh();
    result.offsets.set(i32.subarray(offsets >>> 2, (offsets >>> 2) + n + 1), row);
    result.values.set(u8.subarray(bytes, bytes + end - at), at);
    at = end;
  }
  return result;
}

function list(d: Download, v: Vector): { offsets: Int32Array; children: ArrowColumn[] } {
  const items = v.children![0]!;
  const offsets = array(d, Int32Array, v.data, v.length + 1);
  if (!d.copy || v.length === 0) return { offsets, children: [take(d, items)] };
  // A slice of a table must not copy the items of all of it; bitmaps start on bytes, so offsets start at 0 to 7.
  const first = offsets[0]! & ~7;
  const last = offsets[v.length]!;
  if (first > 0) for (let i = 0; i <= v.length; i++) offsets[i]! -= first;
  return { offsets, children: [take(d, slice(items, first, last - first))] };
}
