// Plans of every node: each is run by both engines over the same frames.
import { coalesce, col, len, lit, when } from '../../expr/builders.ts';
import { concat } from '../../frame/dataframe.ts';
import { Float64, Int32, Utf8 } from '../../schema/dtypes.ts';
import type { Frame, Frames } from './frames.ts';

export interface PlanCase {
  readonly group: string;
  readonly name: string;
  /** Whether rows have a promised order. */
  readonly ordered: boolean;
  readonly frame: (frames: Frames) => Frame;
}

type Made = readonly [name: string, frame: (frames: Frames) => Frame];
const inOrder = (group: string, cases: readonly Made[]): PlanCase[] =>
  cases.map(([name, frame]) => ({ group, name, ordered: true, frame }));
const inAnyOrder = (group: string, cases: readonly Made[]): PlanCase[] =>
  cases.map(([name, frame]) => ({ group, name, ordered: false, frame }));

const ROWS = inOrder('rows', [
  ['everything up and down', (f) => f.facts],
  ['odd values up and down', (f) => f.odd],
  ['no rows', (f) => f.facts.head(0)],
  ['one row', (f) => f.facts.slice(3, 1)],
  ['filter', (f) => f.facts.filter((c: any) => c.x.gt(100).and(c.s.isNotNull()))],
  ['filter by nothing', (f) => f.facts.filter((c: any) => c.x.gt(1e9))],
  ['filter by null', (f) => f.facts.filter((c: any) => c.ok)],
  ['slice', (f) => f.facts.slice(5, 70)],
  ['tail', (f) => f.facts.tail(33)],
  ['drop nulls', (f) => f.facts.dropNulls()],
  ['fill nulls', (f) => f.facts.fillNull({ few: 0, y: 0.5 })],
  ['row index', (f) => f.facts.withRowIndex('row')],
  ['sample', (f) => f.facts.sample({ fraction: 0.3, randomState: 5 })],
  ['null counts', (f) => f.facts.nullCount()],
  ['rename and drop', (f) => f.facts.rename({ x: 'value' }).drop('s', 'at')],
  ['concatenate', (f) => concat([f.facts.head(50), f.facts.tail(50), f.facts.head(0)])],
  ['concatenate others', (f) => concat([f.facts.select('id', 's'), f.keys.select('key', 'name')], { how: 'diagonal' })],
]);

const EXPRESSIONS = inOrder('expressions', [
  [
    'arithmetic',
    (f) =>
      f.facts.select({ a: (c: any) => c.x.mul(2).add(c.y), b: (c: any) => c.n.mod(7), d: (c: any) => c.n.floorDiv(3) }),
  ],
  [
    'odd floats',
    (f) =>
      f.odd.select({
        a: (c: any) => c.f.add(c.g),
        b: (c: any) => c.f.lt(c.g),
        d: (c: any) => c.f.eq(c.g),
        e: (c: any) => c.f.isNan(),
      }),
  ],
  [
    'conditions',
    (f) =>
      f.facts.select({
        a: when(col('x').gt(0)).then(col('y')).otherwise(col('few').cast(Float64)),
        b: coalesce(col('few'), lit(9)),
      } as never),
  ],
  [
    'texts',
    (f) =>
      f.facts.select({
        a: (c: any) => c.s.str.toUpperCase(),
        b: (c: any) => c.s.str.contains('o'),
        d: (c: any) => c.s.str.slice(1, 3),
        e: (c: any) => c.s.str.lenChars(),
      }),
  ],
  [
    'regular expressions',
    (f) =>
      f.facts.select({
        a: (c: any) => c.s.str.extract(/([a-z]+)(\d*)/, 2),
        b: (c: any) => c.s.str.replaceAll(/[0-9]/, '#'),
      }),
  ],
  [
    'calendar',
    (f) =>
      f.facts.select({
        a: (c: any) => c.at.dt.year(),
        b: (c: any) => c.at.dt.truncate('1mo'),
        d: (c: any) => c.day.dt.weekday(),
        e: (c: any) => c.at.dt.format('%Y-%m-%d %H:%M'),
      }),
  ],
  ['zones', (f) => f.facts.select({ a: (c: any) => c.at.dt.convertTimeZone('Europe/Berlin').dt.hour() })],
  [
    'casts',
    (f) =>
      f.facts.select({
        a: (c: any) => c.x.cast(Int32),
        b: (c: any) => c.few.cast(Utf8),
        d: (c: any) => c.n.cast(Float64),
      }),
  ],
  [
    'decimals',
    (f) =>
      f.odd.select({
        a: (c: any) => c.money.add(c.money),
        b: (c: any) => c.money.mul(c.money),
        d: (c: any) => c.money.neg().abs(),
      }),
  ],
  ['membership', (f) => f.facts.filter((c: any) => c.c.isIn(['Oslo', 'Rome']).and(c.few.isIn([1, 3, 5])))],
  ['a cast that fails', (f) => f.facts.select({ a: (c: any) => c.s.cast(Int32) })],
  ['an overflow', (f) => f.facts.select({ a: (c: any) => c.n.mul(9_000_000_000_000).sum() })],
]);

const AGGREGATES: Made[] = [
  [
    'by one key',
    (f) =>
      f.facts
        .groupBy('key')
        .agg({ n: len(), sum: (c: any) => c.x.sum(), least: (c: any) => c.y.min(), most: (c: any) => c.n.max() }),
  ],
  [
    'by a key with nulls',
    (f) =>
      f.facts
        .groupBy('few')
        .agg({ n: len(), mean: (c: any) => c.y.mean(), var: (c: any) => c.x.var(), words: (c: any) => c.s.nUnique() }),
  ],
  [
    'by text',
    (f) => f.facts.groupBy('s').agg({ n: len(), count: (c: any) => c.y.count(), sum: (c: any) => c.n.sum() }),
  ],
  [
    'by several keys',
    (f) =>
      f.facts
        .groupBy('few', 'c', 'ok')
        .agg({ n: len(), first: (c: any) => c.id.first(), last: (c: any) => c.id.last() }),
  ],
  [
    'by odd floats',
    (f) => f.odd.groupBy('f').agg({ n: len(), least: (c: any) => c.g.min(), most: (c: any) => c.g.max() }),
  ],
  [
    'quantiles',
    (f) =>
      f.facts
        .groupBy('few')
        .agg({ median: (c: any) => c.x.median(), q: (c: any) => c.x.quantile(0.9), skew: (c: any) => c.x.skew() }),
  ],
  [
    'places',
    (f) =>
      f.facts
        .groupBy('key')
        .agg({ least: (c: any) => c.x.argMin(), most: (c: any) => c.x.argMax(), mode: (c: any) => c.few.mode() }),
  ],
  [
    'with a filter before and after',
    (f) =>
      f.facts
        .filter((c: any) => c.x.gt(0))
        .groupBy('key')
        .agg({ sum: (c: any) => c.y.sum() })
        .filter((c: any) => c.sum.gt(5)),
  ],
  ['unique', (f) => f.facts.select('few', 'c').unique()],
  ['value counts', (f) => f.facts.valueCounts('c')],
];
const WHOLE: Made[] = [
  [
    'all rows',
    (f) =>
      f.facts.select({
        n: len(),
        sum: (c: any) => c.x.sum(),
        mean: (c: any) => c.y.mean(),
        nulls: (c: any) => c.s.isNull().sum(),
      }),
  ],
  ['no rows', (f) => f.facts.head(0).select({ n: len(), sum: (c: any) => c.x.sum(), mean: (c: any) => c.y.mean() })],
  ['correlation', (f) => f.facts.select({ r: (c: any) => c.x.mul(c.x).add(c.key).mean(), sd: (c: any) => c.x.std() })],
  ['in the order of the keys', (f) => f.facts.groupBy('few').agg({ n: len() }, { maintainOrder: true })],
  [
    'a list a group',
    (f) =>
      f.facts
        .groupBy('few')
        .agg({ ids: (c: any) => c.id.implode() })
        .sort('few'),
  ],
];

const JOINS: Made[] = [
  ...(['inner', 'left', 'right', 'full', 'semi', 'anti'] as const).map(
    (how): Made => [how, (f) => f.facts.join(f.keys, { on: 'key', how })],
  ),
  [
    'cross',
    (f) =>
      f.facts
        .head(20)
        .select('id')
        .join(f.keys.head(9), { how: 'cross' } as never),
  ],
  ['by keys with nulls', (f) => f.facts.select('id', 'few').join(f.facts.head(40).select('few', 'x'), { on: 'few' })],
  [
    'null equal to null',
    (f) =>
      f.facts.head(300).select('id', 'few').join(f.facts.head(40).select('few', 'x'), { on: 'few', nullsEqual: true }),
  ],
  ['by text', (f) => f.keys.join(f.keys.rename({ weight: 'other' }), { on: 'name' })],
  ['with nobody', (f) => f.facts.join(f.keys.head(0), { on: 'key', how: 'left' })],
  [
    'then grouped',
    (f) =>
      f.facts
        .join(f.keys, { on: 'key' })
        .groupBy('name')
        .agg({ sum: (c: any) => c.x.mul(c.weight).sum() }),
  ],
];

const SORTS = inOrder('sorts', [
  ['by one key, stable', (f) => f.facts.sort('few')],
  ['descending', (f) => f.facts.sort({ by: 'x', descending: true })],
  ['several keys', (f) => f.facts.sort('c', { by: 'few', descending: true }, 'y')],
  ['odd floats', (f) => f.odd.sort('f', 'g', 'i')],
  ['nulls last', (f) => f.odd.sort({ by: 'g', nullsFirst: false })],
  ['text', (f) => f.facts.sort('s', 'id')],
  ['the first of them', (f) => f.facts.sort({ by: 'x', descending: true }, 'id').head(17)],
  ['the largest', (f) => f.facts.select('x', 'id').sort('x', 'id').tail(9)],
]);

const WINDOWS = inOrder('windows', [
  ['sums so far', (f) => f.facts.select('id', { a: (c: any) => c.n.cumSum(), b: (c: any) => c.x.cumMax() })],
  [
    'over groups',
    (f) => f.facts.select('id', { a: (c: any) => c.x.sum().over(c.few), b: (c: any) => c.x.rank().over(c.few) }),
  ],
  [
    'over groups, in an order',
    (f) => f.facts.select('id', { a: (c: any) => c.n.cumSum().over(c.c, { orderBy: c.id }) }),
  ],
  [
    'neighbours',
    (f) =>
      f.facts.select('id', { a: (c: any) => c.x.shift(1), b: (c: any) => c.y.shift(-3), d: (c: any) => c.x.diff() }),
  ],
  [
    'ranks',
    (f) =>
      f.odd.select('i', {
        a: (c: any) => c.f.rank(),
        b: (c: any) => c.g.rank({ method: 'dense' }),
        d: (c: any) => c.s.rank({ method: 'min' }),
      }),
  ],
  [
    'rolling',
    (f) =>
      f.facts.select('id', {
        a: (c: any) => c.x.rollingMean({ windowRows: 5 }),
        b: (c: any) => c.y.rollingMax({ windowRows: 9, minPeriods: 2 }),
      }),
  ],
  ['filled', (f) => f.facts.select('id', { a: (c: any) => c.y.forwardFill(), b: (c: any) => c.s.backwardFill() })],
]);

/** All plans. */
export const PLAN_CASES: readonly PlanCase[] = [
  ...ROWS,
  ...EXPRESSIONS,
  ...inAnyOrder('aggregates', AGGREGATES),
  ...inOrder('aggregates', WHOLE),
  ...inAnyOrder('joins', JOINS),
  ...SORTS,
  ...WINDOWS,
];
