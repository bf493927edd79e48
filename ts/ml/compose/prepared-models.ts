// Models with what comes before them: columns mended and derived, encoders, imputer, scaler. To the outside they are a
// classifier, a regressor or a clusterer of the columns as the files have them.
import type { TableHandle } from '../../backend/backend.ts';
import { CorruptFileError } from '../../errors.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { checkFeatures, type FeatureMemory } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { ClassifierModel, ClustererModel, type Model, RegressorModel, TransformerModel } from '../core/model.ts';
import { derived, mended, type SourceColumns, sourceFromJson, sourceToJson } from './source-columns.ts';

/** The name in model files. */
export const PREPARED = 'PreparedModel';

/** A model that predicts. */
export type PredictingModel = ClassifierModel | RegressorModel | ClustererModel;

/** What a prepared model is made of. */
export interface PreparedParts {
  readonly source: SourceColumns | null;
  readonly steps: readonly TransformerModel[];
  readonly final: PredictingModel;
  /** The columns that it reads, as they are once they are mended. */
  readonly memory: FeatureMemory;
}

/** What models keep to themselves, for the one that wraps them. */
interface Inside {
  withFeatures<T>(rows: Rows, options: RunOptions, use: (features: TableHandle) => Promise<T>): Promise<T>;
  probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array>;
  predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array>;
  predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array>;
  predictLabels(features: TableHandle, options: RunOptions): Promise<Int32Array>;
  readonly classInfo: NonNullable<Fitted['classes']>;
  readonly predictOptions: readonly string[];
}
const inside = (model: PredictingModel): Inside => model as unknown as Inside;

function fittedOf({ source, steps, final, memory }: PreparedParts): Fitted {
  return {
    estimator: PREPARED,
    params: {},
    memory,
    json: { source: sourceToJson(source), steps: steps.length, of: final.estimator },
    arrays: {},
    targetName: final.targetName,
    ...(final instanceof ClassifierModel ? { classes: inside(final).classInfo } : {}),
    models: {
      ...Object.fromEntries(steps.map((s, i) => [`step${i}`, s.toFitted()])),
      final: final.toFitted(),
    },
  };
}

/** The rows as the final model takes them. */
function prepared(rows: Rows, { source, steps, memory, final }: PreparedParts): DataFrame<any> {
  let frame = frameOf(rows, `this ${final.estimator} model`);
  if (source !== null) {
    frame = mended(frame, source);
    checkFeatures(`${final.estimator} model`, frame, memory);
    frame = derived(frame, source);
  }
  for (const step of steps) frame = step.transform(frame);
  return frame;
}

function disposeParts({ steps, final }: PreparedParts): void {
  for (const step of steps) step.dispose();
  final.dispose();
}

export class PreparedClassifierModel extends ClassifierModel {
  readonly parts: PreparedParts;
  constructor(parts: PreparedParts) {
    super(fittedOf(parts));
    this.parts = parts;
  }
  toFitted(): Fitted {
    return fittedOf(this.parts);
  }
  override get givesProbabilities(): boolean {
    return (this.parts.final as ClassifierModel).givesProbabilities;
  }
  protected override get predictOptions(): readonly string[] {
    return inside(this.parts.final).predictOptions;
  }
  protected override withFeatures<T>(rows: Rows, options: RunOptions, use: (x: TableHandle) => Promise<T>): Promise<T> {
    this.checkLive();
    return inside(this.parts.final).withFeatures(prepared(rows, this.parts), options, use);
  }
  protected probabilities(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return inside(this.parts.final).probabilities(features, options);
  }
  protected override predictCodes(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return inside(this.parts.final).predictCodes(features, options);
  }
  override dispose(): void {
    super.dispose();
    disposeParts(this.parts);
  }
}

export class PreparedRegressorModel extends RegressorModel {
  readonly parts: PreparedParts;
  constructor(parts: PreparedParts) {
    super(fittedOf(parts));
    this.parts = parts;
  }
  toFitted(): Fitted {
    return fittedOf(this.parts);
  }
  protected override get predictOptions(): readonly string[] {
    return inside(this.parts.final).predictOptions;
  }
  protected override withFeatures<T>(rows: Rows, options: RunOptions, use: (x: TableHandle) => Promise<T>): Promise<T> {
    this.checkLive();
    return inside(this.parts.final).withFeatures(prepared(rows, this.parts), options, use);
  }
  protected predictValues(features: TableHandle, options: RunOptions): Promise<Float64Array> {
    return inside(this.parts.final).predictValues(features, options);
  }
  override dispose(): void {
    super.dispose();
    disposeParts(this.parts);
  }
}

export class PreparedClustererModel extends ClustererModel {
  readonly parts: PreparedParts;
  constructor(parts: PreparedParts) {
    super(fittedOf(parts));
    this.parts = parts;
  }
  toFitted(): Fitted {
    return fittedOf(this.parts);
  }
  get labels(): Int32Array {
    return (this.parts.final as ClustererModel).labels;
  }
  /** Of the final model, in its scaled space; undefined where it has none. */
  get inertia(): number | undefined {
    return (this.parts.final as { inertia?: number }).inertia;
  }
  protected override get predictOptions(): readonly string[] {
    return inside(this.parts.final).predictOptions;
  }
  protected override withFeatures<T>(rows: Rows, options: RunOptions, use: (x: TableHandle) => Promise<T>): Promise<T> {
    this.checkLive();
    return inside(this.parts.final).withFeatures(prepared(rows, this.parts), options, use);
  }
  protected predictLabels(features: TableHandle, options: RunOptions): Promise<Int32Array> {
    return inside(this.parts.final).predictLabels(features, options);
  }
  override dispose(): void {
    super.dispose();
    disposeParts(this.parts);
  }
}

/** A prepared model of any kind. */
export type PreparedModel = PreparedClassifierModel | PreparedRegressorModel | PreparedClustererModel;

/** The prepared model of parts; the bare final model where nothing comes before it. */
export function preparedModel(parts: PreparedParts): PredictingModel {
  const { source, steps, final } = parts;
  if (source === null && steps.length === 0) return final;
  if (final instanceof ClassifierModel) return new PreparedClassifierModel(parts);
  return final instanceof ClustererModel ? new PreparedClustererModel(parts) : new PreparedRegressorModel(parts);
}

/** What a model is made of: itself, or the parts that a prepared one wraps. */
export function partsOf(model: PredictingModel): PreparedParts {
  if (
    model instanceof PreparedClassifierModel ||
    model instanceof PreparedRegressorModel ||
    model instanceof PreparedClustererModel
  )
    return model.parts;
  const { memory } = model.toFitted();
  return { source: null, steps: [], final: model, memory };
}

/** Makes the model of a file's content; `load` makes those within. */
export async function loadPrepared(
  fitted: Fitted,
  path: string,
  load: (fitted: Fitted, path: string) => Promise<Model>,
): Promise<Model> {
  const broken = (what: string): CorruptFileError =>
    new CorruptFileError(`${path} holds a prepared model ${what}.`, { path, offset: 0 });
  const { models = {}, json, memory } = fitted;
  const count = Number(json['steps']);
  if (!Number.isSafeInteger(count) || count < 0 || count > 100) throw broken('without its number of steps');
  const source = sourceFromJson(json['source'], path);
  const steps: TransformerModel[] = [];
  for (let i = 0; i < count; i++) {
    const inner = models[`step${i}`];
    if (inner === undefined) throw broken(`without step ${i}`);
    const step = await load(inner, path);
    if (!(step instanceof TransformerModel)) throw broken(`whose step ${i} transforms nothing`);
    steps.push(step);
  }
  if (models['final'] === undefined) throw broken('without its last model');
  const final = await load(models['final'], path);
  if (!(final instanceof ClassifierModel || final instanceof RegressorModel || final instanceof ClustererModel))
    throw broken('whose last model predicts nothing');
  return preparedModel({ source, steps, final, memory });
}
