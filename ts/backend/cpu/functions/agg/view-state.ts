// Strings that groups hold on to. A kernel picks views into the morsel; afterwards the bytes of the long ones that
// are new are copied, over the group's last ones where they fit.
import type { ExecContext } from '../../context.ts';
import { GroupArray } from './state.ts';

const BLOCK_BYTES = 1 << 12;
const MAX_BLOCK_BYTES = 1 << 22;

export class ViewState {
  /** One byte a group: see wasm/_extremes.ts. */
  readonly state = new GroupArray(1);
  /** {address, capacity} of the bytes each group holds. */
  readonly #own = new GroupArray(8);
  /** Free space: {from, to}. */
  #space = 0;
  #blockBytes = BLOCK_BYTES;

  ensure(ctx: ExecContext, groups: number): void {
    this.state.ensure(ctx, groups);
    this.#own.ensure(ctx, groups);
  }

  /** Copies the bytes of the views that the groups of `list` hold. */
  keep(ctx: ExecContext, views: number, list: number, n: number): void {
    const agg = ctx.kernels.get('agg');
    if (this.#space === 0) {
      this.#space = ctx.arena.alloc(8);
      ctx.heap.refresh().u64[this.#space >>> 3] = 0n;
    }
    for (let at = 0; ; ) {
      at = agg.keepViews(views, this.#own.address, this.state.address, list, at, n, this.#space);
      if (at >= n) return;
      // What keepViews wants: the string, or twice the group's last room.
      const { u32 } = ctx.heap.refresh();
      const group = u32[(list >>> 2) + at]!;
      const held = u32[(this.#own.address >>> 2) + 2 * group + 1]!;
      const bytes = Math.max(u32[(views >>> 2) + 4 * group]!, Math.min(2 * held, 1 << 20), this.#blockBytes);
      const from = ctx.arena.alloc(bytes);
      this.#blockBytes = Math.min(MAX_BLOCK_BYTES, this.#blockBytes * 4);
      const words = ctx.heap.refresh().u32;
      words[this.#space >>> 2] = from;
      words[(this.#space >>> 2) + 1] = from + bytes;
    }
  }
}
