// The GPU of this machine: an addon that sees a device, a libcudf that fits, the engine library opened over both; and
// for everything that was passed over, why. Nothing is looked for before it is asked for.
import { invoke, type NativeAddon } from './addon.ts';
import { type DeviceStatus, deviceStatus } from './device-status.ts';
import { type GpuAddon, gpuAddons, platformPackage, type Rejected } from './load.ts';
import { type CudaMajor, RUNTIME_RELEASE } from './runtime-files.ts';
import { type RuntimeReport, searchRuntimes } from './runtime-search.ts';

/** One build of the addon, and what it says of the devices. */
export interface AddonReport {
  readonly candidate: string;
  /** Path of the .node file; null where it did not load. */
  readonly path: string | null;
  readonly variant: string | null;
  readonly device: DeviceStatus | null;
  /** Why it was passed over; null where it is taken. */
  readonly refused: string | null;
  readonly fix: string | null;
  /** Nothing is there; otherwise something is there, or was named, and does not work. */
  readonly absent: boolean;
}

/** An engine library that is open, with the addon that opened it. */
export interface GpuEngine {
  readonly addon: NativeAddon;
  readonly addonPath: string;
  /** `cuda13`, `cuda12`, or `sim`. */
  readonly variant: string;
  readonly device: DeviceStatus;
  /** Absolute path of libwarpframe_cudf.so. */
  readonly library: string;
  /** Opened before it, in this order. */
  readonly needed: readonly string[];
  /** What the engine library says of itself. */
  readonly description: EngineDescription;
}

/** What an engine library says of itself. */
export interface EngineDescription {
  readonly library: string;
  readonly version: string;
  /** Not a GPU. */
  readonly host?: boolean;
  readonly functions?: Readonly<Record<string, { readonly kind: string; readonly whyNot?: string }>>;
}

/** What was found of a GPU, what was refused and why. */
export interface GpuReport {
  readonly addons: readonly AddonReport[];
  readonly runtimes: readonly RuntimeReport[];
  /** The engine library that is open; null where there is none. */
  readonly engine: GpuEngine | null;
  /** Why there is no engine, in one sentence; null where there is one. */
  readonly reason: string | null;
  /** What to do about it, one step a line. */
  readonly fixes: readonly string[];
}

const majorOf = (variant: string): CudaMajor => (variant === 'cuda12' ? 12 : 13);

async function report(found: GpuAddon | Rejected): Promise<AddonReport & { readonly gpu?: GpuAddon }> {
  if (!('addon' in found)) {
    const { candidate, reason, absent } = found;
    return { candidate, path: null, variant: null, device: null, refused: reason, fix: null, absent };
  }
  const { candidate, path, variant } = found;
  const device = await deviceStatus(found.addon);
  const { reason: refused, fix } = device;
  return { candidate, path, variant, device, refused, fix, absent: false, gpu: found };
}

/**
 * Looks for a GPU and opens the engine library.
 * @param thorough look at every candidate, not only until one works
 */
export async function inspectGpu({ thorough = false } = {}): Promise<GpuReport> {
  const addons: AddonReport[] = [];
  let chosen: { readonly gpu: GpuAddon; readonly device: DeviceStatus } | undefined;
  for (const found of gpuAddons()) {
    const { gpu, ...row } = await report(found);
    addons.push(row);
    if (gpu && row.device?.usable) chosen ??= { gpu, device: row.device };
    if (chosen && !thorough) break;
  }
  if (!chosen) {
    // Without a device libcudf is not needed; the report still says which one would be taken.
    const runtimes = thorough ? await searchRuntimes(undefined, true) : [];
    return { addons, runtimes, engine: null, reason: whyNoDevice(addons), fixes: fixesOf(addons, runtimes) };
  }
  const { gpu, device } = chosen;
  const runtimes = device.host ? [] : await searchRuntimes(majorOf(gpu.variant), thorough);
  const files = runtimes.find((r) => r.files)?.files;
  if (!device.host && !files) {
    const tried = runtimes.map((r) => `${r.candidate}: ${r.refused}`).join('; ');
    const reason = `there is a GPU (${device.devices[0]?.name}), and no libcudf ${RUNTIME_RELEASE} for it. Tried ${tried}.`;
    return { addons, runtimes, engine: null, reason, fixes: ['warpframe install-runtime'] };
  }
  const needed = files?.libraries ?? [];
  try {
    const text = await invoke<string>(gpu.addon, 'engine.check', { libraries: needed, path: gpu.engineLibrary });
    const engine: GpuEngine = {
      addon: gpu.addon,
      addonPath: gpu.path,
      variant: gpu.variant,
      device,
      library: gpu.engineLibrary,
      needed,
      description: JSON.parse(text) as EngineDescription,
    };
    return { addons, runtimes, engine, reason: null, fixes: [] };
  } catch (error) {
    const reason = `the engine library does not open: ${(error as Error).message}`;
    return { addons, runtimes, engine: null, reason, fixes: ['warpframe install-runtime --force'] };
  }
}

/** The addon that came nearest says most. */
function whyNoDevice(addons: readonly AddonReport[]): string {
  const answered = addons.find((a) => a.device && a.device.reason !== null);
  if (answered) return `${answered.refused}`;
  const broken = addons.filter((a) => !a.absent);
  if (broken.length > 0) return broken.map((a) => `${a.candidate}: ${a.refused}`).join('; ');
  return `no addon with CUDA is installed (npm install ${platformPackage('cuda13')})`;
}

function fixesOf(addons: readonly AddonReport[], runtimes: readonly RuntimeReport[]): string[] {
  const steps = addons.every((a) => a.absent)
    ? [`npm install ${platformPackage('cuda13')}`]
    : addons.flatMap((a) => (a.fix === null ? [] : [a.fix]));
  const runtime = runtimes.length > 0 && runtimes.every((r) => r.files === null) ? ['warpframe install-runtime'] : [];
  return [...new Set([...steps, ...runtime])];
}

let opened: GpuEngine | undefined;

/** The GPU's engine, opened at the first call and kept; where there is none, why. A failure is tried again. */
export async function openGpu(): Promise<
  { readonly engine: GpuEngine } | { readonly reason: string; readonly report: GpuReport }
> {
  if (opened) return { engine: opened };
  const found = await inspectGpu();
  if (found.engine === null) return { reason: found.reason ?? '', report: found };
  opened = found.engine;
  return { engine: opened };
}
