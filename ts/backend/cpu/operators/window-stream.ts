// Windows that need no other row: row numbers and random numbers over the whole input pass through.
import type { CallNode } from '../../../expr/nodes.ts';
import { allocVector } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import type { Operator } from '../pipeline.ts';
import type { Vector } from '../vector.ts';
import type { WindowColumn } from './window.ts';

/** An operator that appends the columns batch by batch; null when one of them needs whole partitions. */
export function createStreamingWindow(overs: readonly WindowColumn[]): Operator | null {
  const calls: CallNode[] = [];
  for (const { over } of overs) {
    const call = over.expr;
    const streams = call.node === 'call' && (call.fn === 'rowIndex' || call.fn === 'random');
    if (!streams || over.partitionBy.length > 0 || over.orderBy.length > 0) return null;
    calls.push(call);
  }
  let rows = 0;
  return {
    push(ctx, batch, emit) {
      const numbers = calls.map((call) => numbersFrom(ctx, call, rows, batch.length));
      rows += batch.length;
      emit({ ...batch, columns: [...batch.columns, ...numbers] });
    },
  };
}

/** The values of rows [from, from + length). */
function numbersFrom(ctx: ExecContext, call: CallNode, from: number, length: number): Vector {
  const kernels = ctx.kernels.get('window');
  const out = allocVector(ctx, call.type, length, ctx.scratch, false);
  const starts = ctx.scratch.alloc(8);
  const u32 = ctx.heap.refresh().u32;
  u32[starts >>> 2] = 0;
  u32[(starts >>> 2) + 1] = length;
  if (call.fn === 'rowIndex') kernels.numberRows(starts, 1, from + (call.options['offset'] as number), out.data);
  else kernels.randomRows(starts, 1, call.options['seed'] as number, from, out.data);
  return out;
}
