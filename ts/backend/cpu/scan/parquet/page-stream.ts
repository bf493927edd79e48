// The pages of one column chunk, one after another: found, checked, expanded, and split into levels and values.
import zlib from 'node:zlib';
import { CorruptFileError, OutOfMemoryError, UnsupportedError } from '../../../../errors.ts';
import { type ColumnChunkMeta, PARQUET_CODECS } from '../../../../source/parquet-footer.ts';
import { ThriftReader } from '../../../../source/thrift.ts';
import type { ExecContext } from '../../context.ts';
import { type CodecName, decompress, plausibleSize } from '../codecs.ts';
import type { ChunkBytes } from './chunk-bytes.ts';
import { type Dictionary, readDictionary } from './dictionary.ts';
import { ENCODING, PAGE, type PageHeader, parsePageHeader } from './page-header.ts';
import { HEAD_ROOM, type PageRows, type RowPlaces, rowsOfPage } from './page-rows.ts';
import { isViews, type Origin, type Target } from './target.ts';
import { openValues, STATE_BYTES, type ValueReader } from './values.ts';

/** The page that values are taken from. */
export interface Page {
  /** Entries (values and nulls) not yet taken. */
  left: number;
  readonly values: ValueReader;
  /** File position of the header, for messages. */
  readonly origin: Origin;
}

/** Blocks that strings point into; they outlive the page. */
export interface PageMemory {
  /** A block that stays until `release` and two batches more. */
  alloc(ctx: ExecContext, bytes: number): number;
  release(ctx: ExecContext, address: number): void;
}

/** Bytes of the state block: two RLE states for the levels, then what the values need. */
const LEVEL_STATE_BYTES = 128;
const MAX_PAGE_BYTES = 2 ** 31 - 65536;
const FIRST_HEADER_BYTES = 256;
/** Pages of fewer bytes are expanded one by one. */
const LEAST_PAIRED_BYTES = 4096;
const LEAST_RATIO = 1.02;

/** A compressed page: where its data is in the file and in memory, and the bytes that it expands to. */
interface StoredPage {
  readonly data: number;
  readonly src: number;
  readonly storedBytes: number;
  readonly bytes: number;
  /** Its values are expanded among the rows of the column. */
  readonly rows: PageRows | null;
}

/** Whether the pages of a chunk get shorter by compression: those of others are not expanded. */
export const isWorthPairing = ({ codec, compressedBytes, uncompressedBytes }: ColumnChunkMeta): boolean =>
  PARQUET_CODECS[codec] === 'SNAPPY' && uncompressedBytes > compressedBytes * LEAST_RATIO;

/** Makes mates of streams that are read side by side, two and two. */
export function pairUp(streams: readonly PageStream[]): void {
  for (let i = 0; i + 1 < streams.length; i += 2) {
    const [a, b] = [streams[i]!, streams[i + 1]!];
    a.mate = b;
    b.mate = a;
  }
}

export class PageStream {
  readonly target: Target;
  readonly path: string;
  /** RLE states of the repetition and definition levels of the current page. */
  readonly repState: number;
  readonly defState: number;
  page: Page | null = null;
  dictionary: Dictionary | null = null;
  readonly #chunk: ColumnChunkMeta;
  readonly #bytes: ChunkBytes;
  readonly #memory: PageMemory;
  readonly #codec: CodecName;
  readonly #state: number;
  #at: number;
  /** Entries of the chunk in pages not yet loaded. */
  #entriesLeft: number;
  #ahead: { header: PageHeader; at: number; data: number } | null = null;
  /** Block of the current page: kept by views, or used again for the next page. */
  #block = 0;
  #blockBytes = 0;
  #flipped: number[] = [];
  #dictionaryBlocks: number[] = [];
  /** A page that was expanded together with one of the mate's: where it is in the file, and its block, or rows. */
  #ready: { readonly data: number; readonly address: number; readonly rows: PageRows | null } | null = null;
  /** Values of the page are read from its stored bytes, which must not move. */
  #isInPlace = false;
  /** The stream of another column that is read side by side with this one. */
  mate: PageStream | null = null;
  /** Where all rows belong, if they are taken in order and `fitsRows`. */
  places: RowPlaces | null = null;

  constructor(
    ctx: ExecContext,
    target: Target,
    chunk: ColumnChunkMeta,
    bytes: ChunkBytes,
    memory: PageMemory,
    path: string,
  ) {
    this.target = target;
    this.path = path;
    this.#chunk = chunk;
    this.#bytes = bytes;
    this.#memory = memory;
    this.#at = bytes.start;
    this.#entriesLeft = chunk.valueCount;
    const codec = PARQUET_CODECS[chunk.codec];
    if (codec === undefined || codec === 'LZO')
      throw new UnsupportedError(
        `The column "${target.leaf.name}" of ${path} is compressed with ${codec ?? `codec ${chunk.codec}`}, which is not supported.`,
        { path, column: target.leaf.name, feature: `parquet codec ${codec ?? chunk.codec}` },
      );
    this.#codec = codec;
    this.#state = ctx.arena.alloc(LEVEL_STATE_BYTES + STATE_BYTES + HEAD_ROOM);
    this.repState = this.#state;
    this.defState = this.#state + 64;
  }

  get isWorthPairing(): boolean {
    return isWorthPairing(this.#chunk);
  }

  corrupt(what: string, offset: number = this.#at): never {
    throw new CorruptFileError(
      `Corrupt Parquet page in ${this.path} at byte ${offset}, column "${this.target.leaf.name}": ${what}.`,
      { path: this.path, offset },
    );
  }

  /** Whether every entry of the chunk has been taken. */
  get exhausted(): boolean {
    return this.#entriesLeft === 0 && (this.page === null || this.page.left === 0);
  }

  /** The page to take entries from; loads the next one when needed. There must be one. */
  current(ctx: ExecContext): Page {
    while (this.page === null || this.page.left === 0) {
      if (this.#entriesLeft === 0) this.corrupt('the column chunk has fewer values than its row group has rows');
      this.#load(ctx);
    }
    return this.page;
  }

  /** Drops pages unread as long as they hold no more than n entries; returns how many entries were dropped. */
  skipPages(ctx: ExecContext, n: number): number {
    let dropped = 0;
    if (this.page !== null && this.page.left > 0) return 0;
    while (this.#entriesLeft > 0) {
      const { header, data } = this.#nextData(ctx);
      if (header.values > n - dropped) break;
      this.#take(header, data);
      dropped += header.values;
      if (dropped === n) break;
    }
    return dropped;
  }

  /** Continues at a page that the page index names. False when it is not ahead. */
  seek(ctx: ExecContext, offset: number, entriesBefore: number): boolean {
    // the dictionary comes first
    if (this.#entriesLeft === this.#chunk.valueCount) this.#nextData(ctx);
    if (offset < this.#at || offset >= this.#bytes.limit || entriesBefore > this.#chunk.valueCount) return false;
    this.#releasePage(ctx);
    this.#ahead = null;
    this.#at = offset;
    this.#entriesLeft = this.#chunk.valueCount - entriesBefore;
    return true;
  }

  /** Finds the header of the next data page, and reads the dictionary on the way. */
  #nextData(ctx: ExecContext): { header: PageHeader; at: number; data: number } {
    while (this.#ahead === null) {
      const at = this.#at;
      const { header, bytes } = this.#header(ctx);
      const data = at + bytes;
      if (header.storedBytes > this.#bytes.limit - data)
        this.corrupt(`a page of ${header.storedBytes} bytes passes the end of the data`);
      if (header.type === PAGE.DICTIONARY) {
        if (this.dictionary !== null) this.corrupt('the column chunk has two dictionaries');
        this.#loadDictionary(ctx, header, data);
        this.#at = data + header.storedBytes;
      } else if (header.type === PAGE.DATA || header.type === PAGE.DATA_V2) {
        if (header.values > this.#entriesLeft)
          this.corrupt(`a page of ${header.values} values in a column chunk with ${this.#entriesLeft} left`);
        this.#ahead = { header, at, data };
      } else this.#at = data + header.storedBytes;
    }
    return this.#ahead;
  }

  #take(header: PageHeader, data: number): void {
    this.#ahead = null;
    this.#entriesLeft -= header.values;
    this.#at = data + header.storedBytes;
  }

  #header(ctx: ExecContext): { header: PageHeader; bytes: number } {
    const at = this.#at;
    const room = this.#bytes.limit - at;
    if (room <= 0) this.corrupt('the column chunk ends before its last value');
    // what is in memory first; only with all there is a failure one of the file
    let length = Math.min(room, this.#bytes.loaded(at) || FIRST_HEADER_BYTES);
    for (; ; length = Math.min(room, Math.max(length * 8, FIRST_HEADER_BYTES))) {
      const address = this.#bytes.fetch(ctx, at, length);
      const r = new ThriftReader(ctx.heap.refresh().u8.subarray(address, address + length), this.path, at);
      try {
        const header = parsePageHeader(r);
        return { header, bytes: r.at };
      } catch (e) {
        if (length >= room) throw e;
      }
    }
  }

  /** Fetches the stored bytes of a page and checks them. */
  #stored(ctx: ExecContext, header: PageHeader, data: number): number {
    const address = this.#bytes.fetch(ctx, data, header.storedBytes);
    if (header.crc !== null) {
      const sum = zlib.crc32(ctx.heap.refresh().u8.subarray(address, address + header.storedBytes));
      if (sum >>> 0 !== header.crc >>> 0) this.corrupt('the checksum of a page does not match');
    }
    return address;
  }

  /**
   * Expands a page, `storedBytes` at `src`, among its rows, or to `bytes` at a new address that `allocate` gives, or gives
   * the block of one that was expanded before to `adopt`. Returns where it is, without what stands before its rows.
   */
  #expand(ctx: ExecContext, page: StoredPage, allocate: () => number, adopt: (block: number) => void): number {
    const { data, src, storedBytes, bytes, rows } = page;
    const known = this.#takeReady(ctx, data);
    if (known !== 0) {
      if (!rows) adopt(known);
      return known;
    }
    if (!plausibleSize(this.#codec, storedBytes, bytes))
      this.corrupt(`${storedBytes} bytes of ${this.#codec} cannot expand to ${bytes}`);
    if (bytes > MAX_PAGE_BYTES)
      throw new OutOfMemoryError({ requestedBytes: bytes, usedBytes: 0, limitBytes: MAX_PAGE_BYTES, device: 'cpu' });
    const dst = rows?.to ?? allocate();
    if (this.#expandWithMate(ctx, page, dst)) return dst;
    const isGood =
      bytes === 0 ||
      (rows
        ? this.#expandBehind(ctx, page, rows)
        : decompress(ctx, this.#codec, { src, srcBytes: storedBytes, dst, dstBytes: bytes }));
    if (!isGood) this.corrupt(`${this.#codec} data does not expand to the ${bytes} bytes that it should`);
    return dst;
  }

  #expandBehind(ctx: ExecContext, { src, storedBytes, bytes }: StoredPage, { to, head, headBytes }: PageRows): boolean {
    const kernels = ctx.kernels.get('codecs');
    const length = bytes - headBytes;
    if (kernels.snappyLength(src, storedBytes) !== bytes) return false;
    return kernels.snappyDecodeBehind(src, storedBytes, to, length, head, headBytes) === length;
  }

  /** Two pages take hardly longer than one: the mate's next page is expanded too. False: nothing was done. */
  #expandWithMate(ctx: ExecContext, { src, storedBytes, bytes, rows }: StoredPage, dst: number): boolean {
    if (this.#codec !== 'SNAPPY' || this.mate === null || bytes < LEAST_PAIRED_BYTES) return false;
    const kernels = ctx.kernels.get('codecs');
    if (kernels.snappyLength(src, storedBytes) !== bytes) return false;
    const other = this.mate.#nextStored(ctx);
    if (other === null) return false;
    let address = other.rows?.to ?? 0;
    try {
      if (!other.rows) address = ctx.arena.alloc(other.bytes);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return false;
      throw error;
    }
    const [own, its] = [rows?.headBytes ?? 0, other.rows?.headBytes ?? 0];
    const done = kernels.snappyDecode2(
      src,
      storedBytes,
      dst,
      bytes - own,
      rows?.head ?? 0,
      own,
      other.src,
      other.storedBytes,
      address,
      other.bytes - its,
      other.rows?.head ?? 0,
      its,
    );
    // What is wrong with one of the two is said when it is expanded by itself.
    if (done < 0) {
      if (!other.rows) ctx.arena.free(address);
      return false;
    }
    this.mate.#ready = { data: other.data, address, rows: other.rows };
    return true;
  }

  /** Where the values of a page belong whose first row is `row`, if it can be expanded there. */
  #rowsOf(
    ctx: ExecContext,
    header: PageHeader,
    row: number,
    page: { readonly data: number; readonly src: number; readonly storedBytes: number; readonly bytes: number },
  ): PageRows | null {
    if (this.#ready?.data === page.data) return this.#ready.rows;
    if (this.places === null || this.#codec !== 'SNAPPY') return null;
    return rowsOfPage(ctx, this.target, this.places, header, row, page, this.#state + LEVEL_STATE_BYTES + STATE_BYTES);
  }

  /** The next page if it is one that has to be expanded, in memory; null for any other. */
  #nextStored(ctx: ExecContext): StoredPage | null {
    if (this.#ready && this.#ready.data < this.#at) this.#takeReady(ctx, this.#at);
    if (this.#ready || this.#isInPlace || this.#codec !== 'SNAPPY' || this.#entriesLeft === 0) return null;
    try {
      const { header, data } = this.#ahead ?? this.#lookAhead(ctx);
      const levels = header.type === PAGE.DATA_V2 ? header.repBytes + header.defBytes : 0;
      const storedBytes = header.storedBytes - levels;
      const bytes = header.expandedBytes - levels;
      if (header.type === PAGE.DATA_V2 && !header.compressed) return null;
      if (header.type !== PAGE.DATA && header.type !== PAGE.DATA_V2 && header.type !== PAGE.DICTIONARY) return null;
      if (bytes < LEAST_PAIRED_BYTES || bytes > MAX_PAGE_BYTES || storedBytes <= 0) return null;
      const end = data + header.storedBytes;
      if (end > this.#bytes.limit) return null;
      const src = this.#stored(ctx, header, data) + levels;
      const isData = header.type !== PAGE.DICTIONARY;
      if (isData && this.#literals(ctx, header, src, storedBytes, bytes) > 0) return null;
      if (ctx.kernels.get('codecs').snappyLength(src, storedBytes) !== bytes) return null;
      if (!plausibleSize('SNAPPY', storedBytes, bytes)) return null;
      const page = { data, src, storedBytes, bytes };
      // Rows before it may still be written, and a little more than them.
      const isNext = this.page === null || this.page.left === 0;
      return { ...page, rows: isData && isNext ? this.#rowsOf(ctx, header, this.#nextRow, page) : null };
    } catch (error) {
      // It is read again when it is wanted, and the message is about that.
      if (error instanceof CorruptFileError) return null;
      throw error;
    }
  }

  /** The first row of the next page, in a column that is not nested. */
  get #nextRow(): number {
    return this.#chunk.valueCount - this.#entriesLeft;
  }

  #lookAhead(ctx: ExecContext): { header: PageHeader; data: number } {
    const at = this.#at;
    const { header, bytes } = this.#header(ctx);
    return { header, data: at + bytes };
  }

  /** The block of the page at `data` if it is expanded, otherwise 0. */
  #takeReady(ctx: ExecContext, data: number): number {
    const ready = this.#ready;
    if (ready === null) return 0;
    this.#ready = null;
    if (ready.data === data) return ready.address;
    if (!ready.rows) ctx.arena.free(ready.address);
    return 0;
  }

  #loadDictionary(ctx: ExecContext, header: PageHeader, data: number): void {
    const stored = this.#stored(ctx, header, data);
    let address = stored;
    const keep = (): number => {
      const block = ctx.arena.alloc(header.expandedBytes);
      this.#dictionaryBlocks.push(block);
      return block;
    };
    if (this.#codec !== 'UNCOMPRESSED')
      address = this.#expand(
        ctx,
        { data, src: stored, storedBytes: header.storedBytes, bytes: header.expandedBytes, rows: null },
        keep,
        (block) => this.#dictionaryBlocks.push(block),
      );
    else if (!this.#bytes.resident) {
      address = keep();
      ctx.kernels.get('parquet').copyBytes(address, stored, header.storedBytes);
    }
    const bytes = this.#codec === 'UNCOMPRESSED' ? header.storedBytes : header.expandedBytes;
    if (header.encoding !== ENCODING.PLAIN && header.encoding !== ENCODING.PLAIN_DICTIONARY)
      throw new UnsupportedError(
        `The column "${this.target.leaf.name}" of ${this.path} has a dictionary in encoding ${header.encoding}.`,
        { path: this.path, column: this.target.leaf.name },
      );
    this.dictionary = readDictionary(
      ctx,
      this.target,
      address,
      address + bytes,
      header.values,
      this.#dictionaryBlocks,
      {
        path: this.path,
        offset: this.#at,
      },
    );
  }

  #load(ctx: ExecContext): void {
    const { header, at, data } = this.#nextData(ctx);
    this.#releasePage(ctx);
    const origin = { path: this.path, offset: at };
    const stored = this.#stored(ctx, header, data);
    const row = this.#nextRow;
    this.#take(header, data);
    const { leaf } = this.target;
    let from: number;
    let end: number;
    let literals: number | undefined;
    if (header.type === PAGE.DATA_V2) {
      const levels = header.repBytes + header.defBytes;
      const isPlain = this.#codec === 'UNCOMPRESSED' || !header.compressed || header.storedBytes === levels;
      const bytes = isPlain ? header.storedBytes - levels : header.expandedBytes - levels;
      const storedBytes = header.storedBytes - levels;
      if (!isPlain && this.#literals(ctx, header, stored + levels, storedBytes, bytes) > 0) {
        literals = stored + levels;
        this.#isInPlace = true;
        from = 0;
      } else {
        const page = { data, src: stored + levels, storedBytes, bytes };
        const rows = isPlain ? null : this.#rowsOf(ctx, header, row, page);
        from = this.#values(ctx, { ...page, rows }, isPlain);
      }
      end = from + bytes;
      this.#initLevels(ctx, this.repState, stored, stored + header.repBytes, leaf.rep);
      this.#initLevels(ctx, this.defState, stored + header.repBytes, stored + levels, leaf.def);
    } else {
      const isPlain = this.#codec === 'UNCOMPRESSED';
      const bytes = isPlain ? header.storedBytes : header.expandedBytes;
      const first = isPlain ? 0 : this.#literals(ctx, header, stored, header.storedBytes, bytes);
      const levels = first > 0 ? this.#levelBytes(ctx, stored, first, header) : null;
      if (levels !== null) {
        const head = ctx.kernels.get('codecs').snappyFirst(stored) >>> 0;
        this.#levelsV1(ctx, this.defState, head, head + first, header.values, leaf.def, header.defEncoding);
        literals = stored;
        this.#isInPlace = true;
        from = levels;
        end = bytes;
      } else {
        const page = { data, src: stored, storedBytes: header.storedBytes, bytes };
        const rows = isPlain ? null : this.#rowsOf(ctx, header, row, page);
        from = this.#values(ctx, { ...page, rows }, isPlain);
        if (rows) {
          end = from + bytes - rows.headBytes;
          this.#initLevels(ctx, this.defState, rows.head + 4, rows.head + rows.headBytes, leaf.def);
        } else {
          end = from + bytes;
          from = this.#levelsV1(ctx, this.repState, from, end, header.values, leaf.rep, header.repEncoding);
          from = this.#levelsV1(ctx, this.defState, from, end, header.values, leaf.def, header.defEncoding);
        }
      }
    }
    this.page = {
      left: header.values,
      origin,
      values: openValues(ctx, {
        target: this.target,
        encoding: header.encoding,
        from,
        end,
        literals,
        entries: header.values,
        dictionary: this.dictionary,
        state: this.#state + LEVEL_STATE_BYTES,
        origin,
      }),
    };
  }

  /**
   * Bytes of the first literal of a Snappy block that is read without being expanded: values that do not compress, which
   * would be copied once more. 0 for any other.
   */
  #literals(ctx: ExecContext, header: PageHeader, stored: number, storedBytes: number, bytes: number): number {
    const { leaf, direct } = this.target;
    const isFixed = direct && leaf.physical !== 'BYTE_ARRAY' && leaf.physical !== 'BOOLEAN';
    if (this.#codec !== 'SNAPPY' || header.encoding !== ENCODING.PLAIN || !isFixed || leaf.rep > 0) return 0;
    const kernels = ctx.kernels.get('codecs');
    if (kernels.snappyLength(stored, storedBytes) !== bytes) return 0;
    return kernels.snappyLiterals(stored, storedBytes, bytes) >>> 0;
  }

  /** Bytes of the levels at the start of such a block; null when they are not all in its first literal. */
  #levelBytes(ctx: ExecContext, stored: number, first: number, header: PageHeader): number | null {
    if (this.target.leaf.def === 0) return 0;
    if (header.defEncoding !== ENCODING.RLE || first < 4) return null;
    const head = ctx.kernels.get('codecs').snappyFirst(stored) >>> 0;
    const bytes = 4 + ctx.heap.refresh().view.getUint32(head, true);
    return bytes <= first ? bytes : null;
  }

  /** Where the values lie: expanded, copied when strings point into a window that will move, or as they are. */
  #values(ctx: ExecContext, page: StoredPage, isPlain: boolean): number {
    const { src, bytes } = page;
    const keep = isViews(this.target) || this.target.leaf.conversion === 'view';
    this.#isInPlace = isPlain && (!keep || this.#bytes.resident);
    if (this.#isInPlace) return src;
    const allocate = (): number => {
      if (keep) {
        this.#block = this.#memory.alloc(ctx, bytes);
      } else if (bytes > this.#blockBytes || this.#block === 0) {
        if (this.#block !== 0) ctx.arena.free(this.#block);
        this.#block = ctx.arena.alloc(bytes);
        this.#blockBytes = bytes;
      }
      return this.#block;
    };
    const adopt = (block: number): void => {
      if (!keep && this.#block !== 0) ctx.arena.free(this.#block);
      this.#block = block;
      this.#blockBytes = bytes;
    };
    if (!isPlain) return this.#expand(ctx, page, allocate, adopt);
    const copy = allocate();
    ctx.kernels.get('parquet').copyBytes(copy, src, bytes);
    return copy;
  }

  #initLevels(ctx: ExecContext, state: number, from: number, end: number, most: number): void {
    if (most > 0) ctx.kernels.get('parquet').rleInit(state, from, end, 32 - Math.clz32(most));
  }

  #levelsV1(
    ctx: ExecContext,
    state: number,
    from: number,
    end: number,
    entries: number,
    most: number,
    encoding: number,
  ): number {
    if (most === 0) return from;
    if (encoding === ENCODING.BIT_PACKED) {
      const width = 32 - Math.clz32(most);
      const bytes = Math.ceil((entries * width) / 8);
      if (bytes > end - from) this.corrupt('the levels of a page pass its end');
      const flipped = ctx.arena.alloc(bytes);
      this.#flipped.push(flipped);
      const kernels = ctx.kernels.get('parquet');
      kernels.flipLevels(from, entries, width, flipped);
      kernels.rleLiteral(state, flipped, flipped + bytes, width, entries);
      return from + bytes;
    }
    if (encoding !== ENCODING.RLE) this.corrupt(`the levels of a page have encoding ${encoding}`);
    if (end - from < 4) this.corrupt('the levels of a page pass its end');
    const bytes = ctx.heap.refresh().view.getUint32(from, true);
    if (bytes > end - from - 4) this.corrupt('the levels of a page pass its end');
    this.#initLevels(ctx, state, from + 4, from + 4 + bytes, most);
    return from + 4 + bytes;
  }

  #releasePage(ctx: ExecContext): void {
    this.page?.values.close?.(ctx);
    for (const block of this.#flipped) ctx.arena.free(block);
    this.#flipped = [];
    this.#isInPlace = false;
    if (this.#block !== 0 && (isViews(this.target) || this.target.leaf.conversion === 'view')) {
      this.#memory.release(ctx, this.#block);
      this.#block = 0;
    }
    this.page = null;
  }

  /** The dictionary is given back too: no vector of it may be in use. */
  close(ctx: ExecContext): void {
    this.#releasePage(ctx);
    this.#takeReady(ctx, -1);
    if (this.mate?.mate === this) this.mate.mate = null;
    this.mate = null;
    if (this.#block !== 0) ctx.arena.free(this.#block);
    this.#block = 0;
    for (const block of this.#dictionaryBlocks) ctx.arena.free(block);
    this.#dictionaryBlocks = [];
    ctx.arena.free(this.#state);
    this.#bytes.close(ctx);
  }
}
