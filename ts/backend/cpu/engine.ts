// The coordinator of one process: owns the heap's regions and the tables, starts the engine thread when it is first
// needed, hands it one request at a time, and runs small plans on the calling thread.
import os from 'node:os';
import threads, { type Worker } from 'node:worker_threads';
import { DeviceError, errorFromJson, errorToJson, OutOfMemoryError, UnsupportedError } from '../../errors.ts';
import type { FileSpec, PlanNode } from '../../plan/nodes.ts';
import type { NumberArray } from '../backend.ts';
import { abortMarker } from './abort.ts';
import { slice } from './columns/slice.ts';
import type { ExecContext, SyncBytes } from './context.ts';
import { type KernelBytes, Kernels } from './kernels.ts';
import { lateModule, ModuleWanted, withLate } from './late.ts';
import { Arena, Scratch } from './memory/arena.ts';
import { Heap } from './memory/heap.ts';
import { type Region, RegionPool, subtract } from './memory/regions.ts';
import type { KernelJob, RunKernel } from './ml/run-kernel.ts';
import type { ResidentTable } from './planner.ts';
import type { executePlan as ExecutePlan } from './query.ts';
import { spillFolderPath } from './spill/spill-folder.ts';
import { guardFolder } from './spill/spill-guard.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import { MORSEL_ROWS, type Vector } from './vector.ts';
import { BOOT, type Program, type ThreadStart } from './worker/boot.ts';
import {
  grownRegions,
  jsonBytes,
  readJson,
  ring,
  rowsSoFar,
  setRows,
  setSpilled,
  spilledSoFar,
  WORD,
} from './worker/control.ts';
import { soloCrew } from './worker/crew.ts';
import { Helpers } from './worker/helpers.ts';
import {
  type BatchReply,
  type EngineEvent,
  type EngineRequest,
  type FetchReply,
  type HeapArray,
  type HeapBytes,
  type ResultJson,
  toHeap,
} from './worker/protocol.ts';
import { openLocalFile } from './worker/sync-files.ts';

type HttpSource = Extract<FileSpec['source'], { kind: 'http' }>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Loads what the engine's threads run: their program, and the kernels that a first answer does without. */
type LoadProgram = () => Promise<Program>;
type LoadKernels = () => Promise<KernelBytes>;

/** What the engine thread is asked, without what the coordinator adds. */
export type Request = DistributiveOmit<
  EngineRequest,
  'seq' | 'lease' | 'limitBytes' | 'usedElsewhereBytes' | 'bytes' | 'arrays' | 'helpers' | 'tuning' | 'spillPath'
>;

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly memoryLimitBytes: number;
  /** Threads that may work on it; helpers are started where there are none. */
  readonly threads?: number;
  readonly callSite?: Error | undefined;
  /** Called about ten times a second with the rows taken from sources and the bytes spilled. */
  readonly onRows?: ((rows: number, spilledBytes: number) => void) | undefined;
  /** Where rows that do not fit into memory may be spilled; absent: the system's folder for temporary files. */
  readonly spillFolder?: string | undefined;
  /** Bytes that scans of this request read from memory, by id. */
  readonly bytes?: ReadonlyMap<number, Uint8Array> | undefined;
  /** Takes one batch of a stream; it is gone when the promise resolves. */
  readonly onBatch?: ((rows: number, columns: readonly Vector[]) => Promise<void>) | undefined;
  /** Host arrays that a kernel reads, by name. */
  readonly arrays?: { readonly [name: string]: NumberArray } | undefined;
  /** Looks at the result while its blocks are still there. */
  readonly onDone?: ((result: ResultJson) => void) | undefined;
  /** Reads a range of a URL into the target. */
  readonly fetchRange?: ((source: HttpSource, start: number, target: Uint8Array) => Promise<void>) | undefined;
}

const PROGRESS_MS = 100;
/** Most that a region takes as JSON. */
const REGION_JSON_BYTES = 64;

/** A thread, or a typed error where the process may not start any. */
function startWorker(message: () => Promise<ThreadStart>, workerData: object): Worker {
  try {
    // Nothing of the process belongs in the engine: hooks and loaders would only slow its start.
    const worker = new threads.Worker(BOOT, { eval: true, execArgv: [], workerData });
    message().then(
      (start) => worker.postMessage(start),
      (error) => worker.emit('error', error),
    );
    return worker;
  } catch (cause) {
    const denied = (cause as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED';
    throw new DeviceError(
      'ERR_DEVICE',
      `The engine thread cannot start: ${denied ? "Node's permission model forbids worker threads. Run node with --allow-worker" : (cause as Error).message}.`,
      {},
      { cause },
    );
  }
}

/** Runs `work` on this thread; its errors are those that an engine thread would have sent. */
function attempted<T>(callSite: Error | undefined, work: () => T): T | Promise<T> {
  return withLate(() => {
    try {
      return work();
    } catch (error) {
      throw error instanceof ModuleWanted ? error : errorFromJson(errorToJson(error), callSite);
    }
  });
}

export class Engine {
  readonly heap = Heap.create();
  readonly pool = new RegionPool(this.heap);
  readonly kernels: Kernels;
  /** Tests make it small. */
  tuning: Tuning = DEFAULT_TUNING;
  readonly #startMessage: () => Promise<ThreadStart>;
  readonly #helpers: Helpers;
  #worker: Worker | null = null;
  #starting: Promise<Worker> | null = null;
  readonly #queue: ((nested: boolean) => Promise<void>)[] = [];
  /** A request is on the thread, and not waiting for the reader of a stream. */
  #busy = false;
  /** A stream that waits for its reader: the thread serves others meanwhile. */
  #parked = false;
  /** The parked stream's reader is done; it goes on before anything in the queue. */
  #resuming: (() => void) | null = null;
  readonly #open = new Set<Promise<unknown>>();
  readonly #lost = new Set<(error: Error) => void>();
  #refs = 0;

  constructor(wasm: KernelBytes, moreKernels: LoadKernels, loadProgram: LoadProgram) {
    this.kernels = new Kernels(this.heap, wasm, lateModule(moreKernels));
    this.#startMessage = async () => {
      const [program, more] = await Promise.all([loadProgram(), moreKernels()]);
      return { program, wasm: { ...wasm, ...more } };
    };
    this.#helpers = new Helpers(this.heap, (number) =>
      startWorker(this.#startMessage, { memory: this.heap.memory, role: 'helper', number }),
    );
  }

  /** Starts the engine thread if it is not there. It never keeps the process alive by itself. */
  start(): Promise<Worker> {
    this.#starting ??= this.#spawn();
    return this.#starting;
  }

  async #spawn(): Promise<Worker> {
    const seen = Atomics.load(this.heap.refresh().i32, WORD.request);
    const { memory } = this.heap;
    const worker = startWorker(this.#startMessage, { memory, seen, role: 'engine' });
    let up = false;
    return new Promise((resolve, reject) => {
      const died = (reason: string, cause?: unknown): void => {
        if (this.#worker === worker || !up) {
          this.#worker = null;
          this.#starting = null;
        }
        const error = new DeviceError(
          'ERR_ENGINE_DIED',
          `The engine thread ${reason}. Run the query again.`,
          {},
          { cause },
        );
        if (up) for (const lost of [...this.#lost]) lost(error);
        // A thread that dies before it is up is a packaging fault: never respawn in a loop.
        else reject(error);
      };
      worker.on('error', (e) => died(`failed: ${e.message}`, e));
      worker.on('exit', (code) => died(`exited with code ${code}`));
      worker.once('message', () => {
        up = true;
        this.#worker = worker;
        worker.unref();
        resolve(worker);
      });
    });
  }

  /** The engine thread is up, or starting. */
  get isStarted(): boolean {
    return this.#starting !== null;
  }

  /** Nothing was run on the engine thread yet. */
  get isCold(): boolean {
    return Atomics.load(this.heap.refresh().i32, WORD.taken) === 0;
  }

  /** The helper threads, for tests that kill them. */
  get helpers(): Helpers {
    return this.#helpers;
  }

  /**
   * Runs a request on the engine thread. One at a time; others wait their turn. While a stream waits for its reader
   * others run, so that a reader may run queries; a stream started then is made whole first.
   */
  run(request: Request, options: RequestOptions): Promise<ResultJson> {
    const result = new Promise<ResultJson>((resolve, reject) => {
      this.#queue.push(async (nested) => {
        try {
          if (nested && request.kind === 'stream') {
            const { onBatch, ...rest } = options;
            const whole = await this.#runWithRetry({ ...request, kind: 'execute' }, rest);
            // The thread is not needed any more.
            this.#handOut(whole, onBatch!, options.signal).then(resolve, reject);
          } else resolve(await this.#runWithRetry(request, options));
        } catch (error) {
          reject(error);
        }
      });
    });
    this.#open.add(result);
    const forget = (): void => {
      this.#open.delete(result);
    };
    result.then(forget, forget);
    this.#pump();
    return result;
  }

  #pump(): void {
    if (this.#busy) return;
    const job = this.#queue.shift();
    if (!job) return;
    this.#busy = true;
    void job(this.#parked).then(() => this.#free());
  }

  /** The thread has nothing to do. */
  #free(): void {
    this.#busy = false;
    const resume = this.#resuming;
    if (resume) {
      this.#resuming = null;
      this.#busy = true;
      resume();
    } else this.#pump();
  }

  /** Lets others have the thread while `work` waits for a reader. */
  async #park(work: () => Promise<void>): Promise<void> {
    this.#parked = true;
    this.#free();
    try {
      await work();
    } finally {
      await new Promise<void>((resume) => {
        if (this.#busy) this.#resuming = resume;
        else {
          this.#busy = true;
          resume();
        }
      });
      this.#parked = false;
    }
  }

  /** A whole result as a stream. */
  async #handOut(
    result: ResultJson,
    onBatch: NonNullable<RequestOptions['onBatch']>,
    signal: AbortSignal | undefined,
  ): Promise<ResultJson> {
    try {
      for (let from = 0; from < result.rows; from += MORSEL_ROWS) {
        signal?.throwIfAborted();
        const length = Math.min(MORSEL_ROWS, result.rows - from);
        await onBatch(
          length,
          result.columns.map((v) => slice(v, from, length)),
        );
      }
      return { ...result, columns: [], regions: [] };
    } finally {
      for (const region of result.regions) this.pool.release(region);
    }
  }

  async #runWithRetry(request: Request, options: RequestOptions): Promise<ResultJson> {
    options.signal?.throwIfAborted();
    try {
      return await this.#runOnce(request, options);
    } catch (error) {
      // A thread that had died idle is noticed only now; the query was never taken up, so it may run again.
      if (error instanceof DeviceError && error.detail['taken'] === false) return await this.#runOnce(request, options);
      throw error;
    }
  }

  async #runOnce(request: Request, options: RequestOptions): Promise<ResultJson> {
    const started = this.start();
    started.catch(() => undefined);
    const helpers = (options.threads ?? 1) - 1;
    // A kernel divides its work beforehand; a query's pieces are taken by whoever is up.
    if (request.kind === 'invoke') await this.#helpers.ready(helpers);
    else await this.#helpers.begin(helpers);
    const worker = await started;
    options.signal?.throwIfAborted();
    const { heap, pool } = this;
    const blocks: Region[] = [];
    let held: Region[] = [];
    let kept: readonly Region[] = [];
    let leasedBytes = 0;
    const seq = Atomics.load(heap.refresh().i32, WORD.request) + 1;
    const rowsBefore = rowsSoFar(heap);
    const spilledBefore = spilledSoFar(heap);
    const plans = request.kind === 'execute' || request.kind === 'stream';
    const spillPath = plans ? spillFolderPath(options.spillFolder ?? os.tmpdir()) : null;
    let endSpill: (() => void) | null = null;
    let waiting = false;
    const onAbort = (): void => {
      const i32 = heap.refresh().i32;
      // While the reader has the word, others may be on the thread: the stream hears of it when it goes on.
      if (waiting) return;
      Atomics.store(i32, WORD.abort, seq);
      this.#answer(null, blocks);
    };
    const progress = options.onRows
      ? setInterval(() => options.onRows?.(rowsSoFar(heap), spilledSoFar(heap)), PROGRESS_MS)
      : null;
    if (this.#refs++ === 0) worker.ref();
    let onLost: ((error: Error) => void) | undefined;
    try {
      const bytes: Record<number, HeapBytes> = {};
      for (const [id, source] of options.bytes ?? []) {
        const block = pool.take(source.length);
        blocks.push(block);
        heap.refresh().u8.set(source, block.address);
        bytes[id] = { address: block.address, length: source.length };
      }
      const arrays: Record<string, HeapArray> = {};
      for (const [name, values] of Object.entries(options.arrays ?? {})) {
        const block = pool.take(values.byteLength);
        blocks.push(block);
        arrays[name] = toHeap(heap, values, block.address);
      }
      const usedElsewhereBytes = pool.usedBytes;
      const asked = {
        ...request,
        seq,
        bytes,
        tuning: this.tuning,
        ...(request.kind === 'invoke' ? { arrays } : {}),
        ...(request.kind === 'infer' ? {} : { helpers }),
        ...(spillPath === null ? {} : { spillPath }),
        usedElsewhereBytes,
        // JSON has no infinity, which is the limit of a run that another engine asked for.
        limitBytes: Math.min(options.memoryLimitBytes, Number.MAX_SAFE_INTEGER),
      };
      // Its own block first: everything that is free then goes to the thread, and taking more would grow the heap.
      const room = jsonBytes(asked).length + REGION_JSON_BYTES * (pool.free.length + 2);
      const block = pool.takeUnlimited(room);
      blocks.push(block);
      const before = pool.usedBytes;
      const lease = pool.takeAll();
      leasedBytes = pool.usedBytes - before;
      held = lease;
      const text = jsonBytes({ ...asked, lease } as EngineRequest);
      heap.refresh().u8.set(text, block.address);
      const i32 = heap.i32;
      setRows(heap, 0);
      setSpilled(heap, 0);
      Atomics.store(i32, WORD.grownCount, 0);
      Atomics.store(i32, WORD.requestAddress, block.address | 0);
      Atomics.store(i32, WORD.requestLength, text.length);
      options.signal?.addEventListener('abort', onAbort, { once: true });
      // It may have fired while the thread was starting.
      if (options.signal?.aborted) Atomics.store(i32, WORD.abort, seq);
      let heard = false;
      let answer: Region | null = null;
      const lost = new Promise<never>((_, reject) => {
        onLost = (error) =>
          reject(
            new DeviceError(
              'ERR_ENGINE_DIED',
              error.message,
              { taken: heard || Atomics.load(heap.refresh().i32, WORD.taken) === seq },
              { cause: error.cause },
            ),
          );
        this.#lost.add(onLost);
      });
      lost.catch(() => undefined);
      let failure: unknown;
      let events = Atomics.load(i32, WORD.event);
      Atomics.store(i32, WORD.request, seq);
      ring(heap);
      for (;;) {
        const wait = Atomics.waitAsync(heap.refresh().i32, WORD.event, events);
        if (wait.async) await Promise.race([wait.value, lost]);
        const now = heap.refresh().i32;
        if (Atomics.load(now, WORD.event) === events) continue;
        events = Atomics.load(now, WORD.event);
        heard = true;
        // The thread has read the last answer.
        if (answer) pool.release(answer);
        answer = null;
        const event = readJson<EngineEvent>(
          heap,
          Atomics.load(now, WORD.eventAddress) >>> 0,
          Atomics.load(now, WORD.eventLength),
        );
        switch (event.type) {
          case 'done':
            options.onDone?.(event.result);
            kept = event.result.regions;
            return event.result;
          case 'failed':
            throw this.#helpers.explained(errorFromJson(event.error, options.callSite));
          case 'aborted':
            throw failure ?? options.signal?.reason ?? abortMarker();
          case 'spill':
            endSpill ??= guardFolder(spillPath!);
            this.#write(null, null);
            break;
          case 'batch': {
            const still = subtract([...held, ...grownRegions(heap)], event.free);
            pool.settle(leasedBytes, [...held, ...grownRegions(heap)], still);
            held = still;
            leasedBytes = still.reduce((sum, r) => sum + r.bytes, 0);
            Atomics.store(heap.i32, WORD.grownCount, 0);
            waiting = true;
            try {
              await this.#park(async () => options.onBatch?.(event.rows, event.columns));
            } catch (error) {
              // The thread still holds its lease: it must stop by itself before anyone takes the memory back.
              failure = error;
            }
            waiting = false;
            const i32 = heap.refresh().i32;
            // What others did meanwhile is not this request's.
            events = Atomics.load(i32, WORD.event);
            Atomics.store(i32, WORD.grownCount, 0);
            if (failure !== undefined || options.signal?.aborted) Atomics.store(i32, WORD.abort, seq);
            // The answer's own block first: what is left is the thread's.
            answer = pool.takeUnlimited(REGION_JSON_BYTES * (pool.free.length + 2));
            const before = pool.usedBytes;
            const lease = pool.takeAll();
            leasedBytes += pool.usedBytes - before;
            held = [...held, ...lease];
            this.#write({ lease }, answer);
            break;
          }
          case 'fetch':
            this.#answer(await this.#fetch(event, options), blocks);
            break;
        }
      }
    } catch (error) {
      // Without the engine thread nobody stops the helpers, which may be writing.
      if (helpers > 0 && error instanceof DeviceError && this.#worker !== worker) await this.#helpers.restart();
      throw error;
    } finally {
      if (onLost) this.#lost.delete(onLost);
      if (progress) clearInterval(progress);
      options.signal?.removeEventListener('abort', onAbort);
      if (--this.#refs === 0) worker.unref();
      setRows(heap, rowsBefore);
      setSpilled(heap, spilledBefore);
      endSpill?.();
      pool.settle(leasedBytes, [...held, ...grownRegions(heap)], kept);
      for (const block of blocks) pool.release(block);
    }
  }

  async #fetch(event: Extract<EngineEvent, { type: 'fetch' }>, options: RequestOptions): Promise<FetchReply> {
    try {
      const target = new Uint8Array(event.length);
      await options.fetchRange!(event.source, event.start, target);
      this.heap.refresh().u8.set(target, event.to);
      return { ok: true };
    } catch (error) {
      return { ok: false, error: errorToJson(error) };
    }
  }

  /** Wakes a thread that waits for an answer. */
  #answer(reply: FetchReply | null, blocks: Region[]): void {
    let block: Region | null = null;
    if (reply) {
      block = this.pool.takeUnlimited(jsonBytes(reply).length);
      blocks.push(block);
    }
    this.#write(reply, block);
  }

  #write(reply: FetchReply | BatchReply | null, block: Region | null): void {
    const i32 = this.heap.refresh().i32;
    let length = 0;
    if (reply && block) {
      const bytes = jsonBytes(reply);
      this.heap.u8.set(bytes, block.address);
      Atomics.store(i32, WORD.eventAddress, block.address | 0);
      length = bytes.length;
    }
    Atomics.store(i32, WORD.replyLength, length);
    Atomics.add(i32, WORD.reply, 1);
    ring(this.heap);
  }

  /**
   * Runs `work` on the calling thread over regions of the pool. What it takes is given back when it returns (an async
   * one: when it settles).
   */
  withInlineContext<T>(memoryLimitBytes: number, work: (ctx: ExecContext) => T): T {
    const { heap, pool } = this;
    const take = (n: number): Region => {
      if (pool.usedBytes + n > memoryLimitBytes)
        throw new OutOfMemoryError({
          requestedBytes: n,
          usedBytes: pool.usedBytes,
          limitBytes: memoryLimitBytes,
          device: 'cpu',
        });
      return pool.take(n);
    };
    const arena = new Arena({ take });
    arena.onFreeRegion = (region) => pool.release(region);
    const open = (source: FileSpec['source']): SyncBytes => {
      if (source.kind !== 'file') throw new UnsupportedError('Only local files are read on the calling thread.');
      return openLocalFile(heap, source);
    };
    const control = { checkAbort() {}, progress() {}, open };
    const release = (): void => {
      for (const region of arena.releaseAll()) pool.release(region);
    };
    let result: T;
    try {
      result = work({ heap, kernels: this.kernels, arena, scratch: new Scratch(arena), control, tuning: this.tuning });
    } catch (error) {
      release();
      throw error;
    }
    if (result instanceof Promise) return result.finally(release) as T;
    release();
    return result;
  }

  /** Runs a small plan on the calling thread. */
  runInline(
    executePlan: typeof ExecutePlan,
    plan: PlanNode,
    tables: ReadonlyMap<number, ResidentTable>,
    memoryLimitBytes: number,
    callSite?: Error,
  ): ResultJson | Promise<ResultJson> {
    return attempted(callSite, () => this.withInlineContext(memoryLimitBytes, (ctx) => executePlan(ctx, plan, tables)));
  }

  /** Runs a small kernel on the calling thread. `read` sees the result while its blocks are still there. */
  runKernelInline(
    runKernel: RunKernel,
    job: Omit<KernelJob, 'arrays'>,
    arrays: { readonly [name: string]: NumberArray },
    memoryLimitBytes: number,
    read: (result: ResultJson) => void,
    callSite?: Error,
  ): ResultJson | Promise<ResultJson> {
    return attempted(callSite, () =>
      this.withInlineContext(memoryLimitBytes, (ctx) => {
        const inHeap = Object.entries(arrays).map(([name, values]): [string, HeapArray] => {
          const address = ctx.arena.alloc(values.byteLength);
          return [name, toHeap(ctx.heap, values, address)];
        });
        const result = runKernel(ctx, soloCrew(this.kernels), { ...job, arrays: Object.fromEntries(inHeap) });
        read(result);
        return result;
      }),
    );
  }

  /** Ends the threads. Tables stay readable. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#open);
    await this.#helpers.close();
    const worker = this.#worker;
    this.#worker = null;
    this.#starting = null;
    await worker?.terminate();
  }

  /** The running thread, for tests that kill it. */
  get worker(): Worker | null {
    return this.#worker;
  }
}
