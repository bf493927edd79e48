// The shape of execution: a pipeline takes batches from a source, passes each through streaming operators, and ends in
// a sink; a sink's result is the source of the next pipeline. A source that comes in pieces can be read by several
// threads, each with operators and a sink of its own. Nothing here knows which operators there are.
import type { PlacedColumns } from './columns/placed-columns.ts';
import type { ExecContext } from './context.ts';
import type { Selector } from './evaluate.ts';
import type { Batch, Vector } from './vector.ts';

/** What crosses from one thread to another: JSON, and addresses in the heap. */
export type Shared = unknown;

export interface WholeRows {
  readonly columns: readonly Vector[];
  readonly length: number;
}

/** Hands out batches of at most MORSEL_ROWS rows, in order. Their vectors live until the morsel ends. */
export interface Source {
  /** The next batch, or null at the end. */
  next(ctx: ExecContext): Batch | null;
  /** Releases files and buffers; called once, also after an error. */
  close(ctx: ExecContext): void;
  /** All rows at once: whole columns that stay the source's, until it is closed. */
  whole?(): WholeRows;
  /** All rows of these columns, as blocks of `ctx.arena` that the caller takes over. Null: not all of them can be had. */
  take?(ctx: ExecContext, columns: readonly number[]): WholeRows | null;
  /** The same rows in pieces; either these or `next` are used. Null: it does not come in pieces. */
  pieces?(ctx: ExecContext): Pieces | null;
}

/** Parts of a source that can be read in any order and by any thread. They depend on the data alone. */
export interface Pieces {
  readonly count: number;
  /** Rows in all, roughly. */
  readonly rows: number;
  /** The batches of one piece. A thread opens one after another, ascending. */
  open(ctx: ExecContext, piece: number): Source;
  /** Batches show columns that are there and stay while the source is open. */
  readonly isResident?: true;
  /** Reading is work by itself, not a look at columns that are there. */
  readonly isCostly?: boolean;
  /** What another thread needs for the same source. Absent: only this thread can read it. */
  share?(ctx: ExecContext): Shared;
  /** The most rows of each piece; absent or null: known when they are there. */
  mostRows?(): readonly number[] | null;
  /** Absent: how many rows a piece has is known when they are there. */
  readonly placed?: PlacedPieces | undefined;
}

/** Pieces whose rows can be written where they belong. */
export interface PlacedPieces {
  /** Rows of each piece; null when one of them is not known. */
  rows(): readonly number[] | null;
  /** The most rows of all pieces, roughly, where each claims its own when it is read; absent or null: none does. */
  mostClaimed?(ctx: ExecContext): number | null;
  /** Columns of strings that come as codes of few words, as far as one can tell beforehand; absent: none. */
  coded?(ctx: ExecContext): readonly boolean[];
  /** Writes the rows of a piece, from its first on; returns how many. */
  read(ctx: ExecContext, piece: number, into: PlacedColumns): number;
}

export type Emit = (batch: Batch) => void;

/** Addresses of the next rows' values in each column, 0 for bits; null: these rows will be copied. */
export type PlacesFor = (rows: number) => readonly number[] | null;

/** A streaming step. It may emit none, one or several batches per input; empty ones are dropped. */
export interface Operator {
  /** It does nothing but pick these columns. */
  readonly picks?: readonly number[] | undefined;
  push(ctx: ExecContext, batch: Batch, emit: Emit): void;
  /** When the input has ended, rather than been left because a later step has enough: for checks of all rows. */
  ended?(): void;
  /** After the last input. */
  finish?(ctx: ExecContext, emit: Emit): void;
  /** True when no further input can change the result: the pipeline stops reading. */
  done?(): boolean;
  /** It may have enough long before the input ends: the pipeline is read in order, by one thread. */
  readonly stops?: true;
  /** The most rows that come of `rows`, asked when the steps before are ready; absent or null: there may be any number. */
  mostRows?(rows: number): number | null;
  /** The most rows that `finish` has to give; absent: none, or with `finish` any number. */
  mostAtEnd?(): number;
  /** It only drops rows: the ones that it keeps, so that they are copied to where they belong without a stop. */
  readonly selector?: Selector | undefined;
  /** Told where the rows that it emits will lie: what is computed there needs no copy. */
  aim?(places: PlacesFor): void;
  /** Batches may go to several threads' copies of the operator, in any order of pieces. Absent: one sees them all. */
  readonly threads?: ThreadedOperator | undefined;
  /**
   * Pieces that one copy takes at a time, in order, of so many pieces with roughly so many rows; `endUnit` is called
   * after each such run of pieces, by any number of threads. Absent: any.
   */
  unit?(pieces: number, rows: number): number;
  endUnit?(ctx: ExecContext, emit: Emit): void;
}

/** How copies of an operator on several threads are one. */
export interface ThreadedOperator {
  /** What the copies need to know before they start. */
  share?(ctx: ExecContext): Shared;
  restore?(ctx: ExecContext, shared: Shared): void;
  /** What a copy has gathered, at the end; the engine thread's own takes it and then finishes. */
  part?(ctx: ExecContext): Shared;
  merge?(ctx: ExecContext, part: Shared): void;
}

/**
 * The end of a pipeline. It copies what it keeps (strings longer than a view included) into `ctx.arena`: batches are
 * gone when the morsel ends. `finish` gives the result as a source.
 */
export interface Sink {
  push(ctx: ExecContext, batch: Batch): void;
  finish(ctx: ExecContext): Source;
  done?(): boolean;
  /** Instead of a `finish` that returns, when the pipeline fails anywhere: for sinks that hold more than memory. */
  discard?(): void;
  /** Told of the input before the first piece. */
  expect?(pieces: number, rows: number): void;
  /** Told of every piece before its first batch, on the thread that reads it. */
  begin?(ctx: ExecContext, piece: number): void;
  /**
   * Asked before the first piece, where it is known how many rows each one has, or has at most: whether there is room for
   * all of them. Where they are known, rows are then taken by `into`, otherwise they are pushed. `coded`: columns of
   * which the sink may take codes, and words for each piece, instead of strings.
   */
  place?(ctx: ExecContext, rows: readonly number[], isExact: boolean, coded?: () => readonly boolean[]): boolean;
  /** The same where it is only known how many rows all pieces have at most, roughly: each claims its own. */
  placeClaimed?(ctx: ExecContext, pieces: number, mostRows: number): boolean;
  /** Where the rows that are pushed next will lie. Absent: nobody is told. */
  readonly placesFor?: PlacesFor;
  /** Takes over all rows of a source that hands them out. Absent: they are pushed. */
  adopt?(ctx: ExecContext, columns: readonly Vector[], length: number): void;
  /** Reads all rows of columns that stay where they are until the query ends. Absent: they are pushed. */
  borrow?(ctx: ExecContext, columns: readonly Vector[], length: number): void;
  /** Where the rows of the piece that has begun go; null: they are pushed. */
  readonly into?: PlacedColumns | null;
  /** The result on another thread, from what the pieces of the finished sink's source share. Absent: plain vectors. */
  source?(ctx: ExecContext, shared: Shared): Source;
  /** It waits for a reader, who may run other queries meanwhile: no helper may be at work on the pipeline. */
  readonly waits?: true;
  /** Absent: one thread takes all batches, in order. */
  readonly threads?: ThreadedSink;
}

/** How sinks on several threads are one. */
export interface ThreadedSink {
  /** Pieces that one thread takes at a time, in order. */
  unit(): number;
  /** `unit` is known when the first piece has been pushed. */
  readonly wantsSample?: true;
  share?(ctx: ExecContext): Shared;
  restore?(ctx: ExecContext, shared: Shared): void;
  /** What this thread has; the engine thread's sink takes it and then finishes. */
  part(ctx: ExecContext): Shared;
  merge(ctx: ExecContext, part: Shared): void;
}
