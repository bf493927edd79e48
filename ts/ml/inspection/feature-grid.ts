// The values at which a model is asked about a feature.
import { MissingValuesError, ParameterError } from '../../errors.ts';
import { col } from '../../expr/builders.ts';
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { Float64 } from '../../schema/dtypes.ts';
import type { Field } from '../../schema/types.ts';
import { isFloat, isInteger } from '../../schema/types.ts';
import type { Label } from '../core/target.ts';
import { compareLabels } from '../metrics/core/encode-labels.ts';

/**
 * The distinct values of a feature when they are fewer than `resolution`, or not numbers; else so many evenly spaced ones
 * between two quantiles.
 */
export async function gridOf(
  call: string,
  frame: DataFrame<any>,
  field: Field,
  resolution: number,
  percentiles: readonly [number, number],
  run: RunOptions,
): Promise<Label[]> {
  const { name, type } = field;
  const numeric = isFloat(type) || isInteger(type) || type.dtype === 'Decimal';
  const value = numeric && type.dtype !== 'Float64' ? (col(name) as any).cast(Float64) : col(name);
  using table = await frame
    .select({ v: value } as never)
    .sort('v' as never)
    .collect(run);
  const values = table.column('v' as never).toArray() as ArrayLike<Label | null>;
  const n = values.length;
  // Nulls and NaN are sorted last.
  const last = values[n - 1];
  if (n > 0 && (last === null || Number.isNaN(last)))
    throw new MissingValuesError(
      `Column "${name}" has nulls or NaN, of which ${call} makes no grid. Drop those rows first: frame.dropNulls("${name}"), or give its values with the 'gridValues' option.`,
      { column: name, nulls: last === null ? 1 : 0, nans: last === null ? 0 : 1, infinities: 0 },
    );
  const distinct: Label[] = [];
  for (let i = 0; i < n && (!numeric || distinct.length < resolution); i++) {
    const v = values[i] as Label;
    if (distinct.length === 0 || compareLabels(distinct[distinct.length - 1] as Label, v) !== 0) distinct.push(v);
  }
  if (!numeric || distinct.length < resolution) return distinct;
  const sorted = values as ArrayLike<number>;
  const [low, high] = percentiles.map((p) => quantile(sorted, p)) as [number, number];
  if (low === high)
    throw new ParameterError(
      `The percentiles ${percentiles.join(' and ')} of "${name}" are the same value, ${low}: ${call} can make no grid between them. Spread them, or give its values with the 'gridValues' option.`,
      { column: name },
    );
  const step = (high - low) / (resolution - 1);
  return Array.from({ length: resolution }, (_, i) => (i === resolution - 1 ? high : low + i * step));
}

/**
 * A quantile with approximately unbiased plotting positions (α = β = 0.4: C. Cunnane, "Unbiased plotting positions",
 * 1978), which partial dependence takes by custom.
 */
function quantile(sorted: ArrayLike<number>, p: number): number {
  const n = sorted.length;
  const place = n * p + 0.4 + p * 0.2;
  const below = Math.floor(Math.min(Math.max(place, 1), n - 1));
  const share = Math.min(Math.max(place - below, 0), 1);
  const at = (i: number): number => sorted[Math.min(Math.max(i, 0), n - 1)] as number;
  return (1 - share) * at(below - 1) + share * at(below);
}
