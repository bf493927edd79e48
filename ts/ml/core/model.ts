// Fitted models: what they share, and what each kind adds.
import type { ArrowColumn, RecordBatch } from '../../backend/arrow.ts';
import type { Handle, JsonObject, NumberArray, TableHandle } from '../../backend/backend.ts';
import type { ArraysInOf, ArraysOf, JsonOf, KernelName, ParamsOf } from '../../backend/kernel-calls.ts';
import { type MissingPolicy, missingError } from '../../backend/missing-values.ts';
import { DisposedError, ParameterError, UnsupportedError } from '../../errors.ts';
import { type AffineMaps, affine, col } from '../../expr/builders.ts';
import { columnOf } from '../../frame/build-column.ts';
import type { Column } from '../../frame/column.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { residentPlan } from '../../frame/host-tables.ts';
import { Table } from '../../frame/table.ts';
import { batchSource } from '../../frame/table-source.ts';
import { hostNode } from '../../plan/build.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { registerHostFunction } from '../../runner/host-functions.ts';
import { type RunOptions, releaseHandle, runToSharedTable } from '../../runner/runner.ts';
import type { Float64 } from '../../schema/dtypes.ts';
import type { Field, Schema } from '../../schema/types.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { asFloat64, checkFeatures, type FeatureMemory, featureFrame, isNumericFeature } from './features.ts';
import type { Fitted } from './fitted.ts';
import { frameOf, type Rows } from './inputs.ts';
import { writeModel } from './model-file.ts';
import { type InvokeMore, invoke } from './options.ts';
import { RUN_OPTIONS } from './run-options.ts';
import type { Classes, Label } from './target.ts';
import { writeWhole } from './write-whole.ts';

/** Options of predictions. */
export type PredictOptions = RunOptions;

const FLOAT64 = Object.freeze({ dtype: 'Float64' } as const);
const makeFrame = (plan: any): DataFrame<any> => new DataFrame(plan);

/** A column of a one-column table in host memory. */
export const hostColumn = (name: string, values: ArrayLike<unknown>, field: Omit<Field, 'name'>): Column<any> =>
  hostTable([{ ...field, name }], [values]).column(name as never);

/** A table in host memory. */
export function hostTable(schema: Schema, values: readonly ArrayLike<unknown>[]): Table<any> {
  const columns = schema.map((f, i): ArrowColumn => columnOf(values[i]!, f));
  return new Table(batchSource({ schema, length: values[0]?.length ?? 0, columns }), makeFrame);
}

/**
 * A fitted model. It holds fitted values in host memory and, once it has predicted, a copy laid out for prediction in the
 * engine: dispose it, or declare it with `using`.
 */
export abstract class Model implements Disposable {
  /** The name of the estimator's class. */
  readonly estimator: string;
  /** The estimator's parameters, defaults included. */
  readonly params: JsonObject;
  /** Column names of the features, in the order of the fit. */
  readonly featureNamesIn: readonly string[];
  /** The target's column in fit; null for an array or no target. */
  readonly targetName: string | null;
  protected readonly memory: FeatureMemory;
  readonly #states = new Map<string, Promise<Handle>>();
  #disposed = false;

  constructor(fitted: Fitted) {
    this.estimator = fitted.estimator;
    this.params = fitted.params;
    this.memory = fitted.memory;
    this.featureNamesIn = Object.freeze(fitted.memory.features.map((f) => f.name));
    this.targetName = fitted.targetName;
  }

  /** What a prediction does with nulls and NaN. */
  protected get missing(): MissingPolicy {
    return 'refuse';
  }

  /** @internal Everything that is needed to make this model again. */
  abstract toFitted(): Fitted;

  /** Number of features. */
  get nFeaturesIn(): number {
    return this.featureNamesIn.length;
  }

  /** Gives the model as the bytes of a model file. */
  toBytes(): Uint8Array {
    this.checkLive();
    return writeModel(this.toFitted());
  }

  /**
   * Writes the model to a file, to be read by `loadModel`. The file is complete or not there.
   *
   * @throws {ERR_IO} a file that cannot be written
   */
  async save(path: string): Promise<void> {
    await writeWhole(path, this.toBytes());
  }

  /**
   * Gives the model as ONNX (operator sets ai.onnx 21, ai.onnx.ml 5), for other runtimes. Everything is double, as here.
   *
   * Inputs are a tensor `(nSamples, 1)` per feature, by its name: double for numeric and Bool features (NaN for missing),
   * string for text ('' for missing). Outputs are `prediction` of a regressor; `label` and `probabilities` of a classifier;
   * `cluster` and `distances`; `transformed` `(nSamples, nColumns)`. One whose name a feature has ends in `_1`.
   *
   * @throws {ERR_UNSUPPORTED} a model that has no ONNX form
   */
  async toOnnx(): Promise<Uint8Array> {
    this.checkLive();
    const { modelToOnnx } = await import('../onnx/model-to-onnx.ts');
    return modelToOnnx(this);
  }

  /** Frees what the engine holds. A second call does nothing; predictions afterwards throw ERR_DISPOSED. */
  dispose(): void {
    this.#disposed = true;
    for (const state of this.#states.values()) void state.then(releaseHandle, () => undefined);
    this.#states.clear();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Options of predictions beside those of running. */
  protected get predictOptions(): readonly string[] {
    return [];
  }

  /** Throws for options that a call does not know. */
  protected checkOptions(call: string, options: PredictOptions, more: readonly string[] = []): void {
    refuseUnknown(`${this.estimator} model ${call}`, options, [...more, ...this.predictOptions, ...RUN_OPTIONS]);
  }

  protected checkLive(): void {
    if (this.#disposed) throw new DisposedError('model');
  }

  /** A state of the engine, made at first use and freed with the model. */
  protected state(name: string, make: () => Promise<Handle>): Promise<Handle> {
    this.checkLive();
    let found = this.#states.get(name);
    if (!found) {
      found = make();
      found.catch(() => this.#states.delete(name));
      this.#states.set(name, found);
    }
    return found;
  }

  protected invoke<N extends KernelName>(
    name: N,
    params: ParamsOf<N>,
    more: InvokeMore<N>,
    options: RunOptions,
  ): Promise<{ json: JsonOf<N>; arrays: ArraysOf<N>; outputs: readonly Handle[] }> {
    this.checkLive();
    return invoke(name, params, more, options);
  }

  /** Runs `use` over the frame's features as a resident table of Float64 columns, in the fit's order, checked. */
  protected async withFeatures<T>(
    rows: Rows,
    options: RunOptions,
    use: (features: TableHandle) => Promise<T>,
  ): Promise<T> {
    this.checkLive();
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    const features = checkFeatures(`${this.estimator} model`, frame, this.memory);
    const prepared = featureFrame(frame, features, this.missing);
    const plan = await residentPlan(DataFrame.planOf(prepared), options);
    const table = await runToSharedTable(plan, options, new Error());
    try {
      // An engine has nothing to say about no rows; predictions of none are none.
      if (table.rows > 0 && features.every((f) => isNumericFeature(f.type))) {
        const { arrays } = await this.invoke(
          'features.check',
          {},
          { inputs: [table], workNanoseconds: table.rows * features.length },
          options,
        );
        const error = missingError(this.estimator, this.featureNamesIn, arrays, this.missing);
        if (error) throw error;
      }
      return await use(table);
    } finally {
      releaseHandle(table);
    }
  }

  /**
   * Runs a kernel that takes rows over the frame's features, in the fit's order: streamed, so that no copy of them is made.
   * The kernel counts what it cannot take, per feature.
   */
  protected async streamFeatures<N extends KernelName>(
    name: N,
    params: ParamsOf<N>,
    arrays: ArraysInOf<N>,
    rows: Rows,
    options: RunOptions,
  ): Promise<{ json: JsonOf<N>; arrays: ArraysOf<N> }> {
    this.checkLive();
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    const features = checkFeatures(`${this.estimator} model`, frame, this.memory);
    const plan = await residentPlan(DataFrame.planOf(featureFrame(frame, features, this.missing)), options);
    // A plan of few rows is run on this thread; its own size says so.
    const result = await this.invoke(name, params, { plan, arrays, workNanoseconds: 0 }, options);
    const counts = result.arrays as unknown as Parameters<typeof missingError>[2];
    const error = missingError(this.estimator, this.featureNamesIn, counts, this.missing);
    if (error) throw error;
    return result;
  }

  /** The columns of the frame that stay beside `added` ones, whose names must be free. */
  #keptBeside(plan: PlanNode, added: Schema, drop: readonly string[]): Schema {
    const kept = plan.schema.filter((f) => !drop.includes(f.name));
    const twice = added.find((f, i) => added.findIndex((g) => g.name === f.name) !== i);
    if (twice)
      throw new ParameterError(
        `${this.estimator} would add two columns "${twice.name}". Choose other names with 'as' or 'probabilities'.`,
        { column: twice.name },
      );
    const clash = added.find((f) => kept.some((g) => g.name === f.name));
    if (clash)
      throw new ParameterError(
        `The frame already has a column "${clash.name}". Choose another name for what ${this.estimator} adds.`,
        { column: clash.name },
      );
    return kept;
  }

  /** The frame with sums of features as columns behind its own: an expression, so rows stream and nothing runs yet. */
  protected withSums(
    frame: DataFrame<any>,
    maps: AffineMaps,
    options: { readonly drop?: readonly string[] } = {},
  ): DataFrame<any> {
    this.checkLive();
    const features = checkFeatures(`${this.estimator} model`, frame, this.memory);
    const added = maps.names.map((name): Field => ({ name, type: FLOAT64, nullable: false }));
    const kept = this.#keptBeside(DataFrame.planOf(frame), added, options.drop ?? []).map((f) => f.name);
    let all = '#sums';
    while (kept.includes(all)) all += '#';
    const sums = affine(features.map((f) => asFloat64(f, this.missing)) as never[], maps, {
      model: this.estimator,
      columns: this.featureNamesIn,
    });
    const own = Object.fromEntries(kept.map((name) => [name, col(name)]));
    const fields = maps.names.map((name) => [name, (col(all) as any).struct.field(name)]);
    return frame
      .select({ ...own, [all]: sums } as never)
      .select({ ...own, ...Object.fromEntries(fields) } as never) as DataFrame<any>;
  }

  /** The frame with columns that `compute` makes of each batch put behind its own; nothing runs yet. */
  protected appended(
    frame: DataFrame<any>,
    added: Schema,
    compute: (batch: DataFrame<any>) => Promise<readonly ArrowColumn[]>,
    options: { readonly drop?: readonly string[] } = {},
  ): DataFrame<any> {
    const plan = DataFrame.planOf(frame);
    const kept = this.#keptBeside(plan, added, options.drop ?? []);
    const schema = Object.freeze([...kept, ...added]);
    const key = registerHostFunction(async (batch: RecordBatch) => {
      const made = await compute(new Table(batchSource(batch, plan.schema), makeFrame).lazy());
      const own = kept.map((f) => batch.columns[batch.schema.findIndex((g) => g.name === f.name)]!);
      return { schema, length: batch.length, columns: [...own, ...made] };
    });
    return new DataFrame(hostNode(plan, key, schema));
  }
}

/** Metrics by name. */
export type Metrics = { readonly [metric: string]: number };

/** The fitted model of a regressor. */
export abstract class RegressorModel extends Model {
  readonly kind = 'regressor';

  /** @internal Predictions for checked features, `(nSamples)` or output by output. */
  protected abstract predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array>;

  /** @internal Predictions of streamed rows; null of a model that needs its features as a table. */
  protected streamValues(_rows: Rows, _options: RunOptions): Promise<Float64Array> | null {
    return null;
  }

  /**
   * Predicts the target of each row.
   *
   * @param rows - features by name, or arrays in the order of the fit, `(nSamples, nFeatures)`
   * @returns a Float64 column of nSamples
   * @throws {ERR_COLUMN_NOT_FOUND} a feature that the frame lacks
   * @throws {ERR_SCHEMA_MISMATCH} a feature of another kind of dtype than in fit, or a numeric column unknown to fit
   * @throws {ERR_MISSING_VALUES} nulls, NaN or infinities, unless the algorithm takes them
   */
  async predict(rows: Rows, options: PredictOptions = {}): Promise<Column<Float64>> {
    this.checkOptions('predict', options);
    const streamed = this.streamValues(rows, options);
    const values = await (streamed ?? this.withFeatures(rows, options, (x) => this.predictValues(x, options)));
    return hostColumn('prediction', values, { type: FLOAT64, nullable: false });
  }

  /** Gives the frame with the prediction as one more column (default name `prediction`). Lazy: nothing runs yet. */
  withPrediction(
    rows: DataFrame<any> | Table<any>,
    options: PredictOptions & { readonly as?: string } = {},
  ): DataFrame<any> {
    this.checkOptions('withPrediction', options, ['as']);
    const { as = 'prediction', ...run } = options;
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    checkFeatures(`${this.estimator} model`, frame, this.memory);
    const field: Field = { name: as, type: FLOAT64, nullable: false };
    return this.appended(frame, [field], async (batch) => {
      const values = await this.withFeatures(batch, run, (x) => this.predictValues(x, run));
      return [columnOf(values, field)];
    });
  }

  /**
   * Computes the metrics of a regression: mse, rmse, mae, mape, r2.
   *
   * @param target - the true values: a column of the frame (default the target of fit) or an array of nSamples
   */
  async evaluate(
    rows: Rows,
    target: string | ArrayLike<number> | null = this.targetName,
    options: EvaluateOptions = {},
  ): Promise<Metrics> {
    const { evaluateRegressor } = await import('./evaluate.ts');
    return evaluateRegressor(this, rows, target, options);
  }
}

/** The fitted model of a classifier. */
export abstract class ClassifierModel extends Model {
  readonly kind = 'classifier';
  /** Class labels, sorted: the order of probabilities. */
  readonly classes: readonly Label[];
  /** The target's column in fit: name and dtype of the labels. */
  protected readonly classInfo: Classes;

  constructor(fitted: Fitted) {
    super(fitted);
    if (!fitted.classes) throw new UnsupportedError(`The model of ${fitted.estimator} has no classes.`);
    this.classInfo = fitted.classes;
    this.classes = fitted.classes.labels;
  }

  /** @internal Probabilities for checked features, class by class: `(nClasses × nSamples)`. */
  protected abstract probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array>;

  /**
   * @internal Scores of streamed rows: positions of classes in `codes`, or probabilities or decision values in `scores`,
   * output by output. Null of a model that needs its features as a table.
   */
  protected streamScores(
    _rows: Rows,
    _options: RunOptions,
    _kind: 'scores' | 'chances' | 'codes',
  ): Promise<{ scores: Float64Array; codes: Int32Array; rows: number }> | null {
    return null;
  }

  /** @internal Positions of the predicted classes; default the most probable one, the first of equals. */
  protected async predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return mostProbable(await this.probabilities(features, options), features.rows, this.classes.length);
  }

  /**
   * Predicts the class of each row.
   *
   * @param rows - features by name, or arrays in the order of the fit, `(nSamples, nFeatures)`
   * @returns a column of labels, of the target's dtype
   * @throws {ERR_COLUMN_NOT_FOUND} a feature that the frame lacks
   * @throws {ERR_SCHEMA_MISMATCH} a feature of another kind of dtype than in fit, or a numeric column unknown to fit
   * @throws {ERR_MISSING_VALUES} nulls, NaN or infinities, unless the algorithm takes them
   */
  async predict(rows: Rows, options: PredictOptions = {}): Promise<Column<any>> {
    this.checkOptions('predict', options);
    const streamed = await this.streamScores(rows, options, 'codes');
    const codes = streamed?.codes ?? (await this.withFeatures(rows, options, (x) => this.predictCodes(x, options)));
    return hostColumn('prediction', this.labelsOf(codes), { type: this.classInfo.field.type, nullable: false });
  }

  /**
   * Estimates the probability of each class for each row.
   *
   * @returns a table `(nSamples, nClasses)` of Float64 columns named by the classes, in the order of `classes`
   */
  async predictProba(rows: Rows, options: PredictOptions = {}): Promise<Table<any>> {
    this.checkOptions('predictProba', options);
    const { scores, rows: n } =
      (await this.streamScores(rows, options, 'chances')) ??
      (await this.withFeatures(rows, options, async (x) => ({
        scores: await this.probabilities(x, options),
        rows: x.rows,
      })));
    return tableOf(scores, n, this.classes);
  }

  /** @internal Scores before they become probabilities: `(nOutputs × nSamples)`, one output for two classes. */
  protected async decisionValues(_features: TableHandle, _options: RunOptions): Promise<Float64Array> {
    throw new UnsupportedError(`A model of ${this.estimator} has no decision function. Use predictProba.`, {
      estimator: this.estimator,
    });
  }

  /**
   * Computes the scores that the classes are chosen by, before they become probabilities.
   *
   * @returns a table of Float64 columns: `(nSamples, nClasses)` named by the classes, or for two classes `(nSamples, 1)`,
   *   above 0 for the second class and named by it
   * @throws {ERR_UNSUPPORTED} a model without such scores
   */
  async decisionFunction(rows: Rows, options: PredictOptions = {}): Promise<Table<any>> {
    this.checkOptions('decisionFunction', options);
    const { scores, rows: n } =
      (await this.streamScores(rows, options, 'scores')) ??
      (await this.withFeatures(rows, options, async (x) => ({
        scores: await this.decisionValues(x, options),
        rows: x.rows,
      })));
    return tableOf(scores, n, this.classes.length === 2 ? this.classes.slice(1) : this.classes);
  }

  /**
   * Gives the frame with the predicted class as one more column (default name `prediction`), and with `probabilities` a
   * prefix one column per class. Lazy: nothing runs yet.
   */
  withPrediction(
    rows: DataFrame<any> | Table<any>,
    options: PredictOptions & { readonly as?: string; readonly probabilities?: string } = {},
  ): DataFrame<any> {
    this.checkOptions('withPrediction', options, ['as', 'probabilities']);
    const { as = 'prediction', probabilities, ...run } = options;
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    checkFeatures(`${this.estimator} model`, frame, this.memory);
    const label: Field = { name: as, type: this.classInfo.field.type, nullable: false };
    const scores =
      probabilities === undefined
        ? []
        : this.classes.map((c): Field => ({ name: `${probabilities}${c}`, type: FLOAT64, nullable: false }));
    return this.appended(frame, [label, ...scores], (batch) =>
      this.withFeatures(batch, run, async (x) => {
        const codes = await this.predictCodes(x, run);
        const all = scores.length > 0 ? await this.probabilities(x, run) : null;
        return [
          columnOf(this.labelsOf(codes), label),
          ...scores.map((f, k) => columnOf(all!.slice(k * x.rows, (k + 1) * x.rows), f)),
        ];
      }),
    );
  }

  /**
   * Computes the metrics of a classification: accuracy, balanced accuracy, precision, recall, F1, log loss, ROC AUC, …
   *
   * @param target - the true labels: a column of the frame (default the target of fit) or an array of nSamples
   */
  async evaluate(
    rows: Rows,
    target: string | ArrayLike<unknown> | null = this.targetName,
    options: EvaluateOptions = {},
  ): Promise<Metrics> {
    const { evaluateClassifier } = await import('./evaluate.ts');
    return evaluateClassifier(this, rows, target, options);
  }

  /** @internal Labels by position, in the array form of their dtype. */
  labelsOf(codes: ArrayLike<number>): ArrayLike<unknown> {
    const { dtype } = this.classInfo.field.type;
    if (dtype === 'Int32' || dtype === 'Float64') {
      const labels = (dtype === 'Int32' ? Int32Array : Float64Array).from(this.classes as readonly number[]);
      const out = new (dtype === 'Int32' ? Int32Array : Float64Array)(codes.length);
      for (let i = 0; i < out.length; i++) out[i] = labels[codes[i]!]!;
      return out;
    }
    return Array.from(codes, (k) => this.classes[k]);
  }

  /** @internal Codes and probabilities of the same rows in one pass: what evaluation and reports read. */
  async scored(
    rows: Rows,
    options: RunOptions,
    withProbabilities = true,
  ): Promise<{ codes: Int32Array; probabilities: Float64Array | null; rows: number }> {
    return this.withFeatures(rows, options, async (x) => ({
      codes: await this.predictCodes(x, options),
      probabilities: withProbabilities && this.givesProbabilities ? await this.probabilities(x, options) : null,
      rows: x.rows,
    }));
  }

  /** Whether `predictProba` means anything for this model. */
  get givesProbabilities(): boolean {
    return true;
  }
}

/** Values of labelled outputs, output by output, as a table with a column an output. */
const tableOf = (values: Float64Array, rows: number, labels: readonly Label[]): Table<any> =>
  hostTable(
    labels.map((label) => ({ name: String(label), type: FLOAT64, nullable: false })),
    labels.map((_, k) => values.slice(k * rows, (k + 1) * rows)),
  );

/** The position of the largest of `k` values of each row; values are class by class. */
export function mostProbable(values: Float64Array, rows: number, k: number): Int32Array {
  const best = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    let top = values[i]!;
    for (let c = 1; c < k; c++) {
      const v = values[c * rows + i]!;
      if (v > top) {
        top = v;
        best[i] = c;
      }
    }
  }
  return best;
}

/** The fitted model of a clustering. */
export abstract class ClustererModel extends Model {
  readonly kind = 'clusterer';
  /** Cluster of each training row, `(nSamples)`; −1 is noise where the algorithm knows it. */
  abstract readonly labels: Int32Array;

  /** @internal Clusters for checked features. */
  protected abstract predictLabels(features: TableHandle, options: RunOptions): Promise<Int32Array>;

  /** @internal Clusters of streamed rows; null of a model that needs its features as a table. */
  protected streamLabels(_rows: Rows, _options: RunOptions): Promise<Int32Array> | null {
    return null;
  }

  /** Assigns each row to a cluster: an Int32 column of nSamples. Throws as `fit` does for columns and values. */
  async predict(rows: Rows, options: PredictOptions = {}): Promise<Column<any>> {
    this.checkOptions('predict', options);
    const streamed = this.streamLabels(rows, options);
    const labels = await (streamed ?? this.withFeatures(rows, options, (x) => this.predictLabels(x, options)));
    return hostColumn('prediction', labels, { type: { dtype: 'Int32' }, nullable: false });
  }

  /** Gives the frame with the cluster as one more column (default name `prediction`). Lazy: nothing runs yet. */
  withPrediction(
    rows: DataFrame<any> | Table<any>,
    options: PredictOptions & { readonly as?: string } = {},
  ): DataFrame<any> {
    this.checkOptions('withPrediction', options, ['as']);
    const { as = 'prediction', ...run } = options;
    const frame = frameOf(rows, `this ${this.estimator} model`, this.featureNamesIn);
    checkFeatures(`${this.estimator} model`, frame, this.memory);
    const field: Field = { name: as, type: { dtype: 'Int32' }, nullable: false };
    return this.appended(frame, [field], async (batch) => {
      const labels = await this.withFeatures(batch, run, (x) => this.predictLabels(x, run));
      return [columnOf(labels, field)];
    });
  }

  /** Computes the metrics of a clustering: the silhouette of the rows' clusters. */
  async evaluate(rows: Rows, options: PredictOptions = {}): Promise<Metrics> {
    const { evaluateClusterer } = await import('./evaluate.ts');
    return evaluateClusterer(this, rows, options);
  }
}

/**
 * The fitted model of a transformer. `transform` replaces the features by what they become and leaves every other column
 * of the frame as it is, so a target or an id stays beside its row.
 */
export abstract class TransformerModel extends Model {
  readonly kind = 'transformer';
  /** Names of the columns that `transform` makes, in order. */
  abstract readonly featureNamesOut: readonly string[];

  /**
   * Gives the frame with the features replaced by what they become. Lazy where the work can be written as expressions;
   * nothing runs before a terminal.
   *
   * @param rows - features by name, or arrays in the order of the fit, `(nSamples, nFeatures)`
   * @throws {ERR_COLUMN_NOT_FOUND} a feature that the frame lacks
   * @throws {ERR_SCHEMA_MISMATCH} a feature of another kind of dtype than in fit
   */
  abstract transform(rows: Rows): DataFrame<any>;
}

/** The arrays of a fitted value that must be there. */
export function arrayOf<A extends NumberArray>(fitted: Fitted, name: string): A {
  const found = fitted.arrays[name];
  if (!found)
    throw new UnsupportedError(`The model file of ${fitted.estimator} lacks the array "${name}".`, { array: name });
  return found as A;
}
