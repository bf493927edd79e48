// Registry rows: aggregates and windows.
import type { FamilyName, OptionRule, RegistryRow, ReturnRule } from './row-rules.ts';
import * as rule from './row-rules.ts';

type OptionRules = { readonly [name: string]: OptionRule };

const ROWS = 2 ** 31 - 1;
const ddof = rule.integer(0, ROWS, 1);
const rolling = {
  windowRows: rule.required(rule.integer(1, ROWS)),
  minPeriods: rule.integer(0, ROWS),
  center: rule.flag(false),
};

const aggregate = (
  args: readonly FamilyName[],
  returns: ReturnRule,
  spark: string | null,
  more: Partial<RegistryRow> = {},
): RegistryRow => ({ kind: 'agg', args, returns, nulls: 'skip', spark, ...more });
const statistic = (args: readonly FamilyName[], spark: string | null, options: OptionRules = {}): RegistryRow =>
  aggregate(args, rule.float64, spark, { options });
const count = (args: readonly FamilyName[], spark: string | null, nulls: 'skip' | 'never'): RegistryRow =>
  aggregate(args, rule.uint32, spark, { nulls, nullable: rule.neverNull });
const positionOf = (spark: string): RegistryRow =>
  aggregate(['any'], rule.same(), spark, { nulls: 'custom', nullable: rule.maybeNull });

const window = (
  args: readonly FamilyName[],
  options: OptionRules = {},
  more: Partial<RegistryRow> = {},
): RegistryRow => ({
  kind: 'window',
  args,
  returns: rule.same(),
  nulls: 'propagate',
  options,
  spark: null,
  ...more,
});
const roll = (family: FamilyName, options: OptionRules = rolling): RegistryRow =>
  window([family], options, { nulls: 'custom', nullable: rule.maybeNull });
const fill = window(['any'], { limit: rule.integerOrNull(1, ROWS) }, { nulls: 'custom', nullable: rule.nullableLike });

export const GROUP_ROWS = {
  sum: aggregate(['summable'], rule.widenedSum, 'sum', { nullable: rule.neverNull }),
  mean: statistic(['meanable'], 'avg'),
  var: statistic(['float64'], 'var_samp', { ddof }),
  min: aggregate(['ordered'], rule.same(), 'min'),
  max: aggregate(['ordered'], rule.same(), 'max'),
  quantile: {
    ...statistic(['float64'], 'percentile', {
      q: rule.number('a number from 0 to 1', (q) => q >= 0 && q <= 1),
      interpolation: rule.oneOf('linear', 'lower', 'higher', 'nearest', 'midpoint'),
    }),
    print: ({ q, ...options }) => ({
      args: [String(q), ...(options['interpolation'] === 'linear' ? [] : [rule.objectText(options)])],
    }),
  },
  skew: statistic(['float64'], 'skewness'),
  kurtosis: statistic(['float64'], 'kurtosis'),
  corr: { ...statistic(['float64', 'float64'], 'corr'), face: 'free' },
  cov: { ...statistic(['float64', 'float64'], 'covar_samp', { ddof }), face: 'free' },
  count: count(['any'], 'count', 'skip'),
  len: { ...count([], 'count', 'never'), face: 'free' },
  nUnique: count(['hashable'], null, 'never'),
  first: positionOf('first'),
  last: positionOf('last'),
  mode: aggregate(['hashable'], rule.same(), 'mode'),
  argMin: aggregate(['ordered'], rule.uint32, null),
  argMax: aggregate(['ordered'], rule.uint32, null),
  implode: aggregate(['any'], rule.listOf, 'collect_list', { nulls: 'never' }),

  cumSum: window(['running']),
  cumProd: window(['multipliable']),
  cumMin: window(['ordered']),
  cumMax: window(['ordered']),
  cumCount: window(['any'], {}, { returns: rule.uint32, nulls: 'never' }),
  shift: window(
    ['any', 'any'],
    { rows: rule.integer(-ROWS, ROWS, 1) },
    {
      optional: 1,
      unify: 'common',
      nulls: 'custom',
      nullable: (args) => args.length < 2 || args.some((a) => a.nullable),
      spark: 'lag',
      print: (o, args) =>
        args.length < 2
          ? { args: [String(o['rows'])] }
          : { args: [String(o['rows']), `{ fill: ${args[1]} }`], operands: 1 },
    },
  ),
  rank: window(
    ['ordered'],
    { method: rule.oneOf('min', 'max', 'dense', 'ordinal', 'average'), descending: rule.flag(false) },
    { returns: (_args, o) => (o['method'] === 'average' ? rule.FLOAT64 : rule.UINT32) },
  ),
  rollingSum: roll('running'),
  rollingMean: roll('float64'),
  rollingMin: roll('number'),
  rollingMax: roll('number'),
  rollingVar: roll('float64', { ...rolling, ddof }),
  rollingMedian: roll('float64'),
  ewmMean: window(['float64'], { alpha: rule.number('a number in (0, 1]', (a) => a > 0 && a <= 1) }),
  forwardFill: fill,
  backwardFill: fill,
  rowIndex: window([], { offset: rule.integer(0, ROWS, 0) }, { returns: rule.uint32, nulls: 'never', face: 'free' }),
  random: window(
    [],
    { seed: rule.required(rule.integer(0, 2 ** 32 - 1)) },
    { returns: rule.float64, nulls: 'never', face: 'free', spark: 'rand' },
  ),
} satisfies { readonly [name: string]: RegistryRow };
