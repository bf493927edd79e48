// Grown trees as arrays for their caller, and laid out for the `forest` module.
import type { NumberArray } from '../../backend.ts';
import type { GrownTree } from './boost-grow.ts';
import type { ForestBlocks } from './forest.ts';
import type { KernelContext } from './kernel.ts';

/** Flags of a node's feature word. */
const MISSING_LEFT = 0x80000000;
const CATEGORICAL = 0x40000000;

/** The arrays of several trees, one behind the other; `offsets` has the first node of each and their number. */
export function packTrees(trees: readonly GrownTree[]): { readonly [name: string]: NumberArray } {
  const offsets = new Int32Array(trees.length + 1);
  trees.forEach((t, k) => {
    offsets[k + 1] = offsets[k]! + t.feature.length;
  });
  let sets = 0;
  const setStart = trees.flatMap((t) => {
    const from = sets;
    sets += t.categories.length;
    return t.setStart.map((s) => (s < 0 ? -1 : s + from));
  });
  const all = (pick: (t: GrownTree) => number[]): number[] => trees.flatMap(pick);
  return {
    offsets,
    feature: Int32Array.from(all((t) => t.feature)),
    threshold: Float32Array.from(all((t) => t.threshold)),
    left: Int32Array.from(all((t) => t.left)),
    right: Int32Array.from(all((t) => t.right)),
    defaultLeft: Uint8Array.from(all((t) => t.defaultLeft)),
    gain: Float32Array.from(all((t) => t.gain)),
    cover: Float32Array.from(all((t) => t.cover)),
    weight: Float32Array.from(all((t) => t.weight)),
    setStart: Int32Array.from(setStart),
    setSize: Int32Array.from(all((t) => t.setSize)),
    categories: Int32Array.from(all((t) => t.categories)),
  };
}

/** Lays out the trees of one round, tree k adding to output k, in memory that lasts for the call. */
export function layOutTrees(ctx: KernelContext, trees: readonly GrownTree[]): ForestBlocks {
  const nodes = ctx.arena.alloc(16 * trees.reduce((sum, t) => sum + t.feature.length, 0));
  const roots = ctx.arena.alloc(4 * trees.length);
  const groups = ctx.arena.alloc(4 * trees.length);
  const sets: number[] = [];
  const { f32, u32 } = ctx.heap.refresh();
  let first = 0;
  trees.forEach((t, k) => {
    u32[(roots >>> 2) + k] = first;
    u32[(groups >>> 2) + k] = k;
    for (let i = 0; i < t.feature.length; i++) {
      const at = (nodes >>> 2) + 4 * (first + i);
      if (t.left[i] === -1) {
        f32[at] = Number.NaN;
        u32[at + 1] = MISSING_LEFT;
        u32[at + 2] = first + i;
        f32[at + 3] = t.threshold[i]!;
        continue;
      }
      // A grown tree's siblings are neighbours.
      const flags = (t.defaultLeft[i] === 1 ? MISSING_LEFT : 0) + (t.setStart[i]! >= 0 ? CATEGORICAL : 0);
      u32[at + 1] = flags + t.feature[i]!;
      u32[at + 2] = first + t.left[i]!;
      f32[at + 3] = 0;
      if (t.setStart[i]! < 0) f32[at] = t.threshold[i]!;
      else {
        u32[at] = sets.length;
        sets.push(...bitsOf(t.categories.slice(t.setStart[i]!, t.setStart[i]! + t.setSize[i]!)));
      }
    }
    first += t.feature.length;
  });
  if (sets.length === 0) return { nodes, sets: 0, roots, groups };
  const block = ctx.arena.alloc(4 * sets.length);
  ctx.heap.refresh().u32.set(sets, block >>> 2);
  return { nodes, sets: block, roots, groups };
}

/** A set of categories as { words, bits… }. */
export function bitsOf(categories: readonly number[]): Uint32Array {
  const words = categories.reduce((most, c) => Math.max(most, (c >>> 5) + 1), 0);
  const bits = new Uint32Array(1 + words);
  bits[0] = words;
  for (const c of categories) bits[1 + (c >>> 5)]! |= 1 << (c & 31);
  return bits;
}
