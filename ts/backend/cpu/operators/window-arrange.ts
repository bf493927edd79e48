// Rows arranged for windows: by partition, and within one in window order.
import { allocZeroed } from '../columns/alloc.ts';
import { gather } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import type { Partitions } from '../functions/contracts.ts';
import type { Vector } from '../vector.ts';
import { argsort } from './sort-keys.ts';
import type { SortKey } from './sort-parts.ts';

/** How the rows of an input are arranged. Addresses are in the arena. */
export interface Arrangement {
  readonly partitions: Partitions;
  /** u32 group of each input row; 0 = one partition. */
  readonly gids: number;
  /** u32 input row at each place; 0 = the input's order. */
  readonly rows: number;
  /** u32 place of each input row; 0 = the input's order. */
  readonly positions: number;
}

/** Arranges `length` rows; `gids` names the partition of each (0: all in one), `order` sorts within a partition. */
export function arrange(
  ctx: ExecContext,
  length: number,
  gids: number,
  groups: number,
  order: readonly SortKey[],
): Arrangement {
  const kernels = ctx.kernels.get('window');
  const count = gids === 0 ? (length === 0 ? 0 : 1) : groups;
  const starts = allocZeroed(ctx, (count + 1) * 4, ctx.arena);
  let inOrder = true;
  if (gids === 0) ctx.heap.refresh().u32[(starts >>> 2) + count] = length;
  else inOrder = kernels.countGroups(gids, length, count, starts) === 1;
  let rows = 0;
  if (order.length > 0) {
    const group = { type: { dtype: 'UInt32' }, length, data: gids, validity: 0 } as const;
    const keys = gids === 0 ? order : [{ vector: group, descending: false, nullsFirst: false }, ...order];
    rows = argsort(ctx, keys, length);
    if (kernels.inOrder(rows, length) === 1) {
      ctx.arena.free(rows);
      rows = 0;
    }
  } else if (!inOrder) {
    rows = ctx.arena.alloc(length * 4);
    const next = ctx.arena.alloc(count * 4);
    ctx.heap.refresh().u8.copyWithin(next, starts, starts + count * 4);
    kernels.arrangeRows(gids, length, next, rows);
    ctx.arena.free(next);
  }
  let positions = 0;
  if (rows !== 0) {
    positions = ctx.arena.alloc(length * 4);
    kernels.invertRows(rows, length, positions);
  }
  return { partitions: { count, starts, length, rows }, gids, rows, positions };
}

/** A column in window order: a copy of its own, or the column itself. */
export function arranged(ctx: ExecContext, a: Arrangement, v: Vector): Vector {
  return a.rows === 0 ? v : gather(ctx, v, a.rows, a.partitions.length, ctx.arena);
}

/** Gives a vector's buffers back to the arena. */
export function freeVector(ctx: ExecContext, v: Vector): void {
  ctx.arena.free(v.data);
  if (v.validity !== 0) ctx.arena.free(v.validity);
  for (const c of v.children ?? []) freeVector(ctx, c);
}
