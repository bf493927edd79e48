// What a report shows, as plain values: filled by a job, or by anyone who has these numbers.

/** A named value; null where it could not be computed. */
export interface Reading {
  readonly name: string;
  readonly value: number | null;
}

/** A point of a curve. */
export type Point = readonly [x: number, y: number];

/** How a column takes part. */
export interface ReportColumn {
  readonly name: string;
  readonly dtype: string;
  readonly nulls: number;
  /** target, feature, excluded, … */
  readonly role: string;
}

/** A stage of the job. */
export interface ReportStage {
  readonly name: string;
  readonly ms: number;
  readonly rows: number | null;
  readonly memoryBytes: number | null;
}

/** How well probabilities match frequencies: mean predicted probability and observed share, per bin. */
export interface CalibrationBin {
  readonly predicted: number;
  readonly observed: number;
  readonly rows: number;
}

/** How a classifier did on rows it did not see. */
export interface ClassifierReport {
  readonly classes: readonly string[];
  /** Rows of class i predicted as class j: `confusion[i][j]`. */
  readonly confusion: readonly (readonly number[])[];
  /** Of two classes: the curve of the positive one; of more: one curve per class, the others against it. */
  readonly roc: readonly { readonly label: string; readonly points: readonly Point[] }[];
  readonly precisionRecall: readonly { readonly label: string; readonly points: readonly Point[] }[];
  /** Of two classes only. */
  readonly calibration: readonly CalibrationBin[];
}

/** How a regressor did on rows it did not see. */
export interface RegressorReport {
  /** Predicted and true values of a sample of the rows. */
  readonly pairs: readonly { readonly predicted: number; readonly actual: number }[];
  /** Counts of residuals (actual − predicted) in bins. */
  readonly residuals: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
}

/** What a clustering found. */
export interface ClusteringReport {
  readonly sizes: readonly { readonly cluster: string; readonly rows: number }[];
  /** A sample of the rows in two dimensions. */
  readonly map: readonly { readonly x: number; readonly y: number; readonly cluster: string }[];
  readonly axes: readonly [string, string];
}

/** The score of a model while it learned, or by the number of rows it learned from. */
export interface LearningCurve {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly { readonly label: string; readonly points: readonly Point[] }[];
}

/** One model of the report. */
export interface ReportModel {
  readonly name: string;
  readonly type: string;
  readonly isBest: boolean;
  readonly params: { readonly [name: string]: unknown };
  readonly metrics: readonly Reading[];
  readonly validation: readonly Reading[];
  readonly importances: { readonly title: string; readonly values: readonly Reading[] } | null;
  readonly classifier?: ClassifierReport;
  readonly regressor?: RegressorReport;
  readonly clustering?: ClusteringReport;
  readonly learning?: LearningCurve;
}

/** One way of computing, measured. */
export interface EngineReading {
  readonly model: string;
  readonly engine: string;
  /** One fit with the final parameters. */
  readonly fitMs: number | null;
  readonly predictMs: number | null;
  readonly rowsPerSecond: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  /** The primary metric. */
  readonly metric: number | null;
}

/** Everything of a report. */
export interface ReportData {
  readonly title: string;
  /** Facts under the title: use case, target, rows. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly warnings: readonly string[];
  readonly primaryMetric: string;
  /** Which rows the metrics are of: test, validation or training. */
  readonly measuredOn: string;
  readonly rows: readonly { readonly name: string; readonly rows: number }[];
  readonly columns: readonly ReportColumn[];
  readonly stages: readonly ReportStage[];
  readonly models: readonly ReportModel[];
  readonly engines: readonly EngineReading[];
  /** Engines that are not shown, and why. */
  readonly engineNotes: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  /** The resolved job, as YAML. */
  readonly config: string;
}
