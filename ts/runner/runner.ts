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
import { defaultMemoryLimitBytes, defaultThreads, type EngineChoice, type GpuFallback, MAX_THREADS } from '../env.ts';
import { ParameterError } from '../errors.ts';
import { rowBytes } from '../optimize/estimate.ts';
import { optimize } from '../optimize/optimizer.ts';
import { projectNode, tableNode } from '../plan/build.ts';
import type { HostNode, PlanNode } from '../plan/nodes.ts';
import { transformPlan, walkPlan } from '../plan/walk.ts';
import type { Schema } from '../schema/types.ts';
import { type Choice, chooseKernel, choosePlan, chooseUpload, cpuBackend } from './choose.ts';
import { cpuHost } from './cpu-host.ts';
import type { HostFunction } from './host-functions.ts';
import { hostFunction } from './host-functions.ts';
import { flow, type HostChain, hostChain } from './host-stream.ts';
import { copiedTable, type Moved, moveTo } from './move.ts';
import { noteTable, releaseHandle, residentHandle } from './resident.ts';
import { checkSpillFolder, spillFolderSetting } from './settings.ts';

export { releaseHandle } from './resident.ts';

/** Options of everything that runs a plan. */
export interface RunOptions {
  /** Stops the run at the next morsel; the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Told of progress at most ten times a second. */
  readonly onProgress?: OnProgress;
  /** Where to run; default `WARPFRAME_ENGINE` or 'auto': the GPU where there is one and the input is large enough. */
  readonly engine?: EngineChoice;
  /**
   * What to do where `engine: 'cuda'` cannot run: 'error' throws, 'cpu' runs on the CPU and warns, 'degraded' does without
   * and marks the result; default `WARPFRAME_GPU_FALLBACK` or 'error'.
   */
  readonly fallback?: GpuFallback;
  /**
   * Most bytes the engine may hold, tables included; default `WARPFRAME_MEMORY_LIMIT_BYTES` or 4 GiB. On a GPU it is a
   * limit of this run below the device's own.
   */
  readonly memoryLimitBytes?: number;
  /**
   * The folder in which the CPU engine makes one for rows that do not fit into `memoryLimitBytes`: group by, join, sort,
   * distinct and windows go on there, and it is removed when the run ends. Default: `configure()`'s, then
   * `WARPFRAME_SPILL_FOLDER`, then the system's folder for temporary files.
   */
  readonly spillFolder?: string;
  /** Seed of what is random in the run; uint32. */
  readonly seed?: number;
  /** Threads that the run may use, 1 to 64; default `WARPFRAME_THREADS` or as many as there are cores. */
  readonly threads?: number;
}

function contextOf(
  backend: Pick<Backend, 'name'>,
  options: RunOptions | undefined,
  callSite: Error | undefined,
  trace?: Trace,
): RunContext {
  // A device has a limit of its own.
  const limit =
    options?.memoryLimitBytes ?? (backend.name === 'cpu' ? defaultMemoryLimitBytes() : Number.POSITIVE_INFINITY);
  if (!(limit > 0)) throw new ParameterError(`The 'memoryLimitBytes' option must be a positive number. Got ${limit}.`);
  const threads = options?.threads ?? defaultThreads();
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS))
    throw new ParameterError(`The 'threads' option must be a whole number from 1 to ${MAX_THREADS}. Got ${threads}.`);
  checkSpillFolder(options?.spillFolder);
  return {
    memoryLimitBytes: limit,
    spillFolder: options?.spillFolder ?? spillFolderSetting(),
    threads,
    seed: options?.seed ?? 0,
    ...(options?.signal ? { signal: options.signal } : {}),
    ...(options?.onProgress ? { onProgress: options.onProgress } : {}),
    ...(callSite ? { callSite } : {}),
    ...(trace ? { trace } : {}),
  };
}

/** What is kept of a plan. */
interface Known {
  optimized?: PlanNode;
  trace?: Trace;
}
const plans = new WeakMap<PlanNode, Known>();

function knownOf(plan: PlanNode): Known {
  let known = plans.get(plan);
  if (!known) {
    known = {};
    plans.set(plan, known);
  }
  return known;
}

/** What the last run of this plan did. */
export const lastTraceOf = (plan: PlanNode): Trace | undefined => plans.get(plan)?.trace;

/** The plan that a backend is given. */
export function optimizedPlan(plan: PlanNode): PlanNode {
  const known = knownOf(plan);
  known.optimized ??= optimize(plan);
  return known.optimized;
}

function noteTrace(plan: PlanNode, trace: Trace | undefined): void {
  if (trace) knownOf(plan).trace = trace;
}

function newTrace(choice: Choice): Trace {
  const { backend, why, degraded } = choice;
  return {
    backend: backend.name,
    where: 'thread',
    why,
    nodes: [],
    totalMs: 0,
    peakBytes: 0,
    ...(degraded ? { degraded } : {}),
  };
}

/**
 * Runs a plan to a resident table.
 * @param where - 'host': its columns can be read at once; 'engine': they stay where the plan ran
 */
export async function runToTable(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
  where: 'host' | 'engine' = 'host',
): Promise<TableHandle> {
  options?.signal?.throwIfAborted();
  const chain = hostChain(plan);
  if (chain) {
    const table = await uploadBatches(flowed(plan, chain, options, callSite), plan.schema, options);
    if (where === 'host') await prefetched(table, contextOf({ name: table.backend }, options, callSite));
    return table;
  }
  const prepared = await runHostNodes(plan, options, callSite);
  try {
    const { choice, run, moved } = await prepare(optimizedPlan(prepared.plan), options, callSite);
    try {
      const table = noteTable(await choice.backend.execute(moved.plan, run));
      noteTrace(plan, run.trace);
      if (where === 'host') await prefetched(table, run);
      return table;
    } finally {
      for (const table of moved.made) choice.backend.release(table);
    }
  } finally {
    await prepared.release();
  }
}

/**
 * Runs a plan to a resident table whose columns may share memory with others: what a projection only picks from a resident
 * table is taken as it stands, and the rest computed.
 */
export async function runToSharedTable(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
): Promise<TableHandle> {
  const optimized = hostChain(plan) ? plan : optimizedPlan(plan);
  const input = optimized.node === 'project' ? optimized.input : optimized;
  const source = input.node === 'table' ? residentHandle(input.tableId) : undefined;
  if (!source) return runToTable(plan, options, callSite);
  const exprs =
    optimized.node === 'project' ? optimized.exprs : input.schema.map((f) => ({ name: f.name, expr: null }));
  const picked = exprs.map(({ name, expr }) => (expr === null ? name : expr.node === 'col' ? expr.name : null));
  const { backend } = await choosePlan(options, plan);
  if (picked.every((name) => name === null) || source.backend !== backend.name || !backend.assemble)
    return runToTable(plan, options, callSite);
  options?.signal?.throwIfAborted();
  const rest = optimized.node === 'project' ? optimized.exprs.filter((_, i) => picked[i] === null) : [];
  const computed = rest.length === 0 ? null : await runToTable(projectNode(input, rest), options, callSite);
  try {
    if (computed && computed.rows !== source.rows) return await runToTable(plan, options, callSite);
    const columns = exprs.map((e, i) => {
      const name = picked[i] ?? null;
      return name === null ? { table: computed!, name: e.name } : { table: source, name };
    });
    return noteTable(backend.assemble(plan.schema, columns));
  } finally {
    if (computed) releaseHandle(computed);
  }
}

/** Chooses the backend and brings to it what the plan reads. */
async function prepare(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
): Promise<{ choice: Choice; run: RunContext; moved: Moved }> {
  const choice = await choosePlan(options, plan);
  const run = contextOf(choice.backend, options, callSite, newTrace(choice));
  return { choice, run, moved: await moveTo(choice.backend, plan, run) };
}

async function prefetched(table: TableHandle, run: RunContext): Promise<void> {
  try {
    await table.prefetch(undefined, run);
  } catch (error) {
    releaseHandle(table);
    throw error;
  }
}

/** Runs a plan and hands its batches over in order, with back-pressure. */
export async function* runToBatches(
  plan: PlanNode,
  options: RunOptions | undefined,
  callSite: Error,
): AsyncIterable<RecordBatch> {
  options?.signal?.throwIfAborted();
  const chain = hostChain(plan);
  if (chain) {
    yield* flowed(plan, chain, options, callSite);
    return;
  }
  const prepared = await runHostNodes(plan, options, callSite);
  try {
    const { choice, run, moved } = await prepare(optimizedPlan(prepared.plan), options, callSite);
    try {
      yield* choice.backend.stream(moved.plan, run);
      noteTrace(plan, run.trace);
    } finally {
      for (const table of moved.made) choice.backend.release(table);
    }
  } finally {
    await prepared.release();
  }
}

/** Makes a resident table of host batches. */
export async function uploadBatches(
  batches: AsyncIterable<RecordBatch> | readonly RecordBatch[],
  schema: Schema,
  options?: RunOptions,
): Promise<TableHandle> {
  // Of rows that arrive over time nobody knows how many there will be.
  const bytes = Array.isArray(batches)
    ? (batches as readonly RecordBatch[]).reduce((sum, b) => sum + b.length, 0) * rowBytes(schema)
    : null;
  const { backend } = await chooseUpload(options, bytes);
  return noteTable(await backend.upload(batches, schema, contextOf(backend, options, undefined)));
}

/** Runs one kernel of the CPU engine: what text formats need to know their schema. */
export async function invokeCpu(name: string, params: object, options?: RunOptions): Promise<object> {
  const backend = await cpuBackend();
  const run = contextOf(backend, options, undefined);
  const result = await backend.invoke({ name, params: params as never, inputs: [] }, run);
  return result.json;
}

/**
 * Runs one kernel where its state is, else where the options say, else where its table is, if there is such a kernel there.
 * A plan it is fed with is prepared like any other: host functions run first, then the optimizer.
 */
export async function invokeKernel(
  call: KernelCall,
  options: RunOptions | undefined,
  callSite?: Error,
): Promise<KernelResult> {
  options?.signal?.throwIfAborted();
  const prepared = call.plan ? await runHostNodes(call.plan, options, callSite ?? new Error()) : null;
  const made: TableHandle[] = [];
  let used: Backend | undefined;
  try {
    const { backend } = await chooseKernel(call, options);
    used = backend;
    const run = contextOf(backend, options, callSite);
    const moved = prepared ? await moveTo(backend, optimizedPlan(prepared.plan), run) : undefined;
    made.push(...(moved?.made ?? []));
    const inputs: Handle[] = [];
    for (const h of call.inputs)
      inputs.push(h.kind === 'table' && h.backend !== backend.name ? await copiedTable(h, backend, run, made) : h);
    const result = await backend.invoke({ ...call, inputs, ...(moved ? { plan: moved.plan } : {}) }, run);
    for (const h of result.outputs) if (h.kind === 'table') noteTable(h);
    return result;
  } finally {
    for (const table of made) used?.release(table);
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

/** Loads the engine; starts its thread, which takes longer than most queries, where plans over `scan` will need it. */
export function warmUp(scan?: Promise<PlanNode>): void {
  const warm = async (): Promise<void> => {
    const found = await loadBackend('cpu', cpuHost);
    if ('backend' in found) found.backend.warmUp?.(await scan);
  };
  // Who reads hears of a scan that fails.
  warm().catch(() => undefined);
}

/** The batches of a plan whose host function's results flow through what stands above it. */
async function* flowed(
  plan: PlanNode,
  chain: HostChain,
  options: RunOptions | undefined,
  callSite: Error,
): AsyncIterable<RecordBatch> {
  const { host } = chain;
  const over = async (batch: RecordBatch, planOf: (table: PlanNode) => PlanNode): Promise<RecordBatch> => {
    const table = await uploadBatches([batch], host.schema, options);
    let made: TableHandle | null = null;
    try {
      made = await runToTable(planOf(tableNode(table.id, table.rows, host.schema)), options, callSite);
      return made.toHost();
    } finally {
      releaseHandle(table);
      if (made) releaseHandle(made);
    }
  };
  const started = performance.now();
  yield* flow(chain, runToBatches(host.input, options, callSite), hostFunction(host.functionKey), over);
  const inner = lastTraceOf(host.input);
  if (inner) noteTrace(plan, { ...inner, totalMs: performance.now() - started });
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
