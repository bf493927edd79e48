// Everything of `warpframe/ml`: explicit names, grouped, nothing else.

// What all estimators share
export type { EstimatorKind } from './core/estimator.ts';
export { Classifier, Clusterer, Estimator, Regressor, Transformer } from './core/estimator.ts';
export type { MatrixLike, Rows } from './core/inputs.ts';
export { loadModel } from './core/load-model.ts';
export type { Metrics, PredictOptions } from './core/model.ts';
export { ClassifierModel, ClustererModel, Model, RegressorModel, TransformerModel } from './core/model.ts';
export type { FitOptions } from './core/options.ts';
export type { ClassWeight } from './core/params.ts';
export type { Label } from './core/target.ts';
// Linear models
export type { LinearRegressionParams } from './linear/linear-regression.ts';
export { LinearRegression, LinearRegressionModel } from './linear/linear-regression.ts';
