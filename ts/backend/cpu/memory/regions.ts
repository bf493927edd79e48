// The coordinator's side of memory: regions of the heap, handed to queries and tables and taken back whole.
import { OutOfMemoryError } from '../../../errors.ts';
import { growHeap } from './grow-heap.ts';
import { ARENA_START, type Heap, MAX_PAGES, PAGE_BYTES } from './heap.ts';
import { SharedRegions } from './shared-regions.ts';

/** A contiguous piece of the heap with one owner. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** Regions are multiples of this. */
export const REGION_BYTES = PAGE_BYTES;

/** The bytes of a region that holds `bytes`. */
export const regionBytes = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / REGION_BYTES) * REGION_BYTES;

/** Gives a thread memory of its own: the pool on the coordinator, a lease in an engine thread. */
export interface RegionSource {
  /** A region of at least `bytes`. Throws OutOfMemoryError. */
  take(bytes: number): Region;
  /** Bytes that may still be taken. */
  readonly headroomBytes?: number;
}

/** Pages of the heap as free and used regions. Freed regions are merged with their neighbours and reused first. */
export class RegionPool implements RegionSource {
  /** Sorted by address, no two adjacent. */
  #free: { address: number; bytes: number }[] = [];
  #usedBytes = 0;
  /** While other threads take from the free list as well. */
  #shared: SharedRegions | null = null;
  readonly #heap: Heap;
  limitBytes = Number.POSITIVE_INFINITY;
  /** In use by others; counts towards the limit. */
  usedElsewhereBytes = 0;

  /** Without `free`, the coordinator's pool: everything above the static part. */
  constructor(heap: Heap, free?: readonly Region[]) {
    this.#heap = heap;
    for (const r of free ?? [{ address: ARENA_START, bytes: heap.sizeBytes - ARENA_START }]) this.add(r);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }
  /** Bytes that may still be taken under the limit. */
  get headroomBytes(): number {
    const usedBytes = this.#shared ? this.#shared.usedBytes : this.#usedBytes;
    return Math.min(this.limitBytes, MAX_PAGES * PAGE_BYTES - ARENA_START) - this.usedElsewhereBytes - usedBytes;
  }
  get freeBytes(): number {
    return this.#free.reduce((sum, r) => sum + r.bytes, 0);
  }

  /** Lets other threads take from the free list too, until `unshare`. */
  share(): void {
    this.#shared = new SharedRegions(this.#heap, (region) => this.onGrow(region));
    this.#shared.publish({
      free: this.#free,
      usedBytes: this.#usedBytes,
      limitBytes: this.limitBytes,
      usedElsewhereBytes: this.usedElsewhereBytes,
    });
    this.#free = [];
  }

  /** Ends `share`: no other thread takes or gives any more. */
  unshare(): void {
    const { free, usedBytes } = this.#shared!.read();
    this.#shared = null;
    this.#free = free;
    this.#usedBytes = usedBytes;
  }

  /** Ends `share` after a thread died, perhaps in the middle of a change: nothing is free until the lease ends. */
  abandon(): void {
    this.#shared = null;
    this.#free = [];
  }

  take(bytes: number): Region {
    if (this.#shared) return this.#shared.take(bytes);
    const size = regionBytes(bytes);
    if (this.usedElsewhereBytes + this.#usedBytes + size > this.limitBytes) throw this.#outOfMemory(size);
    return this.takeUnlimited(size);
  }

  /** Same without regard to the limit: for messages about having reached it. */
  takeUnlimited(bytes: number): Region {
    if (this.#shared) return this.#shared.take(bytes, false);
    const size = regionBytes(bytes);
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const r = this.#free[i]!;
      if (r.bytes >= size && (best < 0 || r.bytes < this.#free[best]!.bytes)) best = i;
    }
    if (best < 0) {
      const grown = growHeap(this.#heap, size, () => this.#outOfMemory(size));
      this.onGrow(grown);
      this.add(grown);
      return this.takeUnlimited(size);
    }
    const from = this.#free[best]!;
    const region = { address: from.address, bytes: size };
    if (from.bytes === size) this.#free.splice(best, 1);
    else {
      from.address += size;
      from.bytes -= size;
    }
    this.#usedBytes += size;
    return region;
  }

  /** Told of every piece this pool grew; an engine thread records it so that nothing is lost if it dies. */
  onGrow: (region: Region) => void = () => {};

  /** Every free region, for a query to lease; what it does not keep comes back through `release`. */
  takeAll(): Region[] {
    const all = this.#free.map((r) => ({ ...r }));
    this.#usedBytes += this.freeBytes;
    this.#free = [];
    return all;
  }

  /** Takes pieces off the free list: they are somebody else's now. */
  withdraw(regions: readonly Region[]): void {
    this.#free = subtract(this.#free, regions).map((r) => ({ ...r }));
  }

  release(region: Region): void {
    if (this.#shared) {
      this.#shared.release(region);
      return;
    }
    this.#usedBytes -= region.bytes;
    this.add(region);
  }

  /**
   * Ends a lease: of `held` (what was leased and what the thread grew) the pieces in `kept` stay in use, owned by a
   * table; the rest is free again. `leasedBytes` were counted as used when the lease was given.
   */
  settle(leasedBytes: number, held: readonly Region[], kept: readonly Region[]): void {
    this.#usedBytes -= leasedBytes;
    for (const r of kept) this.#usedBytes += r.bytes;
    for (const r of subtract(held, kept)) this.add(r);
  }

  /** The free pieces, merged. */
  get free(): readonly Region[] {
    return this.#free;
  }

  /** Puts a piece on the free list, merged with its neighbours. */
  add(region: Region): void {
    let i = 0;
    while (i < this.#free.length && this.#free[i]!.address < region.address) i++;
    this.#free.splice(i, 0, { ...region });
    const merge = (at: number): void => {
      const a = this.#free[at];
      const b = this.#free[at + 1];
      if (a && b && a.address + a.bytes === b.address) {
        a.bytes += b.bytes;
        this.#free.splice(at + 1, 1);
      }
    };
    merge(i);
    if (i > 0) merge(i - 1);
  }

  #outOfMemory(requestedBytes: number): OutOfMemoryError {
    return new OutOfMemoryError({
      requestedBytes,
      usedBytes: this.#usedBytes + this.usedElsewhereBytes,
      limitBytes: Math.min(this.limitBytes, MAX_PAGES * PAGE_BYTES),
      device: 'cpu',
    });
  }
}

/** The parts of `whole` that no region of `taken` covers. */
export function subtract(whole: readonly Region[], taken: readonly Region[]): Region[] {
  const cuts = [...taken].sort((a, b) => a.address - b.address);
  const left: Region[] = [];
  for (const r of whole) {
    let from = r.address;
    const end = r.address + r.bytes;
    for (const cut of cuts) {
      if (cut.address >= end || cut.address + cut.bytes <= from) continue;
      if (cut.address > from) left.push({ address: from, bytes: cut.address - from });
      from = Math.max(from, cut.address + cut.bytes);
    }
    if (from < end) left.push({ address: from, bytes: end - from });
  }
  return left;
}
