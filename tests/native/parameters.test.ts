// The list of parameters is libxgboost's: each is used in some training, and what is not on it is used in none.
import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../ts/native/load.ts';
import { openXgboost } from '../../ts/native/xgboost.ts';
import { parameterPairs, usesQuantileMatrix, XGBOOST_PARAMETERS } from '../../ts/native/xgboost-parameters.ts';
import { libraryFile, shared, skipReason } from './support.ts';

const N = 40;
const x = shared(Array.from({ length: N }, (_, i) => Math.sin(i)));
const counts = Float32Array.from({ length: N }, (_, i) => 1 + (i % 2));

/** Trainings that between them use every parameter. */
const SETUPS: readonly (readonly [
  Record<string, string>,
  { label?: Float32Array; bounds?: true; groups?: true; width?: number }?,
])[] = [
  [{ objective: 'reg:squarederror', tree_method: 'hist' }],
  [{ objective: 'reg:squarederror', tree_method: 'approx' }],
  [{ objective: 'reg:squarederror', tree_method: 'exact' }],
  [{ objective: 'reg:squarederror', updater: 'refresh', process_type: 'default' }],
  [{ objective: 'reg:squarederror', booster: 'dart' }],
  [{ objective: 'reg:squarederror', booster: 'gblinear', updater: 'coord_descent' }],
  [{ objective: 'reg:pseudohubererror' }],
  [{ objective: 'reg:quantileerror', quantile_alpha: '0.5' }],
  [{ objective: 'reg:expectileerror', expectile_alpha: '0.5' }],
  [{ objective: 'reg:tweedie' }],
  [{ objective: 'count:poisson' }],
  [{ objective: 'multi:softprob', num_class: '3' }],
  [{ objective: 'survival:aft' }, { bounds: true }],
  [{ objective: 'rank:ndcg' }, { groups: true }],
];
/** A value other than a number in 0 to 1. */
const VALUES: Readonly<Record<string, string>> = {
  ...{ booster: 'gbtree', device: 'cpu', objective: 'reg:squarederror', eval_metric: 'rmse', tree_method: 'hist' },
  ...{
    updater: 'grow_quantile_histmaker',
    process_type: 'default',
    grow_policy: 'depthwise',
    sampling_method: 'uniform',
  },
  ...{ monotone_constraints: '(1)', interaction_constraints: '[[0]]', multi_strategy: 'one_output_per_tree' },
  ...{ sample_type: 'uniform', normalize_type: 'tree', feature_selector: 'cyclic', aft_loss_distribution: 'normal' },
  ...{ lambdarank_pair_method: 'mean', num_class: '3', max_bin: '16', num_parallel_tree: '1', quantile_alpha: '0.5' },
  ...{ expectile_alpha: '0.5', max_cached_hist_node: '64', tweedie_variance_power: '1.5', base_score: '0.5' },
};

describe.skipIf(skipReason)('parameters', () => {
  /** Whether XGBoost uses the parameter in this training; null when it refuses the training altogether. */
  async function isUsed(
    name: string,
    value: string,
    [params, data = {}]: (typeof SETUPS)[number],
  ): Promise<boolean | null> {
    await openXgboost({ library: libraryFile });
    const { addon } = loadAddon().found!;
    const info = [
      { field: 'label', data: counts },
      ...(data.bounds ? ['label_lower_bound', 'label_upper_bound'].map((field) => ({ field, data: counts })) : []),
      ...(data.groups ? [{ field: 'group', data: Uint32Array.of(N) }] : []),
    ];
    const merged = { ...params, [name]: value };
    const { booster } = (await addon.invoke('xgboost.create', {
      train: [{ rows: N, columns: [{ data: x }], info }],
      parameters: [...Object.entries(merged), ['validate_parameters', '1']],
      quantile: usesQuantileMatrix(merged) && (merged as { tree_method?: string }).tree_method !== 'exact',
      threads: 1,
    })) as { booster: number };
    try {
      const { warnings } = (await addon.invoke('xgboost.step', { booster })) as { warnings: string[] };
      return !warnings.some((w) => w.includes('are not used') && w.includes(`"${name}"`));
    } catch {
      return null;
    } finally {
      addon.release(booster);
    }
  }

  test('each is used in some training', async () => {
    const unused: string[] = [];
    for (const name of XGBOOST_PARAMETERS) {
      let used = false;
      for (const setup of SETUPS) used ||= (await isUsed(name, VALUES[name] ?? '1', setup)) === true;
      if (!used) unused.push(name);
    }
    expect(unused).toEqual([]);
  });

  test('others are used in none', async () => {
    for (const name of [
      'max_dept',
      'n_estimators',
      'early_stopping_rounds',
      'gpu_id',
      'predictor',
      'silent',
      'enable_categorical',
    ])
      for (const setup of SETUPS) {
        expect(await isUsed(name, '1', setup), name).not.toBe(true);
        expect(() => parameterPairs({ [name]: 1 })).toThrow(/Unknown parameter/);
      }
  });
});

test('values become XGBoost’s texts', () => {
  expect(
    parameterPairs({
      eta: 0.1,
      max_depth: 3,
      one_drop: true,
      eval_metric: ['auc', 'ndcg@3'],
      monotone_constraints: [1, -1, 0],
      interaction_constraints: [[0, 1], [2]],
      quantile_alpha: [0.1, 0.9],
    }),
  ).toEqual([
    ['eta', '0.1'],
    ['max_depth', '3'],
    ['one_drop', '1'],
    ['eval_metric', 'auc'],
    ['eval_metric', 'ndcg@3'],
    ['monotone_constraints', '(1,-1,0)'],
    ['interaction_constraints', '[[0,1],[2]]'],
    ['quantile_alpha', '[0.1,0.9]'],
  ]);
});
