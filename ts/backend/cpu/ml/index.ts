// Every kernel of the CPU engine outside plans, by name.
import { bayesKernels } from './bayes.ts';
import { boostKernels } from './boost.ts';
import { coordinateDescentKernels } from './coordinate-descent.ts';
import { denseKernels } from './dense.ts';
import { dualLeastSquaresKernels } from './dual-least-squares.ts';
import { featuresKernels } from './features.ts';
import { forestKernels } from './forest.ts';
import type { KernelHandler } from './kernel.ts';
import { kMeansKernels } from './kmeans.ts';
import { linearKernels } from './linear.ts';
import { logisticKernels } from './logistic.ts';
import { momentsKernels } from './moments.ts';
import { neighborsKernels } from './neighbors.ts';
import { randomForestKernels } from './random-forest.ts';
import { silhouetteKernels } from './silhouette.ts';

export const KERNELS: Readonly<Record<string, KernelHandler>> = {
  ...featuresKernels,
  ...bayesKernels,
  ...coordinateDescentKernels,
  ...denseKernels,
  ...dualLeastSquaresKernels,
  ...kMeansKernels,
  ...neighborsKernels,
  ...randomForestKernels,
  ...linearKernels,
  ...momentsKernels,
  ...logisticKernels,
  ...boostKernels,
  ...forestKernels,
  ...silhouetteKernels,
};
