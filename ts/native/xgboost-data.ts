// Data as the addon takes it: columns where they lie.
import { ShapeError } from '../errors.ts';

/** An array that XGBoost reads as it is. */
export type NativeArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * One feature column, shape (nRows). A view over shared memory (a table's borrowed column) is read in place and must
 * hold still until the call's promise settles; an ordinary array is copied once, when the call is made.
 * NaN and what `validity` marks (Arrow bitmap: bit i of byte i/8, 0 = null) are missing.
 */
export interface NativeColumn {
  readonly values: NativeArray;
  readonly validity?: Uint8Array | null;
}

/** Rows to train on, to evaluate or to score. Label, weight and so on are read when the call is made. */
export interface XgboostData {
  readonly columns: readonly NativeColumn[];
  /** Shape (nRows), or (nRows, width) row by row with `labelWidth`. */
  readonly label?: NativeArray;
  readonly labelWidth?: number;
  /** Shape (nRows); with groups, shape (nGroups). */
  readonly weight?: NativeArray;
  /** Margin to start from, shape (nRows) or (nRows, nGroups) row by row. */
  readonly baseMargin?: NativeArray;
  /** Rows of each query, in order, for ranking. */
  readonly groupSizes?: Uint32Array;
  /** The query of each row, sorted, for ranking; instead of `groupSizes`. */
  readonly queryIds?: Uint32Array;
  readonly labelLowerBound?: NativeArray;
  readonly labelUpperBound?: NativeArray;
  /** How likely each feature is sampled, shape (nFeatures). */
  readonly featureWeights?: NativeArray;
  readonly featureNames?: readonly string[];
  /** One a feature: `q` (a number), `int`, `float`, `i` (0 or 1) or `c` (a category's code, 0, 1, 2, …). */
  readonly featureTypes?: readonly string[];
}

/** Rows that are read several times over, batch by batch: they are never all in memory. */
export interface XgboostStream {
  /** Begins with the first batch at each call. A batch is done with when the next one is asked for. */
  batches(): AsyncIterable<XgboostData>;
  readonly featureNames: readonly string[];
  readonly featureTypes: readonly string[];
}

interface AddonInfo {
  readonly field: string;
  readonly data: NativeArray;
  readonly width: number;
}
/** The addon's form of a batch. */
export interface AddonData {
  readonly rows: number;
  readonly columns: readonly { readonly data: NativeArray; readonly validity?: Uint8Array }[];
  readonly info: readonly AddonInfo[];
  readonly featureNames: readonly string[];
  readonly featureTypes: readonly string[];
}

/** Rows of a batch. */
export const rowsOf = (data: XgboostData): number => data.columns[0]?.values.length ?? 0;

/** Cells of a batch, the measure of how much work it is. */
export const cellsOf = (data: XgboostData): number => rowsOf(data) * data.columns.length;

/** The addon checks every length itself; what is checked here only reads better from here. */
export function addonData(data: XgboostData): AddonData {
  const rows = rowsOf(data);
  const info: AddonInfo[] = [];
  const add = (field: string, values: NativeArray | undefined, width = 1) => {
    if (values !== undefined) info.push({ field, data: values, width });
  };
  if (data.groupSizes !== undefined && data.queryIds !== undefined)
    throw new ShapeError('Expected groupSizes or queryIds for ranking but received both.');
  add('label', data.label, data.labelWidth ?? 1);
  add('group', data.groupSizes);
  add('qid', data.queryIds);
  add('weight', data.weight);
  add('base_margin', data.baseMargin, Math.max(1, Math.floor((data.baseMargin?.length ?? 0) / Math.max(1, rows))));
  add('label_lower_bound', data.labelLowerBound);
  add('label_upper_bound', data.labelUpperBound);
  add('feature_weights', data.featureWeights);
  return {
    rows,
    columns: data.columns.map(({ values, validity }) => (validity ? { data: values, validity } : { data: values })),
    info,
    featureNames: data.featureNames ?? [],
    featureTypes: data.featureTypes ?? [],
  };
}
