// Dictionary-encoded vectors made flat.
import { physicalOf, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import { crewOf, type Task } from '../worker/crew.ts';
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

/** The same for a whole column of a table: several threads share the rows. */
export function flattenWhole(ctx: ExecContext, v: Vector, alloc: Alloc): Vector {
  const { dict, type, length, validity } = v;
  if (!dict || physicalOf(type) !== 'view') return flatten(ctx, v, alloc);
  const data = alloc.alloc(length * 16);
  const tasks: Task[] = [];
  for (let row = 0; row < length; row += MORSEL_ROWS) {
    const n = Math.min(MORSEL_ROWS, length - row);
    const bits = validity === 0 ? 0 : validity + (row >>> 3);
    tasks.push(['core', 'spreadWords', v.data + row * 4, n, dict.data, bits, data + row * 16]);
  }
  crewOf(ctx).run(tasks);
  return { type, length, data, validity };
}
