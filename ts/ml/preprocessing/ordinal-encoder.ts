import { ParameterError } from '../../errors.ts';
import { col, when } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { type ModelBase, type SomeParams, Transformer } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { TransformerModel } from '../core/model.ts';
import { number, oneOf, optional } from '../core/params.ts';
import type { DataNeeds, TrainingData } from '../core/training-data.ts';
import {
  CATEGORY_TEXT,
  type Category,
  categoriesFromJson,
  categoriesOf,
  categoriesParam,
  categoriesToJson,
  isCategory,
  looked,
  mayBeCategory,
  numberOf,
  refuseNull,
} from './categories.ts';
import { aggregated, checkRows, eachReplaced, frameOfRows, madeFields } from './columns.ts';
import { refuseWeights } from './refuse-weights.ts';
import { valuesOfCodes } from './values-of-codes.ts';

const PARAMS = {
  /** 'auto': the sorted values of fit; or a list for each feature. */
  categories: categoriesParam(),
  /** A category that fit has not seen: an error, or `unknownValue`. */
  handleUnknown: oneOf(['error', 'useEncodedValue']),
  /** What unknown categories become with 'useEncodedValue'; null leaves them null. */
  unknownValue: optional(number(-1)),
  /** What nulls and NaN become; null leaves them null. */
  encodedMissingValue: optional(number(-1)),
};

/** Parameters of OrdinalEncoder. */
export type OrdinalEncoderParams = SomeParams<typeof PARAMS>;

/**
 * Turns categories into their places, 0 to n − 1, in Float64. Features are text, Categorical or Bool, and integers or
 * floats that are named. Nulls and NaN become `encodedMissingValue` where fit has seen them; where not, they are unknown
 * categories. Transform is lazy expressions: one lookup a feature.
 *
 * Source: scikit-learn 1.9, OrdinalEncoder.
 *
 * @example
 * ```ts
 * const df = fromColumns({ size: ['S', 'L', 'M'] });
 * using model = await new OrdinalEncoder({ categories: [['S', 'M', 'L']] }).fit(df);
 * await model.transform(df).show();
 * // ┌─────────┐
 * // │    size │
 * // │ Float64 │
 * // ├─────────┤
 * // │       0 │
 * // │       2 │
 * // │       1 │
 * // └─────────┘
 * // 3 rows × 1 column
 * ```
 */
export class OrdinalEncoder extends Transformer<typeof PARAMS, OrdinalEncoderModel> {
  override readonly needs: Omit<DataNeeds, 'estimator'> = {
    target: 'none',
    missing: 'refuse',
    takes: isCategory,
    takesNamed: mayBeCategory,
    takesText: CATEGORY_TEXT,
  };

  constructor(params: OrdinalEncoderParams = {}) {
    super('OrdinalEncoder', PARAMS, params);
    const { handleUnknown, unknownValue } = this.getParams();
    if (handleUnknown === 'error' && unknownValue !== null)
      throw new ParameterError(
        `The 'unknownValue' parameter of OrdinalEncoder has no effect with handleUnknown 'error'. Got ${unknownValue}.`,
        { estimator: 'OrdinalEncoder', parameter: 'unknownValue' },
      );
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<OrdinalEncoderModel> {
    refuseWeights(data);
    const { categories: given, handleUnknown, unknownValue, encodedMissingValue } = this.getParams();
    const { frame, features, run, estimator } = data;
    checkRows(estimator, (await aggregated(frame, {}, run))['rows']!);
    const categories = await categoriesOf(estimator, given, handleUnknown === 'error', frame, features, run);
    for (const [j, f] of features.entries()) {
      const places = categories[j]!.filter((c) => c !== null).length;
      for (const [parameter, value] of Object.entries({ unknownValue, encodedMissingValue }))
        if (value !== null && Number.isInteger(value) && value >= 0 && value < places)
          throw new ParameterError(
            `The '${parameter}' parameter of ${estimator} is ${value}, which is the place of a category of "${f.name}" too. Take another number.`,
            { estimator, parameter, column: f.name },
          );
    }
    return new OrdinalEncoderModel({ ...base, json: { categories: categoriesToJson(categories) }, arrays: {} });
  }
}

/** The fitted model of OrdinalEncoder. */
export class OrdinalEncoderModel extends TransformerModel {
  /** Categories of each feature, in the order of their numbers; null last. */
  readonly categories: readonly (readonly Category[])[];
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.categories = categoriesFromJson(fitted.json['categories'], fitted.estimator, this.nFeaturesIn);
    this.featureNamesOut = this.featureNamesIn;
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  get #numbers(): { unknown: number | null; missing: number | null; refuse: boolean } {
    return {
      unknown: this.params['unknownValue'] as number | null,
      missing: this.params['encodedMissingValue'] as number | null,
      refuse: this.params['handleUnknown'] === 'error',
    };
  }

  transform(rows: Rows): DataFrame<any> {
    this.checkLive();
    const { unknown, missing, refuse } = this.#numbers;
    return eachReplaced(this.estimator, rows, this.memory, (now, j) => {
      const categories = this.categories[j]!;
      const x = looked(now, this.memory.features[j]!, categories);
      const places = categories.flatMap((c, k) => (c === null ? [] : [k]));
      let code = numberOf(x, places, refuse);
      if (!refuse && unknown !== null) code = code.fillNull(unknown);
      if (!x.nullable) return code;
      if (categories.includes(null)) return when(x.value.isNull()).then(missing).otherwise(code);
      return refuse ? code.add(refuseNull(x)) : code;
    });
  }

  /** Turns numbers back into categories; what stands for unknown values becomes null. */
  inverseTransform(rows: DataFrame<any> | Table<any>): DataFrame<any> {
    this.checkLive();
    const frame = frameOfRows(rows);
    const { missing } = this.#numbers;
    const fields = madeFields(this.estimator, frame, this.featureNamesOut);
    const codes = fields.map((f, j) => {
      const ofNull = this.categories[j]!.indexOf(null);
      let code = (col(f.name) as any).cast(Float64);
      if (ofNull >= 0 && missing !== null) code = when(code.eq(missing)).then(ofNull).otherwise(code);
      return { code, from: [f.name] };
    });
    return valuesOfCodes(this.estimator, frame, this.memory.features, this.categories, codes);
  }
}
