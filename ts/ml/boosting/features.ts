// Features for trees: Float64 columns with NaN for missing, text as the code of its category.
import { ParameterError } from '../../errors.ts';
import { col, lit, lookup, when } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Float64, Utf8 } from '../../schema/dtypes.ts';
import type { Field, LogicalType } from '../../schema/types.ts';
import { asFloat64, isNumericFeature } from '../core/features.ts';
import type { FeatureCategories } from './model/ensemble.ts';

export const isText = (type: LogicalType): boolean => type.dtype === 'Utf8' || type.dtype === 'Categorical';

/** Whether a column can be a feature where categories are enabled. */
export const isBoostFeature = (type: LogicalType): boolean => isNumericFeature(type) || isText(type);

/** Finds the categories of text features, sorted: their positions are their codes. */
export async function findCategories(
  estimator: string,
  frame: DataFrame<any>,
  features: readonly Field[],
  run: RunOptions,
): Promise<FeatureCategories[]> {
  const found: FeatureCategories[] = [];
  for (const f of features) {
    if (!isText(f.type)) {
      found.push(null);
      continue;
    }
    using table = await frame
      .select({ value: (col(f.name) as any).cast(Utf8) } as never)
      .unique()
      .collect(run);
    const values = ([...table.column('value' as never)] as (string | null)[]).filter((v) => v !== null);
    if (values.length === 0)
      throw new ParameterError(`Feature "${f.name}" of ${estimator} has no values but null. Leave it out.`, {
        column: f.name,
      });
    found.push(values.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  }
  return found;
}

/**
 * The expression of each feature as Float64: null is NaN, a category its code, the number `missing` NaN. A category that the
 * model does not know is an error when a row has it, as in XGBoost.
 */
export function encodeFeatures(
  features: readonly Field[],
  categories: readonly FeatureCategories[],
  missing: number | null,
): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  features.forEach((f, i) => {
    const list = categories[i] ?? null;
    if (list === null) {
      let e = asFloat64(f, 'nan') as any;
      if (missing !== null)
        e = when(e.eq(lit(missing)))
          .then(lit(Number.NaN))
          .otherwise(e);
      columns[f.name] = e;
      return;
    }
    const numeric = list.every((v) => typeof v === 'number');
    const value = (col(f.name) as any).cast(numeric ? Float64 : Utf8);
    const codes = list.map((_, k) => k);
    columns[f.name] = (lookup(value, numeric ? list : list.map(String), codes, f.name) as any).fillNull(Number.NaN);
  });
  return columns;
}
