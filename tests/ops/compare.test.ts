import { describe, expect, test } from 'vitest';
import type { LiteralValue } from '../../ts/expr/nodes.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { dictVectorOf, testContext, valuesOf } from '../support/engine.ts';
import {
  call,
  col,
  datetimeType,
  decimalType,
  durationType,
  evaluate,
  evaluateVectors,
  lit,
  select,
  T,
} from '../support/nodes.ts';
import { caseName, expectInterpreted, type OpCase, runCase } from '../support/op-cases.ts';
import { edges, random, samples } from '../support/samples.ts';

const TYPES = [
  T.Bool,
  T.Int8,
  T.Int16,
  T.Int32,
  T.Int64,
  T.UInt8,
  T.UInt16,
  T.UInt32,
  T.UInt64,
  T.Float32,
  T.Float64,
  T.Utf8,
  T.Binary,
  T.Date32,
  T.Time,
  datetimeType('us'),
  durationType('ns'),
  decimalType(9, 2),
  decimalType(38, 4),
] as LogicalType[];

const cases: OpCase[] = [];
for (const t of TYPES) {
  for (const fn of ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqMissing']) {
    cases.push({ fn, args: [t, t], returns: T.Bool, large: fn === 'lt' && ['Utf8', 'Float64'].includes(t.dtype) });
  }
}

describe('comparisons', () => {
  const ctx = testContext();
  test.each(cases.map((c) => [caseName(c), c] as const))('%s', (_, c) => {
    runCase(ctx, c);
  });
});

describe('isIn', () => {
  const ctx = testContext();
  const next = random(7);
  for (const type of TYPES) {
    for (const count of [0, 1, 3, 8, 9, 200]) {
      test(`${type.dtype}, ${count} values`, () => {
        const items = samples(type, count, next, 0) as LiteralValue[];
        const e = call('isIn', [col('a', type), lit(items, type)], T.Bool);
        for (const length of [0, 1, 9, 300]) {
          expectInterpreted(ctx, e, { a: { type, values: [...edges(type), ...samples(type, length, next)] } });
        }
      });
    }
  }
});

describe('isIn of short texts', () => {
  const ctx = testContext();
  const values = ['', 'a', 'ab', 'twelve bytes', 'thirteen byte', 'twelve byteS', null, '\0', 'é', 'a\0'];
  const lists = [[''], ['a'], ['twelve bytes', 'é'], values.slice(0, 4), ['\0', 'a\0', 'ab'], ['thirteen byte', 'a']];
  for (const items of [
    ...lists,
    Array.from({ length: 16 }, (_, i) => `${i}`),
    Array.from({ length: 17 }, (_, i) => `${i}`),
  ])
    test(`${items.length}, the first ${JSON.stringify(items[0])}`, () => {
      const e = call('isIn', [col('a', T.Utf8), lit(items as string[], T.Utf8)], T.Bool);
      for (const length of [0, 7, 8, 300]) {
        const rows = Array.from({ length }, (_, i) => (i % 3 === 0 ? `${i % 20}` : values[i % values.length]!));
        expectInterpreted(ctx, e, { a: { type: T.Utf8, values: rows } });
      }
    });
});

describe('rules', () => {
  const ctx = testContext();
  const nan = Number.NaN;
  const columns = {
    a: { type: T.Float64, values: [nan, nan, 1, -0, null] },
    b: { type: T.Float64, values: [nan, 1, nan, 0, nan] },
  };
  const on = (fn: string): unknown[] =>
    evaluate(ctx, call(fn, [col('a', T.Float64), col('b', T.Float64)], T.Bool), columns);

  test('NaN equals itself and is above every number, −0 equals 0', () => {
    expect(on('eq')).toEqual([true, false, false, true, null]);
    expect(on('gt')).toEqual([false, true, false, false, null]);
    expect(on('le')).toEqual([true, false, true, true, null]);
  });
  test('strings in dictionaries compare by entry', () => {
    const words = ['pear', 'apple', 'a string that is longer', 'apple pie'];
    const v = dictVectorOf(ctx, words, [0, 1, null, 2, 3, 1]);
    const schema = [{ name: 's', type: T.Utf8, nullable: true }];
    const s = col('s', T.Utf8);
    const run = (e: Parameters<typeof evaluateVectors>[1][number]): unknown[] =>
      valuesOf(ctx, evaluateVectors(ctx, [e], schema, [v])[0]!);
    expect(run(call('eq', [s, lit('apple', T.Utf8)], T.Bool))).toEqual([false, true, null, false, false, true]);
    expect(run(call('lt', [s, lit('apple pie', T.Utf8)], T.Bool))).toEqual([false, true, null, true, false, true]);
    expect(run(call('gt', [lit('apple pie', T.Utf8), s], T.Bool))).toEqual([false, true, null, true, false, true]);
    expect(run(call('eq', [s, s], T.Bool))).toEqual([true, true, null, true, true, true]);
    expect(run(call('eqMissing', [s, lit(null, T.Utf8)], T.Bool))).toEqual([false, false, true, false, false, false]);
    expect(run(call('isIn', [s, lit(['pear', 'apple pie'], T.Utf8)], T.Bool))).toEqual([
      true,
      false,
      null,
      false,
      true,
      false,
    ]);
  });
  test('a selector takes true rows only', () => {
    expect(select(ctx, call('le', [col('a', T.Float64), col('b', T.Float64)], T.Bool), columns)).toEqual([0, 2, 3]);
    expect(select(ctx, col('p', T.Bool), { p: { type: T.Bool, values: [true, null, false, true] } })).toEqual([0, 3]);
    expect(select(ctx, lit(true, T.Bool), columns)).toEqual([0, 1, 2, 3, 4]);
    expect(select(ctx, lit(null, T.Bool), columns)).toEqual([]);
    expect(
      select(ctx, call('eq', [col('s', T.Utf8), lit('x', T.Utf8)], T.Bool), {
        s: { type: T.Utf8, values: ['x', null, 'y', 'x'] },
      }),
    ).toEqual([0, 3]);
  });
});

testOnDevice();
