// What the nearest neighbours of rows say: the same arithmetic on every backend.

/** Neighbours found: `(nRows, k)`, row-major, the nearest first; and a class code or value of each point. */
export interface FoundNeighbors {
  readonly distances: Float64Array;
  readonly indices: Int32Array;
  readonly target: Float64Array;
  readonly rows: number;
  readonly k: number;
}

/** The weight of each neighbour of a row: 1, or 1 / distance; where some are at no distance only those count. */
function neighborWeights(d: Float64Array, at: number, k: number, byDistance: boolean, out: Float64Array): void {
  if (!byDistance) {
    out.fill(1);
    return;
  }
  let exact = false;
  for (let j = 0; j < k; j++) if (d[at + j] === 0) exact = true;
  for (let j = 0; j < k; j++) out[j] = exact ? (d[at + j] === 0 ? 1 : 0) : 1 / d[at + j]!;
}

/** Shares of classes among the neighbours, class by class; with no classes the mean of their values. */
export function neighborVotes(
  { distances, indices, target, rows, k }: FoundNeighbors,
  nClasses: number,
  weights: 'uniform' | 'distance',
): Float64Array {
  const votes = new Float64Array(Math.max(nClasses, 1));
  const weight = new Float64Array(k);
  const values = new Float64Array(rows * votes.length);
  for (let i = 0; i < rows; i++) {
    neighborWeights(distances, i * k, k, weights === 'distance', weight);
    let total = 0;
    votes.fill(0);
    for (let j = 0; j < k; j++) {
      const y = target[indices[i * k + j]!]!;
      if (nClasses === 0) votes[0]! += y * weight[j]!;
      else votes[y]! += weight[j]!;
      total += weight[j]!;
    }
    for (let c = 0; c < votes.length; c++) values[c * rows + i] = votes[c]! / total;
  }
  return values;
}
