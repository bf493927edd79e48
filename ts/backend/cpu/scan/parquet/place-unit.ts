// A row group decoded to where its rows belong, column by column: what one column needs is in the cache and free again
// when the next one begins.
import { leavesOf } from '../../../../source/parquet-schema.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import type { ExecContext } from '../../context.ts';
import { MORSEL_ROWS } from '../../vector.ts';
import { type ChunkBytes, readTogether } from './chunk-bytes.ts';
import { FlatColumn } from './flat-column.ts';
import { HeldPages } from './held-pages.ts';
import { fitsRows } from './page-rows.ts';
import { isWorthPairing, PageStream, pairUp } from './page-stream.ts';
import { targetOf } from './target.ts';
import { openChunk, type UnitPlan, unexpectedNull } from './unit-reader.ts';

/** Chunks of so few bytes together are read at once. */
const READ_TOGETHER_BYTES = 1 << 20;
const WINDOW_BYTES = 8 << 20;
/** Rows at the end that are not decoded where they belong: kernels may write a little more than their values. */
const TAIL_ROWS = 64;

/** Writes the rows of a unit whose columns are all there and not nested; returns how many. */
export function placeUnit(ctx: ExecContext, plan: UnitPlan, into: PlacedColumns): number {
  const rows = Math.min(plan.group.rows, plan.limit);
  const chunks = plan.nodes.map((node) => openChunk(plan, leavesOf(node!)[0]!.index, WINDOW_BYTES));
  const total = chunks.reduce((sum, c) => sum + c.end - c.start, 0);
  const blocks = total <= READ_TOGETHER_BYTES ? readTogether(ctx, plan.bytes, chunks) : [];
  try {
    const columns = chunks.map((_, i) => i);
    for (const few of sideBySide(plan, columns)) placeColumns(ctx, plan, few, chunks, rows, into);
  } finally {
    for (const b of blocks) ctx.arena.free(b);
  }
  return rows;
}

/** Columns that are decoded together, so that their pages may be expanded together. */
function sideBySide(plan: UnitPlan, columns: readonly number[]): number[][] {
  const groups: number[][] = [];
  let waiting: number[] | null = null;
  for (const i of columns) {
    const isPaired = isWorthPairing(plan.group.columns[leavesOf(plan.nodes[i]!)[0]!.index]!);
    if (isPaired && waiting) {
      waiting.push(i);
      waiting = null;
      continue;
    }
    const group = [i];
    groups.push(group);
    if (isPaired) waiting = group;
  }
  return groups;
}

/** A column of rows that are decoded step by step. */
class PlacedColumn {
  readonly pages: PageStream;
  readonly #plan: UnitPlan;
  readonly #column: number;
  readonly #memory = new HeldPages(0);
  readonly #reader: FlatColumn;

  constructor(ctx: ExecContext, plan: UnitPlan, column: number, chunk: ChunkBytes, rows: number, into: PlacedColumns) {
    this.#plan = plan;
    this.#column = column;
    const leaf = leavesOf(plan.nodes[column]!)[0]!;
    const meta = plan.group.columns[leaf.index]!;
    // what rows point to is copied: a page is not needed beyond the step that left it
    const target = targetOf(leaf, plan.columns[column]!.type);
    this.pages = new PageStream(ctx, target, meta, chunk, this.#memory, plan.bytes.name);
    this.#reader = new FlatColumn(this.pages);
    if (fitsRows(target)) this.pages.places = { address: into.data(column, 0), rows };
  }

  /** The next n rows, from `row` on. `atEnd`: nothing may be written behind them. */
  place(ctx: ExecContext, row: number, n: number, atEnd: boolean, into: PlacedColumns): void {
    const field = this.#plan.columns[this.#column]!;
    this.#memory.nextBatch(ctx);
    const mark = ctx.scratch.mark();
    const reader = this.#reader;
    const column = this.#column;
    const nulls = into.isCoded(column)
      ? reader.readCodesInto(ctx, n, column, row, into, atEnd)
      : atEnd || !reader.canPlace
        ? into.putColumn(ctx, column, row, reader.read(ctx, n))
        : reader.readInto(ctx, n, column, row, into);
    if (nulls > 0 && !field.nullable) unexpectedNull(this.#plan, field.name);
    ctx.scratch.rewind(mark);
  }

  finish(): void {
    this.#reader.finish();
  }

  close(ctx: ExecContext): void {
    this.pages.close(ctx);
    this.#memory.close(ctx);
  }
}

function placeColumns(
  ctx: ExecContext,
  plan: UnitPlan,
  columns: readonly number[],
  chunks: readonly ChunkBytes[],
  rows: number,
  into: PlacedColumns,
): void {
  const all: PlacedColumn[] = [];
  try {
    for (const i of columns) all.push(new PlacedColumn(ctx, plan, i, chunks[i]!, rows, into));
    pairUp(all.map((c) => c.pages));
    for (let row = 0; row < rows; ) {
      ctx.control.checkAbort();
      let n = Math.min(rows - row, MORSEL_ROWS);
      const isLast = row + n === rows;
      const isTail = isLast && n <= 2 * TAIL_ROWS;
      if (isLast && !isTail) n = (n - TAIL_ROWS) & ~63;
      for (const c of all) c.place(ctx, row, n, isTail, into);
      row += n;
    }
    if (rows === plan.group.rows) for (const c of all) c.finish();
  } finally {
    for (const c of all) c.close(ctx);
  }
}
