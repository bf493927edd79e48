// The schema of job files. Loaded with zod when a job runs, never by importing the package.
import { z } from 'zod';
import type { JobConfig } from './job-config.ts';

const text = (about: string) => z.string().min(1).describe(about);
const names = (about: string) => z.array(z.string().min(1)).describe(about);
const share = (about: string) => z.number().min(0).lt(1).describe(about);
const count = (about: string) => z.number().int().min(1).describe(about);
const byColumn = <V extends z.ZodType>(value: V, about: string) => z.record(z.string(), value).describe(about);

const jobValue: z.ZodType<JobConfigValue> = z.json();
type JobConfigValue = NonNullable<NonNullable<JobConfig['model']>['params']>[string];

const encoding = z.enum(['target', 'oneHot', 'ordinal']);

const clean = z
  .strictObject({
    rename: byColumn(z.string().min(1), 'New names of columns: old name to new name.').optional(),
    cast: byColumn(z.string().min(1), 'New dtypes of columns, such as Int32 or Datetime(us).').optional(),
    filter: z
      .union([z.string(), z.array(z.string())])
      .describe('Keeps the rows for which the expression, or each of several, is true.')
      .optional(),
    dropNulls: z
      .union([z.boolean(), z.array(z.string())])
      .describe('Drops rows with a null in these columns; true: in any column.')
      .optional(),
    fillNull: byColumn(z.union([z.string(), z.number(), z.boolean()]), 'A value in place of null.').optional(),
    dropDuplicates: z
      .union([z.boolean(), z.array(z.string())])
      .describe('Drops repeated rows; a list: rows that repeat these columns.')
      .optional(),
    sample: z
      .union([z.strictObject({ rows: count('Rows to keep.') }), z.strictObject({ fraction: z.number().gt(0).lte(1) })])
      .describe('Keeps so many rows, or this share of them, drawn with training.randomState.')
      .optional(),
  })
  .describe('Mending of rows and columns before features are derived; the steps run in the order of these keys.');

const data = z
  .strictObject({
    trainingPath: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe('Files to read: a path, a glob, an http(s) address, or a list of them.'),
    format: z
      .enum(['parquet', 'csv', 'jsonl', 'arrow', 'json'])
      .describe('Format of the files (default: by their ending).')
      .optional(),
    readOptions: z.record(z.string(), jobValue).describe('Options of the reader, such as delimiter of CSV.').optional(),
    target: text('The column to predict; none for clustering.').optional(),
    features: names(
      'Columns to learn from (default: all numeric, boolean and encoded columns but the target).',
    ).optional(),
    exclude: names('Columns not to learn from.').optional(),
    validationSplit: share(
      'Share of the rows for choosing between models and for early stopping (default 0).',
    ).optional(),
    testSplit: share('Share of the rows that only measures the models (default 0.2; 0 for clustering).').optional(),
    stratify: z
      .union([z.boolean(), z.string().min(1)])
      .describe(
        "Equal shares of the target's classes (default true for classification), or of another column's values, in every split.",
      )
      .optional(),
    splitByGroup: text('Column whose equal values stay in one split.').optional(),
    splitByTime: text('Column by which the last rows are the test rows.').optional(),
    sampleWeight: text('Column of row weights.').optional(),
    batchSize: count('Most rows that predict is given at once when models are measured (default: all).').optional(),
    clean: clean.optional(),
    derive: byColumn(z.string().min(1), 'New columns by expressions, in order.').optional(),
    encode: byColumn(encoding, 'How columns of categories become numbers, learned from the training rows.').optional(),
    impute: z
      .enum(['mean', 'median', 'mostFrequent'])
      .describe('How missing numbers are filled, learned from the training rows.')
      .optional(),
  })
  .describe('Where rows come from and what is learned from them.');

const gpu = z
  .strictObject({
    deviceId: z.number().int().min(0).describe('Which GPU, from 0.').optional(),
    memoryLimit: z
      .union([z.number().gt(0), z.string().regex(/^\d+(\.\d+)?\s*(B|KB|MB|GB|KiB|MiB|GiB)$/i)])
      .describe('Most GPU memory to use, in bytes or as text such as 8GB.')
      .optional(),
    enableMultiGpu: z.boolean().describe('Whether several GPUs may share the work.').optional(),
  })
  .describe('What to ask of a GPU. This version has none: see fallback.');

const search = z
  .strictObject({
    method: z.enum(['grid', 'random']).describe('Every combination, or nIter drawn ones (default grid).').optional(),
    params: z.record(z.string(), z.array(jobValue).min(1)).describe('Values to try for each parameter of the model.'),
    nIter: count('Combinations that a random search tries (default 10).').optional(),
    folds: z.number().int().min(2).describe('Folds of the cross-validation (default 3).').optional(),
    metric: text('Metric that decides (default: evaluation.primaryMetric).').optional(),
  })
  .describe('A search for parameters by cross-validation on the training rows.');

const model = z
  .strictObject({
    type: text('An estimator, such as LogisticRegression, RandomForestClassifier or XgbClassifier.'),
    name: text('Name in the results (default: the type).').optional(),
    params: z.record(z.string(), jobValue).describe('Parameters of the estimator.').optional(),
    scale: z.enum(['standard', 'minMax']).describe('How numeric features are scaled (default: not).').optional(),
    encode: byColumn(encoding, 'Encodings in place of data.encode.').optional(),
    search: search.optional(),
    maxTrainingRows: count('Most rows that this model learns from (default: all).').optional(),
  })
  .describe('A model to train.');

const training = z
  .strictObject({
    earlyStoppingPatience: count('Rounds without a better validation score after which boosting stops.').optional(),
    saveBestOnly: z.boolean().describe('Whether only the best model is saved (default true).').optional(),
    search: search.optional(),
    randomState: z
      .number()
      .int()
      .min(0)
      .max(0xffffffff)
      .describe('Seed of splits, samples and models that are given none (default 0).')
      .optional(),
    learningCurve: z
      .array(z.number().gt(0).lte(1))
      .min(1)
      .describe('Shares of the training rows at which the score is measured for the learning curve (default: none).')
      .optional(),
  })
  .describe('How models are trained.');

const evaluation = z
  .strictObject({
    metrics: z
      .array(z.string().min(1))
      .min(1)
      .describe('Metrics to report (default: those of the use case).')
      .optional(),
    primaryMetric: text('The metric that chooses the best model.').optional(),
    maxPlausibleAuc: z
      .number()
      .gt(0.5)
      .lte(1)
      .describe("Fails the job when a model's ROC AUC is above: better than plausible means that the target leaks.")
      .optional(),
  })
  .describe('How models are measured.');

const inference = z
  .strictObject({
    batchSize: count('Rows that the benchmark gives predict at a time (default 65536).').optional(),
    precision: z
      .enum(['fp64', 'fp32', 'fp16', 'int8'])
      .describe('Number format of the prediction; this version computes in fp64.')
      .optional(),
    maxLatencyMs: z
      .number()
      .gt(0)
      .describe('Fails the job when 95 % of the batches are not predicted within so many milliseconds.')
      .optional(),
  })
  .describe('How the model is used after training.');

const benchmarking = z
  .strictObject({
    cpuBaseline: z.boolean().describe('Whether to time prediction on the CPU engine (default true).').optional(),
    compareEngines: z
      .boolean()
      .describe(
        'Whether a boosted model is trained and measured on its other engine too, where that is there (default true).',
      )
      .optional(),
    metrics: z
      .array(z.enum(['fitMs', 'predictMs', 'latencyMs', 'throughputRowsPerSecond', 'gpuSpeedup']))
      .describe('What to report (default: all but gpuSpeedup, which needs a GPU).')
      .optional(),
  })
  .describe('What the benchmark stage measures.');

const output = z
  .strictObject({
    type: z
      .enum(['file', 'none', 'database', 'stream'])
      .describe("What is written beside the run's folder: file writes the predictions of the test rows.")
      .optional(),
    format: z
      .enum(['parquet', 'csv', 'jsonl', 'arrow'])
      .describe('Format of the predictions (default: by the ending of path).')
      .optional(),
    path: text('File of the predictions.').optional(),
    folder: text('Folder of this run (default runs/<time>).').optional(),
    report: z
      .boolean()
      .describe('Whether report.html is written (default true); it needs the package vega.')
      .optional(),
  })
  .describe('Where results go.');

/** The schema of a whole job. */
export const jobSchema = z
  .strictObject({
    name: text('Name in the results.').optional(),
    useCase: z
      .enum(['classification', 'regression', 'clustering'])
      .describe("What is learned (default: what the model's type does).")
      .optional(),
    domain: z.string().describe('What the data is about; only written into the results.').optional(),
    data,
    gpu: gpu.optional(),
    fallback: z
      .enum(['cpu', 'error', 'degraded'])
      .describe(
        'What happens when a key cannot be acted on: error (default); cpu takes the CPU in place of a GPU; degraded goes on without. Both record it in the result.',
      )
      .optional(),
    model: model.optional(),
    models: z.array(model).min(1).describe('Several models to train and compare.').optional(),
    training: training.optional(),
    evaluation: evaluation.optional(),
    inference: inference.optional(),
    benchmarking: benchmarking.optional(),
    output: output.optional(),
    memoryLimitBytes: z.number().int().min(1).describe('Most bytes that the engine may hold.').optional(),
    threads: count('Threads that training and prediction may use.').optional(),
  })
  .describe('A warpframe job: load, clean, features, split, train, evaluate, save, benchmark.');

export type CheckedJob = z.output<typeof jobSchema>;
