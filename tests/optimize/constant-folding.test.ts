import { expect, test } from 'vitest';
import { Bool, coalesce, Float64, Int64, lit, nullable, Utf8, when } from '../../ts/index.ts';
import { constantFolding } from '../../ts/optimize/rules/constant-folding.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: nullable(Utf8), price: Float64, ok: nullable(Bool) });
const folded = (frame: Parameters<typeof ruleText>[1]): string => ruleText(constantFolding, frame);

test('logic over constants', () => {
  expect(folded(sales.filter((c) => c.ok.and(true)))).toMatch(/^FILTER c\.ok\n/);
  expect(folded(sales.filter((c) => c.ok.or(false)))).toMatch(/^FILTER c\.ok\n/);
  expect(folded(sales.filter((c) => c.ok.or(true)))).toMatch(/^SCAN/);
  expect(folded(sales.filter((c) => c.ok.and(lit(1).gt(2))))).toMatch(/^HEAD 0\n {2}SCAN/);
});

test('tests for null of what cannot be null', () => {
  expect(folded(sales.filter((c) => c.id.isNotNull()))).toMatch(/^SCAN/);
  expect(folded(sales.filter((c) => c.city.isNotNull()))).toMatch(/^FILTER/);
  expect(folded(sales.select({ x: (c) => coalesce(c.price, c.price.add(1)) }))).toMatch('x = c.price\n');
});

test('branches that are always or never taken', () => {
  const frame = sales.select({
    a: (c) => when(lit(true)).then(c.price).otherwise(0),
    b: (c) => when(lit(false)).then(c.price).otherwise(0),
    d: (c) => when(lit(false)).then(1).when(c.ok).then(c.price).otherwise(0),
  });
  expect(folded(frame)).toBe(text`
    PROJECT a = c.price, b = lit(0), d = when(c.ok).then(c.price).otherwise(0)
      SCAN parquet sales.parquet, 1,000 rows: id, city, price, ok
  `);
});

test('arithmetic and comparisons of numbers, NaN above all', () => {
  const frame = sales.select('id', {
    a: () => lit(2).mul(3).add(lit(1)).div(2),
    b: () => lit(Number.NaN).gt(Number.POSITIVE_INFINITY),
    c: () => lit(Number.NaN).eq(Number.NaN),
  });
  expect(folded(frame)).toMatch('PROJECT id, a = lit(3.5), b = lit(true), c = lit(true)');
});

test('aggregates stay', () => {
  expect(folded(sales.nullCount())).toMatch('price = lit(false).sum()');
});
