// The order of the input for steps that lose it when they spill: rows are numbered before, and sorted by number behind.
import type { CallNode, ColNode } from '../../../expr/nodes.ts';
import type { JoinNode, PlanNode } from '../../../plan/nodes.ts';
import type { Field, LogicalType } from '../../../schema/types.ts';
import type { Operator } from '../pipeline.ts';

const TYPE: LogicalType = { dtype: 'UInt32' };

/** The column of row numbers: a name that no user's column has. */
export const ROW: Field = { name: '\u0000row', type: TYPE, nullable: true };

const ROW_COLUMN: ColNode = { node: 'col', ...ROW };

/** The first row of a group. */
export const FIRST_ROW: CallNode = {
  node: 'call',
  fn: 'min',
  args: [ROW_COLUMN],
  options: {},
  type: TYPE,
  nullable: true,
};

/** The order that `numberRows` has noted; rows without a number come last. */
export const BY_ROW = { expr: ROW_COLUMN, descending: false, nullsFirst: false } as const;

/** A join whose left side has row numbers behind its columns. */
export function withLeftRows(node: JoinNode): JoinNode {
  const left = { ...node.left, schema: [...node.left.schema, ROW] } as PlanNode;
  const width = node.left.schema.length;
  const schema = [...node.schema.slice(0, width), ROW, ...node.schema.slice(width)];
  return { ...node, left, schema, maintainOrder: false };
}

/** Appends the number of each row. */
export function numberRows(): Operator {
  let rows = 0;
  return {
    push(ctx, batch, emit) {
      const data = ctx.scratch.alloc(batch.length * 4 + 16);
      ctx.kernels.get('core').iota(data, batch.length, rows);
      rows += batch.length;
      emit({ ...batch, columns: [...batch.columns, { type: TYPE, length: batch.length, data, validity: 0 }] });
    },
  };
}
