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
// Metrics
export type { CalibrationCurve, CalibrationOptions } from './metrics/calibration-curve.ts';
export { calibrationCurve } from './metrics/calibration-curve.ts';
export type { BalancedAccuracyOptions } from './metrics/class-metrics.ts';
export { accuracyScore, balancedAccuracyScore, matthewsCorrcoef } from './metrics/class-metrics.ts';
export type {
  ClassificationReport,
  ClassificationReportOptions,
  ClassScores,
} from './metrics/classification-report.ts';
export { classificationReport } from './metrics/classification-report.ts';
export type { MutualInfoOptions } from './metrics/clustering-metrics.ts';
export {
  adjustedMutualInfoScore,
  adjustedRandScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
} from './metrics/clustering-metrics.ts';
export type { ConfusionMatrix, ConfusionMatrixOptions } from './metrics/confusion-matrix.ts';
export { confusionMatrix } from './metrics/confusion-matrix.ts';
export type { Average } from './metrics/core/classification.ts';
export type { EntropyAverage } from './metrics/core/groupings.ts';
export type { CurveOptions, PrecisionRecallCurve, RocCurve } from './metrics/curves.ts';
export { precisionRecallCurve, rocCurve } from './metrics/curves.ts';
export type {
  ArrayOptions,
  ColumnOptions,
  Framed,
  LabelName,
  Labels,
  NumberName,
  Numbers,
  Scores,
} from './metrics/metric-call.ts';
export type { NdcgOptions } from './metrics/ndcg.ts';
export { ndcgScore } from './metrics/ndcg.ts';
export type {
  FScoreOptions,
  PrecisionRecallFscore,
  PrecisionRecallOptions,
  ScoreOf,
} from './metrics/precision-recall.ts';
export {
  f1Score,
  precisionRecallFscoreSupport,
  precisionScore,
  recallScore,
} from './metrics/precision-recall.ts';
export type { ProbabilityOptions, TopKOptions } from './metrics/probability-metrics.ts';
export { brierScoreLoss, logLoss, topKAccuracyScore } from './metrics/probability-metrics.ts';
export type { PinballOptions, R2Options } from './metrics/regression-metrics.ts';
export {
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPinballLoss,
  meanSquaredError,
  r2Score,
  rootMeanSquaredError,
} from './metrics/regression-metrics.ts';
export type { AreaOf, AveragePrecisionOptions, RocAucOptions } from './metrics/roc-auc.ts';
export { averagePrecisionScore, rocAucScore } from './metrics/roc-auc.ts';
export type { SilhouetteOptions } from './metrics/silhouette-score.ts';
export { silhouetteScore } from './metrics/silhouette-score.ts';
