// Metrics as people write them.
const LABELS: Readonly<Record<string, string>> = {
  rocAuc: 'ROC AUC',
  prAuc: 'PR AUC',
  f1: 'F1',
  logLoss: 'log loss',
  brier: 'Brier score',
  balancedAccuracy: 'balanced accuracy',
  matthews: 'Matthews correlation',
  r2: 'R²',
  rmse: 'RMSE',
  mae: 'MAE',
  mape: 'MAPE',
  mse: 'MSE',
  nClusters: 'clusters',
};
/** A metric's name as people write it. */
export const metricLabel = (name: string): string => LABELS[name] ?? name;
