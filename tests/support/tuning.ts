// The sizes from which on threads share work, for tests that share small frames.
import type { CpuBackend } from '../../ts/backend/cpu/cpu-backend.ts';
import type { Tuning } from '../../ts/backend/cpu/tuning.ts';
import { loadBackend } from '../../ts/backend/registry.ts';

/** The process's CPU backend. */
export async function cpuBackend(): Promise<CpuBackend> {
  const loaded = await loadBackend('cpu', { bytesOf: () => new Uint8Array(), fetchRange: async () => {} });
  if (!('backend' in loaded)) throw new Error('the CPU backend is always there');
  return loaded.backend as CpuBackend;
}

export async function tuneEngine(tuning: Tuning): Promise<void> {
  (await cpuBackend()).engine.tuning = tuning;
}
