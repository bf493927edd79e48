// Every kernel of the CPU engine outside plans, by name.
import { boostKernels } from './boost.ts';
import { featuresKernels } from './features.ts';
import { forestKernels } from './forest.ts';
import type { KernelHandler } from './kernel.ts';
import { linearKernels } from './linear.ts';

export const KERNELS: Readonly<Record<string, KernelHandler>> = {
  ...featuresKernels,
  ...linearKernels,
  ...boostKernels,
  ...forestKernels,
};
