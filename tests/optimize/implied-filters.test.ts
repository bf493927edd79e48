import { expect, test } from 'vitest';
import { Float64, Int32, Int64, nullable, Utf8 } from '../../ts/index.ts';
import { applyRule } from '../../ts/optimize/optimizer.ts';
import { impliedFilters } from '../../ts/optimize/rules/implied-filters.ts';
import { checkPlan } from '../../ts/plan/check.ts';
import { explainPlan } from '../../ts/plan/explain.ts';
import { planOf, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: nullable(Utf8), price: Float64, qty: Int32 });
const cities = scanOf('cities', { city: Utf8, country: Utf8, price: Float64 });
const thinned = (frame: Parameters<typeof planOf>[0]): string => {
  const plan = applyRule(impliedFilters, planOf(frame));
  checkPlan(plan);
  return explainPlan(plan);
};

test('each side is filtered by what every branch says about it', () => {
  const frame = sales.join(cities, { on: 'city' }).filter((c) =>
    c.qty
      .gt(5)
      .and(c.price_right.lt(1))
      .or(c.qty.lt(2).and(c.country.eq('Norway'))),
  );
  expect(thinned(frame)).toBe(text`
    FILTER c.qty.gt(5).and(c.price_right.lt(1)).or(c.qty.lt(2).and(c.country.eq('Norway')))
      JOIN inner on city (build right)
        FILTER c.qty.gt(5).or(c.qty.lt(2))
          SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
        FILTER c.price.lt(1).or(c.country.eq('Norway'))
          SCAN parquet cities.parquet, 1,000 rows: city, country, price
  `);
});

test('a branch that says nothing about a side leaves it alone', () => {
  const frame = sales
    .join(cities, { on: 'city' })
    .filter((c) => c.qty.gt(5).and(c.country.eq('Norway')).or(c.country.eq('Peru')));
  expect(thinned(frame)).toMatch(/^FILTER .*\n {2}JOIN .*\n {4}SCAN parquet sales.*\n {4}FILTER c\.country/);
});

test('a left join keeps its right side, and what may fail stays above', () => {
  const branches = sales.join(cities, { on: 'city', how: 'left' }).filter((c) =>
    c.qty
      .gt(5)
      .and(c.country.eq('x'))
      .or(c.qty.lt(2).and(c.country.eq('y'))),
  );
  expect(thinned(branches).match(/FILTER/g)).toHaveLength(2);
  const risky = sales.join(cities, { on: 'city' }).filter((c) =>
    c.city
      .cast(Int32)
      .gt(5)
      .and(c.country.eq('x'))
      .or(c.qty.lt(2).and(c.country.eq('y'))),
  );
  expect(thinned(risky)).toMatch(/^FILTER .*\n {2}JOIN .*\n {4}SCAN/);
});
