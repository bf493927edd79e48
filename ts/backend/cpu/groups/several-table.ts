// Group tables over several columns. While each column has few values, they are numbered one by one and the numbers of
// a row put together in one 32-bit code; when the codes get too long, whole keys are packed instead.
import type { LogicalType } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { slice } from '../columns/slice.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import type { ColumnTable } from './column-table.ts';
import { createColumnTable } from './create-table.ts';
import { PackedTable } from './packed-table.ts';

/** Columns with more values than this are better packed than numbered. */
const MAX_VALUES = 1 << 16;
const CODE_BITS = 32;

interface Part {
  readonly table: ColumnTable;
  shift: number;
  /** The code has room for 2^bits numbers. */
  bits: number;
}

export class SeveralTable {
  readonly #types: readonly LogicalType[];
  #parts: readonly Part[];
  #codes = createColumnTable({ dtype: 'UInt32' });
  #packed: PackedTable | undefined;

  constructor(types: readonly LogicalType[]) {
    this.#types = types;
    this.#parts = types.map((type) => ({ table: createColumnTable(type), shift: 0, bits: 0 }));
  }

  get count(): number {
    return (this.#packed ?? this.#codes).count;
  }

  /** As ColumnTable.assign, for rows of several keys. */
  assign(ctx: ExecContext, keys: readonly Vector[], length: number, out: number, insert: boolean): void {
    if (this.#packed) {
      this.#packed.assign(ctx, keys, length, out, insert);
      return;
    }
    const hash = ctx.kernels.get('hash');
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
    const codes = ctx.scratch.alloc(length * 4);
    this.#parts.forEach(({ shift }, i) => {
      hash.combineIds(ids[i]!, length, shift, i, codes);
    });
    this.#codes.assign(ctx, codeVector(codes, length), length, out, insert);
    if (!insert) for (const numbers of ids) hash.spreadNone(numbers, length, out);
  }

  /** Gives each part the bits its numbers need, with some to spare, and makes the codes again. False when they are too many. */
  #widen(ctx: ExecContext): boolean {
    if (this.#parts.some((p) => p.table.count > MAX_VALUES)) return false;
    const bitsFor = (p: Part, spare: number): number => Math.ceil(Math.log2(Math.max(1, p.table.count * spare)));
    const total = (spare: number): number => this.#parts.reduce((sum, p) => sum + bitsFor(p, spare), 0);
    const spare = total(2) <= CODE_BITS ? 2 : 1;
    if (total(spare) > CODE_BITS) return false;
    const old = this.#codes;
    const numbers = this.#numbers(ctx);
    let shift = 0;
    for (const p of this.#parts) {
      p.bits = bitsFor(p, spare);
      p.shift = shift & 31;
      shift += p.bits;
    }
    const groups = old.count;
    this.#codes = createColumnTable({ dtype: 'UInt32' });
    const hash = ctx.kernels.get('hash');
    const codes = ctx.arena.alloc(groups * 4);
    numbers.forEach((ids, i) => {
      hash.combineIds(ids, groups, this.#parts[i]!.shift, i, codes);
      ctx.arena.free(ids);
    });
    const mark = ctx.scratch.mark();
    const out = ctx.scratch.alloc(groups * 4);
    this.#codes.assign(ctx, codeVector(codes, groups), groups, out, true);
    ctx.scratch.rewind(mark);
    ctx.arena.free(codes);
    old.free(ctx);
    return true;
  }

  /** For each part its number in every group. */
  #numbers(ctx: ExecContext): number[] {
    const { data, length } = this.#codes.keys(ctx);
    return this.#parts.map((p) => {
      const ids = ctx.arena.alloc(length * 4);
      ctx.kernels.get('hash').splitCodes(data, length, p.shift, p.bits === 32 ? -1 : (1 << p.bits) - 1, ids);
      return ids;
    });
  }

  /** Goes over to packed keys: the groups keep their numbers. */
  #pack(ctx: ExecContext): void {
    const packed = new PackedTable(this.#types);
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

const codeVector = (data: number, length: number): Vector => ({ type: { dtype: 'UInt32' }, length, data, validity: 0 });
