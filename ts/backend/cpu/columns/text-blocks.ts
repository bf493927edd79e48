// Blocks of long strings that many views point into; whoever keeps the views keeps the blocks.
import type { ExecContext } from '../context.ts';

/** They are regions of their own, which a result takes over. */
const FIRST_BYTES = 256 << 10;
const MOST_BYTES = 8 << 20;

export class TextBlocks {
  blocks: number[] = [];
  #top = 0;
  #end = 0;

  /** Copies the bytes of long strings, so that what they point to may go. */
  keep(ctx: ExecContext, views: number, n: number): void {
    const core = ctx.kernels.get('core');
    const bytes = core.longViewBytes(views, n);
    if (bytes === 0) return;
    this.used(core.relocateViews(views, n, this.room(ctx, bytes)) >>> 0);
  }

  /** Where up to `bytes` of strings go; `used` is told where they end. */
  room(ctx: ExecContext, bytes: number): number {
    if (this.#top + bytes > this.#end) {
      const size = Math.max(bytes, Math.min(FIRST_BYTES * 2 ** this.blocks.length, MOST_BYTES));
      this.#top = ctx.arena.alloc(size);
      this.#end = this.#top + size;
      this.blocks.push(this.#top);
    }
    return this.#top;
  }

  used(end: number): void {
    this.#top = end;
  }

  /** Gives back what the last block did not need. */
  end(ctx: ExecContext): void {
    const last = this.blocks.at(-1);
    if (last === undefined || this.#end === 0) return;
    ctx.arena.shrink(last, this.#top - last);
    this.#end = this.#top = 0;
  }

  /** Takes over the blocks of another thread. */
  adopt(blocks: readonly number[]): void {
    this.blocks = [...blocks, ...this.blocks];
  }

  free(ctx: ExecContext): void {
    for (const block of this.blocks) ctx.arena.free(block);
    this.blocks = [];
    this.#end = this.#top = 0;
  }
}
