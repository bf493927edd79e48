// Trees as flat arrays: what every part of boosting works on, whoever grew them.

/** Nodes of one or more trees, one after the other. Children are numbers within the tree; node 0 is its root. */
export interface TreeArrays {
  /** Split feature of inner nodes; 0 in leaves. */
  readonly feature: Int32Array;
  /** Inner nodes: left goes `x < threshold`. Leaves: their value. */
  readonly threshold: Float32Array;
  /** −1 in leaves. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where missing values go left. */
  readonly defaultLeft: Uint8Array;
  /** What the split gained; 0 in leaves. */
  readonly gain: Float32Array;
  /** Sum of hessians. */
  readonly cover: Float32Array;
  /** Weight the node would have as a leaf, without the learning rate for inner nodes. */
  readonly weight: Float32Array;
  /** First of the node's categories in `categories`; −1 where the split is numeric. */
  readonly setStart: Int32Array;
  readonly setSize: Int32Array;
  /** Categories that go right, ascending in each set. */
  readonly categories: Int32Array;
}

/** Boosted trees: margins are `baseMargin + Σ leaf` per output, added in Float32. */
export interface Ensemble extends TreeArrays {
  readonly nFeatures: number;
  /** Margins per row: classes, targets or quantiles; 1 otherwise. */
  readonly nOutputs: number;
  /** First node of each tree, and the number of nodes: `nTrees + 1`. */
  readonly offsets: Int32Array;
  /** Output of each tree. */
  readonly groups: Int32Array;
  /** First tree of each boosting iteration, and the number of trees: `nIterations + 1`. */
  readonly iterations: Int32Array;
}

/** The categories of a feature in code order, or null for a numeric one. */
export type FeatureCategories = readonly (string | number)[] | null;

/** Everything a model file of XGBoost says. */
export interface XgbModel {
  readonly ensemble: Ensemble;
  /** `binary:logistic`, … */
  readonly objective: string;
  /** The objective's parameter block, as the file has it: `{ reg_loss_param: { scale_pos_weight: '1' } }`. */
  readonly objectiveParams: { readonly [block: string]: { readonly [name: string]: string } };
  /** Per output, before the objective's link: a probability for `binary:logistic`. */
  readonly baseScore: Float32Array;
  readonly boostFromAverage: boolean;
  readonly numClass: number;
  readonly numTarget: number;
  readonly numParallelTree: number;
  /** Empty where the model has none. */
  readonly featureNames: readonly string[];
  /** `float`, `int`, `i`, `q`, `c`; empty where the model has none. */
  readonly featureTypes: readonly string[];
  /** Per feature; empty where the file has no category names. */
  readonly categories: readonly FeatureCategories[];
  /** `best_iteration`, `best_score`, `scikit_learn`, … */
  readonly attributes: { readonly [name: string]: string };
}

export const treeCount = (e: Ensemble): number => e.groups.length;
export const iterationCount = (e: Ensemble): number => e.iterations.length - 1;

/** Puts trees together in order. */
export function concatTrees(parts: readonly TreeArrays[]): { arrays: TreeArrays; offsets: Int32Array } {
  const nodes = parts.reduce((sum, t) => sum + t.feature.length, 0);
  const sets = parts.reduce((sum, t) => sum + t.categories.length, 0);
  const arrays: TreeArrays = {
    feature: new Int32Array(nodes),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    defaultLeft: new Uint8Array(nodes),
    gain: new Float32Array(nodes),
    cover: new Float32Array(nodes),
    weight: new Float32Array(nodes),
    setStart: new Int32Array(nodes),
    setSize: new Int32Array(nodes),
    categories: new Int32Array(sets),
  };
  const offsets = new Int32Array(parts.length + 1);
  let at = 0;
  let set = 0;
  parts.forEach((t, k) => {
    for (const name of NODE_ARRAYS) arrays[name].set(t[name] as never, at);
    for (let i = 0; i < t.setStart.length; i++)
      arrays.setStart[at + i] = t.setStart[i]! < 0 ? -1 : t.setStart[i]! + set;
    arrays.categories.set(t.categories, set);
    set += t.categories.length;
    at += t.feature.length;
    offsets[k + 1] = at;
  });
  return { arrays, offsets };
}

/** The arrays with one entry a node. */
export const NODE_ARRAYS = [
  'feature',
  'threshold',
  'left',
  'right',
  'defaultLeft',
  'gain',
  'cover',
  'weight',
  'setStart',
  'setSize',
] as const;

/** One tree of an ensemble, its sets from 0. */
export function treeOf(e: TreeArrays & { readonly offsets: Int32Array }, tree: number): TreeArrays {
  const from = e.offsets[tree]!;
  const to = e.offsets[tree + 1]!;
  const setStart = e.setStart.slice(from, to);
  const setSize = e.setSize.subarray(from, to);
  const first = setStart.reduce((least, s) => (s >= 0 && (least < 0 || s < least) ? s : least), -1);
  let end = Math.max(first, 0);
  for (let i = 0; i < setStart.length; i++) {
    if (setStart[i]! < 0) continue;
    end = Math.max(end, setStart[i]! + setSize[i]!);
    setStart[i]! -= first;
  }
  return {
    feature: e.feature.subarray(from, to),
    threshold: e.threshold.subarray(from, to),
    left: e.left.subarray(from, to),
    right: e.right.subarray(from, to),
    defaultLeft: e.defaultLeft.subarray(from, to),
    gain: e.gain.subarray(from, to),
    cover: e.cover.subarray(from, to),
    weight: e.weight.subarray(from, to),
    setStart,
    setSize,
    categories: e.categories.subarray(Math.max(first, 0), end),
  };
}
