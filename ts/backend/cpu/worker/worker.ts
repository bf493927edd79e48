// One engine thread, or a helper of one. Parked in Atomics.wait between requests; requests arrive as JSON bytes in the shared heap. Its
// event loop never runs: no timers, no messages, only synchronous reads.
import { parentPort, workerData } from 'node:worker_threads';
import {
  DeviceError,
  type ErrorCode,
  errorFromJson,
  errorToJson,
  OutOfMemoryError,
  WarpError,
} from '../../../errors.ts';
import type { FileSpec } from '../../../plan/nodes.ts';
import { abortMarker, isAbortMarker } from '../abort.ts';
import type { ExecContext, SyncBytes } from '../context.ts';
import { type KernelBytes, Kernels } from '../kernels.ts';
import { Arena, Scratch } from '../memory/arena.ts';
import { Heap } from '../memory/heap.ts';
import { type Region, RegionPool } from '../memory/regions.ts';
import { rowsOf } from '../operators/slice.ts';
import { runRequest, spillsFromStart, spillsWhenShort } from '../query.ts';
import { QuerySpill } from '../spill/spill.ts';
import { addRows, addSpilled, grownRegions, jsonBytes, readJson, recordGrown, setRows, WORD } from './control.ts';
import { createCrew, serveCrew } from './crew.ts';
import type { BatchReply, EngineEvent, EngineRequest, FetchReply, ResultJson } from './protocol.ts';
import { createStageHelper } from './stage-helper.ts';
import { openHeapBytes, openLocalFile } from './sync-files.ts';

const { memory, wasm, role, number } = workerData as {
  memory: WebAssembly.Memory;
  wasm: KernelBytes;
  role: 'engine' | 'helper';
  number: number;
};
const heap = new Heap(memory);
const kernels = new Kernels(heap, wasm);
const words = (): Int32Array => heap.refresh().i32;

/** Tells the coordinator something. The bytes stay in the block that is returned until it has looked. */
function announce(pool: RegionPool, event: EngineEvent): Region {
  const bytes = jsonBytes(event);
  const block = pool.takeUnlimited(bytes.length);
  heap.refresh().u8.set(bytes, block.address);
  const i32 = words();
  Atomics.store(i32, WORD.eventAddress, block.address | 0);
  Atomics.store(i32, WORD.eventLength, bytes.length);
  Atomics.add(i32, WORD.event, 1);
  Atomics.notify(i32, WORD.event);
  return block;
}

/** Tells while no helper is at work: the coordinator reads before it does anything else with memory. */
function tell(pool: RegionPool, event: EngineEvent): void {
  pool.release(announce(pool, event));
}

/**
 * Tells, and waits until the coordinator has answered. Meanwhile the thread serves other requests: whoever reads a stream
 * may run queries of its own.
 */
function ask<T>(pool: RegionPool, event: EngineEvent): T | null {
  const before = Atomics.load(words(), WORD.reply);
  // Helpers at work take what is free.
  const block = announce(pool, event);
  const reply = waitForReply<T>(before);
  pool.release(block);
  return reply;
}

function waitForReply<T>(before: number): T | null {
  for (;;) {
    const bell = Atomics.load(words(), WORD.bell);
    if (Atomics.load(words(), WORD.reply) !== before) break;
    if (!serveNext()) Atomics.wait(words(), WORD.bell, bell);
  }
  const length = Atomics.load(words(), WORD.replyLength);
  return length === 0 ? null : readJson<T>(heap, Atomics.load(words(), WORD.eventAddress) >>> 0, length);
}

function openHttp(
  pool: RegionPool,
  ctx: () => ExecContext,
  source: Extract<FileSpec['source'], { kind: 'http' }>,
): SyncBytes {
  const readInto = (to: number, start: number, length: number): void => {
    if (length === 0) return;
    const reply = ask<FetchReply>(pool, { type: 'fetch', source, start, length, to });
    // An abort answers too, without the bytes.
    ctx().control.checkAbort();
    if (reply && !reply.ok) throw errorFromJson(reply.error);
  };
  return {
    name: source.url,
    sizeBytes: source.sizeBytes,
    readInto,
    read(start, length) {
      const n = Math.max(0, Math.min(length, source.sizeBytes - start));
      const block = ctx().arena.alloc(n);
      readInto(block, start, n);
      const bytes = heap.refresh().u8.slice(block, block + n);
      ctx().arena.free(block);
      return bytes;
    },
    close() {},
  };
}

/** Hands a batch over. The free memory goes with it, and comes back with the answer. */
function askForReader(pool: RegionPool, event: Extract<EngineEvent, { type: 'batch' }>): BatchReply | null {
  const before = Atomics.load(words(), WORD.reply);
  tell(pool, event);
  pool.withdraw(event.free);
  return waitForReply<BatchReply>(before);
}

/** One try at a request, in memory of its own: `held` is free, and so is what this thread may grow. */
class Attempt {
  readonly pool: RegionPool;
  readonly #request: EngineRequest;
  readonly #address: number;
  readonly #length: number;
  /** Rows sent to the reader of a stream. */
  sent = 0;

  constructor(request: EngineRequest, address: number, length: number, held: readonly Region[]) {
    this.#request = request;
    this.#address = address;
    this.#length = length;
    this.pool = new RegionPool(heap, held);
    this.pool.limitBytes = request.limitBytes;
    this.pool.usedElsewhereBytes = request.usedElsewhereBytes;
    this.pool.onGrow = (region) => recordGrown(heap, region);
  }

  /**
   * `isWhole`: on this thread alone, sources from front to back; `spills`: with steps that go to disk before memory runs
   * out; `skip` rows of a stream were sent before.
   */
  run({ isWhole, spills, skip }: { isWhole: boolean; spills: boolean; skip: number }): ResultJson {
    const { pool } = this;
    const request = this.#request;
    let spilledBytes = 0;
    const spill =
      'spillPath' in request
        ? new QuerySpill({
            isOn: spills,
            path: request.spillPath,
            headroomBytes: () => pool.headroomBytes,
            budgetBytes: request.tuning.spillBytes,
            onFirst: () => {
              // An abort answers too.
              ask(pool, { type: 'spill' });
              if (Atomics.load(words(), WORD.abort) === request.seq) throw abortMarker();
            },
            onWrite: (bytes) => {
              spilledBytes += bytes;
              addSpilled(heap, bytes);
            },
          })
        : null;
    try {
      const result = this.#run(isWhole, skip, spill);
      return spilledBytes === 0 ? result : { ...result, spilledBytes };
    } finally {
      spill?.dispose();
    }
  }

  #run(isWhole: boolean, skip: number, spill: QuerySpill | null): ResultJson {
    const { pool } = this;
    const request = this.#request;
    const arena = new Arena(pool);
    arena.onFreeRegion = (region) => pool.release(region);
    const helpers = 'helpers' in request ? request.helpers : 0;
    const ctx: ExecContext = {
      heap,
      kernels,
      arena,
      scratch: new Scratch(arena),
      control: {
        checkAbort() {
          if (Atomics.load(words(), WORD.abort) === request.seq) throw abortMarker();
        },
        progress: (rows) => addRows(heap, rows),
        open(source) {
          if (source.kind === 'file') return openLocalFile(heap, source);
          if (source.kind === 'bytes') return openHeapBytes(heap, request.bytes[source.id]!);
          return openHttp(pool, () => ctx, source);
        },
      },
      tuning: request.tuning,
      ...(isWhole ? { isWhole } : {}),
      ...(spill ? { spill } : {}),
      ...(helpers > 0 && !isWhole && request.kind !== 'invoke'
        ? {
            team: {
              helpers,
              pool,
              request: {
                seq: request.seq,
                address: this.#address,
                length: this.#length,
                spills: spill?.isOn ?? false,
              },
            },
          }
        : {}),
    };
    ctx.control.checkAbort();
    const crew = () => createCrew(heap, kernels, request.kind === 'invoke' ? helpers : 0, arena);
    let passed = 0;
    return runRequest(ctx, crew, request, (rows, columns) => {
      const from = Math.min(rows, Math.max(0, skip - passed));
      passed += rows;
      if (from === rows) return;
      const part = rowsOf(ctx, { length: rows, columns, ordinal: 0 }, from, rows - from);
      this.sent += part.length;
      const free = pool.free.map((r) => ({ ...r }));
      const reply = askForReader(pool, { type: 'batch', rows: part.length, columns: part.columns, free });
      for (const region of reply?.lease ?? []) pool.add(region);
      ctx.control.checkAbort();
    });
  }
}

/** Whether the error of a query on several threads, or in pieces, is the one to report. */
function isFinal(error: unknown): boolean {
  return isAbortMarker(error) || (error instanceof DeviceError && error.code === 'ERR_ENGINE_DIED');
}

/** Runs a request, again where another way may succeed, and tells how it ended. */
function serve(request: EngineRequest, address: number, length: number): void {
  const first = new Attempt(request, address, length, request.lease);
  let last = first;
  let spills = spillsFromStart(request);
  const attempt = (isWhole: boolean): ResultJson => {
    // A stream has handed its free memory back and got other; then it takes what the first try had left.
    const held = first.sent > 0 ? first.pool.free : [...request.lease, ...grownRegions(heap)];
    last = new Attempt(request, address, length, held);
    setRows(heap, 0);
    return last.run({ isWhole, spills, skip: first.sent });
  };
  const again = (failure: unknown): ResultJson => {
    if (request.kind === 'infer' || request.kind === 'invoke' || isFinal(failure)) throw failure;
    let error = failure;
    if (error instanceof OutOfMemoryError && !spills && spillsWhenShort(request)) {
      // What is on disk comes in another order than what was sent.
      if (first.sent > 0) throw error;
      spills = true;
      try {
        return attempt(false);
      } catch (second) {
        if (isFinal(second)) throw second;
        error = second;
      }
    }
    // It does not fit, or the disk is full: a third time would be no other.
    if (spills && error instanceof WarpError && NO_OTHER_END.has(error.code)) throw error;
    // Pieces are read in any order: read in order, the query fails at its first row, and the message counts rows right.
    return attempt(true);
  };
  let event: EngineEvent;
  try {
    let result: ResultJson;
    try {
      result = first.run({ isWhole: false, spills, skip: 0 });
    } catch (error) {
      result = again(error);
    }
    event = { type: 'done', result };
  } catch (error) {
    event = isAbortMarker(error) ? { type: 'aborted' } : { type: 'failed', error: errorToJson(error) };
  }
  tell(last.pool, event);
}

const NO_OTHER_END: ReadonlySet<ErrorCode> = new Set(['ERR_OUT_OF_MEMORY', 'ERR_DISK_FULL']);

let seen = (workerData as { seen?: number }).seen ?? 0;
let ended = false;

/** Serves a request if there is a new one. */
function serveNext(): boolean {
  const i32 = words();
  const seq = Atomics.load(i32, WORD.request);
  if (seq === seen) return false;
  seen = seq;
  if (seq < 0) {
    ended = true;
    return true;
  }
  Atomics.store(i32, WORD.taken, seq);
  const address = Atomics.load(i32, WORD.requestAddress) >>> 0;
  const length = Atomics.load(i32, WORD.requestLength);
  serve(readJson<EngineRequest>(heap, address, length), address, length);
  return true;
}

/** Serves requests, or helps with them, until the thread ends. */
export function start(): void {
  parentPort!.postMessage('ready');
  if (role === 'helper') serveCrew(heap, kernels, number, createStageHelper(heap, kernels, number));
  else
    while (!ended) {
      const bell = Atomics.load(words(), WORD.bell);
      if (!serveNext()) Atomics.wait(words(), WORD.bell, bell);
    }
}
