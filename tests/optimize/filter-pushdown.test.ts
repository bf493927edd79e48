import { describe, expect, test } from 'vitest';
import { concat, Float64, Int32, Int64, lit, nullable, Utf8 } from '../../ts/index.ts';
import { filterPushdown } from '../../ts/optimize/rules/filter-pushdown.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: nullable(Utf8), price: Float64, qty: Int32 });
const cities = scanOf('cities', { city: Utf8, country: Utf8, price: Float64 });
const pushed = (frame: Parameters<typeof ruleText>[1]): string => ruleText(filterPushdown, frame);

describe('filter pushdown', () => {
  test('tells a scan and stays above it', () => {
    expect(pushed(sales.filter((c) => c.price.gt(1)))).toBe(text`
      FILTER c.price.gt(1)
        SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.price.gt(1)
    `);
  });

  test('merges neighbours, and tells the scan all of it', () => {
    expect(pushed(sales.filter((c) => c.price.gt(1)).filter((c) => c.qty.lt(5)))).toBe(text`
      FILTER c.price.gt(1).and(c.qty.lt(5))
        SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.price.gt(1).and(c.qty.lt(5))
    `);
  });

  test('keeps a predicate that may fail above the filter that protects it', () => {
    const safe = sales.filter((c) => c.city.str.startsWith('1')).filter((c) => c.city.cast(Int32).gt(1));
    expect(pushed(safe)).toBe(text`
      FILTER c.city.cast(Int32).gt(1)
        FILTER c.city.str.startsWith('1')
          SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.city.str.startsWith('1')
    `);
  });

  test('passes columns that a projection keeps or renames, not computed ones', () => {
    const frame = sales
      .select('id', { where: (c) => c.city, total: (c) => c.price.mul(c.qty) })
      .filter((c) => c.where.eq('Oslo').and(c.total.gt(3)).and(c.id.lt(9)));
    expect(pushed(frame)).toBe(text`
      FILTER c.total.gt(3)
        PROJECT id, where = c.city, total = c.price.mul(c.qty.cast(Float64))
          FILTER c.city.eq('Oslo').and(c.id.lt(9n))
            SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.city.eq('Oslo').and(c.id.lt(9n))
    `);
  });

  test('does not pass a projection with a window', () => {
    const frame = sales.withColumns({ rank: (c) => c.price.rank().over(c.city) }).filter((c) => c.city.eq('Oslo'));
    expect(pushed(frame)).toBe(text`
      FILTER c.city.eq('Oslo')
        PROJECT id, city, price, qty, rank = c.price.rank().over(c.city)
          SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
    `);
  });

  test('does not move anything that stands beside a window', () => {
    const frame = sales.sort('id').filter((c) => c.qty.gt(1).and(c.price.rank().le(3)));
    expect(pushed(frame)).toBe(text`
      FILTER c.qty.gt(1).and(c.price.rank().over([]).le(3))
        SORT id
          SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
    `);
  });

  test('passes a sort, but not one with a limit, nor a slice', () => {
    expect(pushed(sales.sort('id').filter((c) => c.qty.gt(1)))).toBe(text`
      SORT id
        FILTER c.qty.gt(1)
          SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.qty.gt(1)
    `);
    expect(pushed(sales.topK(3, { by: 'id' }).filter((c) => c.qty.gt(1)))).toMatch(/^FILTER/);
    expect(pushed(sales.head(3).filter((c) => c.qty.gt(1)))).toMatch(/^FILTER/);
  });

  test('passes the keys of groups, not their aggregates', () => {
    const frame = sales
      .groupBy({ town: (c) => c.city.str.toUpperCase() })
      .agg({ sum: (c) => c.price.sum() })
      .filter((c) => c.town.eq('OSLO').and(c.sum.gt(1)));
    expect(pushed(frame)).toBe(text`
      FILTER c.sum.gt(1)
        AGGREGATE by town = c.city.str.toUpperCase(): sum = c.price.sum()
          FILTER c.city.str.toUpperCase().eq('OSLO')
            SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.city.str.toUpperCase().eq('OSLO')
    `);
  });

  test('a constant does not pass groups: they would be made of nothing', () => {
    const frame = sales.select({ n: (c) => c.id.count() }).filter(lit(false));
    expect(pushed(frame)).toMatch(/^FILTER lit\(false\)\n {2}AGGREGATE/);
  });

  test('passes unique when it reads only the subset', () => {
    const frame = sales.unique({ subset: ['city'] }).filter((c) => c.city.eq('Oslo').and(c.qty.gt(1)));
    expect(pushed(frame)).toBe(text`
      FILTER c.qty.gt(1)
        DISTINCT on city
          FILTER c.city.eq('Oslo')
            SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.city.eq('Oslo')
    `);
  });

  test('goes into every input of a union', () => {
    expect(pushed(concat([sales, sales.head(5)]).filter((c) => c.qty.gt(1)))).toBe(text`
      UNION vertical of 2
        FILTER c.qty.gt(1)
          SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.qty.gt(1)
        FILTER c.qty.gt(1)
          HEAD 5
            SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
    `);
  });

  const joined = (how: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'): string =>
    pushed((sales.join(cities, { on: 'city', how }) as typeof sales).filter((c) => c.qty.gt(1).and(c.city.eq('Oslo'))));

  test('goes to both sides of a join on its keys, and to the side it reads', () => {
    for (const how of ['inner', 'left', 'semi', 'anti'] as const) {
      expect(joined(how)).toBe(text`
        JOIN ${how} on city (build right)
          FILTER c.qty.gt(1).and(c.city.eq('Oslo'))
            SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty; skip unless c.qty.gt(1).and(c.city.eq('Oslo'))
          FILTER c.city.eq('Oslo')
            SCAN parquet cities.parquet, 1,000 rows: city, country, price; skip unless c.city.eq('Oslo')
      `);
    }
    expect(joined('right')).toMatch(/^FILTER c\.qty\.gt\(1\)\n {2}JOIN right/);
    expect(joined('full')).toMatch(/^FILTER c\.qty\.gt\(1\)\.and\(c\.city\.eq\('Oslo'\)\)\n {2}JOIN full/);
  });

  test('names of the right side are those it has below', () => {
    const frame = sales.join(cities, { on: 'city' }).filter((c) => c.price_right.gt(2).and(c.country.eq('Norway')));
    expect(pushed(frame)).toBe(text`
      JOIN inner on city (build right)
        SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
        FILTER c.price.gt(2).and(c.country.eq('Norway'))
          SCAN parquet cities.parquet, 1,000 rows: city, country, price; skip unless c.price.gt(2).and(c.country.eq('Norway'))
    `);
  });

  test('a predicate over both sides stays', () => {
    const frame = sales.join(cities, { on: 'city' }).filter((c) => c.price.gt(c.price_right));
    expect(pushed(frame)).toMatch(/^FILTER c\.price\.gt\(c\.price_right\)\n {2}JOIN/);
  });

  test('float keys are filtered on one side: −0 equals 0', () => {
    const frame = sales.join(cities.select('price', 'country'), { on: 'price' }).filter((c) => c.price.gt(2));
    expect(pushed(frame).match(/FILTER/g)).toHaveLength(1);
  });

  test('leaves work that two readers share alone', () => {
    const joined = sales.join(cities, { on: 'city' });
    const both = concat([joined.filter((c) => c.qty.gt(1)), joined.filter((c) => c.qty.lt(1))]);
    expect(pushed(both)).toBe(text`
      UNION vertical of 2
        FILTER c.qty.gt(1)
          #1 JOIN inner on city (build right)
            SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
            SCAN parquet cities.parquet, 1,000 rows: city, country, price
        FILTER c.qty.lt(1)
          the same as #1
    `);
  });
});
