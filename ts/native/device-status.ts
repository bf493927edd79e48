// What the CUDA runtime inside an addon says of this machine, in words, with what to do about it.
import { visibleDevices } from '../env.ts';
import { invoke, type NativeAddon } from './addon.ts';

/** One GPU. */
export interface GpuDevice {
  /** Its number for `configure({ deviceId })`. */
  readonly id: number;
  readonly name: string;
  /** Memory in bytes. */
  readonly totalBytes: number;
  /** Compute capability: `9.0`. */
  readonly capability: string;
  readonly multiprocessors: number;
}

/** What an addon answers about devices. */
export interface DeviceStatus {
  /** Whether there is a device to compute on. */
  readonly usable: boolean;
  /** libcudf's host stand-in for tests: not a GPU. */
  readonly host: boolean;
  /** CUDA's error code; 0: none. */
  readonly code: number;
  /** CUDA's name of the code: `cudaErrorNoDevice`. */
  readonly codeName: string;
  /** The CUDA version that the driver supports: `13.0`; null where there is no driver. */
  readonly driver: string | null;
  /** The CUDA version that the addon is built with. */
  readonly runtime: string | null;
  readonly devices: readonly GpuDevice[];
  /** Why there is no device to compute on; null where there is one. */
  readonly reason: string | null;
  /** What to do about it; null where there is nothing to do. */
  readonly fix: string | null;
}

/** libcudf's kernels are compiled for Turing and later. */
const OLDEST_CAPABILITY = 7.5;
/** The oldest driver of each CUDA version that libcudf's kernels and ours run on. */
const OLDEST_DRIVER: Readonly<Record<number, number>> = { 12: 525, 13: 580 };

interface Answer {
  readonly built: boolean;
  readonly host: boolean;
  readonly code: number;
  readonly codeName: string;
  readonly driverVersion: number;
  readonly runtimeVersion: number;
  readonly devices: readonly GpuDevice[];
}

/** CUDA's 13000 as people write it. */
const versionText = (n: number): string | null =>
  n > 0 ? `${Math.trunc(n / 1000)}.${Math.trunc((n % 1000) / 10)}` : null;

/** Asks an addon; may start the driver (up to a second the first time), off the calling thread. */
export async function deviceStatus(addon: NativeAddon): Promise<DeviceStatus> {
  return describe(await invoke<Answer>(addon, 'device.status', {}));
}

/** @internal An addon's answer in words. */
export function describe(answer: Answer): DeviceStatus {
  const { host, code, codeName, devices } = answer;
  const driver = versionText(answer.driverVersion);
  const runtime = versionText(answer.runtimeVersion);
  const [reason, fix] = trouble(answer, driver, runtime);
  return { usable: reason === null, host, code, codeName, driver, runtime, devices, reason, fix };
}

type Trouble = readonly [reason: string | null, fix: string | null];

function trouble(answer: Answer, driver: string | null, runtime: string | null): Trouble {
  const { built, host, code, codeName, devices } = answer;
  if (!built) return ['this addon is built without CUDA', null];
  if (host) return [null, null];
  const known = KNOWN[code];
  if (known) return known({ driver, runtime, major: Math.trunc(answer.runtimeVersion / 1000) });
  if (code !== 0)
    return [
      `the CUDA driver answers ${codeName} (${code})`,
      'run nvidia-smi: the driver says more about the device there',
    ];
  if (devices.length === 0) return NO_DEVICE();
  const capable = devices.some((d) => Number(d.capability) >= OLDEST_CAPABILITY);
  if (!capable) {
    const found = devices.map((d) => `${d.name} has compute capability ${d.capability}`).join(', ');
    return [`${found}; libcudf needs ${OLDEST_CAPABILITY} (Turing) or later`, null];
  }
  return [null, null];
}

function NO_DEVICE(): Trouble {
  const visible = visibleDevices();
  return visible === undefined
    ? [
        'the CUDA driver finds no GPU (cudaErrorNoDevice)',
        'check that nvidia-smi lists the GPU; in a container, pass it with --gpus all',
      ]
    : [
        `the CUDA driver finds no GPU (cudaErrorNoDevice): CUDA_VISIBLE_DEVICES is "${visible}"`,
        'unset CUDA_VISIBLE_DEVICES, or name a GPU that nvidia-smi lists',
      ];
}

interface Versions {
  readonly driver: string | null;
  readonly runtime: string | null;
  readonly major: number;
}

/** What each code means where a device is counted. */
const KNOWN: Readonly<Record<number, (v: Versions) => Trouble>> = {
  3: () => [
    'the CUDA driver could not be started (cudaErrorInitializationError)',
    'check that nvidia-smi works as this user; in a container, pass the GPU with --gpus all',
  ],
  34: () => [
    'the libcuda.so.1 that was found is the stub of a toolkit, not a driver (cudaErrorStubLibrary)',
    "take the toolkit's stubs folder out of LD_LIBRARY_PATH",
  ],
  35: ({ driver, runtime, major }) =>
    driver === null
      ? [
          'no NVIDIA driver is installed: libcuda.so.1 was not found (cudaErrorInsufficientDriver)',
          `install NVIDIA's driver ${OLDEST_DRIVER[major] ?? ''} or later`.replace('  ', ' '),
        ]
      : [
          `the NVIDIA driver supports CUDA ${driver}, and this addon is built with CUDA ${runtime} (cudaErrorInsufficientDriver)`,
          `update NVIDIA's driver to ${OLDEST_DRIVER[major] ?? 'a newer one'} or later, or install the package for CUDA 12`,
        ],
  100: NO_DEVICE,
  803: () => [
    "the NVIDIA driver's libraries and its kernel module have different versions (cudaErrorSystemDriverMismatch)",
    'restart the machine after the driver update, or reinstall the driver',
  ],
  804: () => [
    'a forward-compatible libcuda.so.1 was found, and this GPU does not support forward compatibility (cudaErrorCompatNotSupportedOnDevice)',
    "take the cuda-compat folder out of LD_LIBRARY_PATH, and update NVIDIA's driver",
  ],
  999: () => [
    'the CUDA driver failed for a reason it does not know (cudaErrorUnknown)',
    'check that nvidia-smi works and that this user may open /dev/nvidia*; a restart of the machine often helps',
  ],
};
