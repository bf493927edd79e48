// A model of the job as one estimator: encoders, imputer and scaler before it, so that what they learn comes from the
// training rows and goes into the model file.
import type { ResolvedJob, ResolvedModel } from '../config/resolved-job.ts';
import { DTypeError } from '../errors.ts';
import type { Table } from '../frame/table.ts';
import { PreparedEstimator } from '../ml/compose/prepared.ts';
import { partsOf } from '../ml/compose/prepared-models.ts';
import type { Estimator } from '../ml/core/estimator.ts';
import type { Model } from '../ml/core/model.ts';
import type { FitOptions } from '../ml/core/options.ts';
import type { LearningCurve } from '../report/report-data.ts';
import type { Prepared } from './derive-features.ts';
import type { JobModel } from './score-model.ts';

/** Something to fit. */
export interface BuiltEstimator {
  fit(rows: Table<any>, target: string | null, options: FitOptions, validation: Table<any> | null): Promise<Model>;
  /** What a search varies. */
  readonly searched: Estimator;
}

/** Puts the preparation that the job asks for before an estimator. */
export function buildEstimator(
  estimator: Estimator,
  resolved: ResolvedModel,
  prepared: Prepared,
  job: ResolvedJob,
): BuiltEstimator {
  const encode = Object.fromEntries(
    Object.entries(resolved.encode).filter(([name]) => prepared.features.includes(name)),
  );
  const left = prepared.categories.find((name) => encode[name] === undefined);
  if (left !== undefined && !takesText(resolved)) {
    throw new DTypeError(
      `${job.places.label([...resolved.path, 'encode'])} does not say how "${left}" becomes numbers for ${resolved.name}. Add it, such as { ${left}: target }.`,
      { column: left, key: 'encode' },
    );
  }
  const whole = new PreparedEstimator(estimator, {
    impute: job.data.impute,
    encode,
    scale: resolved.scale,
    randomState: job.training.randomState,
  });
  return {
    fit: (rows, target, options, validation) =>
      whole.fitAny(rows, target, {
        ...options,
        features: prepared.features,
        ...(validation !== null && resolved.hasRounds ? { evalSet: validation } : {}),
      }),
    // A search asks for parameters and fits; the rest of an estimator it does not touch.
    searched: whole as unknown as Estimator,
  };
}

/** Whether a model takes columns of text as they are. */
export const takesText = (model: ResolvedModel): boolean =>
  (model.estimator.getParams() as { enableCategorical?: boolean }).enableCategorical === true;

/** Parameters that make boosting stop early. */
export function earlyStopping(resolved: ResolvedModel, job: ResolvedJob): object {
  const patience = job.training.earlyStoppingPatience;
  return patience === null || !resolved.hasRounds ? {} : { earlyStoppingRounds: patience };
}

/** What a model that trains in rounds says about them; null for others. */
export function roundsOf(model: JobModel): { stoppedEarly: boolean; curve: LearningCurve | null } | null {
  const final = partsOf(model).final as unknown as {
    evalsResult?: { readonly [set: string]: { readonly [metric: string]: readonly number[] } };
    bestIteration?: number | null;
  };
  if (final.evalsResult === undefined) return null;
  const stoppedEarly = (final.bestIteration ?? null) !== null;
  const [scores] = Object.values(final.evalsResult);
  // The last metric decides an early stop.
  const [metric, values] = Object.entries(scores ?? {}).at(-1) ?? [];
  if (metric === undefined || values === undefined) return { stoppedEarly, curve: null };
  return {
    stoppedEarly,
    curve: {
      xTitle: 'round',
      yTitle: metric,
      series: [{ label: 'validation', points: values.map((value, i) => [i + 1, value] as const) }],
    },
  };
}

/** What computes a model: `libxgboost`, or our own kernels. */
export const engineOf = (model: JobModel): string =>
  (partsOf(model).final as unknown as { engine?: string }).engine ?? 'wasm';
