// Row groups of a Parquet file: batches become pages at once, and a row group when it is full.
import type { Schema } from '../../../../schema/types.ts';
import { type ParquetWriteSettings, parquetWriteSettings } from '../../../../source/parquet-options.ts';
import { gather } from '../../columns/gather.ts';
import { slice } from '../../columns/slice.ts';
import type { ExecContext } from '../../context.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { ByteSink } from '../writer.ts';
import { GrowingBytes } from './buffers.ts';
import type { ChunkInfo } from './chunk-info.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { type WriteColumns, type WriteNode, writeColumns } from './columns.ts';
import { appendNested, plainUnlessUseful } from './nested.ts';

/** A row group ends when so many packed bytes wait for it. */
const MOST_WAITING_BYTES = 64 << 20;
const MOST_OPEN_BYTES = 64 << 20;
const LEAST_SHARE_BYTES = 65536;
/** Entries of nested columns that are appended at a time: the more, the less often; pages end only between. */
const LEAST_ENTRIES = 512;
const MOST_ENTRIES = 65536;

/** Told of every row group when its bytes are in the sink: its rows and its columns. */
export type OnGroup = (ctx: ExecContext, rows: number, columns: readonly ChunkInfo[]) => void;

export class RowGroupWriter {
  readonly columns: WriteColumns;
  readonly settings: ParquetWriteSettings;
  readonly #sink: ByteSink;
  readonly #onGroup: OnGroup;
  readonly #chunks: readonly ChunkWriter[];
  readonly #body = new GrowingBytes();
  /** Rows of a batch after which it is looked whether the row group is full. */
  readonly #stepRows: number;
  #rows = 0;

  /** `share`: what the dictionaries of small row groups may take of what they save (ChunkWriter). */
  constructor(
    sink: ByteSink,
    schema: Schema,
    options: { readonly [name: string]: unknown },
    onGroup: OnGroup,
    share = 1,
  ) {
    this.#sink = sink;
    this.#onGroup = onGroup;
    this.columns = writeColumns(schema);
    this.settings = settingsFor(parquetWriteSettings(options), this.columns.leaves.length);
    this.#chunks = this.columns.leaves.map((leaf) => new ChunkWriter(leaf, this.settings, this.#body, share));
    this.#stepRows = Math.max(1024, Math.floor((MORSEL_ROWS * 64) / Math.max(64, this.#chunks.length)) & ~7);
  }

  write(ctx: ExecContext, batch: Batch): void {
    for (let from = 0; from < batch.length; ) {
      const n = Math.min(batch.length - from, this.settings.rowGroupRows - this.#rows, this.#stepRows);
      this.columns.nodes.forEach((node, i) => {
        const mark = ctx.scratch.mark();
        this.#append(ctx, node, rowsOf(ctx, batch.columns[i]!, from, n));
        ctx.scratch.rewind(mark);
        ctx.control.checkAbort();
      });
      from += n;
      this.#rows += n;
      const waiting = this.#chunks.reduce((sum, c) => sum + c.waitingBytes, 0);
      if (this.#rows >= this.settings.rowGroupRows || waiting >= MOST_WAITING_BYTES) this.endGroup(ctx);
    }
  }

  #append(ctx: ExecContext, node: WriteNode, v: Vector): void {
    if (node.kind !== 'leaf') {
      const mostEntries = Math.min(MOST_ENTRIES, Math.max(LEAST_ENTRIES, this.settings.dataPageBytes >> 3));
      appendNested(ctx, node, v, this.#chunks, mostEntries);
      return;
    }
    const chunk = this.#chunks[node.index]!;
    let column = v;
    for (let from = 0; from < v.length; ) {
      column = plainUnlessUseful(ctx, chunk, column);
      const mark = ctx.scratch.mark();
      const rest = slice(column, from, v.length - from);
      const n = chunk.pieceRows(ctx, rest, rest.length);
      chunk.append(ctx, slice(rest, 0, n));
      from += n;
      ctx.scratch.rewind(mark);
    }
  }

  /** Writes what waits as a row group of its own. */
  endGroup(ctx: ExecContext): void {
    if (this.#rows === 0) return;
    const mark = ctx.scratch.mark();
    const infos = this.#chunks.map((c) => c.finish(ctx, this.#sink));
    const rows = this.#rows;
    this.#rows = 0;
    this.#onGroup(ctx, rows, infos);
    ctx.scratch.rewind(mark);
  }

  /** Forgets what row groups so far have shown: the next one is written as if it were the first. */
  forget(): void {
    for (const c of this.#chunks) c.forget();
  }

  free(ctx: ExecContext): void {
    for (const c of this.#chunks) c.free(ctx);
    this.#body.free(ctx);
  }
}

/** The open pages and the dictionaries of all columns together stay small: of many columns each has less. */
function settingsFor(settings: ParquetWriteSettings, leaves: number): ParquetWriteSettings {
  const share = Math.max(LEAST_SHARE_BYTES, Math.floor(MOST_OPEN_BYTES / Math.max(1, leaves)));
  return {
    ...settings,
    dataPageBytes: Math.min(settings.dataPageBytes, share),
    dictionaryBytes: Math.min(settings.dictionaryBytes, share),
  };
}

/** Rows [from, from + n); where they do not start on a byte of the bitmaps, a copy. */
function rowsOf(ctx: ExecContext, v: Vector, from: number, n: number): Vector {
  if ((from & 7) === 0) return slice(v, from, n);
  const sel = ctx.scratch.alloc(n * 4);
  ctx.kernels.get('core').iota(sel, n, from);
  return gather(ctx, v, sel, n, ctx.scratch);
}
