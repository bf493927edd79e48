// Which backend runs a plan, and why.
import type { Backend, BackendName, KernelCall } from '../backend/backend.ts';
import { loadBackend } from '../backend/registry.ts';
import type { EngineChoice, GpuFallback } from '../env.ts';
import { DeviceError, UnsupportedError } from '../errors.ts';
import { sourceBytes } from '../optimize/estimate.ts';
import { tableNode } from '../plan/build.ts';
import type { PlanNode, ScanNode } from '../plan/nodes.ts';
import { transformPlan, walkPlan } from '../plan/walk.ts';
import { bytesText } from '../util/bytes-text.ts';
import { cpuHost } from './cpu-host.ts';
import { residentHandle } from './resident.ts';
import { badEngine, engineSetting, fallbackSetting, minimumBytesSetting } from './settings.ts';

/** A backend for some work. */
export interface Choice {
  readonly backend: Backend;
  readonly why: string;
  /** Set where another engine was asked for and the mode is 'degraded'. */
  readonly degraded?: readonly string[];
}

/** Options that decide where something runs. */
export interface ChoiceOptions {
  readonly engine?: EngineChoice;
  readonly fallback?: GpuFallback;
}

/** The CPU's backend, which is always there. */
export async function cpuBackend(): Promise<Backend> {
  const loaded = await loadBackend('cpu', cpuHost);
  if ('unavailable' in loaded) throw new UnsupportedError(`cpu: ${loaded.unavailable.reason}`);
  return loaded.backend;
}

/** The backend of a name, or why it cannot be had; `lost`: it could until its device was lost. */
async function load(name: BackendName): Promise<{ backend: Backend } | { reason: string; lost: boolean }> {
  const loaded = await loadBackend(name, cpuHost);
  if (!('backend' in loaded)) return { reason: loaded.unavailable.reason, lost: false };
  const lost = 'lost' in loaded.backend ? (loaded.backend.lost as string | null) : null;
  return lost === null ? loaded : { reason: lost, lost: true };
}

const warned = new Set<string>();
function warnOnce(reason: string, what = 'The plan'): void {
  if (warned.has(reason)) return;
  warned.add(reason);
  process.emitWarning(`${what} runs on the CPU. ${reason}`, { code: 'WARPFRAME_GPU_FALLBACK' });
}

/** Scans that a backend does not read itself: the CPU decodes them for it. */
export function foreignScans(plan: PlanNode, backend: Backend): ScanNode[] {
  const scans: ScanNode[] = [];
  if (backend.name === 'cpu') return scans;
  walkPlan(plan, (node) => {
    if (node.node === 'scan' && backend.whyNot(node) !== null) scans.push(node);
  });
  return scans;
}

/** Why a backend cannot run a plan when tables and scans are brought to it; null: it can. */
export function whyNotMoved(plan: PlanNode, backend: Backend): string | null {
  const scans = new Set<PlanNode>(foreignScans(plan, backend));
  // Their rows will be a table.
  const moved = scans.size === 0 ? plan : transformPlan(plan, (n) => (scans.has(n) ? tableNode(0, 0, n.schema) : n));
  return backend.whyNot(moved);
}

/** The backend for a plan, which is optimised. */
export async function choosePlan(options: ChoiceOptions | undefined, plan: PlanNode): Promise<Choice> {
  const engine = options?.engine ?? engineSetting();
  if (engine === 'cpu') return { backend: await cpuBackend(), why: 'asked for' };
  if (engine === 'cuda') {
    const found = await load('cuda');
    const reason = 'reason' in found ? found.reason : whyNotMoved(plan, found.backend);
    if (reason === null && 'backend' in found) return { backend: found.backend, why: 'asked for' };
    return fallBack(options, reason ?? '', 'this plan', isLost(found));
  }
  if (engine !== 'auto') throw badEngine(engine);
  const small = tooSmall(plan);
  if (small !== null) return { backend: await cpuBackend(), why: `cuda: ${small}` };
  const found = await load('cuda');
  if (isLost(found)) warnOnce(found.reason);
  if ('reason' in found) return { backend: await cpuBackend(), why: `cuda: ${found.reason}` };
  // The host stand-in is for tests that name it.
  if (isHost(found.backend))
    return { backend: await cpuBackend(), why: 'cuda: the host libcudf runs only where it is asked for.' };
  const reason = whyNotMoved(plan, found.backend);
  if (reason === null) return { backend: found.backend, why: 'first choice' };
  warnOnce(reason);
  return { backend: await cpuBackend(), why: `cuda: ${reason}` };
}

const isLost = <T extends object>(
  found: T | { reason: string; lost: boolean },
): found is { reason: string; lost: true } => 'lost' in found && found.lost === true;

const isHost = (backend: Backend): boolean => 'isHost' in backend && backend.isHost === true;

/** What happens where the GPU was asked for and cannot run the work. */
export async function fallBack(
  options: ChoiceOptions | undefined,
  reason: string,
  what = 'this plan',
  lost = false,
): Promise<Choice> {
  const mode = options?.fallback ?? fallbackSetting();
  if (mode === 'error' && lost) throw new DeviceError('ERR_DEVICE', reason, { engine: 'cuda', lost });
  if (mode === 'error')
    throw new UnsupportedError(`No engine can run ${what} with engine 'cuda'. cuda: ${reason}`, {
      engine: 'cuda',
      reasons: [`cuda: ${reason}`],
    });
  const backend = await cpuBackend();
  if (mode === 'degraded') return { backend, why: `cuda: ${reason}`, degraded: [reason] };
  warnOnce(reason, what === 'this plan' ? 'The plan' : `${what[0]!.toUpperCase()}${what.slice(1)}`);
  return { backend, why: `cuda: ${reason}` };
}

/** Why `auto` does not even look for a GPU; null: the input is large, or lies on one. */
function tooSmall(plan: PlanNode): string | null {
  let onDevice = false;
  walkPlan(plan, (node) => {
    if (node.node === 'table' && residentHandle(node.tableId)?.backend === 'cuda') onDevice = true;
  });
  const bytes = sourceBytes(plan);
  const least = minimumBytesSetting();
  if (onDevice || bytes >= least) return null;
  return `its input of about ${bytesText(bytes)} is below gpuMinimumBytes, ${bytesText(least)}.`;
}

const LAID_OUT_ON_CPU = 'What it works on was laid out on the CPU.';

async function kernelFallBack(call: KernelCall, options: ChoiceOptions | undefined, reason: string): Promise<Choice> {
  const choice = await fallBack(options, reason, `kernel ${call.name}`);
  // A kernel's result has no place for a mark.
  if (choice.degraded) warnOnce(reason, `Kernel ${call.name}`);
  return choice;
}

/** The backend for one kernel. */
export async function chooseKernel(call: KernelCall, options: ChoiceOptions | undefined): Promise<Choice> {
  const state = call.inputs.find((h) => h.kind === 'state');
  const engine = options?.engine ?? engineSetting();
  if (engine === 'cuda' && state?.backend === 'cpu') return kernelFallBack(call, options, LAID_OUT_ON_CPU);
  const wanted: BackendName =
    state?.backend ?? (engine === 'auto' ? (call.inputs[0]?.backend ?? 'cpu') : (engine as BackendName));
  const found = await load(wanted);
  const reason = 'reason' in found ? found.reason : found.backend.whyNot(call);
  if (reason === null && 'backend' in found) return { backend: found.backend, why: 'asked for' };
  // What a state of a device lacks no other backend has.
  if (wanted !== 'cuda' || state?.backend === 'cuda')
    throw new UnsupportedError(`Kernel ${call.name} cannot run. ${wanted}: ${reason}`, { kernel: call.name });
  if (engine !== 'auto') return kernelFallBack(call, options, reason ?? '');
  // A GPU without this kernel: its tables are copied over.
  warnOnce(reason ?? '', `Kernel ${call.name}`);
  return { backend: await cpuBackend(), why: `cuda: ${reason}` };
}

/** Where host rows go that no plan reads yet. */
export async function chooseUpload(options: ChoiceOptions | undefined, bytes: number | null): Promise<Choice> {
  const engine = options?.engine ?? engineSetting();
  if (engine === 'cuda') {
    const found = await load('cuda');
    if ('backend' in found) return { backend: found.backend, why: 'asked for' };
    return fallBack(options, found.reason, 'this plan', found.lost);
  }
  if (engine !== 'auto' && engine !== 'cpu') throw badEngine(engine);
  if (engine === 'auto' && bytes !== null && bytes >= minimumBytesSetting()) {
    const found = await load('cuda');
    if ('backend' in found && !isHost(found.backend)) return { backend: found.backend, why: 'first choice' };
  }
  return { backend: await cpuBackend(), why: 'host rows' };
}
