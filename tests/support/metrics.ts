// All metrics by name.
import { calibrationCurve } from '../../ts/ml/metrics/calibration-curve.ts';
import { accuracyScore, balancedAccuracyScore, matthewsCorrcoef } from '../../ts/ml/metrics/class-metrics.ts';
import { classificationReport } from '../../ts/ml/metrics/classification-report.ts';
import {
  adjustedMutualInfoScore,
  adjustedRandScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
} from '../../ts/ml/metrics/clustering-metrics.ts';
import { confusionMatrix } from '../../ts/ml/metrics/confusion-matrix.ts';
import { precisionRecallCurve, rocCurve } from '../../ts/ml/metrics/curves.ts';
import { ndcgScore } from '../../ts/ml/metrics/ndcg.ts';
import {
  f1Score,
  precisionRecallFscoreSupport,
  precisionScore,
  recallScore,
} from '../../ts/ml/metrics/precision-recall.ts';
import { brierScoreLoss, logLoss, topKAccuracyScore } from '../../ts/ml/metrics/probability-metrics.ts';
import {
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPinballLoss,
  meanSquaredError,
  r2Score,
  rootMeanSquaredError,
} from '../../ts/ml/metrics/regression-metrics.ts';
import { averagePrecisionScore, rocAucScore } from '../../ts/ml/metrics/roc-auc.ts';
import { silhouetteScore } from '../../ts/ml/metrics/silhouette-score.ts';

export const metrics = {
  calibrationCurve,
  accuracyScore,
  balancedAccuracyScore,
  matthewsCorrcoef,
  classificationReport,
  adjustedMutualInfoScore,
  adjustedRandScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
  confusionMatrix,
  precisionRecallCurve,
  rocCurve,
  ndcgScore,
  f1Score,
  precisionRecallFscoreSupport,
  precisionScore,
  recallScore,
  brierScoreLoss,
  logLoss,
  topKAccuracyScore,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPinballLoss,
  meanSquaredError,
  r2Score,
  rootMeanSquaredError,
  averagePrecisionScore,
  rocAucScore,
  silhouetteScore,
};
