// Strings to codes: for Categorical columns that leave the engine.
import type { Alloc } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';

const START_BITS = 10;
const STRING_BLOCK_BYTES = 1 << 20;

/** Words in blocks of an arena: `count` views, and the blocks that they point into. */
export interface WordList {
  readonly words: number;
  readonly count: number;
  readonly strings: readonly number[];
}

/** A growing dictionary of distinct strings in `ctx.arena`. */
export class WordEncoder {
  #bits = 0;
  #table = 0;
  #words = 0;
  #count = 0;
  /** Words before this have had their long strings copied. */
  #kept = 0;
  #strings: number[] = [];
  #top = 0;
  #end = 0;

  get count(): number {
    return this.#count;
  }

  /** The address of `v.length` u32 codes in `alloc`; 0 under nulls. Views of new words point where `v`'s do: `keep`. */
  encode(ctx: ExecContext, v: Vector, alloc: Alloc): number {
    if (v.dict && v.dict.length > v.length) return this.encode(ctx, flatten(ctx, v, alloc), alloc);
    // Distinct words are entered once per dictionary, not once per row.
    if (v.dict) {
      const core = ctx.kernels.get('core');
      const map = this.encode(ctx, v.dict, alloc);
      const codes = alloc.alloc(v.length * 4);
      core.gather4(map, v.data, v.length, codes);
      if (v.validity !== 0) core.zeroNulls(codes, v.validity, v.length, 4);
      return codes;
    }
    if (this.#table === 0) this.#grow(ctx, START_BITS);
    const strings = ctx.kernels.get('strings');
    const codes = alloc.alloc(v.length * 4);
    const countAt = alloc.alloc(4);
    let from = 0;
    for (;;) {
      const room = 1 << (this.#bits - 1);
      const result = strings.encodeWords(
        v.data,
        v.length,
        v.validity,
        this.#table,
        this.#bits,
        this.#words,
        this.#count,
        room,
        codes,
        from,
        countAt,
      );
      this.#count = ctx.heap.refresh().u32[countAt >>> 2]!;
      if (result >= 0) return codes;
      from = -1 - result;
      this.#grow(ctx, this.#bits + 1);
    }
  }

  /** Copies the bytes of long words entered since the last call, so that their vectors may go. */
  keep(ctx: ExecContext): void {
    const core = ctx.kernels.get('core');
    const views = this.#words + this.#kept * 16;
    const n = this.#count - this.#kept;
    const bytes = core.longViewBytes(views, n);
    this.#kept = this.#count;
    if (bytes === 0) return;
    if (this.#top + bytes > this.#end) {
      const size = Math.max(bytes, STRING_BLOCK_BYTES);
      this.#top = ctx.arena.alloc(size);
      this.#end = this.#top + size;
      this.#strings.push(this.#top);
    }
    this.#top = core.relocateViews(views, n, this.#top) >>> 0;
  }

  /** Words [from, count) as a vector; right until the next `encode`. */
  words(from = 0): Vector {
    return { type: { dtype: 'Utf8' }, length: this.#count - from, data: this.#words + from * 16, validity: 0 };
  }

  /** Gives the words, which have been kept, to the caller; nothing is left here. */
  handOver(ctx: ExecContext): WordList {
    const list = { words: this.#words, count: this.#count, strings: this.#strings };
    this.#words = 0;
    this.#strings = [];
    this.free(ctx);
    return list;
  }

  free(ctx: ExecContext): void {
    for (const address of [this.#table, this.#words, ...this.#strings]) if (address !== 0) ctx.arena.free(address);
    this.#table = this.#words = this.#bits = this.#count = this.#kept = this.#top = this.#end = 0;
    this.#strings = [];
  }

  #grow(ctx: ExecContext, bits: number): void {
    const room = 1 << (bits - 1);
    this.#words =
      this.#words === 0
        ? ctx.arena.alloc(room * 16)
        : ctx.arena.grow(ctx.heap, this.#words, this.#count * 16, room * 16);
    if (this.#table !== 0) ctx.arena.free(this.#table);
    this.#table = ctx.arena.alloc(4 << bits);
    ctx.heap.refresh().u8.fill(0, this.#table, this.#table + (4 << bits));
    this.#bits = bits;
    ctx.kernels.get('strings').rehashWords(this.#words, this.#count, this.#table, bits);
  }
}

/** A vector of strings with a dictionary of its distinct values; one with a dictionary as it is. */
export function encodeDictionary(ctx: ExecContext, v: Vector, alloc: Alloc): Vector {
  if (v.dict) return v;
  const encoder = new WordEncoder();
  const data = encoder.encode(ctx, v, alloc);
  const from = encoder.words();
  const words = alloc.alloc(Math.max(1, from.length) * 16);
  const { u8 } = ctx.heap.refresh();
  u8.fill(0, words, words + 16);
  u8.copyWithin(words, from.data, from.data + from.length * 16);
  encoder.free(ctx);
  return {
    type: v.type,
    length: v.length,
    data,
    validity: v.validity,
    dict: { type: v.type, length: Math.max(1, from.length), data: words, validity: 0 },
  };
}
