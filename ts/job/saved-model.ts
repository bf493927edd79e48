// A model as it is saved: with the steps that made its features of the files' columns, so that it predicts such files.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { partsOf, preparedModel } from '../ml/compose/prepared-models.ts';
import { neededSteps } from '../ml/compose/source-columns.ts';
import type { Prepared } from './derive-features.ts';
import type { JobModel } from './score-model.ts';

/** The model with the columns' steps before it; the same model where there are none. It shares the model's memory. */
export function savedModel(model: JobModel, job: ResolvedJob, prepared: Prepared): JobModel {
  const { rename = {}, cast = {}, fillNull = {} } = job.data.clean;
  const all = { rename, cast, fillNull, derive: Object.entries(job.data.derive) };
  const { steps, reads } = neededSteps(all, prepared.features);
  const none =
    steps.derive.length === 0 && [steps.rename, steps.cast, steps.fillNull].every((s) => Object.keys(s).length === 0);
  if (none) return model;
  const features = prepared.sourceSchema.filter((f) => reads.has(f.name));
  return preparedModel({ ...partsOf(model), source: steps, memory: { features, known: null } });
}
