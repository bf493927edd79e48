import { describe, expect, test } from 'vitest';
import { concat, Float64, Int32, Int64, len, Utf8 } from '../../ts/index.ts';
import { projectionPushdown } from '../../ts/optimize/rules/projection-pushdown.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: Utf8, price: Float64, qty: Int32 });
const cities = scanOf('cities', { city: Utf8, country: Utf8, price: Float64 });
const pushed = (frame: Parameters<typeof ruleText>[1]): string => ruleText(projectionPushdown, frame);

describe('projection pushdown', () => {
  test('a scan reads what is used', () => {
    expect(pushed(sales.filter((c) => c.qty.gt(1)).select('city'))).toBe(text`
      PROJECT city
        FILTER c.qty.gt(1)
          SCAN parquet sales.parquet, 1,000 rows: 2 of 4 columns (city, qty)
    `);
    expect(pushed(sales.select({ n: len() }))).toMatch('0 of 4 columns');
  });

  test('columns and aggregates that nobody reads are not computed', () => {
    const frame = sales
      .withColumns({ total: (c) => c.price.mul(c.qty), twice: (c) => c.price.mul(2) })
      .groupBy('city')
      .agg({ sum: (c) => c.total.sum(), max: (c) => c.qty.max() })
      .select('sum');
    expect(pushed(frame)).toBe(text`
      PROJECT sum
        AGGREGATE by city: sum = c.total.sum()
          PROJECT city, total = c.price.mul(c.qty.cast(Float64))
            SCAN parquet sales.parquet, 1,000 rows: 3 of 4 columns (city, price, qty)
    `);
  });

  test('a join carries no more than its keys and what is read above', () => {
    expect(
      pushed(
        sales
          .filter((c) => c.qty.gt(1))
          .join(cities, { on: 'city' })
          .select('id', 'price_right'),
      ),
    ).toBe(text`
      PROJECT id, price_right
        JOIN inner on city (build right)
          PROJECT id, city
            FILTER c.qty.gt(1)
              SCAN parquet sales.parquet, 1,000 rows: 3 of 4 columns (id, city, qty)
          SCAN parquet cities.parquet, 1,000 rows: 2 of 3 columns (city, price)
    `);
    expect(pushed(sales.join(cities, { on: 'city', how: 'semi' }).select('id'))).toMatch('1 of 3 columns (city)');
  });

  test('a suffixed name stays although the other side no longer has it', () => {
    const frame = sales.join(cities, { on: 'city' }).select('price_right');
    expect(pushed(frame)).toMatch(/^PROJECT price_right/);
  });

  test('unique and sort keep their keys', () => {
    expect(pushed(sales.unique({ subset: ['city'] }).select('id'))).toBe(text`
      PROJECT id
        DISTINCT on city
          SCAN parquet sales.parquet, 1,000 rows: 2 of 4 columns (id, city)
    `);
    expect(pushed(sales.sort('price').select('id'))).toMatch('2 of 4 columns (id, price)');
    expect(pushed(sales.unique().select('id'))).toMatch(': id, city, price, qty');
  });

  test('inputs of a union stay alike', () => {
    const frame = concat([sales.filter((c) => c.qty.gt(1)), sales]).select('id');
    expect(pushed(frame)).toBe(text`
      PROJECT id
        UNION vertical of 2
          PROJECT id
            FILTER c.qty.gt(1)
              SCAN parquet sales.parquet, 1,000 rows: 2 of 4 columns (id, qty)
          SCAN parquet sales.parquet, 1,000 rows: 1 of 4 columns (id)
    `);
  });

  test('a scan with two readers gives each its own columns; shared work gives what both need', () => {
    const twice = sales.groupBy('city').agg({ n: len() }).join(sales.select('id', 'city'), { on: 'city' });
    expect(pushed(twice)).toBe(text`
      JOIN inner on city (build right)
        AGGREGATE by city: n = len()
          SCAN parquet sales.parquet, 1,000 rows: 1 of 4 columns (city)
        PROJECT id, city
          SCAN parquet sales.parquet, 1,000 rows: 2 of 4 columns (id, city)
    `);
    const sorted = sales.sort('price');
    expect(pushed(concat([sorted.select('id'), sorted.select({ id: (c) => c.id.add(c.qty) })]))).toBe(text`
      UNION vertical of 2
        PROJECT id
          #1 SORT price
            SCAN parquet sales.parquet, 1,000 rows: 3 of 4 columns (id, price, qty)
        PROJECT id = c.id.add(c.qty.cast(Int64))
          the same as #1
    `);
  });

  test('the columns of the result stay, in order', () => {
    expect(pushed(sales)).toBe('SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty');
  });
});
