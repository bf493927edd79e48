import { describe, expect, test } from 'vitest';
import { Int64, Utf8 } from '../../ts/index.ts';
import { joinAssociation } from '../../ts/optimize/rules/join-association.ts';
import { ruleText, scanOf, text } from '../support/plans.ts';

const offers = scanOf('offers', { part: Int64, supplier: Int64, cost: Int64 }, 800_000);
const suppliers = scanOf('suppliers', { supplier: Int64, nation: Int64, name: Utf8 }, 10_000);
const nations = scanOf('nations', { nation: Int64, place: Utf8 }, 25);
const one = nations.filter((c) => c.place.eq('GERMANY'));

const unchanged = (frame: Parameters<typeof ruleText>[1]): void => {
  expect(ruleText(joinAssociation, frame)).toMatch(/^JOIN [^\n]*\n {2}JOIN/);
};

describe('join association', () => {
  test('a join by columns of the right side that drops most of its rows comes first', () => {
    const frame = offers.join(suppliers, { on: 'supplier' }).join(one, { on: 'nation' });
    expect(ruleText(joinAssociation, frame)).toBe(text`
      JOIN inner on supplier (build right)
        SCAN parquet offers.parquet, 800,000 rows: part, supplier, cost
        JOIN inner on nation (build right)
          SCAN parquet suppliers.parquet, 10,000 rows: supplier, nation, name
          FILTER c.place.eq('GERMANY')
            SCAN parquet nations.parquet, 25 rows: nation, place
    `);
  });

  test('not one that drops few, or whose columns are of the left side, or that must see rows in order', () => {
    unchanged(offers.join(suppliers, { on: 'supplier' }).join(nations, { on: 'nation' }));
    unchanged(
      offers.join(suppliers, { on: 'supplier' }).join(
        scanOf('parts', { part: Int64, kind: Utf8 }).filter((c) => c.kind.eq('x')),
        { on: 'part' },
      ),
    );
    unchanged(offers.join(suppliers, { on: 'supplier' }).join(one, { on: 'nation', maintainOrder: true }));
    unchanged(offers.join(suppliers, { on: 'supplier', how: 'left' }).join(one, { on: 'nation' }));
    unchanged(offers.join(suppliers, { on: 'supplier' }).join(one, { on: 'nation', how: 'left' }));
    unchanged(
      suppliers
        .join(offers.withColumns({ nation: (c) => c.cost }).drop('cost'), { on: 'supplier' })
        .join(one.select({ part: (c) => c.nation, place: (c) => c.place }), { on: 'part' }),
    );
  });

  test('not where suffixes would change', () => {
    const named = one.select({ nation: (c) => c.nation, cost: (c) => c.nation });
    unchanged(offers.join(suppliers, { on: 'supplier' }).join(named, { on: 'nation', suffix: '_of_nation' }));
  });
});
