// The exporter of every model that has an ONNX form, by the name of its estimator.

import { featureNamesOf } from '../core/fitted.ts';
import { arrayOf } from '../core/model.ts';
import { exportBoostedClasses, exportBoostedNumber } from './boosting.ts';
import { OnnxColumns } from './columns.ts';
import { affineGraph, standardGraph } from './columnwise.ts';
import { exportOneHot, exportOrdinal } from './encoders.ts';
import type { OnnxExporter } from './exporter.ts';
import { centersGraph, linearGraph, projectionGraph } from './predictors.ts';

const linear: OnnxExporter = (graph, input, fitted) => ({
  kind: 'number',
  value: linearGraph(graph, input.matrix(featureNamesOf(fitted.memory)), {
    coef: arrayOf<Float64Array>(fitted, 'coef'),
    intercept: [Number(fitted.json['intercept'])],
  }),
});

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

/** Exporters by estimator. */
export const EXPORTERS: { readonly [estimator: string]: OnnxExporter } = {
  LinearRegression: linear,
  Ridge: linear,
  Lasso: linear,
  ElasticNet: linear,
  KMeans: kMeans,
  Pca: pca,
  StandardScaler: standardScaler,
  MinMaxScaler: minMaxScaler,
  OneHotEncoder: exportOneHot,
  OrdinalEncoder: exportOrdinal,
  XgbClassifier: exportBoostedClasses,
  XgbRegressor: exportBoostedNumber,
  XgbRanker: exportBoostedNumber,
};
