// Fitted pipelines: the model of the last step over rows that the steps before it have transformed.
import type { TableHandle } from '../../backend/backend.ts';
import { ParameterError, UnsupportedError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { checkFeatures, type FeatureMemory } from '../core/features.ts';
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { ClassifierModel, ClustererModel, type Model, RegressorModel, TransformerModel } from '../core/model.ts';
import type { Classes } from '../core/target.ts';
import { frameOfRows } from '../preprocessing/columns.ts';
import { withReplaced } from './steps.ts';

/** The fitted steps of a pipeline, in order. */
export type FittedSteps = readonly (readonly [name: string, model: Model])[];

/** What models keep to their own kind; a pipeline's model is of the same kind as its last step's. */
interface Inside {
  withFeatures<T>(rows: Rows, options: RunOptions, use: (features: TableHandle) => Promise<T>): Promise<T>;
  probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array>;
  predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array>;
  predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array>;
  predictLabels(features: TableHandle, options: RunOptions): Promise<Int32Array>;
  readonly classInfo: Classes;
  readonly predictOptions: readonly string[];
}
const inside = (model: Model): Inside => model as unknown as Inside;

/** What the pipeline models of all kinds do alike. */
class Chain {
  readonly steps: FittedSteps;
  readonly last: Model;
  readonly #memory: FeatureMemory;

  constructor(fitted: Fitted, steps: FittedSteps) {
    this.steps = steps;
    this.last = steps[steps.length - 1]![1];
    this.#memory = fitted.memory;
  }

  /** The rows as the last step takes them. */
  input(rows: Rows): DataFrame<any> {
    let frame = frameOf(rows, 'this Pipeline model', featureNamesOf(this.#memory));
    checkFeatures('Pipeline model', frame, this.#memory);
    for (const [, model] of this.steps.slice(0, -1)) frame = (model as TransformerModel).transform(frame);
    return frame;
  }

  step(name: string): Model {
    const found = this.steps.find((s) => s[0] === name);
    if (found) return found[1];
    throw new ParameterError(
      `This Pipeline model has no step '${name}'. Steps: ${this.steps.map((s) => s[0]).join(', ')}.`,
      { parameter: 'name' },
    );
  }

  dispose(): void {
    for (const [, model] of this.steps) model.dispose();
  }
}

/** The fitted model of a pipeline that ends in a classifier. */
export class PipelineClassifierModel extends ClassifierModel {
  readonly #chain: Chain;
  readonly #fitted: Fitted;
  constructor(fitted: Fitted, steps: FittedSteps) {
    super({ ...fitted, classes: inside(steps[steps.length - 1]![1]).classInfo });
    this.#chain = new Chain(fitted, steps);
    this.#fitted = fitted;
  }
  toFitted(): Fitted {
    return this.#fitted;
  }
  /** Fitted steps, in order. */
  get steps(): FittedSteps {
    return this.#chain.steps;
  }
  /** Gives the fitted model of a step. */
  step(name: string): Model {
    return this.#chain.step(name);
  }
  /** Gives rows as the last step takes them: transformed by all steps before it. Lazy where those are. */
  inputOfLast(rows: Rows): DataFrame<any> {
    this.checkLive();
    return this.#chain.input(rows);
  }
  protected override get predictOptions(): readonly string[] {
    return inside(this.#chain.last).predictOptions;
  }
  protected override async withFeatures<T>(
    rows: Rows,
    options: RunOptions,
    use: (features: TableHandle) => Promise<T>,
  ): Promise<T> {
    return inside(this.#chain.last).withFeatures(this.inputOfLast(rows), options, use);
  }
  protected probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return inside(this.#chain.last).probabilities(features, options);
  }
  protected override predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return inside(this.#chain.last).predictCodes(features, options);
  }
  override get givesProbabilities(): boolean {
    return (this.#chain.last as ClassifierModel).givesProbabilities;
  }
  override dispose(): void {
    super.dispose();
    this.#chain.dispose();
  }
}

/** The fitted model of a pipeline that ends in a regressor. */
export class PipelineRegressorModel extends RegressorModel {
  readonly #chain: Chain;
  readonly #fitted: Fitted;
  constructor(fitted: Fitted, steps: FittedSteps) {
    super(fitted);
    this.#chain = new Chain(fitted, steps);
    this.#fitted = fitted;
  }
  toFitted(): Fitted {
    return this.#fitted;
  }
  /** Fitted steps, in order. */
  get steps(): FittedSteps {
    return this.#chain.steps;
  }
  /** Gives the fitted model of a step. */
  step(name: string): Model {
    return this.#chain.step(name);
  }
  /** Gives rows as the last step takes them: transformed by all steps before it. Lazy where those are. */
  inputOfLast(rows: Rows): DataFrame<any> {
    this.checkLive();
    return this.#chain.input(rows);
  }
  protected override get predictOptions(): readonly string[] {
    return inside(this.#chain.last).predictOptions;
  }
  protected override async withFeatures<T>(
    rows: Rows,
    options: RunOptions,
    use: (features: TableHandle) => Promise<T>,
  ): Promise<T> {
    return inside(this.#chain.last).withFeatures(this.inputOfLast(rows), options, use);
  }
  protected predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return inside(this.#chain.last).predictValues(features, options);
  }
  override dispose(): void {
    super.dispose();
    this.#chain.dispose();
  }
}

/** The fitted model of a pipeline that ends in a clusterer. */
export class PipelineClustererModel extends ClustererModel {
  readonly labels: Int32Array;
  readonly #chain: Chain;
  readonly #fitted: Fitted;
  constructor(fitted: Fitted, steps: FittedSteps) {
    super(fitted);
    this.#chain = new Chain(fitted, steps);
    this.#fitted = fitted;
    this.labels = (this.#chain.last as ClustererModel).labels;
  }
  toFitted(): Fitted {
    return this.#fitted;
  }
  /** Fitted steps, in order. */
  get steps(): FittedSteps {
    return this.#chain.steps;
  }
  /** Gives the fitted model of a step. */
  step(name: string): Model {
    return this.#chain.step(name);
  }
  /** Gives rows as the last step takes them: transformed by all steps before it. Lazy where those are. */
  inputOfLast(rows: Rows): DataFrame<any> {
    this.checkLive();
    return this.#chain.input(rows);
  }
  protected override get predictOptions(): readonly string[] {
    return inside(this.#chain.last).predictOptions;
  }
  protected override async withFeatures<T>(
    rows: Rows,
    options: RunOptions,
    use: (features: TableHandle) => Promise<T>,
  ): Promise<T> {
    return inside(this.#chain.last).withFeatures(this.inputOfLast(rows), options, use);
  }
  protected predictLabels(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return inside(this.#chain.last).predictLabels(features, options);
  }
  override dispose(): void {
    super.dispose();
    this.#chain.dispose();
  }
}

/** The fitted model of a pipeline of transformers. */
export class PipelineTransformerModel extends TransformerModel {
  readonly featureNamesOut: readonly string[];
  readonly #chain: Chain;
  readonly #fitted: Fitted;
  constructor(fitted: Fitted, steps: FittedSteps) {
    super(fitted);
    this.#chain = new Chain(fitted, steps);
    this.#fitted = fitted;
    let names: readonly string[] = this.featureNamesIn;
    for (const [, model] of steps)
      names = withReplaced(names, model.featureNamesIn, (model as TransformerModel).featureNamesOut);
    this.featureNamesOut = Object.freeze(names);
  }
  toFitted(): Fitted {
    return this.#fitted;
  }
  /** Fitted steps, in order. */
  get steps(): FittedSteps {
    return this.#chain.steps;
  }
  /** Gives the fitted model of a step. */
  step(name: string): Model {
    return this.#chain.step(name);
  }
  transform(rows: Rows): DataFrame<any> {
    this.checkLive();
    return (this.#chain.last as TransformerModel).transform(this.#chain.input(rows));
  }
  /**
   * Turns transformed features back, step by step from the last.
   *
   * @throws {ERR_UNSUPPORTED} a step that cannot be turned back
   */
  inverseTransform(rows: DataFrame<any> | Table<any>): DataFrame<any> {
    this.checkLive();
    let frame = frameOfRows(rows);
    for (const [name, model] of [...this.steps].reverse()) {
      const { inverseTransform } = model as { inverseTransform?: (rows: DataFrame<any>) => DataFrame<any> };
      if (!inverseTransform)
        throw new UnsupportedError(
          `Step '${name}' of this Pipeline model, ${model.estimator}, has no inverseTransform.`,
          {
            step: name,
          },
        );
      frame = inverseTransform.call(model, frame);
    }
    return frame;
  }
  override dispose(): void {
    super.dispose();
    this.#chain.dispose();
  }
}

/** The fitted model of a pipeline: of the kind of its last step. */
export type PipelineModel =
  | PipelineClassifierModel
  | PipelineRegressorModel
  | PipelineClustererModel
  | PipelineTransformerModel;

/** The pipeline's model over fitted steps. */
export function pipelineModel(fitted: Fitted, steps: FittedSteps): PipelineModel {
  const last = steps[steps.length - 1]?.[1];
  const others = steps.slice(0, -1).find(([, model]) => !(model instanceof TransformerModel));
  if (last && !others) {
    if (last instanceof ClassifierModel) return new PipelineClassifierModel(fitted, steps);
    if (last instanceof RegressorModel) return new PipelineRegressorModel(fitted, steps);
    if (last instanceof ClustererModel) return new PipelineClustererModel(fitted, steps);
    if (last instanceof TransformerModel) return new PipelineTransformerModel(fitted, steps);
  }
  throw new UnsupportedError(`A Pipeline model cannot be made of ${steps.map(([, m]) => m.estimator).join(', ')}.`);
}

/** The steps of a pipeline's model file, each loaded by `load`. */
export async function loadPipeline(fitted: Fitted, load: (fitted: Fitted) => Promise<Model>): Promise<PipelineModel> {
  const steps = await loadSteps(fitted, load);
  return pipelineModel(fitted, steps);
}

/** The models inside a model file, in the order that its `steps` gives. */
export async function loadSteps(
  fitted: Fitted,
  load: (fitted: Fitted) => Promise<Model>,
): Promise<[name: string, model: Model][]> {
  const names = fitted.json['steps'];
  if (!Array.isArray(names) || names.length === 0)
    throw new UnsupportedError(`The model file of ${fitted.estimator} lacks its steps.`);
  const steps: [string, Model][] = [];
  for (const name of names as string[]) {
    const inner = Object.hasOwn(fitted.models ?? {}, name) ? fitted.models![name] : undefined;
    if (!inner) throw new UnsupportedError(`The model file of ${fitted.estimator} lacks the step '${name}'.`);
    steps.push([name, await load(inner)]);
  }
  return steps;
}
