// XGBoost's own model document to our trees. Everything is checked before it is used: sizes against each other, indices
// against their ranges, and that the nodes are a tree, so that walking one always ends.
import { UnsupportedError } from '../../../errors.ts';
import { concatTrees, type Ensemble, type FeatureCategories, type TreeArrays, type XgbModel } from './ensemble.ts';
import { parseDocument } from './parse.ts';
import { Node } from './reading.ts';

/** The newest major version of the format that this reader knows. */
const MAX_MAJOR = 3;
const MAX_FEATURES = 1 << 30;
/** Categories past this lose their number in Float32. */
const MAX_CATEGORY = (1 << 24) - 1;

/**
 * Reads a model that XGBoost or warpframe saved as JSON or UBJSON.
 *
 * @param bytes - the whole file
 * @param path - its name, for messages
 * @throws {ERR_CORRUPT_FILE} Not a model, or one whose parts contradict each other.
 * @throws {ERR_UNSUPPORTED} A linear booster, dropped trees (dart), leaves that are vectors, a newer major version.
 */
export function readXgboostModel(bytes: Uint8Array, path: string): XgbModel {
  const root = new Node(path, 'model', parseDocument(bytes, path));
  const version = root.get('version').wholes(0);
  if (version.length !== 3) root.get('version').fail('is not three numbers');
  if (version[0]! > MAX_MAJOR)
    throw new UnsupportedError(
      `${path} was written by XGBoost ${version.join('.')}; models up to version ${MAX_MAJOR} are read. Save it with XGBoost ${MAX_MAJOR}.`,
      { path, version: version.join('.') },
    );
  const learner = root.get('learner');
  const param = learner.get('learner_model_param');
  const nFeatures = param.get('num_feature').whole(0, MAX_FEATURES);
  const numClass = param.get('num_class').whole(0, 1 << 20);
  const numTarget = param.maybe('num_target')?.whole(1, 1 << 20) ?? 1;
  const nOutputs = Math.max(1, numClass, numTarget);

  const booster = learner.get('gradient_booster');
  const name = booster.get('name').text();
  if (name === 'gblinear' || name === 'dart')
    throw new UnsupportedError(
      `${path} holds a ${name} model; only trees without dropout (gbtree) are read. Train it with booster='gbtree'.`,
      { path, booster: name },
    );
  if (name !== 'gbtree') booster.get('name').fail(`is ${JSON.stringify(name)}, which is no booster`);
  const model = booster.get('model');
  const drop = model.maybe('weight_drop')?.floats() ?? [];
  if (Array.from(drop).some((w) => w !== 1))
    throw new UnsupportedError(`${path} holds trees with dropout weights (dart), which are not read.`, { path });

  const nodes = model.get('trees').items();
  const count = model.get('gbtree_model_param').get('num_trees').whole(0, 2147483647);
  if (count !== nodes.length) model.get('trees').fail(`holds ${nodes.length} trees, but num_trees is ${count}`);
  const numParallelTree =
    model
      .get('gbtree_model_param')
      .maybe('num_parallel_tree')
      ?.whole(0, 1 << 20) || 1;
  const groups = model.get('tree_info').wholes(0, nOutputs - 1);
  if (groups.length !== count) model.get('tree_info').fail(`has ${groups.length} entries for ${count} trees`);
  const trees = nodes.map((tree) => readTree(tree, nFeatures));
  const { arrays, offsets } = concatTrees(trees);
  const ensemble: Ensemble = {
    ...arrays,
    nFeatures,
    nOutputs,
    offsets,
    groups,
    iterations: readIterations(model, count, nOutputs * numParallelTree),
  };
  const objective = learner.get('objective');
  const featureNames = learner.maybe('feature_names')?.texts() ?? [];
  const featureTypes = learner.maybe('feature_types')?.texts() ?? [];
  for (const [what, list] of [
    ['feature_names', featureNames],
    ['feature_types', featureTypes],
  ] as const)
    if (list.length > 0 && list.length !== nFeatures)
      learner.get(what).fail(`has ${list.length} entries for ${nFeatures} features`);
  return {
    ensemble,
    objective: objective.get('name').text(),
    objectiveParams: Object.fromEntries(
      objective
        .keys()
        .filter((k) => k !== 'name')
        .map((k) => [k, textsOf(objective.get(k))]),
    ),
    baseScore: readBaseScore(param.get('base_score'), nOutputs),
    boostFromAverage: (param.maybe('boost_from_average')?.whole(0, 1) ?? 1) === 1,
    numClass,
    numTarget,
    numParallelTree,
    featureNames,
    featureTypes,
    categories: readCategories(model.maybe('cats'), nFeatures),
    attributes: textsOf(learner.maybe('attributes')),
  };
}

function textsOf(node: Node | null): { readonly [name: string]: string } {
  if (node === null) return {};
  return Object.fromEntries(node.keys().map((k) => [k, node.get(k).text()]));
}

/** `5E-1` before 3.1, `[5E-1]` or one number for each output after. */
function readBaseScore(node: Node, nOutputs: number): Float32Array {
  const text = node.text().trim();
  const parts = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1).split(',') : [text];
  const values = Float32Array.from(parts, (p) => (p.trim() === '' ? Number.NaN : Number(p)));
  if (values.some((v) => !Number.isFinite(v))) node.fail(`is ${JSON.stringify(text)}, not numbers`);
  if (values.length === nOutputs) return values;
  if (values.length !== 1) node.fail(`has ${values.length} numbers for ${nOutputs} outputs`);
  return new Float32Array(nOutputs).fill(values[0]!);
}

/** First tree of each iteration. Absent before 2.1: then every iteration has the same number of trees. */
function readIterations(model: Node, count: number, perIteration: number): Int32Array {
  const given = model.maybe('iteration_indptr');
  if (!given) {
    if (count % perIteration !== 0)
      model.get('trees').fail(`holds ${count} trees, not a multiple of ${perIteration} an iteration`);
    return Int32Array.from({ length: count / perIteration + 1 }, (_, i) => i * perIteration);
  }
  const list = given.wholes(0, count);
  if (list.length === 0 && count === 0) return new Int32Array(1);
  if (list[0] !== 0 || list.at(-1) !== count || list.some((v, i) => i > 0 && v < list[i - 1]!))
    given.fail(`does not rise from 0 to ${count}`);
  return list;
}

function readTree(tree: Node, nFeatures: number): TreeArrays {
  const param = tree.get('tree_param');
  if ((param.maybe('size_leaf_vector')?.whole(0, 1 << 20) ?? 1) > 1)
    throw new UnsupportedError(
      `${tree.path} holds trees whose leaves are vectors (multi_strategy='multi_output_tree'), which are not read. Train with 'one_output_per_tree'.`,
      { path: tree.path },
    );
  const n = param.get('num_nodes').whole(1, 2147483647);
  const left = tree.get('left_children').wholes(-1, n - 1);
  // The first array bounds all others: a huge num_nodes costs nothing.
  const sized = <T extends { length: number }>(name: string, list: T): T => {
    if (list.length !== n) tree.get(name).fail(`has ${list.length} entries for ${n} nodes`);
    return list;
  };
  sized('left_children', left);
  const right = sized('right_children', tree.get('right_children').wholes(-1, n - 1));
  const feature = sized('split_indices', tree.get('split_indices').wholes(0));
  const threshold = sized('split_conditions', tree.get('split_conditions').floats());
  const defaultLeft = sized('default_left', Uint8Array.from(tree.get('default_left').wholes(0, 1)));
  const gain = sized('loss_changes', tree.get('loss_changes').floats());
  const cover = sized('sum_hessian', tree.get('sum_hessian').floats());
  const weight = sized('base_weights', tree.get('base_weights').floats());
  checkTree(tree, left, right, feature, nFeatures);
  for (let i = 0; i < n; i++)
    if (left[i]! < 0) feature[i] = 0;
    else if (Number.isNaN(threshold[i]!)) tree.get('split_conditions').fail(`is NaN at the inner node ${i}`);
  return {
    feature,
    threshold,
    left,
    right,
    defaultLeft,
    gain,
    cover,
    weight,
    ...readSets(tree, left),
  };
}

/** Every node is reached at most once from the root, and has both children or none. */
function checkTree(tree: Node, left: Int32Array, right: Int32Array, feature: Int32Array, nFeatures: number): void {
  const seen = new Uint8Array(left.length);
  const stack = [0];
  seen[0] = 1;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    if (left[i] === -1) continue;
    if (feature[i]! >= nFeatures)
      tree.get('split_indices').fail(`names feature ${feature[i]} of ${nFeatures} at node ${i}`);
    for (const child of [left[i]!, right[i]!]) {
      if (child < 1) tree.get('right_children').fail(`is ${child} at the inner node ${i}`);
      if (seen[child] === 1) tree.get('left_children').fail(`and right_children reach node ${child} twice`);
      seen[child] = 1;
      stack.push(child);
    }
  }
}

/** Sets of categories, which models before 1.3 do not have. */
function readSets(tree: Node, left: Int32Array): Pick<TreeArrays, 'setStart' | 'setSize' | 'categories'> {
  const n = left.length;
  const setStart = new Int32Array(n).fill(-1);
  const setSize = new Int32Array(n);
  const types = tree.maybe('split_type')?.wholes(0, 1) ?? new Int32Array(n);
  if (types.length !== n) tree.get('split_type').fail(`has ${types.length} entries for ${n} nodes`);
  if (!tree.maybe('categories_nodes')) {
    if (types.some((t) => t === 1)) tree.get('split_type').fail('has categorical nodes without categories');
    return { setStart, setSize, categories: new Int32Array(0) };
  }
  const nodes = tree.get('categories_nodes').wholes(0, n - 1);
  const starts = tree.get('categories_segments').wholes(0);
  const sizes = tree.get('categories_sizes').wholes(0);
  const categories = tree.get('categories').wholes(0, MAX_CATEGORY);
  if (starts.length !== nodes.length || sizes.length !== nodes.length)
    tree
      .get('categories_nodes')
      .fail(`has ${nodes.length} entries, its segments ${starts.length}, sizes ${sizes.length}`);
  nodes.forEach((node, k) => {
    if (starts[k]! + sizes[k]! > categories.length)
      tree.get('categories_segments').fail(`ends at ${starts[k]! + sizes[k]!} of ${categories.length} categories`);
    if (setStart[node]! >= 0) tree.get('categories_nodes').fail(`names node ${node} twice`);
    if (types[node] !== 1 || left[node] === -1)
      tree.get('categories_nodes').fail(`names node ${node}, which is numeric`);
    setStart[node] = starts[k]!;
    setSize[node] = sizes[k]!;
  });
  for (let i = 0; i < n; i++)
    if (types[i] === 1 && left[i] !== -1 && setStart[i] === -1)
      tree.get('split_type').fail(`has a categorical node ${i} without categories`);
  return { setStart, setSize, categories };
}

/** The names of categories, by feature: texts as UTF-8 with offsets, or integers. */
function readCategories(cats: Node | null, nFeatures: number): FeatureCategories[] {
  const encoded = cats?.maybe('enc')?.items() ?? [];
  if (encoded.length === 0) return [];
  if (encoded.length !== nFeatures) cats!.get('enc').fail(`has ${encoded.length} entries for ${nFeatures} features`);
  return encoded.map((node) => {
    const offsets = node.maybe('offsets')?.wholes(0);
    if (!offsets) return [...node.get('values').wholes()];
    if (offsets.length === 0) return null;
    const bytes = Uint8Array.from(node.get('values').wholes(-128, 255));
    const names: string[] = [];
    for (let i = 0; i + 1 < offsets.length; i++) {
      if (offsets[i + 1]! < offsets[i]! || offsets[i + 1]! > bytes.length)
        node.get('offsets').fail(`goes from ${offsets[i]} to ${offsets[i + 1]} of ${bytes.length} bytes`);
      names.push(Buffer.from(bytes.subarray(offsets[i]!, offsets[i + 1]!)).toString('utf8'));
    }
    return names;
  });
}
