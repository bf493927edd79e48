// What verbs build and what they refuse, on the line that wrote it.
import { describe, expect, test } from 'vitest';
import { Bool, concat, type DataFrame, Float64, Int32, Int64, List, len, lit, nullable, Utf8 } from '../../ts/index.ts';
import { checkPlan } from '../../ts/plan/check.ts';
import { explainPlan } from '../../ts/plan/explain.ts';
import { schemaText } from '../../ts/schema/schema.ts';
import { planOf, scanOf, text } from '../support/plans.ts';

const sales = scanOf('sales', { id: Int64, city: nullable(Utf8), price: Float64, qty: Int32, tags: List(Utf8) });
const cities = scanOf('cities', { city: Utf8, country: nullable(Utf8), price: Float64, code: Int32 });

/** The plan's text without its scans. */
function plan(frame: DataFrame<any>): string {
  checkPlan(planOf(frame));
  return explainPlan(planOf(frame)).replace(/\n *SCAN.*/g, '');
}
const schema = (frame: DataFrame<any>): string => schemaText(planOf(frame).schema);
const error = (run: () => unknown): { code: string; message: string } => {
  try {
    run();
  } catch (e) {
    return e as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
};
// Wrong on purpose: the type checker would refuse these lines.
const loose = sales as DataFrame<any>;

describe('select and withColumns', () => {
  test('names, computed columns and the order of both', () => {
    const frame = sales.select('price', { total: (c) => c.price.mul(c.qty) }, 'id');
    expect(plan(frame)).toBe('PROJECT price, total = c.price.mul(c.qty.cast(Float64)), id');
    expect(schema(frame)).toBe('price: Float64, total: Float64, id: Int64');
  });

  test('only aggregates give one row; beside row values they are repeated', () => {
    expect(plan(sales.select({ n: len(), mean: (c) => c.price.mean() }))).toBe(
      'AGGREGATE n = len(), mean = c.price.mean()',
    );
    expect(plan(sales.select('id', { mean: (c) => c.price.mean() }))).toBe(
      'PROJECT id, mean = c.price.mean().over([])',
    );
    expect(plan(sales.withColumns({ z: (c) => c.price.sub(c.price.mean()) }))).toMatch(
      'z = c.price.sub(c.price.mean().over([]))',
    );
  });

  test('withColumns keeps the place of what it replaces, and sees the old columns', () => {
    const frame = sales.withColumns({ price: (c) => c.price.mul(2), twice: (c) => c.price.mul(2) });
    expect(plan(frame)).toBe('PROJECT id, city, price = c.price.mul(2), qty, tags, twice = c.price.mul(2)');
  });

  test('wrong names and names used twice', () => {
    expect(error(() => loose.select('pricee'))).toMatchObject({
      code: 'ERR_COLUMN_NOT_FOUND',
      message: expect.stringMatching(/^Column "pricee" not found.*Did you mean "price"\? Columns: id, city/),
    });
    expect(error(() => loose.select(((c: any) => c.price) as never))).toMatchObject({ code: 'ERR_PARAMETER' });
    expect(error(() => sales.select('id', 'id'))).toMatchObject({
      code: 'ERR_DUPLICATE_COLUMN',
      message: expect.stringMatching(/^Column "id" would appear twice in the result of select\(\)/),
    });
    expect(error(() => loose.drop('nope')).code).toBe('ERR_COLUMN_NOT_FOUND');
    expect(error(() => loose.withColumns({ x: 5 as never })).code).toBe('ERR_PARAMETER');
  });

  test('drop and rename', () => {
    expect(plan(sales.drop('city', 'tags'))).toBe('PROJECT id, price, qty');
    expect(plan(sales.rename({ id: 'key', qty: 'n' }))).toBe('PROJECT key = c.id, city, price, n = c.qty, tags');
    expect(plan(sales.rename({ id: 'price', price: 'id' }))).toBe(
      'PROJECT price = c.id, city, id = c.price, qty, tags',
    );
    expect(error(() => loose.rename({ id: 'price' })).code).toBe('ERR_DUPLICATE_COLUMN');
    expect(error(() => loose.rename({ nope: 'x' })).code).toBe('ERR_COLUMN_NOT_FOUND');
  });
});

describe('rows', () => {
  test('filter takes a Bool', () => {
    expect(plan(sales.filter((c) => c.price.gt(1)))).toBe('FILTER c.price.gt(1)');
    expect(error(() => loose.filter((c: any) => c.price)).code).toBe('ERR_DTYPE');
    expect(error(() => loose.filter((c: any) => c.price.mean().gt(1))).message).toMatch(/is an aggregate/);
  });

  test('sort keys', () => {
    expect(plan(sales.sort('city', { by: 'price', descending: true, nullsFirst: true }))).toBe(
      'SORT city, price descending nulls first',
    );
    expect(plan(sales.sort({ by: (c) => c.price.neg() }))).toBe('SORT c.price.neg()');
    expect(error(() => sales.sort()).code).toBe('ERR_PARAMETER');
    expect(error(() => sales.sort('tags')).code).toBe('ERR_DTYPE');
  });

  test('head, tail, slice', () => {
    expect(plan(sales.head())).toBe('HEAD 5');
    expect(plan(sales.tail(2))).toBe('TAIL 2');
    expect(plan(sales.tail(0))).toBe('HEAD 0');
    expect(plan(sales.slice(-4, 2))).toBe('SLICE from -4, 2 rows');
    for (const wrong of [
      () => sales.head(-1),
      () => sales.head(1.5),
      () => sales.tail(Number.NaN),
      () => sales.slice(1, -1),
    ]) {
      expect(error(wrong).code).toBe('ERR_PARAMETER');
    }
    expect(error(() => sales.head(-1)).message).toBe(
      "The 'rows' parameter of head must be a whole number of at least 0. Got -1.",
    );
  });

  test('topK and bottomK are sorts with a limit', () => {
    expect(plan(sales.topK(3, { by: 'price' }))).toBe('SORT price descending (first 3)');
    expect(plan(sales.bottomK(3, { by: 'price' }))).toBe('SORT price (first 3)');
  });

  test('unique', () => {
    expect(plan(sales.select('id', 'city').unique())).toMatch(/^DISTINCT on id, city\n/);
    expect(plan(sales.unique({ subset: ['id'], keep: 'none', maintainOrder: true }))).toBe(
      'DISTINCT on id, keep none (in order)',
    );
    expect(error(() => loose.unique({ keep: 'both' as 'any' })).code).toBe('ERR_PARAMETER');
    expect(error(() => loose.unique({ subset: ['nope'] })).code).toBe('ERR_COLUMN_NOT_FOUND');
  });

  test('dropNulls filters the columns that may be null, and says they no longer may', () => {
    const frame = sales.dropNulls('city', 'price');
    expect(plan(frame)).toBe('FILTER c.city.isNotNull()');
    expect(schema(frame)).toMatch('city: Utf8,');
    expect(plan(sales.dropNulls('price'))).toMatch(/^SCAN/);
    expect(schema(sales.dropNulls())).not.toMatch('nullable');
  });

  test('fillNull', () => {
    const frame = sales.fillNull({ city: 'none' });
    expect(plan(frame)).toBe("PROJECT id, city = coalesce(c.city, 'none'), price, qty, tags");
    expect(schema(frame)).toMatch('city: Utf8,');
    expect(error(() => loose.fillNull({ nope: 1 })).code).toBe('ERR_COLUMN_NOT_FOUND');
    expect(error(() => loose.fillNull({ city: 5 })).code).toBe('ERR_DTYPE');
  });

  test('withRowIndex comes first', () => {
    expect(plan(sales.select('id').withRowIndex('row', { offset: 1 }))).toMatch(/^PROJECT row = .*, id\n/);
    expect(schema(sales.select('id').withRowIndex())).toBe('index: UInt32, id: Int64');
    expect(error(() => loose.withRowIndex('id')).code).toBe('ERR_DUPLICATE_COLUMN');
  });

  test('sample checks its parameters', () => {
    expect(error(() => sales.sample({ fraction: 1.5 })).message).toMatch(/^The 'fraction' parameter of sample must be/);
    expect(error(() => sales.sample({ n: -1 })).code).toBe('ERR_PARAMETER');
    expect(error(() => sales.sample({ n: 1, randomState: -1 })).code).toBe('ERR_PARAMETER');
    expect(schema(sales.sample({ n: 1 }))).toBe(schema(sales));
  });
});

describe('groups', () => {
  test('aggregates, and what is computed from them', () => {
    const frame = sales.groupBy('city', { big: (c) => c.price.gt(10) }).agg({
      n: len(),
      spread: (c) => c.price.max().sub(c.price.min()),
      again: (c) => c.price.max(),
      share: (c) => c.qty.sum().div(len()),
    });
    expect(plan(frame)).toBe(text`
      PROJECT city, big, n, spread = c.again.sub(c['#0']), again, share = c['#1'].cast(Float64).div(c.n.cast(Float64))
        AGGREGATE by city, big = c.price.gt(10): n = len(), again = c.price.max(), #0 = c.price.min(), #1 = c.qty.sum()
    `);
    expect(schema(frame)).toBe(
      'city: nullable(Utf8), big: Bool, n: UInt32, spread: nullable(Float64), again: nullable(Float64), share: Float64',
    );
  });

  test('equal aggregates are computed once', () => {
    expect(plan(sales.groupBy('city').agg({ a: (c) => c.price.sum(), b: (c) => c.price.sum() }))).toBe(text`
      PROJECT city, a, b = c.a
        AGGREGATE by city: a = c.price.sum()
    `);
  });

  test('constants, order, no keys', () => {
    expect(plan(sales.groupBy('city').agg({ one: () => lit(1), n: len() }, { maintainOrder: true }))).toBe(text`
      PROJECT city, one = lit(1), n
        AGGREGATE by city: n = len() (in order)
    `);
    expect(plan(sales.groupBy().agg({ n: len() }))).toBe('AGGREGATE n = len()');
  });

  test('row values, windows and names used twice', () => {
    expect(error(() => loose.groupBy('city').agg({ x: (c: any) => c.price })).message).toMatch(/is a value of the row/);
    expect(error(() => loose.groupBy('city').agg({ x: (c: any) => c.price.rank() })).message).toMatch(/is a window/);
    expect(error(() => loose.groupBy('city').agg({ city: len() })).code).toBe('ERR_DUPLICATE_COLUMN');
    expect(error(() => loose.groupBy('nope').agg({ n: len() })).code).toBe('ERR_COLUMN_NOT_FOUND');
  });

  test('nullCount, valueCounts', () => {
    expect(schema(sales.nullCount())).toBe('id: UInt32, city: UInt32, price: UInt32, qty: UInt32, tags: UInt32');
    expect(plan(sales.valueCounts('city', 'qty'))).toBe(text`
      SORT count descending, city, qty
        AGGREGATE by city, qty: count = len()
    `);
    expect(error(() => loose.rename({ id: 'count' }).valueCounts('count')).code).toBe('ERR_DUPLICATE_COLUMN');
  });
});

describe('join', () => {
  test('output names, nullability and keys of every kind', () => {
    const join = (how: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'): string =>
      schema((sales.drop('tags', 'qty') as DataFrame<any>).join(cities, { on: 'city', how }));
    expect(join('inner')).toBe(
      'id: Int64, city: nullable(Utf8), price: Float64, country: nullable(Utf8), price_right: Float64, code: Int32',
    );
    expect(join('left')).toBe(
      'id: Int64, city: nullable(Utf8), price: Float64, country: nullable(Utf8), price_right: nullable(Float64), code: nullable(Int32)',
    );
    expect(join('right')).toBe(
      'id: nullable(Int64), city: nullable(Utf8), price: nullable(Float64), country: nullable(Utf8), price_right: Float64, code: Int32',
    );
    expect(join('full')).toBe(
      'id: nullable(Int64), city: nullable(Utf8), price: nullable(Float64), country: nullable(Utf8), price_right: nullable(Float64), code: nullable(Int32)',
    );
    expect(join('semi')).toBe('id: Int64, city: nullable(Utf8), price: Float64');
    expect(join('anti')).toBe(join('semi'));
  });

  test('keys of two names, several keys, cross', () => {
    expect(plan(sales.join(cities, { on: { qty: 'code', city: 'city' }, suffix: '_c' }))).toMatch(
      /^JOIN inner on qty = code, city \(build right\)/,
    );
    expect(schema(sales.select('id').join(cities.select('code'), { how: 'cross' }))).toBe('id: Int64, code: Int32');
  });

  test('what cannot be joined', () => {
    const join = (options: unknown) => error(() => loose.join(cities as DataFrame<any>, options as never));
    expect(join({ on: 'nope' }).code).toBe('ERR_COLUMN_NOT_FOUND');
    expect(join({ on: { id: 'code' } })).toMatchObject({
      code: 'ERR_DTYPE',
      message: 'Join keys differ in dtype: left "id" is Int64, right "code" is Int32. Cast one side first.',
    });
    expect(join({}).message).toMatch(/must name at least one key column/);
    expect(join({ on: 'city', how: 'outer' }).message).toMatch(
      /^The 'how' parameter of join must be one of inner, left/,
    );
    expect(join({ on: 'city', how: 'cross' }).code).toBe('ERR_PARAMETER');
    const clash = sales.rename({ qty: 'price_right' }) as DataFrame<any>;
    expect(error(() => clash.join(cities, { on: 'city' }))).toMatchObject({ code: 'ERR_DUPLICATE_COLUMN' });
  });
});

describe('concat', () => {
  test('vertical takes the same columns in any order', () => {
    const frame = concat([sales.select('id', 'city'), sales.select('city', 'id')]);
    expect(plan(frame)).toBe(text`
      UNION vertical of 2
        PROJECT id, city
        PROJECT id, city
          PROJECT city, id
    `);
    expect(error(() => concat([loose, loose.drop('id')])).code).toBe('ERR_SCHEMA_MISMATCH');
    expect(error(() => concat([loose.select('id'), loose.select({ id: (c: any) => c.qty })])).message).toMatch(
      /^Column "id" is Int64 in frame 0 and Int32 in frame 1 of concat\(\)/,
    );
    expect(error(() => concat([] as DataFrame<any>[])).code).toBe('ERR_PARAMETER');
  });

  test('diagonal fills with nulls, horizontal refuses shared names', () => {
    const frame = concat([sales.select('id'), sales.select('id', 'qty')], { how: 'diagonal' });
    expect(schema(frame)).toBe('id: Int64, qty: nullable(Int32)');
    expect(schema(concat([sales.select('id'), sales.select('qty')], { how: 'horizontal' }))).toBe(
      'id: Int64, qty: Int32',
    );
    expect(error(() => concat([loose, loose], { how: 'horizontal' })).code).toBe('ERR_DUPLICATE_COLUMN');
  });
});

test('a frame is no promise and shows its plan', () => {
  expect('then' in sales).toBe(false);
  expect(sales.columns).toEqual(['id', 'city', 'price', 'qty', 'tags']);
  expect(sales.schema['city']).toEqual({ dtype: 'Utf8', nullable: true });
  expect(sales.pipe((df, n: number) => df.head(n), 3).explain({ optimized: false })).toMatch(/^HEAD 3/);
  void Bool;
});
