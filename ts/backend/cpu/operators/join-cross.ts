// Cross joins: every row of one side beside every row of the other.
import type { JoinNode } from '../../../plan/nodes.ts';
import type { PieceStore } from '../columns/piece-store.ts';
import type { ExecContext } from '../context.ts';
import type { Emit, Operator } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { inLeftOrder, needsLeftOrder, rowNumbers } from './join-order.ts';
import { joinedBatch, type OutputColumn, outputColumns } from './join-output.ts';

/** Pairs each row that passes with each row of `store`, the side that `node.build` names. */
export function createCrossJoin(node: JoinNode, store: PieceStore): Operator {
  const ordered = needsLeftOrder(node);
  const output: readonly OutputColumn[] = ordered
    ? [...outputColumns(node), { probe: -1, build: node.left.schema.length }]
    : outputColumns(node);
  let columns: readonly Vector[] | null = null;
  const join: Operator = {
    push(ctx, batch, emit) {
      if (store.length === 0) return;
      columns ??= ordered ? [...store.finish(ctx), rowNumbers(ctx, store.length)] : store.finish(ctx);
      pairAll(ctx, batch, columns, store.length, output, emit);
    },
    done: () => store.length === 0,
  };
  return ordered ? inLeftOrder(node, join) : join;
}

/** Emits blocks of whole rows of `batch`, or of parts of one where the other side has more rows than a morsel. */
function pairAll(
  ctx: ExecContext,
  batch: Batch,
  columns: readonly Vector[],
  length: number,
  output: readonly OutputColumn[],
  emit: Emit,
): void {
  const kernels = ctx.kernels.get('join');
  const rows = ctx.scratch.alloc(MORSEL_ROWS * 4);
  const builds = ctx.scratch.alloc(MORSEL_ROWS * 4);
  const mark = ctx.scratch.mark();
  const step = Math.max(1, Math.floor(MORSEL_ROWS / length));
  for (let from = 0; from < batch.length; from += step) {
    const to = Math.min(batch.length, from + step);
    for (let low = 0; low < length; low += MORSEL_ROWS) {
      const high = Math.min(length, low + MORSEL_ROWS);
      kernels.crossPairs(from, to, low, high, rows, builds);
      emit(joinedBatch(ctx, output, batch, columns, rows, builds, (to - from) * (high - low), false));
      ctx.scratch.rewind(mark);
    }
    ctx.control.checkAbort();
  }
}
