// Features drawn for a tree, a level or a node: without replacement, by Philox, so that only the seed decides.
import { philox4x32 } from '../../../util/philox.ts';

/** A word of the counter, so that no other random number shares a position. */
const TAG = 0x66656174;

/** A share of the features, at least one, ascending. `stage` and `index` name the draw. */
export function sampleFeatures(
  features: readonly number[],
  fraction: number,
  seed: number,
  tree: number,
  stage: number,
  index: number,
): readonly number[] {
  const want = Math.max(1, Math.floor(fraction * features.length));
  if (want >= features.length) return features;
  const pool = [...features];
  const counter = new Uint32Array(4);
  for (let i = 0; i < want; i++) {
    counter.set([i, tree, (index * 4 + stage) >>> 0, TAG]);
    philox4x32(counter, seed, 0);
    const j = i + Math.floor((counter[0]! / 4294967296) * (pool.length - i));
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, want).sort((a, b) => a - b);
}
