// One value repeated.
import type { LiteralValue } from '../../../expr/nodes.ts';
import { bytesFor, type LogicalType, physicalOf, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { type Vector, VIEW_INLINE_BYTES } from '../vector.ts';
import { type Alloc, nullVector } from './alloc.ts';

const encoder = new TextEncoder();

/** `length` rows of a literal (in the form of LitNode.value), flat dtypes only. */
export function constantVector(
  ctx: ExecContext,
  type: LogicalType,
  value: LiteralValue,
  length: number,
  alloc: Alloc,
): Vector {
  if (value === null) return nullVector(ctx, type, length, alloc);
  const physical = physicalOf(type);
  const data = alloc.alloc(Math.max(bytesFor(physical, length), 16));
  const vector = { type, length, data, validity: 0 };
  if (physical === 'bit') {
    ctx.heap.refresh().u8.fill(value ? 255 : 0, data, data + bytesFor('bit', length));
    return vector;
  }
  const width = widthOf(physical);
  writeFirst(ctx, physical, data, value, alloc);
  // Doubling copies: the first value, then two, then four.
  const u8 = ctx.heap.refresh().u8;
  const total = width * length;
  for (let done = width; done < total; done *= 2) u8.copyWithin(data + done, data, data + Math.min(done, total - done));
  return vector;
}

function writeFirst(ctx: ExecContext, physical: string, at: number, value: LiteralValue, alloc: Alloc): void {
  if (physical === 'view') {
    const bytes = typeof value === 'string' ? encoder.encode(value) : (value as Uint8Array);
    const to = bytes.length > VIEW_INLINE_BYTES ? alloc.alloc(bytes.length) : at + 4;
    const heap = ctx.heap.refresh();
    heap.u8.fill(0, at, at + 16);
    heap.view.setUint32(at, bytes.length, true);
    heap.u8.set(bytes, to);
    if (bytes.length > VIEW_INLINE_BYTES) {
      heap.u8.set(bytes.subarray(0, 8), at + 4);
      heap.view.setUint32(at + 12, to, true);
    }
    return;
  }
  const view = ctx.heap.refresh().view;
  switch (physical) {
    case 'i8':
    case 'u8':
      view.setInt8(at, Number(value));
      break;
    case 'i16':
    case 'u16':
      view.setInt16(at, Number(value), true);
      break;
    case 'i32':
    case 'u32':
      view.setInt32(at, Number(value), true);
      break;
    case 'f32':
      view.setFloat32(at, Number(value), true);
      break;
    case 'f64':
      view.setFloat64(at, Number(value), true);
      break;
    case 'i64':
    case 'u64':
      view.setBigUint64(at, BigInt.asUintN(64, BigInt(value as bigint | number)), true);
      break;
    case 'i128':
      view.setBigUint64(at, BigInt.asUintN(64, BigInt(value as bigint)), true);
      view.setBigUint64(at + 8, BigInt.asUintN(64, BigInt(value as bigint) >> 64n), true);
      break;
    default:
      throw new Error(`A constant of layout ${physical} is not possible`);
  }
}
