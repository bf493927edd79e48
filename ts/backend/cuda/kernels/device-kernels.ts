// Which kernels of kernel-calls.ts the GPU has, and why not the others.
import type { KernelCall } from '../../backend.ts';
import { KERNEL_NAMES } from '../../kernel-calls.ts';
import type { DeviceKernel } from './device-kernel.ts';
import { featuresKernels } from './features.ts';
import { forestKernels } from './forests.ts';
import { neighborsKernels } from './neighbors.ts';

const DEVICE_KERNELS: Readonly<Record<string, DeviceKernel>> = {
  ...featuresKernels,
  ...forestKernels,
  ...neighborsKernels,
};

/** The kernel of that name on a device. */
export const deviceKernel = (name: string): DeviceKernel | undefined =>
  Object.hasOwn(DEVICE_KERNELS, name) ? DEVICE_KERNELS[name] : undefined;

/** What the CPU has kernels for and the GPU has not, by the first part of their names. */
const CPU_ONLY: Readonly<Record<string, string>> = {
  linear: 'linear models are summed, solved and scored',
  dense: 'dense systems are solved',
  descent: 'coordinate descent runs',
  logistic: 'logistic regression is trained',
  bayes: 'naive Bayes runs',
  kMeans: 'k-means runs',
  randomForest: 'random forests are trained',
  trees: 'boosted trees are trained',
  boost: 'boosted trees are trained',
  clusters: 'silhouettes are computed',
};

/** One sentence why the GPU cannot run a kernel of kernel-calls.ts; null: it can, or it is none of them. */
export function whyNotOnDevice(call: KernelCall): string | null {
  const kernel = deviceKernel(call.name);
  if (kernel) return kernel.whyNot?.(call) ?? null;
  if (!Object.hasOwn(KERNEL_NAMES, call.name)) return null;
  const what = CPU_ONLY[call.name.split('.')[0]!] ?? 'it runs';
  return `The GPU engine has no kernel ${call.name}: ${what} on the CPU only.`;
}
