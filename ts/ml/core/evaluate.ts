// Metrics of a model on a frame: predictions and true values of the same rows, side by side.
import { ParameterError, ShapeError, TargetError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import { suggest } from '../../util/suggest.ts';
import {
  CLASSIFICATION_METRICS,
  evaluateClassification,
  evaluateClustering,
  evaluateRanking,
  evaluateRegression,
  PROBABILITY_METRICS,
  REGRESSION_METRICS,
} from '../metrics/evaluate.ts';
import { columnField } from './features.ts';
import { frameOf, type Rows } from './inputs.ts';
import type { ClassifierModel, ClustererModel, Metrics, RegressorModel } from './model.ts';
import { runOptionsOf } from './options.ts';
import { RUN_OPTIONS } from './run-options.ts';
import { SharedRows } from './shared-rows.ts';
import { checkWeights } from './training-data.ts';

/** Options of `model.evaluate`. */
export interface EvaluateOptions extends RunOptions {
  /** A weight per row: a numeric column of the frame, or an array of nSamples. */
  readonly sampleWeight?: string | ArrayLike<number>;
  /** Names of the metrics that are wanted (default all): of the others, those that take time are left out. */
  readonly metrics?: readonly string[];
}

async function numbers(
  frame: ReturnType<typeof frameOf>,
  rows: number,
  values: string | ArrayLike<unknown>,
  where: string,
  run: RunOptions,
): Promise<Float64Array> {
  if (typeof values !== 'string') {
    if (values.length !== rows)
      throw new ShapeError(`Expected ${rows} values for ${where} but received ${values.length}.`, { where });
    return finiteValues(values, 'The array', where);
  }
  columnField(frame, values, where);
  using table = await frame.select({ value: (col(values) as any).cast(Float64) } as never).collect(run);
  const column = table.column('value' as never).toArray() as ArrayLike<number | null>;
  return finiteValues(column, `Column "${values}"`, where);
}

/** Values as numbers: anything else would become a wrong metric. */
function finiteValues(values: ArrayLike<unknown>, what: string, where: string): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => {
    const v = values[i];
    const x = typeof v === 'bigint' || typeof v === 'boolean' ? Number(v) : v;
    if (typeof x !== 'number' || !Number.isFinite(x))
      throw new TargetError(`${what} of ${where} is ${String(v)} in row ${i}. Drop those rows first.`, { row: i });
    return x;
  });
}

/** What evaluates must know its options, and have rows. */
function checkCall(where: string, rows: number, options: object, known: readonly string[]): void {
  refuseUnknown(where, options, [...known, ...RUN_OPTIONS]);
  if (rows === 0) throw new ShapeError(`${where} needs at least one row; there are none.`, { rows });
}

/** A misspelt metric must not silently be left out. */
function checkMetrics(where: string, metrics: readonly string[] | undefined, known: readonly string[]): void {
  if (metrics === undefined) return;
  if (!Array.isArray(metrics))
    throw new ParameterError(
      `The 'metrics' option of ${where} must be a list of names. Got ${JSON.stringify(metrics)}.`,
      { option: 'metrics' },
    );
  const unknown = metrics.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = typeof unknown === 'string' ? suggest(unknown, known) : null;
  throw new ParameterError(
    `Unknown metric ${JSON.stringify(unknown)} of ${where}.${near === null ? '' : ` Did you mean "${near}"?`} Metrics: ${known.join(', ')}.`,
    { option: 'metrics' },
  );
}

async function weightsOf(
  frame: ReturnType<typeof frameOf>,
  rows: number,
  options: EvaluateOptions,
  where: string,
  run: RunOptions,
): Promise<Float64Array | undefined> {
  if (options.sampleWeight === undefined) return undefined;
  const weights = await numbers(frame, rows, options.sampleWeight, where, run);
  checkWeights(where, weights);
  return weights;
}

function named<T>(target: T | null, where: string): T {
  if (target === null || target === undefined)
    throw new ParameterError(`${where} needs the true values: the name of a column, or an array of nSamples.`, {
      where,
    });
  return target;
}

/** Metrics of a regressor on rows with a known target. */
export async function evaluateRegressor(
  model: RegressorModel,
  rows: Rows,
  target: string | ArrayLike<number> | null,
  options: EvaluateOptions,
): Promise<Metrics> {
  const where = `${model.estimator} model evaluate`;
  const run = runOptionsOf(options);
  checkMetrics(where, options.metrics, REGRESSION_METRICS);
  // Evaluation reads the rows for predictions and for the target.
  using shared = new SharedRows(where, run);
  const cached = await shared.share(frameOf(rows, where, model.featureNamesIn), true);
  checkCall(where, cached.rows, options, ['sampleWeight', 'metrics']);
  const truth = await numbers(cached.frame, cached.rows, named(target, where), where, run);
  const weights = await weightsOf(cached.frame, cached.rows, options, where, run);
  const predicted = (await model.predict(cached.frame, run)).toArray() as Float64Array;
  return evaluateRegression({ yTrue: truth, yPred: predicted, sampleWeight: weights }, run);
}

/** Metrics of a classifier on rows with a known target. */
export async function evaluateClassifier(
  model: ClassifierModel,
  rows: Rows,
  target: string | ArrayLike<unknown> | null,
  options: EvaluateOptions,
): Promise<Metrics> {
  const where = `${model.estimator} model evaluate`;
  const run = runOptionsOf(options);
  checkMetrics(where, options.metrics, CLASSIFICATION_METRICS);
  // Evaluation reads the rows for predictions and for the target.
  using shared = new SharedRows(where, run);
  const cached = await shared.share(frameOf(rows, where, model.featureNamesIn), true);
  checkCall(where, cached.rows, options, ['sampleWeight', 'metrics']);
  const truth = await labelCodes(model, cached.frame, cached.rows, named(target, where), where, run);
  const weights = await weightsOf(cached.frame, cached.rows, options, where, run);
  const { metrics } = options;
  const needed = metrics === undefined || PROBABILITY_METRICS.some((name) => metrics.includes(name));
  const { codes, probabilities } = await model.scored(cached.frame, run, needed);
  const nClasses = model.classes.length;
  const proba =
    probabilities === null
      ? undefined
      : model.classes.map((_, k) => probabilities.subarray(k * cached.rows, (k + 1) * cached.rows));
  return evaluateClassification(
    { yTrue: truth, yPred: codes, nClasses, proba, sampleWeight: weights },
    { ...run, metrics },
  );
}

/** What evaluates a ranker. */
interface Ranks {
  readonly estimator: string;
  readonly featureNamesIn: readonly string[];
  predict(rows: Rows, options: RunOptions): Promise<{ toArray(): unknown }>;
}

/** Metrics of a ranker on rows with a known relevance: NDCG of the queries, which `qid` names. */
export async function evaluateRanker(
  model: Ranks,
  rows: Rows,
  target: string | ArrayLike<number> | null,
  options: RunOptions & { readonly qid: string },
): Promise<Metrics> {
  const where = `${model.estimator} model evaluate`;
  const run = runOptionsOf(options);
  if (options?.qid === undefined)
    throw new ParameterError(`${where} needs the 'qid' option: the column that says which query a row is of.`, {
      where,
    });
  using shared = new SharedRows(where, run);
  const cached = await shared.share(frameOf(rows, where, model.featureNamesIn), true);
  checkCall(where, cached.rows, options, ['qid']);
  const relevance = await numbers(cached.frame, cached.rows, named(target, where), where, run);
  const least = relevance.findIndex((r) => r < 0);
  if (least >= 0)
    throw new TargetError(`Row ${least} of ${where} has the relevance ${relevance[least]}, but 0 is the least.`, {
      row: least,
    });
  columnField(cached.frame, options.qid, `the 'qid' option of ${where}`);
  using table = await cached.frame.select(options.qid as never).collect(run);
  const numbersOf = new Map<unknown, number>();
  const groups = new Int32Array(cached.rows);
  let row = 0;
  for (const q of table.column(options.qid as never)) {
    if (q === null) throw new TargetError(`Row ${row} of ${where} has no query in "${options.qid}".`, { row });
    const own = numbersOf.get(q) ?? numbersOf.size;
    numbersOf.set(q, own);
    groups[row++] = own;
  }
  const scores = (await model.predict(cached.frame, run)).toArray() as Float64Array;
  return evaluateRanking({ relevance, scores, groups, nGroups: numbersOf.size }, run);
}

/** 64-bit integers that a number holds exactly are the same label as that number, whichever dtype a frame has. */
const plainLabel = (v: unknown): unknown => (typeof v === 'bigint' && BigInt.asIntN(54, v) === v ? Number(v) : v);

/** Positions of true labels among a model's classes; a label it does not know is an error. */
export async function labelCodes(
  model: ClassifierModel,
  frame: ReturnType<typeof frameOf>,
  rows: number,
  target: string | ArrayLike<unknown>,
  where: string,
  run: RunOptions,
): Promise<Int32Array> {
  let labels: Iterable<unknown> | ArrayLike<unknown>;
  if (typeof target === 'string') {
    columnField(frame, target, where);
    using table = await frame.select(target as never).collect(run);
    labels = table.column(target as never).toArray() as ArrayLike<unknown>;
  } else labels = target;
  const list = labels as ArrayLike<unknown>;
  if (list.length !== rows)
    throw new ShapeError(`Expected ${rows} labels for ${where} but received ${list.length}.`, { where });
  const positions = new Map<unknown, number>(model.classes.map((c, k) => [plainLabel(c), k]));
  return Int32Array.from({ length: rows }, (_, i) => {
    const code = positions.get(plainLabel(list[i]));
    if (code === undefined)
      throw new TargetError(
        `Row ${i} of ${where} has the label ${String(list[i])}, which the model was not fitted on. Classes: ${model.classes.join(', ')}.`,
        { row: i },
      );
    return code;
  });
}

/** Metrics of a clustering of rows. */
export async function evaluateClusterer(model: ClustererModel, rows: Rows, options: RunOptions): Promise<Metrics> {
  const where = `${model.estimator} model evaluate`;
  const run = runOptionsOf(options);
  // Evaluation reads the rows for predictions and for the target.
  using shared = new SharedRows(where, run);
  const cached = await shared.share(frameOf(rows, where, model.featureNamesIn), true);
  checkCall(where, cached.rows, options, []);
  const labels = (await model.predict(cached.frame, run)).toArray() as Int32Array;
  const columns: Float64Array[] = [];
  for (const name of model.featureNamesIn) columns.push(await numbers(cached.frame, cached.rows, name, where, run));
  return evaluateClustering({ features: columns, clusters: labels }, run);
}
