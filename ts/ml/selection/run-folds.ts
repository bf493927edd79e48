// The loop of cross-validation: every candidate learns from every fold's training rows and is scored on its test.
import { ParameterError, WarpError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { EstimatorKind } from '../core/estimator.ts';
import { columnField } from '../core/features.ts';
import { frameOf, type Rows, withArray } from '../core/inputs.ts';
import type { Model } from '../core/model.ts';
import { type FitOptions, runOptionsOf } from '../core/options.ts';
import type { Splitter } from './folds.ts';
import { GroupKFold } from './group-k-fold.ts';
import { KFold } from './k-fold.ts';
import { type Scorer, type Scoring, scorersOf, scoresOf } from './scoring.ts';
import { StratifiedKFold } from './stratified-k-fold.ts';

/** What can be fitted: estimators, pipelines, searches. */
export interface Fittable<M extends Model = Model> {
  readonly name: string;
  readonly kind: EstimatorKind;
  /** Whether `fitAny` splits rows itself and takes `groups`: searches. */
  readonly takesGroups?: boolean;
  /** @internal */
  fitAny(rows: Rows, target: string | ArrayLike<unknown> | null, options?: FitOptions): Promise<M>;
}

/** Options of `crossValidate` and of the searches' `fit`, beside those that say how the rows are split and scored. */
export interface CrossFitOptions<S = any> extends FitOptions<S> {
  /**
   * A column of groups: for splitters that keep them together, and the queries of a ranking. It is not a feature unless
   * `features` names it.
   */
  readonly groups?: keyof S & string;
}

/** How candidates are compared. */
export interface CompareOptions {
  /**
   * The folds: a splitter, or how many. A number means StratifiedKFold for classifiers, KFold for the rest, and GroupKFold
   * where `groups` is given, none of them shuffled (default 5).
   */
  readonly cv?: number | Splitter;
  /** What to score by (default: accuracy for classifiers, r2 for regressors, silhouette for clusterers, ndcg for rankers). */
  readonly scoring?: Scoring;
  /** Whether to score the training rows too (default false). */
  readonly returnTrainScores?: boolean;
  /** What a fit or score that fails counts as: an error that ends everything, or a number, NaN perhaps (default 'throw'). */
  readonly errorScore?: 'throw' | number;
  /**
   * Given: estimators that draw random numbers and have no `randomState` get this one, so that the run can be repeated
   * (uint32). Random searches draw their candidates with it.
   */
  readonly randomState?: number | null;
}

/** Names of these options. */
export const COMPARE_OPTIONS = ['cv', 'scoring', 'returnTrainScores', 'errorScore', 'randomState'];
export const FIT_OPTIONS = ['features', 'exclude', 'sampleWeight', 'groups'];

/** One candidate on one fold. */
export interface FoldResult {
  readonly fitMs: number;
  readonly scoreMs: number;
  readonly test: { readonly [score: string]: number };
  readonly train: { readonly [score: string]: number } | null;
  /** Why there is no score, with `errorScore`. */
  readonly error: string | null;
  /** Kept on request; the caller's to dispose. */
  readonly model: Model | null;
}

/** Rows, target and options, as every fold uses them. */
export interface Data {
  readonly frame: DataFrame<any>;
  readonly target: string | null;
  readonly groups: string | null;
  readonly fit: FitOptions;
  readonly run: RunOptions;
}

/** The rows with arrays beside them as columns, so that folds take the right part of each. */
export function dataOf(
  where: string,
  rows: Rows,
  target: string | ArrayLike<unknown> | null | undefined,
  options: CrossFitOptions,
  kind: EstimatorKind,
): Data {
  let frame = frameOf(rows, where);
  const columnOf = (values: ArrayLike<unknown>, stem: string): string => {
    const added = withArray(frame, values, stem);
    frame = added.frame;
    return added.name;
  };
  const given = target ?? null;
  const name = given === null || typeof given === 'string' ? given : columnOf(given, 'target');
  if (name !== null) columnField(frame, name, `the target of ${where}`);
  const { features, exclude = [], sampleWeight, groups = null } = options;
  const weight =
    sampleWeight === undefined || typeof sampleWeight === 'string' ? sampleWeight : columnOf(sampleWeight, 'weight');
  if (groups !== null) columnField(frame, groups, `the 'groups' option of ${where}`);
  const left = groups === null || features !== undefined ? exclude : [...exclude, groups];
  const run = runOptionsOf(options);
  const { onProgress: _, ...quiet } = run;
  const fit: FitOptions = {
    ...quiet,
    ...(features === undefined ? {} : { features }),
    ...(left.length > 0 ? { exclude: left } : {}),
    ...(weight === undefined ? {} : { sampleWeight: weight }),
    // The groups of a ranking are its queries.
    ...(kind === 'ranker' && groups !== null ? { qid: groups } : {}),
  };
  return { frame, target: name, groups, fit, run };
}

/** The settings of a comparison, checked. */
export interface Settings {
  readonly splitter: Splitter;
  readonly scorers: readonly Scorer[];
  readonly trainScores: boolean;
  readonly errorScore: 'throw' | number;
}

export function settingsOf(where: string, options: CompareOptions, kind: EstimatorKind, groups: boolean): Settings {
  const { cv = 5, returnTrainScores = false, errorScore = 'throw' } = options;
  const refuse = (parameter: string, expected: string, got: unknown): ParameterError =>
    new ParameterError(`The '${parameter}' option of ${where} must be ${expected}. Got ${JSON.stringify(got)}.`, {
      parameter,
    });
  if (typeof cv !== 'number' && typeof (cv as Partial<Splitter> | null)?.split !== 'function')
    throw refuse('cv', 'a number of folds or a splitter', cv);
  if (typeof returnTrainScores !== 'boolean') throw refuse('returnTrainScores', 'true or false', returnTrainScores);
  if (errorScore !== 'throw' && typeof errorScore !== 'number')
    throw refuse('errorScore', "'throw' or a number", errorScore);
  return {
    splitter: typeof cv === 'number' ? defaultSplitter(where, cv, kind, groups) : cv,
    scorers: scorersOf(where, options.scoring, kind),
    trainScores: returnTrainScores,
    errorScore,
  };
}

function defaultSplitter(where: string, cv: number, kind: EstimatorKind, groups: boolean): Splitter {
  if (!(Number.isSafeInteger(cv) && cv >= 2)) {
    throw new ParameterError(`The 'cv' option of ${where} must be a splitter or a whole number from 2. Got ${cv}.`, {
      parameter: 'cv',
    });
  }
  if (groups) return new GroupKFold({ nSplits: cv });
  return kind === 'classifier' ? new StratifiedKFold({ nSplits: cv }) : new KFold({ nSplits: cv });
}

/** Fits and scores all candidates on all folds, fold by fold: `[candidate][fold]`. */
export async function runFolds(
  where: string,
  candidates: readonly Fittable[],
  data: Data,
  settings: Settings,
  keepModels = false,
): Promise<FoldResult[][]> {
  const { splitter } = settings;
  const results: FoldResult[][] = candidates.map(() => []);
  const report = progress(where, data.run, candidates.length * splitter.nSplits);
  const folds = splitter.split(data.frame, {
    ...(data.target === null ? {} : { y: data.target }),
    ...(data.groups === null ? {} : { groups: data.groups }),
    ...quietRun(data.run),
  });
  let fold = 0;
  try {
    for await (const { train, test } of folds) {
      for (const [i, candidate] of candidates.entries()) {
        data.run.signal?.throwIfAborted();
        results[i]!.push(await runFold(candidate, train, test, data, settings, keepModels, fold));
        report();
      }
      fold++;
    }
  } catch (error) {
    for (const of of results) for (const { model } of of) model?.dispose();
    throw error;
  } finally {
    folds[Symbol.dispose]?.();
  }
  return results;
}

async function runFold(
  candidate: Fittable,
  train: DataFrame<any>,
  test: DataFrame<any>,
  data: Data,
  { scorers, trainScores, errorScore }: Settings,
  keepModels: boolean,
  fold: number,
): Promise<FoldResult> {
  const run = quietRun(data.run);
  const started = performance.now();
  let fitted = started;
  let model: Model | null = null;
  let kept = false;
  try {
    const { groups } = data;
    const inner = candidate.takesGroups && groups !== null ? { groups } : {};
    model = await candidate.fitAny(train, data.target, { ...data.fit, ...inner });
    fitted = performance.now();
    const result = {
      fitMs: fitted - started,
      test: await scoresOf(scorers, model, test, data, run),
      scoreMs: performance.now() - fitted,
      train: trainScores ? await scoresOf(scorers, model, train, data, run) : null,
      error: null,
      model: keepModels ? model : null,
    };
    kept = keepModels;
    return result;
  } catch (error) {
    if (data.run.signal?.aborted || errorScore === 'throw') throw inFold(error, candidate, fold);
    const scores = Object.fromEntries(scorers.map(({ name }) => [name, errorScore]));
    return {
      fitMs: fitted - started,
      scoreMs: performance.now() - fitted,
      test: scores,
      train: trainScores ? scores : null,
      error: error instanceof Error ? error.message : String(error),
      model: null,
    };
  } finally {
    if (!kept) model?.dispose();
  }
}

/** The error with the fold it happened in. */
function inFold(error: unknown, candidate: Fittable, fold: number): unknown {
  if (!(error instanceof WarpError)) return error;
  error.message = `${error.message} (${candidate.name}, fold ${fold}.)`;
  return error;
}

/** Options of the runs inside: the progress of the whole is reported instead of theirs. */
function quietRun(run: RunOptions): RunOptions {
  const { onProgress: _, ...quiet } = run;
  return quiet;
}

/** Counts fits; tells at most ten times a second, and at the end. */
export function progress(phase: string, run: RunOptions, total: number): () => void {
  const { onProgress } = run;
  let done = 0;
  let told = Number.NEGATIVE_INFINITY;
  return () => {
    done++;
    if (!onProgress || (done < total && performance.now() - told < 100)) return;
    told = performance.now();
    try {
      onProgress({ phase, doneRows: done, totalRows: total, fraction: done / total });
    } catch (error) {
      process.emitWarning(`onProgress threw: ${String(error)}`, { code: 'WARPFRAME_PROGRESS' });
    }
  };
}

/** The estimator with a seed, where it takes one and has none; the steps of a pipeline too. */
export function seeded<E extends Fittable>(estimator: E, randomState: number | null | undefined): E {
  const { paramSpecs, getParams, withParams } = estimator as Partial<{
    paramSpecs: object;
    getParams: () => { readonly [name: string]: unknown };
    withParams: (params: object) => E;
  }>;
  if (randomState === null || randomState === undefined || !paramSpecs) return estimator;
  const params = getParams!.call(estimator);
  const without = Object.keys(paramSpecs).filter((name) => /(^|\.)randomState$/.test(name) && params[name] === null);
  if (without.length === 0) return estimator;
  return withParams!.call(estimator, Object.fromEntries(without.map((name) => [name, randomState])));
}
