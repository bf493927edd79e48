// One engine thread, or a helper of one. Parked in Atomics.wait between requests; requests arrive as JSON bytes in the shared heap. Its
// event loop never runs: no timers, no messages, only synchronous reads.
import { parentPort, workerData } from 'node:worker_threads';
import { DeviceError, errorFromJson, errorToJson } from '../../../errors.ts';
import type { FileSpec } from '../../../plan/nodes.ts';
import { abortMarker, isAbortMarker } from '../abort.ts';
import type { ExecContext, SyncBytes } from '../context.ts';
import { type KernelBytes, Kernels } from '../kernels.ts';
import { Arena, Scratch } from '../memory/arena.ts';
import { Heap } from '../memory/heap.ts';
import { type Region, RegionPool } from '../memory/regions.ts';
import { rowsOf } from '../operators/slice.ts';
import { runRequest } from '../query.ts';
import { addRows, grownRegions, jsonBytes, readJson, recordGrown, setRows, WORD } from './control.ts';
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

/** Tells the coordinator something. The bytes stay where they are until it has looked. */
function tell(pool: RegionPool, event: EngineEvent): void {
  const bytes = jsonBytes(event);
  const block = pool.takeUnlimited(bytes.length);
  heap.refresh().u8.set(bytes, block.address);
  const i32 = words();
  Atomics.store(i32, WORD.eventAddress, block.address | 0);
  Atomics.store(i32, WORD.eventLength, bytes.length);
  // The coordinator reads it before it does anything else with memory, so the block is free again at once.
  pool.release(block);
  Atomics.add(i32, WORD.event, 1);
  Atomics.notify(i32, WORD.event);
}

/**
 * Tells, and waits until the coordinator has answered. Meanwhile the thread serves other requests: whoever reads a stream
 * may run queries of its own.
 */
function ask<T>(pool: RegionPool, event: EngineEvent): T | null {
  const before = Atomics.load(words(), WORD.reply);
  tell(pool, event);
  return waitForReply<T>(before);
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

  /** `isWhole`: on this thread alone, sources from front to back; `skip` rows of a stream were sent before. */
  run(isWhole: boolean, skip: number): ResultJson {
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
      ...(helpers > 0 && !isWhole && request.kind !== 'invoke'
        ? { team: { helpers, pool, request: { seq: request.seq, address: this.#address, length: this.#length } } }
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

function serve(request: EngineRequest, address: number, length: number): void {
  const first = new Attempt(request, address, length, request.lease);
  let last = first;
  let event: EngineEvent;
  try {
    let result: ResultJson;
    try {
      result = first.run(false, 0);
    } catch (error) {
      if (request.kind === 'infer' || request.kind === 'invoke' || isFinal(error)) throw error;
      // Pieces are read in any order: read in order, the query fails at its first row, and the message counts rows right.
      // A stream has handed its free memory back and got other; then it takes what the first try had left.
      last = new Attempt(
        request,
        address,
        length,
        first.sent > 0 ? first.pool.free : [...request.lease, ...grownRegions(heap)],
      );
      setRows(heap, 0);
      result = last.run(true, first.sent);
    }
    event = { type: 'done', result };
  } catch (error) {
    event = isAbortMarker(error) ? { type: 'aborted' } : { type: 'failed', error: errorToJson(error) };
  }
  tell(last.pool, event);
}

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

parentPort!.postMessage('ready');
if (role === 'helper') serveCrew(heap, kernels, number, createStageHelper(heap, kernels, number));
else
  while (!ended) {
    const bell = Atomics.load(words(), WORD.bell);
    if (!serveNext()) Atomics.wait(words(), WORD.bell, bell);
  }
