// Fixed-width values as 64-bit words, one for all that are equal.
import { type Physical, physicalOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';

const KINDS: readonly Physical[] = ['bit', 'i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64', 'f32', 'f64'];

/** The words of a flat vector: its own buffer where that holds them. */
export function wordsOf(ctx: ExecContext, v: Vector): Vector {
  const physical = physicalOf(v.type);
  if (physical === 'i64' || physical === 'u64') return v;
  const data = ctx.scratch.alloc(v.length * 8);
  ctx.kernels.get('values').toWords(v.data, KINDS.indexOf(physical), v.length, data);
  ctx.heap.refresh();
  return { type: { dtype: 'UInt64' }, length: v.length, data, validity: v.validity };
}
