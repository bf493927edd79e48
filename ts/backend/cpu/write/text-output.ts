// Where the text writers put their text: a buffer in the heap, emptied into the sink, compressed when asked.
import zlib from 'node:zlib';
import { UnsupportedError } from '../../../errors.ts';
import type { ExecContext } from '../context.ts';
import type { ByteSink } from './writer.ts';

const BUFFER_BYTES = 1 << 20;

/** A compressor that keeps its state between synchronous calls. */
interface Packer {
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array;
  close(): void;
}

/** node:zlib as far as older types do not know it. */
const lateZlib = zlib as unknown as { createZstdCompress?: () => Packer };

/** What zstd calls the end of a frame; deflate calls it Z_FINISH. */
const ZSTD_END = 2;

function packerOf(compression: 'gzip' | 'zstd'): Packer {
  if (compression === 'gzip') return zlib.createGzip() as unknown as Packer;
  if (lateZlib.createZstdCompress !== undefined) return lateZlib.createZstdCompress();
  throw new UnsupportedError('This Node cannot write zstd. Use Node 22.15 or newer, or compression "gzip".', {
    compression,
  });
}

export class TextOutput {
  /** The free part of the buffer is `[at, end)`. */
  at: number;
  end: number;
  #buffer: number;
  readonly #sink: ByteSink;
  readonly #packer: Packer | null;
  readonly #finish: number;

  constructor(ctx: ExecContext, sink: ByteSink, compression: 'none' | 'gzip' | 'zstd') {
    this.#packer = compression === 'none' ? null : packerOf(compression);
    this.#finish = compression === 'zstd' ? ZSTD_END : zlib.constants.Z_FINISH;
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
      if (this.#packer === null) this.#sink.writeHeap(this.#buffer, length);
      else {
        // A copy: zlib refuses shared memory.
        const text = ctx.heap.refresh().u8.slice(this.#buffer, this.at);
        this.#pack(text, 0);
      }
    }
    this.at = this.#buffer;
  }

  #pack(text: Uint8Array, flush: number): void {
    const packed = this.#packer?._processChunk(text, flush);
    if (packed && packed.length > 0) this.#sink.write(packed);
  }

  /** Writes what is left and gives the buffer back. */
  finish(ctx: ExecContext): void {
    this.#flush(ctx);
    if (this.#packer !== null) {
      this.#pack(new Uint8Array(0), this.#finish);
      this.#packer.close();
    }
    ctx.arena.free(this.#buffer);
  }
}
