import { describe, expect, test } from 'vitest';
import type { LogicalType } from '../../ts/schema/types.ts';
import { testOnDevice } from '../support/device-cases.ts';
import { testContext } from '../support/engine.ts';
import { call, col, evaluate, T } from '../support/nodes.ts';

const list = (type: LogicalType): LogicalType => ({ dtype: 'List', inner: { type, nullable: true } });
const fixed = (type: LogicalType, length: number): LogicalType => ({
  dtype: 'FixedSizeList',
  inner: { type, nullable: true },
  length,
});

describe('lists', () => {
  const ctx = testContext();
  const words = { a: { type: list(T.Utf8), values: [['x', 'a string that is longer'], [], null, [null, 'y', 'z']] } };
  const pairs = { a: { type: fixed(T.Int32, 2), values: [[1, 2], null, [null, 4]] } };
  const at = (index: number, columns: typeof words | typeof pairs, type: LogicalType): unknown[] =>
    evaluate(ctx, call('listGet', [col('a', columns.a.type)], type, { index }), columns);

  test('have lengths', () => {
    expect(evaluate(ctx, call('listLen', [col('a', list(T.Utf8))], T.UInt32), words)).toEqual([2, 0, null, 3]);
    expect(evaluate(ctx, call('listLen', [col('a', fixed(T.Int32, 2))], T.UInt32), pairs)).toEqual([2, null, 2]);
  });
  test('give an item by position, from the end when negative, null outside', () => {
    expect(at(0, words, T.Utf8)).toEqual(['x', null, null, null]);
    expect(at(-1, words, T.Utf8)).toEqual(['a string that is longer', null, null, 'z']);
    expect(at(2, words, T.Utf8)).toEqual([null, null, null, 'z']);
    expect(at(-4, words, T.Utf8)).toEqual([null, null, null, null]);
    expect(at(1, pairs, T.Int32)).toEqual([2, null, 4]);
    expect(at(-2, pairs, T.Int32)).toEqual([1, null, null]);
    expect(at(5, pairs, T.Int32)).toEqual([null, null, null]);
  });
  test('items feed other functions', () => {
    const e = call(
      'add',
      [call('listGet', [col('a', fixed(T.Int32, 2))], T.Int32, { index: 1 }), col('b', T.Int32)],
      T.Int32,
    );
    expect(evaluate(ctx, e, { ...pairs, b: { type: T.Int32, values: [10, 20, 30] } })).toEqual([12, null, 34]);
  });
});

describe('structs', () => {
  const ctx = testContext();
  const type: LogicalType = {
    dtype: 'Struct',
    fields: [
      { name: 'x', type: T.Int64, nullable: true },
      { name: 's', type: list(T.Bool), nullable: true },
    ],
  };
  const columns = { a: { type, values: [[1n, [true]], [null, []], null, [4n, null]] } };
  const field = (name: string, t: LogicalType): unknown[] =>
    evaluate(ctx, call('field', [col('a', type)], t, { name }), columns);

  test('give fields, null where the struct is', () => {
    expect(field('x', T.Int64)).toEqual([1n, null, null, 4n]);
    expect(field('s', list(T.Bool))).toEqual([[true], [], null, null]);
  });
});

testOnDevice();
