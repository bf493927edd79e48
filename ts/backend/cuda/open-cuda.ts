// Opens the GPU's backend, or says why there is none.
import { gpuDeviceId, gpuMemoryLimitBytes } from '../../env.ts';
import { invoke } from '../../native/addon.ts';
import { openGpu } from '../../native/gpu.ts';
import type { Backend } from '../backend.ts';
import { CudaBackend } from './cuda-backend.ts';

/** Limits of the device, given by `configure()`; what is left out comes from the environment. */
export interface CudaSettings {
  readonly deviceId?: number;
  readonly memoryLimitBytes?: number;
}

/** Looks for a GPU and a libcudf, and opens the device: up to some seconds the first time, off the calling thread. */
export async function openCuda(
  settings: CudaSettings = {},
): Promise<{ readonly backend: Backend } | { readonly reason: string }> {
  const gpu = await openGpu();
  if (!('engine' in gpu)) return { reason: gpu.reason };
  const deviceId = settings.deviceId ?? gpuDeviceId();
  const memoryLimitBytes = settings.memoryLimitBytes ?? gpuMemoryLimitBytes();
  const options = { deviceId, ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }) };
  const { addon, library, needed } = gpu.engine;
  const params = { libraries: needed, path: library, deviceId, options: JSON.stringify(options) };
  try {
    const opened = await invoke<{ readonly engine: number; readonly description: string }>(
      addon,
      'engine.open',
      params,
    );
    return { backend: new CudaBackend(gpu.engine, opened, deviceId) };
  } catch (error) {
    return { reason: `the GPU's engine did not start: ${(error as Error).message}` };
  }
}
