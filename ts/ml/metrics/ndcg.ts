import { ParameterError } from '../../errors.ts';
import { ndcgByGroup } from './core/ranking.ts';
import { runSliced } from './core/steps.ts';
import {
  type ArrayOptions,
  type ColumnOptions,
  checkNumber,
  type Framed,
  type LabelName,
  type Labels,
  metricCall,
  type NumberName,
  type Numbers,
} from './metric-call.ts';
import { withGroups } from './read-groups.ts';

/** What `ndcgScore` takes beside weights and groups. */
export interface NdcgOptions {
  /** How many of the best scored documents of each query count (default all). */
  readonly k?: number;
  /** Whether tied scores keep the rows' order instead of sharing their gains (default false). */
  readonly ignoreTies?: boolean;
}

/**
 * Computes normalised discounted cumulative gain, the mean over queries: 1 when every query has its documents in the order
 * of their relevance. A document's gain is its relevance, discounted by log2(1 + rank). A query without a relevant
 * document counts 0. Source: Järvelin and Kekäläinen (2002).
 *
 * @param relevance - at least 0: a column name, or an array or column of shape (nSamples)
 * @param yScore - predicted scores, likewise
 * @param options - `group`: the query of each row, a column or array of labels (default one query); `sampleWeight`: a
 *   weight per query, given for each row and the same in all rows of a query
 * @returns a number from 0 to 1
 * @throws {ERR_PARAMETER} negative relevance, weights that differ within a query, a `k` below 1
 * @throws {ERR_MISSING_VALUES} null, NaN or infinite values
 * @throws {ERR_SHAPE} arrays of different lengths, or no rows
 * @example
 * ```ts
 * const df = fromColumns({
 *   query: ['a', 'a', 'a', 'b', 'b'],
 *   relevance: [3, 2, 0, 1, 0],
 *   score: [0.9, 0.1, 0.4, 0.2, 0.7],
 * });
 * console.log(await ndcgScore(df, 'relevance', 'score', { group: 'query' }));
 * // 0.7847436028084852
 * ```
 */
export function ndcgScore<S>(
  frame: Framed<S>,
  relevance: NumberName<S>,
  yScore: NumberName<S>,
  options?: NdcgOptions & ColumnOptions<S> & { readonly group?: LabelName<S> },
): Promise<number>;
export function ndcgScore(
  relevance: Numbers,
  yScore: Numbers,
  options?: NdcgOptions & ArrayOptions & { readonly group?: Labels },
): Promise<number>;
export async function ndcgScore(...args: unknown[]): Promise<number> {
  const call = metricCall<NdcgOptions & { group?: unknown }>('ndcgScore', args, [
    'sampleWeight',
    'k',
    'ignoreTies',
    'group',
  ]);
  const { k = Number.POSITIVE_INFINITY, ignoreTies = false, group } = call.options;
  checkNumber(
    call.call,
    'k',
    k,
    'a whole number of at least 1',
    (x) => x === Number.POSITIVE_INFINITY || (Number.isInteger(x) && x >= 1),
  );
  const inputs = [
    { role: 'relevance', value: call.yTrue },
    { role: 'yScore', value: call.yPred },
    ...(call.sampleWeight === null ? [] : [{ role: 'sampleWeight', value: call.sampleWeight }]),
  ];
  return withGroups(call, group, inputs, async (groups, nGroups, [relevance, scores, weight]) => {
    const negative = (relevance as Float64Array).findIndex((r) => r < 0);
    if (negative >= 0)
      throw new ParameterError(
        `The relevance of ${call.call} must be at least 0. Got ${relevance?.[negative]} in row ${negative}.`,
        { row: negative },
      );
    const rows = { relevance: relevance as Float64Array, scores: scores as Float64Array, groups, nGroups };
    const values = await runSliced(ndcgByGroup(rows, k, ignoreTies), call.run.signal);
    const weights = weight === undefined ? null : groupWeights(call.call, groups, nGroups, weight);
    let sum = 0;
    let mass = 0;
    for (let g = 0; g < nGroups; g++) {
      const w = weights === null ? 1 : (weights[g] as number);
      sum += w * (values[g] as number);
      mass += w;
    }
    if (mass === 0) throw new ParameterError(`The 'sampleWeight' of ${call.call} is 0 in every row.`);
    return sum / mass;
  });
}

/** One weight per query, the same in all its rows. */
function groupWeights(call: string, groups: Int32Array, nGroups: number, weight: Float64Array): Float64Array {
  const out = new Float64Array(nGroups).fill(-1);
  for (let i = 0; i < groups.length; i++) {
    const g = groups[i] as number;
    const w = weight[i] as number;
    if (w < 0)
      throw new ParameterError(`The 'sampleWeight' of ${call} must be at least 0. Got ${w} in row ${i}.`, { row: i });
    if (out[g] === -1) out[g] = w;
    else if (out[g] !== w)
      throw new ParameterError(
        `The 'sampleWeight' of ${call} weighs queries and must be the same in all rows of one, but row ${i} has ${w} after ${out[g]}.`,
        { row: i },
      );
  }
  return out;
}
