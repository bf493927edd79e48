// Rolling sums, means, variances and medians.
import { UnsupportedError } from '../../../../errors.ts';
import { physicalOf, typeText } from '../../../../schema/types.ts';
import { allocVector, allocZeroed } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import { sortRows } from '../../operators/sort-keys.ts';
import { crewOf, type Task } from '../../worker/crew.ts';
import type { WindowKernel } from '../contracts.ts';
import { allValid, checkOverflow, longestPartition, withoutFullBitmap } from './rows.ts';
import { windowReach } from './window-options.ts';

/** Longest window that a median keeps as a sorted list. */
const LIST_ROWS = 1024;
/** Longest window whose sums of floats are not compensated, as the kernel has it. */
const PLAIN_ROWS = 1024;
/** Rows of a call that any thread may take. */
const TASK_ROWS = 65_536;

const floats =
  (mean: 0 | 1): WindowKernel =>
  (ctx, call, [v], partitions) => {
    const { starts, count, length } = partitions;
    const { back, ahead, minPeriods } = windowReach(call.options, length);
    const out = allocVector(ctx, call.type, length, ctx.arena, false);
    const valid = allValid(ctx, length);
    // Windows are cut to twice the longest partition.
    const tails = ctx.arena.alloc(Math.min(back + ahead + 1, 2 * longestPartition(ctx, partitions)) * 8);
    const { data, validity } = v!;
    const window = back + ahead + 1;
    const isPlain = count === 1 && validity === 0 && window <= PLAIN_ROWS && minPeriods <= window;
    const others = isPlain ? Math.max(0, Math.floor(length / window) - 1) : 0;
    ctx.kernels
      .get('rolling')
      .rollFloats(data, validity, starts, count, back, ahead, minPeriods, mean, tails, others, valid, out.data);
    ctx.arena.free(tails);
    if (others > 0) rollOthers(ctx, data, window, ahead, others, mean, out.data);
    return { ...out, validity: withoutFullBitmap(ctx, valid, length) };
  };
export const rollingMean = floats(1);

/** The windows that end in blocks 1 to `others`, by all threads: neither end cuts them, so they need nothing of each other. */
function rollOthers(
  ctx: ExecContext,
  data: number,
  window: number,
  ahead: number,
  others: number,
  mean: 0 | 1,
  out: number,
): void {
  const blocks = Math.floor(TASK_ROWS / window);
  const calls = Math.ceil(others / blocks);
  const tails = ctx.arena.alloc(calls * window * 8);
  const tasks = Array.from({ length: calls }, (_, i): Task => {
    const first = 1 + i * blocks;
    const end = Math.min(first + blocks, others + 1);
    return ['rolling', 'rollBlocks', data, window, ahead, first, end, mean, tails + i * window * 8, out];
  });
  crewOf(ctx).run(tasks);
  ctx.arena.free(tails);
}

const integers: WindowKernel = (ctx, call, [v], partitions) => {
  const { starts, count, length } = partitions;
  const { back, ahead, minPeriods } = windowReach(call.options, length);
  const physical = physicalOf(v!.type);
  const out = allocVector(ctx, call.type, length, ctx.arena, false);
  const valid = allValid(ctx, length);
  const sum = ctx.arena.alloc(24);
  const width = physical === 'i128' ? 16 : 8;
  const signed = physical === 'u64' ? 0 : 1;
  const { data, validity } = v!;
  const row = ctx.kernels
    .get('rolling')
    .rollIntegers(width, signed, data, validity, starts, count, back, ahead, minPeriods, sum, valid, out.data);
  checkOverflow(ctx, call, partitions, row);
  ctx.arena.free(sum);
  return { ...out, validity: withoutFullBitmap(ctx, valid, length) };
};

export const rollingSum: WindowKernel = (ctx, call, args, partitions) => {
  const physical = physicalOf(args[0]!.type);
  if (physical === 'f64') return floats(0)(ctx, call, args, partitions);
  if (physical === 'i64' || physical === 'u64' || physical === 'i128') return integers(ctx, call, args, partitions);
  throw new UnsupportedError(`rollingSum() of a column of type ${typeText(args[0]!.type)} is not supported.`, {
    backend: 'cpu',
  });
};

export const rollingVar: WindowKernel = (ctx, call, [v], partitions) => {
  const { starts, count, length } = partitions;
  const { back, ahead, minPeriods } = windowReach(call.options, length);
  const ddof = call.options['ddof'] as number;
  const out = allocVector(ctx, call.type, length, ctx.arena, false);
  const valid = allValid(ctx, length);
  const tails = ctx.arena.alloc(Math.min(back + ahead + 1, 2 * longestPartition(ctx, partitions)) * 24);
  ctx.kernels
    .get('rolling')
    .rollVariance(v!.data, v!.validity, starts, count, back, ahead, minPeriods, ddof, tails, valid, out.data);
  ctx.arena.free(tails);
  return { ...out, validity: withoutFullBitmap(ctx, valid, length) };
};

export const rollingMedian: WindowKernel = (ctx, call, [v], partitions) => {
  const { starts, count, length } = partitions;
  const { back, ahead, minPeriods } = windowReach(call.options, length);
  const out = allocVector(ctx, call.type, length, ctx.arena, false);
  const valid = allValid(ctx, length);
  const kernels = ctx.kernels.get('rolling');
  const { data, validity } = v!;
  const longest = Math.min(back + ahead + 1, longestPartition(ctx, partitions));
  if (longest <= LIST_ROWS) {
    const list = ctx.arena.alloc((longest + 1) * 8);
    kernels.rollMedian(data, validity, starts, count, back, ahead, minPeriods, list, valid, out.data);
    ctx.arena.free(list);
    return { ...out, validity: withoutFullBitmap(ctx, valid, length) };
  }
  const sorted = sortRows(ctx, [{ vector: v!, descending: false, nullsFirst: false }], length, ctx.arena);
  const codes = ctx.arena.alloc(length * 4);
  ctx.kernels.get('window').denseCodes(sorted.rows, length, sorted.ties, sorted.tieCount, codes);
  ctx.arena.free(sorted.rows);
  if (sorted.ties !== 0) ctx.arena.free(sorted.ties);
  const values = ctx.arena.alloc(length * 8);
  kernels.valuesByCode(data, validity, codes, length, values);
  const tree = allocZeroed(ctx, (length + 1) * 4, ctx.arena);
  kernels.rollMedianTree(
    codes,
    values,
    length,
    validity,
    starts,
    count,
    back,
    ahead,
    minPeriods,
    tree,
    valid,
    out.data,
  );
  for (const address of [codes, values, tree]) ctx.arena.free(address);
  return { ...out, validity: withoutFullBitmap(ctx, valid, length) };
};
