// How much each feature did in the trees: XGBoost's get_score.
import type { Ensemble } from './model/ensemble.ts';

/** How the importance of a feature is measured: splits (`weight`), or what they gained or covered, per split or in total. */
export type ImportanceType = 'gain' | 'weight' | 'cover' | 'total_gain' | 'total_cover';

/**
 * Importance by feature, `(nFeatures)`: `weight` counts splits, `total_gain` and `total_cover` add what the splits gained
 * and their hessians, `gain` and `cover` are those per split.
 */
export function importances(e: Ensemble, type: ImportanceType): Float64Array {
  const counts = new Float64Array(e.nFeatures);
  const sums = new Float64Array(e.nFeatures);
  const values = type.endsWith('gain') ? e.gain : e.cover;
  for (let i = 0; i < e.feature.length; i++) {
    if (e.left[i] === -1) continue;
    counts[e.feature[i]!]!++;
    sums[e.feature[i]!]! += values[i]!;
  }
  if (type === 'weight') return counts;
  return type.startsWith('total_') ? sums : sums.map((s, f) => (counts[f] === 0 ? 0 : s / counts[f]!));
}
