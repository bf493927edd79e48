// Tables that the CPU engine holds: columns in the shared heap and the regions that are theirs.
import { DisposedError } from '../../errors.ts';
import type { Schema } from '../../schema/types.ts';
import type { RecordBatch } from '../arrow.ts';
import type { TableColumn, TableHandle } from '../backend.ts';
import { nextTableId } from '../table-ids.ts';
import type { Engine } from './engine.ts';
import { downloadVector } from './host/download.ts';
import type { PackedColumns } from './memory/pack.ts';
import type { Region } from './memory/regions.ts';
import type { ResidentTable } from './planner.ts';

/** Memory and how many tables have columns in it. */
interface Block {
  readonly regions: readonly Region[];
  users: number;
}
interface Entry extends ResidentTable {
  readonly schema: Schema;
  readonly blocks: readonly Block[];
}

/** The tables of one engine, by id. */
export class Tables {
  readonly #engine: Engine;
  readonly #entries = new Map<number, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes over packed columns. */
  add(schema: Schema, rows: number, { columns, regions }: PackedColumns): TableHandle {
    return this.#add({ schema, rows, columns, blocks: [{ regions, users: 0 }] });
  }

  /** A table of columns of tables that are here: they share the memory. */
  assemble(schema: Schema, columns: readonly TableColumn[]): TableHandle {
    const from = columns.map(({ table }) => this.get(table.id));
    return this.#add({
      schema,
      rows: from[0]?.rows ?? 0,
      columns: columns.map(({ name }, i) => from[i]!.columns[from[i]!.schema.findIndex((f) => f.name === name)]!),
      blocks: [...new Set(from.flatMap((entry) => entry.blocks))],
    });
  }

  #add(added: Entry): TableHandle {
    const { schema, rows, blocks } = added;
    const id = nextTableId();
    this.#entries.set(id, added);
    for (const block of blocks) block.users++;
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
      sizeBytes: blocks.reduce((sum, b) => b.regions.reduce((s, r) => s + r.bytes, sum), 0),
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
    for (const block of entry.blocks)
      if (--block.users === 0) for (const region of block.regions) this.#engine.pool.release(region);
  }
}
