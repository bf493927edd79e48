// Group tables over packed keys of three words and more, and over lists.
import type { LogicalType } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import { type ColumnTable, ViewTable } from './column-table.ts';
import { encodeLists } from './encode-lists.ts';
import { TableMemory } from './table-memory.ts';

/** Keys of several 64-bit words. */
export class RowTable implements ColumnTable {
  readonly #words: number;
  readonly #memory: TableMemory;

  constructor(words: number) {
    this.#words = words;
    this.#memory = new TableMemory(words * 8);
  }

  get count(): number {
    return this.#memory.count;
  }

  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void {
    const memory = this.#memory;
    if (memory.state === 0) {
      memory.init(ctx);
      memory.growHash(ctx);
    }
    const hash = ctx.kernels.get('hash');
    for (let row = 0; ; ) {
      row = hash.assignRows(memory.state, key.data, this.#words, row, length, out, insert ? 1 : 0);
      memory.sync(ctx);
      if (row >= length) return;
      if (memory.grow(ctx)) hash.rehashRows(memory.state, this.#words);
    }
  }

  expect(groups: number): void {
    this.#memory.expected = groups;
  }

  close(ctx: ExecContext): void {
    this.#memory.freeSlots(ctx);
  }

  keys(ctx: ExecContext): Vector {
    this.#memory.init(ctx);
    return { type: { dtype: 'UInt64' }, length: this.count, data: this.#memory.lendKeys(), validity: 0 };
  }

  free(ctx: ExecContext): void {
    this.#memory.free(ctx);
  }
}

/** Lists, by the bytes of all that is in them. The first row of each group is kept for the keys. */
export class ListTable implements ColumnTable {
  readonly #bytes = new ViewTable({ dtype: 'Binary' });
  readonly #first: RowStore;

  constructor(type: LogicalType) {
    this.#first = new RowStore([{ name: '', type, nullable: true }]);
  }

  get count(): number {
    return this.#bytes.count;
  }

  assign(ctx: ExecContext, key: Vector, length: number, out: number, insert: boolean): void {
    const v = key.dict ? flatten(ctx, key, ctx.scratch) : key;
    const before = this.count;
    this.#bytes.assign(ctx, encodeLists(ctx, v, length), length, out, insert);
    const added = this.count - before;
    if (added === 0) return;
    const rows = ctx.scratch.alloc((length + 1) * 4);
    ctx.kernels.get('hash').firstRows(out, length, before, rows);
    this.#first.append(ctx, { length: added, columns: [gather(ctx, v, rows, added, ctx.scratch)], ordinal: 0 });
  }

  keys(ctx: ExecContext): Vector {
    return this.#first.finish(ctx)[0]!;
  }

  /** The keys were handed out by `keys` and stay. */
  free(ctx: ExecContext): void {
    this.#bytes.free(ctx);
  }
}
