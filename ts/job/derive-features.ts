// The features stage: derived columns, and which columns a model learns from.
import type { ResolvedJob } from '../config/resolved-job.ts';
import { DTypeError, ParameterError, TargetError } from '../errors.ts';
import { columnsOf } from '../expr/language/expression-use.ts';
import { parseExpression } from '../expr/language/parse-expression.ts';
import { DataFrame } from '../frame/dataframe.ts';
import type { Table } from '../frame/table.ts';
import { isNumericFeature } from '../ml/core/features.ts';
import type { RunOptions } from '../runner/runner.ts';
import { type LogicalType, type Schema, typeText } from '../schema/types.ts';
import { atKey, checkColumn } from './at-key.ts';
import { takesText } from './build-estimator.ts';
import type { ColumnUse } from './job-result.ts';

/** Rows ready to be split. */
export interface Prepared {
  /** The features, the target, the weight, and what the split needs. */
  readonly table: Table<any>;
  readonly features: readonly string[];
  /** Those among the features that are no numbers: models encode them. */
  readonly categories: readonly string[];
  readonly columns: readonly ColumnUse[];
  readonly warnings: readonly string[];
  /** The columns before any was derived. */
  readonly sourceSchema: Schema;
}

/** Derives columns and chooses the features. */
export async function deriveFeatures(
  job: ResolvedJob,
  rows: Table<any>,
  loaded: { readonly columns: readonly string[]; readonly nulls: ReadonlyMap<string, number> },
  run: RunOptions,
): Promise<Prepared> {
  const { data } = job;
  let frame: DataFrame<any> = rows.lazy();
  for (const [name, text] of Object.entries(data.derive)) {
    frame = await atKey(job, ['data', 'derive', name], () =>
      frame.withColumns({ [name]: parseExpression(text) } as never),
    );
  }
  const types = frame.schema as Readonly<Record<string, LogicalType & { nullable: boolean }>>;
  const names = frame.columns;
  // Columns that were not read are still suggested for a slip of the pen.
  const known = [...new Set([...names, ...loaded.columns])];
  const named: readonly (readonly [string, string | null])[] = [
    ['target', data.target],
    ['sampleWeight', data.sampleWeight],
    ['splitByGroup', data.splitByGroup],
    ['splitByTime', data.splitByTime],
    ['stratify', data.stratify],
  ];
  for (const [key, name] of named) if (name !== null) checkColumn(job, ['data', key], name, known);
  for (const [i, name] of data.exclude.entries()) {
    checkColumn(job, ['data', 'exclude', i], name, known);
  }
  const encoded = new Set(job.models.flatMap((m) => Object.keys(m.encode)));
  for (const m of job.models) {
    const at = m.encode === job.config.data.encode ? ['data', 'encode'] : [...m.path, 'encode'];
    for (const name of Object.keys(m.encode)) checkColumn(job, [...at, name], name, known);
  }
  const chosen = choose(job, names, known, types, encoded);
  refuseLeaks(job, chosen.features);
  const kept = [...new Set([...chosen.features, ...named.map(([, name]) => name).filter((n) => n !== null)])];
  const selected = frame.select(...(kept as never[]));
  const table = await atKey(job, ['data', 'derive'], () => selected.collect(run));
  try {
    if (table.height === 0) {
      throw new ParameterError(`${job.places.label(['data'])} leaves no rows to learn from. Look at data.clean.`, {
        key: 'data.clean',
      });
    }
    await checkTarget(job, table, run);
  } catch (error) {
    table.dispose();
    throw error;
  }
  return {
    table,
    features: chosen.features,
    categories: chosen.features.filter((name) => !isNumericFeature(types[name] as LogicalType)),
    columns: usesOf(job, loaded, names, types, chosen.features, encoded),
    warnings: chosen.warnings,
    sourceSchema: DataFrame.planOf(rows.lazy()).schema,
  };
}

type Types = Readonly<Record<string, LogicalType>>;

function choose(
  job: ResolvedJob,
  names: readonly string[],
  known: readonly string[],
  types: Types,
  encoded: ReadonlySet<string>,
): { features: readonly string[]; warnings: readonly string[] } {
  const { data } = job;
  if (data.features !== null) {
    for (const [i, name] of data.features.entries()) {
      checkColumn(job, ['data', 'features', i], name, known);
      if (isNumericFeature(types[name] as LogicalType) || encoded.has(name) || job.models.some(takesText)) continue;
      throw new DTypeError(
        `${job.places.label(['data', 'features', i])} is "${name}", which is ${typeText(types[name] as LogicalType)}. Say how it becomes numbers with data.encode, such as { ${name}: target }.`,
        { column: name, key: 'data.encode' },
      );
    }
    return { features: data.features, warnings: [] };
  }
  const reserved = new Set([data.target, data.sampleWeight, data.splitByGroup, data.splitByTime, ...data.exclude]);
  const free = names.filter((name) => !reserved.has(name));
  const features = free.filter((name) => isNumericFeature(types[name] as LogicalType) || encoded.has(name));
  if (features.length === 0) {
    const there = free.map((name) => `${name}: ${typeText(types[name] as LogicalType)}`);
    throw new ParameterError(
      `${job.places.label(['data'])} leaves no features: of ${there.join(', ') || 'no columns'} none is a number. Encode columns with data.encode, or derive new ones.`,
      { key: 'data.features' },
    );
  }
  // Columns that others are derived from have done their part.
  const sources = new Set(Object.values(data.derive).flatMap((text) => [...columnsOf(parseExpression(text))]));
  const unused = free.filter((name) => !features.includes(name) && !sources.has(name));
  const warnings =
    unused.length === 0
      ? []
      : [
          `Not used, because ${unused.length === 1 ? 'it is no number' : 'they are no numbers'}: ${unused.join(', ')}. data.encode makes numbers of categories, data.exclude says that this is meant.`,
        ];
  return { features, warnings };
}

/** A column that the target is computed from tells a model the answer. */
function refuseLeaks(job: ResolvedJob, features: readonly string[]): void {
  const { target, derive } = job.data;
  const text = target === null ? undefined : derive[target];
  if (text === undefined) return;
  const leak = [...columnsOf(parseExpression(text))].find((name) => features.includes(name));
  if (leak === undefined) return;
  throw new ParameterError(
    `${job.places.label(['data', 'derive', target as string])} makes the target of "${leak}", which is a feature too: a model would be told the answer. Exclude it: data.exclude: [${leak}].`,
    { key: 'data.exclude', column: leak },
  );
}

async function checkTarget(job: ResolvedJob, table: Table<any>, run: RunOptions): Promise<void> {
  const { target } = job.data;
  if (target === null) return;
  const place = job.places.label(['data', 'target']);
  using counts = await table
    .lazy()
    .select(target as never)
    .nullCount()
    .collect(run);
  const [row] = counts.toRecords({ int64: 'number' } as never) as Record<string, number>[];
  const nulls = row?.[target] ?? 0;
  if (nulls > 0) {
    throw new TargetError(
      `${place} is "${target}", which is null in ${nulls} of ${table.height} rows. Drop them: data.clean.dropNulls.`,
      { column: target, key: 'data.target' },
    );
  }
  if (job.useCase !== 'classification') return;
  using distinct = await table
    .lazy()
    .select(target as never)
    .unique()
    .collect(run);
  if (distinct.height >= 2) return;
  const only = [...distinct.column(target as never)][0];
  throw new TargetError(
    `${place} is "${target}", which is ${JSON.stringify(only)} in all ${table.height} rows: there is nothing to tell apart.`,
    { column: target, key: 'data.target' },
  );
}

function usesOf(
  job: ResolvedJob,
  loaded: { readonly columns: readonly string[]; readonly nulls: ReadonlyMap<string, number> },
  names: readonly string[],
  types: Types,
  features: readonly string[],
  encoded: ReadonlySet<string>,
): ColumnUse[] {
  const { data } = job;
  const sources = new Set(Object.values(data.derive).flatMap((text) => [...columnsOf(parseExpression(text))]));
  return [...names, ...loaded.columns.filter((name) => !names.includes(name))].map((name): ColumnUse => {
    const type = types[name];
    const role: ColumnUse['role'] =
      name === data.target
        ? 'target'
        : features.includes(name)
          ? 'feature'
          : name === data.sampleWeight
            ? 'weight'
            : name === data.splitByGroup || name === data.splitByTime
              ? 'split'
              : data.exclude.includes(name)
                ? 'excluded'
                : sources.has(name)
                  ? 'source'
                  : 'not used';
    const ways = [...new Set(job.models.map((m) => m.encode[name]).filter((e) => e !== undefined))];
    const notes = [
      ...(Object.hasOwn(data.derive, name) ? ['derived'] : []),
      ...(role === 'feature' && encoded.has(name) ? ways.map((w) => `${w} encoded`) : []),
    ];
    return {
      name,
      dtype: type === undefined ? 'not read' : typeText(type),
      nulls: Object.hasOwn(data.derive, name) ? null : (loaded.nulls.get(name) ?? null),
      role,
      note: notes.length === 0 ? null : notes.join(', '),
    };
  });
}
