// The table of a join: key → first build row, and a chain through the other build rows of the key.
import { bytesFor } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import { MORSEL_ROWS } from '../vector.ts';
import type { EncodedKeys, KeyLayout } from './join-keys.ts';

/** A dense table may have this many slots per build row, and always this many. */
const DENSE_SLOTS_PER_ROW = 4;
const DENSE_SLOTS = 1 << 16;
const MOST_DENSE_SLOTS = 1 << 28;

/** Slots of more bytes than this get a filter before them: most misses end in a cache. */
const UNFILTERED_BYTES = 1 << 18;
/** Bits of a filter for each build row: of a hash, and at most of the keys themselves. */
const HASH_FILTER_BITS = 3;
const EXACT_FILTER_BITS = 64;
/** From this share of rows that pass on, a filter is not asked any more. */
const MOST_PASSING = 0.7;

/** `bits`: only whether a key is there, by a bitmap of the keys. */
type Kind = 'dense' | 'short' | 'words' | 'cells' | 'bits';

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
  readonly filter: Filter | null;
}

/** A bitmap that says of most missing keys that they are missing. */
interface Filter {
  readonly bits: number;
  /** 0: bit `key − least` of [0, size); otherwise the low bits of a hash that are cut off. */
  readonly shift: number;
  readonly size: number;
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
  #seen = 0;
  #passed = 0;

  constructor(layout: KeyLayout, at: JoinTableJson) {
    this.#layout = layout;
    this.#at = at;
    this.rows = at.rows;
    this.unique = at.unique;
    this.next = at.next;
  }

  /** Indexes the encoded keys of all rows. With `exists` only whether a key is there may be asked: heads are 0 and not 0. */
  static build(
    ctx: ExecContext,
    layout: KeyLayout,
    { address, valid, length: rows }: EncodedKeys,
    exists = false,
  ): JoinTable {
    const kernels = ctx.kernels.get('join');
    const range = ctx.arena.alloc(16);
    let span = Number.POSITIVE_INFINITY;
    if (layout.cells === 0) {
      const some = kernels.wordRange(address, valid, rows, range);
      const i64 = ctx.heap.refresh().i64;
      span = some === 0 ? 1 : Number(i64[(range >>> 3) + 1]! - i64[range >>> 3]!) + 1;
    }
    const exact = span <= Math.min(MOST_DENSE_SLOTS, Math.max(DENSE_SLOTS, rows * EXACT_FILTER_BITS));
    const filterOf = (shift: number, size: number): Filter => {
      const bits = allocZeroed(ctx, bytesFor('bit', size), ctx.arena);
      for (let at = 0; at < rows; at += MORSEL_ROWS)
        kernels.fillFilter(
          address + at * 8,
          valid === 0 ? 0 : valid + (at >>> 3),
          Math.min(MORSEL_ROWS, rows - at),
          range,
          shift,
          bits,
        );
      return { bits, shift, size };
    };
    const whole = { rows, keys: address, range };
    if (exists && exact) {
      const filter = filterOf(0, span);
      const none = { unique: false, next: 0, slots: 0, bits: 0, slotCount: 0 };
      return new JoinTable(layout, { ...whole, ...none, kind: 'bits', filter });
    }
    const next = ctx.arena.alloc(rows * 4);
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
    let filter: Filter | null = null;
    if (kind !== 'cells' && slotCount * slotBytes > UNFILTERED_BYTES)
      filter = exact ? filterOf(0, span) : filterOf(64 - bits - HASH_FILTER_BITS, 2 ** (bits + HASH_FILTER_BITS));
    return new JoinTable(layout, { ...whole, unique, next, kind, slots, bits, slotCount, filter });
  }

  toJson(): JoinTableJson {
    return this.#at;
  }

  /** For each row the first build row of its key + 1, or 0: `u32[heads …]`. */
  lookup(ctx: ExecContext, keys: EncodedKeys, heads: number): void {
    const { filter, kind, range } = this.#at;
    if (filter === null || (kind !== 'bits' && this.#passed > this.#seen * MOST_PASSING)) {
      this.#find(ctx, keys, heads);
      return;
    }
    const kernels = ctx.kernels.get('join');
    const { address, valid, length: n } = keys;
    const mark = ctx.scratch.mark();
    const rows = ctx.scratch.alloc(n * 4 + 4);
    const { shift, size, bits } = filter;
    const passed = kernels.passFilter(address, valid, n, range, size, shift, bits, rows);
    this.#seen += n;
    this.#passed += passed;
    if (kind === 'bits') kernels.markRows(rows, passed, n, heads);
    else {
      const words = ctx.scratch.alloc(passed * 8);
      const found = ctx.scratch.alloc(passed * 4);
      kernels.pickWords(address, rows, passed, words);
      this.#find(ctx, { address: words, valid: 0, length: passed }, found);
      kernels.spreadHeads(found, rows, passed, n, heads);
    }
    ctx.scratch.rewind(mark);
  }

  /** Row numbers at `u32[rows …]` of the keys that may be there: all that are, and few others. Returns how many. */
  select(ctx: ExecContext, keys: EncodedKeys, rows: number): number {
    const { filter, range } = this.#at;
    const kernels = ctx.kernels.get('join');
    const { address, valid, length: n } = keys;
    if (filter !== null)
      return kernels.passFilter(address, valid, n, range, filter.size, filter.shift, filter.bits, rows);
    const heads = ctx.scratch.alloc(n * 4);
    this.#find(ctx, keys, heads);
    return kernels.rowsMatching(heads, n, 1, rows);
  }

  #find(ctx: ExecContext, keys: EncodedKeys, heads: number): void {
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
