// What trains boosted trees: our wasm kernels or libxgboost, behind one small interface.
import type { DataFrame } from '../../frame/dataframe.ts';
import type { RunOptions } from '../../runner/runner.ts';
import type { FeatureCategories, XgbModel } from './model/ensemble.ts';
import type { BoostParams } from './xgb-params.ts';

export type BoostEngineName = 'wasm' | 'libxgboost';

/**
 * Rows to learn from or to evaluate on: a frame of Float64 columns, the features (categories as their codes, missing as
 * NaN), then the target, then where they are there the weight and the query.
 */
export interface BoostRows {
  readonly frame: DataFrame<any>;
  readonly weight: boolean;
  readonly query: boolean;
}

/** A training as an engine is asked for it. */
export interface BoostSetup {
  readonly estimator: string;
  readonly featureNames: readonly string[];
  readonly categories: readonly FeatureCategories[];
  readonly params: BoostParams;
  readonly objective: string;
  /** Classes of a multi-class objective; 0 otherwise. */
  readonly numClass: number;
  readonly metrics: readonly string[];
  readonly monotone: readonly number[];
  readonly interactions: readonly (readonly number[])[];
  readonly seed: number;
  readonly train: BoostRows;
  readonly evals: readonly BoostRows[];
  /** Throws for counts of nulls, NaN and infinities in the columns behind the features, and for infinite features. */
  readonly check: (rows: number, counts: ValueCounts) => void;
  readonly run: RunOptions;
}

/** Counts by column: all features, then the columns behind them. */
export interface ValueCounts {
  readonly nulls: ArrayLike<number>;
  readonly nans: ArrayLike<number>;
  readonly infinities: ArrayLike<number>;
}

/** A training in progress. */
export interface BoostTraining extends Disposable {
  /** Boosts for at least one and at most `rounds` rounds; gives the metrics by round, evaluation set and metric. */
  step(rounds: number): Promise<{ readonly rounds: number; readonly metrics: readonly (readonly number[][])[] }>;
  /** The model of the first `rounds` rounds. */
  finish(rounds: number): Promise<XgbModel>;
}

export interface BoostEngine {
  readonly name: BoostEngineName;
  /** Reads the rows and starts; no round is boosted yet. */
  create(setup: BoostSetup): Promise<BoostTraining>;
}

/** Whether more of a metric is better. */
export const isMaximised = (metric: string): boolean => /^(auc|aucpr|ndcg|map|pre)(@|-|$)/.test(metric);
