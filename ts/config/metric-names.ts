// Metrics that a job can name, and which way is better.
import type { UseCase } from './job-config.ts';

/** The metrics of each use case, as reports list them. */
export const METRICS: { readonly [useCase in UseCase]: readonly string[] } = {
  classification: [
    ...['rocAuc', 'prAuc', 'accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1', 'matthews', 'logLoss', 'brier'],
  ],
  regression: ['r2', 'rmse', 'mae', 'mape', 'mse'],
  clustering: ['silhouette', 'nClusters', 'inertia'],
};

const LOWER = new Set(['logLoss', 'brier', 'mse', 'rmse', 'mae', 'mape', 'inertia']);

/** Whether a smaller value is better. */
export const lowerIsBetter = (metric: string): boolean => LOWER.has(metric);
