// The left's order for joins that stream the right side: the result is kept with each row's left row number, and sorted
// by it at the end.
import type { JoinNode } from '../../../plan/nodes.ts';
import type { Field } from '../../../schema/types.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import type { Operator } from '../pipeline.ts';
import type { Vector } from '../vector.ts';
import { gatheringSource } from './sort.ts';
import { argsort } from './sort-keys.ts';

const ROW: Field = { name: '\u0000left row', type: { dtype: 'UInt32' }, nullable: true };

/** Whether the probe's order is not the one promised. */
export const needsLeftOrder = (node: JoinNode): boolean =>
  node.maintainOrder && node.build === 'left' && node.how !== 'semi' && node.how !== 'anti';

/** The row numbers of the kept side, as a column behind its own. */
export function rowNumbers(ctx: ExecContext, length: number): Vector {
  const data = ctx.arena.alloc(length * 4);
  ctx.kernels.get('core').iota(data, length, 0);
  return { type: ROW.type, length, data, validity: 0 };
}

/** Keeps what `join` emits, whose last column is the left row number, and emits it in that order. */
export function inLeftOrder(node: JoinNode, join: Operator): Operator {
  const store = new RowStore([...node.schema, ROW]);
  return {
    push(ctx, batch) {
      join.push(ctx, batch, (b) => store.append(ctx, b));
    },
    finish(ctx, emit) {
      join.finish?.(ctx, (b) => store.append(ctx, b));
      const columns = store.finish(ctx);
      const rows = argsort(ctx, [{ vector: columns.at(-1)!, descending: false, nullsFirst: false }], store.length);
      const source = gatheringSource(columns.slice(0, -1), rows, store.length, () => {});
      const mark = ctx.scratch.mark();
      for (let batch = source.next(ctx); batch; batch = source.next(ctx)) {
        emit(batch);
        ctx.scratch.rewind(mark);
      }
      ctx.arena.free(rows);
      store.free(ctx);
    },
    done: () => join.done?.() ?? false,
  };
}
