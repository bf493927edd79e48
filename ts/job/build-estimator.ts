// A model of the job as one estimator: encoders, imputer and scaler before it, so that what they learn comes from the
// training rows and goes into the model file.
import type { ResolvedJob, ResolvedModel } from '../config/resolved-job.ts';
import { UnsupportedError } from '../errors.ts';
import type { Table } from '../frame/table.ts';
import type { Estimator } from '../ml/core/estimator.ts';
import type { Model } from '../ml/core/model.ts';
import type { FitOptions } from '../ml/core/options.ts';
import type { LearningCurve } from '../report/report-data.ts';
import type { Prepared } from './derive-features.ts';
import type { JobModel } from './score-model.ts';

/** Something to fit. */
export interface BuiltEstimator {
  fit(rows: Table<any>, target: string | null, options: FitOptions, validation: Table<any> | null): Promise<Model>;
  /** What a search varies, and what it calls the parameters of the model. */
  readonly searched: { readonly estimator: Estimator; nameOf(param: string): string };
}

/** Puts the preparation that the job asks for before an estimator. */
export async function buildEstimator(
  estimator: Estimator,
  resolved: ResolvedModel,
  prepared: Prepared,
  job: ResolvedJob,
): Promise<BuiltEstimator> {
  if (resolved.scale !== null || job.data.impute !== null || prepared.categories.length > 0)
    throw new UnsupportedError('Encoding, scaling and imputing in jobs.');
  return {
    fit: (rows, target, options) => estimator.fitAny(rows, target, options),
    searched: { estimator, nameOf: (param) => param },
  };
}

/** Parameters that make boosting stop early. */
export function earlyStopping(resolved: ResolvedModel, job: ResolvedJob): object {
  const patience = job.training.earlyStoppingPatience;
  return patience === null || !resolved.hasRounds ? {} : { earlyStoppingRounds: patience };
}

/** What a model that trains in rounds says about them; null for others. */
export function roundsOf(
  _model: JobModel,
  _job: ResolvedJob,
): { stoppedEarly: boolean; curve: LearningCurve | null } | null {
  return null;
}
