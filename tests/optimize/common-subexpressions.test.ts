import { expect, test } from 'vitest';
import { Float64, Int64, Utf8 } from '../../ts/index.ts';
import { commonSubexpressions } from '../../ts/optimize/rules/common-subexpressions.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: Utf8, price: Float64, qty: Float64 });
const shared = (frame: Parameters<typeof ruleText>[1]): string => ruleText(commonSubexpressions, frame);

test('what stands twice is computed once, below', () => {
  const frame = sales.select('id', {
    a: (c) => c.price.mul(c.qty).add(c.price).sqrt(),
    b: (c) => c.price.mul(c.qty).add(c.price).log1p(),
  });
  expect(shared(frame)).toBe(text`
    PROJECT id, a = c['#c0'].sqrt(), b = c['#c0'].log1p()
      PROJECT id, #c0 = c.price.mul(c.qty).add(c.price)
        SCAN parquet sales.parquet, 1,000 rows: id, city, price, qty
  `);
});

test('a small operation is not worth a column', () => {
  expect(shared(sales.select({ a: (c) => c.price.add(1).sqrt(), b: (c) => c.price.add(1).log1p() }))).not.toMatch('#c');
});

test('options are part of an expression', () => {
  const frame = sales.select({
    a: (c) => c.city.str.toUpperCase().str.slice(0, 2).str.lenChars(),
    b: (c) => c.city.str.toUpperCase().str.slice(0, 3).str.lenChars(),
  });
  expect(shared(frame)).not.toMatch('#c');
});
