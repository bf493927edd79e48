import type { JsonObject } from '../../backend/backend.ts';
import { ParameterError, UnsupportedError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { Estimator, type EstimatorKind, type SchemaIn } from '../core/estimator.ts';
import { frameOf, isRowArray, type Rows } from '../core/inputs.ts';
import type { ClassifierModel, ClustererModel, Model, RegressorModel, TransformerModel } from '../core/model.ts';
import { type FitOptions, runOptionsOf } from '../core/options.ts';
import { type DataNeeds, isCostly } from '../core/training-data.ts';
import {
  type PipelineClassifierModel,
  type PipelineClustererModel,
  type PipelineModel,
  type PipelineRegressorModel,
  type PipelineTransformerModel,
  pipelineModel,
} from './pipeline-models.ts';
import {
  changedSteps,
  checkSteps,
  columnsFor,
  disposeAll,
  type FittedStep,
  fitTransformed,
  givenRows,
  mayBeFeature,
  nestedSpecs,
  paramsJson,
  type Step,
  withReplaced,
} from './steps.ts';

/** The model of an estimator. */
type ModelMadeBy<E> = E extends { fitAny(...args: never[]): Promise<infer M> } ? M : Model;
/** The estimator of the last step. */
type LastOf<S extends readonly unknown[]> = S extends readonly [...unknown[], readonly [string, infer E]] ? E : never;
/** The model of a pipeline whose last step makes M. */
export type PipelineModelOf<M> = M extends ClassifierModel
  ? PipelineClassifierModel
  : M extends RegressorModel
    ? PipelineRegressorModel
    : M extends ClustererModel
      ? PipelineClustererModel
      : M extends TransformerModel
        ? PipelineTransformerModel
        : PipelineModel;

/**
 * Transformers in a row with an estimator behind them, fitted as one. Made by `pipeline`.
 *
 * Parameters are those of the steps, by path: `model.c`. Each step learns from the rows as the steps before it leave them,
 * takes the columns whose dtypes it takes, and its outputs take their place; the target and the weights are never among
 * them. A step that looks at the target is fitted across folds.
 *
 * What steps write as expressions stays part of one plan, which every later step runs again over the source: that streams,
 * and costs no memory. Rows are kept in memory between steps only where running again would cost more than it: where the plan
 * so far joins, groups, sorts or calls JavaScript, and more than one step is still to come.
 */
export class Pipeline<M extends Model = Model> extends Estimator<any, M> {
  readonly kind: EstimatorKind;
  /** The steps, in order. */
  readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    checkSteps('pipeline', steps);
    super('Pipeline', nestedSpecs(steps), {});
    steps.slice(0, -1).forEach(([name, estimator]) => {
      if (estimator.kind !== 'transformer')
        throw new ParameterError(
          `Every step of pipeline() but the last must be a transformer. Step '${name}' is a ${estimator.kind}, ${estimator.name}.`,
          { parameter: 'steps' },
        );
    });
    const last = steps[steps.length - 1]![1];
    if (last.kind === 'ranker')
      throw new UnsupportedError(
        `A pipeline cannot end in a ranker such as ${last.name}: transform first, then fit it.`,
      );
    this.kind = last.kind;
    this.steps = Object.freeze(steps.map(([name, e]): Step => Object.freeze([name, e] as const)));
  }

  get needs(): Omit<DataNeeds, 'estimator'> {
    return { ...this.#last.needs, takes: mayBeFeature, takesText: 'numeric, Bool or text' };
  }

  override get takesSampleWeight(): boolean {
    return this.steps.some(([, e]) => e.takesSampleWeight);
  }

  get #last(): Estimator<any, any> {
    return this.steps[this.steps.length - 1]![1];
  }

  /**
   * Gives a copy with parameters of steps changed by path (`{ 'model.c': 10 }`), or whole steps by name.
   *
   * @throws {ERR_PARAMETER} an unknown parameter, or a value that is not allowed
   */
  override withParams(params: { readonly [path: string]: unknown }): this {
    return new Pipeline(changedSteps('Pipeline', this.steps, {}, params)) as this;
  }

  /**
   * Learns from rows, and their target where a step needs one.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, an array of nSamples, or null where no step looks at one
   * @throws {ERR_PARAMETER} a step that no column is left for
   * @throws whatever its steps throw
   */
  fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object) | null = null,
    options: FitOptions<SchemaIn<R>> = {},
  ): Promise<M> {
    return this.fitAny(rows, target, options as FitOptions);
  }

  override async fitAny(rows: Rows, target: string | ArrayLike<unknown> | null, options: FitOptions = {}): Promise<M> {
    return (await this.#run(rows, target, options, false)).model as unknown as M;
  }

  /** @internal For a pipeline of transformers inside another one. */
  async fitTransformAny(frame: DataFrame<any>, target: string | null, options: FitOptions): Promise<FittedStep> {
    const { model, frame: made } = await this.#run(frame, target, options, true);
    return { model: model as unknown as TransformerModel, frame: made };
  }

  protected train(): Promise<M> {
    throw new UnsupportedError('A pipeline is fitted step by step.');
  }

  async #run(
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions,
    transformToo: boolean,
  ): Promise<{ model: PipelineModel; frame: DataFrame<any> }> {
    const run = runOptionsOf(options);
    const given = await givenRows(this.name, rows, target, options);
    const reserved = [given.target, given.weight].filter((n) => n !== null);
    let { frame } = given;
    let names = given.features.map((f) => f.name);
    const original = new Set(names);
    const used = new Set<string>();
    const take = (own: readonly string[]): void => {
      for (const name of own) if (original.has(name)) used.add(name);
    };
    const fitted: [string, Model][] = [];
    try {
      for (const [name, estimator] of this.steps.slice(0, -1)) {
        run.signal?.throwIfAborted();
        const own = columnsFor(estimator, frame, names);
        if (own.length === 0) throw this.#nothingFor(name, estimator, names);
        take(own);
        frame = await this.#kept(frame, [...names, ...reserved], run);
        const made = await fitTransformed(estimator, frame, given.target, own, given.weight, options);
        fitted.push([name, made.model]);
        names = withReplaced(names, made.model.featureNamesIn, made.model.featureNamesOut);
        // A name that a step has made anew is not the caller's column any more.
        for (const n of made.model.featureNamesIn) original.delete(n);
        frame = made.frame;
      }
      run.signal?.throwIfAborted();
      const [lastName, last] = this.steps[this.steps.length - 1]!;
      // Text that nobody encodes is left alone, unless it was named: then it is an error of the last step.
      const own = given.named ? names : columnsFor(last, frame, names);
      if (own.length === 0) throw this.#nothingFor(lastName, last, names);
      take(own);
      let model: Model;
      if (transformToo) {
        const made = await fitTransformed(last, frame, given.target, own, given.weight, options);
        model = made.model;
        frame = made.frame;
      } else
        model = await last.fitAny(
          frame,
          given.target,
          this.#lastOptions(
            options,
            own,
            given.weight,
            fitted,
            given.features.map((f) => f.name),
          ),
        );
      fitted.push([lastName, model]);
      const result = pipelineModel(
        {
          estimator: 'Pipeline',
          params: paramsJson(this.getParams() as object),
          memory: {
            features: given.features.filter((f) => used.has(f.name)),
            known: given.named ? null : [...given.known, ...reserved],
          },
          json: { steps: fitted.map(([n]) => n) } as JsonObject,
          arrays: {},
          targetName: typeof target === 'string' ? target : null,
          ...(model.toFitted().classes ? { classes: model.toFitted().classes! } : {}),
          models: Object.fromEntries(fitted.map(([n, m]) => [n, m.toFitted()])),
        },
        fitted,
      );
      return { model: result, frame };
    } catch (error) {
      disposeAll(fitted.map(([, m]) => m));
      throw error;
    }
  }

  /** The rows before a step that is not the last: at least two steps read them, so a costly plan runs once. */
  async #kept(
    frame: DataFrame<any>,
    names: readonly string[],
    run: ReturnType<typeof runOptionsOf>,
  ): Promise<DataFrame<any>> {
    if (!isCostly(DataFrame.planOf(frame))) return frame;
    const all = frame.columns.filter((c) => names.includes(c));
    return frame.select(...(all as never[])).cache(run);
  }

  #lastOptions(
    options: FitOptions,
    features: readonly string[],
    weight: string | null,
    fitted: readonly (readonly [string, Model])[],
    names: readonly string[],
  ): FitOptions {
    const { features: _features, exclude: _exclude, sampleWeight: _weight, ...rest } = options;
    const { evalSet } = rest as { evalSet?: unknown };
    const through = (rows: Rows): DataFrame<any> =>
      fitted.reduce(
        (f, [, m]) => (m as TransformerModel).transform(f),
        frameOf(rows, 'an evaluation set of Pipeline.fit', names),
      );
    const watched = (set: unknown): unknown =>
      typeof set === 'object' && set !== null && 'frame' in set
        ? { ...set, frame: through((set as { frame: Rows }).frame) }
        : through(set as Rows);
    return {
      ...rest,
      features: features as never,
      ...(weight === null ? {} : { sampleWeight: weight as never }),
      ...(evalSet === undefined
        ? {}
        : { evalSet: Array.isArray(evalSet) && !isRowArray(evalSet) ? evalSet.map(watched) : watched(evalSet) }),
    } as FitOptions;
  }

  #nothingFor(name: string, estimator: Estimator<any, any>, names: readonly string[]): ParameterError {
    return new ParameterError(
      `Step '${name}' of Pipeline.fit, ${estimator.name}, takes columns that are ${estimator.needs.takesText ?? 'numeric or Bool'}, and there are none. Columns at that point: ${names.length === 0 ? 'none' : names.join(', ')}.`,
      { step: name },
    );
  }
}

/**
 * Makes a pipeline: transformers, then an estimator (or one more transformer), fitted as one. Its model is of the kind of
 * the last step's.
 *
 * @param steps - `[name, estimator]` in order; names are unique and hold no dot
 * @throws {ERR_PARAMETER} a step before the last that is no transformer, or a name twice
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, null, 4], city: ['a', 'b', 'a', 'b'], y: [1, 4, 3, 6] });
 * const steps = pipeline([
 *   ['fill', new SimpleImputer()],
 *   ['code', new OneHotEncoder({ drop: 'first' })],
 *   ['model', new LinearRegression()],
 * ]);
 * using model = await steps.withParams({ 'fill.strategy': 'median' }).fit(df, 'y');
 * console.log(model.featureNamesIn, model.step('model').featureNamesIn);
 * // [ 'x', 'city' ] [ 'x', 'city_b' ]
 * ```
 */
export function pipeline<const S extends readonly Step[]>(steps: S): Pipeline<PipelineModelOf<ModelMadeBy<LastOf<S>>>> {
  return new Pipeline<PipelineModelOf<ModelMadeBy<LastOf<S>>>>(steps);
}
