// The backends there are: one row each. A row loads its backend at first use, or says why it cannot.
import { gpuDeviceId } from '../env.ts';
import { ParameterError } from '../errors.ts';
import type { Backend, BackendName } from './backend.ts';
import type { CpuHost } from './cpu/cpu-backend.ts';

/** A backend that cannot run here, with the reason. */
export interface Unavailable {
  readonly name: BackendName;
  readonly reason: string;
}
export type Loaded = { readonly backend: Backend } | { readonly unavailable: Unavailable };

const LOADERS: Record<BackendName, (host: CpuHost) => Promise<Loaded>> = {
  async cpu(host) {
    const { openCpu } = await import('./cpu/open-cpu.ts');
    return { backend: openCpu(host) };
  },
  async cuda() {
    const { openCuda } = await import('./cuda/open-cuda.ts');
    const opened = await openCuda(cudaSettings);
    return 'backend' in opened ? opened : { unavailable: { name: 'cuda', reason: `${opened.reason}.` } };
  },
  async spark() {
    return { unavailable: { name: 'spark', reason: 'This version of warpframe has no Spark backend.' } };
  },
};

let cudaSettings: { readonly deviceId?: number; readonly memoryLimitBytes?: number } = {};

/** Limits of the GPU: for when it is opened, or at once where it is open. */
export async function configureCuda(settings: { deviceId?: number; memoryLimitBytes?: number }): Promise<void> {
  const open = loaded.get('cuda');
  const found = open ? await open : undefined;
  if (found && 'backend' in found) {
    if (settings.deviceId !== undefined && settings.deviceId !== (cudaSettings.deviceId ?? gpuDeviceId()))
      throw new ParameterError(
        `The 'deviceId' option must be set before the GPU is first used. Got ${settings.deviceId}; this process uses another.`,
      );
    const { memoryLimitBytes } = settings;
    if (memoryLimitBytes !== undefined)
      await (found.backend as unknown as { configure(o: object): Promise<void> }).configure({ memoryLimitBytes });
  } else loaded.delete('cuda');
  cudaSettings = { ...cudaSettings, ...settings };
}

const loaded = new Map<BackendName, Promise<Loaded>>();

/** Loads a backend once per process. */
export function loadBackend(name: BackendName, host: CpuHost): Promise<Loaded> {
  let found = loaded.get(name);
  if (!found) {
    found = LOADERS[name](host);
    loaded.set(name, found);
  }
  return found;
}
