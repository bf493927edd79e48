import { ParameterError } from '../../errors.ts';
import { col, len, when } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { Float64, Utf8 } from '../../schema/dtypes.ts';
import { type Field, isFloat, isString, type LogicalType } from '../../schema/types.ts';
import { type ModelBase, type SomeParams, Transformer } from '../core/estimator.ts';
import { asFloat64, checkFeatures, isNumericFeature } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { TransformerModel } from '../core/model.ts';
import { custom, flag, oneOf } from '../core/params.ts';
import type { DataNeeds, TrainingData } from '../core/training-data.ts';
import { readOften } from './categories.ts';
import {
  aggregated,
  checkRows,
  frameOfRows,
  madeFields,
  type Outputs,
  present,
  presentNumber,
  replaced,
  unusable,
} from './columns.ts';
import { refuseWeights } from './refuse-weights.ts';

const PARAMS = {
  /** What is put where a value is missing. */
  strategy: oneOf(['mean', 'median', 'mostFrequent', 'constant']),
  /** With 'constant': the value; null means 0 for numbers and 'missing' for text. */
  fillValue: custom(
    null as number | string | null,
    'a finite number, a string or null',
    (v) => v === null || typeof v === 'string' || Number.isFinite(v),
  ),
  /** Whether to add a column `missingindicator_<feature>` of 0 and 1 for each feature that has missing values in fit. */
  addIndicator: flag(false),
  /** Whether a feature without any value in fit is kept, filled with 0 or 'missing', instead of left out. */
  keepEmptyFeatures: flag(false),
};

/** Parameters of SimpleImputer. */
export type SimpleImputerParams = SomeParams<typeof PARAMS>;

/** The name of the column that says where a feature was missing. */
/** The name of the column that says where a feature was missing. */
export const indicatorOf = (feature: string): string => `missingindicator_${feature}`;
const EMPTY_TEXT = 'missing';

/**
 * Fills what is missing, nulls and NaN alike, with a statistic of each feature or a constant. Numbers become Float64, text
 * stays text. 'mean' and 'median' are of numbers; 'mostFrequent' (the smallest of equals) and 'constant' are of text too.
 * A feature without any value in fit is left out of transform, unless `keepEmptyFeatures`; with 'constant' it is filled.
 * Infinities are refused by 'mean' and values for the others. Transform is lazy expressions.
 *
 * Source: scikit-learn 1.9, SimpleImputer.
 *
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, null, 3], y: ['a', 'b', 'c'] });
 * using model = await new SimpleImputer().fit(df);
 * await model.transform(df).show();
 * // ┌─────────┬──────┐
 * // │       x │ y    │
 * // │ Float64 │ Utf8 │
 * // ├─────────┼──────┤
 * // │       1 │ a    │
 * // │       2 │ b    │
 * // │       3 │ c    │
 * // └─────────┴──────┘
 * // 3 rows × 2 columns
 * ```
 */
export class SimpleImputer extends Transformer<typeof PARAMS, SimpleImputerModel> {
  override readonly needs: Omit<DataNeeds, 'estimator'>;

  constructor(params: SimpleImputerParams = {}) {
    super('SimpleImputer', PARAMS, params);
    const { strategy, fillValue } = this.getParams();
    if (fillValue !== null && strategy !== 'constant')
      throw new ParameterError(
        `The 'fillValue' parameter of SimpleImputer has no effect with strategy '${strategy}'. Use strategy: 'constant', or leave it out.`,
        { estimator: 'SimpleImputer', parameter: 'fillValue' },
      );
    const ofText = strategy === 'mostFrequent' || (strategy === 'constant' && typeof fillValue !== 'number');
    const ofNumbers = strategy !== 'constant' || typeof fillValue !== 'string';
    this.needs = {
      target: 'none',
      missing: 'refuse',
      takes: (type: LogicalType) => (isString(type) ? ofText : isNumericFeature(type) && ofNumbers),
      takesText: ofText && ofNumbers ? 'numeric, Bool or text' : ofText ? 'text' : 'numeric or Bool',
    };
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<SimpleImputerModel> {
    refuseWeights(data);
    const { strategy, fillValue, keepEmptyFeatures } = this.getParams();
    const { features, run, estimator } = data;
    const names = features.map((f) => f.name);
    const frame = strategy === 'mostFrequent' ? await readOften(data.frame, names, names.length + 1, run) : data.frame;
    const found = await aggregated(
      frame,
      Object.fromEntries(
        features.flatMap((f, j) => {
          const x = isString(f.type) ? (col(f.name) as any) : presentNumber(f);
          const statistic =
            strategy === 'mean' ? [[`s${j}`, x.mean()]] : strategy === 'median' ? [[`s${j}`, x.median()]] : [];
          return [[`n${j}`, x.count()], ...statistic];
        }),
      ),
      run,
    );
    const rows = found['rows']!;
    checkRows(estimator, rows);
    const counts = features.map((_, j) => found[`n${j}`]!);
    const numbers = new Float64Array(features.length).fill(Number.NaN);
    const texts: (string | null)[] = features.map(() => null);
    const left: boolean[] = [];
    for (const [j, f] of features.entries()) {
      const empty = counts[j] === 0;
      left.push(empty && strategy !== 'constant' && !keepEmptyFeatures);
      if (strategy === 'constant') {
        if (isString(f.type)) texts[j] = (fillValue as string | null) ?? EMPTY_TEXT;
        else numbers[j] = (fillValue as number | null) ?? 0;
      } else if (empty) {
        if (isString(f.type)) texts[j] = EMPTY_TEXT;
        else numbers[j] = 0;
      } else if (strategy === 'mostFrequent') {
        const value = await mostFrequent(frame, f, run);
        if (typeof value === 'string') texts[j] = value;
        else numbers[j] = Number(value);
      } else numbers[j] = found[`s${j}`] ?? Number.NaN;
      if (!isString(f.type) && !Number.isFinite(numbers[j])) throw await unusable(estimator, frame, f, run);
    }
    return new SimpleImputerModel({
      ...base,
      json: { texts, left, missing: counts.map((n) => n < rows) },
      arrays: { numbers },
    });
  }
}

/** The value of most rows; of equals the smallest. */
async function mostFrequent(
  frame: DataFrame<any>,
  f: Field,
  run: TrainingData['run'],
): Promise<string | number | bigint> {
  const counted = (frame.select({ value: present(f) } as never) as DataFrame<any>)
    .filter((col('value') as any).isNotNull())
    .groupBy('value')
    .agg({ n: len() } as never);
  using most = await counted.select({ n: (col('n') as any).max() } as never).collect(run);
  const n = (most.toRecords()[0] as { n: number }).n;
  using table = await counted
    .filter((col('n') as any).eq(n))
    .select({ value: (col('value') as any).min() } as never)
    .collect(run);
  return (table.toRecords()[0] as { value: string | number }).value;
}

/** The fitted model of SimpleImputer. */
export class SimpleImputerModel extends TransformerModel {
  /** What is filled in, one a feature: numbers, or text of text features. */
  readonly statistics: readonly (number | string)[];
  /** Features that were missing somewhere in fit: those that get an indicator. */
  readonly indicatorFeatures: readonly string[];
  readonly featureNamesOut: readonly string[];
  readonly #left: readonly boolean[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    const numbers = vectorOfNumbers(fitted);
    const texts = fitted.json['texts'] as readonly (string | null)[];
    this.statistics = this.memory.features.map((f, j) => (isString(f.type) ? String(texts[j]) : numbers[j]!));
    this.#left = fitted.json['left'] as readonly boolean[];
    const missing = fitted.json['missing'] as readonly boolean[];
    this.indicatorFeatures =
      this.params['addIndicator'] === true ? this.featureNamesIn.filter((_, j) => missing[j]) : [];
    this.featureNamesOut = Object.freeze([
      ...this.featureNamesIn.filter((_, j) => !this.#left[j]),
      ...this.indicatorFeatures.map(indicatorOf),
    ]);
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  transform(rows: Rows): DataFrame<any> {
    this.checkLive();
    const frame = frameOfRows(rows, this.featureNamesIn);
    const fields = checkFeatures(`${this.estimator} model`, frame, this.memory);
    const outputs = fields.map((now, j): readonly [string, Outputs] => [
      now.name,
      this.#left[j] ? [] : [[now.name, this.#filled(now, this.statistics[j]!)]],
    ]);
    const indicators = this.indicatorFeatures.map((name): Outputs[number] => {
      const now = fields.find((f) => f.name === name)!;
      const isMissing = isFloat(now.type) ? presentNumber(now).isNull() : (col(name) as any).isNull();
      return [indicatorOf(name), isMissing.cast(Float64)];
    });
    return replaced(`${this.estimator} transform`, frame, new Map(outputs), indicators);
  }

  #filled(now: Field, value: number | string): unknown {
    if (typeof value === 'string') return (col(now.name) as any).cast(Utf8).fillNull(value);
    const x = asFloat64(now, 'refuse') as any;
    return isFloat(now.type) ? x.fillNull(value).fillNan(value) : x.fillNull(value);
  }

  /**
   * Makes filled values null again where an indicator says that they were missing, and drops the indicators. Features
   * without an indicator stay as they are.
   *
   * @throws {ERR_PARAMETER} a model without `addIndicator`
   */
  inverseTransform(rows: DataFrame<any> | Table<any>): DataFrame<any> {
    this.checkLive();
    if (this.params['addIndicator'] !== true)
      throw new ParameterError(
        'The inverseTransform of SimpleImputer needs to know what was missing: fit it with addIndicator: true.',
        { estimator: this.estimator, parameter: 'addIndicator' },
      );
    const frame = frameOfRows(rows);
    madeFields(this.estimator, frame, this.featureNamesOut);
    const outputs = this.indicatorFeatures.flatMap((name): (readonly [string, Outputs])[] => {
      const indicator = indicatorOf(name);
      if (!this.featureNamesOut.includes(name)) return [[indicator, []]];
      const value = when((col(indicator) as any).gt(0))
        .then(null)
        .otherwise(col(name) as any);
      return [
        [name, [[name, value]]],
        [indicator, []],
      ];
    });
    return replaced(`${this.estimator} inverseTransform`, frame, new Map(outputs));
  }
}

function vectorOfNumbers(fitted: Fitted): Float64Array {
  const found = fitted.arrays['numbers'];
  const n = fitted.memory.features.length;
  const lists = ['texts', 'left', 'missing'].map((name) => fitted.json[name]);
  if (!(found instanceof Float64Array) || found.length !== n || lists.some((l) => !Array.isArray(l) || l.length !== n))
    throw new ParameterError(`The values of a ${fitted.estimator} model are not one per feature.`);
  return found;
}
