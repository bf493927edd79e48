// The coordinator's side of the helper threads: started at first need, never keeping the process alive, started again
// after one has died.
import type { Worker } from 'node:worker_threads';
import type { Heap } from '../memory/heap.ts';
import { CREW } from './crew.ts';

export class Helpers {
  readonly #heap: Heap;
  readonly #start: (number: number) => Worker;
  #workers: Promise<Worker>[] = [];
  #closing = false;

  constructor(heap: Heap, start: (number: number) => Worker) {
    this.#heap = heap;
    this.#start = start;
  }

  /** Resolves with the number of helpers that are up when there are `wanted`, or more from before. */
  async ready(wanted: number): Promise<number> {
    if (wanted <= 0) return 0;
    if (Atomics.load(this.#heap.refresh().i32, CREW.lost) > 0) await this.#restart();
    while (this.#workers.length < wanted) this.#workers.push(this.#spawn(this.#workers.length));
    await Promise.all(this.#workers);
    return wanted;
  }

  #spawn(number: number): Promise<Worker> {
    const worker = this.#start(number);
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => {
        if (this.#closing) return;
        const i32 = this.#heap.refresh().i32;
        Atomics.add(i32, CREW.lost, 1);
        Atomics.notify(i32, CREW.active);
      });
      worker.once('message', () => {
        worker.unref();
        resolve(worker);
      });
    });
  }

  /** After a death the counts are worthless: all go, and the words start again at nothing. */
  async #restart(): Promise<void> {
    await this.close();
    const i32 = this.#heap.refresh().i32;
    for (const word of [CREW.open, CREW.next, CREW.count, CREW.active, CREW.lost, CREW.failed])
      Atomics.store(i32, word, 0);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const workers = await Promise.allSettled(this.#workers);
    this.#workers = [];
    for (const w of workers) if (w.status === 'fulfilled') await w.value.terminate();
    this.#closing = false;
  }

  /** The running threads, for tests that kill them. */
  get workers(): readonly Promise<Worker>[] {
    return this.#workers;
  }
}
