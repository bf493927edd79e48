import { expect, test } from 'vitest';
import { Float64, Int64, Utf8 } from '../../ts/index.ts';
import { projectionMerging } from '../../ts/optimize/rules/projection-merging.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: Utf8, price: Float64 });
const merged = (frame: Parameters<typeof ruleText>[1]): string => ruleText(projectionMerging, frame);

test('a chain of projections becomes one', () => {
  const frame = sales
    .rename({ price: 'cost' })
    .withColumns({ half: (c) => c.cost.div(2) })
    .select('city', { quarter: (c) => c.half.div(2) });
  expect(merged(frame)).toBe(text`
    PROJECT city, quarter = c.price.div(2).div(2)
      SCAN parquet sales.parquet, 1,000 rows: id, city, price
  `);
});

test('what is used twice stays below', () => {
  const frame = sales
    .select({ half: (c) => c.price.div(2) })
    .select({ a: (c) => c.half.add(1), b: (c) => c.half.sub(1) });
  expect(merged(frame)).toBe(text`
    PROJECT a = c.half.add(1), b = c.half.sub(1)
      PROJECT half = c.price.div(2)
        SCAN parquet sales.parquet, 1,000 rows: id, city, price
  `);
});

test('a projection that changes nothing goes', () => {
  expect(merged(sales.select('id', 'city', 'price'))).toMatch(/^SCAN/);
  expect(merged(sales.select('city', 'id', 'price'))).toMatch(/^PROJECT/);
});
