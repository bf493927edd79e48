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
  Lasso: async () => {
    const { Lasso, LassoModel } = await import('../linear/lasso.ts');
    return { Estimator: Lasso, load: (f) => new LassoModel(f), family: 'linear', sklearn: 'Lasso', cuml: 'Lasso' };
  },
  ElasticNet: async () => {
    const { ElasticNet, ElasticNetModel } = await import('../linear/elastic-net.ts');
    return {
      Estimator: ElasticNet,
      load: (f) => new ElasticNetModel(f),
      family: 'linear',
      sklearn: 'ElasticNet',
      cuml: 'ElasticNet',
    };
  },
  LogisticRegression: async () => {
    const { LogisticRegression, LogisticRegressionModel } = await import('../linear/logistic-regression.ts');
    return {
      Estimator: LogisticRegression,
      load: (f) => new LogisticRegressionModel(f),
      family: 'linear',
      sklearn: 'LogisticRegression',
      cuml: 'LogisticRegression',
    };
  },
  GaussianNb: async () => {
    const { GaussianNb, GaussianNbModel } = await import('../bayes/gaussian-nb.ts');
    return {
      Estimator: GaussianNb,
      load: (f) => new GaussianNbModel(f),
      family: 'bayes',
      sklearn: 'GaussianNB',
      cuml: 'GaussianNB',
    };
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
  KNeighborsClassifier: async () => {
    const { KNeighborsClassifier, KNeighborsClassifierModel } = await import('../neighbors/k-neighbors-classifier.ts');
    return {
      Estimator: KNeighborsClassifier,
      load: (f) => new KNeighborsClassifierModel(f),
      family: 'neighbors',
      sklearn: 'KNeighborsClassifier',
      cuml: 'KNeighborsClassifier',
      quick: { nNeighbors: 1 },
    };
  },
  KNeighborsRegressor: async () => {
    const { KNeighborsRegressor, KNeighborsRegressorModel } = await import('../neighbors/k-neighbors-regressor.ts');
    return {
      Estimator: KNeighborsRegressor,
      load: (f) => new KNeighborsRegressorModel(f),
      family: 'neighbors',
      sklearn: 'KNeighborsRegressor',
      cuml: 'KNeighborsRegressor',
      quick: { nNeighbors: 1 },
    };
  },
  StandardScaler: async () => {
    const { StandardScaler, StandardScalerModel } = await import('../preprocessing/standard-scaler.ts');
    return {
      Estimator: StandardScaler,
      load: (f) => new StandardScalerModel(f),
      family: 'preprocessing',
      sklearn: 'StandardScaler',
      cuml: 'StandardScaler',
    };
  },
  MinMaxScaler: async () => {
    const { MinMaxScaler, MinMaxScalerModel } = await import('../preprocessing/min-max-scaler.ts');
    return {
      Estimator: MinMaxScaler,
      load: (f) => new MinMaxScalerModel(f),
      family: 'preprocessing',
      sklearn: 'MinMaxScaler',
      cuml: 'MinMaxScaler',
    };
  },
  OneHotEncoder: async () => {
    const { OneHotEncoder, OneHotEncoderModel } = await import('../preprocessing/one-hot-encoder.ts');
    return {
      Estimator: OneHotEncoder,
      load: (f) => new OneHotEncoderModel(f),
      family: 'preprocessing',
      sklearn: 'OneHotEncoder',
      cuml: 'OneHotEncoder',
    };
  },
  OrdinalEncoder: async () => {
    const { OrdinalEncoder, OrdinalEncoderModel } = await import('../preprocessing/ordinal-encoder.ts');
    return {
      Estimator: OrdinalEncoder,
      load: (f) => new OrdinalEncoderModel(f),
      family: 'preprocessing',
      sklearn: 'OrdinalEncoder',
      cuml: 'OrdinalEncoder',
    };
  },
  TargetEncoder: async () => {
    const { TargetEncoder, TargetEncoderModel } = await import('../preprocessing/target-encoder.ts');
    return {
      Estimator: TargetEncoder,
      load: (f) => new TargetEncoderModel(f),
      family: 'preprocessing',
      sklearn: 'TargetEncoder',
      cuml: 'TargetEncoder',
    };
  },
  SimpleImputer: async () => {
    const { SimpleImputer, SimpleImputerModel } = await import('../preprocessing/simple-imputer.ts');
    return {
      Estimator: SimpleImputer,
      load: (f) => new SimpleImputerModel(f),
      family: 'preprocessing',
      sklearn: 'SimpleImputer',
      cuml: 'SimpleImputer',
    };
  },
  RandomForestClassifier: async () => {
    const { RandomForestClassifier, RandomForestClassifierModel } = await import('../tree/random-forest-classifier.ts');
    return {
      Estimator: RandomForestClassifier,
      load: (f) => new RandomForestClassifierModel(f),
      family: 'tree',
      sklearn: 'RandomForestClassifier',
      cuml: 'RandomForestClassifier',
      quick: { nEstimators: 8 },
    };
  },
  RandomForestRegressor: async () => {
    const { RandomForestRegressor, RandomForestRegressorModel } = await import('../tree/random-forest-regressor.ts');
    return {
      Estimator: RandomForestRegressor,
      load: (f) => new RandomForestRegressorModel(f),
      family: 'tree',
      sklearn: 'RandomForestRegressor',
      cuml: 'RandomForestRegressor',
      quick: { nEstimators: 8 },
    };
  },
};
