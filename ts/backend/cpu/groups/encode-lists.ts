// Nested values as bytes that are equal where the values are: −0 as 0, one NaN, nulls marked.
import { physicalOf, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Heap } from '../memory/heap.ts';
import { type Vector, VIEW_INLINE_BYTES } from '../vector.ts';

/** One Binary view per row, in scratch; null rows stay null. */
export function encodeLists(ctx: ExecContext, v: Vector, length: number): Vector {
  const writer = new Writer(ctx.heap.refresh());
  const ends = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    if (isValid(ctx.heap, v, i)) writer.payload(v, i);
    ends[i] = writer.length;
  }
  const bytes = ctx.scratch.alloc(writer.length);
  const data = ctx.scratch.alloc(length * 16);
  const { u8, u32 } = ctx.heap.refresh();
  u8.set(writer.bytes.subarray(0, writer.length), bytes);
  u8.fill(0, data, data + length * 16);
  for (let i = 0, from = 0; i < length; i++) {
    const size = ends[i]! - from;
    const view = data + i * 16;
    u32[view >>> 2] = size;
    const inView = size <= VIEW_INLINE_BYTES ? size : 8;
    u8.copyWithin(view + 4, bytes + from, bytes + from + inView);
    if (size > VIEW_INLINE_BYTES) u32[(view + 12) >>> 2] = bytes + from;
    from = ends[i]!;
  }
  return { type: { dtype: 'Binary' }, length, data, validity: v.validity };
}

const isValid = (heap: Heap, v: Vector, i: number): boolean =>
  v.type.dtype !== 'Null' && (v.validity === 0 || ((heap.u8[v.validity + (i >>> 3)]! >> (i & 7)) & 1) === 1);

/** Appends values to a growing array of bytes. */
class Writer {
  bytes = new Uint8Array(4096);
  length = 0;
  readonly #heap: Heap;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  #room(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.bytes.length) {
      const next = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      next.set(this.bytes.subarray(0, at));
      this.bytes = next;
    }
    return at;
  }

  #copy(from: number, size: number): void {
    const at = this.#room(size);
    this.bytes.set(this.#heap.u8.subarray(from, from + size), at);
  }

  #word(n: number): void {
    const at = this.#room(4);
    new DataView(this.bytes.buffer).setUint32(at, n, true);
  }

  /** A mark for null or not, then the value. */
  #item(v: Vector, i: number): void {
    const valid = isValid(this.#heap, v, i);
    this.bytes[this.#room(1)] = valid ? 1 : 0;
    if (valid) this.payload(v, i);
  }

  /** A value that is not null. */
  payload(v: Vector, i: number): void {
    const { u8, u32, i32, f32, f64 } = this.#heap;
    if (v.dict) {
      this.payload(v.dict, u32[(v.data >>> 2) + i]!);
      return;
    }
    const physical = physicalOf(v.type);
    switch (physical) {
      case 'bit':
        this.bytes[this.#room(1)] = (u8[v.data + (i >>> 3)]! >> (i & 7)) & 1;
        break;
      case 'f32':
      case 'f64': {
        const x = physical === 'f32' ? f32[(v.data >>> 2) + i]! : f64[(v.data >>> 3) + i]!;
        const at = this.#room(8);
        new DataView(this.bytes.buffer).setFloat64(at, x === 0 ? 0 : Number.isNaN(x) ? Number.NaN : x, true);
        break;
      }
      case 'view': {
        const view = v.data + i * 16;
        const size = u32[view >>> 2]!;
        this.#word(size);
        this.#copy(size <= VIEW_INLINE_BYTES ? view + 4 : u32[(view + 12) >>> 2]!, size);
        break;
      }
      case 'list': {
        const from = i32[(v.data >>> 2) + i]!;
        const to = i32[(v.data >>> 2) + i + 1]!;
        this.#word(to - from);
        for (let k = from; k < to; k++) this.#item(v.children![0]!, k);
        break;
      }
      case 'fixedList': {
        const size = v.type.dtype === 'FixedSizeList' ? v.type.length : 0;
        for (let k = 0; k < size; k++) this.#item(v.children![0]!, i * size + k);
        break;
      }
      case 'struct':
        for (const child of v.children!) this.#item(child, i);
        break;
      case 'null':
        break;
      default:
        this.#copy(v.data + i * widthOf(physical), widthOf(physical));
    }
  }
}
