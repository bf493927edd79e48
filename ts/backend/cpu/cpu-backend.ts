// The CPU engine as a backend.
import { defaultThreads } from '../../env.ts';
import { OutOfMemoryError, UnsupportedError } from '../../errors.ts';
import type { FileFormat, FileSpec, PlanNode } from '../../plan/nodes.ts';
import { serializePlan } from '../../plan/serialize.ts';
import { walkPlan } from '../../plan/walk.ts';
import type { Schema } from '../../schema/types.ts';
import { nowMs } from '../../util/clock.ts';
import type { RecordBatch } from '../arrow.ts';
import type {
  Backend,
  BackendInfo,
  Handle,
  JsonObject,
  KernelCall,
  KernelResult,
  NumberArray,
  RunContext,
  TableColumn,
  TableHandle,
} from '../backend.ts';
import { KERNEL_NAMES } from '../kernel-calls.ts';
import { abortMarker } from './abort.ts';
import { RowStore } from './columns/row-store.ts';
import type { Engine, Request, RequestOptions } from './engine.ts';
import { FILE_ROW_BYTES, firstNanoseconds, ROW_NANOSECONDS } from './first-cost.ts';
import { downloadVector } from './host/download.ts';
import { uploadBatch } from './host/upload.ts';
import type { Heap } from './memory/heap.ts';
import { packColumns } from './memory/pack.ts';
import type { RunKernel } from './ml/run-kernel.ts';
import type { ResidentTable } from './planner.ts';
import type { executePlan } from './query.ts';
import { States } from './states.ts';
import { Tables } from './tables.ts';
import type { Vector } from './vector.ts';
import { type HeapArray, heapView, type ResultJson } from './worker/protocol.ts';

/** Plans over resident tables run on the calling thread up to this: telling another one, and hearing of it, costs as much. */
const INLINE_NANOSECONDS = 500_000;
/**
 * Until the engine thread is up, plans run on the calling thread as long as all of them together take no longer than
 * this, roughly: the thread takes twice as long to start.
 */
const FIRST_NANOSECONDS = 30_000_000;
/** Then the thread is started, if the process is still there: many have their answer and are about to end. */
const START_DELAY_MS = 50;

/** A first query must be so many times as large for helpers to be started: a start costs as much as many a query. */
const COLD_FACTOR = 8;

/** What the backend needs of the runner: bytes by id, and ranges of URLs. */
export interface CpuHost {
  bytesOf(source: Extract<FileSpec['source'], { kind: 'bytes' }>): Uint8Array;
  fetchRange(
    source: Extract<FileSpec['source'], { kind: 'http' }>,
    start: number,
    target: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void>;
}

export class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly engine: Engine;
  readonly #tables: Tables;
  readonly #states: States;
  /** What runs work on this thread is loaded when there first is any: the engine thread has a program of its own. */
  #executePlan: typeof executePlan | null = null;
  #runKernel: RunKernel | null = null;
  readonly #host: CpuHost;
  /** What is left of {@link FIRST_NANOSECONDS}. */
  #firstNanoseconds = FIRST_NANOSECONDS;
  #starting: NodeJS.Timeout | null = null;

  constructor(engine: Engine, host: CpuHost) {
    this.engine = engine;
    this.#tables = new Tables(engine);
    this.#states = new States(engine.pool);
    this.#host = host;
  }

  info(): BackendInfo {
    const { pool, heap } = this.engine;
    return {
      name: 'cpu',
      available: true,
      reason: 'SIMD WebAssembly runs on every supported Node.',
      detail: {
        threads: defaultThreads(),
        heapBytes: heap.sizeBytes,
        usedBytes: pool.usedBytes,
        freeBytes: pool.freeBytes,
      },
    };
  }

  whyNot(work: PlanNode | KernelCall): string | null {
    if ('name' in work)
      return work.name === 'scan.infer' || work.name in KERNEL_NAMES
        ? null
        : `The CPU backend has no kernel "${work.name}".`;
    return null;
  }

  async upload(
    batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
    schema: Schema,
    run: RunContext,
  ): Promise<TableHandle> {
    return this.engine.withInlineContext(run.memoryLimitBytes, async (ctx) => {
      const first: RecordBatch[] = [];
      let store: RowStore | null = null;
      let rows = 0;
      for await (const batch of batches) {
        run.signal?.throwIfAborted();
        rows += batch.length;
        if (first.length === 0 && !store) {
          first.push(batch);
          continue;
        }
        store ??= new RowStore(schema);
        for (const b of [...first.splice(0), batch]) {
          const columns = uploadBatch(ctx, b, ctx.scratch);
          store.append(ctx, { length: b.length, columns, ordinal: 0 });
          ctx.scratch.reset();
        }
      }
      const columns = store
        ? store.finish(ctx)
        : first.length > 0
          ? uploadBatch(ctx, first[0]!, ctx.arena)
          : new RowStore(schema).finish(ctx);
      return this.#tables.add(schema, rows, packColumns(ctx, columns));
    });
  }

  async execute(plan: PlanNode, run: RunContext): Promise<TableHandle> {
    const { tables, inline, bytes, threads } = this.#survey(plan, run.threads);
    run.signal?.throwIfAborted();
    const started = nowMs();
    const isFirst = !inline && threads === 1 && this.#takesFirst(plan, tables);
    if (inline || isFirst) this.#executePlan ??= (await import('./query.ts')).executePlan;
    const here = inline || isFirst ? await this.#inline(plan, tables, run, isFirst) : null;
    if (isFirst) this.#starting ??= setTimeout(() => this.warmUp(), START_DELAY_MS).unref();
    const result =
      here ?? (await this.engine.run(request('execute', plan, tables), { ...this.#options(run, bytes), threads }));
    trace(run, result, here !== null, started);
    return this.#tables.add(plan.schema, result.rows, result);
  }

  /** Whether a plan is one of the first of this process, and is to run on the calling thread. */
  #takesFirst(plan: PlanNode, tables: ReadonlyMap<number, ResidentTable>): boolean {
    if (this.engine.isStarted) return false;
    const nanoseconds = firstNanoseconds(plan, (id) => tables.get(id)!.rows);
    if (nanoseconds > this.#firstNanoseconds) return false;
    this.#firstNanoseconds -= nanoseconds;
    return true;
  }

  /** Starts the engine thread; given what will be read, only where that will need it. */
  warmUp(scan?: PlanNode): void {
    if (scan && firstNanoseconds(scan, () => 0) <= this.#firstNanoseconds) return;
    this.engine.start().catch(() => undefined);
  }

  /** Null: the engine thread must do it, because there is too little memory, or to say what fails. */
  async #inline(
    plan: PlanNode,
    tables: ReadonlyMap<number, ResidentTable>,
    run: RunContext,
    isFirst: boolean,
  ): Promise<ResultJson | null> {
    if (this.engine.tuning.spillBytes !== undefined) return null;
    try {
      return await this.engine.runInline(this.#executePlan!, plan, tables, run.memoryLimitBytes, run.callSite);
    } catch (error) {
      if (isFirst || error instanceof OutOfMemoryError) return null;
      throw error;
    }
  }

  async *stream(plan: PlanNode, run: RunContext): AsyncIterable<RecordBatch> {
    const { tables, bytes, threads } = this.#survey(plan, run.threads);
    const started = nowMs();
    const arrivals = new Handover();
    const running = this.engine
      .run(request('stream', plan, tables), {
        ...this.#options(run, bytes),
        threads,
        onBatch: (rows, columns) => arrivals.put(this.#download(plan.schema, rows, columns)),
      })
      .finally(() => arrivals.end());
    running.catch(() => undefined);
    try {
      for (let batch = await arrivals.take(); batch; batch = await arrivals.take()) yield batch;
      trace(run, await running, false, started);
    } finally {
      // A reader may have left early: the thread stops at its next batch.
      arrivals.refuse();
      await running.catch(() => undefined);
    }
  }

  async invoke(call: KernelCall, run: RunContext): Promise<KernelResult> {
    if (call.name === 'scan.infer') return this.#infer(call, run);
    const whyNot = this.whyNot(call);
    if (whyNot !== null) throw new UnsupportedError(whyNot, { kernel: call.name });
    run.signal?.throwIfAborted();
    const survey = call.plan ? this.#survey(call.plan, 1) : NO_PLAN;
    const { tables, bytes } = survey;
    const states = call.inputs.filter((h) => h.kind === 'state');
    const job = {
      name: call.name,
      params: call.params,
      inputs: call.inputs.filter((h) => h.kind === 'table').map((h) => residentOf(this.#tables.get(h.id))),
      states: states.map((h) => this.#states.json(h.id)),
      tables: Object.fromEntries(tables),
      ...(call.plan ? { plan: serializePlan(call.plan) } : {}),
    };
    const arrays: Record<string, NumberArray> = {};
    const read = (result: ResultJson): void => {
      for (const [name, block] of Object.entries(result.kernel!.arrays))
        arrays[name] = copyOut(this.engine.heap, block);
    };
    const inline = survey.inline && (call.workNanoseconds ?? Number.POSITIVE_INFINITY) <= INLINE_NANOSECONDS;
    let result: ResultJson;
    try {
      result = inline
        ? await this.engine.runKernelInline(
            (this.#runKernel ??= (await import('./ml/run-kernel.ts')).runKernel),
            job,
            call.arrays ?? {},
            run.memoryLimitBytes,
            read,
            run.callSite,
          )
        : await this.engine.run(
            { kind: 'invoke', ...job },
            { ...this.#options(run, bytes), threads: run.threads, arrays: call.arrays, onDone: read },
          );
    } catch (error) {
      // Only a call that was to change a state can have left it half changed; aborted ones too.
      for (const h of states) if (isStep(call.name)) this.#states.markBroken(h.id);
      throw error;
    }
    const { json, state } = result.kernel!;
    const outputs: Handle[] = [];
    if (state && states.length === 0) outputs.push(this.#states.add(state, result.regions));
    else if (states.length > 0) this.#states.update(states[0]!.id, state, result.regions);
    return { json, arrays, outputs };
  }

  async #infer(call: KernelCall, run: RunContext): Promise<KernelResult> {
    const { format, source, options } = call.params as unknown as {
      format: FileFormat;
      source: FileSpec['source'];
      options: JsonObject;
    };
    const bytes = source.kind === 'bytes' ? new Map([[source.id, this.#host.bytesOf(source)]]) : new Map();
    const result = await this.engine.run({ kind: 'infer', format, source, options }, this.#options(run, bytes));
    return { json: { schema: result.schema as unknown as JsonObject }, arrays: {}, outputs: [] };
  }

  assemble(schema: Schema, columns: readonly TableColumn[]): TableHandle {
    return this.#tables.assemble(schema, columns);
  }

  release(handle: Handle): void {
    if (handle.kind === 'table') this.#tables.release(handle.id);
    else this.#states.release(handle.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#starting) clearTimeout(this.#starting);
    await this.engine.close();
  }

  /** The tables and bytes a plan reads, and whether it is small enough to run here and now. */
  #survey(
    plan: PlanNode,
    threads: number,
  ): {
    tables: Map<number, ResidentTable>;
    bytes: Map<number, Uint8Array>;
    inline: boolean;
    threads: number;
  } {
    const tables = new Map<number, ResidentTable>();
    const bytes = new Map<number, Uint8Array>();
    let rows = 0;
    let fileBytes = 0;
    let rowNanoseconds = 1;
    walkPlan(plan, (node) => {
      rowNanoseconds += ROW_NANOSECONDS[node.node] ?? Number.POSITIVE_INFINITY;
      if (node.node === 'table') {
        const { rows: n, columns } = this.#tables.get(node.tableId);
        tables.set(node.tableId, { rows: n, columns });
        rows += n;
      } else if (node.node === 'scan') {
        for (const { source } of node.files) {
          fileBytes += source.sizeBytes;
          if (source.kind === 'bytes') bytes.set(source.id, this.#host.bytesOf(source));
        }
      } else if (node.node === 'join' && node.how === 'cross') rowNanoseconds = Number.POSITIVE_INFINITY;
    });
    const { minRows } = this.engine.tuning;
    const least = minRows * (this.engine.isCold ? COLD_FACTOR : 1);
    const isLarge = rows >= least || fileBytes >= least * FILE_ROW_BYTES;
    return {
      tables,
      bytes,
      inline: rows * rowNanoseconds <= INLINE_NANOSECONDS && (threads === 1 || rows < minRows),
      threads: isLarge ? threads : 1,
    };
  }

  #options(run: RunContext, bytes: ReadonlyMap<number, Uint8Array>): RequestOptions {
    const { onProgress } = run;
    return {
      signal: run.signal,
      memoryLimitBytes: run.memoryLimitBytes,
      callSite: run.callSite,
      onRows: onProgress
        ? (doneRows, spilledBytes) => {
            try {
              onProgress({ phase: 'run', doneRows, ...(spilledBytes > 0 ? { spilledBytes } : {}) });
            } catch (error) {
              process.emitWarning(`onProgress threw: ${String(error)}`, { code: 'WARPFRAME_PROGRESS' });
            }
          }
        : undefined,
      bytes,
      spillFolder: run.spillFolder,
      fetchRange: (source, start, target) => this.#host.fetchRange(source, start, target, run.signal),
    };
  }

  #download(schema: Schema, rows: number, columns: readonly Vector[]): RecordBatch {
    return this.engine.withInlineContext(Number.POSITIVE_INFINITY, (ctx) => ({
      schema,
      length: rows,
      columns: columns.map((v, i) => downloadVector(ctx, v, schema[i]!.name, true)),
    }));
  }
}

/** One batch at a time from the engine to a reader; the engine goes on when the reader asks for the next. */
class Handover {
  #batch: RecordBatch | null = null;
  #taken: (() => void) | null = null;
  #refused: ((reason: unknown) => void) | null = null;
  #wake: (() => void) | null = null;
  #ended = false;
  #closed = false;

  /** Resolves when the reader is done with the batch; rejects with the abort marker when it has left. */
  put(batch: RecordBatch): Promise<void> {
    if (this.#closed) return Promise.reject(abortMarker());
    this.#batch = batch;
    this.#wake?.();
    return new Promise((taken, refused) => {
      this.#taken = taken;
      this.#refused = refused;
    });
  }

  /** The next batch, or null at the end. Asking for it releases the one before. */
  async take(): Promise<RecordBatch | null> {
    if (!this.#batch) this.#taken?.();
    while (!this.#batch && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const batch = this.#batch;
    this.#batch = null;
    return batch;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The reader has left. */
  refuse(): void {
    this.#closed = true;
    this.#refused?.(abortMarker());
  }
}

const NO_PLAN = {
  tables: new Map<number, ResidentTable>(),
  bytes: new Map<number, Uint8Array>(),
  inline: true,
};

const residentOf = ({ rows, columns }: ResidentTable): ResidentTable => ({ rows, columns });

/** Whether a kernel changes the state it is given: by convention it is called `….step`. */
const isStep = (name: string): boolean => name.endsWith('.step');

/** A copy in host memory. */
function copyOut(heap: Heap, block: HeapArray): NumberArray {
  const view = heapView(heap, block);
  // A slice of a shared view would be shared memory too.
  return new (view.constructor as new (from: NumberArray) => NumberArray)(view);
}

const request = (kind: 'execute' | 'stream', plan: PlanNode, tables: ReadonlyMap<number, ResidentTable>): Request => ({
  kind,
  plan: serializePlan(plan),
  tables: Object.fromEntries(tables),
});

function trace(run: RunContext, result: ResultJson, inline: boolean, started: number): void {
  if (!run.trace) return;
  run.trace.where = inline ? 'inline' : 'thread';
  run.trace.totalMs = nowMs() - started;
  run.trace.peakBytes = result.peakBytes;
  if (result.spilledBytes !== undefined) run.trace.spilledBytes = result.spilledBytes;
  run.trace.nodes = [...result.reports];
}
