// What the public types cost the type checker. Instantiations are counted, not timed: they are the same everywhere.
import { beforeAll, describe, expect, test } from 'vitest';
import { chain, empty, joins, wide } from '../../bench/types/cases.ts';
import { emitDeclarations, measure, measureTpch } from '../../bench/types/measure.ts';

describe('instantiations stay within the budget', () => {
  let declarations = '';
  beforeAll(() => {
    declarations = emitDeclarations('budget');
  }, 600_000);

  const cases: [string, () => string, number][] = [
    ['importing the package', empty, 1000],
    ['30 columns, 40 withColumns', () => chain(40), 100_000],
    ['an 8-way join', joins, 10_000],
    ['200 columns', wide, 30_000],
  ];
  test.each(cases)('%s', (name, text, limit) => {
    const cost = measure(name.replaceAll(/\W/g, ''), [text()], declarations);
    expect(cost.errors).toEqual([]);
    expect(cost.instantiations).toBeLessThan(limit);
  });

  test('the 22 TPC-H queries', () => {
    const cost = measureTpch(declarations);
    expect(cost.errors).toEqual([]);
    expect(cost.instantiations).toBeLessThan(110_000);
  });
});
