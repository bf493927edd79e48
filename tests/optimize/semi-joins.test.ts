import { describe, expect, test } from 'vitest';
import { DataFrame, Float64, Int64, Utf8 } from '../../ts/index.ts';
import { groupReduction } from '../../ts/optimize/rules/group-reduction.ts';
import { semiJoins } from '../../ts/optimize/rules/semi-joins.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const lines = scanOf('lines', { order: Int64, part: Int64, price: Float64 }, 6_000_000);
const orders = scanOf('orders', { order: Int64, customer: Int64, state: Utf8 }, 1_500_000);
const parts = scanOf('parts', { part: Int64, name: Utf8 }, 200_000);
const open = orders.filter((c) => c.state.eq('O'));

describe('semi joins', () => {
  test('pass projections by the names below, groups by their keys, and sorts', () => {
    const frame = lines
      .select({ at: (c) => c.order, price: (c) => c.price.mul(2) })
      .groupBy('at')
      .agg({ price: (c) => c.price.sum() })
      .sort('price')
      .join(open, { on: { at: 'order' }, how: 'anti' });
    expect(ruleText(semiJoins, frame)).toBe(text`
      SORT price
        AGGREGATE by at: price = c.price.sum()
          PROJECT at = c.order, price = c.price.mul(2)
            JOIN anti on order (build right)
              SCAN parquet lines.parquet, 6,000,000 rows: order, part, price
              FILTER c.state.eq('O')
                SCAN parquet orders.parquet, 1,500,000 rows: order, customer, state
    `);
  });

  test('keep the order of rows where groups show it', () => {
    const keptOf = (agg: (c: any) => any): boolean => {
      const frame = lines.groupBy('order').agg({ a: agg }).join(open, { on: 'order', how: 'anti' });
      const plan = semiJoins.apply(DataFrame.planOf(frame)) as any;
      expect([plan.node, plan.input.how]).toEqual(['aggregate', 'anti']);
      return plan.input.maintainOrder;
    };
    expect(keptOf((c) => c.price.sum())).toBe(false);
    for (const fn of ['first', 'last', 'mode', 'argMin', 'argMax', 'implode'])
      expect(keptOf((c) => c.price[fn]())).toBe(true);
    const best = lines.groupBy('order').agg({ at: (c) => c.price.argMax() });
    const reduced = groupReduction.apply(DataFrame.planOf(open.join(best, { on: 'order' }))) as any;
    expect(reduced.right.input.maintainOrder).toBe(true);
  });

  test('stay above a limit, a window and a computed key', () => {
    for (const frame of [
      lines.sort('price').head(3),
      lines.withColumns({ rank: (c) => c.price.rank().over(c.part) }),
      lines.withColumns({ order: (c) => c.order.add(1) }),
    ]) {
      const joined = frame.join(open, { on: 'order', how: 'semi' });
      expect(ruleText(semiJoins, joined)).toMatch(/^JOIN semi/);
    }
  });

  test('go to the side of an inner join that they are about', () => {
    const frame = lines.join(orders, { on: 'order' }).join(
      scanOf('customers', { customer: Int64 }).filter((c) => c.customer.gt(5)),
      { on: 'customer', how: 'semi' },
    );
    expect(ruleText(semiJoins, frame)).toBe(text`
      JOIN inner on order (build right)
        SCAN parquet lines.parquet, 6,000,000 rows: order, part, price
        JOIN semi on customer (build right)
          SCAN parquet orders.parquet, 1,500,000 rows: order, customer, state
          FILTER c.customer.gt(5n)
            SCAN parquet customers.parquet, 1,000 rows: customer
    `);
  });

  test('among joins, what drops most comes first and what makes groups last', () => {
    const several = lines
      .groupBy('order')
      .agg({ parts: (c) => c.part.nUnique() })
      .filter((c) => c.parts.eq(7));
    const frame = lines
      .join(several, { on: 'order', how: 'semi' })
      .join(parts, { on: 'part' })
      .join(open, { on: 'order', how: 'semi' });
    const order = [...ruleText(semiJoins, frame).matchAll(/JOIN (\w+) on (\w+)/g)].map((m) => `${m[1]} ${m[2]}`);
    expect(order).toEqual(['semi order', 'inner part', 'semi order']);
    expect(frame.columns).toEqual(['order', 'part', 'price', 'name']);
  });
});

describe('group reduction', () => {
  const sums = lines.groupBy('order', 'part').agg({ sum: (c) => c.price.sum() });

  test('groups only the rows that a join can meet', () => {
    const frame = open.join(sums.rename({ order: 'at' }), { on: { order: 'at' } });
    expect(ruleText(groupReduction, frame)).toBe(text`
      JOIN inner on order = at (build right)
        #1 FILTER c.state.eq('O')
          SCAN parquet orders.parquet, 1,500,000 rows: order, customer, state
        PROJECT at = c.order, part, sum
          AGGREGATE by order, part: sum = c.price.sum()
            JOIN semi on order (build right)
              SCAN parquet lines.parquet, 6,000,000 rows: order, part, price
              PROJECT order
                the same as #1
    `);
  });

  test('not below windows, which see all groups', () => {
    const ranked = sums.withColumns({ rank: (c) => c.sum.rank().over([]) });
    const best = sums.filter((c) => c.sum.rank().over([]).le(9));
    for (const right of [ranked, best]) {
      const frame = open.join(right, { on: 'order' });
      expect(ruleText(groupReduction, frame)).not.toContain('semi');
    }
    const numbered = lines.withRowIndex('n').join(open, { on: 'order', how: 'semi' });
    expect(ruleText(semiJoins, numbered)).toMatch(/^JOIN semi/);
  });

  test('not where most groups are wanted, where nulls take part on the left, or for a computed key', () => {
    const unchanged = [
      lines.join(sums, { on: ['order', 'part'] }),
      open.join(sums, { on: 'order', how: 'full' }),
      open.join(sums.withColumns({ order: (c) => c.order.add(1) }), { on: 'order' }),
    ];
    for (const frame of unchanged) expect(ruleText(groupReduction, frame)).not.toContain('semi');
  });
});
