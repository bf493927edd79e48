import { ParameterError, TargetError } from '../../errors.ts';
import { coalesce, col, when } from '../../expr/builders.ts';
import { concat, type DataFrame } from '../../frame/dataframe.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { type Field, isFloat } from '../../schema/types.ts';
import { type ModelBase, type SomeParams, SupervisedTransformer } from '../core/estimator.ts';
import { checkFeatures, columnField } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import { frameOf, type Rows } from '../core/inputs.ts';
import { TransformerModel } from '../core/model.ts';
import { type FitOptions, runOptionsOf } from '../core/options.ts';
import { either, exactly, integer, number, oneOf, randomState } from '../core/params.ts';
import { SharedRows } from '../core/shared-rows.ts';
import type { Label } from '../core/target.ts';
import { type DataNeeds, TrainingData } from '../core/training-data.ts';
import { cutsOf, dealt, evenSizes } from '../selection/allocate.ts';
import { drawnParts, strataOf, stratifiedParts } from '../selection/parts.ts';
import {
  CATEGORY_TEXT,
  type Category,
  categoriesFromJson,
  categoriesOf,
  categoriesParam,
  categoriesToJson,
  isCategory,
  type Looked,
  looked,
  mayBeCategory,
  numberOf,
  readOften,
} from './categories.ts';
import { aggregated, checkRows, frameOfRows, freeName, type Outputs, replaced, vectorOf } from './columns.ts';
import { refuseWeights } from './refuse-weights.ts';
import { allTogether, encodingOf, type Grouped, groupTargets, type Moments } from './target-encodings.ts';

const PARAMS = {
  /** 'auto': the values of fit; or a list for each feature. */
  categories: categoriesParam(),
  /** What the target is: 'auto' takes floats and decimals for numbers and everything else for classes. */
  targetType: oneOf(['auto', 'continuous', 'binary', 'multiclass']),
  /** How many rows' weight the overall mean has beside a category's own; 'auto' by the variances (empirical Bayes). */
  smooth: either('auto' as 'auto' | number, exactly('auto'), number(0, { min: 0 })),
  /** Folds of `fitTransform`. */
  cv: integer(5, { min: 2 }),
  /** Seed of the folds. */
  randomState: randomState(),
};

/** Parameters of TargetEncoder. */
export type TargetEncoderParams = SomeParams<typeof PARAMS>;

/** Options of TargetEncoder's `fitTransform`. */
export interface TargetFoldOptions<S = any> extends FitOptions<S> {
  /** A column of whole numbers 0 to cv − 1, the fold of each row; default: drawn with `randomState`. */
  readonly folds?: keyof S & string;
}

/**
 * Turns each category into the target's mean among its rows, drawn towards the overall mean: a Float64 column of the
 * feature's name, or for more than two classes one a class, `feature_class`. Features are text, Categorical or Bool, and
 * integers or floats that are named; nulls and NaN are a category of their own. Unknown categories become the overall mean.
 *
 * `fitTransform` gives the training rows encoded by what the other folds say, so that no row sees its own target: use it,
 * or a pipeline (which does), rather than `fit` and `transform` on the same rows.
 *
 * Source: scikit-learn 1.9, TargetEncoder; Micci-Barreca, A preprocessing scheme for high-cardinality categorical
 * attributes, 2001.
 *
 * @example
 * ```ts
 * const df = fromColumns({ city: ['Oslo', 'Rome', 'Oslo', 'Rome'], price: [1, 3, 2, 5] });
 * using model = await new TargetEncoder({ smooth: 0 }).fit(df, 'price');
 * await model.transform(df).show();
 * // ┌─────────┬─────────┐
 * // │    city │   price │
 * // │ Float64 │ Float64 │
 * // ├─────────┼─────────┤
 * // │     1.5 │       1 │
 * // │     4.0 │       3 │
 * // │     1.5 │       2 │
 * // │     4.0 │       5 │
 * // └─────────┴─────────┘
 * // 4 rows × 2 columns
 * ```
 */
export class TargetEncoder extends SupervisedTransformer<typeof PARAMS, TargetEncoderModel> {
  readonly needs: Omit<DataNeeds, 'estimator'> = {
    target: 'numeric',
    missing: 'refuse',
    takes: isCategory,
    takesNamed: mayBeCategory,
    takesText: CATEGORY_TEXT,
  };

  constructor(params: TargetEncoderParams = {}) {
    super('TargetEncoder', PARAMS, params);
  }

  override async fitAny(
    rows: Rows,
    target: string | ArrayLike<unknown> | null,
    options: FitOptions = {},
  ): Promise<TargetEncoderModel> {
    const data = await this.#prepare(rows, target, options);
    try {
      return await this.train(data, this.baseOf(data));
    } finally {
      data[Symbol.dispose]();
    }
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<TargetEncoderModel> {
    return (await this.#learn(data, base, null)).model;
  }

  /**
   * Learns from rows and gives them encoded, each by what the rows of other folds say (cross fitting). The rows are held in
   * memory with their folds, unless `folds` names a column. The model is dropped; `fit` gives one that says the same of
   * new rows.
   *
   * @throws {ERR_TARGET} a target that cannot be learned
   */
  async fitTransform(frame: DataFrame<any>, target: string, options: TargetFoldOptions = {}): Promise<DataFrame<any>> {
    return (await this.fitTransformAny(frame, target, options)).frame;
  }

  async fitTransformAny(
    frame: DataFrame<any>,
    target: string,
    options: TargetFoldOptions = {},
  ): Promise<{ readonly model: TargetEncoderModel; readonly frame: DataFrame<any> }> {
    const run = runOptionsOf(options);
    const { cv } = this.getParams();
    const { folds, ...others } = options;
    const where = `${this.name}.fitTransform`;
    const rows = frameOf(frame, where);
    const field = columnField(rows, target, `the target of ${where}`);
    const fold = folds ?? freeName(rows, 'fold');
    if (folds !== undefined) columnField(rows, folds, `the 'folds' option of ${where}`);
    const framed = folds === undefined ? await this.#withFolds(rows, field, fold, run) : rows;
    const exclude = [...((others.exclude as readonly string[]) ?? []), fold];
    const data = await this.#prepare(framed, target, { ...others, exclude } as FitOptions);
    try {
      const { model, grouped } = await this.#learn(data, this.baseOf(data), { column: fold, count: cv });
      const encoded = model.transformFolds(framed, fold, grouped, this.getParams().smooth);
      return { model, frame: folds === undefined ? encoded.drop(fold as never) : encoded };
    } finally {
      data[Symbol.dispose]();
    }
  }

  #prepare(rows: Rows, target: string | ArrayLike<unknown> | null, options: FitOptions): Promise<TrainingData> {
    const { targetType } = this.getParams();
    const frame = frameOf(rows, `${this.name}.fit`);
    const numeric =
      targetType !== 'auto'
        ? targetType === 'continuous'
        : typeof target === 'string'
          ? isContinuous(columnField(frame, target, `the target of ${this.name}.fit`))
          : typeof target?.[0] === 'number' && !isIntegerArray(target);
    const needs: DataNeeds = { ...this.needs, target: numeric ? 'numeric' : 'classes', estimator: this.name };
    return TrainingData.prepare(needs, frame, target, options);
  }

  /** The rows, in memory, beside a column of folds: scikit-learn's shuffled ones, of equal size or equal classes. */
  async #withFolds(
    rows: DataFrame<any>,
    target: Field,
    fold: string,
    run: ReturnType<typeof runOptionsOf>,
  ): Promise<DataFrame<any>> {
    const { cv, targetType } = this.getParams();
    const shared = new SharedRows(`${this.name}.fitTransform`, run);
    const { frame, rows: n } = await shared.share(rows, true);
    if (n < cv)
      throw new ParameterError(`The 'cv' parameter of ${this.name} is ${cv}, but there are ${n} rows only.`, {
        estimator: this.name,
        parameter: 'cv',
      });
    const seed = this.seed();
    const numeric = targetType === 'auto' ? isContinuous(target) : targetType === 'continuous';
    let parts: DataFrame<any>;
    if (numeric) parts = await drawnParts(shared, frame, n, cutsOf(evenSizes(n, cv)), seed);
    else {
      const strata = await strataOf(shared, frame, target.name);
      parts = await stratifiedParts(shared, frame, strata, dealt(strata.counts, cv).map(cutsOf), cv, seed);
    }
    return concat([frame, parts.rename({ part: fold } as never)] as never, { how: 'horizontal' }) as DataFrame<any>;
  }

  async #learn(
    data: TrainingData,
    base: ModelBase,
    fold: { readonly column: string; readonly count: number } | null,
  ): Promise<{ model: TargetEncoderModel; grouped: readonly Grouped[] }> {
    refuseWeights(data);
    const { smooth, categories: given, targetType } = this.getParams();
    const { features, run, estimator } = data;
    const y = (col(data.target!) as any).cast(Float64);
    const labels = data.classes?.labels ?? null;
    if (targetType === 'binary' && labels && labels.length > 2)
      throw new TargetError(
        `The target of ${estimator} has ${labels.length} classes, but its 'targetType' parameter is 'binary'.`,
        { estimator },
      );
    const outputs = !labels ? [y] : labels.length === 2 ? [y] : labels.map((_, k) => y.eq(k).cast(Float64));
    const names = [...features.map((f) => f.name), data.target!, ...(fold ? [fold.column] : [])];
    const frame = await readOften(data.frame, names, features.length + 2, run);
    const all = await overall(data, frame, y, outputs, fold);
    const categories = await categoriesOf(estimator, given, false, frame, features, run);
    const grouped: Grouped[] = [];
    for (const [j, f] of features.entries()) {
      grouped.push(await groupTargets(frame, f, categories[j]!, outputs, fold, run));
      data.progress('target encoding', (j + 1) / features.length);
    }
    const encodings = grouped.map((groups, j) =>
      outputs.flatMap((_, k) =>
        categories[j]!.map((__, c) => encodingOf(allTogether(groups.map((g) => g[k]![c]!)), all.whole[k]!, smooth)),
      ),
    );
    const { classes, ...rest } = base;
    const model = new TargetEncoderModel({
      ...rest,
      ...(classes ? { classes } : {}),
      json: { categories: categoriesToJson(categories), outputs: outputs.length },
      arrays: {
        encodings: Float64Array.from(encodings.flat()),
        targetMean: Float64Array.from(all.whole, (m) => m.mean),
        ...(fold ? { foldMoments: Float64Array.from(all.others.flat().flatMap((m) => [m.n, m.mean, m.squares])) } : {}),
      },
    });
    return { model, grouped };
  }
}

/** The moments of each output over all rows, and over all rows but those of each fold: `[fold][output]`. */
async function overall(
  data: TrainingData,
  frame: DataFrame<any>,
  y: any,
  outputs: readonly any[],
  fold: { readonly column: string; readonly count: number } | null,
): Promise<{ whole: Moments[]; others: Moments[][] }> {
  const { estimator, run } = data;
  const name = data.targetName ?? 'target';
  const found = await aggregated(frame, { nulls: y.isNull().sum(), odd: y.isFinite().not().sum() }, run);
  checkRows(estimator, found['rows']!);
  if (found['nulls']! + found['odd']! > 0)
    throw new TargetError(
      `The target "${name}" of ${estimator} has ${found['nulls']} nulls and ${found['odd']} NaN or infinite values. Drop those rows first.`,
      { column: name },
    );
  const parts: Moments[][] = [];
  for (let f = 0; f < (fold?.count ?? 1); f++) {
    const own = fold ? frame.filter((col(fold.column) as any).eq(f)) : frame;
    const sums = await aggregated(
      own,
      Object.fromEntries(
        outputs.flatMap((o, k) => [
          [`mean${k}`, o.mean()],
          [`var${k}`, o.var({ ddof: 0 })],
        ]),
      ),
      run,
    );
    parts.push(
      outputs.map((_, k) => ({
        n: sums['rows']!,
        mean: sums[`mean${k}`] ?? 0,
        squares: (sums[`var${k}`] ?? 0) * sums['rows']!,
      })),
    );
  }
  if (fold && parts.reduce((n, p) => n + p[0]!.n, 0) !== found['rows'])
    throw new ParameterError(
      `The folds of ${estimator}.fitTransform must be whole numbers from 0 to ${fold.count - 1}, one a row.`,
      { estimator, column: fold.column },
    );
  return {
    whole: outputs.map((_, k) => allTogether(parts.map((p) => p[k]!))),
    others: fold
      ? parts.map((_, f) => outputs.map((__, k) => allTogether(parts.filter((___, g) => g !== f).map((p) => p[k]!))))
      : [],
  };
}

const isContinuous = (f: Field): boolean => isFloat(f.type) || f.type.dtype === 'Decimal';
const isIntegerArray = (v: ArrayLike<unknown>): boolean =>
  ArrayBuffer.isView(v) && !(v instanceof Float64Array) && !(v instanceof Float32Array);

/** The fitted model of TargetEncoder. */
export class TargetEncoderModel extends TransformerModel {
  /** Categories of each feature; null last. */
  readonly categories: readonly (readonly Category[])[];
  /** Encodings of each feature: `(nOutputs × nCategories)`, output by output. One output, or one per class. */
  readonly encodings: readonly Float64Array[];
  /** Mean of the target, per output. */
  readonly targetMean: Float64Array;
  /** Classes of the target; null for numbers. */
  readonly classes: readonly Label[] | null;
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    const outputs = Number(fitted.json['outputs']);
    this.categories = categoriesFromJson(fitted.json['categories'], fitted.estimator, this.nFeaturesIn);
    this.targetMean = vectorOf(fitted, 'targetMean', outputs);
    const sizes = this.categories.map((c) => c.length * outputs);
    const all = vectorOf(
      fitted,
      'encodings',
      sizes.reduce((a, b) => a + b, 0),
    );
    let at = 0;
    this.encodings = sizes.map((size) => all.slice(at, (at += size)));
    this.classes = fitted.classes?.labels ?? null;
    this.featureNamesOut = Object.freeze(this.featureNamesIn.flatMap((name) => this.#names(name)));
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  #names(feature: string): string[] {
    return this.targetMean.length === 1 ? [feature] : this.classes!.map((c) => `${feature}_${String(c)}`);
  }

  transform(rows: Rows): DataFrame<any> {
    return this.#encoded(rows, (x, categories, j, k) => {
      const own = this.encodings[j]!.subarray(k * categories.length, (k + 1) * categories.length);
      const mean = this.targetMean[k]!;
      const ofNull = categories.indexOf(null);
      const numbers = Array.from(own).filter((_, c) => c !== ofNull);
      const known = coalesce(numberOf(x, numbers, false), mean);
      return x.nullable && ofNull >= 0
        ? when(x.value.isNull())
            .then(own[ofNull]!)
            .otherwise(known as any)
        : known;
    });
  }

  /** @internal The training rows, each encoded by what the other folds say. */
  transformFolds(
    rows: DataFrame<any>,
    fold: string,
    grouped: readonly Grouped[],
    smooth: 'auto' | number,
  ): DataFrame<any> {
    const moments = vectorOf(this.#fitted, 'foldMoments', grouped[0]!.length * this.targetMean.length * 3);
    const others = (f: number, k: number): Moments => {
      const at = (f * this.targetMean.length + k) * 3;
      return { n: moments[at]!, mean: moments[at + 1]!, squares: moments[at + 2]! };
    };
    return this.#encoded(rows, (x, categories, j, k) => {
      const folds = grouped[j]!;
      const n = categories.length;
      const ofNull = categories.indexOf(null);
      const places = categories.flatMap((c, at) => (c === null ? [] : [at]));
      let code = numberOf(x, places, false);
      if (x.nullable && ofNull >= 0) code = when(x.value.isNull()).then(ofNull).otherwise(code);
      const table = folds.flatMap((_, f) =>
        categories.map((__, c) =>
          encodingOf(allTogether(folds.filter((___, g) => g !== f).map((g) => g[k]![c]!)), others(f, k), smooth),
        ),
      );
      const own = numberOf(
        { ...x, value: (col(fold) as any).cast(Float64).mul(n).add(code), keys: table.map((_, at) => at) },
        table,
        false,
      );
      // A value that a given list of categories lacks.
      const means = folds.map((_, f) => others(f, k).mean);
      const mean = numberOf(
        { ...x, value: (col(fold) as any).cast(Float64), keys: means.map((_, f) => f) },
        means,
        false,
      );
      return coalesce(own, mean as any);
    });
  }

  #encoded(
    rows: Rows,
    make: (x: Looked, categories: readonly Category[], feature: number, output: number) => unknown,
  ): DataFrame<any> {
    this.checkLive();
    const frame = frameOfRows(rows, this.featureNamesIn);
    const fields = checkFeatures(`${this.estimator} model`, frame, this.memory);
    const outputs = fields.map((now, j): readonly [string, Outputs] => {
      const categories = this.categories[j]!;
      const x = looked(now, this.memory.features[j]!, categories);
      return [now.name, this.#names(now.name).map((name, k) => [name, make(x, categories, j, k)] as const)];
    });
    return replaced(`${this.estimator} transform`, frame, new Map(outputs));
  }
}
