// Hashes of key columns, equal where the keys are: −0 as 0, one NaN, nulls marked; of strings, lists and structs too.
import { physicalOf } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { encodeLists } from '../groups/encode-lists.ts';
import { NUMBER_KINDS } from '../kernel-kinds.ts';
import type { Vector } from '../vector.ts';

/**
 * The address, in scratch, of u64 hashes of `n` rows. With `spread`, a number of the batch that is not 0, nulls hash each
 * for itself: where they match nothing they need not lie together.
 */
export function rowHashes(ctx: ExecContext, keys: readonly Vector[], n: number, spread = 0): number {
  const hashes = allocZeroed(ctx, n * 8, ctx.scratch);
  for (const key of keys) mixInto(ctx, key, n, spread, hashes);
  return hashes;
}

function mixInto(ctx: ExecContext, key: Vector, n: number, spread: number, hashes: number): void {
  const kernels = ctx.kernels.get('spill');
  const v = flatten(ctx, key, ctx.scratch);
  const physical = physicalOf(v.type);
  switch (physical) {
    case 'null':
      return;
    case 'view':
      kernels.mixViews(v.data, v.validity, n, spread, hashes);
      return;
    case 'i128':
      kernels.mixPairs(v.data, v.validity, n, spread, hashes);
      return;
    case 'list':
    case 'fixedList': {
      const bytes = encodeLists(ctx, v, n);
      kernels.mixViews(bytes.data, bytes.validity, n, spread, hashes);
      return;
    }
    case 'struct':
      for (const child of v.children ?? []) mixInto(ctx, child, n, spread, hashes);
      return;
    default: {
      const words = ctx.scratch.alloc(n * 8);
      ctx.kernels.get('join').packWords(NUMBER_KINDS[physical]!, v.data, n, words, 8, 64, -1);
      kernels.mixWords(words, v.validity, n, spread, hashes);
    }
  }
}
