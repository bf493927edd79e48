// The engines of a verification, opened at first use.
import type { Backend, RunContext } from '../backend/backend.ts';
import type { CudaBackend } from '../backend/cuda/cuda-backend.ts';
import { loadBackend } from '../backend/registry.ts';
import { cpuHost } from '../runner/cpu-host.ts';

/** A run without limits. */
export const RUN: RunContext = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 1, threads: 1 };

/** The GPU's backend, or why there is none. */
export async function openedCuda(): Promise<{ readonly cuda: CudaBackend } | { readonly reason: string }> {
  const loaded = await loadBackend('cuda', cpuHost);
  return 'backend' in loaded
    ? { cuda: loaded.backend as CudaBackend }
    : { reason: loaded.unavailable.reason.replace(/\.+$/, '') };
}

export async function openedCpu(): Promise<Backend> {
  const loaded = await loadBackend('cpu', cpuHost);
  if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
  return loaded.backend;
}
