// Misspelt options are refused, not ignored.
import { describe, expect, test } from 'vitest';
import { col, concat, fromColumns } from '../../ts/index.ts';

const df: any = fromColumns({ k: ['a', 'b', 'a'], x: [1, 2, 3] });

describe('unknown options', () => {
  test.each([
    ['unique', () => df.unique({ on: ['k'], keep: 'last' }), /Unknown option "on" of unique\(\)\. Options: subset/],
    ['sort', () => df.sort({ by: 'x', desc: true }), /Unknown option "desc" of a key of sort\(\).*descending/],
    ['join', () => df.join(df, { on: 'k', kind: 'left' }), /Unknown option "kind" of join\(\)/],
    ['join, near', () => df.join(df, { on: 'k', sufix: '_b' }), /Did you mean "suffix"/],
    ['sample', () => df.sample({ rows: 1 }), /Unknown option "rows" of sample\(\)/],
    ['sample, none', () => df.sample({}), /either n or fraction/],
    ['topK', () => df.topK(1, { by: 'x', descending: true }), /Unknown option "descending" of topK/],
    ['concat', () => concat([df, df], { axis: 1 } as any), /Unknown option "axis" of concat/],
    [
      'agg',
      () => df.groupBy('k').agg({ n: (c: any) => c.x.sum() }, { sorted: true }),
      /Unknown option "sorted" of agg/,
    ],
    ['toReadable', () => df.toReadable(), /'format' parameter of toReadable must be 'rows' or 'ipc'/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

test('an expression nested beyond the stack is a typed error', () => {
  let e: any = col('x');
  for (let i = 0; i < 60_000; i++) e = e.add(1);
  expect(() => df.select({ e })).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER' }));
});
