// A column without nesting, a morsel at a time.

import { nullVector } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { PageStream } from './page-stream.ts';

/** A column of a row group. */
export interface ColumnReader {
  /** The next n rows, which exist. */
  read(ctx: ExecContext, n: number): Vector;
  skip(ctx: ExecContext, n: number): void;
  /** Throws when values are left over behind the last row. */
  finish(ctx: ExecContext): void;
  /** Frees what is its own; the pages belong to the unit. */
  close?(ctx: ExecContext): void;
}

/** Dictionaries of strings up to this size are kept; what is computed per distinct value should be worth it. */
const MAX_KEPT_DICTIONARY = 32768;

export class FlatColumn implements ColumnReader {
  readonly #pages: PageStream;
  constructor(pages: PageStream) {
    this.#pages = pages;
  }

  read(ctx: ExecContext, n: number): Vector {
    const { target } = this.#pages;
    const { type, width, physical } = target;
    if (physical === 'null') return nullVector(ctx, type, n, ctx.scratch);
    const kernels = ctx.kernels.get('parquet');
    const nullable = target.leaf.def > 0;
    const bits = nullable ? ctx.scratch.alloc((n >> 3) + 16) : 0;
    let page = this.#pages.current(ctx);
    let asCodes = physical === 'view' && page.values.isDictionary && this.#keepsDictionary();
    let out = ctx.scratch.alloc(asCodes ? n * 4 : width === 0 ? (n >> 3) + 16 : n * width);
    let rows = 0;
    let values = 0;
    while (rows < n) {
      page = this.#pages.current(ctx);
      const take = Math.min(n - rows, page.left);
      let present = take;
      if (nullable) {
        present = kernels.rleBits(this.#pages.defState, take, bits, rows);
        if (present < 0) this.#pages.corrupt('the levels of a page end before its last value', page.origin.offset);
      }
      if (asCodes && !page.values.isDictionary && present > 0) {
        const views = ctx.scratch.alloc(n * width);
        if (values > 0) ctx.kernels.get('core').gather16(this.#pages.dictionary!.values, out, values, views);
        out = views;
        asCodes = false;
      }
      if (present > 0) {
        if (asCodes) page.values.codes(ctx, present, out, values);
        else page.values.read(ctx, present, out, values);
      }
      page.left -= take;
      rows += take;
      values += present;
    }
    if (values < n) out = this.#expand(ctx, asCodes ? 4 : width, out, bits, n, values);
    const validity = values < n ? bits : 0;
    if (!asCodes) return { type, length: n, data: out, validity };
    const dict = this.#pages.dictionary?.vector;
    // without a dictionary there was no value at all
    return dict ? { type, length: n, data: out, validity, dict } : nullVector(ctx, type, n, ctx.scratch);
  }

  #keepsDictionary(): boolean {
    return (this.#pages.dictionary?.count ?? 0) <= MAX_KEPT_DICTIONARY;
  }

  #expand(ctx: ExecContext, width: number, out: number, bits: number, n: number, values: number): number {
    return expandNulls(ctx, width, out, bits, n, values);
  }

  skip(ctx: ExecContext, n: number): void {
    if (this.#pages.target.physical === 'null') return;
    const kernels = ctx.kernels.get('parquet');
    for (let left = n; left > 0; ) {
      left -= this.#pages.skipPages(ctx, left);
      if (left === 0) return;
      const page = this.#pages.current(ctx);
      const take = Math.min(left, page.left);
      let present = take;
      if (this.#pages.target.leaf.def > 0) {
        const bits = ctx.scratch.alloc((take >> 3) + 16);
        present = kernels.rleBits(this.#pages.defState, take, bits, 0);
        if (present < 0) this.#pages.corrupt('the levels of a page end before its last value', page.origin.offset);
      }
      if (present > 0) page.values.skip(ctx, present);
      page.left -= take;
      left -= take;
    }
  }

  /** Moves to the page at file position `offset`, whose first row is `row`. False when it is not ahead. */
  seek(ctx: ExecContext, offset: number, row: number): boolean {
    return this.#pages.seek(ctx, offset, row);
  }

  finish(): void {
    if (this.#pages.target.physical !== 'null' && !this.#pages.exhausted)
      this.#pages.corrupt('the column chunk has more values than its row group has rows');
  }
}

/** Spreads `values` packed values over n rows, zero under nulls. Bits (width 0) move to another buffer. */
export function expandNulls(
  ctx: ExecContext,
  width: number,
  out: number,
  bits: number,
  n: number,
  values: number,
): number {
  const k = ctx.kernels.get('parquet');
  switch (width) {
    case 0: {
      const to = ctx.scratch.alloc((n >> 3) + 16);
      k.expandBits(out, bits, n, to);
      return to;
    }
    case 1:
      k.expand1(out, bits, n, values);
      return out;
    case 2:
      k.expand2(out, bits, n, values);
      return out;
    case 4:
      k.expand4(out, bits, n, values);
      return out;
    case 8:
      k.expand8(out, bits, n, values);
      return out;
    default:
      k.expand16(out, bits, n, values);
      return out;
  }
}

/** Bytes of n values of a width as `widthOf` gives it. */
export const packedBytes = (width: number, n: number): number => (width === 0 ? (n >> 3) + 16 : n * width);
