// A row group decoded to where its rows belong, column by column: what one column needs is in the cache and free again
// when the next one begins.
import { leavesOf } from '../../../../source/parquet-schema.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import type { ExecContext } from '../../context.ts';
import { MORSEL_ROWS } from '../../vector.ts';
import { type ChunkBytes, readTogether } from './chunk-bytes.ts';
import { FlatColumn } from './flat-column.ts';
import { HeldPages } from './held-pages.ts';
import { PageStream } from './page-stream.ts';
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
    for (const [i, chunk] of chunks.entries()) placeColumn(ctx, plan, i, chunk, rows, into);
  } finally {
    for (const b of blocks) ctx.arena.free(b);
  }
  return rows;
}

function placeColumn(
  ctx: ExecContext,
  plan: UnitPlan,
  i: number,
  chunk: ChunkBytes,
  rows: number,
  into: PlacedColumns,
): void {
  const field = plan.columns[i]!;
  const leaf = leavesOf(plan.nodes[i]!)[0]!;
  const meta = plan.group.columns[leaf.index]!;
  // what rows point to is copied: a page is not needed beyond the step that left it
  const memory = new HeldPages(0);
  const pages = new PageStream(ctx, targetOf(leaf, field.type), meta, chunk, memory, plan.bytes.name);
  const reader = new FlatColumn(pages);
  try {
    for (let row = 0; row < rows; ) {
      ctx.control.checkAbort();
      memory.nextBatch(ctx);
      let n = Math.min(rows - row, MORSEL_ROWS);
      const isLast = row + n === rows;
      const isTail = isLast && n <= 2 * TAIL_ROWS;
      if (isLast && !isTail) n = (n - TAIL_ROWS) & ~63;
      const mark = ctx.scratch.mark();
      let nulls: number;
      if (isTail || !reader.canPlace) nulls = into.putColumn(ctx, i, row, reader.read(ctx, n));
      else nulls = reader.readInto(ctx, n, i, row, into);
      if (nulls > 0 && !field.nullable) unexpectedNull(plan, field.name);
      ctx.scratch.rewind(mark);
      row += n;
    }
    if (rows === plan.group.rows) reader.finish();
  } finally {
    pages.close(ctx);
    memory.close(ctx);
  }
}
