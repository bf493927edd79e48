// The table of a join: key → first build row, and a chain through the other build rows of the key.
import { allocZeroed } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import type { EncodedKeys, KeyLayout } from './join-keys.ts';

/** A dense table may have this many slots per build row, and always this many. */
const DENSE_SLOTS_PER_ROW = 4;
const DENSE_SLOTS = 1 << 16;
const MOST_DENSE_SLOTS = 1 << 28;

type Kind = 'dense' | 'short' | 'words' | 'cells';

/** Read-only once built: any number of threads may probe it. */
export class JoinTable {
  readonly rows: number;
  /** No key occurs twice. */
  readonly unique: boolean;
  /** Build row + 1 of the next row with the same key, by build row. */
  readonly next: number;
  readonly #kind: Kind;
  readonly #layout: KeyLayout;
  readonly #keys: number;
  readonly #slots: number;
  readonly #bits: number;
  /** Address of the least and greatest word. */
  readonly #range: number;
  readonly #slotCount: number;

  constructor(ctx: ExecContext, layout: KeyLayout, keys: EncodedKeys) {
    const kernels = ctx.kernels.get('join');
    const n = keys.length;
    this.rows = n;
    this.#layout = layout;
    this.#keys = keys.address;
    this.#range = ctx.arena.alloc(16);
    this.next = ctx.arena.alloc(n * 4);
    let span = Number.POSITIVE_INFINITY;
    if (layout.cells === 0) {
      const some = kernels.wordRange(keys.address, keys.valid, n, this.#range);
      const i64 = ctx.heap.refresh().i64;
      span = some === 0 ? 1 : Number(i64[(this.#range >>> 3) + 1]! - i64[this.#range >>> 3]!) + 1;
    }
    this.#bits = Math.max(4, 33 - Math.clz32(Math.max(n, 1)));
    const dense = span <= Math.min(MOST_DENSE_SLOTS, Math.max(DENSE_SLOTS, n * DENSE_SLOTS_PER_ROW));
    this.#kind = layout.cells > 0 ? 'cells' : dense ? 'dense' : span < 2 ** 32 ? 'short' : 'words';
    this.#slotCount = dense ? span : 2 ** this.#bits;
    const slotBytes = this.#kind === 'dense' ? 4 : this.#kind === 'words' ? 16 : 8;
    const slots = allocZeroed(ctx, this.#slotCount * slotBytes, ctx.arena);
    this.#slots = slots;
    const { address, valid } = keys;
    let repeats: number;
    switch (this.#kind) {
      case 'dense':
        repeats = kernels.buildDense(address, valid, n, this.#range, slots, this.next);
        break;
      case 'short':
        repeats = kernels.buildShort(address, valid, n, this.#range, slots, this.#bits, this.next);
        break;
      case 'words':
        repeats = kernels.buildWords(address, valid, n, slots, this.#bits, this.next);
        break;
      case 'cells':
        repeats = kernels.buildCells(address, layout.cells, layout.views, valid, n, slots, this.#bits, this.next);
    }
    this.unique = repeats === 0;
  }

  /** For each row the first build row of its key + 1, or 0: `u32[heads …]`. */
  lookup(ctx: ExecContext, keys: EncodedKeys, heads: number): void {
    const kernels = ctx.kernels.get('join');
    const { address, valid, length: n } = keys;
    const { cells, views } = this.#layout;
    switch (this.#kind) {
      case 'dense':
        kernels.lookupDense(address, valid, n, this.#range, this.#slotCount, this.#slots, heads);
        break;
      case 'short':
        kernels.lookupShort(address, valid, n, this.#range, this.#slots, this.#bits, heads);
        break;
      case 'words':
        kernels.lookupWords(address, valid, n, this.#slots, this.#bits, heads);
        break;
      case 'cells':
        if (cells === 1 && views === 1)
          kernels.lookupViews(address, this.#keys, valid, n, this.#slots, this.#bits, heads);
        else kernels.lookupCells(address, this.#keys, cells, views, valid, n, this.#slots, this.#bits, heads);
    }
  }
}
