// Registry rows: arithmetic, maths, comparison, logic, null handling.
import type { FamilyName, RegistryRow, ReturnRule } from './row-rules.ts';
import * as rule from './row-rules.ts';

const elementwise = (
  args: readonly FamilyName[],
  returns: ReturnRule,
  spark: string | null,
  more: Partial<RegistryRow> = {},
): RegistryRow => ({ kind: 'elementwise', args, returns, nulls: 'propagate', spark, ...more });
const maths = (spark: string, more: Partial<RegistryRow> = {}): RegistryRow =>
  elementwise(['float'], rule.same(), spark, more);
const compare = (spark: string): RegistryRow =>
  elementwise(['ordered', 'ordered'], rule.bool, spark, { unify: 'common' });
const logic = (spark: string | null): RegistryRow => elementwise(['bool', 'bool'], rule.bool, spark);
const common = { unify: 'common' } as const;
const byZeroNull = { ...common, nulls: 'custom', nullable: rule.maybeNull } as const;

export const VALUE_ROWS = {
  add: elementwise(['addable', 'addable'], rule.same(), 'add', common),
  sub: elementwise(['addable', 'addable'], rule.differenceOf, 'subtract', common),
  mul: elementwise(['number', 'number'], rule.productOf, 'multiply', common),
  div: elementwise(['float64', 'float64'], rule.float64, null),
  floorDiv: elementwise(['number', 'number'], rule.wholeOf, null, byZeroNull),
  mod: elementwise(['number', 'number'], rule.same(), null, byZeroNull),
  pow: elementwise(['float64', 'float64'], rule.float64, 'pow'),
  neg: elementwise(['signable'], rule.same(), 'negative'),
  abs: elementwise(['signable'], rule.same(), 'abs'),
  sign: elementwise(['signed'], rule.same(), 'signum'),
  round: elementwise(['roundable'], rule.same(), 'round', {
    options: { decimals: rule.integer(-400, 400, 0) },
    print: (o) => ({ args: o['decimals'] === 0 ? [] : [String(o['decimals'])] }),
  }),
  floor: elementwise(['roundable'], rule.same(), 'floor'),
  ceil: elementwise(['roundable'], rule.same(), 'ceil'),
  clipMin: elementwise(['number', 'number'], rule.same(), null, common),
  clipMax: elementwise(['number', 'number'], rule.same(), null, common),
  sqrt: maths('sqrt'),
  exp: maths('exp'),
  log: maths('log', {
    options: {
      base: rule.orNull(rule.number('a positive number other than 1', (n) => n > 0 && n !== 1 && n < Infinity)),
    },
    print: rule.positional('base'),
  }),
  log1p: maths('log1p'),
  sin: maths('sin'),
  cos: maths('cos'),
  tan: maths('tan'),
  asin: maths('asin'),
  acos: maths('acos'),
  atan: maths('atan'),
  isNan: elementwise(['float'], rule.bool, 'isnan'),
  isFinite: elementwise(['float'], rule.bool, null),

  eq: compare('='),
  ne: compare('!='),
  lt: compare('<'),
  le: compare('<='),
  gt: compare('>'),
  ge: compare('>='),
  eqMissing: { ...compare('<=>'), nulls: 'never' },
  isIn: elementwise(['ordered', 'ordered'], rule.bool, 'in', {
    nulls: 'custom',
    nullable: (args) => args[0]?.nullable ?? false,
  }),
  lookup: elementwise(['ordered', 'ordered', 'float64'], rule.float64, null, {
    nulls: 'custom',
    nullable: (args, options) => options['column'] === null || (args[0]?.nullable ?? false),
    options: { column: rule.stringOrNull, shown: rule.stringOrNull },
    face: 'free',
  }),
  affine: elementwise(['float64'], rule.structOfFloat64, null, {
    variadic: true,
    nulls: 'never',
    options: {
      names: rule.internal,
      coef: rule.internal,
      intercept: rule.internal,
      model: rule.stringOrNull,
      columns: rule.internal,
    },
    print: (_, operands) => ({ args: operands.slice(1) }),
    face: 'free',
  }),
  and: logic('and'),
  or: logic('or'),
  xor: logic(null),
  not: elementwise(['bool'], rule.bool, 'not'),
  isNull: elementwise(['any'], rule.bool, 'isnull', { nulls: 'never' }),
  isNotNull: elementwise(['any'], rule.bool, 'isnotnull', { nulls: 'never' }),
  coalesce: elementwise(['any', 'any'], rule.same(), 'coalesce', {
    ...common,
    variadic: true,
    nulls: 'custom',
    nullable: (args) => args.every((a) => a.nullable),
    face: 'free',
  }),
  hash: elementwise(['hashable'], rule.always(rule.UINT64), null, {
    nulls: 'never',
    options: { seed: rule.string },
    print: (o) => ({ args: o['seed'] === '0' ? [] : [`{ seed: ${o['seed']}n }`] }),
  }),
} satisfies { readonly [name: string]: RegistryRow };
