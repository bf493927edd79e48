// Our trees as XGBoost's own model document (the schema of version 3), as JSON or UBJSON.
import { type Ensemble, type FeatureCategories, treeCount, treeOf, type XgbModel } from './ensemble.ts';
import { encodeUbjson, type UbjValue } from './ubjson.ts';

/** The version whose schema is written. */
const VERSION = [3, 4, 1] as const;
/** What XGBoost writes as the parent of a root. */
const NO_PARENT = 2147483647;
/** XGBoost's word for an array of 64-bit integers. */
const INT64_TYPE = 15;

/** The model as UBJSON: what XGBoost saves as `.ubj`. */
export const writeUbjsonModel = (model: XgbModel): Uint8Array => encodeUbjson(documentOf(model));

/** The model as JSON: what XGBoost saves as `.json`. */
export const writeJsonModel = (model: XgbModel): string => jsonOf(documentOf(model));

/** The shortest decimal of a Float32, in XGBoost's form. */
export function float32Text(v: number): string {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? 'NaN' : v > 0 ? 'Infinity' : '-Infinity';
  if (v === 0) return Object.is(v, -0) ? '-0E0' : '0E0';
  for (let digits = 1; digits <= 9; digits++) {
    const text = v.toExponential(digits - 1);
    if (Math.fround(Number(text)) === v)
      return text
        .replace('e+', 'E')
        .replace('e', 'E')
        .replace(/\.?0+E/, 'E');
  }
  return String(v);
}

function documentOf(m: XgbModel): UbjValue {
  const e = m.ensemble;
  return {
    learner: {
      attributes: m.attributes,
      feature_names: m.featureNames,
      feature_types: m.featureTypes,
      gradient_booster: {
        model: {
          cats: categoriesOf(m.categories),
          gbtree_model_param: {
            num_parallel_tree: String(m.numParallelTree),
            num_trees: String(treeCount(e)),
          },
          iteration_indptr: [...e.iterations],
          tree_info: [...e.groups],
          trees: Array.from({ length: treeCount(e) }, (_, t) => treeDocument(e, t)),
        },
        name: 'gbtree',
      },
      learner_model_param: {
        base_score: `[${Array.from(m.baseScore, float32Text).join(',')}]`,
        boost_from_average: m.boostFromAverage ? '1' : '0',
        num_class: String(m.numClass),
        num_feature: String(e.nFeatures),
        num_target: String(m.numTarget),
      },
      // In the order of their names, as everywhere.
      objective: Object.fromEntries(
        Object.entries({ name: m.objective, ...m.objectiveParams }).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    },
    version: VERSION,
  };
}

function treeDocument(e: Ensemble, tree: number): UbjValue {
  const t = treeOf(e, tree);
  const n = t.left.length;
  const parents = new Int32Array(n).fill(NO_PARENT);
  const types = new Uint8Array(n);
  const nodes: number[] = [];
  for (let i = 0; i < n; i++) {
    if (t.left[i] === -1) continue;
    parents[t.left[i]!] = i;
    parents[t.right[i]!] = i;
    if (t.setStart[i]! < 0) continue;
    types[i] = 1;
    nodes.push(i);
  }
  return {
    base_weights: t.weight,
    categories: t.categories,
    categories_nodes: Int32Array.from(nodes),
    categories_segments: BigInt64Array.from(nodes, (i) => BigInt(t.setStart[i]!)),
    categories_sizes: BigInt64Array.from(nodes, (i) => BigInt(t.setSize[i]!)),
    default_left: t.defaultLeft,
    id: tree,
    left_children: t.left,
    loss_changes: t.gain,
    parents,
    right_children: t.right,
    split_conditions: t.threshold,
    split_indices: t.feature,
    split_type: types,
    sum_hessian: t.cover,
    tree_param: {
      num_deleted: '0',
      num_feature: String(e.nFeatures),
      num_nodes: String(n),
      size_leaf_vector: '1',
    },
  };
}

/** Category names with the order that XGBoost looks them up in. */
function categoriesOf(categories: readonly FeatureCategories[]): UbjValue {
  if (categories.every((c) => c === null))
    return { enc: [], feature_segments: new Int32Array(0), sorted_idx: new Int32Array(0) };
  const segments = [0];
  const sorted: number[] = [];
  const enc = categories.map((list): UbjValue => {
    segments.push(segments.at(-1)! + (list?.length ?? 0));
    if (list === null) return { offsets: new Int32Array(0), values: new Int8Array(0) };
    if (list.every((v) => typeof v === 'number')) {
      sorted.push(...list.map((_, i) => i).sort((a, b) => list[a]! - list[b]!));
      return { type: INT64_TYPE, values: BigInt64Array.from(list, (v) => BigInt(v)) };
    }
    const bytes = list.map((v) => Buffer.from(String(v)));
    sorted.push(...list.map((_, i) => i).sort((a, b) => Buffer.compare(bytes[a]!, bytes[b]!)));
    const offsets = [0];
    for (const b of bytes) offsets.push(offsets.at(-1)! + b.length);
    return { offsets: Int32Array.from(offsets), values: new Int8Array(Buffer.concat(bytes)) };
  });
  return { enc, feature_segments: Int32Array.from(segments), sorted_idx: Int32Array.from(sorted) };
}

/** JSON text; numbers in Float32 arrays by their shortest decimal. */
function jsonOf(value: UbjValue): string {
  if (value instanceof Float32Array) return `[${Array.from(value, float32Text).join(',')}]`;
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Int32Array).join(',')}]`;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([k, v]) => `${JSON.stringify(k)}:${jsonOf(v)}`)
      .join(',')}}`;
  return JSON.stringify(value);
}
