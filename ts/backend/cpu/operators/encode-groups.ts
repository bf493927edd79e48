// Row groups of a Parquet file encoded on any thread: what is left for the one that writes the file is to put their bytes
// in order.
import type { PlanNode, WriteNode } from '../../../plan/nodes.ts';
import { bytesFor, physicalOf, type Schema } from '../../../schema/types.ts';
import { RowStore } from '../columns/row-store.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Emit, Operator } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS } from '../vector.ts';
import { openGroupEncoder } from '../write/parquet/encoded-groups.ts';
import type { RowGroupWriter } from '../write/parquet/row-groups.ts';
import { textBatch } from './text-batch.ts';

/** About how many rows a row group has: so that a few million rows keep several threads busy. */
const TARGET_ROWS = 262_144;
/** About how many bytes of rows one thread encodes at a time; several such units wait for their turn. */
const MOST_BYTES = 64 << 20;
/** About what a nested value takes. */
const NESTED_BYTES = 64;
/** Where rows are dropped on the way, a row group is of so many times the rows; fewer where units would be few. */
const DROPPING = 4;
const DROPPING_UNITS = 8;
/** What dictionaries may take of what they save there: few rows share one. */
const SMALL_SHARE = 0.75;
/** Fewer rows than these make no row group of their own: whoever writes the file puts them together with their neighbours. */
const LEAST_ROWS = 32_768;

/**
 * Whether row groups can be encoded apart: their rows are then those of some pieces of the source, which works where no
 * number of rows was asked for, and where steps pass rows on as they come.
 */
export function encodesApart(node: WriteNode): boolean {
  if (node.format !== 'parquet' || rowBytes(node.input.schema) * MORSEL_ROWS > MOST_BYTES) return false;
  return node.options['rowGroupRows'] === undefined && passed(node.input) !== 'unknown';
}

function rowBytes(schema: Schema): number {
  const bytesOf = (type: Schema[number]['type']): number => {
    if ('fields' in type || 'inner' in type) return NESTED_BYTES;
    const physical = physicalOf(type);
    return physical === 'null' ? 0 : bytesFor(physical, MORSEL_ROWS) / MORSEL_ROWS;
  };
  return schema.reduce((sum, f) => sum + bytesOf(f.type), 0);
}

/** How many of its source's rows a node passes on, piece by piece. */
function passed(node: PlanNode): 'all' | 'any' | 'unknown' {
  switch (node.node) {
    case 'table':
    case 'sort':
    case 'aggregate':
      return 'all';
    case 'scan':
      return node.limit !== null ? 'unknown' : node.predicate === null ? 'all' : 'any';
    case 'project':
      return passed(node.input);
    case 'filter':
      return passed(node.input) === 'unknown' ? 'unknown' : 'any';
    case 'join': {
      const probe = node.build === 'left' ? node.right : node.left;
      return node.how === 'cross' || passed(probe) === 'unknown' ? 'unknown' : 'any';
    }
    case 'union': {
      const all = node.how === 'horizontal' ? ['unknown' as const] : node.inputs.map(passed);
      return all.find((p) => p === 'unknown') ?? all.find((p) => p === 'any') ?? 'all';
    }
    default:
      return 'unknown';
  }
}

/** What the writer of the file gets: batches of one row each, which `takeEncoded` reads, or rows of the schema. */
export function createEncodeGroups(node: WriteNode): Operator {
  const { schema } = node.input;
  const target = Math.min(TARGET_ROWS, Math.max(1, Math.floor(MOST_BYTES / rowBytes(schema))));
  const drops = passed(node.input) === 'any';
  let writer: RowGroupWriter | null = null;
  /** The first rows of a unit, while it is not known whether there will be enough of them. */
  let few: RowStore | null = drops ? new RowStore(schema) : null;
  let emit: Emit = () => {};
  const send = (ctx: ExecContext, address: number, length: number, rows: number): void =>
    emit(textBatch(ctx, address, length, rows));
  const encode = (ctx: ExecContext, batch: Batch): void => {
    writer ??= openGroupEncoder(ctx, schema, node.options, send, drops ? SMALL_SHARE : 1);
    writer.write(ctx, batch);
  };
  const passKept = (ctx: ExecContext, to: (batch: Batch) => void): void => {
    const source = vectorsSource(few!.finish(ctx), few!.length);
    for (let batch = source.next(ctx); batch; batch = source.next(ctx)) to(batch);
    few!.free(ctx);
    few = null;
  };
  const end = (ctx: ExecContext): void => {
    if (few && few.length > 0) passKept(ctx, (batch) => emit(rowsBatch(batch)));
    writer?.endGroup(ctx);
  };
  return {
    threads: {},
    unit: (pieces, rows) => {
      const most = drops ? Math.min(target * DROPPING, Math.floor(rows / DROPPING_UNITS)) : target;
      return Math.max(1, Math.floor((most * pieces) / Math.max(1, rows)));
    },
    push(ctx, batch, to) {
      emit = to;
      if (few) {
        few.append(ctx, batch);
        if (few.length >= LEAST_ROWS) passKept(ctx, (kept) => encode(ctx, kept));
      } else encode(ctx, batch);
    },
    endUnit(ctx, to) {
      emit = to;
      end(ctx);
      writer?.forget();
      if (drops) few ??= new RowStore(schema);
    },
    finish(ctx, to) {
      emit = to;
      end(ctx);
      writer?.free(ctx);
    },
  };
}

/** Rows that stay rows have one more column, by which they are told from encoded ones. */
const rowsBatch = (batch: Batch): Batch => ({
  ...batch,
  columns: [...batch.columns, { type: { dtype: 'Null' }, length: batch.length, data: 0, validity: 0 }],
});

/** The rows of a batch of `createEncodeGroups`; null when it is of encoded row groups. */
export function plainRows(batch: Batch): Batch | null {
  if (batch.columns.at(-1)!.type.dtype !== 'Null') return null;
  return { ...batch, columns: batch.columns.slice(0, -1) };
}
