// New vectors.
import { bytesFor, type LogicalType, physicalOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';

/** Where a vector's buffers come from: an Arena or a Scratch. */
export interface Alloc {
  alloc(bytes: number): number;
}

/** A vector of a flat (not nested) dtype with undefined contents. */
export function allocVector(
  _ctx: ExecContext,
  type: LogicalType,
  length: number,
  alloc: Alloc,
  withValidity: boolean,
): Vector {
  const physical = physicalOf(type);
  return {
    type,
    length,
    data: physical === 'null' ? 0 : alloc.alloc(bytesFor(physical, length)),
    validity: withValidity ? alloc.alloc(bytesFor('bit', length)) : 0,
  };
}

/** A block of `bytes` zeroes. */
export function allocZeroed(ctx: ExecContext, bytes: number, alloc: Alloc): number {
  const address = alloc.alloc(bytes);
  ctx.heap.refresh().u8.fill(0, address, address + bytes);
  return address;
}

/** A vector of nulls, of any dtype. */
export function nullVector(ctx: ExecContext, type: LogicalType, length: number, alloc: Alloc): Vector {
  const physical = physicalOf(type);
  const validity = physical === 'null' ? 0 : allocZeroed(ctx, bytesFor('bit', length), alloc);
  const data = allocZeroed(ctx, bytesFor(physical, length), alloc);
  switch (type.dtype) {
    case 'List':
      return { type, length, data, validity, children: [nullVector(ctx, type.inner.type, 0, alloc)] };
    case 'FixedSizeList':
      return {
        type,
        length,
        data: 0,
        validity,
        children: [nullVector(ctx, type.inner.type, length * type.length, alloc)],
      };
    case 'Struct':
      return {
        type,
        length,
        data: 0,
        validity,
        children: type.fields.map((f) => nullVector(ctx, f.type, length, alloc)),
      };
    default:
      return { type, length, data, validity };
  }
}

/** Rows without a value. */
export function nullCount(ctx: ExecContext, v: Vector): number {
  if (v.type.dtype === 'Null') return v.length;
  return v.validity === 0 ? 0 : v.length - ctx.kernels.get('core').popcountBits(v.validity, v.length);
}
