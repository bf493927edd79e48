import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../ts/errors.ts';
import { bindSelect, PER_GROUP, PER_ROW, PLAIN_ROW } from '../../ts/expr/bind.ts';
import { coalesce, col, corr, len, lit, when } from '../../ts/expr/builders.ts';
import { exprText } from '../../ts/expr/text.ts';
import { type AnyCallback, bind, schema, shown } from './support.ts';

describe('filter takes values of the row', () => {
  it('refuses aggregates', () => {
    expect(() => bind((c: any) => c.f64.gt(c.f64.mean()), PER_ROW, 'filter')).toThrow(ParameterError);
    expect(() => bind((c: any) => c.f64.gt(c.f64.mean()), PER_ROW, 'filter')).toThrow(
      /filter\(\) takes one value per row, but c\.f64\.mean\(\) is an aggregate. Add \.over\(keys\)/,
    );
  });
  it('takes windows', () => {
    expect(shown((c) => c.f64.gt(c.f64.mean().over(c.text)), PER_ROW)).toBe(
      'c.f64.gt(c.f64.mean().over(c.text)) :: Bool?',
    );
    expect(shown((c) => c.i32.rank().le(3), PER_ROW)).toBe('c.i32.rank().over([]).le(3) :: Bool');
  });
});

describe('keys are plain values of the row', () => {
  it('refuses windows', () => {
    expect(() => bind((c: any) => c.i32.rank(), PLAIN_ROW, 'groupBy')).toThrow(
      /groupBy\(\) takes one value per row, but c\.i32\.rank\(\) is a window .*withColumns\(\)/,
    );
    expect(() => bind((c: any) => c.i32.sum().over(c.text), PLAIN_ROW, 'groupBy')).toThrow(/is a window/);
  });
});

describe('agg takes one value per group', () => {
  it.each<[string, AnyCallback, string]>([
    ['an aggregate', (c) => c.i32.sum(), 'c.i32.sum() :: Int64'],
    [
      'a computation over aggregates',
      (c) => c.i32.sum().div(len()),
      'c.i32.sum().cast(Float64).div(len().cast(Float64)) :: Float64',
    ],
    ['a literal', () => lit(1), 'lit(1) :: Float64'],
    [
      'when over aggregates',
      (c) => when(len().gt(1)).then(c.i32.max()).otherwise(null),
      'when(len().gt(1)).then(c.i32.max()) :: Int32?',
    ],
    ['sugar', (c) => c.ok.any(), 'coalesce(c.ok.max(), false) :: Bool'],
    ['std', (c) => c.f64.std(), 'c.f64.var().sqrt() :: Float64?'],
    ['two arguments', (c) => corr(c.f64, c.i8), 'corr(c.f64, c.i8.cast(Float64)) :: Float64?'],
  ])('%s', (_name, item, expected) => {
    expect(shown(item, PER_GROUP)).toBe(expected);
  });
  it.each<[string, AnyCallback, RegExp]>([
    ['a column', (c) => c.i32, /agg\(\) takes one value per group, but c\.i32 is a value of the row/],
    [
      'a mixture',
      (c) => c.i32.sum().add(c.i64),
      /but c\.i64 is a value of the row. Use an aggregate such as c\.i64\.first\(\)/,
    ],
    ['a window', (c) => c.i32.shift(1), /is a window over many rows/],
    ['a window under an aggregate', (c) => c.i32.diff().mean(), /c\.i32\.shift\(1\) is a window/],
    ['over under an aggregate', (c) => c.i32.sum().over(c.text).max(), /c\.i32\.sum\(\)\.over\(c\.text\) is a window/],
  ])('refuses %s', (_name, item, message) => {
    expect(() => bind(item, PER_GROUP, 'agg')).toThrow(message);
  });
});

describe('nested aggregates', () => {
  it('are refused', () => {
    expect(() => bind((c: any) => c.i32.sum().mean())).toThrow(/nests the aggregate c\.i32\.sum\(\).*over\(keys\)/);
    expect(() => bind((c: any) => c.i32.sub(c.i32.mean()).max(), PER_GROUP)).toThrow(/nests the aggregate c\.i32/);
    expect(() => bind((c: any) => c.ok.any().mean())).toThrow(/nests the aggregate/);
  });
  it('are fine with over inside', () => {
    expect(shown((c) => c.i32.sum().over(c.text).max())).toBe('c.i32.sum().over(c.text).max().over([]) :: Int64?');
  });
});

describe('values per row', () => {
  it.each<[string, AnyCallback, string]>([
    [
      'a bare aggregate spreads over all rows',
      (c) => c.f64.sub(c.f64.mean()),
      'c.f64.sub(c.f64.mean().over([])) :: Float64?',
    ],
    ['a bare window has one partition', (c) => c.i32.cumSum(), 'c.i32.cast(Int64).cumSum().over([]) :: Int64'],
    [
      'over reaches the calls inside',
      (c) => c.f64.sub(c.f64.min()).div(c.f64.max().sub(c.f64.min())).over(c.text),
      'c.f64.sub(c.f64.min().over(c.text)).div(c.f64.max().over(c.text).sub(c.f64.min().over(c.text))) :: Float64?',
    ],
    [
      'a window of a window',
      (c) => c.i32.diff().cumMax().over(c.text),
      'c.i32.sub(c.i32.shift(1).over(c.text)).cumMax().over(c.text) :: Int32?',
    ],
    [
      'an aggregate of a window',
      (c) => c.i32.shift(1).max().over(c.text),
      'c.i32.shift(1).over(c.text).max().over(c.text) :: Int32?',
    ],
    [
      'order and several keys',
      (c) => c.i32.rank().over([c.text, c.ok], { orderBy: [c.ts, c.i8], descending: true, nullsFirst: true }),
      'c.i32.rank().over([c.text, c.ok], { orderBy: [c.ts, c.i8], descending: true, nullsFirst: true }) :: UInt32',
    ],
    [
      'over inside over',
      (c) => c.i32.sum().over(c.text).sub(c.i32.min()).over(c.ok),
      'c.i32.sum().over(c.text).sub(c.i32.min().over(c.ok).cast(Int64)) :: Int64?',
    ],
    ['a window as a key', (c) => len().over(c.i32.rank()), 'len().over(c.i32.rank().over([])) :: UInt32'],
  ])('%s', (_name, item, expected) => {
    expect(shown(item)).toBe(expected);
  });
  it.each<[string, AnyCallback, RegExp]>([
    [
      'over without anything to evaluate',
      (c) => c.i32.over(c.text),
      /over\(\) needs an aggregate or a window before it, but c\.i32/,
    ],
    ['over twice', (c) => c.i32.sum().over(c.text).over(c.ok), /has neither/],
    ['an aggregate as a key', (c) => len().over(c.i32.max()), /A key of over\(\) must be a value of the row/],
    [
      'a name as a key',
      () => len().over('text' as never),
      /over\(\) takes expressions but received "text". Write c\.text/,
    ],
  ])('refuses %s', (_name, item, message) => {
    expect(() => bind(item)).toThrow(message);
  });
});

describe('select', () => {
  const select = (items: Record<string, unknown>) => {
    const { exprs, aggregates } = bindSelect(
      Object.entries(items).map(([name, item]) => ({ name, item })),
      schema,
      'select',
    );
    return [aggregates, ...exprs.map((e) => exprText(e.expr))];
  };
  it('has one row when every expression is an aggregate', () => {
    expect(select({ a: (c: any) => c.i32.sum(), n: len(), k: lit(1) })).toEqual([
      true,
      'c.i32.sum()',
      'len()',
      'lit(1)',
    ]);
  });
  it('spreads aggregates beside row values', () => {
    expect(select({ a: (c: any) => c.i32.sum(), b: (c: any) => c.i8 })).toEqual([
      false,
      'c.i32.sum().over([])',
      'c.i8',
    ]);
  });
  it('keeps the rows for windows and for literals alone', () => {
    expect(select({ a: (c: any) => c.i32.sum().over(c.text) })).toEqual([false, 'c.i32.sum().over(c.text)']);
    expect(select({ a: lit(1) })).toEqual([false, 'lit(1)']);
  });
});

describe('sharing', () => {
  it('binds a shared part once', () => {
    const e: any = bind((c: any) => {
      const total = c.f64.mul(2);
      return total.add(total);
    });
    expect(e.args[0]).toBe(e.args[1]);
  });
  it('freezes every node', () => {
    const frozen = (e: any): boolean =>
      typeof e !== 'object' ||
      e === null ||
      ArrayBuffer.isView(e) ||
      (Object.isFrozen(e) && Object.values(e).every(frozen));
    const items: AnyCallback[] = [
      (c) =>
        when(c.ok)
          .then(c.i32.rank().over(c.text, { orderBy: c.ts }))
          .otherwise(0),
      (c) => coalesce(c.note, 'x').str.replace(/a/g, 'b'),
      (c) => c.i32.isIn([1, 2]).and(c.dec.add(1).gt(2)),
      (c) => c.ts.sub(c.day).dt.totalDays(),
      (c) => c.f64.fillNan(0).cast({ dtype: 'Int8' }, { strict: false }),
      () => col('i32').mean().over([]),
    ];
    for (const item of items) expect(frozen(bind(item))).toBe(true);
  });
});
