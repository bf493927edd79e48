import { ParameterError } from '../../errors.ts';
import type { TrainingData } from '../core/training-data.ts';

/** Throws where sample weights are given to a transformer that would ignore them. */
export function refuseWeights(data: TrainingData): void {
  if (data.weight === null) return;
  throw new ParameterError(
    `${data.estimator}.fit does not take sample weights. Leave out the 'sampleWeight' option; a pipeline hands weights only to steps that take them.`,
    { estimator: data.estimator },
  );
}
