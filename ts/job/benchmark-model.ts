// The benchmark stage: a model predicts the test rows in batches, timed.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { JobError } from '../errors.ts';
import type { Table } from '../frame/table.ts';
import { Predictor } from '../predict/predictor.ts';
import type { RunOptions } from '../runner/runner.ts';
import { engineOf } from './build-estimator.ts';
import type { BenchmarkResult } from './job-result.ts';
import type { JobModel } from './score-model.ts';

/** Most rows that are predicted, and fewest batches: percentiles of fewer say little. */
const MOST_ROWS = 500_000;
const LEAST_BATCHES = 20;

/** Times the prediction of rows in batches of `inference.batchSize`. */
export async function benchmarkModel(
  job: ResolvedJob,
  model: JobModel,
  rows: Table<any>,
  run: RunOptions,
): Promise<BenchmarkResult> {
  const { batchSize, maxLatencyMs } = job.inference;
  const predictor = new Predictor(model, { batchSize });
  using part = rows.height > MOST_ROWS ? await rows.lazy().head(MOST_ROWS).collect(run) : null;
  const measured = part ?? rows;
  // The first batch lays the model out in the engine: it is not what a running service pays.
  using first = await measured.lazy().head(batchSize).collect(run);
  await predictor.predict(first, run);
  predictor.resetStats();
  do await predictor.predict(measured, run);
  while (predictor.stats.batches < LEAST_BATCHES && predictor.stats.predictMs < 1000);
  const { stats } = predictor;
  const wanted = job.benchmarking.metrics;
  const p95 = stats.latencyMs?.p95 ?? 0;
  if (maxLatencyMs !== null && p95 > maxLatencyMs) {
    throw new JobError(
      `${job.places.label(['inference', 'maxLatencyMs'])} is ${maxLatencyMs}, but 95 % of the batches of ${Math.min(batchSize, measured.height)} rows took up to ${p95.toFixed(1)} ms. Make inference.batchSize smaller, or the model.`,
      { key: 'inference.maxLatencyMs', latencyMs: p95 },
    );
  }
  return {
    engine: engineOf(model),
    rows: stats.rows,
    batchSize: Math.min(batchSize, measured.height),
    latencyMs: wanted.includes('latencyMs') ? stats.latencyMs : null,
    throughputRowsPerSecond: wanted.includes('throughputRowsPerSecond') ? stats.throughputRowsPerSecond : null,
  };
}
