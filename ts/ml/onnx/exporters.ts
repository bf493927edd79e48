// The exporter of every model that has an ONNX form, by the name of its estimator.

import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { arrayOf } from '../core/model.ts';
import type { NeighborParams } from '../neighbors/neighbors.ts';
import { indicatorOf } from '../preprocessing/simple-imputer.ts';
import { exportBoostedClasses, exportBoostedNumber } from './boosting.ts';
import { OnnxColumns } from './columns.ts';
import { affineGraph, fillNumbers, fillText, missingIn, standardGraph } from './columnwise.ts';
import { exportColumnTransformer, exportPipeline, exportPrepared } from './compose.ts';
import { exportOneHot, exportOrdinal, exportTarget } from './encoders.ts';
import { labelsOf, type OnnxExporter } from './exporter.ts';
import { exportForestClasses, exportForestNumber } from './forest.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';
import { nearestGraph, neighborMeans, type OnnxMetric } from './neighbors.ts';
import { centersGraph, gaussianGraph, linearGraph, logisticGraph, projectionGraph } from './predictors.ts';

const linear: OnnxExporter = (graph, input, fitted) => ({
  kind: 'number',
  value: linearGraph(graph, input.matrix(featureNamesOf(fitted.memory)), {
    coef: arrayOf<Float64Array>(fitted, 'coef'),
    intercept: [Number(fitted.json['intercept'])],
  }),
});

const logistic: OnnxExporter = (graph, input, fitted) => {
  const coef = arrayOf<Float64Array>(fitted, 'coef');
  const intercept = arrayOf<Float64Array>(fitted, 'intercept');
  const scores = logisticGraph(graph, input.matrix(featureNamesOf(fitted.memory)), { coef, intercept });
  return { kind: 'classes', labels: labelsOf(fitted), ...scores };
};

const gaussianNb: OnnxExporter = (graph, input, fitted) => {
  const scores = gaussianGraph(graph, input.matrix(featureNamesOf(fitted.memory)), {
    mean: arrayOf<Float64Array>(fitted, 'theta'),
    variance: arrayOf<Float64Array>(fitted, 'var'),
    prior: arrayOf<Float64Array>(fitted, 'classPrior'),
  });
  return { kind: 'classes', labels: labelsOf(fitted), ...scores };
};

const kMeans: OnnxExporter = (graph, input, fitted) => {
  const names = featureNamesOf(fitted.memory);
  const centers = arrayOf<Float64Array>(fitted, 'clusterCenters');
  return { kind: 'clusters', ...centersGraph(graph, input.matrix(names), centers, names.length) };
};

const pca: OnnxExporter = (graph, input, fitted) => {
  const variances = arrayOf<Float64Array>(fitted, 'explainedVariance');
  const value = projectionGraph(graph, input.matrix(featureNamesOf(fitted.memory)), {
    mean: arrayOf<Float64Array>(fitted, 'mean'),
    components: arrayOf<Float64Array>(fitted, 'components'),
    // A direction without variance has nothing to divide by.
    ...(fitted.json['whiten'] === true ? { scale: variances.map((v) => (v > 0 ? Math.sqrt(v) : 1)) } : {}),
  });
  const names = Array.from(variances, (_, k) => `pca${k}`);
  return { kind: 'columns', columns: OnnxColumns.of(graph, names, value) };
};

const standardScaler: OnnxExporter = (graph, input, fitted) => {
  const names = featureNamesOf(fitted.memory);
  const value = standardGraph(graph, input.matrix(names), {
    shift: fitted.params['withMean'] === true ? arrayOf<Float64Array>(fitted, 'mean') : null,
    scale: fitted.params['withStd'] === true ? arrayOf<Float64Array>(fitted, 'scale') : null,
  });
  return { kind: 'columns', columns: OnnxColumns.of(graph, names, value) };
};

const minMaxScaler: OnnxExporter = (graph, input, fitted) => {
  const names = featureNamesOf(fitted.memory);
  const value = affineGraph(graph, input.matrix(names), {
    scale: arrayOf<Float64Array>(fitted, 'scale'),
    offset: arrayOf<Float64Array>(fitted, 'min'),
    ...(fitted.params['clip'] === true ? { range: fitted.params['featureRange'] as unknown as [number, number] } : {}),
  });
  return { kind: 'columns', columns: OnnxColumns.of(graph, names, value) };
};

const simpleImputer: OnnxExporter = (graph, input, fitted) => {
  const numbers = arrayOf<Float64Array>(fitted, 'numbers');
  const texts = fitted.json['texts'] as readonly (string | null)[];
  const left = fitted.json['left'] as readonly boolean[];
  const missing = fitted.json['missing'] as readonly boolean[];
  const names = featureNamesOf(fitted.memory);
  const filled = names.flatMap((name, j) => {
    if (left[j]) return [];
    const x = input.column(name);
    const value = x.type === 'string' ? fillText(graph, x, texts[j]!) : fillNumbers(graph, x, [numbers[j]!]);
    return [OnnxColumns.of(graph, [name], value)];
  });
  const indicators = names.flatMap((name, j) => {
    if (fitted.params['addIndicator'] !== true || !missing[j]) return [];
    return [OnnxColumns.of(graph, [indicatorOf(name)], graph.cast(missingIn(graph, input.column(name)), 'double'))];
  });
  return { kind: 'columns', columns: OnnxColumns.beside(graph, [...filled, ...indicators]) };
};

/** The mean of the neighbours' values (nTrain, width). */
function neighborsMean(graph: OnnxGraph, x: OnnxValue, fitted: Fitted, values: Float64Array, width: number): OnnxValue {
  const { nNeighbors, weights, metric, p } = fitted.params as unknown as NeighborParams;
  const features = fitted.memory.features.length;
  const rows = arrayOf<Float64Array>(fitted, 'points');
  const near = nearestGraph(graph, x, { rows, features, metric: metric as OnnxMetric, p }, nNeighbors);
  return neighborMeans(graph, near, graph.doubles([values.length / width, width], values), nNeighbors, weights);
}

const neighborsClassifier: OnnxExporter = (graph, input, fitted) => {
  const target = arrayOf<Float64Array>(fitted, 'target');
  const labels = labelsOf(fitted);
  const count = labels.length;
  const votes = new Float64Array(target.length * count);
  for (const [i, code] of target.entries()) votes[i * count + code] = 1;
  const x = input.matrix(featureNamesOf(fitted.memory));
  const probabilities = neighborsMean(graph, x, fitted, votes, count);
  return { kind: 'classes', labels, probabilities, winner: graph.argMax(probabilities, 1) };
};

const neighborsRegressor: OnnxExporter = (graph, input, fitted) => {
  const x = input.matrix(featureNamesOf(fitted.memory));
  return { kind: 'number', value: neighborsMean(graph, x, fitted, arrayOf<Float64Array>(fitted, 'target'), 1) };
};

/** Exporters by estimator. */
export const EXPORTERS: { readonly [estimator: string]: OnnxExporter } = {
  LinearRegression: linear,
  Ridge: linear,
  Lasso: linear,
  ElasticNet: linear,
  LogisticRegression: logistic,
  KMeans: kMeans,
  Pca: pca,
  StandardScaler: standardScaler,
  MinMaxScaler: minMaxScaler,
  OneHotEncoder: exportOneHot,
  OrdinalEncoder: exportOrdinal,
  TargetEncoder: exportTarget,
  SimpleImputer: simpleImputer,
  KNeighborsClassifier: neighborsClassifier,
  KNeighborsRegressor: neighborsRegressor,
  Pipeline: exportPipeline,
  ColumnTransformer: exportColumnTransformer,
  PreparedModel: exportPrepared,
  GaussianNb: gaussianNb,
  RandomForestClassifier: exportForestClasses,
  RandomForestRegressor: exportForestNumber,
  XgbClassifier: exportBoostedClasses,
  XgbRegressor: exportBoostedNumber,
  XgbRanker: exportBoostedNumber,
};
