// Pages whose strings are still in use.
import type { ExecContext } from '../../context.ts';
import type { PageMemory } from './page-stream.ts';

/** Frees the blocks that strings point into some batches after the last one that used them. */
export class HeldPages implements PageMemory {
  #batch = 0;
  readonly #kept: number;
  #released: { address: number; batch: number }[] = [];

  constructor(kept: number) {
    this.#kept = kept;
  }

  alloc(ctx: ExecContext, bytes: number): number {
    return ctx.arena.alloc(bytes);
  }
  release(_: ExecContext, address: number): void {
    this.#released.push({ address, batch: this.#batch });
  }
  nextBatch(ctx: ExecContext): void {
    this.#batch++;
    let kept = 0;
    for (const r of this.#released) {
      if (this.#batch - r.batch > this.#kept) ctx.arena.free(r.address);
      else this.#released[kept++] = r;
    }
    this.#released.length = kept;
  }
  close(ctx: ExecContext): void {
    for (const r of this.#released) ctx.arena.free(r.address);
    this.#released = [];
  }
}
