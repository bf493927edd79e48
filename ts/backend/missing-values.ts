// The error of values that an algorithm does not take: one sentence, whether a kernel or an expression meets them.
import { MissingValuesError } from '../errors.ts';

/** What becomes of nulls and NaN in features: refused, or NaN for algorithms that know missing values. */
export type MissingPolicy = 'refuse' | 'nan';

/** The first column with values that an algorithm does not take, as the error that says how to mend it. */
export function missingError(
  estimator: string,
  names: readonly string[],
  counts: {
    readonly nulls: ArrayLike<number>;
    readonly nans: ArrayLike<number>;
    readonly infinities: ArrayLike<number>;
  },
  missing: MissingPolicy = 'refuse',
): MissingValuesError | null {
  for (const [j, name] of names.entries()) {
    const nulls = counts.nulls[j] ?? 0;
    const nans = missing === 'nan' ? 0 : (counts.nans[j] ?? 0);
    const infinities = counts.infinities[j] ?? 0;
    if (nulls + nans + infinities === 0) continue;
    const parts = [
      ...(nulls > 0 ? [`${nulls} null${nulls === 1 ? '' : 's'}`] : []),
      ...(nans > 0 ? [`${nans} NaN`] : []),
      ...(infinities > 0 ? [`${infinities} infinite value${infinities === 1 ? '' : 's'}`] : []),
    ];
    const mend =
      infinities > 0 && nulls + nans === 0
        ? `Clip or filter it first: frame.filter((c) => c[${JSON.stringify(name)}].isFinite()).`
        : `Impute it first, with new SimpleImputer({ strategy: 'mean' }), or drop the rows: ${nulls > 0 ? `frame.dropNulls(${JSON.stringify(name)})` : `frame.filter((c) => c[${JSON.stringify(name)}].isFinite())`}.`;
    return new MissingValuesError(
      `Column "${name}" has ${parts.join(' and ')}, which ${estimator} does not take. ${mend}`,
      {
        column: name,
        nulls,
        nans,
        infinities,
      },
    );
  }
  return null;
}
