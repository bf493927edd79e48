import { DisposedError, ParameterError } from '../../errors.ts';
import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import { Utf8 } from '../../schema/dtypes.ts';
import type { Model } from '../core/model.ts';
import { meanOf, stdOf } from './cross-validate.ts';
import type { FoldResult } from './run-folds.ts';

/** A candidate of a search. */
export interface Candidate<P = any> {
  readonly params: P;
  readonly folds: readonly FoldResult[];
}

/**
 * What a search found. It holds the best model: dispose it, or declare it with `using`.
 */
export class SearchResult<P = any, M extends Model = Model> implements Disposable {
  /** The best candidate's parameters: those searched over. */
  readonly bestParams: P;
  /** Its mean score over the folds. */
  readonly bestScore: number;
  /** The score that decided. */
  readonly scoring: string;
  /**
   * All candidates, best first: `rank` (equal scores share one), the parameters, then for each score its mean over the
   * folds (`rocAuc`), `rocAucStd` (ddof = 0), `rocAucFold0` and so on, with `returnTrainScores` `rocAucTrain` and
   * `rocAucTrainStd`, and the mean times `fitMs` and `scoreMs`; with `errorScore` the first `error`. Parameters of several
   * types, and lists, are JSON text.
   */
  readonly results: DataFrame<any>;
  /** The seed that drew the candidates, or that estimators were given; null where there is none. */
  readonly randomState: number | null;
  readonly #model: M | null;
  #disposed = false;

  /** @internal Made by the searches. */
  constructor(parts: {
    readonly ranked: readonly RankedCandidate[];
    readonly scoring: string;
    readonly results: DataFrame<any>;
    readonly model: M | null;
    readonly randomState: number | null;
  }) {
    const best = parts.ranked[0]!;
    this.bestParams = best.params as P;
    this.bestScore = best.means[parts.scoring]!;
    this.scoring = parts.scoring;
    this.results = parts.results;
    this.randomState = parts.randomState;
    this.#model = parts.model;
  }

  /**
   * The best candidate, fitted on all rows.
   *
   * @throws {ERR_PARAMETER} after a search with `refit: false`
   * @throws {ERR_DISPOSED} after `dispose()`
   */
  get bestModel(): M {
    if (this.#model === null) {
      throw new ParameterError(
        'This search was made with refit: false and has no best model: fit one with bestParams.',
        {
          parameter: 'refit',
        },
      );
    }
    if (this.#disposed) throw new DisposedError('search result');
    return this.#model;
  }

  /** Frees the best model. */
  dispose(): void {
    this.#disposed = true;
    this.#model?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A candidate with its means and its place. */
export interface RankedCandidate extends Candidate {
  readonly rank: number;
  readonly means: { readonly [score: string]: number };
}

/** Candidates by mean score, best first; NaN last, and ties in the order they were tried. */
export function ranked(
  candidates: readonly Candidate[],
  scores: readonly string[],
  decisive: string,
): RankedCandidate[] {
  const withMeans = candidates.map((c) => ({
    ...c,
    means: Object.fromEntries(scores.map((s) => [s, meanOf(c.folds.map((f) => f.test[s]!))])),
  }));
  const of = (c: { means: { [score: string]: number } }): number => c.means[decisive]!;
  const better = (a: number, b: number): boolean => a > b || (Number.isNaN(b) && !Number.isNaN(a));
  const order = withMeans.sort((a, b) => (better(of(a), of(b)) ? -1 : better(of(b), of(a)) ? 1 : 0));
  return order.map((c) => ({ ...c, rank: 1 + order.filter((other) => better(of(other), of(c))).length }));
}

/** The candidates as a frame. */
export function resultsFrame(
  candidates: readonly RankedCandidate[],
  scores: readonly string[],
  options: { readonly trainScores: boolean; readonly errors: boolean },
): DataFrame<any> {
  const columns: Record<string, ArrayLike<unknown>> = { rank: Uint32Array.from(candidates, (c) => c.rank) };
  const add = (name: string, values: ArrayLike<unknown>): void => {
    // A parameter may have the name of a score.
    let free = name;
    while (Object.hasOwn(columns, free)) free += '_';
    columns[free] = values;
  };
  const names = new Set(candidates.flatMap((c) => Object.keys(c.params)));
  for (const name of names) add(name, paramColumn(candidates.map((c) => c.params[name])));
  const numbers = (of: (c: RankedCandidate) => number): Float64Array => Float64Array.from(candidates, of);
  for (const score of scores) {
    const test = (c: RankedCandidate): number[] => c.folds.map((f) => f.test[score]!);
    add(
      score,
      numbers((c) => c.means[score]!),
    );
    add(
      `${score}Std`,
      numbers((c) => stdOf(test(c))),
    );
    for (const i of candidates[0]!.folds.keys())
      add(
        `${score}Fold${i}`,
        numbers((c) => test(c)[i]!),
      );
    if (!options.trainScores) continue;
    const train = (c: RankedCandidate): number[] => c.folds.map((f) => f.train![score]!);
    add(
      `${score}Train`,
      numbers((c) => meanOf(train(c))),
    );
    add(
      `${score}TrainStd`,
      numbers((c) => stdOf(train(c))),
    );
  }
  add(
    'fitMs',
    numbers((c) => meanOf(c.folds.map((f) => f.fitMs))),
  );
  add(
    'scoreMs',
    numbers((c) => meanOf(c.folds.map((f) => f.scoreMs))),
  );
  if (!options.errors) return fromColumns(columns as never);
  add(
    'error',
    candidates.map((c) => c.folds.find((f) => f.error !== null)?.error ?? null),
  );
  const last = Object.keys(columns).at(-1) as string;
  // Text also where no candidate failed.
  return fromColumns(columns as never).withColumns({ [last]: (c: any) => c[last].cast(Utf8) } as never);
}

/** Values of one parameter: numbers, Bools or text where they all are, else JSON. */
function paramColumn(values: readonly unknown[]): ArrayLike<unknown> {
  const types = new Set(values.filter((v) => v !== null && v !== undefined).map((v) => typeof v));
  const [type] = types;
  if (types.size === 1 && (type === 'number' || type === 'boolean' || type === 'string'))
    return values.map((v) => v ?? null);
  return values.map((v) => (v === undefined || v === null ? null : describe(v)));
}

const describe = (v: unknown): string => {
  const { name } = v as { name?: unknown };
  const isEstimator = typeof v === 'object' && typeof name === 'string' && 'getParams' in (v as object);
  return isEstimator ? name : (JSON.stringify(v) ?? String(v));
};
