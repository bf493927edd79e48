// Group tables over several columns of which strings follow from the others: a customer's number decides the name. Rows
// are found by the other columns alone, and their strings compared with those of the group's first row. Where two differ
// the strings become part of the keys after all; groups keep their numbers.
import { type LogicalType, physicalOf } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import { slice } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import { PackedTable } from './packed-table.ts';

/** Whether some of the columns are strings and the others go into packed keys. */
export function mayFollow(types: readonly LogicalType[]): boolean {
  const kinds = types.map(physicalOf);
  const isLayered = kinds.some((k) => k === 'list' || k === 'fixedList' || k === 'struct' || k === 'null');
  return !isLayered && kinds.includes('view') && kinds.some((k) => k !== 'view');
}

export class FollowedTable {
  readonly #types: readonly LogicalType[];
  /** Places of the columns that rows are found by, and of the strings. */
  readonly #leading: readonly number[];
  readonly #following: readonly number[];
  readonly #lead: PackedTable;
  /** The strings of every group's first row. */
  #first: RowStore;
  #isLent = false;
  #full: PackedTable | null = null;
  #expected = 0;

  constructor(types: readonly LogicalType[]) {
    const places = types.map((_, i) => i);
    const isView = (i: number): boolean => physicalOf(types[i]!) === 'view';
    this.#types = types;
    this.#leading = places.filter((i) => !isView(i));
    this.#following = places.filter(isView);
    this.#lead = new PackedTable(this.#leading.map((i) => types[i]!));
    this.#first = this.#newStore();
  }

  #newStore(): RowStore {
    return new RowStore(this.#following.map((i) => ({ name: '', type: this.#types[i]!, nullable: true })));
  }

  get count(): number {
    return (this.#full ?? this.#lead).count;
  }

  /** Whether the strings have followed from the other columns so far. */
  get isFollowed(): boolean {
    return this.#full === null;
  }

  /** As ColumnTable.expect. */
  expect(groups: number): void {
    this.#expected = groups;
    (this.#full ?? this.#lead).expect(groups);
  }

  /** As ColumnTable.assign, for rows of several keys. */
  assign(ctx: ExecContext, keys: readonly Vector[], length: number, out: number, insert: boolean): void {
    // A look-up that finds nothing adds nothing: only whole keys tell.
    if (!insert && !this.#full) this.#becomeFull(ctx, this.count);
    if (!this.#full) {
      const before = this.count;
      const lead = this.#leading.map((i) => keys[i]!);
      this.#lead.assign(ctx, lead, length, out, true);
      const strings = this.#following.map((i) => flatten(ctx, keys[i]!, ctx.scratch));
      this.#keep(ctx, strings, length, out, before);
      if (this.#agrees(ctx, strings, length, out)) return;
      // Groups of this batch are made again.
      this.#becomeFull(ctx, before);
    }
    this.#full!.assign(ctx, keys, length, out, insert);
  }

  /** Keeps the strings of groups that are new. */
  #keep(ctx: ExecContext, strings: readonly Vector[], length: number, ids: number, before: number): void {
    const added = this.count - before;
    if (added === 0) return;
    if (this.#isLent) {
      const lent = this.#first;
      this.#first = this.#newStore();
      this.#first.append(ctx, { length: before, columns: lent.finish(ctx), ordinal: 0 });
      this.#isLent = false;
    }
    const rows = ctx.scratch.alloc((length + 1) * 4);
    ctx.kernels.get('hash').firstRows(ids, length, before, rows);
    const columns = strings.map((v) => gather(ctx, v, rows, added, ctx.scratch));
    this.#first.append(ctx, { length: added, columns, ordinal: 0 });
  }

  /** Whether every row has the strings of its group's first row. */
  #agrees(ctx: ExecContext, strings: readonly Vector[], length: number, ids: number): boolean {
    const values = ctx.kernels.get('values');
    const first = this.#first.finish(ctx);
    return strings.every(
      (v, i) => values.sameViews(v.data, v.validity, first[i]!.data, first[i]!.validity, ids, length) === length,
    );
  }

  /** Goes over to whole keys, with the first `groups` groups. */
  #becomeFull(ctx: ExecContext, groups: number): void {
    const full = new PackedTable(this.#types);
    full.expect(this.#expected);
    const wasLent = this.#isLent;
    const keys = this.keys(ctx);
    for (let from = 0; from < groups; from += MORSEL_ROWS) {
      const mark = ctx.scratch.mark();
      const n = Math.min(MORSEL_ROWS, groups - from);
      const part = keys.map((v) => slice(v, from, n));
      full.assign(ctx, part, n, ctx.scratch.alloc(n * 4), true);
      ctx.scratch.rewind(mark);
    }
    this.#lead.free(ctx);
    if (!wasLent) this.#first.free(ctx);
    this.#full = full;
  }

  keys(ctx: ExecContext): Vector[] {
    if (this.#full) return this.#full.keys(ctx);
    return this.#assemble(ctx, this.#lead.keys(ctx));
  }

  /** The keys of a table that is not needed any more. */
  takeKeys(ctx: ExecContext): Vector[] {
    if (this.#full) return this.#full.takeKeys(ctx);
    return this.#assemble(ctx, this.#lead.takeKeys(ctx));
  }

  #assemble(ctx: ExecContext, lead: readonly Vector[]): Vector[] {
    const strings = this.#first.finish(ctx);
    this.#isLent = true;
    return this.#types.map((_, i) => lead[this.#leading.indexOf(i)] ?? strings[this.#following.indexOf(i)]!);
  }

  /** The keys that were handed out stay. */
  free(ctx: ExecContext): void {
    if (this.#full) this.#full.free(ctx);
    else {
      this.#lead.free(ctx);
      if (!this.#isLent) this.#first.free(ctx);
    }
  }
}
