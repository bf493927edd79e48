// What a job gives back.
import type { Degradation } from '../config/resolved-job.ts';
import type { Latencies } from '../predict/latencies.ts';

/** The stages of a job, in order. */
export const STAGES = ['load', 'clean', 'features', 'split', 'train', 'evaluate', 'save', 'benchmark'] as const;
export type StageName = (typeof STAGES)[number];

/** What a stage did. */
export interface StageResult {
  readonly name: StageName;
  readonly ms: number;
  /** Rows at its end; null where it has none. */
  readonly rows: number | null;
  /** Most memory of the process while it ran, in bytes. */
  readonly memoryBytes: number;
}

/** Metrics by name; a metric that is not defined for the rows is absent. */
export type MetricValues = { readonly [metric: string]: number };

/** What the benchmark measured of a model. */
export interface BenchmarkResult {
  readonly engine: string;
  readonly rows: number;
  readonly batchSize: number;
  readonly latencyMs: Latencies | null;
  readonly throughputRowsPerSecond: number | null;
}

/** How the other engine of a boosted model did on the same rows, or why it is not shown. */
export type EngineComparison =
  | { readonly engine: string; readonly notShown: string }
  | {
      readonly engine: string;
      readonly notShown: null;
      /** Time of one fit with the parameters of the model. */
      readonly fitMs: number;
      readonly predictMs: number;
      readonly metrics: MetricValues;
      readonly benchmark: BenchmarkResult;
    };

/** What became of one model. */
export interface ModelResult {
  readonly name: string;
  readonly type: string;
  /** All parameters of the estimator that was trained, those a search chose too. */
  readonly params: { readonly [param: string]: unknown };
  /** Time of training, with a search and a learning curve where there are any. */
  readonly fitMs: number;
  /** Time of the one fit that gave the model. */
  readonly lastFitMs: number;
  readonly trainingRows: number;
  /** Time of predicting the rows it was measured on. */
  readonly predictMs: number;
  /** On the validation rows; null without them. */
  readonly validation: MetricValues | null;
  /** On the test rows; without a test split on the training rows. */
  readonly metrics: MetricValues;
  /** Whether it stopped before its last round; null for models without rounds. */
  readonly stoppedEarly: boolean | null;
  /** The file it was saved to; null when only the best was saved. */
  readonly file: string | null;
  readonly benchmark: BenchmarkResult | null;
  /** Boosting only: the engine that did not train the model. */
  readonly otherEngine: EngineComparison | null;
}

/** How a column took part in a job. */
export interface ColumnUse {
  readonly name: string;
  readonly dtype: string;
  /** Nulls in the rows as they were read; null for derived columns. */
  readonly nulls: number | null;
  readonly role: 'target' | 'feature' | 'excluded' | 'not used' | 'weight' | 'split' | 'source';
  /** `target encoded`, … */
  readonly note: string | null;
}

/** The result of a job. */
export interface JobResult {
  readonly name: string;
  readonly useCase: string;
  readonly status: 'finished';
  /** Folder with the model, metrics.json, config.yaml, environment.json and report.html. */
  readonly folder: string;
  readonly stages: readonly StageResult[];
  readonly rows: {
    readonly loaded: number;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
  };
  readonly columns: readonly ColumnUse[];
  readonly models: readonly ModelResult[];
  /** Name of the best model. */
  readonly best: string;
  readonly primaryMetric: string;
  /** Keys that could not be acted on, with what happened instead. */
  readonly degraded: readonly Degradation[];
  readonly warnings: readonly string[];
  readonly report: { readonly path: string } | { readonly skipped: string };
  /** File of the predictions of the test rows. */
  readonly predictions: string | null;
  readonly totalMs: number;
}
