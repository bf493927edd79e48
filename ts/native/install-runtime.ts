// Fetches libcudf and what it needs as pinned wheels into this user's cache, and keeps only the libraries, in the layout
// of the wheels: they find each other by it. Afterwards Python is not needed.
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../env.ts';
import { DeviceError, IoError, ParameterError, UnsupportedError } from '../errors.ts';
import { type DeviceStatus, deviceStatus } from './device-status.ts';
import { gpuAddons, platformPackage } from './load.ts';
import { fetchWheel, type PinnedWheel, pythonWithPip } from './pip.ts';
import {
  CUDA_MAJORS,
  type CudaMajor,
  RUNTIME_PLATFORM,
  RUNTIME_VERSION,
  RUNTIME_WHEELS,
  runtimeIn,
} from './runtime-files.ts';
import { installedRuntime } from './runtime-search.ts';
import { unpackEntry, type WheelEntry, wheelEntries } from './wheel.ts';

/** What would be fetched. */
export interface RuntimePlan {
  readonly cuda: CudaMajor;
  readonly version: string;
  /** Where the libraries go. */
  readonly folder: string;
  readonly wheels: readonly PinnedWheel[];
  readonly downloadBytes: number;
  /** On disk, about. */
  readonly unpackedBytes: number;
  /** Why this CUDA version. */
  readonly why: string;
  /** The same libcudf is there already. */
  readonly installed: boolean;
}

/** What is being done. */
export interface RuntimeProgress {
  readonly step: number;
  readonly steps: number;
  readonly what: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Libraries, but for those of other variants, and what says which version it is. */
const isKept = ({ name }: WheelEntry): boolean =>
  !name.endsWith('/') &&
  (name === 'libcudf/VERSION' ||
    /\.dist-info\/(licenses\/.*|LICENSE[^/]*|License[^/]*)$/.test(name) ||
    (/\.so(\.[0-9.]+)*$/.test(name) && !name.includes('.alt.so') && !name.includes('cufile')));

/** CUDA's 13.0 of a driver to the libcudf that it runs. */
export function cudaForDriver(driver: string): CudaMajor {
  const major = Number(driver.split('.')[0]);
  const fit = CUDA_MAJORS.find((m) => m <= major);
  if (fit === undefined)
    throw new DeviceError(
      'ERR_DEVICE',
      `The NVIDIA driver supports CUDA ${driver}; libcudf ${RUNTIME_VERSION} needs CUDA 12 or later. Update the driver (580 for CUDA 13, 525 for CUDA 12).`,
      { driver },
    );
  return fit;
}

async function anyStatus(): Promise<DeviceStatus | undefined> {
  for (const found of gpuAddons()) if ('addon' in found) return deviceStatus(found.addon);
  return undefined;
}

/**
 * Decides what to fetch: for the driver of this machine, or for the CUDA version that is given.
 * @throws {ERR_UNSUPPORTED} on a platform that there is no libcudf for
 * @throws {ERR_DEVICE} where there is no driver, or one that is too old
 */
export async function planRuntime(cuda?: number): Promise<RuntimePlan> {
  const here = `${process.platform}-${process.arch}`;
  if (here !== RUNTIME_PLATFORM)
    throw new UnsupportedError(`The pinned libcudf is for ${RUNTIME_PLATFORM}; this is ${here}.`, { platform: here });
  const [major, why] = cuda === undefined ? await choose() : [checked(cuda), 'asked for'];
  const set = RUNTIME_WHEELS[major];
  const folder = installedRuntime(major);
  return {
    cuda: major,
    version: RUNTIME_VERSION,
    folder,
    wheels: set.wheels,
    downloadBytes: set.wheels.reduce((sum, w) => sum + w.bytes, 0),
    unpackedBytes: set.unpackedBytes,
    why,
    installed: isWhole(folder, major),
  };
}

function checked(cuda: number): CudaMajor {
  const found = CUDA_MAJORS.find((m) => m === cuda);
  if (found === undefined)
    throw new ParameterError(`The CUDA version must be ${CUDA_MAJORS.join(' or ')}. Got ${cuda}.`, { cuda });
  return found;
}

async function choose(): Promise<readonly [CudaMajor, string]> {
  const status = await anyStatus();
  if (status === undefined)
    throw new DeviceError(
      'ERR_DEVICE',
      `The driver cannot be asked which CUDA it supports: no addon with CUDA is installed. Install ${platformPackage('cuda13')} first, or name the version: --cuda 13.`,
    );
  if (status.driver === null)
    throw new DeviceError(
      'ERR_DEVICE',
      `There is nothing to run libcudf on: ${status.reason}. To fetch it all the same, name the version: --cuda 13.`,
      {
        reason: status.reason,
      },
    );
  return [cudaForDriver(status.driver), `the driver supports CUDA ${status.driver}`];
}

function isWhole(folder: string, cuda: CudaMajor): boolean {
  try {
    return runtimeIn(folder, cuda).version !== '';
  } catch {
    return false;
  }
}

function checkDisk(folder: string, bytes: number): void {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize < bytes)
    throw new IoError(
      'ERR_IO',
      `libcudf needs ${Math.ceil(bytes / 1e6)} MB in ${folder}, which has ${Math.floor((bavail * bsize) / 1e6)} MB. Free some, or set XDG_CACHE_HOME to a folder elsewhere.`,
      { folder, neededBytes: bytes, freeBytes: bavail * bsize },
    );
}

/**
 * Fetches and unpacks. What was fetched before a failure is kept for the next try; the libraries appear in their place
 * when all of them are there.
 * @returns the folder
 * @throws {ERR_MISSING_DEPENDENCY} without pip
 * @throws {ERR_IO} where pip fails, or the disk is too small
 */
export async function installRuntime(
  plan: RuntimePlan,
  onProgress: (progress: RuntimeProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<string> {
  const python = await pythonWithPip();
  const downloads = path.join(cacheFolder(), 'runtime/downloads');
  fs.mkdirSync(downloads, { recursive: true });
  checkDisk(downloads, plan.downloadBytes + plan.unpackedBytes);
  const steps = plan.wheels.length + 1;
  let doneBytes = 0;
  const tell = (step: number, what: string, more = 0): void =>
    onProgress({ step, steps, what, doneBytes: doneBytes + more, totalBytes: plan.downloadBytes });
  const files: string[] = [];
  for (const [i, wheel] of plan.wheels.entries()) {
    const what = wheel.requirement.replace('==', ' ');
    tell(i + 1, what);
    const onBytes = (bytes: number): void => tell(i + 1, what, Math.min(bytes, wheel.bytes));
    files.push(await fetchWheel(python, wheel, downloads, { onBytes, ...(signal ? { signal } : {}) }));
    doneBytes += wheel.bytes;
  }
  tell(steps, 'unpacking');
  const unpacking = `${plan.folder}.${process.pid}.new`;
  fs.rmSync(unpacking, { recursive: true, force: true });
  try {
    for (const file of files)
      for (const entry of wheelEntries(file))
        if (isKept(entry)) {
          signal?.throwIfAborted();
          await unpackEntry(file, entry, unpacking);
        }
    fs.rmSync(plan.folder, { recursive: true, force: true });
    fs.renameSync(unpacking, plan.folder);
  } finally {
    fs.rmSync(unpacking, { recursive: true, force: true });
  }
  runtimeIn(plan.folder, plan.cuda);
  for (const file of files) fs.rmSync(file, { force: true });
  return plan.folder;
}
