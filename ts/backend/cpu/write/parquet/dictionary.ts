// The distinct values of a column chunk, numbered in order of their first use.
import { allocZeroed } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import { WordEncoder } from '../../host/dictionary.ts';
import type { GrowingBytes } from './buffers.ts';

export interface ChunkDictionary {
  readonly count: number;
  /** Bytes of its page before compression. */
  readonly bytes: number;
  /** Appends the codes of n stored values at `src`, u32, to `codes`. */
  encode(ctx: ExecContext, src: number, n: number, codes: GrowingBytes): void;
  /** Stored values by their codes, for a column that is better off without. Strings: views. */
  decode(ctx: ExecContext, codes: number, n: number, out: number): void;
  /** Appends the values as the dictionary's page holds them. */
  writeTo(ctx: ExecContext, page: GrowingBytes): void;
  free(ctx: ExecContext): void;
}

const START_BITS = 10;

/** Values of 4, 8 or 16 bytes; `storedWidth` of 16-byte ones go to the file, the other way round. */
export class FixedDictionary implements ChunkDictionary {
  count = 0;
  readonly #width: 4 | 8 | 16;
  readonly #storedWidth: number;
  #bits = 0;
  #table = 0;
  #values = 0;

  constructor(width: 4 | 8 | 16, storedWidth: number) {
    this.#width = width;
    this.#storedWidth = storedWidth;
  }

  get bytes(): number {
    return this.count * this.#storedWidth;
  }

  encode(ctx: ExecContext, src: number, n: number, codes: GrowingBytes): void {
    if (this.#table === 0) this.#grow(ctx, START_BITS);
    const kernels = ctx.kernels.get('parquet-write');
    const to = codes.reserve(ctx, n * 4);
    const countAt = ctx.scratch.alloc(4);
    const width = this.#width;
    for (let done = 0; ; ) {
      done += kernels[`encode${width}`](
        src + done * width,
        n - done,
        this.#table,
        this.#bits,
        this.#values,
        this.count,
        1 << (this.#bits - 1),
        to + done * 4,
        countAt,
      );
      this.count = ctx.heap.refresh().u32[countAt >>> 2]!;
      if (done === n) break;
      this.#grow(ctx, this.#bits + 1);
    }
    codes.used += n * 4;
  }

  decode(ctx: ExecContext, codes: number, n: number, out: number): void {
    ctx.kernels.get('core')[`gather${this.#width}`](this.#values, codes, n, out);
  }

  writeTo(ctx: ExecContext, page: GrowingBytes): void {
    if (this.#width !== 16) {
      page.append(ctx, this.#values, this.bytes);
      return;
    }
    const to = page.reserve(ctx, this.bytes);
    ctx.kernels.get('parquet-write').bigEndian(this.#values, this.count, this.#storedWidth, to);
    page.used += this.bytes;
  }

  free(ctx: ExecContext): void {
    for (const address of [this.#table, this.#values]) if (address !== 0) ctx.arena.free(address);
    this.#table = this.#values = this.#bits = this.count = 0;
  }

  /** The table is at most half full. */
  #grow(ctx: ExecContext, bits: number): void {
    const room = 1 << (bits - 1);
    const width = this.#width;
    this.#values =
      this.#values === 0
        ? ctx.arena.alloc(room * width)
        : ctx.arena.grow(ctx.heap, this.#values, this.count * width, room * width);
    if (this.#table !== 0) ctx.arena.free(this.#table);
    this.#table = allocZeroed(ctx, 4 << bits, ctx.arena);
    this.#bits = bits;
    ctx.kernels.get('parquet-write')[`rehash${width}`](this.#values, this.count, this.#table, bits);
  }
}

/** Strings, which it keeps copies of. */
export class StringDictionary implements ChunkDictionary {
  readonly #encoder = new WordEncoder();
  bytes = 0;

  get count(): number {
    return this.#encoder.count;
  }

  encode(ctx: ExecContext, src: number, n: number, codes: GrowingBytes): void {
    const to = codes.reserve(ctx, n * 4);
    const from = this.codesOf(ctx, src, n);
    ctx.heap.refresh().u8.copyWithin(to, from, from + n * 4);
    codes.used += n * 4;
  }

  /** The codes of n strings, in scratch. */
  codesOf(ctx: ExecContext, src: number, n: number): number {
    const before = this.#encoder.count;
    const codes = this.#encoder.encode(
      ctx,
      { type: { dtype: 'Utf8' }, length: n, data: src, validity: 0 },
      ctx.scratch,
    );
    this.#encoder.keep(ctx);
    const added = this.#encoder.words(before);
    if (added.length > 0) this.bytes += ctx.kernels.get('parquet-write').plainBytes(added.data, added.length);
    return codes;
  }

  decode(ctx: ExecContext, codes: number, n: number, out: number): void {
    ctx.kernels.get('core').gather16(this.#encoder.words().data, codes, n, out);
  }

  writeTo(ctx: ExecContext, page: GrowingBytes): void {
    const words = this.#encoder.words();
    const to = page.reserve(ctx, this.bytes);
    ctx.kernels.get('parquet-write').plainStrings(words.data, words.length, to);
    page.used += this.bytes;
  }

  free(ctx: ExecContext): void {
    this.#encoder.free(ctx);
    this.bytes = 0;
  }
}
