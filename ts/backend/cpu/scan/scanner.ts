// What a file format gives the engine: files opened into units of work that each yield batches.
import type { ExprNode } from '../../../expr/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import type { PlacedColumns } from '../columns/placed-columns.ts';
import type { ExecContext, SyncBytes } from '../context.ts';
import type { Batch, Vector } from '../vector.ts';

/** Drops rows while they are read, before the columns that it does not look at. */
export interface RowFilter {
  /** Places of the columns it looks at among the requested ones. */
  readonly columns: readonly number[];
  /** What it drops a later step drops too: it may be left out. */
  readonly isHint: boolean;
  /**
   * Of n rows of those columns, in that order, the ones that stay: `count` row numbers (u32, ascending) at `sel`, which
   * is not specified when all stay. Null: it cannot tell.
   */
  select(ctx: ExecContext, columns: readonly Vector[], n: number): { sel: number; count: number } | null;
}

/** Filters of one thread, with what they have dropped so far. */
export interface RowFilters {
  readonly filters: readonly RowFilter[];
  readonly seen: number[];
  readonly kept: number[];
  /** Told of rows that were read and dropped. */
  readonly dropped: (rows: number) => void;
}

/** What is wanted of one file. Partition columns are not here: the scan operator adds them. */
export interface ScanRequest {
  readonly bytes: SyncBytes;
  /** Columns to yield, in this order: fields of the file's schema as the plan has it. */
  readonly columns: Schema;
  /** All columns the plan believes the file has. */
  readonly fileSchema: Schema;
  readonly options: { readonly [name: string]: unknown };
  /** May be used to skip row groups and pages by statistics; rows need not be filtered. */
  readonly predicate: ExprNode | null;
  /** No more rows than this are needed. */
  readonly limit: number | null;
  /** Rows that need not be yielded, for formats that can leave out parts of a row. */
  readonly filters?: RowFilters | null;
  /** Text files that can be read from the middle come in units of about this size; absent or null: in one. */
  readonly pieceBytes?: number | null;
}

/** An opened file. Units (row groups, record batches, byte ranges) are independent and in file order. */
export interface ScannedFile {
  readonly unitCount: number;
  openUnit(ctx: ExecContext, unit: number): UnitReader;
  /** Rows that a unit yields, where that is known before they are read; at most, where some may be left out. */
  unitRows?(unit: number): number | null;
  /** Of each requested column of a unit, how many words its codes stand for; null: its values are not all codes. */
  unitWords?(unit: number): readonly (number | null)[];
  /** The most rows of all units, roughly, where `placeUnit` claims places for them. */
  mostClaimed?(ctx: ExecContext): number | null;
  /** Reads a unit to where its rows belong; returns how many. Absent or null: it has to be read by `openUnit`. */
  placeUnit?(ctx: ExecContext, unit: number, into: PlacedColumns): number | null;
  close(ctx: ExecContext): void;
  /** For explain: what pruning skipped. */
  readonly note?: string;
}

export interface UnitReader {
  /**
   * The next at most MORSEL_ROWS rows, columns as requested, or null. Vectors may use `ctx.scratch`, or blocks of
   * `ctx.arena` that stay until the batch after next or `close` (a dictionary).
   */
  next(ctx: ExecContext): Batch | null;
  close(ctx: ExecContext): void;
}

export type OpenFile = (ctx: ExecContext, request: ScanRequest) => ScannedFile;
