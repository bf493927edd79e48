// Finds the native addon and libxgboost, and says why a candidate was passed over. Nothing is loaded before it is asked
// for, and nothing falls back in silence: what the caller names must work.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeAddonPath, xgboostLibraryPath } from '../env.ts';
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
  /** Path of its libxgboost. */
  readonly xgboostLibrary: string;
}

/** The optional package that holds the addon and libxgboost for this platform. */
export const platformPackage = (): string => `@warpframe/${process.platform}-${process.arch}-cpu`;

// A bundle as CommonJS has no import.meta.url; packages are then looked for from the working directory.
const here = (): string => import.meta.url ?? path.join(process.cwd(), 'bundle.cjs');
const localBuild = (file: string): string =>
  import.meta.url === undefined ? path.resolve(file) : path.resolve(fileURLToPath(import.meta.url), '../../..', file);
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Nothing is at a place where something may be. */
class Absent extends Error {}

function fromPlatformPackage(require: NodeJS.Require): PlatformPackage {
  const name = platformPackage();
  try {
    return require(name) as PlatformPackage;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Absent(`the package is not installed (npm install ${name})`);
  }
}

/** Takes the first candidate that works. */
function first<T>(candidates: readonly (readonly [name: string, take: () => T])[]): Found<T> {
  const rejected: Rejected[] = [];
  for (const [candidate, take] of candidates)
    try {
      return { found: take(), rejected };
    } catch (error) {
      rejected.push({ candidate, reason: reasonOf(error), absent: error instanceof Absent });
    }
  return { found: undefined, rejected };
}

/** A file that must be there; with `fix`, that it is not is no fault. */
function existing(file: string, fix = ''): string {
  const full = path.resolve(file);
  if (!fs.existsSync(full)) throw new (fix === '' ? Error : Absent)(`${full} does not exist${fix}`);
  return full;
}

let loaded: LoadedAddon | undefined;

/**
 * Loads the native addon: what `WARPFRAME_NATIVE_ADDON` names, else a build in this folder, else the platform package.
 * The one that loaded is kept for the life of the thread; a failure is tried again at the next call.
 */
export function loadAddon(): Found<LoadedAddon> {
  if (loaded) return { found: loaded, rejected: [] };
  const require = createRequire(here());
  const load = (candidate: string, file: string): LoadedAddon => {
    const addon = require(file) as NativeAddon;
    const { boundary } = addon.version();
    if (boundary !== BOUNDARY)
      throw new Error(
        `its boundary version is ${boundary}; this warpframe needs ${BOUNDARY}: install matching versions`,
      );
    return { addon, candidate, path: file };
  };
  const named = nativeAddonPath();
  const result = first<LoadedAddon>(
    named !== undefined
      ? [['WARPFRAME_NATIVE_ADDON', () => load('WARPFRAME_NATIVE_ADDON', existing(named))]]
      : [
          [
            'local build',
            () =>
              load('local build', existing(localBuild('out/native/none/warpframe.node'), ' (npm run build:native)')),
          ],
          [platformPackage(), () => load(platformPackage(), fromPlatformPackage(require).addon())],
        ],
  );
  loaded = result.found;
  return result;
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
    [name, () => ({ candidate: name, path: existing(fromPlatformPackage(createRequire(here())).xgboostLibrary) })],
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
