// The bytes of one column chunk in the heap: all of them, read together with their neighbours, or a window that moves
// over them.
import type { ExecContext, SyncBytes } from '../../context.ts';

export class ChunkBytes {
  /** File positions of the chunk, as the footer has them. */
  readonly start: number;
  readonly end: number;
  /** Where the data of the file ends: some old writers understate the size of a chunk. */
  readonly limit: number;
  readonly #file: SyncBytes;
  /** File position and heap address of what is loaded. */
  #from = 0;
  #to = 0;
  #address = 0;
  /** Whether `#address` is a block of this object. */
  #owned = false;
  #capacity = 0;
  readonly #windowBytes: number;

  constructor(file: SyncBytes, start: number, end: number, limit: number, windowBytes: number) {
    this.#file = file;
    this.start = start;
    this.end = end;
    this.limit = limit;
    this.#windowBytes = windowBytes;
  }

  /** True when the whole chunk lies in memory that stays until the unit is closed. */
  get resident(): boolean {
    return !this.#owned && this.#address !== 0;
  }

  /** Uses bytes that somebody else has read: the whole chunk at `address`. */
  lend(address: number): void {
    this.#address = address;
    this.#from = this.start;
    this.#to = this.end;
  }

  /**
   * The address of file bytes [at, at + length), which lie before `limit`. Earlier addresses of a chunk that is not
   * resident are no longer valid.
   */
  fetch(ctx: ExecContext, at: number, length: number): number {
    if (this.#address !== 0 && at >= this.#from && at + length <= this.#to) return this.#address + (at - this.#from);
    const wanted = Math.max(length, Math.min(this.end - at, this.#windowBytes));
    if (wanted > this.#capacity) {
      if (this.#capacity > 0) ctx.arena.free(this.#address);
      this.#capacity = 0;
      this.#address = ctx.arena.alloc(wanted);
      this.#owned = true;
      this.#capacity = wanted;
    }
    this.#to = this.#from = 0;
    this.#file.readInto(this.#address, at, wanted);
    this.#from = at;
    this.#to = at + wanted;
    return this.#address;
  }

  /** How many bytes from `at` on are in memory. */
  loaded(at: number): number {
    return this.#address !== 0 && at >= this.#from && at < this.#to ? this.#to - at : 0;
  }

  close(ctx: ExecContext): void {
    if (this.#owned && this.#capacity > 0) ctx.arena.free(this.#address);
    this.#address = this.#capacity = this.#from = this.#to = 0;
  }
}

/** Largest unread gap between two chunks that is cheaper to read than to leave out. */
const MAX_GAP_BYTES = 64 * 1024;

/** Reads chunks that lie near each other in one go. Returns the blocks, for the unit to free. */
export function readTogether(ctx: ExecContext, file: SyncBytes, chunks: readonly ChunkBytes[]): number[] {
  const sorted = [...chunks].sort((a, b) => a.start - b.start);
  const blocks: number[] = [];
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i]!;
    let end = first.end;
    let j = i + 1;
    while (j < sorted.length && sorted[j]!.start <= end + MAX_GAP_BYTES) end = Math.max(end, sorted[j++]!.end);
    const block = ctx.arena.alloc(end - first.start);
    blocks.push(block);
    file.readInto(block, first.start, end - first.start);
    for (; i < j; i++) sorted[i]!.lend(block + (sorted[i]!.start - first.start));
  }
  return blocks;
}
