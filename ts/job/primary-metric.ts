// Which metric decides.
import type { ResolvedJob } from '../config/resolved-job.ts';
import type { Table } from '../frame/table.ts';
import type { RunOptions } from '../runner/runner.ts';

/** The metric of the job, or that of its use case: ROC AUC for two classes, accuracy for more, R², silhouette. */
export async function primaryMetricOf(job: ResolvedJob, rows: Table<any>, run: RunOptions): Promise<string> {
  if (job.evaluation.primaryMetric !== null) return job.evaluation.primaryMetric;
  if (job.useCase === 'regression') return 'r2';
  if (job.useCase === 'clustering') return 'silhouette';
  using classes = await rows
    .lazy()
    .select(job.data.target as never)
    .unique()
    .collect(run);
  return classes.height === 2 ? 'rocAuc' : 'accuracy';
}
