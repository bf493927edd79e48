// Graphs of forests and boosted trees: TreeEnsemble of ai.onnx.ml 5, whose thresholds and leaves are double, so that a
// row never takes another branch than in the model itself.
import type { OnnxGraph, OnnxValue } from './graph.ts';

/** Trees as flat arrays: the nodes of all trees one after another. */
export interface OnnxTrees {
  /** The first node of each tree. */
  readonly roots: ArrayLike<number>;
  /** The feature a node asks about; negative in a leaf. */
  readonly feature: ArrayLike<number>;
  readonly threshold: ArrayLike<number>;
  /** Node numbers, counted over all trees; the left branch is the one whose test holds. */
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  /** 1 where a missing value goes left. */
  readonly missingLeft?: ArrayLike<number>;
  /** The test: `x ≤ threshold` or `x < threshold`. */
  readonly test: 'le' | 'lt';
  /** Of a node that asks about a set: the categories that go right, else null. */
  readonly categories?: readonly (ArrayLike<number> | null)[];
}

const MODES = { le: 0, lt: 1, member: 6 } as const;

/**
 * Runs trees over x (nSamples, nFeatures): the sum over trees of their leaves' values, per target.
 *
 * @param target The column of the result that a tree adds to.
 * @param value What a leaf adds, by node number.
 */
export function treesGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  trees: OnnxTrees,
  targets: number,
  target: (tree: number) => number,
  value: (node: number) => number,
): OnnxValue {
  const roots: number[] = [];
  const features: number[] = [];
  const splits: number[] = [];
  const modes: number[] = [];
  const missing: number[] = [];
  const trueIds: number[] = [];
  const falseIds: number[] = [];
  const trueLeaf: number[] = [];
  const falseLeaf: number[] = [];
  const leafTargets: number[] = [];
  const leafValues: number[] = [];
  const members: number[] = [];

  const leaf = (node: number, tree: number): number => {
    leafTargets.push(target(tree));
    leafValues.push(value(node));
    return leafValues.length - 1;
  };
  /** Lays out a tree depth first, each node's true branch right after it. */
  const grow = (root: number, tree: number): void => {
    roots.push(features.length);
    if (trees.feature[root]! < 0) {
      // A tree that asks nothing: both answers lead to its one leaf.
      const id = leaf(root, tree);
      add(0, 0, MODES.le, 0, id, 1, id, 1);
      return;
    }
    const stack: { node: number; parent: number; truth: boolean }[] = [{ node: root, parent: -1, truth: true }];
    while (stack.length > 0) {
      const { node, parent, truth } = stack.pop()!;
      const isLeaf = trees.feature[node]! < 0;
      const id = isLeaf ? leaf(node, tree) : features.length;
      if (parent >= 0) {
        (truth ? trueIds : falseIds)[parent] = id;
        (truth ? trueLeaf : falseLeaf)[parent] = isLeaf ? 1 : 0;
      }
      if (isLeaf) continue;
      const set = trees.categories?.[node] ?? null;
      const missingLeft = trees.missingLeft?.[node] ? 1 : 0;
      if (set) {
        for (let i = 0; i < set.length; i++) members.push(set[i]!);
        members.push(Number.NaN);
        // A member goes right in our trees, to the true branch in ONNX's.
        add(trees.feature[node]!, 0, MODES.member, 1 - missingLeft, 0, 0, 0, 0);
      } else add(trees.feature[node]!, trees.threshold[node]!, MODES[trees.test], missingLeft, 0, 0, 0, 0);
      const yes = set ? trees.right[node]! : trees.left[node]!;
      const no = set ? trees.left[node]! : trees.right[node]!;
      stack.push({ node: no, parent: id, truth: false }, { node: yes, parent: id, truth: true });
    }
  };
  const add = (
    feature: number,
    split: number,
    mode: number,
    missingTrue: number,
    yes: number,
    yesLeaf: number,
    no: number,
    noLeaf: number,
  ): void => {
    features.push(feature);
    splits.push(split);
    modes.push(mode);
    missing.push(missingTrue);
    trueIds.push(yes);
    trueLeaf.push(yesLeaf);
    falseIds.push(no);
    falseLeaf.push(noLeaf);
  };
  for (let tree = 0; tree < trees.roots.length; tree++) grow(trees.roots[tree]!, tree);

  return graph.node('TreeEnsemble', [x], 'double', {
    domain: 'ai.onnx.ml',
    attributes: {
      aggregate_function: { int: 1 },
      n_targets: { int: targets },
      post_transform: { int: 0 },
      tree_roots: { ints: roots },
      nodes_featureids: { ints: features },
      nodes_splits: { tensor: { type: 'double', dims: [splits.length], data: splits } },
      nodes_modes: { tensor: { type: 'uint8', dims: [modes.length], data: modes } },
      nodes_missing_value_tracks_true: { ints: missing },
      nodes_truenodeids: { ints: trueIds },
      nodes_trueleafs: { ints: trueLeaf },
      nodes_falsenodeids: { ints: falseIds },
      nodes_falseleafs: { ints: falseLeaf },
      leaf_targetids: { ints: leafTargets },
      leaf_weights: { tensor: { type: 'double', dims: [leafValues.length], data: leafValues } },
      ...(members.length > 0
        ? { membership_values: { tensor: { type: 'double' as const, dims: [members.length], data: members } } }
        : {}),
    },
  });
}

/**
 * The mean over trees of the leaves' rows of a table (nLeaves, width): (nSamples, width). The trees give the leaf each
 * sample ends in, the table what that leaf says, so a leaf of many classes is stored once.
 *
 * @param rowOf The row of a leaf in the table, by node number.
 */
export function treesMean(
  graph: OnnxGraph,
  x: OnnxValue,
  trees: OnnxTrees,
  table: ArrayLike<number>,
  width: number,
  rowOf: (node: number) => number,
): OnnxValue {
  const count = trees.roots.length;
  const ends = treesGraph(graph, x, trees, count, (tree) => tree, rowOf);
  const leaves = graph.doubles([table.length / width, width], table);
  const said = graph.gather(leaves, graph.cast(ends, 'int64'), 0);
  return graph.div(graph.sum(said, 1), graph.scalar('double', count));
}
