// The only reader of process.env: one table of variables, checked at first use.
import os from 'node:os';
import path from 'node:path';
import { ParameterError } from './errors.ts';

/** Where plans run: `auto` takes the GPU where there is one and the plan is large enough. */
export type EngineChoice = 'auto' | 'cpu' | 'cuda';

/** Which build of the GPU's addon to take; without a choice the best of the real ones. */
export type GpuVariantChoice = 'cuda13' | 'cuda12' | 'sim';

/**
 * What to do where `engine: 'cuda'` is asked for and cannot run: throw; run on the CPU and warn; or run on the CPU,
 * leave out what only makes sense on a GPU, and mark the result as degraded.
 */
export type GpuFallback = 'error' | 'cpu' | 'degraded';

/** Most threads a run may use. */
export const MAX_THREADS = 64;

interface Variable<T> {
  readonly name: string;
  readonly fallback: T;
  readonly parse: (text: string) => T | undefined;
  readonly expected: string;
}

const ENGINE: Variable<EngineChoice> = {
  name: 'WARPFRAME_ENGINE',
  fallback: 'auto',
  parse: (t) => (t === 'auto' || t === 'cpu' || t === 'cuda' ? t : undefined),
  expected: 'auto, cpu or cuda',
};
const MEMORY_LIMIT_BYTES: Variable<number> = {
  name: 'WARPFRAME_MEMORY_LIMIT_BYTES',
  // The whole 32-bit heap.
  fallback: 4 * 1024 ** 3,
  parse: (t) => (/^\d+$/.test(t) && Number(t) > 0 ? Number(t) : undefined),
  expected: 'a positive number of bytes',
};
const SPILL_FOLDER: Variable<string> = {
  name: 'WARPFRAME_SPILL_FOLDER',
  fallback: os.tmpdir(),
  parse: (t) => t,
  expected: 'the path of a folder',
};
const THREADS: Variable<number> = {
  name: 'WARPFRAME_THREADS',
  // All cores: the event loop needs one only now and then, and the system shares them out.
  fallback: Math.max(1, os.availableParallelism()),
  parse: (t) => (/^\d+$/.test(t) && Number(t) >= 1 && Number(t) <= MAX_THREADS ? Number(t) : undefined),
  expected: `a whole number from 1 to ${MAX_THREADS}`,
};
const XGBOOST_LIBRARY: Variable<string | undefined> = {
  name: 'WARPFRAME_XGBOOST_LIBRARY',
  fallback: undefined,
  parse: (t) => t,
  expected: 'the path of a libxgboost',
};
const NATIVE_ADDON: Variable<string | undefined> = {
  name: 'WARPFRAME_NATIVE_ADDON',
  fallback: undefined,
  parse: (t) => t,
  expected: 'the path of a .node file',
};
const wholeNumber = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);
const GPU_VARIANT: Variable<GpuVariantChoice | undefined> = {
  name: 'WARPFRAME_GPU_VARIANT',
  fallback: undefined,
  parse: (t) => (t === 'sim' || t === 'cuda12' || t === 'cuda13' ? t : undefined),
  expected: "cuda13, cuda12, or sim (libcudf's stand-in on the host, for tests)",
};
const GPU_DEVICE: Variable<number> = {
  name: 'WARPFRAME_GPU_DEVICE',
  fallback: 0,
  parse: wholeNumber,
  expected: 'the number of a GPU, from 0',
};
const GPU_MEMORY_LIMIT_BYTES: Variable<number | undefined> = {
  name: 'WARPFRAME_GPU_MEMORY_LIMIT_BYTES',
  fallback: undefined,
  parse: (t) => wholeNumber(t) || undefined,
  expected: 'a positive number of bytes',
};
const GPU_MINIMUM_BYTES: Variable<number> = {
  name: 'WARPFRAME_GPU_MINIMUM_BYTES',
  // A guess until measured on hardware: below it, launches and copies outweigh the work.
  fallback: 64 * 2 ** 20,
  parse: wholeNumber,
  expected: 'a number of bytes',
};
const GPU_FALLBACK: Variable<GpuFallback> = {
  name: 'WARPFRAME_GPU_FALLBACK',
  fallback: 'error',
  parse: (t) => (t === 'error' || t === 'cpu' || t === 'degraded' ? t : undefined),
  expected: 'error, cpu or degraded',
};
const RAPIDS_DIR: Variable<string | undefined> = {
  name: 'WARPFRAME_RAPIDS_DIR',
  fallback: undefined,
  parse: (t) => t,
  expected: 'a folder that holds libcudf: a site-packages folder or a conda environment',
};

function read<T>(v: Variable<T>): T {
  const text = process.env[v.name];
  if (text === undefined || text === '') return v.fallback;
  const value = v.parse(text);
  if (value === undefined)
    throw new ParameterError(`The environment variable ${v.name} must be ${v.expected}. Got "${text}".`, {
      variable: v.name,
    });
  return value;
}

/** The engine to use when the call does not say. */
export const defaultEngine = (): EngineChoice => read(ENGINE);
/** Bytes the engine may hold when the call does not say. */
export const defaultMemoryLimitBytes = (): number => read(MEMORY_LIMIT_BYTES);
/** Where rows that do not fit into memory are put when the call does not say. */
export const defaultSpillFolder = (): string => read(SPILL_FOLDER);
/** Threads a run may use when the call does not say. */
export const defaultThreads = (): number => read(THREADS);
/** The libxgboost to open when the call does not say: a path. */
export const xgboostLibraryPath = (): string | undefined => read(XGBOOST_LIBRARY);
/** The native addon to load instead of the ones that are looked for: a path. */
export const nativeAddonPath = (): string | undefined => read(NATIVE_ADDON);
/** The folder to take libcudf from instead of the ones that are looked for. */
export const rapidsDir = (): string | undefined => read(RAPIDS_DIR);

/** The build of the GPU's addon to take, and no other. */
export const gpuVariant = (): GpuVariantChoice | undefined => read(GPU_VARIANT);
/** The GPU to use when the code does not say. */
export const gpuDeviceId = (): number => read(GPU_DEVICE);
/** Most bytes to hold on the GPU when the code does not say; undefined: nine tenths of what is free. */
export const gpuMemoryLimitBytes = (): number | undefined => read(GPU_MEMORY_LIMIT_BYTES);
/** Estimated input below which `auto` leaves a plan to the CPU. */
export const gpuMinimumBytes = (): number => read(GPU_MINIMUM_BYTES);
/** What to do where the GPU is asked for and cannot run. */
export const gpuFallback = (): GpuFallback => read(GPU_FALLBACK);

const outside = (name: string): string | undefined => process.env[name] || undefined;
/** The activated conda environment. */
export const condaPrefix = (): string | undefined => outside('CONDA_PREFIX');
/** The activated virtual environment of Python. */
export const virtualEnv = (): string | undefined => outside('VIRTUAL_ENV');
/** The GPUs that CUDA lets this process see; undefined where all of them. */
export const visibleDevices = (): string | undefined => process.env.CUDA_VISIBLE_DEVICES;
/** Where this user's fetched files are kept. */
export const cacheFolder = (): string =>
  path.join(outside('XDG_CACHE_HOME') ?? path.join(os.homedir(), '.cache'), 'warpframe');
