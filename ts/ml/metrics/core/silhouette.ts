// Silhouettes (P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
// 1987): how much nearer each row lies to its own cluster than to the next one. Euclidean distances, all pairs.
import type { Steps } from './steps.ts';

/** Rows whose distances to one row are computed together. */
const BLOCK = 256;
/** Products of rows and features between two yields. */
const WORK = 500_000;

/**
 * The silhouette of every row, from −1 to 1; 0 in a cluster of one row.
 *
 * @param features - an array of shape (nSamples) per feature
 * @param clusters - cluster codes, shape (nSamples), 0 to nClusters − 1, each of them used
 * @returns shape (nSamples)
 */
export function* silhouettesOf(
  features: readonly Float64Array[],
  clusters: Int32Array,
  nClusters: number,
): Steps<Float64Array> {
  const n = clusters.length;
  const sizes = new Float64Array(nClusters);
  for (let i = 0; i < n; i++) sizes[clusters[i] as number]! += 1;
  // Distance sums of every row to every cluster: each pair is computed once and counts for both.
  const sums = new Float64Array(n * nClusters);
  const block = new Float64Array(BLOCK);
  let work = 0;
  for (let i = 0; i < n; i++) {
    for (let from = i + 1; from < n; from += BLOCK) {
      const to = Math.min(n, from + BLOCK);
      distances(features, i, from, to, block);
      addBlock(sums, clusters, nClusters, i, from, to, block);
      work += (to - from) * (features.length + 2);
      if (work < WORK) continue;
      work = 0;
      yield;
    }
  }
  return silhouettesFromSums(sums, clusters, sizes);
}

function distances(features: readonly Float64Array[], i: number, from: number, to: number, out: Float64Array): void {
  const length = to - from;
  out.fill(0, 0, length);
  for (const feature of features) {
    const x = feature[i] as number;
    for (let j = 0; j < length; j++) {
      const d = (feature[from + j] as number) - x;
      out[j]! += d * d;
    }
  }
  for (let j = 0; j < length; j++) out[j] = Math.sqrt(out[j] as number);
}

function addBlock(
  sums: Float64Array,
  clusters: Int32Array,
  nClusters: number,
  i: number,
  from: number,
  to: number,
  block: Float64Array,
): void {
  const own = i * nClusters;
  const cluster = clusters[i] as number;
  for (let j = from; j < to; j++) {
    const d = block[j - from] as number;
    sums[own + (clusters[j] as number)]! += d;
    sums[j * nClusters + cluster]! += d;
  }
}

/**
 * Silhouettes from the sums of distances to each cluster.
 *
 * @param sums - shape (nSamples, nClusters), row-major
 * @param sizes - rows of each cluster, shape (nClusters)
 */
export function silhouettesFromSums(sums: Float64Array, clusters: Int32Array, sizes: Float64Array): Float64Array {
  const n = clusters.length;
  const nClusters = sizes.length;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const cluster = clusters[i] as number;
    const others = (sizes[cluster] as number) - 1;
    if (others === 0) continue;
    const within = (sums[i * nClusters + cluster] as number) / others;
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < nClusters; c++) {
      if (c !== cluster) nearest = Math.min(nearest, (sums[i * nClusters + c] as number) / (sizes[c] as number));
    }
    const larger = Math.max(within, nearest);
    out[i] = larger === 0 ? 0 : (nearest - within) / larger;
  }
  return out;
}
