// Tables that the CPU engine holds: columns in the shared heap and the regions that are theirs.
import { DisposedError } from '../../errors.ts';
import type { Schema } from '../../schema/types.ts';
import type { RecordBatch } from '../arrow.ts';
import type { TableHandle } from '../backend.ts';
import { nextTableId } from '../table-ids.ts';
import type { Engine } from './engine.ts';
import { downloadVector } from './host/download.ts';
import type { PackedColumns } from './memory/pack.ts';
import type { ResidentTable } from './planner.ts';

interface Entry extends ResidentTable, PackedColumns {
  readonly schema: Schema;
}

/** The tables of one engine, by id. */
export class Tables {
  readonly #engine: Engine;
  readonly #entries = new Map<number, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes over packed columns. */
  add(schema: Schema, rows: number, packed: PackedColumns): TableHandle {
    const id = nextTableId();
    this.#entries.set(id, { schema, rows, ...packed });
    const engine = this.#engine;
    const get = (): Entry => this.get(id);
    const host = <T>(columns: readonly string[] | undefined, copy: boolean, use: (batch: RecordBatch) => T): T => {
      const entry = get();
      const wanted = columns ?? entry.schema.map((f) => f.name);
      const picked = wanted.map((name) => entry.schema.findIndex((f) => f.name === name));
      return engine.withInlineContext(Number.POSITIVE_INFINITY, (ctx) =>
        use({
          schema: picked.map((i) => entry.schema[i]!),
          length: entry.rows,
          columns: picked.map((i) => downloadVector(ctx, entry.columns[i]!, entry.schema[i]!.name, copy, ctx.arena)),
        }),
      );
    };
    return {
      kind: 'table',
      id,
      backend: 'cpu',
      schema,
      rows,
      sizeBytes: packed.regions.reduce((sum, r) => sum + r.bytes, 0),
      prefetch: async () => undefined,
      toHost: (columns) => host(columns, true, (batch) => batch),
      borrow: (columns, use) => host(columns, false, use),
    };
  }

  get(id: number): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new DisposedError('table');
    return entry;
  }
  has(id: number): boolean {
    return this.#entries.has(id);
  }

  /** Frees a table. Idempotent. */
  release(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    for (const region of entry.regions) this.#engine.pool.release(region);
  }
}
