// The job as it ran, with every default written out: running it again does the same.
import type { JobConfig, JobValue, ModelConfig } from '../config/job-config.ts';
import type { ResolvedJob, ResolvedModel } from '../config/resolved-job.ts';

type Loose = { readonly [key: string]: unknown };

/** Without what is absent or empty. */
const present = (object: Loose): Loose =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== null && value !== undefined && !(typeof value === 'object' && Object.keys(value).length === 0),
    ),
  );

/** The resolved job in the form of a job file. */
export function configOf(job: ResolvedJob): JobConfig {
  const { data, training, evaluation, inference, benchmarking, output } = job;
  const models = job.models.map(modelOf);
  return present({
    name: job.name,
    useCase: job.useCase,
    domain: job.domain,
    fallback: job.fallback,
    data: present({
      trainingPath: data.paths.length === 1 ? data.paths[0] : data.paths,
      format: data.format,
      readOptions: data.readOptions,
      target: data.target,
      features: data.features,
      exclude: data.exclude,
      validationSplit: data.validationSplit,
      testSplit: data.testSplit,
      // Absent means true for classification: what was decided is said.
      stratify:
        data.stratify ?? (job.useCase === 'classification' && !data.splitByGroup && !data.splitByTime ? false : null),
      splitByGroup: data.splitByGroup,
      splitByTime: data.splitByTime,
      sampleWeight: data.sampleWeight,
      batchSize: data.batchSize,
      clean: data.clean,
      derive: data.derive,
      impute: data.impute,
    }),
    ...(models.length === 1 ? { model: models[0] } : { models }),
    training: present({ ...training }),
    evaluation: present({ ...evaluation }),
    inference: present({ ...inference }),
    benchmarking: present({ ...benchmarking }),
    output: present({ path: output.predictions?.path, format: output.predictions?.format, report: output.report }),
    memoryLimitBytes: job.memoryLimitBytes,
    threads: job.threads,
  }) as unknown as JobConfig;
}

function modelOf(model: ResolvedModel): ModelConfig {
  const params = model.estimator.getParams() as { readonly [param: string]: JobValue };
  return present({
    type: model.type,
    name: model.name,
    params,
    scale: model.scale,
    encode: model.encode,
    search:
      model.search === null
        ? null
        : present({ ...model.search, nIter: model.search.method === 'random' ? model.search.nIter : null }),
    maxTrainingRows: model.maxTrainingRows,
  }) as unknown as ModelConfig;
}
