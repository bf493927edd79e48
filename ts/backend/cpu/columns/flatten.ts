// Dictionary-encoded vectors made flat.
import { physicalOf, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { Alloc } from './alloc.ts';
import { gather } from './gather.ts';

/** The same values without a dictionary; a flat vector itself. Nested children are not touched. */
export function flatten(ctx: ExecContext, v: Vector, alloc: Alloc): Vector {
  if (!v.dict) return v;
  const values = gather(ctx, v.dict, v.data, v.length, alloc);
  // Code 0 stands under nulls; its value must be zero again.
  if (v.validity !== 0) {
    const core = ctx.kernels.get('core');
    const width = widthOf(physicalOf(v.type));
    if (width === 0) core.andBits(values.data, v.validity, v.length, values.data);
    else core.zeroNulls(values.data, v.validity, v.length, width);
  }
  return { type: v.type, length: v.length, data: values.data, validity: v.validity };
}
