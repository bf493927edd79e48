// A column without nesting, a morsel at a time.

import { nullVector } from '../../columns/alloc.ts';
import { gather } from '../../columns/gather.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { Dictionary } from './dictionary.ts';
import type { Page, PageStream } from './page-stream.ts';

/** A column of a row group. */
export interface ColumnReader {
  /** The next n rows, which exist. */
  read(ctx: ExecContext, n: number): Vector;
  /** Of the next n rows, which exist, those at `u32[sel …]`, ascending, `count` of them. */
  readSelected?(ctx: ExecContext, n: number, sel: number, count: number): Vector;
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
  /** The dictionary whose words were copied. */
  #kept: Dictionary | null = null;
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

  readSelected(ctx: ExecContext, n: number, sel: number, count: number): Vector {
    const { target } = this.#pages;
    const { type, physical } = target;
    if (physical === 'null' || target.width === 0) return gather(ctx, this.read(ctx, n), sel, count, ctx.scratch);
    const kernels = ctx.kernels.get('parquet');
    const width = target.width as 1 | 2 | 4 | 8 | 16;
    const nullable = target.leaf.def > 0;
    const bits = nullable ? ctx.scratch.alloc((n >> 3) + 16) : 0;
    let asCodes: boolean | null = null;
    let out = 0;
    let hasNulls = false;
    let row = 0;
    let done = 0;
    while (done < count) {
      // Pages without a row that is wanted are not even expanded.
      row += this.#pages.skipPages(ctx, ctx.heap.refresh().u32[(sel >>> 2) + done]! - row);
      const page = this.#pages.current(ctx);
      if (asCodes === null) {
        asCodes = physical === 'view' && page.values.isDictionary && this.#keepsDictionary();
        out = ctx.scratch.alloc(count * (asCodes ? 4 : width));
      }
      const take = Math.min(n - row, page.left);
      const some = { sel: sel + done * 4, count: countBelow(ctx, sel, done, count, row + take) - done, base: row };
      let present = take;
      if (nullable) {
        present = kernels.rleBits(this.#pages.defState, take, bits, row);
        if (present < 0) this.#pages.corrupt('the levels of a page end before its last value', page.origin.offset);
      }
      if (some.count === 0) page.values.skip(ctx, present);
      else {
        if (asCodes && !page.values.isDictionary && present > 0) {
          out = this.#asViews(ctx, out, done, count);
          asCodes = false;
        }
        const w = asCodes ? 4 : width;
        const isPicked = present === take && page.values.pick?.(ctx, take, some, out, done, asCodes);
        if (!isPicked) {
          // All values, spread over their rows, and then the rows that are wanted.
          const all = ctx.scratch.alloc(take * w);
          if (present > 0) {
            if (asCodes) page.values.codes(ctx, present, all, 0);
            else page.values.read(ctx, present, all, 0);
          }
          if (present < take) {
            const levels = ctx.scratch.alloc((take >> 3) + 16);
            kernels.moveBits(bits, row, take, levels, 0);
            expandNulls(ctx, w, all, levels, take, present);
            hasNulls = true;
          }
          ctx.kernels.get('core')[`gather${w}`](all - row * w, some.sel, some.count, out + done * w);
        }
      }
      page.left -= take;
      row += take;
      done += some.count;
    }
    if (row < n) this.skip(ctx, n - row);
    let validity = 0;
    if (hasNulls) {
      validity = ctx.scratch.alloc((count >> 3) + 16);
      ctx.kernels.get('core').gatherBits(bits, sel, count, validity);
      // Codes that became views may have had a first word under their nulls.
      if (!asCodes && physical === 'view') ctx.kernels.get('core').zeroNulls(out, validity, count, width);
    }
    if (!asCodes) return { type, length: count, data: out, validity };
    const dict = this.#pages.dictionary?.vector;
    return dict ? { type, length: count, data: out, validity, dict } : nullVector(ctx, type, count, ctx.scratch);
  }

  /** The first `done` codes as views, with room for `count`. */
  #asViews(ctx: ExecContext, codes: number, done: number, count: number): number {
    const views = ctx.scratch.alloc(count * 16);
    const dictionary = this.#pages.dictionary;
    // Without a dictionary they are all null.
    if (dictionary) ctx.kernels.get('core').gather16(dictionary.values, codes, done, views);
    else ctx.heap.refresh().u8.fill(0, views, views + done * 16);
    return views;
  }

  /** Whether rows can be decoded where they belong. */
  get canPlace(): boolean {
    return this.#pages.target.width > 0 && this.#pages.target.physical !== 'null';
  }

  /** Decodes the next n rows, which exist, from row `row` of the piece on, a multiple of 8. Returns how many are null. */
  readInto(ctx: ExecContext, n: number, column: number, row: number, into: PlacedColumns): number {
    const { width, physical, leaf } = this.#pages.target;
    const nullable = leaf.def > 0;
    const out = into.data(column, row);
    let bits = into.bits(column, row);
    if (bits === 0 && nullable) bits = ctx.scratch.alloc((n >> 3) + 16);
    else if (bits !== 0 && !nullable) ctx.kernels.get('core').appendOnes(n, bits, 0);
    const nulls = this.#eachPage(ctx, n, bits, (page, rows, take, present) => {
      const to = out + rows * width;
      if (present > 0 && physical === 'view' && page.values.isDictionary) this.#keepWords(ctx, into);
      const areInRows = present > 0 && present < take && page.values.readRows?.(ctx, take, bits, rows, to);
      if (present > 0 && !areInRows) {
        page.values.read(ctx, present, to, 0);
        if (physical === 'view' && !page.values.isDictionary) into.keepStrings(ctx, to, present);
      }
      if (present < take && !areInRows) {
        expandNulls(ctx, width, to, levelsFrom(ctx, bits, rows, take), take, present);
      }
    });
    into.addNulls(column, nulls);
    return nulls;
  }

  /**
   * The same as codes of the words that `into` has. `atEnd`: nothing may be written behind the rows. Strings of pages that
   * are no codes themselves are looked up.
   */
  readCodesInto(ctx: ExecContext, n: number, column: number, row: number, into: PlacedColumns, atEnd: boolean): number {
    const core = ctx.kernels.get('core');
    const { type, leaf } = this.#pages.target;
    const nullable = leaf.def > 0;
    const place = into.data(column, row);
    const out = atEnd ? ctx.scratch.alloc(n * 4) : place;
    const placeBits = into.bits(column, row);
    const isApart = atEnd || placeBits === 0;
    const bits = nullable && isApart ? ctx.scratch.alloc((n >> 3) + 16) : placeBits;
    if (!nullable && placeBits !== 0) core.appendOnes(n, placeBits, 0);
    const nulls = this.#eachPage(ctx, n, bits, (page, rows, take, present) => {
      const to = out + rows * 4;
      if (present > 0 && page.values.mapped) {
        const dict = this.#pages.dictionary;
        // Codes without a dictionary are an error, which is found when they are read.
        const map = dict ? into.mapOf(ctx, column, dict.vector) : 0;
        page.values.mapped(ctx, take, present < take ? bits : 0, rows, map, to);
      } else {
        if (present > 0) {
          const views = ctx.scratch.alloc(present * 16);
          page.values.read(ctx, present, views, 0);
          into.putWords(ctx, column, { type, length: present, data: views, validity: 0 }, to);
        }
        if (present < take) {
          expandNulls(ctx, 4, to, levelsFrom(ctx, bits, rows, take), take, present);
        }
      }
    });
    if (atEnd) {
      core.copyBytes(place, out, n * 4);
      if (nullable && placeBits !== 0) core.appendBits(bits, n, placeBits, 0);
    }
    into.addNulls(column, nulls);
    return nulls;
  }

  /** Goes through the next n rows page by page; the levels of nullable ones are put behind each other in `bits`. Returns how many are null. */
  #eachPage(
    ctx: ExecContext,
    n: number,
    bits: number,
    visit: (page: Page, rows: number, take: number, present: number) => void,
  ): number {
    const nullable = this.#pages.target.leaf.def > 0;
    let nulls = 0;
    for (let rows = 0; rows < n; ) {
      const page = this.#pages.current(ctx);
      const take = Math.min(n - rows, page.left);
      let present = take;
      if (nullable) {
        present = ctx.kernels.get('parquet').rleBits(this.#pages.defState, take, bits, rows);
        if (present < 0) this.#pages.corrupt('the levels of a page end before its last value', page.origin.offset);
      }
      visit(page, rows, take, present);
      page.left -= take;
      rows += take;
      nulls += take - present;
    }
    return nulls;
  }

  /** Copies the long words of the dictionary, so that rows may point to them. */
  #keepWords(ctx: ExecContext, into: PlacedColumns): void {
    const { dictionary } = this.#pages;
    if (dictionary === null || dictionary === this.#kept) return;
    into.keepStrings(ctx, dictionary.values, dictionary.count);
    this.#kept = dictionary;
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

/** How many of the ascending row numbers `u32[sel …]` are below `row`, looking from the one at `from` on. */
function countBelow(ctx: ExecContext, sel: number, from: number, count: number, row: number): number {
  const { u32 } = ctx.heap.refresh();
  const at = sel >>> 2;
  let low = from;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (u32[at + middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
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

/** The levels of rows from `from` on, which begin a byte. */
function levelsFrom(ctx: ExecContext, bits: number, from: number, n: number): number {
  if ((from & 7) === 0) return bits + (from >> 3);
  const levels = ctx.scratch.alloc((n >> 3) + 16);
  ctx.kernels.get('parquet').moveBits(bits, from, n, levels, 0);
  return levels;
}
