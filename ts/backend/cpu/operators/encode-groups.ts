// Row groups of a Parquet file encoded on any thread: what is left for the one that writes the file is to put their bytes
// in order.
import type { PlanNode, WriteNode } from '../../../plan/nodes.ts';
import { bytesFor, physicalOf, type Schema } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Emit, Operator } from '../pipeline.ts';
import { MORSEL_ROWS } from '../vector.ts';
import { openGroupEncoder } from '../write/parquet/encoded-groups.ts';
import type { RowGroupWriter } from '../write/parquet/row-groups.ts';
import { textBatch } from './text-batch.ts';

/** About how many rows a row group has: so that a few million rows keep several threads busy. */
const TARGET_ROWS = 262_144;
/** About how many bytes of rows one thread encodes at a time; several such units wait for their turn. */
const MOST_BYTES = 64 << 20;
/** About what a nested value takes. */
const NESTED_BYTES = 64;

/**
 * Whether row groups can be encoded apart: their rows are then those of some pieces of the source, which works where no
 * number of rows was asked for, and where as many come out as there are in the source.
 */
export function encodesApart(node: WriteNode): boolean {
  if (node.format !== 'parquet' || rowBytes(node.input.schema) * MORSEL_ROWS > MOST_BYTES) return false;
  return node.options['rowGroupRows'] === undefined && keepsRows(node.input);
}

function rowBytes(schema: Schema): number {
  const bytesOf = (type: Schema[number]['type']): number => {
    if ('fields' in type || 'inner' in type) return NESTED_BYTES;
    const physical = physicalOf(type);
    return physical === 'null' ? 0 : bytesFor(physical, MORSEL_ROWS) / MORSEL_ROWS;
  };
  return schema.reduce((sum, f) => sum + bytesOf(f.type), 0);
}

function keepsRows(node: PlanNode): boolean {
  switch (node.node) {
    case 'table':
    case 'sort':
    case 'aggregate':
      return true;
    case 'scan':
      return node.predicate === null && node.limit === null;
    case 'project':
      return keepsRows(node.input);
    case 'union':
      return node.how !== 'horizontal' && node.inputs.every(keepsRows);
    default:
      return false;
  }
}

/** Rows become batches of one row each: what `takeEncoded` reads. */
export function createEncodeGroups(node: WriteNode): Operator {
  const target = Math.min(TARGET_ROWS, Math.max(1, Math.floor(MOST_BYTES / rowBytes(node.input.schema))));
  let writer: RowGroupWriter | null = null;
  let emit: Emit = () => {};
  const send = (ctx: ExecContext, address: number, length: number, rows: number): void =>
    emit(textBatch(ctx, address, length, rows));
  return {
    threads: {},
    unit: (pieces, rows) => Math.max(1, Math.floor((target * pieces) / Math.max(1, rows))),
    push(ctx, batch, to) {
      emit = to;
      writer ??= openGroupEncoder(ctx, node.input.schema, node.options, send);
      writer.write(ctx, batch);
    },
    endUnit(ctx, to) {
      emit = to;
      writer?.endGroup(ctx);
      writer?.forget();
    },
    finish(ctx, to) {
      emit = to;
      writer?.endGroup(ctx);
      writer?.free(ctx);
    },
  };
}
