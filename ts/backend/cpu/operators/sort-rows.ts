// Rows of large inputs to be sorted, packed side by side. Fetching them in another order then misses the cache once a
// row; columns would miss once a value.
import { bytesFor, physicalOf, type Schema, widthOf } from '../../../schema/types.ts';
import { allocVector } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import type { ExecContext } from '../context.ts';
import type { Source } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { orderedSource } from './ordered-source.ts';

/** Rows that are packed and unpacked at a time, so that they stay in cache between columns. */
const BLOCK_ROWS = 1024;
const STRING_BYTES = 1 << 20;

interface PackedColumn {
  readonly at: number;
  /** Bytes of a value in the row; 0 for Bool, which is one of the bits. */
  readonly width: 0 | 1 | 2 | 4 | 8 | 16;
  readonly isView: boolean;
  /** Number of the bit that says whether there is a value. */
  readonly validBit: number;
  readonly valueBit: number;
}

/** What another thread needs to hand out the same rows: addresses of the blocks and of the order. */
export interface SharedRows {
  readonly blocks: number;
  readonly rest: readonly Vector[];
  readonly rows: number;
  readonly length: number;
  readonly hasNulls: readonly boolean[];
}

/** Growing rows of a schema. Nested columns stay columns. */
export class PackedRows {
  readonly #schema: Schema;
  readonly #packed: readonly (PackedColumn | null)[];
  readonly #rest: RowStore;
  readonly #width: number;
  readonly #bitsAt: number;
  readonly #bitBytes: number;
  readonly #hasNulls: boolean[];
  /** One block for every 65,536 rows. */
  readonly #blocks: number[] = [];
  readonly #strings: number[] = [];
  #stringTop = 0;
  #stringEnd = 0;
  #rows = 0;

  constructor(schema: Schema) {
    this.#schema = schema;
    // Wide values first, so that all are aligned.
    let at = 0;
    let bits = 0;
    const packed: (PackedColumn | null)[] = schema.map(() => null);
    for (const width of [16, 8, 4, 2, 1, 0] as const)
      schema.forEach((f, i) => {
        const physical = physicalOf(f.type);
        const fits = widthOf(physical) === width && (width > 0 || physical === 'bit') && physical !== 'list';
        if (!fits) return;
        packed[i] = { at, width, isView: physical === 'view', validBit: bits++, valueBit: width === 0 ? bits++ : 0 };
        at += width;
      });
    this.#packed = packed;
    this.#bitsAt = at;
    this.#bitBytes = Math.ceil(bits / 8);
    this.#width = Math.ceil((at + this.#bitBytes) / 8) * 8;
    this.#hasNulls = schema.map(() => false);
    this.#rest = new RowStore(schema.filter((_, i) => packed[i] === null));
  }

  get length(): number {
    return this.#rows;
  }

  append(ctx: ExecContext, batch: Batch): void {
    const columns = batch.columns.map((v, i) => (v.dict && this.#packed[i] ? flatten(ctx, v, ctx.scratch) : v));
    const strings = columns.map((v, i) => this.#roomForStrings(ctx, v, this.#packed[i]));
    columns.forEach((v, i) => {
      if (v.validity !== 0 && this.#packed[i]) this.#expectNulls(ctx, i);
    });
    for (let from = 0; from < batch.length; ) {
      const place = this.#rows % MORSEL_ROWS;
      if (place === 0) this.#blocks.push(ctx.arena.alloc(MORSEL_ROWS * this.#width));
      const n = Math.min(BLOCK_ROWS, batch.length - from, MORSEL_ROWS - place);
      const to = this.#blocks.at(-1)! + place * this.#width;
      this.#pack(ctx, columns, strings, from, n, to);
      this.#rows += n;
      from += n;
    }
    const rest = columns.filter((_, i) => this.#packed[i] === null);
    if (rest.length > 0) this.#rest.append(ctx, { ...batch, columns: rest });
  }

  #pack(ctx: ExecContext, columns: readonly Vector[], strings: number[], from: number, n: number, to: number): void {
    const kernels = ctx.kernels.get('rows');
    const width = this.#width;
    kernels.clearBytes(n, to + this.#bitsAt, width, this.#bitBytes);
    this.#packed.forEach((c, i) => {
      const v = columns[i]!;
      if (!c) return;
      const src = v.data + from * c.width;
      if (c.width === 0) kernels.packBits(v.data, from, n, to + this.#byteOf(c.valueBit), width, maskOf(c.valueBit));
      else if (c.isView) strings[i] = kernels.packViews(src, n, to + c.at, width, strings[i]!) >>> 0;
      else kernels[`pack${c.width}`](src, n, to + c.at, width);
      if (this.#hasNulls[i])
        kernels.packBits(v.validity, from, n, to + this.#byteOf(c.validBit), width, maskOf(c.validBit));
    });
  }

  #byteOf(bit: number): number {
    return this.#bitsAt + (bit >>> 3);
  }

  /** Space for the bytes of a vector's long strings; 0 if there are none. */
  #roomForStrings(ctx: ExecContext, v: Vector, c: PackedColumn | null | undefined): number {
    const bytes = c?.isView ? ctx.kernels.get('core').longViewBytes(v.data, v.length) : 0;
    if (bytes === 0) return 0;
    if (this.#stringTop + bytes > this.#stringEnd) {
      const size = Math.max(bytes, STRING_BYTES);
      this.#stringTop = ctx.arena.alloc(size);
      this.#stringEnd = this.#stringTop + size;
      this.#strings.push(this.#stringTop);
    }
    this.#stringTop += bytes;
    return this.#stringTop - bytes;
  }

  /** From now on a column's bits say where values are; rows so far all have one. */
  #expectNulls(ctx: ExecContext, column: number): void {
    if (this.#hasNulls[column]) return;
    this.#hasNulls[column] = true;
    const bit = this.#packed[column]!.validBit;
    this.#blocks.forEach((block, b) => {
      const n = Math.min(MORSEL_ROWS, this.#rows - b * MORSEL_ROWS);
      ctx.kernels.get('rows').packBits(0, 0, n, block + this.#byteOf(bit), this.#width, maskOf(bit));
    });
  }

  /** Hands out rows `u32[rows …]`, `length` of them, as columns in scratch. */
  source(ctx: ExecContext, rows: number, length: number, onClose: (ctx: ExecContext) => void): Source {
    const blocks = ctx.arena.alloc(this.#blocks.length * 4);
    ctx.heap.refresh().u32.set(this.#blocks, blocks >>> 2);
    const rest = this.#rest.finish(ctx);
    const close = (c: ExecContext): void => {
      for (const address of [blocks, ...this.#blocks, ...this.#strings]) c.arena.free(address);
      this.#rest.free(c);
      onClose(c);
    };
    return this.#ordered({ blocks, rest, rows, length, hasNulls: this.#hasNulls }, close);
  }

  /** The rows of a store on another thread. */
  restored(_: ExecContext, shared: SharedRows): Source {
    shared.hasNulls.forEach((hasNulls, i) => {
      this.#hasNulls[i] = hasNulls;
    });
    return this.#ordered(shared, () => {});
  }

  #ordered(shared: SharedRows, close: (ctx: ExecContext) => void): Source {
    const { blocks, rest, rows, length } = shared;
    const fetch = (ctx: ExecContext, at: number, n: number): Vector[] =>
      this.#columns(ctx, blocks, rest, rows + at * 4, n);
    return orderedSource(length, fetch, close, () => shared);
  }

  #columns(ctx: ExecContext, blocks: number, rest: readonly Vector[], sel: number, n: number): Vector[] {
    const kernels = ctx.kernels.get('rows');
    const width = this.#width;
    const out = this.#packed.map((c, i): Vector | null => {
      if (!c) return null;
      const vector = allocVector(ctx, this.#schema[i]!.type, n, ctx.scratch, false);
      return { ...vector, validity: this.#hasNulls[i] ? ctx.scratch.alloc(bytesFor('bit', n)) : 0 };
    });
    const piece = ctx.scratch.alloc(BLOCK_ROWS * width);
    for (let from = 0; from < n; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, n - from);
      kernels.copyRows(blocks, sel + from * 4, count, width, piece);
      this.#packed.forEach((c, i) => {
        const v = out[i];
        if (!c || !v) return;
        if (c.width === 0) {
          const bits = v.data + (from >>> 3);
          kernels.unpackBits(piece + this.#byteOf(c.valueBit), count, width, maskOf(c.valueBit), bits);
        } else kernels[`unpack${c.width}`](piece + c.at, count, width, v.data + from * c.width);
        if (v.validity === 0) return;
        const bits = v.validity + (from >>> 3);
        kernels.unpackBits(piece + this.#byteOf(c.validBit), count, width, maskOf(c.validBit), bits);
      });
    }
    let next = 0;
    return out.map((v) => v ?? gather(ctx, rest[next++]!, sel, n, ctx.scratch));
  }
}

const maskOf = (bit: number): number => 1 << (bit & 7);
