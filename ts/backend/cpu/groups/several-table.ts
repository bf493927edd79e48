// Group tables over several columns. While each column has few values, they are numbered one by one and the numbers of
// a row put together in one code of 32 or 64 bits; when the codes get too long, whole keys are packed instead.
import { type LogicalType, physicalOf } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { slice } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import type { ColumnTable } from './column-table.ts';
import { createColumnTable } from './create-table.ts';
import { FollowedTable, mayFollow } from './followed-table.ts';
import { PackedTable } from './packed-table.ts';

/** Columns with more values than this are better packed than numbered; strings are numbered to be packed, too. */
const MAX_VALUES = 1 << 18;

interface Part {
  readonly table: ColumnTable;
  readonly mostValues: number;
  shift: number;
  /** The code has room for 2^bits numbers. */
  bits: number;
}

export class SeveralTable {
  readonly #types: readonly LogicalType[];
  #parts: readonly Part[];
  /** Bits of a code. */
  #width: 32 | 64 = 32;
  #codes = createColumnTable(codeType(32));
  #packed: PackedTable | FollowedTable | undefined;
  #expected = 0;

  constructor(types: readonly LogicalType[]) {
    this.#types = types;
    this.#parts = types.map((type) => ({
      table: createColumnTable(type),
      mostValues: physicalOf(type) === 'view' ? Number.POSITIVE_INFINITY : MAX_VALUES,
      shift: 0,
      bits: 0,
    }));
  }

  get count(): number {
    return (this.#packed ?? this.#codes).count;
  }

  /** As ColumnTable.expect. */
  expect(groups: number): void {
    this.#expected = groups;
    (this.#packed ?? this.#codes).expect?.(groups);
  }

  /** As ColumnTable.assign, for rows of several keys. */
  assign(ctx: ExecContext, keys: readonly Vector[], length: number, out: number, insert: boolean): void {
    if (this.#packed) {
      this.#packed.assign(ctx, keys, length, out, insert);
      return;
    }
    const ids = this.#parts.map(({ table }, i) => {
      const numbers = ctx.scratch.alloc(length * 4);
      table.assign(ctx, keys[i]!, length, numbers, insert);
      return numbers;
    });
    if (insert && this.#parts.some((p) => p.table.count > 2 ** p.bits) && !this.#widen(ctx)) {
      this.#pack(ctx);
      this.assign(ctx, keys, length, out, insert);
      return;
    }
    const codes = ctx.scratch.alloc((length * this.#width) / 8);
    this.#codes.assign(ctx, this.#combine(ctx, ids, length, codes), length, out, insert);
    if (!insert) for (const numbers of ids) ctx.kernels.get('hash').spreadNone(numbers, length, out);
  }

  /** The codes of rows from their numbers in each part, at `codes`. */
  #combine(ctx: ExecContext, ids: readonly number[], length: number, codes: number): Vector {
    const hash = ctx.kernels.get('hash');
    const combine = this.#width === 32 ? hash.combineIds : hash.combineWide;
    this.#parts.forEach(({ shift }, i) => {
      combine(ids[i]!, length, shift, i, codes);
    });
    return { type: codeType(this.#width), length, data: codes, validity: 0 };
  }

  /** Gives each part the bits its numbers need, with some to spare, and makes the codes again. False when they are too many. */
  #widen(ctx: ExecContext): boolean {
    if (this.#parts.some((p) => p.table.count > p.mostValues)) return false;
    const bitsFor = (p: Part, spare: number): number => Math.ceil(Math.log2(Math.max(1, p.table.count * spare)));
    const total = (spare: number): number => this.#parts.reduce((sum, p) => sum + bitsFor(p, spare), 0);
    const choice = CHOICES.find(({ spare, width }) => total(spare) <= width);
    if (!choice) return false;
    const old = this.#codes;
    const numbers = this.#numbers(ctx);
    let shift = 0;
    this.#width = choice.width;
    for (const p of this.#parts) {
      p.bits = bitsFor(p, choice.spare);
      p.shift = shift & (choice.width - 1);
      shift += p.bits;
    }
    const groups = old.count;
    this.#codes = createColumnTable(codeType(choice.width));
    this.#codes.expect?.(this.#expected);
    const codes = ctx.arena.alloc((groups * choice.width) / 8);
    const vector = this.#combine(ctx, numbers, groups, codes);
    for (const ids of numbers) ctx.arena.free(ids);
    for (let from = 0; from < groups; from += MORSEL_ROWS) {
      const mark = ctx.scratch.mark();
      const n = Math.min(MORSEL_ROWS, groups - from);
      this.#codes.assign(ctx, slice(vector, from, n), n, ctx.scratch.alloc(n * 4), true);
      ctx.scratch.rewind(mark);
    }
    ctx.arena.free(codes);
    old.free(ctx);
    return true;
  }

  /** For each part its number in every group. */
  #numbers(ctx: ExecContext): number[] {
    const codes = this.#codes.keys(ctx);
    return this.#parts.map((p) => this.#numbersOf(ctx, codes, p));
  }

  #numbersOf(ctx: ExecContext, { data, length }: Vector, { shift, bits }: Part): number {
    const hash = ctx.kernels.get('hash');
    const split = this.#width === 32 ? hash.splitCodes : hash.splitWide;
    const ids = ctx.arena.alloc(length * 4);
    split(data, length, shift, bits >= 32 ? -1 : (1 << bits) - 1, ids);
    return ids;
  }

  /** Goes over to packed keys: the groups keep their numbers. */
  #pack(ctx: ExecContext): void {
    const packed = mayFollow(this.#types) ? new FollowedTable(this.#types) : new PackedTable(this.#types);
    packed.expect(this.#expected);
    const keys = this.keys(ctx);
    for (let from = 0; from < this.count; from += MORSEL_ROWS) {
      const mark = ctx.scratch.mark();
      const n = Math.min(MORSEL_ROWS, this.count - from);
      const part = keys.map((v) => slice(v, from, n));
      packed.assign(ctx, part, n, ctx.scratch.alloc(n * 4), true);
      ctx.scratch.rewind(mark);
    }
    this.#codes.free(ctx);
    for (const p of this.#parts) p.table.free(ctx);
    this.#parts = [];
    this.#packed = packed;
  }

  /** The keys of a table that is not needed any more: what each step does not need goes before the next. */
  takeKeys(ctx: ExecContext): Vector[] {
    if (this.#packed) {
      const keys = this.#packed.takeKeys(ctx);
      this.free(ctx);
      return keys;
    }
    for (const table of [this.#codes, ...this.#parts.map((p) => p.table)]) table.close?.(ctx);
    const codes = this.#codes.keys(ctx);
    const keys = this.#parts.map((p) => {
      const ids = this.#numbersOf(ctx, codes, p);
      const values = gather(ctx, p.table.keys(ctx), ids, codes.length, ctx.arena);
      ctx.arena.free(ids);
      return values;
    });
    ctx.arena.free(codes.data);
    this.free(ctx);
    return keys;
  }

  keys(ctx: ExecContext): Vector[] {
    if (this.#packed) return this.#packed.keys(ctx);
    return this.#numbers(ctx).map((ids, i) => {
      const values = gather(ctx, this.#parts[i]!.table.keys(ctx), ids, this.count, ctx.arena);
      ctx.arena.free(ids);
      return values;
    });
  }

  free(ctx: ExecContext): void {
    this.#packed?.free(ctx);
    this.#codes.free(ctx);
    for (const p of this.#parts) p.table.free(ctx);
  }
}

/** The narrower code first, and room for twice the values before none. */
const CHOICES = [32, 64].flatMap((width) => [2, 1].map((spare) => ({ width: width as 32 | 64, spare })));
const codeType = (width: 32 | 64): LogicalType => ({ dtype: width === 32 ? 'UInt32' : 'UInt64' });
