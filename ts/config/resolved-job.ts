// A job with every default filled in and every key checked: what the stages work from.
import type { Estimator } from '../ml/core/estimator.ts';
import type {
  BenchmarkMetric,
  CleanConfig,
  Encoding,
  Fallback,
  Imputing,
  JobConfig,
  JobFormat,
  JobValue,
  Scaling,
  SearchConfig,
  UseCase,
} from './job-config.ts';
import type { KeyPath, Places } from './places.ts';

/** A key that this version or machine cannot act on, and what happened instead. */
export interface Degradation {
  /** `gpu.deviceId` */
  readonly key: string;
  readonly requested: JobValue;
  readonly reason: string;
}

/** A model to train. */
export interface ResolvedModel {
  readonly name: string;
  readonly type: string;
  /** All parameters, those at their defaults too. */
  readonly estimator: Estimator;
  /** Parameters that the job gives. */
  readonly params: { readonly [param: string]: JobValue };
  readonly scale: Scaling | null;
  readonly encode: { readonly [column: string]: Encoding };
  readonly search:
    | (Required<Pick<SearchConfig, 'method' | 'nIter' | 'folds'>> & {
        readonly params: { readonly [param: string]: readonly JobValue[] };
        readonly metric: string | null;
      })
    | null;
  readonly maxTrainingRows: number | null;
  /** Whether it trains round by round and can stop early. */
  readonly hasRounds: boolean;
  /** Where it stands in the job. */
  readonly path: KeyPath;
}

/** A job that can run. */
export interface ResolvedJob {
  readonly name: string;
  readonly useCase: UseCase;
  readonly domain: string | null;
  readonly data: {
    readonly paths: readonly string[];
    readonly format: JobFormat;
    readonly readOptions: { readonly [option: string]: JobValue };
    readonly target: string | null;
    readonly features: readonly string[] | null;
    readonly exclude: readonly string[];
    readonly validationSplit: number;
    readonly testSplit: number;
    /** Column whose values have equal shares in every split. */
    readonly stratify: string | null;
    readonly splitByGroup: string | null;
    readonly splitByTime: string | null;
    readonly sampleWeight: string | null;
    readonly batchSize: number | null;
    readonly clean: CleanConfig;
    readonly derive: { readonly [column: string]: string };
    readonly impute: Imputing | null;
  };
  readonly models: readonly ResolvedModel[];
  readonly training: {
    readonly earlyStoppingPatience: number | null;
    readonly saveBestOnly: boolean;
    readonly randomState: number;
    readonly learningCurve: readonly number[];
  };
  readonly evaluation: {
    readonly metrics: readonly string[];
    readonly primaryMetric: string | null;
    readonly maxPlausibleAuc: number | null;
  };
  readonly inference: { readonly batchSize: number; readonly maxLatencyMs: number | null };
  readonly benchmarking: {
    readonly cpuBaseline: boolean;
    readonly compareEngines: boolean;
    readonly metrics: readonly BenchmarkMetric[];
  };
  readonly output: {
    readonly predictions: { readonly path: string; readonly format: 'parquet' | 'csv' | 'jsonl' | 'arrow' } | null;
    /** Folder of the run; null: `runs/<time>`. */
    readonly folder: string | null;
    readonly report: boolean;
  };
  readonly fallback: Fallback;
  readonly memoryLimitBytes: number | null;
  readonly threads: number | null;
  readonly degraded: readonly Degradation[];
  /** What is allowed but probably not meant. */
  readonly warnings: readonly string[];
  /** The job as given, with overrides and variables put in. */
  readonly config: JobConfig;
  readonly places: Places;
}
