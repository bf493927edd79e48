// The graph of boosted trees, with XGBoost's meaning: features are rounded to Float32 before they are compared.
import { UnsupportedError } from '../../errors.ts';
import { Booster } from '../boosting/booster.ts';
import type { Ensemble } from '../boosting/model/ensemble.ts';
import type { Fitted } from '../core/fitted.ts';
import type { OnnxColumns } from './columns.ts';
import { lookupGraph } from './columnwise.ts';
import { labelsOf, type OnnxExporter } from './exporter.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';
import { type ClassScores, sigmoidScores, softmaxScores } from './predictors.ts';
import { treesGraph } from './trees.ts';

/**
 * Margins (nSamples, nOutputs): the base margin and the leaves of every tree. Leaves are added in double, where XGBoost
 * adds in Float32: margins differ in their seventh digit.
 *
 * @param trees How many of the first trees count.
 */
export function boostedMargins(
  graph: OnnxGraph,
  x: OnnxValue,
  ensemble: Ensemble,
  baseMargin: ArrayLike<number>,
  trees: number,
): OnnxValue {
  const rounded = graph.cast(graph.cast(x, 'float'), 'double');
  const { feature, threshold, offsets, groups, nOutputs, setStart, setSize, categories } = ensemble;
  // Children are numbered within their tree; a leaf's left child is −1.
  const asked = Int32Array.from(feature, (f, i) => (ensemble.left[i] === -1 ? -1 : f));
  const left = new Int32Array(feature.length);
  const right = new Int32Array(feature.length);
  for (let t = 0; t < trees; t++)
    for (let i = offsets[t]!; i < offsets[t + 1]!; i++) {
      left[i] = ensemble.left[i]! + offsets[t]!;
      right[i] = ensemble.right[i]! + offsets[t]!;
    }
  const sets = setStart.some((s) => s >= 0)
    ? Array.from(setStart, (s, i) => (s < 0 ? null : categories.subarray(s, s + setSize[i]!)))
    : undefined;
  const sums = treesGraph(
    graph,
    rounded,
    {
      roots: offsets.subarray(0, trees),
      feature: asked,
      threshold,
      left,
      right,
      missingLeft: ensemble.defaultLeft,
      test: 'lt',
      ...(sets ? { categories: sets } : {}),
    },
    nOutputs,
    (tree) => groups[tree]!,
    (node) => threshold[node]!,
  );
  return graph.add(sums, graph.doubles([nOutputs], baseMargin));
}

/** A category that the model does not know: it is in no set of a split. */
const UNKNOWN = -1;

/** The features as trees want them: NaN for what is missing, codes for categories. */
function boostFeatures(graph: OnnxGraph, input: OnnxColumns, fitted: Fitted, booster: Booster): OnnxValue {
  const plain = (x: OnnxValue): OnnxValue => {
    if (booster.missing === null) return x;
    const isMissing = graph.node('Equal', [x, graph.scalar('double', booster.missing)], 'bool');
    return graph.where(isMissing, graph.scalar('double', Number.NaN), x);
  };
  const { categories } = booster.model;
  if (categories.every((c) => c === null)) return plain(input.matrix(fitted.memory.features.map((f) => f.name)));
  const parts = fitted.memory.features.map((f, i) => {
    const list = categories[i] ?? null;
    const column = input.column(f.name);
    if (list === null) return plain(graph.cast(column, 'double'));
    const text = column.type === 'string';
    if (text && list.includes(''))
      throw new UnsupportedError(
        `The ${fitted.estimator} model has '' among the categories of "${f.name}". ONNX text has no null, and the empty string stands for it. Replace it before fit.`,
        { estimator: fitted.estimator, column: f.name },
      );
    const keys = [...list, text ? '' : Number.NaN];
    const codes = [...list.keys(), Number.NaN, UNKNOWN];
    return lookupGraph(graph, column, keys, codes, 1, keys.length);
  });
  return graph.concat(parts, 1);
}

/** The margins of a boosted model: the trees that its own predictions use. */
function marginsOf(graph: OnnxGraph, input: OnnxColumns, fitted: Fitted): { margins: OnnxValue; booster: Booster } {
  const booster = Booster.fromFitted(fitted);
  const x = boostFeatures(graph, input, fitted, booster);
  const { to } = booster.range({});
  return { margins: boostedMargins(graph, x, booster.model.ensemble, booster.baseMargin, to), booster };
}

export const exportBoostedClasses: OnnxExporter = (graph, input, fitted) => {
  const { margins, booster } = marginsOf(graph, input, fitted);
  return { kind: 'classes', labels: labelsOf(fitted), ...classScores(graph, margins, booster.link) };
};

function classScores(graph: OnnxGraph, margins: OnnxValue, link: Booster['link']): ClassScores {
  if (link === 'softmax') return softmaxScores(graph, margins);
  if (link === 'sigmoid') return sigmoidScores(graph, margins);
  if (link !== 'step')
    throw new UnsupportedError(`A classifier whose margins become predictions by '${link}' has no ONNX form.`, {
      link,
    });
  const yes = graph.cast(graph.node('Greater', [margins, graph.scalar('double', 0)], 'bool'), 'double');
  return {
    probabilities: graph.concat([graph.sub(graph.scalar('double', 1), yes), yes], 1),
    winner: graph.reshape(graph.cast(yes, 'int64'), -1),
  };
}

export const exportBoostedNumber: OnnxExporter = (graph, input, fitted) => {
  const { margins, booster } = marginsOf(graph, input, fitted);
  if (booster.nOutputs !== 1)
    throw new UnsupportedError(`A ${fitted.estimator} model of ${booster.nOutputs} outputs has no ONNX form.`, {
      estimator: fitted.estimator,
    });
  if (booster.link === 'exp') return { kind: 'number', value: graph.node('Exp', [margins]) };
  if (booster.link === 'sigmoid') return { kind: 'number', value: graph.node('Sigmoid', [margins]) };
  if (booster.link === 'identity') return { kind: 'number', value: margins };
  throw new UnsupportedError(`A regressor whose margins become predictions by '${booster.link}' has no ONNX form.`, {
    link: booster.link,
  });
};
