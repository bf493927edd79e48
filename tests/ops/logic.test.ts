import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { call, col, datetimeType, decimalType, evaluate, evaluateVectors, lit, T, when } from '../support/nodes.ts';
import { caseName, expectInterpreted, type OpCase, runCase } from '../support/op-cases.ts';
import { random, samples } from '../support/samples.ts';

const TYPES = [
  T.Bool,
  T.Int8,
  T.UInt16,
  T.Int32,
  T.Int64,
  T.Float32,
  T.Float64,
  T.Utf8,
  T.Binary,
  T.Date32,
  datetimeType('ms'),
  decimalType(10, 2),
  decimalType(30, 2),
] as LogicalType[];

const cases: OpCase[] = [];
for (const fn of ['and', 'or', 'xor']) cases.push({ fn, args: [T.Bool, T.Bool], returns: T.Bool, large: true });
cases.push({ fn: 'not', args: [T.Bool], returns: T.Bool });
for (const t of TYPES) {
  cases.push({ fn: 'coalesce', args: [t, t], returns: t, large: t.dtype === 'Utf8' });
  for (const fn of ['isNull', 'isNotNull']) cases.push({ fn, args: [t], returns: T.Bool });
}

describe('logic and nulls', () => {
  const ctx = testContext();
  test.each(cases.map((c) => [caseName(c), c] as const))('%s', (_, c) => {
    runCase(ctx, c);
  });

  test('coalesce of three takes the first value', () => {
    for (const type of TYPES) {
      const next = random(3);
      const columns = Object.fromEntries(
        ['a', 'b', 'c'].map((n) => [n, { type, values: samples(type, 200, next, 0.5) }]),
      );
      const args = ['a', 'b', 'c'].map((n) => col(n, type));
      expectInterpreted(ctx, call('coalesce', args, type), columns);
      const filled = [...args.slice(0, 2), lit(samples(type, 1, next, 0)[0] as never, type)];
      expectInterpreted(ctx, call('coalesce', filled, type), columns);
    }
  });
});

describe('when', () => {
  const ctx = testContext();
  for (const type of TYPES) {
    test(`chooses among ${type.dtype}`, () => {
      const next = random(11);
      for (const length of [0, 1, 8, 9, 1000]) {
        const columns = {
          a: { type, values: samples(type, length, next) },
          b: { type, values: samples(type, length, next, 0) },
          p: { type: T.Bool, values: samples(T.Bool, length, next) },
          q: { type: T.Bool, values: samples(T.Bool, length, next) },
        };
        const [a, b, p, q] = [col('a', type), col('b', type), col('p', T.Bool), col('q', T.Bool)] as const;
        const constant = lit(samples(type, 5, next, 0)[4] as never, type);
        expectInterpreted(ctx, when([{ when: p, then: a }], b, type), columns);
        expectInterpreted(
          ctx,
          when(
            [
              { when: p, then: a },
              { when: q, then: constant },
            ],
            lit(null, type),
            type,
          ),
          columns,
        );
        expectInterpreted(ctx, when([{ when: p, then: constant }], a, type), columns);
        expectInterpreted(
          ctx,
          when(
            [
              { when: p, then: constant },
              { when: q, then: lit(null, type) },
            ],
            constant,
            type,
          ),
          columns,
        );
        expectInterpreted(ctx, when([{ when: lit(null, T.Bool), then: a }], b, type), columns);
      }
    });
  }

  test('dictionaries are chosen by code', () => {
    const s = dictVectorOf(ctx, ['x', 'a string that is longer than a view'], [0, 1, null, 1]);
    const p = vectorOf(ctx, T.Bool, [true, false, true, true]);
    const schema = [
      { name: 's', type: T.Utf8, nullable: true },
      { name: 'p', type: T.Bool, nullable: false },
    ];
    const e = when([{ when: col('p', T.Bool), then: col('s', T.Utf8) }], lit('other', T.Utf8), T.Utf8);
    const v = evaluateVectors(ctx, [e], schema, [s, p])[0]!;
    expect(v.dict?.length).toBe(3);
    expect(valuesOf(ctx, v)).toEqual(['x', 'other', null, 'a string that is longer than a view']);
  });
  test('lists and structs are chosen too', () => {
    const list: LogicalType = { dtype: 'List', inner: { type: T.Utf8, nullable: true } };
    const struct: LogicalType = { dtype: 'Struct', fields: [{ name: 'x', type: T.Int32, nullable: true }] };
    const p = { type: T.Bool, values: [true, false, null] };
    const lists = {
      a: { type: list, values: [['a', null], ['b'], null] },
      b: { type: list, values: [[], null, ['c', 'd']] },
      p,
    };
    expect(
      evaluate(ctx, when([{ when: col('p', T.Bool), then: col('a', list) }], col('b', list), list), lists),
    ).toEqual([['a', null], null, ['c', 'd']]);
    expect(evaluate(ctx, call('coalesce', [col('a', list), col('b', list)], list), lists)).toEqual([
      ['a', null],
      ['b'],
      ['c', 'd'],
    ]);
    const structs = {
      a: { type: struct, values: [[1], [2], null] },
      b: { type: struct, values: [[3], [null], [5]] },
      p,
    };
    expect(
      evaluate(ctx, when([{ when: col('p', T.Bool), then: col('a', struct) }], col('b', struct), struct), structs),
    ).toEqual([[1], [null], [5]]);
  });
});

testOnDevice();
