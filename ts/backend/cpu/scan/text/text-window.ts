// A moving window over a text stream, in the heap: whole rows are taken from its front, more text is added behind.
import { ParseError } from '../../../../errors.ts';
import type { ExecContext } from '../../context.ts';
import type { TextStream } from './text-stream.ts';

/** First read: enough to guess the length of rows without delaying a query that wants ten of them. */
const FIRST_BYTES = 256 * 1024;
/** Kernels read this far past the end of the text. */
const SLACK_BYTES = 192;
/** Rows that a block should hold: a little under a morsel. */
const ROWS_PER_BLOCK = 64_000;
/** Text in which the first line end should be. */
const DETECT_BYTES = 64 * 1024;
/** A row longer than this is taken for an open quote. */
const MAX_ROW_BYTES = 64 << 20;

const LF = 10;
const CR = 13;

interface Block {
  readonly address: number;
  readonly capacity: number;
  /** The batch whose strings last pointed here. */
  batch: number;
}

export class TextWindow {
  /** Unread text is `[at, end)`. */
  at = 0;
  end = 0;
  /** No more text will come. */
  final = false;
  /** The byte that ends lines: LF, or CR in a file that has no LF at its start. */
  newline = LF;
  readonly #path: string;
  readonly #stream: TextStream;
  readonly #blockBytes: number;
  readonly #mostRows: number;
  readonly #blocks: Block[] = [];
  #block: Block | null = null;
  /** Position in the text of the block's first byte. */
  #offset = 0;
  #wanted: number;
  #begun = false;
  #rows = 0;
  #consumed = 0;

  /** `mostRows`: more are not wanted. */
  constructor(path: string, stream: TextStream, blockBytes: number, mostRows = Number.POSITIVE_INFINITY) {
    this.#path = path;
    this.#stream = stream;
    this.#blockBytes = blockBytes;
    this.#mostRows = mostRows;
    this.#wanted = Math.min(FIRST_BYTES, blockBytes);
  }

  /** Bytes of text before the address. */
  offsetOf(address: number): number {
    return this.#offset + address - (this.#block?.address ?? 0);
  }

  /** Drops a byte order mark and finds out how lines end, where they may end with a CR alone. */
  begin(ctx: ExecContext, maybeCr: boolean): void {
    while (!this.final && this.end - this.at < 3) this.more(ctx, 0);
    const u8 = ctx.heap.refresh().u8;
    const [a, b, c] = [u8[this.at], u8[this.at + 1], u8[this.at + 2]];
    if (this.end - this.at >= 2 && ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))) {
      const encoding = a === 0xff ? 'utf-16le' : 'utf-16be';
      throw new ParseError(`${this.#path} is UTF-16 text. Read it with { encoding: '${encoding}' }.`, {
        path: this.#path,
        line: 1,
      });
    }
    if (this.end - this.at >= 3 && a === 0xef && b === 0xbb && c === 0xbf) this.at += 3;
    while (maybeCr && !this.final && this.end - this.at < DETECT_BYTES) {
      if (ctx.heap.u8.subarray(this.at, this.end).includes(LF)) break;
      this.more(ctx, 0);
    }
    const text = ctx.heap.u8.subarray(this.at, this.end);
    if (maybeCr && !text.includes(LF) && text.includes(CR)) this.newline = CR;
    this.#begun = true;
    if (this.final) this.#terminate(ctx);
  }

  /** Begins in the middle of a file, whose start has told how lines end. */
  beginInside(newline: number): void {
    this.newline = newline;
    this.#begun = true;
  }

  /** Counts rows taken, so that blocks come in a size that holds about a morsel. */
  taken(rows: number, bytes: number): void {
    this.#rows += rows;
    this.#consumed += bytes;
  }

  /** The batch's strings point into the current block. */
  hold(batch: number): void {
    if (this.#block) this.#block.batch = batch;
  }

  /**
   * Adds text behind the unread rest, which moves; called when it holds no whole row. Returns false when there is none.
   * Blocks that batches before `batch - 1` used are used again.
   */
  more(ctx: ExecContext, batch: number): boolean {
    if (this.final) return false;
    ctx.control.checkAbort();
    const rest = this.end - this.at;
    if (rest > MAX_ROW_BYTES) {
      throw new ParseError(
        `${this.#path}: a row that starts at byte ${this.offsetOf(this.at)} of the text is longer than ${MAX_ROW_BYTES >> 20} MB. A quote may be open: check the 'quote' option.`,
        { path: this.#path },
      );
    }
    if (this.#rows > 0) {
      const rows = Math.min(ROWS_PER_BLOCK, this.#mostRows - this.#rows);
      const target = Math.ceil((this.#consumed / this.#rows) * rows);
      this.#wanted = Math.min(this.#blockBytes, Math.max(target, FIRST_BYTES));
    }
    // A row that fills the window needs a longer one.
    const size = rest * 2 > this.#wanted ? rest * 2 + this.#wanted : this.#wanted;
    const block = this.#take(ctx, size, batch);
    const u8 = ctx.heap.refresh().u8;
    u8.copyWithin(block.address, this.at, this.end);
    this.#offset = this.#block === null ? 0 : this.offsetOf(this.at);
    this.#block = block;
    const got = this.#stream.read(ctx, block.address + rest, size - rest);
    this.at = block.address;
    this.end = block.address + rest + got;
    if (got === 0) {
      this.final = true;
      if (this.#begun) this.#terminate(ctx);
    }
    return true;
  }

  /** Adds all text there is, at most `bytes`. */
  readAll(ctx: ExecContext, bytes: number): void {
    if (this.final) return;
    const rest = this.end - this.at;
    const size = rest + bytes;
    const block = this.#take(ctx, size, -1);
    ctx.heap.refresh().u8.copyWithin(block.address, this.at, this.end);
    this.#offset = this.#block === null ? 0 : this.offsetOf(this.at);
    this.#block = block;
    this.at = block.address;
    this.end = block.address + rest;
    for (;;) {
      ctx.control.checkAbort();
      const got = this.#stream.read(ctx, this.end, block.address + size - this.end);
      this.end += got;
      if (got === 0 || this.end === block.address + size) break;
    }
    this.final = true;
    if (this.#begun) this.#terminate(ctx);
  }

  /** Gives the last row the line end it may lack. */
  #terminate(ctx: ExecContext): void {
    const u8 = ctx.heap.refresh().u8;
    if (this.end > this.at && u8[this.end - 1] !== this.newline) u8[this.end++] = this.newline;
  }

  #take(ctx: ExecContext, size: number, batch: number): Block {
    for (const block of this.#blocks) {
      if (block === this.#block || block.batch > batch - 2) continue;
      if (block.capacity >= size) {
        block.batch = -2;
        return block;
      }
      ctx.arena.free(block.address);
      this.#blocks.splice(this.#blocks.indexOf(block), 1);
      break;
    }
    const block = { address: ctx.arena.alloc(size + SLACK_BYTES), capacity: size, batch: -2 };
    this.#blocks.push(block);
    return block;
  }

  close(ctx: ExecContext): void {
    for (const block of this.#blocks) ctx.arena.free(block.address);
    this.#blocks.length = 0;
    this.#block = null;
    this.#stream.close();
  }
}
