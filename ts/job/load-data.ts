// The load stage: files to rows in memory, the columns that the job reads.
import fs from 'node:fs/promises';
import type { ResolvedJob } from '../config/resolved-job.ts';
import { IoError, ParameterError } from '../errors.ts';
import { columnsOf } from '../expr/language/expression-use.ts';
import { parseExpression } from '../expr/language/parse-expression.ts';
import { fromRecords } from '../frame/create.ts';
import type { DataFrame } from '../frame/dataframe.ts';
import { readArrow, readCsv, readJsonl, readParquet } from '../frame/read.ts';
import type { Table } from '../frame/table.ts';
import type { RunOptions } from '../runner/runner.ts';
import { atKey, checkColumn } from './at-key.ts';

/** What was read. */
export interface Loaded {
  readonly table: Table<any>;
  /** Columns of the files, after `clean.rename`. */
  readonly columns: readonly string[];
  readonly nulls: ReadonlyMap<string, number>;
}

/** Reads the files. */
export async function loadData(job: ResolvedJob, run: RunOptions): Promise<Loaded> {
  const read = await atKey(job, ['data', 'trainingPath'], () => opened(job));
  const renamed = await atKey(job, ['data', 'clean', 'rename'], async () =>
    read.rename((job.data.clean.rename ?? {}) as never),
  );
  checkExpressions(job, renamed.columns);
  const needed = neededColumns(job, renamed.columns);
  const frame = needed === null ? renamed : renamed.select(...(needed as never[]));
  const table = await atKey(job, ['data', 'trainingPath'], () => frame.collect(run));
  using counts = await table.lazy().nullCount().collect(run);
  const [row] = counts.toRecords({ int64: 'number' } as never) as Record<string, number>[];
  return { table, columns: renamed.columns, nulls: new Map(Object.entries(row ?? {})) };
}

async function opened(job: ResolvedJob): Promise<DataFrame<any>> {
  const { paths, format, readOptions } = job.data;
  const source = paths.length === 1 ? (paths[0] as string) : [...paths];
  switch (format) {
    case 'parquet':
      return readParquet(source, readOptions as object);
    case 'csv':
      return readCsv(source, readOptions as object);
    case 'jsonl':
      return readJsonl(source, readOptions as object);
    case 'arrow':
      return readArrow(source, readOptions as object);
    case 'json':
      return readJson(paths);
  }
}

/** Files that are one array of objects each. */
async function readJson(paths: readonly string[]): Promise<DataFrame<any>> {
  const records: object[] = [];
  for (const path of paths) {
    let value: unknown;
    try {
      value = JSON.parse(await fs.readFile(path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new IoError('ERR_FILE_NOT_FOUND', `No file ${path}.`, { path }, { cause: error });
      throw new ParameterError(`The file ${path} is not JSON: ${(error as Error).message}`, { path });
    }
    if (!Array.isArray(value))
      throw new ParameterError(`Expected an array of objects in ${path}. For one object a line use the format jsonl.`, {
        path,
      });
    for (const record of value) records.push(record as object);
  }
  return fromRecords(records);
}

/** Columns in expressions must be there: said before anything is read, with all the columns to choose from. */
function checkExpressions(job: ResolvedJob, columns: readonly string[]): void {
  const { derive, clean } = job.data;
  const known = [...columns];
  for (const text of [clean.filter ?? []].flat())
    for (const name of columnsOf(parseExpression(text))) checkColumn(job, ['data', 'clean', 'filter'], name, known);
  for (const [derived, text] of Object.entries(derive)) {
    for (const name of columnsOf(parseExpression(text))) checkColumn(job, ['data', 'derive', derived], name, known);
    known.push(derived);
  }
}

/** The columns that the job reads, or null for all of them. */
function neededColumns(job: ResolvedJob, all: readonly string[]): readonly string[] | null {
  const { data } = job;
  const { clean } = data;
  if (data.features === null || clean.dropNulls === true || clean.dropDuplicates === true) return null;
  const wanted = new Set<string>();
  const derived = new Set(Object.keys(data.derive));
  const add = (names: Iterable<string | null>): void => {
    for (const name of names) if (name !== null && !derived.has(name)) wanted.add(name);
  };
  add(data.features);
  add([data.target, data.stratify, data.splitByGroup, data.splitByTime, data.sampleWeight]);
  for (const text of Object.values(data.derive)) add(columnsOf(parseExpression(text)));
  // What cleaning names is read from the files even where a derived column takes the name later.
  for (const text of [clean.filter ?? []].flat()) for (const name of columnsOf(parseExpression(text))) wanted.add(name);
  for (const names of [clean.cast, clean.fillNull]) for (const name of Object.keys(names ?? {})) wanted.add(name);
  for (const names of [clean.dropNulls, clean.dropDuplicates])
    if (Array.isArray(names)) for (const n of names) wanted.add(n);
  for (const name of derived) if (all.includes(name)) wanted.add(name);
  // A wrong name is reported where it is used, with its place in the job.
  const found = all.filter((name) => wanted.has(name));
  return found.length === 0 ? null : found;
}
