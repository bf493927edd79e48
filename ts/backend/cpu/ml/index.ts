// Every kernel of the CPU engine outside plans, by name.
import { boostKernels } from './boost.ts';
import { denseKernels } from './dense.ts';
import { featuresKernels } from './features.ts';
import { forestKernels } from './forest.ts';
import type { KernelHandler } from './kernel.ts';
import { kMeansKernels } from './kmeans.ts';
import { linearKernels } from './linear.ts';
import { momentsKernels } from './moments.ts';

export const KERNELS: Readonly<Record<string, KernelHandler>> = {
  ...featuresKernels,
  ...denseKernels,
  ...kMeansKernels,
  ...linearKernels,
  ...momentsKernels,
  ...boostKernels,
  ...forestKernels,
};
