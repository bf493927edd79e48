// The keys of a job: what a job file holds and what `runJob` takes. schema.ts checks exactly these.

/** What is learned. */
export type UseCase = 'classification' | 'regression' | 'clustering';
/** A file format that a job reads. `json` is one array of objects, read whole. */
export type JobFormat = 'parquet' | 'csv' | 'jsonl' | 'arrow' | 'json';
/** What happens when a key asks for something that this version or machine cannot do. */
export type Fallback = 'cpu' | 'error' | 'degraded';
/** How a column of categories becomes numbers. */
export type Encoding = 'target' | 'oneHot' | 'ordinal';
/** How missing values of numeric features are filled. */
export type Imputing = 'mean' | 'median' | 'mostFrequent';
/** How numeric features are scaled. */
export type Scaling = 'standard' | 'minMax';
/** A value that a job file can hold. */
export type JobValue = string | number | boolean | null | readonly JobValue[] | { readonly [key: string]: JobValue };

/** Mending of rows and columns, before features are derived. The steps run in the order of these keys. */
export interface CleanConfig {
  /** New names of columns: `{ old: new }`. */
  readonly rename?: { readonly [column: string]: string };
  /** New dtypes of columns: `{ delay: Int32 }`. A value that does not fit fails the job. */
  readonly cast?: { readonly [column: string]: string };
  /** Keeps the rows for which an expression, or each of several, is true. */
  readonly filter?: string | readonly string[];
  /** Drops rows with a null in these columns; `true`: in any column. */
  readonly dropNulls?: boolean | readonly string[];
  /** Puts a value in place of null: `{ city: unknown, age: 0 }`. */
  readonly fillNull?: { readonly [column: string]: string | number | boolean };
  /** Drops repeated rows; a list: rows that repeat these columns. */
  readonly dropDuplicates?: boolean | readonly string[];
  /** Keeps so many rows, or this share of them, drawn with `training.randomState`. */
  readonly sample?: { readonly rows: number } | { readonly fraction: number };
}

/** Where rows come from and what is learned from them. */
export interface DataConfig {
  /** Files to read: a path, a glob, an http(s) address, or a list of them. */
  readonly trainingPath: string | readonly string[];
  /** Format of the files (default: by their ending). */
  readonly format?: JobFormat;
  /** Options of the reader, such as `delimiter` of CSV. */
  readonly readOptions?: { readonly [option: string]: JobValue };
  /** The column to predict; none for clustering. */
  readonly target?: string;
  /** Columns to learn from (default: all numeric, boolean and encoded columns but the target). */
  readonly features?: readonly string[];
  /** Columns not to learn from. */
  readonly exclude?: readonly string[];
  /** Share of the rows for choosing between models and for early stopping, [0, 1) (default 0). */
  readonly validationSplit?: number;
  /** Share of the rows that only measures the models, [0, 1) (default 0.2; 0 for clustering). */
  readonly testSplit?: number;
  /** Equal shares of the target's classes in every split (default true for classification), or of another column's values. */
  readonly stratify?: boolean | string;
  /** Column whose equal values stay in one split. */
  readonly splitByGroup?: string;
  /** Column by which the last rows are the test rows, the ones before them the validation rows. */
  readonly splitByTime?: string;
  /** Column of row weights. */
  readonly sampleWeight?: string;
  /** Most rows that `predict` is given at once when models are measured (default: all). */
  readonly batchSize?: number;
  /** Mending, before features are derived. */
  readonly clean?: CleanConfig;
  /** New columns by expressions, in order; a later one may use an earlier one: `{ late: delay > 15 }`. */
  readonly derive?: { readonly [column: string]: string };
  /** How columns of categories become numbers: `{ origin: target }`. Learned from the training rows alone. */
  readonly encode?: { readonly [column: string]: Encoding };
  /** How missing numbers are filled. Learned from the training rows alone. */
  readonly impute?: Imputing;
}

/** What to ask of a GPU. This version has none. */
export interface GpuConfig {
  /** Which GPU, from 0. */
  readonly deviceId?: number;
  /** Most GPU memory to use, in bytes or as text: `8GB`. */
  readonly memoryLimit?: number | string;
  /** Whether several GPUs may share the work. */
  readonly enableMultiGpu?: boolean;
}

/** A search for parameters by cross-validation on the training rows. */
export interface SearchConfig {
  /** Every combination, or `nIter` drawn ones (default grid). */
  readonly method?: 'grid' | 'random';
  /** Values to try for each parameter of the model: `{ maxDepth: [4, 8] }`. */
  readonly params: { readonly [param: string]: readonly JobValue[] };
  /** Combinations that a random search tries (default 10). */
  readonly nIter?: number;
  /** Folds of the cross-validation (default 3). */
  readonly folds?: number;
  /** Metric that decides (default: `evaluation.primaryMetric`). */
  readonly metric?: string;
}

/** A model to train. */
export interface ModelConfig {
  /** An estimator: `LogisticRegression`, `RandomForestClassifier`, `XgbClassifier`, … */
  readonly type: string;
  /** Name in the results (default: the type). */
  readonly name?: string;
  /** Parameters of the estimator. */
  readonly params?: { readonly [param: string]: JobValue };
  /** How this model's numeric features are scaled (default: not). */
  readonly scale?: Scaling;
  /** Encodings in place of `data.encode`. */
  readonly encode?: { readonly [column: string]: Encoding };
  /** A search in place of `training.search`. */
  readonly search?: SearchConfig;
  /** Most rows that this model learns from, drawn with `training.randomState` (default: all). */
  readonly maxTrainingRows?: number;
}

/** How models are trained. */
export interface TrainingConfig {
  /** Rounds without a better validation score after which boosting stops. Needs `data.validationSplit`. */
  readonly earlyStoppingPatience?: number;
  /** Whether only the best model is saved (default true). */
  readonly saveBestOnly?: boolean;
  /** A search for parameters, for a job with one model. */
  readonly search?: SearchConfig;
  /** Seed of splits, samples and of every model that takes one and is given none (default 0). */
  readonly randomState?: number;
  /** Shares of the training rows at which the score is measured for the report's learning curve, such as `[0.1, 0.5, 1]` (default: none). */
  readonly learningCurve?: readonly number[];
}

/** How models are measured. */
export interface EvaluationConfig {
  /** Metrics to report (default: those of the use case). */
  readonly metrics?: readonly string[];
  /** The metric that chooses the best model (default rocAuc, r2 or silhouette; accuracy for more than two classes). */
  readonly primaryMetric?: string;
  /** Fails the job when a model's ROC AUC is above: better than plausible means that the target leaks into the features. */
  readonly maxPlausibleAuc?: number;
}

/** How the model is used after training. */
export interface InferenceConfig {
  /** Rows that the benchmark gives `predict` at a time (default 65,536). */
  readonly batchSize?: number;
  /** Number format of the prediction; this version computes in `fp64`. */
  readonly precision?: 'fp64' | 'fp32' | 'fp16' | 'int8';
  /** Fails the job when 95 % of the batches are not predicted within so many milliseconds. */
  readonly maxLatencyMs?: number;
}

/** A quantity that the benchmark stage measures. */
export type BenchmarkMetric = 'fitMs' | 'predictMs' | 'latencyMs' | 'throughputRowsPerSecond' | 'gpuSpeedup';

/** What the benchmark stage measures. */
export interface BenchmarkingConfig {
  /** Whether to time prediction on the CPU engine (default true). */
  readonly cpuBaseline?: boolean;
  /** Whether a boosted model is trained and measured on its other engine too, where that is there (default true). */
  readonly compareEngines?: boolean;
  /** What to report beside the times of fit and predict (default: all but gpuSpeedup, which needs a GPU). */
  readonly metrics?: readonly BenchmarkMetric[];
}

/** Where results go. */
export interface OutputConfig {
  /** What is written beside the run's folder: `file` writes the predictions of the test rows. */
  readonly type?: 'file' | 'none' | 'database' | 'stream';
  /** Format of the predictions (default: by the ending of `path`). */
  readonly format?: 'parquet' | 'csv' | 'jsonl' | 'arrow';
  /** File of the predictions. */
  readonly path?: string;
  /** Folder of this run (default `runs/<time>`). */
  readonly folder?: string;
  /** Whether `report.html` is written (default true). It needs the optional package vega. */
  readonly report?: boolean;
}

/** A whole job: load, clean, features, split, train, evaluate, save, benchmark. */
export interface JobConfig {
  /** Name in the results. */
  readonly name?: string;
  /** What is learned (default: what the model's type does). */
  readonly useCase?: UseCase;
  /** What the data is about; only written into the results. */
  readonly domain?: string;
  readonly data: DataConfig;
  readonly gpu?: GpuConfig;
  /** What happens when a key cannot be acted on (default error). */
  readonly fallback?: Fallback;
  /** The model to train; or `models`. */
  readonly model?: ModelConfig;
  /** Several models to train and compare. */
  readonly models?: readonly ModelConfig[];
  readonly training?: TrainingConfig;
  readonly evaluation?: EvaluationConfig;
  readonly inference?: InferenceConfig;
  readonly benchmarking?: BenchmarkingConfig;
  readonly output?: OutputConfig;
  /** Most bytes that the engine may hold (default `WARPFRAME_MEMORY_LIMIT_BYTES` or 4 GiB). */
  readonly memoryLimitBytes?: number;
  /** Threads that the job may use (default `WARPFRAME_THREADS` or as many as there are cores). */
  readonly threads?: number;
}
