// The coordinator's side of the helper threads: started at first need, never keeping the process alive, started again
// after one has died.
import type { Worker } from 'node:worker_threads';
import { DeviceError } from '../../../errors.ts';
import type { Heap } from '../memory/heap.ts';
import { markLost } from '../memory/shared-regions.ts';
import { busyWord, CREW, clearCrew, goneWord } from './crew-words.ts';

export class Helpers {
  readonly #heap: Heap;
  readonly #start: (number: number) => Worker;
  #workers: Promise<Worker>[] = [];
  #closing = false;
  /** Why the last one died, where it had time to say. */
  #reason = '';

  constructor(heap: Heap, start: (number: number) => Worker) {
    this.#heap = heap;
    this.#start = start;
  }

  /** Resolves with the number of helpers that are up when there are `wanted`, or more from before. */
  async ready(wanted: number): Promise<number> {
    if (wanted <= 0) return 0;
    if (Atomics.load(this.#heap.refresh().i32, CREW.lost) > 0) await this.restart();
    while (this.#workers.length < wanted) this.#workers.push(this.#spawn(this.#workers.length));
    await Promise.all(this.#workers);
    return wanted;
  }

  #spawn(number: number): Promise<Worker> {
    const worker = this.#start(number);
    return new Promise((resolve, reject) => {
      worker.on('error', (error) => {
        // The first lines of a stack are the text of the program.
        this.#reason = `${error.message} ${(error.stack?.match(/^ +at .*$/gm) ?? []).slice(0, 4).join('')}`;
        reject(error);
      });
      worker.on('exit', (code) => {
        reject(new DeviceError('ERR_ENGINE_DIED', `A helper thread exited with code ${code} before it was up.`));
        if (this.#closing) return;
        const i32 = this.#heap.refresh().i32;
        Atomics.store(i32, goneWord(number), 1);
        Atomics.add(i32, CREW.lost, 1);
        markLost(this.#heap, true);
        Atomics.notify(i32, busyWord(number));
      });
      worker.once('message', () => {
        worker.unref();
        resolve(worker);
      });
    });
  }

  /** Starts helpers that are missing, without waiting for them: they join the work that is there when they are up. */
  async begin(wanted: number): Promise<void> {
    if (wanted <= 0) return;
    if (Atomics.load(this.#heap.refresh().i32, CREW.lost) > 0) await this.restart();
    while (this.#workers.length < wanted) {
      const starting = this.#spawn(this.#workers.length);
      // Who needs them waits for them and hears of it.
      starting.catch(() => undefined);
      this.#workers.push(starting);
    }
  }

  /** After a death the counts are worthless: all go, and the words start again at nothing. */
  async restart(): Promise<void> {
    await this.close();
    clearCrew(this.#heap);
    markLost(this.#heap, false);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const workers = await Promise.allSettled(this.#workers);
    this.#workers = [];
    for (const w of workers) if (w.status === 'fulfilled') await w.value.terminate();
    this.#closing = false;
  }

  /** What a helper died of, said of an error that only knows that one died. */
  explained(error: unknown): unknown {
    if (this.#reason === '' || !(error instanceof DeviceError) || error.code !== 'ERR_ENGINE_DIED') return error;
    const why = this.#reason;
    this.#reason = '';
    return new DeviceError(error.code, `${error.message} It said: ${why}`, error.detail, { cause: error });
  }

  /** The running threads, for tests that kill them. */
  get workers(): readonly Promise<Worker>[] {
    return this.#workers;
  }
}
