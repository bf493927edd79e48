// What the window kernels share.
import type { CallNode } from '../../../../expr/nodes.ts';
import { bytesFor, physicalOf, typeText } from '../../../../schema/types.ts';
import type { ExecContext } from '../../context.ts';
import { NUMBER_KINDS } from '../../kernel-kinds.ts';
import type { Vector } from '../../vector.ts';
import type { Partitions } from '../contracts.ts';
import { overflowError } from '../operands.ts';

/** The kind of a vector's values, if the kernels compare them as they are. */
export const kindOf = (v: Vector): number | undefined => NUMBER_KINDS[physicalOf(v.type)];

/** A copy of a bitmap, so that the result outlives its argument; 0 for none. */
export function copyValidity(ctx: ExecContext, v: Vector): number {
  if (v.validity === 0) return 0;
  const bytes = bytesFor('bit', v.length);
  const out = ctx.arena.alloc(bytes);
  ctx.heap.refresh().u8.copyWithin(out, v.validity, v.validity + bytes);
  return out;
}

/** A bitmap of ones, for kernels that take the bits of nulls away. */
export function allValid(ctx: ExecContext, length: number): number {
  const bits = ctx.arena.alloc(bytesFor('bit', length));
  ctx.kernels.get('core').appendOnes(length, bits, 0);
  return bits;
}

/** The bitmap, or 0 if it has no null. */
export function withoutFullBitmap(ctx: ExecContext, bits: number, length: number): number {
  if (ctx.kernels.get('core').popcountBits(bits, length) < length) return bits;
  ctx.arena.free(bits);
  return 0;
}

/** Throws for a row whose value does not fit; −1 is none. */
export function checkOverflow(ctx: ExecContext, call: CallNode, partitions: Partitions, row: number): void {
  if (row < 0) return;
  const rows = partitions.rows ?? 0;
  const inputRow = rows === 0 ? row : ctx.heap.refresh().u32[(rows >>> 2) + row]!;
  throw overflowError(call, call.type, inputRow, typeText(call.type));
}

/** Rows of the longest partition. */
export function longestPartition(ctx: ExecContext, { count, starts, length }: Partitions): number {
  if (count === 1) return length;
  const u32 = ctx.heap.refresh().u32;
  const at = starts >>> 2;
  let longest = 0;
  for (let p = 0; p < count; p++) longest = Math.max(longest, u32[at + p + 1]! - u32[at + p]!);
  return longest;
}
