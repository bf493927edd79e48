import type { DataFrame } from '../../frame/dataframe.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import type { SchemaIn } from '../core/estimator.ts';
import type { Rows } from '../core/inputs.ts';
import type { Model } from '../core/model.ts';
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

/** Options of `crossValidate`. */
export interface CrossValidateOptions<S = any> extends CrossFitOptions<S>, CompareOptions {
  /** Whether to give the models of the folds (default false). They are yours to dispose. */
  readonly returnModels?: boolean;
}

/** What `crossValidate` gives: arrays have a value per fold. */
export interface CrossValidation<M extends Model = Model> {
  /** Scores on the test rows, by name. */
  readonly scores: { readonly [score: string]: Float64Array };
  /** Means of the scores over the folds. */
  readonly means: { readonly [score: string]: number };
  /** Standard deviations of the scores over the folds (of all folds, not estimated: ddof = 0). */
  readonly stds: { readonly [score: string]: number };
  /** Scores on the training rows, with `returnTrainScores`. */
  readonly trainScores: { readonly [score: string]: Float64Array } | null;
  /** Milliseconds that each fold's fit took, `(nSplits)`. */
  readonly fitMs: Float64Array;
  /** Milliseconds that each fold's scores took, `(nSplits)`. */
  readonly scoreMs: Float64Array;
  /** With `returnModels`; null where a fit failed. */
  readonly models: readonly (M | null)[] | null;
  /** Why a fold has no score, with `errorScore`; null where it has. */
  readonly errors: readonly (string | null)[];
}

/**
 * Fits an estimator on each fold's training rows and scores it on the fold's test rows.
 *
 * The frame's plan runs once. Arrays as target or weights are split with the rows. Estimators are fitted one after another;
 * each uses the threads it is given.
 *
 * @param estimator - an estimator, a pipeline or a search
 * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
 * @param target - a column of the frame, an array of nSamples, or null for clusterers
 * @throws {ERR_PARAMETER} an unknown option or score, fewer rows than folds
 * @throws {ERR_TARGET} a score that a fold's test rows do not define
 * @example
 * ```ts
 * const x = Float64Array.from({ length: 60 }, (_, i) => i);
 * const df = fromColumns({ x, y: x.map((v) => 3 * v + 1) });
 * const { means } = await crossValidate(new LinearRegression(), df, 'y', { cv: 3, scoring: ['r2'] });
 * console.log(means['r2']?.toFixed(6));
 * // 1.000000
 * ```
 */
export async function crossValidate<R extends Rows, M extends Model = Model>(
  estimator: Fittable<M>,
  rows: R,
  target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object) | null,
  options: CrossValidateOptions<SchemaIn<R>> = {},
): Promise<CrossValidation<M>> {
  const where = 'crossValidate';
  refuseUnknown(where, options, [...COMPARE_OPTIONS, ...FIT_OPTIONS, ...RUN_OPTIONS, 'returnModels']);
  const settings = settingsOf(where, options, estimator.kind, options.groups !== undefined);
  const data = dataOf(where, rows as Rows<any> | DataFrame<any>, target, options as CrossFitOptions, estimator.kind);
  const keep = options.returnModels ?? false;
  const [folds] = await runFolds(where, [seeded(estimator, options.randomState)], data, settings, keep);
  const names = settings.scorers.map((s) => s.name);
  const each = (of: 'test' | 'train') =>
    Object.fromEntries(names.map((name) => [name, Float64Array.from(folds!, (f) => f[of]![name]!)]));
  const scores = each('test');
  const summary = (of: (values: Float64Array) => number) =>
    Object.fromEntries(names.map((name) => [name, of(scores[name]!)]));
  return {
    scores,
    means: summary(meanOf),
    stds: summary(stdOf),
    trainScores: settings.trainScores ? each('train') : null,
    fitMs: Float64Array.from(folds!, (f) => f.fitMs),
    scoreMs: Float64Array.from(folds!, (f) => f.scoreMs),
    models: keep ? folds!.map((f) => f.model as M | null) : null,
    errors: folds!.map((f) => f.error),
  };
}

export const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

/** The standard deviation of all values (ddof = 0). */
export function stdOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(Array.from(values, (v) => (v - mean) ** 2)));
}
