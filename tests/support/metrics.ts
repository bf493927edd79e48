// All metrics by name.
export { calibrationCurve } from '../../ts/ml/metrics/calibration-curve.ts';
export { accuracyScore, balancedAccuracyScore, matthewsCorrcoef } from '../../ts/ml/metrics/class-metrics.ts';
export { classificationReport } from '../../ts/ml/metrics/classification-report.ts';
export {
  adjustedMutualInfoScore,
  adjustedRandScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
} from '../../ts/ml/metrics/clustering-metrics.ts';
export { confusionMatrix } from '../../ts/ml/metrics/confusion-matrix.ts';
export { precisionRecallCurve, rocCurve } from '../../ts/ml/metrics/curves.ts';
export { ndcgScore } from '../../ts/ml/metrics/ndcg.ts';
export {
  f1Score,
  precisionRecallFscoreSupport,
  precisionScore,
  recallScore,
} from '../../ts/ml/metrics/precision-recall.ts';
export { brierScoreLoss, logLoss, topKAccuracyScore } from '../../ts/ml/metrics/probability-metrics.ts';
export {
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPinballLoss,
  meanSquaredError,
  r2Score,
  rootMeanSquaredError,
} from '../../ts/ml/metrics/regression-metrics.ts';
export { averagePrecisionScore, rocAucScore } from '../../ts/ml/metrics/roc-auc.ts';
export { silhouetteScore } from '../../ts/ml/metrics/silhouette-score.ts';
