// The table of a join: key → first build row, and a chain through the other build rows of the key.
import { allocZeroed } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import type { EncodedKeys, KeyLayout } from './join-keys.ts';

/** A dense table may have this many slots per build row, and always this many. */
const DENSE_SLOTS_PER_ROW = 4;
const DENSE_SLOTS = 1 << 16;
const MOST_DENSE_SLOTS = 1 << 28;

type Kind = 'dense' | 'short' | 'words' | 'cells';

/** Where a table lies. */
export interface JoinTableJson {
  readonly rows: number;
  readonly unique: boolean;
  readonly next: number;
  readonly kind: Kind;
  readonly keys: number;
  readonly slots: number;
  readonly bits: number;
  /** Address of the least and greatest word. */
  readonly range: number;
  readonly slotCount: number;
}

/** Read-only once built: any number of threads may probe it. */
export class JoinTable {
  readonly rows: number;
  /** No key occurs twice. */
  readonly unique: boolean;
  /** Build row + 1 of the next row with the same key, by build row. */
  readonly next: number;
  readonly #at: JoinTableJson;
  readonly #layout: KeyLayout;

  constructor(layout: KeyLayout, at: JoinTableJson) {
    this.#layout = layout;
    this.#at = at;
    this.rows = at.rows;
    this.unique = at.unique;
    this.next = at.next;
  }

  /** Indexes the encoded keys of all rows. */
  static build(ctx: ExecContext, layout: KeyLayout, { address, valid, length: rows }: EncodedKeys): JoinTable {
    const kernels = ctx.kernels.get('join');
    const range = ctx.arena.alloc(16);
    const next = ctx.arena.alloc(rows * 4);
    let span = Number.POSITIVE_INFINITY;
    if (layout.cells === 0) {
      const some = kernels.wordRange(address, valid, rows, range);
      const i64 = ctx.heap.refresh().i64;
      span = some === 0 ? 1 : Number(i64[(range >>> 3) + 1]! - i64[range >>> 3]!) + 1;
    }
    const bits = Math.max(4, 33 - Math.clz32(Math.max(rows, 1)));
    const dense = span <= Math.min(MOST_DENSE_SLOTS, Math.max(DENSE_SLOTS, rows * DENSE_SLOTS_PER_ROW));
    const kind = layout.cells > 0 ? 'cells' : dense ? 'dense' : span < 2 ** 32 ? 'short' : 'words';
    const slotCount = dense ? span : 2 ** bits;
    const slotBytes = kind === 'dense' ? 4 : kind === 'words' ? 16 : 8;
    const slots = allocZeroed(ctx, slotCount * slotBytes, ctx.arena);
    let repeats: number;
    switch (kind) {
      case 'dense':
        repeats = kernels.buildDense(address, valid, rows, range, slots, next);
        break;
      case 'short':
        repeats = kernels.buildShort(address, valid, rows, range, slots, bits, next);
        break;
      case 'words':
        repeats = kernels.buildWords(address, valid, rows, slots, bits, next);
        break;
      case 'cells':
        repeats = kernels.buildCells(address, layout.cells, layout.views, valid, rows, slots, bits, next);
    }
    const unique = repeats === 0;
    return new JoinTable(layout, { rows, unique, next, kind, keys: address, slots, bits, range, slotCount });
  }

  toJson(): JoinTableJson {
    return this.#at;
  }

  /** For each row the first build row of its key + 1, or 0: `u32[heads …]`. */
  lookup(ctx: ExecContext, keys: EncodedKeys, heads: number): void {
    const kernels = ctx.kernels.get('join');
    const { address, valid, length: n } = keys;
    const { cells, views } = this.#layout;
    const { kind, range, slotCount, slots, bits, keys: own } = this.#at;
    switch (kind) {
      case 'dense':
        kernels.lookupDense(address, valid, n, range, slotCount, slots, heads);
        break;
      case 'short':
        kernels.lookupShort(address, valid, n, range, slots, bits, heads);
        break;
      case 'words':
        kernels.lookupWords(address, valid, n, slots, bits, heads);
        break;
      case 'cells':
        if (cells === 1 && views === 1) kernels.lookupViews(address, own, valid, n, slots, bits, heads);
        else kernels.lookupCells(address, own, cells, views, valid, n, slots, bits, heads);
    }
  }
}
