// Kernel calls on a device: our own kernels by their names (native/kernels/README.md), those of kernel-calls.ts put
// together from them, and what such kernels keep between calls.
import { DisposedError, ParameterError, UnsupportedError } from '../../errors.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import type { Schema } from '../../schema/types.ts';
import type { NumberArray, RecordBatch } from '../arrow.ts';
import type { JsonObject, KernelCall, KernelResult, RunContext, StateHandle, TableHandle } from '../backend.ts';
import { nextTableId } from '../table-ids.ts';
import type { CudaTables, NativeTable } from './cuda-tables.ts';
import type { DeviceScope, DeviceState } from './kernels/device-kernel.ts';
import { deviceKernel, whyNotOnDevice } from './kernels/device-kernels.ts';
import { callNative, type NativeEngine } from './native-calls.ts';

/** What kernels need of their backend. */
export interface KernelHost {
  execute(plan: PlanNode, run: RunContext): Promise<TableHandle>;
  upload(batches: readonly RecordBatch[], schema: Schema, run: RunContext): Promise<TableHandle>;
  release(handle: TableHandle): void;
  /** Why the engine library has not got one of our own kernels; null: it has. */
  whyNotOwn(name: string): string | null;
}

interface Inputs {
  readonly tables: readonly TableHandle[];
  readonly states: readonly DeviceState[];
}

const bytesOf = (state: DeviceState): number =>
  Object.values(state.arrays).reduce((sum, a) => sum + a.byteLength, 0) +
  state.tables.reduce((sum, t) => sum + t.sizeBytes, 0);

/** The kernels of one device. */
export class CudaKernels {
  readonly #native: NativeEngine;
  readonly #tables: CudaTables;
  readonly #host: KernelHost;
  readonly #states = new Map<number, DeviceState>();

  constructor(native: NativeEngine, tables: CudaTables, host: KernelHost) {
    this.#native = native;
    this.#tables = tables;
    this.#host = host;
  }

  whyNot(call: KernelCall): string | null {
    const kernel = deviceKernel(call.name);
    const reason = whyNotOnDevice(call);
    if (reason !== null) return reason;
    for (const name of kernel?.needs ?? [call.name]) {
      const missing = this.#host.whyNotOwn(name);
      if (missing !== null) return missing;
    }
    return null;
  }

  async invoke(call: KernelCall, run: RunContext): Promise<KernelResult> {
    const whyNot = this.whyNot(call);
    if (whyNot !== null) throw new UnsupportedError(whyNot, { kernel: call.name, engine: 'cuda' });
    run.signal?.throwIfAborted();
    const { tables, states } = this.#inputs(call);
    const kernel = deviceKernel(call.name);
    const { trace: _, ...quiet } = run;
    const made = call.plan ? await this.#host.execute(call.plan, quiet) : null;
    const all = made ? [...tables, made] : tables;
    try {
      if (!kernel) return await this.#own(call.name, call.params, all, call.arrays ?? {}, run);
      const scope = this.#scope(quiet);
      const input = { params: call.params, arrays: call.arrays ?? {}, tables: all, states };
      const { json = {}, arrays = {}, state } = await kernel.run(scope, input);
      return { json, arrays, outputs: state ? [this.#keep(state, run)] : [] };
    } finally {
      if (made) this.#host.release(made);
    }
  }

  /** Frees a state. Idempotent. */
  release(id: number): void {
    const state = this.#states.get(id);
    this.#states.delete(id);
    for (const table of state?.tables ?? []) this.#host.release(table);
  }

  releaseAll(): void {
    for (const id of [...this.#states.keys()]) this.release(id);
  }

  #inputs(call: KernelCall): Inputs {
    const tables: TableHandle[] = [];
    const states: DeviceState[] = [];
    const family = call.name.split('.')[0]!;
    for (const h of call.inputs) {
      if (h.backend !== 'cuda')
        throw new ParameterError(`The kernel ${call.name} runs on the GPU; one of its inputs is on ${h.backend}.`, {
          kernel: call.name,
        });
      if (h.kind === 'table') {
        tables.push(h);
        continue;
      }
      const state = this.#states.get(h.id);
      if (!state) throw new DisposedError('state');
      if (state.kind !== family)
        throw new ParameterError(`The kernel ${call.name} takes no state of ${state.kind}.`, { kernel: call.name });
      states.push(state);
    }
    const needsState = family === 'neighbors' || family === 'randomForest';
    if (deviceKernel(call.name) && needsState && !call.name.endsWith('.load') && states.length === 0)
      throw new ParameterError(`The kernel ${call.name} takes a state that ${family}.load made.`, {
        kernel: call.name,
      });
    return { tables, states };
  }

  #keep(state: DeviceState, run: RunContext): StateHandle {
    const id = nextTableId();
    this.#states.set(id, state);
    if (run.signal?.aborted) this.release(id);
    run.signal?.throwIfAborted();
    return { kind: 'state', id, backend: 'cuda', sizeBytes: bytesOf(state) };
  }

  #scope(run: RunContext): DeviceScope {
    return {
      own: async (name, params, tables, arrays) => (await this.#own(name, params, tables, arrays, run)).arrays,
      execute: (plan) => this.#host.execute(plan, run),
      upload: (batch) => this.#host.upload([batch], batch.schema, run),
      read: async (table) => {
        await table.prefetch(undefined, run);
        return table.toHost();
      },
      release: (table) => this.#host.release(table),
    };
  }

  async #own(
    name: string,
    params: JsonObject,
    tables: readonly TableHandle[],
    arrays: { readonly [name: string]: NumberArray },
    run: RunContext,
  ): Promise<KernelResult> {
    const result = await callNative<{
      readonly json: string;
      readonly arrays: { readonly [name: string]: NumberArray };
      readonly tables: readonly NativeTable[];
    }>(
      this.#native,
      'engine.kernel',
      {
        engine: this.#native.engine,
        name,
        params: JSON.stringify(params),
        tables: tables.map((t) => this.#tables.native(t.id)),
        arrays,
      },
      run,
    );
    const { schemas = [], ...json } = JSON.parse(result.json) as JsonObject & { schemas?: readonly Schema[] };
    const outputs = result.tables.map((t, i) => this.#tables.add(schemas[i] ?? [], t));
    return { json, arrays: result.arrays, outputs };
  }
}
