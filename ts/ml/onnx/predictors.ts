// Graphs of models that are one formula of the feature matrix: linear, logistic, naive Bayes, PCA, k-means.
// Everything is in double, as the models compute themselves.
import type { OnnxGraph, OnnxValue } from './graph.ts';

/** x·W + b: (nSamples, nOutputs). `coef` is (nOutputs, nFeatures), row-major. */
export function linearGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: { readonly coef: ArrayLike<number>; readonly intercept: ArrayLike<number> },
): OnnxValue {
  const outputs = model.intercept.length;
  const features = model.coef.length / outputs;
  const weights = new Float64Array(model.coef.length);
  for (let o = 0; o < outputs; o++)
    for (let f = 0; f < features; f++) weights[f * outputs + o] = model.coef[o * features + f]!;
  const product = graph.matMul(x, graph.doubles([features, outputs], weights));
  return graph.add(product, graph.doubles([outputs], model.intercept));
}

/** Probabilities and the winning class's index. */
export interface ClassScores {
  /** (nSamples, nClasses) */
  readonly probabilities: OnnxValue;
  /** (nSamples,) int64 */
  readonly winner: OnnxValue;
}

/** The two probabilities of a margin (nSamples, 1); a positive margin is of the second class. */
export function sigmoidScores(graph: OnnxGraph, margin: OnnxValue): ClassScores {
  const yes = graph.node('Sigmoid', [margin]);
  const no = graph.node('Sigmoid', [graph.node('Neg', [margin])]);
  const positive = graph.node('Greater', [margin, graph.scalar(margin.type, 0)], 'bool');
  return {
    probabilities: graph.concat([no, yes], 1),
    winner: graph.reshape(graph.cast(positive, 'int64'), -1),
  };
}

/** The probabilities of margins (nSamples, nClasses). */
export function softmaxScores(graph: OnnxGraph, margins: OnnxValue): ClassScores {
  return {
    probabilities: graph.node('Softmax', [margins], undefined, { attributes: { axis: { int: 1 } } }),
    winner: graph.argMax(margins, 1),
  };
}

/** Logistic regression: the sigmoid of one margin or the softmax of several. */
export function logisticGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: { readonly coef: ArrayLike<number>; readonly intercept: ArrayLike<number> },
): ClassScores {
  const margins = linearGraph(graph, x, model);
  return model.intercept.length === 1 ? sigmoidScores(graph, margins) : softmaxScores(graph, margins);
}

/** Gaussian naive Bayes: the log density of every feature under every class, summed. */
export function gaussianGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: {
    /** (nClasses, nFeatures), row-major */
    readonly mean: ArrayLike<number>;
    readonly variance: ArrayLike<number>;
    readonly prior: ArrayLike<number>;
  },
): ClassScores {
  const classes = model.prior.length;
  const features = model.mean.length / classes;
  const constant = new Float64Array(classes);
  for (let c = 0; c < classes; c++) {
    let logs = 0;
    for (let f = 0; f < features; f++) logs += Math.log(2 * Math.PI * model.variance[c * features + f]!);
    constant[c] = Math.log(model.prior[c]!) - 0.5 * logs;
  }
  const wide = graph.reshape(x, -1, 1, features);
  const away = graph.sub(wide, graph.doubles([1, classes, features], model.mean));
  const squares = graph.div(graph.mul(away, away), graph.doubles([1, classes, features], model.variance));
  const half = graph.mul(graph.sum(squares, 2), graph.scalar('double', -0.5));
  return softmaxScores(graph, graph.add(half, graph.doubles([classes], constant)));
}

/** Projects centred rows onto components (nComponents, nFeatures); `scale` divides each when whitening. */
export function projectionGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: {
    readonly mean: ArrayLike<number>;
    readonly components: ArrayLike<number>;
    readonly scale?: ArrayLike<number>;
  },
): OnnxValue {
  const features = model.mean.length;
  const count = model.components.length / features;
  const turned = new Float64Array(model.components.length);
  for (let c = 0; c < count; c++)
    for (let f = 0; f < features; f++) turned[f * count + c] = model.components[c * features + f]!;
  const centred = graph.sub(x, graph.doubles([features], model.mean));
  const projected = graph.matMul(centred, graph.doubles([features, count], turned));
  return model.scale ? graph.div(projected, graph.doubles([count], model.scale)) : projected;
}

/** Distances (nSamples, nClusters) to the centres and the index of the nearest. */
export function centersGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  centers: ArrayLike<number>,
  features: number,
): { readonly distances: OnnxValue; readonly nearest: OnnxValue } {
  const clusters = centers.length / features;
  const away = graph.sub(graph.reshape(x, -1, 1, features), graph.doubles([1, clusters, features], centers));
  const squares = graph.sum(graph.mul(away, away), 2);
  return { distances: graph.node('Sqrt', [squares]), nearest: graph.argMax(squares, 1, 'ArgMin') };
}
