// The exporter of every model that has an ONNX form, by the name of its estimator.
import type { Fitted } from '../core/fitted.ts';
import { arrayOf } from '../core/model.ts';
import type { OnnxExporter } from './exporter.ts';
import { linearGraph } from './predictors.ts';

const linear: OnnxExporter = (graph, input, fitted) => ({
  kind: 'number',
  value: linearGraph(graph, input.matrix(featureNames(fitted)), {
    coef: arrayOf<Float64Array>(fitted, 'coef'),
    intercept: [Number(fitted.json['intercept'])],
  }),
});

const featureNames = (fitted: Fitted): string[] => fitted.memory.features.map((f) => f.name);

/** Exporters by estimator. */
export const EXPORTERS: { readonly [estimator: string]: OnnxExporter } = {
  LinearRegression: linear,
  Ridge: linear,
  Lasso: linear,
  ElasticNet: linear,
};
