// Where a Table's rows are: in an engine, or (inside mapBatches and batches) in a host batch.
import type { ArrowColumn, RecordBatch } from '../backend/arrow.ts';
import { DisposedError, UnsupportedError } from '../errors.ts';
import type { TableNode } from '../plan/nodes.ts';
import { fieldOf } from '../schema/schema.ts';
import type { Schema } from '../schema/types.ts';
import { hostTable, ownedTable, type TableOwner } from './host-tables.ts';

export interface TableSource {
  readonly schema: Schema;
  readonly rows: number;
  readonly sizeBytes: number;
  /** Columns, all or by name, in memory of their own. */
  host(columns?: readonly string[]): RecordBatch;
  /** Columns lent for the length of `use`. */
  borrow<T>(columns: readonly string[] | undefined, use: (batch: RecordBatch) => T): T;
  /** A table node over these rows. */
  plan(): TableNode;
  dispose(): void;
}

/** Rows that an engine holds. `schema` is what the frame promised; the engine may know less about nulls. */
export function residentSource(owner: TableOwner, schema: Schema): TableSource {
  const live = (): TableOwner => {
    if (owner.disposed) throw new DisposedError('table');
    return owner;
  };
  const { rows, sizeBytes } = owner.handle;
  return {
    schema,
    rows,
    sizeBytes,
    host: (columns) => promised(live().handle.toHost(columns), schema),
    borrow: (columns, use) => live().handle.borrow(columns, (batch) => use(promised(batch, schema))),
    plan: () => ownedTable(live(), schema),
    dispose: () => owner.dispose(),
  };
}

/** Rows of one host batch, which belong to the reader. */
export function batchSource(batch: RecordBatch, schema: Schema = batch.schema): TableSource {
  let current: RecordBatch | null = promised(batch, schema);
  const live = (columns?: readonly string[]): RecordBatch => {
    if (current === null) throw new DisposedError('table');
    return columns === undefined ? current : pick(current, columns);
  };
  return {
    schema,
    rows: batch.length,
    sizeBytes: batch.columns.reduce((sum, c) => sum + bytesOf(c), 0),
    host: (columns) => live(columns),
    borrow: (columns, use) => use(live(columns)),
    plan: () => hostTable([live()], schema),
    dispose: () => {
      current = null;
    },
  };
}

/** The batch under the promised names and nullability. */
function promised(batch: RecordBatch, schema: Schema): RecordBatch {
  if (batch.schema === schema) return batch;
  return { ...batch, schema: batch.schema.map((f) => schema.find((g) => g.name === f.name) ?? f) };
}

function pick(batch: RecordBatch, columns: readonly string[]): RecordBatch {
  const schema = columns.map((name) => fieldOf(batch.schema, name));
  return {
    schema,
    length: batch.length,
    columns: schema.map((f) => batch.columns[batch.schema.indexOf(f)] as ArrowColumn),
  };
}

function bytesOf(c: ArrowColumn): number {
  const own = (c.values?.byteLength ?? 0) + (c.offsets?.byteLength ?? 0) + (c.validity?.byteLength ?? 0);
  const inner = [...(c.children ?? []), ...(c.dictionary === undefined ? [] : [c.dictionary])];
  return inner.reduce((sum, child) => sum + bytesOf(child), own);
}

/** The only column of a batch. */
export function onlyColumn(batch: RecordBatch): ArrowColumn {
  const column = batch.columns[0];
  if (column === undefined) throw new UnsupportedError('Expected a batch of one column but received none.');
  return column;
}
