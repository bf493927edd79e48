// Ranks and row numbers.
import { allocVector } from '../../columns/alloc.ts';
import { sortRows } from '../../operators/sort-keys.ts';
import type { SortKey } from '../../operators/sort-parts.ts';
import type { WindowKernel } from '../contracts.ts';
import { copyValidity } from './rows.ts';

const METHODS = ['min', 'max', 'dense', 'ordinal', 'average'];

export const rank: WindowKernel = (ctx, call, [v], { starts, count, length }) => {
  const kernels = ctx.kernels.get('window');
  const out = { ...allocVector(ctx, call.type, length, ctx.arena, false), validity: copyValidity(ctx, v!) };
  const keys: SortKey[] = [{ vector: v!, descending: call.options['descending'] === true, nullsFirst: false }];
  let partition = 0;
  if (count > 1) {
    partition = ctx.arena.alloc(length * 4);
    kernels.partitionOf(starts, count, partition);
    const vector = { type: { dtype: 'UInt32' }, length, data: partition, validity: 0 } as const;
    keys.unshift({ vector, descending: false, nullsFirst: false });
  }
  const sorted = sortRows(ctx, keys, length, ctx.arena);
  const method = METHODS.indexOf(call.options['method'] as string);
  kernels.rankRows(sorted.rows, sorted.ties, sorted.tieCount, starts, count, v!.validity, method, out.data);
  for (const address of [sorted.rows, sorted.ties, partition]) if (address !== 0) ctx.arena.free(address);
  return out;
};

export const rowIndex: WindowKernel = (ctx, call, _args, { starts, count, length }) => {
  const out = allocVector(ctx, call.type, length, ctx.arena, false);
  ctx.kernels.get('window').numberRows(starts, count, call.options['offset'] as number, out.data);
  return out;
};

export const random: WindowKernel = (ctx, call, _args, { starts, count, length }) => {
  const out = allocVector(ctx, call.type, length, ctx.arena, false);
  ctx.kernels.get('window').randomRows(starts, count, call.options['seed'] as number, 0, out.data);
  return out;
};
