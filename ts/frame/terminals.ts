// What runs a plan: the bodies of the frame's terminals.
import type { Readable } from 'node:stream';
import type { ArrowColumn, RecordBatch } from '../backend/arrow.ts';
import { IpcEncoder } from '../backend/ipc.ts';
import { ParameterError, SchemaMismatchError, ShapeError } from '../errors.ts';
import { hostNode, writeNode } from '../plan/build.ts';
import type { FileFormat, FunctionKey, PlanNode } from '../plan/nodes.ts';
import * as sugar from '../plan/sugar.ts';
import { registerHostFunction } from '../runner/host-functions.ts';
import { type RunOptions, releaseHandle, runToBatches, runToTable } from '../runner/runner.ts';
import { type SchemaSpec, schemaFromSpec } from '../schema/dtypes.ts';
import type { Schema } from '../schema/types.ts';
import { checkWriteOptions } from '../source/write-options.ts';
import { columnOf } from './build-column.ts';
import type { DataFrame } from './dataframe.ts';
import { noteRun } from './explain-frame.ts';
import { ownedTable, residentPlan, TableOwner } from './host-tables.ts';
import { tableText } from './print.ts';
import { Table } from './table.ts';
import { batchSource, residentSource } from './table-source.ts';
import { valuesOf } from './values.ts';

/** Makes the frame of a plan: the frame class is above this file. */
export type MakeFrame = (plan: PlanNode) => DataFrame<any>;

/** Options of `toReadable`. */
export interface ReadableOptions extends RunOptions {
  /** Row objects, or bytes of an Arrow IPC stream. */
  readonly format: 'rows' | 'ipc';
}

async function run(
  plan: PlanNode,
  options: RunOptions | undefined,
  site: Error,
  where: 'host' | 'engine' = 'host',
): Promise<TableOwner> {
  const ready = await residentPlan(plan, options);
  noteRun(plan, ready);
  return new TableOwner(await runToTable(ready, options, site, where));
}

export async function collect(
  plan: PlanNode,
  options: RunOptions | undefined,
  site: Error,
  frame: MakeFrame,
): Promise<Table<any>> {
  return new Table(residentSource(await run(plan, options, site), plan.schema), frame);
}

export async function cache(plan: PlanNode, options: RunOptions | undefined, site: Error): Promise<PlanNode> {
  return ownedTable(await run(plan, options, site, 'engine'), plan.schema);
}

/** Runs a plan whose result is small and gives it as a host batch. */
async function fetchBatch(
  plan: PlanNode,
  options: RunOptions | undefined,
  site: Error,
  of: PlanNode = plan,
): Promise<RecordBatch> {
  const ready = await residentPlan(plan, options);
  noteRun(of, ready);
  const handle = await runToTable(ready, options, site);
  try {
    return handle.toHost();
  } finally {
    releaseHandle(handle);
  }
}

export async function count(plan: PlanNode, options: RunOptions | undefined, site: Error): Promise<number> {
  if (plan.node === 'table') {
    await residentPlan(plan, options);
    return plan.rows;
  }
  const batch = await fetchBatch(sugar.count(plan), options, site);
  return Number(valuesOf(batch.columns[0] as ArrowColumn)[0]);
}

export async function show(plan: PlanNode, rows: number, options: RunOptions | undefined, site: Error): Promise<void> {
  // One row more than asked tells whether there are more.
  const batch = await fetchBatch(sugar.head(plan, rows + 1), options, site, plan);
  console.log(tableText(batch, plan.schema, { rows, total: null }));
}

export async function* batches(
  plan: PlanNode,
  options: RunOptions | undefined,
  site: Error,
  frame: MakeFrame,
): AsyncGenerator<Table<any>> {
  const ready = await residentPlan(plan, options);
  for await (const batch of runToBatches(ready, options, site)) {
    yield new Table(batchSource(batch, plan.schema), frame);
  }
}

export function toReadable(plan: PlanNode, options: ReadableOptions, site: Error, frame: MakeFrame): Readable {
  const { Readable } = process.getBuiltinModule('node:stream');
  const format = (options as ReadableOptions | undefined)?.format;
  if (format === 'rows') {
    const rows = async function* (): AsyncGenerator<object> {
      for await (const table of batches(plan, options, site, frame)) yield* table.toRecords();
    };
    return Readable.from(rows(), { objectMode: true });
  }
  if (format !== 'ipc') {
    throw new ParameterError(`The 'format' parameter of toReadable must be 'rows' or 'ipc'. Got ${String(format)}.`, {
      parameter: 'format',
    });
  }
  return Readable.from(ipcBytes(plan, options, site), { objectMode: false });
}

/** The batches as an Arrow IPC stream, message by message. */
async function* ipcBytes(plan: PlanNode, options: RunOptions, site: Error): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  const taken = (): Uint8Array[] => {
    const done = parts;
    parts = [];
    return done;
  };
  // What the encoder hands over may be a view of a batch: the stream keeps it, and the batch is the reader's own.
  const encoder = new IpcEncoder(plan.schema, { kind: 'stream' }, (bytes) => parts.push(bytes));
  const ready = await residentPlan(plan, options);
  for await (const batch of runToBatches(ready, options, site)) {
    encoder.batch({ ...batch, schema: plan.schema });
    yield* taken();
  }
  encoder.finish();
  yield* taken();
}

export async function write(
  plan: PlanNode,
  format: FileFormat,
  path: string,
  options: object,
  site: Error,
): Promise<number> {
  if (typeof path !== 'string' || path === '') {
    throw new ParameterError(`The 'path' parameter of a write must be a file path. Got ${JSON.stringify(path)}.`, {
      parameter: 'path',
    });
  }
  const { signal, onProgress, engine, fallback, memoryLimitBytes, spillFolder, seed, threads, ...writer } =
    options as RunOptions;
  checkWriteOptions(format, writer);
  const runOptions = Object.fromEntries(
    Object.entries({ signal, onProgress, engine, fallback, memoryLimitBytes, spillFolder, seed, threads }).filter(
      ([, v]) => v !== undefined,
    ),
  );
  const batch = await fetchBatch(writeNode(plan, format, path, writer), runOptions, site, plan);
  return Number(valuesOf(batch.columns[0] as ArrowColumn)[0]);
}

export function mapBatches(
  plan: PlanNode,
  fn: (batch: Table<any>) => object | Promise<object>,
  spec: SchemaSpec,
  frame: MakeFrame,
): PlanNode {
  const schema = schemaFromSpec(spec);
  const key = registerHostFunction(async (batch) => {
    const result = await fn(new Table(batchSource(batch, plan.schema), frame));
    return batchOf(result as Record<string, ArrayLike<unknown>>, schema);
  });
  return hostNode(plan, key, schema);
}

/** The columns a function returned, as declared. */
function batchOf(result: Record<string, ArrayLike<unknown>>, schema: Schema): RecordBatch {
  let length = -1;
  const columns = schema.map((f): ArrowColumn => {
    const values = Object.hasOwn(result, f.name) ? result[f.name] : undefined;
    if (values === undefined || typeof values.length !== 'number') {
      throw new SchemaMismatchError(
        `Expected mapBatches to return an array for the declared column "${f.name}". It returned ${Object.keys(result).join(', ') || 'nothing'}.`,
        { column: f.name },
      );
    }
    if (length >= 0 && values.length !== length) {
      throw new ShapeError(
        `Expected mapBatches to return ${length} values for every column but column "${f.name}" has ${values.length}.`,
        { column: f.name },
      );
    }
    length = values.length;
    return columnOf(values, f);
  });
  return { schema, length: Math.max(0, length), columns };
}

/** Turns the one row of `describe`'s aggregates into a row per statistic. */
export function describeFunction(columns: readonly string[], statistics: readonly string[]): FunctionKey {
  return registerHostFunction((batch) => {
    const cells = batch.columns.map((c) => valuesOf(c)[0] as number | null);
    const texts = columnOf(statistics, { name: 'statistic', type: { dtype: 'Utf8' }, nullable: false });
    const numbers = columns.map((name, k) =>
      columnOf(cells.slice(k * statistics.length, (k + 1) * statistics.length), {
        name,
        type: { dtype: 'Float64' },
        nullable: true,
      }),
    );
    const schema = [
      { name: 'statistic', type: texts.type, nullable: false },
      ...columns.map((name) => ({ name, type: { dtype: 'Float64' as const }, nullable: true })),
    ];
    return { schema, length: statistics.length, columns: [texts, ...numbers] };
  });
}
