// A job's results as the report shows them.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { metricLabel } from '../report/metric-label.ts';
import type { EngineReading, ReportData, ReportModel } from '../report/report-data.ts';
import type { Environment } from './environment.ts';
import { importancesOf } from './importances.ts';
import type { BenchmarkResult, JobResult, MetricValues } from './job-result.ts';
import type { Score } from './score-model.ts';
import type { TrainedModel } from './train-models.ts';

/** What a report is made of beside the result. */
export interface ReportParts {
  readonly job: ResolvedJob;
  readonly result: Omit<JobResult, 'report' | 'totalMs' | 'status'>;
  readonly trained: readonly TrainedModel[];
  readonly scores: readonly Score[];
  readonly environment: Environment;
  /** The resolved job as YAML. */
  readonly config: string;
}

const readings = (metrics: MetricValues): { name: string; value: number }[] =>
  Object.entries(metrics).map(([name, value]) => ({ name, value }));

const engineReading = (
  model: string,
  engine: string,
  { lastFitMs, predictMs }: { readonly lastFitMs: number; readonly predictMs: number },
  metric: number | undefined,
  benchmark: BenchmarkResult | null,
): EngineReading => ({
  model,
  engine,
  fitMs: lastFitMs,
  predictMs,
  rowsPerSecond: benchmark?.throughputRowsPerSecond ?? null,
  latencyP50Ms: benchmark?.latencyMs?.p50 ?? null,
  latencyP95Ms: benchmark?.latencyMs?.p95 ?? null,
  metric: metric ?? null,
});

/** Gathers the report's numbers. */
export function reportOf({ job, result, trained, scores, environment, config }: ReportParts): ReportData {
  const models = result.models.map((m, i): ReportModel => {
    const t = trained[i] as TrainedModel;
    const score = scores[i] as Score;
    return {
      name: m.name,
      type: m.type,
      isBest: m.name === result.best,
      params: m.params,
      metrics: readings(m.metrics),
      validation: m.validation === null ? [] : readings(m.validation),
      importances: importancesOf(t.model, t.resolved),
      ...(score.classifier ? { classifier: score.classifier } : {}),
      ...(score.regressor ? { regressor: score.regressor } : {}),
      ...(score.clustering ? { clustering: score.clustering } : {}),
      ...(t.learning ? { learning: t.learning } : {}),
    };
  });
  const { rows } = result;
  const measures = result.degraded.map((d) => `${d.key} was not acted on: ${d.reason}.`);
  return {
    title: job.name,
    facts: [
      { name: 'use case', value: job.useCase },
      ...(job.data.target === null ? [] : [{ name: 'target', value: job.data.target }]),
      ...(job.domain === null ? [] : [{ name: 'domain', value: job.domain }]),
      { name: 'features', value: String(result.columns.filter((c) => c.role === 'feature').length) },
      { name: 'chosen by', value: metricLabel(result.primaryMetric) },
      { name: 'on', value: environment.startedAt.slice(0, 16).replace('T', ' ') },
    ],
    warnings: [...measures, ...result.warnings],
    primaryMetric: result.primaryMetric,
    measuredOn: rows.test > 0 ? 'test' : rows.validation > 0 ? 'validation' : 'training',
    rows: [
      { name: 'rows read', rows: rows.loaded },
      { name: 'training', rows: rows.train },
      ...(rows.validation > 0 ? [{ name: 'validation', rows: rows.validation }] : []),
      ...(rows.test > 0 ? [{ name: 'test', rows: rows.test }] : []),
    ],
    columns: result.columns.map((c) => ({
      name: c.name,
      dtype: c.dtype,
      nulls: c.nulls ?? 0,
      role: c.note === null ? c.role : `${c.role}, ${c.note}`,
    })),
    stages: result.stages,
    models,
    engines: result.models.flatMap((m) => {
      const { otherEngine: other } = m;
      const own = engineReading(m.name, m.benchmark?.engine ?? 'cpu', m, m.metrics[result.primaryMetric], m.benchmark);
      if (other === null || other.notShown !== null) return [own];
      return [
        own,
        engineReading(
          m.name,
          other.engine,
          { ...other, lastFitMs: other.fitMs },
          other.metrics[result.primaryMetric],
          other.benchmark,
        ),
      ];
    }),
    engineNotes: result.models.flatMap(({ name, otherEngine: other }) =>
      other !== null && other.notShown !== null ? [`${name} by ${other.engine} is not shown: ${other.notShown}`] : [],
    ),
    environment: [
      { name: 'Node', value: environment.node },
      { name: 'platform', value: environment.platform },
      { name: 'processor', value: `${environment.cpu}, ${environment.cores} cores` },
      { name: 'threads', value: String(environment.threads) },
      ...environment.backends.map((b) => ({ name: `engine ${b.name}`, value: b.reason })),
    ],
    config,
  };
}
