// Columns whose length, or most length, is known before their rows are: every thread writes its pieces where they belong,
// or would if all rows came. What is put together afterwards are the bitmaps, and pieces that did not fill their room.
// Room that no row was written to takes addresses but no memory.
import { OutOfMemoryError } from '../../../errors.ts';
import { bytesFor, isNested, type Physical, physicalOf, type Schema, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { crewOf, type Task } from '../worker/crew.ts';
import { nullCount } from './alloc.ts';
import { claimRows, endsOfClaims, makeClaims, type SharedClaims } from './claims.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';
import { type CodedPiece, PlacedWords, type WordsPart } from './placed-words.ts';
import { TextBlocks } from './text-blocks.ts';

interface PlacedColumn {
  /** Address of row 0; of bits, of the first piece. */
  readonly data: number;
  /** Strings are codes, of words that each thread has of its own until all are there. */
  readonly isCoded: boolean;
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
  readonly words: WordsPart;
}

/** Kernels write bitmaps in whole words: between those of two pieces there is room for it. */
const BIT_ROOM = 64;
/** Columns that fill less of their room than this move out of it. */
const LEAST_FILLED = 1 / 8;
/** Codes whose pieces have more words than that for each row take more memory than strings. */
const MOST_WORDS = 1 / 4;

export class PlacedColumns {
  readonly #schema: Schema;
  readonly #shared: SharedPlaces;
  /** Of every piece: its first row, and where its bits begin. */
  readonly #starts: number[] = [];
  readonly #bitStarts: number[] = [];
  readonly #counts: number[];
  readonly #nulls: number[];
  readonly #texts = new TextBlocks();
  readonly #words = new PlacedWords();
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

  /**
   * Null: there is no room. Of rows that are known exactly that is an error. Of these, columns of Utf8 may be `coded`:
   * they come out as codes and a dictionary.
   */
  static make(
    ctx: ExecContext,
    schema: Schema,
    rows: readonly number[],
    isExact: boolean,
    coded: readonly boolean[] = [],
  ): PlacedColumns | null {
    const bits = rows.reduce((bytes, n) => bytes + bitBytes(n), 0);
    return PlacedColumns.#make(ctx, schema, sum(rows), bits, { rows, isExact }, coded);
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
    coded: readonly boolean[] = [],
  ): PlacedColumns | null {
    const { isExact } = places;
    const blocks: number[] = [];
    const alloc = (bytes: number): number => {
      const block = isExact ? ctx.arena.alloc(bytes) : ctx.arena.reserve(bytes);
      blocks.push(block);
      return block;
    };
    try {
      const columns = schema.map(({ type, nullable }, i): PlacedColumn => {
        const isCoded = coded[i] ?? false;
        const physical = isCoded ? 'u32' : physicalOf(type);
        return {
          isCoded,
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
    if (piece < this.#starts.length) this.#words.begin(piece);
  }

  /** How a column's values lie here. */
  #physical(column: number): Physical {
    return this.isCoded(column) ? 'u32' : physicalOf(this.#schema[column]!.type);
  }

  /** Whether a column's values are to be codes: `mapOf`, `putWords`. */
  isCoded(column: number): boolean {
    return this.#shared.columns[column]!.isCoded;
  }

  /** The address of what stands here for each word of a dictionary, u32. */
  mapOf(ctx: ExecContext, column: number, dict: Vector): number {
    return this.#words.mapOf(ctx, column, dict);
  }

  /** Writes the codes of any strings to `to`. */
  putWords(ctx: ExecContext, column: number, v: Vector, to: number): void {
    const mark = ctx.scratch.mark();
    const codes = this.#words.encode(ctx, column, v, ctx.scratch);
    ctx.kernels.get('core').copyBytes(to, codes, v.length * 4);
    ctx.scratch.rewind(mark);
  }

  /** Where a row's value of a column goes; not for bits. */
  data(column: number, row: number): number {
    const width = widthOf(this.#physical(column));
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
    const isCoded = this.isCoded(column);
    const isText = physicalOf(source.type) === 'view';
    const v = source.dict && !isText ? flatten(ctx, source, ctx.scratch) : source;
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
    if (isCoded) {
      const to = this.data(column, row);
      if (v.dict) {
        core.gather4(this.mapOf(ctx, column, v.dict), v.data, v.length, to);
        if (v.validity !== 0) core.zeroNulls(to, v.validity, v.length, 4);
      } else this.putWords(ctx, column, v, to);
    } else if (physical === 'bit') core.appendBits(v.data, v.length, places.data + start, row);
    else {
      const to = this.data(column, row);
      if (v.dict) core.spreadWords(v.data, v.length, v.dict.data, v.validity, to);
      else if (to !== v.data) core.copyBytes(to, v.data, v.length * widthOf(physical));
      if (physical === 'view' && !hasShortWords(ctx, v)) this.keepStrings(ctx, to, v.length);
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
    this.#texts.keep(ctx, views, n);
  }

  /** Where up to `bytes` of long strings go; `usedText` is told where they end. */
  textRoom(ctx: ExecContext, bytes: number): number {
    return this.#texts.room(ctx, bytes);
  }

  usedText(end: number): void {
    this.#texts.used(end);
  }

  part(ctx: ExecContext): PlacedPart {
    this.#texts.end(ctx);
    const counts = this.#counts.flatMap((n, piece) => (n > 0 && !this.isExact ? [[piece, n] as const] : []));
    return { counts, nulls: this.#nulls, strings: this.#texts.blocks, words: this.#words.part(ctx) };
  }

  merge(part: PlacedPart): void {
    for (const [piece, n] of part.counts) this.#counts[piece] = n;
    part.nulls.forEach((n, i) => {
      this.addNulls(i, n);
    });
    this.#texts.adopt(part.strings);
    this.#words.merge(part.words);
  }

  /** The columns, when all pieces are there. */
  finish(ctx: ExecContext): Vector[] {
    this.#texts.end(ctx);
    const { length } = this;
    const rooms = this.#findRooms(ctx);
    const values = this.#joinValues(ctx, length, rooms);
    const strings = [...this.#texts.blocks];
    const dicts = this.#joinWords(ctx, length, values, strings);
    return this.#schema.map(({ type }, i): Vector => {
      const { data, bits } = this.#shared.columns[i]!;
      const physical = physicalOf(type);
      const validity = this.#nulls[i] === 0 ? 0 : this.#joinBits(ctx, bits);
      if (bits !== 0) ctx.arena.free(bits);
      const joined = physical === 'bit' ? this.#joinBits(ctx, data) : values[i]!;
      if (physical === 'bit') ctx.arena.free(data);
      const vector = { type, length, data: joined, validity };
      const dict = dicts[i];
      if (dict) return { ...vector, dict };
      // A few rows do not keep whole blocks of strings.
      return physical === 'view' && length > MORSEL_ROWS ? { ...vector, strings } : vector;
    });
  }

  /** Dictionaries of the coded columns; those that were better strings become such, in `values`. */
  #joinWords(ctx: ExecContext, length: number, values: number[], strings: number[]): (Vector | null)[] {
    const spread = new Set<number>();
    const dicts = this.#schema.map((_, i): Vector | null => {
      if (!this.isCoded(i)) return null;
      if (this.#words.count(i) <= length * MOST_WORDS) return this.#words.join(ctx, i, this.#codedPieces(i));
      const plain = this.#words.spread(ctx, i, length, this.#codedPieces(i));
      ctx.arena.free(values[i]!);
      values[i] = plain.data;
      strings.push(...plain.strings);
      spread.add(i);
      return null;
    });
    this.#words.free(ctx, spread);
    return dicts;
  }

  /** The codes of each piece of a column. */
  #codedPieces(column: number): (piece: number) => CodedPiece {
    const { data, bits } = this.#shared.columns[column]!;
    return (piece) => ({
      codes: data + this.#starts[piece]! * 4,
      rows: this.#counts[piece]!,
      validity: this.#nulls[column] === 0 ? 0 : bits + this.#bitStarts[piece]!,
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

/** Whether it costs little to see that none of the strings is long. */
const hasShortWords = (ctx: ExecContext, { dict, length }: Vector): boolean =>
  dict !== undefined && dict.length < length && ctx.kernels.get('core').longViewBytes(dict.data, dict.length) === 0;

const sum = (values: readonly number[]): number => values.reduce((total, n) => total + n, 0);

/** Bytes of bitmaps before a piece that claims its rows from `start` on. */
const claimedBits = (piece: number, start: number): number => (Math.ceil(start / 512) + 2 * piece) * BIT_ROOM;

const bitBytes = (rows: number): number => (Math.ceil(rows / 512) + 1) * BIT_ROOM;
