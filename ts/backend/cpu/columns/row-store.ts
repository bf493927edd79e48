// Batches kept beyond their morsel: the memory of sort, join builds, windows and collected tables.
import { bytesFor, type LogicalType, physicalOf, type Schema, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Batch, Vector } from '../vector.ts';
import type { Task } from '../worker/crew.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';
import { slice } from './slice.ts';

/** Columns that grow by copying batches into `ctx.arena`; long strings are copied as well. Dictionaries are resolved. */
export class RowStore {
  readonly #columns: GrowingColumn[];
  #rows = 0;

  constructor(schema: Schema) {
    this.#columns = schema.map((f) => new GrowingColumn(f.type));
  }

  get length(): number {
    return this.#rows;
  }

  append(ctx: ExecContext, batch: Batch): void {
    this.#columns.forEach((c, i) => {
      c.append(ctx, batch.columns[i]!);
    });
    this.#rows += batch.length;
  }

  /** The columns as they are now; more may be appended later, but then these vectors are stale. */
  finish(ctx: ExecContext): Vector[] {
    return this.#columns.map((c) => c.vector(ctx));
  }

  /** Gives the memory back. */
  free(ctx: ExecContext): void {
    for (const c of this.#columns) c.free(ctx);
    this.#rows = 0;
  }
}

const START_ROWS = 1024;
const MIN_STRING_BLOCK_BYTES = 4096;
const MAX_STRING_BLOCK_BYTES = 1 << 20;

/** One growing column; nested ones hold growing children. */
export class GrowingColumn {
  readonly #type: LogicalType;
  readonly #children: GrowingColumn[];
  #rows = 0;
  #capacity = 0;
  #data = 0;
  #validity = 0;
  /** Blocks of long strings; they never move, so views stay right. */
  #strings: number[] = [];
  #stringTop = 0;
  #stringEnd = 0;
  #sharesStrings = false;

  constructor(type: LogicalType) {
    this.#type = type;
    this.#children =
      type.dtype === 'List' || type.dtype === 'FixedSizeList'
        ? [new GrowingColumn(type.inner.type)]
        : type.dtype === 'Struct'
          ? type.fields.map((f) => new GrowingColumn(f.type))
          : [];
  }

  /** Makes room for `rows` in all, so that appending up to them copies nothing that is there. */
  reserve(ctx: ExecContext, rows: number): void {
    this.#reserve(ctx, rows);
  }

  /** Appends without copying the bytes of long strings: they must live as long as the column. */
  appendSharing(ctx: ExecContext, source: Vector): void {
    this.#sharesStrings = true;
    this.append(ctx, source);
  }

  /** Same, but of fixed-width values only the place is taken: the copies are for the caller to run, in any order. */
  appendLater(ctx: ExecContext, source: Vector, copies: Task[]): void {
    const physical = physicalOf(this.#type);
    const isNested = this.#children.length > 0 || physical === 'struct';
    const width = physical === 'bit' || isNested ? 0 : widthOf(physical);
    if (width === 0 || source.dict) {
      this.appendSharing(ctx, source);
      return;
    }
    this.#sharesStrings = true;
    this.#reserve(ctx, this.#rows + source.length);
    this.#appendValidity(ctx, source);
    copies.push(['core', 'copyBytes', this.#data + this.#rows * width, source.data, source.length * width]);
    this.#rows += source.length;
  }

  append(ctx: ExecContext, source: Vector): void {
    const v = source.dict ? flatten(ctx, source, ctx.scratch) : source;
    const rows = this.#rows + v.length;
    this.#reserve(ctx, rows);
    const core = ctx.kernels.get('core');
    this.#appendValidity(ctx, v);
    const physical = physicalOf(this.#type);
    switch (physical) {
      case 'null':
        break;
      case 'bit':
        core.appendBits(v.data, v.length, this.#data, this.#rows);
        break;
      case 'list': {
        const items = this.#children[0]!;
        const offsets = ctx.heap.refresh().u32;
        const first = offsets[v.data >>> 2]!;
        const last = offsets[(v.data >>> 2) + v.length]!;
        core.rebaseOffsets(v.data, v.length, this.#data + this.#rows * 4, items.#rows);
        items.#appendRange(ctx, v.children![0]!, first, last);
        break;
      }
      case 'fixedList':
      case 'struct':
        this.#children.forEach((c, i) => {
          c.append(ctx, v.children![i]!);
        });
        break;
      default: {
        const width = widthOf(physical);
        const to = this.#data + this.#rows * width;
        core.copyBytes(to, v.data, v.length * width);
        if (physical === 'view') this.#copyStrings(ctx, to, v.length);
      }
    }
    this.#rows = rows;
  }

  /** Rows [from, to) of a vector, not aligned to bytes. */
  #appendRange(ctx: ExecContext, v: Vector, from: number, to: number): void {
    const n = to - from;
    if (n === 0) return;
    if ((from & 7) === 0) {
      this.append(ctx, slice(v, from, n));
      return;
    }
    const sel = ctx.scratch.alloc(n * 4);
    ctx.kernels.get('core').iota(sel, n, from);
    this.append(ctx, gather(ctx, v, sel, n, ctx.scratch));
  }

  #appendValidity(ctx: ExecContext, v: Vector): void {
    const core = ctx.kernels.get('core');
    if (this.#type.dtype === 'Null') return;
    if (v.validity === 0 && this.#validity === 0) return;
    if (this.#validity === 0) {
      this.#validity = ctx.arena.alloc(bytesFor('bit', this.#capacity));
      core.appendOnes(this.#rows, this.#validity, 0);
    }
    if (v.validity === 0) core.appendOnes(v.length, this.#validity, this.#rows);
    else core.appendBits(v.validity, v.length, this.#validity, this.#rows);
  }

  #copyStrings(ctx: ExecContext, views: number, n: number): void {
    if (this.#sharesStrings) return;
    const core = ctx.kernels.get('core');
    const bytes = core.longViewBytes(views, n);
    if (bytes === 0) return;
    if (this.#stringTop + bytes > this.#stringEnd) {
      const size = Math.max(
        bytes,
        Math.min(MIN_STRING_BLOCK_BYTES * 4 ** this.#strings.length, MAX_STRING_BLOCK_BYTES),
      );
      const block = ctx.arena.alloc(size);
      this.#strings.push(block);
      this.#stringTop = block;
      this.#stringEnd = block + size;
    }
    this.#stringTop = core.relocateViews(views, n, this.#stringTop) >>> 0;
  }

  #reserve(ctx: ExecContext, rows: number): void {
    if (rows <= this.#capacity && this.#capacity > 0) return;
    const physical = physicalOf(this.#type);
    const capacity = Math.max(START_ROWS, rows, this.#capacity * 2);
    const kept = this.#capacity === 0 ? 0 : bytesFor(physical, this.#rows);
    if (bytesFor(physical, capacity) > 0) {
      this.#data =
        this.#data === 0
          ? ctx.arena.alloc(bytesFor(physical, capacity))
          : ctx.arena.grow(ctx.heap, this.#data, kept, bytesFor(physical, capacity));
      if (physical === 'list' && this.#rows === 0) ctx.heap.refresh().u32[this.#data >>> 2] = 0;
    }
    if (this.#validity !== 0)
      this.#validity = ctx.arena.grow(ctx.heap, this.#validity, bytesFor('bit', this.#rows), bytesFor('bit', capacity));
    this.#capacity = capacity;
  }

  vector(ctx: ExecContext): Vector {
    if (this.#capacity === 0) this.#reserve(ctx, 0);
    const base = { type: this.#type, length: this.#rows, data: this.#data, validity: this.#validity };
    return this.#children.length === 0 && this.#type.dtype !== 'Struct'
      ? base
      : { ...base, children: this.#children.map((c) => c.vector(ctx)) };
  }

  free(ctx: ExecContext): void {
    if (this.#data !== 0) ctx.arena.free(this.#data);
    if (this.#validity !== 0) ctx.arena.free(this.#validity);
    for (const block of this.#strings) ctx.arena.free(block);
    for (const c of this.#children) c.free(ctx);
    this.#data = this.#validity = this.#capacity = this.#rows = 0;
    this.#strings = [];
    this.#stringTop = this.#stringEnd = 0;
  }
}
