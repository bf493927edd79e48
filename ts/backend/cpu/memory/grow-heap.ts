// The memory made larger.
import { type Heap, PAGE_BYTES } from './heap.ts';
import type { Region } from './regions.ts';

/** The heap grows by at least this, so that regions lie together. */
const GROWTH_BYTES = 64 << 20;

/** Grows the memory by at least `bytes`: atomic, so any thread may call it. The new pages are the caller's. */
export function growHeap(heap: Heap, bytes: number, outOfMemory: () => Error): Region {
  // Growing in larger steps keeps regions together; near the top take only what is needed.
  const wanted = Math.ceil(bytes / PAGE_BYTES);
  for (const pages of [Math.max(wanted, GROWTH_BYTES / PAGE_BYTES), wanted]) {
    try {
      const before = heap.memory.grow(pages);
      heap.refresh();
      return { address: before * PAGE_BYTES, bytes: pages * PAGE_BYTES };
    } catch {
      // RangeError: past the maximum
    }
  }
  throw outOfMemory();
}
