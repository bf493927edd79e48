// Between frames and backends: optimises, chooses the engine and says why, runs host functions, keeps traces.

import type { RecordBatch } from '../backend/arrow.ts';
import type {
  Backend,
  BackendInfo,
  BackendName,
  Handle,
  KernelCall,
  KernelResult,
  OnProgress,
  RunContext,
  TableHandle,
  Trace,
} from '../backend/backend.ts';
import { loadBackend } from '../backend/registry.ts';
import { defaultEngine, defaultMemoryLimitBytes, defaultThreads, type EngineChoice, MAX_THREADS } from '../env.ts';
import { ParameterError, UnsupportedError } from '../errors.ts';
import { optimize } from '../optimize/optimizer.ts';
import { tableNode } from '../plan/build.ts';
import type { HostNode, PlanNode } from '../plan/nodes.ts';
import { transformPlan, walkPlan } from '../plan/walk.ts';
import type { Schema } from '../schema/types.ts';
import { bytesOf } from '../source/open.ts';
import type { HostFunction } from './host-functions.ts';
import { hostFunction } from './host-functions.ts';

/** Options of everything that runs a plan. */
export interface RunOptions {
  /** Stops the run at the next morsel; the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Told of progress at most ten times a second. */
  readonly onProgress?: OnProgress;
  /** Where to run; default `WARPFRAME_ENGINE` or 'auto'. */
  readonly engine?: EngineChoice;
  /** Most bytes the engine may hold, tables included; default `WARPFRAME_MEMORY_LIMIT_BYTES` or 4 GiB. */
  readonly memoryLimitBytes?: number;
  /** Seed of what is random in the run; uint32. */
  readonly seed?: number;
  /** Threads that training and prediction may use; default `WARPFRAME_THREADS` or one less than there are cores. */
  readonly threads?: number;
}

const cpuHost = {
  bytesOf,
  async fetchRange(source: { url: string }, start: number, target: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { fetchRange } = await import('../source/http-source.ts');
    await fetchRange(source as never, start, target, signal);
  },
};

interface Choice {
  readonly backend: Backend;
  readonly why: string;
}

/** The backend of a choice; with 'auto' the first one that is available and can run the plan. */
async function choose(engine: EngineChoice, plan: PlanNode | null): Promise<Choice> {
  if (engine !== 'auto' && engine !== 'cpu' && engine !== 'cuda')
    throw new ParameterError(`The 'engine' option must be 'auto', 'cpu' or 'cuda'. Got ${JSON.stringify(engine)}.`);
  const reasons: string[] = [];
  const order: BackendName[] = engine === 'auto' ? ['cuda', 'cpu'] : [engine];
  for (const name of order) {
    const loaded = await loadBackend(name, cpuHost);
    if ('unavailable' in loaded) {
      reasons.push(`${name}: ${loaded.unavailable.reason}`);
      continue;
    }
    const whyNot = plan ? loaded.backend.whyNot(plan) : null;
    if (whyNot === null) {
      const why = engine === name ? `asked for` : reasons.length === 0 ? 'first choice' : reasons.join(' ');
      return { backend: loaded.backend, why };
    }
    reasons.push(`${name}: ${whyNot}`);
  }
  throw new UnsupportedError(`No engine can run this plan with engine '${engine}'. ${reasons.join(' ')}`, {
    engine,
    reasons,
  });
}

function contextOf(options: RunOptions | undefined, callSite: Error | undefined, trace?: Trace): RunContext {
  const limit = options?.memoryLimitBytes ?? defaultMemoryLimitBytes();
  if (!(limit > 0)) throw new ParameterError(`The 'memoryLimitBytes' option must be a positive number. Got ${limit}.`);
  const threads = options?.threads ?? defaultThreads();
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS))
    throw new ParameterError(`The 'threads' option must be a whole number from 1 to ${MAX_THREADS}. Got ${threads}.`);
  return {
    memoryLimitBytes: limit,
    threads,
    seed: options?.seed ?? 0,
    ...(options?.signal ? { signal: options.signal } : {}),
    ...(options?.onProgress ? { onProgress: options.onProgress } : {}),
    ...(callSite ? { callSite } : {}),
    ...(trace ? { trace } : {}),
  };
}

const traces = new WeakMap<PlanNode, Trace>();
const optimised = new WeakMap<PlanNode, PlanNode>();

/** What the last run of this plan did. */
export const lastTraceOf = (plan: PlanNode): Trace | undefined => traces.get(plan);

/** The plan that a backend is given. */
export function optimizedPlan(plan: PlanNode): PlanNode {
  let found = optimised.get(plan);
  if (!found) {
    found = optimize(plan);
    optimised.set(plan, found);
  }
  return found;
}

function newTrace(choice: Choice): Trace {
  return { backend: choice.backend.name, where: 'thread', why: choice.why, nodes: [], totalMs: 0, peakBytes: 0 };
}

/** Runs a plan to a resident table. */
export async function runToTable(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
): Promise<TableHandle> {
  options?.signal?.throwIfAborted();
  const prepared = await runHostNodes(plan, options, callSite);
  try {
    const choice = await choose(options?.engine ?? defaultEngine(), prepared.plan);
    const trace = newTrace(choice);
    const table = await choice.backend.execute(optimizedPlan(prepared.plan), contextOf(options, callSite, trace));
    traces.set(plan, trace);
    return table;
  } finally {
    await prepared.release();
  }
}

/** Runs a plan and hands its batches over in order, with back-pressure. */
export async function* runToBatches(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
): AsyncIterable<RecordBatch> {
  options?.signal?.throwIfAborted();
  const prepared = await runHostNodes(plan, options, callSite);
  try {
    const choice = await choose(options?.engine ?? defaultEngine(), prepared.plan);
    const trace = newTrace(choice);
    yield* choice.backend.stream(optimizedPlan(prepared.plan), contextOf(options, callSite, trace));
    traces.set(plan, trace);
  } finally {
    await prepared.release();
  }
}

/** Makes a resident table of host batches. */
export async function uploadBatches(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  schema: Schema,
  options?: RunOptions,
): Promise<TableHandle> {
  const { backend } = await choose(options?.engine ?? defaultEngine(), null);
  return backend.upload(batches, schema, contextOf(options, undefined));
}

/** Frees a resident table or a kernel's state. Idempotent. */
export function releaseHandle(handle: Handle): void {
  void loadBackend(handle.backend, cpuHost).then((l) => {
    if ('backend' in l) l.backend.release(handle);
  });
}

/** Runs one kernel of the CPU engine: what text formats need to know their schema. */
export async function invokeCpu(name: string, params: object, options?: RunOptions): Promise<object> {
  const { backend } = await choose('cpu', null);
  const result = await backend.invoke({ name, params: params as never, inputs: [] }, contextOf(options, undefined));
  return result.json;
}

/**
 * Runs one kernel where its inputs are, else where the options say. A plan it is fed with is prepared like any other:
 * host functions run first, then the optimizer.
 */
export async function invokeKernel(
  call: KernelCall,
  options: RunOptions | undefined,
  callSite?: Error,
): Promise<KernelResult> {
  options?.signal?.throwIfAborted();
  const at = call.inputs[0]?.backend;
  const prepared = call.plan ? await runHostNodes(call.plan, options, callSite ?? new Error()) : null;
  try {
    const plan = prepared ? optimizedPlan(prepared.plan) : undefined;
    const { backend } = at
      ? await choose(at as EngineChoice, null)
      : await choose(options?.engine ?? defaultEngine(), plan ?? null);
    const whyNot = backend.whyNot(call);
    if (whyNot !== null) throw new UnsupportedError(whyNot, { kernel: call.name });
    return await backend.invoke({ ...call, ...(plan ? { plan } : {}) }, contextOf(options, callSite));
  } finally {
    await prepared?.release();
  }
}

/** The backends, available or not, each with its reason. */
export async function backendInfos(): Promise<BackendInfo[]> {
  const names: BackendName[] = ['cuda', 'cpu'];
  return Promise.all(
    names.map(async (name) => {
      const loaded = await loadBackend(name, cpuHost);
      if ('backend' in loaded) return loaded.backend.info();
      return { name, available: false, reason: loaded.unavailable.reason, detail: {} };
    }),
  );
}

/** Starts the engine thread early: two thirds of a cold query is its start. */
export function warmUp(): void {
  void loadBackend('cpu', cpuHost).then((l) => {
    if ('backend' in l && 'engine' in l.backend)
      (l.backend as { engine: { start(): Promise<unknown> } }).engine.start().catch(() => undefined);
  });
}

/** Replaces every host node by the table its function made of its input. */
async function runHostNodes(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
): Promise<{ plan: PlanNode; release: () => Promise<void> }> {
  const made: TableHandle[] = [];
  const release = async (): Promise<void> => made.forEach(releaseHandle);
  let current = plan;
  try {
    for (;;) {
      const host = innermostHost(current);
      if (!host) return { plan: current, release };
      const fn: HostFunction = hostFunction(host.functionKey);
      const results = mappedBatches(runToBatches(host.input, options, callSite), fn);
      const table = await uploadBatches(results, host.schema, options);
      made.push(table);
      const node = tableNode(table.id, table.rows, host.schema);
      current = transformPlan(current, (n) => (n === host ? node : n));
    }
  } catch (error) {
    await release();
    throw error;
  }
}

function innermostHost(plan: PlanNode): HostNode | undefined {
  const hosts: HostNode[] = [];
  walkPlan(plan, (node) => {
    if (node.node === 'host') hosts.push(node);
  });
  return hosts.find((h) => hosts.every((other) => other === h || !contains(h.input, other)));
}

function contains(plan: PlanNode, wanted: PlanNode): boolean {
  let found = false;
  walkPlan(plan, (node) => {
    if (node === wanted) found = true;
  });
  return found;
}

async function* mappedBatches(batches: AsyncIterable<RecordBatch>, fn: HostFunction): AsyncIterable<RecordBatch> {
  for await (const batch of batches) yield await fn(batch);
}
