import { describe, expect, test } from 'vitest';
import { createEvaluator } from '../../ts/backend/cpu/evaluate.ts';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import { UnsupportedError } from '../../ts/errors.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { call, cast, col, evaluate, evaluateAll, evaluateVectors, lit, schemaOf, T, when } from '../support/nodes.ts';
import { expectInterpreted } from '../support/op-cases.ts';
import { random, samples } from '../support/samples.ts';

const x = col('x', T.Float64);
const add = (a: ExprNode, b: ExprNode): ExprNode => call('add', [a, b], T.Float64);
const mul = (a: ExprNode, b: ExprNode): ExprNode => call('mul', [a, b], T.Float64);

describe('evaluator', () => {
  const ctx = testContext();
  const next = random(77);
  const columns = {
    x: { type: T.Float64, values: samples(T.Float64, 100, next) },
    s: { type: T.Utf8, values: samples(T.Utf8, 100, next) },
  };

  test('passes columns through without a copy', () => {
    const v = vectorOf(ctx, T.Float64, [1, null, 3]);
    const schema = [{ name: 'x', type: T.Float64, nullable: true }];
    expect(evaluateVectors(ctx, [x, x], schema, [v])).toEqual([v, v]);
  });
  test('repeats literals of every dtype', () => {
    const exprs = [
      lit(5, T.Int32),
      lit('a string that is longer', T.Utf8),
      lit(null, T.Float64),
      lit(true, T.Bool),
      lit(7n, T.Int64),
      lit(null, T.Null),
      lit(null, T.Utf8),
    ];
    expect(evaluateAll(ctx, exprs, { x: { type: T.Float64, values: [1, 2] } })).toEqual(
      [5, 'a string that is longer', null, true, 7n, null, null].map((v) => [v, v]),
    );
    expect(evaluate(ctx, add(lit(1, T.Float64), lit(2, T.Float64)), columns).slice(0, 2)).toEqual([3, 3]);
  });
  test('drops the bitmap of a result without nulls', () => {
    const v = vectorOf(ctx, T.Float64, [1, null, 3]);
    const schema = [{ name: 'x', type: T.Float64, nullable: true }];
    const [filled, kept] = evaluateVectors(
      ctx,
      [call('coalesce', [x, lit(0, T.Float64)], T.Float64), add(x, x)],
      schema,
      [v],
    );
    expect(filled!.validity).toBe(0);
    expect(kept!.validity).not.toBe(0);
    const allThere: Vector = { ...v, length: 1 };
    expect(evaluateVectors(ctx, [add(x, x)], schema, [allThere])[0]!.validity).toBe(0);
  });
  test('the same evaluator serves morsels with and without nulls', () => {
    const schema = [{ name: 'x', type: T.Float64, nullable: true }];
    const evaluator = createEvaluator([add(x, lit(1, T.Float64))], schema);
    for (const values of [[1, 2], [null, 2], [1], [], [null]]) {
      const batch = { length: values.length, columns: [vectorOf(ctx, T.Float64, values)], ordinal: 0 };
      expect(valuesOf(ctx, evaluator.evaluate(ctx, batch)[0]!)).toEqual(values.map((v) => (v === null ? null : v + 1)));
    }
  });
  test('one evaluator after another in other contexts', () => {
    const e = [add(x, x)];
    const schema = schemaOf({ x: columns.x });
    for (let i = 0; i < 3; i++) {
      const other = testContext();
      const v = vectorOf(other, T.Float64, [1, 2]);
      expect(
        valuesOf(other, createEvaluator(e, schema).evaluate(other, { length: 2, columns: [v], ordinal: 0 })[0]!),
      ).toEqual([2, 4]);
    }
  });
  test('results that share parts, and parts that are results', () => {
    const a = mul(x, lit(3, T.Float64));
    const b = add(a, x);
    const c = mul(b, a);
    const results = evaluateAll(ctx, [c, a, b, x, a], columns);
    columns.x.values.forEach((v, i) => {
      const y = v as number | null;
      const want = y === null ? [null, null, null, null, null] : [(y * 3 + y) * (y * 3), y * 3, y * 3 + y, y, y * 3];
      expect(results.map((r) => r[i])).toEqual(want);
    });
  });
  test('modules and kernels feed each other', () => {
    const s = col('s', T.Utf8);
    const length = call('lenBytes', [s], T.UInt32);
    const long = call('gt', [length, lit(5, T.UInt32)], T.Bool);
    const text = when([{ when: long, then: call('toUpperCase', [s], T.Utf8) }], lit('short', T.Utf8), T.Utf8);
    const again = call('eq', [text, lit('short', T.Utf8)], T.Bool);
    const both = call('and', [again, call('isNotNull', [x], T.Bool)], T.Bool);
    const results = evaluateAll(ctx, [text, both], columns);
    columns.s.values.forEach((v, i) => {
      const w = v as string | null;
      const t = w !== null && Buffer.byteLength(w) > 5 ? w.toUpperCase() : 'short';
      if (w === null || /^[\x20-\x7e]*$/.test(w)) expect(results[0]![i]).toBe(t);
      expect(results[1]![i]).toBe(t === 'short' && columns.x.values[i] !== null);
    });
  });
  test('trees too large for one module are cut', () => {
    let e: ExprNode = x;
    for (let i = 0; i < 700; i++) e = i % 2 === 0 ? add(e, lit(i, T.Float64)) : call('sub', [e, x], T.Float64);
    expectInterpreted(ctx, e, { x: { type: T.Float64, values: [1, null, 2.5] } });
  });
  test('shared parts are computed once, however often they are written', () => {
    // 2^40 nodes as a tree.
    let e: ExprNode = x;
    for (let i = 0; i < 40; i++) e = mul(e, e);
    for (let i = 0; i < 40; i++) e = add(e, e);
    expect(evaluate(ctx, e, { x: { type: T.Float64, values: [1, -1] } })).toEqual([2 ** 40, 2 ** 40]);
  });
  test('more inputs than a number has bits', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 70 }, (_, i) => [`c${i}`, { type: T.Float64, values: i % 3 === 0 ? [i, null] : [i, i] }]),
    );
    const sum = Object.keys(wide).reduce<ExprNode>((e, n) => add(e, col(n, T.Float64)), lit(0, T.Float64));
    expect(evaluate(ctx, sum, wide)).toEqual([(69 * 70) / 2, null]);
  });
  test('numbers in dictionaries', () => {
    const words = vectorOf(ctx, T.Int64, [10n, 20n, 30n]);
    const codes = vectorOf(ctx, T.UInt32, [0, 2, null, 1]);
    const v: Vector = { type: T.Int64, length: 4, data: codes.data, validity: codes.validity, dict: words };
    const schema = [{ name: 'a', type: T.Int64, nullable: true }];
    const a = col('a', T.Int64);
    const out = evaluateVectors(
      ctx,
      [call('add', [a, lit(1n, T.Int64)], T.Int64), call('isNull', [a], T.Bool), cast(a, T.Utf8)],
      schema,
      [v],
    );
    expect(out.map((o) => valuesOf(ctx, o))).toEqual([
      [11n, 31n, null, 21n],
      [false, false, true, false],
      ['10', '30', null, '20'],
    ]);
  });
  test('a dictionary is looked at once for all its morsels', () => {
    const words = ['apple', 'pear', 'a string that is longer than a view'];
    const v = dictVectorOf(ctx, words, [0, 1, 2, null]);
    const schema = [{ name: 's', type: T.Utf8, nullable: true }];
    const upper = createEvaluator([call('toUpperCase', [col('s', T.Utf8)], T.Utf8)], schema);
    const dicts = [1, 2].map(() => upper.evaluate(ctx, { length: 4, columns: [v], ordinal: 0 })[0]!);
    expect(dicts[0]!.dict!.data).toBe(dicts[1]!.dict!.data);
    expect(valuesOf(ctx, dicts[1]!)).toEqual(['APPLE', 'PEAR', 'A STRING THAT IS LONGER THAN A VIEW', null]);
  });
  test('what it does not have is refused by name', () => {
    const schema = schemaOf({ x: columns.x });
    expect(() => createEvaluator([call('noSuch', [x], T.Float64)], schema)).toThrow(UnsupportedError);
    expect(() => createEvaluator([call('noSuch', [x], T.Float64)], schema)).toThrow(
      /no elementwise function noSuch\(\)/,
    );
    const list = { dtype: 'List', inner: { type: T.Int8, nullable: true } } as const;
    expect(() => createEvaluator([cast(col('x', list), T.Int8)], schema)).toThrow(
      /no cast from List\(nullable\(Int8\)\) to Int8/,
    );
  });
  test('errors count rows from the first batch on', () => {
    const a = col('a', T.Int32);
    const schema = [{ name: 'a', type: T.Int32, nullable: true }];
    for (const e of [cast(a, T.Int8), cast(cast(a, T.Utf8), T.Int8)]) {
      const evaluator = createEvaluator([e], schema);
      const push = (values: unknown[]): unknown =>
        evaluator.evaluate(ctx, { length: values.length, columns: [vectorOf(ctx, T.Int32, values)], ordinal: 0 });
      push([1, 2, 3]);
      push([4]);
      expect(() => push([5, 1000])).toThrow(/to Int8 in row 5 of c\.a/);
    }
  });
  test('the heap may grow in the middle', () => {
    const other = testContext();
    const n = 65536;
    const values = Array.from({ length: n }, (_, i) => i);
    const schema = [{ name: 'x', type: T.Float64, nullable: false }];
    const v = vectorOf(other, T.Float64, values);
    const exprs = Array.from({ length: 40 }, (_, i) => cast(add(x, lit(i, T.Float64)), T.Utf8));
    const before = other.heap.sizeBytes;
    const out = createEvaluator(exprs, schema).evaluate(other, { length: n, columns: [v], ordinal: 0 });
    expect(other.heap.sizeBytes).toBeGreaterThan(before);
    out.forEach((o, i) => {
      expect(valuesOf(other, { ...o, length: 3 })).toEqual([`${i}.0`, `${i + 1}.0`, `${i + 2}.0`]);
    });
  });
});
