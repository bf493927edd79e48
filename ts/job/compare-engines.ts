// The benchmark stage, of boosting: the other engine learns the same rows and predicts the same ones, after the first.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { UnsupportedError } from '../errors.ts';
import type { Table } from '../frame/table.ts';
import { benchmarkModel } from './benchmark-model.ts';
import { engineOf } from './build-estimator.ts';
import type { EngineComparison } from './job-result.ts';
import { scoreModel, shownMetrics } from './score-model.ts';
import { type TrainContext, type TrainedModel, trainAgain } from './train-models.ts';

/** Trains and measures a boosted model on the engine that the job did not use; null for models with one engine. */
export async function compareEngines(
  trained: TrainedModel,
  measured: Table<any>,
  primaryMetric: string,
  context: TrainContext,
): Promise<EngineComparison | null> {
  const { job, prepared, run, talk } = context;
  if (!job.benchmarking.compareEngines || !('engine' in trained.params)) return null;
  const engine = engineOf(trained.model) === 'wasm' ? 'libxgboost' : 'wasm';
  const without = (reason: string): EngineComparison => ({ engine, notShown: reason });
  if (engine === 'libxgboost') {
    const { xgboostStatus } = await import('../native/xgboost.ts');
    const { available, rejected } = await xgboostStatus();
    if (!available) {
      const tried = rejected.map((r) => `${r.candidate}: ${r.reason}`).join('; ');
      return without(`libxgboost is not there${tried === '' ? '' : ` (${tried})`}`);
    }
  }
  talk.note(`${trained.resolved.name}: the same once more by ${engine}, to compare`);
  let made: Awaited<ReturnType<typeof trainAgain>>;
  try {
    made = await trainAgain(trained, { engine }, context);
  } catch (error) {
    if (error instanceof UnsupportedError) return without(error.message);
    throw error;
  }
  using model = made.model;
  const score = await scoreModel(model, measured, { job, features: prepared.features, run, pictures: false });
  // The limit of latency is of the model that is kept.
  const unlimited: ResolvedJob = { ...job, inference: { ...job.inference, maxLatencyMs: null } };
  return {
    engine,
    notShown: null,
    fitMs: made.fitMs,
    predictMs: score.predictMs,
    metrics: shownMetrics(score.metrics, job, primaryMetric),
    benchmark: await benchmarkModel(unlimited, model, measured, run),
  };
}
