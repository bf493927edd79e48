// libcudf behind the native addon, as a backend. Plans cross as JSON once a run; rows stay on the device.
import { nativeError } from '../../native/addon.ts';
import type { EngineDescription, GpuEngine } from '../../native/gpu.ts';
import { tableNode, unionNode } from '../../plan/build.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { walkPlan } from '../../plan/walk.ts';
import type { Schema } from '../../schema/types.ts';
import type { RecordBatch } from '../arrow.ts';
import type {
  Backend,
  BackendInfo,
  Handle,
  JsonObject,
  KernelCall,
  KernelResult,
  NodeTrace,
  RunContext,
  TableHandle,
} from '../backend.ts';
import { CudaKernels } from './cuda-kernels.ts';
import { CudaTables, type NativeTable } from './cuda-tables.ts';
import { columnBytes, deviceBatch, inputColumn } from './device-input.ts';
import { callNative, type NativeEngine } from './native-calls.ts';
import { type Slab, slabBatch } from './slab.ts';
import { serializeForDevice } from './zone-tables.ts';

/** What the host stand-in for libcudf is called wherever its results are named. */
export const HOST_CUDF = 'host-cudf, not a GPU';

/** Bytes of host memory held for one copy to the device. */
const UPLOAD_BYTES = 256 * 2 ** 20;

export class CudaBackend implements Backend {
  readonly name = 'cuda';
  readonly #native: NativeEngine;
  readonly #gpu: GpuEngine;
  readonly #description: EngineDescription;
  readonly #tables: CudaTables;
  readonly #kernels: CudaKernels;
  readonly #whyNot = new WeakMap<PlanNode, { readonly reason: string | null }>();

  readonly #uploadBytes: number;

  constructor(
    gpu: GpuEngine,
    opened: { readonly engine: number; readonly description: string },
    deviceId: number,
    uploadBytes = UPLOAD_BYTES,
  ) {
    this.#uploadBytes = uploadBytes;
    this.#gpu = gpu;
    this.#description = JSON.parse(opened.description) as EngineDescription;
    const device = this.#description.host ? HOST_CUDF : `GPU ${deviceId}`;
    this.#native = { addon: gpu.addon, engine: opened.engine, device };
    this.#tables = new CudaTables(this.#native);
    this.#kernels = new CudaKernels(this.#native, this.#tables, {
      execute: (plan, run) => this.execute(plan, run),
      upload: (batches, schema, run) => this.upload(batches, schema, run),
      release: (table) => this.release(table),
      whyNotOwn: (name) => this.#sync(() => this.#ask(JSON.stringify({ kernel: name }))),
    });
  }

  /** Whether libcudf's stand-in on the host is behind it. */
  get isHost(): boolean {
    return this.#description.host === true;
  }

  /** Why nothing runs here any more; null while the device works. */
  get lost(): string | null {
    return this.#native.lost ?? null;
  }

  info(): BackendInfo {
    const { variant, device, addonPath, library } = this.#gpu;
    const { host, library: engine, version } = this.#description;
    const gpu = device.devices.map((d) => ({ ...d }));
    const works = host ? `${HOST_CUDF}: for tests only.` : `${device.devices[0]?.name} with ${engine} ${version}.`;
    return {
      name: 'cuda',
      available: this.lost === null,
      reason: this.lost ?? works,
      detail: {
        variant,
        engine,
        version,
        host: host === true,
        driver: device.driver,
        runtime: device.runtime,
        devices: gpu,
        addon: addonPath,
        library,
        ...(this.lost === null ? { memory: this.memoryInfo() } : {}),
      },
    };
  }

  /** Bytes used, limits and copies, as native/engine/engine.h lists them. */
  memoryInfo(): JsonObject {
    return JSON.parse(this.#sync(() => this.#native.addon.memoryInfo(this.#native.engine))) as JsonObject;
  }

  /** Changes the device's limits. */
  async configure(options: JsonObject): Promise<void> {
    const params = { engine: this.#native.engine, options: JSON.stringify(options) };
    try {
      await this.#native.addon.invoke('engine.configure', params);
    } catch (error) {
      throw nativeError(error, 'engine.configure', new Error());
    }
  }

  whyNot(work: PlanNode | KernelCall): string | null {
    if ('name' in work) return this.#kernels.whyNot(work);
    let known = this.#whyNot.get(work);
    if (!known) {
      known = { reason: this.#sync(() => this.#ask(serializeForDevice(work))) };
      this.#whyNot.set(work, known);
    }
    return known.reason;
  }

  async upload(
    batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
    schema: Schema,
    run: RunContext,
  ): Promise<TableHandle> {
    const parts: TableHandle[] = [];
    let waiting: RecordBatch[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      parts.push(await this.#uploadTogether(waiting, schema, run));
      waiting = [];
      bytes = 0;
    };
    try {
      for await (const batch of batches) {
        run.signal?.throwIfAborted();
        waiting.push(deviceBatch(batch));
        bytes += waiting.at(-1)!.columns.reduce((sum, c) => sum + columnBytes(c), 0);
        if (bytes >= this.#uploadBytes) await flush();
      }
      if (waiting.length > 0 || parts.length === 0) await flush();
      if (parts.length === 1) return parts.pop()!;
      const tables = parts.map((p) => tableNode(p.id, p.rows, schema));
      const { trace: _, ...quiet } = run;
      return await this.execute(unionNode(tables, 'vertical'), quiet);
    } finally {
      for (const part of parts) this.release(part);
    }
  }

  async execute(plan: PlanNode, run: RunContext): Promise<TableHandle> {
    const started = performance.now();
    const made = await this.#call<NativeTable & { readonly trace: string }>(
      'engine.execute',
      this.#planParams(plan),
      run,
    );
    const table = this.#kept(this.#tables.add(plan.schema, made), run);
    if (run.trace) {
      const { nodes, peakBytes } = JSON.parse(made.trace) as { nodes: NodeTrace[]; peakBytes: number };
      run.trace.where = this.#native.device;
      run.trace.totalMs += performance.now() - started;
      run.trace.peakBytes = peakBytes;
      run.trace.nodes.push(...nodes);
    }
    return table;
  }

  async *stream(plan: PlanNode, run: RunContext): AsyncIterable<RecordBatch> {
    const started = performance.now();
    const { stream } = await this.#call<{ readonly stream: number }>('engine.stream', this.#planParams(plan), run);
    try {
      for (;;) {
        const slab = await this.#call<Slab | null>('engine.next', { stream }, run);
        if (slab === null) break;
        yield slabBatch(slab, plan.schema);
      }
    } finally {
      this.#native.addon.release(stream);
    }
    if (run.trace) {
      run.trace.where = this.#native.device;
      run.trace.totalMs += performance.now() - started;
    }
  }

  invoke(call: KernelCall, run: RunContext): Promise<KernelResult> {
    return this.#kernels.invoke(call, run);
  }

  release(handle: Handle): void {
    if (handle.kind === 'table') this.#tables.release(handle.id);
    else this.#kernels.release(handle.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kernels.releaseAll();
    this.#tables.releaseAll();
    this.#native.addon.release(this.#native.engine);
  }

  async #uploadTogether(batches: readonly RecordBatch[], schema: Schema, run: RunContext): Promise<TableHandle> {
    const made = await this.#call<NativeTable>(
      'engine.upload',
      {
        engine: this.#native.engine,
        schema: JSON.stringify(schema),
        ...(run.checked ? { checked: true } : {}),
        batches: batches.map((b) => ({ length: b.length, columns: b.columns.map(inputColumn) })),
      },
      run,
    );
    return this.#kept(this.#tables.add(schema, made), run);
  }

  /** The table, unless its run was aborted when it was all but done. */
  #kept(table: TableHandle, { signal }: RunContext): TableHandle {
    if (signal?.aborted) this.release(table);
    signal?.throwIfAborted();
    return table;
  }

  #planParams(plan: PlanNode): object {
    const tables = new Map<number, number>();
    walkPlan(plan, (node) => {
      if (node.node === 'table') tables.set(node.tableId, this.#tables.native(node.tableId));
    });
    return { engine: this.#native.engine, plan: serializeForDevice(plan), tables: [...tables] };
  }

  #call<T>(operation: string, params: object, run: RunContext): Promise<T> {
    return callNative<T>(this.#native, operation, params, run);
  }

  #ask(work: string): string | null {
    return this.#native.addon.whyNot(this.#native.engine, work);
  }

  #sync<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      throw nativeError(error, 'engine', new Error());
    }
  }
}
