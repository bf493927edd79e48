// A batch of training rows as libxgboost takes it: the features, then the target, then the weight and the query.
import type { ArrowColumn } from '../../backend/arrow.ts';
import type { NativeColumn, XgboostData } from '../../native/xgboost-data.ts';
import { checkWeights } from '../core/training-data.ts';
import type { BoostRows, BoostSetup } from './engine.ts';

/** The batch where it lies. Weights of a part of the rows are checked by whoever sees all of them. */
export function dataOf(
  setup: BoostSetup,
  rows: BoostRows,
  columns: readonly ArrowColumn[],
  checked = true,
): XgboostData {
  const p = setup.featureNames.length;
  const values = (i: number): Float64Array => columns[i]!.values as Float64Array;
  const column = (c: ArrowColumn): NativeColumn => ({ values: c.values as Float64Array, validity: c.validity ?? null });
  const weight = rows.weight ? values(p + 1) : undefined;
  if (weight && checked) checkWeights(setup.estimator, weight);
  const query = rows.query ? Uint32Array.from(values(columns.length - 1)) : undefined;
  return {
    columns: columns.slice(0, p).map(column),
    label: values(p),
    ...(weight ? { weight } : {}),
    ...(query ? { queryIds: query } : {}),
    featureNames: setup.featureNames,
    featureTypes: featureTypesOf(setup),
  };
}

export const featureTypesOf = ({ categories }: BoostSetup): string[] =>
  categories.map((c) => (c === null ? 'float' : 'c'));
