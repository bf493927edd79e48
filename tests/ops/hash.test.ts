import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { dictVectorOf, testContext, valuesOf } from '../support/engine.ts';
import { call, col, datetimeType, decimalType, evaluate, evaluateVectors, T } from '../support/nodes.ts';
import { expectInterpreted } from '../support/op-cases.ts';
import { random, samples } from '../support/samples.ts';

const TYPES = [
  T.Bool,
  T.Int8,
  T.UInt8,
  T.Int16,
  T.UInt16,
  T.Int32,
  T.UInt32,
  T.Int64,
  T.UInt64,
  T.Float32,
  T.Float64,
  T.Utf8,
  T.Binary,
  T.Date32,
  T.Time,
  datetimeType('us'),
  decimalType(12, 2),
  decimalType(38, 2),
] as LogicalType[];

describe('hash', () => {
  const ctx = testContext();
  for (const type of TYPES) {
    test(type.dtype, () => {
      for (const seed of ['0', '42', '18446744073709551615']) {
        const e = call('hash', [col('a', type)], T.UInt64, { seed });
        for (const length of [0, 1, 9, 500]) {
          expectInterpreted(ctx, e, { a: { type, values: samples(type, length, random(9)) } });
        }
      }
    });
  }
  const on = (type: LogicalType, values: unknown[]): unknown[] =>
    evaluate(ctx, call('hash', [col('a', type)], T.UInt64, { seed: '0' }), { a: { type, values } });

  test('equal values hash alike, integers and floats of any width too', () => {
    expect(on(T.Int8, [5, null])).toEqual(on(T.Int64, [5n, null]));
    expect(on(T.Float32, [1.5, -0, Number.NaN])).toEqual(on(T.Float64, [1.5, 0, Number.NaN]));
    expect(on(T.Null, [null])).toEqual(on(T.Int32, [null]));
  });
  test('known answers', () => {
    // Computed with Python integers from the algorithm in hash.ts.
    expect(on(T.Int64, [0n, 1n])).toEqual([7175312947680778460n, 10196841233368046932n]);
    expect(on(T.Utf8, ['warp'])).toEqual([5932451372711686334n]);
  });
  test('dictionaries hash as their strings', () => {
    const v = dictVectorOf(ctx, ['x', 'a string that is longer than a view'], [1, 0, null]);
    const schema = [{ name: 'a', type: T.Utf8, nullable: true }];
    const e = call('hash', [col('a', T.Utf8)], T.UInt64, { seed: '0' });
    expect(valuesOf(ctx, evaluateVectors(ctx, [e], schema, [v])[0]!)).toEqual(
      on(T.Utf8, ['a string that is longer than a view', 'x', null]),
    );
  });
});

testOnDevice();
