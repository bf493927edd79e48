// Everything of `warpframe/ml`: explicit names, grouped, nothing else.

// The native XGBoost
export type { Rejected } from '../native/load.ts';
export type { XgboostStatus } from '../native/xgboost.ts';
export { xgboostStatus } from '../native/xgboost.ts';
// Naive Bayes
export type { GaussianNbParams } from './bayes/gaussian-nb.ts';
export { GaussianNb, GaussianNbModel } from './bayes/gaussian-nb.ts';
// Boosting
export type { BoostPredictOptions } from './boosting/booster.ts';
export type { ImportanceType } from './boosting/importances.ts';
export type { BoostFitOptions, EvalSet, EvalsResult } from './boosting/train.ts';
export type { XgbClassifierParams } from './boosting/xgb-classifier.ts';
export { XgbClassifier, XgbClassifierModel } from './boosting/xgb-classifier.ts';
export type { RankFitOptions, XgbRankerParams } from './boosting/xgb-ranker.ts';
export { XgbRanker, XgbRankerModel } from './boosting/xgb-ranker.ts';
export type { XgbRegressorParams } from './boosting/xgb-regressor.ts';
export { XgbRegressor, XgbRegressorModel } from './boosting/xgb-regressor.ts';
// Clustering
export type { KMeansParams } from './cluster/k-means.ts';
export { KMeans, KMeansModel } from './cluster/k-means.ts';
// Compositions
export type { ColumnTransformerOptions, Part, PartColumns } from './compose/column-transformer.ts';
export { ColumnTransformer, ColumnTransformerModel, columnTransformer } from './compose/column-transformer.ts';
export type { PipelineModelOf } from './compose/pipeline.ts';
export { Pipeline, pipeline } from './compose/pipeline.ts';
export type { FittedSteps, PipelineModel } from './compose/pipeline-models.ts';
export {
  PipelineClassifierModel,
  PipelineClustererModel,
  PipelineRegressorModel,
  PipelineTransformerModel,
} from './compose/pipeline-models.ts';
export type { Step } from './compose/steps.ts';
// What all estimators share
export type { EstimatorKind } from './core/estimator.ts';
export {
  Classifier,
  Clusterer,
  Estimator,
  Regressor,
  SupervisedTransformer,
  Transformer,
} from './core/estimator.ts';
export type { EvaluateOptions } from './core/evaluate.ts';
export type { MatrixLike, Rows } from './core/inputs.ts';
export { loadModel } from './core/load-model.ts';
export type { Metrics, PredictOptions } from './core/model.ts';
export { ClassifierModel, ClustererModel, Model, RegressorModel, TransformerModel } from './core/model.ts';
export type { FitOptions } from './core/options.ts';
export type { ClassWeight } from './core/params.ts';
export type { Label } from './core/target.ts';
// Decomposition
export type { PcaParams } from './decomposition/pca.ts';
export { Pca, PcaModel } from './decomposition/pca.ts';
// Inspection
export type { PartialDependence, PartialDependenceOptions } from './inspection/partial-dependence.ts';
export { partialDependence } from './inspection/partial-dependence.ts';
export type { PermutationImportance, PermutationImportanceOptions } from './inspection/permutation-importance.ts';
export { permutationImportance } from './inspection/permutation-importance.ts';
// Linear models
export type { ElasticNetParams } from './linear/elastic-net.ts';
export { ElasticNet, ElasticNetModel } from './linear/elastic-net.ts';
export type { LassoParams } from './linear/lasso.ts';
export { Lasso, LassoModel } from './linear/lasso.ts';
export type { LinearRegressionParams } from './linear/linear-regression.ts';
export { LinearRegression, LinearRegressionModel } from './linear/linear-regression.ts';
export type { LogisticRegressionParams } from './linear/logistic-regression.ts';
export { LogisticRegression, LogisticRegressionModel } from './linear/logistic-regression.ts';
export type { RidgeParams } from './linear/ridge.ts';
export { Ridge, RidgeModel } from './linear/ridge.ts';
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
// Neighbours
export type { KNeighborsClassifierParams } from './neighbors/k-neighbors-classifier.ts';
export { KNeighborsClassifier, KNeighborsClassifierModel } from './neighbors/k-neighbors-classifier.ts';
export type { KNeighborsRegressorParams } from './neighbors/k-neighbors-regressor.ts';
export { KNeighborsRegressor, KNeighborsRegressorModel } from './neighbors/k-neighbors-regressor.ts';
export type { Neighbors } from './neighbors/neighbors.ts';
// Preprocessing
export type { Category } from './preprocessing/categories.ts';
export type { MinMaxScalerParams } from './preprocessing/min-max-scaler.ts';
export { MinMaxScaler, MinMaxScalerModel } from './preprocessing/min-max-scaler.ts';
export type { OneHotEncoderParams } from './preprocessing/one-hot-encoder.ts';
export { OneHotEncoder, OneHotEncoderModel } from './preprocessing/one-hot-encoder.ts';
export type { OrdinalEncoderParams } from './preprocessing/ordinal-encoder.ts';
export { OrdinalEncoder, OrdinalEncoderModel } from './preprocessing/ordinal-encoder.ts';
export type { SimpleImputerParams } from './preprocessing/simple-imputer.ts';
export { SimpleImputer, SimpleImputerModel } from './preprocessing/simple-imputer.ts';
export type { StandardScalerParams } from './preprocessing/standard-scaler.ts';
export { StandardScaler, StandardScalerModel } from './preprocessing/standard-scaler.ts';
export type { TargetEncoderParams, TargetFoldOptions } from './preprocessing/target-encoder.ts';
export { TargetEncoder, TargetEncoderModel } from './preprocessing/target-encoder.ts';
// Splitting, cross-validation, searches
export type { CrossValidateOptions, CrossValidation } from './selection/cross-validate.ts';
export { crossValidate } from './selection/cross-validate.ts';
export type { Distribution } from './selection/distributions.ts';
export { choice, integers, logUniform, uniform } from './selection/distributions.ts';
export type { Fold, SplitOptions, Splitter } from './selection/folds.ts';
export { Folds } from './selection/folds.ts';
export type { GridSearchOptions, ParameterGrid } from './selection/grid-search.ts';
export { GridSearch } from './selection/grid-search.ts';
export { GroupKFold } from './selection/group-k-fold.ts';
export type { KFoldParams } from './selection/k-fold.ts';
export { KFold } from './selection/k-fold.ts';
export type { ParameterSpace, RandomSearchOptions } from './selection/random-search.ts';
export { RandomSearch } from './selection/random-search.ts';
export type { CompareOptions, CrossFitOptions, Fittable } from './selection/run-folds.ts';
export type { ScoreFunction, ScoreName, Scoring } from './selection/scoring.ts';
export type { ModelOfEstimator, ParamsOfEstimator, SearchOptions } from './selection/search.ts';
export { ParameterSearch } from './selection/search.ts';
export { SearchResult } from './selection/search-result.ts';
export { StratifiedKFold } from './selection/stratified-k-fold.ts';
export type { TimeSeriesSplitParams } from './selection/time-series-split.ts';
export { TimeSeriesSplit } from './selection/time-series-split.ts';
export type { TrainTestSplit, TrainTestSplitOptions } from './selection/train-test-split.ts';
export { trainTestSplit } from './selection/train-test-split.ts';
export type { RandomForestClassifierParams } from './tree/random-forest-classifier.ts';
export { RandomForestClassifier, RandomForestClassifierModel } from './tree/random-forest-classifier.ts';
export type { RandomForestRegressorParams } from './tree/random-forest-regressor.ts';
export { RandomForestRegressor, RandomForestRegressorModel } from './tree/random-forest-regressor.ts';
