// Registry rows: aggregates and windows.

import type { FamilyName, OptionRule, RegistryRow } from './row-rules.ts';
import * as rule from './row-rules.ts';

const ROWS = 2 ** 31 - 1;
const rolling = {
  windowRows: rule.integer(1, ROWS),
  minPeriods: rule.integer(0, ROWS),
  center: rule.flag(false),
};
const ddof = rule.integer(0, ROWS, 1);
const statistic = (
  args: readonly FamilyName[],
  spark: string | null,
  options: { readonly [name: string]: OptionRule } = {},
): RegistryRow => ({ kind: 'agg', args, returns: rule.float64, nulls: 'skip', spark, options });
const pick = (family: FamilyName, spark: string | null): RegistryRow => ({
  kind: 'agg',
  args: [family],
  returns: rule.same(),
  nulls: 'skip',
  spark,
});
const window = (
  family: FamilyName,
  nulls: 'propagate' | 'custom',
  options: { readonly [name: string]: OptionRule } = {},
): RegistryRow => ({
  kind: 'window',
  args: [family],
  returns: rule.same(),
  nulls,
  ...(nulls === 'custom' ? { nullable: rule.maybeNull } : {}),
  spark: null,
  options,
});

export const GROUP_ROWS = {
  sum: {
    kind: 'agg',
    args: ['summable'],
    returns: rule.widenedSum,
    nulls: 'skip',
    nullable: rule.neverNull,
    spark: 'sum',
  },
  mean: statistic(['meanable'], 'avg'),
  var: statistic(['float64'], 'var_samp', { ddof }),
  min: pick('ordered', 'min'),
  max: pick('ordered', 'max'),
  quantile: statistic(['float64'], 'percentile', {
    q: rule.number('a number from 0 to 1', (q) => q >= 0 && q <= 1),
    interpolation: rule.oneOf('linear', 'lower', 'higher', 'nearest', 'midpoint'),
  }),
  skew: statistic(['float64'], 'skewness'),
  kurtosis: statistic(['float64'], 'kurtosis'),
  corr: statistic(['float64', 'float64'], 'corr'),
  cov: statistic(['float64', 'float64'], 'covar_samp', { ddof }),
  count: { kind: 'agg', args: ['any'], returns: rule.uint32, nulls: 'skip', nullable: rule.neverNull, spark: 'count' },
  len: { kind: 'agg', args: [], returns: rule.uint32, nulls: 'never', spark: 'count' },
  nUnique: { kind: 'agg', args: ['hashable'], returns: rule.uint32, nulls: 'never', spark: null },
  first: {
    kind: 'agg',
    args: ['any'],
    returns: rule.same(),
    nulls: 'custom',
    nullable: rule.maybeNull,
    spark: 'first',
  },
  last: { kind: 'agg', args: ['any'], returns: rule.same(), nulls: 'custom', nullable: rule.maybeNull, spark: 'last' },
  mode: pick('hashable', 'mode'),
  argMin: { ...pick('ordered', null), returns: rule.uint32 },
  argMax: { ...pick('ordered', null), returns: rule.uint32 },
  implode: { kind: 'agg', args: ['any'], returns: rule.listOf, nulls: 'never', spark: 'collect_list' },

  cumSum: window('running', 'propagate'),
  cumProd: window('multipliable', 'propagate'),
  cumMin: window('ordered', 'propagate'),
  cumMax: window('ordered', 'propagate'),
  cumCount: { kind: 'window', args: ['any'], returns: rule.uint32, nulls: 'never', spark: null },
  shift: {
    kind: 'window',
    args: ['any', 'any'],
    optional: 1,
    unify: 'common',
    returns: rule.same(),
    nulls: 'custom',
    nullable: (args) => args.length < 2 || args.some((a) => a.nullable),
    options: { rows: rule.integer(-ROWS, ROWS, 1) },
    spark: 'lag',
  },
  rank: {
    ...window('ordered', 'propagate', {
      method: rule.oneOf('min', 'max', 'dense', 'ordinal', 'average'),
      descending: rule.flag(false),
    }),
    returns: (_args, o) => (o['method'] === 'average' ? rule.FLOAT64 : rule.UINT32),
  },
  rollingSum: window('running', 'custom', rolling),
  rollingMean: window('float64', 'custom', rolling),
  rollingMin: window('number', 'custom', rolling),
  rollingMax: window('number', 'custom', rolling),
  rollingVar: window('float64', 'custom', { ...rolling, ddof }),
  rollingMedian: window('float64', 'custom', rolling),
  ewmMean: window('float64', 'propagate', { alpha: rule.number('a number in (0, 1]', (a) => a > 0 && a <= 1) }),
  forwardFill: {
    ...window('any', 'propagate', { limit: rule.integerOrNull(1, ROWS) }),
    nulls: 'custom',
    nullable: rule.nullableLike,
  },
  backwardFill: {
    ...window('any', 'propagate', { limit: rule.integerOrNull(1, ROWS) }),
    nulls: 'custom',
    nullable: rule.nullableLike,
  },
  rowIndex: {
    kind: 'window',
    args: [],
    returns: rule.uint32,
    nulls: 'never',
    options: { offset: rule.integer(0, ROWS, 0) },
    spark: null,
  },
  random: {
    kind: 'window',
    args: [],
    returns: rule.float64,
    nulls: 'never',
    options: { seed: rule.integer(0, 2 ** 32 - 1) },
    spark: 'rand',
  },
} satisfies { readonly [name: string]: RegistryRow };
