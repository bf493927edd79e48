// Tables on a device: our numbers for them, and what of them has been copied to the host.
import { DisposedError, UnsupportedError } from '../../errors.ts';
import type { Schema } from '../../schema/types.ts';
import type { ArrowColumn, RecordBatch } from '../arrow.ts';
import type { RunContext, TableHandle } from '../backend.ts';
import { nextTableId } from '../table-ids.ts';
import { callNative, type NativeEngine } from './native-calls.ts';
import { type Slab, slabBatch } from './slab.ts';

/** What the addon says of a table that it made. */
export interface NativeTable {
  readonly table: number;
  readonly rows: number;
  readonly bytes: number;
}

interface Entry {
  readonly native: number;
  readonly schema: Schema;
  readonly rows: number;
  /** Columns that prefetch has brought. */
  readonly host: Map<string, ArrowColumn>;
}

/** The tables of one device, by id. */
export class CudaTables {
  readonly #engine: NativeEngine;
  readonly #entries = new Map<number, Entry>();

  constructor(engine: NativeEngine) {
    this.#engine = engine;
  }

  /** Takes over a table of the addon's. */
  add(schema: Schema, made: NativeTable): TableHandle {
    const id = nextTableId();
    const entry: Entry = { native: made.table, schema, rows: made.rows, host: new Map() };
    this.#entries.set(id, entry);
    const read = (columns: readonly string[] | undefined): RecordBatch => hostBatch(this.#get(id), columns);
    return {
      kind: 'table',
      id,
      backend: 'cuda',
      schema,
      rows: made.rows,
      sizeBytes: made.bytes,
      prefetch: (columns, run) => this.#prefetch(id, columns, run),
      toHost: read,
      borrow: (columns, use) => use(read(columns)),
    };
  }

  /** The addon's number of a table. */
  native(id: number): number {
    return this.#get(id).native;
  }

  release(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#engine.addon.release(entry.native);
  }

  releaseAll(): void {
    for (const id of [...this.#entries.keys()]) this.release(id);
  }

  /** Copies columns to the host that are not there yet: one block, one copy. */
  async #prefetch(id: number, columns: readonly string[] | undefined, run: RunContext): Promise<void> {
    const entry = this.#get(id);
    const wanted = entry.schema.filter((f) => !entry.host.has(f.name) && (columns?.includes(f.name) ?? true));
    if (wanted.length === 0) return;
    const names = JSON.stringify(wanted.map((f) => f.name));
    const params = { table: entry.native, columns: names };
    const slab = await callNative<Slab>(this.#engine, 'engine.download', params, run);
    run.signal?.throwIfAborted();
    for (const [i, column] of slabBatch(slab, wanted).columns.entries()) entry.host.set(wanted[i]!.name, column);
  }

  #get(id: number): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new DisposedError('table');
    return entry;
  }
}

function hostBatch(entry: Entry, columns: readonly string[] | undefined): RecordBatch {
  const schema = columns
    ? columns.map((name) => entry.schema.find((f) => f.name === name) as Schema[number])
    : entry.schema;
  return {
    schema,
    length: entry.rows,
    columns: schema.map((f) => {
      const column = entry.host.get(f.name);
      if (!column)
        throw new UnsupportedError(`Column "${f.name}" of this table is on the GPU only: await prefetch() first.`, {
          column: f.name,
        });
      return column;
    }),
  };
}
