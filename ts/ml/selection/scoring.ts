// What models are compared by: numbers of which the higher is the better.
import { ParameterError, TargetError, UnsupportedError } from '../../errors.ts';
import type { Column } from '../../frame/column.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { suggest } from '../../util/suggest.ts';
import type { EstimatorKind } from '../core/estimator.ts';
import type { Model } from '../core/model.ts';

interface NamedScore {
  /** The metric of `model.evaluate`. */
  readonly metric: string;
  /** −1 where the lower metric is the better one. */
  readonly sign: 1 | -1;
  readonly kinds: readonly EstimatorKind[];
}

const classes = (metric: string, sign: 1 | -1 = 1): NamedScore => ({ metric, sign, kinds: ['classifier'] });
const numbers = (metric: string, sign: 1 | -1 = -1): NamedScore => ({ metric, sign, kinds: ['regressor'] });

/** Scores by name. Higher is better: errors and losses count negative, and their names say so. */
const SCORES = {
  accuracy: classes('accuracy'),
  balancedAccuracy: classes('balancedAccuracy'),
  precision: classes('precision'),
  recall: classes('recall'),
  f1: classes('f1'),
  matthews: classes('matthews'),
  rocAuc: classes('rocAuc'),
  prAuc: classes('prAuc'),
  negLogLoss: classes('logLoss', -1),
  negBrier: classes('brier', -1),
  r2: numbers('r2', 1),
  negMeanSquaredError: numbers('mse'),
  negRootMeanSquaredError: numbers('rmse'),
  negMeanAbsoluteError: numbers('mae'),
  negMeanAbsolutePercentageError: numbers('mape'),
  silhouette: { metric: 'silhouette', sign: 1, kinds: ['clusterer'] },
  ndcg: { metric: 'ndcg', sign: 1, kinds: ['ranker'] },
} as const satisfies { readonly [name: string]: NamedScore };

/**
 * The name of a score. Higher is always better: losses and errors are negative. They are the metrics of `model.evaluate`:
 * with two classes precision, recall, F1 and PR AUC are those of the second class, with more their means.
 */
export type ScoreName = keyof typeof SCORES;

/** A score of one's own: a number for a model on test rows, of which the higher is the better. */
export type ScoreFunction = (
  model: any,
  test: DataFrame<any>,
  target: string | null,
  options: RunOptions,
) => number | Promise<number>;

/** One score, several by name, or own ones: `{ profit: (model, test) => … }`. */
export type Scoring =
  | ScoreName
  | ScoreFunction
  | readonly ScoreName[]
  | { readonly [name: string]: ScoreName | ScoreFunction };

/** A score under the name that results carry. */
export interface Scorer {
  readonly name: string;
  readonly of: NamedScore | ScoreFunction;
}

const DEFAULTS: { readonly [K in EstimatorKind]?: ScoreName } = {
  classifier: 'accuracy',
  regressor: 'r2',
  clusterer: 'silhouette',
  ranker: 'ndcg',
};

/** The scores to compute; the first is the one that decides unless told otherwise. */
export function scorersOf(where: string, scoring: Scoring | undefined, kind: EstimatorKind): Scorer[] {
  const wanted = scoring ?? DEFAULTS[kind];
  if (wanted === undefined) {
    throw new ParameterError(`${where} has no score for a ${kind} of its own: give a function as 'scoring'.`, {
      parameter: 'scoring',
    });
  }
  const named = (name: unknown, as = name as string): Scorer => ({ name: as, of: namedScore(where, name, kind) });
  if (typeof wanted === 'string') return [named(wanted)];
  if (typeof wanted === 'function') return [{ name: 'score', of: wanted }];
  const scorers = Array.isArray(wanted)
    ? wanted.map((name) => named(name))
    : Object.entries(wanted as object).map(([name, of]) =>
        typeof of === 'function' ? { name, of: of as ScoreFunction } : named(of, name),
      );
  if (scorers.length === 0) {
    throw new ParameterError(`The 'scoring' option of ${where} names no score.`, { parameter: 'scoring' });
  }
  return scorers;
}

function namedScore(where: string, name: unknown, kind: EstimatorKind): NamedScore {
  const found = typeof name === 'string' && Object.hasOwn(SCORES, name) ? SCORES[name as ScoreName] : undefined;
  const fitting = Object.entries(SCORES).flatMap(([n, s]) =>
    (s.kinds as readonly string[]).includes(kind) ? [n] : [],
  );
  if (found && (found.kinds as readonly string[]).includes(kind)) return found;
  const near = typeof name === 'string' ? suggest(name, fitting) : null;
  throw new ParameterError(
    `The 'scoring' option of ${where} must be a function or, for a ${kind}, one of ${fitting.join(', ') || 'none'}. Got ${JSON.stringify(name)}.${near === null ? '' : ` Did you mean '${near}'?`}`,
    { parameter: 'scoring' },
  );
}

/** The columns that scores read beside features. */
export interface ScoreColumns {
  readonly target: string | null;
  /** The queries of a ranking. */
  readonly groups: string | null;
}

/** All scores of a model on rows; named ones come from one evaluation. */
export async function scoresOf(
  scorers: readonly Scorer[],
  model: Model,
  rows: DataFrame<any>,
  columns: ScoreColumns,
  options: RunOptions,
): Promise<{ [name: string]: number }> {
  const scores: { [name: string]: number } = {};
  let metrics: { readonly [name: string]: number } | null = null;
  const needed = scorers.flatMap(({ of }) => (typeof of === 'function' ? [] : [of.metric]));
  for (const { name, of } of scorers) {
    if (typeof of === 'function') {
      const value = await of(model, rows, columns.target, options);
      if (typeof value !== 'number')
        throw new ParameterError(`The score '${name}' must be a number but its function gave ${typeof value}.`, {
          name,
        });
      scores[name] = value;
      continue;
    }
    metrics ??= await evaluated(model, rows, columns, needed, options);
    const value = metrics[of.metric];
    if (value === undefined) {
      throw new TargetError(
        `The score '${name}' is not defined for these test rows: they may lack a class, or be too few. Use folds that keep the classes' shares, or another score.`,
        { name },
      );
    }
    scores[name] = of.sign * value;
  }
  return scores;
}

type Evaluated = { readonly [name: string]: number };

function evaluated(
  model: Model,
  rows: DataFrame<any>,
  columns: ScoreColumns,
  metrics: readonly string[],
  options: RunOptions,
): Promise<Evaluated> {
  const { kind, evaluate } = model as Model & { kind?: EstimatorKind; evaluate?: (...args: unknown[]) => unknown };
  if (kind === 'ranker') return ranking(model, rows, columns, options);
  if (typeof evaluate !== 'function') {
    throw new UnsupportedError(`A ${model.estimator} model has no evaluate(): give a function as 'scoring'.`, {
      estimator: model.estimator,
    });
  }
  const args = kind === 'clusterer' ? [rows, options] : [rows, columns.target, { ...options, metrics }];
  return evaluate.apply(model, args) as Promise<Evaluated>;
}

async function ranking(
  model: Model,
  rows: DataFrame<any>,
  { target, groups }: ScoreColumns,
  options: RunOptions,
): Promise<Evaluated> {
  if (target === null || groups === null) {
    throw new ParameterError("The score 'ndcg' needs a target and the column of queries, as 'groups'.", {
      parameter: 'groups',
    });
  }
  const { ndcgScore } = await import('../metrics/ndcg.ts');
  using table = await rows.select(...([target, groups] as never[])).collect(options);
  const scores = (model as Model & { predict(rows: unknown, options: RunOptions): Promise<Column<any>> }).predict;
  const predicted = await scores.call(model, rows, options);
  return { ndcg: await ndcgScore(table.column(target as never), predicted, { group: table.column(groups as never) }) };
}
