import { ParameterError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import { fromColumns } from '../../frame/create.ts';
import { concat, type DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { Float64, Utf8 } from '../../schema/dtypes.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import { drawSeed, fillUniform } from '../../util/philox.ts';
import type { EstimatorKind } from '../core/estimator.ts';
import { columnField } from '../core/features.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import type { Model } from '../core/model.ts';
import { runOptionsOf } from '../core/options.ts';
import { RUN_OPTIONS } from '../core/run-options.ts';
import { SharedRows } from '../core/shared-rows.ts';
import { runSliced, type Steps } from '../metrics/core/steps.ts';
import { type ScoreColumns, type ScoreFunction, type ScoreName, scorersOf, scoresOf } from '../selection/scoring.ts';

/** Options of `permutationImportance`. */
export interface PermutationImportanceOptions extends RunOptions {
  /** The score that falls when a feature matters (default accuracy for classifiers, r2 for regressors). Higher is better. */
  readonly scoring?: ScoreName | ScoreFunction;
  /** How often each feature is shuffled (default 5). */
  readonly nRepeats?: number;
  /** Given: the same shuffles every time (uint32). Absent: drawn, and reported in the result. */
  readonly randomState?: number;
  /** Features to shuffle (default all of the model's). */
  readonly features?: readonly string[];
  /** The column of queries, for the score of a ranker, which needs its target in a column too. */
  readonly groups?: string;
  /** Weights of the rows for the score: a numeric column of the frame, or an array of shape (nSamples). */
  readonly sampleWeight?: string | ArrayLike<number>;
}

/** How much a score falls without each feature. */
export interface PermutationImportance {
  /** The score of the rows as they are. */
  readonly baseline: number;
  /** Names of the features that were permuted, in the order of the arrays. */
  readonly featureNames: readonly string[];
  /** Mean fall of the score by feature, shape (nFeatures). */
  readonly means: Float64Array;
  /** Standard deviation of the falls (ddof 0), shape (nFeatures). */
  readonly stds: Float64Array;
  /** The falls by feature, each of shape (nRepeats). */
  readonly importances: readonly Float64Array[];
  /** The seed of the permutations. */
  readonly randomState: number;
  /** `feature`, `mean` and `std`, the most important first. */
  readonly frame: DataFrame<{ feature: Utf8; mean: Float64; std: Float64 }>;
}

const OPTIONS = ['scoring', 'nRepeats', 'randomState', 'features', 'groups', 'sampleWeight'];
const CALL = 'permutationImportance';

/**
 * Measures how much a model's score falls when the values of one feature are shuffled among the rows: what the feature is
 * worth to the model. Features that say the same can stand in for each other and all look unimportant. Source: L. Breiman,
 * "Random forests" (2001), in the form that works with any model and score.
 *
 * @param model - a fitted classifier, regressor or clusterer
 * @param rows - a frame or table with the model's features, or arrays of rows, shape (nSamples, nFeatures)
 * @param target - the true values: a column of the frame (default the target of fit) or an array of shape (nSamples)
 * @throws {ERR_PARAMETER} an unknown option or score, or no repeats
 * @throws {ERR_COLUMN_NOT_FOUND} a feature that the frame or the model lacks
 * @throws {ERR_MISSING_VALUES} as the model's `predict` does
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4, 5, 6], noise: [3, 1, 2, 2, 1, 3], y: [2, 4, 6, 8, 10, 12] });
 * using model = await new LinearRegression().fit(df, 'y');
 * const { featureNames, means } = await permutationImportance(model, df, 'y', { randomState: 1 });
 * console.log(featureNames, means[0]! > 0.5, Math.abs(means[1]!) < 1e-9);
 * // [ 'x', 'noise' ] true true
 * ```
 */
export async function permutationImportance(
  model: Model,
  rows: Rows,
  target: string | ArrayLike<unknown> | null = model.targetName,
  options: PermutationImportanceOptions = {},
): Promise<PermutationImportance> {
  refuseUnknown(`${CALL}()`, options, [...OPTIONS, ...RUN_OPTIONS]);
  const { nRepeats = 5, randomState = drawSeed(), features = model.featureNamesIn, scoring } = options;
  check('nRepeats', nRepeats, 'a whole number of at least 1', (x) => Number.isSafeInteger(x) && x >= 1);
  check(
    'randomState',
    randomState,
    'a whole number in [0, 4294967295]',
    (x) => Number.isSafeInteger(x) && x >= 0 && x <= 0xffffffff,
  );
  for (const name of features)
    if (!model.featureNamesIn.includes(name))
      throw new ParameterError(
        `"${name}" of the 'features' option of ${CALL} is no feature of the model. Features: ${model.featureNamesIn.join(', ')}.`,
        { feature: name },
      );
  const { kind } = model as Model & { readonly kind: EstimatorKind };
  if (kind === 'ranker' && typeof target !== 'string')
    throw new ParameterError(`${CALL} of a ranker needs the target in a column of the frame.`, { option: 'target' });
  const scorers = scorersOf(CALL, scoring, kind);
  if (scorers.length !== 1)
    throw new ParameterError(`The 'scoring' option of ${CALL} must be one score or a function.`, { option: 'scoring' });
  const run = runOptionsOf(options);
  const { onProgress, ...quiet } = run;
  const scoreRun = { ...quiet, ...(options.sampleWeight === undefined ? {} : { sampleWeight: options.sampleWeight }) };
  using shared = new SharedRows(CALL, quiet);
  const own = frameOf(rows, CALL, model.featureNamesIn);
  const needed =
    typeof scoring === 'function' ? own : own.select(...(neededColumns(model, own, target, options) as never[]));
  const { frame, rows: count } = await shared.share(needed, true);
  // evaluate() takes an array of true values too.
  const columns: ScoreColumns = { target: target as string | null, groups: options.groups ?? null };
  const scoreOf = async (of: DataFrame<any>): Promise<number> => {
    const scores = await scoresOf(scorers, model, of, columns, scoreRun);
    return Object.values(scores)[0] as number;
  };
  const baseline = await scoreOf(frame);
  const importances = features.map(() => new Float64Array(nRepeats));
  for (const [f, name] of features.entries()) {
    for (let r = 0; r < nRepeats; r++) {
      run.signal?.throwIfAborted();
      const keys = await runSliced(shuffleKeys(count, randomState, (f * nRepeats + r) * count), run.signal);
      (importances[f] as Float64Array)[r] = baseline - (await scoreOf(withShuffled(frame, name, keys)));
      onProgress?.({ phase: CALL, doneRows: count, fraction: (f * nRepeats + r + 1) / (features.length * nRepeats) });
    }
  }
  const means = Float64Array.from(importances, (v) => v.reduce((a, b) => a + b, 0) / nRepeats);
  const stds = Float64Array.from(importances, (v, f) =>
    Math.sqrt(v.reduce((sum, x) => sum + (x - (means[f] as number)) ** 2, 0) / nRepeats),
  );
  const order = features.map((_, f) => f).sort((a, b) => (means[b] as number) - (means[a] as number) || a - b);
  return {
    baseline,
    featureNames: features,
    means,
    stds,
    importances,
    randomState,
    frame: fromColumns({
      feature: order.map((f) => features[f] as string),
      mean: Float64Array.from(order, (f) => means[f] as number),
      std: Float64Array.from(order, (f) => stds[f] as number),
    }),
  };
}

function check(option: string, value: unknown, expected: string, allows: (x: number) => boolean): void {
  if (typeof value === 'number' && allows(value)) return;
  throw new ParameterError(`The '${option}' option of ${CALL} must be ${expected}. Got ${String(value)}.`, { option });
}

/** Columns that a named score reads. */
function neededColumns(
  model: Model,
  frame: DataFrame<any>,
  target: string | ArrayLike<unknown> | null,
  options: PermutationImportanceOptions,
): string[] {
  const names = [...model.featureNamesIn];
  for (const name of [target, options.groups, options.sampleWeight]) {
    if (typeof name === 'string' && !names.includes(name)) names.push(name);
  }
  for (const name of names) columnField(frame, name, CALL);
  return names;
}

/** Random sort keys of one shuffle. */
function* shuffleKeys(rows: number, seed: number, start: number): Steps<Float64Array> {
  const keys = new Float64Array(rows);
  const piece = 8192;
  for (let i = 0; i < rows; i += piece) {
    fillUniform(keys.subarray(i, Math.min(rows, i + piece)), seed, start + i);
    yield;
  }
  return keys;
}

/** The frame with one column in the order of random keys: shuffled in the engine, whatever its dtype. */
function withShuffled(frame: DataFrame<any>, name: string, keys: Float64Array): DataFrame<any> {
  const key = name === 'key' ? 'key_' : 'key';
  const beside = concat([frame.select(name as never), fromColumns({ [key]: keys })] as any, { how: 'horizontal' });
  const shuffled = (beside as DataFrame<any>).sort(key as never).select({ [name]: col(name) } as never);
  const rest = frame.columns.filter((c) => c !== name);
  if (rest.length === 0) return shuffled as DataFrame<any>;
  const all = concat([frame.select(...(rest as never[])), shuffled] as any, { how: 'horizontal' }) as DataFrame<any>;
  return all.select(...(frame.columns as never[]));
}
