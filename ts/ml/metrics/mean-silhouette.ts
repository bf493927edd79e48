import type { RunOptions } from '../../runner/runner.ts';
import { invoke } from '../core/options.ts';
import { silhouettesOf } from './core/silhouette.ts';
import { orderByGroup } from './core/sort-order.ts';
import { runSliced, STEP_ROWS, type Steps } from './core/steps.ts';
import { sumOf } from './core/sums.ts';

/** Below this many products of rows, rows and features the way to the engine is the longer part. */
const ENGINE_WORK = 500_000;

/**
 * The mean silhouette of clustered rows: measured here when they are few, in the engine when they are many.
 *
 * @param features - an array of shape (nSamples) per feature
 * @param clusters - cluster codes, shape (nSamples), 0 to nClusters − 1, each of them used
 */
export async function meanSilhouette(
  features: readonly Float64Array[],
  clusters: Int32Array,
  nClusters: number,
  run: RunOptions,
): Promise<number> {
  const n = clusters.length;
  if (n * n * features.length < ENGINE_WORK) {
    return sumOf(await runSliced(silhouettesOf(features, clusters, nClusters), run.signal)) / n;
  }
  const { packed, starts } = await runSliced(byCluster(features, clusters, nClusters), run.signal);
  const { arrays } = await invoke(
    'clusters.silhouettes',
    { nFeatures: features.length, nClusters },
    { arrays: { features: packed, starts }, workNanoseconds: n * n * features.length },
    run,
  );
  return sumOf(arrays.silhouettes) / n;
}

/** All features in one array, the rows sorted by cluster. */
function* byCluster(
  features: readonly Float64Array[],
  clusters: Int32Array,
  nClusters: number,
): Steps<{ packed: Float64Array; starts: Uint32Array }> {
  const n = clusters.length;
  const rows = new Uint32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  const { order, starts } = yield* orderByGroup(rows, clusters, nClusters);
  const packed = new Float64Array(n * features.length);
  for (const [f, values] of features.entries()) {
    for (let start = 0; start < n; start += STEP_ROWS) {
      const end = Math.min(n, start + STEP_ROWS);
      for (let i = start; i < end; i++) packed[f * n + i] = values[order[i] as number] as number;
      yield;
    }
  }
  return { packed, starts };
}
