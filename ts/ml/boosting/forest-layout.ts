// Trees as the forest kernels want them: 16 bytes a node, siblings adjacent, leaves their own children.
import type { Ensemble } from './model/ensemble.ts';

const MISSING_LEFT = 0x80000000;
const CATEGORICAL = 0x40000000;

/** The arrays that `forest.margins` and `forest.leaves` take. */
export interface ForestArrays {
  readonly nodes: Uint32Array;
  readonly sets: Uint32Array;
  readonly roots: Uint32Array;
  readonly groups: Uint32Array;
  /** Number of each node within its own tree. */
  readonly numbers: Uint32Array;
}

/** Lays out all trees. Nodes that no path reaches are left out. */
export function layOutForest(e: Ensemble): ForestArrays {
  const trees = e.groups.length;
  const nodes = new Uint32Array(4 * e.feature.length);
  const floats = new Float32Array(nodes.buffer);
  const numbers = new Uint32Array(e.feature.length);
  const roots = new Uint32Array(trees);
  const sets: number[] = [];
  let next = 0;
  for (let t = 0; t < trees; t++) {
    const from = e.offsets[t]!;
    roots[t] = next;
    // Level by level: the children of a node get the next two places.
    const queue = [0];
    const places = [next++];
    for (let k = 0; k < queue.length; k++) {
      const i = from + queue[k]!;
      const place = places[k]!;
      numbers[place] = queue[k]!;
      if (e.left[i] === -1) {
        floats[4 * place] = Number.NaN;
        nodes[4 * place + 1] = MISSING_LEFT;
        nodes[4 * place + 2] = place;
        floats[4 * place + 3] = e.threshold[i]!;
        continue;
      }
      const categorical = e.setStart[i]! >= 0;
      nodes[4 * place + 1] =
        (e.defaultLeft[i] === 1 ? MISSING_LEFT : 0) + (categorical ? CATEGORICAL : 0) + e.feature[i]!;
      nodes[4 * place + 2] = next;
      if (categorical) {
        nodes[4 * place] = sets.length;
        pushBits(sets, e.categories.subarray(e.setStart[i]!, e.setStart[i]! + e.setSize[i]!));
      } else floats[4 * place] = e.threshold[i]!;
      queue.push(e.left[i]!, e.right[i]!);
      places.push(next, next + 1);
      next += 2;
    }
  }
  return {
    nodes: nodes.slice(0, 4 * next),
    sets: Uint32Array.from(sets),
    roots,
    groups: Uint32Array.from(e.groups),
    numbers: numbers.slice(0, next),
  };
}

/** A set of categories as { words, bits… }. */
function pushBits(sets: number[], categories: Int32Array): void {
  const words = categories.reduce((most, c) => Math.max(most, (c >>> 5) + 1), 0);
  const bits = new Uint32Array(words);
  for (const c of categories) bits[c >>> 5]! |= 1 << (c & 31);
  sets.push(words, ...bits);
}
