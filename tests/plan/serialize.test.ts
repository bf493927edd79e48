import { describe, expect, test } from 'vitest';
import type { LitNode } from '../../ts/expr/nodes.ts';
import {
  Binary,
  concat,
  Date32,
  Datetime,
  Decimal,
  Float64,
  Int64,
  List,
  lit,
  nullable,
  Struct,
  Time,
  Utf8,
  when,
} from '../../ts/index.ts';
import { exprFromJson, exprToJson, parsePlan, planFromJson, serializePlan } from '../../ts/plan/serialize.ts';
import { planOf, scanOf } from '../support/plans.ts';

const everything = scanOf('all', {
  id: Int64,
  city: nullable(Utf8),
  price: Float64,
  cost: Decimal(12, 2),
  at: Datetime('ns', 'Europe/Oslo'),
  day: Date32,
  clock: Time,
  tags: List(nullable(Utf8)),
  geo: Struct({ lat: Float64, lon: nullable(Float64) }),
  raw: Binary,
});

const frozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  ArrayBuffer.isView(value) ||
  (Object.isFrozen(value) && Object.values(value).every(frozen));

function roundTrip(frame: Parameters<typeof planOf>[0]): void {
  const plan = planOf(frame);
  const again = parsePlan(serializePlan(plan));
  expect(again).toEqual(plan);
  expect(frozen(again)).toBe(true);
}

describe('plans as JSON', () => {
  test('every node and expression comes back equal and frozen', () => {
    roundTrip(everything);
    roundTrip(
      everything
        .filter((c) => c.id.gt(5n).and(c.city.isIn(['a', 'b'])))
        .withColumns({
          a: (c) => when(c.price.gt(1)).then(c.price).otherwise(null),
          b: (c) => c.price.cast(Int64, { strict: false }),
          r: (c) => c.price.rank({ method: 'dense' }).over(c.city, { orderBy: c.id, descending: true }),
        })
        .dropNulls('city'),
    );
    roundTrip(everything.groupBy('city').agg({ s: (c) => c.cost.sum(), q: (c) => c.price.quantile(0.25) }));
    roundTrip(everything.join(everything.select('id', 'price'), { on: 'id', how: 'full', nullsEqual: true }));
    roundTrip(everything.sort({ by: 'at', descending: true, nullsFirst: true }).slice(-5, 2));
    roundTrip(everything.unique({ subset: ['id'], keep: 'last', maintainOrder: true }).topK(3, { by: 'price' }));
    roundTrip(concat([everything, everything.head(2)], { how: 'diagonal' }));
  });

  test('literals that JSON would lose keep every bit', () => {
    const values: [LitNode['value'], LitNode['type']][] = [
      [Number.NaN, { dtype: 'Float64' }],
      [Number.POSITIVE_INFINITY, { dtype: 'Float64' }],
      [Number.NEGATIVE_INFINITY, { dtype: 'Float32' }],
      [-0, { dtype: 'Float64' }],
      [0.1, { dtype: 'Float64' }],
      [2n ** 64n - 1n, { dtype: 'UInt64' }],
      [-(2n ** 63n), { dtype: 'Int64' }],
      [-(10n ** 37n), { dtype: 'Decimal', precision: 38, scale: 5 }],
      [1_700_000_000_123_456_789n, { dtype: 'Datetime', unit: 'ns', zone: null }],
      [new Uint8Array([0, 255, 7]), { dtype: 'Binary' }],
      ['plain', { dtype: 'Utf8' }],
      [true, { dtype: 'Bool' }],
      [null, { dtype: 'Int64' }],
      [19000, { dtype: 'Date32' }],
      [[1n, 2n], { dtype: 'Int64' }],
    ];
    for (const [value, type] of values) {
      const node: LitNode = { node: 'lit', value, type, nullable: value === null };
      const back = exprFromJson(JSON.parse(JSON.stringify(exprToJson(node)))) as LitNode;
      expect(back).toEqual(node);
      expect(Object.is(back.value, value) || typeof value === 'object').toBe(true);
    }
  });

  test('a shared part is written once and stays shared', () => {
    const shared = everything.sort('id');
    const plan = planOf(concat([shared.head(1), shared.tail(1)]));
    const text = serializePlan(plan);
    expect(text.match(/"sort"/g)).toHaveLength(1);
    const again = parsePlan(text);
    expect(again).toEqual(plan);
    if (again.node !== 'union') throw new Error('not a union');
    const [a, b] = again.inputs.map((i) => ('input' in i ? i.input : i));
    expect(a).toBe(b);
  });

  test('a plan of 30 columns, a filter and 10 aggregates stays small', () => {
    let frame: any = everything.select('id', 'price');
    for (let i = 0; i < 30; i++) frame = frame.withColumns({ [`c${i}`]: (c: any) => c.price.mul(i) });
    frame = frame.filter((c: any) => c.c3.gt(1));
    const aggs = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`s${i}`, (c: any) => c[`c${i}`].sum()]));
    const one = everything
      .select('id', 'price')
      .withColumns(
        Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`c${i}`, (c: any) => c.price.mul(i)])) as object,
      )
      .filter((c: any) => c.c3.gt(1))
      .groupBy('id')
      .agg(aggs as object);
    expect(serializePlan(planOf(one)).length).toBeLessThan(16_000);
    roundTrip(frame.groupBy('id').agg(aggs));
  });

  test('another version and unknown nodes are refused', () => {
    expect(() => planFromJson({ v: 2, plan: {} })).toThrow(/^Expected a plan of version 1 but received version 2/);
    expect(() => planFromJson({ v: 1, plan: { node: 'magic' } })).toThrow(/^Unknown plan node "magic"/);
    expect(() => exprFromJson({ node: 'magic' })).toThrow(/^Unknown expression node "magic"/);
    void lit;
  });
});
