// Windows that give another row's value: shift, forward and backward fill, cumulative and rolling minimum and maximum.
// The kernels find the rows, and one gather takes the values of any dtype.
import { constantVector } from '../../columns/constant.ts';
import { gather, gatherOrNull } from '../../columns/gather.ts';
import { RowStore } from '../../columns/row-store.ts';
import type { ExecContext } from '../../context.ts';
import { sortRows } from '../../operators/sort-keys.ts';
import type { Vector } from '../../vector.ts';
import type { Partitions, WindowKernel } from '../contracts.ts';
import { kindOf, longestPartition } from './rows.ts';
import { windowReach } from './window-options.ts';

const NO_ROW = -1;

/** The values of rows that a kernel writes to `out`; NO_ROW is null. */
function take(ctx: ExecContext, v: Vector, find: (out: number) => void): Vector {
  const rows = ctx.arena.alloc(v.length * 4);
  find(rows);
  const result = gatherOrNull(ctx, v, rows, v.length, ctx.arena);
  ctx.arena.free(rows);
  return result;
}

export const shift: WindowKernel = (ctx, call, args, { starts, count, length }) => {
  const by = call.options['rows'] as number;
  const v = args[0]!;
  const kernels = ctx.kernels.get('window');
  if (args.length === 1) return take(ctx, v, (out) => kernels.shiftRows(starts, count, by, NO_ROW, out));
  // The values to fill with stand behind the shifted ones.
  const store = new RowStore([{ name: '', type: v.type, nullable: true }]);
  store.append(ctx, { length, columns: [v], ordinal: 0 });
  const fill = call.args[1]!;
  const constant = fill.node === 'lit';
  const behind = constant ? constantVector(ctx, v.type, fill.value, 1, ctx.scratch) : args[1]!;
  store.append(ctx, { length: behind.length, columns: [behind], ordinal: 1 });
  const both = store.finish(ctx)[0]!;
  const rows = ctx.arena.alloc(length * 4);
  if (constant) kernels.shiftRows(starts, count, by, length, rows);
  else kernels.shiftRowsOrElse(starts, count, by, length, rows);
  const result = gather(ctx, both, rows, length, ctx.arena);
  ctx.arena.free(rows);
  return result;
};

const fill =
  (behind: 0 | 1): WindowKernel =>
  (ctx, call, [v], { starts, count }) => {
    const limit = (call.options['limit'] as number | null) ?? 0;
    return take(ctx, v!, (out) => ctx.kernels.get('window').fillRows(v!.validity, starts, count, limit, behind, out));
  };
export const forwardFill = fill(0);
export const backwardFill = fill(1);

/** Numbers that order like the values: the values themselves, or codes of the distinct ones in the arena. */
function comparable(ctx: ExecContext, v: Vector): { kind: number; data: number; temporary: boolean } {
  const kind = kindOf(v);
  if (kind !== undefined) return { kind, data: v.data, temporary: false };
  const sorted = sortRows(ctx, [{ vector: v, descending: false, nullsFirst: false }], v.length, ctx.arena);
  const codes = ctx.arena.alloc(v.length * 4);
  ctx.kernels.get('window').denseCodes(sorted.rows, v.length, sorted.ties, sorted.tieCount, codes);
  ctx.arena.free(sorted.rows);
  if (sorted.ties !== 0) ctx.arena.free(sorted.ties);
  return { kind: 6, data: codes, temporary: true };
}

const cumulative =
  (most: 0 | 1): WindowKernel =>
  (ctx, _call, [v], { starts, count }) => {
    const { kind, data, temporary } = comparable(ctx, v!);
    const kernels = ctx.kernels.get('window');
    const result = take(ctx, v!, (out) => kernels.cumulativeRows(kind, data, v!.validity, starts, count, most, out));
    if (temporary) ctx.arena.free(data);
    return result;
  };
export const cumMin = cumulative(0);
export const cumMax = cumulative(1);

const rolling =
  (most: 0 | 1): WindowKernel =>
  (ctx, call, [v], partitions: Partitions) => {
    const { starts, count } = partitions;
    const { back, ahead, minPeriods } = windowReach(call.options, partitions.length);
    const { kind, data, temporary } = comparable(ctx, v!);
    const longest = Math.min(back + ahead + 1, longestPartition(ctx, partitions));
    const room = 2 ** Math.ceil(Math.log2(longest + 2));
    const queue = ctx.arena.alloc(room * 16);
    const kernels = ctx.kernels.get('window');
    const result = take(ctx, v!, (out) =>
      kernels.rollingRows(kind, data, v!.validity, starts, count, most, back, ahead, minPeriods, queue, room, out),
    );
    ctx.arena.free(queue);
    if (temporary) ctx.arena.free(data);
    return result;
  };
export const rollingMin = rolling(0);
export const rollingMax = rolling(1);
