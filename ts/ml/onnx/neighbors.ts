// Graphs of nearest-neighbour models: the training rows are a constant, distances are added up feature by feature.
import { OnnxGraph, type OnnxValue } from './graph.ts';

/** The metrics that have a graph. */
export type OnnxMetric = 'euclidean' | 'manhattan' | 'minkowski' | 'chebyshev' | 'cosine';

export interface NeighborRows {
  /** (nTrain, nFeatures), row-major */
  readonly rows: ArrayLike<number>;
  readonly features: number;
  readonly metric: OnnxMetric;
  readonly p: number;
}

/** One feature's part of the distance, in a loop over features that holds one (nSamples, nTrain) matrix. */
function scanDistances(graph: OnnxGraph, x: OnnxValue, model: NeighborRows): OnnxValue {
  const { features, metric, p } = model;
  const count = model.rows.length / features;
  const columns = new Float64Array(model.rows.length);
  for (let r = 0; r < count; r++)
    for (let f = 0; f < features; f++) columns[f * count + r] = model.rows[r * features + f]!;
  const body = new OnnxGraph(graph);
  const total = body.input('total', 'double', null);
  const asked = body.input('asked', 'double', null);
  const known = body.input('known', 'double', null);
  const away = body.sub(body.reshape(asked, -1, 1), body.reshape(known, 1, -1));
  const size = body.node('Abs', [away]);
  const next = {
    euclidean: () => body.add(total, body.mul(away, away)),
    manhattan: () => body.add(total, size),
    minkowski: () => body.add(total, body.node('Pow', [size, body.scalar('double', p)])),
    chebyshev: () => body.node('Max', [total, size]),
  }[metric as Exclude<OnnxMetric, 'cosine'>]();
  body.output('next', next, null);
  const turned = graph.node('Transpose', [x], undefined, { attributes: { perm: { ints: [1, 0] } } });
  // Zeros of shape (nSamples, nTrain).
  const start = graph.matMul(
    graph.mul(graph.gather(x, graph.integers(0), 1), graph.scalar('double', 0)),
    graph.doubles([1, count], new Float64Array(count)),
  );
  const sums = graph.node('Scan', [start, turned, graph.doubles([features, count], columns)], 'double', {
    attributes: { num_scan_inputs: { int: 2 }, body: { graph: body } },
  });
  if (metric === 'euclidean') return graph.node('Sqrt', [sums]);
  return metric === 'minkowski' ? graph.node('Pow', [sums, graph.scalar('double', 1 / p)]) : sums;
}

/** 1 − cos of the angle; a row of zeros is at distance 1 from everything. */
function cosineDistances(graph: OnnxGraph, x: OnnxValue, model: NeighborRows): OnnxValue {
  const { features } = model;
  const count = model.rows.length / features;
  const turned = new Float64Array(model.rows.length);
  for (let r = 0; r < count; r++) {
    let squares = 0;
    for (let f = 0; f < features; f++) squares += model.rows[r * features + f]! ** 2;
    const length = Math.sqrt(squares) || 1;
    for (let f = 0; f < features; f++) turned[f * count + r] = model.rows[r * features + f]! / length;
  }
  const length = graph.node('Sqrt', [graph.sum(graph.mul(x, x), 1, true)]);
  const one = graph.scalar('double', 1);
  const safe = graph.where(graph.node('Equal', [length, graph.scalar('double', 0)], 'bool'), one, length);
  const cosine = graph.matMul(graph.div(x, safe), graph.doubles([features, count], turned));
  return graph.node('Max', [graph.sub(one, cosine), graph.scalar('double', 0)]);
}

/** Distances and row numbers (nSamples, k) of the nearest training rows; of equals the earlier row. */
export function nearestGraph(
  graph: OnnxGraph,
  x: OnnxValue,
  model: NeighborRows,
  k: number,
): { readonly distances: OnnxValue; readonly indices: OnnxValue } {
  const all = model.metric === 'cosine' ? cosineDistances(graph, x, model) : scanDistances(graph, x, model);
  const [distances, indices] = graph.nodes('TopK', [all, graph.integers(k)], ['double', 'int64'], {
    attributes: { largest: { int: 0 }, sorted: { int: 1 } },
  });
  return { distances: distances!, indices: indices! };
}

/**
 * The mean of the neighbours' values (nTrain, nValues), weighted by one over the distance where asked: a neighbour at
 * distance zero then decides alone. The result is (nSamples, nValues).
 */
export function neighborMeans(
  graph: OnnxGraph,
  near: { readonly distances: OnnxValue; readonly indices: OnnxValue },
  values: OnnxValue,
  k: number,
  weights: 'uniform' | 'distance',
): OnnxValue {
  const theirs = graph.gather(values, near.indices, 0);
  if (weights === 'uniform') return graph.div(graph.sum(theirs, 1), graph.scalar('double', k));
  const zero = graph.node('Equal', [near.distances, graph.scalar('double', 0)], 'bool');
  const same = graph.cast(zero, 'double');
  const anySame = graph.cast(graph.max(same, 1, true), 'bool');
  const inverse = graph.div(graph.scalar('double', 1), graph.where(zero, graph.scalar('double', 1), near.distances));
  const weight = graph.where(anySame, same, inverse);
  const weighted = graph.mul(theirs, graph.node('Unsqueeze', [weight, graph.integers(2)]));
  return graph.div(graph.sum(weighted, 1), graph.sum(weight, 1, true));
}
