// The split stage: rows to learn from, rows to choose by, rows to measure with; each in memory of its own.
import type { ResolvedJob } from '../config/resolved-job.ts';
import type { DataFrame } from '../frame/dataframe.ts';
import type { Table } from '../frame/table.ts';
import { trainTestSplit } from '../ml/selection/train-test-split.ts';
import type { RunOptions } from '../runner/runner.ts';
import { atKey } from './at-key.ts';

/** The parts. A part that was not asked for is null. */
export interface Parts extends Disposable {
  readonly train: Table<any>;
  readonly validation: Table<any> | null;
  readonly test: Table<any> | null;
}

/** Splits the rows. `rows` is freed where it was copied. */
export async function splitData(job: ResolvedJob, rows: Table<any>, run: RunOptions): Promise<Parts> {
  const { validationSplit, testSplit } = job.data;
  const made: Table<any>[] = [];
  const dispose = (): void => {
    for (const table of made) table.dispose();
  };
  try {
    const keep = async (frame: DataFrame<any>): Promise<Table<any>> => {
      const table = await frame.collect(run);
      made.push(table);
      return table;
    };
    let rest: Table<any> = rows;
    const take = async (share: number, path: string): Promise<Table<any> | null> => {
      if (share === 0) return null;
      using split = await atKey(job, ['data', path], () =>
        trainTestSplit(rest.lazy(), { ...how(job), testSize: share, ...run }),
      );
      const part = await keep(split.test);
      const left = await keep(split.train);
      rest.dispose();
      rest = left;
      return part;
    };
    const test = await take(testSplit, 'testSplit');
    const validation = await take(validationSplit / (1 - testSplit), 'validationSplit');
    made.push(rest);
    return { train: rest, validation, test, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function how(job: ResolvedJob): object {
  const { stratify, splitByGroup, splitByTime } = job.data;
  const { randomState } = job.training;
  if (splitByTime !== null) return { timeColumn: splitByTime };
  return {
    randomState,
    ...(splitByGroup === null ? {} : { groups: splitByGroup }),
    ...(stratify === null ? {} : { stratify }),
  };
}
