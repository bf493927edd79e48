// Columns whose length is known before their rows are: every thread writes its pieces where they belong, so nothing is
// put together afterwards but the bitmaps.
import { bytesFor, isNested, physicalOf, type Schema, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Batch, Vector } from '../vector.ts';
import { nullCount } from './alloc.ts';
import { flatten } from './flatten.ts';

interface PlacedColumn {
  /** Address of row 0; of bits, of the first piece. */
  readonly data: number;
  /** Address of the first piece's validity; 0 for a column that may have no nulls. */
  readonly bits: number;
}

/** What the threads share. */
export interface SharedPlaces {
  readonly rows: readonly number[];
  readonly columns: readonly PlacedColumn[];
}

/** What one thread has done. */
export interface PlacedPart {
  readonly nulls: readonly number[];
  readonly strings: readonly number[];
}

/** Kernels write bitmaps in whole words: between those of two pieces there is room for it. */
const BIT_ROOM = 64;
/** Blocks of long strings are regions of their own, which the result takes over. */
const FIRST_STRINGS_BYTES = 256 << 10;
const MOST_STRINGS_BYTES = 8 << 20;

export class PlacedColumns {
  readonly #schema: Schema;
  readonly #shared: SharedPlaces;
  /** Of every piece: its first row, and where its bits begin. */
  readonly #starts: number[] = [];
  readonly #bitStarts: number[] = [];
  readonly #nulls: number[];
  #strings: number[] = [];
  #stringTop = 0;
  #stringEnd = 0;
  #piece = 0;

  constructor(schema: Schema, shared: SharedPlaces) {
    this.#schema = schema;
    this.#shared = shared;
    this.#nulls = schema.map(() => 0);
    let row = 0;
    let bits = 0;
    for (const rows of shared.rows) {
      this.#starts.push(row);
      this.#bitStarts.push(bits);
      row += rows;
      bits += bitBytes(rows);
    }
  }

  /** Whether columns of these dtypes can be written like this. */
  static canHold(schema: Schema): boolean {
    return schema.every(({ type }) => !isNested(type) && type.dtype !== 'Null');
  }

  static make(ctx: ExecContext, schema: Schema, rows: readonly number[]): PlacedColumns {
    const height = rows.reduce((sum, n) => sum + n, 0);
    const bits = rows.reduce((sum, n) => sum + bitBytes(n), 0);
    const columns = schema.map(({ type, nullable }) => {
      const physical = physicalOf(type);
      return {
        data: ctx.arena.alloc(physical === 'bit' ? bits : bytesFor(physical, height)),
        bits: nullable ? ctx.arena.alloc(bits) : 0,
      };
    });
    return new PlacedColumns(schema, { rows, columns });
  }

  get length(): number {
    return this.#shared.rows.reduce((sum, n) => sum + n, 0);
  }

  share(): SharedPlaces {
    return this.#shared;
  }

  /** Rows are now counted from the first one of this piece. */
  begin(piece: number): void {
    this.#piece = piece;
  }

  /** Where a row's value of a column goes; not for bits. */
  data(column: number, row: number): number {
    const width = widthOf(physicalOf(this.#schema[column]!.type));
    return this.#shared.columns[column]!.data + (this.#starts[this.#piece]! + row) * width;
  }

  /** The byte of the validity of a row, a multiple of 8; 0 for a column that may have no nulls. */
  bits(column: number, row: number): number {
    const { bits } = this.#shared.columns[column]!;
    return bits === 0 ? 0 : bits + this.#bitStarts[this.#piece]! + (row >> 3);
  }

  addNulls(column: number, count: number): void {
    this.#nulls[column]! += count;
  }

  /** All columns of rows that begin at `row`. */
  put(ctx: ExecContext, row: number, batch: Batch): void {
    for (const [i, v] of batch.columns.entries()) this.putColumn(ctx, i, row, v);
  }

  /** One column of rows that begin at `row`: exactly as many bytes as they have. Returns how many are null. */
  putColumn(ctx: ExecContext, column: number, row: number, source: Vector): number {
    const v = source.dict ? flatten(ctx, source, ctx.scratch) : source;
    const core = ctx.kernels.get('core');
    const places = this.#shared.columns[column]!;
    const start = this.#bitStarts[this.#piece]!;
    const nulls = nullCount(ctx, v);
    if (places.bits !== 0) {
      if (v.validity === 0) core.appendOnes(v.length, places.bits + start, row);
      else core.appendBits(v.validity, v.length, places.bits + start, row);
      this.addNulls(column, nulls);
    }
    const physical = physicalOf(v.type);
    if (physical === 'bit') core.appendBits(v.data, v.length, places.data + start, row);
    else {
      const to = this.data(column, row);
      core.copyBytes(to, v.data, v.length * widthOf(physical));
      if (physical === 'view') this.keepStrings(ctx, to, v.length);
    }
    return nulls;
  }

  /** Copies the bytes of long strings, so that what they point to may go. */
  keepStrings(ctx: ExecContext, views: number, n: number): void {
    const core = ctx.kernels.get('core');
    const bytes = core.longViewBytes(views, n);
    if (bytes === 0) return;
    this.usedText(core.relocateViews(views, n, this.textRoom(ctx, bytes)) >>> 0);
  }

  /** Where up to `bytes` of long strings go; `usedText` is told where they end. */
  textRoom(ctx: ExecContext, bytes: number): number {
    if (this.#stringTop + bytes > this.#stringEnd) {
      const size = Math.max(bytes, Math.min(FIRST_STRINGS_BYTES * 2 ** this.#strings.length, MOST_STRINGS_BYTES));
      this.#stringTop = ctx.arena.alloc(size);
      this.#stringEnd = this.#stringTop + size;
      this.#strings.push(this.#stringTop);
    }
    return this.#stringTop;
  }

  usedText(end: number): void {
    this.#stringTop = end;
  }

  part(): PlacedPart {
    return { nulls: this.#nulls, strings: this.#strings };
  }

  merge(part: PlacedPart): void {
    part.nulls.forEach((n, i) => {
      this.addNulls(i, n);
    });
    this.#strings = [...part.strings, ...this.#strings];
  }

  /** The columns, when all pieces are there. */
  finish(ctx: ExecContext): Vector[] {
    const strings = this.#strings;
    return this.#schema.map(({ type }, i): Vector => {
      const { data, bits } = this.#shared.columns[i]!;
      const physical = physicalOf(type);
      const validity = this.#nulls[i] === 0 ? 0 : this.#joinBits(ctx, bits);
      if (bits !== 0) ctx.arena.free(bits);
      const values = physical === 'bit' ? this.#joinBits(ctx, data) : data;
      if (physical === 'bit') ctx.arena.free(data);
      const vector = { type, length: this.length, data: values, validity };
      return physical === 'view' ? { ...vector, strings } : vector;
    });
  }

  /** The bits of all pieces in one bitmap. */
  #joinBits(ctx: ExecContext, from: number): number {
    const core = ctx.kernels.get('core');
    const to = ctx.arena.alloc(bytesFor('bit', this.length));
    this.#shared.rows.forEach((n, p) => {
      core.appendBits(from + this.#bitStarts[p]!, n, to, this.#starts[p]!);
    });
    return to;
  }
}

const bitBytes = (rows: number): number => (Math.ceil(rows / 512) + 1) * BIT_ROOM;
