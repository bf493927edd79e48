// What the neighbour classifier and regressor share.
import type { Handle, TableHandle } from '../../backend/backend.ts';
import { ParameterError } from '../../errors.ts';
import type { RunOptions } from '../../runner/runner.ts';
import { engineSetting } from '../../runner/settings.ts';
import type { ModelBase } from '../core/estimator.ts';
import type { Fitted } from '../core/fitted.ts';
import { invoke } from '../core/options.ts';
import { integer, number, oneOf, type ParamsOf } from '../core/params.ts';
import type { TrainingData } from '../core/training-data.ts';

export const NEIGHBOR_PARAMS = {
  /** How many neighbours answer. */
  nNeighbors: integer(5, { min: 1 }),
  /** Whether neighbours count alike, or by 1 / distance. */
  weights: oneOf(['uniform', 'distance']),
  /** Distance between rows. */
  metric: oneOf(['euclidean', 'manhattan', 'minkowski', 'chebyshev', 'cosine']),
  /** Power of the Minkowski metric. */
  p: number(2, { min: 1 }),
  /** How to search: through a k-d tree, all rows, or as the shape of the data suggests. */
  algorithm: oneOf(['auto', 'kdTree', 'brute']),
};
export type NeighborParams = ParamsOf<typeof NEIGHBOR_PARAMS>;

/** Beyond this many features a tree visits nearly all leaves. */
const TREE_FEATURES = 15;
const TREE_ROWS = 200;

/** The fitted values: the training rows themselves. */
export async function keepRows(data: TrainingData, base: ModelBase, params: NeighborParams): Promise<Fitted> {
  const { nNeighbors, metric, algorithm } = params;
  if (data.weight !== null)
    throw new ParameterError(`${data.estimator} takes no sample weights. Leave out the sampleWeight option.`, {
      estimator: data.estimator,
    });
  if (algorithm === 'kdTree' && metric === 'cosine')
    throw new ParameterError(
      `The 'algorithm' parameter of ${data.estimator} must be 'auto' or 'brute' with the cosine metric. Got 'kdTree'.`,
      { estimator: data.estimator, parameter: 'algorithm' },
    );
  const table = await data.checkedTable();
  if (table.rows < nNeighbors)
    throw new ParameterError(
      `The 'nNeighbors' parameter of ${data.estimator} must be at most the number of training rows, ${table.rows}. Got ${nNeighbors}.`,
      { estimator: data.estimator, parameter: 'nNeighbors' },
    );
  const p = data.nFeatures;
  const n = table.rows;
  return table.borrow(undefined, (batch) => {
    const points = rowMajor(
      batch.columns.slice(0, p).map((column) => column.values as Float64Array),
      n,
    );
    return {
      ...base,
      json: {},
      arrays: { points, target: (batch.columns[p]!.values as Float64Array).slice() },
    };
  });
}

/** Rows copied at a time: what is written of them stays in the first cache while column after column passes. */
const ROWS_AT_ONCE = 128;

/** Columns as rows, `(n, columns.length)`. */
function rowMajor(columns: readonly Float64Array[], n: number): Float64Array {
  const p = columns.length;
  const rows = new Float64Array(n * p);
  for (let from = 0; from < n; from += ROWS_AT_ONCE) {
    const to = Math.min(n, from + ROWS_AT_ONCE);
    for (let j = 0; j < p; j++) {
      const column = columns[j]!;
      for (let i = from; i < to; i++) rows[i * p + j] = column[i]!;
    }
  }
  return rows;
}

/** One layout for each engine that is asked for: a search on the GPU is in Float32, which nobody gets unasked. */
export const indexName = ({ engine = engineSetting() }: RunOptions): string =>
  engine === 'cuda' ? 'index on cuda' : 'index';

/** The training rows laid out for searching, in the engine. */
export async function loadIndex(fitted: Fitted, params: NeighborParams, options: RunOptions): Promise<Handle> {
  const nFeatures = fitted.memory.features.length;
  const points = fitted.arrays['points'] as Float64Array;
  const n = points.length / nFeatures;
  const { metric, algorithm } = params;
  const tree =
    algorithm === 'kdTree' ||
    (algorithm === 'auto' &&
      metric !== 'cosine' &&
      nFeatures <= TREE_FEATURES &&
      n > TREE_ROWS &&
      params.nNeighbors < n / 2);
  const { outputs } = await invoke(
    'neighbors.load',
    { nFeatures, metric, power: params.p, tree },
    { arrays: { points, target: fitted.arrays['target'] as Float64Array }, workNanoseconds: points.length * 50 },
    options,
  );
  return outputs[0]!;
}

/** A guess of a search's work. */
export const searchWork = (features: TableHandle, fitted: Fitted): number =>
  features.rows * (20_000 + (fitted.arrays['points'] as Float64Array).length / 4);

/** Neighbours of rows: k a row, the nearest first. */
export interface Neighbors {
  /** Distances, `(nSamples, nNeighbors)`, row-major. */
  readonly distances: Float64Array;
  /** Numbers of training rows, `(nSamples, nNeighbors)`, row-major. */
  readonly indices: Int32Array;
  readonly nNeighbors: number;
}

/** Checks the arrays of a model file against each other. */
export function checkPoints(fitted: Fitted, nClasses: number): void {
  const p = fitted.memory.features.length;
  const points = fitted.arrays['points'];
  const target = fitted.arrays['target'];
  if (!(points instanceof Float64Array && target instanceof Float64Array) || points.length !== target.length * p)
    throw new RangeError('its rows and targets do not fit each other');
  if (nClasses > 0 && target.some((y) => !(Number.isInteger(y) && y >= 0 && y < nClasses)))
    throw new RangeError('a target is none of its classes');
}
