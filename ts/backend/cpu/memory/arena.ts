// A query's memory on one thread: `alloc`/`free` for operator state, `Scratch` for what lives one morsel.
import { type Region, type RegionSource, regionBytes } from './regions.ts';

/** Spare bytes behind every block: eight-row loops and 16-byte stores may pass the end. */
const SPARE_BYTES = 64;
/** Blocks from this size get a region of their own. */
const LARGE_BYTES = 256 * 1024;
/** What small blocks are cut from. */
const SLAB_BYTES = 1 << 20;
/** A scratch grows by this. */
const SCRATCH_BYTES = 4 << 20;

/** The size a request is rounded to: four classes an octave, so at most a quarter is wasted. */
export function sizeClass(bytes: number): number {
  const need = bytes + SPARE_BYTES;
  if (need <= 256) return Math.ceil(need / 64) * 64;
  // Beyond 32 bits nothing is ever there.
  const step = need > 2 ** 31 ? 2 ** 29 : 1 << (29 - Math.clz32(need - 1));
  return Math.ceil(need / step) * step;
}

/** A region that changes its arena: address, bytes, and 1 when it is one block. */
export type HandedRegion = readonly [address: number, bytes: number, isLarge: 0 | 1];

/** Size-class allocator over regions. Everything is given back at once by `releaseAll`. Addresses are 64-byte aligned. */
export class Arena {
  readonly #source: RegionSource;
  readonly #regions = new Set<Region>();
  readonly #large = new Map<number, Region>();
  readonly #small = new Map<number, number>();
  readonly #free = new Map<number, number[]>();
  /** Large blocks that are not used yet as far as anyone knows. */
  readonly #reserved = new Set<number>();
  #top = 0;
  #end = 0;
  #usedBytes = 0;
  #peakBytes = 0;
  /** Counts what this arena holds as its own. */
  readonly #parent: Arena | null;

  constructor(source: RegionSource, parent: Arena | null = null) {
    this.#source = source;
    this.#parent = parent;
  }

  /** An arena over the same source, whose blocks can be given back all at once by `release`; they count as used here. */
  child(): Arena {
    const child = new Arena(this.#source, this);
    child.onFreeRegion = (region) => this.onFreeRegion(region);
    return child;
  }

  /** Gives every region back to the source. */
  release(): void {
    this.#count(-this.#usedBytes);
    for (const region of this.releaseAll()) this.onFreeRegion(region);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }
  /** The most that was in use at once. */
  get peakBytes(): number {
    return this.#peakBytes;
  }
  /** Every region held. */
  get regions(): Iterable<Region> {
    return this.#regions;
  }

  /** A block of at least `bytes`, contents undefined. Throws OutOfMemoryError. May grow the heap. */
  alloc(bytes: number): number {
    const size = sizeClass(bytes);
    if (size >= LARGE_BYTES) {
      const region = this.#take(bytes);
      this.#count(region.bytes);
      return region.address;
    }
    let address = this.#free.get(size)?.pop();
    if (address === undefined) {
      if (this.#top + size > this.#end) {
        const region = this.#source.take(SLAB_BYTES);
        this.#regions.add(region);
        this.#top = region.address;
        this.#end = region.address + region.bytes;
      }
      address = this.#top;
      this.#top += size;
    }
    this.#small.set(address, size);
    this.#count(size);
    return address;
  }

  #count(bytes: number): void {
    this.#usedBytes += bytes;
    if (this.#usedBytes > this.#peakBytes) this.#peakBytes = this.#usedBytes;
    if (this.#parent) this.#parent.#count(bytes);
  }

  /** Gives a block back for reuse. Large blocks return to the source when it can take them (`onFreeRegion`). */
  free(address: number): void {
    const region = this.#large.get(address);
    if (region) {
      this.#forget(region);
      this.onFreeRegion(region);
      return;
    }
    const size = this.#small.get(address);
    if (size === undefined) return;
    this.#small.delete(address);
    this.#count(-size);
    const list = this.#free.get(size);
    if (list) list.push(address);
    else this.#free.set(size, [address]);
  }

  /** A block like `alloc`'s of which it is not known how much will be used: it counts from `shrink` on. */
  reserve(bytes: number): number {
    if (sizeClass(bytes) < LARGE_BYTES) return this.alloc(bytes);
    const region = this.#take(bytes);
    this.#reserved.add(region.address);
    return region.address;
  }

  /** A region for one block. */
  #take(bytes: number): Region {
    // The source rounds to pages, which wastes less than a class does.
    const region = this.#source.take(bytes + SPARE_BYTES);
    this.#regions.add(region);
    this.#large.set(region.address, region);
    return region;
  }

  /** Leaves a large block its first `bytes`; the pages behind them are free again. */
  shrink(address: number, bytes: number): void {
    const region = this.#large.get(address);
    if (!region) return;
    const kept = { address, bytes: Math.min(regionBytes(bytes + SPARE_BYTES), region.bytes) };
    this.#forget(region);
    this.#regions.add(kept);
    this.#large.set(address, kept);
    this.#count(kept.bytes);
    const rest = region.bytes - kept.bytes;
    if (rest > 0) this.onFreeRegion({ address: address + kept.bytes, bytes: rest });
  }

  /** Takes out a large block. */
  #forget(region: Region): void {
    this.#large.delete(region.address);
    this.#regions.delete(region);
    if (!this.#reserved.delete(region.address)) this.#count(-region.bytes);
  }

  /** Bytes that the source may still give; unknown to some. */
  get headroomBytes(): number {
    return this.#source.headroomBytes ?? 0;
  }

  /** A block of `bytes` holding the first `keepBytes` of the old one, which is freed. */
  grow(heap: { refresh(): { u8: Uint8Array } }, address: number, keepBytes: number, bytes: number): number {
    const next = this.alloc(bytes);
    heap.refresh().u8.copyWithin(next, address, address + keepBytes);
    this.free(address);
    return next;
  }

  /** What happens to a large block's region; the owner of the source sets it. */
  onFreeRegion: (region: Region) => void = () => {};

  /** A region that this arena does not own: for a result. */
  takeRegion(bytes: number): Region {
    return this.#source.take(bytes);
  }

  /** Takes a region out of this arena: its new owner gives it back. Only a large block's address names one. */
  detach(address: number): Region | undefined {
    const region = this.#large.get(address);
    if (region) this.#forget(region);
    return region;
  }

  /** Everything this arena holds, for an arena of another thread: it forgets it. */
  handOver(): HandedRegion[] {
    const all = [...this.#regions].map((r): HandedRegion => [r.address, r.bytes, this.#large.has(r.address) ? 1 : 0]);
    this.releaseAll();
    return all;
  }

  /** Takes what another arena handed over. Its large blocks may be freed here; small ones stay until the end. */
  adopt(handed: readonly HandedRegion[]): void {
    for (const [address, bytes, isLarge] of handed) {
      const region = { address, bytes };
      this.#regions.add(region);
      if (isLarge === 1) this.#large.set(address, region);
      this.#count(bytes);
    }
  }

  /** Forgets everything and returns the regions, for the coordinator to take back. */
  releaseAll(): Region[] {
    const all = [...this.#regions];
    this.#regions.clear();
    this.#large.clear();
    this.#reserved.clear();
    this.#small.clear();
    this.#free.clear();
    this.#top = this.#end = 0;
    this.#usedBytes = this.#peakBytes = 0;
    return all;
  }
}

/** Bump memory for one morsel: `reset` gives all of it back at once. Keep nothing of it in operator state. */
export class Scratch {
  readonly #arena: Arena;
  #blocks: { address: number; bytes: number }[] = [];
  #block = 0;
  #top = 0;
  #end = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** `bytes` that live until the next `reset`, 64-byte aligned, contents undefined. May grow the heap. */
  alloc(bytes: number): number {
    const size = (bytes + SPARE_BYTES + 63) & ~63;
    while (this.#top + size > this.#end) {
      const next = this.#blocks[this.#block];
      if (next === undefined) {
        const bytesOfBlock = Math.max(size, SCRATCH_BYTES);
        const address = this.#arena.alloc(bytesOfBlock);
        this.#blocks.push({ address, bytes: bytesOfBlock });
        continue;
      }
      this.#block++;
      this.#top = next.address;
      this.#end = next.address + next.bytes;
    }
    const address = this.#top;
    this.#top += size;
    return address;
  }

  /** The current position, for `rewind`. */
  mark(): { block: number; top: number; end: number } {
    return { block: this.#block, top: this.#top, end: this.#end };
  }

  /** Gives back everything allocated since `mark`: for operators that emit many batches per morsel. */
  rewind(mark: { block: number; top: number; end: number }): void {
    this.#block = mark.block;
    this.#top = mark.top;
    this.#end = mark.end;
  }

  /** Gives everything back: the scratch is not used any more. */
  release(): void {
    for (const b of this.#blocks) this.#arena.free(b.address);
    this.#blocks = [];
    this.#block = 0;
    this.#top = this.#end = 0;
  }

  /** Ends the morsel. */
  reset(): void {
    this.#block = 0;
    this.#top = this.#end = 0;
    // One outsized morsel must not pin memory for the rest of the query.
    if (this.#blocks.length > 8) {
      for (const b of this.#blocks) this.#arena.free(b.address);
      this.#blocks = [];
    }
  }
}
