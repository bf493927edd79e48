import { describe, expect, test } from 'vitest';
import { concat, Float64, Int64, Utf8 } from '../../ts/index.ts';
import { limitPushdown } from '../../ts/optimize/rules/limit-pushdown.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: Utf8, price: Float64 });
const pushed = (frame: Parameters<typeof ruleText>[1]): string => ruleText(limitPushdown, frame);

describe('limit pushdown', () => {
  test('a scan stops early and the slice stays', () => {
    expect(pushed(sales.slice(2, 3))).toBe(text`
      SLICE from 2, 3 rows
        SCAN parquet sales.parquet, 1,000 rows: id, city, price; first 5 rows
    `);
  });

  test('passes projections, but not windows or filters', () => {
    expect(pushed(sales.select({ x: (c) => c.price.add(1) }).head(3))).toBe(text`
      PROJECT x = c.price.add(1)
        HEAD 3
          SCAN parquet sales.parquet, 1,000 rows: id, city, price; first 3 rows
    `);
    expect(pushed(sales.withRowIndex().head(3))).not.toMatch('first');
    expect(pushed(sales.filter((c) => c.price.gt(1)).head(3))).not.toMatch('first');
  });

  test('becomes the limit of a sort', () => {
    expect(pushed(sales.sort('price').head(3))).toMatch(/^SORT price \(first 3\)/);
    expect(pushed(sales.sort('price').slice(2, 3))).toMatch(/^SLICE from 2, 3 rows\n {2}SORT price \(first 5\)/);
    expect(pushed(sales.topK(2, { by: 'price' }).head(3))).toMatch(/^SORT price descending \(first 2\)/);
  });

  test('slices of slices become one', () => {
    expect(pushed(sales.slice(10, 20).slice(5, 100))).toBe(text`
      SLICE from 15, 15 rows
        SCAN parquet sales.parquet, 1,000 rows: id, city, price; first 30 rows
    `);
    expect(pushed(sales.slice(10).head(5))).toMatch(/^SLICE from 10, 5 rows/);
    expect(pushed(sales.head(3).slice(7, 2))).toMatch(/^SLICE from 7, 0 rows/);
  });

  test('the end of a frame needs all of it', () => {
    expect(pushed(sales.tail(3))).toBe(text`
      TAIL 3
        SCAN parquet sales.parquet, 1,000 rows: id, city, price
    `);
    expect(pushed(sales.select('id').tail(3))).toMatch(/^PROJECT id\n {2}TAIL 3/);
  });

  test('goes into the inputs of a vertical union', () => {
    expect(pushed(concat([sales, sales.head(2)]).head(4))).toBe(text`
      HEAD 4
        UNION vertical of 2
          HEAD 4
            SCAN parquet sales.parquet, 1,000 rows: id, city, price; first 4 rows
          HEAD 2
            SCAN parquet sales.parquet, 1,000 rows: id, city, price; first 2 rows
    `);
  });

  test('a slice of everything goes', () => {
    expect(pushed(sales.slice(0))).toMatch(/^SCAN/);
  });
});
