// Memory of a column chunk while it is written: buffers that grow, and the finished pages.
import type { ExecContext } from '../../context.ts';
import type { ByteSink } from '../writer.ts';

const START_BYTES = 4096;
/** What kernels may write past the end of what they fill. */
const SPARE_BYTES = 64;

/** Bytes one after another. */
export class GrowingBytes {
  address = 0;
  used = 0;
  #room = 0;

  /** Where `bytes` more can be written. */
  reserve(ctx: ExecContext, bytes: number): number {
    const need = this.used + bytes;
    if (this.address === 0 || need > this.#room) {
      const room = Math.max(START_BYTES, need, Math.min(this.#room * 2, this.#room + (64 << 20)));
      this.address =
        this.address === 0
          ? ctx.arena.alloc(room + SPARE_BYTES)
          : ctx.arena.grow(ctx.heap, this.address, this.used, room + SPARE_BYTES);
      this.#room = room;
    }
    return this.address + this.used;
  }

  append(ctx: ExecContext, from: number, bytes: number): void {
    const to = this.reserve(ctx, bytes);
    ctx.heap.refresh().u8.copyWithin(to, from, from + bytes);
    this.used += bytes;
  }

  free(ctx: ExecContext): void {
    if (this.address !== 0) ctx.arena.free(this.address);
    this.address = this.used = this.#room = 0;
  }
}

const LEAST_BLOCK_BYTES = 16384;
const MOST_BLOCK_BYTES = 1 << 20;

/** The finished pages of a chunk, in blocks that do not move. */
export class PageStore {
  bytes = 0;
  /** Memory taken for them. */
  heldBytes = 0;
  #blocks: { address: number; used: number; room: number }[] = [];

  #place(ctx: ExecContext, bytes: number): number {
    let block = this.#blocks.at(-1);
    if (!block || block.used + bytes > block.room) {
      const room = Math.max(bytes, LEAST_BLOCK_BYTES, Math.min(this.bytes >> 1, MOST_BLOCK_BYTES));
      block = { address: ctx.arena.alloc(room), used: 0, room };
      this.#blocks.push(block);
      this.heldBytes += room;
    }
    const to = block.address + block.used;
    block.used += bytes;
    this.bytes += bytes;
    return to;
  }

  /** Bytes of the heap. */
  append(ctx: ExecContext, from: number, bytes: number): void {
    const to = this.#place(ctx, bytes);
    ctx.heap.refresh().u8.copyWithin(to, from, from + bytes);
  }

  /** Bytes from outside the heap. */
  appendBytes(ctx: ExecContext, bytes: Uint8Array): void {
    const to = this.#place(ctx, bytes.length);
    ctx.heap.refresh().u8.set(bytes, to);
  }

  /** Writes everything and gives the memory back. */
  flush(ctx: ExecContext, sink: ByteSink): void {
    for (const b of this.#blocks) {
      sink.writeHeap(b.address, b.used);
      ctx.arena.free(b.address);
    }
    this.#blocks = [];
    this.bytes = this.heldBytes = 0;
  }
}
