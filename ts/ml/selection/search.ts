// What grid and random search share: candidates in, the best one out.
import { ParameterError } from '../../errors.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import type { Estimator, EstimatorKind, SchemaIn } from '../core/estimator.ts';
import type { Rows } from '../core/inputs.ts';
import type { Model } from '../core/model.ts';
import type { FitOptions } from '../core/options.ts';
import { RUN_OPTIONS } from '../core/run-options.ts';
import {
  COMPARE_OPTIONS,
  type CompareOptions,
  type CrossFitOptions,
  dataOf,
  FIT_OPTIONS,
  type Fittable,
  runFolds,
  seeded,
  settingsOf,
} from './run-folds.ts';
import { ranked, resultsFrame, SearchResult } from './search-result.ts';

/** The parameters of an estimator. */
export type ParamsOfEstimator<E> = E extends { getParams(): infer P } ? P : { readonly [name: string]: unknown };
/** The model an estimator makes. */
export type ModelOfEstimator<E> = E extends { fitAny(...args: never[]): Promise<infer M extends Model> } ? M : Model;

/** Options of the searches. */
export interface SearchOptions extends CompareOptions {
  /**
   * Whether the best candidate is fitted on all rows in the end; with several scores, the one that decides, by name
   * (default true: the first score decides).
   */
  readonly refit?: boolean | string;
}

/** A search for parameters by cross-validation; itself something to fit, so that a search can be cross-validated. */
export abstract class ParameterSearch<E extends Estimator = Estimator> implements Fittable<ModelOfEstimator<E>> {
  /** The name of the class. */
  readonly name: string;
  /** Splits inside a cross-validation keep the groups of the outer one. */
  readonly takesGroups = true;
  /** The estimator whose parameters are searched. */
  readonly estimator: E;
  readonly #options: SearchOptions;

  constructor(name: string, estimator: E, options: SearchOptions, more: readonly string[] = []) {
    this.name = name;
    if (typeof (estimator as Partial<Estimator> | null)?.withParams !== 'function') {
      throw new ParameterError(
        `Expected an estimator as the first argument of ${name} but received ${typeof estimator}.`,
        {
          parameter: 'estimator',
        },
      );
    }
    refuseUnknown(name, options, [...COMPARE_OPTIONS, 'refit', ...more]);
    const { refit = true } = options;
    const { scorers } = settingsOf(name, options, estimator.kind, false);
    if (typeof refit === 'string' && !scorers.some((s) => s.name === refit)) {
      throw new ParameterError(
        `The 'refit' option of ${name} must be true, false or the name of a score. Got ${JSON.stringify(refit)}. Scores: ${scorers.map((s) => s.name).join(', ')}.`,
        { parameter: 'refit' },
      );
    }
    this.estimator = estimator;
    this.#options = options;
  }

  /** What the estimator makes: of this kind is the best model. */
  get kind(): EstimatorKind {
    return this.estimator.kind;
  }

  /** @internal The candidates' parameters, and the seed they were drawn with. */
  protected abstract candidates(randomState: number | null): {
    readonly params: readonly object[];
    readonly randomState: number | null;
  };

  /**
   * Tries all candidates on all folds, and fits the best one on all rows.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, an array of nSamples, or null for clusterers
   * @throws {ERR_PARAMETER} fewer rows than folds; a candidate that its estimator refuses
   */
  async fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object) | null,
    options: CrossFitOptions<SchemaIn<R>> = {},
  ): Promise<SearchResult<Partial<ParamsOfEstimator<E>>, ModelOfEstimator<E>>> {
    return this.#search(rows, target, options as CrossFitOptions);
  }

  /** @internal Searches and gives the best model: what cross-validation calls. */
  async fitAny(
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions = {},
  ): Promise<ModelOfEstimator<E>> {
    const result = await this.#search(rows, target, options);
    return result.bestModel;
  }

  async #search(
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: CrossFitOptions,
  ): Promise<SearchResult<any, ModelOfEstimator<E>>> {
    const where = `${this.name}.fit`;
    refuseUnknown(where, options, [...FIT_OPTIONS, ...RUN_OPTIONS]);
    const { refit = true } = this.#options;
    const settings = settingsOf(this.name, this.#options, this.kind, options.groups !== undefined);
    const data = dataOf(where, rows, target, options, this.kind);
    const { params, randomState } = this.candidates(this.#options.randomState ?? null);
    const base = seeded(this.estimator, randomState);
    const estimators = params.map((p) => base.withParams(p as never));
    const folds = await runFolds(this.name, estimators, data, settings);
    const scores = settings.scorers.map((s) => s.name);
    const decisive = typeof refit === 'string' ? refit : scores[0]!;
    const order = ranked(
      params.map((p, i) => ({ params: p, folds: folds[i]!, at: i })),
      scores,
      decisive,
    ) as (ReturnType<typeof ranked>[number] & { readonly at: number })[];
    const best = order[0]!;
    if (Number.isNaN(best.means[decisive])) {
      const error = best.folds.find((f) => f.error !== null)?.error ?? 'the score is NaN';
      throw new ParameterError(`No candidate of ${this.name} has a score: ${error}`, { parameter: 'errorScore' });
    }
    const model = refit === false ? null : await estimators[best.at]!.fitAny(data.frame, data.target, data.fit);
    return new SearchResult({
      ranked: order,
      scoring: decisive,
      results: resultsFrame(order, scores, {
        trainScores: settings.trainScores,
        errors: settings.errorScore !== 'throw',
      }),
      model: model as ModelOfEstimator<E> | null,
      randomState,
    });
  }
}
