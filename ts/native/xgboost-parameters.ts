// XGBoost's parameters as libxgboost takes them: it ignores a name it does not know, so names are checked here.
import { ParameterError } from '../errors.ts';
import { suggest } from '../util/suggest.ts';

/** A parameter's value; a list where XGBoost takes several (`eval_metric`, `monotone_constraints`, …). */
export type XgboostValue = string | number | boolean | readonly (string | number | readonly (string | number)[])[];
/** Parameters under XGBoost's own names. */
export type XgboostParams = { readonly [name: string]: XgboostValue };

/** Every parameter that libxgboost 3.4 takes for training on the CPU, aliases included. */
export const XGBOOST_PARAMETERS: readonly string[] = [
  ...['booster', 'device', 'nthread', 'n_jobs', 'seed', 'random_state', 'seed_per_iteration', 'verbosity'],
  ...[
    'disable_default_eval_metric',
    'objective',
    'base_score',
    'eval_metric',
    'num_class',
    'num_target',
    'boost_from_average',
  ],
  // trees
  ...['eta', 'learning_rate', 'gamma', 'min_split_loss', 'max_depth', 'max_leaves', 'min_child_weight'],
  ...['max_delta_step', 'subsample', 'sampling_method', 'colsample_bytree', 'colsample_bylevel', 'colsample_bynode'],
  ...['lambda', 'reg_lambda', 'alpha', 'reg_alpha', 'tree_method', 'scale_pos_weight', 'updater', 'refresh_leaf'],
  ...['process_type', 'grow_policy', 'max_bin', 'num_parallel_tree', 'monotone_constraints', 'interaction_constraints'],
  ...['multi_strategy', 'max_cat_to_onehot', 'max_cat_threshold', 'max_cached_hist_node', 'sparse_threshold'],
  ...['debug_synchronize'],
  // dart
  ...['sample_type', 'normalize_type', 'rate_drop', 'one_drop', 'skip_drop'],
  // gblinear
  ...['feature_selector', 'top_k', 'tolerance'],
  // objectives
  ...['tweedie_variance_power', 'huber_slope', 'quantile_alpha', 'expectile_alpha'],
  ...['aft_loss_distribution', 'aft_loss_distribution_scale'],
  ...['lambdarank_pair_method', 'lambdarank_num_pair_per_sample', 'lambdarank_normalization'],
  ...['lambdarank_score_normalization', 'lambdarank_unbiased', 'lambdarank_bias_norm', 'ndcg_exp_gain'],
];
const KNOWN = new Set(XGBOOST_PARAMETERS);
const MAX_CLASSES = 1 << 20;

function refuse(name: string, what: string): never {
  throw new ParameterError(`${what}`, { parameter: name });
}

function textOf(name: string, value: XgboostValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && !Number.isNaN(value)) return String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value))
    // Python's own form of a tuple for the constraints on signs, JSON for the rest.
    return name === 'monotone_constraints' ? `(${value.join(',')})` : JSON.stringify(value);
  return refuse(
    name,
    `The '${name}' parameter of XGBoost must be a text, number, boolean or list. Got ${String(value)}.`,
  );
}

/**
 * Parameters as pairs of texts.
 * @throws {ERR_PARAMETER} for a name that libxgboost does not know
 * @throws {ERR_UNSUPPORTED} for a device other than the CPU: libxgboost would train on the CPU and only print a line
 */
export function parameterPairs(params: XgboostParams): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(params)) {
    if (!KNOWN.has(name)) {
      const near = suggest(name, KNOWN);
      refuse(name, `Unknown parameter '${name}' of XGBoost.${near === null ? '' : ` Did you mean '${near}'?`}`);
    }
    if (name === 'device' && value !== 'cpu')
      refuse(name, `The 'device' parameter of XGBoost must be 'cpu' in this build. Got ${JSON.stringify(value)}.`);
    // More would only ask libxgboost for more memory than there is.
    if (name === 'num_class' && !(Number(value) <= MAX_CLASSES))
      refuse(name, `The 'num_class' parameter of XGBoost must be a number up to ${MAX_CLASSES}. Got ${String(value)}.`);
    if ((name === 'tree_method' || name === 'updater') && typeof value === 'string' && /gpu|sycl/.test(value))
      refuse(name, `The '${name}' parameter of XGBoost must name a CPU method in this build. Got '${value}'.`);
    if (name === 'eval_metric' && Array.isArray(value)) for (const metric of value) pairs.push([name, String(metric)]);
    else pairs.push([name, textOf(name, value)]);
  }
  return pairs;
}

/** Whether training bins its data once, while it reads it: what `hist` does, and no other method can use. */
export function usesQuantileMatrix(params: XgboostParams): boolean {
  const method = params.tree_method ?? 'auto';
  return (method === 'auto' || method === 'hist') && params.booster !== 'gblinear';
}
