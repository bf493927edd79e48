// What `configure()` sets for the process: below the options of a call, above the environment.
import { configureCuda } from '../backend/registry.ts';
import {
  defaultEngine,
  defaultSpillFolder,
  type EngineChoice,
  type GpuFallback,
  gpuFallback,
  gpuMinimumBytes,
} from '../env.ts';
import { ParameterError } from '../errors.ts';

/** Options of `configure`. What is left out stays as it is. */
export interface Settings {
  /** Where plans run when a call does not say. */
  readonly engine?: EngineChoice;
  /**
   * What to do where `engine: 'cuda'` is asked for and cannot run: 'error' throws (default); 'cpu' runs on the CPU and
   * warns; 'degraded' runs on the CPU, leaves out what only makes sense on a GPU, and marks the result.
   */
  readonly fallback?: GpuFallback;
  /** Bytes of estimated input below which `engine: 'auto'` stays on the CPU. Default 64 MiB. */
  readonly gpuMinimumBytes?: number;
  /**
   * The folder in which a query makes one of its own for rows that do not fit into memory, on the CPU; default
   * `WARPFRAME_SPILL_FOLDER` or the system's folder for temporary files.
   */
  readonly spillFolder?: string;
  /** The GPU to use, by its number from 0. Before the GPU's first use only. */
  readonly deviceId?: number;
  /** Most bytes that tables and queries may hold on the GPU. Default: nine tenths of what is free at its first use. */
  readonly memoryLimitBytes?: number;
}

let current: Settings = {};

const wholeNumber = (name: string, value: number | undefined, least: number): void => {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
    throw new ParameterError(`The '${name}' option must be a whole number from ${least} on. Got ${String(value)}.`, {
      parameter: name,
    });
};

/**
 * Sets where plans run and what the GPU may use, for this process.
 *
 * @throws {ERR_PARAMETER} a value outside its range; `deviceId` after the GPU was first used
 * @example
 * ```ts
 * await configure({ engine: 'cpu' });
 * const df = fromColumns({ price: [10, 20] });
 * await df.collect();
 * console.log(df.explain().includes('ran on cpu'));
 * // true
 * ```
 */
export async function configure(settings: Settings): Promise<void> {
  const { engine, fallback, deviceId, memoryLimitBytes } = settings;
  if (engine !== undefined && engine !== 'auto' && engine !== 'cpu' && engine !== 'cuda') throw badEngine(engine);
  if (fallback !== undefined && fallback !== 'error' && fallback !== 'cpu' && fallback !== 'degraded')
    throw new ParameterError(
      `The 'fallback' option must be 'error', 'cpu' or 'degraded'. Got ${JSON.stringify(fallback)}.`,
    );
  checkSpillFolder(settings.spillFolder);
  wholeNumber('gpuMinimumBytes', settings.gpuMinimumBytes, 0);
  wholeNumber('deviceId', deviceId, 0);
  wholeNumber('memoryLimitBytes', memoryLimitBytes, 1);
  if (deviceId !== undefined || memoryLimitBytes !== undefined)
    await configureCuda({
      ...(deviceId === undefined ? {} : { deviceId }),
      ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    });
  current = { ...current, ...settings };
}

/** Throws for a folder that cannot be one. */
export function checkSpillFolder(folder: string | undefined): void {
  if (folder !== undefined && (typeof folder !== 'string' || folder === ''))
    throw new ParameterError(`The 'spillFolder' option must be the path of a folder. Got ${JSON.stringify(folder)}.`, {
      parameter: 'spillFolder',
    });
}

/** The error for an engine that there is not. */
export const badEngine = (engine: unknown): ParameterError =>
  new ParameterError(`The 'engine' option must be 'auto', 'cpu' or 'cuda'. Got ${JSON.stringify(engine)}.`);

export const engineSetting = (): EngineChoice => current.engine ?? defaultEngine();
export const fallbackSetting = (): GpuFallback => current.fallback ?? gpuFallback();
export const minimumBytesSetting = (): number => current.gpuMinimumBytes ?? gpuMinimumBytes();
export const spillFolderSetting = (): string => current.spillFolder ?? defaultSpillFolder();
