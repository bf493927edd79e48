// The parameters of boosting: XGBoost's scikit-learn names in camelCase, its meanings and defaults.
import { ParameterError } from '../../errors.ts';
import { suggest } from '../../util/suggest.ts';
import {
  custom,
  either,
  flag,
  integer,
  listOf,
  number,
  oneOf,
  optional,
  type ParamSpec,
  type ParamsOf,
  randomState,
} from '../core/params.ts';

const share = (): ParamSpec<number> => number(1, { above: 0, max: 1 });
const text = (): ParamSpec<string> => custom('', 'a text', (v) => typeof v === 'string');

type Monotone = readonly number[] | { readonly [feature: string]: number };
const isSign = (v: unknown): boolean => v === -1 || v === 0 || v === 1;

/** What all three estimators take. */
export const BOOST_PARAMS = {
  /** Boosting rounds at most. */
  nEstimators: integer(100, { min: 1 }),
  /** Depth of a tree at most; 0 is no limit. */
  maxDepth: integer(6, { min: 0, max: 1 << 20 }),
  /** Leaves of a tree at most; 0 is no limit. */
  maxLeaves: integer(0, { min: 0 }),
  /** Bins of a numeric feature at most. */
  maxBin: integer(256, { min: 2, max: 65535 }),
  /** Whole levels, or always the node that gains most. */
  growPolicy: oneOf(['depthwise', 'lossguide']),
  /** Factor of every leaf. */
  learningRate: number(0.3, { above: 0 }),
  /** Only trees on histograms are grown. */
  treeMethod: oneOf(['hist', 'auto']),
  booster: oneOf(['gbtree']),
  /** Least gain of a split. */
  gamma: number(0, { min: 0 }),
  /** Least sum of hessians in a child. */
  minChildWeight: number(1, { min: 0 }),
  /** Largest leaf before the learning rate; 0 is no limit, null 0.7 for count:poisson and else 0. */
  maxDeltaStep: optional(number(0, { min: 0 })),
  /** Share of the rows that each tree learns from. */
  subsample: share(),
  /** Share of the features for each tree. */
  colsampleBytree: share(),
  /** Share of those for each level. */
  colsampleBylevel: share(),
  /** Share of those for each node. */
  colsampleBynode: share(),
  /** L1 penalty of leaves. */
  regAlpha: number(0, { min: 0 }),
  /** L2 penalty of leaves. */
  regLambda: number(1, { min: 0 }),
  /** Where predictions start, before the link: null estimates it. */
  baseScore: optional(number(0)),
  randomState: randomState(),
  /** A number that means missing, beside NaN and null. */
  missing: optional(number(0)),
  /** Sign of each feature's effect: a list in the order of the features, or by name. */
  monotoneConstraints: custom(
    null as Monotone | null,
    'null, a list of -1, 0 and 1, or an object of them by feature',
    (v) => v === null || (typeof v === 'object' && Object.values(v as object).every(isSign)),
  ),
  /** Groups of features that may stand on one path: by name or position. */
  interactionConstraints: optional(listOf(listOf(either('', text(), integer(0, { min: 0 }))))),
  /** What `featureImportances` means without a type. */
  importanceType: oneOf(['gain', 'weight', 'cover', 'total_gain', 'total_cover']),
  /** Metrics of the evaluation sets; null is the objective's own. The last one stops early. */
  evalMetric: optional(either('', text(), listOf(text(), [], { min: 1 }))),
  /** Stops after so many rounds without a better value; null never does. */
  earlyStoppingRounds: optional(integer(10, { min: 1 })),
  /** Whether text columns are features, split by category. */
  enableCategorical: flag(false),
  /** Fewer categories than this are split one against the others. */
  maxCatToOnehot: integer(4, { min: 1 }),
  /** Categories of a split at most. */
  maxCatThreshold: integer(64, { min: 1 }),
  /** What trains: our kernels, libxgboost through the native addon, or the latter where it is there. */
  engine: oneOf(['auto', 'wasm', 'libxgboost']),
};

export const CLASSIFIER_PARAMS = {
  /** null: binary:logistic for two classes, multi:softprob for more. */
  objective: optional(oneOf(['binary:logistic', 'binary:logitraw', 'binary:hinge', 'multi:softprob', 'multi:softmax'])),
  ...BOOST_PARAMS,
  /** Weight of the second of two classes. */
  scalePosWeight: number(1, { above: 0 }),
};

export const REGRESSOR_PARAMS = {
  objective: oneOf([
    'reg:squarederror',
    'reg:squaredlogerror',
    'reg:logistic',
    'reg:pseudohubererror',
    'reg:absoluteerror',
    'reg:quantileerror',
    'reg:gamma',
    'reg:tweedie',
    'count:poisson',
  ]),
  ...BOOST_PARAMS,
  scalePosWeight: number(1, { above: 0 }),
  /** Of reg:pseudohubererror. */
  huberSlope: number(1, { above: 0 }),
  /** Of reg:quantileerror. */
  quantileAlpha: number(0.5, { above: 0, below: 1 }),
  /** Of reg:tweedie. */
  tweedieVariancePower: number(1.5, { min: 1, below: 2 }),
};

export const RANKER_PARAMS = {
  objective: oneOf(['rank:ndcg', 'rank:pairwise']),
  ...BOOST_PARAMS,
  /** Pairs are made with so many of the best ranked rows of each query. */
  lambdarankNumPairPerSample: integer(32, { min: 1 }),
};

/** All parameters there are, for the parts that all estimators share. */
export type BoostParams = ParamsOf<typeof BOOST_PARAMS> & {
  readonly objective: string | null;
  readonly scalePosWeight?: number;
  readonly huberSlope?: number;
  readonly quantileAlpha?: number;
  readonly tweedieVariancePower?: number;
  readonly lambdarankNumPairPerSample?: number;
};

/** The metric of an objective when none is named. */
export const DEFAULT_METRIC: Readonly<Record<string, string>> = {
  'reg:squarederror': 'rmse',
  'reg:squaredlogerror': 'rmsle',
  'reg:logistic': 'rmse',
  'reg:pseudohubererror': 'mphe',
  'reg:absoluteerror': 'mae',
  'reg:quantileerror': 'quantile',
  'reg:gamma': 'gamma-deviance',
  'reg:tweedie': 'tweedie-nloglik@1.5',
  'count:poisson': 'poisson-nloglik',
  'binary:logistic': 'logloss',
  'binary:logitraw': 'logloss',
  'binary:hinge': 'error',
  'multi:softprob': 'mlogloss',
  'multi:softmax': 'mlogloss',
  'rank:ndcg': 'ndcg@32',
  'rank:pairwise': 'ndcg@32',
};

/** The metrics that a fit reports. */
export function metricsOf(params: BoostParams, objective: string): readonly string[] {
  const { evalMetric } = params;
  if (evalMetric !== null) return typeof evalMetric === 'string' ? [evalMetric] : (evalMetric as readonly string[]);
  if (objective === 'reg:tweedie') return [`tweedie-nloglik@${params.tweedieVariancePower ?? 1.5}`];
  if (objective.startsWith('rank:')) return [`ndcg@${params.lambdarankNumPairPerSample ?? 32}`];
  return [DEFAULT_METRIC[objective]!];
}

/** Positions of features given by name or position. */
function positionOf(estimator: string, parameter: string, names: readonly string[], feature: string | number): number {
  const at = typeof feature === 'number' ? feature : names.indexOf(feature);
  if (at >= 0 && at < names.length) return at;
  const near = typeof feature === 'string' ? suggest(feature, names) : null;
  throw new ParameterError(
    `The '${parameter}' parameter of ${estimator} names the feature ${JSON.stringify(feature)}, which is not there.${near === null ? '' : ` Did you mean '${near}'?`} Features: ${names.join(', ')}.`,
    { estimator, parameter },
  );
}

/** Signs in the order of the features; empty for none. */
export function monotoneSigns(estimator: string, params: BoostParams, names: readonly string[]): readonly number[] {
  const given = params.monotoneConstraints;
  if (given === null) return [];
  if (!Array.isArray(given)) {
    const signs = names.map(() => 0);
    for (const [name, sign] of Object.entries(given))
      signs[positionOf(estimator, 'monotoneConstraints', names, name)] = sign as number;
    return signs;
  }
  if (given.length !== names.length)
    throw new ParameterError(
      `The 'monotoneConstraints' parameter of ${estimator} must have a sign for each of the ${names.length} features. Got ${given.length}.`,
      { estimator, parameter: 'monotoneConstraints' },
    );
  return given;
}

/** Groups of positions; empty for no constraint. */
export function interactionGroups(
  estimator: string,
  params: BoostParams,
  names: readonly string[],
): readonly (readonly number[])[] {
  return (params.interactionConstraints ?? []).map((group) =>
    group.map((f) => positionOf(estimator, 'interactionConstraints', names, f as string | number)),
  );
}
