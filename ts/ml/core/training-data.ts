// What an estimator is given to learn from: one plan of Float64 columns, run once or streamed.
import type { Handle, TableHandle } from '../../backend/backend.ts';
import type { ArraysOf, JsonOf, KernelName, ParamsOf } from '../../backend/kernel-calls.ts';
import { type MissingPolicy, missingError } from '../../backend/missing-values.ts';
import { DTypeError, MissingValuesError, ParameterError, ShapeError, TargetError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { residentPlan } from '../../frame/host-tables.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { walkPlan } from '../../plan/walk.ts';
import { type RunOptions, releaseHandle, runToSharedTable } from '../../runner/runner.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { type Field, type LogicalType, typeText } from '../../schema/types.ts';
import { refuseUnknown } from '../../util/known-options.ts';
import { asFloat64, chooseFeatures, columnField, type FeatureMemory, isNumericFeature } from './features.ts';
import { frameOf, type Rows, withArray } from './inputs.ts';
import { type FitOptions, type InvokeMore, invoke, runOptionsOf } from './options.ts';
import type { ClassWeight } from './params.ts';
import { RUN_OPTIONS } from './run-options.ts';
import { SharedRows } from './shared-rows.ts';
import { type Classes, checkNumericTarget, findClasses, weightsOfClasses, withCodes } from './target.ts';

/** What a kind of estimator wants of its data. */
export interface DataNeeds {
  readonly estimator: string;
  readonly target: 'none' | 'numeric' | 'classes';
  readonly missing: MissingPolicy;
  /** Of a classifier: multiplied into the sample weights. */
  readonly classWeight?: ClassWeight;
  /** What 'balanced' class weights make equal: the classes' rows, or the sums of their sample weights. */
  readonly balancedBy?: 'rows' | 'weights';
  /** Which dtypes can be features; default numeric ones and Bool. Others stay as they are: the estimator reads them. */
  readonly takes?: (type: LogicalType) => boolean;
  readonly takesText?: string;
  /** Which dtypes a feature may have that is named; default those of `takes`. */
  readonly takesNamed?: (type: LogicalType) => boolean;
}

/** Options of any estimator's fit, beside those of running. */
const FIT_KEYS = ['features', 'exclude', 'sampleWeight', 'evalSet', 'qid', 'groups', 'folds'];

/** Where a fit's rows come from, prepared. Dispose it when the fit is over. */
export class TrainingData implements Disposable {
  readonly estimator: string;
  readonly features: readonly Field[];
  readonly memory: FeatureMemory;
  /** The frame the features are in, target codes and weights included. */
  readonly frame: DataFrame<any>;
  /** Column of target values or class codes in `prepared`. */
  readonly target: string | null;
  /** The target's own column, as the caller named it; null for an array. */
  readonly targetName: string | null;
  readonly classes: Classes | null;
  readonly weight: string | null;
  readonly missing: MissingPolicy;
  /** Options for every run and kernel of this fit. */
  readonly run: RunOptions;
  readonly #shared: SharedRows;
  #table: Promise<TableHandle> | null = null;
  #checked: Promise<void> | null = null;
  #rows = 0;
  #fraction = 0;

  private constructor(parts: {
    estimator: string;
    features: readonly Field[];
    memory: FeatureMemory;
    frame: DataFrame<any>;
    target: string | null;
    targetName: string | null;
    classes: Classes | null;
    weight: string | null;
    missing: MissingPolicy;
    shared: SharedRows;
  }) {
    this.estimator = parts.estimator;
    this.features = parts.features;
    this.memory = parts.memory;
    this.frame = parts.frame;
    this.target = parts.target;
    this.targetName = parts.targetName;
    this.classes = parts.classes;
    this.weight = parts.weight;
    this.missing = parts.missing;
    this.run = parts.shared.run;
    this.#shared = parts.shared;
  }

  /** Checks columns and options, finds classes, and builds the plan. */
  static async prepare(
    needs: DataNeeds,
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions,
  ): Promise<TrainingData> {
    const shared = new SharedRows(`${needs.estimator}.fit`, runOptionsOf(options));
    try {
      return await TrainingData.#prepare(shared, needs, rows, target, options);
    } catch (error) {
      shared[Symbol.dispose]();
      throw error;
    }
  }

  static async #prepare(
    shared: SharedRows,
    needs: DataNeeds,
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions,
  ): Promise<TrainingData> {
    const { estimator, missing } = needs;
    refuseUnknown(`${estimator}.fit`, options, [...FIT_KEYS, ...RUN_OPTIONS]);
    const { run } = shared;
    run.signal?.throwIfAborted();
    const given = frameOf(rows, `${estimator}.fit`);
    let frame = given;
    let targetField: Field | null = null;
    if (needs.target !== 'none') {
      if (target === null || target === undefined)
        throw new ParameterError(`${estimator}.fit needs a target: the name of a column, or an array of nSamples.`, {
          estimator,
        });
      if (typeof target === 'string') targetField = columnField(frame, target, `the target of ${estimator}.fit`);
      else {
        await checkLength(frame, target, `the target of ${estimator}.fit`, run);
        const added = withArray(frame, target, 'target');
        frame = added.frame;
        targetField = columnField(frame, added.name, `the target of ${estimator}.fit`);
      }
      if (needs.target === 'numeric') checkNumericTarget(estimator, targetField);
    }
    let weight: string | null = null;
    if (options.sampleWeight !== undefined) {
      if (typeof options.sampleWeight === 'string') weight = options.sampleWeight;
      else {
        await checkLength(frame, options.sampleWeight, `the 'sampleWeight' option of ${estimator}.fit`, run);
        const added = withArray(frame, options.sampleWeight, 'weight');
        frame = added.frame;
        weight = added.name;
      }
      const f = columnField(frame, weight, `the 'sampleWeight' option of ${estimator}.fit`);
      if (!isNumericFeature(f.type))
        throw new DTypeError(
          `The weight "${weight}" of ${estimator}.fit is ${typeText(f.type)}, but numbers are needed.`,
          { column: weight },
        );
    }
    const reserved = [...(targetField ? [targetField.name] : []), ...(weight === null ? [] : [weight])];
    const features = chooseFeatures(
      estimator,
      frame,
      options as { features?: readonly string[]; exclude?: readonly string[] },
      reserved,
      needs.takes ?? isNumericFeature,
      needs.takesText ?? 'numeric or Bool',
      needs.takesNamed,
    );
    let classes: Classes | null = null;
    let targetColumn = targetField?.name ?? null;
    if (needs.target === 'classes' && targetField) {
      // The classes are one query and the training another: a costly plan runs once.
      if (isCostly(DataFrame.planOf(frame)))
        frame = await shared.keep(frame.select(...([...features.map((f) => f.name), ...reserved] as never[])));
      classes = await findClasses(estimator, frame, targetField, run);
      targetColumn = freeName(frame, 'code');
      if (needs.classWeight == null) frame = withCodes(frame, classes, targetColumn);
      else {
        const counted = needs.balancedBy === 'weights' ? weight : null;
        const values = await weightsOfClasses(estimator, frame, classes, needs.classWeight, counted, run);
        const as = freeName(frame, 'classWeight');
        frame = withCodes(frame, classes, targetColumn, { as, values });
        if (weight !== null) {
          const product = freeName(frame, 'weight');
          frame = frame.withColumns({ [product]: (col(weight) as any).cast(Float64).mul(col(as)) } as never);
          weight = product;
        } else weight = as;
      }
    }
    const all = DataFrame.planOf(given).schema.map((f) => f.name);
    return new TrainingData({
      estimator,
      features,
      memory: { features, known: options.features ? null : [...all, ...reserved] },
      frame,
      target: targetColumn,
      targetName: typeof target === 'string' ? target : null,
      classes,
      weight,
      missing,
      shared,
    });
  }

  get nFeatures(): number {
    return this.features.length;
  }

  /**
   * The plan of the training rows: the features, then the target (numbers, or class codes), then the weight, each
   * Float64 where it is there.
   */
  get prepared(): DataFrame<any> {
    const columns: Record<string, unknown> = {};
    for (const f of this.features)
      columns[f.name] = isNumericFeature(f.type) ? asFloat64(f, this.missing) : col(f.name);
    const extra = [this.target, this.weight].filter((n) => n !== null);
    for (const name of extra) columns[name] = (col(name) as any).cast(Float64);
    return this.frame.select(columns as never);
  }

  /** The same as a plan whose host tables are in the engine: for kernels that take rows. */
  async plan(): Promise<PlanNode> {
    return residentPlan(DataFrame.planOf(this.prepared), this.run);
  }

  /** Runs the plan once; the table is this object's. Columns as in `prepared`. */
  table(): Promise<TableHandle> {
    this.#table ??= this.plan().then((plan) => runToSharedTable(plan, this.run, new Error()));
    return this.#table;
  }

  /** The table's columns: features only. */
  get featureNames(): string[] {
    return this.features.map((f) => f.name);
  }

  /**
   * Runs the plan and checks its values: no rows, nulls, NaN (unless the algorithm takes them) and infinities in
   * features, target or weight are errors; so are negative weights.
   */
  async checkedTable(): Promise<TableHandle> {
    const table = await this.table();
    this.#checked ??= this.#check(table);
    await this.#checked;
    return table;
  }

  async #check(table: TableHandle): Promise<void> {
    this.checkRows(table.rows);
    if (this.features.some((f) => !isNumericFeature(f.type))) return;
    const { arrays } = await this.invoke('features.check', {}, { inputs: [table] });
    this.checkCounts(arrays);
    if (this.weight !== null)
      checkWeights(
        this.estimator,
        table.borrow([this.weight], (b) => b.columns[0]!.values!),
      );
  }

  /** Refuses an empty frame. */
  checkRows(rows: number): void {
    this.#rows = rows;
    if (rows === 0)
      throw new ShapeError(`${this.estimator}.fit needs rows to learn from; the frame has none.`, { rows: 0 });
  }

  /** Throws for values that the algorithm does not take; counts are of the columns of `prepared`. */
  checkCounts(counts: {
    readonly nulls: ArrayLike<number>;
    readonly nans: ArrayLike<number>;
    readonly infinities: ArrayLike<number>;
  }): void {
    const p = this.nFeatures;
    const error = missingError(this.estimator, this.featureNames, counts, this.missing);
    if (error) throw error;
    const rest = (list: ArrayLike<number>): number[] => Array.from(list).slice(p);
    const names = [
      ...(this.target === null ? [] : [this.targetName ?? this.target]),
      ...(this.weight === null ? [] : [this.weight]),
    ];
    const late = missingError(this.estimator, names, {
      nulls: rest(counts.nulls),
      nans: rest(counts.nans),
      infinities: rest(counts.infinities),
    });
    if (late && late.detail['column'] === names[0] && this.target !== null)
      throw new TargetError(late.message.replace(/ (Impute|Clip).*$/s, ` Drop those rows first.`), { ...late.detail });
    if (late)
      throw new MissingValuesError(
        late.message.replace(/ (Impute|Clip).*$/s, ' Give those rows a weight of 0.'),
        late.detail as unknown as ConstructorParameters<typeof MissingValuesError>[1],
      );
  }

  /** Runs a kernel under this fit's options. */
  invoke<N extends KernelName>(
    name: N,
    params: ParamsOf<N>,
    more: InvokeMore<N>,
  ): Promise<{ json: JsonOf<N>; arrays: ArraysOf<N>; outputs: readonly Handle[] }> {
    return invoke(name, params, more, this.run);
  }

  /** Reports how far the fit is. */
  progress(phase: string, fraction: number, doneRows = 0): void {
    this.#fraction = fraction;
    try {
      this.run.onProgress?.({ phase, doneRows, fraction });
    } catch (error) {
      process.emitWarning(`onProgress threw: ${String(error)}`, { code: 'WARPFRAME_PROGRESS' });
    }
  }

  /** Says that the fit is done, where it did not say so itself. */
  finished(): void {
    if (this.#fraction < 1) this.progress('fit', 1, this.#rows);
  }

  /** Frees the table, and rows kept for it. */
  [Symbol.dispose](): void {
    void this.#table?.then(releaseHandle, () => undefined);
    this.#table = null;
    this.#shared[Symbol.dispose]();
  }
}

/** Throws for weights that are negative or all zero. */
export function checkWeights(estimator: string, weights: ArrayLike<number | bigint>): void {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = Number(weights[i]);
    if (!(w >= 0))
      throw new ParameterError(`The sample weights of ${estimator}.fit must be at least 0. Got ${w} in row ${i}.`, {
        estimator,
        row: i,
      });
    sum += w;
  }
  if (sum === 0) throw new ParameterError(`The sample weights of ${estimator}.fit are all 0.`, { estimator });
}

export async function checkLength(
  frame: DataFrame<any>,
  values: ArrayLike<unknown>,
  where: string,
  run: RunOptions,
): Promise<void> {
  if (typeof values !== 'object' || values === null || typeof values.length !== 'number')
    throw new ParameterError(
      `Expected a column name or an array for ${where} but received ${values === null ? 'null' : typeof values}.`,
      {
        where,
      },
    );
  const rows = await frame.count(run);
  if (rows !== values.length)
    throw new ShapeError(`Expected ${rows} values for ${where}, one a row, but received ${values.length}.`, { where });
}

function freeName(frame: DataFrame<any>, stem: string): string {
  let name = stem;
  while (frame.columns.includes(name)) name += '_';
  return name;
}

/** Whether a plan does more than pass over sources. */
export function isCostly(plan: PlanNode): boolean {
  let costly = false;
  walkPlan(plan, (node) => {
    if (!['scan', 'table', 'project', 'filter', 'slice', 'union'].includes(node.node)) costly = true;
  });
  return costly;
}
