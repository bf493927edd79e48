// Free regions that the threads of one query take from: a list in the heap, sorted by address, under a lock. A thread that
// dies with the lock fails the query, and the coordinator takes all of its memory back whatever the list says.
import { DeviceError, OutOfMemoryError } from '../../../errors.ts';
import { growHeap } from './grow-heap.ts';
import { type Heap, MAX_PAGES, PAGE_BYTES, SHARED_REGIONS_AT } from './heap.ts';
import type { Region, RegionSource } from './regions.ts';

const BASE = SHARED_REGIONS_AT >> 2;
const LOCK = BASE;
const COUNT = BASE + 1;
const USED_PAGES = BASE + 2;
/** 1 when a thread of the query has died. */
const LOST = BASE + 3;
const LIMIT_AT = (SHARED_REGIONS_AT + 32) >> 3;
const ELSEWHERE_AT = LIMIT_AT + 1;
/** Pairs of first page and pages. */
const LIST = BASE + 16;

const SPINS = 200;
const WAIT_MS = 2;

/** What a pool shares. */
export interface SharedState {
  readonly free: readonly Region[];
  readonly usedBytes: number;
  readonly limitBytes: number;
  readonly usedElsewhereBytes: number;
}

/** Tells threads that wait for the lock that whoever has it may be gone. */
export function markLost(heap: Heap, lost: boolean): void {
  const words = heap.refresh().i32;
  Atomics.store(words, LOST, lost ? 1 : 0);
  if (!lost) Atomics.store(words, LOCK, 0);
  Atomics.notify(words, LOCK);
}

export class SharedRegions implements RegionSource {
  readonly #heap: Heap;
  readonly #onGrow: (region: Region) => void;

  /** `onGrow` is told of every piece of memory that is new, under the lock. */
  constructor(heap: Heap, onGrow: (region: Region) => void) {
    this.#heap = heap;
    this.#onGrow = onGrow;
  }

  /** Puts a pool's state where all threads see it; nobody else is at work. */
  publish(state: SharedState): void {
    const { i32, f64 } = this.#heap.refresh();
    i32[USED_PAGES] = state.usedBytes / PAGE_BYTES;
    f64[LIMIT_AT] = state.limitBytes;
    f64[ELSEWHERE_AT] = state.usedElsewhereBytes;
    state.free.forEach((r, i) => {
      i32[LIST + 2 * i] = r.address / PAGE_BYTES;
      i32[LIST + 2 * i + 1] = r.bytes / PAGE_BYTES;
    });
    i32[COUNT] = state.free.length;
    Atomics.store(i32, LOCK, 0);
  }

  /** The state as it is now; nobody else is at work. */
  read(): { free: { address: number; bytes: number }[]; usedBytes: number } {
    const { i32 } = this.#heap.refresh();
    const free = Array.from({ length: i32[COUNT]! }, (_, i) => ({
      address: i32[LIST + 2 * i]! * PAGE_BYTES,
      bytes: i32[LIST + 2 * i + 1]! * PAGE_BYTES,
    }));
    return { free, usedBytes: i32[USED_PAGES]! * PAGE_BYTES };
  }

  /** Bytes in use by the threads of the query, as of now. */
  get usedBytes(): number {
    return Atomics.load(this.#heap.refresh().i32, USED_PAGES) * PAGE_BYTES;
  }

  #lock(): Int32Array {
    const words = this.#heap.refresh().i32;
    for (let tries = 0; Atomics.compareExchange(words, LOCK, 0, 1) !== 0; tries++) {
      if (tries < SPINS) continue;
      if (Atomics.load(words, LOST) !== 0)
        throw new DeviceError('ERR_ENGINE_DIED', 'A thread of the engine died in the middle of a query. Run it again.');
      Atomics.wait(words, LOCK, 1, WAIT_MS);
    }
    return words;
  }

  #unlock(words: Int32Array): void {
    Atomics.store(words, LOCK, 0);
    Atomics.notify(words, LOCK, 1);
  }

  /** A region of at least `bytes`: the smallest free one that has room, else memory that is new. */
  take(bytes: number, limited = true): Region {
    const pages = Math.ceil(Math.max(bytes, 1) / PAGE_BYTES);
    const words = this.#lock();
    try {
      const { f64 } = this.#heap;
      const used = (words[USED_PAGES]! + pages) * PAGE_BYTES + f64[ELSEWHERE_AT]!;
      if (limited && used > f64[LIMIT_AT]!) throw this.#outOfMemory(pages);
      let best = this.#bestFit(words, pages);
      if (best < 0) {
        const grown = growHeap(this.#heap, pages * PAGE_BYTES, () => this.#outOfMemory(pages));
        this.#onGrow(grown);
        this.#insert(words, grown.address / PAGE_BYTES, grown.bytes / PAGE_BYTES);
        best = this.#bestFit(words, pages);
      }
      const at = LIST + 2 * best;
      const address = words[at]! * PAGE_BYTES;
      words[at]! += pages;
      words[at + 1]! -= pages;
      if (words[at + 1] === 0) this.#remove(words, best);
      words[USED_PAGES]! += pages;
      // What another thread has grown and given back may not be seen here yet.
      if (address + pages * PAGE_BYTES > this.#heap.refresh().u8.length) this.#heap.catchUp();
      return { address, bytes: pages * PAGE_BYTES };
    } finally {
      this.#unlock(words);
    }
  }

  release(region: Region): void {
    const words = this.#lock();
    this.#insert(words, region.address / PAGE_BYTES, region.bytes / PAGE_BYTES);
    words[USED_PAGES]! -= region.bytes / PAGE_BYTES;
    this.#unlock(words);
  }

  #bestFit(words: Int32Array, pages: number): number {
    let best = -1;
    let bestPages = MAX_PAGES + 1;
    const count = words[COUNT]!;
    for (let i = 0; i < count; i++) {
      const has = words[LIST + 2 * i + 1]!;
      if (has < pages || has >= bestPages) continue;
      best = i;
      bestPages = has;
    }
    return best;
  }

  /** Adds a piece in its place, merged with its neighbours. */
  #insert(words: Int32Array, page: number, pages: number): void {
    const count = words[COUNT]!;
    let low = 0;
    for (let high = count; low < high; ) {
      const middle = (low + high) >> 1;
      if (words[LIST + 2 * middle]! < page) low = middle + 1;
      else high = middle;
    }
    const at = LIST + 2 * low;
    const joinsLast = low > 0 && words[at - 2]! + words[at - 1]! === page;
    const joinsNext = low < count && page + pages === words[at]!;
    if (joinsLast) {
      words[at - 1]! += pages;
      if (joinsNext) {
        words[at - 1]! += words[at + 1]!;
        this.#remove(words, low);
      }
    } else if (joinsNext) {
      words[at] = page;
      words[at + 1]! += pages;
    } else {
      words.copyWithin(at + 2, at, LIST + 2 * count);
      words[at] = page;
      words[at + 1] = pages;
      words[COUNT] = count + 1;
    }
  }

  #remove(words: Int32Array, index: number): void {
    const count = words[COUNT]!;
    words.copyWithin(LIST + 2 * index, LIST + 2 * index + 2, LIST + 2 * count);
    words[COUNT] = count - 1;
  }

  #outOfMemory(pages: number): OutOfMemoryError {
    const { i32, f64 } = this.#heap.refresh();
    return new OutOfMemoryError({
      requestedBytes: pages * PAGE_BYTES,
      usedBytes: i32[USED_PAGES]! * PAGE_BYTES + f64[ELSEWHERE_AT]!,
      limitBytes: Math.min(f64[LIMIT_AT]!, MAX_PAGES * PAGE_BYTES),
      device: 'cpu',
    });
  }
}
