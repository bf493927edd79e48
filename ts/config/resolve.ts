// Defaults filled in, and what the schema alone cannot check: keys that contradict each other, names of estimators and
// parameters, expressions.
import { ParameterError, WarpError } from '../errors.ts';
import { usesOtherRows } from '../expr/language/expression-use.ts';
import { parseDType, parseExpression } from '../expr/language/parse-expression.ts';
import { suggest } from '../util/suggest.ts';
import { checkCapabilities, checkWish } from './capabilities.ts';
import type { JobConfig, JobFormat, UseCase } from './job-config.ts';
import type { LoadedJob } from './load.ts';
import { METRICS } from './metric-names.ts';
import { type KeyPath, type Places, problemsError } from './places.ts';
import { resolveModel } from './resolve-model.ts';
import type { Degradation, ResolvedJob, ResolvedModel } from './resolved-job.ts';

const ENDINGS: readonly (readonly [RegExp, JobFormat])[] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv)(\.gz|\.zst)?$/i, 'csv'],
  [/\.(jsonl|ndjson)(\.gz|\.zst)?$/i, 'jsonl'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow'],
  [/\.json$/i, 'json'],
];
const OUTPUTS = ['parquet', 'csv', 'jsonl', 'arrow'] as const;

/** The format that a file's ending names. */
export const formatOfPath = (path: string): JobFormat | null =>
  ENDINGS.find(([ending]) => ending.test(path.replace(/[?#].*$/, '')))?.[1] ?? null;

/**
 * Fills a job's defaults in and checks it as far as that goes without its data.
 *
 * @throws {ERR_PARAMETER} every problem at once, each with its place
 */
export async function resolveJob({ config, places }: LoadedJob): Promise<ResolvedJob> {
  const problems: ParameterError[] = [];
  const problem = (path: KeyPath, text: string): void => void problems.push(places.error(path, text));
  const { data } = config;
  const capable = checkCapabilities(config, places);
  problems.push(...capable.problems);
  const degraded: Degradation[] = [...capable.degraded];
  const models = await resolveModels(config, places, problems);
  const useCase = useCaseOf(config, models, problem);
  checkData(config, useCase, problem);
  checkExpressions(config, places, problems);
  const metrics = checkMetrics(config, useCase, problem);
  const format = data.format ?? formatOfPath([data.trainingPath].flat()[0] as string);
  if (format === null)
    problem(['data', 'trainingPath'], 'ends in nothing that names a format. Say it with data.format.');
  const patience = config.training?.earlyStoppingPatience;
  if (patience !== undefined && models.length > 0 && !models.some((m) => m.hasRounds)) {
    const verdict = checkWish(
      {
        path: ['training', 'earlyStoppingPatience'],
        requested: patience,
        reason: `${models.map((m) => m.type).join(' and ')} cannot stop early, boosting can`,
      },
      config.fallback ?? 'error',
      places,
    );
    if (verdict instanceof ParameterError) problems.push(verdict);
    else degraded.push(verdict);
  } else if (patience !== undefined && (data.validationSplit ?? 0) === 0) {
    problem(['training', 'earlyStoppingPatience'], 'needs rows to watch: set data.validationSplit, such as 0.1.');
  }
  const predictions = predictionsOf(config, problem);
  if (problems.length > 0) throw problemsError(places.source, problems);
  const clustering = useCase === 'clustering';
  const stratify = data.stratify ?? (useCase === 'classification' && !data.splitByGroup && !data.splitByTime);
  return {
    name: config.name ?? jobName(places.source),
    useCase: useCase as UseCase,
    domain: config.domain ?? null,
    data: {
      paths: [data.trainingPath].flat() as string[],
      format: format as JobFormat,
      readOptions: data.readOptions ?? {},
      target: data.target ?? null,
      features: data.features ?? null,
      exclude: data.exclude ?? [],
      validationSplit: data.validationSplit ?? 0,
      testSplit: data.testSplit ?? (clustering ? 0 : 0.2),
      stratify: typeof stratify === 'string' ? stratify : stratify ? (data.target ?? null) : null,
      splitByGroup: data.splitByGroup ?? null,
      splitByTime: data.splitByTime ?? null,
      sampleWeight: data.sampleWeight ?? null,
      batchSize: data.batchSize ?? null,
      clean: data.clean ?? {},
      derive: data.derive ?? {},
      impute: data.impute ?? null,
    },
    models,
    training: {
      earlyStoppingPatience: patience ?? null,
      saveBestOnly: config.training?.saveBestOnly ?? true,
      randomState: config.training?.randomState ?? 0,
      learningCurve: [...(config.training?.learningCurve ?? [])].sort((a, b) => a - b),
    },
    evaluation: {
      metrics,
      primaryMetric: config.evaluation?.primaryMetric ?? null,
      maxPlausibleAuc: config.evaluation?.maxPlausibleAuc ?? null,
    },
    inference: {
      batchSize: config.inference?.batchSize ?? 65_536,
      maxLatencyMs: config.inference?.maxLatencyMs ?? null,
    },
    benchmarking: {
      cpuBaseline: config.benchmarking?.cpuBaseline ?? true,
      compareEngines: config.benchmarking?.compareEngines ?? true,
      metrics: (
        config.benchmarking?.metrics ?? (['fitMs', 'predictMs', 'latencyMs', 'throughputRowsPerSecond'] as const)
      ).filter((m) => m !== 'gpuSpeedup'),
    },
    output: { predictions, folder: config.output?.folder ?? null, report: config.output?.report ?? true },
    fallback: config.fallback ?? 'error',
    memoryLimitBytes: config.memoryLimitBytes ?? null,
    threads: config.threads ?? null,
    degraded,
    warnings: warningsOf(config),
    config,
    places,
  };
}

const jobName = (source: string): string =>
  source === 'The job' ? 'job' : (source.split(/[/\\]/).at(-1) ?? 'job').replace(/\.(ya?ml|json)$/i, '');

async function resolveModels(
  config: JobConfig,
  places: Places,
  problems: ParameterError[],
): Promise<readonly ResolvedModel[]> {
  const { model, models } = config;
  if ((model === undefined) === (models === undefined)) {
    problems.push(
      places.error(
        ['model'],
        model === undefined
          ? 'is missing: name a model, or several as models.'
          : 'and models are both given. Keep one.',
      ),
    );
    return [];
  }
  const given = model === undefined ? (models ?? []) : [model];
  if (config.training?.search !== undefined && given.length > 1) {
    problems.push(
      places.error(
        ['training', 'search'],
        'is for a job with one model. Put a search into each of models that wants one.',
      ),
    );
  }
  const found: ResolvedModel[] = [];
  for (const [i, one] of given.entries()) {
    const path: KeyPath = model === undefined ? ['models', i] : ['model'];
    const result = await resolveModel(one, path, config, places);
    if (Array.isArray(result)) problems.push(...result);
    else found.push(result);
  }
  for (const [i, m] of found.entries()) {
    if (found.findIndex((other) => other.name === m.name) !== i)
      problems.push(
        places.error([...m.path, 'name'], `is "${m.name}", as another model is called. Give each a name of its own.`),
      );
  }
  return found;
}

const USE_CASES: Readonly<Record<string, UseCase>> = {
  classifier: 'classification',
  regressor: 'regression',
  clusterer: 'clustering',
};

function useCaseOf(
  config: JobConfig,
  models: readonly ResolvedModel[],
  problem: (path: KeyPath, text: string) => void,
): UseCase | null {
  const useCase = config.useCase ?? USE_CASES[models[0]?.estimator.kind ?? ''] ?? null;
  for (const m of models) {
    const own = USE_CASES[m.estimator.kind];
    if (own === useCase) continue;
    const why = config.useCase === undefined ? `${models[0]?.type} is for ${useCase}` : `useCase is ${useCase}`;
    problem([...m.path, 'type'], `is ${m.type}, which is for ${own}, but ${why}.`);
  }
  return useCase;
}

function checkData(config: JobConfig, useCase: UseCase | null, problem: (path: KeyPath, text: string) => void): void {
  const { data } = config;
  const { target, features = [], exclude = [], encode = {} } = data;
  if (useCase === 'clustering' && target !== undefined) {
    problem(['data', 'target'], `is "${target}", but clustering has no target. Exclude the column with data.exclude.`);
  }
  if ((useCase === 'classification' || useCase === 'regression') && target === undefined) {
    problem(['data', 'target'], `is missing: name the column to predict.`);
  }
  features.forEach((name, i) => {
    if (name === target) problem(['data', 'features', i], `is "${name}", the target: a model must not see it.`);
    if (exclude.includes(name)) problem(['data', 'features', i], `is "${name}", which data.exclude names too.`);
    if (name === data.sampleWeight) problem(['data', 'features', i], `is "${name}", the sample weight.`);
  });
  if (target !== undefined && Object.hasOwn(encode, target)) {
    problem(['data', 'encode', target], 'is the target: classes need no encoding.');
  }
  const held = (data.testSplit ?? (useCase === 'clustering' ? 0 : 0.2)) + (data.validationSplit ?? 0);
  if (held >= 1)
    problem(['data', 'testSplit'], `and data.validationSplit leave no rows to learn from: they add up to ${held}.`);
  const kinds = [data.splitByGroup, data.splitByTime, data.stratify || undefined].filter((k) => k !== undefined);
  if (kinds.length > 1) {
    problem(['data'], 'asks for several kinds of split: keep one of stratify, splitByGroup and splitByTime.');
  }
  if (data.stratify === true && useCase !== 'classification') {
    problem(['data', 'stratify'], 'is true, which is for classes. Name a column of classes instead.');
  }
}

/** Expressions and dtypes are parsed now, so that a slip of the pen costs no reading of files. */
function checkExpressions(config: JobConfig, places: Places, problems: ParameterError[]): void {
  const check = (path: KeyPath, parse: () => unknown): void => {
    try {
      parse();
    } catch (error) {
      if (!(error instanceof WarpError)) throw error;
      problems.push(places.error(path, `is no expression: ${error.message}`));
    }
  };
  const { derive = {}, clean = {} } = config.data;
  for (const [name, text] of Object.entries(derive)) check(['data', 'derive', name], () => parseExpression(text));
  const { filter } = clean;
  if (typeof filter === 'string') check(['data', 'clean', 'filter'], () => parseExpression(filter));
  else
    for (const [i, text] of (filter ?? []).entries())
      check(['data', 'clean', 'filter', i], () => parseExpression(text));
  for (const [name, dtype] of Object.entries(clean.cast ?? {})) {
    try {
      parseDType(dtype);
    } catch (error) {
      problems.push(places.error(['data', 'clean', 'cast', name], `must be a dtype: ${(error as Error).message}`));
    }
  }
}

function checkMetrics(
  config: JobConfig,
  useCase: UseCase | null,
  problem: (path: KeyPath, text: string) => void,
): readonly string[] {
  const known = METRICS[useCase ?? 'classification'];
  const { evaluation = {}, training, model, models } = config;
  const check = (path: KeyPath, metric: string | undefined): void => {
    if (metric === undefined || useCase === null || known.includes(metric)) return;
    const near = suggest(metric, known);
    problem(
      path,
      `is no metric of ${useCase}: "${metric}".${near === null ? '' : ` Did you mean "${near}"?`} Metrics: ${known.join(', ')}.`,
    );
  };
  for (const [i, metric] of (evaluation.metrics ?? []).entries()) check(['evaluation', 'metrics', i], metric);
  check(['evaluation', 'primaryMetric'], evaluation.primaryMetric);
  check(['training', 'search', 'metric'], training?.search?.metric);
  check(['model', 'search', 'metric'], model?.search?.metric);
  for (const [i, m] of (models ?? []).entries()) check(['models', i, 'search', 'metric'], m.search?.metric);
  if (evaluation.maxPlausibleAuc !== undefined && useCase !== null && useCase !== 'classification') {
    problem(['evaluation', 'maxPlausibleAuc'], `is for classification; this is ${useCase}.`);
  }
  return evaluation.metrics ?? known;
}

function predictionsOf(
  config: JobConfig,
  problem: (path: KeyPath, text: string) => void,
): ResolvedJob['output']['predictions'] {
  const { type, path, format } = config.output ?? {};
  if (type === 'none' && path !== undefined) problem(['output', 'path'], 'is given, but output.type is none.');
  if (type === 'file' && path === undefined) problem(['output', 'path'], 'is missing: the file for the predictions.');
  if (format !== undefined && path === undefined) problem(['output', 'format'], 'needs output.path.');
  if (path === undefined || type === 'none') return null;
  const found = format ?? formatOfPath(path);
  const known = OUTPUTS.find((o) => o === found);
  if (known === undefined)
    problem(['output', 'path'], `is ${JSON.stringify(path)}, whose ending names no format. Say it with output.format.`);
  return { path, format: known ?? 'parquet' };
}

function warningsOf(config: JobConfig): string[] {
  return Object.entries(config.data.derive ?? {})
    .filter(([, text]) => usesOtherRows(parseExpression(text)))
    .map(
      ([name]) =>
        `data.derive.${name} is computed over all rows, those of the test split too: what it knows of them may flatter the models.`,
    );
}
