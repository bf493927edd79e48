// Estimators: immutable, validated parameters that learn from a frame and give a model.
import type { JsonObject } from '../../backend/backend.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { drawSeed } from '../../util/philox.ts';
import type { Fitted } from './fitted.ts';
import type { Rows } from './inputs.ts';
import type { ClassifierModel, ClustererModel, Model, RegressorModel, TransformerModel } from './model.ts';
import type { FitOptions } from './options.ts';
import { checkParams, type ParamSpecs, type ParamsOf } from './params.ts';
import { type DataNeeds, TrainingData } from './training-data.ts';

/** What an estimator makes. */
export type EstimatorKind = 'classifier' | 'regressor' | 'ranker' | 'clusterer' | 'transformer';

/** Some of the parameters of a table. */
export type SomeParams<S extends ParamSpecs> = Partial<ParamsOf<S>>;
/** The columns of a frame, a table or arrays. */
export type SchemaIn<R> = R extends DataFrame<infer S> ? S : R extends Table<infer S> ? S : any;

/**
 * Parameters of a learning algorithm, checked and frozen. `fit` gives a model; an estimator never changes and may fit any
 * number of times.
 *
 * @throws {ERR_PARAMETER} made with an unknown parameter, or a value that is not allowed
 *
 * @example
 * ```ts
 * const estimator = new KMeans({ nClusters: 3, randomState: 1 });
 * console.log(estimator.withParams({ nClusters: 4 }).getParams().nClusters, estimator.getParams().nClusters);
 * // 4 3
 * ```
 */
export abstract class Estimator<S extends ParamSpecs = any, M extends Model = Model> {
  /** The name of the class. */
  readonly name: string;
  abstract readonly kind: EstimatorKind;
  readonly #specs: S;
  readonly #params: ParamsOf<S>;

  constructor(name: string, specs: S, params: SomeParams<S>) {
    this.name = name;
    this.#specs = specs;
    this.#params = checkParams(name, specs, params);
  }

  /** Gives all parameters, those at their defaults too. */
  getParams(): ParamsOf<S> {
    return this.#params;
  }

  /**
   * Gives a copy with some parameters changed.
   *
   * @throws {ERR_PARAMETER} an unknown parameter, or a value that is not allowed
   */
  withParams(params: SomeParams<S>): this {
    const copy = new (this.constructor as new (params: object) => this)({ ...this.#params, ...params });
    return copy;
  }

  /** What a parameter may be, by name: for searches, configuration files and support tables. */
  get paramSpecs(): S {
    return this.#specs;
  }

  /** @internal How the training rows are prepared; pipelines ask which columns a step takes. */
  abstract readonly needs: Omit<DataNeeds, 'estimator'>;

  /** @internal Learns from prepared rows. */
  protected abstract train(data: TrainingData, base: ModelBase, options: FitOptions): Promise<M>;

  /** @internal Fits whatever the kind: what pipelines and searches call. */
  async fitAny(rows: Rows, target: string | ArrayLike<unknown> | null, options: FitOptions = {}): Promise<M> {
    const data = await TrainingData.prepare({ ...this.needs, estimator: this.name }, rows, target, options);
    try {
      const model = await this.train(data, this.baseOf(data), options);
      data.finished();
      return model;
    } finally {
      data[Symbol.dispose]();
    }
  }

  /** @internal The parts of the model that do not depend on the algorithm. */
  protected baseOf(data: TrainingData): ModelBase {
    return {
      estimator: this.name,
      params: this.#params as unknown as JsonObject,
      memory: data.memory,
      targetName: data.targetName,
      ...(data.classes ? { classes: data.classes } : {}),
    };
  }

  /** Whether `fit` does something with sample weights: pipelines hand them to such steps. */
  get takesSampleWeight(): boolean {
    return this.kind !== 'transformer';
  }

  /** The seed of a fit: the parameter, or one drawn now. */
  protected seed(): number {
    return ((this.#params as { randomState?: number | null }).randomState ?? drawSeed()) >>> 0;
  }
}

/** The parts of a fitted model that every estimator fills in the same way. */
export type ModelBase = Omit<Fitted, 'json' | 'arrays' | 'models'>;

/** An estimator that learns a target. */
abstract class SupervisedEstimator<S extends ParamSpecs, M extends Model> extends Estimator<S, M> {
  /**
   * Learns from rows and their target.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @param target - a column of the frame, or an array of nSamples
   * @throws {ERR_COLUMN_NOT_FOUND} a column that is not there
   * @throws {ERR_DTYPE} a feature or weight that is not numeric
   * @throws {ERR_MISSING_VALUES} nulls, NaN or infinities in features, unless the algorithm takes them
   * @throws {ERR_TARGET} a target that cannot be learned
   * @throws {ERR_SHAPE} no rows, or an array of another length
   */
  fit<R extends Rows>(
    rows: R,
    target: (keyof SchemaIn<R> & string) | (ArrayLike<unknown> & object),
    options: FitOptions<SchemaIn<R>> = {},
  ): Promise<M> {
    return this.fitAny(rows, target, options);
  }
}

/** An estimator of numbers. */
export abstract class Regressor<
  S extends ParamSpecs = any,
  M extends RegressorModel = RegressorModel,
> extends SupervisedEstimator<S, M> {
  readonly kind = 'regressor';
  readonly needs: Omit<DataNeeds, 'estimator'> = { target: 'numeric', missing: 'refuse' };
}

/** An estimator of classes. */
export abstract class Classifier<
  S extends ParamSpecs = any,
  M extends ClassifierModel = ClassifierModel,
> extends SupervisedEstimator<S, M> {
  readonly kind = 'classifier';
  get needs(): Omit<DataNeeds, 'estimator'> {
    const { classWeight } = this.getParams() as { classWeight?: DataNeeds['classWeight'] };
    return { target: 'classes', missing: 'refuse', ...(classWeight == null ? {} : { classWeight }) };
  }
}

/** An estimator that learns from rows alone. */
abstract class UnsupervisedEstimator<S extends ParamSpecs, M extends Model> extends Estimator<S, M> {
  readonly needs: Omit<DataNeeds, 'estimator'> = { target: 'none', missing: 'refuse' };

  /**
   * Learns from rows.
   *
   * @param rows - a frame, a table, or arrays `(nSamples, nFeatures)`
   * @throws {ERR_COLUMN_NOT_FOUND} a column that is not there
   * @throws {ERR_DTYPE} a feature that is not of a dtype the algorithm takes
   * @throws {ERR_MISSING_VALUES} nulls, NaN or infinities, unless the algorithm takes them
   * @throws {ERR_SHAPE} no rows
   */
  fit<R extends Rows>(rows: R, options: FitOptions<SchemaIn<R>> = {}): Promise<M> {
    return this.fitAny(rows, null, options);
  }
}

/** An estimator of groups. */
export abstract class Clusterer<
  S extends ParamSpecs = any,
  M extends ClustererModel = ClustererModel,
> extends UnsupervisedEstimator<S, M> {
  readonly kind = 'clusterer';
}

/** An estimator of how columns are to be changed. */
export abstract class Transformer<
  S extends ParamSpecs = any,
  M extends TransformerModel = TransformerModel,
> extends UnsupervisedEstimator<S, M> {
  readonly kind = 'transformer';

  /** Learns from rows and gives the frame transformed; the model is dropped. */
  async fitTransform(rows: DataFrame<any>, options: FitOptions = {}): Promise<DataFrame<any>> {
    return (await this.fit(rows, options)).transform(rows);
  }
}

/** An estimator of how columns are to be changed, which looks at a target. */
export abstract class SupervisedTransformer<
  S extends ParamSpecs = any,
  M extends TransformerModel = TransformerModel,
> extends SupervisedEstimator<S, M> {
  readonly kind = 'transformer';

  /**
   * @internal What a pipeline trains the next step on: the training rows themselves transformed, in a way that does not
   * show a row its own target.
   */
  abstract fitTransformAny(
    frame: DataFrame<any>,
    target: string,
    options: FitOptions,
  ): Promise<{ readonly model: M; readonly frame: DataFrame<any> }>;
}
