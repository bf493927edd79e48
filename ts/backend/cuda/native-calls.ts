// Calls of the addon that run on a device's thread: cancelled by a signal, with errors of ours.
import { WarpError } from '../../errors.ts';
import { type NativeAddon, nativeError } from '../../native/addon.ts';
import type { Progress, RunContext } from '../backend.ts';

/** The engine of one device, by the addon's number. */
export interface NativeEngine {
  readonly addon: NativeAddon;
  readonly engine: number;
  /** `GPU 0`, or what stands in for one. */
  readonly device: string;
  /** Set once the device is lost: the sentence that every later call is told. */
  lost?: string;
}

/** Runs an operation of the addon under a run's signal, limit and progress. */
export async function callNative<T>(
  native: NativeEngine,
  operation: string,
  params: object,
  run: RunContext,
): Promise<T> {
  const { addon } = native;
  const { signal } = run;
  signal?.throwIfAborted();
  const callSite = run.callSite ?? new Error();
  try {
    const promise = addon.invoke(operation, { ...params, run: runParams(run) });
    const cancel = (): void => {
      if (promise.run !== undefined) addon.cancel(promise.run);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      // The addon's answers are described in native/addon/engine_operations.hh.
      return (await promise) as T;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  } catch (error) {
    signal?.throwIfAborted();
    const ours = nativeError(error, operation, callSite);
    if (ours instanceof WarpError && ours.detail['lost'] === true) native.lost = ours.message;
    throw ours;
  }
}

function runParams(run: RunContext): object {
  const { memoryLimitBytes, onProgress, seed } = run;
  return {
    seed: seed & 0x7fffffff,
    ...(Number.isFinite(memoryLimitBytes) ? { memoryLimitBytes } : {}),
    ...(onProgress ? { onProgress: (doneRows: number) => tell(onProgress, { phase: 'run', doneRows }) } : {}),
  };
}

function tell(onProgress: (progress: Progress) => void, progress: Progress): void {
  try {
    onProgress(progress);
  } catch (error) {
    process.emitWarning(`onProgress threw: ${String(error)}`, { code: 'WARPFRAME_PROGRESS' });
  }
}
