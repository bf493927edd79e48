import type { JsonValue } from '../../backend/backend.ts';
import { coalesce, col, when } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { Table } from '../../frame/table.ts';
import { Float64 } from '../../schema/dtypes.ts';
import { type ModelBase, type SomeParams, Transformer } from '../core/estimator.ts';
import { checkFeatures } from '../core/features.ts';
import type { Fitted } from '../core/fitted.ts';
import type { Rows } from '../core/inputs.ts';
import { TransformerModel } from '../core/model.ts';
import { oneOf, optional } from '../core/params.ts';
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
import { aggregated, checkRows, frameOfRows, freeName, madeFields, type Outputs, replaced } from './columns.ts';
import { refuseWeights } from './refuse-weights.ts';
import { valuesOfCodes } from './values-of-codes.ts';

const PARAMS = {
  /** 'auto': the sorted values of fit; or a list for each feature. */
  categories: categoriesParam(),
  /** Which category gets no column: none (null), the first of each feature, or the first where there are two. */
  drop: optional(oneOf(['first', 'ifBinary'])),
  /** A category that fit has not seen: an error, or zeros in all columns. */
  handleUnknown: oneOf(['error', 'ignore']),
};

/** Parameters of OneHotEncoder. */
export type OneHotEncoderParams = SomeParams<typeof PARAMS>;

/**
 * Turns each category of a feature into a Float64 column of 0 and 1, named `feature_category`. Features are text,
 * Categorical or Bool, and integers or floats that are named. Nulls and NaN are a category of their own, `feature_null`,
 * where fit has seen them. Transform is lazy expressions: one lookup a feature, whatever the number of categories.
 *
 * Source: scikit-learn 1.9, OneHotEncoder.
 *
 * @example
 * ```ts
 * const df = fromColumns({ city: ['Oslo', 'Rome', 'Oslo'], qty: [1, 2, 3] });
 * using model = await new OneHotEncoder().fit(df);
 * await model.transform(df).show();
 * // ┌───────────┬───────────┬─────────┐
 * // │ city_Oslo │ city_Rome │     qty │
 * // │   Float64 │   Float64 │ Float64 │
 * // ├───────────┼───────────┼─────────┤
 * // │         1 │         0 │       1 │
 * // │         0 │         1 │       2 │
 * // │         1 │         0 │       3 │
 * // └───────────┴───────────┴─────────┘
 * // 3 rows × 3 columns
 * ```
 */
export class OneHotEncoder extends Transformer<typeof PARAMS, OneHotEncoderModel> {
  override readonly needs: Omit<DataNeeds, 'estimator'> = {
    target: 'none',
    missing: 'refuse',
    takes: isCategory,
    takesNamed: mayBeCategory,
    takesText: CATEGORY_TEXT,
  };

  constructor(params: OneHotEncoderParams = {}) {
    super('OneHotEncoder', PARAMS, params);
  }

  protected async train(data: TrainingData, base: ModelBase): Promise<OneHotEncoderModel> {
    refuseWeights(data);
    const { categories: given, handleUnknown, drop } = this.getParams();
    const { frame, features, run, estimator } = data;
    checkRows(estimator, (await aggregated(frame, {}, run))['rows']!);
    const categories = await categoriesOf(estimator, given, handleUnknown === 'error', frame, features, run);
    const dropped = categories.map((list) =>
      drop === 'first' || (drop === 'ifBinary' && list.length === 2) ? 0 : null,
    );
    return new OneHotEncoderModel({ ...base, json: { categories: categoriesToJson(categories), dropped }, arrays: {} });
  }
}

/** The fitted model of OneHotEncoder. */
export class OneHotEncoderModel extends TransformerModel {
  /** Categories of each feature, in the order of their columns; null last. */
  readonly categories: readonly (readonly Category[])[];
  /** The place of the category of each feature that has no column, or null. */
  readonly dropped: readonly (number | null)[];
  readonly featureNamesOut: readonly string[];
  readonly #fitted: Fitted;

  constructor(fitted: Fitted) {
    super(fitted);
    this.categories = categoriesFromJson(fitted.json['categories'], fitted.estimator, this.nFeaturesIn);
    this.dropped = (fitted.json['dropped'] as readonly JsonValue[]).map((v) => (v === null ? null : Number(v)));
    this.featureNamesOut = Object.freeze(this.featureNamesIn.flatMap((_, j) => this.#columns(j).map((c) => c.name)));
    this.#fitted = fitted;
  }

  toFitted(): Fitted {
    return this.#fitted;
  }

  /** The columns of a feature: names and places of their categories. */
  #columns(j: number): { name: string; code: number; category: Category }[] {
    return this.categories[j]!.map((category, code) => ({
      name: `${this.featureNamesIn[j]}_${String(category)}`,
      code,
      category,
    })).filter((c) => c.code !== this.dropped[j]);
  }

  transform(rows: Rows): DataFrame<any> {
    this.checkLive();
    const frame = frameOfRows(rows, this.featureNamesIn);
    const refuse = this.params['handleUnknown'] === 'error';
    const fields = checkFeatures(`${this.estimator} model`, frame, this.memory);
    // A step of its own for the codes: else the list of categories would stand in the plan once for each of them.
    const codes = fields.map((_, j) => freeName(frame, `code${j}`));
    const coded = frame.withColumns(
      Object.fromEntries(
        fields.map((now, j) => {
          const categories = this.categories[j]!;
          const x = looked(now, this.memory.features[j]!, categories);
          const places = categories.flatMap((c, k) => (c === null ? [] : [k]));
          let code = numberOf(x, places, refuse);
          if (x.nullable) {
            const ofNull = categories.indexOf(null);
            if (ofNull >= 0) code = when(x.value.isNull()).then(ofNull).otherwise(code);
            else if (refuse) code = code.add(refuseNull(x));
          }
          // An unknown value is in no category.
          return [codes[j], coalesce(code, -1)];
        }),
      ) as never,
    ) as DataFrame<any>;
    const outputs = fields.map((now, j): readonly [string, Outputs] => [
      now.name,
      this.#columns(j).map(({ name, code }) => [name, (col(codes[j]!) as any).eq(code).cast(Float64)] as const),
    ]);
    const dropped = codes.map((name): readonly [string, Outputs] => [name, []]);
    return replaced(`${this.estimator} transform`, coded, new Map([...outputs, ...dropped]));
  }

  /**
   * Turns columns of 0 and 1 back into the features. Rows of zeros become the category without a column where `drop`
   * left one out, else null.
   */
  inverseTransform(rows: DataFrame<any> | Table<any>): DataFrame<any> {
    this.checkLive();
    madeFields(this.estimator, frameOfRows(rows), this.featureNamesOut);
    const codes = this.featureNamesIn.map((_, j) => {
      const columns = this.#columns(j);
      let chosen: any = null;
      for (const { name, code } of columns) {
        const isThis = (col(name) as any).gt(0);
        chosen = chosen === null ? when(isThis).then(code) : chosen.when(isThis).then(code);
      }
      const code = chosen === null ? this.dropped[j] : chosen.otherwise(this.dropped[j] ?? -1);
      return { code, from: columns.map((c) => c.name) };
    });
    return valuesOfCodes(this.estimator, frameOfRows(rows), this.memory.features, this.categories, codes);
  }
}
