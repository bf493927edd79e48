// Every estimator, by the name of its class: what loading a model, job files, the conformance list and the support table
// read. An estimator adds one row.
import type { Estimator } from './estimator.ts';
import type { Fitted } from './fitted.ts';
import type { Model } from './model.ts';

export interface EstimatorEntry {
  readonly Estimator: new (params?: any) => Estimator<any, any>;
  /** Makes the model of this estimator out of a model file's content. */
  readonly load: (fitted: Fitted) => Model;
  /** The folder of the family: `linear`. */
  readonly family: string;
  /** Names elsewhere; null where there is none. */
  readonly sklearn: string | null;
  readonly cuml: string | null;
  /** Parameters that keep a conformance run quick, and still make a model. */
  readonly quick?: object;
}

/** Estimators by name, each loaded when it is asked for. */
export const ESTIMATORS: { readonly [name: string]: () => Promise<EstimatorEntry> } = {
  LinearRegression: async () => {
    const { LinearRegression, LinearRegressionModel } = await import('../linear/linear-regression.ts');
    return {
      Estimator: LinearRegression,
      load: (f) => new LinearRegressionModel(f),
      family: 'linear',
      sklearn: 'LinearRegression',
      cuml: 'LinearRegression',
    };
  },
  Ridge: async () => {
    const { Ridge, RidgeModel } = await import('../linear/ridge.ts');
    return { Estimator: Ridge, load: (f) => new RidgeModel(f), family: 'linear', sklearn: 'Ridge', cuml: 'Ridge' };
  },
  KMeans: async () => {
    const { KMeans, KMeansModel } = await import('../cluster/k-means.ts');
    return {
      Estimator: KMeans,
      load: (f) => new KMeansModel(f),
      family: 'cluster',
      sklearn: 'KMeans',
      cuml: 'KMeans',
      quick: { nClusters: 3 },
    };
  },
  Pca: async () => {
    const { Pca, PcaModel } = await import('../decomposition/pca.ts');
    return { Estimator: Pca, load: (f) => new PcaModel(f), family: 'decomposition', sklearn: 'PCA', cuml: 'PCA' };
  },
  XgbClassifier: async () => {
    const { XgbClassifier, XgbClassifierModel } = await import('../boosting/xgb-classifier.ts');
    return {
      Estimator: XgbClassifier,
      load: (f) => new XgbClassifierModel(f),
      family: 'boosting',
      sklearn: null,
      cuml: null,
      quick: { nEstimators: 10, maxDepth: 3, engine: 'wasm' },
    };
  },
  XgbRegressor: async () => {
    const { XgbRegressor, XgbRegressorModel } = await import('../boosting/xgb-regressor.ts');
    return {
      Estimator: XgbRegressor,
      load: (f) => new XgbRegressorModel(f),
      family: 'boosting',
      sklearn: null,
      cuml: null,
      quick: { nEstimators: 10, maxDepth: 3, engine: 'wasm' },
    };
  },
  XgbRanker: async () => {
    const { XgbRanker, XgbRankerModel } = await import('../boosting/xgb-ranker.ts');
    return {
      Estimator: XgbRanker,
      load: (f) => new XgbRankerModel(f),
      family: 'boosting',
      sklearn: null,
      cuml: null,
      quick: { nEstimators: 10, maxDepth: 3, engine: 'wasm' },
    };
  },
};
