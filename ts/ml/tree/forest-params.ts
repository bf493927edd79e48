// Parameters that both random forests share.
import { ParameterError } from '../../errors.ts';
import { custom, either, exactly, flag, integer, number, oneOf, optional, randomState } from '../core/params.ts';

export type MaxFeatures = 'sqrt' | 'log2' | number | null;

export const FOREST_PARAMS = {
  /** Number of trees. */
  nEstimators: integer(100, { min: 1, max: 1_000_000 }),
  /** Most splits from the root to a leaf; null: until leaves are pure. */
  maxDepth: optional(integer(1, { min: 1 })),
  /** A node with fewer rows is a leaf: a number, or a share of the rows. */
  minSamplesSplit: either<readonly [number, number]>(2, integer(2, { min: 2 }), number(0.1, { above: 0, below: 1 })),
  /** Rows that a leaf has at least: a number, or a share of the rows. */
  minSamplesLeaf: either<readonly [number, number]>(1, integer(1, { min: 1 }), number(0.1, { above: 0, below: 1 })),
  /** What a split must gain at least, as a share of the weight of all rows. */
  minImpurityDecrease: number(0, { min: 0 }),
  /** Whether each tree sees rows drawn with replacement. */
  bootstrap: flag(true),
  /** Rows drawn for each tree: null for nSamples, a number, or a share of them. Needs `bootstrap`. */
  maxSamples: optional(either<readonly [number, number]>(1, integer(1, { min: 1 }), number(1, { above: 0, max: 1 }))),
  /** Whether to score each row by the trees that did not see it. Needs `bootstrap`. */
  oobScore: flag(false),
  /** Bins that a feature's values are put in before splits are looked for. */
  nBins: integer(128, { min: 2, max: 256 }),
  randomState: randomState(),
};

/** Features looked at in each node. */
export const maxFeatures = (value: MaxFeatures) =>
  custom<MaxFeatures>(
    value,
    "'sqrt', 'log2', null, a whole number in [1, inf) or a number in (0, 1)",
    (v) =>
      v === 'sqrt' ||
      v === 'log2' ||
      v === null ||
      (typeof v === 'number' && ((Number.isSafeInteger(v) && v >= 1) || (v > 0 && v <= 1))),
  );

export const CLASS_CRITERION = oneOf(['gini', 'entropy']);
export const VALUE_CRITERION = either<readonly ['squaredError']>('squaredError', exactly('squaredError'));

/** How many of nFeatures a node looks at. */
export function featuresPerNode(value: MaxFeatures, nFeatures: number, estimator: string): number {
  if (value === null) return nFeatures;
  if (value === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(nFeatures)));
  if (value === 'log2') return Math.max(1, Math.floor(Math.log2(nFeatures)));
  // 1 is a number of features, as a share it would be null.
  if (value < 1) return Math.max(1, Math.floor(value * nFeatures));
  if (value > nFeatures)
    throw new ParameterError(
      `The 'maxFeatures' parameter of ${estimator} must be at most the number of features, ${nFeatures}. Got ${value}.`,
      { estimator, parameter: 'maxFeatures' },
    );
  return value;
}

/** A number of rows, from a number or a share. */
export const rowsOf = (value: number, rows: number, round: (x: number) => number, least: number): number =>
  value < 1 ? Math.max(least, round(value * rows)) : value;
