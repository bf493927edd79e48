// Words in the heap through which the engine thread and its helpers share work: kernel calls inside one kernel
// (crew.ts), or pieces of a query (team.ts). One job at a time.
import { MAX_THREADS } from '../../../env.ts';
import type { Heap } from '../memory/heap.ts';

const BASE = 256 >> 2;
/** Index of each word in `heap.i32`. */
export const CREW = {
  /** Number of the job; helpers wait on it. */
  job: BASE,
  /** 1 while work may be taken. */
  open: BASE + 1,
  /** The next call or unit to take. */
  next: BASE + 2,
  count: BASE + 3,
  /** What the job is: JOB. */
  kind: BASE + 4,
  /** Address of the job's block, and its bytes where they are JSON. */
  table: BASE + 5,
  length: BASE + 6,
  /** Helpers that died since the last start. */
  lost: BASE + 7,
  /** 1 when work of the job failed: nobody takes more. */
  failed: BASE + 8,
  /** Helpers that may join: those with a lower number. */
  helpers: BASE + 9,
  /** Units that the engine thread has used up, where units are handed over in order. */
  consumed: BASE + 10,
} as const;

/** Kinds of job. */
export const JOB = { calls: 0, stage: 1 } as const;

const LISTS = 40960 >> 2;
/** 1 while helper n is, or may be, at work on the job. */
export const busyWord = (n: number): number => LISTS + n;
/** 1 when helper n has died. */
export const goneWord = (n: number): number => LISTS + MAX_THREADS + n;
/** What helper n has to say at the end of a stage: address and length of JSON. */
export const replyWord = (n: number): number => LISTS + 2 * MAX_THREADS + 2 * n;
/** Units handed over in order: full, address, length. */
export const SLOTS = 64;
export const slotWord = (unit: number): number => LISTS + 4 * MAX_THREADS + 4 * (unit % SLOTS);

/** Whether a helper died at work. */
export function isHelperGone(words: Int32Array): boolean {
  for (let n = 0; n < MAX_THREADS; n++)
    if (Atomics.load(words, goneWord(n)) === 1 && Atomics.load(words, busyWord(n)) === 1) return true;
  return false;
}

const LOST_CHECK_MS = 50;

/**
 * Waits until no helper is at work on the job, which has been closed. True when one died at work: then nobody writes to
 * the heap any more all the same.
 */
export function waitForHelpers(heap: Heap, helpers: number): boolean {
  const words = heap.refresh().i32;
  let died = false;
  for (let n = 0; n < helpers; n++) {
    while (Atomics.load(words, busyWord(n)) === 1) {
      if (Atomics.load(words, goneWord(n)) === 1) {
        died = true;
        break;
      }
      Atomics.wait(words, busyWord(n), 1, LOST_CHECK_MS);
    }
  }
  return died;
}

/** What helpers are to find. */
export interface Job {
  readonly kind: number;
  readonly helpers: number;
  readonly count: number;
  /** The first call or unit that is there to take. */
  readonly first?: number;
  readonly table: number;
  readonly length?: number;
}

/** Opens a job for helpers. */
export function openJob(heap: Heap, job: Job): void {
  const words = heap.refresh().i32;
  Atomics.store(words, CREW.table, job.table | 0);
  Atomics.store(words, CREW.length, job.length ?? 0);
  Atomics.store(words, CREW.kind, job.kind);
  Atomics.store(words, CREW.count, job.count);
  Atomics.store(words, CREW.next, job.first ?? 0);
  Atomics.store(words, CREW.failed, 0);
  Atomics.store(words, CREW.consumed, 0);
  Atomics.store(words, CREW.helpers, job.helpers);
  Atomics.store(words, CREW.open, 1);
  Atomics.add(words, CREW.job, 1);
  Atomics.notify(words, CREW.job);
}

/** Closes the job and waits for those at work on it. True when one of them died. */
export function closeJob(heap: Heap, helpers: number): boolean {
  Atomics.store(heap.refresh().i32, CREW.open, 0);
  return waitForHelpers(heap, helpers);
}

/** All counts at nothing, when no helper is there. */
export function clearCrew(heap: Heap): void {
  const words = heap.refresh().i32;
  for (const word of [CREW.open, CREW.next, CREW.count, CREW.lost, CREW.failed]) Atomics.store(words, word, 0);
  for (let n = 0; n < MAX_THREADS; n++) {
    Atomics.store(words, busyWord(n), 0);
    Atomics.store(words, goneWord(n), 0);
  }
}
