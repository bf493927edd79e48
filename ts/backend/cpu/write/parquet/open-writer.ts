// Parquet files out of the engine: row groups one after another, and the footer that says where they are.
import type { Schema } from '../../../../schema/types.ts';
import type { ExecContext } from '../../context.ts';
import type { ByteSink, FileWriter, OpenWriter } from '../writer.ts';
import type { ChunkInfo } from './chunk-info.ts';
import type { WriteLeaf } from './columns.ts';
import { type GroupInfo, groupInfo, writeFooter, writeMagic } from './footer.ts';
import { RowGroupWriter } from './row-groups.ts';

export const openParquetWriter: OpenWriter = (_ctx, sink, schema, options) =>
  new ParquetFileWriter(sink, schema, options);

/** Takes rows, or row groups that were encoded apart. */
export class ParquetFileWriter implements FileWriter {
  readonly #sink: ByteSink;
  readonly #schema: Schema;
  readonly #open: RowGroupWriter;
  readonly #groups: GroupInfo[] = [];

  constructor(sink: ByteSink, schema: Schema, options: { readonly [name: string]: unknown }) {
    this.#sink = sink;
    this.#schema = schema;
    this.#open = new RowGroupWriter(sink, schema, options, (_, rows, columns) => this.takeGroup(rows, columns));
    writeMagic(sink);
  }

  write(...args: Parameters<FileWriter['write']>): void {
    this.#open.write(...args);
  }

  get leaves(): readonly WriteLeaf[] {
    return this.#open.columns.leaves;
  }

  /** Rows so far are a row group: bytes that follow are of the next one. */
  endRows(ctx: ExecContext): void {
    this.#open.endGroup(ctx);
  }

  /** A row group whose bytes are in the sink. */
  takeGroup(rows: number, columns: readonly ChunkInfo[]): void {
    this.#groups.push(groupInfo(rows, columns, this.#open.settings));
  }

  finish(ctx: ExecContext): void {
    this.#open.endGroup(ctx);
    this.#open.free(ctx);
    writeFooter(this.#sink, this.#schema, this.#open.columns, this.#groups);
  }
}
