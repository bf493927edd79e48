// The graph of boosted trees, with XGBoost's meaning: features are rounded to Float32 before they are compared.
import type { Ensemble } from '../boosting/model/ensemble.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';
import { treesGraph } from './trees.ts';

/**
 * Margins (nSamples, nOutputs): the base margin and the leaves of every tree. Leaves are added in double, where XGBoost
 * adds in Float32: margins differ in their seventh digit.
 *
 * @param trees How many of the first trees count.
 */
export function boostedMargins(
  graph: OnnxGraph,
  x: OnnxValue,
  ensemble: Ensemble,
  baseMargin: ArrayLike<number>,
  trees: number,
): OnnxValue {
  const rounded = graph.cast(graph.cast(x, 'float'), 'double');
  const { feature, threshold, offsets, groups, nOutputs, setStart, setSize, categories } = ensemble;
  // Children are numbered within their tree; a leaf's left child is −1.
  const asked = Int32Array.from(feature, (f, i) => (ensemble.left[i] === -1 ? -1 : f));
  const left = new Int32Array(feature.length);
  const right = new Int32Array(feature.length);
  for (let t = 0; t < trees; t++)
    for (let i = offsets[t]!; i < offsets[t + 1]!; i++) {
      left[i] = ensemble.left[i]! + offsets[t]!;
      right[i] = ensemble.right[i]! + offsets[t]!;
    }
  const sets = setStart.some((s) => s >= 0)
    ? Array.from(setStart, (s, i) => (s < 0 ? null : categories.subarray(s, s + setSize[i]!)))
    : undefined;
  const sums = treesGraph(
    graph,
    rounded,
    {
      roots: offsets.subarray(0, trees),
      feature: asked,
      threshold,
      left,
      right,
      missingLeft: ensemble.defaultLeft,
      test: 'lt',
      ...(sets ? { categories: sets } : {}),
    },
    nOutputs,
    (tree) => groups[tree]!,
    (node) => threshold[node]!,
  );
  return graph.add(sums, graph.doubles([nOutputs], baseMargin));
}
