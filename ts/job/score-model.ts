// A model measured on rows whose answer is known: metrics, and what the report draws of them.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { col } from '../expr/builders.ts';
import { fromColumns } from '../frame/create.ts';
import type { Table } from '../frame/table.ts';
import { labelCodes } from '../ml/core/evaluate.ts';
import { ClassifierModel, ClustererModel, type Model, type RegressorModel } from '../ml/core/model.ts';
import { evaluateClassification, evaluateClustering, evaluateRegression } from '../ml/metrics/evaluate.ts';
import type { ClassifierReport, ClusteringReport, RegressorReport } from '../report/report-data.ts';
import type { RunOptions } from '../runner/runner.ts';
import { Float64 } from '../schema/dtypes.ts';
import type { MetricValues } from './job-result.ts';
import { classifierPictures, clusterPictures, regressorPictures } from './pictures.ts';

/** A model that predicts. */
export type JobModel = ClassifierModel | RegressorModel | ClustererModel;

/** What measuring a model gave. */
export interface Score {
  readonly metrics: MetricValues;
  readonly predictMs: number;
  readonly classifier?: ClassifierReport;
  readonly regressor?: RegressorReport;
  readonly clustering?: ClusteringReport;
}

/** Options of scoring. */
export interface ScoreOptions {
  readonly job: ResolvedJob;
  readonly features: readonly string[];
  readonly run: RunOptions;
  /** Whether to gather what pictures need. */
  readonly pictures: boolean;
}

/** Measures a model on rows. */
export async function scoreModel(model: JobModel, rows: Table<any>, options: ScoreOptions): Promise<Score> {
  const { job, run } = options;
  const weight = job.data.sampleWeight === null ? undefined : await numbersOf(rows, job.data.sampleWeight, run);
  const shared = { ...options, weight };
  if (model instanceof ClassifierModel) return scoreClassifier(model, rows, shared);
  if (model instanceof ClustererModel) return scoreClusterer(model, rows, shared);
  return scoreRegressor(model, rows, shared);
}

type Shared = ScoreOptions & { readonly weight: Float64Array | undefined };

async function scoreClassifier(model: ClassifierModel, rows: Table<any>, o: Shared): Promise<Score> {
  const { run, job } = o;
  const k = model.classes.length;
  const n = rows.height;
  const yTrue = await labelCodes(model, rows.lazy(), n, job.data.target as string, 'the test rows', run);
  const yPred = new Int32Array(n);
  const proba = model.givesProbabilities ? Array.from({ length: k }, () => new Float64Array(n)) : undefined;
  const started = performance.now();
  for await (const { part, from } of slices(rows, o)) {
    const scored = await model.scored(part, run);
    yPred.set(scored.codes, from);
    const size = scored.rows;
    for (const [c, p] of (proba ?? []).entries()) {
      p.set((scored.probabilities as Float64Array).subarray(c * size, (c + 1) * size), from);
    }
  }
  const predictMs = performance.now() - started;
  const metrics = await evaluateClassification(
    { yTrue, yPred, nClasses: k, ...(proba === undefined ? {} : { proba }), ...weighted(o) },
    run,
  );
  const labels = model.classes.map(String);
  return {
    metrics,
    predictMs,
    ...(o.pictures ? { classifier: await classifierPictures(labels, yTrue, yPred, proba ?? null, run.signal) } : {}),
  };
}

async function scoreRegressor(model: RegressorModel, rows: Table<any>, o: Shared): Promise<Score> {
  const yTrue = await numbersOf(rows, o.job.data.target as string, o.run);
  const { values: yPred, ms } = await predicted(model, rows, o, new Float64Array(rows.height));
  const metrics = await evaluateRegression({ yTrue, yPred, ...weighted(o) }, o.run);
  return {
    metrics,
    predictMs: ms,
    ...(o.pictures ? { regressor: regressorPictures(yTrue, yPred) } : {}),
  };
}

async function scoreClusterer(model: ClustererModel, rows: Table<any>, o: Shared): Promise<Score> {
  const { values: clusters, ms } = await predicted(model, rows, o, new Int32Array(rows.height));
  const names: string[] = [];
  const features: Float64Array[] = [];
  // Distances are measured between numbers: text features take no part in the silhouette.
  for (const name of o.features) {
    const type = (rows.schema as Record<string, { dtype: string }>)[name]?.dtype;
    if (type === 'Utf8' || type === 'Categorical') continue;
    names.push(name);
    features.push(await numbersOf(rows, name, o.run));
  }
  const inertia = (model as { inertia?: unknown }).inertia;
  const metrics = await evaluateClustering(
    { features: standardized(features), clusters, ...(typeof inertia === 'number' ? { inertia } : {}) },
    o.run,
  );
  return {
    metrics,
    predictMs: ms,
    ...(o.pictures ? { clustering: clusterPictures(names, features, clusters) } : {}),
  };
}

/** Features of mean 0 and variance 1, so that none outweighs the others by its unit. */
const standardized = (features: readonly Float64Array[]): Float64Array[] =>
  features.map((values) => {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    const scale = variance > 0 ? Math.sqrt(variance) : 1;
    return values.map((x) => (x - mean) / scale);
  });

const weighted = (o: Shared): { sampleWeight?: Float64Array } =>
  o.weight === undefined ? {} : { sampleWeight: o.weight };

/** The metrics that the job wants, in its order, and the one that decides. */
export const shownMetrics = (metrics: MetricValues, job: ResolvedJob, primary: string): MetricValues =>
  Object.fromEntries(
    [...new Set([...job.evaluation.metrics, primary])]
      .filter((name) => metrics[name] !== undefined)
      .map((name) => [name, metrics[name] as number]),
  );

async function predicted<A extends Float64Array | Int32Array>(
  model: Model & { predict: JobModel['predict'] },
  rows: Table<any>,
  o: Shared,
  values: A,
): Promise<{ values: A; ms: number }> {
  const started = performance.now();
  for await (const { part, from } of slices(rows, o)) {
    const column = await model.predict(part, o.run);
    (values as Float64Array).set(column.toArray() as unknown as Float64Array, from);
  }
  return { values, ms: performance.now() - started };
}

/** The rows in batches of `data.batchSize`, or all at once. */
async function* slices(rows: Table<any>, o: Shared): AsyncGenerator<{ part: Table<any>; from: number }> {
  const size = o.job.data.batchSize ?? rows.height;
  if (rows.height <= size) {
    yield { part: rows, from: 0 };
    return;
  }
  for (let from = 0; from < rows.height; from += size) {
    using part = await rows.lazy().slice(from, size).collect(o.run);
    yield { part, from };
  }
}

async function numbersOf(rows: Table<any>, name: string, run: RunOptions): Promise<Float64Array> {
  using table = await rows
    .lazy()
    .select({ value: (col(name) as any).cast(Float64) } as never)
    .collect(run);
  return Float64Array.from(table.column('value' as never).toArray() as ArrayLike<number>);
}

/** The predictions of rows beside their columns, written to a file by the save stage. */
export async function predictionsFrame(model: JobModel, rows: Table<any>, run: RunOptions) {
  const column = await model.predict(rows, run);
  let name = 'prediction';
  while (rows.columns.includes(name)) name += '_';
  return { name, frame: fromColumns({ [name]: column.toArray() as unknown as ArrayLike<unknown> }) };
}
