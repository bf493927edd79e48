// One column of a row group: values become pages as they come, and wait packed until the row group is written.
import { UnsupportedError } from '../../../../errors.ts';
import type { ParquetWriteSettings } from '../../../../source/parquet-options.ts';
import { nullCount } from '../../columns/alloc.ts';
import type { ExecContext } from '../../context.ts';
import { MORSEL_ROWS, type Vector } from '../../vector.ts';
import type { ByteSink } from '../writer.ts';
import { type Bounds, boundsOf, mergeBounds, NO_BOUNDS } from './bounds.ts';
import { GrowingBytes, PageStore } from './buffers.ts';
import type { ChunkInfo, EntryLevels, PageInfo } from './chunk-info.ts';
import { unexpectedNull, type WriteLeaf } from './columns.ts';
import { compress, sizesOf } from './compress.ts';
import { type ChunkDictionary, FixedDictionary, StringDictionary } from './dictionary.ts';
import { dataPageHeader, dictionaryPageHeader, ENCODING } from './headers.ts';
import { type StoredValues, storedValues, widthInHeap } from './stored-values.ts';

/** Rows after which a page ends. */
const PAGE_ROWS = MORSEL_ROWS;
/** Values after which it can be seen that there are hardly two alike. */
const SAMPLE_VALUES = 8192;
/** How much larger a page may be by a guess from its first values than it may be when it is there. */
const GUESS = 1.1;
/** Small row groups after one in which a dictionary did not pay that go without. */
const SKIPPED_TRIALS = 7;
const MOST_PAGE_BYTES = 2 ** 31 - 65536;
/** A page of codes is not made plain when it would get larger than this. */
const MOST_REMADE_BYTES = 256 << 20;

/**
 * How values are stored: `trial` as codes while it is not known whether that pays, which the first page shows; `coded`
 * until the dictionary is full; `plain`.
 */
type Mode = 'trial' | 'coded' | 'plain';

export class ChunkWriter {
  readonly #leaf: WriteLeaf;
  readonly #settings: ParquetWriteSettings;
  #mode: Mode = 'plain';
  #dictionary: ChunkDictionary | null = null;
  readonly #store = new PageStore();
  /** Where pages are put together, for all columns. */
  readonly #body: GrowingBytes;
  readonly #reps = new GrowingBytes();
  /** A byte per entry, or for a column that is not nested a bit. */
  readonly #defs = new GrowingBytes();
  readonly #codes = new GrowingBytes();
  readonly #plain = new GrowingBytes();
  // the open page
  #rows = 0;
  #entries = 0;
  #values = 0;
  #bounds: Bounds = NO_BOUNDS;
  // the chunk
  #firstRow = 0;
  #pages: PageInfo[] = [];
  #codedPages = 0;
  #uncompressed = 0;
  /** Chunks to come for which no dictionary is tried. */
  #skippedTrials = 0;
  #tried = false;

  /** The most of a page's plain bytes that its codes and the dictionary may take. */
  readonly #share: number;

  /** `share`: of row groups that will have few pages a dictionary must save more to be worth its making. */
  constructor(leaf: WriteLeaf, settings: ParquetWriteSettings, body: GrowingBytes, share = 1) {
    this.#leaf = leaf;
    this.#share = share;
    this.#settings = settings;
    this.#body = body;
    this.#start();
  }

  #start(): void {
    const { store, width } = this.#leaf;
    this.#mode = 'plain';
    this.#tried = false;
    if (this.#settings.dictionaryBytes === 0 || store === 'bits' || store === 'nothing') return;
    if (this.#skippedTrials > 0) {
      this.#skippedTrials--;
      return;
    }
    this.#tried = true;
    const inHeap = widthInHeap(this.#leaf);
    this.#dictionary = store === 'strings' ? new StringDictionary() : new FixedDictionary(inHeap as 4 | 8 | 16, width);
    this.#mode = this.#leaf.type.dtype === 'Categorical' ? 'coded' : 'trial';
  }

  /** Forgets that dictionaries of earlier chunks did not pay; called between chunks. */
  forget(): void {
    if (this.#skippedTrials === 0) return;
    this.#skippedTrials = 0;
    this.#start();
  }

  /** Memory of the pages that wait. */
  get waitingBytes(): number {
    return this.#store.heldBytes;
  }

  /** Whether codes of a vector's dictionary are of use. */
  get takesCodes(): boolean {
    return this.#mode !== 'plain' && this.#leaf.store === 'strings';
  }

  /** How many of n rows to append at once, a multiple of 8 or all: so that pages do not get much too large. */
  pieceRows(ctx: ExecContext, v: Vector, n: number): number {
    const { store, width } = this.#leaf;
    const { dataPageBytes } = this.#settings;
    let rows = Math.min(n, Math.max(8, PAGE_ROWS - this.#rows));
    if (this.#mode === 'trial' && this.#values < SAMPLE_VALUES) rows = Math.min(rows, SAMPLE_VALUES);
    if (store === 'strings') {
      if (v.dict) return rows;
      const budget = Math.max(1, dataPageBytes - this.#plain.used);
      rows = ctx.kernels.get('parquet-write').stringsWithin(v.data, rows, budget, 8);
    } else if (width > 0) rows = Math.min(rows, Math.max(8, Math.ceil((dataPageBytes - this.#plain.used) / width)));
    return rows >= n ? n : Math.max(8, rows & ~7);
  }

  /** Rows of a column that is not nested. */
  append(ctx: ExecContext, v: Vector): void {
    const n = v.length;
    const present = n - nullCount(ctx, v);
    if (this.#leaf.maxDef > 0) this.#appendBits(ctx, v, present);
    else if (present < n) throw unexpectedNull(this.#leaf.path);
    this.#appendValues(ctx, v, present);
    this.#advance(ctx, n, n, present);
  }

  /** Rows of a nested column: `v` holds the values that are there. */
  appendNested(ctx: ExecContext, rows: number, levels: EntryLevels, v: Vector): void {
    const { entries } = levels;
    if (this.#leaf.maxRep > 0) this.#reps.append(ctx, levels.rep, entries);
    if (this.#leaf.maxDef > 0) this.#defs.append(ctx, levels.def, entries);
    const present = this.#leaf.store === 'nothing' ? 0 : v.length;
    this.#appendValues(ctx, v, present);
    this.#advance(ctx, rows, entries, present);
  }

  /** Whether levels of a column are kept as bits. */
  get #hasBits(): boolean {
    return this.#leaf.path.length === 1;
  }

  #appendBits(ctx: ExecContext, v: Vector, present: number): void {
    const core = ctx.kernels.get('core');
    const n = v.length;
    this.#defs.reserve(ctx, (n >> 3) + 16);
    const { address } = this.#defs;
    if (present === n) core.appendOnes(n, address, this.#entries);
    else {
      let bits = v.validity;
      if (present === 0) {
        bits = ctx.scratch.alloc((n >> 3) + 8);
        ctx.heap.refresh().u8.fill(0, bits, bits + (n >> 3) + 8);
      }
      core.appendBits(bits, n, address, this.#entries);
    }
    this.#defs.used = (this.#entries + n + 7) >> 3;
  }

  #appendValues(ctx: ExecContext, v: Vector, present: number): void {
    if (present === 0) return;
    const stored = storedValues(ctx, this.#leaf, v, present);
    if (this.#settings.statistics) {
      const n = stored.codes === 0 ? present : stored.distinct;
      this.#bounds = mergeBounds(this.#bounds, boundsOf(ctx, this.#leaf.bounds, stored.address, n));
    }
    if (this.#mode === 'plain') this.#appendPlain(ctx, stored);
    else this.#appendCodes(ctx, stored);
    this.#values += present;
  }

  #appendCodes(ctx: ExecContext, stored: StoredValues): void {
    const dictionary = this.#dictionary!;
    const { address, count } = stored;
    if (stored.codes === 0) {
      dictionary.encode(ctx, address, count, this.#codes);
      return;
    }
    const words = (dictionary as StringDictionary).codesOf(ctx, address, stored.distinct);
    const to = this.#codes.reserve(ctx, count * 4);
    ctx.kernels.get('core').gather4(words, stored.codes, count, to);
    this.#codes.used += count * 4;
  }

  #appendPlain(ctx: ExecContext, stored: StoredValues): void {
    const { address, count } = stored;
    const { width, store } = this.#leaf;
    const kernels = ctx.kernels.get('parquet-write');
    if (store === 'bits') {
      this.#plain.reserve(ctx, (count >> 3) + 16);
      ctx.kernels.get('core').appendBits(address, count, this.#plain.address, this.#values);
      this.#plain.used = (this.#values + count + 7) >> 3;
      return;
    }
    const bytes = store === 'strings' ? kernels.plainBytes(address, count) : count * width;
    if (this.#plain.used + bytes > MOST_PAGE_BYTES)
      throw new UnsupportedError(
        `A row of column "${this.#leaf.path.join('.')}" is larger than the 2 GB that a Parquet page can hold.`,
        { column: this.#leaf.path.join('.') },
      );
    const to = this.#plain.reserve(ctx, bytes);
    if (store === 'strings') kernels.plainStrings(address, count, to);
    else if (store === 'be') kernels.bigEndian(address, count, width, to);
    else ctx.heap.refresh().u8.copyWithin(to, address, address + bytes);
    this.#plain.used += bytes;
  }

  /** Counts what was appended, and decides about the dictionary and the page. */
  #advance(ctx: ExecContext, rows: number, entries: number, values: number): void {
    this.#rows += rows;
    this.#entries += entries;
    const dictionary = this.#dictionary;
    const sampled = this.#mode === 'trial' && this.#values >= SAMPLE_VALUES && values > 0;
    if (sampled && !this.#mayPay(dictionary!.count)) this.#makePlain(ctx);
    if (this.#mode === 'coded' && dictionary!.bytes > this.#settings.dictionaryBytes) {
      this.#closePage(ctx);
      this.#mode = 'plain';
    }
    const bytes = this.#mode === 'plain' ? this.#plain.used : this.#codes.used >> 1;
    if (bytes >= this.#settings.dataPageBytes || this.#rows >= PAGE_ROWS || entries >= PAGE_ROWS * 4)
      this.#closePage(ctx);
  }

  /** Stores the first page's values plain after all, and forgets the dictionary. */
  #makePlain(ctx: ExecContext): void {
    const { address } = this.#codes;
    const count = this.#values;
    const values = ctx.scratch.alloc(count * widthInHeap(this.#leaf));
    this.#dictionary!.decode(ctx, address, count, values);
    this.#appendPlain(ctx, { count, address: values, codes: 0, distinct: 0 });
    this.#dictionary!.free(ctx);
    this.#dictionary = null;
    this.#codes.used = 0;
    this.#mode = 'plain';
  }

  /** Whether a page with as many of its values alike as the `distinct` ones so far may be smaller with a dictionary. */
  #mayPay(distinct: number): boolean {
    const { width, store } = this.#leaf;
    if (distinct * 32 > this.#values * 31) return false;
    if (store === 'strings' || this.#values >= PAGE_ROWS) return true;
    const inPage = distinctAmong(PAGE_ROWS, distinct, this.#values);
    return inPage * width + (PAGE_ROWS * codeBits(inPage)) / 8 < PAGE_ROWS * width * this.#share * GUESS;
  }

  /** Whether the first page is smaller with its dictionary than without. */
  #decide(ctx: ExecContext): void {
    const dictionary = this.#dictionary!;
    const codeBytes = (this.#values * codeBits(dictionary.count)) / 8;
    let plainBytes = this.#values * this.#leaf.width;
    if (this.#leaf.store === 'strings') {
      const views = ctx.scratch.alloc(this.#values * 16);
      dictionary.decode(ctx, this.#codes.address, this.#values, views);
      plainBytes = ctx.kernels.get('parquet-write').plainBytes(views, this.#values);
    }
    const pays =
      dictionary.bytes + codeBytes < plainBytes * this.#share && dictionary.bytes <= this.#settings.dictionaryBytes;
    if (pays || plainBytes > MOST_REMADE_BYTES) this.#mode = 'coded';
    else this.#makePlain(ctx);
  }

  #closePage(ctx: ExecContext): void {
    if (this.#entries === 0) return;
    if (this.#mode === 'trial' && this.#values > 0) this.#decide(ctx);
    const kernels = ctx.kernels.get('parquet-write');
    const body = this.#body;
    body.used = 0;
    const { maxRep, maxDef } = this.#leaf;
    if (maxRep > 0)
      this.#putLevels(ctx, (to) => kernels.runsOfBytes(this.#reps.address, this.#entries, bitsFor(maxRep), to));
    if (maxDef > 0)
      this.#putLevels(ctx, (to) =>
        this.#hasBits
          ? kernels.runsOfBits(this.#defs.address, this.#entries, to)
          : kernels.runsOfBytes(this.#defs.address, this.#entries, bitsFor(maxDef), to),
      );
    const isCoded = this.#mode !== 'plain' && this.#values > 0;
    if (isCoded) {
      const width = codeBits(this.#dictionary!.count);
      const to = body.reserve(ctx, 1 + this.#values * 4 + 64);
      ctx.heap.refresh().u8[to] = width;
      body.used = kernels.runsOfWords(this.#codes.address, this.#values, width, to + 1) - body.address;
      this.#codedPages++;
    } else body.append(ctx, this.#plain.address, this.#plain.used);
    const packed = compress(ctx, this.#settings, body.address, body.used);
    const sizes = sizesOf(ctx, body.used, packed);
    const header = dataPageHeader(sizes, this.#entries, isCoded ? ENCODING.rleDictionary : ENCODING.plain);
    this.#pages.push({
      offset: this.#store.bytes,
      bytes: header.length + sizes.stored,
      firstRow: this.#firstRow,
      entries: this.#entries,
      nulls: this.#entries - this.#values,
      bounds: this.#bounds,
    });
    this.#store.appendBytes(ctx, header);
    if (packed instanceof Uint8Array) this.#store.appendBytes(ctx, packed);
    else this.#store.append(ctx, packed.address, packed.bytes);
    this.#uncompressed += header.length + body.used;
    this.#firstRow += this.#rows;
    this.#rows = this.#entries = this.#values = 0;
    this.#bounds = NO_BOUNDS;
    this.#reps.used = this.#defs.used = this.#codes.used = this.#plain.used = 0;
  }

  /** Runs behind their length. */
  #putLevels(ctx: ExecContext, write: (to: number) => number): void {
    const body = this.#body;
    const to = body.reserve(ctx, 4 + this.#entries * 2 + 64);
    const end = write(to + 4);
    ctx.heap.refresh().view.setUint32(to, end - to - 4, true);
    body.used = end - body.address;
  }

  /** Writes the chunk to the file; the writer begins another. */
  finish(ctx: ExecContext, sink: ByteSink): ChunkInfo {
    this.#closePage(ctx);
    let dictionaryOffset = -1;
    let compressedBytes = this.#store.bytes;
    if (this.#codedPages > 0) {
      const body = this.#body;
      body.used = 0;
      this.#dictionary!.writeTo(ctx, body);
      const packed = compress(ctx, this.#settings, body.address, body.used);
      const header = dictionaryPageHeader(sizesOf(ctx, body.used, packed), this.#dictionary!.count);
      dictionaryOffset = sink.position;
      sink.write(header);
      if (packed instanceof Uint8Array) sink.write(packed);
      else sink.writeHeap(packed.address, packed.bytes);
      compressedBytes += sink.position - dictionaryOffset;
      this.#uncompressed += header.length + body.used;
    }
    const dataOffset = sink.position;
    this.#store.flush(ctx, sink);
    const info: ChunkInfo = {
      leaf: this.#leaf,
      entries: this.#pages.reduce((sum, p) => sum + p.entries, 0),
      compressedBytes,
      uncompressedBytes: this.#uncompressed,
      dictionaryOffset,
      dataOffset,
      pages: this.#pages,
      codedPages: this.#codedPages,
      bounds: this.#pages.reduce((all, p) => mergeBounds(all, p.bounds), NO_BOUNDS),
    };
    // in small row groups a trial is a large part of the work
    const failed = this.#tried && this.#dictionary === null;
    if (failed && this.#firstRow < SAMPLE_VALUES * 16) this.#skippedTrials = SKIPPED_TRIALS;
    this.#dictionary?.free(ctx);
    this.#dictionary = null;
    this.#pages = [];
    this.#firstRow = this.#codedPages = this.#uncompressed = 0;
    this.#start();
    return info;
  }

  /** Gives back the buffers of pages. */
  free(ctx: ExecContext): void {
    for (const b of [this.#reps, this.#defs, this.#codes, this.#plain]) b.free(ctx);
  }
}

/** How many of `n` values are distinct where `distinct` of `seen` are and all are drawn alike. */
function distinctAmong(n: number, distinct: number, seen: number): number {
  // Of p values, p (1 - exp(-seen / p)) are met. Halving finds seen / p.
  let [low, high] = [0, seen];
  for (let i = 0; i < 40; i++) {
    const r = (low + high) / 2;
    if ((1 - Math.exp(-r)) / r > distinct / seen) low = r;
    else high = r;
  }
  const p = seen / high;
  return Math.round(p * (1 - Math.exp(-n / p)));
}

/** Bits that hold 0 to `most`. */
const bitsFor = (most: number): number => 32 - Math.clz32(most);
/** Bits of the codes of a dictionary: at least one, which every reader takes. */
const codeBits = (count: number): number => Math.max(1, bitsFor(count - 1));
