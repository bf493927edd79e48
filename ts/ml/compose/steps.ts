// Named estimators inside another: their parameters by path, their columns, and fitting one on rows that flow on.
import type { JsonObject } from '../../backend/backend.ts';
import { ParameterError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { type Field, isString, type LogicalType } from '../../schema/types.ts';
import { Estimator } from '../core/estimator.ts';
import { columnField, isNumericFeature } from '../core/features.ts';
import { frameOf, type Rows, withArray } from '../core/inputs.ts';
import type { Model, TransformerModel } from '../core/model.ts';
import { type FitOptions, runOptionsOf } from '../core/options.ts';
import { checkParams, custom, type ParamSpecs } from '../core/params.ts';
import { checkLength } from '../core/training-data.ts';

/** A name and what it stands for. */
export type Step = readonly [name: string, estimator: Estimator<any, any>];

/** Throws for names that cannot be part of a parameter's path, or are there twice. */
export function checkSteps(where: string, steps: readonly Step[], reserved: readonly string[] = []): void {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new ParameterError(`Expected a list of [name, estimator] for ${where}() but received ${shown(steps)}.`, {
      parameter: 'steps',
    });
  steps.forEach((step, i) => {
    const [name, estimator] = Array.isArray(step) ? step : [undefined, undefined];
    if (typeof name !== 'string' || !(estimator instanceof Estimator))
      throw new ParameterError(`Expected [name, estimator] for step ${i} of ${where}() but received ${shown(step)}.`, {
        parameter: 'steps',
      });
    if (name === '' || name.includes('.') || reserved.includes(name))
      throw new ParameterError(
        `The step names of ${where}() must not be empty, hold a dot or be one of its own parameters. Got '${name}'.`,
        { parameter: 'steps' },
      );
    if (steps.findIndex((other) => other[0] === name) !== i)
      throw new ParameterError(`${where}() has two steps named '${name}'.`, { parameter: 'steps' });
  });
}

const shown = (v: unknown): string => (Array.isArray(v) ? `[${v.map((x) => typeof x).join(', ')}]` : typeof v);

/** The parameters of steps as one table: `model.c`. */
export function nestedSpecs(steps: readonly Step[]): ParamSpecs {
  return Object.fromEntries(
    steps.flatMap(([name, estimator]) => {
      const now = estimator.getParams() as Record<string, unknown>;
      return Object.entries(estimator.paramSpecs as ParamSpecs).map(([param, spec]) => [
        `${name}.${param}`,
        { ...spec, default: now[param] },
      ]);
    }),
  );
}

/** The steps with some parameters, or whole steps, changed. */
export function changedSteps(
  where: string,
  steps: readonly Step[],
  own: ParamSpecs,
  params: { readonly [name: string]: unknown },
): Step[] {
  const whole: ParamSpecs = Object.fromEntries(
    steps.map(([name, e]) => [name, custom(e, 'an estimator', (v) => v instanceof Estimator)]),
  );
  const replaced = steps.map(([name, e]): Step => {
    const other = params[name];
    return other instanceof Estimator ? [name, other] : [name, e];
  });
  checkParams(where, { ...own, ...whole, ...nestedSpecs(replaced) }, params);
  return replaced.map(([name, e]): Step => {
    const inner = Object.entries(params).filter(([key]) => key.startsWith(`${name}.`));
    if (inner.length === 0) return [name, e];
    return [name, e.withParams(Object.fromEntries(inner.map(([key, v]) => [key.slice(name.length + 1), v])))];
  });
}

/** What a step can be given at all: numbers, Bool, text. */
export const mayBeFeature = (type: LogicalType): boolean => isNumericFeature(type) || isString(type);

/** Rows with target and weight as columns of them. */
export interface Given {
  readonly frame: DataFrame<any>;
  readonly target: string | null;
  readonly weight: string | null;
  /** What a step may be given, and whether the caller named it. */
  readonly features: readonly Field[];
  readonly named: boolean;
  /** Names of the training frame's columns. */
  readonly known: readonly string[];
}

/** The rows of a fit: arrays beside them, features named or all that may be. */
export async function givenRows(
  where: string,
  rows: Rows,
  target: string | ArrayLike<unknown> | null,
  options: FitOptions,
): Promise<Given> {
  const run = runOptionsOf(options);
  run.signal?.throwIfAborted();
  let frame = frameOf(rows, `${where}.fit`);
  const known = frame.columns;
  const beside = async (values: string | ArrayLike<unknown>, what: string, stem: string): Promise<string> => {
    if (typeof values === 'string') return columnField(frame, values, `${what} of ${where}.fit`).name;
    await checkLength(frame, values, `${what} of ${where}.fit`, run);
    const added = withArray(frame, values, stem);
    frame = added.frame;
    return added.name;
  };
  const targetName = target === null || target === undefined ? null : await beside(target, 'the target', 'target');
  const weight =
    options.sampleWeight === undefined
      ? null
      : await beside(options.sampleWeight as string | ArrayLike<number>, "the 'sampleWeight' option", 'weight');
  const reserved = [targetName, weight].filter((n) => n !== null);
  const named = options.features as readonly string[] | undefined;
  const exclude = (options.exclude ?? []) as readonly string[];
  for (const name of exclude) columnField(frame, name, `the 'exclude' option of ${where}.fit`);
  let features: Field[];
  if (named === undefined)
    features = DataFrame.planOf(frame).schema.filter(
      (f) => mayBeFeature(f.type) && !reserved.includes(f.name) && !exclude.includes(f.name),
    );
  else {
    if (!Array.isArray(named) || named.length === 0)
      throw new ParameterError(
        `The 'features' option of ${where}.fit must be a list of column names. Got ${JSON.stringify(named)}.`,
        { estimator: where },
      );
    features = named.map((name) => columnField(frame, name, `the 'features' option of ${where}.fit`));
    const twice = named.find((name, i) => named.indexOf(name) !== i);
    const wrong = twice ?? named.find((name) => reserved.includes(name));
    if (wrong !== undefined)
      throw new ParameterError(
        `Column "${wrong}" is ${twice === undefined ? 'the target or the weight and cannot be a feature too' : 'named twice'} among the features of ${where}.fit.`,
        { estimator: where, column: wrong },
      );
  }
  return { frame, target: targetName, weight, features, named: named !== undefined, known };
}

/** What a transformer gave for its training rows. */
export interface FittedStep {
  readonly model: TransformerModel;
  readonly frame: DataFrame<any>;
}

interface CrossFits {
  fitTransformAny(frame: DataFrame<any>, target: string | null, options: FitOptions): Promise<FittedStep>;
}

/** Fits a transformer and gives its training rows transformed: across folds, where it looks at the target. */
export async function fitTransformed(
  transformer: Estimator<any, any>,
  frame: DataFrame<any>,
  target: string | null,
  features: readonly string[],
  weight: string | null,
  options: FitOptions,
): Promise<FittedStep> {
  const own: FitOptions = {
    ...runOptionsOf(options),
    features: features as never,
    ...(weight !== null && transformer.takesSampleWeight ? { sampleWeight: weight as never } : {}),
  };
  if ('fitTransformAny' in transformer)
    return (transformer as unknown as CrossFits).fitTransformAny(frame, target, own);
  const model = (await transformer.fitAny(frame, target, own)) as TransformerModel;
  return { model, frame: model.transform(frame) };
}

/** The columns that a step is given: by dtype, from the schema of the rows at that point. */
export function columnsFor(estimator: Estimator<any, any>, frame: DataFrame<any>, names: readonly string[]): string[] {
  const takes = estimator.needs.takes ?? isNumericFeature;
  const schema = DataFrame.planOf(frame).schema;
  return names.filter((name) => takes(schema.find((f) => f.name === name)!.type));
}

/** Names with some replaced by others, which come where the first of them stood. */
export function withReplaced(names: readonly string[], own: readonly string[], made: readonly string[]): string[] {
  const at = names.findIndex((name) => own.includes(name));
  const rest = names.filter((name) => !own.includes(name));
  const before = names.slice(0, Math.max(0, at)).filter((name) => !own.includes(name)).length;
  return [...rest.slice(0, before), ...made, ...rest.slice(before)];
}

/** Frees models of a fit that failed. */
export function disposeAll(models: Iterable<Model>): void {
  for (const model of models) model.dispose();
}

/** Parameters as a model file holds them: what is not JSON is left out. */
export const paramsJson = (params: object): JsonObject =>
  Object.fromEntries(Object.entries(params).filter(([, v]) => typeof v !== 'function')) as JsonObject;
