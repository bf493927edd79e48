// Finds the native addon and libxgboost, and says why a candidate was passed over. Nothing is loaded before it is asked
// for, and nothing falls back in silence: what the caller names must work.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gpuVariant, nativeAddonPath, xgboostLibraryPath } from '../env.ts';
import { MissingDependencyError } from '../errors.ts';
import { BOUNDARY, type NativeAddon } from './addon.ts';

/** A place that was tried, and why it was passed over. */
export interface Rejected {
  /** A path, a package, or the environment variable that named it. */
  readonly candidate: string;
  /** Why it was passed over. */
  readonly reason: string;
  /** Nothing is there; otherwise something is there, or was named, and does not work. */
  readonly absent: boolean;
}
/** What was found, if anything. */
export interface Found<T> {
  readonly found: T | undefined;
  readonly rejected: readonly Rejected[];
}
/** The addon and where it came from. */
export interface LoadedAddon {
  readonly addon: NativeAddon;
  readonly candidate: string;
  readonly path: string;
}
/** A libxgboost on disk. */
export interface LibraryFile {
  readonly candidate: string;
  readonly path: string;
}

/** What a platform package exports. */
interface PlatformPackage {
  /** Path of its .node file. */
  addon(): string;
  /** Path of its libxgboost; in the package without CUDA. */
  readonly xgboostLibrary?: string;
  /** Path of its libwarpframe_cudf.so; in the packages of CUDA. */
  readonly engineLibrary?: string;
}

/** A build of the addon for GPUs: a CUDA version. */
export type GpuVariant = 'cuda13' | 'cuda12';
/** Best first. */
export const GPU_VARIANTS: readonly GpuVariant[] = ['cuda13', 'cuda12'];

/** The optional package that holds a build of the addon for this platform; `cpu` has libxgboost as well. */
export const platformPackage = (variant: 'cpu' | GpuVariant = 'cpu'): string =>
  `@warpframe/${process.platform}-${process.arch}-${variant}`;

const ENGINE_LIBRARY = 'libwarpframe_cudf.so';

// A bundle as CommonJS has no import.meta.url; packages are then looked for from the working directory.
const here = (): string => import.meta.url ?? path.join(process.cwd(), 'bundle.cjs');
const localBuild = (file: string): string =>
  import.meta.url === undefined ? path.resolve(file) : path.resolve(fileURLToPath(import.meta.url), '../../..', file);
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Nothing is at a place where something may be. */
class Absent extends Error {}

function fromPlatformPackage(require: NodeJS.Require, name: string): PlatformPackage {
  try {
    return require(name) as PlatformPackage;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Absent(`the package is not installed (npm install ${name})`);
  }
}

type Candidate<T> = readonly [name: string, take: () => T];
const rejection = (candidate: string, error: unknown): Rejected => ({
  candidate,
  reason: reasonOf(error),
  absent: error instanceof Absent,
});

/** Takes the first candidate that works. */
function first<T>(candidates: readonly Candidate<T>[]): Found<T> {
  const rejected: Rejected[] = [];
  for (const [candidate, take] of candidates)
    try {
      return { found: take(), rejected };
    } catch (error) {
      rejected.push(rejection(candidate, error));
    }
  return { found: undefined, rejected };
}

/** A file that must be there; with `fix`, that it is not is no fault. */
function existing(file: string, fix = ''): string {
  const full = path.resolve(file);
  if (!fs.existsSync(full)) throw new (fix === '' ? Error : Absent)(`${full} does not exist${fix}`);
  return full;
}

function load(candidate: string, file: string): LoadedAddon {
  const addon = createRequire(here())(file) as NativeAddon;
  const { boundary } = addon.version();
  if (boundary !== BOUNDARY)
    throw new Error(`its boundary version is ${boundary}; this warpframe needs ${BOUNDARY}: install matching versions`);
  return { addon, candidate, path: file };
}

const fromLocalBuild = (variant: string, candidate: string): Candidate<LoadedAddon> => [
  candidate,
  () => load(candidate, existing(localBuild(`out/native/${variant}/warpframe.node`), ' (npm run build:native)')),
];
const fromPackage = (name: string): Candidate<LoadedAddon> => [
  name,
  () => load(name, fromPlatformPackage(createRequire(here()), name).addon()),
];
function fromEnvironment(): Candidate<LoadedAddon> | undefined {
  const named = nativeAddonPath();
  return named === undefined
    ? undefined
    : ['WARPFRAME_NATIVE_ADDON', () => load('WARPFRAME_NATIVE_ADDON', existing(named))];
}

let loaded: LoadedAddon | undefined;

/**
 * Loads the native addon for work on the CPU: what `WARPFRAME_NATIVE_ADDON` names, else a build in this folder, else the
 * platform package, else a package of CUDA, whose addon can do the same. The one that loaded is kept for the life of the
 * thread; a failure is tried again at the next call.
 */
export function loadAddon(): Found<LoadedAddon> {
  if (loaded) return { found: loaded, rejected: [] };
  const named = fromEnvironment();
  const result = named
    ? first([named])
    : first([fromLocalBuild('none', 'local build'), fromPackage(platformPackage()), ...installed(GPU_VARIANTS)]);
  loaded = result.found;
  return result;
}

/** The packages of CUDA that are there: those that are not need no mention where work on the CPU is asked for. */
function installed(variants: readonly GpuVariant[]): Candidate<LoadedAddon>[] {
  const require = createRequire(here());
  return variants
    .map((variant) => platformPackage(variant))
    .filter((name) => {
      try {
        return require.resolve(name) !== '';
      } catch {
        return false;
      }
    })
    .map(fromPackage);
}

/** A build of the addon for GPUs that loaded, with the engine library that belongs to it. */
export interface GpuAddon extends LoadedAddon {
  /** `cuda13`, `cuda12`, or `sim`: the host libcudf of tests. */
  readonly variant: string;
  readonly engineLibrary: string;
}

/**
 * Loads the builds of the addon for GPUs, best first: what `WARPFRAME_NATIVE_ADDON` names, else builds in this folder
 * and the packages of CUDA. Each loads on every machine, so the caller asks them about devices and takes one.
 */
export function* gpuAddons(): Generator<GpuAddon | Rejected> {
  const named = fromEnvironment();
  const variant = gpuVariant();
  const wanted: readonly GpuVariant[] = GPU_VARIANTS.filter((v) => variant === undefined || v === variant);
  const candidates = named
    ? [named]
    : variant === 'sim'
      ? [fromLocalBuild('sim', 'WARPFRAME_GPU_VARIANT=sim')]
      : [
          ...wanted.map((v) => fromLocalBuild(v, `local build (${v})`)),
          ...wanted.map((v) => fromPackage(platformPackage(v))),
        ];
  for (const [candidate, take] of candidates)
    try {
      const { addon, path: file } = take();
      const built = addon.version().variant;
      if (built === 'none') throw new Error(`${file} is built without CUDA`);
      if (built === 'sim' && variant !== 'sim')
        throw new Error(`${file} is for tests, not for a GPU: only WARPFRAME_GPU_VARIANT=sim takes it`);
      yield { addon, candidate, path: file, variant: built, engineLibrary: engineBeside(candidate, file) };
    } catch (error) {
      yield rejection(candidate, error);
    }
}

/** That it is missing is said after the devices: an addon without one still knows them. */
function engineBeside(candidate: string, file: string): string {
  if (!candidate.startsWith('@')) return path.join(path.dirname(file), ENGINE_LIBRARY);
  const { engineLibrary } = fromPlatformPackage(createRequire(here()), candidate);
  if (engineLibrary === undefined) throw new Error(`${candidate} names no engine library: install matching versions`);
  return engineLibrary;
}

/**
 * Finds libxgboost: the given path, else what `WARPFRAME_XGBOOST_LIBRARY` names, else the one fetched beside a local
 * build, else the platform package's. Python's packages are not searched. The file is not opened here.
 */
export function findXgboostLibrary(given?: string): Found<LibraryFile> {
  const take = (candidate: string, file: string, fix = ''): [string, () => LibraryFile] => [
    candidate,
    () => ({ candidate, path: existing(file, fix) }),
  ];
  if (given !== undefined) return first([take('the given path', given)]);
  const named = xgboostLibraryPath();
  if (named !== undefined) return first([take('WARPFRAME_XGBOOST_LIBRARY', named)]);
  const name = platformPackage();
  return first([
    take('local build', localBuild('out/native/xgboost/xgboost/lib/libxgboost.so'), ' (npm run build:native)'),
    [
      name,
      () => {
        const { xgboostLibrary } = fromPlatformPackage(createRequire(here()), name);
        if (xgboostLibrary === undefined) throw new Error(`${name} names no libxgboost: install matching versions`);
        return { candidate: name, path: existing(xgboostLibrary) };
      },
    ],
  ]);
}

/** The error for something native that is not here: every candidate, why it was passed over, and how to mend it. */
export function missingNative(what: string, rejected: readonly Rejected[]): MissingDependencyError {
  const tried = rejected.map((r) => `${r.candidate}: ${r.reason}`).join('; ');
  const detail = { packageName: platformPackage(), rejected };
  return new MissingDependencyError(
    `${what} is not available here. Tried ${tried}. Install ${detail.packageName}, or set WARPFRAME_XGBOOST_LIBRARY and WARPFRAME_NATIVE_ADDON to files that fit this platform.`,
    detail,
  );
}
