// The only reader of process.env: one table of variables, checked at first use.
import os from 'node:os';
import path from 'node:path';
import { ParameterError } from './errors.ts';

/** Where plans run: `auto` takes the GPU where there is one and the plan is large enough. */
export type EngineChoice = 'auto' | 'cpu' | 'cuda';

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
const THREADS: Variable<number> = {
  name: 'WARPFRAME_THREADS',
  // One core stays with the event loop.
  fallback: Math.max(1, os.availableParallelism() - 1),
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
/** Threads a run may use when the call does not say. */
export const defaultThreads = (): number => read(THREADS);
/** The libxgboost to open when the call does not say: a path. */
export const xgboostLibraryPath = (): string | undefined => read(XGBOOST_LIBRARY);
/** The native addon to load instead of the ones that are looked for: a path. */
export const nativeAddonPath = (): string | undefined => read(NATIVE_ADDON);
/** The folder to take libcudf from instead of the ones that are looked for. */
export const rapidsDir = (): string | undefined => read(RAPIDS_DIR);

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
