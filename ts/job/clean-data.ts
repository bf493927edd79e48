// The clean stage: rows and columns mended, in the order of the keys of data.clean.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { col } from '../expr/builders.ts';
import { parseDType, parseExpression } from '../expr/language/parse-expression.ts';
import type { DataFrame } from '../frame/dataframe.ts';
import type { Table } from '../frame/table.ts';
import type { RunOptions } from '../runner/runner.ts';
import { atKey, checkColumn } from './at-key.ts';

const AT = ['data', 'clean'] as const;

/** Whether there is anything to clean. */
export const hasCleaning = (job: ResolvedJob): boolean =>
  Object.entries(job.data.clean).some(([key, value]) => key !== 'rename' && value !== false);

/** Cleans the rows. Null where there is nothing to do. */
export async function cleanData(job: ResolvedJob, loaded: Table<any>, run: RunOptions): Promise<Table<any> | null> {
  if (!hasCleaning(job)) return null;
  const { cast = {}, filter = [], dropNulls, fillNull = {}, dropDuplicates, sample } = job.data.clean;
  let frame: DataFrame<any> = loaded.lazy();
  const has = (name: string, ...path: (string | number)[]): void =>
    checkColumn(job, [...AT, ...path], name, frame.columns);
  for (const [name, dtype] of Object.entries(cast)) {
    has(name, 'cast', name);
    frame = await atKey(job, [...AT, 'cast', name], () =>
      frame.withColumns({ [name]: (col(name) as any).cast(parseDType(dtype)) } as never),
    );
  }
  for (const [i, text] of [filter].flat().entries()) {
    const path = typeof filter === 'string' ? ['filter'] : ['filter', i];
    frame = await atKey(job, [...AT, ...path], () => frame.filter(parseExpression(text) as never));
  }
  if (dropNulls !== undefined && dropNulls !== false) {
    const names = dropNulls === true ? [] : [...dropNulls];
    for (const [i, name] of names.entries()) has(name, 'dropNulls', i);
    frame = names.length === 0 && dropNulls !== true ? frame : frame.dropNulls(...(names as never[]));
  }
  for (const [name, value] of Object.entries(fillNull)) {
    has(name, 'fillNull', name);
    frame = await atKey(job, [...AT, 'fillNull', name], () => frame.fillNull({ [name]: value } as never));
  }
  if (dropDuplicates !== undefined && dropDuplicates !== false) {
    const subset = dropDuplicates === true ? undefined : [...dropDuplicates];
    for (const [i, name] of (subset ?? []).entries()) has(name, 'dropDuplicates', i);
    frame = frame.unique({
      keep: 'first',
      maintainOrder: true,
      ...(subset === undefined ? {} : { subset: subset as never[] }),
    });
  }
  if (sample !== undefined) {
    const { randomState } = job.training;
    frame = frame.sample(
      'rows' in sample ? { n: sample.rows, randomState } : { fraction: sample.fraction, randomState },
    );
  }
  const last = frame;
  return atKey(job, AT, () => last.collect(run));
}
