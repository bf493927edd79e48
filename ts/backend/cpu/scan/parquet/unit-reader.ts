// One row group, read morsel by morsel.

import { SchemaMismatchError } from '../../../../errors.ts';
import type { Schema } from '../../../../schema/types.ts';
import type { RowGroupMeta } from '../../../../source/parquet-footer.ts';
import { leavesOf, type ParquetNode } from '../../../../source/parquet-schema.ts';
import type { RowRange } from '../../../../source/prune.ts';
import { nullVector } from '../../columns/alloc.ts';
import { gather } from '../../columns/gather.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { RowFilters, UnitReader } from '../scanner.ts';
import { ChunkBytes, readTogether } from './chunk-bytes.ts';
import { type ColumnReader, FlatColumn } from './flat-column.ts';
import { HeldPages } from './held-pages.ts';
import { NestedColumn } from './nested-column.ts';
import { PageStream, pairUp } from './page-stream.ts';
import { readSelected, type Selected } from './selected-rows.ts';
import { targetOf } from './target.ts';

/** What to read of a row group. */
export interface UnitPlan {
  readonly bytes: SyncBytes;
  /** Where the footer starts: no column chunk passes it. */
  readonly dataEnd: number;
  readonly group: RowGroupMeta;
  readonly columns: Schema;
  /** The file's column for each wanted one; null when the file does not have it. */
  readonly nodes: readonly (ParquetNode | null)[];
  /** Rows to yield, ascending and not overlapping. */
  readonly ranges: readonly RowRange[];
  /** Most rows to yield. */
  readonly limit: number;
  readonly filters?: RowFilters | null;
  /** First rows of pages by column chunk, where a page index was read. */
  readonly pageStarts: ReadonlyMap<number, readonly { readonly offset: number; readonly firstRow: number }[]>;
}

/** All wanted chunks together are read at once up to this size; beyond it each has a window. */
const READ_ALL_BYTES = 16 << 20;
const WINDOWS_BYTES = 64 << 20;
const SMALL_WINDOW_BYTES = 256 << 10;
/** Most bytes of values, roughly, that one batch may hold. */
const BATCH_BYTES = 64 << 20;

export function openUnitReader(ctx: ExecContext, plan: UnitPlan): UnitReader {
  return new RowGroupReader(ctx, plan);
}

class RowGroupReader implements UnitReader {
  readonly #plan: UnitPlan;
  readonly #readers: (ColumnReader | null)[] = [];
  readonly #streams: PageStream[] = [];
  readonly #memory = new HeldPages(2);
  #blocks: number[] = [];
  readonly #batchRows: number;
  #range = 0;
  /** The next row of the row group, and of the current range. */
  #row = 0;
  #yielded = 0;
  #ordinal = 0;
  #closed = false;

  constructor(ctx: ExecContext, plan: UnitPlan) {
    this.#plan = plan;
    this.#batchRows = batchRows(plan);
    try {
      this.#open(ctx);
    } catch (e) {
      this.close(ctx);
      throw e;
    }
  }

  #open(ctx: ExecContext): void {
    const plan = this.#plan;
    const chunks = new Map<number, ChunkBytes>();
    const indices = plan.nodes.flatMap((n) => (n === null ? [] : leavesOf(n).map((l) => l.index)));
    const kept = plan.ranges.reduce((sum, r) => sum + r.to - r.from, 0);
    // with most pages left out, read only near the others
    const isSparse = kept * 2 < plan.group.rows;
    const windowBytes = isSparse
      ? SMALL_WINDOW_BYTES
      : Math.min(8 << 20, Math.max(SMALL_WINDOW_BYTES, Math.floor(WINDOWS_BYTES / Math.max(1, indices.length))));
    let total = 0;
    for (const i of indices) {
      if (chunks.has(i)) continue;
      const chunk = openChunk(plan, i, windowBytes);
      total += chunk.end - chunk.start;
      chunks.set(i, chunk);
    }
    if (total <= READ_ALL_BYTES && !isSparse) this.#blocks = readTogether(ctx, plan.bytes, [...chunks.values()]);
    for (const [i, node] of plan.nodes.entries()) {
      if (node === null) {
        this.#readers.push(null);
        continue;
      }
      const isFlat = node.kind === 'leaf';
      const pages = leavesOf(node).map((leaf) => {
        const meta = plan.group.columns[leaf.index]!;
        const target = targetOf(leaf, isFlat ? plan.columns[i]!.type : leaf.type);
        const stream = new PageStream(ctx, target, meta, chunks.get(leaf.index)!, this.#memory, plan.bytes.name);
        this.#streams.push(stream);
        return stream;
      });
      this.#readers.push(isFlat ? new FlatColumn(pages[0]!) : new NestedColumn(node, pages));
    }
    // Pages of which no row is wanted are not expanded: only where all are wanted is it known beforehand which.
    if (!plan.filters && kept === plan.group.rows) pairUp(this.#streams.filter((s) => s.isWorthPairing));
  }

  next(ctx: ExecContext): Batch | null {
    const { filters } = this.#plan;
    if (!filters) return this.#next(ctx, null);
    const mark = ctx.scratch.mark();
    for (;;) {
      const before = this.#yielded;
      const batch = this.#next(ctx, filters);
      const dropped = this.#yielded - before - (batch?.length ?? 0);
      if (dropped > 0) filters.dropped(dropped);
      if (batch === null || batch.length > 0) return batch;
      ctx.scratch.rewind(mark);
    }
  }

  /** The next rows, or those of them that pass the filters; of no length when none does. */
  #next(ctx: ExecContext, filters: RowFilters | null): Batch | null {
    const { ranges, limit, columns, group } = this.#plan;
    ctx.control.checkAbort();
    let range = ranges[this.#range];
    while (range && this.#row >= range.to) range = ranges[++this.#range];
    if (!range || this.#yielded >= limit) return null;
    this.#memory.nextBatch(ctx);
    if (this.#row < range.from) this.#skipTo(ctx, range.from);
    const n = Math.min(range.to - this.#row, this.#batchRows, limit - this.#yielded);
    const all: Selected = { sel: 0, count: n };
    const selected = filters
      ? readSelected(
          ctx,
          filters,
          columns.length,
          n,
          (i, rows) => this.#read(ctx, i, n, rows),
          (i) => this.#readers[i]?.skip(ctx, n),
        )
      : { count: n, columns: columns.map((_, i) => this.#read(ctx, i, n, all)) };
    this.#row += n;
    this.#yielded += n;
    if (this.#row === group.rows) for (const r of this.#readers) r?.finish(ctx);
    return { length: selected?.count ?? 0, columns: selected?.columns ?? [], ordinal: this.#ordinal++ };
  }

  /** Rows of the next n of a column. */
  #read(ctx: ExecContext, column: number, n: number, { sel, count }: Selected): Vector {
    const field = this.#plan.columns[column]!;
    const reader = this.#readers[column];
    if (!reader) return nullVector(ctx, field.type, count, ctx.scratch);
    let v: Vector;
    if (sel === 0) v = reader.read(ctx, n);
    else v = reader.readSelected?.(ctx, n, sel, count) ?? gather(ctx, reader.read(ctx, n), sel, count, ctx.scratch);
    if (v.validity !== 0 && !field.nullable) unexpectedNull(this.#plan, field.name);
    return v;
  }

  #skipTo(ctx: ExecContext, row: number): void {
    for (const [i, reader] of this.#readers.entries()) {
      if (!reader) continue;
      let from = this.#row;
      if (reader instanceof FlatColumn) {
        const leaf = this.#plan.nodes[i];
        const starts = leaf?.kind === 'leaf' ? this.#plan.pageStarts.get(leaf.index) : undefined;
        const page = starts?.findLast((p) => p.firstRow <= row);
        if (page && page.firstRow > from && reader.seek(ctx, page.offset, page.firstRow)) from = page.firstRow;
      }
      if (row > from) reader.skip(ctx, row - from);
    }
    this.#row = row;
  }

  close(ctx: ExecContext): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const r of this.#readers) r?.close?.(ctx);
    for (const s of this.#streams) s.close(ctx);
    for (const b of this.#blocks) ctx.arena.free(b);
    this.#memory.close(ctx);
  }
}

export function unexpectedNull(plan: UnitPlan, name: string): never {
  const { name: path } = plan.bytes;
  throw new SchemaMismatchError(
    `The column "${name}" of ${path} holds nulls, but the schema says that it has none. Declare it nullable.`,
    { path, column: name },
  );
}

/** Finds a column chunk in the file. */
export function openChunk(plan: UnitPlan, index: number, windowBytes: number): ChunkBytes {
  const meta = plan.group.columns[index]!;
  const dictionary = meta.dictionaryPageOffset ?? 0;
  // some writers say 0 when there is none
  const start = dictionary > 0 ? Math.min(dictionary, meta.dataPageOffset) : meta.dataPageOffset;
  const end = start + meta.compressedBytes;
  return new ChunkBytes(plan.bytes, start, end, plan.dataEnd, windowBytes);
}

/** As many rows as fit into a batch's memory, by what the footer says of their size. */
function batchRows(plan: UnitPlan): number {
  let bytes = 0;
  for (const node of plan.nodes)
    if (node) for (const l of leavesOf(node)) bytes += plan.group.columns[l.index]!.uncompressedBytes;
  const perRow = bytes / Math.max(1, plan.group.rows);
  if (perRow * MORSEL_ROWS <= BATCH_BYTES) return MORSEL_ROWS;
  const rows = Math.floor(BATCH_BYTES / perRow);
  return rows >= 64 ? rows & ~63 : Math.max(1, rows);
}
