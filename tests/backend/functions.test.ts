import { expect, test } from 'vitest';
import { elementwiseNames, elementwiseOf } from '../../ts/backend/cpu/functions/index.ts';
import { FUNCTIONS } from '../../ts/expr/functions.ts';

test('the engine has a row for every elementwise function of the registry, and no other', () => {
  const registry = Object.entries(FUNCTIONS).filter(([, row]) => row.kind === 'elementwise');
  expect(elementwiseNames().sort()).toEqual(registry.map(([name]) => name).sort());
  for (const [name] of registry) {
    const row = elementwiseOf(name)!;
    expect([name, row.emit !== undefined || row.kernel !== undefined]).toEqual([name, true]);
  }
});
