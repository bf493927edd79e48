// The train stage: every model of the job learns from the training rows.
import type { OnProgress } from '../backend/backend.ts';
import { lowerIsBetter } from '../config/metric-names.ts';
import type { ResolvedJob, ResolvedModel } from '../config/resolved-job.ts';
import type { Table } from '../frame/table.ts';
import type { Estimator } from '../ml/core/estimator.ts';
import type { FitOptions } from '../ml/core/options.ts';
import { GridSearch } from '../ml/selection/grid-search.ts';
import { KFold } from '../ml/selection/k-fold.ts';
import { RandomSearch } from '../ml/selection/random-search.ts';
import type { ScoreName } from '../ml/selection/scoring.ts';
import { StratifiedKFold } from '../ml/selection/stratified-k-fold.ts';
import type { LearningCurve, Point } from '../report/report-data.ts';
import type { RunOptions } from '../runner/runner.ts';
import { atKey } from './at-key.ts';
import { buildEstimator, earlyStopping, roundsOf } from './build-estimator.ts';
import type { Prepared } from './derive-features.ts';
import type { MetricValues } from './job-result.ts';
import { primaryMetricOf } from './primary-metric.ts';
import { type JobModel, scoreModel } from './score-model.ts';
import type { Parts } from './split-data.ts';
import type { StageTalk } from './stages.ts';

/** A model that has learned. */
export interface TrainedModel {
  readonly resolved: ResolvedModel;
  readonly model: JobModel;
  /** All parameters of the estimator, those a search chose too. */
  readonly params: { readonly [param: string]: unknown };
  readonly fitMs: number;
  /** The last fit alone. */
  readonly lastFitMs: number;
  /** What was fitted, with the parameters that a search chose. */
  readonly estimator: Estimator;
  readonly trainingRows: number;
  readonly validation: MetricValues | null;
  readonly stoppedEarly: boolean | null;
  readonly learning: LearningCurve | null;
}

/** What training needs beside the job. */
export interface TrainContext {
  readonly job: ResolvedJob;
  readonly prepared: Prepared;
  readonly parts: Parts;
  readonly run: RunOptions;
  readonly talk: StageTalk;
}

/** Trains one model. */
export async function trainModel(resolved: ResolvedModel, context: TrainContext): Promise<TrainedModel> {
  const { job, prepared, parts, run, talk } = context;
  const started = performance.now();
  const rows = await trainingRows(resolved, context, 1);
  try {
    const { train } = rows;
    const found = await bestParams(resolved, train, context);
    const estimator = resolved.estimator.withParams({ ...found, ...earlyStopping(resolved, job) });
    const fitStarted = performance.now();
    const model = await fit(estimator, resolved, train, context, talk.progress(resolved.name), true);
    const lastFitMs = performance.now() - fitStarted;
    const fitMs = performance.now() - started;
    const validation =
      parts.validation === null
        ? null
        : (await scoreModel(model, parts.validation, { job, features: prepared.features, run, pictures: false }))
            .metrics;
    const rounds = roundsOf(model);
    return {
      resolved,
      model,
      params: estimator.getParams() as { readonly [param: string]: unknown },
      fitMs,
      lastFitMs,
      estimator,
      trainingRows: train.height,
      validation,
      stoppedEarly: rounds?.stoppedEarly ?? null,
      learning:
        job.training.learningCurve.length > 0
          ? await learningCurve(resolved, estimator, context)
          : (rounds?.curve ?? null),
    };
  } finally {
    rows.dispose();
  }
}

/** Fits the estimator of a trained model once more with other parameters, on the rows it learned from. */
export async function trainAgain(
  { resolved, estimator }: TrainedModel,
  params: object,
  context: TrainContext,
): Promise<{ model: JobModel; fitMs: number }> {
  const rows = await trainingRows(resolved, context, 1);
  try {
    const started = performance.now();
    const changed = estimator.withParams(params);
    const model = await fit(changed, resolved, rows.train, context, context.talk.progress(resolved.name), true);
    return { model, fitMs: performance.now() - started };
  } finally {
    rows.dispose();
  }
}

async function fit(
  estimator: Estimator,
  resolved: ResolvedModel,
  train: Table<any>,
  { job, prepared, parts, run }: TrainContext,
  onProgress: OnProgress,
  watched: boolean,
): Promise<JobModel> {
  const whole = buildEstimator(estimator, resolved, prepared, job);
  const options = {
    ...run,
    onProgress,
    features: prepared.features,
    ...(job.data.sampleWeight === null ? {} : { sampleWeight: job.data.sampleWeight }),
  } as FitOptions;
  const validation = watched ? parts.validation : null;
  return atKey(job, resolved.path, () => whole.fit(train, job.data.target, options, validation)) as Promise<JobModel>;
}

/** The rows that a model learns from: all, or a share of them, at most `maxTrainingRows`. */
async function trainingRows(
  resolved: ResolvedModel,
  { job, parts, run }: TrainContext,
  share: number,
): Promise<{ train: Table<any>; dispose: () => void }> {
  const { train } = parts;
  const most = Math.min(resolved.maxTrainingRows ?? train.height, train.height);
  const rows = Math.max(1, Math.round(most * share));
  if (rows >= train.height) return { train, dispose: () => undefined };
  const sample = await train.lazy().sample({ n: rows, randomState: job.training.randomState }).collect(run);
  return { train: sample, dispose: () => sample.dispose() };
}

/** Scores of searches by the metric they are made of. */
const SCORES: Readonly<Record<string, ScoreName>> = {
  logLoss: 'negLogLoss',
  brier: 'negBrier',
  mse: 'negMeanSquaredError',
  rmse: 'negRootMeanSquaredError',
  mae: 'negMeanAbsoluteError',
  mape: 'negMeanAbsolutePercentageError',
};

/** The parameters that a search finds best; none without a search. */
async function bestParams(resolved: ResolvedModel, train: Table<any>, context: TrainContext): Promise<object> {
  const { search } = resolved;
  const { job, prepared, run, talk } = context;
  if (search === null) return {};
  const metric = search.metric ?? (await primaryMetricOf(job, train, run));
  const folds = { nSplits: search.folds, shuffle: true, randomState: job.training.randomState };
  const options = {
    cv: job.useCase === 'classification' ? new StratifiedKFold(folds) : new KFold(folds),
    scoring: SCORES[metric] ?? (metric as ScoreName),
    refit: false,
    randomState: job.training.randomState,
  };
  const { searched } = buildEstimator(resolved.estimator, resolved, prepared, job);
  const grid = search.params as never;
  const made =
    search.method === 'grid'
      ? new GridSearch(searched, grid, options)
      : new RandomSearch(searched, grid, { ...options, nIter: search.nIter });
  const found = await atKey(job, [...resolved.path, 'search'], () =>
    made.fit(train, job.data.target, {
      ...run,
      onProgress: talk.progress(`${resolved.name}: search`),
      features: prepared.features as never[],
    }),
  );
  talk.note(
    `${resolved.name}: best of the search by ${metric}: ${JSON.stringify(found.bestParams)} (${found.bestScore.toPrecision(4)})`,
  );
  return found.bestParams;
}

/** Scores of models that learned from growing shares of the rows. */
async function learningCurve(
  resolved: ResolvedModel,
  estimator: Estimator,
  context: TrainContext,
): Promise<LearningCurve> {
  const { job, prepared, parts, run, talk } = context;
  const unseen = parts.validation ?? parts.test ?? parts.train;
  const metric = await primaryMetricOf(job, unseen, run);
  const seenPoints: Point[] = [];
  const unseenPoints: Point[] = [];
  for (const share of job.training.learningCurve) {
    const rows = await trainingRows(resolved, context, share);
    try {
      const label = `${resolved.name}: learning curve, ${Math.round(share * 100)} %`;
      using model = await fit(estimator, resolved, rows.train, context, talk.progress(label), false);
      const options = { job, features: prepared.features, run, pictures: false };
      for (const [points, part] of [[seenPoints, rows.train] as const, [unseenPoints, unseen] as const]) {
        const { metrics } = await scoreModel(model, part, options);
        const value = metrics[metric];
        if (value !== undefined) points.push([rows.train.height, value]);
      }
    } finally {
      rows.dispose();
    }
  }
  return {
    xTitle: 'training rows',
    yTitle: metric,
    series: [
      { label: parts.validation ? 'validation' : 'test', points: unseenPoints },
      { label: 'training', points: seenPoints },
    ],
  };
}

/** The index of the best model by a metric; the first of equals. */
export function bestOf(values: readonly (number | undefined)[], metric: string): number {
  const sign = lowerIsBetter(metric) ? -1 : 1;
  let best = 0;
  values.forEach((value, i) => {
    const top = values[best];
    if (value !== undefined && (top === undefined || sign * value > sign * top)) best = i;
  });
  return best;
}
