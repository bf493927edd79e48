// Group by as a whole: keys and arguments are expressions, batches come one after another.
import { describe, expect, test } from 'vitest';
import { vectorsSource } from '../../ts/backend/cpu/columns/source.ts';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { createAggregateSink } from '../../ts/backend/cpu/operators/aggregate.ts';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import { functionRow } from '../../ts/expr/functions.ts';
import type { CallNode, ExprNode, Options } from '../../ts/expr/nodes.ts';
import type { AggregateNode } from '../../ts/plan/nodes.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { batchOfValues, queuePlan, testOnDevice } from '../support/device-cases.ts';
import { duck, duckRows } from '../support/duck.ts';
import { batchOf, dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { call, cast, col, lit, T } from '../support/nodes.ts';
import { randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

const agg = (fn: string, args: readonly ExprNode[], options: Options = {}): CallNode =>
  call(
    fn,
    args,
    functionRow(fn).returns(
      args.map((a) => a.type),
      options,
    ),
    options,
  );

function nodeOf(keys: Record<string, ExprNode>, aggs: Record<string, ExprNode>): AggregateNode {
  const named = (exprs: Record<string, ExprNode>) => Object.entries(exprs).map(([name, expr]) => ({ name, expr }));
  const schema: Schema = [...named(keys), ...named(aggs)].map(({ name, expr }) => ({
    name,
    type: expr.type,
    nullable: true,
  }));
  // Only the schema of the input matters here.
  const input = { node: 'table', tableId: 0, rows: 0, schema: [] } as const;
  return { node: 'aggregate', input, keys: named(keys), aggs: named(aggs), maintainOrder: true, schema };
}

/** Result rows of an aggregation over batches of vectors. */
function groupBy(ctx: ExecContext, node: AggregateNode, schema: Schema, batches: readonly Vector[][]): unknown[][] {
  const sink = createAggregateSink(node, schema);
  batches.forEach((columns, i) => {
    sink.push(ctx, batchOf(columns, i));
    ctx.scratch.reset();
  });
  const source = sink.finish(ctx);
  const rows: unknown[][] = [];
  for (let b = source.next(ctx); b; b = source.next(ctx)) {
    const columns = b.columns.map((v) => valuesOf(ctx, v));
    for (let i = 0; i < b.length; i++) rows.push(columns.map((c) => c[i]));
    ctx.scratch.reset();
  }
  source.close(ctx);
  const length = batches.reduce((n, columns) => n + (columns[0]?.length ?? 0), 0);
  queuePlan(length, () => ({
    inputs: [
      batchOfValues(
        schema,
        schema.map((_, i) => batches.flatMap((columns) => valuesOf(ctx, columns[i]!))),
      ),
    ],
    plan: ([input]) => ({ ...node, input: input! }),
    expected: node.schema.map((_, i) => rows.map((r) => r[i])),
    relative: 1e-9,
  }));
  return rows;
}

/** Columns of values cut into batches. */
function cut(ctx: ExecContext, schema: Schema, columns: readonly unknown[][], rows: number): Vector[][] {
  const length = columns[0]!.length;
  const batches: Vector[][] = [];
  for (let from = 0; from < length; from += rows)
    batches.push(columns.map((c, i) => vectorOf(ctx, schema[i]!.type, c.slice(from, from + rows))));
  return batches;
}

const field = (name: string, type: LogicalType) => ({ name, type, nullable: true });

describe('without keys', () => {
  const schema = [field('x', T.Int32), field('s', T.Utf8)];
  const x = col('x', T.Int32);
  const node = nodeOf(
    {},
    {
      sum: agg('sum', [x]),
      count: agg('count', [x]),
      len: agg('len', []),
      mean: agg('mean', [cast(x, T.Float64)]),
      min: agg('min', [x]),
      max: agg('max', [col('s', T.Utf8)]),
      first: agg('first', [x]),
      mode: agg('mode', [x]),
      nUnique: agg('nUnique', [x]),
      median: agg('quantile', [cast(x, T.Float64)], { q: 0.5, interpolation: 'linear' }),
      variance: agg('var', [cast(x, T.Float64)], { ddof: 1 }),
      argMin: agg('argMin', [x]),
      list: agg('implode', [x]),
    },
  );
  test('no batches, or empty ones: one row', () => {
    const nothing = [[0n, 0, 0, null, null, null, null, null, 0, null, null, null, []]];
    expect(groupBy(testContext(), node, schema, [])).toEqual(nothing);
    const ctx = testContext();
    expect(groupBy(ctx, node, schema, [[vectorOf(ctx, T.Int32, []), vectorOf(ctx, T.Utf8, [])]])).toEqual(nothing);
  });
  test('only nulls', () => {
    const ctx = testContext();
    const batch = [vectorOf(ctx, T.Int32, [null, null]), vectorOf(ctx, T.Utf8, [null, null])];
    expect(groupBy(ctx, node, schema, [batch])).toEqual([
      [0n, 0, 2, null, null, null, null, null, 1, null, null, null, [null, null]],
    ]);
  });
  test('some values', () => {
    const ctx = testContext();
    const batch = [vectorOf(ctx, T.Int32, [4, null, 2, 2]), vectorOf(ctx, T.Utf8, ['b', 'c', null, 'a'])];
    expect(groupBy(ctx, node, schema, [batch])).toEqual([
      [8n, 3, 4, 8 / 3, 2, 'c', 4, 2, 3, 2, 4 / 3, 2, [4, null, 2, 2]],
    ]);
  });
});

test('groups come in order of first appearance, null and NaN are keys', () => {
  const ctx = testContext();
  const schema = [field('k', T.Float64), field('x', T.Int32)];
  const node = nodeOf({ k: col('k', T.Float64) }, { sum: agg('sum', [col('x', T.Int32)]) });
  const k = [Number.NaN, 3, null, -0, 3, 0, null, Number.NaN];
  const x = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(groupBy(ctx, node, schema, cut(ctx, schema, [k, x], 3))).toEqual([
    [Number.NaN, 9n],
    [3, 7n],
    [null, 10n],
    [0, 10n],
  ]);
});

test('keys without aggregates', () => {
  const ctx = testContext();
  const schema = [field('k', T.Utf8)];
  const rows = groupBy(ctx, nodeOf({ k: col('k', T.Utf8) }, {}), schema, cut(ctx, schema, [['b', 'a', 'b', null]], 2));
  expect(rows).toEqual([['b'], ['a'], [null]]);
});

test('keys and arguments are expressions', () => {
  const ctx = testContext();
  const schema = [field('x', T.Int32)];
  const x = col('x', T.Int32);
  const node = nodeOf(
    { big: call('gt', [x, lit(2, T.Int32)], T.Bool) },
    { sum: agg('sum', [call('mul', [x, lit(10, T.Int32)], T.Int32)]), n: agg('len', []) },
  );
  expect(groupBy(ctx, node, schema, cut(ctx, schema, [[1, 2, 3, null, 5]], 2))).toEqual([
    [false, 30n, 2],
    [true, 80n, 2],
    [null, 0n, 1],
  ]);
});

test('an aggregate the engine does not have is refused by name', () => {
  const node = nodeOf({}, { bad: call('lenChars', [col('s', T.Utf8)], T.UInt32) });
  expect(() => createAggregateSink(node, [field('s', T.Utf8)])).toThrow(
    expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/"bad".*lenChars/) }),
  );
});

test('dictionaries that differ from batch to batch', () => {
  const ctx = testContext();
  const schema = [field('k', T.Utf8), field('s', T.Utf8)];
  const s = col('s', T.Utf8);
  const node = nodeOf(
    { k: col('k', T.Utf8) },
    { min: agg('min', [s]), last: agg('last', [s]), n: agg('nUnique', [s]), mode: agg('mode', [s]) },
  );
  const long = (w: string) => `${w}, in a string longer than a view`;
  const rows = groupBy(ctx, node, schema, [
    [dictVectorOf(ctx, ['a', long('b')], [0, 1, null, 1]), dictVectorOf(ctx, ['x', long('y')], [0, 1, 1, 1])],
    [dictVectorOf(ctx, [long('b'), 'c'], [0, 1, 0, null]), vectorOf(ctx, T.Utf8, [long('y'), null, 'a', 'a'])],
  ]);
  expect(rows).toEqual([
    ['a', 'x', 'x', 1, 'x'],
    [long('b'), 'a', 'a', 2, long('y')],
    [null, 'a', 'a', 2, long('y')],
    ['c', null, null, 1, null],
  ]);
});

describe('agrees with DuckDB', () => {
  const text = (v: unknown): string =>
    JSON.stringify(v, (_, x) =>
      typeof x === 'bigint' ? `${x}n` : typeof x === 'number' ? (x === 0 ? '0' : String(Number(x.toPrecision(12)))) : x,
    );
  const sorted = (rows: unknown[][]): string[] => rows.map(text).sort();

  test.each([
    ['one key of few', ['a'], 70000],
    ['one string key', ['s'], 9000],
    ['a string of many', ['t'], 9000],
    ['a float', ['f'], 9000],
    ['two keys', ['a', 's'], 9000],
    ['many keys', ['a', 's', 'b', 'f', 't'], 9000],
    ['every row its own group', ['i'], 9000],
  ])('%s', async (_name, keys, n) => {
    const db = await duck();
    await db.run(`create or replace table t as select
      (i * 7919) % 17 - 5 as a, i % 3 = 0 as b,
      case when i % 13 = 0 then null else 'key ' || (i % 7) end as s,
      'a longer string, number ' || ((i * 31) % 4001) as t,
      case when i % 19 = 0 then 'nan'::double when i % 23 = 0 then null else (i % 11) / 4.0 end as f,
      case when i % 5 = 0 then null else (i * 104729) % 100003 - 50000 end as x,
      case when i % 11 = 0 then null else ((i * 31) % 5003) / 8.0 end::double as y, i
      from range(${n}) r(i)`);
    const names = ['a', 'b', 's', 't', 'f', 'x', 'y', 'i'];
    const types: LogicalType[] = [T.Int64, T.Bool, T.Utf8, T.Utf8, T.Float64, T.Int64, T.Float64, T.Int64];
    const schema = names.map((name, i) => field(name, types[i]!));
    const data = await duckRows(`select ${names} from t order by i`);
    const columns = names.map((_, k) => data.map((r) => r[k]));
    const c = (name: string) => col(name, types[names.indexOf(name)]!);
    const node = nodeOf(Object.fromEntries(keys.map((k) => [k, c(k)])), {
      sum: agg('sum', [c('x')]),
      mean: agg('mean', [c('y')]),
      n: agg('len', []),
      count: agg('count', [c('y')]),
      min: agg('min', [c('t')]),
      max: agg('max', [c('x')]),
      variance: agg('var', [c('y')], { ddof: 1 }),
      median: agg('quantile', [c('y')], { q: 0.5, interpolation: 'linear' }),
      first: agg('first', [c('x')]),
      last: agg('last', [c('t')]),
    });
    const ctx = testContext();
    const rows = groupBy(ctx, node, schema, cut(ctx, schema, columns, 65536));
    const expected =
      await duckRows(`select ${keys}, coalesce(sum(x), 0)::bigint, avg(y), count(*)::int, count(y)::int, min(t),
      max(x), var_samp(y), median(y), first(x order by i), last(t order by i) from t group by ${keys}`);
    expect(sorted(rows)).toEqual(sorted(expected));
  });
});

test('every dtype as a key beside every dtype as an argument', () => {
  const random = randomSource(5);
  for (const keyType of SORTABLE)
    for (const type of SORTABLE) {
      const ctx = testContext();
      const schema = [field('k', keyType), field('x', type)];
      const node = nodeOf(
        { k: col('k', keyType) },
        { min: agg('min', [col('x', type)]), count: agg('count', [col('x', type)]), n: agg('len', []) },
      );
      const columns = schema.map((f) => randomColumn(f.type, 60, random, { distinct: 5, nulls: 0.2 }));
      const rows = groupBy(ctx, node, schema, cut(ctx, schema, columns, 25));
      expect(rows.reduce((sum, r) => sum + (r[3] as number), 0)).toBe(60);
      expect(rows.reduce((sum, r) => sum + (r[2] as number), 0)).toBe(columns[1]!.filter((v) => v !== null).length);
      for (const [, min, count] of rows) expect(min === null).toBe(count === 0);
    }
});

describe('sinks of several threads', () => {
  const schema = [field('k', T.Utf8), field('x', T.Int64), field('y', T.Float64)];
  const aggs = {
    sum: agg('sum', [col('x', T.Int64)]),
    mean: agg('mean', [col('y', T.Float64)]),
    min: agg('min', [col('k', T.Utf8)]),
    argMax: agg('argMax', [col('x', T.Int64)]),
    median: agg('quantile', [col('y', T.Float64)], { q: 0.5, interpolation: 'linear' }),
    mode: agg('mode', [col('x', T.Int64)]),
    last: agg('last', [col('x', T.Int64)]),
    list: agg('implode', [col('x', T.Int64)]),
  };
  test.each([
    ['with a key', { k: col('k', T.Utf8) }],
    ['without', {} as Record<string, ExprNode>],
  ])('merge to what one sink gives, %s', (_name, keys) => {
    const ctx = testContext();
    const random = randomSource(17);
    const node = nodeOf(keys, aggs);
    const columns = schema.map((f, i) =>
      i === 1
        ? Array.from({ length: 900 }, () => BigInt(Math.floor(random() * 20)))
        : i === 2
          ? Array.from({ length: 900 }, () => (random() < 0.1 ? null : Math.floor(random() * 64) / 8))
          : randomColumn(f.type, 900, random, { distinct: 12, nulls: 0.1 }),
    );
    const expected = groupBy(ctx, node, schema, cut(ctx, schema, columns, 200));
    const whole = createAggregateSink(node, schema);
    for (let part = 0; part < 4; part++) {
      const sink = createAggregateSink(node, schema);
      // The last part has no rows.
      const rows = columns.map((c) => c.slice(part * 300, part * 300 + 300));
      for (const batch of cut(ctx, schema, rows, 128)) sink.push(ctx, batchOf(batch));
      whole.mergeFrom(ctx, sink);
      ctx.scratch.reset();
    }
    const source = whole.finish(ctx);
    const batch = source.next(ctx)!;
    const results = batch.columns.map((v) => valuesOf(ctx, v));
    expect(Array.from({ length: batch.length }, (_, i) => results.map((c) => c[i]))).toEqual(expected);
  });
});

test('addresses above 2 GiB', () => {
  const ctx = testContext();
  ctx.arena.alloc(2 ** 31);
  const schema = [field('s', T.Utf8), field('k', T.Int32)];
  const node = nodeOf(
    { s: col('s', T.Utf8), k: col('k', T.Int32) },
    {
      max: agg('max', [col('s', T.Utf8)]),
      n: agg('nUnique', [col('s', T.Utf8)]),
      list: agg('implode', [col('k', T.Int32)]),
    },
  );
  const long = (i: number) => `a string that is longer than a view, ${i}`;
  const s = Array.from({ length: 3000 }, (_, i) => long(i % 50));
  const k = Array.from({ length: 3000 }, (_, i) => i % 100);
  const batches = cut(ctx, schema, [s, k], 1000);
  expect(batches[0]![0]!.data).toBeGreaterThan(2 ** 31);
  const rows = groupBy(ctx, node, schema, batches);
  expect(rows).toEqual(
    Array.from({ length: 100 }, (_, i) => [long(i % 50), i, long(i % 50), 1, Array.from({ length: 30 }, () => i)]),
  );
});

test('a result of a million groups comes in batches', () => {
  const ctx = testContext();
  const n = 1_000_000;
  const data = ctx.arena.alloc(n * 4);
  const { i32 } = ctx.heap.refresh();
  for (let i = 0; i < n; i++) i32[(data >>> 2) + i] = Math.imul(i, 0x9e3779b1);
  const all: Vector = { type: T.Int32, length: n, data, validity: 0 };
  const sink = createAggregateSink(
    nodeOf({ k: col('k', T.Int32) }, { sum: agg('sum', [col('k', T.Int32)]), n: agg('len', []) }),
    [field('k', T.Int32)],
  );
  const input = vectorsSource([all], n);
  for (let b = input.next(ctx); b; b = input.next(ctx)) {
    sink.push(ctx, b);
    ctx.scratch.reset();
  }
  const source = sink.finish(ctx);
  let rows = 0;
  let wrong = 0;
  for (let b = source.next(ctx); b; b = source.next(ctx)) {
    const [k, sum, count] = b.columns;
    const { i32: keys, i64, u32 } = ctx.heap.refresh();
    for (let i = 0; i < b.length; i++, rows++) {
      const key = Math.imul(rows, 0x9e3779b1);
      if (keys[(k!.data >>> 2) + i] !== key) wrong++;
      if (Number(i64[(sum!.data >>> 3) + i]) !== key || u32[(count!.data >>> 2) + i] !== 1) wrong++;
    }
    expect(b.length).toBeLessThanOrEqual(65536);
  }
  expect([rows, wrong]).toEqual([n, 0]);
});

testOnDevice();
