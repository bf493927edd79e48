// A job from its first line to its last file. Imported when a job runs: with it zod, yaml and everything that trains.
import { stringify } from 'yaml';
import type { JobConfig } from '../config/job-config.ts';
import { loadJob } from '../config/load.ts';
import { resolveJob } from '../config/resolve.ts';
import type { ResolvedJob } from '../config/resolved-job.ts';
import { JobError, MissingDependencyError } from '../errors.ts';
import type { Table } from '../frame/table.ts';
import type { RunOptions } from '../runner/runner.ts';
import { benchmarkModel } from './benchmark-model.ts';
import { cleanData } from './clean-data.ts';
import { compareEngines } from './compare-engines.ts';
import { configOf } from './config-of.ts';
import { deriveFeatures, type Prepared } from './derive-features.ts';
import { environmentOf } from './environment.ts';
import type { BenchmarkResult, EngineComparison, JobResult, ModelResult } from './job-result.ts';
import { loadData } from './load-data.ts';
import { primaryMetricOf } from './primary-metric.ts';
import { reportOf } from './report-of.ts';
import { RunFolder } from './run-folder.ts';
import type { RunJobOptions } from './run-job.ts';
import { savePredictions } from './save-predictions.ts';
import { savedModel } from './saved-model.ts';
import { type Score, scoreModel, shownMetrics } from './score-model.ts';
import { type Parts, splitData } from './split-data.ts';
import { Stages } from './stages.ts';
import { bestOf, type TrainedModel, trainModel } from './train-models.ts';

/** Runs a job: what `runJob` of the package does. */
export async function runJobNow(source: string | JobConfig, options: RunJobOptions): Promise<JobResult> {
  const { signal, onEvent, set = [] } = options;
  signal?.throwIfAborted();
  const job = await resolveJob(await loadJob(source, { set }));
  const folder = await RunFolder.create(job.output.folder);
  const stages = new Stages(onEvent, signal);
  try {
    const result = await run(job, folder, stages, signal);
    await folder.status('finished');
    return result;
  } catch (error) {
    const aborted = signal?.aborted === true;
    await folder.fail(aborted ? 'aborted' : 'failed', error);
    throw aborted ? signal.reason : error;
  }
}

async function run(
  job: ResolvedJob,
  folder: RunFolder,
  stages: Stages,
  signal: AbortSignal | undefined,
): Promise<JobResult> {
  const started = performance.now();
  const options: RunOptions = {
    ...(signal ? { signal } : {}),
    ...(job.memoryLimitBytes === null ? {} : { memoryLimitBytes: job.memoryLimitBytes }),
    ...(job.threads === null ? {} : { threads: job.threads }),
  };
  const config = stringify(configOf(job));
  const environment = await environmentOf(job.threads);
  await folder.write('config.yaml', config);
  await folder.write('environment.json', `${JSON.stringify(environment, null, 2)}\n`);

  const { prepared, loadedRows } = await prepare(job, stages, options);
  const parts = await stages.run('split', async (talk) => {
    const split = await splitData(job, prepared.table, options);
    talk.rows = split.train.height;
    return split;
  });
  const trained: TrainedModel[] = [];
  try {
    await stages.run('train', async (talk) => {
      talk.rows = parts.train.height;
      for (const model of job.models)
        trained.push(await trainModel(model, { job, prepared, parts, run: options, talk }));
    });
    const measured = parts.test ?? parts.validation ?? parts.train;
    const primaryMetric = await primaryMetricOf(job, measured, options);
    const scores = await stages.run('evaluate', async (talk) => {
      talk.rows = measured.height;
      const found: Score[] = [];
      for (const { model } of trained)
        found.push(
          await scoreModel(model, measured, { job, features: prepared.features, run: options, pictures: true }),
        );
      return found;
    });
    checkPlausible(job, trained, scores);
    const deciding = trained.map((t, i) => (t.validation ?? (scores[i] as Score).metrics)[primaryMetric]);
    const best = bestOf(deciding, primaryMetric);
    const saved = await stages.run('save', (talk) =>
      save({ job, folder, prepared, trained, best, measured, run: options, talk }),
    );
    const benchmarks = await stages.run('benchmark', async (talk) => {
      const found: { own: BenchmarkResult | null; other: EngineComparison | null }[] = [];
      const context = { job, prepared, parts, run: options, talk };
      for (const t of trained) {
        const own = job.benchmarking.cpuBaseline ? await benchmarkModel(job, t.model, measured, options) : null;
        const other = own === null ? null : await compareEngines(t, measured, primaryMetric, context);
        found.push({ own, other });
      }
      talk.rows = found[0]?.own?.rows ?? null;
      return found;
    });
    const models = trained.map(
      (t, i): ModelResult => ({
        name: t.resolved.name,
        type: t.resolved.type,
        params: t.params,
        fitMs: t.fitMs,
        trainingRows: t.trainingRows,
        predictMs: (scores[i] as Score).predictMs,
        validation: t.validation === null ? null : shownMetrics(t.validation, job, primaryMetric),
        metrics: shownMetrics((scores[i] as Score).metrics, job, primaryMetric),
        stoppedEarly: t.stoppedEarly,
        file: saved.files[i] ?? null,
        lastFitMs: t.lastFitMs,
        benchmark: benchmarks[i]?.own ?? null,
        otherEngine: benchmarks[i]?.other ?? null,
      }),
    );
    const result = {
      name: job.name,
      useCase: job.useCase,
      folder: folder.path,
      stages: stages.results,
      rows: {
        loaded: loadedRows,
        train: parts.train.height,
        validation: parts.validation?.height ?? 0,
        test: parts.test?.height ?? 0,
      },
      columns: prepared.columns,
      models,
      best: (trained[best] as TrainedModel).resolved.name,
      primaryMetric,
      degraded: job.degraded,
      warnings: [...job.warnings, ...prepared.warnings, ...splitWarnings(job, parts)],
      predictions: saved.predictions,
    };
    const report = await writeReport(folder, job, () =>
      reportOf({ job, result, trained, scores, environment, config }),
    );
    const whole: JobResult = { ...result, status: 'finished', report, totalMs: performance.now() - started };
    await folder.write('metrics.json', `${JSON.stringify(whole, null, 2)}\n`);
    return whole;
  } finally {
    for (const { model } of trained) model.dispose();
    parts[Symbol.dispose]();
  }
}

/** Load, clean and features. What a stage made is freed when the next one has its own. */
async function prepare(
  job: ResolvedJob,
  stages: Stages,
  options: RunOptions,
): Promise<{ prepared: Prepared; loadedRows: number }> {
  const loaded = await stages.run('load', async (talk) => {
    const found = await loadData(job, { ...options, onProgress: talk.progress('rows') });
    talk.rows = found.table.height;
    return found;
  });
  let rows: Table<any> = loaded.table;
  try {
    const loadedRows = rows.height;
    const cleaned = await stages.run('clean', async (talk) => {
      const found = await cleanData(job, loaded.table, options);
      talk.rows = (found ?? loaded.table).height;
      return found;
    });
    if (cleaned !== null) {
      rows.dispose();
      rows = cleaned;
    }
    const prepared = await stages.run('features', async (talk) => {
      const found = await deriveFeatures(job, rows, loaded, options);
      talk.rows = found.table.height;
      return found;
    });
    return { prepared, loadedRows };
  } finally {
    rows.dispose();
  }
}

/** Fails for a model that is better than can be: it has been told the answer. */
function checkPlausible(job: ResolvedJob, trained: readonly TrainedModel[], scores: readonly Score[]): void {
  const limit = job.evaluation.maxPlausibleAuc;
  if (limit === null) return;
  for (const [i, { metrics }] of scores.entries()) {
    const auc = metrics['rocAuc'];
    if (auc === undefined) {
      throw new JobError(
        `${job.places.label(['evaluation', 'maxPlausibleAuc'])} cannot be checked: ${trained[i]?.resolved.name} has no ROC AUC on these rows (no probabilities, or a class that does not occur). Remove the key, or take another model.`,
        { key: 'evaluation.maxPlausibleAuc', model: trained[i]?.resolved.name },
      );
    }
    if (auc <= limit) continue;
    throw new JobError(
      `The ROC AUC of ${trained[i]?.resolved.name} is ${auc.toFixed(4)}, above ${limit} (${job.places.label(['evaluation', 'maxPlausibleAuc'])}). Better than plausible means that a feature tells the answer: look at data.features and data.exclude.`,
      { key: 'evaluation.maxPlausibleAuc', rocAuc: auc, model: trained[i]?.resolved.name },
    );
  }
}

function splitWarnings(job: ResolvedJob, parts: Parts): string[] {
  if (parts.test !== null || job.useCase === 'clustering') return [];
  return [
    `There are no test rows (data.testSplit is 0): the models are measured on ${parts.validation ? 'the validation rows, by which they were chosen' : 'the rows they learned from'}.`,
  ];
}

async function save({
  job,
  folder,
  prepared,
  trained,
  best,
  measured,
  run,
  talk,
}: {
  readonly job: ResolvedJob;
  readonly folder: RunFolder;
  readonly prepared: Prepared;
  readonly trained: readonly TrainedModel[];
  readonly best: number;
  readonly measured: Table<any>;
  readonly run: RunOptions;
  readonly talk: { rows: number | null };
}): Promise<{ files: (string | null)[]; predictions: string | null }> {
  const files: (string | null)[] = [];
  for (const [i, { model, resolved }] of trained.entries()) {
    if (job.training.saveBestOnly && i !== best) {
      files.push(null);
      continue;
    }
    const name = job.training.saveBestOnly ? 'model.wfm' : `${fileName(resolved.name)}.wfm`;
    const path = folder.file(name);
    await savedModel(model, job, prepared).save(path);
    files.push(path);
  }
  const model = trained[best]?.model;
  const wanted = job.output.predictions;
  if (wanted === null || model === undefined) return { files, predictions: null };
  talk.rows = await savePredictions(model, measured, wanted, run);
  return { files, predictions: wanted.path };
}

const fileName = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'model';

/** The report, or why there is none. Other errors are faults of the page and end the job. */
async function writeReport(
  folder: RunFolder,
  job: ResolvedJob,
  data: () => ReturnType<typeof reportOf>,
): Promise<JobResult['report']> {
  if (!job.output.report) return { skipped: 'output.report is false.' };
  const { reportHtml } = await import('../report/write-report.ts');
  try {
    return { path: await folder.write('report.html', await reportHtml(data())) };
  } catch (error) {
    if (error instanceof MissingDependencyError) return { skipped: error.message };
    throw error;
  }
}
