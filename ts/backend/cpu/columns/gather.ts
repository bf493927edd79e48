// Rows of a vector in another order: the end of filter, sort and join.
import { bytesFor, physicalOf, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { Alloc } from './alloc.ts';

/** Rows `u32[sel …]`, n of them. String bytes are shared. */
export function gather(ctx: ExecContext, v: Vector, sel: number, n: number, alloc: Alloc): Vector {
  return gatherRows(ctx, v, sel, n, alloc, false);
}

/** Same, where 0xFFFFFFFF makes a null. */
export function gatherOrNull(ctx: ExecContext, v: Vector, sel: number, n: number, alloc: Alloc): Vector {
  return gatherRows(ctx, v, sel, n, alloc, true);
}

function gatherRows(ctx: ExecContext, v: Vector, sel: number, n: number, alloc: Alloc, orNull: boolean): Vector {
  const core = ctx.kernels.get('core');
  const type = v.type;
  if (type.dtype === 'Null') return { ...v, length: n };
  let validity = 0;
  if (orNull) {
    validity = alloc.alloc(bytesFor('bit', n));
    if (core.gatherValidityOrNull(v.validity, sel, n, validity) === 0) validity = 0;
  } else if (v.validity !== 0) {
    validity = alloc.alloc(bytesFor('bit', n));
    core.gatherBits(v.validity, sel, n, validity);
  }
  const physical = v.dict ? 'u32' : physicalOf(type);
  switch (physical) {
    case 'bit': {
      const data = alloc.alloc(bytesFor('bit', n));
      if (orNull) core.gatherBitsOrNull(v.data, sel, n, data);
      else core.gatherBits(v.data, sel, n, data);
      return { ...v, length: n, data, validity };
    }
    case 'list': {
      const child = v.children![0]!;
      const data = alloc.alloc((n + 1) * 4);
      const total = core.gatherLists(v.data, sel, n, data, 0);
      const items = alloc.alloc(total * 4);
      core.gatherLists(v.data, sel, n, data, items);
      return { ...v, length: n, data, validity, children: [gather(ctx, child, items, total, alloc)] };
    }
    case 'fixedList': {
      const size = type.dtype === 'FixedSizeList' ? type.length : 0;
      const items = alloc.alloc(n * size * 4);
      core.gatherFixedLists(sel, n, size, items);
      return {
        ...v,
        length: n,
        validity,
        children: [gatherRows(ctx, v.children![0]!, items, n * size, alloc, orNull)],
      };
    }
    case 'struct':
      return {
        ...v,
        length: n,
        validity,
        children: (v.children ?? []).map((c) => gatherRows(ctx, c, sel, n, alloc, orNull)),
      };
    default: {
      const width = widthOf(physical) as 1 | 2 | 4 | 8 | 16;
      const data = alloc.alloc(n * width);
      if (orNull) core[`gather${width}OrNull`](v.data, sel, n, data);
      else core[`gather${width}`](v.data, sel, n, data);
      return { ...v, length: n, data, validity };
    }
  }
}
