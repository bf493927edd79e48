// Where the text writers put their text: a buffer in the heap, emptied into the sink, compressed when asked.
import type { ExecContext } from '../context.ts';
import { SyncZlib } from '../scan/text/zlib-sync.ts';
import { zstdOf } from '../scan/zstd.ts';
import type { ByteSink } from './writer.ts';

/** Also the text of one zstd frame: frames follow one another. */
const BUFFER_BYTES = 1 << 20;

/** What zstd's own tool uses. */
const ZSTD_LEVEL = 3;

export class TextOutput {
  /** The free part of the buffer is `[at, end)`. */
  at: number;
  end: number;
  #buffer: number;
  readonly #sink: ByteSink;
  readonly #compression: 'none' | 'gzip' | 'zstd';
  readonly #gzip: SyncZlib | null;

  constructor(ctx: ExecContext, sink: ByteSink, compression: 'none' | 'gzip' | 'zstd') {
    this.#compression = compression;
    this.#gzip = compression === 'gzip' ? new SyncZlib('gzip') : null;
    this.#sink = sink;
    this.#buffer = ctx.arena.alloc(BUFFER_BYTES);
    this.at = this.#buffer;
    this.end = this.#buffer + BUFFER_BYTES;
  }

  /** Adds a short text. */
  write(ctx: ExecContext, text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length > this.end - this.at) this.makeRoom(ctx, bytes.length);
    ctx.heap.refresh().u8.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Empties the buffer; one that is empty already becomes larger. */
  makeRoom(ctx: ExecContext, bytes = 0): void {
    const used = this.at - this.#buffer;
    const size = this.end - this.#buffer;
    this.#flush(ctx);
    if (used > 0 && bytes <= size) return;
    ctx.arena.free(this.#buffer);
    const next = Math.max(size * 2, bytes);
    this.#buffer = ctx.arena.alloc(next);
    this.at = this.#buffer;
    this.end = this.#buffer + next;
  }

  #flush(ctx: ExecContext): void {
    const length = this.at - this.#buffer;
    if (length > 0) {
      // Compressors get a copy: they refuse shared memory.
      const copy = (): Uint8Array => ctx.heap.refresh().u8.slice(this.#buffer, this.at);
      if (this.#gzip !== null) {
        this.#gzip.push(copy());
        this.#drain(this.#gzip, false);
      } else if (this.#compression === 'zstd') this.#sink.write(zstdOf(ctx.kernels).compress(copy(), ZSTD_LEVEL));
      else this.#sink.writeHeap(this.#buffer, length);
    }
    this.at = this.#buffer;
  }

  #drain(gzip: SyncZlib, last: boolean): void {
    for (let out = gzip.next(last); out !== null; out = gzip.next(last)) this.#sink.write(out);
  }

  /** Writes what is left and gives the buffer back. */
  finish(ctx: ExecContext): void {
    this.#flush(ctx);
    if (this.#gzip !== null) {
      this.#drain(this.#gzip, true);
      this.#gzip.close();
    }
    ctx.arena.free(this.#buffer);
  }
}
