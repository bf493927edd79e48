import { ParameterError, UnsupportedError } from '../../errors.ts';
import { lit } from '../../expr/builders.ts';
import { fromColumns } from '../../frame/create.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Float64, fromLogical } from '../../schema/dtypes.ts';
import type { Field } from '../../schema/types.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import { columnField, isNumericFeature } from '../core/features.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { type ClassifierModel, type Model, RegressorModel } from '../core/model.ts';
import { runOptionsOf } from '../core/options.ts';
import { RUN_OPTIONS } from '../core/run-options.ts';
import { SharedRows } from '../core/shared-rows.ts';
import type { Label } from '../core/target.ts';
import { checkLabel } from '../metrics/core/encode-labels.ts';
import { runSliced, STEP_ROWS, type Steps } from '../metrics/core/steps.ts';
import { metricCall } from '../metrics/metric-call.ts';
import { checkWeights, type NumberInput, withNumbers } from '../metrics/read-numbers.ts';
import { gridOf } from './feature-grid.ts';

/** Options of `partialDependence`. */
export interface PartialDependenceOptions extends RunOptions {
  /** Points of the grid of each feature (default 100); a feature with fewer distinct values has those. */
  readonly gridResolution?: number;
  /** Quantiles of a feature at which its grid begins and ends (default [0.05, 0.95]). */
  readonly percentiles?: readonly [number, number];
  /** Grids of one's own, by feature: values in any number. */
  readonly gridValues?: { readonly [feature: string]: readonly (number | string | boolean | bigint)[] };
  /** Weights of the rows in the average: a numeric column of the frame, or an array of shape (nSamples). */
  readonly sampleWeight?: string | ArrayLike<number>;
}

/** The mean prediction at each point of a grid. */
export interface PartialDependence {
  readonly features: readonly string[];
  /** The values of each feature's grid. */
  readonly grid: readonly (readonly Label[])[];
  /** What the averages are of: the prediction, the class that a binary model's probability is of, or each class. */
  readonly outputs: readonly Label[];
  /** The mean of each output at each point of the grid, the last feature varying fastest: shape (nPoints). */
  readonly averages: readonly Float64Array[];
  /** A row per point: the features, then `average`, or of several classes `average_<class>`. */
  readonly frame: DataFrame<any>;
}

const CALL = 'partialDependence';
const OPTIONS = ['gridResolution', 'percentiles', 'gridValues', 'sampleWeight'];
/** Most points of a grid: each is a prediction of all rows. */
const MOST_POINTS = 100_000;

/**
 * Computes how predictions change with one or two features: the mean prediction over all rows when every row has the
 * grid's values in these features. Of a regressor it is the prediction, of a classifier the probability: of the second
 * class of two, or of each class. Source: J. H. Friedman, "Greedy function approximation" (2001), section 8.2.
 *
 * @param model - a fitted regressor, or a classifier that gives probabilities
 * @param rows - a frame or table with the model's features, or arrays of rows, shape (nSamples, nFeatures)
 * @param features - a feature of the model, or several: the grid has every combination of their values
 * @throws {ERR_PARAMETER} no feature of the model, percentiles out of order, or a grid that is too large
 * @throws {ERR_UNSUPPORTED} a model without numeric predictions or probabilities
 * @throws {ERR_MISSING_VALUES} as the model's `predict` does; nulls in a feature that a grid is made of
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], z: [0, 1, 0, 1], y: [3, 6, 7, 10] });
 * using model = await new LinearRegression().fit(df, 'y');
 * const { frame } = await partialDependence(model, df, 'x', { gridResolution: 3, percentiles: [0, 1] });
 * await frame.show();
 * // ┌─────────┬─────────┐
 * // │       x │ average │
 * // │ Float64 │ Float64 │
 * // ├─────────┼─────────┤
 * // │     1.0 │     3.5 │
 * // │     2.5 │     6.5 │
 * // │     4.0 │     9.5 │
 * // └─────────┴─────────┘
 * // 3 rows × 2 columns
 * ```
 */
export async function partialDependence(
  model: Model,
  rows: Rows,
  features: string | readonly string[],
  options: PartialDependenceOptions = {},
): Promise<PartialDependence> {
  refuseUnknown(`${CALL}()`, options, [...OPTIONS, ...RUN_OPTIONS]);
  const { gridResolution = 100, percentiles = [0.05, 0.95], gridValues = {} } = options;
  const names = typeof features === 'string' ? [features] : features;
  checkOptions(model, names, gridResolution, percentiles, gridValues);
  const { onProgress, ...run } = runOptionsOf(options);
  using shared = new SharedRows(CALL, run);
  const given = frameOf(rows, CALL, model.featureNamesIn);
  const extra = typeof options.sampleWeight === 'string' ? [options.sampleWeight] : [];
  const needed = [...new Set([...model.featureNamesIn, ...extra])];
  for (const name of needed) columnField(given, name, CALL);
  const { frame, rows: count } = await shared.share(given.select(...(needed as never[])), true);
  const fields = names.map((name) => columnField(frame, name, CALL));
  const grid: Label[][] = [];
  for (const field of fields)
    grid.push(
      Object.hasOwn(gridValues, field.name)
        ? [...(gridValues[field.name] as readonly Label[])]
        : await gridOf(CALL, frame, field, gridResolution, percentiles, run),
    );
  const points = grid.reduce((n, values) => n * values.length, 1);
  if (points > MOST_POINTS)
    throw new ParameterError(
      `The grid of ${CALL} has ${points} points, ${MOST_POINTS} at most. Lower gridResolution.`,
      {
        points,
      },
    );
  const weight = await weightsOf(frame, options.sampleWeight, count, run);
  const outputs = outputsOf(model);
  const averages = outputs.map(() => new Float64Array(points));
  for (let p = 0; p < points; p++) {
    run.signal?.throwIfAborted();
    const values = valuesAt(grid, p);
    const means = await meansOf(model, frame.withColumns(constants(fields, values) as never), weight, run);
    means.forEach((mean, k) => {
      (averages[k] as Float64Array)[p] = mean;
    });
    onProgress?.({ phase: CALL, doneRows: count, fraction: (p + 1) / points });
  }
  return { features: names, grid, outputs, averages, frame: resultFrame(names, grid, outputs, averages, points) };
}

function checkOptions(
  model: Model,
  names: readonly string[],
  gridResolution: number,
  percentiles: readonly [number, number],
  gridValues: object,
): void {
  const refuse = (option: string, expected: string, got: unknown): never => {
    throw new ParameterError(`The '${option}' option of ${CALL} must be ${expected}. Got ${JSON.stringify(got)}.`, {
      option,
    });
  };
  if (!Array.isArray(names) || names.length === 0)
    throw new ParameterError(`${CALL} needs a feature, or a list of them. Got ${JSON.stringify(names)}.`);
  for (const [i, name] of [...names, ...Object.keys(gridValues)].entries()) {
    if (model.featureNamesIn.includes(name) && (i >= names.length || names.indexOf(name) === i)) continue;
    throw new ParameterError(
      `"${name}" is ${names.indexOf(name) !== i && i < names.length ? `given twice to ${CALL}` : 'no feature of the model'}. Features: ${model.featureNamesIn.join(', ')}.`,
      { feature: name },
    );
  }
  if (!Number.isSafeInteger(gridResolution) || gridResolution < 2)
    refuse('gridResolution', 'a whole number of at least 2', gridResolution);
  const [low, high] = Array.isArray(percentiles) ? percentiles : [Number.NaN, Number.NaN];
  if (!(Array.isArray(percentiles) && percentiles.length === 2 && low >= 0 && low < high && high <= 1))
    refuse('percentiles', 'two rising numbers in [0, 1]', percentiles);
  for (const [name, values] of Object.entries(gridValues)) {
    if (!Array.isArray(values) || values.length === 0) refuse('gridValues', 'a list of values per feature', values);
    for (const [i, value] of (values as unknown[]).entries())
      if (typeof value !== 'number' || !Number.isFinite(value)) checkLabel(value, `the gridValues of "${name}"`, i);
  }
}

/** The grid's values at a point, the last feature varying fastest. */
function valuesAt(grid: readonly (readonly Label[])[], point: number): Label[] {
  const out: Label[] = [];
  let rest = point;
  for (let f = grid.length - 1; f >= 0; f--) {
    const values = grid[f] as readonly Label[];
    out[f] = values[rest % values.length] as Label;
    rest = Math.floor(rest / values.length);
  }
  return out;
}

/** Columns of one value. A grid between whole numbers is Float64: numeric features take any number. */
function constants(fields: readonly Field[], values: readonly Label[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((f, i) => {
      const value = values[i] as Label;
      const dtype = typeof value === 'number' && isNumericFeature(f.type) ? Float64 : fromLogical(f.type);
      return [f.name, lit(value as never, dtype as never)];
    }),
  );
}

async function weightsOf(
  frame: DataFrame<any>,
  sampleWeight: string | ArrayLike<number> | undefined,
  rows: number,
  run: RunOptions,
): Promise<Float64Array | null> {
  if (sampleWeight === undefined) return null;
  const named = typeof sampleWeight === 'string';
  const call = metricCall<RunOptions>(CALL, named ? [frame, '', '', run] : ['', '', run], []);
  const inputs: NumberInput[] = [{ role: 'sampleWeight', value: sampleWeight }];
  return withNumbers(call, inputs, async ([weight]) => {
    const own = (weight as Float64Array).slice();
    if (own.length !== rows)
      throw new ParameterError(`The 'sampleWeight' option of ${CALL} must have ${rows} values. Got ${own.length}.`);
    await runSliced(checkWeights(CALL, own), run.signal);
    return own;
  });
}

const isClassifier = (model: Model): model is ClassifierModel =>
  (model as Model & { readonly kind?: string }).kind === 'classifier';

/** What a model's averages are of. */
function outputsOf(model: Model): readonly Label[] {
  if (model instanceof RegressorModel) return ['prediction'];
  if (isClassifier(model) && model.givesProbabilities)
    return model.classes.length === 2 ? [model.classes[1] as Label] : model.classes;
  throw new UnsupportedError(
    `${CALL} needs a regressor, or a classifier that gives probabilities; a ${model.estimator} model is neither.`,
    { estimator: model.estimator },
  );
}

/** The mean of each output over the rows. */
async function meansOf(
  model: Model,
  frame: DataFrame<any>,
  weight: Float64Array | null,
  run: RunOptions,
): Promise<number[]> {
  if (model instanceof RegressorModel) {
    const values = (await model.predict(frame, run)).toArray() as Float64Array;
    return [await runSliced(meanOf(values, weight), run.signal)];
  }
  using proba = await (model as ClassifierModel).predictProba(frame, run);
  const names = proba.columns;
  const means: number[] = [];
  for (const name of names.length === 2 ? names.slice(1) : names)
    means.push(
      await runSliced(meanOf(proba.column(name as never).toArray() as unknown as Float64Array, weight), run.signal),
    );
  return means;
}

function* meanOf(values: Float64Array, weight: Float64Array | null): Steps<number> {
  let sum = 0;
  let mass = 0;
  for (let start = 0; start < values.length; start += STEP_ROWS) {
    const end = Math.min(values.length, start + STEP_ROWS);
    let part = 0;
    for (let i = start; i < end; i++) {
      const w = weight === null ? 1 : (weight[i] as number);
      part += w * (values[i] as number);
      mass += w;
    }
    sum += part;
    yield;
  }
  return sum / mass;
}

function resultFrame(
  names: readonly string[],
  grid: readonly (readonly Label[])[],
  outputs: readonly Label[],
  averages: readonly Float64Array[],
  points: number,
): DataFrame<any> {
  const at = Array.from({ length: points }, (_, p) => valuesAt(grid, p));
  return fromColumns({
    ...Object.fromEntries(names.map((name, f) => [name, at.map((values) => values[f])])),
    ...Object.fromEntries(
      outputs.map((output, k) => [outputs.length === 1 ? 'average' : `average_${output}`, averages[k]]),
    ),
  } as never);
}
