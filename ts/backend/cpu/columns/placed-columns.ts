// Columns whose length, or most length, is known before their rows are: every thread writes its pieces where they belong,
// or would if all rows came. What is put together afterwards are the bitmaps, and pieces that did not fill their room.
// Room that no row was written to takes addresses but no memory.
import { OutOfMemoryError } from '../../../errors.ts';
import { bytesFor, isNested, physicalOf, type Schema, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { crewOf, type Task } from '../worker/crew.ts';
import { nullCount } from './alloc.ts';
import { claimRows, endsOfClaims, makeClaims, type SharedClaims } from './claims.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';

interface PlacedColumn {
  /** Address of row 0; of bits, of the first piece. */
  readonly data: number;
  /** Address of the first piece's validity; 0 for a column that may have no nulls. */
  readonly bits: number;
}

/** What the threads share. */
export interface SharedPlaces {
  /** Of each piece. */
  readonly rows: readonly number[];
  /** Every piece has as many rows as that, or it has at most as many. */
  readonly isExact: boolean;
  /** Absent: `rows` says where pieces begin. */
  readonly claims?: SharedClaims;
  readonly columns: readonly PlacedColumn[];
}

/** What one thread has done. */
export interface PlacedPart {
  /** Rows of pieces. */
  readonly counts: readonly (readonly [piece: number, rows: number])[];
  readonly nulls: readonly number[];
  readonly strings: readonly number[];
}

/** Kernels write bitmaps in whole words: between those of two pieces there is room for it. */
const BIT_ROOM = 64;
/** Blocks of long strings are regions of their own, which the result takes over. */
const FIRST_STRINGS_BYTES = 256 << 10;
const MOST_STRINGS_BYTES = 8 << 20;
/** Columns that fill less of their room than this move out of it. */
const LEAST_FILLED = 1 / 8;

export class PlacedColumns {
  readonly #schema: Schema;
  readonly #shared: SharedPlaces;
  /** Of every piece: its first row, and where its bits begin. */
  readonly #starts: number[] = [];
  readonly #bitStarts: number[] = [];
  readonly #counts: number[];
  readonly #nulls: number[];
  #strings: number[] = [];
  #stringTop = 0;
  #stringEnd = 0;
  #piece = 0;

  constructor(schema: Schema, shared: SharedPlaces) {
    this.#schema = schema;
    this.#shared = shared;
    this.#nulls = schema.map(() => 0);
    if (shared.claims) {
      this.#counts = new Array<number>(shared.claims.pieces).fill(0);
      return;
    }
    this.#counts = shared.isExact ? [...shared.rows] : shared.rows.map(() => 0);
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

  /** Bytes that columns of so many rows take, without long strings. */
  static bytesOf(schema: Schema, rows: readonly number[]): number {
    const height = sum(rows);
    return schema.reduce((bytes, { type }) => bytes + bytesFor(physicalOf(type), height) + height / 8, 0);
  }

  /** Null: there is no room. Of rows that are known exactly that is an error. */
  static make(ctx: ExecContext, schema: Schema, rows: readonly number[], isExact: boolean): PlacedColumns | null {
    const bits = rows.reduce((bytes, n) => bytes + bitBytes(n), 0);
    return PlacedColumns.#make(ctx, schema, sum(rows), bits, { rows, isExact });
  }

  /** Pieces that claim their rows, of which there are at most about `mostRows`. Null: there is no room. */
  static makeClaimed(ctx: ExecContext, schema: Schema, pieces: number, mostRows: number): PlacedColumns | null {
    const claims = makeClaims(ctx, pieces, mostRows);
    return PlacedColumns.#make(ctx, schema, mostRows, claimedBits(pieces, mostRows), {
      rows: [],
      isExact: false,
      claims,
    });
  }

  static #make(
    ctx: ExecContext,
    schema: Schema,
    height: number,
    bits: number,
    places: Omit<SharedPlaces, 'columns'>,
  ): PlacedColumns | null {
    const { isExact } = places;
    const blocks: number[] = [];
    const alloc = (bytes: number): number => {
      const block = isExact ? ctx.arena.alloc(bytes) : ctx.arena.reserve(bytes);
      blocks.push(block);
      return block;
    };
    try {
      const columns = schema.map(({ type, nullable }) => {
        const physical = physicalOf(type);
        return {
          data: alloc(physical === 'bit' ? bits : bytesFor(physical, height)),
          // What steps make of columns is taken as it comes.
          bits: nullable || !isExact ? alloc(bits) : 0,
        };
      });
      return new PlacedColumns(schema, { ...places, columns });
    } catch (error) {
      if (isExact || !(error instanceof OutOfMemoryError)) throw error;
      for (const block of blocks) ctx.arena.free(block);
      return null;
    }
  }

  get isExact(): boolean {
    return this.#shared.isExact;
  }

  /** Rows are appended, not read into their places. */
  get isPushed(): boolean {
    return !this.#shared.isExact && !this.#shared.claims;
  }

  /** Takes the places of at most `rows` rows for the piece that has begun; no-one else's once they are known. */
  claim(ctx: ExecContext, rows: number): void {
    const start = claimRows(ctx, this.#shared.claims!, this.#piece, rows);
    this.#starts[this.#piece] = start;
    this.#bitStarts[this.#piece] = claimedBits(this.#piece, start);
  }

  /** The piece that has begun has claimed its rows, and these came. */
  endClaimed(rows: number): void {
    this.#counts[this.#piece] = rows;
  }

  /** Whether pieces have to claim their rows. */
  get isClaimed(): boolean {
    return this.#shared.claims !== undefined;
  }

  /** Rows so far, of all threads that were merged. */
  get length(): number {
    return sum(this.#counts);
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

  /** Where the bits of a column of the piece begin. */
  dataBits(column: number): number {
    return this.#shared.columns[column]!.data + this.#bitStarts[this.#piece]!;
  }

  /** The byte of the validity of a row, a multiple of 8; 0 for a column that may have no nulls. */
  bits(column: number, row: number): number {
    const { bits } = this.#shared.columns[column]!;
    return bits === 0 ? 0 : bits + this.#bitStarts[this.#piece]! + (row >> 3);
  }

  addNulls(column: number, count: number): void {
    this.#nulls[column]! += count;
  }

  /** Where the values of the rows that follow go, 0 for bits; null: they are not appended, or there is no room. */
  placesFor(rows: number): readonly number[] | null {
    const row = this.#counts[this.#piece] ?? 0;
    if (!this.isPushed || row + rows > (this.#shared.rows[this.#piece] ?? 0)) return null;
    return this.#schema.map(({ type }, i) => (physicalOf(type) === 'bit' ? 0 : this.data(i, row)));
  }

  /** The rows that follow in the piece that has begun. */
  append(ctx: ExecContext, batch: Batch): void {
    const row = this.#counts[this.#piece] ?? 0;
    const end = row + batch.length;
    const most = this.#shared.rows[this.#piece] ?? 0;
    if (end > most) throw new Error(`Piece ${this.#piece} has room for ${most} rows and was given ${end}`);
    this.put(ctx, row, batch);
    this.#counts[this.#piece] = end;
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
    // Of rows that are pushed it is enough that there may be some.
    const nulls = this.isExact ? nullCount(ctx, v) : v.validity === 0 ? 0 : v.length;
    if (places.bits !== 0) {
      if (v.validity === 0) core.appendOnes(v.length, places.bits + start, row);
      else core.appendBits(v.validity, v.length, places.bits + start, row);
      this.addNulls(column, nulls);
    }
    const physical = physicalOf(v.type);
    if (physical === 'bit') core.appendBits(v.data, v.length, places.data + start, row);
    else {
      const to = this.data(column, row);
      if (to !== v.data) core.copyBytes(to, v.data, v.length * widthOf(physical));
      if (physical === 'view') this.keepStrings(ctx, to, v.length);
    }
    return nulls;
  }

  /** Rows `u32[sel …]` of one column, `count` of them, from `row` on. */
  gatherColumn(ctx: ExecContext, column: number, row: number, source: Vector, sel: number, count: number): void {
    const physical = physicalOf(source.type);
    if (source.dict || physical === 'bit') {
      this.putColumn(ctx, column, row, gather(ctx, source, sel, count, ctx.scratch));
      return;
    }
    const core = ctx.kernels.get('core');
    const { bits } = this.#shared.columns[column]!;
    const start = bits + this.#bitStarts[this.#piece]!;
    if (source.validity === 0) core.appendOnes(count, start, row);
    else {
      const validity = ctx.scratch.alloc(bytesFor('bit', count));
      core.gatherBits(source.validity, sel, count, validity);
      core.appendBits(validity, count, start, row);
      this.addNulls(column, count);
    }
    const to = this.data(column, row);
    core[`gather${widthOf(physical) as 1 | 2 | 4 | 8 | 16}`](source.data, sel, count, to);
    if (physical === 'view') this.keepStrings(ctx, to, count);
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

  part(ctx: ExecContext): PlacedPart {
    this.#endStrings(ctx);
    const counts = this.#counts.flatMap((n, piece) => (n > 0 && !this.isExact ? [[piece, n] as const] : []));
    return { counts, nulls: this.#nulls, strings: this.#strings };
  }

  /** Gives back what the last block of strings did not need. */
  #endStrings(ctx: ExecContext): void {
    const last = this.#strings.at(-1);
    if (last === undefined || this.#stringEnd === 0) return;
    ctx.arena.shrink(last, this.#stringTop - last);
    this.#stringEnd = this.#stringTop = 0;
  }

  merge(part: PlacedPart): void {
    for (const [piece, n] of part.counts) this.#counts[piece] = n;
    part.nulls.forEach((n, i) => {
      this.addNulls(i, n);
    });
    this.#strings = [...part.strings, ...this.#strings];
  }

  /** The columns, when all pieces are there. */
  finish(ctx: ExecContext): Vector[] {
    this.#endStrings(ctx);
    const { length } = this;
    const rooms = this.#findRooms(ctx);
    const values = this.#joinValues(ctx, length, rooms);
    return this.#schema.map(({ type }, i): Vector => {
      const { data, bits } = this.#shared.columns[i]!;
      const physical = physicalOf(type);
      const validity = this.#nulls[i] === 0 ? 0 : this.#joinBits(ctx, bits);
      if (bits !== 0) ctx.arena.free(bits);
      const joined = physical === 'bit' ? this.#joinBits(ctx, data) : values[i]!;
      if (physical === 'bit') ctx.arena.free(data);
      const vector = { type, length, data: joined, validity };
      // A few rows do not keep whole blocks of strings.
      return physical === 'view' && length > MORSEL_ROWS ? { ...vector, strings: this.#strings } : vector;
    });
  }

  /** The rows that each piece has room for. */
  #findRooms(ctx: ExecContext): readonly number[] {
    const { claims, rows } = this.#shared;
    if (!claims) return rows;
    const ends = endsOfClaims(ctx, claims);
    ctx.arena.free(claims.words);
    return ends.map((end, piece) => {
      const start = piece === 0 ? 0 : ends[piece - 1]!;
      this.#starts[piece] = start;
      this.#bitStarts[piece] = claimedBits(piece, start);
      return end - start;
    });
  }

  /** Where the values of each column begin when the pieces lie side by side; of bits, nothing is done. */
  #joinValues(ctx: ExecContext, length: number, room: readonly number[]): number[] {
    const leaves = length < (this.#shared.claims?.mostRows ?? sum(room)) * LEAST_FILLED;
    if (!leaves && this.#counts.every((n, piece) => n === room[piece])) {
      this.#schema.forEach(({ type }, column) => {
        const bytes = this.isClaimed ? bytesFor(physicalOf(type), length) : Number.POSITIVE_INFINITY;
        if (physicalOf(type) !== 'bit') ctx.arena.shrink(this.#shared.columns[column]!.data, bytes);
      });
      return this.#shared.columns.map(({ data }) => data);
    }
    const moves: Task[] = [];
    const lists: number[] = [];
    const values = this.#schema.map(({ type }, column): number => {
      const physical = physicalOf(type);
      const from = this.#shared.columns[column]!.data;
      if (physical === 'bit') return from;
      const width = widthOf(physical);
      const to = leaves ? ctx.arena.alloc(bytesFor(physical, length)) : from;
      const runs: number[] = [];
      let row = 0;
      for (const [piece, n] of this.#counts.entries()) {
        const source = from + this.#starts[piece]! * width;
        const target = to + row * width;
        if (n > 0 && source !== target) runs.push(target, source, n * width);
        row += n;
      }
      const list = ctx.arena.alloc(runs.length * 4);
      ctx.heap.refresh().u32.set(runs, list >>> 2);
      lists.push(list);
      moves.push(['core', 'moveRuns', list, runs.length / 3]);
      return to;
    });
    crewOf(ctx).run(moves);
    for (const list of lists) ctx.arena.free(list);
    this.#schema.forEach(({ type }, column) => {
      const { data } = this.#shared.columns[column]!;
      const physical = physicalOf(type);
      if (physical === 'bit') return;
      if (leaves) ctx.arena.free(data);
      else ctx.arena.shrink(data, bytesFor(physical, length));
    });
    return values;
  }

  /** The bits of all pieces in one bitmap. */
  #joinBits(ctx: ExecContext, from: number): number {
    const core = ctx.kernels.get('core');
    const to = ctx.arena.alloc(bytesFor('bit', this.length));
    let row = 0;
    this.#counts.forEach((n, piece) => {
      core.appendBits(from + this.#bitStarts[piece]!, n, to, row);
      row += n;
    });
    return to;
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, n) => total + n, 0);

/** Bytes of bitmaps before a piece that claims its rows from `start` on. */
const claimedBits = (piece: number, start: number): number => (Math.ceil(start / 512) + 2 * piece) * BIT_ROOM;

const bitBytes = (rows: number): number => (Math.ceil(rows / 512) + 1) * BIT_ROOM;
