// The public door to jobs: light, so that importing the package loads neither zod nor yaml nor any training.
import type { JobConfig } from '../config/job-config.ts';
import type { JobResult } from './job-result.ts';
import type { JobEvent } from './stages.ts';

/** Options of `runJob`. */
export interface RunJobOptions {
  /** Overrides, such as `model.params.maxDepth=8`; the last one wins. */
  readonly set?: readonly string[];
  /** Stops the job; its folder says that it was aborted. The promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  /** Told of every stage and of progress within it. */
  readonly onEvent?: (event: JobEvent) => void;
}

/**
 * Runs a job: load, clean, features, split, train, evaluate, save, benchmark. The results are in a folder: the model,
 * `metrics.json`, the resolved `config.yaml`, `environment.json`, and `report.html` where the optional package vega is.
 *
 * @param job - the path of a YAML or JSON file, or the same keys as an object; camelCase or snake_case
 * @throws {ERR_PARAMETER} unknown or wrong keys, all at once, each with its line and a suggestion; keys that this version
 * cannot act on, unless `fallback` allows it
 * @throws {ERR_FILE_NOT_FOUND} no such job file or data
 * @throws {ERR_COLUMN_NOT_FOUND} a target or feature that the data does not have
 * @throws {ERR_TARGET} a target with nulls or one class
 * @throws {ERR_JOB} a model better than `evaluation.maxPlausibleAuc`, or slower than `inference.maxLatencyMs`
 * @throws {ERR_IO} a folder that cannot be written, a full disk
 * @example
 * ```ts
 * const x = Float64Array.from({ length: 200 }, (_, i) => i);
 * await fromColumns({ x, y: x.map((v) => 3 * v + Math.sin(v)) }).writeParquet(`${tmp}/rows.parquet`);
 * const result = await runJob({
 *   data: { trainingPath: `${tmp}/rows.parquet`, target: 'y' },
 *   model: { type: 'LinearRegression' },
 *   output: { folder: `${tmp}/run`, report: false },
 * });
 * console.log(result.best, result.rows, result.models[0].metrics.r2 > 0.99);
 * // LinearRegression { loaded: 200, train: 160, validation: 0, test: 40 } true
 * ```
 */
export async function runJob(job: string | JobConfig, options: RunJobOptions = {}): Promise<JobResult> {
  const { runJobNow } = await import('./job-run.ts');
  return runJobNow(job, options);
}
