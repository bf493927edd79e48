// Rows with equal keys → numbers of groups, counted from 0 in order of first appearance.
import { bytesFor, type LogicalType } from '../../../schema/types.ts';
import { slice } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import type { ColumnTable } from './column-table.ts';
import { createColumnTable } from './create-table.ts';
import { SeveralTable } from './several-table.ts';

/**
 * Groups of rows by one key column or several, of any dtype. Null is a key, NaN is one key, −0 equals 0; keys given
 * back hold 0 and one NaN. Vectors may be flat or dictionary-encoded, differently from batch to batch; those that
 * share a dictionary should share its `dict` object, because entries are looked up once per object. Memory comes from
 * `ctx.arena`; a table belongs to one thread, and tables of several threads are brought together by `mergeFrom`.
 */
export class GroupTable {
  readonly #types: readonly LogicalType[];
  readonly #one: ColumnTable | undefined;
  readonly #several: SeveralTable | undefined;

  constructor(types: readonly LogicalType[]) {
    this.#types = types;
    const parts = types.flatMap(partTypes);
    if (parts.length > 1) this.#several = new SeveralTable(parts);
    else this.#one = createColumnTable(parts[0] ?? { dtype: 'Null' });
  }

  /** Groups so far. */
  get count(): number {
    return (this.#one ?? this.#several)!.count;
  }

  /** Says how many groups will come, roughly: growing step by step hashes the keys anew each time. */
  expect(groups: number): void {
    (this.#one ?? this.#several)!.expect?.(groups);
  }

  /** Finds or makes the group of each row: the address, in scratch, of u32 group numbers. */
  assign(ctx: ExecContext, keys: readonly Vector[], length: number): number {
    return this.#run(ctx, keys, length, true);
  }

  /** The group of each row, 0xFFFFFFFF where its key is not in the table; nothing is added. */
  lookup(ctx: ExecContext, keys: readonly Vector[], length: number): number {
    return this.#run(ctx, keys, length, false);
  }

  #run(ctx: ExecContext, keys: readonly Vector[], length: number, insert: boolean): number {
    const out = ctx.scratch.alloc(length * 4);
    if (this.#several) {
      const parts = keys.flatMap((v) => partsOf(ctx, v, length));
      this.#several.assign(ctx, parts, length, out, insert);
    } else this.#one!.assign(ctx, keys[0] ?? NOTHING, length, out, insert);
    return out;
  }

  /** The keys, one row per group in order of first appearance, in the arena; they outlive the table. */
  keys(ctx: ExecContext): Vector[] {
    if (this.#types.length === 0) return [];
    const parts = this.#several ? this.#several.keys(ctx) : [this.#one!.keys(ctx)];
    return this.#types.map((type) => assemble(type, parts, this.count));
  }

  /** The same of a table that is not needed any more: what making them does not need is given back before. */
  takeKeys(ctx: ExecContext): Vector[] {
    const { count } = this;
    this.#one?.close?.(ctx);
    const parts = this.#several ? this.#several.takeKeys(ctx) : [this.#one!.keys(ctx)];
    this.#one?.free(ctx);
    return this.#types.map((type) => assemble(type, parts, count));
  }

  /** Adds the groups of another table over the same types: its group g is ours `u32[result + 4 g]`, in the arena. */
  mergeFrom(ctx: ExecContext, other: GroupTable): number {
    return this.mergeKeys(ctx, other.keys(ctx), other.count);
  }

  /** Same, from the keys of its groups. */
  mergeKeys(ctx: ExecContext, keys: readonly Vector[], length: number): number {
    const map = ctx.arena.alloc(length * 4);
    for (let from = 0; from < length; from += MORSEL_ROWS) {
      const mark = ctx.scratch.mark();
      const n = Math.min(MORSEL_ROWS, length - from);
      const ids = this.assign(
        ctx,
        keys.map((v) => slice(v, from, n)),
        n,
      );
      ctx.heap.refresh().u8.copyWithin(map + from * 4, ids, ids + n * 4);
      ctx.scratch.rewind(mark);
    }
    return map;
  }

  /** Gives the memory back, except for keys that were handed out. */
  free(ctx: ExecContext): void {
    this.#one?.free(ctx);
    this.#several?.free(ctx);
  }
}

const NOTHING: Vector = { type: { dtype: 'Null' }, length: 0, data: 0, validity: 0 };

/** A struct is keyed by whether it is there and by its fields. */
function partTypes(type: LogicalType): LogicalType[] {
  return type.dtype === 'Struct' ? [{ dtype: 'Bool' }, ...type.fields.flatMap((f) => partTypes(f.type))] : [type];
}

function partsOf(ctx: ExecContext, v: Vector, length: number): Vector[] {
  if (v.type.dtype !== 'Struct') return [v];
  let present = v.validity;
  if (present === 0) {
    present = ctx.scratch.alloc(bytesFor('bit', length));
    ctx.kernels.get('hash').fillOnes(present, bytesFor('bit', length));
  }
  const there: Vector = { type: { dtype: 'Bool' }, length, data: present, validity: 0 };
  return [there, ...v.children!.flatMap((c) => partsOf(ctx, c, length))];
}

/** Takes the vectors of a type from the front of `parts`. */
function assemble(type: LogicalType, parts: Vector[], length: number): Vector {
  const first = parts.shift()!;
  if (type.dtype !== 'Struct') return first;
  return {
    type,
    length,
    data: 0,
    validity: first.data,
    children: type.fields.map((f) => assemble(f.type, parts, length)),
  };
}
