// The predictions of the best model for the rows that measured it, as a file.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { concat, type DataFrame } from '../frame/dataframe.ts';
import type { Table } from '../frame/table.ts';
import type { RunOptions } from '../runner/runner.ts';
import { type JobModel, predictionsFrame } from './score-model.ts';

/** Writes the rows with their predictions; gives their number. */
export async function savePredictions(
  model: JobModel,
  rows: Table<any>,
  { path, format }: NonNullable<ResolvedJob['output']['predictions']>,
  run: RunOptions,
): Promise<number> {
  const { frame } = await predictionsFrame(model, rows, run);
  const whole = concat([rows.lazy(), frame] as never, { how: 'horizontal' }) as DataFrame<any>;
  switch (format) {
    case 'parquet':
      return whole.writeParquet(path, run);
    case 'csv':
      return whole.writeCsv(path, run);
    case 'jsonl':
      return whole.writeJsonl(path, run);
    case 'arrow':
      return whole.writeArrow(path, run);
  }
}
