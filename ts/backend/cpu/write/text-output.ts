// Where the text writers put their text: a buffer in the heap, emptied into the sink, compressed when asked.
import type { ExecContext } from '../context.ts';
import { hasZlib, SyncZlib } from '../scan/text/zlib-sync.ts';
import { zstdOf } from '../scan/zstd.ts';
import type { ByteSink } from './writer.ts';

/** Also the text of one zstd frame where frames follow one another. */
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
  readonly #packer: SyncZlib | null;

  constructor(ctx: ExecContext, sink: ByteSink, compression: 'none' | 'gzip' | 'zstd') {
    this.#compression = compression;
    // Without it, zstd is written a frame at a time.
    this.#packer = compression !== 'none' && hasZlib(compression) ? new SyncZlib(compression) : null;
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
    this.flush(ctx);
    if (used > 0 && bytes <= size) return;
    ctx.arena.free(this.#buffer);
    const next = Math.max(size * 2, bytes);
    this.#buffer = ctx.arena.alloc(next);
    this.at = this.#buffer;
    this.end = this.#buffer + next;
  }

  /** Empties the buffer. */
  flush(ctx: ExecContext): void {
    const length = this.at - this.#buffer;
    if (length > 0) {
      // Compressors get a copy: they refuse shared memory.
      const copy = (): Uint8Array => ctx.heap.refresh().u8.slice(this.#buffer, this.at);
      if (this.#packer !== null) {
        this.#packer.push(copy());
        this.#drain(this.#packer, false);
      } else if (this.#compression === 'zstd') this.#sink.write(zstdOf(ctx.kernels).compress(copy(), ZSTD_LEVEL));
      else this.#sink.writeHeap(this.#buffer, length);
    }
    this.at = this.#buffer;
  }

  #drain(packer: SyncZlib, last: boolean): void {
    for (let out = packer.next(last); out !== null; out = packer.next(last)) this.#sink.write(out);
  }

  /** Writes what is left and gives the buffer back. */
  finish(ctx: ExecContext): void {
    this.flush(ctx);
    if (this.#packer !== null) {
      this.#drain(this.#packer, true);
      this.#packer.close();
    }
    ctx.arena.free(this.#buffer);
  }
}
