// The control block: words in the shared heap through which the coordinator and an engine thread talk. The thread is
// parked in Atomics.wait and has no event loop, so nothing here is a message.
import type { Heap } from '../memory/heap.ts';
import { PAGE_BYTES } from '../memory/heap.ts';
import type { Region } from '../memory/regions.ts';

const BASE = 64 >> 2;
/** Index of each word in `heap.i32`. */
export const WORD = {
  /** Number of the request the coordinator wants done. Negative: end. */
  request: BASE,
  /** Number of the request the thread has taken up. */
  taken: BASE + 1,
  /** Number of the request that is to stop: it belongs to one query, a later one never sees it. */
  abort: BASE + 2,
  /** Counts events of the thread; the coordinator waits on it. */
  event: BASE + 3,
  /** Counts answers of the coordinator to events that need one. */
  reply: BASE + 4,
  eventAddress: BASE + 5,
  eventLength: BASE + 6,
  requestAddress: BASE + 7,
  requestLength: BASE + 8,
  /** Bytes of the reply's JSON in the event's block, 0 for none. */
  replyLength: BASE + 9,
  grownCount: BASE + 10,
  /** Counts requests and answers; the thread waits on it. */
  bell: BASE + 11,
} as const;
/** Rows taken from sources so far, i64: every thread adds to it. */
const ROWS_AT = 192;
/** Bytes spilled so far, i64. */
const SPILLED_AT = 200;
/** Regions the thread grew by itself: pairs of first page and pages. */
const GROWN_AT = 512 >> 2;
const GROWN_MAX = 4096;

const encoder = new TextEncoder();

/** Wakes the thread to look for a request or an answer. */
export function ring(heap: Heap): void {
  const i32 = heap.refresh().i32;
  Atomics.add(i32, WORD.bell, 1);
  Atomics.notify(i32, WORD.bell);
}

/** Reads JSON out of the heap. */
export function readJson<T>(heap: Heap, address: number, length: number): T {
  if (address + length > heap.refresh().u8.length) heap.catchUp();
  return JSON.parse(heap.buffer.toString('utf8', address, address + length)) as T;
}

/** JSON as bytes, to be put at an address that the caller finds. */
export const jsonBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** Rows taken from sources so far. */
export const rowsSoFar = (heap: Heap): number => Number(Atomics.load(heap.refresh().i64, ROWS_AT >> 3));
export function setRows(heap: Heap, rows: number): void {
  Atomics.store(heap.refresh().i64, ROWS_AT >> 3, BigInt(rows));
}
export function addRows(heap: Heap, rows: number): void {
  Atomics.add(heap.refresh().i64, ROWS_AT >> 3, BigInt(rows));
}

/** Bytes spilled so far. */
export const spilledSoFar = (heap: Heap): number => Number(Atomics.load(heap.refresh().i64, SPILLED_AT >> 3));
export function setSpilled(heap: Heap, bytes: number): void {
  Atomics.store(heap.refresh().i64, SPILLED_AT >> 3, BigInt(bytes));
}
export function addSpilled(heap: Heap, bytes: number): void {
  Atomics.add(heap.refresh().i64, SPILLED_AT >> 3, BigInt(bytes));
}

/** Remembers a region the thread grew, so that it is not lost if the thread dies. */
export function recordGrown(heap: Heap, region: Region): void {
  const i32 = heap.refresh().i32;
  const n = Atomics.load(i32, WORD.grownCount);
  if (n >= GROWN_MAX) return;
  i32[GROWN_AT + 2 * n] = region.address / PAGE_BYTES;
  i32[GROWN_AT + 2 * n + 1] = region.bytes / PAGE_BYTES;
  Atomics.store(i32, WORD.grownCount, n + 1);
}

/** The regions recorded since the count was last set to zero. */
export function grownRegions(heap: Heap): Region[] {
  const i32 = heap.refresh().i32;
  return Array.from({ length: Atomics.load(i32, WORD.grownCount) }, (_, k) => ({
    address: i32[GROWN_AT + 2 * k]! * PAGE_BYTES,
    bytes: i32[GROWN_AT + 2 * k + 1]! * PAGE_BYTES,
  }));
}
